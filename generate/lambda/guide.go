package lambda

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/plan"
)

// readme says what to do with the files.
func readme(p *plan.Plan, calls []function, others []string) generate.Artifact {
	g := generate.NewGuide(Dir, p.Name+" on AWS Lambda")
	if !g.Begin("Lambda", len(calls) > 0, others, "`template.yaml` is a SAM template: AWS SAM, or CloudFormation with its transform, makes a function of each image.") {
		return g.Artifact()
	}
	called := func(c *plan.Component) bool {
		return slices.ContainsFunc(calls, func(f function) bool { return f.Name == c.Name })
	}
	var more [][]string
	for _, f := range calls {
		if f.adapted {
			more = append(more, []string{f.image, "--build-arg", "IMAGE=" + cloudformation.Image(f.Image.Name), "-f", "Dockerfile." + f.Name, "."})
		}
	}
	cloudformation.Push(g, p, more...)
	cloudformation.Secret(g, p, called)
	g.Backings(p, generate.AWS)
	for _, f := range calls {
		if command := f.Process("release"); command != nil {
			g.Step(fmt.Sprintf("Before a new version serves, run the release step of %s once, where its database is reached. Lambda has no place for it; a task on Fargate has (target ecs).", f.Name),
				plan.ShellWords(append([]string{"docker", "run", "--rm", "--env-file", "production.env", cloudformation.Image(f.Image.Name)}, command...)))
		}
	}
	deploy := []string{"sam", "deploy", "--stack-name", p.Name, "--template-file", "template.yaml", "--resolve-image-repos", "--capabilities", "CAPABILITY_IAM"}
	g.Step("Make or update the stack. Parameters name the images and, where there are databases, your subnets and security group (`--parameter-overrides`).", plan.ShellWords(deploy))
	limits(g, calls)
	for _, f := range calls {
		for _, s := range f.Schedules {
			g.Item("Not here: the schedule %s of %s (`%s`) runs a command of the image, and Lambda runs none: run it as a task (target ecs).", s.Name, f.Name, s.Cron)
		}
	}
	g.Blank()
	return g.Artifact()
}

// limits says what a component will find different.
func limits(g *generate.Guide, calls []function) {
	for _, f := range calls {
		data, scratch := generate.Storage(f.Component)
		if len(data) > 0 {
			g.Item("%s keeps files in %s, and on Lambda only /tmp can be written, which goes with the instance: keep them in S3, or mount EFS there (FileSystemConfigs).", f.Name, strings.Join(data, ", "))
		}
		if f.adapted && len(scratch) > 1 && startCommand(f.Deployed) == nil {
			g.Item("%s writes to %s, and on Lambda only /tmp can be written: point it there.", f.Name, strings.Join(scratch, ", "))
		}
		for _, s := range f.Settings {
			if slices.Contains(reserved, s.Name) {
				g.Item("%s of %s is left out: Lambda sets it itself.", s.Name, f.Name)
			}
		}
		if f.adapted {
			g.Item("A request to %s ends after %d seconds, with at most 6 MB in an answer; websockets and long polls do not pass.", f.Name, webTimeout)
		} else {
			g.Item("The role of %s lets it write its log%s alone: add what else it calls to Policies in the template.", f.Name, map[bool]string{true: " and read its bucket"}[f.Fact("event") == "s3"])
		}
	}
	g.Blank()
	g.Text("Stored values are read as the stack is made and kept with the function, encrypted: after a change of a value, deploy again.")
}
