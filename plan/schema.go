package plan

import (
	"encoding/json"
	"slices"
	"strings"
)

// schemaNode is the part of JSON Schema that drydock.yaml needs.
type schemaNode struct {
	Schema      string                 `json:"$schema,omitempty"`
	Title       string                 `json:"title,omitempty"`
	Description string                 `json:"description,omitempty"`
	Type        []string               `json:"type,omitempty"`
	Enum        []any                  `json:"enum,omitempty"`
	Examples    []string               `json:"examples,omitempty"`
	Items       *schemaNode            `json:"items,omitempty"`
	Properties  map[string]*schemaNode `json:"properties,omitempty"`
	// Additional is a *schemaNode for names that a person gives, or false.
	Additional any `json:"additionalProperties,omitempty"`
}

// closed are the fields whose words are all that there are. Elsewhere a template may know another one.
var closed = []string{"components.*.role", "components.*.readOnly", "components.*.placement", "secrets.*", "services.*.kind"}

// Schema is the JSON Schema of drydock.yaml, for editors.
func Schema() ([]byte, error) {
	root := &schemaNode{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: FileName, Type: []string{"object"}, Additional: false,
		Description: "What drydock found in a repository and what was decided about it. A value that is left out stays as it is found; null drops an entry.",
	}
	for _, f := range fields {
		root.add(strings.Split(f.pattern, "."), f)
	}
	return json.MarshalIndent(root, "", "  ")
}

// add puts a field at its place, making the mappings that lead to it. Any of them may be null.
func (n *schemaNode) add(keys []string, f *field) {
	for _, k := range keys[:len(keys)-1] {
		n = n.child(k, func() *schemaNode { return &schemaNode{Type: []string{"object", "null"}, Additional: false} })
	}
	n.child(keys[len(keys)-1], func() *schemaNode { return f.schema() })
}

func (n *schemaNode) child(key string, make func() *schemaNode) *schemaNode {
	if key == "*" {
		if c, ok := n.Additional.(*schemaNode); ok {
			return c
		}
		c := make()
		n.Additional = c
		return c
	}
	if c := n.Properties[key]; c != nil {
		return c
	}
	if n.Properties == nil {
		n.Properties = map[string]*schemaNode{}
	}
	n.Properties[key] = make()
	return n.Properties[key]
}

// schema describes a field's value. YAML reads 3.10 as a number and true as a boolean: they are taken as they are written.
func (f *field) schema() *schemaNode {
	scalars := []string{"string", "number", "boolean", "null"}
	n := &schemaNode{Description: f.label}
	switch f.form {
	case integer:
		n.Type = []string{"integer", "null"}
	case list, command:
		n.Type = []string{"array", "string", "null"}
		n.Items = &schemaNode{Type: []string{"string", "number", "boolean"}}
	default:
		n.Type = scalars
	}
	if f.options == nil {
		return n
	}
	words := f.options(&Plan{}, slices.Repeat([]string{""}, strings.Count(f.pattern, "*")))
	if !slices.Contains(closed, f.pattern) {
		n.Examples = words
		return n
	}
	for _, w := range words {
		n.Enum = append(n.Enum, w)
	}
	if f.pattern == "components.*.readOnly" {
		n.Enum = append(n.Enum, true, false)
	}
	n.Enum = append(n.Enum, nil)
	return n
}
