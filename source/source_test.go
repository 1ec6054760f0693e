package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"go.uber.org/goleak"

	"github.com/drydock-cli/drydock/progress"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// alone keeps a test away from the credentials and the configuration of the machine, and returns its home directory.
func alone(t testing.TB) string {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, ".config"), "GIT_CONFIG_GLOBAL": filepath.Join(home, ".gitconfig"), "GIT_CONFIG_NOSYSTEM": "1",
		"NETRC": "", "DRYDOCK_GIT_TOKEN": "", "DRYDOCK_GIT_TOKEN_HOST": "", "SSH_AUTH_SOCK": "", "SSH_KNOWN_HOSTS": "",
	} {
		t.Setenv(name, value)
	}
	return home
}

func write(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// workTree makes a repository with a work tree, two commits on main, the branch release-1 and the annotated tag v1 at the first.
func workTree(t testing.TB) (dir, first, second string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "shop")
	repo := must(git.PlainInitWithOptions(dir, &git.PlainInitOptions{InitOptions: git.InitOptions{DefaultBranch: "refs/heads/main"}}))(t)
	one := commit(t, repo, map[string]string{"Gemfile": "gem 'rails'\n", "app/models/a.rb": "class A; end\n", "bin/run": "#!/bin/sh\n"})
	must(repo.CreateTag("v1", one, &git.CreateTagOptions{Tagger: author(), Message: "one"}))(t)
	if err := repo.Storer.SetReference(plumbing.NewHashReference("refs/heads/release-1", one)); err != nil {
		t.Fatal(err)
	}
	two := commit(t, repo, map[string]string{"README": "two\n"})
	return dir, one.String(), two.String()
}

func author() *object.Signature {
	return &object.Signature{Name: "a", Email: "a@example.com", When: time.Unix(1_000_000_000, 0)}
}

func commit(t testing.TB, repo *git.Repository, files map[string]string) plumbing.Hash {
	t.Helper()
	wt := must(repo.Worktree())(t)
	for name, content := range files {
		write(t, filepath.Join(wt.Filesystem.Root(), name), content)
		must(wt.Add(name))(t)
	}
	return must(wt.Commit("c", &git.CommitOptions{Author: author()}))(t)
}

// must ends the test on an error: must(f())(t).
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func open1(t testing.TB, location string, opts Options) *Tree {
	t.Helper()
	tree, err := Open(context.Background(), location, opts)
	if err != nil {
		t.Fatalf("open %s: %v", location, err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

func paths(t *Tree) string {
	var list []string
	for _, e := range t.Entries() {
		list = append(list, e.Path)
	}
	return strings.Join(list, " ")
}

// warned returns the warnings as "path: text", sorted.
func warned(t *Tree) string {
	var list []string
	for _, w := range t.Warnings {
		list = append(list, w.Path+": "+w.Text)
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// wantKind holds that opening fails in a certain way, with a message that names the place and what to try.
func wantKind(t *testing.T, location string, opts Options, want Kind) *Error {
	t.Helper()
	tree, err := Open(context.Background(), location, opts)
	if err == nil {
		_ = tree.Close()
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want an *Error of kind %s", err, want)
	}
	if e.Kind != want {
		t.Fatalf("kind %s, want %s: %v", e.Kind, want, err)
	}
	if e.Op == "" || e.Location == "" || e.Err == nil || e.Try == "" || strings.ContainsAny(err.Error(), "\x1b\x00") {
		t.Errorf("not a whole message: %q", err)
	}
	return e
}

// empty holds that nothing is left in a folder for temporary files.
func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	if left := must(os.ReadDir(dir))(t); len(left) > 0 {
		t.Errorf("%s is left in %s", left[0].Name(), dir)
	}
}

// tarOf makes a tar archive. A regular file without content gets its own name as content.
func tarOf(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range headers {
		content := h.Name
		if h.Typeflag == 0 || h.Typeflag == tar.TypeReg {
			h.Typeflag = tar.TypeReg
			if h.Size > 0 {
				content = strings.Repeat("x", int(h.Size))
			}
			h.Size = int64(len(content))
		}
		if h.Mode == 0 && h.Typeflag != tar.TypeXGlobalHeader {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := io.WriteString(w, content); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// zipOf makes a zip archive of files whose content is their name, but for links, whose content is given.
func zipOf(t testing.TB, headers ...zip.FileHeader) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, h := range headers {
		f, err := w.CreateHeader(&h)
		if err != nil {
			t.Fatal(err)
		}
		content := h.Name
		if h.Comment != "" {
			content = h.Comment
		}
		if !strings.HasSuffix(h.Name, "/") {
			if _, err := io.WriteString(f, content); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func zipLink(name, target string) zip.FileHeader {
	h := zip.FileHeader{Name: name, Comment: target}
	h.SetMode(fs.ModeSymlink | 0o777)
	return h
}

func file(t testing.TB, name string, data []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	write(t, p, string(data))
	return p
}

// events collects progress.
type events struct{ list chan progress.Event }

func newEvents() *events { return &events{make(chan progress.Event, 10_000)} }

func (e *events) sink(ev progress.Event) {
	select {
	case e.list <- ev:
	default:
	}
}

func (e *events) all() []progress.Event {
	close(e.list)
	var out []progress.Event
	for ev := range e.list {
		out = append(out, ev)
	}
	return out
}
