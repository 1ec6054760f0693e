// Package azurepipelines makes a pipeline for Azure Pipelines that builds, tests, scans, pushes and deploys the images.
package azurepipelines

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/pipeline"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the guide goes, and the pipeline where the source has one of its own.
const Dir = "deploy/azure-pipelines"

// PipelineFile is the usual name in the root; a pipeline can be told another.
const PipelineFile = "azure-pipelines.yml"

// group is the variable group with the registry and its login.
const group = "drydock"

// Target makes the pipeline.
type Target struct {
	// ReadFile reads a file of the source, to see whether it has a pipeline; nil: it has none.
	ReadFile func(path string) ([]byte, error)
}

// Name is "azure-pipelines".
func (Target) Name() string { return "azure-pipelines" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Pipeline }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Azure Pipelines: stages that build, test, scan, push and deploy the images"
}

// Pipeline is the file. Source: Microsoft Learn, "YAML schema reference for Azure Pipelines".
type Pipeline struct {
	Trigger   Trigger    `yaml:"trigger"`
	PR        Trigger    `yaml:"pr"`
	Variables []Variable `yaml:"variables"`
	Stages    []Stage    `yaml:"stages"`
}

// Trigger says for which branches and tags a pipeline runs.
type Trigger struct {
	Branches Filter `yaml:"branches"`
	Tags     Filter `yaml:"tags,omitempty"`
}

// Filter names branches or tags.
type Filter struct {
	Include []string `yaml:"include,omitempty,flow"`
}

// Variable is a variable, or a group of them that the project keeps.
type Variable struct {
	Group string `yaml:"group,omitempty"`
	Name  string `yaml:"name,omitempty"`
	Value string `yaml:"value,omitempty"`
}

// Stage is a stage.
type Stage struct {
	Stage       string   `yaml:"stage"`
	DisplayName string   `yaml:"displayName"`
	DependsOn   []string `yaml:"dependsOn,omitempty,flow"`
	Condition   string   `yaml:"condition,omitempty"`
	Jobs        []Job    `yaml:"jobs"`
}

// Job is a job, or a deployment to an environment.
type Job struct {
	Job         string    `yaml:"job,omitempty"`
	Deployment  string    `yaml:"deployment,omitempty"`
	Environment string    `yaml:"environment,omitempty"`
	Pool        Pool      `yaml:"pool"`
	Timeout     string    `yaml:"timeoutInMinutes"`
	Steps       []Step    `yaml:"steps,omitempty"`
	Strategy    *Strategy `yaml:"strategy,omitempty"`
}

// Pool is the machine.
type Pool struct {
	Image string `yaml:"vmImage"`
}

// Strategy is how a deployment runs: once.
type Strategy struct {
	RunOnce struct {
		Deploy struct {
			Steps []Step `yaml:"steps"`
		} `yaml:"deploy"`
	} `yaml:"runOnce"`
}

// Step is a step: the sources, or a script. A secret reaches a script through env alone.
type Step struct {
	Checkout    string            `yaml:"checkout,omitempty"`
	Persist     string            `yaml:"persistCredentials,omitempty"`
	Script      string            `yaml:"script,omitempty"`
	DisplayName string            `yaml:"displayName,omitempty"`
	Condition   string            `yaml:"condition,omitempty"`
	Env         map[string]string `yaml:"env,omitempty"`
}

// Generate makes the pipeline, compose.yaml for its test, and the guide.
func (t Target) Generate(ctx context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	x, err := pipeline.New(ctx, p)
	if err != nil || x == nil {
		return nil, err
	}
	why := generate.Reasons{}
	f := Pipeline{
		Trigger:   Trigger{Branches: Filter{[]string{"main", "master"}}, Tags: Filter{[]string{"v*"}}},
		PR:        Trigger{Branches: Filter{[]string{"*"}}},
		Variables: []Variable{{Group: group}, {Name: pipeline.Tag, Value: "$(Build.SourceVersion)"}},
		Stages:    []Stage{images(x, why)},
	}
	why.Add(generate.Origin{Why: "REGISTRY, REGISTRY_USER and the secret REGISTRY_PASSWORD of the project"}, "variables", "0")
	why.Add(generate.Origin{Why: "what is pushed is named by the commit: never another image under the same name"}, "variables", "1")
	for _, d := range x.Deploys {
		why.Add(generate.Origin{Why: "the environment " + d.Target + " says who agrees to a deployment"}, "stages", fmt.Sprint(len(f.Stages)))
		f.Stages = append(f.Stages, deploy(x, d))
	}
	made, err := generate.YAML(PipelineFile, why, f)
	if err != nil {
		return nil, err
	}
	made.Content = append([]byte("# "+generate.Header+"\n"), made.Content...)
	made.Origins = append([]generate.Origin{{}}, made.Origins...)
	place, own := generate.Place(t.ReadFile, PipelineFile, Dir)
	made.Path = place
	return []generate.Artifact{made, x.Compose, guide(x, place, own)}, nil
}

func script(lines ...[]string) string {
	out := []string{"set -eu"}
	for _, l := range lines {
		out = append(out, l...)
	}
	return strings.Join(out, "\n") + "\n"
}

// sources checks the sources out and leaves no login behind.
func sources() Step { return Step{Checkout: "self", Persist: "false"} }

func images(x *pipeline.Pipeline, why generate.Reasons) Stage {
	login := map[string]string{pipeline.Password: "$(REGISTRY_PASSWORD)"}
	for _, v := range x.BuildVariables() {
		login[v] = "$(" + v + ")"
	}
	why.Add(generate.Origin{Why: "the layers of the run before are in the registry, which is why a build logs in"}, "stages", "0", "jobs", "0", "steps", "1")
	why.Add(generate.Origin{Why: "the images run with their services and answer before anybody can pull them"}, "stages", "0", "jobs", "0", "steps", "2")
	why.Add(generate.Origin{Why: "vulnerabilities for which there is a remedy end the run"}, "stages", "0", "jobs", "0", "steps", "3")
	why.Add(generate.Origin{Why: "a pull request pushes nothing"}, "stages", "0", "jobs", "0", "steps", "4")
	return Stage{Stage: "image", DisplayName: "Build, test, scan and push", Jobs: []Job{{
		Job: "image", Pool: Pool{"ubuntu-24.04"}, Timeout: "60", Steps: []Step{
			sources(),
			{Script: script(x.Login(), x.Cache(), x.All(x.Build)), DisplayName: "Build", Env: login},
			{Script: script(x.Test()), DisplayName: "Test"},
			{Script: script(x.All(x.Scan)), DisplayName: "Scan"},
			{Script: script(x.All(x.Push)), DisplayName: "Push", Condition: "and(succeeded(), ne(variables['Build.Reason'], 'PullRequest'))"},
			{Script: "docker logout \"${REGISTRY%%/*}\"\n", DisplayName: "Logout", Condition: "always()"},
		},
	}}}
}

func deploy(x *pipeline.Pipeline, d pipeline.Deploy) Stage {
	env := map[string]string{}
	for _, s := range d.Secrets {
		env[s] = "$(" + s + ")"
	}
	run := script(d.Run)
	if strings.Contains(run, "docker pull") {
		run = script(x.Login(), d.Run)
		env[pipeline.Password] = "$(REGISTRY_PASSWORD)"
	}
	j := Job{Deployment: strings.ReplaceAll(d.Target, "-", "_"), Environment: d.Target, Pool: Pool{"ubuntu-24.04"}, Timeout: "30", Strategy: &Strategy{}}
	j.Strategy.RunOnce.Deploy.Steps = []Step{sources(), {Script: run, DisplayName: "Deploy", Env: env}}
	return Stage{
		Stage: "deploy_" + strings.ReplaceAll(d.Target, "-", "_"), DisplayName: "Deploy to " + d.Target, DependsOn: []string{"image"},
		Condition: "and(succeeded(), in(variables['Build.SourceBranch'], 'refs/heads/main', 'refs/heads/master'))", Jobs: []Job{j},
	}
}

func guide(x *pipeline.Pipeline, place string, own bool) generate.Artifact {
	kept := ""
	if own {
		kept = PipelineFile
	}
	g := x.Guide(Dir, x.Plan.Name+" with Azure Pipelines", place, kept)
	g.Step("Make the variable group with the registry (host and path) and its login; the last one is typed and kept as a secret. Allow the pipeline to use it.",
		"az pipelines variable-group create --name drydock --variables REGISTRY=registry.example.com REGISTRY_USER=NAME",
		"az pipelines variable-group variable create --group-id ID --name REGISTRY_PASSWORD --secret true")
	g.Step("Make the pipeline:", plan.ShellWords([]string{"az", "pipelines", "create", "--name", x.Plan.Name, "--yml-path", place, "--repository", "REPOSITORY"}))
	for _, v := range x.BuildVariables() {
		g.Step(fmt.Sprintf("Put the path of the file that the build reads (a secure file of the library, fetched by the task DownloadSecureFile) into the variable %s.", v))
	}
	x.Deployments(g, "the variable group, as secrets")
	g.Text("Pull requests of forks get no secrets: leave that setting as it is.")
	return g.Artifact()
}

// Check applies the rules to the pipeline: what Azure Pipelines refuses, and what a pipeline with a registry's password must not do.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path == PipelineFile || a.Path == path.Join(Dir, PipelineFile) {
			out = append(out, checkFile(a)...)
		}
	}
	return out
}
