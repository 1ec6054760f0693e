package source

import (
	"archive/tar"
	"archive/zip"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// longPath is a path of n bytes whose parts are short enough for a file system.
func longPath(n int) string {
	p := strings.Repeat("abcdefghi/", n/10+1)
	return strings.TrimSuffix(p[:n-1], "/") + "x"
}

// TestLongPaths gives paths as long as Linux takes them, which are read, and longer ones: one clear message, whatever the source is.
func TestLongPaths(t *testing.T) {
	for _, n := range []int{4096, 5000} {
		name := longPath(n)
		bare := bareOf(t, func(repo *git.Repository) plumbing.Hash {
			h := store(t, repo, plumbing.BlobObject, "x")
			mode := filemode.Regular
			parts := strings.Split(name, "/")
			for i := len(parts) - 1; i >= 0; i-- {
				h, mode = rawTree(t, repo, object.TreeEntry{Name: parts[i], Mode: mode, Hash: h}), filemode.Dir
			}
			return h
		})
		for what, location := range map[string]string{
			"Git":             bare,
			"a tar archive":   file(t, "x.tar", tarOf(t, tar.Header{Name: name, Format: tar.FormatPAX})),
			"a zip archive":   file(t, "x.zip", zipOf(t, zip.FileHeader{Name: name}, zip.FileHeader{Name: "ok"})),
			"a deep zip tree": file(t, "y.zip", zipOf(t, zip.FileHeader{Name: strings.Repeat("d/", n/2-1) + "f"}, zip.FileHeader{Name: "ok"})),
		} {
			if n == 4096 {
				tree, err := Open(t.Context(), location, Options{})
				if err == nil {
					err = tree.Close()
				}
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
				continue
			}
			if e := wantKind(t, location, Options{}, TooLarge); !strings.Contains(e.Error(), "MaxPath") || len(e.Error()) > 1000 {
				t.Errorf("%s, %d bytes: %v", what, n, e)
			}
		}
	}
}

// gitNames are names that a file system takes for .git: of NTFS (short names, trailing dots and blanks, streams) and of HFS+ (code
// points that it passes over).
var gitNames = []string{".git", ".GIT", ".Git", "git~1", "GIT~1", ".git.", ".git ", ".git. .", ".git::$INDEX_ALLOCATION", ".g\u200cit", ".git\u200d", "\ufeff.git", ".\u2060GiT"}

// TestSpellingsOfDotGit plants what Git would run, under names that mean .git elsewhere.
func TestSpellingsOfDotGit(t *testing.T) {
	for _, name := range gitNames {
		bare := bareOf(t, func(repo *git.Repository) plumbing.Hash {
			blob := store(t, repo, plumbing.BlobObject, "x")
			hooks := rawTree(t, repo, object.TreeEntry{Name: "config", Mode: filemode.Regular, Hash: blob})
			return rawTree(t, repo, object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: hooks}, object.TreeEntry{Name: "ok", Mode: filemode.Regular, Hash: blob})
		})
		for what, location := range map[string]string{"Git": bare, "tar": file(t, "x.tar", tarOf(t, tar.Header{Name: name + "/config"}, tar.Header{Name: "ok"}))} {
			if got := paths(open1(t, location, Options{})); got != "ok" {
				t.Errorf("%s, %q: files %q", what, name, got)
			}
		}
	}
}

// TestArchivesInArchivesStayClosed gives archives whose entries are archives: they are files like others, and nothing of them is unpacked.
func TestArchivesInArchivesStayClosed(t *testing.T) {
	data := zipOf(t, zip.FileHeader{Name: "evil"})
	for range 40 { // forty levels
		data = zipWith(t, "inner.zip", data)
	}
	for _, name := range []string{"x.zip", "x.war", "x.ear"} {
		if got := paths(open1(t, file(t, name, data), Options{})); got != "inner.zip" {
			t.Errorf("%s: files %q", name, got)
		}
	}
}

func zipWith(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b strings.Builder
	w := zip.NewWriter(&b)
	f := must(w.Create(name))(t)
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

// TestNothingOfARepositoryIsRun opens a local repository whose configuration, hooks and attributes name programs.
func TestNothingOfARepositoryIsRun(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal(err)
	}
	alone(t)
	for name, config := range map[string]string{
		"a file system monitor":   "[core]\n\tfsmonitor = \"touch $MARK\"\n",
		"a command for SSH":       "[core]\n\tsshCommand = \"touch $MARK\"\n",
		"a pager":                 "[core]\n\tpager = \"touch $MARK\"\n\teditor = \"touch $MARK\"\n",
		"a folder of hooks":       "[core]\n\thooksPath = $HOOKS\n",
		"a credential helper":     "[credential]\n\thelper = \"!touch $MARK\"\n",
		"a filter":                "[filter \"evil\"]\n\tsmudge = touch $MARK\n\tclean = touch $MARK\n\tprocess = touch $MARK\n\trequired = true\n",
		"a program for diff":      "[diff]\n\texternal = touch $MARK\n[diff \"evil\"]\n\ttextconv = touch $MARK\n",
		"a proxy command":         "[core]\n\tgitProxy = \"touch $MARK\"\n",
		"an upload program":       "[remote \"origin\"]\n\turl = ext::sh -c \"touch% $MARK\"\n\tuploadpack = \"touch $MARK\"\n",
		"an alias":                "[alias]\n\tls-tree = \"!touch $MARK\"\n\tstatus = \"!touch $MARK\"\n",
		"a file that is included": "[include]\n\tpath = /etc/passwd\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir, _, _ := workTree(t)
			mark, hooks := filepath.Join(t.TempDir(), "mark"), t.TempDir()
			fill := strings.NewReplacer("$MARK", mark, "$HOOKS", hooks)
			write(t, filepath.Join(dir, ".gitattributes"), "* filter=evil diff=evil\n")
			write(t, filepath.Join(dir, ".gitmodules"), "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c \"touch% "+mark+"\"\n\tupdate = !touch "+mark+"\n")
			config += "[submodule \"x\"]\n\turl = --upload-pack=touch " + mark + "\n"
			f := must(os.OpenFile(filepath.Join(dir, ".git", "config"), os.O_APPEND|os.O_WRONLY, 0))(t)
			if _, err := io.WriteString(f, fill.Replace(config)); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			for _, hook := range []string{"post-checkout", "post-index-change", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman"} {
				for _, place := range []string{hooks, filepath.Join(dir, ".git", "hooks")} {
					write(t, filepath.Join(place, hook), "#!/bin/sh\ntouch "+mark+"\n")
					if err := os.Chmod(filepath.Join(place, hook), 0o755); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, location := range []string{dir, "file://" + dir, dir + "#HEAD", filepath.Join(dir, ".git")} {
				tree, err := Open(t.Context(), location, Options{CacheDir: t.TempDir()})
				if err != nil {
					continue // refusing is as good
				}
				for _, e := range tree.Entries() {
					if data, err := fs.ReadFile(tree, e.Path); err == nil && strings.Contains(string(data), "root:x:0") {
						t.Errorf("%s: %s holds a file of this machine", location, e.Path)
					}
				}
				if err := tree.Close(); err != nil {
					t.Error(err)
				}
			}
			if _, err := os.Stat(mark); err == nil {
				t.Error("a program that the repository names was started")
			}
		})
	}
}
