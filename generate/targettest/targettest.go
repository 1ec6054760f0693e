// Package targettest is the conformance suite of targets: what every generate.Target promises whatever its platform. A target's test
// calls Run, and hands what it returns to the platform's own program:
//
//	func TestConformance(t *testing.T) {
//		for app, artifacts := range targettest.Run(t, kubernetes.Target{}) {
//			…
//		}
//	}
package targettest

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	detectors "github.com/drydock-cli/drydock/detect/all"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/source"
	"github.com/drydock-cli/drydock/templates"
)

var update = flag.Bool("update", false, "write the golden files")

// Applications are the fixtures that every platform is generated for: a web application with a worker and a database, a batch job,
// a server with a database, a page without a server, an application with a scheduler, a site, a
// function, a model with its training.
func Applications() []string {
	return []string{"rails-shop", "cobol-tolls", "springboot-ledger", "node-catalogue", "python-helpdesk", "static-almanac", "python-thumbs", "python-digits"}
}

// root is the module's root: the nearest folder with a go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}

// Plan detects and plans a fixture of testdata/apps for the named targets.
func Plan(t testing.TB, app string, targets ...string) *plan.Plan {
	t.Helper()
	ctx := context.Background()
	tree, err := source.Open(ctx, filepath.Join(root(t), "testdata", "apps", app), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	found, err := detect.Run(ctx, tree, detectors.Detectors(), nil, detectors.Surveys()...)
	if err != nil {
		t.Fatal(err)
	}
	found.Location = "https://git.example.com/legacy/" + app
	p, err := plan.New(found, plan.Options{Targets: targets, Images: dockerfile.Images(templates.FS())})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Generate makes the files of one target and holds what every target promises of them: the same bytes for the same plan, an origin for each
// line, names below one directory or in the root, nothing that its own check refuses, no value of a secret.
func Generate(t testing.TB, target generate.Target, p *plan.Plan) []generate.Artifact {
	t.Helper()
	ctx := context.Background()
	artifacts, err := generate.Run(ctx, p, []generate.Target{target})
	if err != nil {
		t.Fatal(err)
	}
	again, err := generate.Run(ctx, p, []generate.Target{target})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(artifacts, again); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
	for _, problem := range target.Check(artifacts) {
		t.Errorf("%+v", problem)
	}
	for _, a := range artifacts {
		if got, want := len(a.Origins), bytes.Count(a.Content, []byte("\n")); got != want {
			t.Errorf("%s: %d origins for %d lines", a.Path, got, want)
		}
		if !bytes.HasSuffix(a.Content, []byte("\n")) || bytes.Contains(a.Content, []byte("\r")) {
			t.Errorf("%s: its last line has no end, or a line has a carriage return", a.Path)
		}
	}
	return artifacts
}

// Run generates every fixture of Applications, holds what Generate holds, and compares the files with those under testdata/golden that
// were reviewed (-update writes them). It returns the files by fixture.
func Run(t *testing.T, target generate.Target) map[string][]generate.Artifact {
	t.Helper()
	if target.Name() == "" || target.Describe() == "" {
		t.Fatal("a target has a name and says what it is for")
	}
	out := map[string][]generate.Artifact{}
	for _, app := range Applications() {
		t.Run(app, func(t *testing.T) {
			artifacts := Generate(t, target, Plan(t, app, target.Name()))
			for _, a := range artifacts {
				compare(t, filepath.Join(root(t), "testdata", "golden", app), a)
			}
			out[app] = artifacts
		})
	}
	t.Run("hostile", func(t *testing.T) { hostile(t, target) })
	return out
}

func compare(t *testing.T, dir string, a generate.Artifact) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(a.Path))
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, a.Content, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(a.Content)); diff != "" {
		t.Errorf("%s differs (- golden, + now; go test -update writes it):\n%s", a.Path, diff)
	}
}

// injected is what a hostile value tries to add: a line, a key, a command, a template action, an expansion.
const injected = "x\"'`\n  privileged: true\n- evil: ${INJECTED} {{ .Evil }} ${{ github.token }} $(touch /tmp/evil) \\\" # <b>|"

// hostile puts text that would change a document's structure wherever a repository can put text, and wants it to be a value: the files
// parse, and no mapping has gained the keys.
func hostile(t *testing.T, target generate.Target) {
	p := Plan(t, "rails-shop", target.Name())
	web := &p.Components[0]
	web.Settings = append(web.Settings, plan.Setting{Name: "HOSTILE", Value: plan.Literal(strings.ReplaceAll(injected, "\n", " ")), Why: injected})
	web.Processes = append(web.Processes, detect.Process{Name: "release", Command: []string{"echo", strings.ReplaceAll(injected, "\n", " ")}})
	p.Components[len(p.Components)-1].Processes = []detect.Process{{Name: p.Components[len(p.Components)-1].Name, Command: []string{"sh", "-c", strings.ReplaceAll(injected, "\n", " ")}}}
	artifacts, err := generate.Run(context.Background(), p, []generate.Target{target})
	if err != nil {
		return // refused before anything is written
	}
	for _, a := range artifacts {
		for i, line := range strings.Split(string(a.Content), "\n") {
			trimmed := strings.TrimLeft(line, " -")
			if strings.HasPrefix(trimmed, "privileged: true") || strings.HasPrefix(trimmed, "evil:") {
				t.Errorf("%s:%d: a value became structure: %s", a.Path, i+1, line)
			}
		}
		switch path.Ext(a.Path) {
		case ".yaml", ".yml", ".json":
			if _, problems := generate.Strict[any](a); len(problems) > 0 && !strings.Contains(a.Path, "/templates/") { // a chart's templates are no YAML yet
				t.Errorf("%s does not parse: %v", a.Path, problems)
			}
		}
	}
}

// Python is the interpreter with the packages of hack/python-requirements.txt; the test is skipped without one, and fails where CI says so.
func Python(t testing.TB) string {
	t.Helper()
	python := os.Getenv("DRYDOCK_PYTHON")
	if python == "" {
		const how = `DRYDOCK_PYTHON is not set: run the tests with DRYDOCK_PYTHON="$(hack/python)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return python
}

// CloudFormation hands templates, by names of your own, to AWS's linter, which translates SAM templates first. It returns what is said of
// each; a template that is not among them is faultless.
func CloudFormation(t testing.TB, templates map[string]string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	args := []string{filepath.Join(root(t), "generate", "targettest", "testdata", "cloudformation.py")}
	for name, content := range templates {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, filepath.Join(dir, name))
	}
	out, err := exec.CommandContext(t.Context(), Python(t), args...).CombinedOutput()
	said := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		if rest, ok := strings.CutPrefix(line, dir+"/"); ok {
			name, _, _ := strings.Cut(rest, ":")
			name = strings.TrimSuffix(name, ".json")
			said[name] += rest + "\n"
		}
	}
	if err != nil && len(said) == 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	return said
}

// Text is the content of a file of the given name among artifacts.
func Text(t testing.TB, artifacts []generate.Artifact, name string) string {
	t.Helper()
	for _, a := range artifacts {
		if a.Path == name {
			return string(a.Content)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

// Sample breaks one rule of a good file: what stands in the place of what.
type Sample struct{ Rule, Old, New string }

// Rules holds that a target's check accepts a good file, and that each sample breaks the rule that it is for. Every rule of ids needs one.
func Rules(t *testing.T, target generate.Target, file, good string, ids []string, samples []Sample) {
	t.Helper()
	check := func(content string) []generate.Problem {
		return target.Check([]generate.Artifact{{Path: file, Content: []byte(content)}})
	}
	if problems := check(good); len(problems) > 0 {
		t.Fatalf("%s: the good one is refused: %+v", file, problems)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(samples, func(s Sample) bool { return s.Rule == id }) {
			t.Errorf("%s: no bad sample for %s", file, id)
		}
	}
	for _, s := range samples {
		bad := strings.Replace(good, s.Old, s.New, 1)
		if bad == good {
			t.Errorf("%s: %s: the sample changes nothing", file, s.Rule)
		}
		if problems := check(bad); !slices.ContainsFunc(problems, func(p generate.Problem) bool { return p.Rule == s.Rule && p.Error }) {
			t.Errorf("%s: %s is not refused: %+v", file, s.Rule, problems)
		}
	}
}
