package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// largeApp is the bundled Rails application among so many further source files, as a folder and as a bare repository
// whose objects lie in one pack.
func largeApp(b *testing.B, files int) (dir, bare string) {
	b.Helper()
	top := b.TempDir()
	dir, bare = filepath.Join(top, "app"), filepath.Join(top, "app.git")
	if err := os.CopyFS(dir, os.DirFS("../../testdata/apps/rails-shop")); err != nil {
		b.Fatal(err)
	}
	for i := range files {
		name := filepath.Join(dir, "app", "models", fmt.Sprintf("part%04d", i/50), fmt.Sprintf("thing%06d.rb", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		text := fmt.Sprintf("class Thing%d < ApplicationRecord\n  belongs_to :shop\n  validates :name, presence: true\nend\n", i)
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "-q", dir}, {"-C", dir, "add", "-A"},
		{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "c"},
		{"clone", "-q", "--bare", dir, bare}, {"-C", bare, "gc", "-q"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			b.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return dir, bare
}

// program builds the program as it ships.
func program(b *testing.B) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "drydock")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return file
}

// BenchmarkDetectCold runs `drydock detect --json` as a new process each time, on trees of growing size, and reports the processor
// time and the peak memory that the operating system accounts to it; beside it what Git takes to list the same bare repository.
func BenchmarkDetectCold(b *testing.B) {
	file := program(b)
	for _, files := range []int{2_000, 10_000, 50_000, 100_000} {
		dir, bare := largeApp(b, files)
		for _, run := range []struct {
			name string
			args []string
		}{
			{"folder", []string{file, "detect", "--json", dir}},
			{"bare", []string{file, "detect", "--json", bare}},
			{"git", []string{"git", "-C", bare, "ls-tree", "-r", "HEAD"}},
		} {
			b.Run(fmt.Sprintf("%s/%d", run.name, files), func(b *testing.B) { cold(b, run.args) })
		}
	}
}

// cold runs a command as a new process in every iteration.
func cold(b *testing.B, args []string) {
	var cpu float64
	var peak int64
	for b.Loop() {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+b.TempDir())
		if out, err := cmd.Output(); err != nil || len(out) == 0 {
			b.Fatal(err)
		}
		cpu += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds() * 1000
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = max(peak, u.Maxrss)
		}
	}
	b.ReportMetric(cpu/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(peak)/1024, "peak-MiB")
}
