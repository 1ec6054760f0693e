package flow

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/fleet"
	"github.com/drydock-cli/drydock/progress"
)

// order is what a worker is told: a source and what is wanted of it. Neither holds a credential.
type order struct {
	Options workerOptions `json:"options"`
	Source  assess.Source `json:"source"`
}

// distribute has workers make the rows of some sources: those of a fleet, or this process. Either way they come over a queue.
func (r *AssessRun) distribute(ctx context.Context, opts AssessOptions, todo []int, board *board) error {
	jobs, at, err := orders(opts, todo)
	if err != nil {
		return err
	}
	conn, run, leave, err := r.join(ctx, opts)
	if err != nil {
		return err
	}
	asked := opts.asked()
	err = conn.Run(ctx, run, jobs, fleet.Watcher{
		Started: func(key, _ string, _ int) { board.start(at[key], opts.Sources[at[key]]) },
		Event: func(key string, data []byte) {
			var e progress.Event
			if json.Unmarshal(data, &e) == nil {
				board.inner(opts.Sources[at[key]]).Emit(e)
			}
		},
		Done: func(o fleet.Outcome) error {
			i := at[o.Key]
			s := opts.Sources[i]
			a := outcome(s, o)
			overlay(&a.Row, s)
			if err := r.rows.add(i, rowKey(s, asked), &a.Row); err != nil {
				return err
			}
			r.Portfolio.Add(i, &a.Row)
			opts.tell(s, &a.Row, false)
			board.finish(i, s, &a.Row, a.Cached, o.Took)
			return nil
		},
	})
	return errors.Join(err, leave(err == nil))
}

// orders are the pieces of work for some sources, and the sources by the pieces' keys.
func orders(opts AssessOptions, todo []int) ([]fleet.Job, map[string]int, error) {
	asked := opts.asked()
	told := opts.forWorker()
	if opts.Fleet != nil {
		told.Results, told.CacheDir, told.Engine, told.CACert = "", "", "", "" // each machine has its own
	}
	jobs, at := make([]fleet.Job, 0, len(todo)), map[string]int{}
	for _, i := range todo {
		s := opts.Sources[i]
		if opts.Fleet != nil && holdsPassword(s.Location) {
			return nil, nil, &UsageError{fmt.Errorf("the address of source %d (%s) holds a password, which would be sent to every worker\n  try: the address without it, and DRYDOCK_GIT_TOKEN or a credential helper where the workers run", i+1, projectName(s.Location))}
		}
		body, err := json.Marshal(order{told, s})
		if err != nil {
			return nil, nil, fmt.Errorf("say what is wanted of %s: %w", s.Location, err)
		}
		key := rowKey(s, asked)
		jobs, at[key] = append(jobs, fleet.Job{Key: key, Body: body}), i
	}
	return jobs, at, nil
}

func holdsPassword(location string) bool {
	u, err := url.Parse(location)
	if err != nil || u.User == nil || u.Host == "" {
		return false
	}
	_, has := u.User.Password()
	return has || strings.HasPrefix(u.Scheme, "http") // a lone word before the @ is a token there
}

// outcome is the answer that a result holds.
func outcome(s assess.Source, o fleet.Outcome) answer {
	if o.Lost {
		text := fmt.Sprintf("%d workers were lost over it, the last one %s", o.Attempt, o.Worker)
		if o.Why != "" {
			text = o.Why
		}
		return failed(s, text)
	}
	var a answer
	if err := json.Unmarshal(o.Body, &a); err != nil {
		return failed(s, "the worker's answer cannot be read: "+why(err))
	}
	return a
}

// join connects to the fleet, or makes one of this process alone. leave is called once the run has ended, with whether all is done.
func (r *AssessRun) join(ctx context.Context, opts AssessOptions) (conn *fleet.Conn, run string, leave func(done bool) error, err error) {
	if opts.Fleet == nil {
		return joinSelf(ctx, opts)
	}
	file := filepath.Join(r.rows.dir, "fleet")
	before, _ := os.ReadFile(file)
	if conn, err = fleet.Connect(*opts.Fleet); err != nil {
		return nil, "", nil, &UsageError{err}
	}
	if run = string(before); run == "" || !opts.Resume {
		if run != "" {
			err = conn.Forget(ctx, run) // of a run that is not gone on with
		}
		run = rand.Text()
		if err = errors.Join(err, replaceFile(file, []byte(run), 0o600)); err != nil {
			conn.Close()
			return nil, "", nil, fmt.Errorf("begin a run of the fleet: %w", err)
		}
	}
	return conn, run, func(done bool) error {
		defer conn.Close()
		if !done {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return errors.Join(conn.Forget(ctx, run), os.Remove(file))
	}, nil
}

// joinSelf makes this process the server and the only worker.
func joinSelf(ctx context.Context, opts AssessOptions) (*fleet.Conn, string, func(bool) error, error) {
	self, err := fleet.Embed("")
	if err != nil {
		return nil, "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	var workErr error
	working.Go(func() {
		workErr = self.Work(ctx, fleet.WorkerOptions{Name: "this process", Slots: opts.Jobs, Handler: func() (fleet.Handler, func()) {
			w := newAssessor(opts)
			return func(ctx context.Context, job fleet.Job, emit func([]byte)) ([]byte, error) {
				a, err := serve(ctx, job, func(order) assessor { return w }, emit)
				return a.encode(err)
			}, w.close
		}})
	})
	return self.Conn, "local", func(bool) error {
		cancel()
		working.Wait()
		return errors.Join(workErr, self.Close())
	}, nil
}

func (a answer) encode(err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(a)
}

// serve does a piece of work with the assessor for it.
func serve(ctx context.Context, job fleet.Job, with func(order) assessor, emit func([]byte)) (answer, error) {
	var o order
	if err := json.Unmarshal(job.Body, &o); err != nil {
		return answer{}, fmt.Errorf("the work cannot be read (is the worker of another version?): %w", err)
	}
	a := with(o).one(ctx, o.Source, func(e progress.Event) {
		if data, err := json.Marshal(e); err == nil {
			emit(data)
		}
	})
	return a, ctx.Err()
}

// WorkerOptions say how a machine works for a fleet.
type WorkerOptions struct {
	Options // CacheDir, CACert and Engine: this machine's own

	Fleet   fleet.Options
	Name    string   // shown with what it has done
	Jobs    int      // repositories at a time; 0: 1
	Results string   // the folder of results by commit and version; empty: none are kept
	Worker  []string // as in AssessOptions
	Version string
	Log     func(string) // what a person wants to see; nil: nothing
}

// FleetWorker assesses what coordinators of a fleet ask for until ctx ends.
func FleetWorker(ctx context.Context, opts WorkerOptions) error {
	conn, err := fleet.Connect(opts.Fleet)
	if err != nil {
		return &UsageError{err}
	}
	defer conn.Close()
	if opts.Log == nil {
		opts.Log = func(string) {}
	}
	return conn.Work(ctx, fleet.WorkerOptions{Name: opts.Name, Slots: opts.Jobs, Log: opts.Log, Handler: func() (fleet.Handler, func()) {
		m := &machine{opts: opts}
		return func(ctx context.Context, job fleet.Job, emit func([]byte)) ([]byte, error) {
			begin := time.Now()
			a, err := serve(ctx, job, m.assessor, emit)
			if err == nil && a.NoEngine {
				err = errors.New(a.Row.Error)
			}
			m.log(&a.Row, time.Since(begin), err)
			return a.encode(err)
		}, m.close
	}})
}

// machine is one slot of a fleet's worker.
type machine struct {
	opts WorkerOptions
	now  assessor
	told string // what now was made for
}

// assessor returns one for what is asked, with what is this machine's own.
func (m *machine) assessor(o order) assessor {
	told, _ := json.Marshal(o.Options)
	if m.now != nil && m.told == string(told) {
		return m.now
	}
	m.close()
	if o.Options.Version != m.opts.Version {
		return mismatch{o.Options.Version, m.opts.Version}
	}
	opts := o.Options.options()
	opts.Results, opts.CacheDir, opts.Engine, opts.CACert, opts.Worker, opts.grace = m.opts.Results, m.opts.CacheDir, m.opts.Engine, m.opts.CACert, m.opts.Worker, 10*time.Second
	m.now, m.told = newAssessor(opts), string(told)
	return m.now
}

func (m *machine) close() {
	if m.now != nil {
		m.now.close()
		m.now = nil
	}
}

func (m *machine) log(row *assess.Repository, took time.Duration, err error) {
	text := fmt.Sprintf("%s: %s, score %d", row.Location, row.Verdict, row.Score)
	switch {
	case err != nil:
		text = fmt.Sprintf("%s: given back: %s", row.Location, why(err))
	case row.Verdict == assess.Failed:
		text = fmt.Sprintf("%s: %s", row.Location, row.Error)
	}
	m.opts.Log(fmt.Sprintf("%s (%.1f s)", text, took.Seconds()))
}

// mismatch answers for a worker of another version: its rows would not be those that are asked for.
type mismatch struct{ want, have string }

func (m mismatch) one(_ context.Context, s assess.Source, _ progress.Sink) answer {
	a := failed(s, fmt.Sprintf("the worker is drydock %s, the coordinator %s: the same version is needed", m.have, m.want))
	a.NoEngine = true
	return a
}

func (mismatch) close() {}
