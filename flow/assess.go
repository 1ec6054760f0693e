package flow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adrg/xdg"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/fleet"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
)

// AssessOptions say how a portfolio is assessed.
type AssessOptions struct {
	Options // CACert, Registry, Templates, Engine, Timeout (of one repository; 0: 5 minutes, with Verify 40), and what Verify needs

	Sources []assess.Source
	Jobs    int // repositories at a time; 0: 2
	// MemoryMiB bounds what one repository may make its worker use; 0: 512. With workers in this process it is not enforced.
	MemoryMiB int
	Verify    bool // build and run each
	Resume    bool // keep the rows of an interrupted run of the same list
	Version   string
	// State is the folder in which rows are kept while the run goes on; empty: one by the list in the user's state folder.
	State string
	// Results is the folder of results by commit and version; empty: none are kept.
	Results string
	// Worker is the command line of a process that runs AssessWorker; empty: repositories are assessed in this process, where a
	// timeout ends the waiting but not always the work.
	Worker []string
	// Fleet is the server over which workers on other machines do the work; nil: one inside this process, with this process as its only worker.
	Fleet *fleet.Options
	AsOf  time.Time // the day by which ages are counted; zero: today
	// OnRow is told of each row once, before the event that ends its repository; kept: an earlier run made it. Its wave and its copies
	// are not known yet. One call at a time; it must not block for long, nor hold on to the row. May be nil.
	OnRow func(s assess.Source, row *assess.Repository, kept bool)

	grace time.Duration // that a worker may take beyond the timeout to say so itself; 0: 10 s
}

// AssessRun is a portfolio that has been assessed. Its rows lie on disk: close it when they have been read.
type AssessRun struct {
	Portfolio *assess.Portfolio
	Totals    assess.Totals
	Seconds   float64
	AsOf      time.Time
	Resumed   int // rows that an earlier run had made

	rows    *rows
	remove  bool
	sources []assess.Source
}

// PartlyError says that some repositories could not be assessed; the others were.
type PartlyError struct{ Failed, All int }

func (e *PartlyError) Error() string {
	return fmt.Sprintf("%d of %d repositories could not be assessed: their rows say why", e.Failed, e.All)
}

// Assess assesses every source, each isolated from the others. What goes wrong with one is its row. Events: one step of stage
// progress.Assess for each repository, and the step "portfolio" whose Current and Total count them. When ctx ends, what is done is kept for Resume.
func Assess(ctx context.Context, opts AssessOptions, sink progress.Sink) (*AssessRun, error) {
	begin := time.Now()
	opts = opts.withDefaults()
	if len(opts.Sources) == 0 {
		return nil, &UsageError{errors.New("there is no repository to assess\n  try: drydock assess DIRECTORY, or --from FILE with one source a line")}
	}
	rows, err := openRows(opts.State, opts.Resume)
	if err != nil {
		return nil, err
	}
	run := &AssessRun{Portfolio: &assess.Portfolio{}, rows: rows, sources: opts.Sources, AsOf: opts.AsOf, remove: opts.State == opts.ownState()}
	if err := run.assess(ctx, opts, sink); err != nil {
		return nil, errors.Join(err, rows.close())
	}
	run.Portfolio.Finish()
	run.Totals = run.Portfolio.Totals()
	run.Seconds = time.Since(begin).Seconds()
	return run, nil
}

func (o AssessOptions) withDefaults() AssessOptions {
	o.Sources = distinct(o.Sources)
	if o.Jobs <= 0 {
		o.Jobs = 2
	}
	o.Jobs = max(1, min(o.Jobs, len(o.Sources)))
	o.MemoryMiB, o.grace = cmp.Or(o.MemoryMiB, 512), cmp.Or(o.grace, 10*time.Second)
	if o.Timeout <= 0 {
		if o.Timeout = 5 * time.Minute; o.Verify {
			o.Timeout = 40 * time.Minute
		}
	}
	if o.AsOf.IsZero() {
		o.AsOf = time.Now().UTC().Truncate(24 * time.Hour)
	}
	o.State = cmp.Or(o.State, o.ownState())
	return o
}

// ownState is the folder of rows by what is asked for.
func (o AssessOptions) ownState() string {
	h := sha256.New()
	fmt.Fprintln(h, o.asked())
	for _, s := range o.Sources {
		fmt.Fprintln(h, s.Location)
	}
	return filepath.Join(xdg.StateHome, "drydock", "assess", hex.EncodeToString(h.Sum(nil))[:24])
}

// asked is what a row's content depends on beside its repository.
func (o AssessOptions) asked() string {
	return fmt.Sprint(o.Version, " verify=", o.Verify, " quick=", o.Quick, " templates=", o.Templates, " registry=", o.Registry, " network=", o.BuildNetwork)
}

// distinct drops sources that are named twice.
func distinct(all []assess.Source) []assess.Source {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(all), func(s assess.Source) bool {
		twice := seen[s.Location]
		seen[s.Location] = true
		return twice
	})
}

// assess has the workers make the rows that are missing.
func (r *AssessRun) assess(ctx context.Context, opts AssessOptions, sink progress.Sink) error {
	asked := opts.asked()
	var todo []int
	for i, s := range opts.Sources {
		if row, ok := r.rows.find(rowKey(s, asked)); ok {
			overlay(row, s)
			r.Portfolio.Add(i, row)
			r.rows.place(i, rowKey(s, asked))
			r.Resumed++
			opts.tell(opts.Sources[i], row, true)
			continue
		}
		todo = append(todo, i)
	}
	board := &board{sink: sink, total: len(opts.Sources), done: r.Resumed, begun: map[int]bool{}}
	end := board.begin()
	if len(todo) == 0 {
		return end(nil)
	}
	return end(r.distribute(ctx, opts, todo, board))
}

// tell hands a row to whoever watches.
func (o AssessOptions) tell(s assess.Source, row *assess.Repository, kept bool) {
	if o.OnRow != nil {
		o.OnRow(s, row, kept)
	}
}

// rowKey is by what a row is found again.
func rowKey(s assess.Source, asked string) string {
	sum := sha256.Sum256([]byte(s.Location + "\x00" + asked))
	return hex.EncodeToString(sum[:16])
}

// overlay gives a row what the list says of its repository.
func overlay(row *assess.Repository, s assess.Source) {
	row.Name, row.Owner, row.Criticality, row.Tags = cmp.Or(s.Name, projectName(s.Location)), s.Owner, s.Criticality, s.Tags
	if row.Location == "" {
		row.Location = s.Location
	}
}

// board emits what people who wait want to see.
type board struct {
	sink  progress.Sink
	mu    sync.Mutex
	done  int
	total int
	begun map[int]bool
}

func (b *board) begin() func(error) error {
	end := b.sink.Step(progress.Assess, "", "portfolio", fmt.Sprintf("assess %d repositories", b.total))
	b.count(0)
	return end
}

func (b *board) count(more int) {
	b.mu.Lock()
	b.done += more
	done := b.done
	b.mu.Unlock()
	b.sink.Emit(progress.Event{Stage: progress.Assess, Step: "portfolio", State: progress.Running, Current: int64(done), Total: int64(b.total), Unit: "repositories"})
}

// event is that of a source's step.
func (b *board) event(s assess.Source) progress.Event {
	name := cmp.Or(s.Name, projectName(s.Location))
	return progress.Event{Stage: progress.Assess, Source: s.Location, Component: name, Step: s.Location, Name: "assess " + name, State: progress.Started}
}

// start says that a worker has begun with source i, once.
func (b *board) start(i int, s assess.Source) {
	if !b.begun[i] {
		b.begun[i] = true
		b.sink.Emit(b.event(s))
	}
}

// finish says what came of source i.
func (b *board) finish(i int, s assess.Source, row *assess.Repository, cached bool, took time.Duration) {
	b.start(i, s)
	e := b.event(s)
	e.Elapsed, e.Text = took, fmt.Sprintf("%s, score %d, %g days", row.Verdict, row.Score, row.EffortDays)
	switch e.State = progress.Done; {
	case row.Verdict == assess.Failed:
		e.State, e.Text = progress.Failed, row.Error
	case cached:
		e.State = progress.Cached
	}
	b.sink.Emit(e)
	b.count(1)
}

// inner passes on what a repository's verification says, under the repository's name.
func (b *board) inner(s assess.Source) progress.Sink {
	if b.sink == nil {
		return nil
	}
	name := cmp.Or(s.Name, projectName(s.Location))
	return func(e progress.Event) {
		e.Source = s.Location
		if e.Component = name + "/" + e.Component; e.Component == name+"/" {
			e.Component = name
		}
		b.sink.Emit(e)
	}
}

// Each yields every row in the order of the sources, complete with its wave and its copies.
func (r *AssessRun) Each(yield func(*assess.Repository) error) error {
	for i := range r.sources {
		row, err := r.rows.read(i)
		if err != nil {
			return err
		}
		overlay(row, r.sources[i])
		r.Portfolio.Complete(i, row)
		if err := yield(row); err != nil {
			return err
		}
	}
	return nil
}

// Len is the number of rows.
func (r *AssessRun) Len() int { return len(r.sources) }

// Err is a *PartlyError when some repositories could not be assessed.
func (r *AssessRun) Err() error {
	if n := r.Portfolio.Failed(); n > 0 {
		return &PartlyError{Failed: n, All: len(r.sources)}
	}
	return nil
}

// Close releases the rows. Those of a run that had no folder of its own are removed.
func (r *AssessRun) Close() error {
	err := r.rows.close()
	if r.remove {
		err = errors.Join(err, r.rows.delete())
	}
	return err
}

// assessor makes the row of one repository at a time.
type assessor interface {
	one(ctx context.Context, s assess.Source, sink progress.Sink) answer
	close()
}

// answer is what came of a source.
type answer struct {
	Row      assess.Repository `json:"row"`
	Cached   bool              `json:"cached,omitempty"`   // it had been kept
	NoEngine bool              `json:"noEngine,omitempty"` // the row says that the engine failed: another machine's may not
}

// failed is the answer for a source of which nothing can be said.
func failed(s assess.Source, why string) answer { return answer{Row: assess.Broken(s, why)} }

func newAssessor(opts AssessOptions) assessor {
	if len(opts.Worker) > 0 {
		return &child{opts: opts}
	}
	return newInProcess(opts)
}

// workerOptions are what a worker process is told.
type workerOptions struct {
	Verify    bool          `json:"verify"`
	Version   string        `json:"version"`
	Asked     string        `json:"asked"`
	Timeout   time.Duration `json:"timeout"`
	MemoryMiB int           `json:"memoryMiB"`
	Results   string        `json:"results"`
	AsOf      time.Time     `json:"asOf"`
	CACert    string        `json:"caCert"`
	CacheDir  string        `json:"cacheDir"`
	Templates string        `json:"templates"`
	Registry  string        `json:"registry"`
	Engine    string        `json:"engine"`
	Quick     bool          `json:"quick"`
	NoRepair  bool          `json:"noRepair"`
	Limits    source.Limits `json:"limits"`
	Network   string        `json:"buildNetwork"`
}

func (o AssessOptions) forWorker() workerOptions {
	return workerOptions{
		Verify: o.Verify, Version: o.Version, Asked: o.asked(), Timeout: o.Timeout, MemoryMiB: o.MemoryMiB, Results: o.Results, AsOf: o.AsOf, CACert: o.CACert,
		CacheDir: o.CacheDir, Templates: o.Templates, Registry: o.Registry, Engine: o.Engine, Quick: o.Quick, NoRepair: o.NoRepair, Limits: o.Limits, Network: o.BuildNetwork,
	}
}

func (o workerOptions) options() AssessOptions {
	return AssessOptions{
		Options: Options{CACert: o.CACert, CacheDir: o.CacheDir, Templates: o.Templates, Registry: o.Registry, Engine: o.Engine, Quick: o.Quick, NoRepair: o.NoRepair, Timeout: o.Timeout, Limits: o.Limits, BuildNetwork: o.Network},
		Verify:  o.Verify, Version: o.Version, MemoryMiB: o.MemoryMiB, Results: o.Results, AsOf: o.AsOf,
	}
}

// message is a line between this process and a worker: one of its fields.
type message struct {
	Options *workerOptions  `json:"options,omitempty"`
	Source  *assess.Source  `json:"source,omitempty"`
	Event   *progress.Event `json:"event,omitempty"`
	Answer  *answer         `json:"answer,omitempty"`
	Ending  bool            `json:"ending,omitempty"` // the worker ends with this answer
}

// send writes a message as one line.
func send(enc *json.Encoder, m message) error { return enc.Encode(m) }

// why makes an error fit for a row: one line.
func why(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return detect.Printable(detect.MaskSecrets(strings.Join(lines, "; ")), 600)
}
