package dockerfile

import (
	"path"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// servingDir is where the programs lie, in a build context, that serve code which serves nothing by itself: a function's handler, a model.
const servingDir = "drydock-serve"

// serving is the program that serves a component's code, and its arguments; empty: the component serves itself, or does not serve.
func serving(c *plan.Component) (name string, args []string) {
	if c.Stack != "python" || c.Command() != nil {
		return "", nil
	}
	if handler := c.Fact("handler"); handler != "" && c.Role.V == detect.Function {
		args = []string{handler}
		if c.Fact("event") == "http" {
			args = append(args, "http")
		}
		return "function.py", args
	}
	if model := c.Fact("model"); model != "" && c.Role.V == detect.Inference {
		args = []string{model}
		if dir := c.Fact("modelDir"); dir != "" {
			args = append(args, dir)
		}
		return "inference.py", args
	}
	return "", nil
}

// Serving is the command by which a component's image serves code that serves nothing by itself: a function's handler, a model. It listens
// on $PORT, 8080 without one. nil: the component serves itself, or does not serve.
func Serving(c *plan.Component) []string {
	name, args := serving(c)
	if name == "" {
		return nil
	}
	return append([]string{"python", "/opt/drydock/" + name}, args...)
}

// Serving is the command that serves the component's code; nil when that serves itself.
func (v *view) Serving() []string { return Serving(v.c) }

// ServingFile is the program of Serving in the build context; empty: none.
func (v *view) ServingFile() string {
	name, _ := serving(v.c)
	if name == "" {
		return ""
	}
	return path.Join(servingDir, name)
}

// servers are the programs of Serving, one of a kind for each context.
func (t Target) servers(p *plan.Plan, groups []plan.ImageGroup) ([]generate.Artifact, error) {
	var out []generate.Artifact
	made := map[string]bool{}
	for _, g := range groups {
		c := g.Components[0]
		name, _ := serving(c)
		file := path.Join(g.Root, servingDir, name)
		if name == "" || made[file] {
			continue
		}
		made[file] = true
		content, origins, err := generate.Template{FS: t.Templates, Name: path.Join(c.Stack, name+".tmpl"), Funcs: funcs, Plan: p, Scope: "components." + c.Name}.Render()
		if err != nil {
			return nil, err
		}
		origins[0] = generate.FieldOrigin(p, "components."+c.Name+".role")
		out = append(out, generate.Artifact{Path: file, Mode: 0o644, Content: content, Origins: origins, Target: t.Name()})
	}
	return out, nil
}
