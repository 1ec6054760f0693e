package source

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

func TestParseLocation(t *testing.T) {
	for _, tt := range []struct{ in, shown, ref, subdir, host, path string }{
		{"https://github.com/a/b.git", "https://github.com/a/b.git", "", "", "github.com", "/a/b.git"},
		{" https://u:p@h.example/x@y ", "https://h.example/x@y", "", "", "h.example", "/x@y"},
		{"https://token@h:8443/x#v1:a/./b/", "https://h:8443/x#v1:a/b", "v1", "a/b", "h:8443", "/x"},
		{"https://h/x?private_token=abc", "https://h/x?…", "", "", "h", "/x?private_token=abc"},
		{"HTTP://h/x", "http://h/x", "", "", "h", "/x"},
		{"ssh://git@h/x", "ssh://git@h/x", "", "", "h", "/x"},
		{"ssh://git:pw@h:2222/x", "ssh://git@h:2222/x", "", "", "h:2222", "/x"},
		{"git+ssh://git@h/x", "ssh://git@h/x", "", "", "h", "/x"},
		{"git://[::1]:9/x", "git://[::1]:9/x", "", "", "[::1]:9", "/x"},
		{"git@github.com:a/b.git#main", "git@github.com:a/b.git#main", "main", "", "github.com", "a/b.git"},
		{"host.example:a/b", "host.example:a/b", "", "", "host.example", "a/b"},
		{"git@host:/abs/path", "git@host:/abs/path", "", "", "host", "/abs/path"},
		{"file:///a/b%20c/#:x", "file:///a/b c/#:x", "", "x", "", "/a/b c/"},
		{"./a:b", "./a:b", "", "", "", "./a:b"},
		{"a/b:c", "a/b:c", "", "", "", "a/b:c"},
		{"C:/x", "C:/x", "", "", "", "C:/x"},
		{"app#:/", "app", "", "", "", "app"},
		{"app#:.", "app", "", "", "", "app"},
		{"#main", ".#main", "main", "", "", "."},
		{"app#feature/x", "app#feature/x", "feature/x", "", "", "app"},
	} {
		l, err := ParseLocation(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if l.String() != tt.shown || l.Ref != tt.ref || l.Subdir != tt.subdir || l.Host != tt.host || l.Path != tt.path {
			t.Errorf("%s: %q %+v", tt.in, l.String(), l)
		}
	}
}

func TestParseLocationRefuses(t *testing.T) {
	for in, want := range map[string]Kind{
		"":                                 Unsupported,
		"  ":                               Unsupported,
		"a\x1b[31m":                        Unsupported,
		"a\xff":                            Unsupported,
		strings.Repeat("a", maxLocation+1): Unsupported,
		"--upload-pack=id":                 Unsupported,
		"-oProxyCommand=id":                Unsupported,
		"ext::sh -c id":                    Unsupported,
		"file::x":                          Unsupported,
		"ftp://h/x":                        Unsupported,
		"ssh://-oProxyCommand=id/x":        Unsupported,
		"ssh://-x@h/x":                     Unsupported,
		"ssh://h/-x":                       Unsupported,
		"ssh://h:99999/x":                  Unsupported,
		"ssh://h/a%0ab":                    Unsupported,
		"git@h:-x":                         Unsupported,
		"https:///x":                       Unsupported,
		"https://u:p@[bad/x":               Unsupported,
		"https://u:p%zz@h/x":               Unsupported,
		"file://other/x":                   Unsupported,
		"file://":                          Unsupported,
		"app#:a\\b":                        Unsupported,
		"app#:../x":                        Unsupported,
		"app#:.git/hooks":                  Unsupported,
		"app#-x":                           BadRef,
		"app#a b":                          BadRef,
		"app#a..b":                         BadRef,
		"app#a@{1}":                        BadRef,
	} {
		_, err := ParseLocation(in)
		var e *Error
		if !errors.As(err, &e) || e.Kind != want {
			t.Errorf("%q: %v, want %s", in, err, want)
			continue
		}
		for _, secret := range []string{"u:p", "p@", "%zz", "\x1b"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q: the message %q shows it", in, err)
			}
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h/x":       "https://h/x",
		"https://u:p/q@h/x":     "https://h/x",
		"https://t@h":           "https://h",
		"/a/b@c":                "/a/b@c",
		"https://h/x":           "https://h/x",
		"https://u:p@q@h/x/y@z": "https://z", // rather too little than a password
	} {
		if got := redact(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestCleanPath(t *testing.T) {
	for _, tt := range []struct{ raw, clean, problem string }{
		{"a/b", "a/b", ""}, {"./a//b/", "a/b", ""}, {"a b/ü.txt", "a b/ü.txt", ""}, {".github/x", ".github/x", ""}, {".gitignore", ".gitignore", ""},
		{"gitx", "gitx", ""}, {"a/git~2", "a/git~2", ""},
		{"", "", badNothing}, {"./", "", badNothing},
		{"../a", "", badParent}, {"a/../../b", "", badParent}, {"a/..", "", badParent},
		{"/a", "", badAbsolute}, {"C:/a", "", badAbsolute}, {"c:a", "", badAbsolute},
		{`a\b`, "", badSlash}, {`..\a`, "", badSlash},
		{"a\x1b[31m", "", badControl}, {"a\nb", "", badControl}, {"a\u0085", "", badControl}, {"a\u202egpj.exe", "", badControl}, {"a\u2028b", "", badControl},
		{"a\xff", "", badUTF8},
		{".git/config", "", isDotGit}, {"a/.GIT/x", "", isDotGit}, {".git./x", "", isDotGit}, {".git /x", "", isDotGit}, {"GIT~1/x", "", isDotGit},
		{".g\u200cit/x", "", isDotGit}, {"\ufeff.git", "", isDotGit}, {".git::$INDEX_ALLOCATION/x", "", isDotGit},
	} {
		clean, problem := cleanPath(tt.raw)
		if clean != tt.clean || problem != tt.problem {
			t.Errorf("%q: %q, %q; want %q, %q", tt.raw, clean, problem, tt.clean, tt.problem)
		}
		if problem == "" && !fs.ValidPath(clean) {
			t.Errorf("%q: %q is no path of an fs.FS", tt.raw, clean)
		}
	}
}
