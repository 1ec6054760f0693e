package plan

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	validate "github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect/detecttest"
)

// check holds a drydock.yaml against the schema.
func check(t *testing.T, schema *validate.Schema, text []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validate.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

func TestEveryGoldenPlanFitsTheSchema(t *testing.T) {
	schema := detecttest.CompileSchema(t, Schema)
	files, err := filepath.Glob("../testdata/golden/*/drydock.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(t, schema, text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestSchemaAndParserAgree holds that what the schema refuses is refused when it is read, and that edits which are read fit it.
func TestSchemaAndParserAgree(t *testing.T) {
	schema := detecttest.CompileSchema(t, Schema)
	for text, want := range map[string]bool{
		"components: {web: {port: 8080, languageVersion: 3.10, readOnly: true, role: worker}}":             true,
		"components: {web: {processes: {web: [bundle, exec, puma]}, writes: [log], env: {A: 1, B: null}}}": true,
		"services: {db: null}":                             true,
		"components: {web: {ports: 8080}}":                 false,
		"components: {web: {role: server}}":                false,
		"components: {web: {port: http}}":                  false,
		"service: {}":                                      false,
		"secrets: {SECRET_KEY_BASE: hunter2}":              false,
		"secrets: {SECRET_KEY_BASE: supply, B_KEY: null}":  true,
		"targets: [compose]\nname: other\nregistry: a.b/c": true,
	} {
		fits, reads := check(t, schema, []byte(text)), mustPlan(t, railsFindings()).Apply([]byte(text))
		if (fits == nil) != want || (reads == nil) != want {
			t.Errorf("%s: schema %v, parser %v", text, fits, reads)
		}
	}
}
