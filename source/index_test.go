package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// text is a file's content.
type text string

func (s text) open() (io.ReadCloser, int64, error) {
	return io.NopCloser(strings.NewReader(string(s))), int64(len(s)), nil
}
func (s text) size() (int64, error) { return int64(len(s)), nil }

// treeOf makes a tree of "path" (a file) and "path -> target" (a link).
func treeOf(t testing.TB, limits Limits, entries ...string) (*Tree, error) {
	t.Helper()
	b := &builder{limits: limits.withDefaults()}
	for _, e := range entries {
		name, target, link := strings.Cut(e, " -> ")
		n := node{Entry: Entry{Path: name, Mode: 0o644, Size: -1}, data: text(name)}
		if link {
			n = node{Entry: Entry{Path: name, Mode: fs.ModeSymlink | 0o777, Size: int64(len(target))}, link: target}
		}
		if err := b.add(n); err != nil {
			return nil, err
		}
	}
	return b.tree(context.Background(), nil)
}

func TestIndexIsAFileSystem(t *testing.T) {
	tree := must(treeOf(t, Limits{}, "a.b", "a/c", "a/d/e", "a-b", "a0", "z", "l -> a/c", "dir -> a/d", "up -> a/../z", "a/back -> ../z", "a/d/far -> ../../l"))(t)
	if err := fstest.TestFS(tree.fsys, "a.b", "a/c", "a/d/e", "a-b", "a0", "l", "up"); err != nil {
		t.Error(err)
	}
	// A link to what is not there yet is one that a build may fill.
	tree = must(treeOf(t, Limits{}, "a.b", "a/c", "a/d/e", "l -> a/c", "dir -> a/d", "z", "up -> a/../z", "a/back -> ../z", "a/d/far -> ../../l", "gone -> not/yet"))(t)
	for name, want := range map[string]string{
		"l": "a/c", "dir/e": "a/d/e", "up": "z", "a/back": "z", "a/d/far": "a/c", "dir/far": "a/c",
	} {
		data, err := fs.ReadFile(tree, name)
		info, statErr := tree.Stat(name)
		if err != nil || statErr != nil || string(data) != want || info.Size() != int64(len(want)) || !info.Mode().IsRegular() {
			t.Errorf("%s: %q, %v, %v", name, data, err, statErr)
		}
	}
	list := must(tree.ReadDir("dir"))(t)
	if len(list) != 2 || list[0].Name() != "e" || list[1].Type() != fs.ModeSymlink {
		t.Errorf("%v", list)
	}
	for _, name := range []string{"gone", "nope", "a/c/x", "dir/nope", "l/x"} {
		if _, err := tree.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "/a.b", "../a.b", "a/../a.b", "./a.b"} {
		if _, err := tree.Open(name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tree.ReadDir("a.b"); err == nil {
		t.Error("a file was listed")
	}
	d := must(tree.Open("a"))(t)
	if _, err := d.Read(nil); err == nil {
		t.Error("a folder was read")
	}
	x := tree.fsys.(fs.ReadLinkFS)
	if info, err := x.Lstat("dir"); err != nil || info.Mode()&fs.ModeSymlink == 0 || info.Size() != 3 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := x.ReadLink("a.b"); err == nil {
		t.Error("a file was read as a link")
	}
	if target, ok := tree.ReadLink("a/back"); !ok || target != "../z" {
		t.Errorf("%q, %v", target, ok)
	}
	if _, ok := tree.ReadLink("a.b"); ok {
		t.Error("a file is no link")
	}
}

// TestHostileIndex: whatever the source says, no path of the tree leads out of it.
func TestHostileIndex(t *testing.T) {
	for _, tt := range []struct {
		name    string
		entries []string
		want    string
		says    []string
	}{
		{"links out", []string{"ok", "abs -> /etc/passwd", "up -> ../x", "d/up -> ../../x", "win -> C:\\x", "back -> a\\b", "none -> "}, "ok",
			[]string{"abs: left out: a link out", "up: left out: a link out", "d/up: left out: a link out", "win: left out", "back: left out", "none: left out"}},
		{"a link out through a link", []string{"a/b/f", "deep -> a/b", "out -> deep/../../../x", "in -> deep/../b/f"}, "a/b/f deep in", []string{"out: left out: a link out"}},
		{"a link to a link out", []string{"ok", "one -> two", "two -> /etc"}, "ok", []string{"one: left out", "two: left out"}},
		{"loops", []string{"ok", "self -> self", "a -> b", "b -> a", "d/x -> ../d/x/y"}, "ok", []string{"self: left out: a link that leads back", "a: ", "b: ", "d/x: "}},
		{"into Git's data", []string{"ok", "hooks -> .git/hooks", "c -> x/.GIT/y"}, "ok", []string{"hooks: left out: a link out", "c: "}},
		{"duplicates", []string{"a", "b", "a"}, "a b", []string{"a: left out: an entry of the same name"}},
		{"below a file", []string{"a", "a/b", "a/b/c", "a-", "ab/c"}, "a a- ab/c", []string{"a/b: left out: it lies below", "a/b/c: "}},
		{"below a link", []string{"x/y", "l -> x", "l/z", "l/q/r"}, "l x/y", []string{"l/z: left out: it lies below", "l/q/r: "}},
		{"control characters in a link", []string{"ok", "l -> a\x1bb"}, "ok", []string{"l: left out: a link whose target"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := must(treeOf(t, Limits{}, tt.entries...))(t)
			if got := paths(tree); got != tt.want {
				t.Errorf("files %q, want %q", got, tt.want)
			}
			if len(tree.Warnings) != len(tt.says) {
				t.Errorf("%d warnings:\n%s", len(tree.Warnings), warned(tree))
			}
			for _, s := range tt.says {
				if !strings.Contains("\n"+warned(tree), "\n"+s) {
					t.Errorf("no warning %q in\n%s", s, warned(tree))
				}
			}
			if err := fstest.TestFS(tree.fsys, strings.Fields(tt.want)...); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLinkLabyrinth: links that multiply each other's work are given up on.
func TestLinkLabyrinth(t *testing.T) {
	long := strings.Repeat("./", 2000)
	entries := []string{"f"}
	for i := range 1000 {
		entries = append(entries, fmt.Sprintf("l%04d -> %sl%04d", i, long, (i+1)%1000))
	}
	_, err := treeOf(t, Limits{}, entries...)
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.Kind != TooLarge) {
		t.Error(err)
	}
	if err == nil {
		t.Error("forty links of 2,000 steps each, a thousand times, were followed")
	}
}

func TestManyWarnings(t *testing.T) {
	entries := []string{"ok"}
	for i := range 250 {
		entries = append(entries, fmt.Sprintf("l%d -> /", i))
	}
	tree := must(treeOf(t, Limits{}, entries...))(t)
	if n := len(tree.Warnings); n != maxWarnings+1 || !strings.HasPrefix(tree.Warnings[n-1].Text, "150 more") {
		t.Errorf("%d warnings, the last %v", n, tree.Warnings[n-1])
	}
}

func TestLimits(t *testing.T) {
	_, err := treeOf(t, Limits{MaxPath: 100}, strings.Repeat("a/", 60)+"b")
	var e *Error
	if !errors.As(err, &e) || e.Kind != TooLarge || !strings.Contains(err.Error(), "MaxPath = 100") {
		t.Errorf("%v", err)
	}
	dir := t.TempDir()
	for i := range 12 {
		write(t, fmt.Sprintf("%s/%d", dir, i), "")
	}
	if e := wantKind(t, dir, Options{Limits: Limits{MaxFiles: 10}}, TooLarge); !strings.Contains(e.Error(), "MaxFiles = 10") {
		t.Errorf("%v", e)
	}
}
