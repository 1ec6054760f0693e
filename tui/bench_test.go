package tui

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/drydock-cli/drydock/progress"
)

// BenchmarkKeyUnderLogStorm is from a key to its frame while 100,000 lines lie in the log and 10,000 more come every second, with the
// screen's own looks at them in between. p99-ms is the slowest key in a hundred: at most 16 is wanted.
func BenchmarkKeyUnderLogStorm(b *testing.B) {
	g := newRig(b, 120, 40, true, func(o *Options) { o.Source = "." })
	g.keys("n n v esc")
	g.keys("5")
	line := func(i int) progress.Event {
		return progress.Event{Time: start, Stage: progress.Build, Component: "web", Step: "3", State: progress.Log, Text: fmt.Sprintf("compiling object %d of a great many, with the flags that compilers like", i)}
	}
	for i := range maxLogLines {
		g.w.feed.sink(line(i))
	}
	g.drive(tickMsg{})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ctx.Err() == nil; i += 100 {
			for j := range 100 {
				g.w.feed.sink(line(i + j))
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	keys := []string{"up", "pgup", "down", "pgdown", "f", "home", "end", "tab", "tab"}
	var took []time.Duration
	next := time.Now()
	for i := 0; b.Loop(); i++ {
		begin := time.Now()
		if begin.After(next) { // a look at the events falls between a key and its frame
			g.w.Update(tickMsg{})
			next = begin.Add(frameInterval)
		}
		g.w.Update(keyOf(keys[i%len(keys)]))
		_ = g.w.View()
		took = append(took, time.Since(begin))
	}
	cancel()
	<-ended
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkIdle is the processor time of the wizard as a process of its own, on a screen where nothing happens, in percent of one core.
func BenchmarkIdle(b *testing.B) {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), asWizard+"=quick", "DRYDOCK_TEST_SOURCE=/srv/app", "TERM=xterm-256color", "NO_COLOR=1")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		b.Fatal(err)
	}
	defer tty.Close()
	go func() {
		buf := make([]byte, 4096)
		for {
			if _, err := tty.Read(buf); err != nil {
				return
			}
		}
	}()
	time.Sleep(2 * time.Second) // it has started
	before := cpuOf(b, cmd.Process.Pid)
	began := time.Now()
	for b.Loop() {
		time.Sleep(time.Second)
	}
	b.ReportMetric(100*(cpuOf(b, cmd.Process.Pid)-before).Seconds()/time.Since(began).Seconds(), "cpu-%")
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
}

// cpuOf is the processor time that a process has used.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		b.Skip("processor time is read from /proc:", err)
	}
	var user, system int64
	fields := string(data[slices.Index(data, ')')+2:])
	if _, err := fmt.Sscanf(fields, "%s %d %d %d %d %d %d %d %d %d %d %d %d", new(string), new(int), new(int), new(int), new(int), new(int), new(uint), new(int), new(int), new(int), new(int), &user, &system); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
