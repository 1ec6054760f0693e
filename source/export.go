package source

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// tarTime is the time of every file that Tar sends, so that the same source gives the same
// bytes. It is not the Unix epoch because zip, and with it Python's wheels and Java's jars, knows no time before 1980; a
// day later than that start, so that it holds in every time zone.
var tarTime = time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)

// ReadLink returns what a symbolic link says, slash-separated. It is false for what is no link, or one that leads out of the tree.
func (t *Tree) ReadLink(name string) (target string, ok bool) {
	e, ok := t.Lookup(name)
	if !ok || e.Mode&fs.ModeSymlink == 0 {
		return "", false
	}
	target, err := fs.ReadLink(t.fsys, name)
	if err != nil || linkProblem(target) != "" {
		return "", false
	}
	// Open has followed the link through other links; this holds for trees that NewTree made of something else, too.
	if to := path.Join(path.Dir(name), target); to == ".." || strings.HasPrefix(to, "../") {
		return "", false
	}
	return target, true
}

// Tar streams the files for which include is true (nil: all) as a tar archive, such as a build
// context: sorted, owned by user and group 0, all of the same time, files 0644 or 0755, folders 0755. No file is held
// in memory. Links that lead out of the tree are left out.
func (t *Tree) Tar(ctx context.Context, w io.Writer, include func(path string) bool) error {
	s := &tarSender{ctx: ctx, tree: t, tar: tar.NewWriter(w), folders: map[string]bool{"": true}}
	for _, e := range t.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if include != nil && !include(e.Path) {
			continue
		}
		if err := s.send(e); err != nil {
			return fmt.Errorf("send %s: %w", printable(e.Path), err)
		}
	}
	return s.tar.Close()
}

type tarSender struct {
	ctx     context.Context
	tree    *Tree
	tar     *tar.Writer
	folders map[string]bool // sent
}

func (s *tarSender) send(e Entry) error {
	h := &tar.Header{Name: e.Path, ModTime: tarTime}
	if e.Mode&fs.ModeSymlink != 0 {
		target, ok := s.tree.ReadLink(e.Path)
		if !ok {
			return nil
		}
		h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, target, 0o777
		if err := s.folder(parent(e.Path)); err != nil {
			return err
		}
		return s.tar.WriteHeader(h)
	}
	f, err := s.tree.Open(e.Path)
	if err != nil {
		return bare(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return bare(err)
	}
	if err := s.folder(parent(e.Path)); err != nil {
		return err
	}
	h.Typeflag, h.Size, h.Mode = tar.TypeReg, info.Size(), int64(info.Mode().Perm())
	if err := s.tar.WriteHeader(h); err != nil {
		return err
	}
	n, err := io.Copy(s.tar, io.LimitReader(withContext(s.ctx, f), h.Size))
	if err == nil && n < h.Size {
		err = errors.New("it became shorter while it was read")
	}
	return err
}

// folder sends a folder before the first of its files, and those above it.
func (s *tarSender) folder(dir string) error {
	if s.folders[dir] {
		return nil
	}
	s.folders[dir] = true
	if err := s.folder(parent(dir)); err != nil {
		return err
	}
	return s.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: tarTime})
}

// contextReader ends reading with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func withContext(ctx context.Context, r io.Reader) io.Reader { return contextReader{ctx, r} }

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// WriteTo makes a work tree in a directory that is empty or does not exist yet: files 0644 or 0755, and links where they
// stay inside. When it fails, or ctx ends, everything that it made is removed again.
func (t *Tree) WriteTo(ctx context.Context, dir string) (err error) {
	defer func() {
		var known *Error
		if err != nil && ctx.Err() == nil && !errors.As(err, &known) {
			err = fmt.Errorf("write a work tree to %s: %w", dir, err)
		}
	}()
	made, err := emptyDir(dir)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return errors.Join(err, removeAll(made))
	}
	defer root.Close()
	if err := t.writeAll(ctx, root); err != nil {
		return errors.Join(err, removeContents(root), removeAll(made))
	}
	return nil
}

// emptyDir makes a directory with those above it, or finds that it is there and empty. It returns what it made, outermost first.
func emptyDir(dir string) (made []string, err error) {
	list, err := os.ReadDir(dir)
	switch {
	case err == nil && len(list) > 0:
		return nil, errors.New("it is not empty")
	case err == nil:
		return nil, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, bare(err)
	}
	if up := filepath.Dir(dir); up != dir {
		if _, statErr := os.Stat(up); errors.Is(statErr, fs.ErrNotExist) {
			if made, err = emptyDir(up); err != nil {
				return made, err
			}
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, errors.Join(bare(err), removeAll(made))
	}
	return append(made, dir), nil
}

// removeAll removes empty directories, innermost first.
func removeAll(made []string) error {
	var errs []error
	for i := len(made) - 1; i >= 0; i-- {
		errs = append(errs, os.Remove(made[i]))
	}
	return errors.Join(errs...)
}

func removeContents(root *os.Root) error {
	list, err := fs.ReadDir(root.FS(), ".")
	for _, d := range list {
		err = errors.Join(err, root.RemoveAll(d.Name()))
	}
	return err
}

// writeAll writes the files, then the links: nothing is ever written through a link.
func (t *Tree) writeAll(ctx context.Context, root *os.Root) error {
	folder := "."
	for _, e := range t.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if dir := path.Dir(e.Path); dir != folder {
			if err := root.MkdirAll(filepath.FromSlash(dir), 0o755); err != nil {
				return err
			}
			folder = dir
		}
		if e.Mode&fs.ModeSymlink != 0 {
			continue
		}
		if err := t.writeFile(ctx, root, e); err != nil {
			err = bare(err)
			var known *Error
			if errors.As(err, &known) { // the source's trouble, not the directory's
				return &Error{Kind: known.Kind, Location: t.Location, Op: "read " + printable(e.Path) + " of", Err: known.Err, Try: known.Try}
			}
			return fmt.Errorf("%s: %w", printable(e.Path), err)
		}
	}
	for _, e := range t.entries {
		if target, ok := t.ReadLink(e.Path); ok {
			if err := root.Symlink(filepath.FromSlash(target), filepath.FromSlash(e.Path)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tree) writeFile(ctx context.Context, root *os.Root, e Entry) error {
	in, err := t.Open(e.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := root.OpenFile(filepath.FromSlash(e.Path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, withContext(ctx, in))
	if err == nil {
		err = out.Chmod(info.Mode().Perm()) // whatever the umask says
	}
	return errors.Join(err, out.Close())
}
