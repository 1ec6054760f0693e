package detect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/drydock-cli/drydock/source"
)

// TestGlobs asks for what patterns of every shape find, and compares it with matching every path by itself.
func TestGlobs(t *testing.T) {
	patterns := []string{
		"*", "**", "**/*", "*.rb", "**/*.rb", "a/*.rb", "a/**/*.rb", "a/**", "a/*", "*/a.rb", "a/b/c.rb", "a.rb", "nothing", "{a,b}.rb", "{a,b}/**/*.{rb,yml}",
		"a{,/b}/*.rb", "{a,a/b,b}/*", "*.{rb,yml}", "?.rb", "[ab].rb", "a/**/b/*.rb", "**/b/**", "**/a.rb", "a*/b*", "{*.rb,a/{b,c}/*.yml}", "*a*", "a-*/*.rb",
		".github/workflows/*.{yml,yaml}", "{Dockerfile.*,*.Dockerfile,docker/**/Dockerfile*}", "*", "a/?/*", "{a", "a}", `a\*`,
	}
	r := rand.New(rand.NewPCG(1, 2))
	part := func() string {
		return []string{"a", "b", "c", "a-b", "ab", "docker", ".github", "workflows", "a.b", "x"}[r.IntN(10)]
	}
	for round := range 50 {
		seen := map[string]bool{"a/b/c.rb": true}
		for range 60 {
			var parts []string
			for range r.IntN(4) {
				parts = append(parts, part())
			}
			seen[strings.Join(append(parts, part()+[]string{"", ".rb", ".yml", ".yaml", ".Dockerfile"}[r.IntN(5)]), "/")] = true
		}
		var entries []source.Entry
		for p := range seen {
			entries = append(entries, source.Entry{Path: p})
		}
		tree := source.NewTree(nil, entries, nil)
		for _, at := range []string{".", "a", "a/b", "absent"} {
			dir := NewDir(tree, at)
			for _, p := range patterns {
				if got, want := dir.Glob(p), slowly(tree, at, p); !reflect.DeepEqual(got, want) {
					t.Fatalf("round %d: %q in %s:\ngot  %q\nwant %q", round, p, at, got, want)
				}
			}
		}
	}
}

// slowly matches every path below a directory.
func slowly(tree *source.Tree, at, pattern string) []string {
	var out []string
	for _, e := range tree.Entries() {
		rel, ok := e.Path, true
		if at != "." {
			rel, ok = strings.CutPrefix(e.Path, at+"/")
		}
		if match, err := doublestar.Match(pattern, rel); ok && err == nil && match {
			out = append(out, rel)
		}
	}
	return out
}

func TestCandidates(t *testing.T) {
	tree := source.NewTree(nil, []source.Entry{{Path: "Makefile"}, {Path: "b/c/x.csproj"}, {Path: "b/y.csproj"}, {Path: "b/z.csproj"}, {Path: "a/requirements-dev.txt"},
		{Path: "node_modules/q/y.csproj"}, {Path: "cgi/index.pl"}, {Path: "z.csproj.bak"}}, nil)
	got := candidates(tree, []Detector{marked{"*.csproj", "Makefile"}, marked{"requirements*.txt"}, marked{"*.{cgi,pl}"}, marked{"none"}})
	if want := [][]string{{".", "b", "b/c"}, {"a"}, {"cgi"}, {}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

type marked []string

func (m marked) Name() string      { return "marked" }
func (m marked) Markers() []string { return m }
func (m marked) Detect(context.Context, Dir) ([]Component, error) {
	return nil, nil
}

func BenchmarkGlob(b *testing.B) {
	for _, files := range []int{1_000, 100_000} {
		var entries []source.Entry
		for i := range files {
			entries = append(entries, source.Entry{Path: fmt.Sprintf("app/models/part%04d/thing%06d.rb", i/50, i)})
		}
		dir := NewDir(source.NewTree(nil, entries, nil), ".")
		for _, p := range []string{"*.rb", "config/*.{rb,yml}", "app/**/*.rb"} {
			b.Run(fmt.Sprintf("%s/%d", strings.ReplaceAll(p, "/", "_"), files), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					dir.Glob(p)
				}
			})
		}
	}
}
