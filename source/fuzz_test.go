package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/progress"
)

// FuzzParseLocation: nothing that is taken can be mistaken for an option, shows a password, or leads out of the source.
func FuzzParseLocation(f *testing.F) {
	for _, s := range []string{
		"https://u:p@h/x#a:b", "git@h:x", "file:///a#b", "-x", "a#:b", "ext::x", `C:\x`, "#", "ssh://git@[::1]:22/~x", "git://h/x?y#z", "https://u:p@h@i/x", "h:x:y", "a#b#c", "http://%2d/x", "https://a%00b@h/", "#:../../x", "#:.git",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLocation(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Kind != Unsupported && e.Kind != BadRef {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		for _, part := range []string{l.Host, l.Ref, l.user} {
			if strings.HasPrefix(part, "-") {
				t.Fatalf("%q became an option: %+v", s, l)
			}
		}
		if l.Local() && strings.HasPrefix(l.Path, "-") || l.Scheme == "ssh" && strings.HasPrefix(l.endpoint().Path, "-") {
			t.Fatalf("%q became an option: %+v", s, l)
		}
		if l.Subdir != "" && (!fs.ValidPath(l.Subdir) || l.Subdir == ".") {
			t.Fatalf("%q: folder %q", s, l.Subdir)
		}
		if l.password != "" && len(l.password) > 3 && !strings.Contains(l.Host+l.Path+l.Ref+l.Subdir+l.user, l.password) {
			if strings.Contains(l.String(), l.password) || strings.Contains(l.String(), url.QueryEscape(l.password)) {
				t.Fatalf("%q shows its password: %s", s, l)
			}
		}
		if l.endpoint().Password != "" || l.Scheme != "ssh" && l.endpoint().User != "" {
			t.Fatalf("%q: the endpoint has credentials", s)
		}
	})
}

// check holds what is true of every tree: its paths are clean, its links stay inside, and every file is read or is an error.
func check(t *testing.T, tree *Tree) {
	t.Helper()
	for _, e := range tree.Entries() {
		if clean, problem := cleanPath(e.Path); problem != "" || clean != e.Path {
			t.Fatalf("path %q: %s", e.Path, problem)
		}
		r, err := tree.Open(e.Path)
		if err != nil {
			continue
		}
		n, err := io.Copy(io.Discard, r)
		if e.Mode.IsRegular() && e.Size >= 0 && (n > e.Size || err == nil && n != e.Size) {
			t.Fatalf("%q: %d bytes read of %d, %v", e.Path, n, e.Size, err)
		}
		_ = r.Close()
	}
	if err := fs.WalkDir(tree, ".", func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
		t.Fatal(err)
	}
	for _, w := range tree.Warnings {
		if strings.ContainsFunc(w.Path+w.Text, deceives) {
			t.Fatalf("warning %q", w)
		}
	}
}

func fuzzArchive(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	location := filepath.Join(dir, name)
	if err := os.WriteFile(location, data, 0o600); err != nil {
		t.Fatal(err)
	}
	opts := Options{CacheDir: filepath.Join(dir, "cache"), Limits: Limits{MaxBytes: 1 << 20, MaxFiles: 200, MaxPath: 256, MemoryBytes: 512}}
	tree, err := Open(context.Background(), location, opts)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("error %v", err)
		}
		return
	}
	check(t, tree)
	if err := tree.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(opts.CacheDir); len(left) > 0 {
		t.Fatalf("%v is left", left)
	}
}

func FuzzZip(f *testing.F) {
	f.Add(zipOf(f, zip.FileHeader{Name: "a/b"}, zip.FileHeader{Name: "a/c", Method: zip.Deflate}, zipLink("a/l", "b")))
	f.Add(zipOf(f, zip.FileHeader{Name: "../x"}, zipLink("l", "/etc")))
	f.Add(declare(f, 10))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) { fuzzArchive(t, t.TempDir(), "x.zip", data) })
}

// FuzzTar reads the bytes as a tar archive and, packed, as a .tar.gz; both must come to the same list.
func FuzzTar(f *testing.F) {
	f.Add(tarOf(f, tar.Header{Name: "a/b"}, tar.Header{Name: "a/l", Typeflag: tar.TypeSymlink, Linkname: "b"}, tar.Header{Name: "a/h", Typeflag: tar.TypeLink, Linkname: "a/b"}))
	f.Add(tarOf(f, tar.Header{Name: "../x"}, tar.Header{Name: "dev", Typeflag: tar.TypeChar}, tar.Header{Name: strings.Repeat("long/", 60) + "x"}))
	f.Add(tarOf(f, tar.Header{Name: "g", Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"a": "b"}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		fuzzArchive(t, dir, "x.tar", data)
		fuzzArchive(t, dir, "x.tgz", gzipped(t, data))
	})
}

func FuzzGzip(f *testing.F) {
	f.Add(gzipped(f, tarOf(f, tar.Header{Name: "a/b"})))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, data []byte) { fuzzArchive(t, t.TempDir(), "x.tgz", data) })
}

// FuzzIgnore: no .gitignore makes the matcher panic, and what one rule leaves out the same rule taken back lets in.
func FuzzIgnore(f *testing.F) {
	for _, s := range []string{"*.log\n!keep.log", "/a/**/b/", "[", "**", "\\", "a/**", "!a/b", "[!a]", "a\\ ", "\x00", "/", "!"} {
		f.Add(s, "a/b/keep.log")
	}
	f.Fuzz(func(t *testing.T, rules, name string) {
		if _, problem := cleanPath(name); problem != "" {
			return
		}
		parsed := parseIgnore(strings.NewReader(rules), "")
		for _, isDir := range []bool{false, true} {
			out := excluded(name, isDir, parsed)
			for i := range parsed {
				_ = excluded(name, isDir, parsed[:i])
			}
			if line := strings.TrimRight(rules, "\r\n"); out && len(parsed) == 1 && !strings.ContainsAny(line, "\r\n\ufeff") {
				if excluded(name, isDir, parseIgnore(strings.NewReader(rules+"\n!"+line), "")) {
					t.Fatalf("%q is left out by %q, and still when that is taken back", name, line)
				}
			}
		}
	})
}

func FuzzNetrc(f *testing.F) {
	f.Add("machine a login b password c\ndefault login d password e", "a")
	f.Add("macdef x\n\nmachine a # login", "a")
	f.Fuzz(func(t *testing.T, text, host string) {
		user, password := netrc(text, host)
		if !strings.Contains(text, user) || !strings.Contains(text, password) {
			t.Fatalf("%q, %q", user, password)
		}
	})
}

// FuzzServerMessages: whatever a server says, events hold no control characters and numbers fit.
func FuzzServerMessages(f *testing.F) {
	f.Add([]byte("Counting objects:  45% (9/20)\rCounting objects: 100% (20/20), done.\nhello\x1b[31m\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &serverMessages{touch: func() {}, sink: func(e progress.Event) {
			if strings.ContainsFunc(e.Text+e.Name, deceives) || e.Current < 0 || e.Total < 0 {
				t.Fatalf("%+v", e)
			}
		}}
		for part := range bytes.SplitSeq(data, []byte{0}) {
			if n, err := s.Write(part); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
	})
}

// FuzzAttributes: no .gitattributes ends in a panic.
func FuzzAttributes(f *testing.F) {
	f.Add("*.psd filter=lfs diff=lfs -text\n\"\"\n[attr]x filter=lfs", "a/b.psd")
	f.Fuzz(func(t *testing.T, text, name string) {
		if _, problem := cleanPath(name); problem != "" {
			return
		}
		m := fstest.MapFS{".gitattributes": {Data: []byte(text)}, name: {Data: []byte(lfsPointer)}}
		warnOfLFS(NewTree(m, []Entry{{Path: ".gitattributes", Size: int64(len(text))}, {Path: name, Mode: 0o644, Size: int64(len(lfsPointer))}}, nil))
	})
}
