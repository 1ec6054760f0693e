package generate

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Reasons say why, by the place in a YAML or JSON document: "services.web.ports", sequences by index.
type Reasons map[string]Origin

// Add sets the reason of a place.
func (r Reasons) Add(o Origin, place ...string) { r[strings.Join(place, "\x00")] = o }

// Lines gives every line of a document the reason of the innermost place that has one.
func (r Reasons) Lines(content []byte) ([]Origin, error) {
	var doc yaml.Node // JSON is YAML, and the parser knows the lines
	if err := yaml.Unmarshal(content, &doc); err != nil {
		return nil, fmt.Errorf("read back what was written: %w", err)
	}
	out := make([]Origin, bytes.Count(content, []byte("\n")))
	begins := make([]bool, len(out)) // lines where a key or an item begins
	var walk func(n *yaml.Node, place []string, inherited Origin)
	put := func(line int, o Origin) {
		if line >= 1 && line <= len(out) && !begins[line-1] {
			out[line-1], begins[line-1] = o, true
		}
	}
	walk = func(n *yaml.Node, place []string, inherited Origin) {
		if o, ok := r[strings.Join(place, "\x00")]; ok {
			inherited = o
		}
		switch n.Kind {
		case yaml.DocumentNode:
			for _, c := range n.Content {
				walk(c, place, inherited)
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				inner := append(append([]string{}, place...), n.Content[i].Value)
				own := inherited
				if o, ok := r[strings.Join(inner, "\x00")]; ok {
					own = o
				}
				put(n.Content[i].Line, own)
				walk(n.Content[i+1], inner, own)
			}
		case yaml.SequenceNode:
			for i, c := range n.Content {
				inner := append(append([]string{}, place...), fmt.Sprint(i))
				own := inherited
				if o, ok := r[strings.Join(inner, "\x00")]; ok {
					own = o
				}
				put(c.Line, own)
				walk(c, inner, own)
			}
		}
	}
	walk(&doc, nil, Origin{})
	for i := 1; i < len(out); i++ { // a closing bracket, a long text: it belongs to what stands above
		if !begins[i] {
			out[i] = out[i-1]
		}
	}
	return out, nil
}
