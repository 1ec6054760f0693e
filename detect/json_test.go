package detect

import (
	"bytes"
	"encoding/json"
	"testing"

	validate "github.com/santhosh-tekuri/jsonschema/v6"
)

// full is a component with something in every field.
func full() Component {
	at := func(line int) Evidence { return Evidence{File: "Gemfile", Line: line, Text: "x"} }
	version := Is("2.6.5", at(3))
	version.Others = []Value[string]{Infer("2.7", "the CI runs it", Evidence{File: ".travis.yml", Line: 2, Text: "- 2.7"})}
	return Component{
		Name: "web", Path: ".", Stack: "ruby", Role: Is(Web, at(1)), Platform: Guess("linux", "nothing needs Windows"),
		Language: Is("ruby", at(1)), LanguageVersion: version, Framework: Lock("rails", at(2)), FrameworkVersion: Lock("5.2.3", at(2)),
		Build: Is("bundler", at(1)), AppServer: Is("puma", at(4)), AppServerVersion: Lock("3.12.0", at(4)),
		Port: Guess(3000, "puma's default"), HealthPath: Infer("/", "the root route", at(5)),
		Services:       []Service{{Kind: "postgresql", Version: "12", Required: true, From: Locked, Evidence: []Evidence{at(6), at(6)}, Env: map[string]string{"url": "DATABASE_URL"}}},
		SystemPackages: []SystemPackage{{Name: "imagemagick", Run: []string{"imagemagick"}, Evidence: []Evidence{at(7)}}},
		Env:            []EnvVar{{Name: "SECRET_KEY_BASE", Required: true, Secret: true, Evidence: []Evidence{at(8)}}},
		Processes:      []Process{{Name: "web", Command: []string{"bundle", "exec", "puma"}, From: Declared, Evidence: []Evidence{at(9)}}},
		Writes:         []Value[string]{Is("log", at(10))},
		EndOfLife:      []EndOfLife{{What: "ruby 2.6", Since: "2022-04-12", Source: "somewhere"}},
		Readiness:      []Readiness{{ID: "local-file-storage", Severity: "high", Message: "files stay in the container"}},
		Facts:          map[string]Value[string]{"assets": Lock("sprockets", at(11))},
	}
}

func TestJSONFitsItsSchema(t *testing.T) {
	raw, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validate.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := validate.NewCompiler()
	if err := c.AddResource("detect.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("detect.json")
	if err != nil {
		t.Fatal(err)
	}
	findings := map[string]*Findings{
		"empty": {},
		"full": {Location: "x", Commit: "0123456789012345678901234567890123456789", Files: 3, Components: []Component{full()},
			Warnings: []Warning{{File: "a", Line: 1, Text: "odd \x1b[31m"}}},
		"bare": {Components: []Component{{Name: "a", Path: "a"}}},
	}
	for name, f := range findings {
		t.Run(name, func(t *testing.T) {
			data, err := f.JSON()
			if err != nil {
				t.Fatal(err)
			}
			v, err := validate.UnmarshalJSON(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("%v\n%s", err, data)
			}
			compact, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			if err := json.Compact(&want, data); err != nil || !bytes.Equal(compact, want.Bytes()) {
				t.Error("MarshalJSON and JSON differ")
			}
		})
	}
}

func TestSchemaDescribesEveryField(t *testing.T) {
	raw, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Defs map[string]struct {
			Properties map[string]map[string]any
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Defs) < 5 {
		t.Fatalf("only %d types", len(s.Defs))
	}
	for typ, def := range s.Defs {
		for name, p := range def.Properties {
			if p["description"] == nil {
				t.Errorf("%s.%s has no description", typ, name)
			}
		}
	}
}

func TestDocument(t *testing.T) {
	c := full()
	d := c.Document()
	if d.LanguageVersionFrom != Declared || d.Port != 3000 || d.Root != "." || d.Facts["assets"] != "sprockets" {
		t.Errorf("%+v", d)
	}
	for _, field := range []string{"role", "language", "languageVersion", "framework", "frameworkVersion", "build", "appServer",
		"healthPath", "services", "systemPackages", "env", "processes", "writes", "facts.assets"} {
		if len(d.Evidence[field]) != 1 {
			t.Errorf("%s: %v", field, d.Evidence[field])
		}
	}
	if d.Evidence["port"] != nil || d.From["port"] != Default || d.Why["port"] == "" {
		t.Error("a guess has a reason and no evidence")
	}
	if o := d.Others["languageVersion"]; len(o) != 1 || o[0].Value != "2.7" {
		t.Errorf("others: %v", o)
	}
	if got := d.Processes["web"]; len(got) != 3 {
		t.Errorf("processes: %v", d.Processes)
	}
	bare := (&Component{}).Document()
	if bare.LanguageVersionFrom != Default || bare.Language != "" {
		t.Errorf("%+v", bare)
	}
}
