package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Outcome is the one result of a piece of work.
type Outcome struct {
	Key     string
	Body    []byte
	Lost    bool   // there is no body: as many workers as may be were lost over it, or could not do it
	Why     string // what the last of them said, if anything
	Worker  string
	Attempt int
	Took    time.Duration
}

// Watcher is told how a run goes on; all from one goroutine.
type Watcher struct {
	Started func(key, worker string, attempt int)
	Event   func(key string, data []byte) // of a piece that was started and is not done
	Done    func(Outcome) error           // an error ends the run
}

// Run queues pieces of work and waits for the result of each. With the id of an earlier run it goes on with that: a result that is there already is not
// asked for again. When ctx ends, what nobody has begun is taken back, and what is under way may still end.
//
// The bucket keeps a mark for each piece until Forget: a worker that comes back late finds it.
func (c *Conn) Run(ctx context.Context, id string, jobs []Job, w Watcher) error {
	if err := c.prepare(ctx); err != nil {
		return err
	}
	r := &run{conn: c, id: id, w: w, open: map[string]*Job{}, started: map[string]bool{}, silence: c.opts.Silence}
	for i := range jobs {
		r.open[jobs[i].Key] = &jobs[i]
	}
	err := r.run(ctx)
	if err != nil {
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, c.takeBack(back, id))
	}
	return err
}

// run is one of a coordinator.
type run struct {
	conn     *Conn
	id       string
	w        Watcher
	open     map[string]*Job // not done
	started  map[string]bool
	queued   bool
	queueing sync.WaitGroup
	kv       jetstream.KeyValue
	silence  time.Duration
}

func (r *run) run(ctx context.Context) error {
	var err error
	if r.kv, err = r.conn.store(ctx); err != nil {
		return fmt.Errorf("open the fleet's results: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer r.queueing.Wait() // nothing is queued after the end
	defer cancel(nil)
	events := make(chan *nats.Msg, 4096)
	sub, err := r.conn.nc.ChanSubscribe(eventSubject+r.id, events)
	if err != nil {
		return fmt.Errorf("listen to the workers: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	for len(r.open) > 0 {
		if err := r.watch(ctx, cancel, events); err != nil {
			return err
		}
	}
	return nil
}

// watch follows the bucket until all is done. It returns without an error when the watcher ended, as it may when a server goes: what was missed comes again.
func (r *run) watch(ctx context.Context, cancel context.CancelCauseFunc, events <-chan *nats.Msg) error {
	var watcher jetstream.KeyWatcher
	if err := patient(ctx, func() (err error) {
		watcher, err = r.kv.Watch(ctx, r.id+".*")
		return err
	}); err != nil {
		return fmt.Errorf("watch the fleet's results: %w", err)
	}
	defer func() { _ = watcher.Stop() }()
	// What the watcher does not say is asked for: its messages may be lost with a server.
	ask := time.NewTicker(max(r.silence, time.Second))
	defer ask.Stop()
	for len(r.open) > 0 {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case e, ok := <-watcher.Updates():
			switch {
			case !ok:
				return nil
			case e != nil:
				if err := r.see(ctx, e); err != nil {
					return err
				}
			case !r.queued: // all that was there has been seen
				r.queued = true
				rest := r.rest()
				r.queueing.Go(func() { r.queue(ctx, cancel, rest) })
			}
		case m := <-events:
			var e event
			if json.Unmarshal(m.Data, &e) == nil && r.open[e.Key] != nil && r.started[e.Key] && r.w.Event != nil {
				r.w.Event(e.Key, e.Data)
			}
		case <-ask.C:
			if err := r.ask(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// rest are the pieces without a result.
func (r *run) rest() []*Job {
	list := make([]*Job, 0, len(r.open))
	for _, j := range r.open {
		list = append(list, j)
	}
	return list
}

// queue queues pieces; one that waits or is under way already stays as it is.
func (r *run) queue(ctx context.Context, cancel context.CancelCauseFunc, jobs []*Job) {
	for _, j := range jobs {
		data, err := json.Marshal(queued{*j, r.id})
		if err == nil {
			err = patient(ctx, func() error {
				_, err := r.conn.js.Publish(ctx, workSubject+r.id+"."+j.Key, data)
				var api *jetstream.APIError
				if errors.As(err, &api) && strings.Contains(api.Description, "maximum messages per subject") {
					return nil
				}
				return err
			})
		}
		if err != nil {
			cancel(fmt.Errorf("queue the work: %w", err))
			return
		}
	}
}

// ask looks at the pieces that were started and are not done.
func (r *run) ask(ctx context.Context) error {
	for key := range r.open {
		if !r.started[key] {
			continue
		}
		e, err := r.kv.Get(ctx, r.id+"."+key)
		if err == nil {
			err = r.see(ctx, e)
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, new(*stopError)):
			return err
		}
	}
	return nil
}

// stopError is what the caller ends a run with.
type stopError struct{ error }

func (e *stopError) Unwrap() error { return e.error }

// see takes in what an entry says.
func (r *run) see(ctx context.Context, at jetstream.KeyValueEntry) error {
	key := strings.TrimPrefix(at.Key(), r.id+".")
	var e entry
	if r.open[key] == nil || at.Operation() != jetstream.KeyValuePut || json.Unmarshal(at.Value(), &e) != nil {
		return nil
	}
	if e.Fetched { // its result was fetched by a coordinator that has lost it since
		return r.kv.Purge(ctx, at.Key(), jetstream.LastRevision(at.Revision()))
	}
	if !e.Done {
		if e.Attempt > 0 && r.w.Started != nil {
			r.w.Started(key, e.Worker, e.Attempt)
		}
		r.started[key] = true
		return nil
	}
	if e.Object != "" {
		if err := patient(ctx, func() error {
			objects, err := r.conn.js.ObjectStore(ctx, reportStore)
			if err == nil {
				e.Body, err = objects.GetBytes(ctx, e.Object)
			}
			return err
		}); err != nil {
			return fmt.Errorf("fetch a result: %w", err)
		}
	}
	if err := r.w.Done(Outcome{Key: key, Body: e.Body, Lost: e.Lost, Why: e.Why, Worker: e.Worker, Attempt: e.Attempt, Took: e.Took}); err != nil {
		return &stopError{err}
	}
	delete(r.open, key)
	// The caller has it. The mark that stays tells a worker that comes late; a mark that cannot be written costs room alone.
	mark, err := json.Marshal(entry{Attempt: e.Attempt, Worker: e.Worker, Done: true, Fetched: true})
	if err == nil {
		_, _ = r.kv.Update(ctx, at.Key(), mark, at.Revision())
	}
	if e.Object != "" {
		if objects, err := r.conn.js.ObjectStore(ctx, reportStore); err == nil {
			_ = objects.Delete(ctx, e.Object)
		}
	}
	return nil
}

// takeBack removes what waits.
func (c *Conn) takeBack(ctx context.Context, id string) error {
	stream, err := c.js.Stream(ctx, workStream)
	if err == nil {
		err = stream.Purge(ctx, jetstream.WithPurgeSubject(workSubject+id+".*"))
	}
	if err != nil {
		return fmt.Errorf("take the waiting work back: %w", err)
	}
	return nil
}

// Forget removes all that the server holds of a run.
func (c *Conn) Forget(ctx context.Context, id string) error {
	err := c.takeBack(ctx, id)
	stream, streamErr := c.js.Stream(ctx, "KV_"+resultBucket)
	if streamErr == nil {
		streamErr = stream.Purge(ctx, jetstream.WithPurgeSubject("$KV."+resultBucket+"."+id+".*"))
	}
	if streamErr != nil {
		err = errors.Join(err, fmt.Errorf("remove the marks of the run: %w", streamErr))
	}
	return err
}
