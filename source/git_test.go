package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// rawTree stores a tree object as it is given, without the checks of a well-meaning Git.
func rawTree(t testing.TB, repo *git.Repository, entries ...object.TreeEntry) plumbing.Hash {
	t.Helper()
	var b strings.Builder
	for _, e := range entries {
		mode := strings.TrimLeft(e.Mode.String(), "0")
		b.WriteString(mode + " " + e.Name + "\x00" + string(e.Hash[:]))
	}
	return store(t, repo, plumbing.TreeObject, b.String())
}

func store(t testing.TB, repo *git.Repository, kind plumbing.ObjectType, content string) plumbing.Hash {
	t.Helper()
	obj := repo.Storer.NewEncodedObject()
	obj.SetType(kind)
	w := must(obj.Writer())(t)
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return must(repo.Storer.SetEncodedObject(obj))(t)
}

// bareOf makes a bare repository whose branch main has this tree.
func bareOf(t testing.TB, tree func(*git.Repository) plumbing.Hash) string {
	t.Helper()
	dir := t.TempDir()
	repo := must(git.PlainInitWithOptions(dir, &git.PlainInitOptions{Bare: true, InitOptions: git.InitOptions{DefaultBranch: "refs/heads/main"}}))(t)
	c := &object.Commit{Author: *author(), Committer: *author(), Message: "c", TreeHash: tree(repo)}
	obj := repo.Storer.NewEncodedObject()
	if err := c.Encode(obj); err != nil {
		t.Fatal(err)
	}
	h := must(repo.Storer.SetEncodedObject(obj))(t)
	if err := repo.Storer.SetReference(plumbing.NewHashReference("refs/heads/main", h)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestHostileGitTree(t *testing.T) {
	dir := bareOf(t, func(repo *git.Repository) plumbing.Hash {
		blob := store(t, repo, plumbing.BlobObject, "x")
		out := store(t, repo, plumbing.BlobObject, "../../etc/passwd")
		in := store(t, repo, plumbing.BlobObject, "d/f")
		long := store(t, repo, plumbing.BlobObject, strings.Repeat("a/", 5000))
		gone := plumbing.NewHash("1234567812345678123456781234567812345678")
		sub := rawTree(t, repo, object.TreeEntry{Name: "f", Mode: filemode.Regular, Hash: blob}, object.TreeEntry{Name: "up", Mode: filemode.Symlink, Hash: out})
		return rawTree(t, repo,
			object.TreeEntry{Name: "..", Mode: filemode.Dir, Hash: sub},
			object.TreeEntry{Name: ".git", Mode: filemode.Dir, Hash: sub},
			object.TreeEntry{Name: ".GIT", Mode: filemode.Dir, Hash: sub},
			object.TreeEntry{Name: "a/b", Mode: filemode.Regular, Hash: blob},
			object.TreeEntry{Name: "a\nb", Mode: filemode.Regular, Hash: blob},
			object.TreeEntry{Name: `a\b`, Mode: filemode.Regular, Hash: blob},
			object.TreeEntry{Name: "bad\xff", Mode: filemode.Regular, Hash: blob},
			object.TreeEntry{Name: "d", Mode: filemode.Dir, Hash: sub},
			object.TreeEntry{Name: "dup", Mode: filemode.Regular, Hash: blob},
			object.TreeEntry{Name: "dup", Mode: filemode.Regular, Hash: blob},
			object.TreeEntry{Name: "gone", Mode: filemode.Regular, Hash: gone},
			object.TreeEntry{Name: "gonelink", Mode: filemode.Symlink, Hash: gone},
			object.TreeEntry{Name: "in", Mode: filemode.Symlink, Hash: in},
			object.TreeEntry{Name: "long", Mode: filemode.Symlink, Hash: long},
			object.TreeEntry{Name: "old", Mode: filemode.Deprecated, Hash: blob},
			object.TreeEntry{Name: "run", Mode: filemode.Executable, Hash: blob},
			object.TreeEntry{Name: "shadow", Mode: filemode.Regular, Hash: blob},
			object.TreeEntry{Name: "shadow", Mode: filemode.Dir, Hash: sub},
			object.TreeEntry{Name: "vendor", Mode: filemode.Submodule, Hash: gone},
			object.TreeEntry{Name: "weird", Mode: 0o140000, Hash: blob},
		)
	})
	tree := open1(t, dir, Options{})
	if got := paths(tree); got != "d/f dup gone in old run shadow" {
		t.Errorf("files %q", got)
	}
	for _, says := range []string{
		"..: left out: its path leads out", ".git: left out: Git's own data", "a/b: left out: its name has a slash", "a·b: left out: its name has control", `a\b: left out: its name has a backslash`, "bad·: left out: its name is not UTF-8",
		"d/up: left out: a link out", "dup: left out: an entry of the same name", "gonelink: left out: a link that cannot be read", "long: left out: a link that cannot be read", "shadow/f: left out: it lies below",
		"vendor: left out: a Git submodule", "weird: left out: ",
	} {
		if !strings.Contains("\n"+warned(tree), "\n"+says) {
			t.Errorf("no warning %q in\n%s", says, warned(tree))
		}
	}
	if e, _ := tree.Lookup("run"); e.Mode != 0o755 || e.Size != -1 {
		t.Errorf("%+v", e)
	}
	if data, err := fs.ReadFile(tree, "in"); err != nil || string(data) != "x" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := tree.Open("gone"); !errors.Is(err, plumbing.ErrObjectNotFound) {
		t.Errorf("%v", err)
	}
	if _, err := tree.Stat("gone"); !errors.Is(err, plumbing.ErrObjectNotFound) {
		t.Errorf("%v", err)
	}
	wantKind(t, dir+"#:vendor", Options{}, NotFound)
}

// TestTreeBomb: folders that hold each other ten times over, ten levels deep, are ten thousand million files.
func TestTreeBomb(t *testing.T) {
	dir := bareOf(t, func(repo *git.Repository) plumbing.Hash {
		h := rawTree(t, repo)
		for range 10 {
			var entries []object.TreeEntry
			for _, name := range "0123456789" {
				entries = append(entries, object.TreeEntry{Name: string(name), Mode: filemode.Dir, Hash: h})
			}
			h = rawTree(t, repo, entries...)
		}
		return h
	})
	wantKind(t, dir, Options{Limits: Limits{MaxFiles: 5000}}, TooLarge)
	deep := bareOf(t, func(repo *git.Repository) plumbing.Hash {
		h := rawTree(t, repo)
		for range 300 {
			h = rawTree(t, repo, object.TreeEntry{Name: "d", Mode: filemode.Dir, Hash: h})
		}
		return h
	})
	wantKind(t, deep, Options{Limits: Limits{MaxPath: 100}}, TooLarge)
}

func TestDamagedObjects(t *testing.T) {
	t.Run("tree that is none", func(t *testing.T) {
		wantKind(t, bareOf(t, func(repo *git.Repository) plumbing.Hash {
			return store(t, repo, plumbing.TreeObject, "100644 no-end")
		}), Options{}, Corrupt)
	})
	t.Run("branch to a blob", func(t *testing.T) {
		dir, _, _ := workTree(t)
		repo := must(git.PlainOpen(dir))(t)
		h := store(t, repo, plumbing.BlobObject, "x")
		if err := repo.Storer.SetReference(plumbing.NewHashReference("refs/heads/blob", h)); err != nil {
			t.Fatal(err)
		}
		wantKind(t, dir+"#blob", Options{}, BadRef)
		wantKind(t, dir+"#"+h.String(), Options{}, BadRef)
	})
	t.Run("file whose contents are missing", func(t *testing.T) {
		location := bareOf(t, func(repo *git.Repository) plumbing.Hash {
			return store(t, repo, plumbing.TreeObject, "100644 gone\x00"+strings.Repeat("\x07", 20))
		})
		tree := must(Open(context.Background(), location, Options{}))(t)
		defer tree.Close()
		parent := t.TempDir()
		var known *Error
		if err := tree.WriteTo(context.Background(), filepath.Join(parent, "x")); !errors.As(err, &known) || known.Kind != Corrupt || !strings.Contains(err.Error(), "gone") || known.Try == "" {
			t.Errorf("error %v", err)
		}
		wantEmpty(t, parent)
	})
	t.Run("tags in a circle", func(t *testing.T) {
		dir, _, _ := workTree(t)
		repo := must(git.PlainOpen(dir))(t)
		h := plumbing.ZeroHash
		for range maxTags + 2 {
			h = store(t, repo, plumbing.TagObject, "object "+h.String()+"\ntype tag\ntag x\ntagger a <a@example.com> 1 +0000\n\nx\n")
		}
		if err := repo.Storer.SetReference(plumbing.NewHashReference("refs/tags/x", h)); err != nil {
			t.Fatal(err)
		}
		wantKind(t, dir+"#x", Options{}, BadRef)
	})
	t.Run("reference that leads back to itself", func(t *testing.T) {
		dir, _, _ := workTree(t)
		write(t, filepath.Join(dir, ".git/refs/heads/loop"), "ref: refs/heads/loop\n")
		wantKind(t, dir+"#loop", Options{}, Corrupt)
		write(t, filepath.Join(dir, ".git/refs/heads/out"), "ref: ../../../etc/passwd\n")
		wantKind(t, dir+"#out", Options{}, Corrupt)
	})
	t.Run("reference of nonsense", func(t *testing.T) {
		dir, _, _ := workTree(t)
		write(t, filepath.Join(dir, ".git/refs/heads/odd"), "hello\n")
		tree, err := Open(context.Background(), dir+"#odd", Options{})
		if err == nil {
			_ = tree.Close()
			t.Error("opened")
		}
	})
	t.Run("folder of references", func(t *testing.T) {
		dir, _, _ := workTree(t)
		write(t, filepath.Join(dir, ".git/refs/heads/feature/x"), "")
		wantKind(t, dir+"#feature", Options{}, BadRef)
	})
}

// TestCorruptPack breaks a pack at each of many places: opening or reading reports it, and nothing panics.
func TestCorruptPack(t *testing.T) {
	dir := manyFiles(t, 60)
	packs := must(filepath.Glob(filepath.Join(dir, "objects/pack/*.pack")))(t)
	indexes := must(filepath.Glob(filepath.Join(dir, "objects/pack/*.idx")))(t)
	if len(packs) != 1 || len(indexes) != 1 {
		t.Fatalf("%v %v", packs, indexes)
	}
	for _, name := range []string{packs[0], indexes[0]} {
		whole := must(os.ReadFile(name))(t)
		if err := os.Chmod(name, 0o644); err != nil {
			t.Fatal(err)
		}
		noticed := 0
		for i := range 40 {
			at := 12 + i*(len(whole)-40)/40
			broken := append([]byte(nil), whole...)
			for j := at; j < min(at+8, len(broken)); j++ {
				broken[j] ^= 0xff
			}
			if i == 39 {
				broken = broken[:len(broken)/2]
			}
			write(t, name, string(broken))
			if readsWithError(t, dir) {
				noticed++
			}
		}
		if noticed < 20 {
			t.Errorf("%s: %d of 40 damages were noticed", filepath.Ext(name), noticed)
		}
		write(t, name, string(whole))
	}
	if readsWithError(t, dir) {
		t.Error("the whole pack cannot be read")
	}
	if err := os.Remove(packs[0]); err != nil {
		t.Fatal(err)
	}
	wantKind(t, dir, Options{}, Corrupt)
}

func readsWithError(t *testing.T, dir string) bool {
	t.Helper()
	tree, err := Open(context.Background(), dir, Options{})
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Kind != Corrupt && e.Kind != BadRef && e.Kind != Empty {
			t.Errorf("error %v", err)
		}
		return true
	}
	defer tree.Close()
	bad := false
	for _, e := range tree.Entries() {
		if _, err := fs.ReadFile(tree, e.Path); err != nil {
			bad = true
		}
	}
	return bad
}

// TestSeveralReaders reads one tree from many goroutines; the race detector watches.
func TestSeveralReaders(t *testing.T) {
	for _, location := range []string{manyFiles(t, 200), file(t, "a.tgz", gzipped(t, tarOf(t, hundred()...))), file(t, "b.zip", zipHundred(t))} {
		tree := open1(t, location, Options{Limits: Limits{MemoryBytes: 100}})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for _, e := range tree.Entries() {
					data, err := fs.ReadFile(tree, e.Path)
					info, statErr := tree.Stat(e.Path)
					if err != nil || statErr != nil || int64(len(data)) != info.Size() {
						t.Errorf("%s: %v, %v", e.Path, err, statErr)
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestAlternates(t *testing.T) {
	dir, first, _ := workTree(t)
	for _, form := range []string{"--shared", "--reference"} {
		to := filepath.Join(t.TempDir(), "borrower")
		args := []string{"clone", "-q", "--bare", "--shared", dir, to}
		if form == "--reference" {
			args = []string{"clone", "-q", "--bare", "--reference", dir, "file://" + dir, to}
		}
		gitRun(t, ".", args...)
		if got := paths(open1(t, to+"#"+first[:10], Options{})); got != "Gemfile app/models/a.rb bin/run" {
			t.Errorf("%s: files %q", form, got)
		}
	}
	// Relative, in a circle, and nonsense.
	write(t, filepath.Join(dir, ".git/objects/info/alternates"), "# a comment\n../../.git/objects\n\n/nowhere/objects\n../../../shop/.git/objects\n/etc/passwd\n")
	if got := alternates(filepath.Join(dir, ".git")); len(got) != 1 || got[0] != "/nowhere" {
		t.Errorf("alternates %q", got)
	}
	if got := paths(open1(t, dir+"#v1", Options{})); got != "Gemfile app/models/a.rb bin/run" {
		t.Errorf("files %q", got)
	}
}

func TestMirrorWithoutItsHead(t *testing.T) {
	dir, _, second := workTree(t)
	write(t, filepath.Join(dir, ".git/HEAD"), "ref: refs/heads/trunk\n")
	tree := open1(t, "file://"+dir, Options{})
	if tree.Ref != "main" || tree.Commit != second || !strings.Contains(warned(tree), "main was taken") {
		t.Errorf("ref %q, warnings %q", tree.Ref, warned(tree))
	}
	if err := os.Rename(filepath.Join(dir, ".git/refs/heads/main"), filepath.Join(dir, ".git/refs/heads/next")); err != nil {
		t.Fatal(err)
	}
	e := wantKind(t, "file://"+dir, Options{}, BadRef)
	if !strings.Contains(e.Error(), "next") || !strings.Contains(e.Error(), "release-1") {
		t.Errorf("%v", e)
	}
	if err := os.Remove(filepath.Join(dir, ".git/refs/heads/release-1")); err != nil {
		t.Fatal(err)
	}
	if tree := open1(t, "file://"+dir, Options{}); tree.Ref != "next" {
		t.Errorf("ref %q", tree.Ref)
	}
	// HEAD at a commit.
	write(t, filepath.Join(dir, ".git/HEAD"), second+"\n")
	if tree := open1(t, "file://"+dir, Options{}); tree.Ref != "" || tree.Commit != second {
		t.Errorf("ref %q, commit %q", tree.Ref, tree.Commit)
	}
}

func TestAmbiguousCommit(t *testing.T) {
	dir, _, _ := workTree(t)
	repo := must(git.PlainOpen(dir))(t)
	seen := map[string]string{}
	// Among 2,000 commits some share their first four digits.
	base := must(repo.Head())(t)
	c := must(repo.CommitObject(base.Hash()))(t)
	for i := range 2000 {
		c.Message = strings.Repeat("x", i)
		obj := repo.Storer.NewEncodedObject()
		if err := c.Encode(obj); err != nil {
			t.Fatal(err)
		}
		h := must(repo.Storer.SetEncodedObject(obj))(t).String()
		if other, ok := seen[h[:4]]; ok && other != h {
			e := wantKind(t, dir+"#"+h[:4], Options{}, BadRef)
			if !strings.Contains(e.Error(), "commits begin with "+h[:4]) {
				t.Errorf("%v", e)
			}
			if open1(t, dir+"#"+h[:13], Options{}).Commit != h {
				t.Error("thirteen digits do not find the commit")
			}
			return
		}
		seen[h[:4]] = h
	}
	t.Fatal("no two commits share four digits")
}

func TestLFS(t *testing.T) {
	const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n"
	dir := filepath.Join(t.TempDir(), "lfs")
	repo := must(git.PlainInit(dir, false))(t)
	commit(t, repo, map[string]string{
		".gitattributes":     "\"\"\n*.psd filter=lfs diff=lfs -text\n*.bin filter=lfs\n[attr]x\n",
		"sub/.gitattributes": "*.bin -filter\n",
		"a.psd":              pointer, "b/c.psd": pointer, "real.psd": "8BPS", "sub/d.bin": pointer, "plain.txt": pointer,
	})
	for _, location := range []string{dir, dir + "#HEAD"} {
		tree := open1(t, location, Options{})
		if got := warned(tree); got != "a.psd: its content is kept by Git LFS and is not in the source; so is that of 1 more files" {
			t.Errorf("%s: warnings %q", location, got)
		}
	}
	if got := warned(open1(t, dir+"#:sub", Options{})); got != "" {
		t.Errorf("warnings %q", got)
	}
}

// TestPipesInRepository: what go-git would wait for is not opened.
func TestPipesInRepository(t *testing.T) {
	dir, _, _ := workTree(t)
	for _, name := range []string{"packed-refs", "objects/info/alternates", "config", "commondir"} {
		p := filepath.Join(dir, ".git", name)
		_ = os.Remove(p)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		mkfifo(t, p)
	}
	if got := paths(open1(t, dir+"#v1", Options{})); got != "Gemfile app/models/a.rb bin/run" {
		t.Errorf("files %q", got)
	}
	head := filepath.Join(dir, ".git/HEAD")
	if err := os.Remove(head); err != nil {
		t.Fatal(err)
	}
	mkfifo(t, head)
	wantKind(t, dir+"#v1", Options{}, BadRef)
}
