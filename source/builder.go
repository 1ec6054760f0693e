package source

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// builder collects what a source holds, keeps out what must not be in a tree,
// and makes the Tree.
type builder struct {
	limits   Limits
	nodes    []node
	counted  int // entries seen, kept or not
	warnings []Warning
	unsaid   int // warnings beyond maxWarnings
	gitSeen  bool
}

// maxWarnings are kept; a hostile source must not flood the report.
const maxWarnings = 100

// maxSteps bounds the work of checking links: far more than real sources need,
// few enough to be done within a second.
const maxSteps = 5_000_000

// count enforces MaxFiles. It is called for every entry, kept or not.
func (b *builder) count() error {
	if b.counted++; b.counted > b.limits.MaxFiles {
		return limit("MaxFiles", int64(b.limits.MaxFiles), "it holds more files and folders than are allowed")
	}
	return nil
}

// add takes a file or link whose path is clean.
func (b *builder) add(n node) error {
	if len(n.Path) > b.limits.MaxPath {
		return limit("MaxPath", int64(b.limits.MaxPath), "it has a path with more bytes than are allowed, "+printable(n.Path[:60])+"…")
	}
	if len(b.nodes) == cap(b.nodes) { // by doubling: append's smaller steps copy a large list five times
		b.nodes = slices.Grow(b.nodes, max(64, len(b.nodes)))
	}
	b.nodes = append(b.nodes, n)
	return nil
}

// leaveOut says that an entry is not in the tree, and why.
func (b *builder) leaveOut(path, why string) {
	if why == isDotGit {
		if b.gitSeen { // one is enough: a .git folder has hundreds of files
			return
		}
		b.gitSeen = true
	}
	b.warn(path, "left out: "+why)
}

func (b *builder) warn(path, text string) {
	if len(b.warnings) >= maxWarnings {
		b.unsaid++
		return
	}
	b.warnings = append(b.warnings, Warning{Path: printable(path), Text: text})
}

// mode is what a tree keeps of a file's mode: whether it can be run.
func mode(m fs.FileMode) fs.FileMode {
	if m&0o100 != 0 {
		return 0o755
	}
	return 0o644
}

// tree makes the Tree of what was added. closer may be nil; it is not called on error.
func (b *builder) tree(ctx context.Context, closer func() error) (*Tree, error) {
	byPath := func(a, b node) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(b.nodes, byPath) {
		slices.SortStableFunc(b.nodes, byPath)
	}
	b.dropDuplicates()
	b.dropShadowed()
	if err := b.dropLinks(ctx); err != nil {
		return nil, err
	}
	if len(b.nodes) == 0 {
		return nil, b.empty()
	}
	x := &index{nodes: b.nodes}
	entries := make([]Entry, len(x.nodes))
	for i := range x.nodes {
		entries[i] = x.nodes[i].Entry
	}
	t := NewTree(x, entries, closer)
	t.Warnings = b.allWarnings()
	return t, nil
}

func (b *builder) empty() error {
	why := "there is no file in it"
	if len(b.warnings) > 0 {
		w := b.warnings[0]
		why = fmt.Sprintf("there is no file in it that can be used (%d left out, the first: %s, %s)", len(b.warnings)+b.unsaid, w.Path, strings.TrimPrefix(w.Text, "left out: "))
	}
	return &Error{Kind: Empty, Err: errorf("%s", why), Try: "another folder, branch or archive"}
}

func (b *builder) allWarnings() []Warning {
	if b.unsaid > 0 {
		return append(b.warnings, Warning{Text: fmt.Sprintf("%d more warnings of this kind", b.unsaid)})
	}
	return b.warnings
}

// dropDuplicates keeps the last of several entries of one path, as unpacking would.
func (b *builder) dropDuplicates() {
	kept := b.nodes[:0]
	for i, n := range b.nodes {
		if i+1 < len(b.nodes) && b.nodes[i+1].Path == n.Path {
			b.leaveOut(n.Path, "an entry of the same name comes later")
			continue
		}
		kept = append(kept, n)
	}
	b.nodes = kept
}

// dropShadowed leaves out what lies below a file or a link: writing it out would follow the link.
func (b *builder) dropShadowed() {
	x := &index{nodes: b.nodes}
	shadowed := map[string]bool{"": false}
	var below func(dir string) bool
	below = func(dir string) bool {
		known, ok := shadowed[dir]
		if !ok {
			known = x.find(dir) != nil || below(parent(dir))
			shadowed[dir] = known
		}
		return known
	}
	var kept []node
	dir, hidden := "", false // of the node before: those of a directory follow each other
	for i, n := range b.nodes {
		if d := parent(n.Path); d != dir {
			dir, hidden = d, below(d)
		}
		if !hidden {
			if kept != nil {
				kept = append(kept, n)
			}
			continue
		}
		if kept == nil {
			kept = append(make([]node, 0, len(b.nodes)), b.nodes[:i]...)
		}
		b.leaveOut(n.Path, "it lies below something that is no folder")
	}
	if kept != nil {
		b.nodes = kept
	}
}

// dropLinks leaves out links that lead out of the tree or nowhere at all. A
// link to a path of the tree at which nothing is yet stays: a build may make it.
func (b *builder) dropLinks(ctx context.Context) error {
	x := &index{nodes: b.nodes}
	drop := map[int]string{}
	steps := maxSteps
	for i := range x.nodes {
		n := &x.nodes[i]
		if n.Mode&fs.ModeSymlink == 0 {
			continue
		}
		if why := linkProblem(n.link); why != "" {
			drop[i] = why
			continue
		}
		if len(n.link) > b.limits.MaxPath {
			drop[i] = "a link with a target that is too long"
			continue
		}
		switch _, where := x.follow(n.Path, false, &steps); where {
		case toOutside:
			drop[i] = "a link out of the source"
		case toLoop:
			drop[i] = "a link that leads back to itself"
		}
		if steps < 0 {
			return &Error{Kind: TooLarge, Err: errorf("following its links takes more than %d steps", maxSteps), Try: "leave the links out of the source"}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if len(drop) == 0 {
		return nil
	}
	kept := make([]node, 0, len(b.nodes)-len(drop))
	for i, n := range b.nodes {
		if why, gone := drop[i]; gone {
			b.leaveOut(n.Path, why)
		} else {
			kept = append(kept, n)
		}
	}
	b.nodes = kept
	return nil
}

// stripTop takes away the one folder in which everything lies, as hosts of archives add it.
func (b *builder) stripTop() {
	if len(b.nodes) == 0 {
		return
	}
	top, _, ok := strings.Cut(b.nodes[0].Path, "/")
	if !ok {
		return
	}
	for _, n := range b.nodes {
		if !strings.HasPrefix(n.Path, top+"/") {
			return
		}
	}
	for i := range b.nodes {
		b.nodes[i].Path = b.nodes[i].Path[len(top)+1:]
	}
}

// keepOnly narrows the nodes to a folder. An empty dir keeps all.
func (b *builder) keepOnly(dir string) error {
	if dir == "" {
		return nil
	}
	kept := b.nodes[:0:0]
	folders := map[string]bool{}
	for _, n := range b.nodes {
		if rest, ok := strings.CutPrefix(n.Path, dir+"/"); ok {
			n.Path = rest
			kept = append(kept, n)
		} else if len(folders) < maxCandidates {
			for p := parent(n.Path); p != ""; p = parent(p) {
				folders[p] = true
			}
		}
	}
	if len(kept) == 0 {
		names := make([]string, 0, len(folders))
		for f := range folders {
			names = append(names, f)
		}
		return noFolder(dir, names)
	}
	b.nodes = kept
	return nil
}

// noFolder says that a folder is not in the source, and which are.
func noFolder(dir string, folders []string) error {
	try := "SOURCE without a folder shows what is there"
	if near := nearest(dir, folders, 5, anyDistance); len(near) > 0 {
		try = "a folder that exists: " + strings.Join(near, ", ")
	}
	return &Error{Kind: NotFound, Err: errorf("there is no folder %s in it", printable(dir)), Try: try}
}
