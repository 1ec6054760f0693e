package generate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// fixed is a target that makes what it is told.
type fixed struct {
	name      string
	artifacts []Artifact
	err       error
}

func (f fixed) Name() string                                             { return f.name }
func (f fixed) Describe() string                                         { return f.name }
func (f fixed) Generate(context.Context, *plan.Plan) ([]Artifact, error) { return f.artifacts, f.err }
func (f fixed) Check(a []Artifact) []Problem {
	return []Problem{{File: "b", Line: 2}, {File: "b", Line: 1}, {File: f.name}}
}
func text(path, content string) Artifact { return Artifact{Path: path, Content: []byte(content)} }
func run(targets ...Target) ([]Artifact, error) {
	return Run(context.Background(), &plan.Plan{Name: "shop"}, targets)
}
func planOf(t *testing.T, edit func(c *detect.Component)) *plan.Plan {
	t.Helper()
	c := detect.Component{
		Name: "web", Path: ".", Stack: "ruby", Role: detect.Is(detect.Web), LanguageVersion: detect.Is("3.1.2", detect.Evidence{File: ".ruby-version", Line: 1}),
		Port: detect.Guess(3000, "the server's usual port"), HealthPath: detect.Is("/up"),
	}
	if edit != nil {
		edit(&c)
	}
	p, err := plan.New(&detect.Findings{Location: "shop", Components: []detect.Component{c}}, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRun(t *testing.T) {
	got, err := run(fixed{name: "a", artifacts: []Artifact{text("x", "1"), text("y", "2")}}, fixed{name: "b", artifacts: []Artifact{text("x", "1"), text("z", "3")}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Artifact{{Path: "x", Content: []byte("1"), Target: "a", Mode: 0o644}, {Path: "y", Content: []byte("2"), Target: "a", Mode: 0o644}, {Path: "z", Content: []byte("3"), Target: "b", Mode: 0o644}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	boom := errors.New("boom")
	for want, targets := range map[string][]Target{
		"generate b: x is also made by a, with another content": {fixed{name: "a", artifacts: []Artifact{text("x", "1")}}, fixed{name: "b", artifacts: []Artifact{text("x", "2")}}},
		"generate a: boom": {fixed{name: "a", err: boom}},
		`generate a: "../x" is not a path below the output directory`: {fixed{name: "a", artifacts: []Artifact{text("../x", "")}}},
		`generate a: "/x" is not a path below the output directory`:   {fixed{name: "a", artifacts: []Artifact{text("/x", "")}}},
		`generate a: "x/../y" is not a path below`:                    {fixed{name: "a", artifacts: []Artifact{text("x/../y", "")}}},
	} {
		if _, err := run(targets...); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestCheckSorts(t *testing.T) {
	got := Check([]Target{fixed{name: "c"}, fixed{name: "a"}}, nil)
	var order []string
	for _, p := range got {
		order = append(order, p.File)
	}
	if strings.Join(order, " ") != "a b b b b c" || got[1].Line != 1 || got[4].Line != 2 {
		t.Errorf("%+v", got)
	}
}

func TestExplain(t *testing.T) {
	ev := detect.Evidence{File: "Gemfile", Line: 3}
	a := Artifact{Path: "Dockerfile", Target: "dockerfile", Content: []byte("FROM a\nRUN b \\\n  c\n\nCMD d\nUSER e\nLABEL f\n"), Origins: []Origin{
		{Fields: []string{"f"}, Why: "because", Evidence: []detect.Evidence{ev}}, {Why: "second"}, {}, {}, {}, {Why: "not root"}, {},
	}}
	tests := []struct {
		file string
		line int
		why  string
		ok   bool
	}{
		{"Dockerfile", 1, "because", true}, {"Dockerfile", 3, "second", true}, {"Dockerfile", 5, "part of what the dockerfile target always writes", true},
		{"Dockerfile", 0, "made by the dockerfile target", true}, {"Dockerfile", 6, "not root", true},
		{"Dockerfile", 7, "part of what the dockerfile target always writes", true}, {"Dockerfile", 8, "", false}, {"Dockerfile", -1, "", false}, {"nothing", 1, "", false},
	}
	for _, tt := range tests {
		o, ok := Explain([]Artifact{a}, tt.file, tt.line)
		if ok != tt.ok || o.Why != tt.why {
			t.Errorf("%s:%d: %+v, %v", tt.file, tt.line, o, ok)
		}
	}
	if o, _ := Explain([]Artifact{a}, "Dockerfile", 0); !slices.Equal(o.Fields, []string{"f"}) || !slices.Equal(o.Evidence, []detect.Evidence{ev}) {
		t.Errorf("%+v", o)
	}
}

func TestFieldOrigin(t *testing.T) {
	p := planOf(t, func(c *detect.Component) { c.Framework = detect.Infer("rails", "config.ru loads it") })
	if err := p.Set("components.web.healthPath", "/ping"); err != nil {
		t.Fatal(err)
	}
	if err := p.SetBecause("components.web.memory", "2048", detect.Inferred, "it was measured"); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"languageVersion": "language version 3.1.2: .ruby-version:1", "port": "port 3000: a guess: the server's usual port", "healthPath": "health path /ping: chosen",
		"framework": "framework rails: config.ru loads it", "memory": "memory (MiB) 2048: it was measured", "nothing": "",
	} {
		if got := FieldOrigin(p, "components.web."+field).Why; got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}

func TestRender(t *testing.T) {
	p := planOf(t, nil)
	fsys := fstest.MapFS{
		"common/x.tmpl": {Data: []byte(`{{define "x"}}shared ⟦port⟧{{end}}`)},
		"s/f.tmpl":      {Data: []byte("\n\nA {{.}} ⟦languageVersion, port | since it is so⟧\n\n\n{{template \"x\"}}\nB ⟦components.web.port⟧ \\\n  c ⟦| only words⟧   \nd ⟦mine⟧\ne ⟦nothing⟧\n\n")},
		"s/other.tmpl":  {Data: []byte(`{{define "y"}}{{end}}`)},
	}
	tmpl := Template{FS: fsys, Name: "s/f.tmpl", Data: "a", Plan: p, Scope: "components.web", Resolve: func(f string) Origin {
		if f == "mine" {
			return Origin{Why: "resolved"}
		}
		return Origin{}
	}}
	content, origins, err := tmpl.Render()
	if err != nil {
		t.Fatal(err)
	}
	if want := "A a\n\nshared\nB \\\n  c\nd\ne\n"; string(content) != want || len(origins) != 7 {
		t.Fatalf("%q, %d origins", content, len(origins))
	}
	whys := []string{"since it is so; language version 3.1.2: .ruby-version:1; port 3000: a guess: the server's usual port", "", "port 3000: a guess: the server's usual port", "port 3000: a guess: the server's usual port", "only words", "resolved", ""}
	for i, want := range whys {
		if origins[i].Why != want {
			t.Errorf("line %d: %q, want %q", i+1, origins[i].Why, want)
		}
	}
	for name, data := range map[string]string{"parse": "{{", "execute": "{{.Nothing}}", "mark": "a ⟦b⟧ c"} {
		fsys["s/f.tmpl"].Data = []byte(data)
		tmpl.Funcs = template.FuncMap{}
		if _, _, err := tmpl.Render(); err == nil || !strings.HasPrefix(err.Error(), "template s/f.tmpl: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReasons(t *testing.T) {
	r := Reasons{}
	r.Add(Origin{Why: "web"}, "services", "web")
	r.Add(Origin{Why: "second port"}, "services", "web", "ports", "1")
	content := []byte("services:\n  web:\n    image: x\n    ports:\n      - a\n      - b\n  db:\n    image: y\n")
	lines, err := r.Lines(content)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range lines {
		got = append(got, o.Why)
	}
	if want := []string{"", "web", "web", "web", "web", "second port", "", ""}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	jsonLines, err := r.Lines([]byte("{\n  \"services\": {\n    \"web\": {\n      \"ports\": [\n        1,\n        2\n      ]\n    }\n  }\n}\n"))
	if err != nil || jsonLines[5].Why != "second port" || jsonLines[3].Why != "web" {
		t.Errorf("%+v, %v", jsonLines, err)
	}
	if _, err := r.Lines([]byte("a: [")); err == nil {
		t.Error("no error for a broken document")
	}
}

func TestHealthCommand(t *testing.T) {
	health := func(edit func(c *detect.Component)) string {
		return strings.Join(HealthCommand(&planOf(t, edit).Components[0]), " ")
	}
	if got := health(nil); !strings.Contains(got, "/dev/tcp/127.0.0.1/3000") || !strings.Contains(got, " /up >&3") || !strings.Contains(got, "[23]??|401|403") {
		t.Error(got)
	}
	if got := health(func(c *detect.Component) { c.HealthPath = detect.Guess("/", "x") }); !strings.Contains(got, "-lt 500") {
		t.Error(got)
	}
	if got := health(func(c *detect.Component) { c.HealthPath = detect.Is("/a'b;c") }); !strings.Contains(got, `"/a'b;c" >&3`) {
		t.Error(got)
	}
	if got := health(func(c *detect.Component) { c.HealthPath = detect.Value[string]{} }); strings.Contains(got, "GET") || got == "" {
		t.Error(got)
	}
	if got := health(func(c *detect.Component) { c.Port = detect.Value[int]{} }); got != "" {
		t.Error(got)
	}
}

func TestStorage(t *testing.T) {
	writes := func(c *detect.Component) {
		for _, w := range []string{"log", "public/uploads", "tmp/pids", "db", "/var/data", "/var/log/app", "Sessions"} {
			c.Writes = append(c.Writes, detect.Is(w))
		}
	}
	data, scratch := Storage(&planOf(t, writes).Components[0])
	if diff := cmp.Diff([]string{"/app/db", "/app/public/uploads", "/var/data"}, sorted(data)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/app/Sessions", "/app/log", "/app/tmp/pids", "/tmp", "/var/log/app"}, scratch); diff != "" {
		t.Error(diff)
	}
	_, scratch = Storage(&planOf(t, func(c *detect.Component) { c.Packaging, c.AppServer = detect.Is("war"), detect.Is("tomcat") }).Components[0])
	if !slices.Contains(scratch, "/usr/local/tomcat/work") {
		t.Errorf("%v", scratch)
	}
	for dir, want := range map[string]string{"/app/public/uploads": "web-public-uploads", "/usr/local/tomcat/webapps/ROOT/Data": "web-webapps-root-data", "/var/" + strings.Repeat("x", 60): "web-" + strings.Repeat("x", 40)} {
		if got := VolumeName("web", dir); got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }
