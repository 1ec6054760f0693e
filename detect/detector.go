package detect

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/drydock-cli/drydock/source"
)

// Detector recognises one ecosystem. It is given a directory that holds one of
// its marker files and returns what it is sure of; it never walks the tree
// itself and never runs anything.
type Detector interface {
	// Name is the ecosystem: the name of its folder.
	Name() string
	// Markers are base names or globs ("Gemfile", "*.csproj") whose directory is offered.
	Markers() []string
	// Detect says what dir holds. No component and no error: nothing of this ecosystem that can be deployed.
	// What cannot be read is told to dir.Warn and the rest is still returned.
	Detect(ctx context.Context, dir Dir) ([]Component, error)
}

// Survey looks at a whole repository once its components are known and adds what concerns them whatever their stack:
// the services that compose files name, secrets that were committed. It changes found in place.
type Survey interface {
	Survey(ctx context.Context, root Dir, found *Findings) error
}

// MaxFile is the size in bytes beyond which a file is not read as a manifest:
// the largest real lock files are a few MiB.
const MaxFile = 8 << 20

// Dir is a directory offered to a Detector. Its methods take slash-separated paths
// relative to Path; "../pom.xml" reaches the parent, never out of the tree.
type Dir struct {
	Path string // relative to the tree's root; "." for the root
	scan *scan
}

// File is a file's content with its path in the tree.
type File struct {
	Path string // relative to the tree's root, as Evidence wants it
	Data []byte // UTF-8 without a byte order mark; UTF-16 with one is converted
}

// scan is what all Dirs of one run share: the tree, the files read so far and the warnings.
type scan struct {
	tree     *source.Tree
	mu       sync.Mutex
	files    map[string]*cached
	warnings []Warning
	memo     map[string]any
}

type cached struct {
	once sync.Once
	data []byte
	err  error
}

// NewDir returns a directory of a tree outside of a run, for tests of a detector.
func NewDir(tree *source.Tree, dir string) Dir {
	return Dir{Path: path.Clean(dir), scan: &scan{tree: tree, files: map[string]*cached{}}}
}

// ErrTooLarge says that a file is larger than MaxFile.
var ErrTooLarge = errors.New("file too large")

// Rel returns the path in the tree of a name relative to the directory, and false when it leaves the tree.
func (d Dir) Rel(name string) (string, bool) {
	p := path.Join(d.Path, name)
	if path.IsAbs(name) || p == ".." || strings.HasPrefix(p, "../") {
		return "", false
	}
	return p, true
}

// Has reports whether a file exists.
func (d Dir) Has(name string) bool {
	p, ok := d.Rel(name)
	if !ok {
		return false
	}
	_, ok = d.scan.tree.Lookup(p)
	return ok
}

// Read returns a file's content. Each file is read once in a run. A file that is not there is
// fs.ErrNotExist; one beyond MaxFile is ErrTooLarge, and a warning is kept.
func (d Dir) Read(name string) (File, error) {
	p, ok := d.Rel(name)
	if !ok {
		return File{}, fmt.Errorf("read %s: leaves the repository: %w", name, fs.ErrNotExist)
	}
	if _, ok := d.scan.tree.Lookup(p); !ok {
		return File{}, fmt.Errorf("read %s: %w", p, fs.ErrNotExist)
	}
	d.scan.mu.Lock()
	c := d.scan.files[p]
	if c == nil {
		c = &cached{}
		d.scan.files[p] = c
	}
	d.scan.mu.Unlock()
	c.once.Do(func() {
		c.data, c.err = readLimited(d.scan.tree, p)
		if c.err != nil && !errors.Is(c.err, fs.ErrNotExist) {
			d.Warn(p, 0, c.err.Error())
		}
	})
	if c.err != nil {
		return File{}, c.err
	}
	return File{Path: p, Data: c.data}, nil
}

func readLimited(tree *source.Tree, p string) ([]byte, error) {
	f, err := tree.Open(p)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", p, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", p, err)
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("read %s: larger than %d MiB, left out: %w", p, MaxFile>>20, ErrTooLarge)
	}
	return toUTF8(data), nil
}

// toUTF8 removes a UTF-8 byte order mark and converts UTF-16 that has one: what Windows editors save.
func toUTF8(b []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		return b
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 {
		units = append(units, order.Uint16(b[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// Glob returns the files below the directory that match a doublestar pattern
// relative to it ("config/*.rb", "app/**/*.java"), sorted, as paths relative to the directory.
func (d Dir) Glob(pattern string) []string {
	entries, cut := d.under(), 0
	if d.Path != "." {
		cut = len(d.Path) + 1
	}
	var out []string
	alternatives := globs(pattern)
	for _, g := range alternatives {
		g.find(entries, cut, func(rel string) { out = append(out, rel) })
	}
	if len(alternatives) > 1 {
		slices.Sort(out)
		out = slices.Compact(out)
	}
	return out
}

// under returns the entries below the directory.
func (d Dir) under() []source.Entry {
	all := d.scan.tree.Entries()
	if d.Path == "." {
		return all
	}
	prefix := d.Path + "/"
	from := sort.Search(len(all), func(i int) bool { return all[i].Path >= prefix })
	after := d.Path + "0" // "0" follows "/"
	to := from + sort.Search(len(all)-from, func(i int) bool { return all[from+i].Path >= after })
	return all[from:to]
}

// Files yields the files below the directory in order, as paths relative to it.
func (d Dir) Files() iter.Seq[string] {
	return func(yield func(string) bool) {
		cut := 0
		if d.Path != "." {
			cut = len(d.Path) + 1
		}
		for _, e := range d.under() {
			if !yield(e.Path[cut:]) {
				return
			}
		}
	}
}

// HasDir reports whether any file lies below a directory of this name.
func (d Dir) HasDir(name string) bool {
	p, ok := d.Rel(name)
	if !ok {
		return false
	}
	return len(Dir{Path: p, scan: d.scan}.under()) > 0
}

// Sub returns a directory below (or, with "..", above) this one.
func (d Dir) Sub(name string) (Dir, bool) {
	p, ok := d.Rel(name)
	return Dir{Path: p, scan: d.scan}, ok
}

// Named returns the files below the directory with a base name, sorted, as paths relative to the directory. It costs
// no walk of the tree.
func (d Dir) Named(base string) []string {
	var out []string
	for _, p := range d.scan.tree.Named(base) {
		if d.Path == "." {
			out = append(out, p)
		} else if rel, ok := strings.CutPrefix(p, d.Path+"/"); ok {
			out = append(out, rel)
		}
	}
	return out
}

// Memo returns what build made the first time that key was asked for in this run: what a detector works out of the
// whole tree and needs in many directories. Keys of different detectors must differ.
func (d Dir) Memo(key string, build func() any) any {
	d.scan.mu.Lock()
	v, ok := d.scan.memo[key]
	d.scan.mu.Unlock()
	if ok {
		return v
	}
	v = build()
	d.scan.mu.Lock()
	defer d.scan.mu.Unlock()
	if d.scan.memo == nil {
		d.scan.memo = map[string]any{}
	}
	d.scan.memo[key] = v
	return v
}

// Warn keeps a warning. file is relative to the tree's root.
func (d Dir) Warn(file string, line int, text string) {
	d.scan.mu.Lock()
	defer d.scan.mu.Unlock()
	d.scan.warnings = append(d.scan.warnings, Warning{File: file, Line: line, Text: text})
}

// Evidence returns the proof that lies at a line of f, from 1. A line that does not exist gives the file as a whole.
func (f File) Evidence(line int) Evidence {
	return Evidence{File: f.Path, Line: line, Text: lineText(f.Data, line)}
}
