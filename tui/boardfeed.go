package tui

import (
	"slices"
	"sync"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/progress"
)

// BoardWatch is told what happens to the repositories on the board, from any goroutine and from any machine: events whose Source (or, of
// stage progress.Assess, Step) is a repository's location, and each finished row once, before the event that ends it.
type BoardWatch struct {
	Sink progress.Sink
	Row  func(s assess.Source, row *assess.Repository, kept bool)
}

// boardFeed collects what happened since the board looked last, at most a few values for each repository, so that neither logs nor
// thousands of repositories make it grow. It never blocks.
type boardFeed struct {
	mu      sync.Mutex
	at      map[string]int // a repository's place on the board, by its location
	news    map[int]*boardNews
	order   []int // of news, the oldest first
	over    bool
	summary []string
	err     error
}

// boardNews is what happened to one repository, in this order.
type boardNews struct {
	started *progress.Event
	steps   []progress.Event // that ended: the last few
	doing   *progress.Event
	log     string
	row     *brief
	ended   *progress.Event
}

// trailMost is how many ended steps of a repository that is under way are remembered.
const trailMost = 40

func newBoardFeed(sources []assess.Source) *boardFeed {
	f := &boardFeed{at: make(map[string]int, len(sources)), news: map[int]*boardNews{}}
	for i, s := range sources {
		f.at[s.Location] = i
	}
	return f
}

func (f *boardFeed) watch() BoardWatch { return BoardWatch{Sink: f.sink, Row: f.row} }

// of is where the news of a repository are noted.
func (f *boardFeed) of(i int) *boardNews {
	n := f.news[i]
	if n == nil {
		n = &boardNews{}
		f.news[i] = n
		f.order = append(f.order, i)
	}
	return n
}

// sink receives one event. One of no repository is about the run as a whole, of which the board counts by itself.
func (f *boardFeed) sink(e progress.Event) {
	location := e.Source
	if location == "" && e.Stage == progress.Assess {
		location = e.Step
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i, known := f.at[location]
	if !known {
		return
	}
	n := f.of(i)
	switch {
	case e.Stage == progress.Assess && e.State == progress.Started:
		n.started = &e
	case e.Stage == progress.Assess:
		n.ended = &e
	case e.State == progress.Log:
		n.log = e.Text
	case e.State == progress.Started, e.State == progress.Running, e.State == progress.Warning:
		n.doing = &e
	default:
		n.steps = append(n.steps[max(0, len(n.steps)-trailMost+1):], e)
		n.doing = nil
	}
}

// row receives a finished row, of which it takes what the board shows.
func (f *boardFeed) row(s assess.Source, row *assess.Repository, kept bool) {
	b := briefOf(row, kept)
	f.mu.Lock()
	defer f.mu.Unlock()
	if i, known := f.at[s.Location]; known {
		f.of(i).row = b
	}
}

// end notes that the run is over.
func (f *boardFeed) end(summary []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over, f.summary, f.err = true, summary, err
}

// drain hands over what happened, a repository at a time, and forgets it.
func (f *boardFeed) drain(each func(i int, n *boardNews)) (over bool) {
	f.mu.Lock()
	news, order := f.news, f.order
	f.news, f.order = map[int]*boardNews{}, nil
	over = f.over
	f.mu.Unlock()
	for _, i := range order {
		each(i, news[i])
	}
	return over
}

// brief is what the board keeps of a row, in words that are safe to show.
type brief struct {
	verdict   assess.Verdict
	kept      bool
	score     int
	days      float64
	commit    string
	files     int
	stack     string
	places    string
	cause     string   // why it could not be assessed
	verified  string   // what building and running it came to
	unwell    []string // and why, by component
	blockers  []string
	findings  []briefFinding
	placement []string
	effort    []string
	lives     []string
	services  []string
	images    []string
}

type briefFinding struct {
	severity, title, place string
	points                 int
	messages               []string
}

// Bounds of what is kept of one repository: the board holds thousands.
const (
	briefMost = 40
	briefText = 300
)

func some(texts []string) []string {
	out := make([]string, 0, min(len(texts), briefMost))
	for _, t := range texts[:min(len(texts), briefMost)] {
		out = append(out, cut(clean(t), briefText))
	}
	return slices.Clip(out)
}
