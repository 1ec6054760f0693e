package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/flow"
)

// file is one generated file as the screen shows it.
type file struct {
	path   string
	action string // what writing would do to it
	// foreign: it was there before drydock wrote anything.
	foreign bool
	lines   []string
	colour  []string // the same lines, coloured
	diff    []string
}

// filesOf joins artifacts with what writing would do to them.
func filesOf(artifacts []flow.Artifact, states []flow.FileState, paint painter) []file {
	byPath := make(map[string]flow.FileState, len(states))
	for _, s := range states {
		byPath[s.Path] = s
	}
	files := make([]file, 0, len(artifacts))
	for _, a := range artifacts {
		f := file{path: a.Path, action: byPath[a.Path].Action, foreign: byPath[a.Path].Foreign, diff: contentLines(byPath[a.Path].Diff)}
		f.lines = contentLines(string(a.Content))
		f.colour = paint(a.Path, f.lines)
		delete(byPath, a.Path)
		files = append(files, f)
	}
	for _, s := range states {
		if _, left := byPath[s.Path]; left {
			files = append(files, file{path: s.Path, action: s.Action, diff: contentLines(s.Diff)})
		}
	}
	return files
}

// contentLines splits a file's text into safe lines, empty ones included.
func contentLines(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return lines
}

// actionMark is a sign for what writing does, beside its word.
func actionMark(action string) string {
	switch action {
	case "new":
		return "A"
	case "same":
		return "="
	case "update", "merge", "force":
		return "M"
	case "conflict":
		return "!"
	case "remove":
		return "D"
	case "keep":
		return "K"
	}
	return " "
}

// actionWord is what writing does to a file, for people.
func actionWord(action string) string {
	if action == "force" {
		return "replace"
	}
	return action
}

// filesScreen shows the files, what writing would change, and why each line is as it is.
type filesScreen struct {
	*wizard
	list   list // over the rows of the tree
	folded map[string]bool
	lines  list
	probs  list
	focus  filesFocus
	diff   bool
	x      int
	asked  explained // what the last request was for
	told   explained
	asking bool
}

type filesFocus int

const (
	onList filesFocus = iota
	onContent
	onProblems
)

// explained is the reason of one line.
type explained struct {
	path     string
	line     int
	revision int
	why      string
	evidence []flow.Evidence
}

func newFilesScreen(w *wizard) *filesScreen {
	return &filesScreen{wizard: w, folded: map[string]bool{}}
}

// enter makes the files if the plan has changed since they were made.
func (s *filesScreen) enter() tea.Cmd {
	if s.wizard.generated == s.revision {
		return s.explainLine()
	}
	if s.jobs.busy() != "" {
		return nil
	}
	s.genErr = nil
	return s.watch(s.generate())
}

// generated takes the files that were made.
func (s *filesScreen) generated(msg generatedMsg) tea.Cmd {
	if msg.err != nil {
		s.genErr, s.files, s.problems = msg.err, nil, nil
		return nil
	}
	if len(msg.taken) > 0 && msg.revision == s.revision {
		if s.taken == nil {
			s.taken = map[string]bool{}
		}
		for _, id := range msg.taken {
			s.taken[id] = true
		}
		s.adopt(msg.view)
		msg.revision = s.revision
	}
	was := s.place()
	s.genErr, s.files, s.problems, s.outputDir = nil, msg.files, msg.problems, msg.dir
	s.snap.command = msg.view.command
	s.wizard.generated = msg.revision
	s.goTo(was)
	s.clamp()
	return s.explainLine()
}

func (s *filesScreen) typing() bool { return false }

func (s *filesScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case explainedMsg:
		s.asking = false
		s.told = explained{msg.path, msg.line, s.asked.revision, msg.why, msg.evidence}
		return s.explainLine()
	case tea.KeyMsg:
		return s.press(msg)
	}
	return nil
}

func (s *filesScreen) press(k tea.KeyMsg) tea.Cmd {
	if s.moved(k) {
		return s.explainLine()
	}
	switch {
	case pressed(k, s.keys.pane):
		s.nextPane()
	case s.focus == onList && pressed(k, s.keys.foldAll, s.keys.unfoldAll):
		return s.foldAll(pressed(k, s.keys.foldAll))
	case s.focus == onList && pressed(k, s.keys.toggle):
		return s.fold()
	case pressed(k, s.keys.diff):
		s.diff = !s.diff
		s.lines = list{}
		return s.explainLine()
	case pressed(k, s.keys.left):
		s.x = max(0, s.x-8)
	case pressed(k, s.keys.right):
		s.x = min(maxInput, s.x+8)
	case pressed(k, s.keys.enter) && s.genErr != nil:
		return s.cure()
	case pressed(k, s.keys.enter):
		return s.open()
	case pressed(k, s.keys.write), pressed(k, s.keys.next):
		return s.askWrite()
	case pressed(k, s.keys.verify):
		return s.verifyOnly()
	case pressed(k, s.keys.copy):
		return s.copyLine()
	case pressed(k, s.keys.save):
		return s.save()
	case pressed(k, s.keys.open):
		return s.editFile()
	case pressed(k, s.keys.again) && s.genErr != nil:
		return s.enter()
	case pressed(k, s.keys.edit):
		return s.cure()
	case pressed(k, s.keys.back):
		return s.goBack()
	}
	return nil
}

// moved handles the arrows in the pane that has the focus.
func (s *filesScreen) moved(k tea.KeyMsg) bool {
	switch s.focus {
	case onContent:
		return s.lines.key(k, s.keys, len(s.shown()), max(2, s.height-6), nil)
	case onProblems:
		return s.probs.key(k, s.keys, len(s.problems), 4, nil)
	}
	was := s.list.cursor
	if !s.list.key(k, s.keys, len(s.rows()), 8, nil) {
		return false
	}
	if s.list.cursor != was {
		s.lines, s.x = list{}, 0
	}
	return true
}

// rows are the rows of the tree that are in sight of the cursor.
func (s *filesScreen) rows() []treeRow { return treeRows(s.files, s.folded) }

// row is the row under the cursor; false: there is none.
func (s *filesScreen) row() (treeRow, bool) {
	rows := s.rows()
	if s.list.cursor >= len(rows) {
		return treeRow{}, false
	}
	return rows[s.list.cursor], true
}

// here is the file under the cursor; nil: it is on a folder, or there are no files.
func (s *filesScreen) here() *file {
	row, ok := s.row()
	if !ok || row.files != nil {
		return nil
	}
	return &s.files[row.file]
}

// place is the path under the cursor, of a folder with a slash at its end.
func (s *filesScreen) place() string {
	row, ok := s.row()
	switch {
	case !ok:
		return ""
	case row.files != nil:
		return row.folder + "/"
	}
	return s.files[row.file].path
}

// goTo puts the cursor on a path, or on the folded folder that holds it.
func (s *filesScreen) goTo(place string) {
	rows := s.rows()
	for i, r := range rows {
		switch {
		case r.files == nil && s.files[r.file].path == place, r.files != nil && r.folder+"/" == place:
			s.list.cursor = i
			return
		case r.files != nil && strings.HasPrefix(place, r.folder+"/"):
			s.list.cursor = i // and on, if it is in sight below
		}
	}
	s.list.settle(len(rows), nil)
}

// fold folds the folder under the cursor, or unfolds it.
func (s *filesScreen) fold() tea.Cmd {
	if row, ok := s.row(); ok && row.files != nil {
		s.folded[row.folder] = !s.folded[row.folder]
	}
	return nil
}

// foldAll folds every folder, or none.
func (s *filesScreen) foldAll(folded bool) tea.Cmd {
	place := s.place()
	s.folded = map[string]bool{}
	if folded {
		for _, r := range s.rows() {
			if r.files != nil {
				s.folded[r.folder] = true
			}
		}
	}
	was := s.place()
	s.goTo(place)
	if s.place() != place || was != place {
		s.lines, s.x = list{}, 0
		s.clamp()
	}
	return s.explainLine()
}

// unfoldTo opens the folders that hide a file.
func (s *filesScreen) unfoldTo(path string) {
	for folder := range s.folded {
		if strings.HasPrefix(path, folder+"/") {
			delete(s.folded, folder)
		}
	}
	s.goTo(path)
}

// shown are the lines of the file, or of its diff.
func (s *filesScreen) shown() []string {
	f := s.here()
	switch {
	case f == nil:
		return nil
	case s.diff:
		return f.diff
	}
	return f.lines
}

func (s *filesScreen) clamp() { s.lines.settle(len(s.shown()), nil) }

func (s *filesScreen) nextPane() {
	s.focus = (s.focus + 1) % 3
	if s.focus == onProblems && len(s.problems) == 0 {
		s.focus = onList
	}
}

// open goes from a file into its lines, and from a problem to its line.
func (s *filesScreen) open() tea.Cmd {
	if row, ok := s.row(); ok && row.files != nil && s.focus == onList {
		return s.fold()
	}
	if s.focus != onProblems {
		s.focus = onContent
		return s.explainLine()
	}
	if s.probs.cursor >= len(s.problems) {
		return nil
	}
	p := s.problems[s.probs.cursor]
	for _, f := range s.files {
		if f.path == p.File {
			s.unfoldTo(f.path)
			s.diff, s.focus = false, onContent
			s.lines = list{cursor: max(0, p.Line-1)}
			s.clamp()
		}
	}
	return s.explainLine()
}

func (s *filesScreen) goBack() tea.Cmd {
	if s.focus != onList {
		s.focus = onList
		return nil
	}
	return s.show(stepDecisions)
}

// explainLine asks why the line under the cursor is as it is, one request at a time.
func (s *filesScreen) explainLine() tea.Cmd {
	f := s.here()
	if f == nil || s.diff || len(f.lines) == 0 || s.asking || s.jobs.busy() != "" {
		return nil
	}
	want := explained{path: f.path, line: s.lines.cursor + 1, revision: s.wizard.generated}
	if s.told.path == want.path && s.told.line == want.line && s.told.revision == want.revision {
		return nil
	}
	s.asking, s.asked = true, want
	return s.explain(want.path, want.line)
}

// cure goes to the decision that stands in the way of the files; where there are files, it edits the one under the cursor.
func (s *filesScreen) cure() tea.Cmd {
	if s.genErr == nil {
		return s.editFile()
	}
	if field := flow.FieldOf(s.genErr); field != "" {
		return s.screens[stepDecisions].(*decisionsScreen).change(field)
	}
	return s.show(stepDecisions)
}

// editFile opens the file under the cursor in the person's editor, once it is on the disk.
func (s *filesScreen) editFile() tea.Cmd {
	f := s.here()
	if f == nil {
		s.say("it is a folder: go to one of its files", false)
		return nil
	}
	if f.action == "new" || f.action == "remove" {
		s.say("it is not on the disk yet: w writes it, then o opens it; what you change there is kept", false)
		return nil
	}
	return s.openEditor(f.path)
}

func (s *filesScreen) copyLine() tea.Cmd {
	f := s.here()
	if f == nil {
		if place := s.place(); place != "" {
			return s.yank(place)
		}
		return nil
	}
	if s.focus == onContent && s.lines.cursor < len(s.shown()) {
		return s.yank(s.shown()[s.lines.cursor])
	}
	return s.yank(f.path)
}

func (s *filesScreen) hints() []key.Binding {
	k := s.keys
	move := as(k.move, "file")
	switch s.focus {
	case onContent:
		move = as(k.move, "line")
	case onProblems:
		move = as(k.move, "problem")
	}
	diff := k.diff
	if s.diff {
		diff = as(k.diff, "contents")
	}
	open := as(k.enter, "open")
	if row, ok := s.row(); ok && row.files != nil && s.focus == onList {
		open = as(k.enter, "fold")
		if s.folded[row.folder] {
			open = as(k.enter, "unfold")
		}
	}
	hints := []key.Binding{move, k.pane, diff, k.verify, k.write, open, k.open, k.save, k.sideways, k.back, k.copy}
	if slices.ContainsFunc(s.rows(), func(r treeRow) bool { return r.files != nil }) {
		hints = append(hints, as(k.toggle, "fold a folder"), k.foldAll, k.unfoldAll)
	}
	if s.genErr != nil {
		hints = []key.Binding{as(k.enter, "change what stands in the way"), k.again, k.back}
	}
	return hints
}

func (s *filesScreen) view(width, height int) []string {
	switch {
	case s.genErr != nil:
		return s.failure(width, height)
	case len(s.files) == 0 && s.wizard.generated != s.revision:
		return []string{"", "  " + s.style.accent.Render(spin(s.now())) + " making the files"}
	case width < 70:
		return s.narrow(width, height)
	case width >= 150:
		return s.three(width, height)
	}
	left := min(max(40, s.treeWidth()), width*2/5)
	column := s.listLines(left, min(len(s.rows())+1, height/2))
	column = append(column, s.problemLines(left, max(2, height/5))...)
	column = append(column, "")
	column = append(column, s.whyLines(left, height-len(column))...)
	right := width - left - 2
	return beside(column, left, s.style.dim.Render("│ "), s.content(right, height), right, height)
}

// narrow shows one pane at a time.
func (s *filesScreen) narrow(width, height int) []string {
	why := s.whyLines(width, min(4, height/4))
	room := height - len(why)
	if s.focus == onContent {
		return append(stretch(s.content(width, room), room), why...)
	}
	probs := s.problemLines(width, max(2, height/4))
	lines := append(s.listLines(width, room-len(probs)), probs...)
	return append(stretch(lines, room), why...)
}

// three has room for the reasons beside the contents.
func (s *filesScreen) three(width, height int) []string {
	left, right := min(max(42, s.treeWidth()), width*3/10), 50
	middle := width - left - right - 4
	line := s.style.dim.Render("│ ")
	probs := s.problemLines(right, max(3, height/2))
	third := append(append(probs, ""), s.whyLines(right, height-len(probs)-1)...)
	two := beside(s.listLines(left, height), left, line, s.content(middle, height), middle, height)
	return beside(two, left+2+middle, line, third, right, height)
}

func (s *filesScreen) failure(width, height int) []string {
	lines := []string{"", " " + s.style.bad.Render("✗") + " The files could not be made", ""}
	lines = append(lines, indent(clip(cleanLines(s.genErr.Error(), max(1, width-4)), height-6, moreLines), 3)...)
	to := "the decisions"
	if field := flow.FieldOf(s.genErr); field != "" {
		to = field + ", which decides this"
	}
	return append(lines, "", "   enter goes to "+cut(clean(to), width-17), s.style.dim.Render("   esc goes back to the decisions, r tries again"))
}

func (s *filesScreen) listLines(width, height int) []string {
	state := "nothing written yet"
	if s.written != nil && s.edits == 0 {
		state = "written"
	}
	lines := []string{" " + s.style.title.Render("FILES") + s.style.dim.Render(cut(" "+itoa(len(s.files))+" ("+state+")", width-7))}
	rows := s.rows()
	from, to := s.list.visible(len(rows), height-1)
	for i := from; i < to; i++ {
		lines = append(lines, s.rowLine(rows[i], i == s.list.cursor, width))
	}
	return lines
}

// rowLine is one row of the tree: a sign, the name and what writing does.
func (s *filesScreen) rowLine(row treeRow, here bool, width int) string {
	mark, style := "  ", s.style.text
	if here {
		mark, style = s.style.accent.Render("> "), s.style.selected
		if s.focus != onList {
			mark = "· "
		}
	}
	sign := "▾"
	switch {
	case row.files == nil:
		f := s.files[row.file]
		sign = s.actionStyle(f.action)(actionMark(f.action))
	case s.folded[row.folder]:
		sign = "▸"
	}
	if row.files != nil && !here {
		style = s.style.accent
	}
	right := min(s.stateWidth(), width/3)
	deep := min(2*row.depth, width/4)
	room := width - right - treeFrame - deep
	name := fit(cutPlace(clean(row.name), room), room)
	return mark + blank(deep) + sign + " " + style.Render(name) + " " + s.style.dim.Render(fitRight(s.rowState(row), right))
}

// treeFrame is what a row takes besides its name and its state: cursor, sign and gaps.
const treeFrame = 6

// rowState is what writing does to a file, or to those of a folder.
func (s *filesScreen) rowState(row treeRow) string {
	if row.files != nil {
		return actions(s.files, row.files)
	}
	f := s.files[row.file]
	if f.action == "new" {
		return "new " + itoa(len(f.lines))
	}
	return actionWord(f.action)
}

// stateWidth is the width of the longest state, whatever is folded.
func (s *filesScreen) stateWidth() int {
	width := 0
	for _, r := range treeRows(s.files, nil) {
		width = max(width, ansi.StringWidth(s.rowState(r)))
	}
	return width
}

// treeWidth is the width at which no name is cut, whatever is folded.
func (s *filesScreen) treeWidth() int {
	width := 0
	for _, r := range treeRows(s.files, nil) {
		width = max(width, 2*r.depth+ansi.StringWidth(clean(r.name)))
	}
	return width + s.stateWidth() + treeFrame
}

func (s *filesScreen) actionStyle(action string) render {
	switch action {
	case "new", "update", "merge":
		return s.style.added.Render
	case "conflict", "force":
		return s.style.bad.Render
	}
	return s.style.dim.Render
}

// problemLines lists what linters and platforms object to.
func (s *filesScreen) problemLines(width, height int) []string {
	if len(s.problems) == 0 {
		return []string{" " + s.style.ok.Render("✓") + cut(" checks found nothing", width-2)}
	}
	lines := []string{" " + s.style.title.Render(cut("CHECKS  "+count(len(s.problems), "problem"), width-1))}
	from, to := s.probs.visible(len(s.problems), height-1)
	for i := from; i < to; i++ {
		p := s.problems[i]
		mark, style := "!", s.style.warn
		if p.Error {
			mark, style = "✗", s.style.bad
		}
		text := cut(clean(p.Rule)+" "+placeOf(p.File, p.Line, 0)+" "+clean(p.Message), width-4)
		prefix := " "
		if s.focus == onProblems && i == s.probs.cursor {
			prefix, text = s.style.accent.Render(">"), s.style.selected.Render(text)
		}
		lines = append(lines, prefix+style.Render(mark)+" "+text)
	}
	return lines
}

// whyLines say why the line under the cursor is as it is.
func (s *filesScreen) whyLines(width, height int) []string {
	f := s.here()
	if f == nil || height < 2 || s.diff {
		return nil
	}
	lines := []string{" " + s.style.title.Render("why line "+itoa(s.lines.cursor+1)+":")}
	if s.told.path != f.path || s.told.line != s.lines.cursor+1 {
		return lines
	}
	why := s.told.why
	if why == "" {
		why = "it is part of the template"
	}
	lines = append(lines, indent(clip(wrap(why, max(1, width-3)), max(1, height-2), moreLines), 2)...)
	for _, e := range s.told.evidence {
		if len(lines) >= height {
			break
		}
		lines = append(lines, "  "+s.style.dim.Render(cutPlace(placeOf(e.File, e.Line, 0), width-3)))
	}
	if len(lines) > height {
		lines = lines[:height]
	}
	return lines
}

func (s *filesScreen) content(width, height int) []string {
	f := s.here()
	if f == nil {
		return s.folderContent(width, height)
	}
	what := actionWord(f.action)
	if s.diff {
		what = "diff  " + what
	}
	title := s.style.title.Render(cutLeft(clean(f.path), width/2))
	lines := []string{ends(title, s.style.dim.Render(what+"  "+count(len(s.shown()), "line")), width)}
	if len(s.shown()) == 0 {
		note := "(empty)"
		if s.diff {
			note = "nothing would change"
		}
		return append(lines, s.style.dim.Render(note))
	}
	from, to := s.lines.visible(len(s.shown()), height-1)
	for i := from; i < to; i++ {
		lines = append(lines, s.contentLine(f, i, width))
	}
	return lines
}

// folderContent lists what is below a folder, folded or not.
func (s *filesScreen) folderContent(width, height int) []string {
	row, ok := s.row()
	if !ok {
		return []string{s.style.dim.Render("there are no files")}
	}
	lines := []string{s.style.title.Render(cutLeft(clean(row.folder)+"/", width)), s.style.dim.Render(cut(count(len(row.files), "file")+" below it", width))}
	for _, i := range row.files {
		f := s.files[i]
		name := cutLeft(clean(relative(f.path, row.folder)), max(1, width-14))
		lines = append(lines, s.actionStyle(f.action)(actionMark(f.action))+" "+ends(name, s.style.dim.Render(cut(actionWord(f.action), 10)), max(1, width-2)))
	}
	return clip(lines, height, moreLines)
}

func (s *filesScreen) contentLine(f *file, i, width int) string {
	mark := " "
	if i == s.lines.cursor {
		mark = "·"
		if s.focus == onContent {
			mark = s.style.accent.Render(">")
		}
	}
	if s.diff {
		return mark + s.diffStyle(f.diff[i])(window(f.diff[i], s.x, width-1))
	}
	digits := len(itoa(len(f.lines)))
	text := window(f.colour[i], s.x, width-digits-2)
	if strings.Contains(text, "\x1b") {
		text += ansi.ResetStyle // a cut colour must not run on
	}
	return mark + s.style.dim.Render(fitRight(itoa(i+1), digits)) + " " + text
}

// diffStyle is how a line of a unified difference is drawn.
func (c *common) diffStyle(line string) render {
	switch {
	case strings.HasPrefix(line, "+"):
		return c.style.added.Render
	case strings.HasPrefix(line, "-"):
		return c.style.removed.Render
	case strings.HasPrefix(line, "@@"):
		return c.style.accent.Render
	}
	return c.style.text.Render
}
