package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/flow"
)

// step is a station of the way from a source to a verdict.
type step int

const (
	stepSource step = iota
	stepFindings
	stepDecisions
	stepFiles
	stepVerify
	stepDone
	stepCount
)

// stepIDs name the steps in what is kept of a session.
var stepIDs = [stepCount]string{"source", "findings", "decisions", "files", "verify", "done"}

var stepNames = [stepCount]string{"Source", "Findings", "Decisions", "Files", "Verify", "Done"}

// screen is one step's view.
type screen interface {
	// enter is called when the screen comes up.
	enter() tea.Cmd
	// update takes a key, or the answer of a job.
	update(msg tea.Msg) tea.Cmd
	// view returns at most height lines of at most width columns.
	view(width, height int) []string
	// hints are the keys that matter now, the most useful first.
	hints() []key.Binding
	// typing reports whether keys are text at the moment.
	typing() bool
}

// wizard is the whole: it holds the session, routes keys to the screen that is
// up, and knows how to leave. It implements tea.Model.
type wizard struct {
	*common
	session
	opts     Options
	jobs     *jobs
	feed     *feed
	findings atomic.Pointer[flow.Findings] // of the open source; written and read by jobs

	step     step
	seen     [stepCount]bool
	screens  [stepCount]screen
	fetch    *fetchScreen
	fetching bool // the source is being read: the fetch screen stands in for Source
	preview  *filesScreen
	verifier *verifyScreen

	help     *helpOverlay
	confirm  *confirm
	notice   string
	alarm    bool // the notice is about something that went wrong
	ticking  bool
	stopping bool // the wizard leaves as soon as nothing runs
	quitting bool

	interrupted bool
	kept        bool // the session is to be resumed although the person left it
	resuming    *flow.Session
	hard        bool // it left without waiting
}

func newWizard(ctx context.Context, opts Options, c *common) *wizard {
	w := &wizard{common: c, session: newSession(), opts: opts, jobs: newJobs(ctx), feed: newFeed()}
	w.fetch = &fetchScreen{wizard: w, steps: newSteps()}
	w.preview = newFilesScreen(w)
	w.verifier = newVerifyScreen(w)
	w.screens = [stepCount]screen{
		stepSource:    newSourceScreen(w),
		stepFindings:  newFindingsScreen(w),
		stepDecisions: newDecisionsScreen(w),
		stepFiles:     w.preview,
		stepVerify:    w.verifier,
		stepDone:      newDoneScreen(w),
	}
	w.seen[stepSource] = true
	return w
}

// Init opens the source that was named, if any.
func (w *wizard) Init() tea.Cmd {
	if w.opts.Resume != nil {
		return w.resume(*w.opts.Resume)
	}
	if w.opts.Source == "" {
		return nil
	}
	return w.fetchSource(w.opts.Source)
}

// screen is what is up.
func (w *wizard) screen() screen {
	if w.fetching && w.step == stepSource {
		return w.fetch
	}
	return w.screens[w.step]
}

// show brings a step up.
func (w *wizard) show(s step) tea.Cmd {
	w.step, w.notice = s, ""
	w.seen[s] = true
	return tea.Batch(w.keepStep(), w.screen().enter())
}

// say shows a line until the next key; alarm says that something went wrong.
func (w *wizard) say(text string, alarm bool) { w.notice, w.alarm = clean(text), alarm }

// free reports whether the driver may be asked to change something, and says
// why not when it may not.
func (w *wizard) free() bool {
	if what := w.jobs.busy(); what != "" {
		w.say(what+" is under way: it must end, or be stopped, before anything changes", true)
		return false
	}
	return true
}

// Update takes one message.
func (w *wizard) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if w.quitting {
		return w, nil
	}
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		w.width, w.height = msg.Width, msg.Height
		return w, nil
	case tea.KeyMsg:
		var cmds []tea.Cmd
		for _, k := range single(msg) {
			cmds = append(cmds, w.key(k))
		}
		return w, tea.Batch(cmds...)
	case tickMsg:
		return w, w.tick()
	case editedMsg:
		return w, w.edited(msg)
	case tea.MouseMsg:
		return w, wheel(msg, w.key)
	case interruptMsg:
		return w, w.leave(true)
	case jobDone:
		next := w.jobs.done()
		w.look()
		return w, tea.Batch(next, w.answer(msg.msg), w.afterJob())
	}
	return w, w.screen().update(msg)
}

// watch starts looking at events while something runs.
func (w *wizard) watch(cmd tea.Cmd) tea.Cmd {
	if w.ticking {
		return cmd
	}
	w.ticking = true
	return tea.Batch(cmd, w.after(frameInterval))
}

func (w *wizard) tick() tea.Cmd {
	fresh := w.look()
	if w.jobs.idle() {
		w.ticking = false
		return nil
	}
	if fresh {
		return w.after(frameInterval)
	}
	return w.after(4 * frameInterval) // only clock and spinner move
}

// look hands the events that have arrived to whoever runs.
func (w *wizard) look() bool {
	events, dropped := w.feed.drain()
	if a := w.opts.Credentials.asked(); a == nil {
		w.fetch.login = nil
	} else if w.fetch.login == nil || w.fetch.login.ask != a {
		w.fetch.login = newLogin(a)
	}
	if p := w.feed.proposed(); p != nil && w.confirm == nil && w.step == stepVerify && !w.stopping {
		w.verifier.propose(p)
	}
	if len(events) == 0 {
		return false
	}
	if w.fetching {
		w.fetch.events(events)
	} else {
		w.verifier.events(events, dropped)
	}
	return true
}

// answer handles what a job brought, wherever its screen is now.
func (w *wizard) answer(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case openedMsg:
		return w.opened(msg)
	case setMsg:
		w.changed(msg.view, msg.err)
		w.remember(msg)
	case targetsMsg:
		if w.screens[stepDecisions].(*decisionsScreen).pending > 1 && msg.err == nil {
			msg.view.targets = w.snap.targets // a later choice is on its way
		}
		w.changed(msg.view, msg.err)
		if msg.err != nil {
			w.say(msg.err.Error(), true)
		}
	case undoneMsg:
		return w.undone(msg)
	case generatedMsg:
		return w.preview.generated(msg)
	case wroteMsg:
		return w.wrote(msg)
	case savedMsg:
		return w.savedPlan(msg)
	case rereadMsg:
		return w.tookIn(msg)
	case reportMsg:
		return w.reported(msg)
	case verifiedMsg:
		return w.verifier.verified(msg)
	}
	if w.stopping {
		return nil
	}
	// Whoever asked may not be up any more: all hear the answer.
	cmds := make([]tea.Cmd, 0, len(w.screens))
	for _, s := range w.screens {
		cmds = append(cmds, s.update(msg))
	}
	return tea.Batch(cmds...)
}

// remember notes that a question has an answer of its own.
func (w *wizard) remember(msg setMsg) {
	if msg.err == nil {
		delete(w.taken, msg.change.path)
	}
}

// changed takes the plan after an attempt to change it.
func (w *wizard) changed(view snapshot, err error) {
	if err != nil {
		return
	}
	w.adopt(view)
	w.edits++
}

// afterJob leaves when that was what the wizard waited for, and makes the files
// that could not be made while something else ran.
func (w *wizard) afterJob() tea.Cmd {
	switch {
	case !w.jobs.idle():
		return nil
	case w.stopping:
		return w.quit()
	case w.step == stepFiles && w.generated != w.revision && w.genErr == nil:
		return w.preview.enter()
	}
	return nil
}

// key handles the keys that mean the same everywhere, and passes on the others.
func (w *wizard) key(k tea.KeyMsg) tea.Cmd {
	if pressed(k, w.keys.interrupt) {
		return w.ctrlC()
	}
	if w.stopping {
		return nil
	}
	w.notice = ""
	switch {
	case pressed(k, w.keys.redraw):
		return tea.ClearScreen
	case w.confirm != nil:
		act, over := w.confirm.update(w.common, k)
		if over {
			w.confirm = nil
		}
		if act != nil {
			return act()
		}
		return nil
	case w.help != nil:
		w.help.update(w, k)
		return nil
	case w.screen().typing():
		return w.screen().update(k)
	case pressed(k, w.keys.help):
		w.help = &helpOverlay{}
		return nil
	case pressed(k, w.keys.quit):
		return w.askLeave()
	case pressed(k, w.keys.steps):
		return w.jump(step(k.Runes[0] - '1'))
	}
	return w.screen().update(k)
}

// jump goes to a step that was seen before.
func (w *wizard) jump(s step) tea.Cmd {
	if s < 0 || s >= stepCount || s == w.step {
		return nil
	}
	if !w.seen[s] {
		w.say(stepNames[s]+" comes later: you have not been there yet", false)
		return nil
	}
	if w.fetching {
		w.say("the source is being read: esc stops that", false)
		return nil
	}
	return w.show(s)
}

// ctrlC stops what runs and leaves; the second one leaves at once.
func (w *wizard) ctrlC() tea.Cmd {
	if w.stopping || w.confirm != nil {
		w.interrupted = true
		w.hard = w.stopping && !w.jobs.idle()
		return w.quit()
	}
	if w.jobs.busy() == "" && w.edits > 0 && w.opts.Keeper == nil {
		w.askUnwritten(true)
		return nil
	}
	return w.leave(true)
}

// askLeave is what q does: it asks only when something would be lost.
func (w *wizard) askLeave() tea.Cmd {
	switch what := w.jobs.busy(); {
	case what != "":
		w.confirm = &confirm{
			title: "Stop the " + what + " and leave?",
			lines: []string{"What it has made is removed first."},
			choices: []choice{
				{"y", "stop and leave", func() tea.Cmd { return w.leave(false) }},
				{"n", "stay", nil},
			},
		}
	case w.edits > 0:
		w.askUnwritten(false)
	default:
		return w.leave(false)
	}
	return nil
}

func (w *wizard) askUnwritten(interrupted bool) {
	w.confirm = &confirm{
		title: "Leave without writing?",
		lines: []string{count(w.edits, "change") + " of yours would be lost. Writing the files keeps them in drydock.yaml."},
		choices: []choice{
			{"y", "leave", func() tea.Cmd { return w.leave(interrupted) }},
			{"n", "stay", nil},
		},
	}
	if w.opts.Keeper != nil {
		w.confirm.lines[0] += " Kept, drydock --resume goes on from here."
		w.confirm.choices = slices.Insert(w.confirm.choices, 1, choice{"r", "leave and keep them for drydock --resume", func() tea.Cmd {
			w.kept = true
			return w.leave(interrupted)
		}})
	}
}

// leave cancels what runs, waits for it to clean up, and quits.
func (w *wizard) leave(interrupted bool) tea.Cmd {
	w.interrupted = w.interrupted || interrupted
	if w.jobs.idle() {
		return w.quit()
	}
	w.stopping, w.confirm, w.help = true, nil, nil
	w.jobs.stop()
	return w.watch(nil)
}

func (w *wizard) quit() tea.Cmd {
	w.quitting = true
	return tea.Quit
}

// result is what Run returns.
func (w *wizard) result() Result {
	r := Result{
		Interrupted: w.interrupted, Location: w.location, Written: w.written, OutputDir: w.outputDir,
		Verdict: w.verdict, Command: w.snap.command, Kept: w.location != "" && (w.interrupted || w.kept),
	}
	for _, err := range []error{w.openErr, w.genErr, w.writeErr, w.verifyErr} {
		if err != nil && !errors.Is(err, context.Canceled) {
			r.Err = err
		}
	}
	return r
}

// View draws the frame: header, screen, footer, never more than the terminal holds.
func (w *wizard) View() string {
	if w.width <= 0 || w.height <= 0 || w.quitting && !w.opts.NoAltScreen {
		return ""
	}
	if w.quitting {
		return w.lastFrame()
	}
	return frame(w.compose(), w.width, w.height)
}

// lastFrame is what stays on a terminal without a second screen: the frame without its keys. The library erases the line below it.
func (w *wizard) lastFrame() string {
	w.confirm, w.help, w.notice = nil, nil, ""
	lines := append([]string{w.breadcrumb()}, w.body(max(1, w.height-3))...)
	for len(lines) > 1 && strings.TrimSpace(ansi.Strip(lines[len(lines)-1])) == "" {
		lines = lines[:len(lines)-1]
	}
	return frame(lines, w.width, len(lines)) + "\n"
}

// compose stacks header, body and footer. Low terminals lose the rules first.
func (w *wizard) compose() []string {
	header, footer := []string{w.breadcrumb()}, []string{w.footer()}
	if w.height >= 12 {
		header = append(header, w.style.dim.Render(rule(w.width)))
		footer = append([]string{w.style.dim.Render(rule(w.width))}, footer...)
	}
	if w.height < 4 {
		header = nil
	}
	if w.height < 2 {
		footer = nil
	}
	room := w.height - len(header) - len(footer)
	lines := append(header, w.body(room)...)
	return append(lines, footer...)
}

// body is the screen, or what lies over it, and the notice at its foot.
func (w *wizard) body(height int) []string {
	var foot []string
	switch {
	case w.stopping:
		foot = w.stoppingLines()
	case w.confirm != nil:
		foot = w.confirm.view(w.common, w.width, height)
	case w.notice != "":
		foot = w.noticeLines(w.notice, w.alarm, height/2)
	}
	foot = foot[:min(len(foot), height)]
	room := height - len(foot)
	var lines []string
	if w.help != nil {
		lines = w.help.view(w, w.width, room)
	} else if room > 0 {
		lines = w.screen().view(w.width, room)
	}
	return append(stretch(lines, room), foot...)
}

func (w *wizard) stoppingLines() []string {
	return []string{
		w.style.warn.Render(cut(" "+spin(w.now())+" cleaning up: what was started is being removed", w.width)),
		w.style.dim.Render(cut("   ctrl+c again stops at once and may leave something behind", w.width)),
	}
}

func moreLines(hidden int) string { return "… " + count(hidden, "more line") }

// breadcrumb shows where in the job this is, and of which source.
func (w *wizard) breadcrumb() string {
	id, commit := w.snap.name, ""
	if id != "" && w.snap.commit != "" {
		commit = "@" + w.snap.commit[:min(7, len(w.snap.commit))]
	}
	crumbs, room := w.crumbs(id + commit)
	left := w.style.accent.Render(" drydock ") + crumbs
	if id == "" || room < 6 {
		return left
	}
	if keep := room - 1 - len(commit); keep >= 4 { // of a long name the end goes, not the commit
		id = cut(id, keep)
	} else if ansi.StringWidth(id+commit) >= room {
		commit = ""
	}
	return left + fitRight(w.style.dim.Render(cut(id+commit, room-1)), room)
}

// crumbs chooses the fullest way of naming the steps that fits.
func (w *wizard) crumbs(id string) (crumbs string, room int) {
	need := min(24, ansi.StringWidth(id)) + 2
	for _, form := range []struct {
		numbers bool
		gap     string
		spare   int
	}{{true, " › ", need}, {true, " ", need}, {true, "", min(need, 9)}, {false, " ", 0}, {false, "", 0}} {
		s := w.crumbsAs(form.numbers, form.gap)
		room := w.width - 9 - ansi.StringWidth(s)
		spare := form.spare
		for _, seen := range w.seen {
			if form.numbers && !seen {
				spare += 2 // its number will need room: the form must not change on the way
			}
		}
		if room >= spare {
			return s, room
		}
	}
	here, of := " ["+stepNames[w.step]+"]", " "+itoa(int(w.step)+1)+"/"+itoa(int(stepCount))
	room = w.width - 9 - ansi.StringWidth(here) - ansi.StringWidth(of)
	return w.style.selected.Render(here) + w.style.dim.Render(of), room
}

func (w *wizard) crumbsAs(numbers bool, gap string) string {
	parts := make([]string, stepCount)
	for s := range stepCount {
		name := stepNames[s]
		if numbers && w.seen[s] {
			name = itoa(int(s)+1) + " " + name
		}
		switch {
		case s == w.step:
			parts[s] = w.style.selected.Render("[" + name + "]")
		case w.seen[s]:
			parts[s] = " " + name + " "
		default:
			parts[s] = w.style.dim.Render(" " + name + " ")
		}
	}
	return strings.Join(parts, w.style.dim.Render(gap))
}

// footer names the keys that matter now, help last.
func (w *wizard) footer() string {
	hints := w.screen().hints()
	switch {
	case w.stopping:
		hints = []key.Binding{as(w.keys.interrupt, "stop at once")}
	case w.confirm != nil:
		hints = w.confirm.hints(w.keys)
	case w.help != nil:
		hints = []key.Binding{w.keys.move, as(w.keys.back, "close help")}
	}
	last := ""
	if w.help == nil && w.confirm == nil && !w.stopping && !w.screen().typing() {
		last = w.hint(w.keys.help) + " "
	}
	return w.hintLine(hints, last)
}

// hintLine shows as many hints as fit, with one more at the right end.
func (c *common) hintLine(hints []key.Binding, last string) string {
	room := c.width - ansi.StringWidth(last) - 2
	line, used := " ", 1
	for i, h := range hints {
		width := ansi.StringWidth(h.Help().Key) + 1 + ansi.StringWidth(h.Help().Desc)
		if i > 0 {
			width += 3
		}
		if used+width > room {
			break
		}
		if i > 0 {
			line += "   "
		}
		line += c.hint(h)
		used += width
	}
	return line + blank(c.width-used-ansi.StringWidth(last)) + last
}

func (c *common) hint(b key.Binding) string {
	return c.style.selected.Render(b.Help().Key) + " " + c.style.dim.Render(b.Help().Desc)
}

// frame cuts lines to the terminal: a renderer would drop the top ones instead.
func frame(lines []string, width, height int) string {
	lines = stretch(lines, height)
	out := make([]string, len(lines))
	for i, l := range lines {
		if ansi.StringWidth(l) > width {
			l = ansi.Truncate(l, width, "")
		}
		out[i] = l
	}
	return strings.Join(out, "\n")
}
