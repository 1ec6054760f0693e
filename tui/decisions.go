package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/plan"
)

// decisionsScreen shows what will be made and every decision behind it.
type decisionsScreen struct {
	*wizard
	list    list
	pane    evidencePane
	focus   focus
	editor  *editor
	pending int // choices of targets that the driver has not taken yet
	rows    []decision
	built   int // the revision that rows belong to

	filter   input
	filtered bool // a filter is in force
	asking   bool // the filter is being typed
}

// decision is one row: a heading, a note to the row above, a target, a question or a field.
type decision struct {
	heading  string
	note     string
	target   *flow.TargetInfo
	question *ask.Question
	field    *plan.Field
	advice   bool // the field is shown as advice, with its reason
}

func newDecisionsScreen(w *wizard) *decisionsScreen {
	s := &decisionsScreen{wizard: w, built: -1, filter: newInput("")}
	s.pane.w = w
	return s
}

func (s *decisionsScreen) enter() tea.Cmd {
	s.rebuild()
	return s.follow()
}

func (s *decisionsScreen) typing() bool { return s.editor != nil || s.asking }

// rebuild lists the rows anew when the plan has changed, and keeps the cursor on what it was on.
func (s *decisionsScreen) rebuild() {
	was := ""
	if s.list.cursor < len(s.rows) {
		was = s.rows[s.list.cursor].id()
	}
	s.rows, s.built = s.matching(s.wizard.decisions()), s.revision
	if at := slices.IndexFunc(s.rows, func(d decision) bool { return was != "" && d.id() == was }); at >= 0 {
		s.list.cursor = at
	}
	s.list.settle(len(s.rows), s.skip)
}

func (d decision) id() string {
	switch {
	case d.target != nil:
		return "target " + d.target.Name
	case d.question != nil:
		return "question " + d.question.ID
	case d.field != nil:
		return d.field.Path
	}
	return ""
}

func (s *decisionsScreen) skip(i int) bool { return s.rows[i].heading != "" || s.rows[i].note != "" }

// words are what a filter looks at.
func (d decision) words() string {
	switch {
	case d.target != nil:
		return d.target.Name + " " + d.target.Describe + " " + d.target.Kind
	case d.question != nil:
		return d.question.ID + " " + d.question.Text
	case d.field != nil:
		word, _ := sure(string(d.field.From))
		return d.field.Path + " " + d.field.Label + " " + d.field.Value + " " + word
	}
	return ""
}

// matching are the rows that the filter lets through, under their headings.
func (s *decisionsScreen) matching(rows []decision) []decision {
	want := strings.ToLower(s.filter.value())
	if !s.filtered || want == "" {
		return rows
	}
	var out, headings []decision
	for _, d := range rows {
		switch {
		case d.heading != "":
			if !strings.HasPrefix(d.heading, " ") {
				headings = nil
			}
			headings = append(headings[:min(len(headings), 1)], d)
		case d.note == "" && strings.Contains(strings.ToLower(d.words()), want):
			out = append(append(out, headings...), d)
			headings = nil
		}
	}
	return out
}

// decisions lists what is asked, where each component belongs, the targets, and all fields of the plan by what they belong to.
func (w *wizard) decisions() []decision {
	rows := append(w.askedRows(), w.placements()...)
	rows = append(rows, decision{heading: "DEPLOY TO"})
	kind := ""
	for i := range w.snap.targets {
		if t := &w.snap.targets[i]; t.Kind != kind {
			kind = t.Kind
			rows = append(rows, decision{heading: "  " + clean(kind)})
		}
		rows = append(rows, decision{target: &w.snap.targets[i]})
	}
	group := ""
	for i := range w.snap.fields {
		f := &w.snap.fields[i]
		if f.Path == "targets" || strings.HasSuffix(f.Path, ".placement") {
			continue // they stand above
		}
		if g := groupOf(f.Path); g != group {
			group = g
			rows = append(rows, decision{heading: g})
		}
		rows = append(rows, decision{field: f})
	}
	return rows
}

// askedRows are the questions; each that is open with why it is asked and why its default is the default.
func (w *wizard) askedRows() []decision {
	open := 0
	for _, q := range w.asked {
		if w.open(q.ID) {
			open++
		}
	}
	switch {
	case len(w.asked) == 0:
		return []decision{{heading: "QUESTIONS  none: the source answers them all"}}
	case open == 0:
		return append([]decision{{heading: "QUESTIONS  all answered"}}, w.questionRows()...)
	}
	return append([]decision{{heading: "QUESTIONS  " + itoa(open) + " open: each has its default unless you say otherwise"}}, w.questionRows()...)
}

func (w *wizard) questionRows() []decision {
	var rows []decision
	for i := range w.asked {
		q := &w.asked[i]
		rows = append(rows, decision{question: q})
		if !w.open(q.ID) {
			continue
		}
		if q.Why != "" {
			rows = append(rows, decision{note: "why: " + clean(q.Why)})
		}
		switch {
		case q.Default == "":
			rows = append(rows, decision{note: "there is no sensible default: it needs your answer"})
		case q.Because != "":
			rows = append(rows, decision{note: clean(q.Default) + " by default: " + clean(q.Because)})
		}
	}
	return rows
}

// placements are the advice where each component belongs, each over the field that says otherwise.
func (w *wizard) placements() []decision {
	rows := []decision{{heading: "WHERE IT BELONGS"}}
	for i := range w.snap.fields {
		if f := &w.snap.fields[i]; strings.HasSuffix(f.Path, ".placement") {
			rows = append(rows, decision{field: f, advice: true})
		}
	}
	if len(rows) == 1 {
		return nil
	}
	return rows
}

// groupOf is the heading that a field stands under.
func groupOf(path string) string {
	section, rest, _ := strings.Cut(path, ".")
	name, _, _ := strings.Cut(rest, ".")
	switch section {
	case "components":
		return "COMPONENT " + clean(name)
	case "services":
		return "BACKING SERVICE " + clean(name)
	case "secrets":
		return "SECRETS (names only: values are never written)"
	}
	return "PROJECT"
}

// owner is what a field belongs to, in a sentence.
func owner(path string) string {
	parts := strings.SplitN(path, ".", 3)
	if len(parts) < 2 {
		return "the project"
	}
	return clean(parts[1])
}

func (s *decisionsScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case sourceMsg:
		return s.pane.answer(msg)
	case targetsMsg:
		s.pending = max(0, s.pending-1)
	}
	var cmd tea.Cmd
	if s.editor != nil {
		var open bool
		if cmd, open = s.editor.update(msg); !open {
			s.editor = nil
		}
	} else if k, ok := msg.(tea.KeyMsg); ok {
		cmd = s.press(k)
	}
	if s.built != s.revision {
		s.rebuild()
		if s.step == stepDecisions {
			return tea.Batch(cmd, s.follow())
		}
	}
	return cmd
}

func (s *decisionsScreen) press(k tea.KeyMsg) tea.Cmd {
	if s.asking {
		return s.typeFilter(k)
	}
	if s.focus == onPane && s.pane.key(k, 5) {
		return nil
	}
	if s.focus == onRows && s.list.key(k, s.keys, len(s.rows), 10, s.skip) {
		return s.follow()
	}
	switch {
	case pressed(k, s.keys.toggle):
		return s.toggle()
	case pressed(k, s.keys.enter, s.keys.edit):
		return s.open()
	case pressed(k, s.keys.why):
		return s.togglePane()
	case pressed(k, s.keys.filter):
		s.asking, s.filtered = true, true
		s.focus, s.pane.focus = onRows, false
	case pressed(k, s.keys.pane):
		s.switchPane()
	case pressed(k, s.keys.undo):
		return s.undo()
	case pressed(k, s.keys.save):
		return s.save()
	case pressed(k, s.keys.reject):
		return s.drop()
	case pressed(k, s.keys.copy):
		return s.copyRow()
	case pressed(k, s.keys.next):
		return s.forward()
	case pressed(k, s.keys.back):
		return s.goBack()
	}
	return nil
}

func (s *decisionsScreen) typeFilter(k tea.KeyMsg) tea.Cmd {
	switch k.Type {
	case tea.KeyEsc:
		s.noFilter()
	case tea.KeyEnter:
		s.asking = false
		s.filtered = s.filter.value() != ""
	case tea.KeyUp, tea.KeyDown:
		s.list.key(k, s.keys, len(s.rows), 10, s.skip)
	default:
		s.filter.update(k)
	}
	s.rebuild()
	return s.follow()
}

func (s *decisionsScreen) noFilter() {
	s.asking, s.filtered = false, false
	s.filter.set("")
	s.rebuild()
}

func (s *decisionsScreen) here() decision {
	if s.list.cursor >= len(s.rows) {
		return decision{}
	}
	return s.rows[s.list.cursor]
}

// toggle chooses a target, or drops it.
func (s *decisionsScreen) toggle() tea.Cmd {
	d := s.here()
	if d.target == nil {
		return s.open()
	}
	if !s.free() {
		return nil
	}
	targets := slices.Clone(s.snap.targets)
	var names []string
	for i := range targets {
		if targets[i].Name == d.target.Name {
			targets[i].Chosen = !targets[i].Chosen
		}
		if targets[i].Chosen {
			names = append(names, targets[i].Name)
		}
	}
	s.snap.targets = targets // shown at once; the driver's answer follows
	s.rebuild()
	s.pending++
	return s.setTargets(names)
}

// open edits what the cursor is on.
func (s *decisionsScreen) open() tea.Cmd {
	switch d := s.here(); {
	case d.target != nil:
		return s.toggle()
	case d.question != nil:
		s.editor = s.edit(d.question.ID)
	case d.field != nil:
		s.editor = s.edit(d.field.Path)
	}
	return nil
}

// follow makes the pane explain what the cursor is on.
func (s *decisionsScreen) follow() tea.Cmd {
	s.pane.open = s.pane.open || s.wide()
	switch d := s.here(); {
	case d.target != nil:
		return s.pane.point(nil, "", clean(d.target.Describe))
	case d.question != nil:
		why := clean(d.question.Why)
		if d.question.Default != "" && d.question.Because != "" {
			why += "\nDefault " + clean(d.question.Default) + ": " + clean(d.question.Because)
		}
		f, _ := s.snap.field(d.question.ID)
		return s.pane.point(f.Evidence, "default", why)
	case d.field != nil:
		return s.pane.point(d.field.Evidence, string(d.field.From), clean(d.field.Why))
	}
	return s.pane.point(nil, "", "")
}

func (s *decisionsScreen) wide() bool { return s.width >= wideWidth }

func (s *decisionsScreen) togglePane() tea.Cmd {
	if s.pane.open && !s.wide() {
		s.pane.open, s.pane.focus, s.focus = false, false, onRows
		return nil
	}
	s.pane.open = true
	return s.follow()
}

func (s *decisionsScreen) switchPane() {
	s.focus = onRows
	if s.pane.open && !s.pane.focus {
		s.focus = onPane
	}
	s.pane.focus = s.focus == onPane
}

// drop takes the decision under the cursor out of the plan.
func (s *decisionsScreen) drop() tea.Cmd {
	d := s.here()
	if d.field == nil {
		s.say("x takes a variable, a process, a service or another entry of the plan out; this is none", false)
		return nil
	}
	if !s.free() {
		return nil
	}
	s.say("taken out: "+d.field.Path+" (u undoes it)", false)
	return s.dropField(d.field.Path)
}

func (s *decisionsScreen) copyRow() tea.Cmd {
	switch d := s.here(); {
	case d.field != nil:
		return s.yank("--set " + d.field.Path + "=" + d.field.Value)
	case d.question != nil:
		f, _ := s.snap.field(d.question.ID)
		return s.yank("--set " + d.question.ID + "=" + f.Value)
	case d.target != nil:
		return s.yank("--target " + d.target.Name)
	}
	return nil
}

// forward goes to the files, unless a question without a default is open.
func (s *decisionsScreen) forward() tea.Cmd {
	for _, q := range s.asked {
		if q.Default == "" && s.wizard.open(q.ID) {
			s.goTo(q.ID)
			s.say("this one has no sensible default: enter answers it", true)
			return s.follow()
		}
	}
	return s.show(stepFiles)
}

// goTo puts the cursor on the row that decides a field, whatever the filter hides: its question, the targets, or the field itself.
// It reports whether there is one.
func (s *decisionsScreen) goTo(path string) bool {
	s.noFilter()
	at := slices.IndexFunc(s.rows, func(d decision) bool { return d.question != nil && d.question.ID == path })
	if at < 0 {
		at = slices.IndexFunc(s.rows, func(d decision) bool {
			return d.field != nil && d.field.Path == path || path == "targets" && d.target != nil && d.target.Chosen
		})
	}
	if at >= 0 {
		s.list.cursor = at
	}
	return at >= 0
}

// change comes up with the editor of a field open, or on the targets.
func (s *decisionsScreen) change(path string) tea.Cmd {
	cmd := s.show(stepDecisions)
	if known := s.goTo(path); path != "targets" || !known {
		s.editor = s.edit(path)
	}
	return tea.Batch(cmd, s.follow())
}

func (s *decisionsScreen) goBack() tea.Cmd {
	if s.focus == onPane {
		s.switchPane()
		return nil
	}
	if s.pane.open && !s.wide() {
		return s.togglePane()
	}
	if s.filtered {
		s.noFilter()
		return s.follow()
	}
	return s.show(stepFindings)
}

func (s *decisionsScreen) hints() []key.Binding {
	k := s.keys
	switch {
	case s.editor != nil:
		return s.editor.hints()
	case s.asking:
		return []key.Binding{as(k.enter, "keep filter"), bindEsc("clear filter")}
	case s.focus == onPane:
		return []key.Binding{as(k.move, "scroll"), k.sideways, k.pane, k.back}
	case s.here().target != nil:
		return []key.Binding{k.move, k.toggle, as(k.next, "files"), k.why, k.filter, k.undo, k.save, k.back, as(k.copy, "copy as flag")}
	}
	return []key.Binding{k.move, as(k.enter, "change"), as(k.next, "files"), k.why, k.filter, k.undo, as(k.reject, "take out"), k.save, k.back, as(k.copy, "copy as flag")}
}

func (s *decisionsScreen) view(width, height int) []string {
	if s.built != s.revision {
		s.rebuild()
	}
	if s.wide() && s.editor == nil {
		left := width * 3 / 5
		pane := s.pane.view(width-left-1, height)
		return beside(s.main(left, height, nil), left, " ", pane, width-left-1, height)
	}
	var foot []string
	switch {
	case s.editor != nil:
		foot = s.editor.view(width, min(height, 13))
	case s.pane.open:
		foot = s.pane.view(width, max(3, min(9, height*2/5)))
	}
	return s.main(width, height, foot)
}

func (s *decisionsScreen) main(width, height int, foot []string) []string {
	foot = foot[:max(0, min(len(foot), height-2))]
	var summary []string
	switch {
	case s.asking:
		summary = []string{" filter: " + s.filter.view(s.common, width-9)}
	case height-len(foot) >= 6:
		summary = []string{s.summary(width)}
	}
	room := height - len(foot) - len(summary)
	from, to := s.list.visible(len(s.rows), room)
	var lines []string
	for i := from; i < to; i++ {
		lines = append(lines, s.row(i, width))
	}
	if len(s.rows) == 0 {
		lines = []string{s.style.dim.Render(cut("   nothing matches", width))}
	}
	return append(append(stretch(lines, room), summary...), foot...)
}

func (s *decisionsScreen) summary(width int) string {
	chosen := 0
	for _, f := range s.snap.fields {
		if f.From == chosenByPerson && !s.taken[f.Path] {
			chosen++
		}
	}
	left := " " + itoa(chosen) + " of " + itoa(len(s.snap.fields)) + " chosen by you"
	if open := len(s.snap.questions); open > 0 {
		left += ", " + count(open, "question") + " open"
	}
	right := "answers go to drydock.yaml "
	if s.filtered {
		right = "filter: " + s.filter.value() + " "
	}
	return s.style.dim.Render(ends(left, right, width))
}

func (s *decisionsScreen) row(i, width int) string {
	d := s.rows[i]
	if d.heading != "" {
		return " " + s.style.title.Render(cut(d.heading, width-1))
	}
	if d.note != "" {
		return "       " + s.style.dim.Render(cut(d.note, width-7))
	}
	here := i == s.list.cursor
	mark, style := "   ", s.style.text
	if here {
		mark, style = " "+s.style.accent.Render("> "), s.style.selected
		if s.focus != onRows {
			mark = " · "
		}
	}
	switch {
	case d.target != nil:
		return mark + s.targetRow(d.target, style.Render, width-3)
	case d.advice:
		text := fit(owner(d.field.Path), 14) + " " + fit(clean(d.field.Value), 12)
		return mark + style.Render(text) + " " + s.style.dim.Render(cut(clean(d.field.Why), width-31))
	case d.question != nil:
		return mark + s.questionRow(d.question, style.Render, width-3)
	}
	return mark + s.fieldRow(d.field, style.Render, width-3)
}

type render func(...string) string

func (s *decisionsScreen) targetRow(t *flow.TargetInfo, paint render, width int) string {
	box := "[ ] "
	if t.Chosen {
		box = "[x] "
	}
	longest := 18
	for _, other := range s.snap.targets { // a name is what --target wants: it is not cut where there is room
		longest = max(longest, ansi.StringWidth(clean(other.Name)))
	}
	name := fit(clean(t.Name), min(longest, max(8, width/3)))
	return paint(box+name) + " " + s.style.dim.Render(cut(clean(t.Describe), width-5-ansi.StringWidth(name)))
}

func (s *decisionsScreen) questionRow(q *ask.Question, paint render, width int) string {
	f, _ := s.snap.field(q.ID)
	value, note := clean(f.Value), "answered"
	mark := s.style.ok.Render("● ")
	if s.taken[q.ID] {
		mark, note = s.style.dim.Render("· "), "default taken"
	}
	if s.wizard.open(q.ID) {
		mark, note = s.style.warn.Render("? "), "default"
		if value = clean(q.Default); value == "" {
			value, note = "—", "needs an answer"
		}
	}
	right := min(18, width/3)
	note = fitRight(note, min(16, max(0, width/4)))
	room := width - 2 - right - ansi.StringWidth(note) - 2
	return mark + paint(fit(clean(q.Text), room)+" "+fit(value, right)) + " " + s.style.dim.Render(note)
}

func (s *decisionsScreen) fieldRow(f *plan.Field, paint render, width int) string {
	label := min(24, width/3)
	from := min(30, width/3)
	value := width - label - from - 2
	text := fit(clean(f.Label), label) + " " + fit(clean(f.Value), value)
	return paint(text) + " " + s.style.dim.Render(s.fromText(f, from))
}

// fromText says where a value is from: "certain Gemfile:3", "you".
func (s *decisionsScreen) fromText(f *plan.Field, width int) string {
	word, _ := sure(string(f.From))
	switch {
	case s.taken[f.Path]:
		return cut("default taken", width)
	case f.From == chosenByPerson:
		return cut("● you", width)
	case len(f.Evidence) > 0:
		place := placeOf(f.Evidence[0].File, f.Evidence[0].Line, len(f.Evidence)-1)
		return cut(word+" "+cutPlace(place, width-len(word)-1), width)
	}
	return cut(word, width)
}
