package pipeline

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// Document is a mapping whose keys stand in the order in which they were added.
type Document struct{ Node yaml.Node }

// Add adds a key with a value that YAML can write.
func (d *Document) Add(key string, value any) error {
	d.Node.Kind = yaml.MappingNode
	var v yaml.Node
	if inner, ok := value.(*Document); ok {
		v = inner.Node
	} else if err := v.Encode(value); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	var k yaml.Node
	if err := k.Encode(key); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	d.Node.Content = append(d.Node.Content, &k, &v)
	return nil
}
