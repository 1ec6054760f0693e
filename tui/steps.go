package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/progress"
)

// stepRow is a step of a run as its events have told.
type stepRow struct {
	id      stepID
	name    string
	state   progress.State
	current int64
	total   int64
	unit    string
	began   time.Time
	elapsed time.Duration
	text    string // why it failed, or a note
	first   int    // number of its first log line; -1: none
	broken  bool   // the run ended before the step did
}

// over reports whether the step has ended.
func (s *stepRow) over() bool {
	if s.broken {
		return true
	}
	switch s.state {
	case progress.Done, progress.Cached, progress.Skipped, progress.Failed, progress.Warning:
		return true
	}
	return false
}

// steps joins events to rows.
type steps struct {
	rows  []stepRow
	index map[stepID]int
	log   *ring
}

func newSteps() *steps { return &steps{index: map[stepID]int{}, log: newRing()} }

// apply takes one event in.
func (s *steps) apply(e progress.Event) {
	id := idOf(e)
	if e.State == progress.Warning {
		s.rows = append(s.rows, stepRow{id: id, name: clean(e.Text), state: progress.Warning, began: e.Time, first: -1})
		return
	}
	at, known := s.index[id]
	if e.State == progress.Log && !known {
		// Output of something that never started as a step belongs to what its stage did last.
		s.log.push(logLine{s.lastOf(id), e.Text})
		return
	}
	if !known || e.State == progress.Started && s.rows[at].over() {
		// A step that starts anew after its end is another try, and gets its own row.
		at = len(s.rows)
		s.index[id] = at
		s.rows = append(s.rows, stepRow{id: id, state: progress.Started, began: e.Time, first: -1})
	}
	row := &s.rows[at]
	if e.Name != "" {
		row.name = e.Name
	}
	switch e.State {
	case progress.Log:
		if row.first < 0 {
			row.first = s.log.end()
		}
		s.log.push(logLine{at, e.Text})
	case progress.Running:
		if !row.over() {
			row.state, row.current, row.total, row.unit, row.text = e.State, e.Current, e.Total, e.Unit, e.Text
		}
	default:
		s.end(row, e)
	}
}

func (s *steps) end(row *stepRow, e progress.Event) {
	if e.State != progress.Done || e.Text != "" { // what a step told last stays what it came to
		row.text = e.Text
	}
	row.state = e.State
	if e.State == progress.Started {
		return
	}
	row.elapsed = e.Elapsed
	if row.elapsed == 0 {
		row.elapsed = e.Time.Sub(row.began)
	}
}

// lastOf is the last step of a stage and component, or else the last of all; -1: there is none.
func (s *steps) lastOf(id stepID) int {
	for i := len(s.rows) - 1; i >= 0; i-- {
		if s.rows[i].id.stage == id.stage && s.rows[i].id.component == id.component {
			return i
		}
	}
	return len(s.rows) - 1
}

// current is the last step that still runs; -1: none does.
func (s *steps) current() int {
	for i := len(s.rows) - 1; i >= 0; i-- {
		if !s.rows[i].over() {
			return i
		}
	}
	return -1
}

// failed is the last step that failed; -1: none did.
func (s *steps) failed() int {
	for i := len(s.rows) - 1; i >= 0; i-- {
		if s.rows[i].state == progress.Failed {
			return i
		}
	}
	return -1
}

// tail are the last lines that a step wrote, or when it wrote none, of its stage.
func (s *steps) tail(at, most int) []string {
	lines := s.lastLines(most, func(step int) bool { return step == at })
	if len(lines) == 0 && at >= 0 && at < len(s.rows) {
		id := s.rows[at].id
		lines = s.lastLines(most, func(step int) bool {
			if step < 0 {
				return false
			}
			other := s.rows[step].id
			return other.stage == id.stage && other.component == id.component
		})
	}
	return lines
}

func (s *steps) lastLines(most int, of func(step int) bool) []string {
	var lines []string
	for n := s.log.end() - 1; n >= s.log.first && len(lines) < most; n-- {
		if l := s.log.at(n); of(l.step) {
			lines = append(lines, l.text)
		}
	}
	slices.Reverse(lines)
	return lines
}

// ahead are the stages of a verification that have not begun, in their order.
func (s *steps) ahead() []progress.Stage {
	order := []progress.Stage{
		progress.Pull, progress.Build, progress.Services, progress.Release, progress.Start,
		progress.Probe, progress.Measure, progress.Stop, progress.Clean,
	}
	last := -1
	for _, r := range s.rows {
		last = max(last, slices.Index(order, r.id.stage))
	}
	return order[last+1:]
}

// label is a step's name with what it belongs to, where the name does not say so.
func (s *stepRow) label(several bool) string {
	name := s.name
	if name == "" {
		name = strings.TrimSpace(string(s.id.stage) + " " + s.id.step)
	}
	if several && s.id.component != "" && !strings.Contains(name, s.id.component) {
		name = s.id.component + ": " + name
	}
	return name
}

// tells reports whether what a step tells is a result: an answer, or a measurement as it is taken.
func (s *stepRow) tells() bool {
	return (s.id.stage == progress.Measure || s.id.stage == progress.Probe) && (s.state == progress.Running || s.state == progress.Done)
}

// finish marks steps that did not end with the run that they belong to.
func (s *steps) finish() {
	for i := range s.rows {
		if row := &s.rows[i]; !row.over() {
			row.broken = true
		}
	}
}

// several reports whether the steps belong to more than one component.
func (s *steps) several() bool {
	one := ""
	for i := range s.rows {
		c := s.rows[i].id.component
		if c != "" && one != "" && c != one {
			return true
		}
		if c != "" {
			one = c
		}
	}
	return false
}

// spinner frames turn while a step runs; the mark ● of screens.txt stands still.
var spinner = [...]string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧"}

// spin is the frame of a moment.
func spin(now time.Time) string {
	return spinner[int(now.UnixMilli()/125%int64(len(spinner)))]
}

// line draws a step in a width.
func (c *common) stepLine(row *stepRow, several bool, width int) string {
	note := c.stepNote(row, width)
	mark, style := spin(c.now()), c.style.accent
	switch row.state {
	case progress.Done, progress.Cached:
		mark, style = "✓", c.style.ok
	case progress.Failed:
		mark, style = "✗", c.style.bad
	case progress.Skipped:
		mark, style = "·", c.style.dim
	case progress.Warning:
		mark, style = "!", c.style.warn
	}
	if row.broken {
		mark, style = "·", c.style.dim
	}
	room := width - 2
	name := row.label(several)
	if row.tells() && row.text != "" {
		free := room
		if note != "" {
			free -= ansi.StringWidth(note) + 1
		}
		text := clean(row.text)
		if long := name + ": " + text; ansi.StringWidth(long) <= free || row.id.stage == progress.Probe {
			name = long
		} else {
			name = text // the figure says more than the word
		}
	}
	if note != "" && room > 12 {
		room -= ansi.StringWidth(note) + 1
		name = fit(name, room) + " " + c.style.dim.Render(note)
	} else {
		name = cut(name, room)
	}
	return style.Render(mark) + " " + name
}

// stepNote is what stands at a step's right: time, amount, "cached".
func (c *common) stepNote(row *stepRow, width int) string {
	if row.broken {
		return "not ended"
	}
	switch row.state {
	case progress.Cached:
		return "cached"
	case progress.Skipped:
		return "skipped"
	case progress.Warning:
		return ""
	case progress.Done, progress.Failed:
		return progress.Seconds(row.elapsed)
	}
	took := c.now().Sub(row.began)
	note := progress.Seconds(took)
	if row.state != progress.Running || width < 30 || row.current == 0 && row.total == 0 {
		return note
	}
	amount := progress.Amount(row.current, row.total, row.unit)
	if width >= 70 && row.total > 0 {
		amount = bar(row.current, row.total, 16) + " " + amount
	}
	if row.unit == "bytes" && took >= time.Second && width >= 56 {
		amount += "  " + progress.Bytes(int64(float64(row.current)/took.Seconds())) + "/s"
	}
	return amount + "  " + note
}

// bar draws how much of total is done, in eighths of a cell.
func bar(current, total int64, width int) string {
	if total <= 0 {
		return ""
	}
	eighths := int(min(max(float64(current)/float64(total), 0), 1) * float64(width*8))
	full, part := eighths/8, eighths%8
	s := strings.Repeat("█", full)
	if part > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[part-1])
		full++
	}
	return s + strings.Repeat("░", width-full)
}
