// Package githubactions makes a workflow for GitHub Actions that builds, tests, scans, pushes and deploys the images.
package githubactions

import (
	"context"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/pipeline"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the guide goes, and the workflow where the source has one of the same name.
const Dir = "deploy/github-actions"

// WorkflowFile is the workflow.
const WorkflowFile = ".github/workflows/drydock.yml"

// The actions, by commit: a tag can be moved.
const (
	checkout = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"
	upload   = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02"
	download = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093"
	buildx   = "docker/setup-buildx-action@b5ca514318bd6ebac0fb2aedd5d36ec1b5c232a2"
	build    = "docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83"
)

// versions are the releases of the actions, for the reader of the file.
var versions = map[string]string{checkout: "v4.2.2", upload: "v4.6.2", download: "v4.3.0", buildx: "v3.10.0", build: "v6.18.0"}

const runner = "ubuntu-24.04"

// Target makes the workflow.
type Target struct {
	// ReadFile reads a file of the source, to see whether it has a workflow of this name; nil: it has none.
	ReadFile func(path string) ([]byte, error)
}

// Name is "github-actions".
func (Target) Name() string { return "github-actions" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Pipeline }

// Describe says what the target is for.
func (Target) Describe() string {
	return "GitHub Actions: a workflow that builds, tests, scans, pushes and deploys the images"
}

// Workflow is a workflow file. Source: GitHub documentation, "Workflow syntax for GitHub Actions".
type Workflow struct {
	Name        string            `yaml:"name"`
	On          On                `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Concurrency *Concurrency      `yaml:"concurrency,omitempty"`
	Env         map[string]string `yaml:"env,omitempty"`
	Jobs        yaml.Node         `yaml:"jobs"`
}

// On is when a workflow runs.
type On struct {
	Push struct {
		Branches []string `yaml:"branches,flow"`
		Tags     []string `yaml:"tags,flow"`
	} `yaml:"push"`
	PullRequest struct{} `yaml:"pull_request"`
}

// Concurrency lets a newer run of a branch end an older one.
type Concurrency struct {
	Group            string `yaml:"group"`
	CancelInProgress string `yaml:"cancel-in-progress"`
}

// Job is a job.
type Job struct {
	Name        string            `yaml:"name,omitempty"`
	Needs       []string          `yaml:"needs,omitempty,flow"`
	If          string            `yaml:"if,omitempty"`
	RunsOn      string            `yaml:"runs-on"`
	Timeout     int               `yaml:"timeout-minutes"`
	Environment string            `yaml:"environment,omitempty"`
	Permissions map[string]string `yaml:"permissions,omitempty"`
	Env         map[string]string `yaml:"env,omitempty"`
	Steps       []Step            `yaml:"steps"`
}

// Step is a step of a job: an action or a script.
type Step struct {
	Name string            `yaml:"name"`
	Uses string            `yaml:"uses,omitempty"`
	With map[string]any    `yaml:"with,omitempty"`
	Env  map[string]string `yaml:"env,omitempty"`
	Run  string            `yaml:"run,omitempty"`
}

// Generate makes the workflow, compose.yaml for its test, and the guide.
func (t Target) Generate(ctx context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	x, err := pipeline.New(ctx, p)
	if err != nil || x == nil {
		return nil, err
	}
	w := Workflow{
		Name: "drydock", Permissions: map[string]string{"contents": "read"},
		Concurrency: &Concurrency{Group: "drydock-${{ github.ref }}", CancelInProgress: "${{ github.event_name == 'pull_request' }}"},
		Env:         map[string]string{pipeline.Tag: "${{ github.sha }}"},
		Jobs:        yaml.Node{Kind: yaml.MappingNode},
	}
	w.On.Push.Branches, w.On.Push.Tags = []string{"main", "master"}, []string{"v*"}
	why := generate.Reasons{}
	why.Add(generate.Origin{Why: "no more than reading the sources; a job that pushes says more itself"}, "permissions")
	why.Add(generate.Origin{Why: "what is pushed is named by the commit: never another image under the same name"}, "env", pipeline.Tag)
	images(&w, x, why)
	push(&w, x, why)
	for _, d := range x.Deploys {
		deploy(&w, d, why)
	}
	made, err := generate.YAML(WorkflowFile, why, w)
	if err != nil {
		return nil, err
	}
	made.Content = append([]byte("# "+generate.Header+"\n"), made.Content...)
	made.Origins = append([]generate.Origin{{}}, made.Origins...)
	place, own := generate.Place(t.ReadFile, WorkflowFile, Dir)
	made.Path = place
	return []generate.Artifact{made, x.Compose, guide(x, own)}, nil
}

// add puts a job behind the others.
func (w *Workflow) add(id string, j Job) {
	var n yaml.Node
	if err := n.Encode(j); err != nil {
		return // strings and numbers always encode
	}
	commented(&n)
	w.Jobs.Content = append(w.Jobs.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: id}, &n)
}

// commented puts the release of an action behind its commit.
func commented(n *yaml.Node) {
	if v, ok := versions[n.Value]; ok && n.Kind == yaml.ScalarNode {
		n.LineComment = "# " + v
	}
	for _, c := range n.Content {
		commented(c)
	}
}

func script(lines ...[]string) string {
	var out []string
	for _, l := range lines {
		out = append(out, l...)
	}
	return strings.Join(out, "\n") + "\n"
}

// images is the job that every commit and pull request runs: it holds no secret but those that a build reads.
func images(w *Workflow, x *pipeline.Pipeline, why generate.Reasons) {
	steps := []Step{
		{Name: "Sources", Uses: checkout, With: map[string]any{"persist-credentials": false}},
		{Name: "Builder", Uses: buildx},
	}
	var names []string
	for _, i := range x.Images {
		with := map[string]any{
			"context": unquoted(i.Context), "file": unquoted(i.Dockerfile), "tags": i.Name, "load": true, "pull": true, "provenance": false,
			"cache-from": "type=gha,scope=" + i.Name, "cache-to": "type=gha,mode=max,scope=" + i.Name,
		}
		var secrets []string
		for _, s := range i.Secrets {
			secrets = append(secrets, fmt.Sprintf("%s=${{ secrets.%s }}", s.ID, s.Variable))
		}
		if len(secrets) > 0 {
			with["secrets"] = strings.Join(secrets, "\n")
		}
		why.Add(generate.Origin{Why: "the image " + i.Name + ", with the layers of the run before"}, "jobs", "image", "steps", fmt.Sprint(len(steps)))
		steps = append(steps, Step{Name: "Build " + i.Name, Uses: build, With: with})
		names = append(names, i.Name)
	}
	steps = append(steps,
		Step{Name: "Test", Run: script(x.Test())},
		Step{Name: "Scan", Run: script(x.All(x.Scan))},
		Step{Name: "Keep", Run: "docker save " + strings.Join(names, " ") + " | gzip > images.tar.gz\n"},
		Step{Name: "Hand over", Uses: upload, With: map[string]any{"name": "images", "path": "images.tar.gz", "retention-days": 1, "compression-level": 0}},
	)
	why.Add(generate.Origin{Why: "the images run with their services and answer before anybody can pull them"}, "jobs", "image", "steps", fmt.Sprint(len(steps)-4))
	why.Add(generate.Origin{Why: "vulnerabilities for which there is a remedy end the run"}, "jobs", "image", "steps", fmt.Sprint(len(steps)-3))
	w.add("image", Job{Name: "Build, test and scan", RunsOn: runner, Timeout: 60, Steps: steps})
}

// unquoted is a word of a shell as the path that it is.
func unquoted(w string) string { return strings.Trim(w, "'") }

// push is the one job that may write to the registry. What it pushes are the images that were tested, not a second build.
func push(w *Workflow, x *pipeline.Pipeline, why generate.Reasons) {
	why.Add(generate.Origin{Why: "the registry is the repository's own unless the variable REGISTRY names another"}, "jobs", "push", "env")
	why.Add(generate.Origin{Why: "this job alone may write images"}, "jobs", "push", "permissions")
	w.add("push", Job{
		Name: "Push", Needs: []string{"image"}, If: "github.event_name == 'push'", RunsOn: runner, Timeout: 20,
		Permissions: map[string]string{"contents": "read", "packages": "write"},
		Env:         map[string]string{pipeline.Registry: "${{ vars.REGISTRY || format('ghcr.io/{0}', github.repository) }}"},
		Steps: []Step{
			{Name: "Images", Uses: download, With: map[string]any{"name": "images"}},
			{Name: "Push", Env: map[string]string{
				pipeline.User:     "${{ vars.REGISTRY_USER || github.actor }}",
				pipeline.Password: "${{ secrets.REGISTRY_PASSWORD || github.token }}",
			}, Run: script([]string{"gunzip --stdout images.tar.gz | docker load --quiet", lower}, x.Login(), x.All(x.Push), []string{`docker logout "${REGISTRY%%/*}"`})},
		},
	})
}

// lower makes the registry's name one: that of a repository may hold capital letters.
const lower = `REGISTRY=$(printf '%s' "$REGISTRY" | tr '[:upper:]' '[:lower:]')`

// deploy is the job for a target. Its environment holds the secrets, and the people who must agree.
func deploy(w *Workflow, d pipeline.Deploy, why generate.Reasons) {
	env := map[string]string{pipeline.Registry: "${{ vars.REGISTRY || format('ghcr.io/{0}', github.repository) }}"}
	for _, s := range d.Secrets {
		env[s] = "${{ secrets." + s + " }}"
	}
	id := "deploy-" + d.Target
	var before []string
	if d.Target == "heroku" { // it takes the images from the registry
		before = []string{`printf '%s' "$REGISTRY_PASSWORD" | docker login --username "$REGISTRY_USER" --password-stdin "${REGISTRY%%/*}"`}
		env[pipeline.User], env[pipeline.Password] = "${{ vars.REGISTRY_USER || github.actor }}", "${{ secrets.REGISTRY_PASSWORD || github.token }}"
	}
	why.Add(generate.Origin{Why: "the environment " + d.Target + " of the repository holds these secrets and says who agrees to a deployment"}, "jobs", id, "environment")
	permissions := map[string]string{"contents": "read"}
	if before != nil {
		permissions["packages"] = "read"
	}
	w.add(id, Job{
		Name: "Deploy to " + d.Target, Needs: []string{"push"}, If: "github.ref == 'refs/heads/main' || github.ref == 'refs/heads/master'",
		RunsOn: runner, Timeout: 30, Environment: d.Target, Permissions: permissions,
		Steps: []Step{
			{Name: "Sources", Uses: checkout, With: map[string]any{"persist-credentials": false}},
			{Name: "Deploy", Env: env, Run: script([]string{lower}, before, d.Run)},
		},
	})
}

func guide(x *pipeline.Pipeline, own bool) generate.Artifact {
	kept := ""
	if own {
		kept = WorkflowFile
	}
	g := x.Guide(Dir, x.Plan.Name+" with GitHub Actions", WorkflowFile, kept)
	if own {
		g.Text("Copy the workflow beside this file to .github/workflows under another name.")
	}
	g.Step("Nothing needs to be set for the repository's own registry, ghcr.io. For another one set the variables REGISTRY (host and path) and REGISTRY_USER and the secret REGISTRY_PASSWORD of the repository.")
	for _, v := range x.BuildVariables() {
		g.Step(fmt.Sprintf("Put the text of the file that the build reads (see .env.example for %s) into the secret %s.", v, v))
	}
	x.Deployments(g, "an environment of the repository with the target's name, as secrets")
	g.Text("The actions are named by commit, the runner by release. No script holds an expression: what a person writes into a branch's name, a title or a commit is never part of a command.")
	return g.Artifact()
}
