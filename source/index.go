package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"
)

// store gives the contents of the entries of an indexFS, by their number in the index.
type store interface {
	open(i int) (io.ReadCloser, error)
	size(i int) (int64, error)
}

// indexFS is a read-only file system over a list of files. It knows no
// directories but those that its files imply, and follows links only to files that it holds.
type indexFS struct {
	store   store
	entries []Entry // sorted by path
	number  []int   // entry → number in the store
	byPath  map[string]int
}

// newIndexFS sorts the entries; the store keeps knowing them by their present order.
func newIndexFS(s store, entries []Entry) *indexFS {
	f := &indexFS{store: s, number: make([]int, len(entries)), byPath: make(map[string]int, len(entries))}
	for i := range f.number {
		f.number[i] = i
	}
	sort.Sort(byPath{entries, f.number})
	f.entries = entries
	for i, e := range entries {
		f.byPath[e.Path] = i
	}
	return f
}

type byPath struct {
	entries []Entry
	number  []int
}

func (b byPath) Len() int           { return len(b.entries) }
func (b byPath) Less(i, j int) bool { return b.entries[i].Path < b.entries[j].Path }
func (b byPath) Swap(i, j int) {
	b.entries[i], b.entries[j] = b.entries[j], b.entries[i]
	b.number[i], b.number[j] = b.number[j], b.number[i]
}

// maxLinks is how many links are followed before a path counts as a loop.
const maxLinks = 16

// maxLinkTarget bounds what is read of a link's content, in bytes.
const maxLinkTarget = 4096

// find returns the entry that a path leads to through links inside the tree.
func (f *indexFS) find(name string) (int, error) {
	for range maxLinks {
		i, ok := f.byPath[name]
		if !ok {
			return 0, fs.ErrNotExist
		}
		if f.entries[i].Mode&fs.ModeSymlink == 0 {
			return i, nil
		}
		target, err := f.readLink(i)
		if err != nil {
			return 0, err
		}
		name = path.Join(path.Dir(name), target)
		if path.IsAbs(target) || name == ".." || strings.HasPrefix(name, "../") {
			return 0, fmt.Errorf("link leaves the tree: %w", fs.ErrNotExist)
		}
	}
	return 0, errors.New("too many links")
}

func (f *indexFS) readLink(i int) (string, error) {
	r, err := f.store.open(f.number[i])
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxLinkTarget))
	return string(b), err
}

// Open opens a file or an implied directory.
func (f *indexFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	i, err := f.find(name)
	if errors.Is(err, fs.ErrNotExist) {
		if list := f.list(name); name == "." || len(list) > 0 {
			return &openDir{info: dirInfo(path.Base(name)), list: list}, nil
		}
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	r, err := f.store.open(f.number[i])
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{ReadCloser: r, fsys: f, at: i}, nil
}

// Stat describes a file, through links, or an implied directory.
func (f *indexFS) Stat(name string) (fs.FileInfo, error) {
	i, err := f.find(name)
	if err == nil {
		return f.info(i)
	}
	if errors.Is(err, fs.ErrNotExist) && (name == "." || len(f.list(name)) > 0) {
		return dirInfo(path.Base(name)), nil
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
}

// ReadDir lists an implied directory.
func (f *indexFS) ReadDir(name string) ([]fs.DirEntry, error) {
	list := f.list(name)
	if len(list) == 0 && name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	return list, nil
}

func (f *indexFS) info(i int) (fs.FileInfo, error) {
	e := f.entries[i]
	if e.Size < 0 {
		n, err := f.store.size(f.number[i])
		if err != nil {
			return nil, err
		}
		e.Size = n
	}
	return fileInfo{name: path.Base(e.Path), size: e.Size, mode: e.Mode}, nil
}

func (f *indexFS) list(dir string) []fs.DirEntry {
	prefix := ""
	if dir != "." {
		prefix = dir + "/"
	}
	from := sort.Search(len(f.entries), func(i int) bool { return f.entries[i].Path >= prefix })
	var out []fs.DirEntry
	last := ""
	for i := from; i < len(f.entries) && strings.HasPrefix(f.entries[i].Path, prefix); i++ {
		name, _, isDir := strings.Cut(f.entries[i].Path[len(prefix):], "/")
		if isDir {
			if name != last {
				out = append(out, fs.FileInfoToDirEntry(dirInfo(name)))
			}
			last = name
			continue
		}
		out = append(out, lazyEntry{f, i})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name() < out[j].Name() })
	return out
}

type lazyEntry struct {
	fsys *indexFS
	at   int
}

func (e lazyEntry) Name() string               { return path.Base(e.fsys.entries[e.at].Path) }
func (e lazyEntry) IsDir() bool                { return false }
func (e lazyEntry) Type() fs.FileMode          { return e.fsys.entries[e.at].Mode.Type() }
func (e lazyEntry) Info() (fs.FileInfo, error) { return e.fsys.info(e.at) }

type fileInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func dirInfo(name string) fs.FileInfo { return fileInfo{name: name, mode: fs.ModeDir | 0o755} }

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

type openFile struct {
	io.ReadCloser
	fsys *indexFS
	at   int
}

func (o *openFile) Stat() (fs.FileInfo, error) { return o.fsys.info(o.at) }

type openDir struct {
	info fs.FileInfo
	list []fs.DirEntry
}

func (o *openDir) Stat() (fs.FileInfo, error) { return o.info, nil }
func (o *openDir) Close() error               { return nil }
func (o *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: o.info.Name(), Err: errors.New("is a directory")}
}

// ReadDir returns the next n entries, or all.
func (o *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		list := o.list
		o.list = nil
		return list, nil
	}
	if len(o.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(o.list))
	list := o.list[:n]
	o.list = o.list[n:]
	return list, nil
}
