package assess

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/verify"
)

//go:embed readiness.yaml
var readinessData []byte

// Verdict is how ready a repository is.
type Verdict string

// The verdicts of the contract, the best first.
const (
	Ready              Verdict = "ready"
	MinorWork          Verdict = "minor-work"
	MajorWork          Verdict = "major-work"
	NotContainerisable Verdict = "not-containerisable"
	Failed             Verdict = "error" // it could not be read
)

// Verdicts are all verdicts, the best first.
func Verdicts() []Verdict { return []Verdict{Ready, MinorWork, MajorWork, NotContainerisable, Failed} }

// ReadinessRule is a published rule of readiness, as readiness.yaml has it.
type ReadinessRule struct {
	ID     string   `yaml:"id"`
	Title  string   `yaml:"title"`
	Covers []string `yaml:"covers"` // ids of findings; empty: its own id
	Points int      `yaml:"points"` // off the score, for a finding of high severity
	Days   float64  `yaml:"days"`   // of work, for a finding of high severity
	Effect string   `yaml:"effect"` // "", major, blocker
	Reason string   `yaml:"reason"`
	Source string   `yaml:"source"`
	// AnyOther: it counts what no other rule does.
	AnyOther bool `yaml:"anyOther"`
}

// Readiness is the whole of readiness.yaml.
type Readiness struct {
	Score struct {
		Ready int `yaml:"ready"` // from this score on, when nothing of high severity was found
		Minor int `yaml:"minor"`
	} `yaml:"score"`
	Effort struct { // days
		Repository   float64 `yaml:"repository"`
		FurtherImage float64 `yaml:"furtherImage"`
		Service      float64 `yaml:"service"`
		Healthy      float64 `yaml:"healthy"`
	} `yaml:"effort"`
	Rules []ReadinessRule `yaml:"rules"`

	byFinding map[string]*ReadinessRule
}

// ReadinessRules are the published rules. The value is shared: do not change it.
func ReadinessRules() *Readiness { return readinessRules() }

var readinessRules = sync.OnceValue(func() *Readiness {
	r := &Readiness{byFinding: map[string]*ReadinessRule{}}
	if err := yaml.Unmarshal(readinessData, r); err != nil {
		panic("readiness.yaml: " + err.Error()) // it is part of the program, and a test reads it
	}
	for i := range r.Rules {
		rule := &r.Rules[i]
		for _, id := range rule.Covers {
			r.byFinding[id] = rule
		}
		if len(rule.Covers) == 0 {
			r.byFinding[rule.ID] = rule
		}
		if rule.AnyOther {
			r.byFinding[""] = rule
		}
	}
	return r
})

// rule is the rule that counts a finding.
func (r *Readiness) rule(id string) *ReadinessRule {
	if rule := r.byFinding[id]; rule != nil {
		return rule
	}
	return r.byFinding[""]
}

// share is what part of a rule's points and days a severity counts.
var share = map[string]float64{"high": 1, "medium": 0.5, "low": 0.25}

// Finding is a rule that holds for a repository.
type Finding struct {
	Rule       string            `json:"rule" jsonschema_description:"Id of the rule in docs/READINESS.md."`
	Title      string            `json:"title" jsonschema_description:"The rule in a few words."`
	Severity   string            `json:"severity" jsonschema:"enum=high,enum=medium,enum=low" jsonschema_description:"The worst severity found."`
	Points     int               `json:"points" jsonschema_description:"What it takes off the score."`
	Days       float64           `json:"days" jsonschema_description:"What it adds to the effort."`
	Effect     string            `json:"effect,omitempty" jsonschema:"enum=major,enum=blocker" jsonschema_description:"What it does to the verdict whatever the score."`
	Messages   []string          `json:"messages" jsonschema_description:"What was found and what to do."`
	Components []string          `json:"components" jsonschema_description:"Where it holds."`
	Evidence   []detect.Evidence `json:"evidence" jsonschema_description:"The places that show it."`
}

// EffortPart is one part of the effort.
type EffortPart struct {
	What string  `json:"what" jsonschema_description:"What the days are for."`
	Days float64 `json:"days" jsonschema_description:"Days of work."`
}

// weighing collects what the rules say about a repository.
type weighing struct {
	rules    *Readiness
	findings []Finding
}

// add counts a finding: a rule counts once for a repository, by the worst severity.
func (w *weighing) add(id, severity, message, component string, evidence []detect.Evidence) {
	rule := w.rules.rule(id)
	at := slices.IndexFunc(w.findings, func(f Finding) bool { return f.Rule == rule.ID })
	if at < 0 {
		at = len(w.findings)
		w.findings = append(w.findings, Finding{Rule: rule.ID, Title: rule.Title, Effect: rule.Effect, Messages: []string{}, Components: []string{}, Evidence: []detect.Evidence{}})
	}
	f := &w.findings[at]
	if share[severity] > share[f.Severity] {
		f.Severity = severity
		f.Points = int(math.Ceil(float64(rule.Points) * share[severity]))
		f.Days = rule.Days * share[severity]
	}
	if message = detect.Printable(detect.MaskSecrets(message), 400); message != "" && len(f.Messages) < 4 && !slices.Contains(f.Messages, message) {
		f.Messages = append(f.Messages, message)
	}
	if component != "" && !slices.Contains(f.Components, component) {
		f.Components = append(f.Components, component)
	}
	for _, e := range evidence {
		if len(f.Evidence) < 5 && !slices.Contains(f.Evidence, e) {
			f.Evidence = append(f.Evidence, e)
		}
	}
}

// weigh holds a repository against the rules.
func weigh(in Input) []Finding {
	w := &weighing{rules: ReadinessRules()}
	deployable := false
	for i := range in.Findings.Components {
		c := &in.Findings.Components[i]
		if c.Role.V == detect.Library {
			continue
		}
		deployable = true
		w.component(c, in.AsOf)
	}
	switch {
	case len(in.Findings.Components) == 0:
		w.add("no-known-stack", "high", "Looked for "+strings.Join(in.Findings.LookedFor, ", "), "", nil)
	case !deployable:
		c := &in.Findings.Components[0]
		w.add("library-only", "high", c.Role.Why, c.Name, c.Role.Evidence)
	case in.Unsupported != "":
		w.add("no-template", "high", in.Unsupported, "", nil)
	}
	if in.Verdict != nil {
		w.verdict(in.Verdict)
	}
	slices.SortStableFunc(w.findings, func(a, b Finding) int { return cmp.Or(b.Points-a.Points, strings.Compare(a.Rule, b.Rule)) })
	return w.findings
}

// component adds what was found of one component.
func (w *weighing) component(c *detect.Component, asOf time.Time) {
	for _, r := range c.Readiness {
		w.add(r.ID, r.Severity, r.Message, c.Name, r.Evidence)
	}
	for _, e := range c.EndOfLife {
		severity := "medium"
		if since, err := time.Parse(time.DateOnly, e.Since); err == nil && asOf.Sub(since) > 4*365*24*time.Hour {
			severity = "high"
		}
		w.add("end-of-life", severity, e.What+" since "+e.Since, c.Name, lifeEvidence(c, e.What))
	}
	if c.LanguageVersion.From == detect.Default && c.Role.V != detect.Static {
		w.add("version-guessed", "medium", c.Language.V+" "+c.LanguageVersion.V+": "+c.LanguageVersion.Why, c.Name, c.Language.Evidence)
	}
	if c.Platform.V == "windows" {
		w.add("windows-container", "high", c.Platform.Why, c.Name, c.Platform.Evidence)
	}
}

// lifeEvidence is the place that names the version which is at its end.
func lifeEvidence(c *detect.Component, what string) []detect.Evidence {
	for _, v := range []struct {
		name    string
		version detect.Value[string]
	}{{c.Framework.V, c.FrameworkVersion}, {c.Language.V, c.LanguageVersion}, {c.AppServer.V, c.AppServerVersion}} {
		if v.name != "" && strings.HasPrefix(strings.ToLower(what), v.name) {
			return v.version.Evidence
		}
	}
	return nil
}

// verdict adds what a verification saw.
func (w *weighing) verdict(v *verify.Verdict) {
	for i := range v.Components {
		c := &v.Components[i]
		switch c.Outcome {
		case verify.Failed:
			w.add("build-failed", "high", lastFailure(c), c.Name, nil)
		case verify.Built:
			w.add("not-healthy", "high", lastFailure(c), c.Name, nil)
		}
		for _, r := range c.Readiness {
			w.add(r.ID, r.Severity, r.Message, c.Name, nil)
		}
	}
}

func lastFailure(c *verify.ComponentVerdict) string {
	if n := len(c.Attempts); n > 0 {
		return c.Attempts[n-1].Failure.Message
	}
	return ""
}

// score is 100 less the points of what was found, and the verdict that follows.
func score(findings []Finding) (int, Verdict) {
	rules := ReadinessRules()
	n, high, major := 100, false, false
	for _, f := range findings {
		if f.Effect == "blocker" {
			return 0, NotContainerisable
		}
		n -= f.Points
		high = high || f.Severity == "high"
		major = major || f.Effect == "major" && f.Severity == "high"
	}
	n = max(n, 0)
	switch {
	case major || n < rules.Score.Minor:
		return n, MajorWork
	case high || n < rules.Score.Ready:
		return n, MinorWork
	}
	return n, Ready
}

// effort is the days of work with what they are for. What cannot be put into a container as it is has no effort: it would be another project.
func effort(in Input, findings []Finding, verdict Verdict) (float64, []EffortPart) {
	parts := []EffortPart{}
	if verdict == NotContainerisable {
		return 0, parts
	}
	e := ReadinessRules().Effort
	days := e.Repository
	what := "review of the generated files, pipeline, first deployment"
	if in.Verdict != nil && in.Verdict.Outcome == verify.Healthy {
		days *= e.Healthy
		what += " (seen healthy)"
	}
	parts = append(parts, EffortPart{what, days})
	if n := len(in.images()) - 1; n > 0 {
		parts = append(parts, EffortPart{fmt.Sprintf("%d further image(s)", n), float64(n) * e.FurtherImage})
	}
	if kinds := requiredServices(in.Findings); len(kinds) > 0 {
		parts = append(parts, EffortPart{"services: " + strings.Join(kinds, ", "), float64(len(kinds)) * e.Service})
	}
	for _, f := range findings {
		if f.Days > 0 {
			parts = append(parts, EffortPart{f.Rule + ": " + f.Title, f.Days})
		}
	}
	total := 0.0
	for _, p := range parts {
		total += p.Days
	}
	return math.Ceil(total*2) / 2, parts
}

// requiredServices are the kinds of services that the components need, sorted.
func requiredServices(f *detect.Findings) []string {
	var kinds []string
	for _, c := range f.Components {
		for _, s := range c.Services {
			if s.Required && s.Kind != "sqlite" && !slices.Contains(kinds, s.Kind) {
				kinds = append(kinds, s.Kind)
			}
		}
	}
	slices.Sort(kinds)
	return kinds
}
