package source

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	gitproto "github.com/go-git/go-git/v5/plumbing/transport/git"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	gitssh "github.com/go-git/go-git/v5/plumbing/transport/ssh"
)

// dialer opens sessions with one server.
type dialer struct {
	loc    Location
	client transport.Transport
	// offers are the credentials to try, in order; the one that was taken is then the only one.
	offers  []offer
	refused []string // where the credentials came from that the server did not take
	closers []func()
}

// offer is a place that may have credentials. auth returns nil when it has none.
type offer struct {
	from string // for messages
	auth func(context.Context) (transport.AuthMethod, error)
}

// anonymous goes without credentials; nil is how go-git says so.
func anonymous(context.Context) (transport.AuthMethod, error) { return nil, nil }

func newDialer(loc Location, opts Options) (*dialer, error) {
	d := &dialer{loc: loc}
	switch loc.Scheme {
	case "http", "https":
		web, err := webClient(opts)
		if err != nil {
			return nil, err
		}
		d.closers = append(d.closers, web.CloseIdleConnections)
		d.client = githttp.NewClientWithOptions(&http.Client{Transport: &boundedErrors{web}}, &githttp.ClientOptions{RedirectPolicy: githttp.FollowInitialRedirects})
		d.offers = webOffers(loc, opts)
	case "ssh":
		keys := &sshKeys{loc: loc}
		d.closers = append(d.closers, keys.close)
		d.client = gitssh.NewClient(nil)
		d.offers = []offer{{"the SSH keys", keys.auth}}
	default:
		d.client = gitproto.DefaultClient
		d.offers = []offer{{"", anonymous}}
	}
	return d, nil
}

func (d *dialer) close() {
	for _, c := range d.closers {
		c()
	}
}

// connect opens a session and reads the server's references, with each
// credential in turn until one is taken.
func (d *dialer) connect(ctx context.Context) (transport.UploadPackSession, *packp.AdvRefs, error) {
	var last error
	for i, o := range d.offers {
		auth, err := o.auth(ctx)
		if err != nil {
			return nil, nil, err
		}
		if auth == nil && i > 0 {
			continue
		}
		session, refs, err := d.try(ctx, auth)
		if err == nil {
			d.offers = []offer{{o.from, func(context.Context) (transport.AuthMethod, error) { return auth, nil }}}
			return session, refs, nil
		}
		last = err
		if !errors.Is(err, transport.ErrAuthenticationRequired) && !errors.Is(err, transport.ErrAuthorizationFailed) {
			break
		}
		if auth != nil {
			d.refused = append(d.refused, o.from)
		}
	}
	return nil, nil, last
}

func (d *dialer) try(ctx context.Context, auth transport.AuthMethod) (transport.UploadPackSession, *packp.AdvRefs, error) {
	session, err := d.open(ctx, auth)
	if err != nil {
		return nil, nil, err
	}
	refs, err := session.AdvertisedReferencesContext(ctx)
	if err != nil {
		_ = session.Close()
		return nil, nil, err
	}
	return session, refs, nil
}

// open opens a session. go-git's SSH and git:// clients connect without a context, so they do it in a goroutine that is left
// behind when ctx ends; it closes what it gets, if it ever gets it.
func (d *dialer) open(ctx context.Context, auth transport.AuthMethod) (transport.UploadPackSession, error) {
	type result struct {
		session transport.UploadPackSession
		err     error
	}
	done := make(chan result, 1)
	go func() {
		s, err := d.client.NewUploadPackSession(d.loc.endpoint(), auth)
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		return r.session, r.err
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				_ = r.session.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// webClient is the program's own HTTP client: proxies from the environment, the system's certificates and those of
// Options.CACert, and a bound on everything that waits.
func webClient(opts Options) (*http.Transport, error) {
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 30 * time.Second,
		IdleConnTimeout:     30 * time.Second,
	}
	if opts.CACert == "" {
		return t, nil
	}
	pem, err := os.ReadFile(opts.CACert)
	if err != nil {
		return nil, &Error{Kind: NotFound, Op: "read certificates from", Location: opts.CACert, Err: bare(err), Try: "--ca-cert with a file of PEM certificates"}
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, &Error{Kind: Unsupported, Op: "read certificates from", Location: opts.CACert, Err: errors.New("there is no PEM certificate in it"), Try: "--ca-cert with a file of PEM certificates"}
	}
	t.TLSClientConfig = tlsWith(roots)
	return t, nil
}

// boundedErrors bounds the body of an error answer, which go-git reads whole.
type boundedErrors struct{ http.RoundTripper }

const maxErrorBody = 64 << 10

func (b *boundedErrors) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil && answer.StatusCode >= http.StatusMultipleChoices {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, maxErrorBody), answer.Body}
	}
	return answer, err
}

// authHelp says how credentials for a location can be had.
func authHelp(loc Location) string {
	if loc.Scheme == "ssh" {
		return "start ssh-agent, and ssh-add the key that the server knows"
	}
	return "set DRYDOCK_GIT_TOKEN, add " + loc.hostname() + " to ~/.netrc, or sign in with Git's credential helper"
}

// explain makes an *Error of what a transport says. What a server sends as text is not repeated: it may be
// anything.
func (f *fetcher) explain(err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	make := func(kind Kind, try, format string, args ...any) error {
		return fail(kind, f.loc, "clone", try, format, args...)
	}
	if known := explainSSH(err, f.loc); known != nil {
		return known
	}
	if known := explainNetwork(err, f.loc); known != nil {
		return known
	}
	switch {
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return noSuchRef("", nil)
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		if len(f.dialer.refused) == 0 {
			return make(NoAccess, authHelp(f.loc), "the server asks for credentials, and none are known for it")
		}
		return make(NoAccess, authHelp(f.loc), "the server refused the credentials from %s", strings.Join(f.dialer.refused, ", "))
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return make(NotFound, "check the address; a server also says this when it wants credentials: "+authHelp(f.loc), "the server has no such repository")
	case errors.Is(err, errStalled):
		return make(Unreachable, "the same again; a proxy may be needed (HTTPS_PROXY)", "%w", errStalled)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return make(Unreachable, "the same again", "the server broke off")
	}
	return make(Unreachable, "git ls-remote with the same address, which says more", "the server did not answer as a Git server does: %s", firstWords(err))
}

// firstWords is an error's text without what a server may have appended to it.
func firstWords(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return printable(redact(text))
}
