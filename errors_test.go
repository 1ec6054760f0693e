package drydock_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// failures is what the sources of a package say of its errors.
type failures struct {
	refused  [][2]string // source.fail: message, what to try
	usage    [][2]string // UsageError: message, what to try
	symptoms [][3]string // verify.symptom: id, phase, message
	named    map[string][][2]string
}

// readFailures collects the errors of packages from their syntax.
func readFailures(t *testing.T, dirs ...string) *failures {
	t.Helper()
	f := &failures{named: map[string][][2]string{}}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, f.visit)
		}
	}
	return f
}

func (f *failures) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "fail" && len(n.Args) > 4 {
			if message := literal(n.Args[4]); strings.Trim(message, "… ") != "" {
				f.refused = append(f.refused, [2]string{message, literal(n.Args[3])})
			}
		}
	case *ast.CompositeLit:
		if strings.HasSuffix(typeName(n.Type), "UsageError") && len(n.Elts) == 1 {
			at := n.Elts[0]
			if kv, ok := at.(*ast.KeyValueExpr); ok {
				at = kv.Value
			}
			if call, ok := at.(*ast.CallExpr); ok && len(call.Args) > 0 {
				message, try, _ := strings.Cut(literal(call.Args[0]), "\n  try: ")
				if strings.Trim(message, "…: ") != "" {
					f.usage = append(f.usage, [2]string{message, try})
				}
			}
		}
		if array, ok := n.Type.(*ast.ArrayType); ok && typeName(array.Elt) == "symptom" {
			for _, e := range n.Elts {
				if row, ok := e.(*ast.CompositeLit); ok && len(row.Elts) == 4 {
					f.symptoms = append(f.symptoms, [3]string{literal(row.Elts[0]), literal(row.Elts[1]), literal(row.Elts[3])})
				}
			}
		}
	case *ast.ValueSpec:
		if n.Type != nil && len(n.Values) == 1 {
			if value := literal(n.Values[0]); value != "" {
				f.named[typeName(n.Type)] = append(f.named[typeName(n.Type)], [2]string{value, strings.TrimSpace(n.Comment.Text())})
			}
		}
	}
	return true
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

var verb = regexp.MustCompile(`%[+#]?[a-z]|\$\d`)

// literal is a string of the source, with an ellipsis where a value is put in; empty when it is none.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err != nil {
			return ""
		}
		return verb.ReplaceAllString(text, "…")
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	case *ast.Ident, *ast.CallExpr, *ast.SelectorExpr:
		return "…"
	}
	return ""
}

// TestErrorsPage holds docs/ERRORS.md to the errors that the sources make.
func TestErrorsPage(t *testing.T) {
	f := readFailures(t, "source", "flow", "cmd/drydock", "verify")
	var b strings.Builder
	b.WriteString("# Errors\n\nWhat drydock says when it stops, by exit code: the message (… stands for a value), why, and what to try. Every message names what was attempted. The page is made of the sources\nby `TestErrorsPage`. " +
		"What a failed build, start or probe is repaired by says [REPAIR.md](REPAIR.md).\n")
	table := func(title, why string, head string, rows [][]string) {
		if len(rows) == 0 {
			t.Errorf("nothing for %q: the reading of the sources is wrong", title)
		}
		sort.SliceStable(rows, func(i, j int) bool { return rows[i][0] < rows[j][0] })
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n%s\n|%s\n", title, why, head, strings.Repeat(" --- |", strings.Count(head, "|")-1))
		last := ""
		for _, row := range rows {
			line := "| " + strings.ReplaceAll(strings.ReplaceAll(strings.Join(row, "\x00"), "|", `\|`), "\x00", " | ") + " |\n"
			if line = strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\n", "<br>") + "\n"; line != last {
				b.WriteString(line)
			}
			last = line
		}
	}
	pairs := func(in [][2]string) (out [][]string) {
		for _, p := range in {
			out = append(out, []string{p[0], p[1]})
		}
		return out
	}
	table("2: what was asked for", "A flag, an argument, a plan or a configuration is not as it must be. A question that nobody answered is listed with the flag that answers it. Nothing was done.", "| message | try |", pairs(f.usage))
	table("3: the source, by kind", "The kind is `error.kind` in JSON. Nothing was written.", "| kind | why |", pairs(f.named["Kind"]))
	table("3: the source, by message", "Behind what was attempted (open, clone, unpack) and the place, without credentials.", "| message | try |", pairs(f.refused))
	b.WriteString("\n## 4 and 5: no stack, and a conflict\n\n| message | why | try |\n| --- | --- | --- |\n" +
		"| no known stack | no file that a stack is recognised by; the message lists what was looked for | the folder of the application (`SOURCE#:FOLDER`); `drydock stacks` |\n" +
		"| a file would lose edits | a generated file was edited where it changes now, or a file of that name is not drydock's; nothing was written | `--diff --dry-run` shows it; `--force` replaces it and keeps `NAME.orig` |\n")
	table("6: the engine", "`drydock doctor` looks at all of it and says how to get what is missing. `--no-verify` goes on without an engine.", "| kind | why |", pairs(f.named["EngineProblem"]))
	table("7: a base image", "The image that the Dockerfile starts from cannot be had; the message says from where it was asked.", "| kind | why |", pairs(f.named["BaseImageProblem"]))
	var symptoms [][]string
	for _, s := range f.symptoms {
		phase := s[1]
		if phase == "" {
			phase = "any"
		}
		symptoms = append(symptoms, []string{"`" + s[0] + "`", phase, s[2]})
	}
	table("7 and 8: a build, a start or a probe failed", "What the log says; the last lines of the log and the line of the Dockerfile stand below the message.", "| id | in | message |", symptoms)
	b.WriteString("\n## 9, 130 and 1\n\n| exit code | why | try |\n| --- | --- | --- |\n| 9 | some repositories of `drydock assess` could not be read; their rows say why | `--resume` after the cause is mended |\n" +
		"| 130 | interrupted; what was started has been removed | the same command again |\n| 1 | something unexpected | the message; if it says `internal error`, report it with the file that shows it |\n")
	const file = "docs/ERRORS.md"
	holds(t, file, b.String())
}
