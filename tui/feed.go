package tui

import (
	"context"
	"sync"

	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/progress"
)

// feed collects events from any goroutine until the screen looks, at most some
// thirty times a second. It never blocks and never grows without bound: of log
// lines it keeps the newest, of a step's progress only the last.
type feed struct {
	mu      sync.Mutex
	events  []progress.Event
	running map[stepID]int // where in events a step's progress stands
	logs    int
	dropped int
	most    int // log lines kept between two looks
	waiting *proposal
}

// proposal is a remedy that waits for the person's decision.
type proposal struct {
	flow.Remedy
	reply chan bool
}

// ask puts a remedy up for decision and waits for it.
func (f *feed) ask(ctx context.Context, r flow.Remedy) (bool, error) {
	p := &proposal{r, make(chan bool, 1)}
	f.mu.Lock()
	f.waiting = p
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.waiting = nil
		f.mu.Unlock()
	}()
	select {
	case yes := <-p.reply:
		return yes, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// proposed is the remedy that waits, nil when none does.
func (f *feed) proposed() *proposal {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting
}

// decide answers a proposal, once.
func (f *feed) decide(p *proposal, yes bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting == p {
		f.waiting = nil
		p.reply <- yes
	}
}

// stepID identifies a step as events do.
type stepID struct {
	stage     progress.Stage
	component string
	step      string
}

func idOf(e progress.Event) stepID { return stepID{e.Stage, e.Component, e.Step} }

func newFeed() *feed { return &feed{running: map[stepID]int{}, most: maxLogLines} }

// sink receives one event.
func (f *feed) sink(e progress.Event) {
	e = neutral(e)
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.State == progress.Running {
		if at, ok := f.running[idOf(e)]; ok {
			f.events[at] = e
			return
		}
		f.running[idOf(e)] = len(f.events)
	}
	if e.State == progress.Log {
		if f.logs >= f.most {
			f.thin()
		}
		f.logs++
	}
	f.events = append(f.events, e)
}

// thin drops the older half of the log lines.
func (f *feed) thin() {
	drop := f.logs / 2
	kept := make([]progress.Event, 0, len(f.events)-drop)
	clear(f.running)
	for _, e := range f.events {
		if e.State == progress.Log && drop > 0 {
			drop--
			f.logs--
			f.dropped++
			continue
		}
		if e.State == progress.Running {
			f.running[idOf(e)] = len(kept)
		}
		kept = append(kept, e)
	}
	f.events = kept
}

// drain takes what has arrived, and how many log lines were dropped before it.
func (f *feed) drain() (events []progress.Event, dropped int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	events, dropped = f.events, f.dropped
	f.events, f.logs, f.dropped = nil, 0, 0
	clear(f.running)
	return events, dropped
}

// neutral makes an event's text safe to show.
func neutral(e progress.Event) progress.Event {
	e.Component, e.Step, e.Name, e.Unit = clean(e.Component), clean(e.Step), clean(e.Name), clean(e.Unit)
	if e.State == progress.Log {
		e.Text = clean(e.Text)
	}
	return e
}
