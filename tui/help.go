package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// helpOverlay lists every key that works, those of the screen first.
type helpOverlay struct{ scroll list }

func (h *helpOverlay) update(w *wizard, k tea.KeyMsg) {
	if pressed(k, w.keys.help, w.keys.back, w.keys.quit, w.keys.enter) {
		w.help = nil
		return
	}
	h.scroll.key(k, w.keys, len(h.lines(w)), max(1, w.height-4), nil)
}

func (h *helpOverlay) lines(w *wizard) []string {
	lines := []string{"", " " + w.style.title.Render("Keys on this screen")}
	add := func(bindings []key.Binding) {
		for _, b := range bindings {
			lines = append(lines, "   "+w.style.selected.Render(fit(b.Help().Key, 11))+b.Help().Desc)
		}
	}
	add(w.screen().hints())
	lines = append(lines, "", " "+w.style.title.Render("Everywhere"))
	k := w.keys
	add([]key.Binding{
		k.up, k.down, k.pageUp, k.pageDown, k.top, k.bottom, as(k.back, "back (also ←)"), k.steps, k.pane, k.toggle, k.filter,
		k.redraw, k.help, k.quit, k.interrupt,
	})
	return append(lines, "", " "+w.style.title.Render("Marks"),
		"   ✓ done or certain   ✗ failed   ! worth knowing   · skipped",
		"   ● under way or chosen by you   ○ to come   ~ likely   ? a guess")
}

// view scrolls: the cursor is the first line in sight.
func (h *helpOverlay) view(w *wizard, width, height int) []string {
	lines := h.lines(w)
	from := max(0, min(h.scroll.cursor, len(lines)-height))
	h.scroll.cursor = min(h.scroll.cursor, from+max(0, height-1))
	out := lines[from:min(len(lines), from+height)]
	for i := range out {
		out[i] = cut(out[i], width)
	}
	return out
}
