package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Handler does a piece of work. What it emits reaches the coordinator, if anything does: events may be lost. An error means that the worker cannot do it,
// not that the work is bad: another worker tries. When ctx ends, the lease is lost or the worker shall stop.
type Handler func(ctx context.Context, job Job, emit func([]byte)) ([]byte, error)

// WorkerOptions say how much a worker does.
type WorkerOptions struct {
	Name  string // shown with its results
	Slots int    // pieces at a time; 0: 1
	// Handler makes what does the work of one slot, and what ends it.
	Handler func() (Handler, func())
	// Log is told what goes wrong with the connection; nil: nobody.
	Log func(string)
}

// Work does pieces of work until ctx ends: those under way are given back then. Before a coordinator has prepared the server it waits for one.
func (c *Conn) Work(ctx context.Context, opts WorkerOptions) error {
	if opts.Log == nil {
		opts.Log = func(string) {}
	}
	cons, kv, err := c.queue(ctx, opts.Log)
	if err != nil { // ctx has ended
		return nil //nolint:nilerr // as it was told to
	}
	silence := cons.CachedInfo().Config.AckWait
	var slots sync.WaitGroup
	for range max(1, opts.Slots) {
		slots.Go(func() {
			handle, end := opts.Handler()
			defer end()
			s := slot{conn: c, cons: cons, kv: kv, opts: opts, silence: silence, handle: handle}
			for ctx.Err() == nil {
				s.next(ctx)
			}
		})
	}
	slots.Wait()
	return nil
}

// queue waits for the queue and the bucket that a coordinator makes. Its only error is that of ctx.
func (c *Conn) queue(ctx context.Context, log func(string)) (jetstream.Consumer, jetstream.KeyValue, error) {
	wait := 10 * time.Millisecond
	for said := false; ; said = true {
		cons, err := c.js.Consumer(ctx, workStream, consumerName)
		if err == nil {
			var kv jetstream.KeyValue
			if kv, err = c.store(ctx); err == nil {
				return cons, kv, nil
			}
		}
		if !said {
			log("waiting for work: " + err.Error())
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(wait):
			wait = min(2*wait, time.Second)
		}
	}
}

// slot does one piece of work after another.
type slot struct {
	conn    *Conn
	cons    jetstream.Consumer
	kv      jetstream.KeyValue
	opts    WorkerOptions
	silence time.Duration
	handle  Handler
}

// next waits for a piece of work and does it.
func (s *slot) next(ctx context.Context) {
	wait, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	msg, err := s.cons.Next(jetstream.FetchContext(wait))
	if err != nil {
		if !errors.Is(err, nats.ErrTimeout) && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			s.opts.Log("asking for work: " + err.Error())
			select { // the server is away, or changes its leader
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
		return
	}
	var job queued
	if json.Unmarshal(msg.Data(), &job) != nil || job.Run == "" || job.Key == "" {
		_ = msg.Term()
		return
	}
	s.do(ctx, msg, job)
}

// queued is a message of the work queue.
type queued struct {
	Job
	Run string `json:"run"`
}

func (q queued) name() string { return q.Run + "." + q.Key }

// do takes the lease of a piece, does it and writes the result over the lease. A message whose lease is lost is left alone: it is another worker's.
func (s *slot) do(ctx context.Context, msg jetstream.Msg, job queued) {
	lease, revision, err := s.take(ctx, job)
	switch {
	case errors.Is(err, errDone):
		_ = msg.DoubleAck(ctx)
		return
	case err != nil: // another worker was faster, or the server is away: the message comes again
		return
	}
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	var beats sync.WaitGroup
	beats.Go(func() { s.beat(working, cancel, msg, job, revision) })
	begin := time.Now()
	body, err := s.handle(working, job.Job, func(data []byte) { s.emit(job, data) })
	lost := working.Err() != nil && ctx.Err() == nil
	cancel()
	beats.Wait()
	switch {
	case lost:
	case ctx.Err() != nil:
		s.giveBack(msg, job, lease, revision)
	case err != nil:
		lease.Why = err.Error()
		_ = s.write(ctx, job, lease, revision)
		_ = msg.NakWithDelay(min(s.silence/10, 5*time.Second))
	default:
		lease.Done, lease.Why, lease.Took, lease.Body = true, "", time.Since(begin), body
		switch err := s.keep(ctx, job, &lease, revision); {
		case err == nil:
			_ = msg.DoubleAck(ctx)
		case stale(err) || errors.Is(err, jetstream.ErrKeyExists):
			s.opts.Log(refused + job.Key)
		}
	}
}

// refused is logged with the key of a piece whose result came too late.
const refused = "the result was refused, another worker has the lease: "

var errDone = errors.New("done already")

// take writes a new lease over that of a worker before. A piece that has cost too many workers is done.
func (s *slot) take(ctx context.Context, job queued) (entry, uint64, error) {
	var revision uint64
	now := entry{}
	err := patient(ctx, func() error {
		e, err := s.kv.Get(ctx, job.name())
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			now, revision = entry{}, 0
			return nil
		}
		if err != nil {
			return err
		}
		revision = e.Revision()
		return json.Unmarshal(e.Value(), &now)
	})
	if err != nil {
		return entry{}, 0, err
	}
	if now.Done {
		return entry{}, 0, errDone
	}
	before := now
	now = entry{Attempt: before.Attempt + 1, Worker: s.opts.Name, Why: before.Why}
	if before.Attempt >= MaxAttempts {
		now.Attempt, now.Worker, now.Done, now.Lost = before.Attempt, before.Worker, true, true
	}
	if revision, err = s.put(ctx, job, now, revision); err == nil && now.Done {
		err = errDone
	}
	return now, revision, err
}

// put writes an entry unless it has changed since; of what is not known to have arrived it finds out.
func (s *slot) put(ctx context.Context, job queued, e entry, revision uint64) (uint64, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	var next uint64
	tries := 0
	err = patient(ctx, func() error {
		var err error
		if tries++; revision == 0 {
			next, err = s.kv.Create(ctx, job.name(), data)
		} else {
			next, err = s.kv.Update(ctx, job.name(), data, revision)
		}
		if err == nil || tries == 1 || !stale(err) {
			return err
		}
		have, getErr := s.kv.Get(ctx, job.name()) // the try before may have arrived
		if getErr == nil && string(have.Value()) == string(data) {
			next = have.Revision()
			return nil
		}
		return err
	})
	return next, err
}

func (s *slot) write(ctx context.Context, job queued, e entry, revision uint64) error {
	_, err := s.put(ctx, job, e, revision)
	return err
}

// keep stores a result, a large one in the object store.
func (s *slot) keep(ctx context.Context, job queued, e *entry, revision uint64) error {
	var objects jetstream.ObjectStore
	if limit := s.conn.nc.MaxPayload(); int64(len(e.Body)) > limit/2-4096 { // base64 in JSON
		body := e.Body
		e.Body, e.Object = nil, fmt.Sprintf("%s.%d", job.name(), e.Attempt)
		err := patient(ctx, func() (err error) {
			if objects, err = s.conn.js.ObjectStore(ctx, reportStore); err == nil {
				_, err = objects.PutBytes(ctx, e.Object, body)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	err := s.write(ctx, job, *e, revision)
	if err != nil && objects != nil {
		_ = objects.Delete(ctx, e.Object)
	}
	return err
}

// beat says that the worker lives, and ends the work when its lease is lost.
func (s *slot) beat(ctx context.Context, lost context.CancelFunc, msg jetstream.Msg, job queued, revision uint64) {
	tick := time.NewTicker(s.silence / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_ = msg.InProgress()
		if e, err := s.kv.Get(ctx, job.name()); err == nil && e.Revision() > revision {
			lost()
			return
		}
	}
}

// giveBack leaves a piece to another worker at once, without counting the attempt: this one was told to stop.
func (s *slot) giveBack(msg jetstream.Msg, job queued, e entry, revision uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	e.Attempt--
	if s.write(ctx, job, e, revision) == nil {
		_ = msg.Nak()
		_ = s.conn.nc.FlushTimeout(time.Second)
	}
}

func (s *slot) emit(job queued, data []byte) {
	msg, err := json.Marshal(event{Key: job.Key, Data: data})
	if err == nil && int64(len(msg)) < s.conn.nc.MaxPayload() && s.conn.nc.IsConnected() { // what happens while the server is away is not said later
		_ = s.conn.nc.Publish(eventSubject+job.Run, msg)
	}
}

// event is what a worker says of a piece under way.
type event struct {
	Key  string `json:"key"`
	Data []byte `json:"data"`
}
