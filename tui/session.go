package tui

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
)

// session is what the person and the driver have done so far. Screens come and
// go; nothing that was answered is kept anywhere else.
type session struct {
	location string // the source that is open; empty: none
	snap     snapshot
	asked    []ask.Question  // every question that was ever open, in order
	taken    map[string]bool // questions whose default stands because nobody said otherwise
	edits    int             // changes that have not been written
	revision int             // grows with every change of the plan
	found    map[string]fact // what the source says, by the path of the field that corrects it
	saved    bool            // drydock.yaml was written by itself

	files     []file
	problems  []flow.Problem
	outputDir string
	generated int   // the revision that files belong to; -1: none
	genErr    error // why there are none

	written   []flow.FileState
	writeErr  error
	verdict   *flow.Verdict
	verifyErr error
	openErr   error
}

func newSession() session { return session{generated: -1} }

// change is one value that was set, with the value before, or a finding that was rejected.
type change struct {
	path, before, after string
	drop                bool
}

// snapshot is what screens show of a driver's plan. It is built by a job, so
// that drawing never waits for the driver nor meets it at work.
type snapshot struct {
	name, commit string
	components   int
	facts        []fact
	warnings     []warning
	fields       []plan.Field
	questions    []ask.Question
	targets      []flow.TargetInfo
	command      []string
}

// take builds a snapshot of a driver.
func take(d flow.Driver, findings *flow.Findings) snapshot {
	s := snapshot{questions: d.Questions(), targets: slices.Clone(d.Targets()), command: slices.Clone(d.Command())}
	p := d.Plan()
	if p == nil {
		return s
	}
	s.name, s.commit, s.components = clean(p.Name), p.Commit, len(p.Components)
	s.facts = factsOf(p)
	s.warnings = warningsOf(p, findings)
	s.fields = p.Fields()
	for i := range s.fields {
		s.fields[i].Evidence = places(s.fields[i].Evidence)
	}
	return s
}

// field returns the plan's field at a path, or the first one below it.
func (s *snapshot) field(path string) (plan.Field, bool) {
	for _, f := range s.fields {
		if f.Path == path {
			return f, true
		}
	}
	for _, f := range s.fields {
		if strings.HasPrefix(f.Path, path+".") {
			return f, true
		}
	}
	return plan.Field{}, false
}

// open reports whether a question still waits for an answer.
func (s *session) open(id string) bool {
	return slices.ContainsFunc(s.snap.questions, func(q ask.Question) bool { return q.ID == id })
}

// adopt takes a new snapshot, after a change or a new source.
func (s *session) adopt(view snapshot) {
	s.snap = view
	s.revision++
	if s.found == nil {
		s.found = map[string]fact{}
	}
	for i := range s.snap.facts {
		f := &s.snap.facts[i]
		was, known := s.found[f.path]
		switch {
		case f.path == "":
		case f.from != chosenByPerson:
			s.found[f.path] = *f
		case known && was.value != f.value:
			f.correct(was)
		}
	}
	for _, q := range view.questions {
		if !slices.ContainsFunc(s.asked, func(a ask.Question) bool { return a.ID == q.ID }) {
			s.asked = append(s.asked, q)
		}
	}
}

// fact is one finding as the table shows it.
type fact struct {
	component string
	label     string
	value     string
	from      string // detect's word for how sure it is
	why       string
	evidence  []flow.Evidence
	path      string   // of the plan's field that corrects it; empty: none does
	drops     []change // what rejecting it changes; empty: it cannot be rejected
	skipped   bool     // its component is left out
	summary   string   // of the row that stands for the whole component: its stack in a few words; empty: a row below it
	guesses   int      // of such a row: how many values of the component are guesses
}

// chosenByPerson is detect's word for a value that a person decided.
const chosenByPerson = "chosen"

// skippedRole is the role of a component that is left out.
const skippedRole = "library"

// correct shows a person's value apart from what the source says, whose proof stays in reach.
func (f *fact) correct(was fact) {
	f.evidence = was.evidence
	f.value += "  (found " + was.value + ")"
}

// warning is something to know before going on.
type warning struct {
	id       string
	severity string
	text     string
	evidence []flow.Evidence
}

// factsOf lists what a plan says about its components.
func factsOf(p *plan.Plan) []fact {
	var all []fact
	for i := range p.Components {
		all = append(all, componentFacts(p, &p.Components[i])...)
	}
	return all
}

// facts collects the rows of one component.
type facts struct {
	plan      *plan.Plan
	component string
	skipped   bool
	rows      []fact
}

func (f *facts) add(label, field, value, from, why string, evidence []flow.Evidence) {
	if value = strings.TrimSpace(clean(value)); value == "" {
		return
	}
	row := fact{component: f.component, skipped: f.skipped, label: label, value: value, from: from, why: clean(why), evidence: places(evidence)}
	if field != "" {
		row.path = "components." + f.component + "." + field
		row.drops = []change{{path: row.path, drop: true}}
	}
	f.rows = append(f.rows, row)
}

// rejectable says what rejecting the last row changes.
func (f *facts) rejectable(drops ...change) {
	if n := len(f.rows); n > 0 {
		f.rows[n-1].drops = drops
	}
}

// without are the changes that take entries out of the lists below a field.
func (f *facts) without(field string, entries ...string) []change {
	var out []change
	for _, x := range f.plan.Fields() {
		if !strings.HasPrefix(x.Path, "components."+f.component+"."+field) {
			continue
		}
		items := strings.Split(x.Value, ",")
		if kept := slices.DeleteFunc(slices.Clone(items), func(s string) bool { return slices.Contains(entries, s) }); len(kept) < len(items) {
			out = append(out, change{path: x.Path, before: x.Value, after: strings.Join(kept, ",")})
		}
	}
	return out
}

// service is the change that drops the service of a kind that a component uses.
func (f *facts) service(kind string) []change {
	for _, s := range f.plan.Services {
		if s.Kind == kind && slices.Contains(s.For, f.component) {
			return []change{{path: "services." + s.Name + ".kind", before: s.Kind, drop: true}}
		}
	}
	return nil
}

func componentFacts(p *plan.Plan, c *plan.Component) []fact {
	f := &facts{plan: p, component: c.Name, skipped: string(c.Role.V) == skippedRole}
	f.add("role", "role", string(c.Role.V), string(c.Role.From), c.Role.Why, c.Role.Evidence)
	f.identity(c)
	f.add("build", "build", c.Build.V, string(c.Build.From), c.Build.Why, c.Build.Evidence)
	f.add("packaging", "packaging", c.Packaging.V, string(c.Packaging.From), c.Packaging.Why, c.Packaging.Evidence)
	f.server(c)
	if c.Port.V != 0 {
		f.add("port", "port", strconv.Itoa(c.Port.V), string(c.Port.From), c.Port.Why, c.Port.Evidence)
	}
	f.add("health", "healthPath", c.HealthPath.V, string(c.HealthPath.From), c.HealthPath.Why, c.HealthPath.Evidence)
	f.needs(c)
	for _, p := range c.Processes {
		f.add("process "+clean(p.Name), "processes."+p.Name, plan.ShellWords(p.Command), string(p.From), p.Why, p.Evidence)
	}
	for _, s := range c.Schedules {
		f.add("schedule "+clean(s.Name), "schedules."+s.Name, clean(s.Cron)+" "+plan.ShellWords(s.Command), string(s.From), s.Why, s.Evidence)
	}
	for _, w := range c.Writes {
		f.add("writes", "", w.V, string(w.From), w.Why, w.Evidence)
		f.rejectable(f.without("writes", w.V)...)
	}
	f.environment(c)
	f.sumUp(c)
	return f.rows
}

// sumUp makes the first row, which says the role, stand for the component.
func (f *facts) sumUp(c *plan.Component) {
	if len(f.rows) == 0 {
		return
	}
	var parts []string
	for _, part := range []string{words(c.Framework.V, c.FrameworkVersion.V), words(c.Language.V, c.LanguageVersion.V), words(c.AppServer.V, c.AppServerVersion.V), c.Packaging.V} {
		if part = clean(part); part != "" && part != "none" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		parts = []string{clean(c.Path)}
	}
	f.rows[0].summary = strings.Join(parts, ", ")
	for _, r := range f.rows {
		if r.from == "default" {
			f.rows[0].guesses++
		}
	}
}

// identity is framework and runtime: a name and a version each, of which the
// version is what is corrected most.
func (f *facts) identity(c *plan.Component) {
	if c.Framework.V != "" {
		f.add("framework", versionOr("framework", c.FrameworkVersion.V), words(c.Framework.V, c.FrameworkVersion.V),
			string(c.Framework.From), c.Framework.Why, slices.Concat(c.Framework.Evidence, c.FrameworkVersion.Evidence))
	}
	if c.Language.V == "" {
		return
	}
	value, from, why := words(c.Language.V, c.LanguageVersion.V), string(c.Language.From), c.Language.Why
	evidence := slices.Concat(c.LanguageVersion.Evidence, c.Language.Evidence)
	if c.LanguageVersion.Set() {
		from, why = string(c.LanguageVersion.From), c.LanguageVersion.Why
	}
	for _, e := range c.EndOfLife {
		if strings.HasPrefix(e.What, c.Language.V) {
			value += "  (EOL)"
			break
		}
	}
	f.add("runtime", "languageVersion", value, from, why, evidence)
}

// versionOr names the version's field where there is a version, else the name's.
func versionOr(name, version string) string {
	if version == "" {
		return name
	}
	return name + "Version"
}

func (f *facts) server(c *plan.Component) {
	if c.AppServer.V == "" {
		return
	}
	f.add("server", "appServer", words(c.AppServer.V, c.AppServerVersion.V), string(c.AppServer.From), c.AppServer.Why,
		slices.Concat(c.AppServer.Evidence, c.AppServerVersion.Evidence))
}

func (f *facts) needs(c *plan.Component) {
	for _, s := range c.Services {
		value := words(s.Kind, s.Version)
		if !s.Required {
			value += "  (optional)"
		}
		f.add("needs", "", value, string(s.From), s.Why, s.Evidence)
		f.rejectable(f.service(s.Kind)...)
	}
	for _, p := range c.SystemPackages {
		f.add("library", "", p.Name, "inferred", p.Why, p.Evidence)
		f.rejectable(f.without("systemPackages.", slices.Concat(p.Build, p.Run)...)...)
	}
}

func (f *facts) environment(c *plan.Component) {
	for _, e := range c.Env {
		value := e.Name
		if e.Required {
			value += "  (required)"
		}
		if e.Secret {
			value += "  (secret)"
		}
		from := "declared"
		if len(e.Evidence) == 0 {
			from = "inferred"
		}
		f.add("reads", "", value, from, e.Why, e.Evidence)
		f.rejectable(f.variable(e.Name)...)
	}
}

// variable is the change that takes a variable out, where the plan sets it.
func (f *facts) variable(name string) []change {
	path := "components." + f.component + ".env." + name
	if x, ok := f.plan.Field(path); ok && x.Path == path {
		return []change{{path: path, before: x.Value, drop: true}}
	}
	return nil
}

// places drops evidence that names the same place again.
func places(evidence []flow.Evidence) []flow.Evidence {
	var out []flow.Evidence
	for _, e := range evidence {
		if !slices.ContainsFunc(out, func(o flow.Evidence) bool { return o.File == e.File && o.Line == e.Line }) {
			out = append(out, e)
		}
	}
	return out
}

// warningsOf lists end-of-life parts, readiness and doubts, in this order.
func warningsOf(p *plan.Plan, findings *flow.Findings) []warning {
	var all []warning
	add := func(w warning) {
		w.id, w.text = clean(w.id), clean(w.text)
		if !slices.ContainsFunc(all, func(o warning) bool { return o.id == w.id && o.text == w.text }) {
			all = append(all, w)
		}
	}
	for i := range p.Components {
		c := &p.Components[i]
		for _, e := range c.EndOfLife {
			add(warning{id: "end-of-life", text: e.What + " has had no fixes since " + e.Since})
		}
		for _, r := range c.Readiness {
			add(warning{id: r.ID, severity: r.Severity, text: r.Message, evidence: r.Evidence})
		}
	}
	doubts := p.Warnings
	if findings != nil {
		doubts = slices.Concat(doubts, findings.Warnings)
	}
	for _, d := range doubts {
		w := warning{id: "doubt", text: d.Text}
		if d.File != "" {
			w.id, w.evidence = placeOf(d.File, d.Line, 0), []flow.Evidence{{File: d.File, Line: d.Line}}
		}
		add(w)
	}
	return all
}

// sure says in a word how sure a finding is, and in one mark where there is no room.
func sure(from string) (word, mark string) {
	switch from {
	case "locked", "declared":
		return "certain", "✓"
	case "inferred":
		return "likely", "~"
	case "default":
		return "guess", "?"
	case "chosen":
		return "chosen", "●"
	}
	return "-", "-"
}

// Messages that jobs answer with.
type (
	openedMsg struct {
		location string
		view     snapshot
		err      error
	}
	refsMsg struct {
		location string
		refs     []flow.Ref
		err      error
	}
	setMsg struct {
		change change
		view   snapshot
		err    error
	}
	targetsMsg struct {
		view snapshot
		err  error
	}
	sourceMsg struct {
		at    flow.Evidence
		lines []string
		first int
		err   error
	}
	generatedMsg struct {
		revision int
		taken    []string // questions that have been given their default
		files    []file
		problems []flow.Problem
		dir      string
		view     snapshot
		err      error
	}
	explainedMsg struct {
		path     string
		line     int
		why      string
		evidence []flow.Evidence
	}
	wroteMsg struct {
		states  []flow.FileState
		command []string // what is written need not be said on the command line
		dir     string
		then    bool // go on to the next step
		err     error
	}
	savedMsg struct {
		states  []flow.FileState
		command []string
		dir     string
		err     error
	}
	undoneMsg struct {
		path, value string   // empty: there was nothing to undo
		retaken     []string // questions whose default is no longer taken
		view        snapshot
	}
	rereadMsg struct {
		view snapshot
		err  error
	}
	reportMsg struct {
		name string
		err  error
	}
	verifiedMsg struct {
		verdict *flow.Verdict
		view    snapshot
		err     error
	}
)

// openSource opens a source and detects what it holds.
func (w *wizard) openSource(location string) tea.Cmd {
	d, sink := w.opts.Driver, w.listen()
	return w.jobs.add(job{what: "detection", long: true, run: func(ctx context.Context) tea.Msg {
		findings, err := d.Open(ctx, location, sink)
		msg := openedMsg{location: location, err: err}
		if err == nil {
			w.findings.Store(findings)
			msg.view = take(d, findings)
		}
		return msg
	}})
}

// setField changes a field of the plan.
func (w *wizard) setField(path, value string) tea.Cmd {
	d := w.opts.Driver
	before := ""
	if f, ok := w.snap.field(path); ok && f.Path == path {
		before = f.Value
	}
	return w.jobs.add(job{what: "change", run: func(context.Context) tea.Msg {
		err := d.Set(path, value)
		return setMsg{change{path: path, before: before, after: value}, take(d, w.findings.Load()), err}
	}})
}

// undoLast takes the last change back; the defaults that were taken after it are none of a person's.
func (w *wizard) undoLast() tea.Cmd {
	d, taken := w.opts.Driver, maps.Clone(w.taken)
	return w.jobs.add(job{what: "change", run: func(context.Context) tea.Msg {
		var msg undoneMsg
		for {
			c, ok := d.Undo()
			if ok && taken[c.Path] {
				msg.retaken = append(msg.retaken, c.Path)
				delete(taken, c.Path)
				continue
			}
			if ok {
				msg.path, msg.value = c.Path, c.Value
			}
			msg.view = take(d, w.findings.Load())
			return msg
		}
	}})
}

// dropField rejects what stands at a path.
func (w *wizard) dropField(path string) tea.Cmd {
	d := w.opts.Driver
	before := ""
	if f, ok := w.snap.field(path); ok && f.Path == path {
		before = f.Value
	}
	return w.jobs.add(job{what: "change", run: func(context.Context) tea.Msg {
		err := d.Unset(path)
		return setMsg{change{path: path, before: before, drop: true}, take(d, w.findings.Load()), err}
	}})
}

// savePlan writes drydock.yaml alone.
func (w *wizard) savePlan() tea.Cmd {
	d := w.opts.Driver
	return w.jobs.add(job{what: "saving", long: true, run: func(ctx context.Context) tea.Msg {
		states, err := d.Save(ctx)
		return savedMsg{slices.Clone(states), slices.Clone(d.Command()), d.OutputDir(), err}
	}})
}

// reread takes in what an editor has changed.
func (w *wizard) reread() tea.Cmd {
	d := w.opts.Driver
	return w.jobs.add(job{what: "reading", long: true, run: func(ctx context.Context) tea.Msg {
		err := d.Reread(ctx)
		return rereadMsg{take(d, w.findings.Load()), err}
	}})
}

// writeReport writes the verdict as a page.
func (w *wizard) writeReport() tea.Cmd {
	d := w.opts.Driver
	return w.jobs.add(job{what: "report", long: true, run: func(ctx context.Context) tea.Msg {
		name, err := d.Report(ctx)
		return reportMsg{name, err}
	}})
}

// keepStep writes down where the wizard is, for whoever resumes it.
func (w *wizard) keepStep() tea.Cmd {
	if w.opts.Keeper == nil || w.location == "" {
		return nil
	}
	step, keeper := stepIDs[w.step], w.opts.Keeper
	return w.jobs.add(job{what: "note", run: func(context.Context) tea.Msg {
		keeper.At(step)
		return nil
	}})
}

// setTargets chooses what is generated.
func (w *wizard) setTargets(names []string) tea.Cmd {
	d := w.opts.Driver
	return w.jobs.add(job{what: "change", run: func(context.Context) tea.Msg {
		err := d.SetTargets(names)
		return targetsMsg{take(d, w.findings.Load()), err}
	}})
}

// generate makes the files of the present plan.
func (w *wizard) generate() tea.Cmd {
	d, revision, paint := w.opts.Driver, w.revision, w.painter()
	return w.jobs.add(job{what: "generation", long: true, run: func(ctx context.Context) tea.Msg {
		msg := generatedMsg{revision: revision}
		if msg.taken, msg.err = takeDefaults(d); msg.err != nil {
			return msg
		}
		artifacts, problems, err := d.Generate(ctx)
		if err != nil {
			msg.err = err
			return msg
		}
		states, err := d.Preview(ctx)
		if err != nil {
			msg.err = err
			return msg
		}
		msg.files, msg.problems, msg.dir = filesOf(artifacts, states, paint), slices.Clone(problems), d.OutputDir()
		msg.view = take(d, w.findings.Load())
		return msg
	}})
}

// takeDefaults answers with its default what nobody has answered, as --yes does: whoever goes on to the files has seen it.
func takeDefaults(d flow.Driver) (taken []string, err error) {
	for _, q := range d.Questions() {
		if q.Default == "" {
			continue
		}
		if err := d.Set(q.ID, q.Default); err != nil {
			return nil, err
		}
		taken = append(taken, q.ID)
	}
	return taken, nil
}

// writeFiles writes the files and, with then, goes on to the next step.
func (w *wizard) writeFiles(force, then bool) tea.Cmd {
	d := w.opts.Driver
	return w.jobs.add(job{what: "writing", long: true, run: func(ctx context.Context) tea.Msg {
		states, err := d.Write(ctx, force)
		return wroteMsg{slices.Clone(states), slices.Clone(d.Command()), d.OutputDir(), then, err}
	}})
}

// verifyFiles builds, starts and probes.
func (w *wizard) verifyFiles() tea.Cmd {
	d, sink := w.opts.Driver, w.listen()
	approve := w.feed.ask
	return w.jobs.add(job{what: "verification", long: true, run: func(ctx context.Context) tea.Msg {
		verdict, err := d.Verify(ctx, sink, approve)
		return verifiedMsg{verdict, take(d, w.findings.Load()), err}
	}})
}

// readSource fetches lines around a piece of evidence.
func (w *wizard) readSource(at flow.Evidence, most int) tea.Cmd {
	d := w.opts.Driver
	return w.jobs.add(job{what: "reading", run: func(ctx context.Context) tea.Msg {
		lines, first, err := d.Source(ctx, at.File, max(1, at.Line), most)
		for i := range lines {
			lines[i] = clean(lines[i])
		}
		return sourceMsg{at, lines, first, err}
	}})
}

// explain asks why a line of a file is as it is.
func (w *wizard) explain(path string, line int) tea.Cmd {
	d := w.opts.Driver
	return w.jobs.add(job{what: "reading", run: func(context.Context) tea.Msg {
		why, evidence := d.Explain(path, line)
		return explainedMsg{path, line, clean(why), places(evidence)}
	}})
}

// listen makes the feed that the next job's events go to. Those of an earlier
// one no longer reach the screen.
func (w *wizard) listen() progress.Sink {
	w.feed = newFeed()
	return w.feed.sink
}
