package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// objectCache is how much of unpacked Git objects is kept in memory: enough for the manifests of
// a large repository, and for the bases of their deltas.
const objectCache = 16 << 20

// largeObject is the size from which a blob is streamed and not held in memory.
const largeObject = 4 << 20

// newStorage opens a Git directory for reading.
func newStorage(dir string) *filesystem.Storage {
	return filesystem.NewStorageWithOptions(osfs.New(dir, osfs.WithBoundOS()), cache.NewObjectLRU(objectCache), filesystem.Options{
		ExclusiveAccess: true, KeepDescriptors: true, LargeObjectThreshold: largeObject,
	})
}

// openGit reads a commit of a Git directory on this machine, in place.
func openGit(ctx context.Context, dir string, loc Location, opts Options) (*Tree, error) {
	st := newStorage(dir)
	repo, err := git.Open(st, nil)
	if err != nil {
		_ = st.Close()
		return nil, &Error{Kind: Corrupt, Op: "open", Location: loc.Raw, Err: err, Try: "git -C " + dir + " fsck"}
	}
	hash, ref, err := resolve(repo, loc)
	if err != nil {
		_ = st.Close()
		return nil, err
	}
	t, err := gitTree(ctx, st, hash, loc, opts, st.Close)
	if err != nil {
		_ = st.Close()
		return nil, err
	}
	t.Ref = ref
	return t, nil
}

var fullHash = regexp.MustCompile(`^[0-9a-f]{40}$`)

// resolve finds the commit that a location names: HEAD, a branch, a tag or a commit.
func resolve(repo *git.Repository, loc Location) (plumbing.Hash, string, error) {
	if loc.Ref == "" {
		return head(repo, loc)
	}
	if fullHash.MatchString(loc.Ref) {
		h := plumbing.NewHash(loc.Ref)
		if _, err := repo.CommitObject(h); err == nil {
			return h, loc.Ref, nil
		}
	}
	for _, name := range []string{"refs/heads/", "refs/tags/", "refs/remotes/origin/", "refs/"} {
		h, err := repo.ResolveRevision(plumbing.Revision(name + loc.Ref))
		if err == nil {
			return *h, loc.Ref, nil
		}
		if _, there := repo.Reference(plumbing.ReferenceName(name+loc.Ref), true); there == nil {
			return plumbing.ZeroHash, "", &Error{Kind: Corrupt, Op: "read", Location: WithoutCredentials(loc.Raw), Reason: "what " + printable(loc.Ref) + " points at is not in the repository", Err: err, Try: "clone it anew; git fsck names what is missing"}
		}
	}
	if len(loc.Ref) >= 4 && strings.Trim(loc.Ref, "0123456789abcdef") == "" {
		if h, err := repo.ResolveRevision(plumbing.Revision(loc.Ref)); err == nil {
			return *h, loc.Ref, nil
		}
	}
	names := refNames(repo)
	if len(names) == 0 {
		return plumbing.ZeroHash, "", emptyRepository(loc)
	}
	return plumbing.ZeroHash, "", badRef(loc, names)
}

// head is HEAD, or, in a mirror whose HEAD names a branch that is not there, the likeliest branch.
func head(repo *git.Repository, loc Location) (plumbing.Hash, string, error) {
	if ref, err := repo.Head(); err == nil {
		return ref.Hash(), ref.Name().Short(), nil
	}
	names := refNames(repo)
	for _, want := range []string{"main", "master", "trunk", "develop"} {
		if h, err := repo.ResolveRevision(plumbing.Revision("refs/heads/" + want)); err == nil {
			return *h, want, nil
		}
	}
	if len(names) == 0 {
		return plumbing.ZeroHash, "", emptyRepository(loc)
	}
	return plumbing.ZeroHash, "", badRef(loc, names)
}

func emptyRepository(loc Location) error {
	return &Error{Kind: Empty, Op: "open", Location: WithoutCredentials(loc.Raw), Reason: "the repository has no commit", Try: "push a branch to it first"}
}

func refNames(repo *git.Repository) []string {
	iter, err := repo.References()
	if err != nil {
		return nil
	}
	var names []string
	_ = iter.ForEach(func(r *plumbing.Reference) error {
		if r.Type() == plumbing.HashReference && (r.Name().IsBranch() || r.Name().IsTag()) {
			names = append(names, r.Name().Short())
		}
		return nil
	})
	return names
}

// badRef names the references that are there, those most like the wanted one first.
func badRef(loc Location, names []string) error {
	sort.SliceStable(names, func(i, j int) bool {
		a, b := common(names[i], loc.Ref), common(names[j], loc.Ref)
		if a != b {
			return a > b
		}
		return names[i] < names[j]
	})
	shown := names[:min(10, len(names))]
	for i := range shown {
		shown[i] = printable(shown[i])
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	reason := "HEAD names no branch that is there"
	if loc.Ref != "" {
		reason = "there is no branch, tag or commit " + printable(loc.Ref)
	}
	return &Error{Kind: BadRef, Op: "open", Location: WithoutCredentials(loc.Raw), Reason: reason, Try: "#REF with one of " + list}
}

// common is how many letters two names share from their start.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// gitStore reads blobs by their hash.
type gitStore struct {
	objects *filesystem.Storage
	blobs   []plumbing.Hash
}

func (s *gitStore) open(i int) (io.ReadCloser, error) {
	o, err := s.objects.EncodedObject(plumbing.BlobObject, s.blobs[i])
	if err != nil {
		return nil, fmt.Errorf("object %s: %w", s.blobs[i], err)
	}
	return o.Reader()
}

func (s *gitStore) size(i int) (int64, error) { return s.objects.EncodedObjectSize(s.blobs[i]) }

// gitTree lists the tree of a commit once; blobs are read when they are asked for.
func gitTree(ctx context.Context, st *filesystem.Storage, commit plumbing.Hash, loc Location, opts Options, closer func() error) (*Tree, error) {
	corrupt := func(err error) error {
		return &Error{Kind: Corrupt, Op: "read", Location: WithoutCredentials(loc.Raw), Err: err, Try: "clone it anew; git fsck names what is damaged"}
	}
	c, err := object.GetCommit(st, commit)
	if err != nil {
		return nil, corrupt(fmt.Errorf("commit %s: %w", commit, err))
	}
	l := &lister{ctx: ctx, store: &gitStore{objects: st}, keep: collector{limits: opts.Limits}}
	if err := l.list(c.TreeHash, "", 0); err != nil {
		var limit *limitError
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &limit):
			return nil, &Error{Kind: TooLarge, Op: "read", Location: WithoutCredentials(loc.Raw), Err: err, Try: "the folder of the application alone: #REF:FOLDER"}
		}
		return nil, corrupt(err)
	}
	t := NewTree(newIndexFS(l.store, l.keep.entries), l.keep.entries, closer)
	t.Commit = commit.String()
	return l.keep.done(t), nil
}

type limitError struct{ error }

type lister struct {
	ctx   context.Context
	store *gitStore
	keep  collector
	trees int
}

// maxDepth bounds how deep folders nest in a Git tree: no file system reaches it.
const maxDepth = 512

// list takes in a tree object. Its form is, for each entry: mode in octal, a space, the name, a NUL, 20 bytes of hash.
func (l *lister) list(tree plumbing.Hash, dir string, depth int) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if l.trees++; depth > maxDepth || l.trees > l.keep.limits.Files {
		return &limitError{fmt.Errorf("its folders nest deeper than %d or are more than %d", maxDepth, l.keep.limits.Files)}
	}
	raw, err := l.read(tree)
	if err != nil {
		return fmt.Errorf("folder %s: %w", printable(dir), err)
	}
	for len(raw) > 0 {
		space := bytes.IndexByte(raw, ' ')
		nul := bytes.IndexByte(raw, 0)
		if space < 0 || nul < space || len(raw) < nul+21 {
			return fmt.Errorf("folder %s: its tree object is damaged", printable(dir))
		}
		mode, name := string(raw[:space]), string(raw[space+1:nul])
		var h plumbing.Hash
		copy(h[:], raw[nul+1:nul+21])
		raw = raw[nul+21:]
		if err := l.entry(mode, path.Join(dir, name), name, h, depth); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) read(tree plumbing.Hash) ([]byte, error) {
	o, err := l.store.objects.EncodedObject(plumbing.TreeObject, tree)
	if err != nil {
		return nil, err
	}
	r, err := o.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func (l *lister) entry(mode, full, name string, h plumbing.Hash, depth int) error {
	m, err := filemode.New(mode)
	if err != nil || strings.Contains(name, "/") || name == "" || name == "." || name == ".." {
		l.keep.leaveOut(full, "left out: its name or mode is not one that Git makes")
		return nil
	}
	e := Entry{Path: full, Mode: 0o644, Size: -1}
	switch m {
	case filemode.Dir:
		if why := refuse(full, l.keep.limits); why != "" {
			l.keep.leaveOut(full, why)
			return nil
		}
		return l.list(h, full, depth+1)
	case filemode.Submodule:
		l.keep.leaveOut(full, "left out: a Git submodule, whose content lies in another repository")
		return nil
	case filemode.Executable:
		e.Mode = 0o755
	case filemode.Symlink:
		e.Mode = fs.ModeSymlink | 0o777
	}
	ok, err := l.keep.add(e)
	if ok {
		l.store.blobs = append(l.store.blobs, h)
	}
	if err != nil {
		return &limitError{err}
	}
	return nil
}
