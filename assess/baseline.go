package assess

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Comparison says what has changed between two runs.
type Comparison struct {
	Better  []Change `json:"better" jsonschema_description:"Repositories with a better verdict or score."`
	Worse   []Change `json:"worse" jsonschema_description:"Repositories with a worse verdict or score."`
	Added   []string `json:"added" jsonschema_description:"Locations that the earlier run did not have."`
	Removed []string `json:"removed" jsonschema_description:"Locations that only the earlier run had."`
	Same    int      `json:"same" jsonschema_description:"How many are as they were."`
	// ScoreBefore and EffortBefore are those of the earlier run's totals.
	ScoreBefore  float64 `json:"scoreBefore" jsonschema_description:"Mean score of the earlier run."`
	EffortBefore float64 `json:"effortDaysBefore" jsonschema_description:"Days of work of the earlier run."`
}

// Change is how one repository has changed.
type Change struct {
	Location      string   `json:"location" jsonschema_description:"Which repository."`
	VerdictBefore Verdict  `json:"verdictBefore" jsonschema_description:"Earlier verdict."`
	Verdict       Verdict  `json:"verdict" jsonschema_description:"Present verdict."`
	ScoreBefore   int      `json:"scoreBefore" jsonschema_description:"Earlier score."`
	Score         int      `json:"score" jsonschema_description:"Present score."`
	Gone          []string `json:"gone,omitempty" jsonschema_description:"Rules that hold no longer."`
	New           []string `json:"new,omitempty" jsonschema_description:"Rules that hold now and did not."`
}

// Baseline is an earlier run, by location: little of each row is kept.
type Baseline struct {
	rows   map[string]baselineRow
	totals Totals
}

type baselineRow struct {
	Location string  `json:"location"`
	Verdict  Verdict `json:"verdict"`
	Score    int     `json:"score"`
	Findings []struct {
		Rule string `json:"rule"`
	} `json:"findings"`
	seen bool
}

// ReadBaseline reads the JSON document of an earlier run, a row at a time.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	b := &Baseline{rows: map[string]baselineRow{}}
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("it is not the document of drydock assess --json: %w", cmp.Or(err, errNotDocument))
	}
	rows := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "repositories":
			rows = true
			err = b.readRows(d)
		case "totals":
			err = d.Decode(&b.totals)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return nil, fmt.Errorf("read %v: %w", key, err)
		}
	}
	if !rows {
		return nil, errNotDocument
	}
	return b, nil
}

var errNotDocument = fmt.Errorf("it holds no list of repositories")

func (b *Baseline) readRows(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return cmp.Or(err, errNotDocument)
	}
	for d.More() {
		var row baselineRow
		if err := d.Decode(&row); err != nil {
			return err
		}
		b.rows[row.Location] = row
	}
	_, err := d.Token()
	return err
}

// Compare takes each present row once, in any order, and then says what has changed.
type Compare struct {
	base *Baseline
	out  Comparison
}

// Against begins a comparison with an earlier run.
func Against(b *Baseline) *Compare {
	return &Compare{base: b, out: Comparison{Better: []Change{}, Worse: []Change{}, Added: []string{}, Removed: []string{}, ScoreBefore: b.totals.Score, EffortBefore: b.totals.EffortDays}}
}

// Add compares one row.
func (c *Compare) Add(r *Repository) {
	was, ok := c.base.rows[r.Location]
	if !ok {
		c.out.Added = append(c.out.Added, r.Location)
		return
	}
	was.seen = true
	c.base.rows[r.Location] = was
	change := Change{Location: r.Location, VerdictBefore: was.Verdict, Verdict: r.Verdict, ScoreBefore: was.Score, Score: r.Score}
	for _, f := range was.Findings {
		if !slices.ContainsFunc(r.Findings, func(now Finding) bool { return now.Rule == f.Rule }) {
			change.Gone = append(change.Gone, f.Rule)
		}
	}
	for _, f := range r.Findings {
		if !slices.ContainsFunc(was.Findings, func(old struct {
			Rule string `json:"rule"`
		}) bool {
			return old.Rule == f.Rule
		}) {
			change.New = append(change.New, f.Rule)
		}
	}
	order := Verdicts()
	before, now := slices.Index(order, was.Verdict), slices.Index(order, r.Verdict)
	switch {
	case now < before || now == before && r.Score > was.Score:
		c.out.Better = append(c.out.Better, change)
	case now > before || r.Score < was.Score:
		c.out.Worse = append(c.out.Worse, change)
	default:
		c.out.Same++
	}
}

// Result is what has changed, the largest changes first.
func (c *Compare) Result() *Comparison {
	for location, row := range c.base.rows {
		if !row.seen {
			c.out.Removed = append(c.out.Removed, location)
		}
	}
	slices.Sort(c.out.Added)
	slices.Sort(c.out.Removed)
	by := func(sign int) func(a, b Change) int {
		return func(a, b Change) int {
			return cmp.Or(sign*((b.Score-b.ScoreBefore)-(a.Score-a.ScoreBefore)), strings.Compare(a.Location, b.Location))
		}
	}
	slices.SortFunc(c.out.Better, by(1))
	slices.SortFunc(c.out.Worse, by(-1))
	return &c.out
}
