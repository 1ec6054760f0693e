// Package manifest parses the files that many ecosystems share (YAML, JSON, TOML, .env, Procfile, CI
// configuration, Dockerfile, compose) and keeps the line of everything it reads, so that a finding can
// be shown where it stands. Input is foreign: every parser is bounded in size, depth and work, and
// answers what it cannot read with an *Error and never a panic.
package manifest

import (
	"bytes"
	"fmt"
	"strconv"
)

// Bounds of the parsers. Real manifests are far below them; lock files of other formats are not read by this package.
const (
	maxInput  = 2 << 20 // bytes of one file
	maxDepth  = 100     // levels of nesting
	maxExtra  = 50_000  // values that the aliases of one YAML file may add
	maxValues = 500_000 // values of one file
)

// Error says where a file could not be understood.
type Error struct {
	Line int // from 1; 0: the file as a whole
	Msg  string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Msg)
}

// Doc is a YAML, JSON or TOML file: maps, lists and scalars, each with its line. A path names a value by map
// keys; an element of a list is named by its index from 0 ("0"). The zero Doc is empty.
type Doc struct {
	roots []*node // one for each document of the file
}

type kind uint8

const (
	scalar kind = iota
	mapping
	list
)

// node is one value. A map keeps its keys in the order of the file.
type node struct {
	kind  kind
	null  bool
	value string // of a scalar, as text
	line  int    // of the value
	keys  []key
	items []*node
	index map[string]int // key name to its place in keys and items; nil for lists and scalars
}

type key struct {
	name string
	line int
}

func newMap(line int) *node { return &node{kind: mapping, line: line, index: map[string]int{}} }

// put adds or replaces a key: as in Ruby, Java and JavaScript the last of two equal keys wins.
func (n *node) put(name string, line int, v *node) {
	if i, ok := n.index[name]; ok {
		n.keys[i].line, n.items[i] = line, v
		return
	}
	n.index[name] = len(n.keys)
	n.keys = append(n.keys, key{name, line})
	n.items = append(n.items, v)
}

func (n *node) child(name string) *node {
	switch n.kind {
	case mapping:
		if i, ok := n.index[name]; ok {
			return n.items[i]
		}
	case list:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.items) {
			return n.items[i]
		}
	}
	return nil
}

func (n *node) keyLine(name string) int {
	if n.kind == mapping {
		if i, ok := n.index[name]; ok {
			return n.keys[i].line
		}
	} else if c := n.child(name); c != nil {
		return c.line
	}
	return 0
}

// find returns the value at a path in the first document that has it, and the line of its key.
func (d *Doc) find(path []string) (n *node, line int) {
	if d == nil {
		return nil, 0
	}
	for _, root := range d.roots {
		n, line := root, root.line
		for _, name := range path {
			line = n.keyLine(name)
			if n = n.child(name); n == nil {
				break
			}
		}
		if n != nil {
			return n, line
		}
	}
	return nil, 0
}

// Documents returns the documents of the file, each as a Doc of its own: a YAML stream has several, parted by "---".
func (d *Doc) Documents() []*Doc {
	if d == nil {
		return nil
	}
	out := make([]*Doc, len(d.roots))
	for i, r := range d.roots {
		out[i] = &Doc{roots: []*node{r}}
	}
	return out
}

// Get returns the scalar at a path as text, with the line of its value. ok is false when nothing or a map
// or a list stands there. Null is "" with ok true. In a file of several documents the first that has the path answers.
func (d *Doc) Get(path ...string) (value string, line int, ok bool) {
	n, _ := d.find(path)
	if n == nil || n.kind != scalar {
		return "", 0, false
	}
	return n.value, n.line, true
}

// Line returns the line of the key that a path ends in, or of the element of a list; 0 when there is none.
func (d *Doc) Line(path ...string) int {
	_, line := d.find(path)
	return line
}

// Has reports whether anything stands at a path.
func (d *Doc) Has(path ...string) bool {
	n, _ := d.find(path)
	return n != nil
}

// Keys returns the names of the map at a path in the order of the file; nil when no map stands there.
func (d *Doc) Keys(path ...string) []string {
	n, _ := d.find(path)
	if n == nil || n.kind != mapping {
		return nil
	}
	out := make([]string, len(n.keys))
	for i, k := range n.keys {
		out[i] = k.name
	}
	return out
}

// Len returns the number of elements of the list, or of keys of the map, at a path; 0 when it is neither.
func (d *Doc) Len(path ...string) int {
	n, _ := d.find(path)
	if n == nil {
		return 0
	}
	return len(n.items)
}

// Item is a scalar with its line.
type Item struct {
	Value string
	Line  int
}

// List returns the scalars of the list at a path. A single scalar is a list of one, as CI files mean it; elements
// that are maps or lists, and null, are left out.
func (d *Doc) List(path ...string) []Item {
	n, _ := d.find(path)
	if n == nil {
		return nil
	}
	var out []Item
	switch n.kind {
	case scalar:
		if !n.null {
			out = append(out, Item{n.value, n.line})
		}
	case list:
		for _, c := range n.items {
			if c.kind == scalar && !c.null {
				out = append(out, Item{c.value, c.line})
			}
		}
	}
	return out
}

// Each calls fn for every scalar of every document in the order of the file, with its path (valid during the
// call only), its text and its line.
func (d *Doc) Each(fn func(path []string, value string, line int)) {
	if d == nil {
		return
	}
	for _, r := range d.roots {
		r.each(nil, fn)
	}
}

func (n *node) each(path []string, fn func([]string, string, int)) {
	switch n.kind {
	case scalar:
		fn(path, n.value, n.line)
	case mapping:
		for i, c := range n.items {
			c.each(append(path, n.keys[i].name), fn)
		}
	case list:
		for i, c := range n.items {
			c.each(append(path, strconv.Itoa(i)), fn)
		}
	}
}

// checkInput refuses what no parser should be given.
func checkInput(data []byte) error {
	if len(data) > maxInput {
		return &Error{Msg: fmt.Sprintf("larger than %d MiB", maxInput>>20)}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return &Error{Line: lineAt(data, i), Msg: "a NUL byte: not a text file"}
	}
	return nil
}

// lineAt returns the line, from 1, of a byte offset.
func lineAt(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte{'\n'})
}
