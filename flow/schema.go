package flow

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// schemas makes the schema of each document that the program prints, by the name of its command, and of drydock.yaml ("plan").
var schemas = map[string]func() ([]byte, error){
	"detect":       detect.Schema,
	"plan":         plan.Schema,
	"verify":       func() ([]byte, error) { return reflectSchema(&Verdict{}, "drydock verify --json") },
	"assess":       func() ([]byte, error) { return reflectSchema(&assess.Document{}, "drydock assess --json") },
	"containerize": func() ([]byte, error) { return reflectSchema(&ContainerizeDocument{}, "drydock containerize --json") },
}

func reflectSchema(v any, title string) ([]byte, error) {
	r := &jsonschema.Reflector{DoNotReference: true, AllowAdditionalProperties: true}
	s := r.Reflect(v)
	s.Title = title
	return json.MarshalIndent(s, "", "  ")
}

// SchemaNames lists the documents that have a schema.
func SchemaNames() []string {
	names := make([]string, 0, len(schemas))
	for n := range schemas {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Schema is the JSON Schema of the document that a command prints with --json.
func Schema(name string) ([]byte, error) {
	f, ok := schemas[name]
	if !ok {
		return nil, &UsageError{fmt.Errorf("no schema %q; there are %s", name, strings.Join(SchemaNames(), ", "))}
	}
	return f()
}
