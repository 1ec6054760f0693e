package source

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"
)

// content is where the bytes of a file lie.
type content interface {
	// open returns the bytes and their number.
	open() (io.ReadCloser, int64, error)
	// size returns their number alone.
	size() (int64, error)
}

// node is an entry with its content.
type node struct {
	Entry
	link string  // what a symbolic link says
	data content // nil for links
}

// index is the one file system behind every kind of source: a sorted list of nodes. Links are resolved
// here, over the list, so that none can lead anywhere else, whatever the
// disk or the archive says.
type index struct {
	nodes []node // sorted by Path, no duplicates, no node below a file or link
}

var (
	_ fs.ReadDirFS  = (*index)(nil)
	_ fs.StatFS     = (*index)(nil)
	_ fs.ReadLinkFS = (*index)(nil)
)

// find returns the node of exactly this path.
func (x *index) find(p string) *node {
	i := sort.Search(len(x.nodes), func(i int) bool { return x.nodes[i].Path >= p })
	if i < len(x.nodes) && x.nodes[i].Path == p {
		return &x.nodes[i]
	}
	return nil
}

// below returns the nodes below a directory.
func (x *index) below(dir string) []node {
	if dir == "." || dir == "" {
		return x.nodes
	}
	from := sort.Search(len(x.nodes), func(i int) bool { return x.nodes[i].Path >= dir+"/" })
	to := from + sort.Search(len(x.nodes)-from, func(i int) bool { return x.nodes[from+i].Path >= dir+"0" }) // "0" follows "/"
	return x.nodes[from:to]
}

// Where a path leads to.
type place int

const (
	toFile place = iota
	toDir
	toNothing // a path inside the tree at which nothing is
	toOutside
	toLoop
)

const maxLinks = 40 // on the way to one file, as in the Linux kernel

// resolve follows links. It returns where name leads to and, for a file or directory, its real path. steps,
// if not nil, is counted down by the work done.
func (x *index) resolve(name string, steps *int) (string, place) {
	if n := x.find(name); n != nil && n.Mode&fs.ModeSymlink == 0 {
		return name, toFile
	}
	return x.follow(name, false, steps)
}

// follow walks a path component by component. With keepLast a link at its very end is not followed.
func (x *index) follow(name string, keepLast bool, steps *int) (string, place) {
	todo := splitReversed(name)
	at, links, missing := "", 0, false
	for len(todo) > 0 {
		part := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if steps != nil {
			*steps--
		}
		switch part {
		case "", ".":
			continue
		case "..":
			if at == "" {
				return "", toOutside
			}
			at = parent(at)
			continue
		}
		if dotGit(part) {
			return "", toOutside
		}
		at = path.Join(at, part)
		n := x.find(at)
		switch {
		case missing, n == nil:
			missing = missing || len(x.below(at)) == 0
		case n.Mode&fs.ModeSymlink == 0:
			missing = missing || len(todo) > 0 // a file where a directory should be
		case keepLast && len(todo) == 0:
		default:
			if links++; links > maxLinks {
				return "", toLoop
			}
			if linkProblem(n.link) != "" {
				return "", toOutside
			}
			at = parent(at)
			todo = append(todo, splitReversed(n.link)...)
		}
	}
	switch {
	case at == "":
		return ".", toDir
	case missing:
		return at, toNothing
	case x.find(at) != nil:
		return at, toFile
	}
	return at, toDir
}

// linkProblem says why a link's text alone rules it out; empty: it does not.
func linkProblem(target string) string {
	switch {
	case target == "":
		return "a link to nothing"
	case strings.HasPrefix(target, "/"):
		return "a link out of the source"
	case strings.Contains(target, `\`), len(target) > 1 && target[1] == ':', strings.ContainsFunc(target, deceives):
		return "a link whose target has characters that a path of this source cannot have"
	}
	return ""
}

func splitReversed(p string) []string {
	parts := strings.Split(p, "/")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return parts
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

// lookup checks a name of an fs operation and resolves it.
func (x *index) lookup(op, name string, keepLast bool) (string, place, error) {
	if !fs.ValidPath(name) {
		return "", toNothing, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	var at string
	var where place
	if keepLast {
		at, where = x.follow(name, true, nil)
	} else {
		at, where = x.resolve(name, nil)
	}
	switch where {
	case toFile, toDir:
		return at, where, nil
	case toLoop:
		return "", where, &fs.PathError{Op: op, Path: name, Err: errors.New("too many links")}
	}
	return "", where, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// Open opens a file or directory.
func (x *index) Open(name string) (fs.File, error) {
	at, where, err := x.lookup("open", name, false)
	if err != nil {
		return nil, err
	}
	if where == toDir {
		return &openDir{info: dirInfo(path.Base(name)), name: name, index: x}, nil
	}
	n := x.find(at)
	r, size, err := n.data.open()
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	info := nodeInfo{name: path.Base(name), mode: n.Mode, known: size}
	if f, ok := r.(fs.File); ok && n.Mode == 0 {
		stat, err := f.Stat()
		if err != nil {
			_ = r.Close()
			return nil, &fs.PathError{Op: "open", Path: name, Err: bare(err)}
		}
		info.mode = mode(stat.Mode())
	}
	return &openFile{ReadCloser: r, info: info}, nil
}

// Stat describes a file, following links inside the tree.
func (x *index) Stat(name string) (fs.FileInfo, error) {
	at, where, err := x.lookup("stat", name, false)
	if err != nil {
		return nil, err
	}
	return x.describe("stat", name, at, where)
}

// Lstat describes a file or a link itself.
func (x *index) Lstat(name string) (fs.FileInfo, error) {
	at, where, err := x.lookup("lstat", name, true)
	if err != nil {
		return nil, err
	}
	return x.describe("lstat", name, at, where)
}

func (x *index) describe(op, name, at string, where place) (fs.FileInfo, error) {
	if where == toDir {
		return dirInfo(path.Base(name)), nil
	}
	n := x.find(at)
	size, m, err := n.attributes()
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return nodeInfo{name: path.Base(name), mode: m, known: size}, nil
}

// ReadLink returns what a link says.
func (x *index) ReadLink(name string) (string, error) {
	at, where, err := x.lookup("readlink", name, true)
	if err != nil {
		return "", err
	}
	if where == toFile {
		if n := x.find(at); n.Mode&fs.ModeSymlink != 0 {
			return n.link, nil
		}
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

// ReadDir lists a directory, sorted by name.
func (x *index) ReadDir(name string) ([]fs.DirEntry, error) {
	at, where, err := x.lookup("readdir", name, false)
	if err != nil {
		return nil, err
	}
	if where == toFile {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a directory")}
	}
	prefix := ""
	if at != "." {
		prefix = at + "/"
	}
	nodes := x.below(at)
	var out []fs.DirEntry
	for len(nodes) > 0 {
		rest := nodes[0].Path[len(prefix):]
		dir, _, deeper := strings.Cut(rest, "/")
		if !deeper {
			out = append(out, dirEntry{&nodes[0]})
			nodes = nodes[1:]
			continue
		}
		out = append(out, fs.FileInfoToDirEntry(dirInfo(dir)))
		nodes = nodes[sort.Search(len(nodes), func(i int) bool { return nodes[i].Path >= prefix+dir+"0" }):]
	}
	// "a.b" sorts before "a/c" as a path but after "a" as a name.
	sort.Slice(out, func(i, j int) bool { return out[i].Name() < out[j].Name() })
	return out, nil
}

// attributes are the number of bytes of a file, or of a link's text, and its mode.
func (n *node) attributes() (int64, fs.FileMode, error) {
	if n.data == nil {
		return int64(len(n.link)), n.Mode, nil
	}
	if n.Size >= 0 {
		return n.Size, n.Mode, nil
	}
	if f, ok := n.data.(diskFile); ok {
		return f.stat()
	}
	size, err := n.data.size()
	return size, n.Mode, err
}

// nodeInfo describes a file, link or directory. A tree has no times.
type nodeInfo struct {
	name  string
	mode  fs.FileMode
	known int64
}

func dirInfo(name string) nodeInfo { return nodeInfo{name: name, mode: fs.ModeDir | 0o755} }

func (i nodeInfo) Name() string       { return i.name }
func (i nodeInfo) Size() int64        { return i.known }
func (i nodeInfo) Mode() fs.FileMode  { return i.mode }
func (i nodeInfo) ModTime() time.Time { return time.Time{} }
func (i nodeInfo) IsDir() bool        { return i.mode.IsDir() }
func (i nodeInfo) Sys() any           { return nil }

// dirEntry is a node in a listing; its size is looked up only when asked for.
type dirEntry struct{ n *node }

func (d dirEntry) Name() string      { return path.Base(d.n.Path) }
func (d dirEntry) IsDir() bool       { return false }
func (d dirEntry) Type() fs.FileMode { return d.n.Mode.Type() }
func (d dirEntry) String() string    { return fs.FormatDirEntry(d) }

func (d dirEntry) Info() (fs.FileInfo, error) {
	size, m, err := d.n.attributes()
	if err != nil {
		return nil, err
	}
	return nodeInfo{name: d.Name(), mode: m, known: size}, nil
}

type openFile struct {
	io.ReadCloser
	info nodeInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }

type openDir struct {
	info  nodeInfo
	name  string
	index *index
	rest  []fs.DirEntry
	read  bool
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errors.New("is a directory")}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.read {
		var err error
		if d.rest, err = d.index.ReadDir(d.name); err != nil {
			return nil, err
		}
		d.read = true
	}
	if n <= 0 {
		out := d.rest
		d.rest = nil
		return out, nil
	}
	if len(d.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.rest))
	out := d.rest[:n:n]
	d.rest = d.rest[n:]
	return out, nil
}
