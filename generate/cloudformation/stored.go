package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// Image is where an image of the plan is pushed in the Elastic Container Registry.
func Image(name string) string { return Registry + "/" + name + ":" + generate.Release }

// Key is the key of a stored setting in the application's secret: its name, or component.name where components mean different values by it.
func Key(p *plan.Plan, c *plan.Component, name string) string {
	if generate.Shared(p, name) {
		return name
	}
	return c.Name + "." + name
}

// Resolve is the reference by which CloudFormation takes a stored setting out of the application's secret in Secrets Manager as it makes a stack:
// the value is in no file. Source: AWS CloudFormation User Guide, "Get a secret or secret value from Secrets Manager".
func Resolve(p *plan.Plan, c *plan.Component, name string) string {
	return "{{resolve:secretsmanager:" + p.Name + ":SecretString:" + Key(p, c, name) + "}}"
}

// Stored are the keys of the application's secret with the reasons for them, sorted. only is which components are looked at.
func Stored(p *plan.Plan, only func(*plan.Component) bool) (keys []string, why map[string]string) {
	why = map[string]string{}
	for i := range p.Components {
		c := &p.Components[i]
		if c.Role.V == detect.Library || !only(c) {
			continue
		}
		_, stored := generate.Environment(p, c)
		for _, s := range stored {
			key := Key(p, c, s.Name)
			if _, seen := why[key]; !seen {
				keys = append(keys, key)
				why[key] = s.Why
			}
		}
	}
	slices.Sort(keys)
	return keys, why
}

// Secret adds the step that makes the application's secret; nothing when no value is stored.
func Secret(g *generate.Guide, p *plan.Plan, only func(*plan.Component) bool) {
	keys, why := Stored(p, only)
	if len(keys) == 0 {
		return
	}
	g.Step(fmt.Sprintf("Put the values that are in no file into one secret, `%s`, as a JSON object with these keys; addresses are those of your own databases and services. The file with them is removed afterwards.", p.Name),
		plan.ShellWords([]string{"aws", "secretsmanager", "create-secret", "--name", p.Name, "--secret-string", "file://secret.json"}), "rm secret.json")
	for _, k := range keys {
		g.Item("`%s`: %s", k, strings.ReplaceAll(detect.Printable(why[k], 200), "`", "'"))
	}
	g.Blank()
}

// Push adds the step that builds the images and pushes them to the Elastic Container Registry. more are the arguments of further builds, each with
// the image's name first.
func Push(g *generate.Guide, p *plan.Plan, more ...[]string) {
	var commands []string
	for _, image := range p.ImageGroups() {
		commands = append(commands,
			plan.ShellWords([]string{"docker", "build", "--platform", "linux/amd64", "-f", g.Up(image.Dockerfile), "-t", Image(image.Name), g.Up(image.Root)}),
			plan.ShellWords([]string{"docker", "push", Image(image.Name)}))
	}
	for _, m := range more {
		commands = append(commands, plan.ShellWords(append([]string{"docker", "build", "--platform", "linux/amd64", "-t", Image(m[0])}, m[1:]...)), plan.ShellWords([]string{"docker", "push", Image(m[0])}))
	}
	g.Step(fmt.Sprintf("Build and push the images, from this directory. Replace the account `%s`, the region `%s` and the tag `%s` here and in the files; each image has a repository of its name in the registry (`aws ecr create-repository`).", Account, Region, generate.Release), commands...)
}
