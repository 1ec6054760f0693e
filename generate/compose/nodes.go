package compose

import (
	"strconv"

	"gopkg.in/yaml.v3"
)

// Everything in compose.yaml is built of nodes, so that the encoder quotes what needs it.

func mapping() *yaml.Node  { return &yaml.Node{Kind: yaml.MappingNode} }
func sequence() *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode} }

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// literal is a string in which compose reads no variables.
func literal(s string) *yaml.Node { return text(escape(s)) }

// mount puts a volume at a directory, whose name holds no colon.
func mount(volume, dir string) *yaml.Node { return literal(volume + ":" + dir) }

// quoted is a string in double quotes whatever it looks like: a value that YAML could take for something else.
func quoted(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

func yes() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"} }

func integer(n int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(n)}
}

func put(m *yaml.Node, key string, value *yaml.Node) { m.Content = append(m.Content, text(key), value) }

// pairs is a mapping of alternating keys and nodes.
func pairs(items ...any) *yaml.Node {
	m := mapping()
	for i := 0; i+1 < len(items); i += 2 {
		put(m, items[i].(string), items[i+1].(*yaml.Node))
	}
	return m
}

func list(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

func flow(n *yaml.Node) *yaml.Node {
	n.Style |= yaml.FlowStyle
	return n
}

// words is a command in exec form; compose reads variables in it, so dollars are doubled.
func words(items []string) *yaml.Node {
	s := flow(sequence())
	for _, w := range items {
		s.Content = append(s.Content, quoted(escape(w)))
	}
	return s
}
