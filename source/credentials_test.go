package source

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// locked stands before a server and lets only one user in.
func locked(user, password string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if u, p, ok := r.BasicAuth(); !ok || user != "" && u != user || p != password {
				w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func TestCredentials(t *testing.T) {
	home := alone(t)
	dir, _, _ := workTree(t)
	url := gitServer(t, dir, locked("", "s3cret"))
	with := func(user string) string { return strings.Replace(url, "://", "://"+user+"@", 1) }
	refused := func(t *testing.T, location string, opts Options, says string) {
		t.Helper()
		e := wantKind(t, location, opts, NoAccess)
		if text := e.Error(); !strings.Contains(text, says) || strings.Contains(text, "wr0ng") || !strings.Contains(text, "DRYDOCK_GIT_TOKEN") {
			t.Errorf("message %q", text)
		}
	}
	taken := func(t *testing.T, location string, opts Options) {
		t.Helper()
		if tree := open1(t, location, opts); strings.Contains(tree.Location, "s3cret") || tree.Location != url {
			t.Errorf("location %s", tree.Location)
		}
	}
	t.Run("none", func(t *testing.T) { refused(t, url, Options{}, "none are known") })
	t.Run("wrong in the URL", func(t *testing.T) { refused(t, with("me:wr0ng"), Options{}, "from the URL") })
	t.Run("wrong everywhere", func(t *testing.T) {
		t.Setenv("DRYDOCK_GIT_TOKEN", "wr0ng")
		netrcFile := file(t, "netrc", []byte("default login me password wr0ng"))
		t.Setenv("NETRC", netrcFile)
		refused(t, with("wr0ng"), Options{Credentials: func(context.Context, string) (string, string, error) { return "me", "wr0ng", nil }},
			"from the URL, DRYDOCK_GIT_TOKEN, ~/.netrc, what was entered")
	})
	t.Run("in the URL", func(t *testing.T) { taken(t, with("me:s3cret"), Options{}) })
	t.Run("token", func(t *testing.T) {
		t.Setenv("DRYDOCK_GIT_TOKEN", " s3cret\n")
		taken(t, url, Options{})
		t.Setenv("DRYDOCK_GIT_TOKEN_HOST", "github.com, 127.0.0.1")
		taken(t, url, Options{})
		t.Setenv("DRYDOCK_GIT_TOKEN_HOST", "github.com")
		refused(t, url, Options{}, "none are known")
	})
	t.Run("netrc", func(t *testing.T) {
		write(t, filepath.Join(home, ".netrc"), "machine other login x password y\nmachine 127.0.0.1\n  login me\n  password s3cret\n")
		taken(t, url, Options{})
		if err := os.Remove(filepath.Join(home, ".netrc")); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("asked", func(t *testing.T) {
		asked := ""
		taken(t, url, Options{Credentials: func(_ context.Context, u string) (string, string, error) {
			asked = u
			return "me", "s3cret", nil
		}})
		if asked != url {
			t.Errorf("asked for %q", asked)
		}
		refused(t, url, Options{Credentials: func(context.Context, string) (string, string, error) { return "", "", nil }}, "none are known")
		_, err := Open(context.Background(), url, Options{Credentials: func(context.Context, string) (string, string, error) { return "", "", os.ErrClosed }})
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("error %v", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		_, err = Open(ctx, url, Options{Credentials: func(ctx context.Context, _ string) (string, string, error) {
			cancel()
			return "", "", ctx.Err()
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a commit that has to be searched for", func(t *testing.T) {
		first := strings.TrimSpace(gitRun(t, dir, "rev-parse", "v1^{commit}"))
		if tree := open1(t, with("me:s3cret")+"#"+first[:8], Options{}); tree.Commit != first {
			t.Errorf("commit %s", tree.Commit)
		}
	})
}

// TestCredentialsStayHome: what is kept on this machine does not leave it in the clear.
func TestCredentialsStayHome(t *testing.T) {
	for location, want := range map[string]bool{
		"https://example.com/x": true, "http://example.com/x": false, "http://localhost/x": true, "http://127.0.0.1:8080/x": true, "http://[::1]/x": true, "http://10.0.0.1/x": false,
	} {
		loc := must(ParseLocation(location))(t)
		if secure(loc) != want {
			t.Errorf("%s: %v", location, !want)
		}
		for _, o := range webOffers(loc, Options{}) {
			if !want && o.from != "" {
				t.Errorf("%s is offered %s", location, o.from)
			}
		}
	}
}

// TestCredentialHelper asks Git's own helper, which is configured for the user and never by a repository.
func TestCredentialHelper(t *testing.T) {
	home := alone(t)
	dir, _, _ := workTree(t)
	url, ca := tlsServer(t, locked("me", "s3cret")(backend(t, dir)), filepath.Base(dir))
	opts := Options{CACert: ca}
	refused := wantKind(t, url, opts, NoAccess)
	if !strings.Contains(refused.Error(), "credential helper") {
		t.Errorf("%v", refused)
	}
	seen := filepath.Join(home, "asked")
	write(t, filepath.Join(home, ".gitconfig"), "[credential]\n\tuseHttpPath = true\n\thelper = \"!f() { cat > "+seen+"; echo username=me; echo password=s3cret; }; f\"\n")
	open1(t, url, opts)
	asked := string(must(os.ReadFile(seen))(t))
	if !strings.Contains(asked, "protocol=https\n") || !strings.Contains(asked, "path="+filepath.Base(dir)+"\n") {
		t.Errorf("asked %q", asked)
	}
	// A repository's own configuration is not listened to, not even where the program runs inside it.
	write(t, filepath.Join(home, ".gitconfig"), "")
	trap := filepath.Join(home, "trapped")
	gitRun(t, dir, "config", "credential.helper", "!touch "+trap+"; echo password=s3cret; echo username=me; :")
	t.Chdir(dir)
	t.Setenv("GIT_DIR", filepath.Join(dir, ".git"))
	t.Setenv("GIT_ASKPASS", "touch "+trap)
	wantKind(t, url, opts, NoAccess)
	if _, err := os.Stat(trap); err == nil {
		t.Error("the repository's helper was run")
	}
	t.Setenv("PATH", home)
	if got := fromHelper(context.Background(), Location{Scheme: "https", Host: "h"}); got != nil {
		t.Errorf("without git: %v", got)
	}
}

func TestNetrc(t *testing.T) {
	const text = `# machine a login no password no
machine a login u1 password p1 account x
macdef init
machine a login macro password macro
echo hello

machine b
	password p2
machine c login only
default login u3 password p3
machine d login u4 password p4`
	for host, want := range map[string]string{"a": "u1 p1", "A": "u1 p1", "b": " p2", "c": "u3 p3", "d": "u4 p4", "e": "u3 p3"} {
		if u, p := netrc(text, host); u+" "+p != want {
			t.Errorf("%s: %s %s, want %s", host, u, p, want)
		}
	}
	for _, bad := range []string{"", "machine", "machine a", "machine a login", "machine a password", "default", "macdef", "login password"} {
		if u, p := netrc(bad, "a"); u != "" || p != "" {
			t.Errorf("%q: %s %s", bad, u, p)
		}
	}
}

func TestBasic(t *testing.T) {
	if basic("", "") != nil {
		t.Error("nothing is something")
	}
	if b, ok := basic("token", "").(*githttp.BasicAuth); !ok || strings.Contains(b.String(), "token\x00") {
		t.Error("a token as a user")
	}
}
