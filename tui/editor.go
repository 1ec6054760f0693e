package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/ask"
)

// editor changes one field of the plan: a choice of sensible values where there
// are some, and always free text. The plan judges; a refusal is shown in place.
type editor struct {
	w       *wizard
	path    string
	title   string
	notes   []string // why it is asked, why the default is what it is
	options []ask.Option
	pick    list
	typed   bool // the input is up, not the choice
	input   input
	present string
	waiting bool
	refusal string
}

// edit returns an editor for the field at a path, or nil with a notice of why not.
func (w *wizard) edit(path string) *editor {
	if !w.free() {
		return nil
	}
	e := &editor{w: w, path: path}
	for _, q := range w.asked {
		if q.ID == path {
			e.ask(q)
		}
	}
	f, ok := w.snap.field(path)
	if ok && !f.Editable {
		w.say(f.Label+" is found, not chosen", false)
		return nil
	}
	if ok && f.Path == path {
		e.present = f.Value
		if e.title == "" {
			e.title = clean(f.Label) + " of " + owner(path)
			if f.Why != "" {
				e.notes = append(e.notes, clean(f.Why))
			}
		}
		for _, o := range f.Options {
			e.offer(ask.Option{Value: o})
		}
	}
	if e.title == "" {
		e.title = path
	}
	e.begin()
	return e
}

func (e *editor) ask(q ask.Question) {
	e.title, e.present = clean(q.Text), q.Default
	if q.Why != "" {
		e.notes = append(e.notes, "Why: "+clean(q.Why))
	}
	if q.Default != "" && q.Because != "" {
		e.notes = append(e.notes, "Default: "+clean(q.Default)+", because "+clean(q.Because))
	}
	for _, o := range q.Options {
		e.offer(o)
	}
}

func (e *editor) offer(o ask.Option) {
	for _, have := range e.options {
		if have.Value == o.Value {
			return
		}
	}
	e.options = append(e.options, o)
}

func (e *editor) begin() {
	e.input = newInput(e.present)
	e.typed = len(e.options) == 0
	for i, o := range e.options {
		if o.Value == e.present {
			e.pick.cursor = i
		}
	}
}

// update takes a key or the answer of the change; false: the editor is done.
func (e *editor) update(msg tea.Msg) (cmd tea.Cmd, open bool) {
	switch msg := msg.(type) {
	case setMsg:
		if msg.change.path != e.path {
			return nil, true
		}
		if e.waiting = false; msg.err != nil {
			e.refusal = msg.err.Error()
			return nil, true
		}
		return nil, false
	case tea.KeyMsg:
		if e.waiting {
			return nil, true
		}
		if e.typed {
			return e.typeKey(msg)
		}
		return e.pickKey(msg)
	}
	return nil, true
}

func (e *editor) typeKey(k tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case k.Type == tea.KeyEsc:
		if len(e.options) == 0 {
			return nil, false
		}
		e.typed, e.refusal = false, ""
	case k.Type == tea.KeyEnter:
		return e.submit(e.input.value()), true
	default:
		e.input.update(k)
	}
	return nil, true
}

func (e *editor) pickKey(k tea.KeyMsg) (tea.Cmd, bool) {
	n := len(e.options) + 1 // and one for another value
	switch {
	case e.pick.key(k, e.w.keys, n, 6, nil):
	case pressed(k, e.w.keys.back, e.w.keys.quit):
		return nil, false
	case pressed(k, e.w.keys.enter, e.w.keys.toggle, e.w.keys.forward):
		if e.pick.cursor < len(e.options) {
			return e.submit(e.options[e.pick.cursor].Value), true
		}
		e.typed, e.refusal = true, ""
	}
	return nil, true
}

func (e *editor) submit(value string) tea.Cmd {
	if !e.w.free() {
		return nil
	}
	e.waiting, e.refusal = true, ""
	return e.w.setField(e.path, value)
}

// view draws the editor, the part that is worked with last and always in sight.
func (e *editor) view(width, height int) []string {
	c := e.w.common
	head := []string{c.style.dim.Render(rule(width)), " " + c.style.title.Render(cut(e.title, width-2))}
	var notes []string
	for _, n := range e.notes {
		notes = append(notes, wrap(n, max(1, width-4))...)
	}
	var refusal []string
	for i, l := range clip(cleanLines(e.refusal, max(1, width-6)), 3, moreLines) {
		mark := "   "
		if i == 0 {
			mark = " " + c.style.bad.Render("✗") + " "
		}
		refusal = append(refusal, mark+l)
	}
	room := height - len(head) - len(refusal)
	work := e.work(width, max(1, min(7, room)))
	notes = clip(notes, max(0, min(3, room-len(work))), moreLines)
	lines := append(head, indent(notes, 3)...)
	lines = append(append(lines, work...), refusal...)
	if len(lines) > height {
		lines = lines[len(lines)-height:]
	}
	return lines
}

func (e *editor) work(width, height int) []string {
	c := e.w.common
	if e.typed {
		return []string{"   " + c.style.accent.Render("> ") + e.input.view(c, width-6)}
	}
	var rows []string
	for i := 0; i <= len(e.options); i++ {
		text := "another value …"
		if i < len(e.options) {
			text = e.optionText(i)
		}
		mark := "  "
		if i == e.pick.cursor {
			mark, text = c.style.accent.Render("> "), c.style.selected.Render(text)
		}
		rows = append(rows, cut("   "+mark+text, width))
	}
	from, to := e.pick.visible(len(rows), height)
	return rows[from:to]
}

func (e *editor) optionText(i int) string {
	o := e.options[i]
	text := clean(o.Value)
	if o.Label != "" && o.Label != o.Value {
		text = clean(o.Label) + " (" + text + ")"
	}
	if o.Value == e.present {
		text += "  ● now"
	}
	return text
}

func (e *editor) hints() []key.Binding {
	k := e.w.keys
	if e.typed {
		return []key.Binding{as(k.enter, "take it"), bindEsc("cancel")}
	}
	return []key.Binding{k.move, as(k.enter, "take it"), bindEsc("cancel")}
}

// bindEsc is Esc alone: where text is typed, ← moves in it.
func bindEsc(does string) key.Binding {
	return key.NewBinding(key.WithKeys("esc"), key.WithHelp("esc", does))
}
