package tui

import (
	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// maxInput bounds what can be typed or pasted into one field.
const maxInput = 4096

// input is a line of text being typed.
type input struct{ model textinput.Model }

func newInput(value string) input {
	m := textinput.New()
	m.CharLimit = maxInput
	m.Cursor.SetMode(cursor.CursorStatic) // a blinking one would be sent over slow links for ever
	// Reading the clipboard runs programs of the desktop (a terminal pastes by
	// itself), deleting a word forward indexes past the end in this version of the
	// library, and tab and the arrows up and down belong to the screens.
	none := key.NewBinding(key.WithDisabled())
	m.KeyMap.Paste, m.KeyMap.DeleteWordForward = none, none
	m.KeyMap.AcceptSuggestion, m.KeyMap.NextSuggestion, m.KeyMap.PrevSuggestion = none, none, none
	m.Focus()
	i := input{m}
	i.set(value)
	return i
}

func (i *input) value() string { return i.model.Value() }

func (i *input) set(value string) {
	i.model.SetValue(value)
	i.model.CursorEnd()
}

// update takes a key; it reports whether the text changed.
func (i *input) update(k tea.KeyMsg) bool {
	before := i.model.Value()
	if k.Type == tea.KeySpace {
		k.Runes = []rune{' '}
	}
	i.model, _ = i.model.Update(k)
	return i.model.Value() != before
}

// view draws the text and the cursor in a width. Without colour the cursor is
// a line between two characters.
func (i *input) view(c *common, width int) string {
	if width < 2 {
		return ""
	}
	runes := []rune(i.model.Value())
	pos := min(i.model.Position(), len(runes))
	left, under, right := string(runes[:pos]), " ", ""
	if pos < len(runes) {
		under, right = string(runes[pos]), string(runes[pos+1:])
	}
	under = clean(under)
	if ansi.StringWidth(under) == 0 {
		under = " "
	}
	mark := c.style.cursor.Render(under)
	if c.style.plain {
		if mark = "_"; pos < len(runes) {
			mark = "|" + under
		}
	}
	left = cutLeft(clean(left), width-min(width-1, 3))
	room := width - ansi.StringWidth(left) - ansi.StringWidth(mark)
	return cut(left+mark+cut(clean(right), room), width)
}
