package progress

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// screen is a terminal as far as Live needs one: text, line ends, the cursor up and erasing below.
type screen struct {
	lines []string
	row   int
}

var codes = regexp.MustCompile(`\r?\x1b\[(\d*)([AJ])|\r?\n|[^\x1b\r\n]+`)

func (s *screen) Write(p []byte) (int, error) {
	for _, m := range codes.FindAllStringSubmatch(string(p), -1) {
		for len(s.lines) <= s.row {
			s.lines = append(s.lines, "")
		}
		switch {
		case m[2] == "A":
			n, _ := strconv.Atoi(m[1])
			s.row -= n
		case m[2] == "J":
			s.lines = s.lines[:s.row]
		case strings.HasSuffix(m[0], "\n"):
			s.row++
		default:
			s.lines[s.row] = m[0]
		}
	}
	return len(p), nil
}

func (s *screen) String() string { return strings.TrimRight(strings.Join(s.lines, "\n"), "\n") }

func TestLive(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	var s screen
	l := newLive(&s, func() (int, int) { return 40, 24 }, func() time.Time { return now })
	sink := l.Sink()
	send := func(e Event) {
		e.Time = now
		sink(e)
		l.mu.Lock()
		l.draw(l.frame())
		l.mu.Unlock()
	}
	wants := func(want string) {
		t.Helper()
		if got := s.String(); got != want {
			t.Fatalf("the terminal shows\n%s\nwant\n%s", got, want)
		}
	}
	build := Event{Stage: Build, Component: "web", Step: "1"}
	as := func(e Event, state State, change func(*Event)) Event {
		e.State = state
		if change != nil {
			change(&e)
		}
		return e
	}
	send(as(build, Started, func(e *Event) { e.Name = "[1/4] RUN bundle install --jobs 4 --retry 3" }))
	now = now.Add(3 * time.Second)
	send(as(build, Log, func(e *Event) { e.Text = "Fetching pg\x1b[2J 1.2.3 with a line that is far too long for this" }))
	wants("● build web: [1/4] RUN bundle …  3.0 s\n    | Fetching pg 1.2.3 with a line th…")
	pull := Event{Stage: Pull, Component: "db", Step: "p", Unit: "bytes", Total: 200 << 20}
	send(as(pull, Running, func(e *Event) { e.Current = 50 << 20 }))
	if got := s.String(); !strings.Contains(got, "● pull db") || !strings.Contains(got, "50.0 of 200.0 MiB") {
		t.Fatalf("the terminal shows\n%s", got)
	}
	release := l.Hold()
	wants("")
	_, _ = s.Write([]byte("Apply it?\nyes\n"))
	release()
	send(as(build, Done, func(e *Event) { e.Elapsed = 3 * time.Second }))
	send(as(pull, Failed, func(e *Event) { e.Text = "no such image: it was looked for everywhere" }))
	wants("Apply it?\nyes\n✓ build web: [1/4] RUN bundle i…  3.0 s\n✗ pull db: p  failed after 0.0 s: no such image: it was looked for everywhere")
	for _, line := range s.lines {
		if ansi.StringWidth(line) > 40 && !strings.HasPrefix(line, "✗") {
			t.Errorf("too wide: %q", line)
		}
	}
	go l.run()
	l.Close()
}

// TestLiveManyAtOnce sends from many goroutines while it draws; nothing but what has ended is left.
func TestLiveManyAtOnce(t *testing.T) {
	var s screen
	l := NewLive(&s, func() (int, int) { return 80, 24 })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				e := Event{Stage: Build, Component: fmt.Sprint(i), Step: fmt.Sprint(n), Name: "step", State: Started, Time: time.Now()}
				l.Sink()(e)
				e.State, e.Text = Log, "a line"
				l.Sink()(e)
				e.State, e.Text = Done, ""
				l.Sink()(e)
			}
		})
	}
	all.Wait()
	l.Close()
	if got := strings.Count(s.String(), "✓ build"); got != 400 || strings.Contains(s.String(), "●") {
		t.Errorf("%d steps have ended\n%s", got, s.String())
	}
}
