package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// confirm is a question over the screen that must be answered before going on.
type confirm struct {
	title   string
	lines   []string
	choices []choice
	at      int
}

// choice is one answer of a confirm. A nil act goes back to the screen.
type choice struct {
	key  string
	text string
	act  func() tea.Cmd
}

func (c *confirm) update(w *wizard, k tea.KeyMsg) tea.Cmd {
	switch {
	case pressed(k, w.keys.up):
		c.at = max(0, c.at-1)
	case pressed(k, w.keys.down, w.keys.pane):
		c.at = min(len(c.choices)-1, c.at+1)
	case pressed(k, w.keys.enter):
		return c.take(w, c.at)
	case pressed(k, w.keys.back), pressed(k, w.keys.quit):
		w.confirm = nil
	default:
		for i, ch := range c.choices {
			if k.String() == ch.key {
				return c.take(w, i)
			}
		}
	}
	return nil
}

func (c *confirm) take(w *wizard, at int) tea.Cmd {
	w.confirm = nil
	if act := c.choices[at].act; act != nil {
		return act()
	}
	return nil
}

// view keeps the choices in sight where not everything fits.
func (c *confirm) view(k *common, width, height int) []string {
	var choices []string
	for i, ch := range c.choices {
		mark, line := "  ", ch.key+"  "+ch.text
		if i == c.at {
			mark, line = k.style.accent.Render("> "), k.style.selected.Render(line)
		}
		choices = append(choices, cut("   "+mark+line, width))
	}
	lines := []string{k.style.dim.Render(rule(width))}
	for i, l := range clip(wrap(c.title, max(1, width-4)), 2, moreLines) {
		mark := "   "
		if i == 0 {
			mark = " " + k.style.warn.Render("?") + " "
		}
		lines = append(lines, mark+k.style.title.Render(l))
	}
	var text []string
	for _, l := range c.lines {
		text = append(text, wrap(l, max(1, width-4))...)
	}
	room := height - len(lines) - len(choices)
	lines = append(lines, indent(clip(text, max(0, room), moreLines), 3)...)
	lines = append(lines, choices...)
	if len(lines) > height {
		lines = lines[len(lines)-height:]
	}
	return lines
}

func (c *confirm) hints(keys keymap) []key.Binding {
	return []key.Binding{keys.move, as(keys.enter, "take it"), as(keys.back, "back")}
}
