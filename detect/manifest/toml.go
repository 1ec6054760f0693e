package manifest

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"
)

// ParseTOML reads a TOML file. Repeated tables ("[[package]]") are a list. The error is an *Error.
func ParseTOML(data []byte) (*Doc, error) {
	if err := checkInput(data); err != nil {
		return nil, err
	}
	b := &tomlBuilder{data: data, root: newMap(1), line: 1}
	b.parser.Reset(data)
	table := b.root
	for b.parser.NextExpression() {
		e := b.parser.Expression()
		var err error
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table, err = b.table(e)
		case unstable.KeyValue:
			err = b.keyValue(table, e, 0)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := b.parser.Error(); err != nil {
		line := 0
		var syn *unstable.ParserError
		if errors.As(err, &syn) && len(syn.Highlight) > 0 {
			line = lineAt(data, int(b.parser.Range(syn.Highlight).Offset))
		}
		return nil, &Error{line, err.Error()}
	}
	return &Doc{roots: []*node{b.root}}, nil
}

type tomlBuilder struct {
	parser unstable.Parser
	data   []byte
	root   *node
	at     int // offset up to which lines are counted
	line   int
	made   int
}

// lineOf returns the line of a node. Nodes without a place of their own stand where the last one did.
func (b *tomlBuilder) lineOf(n *unstable.Node) int {
	if n.Raw.Length == 0 {
		return b.line
	}
	off := int(n.Raw.Offset)
	if off < b.at {
		return b.line - bytes.Count(b.data[off:b.at], []byte{'\n'})
	}
	b.line += bytes.Count(b.data[b.at:off], []byte{'\n'})
	b.at = off
	return b.line
}

func (b *tomlBuilder) count(line int) error {
	if b.made++; b.made > maxValues {
		return &Error{line, fmt.Sprintf("more than %d values", maxValues)}
	}
	return nil
}

// descend returns the map at one part of a dotted key, made when it is not there. The last element of a repeated table
// is meant.
func (b *tomlBuilder) descend(n *node, name string, line int) (*node, error) {
	c := n.child(name)
	if c != nil && c.kind == list && len(c.items) > 0 {
		c = c.items[len(c.items)-1]
	}
	if c == nil {
		c = newMap(line)
		n.put(name, line, c)
	}
	if c.kind != mapping {
		return nil, &Error{line, "key " + name + " is no table"}
	}
	return c, b.count(line)
}

// table returns the map of a "[header]" or "[[header]]".
func (b *tomlBuilder) table(e *unstable.Node) (*node, error) {
	n, depth := b.root, 0
	for it := e.Key(); it.Next(); depth++ {
		k := it.Node()
		name, line := string(k.Data), b.lineOf(k)
		if depth > maxDepth {
			return nil, &Error{line, fmt.Sprintf("nested deeper than %d levels", maxDepth)}
		}
		if e.Kind == unstable.ArrayTable && it.IsLast() {
			return b.repeat(n, name, line)
		}
		var err error
		if n, err = b.descend(n, name, line); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// repeat adds an element to a repeated table.
func (b *tomlBuilder) repeat(n *node, name string, line int) (*node, error) {
	l := n.child(name)
	if l == nil {
		l = &node{kind: list, line: line}
		n.put(name, line, l)
	}
	if l.kind != list {
		return nil, &Error{line, "key " + name + " is no list of tables"}
	}
	m := newMap(line)
	l.items = append(l.items, m)
	return m, b.count(line)
}

func (b *tomlBuilder) keyValue(n *node, e *unstable.Node, depth int) error {
	parts := 0
	for it := e.Key(); it.Next(); parts++ {
		k := it.Node()
		name, line := string(k.Data), b.lineOf(k)
		if depth+parts > maxDepth {
			return &Error{line, fmt.Sprintf("nested deeper than %d levels", maxDepth)}
		}
		if it.IsLast() {
			v, err := b.value(e.Value(), line, depth+parts+1)
			if err != nil {
				return err
			}
			n.put(name, line, v)
			return nil
		}
		var err error
		if n, err = b.descend(n, name, line); err != nil {
			return err
		}
	}
	return nil
}

func (b *tomlBuilder) value(v *unstable.Node, line, depth int) (*node, error) {
	if err := b.count(line); err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, &Error{line, fmt.Sprintf("nested deeper than %d levels", maxDepth)}
	}
	switch v.Kind {
	case unstable.Array:
		out := &node{kind: list, line: line}
		for it := v.Children(); it.Next(); {
			c, err := b.value(it.Node(), b.lineOf(it.Node()), depth+1)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, c)
		}
		return out, nil
	case unstable.InlineTable:
		out := newMap(line)
		for it := v.Children(); it.Next(); {
			if err := b.keyValue(out, it.Node(), depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return &node{value: string(v.Data), line: b.lineOf(v)}, nil
	}
}
