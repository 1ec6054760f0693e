package assess

import (
	"slices"
	"strings"
	"time"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/verify"
)

// SchemaVersion is the version of the document of `assess --json`. It changes when a field is renamed or dropped, not when one is added.
const SchemaVersion = 1

// Source is one repository of a portfolio, with what its owner says of it.
type Source struct {
	Location    string   `json:"location"`
	Name        string   `json:"name,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Criticality string   `json:"criticality,omitempty"` // low, medium, high, critical; another word counts as medium
	Tags        []string `json:"tags,omitempty"`
}

// Repository is the row of one repository.
type Repository struct {
	Location    string   `json:"location" jsonschema_description:"The source as it was given, without credentials."`
	Name        string   `json:"name" jsonschema_description:"Short name."`
	Commit      string   `json:"commit" jsonschema:"pattern=^([0-9a-f]{40})?$" jsonschema_description:"Commit, 40 hex digits; empty when the source is not Git."`
	Owner       string   `json:"owner,omitempty" jsonschema_description:"As the list says."`
	Criticality string   `json:"criticality,omitempty" jsonschema_description:"As the list says."`
	Tags        []string `json:"tags,omitempty" jsonschema_description:"As the list says."`

	Verdict Verdict `json:"verdict" jsonschema:"enum=ready,enum=minor-work,enum=major-work,enum=not-containerisable,enum=error" jsonschema_description:"How ready it is."`
	Score   int     `json:"score" jsonschema:"minimum=0,maximum=100" jsonschema_description:"100 less the points of what was found."`

	Components []detect.ComponentDocument `json:"components" jsonschema_description:"As drydock detect --json prints them."`
	Placement  []Advice                   `json:"placement" jsonschema_description:"Where each component belongs."`
	Findings   []Finding                  `json:"findings" jsonschema_description:"The rules that hold, by their points."`
	EffortDays float64                    `json:"effortDays" jsonschema:"minimum=0" jsonschema_description:"Days of work, rounded up to halves."`
	Effort     []EffortPart               `json:"effort" jsonschema_description:"What the days are for."`
	Blockers   []string                   `json:"blockers" jsonschema_description:"What keeps it from being ready, whatever the score: rules of effect major or blocker, and those of high severity."`
	EndOfLife  []detect.EndOfLifeDocument `json:"endOfLife" jsonschema_description:"Parts whose makers have stopped mending them, the oldest first."`
	Services   []string                   `json:"services" jsonschema_description:"Kinds of services that it needs."`
	BaseImages []string                   `json:"baseImages" jsonschema_description:"Images that its own would stand on."`
	Files      int                        `json:"files" jsonschema:"minimum=0" jsonschema_description:"Number of files."`

	Verification *verify.Verdict `json:"verification,omitempty" jsonschema_description:"What building and running it came to, with --verify."`

	Wave        int      `json:"wave" jsonschema:"minimum=0" jsonschema_description:"When it is best worked on, from 1; 0: not planned."`
	WaveWhy     string   `json:"waveWhy,omitempty" jsonschema_description:"Why then."`
	DuplicateOf string   `json:"duplicateOf,omitempty" jsonschema_description:"Location of the repository of which this is a copy."`
	Similar     []string `json:"similar,omitempty" jsonschema_description:"Locations of repositories that hold the same code."`

	Error string `json:"error" jsonschema_description:"Why it could not be assessed; empty otherwise."`

	// Sketch is a fingerprint of its files, by which copies are found. It is kept with the row and not printed.
	Sketch []uint64 `json:"sketch,omitempty" jsonschema:"-"`
}

// Input is what a repository is judged by.
type Input struct {
	Source   Source
	Findings *detect.Findings
	Signals  *Signals
	Plan     *plan.Plan // nil: the findings made none
	// Unsupported says why nothing can be generated; empty: it can.
	Unsupported string
	Verdict     *verify.Verdict // nil: it was not verified
	Sketch      []uint64
	AsOf        time.Time // the day by which ages are counted
}

// images are the groups of components that share an image.
func (in Input) images() []plan.ImageGroup {
	if in.Plan == nil {
		return nil
	}
	return in.Plan.ImageGroups()
}

// Assess judges one repository.
func Assess(in Input) Repository {
	r := newRow(in.Source)
	r.Location, r.Commit, r.Files, r.Sketch = in.Findings.Location, in.Findings.Commit, in.Findings.Files, in.Sketch
	r.Components = append(r.Components, in.Findings.Document().Components...)
	for i := range in.Findings.Components {
		c := &in.Findings.Components[i]
		if a := Placement(c, in.Signals, MeasuredOf(verdictOf(in.Verdict, c.Name))); a.Advice != "" {
			r.Placement = append(r.Placement, a)
		}
	}
	r.Findings = append(r.Findings, weigh(in)...)
	r.Score, r.Verdict = score(r.Findings)
	r.EffortDays, r.Effort = effort(in, r.Findings, r.Verdict)
	for _, f := range r.Findings {
		if f.Effect != "" || f.Severity == "high" {
			r.Blockers = append(r.Blockers, f.Rule)
		}
	}
	r.EndOfLife = append(r.EndOfLife, lives(r.Components)...)
	r.Services = append(r.Services, requiredServices(in.Findings)...)
	r.BaseImages = append(r.BaseImages, baseImages(in)...)
	r.Verification = in.Verdict
	return r
}

// Broken is the row of a repository that could not be assessed.
func Broken(s Source, why string) Repository {
	r := newRow(s)
	r.Verdict, r.Error = Failed, detect.Printable(detect.MaskSecrets(strings.ReplaceAll(why, "\n", " ")), 600)
	return r
}

// newRow is a row whose lists are there, though empty.
func newRow(s Source) Repository {
	return Repository{
		Location: s.Location, Name: s.Name, Owner: s.Owner, Criticality: s.Criticality, Tags: s.Tags,
		Components: []detect.ComponentDocument{}, Placement: []Advice{}, Findings: []Finding{}, Effort: []EffortPart{}, Blockers: []string{},
		EndOfLife: []detect.EndOfLifeDocument{}, Services: []string{}, BaseImages: []string{},
	}
}

func verdictOf(v *verify.Verdict, name string) *verify.ComponentVerdict {
	if v == nil {
		return nil
	}
	for i := range v.Components {
		if v.Components[i].Name == name {
			return &v.Components[i]
		}
	}
	return nil
}

// lives are the parts of all components that are at their end, each once, the oldest first.
func lives(cs []detect.ComponentDocument) []detect.EndOfLifeDocument {
	var out []detect.EndOfLifeDocument
	for _, c := range cs {
		for _, e := range c.EndOfLife {
			if !slices.Contains(out, e) {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, func(a, b detect.EndOfLifeDocument) int {
		if n := strings.Compare(a.Since, b.Since); n != 0 {
			return n
		}
		return strings.Compare(a.What, b.What)
	})
	return out
}

// baseImages are the images that the repository's own would stand on, each once, sorted.
func baseImages(in Input) []string {
	var out []string
	for _, g := range in.images() {
		for _, v := range in.Plan.DefaultImages(g.Components[0]) {
			if v.V != "" && v.V != "scratch" && !slices.Contains(out, v.V) {
				out = append(out, v.V)
			}
		}
	}
	slices.Sort(out)
	return out
}
