package drydock_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// minTraps is how many traps the suite holds at least.
const minTraps = 150

// TestHostilePage holds docs/HOSTILE.md to its list, and the list to the tests: each trap names a test that there is, and words that
// stand in the tests of that package, or a sample that they read.
func TestHostilePage(t *testing.T) {
	list, err := os.ReadFile("testdata/hostile/traps.tsv")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{} // the tests of a package, by its directory
	of := func(dir string) string {
		if text, ok := tests[dir]; ok {
			return text
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") && filepath.Base(dir) != "targettest" {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(text)
		}
		tests[dir] = b.String()
		return tests[dir]
	}
	var page strings.Builder
	count, seen := 0, map[string]bool{}
	for n, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		cells := strings.Split(line, "\t")
		switch {
		case len(cells) == 1 && strings.HasPrefix(line, "# "):
			continue
		case len(cells) == 2 && cells[0] == "#":
			fmt.Fprintf(&page, "\n## %s\n\n| trap | what becomes of it | test |\n| --- | --- | --- |\n", cells[1])
			continue
		case len(cells) != 4:
			t.Fatalf("line %d: %d cells", n+1, len(cells))
		}
		trap, does, test, words := cells[0], cells[1], cells[2], cells[3]
		dir, name, _ := strings.Cut(test, ".")
		if !regexp.MustCompile(`(?m)^func ` + name + `\(`).MatchString(of(dir)) {
			t.Errorf("line %d: there is no test %s", n+1, test)
		}
		if _, err := os.Stat(words); !strings.Contains(of(dir), words) && (err != nil || !strings.HasPrefix(words, "testdata/")) {
			t.Errorf("line %d: no test of %s holds %s", n+1, dir, words)
		}
		if seen[trap+does] {
			t.Errorf("line %d: %s stands there twice", n+1, trap)
		}
		seen[trap+does] = true
		fmt.Fprintf(&page, "| %s | %s | `%s` |\n", strings.ReplaceAll(trap, "|", `\|`), does, test)
		count++
	}
	if count < minTraps {
		t.Errorf("%d traps, want %d", count, minTraps)
	}
	want := fmt.Sprintf("# What a hostile repository meets\n\n%d traps, and the test that springs each. The list is `testdata/hostile/traps.tsv`; `TestHostilePage` makes this page of it and holds that\n"+
		"every test it names is there. What is promised, and what is not, says [SECURITY.md](../SECURITY.md).\n%s", count, page.String())
	const file = "docs/HOSTILE.md"
	holds(t, file, want)
}
