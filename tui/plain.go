package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/muesli/termenv"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
)

// RunPlain is the wizard for screen readers, for terminals that can only print, and for people who like it so: the same steps over the
// same driver as numbered questions, line by line, nothing redrawn and no control codes.
func RunPlain(ctx context.Context, opts Options) (Result, error) {
	if opts.In == nil {
		opts.In = os.Stdin
	}
	if opts.Out == nil {
		opts.Out = os.Stdout
	}
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.Ascii)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &plainWizard{wizard: newWizard(ctx, opts, newCommon(r)), prompt: ask.NewPrompt(opts.In, opts.Out), out: opts.Out, d: opts.Driver}
	p.width = plainWidth
	err := p.run(ctx)
	result := p.result()
	var open *ask.Unanswered
	switch {
	case errors.Is(err, errLeft):
		return result, nil
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		result.Interrupted, result.Kept = true, p.location != ""
		return result, nil
	case errors.As(err, &open): // the input has ended
		result.Kept = p.location != ""
		err = &flow.UsageError{Err: errors.New("the input ended before the job was done")}
	}
	return result, err
}

// plainWidth is where long lines are broken: a reader reads lines.
const plainWidth = 78

// errLeft says that the person has left.
var errLeft = errors.New("left")

// plainWizard is the wizard as a conversation. It holds the same session as the screens do.
type plainWizard struct {
	*wizard
	prompt *ask.Prompt
	out    io.Writer
	d      flow.Driver
}

// say prints a text, its long lines broken between words.
func (p *plainWizard) say(format string, args ...any) {
	for _, l := range strings.Split(fmt.Sprintf(format, args...), "\n") {
		l = strings.TrimRight(clean(l), " ")
		inset := l[:len(l)-len(strings.TrimLeft(l, " "))]
		for i, part := range strings.Split(ansi.Wrap(l, plainWidth, ""), "\n") {
			if i > 0 {
				part = inset + "  " + part
			}
			fmt.Fprintln(p.out, part)
		}
	}
}

// quote prints lines of a file as they are.
func (p *plainWizard) quote(lines []string) {
	for _, l := range lines {
		fmt.Fprintln(p.out, strings.TrimRight(clean(l), " "))
	}
}

// menu asks for one of several things to do; the first is the default.
func (p *plainWizard) menu(ctx context.Context, text string, options ...ask.Option) (string, error) {
	return p.prompt.Ask(ctx, ask.Question{ID: "menu", Text: text, Default: options[0].Value, Options: options})
}

// text asks for text, which check judges.
func (p *plainWizard) text(ctx context.Context, q ask.Question, check func(string) error) (string, error) {
	prompt := ask.NewPrompt(p.opts.In, p.out)
	prompt.Check = func(_ ask.Question, answer string) error { return check(answer) }
	return prompt.Ask(ctx, q)
}

func (p *plainWizard) run(ctx context.Context) error {
	if err := p.openOne(ctx); err != nil {
		return err
	}
	for _, stage := range []func(context.Context) error{p.showFindings, p.decide, p.files} {
		if err := stage(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openOne asks for a source until one can be read.
func (p *plainWizard) openOne(ctx context.Context) error {
	location := p.opts.Source
	if s := p.opts.Resume; s != nil {
		location = s.Location
		if p.opts.Keeper != nil {
			p.opts.Keeper.Resume(*s)
		}
	}
	for {
		if location == "" {
			answer, err := p.askSource(ctx)
			if err != nil {
				return err
			}
			if location, err = p.askBranch(ctx, expand(strings.TrimSpace(answer))); err != nil {
				return err
			}
		}
		p.say("Reading %s", redact(location))
		found, err := p.d.Open(ctx, location, progress.NewPlain(p.out, progress.PlainOptions{}).Sink())
		if err == nil {
			p.location, p.openErr = location, nil
			if s := p.opts.Resume; s != nil {
				p.say("Gone on with: %s back", count(len(s.Changes), "answer"))
			}
			if p.opts.Keeper != nil {
				for _, r := range p.opts.Keeper.Refused() {
					p.say("The source has changed and does not take an answer: %s", r)
				}
			}
			p.findings.Store(found)
			p.adopt(take(p.d, found))
			return nil
		}
		p.openErr = err
		if ctx.Err() != nil || p.opts.Source != "" || p.opts.Resume != nil {
			return err
		}
		p.say("%s", err.Error())
		location = ""
	}
}

// mostRefs is how many branches and tags are read out; others can be typed.
const mostRefs = 20

// askBranch asks for the branch or tag of a server's repository, or of anything that was typed with a "#" and nothing after it. What
// cannot be listed is opened as it was named.
func (p *plainWizard) askBranch(ctx context.Context, location string) (string, error) {
	base, ref, folder := splitRef(location)
	if ref != "" || folder != "" || base == location && !flow.IsRemote(location) {
		return location, nil
	}
	p.say("Asking for its branches and tags.")
	refs, err := p.d.Refs(ctx, base)
	if err != nil || len(refs) < 2 {
		return base, ctx.Err()
	}
	q := ask.Question{ID: "branch", Text: "Which branch or tag?", Default: refs[0].Name, Because: "it is the repository's own"}
	for _, r := range refs[:min(mostRefs, len(refs))] {
		o := ask.Option{Value: r.Name}
		if r.Tag {
			o.Label = "tag " + r.Name
		}
		q.Options = append(q.Options, o)
	}
	if more := len(refs) - mostRefs; more > 0 {
		q.Why = count(more, "more name") + " can be typed, and commits."
	}
	if !refs[0].Default {
		q.Because = ""
	}
	answer, err := p.text(ctx, q, func(string) error { return nil })
	if err != nil || answer == refs[0].Name && refs[0].Default {
		return base, err
	}
	return base + "#" + answer, nil
}

func (p *plainWizard) askSource(ctx context.Context) (string, error) {
	q := flow.SourceQuestion()
	q.Why += " A path or an address can be typed, too."
	for i, s := range p.opts.Interrupted {
		value := "resume " + itoa(i+1)
		q.Options = append(q.Options, ask.Option{Value: value, Label: value + ": " + redact(s.Location) + ", interrupted at " + s.Step})
	}
	for _, r := range p.opts.Recent {
		shown := redact(r.Location) // a password in an address is not read out
		q.Options = append(q.Options, ask.Option{Value: shown, Label: shown + " " + clean(r.Summary)})
	}
	answer, err := p.text(ctx, q, func(string) error { return nil })
	for _, r := range p.opts.Recent {
		if answer == redact(r.Location) {
			answer = r.Location
		}
	}
	if id, old := strings.CutPrefix(answer, "resume "); old && p.opts.Keeper != nil {
		for i, s := range p.opts.Interrupted {
			if itoa(i+1) == id {
				p.opts.Keeper.Resume(s)
				answer = s.Location
			}
		}
	}
	return answer, err
}

// showFindings reads out what was found, and takes corrections until there are no more.
func (p *plainWizard) showFindings(ctx context.Context) error {
	p.note(stepFindings)
	p.listFacts()
	for {
		answer, err := p.menu(ctx, "Findings: what next?", ask.Option{Value: "go on"}, ask.Option{Value: "correct", Label: "correct a finding"},
			ask.Option{Value: "evidence", Label: "hear the evidence of a finding"}, ask.Option{Value: "reject", Label: "reject a finding"},
			ask.Option{Value: "skip", Label: "leave a component out, or take it in again"}, ask.Option{Value: "list", Label: "hear the findings again"}, ask.Option{Value: "leave"})
		if err != nil {
			return err
		}
		switch answer {
		case "go on":
			return nil
		case "leave":
			return errLeft
		case "list":
			p.listFacts()
		default:
			if err := p.oneFact(ctx, answer); err != nil {
				return err
			}
		}
	}
}

func (p *plainWizard) listFacts() {
	p.say("\n%s: %s, %s, %s", p.snap.name, count(p.snap.components, "component"), count(len(p.snap.facts), "finding"), count(len(p.snap.warnings), "warning"))
	component := ""
	for i, f := range p.snap.facts {
		if f.component != component {
			component = f.component
			p.say("\nComponent %s", component)
		}
		word, _ := sure(f.from)
		if f.skipped {
			word = "left out"
		}
		where := ""
		if len(f.evidence) > 0 {
			where = ", " + placeOf(f.evidence[0].File, f.evidence[0].Line, len(f.evidence)-1)
		}
		p.say("  %d. %s: %s (%s%s)", i+1, f.label, f.value, word, where)
	}
	for _, w := range p.snap.warnings {
		p.say("  Warning %s: %s", w.id, w.text)
	}
}

// oneFact asks which finding is meant and does what was asked for with it.
func (p *plainWizard) oneFact(ctx context.Context, what string) error {
	at := 0
	_, err := p.text(ctx, ask.Question{ID: "finding", Text: "Which finding? Its number:"}, func(s string) error {
		if _, err := fmt.Sscanf(s, "%d", &at); err != nil || at < 1 || at > len(p.snap.facts) {
			return fmt.Errorf("a number from 1 to %d", len(p.snap.facts))
		}
		return nil
	})
	if err != nil {
		return err
	}
	f := p.snap.facts[at-1]
	switch what {
	case "evidence":
		p.readOut(ctx, f)
		return nil
	case "reject":
		return p.apply(p.dropAll(f))
	case "skip":
		return p.apply(p.toggleRole(f.component))
	}
	if f.path == "" {
		p.say("This follows from the source and cannot be corrected by itself.")
		return nil
	}
	return p.correct(ctx, f.path, f.label)
}

// apply takes a change in, or says why it was refused.
func (p *plainWizard) apply(err error) error {
	if err != nil {
		p.say("It is not taken: %s", err.Error())
		return nil
	}
	p.adopt(take(p.d, p.findings.Load()))
	p.edits++
	p.say("Taken.")
	return nil
}

func (p *plainWizard) dropAll(f fact) error {
	if len(f.drops) == 0 {
		return errors.New("nothing is made of it that could be rejected")
	}
	for _, c := range f.drops {
		drop := p.d.Unset
		if !c.drop {
			drop = func(path string) error { return p.d.Set(path, c.after) }
		}
		if err := drop(c.path); err != nil {
			return err
		}
	}
	return nil
}

func (p *plainWizard) toggleRole(component string) error {
	path := "components." + component + ".role"
	f, _ := p.snap.field(path)
	if f.Value != skippedRole {
		if p.taking() < 2 {
			return errors.New("it is the only component")
		}
		return p.d.Set(path, skippedRole)
	}
	return p.d.Set(path, p.found[path].value)
}

// correct asks for another value of a field: one of the sensible ones, or any that the plan takes.
func (p *plainWizard) correct(ctx context.Context, path, label string) error {
	f, ok := p.snap.field(path)
	if !ok || !f.Editable {
		p.say("This is found, not chosen.")
		return nil
	}
	q := ask.Question{ID: path, Text: "What is right for " + label + "?", Default: f.Value, Because: "it is the present value"}
	for _, o := range f.Options {
		q.Options = append(q.Options, ask.Option{Value: o})
	}
	value, err := p.text(ctx, q, func(s string) error {
		if s == f.Value {
			return nil
		}
		return p.d.Set(f.Path, s)
	})
	if err != nil || value == f.Value {
		return err
	}
	return p.apply(nil)
}

// readOut prints the lines around what proves a finding.
func (p *plainWizard) readOut(ctx context.Context, f fact) {
	if f.why != "" {
		p.say("Because: %s", f.why)
	}
	if len(f.evidence) == 0 {
		p.say("Nothing in the source says so.")
	}
	for _, e := range f.evidence {
		p.say("%s", placeOf(e.File, e.Line, 0))
		lines, first, err := p.d.Source(ctx, e.File, max(1, e.Line), 5)
		if err != nil {
			p.say("  %s", err.Error())
			continue
		}
		for i, l := range lines {
			p.say("  line %d: %s", first+i, l)
		}
	}
}

// decide asks for the targets and for what evidence does not settle.
func (p *plainWizard) decide(ctx context.Context) error {
	p.note(stepDecisions)
	for _, f := range p.snap.fields {
		if strings.HasSuffix(f.Path, ".placement") {
			p.say("\nAdvice for %s: %s, because %s", owner(f.Path), f.Value, f.Why)
		}
	}
	var chosen, kind []string
	for _, t := range p.snap.targets {
		if t.Chosen {
			chosen = append(chosen, t.Name)
		}
		if !slices.Contains(kind, t.Kind) {
			kind = append(kind, t.Kind)
			p.say("\nTargets: %s", t.Kind)
		}
		p.say("  %s: %s", t.Name, t.Describe)
	}
	q := ask.Question{ID: "targets", Text: "Which targets? Names, with commas between them.", Default: strings.Join(chosen, ","), Because: "the plan says so"}
	if _, err := p.text(ctx, q, func(s string) error {
		if s == q.Default {
			return nil
		}
		return p.d.SetTargets(strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }))
	}); err != nil {
		return err
	}
	for _, q := range p.d.Questions() {
		if _, err := p.text(ctx, q, func(s string) error { return p.d.Set(q.ID, s) }); err != nil {
			return err
		}
	}
	p.adopt(take(p.d, p.findings.Load()))
	return nil
}

// files makes the files, shows them as wished, writes and verifies them.
func (p *plainWizard) files(ctx context.Context) error {
	for {
		p.note(stepFiles)
		if err := p.make(ctx); err != nil {
			p.genErr = err
			if done, err := p.cure(ctx, err); done || err != nil {
				return err
			}
			continue
		}
		p.genErr = nil
		p.say("\nFiles, to be written to %s", p.outputDir)
		for i, f := range p.wizard.files {
			p.say("  %d. %s: %s, %s", i+1, f.path, actionWord(f.action), count(len(f.lines), "line"))
		}
		for _, x := range p.problems {
			p.say("  Check %s %s: %s", x.Rule, placeOf(x.File, x.Line, 0), x.Message)
		}
		done, err := p.fileMenu(ctx)
		if done || err != nil {
			return err
		}
	}
}

func (p *plainWizard) make(ctx context.Context) error {
	artifacts, problems, err := p.d.Generate(ctx)
	if err != nil {
		return err
	}
	states, err := p.d.Preview(ctx)
	if err != nil {
		return err
	}
	plainPaint := func(_ string, lines []string) []string { return lines }
	p.wizard.files, p.problems, p.outputDir = filesOf(artifacts, states, plainPaint), problems, p.d.OutputDir()
	return nil
}

// cure asks for the decision that stands in the way of the files.
func (p *plainWizard) cure(ctx context.Context, err error) (done bool, failed error) {
	if ctx.Err() != nil {
		return false, err
	}
	p.say("\nThe files could not be made: %s", err.Error())
	field := flow.FieldOf(err)
	options := []ask.Option{{Value: "set", Label: "set another decision, by its path"}, {Value: "targets", Label: "choose other targets"}, {Value: "leave"}}
	if field != "" && field != "targets" {
		options = append([]ask.Option{{Value: "change", Label: "change " + field + ", which decides this"}}, options...)
	}
	answer, failed := p.menu(ctx, "What next?", options...)
	switch {
	case failed != nil:
		return false, failed
	case answer == "leave":
		return true, err
	case answer == "targets":
		return false, p.decide(ctx)
	case answer == "change":
		return false, p.setPath(ctx, field)
	}
	return false, p.change(ctx)
}

// setPath sets a field that the plan need not have yet.
func (p *plainWizard) setPath(ctx context.Context, path string) error {
	if f, ok := p.snap.field(path); ok && f.Path == path {
		return p.correct(ctx, path, f.Label)
	}
	if _, err := p.text(ctx, ask.Question{ID: path, Text: "What is right for " + path + "?"}, func(s string) error { return p.d.Set(path, s) }); err != nil {
		return err
	}
	return p.apply(nil)
}

func (p *plainWizard) fileMenu(ctx context.Context) (done bool, err error) {
	both := ask.Option{Value: "verify", Label: "write, then build, start and probe"}
	options := []ask.Option{both, {Value: "write", Label: "write only"}}
	if p.opts.NoVerify {
		options = options[1:]
	}
	options = append(options, ask.Option{Value: "show", Label: "hear a file"}, ask.Option{Value: "diff", Label: "hear what would change in a file"},
		ask.Option{Value: "set", Label: "change a decision by its path"}, ask.Option{Value: "back", Label: "back to the findings"}, ask.Option{Value: "leave"})
	for {
		answer, err := p.menu(ctx, "Files: what next?", options...)
		if err != nil {
			return false, err
		}
		switch answer {
		case "leave":
			return true, errLeft
		case "back":
			if err := p.showFindings(ctx); err != nil {
				return false, err
			}
			return false, p.decide(ctx)
		case "set":
			return false, p.change(ctx)
		case "show", "diff":
			if err := p.showFile(ctx, answer == "diff"); err != nil {
				return false, err
			}
		default:
			return true, p.writeAndVerify(ctx, answer == "verify")
		}
	}
}

// change asks for any decision by its path, as --set takes it.
func (p *plainWizard) change(ctx context.Context) error {
	for _, f := range p.snap.fields {
		p.say("  %s = %s", f.Path, f.Value)
	}
	var at plan.Field
	if _, err := p.text(ctx, ask.Question{ID: "path", Text: "Which decision? Its path:"}, func(s string) error {
		f, ok := p.snap.field(s)
		if !ok {
			return fmt.Errorf("there is no %s", s)
		}
		at = f
		return nil
	}); err != nil {
		return err
	}
	return p.correct(ctx, at.Path, at.Label)
}

func (p *plainWizard) showFile(ctx context.Context, diff bool) error {
	at := 0
	_, err := p.text(ctx, ask.Question{ID: "file", Text: "Which file? Its number:"}, func(s string) error {
		if _, err := fmt.Sscanf(s, "%d", &at); err != nil || at < 1 || at > len(p.wizard.files) {
			return fmt.Errorf("a number from 1 to %d", len(p.wizard.files))
		}
		return nil
	})
	if err != nil {
		return err
	}
	f := p.wizard.files[at-1]
	p.say("\n%s", f.path)
	lines := f.lines
	if diff {
		if lines = f.diff; len(lines) == 0 {
			p.say("Nothing would change.")
		}
	}
	p.quote(lines)
	return nil
}

func (p *plainWizard) writeAndVerify(ctx context.Context, verify bool) error {
	states, err := p.write(ctx)
	if err != nil {
		p.writeErr = err
		return err
	}
	p.written, p.outputDir, p.edits = states, p.d.OutputDir(), 0
	p.adopt(take(p.d, p.findings.Load()))
	p.say("%s written to %s", count(Changed(states), "file"), p.outputDir)
	if verify {
		p.note(stepVerify)
		p.verdict, p.verifyErr = p.d.Verify(ctx, progress.NewPlain(p.out, progress.PlainOptions{}).Sink(), p.approve)
		p.adopt(take(p.d, p.findings.Load()))
	}
	p.note(stepDone)
	p.quote(p.screens[stepDone].view(plainWidth, 10_000))
	return p.verifyErr
}

// write asks before edits of the person are replaced.
func (p *plainWizard) write(ctx context.Context) ([]flow.FileState, error) {
	force := false
	if conflicts := p.preview.conflicts(); len(conflicts) > 0 {
		for _, f := range conflicts {
			if f.foreign {
				p.say("%s was there before: drydock did not make it.", f.path)
			} else {
				p.say("%s was edited where it would change.", f.path)
			}
		}
		answer, err := p.menu(ctx, "Replace them? Yours are kept as NAME.orig.", ask.Option{Value: "no"}, ask.Option{Value: "yes"})
		if err != nil {
			return nil, err
		}
		if answer == "no" {
			return nil, errLeft
		}
		force = true
	}
	return p.d.Write(ctx, force)
}

// approve reads a remedy out and asks for it.
func (p *plainWizard) approve(ctx context.Context, r flow.Remedy) (bool, error) {
	p.say("\n%s failed: %s", r.Component, r.Failure.Message)
	for _, l := range r.Failure.Log[max(0, len(r.Failure.Log)-6):] {
		p.say("  %s", l)
	}
	p.say("Remedy %s: %s, because %s", r.ID, r.Detail, r.Why)
	for _, f := range r.Files {
		p.quote(contentLines(f.Diff))
	}
	answer, err := p.menu(ctx, "Apply it and try again?", ask.Option{Value: "yes"}, ask.Option{Value: "no", Label: "leave the failure as it is"})
	return answer == "yes", err
}

// note tells the keeper where this is.
func (p *plainWizard) note(s step) {
	p.step = s
	if p.opts.Keeper != nil {
		p.opts.Keeper.At(stepIDs[s])
	}
}

// AskCredentials asks for a user and a password line by line; the password is not shown where in is a terminal. It fits
// flow.Options.Credentials.
func AskCredentials(in io.Reader, out io.Writer) func(ctx context.Context, url string) (user, password string, err error) {
	return func(ctx context.Context, url string) (string, string, error) {
		fmt.Fprintf(out, "%s wants to know who you are. What you say is kept nowhere.\n", redact(url))
		user, err := ask.NewPrompt(in, out).Ask(ctx, ask.Question{ID: "user", Text: "User name?"})
		if err != nil {
			return "", "", err
		}
		file, ok := in.(*os.File)
		if !ok || !term.IsTerminal(file.Fd()) {
			password, err := ask.NewPrompt(in, out).Ask(ctx, ask.Question{ID: "password", Text: "Password or token?"})
			return user, password, err
		}
		fmt.Fprint(out, "Password or token (not shown): ")
		data, err := term.ReadPassword(file.Fd())
		fmt.Fprintln(out)
		if err != nil {
			return "", "", fmt.Errorf("read the password: %w", err)
		}
		return user, string(data), nil
	}
}
