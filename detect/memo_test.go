package detect

import (
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/source"
)

func TestNamedAndMemo(t *testing.T) {
	var entries []source.Entry
	fsys := fstest.MapFS{}
	for _, p := range []string{"pom.xml", "a/pom.xml", "a/b/pom.xml", "ab/pom.xml", "a/other"} {
		fsys[p] = &fstest.MapFile{}
		entries = append(entries, source.Entry{Path: p})
	}
	root := NewDir(source.NewTree(fsys, entries, nil), ".")
	a, _ := root.Sub("a")
	if got := root.Named("pom.xml"); !reflect.DeepEqual(got, []string{"a/b/pom.xml", "a/pom.xml", "ab/pom.xml", "pom.xml"}) {
		t.Errorf("root: %q", got)
	}
	if got := a.Named("pom.xml"); !reflect.DeepEqual(got, []string{"b/pom.xml", "pom.xml"}) {
		t.Errorf("a: %q", got)
	}
	made := 0
	build := func() any { made++; return made }
	if root.Memo("k", build) != 1 || a.Memo("k", build) != 1 || a.Memo("l", build) != 2 {
		t.Error("a memo is made once for a key and shared by all directories")
	}
}
