// Package gitlabci makes a pipeline for GitLab CI that builds, tests, scans, pushes and deploys the images: by Docker in Docker, or by
// BuildKit without rights where a runner may not be privileged.
package gitlabci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/pipeline"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the guide goes, and the pipeline where the source has one of its own.
const Dir = "deploy/gitlab-ci"

// PipelineFile is what GitLab reads in the root.
const PipelineFile = ".gitlab-ci.yml"

// Target makes the pipeline.
type Target struct {
	// ReadFile reads a file of the source, to see whether it has a pipeline; nil: it has none.
	ReadFile func(path string) ([]byte, error)
}

// Name is "gitlab-ci".
func (Target) Name() string { return "gitlab-ci" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Pipeline }

// Describe says what the target is for.
func (Target) Describe() string {
	return "GitLab CI: a pipeline with Docker in Docker, or BuildKit without rights, that builds, tests, scans, pushes and deploys"
}

// Job is a job. Source: GitLab documentation, "CI/CD YAML syntax reference".
type Job struct {
	Stage         string            `yaml:"stage"`
	Needs         []Need            `yaml:"needs,omitempty"`
	Image         *Image            `yaml:"image,omitempty"`
	Services      []Service         `yaml:"services,omitempty"`
	Rules         []Rule            `yaml:"rules"`
	Variables     map[string]string `yaml:"variables,omitempty"`
	Environment   *Environment      `yaml:"environment,omitempty"`
	ResourceGroup string            `yaml:"resource_group,omitempty"`
	Interruptible bool              `yaml:"interruptible,omitempty"`
	Timeout       string            `yaml:"timeout"`
	Script        []string          `yaml:"script"`
}

// Need is a job that must have ended; optional where it may not be in the pipeline.
type Need struct {
	Job      string `yaml:"job"`
	Optional bool   `yaml:"optional,omitempty"`
}

// Image is the image that a job runs in.
type Image struct {
	Name       string   `yaml:"name"`
	Entrypoint []string `yaml:"entrypoint,omitempty,flow"`
}

// Service runs beside a job.
type Service struct {
	Name      string            `yaml:"name"`
	Alias     string            `yaml:"alias"`
	Command   []string          `yaml:"command,omitempty,flow"`
	Variables map[string]string `yaml:"variables,omitempty"`
}

// Rule says when a job is in a pipeline.
type Rule struct {
	If string `yaml:"if"`
}

// Environment is where a deployment goes.
type Environment struct {
	Name string `yaml:"name"`
}

// Conditions of rules.
const (
	byDocker   = `$BUILDER == "docker"`
	byBuildKit = `$BUILDER == "buildkit"`
	review     = `$CI_PIPELINE_SOURCE == "merge_request_event"`
	branch     = `$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH`
	release    = `$CI_COMMIT_TAG`
)

// Generate makes the pipeline, compose.yaml for its test, and the guide.
func (t Target) Generate(ctx context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	x, err := pipeline.New(ctx, p)
	if err != nil || x == nil {
		return nil, err
	}
	f := &file{x: x, why: generate.Reasons{}}
	f.head()
	f.docker()
	f.buildkit()
	f.deploys()
	if err := errors.Join(f.errs...); err != nil {
		return nil, err
	}
	made, err := generate.YAML(PipelineFile, f.why, &f.doc.Node)
	if err != nil {
		return nil, err
	}
	made.Content = append([]byte("# "+generate.Header+"\n"), made.Content...)
	made.Origins = append([]generate.Origin{{}}, made.Origins...)
	place, own := generate.Place(t.ReadFile, PipelineFile, Dir)
	made.Path = place
	return []generate.Artifact{made, x.Compose, guide(x, place, own)}, nil
}

// file is the pipeline in the making.
type file struct {
	x    *pipeline.Pipeline
	doc  pipeline.Document
	why  generate.Reasons
	errs []error
}

func (f *file) add(key string, value any, why string) {
	f.errs = append(f.errs, f.doc.Add(key, value))
	f.why.Add(generate.Origin{Why: why}, key)
}

func (f *file) head() {
	f.add("workflow", map[string]any{"rules": []Rule{{review}, {branch}, {release}}}, "a commit that is in a merge request gets one pipeline, not two")
	f.add("stages", []string{"build", "test", "scan", "push", "deploy"}, "an image is pushed under its version when it was tested and scanned")
	f.add("variables", map[string]any{
		"BUILDER":         map[string]any{"value": "docker", "options": []string{"docker", "buildkit"}, "description": "docker: Docker in Docker, on a privileged runner; buildkit: BuildKit without rights"},
		pipeline.Registry: "$CI_REGISTRY_IMAGE", pipeline.User: "$CI_REGISTRY_USER", pipeline.Password: "$CI_REGISTRY_PASSWORD", pipeline.Tag: "$CI_COMMIT_SHA",
	}, "the project's own registry and the login that GitLab makes for each job, unless variables of the project name others")
}

// docker is the way by Docker in Docker: one job from the sources to the registry, so that nothing untested is ever pushed.
func (f *file) docker() {
	x := f.x
	job := func(rules []Rule, more ...[]string) Job {
		j := Job{
			Stage: "build", Image: &Image{Name: pipeline.Docker}, Services: []Service{{Name: pipeline.DinD, Alias: "docker"}}, Rules: rules, Timeout: "1h",
			Variables: map[string]string{
				"DOCKER_HOST": "tcp://docker:2376", "DOCKER_TLS_CERTDIR": "/certs", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs/client",
			},
			Script: []string{"for n in $(seq 30); do docker info >/dev/null 2>&1 && break; sleep 2; done"},
		}
		for _, lines := range append([][]string{x.Login(), x.Cache(), x.All(x.Build), x.Test(), x.All(x.Scan)}, more...) {
			j.Script = append(j.Script, lines...)
		}
		return j
	}
	j := job([]Rule{{byDocker + " && " + review}})
	j.Interruptible = true
	f.add("verify", j, "a merge request builds, starts and scans the images and pushes none")
	j = job([]Rule{{byDocker + " && " + branch}, {byDocker + " && " + release}}, x.All(x.Push))
	f.add("push", j, "the engine is reached by TLS, with the certificates that it makes for the job")
}

// buildkit is the way without rights: an image is built under a name for the test, which runs in it, and gets its version when it was scanned.
func (f *file) buildkit() {
	for _, i := range f.x.Images {
		builder := func(stage string, rules []Rule, name string) Job {
			return Job{
				Stage: stage, Image: &Image{Name: pipeline.BuildKit, Entrypoint: []string{""}}, Rules: rules, Timeout: "1h",
				Variables: map[string]string{"BUILDKITD_FLAGS": "--oci-worker-no-process-sandbox"},
				Script:    f.buildctl(i, name),
			}
		}
		f.add("build:"+i.Name, builder("build", []Rule{{byBuildKit}}, i.Name+":candidate-$"+pipeline.Tag), "BuildKit without rights: the runner need not be privileged")
		test := f.test(i)
		test.Needs = []Need{{Job: "build:" + i.Name}}
		f.add("test:"+i.Name, test, "the job runs in the image that was built, beside the services that it needs; every secret is the commit's name, which nothing else accepts")
		f.add("scan:"+i.Name, Job{
			Stage: "scan", Needs: []Need{{Job: "build:" + i.Name}}, Image: &Image{Name: pipeline.Scanner + "-debug", Entrypoint: []string{""}}, Rules: []Rule{{byBuildKit}}, Timeout: "20m",
			Variables: map[string]string{"GRYPE_REGISTRY_AUTH_USERNAME": "$" + pipeline.User, "GRYPE_REGISTRY_AUTH_PASSWORD": "$" + pipeline.Password},
			Script:    []string{fmt.Sprintf(`GRYPE_REGISTRY_AUTH_AUTHORITY="${%[1]s%%%%/*}" /grype "registry:$%[1]s/%[2]s:candidate-$%[3]s" --only-fixed --fail-on critical`, pipeline.Registry, i.Name, pipeline.Tag)},
		}, "vulnerabilities for which there is a remedy end the pipeline")
		last := builder("push", []Rule{{byBuildKit + " && " + branch}, {byBuildKit + " && " + release}}, i.Name+":$"+pipeline.Tag)
		last.Needs = []Need{{Job: "test:" + i.Name}, {Job: "scan:" + i.Name}}
		f.add("push:"+i.Name, last, "the same layers from the cache, under the version")
	}
}

// buildctl are the lines that build an image and push it under a name.
func (f *file) buildctl(i pipeline.Image, name string) []string {
	cache := fmt.Sprintf(`type=registry,ref=$%s/%s:cache`, pipeline.Registry, i.Name)
	dir, file := "", strings.Trim(i.Dockerfile, "'")
	if at := strings.LastIndexByte(file, '/'); at >= 0 {
		dir, file = file[:at], file[at+1:]
	}
	if dir == "" {
		dir = "."
	}
	build := []string{
		"buildctl-daemonless.sh build --frontend dockerfile.v0", "--local context=" + i.Context, "--local dockerfile=" + plan.ShellWords([]string{dir}), "--opt filename=" + plan.ShellWords([]string{file}),
		`--import-cache "` + cache + `"`, `--export-cache "` + cache + `,mode=max,image-manifest=true,oci-mediatypes=true"`,
	}
	for _, s := range i.Secrets {
		build = append(build, fmt.Sprintf(`--secret "id=%s,src=$%s"`, s.ID, s.Variable))
	}
	build = append(build, fmt.Sprintf(`--output "type=image,name=$%s/%s,push=true"`, pipeline.Registry, name))
	return []string{
		`umask 077 && mkdir -p "$HOME/.docker"`,
		fmt.Sprintf(`printf '{"auths":{"%%s":{"auth":"%%s"}}}' "${%s%%%%/*}" "$(printf '%%s:%%s' "$%s" "$%s" | base64 | tr -d '\n')" > "$HOME/.docker/config.json"`, pipeline.Registry, pipeline.User, pipeline.Password),
		strings.Join(build, " "),
	}
}

// throwAway is a value for every secret of a test: 40 hex digits that are no secret and that nothing else accepts.
const throwAway = "$CI_COMMIT_SHA"

// test is the job that runs in the image.
func (f *file) test(i pipeline.Image) Job {
	p := f.x.Plan
	j := Job{
		Stage: "test", Image: &Image{Name: fmt.Sprintf("$%s/%s:candidate-$%s", pipeline.Registry, i.Name, pipeline.Tag), Entrypoint: []string{""}},
		Rules: []Rule{{byBuildKit}}, Timeout: "20m", Variables: map[string]string{},
	}
	at := slices.IndexFunc(generate.Deployables(p), func(d generate.Deployed) bool { return d.Image.Name == i.Name })
	first := generate.Deployables(p)[at]
	if i.Program != "" {
		j.Script = []string{"command -v " + plan.ShellWords([]string{i.Program})}
		return j
	}
	for _, s := range first.Settings {
		j.Variables[s.Name] = p.Expand(s.Value, dollars, func(string) string { return throwAway })
	}
	for n := range p.Services {
		x := &p.Services[n]
		if len(x.For) > 0 && !slices.Contains(x.For, first.Name) {
			continue
		}
		s := Service{Name: p.Pull(x.Image.V), Alias: x.Name, Command: x.Command, Variables: map[string]string{}}
		for _, v := range x.Settings {
			if strings.Contains(v.Name, ".") { // a shell's environment holds no such name, and neither does a runner's
				continue
			}
			s.Variables[v.Name] = p.Expand(v.Value, dollars, func(string) string { return throwAway })
		}
		j.Services = append(j.Services, s)
	}
	j.Script = append(j.Script, "cd "+plan.ShellWords([]string{generate.AppDir(first.Component)}))
	for _, d := range generate.Deployables(p) {
		if command := d.Process("release"); command != nil && d.Image.Name == i.Name {
			j.Script = append(j.Script, fmt.Sprintf("for n in $(seq 30); do %s && break; [ \"$n\" -lt 30 ] || exit 1; sleep 2; done", plan.ShellWords(command)))
		}
	}
	command, health := first.Command(), generate.HealthCommand(first.Component)
	if len(command) == 0 || health == nil {
		if len(command) > 0 {
			j.Script = append(j.Script, "command -v "+plan.ShellWords(command[:1]))
		} else {
			j.Script = append(j.Script, "true")
		}
		return j
	}
	j.Script = append(j.Script,
		plan.ShellWords(command)+" & server=$!",
		fmt.Sprintf("for n in $(seq 60); do %s && exit 0; kill -0 \"$server\" || exit 1; sleep 2; done; exit 1", plan.ShellWords(health)))
	return j
}

// dollars writes a text for a variable of GitLab, which expands $NAME.
func dollars(s string) string { return strings.ReplaceAll(s, "$", "$$") }

func (f *file) deploys() {
	needs := []Need{{Job: "push", Optional: true}}
	for _, i := range f.x.Images {
		needs = append(needs, Need{Job: "push:" + i.Name, Optional: true})
	}
	for _, d := range f.x.Deploys {
		j := Job{
			Stage: "deploy", Needs: needs, Image: &Image{Name: "$DEPLOY_IMAGE", Entrypoint: []string{""}}, Rules: []Rule{{branch}}, Timeout: "30m",
			Environment: &Environment{Name: d.Target}, ResourceGroup: d.Target, Script: d.Run,
		}
		if d.Image != "" {
			j.Image.Name = d.Image
		}
		if slices.ContainsFunc(d.Run, func(l string) bool { return strings.Contains(l, "docker push") }) {
			j.Services = []Service{{Name: pipeline.DinD, Alias: "docker"}}
			j.Variables = map[string]string{"DOCKER_HOST": "tcp://docker:2376", "DOCKER_TLS_CERTDIR": "/certs", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs/client"}
			j.Script = append(f.x.Login(), d.Run...)
		}
		f.add("deploy:"+d.Target, j, "the environment "+d.Target+" of the project: its variables are for this job alone, and one deployment runs at a time")
	}
}

func guide(x *pipeline.Pipeline, place string, own bool) generate.Artifact {
	kept := ""
	if own {
		kept = PipelineFile
	}
	g := x.Guide(Dir, x.Plan.Name+" with GitLab CI", place, kept)
	if own {
		g.Step(fmt.Sprintf("Name `%s` under Settings, CI/CD, General pipelines, CI/CD configuration file, or include it in your own (`include: {local: /%s}`) and take over the stages.", place, place))
	}
	g.Step("Nothing needs to be set for the project's own registry. For another one set the variables REGISTRY (host and path), REGISTRY_USER and REGISTRY_PASSWORD, the last masked and protected.")
	g.Step("Docker in Docker needs a runner with `privileged = true` and `/certs/client` among its volumes. Without one set the variable BUILDER to buildkit: images are then built without rights, and each is tested by a job that runs in it.")
	for _, v := range x.BuildVariables() {
		g.Step(fmt.Sprintf("Put the file that the build reads into the variable %s, of the type File (see .env.example).", v))
	}
	for _, d := range x.Deploys {
		if d.Image == "" {
			g.Step(fmt.Sprintf("Set the variable DEPLOY_IMAGE for the environment %s to an image that has `%s`.", d.Target, d.Tool))
		}
	}
	x.Deployments(g, "variables of the project, masked and protected, for the environment of the target's name")
	return g.Artifact()
}
