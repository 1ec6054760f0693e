package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/progress"
)

// verifyScreen shows building, starting and probing as it happens.
type verifyScreen struct {
	*wizard
	steps   *steps
	list    list
	onLog   bool
	log     logPane
	running bool
	stopped bool // the person stopped it
	began   time.Time
	took    time.Duration
	dropped int
	byHand  bool // the person prefers to change the plan: the decisions come up when the run has ended
}

func newVerifyScreen(w *wizard) *verifyScreen {
	s := &verifyScreen{wizard: w, steps: newSteps(), onLog: true}
	s.log = newLogPane(w.common, s.steps)
	return s
}

func (s *verifyScreen) enter() tea.Cmd { return nil }

func (s *verifyScreen) typing() bool { return s.log.asking }

// start begins a verification.
func (s *verifyScreen) start() tea.Cmd {
	if !s.free() {
		return nil
	}
	*s = *newVerifyScreen(s.wizard)
	s.running, s.began = true, s.now()
	s.verdict, s.verifyErr = nil, nil
	return s.watch(s.verifyFiles())
}

// events takes what has happened since the last look.
func (s *verifyScreen) events(events []progress.Event, dropped int) {
	s.dropped += dropped
	for _, e := range events {
		s.steps.apply(e)
	}
	if s.running && !s.onLog {
		return // the cursor is the person's
	}
	if at := s.steps.current(); at >= 0 {
		s.list.cursor = at
	}
}

// verified takes the verdict. A healthy one goes on by itself, unless the log is being read.
func (s *verifyScreen) verified(msg verifiedMsg) tea.Cmd {
	s.running, s.took = false, s.now().Sub(s.began)
	s.verdict, s.verifyErr = msg.verdict, msg.err
	s.stopped = errors.Is(msg.err, context.Canceled)
	s.adopt(msg.view) // remedies edit the plan
	s.steps.finish()
	if at := s.steps.failed(); at >= 0 {
		s.list.cursor = at
	}
	if s.byHand && !s.stopping && s.step == stepVerify {
		return s.show(stepDecisions)
	}
	if s.stopping || s.step != stepVerify || msg.err != nil || msg.verdict == nil || msg.verdict.Outcome != "healthy" {
		return nil
	}
	if !s.log.follow || s.log.asking {
		s.say("healthy: n shows the verdict", false)
		return nil
	}
	return s.show(stepDone)
}

func (s *verifyScreen) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	if s.log.asking {
		s.notify(s.log.typeQuery(k))
		return nil
	}
	switch {
	case pressed(k, s.keys.follow):
		s.log.follow = !s.log.follow
		s.log.top = max(s.steps.log.first, s.steps.log.end()-s.log.height)
	case pressed(k, s.keys.filter):
		s.log.asking, s.onLog = true, true
	case k.String() == "n" && s.log.query != "":
		s.notify(s.log.find(1))
	case pressed(k, s.keys.findPrev) && s.log.query != "":
		s.notify(s.log.find(-1))
	case pressed(k, s.keys.pane):
		s.onLog = !s.onLog
	case pressed(k, s.keys.copy):
		return s.copyTail()
	case pressed(k, s.keys.next):
		return s.forward()
	case pressed(k, s.keys.back):
		return s.goBack()
	case pressed(k, s.keys.again, s.keys.verify) && !s.running:
		return s.start()
	default:
		s.moved(k)
	}
	return nil
}

func (s *verifyScreen) notify(text string) {
	if text != "" {
		s.say(text, false)
	}
}

// moved scrolls the log, or walks through the steps; Enter shows a step's part of the log.
func (s *verifyScreen) moved(k tea.KeyMsg) {
	switch {
	case s.onLog:
		s.log.key(k)
	case s.list.key(k, s.keys, len(s.steps.rows), 8, nil):
	case pressed(k, s.keys.enter) && s.list.cursor < len(s.steps.rows):
		if first := s.steps.rows[s.list.cursor].first; first >= 0 {
			s.log.show(first + s.log.height/3)
			s.onLog = true
		} else {
			s.say("this step has written nothing", false)
		}
	}
}

func (s *verifyScreen) copyTail() tea.Cmd {
	if at := s.steps.failed(); at >= 0 && s.steps.rows[at].text != "" {
		return s.yank(s.steps.rows[at].text)
	}
	if n := s.steps.log.end() - 1; n >= s.steps.log.first {
		return s.yank(s.steps.log.at(n).text)
	}
	return s.yank("")
}

func (s *verifyScreen) forward() tea.Cmd {
	if s.running {
		s.say("it is still at work: esc stops it", false)
		return nil
	}
	if s.began.IsZero() {
		return s.start()
	}
	return s.show(stepDone)
}

// goBack ends a search, leaves a finished run at once, and asks before stopping one.
func (s *verifyScreen) goBack() tea.Cmd {
	if s.log.query != "" {
		s.log.query, s.log.found = "", -1
		return nil
	}
	if !s.running {
		return s.show(stepFiles)
	}
	s.confirm = &confirm{
		title: "Stop the verification?",
		lines: []string{"Containers, network and volumes that it made are removed. Nothing else is lost."},
		choices: []choice{
			{"y", "stop it", func() tea.Cmd {
				s.stopped = true
				s.jobs.stop()
				return nil
			}},
			{"b", "let it run and look at the files", func() tea.Cmd { return s.show(stepFiles) }},
			{"n", "let it run", nil},
		},
	}
	return nil
}

// propose puts a remedy over the screen: what failed, what would be changed, and why it helps. All of the difference is behind d.
func (s *verifyScreen) propose(p *proposal) {
	lines := clip(cleanLines(p.Failure.Message, max(20, s.width-4)), 2, func(int) string { return "…" })
	for _, l := range p.Failure.Log[max(0, len(p.Failure.Log)-2):] {
		lines = append(lines, cut("| "+clean(l), max(20, s.width-4)))
	}
	lines = append(lines, clean("Remedy "+p.ID+": "+p.Detail), clean("because "+p.Why))
	var diff []string
	for _, f := range p.Files {
		whole := contentLines(f.Diff)
		diff = append(diff, whole...)
		if f.Path == "drydock.yaml" {
			continue // it says the same in the plan's words
		}
		lines = append(lines, clean(f.Path))
		for _, l := range whole {
			if (strings.HasPrefix(l, "+") || strings.HasPrefix(l, "-")) && !strings.HasPrefix(l, "+++ ") && !strings.HasPrefix(l, "--- ") {
				lines = append(lines, cut(l, max(20, s.width-4)))
			}
		}
	}
	feed := s.feed
	decide := func(yes bool) func() tea.Cmd {
		return func() tea.Cmd {
			feed.decide(p, yes)
			return nil
		}
	}
	s.confirm = &confirm{
		title: "Apply a remedy to " + clean(p.Component) + " and try again?",
		lines: lines,
		diff:  diff,
		choices: []choice{
			{"y", "apply it and build again", decide(true)},
			{"e", "leave it, and change the plan by hand", func() tea.Cmd {
				s.byHand = true
				return decide(false)()
			}},
			{"n", "skip it: leave the failure as it is", decide(false)},
			{"x", "stop the verification", func() tea.Cmd {
				s.stopped = true
				s.jobs.stop()
				return nil
			}},
		},
	}
}

func (s *verifyScreen) hints() []key.Binding {
	k := s.keys
	if s.log.asking {
		return []key.Binding{as(k.enter, "find"), bindEsc("cancel")}
	}
	hints := []key.Binding{as(k.move, "scroll"), k.follow, as(k.filter, "search"), k.pane}
	if !s.onLog {
		hints = []key.Binding{as(k.move, "step"), as(k.enter, "its log"), k.follow, as(k.filter, "search"), k.pane}
	}
	if s.log.query != "" {
		hints = append(hints, k.findNext, k.findPrev)
	}
	if s.running {
		return append(hints, as(k.back, "stop"), as(k.interrupt, "quit"), k.sideways, as(k.copy, "copy line"))
	}
	return append([]key.Binding{as(k.forward, "verdict"), as(k.again, "again")}, append(hints, k.back, k.sideways, as(k.copy, "copy error"))...)
}

func (s *verifyScreen) view(width, height int) []string {
	if s.began.IsZero() {
		return []string{"", "  Nothing has been verified yet.", "", s.style.dim.Render(cut("  v builds the image, starts it with its services and probes it.", width))}
	}
	if width < 70 {
		top := max(2, min(len(s.steps.rows)+2, height*2/5))
		fail := s.failure(width, max(0, s.roomToFail(height-top)))
		lines := append(stretch(s.stepLines(width, top), top), s.log.view(width, height-top-len(fail), s.onLog)...)
		return append(stretch(lines, height-len(fail)), fail...)
	}
	left := min(52, max(33, width*2/5))
	right := width - left - 2
	fail := s.failure(right, s.roomToFail(height))
	log := stretch(s.log.view(right, height-len(fail), s.onLog), height-len(fail))
	return beside(s.stepLines(left-1, height), left, s.style.dim.Render("│ "), append(log, fail...), right, height)
}

// stepLines draws the steps, what is to come, and the time.
func (s *verifyScreen) stepLines(width, height int) []string {
	took := s.took
	if s.running {
		took = s.now().Sub(s.began)
	}
	title := "STEPS"
	if !s.onLog {
		title = "> STEPS"
	}
	lines := []string{ends(" "+s.style.title.Render(title), s.style.dim.Render(progress.Seconds(took)), width)}
	several := s.steps.several()
	from, to := s.list.visible(len(s.steps.rows), height-2)
	for i := from; i < to; i++ {
		mark := "  "
		if !s.onLog && i == s.list.cursor {
			mark = " >"
		}
		lines = append(lines, mark+s.stepLine(&s.steps.rows[i], several, width-2))
	}
	if s.running && to == len(s.steps.rows) {
		for _, stage := range s.steps.ahead() {
			if len(lines) < height-1 {
				lines = append(lines, s.style.dim.Render(cut("  ○ "+string(stage), width)))
			}
		}
	}
	return append(stretch(lines, height-1), " "+s.outcome(width-1))
}

// outcome is the state of the run in one line.
func (s *verifyScreen) outcome(width int) string {
	switch {
	case s.running && (s.stopped || s.stopping):
		return s.style.warn.Render(cut(spin(s.now())+" cleaning up", width))
	case s.running:
		return s.style.accent.Render(cut(spin(s.now())+" at work", width))
	case s.stopped:
		return s.style.warn.Render(cut("! stopped; r tries again", width))
	case s.verifyErr != nil:
		return s.style.bad.Render(cut("✗ failed; r tries again", width))
	case s.verdict != nil && s.verdict.Outcome == "healthy":
		return s.style.ok.Render(cut("✓ healthy; n shows the verdict", width))
	case s.verdict != nil:
		text, style := s.verdictText()
		return style.Render(cut(text, width))
	}
	return ""
}

// roomToFail is how many of the log's lines say why it failed: where nothing was written, nearly all.
func (s *verifyScreen) roomToFail(height int) int {
	if s.steps.log.count == 0 {
		return height - 1
	}
	return height / 2
}

// failure shows which step failed, why, and the last lines that it wrote.
func (s *verifyScreen) failure(width, height int) []string {
	if s.running || s.verifyErr == nil || s.stopped || height < 3 {
		return nil
	}
	name, text, at := "verification", s.verifyErr.Error(), s.steps.failed()
	if at >= 0 {
		name = s.steps.rows[at].label(s.steps.several())
	}
	lines := []string{s.style.bad.Render(cut("✗ "+name+" failed", width))}
	lines = append(lines, indent(clip(cleanLines(text, max(1, width-2)), max(1, s.roomToFail(height)-1), moreLines), 2)...)
	for _, l := range s.steps.tail(at, height-len(lines)-1) {
		lines = append(lines, s.style.dim.Render("| ")+cut(l, width-2))
	}
	return append([]string{s.style.dim.Render(rule(width))}, lines...)[:min(height, len(lines)+1)]
}
