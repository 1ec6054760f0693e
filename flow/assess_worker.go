package flow

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"time"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/progress"
)

// child is a worker process: what a repository does to it ends with it.
type child struct {
	opts  AssessOptions
	cmd   *exec.Cmd
	in    io.WriteCloser
	enc   *json.Encoder
	out   chan message // closed when the process has ended
	err   *tail
	ended chan struct{}
}

// one has the worker assess a repository. When the worker hangs it is killed, and when it ends, for whatever reason, the
// repository has a row that says so and the next one gets a new worker.
func (c *child) one(ctx context.Context, s assess.Source, sink progress.Sink) answer {
	if err := c.start(); err != nil {
		return failed(s, "start a worker: "+why(err))
	}
	if err := send(c.enc, message{Source: &s}); err != nil {
		return failed(s, c.gone("the worker does not listen"))
	}
	limit := c.opts.Timeout + c.opts.grace
	if c.opts.Verify {
		limit += cleaning
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case m, ok := <-c.out:
			switch {
			case !ok:
				return failed(s, c.gone("the worker ended"))
			case m.Event != nil:
				sink.Emit(*m.Event)
			case m.Answer != nil:
				if m.Ending {
					_ = c.wait(time.Second)
				}
				return *m.Answer
			}
		case <-timer.C:
			c.kill()
			return failed(s, fmt.Sprintf("it did not end within %s (--timeout), and its worker was killed", c.opts.Timeout))
		case <-ctx.Done():
			c.close()
			return failed(s, "interrupted")
		}
	}
}

func (c *child) start() error {
	if c.cmd != nil {
		return nil
	}
	//nolint:noctx // it ends when its input does, so that it can clean up first; one that does not is killed
	cmd := exec.Command(c.opts.Worker[0], c.opts.Worker[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	c.err = &tail{}
	cmd.Stderr = c.err
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cmd, c.in, c.enc, c.out, c.ended = cmd, in, json.NewEncoder(in), make(chan message), make(chan struct{})
	go func(messages chan message, ended chan struct{}) {
		dec := json.NewDecoder(bufio.NewReaderSize(out, 1<<16))
		for {
			var m message
			if dec.Decode(&m) != nil {
				break
			}
			select {
			case messages <- m:
			case <-ended:
			}
		}
		close(messages)
	}(c.out, c.ended)
	opts := c.opts.forWorker()
	return send(c.enc, message{Options: &opts})
}

// gone says why the worker is no longer there, and forgets it.
func (c *child) gone(what string) string {
	err := c.wait(time.Second)
	text := what
	if err != nil {
		text += " (" + err.Error() + ")"
	}
	if last := c.err.last(); last != "" {
		text += ": " + last
	}
	return text + "; the repository may need more memory than --memory allows"
}

// wait waits for the process' end, then kills it.
func (c *child) wait(d time.Duration) error {
	cmd := c.cmd
	c.cmd = nil
	_ = c.in.Close()
	close(c.ended)
	done := make(chan error, 1)
	go func() {
		for range c.out { // until its output ends
		}
		done <- cmd.Wait()
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(d):
		_ = cmd.Process.Kill()
		return <-done
	}
}

func (c *child) kill() {
	if c.cmd != nil {
		_ = c.wait(0)
	}
}

// close ends the worker: it stops when its input does, and may clean up first.
func (c *child) close() {
	if c.cmd == nil {
		return
	}
	patience := 2 * time.Second
	if c.opts.Verify {
		patience += cleaning
	}
	_ = c.wait(patience)
}

// tail keeps the end of what a worker prints on its error output.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - 4096; over > 0 {
		t.text = t.text[over:]
	}
	return len(p), nil
}

// last is the line that says most: that of a fatal error, else the last.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(bytes.ToValidUTF8(t.text, []byte("?")))), "\n")
	for _, l := range lines {
		if strings.HasPrefix(l, "fatal error: ") || strings.HasPrefix(l, "panic: ") {
			return detect.Printable(l, 200)
		}
	}
	return detect.Printable(lines[len(lines)-1], 200)
}

// ErrSpent is what a worker ends with when a repository made it use more memory than it may, or goes on after its time.
var ErrSpent = errors.New("the worker is spent")

// AssessWorker assesses the sources that it reads, one at a time, until its input ends: the other side of a child. It returns
// ErrSpent, having answered, when a repository needs more memory or time than it may: the process must end then.
func AssessWorker(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	messages := make(chan message)
	go func() {
		defer close(messages)
		defer cancel() // nobody waits for what is under way
		dec := json.NewDecoder(in)
		for {
			var m message
			if dec.Decode(&m) != nil {
				return
			}
			select {
			case messages <- m:
			case <-ctx.Done():
				return
			}
		}
	}()
	w := &worker{enc: json.NewEncoder(out)}
	for m := range messages {
		switch {
		case m.Options != nil:
			w.begin(m.Options.options())
		case m.Source != nil && w.assessor != nil:
			if err := w.answer(ctx, *m.Source); err != nil {
				return err
			}
		}
	}
	return nil
}

// worker is a process that assesses.
type worker struct {
	mu       sync.Mutex // of enc
	enc      *json.Encoder
	assessor *inProcess
}

func (w *worker) begin(opts AssessOptions) {
	w.assessor = newInProcess(opts)
	debug.SetGCPercent(40) // memory is what there is little of
	if opts.MemoryMiB > 0 {
		debug.SetMemoryLimit(int64(opts.MemoryMiB) << 20 * 3 / 4)
	}
}

func (w *worker) say(m message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return send(w.enc, m)
}

// answer makes one row while it watches what the repository costs.
func (w *worker) answer(ctx context.Context, s assess.Source) error {
	done := make(chan answer, 1)
	go func() {
		done <- w.assessor.one(ctx, s, func(e progress.Event) { _ = w.say(message{Event: &e}) })
	}()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	limit := uint64(w.assessor.opts.MemoryMiB) << 20
	for {
		select {
		case r := <-done:
			if err := w.say(message{Answer: &r, Ending: w.assessor.stuck}); err != nil || !w.assessor.stuck {
				return err
			}
			return ErrSpent
		case <-tick.C:
			if limit > 0 && inUse() > limit {
				spent := failed(s, fmt.Sprintf("it needs more than %d MiB of memory (--memory)", limit>>20))
				_ = w.say(message{Answer: &spent, Ending: true})
				return ErrSpent
			}
		}
	}
}

// inUse is the memory that the process holds.
func inUse() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// Executable is the command line that starts this program again with an argument.
func Executable(args ...string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return append([]string{self}, args...), nil
}
