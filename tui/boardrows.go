package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/progress"
)

// rowState is where a repository is: waiting, under way, or its verdict.
type rowState int

const (
	rowUnderWay rowState = iota
	rowWaiting
	rowReady
	rowMinor
	rowMajor
	rowNone
	rowError
	rowStates
)

// rowWords name the states: in the counts, and in a row.
var rowWords = [rowStates]struct{ mark, few, row, full string }{
	rowUnderWay: {"●", "under way", "under way", "under way"},
	rowWaiting:  {"○", "waiting", "waiting", "waiting"},
	rowReady:    {"✓", "ready", "ready", "ready"},
	rowMinor:    {"~", "minor", "minor work", "minor work"},
	rowMajor:    {"!", "major", "major work", "major work"},
	rowNone:     {"⊘", "no container", "no container", "not containerisable"},
	rowError:    {"✗", "error", "error", "error"},
}

func stateOf(v assess.Verdict) rowState {
	switch v {
	case assess.Ready:
		return rowReady
	case assess.MinorWork:
		return rowMinor
	case assess.MajorWork:
		return rowMajor
	case assess.NotContainerisable:
		return rowNone
	default:
		return rowError
	}
}

// boardRow is one repository on the board.
type boardRow struct {
	name, location, owner string
	state                 rowState
	began                 time.Time
	took                  time.Duration
	cached                bool
	doing                 string // the step that it is at
	log                   string
	trail                 []string
	brief                 *brief // nil: not finished
	came                  int    // its number among those that finished
	hay                   string // what a filter looks in
}

func newBoardRow(s assess.Source) boardRow {
	r := boardRow{name: clean(flow.SourceName(s)), location: redact(s.Location), owner: clean(s.Owner), state: rowWaiting}
	r.hay = strings.ToLower(strings.Join(append([]string{r.name, r.location, r.owner, clean(s.Criticality)}, some(s.Tags)...), "\n"))
	return r
}

// take notes what happened. It reports whether the row's place among the others may have changed.
func (r *boardRow) take(n *boardNews, came func() int) (moved bool) {
	if r.brief == nil {
		moved = r.goesOn(n)
	}
	if n.row != nil && r.brief == nil {
		r.finish(n.row, came())
		moved = true
	}
	if n.ended != nil {
		r.took, r.cached = n.ended.Elapsed, n.ended.State == progress.Cached
		moved = true
	}
	return moved
}

func (r *boardRow) goesOn(n *boardNews) (moved bool) {
	if n.started != nil {
		r.state, r.began, moved = rowUnderWay, n.started.Time, true
		r.doing, r.log, r.trail = "", "", nil
	}
	for _, e := range n.steps {
		r.trail = append(r.trail[max(0, len(r.trail)-trailMost+1):], endedLine(e))
		r.doing = ""
	}
	if n.doing != nil {
		r.doing = doingLine(*n.doing)
	}
	if n.log != "" {
		r.log = clean(n.log)
	}
	return moved
}

func (r *boardRow) finish(b *brief, came int) {
	r.brief, r.came, r.state = b, came, stateOf(b.verdict)
	r.doing, r.log, r.trail = "", "", nil
	more := append([]string{r.hay, rowWords[r.state].row, rowWords[r.state].full, b.stack, b.places, b.cause, b.verified}, b.blockers...)
	more = append(append(more, b.services...), b.lives...)
	r.hay = strings.ToLower(strings.Join(more, "\n"))
}

// at is what it is at.
func (r *boardRow) at() string { return cmp.Or(r.doing, "reading") }

// why is the cause of its error, in one line; which repository it is is known.
func (r *boardRow) why() string {
	if r.brief == nil {
		return ""
	}
	return strings.TrimPrefix(r.brief.cause, "open "+r.location+": ")
}

// doingLine says what a repository is at: "build web: RUN bundle install  3 of 14 steps".
func doingLine(e progress.Event) string {
	if e.State == progress.Warning {
		return clean(e.Text)
	}
	what := clean(cmp.Or(e.Name, e.Step))
	stage := string(e.Stage)
	if what == "" || what == stage {
		what = stage
	} else if !strings.HasPrefix(what, stage) {
		what = stage + ": " + what
	}
	return words(what, progress.Amount(e.Current, e.Total, clean(e.Unit)))
}

func endedLine(e progress.Event) string {
	mark := "✓"
	switch e.State {
	case progress.Failed:
		mark = "✗"
	case progress.Skipped:
		mark = "·"
	}
	first, _, _ := strings.Cut(e.Text, "\n")
	e.Current, e.Total = 0, 0
	return mark + " " + words(doingLine(e), clean(first))
}

// matches reports whether a filter's words are all in the row.
func (r *boardRow) matches(words []string) bool {
	for _, w := range words {
		if !strings.Contains(r.hay, w) {
			return false
		}
	}
	return true
}

// boardSort is an order of rows.
type boardSort int

const (
	sortNews boardSort = iota // what is under way, then what came last, then what waits
	sortName
	sortState
	sortScore
	sortEffort
	sortTime
	sortList // as the sources were named
	sortCount
)

var sortWords = [sortCount]string{"latest first", "name", "verdict", "score", "effort", "time", "as listed"}

// compare orders two rows. Those without a value for it come after those with one, whichever way round.
func (s boardSort) compare(a, b *boardRow, reverse bool) int {
	n := 0
	switch s {
	case sortNews:
		n = cmp.Or(cmp.Compare(newsRank(a), newsRank(b)), a.began.Compare(b.began)*sameRank(a, rowUnderWay), cmp.Compare(b.came, a.came))
	case sortName:
		n = strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	case sortState:
		n = cmp.Compare(a.state, b.state)
	case sortList:
	default:
		if late := cmp.Compare(unfinished(a), unfinished(b)); late != 0 || a.brief == nil || b.brief == nil {
			return late
		}
		switch s {
		case sortScore:
			n = cmp.Compare(a.brief.score, b.brief.score)
		case sortEffort:
			n = cmp.Compare(b.brief.days, a.brief.days)
		case sortTime:
			n = cmp.Compare(b.took, a.took)
		}
	}
	if reverse {
		n = -n
	}
	return n
}

func newsRank(r *boardRow) int {
	switch r.state {
	case rowUnderWay:
		return 0
	case rowWaiting:
		return 2
	}
	return 1
}

func sameRank(r *boardRow, s rowState) int {
	if r.state == s {
		return 1
	}
	return 0
}

// unfinished is 0 for a row with a score, 1 for one that failed, 2 for one that is not done.
func unfinished(r *boardRow) int {
	switch {
	case r.brief == nil:
		return 2
	case r.state == rowError:
		return 1
	}
	return 0
}

// sorted puts rows, given by their places, into an order.
func (s boardSort) sorted(rows []boardRow, order []int, reverse bool) {
	slices.SortFunc(order, func(a, b int) int {
		if n := s.compare(&rows[a], &rows[b], reverse); n != 0 {
			return n
		}
		if s == sortList && reverse {
			return b - a
		}
		return a - b
	})
}

// briefOf takes of a row what the board shows.
func briefOf(r *assess.Repository, kept bool) *brief {
	b := &brief{
		verdict: r.Verdict, kept: kept, score: r.Score, days: r.EffortDays, files: r.Files, commit: clean(r.Commit), cause: cut(clean(r.Error), 2*briefText),
		stack: clean(flow.StackOf(r)), places: clean(flow.PlacesOf(r)), blockers: some(r.Blockers), services: some(r.Services), images: some(r.BaseImages),
	}
	for _, f := range r.Findings[:min(len(r.Findings), briefMost)] {
		row := briefFinding{severity: clean(f.Severity), title: cut(clean(f.Title), briefText), points: f.Points, messages: some(f.Messages[:min(len(f.Messages), 4)])}
		if len(f.Evidence) > 0 {
			row.place = placeOf(f.Evidence[0].File, f.Evidence[0].Line, len(f.Evidence)-1)
		}
		b.findings = append(b.findings, row)
	}
	for _, a := range r.Placement[:min(len(r.Placement), briefMost)] {
		what := a.Summary
		if !strings.HasPrefix(what, string(a.Advice)) {
			what = words(string(a.Advice)+".", what)
		}
		b.placement = append(b.placement, cut(clean(a.Component+": "+what), briefText))
	}
	for _, e := range r.Effort[:min(len(r.Effort), briefMost)] {
		b.effort = append(b.effort, cut(clean(fmt.Sprintf("%g d  %s", e.Days, e.What)), briefText))
	}
	for _, e := range r.EndOfLife[:min(len(r.EndOfLife), briefMost)] {
		b.lives = append(b.lives, cut(clean(e.What+" since "+e.Since), briefText))
	}
	if v := r.Verification; v != nil {
		b.verified = clean(string(v.Outcome))
		for _, c := range v.Components {
			if n := len(c.Attempts); n > 0 && c.Outcome != "healthy" {
				b.unwell = append(b.unwell, cut(clean(c.Name+": "+c.Attempts[n-1].Failure.Message), briefText))
			}
		}
	}
	return b
}
