package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// synthetic makes bare repositories: each a bundled application with files of its own, with a history of a few commits, in one pack. No two have
// the same content. It returns a list of them, as --from reads it.
func synthetic(tb testing.TB, top string, repositories int) string {
	tb.Helper()
	apps, err := filepath.Glob("../../testdata/apps/*")
	if err != nil || len(apps) == 0 {
		tb.Fatal("no applications", err)
	}
	trees := make([]map[string][]byte, len(apps))
	for i, app := range apps {
		trees[i] = readTree(tb, app)
	}
	template := filepath.Join(top, "template.git")
	if out, err := exec.Command("git", "init", "-q", "--bare", "-b", "main", template).CombinedOutput(); err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	if err := os.RemoveAll(filepath.Join(template, "hooks")); err != nil {
		tb.Fatal(err)
	}
	var list bytes.Buffer
	fmt.Fprintln(&list, "location,owner,criticality")
	for i := range repositories {
		dir := filepath.Join(top, fmt.Sprintf("%03d", i/100), fmt.Sprintf("app%05d.git", i))
		if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
			tb.Fatal(err)
		}
		cmd := exec.Command("git", "-C", dir, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet")
		cmd.Stdin = bytes.NewReader(history(trees[i%len(trees)], i))
		if out, err := cmd.CombinedOutput(); err != nil {
			tb.Fatalf("%v: %s", err, out)
		}
		fmt.Fprintf(&list, "%s,team %d,%s\n", dir, i%20, []string{"low", "medium", "high", "critical"}[i%4])
	}
	file := filepath.Join(top, "list.csv")
	if err := os.WriteFile(file, list.Bytes(), 0o644); err != nil {
		tb.Fatal(err)
	}
	return file
}

func readTree(tb testing.TB, dir string) map[string][]byte {
	tb.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		files[filepath.ToSlash(rel)] = data
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// history is a stream for git fast-import: the application, then 200 source files in four further commits.
func history(files map[string][]byte, n int) []byte {
	var b bytes.Buffer
	commit := func(at int, from string) {
		fmt.Fprintf(&b, "commit refs/heads/main\nmark :%d\ncommitter a <a@example.com> %d +0000\ndata 1\nc\n%s", at, 1_500_000_000+at+n, from)
	}
	file := func(name string, data []byte) {
		fmt.Fprintf(&b, "M 644 inline %s\ndata %d\n%s\n", strconv.Quote(name), len(data), data)
	}
	commit(1, "")
	for name, data := range files {
		file(name, data)
	}
	for c := range 4 {
		commit(c+2, fmt.Sprintf("from :%d\n", c+1))
		for i := range 50 {
			file(fmt.Sprintf("src/part%d/thing_%d_%d.txt", c, n, i), []byte(strings.Repeat(fmt.Sprintf("thing %d of %d\n", i, n), 20)))
		}
	}
	b.WriteString("done\n")
	return b.Bytes()
}

// BenchmarkAssess runs `drydock assess` on bare repositories of this machine and reports repositories a second and the peak of the memory that the
// program and its workers hold together. DRYDOCK_BENCH_REPOSITORIES are the numbers of repositories, separated by commas.
func BenchmarkAssess(b *testing.B) {
	file := program(b)
	sizes := os.Getenv("DRYDOCK_BENCH_REPOSITORIES")
	if sizes == "" {
		sizes = "100,500"
	}
	for _, size := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		list := synthetic(b, b.TempDir(), n)
		b.Run(size, func(b *testing.B) {
			for b.Loop() {
				out := b.TempDir()
				cmd := exec.Command(file, "assess", "--from", list, "--fresh", "--jobs", "2", "-q", "-o", out)
				cmd.Env = append(os.Environ(), "HOME="+out)
				var said bytes.Buffer
				cmd.Stdout, cmd.Stderr = &said, &said
				begin := time.Now()
				if err := cmd.Start(); err != nil {
					b.Fatal(err)
				}
				done := make(chan struct{})
				peak := make(chan int64, 1)
				go func() { peak <- peakOf(cmd.Process.Pid, done) }()
				if err := cmd.Wait(); err != nil {
					b.Fatalf("%v\n%s", err, said.String()[max(0, said.Len()-2000):])
				}
				close(done)
				b.ReportMetric(float64(n)/time.Since(begin).Seconds(), "repos/s")
				cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && u != nil {
					b.ReportMetric(cpu.Seconds()*1000/float64(n), "cpu-ms/repo")
				}
				b.ReportMetric(float64(<-peak)/(1<<20), "peak-MiB")
			}
		})
	}
}

// peakOf is the largest sum of what a process and its children hold in memory, in bytes, until done.
func peakOf(pid int, done chan struct{}) int64 {
	var peak int64
	for {
		select {
		case <-done:
			return peak
		case <-time.After(100 * time.Millisecond):
		}
		sum := resident(pid)
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		for _, t := range tasks {
			data, _ := os.ReadFile(t)
			for _, child := range strings.Fields(string(data)) {
				if id, err := strconv.Atoi(child); err == nil {
					sum += resident(id)
				}
			}
		}
		peak = max(peak, sum)
	}
}

// resident is the memory of a process without what it shares with files.
func resident(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	f := strings.Fields(string(data))
	if err != nil || len(f) < 3 {
		return 0
	}
	n, _ := strconv.ParseInt(f[1], 10, 64)
	return n * int64(os.Getpagesize())
}
