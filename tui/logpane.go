package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// logPane is a window on the log of a run: it follows the end, or stays where
// it was put while lines keep coming.
type logPane struct {
	c      *common
	steps  *steps
	follow bool
	top    int // number of the first line in sight, when it does not follow
	x      int
	height int // lines in sight when it was drawn last

	asking bool
	input  input
	query  string
	found  int // number of the line that was found; -1: none
}

func newLogPane(c *common, s *steps) logPane {
	return logPane{c: c, steps: s, follow: true, input: newInput(""), found: -1}
}

func (p *logPane) key(k tea.KeyMsg) bool {
	keys, page := p.c.keys, max(1, p.height-1)
	switch {
	case pressed(k, keys.up):
		p.scroll(-1)
	case pressed(k, keys.down):
		p.scroll(1)
	case pressed(k, keys.pageUp):
		p.scroll(-page)
	case pressed(k, keys.pageDown):
		p.scroll(page)
	case pressed(k, keys.top):
		p.follow, p.top = false, p.steps.log.first
	case pressed(k, keys.bottom):
		p.follow = true
	case pressed(k, keys.left):
		p.x = max(0, p.x-8)
	case pressed(k, keys.right):
		p.x = min(maxLineRune, p.x+8)
	default:
		return false
	}
	return true
}

// start is the number of the first line in sight.
func (p *logPane) start() int {
	log := p.steps.log
	last := max(log.first, log.end()-p.height)
	if p.follow {
		return last
	}
	return max(log.first, min(p.top, last))
}

func (p *logPane) scroll(by int) {
	log := p.steps.log
	to := max(log.first, p.start()+by)
	p.follow = to >= log.end()-p.height && by > 0
	p.top = to
}

// show puts a line into sight.
func (p *logPane) show(number int) {
	p.follow = false
	p.top = max(p.steps.log.first, number-p.height/3)
}

// typeQuery takes a key of the search line.
func (p *logPane) typeQuery(k tea.KeyMsg) (notice string) {
	switch k.Type {
	case tea.KeyEsc:
		p.asking, p.query, p.found = false, "", -1
	case tea.KeyEnter:
		p.asking, p.query = false, strings.ToLower(p.input.value())
		if p.query == "" {
			p.found = -1
			return ""
		}
		p.found = p.start() - 1
		return p.find(1)
	default:
		p.input.update(k)
	}
	return ""
}

// find goes to the next line that holds the query, in a direction, around the ends.
func (p *logPane) find(direction int) (notice string) {
	log := p.steps.log
	if p.query == "" || log.count == 0 {
		return "nothing to find: / asks for it"
	}
	at := max(log.first-1, min(p.found, log.end()))
	for range log.count {
		at += direction
		if at >= log.end() {
			at = log.first
		}
		if at < log.first {
			at = log.end() - 1
		}
		if strings.Contains(strings.ToLower(log.at(at).text), p.query) {
			p.found = at
			p.show(at)
			return ""
		}
	}
	p.found = -1
	return "no line holds " + p.query
}

// view draws the lines in sight, and a head that says which they are.
func (p *logPane) view(width, height int, focus bool) []string {
	if height < 1 {
		return nil
	}
	lines := []string{p.head(width, focus)}
	p.height = height - 1
	if p.asking {
		p.height--
	}
	log := p.steps.log
	from := p.start()
	for n := from; n < min(log.end(), from+p.height); n++ {
		lines = append(lines, p.line(n, width))
	}
	if log.count == 0 && p.height > 0 {
		lines = append(lines, p.c.style.dim.Render(cut("no output yet", width)))
	}
	if p.asking {
		lines = append(stretch(lines, height-1), p.c.style.accent.Render("/")+p.input.view(p.c, width-1))
	}
	return lines
}

func (p *logPane) head(width int, focus bool) string {
	log := p.steps.log
	title := "log"
	if at := p.steps.current(); at >= 0 {
		title = p.steps.rows[at].label(p.steps.several())
	}
	state := "● following"
	if !p.follow {
		state = "line " + itoa(p.start()+1) + " of " + itoa(log.end())
	}
	if p.query != "" {
		state = "/" + p.query + "  " + state
	}
	style := p.c.style.dim
	if focus {
		style = p.c.style.accent
		title = "> " + title
	}
	state = cut(state, width*2/3)
	return style.Render(ends(cut(title, max(1, width-ansi.StringWidth(state)-2)), state, width))
}

func (p *logPane) line(n, width int) string {
	text := p.steps.log.at(n).text
	if p.query == "" {
		return window(text, p.x, width)
	}
	shown := window(text, p.x, width-2)
	mark := "  "
	if n == p.found {
		mark = p.c.style.accent.Render("> ")
	}
	at := strings.Index(strings.ToLower(shown), p.query)
	if at < 0 || at+len(p.query) > len(shown) {
		return mark + shown
	}
	end := at + len(p.query)
	return mark + shown[:at] + p.c.style.match.Render(shown[at:end]) + shown[end:]
}
