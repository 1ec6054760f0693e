package tui

import (
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
	seen := s.seen(width)
	if s.verdict != nil && s.verdict.Outcome != "healthy" { // what went wrong is the news
		lines = append(lines, seen...)
		seen = nil
	}
	lines = append(lines, s.files(width)...)
	lines = append(lines, s.next(width)...)
	for _, part := range [][]string{s.before(width - 4), seen, s.measured(width)} {
		lines = append(lines, part...)
	}
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

// component says in three lines what one component is, how it runs and what it would want on a platform.
func (s *doneScreen) component(c flow.ComponentVerdict, width int) []string {
	parts := flowLines(shortParts(c), " · ", width)
	if r := c.Run; r != nil {
		parts = append(parts, flowLines(runParts(c), " · ", width)...)
	}
	if f := c.Sizing.Fargate; f.CPU > 0 {
		parts = append(parts, cut("Fargate "+strconv.FormatFloat(float64(f.CPU)/1024, 'f', -1, 64)+" vCPU, "+itoa(f.Memory)+" MiB ("+clean(c.Sizing.From)+")", width))
	}
	return labelled(s.style, clean(c.Name), parts)
}

// measured are the figures behind the summary, for whoever scrolls.
func (s *doneScreen) measured(width int) []string {
	if s.verdict == nil {
		return nil
	}
	var lines []string
	for _, c := range s.verdict.Components {
		add := func(label string, parts []string) {
			if len(parts) > 0 {
				lines = append(lines, labelled(s.style, label, flowLines(parts, " · ", width-labelWidth))...)
			}
		}
		if c.Build.Steps > 0 {
			add(clean(c.Name), []string{"built in " + seconds(c.Build.Seconds), itoa(c.Build.CachedSteps) + " of " + itoa(c.Build.Steps) + " steps cached", count(c.Image.Layers, "layer")})
		}
		if r := c.Run; r != nil {
			add("uses", useParts(r))
			add("survives", tryParts(r))
		}
	}
	if len(lines) > 0 {
		lines = append(append([]string{"  " + s.style.title.Render("Measured")}, lines...), "")
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
		label, text := "failed", "✗ "+clean(a.Failure.Message)
		if a.Remedy != nil {
			label = "repair"
			text = "✓ " + clean(a.Failure.Message) + ": cured by " + clean(a.Remedy.ID) + " (" + clean(a.Remedy.Detail) + ")"
		}
		lines = append(lines, labelled(s.style, label, wrap(text, width))...)
	}
	for _, r := range c.Readiness {
		text := clip(wrap("! "+clean(r.Message)+" ("+clean(r.Severity)+")", width), 3, moreLines)
		lines = append(lines, labelled(s.style, "seen", text)...)
	}
	return lines
}

// shortParts are what everybody asks first: how large, how fast, how hungry.
func shortParts(c flow.ComponentVerdict) []string {
	var parts []string
	if c.Image.SizeBytes > 0 {
		parts = append(parts, "image "+progress.Bytes(c.Image.SizeBytes))
	}
	if r := c.Run; r != nil {
		stops := "stops in " + seconds(r.StopSeconds)
		if r.StoppedBy != "SIGTERM" {
			stops += " by " + clean(r.StoppedBy)
		}
		parts = append(parts, "starts in "+seconds(r.StartSeconds), "peak "+progress.Bytes(r.MemoryPeakBytes), stops)
	}
	if len(parts) == 0 {
		parts = []string{clean(string(c.Outcome))}
	}
	return parts
}

// runParts are as whom it runs, and where it can write.
func runParts(c flow.ComponentVerdict) []string {
	r, parts := c.Run, []string{"runs as root"}
	if user := clean(c.Image.User); user != "" {
		parts[0] = "runs as " + user
	}
	if !r.NonRoot {
		parts = append(parts, "not seen as another than root")
	}
	if r.ArbitraryUser != nil && *r.ArbitraryUser {
		parts = append(parts, "or any user")
	}
	if r.ReadOnlyRoot {
		parts = append(parts, "read-only root")
	}
	if len(r.Writes) > 0 {
		some := r.Writes[:min(3, len(r.Writes))]
		more := ""
		if n := len(r.Writes) - len(some); n > 0 {
			more = " and " + itoa(n) + " more"
		}
		parts = append(parts, "writes "+clean(strings.Join(some, ", "))+more)
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
	names := make([]string, 0, len(s.written))
	for _, f := range s.written {
		if f.Action != "same" && f.Action != "keep" {
			names = append(names, clean(f.Path))
		}
	}
	if len(names) == 0 {
		names = []string{"all files were there already"}
	}
	lines := labelled(s.style, "wrote", clip(flowLines(names, "  ", width-labelWidth), 3, moreLines))
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

// next names the commands that can follow, and the one that does the same again.
func (s *doneScreen) next(width int) []string {
	var lines []string
	for _, command := range flow.Next(s.outputDir, s.written) {
		lines = append(lines, commandLines(clean(command), width-labelWidth)...)
	}
	lines = labelled(s.style, "next", lines)
	if len(s.snap.command) > 0 {
		again := commandLines(clean(strings.Join(s.snap.command, " ")), max(1, width-labelWidth-2))
		for i := range again[1:] {
			again[i+1] = "  " + again[i+1]
		}
		lines = append(lines, labelled(s.style, "again", again)...)
	}
	return append(lines, "")
}

// labelWidth is the room of a label and what stands around it.
const labelWidth = 16

// labelled puts a word before lines and keeps later lines under the first.
func labelled(st styles, label string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = "    " + st.dim.Render(fit(label, labelWidth-6)) + "  " + l
		label = ""
	}
	return out
}
