package source

import (
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
)

// Location is a SOURCE of the command line, taken apart.
type Location struct {
	Raw    string
	URL    string // Git URL; empty for a path on this machine
	Path   string // path on this machine; empty for a remote URL
	Git    bool   // the path must be a Git repository (file://)
	Ref    string // branch, tag or commit
	Subdir string // folder below the root; empty or clean and slash-separated
}

var scpLike = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9_][A-Za-z0-9_.-]*:[^\s]+$`)

// ParseLocation takes a SOURCE apart without touching the network. exists
// reports whether a path is there, so that a folder with a '#' in its name can be named; nil asks the disk.
func ParseLocation(raw string, exists func(string) bool) (Location, error) {
	if exists == nil {
		exists = func(p string) bool { _, err := os.Lstat(p); return err == nil }
	}
	l := Location{Raw: raw}
	bad := func(reason, try string) (Location, error) {
		return l, &Error{Kind: Unsupported, Op: "open", Location: WithoutCredentials(raw), Reason: reason, Try: try}
	}
	if strings.TrimSpace(raw) == "" {
		return bad("the source is empty", "a folder, a Git URL or an archive")
	}
	if strings.IndexFunc(raw, func(r rune) bool { return r < 0x20 || r == 0x7f }) >= 0 {
		return bad("the source holds control characters", "the location as plain text")
	}
	main, frag := raw, ""
	if i := strings.LastIndexByte(raw, '#'); i >= 0 && !exists(raw) {
		main, frag = raw[:i], raw[i+1:]
	}
	ref, sub, _ := strings.Cut(frag, ":")
	if err := l.setFragment(ref, sub); err != nil {
		return l, err
	}
	switch scheme, rest, ok := strings.Cut(main, "://"); {
	case strings.HasPrefix(main, "-"):
		return bad("a source does not start with a dash", "./"+main+" if that is a folder")
	case strings.Contains(main, "::"):
		return bad("transports of the form NAME::ADDRESS are not supported: they run programs", "an https://, ssh:// or file:// URL")
	case ok && scheme == "file":
		u, err := url.Parse(main)
		if err != nil || (u.Host != "" && u.Host != "localhost") || u.Path == "" {
			return bad("not a file URL with an absolute path", "file:///path/to/repository")
		}
		l.Path, l.Git = path.Clean(u.Path), true
	case ok && (scheme == "https" || scheme == "http" || scheme == "ssh" || scheme == "git"):
		u, err := url.Parse(main)
		if err != nil || u.Host == "" || strings.HasPrefix(u.Hostname(), "-") || strings.HasPrefix(strings.TrimLeft(u.Path, "/"), "-") {
			return bad("not a URL with a host", scheme+"://HOST/PATH")
		}
		l.URL = main
	case ok:
		return bad("transport "+scheme+":// is not supported", "https://, http://, ssh://, git://, file://, or git@HOST:PATH")
	case scpLike.MatchString(main) && !exists(main):
		if host := main[strings.IndexByte(main, '@')+1:]; strings.HasPrefix(host[strings.IndexByte(host, ':')+1:], "-") {
			return bad("a path does not start with a dash", "git@HOST:PATH")
		}
		l.URL = main
	default:
		_ = rest
		l.Path = main
	}
	return l, nil
}

func (l *Location) setFragment(ref, sub string) error {
	bad := func(kind, s string) error {
		return &Error{Kind: BadRef, Op: "open", Location: WithoutCredentials(l.Raw), Reason: kind + " " + printable(s) + " is not one", Try: "#REF, #REF:FOLDER or #:FOLDER"}
	}
	if strings.HasPrefix(ref, "-") || strings.ContainsAny(ref, " ~^?*[\\") || strings.Contains(ref, "..") || strings.Contains(ref, "@{") {
		return bad("branch, tag or commit", ref)
	}
	l.Ref = ref
	if sub = strings.Trim(sub, "/"); sub == "" || sub == "." {
		return nil
	}
	if clean := path.Clean(sub); clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(sub, "\\") {
		return bad("folder", sub)
	} else {
		l.Subdir = clean
	}
	return nil
}

// WithoutCredentials removes user and password from a URL. A user alone, as in ssh://git@host, stays.
func WithoutCredentials(s string) string {
	i := strings.Index(s, "://")
	if i < 0 {
		return s
	}
	rest := s[i+3:]
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 {
		return s
	}
	user, _, hasPassword := strings.Cut(rest[:at], ":")
	if scheme := s[:i]; !hasPassword && scheme == "ssh" {
		return s
	}
	_ = user
	return s[:i+3] + rest[at+1:]
}
