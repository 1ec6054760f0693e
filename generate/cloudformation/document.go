// Package cloudformation has what the targets for AWS share: documents that keep their order, the functions of CloudFormation's templates,
// the names of stored values, and the reading of templates that may have been edited.
package cloudformation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// What only the reader knows. The values are well-formed, so that AWS's own tools read the files as they are; the README beside them says what
// to replace them by. The account is the one of AWS's documentation.
const (
	Account  = "123456789012"
	Region   = "us-east-1"
	Registry = Account + ".dkr.ecr." + Region + ".amazonaws.com"
)

// Map is a mapping that keeps its order.
type Map []Entry

// Entry is a key with its value.
type Entry struct {
	Key   string
	Value any
}

// Of makes a mapping of keys and values in turn. An entry without a value (nil, an empty text or list or mapping) is left out.
func Of(pairs ...any) Map {
	var m Map
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Set(pairs[i].(string), pairs[i+1])
	}
	return m
}

// Set adds an entry at the end, unless it has no value.
func (m *Map) Set(key string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case Map:
		if len(v) == 0 {
			return
		}
	case []any:
		if len(v) == 0 {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	}
	*m = append(*m, Entry{key, value})
}

// MarshalYAML writes the entries in their order.
func (m Map) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, e := range m {
		var key, value yaml.Node
		if err := key.Encode(e.Key); err != nil {
			return nil, fmt.Errorf("encode key %s: %w", e.Key, err)
		}
		if err := value.Encode(e.Value); err != nil {
			return nil, fmt.Errorf("encode %s: %w", e.Key, err)
		}
		n.Content = append(n.Content, &key, &value)
	}
	return n, nil
}

// MarshalJSON writes the entries in their order.
func (m Map) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, x := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := e.Encode(x.Key); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := e.Encode(x.Value); err != nil {
			return nil, fmt.Errorf("encode %s: %w", x.Key, err)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Ref is the value of a parameter or a resource.
func Ref(name string) Map { return Of("Ref", name) }

// Att is an attribute of a resource.
func Att(resource, attribute string) Map { return Of("Fn::GetAtt", []string{resource, attribute}) }

// Sub fills ${NAME} in a text that is not anybody else's.
func Sub(text string) Map { return Of("Fn::Sub", text) }

// ID makes the logical name of a resource of words: "web", "bucket" is WebBucket.
func ID(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		up := true
		for _, r := range w {
			switch {
			case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z':
			case r >= 'a' && r <= 'z':
				if up {
					r -= 'a' - 'A'
				}
			default:
				up = true
				continue
			}
			b.WriteRune(r)
			up = false
		}
	}
	return b.String()
}

// ExecForm writes a command as a Dockerfile's exec form.
func ExecForm(words []string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(words); err != nil { // texts always encode
		return "[]"
	}
	return strings.TrimSpace(b.String())
}
