// Package report writes what a run came to for people who were not there: what was found with its evidence, what was seen of the running
// container, and every attempt, as Markdown or as one HTML page that needs nothing beside itself.
package report

import (
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
)

// Input is what a report is made of.
type Input struct {
	Findings *detect.Findings // nil: the report has no evidence
	Verdict  *verify.Verdict
	Command  []string // that does the same again, as shell words
}

// page is the report in words, the same for both forms. Its texts are neutral (no control characters, secrets masked) and not escaped.
type page struct {
	Title, Outcome, Summary string
	Facts                   []row
	Components              []component
	Problems                []string
	Again                   string
}

type row struct{ Label, Value string }

type component struct {
	Name, Outcome string
	Findings      []finding
	Measured      []row
	Layers        []row
	Readiness     []readiness
	Attempts      []attempt
}

type finding struct{ What, Value, Sure, Proof string }

type readiness struct {
	ID, Severity, Message string
	Proof                 []string
}

type attempt struct {
	Phase, ID, Message string
	Log                []string
	Remedy, Changes    string // empty: nothing was done about it
}

// clean makes a foreign text fit to be shown.
func clean(s string, max int) string { return detect.Printable(detect.MaskSecrets(s), max) }

func cleanAll(lines []string, max int) []string {
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, clean(l, max))
	}
	return out
}

// outcomes says in a sentence what an outcome means.
var outcomes = map[verify.Outcome]string{
	verify.Healthy:     "Every component was built, started and seen to work.",
	verify.Built:       "The images were built, but not every component was seen to work.",
	verify.Failed:      "Not every image could be built.",
	verify.CheckedOnly: "There was no engine: the files were checked and nothing was run.",
}

func newPage(in Input) page {
	v := in.Verdict
	p := page{Title: "Verdict", Outcome: string(v.Outcome), Summary: outcomes[v.Outcome], Problems: cleanAll(v.Problems, 400), Again: clean(strings.Join(in.Command, " "), 500)}
	add := func(label, value string) {
		if value != "" {
			p.Facts = append(p.Facts, row{label, value})
		}
	}
	if f := in.Findings; f != nil {
		p.Title = clean(f.Location, 200)
		add("Source", p.Title)
		add("Commit", clean(f.Commit, 60))
		add("Files", fmt.Sprint(f.Files))
	}
	add("Engine", clean(v.Engine, 80))
	add("Took", fmt.Sprintf("%.0f s", v.Seconds))
	for i := range v.Components {
		p.Components = append(p.Components, newComponent(&v.Components[i], in.Findings))
	}
	return p
}

func newComponent(v *verify.ComponentVerdict, f *detect.Findings) component {
	c := component{Name: clean(v.Name, 80), Outcome: string(v.Outcome), Measured: measurements(v)}
	if f != nil {
		for i := range f.Components {
			if f.Components[i].Name == v.Name {
				c.Findings = findings(&f.Components[i])
			}
		}
	}
	for _, l := range v.Image.LayerSizes {
		c.Layers = append(c.Layers, row{clean(l.CreatedBy, 160), progress.Bytes(l.SizeBytes)})
	}
	for _, r := range v.Readiness {
		c.Readiness = append(c.Readiness, readiness{r.ID, r.Severity, clean(r.Message, 400), cleanAll(r.Proof, 200)})
	}
	for _, a := range v.Attempts {
		x := attempt{Phase: a.Phase, ID: clean(a.Failure.ID, 80), Message: clean(a.Failure.Message, 500), Log: cleanAll(a.Failure.Log, 300)}
		if a.Remedy != nil {
			x.Remedy = clean(a.Remedy.ID+": "+a.Remedy.Detail, 300)
			x.Changes = strings.Join(cleanAll(a.Remedy.Changes, 200), ", ")
			if a.Remedy.RolledBack {
				x.Changes += "; it changed nothing and was taken back"
			}
		}
		c.Attempts = append(c.Attempts, x)
	}
	return c
}

// findings lists what was found of a component with the places that prove it.
func findings(c *detect.Component) []finding {
	var out []finding
	add := func(what, value string, from detect.Origin, why string, evidence []detect.Evidence) {
		if value == "" || value == "0" {
			return
		}
		out = append(out, finding{what, clean(value, 120), string(from), proof(why, evidence)})
	}
	text := func(what string, v detect.Value[string]) { add(what, v.V, v.From, v.Why, v.Evidence) }
	add("role", string(c.Role.V), c.Role.From, c.Role.Why, c.Role.Evidence)
	text("language", c.Language)
	text("language version", c.LanguageVersion)
	text("framework", c.Framework)
	text("framework version", c.FrameworkVersion)
	text("build", c.Build)
	text("server", c.AppServer)
	text("server version", c.AppServerVersion)
	add("port", fmt.Sprint(c.Port.V), c.Port.From, c.Port.Why, c.Port.Evidence)
	text("health path", c.HealthPath)
	for _, s := range c.Services {
		add("needs", strings.TrimSpace(s.Kind+" "+s.Version), s.From, s.Why, s.Evidence)
	}
	for _, w := range c.Writes {
		text("writes", w)
	}
	for _, e := range c.EndOfLife {
		add("end of life", e.What+" since "+e.Since, detect.Inferred, "", nil)
	}
	for _, r := range c.Readiness {
		add("readiness ("+r.Severity+")", r.ID+": "+r.Message, detect.Inferred, "", r.Evidence)
	}
	return out
}

// proof is where a finding stands in the source: the first places, else the reason.
func proof(why string, evidence []detect.Evidence) string {
	const most = 3
	var parts []string
	for _, e := range evidence[:min(len(evidence), most)] {
		at := e.File
		if e.Line > 0 {
			at = fmt.Sprintf("%s:%d", e.File, e.Line)
		}
		if text := strings.TrimSpace(e.Text); text != "" {
			at += "  " + text
		}
		parts = append(parts, clean(at, 160))
	}
	if more := len(evidence) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	if len(parts) == 0 {
		return clean(why, 200)
	}
	return strings.Join(parts, "; ")
}
