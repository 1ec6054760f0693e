package report

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// rowsMark is where the rows go: they are written one by one between what stands before and behind it.
const rowsMark = `"ROWS"`

// frame is the page without its rows.
var frame = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"percent": percent}).Parse(pageText))
})

// percent is a share in percent with one place, at least 1 so that it can be seen.
func percent(n, of int) float64 {
	if of == 0 || n == 0 {
		return 0
	}
	return math.Max(1, math.Round(float64(n)*1000/float64(of))/10)
}

// view is what the template shows.
type view struct {
	Input
	Style    template.CSS
	Script   template.JS
	Policy   string
	Verdicts []bar
	Stacks   []bar
	Lives    []bar
	Services []bar
	Images   []bar
	Places   []bar
	Waves    []assess.Wave
	Dots     []dot
	Critical []string
	Axis     []tick
}

// bar is one line of a chart, which filters the table when it is chosen.
type bar struct {
	Filter, Value, Label, Note string
	N, Of                      int
}

// dot is a repository in the chart of effort against criticality.
type dot struct {
	X, Y    float64
	Verdict assess.Verdict
}

type tick struct {
	X     float64
	Label string
}

const mostBars = 14

// HTML writes the page. It asks nothing of any server: style, script and data are in it, and its policy allows nothing else.
func HTML(w io.Writer, in Input) error {
	out := bufio.NewWriterSize(w, 1<<16)
	v, err := newView(in)
	if err != nil {
		return err
	}
	var whole bytes.Buffer
	if err := frame().Execute(&whole, v); err != nil {
		return err
	}
	top, bottom, ok := bytes.Cut(whole.Bytes(), []byte(rowsMark))
	if !ok {
		return errors.New("the page has no place for its rows")
	}
	_, _ = out.Write(top)
	first := true
	err = in.Each(func(r *assess.Repository) error {
		data, err := json.Marshal(newRow(r)) // <, > and & come out as \u003c: nothing can end the element
		if err != nil {
			return err
		}
		if !first {
			_, _ = out.WriteString(",\n")
		}
		first = false
		_, err = out.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	_, _ = out.Write(bottom)
	return out.Flush()
}

func newView(in Input) (*view, error) {
	sum := sha256.Sum256([]byte(pageScript))
	v := &view{
		Input: in, Style: template.CSS(pageStyle), Script: template.JS(pageScript), Waves: in.Totals.Waves,
		Policy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
	}
	t := in.Totals
	for _, x := range assess.Verdicts() {
		if n := t.Verdicts[x]; n > 0 {
			v.Verdicts = append(v.Verdicts, bar{"verdict", string(x), string(x), "", n, t.Repositories})
		}
	}
	all := 0
	for _, n := range t.Placement {
		all += n
	}
	for _, x := range []assess.Place{assess.Container, assess.Serverless, assess.Both, assess.Either} {
		if n := t.Placement[x]; n > 0 {
			v.Places = append(v.Places, bar{"place", string(x), string(x), "", n, all})
		}
	}
	v.Stacks, v.Services, v.Images = bars("stack", t.Stacks), bars("service", t.Services), bars("image", t.BaseImages)
	for _, e := range t.EndOfLife[:min(len(t.EndOfLife), mostBars)] {
		v.Lives = append(v.Lives, bar{"life", clean(e.What, 80), clean(e.What, 80), "since " + clean(e.Since, 20), e.Repositories, t.EndOfLife[0].Repositories})
	}
	return v, v.plot()
}

func bars(filter string, list []assess.Count) []bar {
	var out []bar
	for _, c := range list[:min(len(list), mostBars)] {
		out = append(out, bar{filter, clean(c.Name, 80), clean(c.Name, 80), "", c.Repositories, list[0].Repositories})
	}
	return out
}

// levels are the lines of the chart, from the top.
var levels = []string{"critical", "high", "medium", "low"}

// plot places the dots: days of effort to the right, by their square root, criticality upwards.
func (v *view) plot() error {
	const width, height = 560.0, 160.0
	most := 1.0
	type point struct {
		days  float64
		level int
		v     assess.Verdict
	}
	var points []point
	err := v.Each(func(r *assess.Repository) error {
		if r.Verdict == assess.Failed || r.Verdict == assess.NotContainerisable {
			return nil
		}
		level := 2
		for i, l := range levels {
			if strings.EqualFold(l, r.Criticality) {
				level = i
			}
		}
		points = append(points, point{r.EffortDays, level, r.Verdict})
		most = max(most, r.EffortDays)
		return nil
	})
	if err != nil {
		return err
	}
	at := func(days float64) float64 { return math.Round(math.Sqrt(days/most)*width*10) / 10 }
	stacked := map[string]int{}
	for _, p := range points {
		x := at(p.days)
		key := fmt.Sprint(p.level, int(x/4))
		n := stacked[key]
		stacked[key]++
		// Dots that would lie on one another are spread over the level's band.
		y := float64(p.level)*height/4 + height/8 + float64((n%7)-3)*4.5
		v.Dots = append(v.Dots, dot{x, math.Round(y*10) / 10, p.v})
	}
	for _, d := range []float64{1, 2, 5, 10, 20, 50, 100, 200} {
		if d <= most {
			v.Axis = append(v.Axis, tick{at(d), fmt.Sprintf("%g d", d)})
		}
	}
	v.Critical = levels
	return nil
}

// row is a repository as the page's script reads it. Its texts are clean and are shown as text alone.
type row struct {
	Name        string      `json:"n"`
	Location    string      `json:"l"`
	Commit      string      `json:"c,omitempty"`
	Verdict     string      `json:"v"`
	Score       int         `json:"s"`
	Days        float64     `json:"d"`
	Wave        int         `json:"w"`
	WaveWhy     string      `json:"ww,omitempty"`
	Owner       string      `json:"o,omitempty"`
	Criticality string      `json:"k,omitempty"`
	Tags        []string    `json:"t,omitempty"`
	Stacks      []string    `json:"st,omitempty"`
	Places      []string    `json:"pl,omitempty"`
	Lives       [][2]string `json:"eol,omitempty"`
	Services    []string    `json:"sv,omitempty"`
	Images      []string    `json:"im,omitempty"`
	Components  []string    `json:"cp,omitempty"`
	Findings    []finding   `json:"f,omitempty"`
	Placement   []advice    `json:"p,omitempty"`
	Effort      []part      `json:"e,omitempty"`
	Verified    string      `json:"ve,omitempty"`
	CopyOf      string      `json:"co,omitempty"`
	Similar     []string    `json:"si,omitempty"`
	Error       string      `json:"er,omitempty"`
}

type finding struct {
	Rule     string      `json:"r"`
	Title    string      `json:"t"`
	Severity string      `json:"s"`
	Points   int         `json:"p"`
	Messages []string    `json:"m,omitempty"`
	Evidence [][2]string `json:"e,omitempty"`
}

type advice struct {
	Component string   `json:"c"`
	Advice    string   `json:"a"`
	Summary   string   `json:"y"`
	Reasons   []reason `json:"r,omitempty"`
	Split     []string `json:"x,omitempty"`
	Changes   []string `json:"h,omitempty"`
}

type reason struct {
	Rule     string      `json:"r"`
	Towards  string      `json:"t"`
	Reason   string      `json:"w"`
	Evidence [][2]string `json:"e,omitempty"`
}

type part struct {
	What string  `json:"w"`
	Days float64 `json:"d"`
}

func newRow(r *assess.Repository) row {
	x := row{
		Name: clean(r.Name, 120), Location: clean(r.Location, 300), Commit: r.Commit[:min(len(r.Commit), 12)], Verdict: string(r.Verdict), Score: r.Score, Days: r.EffortDays,
		Wave: r.Wave, WaveWhy: clean(r.WaveWhy, 200), Owner: clean(r.Owner, 80), Criticality: clean(r.Criticality, 30), Tags: cleanAll(r.Tags, 60), Stacks: stacks(r), Places: places(r),
		Services: cleanAll(r.Services, 60), Images: cleanAll(r.BaseImages, 120), CopyOf: clean(r.DuplicateOf, 300), Similar: cleanAll(r.Similar, 300), Error: clean(r.Error, 600),
	}
	for _, e := range r.EndOfLife {
		x.Lives = append(x.Lives, [2]string{clean(e.What, 80), clean(e.Since, 20)})
	}
	for _, c := range r.Components {
		x.Components = append(x.Components, clean(componentText(c), 200))
	}
	for _, f := range r.Findings {
		x.Findings = append(x.Findings, finding{f.Rule, f.Title, f.Severity, f.Points, cleanAll(f.Messages, 300), proof(f.Evidence)})
	}
	for _, a := range r.Placement {
		y := advice{Component: clean(a.Component, 80), Advice: string(a.Advice), Summary: clean(a.Summary, 300), Changes: cleanAll(a.Changes[:min(len(a.Changes), 3)], 300)}
		for _, s := range a.Split {
			y.Split = append(y.Split, clean(s.By+": "+s.Text, 300))
		}
		for _, z := range a.Reasons {
			y.Reasons = append(y.Reasons, reason{z.Rule, string(z.Towards), z.Reason, proof(z.Evidence)})
		}
		x.Placement = append(x.Placement, y)
	}
	for _, e := range r.Effort {
		x.Effort = append(x.Effort, part{clean(e.What, 120), e.Days})
	}
	if v := r.Verification; v != nil {
		x.Verified = string(v.Outcome)
		for _, c := range v.Components {
			if c.Run != nil {
				x.Verified += fmt.Sprintf("; %s: up in %.1f s, %d MiB of memory at its peak, image of %d MB", clean(c.Name, 60), c.Run.StartSeconds, c.Run.MemoryPeakBytes>>20, c.Image.SizeBytes/1_000_000)
			}
		}
	}
	return x
}

// componentText is a component in a few words.
func componentText(c detect.ComponentDocument) string {
	words := []string{c.Name, "(" + string(c.Role) + ")", c.Language, c.LanguageVersion}
	if c.Framework != "" && c.Framework != "none" {
		words = append(words, c.Framework, c.FrameworkVersion)
	}
	if c.AppServer != "" && c.AppServer != "none" {
		words = append(words, "on", c.AppServer, c.AppServerVersion)
	}
	if c.Path != "." {
		words = append(words, "in", c.Path)
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// proof is the first places with their lines.
func proof(evidence []detect.Evidence) [][2]string {
	var out [][2]string
	for _, e := range evidence[:min(len(evidence), 3)] {
		out = append(out, [2]string{place(e), clean(e.Text, 160)})
	}
	return out
}
