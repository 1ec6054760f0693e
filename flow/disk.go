package flow

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/drydock-cli/drydock/generate"
)

// disk is an output directory. Everything goes through an os.Root, so that no link in a scanned
// repository leads a write out of it.
type disk struct {
	dir  string
	root *os.Root
	made []string // directories above and at dir that were created for it, outermost first
}

// openDisk opens a directory for writing and creates it when it is not there.
func openDisk(dir string) (*disk, error) {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		missing = append([]string{d}, missing...)
	}
	for i, d := range missing {
		if err := os.Mkdir(d, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			removeEmpty(missing[:i])
			return nil, outputError(dir, err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		removeEmpty(missing)
		return nil, outputError(dir, err)
	}
	return &disk{dir: dir, root: root, made: missing}, nil
}

func outputError(dir string, err error) error {
	return fmt.Errorf("write to %s: %w\n  try: another directory with -o DIR", dir, cause(err))
}

// cause strips the path that a message has already named.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Close closes the directory. Directories that were created and stayed empty are removed.
func (d *disk) Close() {
	_ = d.root.Close()
	removeEmpty(d.made)
}

func removeEmpty(dirs []string) {
	for i := len(dirs) - 1; i >= 0; i-- {
		_ = os.Remove(dirs[i]) // fails, as it should, when something is in it
	}
}

// maxOnDisk is the largest file that is read back for merging; generated files are a few KiB.
const maxOnDisk = 4 << 20

// ReadFile returns a regular file's content.
func (d *disk) ReadFile(name string) ([]byte, error) {
	info, err := d.root.Lstat(filepath.FromSlash(name))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || isNotDir(err) {
			return nil, fs.ErrNotExist
		}
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, notRegular(name)
	}
	f, err := d.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxOnDisk+1))
	if err == nil && len(data) > maxOnDisk {
		err = tooLarge(name)
	}
	return data, err
}

func notRegular(name string) error {
	return fmt.Errorf("%s is not a regular file\n  try: move it away, or another directory with -o DIR", name)
}

func tooLarge(name string) error {
	return fmt.Errorf("%s is larger than %d MiB", name, maxOnDisk>>20)
}

// Replace makes all changes or none: every new content is first written and synced beside its
// place, then all are renamed into place; when one step fails the earlier ones are taken back.
func (d *disk) Replace(ctx context.Context, changes []generate.Change) (err error) {
	t := &transaction{root: d.root}
	defer alone(d.root)()
	d.sweep(changes)
	defer func() {
		if err != nil {
			t.rollback()
		}
		t.discard()
	}()
	for _, c := range changes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.prepare(c); err != nil {
			return outputError(filepath.Join(d.dir, filepath.FromSlash(c.Path)), err)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range t.steps {
		if err := t.commit(i); err != nil {
			return outputError(filepath.Join(d.dir, filepath.FromSlash(t.steps[i].path)), err)
		}
	}
	return nil
}

// leftover is the name of what a transaction needs for itself.
var leftover = regexp.MustCompile(`^\.(.+)\.drydock-(old-)?[0-9a-f]{12}$`)

// sweep removes what a run that was killed in the midst of a transaction left beside the files that are about to be written. An old file
// whose place is empty is put back: it is the only copy.
func (d *disk) sweep(changes []generate.Change) {
	dirs := map[string]bool{}
	for _, c := range changes {
		dirs[filepath.Dir(filepath.FromSlash(c.Path))] = true
		// The copy is written each time, the file itself only when it differs.
		dirs[filepath.Dir(filepath.FromSlash(strings.TrimPrefix(c.Path, generate.StateDir+"/generated/")))] = true
	}
	for dir := range dirs {
		f, err := d.root.Open(dir)
		if err != nil {
			continue
		}
		entries, _ := f.ReadDir(-1)
		_ = f.Close()
		for _, e := range entries {
			m := leftover.FindStringSubmatch(e.Name())
			if m == nil || !e.Type().IsRegular() {
				continue
			}
			name, place := filepath.Join(dir, e.Name()), filepath.Join(dir, m[1])
			if _, err := d.root.Lstat(place); m[2] != "" && errors.Is(err, fs.ErrNotExist) {
				_ = d.root.Rename(name, place)
			} else {
				_ = d.root.Remove(name)
			}
		}
	}
}

// transaction is a set of changes on their way to the disk.
type transaction struct {
	root  *os.Root
	steps []step
	dirs  []string // created, outermost first
}

type step struct {
	path   string
	temp   string // new content beside path; empty: path is removed
	backup string // hard-to-miss name the old file has while the transaction runs; empty: there was none
	done   bool
}

// prepare writes a change's content beside its place.
func (t *transaction) prepare(c generate.Change) error {
	s := step{path: c.Path}
	if c.Remove {
		t.steps = append(t.steps, s)
		return nil
	}
	if err := t.mkdirs(path.Dir(c.Path)); err != nil {
		return err
	}
	s.temp = path.Join(path.Dir(c.Path), "."+path.Base(c.Path)+".drydock-"+token())
	f, err := t.root.OpenFile(filepath.FromSlash(s.temp), os.O_WRONLY|os.O_CREATE|os.O_EXCL, c.Mode.Perm())
	if err != nil {
		return err
	}
	t.steps = append(t.steps, s)
	_, err = f.Write(c.Content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (t *transaction) mkdirs(dir string) error {
	if dir == "." {
		return nil
	}
	if _, err := t.root.Stat(filepath.FromSlash(dir)); err == nil {
		return nil
	}
	if err := t.mkdirs(path.Dir(dir)); err != nil {
		return err
	}
	if err := t.root.Mkdir(filepath.FromSlash(dir), 0o755); err != nil {
		return err // also where a link or a file has the name
	}
	t.dirs = append(t.dirs, dir)
	return nil
}

// commit moves one change into place; the old file is kept aside until all are done.
func (t *transaction) commit(i int) error {
	s := &t.steps[i]
	old := filepath.FromSlash(s.path)
	if _, err := t.root.Lstat(old); err == nil {
		backup := path.Join(path.Dir(s.path), "."+path.Base(s.path)+".drydock-old-"+token())
		if s.temp == "" {
			if err := t.root.Rename(old, filepath.FromSlash(backup)); err != nil {
				return err
			}
		} else if err := t.root.Link(old, filepath.FromSlash(backup)); err != nil {
			return err // keep the old name in place until the new file takes it in one step
		}
		s.backup = backup
	}
	if s.temp != "" {
		if err := t.root.Rename(filepath.FromSlash(s.temp), old); err != nil {
			return err
		}
	}
	s.done = true
	return nil
}

// rollback puts every file back that was replaced or removed, and removes those that were made.
func (t *transaction) rollback() {
	for i := len(t.steps) - 1; i >= 0; i-- {
		s := &t.steps[i]
		switch {
		case s.backup != "":
			if t.root.Rename(filepath.FromSlash(s.backup), filepath.FromSlash(s.path)) == nil {
				s.backup = ""
			}
		case s.done:
			_ = t.root.Remove(filepath.FromSlash(s.path))
		}
	}
}

// discard removes what the transaction needed for itself: temporary files, backups, and
// directories that stayed or became empty.
func (t *transaction) discard() {
	for _, s := range t.steps {
		if s.temp != "" {
			_ = t.root.Remove(filepath.FromSlash(s.temp))
		}
		if s.backup != "" {
			_ = t.root.Remove(filepath.FromSlash(s.backup))
		}
	}
	for _, s := range t.steps {
		if s.temp == "" {
			for d := path.Dir(s.path); d != "."; d = path.Dir(d) {
				if t.root.Remove(filepath.FromSlash(d)) != nil {
					break
				}
			}
		}
	}
	for i := len(t.dirs) - 1; i >= 0; i-- {
		_ = t.root.Remove(filepath.FromSlash(t.dirs[i])) // fails, as it should, when something is in it
	}
}

func token() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b[:])
}
