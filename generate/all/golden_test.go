package all_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io/fs"
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
	"github.com/drydock-cli/drydock/generate/all"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/source"
	"github.com/drydock-cli/drydock/templates"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	apps    = "../../testdata/apps"
	goldens = "../../testdata/golden"
)

// generated is what becomes of an application of testdata/apps.
type generated struct {
	plan      *plan.Plan
	targets   []generate.Target
	artifacts []generate.Artifact
}

// usual are the targets whose files are golden for every application. The others' golden files are those of the applications that
// targettest.Run takes.
var usual = []string{"dockerfile", "compose", "fargate"}

// containerize detects, plans and generates an application for the named targets.
func containerize(t testing.TB, app string, names []string) generated {
	t.Helper()
	ctx := context.Background()
	dir := filepath.Join(apps, app)
	tree, err := source.Open(ctx, dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	found, err := detect.Run(ctx, tree, detectors.Detectors(), nil, detectors.Surveys()...)
	if err != nil {
		t.Fatal(err)
	}
	found.Location = "https://git.example.com/legacy/" + app
	o := all.Options{Templates: templates.FS(), Exists: func(p string) bool {
		_, err := os.Stat(filepath.Join(dir, p))
		return err == nil
	}}
	g := generated{}
	if g.plan, err = plan.New(found, plan.Options{Targets: names, Images: dockerfile.Images(o.Templates)}); err != nil {
		t.Fatal(err)
	}
	if g.targets, err = all.Select(o, g.plan.Targets); err != nil {
		t.Fatal(err)
	}
	if len(names) == len(all.Names()) { // everything: what a platform cannot run at all is left out
		g.targets = slices.DeleteFunc(g.targets, func(x generate.Target) bool {
			_, err := x.Generate(ctx, g.plan)
			unsupported := (*generate.UnsupportedError)(nil)
			return errors.As(err, &unsupported)
		})
	}
	if g.artifacts, err = generate.Run(ctx, g.plan, g.targets); err != nil {
		t.Fatal(err)
	}
	text, err := g.plan.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	g.artifacts = append(g.artifacts, generate.Artifact{Path: plan.FileName, Content: text, Origins: nil})
	return g
}

func applicationNames(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(apps)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// TestGolden generates every application for every target, checks the files as their
// platforms would, and compares them with those that were reviewed.
func TestGolden(t *testing.T) {
	for _, app := range applicationNames(t) {
		t.Run(app, func(t *testing.T) {
			g := containerize(t, app, usual)
			for _, problem := range generate.Check(g.targets, g.artifacts) {
				t.Errorf("%+v", problem)
			}
			for _, q := range g.plan.Questions() {
				t.Logf("asked: %s (%s) [%s]", q.Text, q.Why, q.Default)
			}
			for _, a := range g.artifacts {
				compare(t, filepath.Join(goldens, app), a)
			}
		})
	}
}

func compare(t *testing.T, dir string, a generate.Artifact) {
	t.Helper()
	if got, want := len(a.Origins), bytes.Count(a.Content, []byte("\n")); got != want && a.Path != plan.FileName {
		t.Errorf("%s: %d origins for %d lines", a.Path, got, want)
	}
	file := filepath.Join(dir, a.Path)
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
		t.Errorf("%s differs (- golden, + now; make golden writes it):\n%s", a.Path, diff)
	}
}

// TestDeterministic generates everything twice and wants the same bytes.
func TestDeterministic(t *testing.T) {
	for _, app := range applicationNames(t) {
		first, second := containerize(t, app, all.Names()), containerize(t, app, all.Names())
		if diff := cmp.Diff(first.artifacts, second.artifacts); diff != "" {
			t.Errorf("%s: %s", app, diff)
		}
	}
}

// TestNothingOfThisMachine holds that what is generated says nothing of the machine it was generated on.
func TestNothingOfThisMachine(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range applicationNames(t) {
		for _, a := range containerize(t, app, all.Names()).artifacts {
			if bytes.Contains(a.Content, []byte(path.Dir(path.Dir(here)))) || (len(host) > 3 && bytes.Contains(a.Content, []byte(host))) {
				t.Errorf("%s: %s names this machine", app, a.Path)
			}
		}
	}
}

// TestHadolint lets a second linter read the golden Dockerfiles. DL3008 wants exact versions of Debian
// packages, which Debian's mirrors drop with every update: a build that pins them stops working.
func TestHadolint(t *testing.T) {
	python := os.Getenv("DRYDOCK_PYTHON")
	if python == "" {
		const how = `DRYDOCK_PYTHON is not set: run the tests with DRYDOCK_PYTHON="$(hack/python)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	var files []string
	err := filepath.WalkDir(goldens, func(name string, _ fs.DirEntry, err error) error {
		if base := filepath.Base(name); base == "Dockerfile" || strings.HasPrefix(base, "Dockerfile.") {
			files = append(files, name)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden Dockerfiles: %v", err)
	}
	args := append([]string{"--no-color", "--failure-threshold", "style", "--ignore", "DL3008"}, files...)
	if out, err := exec.Command(filepath.Join(filepath.Dir(python), "hadolint"), args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestSelect(t *testing.T) {
	names := func(wanted ...string) (string, error) {
		targets, err := all.Select(all.Options{}, wanted)
		var out []string
		for _, x := range targets {
			out = append(out, x.Name())
			if x.Describe() == "" {
				t.Errorf("%s does not say what it is for", x.Name())
			}
		}
		return strings.Join(out, " "), err
	}
	if got, err := names("fargate", "compose"); err != nil || got != "dockerfile compose fargate" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := names(); err != nil || got != "dockerfile" {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := names("kompose"); err == nil || !strings.Contains(err.Error(), `no target "kompose"; there are dockerfile, compose, fargate`) {
		t.Error(err)
	}
}

// TestReadme holds that the table of README.md lists the targets that there are.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "\n| target | files |\n")
	if !ok {
		t.Fatal("README.md has no table of the targets")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var listed []string
	for line := range strings.Lines(table) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		for _, name := range strings.Split(cell, ", ") {
			if strings.HasPrefix(name, "`") {
				listed = append(listed, strings.Trim(name, "`"))
			}
		}
	}
	names := slices.DeleteFunc(all.Names(), func(n string) bool { return n == "dockerfile" }) // the row "always"
	slices.Sort(listed)
	slices.Sort(names)
	if diff := cmp.Diff(names, listed); diff != "" {
		t.Errorf("the targets (-) and the rows of README.md (+) differ:\n%s", diff)
	}
	for _, x := range all.Targets(all.Options{}) {
		if k := generate.KindOf(x); k == generate.Other && x.Name() != "dockerfile" {
			t.Errorf("%s says no kind: a method Kind() generate.Kind", x.Name())
		}
	}
}
