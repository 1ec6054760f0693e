package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/progress"
)

func stack() string { return string(debug.Stack()) }

func TestRingKeepsTheNewest(t *testing.T) {
	r := newRing()
	r.most = 1000
	for i := range 2500 {
		r.push(logLine{i, fmt.Sprint("line ", i)})
	}
	if r.count != 1000 || r.first != 1500 || r.end() != 2500 {
		t.Fatalf("count %d first %d end %d", r.count, r.first, r.end())
	}
	for n := r.first; n < r.end(); n++ {
		if got := r.at(n).text; got != fmt.Sprint("line ", n) {
			t.Fatalf("line %d is %q", n, got)
		}
	}
}

func TestRingIsBoundedInBytes(t *testing.T) {
	r := newRing()
	r.limit = 100_000
	for range 1000 {
		r.push(logLine{0, strings.Repeat("é", 10_000)})
	}
	if r.bytes > r.limit+maxLineRune || r.count == 0 {
		t.Fatalf("%d bytes in %d lines", r.bytes, r.count)
	}
	if line := r.at(r.first).text; len(line) > maxLineRune+len("…") || strings.ContainsRune(line, '\ufffd') {
		t.Fatalf("a line of %d bytes", len(line))
	}
}

func TestFeedIsBoundedAndSafe(t *testing.T) {
	f := newFeed()
	f.most = 100
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 1000 {
				f.sink(progress.Event{State: progress.Log, Step: fmt.Sprint(g), Text: fmt.Sprint(i)})
				f.sink(progress.Event{State: progress.Running, Step: fmt.Sprint(g), Current: int64(i)})
			}
		}()
	}
	wg.Wait()
	events, dropped := f.drain()
	logs, last := 0, map[string]int64{}
	for _, e := range events {
		if e.State == progress.Log {
			logs++
		} else {
			if _, twice := last[e.Step]; twice {
				t.Errorf("two reports of progress of step %s", e.Step)
			}
			last[e.Step] = e.Current
		}
	}
	if logs > 100 || logs+dropped != 4000 || len(last) != 4 {
		t.Errorf("%d lines kept, %d dropped, %d steps", logs, dropped, len(last))
	}
	for step, n := range last {
		if n != 999 {
			t.Errorf("step %s ends at %d", step, n)
		}
	}
	if events, _ := f.drain(); events != nil {
		t.Error("drained twice")
	}
}

func TestStepsJoinEvents(t *testing.T) {
	s := newSteps()
	for _, e := range failedEvents() {
		s.apply(neutral(e))
	}
	if at := s.failed(); at < 0 || s.rows[at].name != "RUN bundle install" || s.rows[at].elapsed != 41*time.Second {
		t.Fatalf("failed %d of %+v", at, s.rows)
	}
	tail := s.tail(s.failed(), 2)
	if diff := cmp.Diff([]string{"  checking for pg_config... no", "  Can't find the 'libpq-fe.h' header"}, tail); diff != "" {
		t.Error(diff)
	}
	n := len(s.rows)
	s.apply(progress.Event{Stage: progress.Build, Component: "web", Step: "3", Name: "RUN bundle install", State: progress.Started})
	if len(s.rows) != n+1 {
		t.Error("a second try has no row of its own")
	}
	s.apply(progress.Event{Stage: progress.Start, Component: "db", Step: "nowhere", State: progress.Log, Text: "output without a step"})
	s.apply(progress.Event{Stage: progress.Detect, State: progress.Warning, Text: "careful"})
	if len(s.rows) != n+2 || s.current() != n {
		t.Errorf("%d rows, current %d", len(s.rows), s.current())
	}
	s.finish()
	if s.current() != -1 {
		t.Error("a step still runs after the end")
	}
	if got := newSteps().tail(-1, 5); got != nil {
		t.Errorf("tail of nothing: %q", got)
	}
}

func TestCutting(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{cut("全角文字", 5), "全角…"},
		{fit("全角文字", 4), "全… "},
		{cutLeft("config/database.yml:4", 12), "…abase.yml:4"},
		{cutLeft("x", 0), ""},
		{cutPlace("config/environments/production.rb:42", 22), "…/production.rb:42"},
		{cutPlace("a/very-long-file-name-indeed.rb:42", 10), "…eed.rb:42"},
		{ends("left", "right", 20), "left           right"},
		{ends("left", "right", 8), "left"},
		{window("abcdefgh", 2, 4), "cde…"},
		{window("abcdefgh", 20, 4), ""},
		{redact("https://bob:secret@host/x"), "https://bob:***@host/x"},
		{redact("git@host:x"), "git@host:x"},
		{redact("https://bob@host/x"), "https://bob@host/x"},
		{placeOf("", 0, 0), "-"},
		{placeOf("Gemfile", 0, 2), "Gemfile +2"},
		{short("/home/me/src", "/home/me"), "~/src"},
		{short("/home/meadow", "/home/me"), "/home/meadow"},
		{ago("nonsense", start), ""},
		{ago(start.Add(-90*time.Minute).Format(time.RFC3339), start), "1 hour ago"},
		{ago(start.Add(-2*time.Minute).Format(time.RFC3339), start), "2 minutes ago"},
		{ago(start.Format(time.RFC3339), start), "just now"},
		{bar(62, 100, 10), "██████▏░░░"},
		{bar(5, 0, 10), ""},
		{trimToRune("aé", 2), "a"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if got := wrap("one two three", 7); len(got) != 2 {
		t.Errorf("wrap: %q", got)
	}
}

func TestWindowNeverExceedsItsWidth(t *testing.T) {
	styled := lipgloss.NewStyle().Bold(true).Render("全角文字 and more")
	for from := range 30 {
		for width := range 20 {
			if got := ansi.StringWidth(window(styled, from, width)); got > width {
				t.Fatalf("from %d width %d: %d columns", from, width, got)
			}
		}
	}
}

func TestListSkipsHeadings(t *testing.T) {
	heading := func(i int) bool { return i == 0 || i == 3 || i == 6 }
	l := list{}
	l.settle(7, heading)
	var way []int
	for _, step := range []int{1, 1, 1, 1, 1, -1, -1, -1, -1, -9, 9} {
		l.move(step, 7, heading)
		way = append(way, l.cursor)
	}
	if diff := cmp.Diff([]int{2, 4, 5, 5, 5, 4, 2, 1, 1, 1, 5}, way); diff != "" {
		t.Error(diff)
	}
	l.move(1, 0, nil)
	l.settle(0, nil)
	if from, to := l.visible(0, 5); from != 0 || to != 0 {
		t.Error("rows of nothing")
	}
}

func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"shop-old", "shop-new", "other", ".hidden", "bad\x1bname"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"app.war", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{
		"/s": "/shop-", "/o": "/other/", "/a": "/app.war", "/n": "/n", "/.h": "/.hidden/", "/zzz": "/zzz", "/": "/",
	} {
		if got, _ := complete(dir + text); got != dir+want {
			t.Errorf("%s becomes %s", text, strings.TrimPrefix(got, dir))
		}
	}
	if _, names := complete(dir + "/"); cmp.Diff([]string{"app.war", "other/", "shop-new/", "shop-old/"}, names) != "" {
		t.Errorf("names %q", names)
	}
	if got, names := complete(filepath.Join(dir, "nowhere") + "/"); names != nil || got != filepath.Join(dir, "nowhere")+"/" {
		t.Errorf("a folder that is not there: %q %q", got, names)
	}

	g := newRig(t, 80, 24, false)
	g.typed(dir + "/s")
	g.keys("tab")
	if got := g.w.screens[stepSource].(*sourceScreen).input.value(); got != dir+"/shop-" {
		t.Errorf("the input holds %q", got)
	}
	g.shows("shop-new/", "shop-old/")
}

func TestCompletionOfTheHomeFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.Mkdir(filepath.Join(home, "src"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, _ := complete("~/s"); got != "~/src/" {
		t.Errorf("got %q", got)
	}
	if expand("~/x") != home+"/x" || expand("~bob/x") != "~bob/x" || expand("~") != home {
		t.Error("the home folder is not put in")
	}
}

func TestPainterKeepsLines(t *testing.T) {
	r := lipgloss.NewRenderer(os.Stdout)
	for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI} {
		for _, dark := range []bool{true, false} {
			r.SetColorProfile(profile)
			r.SetHasDarkBackground(dark)
			w := &wizard{common: newCommon(r)}
			lines := contentLines(fakeDockerfile + "\n\n# a comment\\\n  goes on")
			for _, name := range []string{"Dockerfile", "compose.yaml", "a.json", ".dockerignore", "unknown.zzz"} {
				got := w.painter()(name, lines)
				if len(got) != len(lines) {
					t.Fatalf("%s: %d lines become %d", name, len(lines), len(got))
				}
				for i := range got {
					if ansi.Strip(got[i]) != lines[i] {
						t.Fatalf("%s: line %d %q becomes %q", name, i, lines[i], got[i])
					}
				}
			}
		}
	}
	r.SetColorProfile(termenv.Ascii)
	w := &wizard{common: newCommon(r)}
	if got := w.painter()("Dockerfile", []string{"FROM x"}); got[0] != "FROM x" {
		t.Errorf("without colour: %q", got[0])
	}
}

func TestEvidencePaneShowsWhatTheCursorIsOn(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("down enter")
	g.hold = true
	g.keys("down down") // faster than the source can be read
	g.release()
	pane := &g.w.screens[stepFindings].(*findingsScreen).pane
	if pane.shown != pane.wanted || pane.shown.File != "Gemfile.lock" || pane.shown.Line != 260 {
		t.Errorf("shows %v, wants %v", pane.shown, pane.wanted)
	}
	if n := strings.Count(g.d.seen(), "source"); n > 3 {
		t.Errorf("%d reads for two moves", n)
	}
	g.keys("tab pgdown pgdown up shift+right shift+left esc esc")
	pane.open = true
	g.drive(jobDone{})
	g.run(pane.point([]flow.Evidence{{File: "missing.rb", Line: 3}}, "declared", ""))
	g.shows("✗ show missing.rb: file does not exist")
}

func TestClipboardIsOfferedAndShown(t *testing.T) {
	var out strings.Builder
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "."; o.Out = &out })
	g.keys("y")
	g.shows("copied: config.ru:1")
	if want := ansi.SetSystemClipboard("config.ru:1"); out.String() != want {
		t.Errorf("wrote %q", out.String())
	}
	g.keys("n y down down y j j y n y tab y")
	g.shows("copied: # builds on engine")
}

func TestInputCursorIsVisibleWithoutColour(t *testing.T) {
	g := newRig(t, 40, 10, false)
	in := newInput("abc")
	if got := in.view(g.w.common, 20); got != "abc_" {
		t.Errorf("at the end: %q", got)
	}
	in.update(tea.KeyMsg{Type: tea.KeyLeft})
	if got := in.view(g.w.common, 20); got != "ab|c" {
		t.Errorf("inside: %q", got)
	}
	in.set(strings.Repeat("全", 100))
	for width := range 30 {
		if got := ansi.StringWidth(in.view(g.w.common, width)); got > width {
			t.Errorf("%d columns in %d", got, width)
		}
	}
}

// BenchmarkKeyToFrame is from a key to its frame while 100,000 lines lie in the log.
func BenchmarkKeyToFrame(b *testing.B) {
	g := newRig(b, 120, 40, true, func(o *Options) { o.Source = "." })
	g.keys("n n v esc")
	g.keys("5")
	for i := range maxLogLines {
		g.w.feed.sink(progress.Event{Time: start, Stage: progress.Build, Component: "web", Step: "3", State: progress.Log, Text: fmt.Sprintf("compiling object %d of a great many, with the flags that compilers like", i)})
	}
	g.drive(tickMsg{})
	g.shows("compiling object 99999")
	keys := []tea.KeyMsg{keyOf("up"), keyOf("pgup"), keyOf("down"), keyOf("pgdown")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.w.Update(keys[i%len(keys)])
		_ = g.w.View()
	}
}

// BenchmarkLogBurst is a burst of 10,000 lines taken in and drawn once.
func BenchmarkLogBurst(b *testing.B) {
	g := newRig(b, 120, 40, true, func(o *Options) { o.Source = "." })
	g.keys("n n v esc 5")
	b.ReportAllocs()
	for b.Loop() {
		for range 10_000 {
			g.w.feed.sink(progress.Event{Time: start, Stage: progress.Build, Component: "web", Step: "3", State: progress.Log, Text: "compiling one object of a great many, with the flags that compilers like"})
		}
		g.w.Update(tickMsg{})
		_ = g.w.View()
	}
}

// BenchmarkSearch is a search that finds nothing in 100,000 lines.
func BenchmarkSearch(b *testing.B) {
	s := newSteps()
	for i := range maxLogLines {
		s.log.push(logLine{0, fmt.Sprintf("compiling object %d of a great many, with the flags that compilers like", i)})
	}
	p := newLogPane(newCommon(lipgloss.NewRenderer(os.Stdout)), s)
	p.query = "not to be found"
	for b.Loop() {
		p.find(1)
	}
}

func TestBreadcrumbKeepsTheCommit(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.w.snap.name = "spring-framework-petclinic"
	g.shows("…@9d1f0c4")
	g.drive(tea.WindowSizeMsg{Width: 140, Height: 24})
	g.shows("spring-framework-petclinic@9d1f0c4")
}

func TestTargetNamesAreWholeAtEightyColumns(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.d.targets = append(g.d.targets, flow.TargetInfo{Name: "azure-container-instances", Describe: "Azure Container Instances", Kind: "containers"})
	g.typed("/srv")
	g.keys("enter n")
	g.shows("[ ] azure-container-instances Azure")
}

func TestCommandLines(t *testing.T) {
	for _, c := range []struct {
		command string
		width   int
		want    string
	}{
		{"docker compose up", 30, "docker compose up"},
		{"drydock containerize . --target a,b", 24, "drydock containerize . \\\n--target a,b"},
		{"aws ecs file://deploy/taskdef-static.json", 26, "aws ecs \\\nfile://deploy/taskdef-st\natic.json"},
		{"drydock undo   (takes it back)", 40, "drydock undo   (takes it back)"},
		{"drydock undo -o out   (takes it back)", 30, "drydock undo -o out\n(takes it back)"},
		{"", 10, ""},
	} {
		if got := strings.Join(commandLines(c.command, c.width), "\n"); got != c.want {
			t.Errorf("%s in %d columns:\n%s\nwant\n%s", c.command, c.width, got, c.want)
		}
	}
}
