package assess

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Portfolio is what is known of many repositories at once. It keeps little of each row, so that its size does not follow the
// evidence: rows are added as they come, and given their wave and their copies when all are there.
type Portfolio struct {
	rows []brief
}

// brief is what a portfolio keeps of a row.
type brief struct {
	at          int // in the list of sources
	location    string
	commit      string
	criticality string
	verdict     Verdict
	score       int
	days        float64
	stacks      []string
	lives       []string
	lifeSince   []string
	services    []string
	images      []string
	places      []Place
	sketch      []uint64

	wave        int
	why         string
	duplicateOf string
	similar     []string
}

// Totals is what the portfolio comes to.
type Totals struct {
	Repositories int             `json:"repositories" jsonschema_description:"Number of repositories."`
	Verdicts     map[Verdict]int `json:"verdicts" jsonschema_description:"How many there are of each verdict."`
	Score        float64         `json:"score" jsonschema_description:"Mean of the scores of those that could be read."`
	EffortDays   float64         `json:"effortDays" jsonschema_description:"Days of work for all that are planned."`
	Placement    map[Place]int   `json:"placement" jsonschema_description:"How many components belong where."`
	Stacks       []Count         `json:"stacks" jsonschema_description:"Languages with their frameworks, by the number of repositories."`
	EndOfLife    []Life          `json:"endOfLife" jsonschema_description:"Parts at their end, by the number of repositories."`
	Services     []Count         `json:"services" jsonschema_description:"Services that are needed."`
	BaseImages   []Count         `json:"baseImages" jsonschema_description:"Images that several could share."`
	Waves        []Wave          `json:"waves" jsonschema_description:"The order of work."`
	Duplicates   [][]string      `json:"duplicates" jsonschema_description:"Groups of repositories that hold the same code, by their locations."`
}

// Count is a name and how many repositories have it.
type Count struct {
	Name         string `json:"name" jsonschema_description:"What it is."`
	Repositories int    `json:"repositories" jsonschema_description:"In how many repositories."`
}

// Life is a part at its end.
type Life struct {
	What         string `json:"what" jsonschema_description:"The part and its version."`
	Since        string `json:"since" jsonschema_description:"Date of the last day it was mended."`
	Repositories int    `json:"repositories" jsonschema_description:"In how many repositories."`
}

// Wave is one step of the work.
type Wave struct {
	Wave         int     `json:"wave" jsonschema_description:"Number from 1; 0 is what is not planned."`
	Repositories int     `json:"repositories" jsonschema_description:"How many."`
	EffortDays   float64 `json:"effortDays" jsonschema_description:"Days of work."`
}

// Waves are begun by what gives most for its days.
const (
	firstWave  = 0.75 // value for each day of effort from which on a repository is in the first wave
	secondWave = 0.35
)

// criticalities are the values of a repository by what its owner says.
var criticalities = map[string]float64{"low": 1, "medium": 2, "high": 3, "critical": 4}

// Value is what moving a repository is worth: how critical it is, and one more where a part of it is at its end.
func Value(criticality string, endOfLife bool) float64 {
	v, ok := criticalities[strings.ToLower(criticality)]
	if !ok {
		v = criticalities["medium"]
	}
	if endOfLife {
		v++
	}
	return v
}

// Add takes a row into account. at is its place in the list of sources.
func (p *Portfolio) Add(at int, r *Repository) {
	b := brief{
		at: at, location: r.Location, commit: r.Commit, criticality: r.Criticality, verdict: r.Verdict, score: r.Score, days: r.EffortDays,
		services: r.Services, images: r.BaseImages, sketch: r.Sketch,
	}
	for i := range r.Components {
		c := &r.Components[i]
		name := c.Language
		if c.Framework != "" && c.Framework != "none" {
			name += " · " + c.Framework
		}
		if name != "" && c.Role != "library" && !slices.Contains(b.stacks, name) {
			b.stacks = append(b.stacks, name)
		}
	}
	for _, a := range r.Placement {
		b.places = append(b.places, a.Advice)
	}
	for _, e := range r.EndOfLife {
		b.lives, b.lifeSince = append(b.lives, e.What), append(b.lifeSince, e.Since)
	}
	p.rows = append(p.rows, b)
}

// Finish finds copies and plans the waves. Rows may be added in any order; the result does not depend on it.
func (p *Portfolio) Finish() {
	slices.SortFunc(p.rows, func(a, b brief) int { return a.at - b.at })
	p.findCopies()
	for i := range p.rows {
		p.rows[i].plan()
	}
}

// plan puts a repository into a wave: by its value for each day of effort.
func (b *brief) plan() {
	switch {
	case b.duplicateOf != "":
		b.why = "a copy of " + b.duplicateOf + ": decide first whether it is still needed"
		return
	case b.verdict == Failed:
		b.why = "it could not be assessed"
		return
	case b.verdict == NotContainerisable:
		b.why = "not containerisable as it is"
		return
	}
	value := Value(b.criticality, len(b.lives) > 0)
	each := value / max(b.days, 0.5)
	b.why = fmt.Sprintf("value %g for %g days", value, b.days)
	switch {
	case b.verdict == Ready, b.verdict == MinorWork && each >= firstWave:
		b.wave = 1
	case each >= secondWave:
		b.wave = 2
	default:
		b.wave = 3
	}
}

const (
	copyFrom    = 0.9 // share of files from which on a repository is a copy
	similarFrom = 0.6
	common      = 200 // repositories that may share a file before it says nothing (a licence, a framework's own file)
)

// findCopies finds repositories that hold the same code: the same commit, or most of the files that stand for them.
func (p *Portfolio) findCopies() {
	byCommit, byWhole, holders := map[string]int{}, map[string]int{}, map[uint64][]int{}
	for i := range p.rows {
		b := &p.rows[i]
		if b.verdict == Failed {
			continue
		}
		if b.commit != "" && len(b.sketch) > 0 {
			key := b.commit + fmt.Sprint(b.sketch)
			if first, ok := byCommit[key]; ok {
				p.link(first, i, 1)
				continue
			}
			byCommit[key] = i
		}
		if len(b.sketch) == 0 {
			continue
		}
		whole := fmt.Sprint(b.sketch)
		if first, ok := byWhole[whole]; ok {
			p.link(first, i, 1)
			continue
		}
		byWhole[whole] = i
		candidates := map[int]bool{}
		for _, h := range b.sketch {
			if len(holders[h]) < common {
				for _, j := range holders[h] {
					candidates[j] = true
				}
			}
			holders[h] = append(holders[h], i)
		}
		for _, j := range sortedInts(candidates) {
			if share := alike(b.sketch, p.rows[j].sketch); share >= similarFrom {
				p.link(j, i, share)
			}
		}
	}
}

// link says that a later row holds the code of an earlier one.
func (p *Portfolio) link(first, second int, share float64) {
	a, b := &p.rows[first], &p.rows[second]
	if a.location == b.location {
		return
	}
	if share >= copyFrom && b.duplicateOf == "" {
		b.duplicateOf = cmp.Or(a.duplicateOf, a.location)
	}
	const most = 8
	if len(a.similar) < most {
		a.similar = append(a.similar, b.location)
	}
	if len(b.similar) < most {
		b.similar = append(b.similar, a.location)
	}
}

func sortedInts(set map[int]bool) []int {
	out := make([]int, 0, len(set))
	for n := range set {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Complete gives a row what only the whole portfolio knows. Finish comes first.
func (p *Portfolio) Complete(at int, r *Repository) {
	i, ok := slices.BinarySearchFunc(p.rows, at, func(b brief, at int) int { return b.at - at })
	if !ok {
		return
	}
	b := &p.rows[i]
	r.Wave, r.WaveWhy, r.DuplicateOf, r.Similar = b.wave, b.why, b.duplicateOf, b.similar
	r.Sketch = nil
}

// Failed is the number of repositories that could not be assessed.
func (p *Portfolio) Failed() int {
	n := 0
	for i := range p.rows {
		if p.rows[i].verdict == Failed {
			n++
		}
	}
	return n
}

// Totals adds everything up. Finish comes first.
func (p *Portfolio) Totals() Totals {
	t := Totals{Repositories: len(p.rows), Verdicts: map[Verdict]int{}, Placement: map[Place]int{}, Waves: []Wave{}, Duplicates: [][]string{}}
	stacks, services, images, lives, since := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]string{}
	waves := map[int]*Wave{}
	groups := map[string][]string{}
	var order []string
	sum, read := 0, 0
	for i := range p.rows {
		b := &p.rows[i]
		t.Verdicts[b.verdict]++
		if b.verdict != Failed {
			sum, read = sum+b.score, read+1
		}
		for _, place := range b.places {
			t.Placement[place]++
		}
		count(stacks, b.stacks)
		count(services, b.services)
		count(images, b.images)
		count(lives, b.lives)
		for j, what := range b.lives {
			since[what] = b.lifeSince[j]
		}
		w := waves[b.wave]
		if w == nil {
			w = &Wave{Wave: b.wave}
			waves[b.wave] = w
		}
		w.Repositories++
		if b.wave > 0 {
			w.EffortDays += b.days
			t.EffortDays += b.days
		}
		if b.duplicateOf != "" {
			if groups[b.duplicateOf] == nil {
				order = append(order, b.duplicateOf)
				groups[b.duplicateOf] = []string{b.duplicateOf}
			}
			groups[b.duplicateOf] = append(groups[b.duplicateOf], b.location)
		}
	}
	if read > 0 {
		t.Score = math.Round(float64(sum)/float64(read)*10) / 10
	}
	t.Stacks, t.Services, t.BaseImages = counts(stacks), counts(services), counts(images)
	t.EndOfLife = []Life{}
	for _, c := range counts(lives) {
		t.EndOfLife = append(t.EndOfLife, Life{c.Name, since[c.Name], c.Repositories})
	}
	for _, n := range []int{1, 2, 3, 0} {
		if waves[n] != nil {
			t.Waves = append(t.Waves, *waves[n])
		}
	}
	for _, first := range order {
		t.Duplicates = append(t.Duplicates, groups[first])
	}
	return t
}

// count adds one for each name of a repository, once.
func count(into map[string]int, names []string) {
	for i, n := range names {
		if !slices.Contains(names[:i], n) {
			into[n]++
		}
	}
}

// counts are sorted by number, then by name.
func counts(m map[string]int) []Count {
	out := make([]Count, 0, len(m))
	for name, n := range m {
		out = append(out, Count{name, n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(b.Repositories-a.Repositories, strings.Compare(a.Name, b.Name)) })
	return out
}

// Document is what `assess --json` prints.
type Document struct {
	SchemaVersion int          `json:"schemaVersion" jsonschema:"enum=1" jsonschema_description:"Version of this document's form."`
	Repositories  []Repository `json:"repositories" jsonschema_description:"A row for each source, in the order in which they were named."`
	Totals        Totals       `json:"totals" jsonschema_description:"What the portfolio comes to."`
	Comparison    *Comparison  `json:"comparison,omitempty" jsonschema_description:"What has changed since the run of --baseline."`
}
