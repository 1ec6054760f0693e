package source

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5"
)

func TestHostileDirectory(t *testing.T) {
	dir := t.TempDir()
	secret := file(t, "secret", []byte("secret"))
	for _, name := range []string{"ok", "d/e/f", ".GIT/config", "sub/.git/config", "sub/x", "ctl\x1b[31m", "bad\xff", `back\slash`, "d/.gitmodules"} {
		write(t, filepath.Join(dir, name), name)
	}
	for name, target := range map[string]string{
		"abs": secret, "up": "../../../../../../etc/passwd", "loop": "loop", "in": "ok", "dir": "d/e", "d/e/out": "../../../x", "d/back": "../ok", "via": "dir/../../ok",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	mkfifo(t, filepath.Join(dir, "d/pipe"))
	tree := open1(t, dir, Options{})
	if got := paths(tree); got != "d/.gitmodules d/back d/e/f dir in ok sub/x via" {
		t.Errorf("files %q", got)
	}
	want := []string{".GIT: left out: Git's", "abs: left out: a link out", "back\\slash: left out: its name has a backslash", "bad·: left out: its name is not UTF-8",
		"ctl·[31m: left out: its name has control", "d/e/out: left out: a link out", "d/pipe: left out: it is a device", "loop: left out: a link that", "up: left out: a link out"}
	got := strings.Split(warned(tree), "\n")
	if len(got) != len(want) {
		t.Errorf("%d warnings:\n%s", len(got), warned(tree))
	}
	for i := range min(len(got), len(want)) {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("warning %q, want %q", got[i], want[i])
		}
	}
	for name, content := range map[string]string{"in": "ok", "dir/f": "d/e/f", "d/back": "ok", "via": "ok"} {
		if data, err := fs.ReadFile(tree, name); err != nil || string(data) != content {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}

// TestSwappedFile: what takes a listed file's place is not read when it is no file, or lies elsewhere.
func TestSwappedFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c", "d"} {
		write(t, filepath.Join(dir, name), name)
	}
	tree := open1(t, dir, Options{})
	for _, name := range []string{"a", "b", "c", "d"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	mkfifo(t, filepath.Join(dir, "a"))
	if err := os.Symlink(file(t, "secret", []byte("secret")), filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "c"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b", "c", "d"} {
		if data, err := fs.ReadFile(tree, name); err == nil {
			t.Errorf("%s was read: %q", name, data)
		}
	}
	if err := tree.Tar(context.Background(), discard{}, nil); err == nil {
		t.Error("a tree that has changed was sent")
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// TestIgnore holds that a work tree is listed as Git itself lists it.
func TestIgnore(t *testing.T) {
	alone(t)
	for _, tt := range []struct {
		name    string
		ignores map[string]string // .gitignore files
		files   string
		tracked string // added although they are ignored
	}{
		{"names", map[string]string{".gitignore": "*.log\n# a comment\n\n\\#x\n!keep.log\ntrail  \n"}, "a.log keep.log d/b.log d/keep.log #x trail y", ""},
		{"folders", map[string]string{".gitignore": "build/\n/dist\nnode_modules\n"}, "build/a d/build/b buildx dist/a d/dist/b node_modules/x/y d/node_modules/z", ""},
		{"a file of a folder's name", map[string]string{".gitignore": "build/\n"}, "build d/build", ""},
		{"paths", map[string]string{".gitignore": "a/b\n/c/*.txt\nx/**/y\n**/z\nw/**\n"}, "a/b/c d/a/b c/1.txt c/d/2.txt x/y x/1/2/y x/1/2/w q/z w/1 w/2/3", ""},
		{"nested", map[string]string{".gitignore": "*.tmp\n", "d/.gitignore": "!keep.tmp\n/only\n", "d/e/.gitignore": "*\n!.gitignore\n!x\n"}, "a.tmp keep.tmp d/keep.tmp d/a.tmp only d/only d/e/only d/e/x d/e/y/x", ""},
		{"a folder is not looked into", map[string]string{".gitignore": "d\n!d/keep\n"}, "d/keep d/x e", ""},
		{"what a folder ignores can be taken back", map[string]string{".gitignore": "d/*\n!d/keep\n"}, "d/keep d/x e", ""},
		{"a rule taken back for a folder does not hold for its files", map[string]string{".gitignore": "*.jar\n!.mvn\n"}, ".mvn/wrapper/a.jar .mvn/b c.jar", ""},
		{"tracked", map[string]string{".gitignore": "*.jar\n/lib\n/out\n"}, "a.jar b.jar lib/a.jar lib/b.txt lib/deep/c out/x", "a.jar lib/a.jar lib/deep/c"},
		{"classes", map[string]string{".gitignore": "[a-c].o\n[!x].p\n?.q\n"}, "a.o d.o y.p x.p 1.q 11.q", ""},
		{"DOS line ends and a mark", map[string]string{".gitignore": "\ufeff*.log\r\nbuild/\r\n"}, "a.log build/x b", ""},
		{"nonsense", map[string]string{".gitignore": "!\n/\n[\n**\\\n!/\n//\n"}, "a b/c", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "w")
			must(git.PlainInit(dir, false))(t)
			for name, text := range tt.ignores {
				write(t, filepath.Join(dir, name), text)
			}
			for name := range strings.FieldsSeq(tt.files) {
				write(t, filepath.Join(dir, name), "")
			}
			for name := range strings.FieldsSeq(tt.tracked) {
				gitRun(t, dir, "add", "-f", name)
			}
			out := gitRun(t, dir, "-c", "core.quotePath=off", "ls-files", "-co", "--exclude-standard")
			want := strings.Fields(out)
			slices.Sort(want)
			if got := paths(open1(t, dir, Options{})); got != strings.Join(want, " ") {
				t.Errorf("files %q\n git has %q", got, strings.Join(want, " "))
			}
			for _, sub := range []string{"d", "lib"} {
				var below []string
				for _, name := range want {
					if rest, ok := strings.CutPrefix(name, sub+"/"); ok {
						below = append(below, rest)
					}
				}
				if len(below) == 0 || tt.name == "tracked" { // a folder that is named is listed although it is ignored
					continue
				}
				if got := paths(open1(t, dir+"#:"+sub, Options{})); got != strings.Join(below, " ") {
					t.Errorf("files of %s %q\n git has %q", sub, got, strings.Join(below, " "))
				}
			}
		})
	}
}

// gitRun runs git, which these tests compare with and serve repositories by.
func gitRun(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

func TestExclude(t *testing.T) {
	dir, _, _ := workTree(t)
	write(t, filepath.Join(dir, ".git/info/exclude"), "*.local\n")
	write(t, filepath.Join(dir, "a.local"), "")
	linked := filepath.Join(t.TempDir(), "linked")
	gitRun(t, dir, "worktree", "add", "-q", linked, "release-1")
	write(t, filepath.Join(linked, "b.local"), "")
	if got := paths(open1(t, dir, Options{})); got != "Gemfile README app/models/a.rb bin/run" {
		t.Errorf("files %q", got)
	}
	tree := open1(t, linked, Options{})
	if got := paths(tree); got != "Gemfile app/models/a.rb bin/run" {
		t.Errorf("files of a linked work tree %q", got)
	}
	if got := open1(t, linked+"#HEAD", Options{}); got.Ref != "release-1" {
		t.Errorf("a linked work tree is at %q", got.Ref)
	}
	// A folder without .git is no work tree: nothing is ignored.
	if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".gitignore"), "*")
	if got := paths(open1(t, dir, Options{})); got != ".gitignore Gemfile README a.local app/models/a.rb bin/run" {
		t.Errorf("files without .git %q", got)
	}
}

func TestDamagedIndexTracksNothing(t *testing.T) {
	dir, _, _ := workTree(t)
	write(t, filepath.Join(dir, ".gitignore"), "README\n")
	if got := paths(open1(t, dir, Options{})); !strings.Contains(got, "README") {
		t.Errorf("a tracked file is left out: %q", got)
	}
	write(t, filepath.Join(dir, ".git/index"), "DIRC\x00\x00\x00\x02\xff\xff\xff\xffgarbage")
	if got := paths(open1(t, dir, Options{})); strings.Contains(got, "README") {
		t.Errorf("files %q", got)
	}
}

func TestDotGitFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "x"), "")
	for _, text := range []string{"", "nonsense", "gitdir: /nowhere", "gitdir: " + strings.Repeat("a", 1<<16)} {
		write(t, filepath.Join(dir, ".git"), text)
		if got := paths(open1(t, dir, Options{})); got != "x" {
			t.Errorf("%q: files %q", text, got)
		}
		wantKind(t, dir+"#main", Options{}, BadRef)
	}
	if err := os.Remove(filepath.Join(dir, ".git")); err != nil {
		t.Fatal(err)
	}
	mkfifo(t, filepath.Join(dir, ".git"))
	if got := paths(open1(t, dir, Options{})); got != "x" {
		t.Errorf("files %q", got)
	}
}
