// Package pipeline is what the targets for continuous integration share: how images are built with a cache, started and asked, scanned,
// pushed and deployed, as lines of a POSIX shell. Each target writes them in its service's notation.
package pipeline

import (
	"context"
	_ "embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/compose"
	"github.com/drydock-cli/drydock/plan"
)

//go:embed deploy.yaml
var deployYAML []byte

// The programs that a pipeline fetches, by version.
const (
	Docker   = "docker:27.5.1-cli"
	DinD     = "docker:27.5.1-dind"
	BuildKit = "moby/buildkit:v0.24.0-rootless"
	Scanner  = "anchore/grype:v0.110.0"
)

// Names of the variables that every pipeline reads.
const (
	Registry = "REGISTRY"          // where images are pushed: "registry.example.com/team"
	User     = "REGISTRY_USER"     // who pushes
	Password = "REGISTRY_PASSWORD" // read from the service's store of secrets
	Tag      = "TAG"               // the version: the commit
)

// Pipeline is a plan as a pipeline sees it.
type Pipeline struct {
	Plan    *plan.Plan
	Images  []Image
	Deploys []Deploy
	// Compose starts the images with their services in a test. It is the file that the target compose makes, too.
	Compose generate.Artifact
	Waits   []string // services of compose.yaml that must become healthy, or run
}

// Image is an image to be built.
type Image struct {
	Name       string
	Context    string // as a word of a command, from the root
	Dockerfile string // as a word of a command, from the root
	Secrets    []generate.BuildSecret
	Program    string // of an image that only runs jobs: the first word of its command; empty: it is started in a test
	components []*plan.Component
}

// Deploy is how the images reach a target of the plan.
type Deploy struct {
	Target  string
	Tool    string   `yaml:"tool"`
	Image   string   `yaml:"image"`
	Secrets []string `yaml:"secrets"`
	Check   string   `yaml:"check"`
	Run     []string `yaml:"run"`
}

var deploys = sync.OnceValue(func() map[string]Deploy {
	var all map[string]Deploy
	if err := yaml.Unmarshal(deployYAML, &all); err != nil {
		panic("deploy.yaml: " + err.Error()) // the file is part of the program and read by its tests
	}
	return all
})

// plainPath is a path that means the same in every notation of every service: several of them expand $(…) and ${{…}} wherever they stand.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9._/@+][A-Za-z0-9._/@+ -]*$`)

// New reads a plan. An *generate.UnsupportedError: the machines of these services cannot build it, or a path of it cannot be written.
func New(ctx context.Context, p *plan.Plan) (*Pipeline, error) {
	out := &Pipeline{Plan: p}
	for _, g := range p.ImageGroups() {
		for _, word := range []string{g.Root, g.Dockerfile} {
			if !plainPath.MatchString(word) {
				return nil, &generate.UnsupportedError{Message: fmt.Sprintf("the path %q cannot be written in a pipeline, whose services expand such letters wherever they stand", word)}
			}
		}
		first := g.Components[0]
		if first.Platform.V == "windows" {
			return nil, &generate.UnsupportedError{Message: fmt.Sprintf("%s needs Windows containers, which a pipeline on Linux does not build", first.Name)}
		}
		image := Image{Name: g.Name, Context: word(g.Root), Dockerfile: word(g.Dockerfile), Secrets: generate.BuildSecrets(first), components: g.Components}
		jobs := !slices.ContainsFunc(g.Components, func(c *plan.Component) bool { return !generate.Finite(c) })
		if command := first.Command(); jobs {
			image.Program = "sh"
			if len(command) > 0 && plainPath.MatchString(command[0]) {
				image.Program = command[0]
			}
		}
		for _, c := range g.Components {
			if !generate.Finite(c) {
				out.Waits = append(out.Waits, c.Name)
			}
		}
		out.Images = append(out.Images, image)
	}
	if len(out.Images) == 0 {
		return nil, nil
	}
	files, err := compose.Target{}.Generate(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("compose.yaml, with which images are tested: %w", err)
	}
	for _, a := range files {
		if a.Path == compose.FileName {
			out.Compose = a
		}
	}
	for _, target := range p.Targets {
		if d, ok := deploys()[target]; ok {
			out.Deploys = append(out.Deploys, out.filled(target, d))
		}
	}
	return out, nil
}

// word is a path as a word of a shell's command.
func word(p string) string { return plan.ShellWords([]string{path.Clean(p)}) }

// filled puts the plan's names into the lines of a deployment. They are names of the plan: letters, digits and dashes.
func (x *Pipeline) filled(target string, d Deploy) Deploy {
	d.Target = target
	d.Check = strings.ReplaceAll(d.Check, "{project}", x.Plan.Name)
	var processes []string
	web := false
	for _, i := range x.Images {
		processes = append(processes, process(i, &web))
	}
	release := slices.ContainsFunc(generate.Deployables(x.Plan), func(d generate.Deployed) bool { return d.Process("release") != nil })
	var run []string
	for _, line := range d.Run {
		step, only := strings.CutPrefix(line, "{release} ")
		if only && !release || len(x.Waits) == 0 && strings.Contains(step, "rollout status") { // jobs alone are no deployment
			continue
		}
		line = step
		line = strings.NewReplacer("{project}", x.Plan.Name, "{processes}", strings.Join(processes, " ")).Replace(line)
		switch {
		case strings.Contains(line, "{component}"):
			for _, c := range generate.Deployables(x.Plan) {
				if !generate.Finite(c.Component) || !strings.Contains(line, "service") {
					run = append(run, strings.ReplaceAll(line, "{component}", c.Name))
				}
			}
		case strings.Contains(line, "{image}"):
			for n, i := range x.Images {
				run = append(run, strings.NewReplacer("{image}", i.Name, "{process}", processes[n]).Replace(line))
			}
		default:
			run = append(run, line)
		}
	}
	d.Run = run
	return d
}

// process is the name of an image's process on Heroku: the first that is reached is web.
func process(i Image, web *bool) string {
	for _, c := range i.components {
		if generate.Serves(c) && !*web {
			*web = true
			return "web"
		}
	}
	return i.components[0].Name
}

// Cache prepares a builder that can keep layers in the registry. Where its image cannot be had the engine builds without that cache.
func (x *Pipeline) Cache() []string {
	return []string{
		`cache=""`,
		`if docker buildx create --name drydock --driver docker-container --use --bootstrap; then cache=yes; else docker buildx use default; fi`,
	}
}

// Build builds an image under its own name, with the layers that the registry keeps of it. The secrets of the build are files, named by variables.
func (x *Pipeline) Build(i Image) []string {
	ref := `type=registry,ref=$` + Registry + `/` + i.Name + `:cache`
	line := []string{
		"docker buildx build --load --provenance=false --pull",
		`${cache:+--cache-from "` + ref + `"} ${cache:+--cache-to "` + ref + `,mode=max,image-manifest=true,oci-mediatypes=true"}`,
	}
	for _, s := range i.Secrets {
		line = append(line, fmt.Sprintf(`--secret "id=%s,src=$%s"`, s.ID, s.Variable))
	}
	return []string{strings.Join(append(line, "--file "+i.Dockerfile, "--tag "+i.Name, i.Context), " ")}
}

// Test starts the images with the services that they need and waits until they answer, with values for the secrets that nobody knows and
// that end with the test. An image of jobs is asked whether its program is there.
func (x *Pipeline) Test() []string {
	var out []string
	if len(x.Waits) > 0 {
		if len(x.Plan.Secrets) > 0 {
			out = append(out, "umask 077", ": > .env")
		}
		for _, s := range x.Plan.Secrets {
			out = append(out, fmt.Sprintf(`printf '%s=%%s\n' "$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')" >> .env`, s.Name))
		}
		out = append(out,
			"docker compose -f compose.yaml up --detach --no-build --wait --wait-timeout 300 "+strings.Join(x.Waits, " ")+
				" || { docker compose -f compose.yaml logs --no-color --tail 100; docker compose -f compose.yaml down --volumes; exit 1; }",
			"docker compose -f compose.yaml down --volumes")
	}
	for _, i := range x.Images {
		if i.Program != "" {
			out = append(out, fmt.Sprintf(`docker run --rm --network none --entrypoint sh %s -c 'command -v "$0"' %s`, i.Name, word(i.Program)))
		}
	}
	return out
}

// Scan looks for known vulnerabilities that a newer package mends. The scanner reads a file: it needs no engine.
func (x *Pipeline) Scan(i Image) []string {
	return []string{
		"docker save --output image.tar " + i.Name,
		`docker run --rm --volume "$PWD/image.tar:/image.tar:ro" ` + Scanner + " docker-archive:/image.tar --only-fixed --fail-on critical",
		"rm -f image.tar",
	}
}

// Login gives the registry the password on standard input.
func (x *Pipeline) Login() []string {
	return []string{`printf '%s' "$` + Password + `" | docker login --username "$` + User + `" --password-stdin "${` + Registry + `%%/*}"`}
}

// Push pushes an image that was built, tested and scanned under its version.
func (x *Pipeline) Push(i Image) []string {
	ref := `"$` + Registry + `/` + i.Name + `:$` + Tag + `"`
	return []string{"docker tag " + i.Name + " " + ref, "docker push --quiet " + ref}
}

// All joins the lines of every image.
func (x *Pipeline) All(step func(Image) []string) []string {
	var out []string
	for _, i := range x.Images {
		out = append(out, step(i)...)
	}
	return out
}

// BuildVariables are the variables that name the files with the secrets of the builds, sorted.
func (x *Pipeline) BuildVariables() []string {
	var names []string
	for _, i := range x.Images {
		for _, s := range i.Secrets {
			if !slices.Contains(names, s.Variable) {
				names = append(names, s.Variable)
			}
		}
	}
	slices.Sort(names)
	return names
}

// Guide begins the guide of a service with what is the same for all of them.
func (x *Pipeline) Guide(dir, title, file, kept string) *generate.Guide {
	g := generate.NewGuide(dir, title)
	g.Text("`%s` builds the images with their cached layers, starts them with the services of compose.yaml and waits until they answer, looks for known vulnerabilities that have a remedy, and only then pushes and deploys. An image that failed any of it is in no registry.", file)
	if kept != "" {
		g.Text("The repository has a `%s` of its own, which is left as it is.", kept)
	}
	return g
}

// Deployments adds what is deployed and what it needs.
func (x *Pipeline) Deployments(g *generate.Guide, where string) {
	for _, d := range x.Deploys {
		g.Step(fmt.Sprintf("For the deployment to %s put %s into %s: %s. The pipeline's machine needs `%s`.", d.Target, strings.Join(d.Secrets, ", "), where, d.Check, d.Tool))
	}
	if len(x.Deploys) == 0 {
		g.Text("Nothing is deployed: none of the plan's targets has a deployment that a pipeline can carry out by itself. The guide of each target (`deploy/TARGET/README.md`) has its commands; add them as a step behind the push, or choose one of the targets %s and generate again.", strings.Join(Deployable(), ", "))
	}
	g.Text("A vulnerability that is accepted is named in `.grype.yaml` (`ignore: [{vulnerability: CVE-…}]`), with the reason in a comment. Releases of old applications often start with some.")
}

// Deployable are the targets that a pipeline can deploy to, sorted.
func Deployable() []string {
	var names []string
	for n := range deploys() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
