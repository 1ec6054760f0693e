package progress_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/progress"
)

var began = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time {
	return began.Add(time.Duration(seconds * float64(time.Second)))
}

func step(seconds float64, id, name string, state progress.State, text string) progress.Event {
	return progress.Event{Time: at(seconds), Stage: progress.Build, Component: "web", Step: id, Name: name, State: state, Text: text}
}

// run is a build with a cached step, a slow one and one that fails.
func run() []progress.Event {
	fetch := progress.Event{Time: at(0), Stage: progress.Fetch, Step: "receive", Name: "receive objects", State: progress.Started}
	events := []progress.Event{fetch}
	for i := range 200 {
		e := fetch
		e.Time, e.State, e.Current, e.Total, e.Unit = at(float64(i)/10), progress.Running, int64(i)<<20, 200<<20, "bytes"
		events = append(events, e)
	}
	done := fetch
	done.Time, done.State = at(20), progress.Done
	events = append(events, done,
		progress.Event{Time: at(20), Stage: progress.Detect, State: progress.Warning, Text: "pom.xml: \x1b[31mbroken\x1b[0m"},
		step(21, "1", "FROM ruby:2.7", progress.Cached, ""),
		step(21, "2", "bundle install", progress.Started, ""))
	for i := range 30 {
		events = append(events, step(22+float64(i)/100, "2", "", progress.Log, fmt.Sprintf("line %d", i)))
	}
	failed := step(62, "2", "", progress.Failed, "exit code 5\nsecond line")
	failed.Elapsed = 41 * time.Second
	skipped := step(63, "3", "assets", progress.Skipped, "nothing to compile")
	late := step(140, "4", "CMD", progress.Done, "")
	late.Elapsed = 102 * time.Second
	return append(events, failed, skipped, late)
}

func TestPlain(t *testing.T) {
	var out strings.Builder
	p := progress.NewPlain(&out, progress.PlainOptions{})
	for _, e := range run() {
		p.Sink()(e)
	}
	want := `· fetch: receive objects  100.0 of 200.0 MiB (50%)
✓ fetch: receive objects  20.0 s
! detect  pom.xml: broken
✓ build web: FROM ruby:2.7  cached
✗ build web: bundle install  failed after 41.0 s: exit code 5
    second line
`
	for i := 10; i < 30; i++ {
		want += fmt.Sprintf("    | line %d\n", i)
	}
	want += `· build web: assets  skipped: nothing to compile
✓ build web: CMD  1:42
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

func TestPlainVerbose(t *testing.T) {
	var out strings.Builder
	p := progress.NewPlain(&out, progress.PlainOptions{Verbose: true})
	for _, e := range []progress.Event{
		step(0, "2", "bundle install", progress.Started, ""),
		step(1, "2", "", progress.Log, "Fetching pg\t1.2.3\r"),
		step(2, "2", "", progress.Failed, "exit code 5"),
	} {
		p.Sink()(e)
	}
	want := "● build web: bundle install\n  build web: bundle install | Fetching pg    1.2.3\n✗ build web: bundle install  failed after 2.0 s: exit code 5\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestPlainShowsTheStagesLinesOfAFailureWithoutItsOwn(t *testing.T) {
	var out strings.Builder
	p := progress.NewPlain(&out, progress.PlainOptions{Tail: 2})
	for _, e := range []progress.Event{
		step(0, "", "image", progress.Started, ""),
		step(0, "1", "compile", progress.Started, ""),
		step(1, "1", "", progress.Log, "one"),
		step(1, "1", "", progress.Log, "two"),
		step(1, "1", "", progress.Log, "three"),
		step(2, "", "", progress.Failed, "no image"),
	} {
		p.Sink()(e)
	}
	want := "✗ build web: image  failed after 2.0 s: no image\n    | two\n    | three\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	out.Reset()
	p = progress.NewPlain(&out, progress.PlainOptions{Tail: 2})
	for _, e := range []progress.Event{
		step(0, "1", "compile", progress.Started, ""),
		step(1, "1", "", progress.Log, "one"),
		step(2, "1", "", progress.Failed, "exit code 1"),
		step(2, "", "image", progress.Failed, "no image"),
	} {
		p.Sink()(e)
	}
	if n := strings.Count(out.String(), "| one"); n != 1 {
		t.Errorf("the same lines are printed %d times:\n%s", n, out.String())
	}
}

func TestPlainSaysThatASilentStepIsAtWork(t *testing.T) {
	var out strings.Builder
	p := progress.NewPlain(&out, progress.PlainOptions{})
	p.Sink()(step(0, "1", "compile", progress.Started, ""))
	for i := range 25 {
		p.Sink()(step(float64(i), "1", "", progress.Log, "x"))
	}
	want := "· build web: compile  still at it after 10.0 s\n· build web: compile  still at it after 20.0 s\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	j := progress.NewJSON(&out)
	j.Sink()(step(1, "2", "a <b>\x1b]0;x\x07", progress.Log, "text\x9b31m \u202e"))
	j.Sink()(progress.Event{Time: at(2), Stage: progress.Probe, State: progress.Failed, Text: "one\ntwo\x00", Elapsed: time.Second, Current: 3, Total: 4, Unit: "steps"})
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines: %q", len(lines), out.String())
	}
	want := []string{
		`{"time":"2026-11-23T10:00:01Z","stage":"build","component":"web","step":"2","name":"a <b>","state":"log","text":"text�31m ·"}`,
		`{"time":"2026-11-23T10:00:02Z","stage":"probe","state":"failed","current":3,"total":4,"unit":"steps","elapsedNs":1000000000,"text":"one\ntwo·"}`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestRenderersTakeEventsFromManyGoroutines(t *testing.T) {
	var plain, js bytes.Buffer
	p, j := progress.NewPlain(&plain, progress.PlainOptions{Verbose: true}), progress.NewJSON(&js)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			id := fmt.Sprint(g)
			for _, sink := range []progress.Sink{p.Sink(), j.Sink()} {
				end := sink.Step(progress.Build, "web", id, "step "+id)
				for range 100 {
					sink.Emit(progress.Event{Stage: progress.Build, Component: "web", Step: id, State: progress.Log, Text: strings.Repeat("x", 200)})
				}
				_ = end(nil)
			}
		}()
	}
	wg.Wait()
	if n := strings.Count(plain.String(), "\n"); n != 8*102 {
		t.Errorf("%d plain lines", n)
	}
	dec := json.NewDecoder(&js)
	n := 0
	for ; ; n++ {
		var e progress.Event
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n != 8*102 {
		t.Errorf("%d events", n)
	}
}

type brokenWriter struct{ writes int }

func (w *brokenWriter) Write([]byte) (int, error) {
	w.writes++
	return 0, io.ErrClosedPipe
}

func TestRenderersStopAtTheFirstErrorOfWriting(t *testing.T) {
	var w brokenWriter
	p := progress.NewPlain(&w, progress.PlainOptions{})
	j := progress.NewJSON(&w)
	for range 3 {
		p.Sink()(step(0, "1", "x", progress.Done, ""))
		j.Sink()(step(0, "1", "x", progress.Done, ""))
	}
	if w.writes != 2 || !errors.Is(p.Err(), io.ErrClosedPipe) || !errors.Is(j.Err(), io.ErrClosedPipe) {
		t.Errorf("%d writes, %v, %v", w.writes, p.Err(), j.Err())
	}
}

func TestStepReportsItsError(t *testing.T) {
	var events []progress.Event
	sink := progress.Sink(func(e progress.Event) { events = append(events, e) })
	failure := errors.New("no")
	if err := sink.Step(progress.Start, "web", "1", "start")(failure); !errors.Is(err, failure) {
		t.Error(err)
	}
	if len(events) != 2 || events[0].State != progress.Started || events[1].State != progress.Failed || events[1].Text != "no" || events[1].Time.IsZero() {
		t.Errorf("events %+v", events)
	}
	var none progress.Sink
	none.Emit(progress.Event{})
	if err := none.Step(progress.Start, "", "", "")(nil); err != nil {
		t.Error(err)
	}
}

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                              "plain",
		"":                                   "",
		"\x1b[31mred\x1b[0m":                 "red",
		"\x1b]0;title\x07text":               "text",
		"10%\r20%\r30%\r\n":                  "30%",
		"a\tb":                               "a    b",
		"a\x00b\x7fc\u0085d":                 "a·b·c·d",
		"abc\u202edef":                       "abc·def",
		"two\nlines\u2028three":              "two lines three",
		"\xff\xfe":                           "\ufffd\ufffd",
		"zero\u200bwidth\ufeff \u2764\ufe0f": "zerowidth \u2764",
		"全角 ✓":                               "全角 ✓",
	} {
		if got := progress.Line(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if diff := cmp.Diff([]string{"one", "", "  two"}, progress.Lines("one\r\n\n  two\x1b[0m\n\n")); diff != "" {
		t.Error(diff)
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"plain", "\x1b[31mred", "\x1b]8;;http://x\x07y", "a\rb", "\u202e", "\xff", "\u009b1m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := progress.Line(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is no UTF-8", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
				t.Fatalf("%U comes through %q", r, s)
			}
		}
		if again := progress.Line(got); again != got {
			t.Fatalf("%q becomes %q the second time", got, again)
		}
	})
}

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{progress.Seconds(400 * time.Millisecond), "0.4 s"},
		{progress.Seconds(59940 * time.Millisecond), "59.9 s"},
		{progress.Seconds(59990 * time.Millisecond), "1:00"},
		{progress.Seconds(102 * time.Second), "1:42"},
		{progress.Seconds(3723 * time.Second), "1:02:03"},
		{progress.Seconds(-time.Second), "0.0 s"},
		{progress.Bytes(512), "512 B"},
		{progress.Bytes(268 << 20), "268.0 MiB"},
		{progress.Bytes(3 << 30), "3.0 GiB"},
		{progress.Bytes(1536), "1.5 KiB"},
		{progress.Amount(0, 0, "bytes"), ""},
		{progress.Amount(3, 14, "steps"), "3 of 14 steps"},
		{progress.Amount(3, 0, "files"), "3 files"},
		{progress.Amount(3, 0, ""), "3"},
		{progress.Amount(1<<20, 0, "bytes"), "1.0 MiB"},
		{progress.Amount(3<<20, 2<<20, "bytes"), "3.0 of 2.0 MiB (100%)"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
