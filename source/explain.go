package source

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

func tlsWith(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// explainNetwork recognises what goes wrong before a server answers, and answers that are errors. Nil: it is something else.
func explainNetwork(err error, loc Location) error {
	var unexpected *plumbing.UnexpectedError
	if errors.As(err, &unexpected) { // go-git's own wrapper does not unwrap
		err = unexpected.Err
	}
	var (
		status      *githttp.Err
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		op          *net.OpError
		request     *url.Error
	)
	switch {
	case errors.As(err, &status):
		return fail(Unreachable, loc, "clone", "check the address, or wait and try again", "the server answered with status %d", status.StatusCode())
	case errors.As(err, &certificate):
		return fail(Unreachable, loc, "clone", "--ca-cert FILE with the certificate of your company's authority", "the server's certificate is not trusted: %w", certificate.Err)
	case errors.As(err, &dns):
		return fail(Unreachable, loc, "clone", "check the address and the network; a proxy may be needed (HTTPS_PROXY)", "the host %s is not known", printable(dns.Name))
	case errors.As(err, &op):
		return fail(Unreachable, loc, "clone", "check the address and the network; a proxy may be needed (HTTPS_PROXY)", "the host does not answer: %w", op.Err)
	case errors.As(err, &request):
		cause := request.Err // without the URL, which may hold a token in its query
		if strings.Contains(cause.Error(), "http redirect") || strings.Contains(cause.Error(), "://") {
			cause = errors.New("it redirects to another address in a way that is not followed")
		}
		return fail(Unreachable, loc, "clone", "check the address and the network; a proxy may be needed (HTTPS_PROXY)", "the host does not answer: %w", cause)
	}
	return nil
}
