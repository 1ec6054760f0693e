package tui

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
)

// boardRig drives a board without a terminal and without waiting.
type boardRig struct {
	t         testing.TB
	b         *board
	now       time.Time
	cancelled int
	quit      bool
}

func newBoardRig(t testing.TB, width, height int, colour bool, sources []assess.Source) *boardRig {
	t.Helper()
	r := lipgloss.NewRenderer(os.Stdout)
	r.SetColorProfile(termenv.Ascii)
	if colour {
		r.SetColorProfile(termenv.ANSI256)
	}
	r.SetHasDarkBackground(true)
	g := &boardRig{t: t, now: start}
	c := newCommon(r)
	c.now = func() time.Time { return g.now }
	c.after = func(time.Duration) tea.Cmd { return nil }
	open := func(context.Context, string) (Result, error) { return Result{}, nil }
	g.b = newBoard(BoardOptions{Sources: sources, Open: open}, c, func() { g.cancelled++ })
	g.b.Init()
	g.drive(tea.WindowSizeMsg{Width: width, Height: height})
	return g
}

func (g *boardRig) drive(msgs ...tea.Msg) {
	g.t.Helper()
	for _, msg := range msgs {
		_, cmd := g.b.Update(msg)
		g.run(cmd)
	}
}

func (g *boardRig) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.QuitMsg:
		g.quit = true
	case tea.BatchMsg:
		for _, c := range msg {
			g.run(c)
		}
	}
}

func (g *boardRig) keys(names string) {
	g.t.Helper()
	for _, name := range strings.Fields(names) {
		g.drive(keyOf(name))
	}
}

func (g *boardRig) frame() string { return ansi.Strip(g.b.View()) }

func (g *boardRig) shows(texts ...string) {
	g.t.Helper()
	for _, text := range texts {
		if !strings.Contains(g.frame(), text) {
			g.t.Fatalf("the board does not show %q:\n%s", text, g.frame())
		}
	}
}

func (g *boardRig) hides(texts ...string) {
	g.t.Helper()
	for _, text := range texts {
		if strings.Contains(g.frame(), text) {
			g.t.Fatalf("the board shows %q:\n%s", text, g.frame())
		}
	}
}

func (g *boardRig) fits() {
	g.t.Helper()
	if g.b.quitting {
		return
	}
	lines := strings.Split(g.b.View(), "\n")
	if len(lines) != g.b.height {
		g.t.Fatalf("a frame of %d lines on %d rows", len(lines), g.b.height)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > g.b.width {
			g.t.Fatalf("line %d is %d columns wide on %dx%d: %q", i, n, g.b.width, g.b.height, l)
		}
	}
}

// begin and finish are what a run tells of a repository.
func (g *boardRig) begin(i int) {
	s := g.b.opts.Sources[i]
	g.b.feed.sink(progress.Event{Time: g.now, Source: s.Location, Stage: progress.Assess, Component: s.Name, Step: s.Location, State: progress.Started})
}

func (g *boardRig) step(i int, e progress.Event) {
	e.Time, e.Source = g.now, g.b.opts.Sources[i].Location
	g.b.feed.sink(e)
}

func (g *boardRig) finish(i int, row assess.Repository, took time.Duration) {
	s := g.b.opts.Sources[i]
	g.b.feed.row(s, &row, false)
	state := progress.Done
	if row.Verdict == assess.Failed {
		state = progress.Failed
	}
	g.b.feed.sink(progress.Event{Time: g.now, Source: s.Location, Stage: progress.Assess, Step: s.Location, State: state, Elapsed: took})
}

func boardSources() []assess.Source {
	var out []assess.Source
	for _, s := range []string{
		"storefront", "ledger", "petstore", "wiki", "intranet", "reports", "在庫管理システム", "مخزن", "batch", "a-repository-with-quite-a-long-name-that-is-cut-somewhere", "gateway", "mailer",
	} {
		out = append(out, assess.Source{Name: s, Location: "https://git.example.com/shop/" + s, Owner: "team-" + s[:1]})
	}
	return out
}

func boardRow1(verdict assess.Verdict, score int, days float64, language, framework string) assess.Repository {
	r := assess.Repository{
		Verdict: verdict, Score: score, EffortDays: days, Commit: "d21d0d34b0c1d21d0d34b0c1d21d0d34b0c1d21d", Files: 1204,
		Components: []detect.ComponentDocument{{Name: "web", Language: language, Framework: framework, FrameworkVersion: "4.2"}},
		Placement:  []assess.Advice{{Component: "web", Advice: assess.Container, Summary: "container: it keeps its data in a database"}},
		Services:   []string{"postgresql", "redis"}, BaseImages: []string{"ruby:2.6-slim"},
		Effort:    []assess.EffortPart{{What: "review of the generated files, pipeline, first deployment", Days: 1}},
		EndOfLife: []detect.EndOfLifeDocument{{What: "ruby 2.3", Since: "2019-03-31"}},
	}
	if verdict != assess.Ready {
		r.Blockers = []string{"local-file-storage"}
		r.Findings = []assess.Finding{
			{Rule: "local-file-storage", Title: "Writes into its own folders", Severity: "high", Points: 12, Messages: []string{"Uploads are kept in public/uploads: keep them on a volume or in a bucket."}, Evidence: []detect.Evidence{{File: "config/initializers/carrierwave.rb", Line: 12}, {File: "a", Line: 1}}},
			{Rule: "session", Title: "Sessions in one process", Severity: "medium", Points: 6, Messages: []string{"Several instances need a shared store."}, Evidence: []detect.Evidence{{File: "config/session.rb", Line: 3}}},
			{Rule: "log-file", Title: "Logs go to files", Severity: "low", Points: 2, Messages: []string{"Log to standard output."}},
		}
	}
	return r
}

// underWay is a board on which some repositories are done and some are under way, one of them being built.
func (g *boardRig) underWay() {
	g.t.Helper()
	kept := boardRow1(assess.Ready, 100, 1, "go", "none")
	g.b.feed.row(g.b.opts.Sources[10], &kept, true)
	for i, row := range []assess.Repository{
		boardRow1(assess.MinorWork, 78, 3, "ruby", "rails"), boardRow1(assess.MajorWork, 41, 12.5, "java", "struts"), boardRow1(assess.Ready, 94, 1.5, "java", "spring-boot"),
		{Verdict: assess.Failed, Error: "open https://git.example.com/shop/wiki: the server asks for a password: set DRYDOCK_GIT_TOKEN\nor give it in the address"},
		{Verdict: assess.NotContainerisable, Components: []detect.ComponentDocument{{Name: "site", Language: "csharp"}}},
	} {
		g.begin(i)
		g.now = g.now.Add(3 * time.Second)
		g.finish(i, row, 2900*time.Millisecond)
		g.drive(tickMsg{})
	}
	g.begin(5)
	g.now = g.now.Add(7 * time.Second)
	g.begin(6)
	g.begin(7)
	g.step(5, progress.Event{Stage: progress.Pull, Component: "reports/web", Step: "ruby", Name: "pull ruby:2.6-slim", State: progress.Done})
	g.step(5, progress.Event{Stage: progress.Build, Component: "reports/web", Step: "7", Name: "[build 3/8] RUN bundle install", State: progress.Started})
	g.step(5, progress.Event{Stage: progress.Build, Component: "reports/web", Step: "7", State: progress.Log, Text: "Installing nokogiri 1.10.4 with native extensions"})
	g.step(6, progress.Event{Stage: progress.Fetch, Step: "clone", Name: "clone", State: progress.Running, Current: 7 << 20, Total: 12 << 20, Unit: "bytes"})
	g.drive(tickMsg{})
}

// allDone ends the run.
func (g *boardRig) allDone() {
	g.t.Helper()
	g.underWay()
	for i := 5; i < len(g.b.rows); i++ {
		if i == 10 {
			continue
		}
		row := boardRow1(assess.MinorWork, 50+3*i, float64(i), "php", "laravel")
		if i == 5 {
			row.Verification = &verify.Verdict{Outcome: verify.Built, Components: []verify.ComponentVerdict{{Name: "web", Outcome: verify.Built, Attempts: []verify.Attempt{{Failure: verify.Failure{Message: "it did not answer within 60 s"}}}}}}
		}
		g.begin(i)
		g.finish(i, row, time.Duration(i)*time.Second)
	}
	g.b.feed.end([]string{"12 repositories in 24.0 s: 2 ready, 8 minor-work, 1 not-containerisable, 1 error; mean score 70.2; 55.5 days", "  wave 1: 8 repositories, 30 days", "reports: report/index.html"}, nil)
	g.now = g.now.Add(2 * time.Second)
	g.drive(tickMsg{})
}

// TestBoardGoldenFrames draws the board at three sizes, with and without colour.
func TestBoardGoldenFrames(t *testing.T) {
	screens := []struct {
		name string
		walk func(*boardRig)
	}{
		{"board-start", func(*boardRig) {}},
		{"board-underway", (*boardRig).underWay},
		{"board-done", (*boardRig).allDone},
		{"board-findings", func(g *boardRig) { g.allDone(); g.keys("s s s S down down enter") }},
		{"board-step", func(g *boardRig) { g.underWay(); g.keys("enter") }},
		{"board-error", func(g *boardRig) {
			g.allDone()
			g.drive(keyOf("/"), tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("password")})
			g.keys("enter enter")
		}},
		{"board-filter", func(g *boardRig) {
			g.allDone()
			g.drive(keyOf("/"), tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("laravel 在")})
		}},
		{"board-state", func(g *boardRig) { g.underWay(); g.keys("f f f f f") }},
		{"board-help", func(g *boardRig) { g.underWay(); g.keys("?") }},
		{"board-leave", func(g *boardRig) { g.underWay(); g.keys("q") }},
		{"board-stopping", func(g *boardRig) { g.underWay(); g.keys("ctrl+c") }},
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {60, 20}} {
		for _, colour := range []bool{false, true} {
			for _, s := range screens {
				name := fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1])
				if colour {
					name += "-colour"
				}
				t.Run(name, func(t *testing.T) {
					g := newBoardRig(t, size[0], size[1], colour, boardSources())
					s.walk(g)
					g.fits()
					goldenFile(t, name, g.b.View()+"\n")
					if escapes := strings.Contains(g.b.View(), "\x1b"); escapes != colour {
						t.Errorf("escape sequences: %v", escapes)
					}
				})
			}
		}
	}
}

func TestBoardCountsAndClock(t *testing.T) {
	g := newBoardRig(t, 120, 30, false, append(boardSources(), boardSources()[0]))
	g.shows("0 of 12", "○ 12 waiting") // a source that is named twice is one
	g.underWay()
	g.shows("6 of 12", "● 3 under way", "○ 3 waiting", "✓ 2 ready", "kept", "2.9 s", "build: [build 3/8] RUN bundle install", "fetch: clone 7.0 of 12.0 MiB (58%)")
	g.shows("the server asks for a password: set DRYDOCK_GIT_TOKEN or give it", "about 26.0 s left") // the cause, without what is known, on one line
	g = newBoardRig(t, 200, 40, false, boardSources())
	g.allDone()
	g.shows("12 of 12", "reports: report/index.html", "built · laravel 4.2")
}

func TestBoardCursorStaysWithItsRow(t *testing.T) {
	g := newBoardRig(t, 80, 24, false, boardSources())
	g.begin(0)
	g.drive(tickMsg{})
	g.shows("> ⠋ storefront")
	g.begin(1)
	g.finish(0, boardRow1(assess.Ready, 90, 1, "go", "none"), time.Second)
	g.drive(tickMsg{})
	g.shows("> ⠋ ledger") // nobody has moved it: it is at what is latest
	g.keys("down")
	g.shows("> ✓ storefront")
	for i := 2; i < 9; i++ {
		g.begin(i)
		g.finish(i, boardRow1(assess.Ready, 90, 1, "go", "none"), time.Second)
		g.drive(tickMsg{})
	}
	g.shows("> ✓ storefront")
	g.keys("home")
	g.shows("> ⠋ ledger")
}

func TestBoardSorts(t *testing.T) {
	g := newBoardRig(t, 120, 40, false, boardSources())
	g.allDone()
	names := func() string {
		var out []string
		for _, i := range g.b.order {
			out = append(out, g.b.rows[i].name)
		}
		return strings.Join(out[:3], " ")
	}
	for i, want := range []string{
		"a-repository-with-quite-a-long-name-that-is-cut-somewhere batch gateway", // name
		"petstore gateway storefront",    // verdict
		"intranet ledger reports",        // score, the lowest first
		"ledger mailer a-repository",     // effort, the most first
		"mailer a-repository",            // time, the longest first
		"storefront ledger petstore",     // as listed
		"mailer a-repository-with-quite", // latest first
	} {
		g.keys("s")
		if got := names(); !strings.HasPrefix(got, want) {
			t.Errorf("order %d: %s, want %s", i, got, want)
		}
	}
	g.keys("s s s S") // the highest score first; what has none stays last
	if got := names(); !strings.HasPrefix(got, "gateway petstore mailer") {
		t.Errorf("score reversed: %s", got)
	}
}

func TestBoardFilters(t *testing.T) {
	g := newBoardRig(t, 80, 24, false, boardSources())
	g.allDone()
	g.drive(keyOf("/"), tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("sq?")}) // keys are text now
	g.shows("no repository is like that", "0 of 12")
	g.keys("ctrl+u")
	g.drive(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("STRUTS major")})
	g.shows("ledger", "1 of 12")
	g.hides("petstore")
	g.keys("enter esc")
	g.shows("petstore")
	g.keys("f")
	g.shows("only: ready", "2 of 12")
	g.hides("ledger")
	g.keys("f f f f f")
	g.shows("ledger", "petstore")
}

func TestBoardOpensFindingsAndTheWizard(t *testing.T) {
	g := newBoardRig(t, 80, 24, false, boardSources())
	g.underWay()
	g.keys("o")
	g.shows("is not finished")
	if g.quit {
		t.Fatal("it has left")
	}
	g.keys("enter")
	g.shows("under way", "✓ pull ruby:2.6-slim", "Installing nokogiri")
	g.drive(keyOf("/"), tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("struts")}) // it closes the findings where they hide the rows
	g.shows("latest first", "1 of 12")
	g.keys("enter enter")
	g.shows("major work · score 41 · effort 12.5 d", "Writes into its own folders", "carrierwave.rb:12 +1 −12")
	g.keys("o")
	if !g.quit || g.b.rows[g.b.opening].name != "ledger" {
		t.Fatalf("the wizard is not opened: %v %d", g.quit, g.b.opening)
	}
	g.b.quitting, g.quit = false, false
	g.b.back(Result{Verdict: &verify.Verdict{Outcome: verify.Healthy}, OutputDir: "ledger"}, nil)
	g.b.Init()
	g.shows("ledger: healthy; 0 files written to ledger", "Writes into its own folders")
	g.b.opening = 0
	g.b.back(Result{}, errors.New("no terminal"))
	g.shows("storefront: no terminal")
	g.b.back(Result{Interrupted: true}, nil)
	g.shows("stopping")
	if g.cancelled != 1 {
		t.Errorf("cancelled %d times", g.cancelled)
	}
}

func TestBoardLeavingAsksOnlyWhileSomethingRuns(t *testing.T) {
	g := newBoardRig(t, 80, 24, false, boardSources())
	g.underWay()
	g.keys("q")
	g.shows("6 of 12 are done and kept", "--resume")
	g.keys("n q y")
	g.shows("stopping")
	if g.quit || g.cancelled != 1 {
		t.Fatalf("quit %v, cancelled %d: it waits until the run has stopped", g.quit, g.cancelled)
	}
	g.b.feed.end(nil, context.Canceled)
	g.drive(tickMsg{})
	if !g.quit || !g.b.interrupted || g.b.hard {
		t.Errorf("quit %v interrupted %v hard %v", g.quit, g.b.interrupted, g.b.hard)
	}

	g = newBoardRig(t, 80, 24, false, boardSources())
	g.allDone()
	g.keys("q")
	if !g.quit || g.b.interrupted {
		t.Errorf("after all is done: quit %v, interrupted %v", g.quit, g.b.interrupted)
	}

	g = newBoardRig(t, 80, 24, false, boardSources())
	g.underWay()
	g.keys("ctrl+c ctrl+c")
	if !g.quit || !g.b.hard || !g.b.interrupted {
		t.Errorf("ctrl+c twice: quit %v hard %v interrupted %v", g.quit, g.b.hard, g.b.interrupted)
	}

	g = newBoardRig(t, 80, 24, false, boardSources())
	g.b.feed.end(nil, errors.New("the disk is full"))
	g.drive(tickMsg{})
	if !g.quit {
		t.Error("a run that failed keeps the board up")
	}
}

// TestBoardNeutralisesHostileText has escape sequences everywhere where others write.
func TestBoardNeutralisesHostileText(t *testing.T) {
	const evil = "x\x1b[31mred\x07\u202eevil\x9b31m"
	g := newBoardRig(t, 200, 50, false, []assess.Source{{Name: evil, Location: "https://me:secret@git.example.com/" + evil, Owner: evil, Tags: []string{evil}}, {Location: "/srv/" + evil}})
	g.begin(0)
	g.begin(1)
	g.step(0, progress.Event{Stage: progress.Build, Component: evil, Step: evil, Name: evil, State: progress.Started, Unit: evil})
	g.step(0, progress.Event{Stage: progress.Build, Step: "1", Name: evil, State: progress.Failed, Text: evil + "\n" + evil})
	g.step(0, progress.Event{Stage: progress.Build, State: progress.Log, Text: evil})
	g.step(0, progress.Event{Stage: progress.Build, State: progress.Warning, Text: evil})
	g.drive(tickMsg{})
	safe := func() {
		t.Helper()
		if frame := g.b.View(); strings.ContainsAny(frame, "\x1b\x07\u202e\u009b") || strings.Contains(frame, "secret") {
			t.Fatalf("%q", frame)
		}
		g.fits()
	}
	safe()
	g.keys("enter")
	safe()
	row := boardRow1(assess.MajorWork, 1, 1, evil, evil)
	row.Error, row.Commit, row.Blockers, row.Services, row.BaseImages = evil, evil, []string{evil}, []string{evil}, []string{evil}
	row.Findings[0].Title, row.Findings[0].Messages, row.Findings[0].Severity, row.Findings[0].Evidence[0].File = evil, []string{evil}, evil, evil
	row.Placement[0].Summary, row.Effort[0].What, row.EndOfLife[0].What = evil, evil, evil
	row.Verification = &verify.Verdict{Outcome: verify.Failed, Components: []verify.ComponentVerdict{{Name: evil, Attempts: []verify.Attempt{{Failure: verify.Failure{Message: evil}}}}}}
	g.finish(0, row, time.Second)
	g.finish(1, assess.Repository{Verdict: assess.Failed, Error: evil}, time.Second)
	g.b.feed.end([]string{evil}, nil)
	g.drive(tickMsg{})
	safe()
	g.keys("y")
	safe()
}

// TestBoardFeedIsBounded sends more than is ever kept.
func TestBoardFeedIsBounded(t *testing.T) {
	g := newBoardRig(t, 80, 24, false, boardSources())
	g.begin(0)
	for i := range 100_000 {
		g.step(0, progress.Event{Stage: progress.Build, Step: itoa(i), Name: "step " + itoa(i), State: []progress.State{progress.Started, progress.Log, progress.Running, progress.Done}[i%4], Text: "line"})
		g.b.feed.sink(progress.Event{Stage: progress.Build, Source: "https://git.example.com/of-somebody-else", State: progress.Started})
	}
	if n := len(g.b.feed.news); n != 1 {
		t.Errorf("news of %d repositories", n)
	}
	g.drive(tickMsg{})
	if n := len(g.b.rows[0].trail); n != trailMost {
		t.Errorf("%d steps are remembered", n)
	}
	g.drive(tickMsg{})
	big := boardRow1(assess.MinorWork, 1, 1, "go", "none")
	for range 1000 {
		big.Findings = append(big.Findings, assess.Finding{Title: strings.Repeat("x", 10_000), Messages: slices.Repeat([]string{strings.Repeat("y", 10_000)}, 100)})
	}
	g.finish(0, big, 0)
	g.drive(tickMsg{})
	if f := g.b.rows[0].brief.findings; len(f) != briefMost || len(f[5].messages) != 4 || len(f[5].title) > briefText+3 {
		t.Errorf("%d findings are kept", len(f))
	}
}

func TestBoardFitsEverySize(t *testing.T) {
	for _, walk := range []string{"", "enter", "?", "/", "q", "f f", "s s s enter tab down down", "ctrl+c"} {
		for _, full := range []func(*boardRig){(*boardRig).underWay, (*boardRig).allDone} {
			g := newBoardRig(t, 80, 24, true, boardSources())
			full(g)
			if !strings.Contains(walk, "c") || !g.b.over {
				g.keys(walk)
			}
			for width := 1; width < 230; width += 1 + width/20 {
				for _, height := range []int{1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 13, 20, 24, 50, 90} {
					g.drive(tea.WindowSizeMsg{Width: width, Height: height})
					g.fits()
				}
			}
		}
	}
}

// TestBoardMonkey presses random keys while things happen.
func TestBoardMonkey(t *testing.T) {
	keys := strings.Fields(`up down left right enter enter esc tab shift+tab space / ? o n N s S f y j k g G q ctrl+c pgup pgdown home end backspace ctrl+u ctrl+w ctrl+l alt+d a . ~ é 全 n n`)
	random := rand.New(rand.NewPCG(3, 4))
	verdicts := assess.Verdicts()
	var g *boardRig
	var at int
	restart := func() {
		sources := boardSources()
		for i := range random.IntN(300) {
			sources = append(sources, assess.Source{Location: "/srv/git/" + itoa(i)})
		}
		g, at = newBoardRig(t, 80, 24, true, sources), 0
	}
	restart()
	var last []string
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("panic %v after %v\n%s", p, last, stack())
		}
	}()
	for i := range 30_000 {
		switch {
		case g.quit && g.b.opening >= 0:
			g.b.quitting, g.quit = false, false
			g.b.back(Result{Interrupted: random.IntN(20) == 0}, nil)
			g.b.opening = -1
			g.b.Init()
		case g.quit:
			restart()
			last = nil
		}
		key := keys[random.IntN(len(keys))]
		last = append(last[max(0, len(last)-40):], key)
		switch random.IntN(12) {
		case 0:
			g.drive(tea.WindowSizeMsg{Width: 1 + random.IntN(220), Height: 1 + random.IntN(70)})
		case 1, 2, 3:
			if at < len(g.b.rows) {
				g.begin(at)
				g.step(at, progress.Event{Stage: progress.Build, Name: "step", State: progress.Started})
				if random.IntN(2) == 0 {
					g.finish(at, boardRow1(verdicts[random.IntN(len(verdicts))], random.IntN(101), float64(random.IntN(9)), "go", "none"), time.Second)
				}
				at++
			} else if random.IntN(9) == 0 {
				g.b.feed.end([]string{"all done"}, nil)
			}
			g.drive(tickMsg{})
		case 4:
			if g.b.stopping {
				g.b.feed.end(nil, context.Canceled)
				g.drive(tickMsg{})
			}
		case 5:
			g.drive(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune("pasted\ntext\x1b")}, tea.MouseMsg{Button: tea.MouseButtonWheelDown})
		}
		g.now = g.now.Add(40 * time.Millisecond)
		g.keys(key)
		if i%5 == 0 || g.b.height < 5 {
			g.fits()
		}
	}
}

// BenchmarkBoardKey is from a key to its frame with 2,000 repositories of which 1,000 are done and hundreds change every second. p99-ms is the
// slowest key in a hundred.
func BenchmarkBoardKey(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			sources := make([]assess.Source, 2000)
			for i := range sources {
				sources[i] = assess.Source{Location: "https://git.example.com/group/repository-" + itoa(i)}
			}
			g := newBoardRig(b, size[0], size[1], true, sources)
			verdicts := assess.Verdicts()
			for i := range 1000 {
				g.begin(i)
				g.finish(i, boardRow1(verdicts[i%4], i%100, float64(i%9), "ruby", "rails"), time.Duration(i)*time.Millisecond)
			}
			for i := 1000; i < 1010; i++ {
				g.begin(i)
			}
			g.drive(tickMsg{})
			keys := []string{"down", "pgdown", "end", "up", "pgup", "home", "enter", "n", "esc", "s", "f", "esc", "/", "r", "a", "esc"}
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				for j := range 20 { // what a frame's time brings at 600 events a second
					g.step(1000+j%10, progress.Event{Stage: progress.Build, Step: itoa(j), Name: "RUN make", State: progress.Started})
				}
				g.begin(1000 + i%10) // the order changes
				begin := time.Now()
				g.b.Update(tickMsg{})
				g.b.Update(keyOf(keys[i%len(keys)]))
				_ = g.b.View()
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
