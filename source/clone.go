package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/drydock-cli/drydock/progress"
)

// clone fetches one commit of a remote repository, without its history where the
// server allows that, into a temporary bare repository, which goes with the tree.
func clone(ctx context.Context, loc Location, opts Options) (_ *Tree, err error) {
	dir, err := tempDir(opts.CacheDir, "drydock-clone-")
	if err != nil {
		return nil, err
	}
	remove := func() error { return os.RemoveAll(dir) }
	defer func() {
		if err != nil {
			err = errors.Join(err, remove())
		}
	}()
	at, err := fetch(ctx, dir, loc, opts)
	if err != nil {
		return nil, err
	}
	repo := openRepository(dir)
	closer := func() error { return errors.Join(repo.Close(), remove()) }
	t, err := repo.tree(ctx, at, loc, opts, closer)
	if err != nil {
		return nil, errors.Join(err, repo.Close())
	}
	return t, nil
}

// tempDir makes a folder for one source below the folder for all, or below the system's.
func tempDir(parent, pattern string) (string, error) {
	if parent != "" {
		if err := os.MkdirAll(parent, 0o700); err != nil {
			return "", fmt.Errorf("make the folder for temporary files: %w", err)
		}
	}
	dir, err := os.MkdirTemp(parent, pattern)
	if err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", err)
	}
	return dir, nil
}

var errStalled = errors.New("the server stopped answering")

// fetch brings the commit that loc names into a Git directory.
func fetch(ctx context.Context, dir string, loc Location, opts Options) (at found, err error) {
	err = atServer(ctx, dir, loc, opts, func(ctx context.Context, f *fetcher) error {
		at, err = f.fetch(ctx)
		return err
	})
	return at, err
}

// atServer does something with a server, and stops when nothing comes from it any more.
func atServer(ctx context.Context, dir string, loc Location, opts Options, do func(context.Context, *fetcher) error) error {
	alive, cancel := context.WithCancelCause(ctx)
	defer cancel(nil) // ends every connection that is still open
	patience := cmp.Or(opts.stall, stallTimeout)
	watchdog := time.AfterFunc(patience, func() { cancel(errStalled) })
	defer watchdog.Stop()
	f := &fetcher{loc: loc, opts: opts, dir: dir, touch: func() { watchdog.Reset(patience) }}
	dialer, err := newDialer(loc, opts)
	if err != nil {
		return err
	}
	defer dialer.close()
	f.dialer = dialer
	err = do(alive, f)
	if err != nil && errors.Is(context.Cause(alive), errStalled) {
		err = errStalled
	}
	return f.explain(err)
}

// fetcher is one fetch.
type fetcher struct {
	loc    Location
	opts   Options
	dir    string
	dialer *dialer
	touch  func() // tells the watchdog that something came
}

func (f *fetcher) fetch(ctx context.Context) (found, error) {
	end := f.opts.Progress.Step(progress.Fetch, "", "refs", "ask for branches and tags")
	session, refs, err := f.connect(ctx)
	if end(err) != nil {
		return found{}, err
	}
	at, err := choose(refs, f.loc.Ref)
	if err != nil {
		return found{}, errors.Join(err, session.Close())
	}
	end = f.opts.Progress.Step(progress.Fetch, "", "receive", "receive objects")
	at, err = f.receive(ctx, session, refs, at)
	return at, end(err)
}

// connect opens a session and asks for the server's references.
func (f *fetcher) connect(ctx context.Context) (transport.UploadPackSession, *packp.AdvRefs, error) {
	session, refs, err := f.dialer.connect(ctx)
	f.touch()
	return session, refs, err
}

// receive fetches the chosen commit alone. A commit that no reference names is asked for by its hash; where the server
// does not give that out, or only the beginning of the hash is known, everything is fetched and searched.
func (f *fetcher) receive(ctx context.Context, session transport.UploadPackSession, refs *packp.AdvRefs, at found) (found, error) {
	if !at.commit.IsZero() {
		err := f.pull(ctx, session, refs, []plumbing.Hash{at.commit}, true)
		if err == nil {
			return f.lookUp(at)
		}
		if advertised(refs, at.commit) || ctx.Err() != nil {
			return at, err
		}
	} else if err := session.Close(); err != nil {
		return at, err
	}
	session, refs, err := f.connect(ctx)
	if err != nil {
		return at, err
	}
	if err := f.pull(ctx, session, refs, tips(refs), false); err != nil {
		return at, err
	}
	return f.lookUp(found{})
}

// lookUp finds the commit among what was fetched.
func (f *fetcher) lookUp(at found) (found, error) {
	repo := openRepository(f.dir)
	defer repo.Close()
	if at.commit.IsZero() {
		at, err := repo.byHash(f.loc.Ref)
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			return at, &Error{Kind: BadRef, Err: errorf("no branch or tag leads to a commit %s", f.loc.Ref), Try: "a branch, a tag, or a commit that has been pushed"}
		}
		return at, damaged(err)
	}
	commit, err := repo.peel(at.commit)
	at.commit = commit
	return at, damaged(err)
}

// pull has the server send what is needed for some commits, and closes the session.
func (f *fetcher) pull(ctx context.Context, session transport.UploadPackSession, refs *packp.AdvRefs, wants []plumbing.Hash, shallow bool) error {
	// How the server ends the session says nothing more: the pack has a checksum.
	defer func() { _ = session.Close() }()
	req := packp.NewUploadPackRequestFromCapabilities(refs.Capabilities)
	req.Wants = wants
	if shallow && refs.Capabilities.Supports(capability.Shallow) {
		if err := req.Capabilities.Set(capability.Shallow); err != nil {
			return err
		}
		req.Depth = packp.DepthCommits(1)
	}
	answer, err := session.UploadPack(ctx, req)
	if err != nil {
		return err
	}
	f.touch()
	defer answer.Close()
	return f.store(ctx, f.demultiplex(req.Capabilities, answer))
}

// demultiplex takes the pack out of what the server sends and reports the rest as progress.
func (f *fetcher) demultiplex(caps *capability.List, r io.Reader) *packReader {
	p := &packReader{r: r, left: f.opts.MaxBytes, max: f.opts.MaxBytes, touch: f.touch, sink: f.opts.Progress}
	kind := sideband.Sideband64k
	switch {
	case caps.Supports(capability.Sideband64k):
	case caps.Supports(capability.Sideband):
		kind = sideband.Sideband
	default:
		return p
	}
	demuxer := sideband.NewDemuxer(kind, r)
	demuxer.Progress = &serverMessages{sink: f.opts.Progress, touch: f.touch}
	p.r = demuxer
	return p
}

// store writes a pack, and its index, into the Git directory.
func (f *fetcher) store(ctx context.Context, pack *packReader) error {
	files := &closingFS{Filesystem: osfs.New(f.dir)}
	defer files.closeAll()
	s := filesystem.NewStorageWithOptions(files, cache.NewObjectLRU(objectCache), filesystem.Options{LargeObjectThreshold: largeObject})
	if err := s.Init(); err != nil {
		return err
	}
	err := guard("what the server sent", func() error { return packfile.UpdateObjectStorage(s, pack) })
	switch {
	case pack.err != nil: // the cause, where the parser reports only what followed from it
		return pack.err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &Error{Kind: Corrupt, Err: fmt.Errorf("what the server sent cannot be used: %w", err), Try: "the same again; git fsck on the server, if it stays so"}
	}
	pack.report()
	return nil
}

// choose finds the reference that is wanted among those of the server. The commit is zero when only a
// search in the history can find it.
func choose(refs *packp.AdvRefs, want string) (found, error) {
	var names []plumbing.ReferenceName
	for name := range refs.References {
		if n := plumbing.ReferenceName(name); (n.IsBranch() || n.IsTag()) && len(names) < maxCandidates {
			names = append(names, n)
		}
	}
	if want == "" || want == "HEAD" {
		return chooseHead(refs, names)
	}
	if fullHash.MatchString(want) {
		return found{commit: plumbing.NewHash(want)}, nil
	}
	for _, full := range refNames(want) {
		if h, ok := refs.References[string(full)]; ok {
			return found{commit: h, ref: full.Short()}, nil
		}
	}
	if !shortHash.MatchString(want) {
		return found{}, noSuchRef(want, names)
	}
	match := plumbing.ZeroHash
	for _, h := range refs.References {
		if strings.HasPrefix(h.String(), strings.ToLower(want)) && h != match {
			if !match.IsZero() {
				return found{}, nil
			}
			match = h
		}
	}
	return found{commit: match}, nil
}

func chooseHead(refs *packp.AdvRefs, names []plumbing.ReferenceName) (found, error) {
	branch := ""
	for _, link := range refs.Capabilities.Get(capability.SymRef) {
		if target, ok := strings.CutPrefix(link, "HEAD:"); ok && plumbing.ReferenceName(target).IsBranch() {
			branch = plumbing.ReferenceName(target).Short()
		}
	}
	if refs.Head != nil {
		return found{commit: *refs.Head, ref: branch}, nil
	}
	if branch = guessBranch(names); branch == "" {
		return found{}, noSuchRef("", names)
	}
	return found{commit: refs.References["refs/heads/"+branch], ref: branch, guess: true}, nil
}

func advertised(refs *packp.AdvRefs, h plumbing.Hash) bool {
	if refs.Head != nil && *refs.Head == h {
		return true
	}
	for _, at := range refs.References {
		if at == h {
			return true
		}
	}
	return false
}

// tips are the commits and tags at the ends of all branches and tags.
func tips(refs *packp.AdvRefs) []plumbing.Hash {
	seen := map[plumbing.Hash]bool{}
	var out []plumbing.Hash
	for name, h := range refs.References {
		if n := plumbing.ReferenceName(name); (n.IsBranch() || n.IsTag()) && !seen[h] {
			seen[h] = true
			out = append(out, h)
		}
	}
	return out
}
