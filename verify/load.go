package verify

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/drydock-cli/drydock/progress"
)

// Bounds of what is done to a component in order to measure it.
const (
	restTime    = 1500 * time.Millisecond // it is watched at rest
	loadTime    = 2 * time.Second         // requests are begun
	loadEvery   = 50 * time.Millisecond   // between two requests: 20 a second
	loadWorkers = 4                       // at most so many at once: a slow application gets fewer
	loadAsk     = 5 * time.Second         // for one answer
	settleTime  = 300 * time.Millisecond  // after the load, until it is read
)

// atRest watches a component that nobody asks anything: its memory and the cores that it keeps busy.
func (r *run) atRest(ctx context.Context, c *running, result *RunResult) (reading, error) {
	first, err := c.usage.once(ctx, r.engine, c.id)
	if err != nil {
		return first, err
	}
	r.tell(c, progress.Running, progress.Bytes(first.memory))
	if err := pause(ctx, restTime); err != nil {
		return first, err
	}
	last, err := c.usage.once(ctx, r.engine, c.id)
	if err != nil {
		return first, err
	}
	result.MemoryIdleBytes, result.CPUIdle = last.memory, rounded(first.cores(last))
	r.tell(c, progress.Running, fmt.Sprintf("%s, %.2f cores at rest", progress.Bytes(last.memory), result.CPUIdle))
	return last, nil
}

// underLoad asks a server for the page that showed that it is alive, 20 times a second for two seconds, over the run's own network
// where this machine has a leg in it. It is no test of what the server can do: it shows what work costs.
func (r *run) underLoad(ctx context.Context, c *running, t target, a answer, before reading) (*LoadResult, error) {
	begin := time.Now()
	answers := r.askMany(ctx, t.nearest(ctx, a), a)
	if err := pause(ctx, settleTime); err != nil {
		return nil, err
	}
	after, err := c.usage.once(ctx, r.engine, c.id)
	if err != nil {
		return nil, err
	}
	l := &LoadResult{Requests: len(answers), Seconds: rounded(time.Since(begin).Seconds()), CPU: rounded(before.cores(after)), MemoryBytes: after.memory}
	r.tell(c, progress.Running, fmt.Sprintf("%s, %.2f cores under %d requests", progress.Bytes(after.memory), l.CPU, l.Requests))
	var times []int64
	for _, got := range answers {
		times = append(times, got.millis)
		if got.judge() == silent || got.judge() == sick {
			l.Failed++
		}
	}
	slices.Sort(times)
	if n := len(times); n > 0 {
		l.MedianMillis, l.SlowestMillis = times[n/2], times[n-1]
	}
	return l, nil
}

// askMany sends the load and returns what came back.
func (r *run) askMany(ctx context.Context, address string, a answer) []answer {
	ctx, cancel := context.WithTimeout(ctx, loadTime+loadAsk)
	defer cancel()
	p := newProber()
	p.client.Timeout = loadAsk
	var (
		mu      sync.Mutex
		answers []answer
		all     sync.WaitGroup
	)
	turns := make(chan struct{})
	for range loadWorkers {
		all.Go(func() {
			for range turns {
				got := p.send(ctx, question{address: address, path: a.path, tls: a.tls, body: a.invoked})
				mu.Lock()
				answers = append(answers, got)
				mu.Unlock()
			}
		})
	}
	every := time.NewTicker(loadEvery)
	defer every.Stop()
	end := time.After(loadTime)
	for done := false; !done; {
		select {
		case <-every.C:
			select {
			case turns <- struct{}{}:
			default: // all are waiting for an answer
			}
		case <-end:
			done = true
		case <-ctx.Done():
			done = true
		}
	}
	close(turns)
	all.Wait()
	return answers
}

// nearest is the address on the run's own network, where this machine reaches that, else the one that answered: a published port goes
// through a process of the engine's, which costs time that is not the application's.
func (t target) nearest(ctx context.Context, a answer) string {
	if t.inside == "" || t.inside == a.address {
		return a.address
	}
	p := newProber()
	p.client.Timeout = loadAsk
	if p.send(ctx, question{address: t.inside, path: a.path, tls: a.tls, body: a.invoked}).judge() == silent {
		return a.address
	}
	return t.inside
}

// rounded keeps three decimals.
func rounded(f float64) float64 { return float64(int(f*1000+0.5)) / 1000 }
