package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// everything is a tree with files, folders, links and a file that can be run, as every kind of source holds it.
func everything(t *testing.T) map[string]*Tree {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "all")
	gitRun(t, ".", "init", "-q", "-b", "main", dir)
	for _, name := range []string{"a", "b/c/d", "b.x", "run"} {
		write(t, filepath.Join(dir, name), name)
	}
	if err := errors.Join(os.Chmod(filepath.Join(dir, "run"), 0o700), os.Chmod(filepath.Join(dir, "a"), 0o600), os.Symlink("../a", filepath.Join(dir, "b/up")), os.Symlink("b/c", filepath.Join(dir, "dir"))); err != nil {
		t.Fatal(err)
	}
	gitRun(t, dir, "add", "-A")
	gitRun(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "c")
	var tarred bytes.Buffer
	onDisk := open1(t, dir, Options{})
	if err := onDisk.Tar(context.Background(), &tarred, nil); err != nil {
		t.Fatal(err)
	}
	run := zip.FileHeader{Name: "run"}
	run.SetMode(0o755)
	return map[string]*Tree{
		"directory": onDisk,
		"git":       open1(t, dir+"#main", Options{}),
		"tar":       open1(t, file(t, "x.tar", tarred.Bytes()), Options{}),
		"tgz":       open1(t, file(t, "x.tgz", gzipped(t, tarred.Bytes())), Options{}),
		"zip":       open1(t, file(t, "x.zip", zipOf(t, zip.FileHeader{Name: "a"}, zip.FileHeader{Name: "b/c/d"}, zip.FileHeader{Name: "b.x"}, run, zipLink("b/up", "../a"), zipLink("dir", "b/c"))), Options{}),
	}
}

// TestTar: the same files give the same bytes, whatever they come from.
func TestTar(t *testing.T) {
	const want = `a 644 a
b.x 644 b.x
b/ 755 
b/c/ 755 
b/c/d 644 b/c/d
b/up -> ../a
dir -> b/c
run 755 run
`
	var first []byte
	for kind, tree := range everything(t) {
		var buf bytes.Buffer
		if err := tree.Tar(context.Background(), &buf, nil); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if first == nil {
			first = bytes.Clone(buf.Bytes())
		}
		if !bytes.Equal(first, buf.Bytes()) {
			t.Errorf("%s gives other bytes", kind)
		}
		if got := listTar(t, buf.Bytes()); got != want {
			t.Errorf("%s:\n%s", kind, got)
		}
		buf.Reset()
		if err := tree.Tar(context.Background(), &buf, func(p string) bool { return strings.HasPrefix(p, "b/c") }); err != nil {
			t.Fatal(err)
		}
		if got := listTar(t, buf.Bytes()); got != "b/ 755 \nb/c/ 755 \nb/c/d 644 b/c/d\n" {
			t.Errorf("%s, a part:\n%s", kind, got)
		}
	}
}

func listTar(t *testing.T, data []byte) string {
	t.Helper()
	var b strings.Builder
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || !h.ModTime.Equal(tarTime) {
			t.Errorf("%+v", h)
		}
		if h.Typeflag == tar.TypeSymlink {
			b.WriteString(h.Name + " -> " + h.Linkname + "\n")
			continue
		}
		content := must(io.ReadAll(r))(t)
		fmt.Fprintf(&b, "%s %o %s\n", h.Name, h.FileInfo().Mode().Perm(), content)
	}
}

func TestWriteTo(t *testing.T) {
	for kind, tree := range everything(t) {
		dir := filepath.Join(t.TempDir(), "new/work")
		if err := tree.WriteTo(context.Background(), dir); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if got := paths(open1(t, dir, Options{})); got != paths(tree) {
			t.Errorf("%s: files %q", kind, got)
		}
		for name, mode := range map[string]fs.FileMode{"a": 0o644, "run": 0o755, "b/c/d": 0o644} {
			info := must(os.Lstat(filepath.Join(dir, name)))(t)
			if info.Mode() != mode {
				t.Errorf("%s: %s has mode %v", kind, name, info.Mode())
			}
		}
		if target := must(os.Readlink(filepath.Join(dir, "b/up")))(t); target != "../a" {
			t.Errorf("%s: link to %q", kind, target)
		}
		if err := tree.WriteTo(context.Background(), dir); err == nil || !strings.Contains(err.Error(), "not empty") {
			t.Errorf("%s: a second time: %v", kind, err)
		}
	}
}

// failing is a file whose content breaks off.
type failing struct{ text }

func (f failing) open() (io.ReadCloser, int64, error) {
	return io.NopCloser(io.MultiReader(strings.NewReader("half"), &errorReader{})), 100, nil
}

type errorReader struct{}

func (*errorReader) Read([]byte) (int, error) { return 0, fs.ErrClosed }

// TestWriteToFails: what does not come about leaves nothing behind.
func TestWriteToFails(t *testing.T) {
	b := &builder{limits: Limits{}.withDefaults()}
	for _, n := range []node{
		{Entry: Entry{Path: "a/b/c", Mode: 0o644, Size: -1}, data: text("c")}, {Entry: Entry{Path: "l", Mode: fs.ModeSymlink | 0o777}, link: "a"}, {Entry: Entry{Path: "z", Mode: 0o644, Size: -1}, data: failing{}},
	} {
		if err := b.add(n); err != nil {
			t.Fatal(err)
		}
	}
	broken := must(b.tree(context.Background(), nil))(t)
	parent := t.TempDir()
	if err := broken.WriteTo(context.Background(), filepath.Join(parent, "x/y")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("error %v", err)
	}
	wantEmpty(t, parent)
	if err := broken.Tar(context.Background(), io.Discard, nil); !errors.Is(err, fs.ErrClosed) || !strings.Contains(err.Error(), "send z") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := broken.WriteTo(ctx, parent); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	wantEmpty(t, parent)
	if err := broken.Tar(ctx, io.Discard, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := broken.WriteTo(context.Background(), file(t, "occupied", nil)); err == nil {
		t.Error("written to a file")
	}
	if err := broken.WriteTo(context.Background(), filepath.Join(file(t, "occupied", nil), "x")); err == nil {
		t.Error("written below a file")
	}
}

// TestForeignTree: a Tree that NewTree makes of anything is not trusted either.
func TestForeignTree(t *testing.T) {
	m := fstest.MapFS{
		"ok":   {Data: []byte("ok"), Mode: 0o644},
		"out":  {Data: []byte("../../etc/passwd"), Mode: fs.ModeSymlink | 0o777},
		"abs":  {Data: []byte("/etc/passwd"), Mode: fs.ModeSymlink | 0o777},
		"in":   {Data: []byte("ok"), Mode: fs.ModeSymlink | 0o777},
		"bare": {Data: []byte("ok"), Mode: 0o644},
	}
	var entries []Entry
	for name, f := range m {
		entries = append(entries, Entry{Path: name, Mode: f.Mode, Size: int64(len(f.Data))})
	}
	tree := NewTree(m, entries, nil)
	dir := t.TempDir()
	if err := tree.WriteTo(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	if got := paths(open1(t, dir, Options{})); got != "bare in ok" {
		t.Errorf("written %q", got)
	}
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	if got := tree.Named("ok"); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// TestGrowingFile: a file that grows while it is sent is cut at the size that was announced.
func TestGrowingFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "log")
	write(t, name, "one\n")
	tree := open1(t, dir, Options{})
	r, w := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		err := tree.Tar(context.Background(), w, nil)
		sent <- err
		_ = w.CloseWithError(err)
	}()
	tr := tar.NewReader(r)
	h := must(tr.Next())(t)
	f := must(os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0))(t)
	if _, err := f.WriteString(strings.Repeat("more\n", 1000)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if data := must(io.ReadAll(tr))(t); int64(len(data)) != h.Size || string(data) != "one\n" {
		t.Errorf("%d bytes of %d", len(data), h.Size)
	}
	if _, err := tr.Next(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}
