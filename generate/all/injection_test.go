package all_test

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	buildkitshell "github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/patternmatcher/ignorefile"
	"gopkg.in/yaml.v3"
	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/compose"
	"github.com/drydock-cli/drydock/plan"
)

// hostile are words that mean something to a Dockerfile, a shell, YAML, JSON, compose, dotenv or Markdown.
var hostile = []string{
	"\nRUN evil", "\r\nUSER root", "\rRUN evil", "\\\nRUN evil", " \\", "\\", "\u2028RUN evil", "\u2029- evil", "\u0085RUN evil", "\vRUN evil", "\x00", "\x1b[2J",
	"$(evil)", "`evil`", "${EVIL}", "$EVIL", "$${EVIL}", "${EVIL:-$(evil)}", "$((1+1))", "$'\\nevil'",
	"'", "\"", "';evil;'", "\";evil;\"", "'\"$(evil)\"'", "&& evil", "|evil", ";evil", ">evil", "<(evil)", "&evil", "!evil", "{evil,x}", "~", "*", "?", "[a-z]",
	"<<EOF", "<<-'EOF'\nevil\nEOF", "# escape=`", "# syntax=evil", "#evil", " # evil", "ONBUILD RUN evil", "--from=evil", "--mount=type=secret,id=x", "--privileged",
	"\"]\nRUN evil", "\"]", "[\"evil\"]", "{\"evil\": 1}", "{{.Evil}}", "⟦port⟧", "⟦", "⟧",
	": evil", "- evil", "? evil", "evil: {a: b}", "&anchor", "*anchor", "!!binary", "|", ">", "%TAG", "---\nevil: 1", "\n---\n", "...", "@evil", "null", "true", "0x10", "1e3", "<<: *x",
	"\tevil", "evil\n\n  evil: 1", "=evil", "A=1 B=2", "evil\nEVIL=1", "\u202eevil", "é", "\xff\xfe", strings.Repeat("x", 300),
}

// tame is a word of the same shape for whoever splits it (at white space and at the marks that facts use), in which nothing
// but what also lists means anything to a parser.
func tame(s string, also string) string {
	s = strings.ToValidUTF8(s, "x")
	s = strings.NewReplacer(": ", "x ", "--", "xx", "- ", "x ").Replace(s)
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)), strings.ContainsRune("/.=:,"+also, r):
			return r
		}
		return 'x'
	}, s)
}

// slot is the way to a string of a plan: names of fields, indexes, keys of maps.
type slot []any

func (s slot) String() string {
	var parts []string
	for _, p := range s {
		parts = append(parts, fmt.Sprint(p))
	}
	return strings.Join(parts, ".")
}

// slots lists the strings of a value that input can choose. What the program itself picks (the folder of the stack, how a value was
// found) is none; lists are taken up to their third entry.
func slots(v reflect.Value, at slot, out *[]slot) {
	here := func(part any) slot { return append(slices.Clone(at), part) }
	switch v.Kind() {
	case reflect.String:
		if v.Type() != reflect.TypeFor[detect.Origin]() && v.Type() != reflect.TypeFor[detect.Role]() {
			*out = append(*out, at)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && f.Name != "Stack" && f.Name != "Others" && f.Name != "Readiness" && f.Name != "EndOfLife" {
				slots(v.Field(i), here(f.Name), out)
			}
		}
	case reflect.Slice:
		for i := range min(v.Len(), 3) {
			slots(v.Index(i), here(i), out)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			slots(v.MapIndex(k), here(k.String()), out)
		}
	}
}

// put returns a copy of a value in which the string at a slot is another one.
func put(v reflect.Value, at slot, change func(string) string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	if len(at) == 0 {
		out.SetString(change(v.String()))
		return out
	}
	switch v.Kind() {
	case reflect.Struct:
		f := out.FieldByName(at[0].(string))
		f.Set(put(f, at[1:], change))
	case reflect.Slice:
		items := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(items, v)
		i := items.Index(at[0].(int))
		i.Set(put(i, at[1:], change))
		out.Set(items)
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		for _, k := range v.MapKeys() {
			item := v.MapIndex(k)
			if k.String() == at[0].(string) {
				item = put(item, at[1:], change)
			}
			m.SetMapIndex(k, item)
		}
		out.Set(m)
	}
	return out
}

// with is the plan with another string at a slot.
func with(p *plan.Plan, at slot, change func(string) string) *plan.Plan {
	c := p.Clone()
	v := reflect.ValueOf(c).Elem().FieldByName(at[0].(string))
	v.Set(put(v, at[1:], change))
	return c
}

// ways are how a word gets into a string that is there.
var ways = []func(old, word string) string{
	func(old, word string) string { return old + word },
	func(_, word string) string { return word },
	func(old, word string) string { return word + old },
	func(old, word string) string { return old[:len(old)/2] + word + old[len(old)/2:] },
}

// attacked generates for a plan, past the checks that values meet on their way into it.
func attacked(p *plan.Plan, targets []generate.Target) ([]generate.Artifact, error) {
	own := slices.Clone(targets)
	for i, t := range own {
		if _, ok := t.(compose.Target); ok {
			own[i] = compose.Target{Random: zeros{}}
		}
	}
	out, err := generate.Run(context.Background(), p, own)
	if err != nil {
		return nil, err
	}
	text, err := p.Marshal()
	return append(out, generate.Artifact{Path: plan.FileName, Content: text}), err
}

// zeros is a source of randomness without any.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// attack holds one hostile word against a tame one at a slot: either generation refuses it, or the files have the same structure.
func attack(t *testing.T, g generated, at slot, word string, way func(old, word string) string) {
	t.Helper()
	evil, err := attacked(with(g.plan, at, func(old string) string { return way(old, word) }), g.targets)
	if err != nil {
		if s := err.Error(); strings.ContainsFunc(strings.ToValidUTF8(s, "\x00"), unicode.IsControl) {
			t.Errorf("%s: %q: the error holds control characters: %q", at, word, s)
		}
		return
	}
	patterns := ""
	if strings.HasSuffix(at.String(), "Facts.artifact.V") {
		patterns = "*?" // the name of a file, or a pattern
	}
	good, err := attacked(with(g.plan, at, func(old string) string { return way(old, tame(word, patterns)) }), g.targets)
	if err != nil {
		// The tame word is refused where the hostile one is not: the original stands in.
		if good, err = attacked(g.plan, g.targets); err != nil {
			t.Fatal(err)
		}
	}
	loose := worded(at)
	if len(evil) != len(good) {
		t.Errorf("%s: %q: %d files, want %d", at, word, len(evil), len(good))
		return
	}
	for i := range evil {
		if e, g := path.Base(evil[i].Path), path.Base(good[i].Path); strings.ContainsFunc(evil[i].Path, unicode.IsControl) || kind(e) != kind(g) {
			t.Errorf("%s: %q: a file called %q", at, word, evil[i].Path)
			return
		}
		if bytes.Equal(evil[i].Content, good[i].Content) {
			continue
		}
		got, want := shape(evil[i], loose), shape(good[i], loose)
		if got != want {
			t.Errorf("%s: %q changes the structure of %s:\n%s", at, word, good[i].Path, firstDifference(got, want))
			return
		}
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("  got  %s\n  want %s", a[i], b[i])
		}
	}
	return fmt.Sprintf("  got %d, want %d lines: …%q, …%q", len(a), len(b), a[len(a)-1], b[len(b)-1])
}

// worded reports whether a slot holds a command line of the repository's own: it is run as it is written, as one word of `sh -c` when it
// is more than words, so that only what surrounds it must stay the same.
func worded(at slot) bool {
	s := at.String()
	for _, name := range []string{
		"Facts.buildCommand", "Facts.frontendBuild", "Facts.installCommand", "Facts.productionInstall", "Facts.afterInstall", "Facts.pruneCommand",
		"Facts.packageManagerSetup", "Facts.assetsBuild", "Facts.sqliteMigrate",
	} {
		if strings.Contains(s, name) {
			return true
		}
	}
	return false
}

func kind(base string) string {
	switch {
	case base == "Dockerfile" || strings.HasPrefix(base, "Dockerfile."):
		return "Dockerfile"
	case strings.HasPrefix(base, ".env"):
		return ".env"
	case strings.HasSuffix(base, ".json"):
		return "json"
	}
	return base
}

// shape is the structure of a file as the program that reads it sees it, without the values.
func shape(a generate.Artifact, loose bool) string {
	switch kind(path.Base(a.Path)) {
	case "Dockerfile":
		return dockerfileShape(a.Content, loose)
	case ".dockerignore":
		patterns, err := ignorefile.ReadAll(bytes.NewReader(a.Content))
		return fmt.Sprint(len(patterns), err)
	case ".env":
		env, err := dotenv.UnmarshalBytesWithLookup(a.Content, func(name string) (string, bool) { return "expanded", true })
		for _, v := range env {
			if v == "expanded" {
				return "a value is expanded"
			}
		}
		return fmt.Sprint(len(env), err)
	case "README.md":
		return readmeShape(string(a.Content))
	case compose.FileName:
		return yamlShape(a.Content, true)
	case "json", plan.FileName:
		return yamlShape(a.Content, false)
	}
	return strconv.Itoa(bytes.Count(a.Content, []byte("\n")))
}

func dockerfileShape(content []byte, loose bool) string {
	var b strings.Builder
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		return "refused: " + err.Error()
	}
	syntaxLine, _, _, _ := parser.DetectSyntax(content)
	fmt.Fprintf(&b, "escape %q syntax %q\n", parsed.EscapeToken, syntaxLine)
	for _, n := range parsed.AST.Children {
		fmt.Fprintf(&b, "%s flags=%d heredocs=%d", strings.ToUpper(n.Value), len(n.Flags), len(n.Heredocs))
		var words []string
		for x := n.Next; x != nil; x = x.Next {
			words = append(words, x.Value)
			if len(x.Children) > 0 { // ONBUILD
				b.WriteString(" nested")
			}
		}
		switch strings.ToUpper(n.Value) {
		case "RUN":
			fmt.Fprintf(&b, " json=%v %s", n.Attributes["json"], shellShape(strings.Join(words, " "), loose))
		case "HEALTHCHECK":
			fmt.Fprintf(&b, " %d %s", len(words), shellShape(words[len(words)-1], loose))
		case "CMD", "ENTRYPOINT", "SHELL", "VOLUME":
			fmt.Fprintf(&b, " json=%v %d", n.Attributes["json"], len(words))
		default: // BuildKit expands variables here
			lex := buildkitshell.NewLex(parsed.EscapeToken)
			fmt.Fprintf(&b, " %d", len(words))
			for _, w := range words {
				r, err := lex.ProcessWordWithMatches(w, nothing{})
				fmt.Fprintf(&b, " %v%v", keys(r.Matched, r.Unmatched), err != nil)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// nothing is an environment without variables.
type nothing struct{}

func (nothing) Get(string) (string, bool) { return "", false }
func (nothing) Keys() []string            { return nil }

func keys(sets ...map[string]struct{}) []string {
	var out []string
	for _, m := range sets {
		for k := range m {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// shellShape lists what a shell would do with a script: commands with the number of their words, expansions, redirections, patterns.
func shellShape(script string, loose bool) string {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return "refused: " + err.Error()
	}
	var b strings.Builder
	quoted := 0
	var walk func(n syntax.Node)
	walk = func(root syntax.Node) {
		syntax.Walk(root, func(n syntax.Node) bool {
			switch x := n.(type) {
			case nil, *syntax.File, *syntax.Word, *syntax.SglQuoted, *syntax.Comment:
			case *syntax.DblQuoted:
				quoted++
				for _, p := range x.Parts {
					walk(p)
				}
				quoted--
				return false
			case *syntax.Lit:
				if quoted == 0 && !loose && strings.ContainsAny(unescaped(x.Value), "*?[{~") {
					b.WriteString(" pattern")
				}
			case *syntax.CallExpr:
				fmt.Fprintf(&b, " call/%d", len(x.Assigns))
				if !loose {
					fmt.Fprintf(&b, "/%d", len(x.Args))
				}
			case *syntax.ParamExp:
				fmt.Fprintf(&b, " $%s", x.Param.Value)
			case *syntax.BinaryCmd:
				fmt.Fprintf(&b, " %s", x.Op)
			case *syntax.Redirect:
				fmt.Fprintf(&b, " %s", x.Op)
			default:
				fmt.Fprintf(&b, " %T", n)
			}
			return true
		})
	}
	walk(file)
	return b.String()
}

// unescaped takes out what a backslash protects.
func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// readmeShape is the number of lines, and what a shell would do with those that are commands.
func readmeShape(text string) string {
	var b strings.Builder
	for _, l := range strings.Split(text, "\n") {
		if command, ok := strings.CutPrefix(l, "       "); ok && !strings.HasPrefix(command, "--") {
			b.WriteString(shellShape(command, false))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// yamlShape is the tree without its scalars: kinds, the number of entries, tags and anchors, and the variables that compose would read.
func yamlShape(content []byte, interpolated bool) string {
	var b strings.Builder
	d := yaml.NewDecoder(bytes.NewReader(content))
	for documents := 0; ; documents++ {
		var doc yaml.Node
		if err := d.Decode(&doc); err != nil {
			if documents != 1 {
				fmt.Fprintf(&b, "%d documents: %v", documents, err)
			}
			break
		}
		var walk func(n *yaml.Node, depth int)
		walk = func(n *yaml.Node, depth int) {
			tag := n.ShortTag()
			if n.Kind == yaml.ScalarNode {
				tag = "scalar"
				if interpolated {
					tag += strconv.Itoa(len(template.ExtractVariables(map[string]any{"x": n.Value}, template.DefaultPattern)))
				}
			}
			fmt.Fprintf(&b, "%s%d %s %s %d\n", strings.Repeat(" ", depth), n.Kind, tag, n.Anchor, len(n.Content))
			for _, c := range n.Content {
				walk(c, depth+1)
			}
		}
		walk(&doc, 0)
	}
	return b.String()
}

// places are the slots of a plan.
func places(p *plan.Plan) []slot {
	var out []slot
	v := reflect.ValueOf(p).Elem()
	for _, name := range []string{"Name", "Registry", "Components", "Services", "Secrets"} {
		slots(v.FieldByName(name), slot{name}, &out)
	}
	return out
}

// TestNothingIsInjected puts hostile words into every string of every application's plan, at each place some of the words in some of the
// ways, in turn.
func TestNothingIsInjected(t *testing.T) {
	for _, app := range applicationNames(t) {
		t.Run(app, func(t *testing.T) {
			t.Parallel()
			g := containerize(t, app, usual)
			turn := len(app) * 7
			for i, at := range places(g.plan) {
				if turn += 5; (i+len(app))%4 != 0 { // a quarter of the places of each application: the applications share most
					continue
				}
				attack(t, g, at, hostile[turn%len(hostile)], ways[turn/len(hostile)%len(ways)])
			}
		})
	}
}

// TestNothingIsInjectedAnywhere puts hostile words into the places of which most templates make something.
func TestNothingIsInjectedAnywhere(t *testing.T) {
	g := containerize(t, "rails-shop", usual)
	for n, at := range []slot{
		{"Name"}, {"Registry"}, {"Components", 0, "Component", "Name"}, {"Components", 0, "Component", "LanguageVersion", "V"}, {"Components", 0, "Component", "HealthPath", "V"},
		{"Components", 0, "Component", "Processes", 0, "Command", 1}, {"Components", 0, "Component", "Writes", 0, "V"}, {"Components", 0, "Settings", 0, "Value"},
		{"Components", 0, "Settings", 0, "Name"}, {"Components", 0, "Settings", 0, "Why"}, {"Services", 0, "Data"}, {"Secrets", 0, "Why"},
	} {
		for i, word := range hostile {
			if (i+n)%2 == 0 {
				attack(t, g, at, word, ways[(i+n)/2%2])
			}
		}
	}
}

// FuzzNothingIsInjected is TestNothingIsInjected with words that nobody thought of.
func FuzzNothingIsInjected(f *testing.F) {
	for i, word := range hostile {
		f.Add(uint16(i*31), uint8(i), word)
	}
	apps := applicationNames(f)
	made := make([]generated, len(apps))
	f.Fuzz(func(t *testing.T, place uint16, how uint8, word string) {
		which := int(place) % len(apps)
		if made[which].plan == nil {
			made[which] = containerize(t, apps[which], usual)
		}
		g := made[which]
		all := places(g.plan)
		attack(t, g, all[int(place)/len(apps)%len(all)], word, ways[int(how)%len(ways)])
	})
}
