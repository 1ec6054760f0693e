// Package source opens any SOURCE of the command line (a directory, a Git URL, a
// bare repository, an archive) as a Tree: a read-only file system with an
// index of its paths. Git is read without a work tree.
package source

import (
	"io/fs"
	"path"
	"sort"
)

// Tree is a repository at rest. It implements fs.FS, fs.StatFS and fs.ReadDirFS over slash-separated
// paths relative to the repository's (or subdir's) root. A Tree is safe for
// use by several goroutines. Close it when done: it may hold a temporary clone.
type Tree struct {
	fsys     fs.FS
	closer   func() error
	entries  []Entry // sorted by Path
	byPath   map[string]int
	byName   map[string][]string
	Location string // as the user gave it, with credentials removed
	Commit   string // 40 hex digits; empty when the source is not Git
	Ref      string // branch or tag the commit was found by; may be empty
	Dir      string // absolute path when the source is a directory on disk, else empty
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
	Mode fs.FileMode // 0644, 0755, or fs.ModeSymlink; submodules are left out
	Size int64       // bytes; -1 when reading it would cost a look-up (Git): use fs.Stat
}

// NewTree indexes entries over fsys. The entries need not be sorted. closer may be nil.
func NewTree(fsys fs.FS, entries []Entry, closer func() error) *Tree {
	sort.Slice(entries, func(i, j int) bool { return entries[i].Path < entries[j].Path })
	t := &Tree{
		fsys:    fsys,
		closer:  closer,
		entries: entries,
		byPath:  make(map[string]int, len(entries)),
		byName:  make(map[string][]string, len(entries)),
	}
	for i, e := range entries {
		t.byPath[e.Path] = i
		name := path.Base(e.Path)
		t.byName[name] = append(t.byName[name], e.Path)
	}
	return t
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
	i, ok := t.byPath[name]
	if !ok {
		return Entry{}, false
	}
	return t.entries[i], true
}

// Named returns the paths of all files with this base name, sorted. The slice
// is shared: do not change it.
func (t *Tree) Named(base string) []string { return t.byName[base] }

// Len is the number of files.
func (t *Tree) Len() int { return len(t.entries) }

// Without returns the tree as it would be without some files. It shares the contents, and is closed with t.
func (t *Tree) Without(hidden func(path string) bool) *Tree {
	entries := make([]Entry, 0, len(t.entries))
	for _, e := range t.entries {
		if !hidden(e.Path) {
			entries = append(entries, e)
		}
	}
	n := NewTree(t.fsys, entries, nil)
	n.Location, n.Commit, n.Ref, n.Dir, n.Warnings = t.Location, t.Commit, t.Ref, t.Dir, t.Warnings
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
