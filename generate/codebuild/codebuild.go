// Package codebuild makes a buildspec for AWS CodeBuild that builds, tests, scans, pushes and deploys the images.
package codebuild

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/pipeline"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the guide goes, and the buildspec where the source has one of its own.
const Dir = "deploy/codebuild"

// SpecFile is what CodeBuild reads in the root unless the project names another.
const SpecFile = "buildspec.yml"

// Target makes the buildspec.
type Target struct {
	// ReadFile reads a file of the source, to see whether it has a buildspec; nil: it has none.
	ReadFile func(path string) ([]byte, error)
}

// Name is "codebuild".
func (Target) Name() string { return "codebuild" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Pipeline }

// Describe says what the target is for.
func (Target) Describe() string {
	return "AWS CodeBuild: a buildspec that builds, tests, scans, pushes and deploys the images"
}

// Spec is a buildspec. Source: AWS CodeBuild User Guide, "Build specification reference".
type Spec struct {
	Version string `yaml:"version"`
	Env     Env    `yaml:"env"`
	Phases  Phases `yaml:"phases"`
}

// Env is the environment of the commands. Secrets are read from Secrets Manager: "NAME: SECRET:KEY".
type Env struct {
	Shell          string            `yaml:"shell,omitempty"`
	Variables      map[string]string `yaml:"variables,omitempty"`
	ParameterStore map[string]string `yaml:"parameter-store,omitempty"`
	SecretsManager map[string]string `yaml:"secrets-manager,omitempty"`
	Exported       []string          `yaml:"exported-variables,omitempty"`
}

// Phases are the phases that are used; a post_build would run after a failure, too.
type Phases struct {
	Install   *Phase `yaml:"install,omitempty"`
	PreBuild  *Phase `yaml:"pre_build,omitempty"`
	Build     *Phase `yaml:"build,omitempty"`
	PostBuild *Phase `yaml:"post_build,omitempty"`
}

// Phase is a list of commands; the first that fails ends it.
type Phase struct {
	OnFailure string         `yaml:"on-failure,omitempty"`
	Runtime   map[string]any `yaml:"runtime-versions,omitempty"`
	Commands  []string       `yaml:"commands"`
	Finally   []string       `yaml:"finally,omitempty"`
}

// place is where images are pushed until a person names the account: the account is that of AWS's own documentation.
const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com"

// login asks ECR for a password where the registry is one, and reads the one of Secrets Manager elsewhere.
func login(x *pipeline.Pipeline) string {
	return `case "$REGISTRY" in *.amazonaws.com*) aws ecr get-login-password | docker login --username AWS --password-stdin "${REGISTRY%%/*}";; *) ` + x.Login()[0] + `;; esac`
}

// Generate makes the buildspec, compose.yaml for its test, and the guide.
func (t Target) Generate(ctx context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	x, err := pipeline.New(ctx, p)
	if err != nil || x == nil {
		return nil, err
	}
	why := generate.Reasons{}
	s := Spec{Version: "0.2", Env: Env{Shell: "bash", Variables: map[string]string{pipeline.Registry: registry}}}
	secrets := map[string]string{}
	for _, d := range x.Deploys {
		if d.Tool == "aws" {
			continue // the build's own role
		}
		for _, name := range d.Secrets {
			secrets[name] = x.Plan.Name + "/" + d.Target + ":" + name
		}
	}
	if len(secrets) > 0 {
		s.Env.SecretsManager = secrets
		why.Add(generate.Origin{Why: "read when the build begins, by the role of the project"}, "env", "secrets-manager")
	}
	why.Add(generate.Origin{Why: "replace the account and the region, or set REGISTRY in the project"}, "env", "variables", pipeline.Registry)
	s.Phases.PreBuild = &Phase{OnFailure: "ABORT", Commands: append([]string{`export TAG="$CODEBUILD_RESOLVED_SOURCE_VERSION"`, login(x)}, x.Cache()...)}
	commands := append(x.All(x.Build), x.Test()...)
	commands = append(commands, x.All(x.Scan)...)
	// A pull request builds, tests and scans; it pushes nothing. Without a webhook a person or a pipeline has started the build.
	commands = append(commands, `case "${CODEBUILD_WEBHOOK_EVENT:-}" in PULL_REQUEST*) echo "a pull request: nothing is pushed";; *) `+chain(x.All(x.Push))+`;; esac`)
	s.Phases.Build = &Phase{OnFailure: "ABORT", Commands: commands, Finally: []string{"docker compose -f compose.yaml down --volumes || true"}}
	why.Add(generate.Origin{Why: "the push stands in the same phase as the test: post_build runs after a failure as well"}, "phases", "build")
	if len(x.Deploys) > 0 {
		after := []string{`[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]`}
		for _, d := range x.Deploys {
			after = append(after, `case "${CODEBUILD_WEBHOOK_EVENT:-}${CODEBUILD_WEBHOOK_HEAD_REF:-}" in ""|PUSHrefs/heads/main|PUSHrefs/heads/master) `+chain(d.Run)+`;; *) echo "no deployment to `+d.Target+` from here";; esac`)
		}
		s.Phases.PostBuild = &Phase{OnFailure: "ABORT", Commands: after}
		why.Add(generate.Origin{Why: "a build that failed, a pull request and another branch deploy nothing"}, "phases", "post_build")
	}
	made, err := generate.YAML(SpecFile, why, s)
	if err != nil {
		return nil, err
	}
	made.Content = append([]byte("# "+generate.Header+"\n"), made.Content...)
	made.Origins = append([]generate.Origin{{}}, made.Origins...)
	at, own := generate.Place(t.ReadFile, SpecFile, Dir)
	made.Path = at
	return []generate.Artifact{made, x.Compose, guide(x, at, own)}, nil
}

// chain makes one command of lines, each of which runs when the one before has succeeded: a command that is left by exit would end the phase's shell.
func chain(lines []string) string {
	grouped := make([]string, len(lines))
	for i, l := range lines {
		grouped[i] = "{ " + l + "; }"
	}
	return strings.Join(grouped, " && ")
}

func guide(x *pipeline.Pipeline, at string, own bool) generate.Artifact {
	kept := ""
	if own {
		kept = SpecFile
	}
	g := x.Guide(Dir, x.Plan.Name+" with AWS CodeBuild", at, kept)
	for _, i := range x.Images {
		g.Step(fmt.Sprintf("Make the repository of %s in ECR. Its tags cannot be moved, but for the cache's.", i.Name),
			plan.ShellWords([]string{"aws", "ecr", "create-repository", "--repository-name", i.Name, "--image-scanning-configuration", "scanOnPush=true"}))
	}
	g.Step(fmt.Sprintf("Make the project with the image aws/codebuild/standard:7.0, privileged (Docker needs it) and the buildspec `%s`. Its role may write its log, and on these repositories: ecr:GetAuthorizationToken, ecr:BatchGetImage, ecr:BatchCheckLayerAvailability, ecr:GetDownloadUrlForLayer, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage.", at))
	g.Step("For another registry than ECR set REGISTRY and REGISTRY_USER in the project, and REGISTRY_PASSWORD there with the type SECRETS_MANAGER.")
	for _, v := range x.BuildVariables() {
		g.Step(fmt.Sprintf("The build reads the file that %s names: write it in pre_build from a secret of Secrets Manager.", v))
	}
	var others []pipeline.Deploy
	for _, d := range x.Deploys {
		if d.Tool == "aws" {
			g.Step(fmt.Sprintf("For the deployment to %s the project's role may also register task definitions, update the services and pass the execution role: ecs:RegisterTaskDefinition, ecs:UpdateService, ecs:DescribeServices, iam:PassRole.", d.Target))
			continue
		}
		others = append(others, d)
	}
	if len(others) > 0 || len(x.Deploys) == 0 {
		rest := *x
		rest.Deploys = others
		rest.Deployments(g, "a secret of Secrets Manager called "+x.Plan.Name+"/TARGET, as keys, which the role may read (secretsmanager:GetSecretValue)")
	}
	return g.Artifact()
}

// Check applies the rules to the buildspec.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path == SpecFile || a.Path == path.Join(Dir, SpecFile) {
			out = append(out, checkFile(a)...)
		}
	}
	return out
}

// Rules are the ids of what Check refuses. Source: AWS CodeBuild User Guide, "Build specification reference" and "Build phase transitions".
func Rules() []string {
	return append(pipeline.ScriptRules(), "version", "no-phase", "no-command", "shell", "on-failure", "secret-in-file", "secret-reference", "reserved-variable", "pushed-after-failure")
}

func checkFile(a generate.Artifact) []generate.Problem {
	docs, refused := generate.Strict[Spec](a)
	if len(refused) > 0 || len(docs) != 1 {
		return refused
	}
	var out []generate.Problem
	fail := func(rule, at, format string, args ...any) {
		line := 0
		if i := strings.Index(string(a.Content), at); i >= 0 && at != "" {
			line = 1 + strings.Count(string(a.Content[:i]), "\n")
		}
		out = append(out, generate.Problem{File: a.Path, Line: line, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
	}
	s := docs[0]
	if s.Version != "0.2" {
		fail("version", "version", "version %q: 0.2 is wanted, where the commands share one shell", s.Version)
	}
	if s.Env.Shell != "" && s.Env.Shell != "bash" && s.Env.Shell != "/bin/sh" && s.Env.Shell != "powershell.exe" {
		fail("shell", "shell", "there is no shell %q", s.Env.Shell)
	}
	for name, value := range s.Env.Variables {
		if pipeline.SecretInFile(name, value) {
			fail("secret-in-file", name, "%s holds its value in the file: read it from Secrets Manager", name)
		}
		if strings.HasPrefix(name, "CODEBUILD_") {
			fail("reserved-variable", name, "names that begin with CODEBUILD_ are CodeBuild's own")
		}
	}
	for name, reference := range s.Env.SecretsManager {
		if secret, _, ok := strings.Cut(reference, ":"); !ok || secret == "" {
			fail("secret-reference", name, "%s: %q is not SECRET:KEY", name, reference)
		}
	}
	s.phases(fail)
	return out
}

func (s Spec) phases(fail func(rule, at, format string, args ...any)) {
	found := false
	for _, p := range []struct {
		name string
		*Phase
	}{{"install", s.Phases.Install}, {"pre_build", s.Phases.PreBuild}, {"build", s.Phases.Build}, {"post_build", s.Phases.PostBuild}} {
		if p.Phase == nil {
			continue
		}
		found = true
		if len(p.Commands) == 0 {
			fail("no-command", p.name, "phase %s has no command", p.name)
		}
		if p.OnFailure != "" && p.OnFailure != "ABORT" && p.OnFailure != "CONTINUE" && !strings.HasPrefix(p.OnFailure, "RETRY") {
			fail("on-failure", p.OnFailure, "phase %s: on-failure is ABORT, CONTINUE or RETRY, not %q", p.name, p.OnFailure)
		}
		text := strings.Join(append(p.Commands, p.Finally...), "\n")
		for rule, message := range pipeline.Script(text) {
			fail(rule, p.name, "phase %s: %s", p.name, message)
		}
		if (p.name == "post_build" || strings.Contains(strings.Join(p.Finally, "\n"), "docker push")) && strings.Contains(text, "docker push") && !strings.Contains(text, "CODEBUILD_BUILD_SUCCEEDING") {
			fail("pushed-after-failure", "docker push", "phase %s runs after a failure, too: it pushes what did not pass", p.name)
		}
	}
	if !found {
		fail("no-phase", "phases", "there is no phase")
	}
}
