package tui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/flow"
)

// evidenceLines is how many lines around a piece of evidence are fetched: the
// pane can be scrolled within them.
const evidenceLines = 200

// evidencePane shows the place in the source that proves a finding.
type evidencePane struct {
	w     *wizard
	open  bool
	focus bool
	all   []flow.Evidence
	at    int
	why   string
	from  string

	wanted, shown flow.Evidence
	loading       bool
	lines         []string
	first         int
	err           error
	scroll        int // lines from where it would stand by itself
	x             int
}

// point makes the pane follow another finding.
func (p *evidencePane) point(all []flow.Evidence, from, why string) tea.Cmd {
	p.all, p.at, p.why, p.from = all, 0, why, from
	return p.load()
}

// next shows the next place that proves the same finding; false: there is none.
func (p *evidencePane) next() (tea.Cmd, bool) {
	if len(p.all) < 2 {
		return nil, false
	}
	p.at = (p.at + 1) % len(p.all)
	return p.load(), true
}

// load fetches what is wanted, one request at a time: while the cursor runs
// through a table only the last row counts.
func (p *evidencePane) load() tea.Cmd {
	p.scroll, p.x = 0, 0
	if !p.open || len(p.all) == 0 {
		return nil
	}
	p.wanted = p.all[p.at]
	if p.loading || p.wanted == p.shown {
		return nil
	}
	p.loading = true
	return p.w.readSource(p.wanted, evidenceLines)
}

// answer takes what was fetched, and asks again if the cursor has moved on.
func (p *evidencePane) answer(msg sourceMsg) tea.Cmd {
	if !p.loading {
		return nil // another pane asked
	}
	p.loading = false
	if errors.Is(msg.err, context.Canceled) {
		return nil
	}
	p.shown, p.lines, p.first, p.err = msg.at, msg.lines, msg.first, msg.err
	if p.wanted != p.shown {
		return p.load()
	}
	return nil
}

// place is the piece of evidence that is shown, for copying.
func (p *evidencePane) place() string {
	if len(p.all) == 0 {
		return ""
	}
	return placeOf(p.all[p.at].File, p.all[p.at].Line, 0)
}

// key scrolls the pane.
func (p *evidencePane) key(k tea.KeyMsg, page int) bool {
	keys := p.w.keys
	switch {
	case pressed(k, keys.up):
		p.scroll--
	case pressed(k, keys.down):
		p.scroll++
	case pressed(k, keys.pageUp):
		p.scroll -= page
	case pressed(k, keys.pageDown):
		p.scroll += page
	case pressed(k, keys.left):
		p.x = max(0, p.x-8)
	case pressed(k, keys.right):
		p.x = min(maxInput, p.x+8)
	default:
		return false
	}
	return true
}

// view draws the pane as a box.
func (p *evidencePane) view(width, height int) []string {
	if height < 3 || width < 8 {
		return nil
	}
	c := p.w.common
	inner := width - 4
	lines := stretch(p.body(inner, height-2), height-2)
	out := []string{p.top(width)}
	side := c.style.dim.Render("│")
	for _, l := range lines {
		out = append(out, side+" "+fit(l, inner)+" "+side)
	}
	return append(out, c.style.dim.Render("└"+rule(width-2)+"┘"))
}

func (p *evidencePane) top(width int) string {
	c := p.w.common
	title := "evidence"
	if len(p.all) > 0 {
		title = p.place()
		if len(p.all) > 1 {
			title += "  " + itoa(p.at+1) + " of " + itoa(len(p.all))
		}
	}
	title = cutPlace(title, width-6)
	style := c.style.dim
	if p.focus {
		style = c.style.accent
		title = cutLeft("● "+title, width-6)
	}
	return style.Render("┌ " + title + " " + rule(width-4-ansi.StringWidth(title)) + "┐")
}

func (p *evidencePane) body(width, height int) []string {
	c := p.w.common
	switch {
	case len(p.all) == 0:
		why := p.why
		if why == "" {
			why = "nothing in the source says so"
		}
		if word, _ := sure(p.from); p.from != "" {
			why = word + ": " + why
		}
		return wrap(why, width)
	case p.shown != p.wanted:
		return []string{c.style.dim.Render("reading …")}
	case p.err != nil:
		return cleanLines("✗ "+p.err.Error(), width)
	}
	var out []string
	why := clip(wrap(p.why, width), max(0, min(2, height/4)), moreLines)
	for _, l := range why {
		out = append(out, c.style.dim.Render(l))
	}
	return append(out, p.code(width, height-len(out))...)
}

// code draws the lines with their numbers, the proving one marked.
func (p *evidencePane) code(width, height int) []string {
	if len(p.lines) == 0 {
		return []string{"(the file is empty)"}
	}
	mark := max(0, p.shown.Line-p.first)
	top := max(0, min(mark-height/2, len(p.lines)-height))
	p.scroll = max(-top, min(p.scroll, max(0, len(p.lines)-height-top)))
	top += p.scroll
	digits := len(itoa(p.first + len(p.lines)))
	var out []string
	for i := top; i < min(len(p.lines), top+height); i++ {
		number := p.first + i
		line := fitRight(itoa(number), digits+1) + "  "
		text := window(p.lines[i], p.x, width-digits-5)
		if number == p.shown.Line {
			out = append(out, p.w.style.accent.Render("▌"+line)+p.w.style.selected.Render(text))
			continue
		}
		out = append(out, " "+p.w.style.dim.Render(line)+text)
	}
	return out
}
