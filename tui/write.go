package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// askWrite says what writing would do and asks for it.
func (s *filesScreen) askWrite() tea.Cmd {
	if !s.free() || s.wizard.generated != s.revision || s.genErr != nil {
		return nil
	}
	conflicts := s.conflicts()
	s.confirm = &confirm{title: "Write to " + clean(s.outputDir) + "?", lines: []string{s.tally()}}
	if len(conflicts) == 0 {
		s.confirm.choices = s.writeChoices()
		return nil
	}
	c := s.confirm
	c.title = count(len(conflicts), "file") + " would lose what you edited: nothing is written unless you say so"
	for _, path := range conflicts {
		c.lines = append(c.lines, "! "+path+" would be replaced; yours would be kept as "+path+".orig")
	}
	c.choices = []choice{
		{"d", "look at the differences", s.showConflict},
		{"f", "replace them and keep yours as NAME.orig", func() tea.Cmd { return s.watch(s.writeFiles(true, true)) }},
		{"n", "write nothing", nil},
	}
	return nil
}

func (s *filesScreen) writeChoices() []choice {
	write := func(then bool) func() tea.Cmd {
		return func() tea.Cmd { return s.watch(s.writeFiles(false, then)) }
	}
	if s.opts.NoVerify {
		return []choice{{"y", "write", write(true)}, {"n", "go back", nil}}
	}
	return []choice{
		{"y", "write, then build, start and probe", write(true)},
		{"w", "write only", write(false)},
		{"n", "go back", nil},
	}
}

// conflicts are the files that were edited where they would change.
func (s *filesScreen) conflicts() []string {
	var paths []string
	for _, f := range s.files {
		if f.action == "conflict" {
			paths = append(paths, clean(f.path))
		}
	}
	return paths
}

// tally counts files by what would happen to them: "3 new, 1 merged, 2 unchanged".
func (s *filesScreen) tally() string {
	words := []struct{ action, word string }{
		{"new", "new"}, {"update", "updated"}, {"merge", "merged with your edits"}, {"force", "replaced"},
		{"conflict", "in conflict"}, {"same", "unchanged"}, {"keep", "left as you have it"}, {"remove", "removed"},
	}
	var parts []string
	for _, w := range words {
		n := 0
		for _, f := range s.files {
			if f.action == w.action {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, itoa(n)+" "+w.word)
		}
	}
	return strings.Join(parts, ", ")
}

// showConflict goes to the differences of the first file in conflict.
func (s *filesScreen) showConflict() tea.Cmd {
	for i, f := range s.files {
		if f.action == "conflict" {
			s.list.cursor, s.diff, s.focus, s.lines = i, true, onContent, list{}
			break
		}
	}
	return nil
}

// verifyOnly builds what was generated without writing it.
func (s *filesScreen) verifyOnly() tea.Cmd {
	if !s.free() || s.wizard.generated != s.revision || s.genErr != nil {
		return nil
	}
	if s.opts.NoVerify {
		s.say("verification was switched off with --no-verify", true)
		return nil
	}
	return s.verifyNow()
}

// verifyNow shows the verification and starts it.
func (w *wizard) verifyNow() tea.Cmd {
	return tea.Batch(w.show(stepVerify), w.verifier.start())
}

// wrote goes on after writing, or says why nothing was written.
func (w *wizard) wrote(msg wroteMsg) tea.Cmd {
	w.writeErr = msg.err
	w.generated = -1 // what writing would do has changed
	if msg.err != nil {
		w.say(msg.err.Error(), true)
		return nil // afterJob looks anew at what writing would do
	}
	w.written, w.outputDir, w.edits = msg.states, msg.dir, 0
	switch {
	case w.stopping:
		return nil
	case !msg.then:
		w.say(count(len(msg.states), "file")+" written to "+msg.dir, false)
		return nil
	case w.opts.NoVerify:
		return w.show(stepDone)
	}
	return w.verifyNow()
}
