// Package remedy knows what failures look like and which edit of the plan cures each. Remedies are data: remedies.yaml
// and packages.yaml, with the real logs that show each in testdata, which are its test. A remedy edits the plan, never a
// generated file, so that the cure is still there when the files are made again.
package remedy

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/plan"
)

// Symptom is a failure as verification saw it.
type Symptom struct {
	Component string   // whose image or container failed
	Phase     string   // build, run, probe
	Failure   string   // its id: missing-library, out-of-memory, ...
	Message   string   // one sentence
	Log       []string // the last lines, oldest first
	Image     string   // the base image that could not be had; empty: that is not what failed
	// Exists asks whether an image can be had; nil: nobody can be asked, and the likeliest is taken.
	Exists func(image string) bool
}

// Proposal is an edit of the plan that may cure a failure, or, without changes, what only a person can do about it.
type Proposal struct {
	ID      string   // the remedy: apt-package
	Detail  string   // what it does, short: libpq-dev, libpq5
	Why     string   // why it helps, one sentence
	Changes []Change // of the plan, in their order
}

// Change is one edit of the plan.
type Change struct {
	Path  string // of the field: components.web.systemPackages.build
	Value string // as --set takes it
}

// Manual reports whether no edit of the plan helps: Why says what a person has to do.
func (p Proposal) Manual() bool { return len(p.Changes) == 0 }

// Key tells proposals apart: trying the same one twice would loop.
func (p Proposal) Key() string { return fmt.Sprint(p.ID, p.Changes) }

// Apply edits the plan. On an error it is unchanged.
func (p Proposal) Apply(target *plan.Plan) error {
	work := target.Clone()
	for _, c := range p.Changes {
		why := "remedy " + p.ID + ": " + p.Why
		if f, ok := work.Field(c.Path); ok && f.Path == c.Path && strings.HasPrefix(f.Why, "remedy ") && !strings.Contains(f.Why, "remedy "+p.ID+": ") {
			why = f.Why + "; " + why // two remedies of one list
		}
		if err := work.Repair(c.Path, c.Value, why); err != nil {
			return fmt.Errorf("apply the remedy %s: %w", p.ID, err)
		}
	}
	*target = *work
	return nil
}

// remedy is a row of remedies.yaml.
type remedy struct {
	ID    string            `yaml:"id"`
	Phase string            `yaml:"phase"` // separated by spaces; empty: any
	When  map[string]string `yaml:"when"`  // fields of the component, by their names in drydock.yaml, and failure: "ruby|python"
	Match string            `yaml:"match"` // regular expression over one line; empty: the failure's id is enough
	Edit  []edit            `yaml:"edit"`
	Solve string            `yaml:"solve"` // name of a rule in solvers, instead of edits
	Why   string            `yaml:"why"`
	Tell  bool              `yaml:"tell"` // only a person can do something: Why says what

	re *regexp.Regexp
}

// edit is one change, with $1 for what the match captured.
type edit struct {
	Add   string `yaml:"add"`   // a list: appends
	Words string `yaml:"words"` // a fact that is words: appends
	Build string `yaml:"build"` // a variable that only the build stage is told
	Set   string `yaml:"set"`   // any field; services.{mysql|mariadb}.image is the component's service of such a kind
	Grow  string `yaml:"grow"`  // a number: doubles it, up to Value
	Value string `yaml:"value"`
}

//go:embed remedies.yaml
var remediesYAML []byte

// load reads the tables once: they are needed only when something failed.
var load = sync.OnceValues(func() ([]*remedy, error) { return parse(remediesYAML) })

// parse reads a table of remedies.
func parse(data []byte) ([]*remedy, error) {
	var list []*remedy
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("read the remedies: %w", err)
	}
	for _, r := range list {
		re, err := regexp.Compile(r.Match)
		if err != nil {
			return nil, fmt.Errorf("read the remedy %s: %w", r.ID, err)
		}
		if r.re = re; r.Match == "" {
			r.re = nil
		}
		if r.Solve != "" && solvers[r.Solve] == nil {
			return nil, fmt.Errorf("read the remedy %s: there is no rule %s", r.ID, r.Solve)
		}
	}
	return list, nil
}

// IDs lists the remedies in the order in which they are tried, with why each helps.
func IDs() ([]string, error) {
	list, err := load()
	var out []string
	for _, r := range list {
		out = append(out, r.ID+": "+r.Why)
	}
	return out, err
}

// Propose returns the first remedy that fits a failure and changes the plan, other than those that were tried. Without one
// it returns the first that tells a person what to do, and false when nothing is known.
func Propose(p *plan.Plan, s Symptom, tried func(Proposal) bool) (Proposal, bool, error) {
	return House{}.Propose(p, s, tried)
}

// propose is Propose for a table.
func propose(list []*remedy, p *plan.Plan, s Symptom, tried func(Proposal) bool) (Proposal, bool, error) {
	c := p.Component(s.Component)
	if c == nil {
		return Proposal{}, false, nil
	}
	var manual *Proposal
	for _, r := range list {
		prop, ok := r.propose(p, c, s)
		if !ok {
			continue
		}
		if prop.Manual() {
			if manual == nil {
				manual = &prop
			}
			continue
		}
		if tried == nil || !tried(prop) {
			return prop, true, nil
		}
	}
	if manual != nil {
		return *manual, true, nil
	}
	return Proposal{}, false, nil
}

// maxLine is how much of a line is looked at.
const maxLine = 4 << 10

func (r *remedy) propose(p *plan.Plan, c *plan.Component, s Symptom) (Proposal, bool) {
	if r.Phase != "" && !slices.Contains(strings.Fields(r.Phase), s.Phase) || !r.applies(p, c, s) {
		return Proposal{}, false
	}
	if r.re == nil {
		return r.proposal(p, c, s, []string{s.Message})
	}
	lines := append(slices.Clone(s.Log), s.Message)
	for i := len(lines) - 1; i >= 0; i-- {
		m := r.re.FindStringSubmatch(lines[i][:min(len(lines[i]), maxLine)])
		if m == nil {
			continue
		}
		if prop, ok := r.proposal(p, c, s, m); ok {
			return prop, true
		}
	}
	return Proposal{}, false
}

// applies reports whether the component and the failure are of the kind that the remedy is for.
func (r *remedy) applies(p *plan.Plan, c *plan.Component, s Symptom) bool {
	for field, want := range r.When {
		got := s.Failure
		switch field {
		case "failure":
		case "stack":
			got = c.Stack
		default:
			f, _ := p.Field("components." + c.Name + "." + field)
			got = f.Value
		}
		if want == "" && got != "" || want != "" && !slices.Contains(strings.Split(want, "|"), got) {
			return false
		}
	}
	return true
}

// proposal makes the edits of what was matched. A change that changes nothing is left out; without any left the remedy
// has been tried already.
func (r *remedy) proposal(p *plan.Plan, c *plan.Component, s Symptom, match []string) (Proposal, bool) {
	prop := Proposal{ID: r.ID, Why: r.Why}
	if r.Tell {
		prop.Why = strings.ReplaceAll(expand(r.Why, match), "{component}", c.Name)
		return prop, true
	}
	changes := r.changes(p, c, s, match)
	var detail []string
	for _, ch := range changes {
		if f, _ := p.Field(ch.Path); f.Path == ch.Path && f.Value == ch.Value {
			continue
		}
		prop.Changes = append(prop.Changes, ch)
		detail = append(detail, describe(p, c, ch))
	}
	prop.Detail = strings.Join(slices.Compact(detail), "; ")
	return prop, len(prop.Changes) > 0
}

// changes are the edits of what was matched, one for each field: an edit sees what those before it have done.
func (r *remedy) changes(p *plan.Plan, c *plan.Component, s Symptom, match []string) []Change {
	var out []Change
	if r.Solve != "" {
		out = solvers[r.Solve](p, c, s, match)
	}
	work := p
	for _, e := range r.Edit {
		ch, ok := e.change(work, c, match)
		if !ok {
			continue
		}
		if i := slices.IndexFunc(out, func(x Change) bool { return x.Path == ch.Path }); i >= 0 {
			out[i] = ch
		} else {
			out = append(out, ch)
		}
		if work == p {
			work = p.Clone()
		}
		_ = work.Set(ch.Path, ch.Value) // one that is refused is refused when the proposal is applied
	}
	return out
}

// describe says what a change does: what is new in a list, else the field and its value.
func describe(p *plan.Plan, c *plan.Component, ch Change) string {
	path := strings.TrimPrefix(ch.Path, "components."+c.Name+".")
	if f, ok := p.Field(ch.Path); ok && f.Path == ch.Path && f.Value != "" {
		if rest, ok := strings.CutPrefix(ch.Value, f.Value); ok && strings.Trim(rest, ", ") != rest {
			return path + " + " + strings.Trim(rest, ", ")
		}
	}
	return path + " = " + ch.Value
}

func (e edit) change(p *plan.Plan, c *plan.Component, match []string) (Change, bool) {
	value := expand(e.Value, match)
	switch {
	case e.Add != "":
		return appended(p, fieldPath(c, expand(e.Add, match)), value)
	case e.Words != "":
		return worded(p, fieldPath(c, e.Words), value)
	case e.Build != "":
		return variable(p, c, e.Build, value)
	case e.Grow != "":
		return grown(p, fieldPath(c, e.Grow), value)
	}
	path, ok := servicePath(p, c, expand(e.Set, match))
	return Change{fieldPath(c, path), value}, ok
}

// servicePath puts the name of the component's service in the place of "{postgresql|mysql}", the kinds that it may be of.
// Without one there is nothing to be changed.
func servicePath(p *plan.Plan, c *plan.Component, path string) (string, bool) {
	before, rest, ok := strings.Cut(path, "{")
	kinds, after, closed := strings.Cut(rest, "}")
	if !ok || !closed {
		return path, true
	}
	s := serviceOf(p, c, strings.Split(kinds, "|")...)
	if s == nil {
		return "", false
	}
	return before + s.Name + after, true
}

// serviceOf is the component's service of one of some kinds, or nil.
func serviceOf(p *plan.Plan, c *plan.Component, kinds ...string) *plan.Service {
	for i := range p.Services {
		if s := &p.Services[i]; slices.Contains(s.For, c.Name) && slices.Contains(kinds, s.Kind) {
			return s
		}
	}
	return nil
}

// fieldPath is the path of a component's field; one that says its own beginning stays.
func fieldPath(c *plan.Component, path string) string {
	if strings.HasPrefix(path, "secrets.") || strings.HasPrefix(path, "services.") {
		return path
	}
	return "components." + c.Name + "." + path
}

// value is the value of the field at a path, or "".
func value(p *plan.Plan, path string) string {
	if f, _ := p.Field(path); f.Path == path {
		return f.Value
	}
	return ""
}

// appended adds comma-separated values to a list.
func appended(p *plan.Plan, path, values string) (Change, bool) {
	return joined(path, value(p, path), values, ",")
}

// worded adds words to a fact that is words.
func worded(p *plan.Plan, path, words string) (Change, bool) {
	return joined(path, value(p, path), words, " ")
}

func joined(path, old, more, sep string) (Change, bool) {
	have := strings.FieldsFunc(old, func(r rune) bool { return string(r) == sep })
	before := len(have)
	for _, v := range strings.Split(more, sep) {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(have, v) {
			have = append(have, v)
		}
	}
	return Change{path, strings.Join(have, sep)}, len(have) > before
}

// variable sets a variable that the build stage is told.
func variable(p *plan.Plan, c *plan.Component, name, val string) (Change, bool) {
	path := fieldPath(c, "facts.buildVariables")
	had := strings.Fields(value(p, path))
	words := slices.DeleteFunc(slices.Clone(had), func(w string) bool { return strings.HasPrefix(w, name+"=") })
	words = append(words, name+"="+val)
	return Change{path, strings.Join(words, " ")}, !slices.Contains(had, name+"="+val)
}

// grown doubles a size in MiB.
func grown(p *plan.Plan, path, limit string) (Change, bool) {
	f, _ := p.Field(path)
	var n, most int
	if _, err := fmt.Sscan(f.Value, &n); err != nil || n <= 0 {
		return Change{}, false
	}
	if f.Guessed() {
		n = 2048 // a guess is no limit yet: verification gave it 2 GiB
	}
	if _, err := fmt.Sscan(limit, &most); err != nil || n >= most {
		return Change{}, false
	}
	const least = 128 // MiB: less than that is not worth a try of its own
	return Change{path, fmt.Sprint(min(max(2*n, least), most))}, true
}

// expand puts what was captured in the place of $1 to $9.
func expand(s string, match []string) string {
	if !strings.Contains(s, "$") {
		return s
	}
	for i := 9; i > 0; i-- {
		v := ""
		if i < len(match) {
			v = match[i]
		}
		s = strings.ReplaceAll(s, fmt.Sprintf("$%d", i), v)
	}
	return s
}
