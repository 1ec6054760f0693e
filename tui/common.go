package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// common is what every screen shares: size, styles, keys and clock.
type common struct {
	width, height int
	style         styles
	keys          keymap
	now           func() time.Time
	// after delivers a tickMsg after a while. Tests replace it and send the message themselves.
	after func(time.Duration) tea.Cmd
}

// noticeLines are what is said until the next key, in at most four lines and the room there is; alarm: something went wrong.
func (c *common) noticeLines(notice string, alarm bool, room int) []string {
	mark, style := "·", c.style.accent
	if alarm {
		mark, style = "✗", c.style.bad
	}
	lines := clip(wrap(notice, c.width-4), max(1, min(4, room)), moreLines)
	for i, l := range lines {
		prefix := "   "
		if i == 0 {
			prefix = " " + style.Render(mark) + " "
		}
		lines[i] = prefix + l
	}
	return lines
}

// wheel gives key an arrow three times for a notch of the mouse's wheel, and returns what that asks for.
func wheel(m tea.MouseMsg, key func(tea.KeyMsg) tea.Cmd) tea.Cmd {
	k := tea.KeyMsg{Type: tea.KeyDown}
	switch m.Button {
	case tea.MouseButtonWheelUp:
		k.Type = tea.KeyUp
	case tea.MouseButtonWheelDown:
	default:
		return nil
	}
	return tea.Batch(key(k), key(k), key(k))
}

// tickMsg asks for the events that have arrived, while something runs.
type tickMsg struct{}

func newCommon(r *lipgloss.Renderer) *common {
	return &common{
		style: newStyles(r),
		keys:  newKeymap(),
		now:   time.Now,
		after: func(d time.Duration) tea.Cmd { return tea.Tick(d, func(time.Time) tea.Msg { return tickMsg{} }) },
	}
}

// terminalCommon fits the colours to the terminal that opts names.
func terminalCommon(opts Options) *common {
	r := lipgloss.NewRenderer(opts.Out)
	if opts.NoColor {
		r.SetColorProfile(termenv.Ascii)
	}
	// bubbletea asked the terminal for its background before anything was drawn;
	// asking again would race with its reading of keys.
	r.SetHasDarkBackground(lipgloss.HasDarkBackground())
	return newCommon(r)
}

// styles are the ways in which text can differ. Each stands beside a mark or a
// word that says the same without colour.
type styles struct {
	plain bool // neither colour nor weight
	dark  bool
	depth termenv.Profile

	title, text, dim, accent  lipgloss.Style
	ok, bad, warn, added      lipgloss.Style
	removed, cursor, selected lipgloss.Style
	match                     lipgloss.Style
}

func newStyles(r *lipgloss.Renderer) styles {
	colour := func(light, dark string) lipgloss.Style {
		return r.NewStyle().Foreground(lipgloss.AdaptiveColor{Light: light, Dark: dark})
	}
	return styles{
		plain:    r.ColorProfile() == termenv.Ascii,
		dark:     r.HasDarkBackground(),
		depth:    r.ColorProfile(),
		title:    r.NewStyle().Bold(true),
		text:     r.NewStyle(),
		dim:      colour("242", "245"),
		accent:   colour("25", "117").Bold(true),
		ok:       colour("28", "114"),
		bad:      colour("124", "203").Bold(true),
		warn:     colour("130", "215"),
		added:    colour("28", "114"),
		removed:  colour("124", "203"),
		cursor:   r.NewStyle().Reverse(true),
		selected: r.NewStyle().Bold(true),
		match:    r.NewStyle().Reverse(true),
	}
}
