// Package source opens any SOURCE of the command line (a directory, a Git URL, a
// bare repository, an archive) as a Tree: a read-only file system with an
// index of its paths. Git is read without a work tree.
package source

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tree is a repository at rest. It implements fs.FS, fs.StatFS and fs.ReadDirFS over slash-separated
// paths relative to the repository's (or subdir's) root. A Tree is safe for
// use by several goroutines. Close it when done: it may hold a temporary clone.
type Tree struct {
	fsys     fs.FS
	closer   func() error
	entries  []Entry // sorted by Path
	names    *names
	Location string    // as the user gave it, with credentials removed
	Commit   string    // 40 hex digits; empty when the source is not Git
	Date     time.Time // of the commit, as its committer's clock had it; zero when the source is not Git
	Ref      string    // branch or tag the commit was found by; may be empty
	Dir      string    // absolute path when the source is a directory on disk, else empty
	Warnings []Warning
}

// Warning is something about the source that the user should know: a file
// left out, a limit reached.
type Warning struct {
	Path string
	Text string
}

// Entry is a file of a Tree. Directories are not listed.
type Entry struct {
	Path string
	Mode fs.FileMode // 0644, 0755, or fs.ModeSymlink; 0: a file whose mode would cost a look-up (directories): use fs.Stat. Submodules are left out
	Size int64       // bytes; -1 when it would cost a look-up (Git, directories): use fs.Stat
}

// NewTree indexes entries over fsys. The entries need not be sorted. closer may be nil.
func NewTree(fsys fs.FS, entries []Entry, closer func() error) *Tree {
	byPath := func(a, b Entry) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(entries, byPath) { // every kind of source but an archive lists them in order
		slices.SortFunc(entries, byPath)
	}
	return &Tree{fsys: fsys, closer: closer, entries: entries, names: &names{}}
}

// names finds the entries that share a base name. It is made when it is first asked for, without an allocation for each
// name: most of a large tree's names occur once and are never asked for.
type names struct {
	once  sync.Once
	first map[string]int32
	next  []int32 // the next entry of the same name, -1: none
}

func (n *names) find(entries []Entry, base string) []string {
	n.once.Do(func() {
		n.first, n.next = make(map[string]int32, len(entries)), make([]int32, len(entries))
		for i := len(entries) - 1; i >= 0; i-- {
			name := path.Base(entries[i].Path)
			n.next[i] = -1
			if after, ok := n.first[name]; ok {
				n.next[i] = after
			}
			n.first[name] = int32(i)
		}
	})
	at, ok := n.first[base]
	if !ok {
		return nil
	}
	var out []string
	for ; at >= 0; at = n.next[at] {
		out = append(out, entries[at].Path)
	}
	return out
}

// Open opens a file for reading.
func (t *Tree) Open(name string) (fs.File, error) { return t.fsys.Open(name) }

// Stat describes a file, without following a link out of the tree.
func (t *Tree) Stat(name string) (fs.FileInfo, error) { return fs.Stat(t.fsys, name) }

// ReadDir lists a directory.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(t.fsys, name) }

// Entries returns the files in the order of their paths. The slice is shared:
// do not change it.
func (t *Tree) Entries() []Entry { return t.entries }

// Lookup returns the entry of a path.
func (t *Tree) Lookup(name string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(t.entries, name, func(e Entry, name string) int { return strings.Compare(e.Path, name) })
	if !ok {
		return Entry{}, false
	}
	return t.entries[i], true
}

// Named returns the paths of all files with this base name, sorted.
func (t *Tree) Named(base string) []string { return t.names.find(t.entries, base) }

// Len is the number of files.
func (t *Tree) Len() int { return len(t.entries) }

// Without returns the tree as it would be without some files. It shares the contents, and is closed with t.
func (t *Tree) Without(hidden func(path string) bool) *Tree {
	entries, all := []Entry(nil), t.names
	for i, e := range t.entries {
		switch h := hidden(e.Path); {
		case h && all != nil:
			entries, all = append(make([]Entry, 0, len(t.entries)), t.entries[:i]...), nil
		case !h && all == nil:
			entries = append(entries, e)
		}
	}
	n := &Tree{fsys: t.fsys, entries: entries, names: &names{}}
	if all != nil {
		n.entries, n.names = t.entries, all
	}
	n.Location, n.Commit, n.Date, n.Ref, n.Dir, n.Warnings = t.Location, t.Commit, t.Date, t.Ref, t.Dir, t.Warnings
	return n
}

// Close releases what the tree holds (a temporary clone, an open archive).
func (t *Tree) Close() error {
	if t.closer == nil {
		return nil
	}
	c := t.closer
	t.closer = nil
	return c()
}
