package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
)

// Fields returns every decision of the plan in the order of drydock.yaml.
func (p *Plan) Fields() []Field {
	var out []Field
	for _, f := range p.order() {
		out = append(out, f.public(p))
	}
	return out
}

// Field returns the decision at a path; false: there is none, or it has no value.
// A prefix such as "components.web.env" stands for the first decision below it.
func (p *Plan) Field(path string) (Field, bool) {
	keys := strings.Split(path, ".")
	owner := ""
	if len(keys) > 1 && keys[0] != "secrets" {
		owner = keys[1]
	}
	for _, f := range fields {
		pattern := strings.Split(f.pattern, ".")
		if len(pattern) > 2 && owner == "" || pattern[0] != keys[0] {
			continue
		}
		for _, it := range f.items(p, owner) {
			at := expand(f.pattern, it.keys)
			x := placed{field: f, item: p.remembered(at, it), path: at}
			if x.path == path || strings.HasPrefix(x.path, path+".") {
				return x.public(p), true
			}
		}
	}
	return Field{}, false
}

// placed is an item with its field and full path.
type placed struct {
	*field
	item
	path string
}

func (x placed) public(p *Plan) Field {
	f := Field{Path: x.path, Keys: x.where(), Label: x.label, Value: x.text(), From: x.from, Evidence: x.evidence, Why: x.why, Editable: !x.fixed}
	if stars := strings.Count(x.pattern, "*"); stars > 1 || strings.HasSuffix(x.pattern, "*") {
		f.Label += " " + x.keys[len(x.keys)-1]
	}
	if x.options != nil {
		f.Options = x.options(p, x.keys)
	}
	return f
}

// text is the value as --set takes it.
func (x placed) text() string {
	switch {
	case x.form == command:
		return ShellWords(x.val.items)
	case x.val.seq:
		return strings.Join(x.val.items, ",")
	}
	return x.val.text
}

// order lists all values: those of one component or service together.
func (p *Plan) order() []placed {
	var top, owned []placed
	for _, f := range fields {
		for _, it := range f.items(p, "") {
			at := expand(f.pattern, it.keys)
			x := placed{field: f, item: p.remembered(at, it), path: at}
			if strings.Contains(f.pattern, ".*") {
				owned = append(owned, x)
			} else {
				top = append(top, x)
			}
		}
	}
	ranks := map[string]int{}
	for i := range p.Components {
		ranks["components."+p.Components[i].Name] = i
	}
	for i := range p.Services {
		ranks["services."+p.Services[i].Name] = len(p.Components) + i
	}
	rank := func(x placed) int {
		section, _, _ := strings.Cut(x.pattern, ".")
		if n, ok := ranks[section+"."+x.keys[0]]; ok {
			return n
		}
		return len(ranks)
	}
	slices.SortStableFunc(owned, func(a, b placed) int { return rank(a) - rank(b) })
	return append(top, owned...)
}

// expand puts keys in the place of the stars.
func expand(pattern string, keys []string) string {
	for _, k := range keys {
		pattern = strings.Replace(pattern, "*", k, 1)
	}
	return pattern
}

// find returns the field of a path and what its stars stand for.
func find(path string) (*field, []string) {
	parts := strings.Split(path, ".")
	for _, f := range fields {
		pattern := strings.Split(f.pattern, ".")
		if len(parts) < len(pattern) || (len(parts) > len(pattern) && pattern[len(pattern)-1] != "*") {
			continue
		}
		var keys []string
		ok := true
		for i, want := range pattern {
			switch {
			case want == "*" && i == len(pattern)-1:
				keys = append(keys, strings.Join(parts[i:], "."))
			case want == "*":
				keys = append(keys, parts[i])
			case want != parts[i]:
				ok = false
			}
		}
		if ok && !slices.Contains(keys, "") {
			return f, keys
		}
	}
	return nil, nil
}

// Set changes a decision by its path, as --set does. Lists are separated by
// commas, commands are shell words. The error says what is wrong with the path
// or the value; the plan is then unchanged.
func (p *Plan) Set(path, value string) error {
	return p.SetBecause(path, value, detect.Chosen, "")
}

// Repair is Set with the reason that the decision gets: how a remedy edits a plan. The value counts as chosen, so that the next
// run keeps it.
func (p *Plan) Repair(path, value, why string) error {
	return p.SetBecause(path, value, detect.Chosen, why)
}

// SetBecause is Set with the origin and the reason that the decision gets.
func (p *Plan) SetBecause(path, value string, from detect.Origin, why string) error {
	f, keys := find(path)
	if f == nil {
		return p.unknownPath(path)
	}
	if f.fixed {
		return fmt.Errorf("%s: it is found, not chosen", path)
	}
	v, err := f.parse(value)
	if err == nil {
		err = f.set(p, keys, v, origin{from: from, why: why})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	p.settle(path)
	if from == detect.Chosen {
		p.decide(path, why)
	}
	return nil
}

// decide notes that a field's value is a person's, or a remedy's.
func (p *Plan) decide(path, why string) {
	if p.decided == nil {
		p.decided = map[string]string{}
	}
	p.decided[path] = why
}

// remembered is an item as what was decided about it: some values cannot tell by themselves.
func (p *Plan) remembered(path string, it item) item {
	if why, ok := p.decided[path]; ok && it.from != detect.Chosen {
		it.from, it.why, it.evidence = detect.Chosen, why, nil
	}
	return it
}

func (p *Plan) settle(path string) {
	if p.settled == nil {
		p.settled = map[string]bool{}
	}
	p.settled[path] = true
	delete(p.removed, path)
}

// parse reads a value as the command line gives it.
func (f *field) parse(value string) (raw, error) {
	switch f.form {
	case list:
		items := []string{}
		for _, s := range strings.Split(value, ",") {
			if s = strings.TrimSpace(s); s != "" {
				items = append(items, s)
			}
		}
		return raw{items: items, seq: true}, nil
	case command:
		words, err := ParseWords(value)
		return raw{items: words, seq: true}, err
	}
	return raw{text: value}, nil
}

// ParseWords splits a command into words as a shell would. What is more than a
// simple command of literal words (a pipe, a variable, a redirection) becomes a
// script for sh -c.
func ParseWords(s string) ([]string, error) {
	if err := checkText(s); err != nil {
		return nil, err
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(s), "")
	if err != nil {
		return nil, fmt.Errorf("%q is not a command: %w", detect.Printable(s, 80), err)
	}
	if len(file.Stmts) == 0 {
		return nil, errors.New("the command is empty")
	}
	if words, ok := simple(file); ok {
		return words, nil
	}
	return []string{"sh", "-c", s}, nil
}

// simple returns the words of a file that is one command of literal words.
func simple(file *syntax.File) ([]string, bool) {
	if len(file.Stmts) != 1 {
		return nil, false
	}
	st := file.Stmts[0]
	call, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || st.Negated || st.Background || len(st.Redirs) > 0 || len(call.Assigns) > 0 {
		return nil, false
	}
	var words []string
	for _, w := range call.Args {
		var b strings.Builder
		for _, part := range w.Parts {
			text, ok := literalPart(part)
			if !ok {
				return nil, false
			}
			b.WriteString(text)
		}
		words = append(words, b.String())
	}
	return words, true
}

func literalPart(part syntax.WordPart) (string, bool) {
	switch x := part.(type) {
	case *syntax.Lit:
		if strings.ContainsAny(x.Value, `*?[\~`) {
			return unescape(x.Value)
		}
		return x.Value, true
	case *syntax.SglQuoted:
		return x.Value, !x.Dollar
	case *syntax.DblQuoted:
		var b strings.Builder
		for _, inner := range x.Parts {
			lit, ok := inner.(*syntax.Lit)
			if !ok {
				return "", false
			}
			text := strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\$`, `$`, "\\`", "`").Replace(lit.Value)
			b.WriteString(text)
		}
		return b.String(), true
	}
	return "", false
}

// unescape removes backslashes from an unquoted literal; false when the shell would expand it.
func unescape(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '*', '?', '[':
			return "", false
		case '~':
			if i == 0 {
				return "", false
			}
			b.WriteByte('~')
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), true
}

// ShellWords joins words so that a shell reads them as they are.
func ShellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		q, err := syntax.Quote(w, syntax.LangPOSIX)
		if err != nil { // a letter that mvdan.cc/sh does not print; between single quotes a shell takes every byte but NUL as it is
			q = "'" + strings.ReplaceAll(strings.ReplaceAll(w, "\x00", ""), "'", `'\''`) + "'"
		}
		quoted[i] = q
	}
	return strings.Join(quoted, " ")
}

// unknownPath names the paths that look like a path that is not there.
func (p *Plan) unknownPath(path string) error {
	have := make([]string, 0, 64)
	for _, x := range p.order() {
		have = append(have, x.path)
	}
	for _, f := range fields {
		if !strings.HasPrefix(f.pattern, "components.") {
			continue
		}
		for _, name := range p.componentNames() {
			if candidate := strings.Replace(f.pattern, "*", name, 1); !slices.Contains(have, candidate) {
				have = append(have, strings.Replace(candidate, "*", "NAME", 1))
			}
		}
	}
	near := nearest(path, have)
	if len(near) == 0 {
		return fmt.Errorf("%s: no such field; drydock plan writes them all to %s", detect.Printable(path, 80), FileName)
	}
	return fmt.Errorf("%s: no such field; the nearest: %s", detect.Printable(path, 80), strings.Join(near, ", "))
}

// nearest are up to three names that are few edits away from a name, the nearest first.
func nearest(name string, have []string) []string {
	if len(name) > 200 {
		return nil
	}
	type scored struct {
		name string
		cost int
	}
	var near []scored
	for _, h := range have {
		cost := distance(strings.ToLower(name), strings.ToLower(h))
		if begins := len(name) >= 3 && strings.HasPrefix(strings.ToLower(h), strings.ToLower(name)); begins || cost <= max(2, len(h)/4) {
			near = append(near, scored{h, cost})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return a.cost - b.cost })
	var out []string
	for _, n := range near[:min(3, len(near))] {
		out = append(out, n.name)
	}
	return out
}

// distance is the number of single-byte edits between two words (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
