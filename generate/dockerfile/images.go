package dockerfile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/templates"
)

// imageTable is a stack's images.yaml: which base image a stage gets. The file of the
// ruby stack describes the columns.
type imageTable struct {
	Default map[string]string            `yaml:"default"`
	Aliases map[string]map[string]string `yaml:"aliases"`
	Stages  map[string][]imageRow        `yaml:",inline"`
	rules   templates.Rules
}

type imageRow struct {
	When     map[string]string `yaml:"when"`
	Image    string            `yaml:"image"`
	Versions []string          `yaml:"versions"`
	Of       string            `yaml:"of"`
	Rule     string            `yaml:"rule"`
	Has      []string          `yaml:"has"`
	Closed   bool              `yaml:"closed"`
	Why      string            `yaml:"why"`
}

// choice is a base image with what is known about it.
type choice struct {
	detect.Value[string]
	has    []string // packages that it carries
	closed bool     // others cannot be installed
}

func loadTable(fsys fs.FS, stack string, rules templates.Rules) (*imageTable, error) {
	data, err := fs.ReadFile(fsys, path.Join(stack, "images.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &generate.UnsupportedError{Message: fmt.Sprintf("no template for the stack %q yet", stack)}
	}
	if err != nil {
		return nil, err
	}
	t := imageTable{rules: rules}
	if err := yaml.Unmarshal(data, &t); err != nil {
		return nil, fmt.Errorf("%s/images.yaml: %w", stack, err)
	}
	return &t, t.addCommon(fsys)
}

// addCommon adds the stages of common/images.yaml that the stack's own table does not have.
func (t *imageTable) addCommon(fsys fs.FS) error {
	data, err := fs.ReadFile(fsys, "common/images.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var common imageTable
	if err := yaml.Unmarshal(data, &common); err != nil {
		return fmt.Errorf("common/images.yaml: %w", err)
	}
	for stage, rows := range common.Stages {
		if t.Stages == nil {
			t.Stages = map[string][]imageRow{}
		}
		if _, own := t.Stages[stage]; !own {
			t.Stages[stage] = rows
		}
	}
	return nil
}

// choose returns the base image of a stage for a component. The error says what is missing.
func (t *imageTable) choose(c *plan.Component, stage string) (choice, error) {
	f := t.facts(c)
	var firstErr error
	for _, row := range t.Stages[stage] {
		if !f.all(row.When) {
			continue
		}
		image, err := row.fill(f)
		if err != nil {
			firstErr = cmp.Or(firstErr, err)
			continue
		}
		v := detect.Value[string]{V: image, From: f.from, Evidence: f.evidence, Why: row.Why}
		if use, rule := t.rules.BaseImage(image); use != "" {
			v.V, v.Why = use, fmt.Sprintf("the house rule for %s, instead of %s", rule, image)
		}
		return choice{v, row.Has, row.Closed}, nil
	}
	if firstErr != nil {
		return choice{}, firstErr
	}
	return choice{}, &generate.UnsupportedError{Message: fmt.Sprintf("no base image of the %s stage is known for %s: set images.%s", stage, f.describe(), stage), Field: "images." + stage}
}

// properties are a component's fields as the conditions see them.
type properties struct {
	c        *plan.Component
	version  string // the language version, or the default
	from     detect.Origin
	evidence []detect.Evidence
	aliases  map[string]map[string]string
}

func (t *imageTable) facts(c *plan.Component) properties {
	f := properties{c: c, version: c.LanguageVersion.V, from: detect.Inferred, evidence: c.LanguageVersion.Evidence, aliases: t.Aliases}
	if f.version == "" {
		f.version = t.Default["languageVersion"]
	}
	if c.LanguageVersion.From == detect.Default || c.LanguageVersion.From == "" {
		f.from = detect.Default
	}
	return f
}

// get returns the value of a field by its name below the component, or "".
func (f properties) get(name string) string {
	if key, ok := strings.CutPrefix(name, "facts."); ok {
		return f.c.Fact(key)
	}
	value := ""
	switch name {
	case "languageVersion":
		value = f.version
	case "precise":
		value = fmt.Sprint(len(numbers(f.version)) >= 3)
	case "language":
		value = f.c.Language.V
	case "framework":
		value = f.c.Framework.V
	case "frameworkVersion":
		value = f.c.FrameworkVersion.V
	case "platform":
		value = f.c.Platform.V
	case "build":
		value = f.c.Build.V
	case "packaging":
		value = f.c.Packaging.V
	case "appServer":
		value = f.c.AppServer.V
	case "appServerVersion":
		value = f.c.AppServerVersion.V
	case "role":
		value = string(f.c.Role.V)
	}
	if alias, ok := f.aliases[name][value]; ok {
		return alias
	}
	return value
}

// first returns the first of several fields, joined by "|", that has a value.
func (f properties) first(names string) string {
	for _, name := range strings.Split(names, "|") {
		if v := f.get(name); v != "" {
			return v
		}
	}
	return ""
}

func (f properties) all(when map[string]string) bool {
	for name, want := range when {
		if field, ok := strings.CutPrefix(name, "evidence."); ok {
			if field != "languageVersion" || !slices.ContainsFunc(f.c.LanguageVersion.Evidence, func(e detect.Evidence) bool { return path.Base(e.File) == want }) {
				return false
			}
			continue
		}
		if !holds(want, f.get(name)) {
			return false
		}
	}
	return true
}

// holds reports whether a value meets a condition: alternatives joined by "|",
// each a conjunction of comparisons joined by spaces.
func holds(condition, value string) bool {
	for _, alternative := range strings.Split(condition, "|") {
		if alternative == "" || alternative == "*" {
			if (value == "") == (alternative == "") {
				return true
			}
			continue
		}
		ok := true
		for _, term := range strings.Fields(alternative) {
			ok = ok && compares(term, value)
		}
		if ok {
			return true
		}
	}
	return false
}

func compares(term, value string) bool {
	for _, op := range []string{"<=", ">=", "<", ">"} {
		bound, ok := strings.CutPrefix(term, op)
		if !ok {
			continue
		}
		if len(numbers(value)) == 0 {
			return false
		}
		order := compare(value, bound)
		switch op {
		case "<=":
			return order <= 0
		case ">=":
			return order >= 0
		case "<":
			return order < 0
		default:
			return order > 0
		}
	}
	return term == value
}

// fill puts the solved version into the image's name.
func (r imageRow) fill(f properties) (string, error) {
	of := cmp.Or(r.Of, "languageVersion")
	wanted := f.first(of)
	solved := strings.Map(func(c rune) rune { // Ruby's "2.1.5p273" is tagged 2.1.5
		if c == '+' {
			return '-'
		}
		return c
	}, trimPatchLevel(wanted))
	if len(r.Versions) > 0 {
		var ok bool
		if solved, ok = solve(r.Versions, wanted, r.Rule); !ok {
			return "", &generate.UnsupportedError{Message: fmt.Sprintf("no image of %s is known for version %q; there are %s", strings.SplitN(r.Image, ":", 2)[0], wanted, strings.Join(r.Versions, ", ")), Field: of}
		}
	}
	if wanted == "" && strings.Contains(r.Image, "{"+of+"}") {
		return "", &generate.UnsupportedError{Message: fmt.Sprintf("the image %s needs %s, which is not known", r.Image, of), Field: of}
	}
	image := strings.ReplaceAll(r.Image, "{"+of+"}", solved)
	return strings.ReplaceAll(image, "{languageVersion}", solved), nil
}

// trimPatchLevel turns "2.1.5p273" and "2.1.5-p273" into "2.1.5".
func trimPatchLevel(v string) string {
	if i := strings.LastIndexByte(v, 'p'); i > 0 && i < len(v)-1 && strings.Trim(v[i+1:], "0123456789") == "" {
		return strings.TrimRight(v[:i], "-")
	}
	return v
}

// solve picks one of the ascending versions for a wanted one.
func solve(versions []string, wanted, rule string) (string, bool) {
	if len(numbers(wanted)) == 0 {
		return "", false
	}
	if rule == "up" || rule == "near" {
		for _, v := range versions {
			if within(wanted, v) || compare(v, wanted) >= 0 {
				return v, true
			}
		}
		return versions[len(versions)-1], rule == "near"
	}
	best := ""
	for _, v := range versions {
		if within(wanted, v) || within(v, wanted) { // "3" alone means the newest 3
			best = v
		}
	}
	return best, best != ""
}

// within reports whether version v is release r or one of its patches: 3.1.7 is within 3.1.
func within(v, r string) bool {
	have, want := numbers(v), numbers(r)
	return len(want) > 0 && len(have) >= len(want) && slices.Equal(have[:len(want)], want)
}

func compare(a, b string) int {
	x, y := numbers(a), numbers(b)
	for len(x) < len(y) {
		x = append(x, 0)
	}
	for len(y) < len(x) {
		y = append(y, 0)
	}
	return slices.Compare(x, y)
}

// numbers are the leading numeric parts of a version: "3.1.2p20" is 3, 1, 2.
func numbers(version string) []int {
	var out []int
	for _, part := range strings.Split(version, ".") {
		n, digits := 0, 0
		for digits < len(part) && digits < 9 && part[digits] >= '0' && part[digits] <= '9' {
			n = n*10 + int(part[digits]-'0')
			digits++
		}
		if digits == 0 {
			break
		}
		out = append(out, n)
		if digits < len(part) {
			break
		}
	}
	return out
}

func (f properties) describe() string {
	var parts []string
	for _, name := range []string{"language", "languageVersion", "build", "packaging", "appServer", "appServerVersion"} {
		if v := f.get(name); v != "" {
			parts = append(parts, name+" "+v)
		}
	}
	return strings.Join(parts, ", ")
}
