package progress

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Live shows progress on a terminal: what has ended is a line that stays, as Plain prints it, and below stand the steps under way,
// drawn anew as they go on, with the last lines of what the latest of them writes. It moves the cursor and erases; it uses no colour.
type Live struct {
	mu      sync.Mutex
	w       io.Writer
	size    func() (width, height int)
	plain   *Plain
	ended   bytes.Buffer // what plain has printed and the terminal has not
	rows    []*liveRow   // the steps under way, in the order in which they began
	last    []string     // the last lines of output
	drawn   int          // lines of the terminal that are drawn anew
	changed bool
	held    int // whoever asks a question has the terminal
	stop    chan struct{}
	done    chan struct{}
	now     func() time.Time
}

// liveRow is a step under way.
type liveRow struct {
	key   stepKey
	began time.Time
	event Event // the last one, with the name of the first
}

// liveInterval is the time between two frames; nothing is drawn while nothing changes but the clock, except every fourth time.
const liveInterval = 125 * time.Millisecond

// liveLog is how many lines of output are shown.
const liveLog = 3

// NewLive returns a renderer that writes to a terminal of the given size until Close.
func NewLive(w io.Writer, size func() (width, height int)) *Live {
	l := newLive(w, size, time.Now)
	go l.run()
	return l
}

func newLive(w io.Writer, size func() (width, height int), now func() time.Time) *Live {
	l := &Live{w: w, size: size, stop: make(chan struct{}), done: make(chan struct{}), now: now}
	l.plain = NewPlain(&l.ended, PlainOptions{})
	l.plain.still = true
	return l
}

// Sink returns the receiver of events. It may be called from many goroutines.
func (l *Live) Sink() Sink { return l.event }

// Hold takes the steps under way off the terminal, for a question, until the function that it returns is called.
func (l *Live) Hold() (release func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held++
	l.draw(nil)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.held--
		l.changed = true
	}
}

// Close takes the steps under way off the terminal and stops drawing.
func (l *Live) Close() {
	close(l.stop)
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = nil
	l.draw(nil)
}

func (l *Live) run() {
	defer close(l.done)
	tick := time.NewTicker(liveInterval)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-l.stop:
			return
		case <-tick.C:
			l.mu.Lock()
			if l.changed || len(l.rows) > 0 && n%4 == 0 {
				l.draw(l.frame())
			}
			l.mu.Unlock()
		}
	}
}

func (l *Live) event(e Event) {
	e = e.safe()
	l.plain.event(e) // it has a lock of its own, and only this goroutine's event in it
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changed = true
	key := stepKey{e.Stage, e.Component, e.Step}
	at := -1
	for i, r := range l.rows {
		if r.key == key {
			at = i
		}
	}
	switch e.State {
	case Log:
		l.last = append(l.last[max(0, len(l.last)+1-liveLog):], e.Text)
	case Started, Running:
		if at < 0 {
			l.rows = append(l.rows, &liveRow{key: key, began: e.Time, event: e})
			return
		}
		if e.Name == "" {
			e.Name = l.rows[at].event.Name
		}
		l.rows[at].event = e
	case Done, Cached, Skipped, Failed:
		if at >= 0 {
			l.rows = append(l.rows[:at], l.rows[at+1:]...)
		}
		if len(l.rows) == 0 {
			l.last = nil
			l.draw(nil) // who writes next to the terminal finds it free
		}
	}
}

// frame is what is drawn anew: at most a third of the terminal.
func (l *Live) frame() []string {
	if l.held > 0 || len(l.rows) == 0 {
		return nil
	}
	width, height := l.size()
	most := max(1, height/3)
	var lines []string
	for _, r := range l.rows[max(0, len(l.rows)-most):] {
		note := Seconds(l.now().Sub(r.began))
		if amount := Amount(r.event.Current, r.event.Total, r.event.Unit); amount != "" && r.event.State == Running {
			note += "  " + amount
		} else if r.event.State == Running && r.event.Text != "" {
			note += "  " + r.event.Text
		}
		lines = append(lines, "● "+short(label(r.event, r.event.Name), max(10, width-ansi.StringWidth(note)-6))+"  "+note)
	}
	for _, text := range l.last {
		if len(lines) < most {
			lines = append(lines, "    | "+text)
		}
	}
	for i, line := range lines {
		lines[i] = short(line, width-1)
	}
	return lines
}

// draw puts what has ended and then the lines into the place of those that were drawn before, in one write.
func (l *Live) draw(lines []string) {
	var out strings.Builder
	if l.drawn > 0 {
		fmt.Fprintf(&out, "\r\x1b[%dA\x1b[J", l.drawn)
	}
	width, _ := l.size()
	for _, line := range strings.SplitAfter(l.flush(), "\n") {
		if strings.HasPrefix(line, "✓ ") { // what went well needs no more than a line
			line = short(strings.TrimRight(line, "\n"), width-1) + "\n"
		}
		out.WriteString(line)
	}
	for _, line := range lines {
		out.WriteString(line + "\n")
	}
	l.drawn, l.changed = len(lines), false
	if out.Len() > 0 {
		_, _ = io.WriteString(l.w, out.String()) // progress that nobody can see stops nothing
	}
}

func (l *Live) flush() string {
	l.plain.mu.Lock()
	defer l.plain.mu.Unlock()
	text := l.ended.String()
	l.ended.Reset()
	return text
}

// short cuts a line to a width; of a step's end, its time, the end stays.
func short(line string, width int) string {
	if ansi.StringWidth(line) <= width {
		return line
	}
	if at := strings.LastIndex(line, "  "); at > 0 {
		if note := line[at:]; ansi.StringWidth(note) < width/2 {
			return ansi.Truncate(line[:at], width-ansi.StringWidth(note), "…") + note
		}
	}
	return ansi.Truncate(line, width, "…")
}
