package assess

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
)

//go:embed placement.yaml
var placementData []byte

// Rule is a rule of placement, as placement.yaml has it.
type Rule struct {
	ID      string        `yaml:"id"`
	Towards Place         `yaml:"towards"`
	Weight  int           `yaml:"weight"`
	Split   string        `yaml:"split"` // route, queue, schedule: what a part can be taken out by
	Reason  string        `yaml:"reason"`
	Change  string        `yaml:"change"`
	Source  string        `yaml:"source"`
	Roles   []detect.Role `yaml:"roles"`
	Needs   Needs         `yaml:"needs"`
}

// Needs is what a rule looks for. Any one of them is enough.
type Needs struct {
	Always                 bool                `yaml:"always"`
	Stateless              bool                `yaml:"stateless"`  // short requests and nothing kept: see stateless
	NoDatabase             bool                `yaml:"noDatabase"` // and nothing of the below counts where there is a database
	Schedules              bool                `yaml:"schedules"`
	Services               []string            `yaml:"services"`
	Readiness              []string            `yaml:"readiness"`
	Packagings             []string            `yaml:"packagings"`
	AppServers             []string            `yaml:"appServers"`
	Platforms              []string            `yaml:"platforms"`
	FrameworksWithDatabase []string            `yaml:"frameworksWithDatabase"`
	Dependencies           map[string][]string `yaml:"dependencies"` // by ecosystem
	Code                   map[string][]string `yaml:"code"`
	Measured               Thresholds          `yaml:"measured"`
}

// Thresholds are what a measurement is held against; zero: not asked.
type Thresholds struct {
	StartSecondsOver  float64 `yaml:"startSecondsOver"`
	StartSecondsUnder float64 `yaml:"startSecondsUnder"`
	RequestMillisOver int64   `yaml:"requestMillisOver"`
	ImageBytesOver    int64   `yaml:"imageBytesOver"`
	MemoryBytesOver   int64   `yaml:"memoryBytesOver"`
}

// PlacementRules are the rules of placement.yaml. The slice is shared: do not change it.
func PlacementRules() []Rule { return placementRules() }

var placementRules = sync.OnceValue(func() []Rule {
	var doc struct{ Rules []Rule }
	if err := yaml.Unmarshal(placementData, &doc); err != nil {
		panic("placement.yaml: " + err.Error()) // it is part of the program, and a test reads it
	}
	return doc.Rules
})

// dependencyIndex finds the rules that look for a package, by ecosystem and name in lower case.
var dependencyIndex = sync.OnceValue(func() map[string]map[string][]string {
	out := map[string]map[string][]string{}
	for _, r := range PlacementRules() {
		for eco, names := range r.Needs.Dependencies {
			if out[eco] == nil {
				out[eco] = map[string][]string{}
			}
			for _, n := range names {
				n = strings.ToLower(n)
				out[eco][n] = append(out[eco][n], r.ID)
			}
		}
	}
	return out
})

// Placement says where a component belongs. signals and measured may be nil: then the rules that ask for them do not hold.
// A library belongs nowhere: its advice is empty.
func Placement(c *detect.Component, signals *Signals, measured *Measured) Advice {
	a := Advice{Component: c.Name, Reasons: []Reason{}}
	if c.Role.V == detect.Library {
		return a
	}
	p := &placing{c: c, signals: signals, measured: measured}
	var held []Rule
	for _, r := range PlacementRules() {
		if r.Needs.Stateless {
			continue // it asks what else holds
		}
		if p.try(r, &a) {
			held = append(held, r)
		}
	}
	for _, r := range PlacementRules() {
		if r.Needs.Stateless && p.stateless(held) && p.try(r, &a) {
			held = append(held, r)
		}
	}
	slices.SortStableFunc(a.Reasons, func(x, y Reason) int { return y.Weight - x.Weight })
	p.decide(held, &a)
	return a
}

// placing is one decision.
type placing struct {
	c        *detect.Component
	signals  *Signals
	measured *Measured
}

// try adds the rule's reason when the rule holds.
func (p *placing) try(r Rule, a *Advice) bool {
	if len(r.Roles) > 0 && !slices.Contains(r.Roles, p.c.Role.V) {
		return false
	}
	ev, ok := p.holds(r)
	if !ok {
		return false
	}
	reason := Reason{Rule: r.ID, Towards: r.Towards, Weight: r.Weight, Reason: r.Reason, Source: r.Source, Evidence: []detect.Evidence{}}
	for _, e := range ev {
		if len(reason.Evidence) < maxEvidence && !slices.Contains(reason.Evidence, e) {
			reason.Evidence = append(reason.Evidence, e)
		}
	}
	a.Reasons = append(a.Reasons, reason)
	return true
}

// holds reports whether a rule holds, with the places that show it.
func (p *placing) holds(r Rule) ([]detect.Evidence, bool) {
	n := r.Needs
	if n.NoDatabase && database(p.c) != nil {
		return nil, false
	}
	ev := slices.Clone(p.signals.of(p.c.Name, r.ID))
	ok := len(ev) > 0
	for _, s := range p.c.Services {
		if slices.Contains(n.Services, s.Kind) && s.Required {
			ev, ok = append(ev, s.Evidence...), true
		}
	}
	for _, x := range p.c.Readiness {
		if slices.Contains(n.Readiness, x.ID) {
			ev, ok = append(ev, x.Evidence...), true
		}
	}
	for _, v := range []struct {
		wanted []string
		value  detect.Value[string]
	}{{n.Packagings, p.c.Packaging}, {n.AppServers, p.c.AppServer}, {n.Platforms, p.c.Platform}} {
		if v.value.V != "" && slices.Contains(v.wanted, v.value.V) {
			ev, ok = append(ev, v.value.Evidence...), true
		}
	}
	if n.Schedules && len(p.c.Schedules) > 0 {
		for _, s := range p.c.Schedules {
			ev = append(ev, s.Evidence...)
		}
		ok = true
	}
	if db := database(p.c); db != nil && slices.Contains(n.FrameworksWithDatabase, p.c.Framework.V) {
		ev, ok = append(append(ev, p.c.Framework.Evidence...), db.Evidence...), true
	}
	if n.Always || n.Stateless {
		ev, ok = append(ev, p.c.Role.Evidence...), true
		if len(ev) == 0 {
			ev = append(ev, p.c.Framework.Evidence...)
		}
		if len(ev) == 0 {
			ev = append(ev, p.c.Language.Evidence...)
		}
	}
	return ev, ok || p.measuredBeyond(n.Measured)
}

func (p *placing) measuredBeyond(t Thresholds) bool {
	m := p.measured
	if m == nil {
		return false
	}
	return t.StartSecondsOver > 0 && m.StartSeconds > t.StartSecondsOver ||
		t.StartSecondsUnder > 0 && m.StartSeconds > 0 && m.StartSeconds < t.StartSecondsUnder ||
		t.RequestMillisOver > 0 && m.SlowestMillis > t.RequestMillisOver ||
		t.ImageBytesOver > 0 && m.ImageBytes > t.ImageBytesOver ||
		t.MemoryBytesOver > 0 && m.MemoryBytes > t.MemoryBytesOver
}

// stateless reports whether nothing that was found keeps anything between requests. What lies behind a route or a schedule
// of its own can be taken out, so it does not count.
func (p *placing) stateless(held []Rule) bool {
	if p.c.Role.V != detect.Web {
		return false
	}
	for _, r := range held {
		if r.Towards == Container && r.Weight >= 2 && r.Split != "route" && r.Split != "schedule" && !strings.HasPrefix(r.ID, "measured-") {
			return false
		}
	}
	return !slices.ContainsFunc(p.c.Writes, func(w detect.Value[string]) bool { return !temporary(w.V) })
}

// temporary reports whether a written directory holds nothing that must outlive a request.
func temporary(dir string) bool {
	for _, w := range []string{"tmp", "temp", "log", "logs", "cache", "run"} {
		for _, part := range strings.Split(strings.ToLower(dir), "/") {
			if part == w {
				return true
			}
		}
	}
	return false
}

// decide weighs what holds.
func (p *placing) decide(held []Rule, a *Advice) {
	weight := map[Place]int{}
	var firm int // what speaks for a container and cannot be taken out by route or schedule
	for _, r := range held {
		weight[r.Towards] += r.Weight
		if r.Towards == Container && r.Split != "route" && r.Split != "schedule" && r.Weight > 1 {
			firm++
		}
	}
	c, s := weight[Container], weight[Serverless]
	switch {
	case c == 0 && s == 0:
		a.Advice = Either
	case s == 0:
		a.Advice = Container
	case c == 0:
		a.Advice = Serverless
	case len(p.split(held, firm > 0, a)) > 0:
		a.Advice = Both
	case c > s:
		a.Advice = Container
	case s > c:
		a.Advice = Serverless
	default:
		a.Advice = Either
	}
	p.say(held, a)
}

// split says how the component would be taken apart, where what speaks for each side lies in parts of its own.
func (p *placing) split(held []Rule, firm bool, a *Advice) []Split {
	for _, r := range held {
		switch {
		case r.Towards == Serverless && r.Split == "queue" && firm && p.c.Role.V != detect.Function:
			a.add("queue", "a function takes each message ("+r.ID+") and starts the container's task for what takes longer than a function may; the container keeps the rest")
		case r.Towards == Serverless && r.Split == "route" && firm && p.c.Role.V != detect.Function:
			a.add("route", "the handlers that are written as functions ("+r.ID+") are deployed as such; the routes of the application stay in a container")
		case r.Towards == Container && r.Split == "route" && !firm:
			a.add("route", "the routes that keep connections open ("+r.ID+") run in a container; all others as functions behind the same gateway")
		case r.Towards == Container && r.Split == "schedule" && !firm:
			a.add("schedule", "what is started at certain times ("+r.ID+") runs as a task of the same image; the requests as functions")
		}
	}
	return a.Split
}

func (a *Advice) add(by, text string) {
	if !slices.ContainsFunc(a.Split, func(s Split) bool { return s.By == by }) {
		a.Split = append(a.Split, Split{By: by, Text: text})
	}
}

// say makes the sentence of the advice and lists what would change it: the causes of the side that won.
func (p *placing) say(held []Rule, a *Advice) {
	if a.Advice != Both {
		a.Split = nil
	}
	slices.SortStableFunc(held, func(x, y Rule) int { return y.Weight - x.Weight })
	for _, r := range held {
		if a.Advice == Both || r.Towards == a.Advice {
			a.Changes = append(a.Changes, r.ID+": "+r.Change)
		}
	}
	switch {
	case len(a.Reasons) == 0:
		a.Summary = "either: nothing was found that ties it to one"
		a.Changes = []string{"Open connections, sessions in memory, local files or long work would tie it to a container; a verification that measures its start and its requests would say more."}
	case a.Advice == Both:
		a.Summary = "both, split by " + a.Split[0].By + ": " + a.Split[0].Text
	case a.Advice == Either:
		a.Summary = "either: " + lowerFirst(a.Reasons[0].Reason)
	default:
		for _, r := range a.Reasons {
			if r.Towards == a.Advice {
				a.Summary = fmt.Sprintf("%s: %s", a.Advice, lowerFirst(r.Reason))
				break
			}
		}
	}
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && (s[1] < 'A' || s[1] > 'Z') {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// Place is the reason's first place as people write it: "config/cable.yml:3". Empty: it was measured, or is the component's kind.
func (r Reason) Place() string {
	if len(r.Evidence) == 0 {
		return ""
	}
	if e := r.Evidence[0]; e.Line > 0 {
		return fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	return r.Evidence[0].File
}

// Because is the reason of the advice in one line, with the places that show it: those of the strongest reasons for what is advised.
func (a Advice) Because() (string, []detect.Evidence) {
	var evidence []detect.Evidence
	for _, r := range a.Reasons {
		if (r.Towards == a.Advice || a.Advice == Both || a.Advice == Either) && len(evidence) < maxEvidence && len(r.Evidence) > 0 {
			evidence = append(evidence, r.Evidence[0])
		}
	}
	_, why, found := strings.Cut(a.Summary, ": ")
	if !found {
		why = a.Summary
	}
	return why, evidence
}
