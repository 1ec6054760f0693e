package tui

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/progress"
)

// doneScreen sums up: what was seen, what was written, what comes next.
type doneScreen struct {
	*wizard
	scroll list
	length int
}

func newDoneScreen(w *wizard) *doneScreen { return &doneScreen{wizard: w} }

func (s *doneScreen) enter() tea.Cmd { return nil }

func (s *doneScreen) typing() bool { return false }

func (s *doneScreen) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	switch {
	case pressed(k, s.keys.copy):
		return s.yank(strings.Join(s.snap.command, " "))
	case pressed(k, s.keys.report):
		return s.report()
	case pressed(k, s.keys.enter):
		return s.askLeave()
	case pressed(k, s.keys.write):
		return tea.Batch(s.show(stepFiles), s.offerWrite())
	case pressed(k, s.keys.back):
		if s.opts.NoVerify {
			return s.show(stepFiles)
		}
		return s.show(stepVerify)
	default:
		s.scroll.key(k, s.keys, s.length, max(2, s.height-5), nil)
	}
	return nil
}

// offerWrite asks for writing where the files are at hand.
func (s *doneScreen) offerWrite() tea.Cmd {
	if s.generated == s.revision {
		return s.preview.askWrite()
	}
	return nil
}

func (s *doneScreen) hints() []key.Binding {
	k := s.keys
	hints := []key.Binding{as(k.enter, "quit"), as(k.copy, "copy command"), k.report, as(k.move, "scroll"), k.back}
	if s.written == nil || s.edits > 0 {
		hints = append([]key.Binding{k.write}, hints...)
	}
	return hints
}

func (s *doneScreen) view(width, height int) []string {
	line, probe := s.verdictLine(width - 3)
	lines := []string{"", "  " + line}
	if probe != "" {
		lines = append(lines, "    "+cut(probe, width-4))
	}
	lines = append(append(lines, ""), s.components(width)...)
	lines = append(lines, s.files(width)...)
	lines = append(lines, s.next(width-4)...)
	lines = append(lines, s.seen(width)...)
	lines = append(lines, s.before(width-4)...)
	s.length = len(lines)
	from := max(0, min(s.scroll.cursor, len(lines)-height))
	s.scroll.cursor = min(s.scroll.cursor, max(0, len(lines)-height))
	out := lines[from:min(len(lines), from+height)]
	if below := len(lines) - from - len(out); below > 0 && height > 3 {
		out = append(out[:len(out)-1:len(out)-1], s.style.dim.Render("  … "+itoa(below+1)+" more, ↓ shows them"))
	}
	return out
}

// verdictLine is the outcome in one line, and the answer to the probe where it
// does not fit beside it.
func (w *wizard) verdictLine(width int) (line, probe string) {
	text, style := w.verdictText()
	if w.verdict == nil || w.verdict.Outcome != "healthy" {
		return style.Render(cut(text, width)), ""
	}
	if probe = w.probeText(); ansi.StringWidth(text)+ansi.StringWidth(probe)+3 <= width {
		return ends(style.Render(text), probe, width), ""
	}
	return style.Render(cut(text, width)), probe
}

func (w *wizard) verdictText() (string, lipgloss.Style) {
	name := w.snap.name
	switch {
	case w.verdict == nil && w.verifyErr != nil:
		return "✗ " + name + " was not verified: " + firstLine(w.verifyErr.Error()), w.style.bad
	case w.verdict == nil:
		return "· " + name + " was not verified", w.style.dim
	case w.verdict.Outcome == "healthy":
		return "✓ " + name + " builds, starts and answers", w.style.ok
	case w.verdict.Outcome == "failed":
		return "✗ " + name + " does not build", w.style.bad
	case w.verdict.Checked:
		return "! " + name + ": the files are checked; without an engine nothing was run", w.style.warn
	}
	return "! " + name + " builds, but was not seen healthy", w.style.warn
}

func firstLine(s string) string { return progress.Lines(s)[0] }

// probeText is the answer that decided: "GET /login → 200 in 84 ms".
func (w *wizard) probeText() string {
	for _, c := range w.verdict.Components {
		if c.Run != nil && c.Run.Probe.Status > 0 {
			return clean(c.Run.Probe.Asked()) + " → " + itoa(c.Run.Probe.Status) + " in " + itoa(int(c.Run.Probe.Millis)) + " ms"
		}
	}
	return ""
}

// components says what was measured of each component.
func (s *doneScreen) components(width int) []string {
	if s.verdict == nil {
		return nil
	}
	var lines []string
	for _, c := range s.verdict.Components {
		lines = append(lines, s.component(c, width-labelWidth)...)
	}
	for _, p := range s.verdict.Problems {
		lines = append(lines, labelled(s.style, "problem", wrap("! "+clean(p), width-labelWidth))...)
	}
	return append(lines, "")
}

// component says what was built, seen and measured of one component, and what it would want on a platform.
func (s *doneScreen) component(c flow.ComponentVerdict, width int) []string {
	lines := labelled(s.style, clean(c.Name), flowLines(imageParts(c), " · ", width))
	add := func(label string, parts []string) {
		if len(parts) > 0 {
			lines = append(lines, labelled(s.style, label, flowLines(parts, " · ", width))...)
		}
	}
	if r := c.Run; r != nil {
		add("ran", runParts(r))
		add("uses", useParts(r))
		add("survives", tryParts(r))
	}
	if f := c.Sizing.Fargate; f.CPU > 0 {
		add("size", []string{"Fargate " + itoa(f.CPU) + " CPU units, " + itoa(f.Memory) + " MiB (" + clean(c.Sizing.From) + ")"})
	}
	return lines
}

// seen are the repairs that were needed, and what stands in the way of running well.
func (s *doneScreen) seen(width int) []string {
	if s.verdict == nil {
		return nil
	}
	var lines []string
	for _, c := range s.verdict.Components {
		lines = append(lines, s.seenOf(c, width-labelWidth)...)
	}
	if len(lines) > 0 {
		lines = append(append([]string{"  " + s.style.title.Render("Seen while it ran")}, lines...), "")
	}
	return lines
}

func (s *doneScreen) seenOf(c flow.ComponentVerdict, width int) []string {
	var lines []string
	for _, a := range c.Attempts {
		text := "✗ " + clean(a.Failure.Message)
		if a.Remedy != nil {
			text = "✓ " + clean(a.Failure.Message) + ": cured by " + clean(a.Remedy.ID) + " (" + clean(a.Remedy.Detail) + ")"
		}
		lines = append(lines, labelled(s.style, "repair", wrap(text, width))...)
	}
	for _, r := range c.Readiness {
		text := clip(wrap("! "+clean(r.Message)+" ("+clean(r.Severity)+")", width), 3, moreLines)
		lines = append(lines, labelled(s.style, "seen", text)...)
	}
	return lines
}

// imageParts are the image and its build.
func imageParts(c flow.ComponentVerdict) []string {
	var parts []string
	if c.Image.SizeBytes > 0 {
		parts = append(parts, "image "+progress.Bytes(c.Image.SizeBytes), count(c.Image.Layers, "layer"))
	}
	if c.Build.Steps > 0 {
		parts = append(parts, "built in "+seconds(c.Build.Seconds)+", "+itoa(c.Build.CachedSteps)+" of "+itoa(c.Build.Steps)+" steps cached")
	}
	if len(parts) == 0 {
		parts = []string{clean(string(c.Outcome))}
	}
	return parts
}

// runParts are what its life was like.
func runParts(r *flow.RunResult) []string {
	parts := []string{"starts in " + seconds(r.StartSeconds), "stops in " + seconds(r.StopSeconds) + " (" + clean(r.StoppedBy) + ")"}
	if r.NonRoot {
		parts = append(parts, "not root")
	}
	if r.ReadOnlyRoot {
		parts = append(parts, "read-only root")
	}
	if r.ArbitraryUser != nil && *r.ArbitraryUser {
		parts = append(parts, "as any user")
	}
	return parts
}

// useParts are what it needs of memory and processor.
func useParts(r *flow.RunResult) []string {
	parts := []string{"peak " + progress.Bytes(r.MemoryPeakBytes)}
	if r.MemoryIdleBytes > 0 {
		parts = append(parts, progress.Bytes(r.MemoryIdleBytes)+" and "+cores(r.CPUIdle)+" at rest")
	}
	if l := r.Load; l != nil {
		parts = append(parts, progress.Bytes(l.MemoryBytes)+" and "+cores(l.CPU)+" under "+count(l.Requests, "request")+" in "+seconds(l.Seconds),
			"median "+itoa(int(l.MedianMillis))+" ms, slowest "+itoa(int(l.SlowestMillis))+" ms")
		if l.Failed > 0 {
			parts = append(parts, itoa(l.Failed)+" of them failed")
		}
	}
	return parts
}

// tryParts are what was tried with it besides, and how it went.
func tryParts(r *flow.RunResult) []string {
	var parts []string
	try := func(ok bool, what string) {
		if ok {
			parts = append(parts, "✓ "+what)
		} else {
			parts = append(parts, "✗ "+what)
		}
	}
	if r.Restarts != nil {
		try(*r.Restarts, "its own restart")
	}
	for _, s := range r.ServiceRestarts {
		try(s.Survived, "restart of "+clean(s.Service))
	}
	return parts
}

func cores(n float64) string { return strconv.FormatFloat(n, 'f', 2, 64) + " cores" }

func seconds(n float64) string { return progress.Seconds(secondsOf(n)) }

func (s *doneScreen) files(width int) []string {
	if s.written == nil {
		return append(labelled(s.style, "written", []string{"nothing yet: w writes the files"}), "")
	}
	var names []string
	for _, f := range s.written {
		if f.Action != "same" && f.Action != "keep" {
			names = append(names, clean(f.Path))
		}
	}
	if len(names) == 0 {
		names = []string{"all files were there already"}
	}
	lines := labelled(s.style, "wrote", flowLines(names, "  ", width-labelWidth))
	return append(append(lines, labelled(s.style, "to", wrap(clean(s.outputDir), width-labelWidth))...), "")
}

// before lists what should be looked at before production.
func (s *doneScreen) before(width int) []string {
	if len(s.snap.warnings) == 0 {
		return nil
	}
	lines := []string{"  " + s.style.title.Render("Before production")}
	for i, w := range s.snap.warnings {
		if i == 4 {
			lines = append(lines, "    "+s.style.dim.Render("… "+itoa(len(s.snap.warnings)-i)+" more under Findings"))
			break
		}
		lines = append(lines, "    "+s.style.warn.Render("!")+" "+cut(fit(w.id, 18)+" "+w.text, width-4))
	}
	return append(lines, "")
}

// next names the commands that can follow, by the files that are there.
func (s *doneScreen) next(width int) []string {
	var compose, register, explain []string
	for _, f := range s.written {
		switch base := path.Base(f.Path); {
		case base == "compose.yaml":
			compose = append(compose, "docker compose up")
		case strings.HasPrefix(base, "taskdef") && path.Ext(base) == ".json":
			register = append(register, "aws ecs register-task-definition --cli-input-json file://"+f.Path)
		case base == "Dockerfile":
			explain = append(explain, "drydock explain "+f.Path+":1")
		}
	}
	var lines []string
	if len(explain) > 0 {
		explain = append(explain, "drydock undo "+s.outputDir+"   takes back what was written")
	}
	for _, command := range slices.Concat(compose, register, explain) {
		lines = append(lines, "    "+cut(clean(command), width-4))
	}
	if len(lines) > 0 {
		lines = append([]string{"  " + s.style.title.Render("Next")}, lines...)
	}
	if len(s.snap.command) > 0 {
		lines = append(lines, "  "+s.style.title.Render("Again, without questions"))
		for i, l := range wrap(clean(strings.Join(s.snap.command, " ")), max(1, width-6)) {
			lines = append(lines, blank(4+2*min(i, 1))+l)
		}
	}
	return append(lines, "")
}

// labelWidth is the room of a label and what stands around it.
const labelWidth = 18

// labelled puts a word before lines and keeps later lines under the first.
func labelled(st styles, label string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = "    " + st.dim.Render(fit(label, labelWidth-6)) + "  " + l
		label = ""
	}
	return out
}
