package source

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// manyFiles makes a bare, packed repository of n small files in nested folders.
func manyFiles(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	for i := range n {
		writeFile(b, filepath.Join(dir, "work", fmt.Sprintf("app/d%03d/f%05d.rb", i/40, i)), fmt.Sprintf("# file %d\nclass F%d; end\n", i, i))
	}
	run := func(args ...string) {
		b.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = filepath.Join(dir, "work")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	run("init", "-q")
	run("add", "-A")
	run("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "c")
	run("clone", "-q", "--bare", ".", filepath.Join(dir, "bare"))
	return filepath.Join(dir, "bare")
}

// BenchmarkOpenBare lists a bare repository of 2,000 files in place.
func BenchmarkOpenBare(b *testing.B) {
	dir := manyFiles(b, 2000)
	b.ReportAllocs()
	for b.Loop() {
		t, err := Open(context.Background(), dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if t.Len() != 2000 {
			b.Fatal(t.Len())
		}
		t.Close()
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

// BenchmarkClone compares a shallow clone by drydock with git clone --depth 1 of the same
// repository, served over HTTP, in one run. ratio is drydock's time over git's.
func BenchmarkClone(b *testing.B) {
	dir := manyFiles(b, 2000)
	server := gitServer(b, dir, "")
	var ours, theirs time.Duration
	for b.Loop() {
		begin := time.Now()
		t, err := Open(context.Background(), server, Options{CacheDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		ours += time.Since(begin)
		t.Close()
		begin = time.Now()
		if out, err := exec.Command("git", "clone", "-q", "--bare", "--depth", "1", server, filepath.Join(b.TempDir(), "x")).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		theirs += time.Since(begin)
	}
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
}
