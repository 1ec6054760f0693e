// Package report writes a portfolio for people: one HTML page that needs nothing beside itself, Markdown, and CSV. Rows come one at
// a time, so that what is written does not have to lie in memory.
package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
)

// Input is what the reports are made of.
type Input struct {
	Totals     assess.Totals
	Comparison *assess.Comparison // nil: nothing was compared
	AsOf       string             // the day by which ages were counted
	// Each hands over every row in order, once for each call.
	Each func(func(*assess.Repository) error) error
}

// clean makes a foreign text fit to be shown on one line.
func clean(s string, max int) string { return detect.Printable(detect.MaskSecrets(s), max) }

func cleanAll(list []string, max int) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, clean(s, max))
	}
	return out
}

// stacks are the languages and frameworks of a row, each once, as the totals count them.
func stacks(r *assess.Repository) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, c := range r.Components {
		name := c.Language
		if c.Framework != "" && c.Framework != "none" {
			name += " · " + c.Framework
		}
		if name != "" && c.Role != detect.Library && !seen[name] {
			seen[name] = true
			out = append(out, clean(name, 60))
		}
	}
	return out
}

// places are where the components belong, each answer once.
func places(r *assess.Repository) []string {
	out := []string{}
	seen := map[assess.Place]bool{}
	for _, a := range r.Placement {
		if !seen[a.Advice] {
			seen[a.Advice] = true
			out = append(out, string(a.Advice))
		}
	}
	return out
}

// place is a file and line as people write it.
func place(e detect.Evidence) string {
	if e.Line > 0 {
		return clean(fmt.Sprintf("%s:%d", e.File, e.Line), 200)
	}
	return clean(e.File, 200)
}

// header names the columns of the CSV.
var header = []string{
	"name", "location", "commit", "owner", "criticality", "tags", "verdict", "score", "effort days", "wave", "stacks", "placement", "blockers", "findings", "end of life",
	"services", "base images", "copy of", "error",
}

// CSV writes a line for each repository. A value that a spreadsheet would take for a formula gets an apostrophe in front.
func CSV(w io.Writer, in Input) error {
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	err := in.Each(func(r *assess.Repository) error {
		var findings, lives []string
		for _, f := range r.Findings {
			findings = append(findings, f.Rule)
		}
		for _, e := range r.EndOfLife {
			lives = append(lives, e.What+" ("+e.Since+")")
		}
		wave := ""
		if r.Wave > 0 {
			wave = strconv.Itoa(r.Wave)
		}
		list := func(s []string) string { return strings.Join(s, "; ") }
		record := []string{
			r.Name, r.Location, r.Commit, r.Owner, r.Criticality, list(r.Tags), string(r.Verdict), strconv.Itoa(r.Score), strconv.FormatFloat(r.EffortDays, 'f', -1, 64), wave,
			list(stacks(r)), list(places(r)), list(r.Blockers), list(findings), list(lives), list(r.Services), list(r.BaseImages), r.DuplicateOf, r.Error,
		}
		for i := range record {
			record[i] = cell(record[i])
		}
		return out.Write(record)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// cell makes a value harmless for spreadsheets (OWASP, CSV injection).
func cell(s string) string {
	s = clean(s, 1000)
	if s != "" && strings.ContainsRune("=+-@|%\t\r\n＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

// Markdown writes the portfolio as a document: what it comes to, the waves, and a row for each repository.
func Markdown(w io.Writer, in Input) error {
	t := in.Totals
	p := func(format string, args ...any) { fmt.Fprintf(w, format, args...) }
	p("# Container readiness\n\n%d repositories, as of %s. Mean score %g of 100, %g days of work.\n\n| verdict | repositories |\n| --- | --- |\n", t.Repositories, md(in.AsOf, 20), t.Score, t.EffortDays)
	for _, v := range assess.Verdicts() {
		if n := t.Verdicts[v]; n > 0 {
			p("| %s | %d |\n", v, n)
		}
	}
	p("\n## Waves\n\n| wave | repositories | days |\n| --- | --- | --- |\n")
	for _, wave := range t.Waves {
		if wave.Wave > 0 {
			p("| %d | %d | %g |\n", wave.Wave, wave.Repositories, wave.EffortDays)
		} else {
			p("| not planned | %d | |\n", wave.Repositories)
		}
	}
	counts := func(title string, list []assess.Count) {
		if len(list) == 0 {
			return
		}
		p("\n## %s\n\n| what | repositories |\n| --- | --- |\n", title)
		for _, c := range list[:min(len(list), 30)] {
			p("| %s | %d |\n", md(c.Name, 80), c.Repositories)
		}
		if more := len(list) - 30; more > 0 {
			p("| and %d more | |\n", more)
		}
	}
	counts("Stacks", t.Stacks)
	if len(t.EndOfLife) > 0 {
		p("\n## End of life\n\n| what | since | repositories |\n| --- | --- | --- |\n")
		for _, e := range t.EndOfLife {
			p("| %s | %s | %d |\n", md(e.What, 80), md(e.Since, 20), e.Repositories)
		}
	}
	counts("Services", t.Services)
	counts("Base images", t.BaseImages)
	if len(t.Duplicates) > 0 {
		p("\n## The same code\n\n")
		for _, g := range t.Duplicates {
			p("- %s\n", md(strings.Join(g, ", "), 400))
		}
	}
	if c := in.Comparison; c != nil {
		p("\n## Since the baseline\n\nMean score %g, was %g. %d better, %d worse, %d as they were, %d new, %d gone.\n\n", t.Score, c.ScoreBefore, len(c.Better), len(c.Worse), c.Same, len(c.Added), len(c.Removed))
		if len(c.Better)+len(c.Worse) > 0 {
			p("| repository | was | is | no longer | new |\n| --- | --- | --- | --- | --- |\n")
		}
		for _, x := range append(append([]assess.Change{}, c.Better...), c.Worse...) {
			p("| %s | %s %d | %s %d | %s | %s |\n", md(x.Location, 120), x.VerdictBefore, x.ScoreBefore, x.Verdict, x.Score, md(strings.Join(x.Gone, ", "), 200), md(strings.Join(x.New, ", "), 200))
		}
	}
	p("\n## Repositories\n\n| repository | verdict | score | days | wave | stack | placement | what stands in the way |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	return in.Each(func(r *assess.Repository) error {
		var trouble []string
		for _, f := range r.Findings {
			at := ""
			if len(f.Evidence) > 0 {
				at = " (" + place(f.Evidence[0]) + ")"
			}
			if len(trouble) < 5 {
				trouble = append(trouble, f.Rule+at)
			}
		}
		if r.Error != "" {
			trouble = []string{r.Error}
		}
		wave := "–"
		if r.Wave > 0 {
			wave = strconv.Itoa(r.Wave)
		}
		_, err := fmt.Fprintf(w, "| %s | %s | %d | %g | %s | %s | %s | %s |\n", md(r.Name, 80), r.Verdict, r.Score, r.EffortDays, wave, md(strings.Join(stacks(r), ", "), 120), strings.Join(places(r), ", "),
			md(strings.Join(trouble, "; "), 500))
		return err
	})
}

// md makes a text harmless in a cell of a Markdown table: no markup, no link, no HTML.
func md(s string, max int) string {
	var b strings.Builder
	for _, r := range clean(s, max) {
		switch r {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '|', '`', '*', '_', '[', ']', '\\', '!', '~', '#', '$', '{', '}':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '@': // a name behind it would be told
			b.WriteString("&#64;")
		default:
			b.WriteRune(r)
		}
	}
	// An address would become a link by itself.
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), "://", ":&#47;&#47;"), "www.", "www&#46;")
}
