package plan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
)

const fileHeader = `drydock's plan: what was found, and what was decided about it.
The comment behind a value says where it is from. Edit any value: what you write is kept and
counts as chosen. Take a line out to go back to what is found; write null to drop an entry.`

// Marshal writes the plan as drydock.yaml: every decision, each with a comment that says where it
// is from. The same plan gives the same bytes.
func (p *Plan) Marshal() ([]byte, error) {
	return encode(p.document())
}

func encode(doc *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("write %s: %w", FileName, err)
	}
	return b.Bytes(), nil
}

// document is drydock.yaml as a tree of nodes.
func (p *Plan) document() *yaml.Node {
	root := &yaml.Node{Kind: yaml.MappingNode, HeadComment: fileHeader}
	for _, x := range p.order() {
		insert(root, x.where(), x.node())
	}
	removed := sortedKeys(p.removed)
	for _, path := range removed {
		_, keys, where := locate(path)
		if keys == nil || has(root, where) {
			continue
		}
		insert(root, where, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null", LineComment: "chosen"})
	}
	p.showImages(root)
	return root
}

// where are the keys that lead to the value.
func (x placed) where() []string { return keysOf(x.pattern, x.keys) }

// keysOf splits a pattern into keys with the stars filled in.
func keysOf(pattern string, keys []string) []string {
	parts := strings.Split(pattern, ".")
	next := 0
	for i, part := range parts {
		if part == "*" {
			parts[i] = keys[next]
			next++
		}
	}
	return parts
}

// insert puts a value into nested mappings, making those that are missing.
func insert(m *yaml.Node, keys []string, value *yaml.Node) {
	for _, k := range keys[:len(keys)-1] {
		inner := child(m, k)
		if inner == nil || inner.Kind != yaml.MappingNode {
			inner = &yaml.Node{Kind: yaml.MappingNode}
			m.Content = append(m.Content, stringNode(k), inner)
		}
		m = inner
	}
	m.Content = append(m.Content, stringNode(keys[len(keys)-1]), value)
}

func has(m *yaml.Node, keys []string) bool {
	for _, k := range keys {
		if m = child(m, k); m == nil {
			return false
		}
	}
	return true
}

// child is the value of a key in a mapping, or nil.
func child(m *yaml.Node, key string) *yaml.Node {
	if m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

func stringNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}

// node is the value with its comment.
func (x placed) node() *yaml.Node {
	var n *yaml.Node
	switch {
	case x.val.seq:
		n = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, s := range x.val.items {
			n.Content = append(n.Content, stringNode(s))
		}
	case x.form == integer:
		n = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: x.val.text}
	default:
		n = stringNode(x.val.text)
	}
	n.LineComment = x.comment()
	return n
}

// comment says where a value is from.
func (x placed) comment() string {
	switch x.from {
	case detect.Chosen:
		if x.why != "" {
			return "chosen: " + detect.Printable(x.why, 160)
		}
		return "chosen"
	case detect.Measured:
		return measuredComment + detect.Printable(x.why, 160)
	case detect.Default:
		return "guess: " + detect.Printable(x.why, 160)
	}
	var parts []string
	for _, e := range x.evidence {
		if s := at(e); e.File != FileName && !slices.Contains(parts, s) && len(parts) < 3 {
			parts = append(parts, s)
		}
	}
	text := strings.Join(parts, ", ")
	if x.from == detect.Inferred && x.why != "" {
		if text != "" {
			text += ": "
		} else {
			text = "so: "
		}
		text += detect.Printable(x.why, 160)
	}
	if text == "" {
		text = "found"
	}
	return text
}

// showImages says, as a comment above a component, which base images the template chooses.
func (p *Plan) showImages(root *yaml.Node) {
	components := child(root, "components")
	if components == nil {
		return
	}
	for i := 0; i+1 < len(components.Content); i += 2 {
		c := p.Component(components.Content[i].Value)
		if c == nil {
			continue
		}
		images := p.DefaultImages(c)
		var lines []string
		for _, stage := range sortedKeys(images) {
			if _, chosen := c.BaseImages[stage]; !chosen {
				lines = append(lines, fmt.Sprintf("  %s: %s (%s)", stage, images[stage].V, detect.Printable(images[stage].Why, 120)))
			}
		}
		if len(lines) > 0 {
			components.Content[i].HeadComment = imagesComment + "\n" + strings.Join(lines, "\n")
		}
	}
}

const imagesComment = "Base images that the template chooses; write images: {STAGE: IMAGE} to use another:"

// Rewrite writes the plan into an existing drydock.yaml: the order, the comments
// and the layout that a person gave it stay, values that have changed are changed, and new ones are added.
func (p *Plan) Rewrite(old []byte) ([]byte, error) {
	doc, err := parse(old)
	if err != nil {
		return nil, err
	}
	if doc == nil {
		return p.Marshal()
	}
	fresh := p.document()
	blend(doc.Content[0], fresh)
	prune(doc.Content[0], fresh)
	return encode(doc)
}

// prune takes out what drydock wrote of findings that are there no longer: a line with its own comment. What a person
// wrote or has chosen stays.
func prune(old, fresh *yaml.Node) {
	for i := len(old.Content) - 2; i >= 0; i -= 2 {
		key, value := old.Content[i], old.Content[i+1]
		now := child(fresh, key.Value)
		switch {
		case value.Kind == yaml.MappingNode && (now == nil || now.Kind == yaml.MappingNode):
			if now == nil {
				now = &yaml.Node{Kind: yaml.MappingNode}
			}
			before := len(value.Content)
			prune(value, now)
			if before > 0 && len(value.Content) == 0 && ours(key.HeadComment) {
				old.Content = slices.Delete(old.Content, i, i+2)
			}
		case now == nil && value.LineComment != "" && ours(value.LineComment) && ours(key.HeadComment) && !chosenByComment(value):
			old.Content = slices.Delete(old.Content, i, i+2)
		}
	}
}

// chosenByComment reports whether drydock noted that a person decided the value.
func chosenByComment(n *yaml.Node) bool {
	return strings.HasPrefix(strings.TrimLeft(n.LineComment, "# "), "chosen")
}

// blend brings the values of fresh into old.
func blend(old, fresh *yaml.Node) {
	position := 0
	for i := 0; i+1 < len(fresh.Content); i += 2 {
		key, value := fresh.Content[i], fresh.Content[i+1]
		at := keyIndex(old, key.Value)
		if at < 0 {
			old.Content = slices.Insert(old.Content, position, key, value)
			position += 2
			continue
		}
		position = at + 2
		mine := old.Content[at+1]
		if ours(old.Content[at].HeadComment) {
			old.Content[at].HeadComment = key.HeadComment
		}
		switch {
		case mine.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			blend(mine, value)
		case same(mine, value):
			if ours(mine.LineComment) {
				mine.LineComment = value.LineComment
			}
		default:
			replacement := *value
			replacement.HeadComment, replacement.FootComment = mine.HeadComment, mine.FootComment
			if !ours(mine.LineComment) {
				replacement.LineComment = mine.LineComment
			}
			old.Content[at+1] = &replacement
		}
	}
}

func keyIndex(m *yaml.Node, key string) int {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// written matches the comments that drydock itself writes: an origin, or the places that prove a value and perhaps the reason. A place is
// a file's path, which has a directory, an extension or the name of some Procfile, with or without a line. A URL is none.
var written = lazy(`^#? ?(chosen|chosen: .*|measured .*|guess: .*|so: .*|found|` + placePattern + `(, ` + placePattern + `)*(: .*)?)$`)

const placePattern = `(?:[^\s,:]*(?:[./][\w+-]+|[Ff]ile)(?::\d+)?|[^\s,:]+:\d+)`

// ours reports whether a comment is drydock's own, or none at all.
func ours(comment string) bool {
	return comment == "" || written().MatchString(comment) || strings.Contains(comment, imagesComment)
}

// same reports whether two nodes hold the same value, however written.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind == yaml.ScalarNode {
		return a.Value == b.Value && (a.Tag == "!!null") == (b.Tag == "!!null")
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
