package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// embedded is a server with short patience, and workers that a test gives.
func embedded(t *testing.T) *Embedded {
	t.Helper()
	e, err := Embed(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e.opts.Silence = 600 * time.Millisecond
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// work starts a worker that ends with the test.
func work(t *testing.T, c *Conn, name string, slots int, h Handler) context.CancelFunc {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := c.Work(ctx, WorkerOptions{Name: name, Slots: slots, Handler: func() (Handler, func()) { return h, func() {} }, Log: func(s string) { t.Log(name + ": " + s) }}); err != nil {
			t.Error(err)
		}
	})
	stop := func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

func jobs(n int) []Job {
	var list []Job
	for i := range n {
		list = append(list, Job{Key: fmt.Sprintf("job-%04d", i), Body: fmt.Appendf(nil, "body %d", i)})
	}
	return list
}

// collector keeps what a run yields.
type collector struct {
	t       *testing.T
	done    map[string]Outcome
	started atomic.Int32
	events  atomic.Int32
	on      func(Outcome) error
}

func collect(t *testing.T) *collector { return &collector{t: t, done: map[string]Outcome{}} }

func (c *collector) watcher() Watcher {
	return Watcher{
		Started: func(string, string, int) { c.started.Add(1) },
		Event:   func(string, []byte) { c.events.Add(1) },
		Done: func(o Outcome) error {
			if _, twice := c.done[o.Key]; twice {
				c.t.Errorf("%s: two results", o.Key)
			}
			c.done[o.Key] = o
			if c.on != nil {
				return c.on(o)
			}
			return nil
		},
	}
}

func echo(_ context.Context, j Job, _ func([]byte)) ([]byte, error) {
	return append([]byte("did "), j.Body...), nil
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestEveryPieceHasOneResult(t *testing.T) {
	e, c := embedded(t), collect(t)
	work(t, e.Conn, "a", 2, echo)
	work(t, e.Conn, "b", 2, echo)
	if err := e.Run(within(t), "r1", jobs(200), c.watcher()); err != nil {
		t.Fatal(err)
	}
	if len(c.done) != 200 || string(c.done["job-0007"].Body) != "did body 7" {
		t.Errorf("%d results, %q", len(c.done), c.done["job-0007"].Body)
	}
	if err := e.Forget(within(t), "r1"); err != nil {
		t.Fatal(err)
	}
	kv, err := e.store(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if keys, _ := kv.Keys(within(t)); len(keys) > 0 {
		t.Errorf("left behind: %v", keys)
	}
}

func TestLargeResult(t *testing.T) {
	e, c := embedded(t), collect(t)
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	work(t, e.Conn, "a", 1, func(context.Context, Job, func([]byte)) ([]byte, error) { return large, nil })
	if err := e.Run(within(t), "r", jobs(1), c.watcher()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.done["job-0000"].Body, large) {
		t.Errorf("%d bytes came back", len(c.done["job-0000"].Body))
	}
}

func TestWorkerThatCannot(t *testing.T) {
	e, c := embedded(t), collect(t)
	var tries atomic.Int32
	work(t, e.Conn, "a", 1, func(_ context.Context, j Job, _ func([]byte)) ([]byte, error) {
		if j.Key == "job-0001" {
			tries.Add(1)
			return nil, errors.New("no engine")
		}
		return nil, nil
	})
	if err := e.Run(within(t), "r", jobs(3), c.watcher()); err != nil {
		t.Fatal(err)
	}
	if o := c.done["job-0001"]; !o.Lost || o.Why != "no engine" || o.Attempt != MaxAttempts || tries.Load() != MaxAttempts {
		t.Errorf("%+v after %d tries", o, tries.Load())
	}
	if o := c.done["job-0002"]; o.Lost {
		t.Errorf("%+v", o)
	}
}

// A worker whose connection is cut loses its lease; what it writes afterwards is refused.
func TestStaleWrite(t *testing.T) {
	e, c := embedded(t), collect(t)
	release, began := make(chan struct{}), make(chan struct{})
	var log bytes.Buffer
	var mu sync.Mutex
	ctx, cancel := context.WithCancel(within(t))
	var first sync.WaitGroup
	first.Go(func() {
		cons, kv, err := e.queue(ctx, func(string) {})
		if err != nil {
			t.Error(err)
			return
		}
		s := slot{conn: e.Conn, cons: cons, kv: kv, silence: time.Hour, // it never says that it lives
			opts: WorkerOptions{Name: "silent", Log: func(s string) { mu.Lock(); defer mu.Unlock(); log.WriteString(s) }},
			handle: func(context.Context, Job, func([]byte)) ([]byte, error) {
				close(began)
				<-release
				return []byte("stale"), nil
			}}
		s.next(ctx)
	})
	go func() {
		<-began
		work(t, e.Conn, "second", 1, func(context.Context, Job, func([]byte)) ([]byte, error) { return []byte("fresh"), nil })
	}()
	c.on = func(Outcome) error { close(release); first.Wait(); return nil }
	if err := e.Run(ctx, "r", jobs(1), c.watcher()); err != nil {
		t.Fatal(err)
	}
	cancel()
	first.Wait()
	if o := c.done["job-0000"]; string(o.Body) != "fresh" || o.Worker != "second" || o.Attempt != 2 {
		t.Errorf("%+v", o)
	}
	if mu.Lock(); log.String() != refused+"job-0000" {
		t.Errorf("the log is %q", log.String())
	}
	mu.Unlock()
}

// A coordinator that is stopped goes on later: what is done is not done again, what waited is queued anew.
func TestGoesOn(t *testing.T) {
	e, c := embedded(t), collect(t)
	var did atomic.Int32
	work(t, e.Conn, "a", 1, func(ctx context.Context, j Job, emit func([]byte)) ([]byte, error) {
		did.Add(1)
		emit([]byte("half"))
		return echo(ctx, j, emit)
	})
	enough := errors.New("enough")
	c.on = func(Outcome) error {
		if len(c.done) == 20 {
			return enough
		}
		return nil
	}
	all := jobs(60)
	if err := e.Run(within(t), "r", all, c.watcher()); !errors.Is(err, enough) {
		t.Fatal(err)
	}
	c.on = nil
	var rest []Job
	for _, j := range all {
		if _, ok := c.done[j.Key]; !ok {
			rest = append(rest, j)
		}
	}
	// The piece at which the run ended has been kept by the caller, as a row on disk would be.
	if err := e.Run(within(t), "r", rest, c.watcher()); err != nil {
		t.Fatal(err)
	}
	if len(c.done) != 60 || did.Load() != 60 {
		t.Errorf("%d results of %d pieces of work", len(c.done), did.Load())
	}
}

// A worker that is told to stop gives its piece back, and that costs no attempt.
func TestGivenBack(t *testing.T) {
	e, c := embedded(t), collect(t)
	began := make(chan struct{})
	stop := work(t, e.Conn, "leaving", 1, func(ctx context.Context, _ Job, _ func([]byte)) ([]byte, error) {
		close(began)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	go func() {
		<-began
		stop()
		work(t, e.Conn, "staying", 1, echo)
	}()
	if err := e.Run(within(t), "r", jobs(1), c.watcher()); err != nil {
		t.Fatal(err)
	}
	if o := c.done["job-0000"]; o.Worker != "staying" || o.Attempt != 1 {
		t.Errorf("%+v", o)
	}
}

func TestPlainURL(t *testing.T) {
	for in, want := range map[string]string{
		"nats://a:4222": "nats://a:4222", "nats://user:secret@a:4222,tls://tok@b": "nats://a:4222,tls://b", "a:4222": "a:4222",
	} {
		if got := plainURL(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
