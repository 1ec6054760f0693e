package tui

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/flow"
)

// sourceScreen asks where the application is.
type sourceScreen struct {
	*wizard
	input      input
	pick       list
	recent     bool // the cursor is in the list of recent sources
	candidates []string
	branches   branches
	err        error
	home       string
}

func newSourceScreen(w *wizard) *sourceScreen {
	home, _ := os.UserHomeDir() // without one, paths are shown in full
	return &sourceScreen{wizard: w, input: newInput(w.opts.Source), home: home}
}

func (s *sourceScreen) enter() tea.Cmd { return nil }

func (s *sourceScreen) typing() bool { return !s.recent }

func (s *sourceScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case completedMsg:
		if msg.asked == s.input.value() {
			s.input.set(msg.text)
			s.candidates = msg.candidates
		}
	case refsMsg:
		s.listed(msg)
	case tea.KeyMsg:
		if s.recent {
			return s.recentKey(msg)
		}
		return s.inputKey(msg)
	}
	return nil
}

func (s *sourceScreen) inputKey(k tea.KeyMsg) tea.Cmd {
	if s.branches.location != "" && s.branchKey(k) {
		return nil
	}
	switch {
	case k.Type == tea.KeyEsc:
		if s.candidates != nil || s.err != nil {
			s.candidates, s.err = nil, nil
			return nil
		}
		return s.askLeave()
	case k.Type == tea.KeyEnter:
		return s.submit(s.input.value())
	case pressed(k, s.keys.complete):
		if s.branched() {
			return s.askBranches()
		}
		return completePath(s.jobs.ctx, s.input.value())
	case k.Type == tea.KeyDown && s.offers() > 0:
		s.recent = true
	case k.Paste:
		s.paste(k)
	case k.String() == "?" && s.input.value() == "":
		s.help = &helpOverlay{}
	default:
		if s.input.update(k) {
			s.candidates, s.err = nil, nil
			s.typedOn()
		}
	}
	return nil
}

// branched reports whether what is typed can have branches: a server's repository, or anything followed by "#".
func (s *sourceScreen) branched() bool {
	text := strings.TrimSpace(s.input.value())
	location, _, _ := splitRef(text)
	return location != "" && (location != text || flow.IsRemote(text))
}

// paste takes the first line: a whole list is another command's job.
func (s *sourceScreen) paste(k tea.KeyMsg) {
	lines := strings.FieldsFunc(string(k.Runes), func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 0 {
		return
	}
	if len(lines) > 1 {
		s.say("one source at a time: `drydock assess` takes a list", false)
	}
	k.Runes = []rune(strings.TrimSpace(lines[0]))
	s.input.update(k)
	s.candidates, s.err = nil, nil
	s.typedOn()
}

func (s *sourceScreen) recentKey(k tea.KeyMsg) tea.Cmd {
	switch {
	case pressed(k, s.keys.up) && s.pick.cursor == 0:
		s.recent = false
	case s.pick.key(k, s.keys, s.offers(), 5, nil):
	case pressed(k, s.keys.enter, s.keys.next):
		s.recent = false
		if at := s.pick.cursor; at < len(s.opts.Interrupted) {
			return s.takeUp(s.opts.Interrupted[at])
		}
		s.input.set(s.opts.Recent[s.pick.cursor-len(s.opts.Interrupted)].Location)
		return s.submit(s.input.value())
	case pressed(k, s.keys.back, s.keys.pane, s.keys.edit):
		s.recent = false
	}
	return nil
}

// offers counts what can be chosen without typing: interrupted sessions, then recent sources.
func (s *sourceScreen) offers() int { return len(s.opts.Interrupted) + len(s.opts.Recent) }

// takeUp goes on with an interrupted session, unless something is open that would be lost.
func (s *sourceScreen) takeUp(old flow.Session) tea.Cmd {
	if s.edits > 0 {
		s.say("write, save or undo your changes to "+redact(s.location)+" first", true)
		return nil
	}
	if !s.free() {
		return nil
	}
	return s.resume(old)
}

// submit opens the source, or goes on with it when it is open already.
func (s *sourceScreen) submit(text string) tea.Cmd {
	location := strings.TrimSpace(text)
	s.candidates, s.err = nil, nil
	switch {
	case location == "":
		s.err = errors.New("name a folder, a Git URL or an archive")
		return nil
	case expand(location) == s.location:
		return s.show(stepFindings)
	case !s.free():
		return nil
	case s.edits > 0:
		s.confirm = &confirm{
			title: "Open another source?",
			lines: []string{count(s.edits, "change") + " of yours to " + redact(s.location) + " would be lost."},
			choices: []choice{
				{"y", "open it", func() tea.Cmd { return s.fetchSource(expand(location)) }},
				{"n", "stay", nil},
			},
		}
		return nil
	}
	return s.fetchSource(expand(location))
}

// fetchSource leaves the present source for another.
func (w *wizard) fetchSource(location string) tea.Cmd {
	view := snapshot{}
	w.session = newSession()
	w.snap = view
	w.seen = [stepCount]bool{stepSource: true}
	w.step, w.fetching = stepSource, true
	w.fetch.start(location)
	return w.watch(w.openSource(location))
}

// opened goes on to the findings, or back to where the source is named.
func (w *wizard) opened(msg openedMsg) tea.Cmd {
	w.fetching = false
	source := w.screens[stepSource].(*sourceScreen)
	if msg.err != nil {
		w.openErr = msg.err
		if source.err = msg.err; errors.Is(msg.err, context.Canceled) {
			source.err = nil
			w.say("stopped: nothing was kept of it", false)
		}
		w.step = stepSource
		return nil
	}
	w.location = msg.location
	resuming := w.resuming
	w.resuming = nil
	w.adopt(msg.view)
	w.screens[stepFindings] = newFindingsScreen(w)
	w.screens[stepDecisions] = newDecisionsScreen(w)
	w.preview = newFilesScreen(w)
	w.verifier = newVerifyScreen(w)
	w.screens[stepFiles], w.screens[stepVerify] = w.preview, w.verifier
	if w.stopping {
		return nil
	}
	if resuming != nil {
		return w.resumed(*resuming)
	}
	return w.show(stepFindings)
}

func (s *sourceScreen) view(width, height int) []string {
	lines := []string{"", " " + s.style.title.Render("Where is the application?"), ""}
	mark := s.style.accent.Render("> ")
	if s.recent {
		mark = "  "
	}
	lines = append(lines, "  "+mark+s.input.view(s.common, width-5), "")
	if s.branches.location != "" {
		return stretch(append(lines, s.branchLines(width, height-len(lines))...), height)
	}
	lines = append(lines, s.below(width)...)
	recent := s.recentLines(width)
	if len(recent) > 0 {
		lines = append(lines, recent...)
		lines = append(lines, "")
	}
	if s.location != "" && expand(strings.TrimSpace(s.input.value())) == s.location {
		lines = append(lines, s.style.ok.Render(" ✓")+" it is open: enter goes on to its findings")
	}
	for _, l := range []string{"Credentials: ssh-agent, then git credential helper, then ~/.netrc.", "Nothing from the repository is run before the Verify step."} {
		lines = append(lines, s.style.dim.Render(" "+cut(l, width-1)))
	}
	if height < 10 { // what is typed comes first where there is little room
		lines = lines[min(len(lines), 3):]
	}
	return stretch(lines, height)
}

// below is what stands under the input: an error, the names that would fit, or what may be typed.
func (s *sourceScreen) below(width int) []string {
	inner := max(1, width-6)
	switch {
	case s.err != nil:
		lines := clip(cleanLines(s.err.Error(), inner), 12, moreLines)
		for i, l := range lines {
			mark := "  "
			if i == 0 {
				mark = s.style.bad.Render("✗ ")
			}
			lines[i] = "  " + mark + l
		}
		return append(lines, "")
	case len(s.candidates) > 0:
		lines := clip(wrap(strings.Join(s.candidates, "  "), inner), 6, moreLines)
		return append(indent(lines, 4), "")
	}
	var lines []string
	for _, l := range wrap("A git URL (optionally #branch, tag or commit), a folder, or a .zip/.tar.gz/.war/.jar.", inner) {
		lines = append(lines, "    "+s.style.dim.Render(l))
	}
	return append(lines, "")
}

func (s *sourceScreen) recentLines(width int) []string {
	var lines []string
	old := len(s.opts.Interrupted)
	from, to := s.pick.visible(s.offers(), 6)
	for i := from; i < to; i++ {
		switch {
		case i == from && i < old:
			lines = append(lines, " "+s.style.title.Render("Interrupted")+s.style.dim.Render(cut("  enter goes on where it was", width-12)))
		case i == old || i == from:
			lines = append(lines, " "+s.style.title.Render("Recent"))
		}
		mark, style := "    ", s.style.text
		if s.recent && i == s.pick.cursor {
			mark, style = "  "+s.style.accent.Render("> "), s.style.selected
		}
		var row flow.Recent
		if i < old {
			x := s.opts.Interrupted[i]
			row = flow.Recent{Location: x.Location, Summary: x.Summary, Outcome: "at " + x.Step, When: x.When}
		} else {
			row = s.opts.Recent[i-old]
		}
		lines = append(lines, mark+style.Render(s.recentLine(row, width-5)))
	}
	return lines
}

func (s *sourceScreen) recentLine(r flow.Recent, width int) string {
	right := clean(r.Outcome)
	if when := ago(r.When, s.now()); when != "" {
		right = strings.TrimSpace(right + " " + when)
	}
	if width < 56 {
		return ends(cutLeft(short(redact(r.Location), s.home), max(10, width-22)), cut(right, 20), width)
	}
	rest := width - 26
	return fit(short(redact(r.Location), s.home), rest-22) + " " + fit(clean(r.Summary), 20) + " " + cut(right, 26)
}

func (s *sourceScreen) hints() []key.Binding {
	k := s.keys
	if s.recent {
		return []key.Binding{as(k.enter, "open"), k.move, bindEsc("back to typing")}
	}
	if s.branches.location != "" {
		if s.branches.waiting {
			return []key.Binding{bindEsc("stop asking"), as(k.interrupt, "quit")}
		}
		return []key.Binding{as(k.enter, "take it"), k.move, key.NewBinding(key.WithHelp("type", "to filter")), bindEsc("close the list"), as(k.interrupt, "quit")}
	}
	complete := k.complete
	if s.branched() {
		complete = as(k.complete, "branches and tags")
	}
	hints := []key.Binding{as(k.enter, "next"), complete}
	if s.offers() > 0 {
		hints = append(hints, key.NewBinding(key.WithKeys("down"), key.WithHelp("↓", "recent")))
	}
	return append(hints, key.NewBinding(key.WithHelp("?", "help, while empty")), bindEsc("leave"), as(k.interrupt, "quit"))
}
