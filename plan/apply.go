package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
)

// maxFile is the size of the largest drydock.yaml that is read: a plan of fifty components has some 100 KiB.
const maxFile = 1 << 20

// maxDepth is how deep mappings and sequences may lie in one another: the plan's own go to six.
const maxDepth = 16

// Error is a mistake in drydock.yaml.
type Error struct {
	Line int // 0: the file as a whole
	Err  error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return FileName + ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s:%d: %v", FileName, e.Line, e.Err)
}

// Unwrap returns the mistake.
func (e *Error) Unwrap() error { return e.Err }

// Apply lays a drydock.yaml, which may have been edited, over the plan. A value that
// is the finding's keeps its evidence; another becomes chosen, with its line as evidence. Keys
// that are left out stay as they are found. The error is an *Error, and the plan is then unchanged.
func (p *Plan) Apply(data []byte) error { return p.ApplyEdited(data, nil) }

// ApplyEdited is Apply for a file that drydock itself wrote as base some time ago: what still stands there as it was
// written, and was not chosen then, is no decision of a person but an old finding, and gives way to what is found now.
func (p *Plan) ApplyEdited(data, base []byte) error {
	doc, err := parse(data)
	if err != nil || doc == nil {
		return err
	}
	work := p.Clone()
	var leaves []leaf
	if err := collect(doc.Content[0], nil, &leaves); err != nil {
		return err
	}
	if old, err := parse(base); err == nil && old != nil {
		leaves = slices.DeleteFunc(leaves, func(l leaf) bool { return asWritten(old.Content[0], l) && !l.measured() })
		for i := range leaves {
			leaves[i].edited = leaves[i].measured() && !asWritten(old.Content[0], leaves[i])
		}
	}
	// A service must be there before its other fields are set.
	slices.SortStableFunc(leaves, func(a, b leaf) int { return a.rank() - b.rank() })
	for _, l := range leaves {
		if err := work.applyLeaf(l); err != nil {
			return &Error{Line: l.node.Line, Err: err}
		}
	}
	*p = *work
	return nil
}

// asWritten reports whether a value is the one that drydock wrote, and not a person's choice that it wrote down.
func asWritten(n *yaml.Node, l leaf) bool {
	for _, k := range l.keys {
		if n = child(n, k); n == nil {
			return false
		}
	}
	return !chosenByComment(n) && sameNode(n, l.node)
}

func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && a.ShortTag() == b.ShortTag() && slices.EqualFunc(a.Content, b.Content, sameNode)
}

// parse reads one bounded document; nil for an empty one.
func parse(data []byte) (*yaml.Node, error) {
	if len(data) > maxFile {
		return nil, &Error{Err: fmt.Errorf("larger than %d KiB", maxFile>>10)}
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, &Error{Err: errors.New(detect.Printable(strings.TrimPrefix(err.Error(), "yaml: "), 200))}
	}
	var more yaml.Node
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, &Error{Line: more.Line, Err: errors.New("more than one document")}
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	if doc.Content[0].Kind != yaml.MappingNode {
		return nil, &Error{Line: doc.Content[0].Line, Err: errors.New("a mapping is wanted: name, targets, components, …")}
	}
	return &doc, bounded(doc.Content[0], 0)
}

// bounded refuses what a plan never needs and a bomb is made of.
func bounded(n *yaml.Node, depth int) error {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return &Error{Line: n.Line, Err: errors.New("anchors and aliases are not read here: write the value out")}
	case depth > maxDepth:
		return &Error{Line: n.Line, Err: fmt.Errorf("more than %d levels deep", maxDepth)}
	}
	seen := map[string]int{}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if c.Kind != yaml.ScalarNode {
				return &Error{Line: c.Line, Err: errors.New("a key must be a single value")}
			}
			if first, twice := seen[c.Value]; twice {
				return &Error{Line: c.Line, Err: fmt.Errorf("%q is written twice, first in line %d", detect.Printable(c.Value, 60), first)}
			}
			seen[c.Value] = c.Line
		}
		if err := bounded(c, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// leaf is a value of the file with the keys that lead to it.
type leaf struct {
	keys  []string
	node  *yaml.Node
	field *field
	stars []string
	// edited says that drydock had written another value here, whose comment still stands.
	edited bool
}

// measured reports whether the comment beside the value says that a verification measured it.
func (l leaf) measured() bool {
	return strings.HasPrefix(strings.TrimLeft(l.node.LineComment, "# "), measuredComment)
}

const measuredComment = "measured "

// owner is the component or service that the value belongs to, or "".
func (l leaf) owner() string {
	if len(l.keys) < 2 {
		return ""
	}
	return l.keys[1]
}

func (l leaf) rank() int {
	if l.field == nil || l.field.pattern == "services.*.kind" {
		return 0
	}
	return 1
}

// collect walks the mappings down to the fields.
func collect(n *yaml.Node, keys []string, out *[]leaf) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		here := append(slices.Clone(keys), key.Value)
		f, stars := findKeys(here)
		switch {
		case f != nil:
			*out = append(*out, leaf{keys: here, node: value, field: f, stars: stars})
		case !isPrefix(here):
			return &Error{Line: key.Line, Err: unknown("key", strings.Join(here, "."), siblings(keys))}
		case value.Tag == "!!null":
			if len(here) == 2 { // a component or a service written as null
				*out = append(*out, leaf{keys: here, node: value})
			}
		case value.Kind != yaml.MappingNode:
			return &Error{Line: value.Line, Err: fmt.Errorf("%s: a mapping is wanted", strings.Join(here, "."))}
		default:
			if err := collect(value, here, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// matches reports whether keys fill the first parts of a pattern.
func matches(pattern, keys []string) bool {
	if len(keys) > len(pattern) {
		return false
	}
	for i, k := range keys {
		if pattern[i] != "*" && pattern[i] != k {
			return false
		}
	}
	return true
}

func isPrefix(keys []string) bool {
	return slices.ContainsFunc(fields, func(f *field) bool { return matches(strings.Split(f.pattern, "."), keys) })
}

// findKeys returns the field at exactly these keys and what its stars stand for.
func findKeys(keys []string) (*field, []string) {
	for _, f := range fields {
		pattern := strings.Split(f.pattern, ".")
		if len(pattern) != len(keys) || !matches(pattern, keys) {
			continue
		}
		var stars []string
		for i, part := range pattern {
			if part == "*" {
				stars = append(stars, keys[i])
			}
		}
		return f, stars
	}
	return nil, nil
}

// siblings are the keys that may stand below others, with the full path.
func siblings(keys []string) []string {
	var out []string
	for _, f := range fields {
		pattern := strings.Split(f.pattern, ".")
		if len(pattern) <= len(keys) || !matches(pattern, keys) || pattern[len(keys)] == "*" {
			continue
		}
		if s := strings.Join(append(slices.Clone(keys), pattern[len(keys)]), "."); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// locate is find with the keys of the whole path.
func locate(path string) (*field, []string, []string) {
	f, keys := find(path)
	if f == nil {
		return nil, nil, nil
	}
	return f, keys, keysOf(f.pattern, keys)
}

// applyLeaf sets one value of the file unless it is the plan's already.
func (p *Plan) applyLeaf(l leaf) error {
	path := strings.Join(l.keys, ".")
	if l.field == nil {
		if l.keys[0] != "services" {
			return fmt.Errorf("%s: it cannot be dropped; say role: library to leave it out", path)
		}
		p.dropService(l.keys[1])
		p.markRemoved(path + ".kind")
		return nil
	}
	v, err := l.value()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	p.settle(path)
	if p.holds(l, v) && !l.measured() {
		if chosenByComment(l.node) && !l.field.fixed {
			p.decide(path, chosenBecause(l.node)) // a person chose what is found, too: that stays a choice, byte for byte
		}
		return nil
	}
	if l.field.fixed {
		return fmt.Errorf("%s: it is found, not chosen", path)
	}
	by := origin{from: detect.Chosen, evidence: []detect.Evidence{{File: FileName, Line: l.node.Line}}}
	by.why = chosenBecause(l.node)
	if l.measured() && !l.edited {
		_, by.why, _ = strings.Cut(l.node.LineComment, measuredComment)
		by.from, by.why = detect.Measured, detect.Printable(by.why, 160)
	}
	if err := l.field.set(p, l.stars, v, by); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if by.from == detect.Chosen {
		p.decide(path, by.why)
	}
	if v.null {
		p.markRemoved(path)
	}
	return nil
}

// chosenBecause is the reason that drydock wrote beside a chosen value, a remedy's or that of a correction.
func chosenBecause(n *yaml.Node) string {
	if _, why, ok := strings.Cut(n.LineComment, "chosen: "); ok {
		return detect.Printable(why, 160)
	}
	return ""
}

// value reads a leaf in the field's form.
func (l leaf) value() (raw, error) {
	n := l.node
	switch {
	case n.Tag == "!!null" && n.Kind == yaml.ScalarNode:
		return raw{null: true}, nil
	case n.Kind == yaml.ScalarNode:
		return l.field.parse(n.Value)
	case n.Kind == yaml.SequenceNode && (l.field.form == list || l.field.form == command):
		v := raw{seq: true, items: []string{}}
		for _, c := range n.Content {
			if c.Kind != yaml.ScalarNode || c.Tag == "!!null" {
				return v, errors.New("a list of single values is wanted")
			}
			v.items = append(v.items, c.Value)
		}
		return v, nil
	case l.field.form == list || l.field.form == command:
		return raw{}, errors.New("a list is wanted")
	}
	return raw{}, errors.New("a single value is wanted")
}

// holds reports whether the plan has this value already.
func (p *Plan) holds(l leaf, v raw) bool {
	for _, it := range l.field.items(p, l.owner()) {
		if slices.Equal(it.keys, l.stars) {
			return it.val.text == v.text && !v.null && slices.Equal(it.val.items, v.items)
		}
	}
	return v.null // nothing there, nothing wanted
}

func (p *Plan) markRemoved(path string) {
	if p.removed == nil {
		p.removed = map[string]bool{}
	}
	p.removed[path] = true
}

// Unset drops an entry of a plan by its path: a variable, a process, a fact, a service's kind.
func (p *Plan) Unset(path string) error {
	f, keys := find(path)
	if f == nil {
		return p.unknownPath(path)
	}
	if f.fixed {
		return fmt.Errorf("%s: it is found, not chosen", path)
	}
	if err := f.set(p, keys, raw{null: true}, origin{from: detect.Chosen}); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	p.settle(path)
	p.markRemoved(path)
	return nil
}
