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

// epoch is the time of every file of a build context: the same source gives the same bytes.
var epoch = time.Unix(0, 0)

// Tar streams the files for which include is true (nil: all) as a tar archive: sorted, without
// owners, every time the Unix epoch. Links that leave the tree are left out.
func (t *Tree) Tar(ctx context.Context, w io.Writer, include func(path string) bool) error {
	tw := tar.NewWriter(w)
	for _, e := range t.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if include != nil && !include(e.Path) {
			continue
		}
		if err := t.tarOne(tw, e); err != nil {
			return fmt.Errorf("send %s: %w", e.Path, err)
		}
	}
	return tw.Close()
}

func (t *Tree) tarOne(tw *tar.Writer, e Entry) error {
	h := &tar.Header{Name: e.Path, Mode: int64(e.Mode.Perm()), ModTime: epoch, Format: tar.FormatPAX}
	if e.Mode&fs.ModeSymlink != 0 {
		target, ok := t.ReadLink(e.Path)
		if !ok {
			return nil
		}
		h.Typeflag, h.Linkname = tar.TypeSymlink, target
		return tw.WriteHeader(h)
	}
	f, err := t.Open(e.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	h.Typeflag, h.Size = tar.TypeReg, info.Size()
	if err := tw.WriteHeader(h); err != nil {
		return err
	}
	// A file that grows or shrinks meanwhile must not break the archive's form.
	n, err := io.Copy(tw, io.LimitReader(f, h.Size))
	if err == nil && n < h.Size {
		_, err = io.CopyN(tw, zeros{}, h.Size-n)
	}
	return err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// ReadLink returns the target of a link, and false when it leads out of the tree or cannot be read.
func (t *Tree) ReadLink(name string) (string, bool) {
	e, ok := t.Lookup(name)
	if !ok || e.Mode&fs.ModeSymlink == 0 {
		return "", false
	}
	fsys, full := t.fsys, name
	if s, ok := fsys.(interface{ link(string) (string, error) }); ok {
		target, err := s.link(full)
		if err != nil || target == "" || path.IsAbs(target) || strings.ContainsAny(target, "\\\x00") {
			return "", false
		}
		if to := path.Join(path.Dir(name), target); to == ".." || strings.HasPrefix(to, "../") {
			return "", false
		}
		return target, true
	}
	return "", false
}

// link reads a link of the index.
func (f *indexFS) link(name string) (string, error) {
	i, ok := f.byPath[name]
	if !ok {
		return "", fs.ErrNotExist
	}
	return f.readLink(i)
}

// WriteTo makes a work tree in a directory, which must be empty or not exist. On failure what was written is removed again.
func (t *Tree) WriteTo(ctx context.Context, dir string) (err error) {
	made := false
	if _, statErr := os.Lstat(dir); errors.Is(statErr, fs.ErrNotExist) {
		made = true
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	var files, dirs []string
	defer func() {
		if err == nil {
			return
		}
		for _, f := range files {
			_ = root.Remove(filepath.FromSlash(f))
		}
		for i := len(dirs) - 1; i >= 0; i-- {
			_ = root.Remove(filepath.FromSlash(dirs[i]))
		}
		if made {
			_ = os.Remove(dir)
		}
	}()
	seen := map[string]bool{".": true}
	for _, e := range t.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, d := range parents(e.Path) {
			if seen[d] {
				continue
			}
			if err := root.Mkdir(filepath.FromSlash(d), 0o755); err != nil {
				return err
			}
			seen[d] = true
			dirs = append(dirs, d)
		}
		files = append(files, e.Path)
		if err := t.writeOne(root, e); err != nil {
			return err
		}
	}
	return nil
}

func parents(name string) []string {
	var out []string
	for d := path.Dir(name); d != "."; d = path.Dir(d) {
		out = append([]string{d}, out...)
	}
	return out
}

func (t *Tree) writeOne(root *os.Root, e Entry) error {
	if e.Mode&fs.ModeSymlink != 0 {
		if target, ok := t.ReadLink(e.Path); ok {
			return root.Symlink(filepath.FromSlash(target), filepath.FromSlash(e.Path))
		}
		return nil
	}
	in, err := t.Open(e.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := root.OpenFile(filepath.FromSlash(e.Path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, e.Mode.Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
