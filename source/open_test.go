package source

import (
	"archive/tar"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-git/go-git/v5"
)

// TestOpenOnThisMachine opens each form of local source and reads every file of it.
func TestOpenOnThisMachine(t *testing.T) {
	dir, first, second := workTree(t)
	bare := filepath.Join(t.TempDir(), "shop.git")
	must(git.PlainClone(bare, true, &git.CloneOptions{URL: dir, Mirror: true}))(t)
	write(t, filepath.Join(dir, "new.txt"), "not committed\n")
	write(t, filepath.Join(dir, ".gitignore"), "*.log\n/build/\n")
	write(t, filepath.Join(dir, "x.log"), "")
	write(t, filepath.Join(dir, "build/out"), "")
	plain := t.TempDir()
	write(t, filepath.Join(plain, "a#b/x"), "x")
	write(t, filepath.Join(plain, "a#b/sub/y"), "y")
	write(t, filepath.Join(plain, "host.name:x/z"), "z")
	one, two := "Gemfile app/models/a.rb bin/run", "Gemfile README app/models/a.rb bin/run"
	for _, tt := range []struct{ name, location, files, commit, ref, dir string }{
		{"folder with its changes", dir, ".gitignore Gemfile README app/models/a.rb bin/run new.txt", "", "", dir},
		{"folder's part", dir + "#:app", "models/a.rb", "", "", filepath.Join(dir, "app")},
		{"branch of a work tree", dir + "#release-1", one, first, "release-1", ""},
		{"annotated tag", "file://" + dir + "#v1", one, first, "v1", ""},
		{"full name of a tag", dir + "#refs/tags/v1", one, first, "v1", ""},
		{"commit", "file://" + dir + "/#" + first, one, first, "", ""},
		{"commit in capitals", dir + "#" + strings.ToUpper(first), one, first, "", ""},
		{"short commit and folder", "file://" + dir + "#" + first[:7] + ":app", "models/a.rb", first, "", ""},
		{"HEAD", dir + "#HEAD", two, second, "main", ""},
		{"git directory itself", filepath.Join(dir, ".git"), two, second, "main", ""},
		{"work tree by URL", "file://" + dir, two, second, "main", ""},
		{"mirror", bare, two, second, "main", ""},
		{"mirror by URL", "file://localhost" + bare + "/", two, second, "main", ""},
		{"mirror without its ending", strings.TrimSuffix(bare, ".git"), two, second, "main", ""},
		{"mirror, branch and folder", bare + "#release-1:app/models", "a.rb", first, "release-1", ""},
		{"folder with a hash in its name", plain + "/a#b", "sub/y x", "", "", plain + "/a#b"},
		{"folder in a folder with a hash in its name", plain + "/a#b#:sub", "y", "", "", plain + "/a#b/sub"},
		{"folder with a colon in its name", plain + "/host.name:x", "z", "", "", plain + "/host.name:x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := open1(t, tt.location, Options{})
			if got := paths(tree); got != tt.files {
				t.Errorf("files %q, want %q", got, tt.files)
			}
			if tree.Commit != tt.commit || tree.Ref != tt.ref || tree.Dir != tt.dir {
				t.Errorf("commit %q, ref %q, dir %q; want %q, %q, %q", tree.Commit, tree.Ref, tree.Dir, tt.commit, tt.ref, tt.dir)
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
	t.Run("home directory", func(t *testing.T) {
		write(t, filepath.Join(alone(t), "app/x"), "x")
		if got := paths(open1(t, "~/app", Options{})); got != "x" {
			t.Errorf("files %q", got)
		}
	})
	t.Run("this directory", func(t *testing.T) {
		t.Chdir(plain)
		if got := paths(open1(t, ".", Options{})); got != "a#b/sub/y a#b/x host.name:x/z" {
			t.Errorf("files %q", got)
		}
	})
}

// TestErrors holds that each bad source gets its kind, names itself and says what to try.
func TestErrors(t *testing.T) {
	alone(t)
	dir, _, _ := workTree(t)
	emptyDir := t.TempDir()
	bare := t.TempDir()
	must(git.PlainInit(bare, true))(t)
	hollow, _, _ := workTree(t)
	for _, name := range []string{".git/objects"} {
		if err := errors.Join(os.RemoveAll(filepath.Join(hollow, name)), os.MkdirAll(filepath.Join(hollow, name), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	mkfifo(t, pipe)
	sha256 := t.TempDir()
	must(git.PlainInit(sha256, true))(t)
	write(t, filepath.Join(sha256, "config"), "[core]\nbare = true\n[extensions]\n\tobjectFormat = sha256\n")
	whole := gzipped(t, tarOf(t, tar.Header{Name: "a", Size: 90_000}))
	zipped := zipOf(t, zipLink("a", "b"))
	for _, tt := range []struct {
		name, location string
		want           Kind
		says           string
	}{
		{"nothing there", filepath.Join(emptyDir, "nope"), NotFound, "no such file"},
		{"almost there", filepath.Join(filepath.Dir(dir), "shopp"), NotFound, "beside it there is shop"},
		{"no archive", file(t, "notes.txt", []byte("hello")), Unsupported, ".war"},
		{"file by URL", "file://" + file(t, "notes.zip", zipped), NotFound, "without file://"},
		{"pipe", pipe, Unsupported, "pipe"},
		{"empty folder", emptyDir, Empty, "no file"},
		{"empty repository", bare, Empty, "no commit"},
		{"empty repository by URL", "file://" + bare, Empty, "no commit"},
		{"wrong ref", dir + "#release-2", BadRef, "that exists: release-1, "},
		{"wrong commit", dir + "#0123456789012345678901234567890123456789", BadRef, "main"},
		{"wrong short commit", dir + "#0123456", BadRef, "main"},
		{"ref of a plain folder", emptyDir + "#main", BadRef, "not a Git repository"},
		{"ref of an archive", file(t, "a.zip", zipped) + "#main", BadRef, "not a Git repository"},
		{"ref that is none", dir + "#a..b", BadRef, "cannot be the name"},
		{"wrong folder", dir + "#:apq", NotFound, "exists: app"},
		{"wrong folder of a commit", dir + "#main:app/nope", NotFound, "exists: app/models"},
		{"folder that is a file", dir + "#main:Gemfile", NotFound, "no folder Gemfile"},
		{"folder that is a file on disk", dir + "#:Gemfile", NotFound, "no folder Gemfile"},
		{"wrong folder of an archive", file(t, "a.tar", tarOf(t, tar.Header{Name: "a/b"}, tar.Header{Name: "c"})) + "#:x", NotFound, "exists: a"},
		{"folder out of the tree", dir + "#:../x", Unsupported, "leads out"},
		{"file URL of a plain folder", "file://" + emptyDir, NotFound, "not a Git repository"},
		{"empty zip", file(t, "a.zip", zipOf(t)), Empty, "no file"},
		{"empty tar", file(t, "a.tgz", gzipped(t, tarOf(t, tar.Header{Name: "a/", Typeflag: tar.TypeDir}))), Empty, "no file"},
		{"zip of nothing usable", file(t, "a.jar", zipOf(t, zipLink("a", "/etc/passwd"))), Empty, "the first: a, a link out of the source"},
		{"broken zip", file(t, "a.zip", []byte("PK\x03\x04 and then nothing")), Corrupt, ""},
		{"truncated zip", file(t, "a.zip", zipped[:len(zipped)-30]), Corrupt, ""},
		{"not a zip", file(t, "a.war", []byte("hello")), Corrupt, ".war"},
		{"file of no bytes", file(t, "a.tar.gz", nil), Corrupt, "empty"},
		{"truncated tgz", file(t, "a.tgz", whole[:len(whole)/2]), Corrupt, "cut off"},
		{"truncated tar", file(t, "a.tar", tarOf(t, tar.Header{Name: "a", Size: 9000})[:4000]), Corrupt, "cut off"},
		{"gzip of something else", file(t, "a.tgz", gzipped(t, []byte("hello"))), Corrupt, ""},
		{"gzip of nothing", file(t, "a.tgz", gzipped(t, nil)), Corrupt, "no tar archive"},
		{"damaged gzip", file(t, "a.tgz", append(whole[:len(whole)-8:len(whole)-8], make([]byte, 8)...)), Corrupt, "checksum"},
		{"repository without its objects", hollow + "#release-1", Corrupt, "incomplete"},
		{"objects named by sha256", sha256, Unsupported, "sha256"},
		{"nobody listens", "http://127.0.0.1:1/x.git", Unreachable, "refused"},
		{"nobody listens, git", "git://127.0.0.1:1/x.git", Unreachable, "refused"},
		{"nobody listens, ssh", "ssh://git@127.0.0.1:1/x.git", Unreachable, "refused"},
		{"no such host", "https://host.invalid/x.git", Unreachable, "host.invalid is not known"},
		{"certificates that are not there", "https://127.0.0.1:1/x", NotFound, "--ca-cert"},
		{"certificates that are none", "https://127.0.0.1:1/y", Unsupported, "--ca-cert"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := Options{CacheDir: t.TempDir()}
			if strings.Contains(tt.says, "--ca-cert") {
				opts.CACert = filepath.Join(emptyDir, "ca.pem")
				if tt.want == Unsupported {
					opts.CACert = file(t, "ca.pem", []byte("hello"))
				}
			}
			e := wantKind(t, tt.location, opts, tt.want)
			if !strings.Contains(e.Error(), tt.says) {
				t.Errorf("message %q, want %q in it", e, tt.says)
			}
			wantEmpty(t, opts.CacheDir)
		})
	}
}

// TestNotOurFault: an interruption and trouble of the machine are not the source's.
func TestNotOurFault(t *testing.T) {
	dir, _, _ := workTree(t)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	cache := t.TempDir()
	for _, location := range []string{dir, dir + "#main", "http://127.0.0.1:1/x", file(t, "a.tgz", gzipped(t, tarOf(t, tar.Header{Name: "a"})))} {
		_, err := Open(cancelled, location, Options{CacheDir: cache})
		var e *Error
		if !errors.Is(err, context.Canceled) || errors.As(err, &e) {
			t.Errorf("%s: %v", location, err)
		}
	}
	wantEmpty(t, cache)
	_, err := Open(context.Background(), "http://127.0.0.1:1/x", Options{CacheDir: file(t, "occupied", nil)})
	if !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("temporary files in a file: %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("root reads everything: only the mapping of the error is checked")
	} else {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0); err != nil {
			t.Fatal(err)
		}
		wantKind(t, dir, Options{}, NoAccess)
	}
	err := settle(context.Background(), Location{Path: "/x"}, "open", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrPermission})
	var e *Error
	if !errors.As(err, &e) || e.Kind != NoAccess || strings.Count(err.Error(), "/x") != 1 {
		t.Errorf("%v", err)
	}
}
