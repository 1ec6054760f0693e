package drydock_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/drydock-cli/drydock/"

// rooms says which rooms of the module each room may import: the table of docs/ARCHITECTURE.md. A
// room stands for its sub-folders unless they have a row of their own, "generate/*" for those below generate. Every room may
// import progress, which imports nothing.
var rooms = map[string][]string{
	"cmd/drydock": {"*"},
	"source":      {},
	"detect":      {"source"},
	"detect/all": {"detect", "detect/ruby", "detect/java", "detect/php", "detect/python", "detect/node", "detect/static", "detect/dotnet",
		"detect/golang", "detect/rust", "detect/native", "detect/perl", "detect/elixir", "detect/erlang", "detect/survey"},
	"detect/ruby":                 {"detect", "detect/manifest"},
	"detect/java":                 {"detect", "detect/manifest"},
	"detect/node":                 {"detect", "detect/manifest"},
	"detect/php":                  {"detect", "detect/manifest"},
	"detect/python":               {"detect", "detect/manifest"},
	"detect/dotnet":               {"detect", "detect/manifest"},
	"detect/golang":               {"detect", "detect/manifest"},
	"detect/rust":                 {"detect", "detect/manifest"},
	"detect/native":               {"detect", "detect/manifest"},
	"detect/perl":                 {"detect", "detect/manifest"},
	"detect/elixir":               {"detect", "detect/manifest"},
	"detect/erlang":               {"detect", "detect/manifest"},
	"detect/static":               {"detect", "detect/manifest"},
	"detect/survey":               {"detect", "detect/manifest"},
	"detect/manifest":             {},
	"detect/detecttest":           {"detect", "source"},
	"plan":                        {"detect"},
	"templates":                   {},
	"generate":                    {"plan", "detect", "templates"},
	"generate/dockerfile":         {"generate", "plan", "detect", "templates"},
	"generate/compose":            {"generate", "generate/dockerfile", "plan", "detect", "templates"},
	"generate/fargate":            {"generate", "generate/dockerfile", "plan", "detect", "templates"},
	"generate/cloudrun":           {"generate", "generate/kubernetes", "plan", "detect"},
	"generate/containerapps":      {"generate", "generate/kubernetes", "plan", "detect"},
	"generate/containerinstances": {"generate", "generate/kubernetes", "plan", "detect"},
	"generate/helm":               {"generate", "generate/kubernetes", "plan", "detect"},
	"generate/*":                  {"generate", "generate/dockerfile", "generate/compose", "generate/cloudformation", "generate/pipeline", "plan", "detect"}, // every other target
	"generate/openshift":          {"generate", "generate/kubernetes", "plan", "detect"},
	"generate/serverless":         {"generate", "generate/cloudformation", "generate/fargate", "generate/lambda", "plan", "detect"},
	"generate/ecs":                {"generate", "generate/cloudformation", "generate/fargate", "plan", "detect"},
	"generate/targettest":         {"generate", "generate/dockerfile", "plan", "detect", "detect/all", "source", "templates"},
	"generate/all":                {"generate", "generate/*"},
	"verify/remedy":               {"plan"},
	"verify":                      {"plan", "generate", "generate/all", "generate/dockerfile", "generate/fargate", "source", "detect"},
	"report":                      {"detect", "verify"},
	"assess":                      {"detect", "plan", "verify"},
	"assess/inventory":            {},
	"assess/report":               {"assess", "detect"},
	"progress":                    {},
	"ask":                         {},
	"fleet":                       {},
	"flow":                        {"assess", "assess/report", "assess/inventory", "ask", "detect", "detect/all", "generate", "generate/all", "generate/dockerfile", "plan", "source", "templates", "verify", "verify/remedy", "report", "fleet"},
	"tui":                         {"plan", "progress", "ask", "flow", "assess"},
}

// only names the rooms that alone may import what lies below a path: everything else must
// go through them.
var only = map[string][]string{
	"github.com/go-git/go-git":           {"source"},
	"github.com/docker/docker":           {"verify"},
	"github.com/docker/cli":              {"verify"},
	"github.com/moby/buildkit/client":    {"verify", "generate/dockerfile"}, // the linter wants an answer of that package's type for every FROM
	"github.com/moby/buildkit/session":   {"verify"},
	"github.com/charmbracelet/bubbletea": {"tui"},
	"github.com/charmbracelet/bubbles":   {"tui"},
	"github.com/charmbracelet/lipgloss":  {"tui"},
	"github.com/spf13/cobra":             {"cmd/drydock"},
	"os/exec":                            {"source", "flow", "generate/targettest"}, // Git's own credential helper, and whether it is there; the programs that read what tests generate
	"github.com/alecthomas/chroma":       {"tui"},
	"github.com/compose-spec/compose-go": {"generate/compose"},
	"github.com/google/renameio":         {"flow", "source"},
	"github.com/nats-io":                 {"fleet"},
}

// never lists what a room must not import, whatever else it may.
var never = map[string][]string{
	"generate": {"os", "net", "net/http"},
	"detect":   {"os", "os/exec", "net", "net/http"},
	"plan":     {"os", "os/exec", "net", "net/http"},
}

// TestImports holds the architecture's table: what each room imports, and what only one room may.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); file != "." && (strings.HasPrefix(n, ".") || n == "testdata" || n == "hack" || n == "bin") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		room := filepath.ToSlash(filepath.Dir(file))
		if room == "." {
			return nil
		}
		seen[room] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			checkImport(t, file, room, strings.Trim(spec.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range rooms {
		if _, err := os.Stat(room); err == nil && !seen[room] {
			t.Errorf("%s is in the table but holds no Go code", room)
		}
	}
}

func checkImport(t *testing.T, file, room, imported string) {
	t.Helper()
	allowed, listed := rooms[room]
	if !listed && path.Dir(room) == "generate" {
		allowed, listed = rooms["generate/*"]
	}
	if !listed {
		t.Errorf("%s: room %s is not in the table of rooms", file, room)
		return
	}
	if inner, ours := strings.CutPrefix(imported, module); ours {
		if inner != "progress" && !contains(allowed, inner) && !contains(allowed, "*") {
			t.Errorf("%s: %s may not import %s", file, room, inner)
		}
		return
	}
	for prefix, owners := range only {
		if within(imported, prefix) && !contains(owners, room) {
			t.Errorf("%s: only %s may import %s", file, strings.Join(owners, ", "), prefix)
		}
	}
	for top, banned := range never {
		if within(room, top) && contains(banned, imported) && !strings.HasSuffix(room, "test") {
			t.Errorf("%s: nothing below %s may import %s", file, top, imported)
		}
	}
}

func within(p, top string) bool { return p == top || strings.HasPrefix(p, top+"/") }

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s || path.Clean(l) == s || strings.HasSuffix(l, "/*") && path.Dir(s) == path.Dir(l) {
			return true
		}
	}
	return false
}
