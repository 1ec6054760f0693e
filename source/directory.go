package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// openDirectory lists a directory as it lies on disk, without Git's own data and,
// in a Git work tree, without what .gitignore leaves out and Git does not track.
func openDirectory(ctx context.Context, loc Location, opts Options) (_ *Tree, err error) {
	abs, err := filepath.Abs(loc.Path)
	if err != nil {
		return nil, err
	}
	top, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	root := top
	if loc.Subdir != "" {
		defer top.Close()
		if root, err = openSubdir(top, loc.Subdir); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			_ = root.Close()
		}
	}()
	w := &walker{ctx: ctx, root: root, builder: builder{limits: opts.Limits}}
	if gitDir, gitErr := dotGitOf(abs); gitErr == nil && gitDir != "" {
		w.ignore = newIgnorer(top, gitDir, loc.Subdir)
	}
	if err := w.walk(".", w.ignore.scope()); err != nil {
		return nil, err
	}
	t, err := w.tree(ctx, root.Close)
	if err != nil {
		return nil, err
	}
	t.Dir = filepath.Join(abs, filepath.FromSlash(loc.Subdir))
	warnOfLFS(t)
	return t, nil
}

func openSubdir(top *os.Root, dir string) (*os.Root, error) {
	sub, err := top.OpenRoot(filepath.FromSlash(dir))
	if err == nil {
		return sub, nil
	}
	var folders []string
	if list, readErr := fs.ReadDir(top.FS(), "."); readErr == nil {
		for _, d := range list {
			if d.IsDir() && !dotGit(d.Name()) {
				folders = append(folders, d.Name())
			}
		}
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, err
	}
	return nil, noFolder(dir, folders)
}

// walker lists a directory through an os.Root.
type walker struct {
	builder
	ctx    context.Context
	root   *os.Root
	ignore *ignorer // nil outside Git work trees
}

// walk lists a folder; the scope is that of the folder above it.
func (w *walker) walk(dir string, above scope) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	list, err := w.list(dir)
	if err != nil {
		if dir == "." {
			return err
		}
		w.leaveOut(dir, "it cannot be read ("+bare(err).Error()+")")
		return nil
	}
	if w.ignore != nil {
		above = w.ignore.enter(w.root, dir, above)
	}
	sortAsPaths(list)
	prefix := ""
	if dir != "." {
		prefix = dir + "/"
	}
	for _, d := range list {
		if err := w.entry(prefix+d.Name(), d, above); err != nil {
			return err
		}
	}
	return nil
}

// sortAsPaths puts a folder's entries into the order in which the paths of all files below them sort: a folder
// sorts as its name with a slash. Walked in this order, a tree needs no sorting afterwards.
func sortAsPaths(list []fs.DirEntry) {
	key := func(d fs.DirEntry) string {
		if d.IsDir() {
			return d.Name() + "/"
		}
		return d.Name()
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int {
		if !a.IsDir() && !b.IsDir() {
			return strings.Compare(a.Name(), b.Name())
		}
		return strings.Compare(key(a), key(b))
	})
}

// list reads a folder in portions, so that MaxFiles ends a folder of endless size.
func (w *walker) list(dir string) ([]fs.DirEntry, error) {
	f, err := openListing(w.root, dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []fs.DirEntry
	for {
		some, err := f.ReadDir(4096)
		for range some {
			if err := w.count(); err != nil {
				return nil, err
			}
		}
		all = append(all, some...)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (w *walker) entry(name string, d fs.DirEntry, here scope) error {
	if d.Name() == ".git" {
		return nil // the repository's own, or that of another one inside it
	}
	if w.ignore != nil {
		var listed bool
		if listed, here.ignored = w.ignore.judge(name, d.IsDir(), here); !listed {
			return nil
		}
	}
	if problem := nameProblem(d.Name()); problem != "" {
		w.leaveOut(name, problem)
		return nil
	}
	switch {
	case d.IsDir():
		if len(name) > w.limits.MaxPath {
			return w.add(node{Entry: Entry{Path: name}})
		}
		return w.walk(name, here)
	case d.Type()&fs.ModeSymlink != 0:
		target, err := w.root.Readlink(filepath.FromSlash(name))
		if err != nil {
			return nil // gone since the folder was read
		}
		return w.add(node{Entry: Entry{Path: name, Mode: fs.ModeSymlink | 0o777, Size: int64(len(target))}, link: filepath.ToSlash(target)})
	case !d.Type().IsRegular():
		w.leaveOut(name, "it is a device, a pipe or a socket")
		return nil
	}
	return w.add(node{Entry: Entry{Path: name, Size: -1}, data: diskFile{w.root, name}})
}

// diskFile is a file of a directory.
type diskFile struct {
	root *os.Root
	name string
}

// open opens the file unless something else than a file has taken its place. It
// does not wait for the other end of a pipe.
func (f diskFile) open() (io.ReadCloser, int64, error) {
	file, err := openRegular(f.root, f.name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, bare(err)
	}
	return file, info.Size(), nil
}

func (f diskFile) size() (int64, error) {
	size, _, err := f.stat()
	return size, err
}

// stat is what listing the folder left out.
func (f diskFile) stat() (size int64, m fs.FileMode, err error) {
	info, err := f.root.Lstat(filepath.FromSlash(f.name))
	if err != nil {
		return 0, 0, bare(err)
	}
	return info.Size(), mode(info.Mode()), nil
}

// openRegular opens a regular file, and nothing else, for reading.
func openRegular(root *os.Root, name string) (*os.File, error) {
	file, err := root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, bare(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		_ = file.Close()
		return nil, bare(err)
	}
	return file, nil
}
