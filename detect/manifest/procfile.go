package manifest

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Process is one line of a Procfile.
type Process struct {
	Name    string
	Command string // as written
	Line    int
}

var procLine = regexp.MustCompile(`^\s*([A-Za-z0-9_-]+)\s*:\s*(.+?)\s*$`)

// ParseProcfile reads a Procfile: "name: command" lines and comments. A line that is neither is an *Error beside
// the processes that could be read.
func ParseProcfile(data []byte) ([]Process, error) {
	if err := checkInput(data); err != nil {
		return nil, err
	}
	var out []Process
	var first error
	for line, text := range lines(data) {
		trimmed := strings.TrimSpace(text)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		m := procLine.FindStringSubmatch(text)
		if m == nil {
			if first == nil {
				first = &Error{line, "neither \"name: command\" nor a comment"}
			}
			continue
		}
		out = append(out, Process{Name: m[1], Command: m[2], Line: line})
	}
	return out, first
}

// lines yields the lines of a text with their numbers from 1, without line ends.
func lines(data []byte) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		s := bufio.NewScanner(bytes.NewReader(data))
		s.Buffer(nil, maxInput+1)
		for n := 1; s.Scan(); n++ {
			if !yield(n, strings.TrimSuffix(s.Text(), "\r")) {
				return
			}
		}
	}
}

// maxCommand is the longest text in bytes that is given to the shell parser: it recurses, and foreign text may nest.
const maxCommand = 8 << 10

// Exec turns a shell command into the exec form of a container's command. Variables are replaced by what lookup
// knows, or by the default that the command itself states (${PORT:-3000}). A command that needs a shell (several
// commands, pipes, redirections, globs, variables that nobody knows) becomes "sh -c" of the same text, with "exec"
// before it when it is a single command, so that signals reach the program. Leading assignments become "env A=b".
func Exec(command string, lookup func(name string) (string, bool)) []string {
	if len(command) > maxCommand {
		return viaShell(command, false)
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(command), "")
	if err != nil || len(file.Stmts) == 0 {
		return viaShell(command, false)
	}
	stmt := file.Stmts[0]
	call, ok := stmt.Cmd.(*syntax.CallExpr)
	if !ok || len(file.Stmts) > 1 || stmt.Background || stmt.Negated || stmt.Coprocess || len(call.Args) == 0 {
		return viaShell(command, false)
	}
	w := words{lookup: lookup}
	argv := make([]string, 0, len(call.Args)+1)
	for _, a := range call.Assigns {
		value, ok := w.word(a.Value)
		if !ok || a.Append || a.Name == nil || a.Index != nil || a.Array != nil {
			return viaShell(command, false)
		}
		argv = append(argv, a.Name.Value+"="+value)
	}
	if len(argv) > 0 {
		argv = append([]string{"env"}, argv...)
	}
	for _, a := range call.Args {
		arg, ok := w.word(a)
		if !ok || len(stmt.Redirs) > 0 {
			return viaShell(command, len(call.Assigns) == 0 && call.Args[0].Lit() != "exec" && call.Args[0].Lit() != "cd")
		}
		argv = append(argv, arg)
	}
	if argv[0] == "exec" && len(argv) > 1 {
		argv = argv[1:]
	}
	if builtins[argv[0]] {
		return viaShell(command, false)
	}
	return argv
}

// builtins are commands that no file of an image provides.
var builtins = map[string]bool{"cd": true, "source": true, ".": true, "export": true, "eval": true, "exec": true, "set": true, "ulimit": true, "umask": true, ":": true}

func viaShell(command string, exec bool) []string {
	if exec {
		command = "exec " + command
	}
	return []string{"sh", "-c", command}
}

// words resolves shell words that need no shell.
type words struct {
	lookup func(string) (string, bool)
}

func (w words) word(word *syntax.Word) (string, bool) {
	if word == nil {
		return "", true
	}
	var out strings.Builder
	for _, p := range word.Parts {
		s, ok := w.part(p, false)
		if !ok {
			return "", false
		}
		out.WriteString(s)
	}
	return out.String(), true
}

func (w words) part(p syntax.WordPart, quoted bool) (string, bool) {
	switch p := p.(type) {
	case *syntax.Lit:
		if quoted {
			return unescape(p.Value, "\"\\$`"), true
		}
		if strings.ContainsAny(p.Value, "*?~") {
			return "", false
		}
		return unescape(p.Value, ""), true
	case *syntax.SglQuoted:
		return p.Value, !p.Dollar
	case *syntax.DblQuoted:
		var out strings.Builder
		for _, c := range p.Parts {
			s, ok := w.part(c, true)
			if !ok {
				return "", false
			}
			out.WriteString(s)
		}
		return out.String(), !p.Dollar
	case *syntax.ParamExp:
		return w.param(p, quoted)
	}
	return "", false
}

// param resolves $NAME, ${NAME} and ${NAME:-default}.
func (w words) param(p *syntax.ParamExp, quoted bool) (string, bool) {
	if p.Param == nil || p.Length || p.Excl || p.Width || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Names != 0 {
		return "", false
	}
	value, ok := "", false
	if w.lookup != nil {
		value, ok = w.lookup(p.Param.Value)
	}
	if p.Exp != nil {
		if p.Exp.Op != syntax.DefaultUnset && p.Exp.Op != syntax.DefaultUnsetOrNull {
			return "", false
		}
		if !ok {
			value, ok = w.word(p.Exp.Word)
		}
	}
	if !quoted && strings.ContainsAny(value, " \t\n*?") {
		return "", false
	}
	return value, ok
}

// unescape drops backslashes: all of them, or only those before one of the characters in only.
func unescape(s, only string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			switch {
			case s[i] == '\n':
				continue
			case only != "" && !strings.ContainsRune(only, rune(s[i])):
				out.WriteByte('\\')
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
