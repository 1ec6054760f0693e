package verify

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/source"
)

// buildContext is what a build may read: the source's files below the context's root with the
// generated files laid over them, without what .dockerignore leaves out. Files are read
// when they are sent: there is no work tree.
type buildContext struct {
	entries    []contextEntry // directories too, in the order of a walk
	index      map[string]int
	dockerfile contextEntry // under its path in the context; sent whatever .dockerignore says
	ignore     []byte       // .dockerignore; nil: none
	ignored    func(path string) bool
	sourceFile string // the Dockerfile's path in the source, for messages

	mu  sync.Mutex
	err error // the first file that could not be read
}

// contextEntry is a file, link or directory of a build context.
type contextEntry struct {
	path    string // slash-separated, relative to the context's root
	mode    fs.FileMode
	size    int64
	link    string // target of a symbolic link
	content []byte // of a generated file
	from    fs.FS  // else where it is read from,
	name    string // and its name there
}

// contextTime is the time stamp of everything in a context: one that does not depend on when the source was
// fetched, and that every archive format can express (zip starts in 1980).
var contextTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// maxIgnoreFile bounds .dockerignore, which may come from the repository.
const maxIgnoreFile = 1 << 20

// newContext lists the context of an image.
func newContext(ctx context.Context, tree *source.Tree, artifacts []generate.Artifact, g plan.ImageGroup) (*buildContext, error) {
	all, err := overlay(ctx, tree, artifacts, g.Root)
	if err != nil {
		return nil, err
	}
	c := &buildContext{sourceFile: g.Dockerfile}
	name := relative(g.Root, g.Dockerfile)
	file, ok := all[name]
	if name == "" || !ok {
		return nil, fmt.Errorf("%s is neither generated nor in the source", g.Dockerfile)
	}
	if file.content, err = file.read(maxDockerfile); err != nil {
		return nil, fmt.Errorf("read %s: %w", g.Dockerfile, err)
	}
	file.size = int64(len(file.content))
	c.dockerfile = file
	if err := c.readIgnore(all, name); err != nil {
		return nil, err
	}
	c.list(all)
	return c, nil
}

// maxDockerfile bounds a Dockerfile.
const maxDockerfile = 1 << 20

// overlay lists the files below root by their path in the context, generated ones in place of the source's.
func overlay(ctx context.Context, tree *source.Tree, artifacts []generate.Artifact, root string) (map[string]contextEntry, error) {
	all := map[string]contextEntry{}
	if tree != nil {
		for _, e := range tree.Entries() {
			name := relative(root, e.Path)
			if name == "" {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			entry, ok, err := fromTree(tree, e, name)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", e.Path, err)
			}
			if ok {
				all[name] = entry
			}
		}
	}
	for _, a := range artifacts {
		// What is Ephemeral holds local secrets (.env), which must not leave this machine.
		if name := relative(root, a.Path); name != "" && !a.Ephemeral {
			all[name] = contextEntry{path: name, mode: permissions(a.Mode), size: int64(len(a.Content)), content: a.Content}
		}
	}
	return all, nil
}

// relative is name seen from root, or "" when it is not below it.
func relative(root, name string) string {
	if root == "." || root == "" {
		return name
	}
	rest, ok := strings.CutPrefix(name, root+"/")
	if !ok {
		return ""
	}
	return rest
}

// fromTree describes a file of the source; ok is false for a link that leads out of it.
func fromTree(tree *source.Tree, e source.Entry, name string) (entry contextEntry, ok bool, err error) {
	entry = contextEntry{path: name, mode: permissions(e.Mode), size: e.Size, from: tree, name: e.Path}
	if e.Mode&fs.ModeSymlink != 0 {
		entry.link, ok = tree.ReadLink(e.Path)
		entry.mode, entry.size = fs.ModeSymlink|0o777, 0
		return entry, ok, nil
	}
	if e.Size < 0 {
		info, err := tree.Stat(e.Path)
		if err != nil {
			return entry, false, err
		}
		entry.size, entry.mode = info.Size(), permissions(info.Mode())
	}
	return entry, true, nil
}

// permissions keeps whether a file can be executed, as Git does.
func permissions(m fs.FileMode) fs.FileMode {
	if m&0o111 != 0 {
		return 0o755
	}
	return 0o644
}

// open opens a file's content.
func (e contextEntry) open() (io.ReadCloser, error) {
	if e.from == nil {
		return io.NopCloser(bytes.NewReader(e.content)), nil
	}
	return e.from.Open(e.name)
}

// read reads a file of at most max bytes.
func (e contextEntry) read(max int64) ([]byte, error) {
	f, err := e.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(data)) > max {
		err = fmt.Errorf("larger than %d KiB", max>>10)
	}
	return data, err
}

// readIgnore finds the ignore file as docker build does: one named after the Dockerfile goes before the context's own.
func (c *buildContext) readIgnore(all map[string]contextEntry, dockerfile string) error {
	for _, name := range []string{dockerfile + ".dockerignore", ".dockerignore"} {
		e, ok := all[name]
		if !ok || e.link != "" {
			continue
		}
		data, err := e.read(maxIgnoreFile)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		patterns, err := ignorefile.ReadAll(bytes.NewReader(data))
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		matcher, err := patternmatcher.New(patterns)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		c.ignore = data
		c.ignored = func(p string) bool {
			hidden, err := matcher.MatchesOrParentMatches(p)
			return err == nil && hidden
		}
		return nil
	}
	c.ignored = func(string) bool { return false }
	return nil
}

// list keeps what is not ignored, with the directories above it, in the order of a walk.
func (c *buildContext) list(all map[string]contextEntry) {
	dirs := map[string]bool{}
	for name, e := range all {
		if c.ignored(name) || hasFileAbove(all, name) {
			continue
		}
		c.entries = append(c.entries, e)
		for d := path.Dir(name); d != "." && !dirs[d]; d = path.Dir(d) {
			dirs[d] = true
			c.entries = append(c.entries, contextEntry{path: d, mode: fs.ModeDir | 0o755})
		}
	}
	slices.SortFunc(c.entries, func(a, b contextEntry) int { return strings.Compare(walkKey(a.path), walkKey(b.path)) })
	c.index = make(map[string]int, len(c.entries))
	for i, e := range c.entries {
		c.index[e.path] = i
	}
}

// hasFileAbove says that a part of the path is a file or link: a generated file below a link of the source
// would be written through it.
func hasFileAbove(all map[string]contextEntry, name string) bool {
	for d := path.Dir(name); d != "."; d = path.Dir(d) {
		if _, ok := all[d]; ok {
			return true
		}
	}
	return false
}

// walkKey orders paths so that a directory stands before what it holds and nothing comes between.
func walkKey(p string) string { return strings.ReplaceAll(p, "/", "\x00") }

// files is how many files there are, and their bytes.
func (c *buildContext) files() (n int, size int64) {
	for _, e := range c.entries {
		if !e.mode.IsDir() {
			n++
			size += e.size
		}
	}
	return n, size
}

// has says that a path, a directory or a glob of Dockerfile's COPY names something in the context.
func (c *buildContext) has(source string) bool {
	source = strings.TrimPrefix(path.Clean("/"+filepath.ToSlash(source)), "/")
	if source == "" {
		return true
	}
	if _, ok := c.index[source]; ok {
		return true
	}
	for _, e := range c.entries {
		if ok, err := path.Match(source, e.path); ok && err == nil {
			return true
		}
	}
	return false
}

// fail remembers that a file could not be read. The protocol below has no room for such an error: it would send an empty file.
func (c *buildContext) fail(name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = fmt.Errorf("read %s for the build: %w", name, err)
	}
}

// failure is the first file that could not be read.
func (c *buildContext) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// writeTar writes the context with its Dockerfile and .dockerignore: the same
// bytes for the same source. It is what an engine without BuildKit reads.
func (c *buildContext) writeTar(ctx context.Context, w io.Writer) error {
	tw := tar.NewWriter(w)
	entries := slices.Clone(c.entries)
	if _, ok := c.index[c.dockerfile.path]; !ok {
		entries = append(entries, c.dockerfile)
	}
	if _, ok := c.index[".dockerignore"]; !ok && c.ignore != nil {
		entries = append(entries, contextEntry{path: ".dockerignore", mode: 0o644, size: int64(len(c.ignore)), content: c.ignore})
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := e.writeTo(tw); err != nil {
			return fmt.Errorf("read %s for the build: %w", e.path, err)
		}
	}
	return tw.Close()
}

func (e contextEntry) writeTo(tw *tar.Writer) error {
	h := &tar.Header{Name: e.path, Mode: int64(e.mode.Perm()), Size: e.size, ModTime: contextTime, Typeflag: tar.TypeReg, Format: tar.FormatPAX}
	switch {
	case e.mode.IsDir():
		h.Typeflag, h.Name, h.Size = tar.TypeDir, e.path+"/", 0
	case e.mode&fs.ModeSymlink != 0:
		h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, e.link, 0
	}
	if err := tw.WriteHeader(h); err != nil || h.Typeflag != tar.TypeReg {
		return err
	}
	f, err := e.open()
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyN(tw, f, e.size)
	return err
}

// contextFS offers a context to BuildKit's file synchronisation.
type contextFS struct{ c *buildContext }

// dockerfileFS offers the Dockerfile alone: BuildKit reads it, and its ignore file, from a place of its own, so that
// a changed Dockerfile does not invalidate what COPY . brought in.
func (c *buildContext) dockerfileFS() fsutil.FS {
	e := c.dockerfile
	e.path = path.Base(e.path)
	return contextFS{&buildContext{entries: []contextEntry{e}, index: map[string]int{e.path: 0}}}
}

// Walk calls fn for target and what lies below it, in order; an empty target is the root, which itself is left out.
func (f contextFS) Walk(ctx context.Context, target string, fn fs.WalkDirFunc) error {
	target = strings.Trim(path.Clean("/"+filepath.ToSlash(target)), "/")
	start := 0
	if target != "" {
		i, ok := f.c.index[target]
		if !ok {
			err := fn(target, nil, &fs.PathError{Op: "walk", Path: target, Err: fs.ErrNotExist})
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.SkipDir) || errors.Is(err, fs.SkipAll) {
				return nil
			}
			return err
		}
		start = i
	}
	skip := "" // a directory that fn does not want
	for _, e := range f.c.entries[start:] {
		if target != "" && e.path != target && !strings.HasPrefix(e.path, target+"/") {
			return nil
		}
		if skip != "" && strings.HasPrefix(e.path, skip+"/") {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		err := fn(filepath.FromSlash(e.path), &fsutil.DirEntryInfo{Stat: e.stat()}, nil)
		switch {
		case err == nil:
		case errors.Is(err, fs.SkipDir) && e.mode.IsDir():
			skip = e.path
		case errors.Is(err, fs.SkipDir) && path.Dir(e.path) != ".":
			skip = path.Dir(e.path)
		case errors.Is(err, fs.SkipDir), errors.Is(err, fs.SkipAll):
			return nil
		default:
			return err
		}
	}
	return nil
}

func (e contextEntry) stat() *fstypes.Stat {
	return &fstypes.Stat{Path: e.path, Mode: uint32(e.mode), Size: e.size, Linkname: e.link, ModTime: contextTime.UnixNano()}
}

// Open opens a file of the context.
func (f contextFS) Open(name string) (io.ReadCloser, error) {
	name = strings.Trim(path.Clean("/"+filepath.ToSlash(name)), "/")
	i, ok := f.c.index[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	r, err := f.c.entries[i].open()
	if err != nil {
		f.c.fail(name, err)
		return nil, err
	}
	return &watchedFile{ReadCloser: r, c: f.c, name: name}, nil
}

// watchedFile remembers a failed read.
type watchedFile struct {
	io.ReadCloser
	c    *buildContext
	name string
}

func (w *watchedFile) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		w.c.fail(w.name, err)
	}
	return n, err
}
