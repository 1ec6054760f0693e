package source

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestTreeFindsByNameAndPath(t *testing.T) {
	tree := NewTree(nil, []Entry{{Path: "b/pom.xml"}, {Path: "pom.xml"}, {Path: "a-b/x"}, {Path: "a/pom.xml"}, {Path: "a/x"}}, nil)
	if got, want := tree.Named("pom.xml"), []string{"a/pom.xml", "b/pom.xml", "pom.xml"}; !reflect.DeepEqual(got, want) {
		t.Errorf("named: %q, want %q", got, want)
	}
	if got := tree.Named("none"); got != nil {
		t.Errorf("named: %q", got)
	}
	for _, p := range []string{"a/pom.xml", "a-b/x", "pom.xml"} {
		if e, ok := tree.Lookup(p); !ok || e.Path != p {
			t.Errorf("%s: %v, %v", p, e, ok)
		}
	}
	for _, p := range []string{"a", "", "a/pom.xml/", "z"} {
		if _, ok := tree.Lookup(p); ok {
			t.Errorf("%q is found", p)
		}
	}
}

func TestWithout(t *testing.T) {
	tree := NewTree(nil, []Entry{{Path: "a"}, {Path: "b"}, {Path: "c"}, {Path: "d/a"}}, nil)
	paths := func(t *Tree) (out []string) {
		for _, e := range t.Entries() {
			out = append(out, e.Path)
		}
		return out
	}
	for hidden, want := range map[string][]string{"a": {"b", "c", "d/a"}, "b": {"a", "c", "d/a"}, "d/a": {"a", "b", "c"}, "none": {"a", "b", "c", "d/a"}} {
		n := tree.Without(func(p string) bool { return p == hidden })
		if got := paths(n); !reflect.DeepEqual(got, want) {
			t.Errorf("without %s: %q, want %q", hidden, got, want)
		}
		if _, ok := n.Lookup(hidden); ok {
			t.Errorf("without %s: it is found", hidden)
		}
		for _, p := range n.Named("a") {
			if p == hidden {
				t.Errorf("without %s: it is found by its name", hidden)
			}
		}
	}
	if got := paths(tree); len(got) != 4 {
		t.Errorf("the tree itself was changed: %q", got)
	}
}

// TestSizesAndModesAreAskedForLate: a folder's listing does not look at its files; Stat, Open and an entry's Info do.
func TestSizesAndModesAreAskedForLate(t *testing.T) {
	tree := openTestFolder(t)
	for name, want := range map[string]string{"run.sh": "-rwxr-xr-x", "plain": "-rw-r--r--"} {
		info, err := tree.Stat(name)
		if err != nil || info.Mode().String() != want || info.Size() != 5 {
			t.Errorf("stat %s: %v, %v", name, info, err)
		}
		f, err := tree.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := f.Stat(); err != nil || info.Mode().String() != want || info.Size() != 5 {
			t.Errorf("open %s: %v, %v", name, info, err)
		}
		_ = f.Close()
	}
	list, err := tree.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if info, err := d.Info(); err != nil || info.Size() != 5 || info.Mode().Perm() == 0 {
			t.Errorf("list: %v, %v", info, err)
		}
	}
}

func openTestFolder(t *testing.T) *Tree {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"run.sh": 0o755, "plain": 0o640} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("hello"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := Open(context.Background(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tree.Close() })
	return tree
}
