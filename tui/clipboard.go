package tui

import (
	"io"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// yank offers text to the terminal's clipboard (OSC 52) and says so. Not every
// terminal takes it, so the text is shown, too.
func (w *wizard) yank(text string) tea.Cmd {
	text = clean(text)
	if text == "" || text == "-" {
		w.say("there is nothing to copy here", false)
		return nil
	}
	w.say("copied: "+text, false)
	return clip52(w.opts.Out, text)
}

// copyLocation offers the address of the repository under the cursor.
func (b *board) copyLocation() tea.Cmd {
	if b.chosen < 0 {
		return nil
	}
	b.say("copied: "+b.rows[b.chosen].location, false)
	return clip52(b.opts.Out, b.rows[b.chosen].location)
}

// clip52 is the command that offers text to the terminal's clipboard.
func clip52(out io.Writer, text string) tea.Cmd {
	return func() tea.Msg {
		if out != nil {
			_, _ = io.WriteString(out, ansi.SetSystemClipboard(text)) // a convenience: the text is on the screen
		}
		return nil
	}
}
