package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// findingsScreen is the table of what was found, each row with its proof.
type findingsScreen struct {
	*wizard
	rows     list
	folded   map[string]bool // components of which only the first row is shown
	warns    list
	pane     evidencePane
	focus    focus
	filter   input
	filtered bool // a filter is in force
	asking   bool // the filter is being typed
	editor   *editor
}

// manyFindings is from when on all components but the first are folded at first.
const manyFindings = 20

// componentsOf are the names of the components, in order; of none at all one that is empty.
func componentsOf(facts []fact) []string {
	var names []string
	for _, f := range facts {
		if f.summary != "" {
			names = append(names, f.component)
		}
	}
	if len(names) == 0 {
		return []string{""}
	}
	return names
}

// focus says which part of a screen the arrows move in.
type focus int

const (
	onRows focus = iota
	onPane
	onWarnings
)

func newFindingsScreen(w *wizard) *findingsScreen {
	s := &findingsScreen{wizard: w, filter: newInput(""), folded: map[string]bool{}}
	if len(w.snap.facts) > manyFindings {
		for _, name := range componentsOf(w.snap.facts)[1:] {
			s.folded[name] = true // what else there is is in sight from the start
		}
	}
	s.pane.w = w
	return s
}

// wide terminals show the evidence beside the table, always.
const wideWidth = 120

func (s *findingsScreen) wide() bool { return s.width >= wideWidth }

func (s *findingsScreen) enter() tea.Cmd { return s.follow() }

func (s *findingsScreen) typing() bool { return s.asking || s.editor != nil }

func (s *findingsScreen) update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(sourceMsg); ok {
		return s.pane.answer(msg)
	}
	if s.editor != nil {
		cmd, open := s.editor.update(msg)
		if !open {
			s.editor = nil
			s.rows.settle(len(s.shown()), nil)
			return tea.Batch(cmd, s.follow())
		}
		return cmd
	}
	if k, ok := msg.(tea.KeyMsg); ok {
		return s.press(k)
	}
	return nil
}

func (s *findingsScreen) press(k tea.KeyMsg) tea.Cmd {
	if s.asking {
		return s.typeFilter(k)
	}
	if s.moved(k) {
		return s.follow()
	}
	switch {
	case s.focus == onPane && s.pane.key(k, 5):
	case pressed(k, s.keys.enter) && s.focus == onRows && s.onComponent():
		return s.fold()
	case pressed(k, s.keys.foldAll, s.keys.unfoldAll) && s.focus == onRows && !s.filtered:
		return s.foldAll(pressed(k, s.keys.foldAll))
	case pressed(k, s.keys.enter):
		return s.openEvidence()
	case pressed(k, s.keys.pane):
		return s.nextPane()
	case pressed(k, s.keys.filter):
		s.asking, s.filtered, s.focus = true, true, onRows
	case pressed(k, s.keys.edit):
		return s.edit()
	case pressed(k, s.keys.reject, s.keys.skip):
		return s.leaveOut(k)
	case pressed(k, s.keys.undo):
		return s.undo()
	case pressed(k, s.keys.save):
		return s.save()
	case pressed(k, s.keys.why):
		s.sayWhy()
	case pressed(k, s.keys.copy):
		return s.yank(s.pane.place())
	case pressed(k, s.keys.next):
		return s.show(stepDecisions)
	case pressed(k, s.keys.back):
		return s.goBack()
	}
	return nil
}

// moved handles the arrows in the table and in the warnings.
func (s *findingsScreen) moved(k tea.KeyMsg) bool {
	switch s.focus {
	case onRows:
		return s.rows.key(k, s.keys, len(s.shown()), 10, nil)
	case onWarnings:
		return s.warns.key(k, s.keys, len(s.snap.warnings), 4, nil)
	}
	return false
}

func (s *findingsScreen) typeFilter(k tea.KeyMsg) tea.Cmd {
	switch k.Type {
	case tea.KeyEsc:
		s.asking, s.filtered = false, false
		s.filter.set("")
	case tea.KeyEnter:
		s.asking = false
		s.filtered = s.filter.value() != ""
	case tea.KeyUp, tea.KeyDown:
		s.rows.key(k, s.keys, len(s.shown()), 10, nil)
	default:
		s.filter.update(k)
	}
	s.rows.settle(len(s.shown()), nil)
	return s.follow()
}

// goBack undoes one thing at a time: pane, filter, screen.
func (s *findingsScreen) goBack() tea.Cmd {
	switch {
	case s.focus != onRows:
		s.focus, s.pane.focus = onRows, false
	case s.pane.open && !s.wide():
		s.pane.open = false
	case s.filtered:
		s.filtered = false
		s.filter.set("")
	default:
		return s.show(stepSource)
	}
	return s.follow()
}

// onComponent says that the cursor is on the row of a whole component, which folds.
func (s *findingsScreen) onComponent() bool {
	rows := s.shown()
	return !s.filtered && s.rows.cursor < len(rows) && rows[s.rows.cursor].summary != ""
}

// fold hides or shows what is below the component under the cursor.
func (s *findingsScreen) fold() tea.Cmd {
	name := s.shown()[s.rows.cursor].component
	s.folded[name] = !s.folded[name]
	return s.follow()
}

// foldAll folds every component, or none; the cursor stays with its component.
func (s *findingsScreen) foldAll(folded bool) tea.Cmd {
	rows := s.shown()
	if s.rows.cursor >= len(rows) {
		return nil
	}
	was := rows[s.rows.cursor]
	for _, name := range componentsOf(s.snap.facts) {
		s.folded[name] = folded
	}
	for i, f := range s.shown() {
		if f.component == was.component && (f.summary != "" || f.label == was.label && f.value == was.value) {
			s.rows.cursor = i
		}
	}
	return s.follow()
}

// shown are the facts that the filter lets through; without one, those that are not folded away.
func (s *findingsScreen) shown() []fact {
	if !s.filtered {
		out := make([]fact, 0, len(s.snap.facts))
		for _, f := range s.snap.facts {
			if f.summary != "" || !s.folded[f.component] {
				out = append(out, f)
			}
		}
		return out
	}
	want := strings.ToLower(s.filter.value())
	var out []fact
	for _, f := range s.snap.facts {
		word, _ := sure(f.from)
		text := f.component + " " + f.label + " " + f.value + " " + word + " " + f.summary
		for _, e := range f.evidence {
			text += " " + e.File
		}
		if strings.Contains(strings.ToLower(text), want) {
			out = append(out, f)
		}
	}
	return out
}

// follow makes the evidence pane show what the cursor is on.
func (s *findingsScreen) follow() tea.Cmd {
	if s.wide() {
		s.pane.open = true
	}
	if s.focus == onWarnings {
		if n := s.warns.cursor; n < len(s.snap.warnings) {
			w := s.snap.warnings[n]
			return s.pane.point(w.evidence, "declared", w.text)
		}
	}
	rows := s.shown()
	if s.rows.cursor >= len(rows) {
		return s.pane.point(nil, "", "nothing matches the filter")
	}
	f := rows[s.rows.cursor]
	return s.pane.point(f.evidence, f.from, f.why)
}

// openEvidence opens the pane, and then goes through the places that prove the same.
func (s *findingsScreen) openEvidence() tea.Cmd {
	if !s.pane.open {
		s.pane.open = true
		return s.follow()
	}
	cmd, _ := s.pane.next()
	return cmd
}

// nextPane moves the focus: table, evidence, warnings.
func (s *findingsScreen) nextPane() tea.Cmd {
	s.pane.focus = false
	switch {
	case s.focus == onRows && s.pane.open:
		s.focus, s.pane.focus = onPane, true
		return nil
	case s.focus != onWarnings && len(s.snap.warnings) > 0:
		s.focus = onWarnings
	default:
		s.focus = onRows
	}
	return s.follow()
}

func (s *findingsScreen) edit() tea.Cmd {
	rows := s.shown()
	if s.rows.cursor >= len(rows) {
		return nil
	}
	f := rows[s.rows.cursor]
	if f.path == "" {
		s.say("this follows from the source; what is made of it can be changed under Decisions", false)
		return nil
	}
	s.editor = s.wizard.edit(f.path)
	return nil
}

// leaveOut rejects the finding under the cursor, or skips its component.
func (s *findingsScreen) leaveOut(k tea.KeyMsg) tea.Cmd {
	rows := s.shown()
	if s.focus == onWarnings || s.rows.cursor >= len(rows) {
		return nil
	}
	if pressed(k, s.keys.reject) {
		return s.reject(rows[s.rows.cursor])
	}
	return s.skip(rows[s.rows.cursor].component)
}

func (s *findingsScreen) sayWhy() {
	word, why := s.pane.from, s.pane.why
	if s.focus != onWarnings {
		word, _ = sure(s.pane.from)
	}
	if why == "" && len(s.pane.all) > 0 {
		why = "the source says so: " + clean(s.pane.all[0].Text)
	}
	if why == "" {
		why = "nothing in the source says so"
	}
	s.say(word+": "+why, false)
}

func (s *findingsScreen) hints() []key.Binding {
	k := s.keys
	switch {
	case s.editor != nil:
		return s.editor.hints()
	case s.asking:
		return []key.Binding{as(k.enter, "keep filter"), bindEsc("clear filter")}
	}
	enter := as(k.enter, "evidence")
	if s.focus == onRows && s.onComponent() {
		enter = as(k.enter, "fold")
		if s.folded[s.shown()[s.rows.cursor].component] {
			enter = as(k.enter, "unfold")
		}
	}
	hints := []key.Binding{k.move, enter, k.edit, k.reject, k.filter, as(k.next, "next"), k.skip, k.undo, k.save, k.back, k.pane, k.why, as(k.copy, "copy place"), k.foldAll, k.unfoldAll}
	if s.focus == onPane {
		hints = append([]key.Binding{as(k.move, "scroll"), k.sideways}, hints[1:]...)
	}
	return hints
}

func (s *findingsScreen) view(width, height int) []string {
	if s.wide() && s.editor == nil {
		left := width * 3 / 5
		pane := s.pane.view(width-left-1, height)
		return beside(s.main(left, height, false), left, " ", pane, width-left-1, height)
	}
	return s.main(width, height, true)
}

// main stacks summary, table, evidence, warnings; or the editor at the foot.
func (s *findingsScreen) main(width, height int, pane bool) []string {
	var foot []string
	switch {
	case s.editor != nil:
		foot = s.editor.view(width, min(height, 13))
	default:
		if pane && s.pane.open {
			foot = s.pane.view(width, max(3, min(9, height*2/5)))
		}
		foot = append(foot, s.warnLines(width, max(1, min(4, height/5)))...)
	}
	if room := height - len(foot); room < 3 {
		foot = foot[:max(0, min(len(foot), height-3))]
	}
	room := height - len(foot)
	return append(stretch(s.table(width, room), room), foot...)
}

func (s *findingsScreen) table(width, height int) []string {
	rows := s.shown()
	cols := factColumns(width)
	lines := []string{s.summary(len(rows), width)}
	if height >= 6 {
		component, certainty := "COMPONENT", "SURE"
		if cols.sure == 1 {
			component, certainty = "PART", ""
		}
		lines = append(lines, s.style.dim.Render(" "+cols.join(s.common, component, "FACT", "VALUE", certainty, "EVIDENCE")))
	}
	if len(rows) == 0 {
		return append(lines, "   "+s.style.dim.Render(cut("nothing matches", width-3)))
	}
	from, to := s.rows.visible(len(rows), height-len(lines))
	for i := from; i < to; i++ {
		component := rows[i].component
		if i > from && rows[i-1].component == component {
			component = ""
		}
		lines = append(lines, s.row(rows[i], component, cols, i == s.rows.cursor))
	}
	return lines
}

func (s *findingsScreen) summary(shown, width int) string {
	view := &s.snap
	left := " " + count(view.components, "component") + ", " + count(len(view.facts), "finding") + ", " + count(len(view.warnings), "warning")
	guesses := 0
	for _, f := range view.facts {
		guesses += f.guesses
	}
	if guesses > 0 && ansi.StringWidth(left)+24 < width {
		left += ", " + itoa(guesses) + " guess"
		if guesses > 1 {
			left += "es"
		}
	}
	right := "filter: / "
	switch {
	case s.asking:
		return cut(" filter: ", width) + s.filter.view(s.common, width-9)
	case s.filtered:
		right = "filter: " + s.filter.value() + " (" + itoa(shown) + ") "
	}
	return ends(s.style.title.Render(cut(left, width)), s.style.dim.Render(right), width)
}

func (s *findingsScreen) row(f fact, component string, cols columns, here bool) string {
	word, mark := sure(f.from)
	if cols.sure == 1 {
		word = mark
	}
	label, value := f.label, f.value
	if f.summary != "" {
		label, value = f.value, f.summary
		if f.guesses > 0 && cols.value > 20 { // in sight however long the rest is
			guesses := " ? " + itoa(f.guesses)
			value = fit(value, cols.value-len(guesses)) + guesses
		}
		switch {
		case s.filtered:
		case cols.component == 0:
			label = s.foldMark(f.component) + f.component
		default:
			component = s.foldMark(f.component) + f.component
		}
	} else if component != "" && !s.filtered {
		component = "  " + component
	}
	file, line := "", 0
	if len(f.evidence) > 0 {
		file, line = f.evidence[0].File, f.evidence[0].Line
	}
	place := cutPlace(placeOf(file, line, len(f.evidence)-1), cols.evidence)
	prefix := " "
	c := *s.common
	if here {
		prefix = s.style.accent.Render(">")
		if s.focus != onRows {
			prefix = "·"
		}
		c.style.text, c.style.dim = s.style.selected, s.style.selected
	}
	if f.summary != "" && !here {
		c.style.text, c.style.dim = s.style.selected, s.style.selected
	}
	if f.skipped {
		c.style.text = s.style.dim
		word = "skipped"
		if cols.sure == 1 {
			word = "-"
		}
		return prefix + cols.join(&c, component, label, value, word, place)
	}
	if f.from == "default" {
		c.style.warn = s.style.warn.Bold(true)
		return prefix + cols.join(&c, component, label, value, c.style.warn.Render(fit(word, cols.sure)), place)
	}
	return prefix + cols.join(&c, component, label, value, word, place)
}

// foldMark says whether what is below a component is shown.
func (s *findingsScreen) foldMark(component string) string {
	if s.folded[component] {
		return "▸ "
	}
	return "▾ "
}

// columns are the widths of the table; 0: the column is left out.
type columns struct{ component, label, value, sure, evidence int }

// factColumns shares a width: what says the least goes first.
func factColumns(width int) columns {
	c := columns{component: 12, label: 13, sure: 7, evidence: min(34, max(18, width/4))}
	switch {
	case width >= 100:
		c.label = len("process release")
	case width < 40:
		c = columns{label: 10, sure: 1}
	case width < 56:
		c = columns{label: 11, sure: 1, evidence: 14}
	case width < 76:
		c = columns{component: 9, label: 11, sure: 1, evidence: 16}
	}
	used := 1
	for _, n := range []int{c.component, c.label, c.sure, c.evidence} {
		if n > 0 {
			used += n + 1
		}
	}
	c.value = max(1, width-used)
	return c
}

func (c columns) join(k *common, component, label, value, sure, evidence string) string {
	var b strings.Builder
	cell := func(s string, width int, render func(...string) string) {
		if width <= 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(render(fit(s, width)))
	}
	cell(component, c.component, k.style.dim.Render)
	cell(label, c.label, k.style.text.Render)
	cell(value, c.value, k.style.text.Render)
	cell(sure, c.sure, k.style.text.Render)
	cell(evidence, c.evidence, k.style.dim.Render)
	return b.String()
}

// warnLines shows the warnings in a few lines; Tab moves into them.
func (s *findingsScreen) warnLines(width, height int) []string {
	all := s.snap.warnings
	if len(all) == 0 {
		return nil
	}
	var lines []string
	longest := 16
	for _, w := range all {
		longest = max(longest, ansi.StringWidth(w.id))
	}
	from, to := s.warns.visible(len(all), height)
	for i := from; i < to; i++ {
		text := cut(fit(all[i].id, min(longest, width/4))+" "+all[i].text, width-4)
		mark := " "
		if s.focus == onWarnings && i == s.warns.cursor {
			mark, text = s.style.accent.Render(">"), s.style.selected.Render(text)
		}
		lines = append(lines, mark+s.style.warn.Render("!")+" "+text)
	}
	if hidden := len(all) - (to - from); hidden > 0 && len(lines) > 0 {
		note := s.style.dim.Render("  (+" + itoa(hidden) + ", tab)")
		lines[len(lines)-1] = cut(lines[len(lines)-1], width-14) + note
	}
	return lines
}
