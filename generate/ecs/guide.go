package ecs

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/plan"
)

// readme says what to do with the files.
func readme(p *plan.Plan, all []generate.Deployed) generate.Artifact {
	g := generate.NewGuide(Dir, p.Name+" on Amazon ECS")
	g.Text("`template.yaml` is a CloudFormation template for a network of yours: two private subnets with a way out, two public ones for the load balancer. `copilot/` holds manifests of AWS Copilot for the same; use one or the other.")
	cloudformation.Push(g, p)
	cloudformation.Secret(g, p, func(*plan.Component) bool { return true })
	g.Backings(p, generate.AWS)
	deploy := "aws cloudformation deploy --stack-name " + p.Name + " --template-file template.yaml --capabilities CAPABILITY_IAM --parameter-overrides Vpc=vpc-… PrivateSubnets=subnet-…,subnet-…"
	for _, d := range all {
		if generate.Serves(d.Component) {
			deploy += " PublicSubnets=subnet-…,subnet-… Certificate=arn:aws:acm:…"
			break
		}
	}
	if keys, _ := cloudformation.Stored(p, func(*plan.Component) bool { return true }); len(keys) > 0 {
		deploy += " SecretArn=arn:aws:secretsmanager:…"
	}
	g.Step("Make or update the stack. The databases let in the security group `TaskGroup` of its outputs.", deploy)
	tasks(g, p, all)
	g.Step("With AWS Copilot instead: copy `copilot/` to the root of the repository, `copilot app init`, `copilot env init`, then for each directory in it `copilot deploy`. It reads the same secret.", "cp -r copilot ../..")
	return g.Artifact()
}

// tasks are what is started by hand or by the clock: the release step, and components that end.
func tasks(g *generate.Guide, p *plan.Plan, all []generate.Deployed) {
	run := func(d generate.Deployed, command []string) string {
		words := []string{"aws", "ecs", "run-task", "--launch-type", "FARGATE", "--cluster", "CLUSTER", "--task-definition", p.Name + "-" + d.Name,
			"--network-configuration", "awsvpcConfiguration={subnets=[SUBNET],securityGroups=[GROUP]}"}
		if command != nil {
			override, err := json.Marshal(map[string]any{"containerOverrides": []any{map[string]any{"name": d.Name, "command": command}}})
			if err == nil { // texts always encode
				words = append(words, "--overrides", string(override))
			}
		}
		return plan.ShellWords(words)
	}
	for _, d := range all {
		if command := d.Process("release"); command != nil {
			g.Step(fmt.Sprintf("Before a new version serves, run the release step of %s once, as a task of its own.", d.Name), run(d, command))
		}
		if generate.Finite(d.Component) {
			g.Step(d.Name+" ends by itself: it is no service, and runs when it is asked for.", run(d, nil))
		}
		for _, x := range d.Schedules {
			if _, ok := cloudformation.Cron(x.Cron); !ok {
				g.Item("The schedule %s of %s (`%s`) cannot be written for EventBridge: start it from elsewhere with the command `%s`.", x.Name, d.Name, x.Cron, strings.ReplaceAll(plan.ShellWords(x.Command), "`", "'"))
			}
		}
	}
	g.Blank()
}
