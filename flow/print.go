package flow

import (
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/verify"
)

// PrintFindings writes findings for people: a block a component, each value with how sure it is and
// the place that proves it.
func PrintFindings(w io.Writer, f *detect.Findings) error {
	at := f.Location
	if f.Commit != "" {
		at += " at " + f.Commit[:min(12, len(f.Commit))]
	}
	fmt.Fprintf(w, "%s: %d files, %d component(s)\n", detect.Printable(at, 300), f.Files, len(f.Components))
	for i, c := range f.Components {
		if i == 0 || f.Components[i-1].Path != c.Path {
			fmt.Fprintf(w, "\n%s\n", detect.Printable(c.Path, 120))
		}
		branch, rail := "├─ ", "│  "
		if i+1 == len(f.Components) || f.Components[i+1].Path != c.Path {
			branch, rail = "└─ ", "   "
		}
		fmt.Fprintf(w, "%s%s  (%s)%s\n", branch, c.Name, c.Role.V, inShort(c))
		if err := printFound(w, rail, c); err != nil {
			return err
		}
	}
	if len(f.Containers) > 0 {
		fmt.Fprint(w, "\nThe repository brings container files of its own; they were read as evidence and stay as they are:\n")
		for _, c := range f.Containers[:min(len(f.Containers), maxListed)] {
			fmt.Fprintf(w, "  %s  %s\n", detect.Printable(c.File, 120), c.Kind)
		}
		if more := len(f.Containers) - maxListed; more > 0 {
			fmt.Fprintf(w, "  and %d more\n", more)
		}
	}
	for _, x := range f.Warnings {
		fmt.Fprintf(w, "\nwarning: %s: %s", place(detect.Evidence{File: x.File, Line: x.Line}), detect.Printable(x.Text, 300))
	}
	if len(f.Warnings) > 0 {
		fmt.Fprintln(w)
	}
	return nil
}

// maxListed bounds lists of which the first tell the story; --json has the whole.
const maxListed = 12

// inShort is what a component is in a few words: its stack as people name it.
func inShort(c detect.Component) string {
	var words []string
	add := func(name, version detect.Value[string]) {
		if name.V == "" || name.V == "none" {
			return
		}
		words = append(words, strings.TrimSpace(detect.Printable(name.V, 40)+" "+detect.Printable(version.V, 40)))
	}
	add(c.Language, c.LanguageVersion)
	add(c.Framework, c.FrameworkVersion)
	add(c.AppServer, c.AppServerVersion)
	if len(words) == 0 {
		return ""
	}
	return "  " + strings.Join(words, " · ")
}

// printFound writes the findings about a component, each line behind a rail of the tree.
func printFound(w io.Writer, rail string, c detect.Component) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, r := range componentRows(c) {
		fmt.Fprintf(tw, "%s%s\t%s\t%s\t%s\n", rail, r.fact, r.value, r.sure, r.proof)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, e := range c.EndOfLife {
		fmt.Fprintf(w, "%s! %s reached its end of life on %s\n", rail, e.What, e.Since)
	}
	for _, r := range c.Readiness {
		fmt.Fprintf(w, "%s! %s (%s): %s%s\n", rail, r.ID, r.Severity, detect.Printable(r.Message, 300), inParens(r.Evidence))
	}
	return nil
}

type factRow struct{ fact, value, sure, proof string }

func row[T any](fact string, v detect.Value[T]) []factRow {
	if !v.Set() || fmt.Sprint(v.V) == "" {
		return nil
	}
	proof := v.Why
	if len(v.Evidence) > 0 {
		proof = places(v.Evidence)
	}
	return []factRow{{fact, detect.Printable(fmt.Sprint(v.V), 80), string(v.From), detect.Printable(proof, 120)}}
}

func componentRows(c detect.Component) []factRow {
	var rows []factRow
	add := func(r []factRow) { rows = append(rows, r...) }
	add(row("language", c.Language))
	add(row("version", c.LanguageVersion))
	add(row("framework", c.Framework))
	add(row("framework version", c.FrameworkVersion))
	add(row("build", c.Build))
	add(row("packaging", c.Packaging))
	add(row("server", c.AppServer))
	add(row("server version", c.AppServerVersion))
	add(row("port", c.Port))
	add(row("health path", c.HealthPath))
	for _, s := range c.Services {
		v := s.Kind
		if s.Version != "" {
			v += " " + s.Version
		}
		if !s.Required {
			v += " (optional)"
		}
		rows = append(rows, factRow{"needs", v, string(s.From), places(s.Evidence)})
	}
	for _, p := range c.SystemPackages {
		rows = append(rows, factRow{"system package", p.Name, string(detect.Inferred), places(p.Evidence)})
	}
	for _, p := range c.Processes {
		rows = append(rows, factRow{"process " + detect.Printable(p.Name, 30), detect.Printable(strings.Join(p.Command, " "), 80), string(p.From), places(p.Evidence)})
	}
	for _, s := range c.Schedules {
		rows = append(rows, factRow{"schedule " + s.Name, detect.Printable(s.Cron+"  "+strings.Join(s.Command, " "), 80), string(s.From), places(s.Evidence)})
	}
	for _, x := range c.Writes {
		add(row("writes", x))
	}
	for _, o := range c.DependsOn {
		add(row("talks to", o))
	}
	return append(rows, envRows(c.Env)...)
}

// envRows lists the variables that must be set first, then a few of the others.
func envRows(env []detect.EnvVar) []factRow {
	var must, other []factRow
	for _, e := range env {
		v := detect.Printable(e.Name, 80)
		if e.Secret {
			v += " (secret)"
		}
		if e.Required {
			must = append(must, factRow{"reads", v + " (required)", "", places(e.Evidence)})
		} else {
			other = append(other, factRow{"reads", v, "", places(e.Evidence)})
		}
	}
	if more := len(other) - maxListed; more > 0 {
		other = append(other[:maxListed], factRow{"reads", fmt.Sprintf("and %d more variables", more), "", "--json lists them"})
	}
	return append(must, other...)
}

// place is file:line, or the file alone.
func place(e detect.Evidence) string {
	s := detect.Printable(e.File, 120)
	if e.Line > 0 {
		s += fmt.Sprintf(":%d", e.Line)
	}
	return s
}

func places(ev []detect.Evidence) string {
	if len(ev) == 0 {
		return ""
	}
	s := place(ev[0])
	if len(ev) > 1 {
		s += fmt.Sprintf(" (+%d)", len(ev)-1)
	}
	return s
}

func inParens(ev []detect.Evidence) string {
	if len(ev) == 0 {
		return ""
	}
	return " (" + places(ev) + ")"
}

// PrintVerdict writes a verdict for people, and the commands that come next.
func PrintVerdict(w io.Writer, r *Result) {
	v := r.Verdict
	if v.Checked {
		fmt.Fprintf(w, "\n! checked only: no engine was used and nothing was run\n")
	}
	for _, c := range v.Components {
		mark := "✗"
		if c.Outcome == verify.Healthy || v.Checked && c.Outcome != verify.Failed {
			mark = "✓"
		}
		fmt.Fprintf(w, "\n%s %s: %s\n", mark, c.Name, c.Outcome)
		printComponent(w, c)
	}
	for _, p := range v.Problems {
		fmt.Fprintf(w, "  ! %s\n", detect.Printable(p, 400))
	}
	if v.Outcome == verify.Healthy {
		printNext(w, r)
	}
}

// Next are the commands that can follow after files were written to a directory, ready to be run from the working directory.
func Next(dir string, files []FileState) []string {
	if len(files) == 0 {
		return nil
	}
	r := &Result{OutputDir: dir}
	local := slices.ContainsFunc(files, func(f FileState) bool { return f.Path == ".env" })
	var next, platform, why []string
	for _, f := range files {
		at := quoted(r.beside(f.Path))
		switch base := path.Base(f.Path); {
		case f.Action == string(generate.Removed):
		case f.Path == ".env.example" && !local:
			next = append(next, "cp "+at+" "+quoted(r.beside(".env"))+"   (and fill in the values)")
		case f.Path == "compose.yaml" && at == f.Path:
			next = append(next, "docker compose up --build")
		case f.Path == "compose.yaml":
			next = append(next, "docker compose -f "+at+" up --build")
		case strings.HasPrefix(base, "taskdef") && path.Ext(base) == ".json":
			platform = append(platform, "aws ecs register-task-definition --cli-input-json "+quoted("file://"+r.beside(f.Path)))
		case f.Path == "Dockerfile":
			why = append(why, fmt.Sprintf("drydock explain %s", quoted(fmt.Sprintf("%s:%d", r.beside(f.Path), firstFrom(filepath.Join(dir, f.Path))))))
		}
	}
	undo := "drydock undo"
	if here := r.beside("."); here != "." {
		undo += " -o " + quoted(here)
	}
	return append(slices.Concat(next, platform, why), undo+"   (takes it back)")
}

// quoted is a word as a shell reads it back.
func quoted(word string) string {
	if q, err := syntax.Quote(word, syntax.LangBash); err == nil {
		return q
	}
	return word
}

// firstFrom is the line of a Dockerfile that names its first base image: the one that is asked about most.
func firstFrom(name string) int {
	data, err := readLimited(name)
	if err != nil {
		return 1
	}
	for i, l := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(l, "FROM ") {
			return i + 1
		}
	}
	return 1
}

// printNext lists the commands that come after a healthy verdict.
func printNext(w io.Writer, r *Result) {
	label := "next"
	fmt.Fprintln(w)
	if r.Written {
		for _, n := range Next(r.OutputDir, r.Files) {
			fmt.Fprintf(w, "%-6s %s\n", label, detect.Printable(n, 400))
			label = ""
		}
	}
	fmt.Fprintf(w, "again  %s\n", strings.Join(r.Command, " "))
}

func printComponent(w io.Writer, c verify.ComponentVerdict) {
	if c.Image.ID != "" {
		fmt.Fprintf(w, "    image   %s  %s  %d layers  user %s\n", c.Image.Ref, megabytes(c.Image.SizeBytes), c.Image.Layers, c.Image.User)
		fmt.Fprintf(w, "    build   %.1f s, %d of %d steps cached\n", c.Build.Seconds, c.Build.CachedSteps, c.Build.Steps)
	}
	if run := c.Run; run != nil {
		if run.Probe.Status > 0 {
			fmt.Fprintf(w, "    probe   %s → %d in %d ms, on port %d\n", detect.Printable(run.Probe.Asked(), 120), run.Probe.Status, run.Probe.Millis, run.Port)
		}
		fmt.Fprintf(w, "    starts  in %.1f s, peak memory %s, %.1f CPU s; stops in %.1f s on %s\n",
			run.StartSeconds, megabytes(run.MemoryPeakBytes), run.CPUSeconds, run.StopSeconds, run.StoppedBy)
		fmt.Fprintf(w, "    runs    as non-root: %s; with a read-only root: %s; as any user: %s; again with its data kept: %s\n",
			yes(run.NonRoot), yes(run.ReadOnlyRoot), yes(run.ArbitraryUser != nil && *run.ArbitraryUser), yes(run.Restarts != nil && *run.Restarts))
		if l := run.Load; l != nil {
			fmt.Fprintf(w, "    uses    %s and %.2f cores at rest, %s and %.2f cores under %d requests in %.1f s\n",
				megabytes(run.MemoryIdleBytes), run.CPUIdle, megabytes(l.MemoryBytes), l.CPU, l.Requests, l.Seconds)
		}
	}
	if c.Sizing.From != "" {
		fmt.Fprintf(w, "    size    Fargate %d CPU units, %d MiB (%s)\n", c.Sizing.Fargate.CPU, c.Sizing.Fargate.Memory, c.Sizing.From)
	}
	for _, f := range c.Readiness {
		fmt.Fprintf(w, "    ! %s (%s): %s\n", f.ID, f.Severity, detect.Printable(f.Message, 400))
	}
	for _, a := range c.Attempts {
		fmt.Fprintf(w, "    ✗ %s: %s: %s\n", a.Phase, a.Failure.ID, detect.Printable(a.Failure.Message, 400))
		if a.Remedy != nil {
			fmt.Fprintf(w, "      ↻ %s: %s (%s)%s\n", a.Remedy.ID, detect.Printable(a.Remedy.Detail, 200), strings.Join(a.Remedy.Changes, ", "), back(a.Remedy))
			continue
		}
		for _, l := range a.Failure.Log {
			fmt.Fprintf(w, "      | %s\n", detect.Printable(l, 200))
		}
	}
}

// back says what became of a remedy that changed nothing.
func back(r *verify.AppliedRemedy) string {
	if r.RolledBack {
		return ": it changed nothing and was taken back"
	}
	return ""
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", n/1_000_000) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "not seen"
}
