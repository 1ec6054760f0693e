package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// manyFiles makes a bare, packed repository of n small files in nested folders.
func manyFiles(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	work := filepath.Join(dir, "work")
	for i := range n {
		write(t, filepath.Join(work, fmt.Sprintf("app/d%03d/f%05d.rb", i/40, i)), fmt.Sprintf("# file %d\nclass F%d; end\n", i, i))
	}
	gitRun(t, work, "init", "-q", "-b", "main")
	gitRun(t, work, "add", "-A")
	gitRun(t, work, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "c")
	gitRun(t, work, "clone", "-q", "--bare", ".", filepath.Join(dir, "bare"))
	gitRun(t, filepath.Join(dir, "bare"), "repack", "-adq")
	return filepath.Join(dir, "bare")
}

func hundred() (list []tar.Header) {
	for i := range 100 {
		list = append(list, tar.Header{Name: fmt.Sprintf("app/%d/file", i)})
	}
	return list
}

func zipHundred(t testing.TB) []byte {
	var list []zip.FileHeader
	for _, h := range hundred() {
		list = append(list, zip.FileHeader{Name: h.Name, Method: zip.Deflate})
	}
	return zipOf(t, list...)
}

// BenchmarkOpenBare lists a bare repository of 2,000 files in place.
func BenchmarkOpenBare(b *testing.B) { benchmarkOpen(b, manyFiles(b, 2000)) }

// BenchmarkOpenDirectory lists a work tree of 2,000 files.
func BenchmarkOpenDirectory(b *testing.B) {
	benchmarkOpen(b, filepath.Join(filepath.Dir(manyFiles(b, 2000)), "work"))
}

func benchmarkOpen(b *testing.B, location string) {
	b.ReportAllocs()
	for b.Loop() {
		t, err := Open(context.Background(), location, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if t.Len() != 2000 {
			b.Fatal(t.Len())
		}
		if err := t.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGitLsTree is what git itself needs for the same list, as a process.
func BenchmarkGitLsTree(b *testing.B) {
	dir := manyFiles(b, 2000)
	for b.Loop() {
		if err := exec.Command("git", "--git-dir", dir, "ls-tree", "-r", "HEAD").Run(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTar streams 2,000 files of a bare repository as a build context.
func BenchmarkTar(b *testing.B) {
	t := open1(b, manyFiles(b, 2000), Options{})
	b.ReportAllocs()
	for b.Loop() {
		if err := t.Tar(context.Background(), io.Discard, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenTarGz indexes 2,000 files of a .tar.gz.
func BenchmarkOpenTarGz(b *testing.B) {
	t := open1(b, manyFiles(b, 2000), Options{})
	var buf bytes.Buffer
	if err := t.Tar(context.Background(), &buf, nil); err != nil {
		b.Fatal(err)
	}
	location := file(b, "a.tgz", gzipped(b, buf.Bytes()))
	b.ResetTimer()
	benchmarkOpen(b, location)
}

// BenchmarkClone compares a shallow clone by drydock with git clone --bare --depth 1 of the same
// repository, served over HTTP, in one run. "ratio" is drydock's time over git's.
func BenchmarkClone(b *testing.B) {
	alone(b)
	server := gitServer(b, manyFiles(b, 2000), nil)
	var ours, theirs time.Duration
	for b.Loop() {
		begin := time.Now()
		t, err := Open(context.Background(), server, Options{CacheDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		ours += time.Since(begin)
		if err := t.Close(); err != nil {
			b.Fatal(err)
		}
		begin = time.Now()
		gitRun(b, ".", "clone", "-q", "--bare", "--depth", "1", server, filepath.Join(b.TempDir(), "x"))
		theirs += time.Since(begin)
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "ours-µs/op")
	b.ReportMetric(float64(theirs.Microseconds())/float64(b.N), "git-µs/op")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
}
