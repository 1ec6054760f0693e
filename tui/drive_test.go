package tui

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"github.com/drydock-cli/drydock/flow"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// rig drives a wizard without a terminal and without waiting: a command is run
// at once, and its message delivered, until nothing is left to do.
type rig struct {
	t    testing.TB
	w    *wizard
	d    *fakeDriver
	held []tea.Cmd // commands that a test keeps back
	hold bool
	quit bool
	now  time.Time
}

func newRig(t testing.TB, width, height int, colour bool, opts ...func(*Options)) *rig {
	t.Helper()
	r := lipgloss.NewRenderer(os.Stdout)
	r.SetColorProfile(termenv.Ascii)
	if colour {
		r.SetColorProfile(termenv.ANSI256)
	}
	r.SetHasDarkBackground(true)
	c := newCommon(r)
	g := &rig{t: t, d: newFake(t), now: start}
	c.now = func() time.Time { return g.now }
	c.after = func(time.Duration) tea.Cmd { return nil }
	o := Options{Driver: g.d, Recent: fakeRecent()}
	for _, f := range opts {
		f(&o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	g.w = newWizard(ctx, o, c)
	g.w.screens[stepSource].(*sourceScreen).home = "/home/me"
	g.drive(tea.WindowSizeMsg{Width: width, Height: height})
	g.run(g.w.Init())
	return g
}

func fakeRecent() []flow.Recent {
	return []flow.Recent{
		{Location: "/home/me/src/petstore", Summary: "struts 1.3", Outcome: "healthy", When: start.Add(-50 * time.Hour).Format(time.RFC3339)},
		{Location: "https://bob:secret@git.example.com/billing/legacy", Summary: "java 7 war", Outcome: "failed", When: start.Add(-200 * time.Hour).Format(time.RFC3339)},
	}
}

// drive sends messages and runs what comes of them.
func (g *rig) drive(msgs ...tea.Msg) {
	g.t.Helper()
	for _, msg := range msgs {
		_, cmd := g.w.Update(msg)
		g.run(cmd)
	}
}

func (g *rig) run(cmd tea.Cmd) {
	g.t.Helper()
	if cmd == nil || g.quit {
		return
	}
	if g.hold {
		g.held = append(g.held, cmd)
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.QuitMsg:
		g.quit = true
	case tea.BatchMsg:
		for _, c := range msg {
			g.run(c)
		}
	default:
		g.drive(msg)
	}
}

// release runs the commands that were kept back.
func (g *rig) release() {
	g.t.Helper()
	g.hold = false
	held := g.held
	g.held = nil
	for _, c := range held {
		g.run(c)
	}
}

// keys presses keys by their names, separated by spaces.
func (g *rig) keys(names string) {
	g.t.Helper()
	for _, name := range strings.Fields(names) {
		g.drive(keyOf(name))
	}
}

// typed types text.
func (g *rig) typed(text string) {
	g.t.Helper()
	g.drive(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text)})
}

func keyOf(name string) tea.KeyMsg {
	switch name {
	case "space":
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	case "enter":
		return tea.KeyMsg{Type: tea.KeyEnter}
	case "esc":
		return tea.KeyMsg{Type: tea.KeyEsc}
	case "tab":
		return tea.KeyMsg{Type: tea.KeyTab}
	case "backspace":
		return tea.KeyMsg{Type: tea.KeyBackspace}
	case "ctrl+c":
		return tea.KeyMsg{Type: tea.KeyCtrlC}
	case "ctrl+u":
		return tea.KeyMsg{Type: tea.KeyCtrlU}
	}
	for _, t := range []tea.KeyType{
		tea.KeyUp, tea.KeyDown, tea.KeyLeft, tea.KeyRight, tea.KeyHome, tea.KeyEnd, tea.KeyPgUp, tea.KeyPgDown, tea.KeyDelete,
		tea.KeyShiftTab, tea.KeyShiftLeft, tea.KeyShiftRight, tea.KeyCtrlL, tea.KeyCtrlW, tea.KeyCtrlK, tea.KeyCtrlV,
	} {
		if k := (tea.KeyMsg{Type: t}); k.String() == name {
			return k
		}
	}
	k := tea.KeyMsg{Type: tea.KeyRunes}
	if rest, alt := strings.CutPrefix(name, "alt+"); alt {
		k.Alt, name = true, rest
	}
	k.Runes = []rune(name)
	return k
}

// frame is the screen without escape sequences.
func (g *rig) frame() string { return ansi.Strip(g.w.View()) }

// shows fails unless the screen holds all the texts.
func (g *rig) shows(texts ...string) {
	g.t.Helper()
	frame := g.frame()
	for _, text := range texts {
		if !strings.Contains(frame, text) {
			g.t.Fatalf("the screen does not show %q:\n%s", text, frame)
		}
	}
}

// hides fails if the screen holds one of the texts.
func (g *rig) hides(texts ...string) {
	g.t.Helper()
	frame := g.frame()
	for _, text := range texts {
		if strings.Contains(frame, text) {
			g.t.Fatalf("the screen shows %q:\n%s", text, frame)
		}
	}
}

// fits fails unless the frame is exactly as high as the terminal and nowhere wider.
func (g *rig) fits() {
	g.t.Helper()
	if g.w.quitting {
		return
	}
	lines := strings.Split(g.w.View(), "\n")
	if len(lines) != g.w.height {
		g.t.Fatalf("a frame of %d lines on %d rows (%dx%d)\n%s", len(lines), g.w.height, g.w.width, g.w.height, g.frame())
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > g.w.width {
			g.t.Fatalf("line %d is %d columns wide on %dx%d: %q", i, n, g.w.width, g.w.height, l)
		}
	}
}

// golden compares the frame with a file.
func (g *rig) golden(name string) {
	g.t.Helper()
	g.fits()
	goldenFile(g.t, name, g.w.View()+"\n")
}

// goldenFile compares a frame with a file.
func goldenFile(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
