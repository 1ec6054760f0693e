package tui

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func treeOf(folded map[string]bool, paths ...string) string {
	var files []file
	for _, p := range paths {
		files = append(files, file{path: p})
	}
	var out []string
	for _, r := range treeRows(files, folded) {
		out = append(out, strings.Repeat(">", r.depth)+r.name)
	}
	return strings.Join(out, " ")
}

func TestTreeRows(t *testing.T) {
	helm := []string{"Dockerfile", "deploy/fargate/taskdef.json", "deploy/helm/Chart.yaml", "deploy/helm/templates/a.yaml", "deploy/helm/templates/b.yaml", "drydock.yaml"}
	for _, c := range []struct {
		name   string
		folded string
		paths  []string
		want   string
	}{
		{"flat", "", []string{"b", "a"}, "b a"},
		{"one file in a folder keeps its path", "", []string{"a", "x/y/z"}, "a x/y/z"},
		{"a chain of folders is one row", "", []string{"x/y/a", "x/y/b"}, "x/y/ >a >b"},
		{"nested", "", helm, "Dockerfile deploy/ >fargate/taskdef.json >helm/ >>Chart.yaml >>templates/ >>>a.yaml >>>b.yaml drydock.yaml"},
		{"inner folded", "deploy/helm/templates", helm, "Dockerfile deploy/ >fargate/taskdef.json >helm/ >>Chart.yaml >>templates/ drydock.yaml"},
		{"outer folded", "deploy", helm, "Dockerfile deploy/ drydock.yaml"},
		{"apart in the list, together in the tree", "", []string{"x/a", "b", "x/c"}, "x/ >a >c b"},
		{"a folder beside a name that it begins", "", []string{"x/a", "xy/b", "x/c"}, "x/ >a >c xy/b"},
		{"a file and a folder of one name", "", []string{"x", "x/a", "x/b"}, "x x/ >a >b"},
		{"odd paths", "", []string{"/a/b", "/c", "d//e", "d//f", "g/", ""}, "/a/b /c d/ >/e >/f g/ "},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := treeOf(map[string]bool{c.folded: c.folded != ""}, c.paths...); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func FuzzTreeRows(f *testing.F) {
	f.Add("a/b\na/c\nd")
	f.Add("/\n//\n/a\n/a/\n")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 1000 {
			return
		}
		var files []file
		for _, p := range strings.Split(text, "\n") {
			files = append(files, file{path: p})
		}
		seen := map[int]bool{}
		for _, r := range treeRows(files, nil) {
			if r.files == nil {
				seen[r.file] = true
			}
		}
		if len(seen) != len(files) {
			t.Errorf("%d of %d files are in the tree of %q", len(seen), len(files), text)
		}
	})
}

func TestFilesFold(t *testing.T) {
	g := newRig(t, 120, 40, false, func(o *Options) { o.Source = "." })
	g.d.many = true
	g.keys("n n")
	g.shows("▾ deploy/", "helm/", "templates/", "deployment-web.yaml")
	g.keys("down down down") // deploy/
	g.shows("> ▾ deploy/", "7 files below it")
	g.keys("enter")
	g.shows("> ▸ deploy/", "7 files")
	g.hides("▾ templates/")
	g.keys("down") // drydock.yaml: what is folded is passed over
	g.shows("> A drydock.yaml")
	g.keys("=")
	g.shows("▾ templates/", "> A drydock.yaml")
	g.keys("-")
	g.hides("▾ templates/")
	g.shows("> A drydock.yaml")
	g.keys("up space")
	g.shows("> ▾ deploy/", "fargate/taskdef-web.json", "▸ helm/")
	g.keys("down down y") // y names a folder too
	g.shows(">   ▸ helm/")
	g.keys("o")
	g.shows("a folder")
	g.keys("- tab tab enter") // a problem in a folded folder opens it
	g.shows("templates/", "deployment-web.yaml")
	if f := g.w.preview.here(); f == nil || f.path != "deploy/helm/templates/deployment-web.yaml" {
		t.Errorf("the problem opens %v", f)
	}
	g.keys("esc b")
	g.fits()
}

func TestFoldedFoldersStayFoldedWhenFilesAreMadeAnew(t *testing.T) {
	g := newRig(t, 120, 40, false, func(o *Options) { o.Source = "." })
	g.d.many = true
	g.keys("n n down down down enter down")
	g.keys("esc down space n")
	g.shows("Files]", "▸ deploy/", "> A drydock.yaml")
}
