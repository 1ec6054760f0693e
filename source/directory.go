package source

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// dirStore reads the files of a directory through an os.Root: no link leads out of it.
type dirStore struct {
	root  *os.Root
	paths []string
	links []bool
}

func (s *dirStore) open(i int) (io.ReadCloser, error) {
	if s.links[i] {
		target, err := s.root.Readlink(filepath.FromSlash(s.paths[i]))
		if err != nil {
			return nil, err
		}
		return io.NopCloser(strings.NewReader(filepath.ToSlash(target))), nil
	}
	f, err := s.root.Open(filepath.FromSlash(s.paths[i]))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, fmt.Errorf("%s is no longer a regular file", s.paths[i])
	}
	return f, nil
}

func (s *dirStore) size(i int) (int64, error) {
	info, err := s.root.Lstat(filepath.FromSlash(s.paths[i]))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// openDirectory lists a folder as it lies there, without .git and, where it is a work tree, without what .gitignore leaves out.
func openDirectory(ctx context.Context, loc Location, opts Options) (*Tree, error) {
	abs, err := filepath.Abs(loc.Path)
	if err != nil {
		return nil, &Error{Kind: NotFound, Op: "open", Location: loc.Raw, Err: err}
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, &Error{Kind: NoAccess, Op: "open", Location: loc.Raw, Err: err, Try: "a folder that this user may read"}
	}
	w := &walker{ctx: ctx, root: root, store: &dirStore{root: root}, keep: collector{limits: opts.Limits}}
	_, gitErr := root.Lstat(".git")
	w.ignores = gitErr == nil
	if err := w.walk(".", nil); err != nil {
		root.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &Error{Kind: TooLarge, Op: "read", Location: loc.Raw, Err: err, Try: "the folder of the application alone"}
	}
	t := NewTree(newIndexFS(w.store, w.keep.entries), w.keep.entries, root.Close)
	t.Dir = abs
	return w.keep.done(t), nil
}

type walker struct {
	ctx     context.Context
	root    *os.Root
	store   *dirStore
	keep    collector
	ignores bool
}

// maxIgnoreFile bounds what is read of a .gitignore, in bytes.
const maxIgnoreFile = 1 << 20

func (w *walker) walk(dir string, patterns []gitignore.Pattern) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	f, err := w.root.Open(filepath.FromSlash(dir))
	if err != nil {
		w.keep.leaveOut(dir, "left out: "+errText(err))
		return nil
	}
	list, err := f.ReadDir(-1)
	f.Close()
	if err != nil {
		w.keep.leaveOut(dir, "left out: "+errText(err))
	}
	if w.ignores {
		patterns = append(patterns[:len(patterns):len(patterns)], w.readIgnore(dir)...)
	}
	matcher := gitignore.NewMatcher(patterns)
	for _, d := range list {
		name := path.Join(dir, d.Name())
		if isDotGit(d.Name()) || len(patterns) > 0 && matcher.Match(strings.Split(name, "/"), d.IsDir()) {
			continue
		}
		if d.IsDir() {
			if why := refuse(name, w.keep.limits); why != "" {
				w.keep.leaveOut(name, why)
				continue
			}
			if err := w.walk(name, patterns); err != nil {
				return err
			}
			continue
		}
		if err := w.file(name, d); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) file(name string, d fs.DirEntry) error {
	e := Entry{Path: name, Mode: 0o644, Size: -1}
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		e.Mode = fs.ModeSymlink | 0o777
	case !d.Type().IsRegular():
		w.keep.leaveOut(name, "left out: not a regular file")
		return nil
	default:
		info, err := d.Info()
		if err != nil {
			return nil // gone since it was listed
		}
		e.Size = info.Size()
		if info.Mode()&0o111 != 0 {
			e.Mode = 0o755
		}
	}
	ok, err := w.keep.add(e)
	if ok {
		w.store.paths = append(w.store.paths, name)
		w.store.links = append(w.store.links, e.Mode&fs.ModeSymlink != 0)
	}
	return err
}

func (w *walker) readIgnore(dir string) []gitignore.Pattern {
	info, err := w.root.Lstat(filepath.FromSlash(path.Join(dir, ".gitignore")))
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := w.root.Open(filepath.FromSlash(path.Join(dir, ".gitignore")))
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxIgnoreFile))
	if err != nil {
		return nil
	}
	var domain []string
	if dir != "." {
		domain = strings.Split(dir, "/")
	}
	return ignorePatterns(string(data), domain)
}

func ignorePatterns(text string, domain []string) []gitignore.Pattern {
	var out []gitignore.Pattern
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		out = append(out, gitignore.ParsePattern(line, domain))
	}
	return out
}

func errText(err error) string {
	if p, ok := err.(*fs.PathError); ok { //nolint:errorlint // the outermost is the one that names a path of this machine
		return p.Err.Error()
	}
	return err.Error()
}
