package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/flow"
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
	c.title = s.inTheWay() + ": nothing is written unless you say so"
	for _, f := range conflicts {
		what := "was edited where it would change"
		if f.foreign {
			what = "was there before: drydock did not make it"
		}
		c.lines = append(c.lines, "! "+clean(f.path)+" "+what+"; yours would be kept as "+clean(f.path)+".orig")
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

// conflicts are the files that stand in the way: edited where they would change, or not made by drydock.
func (s *filesScreen) conflicts() []file {
	var out []file
	for _, f := range s.files {
		if f.action == "conflict" {
			out = append(out, f)
		}
	}
	return out
}

// inTheWay says what the conflicts are, in a few words.
func (s *filesScreen) inTheWay() string {
	edited, foreign := 0, 0
	for _, f := range s.conflicts() {
		if f.foreign {
			foreign++
		} else {
			edited++
		}
	}
	switch {
	case foreign == 0:
		return count(edited, "file") + " would lose what you edited"
	case edited == 0:
		return count(foreign, "file") + " of your own would be replaced"
	}
	return count(foreign, "file") + " of your own would be replaced, and " + itoa(edited) + " would lose what you edited"
}

// tally counts files by what would happen to them: "3 new, 1 merged, 2 unchanged".
func (s *filesScreen) tally() string {
	words := []struct{ action, word string }{
		{"new", "new"}, {"update", "updated"}, {"merge", "merged with your edits"}, {"force", "replaced (the old one is kept as NAME.orig)"},
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
	w.snap.command = msg.command
	switch {
	case w.stopping:
		return nil
	case !msg.then:
		if n := Changed(msg.states); n > 0 {
			w.say(count(n, "file")+" written to "+msg.dir, false)
		} else {
			w.say("nothing had to be written: all files are there already", false)
		}
		return nil
	case w.opts.NoVerify:
		return w.show(stepDone)
	}
	return w.verifyNow()
}

// Changed counts the files that writing changed.
func Changed(states []flow.FileState) int {
	n := 0
	for _, f := range states {
		if f.Action != "same" && f.Action != "keep" {
			n++
		}
	}
	return n
}
