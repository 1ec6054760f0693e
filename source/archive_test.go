package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/progress"
)

// TestHostileTar lists a tar archive with one of each trick, packed and not.
func TestHostileTar(t *testing.T) {
	data := tarOf(t,
		tar.Header{Name: "pax_global_header", Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "0123456789012345678901234567890123456789"}},
		tar.Header{Name: "app/", Typeflag: tar.TypeDir, Mode: 0o755},
		tar.Header{Name: "./app/ok.txt"}, tar.Header{Name: "app//sub/ok.txt", Mode: 0o755}, tar.Header{Name: "app/dup"}, tar.Header{Name: "app/dup", Size: 7},
		tar.Header{Name: "../evil"}, tar.Header{Name: "/abs"}, tar.Header{Name: "app/../../evil"}, tar.Header{Name: "C:/x"},
		tar.Header{Name: "app/.git/config"}, tar.Header{Name: "app/.GIT/hooks/x"}, tar.Header{Name: `app\b`}, tar.Header{Name: "app/ctl\x1b[31m"}, tar.Header{Name: "app/bad\xff"},
		tar.Header{Name: "app/../../d/", Typeflag: tar.TypeDir},
		tar.Header{Name: "app/out", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		tar.Header{Name: "app/up", Typeflag: tar.TypeSymlink, Linkname: "../../etc/passwd"},
		tar.Header{Name: "app/in", Typeflag: tar.TypeSymlink, Linkname: "sub/ok.txt"},
		tar.Header{Name: "app/dir", Typeflag: tar.TypeSymlink, Linkname: "sub"},
		tar.Header{Name: "app/dir/planted"},
		tar.Header{Name: "app/loop", Typeflag: tar.TypeSymlink, Linkname: "loop"},
		tar.Header{Name: "app/hard", Typeflag: tar.TypeLink, Linkname: "app/ok.txt"},
		tar.Header{Name: "app/hardout", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"},
		tar.Header{Name: "app/hardup", Typeflag: tar.TypeLink, Linkname: "../../etc/passwd"},
		tar.Header{Name: "app/hardnone", Typeflag: tar.TypeLink, Linkname: "app/none"},
		tar.Header{Name: "app/dev", Typeflag: tar.TypeChar}, tar.Header{Name: "app/blk", Typeflag: tar.TypeBlock}, tar.Header{Name: "app/fifo", Typeflag: tar.TypeFifo},
		tar.Header{Name: "app/cont", Typeflag: tar.TypeCont},
	)
	for _, location := range []string{file(t, "x.tgz", gzipped(t, data)), file(t, "x.tar", data), file(t, "x.tar.gz", gzipped(t, data))} {
		for _, memory := range []int64{0, 1, 10} {
			cache := t.TempDir()
			tree := open1(t, location, Options{CacheDir: cache, Limits: Limits{MemoryBytes: memory}})
			if got := paths(tree); got != "dir dup hard in ok.txt sub/ok.txt" {
				t.Errorf("files %q", got)
			}
			for _, says := range []string{
				"../evil: left out: its path leads out", "/abs: left out: its path is absolute", "C:/x: left out: its path is absolute", "app/../../evil: left out", "app/../../d/: left out",
				"app/.git/config: left out: Git's own", `app\b: left out: its name has a backslash`, "app/ctl·[31m: left out", "app/bad·: left out", "dup: left out: an entry of the same name",
				"out: left out: a link out", "up: left out: a link out", "loop: left out: a link that leads back", "dir/planted: left out: it lies below",
				"app/hardout: left out: a hard link", "app/hardup: left out: a hard link", "app/hardnone: left out: a hard link",
				"app/dev: left out: it is a device", "app/blk: left out: it is a device", "app/fifo: left out: it is a device", "app/cont: left out: it is of a kind",
			} {
				if !strings.Contains("\n"+warned(tree), "\n"+says) {
					t.Errorf("no warning %q in\n%s", says, warned(tree))
				}
			}
			for name, want := range map[string]string{"ok.txt": "./app/ok.txt", "hard": "./app/ok.txt", "in": "app//sub/ok.txt", "dir/ok.txt": "app//sub/ok.txt", "dup": "xxxxxxx"} {
				if data, err := fs.ReadFile(tree, name); err != nil || string(data) != want {
					t.Errorf("%s: %q, %v", name, data, err)
				}
			}
			if e, _ := tree.Lookup("sub/ok.txt"); e.Mode != 0o755 {
				t.Errorf("mode %v", e.Mode)
			}
			if err := fstest.TestFS(tree.fsys, "ok.txt", "sub/ok.txt"); err != nil {
				t.Error(err)
			}
			if err := tree.Close(); err != nil {
				t.Error(err)
			}
			wantEmpty(t, cache)
		}
	}
}

func TestSparseFiles(t *testing.T) {
	data := tarOf(t, tar.Header{Name: "a"}, tar.Header{Name: "sparse", PAXRecords: map[string]string{"VENDOR.x": "y"}})
	// A sparse file of the GNU form, by hand: the standard library does not write them.
	block := make([]byte, 512)
	copy(block, "hole")
	copy(block[100:], "0000644\x00")
	copy(block[124:], "00000000000\x00")
	block[156] = 'S'
	copy(block[257:], "ustar  \x00")
	copy(block[483:], "77777777777\x00") // its size, once the holes are filled
	sum := int64(8 * ' ')
	for _, b := range block {
		sum += int64(b)
	}
	copy(block[148:], fmt.Sprintf("%06o\x00 ", sum))
	tree := open1(t, file(t, "x.tar", append(block, data...)), Options{})
	if got := paths(tree); got != "a sparse" || warned(tree) != "hole: left out: it is a sparse file" {
		t.Errorf("files %q, warnings %q", got, warned(tree))
	}
}

func TestOldTar(t *testing.T) {
	data := tarOf(t, tar.Header{Name: "a/b", Format: tar.FormatUSTAR})
	copy(data[257:], make([]byte, 8)) // no magic word, as before 1988
	sum := int64(8 * ' ')
	for i, b := range data[:512] {
		if i < 148 || i >= 156 {
			sum += int64(b)
		}
	}
	copy(data[148:], fmt.Sprintf("%06o\x00 ", sum))
	if got := paths(open1(t, file(t, "old.tar", data), Options{})); got != "b" {
		t.Errorf("files %q", got)
	}
}

func TestHostileZip(t *testing.T) {
	device, encrypted, odd, run := zip.FileHeader{Name: "top/dev"}, zip.FileHeader{Name: "top/locked", Flags: 1}, zip.FileHeader{Name: "top/odd"}, zip.FileHeader{Name: "top/run"}
	device.SetMode(fs.ModeDevice | 0o600)
	run.SetMode(0o755)
	data := zipOf(t,
		zip.FileHeader{Name: "top/"}, zip.FileHeader{Name: "top/ok"}, zip.FileHeader{Name: "top/deep/ok", Method: zip.Deflate}, run,
		zip.FileHeader{Name: "../evil"}, zip.FileHeader{Name: "/abs"}, zip.FileHeader{Name: "top/../../evil/"}, zip.FileHeader{Name: `top\back`}, zip.FileHeader{Name: "top/c\x07"}, zip.FileHeader{Name: "top/bad\xff", NonUTF8: true},
		zip.FileHeader{Name: ".git/hooks/post-checkout"}, zip.FileHeader{Name: "__MACOSX/top/._ok"},
		zip.FileHeader{Name: "top/dup"}, zip.FileHeader{Name: "top/dup"},
		zipLink("top/in", "deep/ok"), zipLink("top/out", "/etc/passwd"), zipLink("top/long", strings.Repeat("a/", 5000)),
		device, encrypted, odd,
	)
	// Give the last one a packing method that nobody knows.
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint16(data[at+10:], 99)
	tree := open1(t, file(t, "x.zip", data), Options{})
	if got := paths(tree); got != "deep/ok dup in ok run" {
		t.Errorf("files %q", got)
	}
	for _, says := range []string{
		"../evil: left out: its path leads out", "/abs: left out", "top/../../evil/: left out", `top\back: left out`, "top/c·: left out", "top/bad·: left out: its name is not UTF-8", ".git/hooks/post-checkout: left out: Git's own",
		"dup: left out: an entry", "out: left out: a link out", "top/long: left out: a link that cannot be read", "top/dev: left out: it is a device", "top/locked: left out: it is encrypted", "top/odd: left out: it is packed by method 99",
	} {
		if !strings.Contains("\n"+warned(tree), "\n"+says) {
			t.Errorf("no warning %q in\n%s", says, warned(tree))
		}
	}
	if strings.Contains(warned(tree), "MACOSX") {
		t.Errorf("warnings\n%s", warned(tree))
	}
	if data, err := fs.ReadFile(tree, "in"); err != nil || string(data) != "top/deep/ok" {
		t.Errorf("%q, %v", data, err)
	}
	if e, _ := tree.Lookup("run"); e.Mode != 0o755 {
		t.Errorf("%+v", e)
	}
	if err := fstest.TestFS(tree.fsys, "ok", "deep/ok", "in"); err != nil {
		t.Error(err)
	}
}

// TestTopFolder: the one folder of a source archive is taken away, not that of what a Java server is given.
func TestTopFolder(t *testing.T) {
	one := zipOf(t, zip.FileHeader{Name: "top/a"}, zip.FileHeader{Name: "top/b/c"})
	two := zipOf(t, zip.FileHeader{Name: "top/a"}, zip.FileHeader{Name: "b"})
	for _, tt := range []struct {
		name string
		data []byte
		sub  string
		want string
	}{
		{"x.zip", one, "", "a b/c"}, {"x.zip", one, "#:b", "c"}, {"x.zip", two, "", "b top/a"}, {"x.zip", two, "#:top", "a"},
		{"x.war", one, "", "top/a top/b/c"}, {"x.EAR", one, "", "top/a top/b/c"}, {"x.jar", one, "#:top/b", "c"},
		{"noending", one, "", "a b/c"},
	} {
		if got := paths(open1(t, file(t, tt.name, tt.data)+tt.sub, Options{})); got != tt.want {
			t.Errorf("%s%s: files %q, want %q", tt.name, tt.sub, got, tt.want)
		}
	}
}

func TestBombs(t *testing.T) {
	zeros := tar.Header{Name: "zeros", Size: 80 << 20}
	tgz := file(t, "bomb.tgz", gzipped(t, tarOf(t, zeros)))
	cache := t.TempDir()
	if e := wantKind(t, tgz, Options{CacheDir: cache, Limits: Limits{MemoryBytes: 1000}}, TooLarge); !strings.Contains(e.Error(), "MaxRatio") {
		t.Errorf("%v", e)
	}
	wantEmpty(t, cache)
	wantKind(t, tgz, Options{Limits: Limits{MaxBytes: 1 << 20}}, TooLarge)
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for i := range 80 {
		f := must(w.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i), Method: zip.Deflate}))(t)
		if _, err := f.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := file(t, "bomb.zip", buf.Bytes())
	if e := wantKind(t, bomb, Options{}, TooLarge); !strings.Contains(e.Error(), "MaxRatio") {
		t.Errorf("%v", e)
	}
	if e := wantKind(t, bomb, Options{Limits: Limits{MaxBytes: 1 << 20}}, TooLarge); !strings.Contains(e.Error(), "MaxBytes") {
		t.Errorf("%v", e)
	}
	wantKind(t, bomb, Options{Limits: Limits{MaxFiles: 10}}, TooLarge)
	wantKind(t, file(t, "many.tgz", gzipped(t, tarOf(t, hundred()...))), Options{Limits: Limits{MaxFiles: 10}}, TooLarge)
	wantKind(t, file(t, "huge.zip", declare(t, 1<<63)), Options{}, TooLarge)
}

// declare makes a zip archive of one file that says it has another size than it has.
func declare(t testing.TB, size uint64) []byte {
	t.Helper()
	var packed, buf bytes.Buffer
	fw := must(flate.NewWriter(&packed, 9))(t)
	_, _ = fw.Write(bytes.Repeat([]byte("x"), 1000))
	if err := fw.Close(); err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&buf)
	f := must(w.CreateRaw(&zip.FileHeader{Name: "a", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: size}))(t)
	_, _ = f.Write(packed.Bytes())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestLyingZip: no more is unpacked of a file than the archive says, and a difference is reported.
func TestLyingZip(t *testing.T) {
	for _, size := range []uint64{10, 5000} {
		tree := open1(t, file(t, "lie.zip", declare(t, size)), Options{})
		f := must(tree.Open("a"))(t)
		data, err := io.ReadAll(f)
		if err == nil || uint64(len(data)) > size {
			t.Errorf("said %d: %d bytes, %v", size, len(data), err)
		}
		_ = f.Close()
	}
}

func TestDamagedZipFile(t *testing.T) {
	data := zipOf(t, zip.FileHeader{Name: "a", Method: zip.Deflate, Comment: strings.Repeat("abcdefg", 100)}, zipLink("l", "a"))
	data[36] ^= 0xff
	copy(data[bytes.LastIndex(data, []byte("PK\x03\x04")):], "XXXX") // the link's own header
	tree := open1(t, file(t, "x.zip", data), Options{})
	if _, err := fs.ReadFile(tree, "a"); err == nil {
		t.Error("a damaged file was read")
	}
	if !strings.Contains(warned(tree), "l: left out: a link that cannot be read") {
		t.Errorf("warnings %q", warned(tree))
	}
}

// TestArchiveInterrupted cancels while a .tar.gz is unpacked.
func TestArchiveInterrupted(t *testing.T) {
	noise := make([]byte, 2<<20)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for i := range 4 {
		if err := errors.Join(w.WriteHeader(&tar.Header{Name: fmt.Sprintf("a/%d", i), Size: int64(len(noise)), Mode: 0o644}), second(w.Write(noise))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	location := file(t, "x.tgz", gzipped(t, buf.Bytes()))
	ctx, cancel := context.WithCancel(context.Background())
	cache := t.TempDir()
	_, err := Open(ctx, location, Options{CacheDir: cache, Limits: Limits{MemoryBytes: 1 << 20}, Progress: func(e progress.Event) {
		if e.State == progress.Running && e.Unit == "bytes" && e.Total > 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	wantEmpty(t, cache)
	tree := open1(t, location, Options{CacheDir: filepath.Join(cache, "new"), Limits: Limits{MemoryBytes: 1 << 20}})
	for i := range 4 {
		if data, err := fs.ReadFile(tree, fmt.Sprint(i)); err != nil || !bytes.Equal(data, noise) {
			t.Errorf("%d: %d bytes, %v", i, len(data), err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestSpool(t *testing.T) {
	for _, memory := range []int64{0, 1, 5, 10, 11, 100} {
		s := &spool{dir: t.TempDir(), memory: memory}
		for _, part := range []string{"hello", "", " ", "world"} {
			if n, err := io.WriteString(s, part); err != nil || n != len(part) {
				t.Fatalf("%d, %v", n, err)
			}
		}
		for from := range 11 {
			for to := from + 1; to <= 11; to++ {
				got := make([]byte, to-from)
				if n, err := s.ReadAt(got, int64(from)); n != to-from || err != nil && !errors.Is(err, io.EOF) || string(got) != "hello world"[from:to] {
					t.Errorf("memory %d, %d to %d: %q, %v", memory, from, to, got[:n], err)
				}
			}
		}
		if _, err := s.ReadAt(make([]byte, 1), 11); !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %v", err)
		}
		if _, err := s.ReadAt(nil, -1); err == nil {
			t.Error("before the beginning")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		wantEmpty(t, s.dir)
	}
	s := &spool{dir: file(t, "occupied", nil), memory: 1}
	if _, err := s.Write([]byte("ab")); err == nil {
		t.Error("a file in a file")
	}
}
