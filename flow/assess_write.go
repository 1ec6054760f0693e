package flow

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/assess/report"
	"github.com/drydock-cli/drydock/detect"
)

// WriteJSON writes the document of `assess --json`, a row at a time. comparison may be nil.
func (r *AssessRun) WriteJSON(w io.Writer, comparison *assess.Comparison) error {
	out := bufio.NewWriter(w)
	enc := func(v any) error {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return err
		}
		_, err := out.WriteString(strings.TrimSuffix(b.String(), "\n"))
		return err
	}
	fmt.Fprintf(out, "{\n\"schemaVersion\": %d,\n\"repositories\": [", assess.SchemaVersion)
	first := true
	err := r.Each(func(row *assess.Repository) error {
		if !first {
			_, _ = out.WriteString(",")
		}
		first = false
		_, _ = out.WriteString("\n")
		return enc(row)
	})
	if err != nil {
		return err
	}
	_, _ = out.WriteString("\n],\n\"totals\": ")
	if err := enc(r.Totals); err != nil {
		return err
	}
	if comparison != nil {
		_, _ = out.WriteString(",\n\"comparison\": ")
		if err := enc(comparison); err != nil {
			return err
		}
	}
	_, _ = out.WriteString("\n}\n")
	return out.Flush()
}

// Compare compares the run with the document of an earlier one.
func (r *AssessRun) Compare(file string) (*assess.Comparison, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("--baseline: %w", err)}
	}
	defer f.Close()
	base, err := assess.ReadBaseline(bufio.NewReader(f))
	if err != nil {
		return nil, &UsageError{fmt.Errorf("--baseline %s: %w\n  try: the file that drydock assess --json printed, or assess.json of its -o folder", file, err)}
	}
	c := assess.Against(base)
	if err := r.Each(func(row *assess.Repository) error { c.Add(row); return nil }); err != nil {
		return nil, err
	}
	return c.Result(), nil
}

// ReportFiles are the files that WriteReports makes.
var ReportFiles = []string{"index.html", "report.md", "report.csv", "assess.json"}

// WriteReports writes the reports of a run into a folder, which is made. Each file is replaced as a whole.
func (r *AssessRun) WriteReports(dir string, comparison *assess.Comparison) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return outputError(dir, err)
	}
	in := report.Input{Totals: r.Totals, Comparison: comparison, AsOf: r.AsOf.Format(time.DateOnly), Each: r.Each}
	writers := map[string]func(io.Writer) error{
		"index.html":  func(w io.Writer) error { return report.HTML(w, in) },
		"report.md":   func(w io.Writer) error { return report.Markdown(w, in) },
		"report.csv":  func(w io.Writer) error { return report.CSV(w, in) },
		"assess.json": func(w io.Writer) error { return r.WriteJSON(w, comparison) },
	}
	for _, name := range ReportFiles {
		if err := replaceWith(filepath.Join(dir, name), 0o644, writers[name]); err != nil {
			return outputError(dir, err)
		}
	}
	return nil
}

// PrintAssessment writes the portfolio for people: what it comes to, and a line for each repository, those with the most to do last.
func PrintAssessment(w io.Writer, r *AssessRun, comparison *assess.Comparison) error {
	width := 12
	err := r.Each(func(row *assess.Repository) error {
		width = max(width, min(len(row.Name), 44))
		return nil
	})
	if err != nil {
		return err
	}
	err = r.Each(func(row *assess.Repository) error {
		what := StackOf(row)
		if row.Verdict == assess.Failed {
			what = row.Error
		}
		_, err := fmt.Fprintf(w, "%-*s  %-19s %3d  %5s  %-22s %s\n", width, detect.Printable(row.Name, 44), row.Verdict, row.Score, daysOf(row), PlacesOf(row), detect.Printable(what, 120))
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w)
	return PrintSummary(w, r, comparison)
}

// PrintSummary writes for people what a portfolio comes to.
func PrintSummary(w io.Writer, r *AssessRun, comparison *assess.Comparison) error {
	t := r.Totals
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%d repositories in %.1f s: ", t.Repositories, r.Seconds)
	var parts []string
	for _, v := range assess.Verdicts() {
		if n := t.Verdicts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	fmt.Fprintf(out, "%s; mean score %g; %g days\n", strings.Join(parts, ", "), t.Score, t.EffortDays)
	for _, wave := range t.Waves {
		if wave.Wave > 0 {
			fmt.Fprintf(out, "  wave %d: %d repositories, %g days\n", wave.Wave, wave.Repositories, wave.EffortDays)
		} else {
			fmt.Fprintf(out, "  not planned: %d\n", wave.Repositories)
		}
	}
	for _, group := range t.Duplicates[:min(len(t.Duplicates), maxListed)] {
		fmt.Fprintf(out, "  the same code: %s\n", detect.Printable(strings.Join(group, ", "), 200))
	}
	if c := comparison; c != nil {
		fmt.Fprintf(out, "since the baseline: %d better, %d worse, %d as they were, %d new, %d gone; mean score %g, was %g\n", len(c.Better), len(c.Worse), c.Same, len(c.Added), len(c.Removed), t.Score, c.ScoreBefore)
	}
	return out.Flush()
}

func daysOf(row *assess.Repository) string {
	if row.EffortDays == 0 {
		return "–"
	}
	return fmt.Sprintf("%g d", row.EffortDays)
}

// SourceName is what a repository is called: as the list says, else by its location.
func SourceName(s assess.Source) string { return cmp.Or(s.Name, projectName(s.Location)) }

// StackOf is what a repository's components are built with, in a few words.
func StackOf(row *assess.Repository) string {
	var words []string
	for _, c := range row.Components {
		name := c.Language
		if c.Framework != "" && c.Framework != "none" {
			name = strings.TrimSpace(c.Framework + " " + c.FrameworkVersion)
		}
		if name != "" && (len(words) == 0 || words[len(words)-1] != name) {
			words = append(words, name)
		}
	}
	if len(words) > 4 {
		words = append(words[:4], "…")
	}
	return strings.Join(words, ", ")
}

// PlacesOf is where the components belong, each answer once.
func PlacesOf(row *assess.Repository) string {
	var words []string
	for _, a := range row.Placement {
		if !strings.Contains(strings.Join(words, " "), string(a.Advice)) {
			words = append(words, string(a.Advice))
		}
	}
	return strings.Join(words, "+")
}
