package all_test

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/all"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/templates"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	apps    = "../../testdata/apps"
	goldens = "../../testdata/golden"
)

// TestGolden generates every application for every target, checks the files, and compares them with what was reviewed.
func TestGolden(t *testing.T) {
	for app, found := range applications() {
		t.Run(app, func(t *testing.T) {
			o := all.Options{Templates: templates.FS(), Exists: func(p string) bool {
				_, err := os.Stat(filepath.Join(apps, app, p))
				return err == nil
			}}
			p, err := plan.New(found, plan.Options{Targets: all.Names(), Images: dockerfile.Images(o.Templates)})
			if err != nil {
				t.Fatal(err)
			}
			targets, err := all.Select(o, p.Targets)
			if err != nil {
				t.Fatal(err)
			}
			artifacts, err := generate.Run(context.Background(), p, targets)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range generate.Check(targets, artifacts) {
				t.Errorf("%+v", problem)
			}
			for _, a := range artifacts {
				compare(t, filepath.Join(goldens, app, a.Path), a)
			}
		})
	}
}

func compare(t *testing.T, file string, a generate.Artifact) {
	t.Helper()
	if got, want := len(a.Origins), lines(a.Content); got != want {
		t.Errorf("%s: %d origins for %d lines", a.Path, got, want)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, a.Content, fs.FileMode(0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(a.Content)); diff != "" {
		t.Errorf("%s differs (- golden, + now; go test ./generate/all -update writes it):\n%s", a.Path, diff)
	}
}

func lines(b []byte) int {
	n := 0
	for _, c := range b {
		if c == '\n' {
			n++
		}
	}
	return n
}
