package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"sync/atomic"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/drydock-cli/drydock/progress"
)

// cloned is where a fetched commit is kept in the temporary repository.
const cloned = plumbing.ReferenceName("refs/heads/drydock")

// clone fetches one commit of a remote repository into a temporary bare repository, which goes with the tree.
func clone(ctx context.Context, loc Location, opts Options) (*Tree, error) {
	dir, err := os.MkdirTemp(opts.CacheDir, "drydock-clone-")
	if err != nil {
		return nil, fmt.Errorf("make room for a clone: %w", err)
	}
	st := newStorage(dir)
	remove := func() error { return errors.Join(st.Close(), os.RemoveAll(dir)) }
	t, err := fetch(ctx, st, loc, opts, remove)
	if err != nil {
		_ = remove()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return t, nil
}

func fetch(ctx context.Context, st *filesystem.Storage, loc Location, opts Options, closer func() error) (*Tree, error) {
	repo, err := git.Init(st, nil)
	if err != nil {
		return nil, fmt.Errorf("prepare a clone: %w", err)
	}
	address := loc.URL
	if strings.Contains(address, "://") {
		address = WithoutCredentials(address)
	}
	// The remote's name is never written with a password: credentials travel in auth.
	remote := git.NewRemote(counting(st, opts.Progress), &config.RemoteConfig{Name: "origin", URLs: []string{address}})
	c := &cloner{loc: loc, opts: opts, remote: remote, repo: repo}
	if c.caBundle, err = readCA(opts.CACert); err != nil {
		return nil, err
	}
	refs, err := c.listRefs(ctx)
	if err != nil {
		return nil, c.explain(err)
	}
	hash, name, err := c.fetchWanted(ctx, refs)
	if err != nil {
		return nil, c.explain(err)
	}
	t, err := gitTree(ctx, st, hash, loc, opts, closer)
	if err != nil {
		return nil, err
	}
	t.Ref = name
	return t, nil
}

func readCA(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read --ca-cert: %w", err)
	}
	return data, nil
}

type cloner struct {
	loc      Location
	opts     Options
	remote   *git.Remote
	repo     *git.Repository
	caBundle []byte
	auth     transport.AuthMethod
}

// listRefs asks for the remote's references, with each credential in turn until one is taken.
func (c *cloner) listRefs(ctx context.Context) ([]*plumbing.Reference, error) {
	end := c.opts.Progress.Step(progress.Fetch, "", "refs", "ask "+WithoutCredentials(c.loc.URL)+" for its branches and tags")
	var last error
	for _, source := range c.credentials() {
		auth, err := source(ctx)
		if err != nil {
			return nil, end(err)
		}
		if auth == nil && last != nil {
			continue
		}
		refs, err := c.remote.ListContext(ctx, &git.ListOptions{Auth: auth, CABundle: c.caBundle, PeelingOption: git.AppendPeeled})
		if err == nil {
			c.auth = auth
			return refs, end(nil)
		}
		last = err
		if !errors.Is(err, transport.ErrAuthenticationRequired) && !errors.Is(err, transport.ErrAuthorizationFailed) {
			break
		}
	}
	return nil, end(last)
}

// fetchWanted fetches the commit that the location names, and as little else as the server allows.
func (c *cloner) fetchWanted(ctx context.Context, refs []*plumbing.Reference) (plumbing.Hash, string, error) {
	hash, name := wanted(refs, c.loc.Ref)
	if hash.IsZero() && !fullHash.MatchString(c.loc.Ref) {
		return c.search(ctx, refs)
	}
	if hash.IsZero() {
		hash, name = plumbing.NewHash(c.loc.Ref), plumbing.ReferenceName(c.loc.Ref)
	}
	from := string(name)
	if plumbing.IsHash(from) || strings.HasSuffix(from, "^{}") {
		from = hash.String()
	}
	err := c.fetch(ctx, config.RefSpec("+"+from+":"+string(cloned)), 1)
	if err != nil && plumbing.IsHash(from) && ctx.Err() == nil {
		// The server does not give out single commits: fetch what leads to it.
		return c.search(ctx, refs)
	}
	if err != nil {
		return plumbing.ZeroHash, "", err
	}
	ref, err := c.repo.Reference(cloned, true)
	if err != nil {
		return plumbing.ZeroHash, "", err
	}
	h, err := c.repo.ResolveRevision(plumbing.Revision(ref.Hash().String()))
	if err != nil {
		return ref.Hash(), name.Short(), nil
	}
	return *h, name.Short(), nil
}

// wanted finds a reference by name: HEAD, a branch, a tag.
func wanted(refs []*plumbing.Reference, ref string) (plumbing.Hash, plumbing.ReferenceName) {
	byName := map[plumbing.ReferenceName]*plumbing.Reference{}
	for _, r := range refs {
		byName[r.Name()] = r
	}
	names := []plumbing.ReferenceName{plumbing.NewBranchReferenceName(ref), plumbing.NewTagReferenceName(ref)}
	if ref == "" {
		names = []plumbing.ReferenceName{plumbing.HEAD, plumbing.Main, plumbing.Master}
	}
	for _, n := range names {
		r := byName[n]
		if r != nil && r.Type() == plumbing.SymbolicReference {
			r = byName[r.Target()]
		}
		if r != nil && !r.Hash().IsZero() {
			return r.Hash(), r.Name()
		}
	}
	return plumbing.ZeroHash, ""
}

// search fetches all branches and looks the commit up among them.
func (c *cloner) search(ctx context.Context, refs []*plumbing.Reference) (plumbing.Hash, string, error) {
	var names []string
	for _, r := range refs {
		if r.Name().IsBranch() || r.Name().IsTag() {
			names = append(names, r.Name().Short())
		}
	}
	if len(names) == 0 {
		return plumbing.ZeroHash, "", emptyRepository(c.loc)
	}
	if c.loc.Ref == "" || len(c.loc.Ref) < 4 || strings.Trim(c.loc.Ref, "0123456789abcdef") != "" {
		return plumbing.ZeroHash, "", badRef(c.loc, names)
	}
	if err := c.fetch(ctx, "+refs/heads/*:refs/heads/*", 0); err != nil {
		return plumbing.ZeroHash, "", err
	}
	return resolve(c.repo, c.loc)
}

func (c *cloner) fetch(ctx context.Context, spec config.RefSpec, depth int) error {
	end := c.opts.Progress.Step(progress.Fetch, "", "receive", "receive objects")
	err := c.remote.FetchContext(ctx, &git.FetchOptions{
		RefSpecs: []config.RefSpec{spec}, Depth: depth, Tags: git.NoTags, Auth: c.auth, CABundle: c.caBundle, Force: true,
		Progress: &serverLines{sink: c.opts.Progress},
	})
	if errors.Is(err, git.NoErrAlreadyUpToDate) {
		err = nil
	}
	return end(err)
}

// explain makes an *Error of what the transport says.
func (c *cloner) explain(err error) error {
	e := &Error{Op: "clone", Location: WithoutCredentials(c.loc.Raw), Err: err}
	var own *Error
	var key *knownhosts.KeyError
	var netErr net.Error
	var dns *net.DNSError
	switch {
	case errors.As(err, &own):
		return err
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return emptyRepository(c.loc)
	case errors.As(err, &key) && len(key.Want) == 0:
		e.Kind, e.Reason, e.Try = NoAccess, "the host's key is not in known_hosts", "check the key's fingerprint with the host's owner, then add it: ssh-keyscan HOST >> ~/.ssh/known_hosts"
	case errors.As(err, &key):
		e.Kind, e.Reason, e.Try = NoAccess, "the host shows another key than the one in known_hosts: somebody may be listening in", "ask the host's owner before changing known_hosts"
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed), errors.Is(err, transport.ErrInvalidAuthMethod), strings.Contains(err.Error(), "unable to authenticate"):
		e.Kind, e.Reason, e.Try = NoAccess, "the server wants other credentials", c.credentialHelp()
	case errors.Is(err, transport.ErrRepositoryNotFound):
		e.Kind, e.Reason, e.Try = NotFound, "the server knows no such repository", "check the address; servers also say this when credentials are missing: "+c.credentialHelp()
	case errors.As(err, &dns), errors.As(err, &netErr), isRefused(err):
		e.Kind, e.Reason, e.Try = Unreachable, "the host does not answer", "check the address, the network and the proxy (HTTPS_PROXY)"
	default:
		e.Kind, e.Try = Unreachable, "git ls-remote "+WithoutCredentials(c.loc.URL)
	}
	return e
}

func isRefused(err error) bool {
	var op *net.OpError
	var u *url.Error
	return errors.As(err, &op) || errors.As(err, &u)
}

func (c *cloner) credentialHelp() string {
	if c.isHTTP() {
		return "set DRYDOCK_GIT_TOKEN, or a line for the host in ~/.netrc, or Git's own credential helper"
	}
	return "start an ssh-agent and add the key that the server knows: ssh-add"
}

func (c *cloner) isHTTP() bool {
	return strings.HasPrefix(c.loc.URL, "https://") || strings.HasPrefix(c.loc.URL, "http://")
}

// serverLines passes on what the server says of its work.
type serverLines struct {
	sink progress.Sink
	rest []byte
}

func (s *serverLines) Write(p []byte) (int, error) {
	s.rest = append(s.rest, p...)
	for {
		i := bytes.IndexAny(s.rest, "\r\n")
		if i < 0 {
			break
		}
		if line := strings.TrimSpace(string(s.rest[:i])); line != "" && s.rest[i] == '\n' {
			s.sink.Emit(progress.Event{Stage: progress.Fetch, Step: "receive", State: progress.Log, Text: printable(line)})
		}
		s.rest = s.rest[i+1:]
	}
	if len(s.rest) > 4096 {
		s.rest = nil
	}
	return len(p), nil
}

// countingStorage reports the bytes of the pack as they arrive.
type countingStorage struct {
	*filesystem.Storage
	sink  progress.Sink
	total atomic.Int64
}

func counting(st *filesystem.Storage, sink progress.Sink) *countingStorage {
	return &countingStorage{Storage: st, sink: sink}
}

// PackfileWriter wraps the storage's own with a count.
func (s *countingStorage) PackfileWriter() (io.WriteCloser, error) {
	w, err := s.Storage.PackfileWriter()
	if err != nil {
		return nil, err
	}
	return &countingWriter{WriteCloser: w, storage: s}, nil
}

type countingWriter struct {
	io.WriteCloser
	storage *countingStorage
	shown   int64
}

// step is how many bytes lie between two events.
const eventEvery = 256 << 10

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.WriteCloser.Write(p)
	total := w.storage.total.Add(int64(n))
	if total-w.shown >= eventEvery {
		w.shown = total
		w.storage.sink.Emit(progress.Event{Stage: progress.Fetch, Step: "receive", State: progress.Running, Current: total, Unit: "bytes"})
	}
	return n, err
}
