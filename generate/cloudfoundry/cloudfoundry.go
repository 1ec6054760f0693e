// Package cloudfoundry makes application manifests for Cloud Foundry: one that runs the images, and one that gives the sources to
// buildpacks. An application is one or the other.
package cloudfoundry

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/cloudfoundry"

// The files: the first runs images, the second sources.
const (
	ManifestFile  = Dir + "/manifest.yml"
	BuildpackFile = Dir + "/manifest-buildpack.yml"
)

// Target makes the manifests.
type Target struct{}

// Name is "cloudfoundry".
func (Target) Name() string { return "cloudfoundry" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Platform }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Cloud Foundry: manifests for the images and, instead, for buildpacks"
}

// Manifest is what cf push reads. Source: Cloud Foundry documentation, "App manifest attribute reference".
type Manifest struct {
	Version      int           `yaml:"version,omitempty"`
	Applications []Application `yaml:"applications"`
}

// Application is one application: an image, or sources for a buildpack.
type Application struct {
	Name        string            `yaml:"name"`
	Docker      *Docker           `yaml:"docker,omitempty"`
	Path        string            `yaml:"path,omitempty"`
	Buildpacks  []string          `yaml:"buildpacks,omitempty"`
	Stack       string            `yaml:"stack,omitempty"`
	NoRoute     bool              `yaml:"no-route,omitempty"`
	RandomRoute bool              `yaml:"random-route,omitempty"`
	Default     bool              `yaml:"default-route,omitempty"`
	Routes      []Route           `yaml:"routes,omitempty"`
	Processes   []Process         `yaml:"processes,omitempty"`
	Env         map[string]string `yaml:"env,omitempty"`
	Services    []string          `yaml:"services,omitempty"`
	Metadata    map[string]any    `yaml:"metadata,omitempty"`
	Sidecars    []map[string]any  `yaml:"sidecars,omitempty"`
	Process     `yaml:",inline"`  // of an application without a list of processes
}

// Docker is an image of a registry; the password is read from CF_DOCKER_PASSWORD.
type Docker struct {
	Image    string `yaml:"image"`
	Username string `yaml:"username,omitempty"`
}

// Route is a name under which an application is reached.
type Route struct {
	Route    string `yaml:"route"`
	Protocol string `yaml:"protocol,omitempty"`
}

// Process is a way to start the application.
type Process struct {
	Type           string `yaml:"type,omitempty"`
	Command        string `yaml:"command,omitempty"`
	Instances      *int   `yaml:"instances,omitempty"`
	Memory         string `yaml:"memory,omitempty"`
	DiskQuota      string `yaml:"disk_quota,omitempty"`
	LogRateLimit   string `yaml:"log-rate-limit-per-second,omitempty"`
	HealthType     string `yaml:"health-check-type,omitempty"`
	HealthEndpoint string `yaml:"health-check-http-endpoint,omitempty"`
	HealthTimeout  int    `yaml:"health-check-invocation-timeout,omitempty"`
	Timeout        int    `yaml:"timeout,omitempty"`
}

// member is an application with the components that are its processes.
type member struct {
	name       string
	components []generate.Deployed
}

// members puts the components of an image together that have the same environment: its processes share one.
func members(p *plan.Plan) []member {
	var out []member
	for _, d := range generate.Deployables(p) {
		at := slices.IndexFunc(out, func(m member) bool {
			return m.components[0].Image.Name == d.Image.Name && joins(m, d)
		})
		if at < 0 {
			out = append(out, member{name: p.Name + "-" + d.Name, components: []generate.Deployed{d}})
			continue
		}
		out[at].components = append(out[at].components, d)
	}
	return out
}

// joins reports whether a component can be a process of an application: it sets no variable to another value, and does not need to
// be reached beside one that is.
func joins(m member, d generate.Deployed) bool {
	for _, c := range m.components {
		if generate.Serves(c.Component) && generate.Serves(d.Component) {
			return false
		}
		for _, s := range d.Settings {
			for _, has := range c.Settings {
				if has.Name == s.Name && has.Value != s.Value {
					return false
				}
			}
		}
	}
	return true
}

// Generate makes the manifests and the guide.
func (t Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	all := members(p)
	if len(all) == 0 {
		return nil, nil
	}
	for _, d := range generate.Deployables(p) {
		if d.Platform.V == "windows" {
			return nil, &generate.UnsupportedError{Message: fmt.Sprintf("Cloud Foundry runs no images of Windows, and %s needs one", d.Name)}
		}
	}
	images, err := manifest(p, ManifestFile, all, docker)
	if err != nil {
		return nil, err
	}
	out := []generate.Artifact{images}
	built := slices.DeleteFunc(slices.Clone(all), func(m member) bool { _, ok := buildpackOf(m.components[0].Component); return !ok })
	if len(built) > 0 {
		sources, err := manifest(p, BuildpackFile, built, buildpack)
		if err != nil {
			return nil, err
		}
		out = append(out, sources)
	}
	return append(out, guide(p, all, built)), nil
}

// manifest makes a file of applications; from says what each is made from.
func manifest(p *plan.Plan, file string, all []member, from func(*Application, generate.Deployed)) (generate.Artifact, error) {
	m := Manifest{Version: 1}
	why := generate.Reasons{}
	for i, x := range all {
		at := func(place ...string) []string { return append([]string{"applications", fmt.Sprint(i)}, place...) }
		app := Application{Name: x.name, Env: map[string]string{}}
		first := x.components[0]
		from(&app, first)
		why.Add(generate.FieldOrigin(p, "name"), at("name")...)
		why.Add(generate.Origin{Why: "replace the registry, and RELEASE by the tag that was pushed"}, at("docker")...)
		why.Add(generate.FieldOrigin(p, "components."+first.Name+".language"), at("buildpacks")...)
		processes(p, &app, x, why, at)
		for _, d := range x.components {
			for _, s := range d.Settings {
				if s.Name == "PORT" { // the platform says it
					continue
				}
				app.Env[s.Name] = value(p, s)
				why.Add(generate.FieldOrigin(p, "components."+d.Name+".env."+s.Name), at("env", s.Name)...)
			}
		}
		for _, b := range generate.Backings(p, generate.CloudFoundry) {
			if b.Image != "" && slices.ContainsFunc(x.components, func(d generate.Deployed) bool { return needs(p, b, d.Name) }) {
				app.Services = append(app.Services, instance(p, b))
				why.Add(generate.FieldOrigin(p, "services."+b.Service+".kind"), at("services", fmt.Sprint(len(app.Services)-1))...)
			}
		}
		m.Applications = append(m.Applications, app)
	}
	return generate.YAML(file, why, m)
}

// instance is the name of a service's instance in the space.
func instance(p *plan.Plan, b generate.Backing) string { return p.Name + "-" + b.Service }

func needs(p *plan.Plan, b generate.Backing, component string) bool {
	s := p.Service(b.Service)
	return s != nil && (len(s.For) == 0 || slices.Contains(s.For, component))
}

// value is a plain value, or a variable of cf push: what a file of values fills that nobody commits. A value that looks like one is given
// that way too, for a manifest has no way to write it.
func value(p *plan.Plan, s plan.Setting) string {
	plain := p.Expand(s.Value, nil, func(n string) string { return n })
	if generate.Stored(p, s) || variableRule().MatchString(plain) {
		return "((" + s.Name + "))"
	}
	return plain
}

// processes are the components of the application. What is reached is called web; without one, web has no instance.
func processes(p *plan.Plan, app *Application, x member, why generate.Reasons, at func(...string) []string) {
	one, none := 1, 0
	served := slices.ContainsFunc(x.components, func(d generate.Deployed) bool { return generate.Serves(d.Component) })
	if !served {
		app.NoRoute = true
		app.Processes = []Process{{Type: "web", Instances: &none, Memory: "64M", HealthType: "process"}}
		why.Add(generate.Origin{Why: "nothing of it is reached: the process that every application has is not started"}, at("processes", "0")...)
	} else {
		app.Default = true
	}
	for _, d := range x.components {
		r := Process{Type: d.Name, Instances: &one, Memory: fmt.Sprintf("%dM", max(d.Memory.V, 64)), DiskQuota: "2G", HealthType: "process"}
		if command := d.Command(); command != nil && (!d.First || app.Docker == nil || !served) {
			r.Command = plan.ShellWords(command)
		}
		if generate.Finite(d.Component) {
			r.Instances = &none
		}
		if generate.Serves(d.Component) {
			r.Type, r.HealthType, r.Timeout = "web", "port", 180
			if d.HealthPath.V != "" {
				r.HealthType, r.HealthEndpoint, r.HealthTimeout = "http", d.HealthPath.V, 5
			}
			if line, _ := generate.PortCommand(d.Component); app.Docker == nil && line != "" && d.Fact("servedBy") == "" {
				r.Command = line
			}
			if app.Docker == nil && (d.Fact("servedBy") != "" || app.Buildpacks[0] == "java_buildpack") {
				r.Command = "" // the buildpack knows, and the image's paths are not there
			}
		} else if r.Type == "web" {
			r.Type = "web-process"
		}
		n := fmt.Sprint(len(app.Processes))
		scope := "components." + d.Name
		why.Add(generate.FieldOrigin(p, scope+".processes"), at("processes", n, "command")...)
		why.Add(generate.FieldOrigin(p, scope+".memory"), at("processes", n, "memory")...)
		why.Add(generate.FieldOrigin(p, scope+".healthPath", scope+".port"), at("processes", n, "health-check-type")...)
		why.Add(generate.FieldOrigin(p, scope+".role"), at("processes", n, "type")...)
		app.Processes = append(app.Processes, r)
	}
}

func docker(app *Application, d generate.Deployed) {
	app.Docker = &Docker{Image: generate.ImageName(d.Image)}
}

func buildpack(app *Application, d generate.Deployed) {
	name, _ := buildpackOf(d.Component)
	app.Buildpacks, app.Stack = []string{name}, "cflinuxfs4"
	dir := d.Image.Root
	if artifact := d.Fact("artifact"); name == "java_buildpack" && artifact != "" {
		dir = path.Join(dir, artifact) // it takes what was built
	}
	if out := d.Fact("output"); name == "staticfile_buildpack" && out != "" {
		dir = path.Join(dir, out)
	}
	app.Path = path.Join("../..", dir)
}

// buildpacks are those of Cloud Foundry's own distribution by language. Source: Cloud Foundry documentation, "System buildpacks".
var buildpacks = map[string]string{
	"ruby": "ruby_buildpack", "java": "java_buildpack", "kotlin": "java_buildpack", "scala": "java_buildpack", "groovy": "java_buildpack",
	"clojure": "java_buildpack", "php": "php_buildpack", "python": "python_buildpack", "javascript": "nodejs_buildpack", "typescript": "nodejs_buildpack",
	"go": "go_buildpack", "csharp": "dotnet_core_buildpack", "fsharp": "dotnet_core_buildpack", "vb": "dotnet_core_buildpack",
}

// buildpackOf is the buildpack for a component; false: there is none.
func buildpackOf(c *plan.Component) (string, bool) {
	if c.Fact("servedBy") != "" { // files for a browser
		return "staticfile_buildpack", true
	}
	name, ok := buildpacks[c.Language.V]
	return name, ok
}

// guide says what a person does around the manifests.
func guide(p *plan.Plan, all, built []member) generate.Artifact {
	g := generate.NewGuide(Dir, p.Name+" on Cloud Foundry")
	g.Text("`manifest.yml` runs the images. `manifest-buildpack.yml`, where a buildpack knows the language, runs the sources instead: deploy one of the two, for an application has an image or buildpacks and never both.")
	g.Push(p)
	g.Backings(p, generate.CloudFoundry)
	for _, b := range generate.Backings(p, generate.CloudFoundry) {
		if b.Image != "" && !b.Offered {
			g.Step(fmt.Sprintf("%s is no offer of the marketplace: make the one that you run known, the command asks for its address.", b.Service),
				plan.ShellWords([]string{"cf", "create-user-provided-service", instance(p, b), "-p", "uri"}))
		}
	}
	if names := variables(p); len(names) > 0 {
		g.Step(fmt.Sprintf("Write a file secrets.yml outside of the repository with a line NAME: VALUE for each of %s. The values of a service are those of `cf service-key` (made by `cf create-service-key INSTANCE drydock`) or of `cf env`.", strings.Join(names, ", ")))
	}
	push := func(m member, more ...string) string {
		words := append([]string{"cf", "push", m.name, "-f", "manifest.yml", "--vars-file", "../../../secrets.yml"}, more...)
		return plan.ShellWords(words)
	}
	for _, m := range all {
		for _, d := range m.components {
			if command := d.Process("release"); command != nil {
				g.Step(fmt.Sprintf("Before a new version of %s serves, run its release step: stage the version without starting it, and run the step as a task.", m.name),
					push(m, "--task"), plan.ShellWords([]string{"cf", "run-task", m.name, "--name", "release", "--wait", "--command", plan.ShellWords(command)}))
			}
		}
		g.Step(fmt.Sprintf("Deploy %s. A private registry's password is read from the variable CF_DOCKER_PASSWORD when docker.username is set in the manifest.", m.name), push(m, "--strategy", "rolling"))
		for _, d := range m.components {
			after(g, m, d)
		}
	}
	if len(built) > 0 {
		g.Text("With buildpacks the commands are the same with `-f manifest-buildpack.yml`. What a buildpack takes is what lies there: build jars and front ends first. The version of the language is the one that the buildpack carries, which for old sources may be none.")
	}
	return g.Artifact()
}

// after are the steps of one process.
func after(g *generate.Guide, m member, d generate.Deployed) {
	if generate.Finite(d.Component) && d.Command() != nil {
		g.Step(fmt.Sprintf("%s is a job: run it as a task.", d.Name), plan.ShellWords([]string{"cf", "run-task", m.name, "--name", d.Name, "--command", plan.ShellWords(d.Command())}))
	}
	for _, s := range d.Schedules {
		g.Step(fmt.Sprintf("Schedule %s with the Scheduler service, where the foundation has it.", s.Name),
			plan.ShellWords([]string{"cf", "create-job", m.name, s.Name, plan.ShellWords(s.Command)}), plan.ShellWords([]string{"cf", "schedule-job", s.Name, s.Cron}))
	}
	if data, _ := generate.Storage(d.Component); len(data) > 0 {
		g.Text("%s keeps files in %s, which every restart loses: bind a volume service mounted there (`cf bind-service` with a mount), or keep them in an object store.", d.Name, strings.Join(data, ", "))
	}
}

// variables are the names that a file of values fills, sorted.
func variables(p *plan.Plan) []string {
	var names []string
	for _, d := range generate.Deployables(p) {
		for _, s := range d.Settings {
			if s.Name != "PORT" && strings.HasPrefix(value(p, s), "((") && !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}
