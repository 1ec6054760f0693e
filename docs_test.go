package drydock_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocsNameRealTests holds that a test by which a page proves something is there.
func TestDocsNameRealTests(t *testing.T) {
	have := map[string]bool{}
	named := map[string]string{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w+)\(`)
	mention := regexp.MustCompile("`(?:[\\w/]+\\.)?((?:Test|Fuzz)[A-Z]\\w+)`")
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && file != "." || d.Name() == "testdata" || d.Name() == "bin") {
			return fs.SkipDir
		}
		page := filepath.Ext(file) == ".md"
		if !page && !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if page {
			for _, m := range mention.FindAllStringSubmatch(string(text), -1) {
				named[m[1]] = file
			}
			return nil
		}
		for _, m := range function.FindAllStringSubmatch(string(text), -1) {
			have[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range named {
		if !have[name] {
			t.Errorf("%s names %s, and there is no such test", file, name)
		}
	}
	if len(named) == 0 {
		t.Error("no page names a test: the expression is wrong")
	}
}

var update = flag.Bool("update", false, "write the pages that are made of the tests and the sources")

// holds compares a page with what it is made of, or writes it.
func holds(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("%s is not what it is made of; write it anew by go test . -update:\n%s", file, diff)
	}
}
