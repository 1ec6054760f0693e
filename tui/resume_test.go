package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/flow"
)

// fakeKeeper remembers what it is told.
type fakeKeeper struct {
	steps   []string
	resumed *flow.Session
	refused []string
}

func (k *fakeKeeper) At(step string)        { k.steps = append(k.steps, step) }
func (k *fakeKeeper) Resume(s flow.Session) { k.resumed = &s }
func (k *fakeKeeper) Refused() []string     { return k.refused }

// at opens the made-up source and presses keys.
func at80(t *testing.T, keys string, opts ...func(*Options)) *rig {
	t.Helper()
	g := newRig(t, 80, 24, false, append(opts, func(o *Options) {
		if o.Resume == nil {
			o.Source = "/srv/app"
		}
	})...)
	g.keys(keys)
	return g
}

func TestRejectAndUndo(t *testing.T) {
	g := at80(t, "/ p o s t enter x")
	g.shows("rejected: needs postgresql (u undoes it)")
	if !contains(g.d.seen(), "unset:services.db.kind") {
		t.Errorf("calls: %s", g.d.seen())
	}
	g.keys("esc u")
	if !contains(g.d.seen(), "unset:services.db.kind", "undo") {
		t.Errorf("calls: %s", g.d.seen())
	}
	g.shows("postgresql")
	g = at80(t, "/ i m a g e enter x")
	if !strings.Contains(g.d.seen(), "set:components.web.systemPackages.") {
		t.Errorf("calls: %s", g.d.seen())
	}
	g = at80(t, "/ m e m c enter x") // nothing is started for it
	g.shows("nothing is made of this")
}

func TestSkipComponent(t *testing.T) {
	g := at80(t, "end space")
	g.shows("skipped", "worker is left out")
	g.keys("home space")
	g.shows("this is the only component")
	g.keys("end space")
	g.hides("skipped")
	if !contains(g.d.seen(), "set:components.worker.role=library", "set:components.worker.role=worker") {
		t.Errorf("calls: %s", g.d.seen())
	}
}

func TestCorrectionStandsBesideTheFinding(t *testing.T) {
	g := at80(t, "down down e down enter")
	g.shows("ruby 2.6  (EOL)  (fou", "chosen")
	g.drive(keyOf("enter"))
	g.shows("Gemfile:3") // the proof of what was found stays in reach
}

func TestSaveReportAndEditor(t *testing.T) {
	g := at80(t, "n down space s")
	g.shows("your answers are in /home/me/src/redmine/drydock.yaml")
	g.keys("q")
	if !g.quit {
		t.Error("leaving asks although all is saved")
	}
	g = at80(t, "n n o")
	g.shows("not on the disk yet")
	t.Setenv("VISUAL", `ed "`)
	g.keys("down o")
	g.shows("is not a command")
	g.drive(editedMsg{"drydock.yaml", errors.New("exit 1")})
	g.shows("the editor for drydock.yaml failed")
	g.drive(editedMsg{name: "drydock.yaml"})
	if !contains(g.d.seen(), "reread") || strings.Count(g.d.seen(), "generate") < 2 {
		t.Errorf("calls: %s", g.d.seen())
	}
	g = at80(t, "n n w y r")
	g.shows("the report is /home/me/src/redmine/.drydock/report.html")
}

func TestCtrlCKeepsTheSession(t *testing.T) {
	k := &fakeKeeper{}
	g := at80(t, "n down space ctrl+c", func(o *Options) { o.Keeper = k })
	if !g.quit || !g.w.result().Kept || !g.w.result().Interrupted {
		t.Errorf("quit %v, result %+v", g.quit, g.w.result())
	}
	if !slices.Equal(k.steps, []string{"findings", "decisions"}) {
		t.Errorf("steps %v", k.steps)
	}
	g = at80(t, "n down space q", func(o *Options) { o.Keeper = k })
	g.shows("r  leave and keep them for drydock --resume")
	g.keys("r")
	if r := g.w.result(); !g.quit || !r.Kept || r.Interrupted {
		t.Errorf("quit %v, result %+v", g.quit, r)
	}
	g = at80(t, "n down space q y", func(o *Options) { o.Keeper = k })
	if r := g.w.result(); !g.quit || r.Kept {
		t.Errorf("quit %v, result %+v", g.quit, r)
	}
}

func TestResume(t *testing.T) {
	old := flow.Session{ID: "1", Location: "/srv/app", Summary: "rails 5.2", Step: "verify", When: start.Add(-time.Hour).Format(time.RFC3339),
		Changes: []flow.Change{{Path: "components.web.languageVersion", Value: "2.6"}, {Path: "gone", Value: "1"}}}
	k := &fakeKeeper{refused: []string{"gone: there is no such field"}}
	g := at80(t, "", func(o *Options) { o.Keeper, o.Resume = k, &old })
	g.shows("[4 Files]", "2 answers back", "v starts it again", "gone: there is no such field")
	if k.resumed == nil || k.resumed.ID != "1" || !g.w.seen[stepDecisions] || g.w.seen[stepVerify] {
		t.Errorf("resumed %+v, seen %v", k.resumed, g.w.seen)
	}
	// It is offered where the source is named, too.
	g = newRig(t, 80, 24, false, func(o *Options) { o.Keeper, o.Interrupted = k, []flow.Session{old} })
	g.shows("Interrupted", "rails 5.2", "at verify", "Recent", "petstore")
	g.keys("down enter")
	g.shows("[4 Files]")
}

func TestCredentialsAreAskedInPlace(t *testing.T) {
	c := &Credentials{}
	g := newRig(t, 80, 24, false, func(o *Options) { o.Credentials = c })
	g.hold = true
	g.typed("https://git.example.com/closed")
	g.keys("enter")
	got := make(chan [2]string, 1)
	go func() {
		user, password, err := c.Ask(t.Context(), "https://git.example.com/closed")
		if err != nil {
			t.Error(err)
		}
		got <- [2]string{user, password}
	}()
	for c.asked() == nil {
		time.Sleep(time.Millisecond)
	}
	g.drive(tickMsg{})
	g.shows("https://git.example.com/closed wants to know who you are", "kept nowhere")
	g.typed("qme")
	g.keys("enter")
	g.typed("s3cret?")
	g.shows("•••••••")
	g.hides("s3cret")
	g.fits()
	g.keys("enter")
	if a := <-got; a != [2]string{"qme", "s3cret?"} {
		t.Errorf("answer %q", a)
	}
}

func TestWideAndRightToLeftNamesFit(t *testing.T) {
	for _, name := range []string{"/srv/全角の名前/アプリ", "/srv/שלום/עולם", "/srv/مرحبا/بالعالم", "/srv/👩‍👩‍👧‍👦/é̂", "/srv/\u202eevil\u2066"} {
		for _, width := range []int{20, 60, 80, 120, 200} {
			g := newRig(t, width, 24, true, func(o *Options) {
				o.Recent = []flow.Recent{{Location: name, Summary: name, Outcome: name}}
				o.Interrupted = []flow.Session{{ID: "1", Location: name, Summary: name, Step: "files"}}
			})
			g.typed(name)
			g.fits()
			if strings.ContainsAny(g.w.View(), "\u202e\u2066") {
				t.Errorf("%q: a control of the direction of text reaches the screen", name)
			}
			g.keys("enter")
			g.fits()
		}
	}
}

func TestSixteenColoursAndLight(t *testing.T) {
	for _, dark := range []bool{true, false} {
		g := at80(t, "n n")
		coloured := newCommon(rendererOf(16, dark))
		g.w.style = coloured.style
		seen := g.w.View()
		if !strings.Contains(seen, "\x1b[") || strings.Contains(seen, "38;5;") || strings.Contains(seen, "38;2;") {
			t.Errorf("dark %v: colours beyond sixteen, or none: %q", dark, seen)
		}
		if ansi.Strip(seen) != g.frame() {
			t.Error("colours change the text")
		}
	}
}
