// Package dockerfile makes a Dockerfile for each image of a plan, and the
// .dockerignore of its context.
package dockerfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/templates"
)

// Target makes Dockerfiles from the templates of a file system.
type Target struct {
	// Templates holds a folder per stack and common.
	Templates fs.FS
	// Exists reports whether a path of the source exists, so that Check can say that a COPY would fail; nil: not checked.
	Exists func(path string) bool
}

// Name is "dockerfile".
func (Target) Name() string { return "dockerfile" }

// Describe says what the target is for.
func (Target) Describe() string { return "Dockerfile and .dockerignore: an image that runs anywhere" }

// Generate makes a Dockerfile for each image, and one .dockerignore for each context.
func (t Target) Generate(ctx context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	rules, err := templates.ReadRules(t.Templates)
	if err != nil {
		return nil, err
	}
	var out []generate.Artifact
	groups := p.ImageGroups()
	for _, g := range groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a, err := t.one(p, g, rules)
		if err != nil {
			return nil, inComponent(g.Components[0].Name, err)
		}
		out = append(out, a)
	}
	var roots []string
	for _, g := range groups {
		if !slices.Contains(roots, g.Root) {
			roots = append(roots, g.Root)
			out = append(out, ignoreFile(g.Root, groups))
		}
	}
	programs, err := t.servers(p, groups)
	if err != nil {
		return nil, err
	}
	return append(append(out, programs...), t.authorities(groups, rules)...), nil
}

// inComponent says which component an error is about; a field that it names gets its whole path.
func inComponent(name string, err error) error {
	var u *generate.UnsupportedError
	if errors.As(err, &u) && u.Field != "" && !strings.HasPrefix(u.Field, "components.") {
		u.Field = "components." + name + "." + u.Field
	}
	return fmt.Errorf("component %s: %w", name, err)
}

// setField is how messages of templates name the field that helps: "set facts.packages", "set appServer to tomcat".
var setField = regexp.MustCompile(`\bset ([a-z][A-Za-z]*(?:\.[A-Za-z]+)*)\b`)

func namedField(message string) string {
	if m := setField.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// one renders the Dockerfile of an image.
func (t Target) one(p *plan.Plan, g plan.ImageGroup, rules templates.Rules) (generate.Artifact, error) {
	c := g.Components[0]
	name := path.Join(c.Stack, "Dockerfile.tmpl")
	if c.Platform.V == "windows" {
		name = path.Join(c.Stack, "windows.tmpl")
		if _, err := fs.Stat(t.Templates, name); err != nil {
			return generate.Artifact{}, &generate.UnsupportedError{Message: fmt.Sprintf("no template for Windows containers: the stack %s has none", c.Stack)}
		}
	}
	table, err := loadTable(t.Templates, c.Stack, rules)
	if err != nil {
		return generate.Artifact{}, err
	}
	v := &view{p: p, g: g, c: c, table: table, files: t.Templates}
	content, origins, err := generate.Template{
		FS: t.Templates, Name: name, Funcs: funcs, Data: v,
		Plan: p, Scope: "components." + c.Name, Resolve: v.resolve,
	}.Render()
	if err != nil {
		return generate.Artifact{}, err
	}
	if content, origins, err = withSurroundings(content, origins, v); err != nil {
		return generate.Artifact{}, err
	}
	if content, origins, err = withAuthorities(content, origins, rules.Authorities(), c); err != nil {
		return generate.Artifact{}, err
	}
	if content, origins, err = labelled(content, origins, rules.Labels); err != nil {
		return generate.Artifact{}, err
	}
	return generate.Artifact{Path: g.Dockerfile, Mode: 0o644, Content: content, Origins: origins, Target: t.Name()}, nil
}

// labelled adds the labels of the house rules after the one that every template has.
func labelled(content []byte, origins []generate.Origin, labels map[string]string) ([]byte, []generate.Origin, error) {
	if len(labels) == 0 {
		return content, origins, nil
	}
	var lines []string
	var reasons []generate.Origin
	for i, l := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		lines, reasons = append(lines, l), append(reasons, origins[i])
		if !strings.HasPrefix(l, "LABEL org.opencontainers.image.title=") {
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(labels)) {
			value, err := envValue(labels[k])
			if err != nil {
				return nil, nil, fmt.Errorf("label %s: %w", k, err)
			}
			lines[len(lines)-1] += " \\"
			lines = append(lines, "      "+k+"="+value)
			reasons = append(reasons, generate.Origin{Why: "a label that the house rules put on every image"})
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n"), reasons, nil
}

// Images returns the function that plan.Options.Images takes: the base images
// that the templates choose for a component.
func Images(files fs.FS) func(*plan.Component) map[string]detect.Value[string] {
	rules, rulesErr := templates.ReadRules(files)
	return func(c *plan.Component) map[string]detect.Value[string] {
		if rulesErr != nil {
			return nil // Generate says it
		}
		table, err := loadTable(files, c.Stack, rules)
		if err != nil {
			return nil
		}
		out := map[string]detect.Value[string]{}
		for stage := range table.Stages {
			if stage == "node" && c.Fact("node") == "" || stage == "frontend" && c.Fact(detect.FactFrontend) == "" {
				continue
			}
			if found, err := table.choose(c, stage); err == nil {
				out[stage] = found.Value
			}
		}
		return out
	}
}
