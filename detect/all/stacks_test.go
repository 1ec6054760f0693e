package all_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/all"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

var update = flag.Bool("update", false, "write what is found into testdata/stacks and docs/STACKS.md")

const stacksPage = "../../docs/STACKS.md"

// stack is one case of an archive of testdata/stacks: the file without a slash in its name says what is to be found, a line a component; the files below
// that name are the repository.
type stack struct {
	name  string
	files map[string]string
	want  string
}

func stacks(t *testing.T, archive *txtar.Archive) []stack {
	t.Helper()
	var all []stack
	for _, f := range archive.Files {
		name, path, inside := strings.Cut(f.Name, "/")
		if !inside {
			all = append(all, stack{name, map[string]string{}, string(f.Data)})
			continue
		}
		if len(all) == 0 || all[len(all)-1].name != name {
			t.Fatalf("%s: it stands below no case", f.Name)
		}
		all[len(all)-1].files[path] = string(f.Data)
	}
	return all
}

// found is what a run says about a repository, a line a component.
func found(t *testing.T, files map[string]string) string {
	t.Helper()
	f, err := detect.Run(context.Background(), detecttest.Tree(files), all.Detectors(), nil, all.Surveys()...)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range f.Components {
		c := &f.Components[i]
		fmt.Fprintln(&b, strings.Join(described(c), "; "))
	}
	for _, w := range f.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w.Text)
	}
	return b.String()
}

// described is a component in words: what, on what, built by what, run by what, beside what.
func described(c *detect.Component) []string {
	language := c.Language.V + " " + c.LanguageVersion.V
	if c.LanguageVersion.Set() {
		language += " (" + string(c.LanguageVersion.From) + ")"
	}
	words := []string{c.Path + " " + string(c.Role.V), strings.TrimSpace(language), strings.TrimSpace(c.Framework.V + " " + c.FrameworkVersion.V), c.Build.V + " → " + c.Packaging.V}
	if c.AppServer.V != "" {
		words = append(words, strings.TrimSpace(c.AppServer.V+" "+c.AppServerVersion.V))
	}
	if c.Port.V != 0 {
		words = append(words, fmt.Sprint("port ", c.Port.V))
	}
	if c.Platform.V != "linux" {
		words = append(words, c.Platform.V)
	}
	var services []string
	for _, s := range c.Services {
		if s.Required {
			services = append(services, s.Kind)
		} else {
			services = append(services, s.Kind+"?")
		}
	}
	if len(services) > 0 {
		words = append(words, strings.Join(services, ", "))
	}
	return words
}

// TestStacks is the breadth of detection: what a repository of each kind needs at least for it to be recognised, and what is said of it then.
func TestStacks(t *testing.T) {
	archives, err := filepath.Glob("testdata/stacks/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no stacks", err)
	}
	slices.Sort(archives)
	var page bytes.Buffer
	page.WriteString(stacksHead)
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&page, "\n## %s\n\n| a repository of | that holds | is found as |\n| --- | --- | --- |\n", strings.TrimSpace(string(archive.Comment)))
		for _, s := range stacks(t, archive) {
			got := found(t, s.files)
			row(&page, s, got)
			if *update {
				for i := range archive.Files {
					if archive.Files[i].Name == s.name {
						archive.Files[i].Data = []byte(got)
					}
				}
				continue
			}
			t.Run(s.name, func(t *testing.T) {
				if got != s.want {
					t.Errorf("found\n%swant\n%s", got, s.want)
				}
			})
		}
		if *update {
			if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if *update {
		if err := os.WriteFile(stacksPage, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if old, err := os.ReadFile(stacksPage); err != nil || !bytes.Equal(old, page.Bytes()) {
		t.Errorf("docs/STACKS.md is not what was found (go test ./detect/all -update): %v", err)
	}
}

const stacksHead = `# What drydock recognises

Each row is a test (` + "`go test ./detect/all -run TestStacks`" + `; the files are in ` + "`detect/all/testdata/stacks`" + `): the least that a repository of its kind may hold, and what is said
of it. A line is a component: its path and role; language and version (` + "`locked`, `declared`, `inferred` or `default`" + `, a guess that becomes a question); framework;
build tool → packaging; server; port; what it needs beside it (with a question mark: what it can do without). This page is written by the test.
`

func row(page *bytes.Buffer, s stack, got string) {
	names := make([]string, 0, len(s.files))
	for f := range s.files {
		names = append(names, "`"+f+"`")
	}
	slices.Sort(names)
	fmt.Fprintf(page, "| %s | %s | %s |\n", s.name, strings.Join(names, ", "), strings.ReplaceAll(strings.TrimSpace(got), "\n", "<br>"))
}
