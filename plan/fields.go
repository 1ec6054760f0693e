package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Field is one decision of a plan as people see it: a row of the wizard, a line
// of drydock.yaml, a key of --set.
type Field struct {
	Path     string   // "components.web.languageVersion": the --set key and the path in drydock.yaml
	Keys     []string // that lead to it in drydock.yaml: a name among them may hold dots
	Label    string   // for people: "language version"
	Value    string   // as --set takes it; lists joined by commas, commands as shell words
	From     detect.Origin
	Evidence []detect.Evidence
	Why      string
	Options  []string // sensible values; empty: free text
	Editable bool
}

// Guessed reports whether nothing in the repository states the value and nobody has decided it.
func (f Field) Guessed() bool { return f.From == detect.Default }

// form is how a field's value is written.
type form int

const (
	scalar  form = iota // a plain value
	integer             // a number
	list                // "a,b" on the command line, a sequence in YAML
	command             // shell words on the command line, a sequence in YAML
)

// raw is a field's value before it is checked: from --set, from YAML or from the plan.
type raw struct {
	text  string
	items []string
	null  bool // removes what the field names
	seq   bool // items holds the value
}

// item is a present value of a field.
type item struct {
	keys     []string // what the stars of the pattern stand for
	val      raw
	from     detect.Origin
	evidence []detect.Evidence
	why      string
}

// field describes one kind of decision. The table of them is the only place
// that knows the plan's fields: --set, drydock.yaml, the wizard and explain all go through it.
type field struct {
	pattern string // a star stands for a name; a last star for the rest of the path
	label   string
	form    form
	fixed   bool // shown and written, but found, not chosen
	options func(p *Plan, keys []string) []string
	// items lists the present values: those of one component or service by its name, or of all for "".
	items func(p *Plan, of string) []item
	// set changes the value. It checks first and leaves the plan alone when it returns an error.
	set func(p *Plan, keys []string, v raw, by origin) error
}

// origin says who sets a value.
type origin struct {
	from     detect.Origin
	evidence []detect.Evidence
	why      string
}

func (o origin) string(v string) detect.Value[string] {
	return detect.Value[string]{V: v, From: o.from, Evidence: o.evidence, Why: o.why}
}

func (o origin) int(v string) detect.Value[int] {
	n, _ := strconv.Atoi(v) // every caller has checked it
	return detect.Value[int]{V: n, From: o.from, Evidence: o.evidence, Why: o.why}
}

// scalarField is a finding of a component that is a string.
type scalarField struct {
	name, label string
	value       func(*Component) *detect.Value[string]
	check       func(string) error
	options     []string
}

// componentScalars are in the order in which drydock.yaml shows them. The
// vocabularies are the contract's; another word is allowed where a template may know it.
var componentScalars = []scalarField{
	{"language", "language", func(c *Component) *detect.Value[string] { return &c.Language }, checkWord, nil},
	{"languageVersion", "language version", func(c *Component) *detect.Value[string] { return &c.LanguageVersion }, checkVersion, nil},
	{"framework", "framework", func(c *Component) *detect.Value[string] { return &c.Framework }, checkWord, nil},
	{"frameworkVersion", "framework version", func(c *Component) *detect.Value[string] { return &c.FrameworkVersion }, checkVersion, nil},
	{"build", "build tool", func(c *Component) *detect.Value[string] { return &c.Build }, checkWord, nil},
	{"packaging", "packaging", func(c *Component) *detect.Value[string] { return &c.Packaging }, checkWord, []string{"jar", "war", "ear"}},
	{"appServer", "application server", func(c *Component) *detect.Value[string] { return &c.AppServer }, checkWord, nil},
	{"appServerVersion", "server version", func(c *Component) *detect.Value[string] { return &c.AppServerVersion }, checkVersion, nil},
	{"healthPath", "health path", func(c *Component) *detect.Value[string] { return &c.HealthPath }, checkURLPath, nil},
	{"platform", "platform", func(c *Component) *detect.Value[string] { return &c.Platform }, checkWord, []string{"linux", "windows"}},
	{"placement", "placement", func(c *Component) *detect.Value[string] { return &c.Placement }, checkPlacement, placements},
}

// placements are the advices where a component belongs.
var placements = []string{"container", "serverless", "either", "both"}

func checkPlacement(s string) error {
	if !slices.Contains(placements, s) {
		return fmt.Errorf("%q is no placement; there are %s", s, strings.Join(placements, ", "))
	}
	return nil
}

var roles = []string{"web", "worker", "batch", "spa", "static", "cli", "library", "function", "inference", "training"}

// fields is the table, in the order in which drydock.yaml is written.
var fields = buildFields()

func buildFields() []*field {
	all := []*field{
		{
			pattern: "name", label: "project name", items: func(p *Plan, _ string) []item {
				return []item{{val: raw{text: p.Name}, from: detect.Inferred, why: "name of the source"}}
			},
			set: func(p *Plan, _ []string, v raw, _ origin) error {
				if err := checkName(v.text); err != nil {
					return err
				}
				p.Name = v.text
				return nil
			},
		},
		{
			pattern: "targets", label: "targets", form: list, options: func(p *Plan, _ []string) []string { return p.targets },
			items: func(p *Plan, _ string) []item {
				return []item{{val: raw{items: p.Targets, seq: true}, from: detect.Default, why: "what is generated"}}
			},
			set: func(p *Plan, _ []string, v raw, _ origin) error {
				if err := p.checkTargets(v.items); err != nil {
					return err
				}
				p.Targets = slices.Compact(slices.Clone(v.items))
				return nil
			},
		},
		{
			pattern: "registry", label: "registry", items: func(p *Plan, _ string) []item {
				if p.Registry == "" {
					return nil
				}
				return []item{{val: raw{text: p.Registry}, from: detect.Chosen}}
			},
			set: func(p *Plan, _ []string, v raw, _ origin) error {
				if v.text != "" {
					if err := checkRegistry(v.text); err != nil {
						return err
					}
				}
				p.Registry = v.text
				return nil
			},
		},
	}
	all = append(all, componentFields()...)
	all = append(all, serviceFields()...)
	all = append(all, secretFields()...)
	return append(all, digestField())
}

func (p *Plan) checkTargets(names []string) error {
	if len(names) == 0 {
		return errors.New("no target is named")
	}
	for _, n := range names {
		if err := checkWord(n); err != nil {
			return err
		}
		if len(p.targets) > 0 && !slices.Contains(p.targets, n) {
			return fmt.Errorf("%q is not a target; there are %s", n, strings.Join(p.targets, ", "))
		}
	}
	return nil
}

// eachComponent lists a field's value in every component.
func eachComponent(list func(c *Component) []item) func(*Plan, string) []item {
	return func(p *Plan, of string) []item {
		var out []item
		for i := range p.Components {
			if of != "" && of != p.Components[i].Name {
				continue
			}
			for _, it := range list(&p.Components[i]) {
				it.keys = append([]string{p.Components[i].Name}, it.keys...)
				out = append(out, it)
			}
		}
		return out
	}
}

// inComponent makes a setter that is given the component named first in the path.
func inComponent(set func(p *Plan, c *Component, keys []string, v raw, by origin) error) func(*Plan, []string, raw, origin) error {
	return func(p *Plan, keys []string, v raw, by origin) error {
		c := p.Component(keys[0])
		if c == nil {
			return unknown("component", keys[0], p.componentNames())
		}
		return set(p, c, keys[1:], v, by)
	}
}

func (p *Plan) componentNames() []string {
	names := make([]string, len(p.Components))
	for i := range p.Components {
		names[i] = p.Components[i].Name
	}
	return names
}

func stringItem(v detect.Value[string]) []item {
	if v.V == "" {
		return nil
	}
	return []item{{val: raw{text: v.V}, from: v.From, evidence: v.Evidence, why: v.Why}}
}

func intItem(v detect.Value[int]) []item {
	if v.V == 0 {
		return nil
	}
	return []item{{val: raw{text: strconv.Itoa(v.V)}, from: v.From, evidence: v.Evidence, why: v.Why}}
}

func componentFields() []*field {
	all := []*field{
		{
			pattern: "components.*.path", label: "directory", fixed: true,
			items: eachComponent(func(c *Component) []item {
				return []item{{val: raw{text: c.Path}, from: detect.Inferred, why: "where it was found"}}
			}),
		},
		{
			pattern: "components.*.role", label: "role", options: func(*Plan, []string) []string { return roles },
			items: eachComponent(func(c *Component) []item {
				return stringItem(detect.Value[string]{V: string(c.Role.V), From: c.Role.From, Evidence: c.Role.Evidence, Why: c.Role.Why})
			}),
			set: inComponent(func(_ *Plan, c *Component, _ []string, v raw, by origin) error {
				if !slices.Contains(roles, v.text) {
					return fmt.Errorf("%q is not a role; there are %s", v.text, strings.Join(roles, ", "))
				}
				c.Role = detect.Value[detect.Role]{V: detect.Role(v.text), From: by.from, Evidence: by.evidence, Why: by.why}
				return nil
			}),
		},
	}
	for _, s := range componentScalars {
		all = append(all, &field{
			pattern: "components.*." + s.name, label: s.label,
			options: func(p *Plan, keys []string) []string { return scalarOptions(p, keys, s) },
			items:   eachComponent(func(c *Component) []item { return stringItem(*s.value(c)) }),
			set: inComponent(func(_ *Plan, c *Component, _ []string, v raw, by origin) error {
				if v.null {
					*s.value(c) = detect.Value[string]{}
					return nil
				}
				if err := s.check(v.text); err != nil {
					return err
				}
				*s.value(c) = by.string(v.text)
				return nil
			}),
		})
	}
	all = append(all, componentNumbers()...)
	return append(all, componentMaps()...)
}

// scalarOptions are the value, what other sources say, and the field's vocabulary.
func scalarOptions(p *Plan, keys []string, s scalarField) []string {
	var out []string
	if c := p.Component(keys[0]); c != nil {
		if v := s.value(c); len(v.Others) > 0 {
			out = append(out, v.V)
			for _, o := range v.Others {
				out = append(out, o.V)
			}
		}
	}
	for _, o := range s.options {
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

func componentNumbers() []*field {
	numberField := func(name, label string, value func(*Component) *detect.Value[int], check func(string) error) *field {
		return &field{
			pattern: "components.*." + name, label: label, form: integer,
			items: eachComponent(func(c *Component) []item { return intItem(*value(c)) }),
			set: inComponent(func(_ *Plan, c *Component, _ []string, v raw, by origin) error {
				if v.null {
					*value(c) = detect.Value[int]{}
					return nil
				}
				if err := check(v.text); err != nil {
					return err
				}
				old := value(c).V
				*value(c) = by.int(v.text)
				if name == "port" {
					c.followPort(old, by)
				}
				if name == "cpu" {
					c.setWorkers()
				}
				return nil
			}),
		}
	}
	return []*field{
		readOnlyField(),
		numberField("port", "port", func(c *Component) *detect.Value[int] { return &c.Port }, checkPort),
		numberField("cpu", "CPU (1/1024 core)", func(c *Component) *detect.Value[int] { return &c.CPU }, number(1, 196608, "1/1024 of a core")),
		numberField("memory", "memory (MiB)", func(c *Component) *detect.Value[int] { return &c.Memory }, number(4, 1<<20, "MiB")),
	}
}

// followPort changes the variables that tell the server its port along with the port.
func (c *Component) followPort(old int, by origin) {
	for i := range c.Settings {
		s := &c.Settings[i]
		if (s.Name == "PORT" || s.Name == "SERVER_PORT") && s.From != detect.Chosen && s.Value == strconv.Itoa(old) {
			s.Value, s.Evidence = strconv.Itoa(c.Port.V), append(slices.Clone(by.evidence), s.Evidence...)
		}
	}
}

func readOnlyField() *field {
	answers := []string{"true", "false"}
	return &field{
		pattern: "components.*.readOnly", label: "read-only root", options: func(*Plan, []string) []string { return answers },
		items: eachComponent(func(c *Component) []item { return stringItem(c.ReadOnly) }),
		set: inComponent(func(_ *Plan, c *Component, _ []string, v raw, by origin) error {
			if !slices.Contains(answers, v.text) {
				return fmt.Errorf("%q is neither true nor false", v.text)
			}
			c.ReadOnly = by.string(v.text)
			return nil
		}),
	}
}

// imageStages are the stages whose base image can be chosen.
var imageStages = []string{"build", "run", "node", "server", "frontend", "composer", "modules", "driver", "meteor"}

func componentMaps() []*field {
	return []*field{
		{
			pattern: "components.*.images.*", label: "base image",
			items: eachComponent(func(c *Component) []item {
				return mapItems(c.BaseImages)
			}),
			set: inComponent(func(_ *Plan, c *Component, keys []string, v raw, by origin) error {
				if !slices.Contains(imageStages, keys[0]) {
					return unknown("stage", keys[0], imageStages)
				}
				if v.null {
					delete(c.BaseImages, keys[0])
					return nil
				}
				if err := checkImage(v.text); err != nil {
					return err
				}
				if c.BaseImages == nil {
					c.BaseImages = map[string]detect.Value[string]{}
				}
				c.BaseImages[keys[0]] = by.string(v.text)
				return nil
			}),
		},
		packageField("build"),
		packageField("run"),
		{
			pattern: "components.*.processes.*", label: "process", form: command,
			items: eachComponent(func(c *Component) []item {
				var out []item
				for _, x := range c.Processes {
					out = append(out, item{keys: []string{x.Name}, val: raw{items: x.Command, seq: true}, from: x.From, evidence: x.Evidence, why: x.Why})
				}
				return out
			}),
			set: inComponent(setProcess),
		},
		{
			pattern: "components.*.schedules.*", label: "schedule",
			items: eachComponent(func(c *Component) []item {
				var out []item
				for _, x := range c.Schedules {
					out = append(out, item{keys: []string{x.Name}, val: raw{text: x.Cron + " " + ShellWords(x.Command)}, from: x.From, evidence: x.Evidence, why: x.Why})
				}
				return out
			}),
			set: inComponent(setSchedule),
		},
		{
			pattern: "components.*.env.*", label: "environment",
			items: eachComponent(func(c *Component) []item {
				var out []item
				for _, s := range c.Settings {
					out = append(out, item{keys: []string{s.Name}, val: raw{text: s.Value}, from: s.From, evidence: s.Evidence, why: s.Why})
				}
				return out
			}),
			set: inComponent(func(p *Plan, c *Component, keys []string, v raw, by origin) error {
				return p.setSetting(&c.Settings, keys[0], v, by)
			}),
		},
		{
			pattern: "components.*.writes", label: "written directories", form: list,
			items: eachComponent(func(c *Component) []item {
				if len(c.Writes) == 0 {
					return nil
				}
				it := item{val: raw{items: c.Writable(), seq: true}, from: c.Writes[0].From, why: c.Writes[0].Why}
				for _, w := range c.Writes {
					it.evidence = append(it.evidence, w.Evidence...)
				}
				return []item{it}
			}),
			set: inComponent(func(_ *Plan, c *Component, _ []string, v raw, by origin) error {
				var writes []detect.Value[string]
				for _, dir := range v.items {
					if err := checkWritten(dir); err != nil {
						return err
					}
					writes = append(writes, by.string(dir))
				}
				c.Writes = writes
				return nil
			}),
		},
		{
			pattern: "components.*.facts.*", label: "fact",
			items: eachComponent(func(c *Component) []item { return mapItems(c.Facts) }),
			set: inComponent(func(_ *Plan, c *Component, keys []string, v raw, by origin) error {
				if v.null {
					delete(c.Facts, keys[0])
					return nil
				}
				if err := cmp.Or(checkFact(keys[0]), checkText(v.text)); err != nil {
					return err
				}
				if c.Facts == nil {
					c.Facts = map[string]detect.Value[string]{}
				}
				c.Facts[keys[0]] = by.string(v.text)
				return nil
			}),
		},
	}
}

func mapItems(m map[string]detect.Value[string]) []item {
	var out []item
	for _, k := range sortedKeys(m) {
		for _, it := range stringItem(m[k]) {
			it.keys = []string{k}
			out = append(out, it)
		}
	}
	return out
}

func setProcess(_ *Plan, c *Component, keys []string, v raw, by origin) error {
	name := keys[0]
	if v.null {
		c.Processes = slices.DeleteFunc(c.Processes, func(x detect.Process) bool { return x.Name == name })
		c.setWorkers()
		return nil
	}
	if err := cmp.Or(checkWord(name), checkCommand(v.items)); err != nil {
		return err
	}
	process := detect.Process{Name: name, Command: v.items, From: by.from, Why: by.why, Evidence: by.evidence}
	for i := range c.Processes {
		if c.Processes[i].Name == name {
			c.Processes[i] = process
			c.setWorkers()
			return nil
		}
	}
	c.Processes = append(c.Processes, process)
	c.setWorkers()
	return nil
}

// setSchedule reads a line as crontab has it: "0 3 * * * bin/nightly".
func setSchedule(_ *Plan, c *Component, keys []string, v raw, by origin) error {
	name := keys[0]
	if v.null {
		c.Schedules = slices.DeleteFunc(c.Schedules, func(x detect.Schedule) bool { return x.Name == name })
		return nil
	}
	words := strings.Fields(v.text)
	if len(words) < 6 {
		return fmt.Errorf("%q is not five fields of cron and a command", detect.Printable(v.text, 80))
	}
	rest := strings.TrimSpace(v.text)
	for range 5 {
		rest = strings.TrimLeft(rest[strings.IndexAny(rest, " \t"):], " \t")
	}
	command, err := ParseWords(rest)
	if err != nil {
		return err
	}
	cron := strings.Join(words[:5], " ")
	if err := cmp.Or(checkScheduleName(name), checkCron(cron), checkCommand(command)); err != nil {
		return err
	}
	schedule := detect.Schedule{Name: name, Cron: cron, Command: command, From: by.from, Why: by.why, Evidence: by.evidence}
	for i := range c.Schedules {
		if c.Schedules[i].Name == name {
			c.Schedules[i] = schedule
			return nil
		}
	}
	c.Schedules = append(c.Schedules, schedule)
	return nil
}

// setSetting sets or removes one variable of a component's or service's environment.
func (p *Plan) setSetting(settings *[]Setting, name string, v raw, by origin) error {
	if v.null {
		*settings = slices.DeleteFunc(*settings, func(s Setting) bool { return s.Name == name })
		return nil
	}
	if err := cmp.Or(checkSetting(name), checkText(v.text)); err != nil {
		return err
	}
	s := Setting{Name: name, Value: v.text, Secret: len(p.References(v.text)) > 0, From: by.from, Why: by.why, Evidence: by.evidence}
	at, found := slices.BinarySearchFunc(*settings, name, func(s Setting, n string) int { return cmp.Compare(s.Name, n) })
	if found {
		(*settings)[at] = s
	} else {
		*settings = slices.Insert(*settings, at, s)
	}
	return nil
}

// packageField shows the Debian packages of a stage over all findings, and replaces them as a whole.
func packageField(stage string) *field {
	return &field{
		pattern: "components.*.systemPackages." + stage, label: "packages of the " + stage + " stage", form: list,
		items: eachComponent(func(c *Component) []item {
			names := c.Packages(stage)
			if len(names) == 0 && len(c.SystemPackages) == 0 {
				return nil
			}
			it := item{val: raw{items: names, seq: true}, from: detect.Inferred}
			var whys []string
			for _, s := range c.SystemPackages {
				if len(stagePackages(s, stage)) == 0 {
					continue
				}
				it.evidence = append(it.evidence, s.Evidence...)
				if s.Why != "" && !slices.Contains(whys, s.Why) {
					whys = append(whys, s.Why)
				}
				if s.Name == chosenPackages {
					it.from, it.evidence, whys = detect.Chosen, s.Evidence, nil
					if s.Why != "" {
						whys = []string{s.Why}
					}
				}
			}
			it.why = strings.Join(whys, "; ")
			if len(names) == 0 {
				return nil
			}
			return []item{it}
		}),
		set: inComponent(func(_ *Plan, c *Component, _ []string, v raw, by origin) error {
			for _, name := range v.items {
				if err := checkPackage(name); err != nil {
					return err
				}
			}
			c.choosePackages(stage, v.items, by)
			return nil
		}),
	}
}

// chosenPackages names the entry that holds what a person or a remedy has chosen.
const chosenPackages = "chosen"

func stagePackages(s detect.SystemPackage, stage string) []string {
	if stage == "build" {
		return s.Build
	}
	return s.Run
}

// Packages are the Debian packages of a stage ("build" or "run"), sorted, without repetition.
func (c *Component) Packages(stage string) []string {
	var out []string
	for _, s := range c.SystemPackages {
		out = append(out, stagePackages(s, stage)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// choosePackages replaces the packages of one stage: findings keep those that
// are still wanted, and the rest is put down as chosen, apart from what was chosen
// for the other stage, which has its own reason.
func (c *Component) choosePackages(stage string, wanted []string, by origin) {
	rest := slices.Clone(wanted)
	kept := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(wanted, n) })
	}
	var out []detect.SystemPackage
	for _, s := range c.SystemPackages {
		if s.Name == chosenPackages {
			if len(stagePackages(s, stage)) == 0 {
				out = append(out, s)
			}
			continue
		}
		if stage == "build" {
			s.Build = kept(s.Build)
		} else {
			s.Run = kept(s.Run)
		}
		for _, n := range stagePackages(s, stage) {
			rest = slices.DeleteFunc(rest, func(r string) bool { return r == n })
		}
		out = append(out, s)
	}
	if len(rest) > 0 {
		mine := detect.SystemPackage{Name: chosenPackages, Why: by.why, Evidence: by.evidence}
		if stage == "build" {
			mine.Build = rest
		} else {
			mine.Run = rest
		}
		out = append(out, mine)
	}
	c.SystemPackages = out
}

// unknown is the error for a name that is not there, with the nearest that is.
func unknown(what, name string, have []string) error {
	if near := nearest(name, have); len(near) > 0 {
		return fmt.Errorf("no %s %q; the nearest: %s", what, detect.Printable(name, 60), strings.Join(near, ", "))
	}
	if len(have) == 0 {
		return fmt.Errorf("no %s %q: there is none", what, detect.Printable(name, 60))
	}
	return fmt.Errorf("no %s %q; there are %s", what, detect.Printable(name, 60), strings.Join(have, ", "))
}
