package plan

import (
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Question is a decision that evidence did not settle. Its ID is the path that Set takes.
type Question struct {
	ID      string
	Text    string   // one line: what is asked
	Why     string   // one line: why it is asked
	Default string   // empty: there is no sensible default
	Because string   // why the default is the default
	Options []string // sensible answers; empty: free text
}

// Questions are the points that nobody has settled: a guess that shapes the
// image, sources that contradict each other, a missing command. What stands in
// drydock.yaml or was set is settled.
func (p *Plan) Questions() []Question {
	var out []Question
	add := func(q Question) {
		if !p.settled[q.ID] {
			out = append(out, q)
		}
	}
	for i := range p.Components {
		c := &p.Components[i]
		if c.Role.V == detect.Library {
			continue
		}
		prefix := "components." + c.Name + "."
		for _, s := range componentScalars {
			if q, ok := scalarQuestion(c, prefix+s.name, s.label, *s.value(c)); ok {
				add(q)
			}
		}
		if q, ok := portQuestion(c, prefix+"port"); ok {
			add(q)
		}
		if q, ok := commandQuestion(c, prefix); ok {
			add(q)
		}
	}
	return out
}

// asked are the fields whose guess changes what is built: a guessed framework version changes nothing.
var asked = map[string]bool{"languageVersion": true, "appServer": true, "packaging": true}

func scalarQuestion(c *Component, path, label string, v detect.Value[string]) (Question, bool) {
	field := path[strings.LastIndexByte(path, '.')+1:]
	if field == "languageVersion" && c.Language.V != "" {
		label = "version of " + c.Language.V
	}
	q := Question{ID: path, Text: fmt.Sprintf("Which %s does %s use?", label, c.Name), Default: v.V, Because: v.Why}
	others := differing(v)
	switch {
	case v.From == detect.Chosen:
		return q, false
	case len(others) > 0:
		q.Why = "the repository contradicts itself: " + contradiction(v)
		q.Options = append([]string{v.V}, others...)
		if q.Because == "" {
			q.Because = place(v)
		}
		return q, true
	case v.From == detect.Default && asked[field]:
		q.Why = "nothing in the repository says so"
		return q, true
	}
	return q, false
}

// differing are the other sources' values that are not the value itself, in their order.
func differing(v detect.Value[string]) []string {
	var out []string
	for _, o := range v.Others {
		if o.V != "" && o.V != v.V && o.From != detect.Default {
			out = append(out, o.V)
		}
	}
	return out
}

func contradiction(v detect.Value[string]) string {
	parts := []string{v.V + " (" + place(v) + ")"}
	for _, o := range v.Others {
		if o.V != v.V && o.From != detect.Default {
			parts = append(parts, o.V+" ("+place(o)+")")
		}
	}
	return strings.Join(parts, ", ")
}

// place is where a value is from: "Gemfile:3".
func place(v detect.Value[string]) string {
	if len(v.Evidence) == 0 {
		return string(v.From)
	}
	return at(v.Evidence[0])
}

func at(e detect.Evidence) string {
	if e.Line == 0 {
		return detect.Printable(e.File, 120)
	}
	return fmt.Sprintf("%s:%d", detect.Printable(e.File, 120), e.Line)
}

func portQuestion(c *Component, path string) (Question, bool) {
	if c.Port.V != 0 || c.Role.V != detect.Web {
		return Question{}, false
	}
	return Question{ID: path, Text: fmt.Sprintf("On which port does %s listen?", c.Name), Why: "nothing in the repository says so"}, true
}

// commandQuestion asks how a component is started, unless what is built starts itself (an executable jar, a war in its server).
func commandQuestion(c *Component, prefix string) (Question, bool) {
	if c.Command() != nil || c.Packaging.V != "" || c.Facts["artifact"].V != "" {
		return Question{}, false
	}
	if c.AppServer.V == "iis" || c.Role.V == detect.Function || c.Fact("model") != "" {
		return Question{}, false // what the base image starts, or a program beside the code, loads it
	}
	return Question{
		ID: prefix + "processes." + string(c.Role.V), Text: fmt.Sprintf("Which command starts %s?", c.Name),
		Why: "no Procfile, server or start script was found",
	}, true
}
