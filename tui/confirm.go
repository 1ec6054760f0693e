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
	// diff is what d shows instead of the lines; it scrolls.
	diff   []string
	open   bool
	scroll list
}

// choice is one answer of a confirm. A nil act goes back to the screen.
type choice struct {
	key  string
	text string
	act  func() tea.Cmd
}

// update takes a key. over: the question is answered or taken back, and act, if any, is what was chosen.
func (c *confirm) update(w *common, k tea.KeyMsg) (act func() tea.Cmd, over bool) {
	switch {
	case len(c.diff) > 0 && pressed(k, w.keys.diff):
		c.open, c.scroll = !c.open, list{}
	case c.open && pressed(k, w.keys.pageUp, w.keys.pageDown, w.keys.top, w.keys.bottom):
		c.scroll.key(k, w.keys, len(c.diff), max(2, w.height/3), nil)
	case pressed(k, w.keys.up):
		c.at = max(0, c.at-1)
	case pressed(k, w.keys.down, w.keys.pane):
		c.at = min(len(c.choices)-1, c.at+1)
	case pressed(k, w.keys.enter):
		return c.choices[c.at].act, true
	case pressed(k, w.keys.back), pressed(k, w.keys.quit):
		return nil, true
	default:
		for _, ch := range c.choices {
			if k.String() == ch.key {
				return ch.act, true
			}
		}
	}
	return nil, false
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
	lines = append(lines, indent(c.text(k, max(1, width-4), max(0, height-len(lines)-len(choices))), 3)...)
	lines = append(lines, choices...)
	if len(lines) > height {
		lines = lines[len(lines)-height:]
	}
	return lines
}

// text is what is to be known before choosing, in a width and at most so many lines.
func (c *confirm) text(k *common, width, height int) []string {
	if c.open {
		from := max(0, min(c.scroll.cursor, len(c.diff)-height))
		c.scroll.cursor = from
		lines := make([]string, 0, height)
		for _, l := range c.diff[from:min(len(c.diff), from+height)] {
			lines = append(lines, k.diffStyle(l)(cut(l, width)))
		}
		return lines
	}
	var text []string
	for _, l := range c.lines {
		for _, part := range wrap(l, width) {
			if len(c.diff) > 0 {
				part = k.diffStyle(l)(part)
			}
			text = append(text, part)
		}
	}
	return clip(text, height, moreLines)
}

func (c *confirm) hints(keys keymap) []key.Binding {
	hints := []key.Binding{keys.move, as(keys.enter, "take it")}
	switch {
	case c.open:
		hints = append(hints, as(keys.diff, "in short"), as(keys.pageDown, "scroll"))
	case len(c.diff) > 0:
		hints = append(hints, as(keys.diff, "the whole diff"))
	}
	return append(hints, as(keys.back, "back"))
}
