package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// PlainOptions say how much a Plain renderer prints.
type PlainOptions struct {
	Verbose bool // print the start of each step, and each log line as it comes
	Tail    int  // log lines printed when a step fails and Verbose is off; 0: 20
}

// heartbeat is how often, by the time of its events, a step that runs on says so.
const heartbeat = 10 * time.Second

// Plain prints one line a step, for logs and for terminals that cannot redraw.
// It writes no control codes.
type Plain struct {
	mu    sync.Mutex
	w     io.Writer
	opts  PlainOptions
	steps map[stepKey]*plainStep
	still bool // say nothing of a step before its end: somebody else does
	err   error
}

// stepKey identifies a step, or with an empty step all of a component's stage.
type stepKey struct {
	stage     Stage
	component string
	step      string
}

type plainStep struct {
	name    string
	began   time.Time
	printed time.Time
	tail    []string
	mention bool // its log lines were printed with a failure already
}

// NewPlain returns a renderer that writes to w.
func NewPlain(w io.Writer, opts PlainOptions) *Plain {
	if opts.Tail <= 0 {
		opts.Tail = 20
	}
	return &Plain{w: w, opts: opts, steps: map[stepKey]*plainStep{}}
}

// Sink returns the receiver of events. It may be called from many goroutines.
func (p *Plain) Sink() Sink { return p.event }

// Err returns the first error of writing; nothing is written after it.
func (p *Plain) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *Plain) event(e Event) {
	e = e.safe()
	p.mu.Lock()
	defer p.mu.Unlock()
	key := stepKey{e.Stage, e.Component, e.Step}
	if e.State == Warning {
		p.print("! ", e, "", e.Text)
		return
	}
	s := p.step(key, e)
	switch e.State {
	case Started:
		if p.opts.Verbose {
			p.print("● ", e, s.name, "")
		}
	case Running:
		p.beat(s, e)
	case Log:
		p.log(key, s, e)
	case Done, Cached, Skipped, Failed:
		p.end(key, s, e)
	}
}

// step returns the step of a key, made when it is new.
func (p *Plain) step(key stepKey, e Event) *plainStep {
	s := p.steps[key]
	if s == nil {
		s = &plainStep{began: e.Time, printed: e.Time}
		p.steps[key] = s
	}
	if e.Name != "" {
		s.name = e.Name
	}
	return s
}

func (p *Plain) log(key stepKey, s *plainStep, e Event) {
	if p.opts.Verbose {
		p.write("  " + label(e, s.name) + " | " + e.Text + "\n")
		return
	}
	s.keep(e.Text, p.opts.Tail)
	if key.step != "" {
		// A stage may fail as a whole after a step of it said why.
		whole := stepKey{key.stage, key.component, ""}
		p.step(whole, Event{Time: e.Time}).keep(e.Text, p.opts.Tail)
	}
	if key.step != "" || s.name != "" { // what an application prints between two steps is no work of ours
		p.beat(s, e)
	}
}

func (s *plainStep) keep(line string, most int) {
	if len(s.tail) >= most {
		s.tail = append(s.tail[:0], s.tail[len(s.tail)-most+1:]...)
	}
	s.tail = append(s.tail, line)
	s.mention = false
}

// beat says that a step is still at work, but not often.
func (p *Plain) beat(s *plainStep, e Event) {
	if p.still || e.Time.Sub(s.printed) < heartbeat {
		return
	}
	s.printed = e.Time
	note := "still at it after " + Seconds(e.Time.Sub(s.began))
	if amount := Amount(e.Current, e.Total, e.Unit); amount != "" && e.State == Running {
		note = amount
	}
	p.print("· ", e, s.name, note)
}

// end prints the one line of a step that is over.
func (p *Plain) end(key stepKey, s *plainStep, e Event) {
	took := e.Elapsed
	if took == 0 && !s.began.IsZero() {
		took = e.Time.Sub(s.began)
	}
	switch e.State {
	case Done:
		p.print("✓ ", e, s.name, joinNote(Seconds(took), e.Text))
	case Cached:
		p.print("✓ ", e, s.name, joinNote("cached", e.Text))
	case Skipped:
		p.print("· ", e, s.name, joinNote("skipped", e.Text))
	case Failed:
		p.print("✗ ", e, s.name, joinNote("failed after "+Seconds(took), e.Text))
		p.tail(key, s)
	}
	delete(p.steps, key)
}

// tail prints the last log lines of a step that failed, once.
func (p *Plain) tail(key stepKey, s *plainStep) {
	whole := p.steps[stepKey{key.stage, key.component, ""}]
	if len(s.tail) == 0 && whole != nil {
		s = whole
	}
	if s.mention || p.opts.Verbose {
		return
	}
	for _, line := range s.tail {
		p.write("    | " + line + "\n")
	}
	if whole != nil {
		whole.mention = true
	}
}

func joinNote(note, text string) string {
	if text == "" {
		return note
	}
	return note + ": " + strings.ReplaceAll(text, "\n", "\n    ")
}

// label names a step: stage, component, name.
func label(e Event, name string) string {
	s := string(e.Stage)
	if e.Component != "" {
		s += " " + e.Component
	}
	if name == "" {
		name = e.Step
	}
	if name != "" && name != string(e.Stage) {
		s += ": " + name
	}
	return s
}

func (p *Plain) print(mark string, e Event, name, note string) {
	line := mark + label(e, name)
	if note != "" {
		line += "  " + note
	}
	p.write(strings.TrimRight(line, " ") + "\n")
}

func (p *Plain) write(s string) {
	if p.err != nil {
		return
	}
	if _, err := io.WriteString(p.w, s); err != nil {
		p.err = fmt.Errorf("write progress: %w", err)
	}
}

// Seconds writes a duration for people: "0.4 s", "41.0 s", "1:42", "1:02:03".
func Seconds(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	if d < 59950*time.Millisecond {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	s := int(d.Round(time.Second).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Amount writes how far a step is: "6.9 of 11.3 MiB (61%)", "3 of 14 steps",
// "512.0 KiB". Without an amount it is empty.
func Amount(current, total int64, unit string) string {
	if current <= 0 && total <= 0 {
		return ""
	}
	if unit == "bytes" {
		return amountOfBytes(current, total)
	}
	if unit != "" {
		unit = " " + unit
	}
	if total <= 0 {
		return fmt.Sprintf("%d%s", current, unit)
	}
	return fmt.Sprintf("%d of %d%s", current, total, unit)
}

func amountOfBytes(current, total int64) string {
	if total <= 0 {
		return Bytes(current)
	}
	scale, unit := byteScale(total)
	return fmt.Sprintf("%.1f of %.1f %s (%d%%)", float64(current)/scale, float64(total)/scale, unit, Percent(current, total))
}

// Percent returns how much of total current is, from 0 to 100.
func Percent(current, total int64) int {
	if total <= 0 || current <= 0 {
		return 0
	}
	return int(min(float64(current)/float64(total), 1) * 100)
}

// Bytes writes an amount of data in binary units: "268.0 MiB".
func Bytes(n int64) string {
	scale, unit := byteScale(n)
	if scale == 1 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", float64(n)/scale, unit)
}

func byteScale(n int64) (scale float64, unit string) {
	switch {
	case n >= 1<<30:
		return 1 << 30, "GiB"
	case n >= 1<<20:
		return 1 << 20, "MiB"
	case n >= 1<<10:
		return 1 << 10, "KiB"
	default:
		return 1, "B"
	}
}
