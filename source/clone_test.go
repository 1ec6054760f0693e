package source

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-cli/drydock/progress"
)

// backend serves the repositories of a folder over HTTP as Git hosts do.
func backend(t testing.TB, dir string, config ...string) http.Handler {
	t.Helper()
	program, err := exec.LookPath("git")
	if err != nil {
		t.Fatal("git is needed to serve a repository:", err)
	}
	config = append([]string{"safe.directory=*"}, config...)
	env := []string{"GIT_PROJECT_ROOT=" + filepath.Dir(dir), "GIT_HTTP_EXPORT_ALL=1", fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(config))}
	for i, c := range config {
		key, value, _ := strings.Cut(c, "=")
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, value))
	}
	return &cgi.Handler{Path: program, Args: []string{"http-backend"}, Env: env, Stderr: io.Discard, Logger: log.New(io.Discard, "", 0)}
}

// gitServer serves a repository and returns its URL. wrap, if not nil, stands before it.
func gitServer(t testing.TB, dir string, wrap func(http.Handler) http.Handler, config ...string) string {
	t.Helper()
	h := backend(t, dir, config...)
	if wrap != nil {
		h = wrap(h)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL + "/" + filepath.Base(dir)
}

func TestClone(t *testing.T) {
	alone(t)
	dir, first, second := workTree(t)
	gitRun(t, dir, "gc", "-q")
	for _, server := range []struct {
		name   string
		config []string
	}{
		{"that gives out single commits", []string{"uploadpack.allowReachableSHA1InWant=true"}},
		{"that does not", []string{"uploadpack.allowReachableSHA1InWant=false"}},
	} {
		url := gitServer(t, dir, nil, server.config...)
		for _, tt := range []struct{ name, fragment, want, commit, ref string }{
			{"default branch", "", "Gemfile README app/models/a.rb bin/run", second, "main"},
			{"HEAD", "#HEAD", "Gemfile README app/models/a.rb bin/run", second, "main"},
			{"branch", "#release-1", "Gemfile app/models/a.rb bin/run", first, "release-1"},
			{"annotated tag and folder", "#v1:app", "models/a.rb", first, "v1"},
			{"commit at the end of a branch", "#" + second, "Gemfile README app/models/a.rb bin/run", second, ""},
			{"commit", "#" + first, "Gemfile app/models/a.rb bin/run", first, ""},
			{"short commit at the end of a branch", "#" + second[:9], "Gemfile README app/models/a.rb bin/run", second, ""},
			{"short commit", "#" + first[:9], "Gemfile app/models/a.rb bin/run", first, ""},
		} {
			t.Run(tt.name+" from a server "+server.name, func(t *testing.T) {
				cache, seen := filepath.Join(t.TempDir(), "made"), newEvents()
				tree := open1(t, url+tt.fragment, Options{CacheDir: cache, Progress: seen.sink})
				if got := paths(tree); got != tt.want || tree.Commit != tt.commit || tree.Ref != tt.ref || tree.Dir != "" {
					t.Errorf("files %q, commit %q, ref %q", got, tree.Commit, tree.Ref)
				}
				for _, e := range tree.Entries() {
					if _, err := fs.ReadFile(tree, e.Path); err != nil {
						t.Error(err)
					}
				}
				if err := tree.Close(); err != nil {
					t.Error(err)
				}
				wantEmpty(t, cache)
				wantSteps(t, seen.all())
			})
		}
		t.Run("errors from a server "+server.name, func(t *testing.T) {
			cache := t.TempDir()
			opts := Options{CacheDir: cache}
			if e := wantKind(t, url+"#release-2", opts, BadRef); !strings.Contains(e.Error(), "exists: release-1,") {
				t.Errorf("%v", e)
			}
			wantKind(t, url+"#0123456789012345678901234567890123456789", opts, BadRef)
			wantKind(t, url+"#0123456", opts, BadRef)
			wantKind(t, url+"#:nope", opts, NotFound)
			wantKind(t, url+"-nope", opts, NotFound)
			if e := wantKind(t, url, Options{CacheDir: cache, Limits: Limits{MaxBytes: 100}}, TooLarge); !strings.Contains(e.Error(), "MaxBytes = 100") {
				t.Errorf("%v", e)
			}
			wantEmpty(t, cache)
		})
	}
}

// wantSteps holds that each step starts, then ends once, and that objects and bytes were reported.
func wantSteps(t *testing.T, list []progress.Event) {
	t.Helper()
	open, units := map[string]bool{}, map[string]bool{}
	for _, e := range list {
		if e.Stage != progress.Fetch {
			t.Errorf("stage %s", e.Stage)
		}
		switch e.State {
		case progress.Started:
			open[e.Step] = true
		case progress.Done, progress.Failed:
			if !open[e.Step] {
				t.Errorf("step %s ends before it starts", e.Step)
			}
			delete(open, e.Step)
		default:
			if !open[e.Step] {
				t.Errorf("step %s works before it starts", e.Step)
			}
			units[e.Unit] = true
		}
	}
	if len(open) > 0 || !units["bytes"] || !units["objects"] {
		t.Errorf("open steps %v, units %v", open, units)
	}
}

func TestCloneEmpty(t *testing.T) {
	alone(t)
	dir := filepath.Join(t.TempDir(), "empty.git")
	gitRun(t, ".", "init", "-q", "--bare", "-b", "main", dir)
	url := gitServer(t, dir, nil)
	wantKind(t, url, Options{}, Empty)
	// HEAD names a branch that is not there, two others are.
	work, _, second := workTree(t)
	gitRun(t, work, "push", "-q", dir, "main:next", "release-1:old")
	wantKind(t, url, Options{}, BadRef)
	gitRun(t, work, "push", "-q", dir, "main:master")
	if tree := open1(t, url, Options{}); tree.Ref != "master" || tree.Commit != second || !strings.Contains(warned(tree), "master was taken") {
		t.Errorf("ref %q, warnings %q", tree.Ref, warned(tree))
	}
}

// TestCloneInterrupted cancels at each event of a clone; nothing stays on disk, and the error is the context's.
func TestCloneInterrupted(t *testing.T) {
	alone(t)
	dir := manyFiles(t, 300)
	url := gitServer(t, dir, nil)
	cache := t.TempDir()
	for _, at := range []string{"open started", "refs started", "refs done", "receive started", "receive running", "receive done"} {
		t.Run(at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			_, err := Open(ctx, url, Options{CacheDir: cache, Progress: func(e progress.Event) {
				if e.Step+" "+string(e.State) == at {
					cancel()
				}
			}})
			var e *Error
			if !errors.Is(err, context.Canceled) || errors.As(err, &e) {
				t.Errorf("error %v", err)
			}
			wantEmpty(t, cache)
		})
	}
	t.Run("a server that does not answer", func(t *testing.T) {
		for _, scheme := range []string{"http", "ssh", "git"} {
			silent := silentServer(t)
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			if _, err := Open(ctx, scheme+"://"+silent+"/x", Options{CacheDir: cache}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: error %v", scheme, err)
			}
		}
		wantEmpty(t, cache)
	})
}

// silentServer takes connections and says nothing until the test ends.
func silentServer(t testing.TB) string {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	var conns []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, c)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		for _, c := range conns {
			_ = c.Close()
		}
	})
	return l.Addr().String()
}

// TestCloneStalls: a server that falls silent is given up on, wherever it does.
func TestCloneStalls(t *testing.T) {
	alone(t)
	dir, _, _ := workTree(t)
	cache := t.TempDir()
	opts := Options{CacheDir: cache, stall: 100 * time.Millisecond}
	for _, scheme := range []string{"http", "ssh", "git"} {
		if e := wantKind(t, scheme+"://"+silentServer(t)+"/x", opts, Unreachable); !errors.Is(e, errStalled) {
			t.Errorf("%s: %v", scheme, e)
		}
	}
	release := make(chan struct{})
	url := gitServer(t, dir, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusOK)
				_ = http.NewResponseController(w).Flush()
				<-release
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	e := wantKind(t, url, opts, Unreachable)
	close(release)
	if !errors.Is(e, errStalled) {
		t.Errorf("%v", e)
	}
	wantEmpty(t, cache)
}

// TestBadServers: whatever a server answers is one clear error.
func TestBadServers(t *testing.T) {
	alone(t)
	dir := manyFiles(t, 50)
	answer := func(status int, body string) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			})
		}
	}
	onPost := func(change func([]byte) []byte) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					next.ServeHTTP(w, r)
					return
				}
				rec := httptest.NewRecorder()
				next.ServeHTTP(rec, r)
				for k, v := range rec.Header() {
					if k != "Content-Length" {
						w.Header()[k] = v
					}
				}
				w.WriteHeader(rec.Code)
				_, _ = w.Write(change(rec.Body.Bytes()))
			})
		}
	}
	for _, tt := range []struct {
		name string
		wrap func(http.Handler) http.Handler
		want Kind
		says string
	}{
		{"a web page", answer(200, "<html>hello</html>"), Unreachable, "as a Git server does"},
		{"nothing", answer(200, ""), Unreachable, ""},
		{"an error", answer(500, "secret\x1b[31m"), Unreachable, "status 500"},
		{"an endless error", answer(502, strings.Repeat("x", 4<<20)), Unreachable, "status 502"},
		{"not found", answer(404, ""), NotFound, "no such repository"},
		{"forbidden", answer(403, ""), NoAccess, "none are known"},
		{"a redirect to another scheme", func(http.Handler) http.Handler {
			return http.RedirectHandler("ftp://u:p@127.0.0.1/x/info/refs?token=abc", http.StatusFound)
		}, Unreachable, "redirects"},
		{"a redirect to itself", func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, r.URL.String(), http.StatusFound)
			})
		}, Unreachable, ""},
		{"half a pack", onPost(func(b []byte) []byte { return b[:len(b)/2] }), "", ""},
		{"a damaged pack", onPost(func(b []byte) []byte {
			i := bytes.Index(b, []byte("PACK"))
			b = bytes.Clone(b)
			for j := i + 200; j < i+260; j++ {
				b[j] ^= 0xff
			}
			return b
		}), Corrupt, "cannot be used"},
		{"no pack", onPost(func([]byte) []byte { return []byte("0008NAK\n0000") }), "", ""},
		{"an error in the stream", onPost(func([]byte) []byte { return []byte("00000008NAK\n000e\x03no, sorry0000") }), Unreachable, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cache := t.TempDir()
			url := gitServer(t, dir, tt.wrap)
			tree, err := Open(context.Background(), url, Options{CacheDir: cache})
			if err == nil {
				_ = tree.Close()
			}
			var e *Error
			if !errors.As(err, &e) || tt.want != "" && e.Kind != tt.want || tt.want == "" && e.Kind != Unreachable && e.Kind != Corrupt {
				t.Fatalf("error %v, want kind %s", err, tt.want)
			}
			if !strings.Contains(err.Error(), tt.says) || strings.ContainsAny(err.Error(), "\x1b") || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "token=") || strings.Contains(err.Error(), "u:p") {
				t.Errorf("message %q", err)
			}
			wantEmpty(t, cache)
		})
	}
}

// gitProto serves git:// with git upload-pack.
func gitProto(t testing.TB, dir string) string {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			head := make([]byte, 4)
			_, _ = io.ReadFull(c, head)
			var n int
			_, _ = fmt.Sscanf(string(head), "%04x", &n)
			_, _ = io.CopyN(io.Discard, c, int64(n-4))
			cmd := exec.Command("git", "upload-pack", dir)
			cmd.Stdin, cmd.Stdout = c, c
			_ = cmd.Run()
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return "git://" + l.Addr().String() + "/" + filepath.Base(dir)
}

func TestGitProtocol(t *testing.T) {
	alone(t)
	dir, first, second := workTree(t)
	url := gitProto(t, filepath.Join(dir, ".git"))
	for fragment, want := range map[string]string{"": second, "#v1": first, "#" + first: first, "#" + first[:8]: first} {
		if tree := open1(t, url+fragment, Options{}); tree.Commit != want {
			t.Errorf("%s: commit %s", fragment, tree.Commit)
		}
	}
	wantKind(t, url+"#nope", Options{}, BadRef)
}

// tlsServer is gitServer over HTTPS. It returns the URL and a file with the server's certificate.
func tlsServer(t testing.TB, h http.Handler, name string) (url, ca string) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return server.URL + "/" + name, file(t, "ca.pem", cert)
}

func TestCertificates(t *testing.T) {
	alone(t)
	dir, _, _ := workTree(t)
	url, ca := tlsServer(t, backend(t, dir), filepath.Base(dir))
	if e := wantKind(t, url, Options{}, Unreachable); !strings.Contains(e.Error(), "--ca-cert") {
		t.Errorf("%v", e)
	}
	if got := paths(open1(t, url, Options{CACert: ca})); got == "" {
		t.Error("no files")
	}
}

func TestTemporaryFolderStaysUntilClose(t *testing.T) {
	alone(t)
	dir, _, _ := workTree(t)
	cache := t.TempDir()
	tree := must(Open(context.Background(), gitServer(t, dir, nil), Options{CacheDir: cache}))(t)
	if list := must(os.ReadDir(cache))(t); len(list) != 1 {
		t.Errorf("%v", list)
	}
	for range 2 {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	}
	wantEmpty(t, cache)
}
