package tui

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
)

func TestWholeJobKeyByKey(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.shows("[1 Source]", "Where is the application?", "~/src/petstore", "2 days ago", "https://bob:***@git.")
	g.hides("secret")

	g.typed("https://git.example.com/redmine#4.2-stable")
	g.keys("enter")
	g.shows("[2 Findings]", "redmine@9d1f0c4", "rails 5.2.8.1", "Gemfile.lock:112", "end-of-life", "2 components")

	g.keys("j enter") // evidence of the framework
	g.shows("┌ Gemfile.lock:112  1 of 2", "▌")
	g.keys("enter") // its second place
	g.shows("┌ Gemfile:8  2 of 2", `gem "rails", "5.2.8.1"`)
	g.keys("down") // the runtime
	g.shows("the newest that Rails 5.2 runs on")

	g.keys("esc e") // correct it
	g.shows("Which Ruby does web use?", "Why: the Gemfile allows several", "> 2.7  ● now", "another value")
	g.keys("end enter")
	g.typed(" not a version!")
	g.keys("enter")
	g.shows("✗ ", "languageVersion")
	g.keys("ctrl+u")
	g.typed("2.6")
	g.keys("enter")
	g.shows("ruby 2.6", "chosen")

	g.keys("n")
	g.shows("[3 Decisions]", "[x] compose", "[ ] fargate", "● Which Ruby does web use?", "answered", "1 of ")
	g.keys("down down space")
	g.shows("[x] fargate")
	g.keys("n")
	g.shows("[4 Files]", "A Dockerfile", "M .dockerignore", "= drydock.yaml", "DL3008", "why line 1:")
	g.keys("tab j j j j j j")
	g.shows("why line 7:", "Gemfile.lock:1")
	g.keys("d")
	g.shows("+# builds on engine 20.10")
	g.keys("esc down")
	g.shows("diff  merge", "+tmp")

	g.keys("w")
	g.shows("Write to /home/me/src/redmine?", "3 new, 1 merged with your edits, 1 unchanged")
	g.keys("esc")
	g.hides("Write to")
	g.keys("w y")
	g.shows("[6 Done]", "✓ redmine builds, starts and answers", "GET /login → 200 in 84 ms", "image 268.0 MiB", "docker compose -f /home/me/src/redmine/compose.yaml up", "taskdef-web.json",
		"drydock undo -o /home/me/src/redmine", "drydock containerize . --yes --target compose,fargate")
	g.keys("end")
	g.shows("cured by apt-package/pg_config", "it writes where the plan does not say so")
	g.keys("esc")
	g.shows("[5 Verify]", "FROM ruby:2.7.8-slim", "cached", "✓ healthy", "Can't find the 'libpq-fe.h' header")
	g.keys("esc esc")
	g.shows("[3 Decisions]", "● Which Ruby does web use?") // nothing that was answered is lost
	g.keys("esc")
	g.shows("[2 Findings]", "ruby 2.6")
	g.keys("6")
	g.shows("[6 Done]")

	want := "set:components.web.languageVersion= not a version! set:components.web.languageVersion=2.6 settargets:compose,fargate"
	if seen := g.d.seen(); !contains(seen, strings.Fields(want)...) || !strings.Contains(seen, "write:false") {
		t.Errorf("calls: %s", seen)
	}
	g.keys("enter")
	if !g.quit {
		t.Fatal("enter on the last screen does not leave")
	}
	r := g.w.result()
	if r.Interrupted || r.Err != nil || len(r.Written) != 5 || r.Verdict == nil || r.OutputDir == "" || len(r.Command) == 0 {
		t.Errorf("result: %+v", r)
	}
}

func contains(s string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}

func TestSourceIsOpenedAtOnceWhenNamed(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "/srv/app" })
	g.shows("[2 Findings]")
	g.keys("1")
	g.shows("> /srv/app", "it is open")
	g.keys("enter")
	g.shows("[2 Findings]")
	if n := strings.Count(g.d.seen(), "open"); n != 1 {
		t.Errorf("opened %d times", n)
	}
}

func TestOpenErrorIsShownInPlace(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.d.openErr = errors.New("no known stack in /srv (3 files)\n  looked for:\n    ruby (Gemfile)\x1b]0;pwned\x07\n  try: name the folder")
	g.typed("/srv")
	g.keys("enter")
	g.shows("> /srv", "✗ no known stack", "    looked for:", "ruby (Gemfile)", "try: name the folder")
	if r := g.w.result(); r.Err == nil {
		t.Error("the result holds no error")
	}
	g.d.openErr = nil
	g.typed("2")
	g.hides("no known stack")
	g.keys("enter")
	g.shows("[2 Findings]")
	if r := g.w.result(); r.Err != nil || r.Location != "/srv2" {
		t.Errorf("result: %+v", r)
	}
}

func TestEscStopsReadingASource(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.d.block = make(chan struct{})
	g.hold = true
	g.typed("/srv/app")
	g.keys("enter")
	g.shows("Reading /srv/app", "opening")
	g.w.feed.sink(fetchEvents()[0])
	g.w.feed.sink(fetchEvents()[2])
	g.w.feed.sink(fetchEvents()[3])
	g.drive(tickMsg{})
	g.shows("receive objects", "6.9 of 11.3 MiB (61%)", "█", "3.6 s")
	g.keys("q")
	g.shows("Stop the detection and leave?")
	g.keys("n esc")
	g.shows("Stopping /srv/app")
	g.release()
	g.shows("Where is the application?", "> /srv/app", "stopped")
	if g.quit {
		t.Error("it left")
	}
}

func TestRecentSourceAndHelp(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.keys("?")
	g.shows("Keys on this screen", "Everywhere")
	g.keys("down esc down down up")
	g.keys("enter")
	g.shows("[2 Findings]")
	if g.w.location != "/home/me/src/petstore" {
		t.Errorf("opened %q", g.w.location)
	}
}

func TestPasteTakesOneLine(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.drive(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune("https://a.example/x\nhttps://a.example/y\n")})
	g.shows("> https://a.example/x", "one source at a time")
	g.hides("a.example/y")
}

func TestAnotherSourceAsksBeforeAnswersAreLost(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "/srv/app" })
	g.keys("n down space 1")
	g.typed("2")
	g.keys("enter")
	g.shows("Open another source?", "1 change of yours")
	g.keys("n")
	g.shows("> /srv/app2")
	g.keys("enter y")
	g.shows("[2 Findings]")
	if g.w.edits != 0 || g.w.location != "/srv/app2" || g.w.seen[stepDecisions] {
		t.Errorf("the new source starts with the old one's state: %+v", g.w.session)
	}
}

func TestFilter(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("/")
	g.typed("database.yml")
	g.shows("filter: database.yml", "needs", "postgresql")
	g.hides("puma 5.6.5")
	g.keys("enter")
	g.shows("filter: database.yml (1)")
	g.keys("esc")
	g.shows("puma 5.6.5")
	g.keys("/")
	g.typed("no such thing")
	g.shows("nothing matches")
	g.keys("enter enter e w y esc")
}

func TestWarningsLeadToTheirEvidence(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("tab down enter")
	g.shows(">! local-file-storage"[:10], "lib/redmine/configuration.rb:12")
}

func TestUndo(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("n enter down enter")
	g.shows("2.6", "answered")
	g.keys("u")
	g.shows("back to components.web.languageVersion=2.7", "QUESTIONS  1 open", "0 of 28 chosen by you")
	g.keys("u")
	g.shows("nothing has been changed")
	if g.keys("q"); !g.quit { // all is as it was found
		t.Error("leaving asks although nothing would be lost")
	}
}

func TestUnansweredQuestionHoldsBack(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.w.asked[0].Default = ""
	g.keys("n n")
	g.shows("[3 Decisions]", "no sensible default", "needs an answer")
	g.keys("enter enter")
	g.keys("n")
	g.shows("[4 Files]")
}

func TestQuickTogglesAreAllKept(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("n")
	g.hold = true
	g.keys("down space down space space space up space")
	g.shows("[x] compose", "[x] fargate")
	g.release()
	g.shows("[x] compose", "[x] fargate")
	if got := g.d.targets; !got[0].Chosen || !got[1].Chosen {
		t.Errorf("targets %+v", got)
	}
}

func TestGenerateErrorAndConflict(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.d.generateErr = errors.New("render Dockerfile: no base image for ruby 1.8\n  try: set one")
	g.keys("n n")
	g.shows("The files could not be made", "no base image for ruby 1.8", "r tries again")
	g.keys("w v")
	g.hides("Write to")
	g.d.generateErr, g.d.conflict = nil, true
	g.keys("r")
	g.shows("! compose.yaml", "conflict")
	g.keys("w")
	g.shows("nothing is written unless you say so", "compose.yaml was edited where it would change; yours would be kept as", "compose.yaml.orig")
	g.keys("d")
	g.shows("-    build: ./mine", "+    build: .")
	g.keys("w n w f")
	g.shows("[6 Done]")
	if !strings.Contains(g.d.seen(), "write:true") {
		t.Errorf("calls: %s", g.d.seen())
	}
}

func TestWriteErrorIsShown(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "."; o.NoVerify = true })
	g.d.writeErr = errors.New("write Dockerfile: no space left on device")
	g.keys("n n w y")
	g.shows("[4 Files]", "✗ write Dockerfile: no space left on device")
	if r := g.w.result(); r.Err == nil || r.Written != nil {
		t.Errorf("result %+v", r)
	}
	g.d.writeErr = nil
	g.keys("w y")
	g.shows("[6 Done]", "was not verified")
	if strings.Contains(g.d.seen(), "verify") {
		t.Error("it verified")
	}
}

func TestVerifyFailureShowsStepAndLastLines(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.d.events, g.d.verifyErr, g.d.outcome = failedEvents(), fmt.Errorf("build web: bundle install: exit code 5"), "failed"
	g.keys("n n v")
	g.shows("[5 Verify]", "✗ RUN bundle install", "41.0 s", "✗ RUN bundle install failed", "exit code 5", "|   Can't find the 'libpq-fe.h' header", "r tries again")
	g.keys("n")
	g.shows("[6 Done]", "✗ redmine does not build", "nothing yet: w writes the files")
	g.keys("esc r")
	if n := strings.Count(g.d.seen(), " verify"); n != 2 {
		t.Errorf("verified %d times", n)
	}
	if r := g.w.result(); r.Err == nil || r.Verdict == nil {
		t.Errorf("result %+v", r)
	}
}

// held starts a verification that is under way until the test releases it.
func held(t *testing.T) *rig {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("n n")
	g.d.block = make(chan struct{})
	g.hold = true
	g.keys("v")
	for _, e := range buildEvents() {
		g.w.feed.sink(e)
	}
	g.drive(tickMsg{})
	g.d.events = nil
	g.shows("[5 Verify]", "at work", "○ probe", "● following")
	return g
}

func TestCtrlCDuringVerifyWaitsForTheCleanup(t *testing.T) {
	g := held(t)
	g.keys("ctrl+c")
	g.shows("cleaning up", "ctrl+c again")
	if g.quit {
		t.Fatal("it left before the cleanup")
	}
	g.release()
	if !g.quit || g.w.hard {
		t.Fatal("it did not leave after the cleanup")
	}
	if r := g.w.result(); !r.Interrupted || r.Err != nil {
		t.Errorf("result %+v", r)
	}
}

func TestSecondCtrlCLeavesAtOnce(t *testing.T) {
	g := held(t)
	g.keys("ctrl+c")
	g.hold = false
	g.held = nil
	g.keys("ctrl+c")
	if !g.quit || !g.w.hard || !g.w.result().Interrupted {
		t.Errorf("quit=%v hard=%v", g.quit, g.w.hard)
	}
}

// TestRemedyWaits holds that a remedy is shown with its difference and waits for the person, who may look at it, apply it,
// leave the failure or stop the run.
func TestRemedyWaits(t *testing.T) {
	for key, want := range map[string]bool{"y": true, "n": false} {
		g := held(t)
		answers := make(chan bool, 1)
		go func() {
			yes, err := g.w.feed.ask(context.Background(), flow.Remedy{
				ID: "apt-package", Component: "web", Detail: "systemPackages.build + libpq-dev", Why: "it compiles against this library",
				Failure: verify.Failure{Message: "pg_config is missing", Log: []string{"checking for pg_config... no"}},
				Files: []flow.FileState{
					{Path: "Dockerfile", Diff: "--- Dockerfile\n+++ Dockerfile\n@@ -4,2 +4,3 @@\n RUN apt-get install \\\n+      libpq-dev \\\n"},
					{Path: "drydock.yaml", Diff: "--- drydock.yaml\n+++ drydock.yaml\n@@ -1 +1 @@\n+libpq-dev # chosen\n"},
				},
			})
			answers <- yes && err == nil
		}()
		for g.w.feed.proposed() == nil {
			time.Sleep(time.Millisecond)
		}
		g.w.look()
		g.shows("Apply a remedy to web", "pg_config is missing", "apt-package", "because it compiles", "+      libpq-dev", "d the whole diff")
		g.hides("+++ Dockerfile", "# chosen")
		g.keys("d")
		g.shows("+++ Dockerfile", "RUN apt-get install", "+libpq-dev # chosen")
		g.keys("pgdown pgup d")
		g.hides("+++ Dockerfile")
		g.keys("esc")
		g.w.look() // it comes back: the run waits
		g.shows("Apply a remedy to web")
		g.keys(key)
		if got := <-answers; got != want {
			t.Errorf("%s answers %v", key, got)
		}
		g.hides("Apply a remedy")
	}
}

func TestSignalDuringVerify(t *testing.T) {
	g := held(t)
	g.drive(interruptMsg{})
	g.shows("cleaning up")
	g.release()
	if !g.quit || !g.w.result().Interrupted {
		t.Error("a signal does not end it as interrupted")
	}
}

func TestEscDuringVerifyStopsAndStays(t *testing.T) {
	g := held(t)
	g.keys("esc")
	g.shows("Stop the verification?")
	g.keys("n")
	g.shows("at work")
	g.keys("esc b")
	g.shows("[4 Files]")
	g.keys("3 down space")
	g.shows("verification is under way")
	g.keys("5 esc y")
	g.shows("cleaning up")
	g.release()
	g.shows("stopped; r tries again", "· RUN bundle install", "not ended")
	if g.quit || g.w.result().Err != nil {
		t.Error("it left, or calls the stop a failure")
	}
}

func TestQuitDuringVerifyAsks(t *testing.T) {
	g := held(t)
	g.keys("q")
	g.shows("Stop the verification and leave?")
	g.keys("y")
	g.shows("cleaning up")
	g.release()
	if !g.quit || g.w.result().Interrupted {
		t.Error("q is no interrupt, and leaves")
	}
}

func TestLeavingAsksOnlyWhenSomethingWouldBeLost(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("q")
	if !g.quit {
		t.Fatal("it asks though nothing would be lost")
	}
	for _, key := range []string{"q", "ctrl+c"} {
		g = newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
		g.keys("n down space " + key)
		g.shows("Leave without writing?")
		g.keys("esc " + key + " y")
		if !g.quit || g.w.result().Interrupted != (key == "ctrl+c") {
			t.Errorf("%s: quit=%v interrupted=%v", key, g.quit, g.w.result().Interrupted)
		}
	}
	g = newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("n down space ctrl+c ctrl+c")
	if !g.quit {
		t.Error("the second ctrl+c does not leave at once")
	}
	g = newRig(t, 80, 24, false, func(o *Options) { o.Source = "."; o.NoVerify = true })
	g.keys("n down space n w y q")
	if !g.quit {
		t.Error("it asks though all is written")
	}
}

func TestLogSearchScrollAndFollow(t *testing.T) {
	g := held(t)
	for i := range 500 {
		g.w.feed.sink(progress.Event{Time: at(-2), Stage: progress.Build, Component: "web", Step: "3", State: progress.Log, Text: fmt.Sprintf("object %03d", i)})
	}
	g.drive(tickMsg{})
	g.shows("object 499", "● following")
	g.keys("pgup pgup")
	g.hides("object 499")
	g.shows("of 507")
	g.w.feed.sink(progress.Event{Time: at(-2), Stage: progress.Build, Component: "web", Step: "3", State: progress.Log, Text: "one more"})
	g.drive(tickMsg{})
	g.hides("one more")
	g.keys("/")
	g.typed("OBJECT 11")
	g.keys("enter")
	g.shows("> object 11", "/object 11")
	before := g.w.verifier.log.found
	g.keys("n n")
	if got := g.w.verifier.log.found - before; got != 2 {
		t.Errorf("n moved by %d lines", got)
	}
	g.keys("N")
	if got := g.w.verifier.log.found - before; got != 1 {
		t.Errorf("N moved to %d", got)
	}
	g.keys("/ ctrl+u")
	g.typed("nowhere")
	g.keys("enter")
	g.shows("no line holds nowhere")
	g.keys("esc f")
	g.shows("one more", "● following")
	g.keys("home")
	g.shows("Fetching nokogiri")
	g.keys("tab up up enter")
	g.shows("written nothing")
	g.keys("end enter")
	g.shows("Fetching nokogiri")
	g.keys("end")
	g.shows("one more")
}

func TestHealthyDoesNotTakeTheLogAwayFromItsReader(t *testing.T) {
	g := held(t)
	g.keys("home")
	close(g.d.block)
	g.release()
	g.shows("[5 Verify]", "healthy: n shows the verdict")
	g.keys("right")
	g.shows("[6 Done]")
}

func TestStepsCannotBeSkipped(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("4")
	g.shows("[2 Findings]", "Files comes later")
	g.keys("n 1")
	g.typed("")
	g.shows("[1 Source]")
}

func TestFastTypingIsTheSameAsSlowTyping(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.typed("nn") // one read of the terminal may deliver both
	g.shows("[4 Files]")
}

// hostile is text that tries to leave its line, its pane or the terminal's good graces.
const hostile = "x\x1b[2J\x1b]0;pwned\x07\r\n\tA\u202e\u009b31m全角文字全角文字\u0301\xff\x00end"

func TestHostileTextIsNeutralisedEverywhere(t *testing.T) {
	g := newRig(t, 80, 24, false)
	g.w.opts.Recent = append(g.w.opts.Recent, flow.Recent{Location: hostile, Summary: hostile, Outcome: hostile, When: hostile})
	g.d.verifyErr = errors.New(hostile)
	for i := range g.d.events {
		e := &g.d.events[i]
		e.Name, e.Component, e.Text = e.Name+hostile, hostile, e.Text+hostile
	}
	for i := range g.d.targets {
		g.d.targets[i].Describe = hostile
	}
	check := func(where string) {
		t.Helper()
		g.fits()
		for _, r := range g.w.View() {
			if r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x202e) {
				t.Fatalf("%s: %U reaches the terminal:\n%q", where, r, g.w.View())
			}
		}
	}
	check("source")
	g.d.openErr = errors.New(hostile)
	g.typed("/srv")
	g.keys("enter")
	check("error")
	g.d.openErr = nil
	g.keys("enter enter")
	check("findings")
	g.keys("n w")
	check("decisions")
	g.w.say(hostile, true)
	check("notice")
	g.keys("n")
	for i := range g.w.files {
		g.w.files[i].diff = contentLines(hostile)
	}
	g.keys("d")
	check("files")
	g.keys("v")
	check("verify")
	g.keys("tab n")
	check("done")
}

func TestFrameFitsEverySize(t *testing.T) {
	for name, walk := range map[string]string{
		"source": "", "branches": "h t t p : / / a / b tab down", "tree": "open n n -", "findings": "open", "evidence": "open enter", "editor": "open e", "filter": "open / r u",
		"decisions": "open n", "why": "open n w", "question": "open n down down enter", "files": "open n n", "content": "open n n tab j j",
		"write": "open n n w", "verify": "open n n v esc", "search": "open n n v esc / x", "done": "open n n w y", "help": "open ?",
		"leave": "open n down space q",
	} {
		t.Run(name, func(t *testing.T) {
			g := newRig(t, 80, 24, true)
			for _, k := range strings.Fields(walk) {
				if k == "open" {
					g.typed("/srv")
					g.keys("enter")
					continue
				}
				g.keys(k)
			}
			for width := 20; width <= 200; width += 6 {
				for height := 5; height <= 60; height += 5 {
					g.drive(tea.WindowSizeMsg{Width: width, Height: height})
					g.fits()
				}
			}
			for _, tiny := range [][2]int{{1, 1}, {1, 60}, {200, 1}, {3, 3}, {12, 2}} {
				g.drive(tea.WindowSizeMsg{Width: tiny[0], Height: tiny[1]})
				g.fits()
			}
		})
	}
}

func TestMonkey(t *testing.T) {
	keys := strings.Fields(`up down left right enter enter esc tab shift+tab space / ? e d w y n v r u f x s o N g G j k 1 2 3 4 5 6 7 q ctrl+c pgup pgdown home end - =
		shift+left shift+right backspace delete ctrl+u ctrl+w ctrl+k ctrl+l ctrl+v alt+d alt+b alt+f a . ~ é 全 y y n n`)
	const presses = 100_000
	random := rand.New(rand.NewPCG(1, 2))
	var g *rig
	restart := func() {
		keeper := &fakeKeeper{}
		g = newRig(t, 80, 24, true, func(o *Options) {
			if o.Source = "."; random.IntN(2) == 0 {
				o.Keeper, o.Interrupted = keeper, []flow.Session{{ID: "1", Location: "/srv/old", Step: "verify", Changes: []flow.Change{{Path: "a", Value: "b"}}}}
			}
		})
		g.d.conflict, g.d.many = random.IntN(3) == 0, random.IntN(3) == 0
		if random.IntN(3) == 0 {
			g.d.events, g.d.verifyErr, g.d.outcome = failedEvents(), errors.New("build web: exit code 5"), "failed"
		}
	}
	restart()
	var last []string
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("panic %v after %v\n%s", p, last, stack())
		}
	}()
	for i := range presses {
		if g.quit {
			restart()
			last = nil
		}
		key := keys[random.IntN(len(keys))]
		last = append(last[max(0, len(last)-40):], key)
		switch random.IntN(30) {
		case 0:
			g.drive(tea.WindowSizeMsg{Width: 1 + random.IntN(220), Height: 1 + random.IntN(70)})
		case 1:
			g.hold = !g.hold
			if !g.hold {
				g.release()
			}
		case 2:
			g.drive(tickMsg{}, tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune("pasted\ntext\x1b")})
		}
		g.now = g.now.Add(40 * time.Millisecond)
		g.keys(key)
		if i%7 == 0 || g.w.height < 5 {
			g.fits()
		}
	}
	g.hold = false
	g.release()
	if g.quit {
		return
	}
	// Wherever it has got to, there is a way out.
	for i := 0; !g.quit; i++ {
		if i == 20 {
			t.Fatalf("ctrl+c does not leave after %v:\n%s", last, g.frame())
		}
		g.keys("ctrl+c")
	}
}

func TestJobsRunOneAtATimeAndInOrder(t *testing.T) {
	j := newJobs(context.Background())
	var order []string
	run := func(name string) job {
		return job{what: name, run: func(context.Context) tea.Msg { order = append(order, name); return name }}
	}
	first := j.add(run("a"))
	if j.add(run("b")) != nil || j.add(run("c")) != nil {
		t.Fatal("a second job starts while one runs")
	}
	for cmd := first; cmd != nil; cmd = j.done() {
		cmd()
	}
	if fmt.Sprint(order) != "[a b c]" || !j.idle() {
		t.Errorf("order %v", order)
	}
	j.close()
	if cmd := j.add(run("d")); cmd() != nil || len(order) != 3 {
		t.Error("a job runs after the end")
	}
}

// TestDefaultsAreTakenOnTheWay: whoever goes on to the files without answering has taken the defaults, as --yes does, and nothing of that
// is an edit that would be lost.
func TestDefaultsAreTakenOnTheWay(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("n n")
	g.shows("[4 Files]", "A Dockerfile")
	if n := strings.Count(g.d.seen(), "set:components.web.languageVersion=2.7"); n != 1 {
		t.Errorf("the default was taken %d times: %s", n, g.d.seen())
	}
	g.keys("esc")
	g.shows("QUESTIONS  all answered", "default taken", "0 of 28 chosen by you")
	g.keys("home enter down enter")
	g.shows("answered", "2.6", "1 of 28 chosen by you")
	g.keys("u")
	g.keys("n q")
	if g.w.confirm == nil && !g.quit {
		t.Error("q does nothing")
	}
}

// TestFilesErrorLeadsToItsCure goes from what stands in the way of the files to the decision that changes it.
func TestFilesErrorLeadsToItsCure(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.d.generateErr = &flow.UnsupportedError{Message: "no image of puma", Field: "components.web.appServerVersion"}
	g.keys("n n")
	g.shows("enter goes to components.web.appServerVersion, which decides this")
	g.keys("enter")
	g.shows("[3 Decisions]", "> server version", "server version of web")
	g.keys("esc n")
	g.d.generateErr = &flow.UnsupportedError{Message: "this platform runs no Windows", Field: "targets"}
	g.keys("r e")
	g.shows("[3 Decisions]", "> [x] compose")
	g.d.generateErr = nil
	g.keys("n")
	g.shows("A Dockerfile")
}

func TestDecisionsAreFiltered(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.keys("n /")
	g.typed("version")
	g.shows("COMPONENT web", "language version", "framework version", "filter: version")
	g.hides("DEPLOY TO", "compose")
	g.keys("enter down e")
	g.shows("Which Ruby does web use?", "another value")
	g.keys("esc esc")
	g.shows("DEPLOY TO")
	g.keys("/")
	g.typed("no such thing")
	g.shows("nothing matches")
	g.keys("enter enter e w y x space esc esc")
	g.shows("[3 Decisions]", "QUESTIONS")
}

// TestComponentsFold: findings are a tree of components, of which all but the first are folded where there is much to see.
func TestComponentsFold(t *testing.T) {
	g := newRig(t, 80, 24, false, func(o *Options) { o.Source = "." })
	g.shows(">▾ web        web", "? 3", "▾ worker", "3 guesses")
	g.keys("enter")
	g.shows(">▸ web", "rails 5.2.8.1", "▾ worker")
	g.hides("puma 5.6.5              certain")
	g.keys("down down -")
	g.shows(">▸ worker     worker        sidekiq, ruby 2.7")
	g.keys("=")
	g.shows("▾ web", "puma 5.6.5")
	g.keys("- /")
	g.typed("puma")
	g.shows("puma 5.6.5") // the filter finds what is folded away
	g.keys("enter esc home enter e enter esc")
	g.fits()
}
