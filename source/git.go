package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

const (
	// objectCache is how many bytes of unpacked objects are kept in memory: the trees and manifests of a large
	// repository and the bases of their deltas.
	objectCache = 24 << 20
	// largeObject is the size in bytes from which an object is streamed instead of held in memory.
	largeObject = 1 << 20
	// maxTreeObject bounds one folder's object: a folder of a million files has some 50 MB.
	maxTreeObject = 256 << 20
)

// openGit reads a commit of a Git directory of this machine, where it lies.
func openGit(ctx context.Context, dir string, loc Location, opts Options) (*Tree, error) {
	if why := unreadable(dir); why != "" {
		return nil, fail(Unsupported, loc, "open", "a work tree of it, as a directory", "%s", why)
	}
	repo := openRepository(dir)
	commit, err := repo.resolve(loc.Ref)
	if err != nil {
		return nil, errors.Join(err, repo.Close())
	}
	t, err := repo.tree(ctx, commit, loc, opts, repo.Close)
	if err != nil {
		return nil, errors.Join(err, repo.Close())
	}
	return t, nil
}

// repository is a Git directory opened for reading. go-git's storage is not made for several
// goroutines, so every access to it holds the lock; the bytes of blobs are read outside it.
type repository struct {
	mu     sync.Mutex
	main   *filesystem.Storage
	stores []*filesystem.Storage // main and the alternates
	packs  *packs                // of all of them; nil until the first object is asked for
	dirs   []string              // where the stores lie
}

func openRepository(dir string) *repository {
	objects := cache.NewObjectLRU(objectCache)
	open := func(dir string) *filesystem.Storage {
		return filesystem.NewStorageWithOptions(gitFilesystem(dir), objects, filesystem.Options{
			KeepDescriptors: true, LargeObjectThreshold: largeObject,
		})
	}
	r := &repository{main: open(dir), dirs: append([]string{dir}, alternates(dir)...)}
	r.stores = append(r.stores, r.main)
	for _, other := range r.dirs[1:] {
		r.stores = append(r.stores, open(other))
	}
	return r
}

// Close closes the packs.
func (r *repository) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range r.stores {
		errs = append(errs, s.Close())
	}
	if r.packs != nil {
		errs = append(errs, r.packs.Close())
		r.packs = nil
	}
	return errors.Join(errs...)
}

// packed reads an object that a pack holds. Without data it is left to go-git, be it only for its account of what is wrong.
func (r *repository) packed(h plumbing.Hash) (packedObject, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.packs == nil {
		r.packs = openPacks(r.dirs)
	}
	obj, err := r.packs.object(h)
	switch {
	case errors.Is(err, errChain):
		return packedObject{}, fmt.Errorf("object %s: %w", h, err)
	case err != nil:
		return packedObject{}, nil
	}
	return obj, nil
}

// object finds an object. One that is missing is reported as plumbing.ErrObjectNotFound.
func (r *repository) object(kind plumbing.ObjectType, h plumbing.Hash) (obj plumbing.EncodedObject, err error) {
	packed, err := r.packed(h)
	if err != nil {
		return nil, err
	}
	if packed.data != nil && (kind == plumbing.AnyObject || kind == packed.kind) {
		obj = &plumbing.MemoryObject{}
		obj.SetType(packed.kind)
		w, err := obj.Writer()
		if err == nil {
			_, err = w.Write(packed.data)
		}
		return obj, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.stores {
		err = guard("object "+h.String(), func() (err error) {
			obj, err = s.EncodedObject(kind, h)
			return err
		})
		if err == nil {
			return obj, nil
		}
		if !errors.Is(err, plumbing.ErrObjectNotFound) {
			break
		}
	}
	return nil, fmt.Errorf("object %s: %w", h, err)
}

// size is an object's number of bytes; it is looked up without unpacking the object.
func (r *repository) size(h plumbing.Hash) (n int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.packs == nil {
		r.packs = openPacks(r.dirs)
	}
	if n, err := r.packs.objectSize(h); err == nil {
		return n, nil
	}
	for _, s := range r.stores {
		err = guard("object "+h.String(), func() (err error) {
			n, err = s.EncodedObjectSize(h)
			return err
		})
		if !errors.Is(err, plumbing.ErrObjectNotFound) {
			break
		}
	}
	if err != nil {
		return 0, fmt.Errorf("object %s: %w", h, err)
	}
	return n, nil
}

// blob is a file of a commit.
type blob struct {
	repo *repository
	hash plumbing.Hash
}

func (b blob) size() (int64, error) {
	n, err := b.repo.size(b.hash)
	return n, damaged(err)
}

func (b blob) open() (r io.ReadCloser, size int64, err error) {
	packed, err := b.repo.packed(b.hash)
	if err != nil {
		return nil, 0, damaged(err)
	}
	if packed.data != nil && packed.kind == plumbing.BlobObject {
		return io.NopCloser(bytes.NewReader(packed.data)), int64(len(packed.data)), nil
	}
	obj, err := b.repo.object(plumbing.BlobObject, b.hash)
	if err != nil {
		return nil, 0, damaged(err)
	}
	err = guard("object "+b.hash.String(), func() (err error) {
		r, err = obj.Reader()
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("object %s: %w", b.hash, err)
	}
	return r, obj.Size(), nil
}

// found is a commit and the name by which it was found.
type found struct {
	commit plumbing.Hash
	ref    string // branch or tag; empty: the commit itself was named
	guess  bool   // HEAD names a branch that does not exist; ref was taken instead
}

// tree lists the files of a commit. closer is what the Tree's Close calls.
func (r *repository) tree(ctx context.Context, at found, loc Location, opts Options, closer func() error) (*Tree, error) {
	root, err := r.treeOf(at.commit, loc.Subdir)
	if err != nil {
		return nil, damaged(err)
	}
	l := &lister{builder: builder{limits: opts.Limits}, ctx: ctx, repo: r}
	if err := l.list(root, ""); err != nil {
		return nil, damaged(err)
	}
	if at.guess {
		l.warn("", "HEAD names a branch that does not exist: "+printable(at.ref)+" was taken; choose another with SOURCE#BRANCH")
	}
	t, err := l.tree(ctx, closer)
	if err != nil {
		return nil, err
	}
	t.Commit, t.Ref = at.commit.String(), at.ref
	if c, err := r.commit(at.commit); err == nil {
		t.Date = c.Committer.When
	}
	warnOfLFS(t)
	return t, nil
}

// damaged makes an object that cannot be read the repository's fault.
func damaged(err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		err = fmt.Errorf("the repository is incomplete: %w", err)
	}
	return &Error{Kind: Corrupt, Err: err, Try: "clone it anew; git fsck names what is damaged"}
}

// treeOf finds the tree of a commit, or of a folder in it.
func (r *repository) treeOf(commit plumbing.Hash, subdir string) (plumbing.Hash, error) {
	c, err := r.commit(commit)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	at := c.TreeHash
	if subdir == "" {
		return at, nil
	}
	for name := range strings.SplitSeq(subdir, "/") {
		entries, err := r.readTree(at)
		if err != nil {
			return at, err
		}
		next, err := folderIn(entries, name, subdir)
		if err != nil {
			return at, err
		}
		at = next
	}
	return at, nil
}

func folderIn(tree []byte, name, subdir string) (plumbing.Hash, error) {
	var folders []string
	var e treeEntry
	for len(tree) > 0 {
		rest, err := e.next(tree)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		tree = rest
		switch {
		case e.mode == filemode.Dir && string(e.name) == name:
			return e.hash, nil
		case e.mode == filemode.Submodule && string(e.name) == name:
			return plumbing.ZeroHash, &Error{Kind: NotFound, Err: errorf("%s is a Git submodule, whose files are in another repository", printable(name)), Try: "open that repository itself"}
		case e.mode == filemode.Dir:
			folders = append(folders, path.Join(strings.TrimSuffix(subdir[:strings.Index(subdir+"/", name+"/")], "/"), string(e.name)))
		}
	}
	return plumbing.ZeroHash, noFolder(subdir, folders)
}

func (r *repository) commit(h plumbing.Hash) (*object.Commit, error) {
	obj, err := r.object(plumbing.CommitObject, h)
	if err != nil {
		return nil, err
	}
	if obj.Size() > maxTreeObject {
		return nil, errorf("commit %s has %d bytes", h, obj.Size())
	}
	c := &object.Commit{}
	err = guard("commit "+h.String(), func() error { return c.Decode(obj) })
	return c, err
}

// readTree reads a folder's object as it is kept; treeEntry.next reads its entries.
func (r *repository) readTree(h plumbing.Hash) ([]byte, error) {
	packed, err := r.packed(h)
	if err != nil {
		return nil, err
	}
	if packed.data != nil && packed.kind == plumbing.TreeObject {
		return packed.data, nil
	}
	obj, err := r.object(plumbing.TreeObject, h)
	if err != nil {
		return nil, err
	}
	if obj.Size() > maxTreeObject {
		return nil, limit("of one folder", maxTreeObject, "the list of one of its folders has more bytes than are allowed")
	}
	var data []byte
	err = guard("tree "+h.String(), func() error {
		in, err := obj.Reader()
		if err != nil {
			return err
		}
		defer in.Close()
		data, err = io.ReadAll(io.LimitReader(in, maxTreeObject))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("tree %s: %w", h, err)
	}
	return data, nil
}

// lister lists a commit's tree.
type lister struct {
	builder
	ctx   context.Context
	repo  *repository
	blobs []blob // room for the next ones: one allocation serves many
}

func (l *lister) list(tree plumbing.Hash, dir string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	data, err := l.repo.readTree(tree)
	if err != nil {
		return err
	}
	if dir != "" {
		dir += "/"
	}
	paths, err := treePaths(data, dir)
	if err != nil {
		return fmt.Errorf("tree %s: %w", tree, err)
	}
	var e treeEntry
	for len(data) > 0 {
		data, _ = e.next(data)
		path := paths[:len(dir)+len(e.name)]
		paths = paths[len(path):]
		if err := l.count(); err != nil {
			return err
		}
		if problem := nameProblem(path[len(dir):]); problem != "" {
			l.leaveOut(path, problem)
			continue
		}
		if err := l.entry(path, &e); err != nil {
			return err
		}
	}
	return nil
}

// treePaths are the paths of a tree's entries, one after the other in one string.
func treePaths(data []byte, dir string) (string, error) {
	var e treeEntry
	size := 0
	for rest := data; len(rest) > 0; size += len(dir) + len(e.name) {
		var err error
		if rest, err = e.next(rest); err != nil {
			return "", err
		}
	}
	var all strings.Builder
	all.Grow(size)
	for len(data) > 0 {
		data, _ = e.next(data) // it was read above
		all.WriteString(dir)
		all.Write(e.name)
	}
	return all.String(), nil
}

// blob is a file's content, kept beside others.
func (l *lister) blob(h plumbing.Hash) *blob {
	if len(l.blobs) == 0 {
		l.blobs = make([]blob, min(max(64, len(l.nodes)/4), 4096))
	}
	b := &l.blobs[0]
	l.blobs = l.blobs[1:]
	b.repo, b.hash = l.repo, h
	return b
}

func (l *lister) entry(name string, e *treeEntry) error {
	file := node{Entry: Entry{Path: name, Mode: 0o644, Size: -1}}
	switch e.mode {
	case filemode.Dir:
		if len(name) > l.limits.MaxPath {
			return l.add(file)
		}
		return l.list(e.hash, name)
	case filemode.Regular:
	case filemode.Executable:
		file.Mode = 0o755
	case filemode.Symlink:
		target, err := readLink(blob{l.repo, e.hash}, l.limits.MaxPath)
		if err != nil {
			l.leaveOut(name, "a link that cannot be read ("+err.Error()+")")
			return nil
		}
		file = node{Entry: Entry{Path: name, Mode: fs.ModeSymlink | 0o777, Size: int64(len(target))}, link: target}
		return l.add(file)
	default:
		l.leaveOut(name, "a Git submodule, whose files are in another repository")
		return nil
	}
	file.data = l.blob(e.hash)
	return l.add(file)
}

// readLink reads the text of a link that is kept as a file's content.
func readLink(c content, maxBytes int) (string, error) {
	r, _, err := c.open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, int64(maxBytes)+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxBytes {
		return "", errorf("its target has more than %d bytes", maxBytes)
	}
	return string(data), nil
}
