package tui

import (
	"context"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
)

// jobs calls the driver, one call at a time and in order, away from the screen.
// Nothing else of this package touches the driver.
type jobs struct {
	ctx     context.Context
	cancel  context.CancelFunc
	queue   []job
	running *job

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// job is one call of the driver. It returns the message that its screen waits for.
type job struct {
	what   string // "verification": for people
	long   bool   // nothing else may be asked for while it runs
	run    func(ctx context.Context) tea.Msg
	ctx    context.Context
	cancel context.CancelFunc
}

// jobDone carries the result of a job.
type jobDone struct{ msg tea.Msg }

func newJobs(ctx context.Context) *jobs {
	ctx, cancel := context.WithCancel(ctx)
	return &jobs{ctx: ctx, cancel: cancel}
}

// add queues a job and returns the command that runs it, if it is its turn.
func (j *jobs) add(b job) tea.Cmd {
	b.ctx, b.cancel = context.WithCancel(j.ctx)
	j.queue = append(j.queue, b)
	if j.running != nil {
		return nil
	}
	return j.start()
}

// done notes that the running job is over and returns the command of the next one.
func (j *jobs) done() tea.Cmd {
	if j.running != nil {
		j.running.cancel()
		j.running = nil
	}
	return j.start()
}

func (j *jobs) start() tea.Cmd {
	if len(j.queue) == 0 {
		return nil
	}
	b := j.queue[0]
	j.queue = j.queue[1:]
	j.running = &b
	return func() tea.Msg {
		if !j.enter() {
			return nil
		}
		defer j.wg.Done()
		return jobDone{b.run(b.ctx)}
	}
}

// enter counts a job in, unless the wizard is gone.
func (j *jobs) enter() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return false
	}
	j.wg.Add(1)
	return true
}

// busy names the long job that is under way or waits; empty: there is none.
func (j *jobs) busy() string {
	if j.running != nil && j.running.long {
		return j.running.what
	}
	for _, b := range j.queue {
		if b.long {
			return b.what
		}
	}
	return ""
}

// idle reports whether nothing runs.
func (j *jobs) idle() bool { return j.running == nil }

// stop cancels what runs and drops what waits. What runs still reports when it
// has cleaned up.
func (j *jobs) stop() {
	for _, b := range j.queue {
		b.cancel()
	}
	j.queue = nil
	if j.running != nil {
		j.running.cancel()
	}
}

// close cancels everything and waits until no call of the driver is under way.
func (j *jobs) close() {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.cancel()
	j.wg.Wait()
}
