package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/progress"
)

// fetchScreen shows a source being read: it stands in for Source meanwhile.
type fetchScreen struct {
	*wizard
	steps    *steps
	location string
	stopped  bool
	login    *login // the server wants to know who asks
}

func (s *fetchScreen) start(location string) {
	s.steps, s.location, s.stopped, s.login = newSteps(), location, false, nil
}

func (s *fetchScreen) events(events []progress.Event) {
	for _, e := range events {
		s.steps.apply(e)
	}
}

func (s *fetchScreen) enter() tea.Cmd { return nil }

func (s *fetchScreen) typing() bool { return s.login != nil }

func (s *fetchScreen) update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyMsg); ok && s.login != nil {
		if !s.login.answered && !s.login.update(k) {
			s.login.answered = true
		}
		return nil
	}
	if k, ok := msg.(tea.KeyMsg); ok && pressed(k, s.keys.back) {
		s.stopped = true
		s.jobs.stop()
	}
	return nil
}

func (s *fetchScreen) view(width, height int) []string {
	verb := " Reading "
	if s.stopped {
		verb = " Stopping "
	}
	if s.login != nil && !s.login.answered {
		return s.login.view(s.common, width)
	}
	lines := []string{"", s.style.title.Render(verb) + cutLeft(redact(s.location), width-len(verb)-1), ""}
	room := max(1, height-len(lines)-2)
	rows := s.steps.rows
	several := s.steps.several()
	for i := max(0, len(rows)-room); i < len(rows); i++ {
		lines = append(lines, "  "+s.stepLine(&rows[i], several, width-3))
	}
	if len(rows) == 0 {
		lines = append(lines, "  "+s.style.accent.Render(spin(s.now()))+" opening")
	}
	return append(lines, "", s.style.dim.Render(cut(" Nothing of it is run, and nothing is written.", width)))
}

func (s *fetchScreen) hints() []key.Binding {
	if s.login != nil && !s.login.answered {
		return s.login.hints(s.keys)
	}
	return []key.Binding{as(s.keys.back, "cancel and go back"), as(s.keys.interrupt, "quit")}
}
