package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"go.uber.org/goleak"

	"github.com/drydock-cli/drydock/progress"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// repository makes a work tree with two commits, a branch and a tag, and returns its folder and the first commit.
func repository(t *testing.T) (dir, first string) {
	t.Helper()
	dir = t.TempDir()
	repo, err := git.PlainInit(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	wt, err := repo.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	commit := func(files map[string]string) plumbing.Hash {
		for name, content := range files {
			writeFile(t, filepath.Join(dir, name), content)
			if _, err := wt.Add(name); err != nil {
				t.Fatal(err)
			}
		}
		h, err := wt.Commit("c", &git.CommitOptions{Author: &object.Signature{Name: "a", Email: "a@example.com", When: time.Unix(1, 0)}})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	h := commit(map[string]string{"Gemfile": "source 'x'\n", "app/models/a.rb": "class A; end\n", "bin/run": "#!/bin/sh\n"})
	if err := repo.Storer.SetReference(plumbing.NewHashReference("refs/tags/v1", h)); err != nil {
		t.Fatal(err)
	}
	if err := repo.Storer.SetReference(plumbing.NewHashReference("refs/heads/release-1", h)); err != nil {
		t.Fatal(err)
	}
	commit(map[string]string{"README": "two\n"})
	return dir, h.String()
}

func writeFile(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func names(t *Tree) string {
	var list []string
	for _, e := range t.Entries() {
		list = append(list, e.Path)
	}
	return strings.Join(list, " ")
}

func mustOpen(t *testing.T, location string) *Tree {
	t.Helper()
	tree, err := Open(context.Background(), location, Options{})
	if err != nil {
		t.Fatalf("open %s: %v", location, err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

func TestOpenOnThisMachine(t *testing.T) {
	dir, first := repository(t)
	writeFile(t, filepath.Join(dir, "new.txt"), "not committed\n")
	writeFile(t, filepath.Join(dir, ".gitignore"), "*.log\n/build/\n")
	writeFile(t, filepath.Join(dir, "x.log"), "")
	writeFile(t, filepath.Join(dir, "build/out"), "")
	plain := t.TempDir()
	writeFile(t, filepath.Join(plain, "a#b/x"), "x")
	for _, tt := range []struct{ name, location, want, commit string }{
		{"folder with its changes", dir, ".gitignore Gemfile README app/models/a.rb bin/run new.txt", ""},
		{"folder's part", dir + "#:app", "models/a.rb", ""},
		{"branch of a work tree", dir + "#release-1", "Gemfile app/models/a.rb bin/run", first},
		{"tag", "file://" + dir + "#v1", "Gemfile app/models/a.rb bin/run", first},
		{"commit", "file://" + dir + "/#" + first, "Gemfile app/models/a.rb bin/run", first},
		{"short commit and folder", "file://" + dir + "#" + first[:8] + ":app", "models/a.rb", first},
		{"git directory itself", dir + "/.git", "Gemfile README app/models/a.rb bin/run", "any"},
		{"folder with a hash in its name", plain + "/a#b", "x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := mustOpen(t, tt.location)
			if got := names(tree); got != tt.want {
				t.Errorf("files %q, want %q", got, tt.want)
			}
			if tt.commit != "any" && tree.Commit != tt.commit {
				t.Errorf("commit %q, want %q", tree.Commit, tt.commit)
			}
			for _, e := range tree.Entries() {
				data, err := fs.ReadFile(tree, e.Path)
				info, statErr := tree.Stat(e.Path)
				if err != nil || statErr != nil || info.Size() != int64(len(data)) {
					t.Errorf("read %s: %v, %v", e.Path, err, statErr)
				}
			}
		})
	}
}

// TestErrors holds that each bad source gets its kind, names itself and says what to try.
func TestErrors(t *testing.T) {
	dir, _ := repository(t)
	empty := t.TempDir()
	bare := t.TempDir()
	if _, err := git.PlainInit(bare, true); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "notes.txt")
	writeFile(t, text, "hello")
	broken := filepath.Join(t.TempDir(), "broken.zip")
	writeFile(t, broken, "PK\x03\x04 and then nothing")
	cut := filepath.Join(t.TempDir(), "cut.tar.gz")
	whole := tarball(t, true, &tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 9000, Mode: 0o644})
	writeFile(t, cut, string(whole[:len(whole)/2]))
	packless, _ := repository(t)
	if err := os.RemoveAll(filepath.Join(packless, ".git/objects")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(packless, ".git/objects"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, location string
		want           Kind
	}{
		{"nothing there", filepath.Join(empty, "nope"), NotFound},
		{"no archive", text, Unsupported},
		{"empty folder", empty, Empty},
		{"empty repository", bare, Empty},
		{"empty repository by URL", "file://" + bare, Empty},
		{"wrong ref", dir + "#release-2", BadRef},
		{"ref of a plain folder", empty + "#main", BadRef},
		{"wrong folder", dir + "#:nope", BadRef},
		{"folder out of the tree", dir + "#:../x", BadRef},
		{"file URL of a plain folder", "file://" + empty, NotFound},
		{"broken zip", broken, Corrupt},
		{"truncated tar", cut, Corrupt},
		{"repository without its objects", packless + "#release-1", Corrupt},
		{"nobody listens", "http://127.0.0.1:1/x.git", Unreachable},
		{"transport that runs a program", "ext::sh -c id", Unsupported},
		{"option as a location", "--upload-pack=id", Unsupported},
		{"option as a host", "ssh://-oProxyCommand=id/x", Unsupported},
		{"option as a ref", dir + "#--upload-pack=id", BadRef},
		{"unknown transport", "ftp://example.com/x", Unsupported},
		{"control characters", "a\x1b[31m", Unsupported},
		{"nothing", " ", Unsupported},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree, err := Open(context.Background(), tt.location, Options{})
			if err == nil {
				tree.Close()
			}
			var e *Error
			if !errors.As(err, &e) || e.Kind != tt.want {
				t.Fatalf("error %v, want kind %s", err, tt.want)
			}
			if e.Try == "" || strings.ContainsRune(err.Error(), '\x1b') {
				t.Errorf("message %q", err)
			}
		})
	}
	_, err := Open(context.Background(), dir+"#release-2", Options{})
	if err == nil || !strings.Contains(err.Error(), "release-1") {
		t.Errorf("a wrong ref does not name the right ones: %v", err)
	}
}

// gitServer serves a repository over HTTP as a Git host does. A non-empty password is asked for.
func gitServer(t testing.TB, dir, password string) string {
	t.Helper()
	program, err := exec.LookPath("git")
	if err != nil {
		t.Fatal("git is needed to serve a repository:", err)
	}
	backend := &cgi.Handler{Path: program, Args: []string{"http-backend"}, Env: []string{
		"GIT_PROJECT_ROOT=" + filepath.Dir(dir), "GIT_HTTP_EXPORT_ALL=1",
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*", "GIT_CONFIG_KEY_1=uploadpack.allowReachableSHA1InWant", "GIT_CONFIG_VALUE_1=true",
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, p, _ := r.BasicAuth(); password != "" && p != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		http.DefaultClient.CloseIdleConnections()
		if tr, ok := http.DefaultTransport.(*http.Transport); ok {
			tr.CloseIdleConnections()
		}
	})
	return server.URL + "/" + filepath.Base(dir)
}

func TestClone(t *testing.T) {
	dir, first := repository(t)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("DRYDOCK_GIT_TOKEN", "")
	url := gitServer(t, dir, "")
	cache := t.TempDir()
	for _, tt := range []struct{ name, fragment, want string }{
		{"default branch", "", "Gemfile README app/models/a.rb bin/run"},
		{"branch", "#release-1", "Gemfile app/models/a.rb bin/run"},
		{"tag and folder", "#v1:app", "models/a.rb"},
		{"commit", "#" + first, "Gemfile app/models/a.rb bin/run"},
		{"short commit", "#" + first[:9], "Gemfile app/models/a.rb bin/run"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var events []progress.Event
			tree, err := Open(context.Background(), url+tt.fragment, Options{CacheDir: cache, Progress: func(e progress.Event) { events = append(events, e) }})
			if err != nil {
				t.Fatal(err)
			}
			if got := names(tree); got != tt.want {
				t.Errorf("files %q, want %q", got, tt.want)
			}
			if _, err := fs.ReadFile(tree, tree.Entries()[0].Path); err != nil {
				t.Error(err)
			}
			if err := tree.Close(); err != nil {
				t.Error(err)
			}
			if len(events) < 4 {
				t.Errorf("%d events", len(events))
			}
		})
	}
	t.Run("wrong ref", func(t *testing.T) { wantKind(t, url+"#nope", BadRef) })
	t.Run("no such repository", func(t *testing.T) { wantKind(t, url+"-nope", NotFound) })
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := Open(ctx, url, Options{CacheDir: cache}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	if left, _ := os.ReadDir(cache); len(left) > 0 {
		t.Errorf("temporary clones are left: %v", left)
	}
}

func wantKind(t *testing.T, location string, want Kind) {
	t.Helper()
	tree, err := Open(context.Background(), location, Options{})
	if err == nil {
		tree.Close()
	}
	var e *Error
	if !errors.As(err, &e) || e.Kind != want {
		t.Fatalf("error %v, want kind %s", err, want)
	}
}

func TestCredentials(t *testing.T) {
	dir, _ := repository(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("NETRC", "")
	t.Setenv("DRYDOCK_GIT_TOKEN", "")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	url := gitServer(t, dir, "s3cret")
	t.Run("none", func(t *testing.T) { wantKind(t, url, NoAccess) })
	t.Run("wrong", func(t *testing.T) { wantKind(t, strings.Replace(url, "://", "://me:wrong@", 1), NoAccess) })
	open := func(t *testing.T, location string, opts Options) {
		t.Helper()
		tree, err := Open(context.Background(), location, opts)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(tree.Location, "s3cret") {
			t.Errorf("the location shows the password: %s", tree.Location)
		}
		tree.Close()
	}
	t.Run("in the URL", func(t *testing.T) { open(t, strings.Replace(url, "://", "://me:s3cret@", 1), Options{}) })
	t.Run("token", func(t *testing.T) {
		t.Setenv("DRYDOCK_GIT_TOKEN", "s3cret")
		open(t, url, Options{})
	})
	t.Run("netrc", func(t *testing.T) {
		writeFile(t, filepath.Join(home, ".netrc"), "machine other login x password y\nmachine 127.0.0.1\n  login me\n  password s3cret\n")
		open(t, url, Options{})
		os.Remove(filepath.Join(home, ".netrc"))
	})
	t.Run("asked", func(t *testing.T) {
		open(t, url, Options{Credentials: func(u string) (string, string, error) { return "me", "s3cret", nil }})
	})
}

func TestParseNetrc(t *testing.T) {
	const text = "machine a login u1 password p1\ndefault login u2 password p2"
	for host, want := range map[string]string{"a": "u1 p1", "b": "u2 p2"} {
		if u, p := parseNetrc(strings.NewReader(text), host); u+" "+p != want {
			t.Errorf("%s: %s %s", host, u, p)
		}
	}
}

func TestWithoutCredentials(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h/x@y":   "https://h/x@y",
		"https://token@h/x":   "https://h/x",
		"ssh://git@h/x":       "ssh://git@h/x",
		"ssh://git:pw@h/x":    "ssh://h/x",
		"git@h:x":             "git@h:x",
		"/a/b":                "/a/b",
		"https://h/x#a@b":     "https://h/x#a@b",
		"https://u:p@q@h/x#r": "https://h/x#r",
	} {
		if got := WithoutCredentials(in); got != want {
			t.Errorf("%s → %s, want %s", in, got, want)
		}
	}
}

func FuzzParseLocation(f *testing.F) {
	for _, s := range []string{"https://u:p@h/x#a:b", "git@h:x", "file:///a#b", "-x", "a#:b", "ext::x", "C:\\x", "#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLocation(s, func(string) bool { return false })
		if err != nil {
			return
		}
		if strings.HasPrefix(l.URL, "-") || strings.HasPrefix(l.Path, "-") || strings.HasPrefix(l.Ref, "-") {
			t.Fatalf("%q became an option: %+v", s, l)
		}
		if l.Subdir != "" && !fs.ValidPath(l.Subdir) {
			t.Fatalf("%q: folder %q", s, l.Subdir)
		}
	})
}

func tarball(t testing.TB, zipped bool, headers ...*tar.Header) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := io.WriteCloser(nopCloser{&buf})
	if zipped {
		w = gzip.NewWriter(&buf)
	}
	tw := tar.NewWriter(w)
	for _, h := range headers {
		if err := tw.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := io.Copy(tw, io.LimitReader(strings.NewReader(strings.Repeat("random? "+h.Name, 1+int(h.Size))), h.Size)); err != nil {
				t.Fatal(err)
			}
		}
	}
	tw.Close()
	w.Close()
	return buf.Bytes()
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func TestTarHostile(t *testing.T) {
	reg := func(name string) *tar.Header {
		return &tar.Header{Name: name, Typeflag: tar.TypeReg, Size: 3, Mode: 0o644}
	}
	data := tarball(t, true,
		reg("app/ok.txt"), reg("app/sub/ok.txt"), reg("../evil"), reg("/abs"), reg("app/../../evil"), reg("app/.git/config"), reg("app/.GIT/hooks/x"),
		reg("app/a\\b"), reg("app/ctl\x1b[31m"), reg("app/ok.txt"),
		&tar.Header{Name: "app/out", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		&tar.Header{Name: "app/up", Typeflag: tar.TypeSymlink, Linkname: "../../etc/passwd"},
		&tar.Header{Name: "app/in", Typeflag: tar.TypeSymlink, Linkname: "sub/ok.txt"},
		&tar.Header{Name: "app/loop", Typeflag: tar.TypeSymlink, Linkname: "loop"},
		&tar.Header{Name: "app/hard", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"},
		&tar.Header{Name: "app/dev", Typeflag: tar.TypeChar},
		&tar.Header{Name: "app/fifo", Typeflag: tar.TypeFifo},
	)
	file := filepath.Join(t.TempDir(), "x.tgz")
	writeFile(t, file, string(data))
	tree := mustOpen(t, file)
	if got := names(tree); got != "in loop ok.txt out sub/ok.txt up" {
		t.Errorf("files %q", got)
	}
	if len(tree.Warnings) != 11 {
		t.Errorf("%d warnings: %v", len(tree.Warnings), tree.Warnings)
	}
	for _, name := range []string{"out", "up", "loop"} {
		if data, err := fs.ReadFile(tree, name); err == nil {
			t.Errorf("%s was read: %q", name, data)
		}
	}
	if _, err := fs.ReadFile(tree, "in"); err != nil {
		t.Errorf("a link inside the tree: %v", err)
	}
	// What is sent and what is written holds no way out either.
	dir := filepath.Join(t.TempDir(), "wt")
	if err := tree.WriteTo(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"out", "up"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	var buf bytes.Buffer
	if err := tree.Tar(context.Background(), &buf, func(p string) bool { return p != "ok.txt" }); err != nil {
		t.Fatal(err)
	}
	var sent []string
	for r := tar.NewReader(&buf); ; {
		h, err := r.Next()
		if err != nil {
			break
		}
		sent = append(sent, h.Name)
	}
	if got := strings.Join(sent, " "); got != "in loop sub/ok.txt" {
		t.Errorf("sent %q", got)
	}
}

func TestArchiveLimits(t *testing.T) {
	bomb := tarball(t, true, &tar.Header{Name: "zeros", Typeflag: tar.TypeReg, Size: 80 << 20, Mode: 0o644})
	file := filepath.Join(t.TempDir(), "bomb.tgz")
	writeFile(t, file, string(bomb))
	wantKind(t, file, TooLarge)

	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, n := range []string{"top/a", "top/b", "top/c"} {
		w, _ := zw.Create(n)
		io.WriteString(w, n)
	}
	zw.Close()
	file = filepath.Join(t.TempDir(), "src.zip")
	writeFile(t, file, buf.String())
	if got := names(mustOpen(t, file)); got != "a b c" {
		t.Errorf("the top folder stays: %q", got)
	}
	war := filepath.Join(t.TempDir(), "x.war")
	writeFile(t, war, buf.String())
	if got := names(mustOpen(t, war)); got != "top/a top/b top/c" {
		t.Errorf("a war lost a folder: %q", got)
	}
	_, err := Open(context.Background(), file, Options{Limits: Limits{Files: 2}})
	var e *Error
	if !errors.As(err, &e) || e.Kind != TooLarge {
		t.Errorf("error %v", err)
	}
}

func FuzzArchive(f *testing.F) {
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	w, _ := zw.Create("a/b")
	io.WriteString(w, "x")
	zw.Close()
	f.Add(buf.Bytes())
	f.Add(tarball(f, false, &tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 3}))
	f.Add(tarball(f, true, &tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Linkname: "b"}))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, "fuzz.zip")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		tree, err := Open(context.Background(), file, Options{Limits: Limits{Bytes: 1 << 20, Files: 100}})
		if err != nil {
			return
		}
		defer tree.Close()
		for _, e := range tree.Entries() {
			if !fs.ValidPath(e.Path) {
				t.Fatalf("path %q", e.Path)
			}
			r, err := tree.Open(e.Path)
			if err == nil {
				io.Copy(io.Discard, r)
				r.Close()
			}
		}
	})
}

func TestDirectoryHostile(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	writeFile(t, secret, "secret")
	writeFile(t, filepath.Join(dir, "ok"), "ok")
	for name, target := range map[string]string{"abs": secret, "up": "../../../../../../etc/passwd", "loop": "loop", "in": "ok"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := exec.Command("mkfifo", filepath.Join(dir, "fifo")).Run(); err != nil {
		t.Fatal(err)
	}
	tree := mustOpen(t, dir)
	for _, name := range []string{"abs", "up", "loop", "fifo"} {
		if data, err := fs.ReadFile(tree, name); err == nil {
			t.Errorf("%s was read: %q", name, data)
		}
	}
	if data, err := fs.ReadFile(tree, "in"); err != nil || string(data) != "ok" {
		t.Errorf("a link inside: %q, %v", data, err)
	}
	if len(tree.Warnings) != 1 || tree.Warnings[0].Path != "fifo" {
		t.Errorf("warnings %v", tree.Warnings)
	}
}

func TestReadDir(t *testing.T) {
	dir, _ := repository(t)
	tree := mustOpen(t, dir+"#v1")
	var got []string
	err := fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		got = append(got, p)
		return err
	})
	if want := ". Gemfile app app/models app/models/a.rb bin bin/run"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := tree.ReadDir("nope"); err == nil {
		t.Error("a folder that is not there was listed")
	}
}
