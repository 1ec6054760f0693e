package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
)

// hostile is what a repository's texts can hold.
const hostile = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"

// portfolio makes rows as assess makes them, one of them hostile.
func portfolio(n int) Input {
	rows := make([]assess.Repository, n)
	p := &assess.Portfolio{}
	verdicts := []assess.Verdict{assess.Ready, assess.MinorWork, assess.MajorWork, assess.NotContainerisable, assess.Failed}
	languages := []string{"ruby", "java", "php", "python"}
	levels := []string{"low", "medium", "high", "critical"}
	for i := range rows {
		at := []detect.Evidence{{File: fmt.Sprintf("config/settings%d.rb", i), Line: i + 1, Text: "secret = ***"}}
		rows[i] = assess.Repository{
			Location: fmt.Sprintf("/srv/git/app%04d.git", i), Name: fmt.Sprintf("app%04d", i), Commit: strings.Repeat("a1", 20), Owner: fmt.Sprintf("team %d", i%7), Criticality: levels[i%4],
			Verdict: verdicts[i%5], Score: (i * 37) % 101, EffortDays: float64(i%40) / 2,
			Components: []detect.ComponentDocument{{Name: "web", Role: detect.Web, Path: ".", Language: languages[i%4], LanguageVersion: "1.9"}},
			Placement: []assess.Advice{{Component: "web", Advice: assess.Container, Summary: "container: it keeps files",
				Reasons: []assess.Reason{{Rule: "local-files", Towards: assess.Container, Reason: "It keeps files.", Evidence: at}}, Changes: []string{"local-files: store them elsewhere"}}},
			Findings:  []assess.Finding{{Rule: "secret-committed", Title: "Secret in the repository", Severity: "high", Points: 12, Messages: []string{"Change it."}, Evidence: at}},
			Effort:    []assess.EffortPart{{What: "review", Days: 1}},
			EndOfLife: []detect.EndOfLifeDocument{{What: languages[i%4] + " 1.9", Since: "2015-02-23"}},
			Services:  []string{"postgresql"}, BaseImages: []string{"debian:bookworm-slim"},
		}
		if rows[i].Verdict == assess.Failed {
			rows[i].Error = "open it: there is no such file"
		}
	}
	rows[0].Name, rows[0].Owner, rows[0].Tags = hostile, "=HYPERLINK(\"http://x.example\")", []string{"@cmd", hostile}
	rows[0].Findings[0].Messages = []string{hostile + "\x1b[31m\u202e"}
	rows[0].Findings[0].Evidence = []detect.Evidence{{File: hostile, Line: 1, Text: hostile}}
	for i := range rows {
		p.Add(i, &rows[i])
	}
	p.Finish()
	for i := range rows {
		p.Complete(i, &rows[i])
	}
	return Input{Totals: p.Totals(), AsOf: "2026-11-01", Each: func(yield func(*assess.Repository) error) error {
		for i := range rows {
			if err := yield(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	}}
}

// TestHTML holds that nothing of a repository becomes markup, that nothing is loaded, and that the rows are whole.
func TestHTML(t *testing.T) {
	var b bytes.Buffer
	in := portfolio(12)
	in.Comparison = &assess.Comparison{Better: []assess.Change{{Location: hostile, VerdictBefore: assess.MajorWork, Verdict: assess.Ready}}}
	if err := HTML(&b, in); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if strings.Contains(text, "<img") || strings.Count(text, "</script>") != 2 || strings.Contains(text, "\x1b") || strings.Contains(text, "\u202e") {
		t.Error("a repository's text is markup of the page, or a control character")
	}
	for _, m := range regexp.MustCompile(`<[a-z][^>]*\s(?:href|src|action|srcset|data)=("[^"]*"|\S+)|@import|url\(`).FindAllStringSubmatch(text, -1) {
		if m[1] != `"#repositories"` && m[1] != `"data:,"` {
			t.Errorf("the page loads something: %s", m[0])
		}
	}
	_, rest, _ := strings.Cut(text, `id="rows">`)
	data, _, _ := strings.Cut(rest, "</script>")
	var rows []row
	if err := json.Unmarshal([]byte(data), &rows); err != nil || len(rows) != 12 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if rows[0].Name == "" || rows[3].Findings[0].Evidence[0][0] != "config/settings3.rb:4" {
		t.Errorf("%+v", rows[3])
	}
}

// TestCSV holds that a spreadsheet takes no cell for a formula.
func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := CSV(&b, portfolio(12)); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(records) != 13 {
		t.Fatalf("%d records: %v", len(records), err)
	}
	for _, r := range records {
		for _, c := range r {
			if c != "" && strings.ContainsAny(c[:1], "=+-@|%\t\r") {
				t.Errorf("%q begins like a formula", c)
			}
		}
	}
	for in, want := range map[string]string{"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\t=1": "'=1", "plain": "plain", "": "", "＝1": "'＝1", "a\n=1": "a·=1"} {
		if got := cell(in); got != want {
			t.Errorf("cell(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	var b bytes.Buffer
	in := portfolio(12)
	in.Comparison = &assess.Comparison{Better: []assess.Change{{Location: "a|b", VerdictBefore: assess.MajorWork, Verdict: assess.Ready}}}
	if err := Markdown(&b, in); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, bad := range []string{"<img", "<script", "http://x", "\x1b"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in it", bad)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "| app") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 9 {
			t.Errorf("columns: %s", line)
		}
	}
	for _, want := range []string{"## Waves", "## End of life", "## Since the baseline", `a\|b`, "(config/settings3.rb:4)"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
