package source

import (
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

// Location is a SOURCE of the command line taken apart. It is made by ParseLocation.
type Location struct {
	Scheme string // "https", "http", "ssh", "git", "file"; empty: a path of this machine
	Host   string // with the port when one is given; empty for file and paths
	Path   string // of the repository on its host, or on this machine
	Ref    string // after "#": branch, tag, or commit; may be empty
	Subdir string // after "#…:": slash-separated, clean; empty: the whole source

	user, password string // never shown
	scp            bool   // written as user@host:path
}

const maxLocation = 8192 // bytes; longer than any URL that a server accepts

var (
	helperForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9+.-]*::`)
	schemeForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://`)
	// A host of one letter without a user is a Windows drive.
	scpForm = regexp.MustCompile(`^(?:([A-Za-z0-9_][A-Za-z0-9_.+-]*)@([A-Za-z0-9][A-Za-z0-9_.-]*)|([A-Za-z0-9][A-Za-z0-9_.-]+)):(.+)$`)
)

// ParseLocation takes a SOURCE apart without looking at disk or network. What
// could be taken for an option, or would make Git start a program (ext::,
// file::), is refused.
func ParseLocation(s string) (Location, error) {
	s = strings.TrimSpace(s)
	refuse := func(format string, args ...any) (Location, error) {
		return Location{}, &Error{Kind: Unsupported, Location: redact(printable(s)), Op: "open",
			Err: errorf(format, args...), Try: "name a directory, a Git URL (https://, ssh://, git@host:path, file://) or an archive"}
	}
	switch {
	case s == "":
		return refuse("no source is given")
	case len(s) > maxLocation:
		return refuse("the source's name has more than %d bytes", maxLocation)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return refuse("the source's name has control characters or is not UTF-8")
	case strings.HasPrefix(s, "-"):
		return refuse("a source does not begin with a dash")
	case helperForm.MatchString(s):
		return refuse("Git's remote helpers (NAME::ADDRESS) are not supported")
	}
	address, fragment, _ := strings.Cut(s, "#")
	loc, err := parseAddress(address)
	if err != nil {
		return refuse("%w", err)
	}
	return loc.withFragment(fragment)
}

// parseAddress reads what stands before the "#".
func parseAddress(s string) (Location, error) {
	if m := schemeForm.FindStringSubmatch(s); m != nil {
		return parseURL(strings.ToLower(m[1]), s)
	}
	first, _, _ := strings.Cut(s, "/")
	if m := scpForm.FindStringSubmatch(s); m != nil && strings.Contains(first, ":") {
		if strings.HasPrefix(m[4], "-") {
			return Location{}, errorf("a path on a server does not begin with a dash")
		}
		return Location{Scheme: "ssh", user: m[1], Host: m[2] + m[3], Path: m[4], scp: true}, nil
	}
	if s == "" {
		s = "."
	}
	return Location{Path: s}, nil
}

func parseURL(scheme, s string) (Location, error) {
	switch scheme {
	case "git+ssh", "ssh+git":
		scheme = "ssh"
	case "https", "http", "ssh", "git", "file":
	default:
		return Location{}, errorf("%s:// is not supported", scheme)
	}
	u, err := url.Parse(s)
	if err != nil {
		return Location{}, errorf("not a URL: %v", urlCause(err))
	}
	loc := Location{Scheme: scheme, Host: u.Host, Path: u.Path}
	if u.RawQuery != "" {
		loc.Path += "?" + u.RawQuery
	}
	if u.User != nil {
		loc.user = u.User.Username()
		loc.password, _ = u.User.Password()
	}
	if scheme == "file" {
		if u.Host != "" && !strings.EqualFold(u.Host, "localhost") {
			return Location{}, errorf("file://%s/ names another machine", u.Host)
		}
		if loc.Path == "" {
			return Location{}, errorf("file:// without a path")
		}
		return Location{Scheme: scheme, Path: filepath.FromSlash(loc.Path)}, nil
	}
	switch {
	case u.Hostname() == "":
		return Location{}, errorf("the URL names no host")
	case strings.HasPrefix(u.Host, "-"), strings.HasPrefix(loc.user, "-"), strings.HasPrefix(strings.TrimLeft(loc.Path, "/"), "-"):
		return Location{}, errorf("host, user and path of a URL do not begin with a dash")
	case strings.ContainsFunc(loc.Path+loc.user+loc.password, unicode.IsControl):
		return Location{}, errorf("the URL has encoded control characters")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return Location{}, errorf("%s is not a port", p)
		}
	}
	return loc, nil
}

// urlCause drops the URL that url.Parse repeats in its error: it may hold a password.
func urlCause(err error) error {
	if e, ok := err.(*url.Error); ok { //nolint:errorlint // url.Parse returns exactly this type
		if strings.Contains(e.Err.Error(), "\"") {
			return errorf("it has characters that a URL cannot have")
		}
		return e.Err
	}
	return err
}

// withFragment adds "ref:subdir".
func (l Location) withFragment(fragment string) (Location, error) {
	ref, sub, _ := strings.Cut(fragment, ":")
	if ref != "" {
		name := plumbing.ReferenceName("refs/heads/" + ref)
		if name.Validate() != nil || strings.HasPrefix(ref, "-") {
			return l, fail(BadRef, l, "open", "name a branch, a tag or a commit", "%q cannot be the name of a branch, a tag or a commit", ref)
		}
		l.Ref = ref
	}
	dir, err := cleanSubdir(sub)
	if err != nil {
		return l, fail(Unsupported, l, "open", "name a folder inside the source, as in SOURCE#:services/web", "%w", err)
	}
	l.Subdir = dir
	return l, nil
}

func cleanSubdir(sub string) (string, error) {
	sub = strings.TrimLeft(sub, "/")
	if sub == "" || path.Clean(sub) == "." {
		return "", nil
	}
	name, problem := cleanPath(sub)
	if problem != "" {
		return "", errorf("folder %q: %s", sub, problem)
	}
	return name, nil
}

// String is the location without credentials, as shown to people.
func (l Location) String() string {
	var b strings.Builder
	switch {
	case l.scp:
		if l.user != "" {
			b.WriteString(l.user + "@")
		}
		b.WriteString(l.Host + ":" + l.Path)
	case l.Scheme == "file":
		b.WriteString("file://" + filepath.ToSlash(l.Path))
	case l.Scheme == "":
		b.WriteString(l.Path)
	default:
		b.WriteString(l.Scheme + "://")
		if l.Scheme == "ssh" && l.user != "" {
			b.WriteString(l.user + "@")
		}
		shown, _, hasQuery := strings.Cut(l.Path, "?")
		b.WriteString(l.Host + shown)
		if hasQuery {
			b.WriteString("?…") // a query may hold a token
		}
	}
	if l.Ref != "" || l.Subdir != "" {
		b.WriteString("#" + l.Ref)
	}
	if l.Subdir != "" {
		b.WriteString(":" + l.Subdir)
	}
	return b.String()
}

// Local says that the source lies on this machine: nothing is fetched.
func (l Location) Local() bool { return l.Scheme == "" || l.Scheme == "file" }

// endpoint is the location as go-git's transports take it, without the credentials of a web URL.
func (l Location) endpoint() *transport.Endpoint {
	e := &transport.Endpoint{Protocol: l.Scheme, Host: l.Host, Path: l.Path}
	if u, err := url.Parse("x://" + l.Host); err == nil && !l.scp {
		e.Host = u.Hostname()
		if strings.Contains(e.Host, ":") {
			e.Host = "[" + e.Host + "]" // as go-git itself writes an IPv6 address
		}
		e.Port, _ = strconv.Atoi(u.Port())
	}
	if l.Scheme == "ssh" {
		e.User = l.user
		e.Host = strings.Trim(e.Host, "[]")
	}
	return e
}

// hostname is the host without its port.
func (l Location) hostname() string { return strings.Trim(l.endpoint().Host, "[]") }

// redact takes the user information out of something that should have been a URL.
func redact(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	host, tail, slash := strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	if slash {
		host += "/" + tail
	}
	// A password may itself hold a slash; nothing before a later "@" is shown.
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	return scheme + "://" + host
}
