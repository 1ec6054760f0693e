package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// YAML is a YAML file.
type YAML = Doc

// ParseYAML reads all documents of a YAML stream. Aliases and merge keys are resolved, within a bound: a file
// whose aliases multiply without end is an error. Lines are counted by "\n" alone, as evidence counts them.
// The error is an *Error.
func ParseYAML(data []byte) (doc *YAML, err error) {
	if err := checkInput(data); err != nil {
		return nil, err
	}
	data = plainBreaks(data)
	defer func() {
		// yaml.v3 has panicked on odd input before; foreign bytes must not reach that far up.
		if r := recover(); r != nil {
			doc, err = nil, &Error{Msg: fmt.Sprintf("not readable as YAML: %v", r)}
		}
	}()
	b := &yamlBuilder{last: 1 + bytes.Count(data, []byte{'\n'})}
	out := &Doc{}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		if err := dec.Decode(&n); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, yamlError(err)
		}
		root, err := b.build(&n, 0, nil)
		if err != nil {
			return nil, err
		}
		out.roots = append(out.roots, root)
	}
}

// plainBreaks replaces the line ends that YAML knows and nobody counts (a lone CR, NEL, LS, PS) by spaces, so
// that the parser's lines are those of an editor.
func plainBreaks(data []byte) []byte {
	if !bytes.ContainsAny(data, "\r\u0085\u2028\u2029") {
		return data
	}
	s := strings.ReplaceAll(string(data), "\r\n", "\n")
	return []byte(strings.NewReplacer("\r", " ", "\u0085", " ", "\u2028", " ", "\u2029", " ").Replace(s))
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

func yamlError(err error) error {
	msg := err.Error()
	m := yamlLine.FindStringSubmatch(msg)
	line, _ := strconv.Atoi(m[1])
	return &Error{Line: line, Msg: strings.TrimPrefix(msg, m[0])}
}

// yamlBuilder turns yaml.v3's nodes into ours and counts what it makes.
type yamlBuilder struct {
	made  int
	extra int // made below an alias
	last  int // number of lines of the file
}

// build copies n. open holds the aliases that are being resolved: one that meets itself is a circle.
func (b *yamlBuilder) build(n *yaml.Node, depth int, open []*yaml.Node) (*node, error) {
	line := min(n.Line, b.last)
	b.made++
	if len(open) > 0 {
		b.extra++
	}
	switch {
	case depth > maxDepth:
		return nil, &Error{line, fmt.Sprintf("nested deeper than %d levels", maxDepth)}
	case b.extra > maxExtra:
		return nil, &Error{line, fmt.Sprintf("aliases expand to more than %d values", maxExtra)}
	case b.made > maxValues:
		return nil, &Error{line, fmt.Sprintf("more than %d values", maxValues)}
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return &node{null: true, line: line}, nil
		}
		return b.build(n.Content[0], depth, open)
	case yaml.AliasNode:
		for _, o := range open {
			if o == n.Alias {
				return nil, &Error{line, "alias " + n.Value + " contains itself"}
			}
		}
		return b.build(n.Alias, depth+1, append(open[:len(open):len(open)], n.Alias))
	case yaml.MappingNode:
		return b.buildMap(n, depth, open)
	case yaml.SequenceNode:
		out := &node{kind: list, line: line}
		for _, c := range n.Content {
			item, err := b.build(c, depth+1, open)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, item)
		}
		return out, nil
	default:
		return yamlScalar(n, line), nil
	}
}

func yamlScalar(n *yaml.Node, line int) *node {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return &node{value: n.Value, line: line}
	}
	return &node{null: true, line: line}
}

// buildMap copies a map: first what its merge keys bring, then its own keys over it.
func (b *yamlBuilder) buildMap(n *yaml.Node, depth int, open []*yaml.Node) (*node, error) {
	out := newMap(min(n.Line, b.last))
	merged := newMap(out.line)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		c, err := b.build(v, depth+1, open)
		if err != nil {
			return nil, err
		}
		if k.Tag == "!!merge" {
			mergeInto(merged, c)
			continue
		}
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		out.put(k.Value, min(n.Content[i].Line, b.last), c)
	}
	for i, k := range merged.keys {
		if _, own := out.index[k.name]; !own {
			if b.extra++; b.extra > maxExtra {
				return nil, &Error{out.line, fmt.Sprintf("aliases expand to more than %d values", maxExtra)}
			}
			out.put(k.name, k.line, merged.items[i])
		}
	}
	return out, nil
}

// mergeInto adds the keys of a map, or of each map of a list, that are not there yet: the first one wins.
func mergeInto(dst, src *node) {
	switch src.kind {
	case mapping:
		for i, k := range src.keys {
			if _, ok := dst.index[k.name]; !ok {
				dst.put(k.name, k.line, src.items[i])
			}
		}
	case list:
		for _, c := range src.items {
			if c.kind == mapping {
				mergeInto(dst, c)
			}
		}
	}
}

// ERB is one "<%= expression %>" of a template.
type ERB struct {
	Expr string // the Ruby expression, trimmed
	Line int    // of its "<%="
}

var erbTag = regexp.MustCompile(`(?s)<%(.*?)%>`)

// StripERB makes plain YAML of a Ruby template (Rails' config/*.yml): "<% code %>" and "<%# comment %>" become
// blank, "<%= expression %>" becomes a word that ERBIn finds again in a value. Lines stay where they are.
func StripERB(data []byte) ([]byte, []ERB) {
	if !bytes.Contains(data, []byte("<%")) {
		return data, nil
	}
	var exprs []ERB
	var out bytes.Buffer
	last, line := 0, 1
	for _, m := range erbTag.FindAllSubmatchIndex(data, -1) {
		out.Write(data[last:m[0]])
		line += bytes.Count(data[last:m[0]], []byte{'\n'})
		inner := string(data[m[2]:m[3]])
		breaks := strings.Count(inner, "\n")
		if expr, ok := strings.CutPrefix(inner, "="); ok {
			fmt.Fprintf(&out, "\ue000%d\ue001", len(exprs)) // private-use letters: no template holds them
			exprs = append(exprs, ERB{Expr: strings.TrimSpace(strings.TrimSuffix(expr, "-")), Line: line})
		}
		out.WriteString(strings.Repeat("\n", breaks))
		line += breaks
		last = m[1]
	}
	out.Write(data[last:])
	return out.Bytes(), exprs
}

var erbWord = regexp.MustCompile("\ue000(\\d+)\ue001")

// ERBIn returns the expressions that StripERB took out of a value, in their order.
func ERBIn(value string, exprs []ERB) []ERB {
	var out []ERB
	for _, m := range erbWord.FindAllStringSubmatch(value, -1) {
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(exprs) {
			out = append(out, exprs[i])
		}
	}
	return out
}
