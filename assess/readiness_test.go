package assess

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/verify"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGuide holds that docs/READINESS.md is what the rules say.
func TestGuide(t *testing.T) {
	const file = "../docs/READINESS.md"
	if *update {
		if err := os.WriteFile(file, []byte(Guide()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != Guide() {
		t.Errorf("docs/READINESS.md is not what the rules say (%v): make golden", err)
	}
}

// TestReadinessRules holds that each rule is complete and that each finding is counted by one rule.
func TestReadinessRules(t *testing.T) {
	ids, covered, others := map[string]bool{}, map[string]string{}, 0
	for _, r := range ReadinessRules().Rules {
		if ids[r.ID] || r.ID == "" || r.Title == "" || r.Reason == "" || r.Source == "" || r.Points <= 0 {
			t.Errorf("rule %q is used twice or not complete", r.ID)
		}
		if r.Effect != "" && r.Effect != "major" && r.Effect != "blocker" {
			t.Errorf("%s: effect %q", r.ID, r.Effect)
		}
		ids[r.ID] = true
		for _, c := range append(slices.Clone(r.Covers), r.ID) {
			if covered[c] != "" && covered[c] != r.ID {
				t.Errorf("%s is counted by %s and %s", c, covered[c], r.ID)
			}
			covered[c] = r.ID
		}
		if r.AnyOther {
			others++
		}
	}
	if others != 1 {
		t.Errorf("%d rules count what no other does", others)
	}
	for id, file := range findingIDs(t) {
		if covered[id] == "" {
			t.Errorf("no rule counts %s of %s", id, file)
		}
	}
}

// findingIDs are the ids that the detectors' code gives to what stands in the way, with a file of each.
func findingIDs(t *testing.T) map[string]string {
	t.Helper()
	call := regexp.MustCompile(`(?:add|trouble)\("([a-z]+(?:-[a-z]+)+)", *"(?:high|medium|low)"|Readiness\{ID: *"([a-z]+(?:-[a-z]+)+)"`)
	out := map[string]string{}
	err := filepath.WalkDir("../detect", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		data, err := os.ReadFile(p)
		for _, m := range call.FindAllStringSubmatch(string(data), -1) {
			out[m[1]+m[2]] = p
		}
		return err
	})
	if err != nil || len(out) < 50 {
		t.Fatalf("%d ids were found in the detectors: %v", len(out), err)
	}
	return out
}

func input(c ...detect.Component) Input {
	return Input{Findings: &detect.Findings{Location: "x", Components: c}, AsOf: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
}

func trouble(id, severity string) detect.Component {
	return detect.Component{Name: "web", Path: ".", Role: detect.Is(detect.Web), Language: detect.Is("ruby"), LanguageVersion: detect.Is("3.3"),
		Readiness: []detect.Readiness{{ID: id, Severity: severity, Message: "m", Evidence: []detect.Evidence{{File: "f", Line: 3}}}}}
}

func TestAssess(t *testing.T) {
	old := detect.Component{Name: "web", Path: ".", Role: detect.Is(detect.Web), Language: detect.Is("ruby"), LanguageVersion: detect.Guess("2.6", "nothing says so"),
		EndOfLife: []detect.EndOfLife{{What: "ruby 2.6", Since: "2022-04-12"}}, Services: []detect.Service{{Kind: "redis", Required: true}, {Kind: "smtp"}}}
	failed := input(trouble("x", "low"))
	failed.Verdict = &verify.Verdict{Components: []verify.ComponentVerdict{{Name: "web", Outcome: verify.Failed, Attempts: []verify.Attempt{{Failure: verify.Failure{Message: "no gem"}}}}}}
	healthy := input(trouble("logs-to-files", "medium"))
	healthy.Verdict = &verify.Verdict{Outcome: verify.Healthy}
	unsupported := input(trouble("x", "low"))
	unsupported.Unsupported = "no image"
	for _, c := range []struct {
		name    string
		in      Input
		verdict Verdict
		score   int
		days    float64
		rules   []string
	}{
		{"nothing found", input(), NotContainerisable, 0, 0, []string{"no-known-stack"}},
		{"a library", input(detect.Component{Name: "l", Role: detect.Is(detect.Library)}), NotContainerisable, 0, 0, []string{"library-only"}},
		{"low", input(trouble("logs-to-files", "low")), Ready, 98, 1.5, []string{"logs-to-files"}},
		{"high", input(trouble("secret-committed", "high")), MinorWork, 88, 1.5, []string{"secret-committed"}},
		{"a rule counts several ids once", input(trouble("log-to-file", "medium"), trouble("logs-to-files", "low")), Ready, 97, 1.5, []string{"logs-to-files"}},
		{"major", input(trouble("message-queuing", "high")), MajorWork, 84, 6, []string{"message-queuing"}},
		{"mainframe", input(trouble("mainframe-cics", "high")), NotContainerisable, 0, 0, []string{"mainframe"}},
		{"a finding without a rule", input(trouble("brand-new", "high")), MinorWork, 94, 1.5, []string{"measured"}},
		{"at its end", input(old), MinorWork, 85, 2.5, []string{"end-of-life", "version-guessed"}},
		{"no template", unsupported, MajorWork, 53, 5.5, []string{"no-template", "measured"}},
		{"not built", failed, MajorWork, 58, 4.5, []string{"build-failed", "measured"}},
		{"seen healthy", healthy, Ready, 97, 1, []string{"logs-to-files"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Assess(c.in)
			var rules []string
			for _, f := range r.Findings {
				rules = append(rules, f.Rule)
			}
			if r.Verdict != c.verdict || r.Score != c.score || r.EffortDays != c.days || !slices.Equal(rules, c.rules) {
				t.Errorf("%s, %d, %g days, %v; want %s, %d, %g, %v", r.Verdict, r.Score, r.EffortDays, rules, c.verdict, c.score, c.days, c.rules)
			}
			sum := 0.0
			for _, p := range r.Effort {
				sum += p.Days
			}
			if r.EffortDays < sum || r.EffortDays > sum+0.5 {
				t.Errorf("%g days are not the sum of %+v", r.EffortDays, r.Effort)
			}
		})
	}
}

// TestPortfolio holds the waves, copies and totals, whatever the order in which rows come.
func TestPortfolio(t *testing.T) {
	sketch := func(from uint64, n int) []uint64 {
		var s []uint64
		for i := range n {
			s = append(s, from+uint64(i))
		}
		return s
	}
	rows := []Repository{
		{Location: "a", Verdict: Ready, Score: 100, EffortDays: 1, Sketch: sketch(0, 24), Components: []detect.ComponentDocument{{Language: "ruby", Framework: "rails"}}, Services: []string{"redis"}},
		{Location: "copy of a", Verdict: Ready, Score: 100, EffortDays: 1, Sketch: sketch(0, 24)},
		{Location: "like a", Verdict: MinorWork, Score: 80, EffortDays: 2, Criticality: "critical", Sketch: append(sketch(0, 18), sketch(900, 6)...)},
		{Location: "large", Verdict: MajorWork, Score: 20, EffortDays: 30, EndOfLife: []detect.EndOfLifeDocument{{What: "ruby 2.6", Since: "2022-04-12"}}},
		{Location: "worth it", Verdict: MajorWork, Score: 40, EffortDays: 10, Criticality: "Critical"},
		{Location: "broken", Verdict: Failed},
		{Location: "cobol", Verdict: NotContainerisable},
	}
	var want Totals
	for turn := range 2 {
		p := &Portfolio{}
		order := []int{0, 1, 2, 3, 4, 5, 6}
		if turn == 1 {
			slices.Reverse(order)
		}
		for _, i := range order {
			row := rows[i]
			p.Add(i, &row)
		}
		p.Finish()
		var got []string
		for i := range rows {
			row := rows[i]
			p.Complete(i, &row)
			got = append(got, fmt.Sprint(row.Wave, " ", row.DuplicateOf, " ", len(row.Similar)))
			if row.Sketch != nil || row.WaveWhy == "" {
				t.Errorf("%s: %+v", row.Location, row)
			}
		}
		if w := []string{"1  2", "0 a 1", "1  1", "3  0", "2  0", "0  0", "0  0"}; !slices.Equal(got, w) {
			t.Errorf("waves, copies, similar: %q, want %q", got, w)
		}
		totals := p.Totals()
		if turn == 0 {
			want = totals
		} else if !reflect.DeepEqual(totals, want) {
			t.Errorf("another order gives other totals:\n%+v\n%+v", totals, want)
		}
	}
	if want.Repositories != 7 || want.EffortDays != 43 || want.Verdicts[Failed] != 1 || len(want.Duplicates) != 1 || want.Score != 56.7 {
		t.Errorf("totals %+v", want)
	}
}

func TestBaseline(t *testing.T) {
	doc := `{"schemaVersion":1,"extra":{"a":[1]},"repositories":[
 {"location":"a","verdict":"major-work","score":40,"findings":[{"rule":"x"},{"rule":"y"}]},
 {"location":"b","verdict":"ready","score":100,"findings":[]},
 {"location":"gone","verdict":"ready","score":100,"findings":[]}],"totals":{"score":80,"effortDays":9}}`
	b, err := ReadBaseline(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	c := Against(b)
	for _, r := range []Repository{
		{Location: "a", Verdict: MinorWork, Score: 70, Findings: []Finding{{Rule: "y"}}},
		{Location: "b", Verdict: MinorWork, Score: 84, Findings: []Finding{{Rule: "z"}}},
		{Location: "new", Verdict: Ready, Score: 90},
	} {
		c.Add(&r)
	}
	got := c.Result()
	if len(got.Better) != 1 || !slices.Equal(got.Better[0].Gone, []string{"x"}) || len(got.Worse) != 1 || !slices.Equal(got.Worse[0].New, []string{"z"}) ||
		!slices.Equal(got.Added, []string{"new"}) || !slices.Equal(got.Removed, []string{"gone"}) || got.ScoreBefore != 80 || got.EffortBefore != 9 {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"", "[]", "{}", `{"repositories":{}}`, "location,name\n", `{"repositories":[{"location":1}]}`} {
		if _, err := ReadBaseline(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is taken for a document", bad)
		}
	}
}
