// Package openfaas makes what OpenFaaS runs functions by: stack.yaml, and for each function an image with OpenFaaS's of-watchdog, which stands
// before a server (mode http) or starts a program for each call (mode streaming).
package openfaas

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/openfaas"

// StackFile is what faas-cli reads.
const StackFile = Dir + "/stack.yaml"

// Watchdog is the image that the watchdog is taken from. Source: github.com/openfaas/of-watchdog.
const Watchdog = "ghcr.io/openfaas/of-watchdog:0.10.12"

const (
	watchdogPort = 8080 // where OpenFaaS calls
	behindPort   = 8081 // of a server that would listen there itself
)

// Target makes the files of functions on OpenFaaS.
type Target struct{}

// Name is "openfaas".
func (Target) Name() string { return "openfaas" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Functions }

// Describe says what the target is for.
func (Target) Describe() string {
	return "OpenFaaS: stack.yaml, and images with of-watchdog, for functions on machines of one's own"
}

// function is a component that OpenFaaS can call.
type function struct {
	generate.Deployed
	name  string
	mode  string // of the watchdog
	port  int    // of the server behind the watchdog; 0: none
	line  string // starts it, for a shell
	moved bool   // PORT tells the server to listen elsewhere
}

// functions are the components that OpenFaaS can call, and why the others are none.
func functions(p *plan.Plan) (out []function, others []string) {
	for _, d := range generate.Deployables(p) {
		f := function{Deployed: d, name: p.Name + "-" + d.Name, mode: "http", port: d.Port.V}
		serving := dockerfile.Serving(d.Component)
		switch {
		case d.Platform.V == "windows":
			others = append(others, d.Name+": it needs Windows, which OpenFaaS does not run")
			continue
		case serving != nil:
			f.line, f.port, f.moved = plan.ShellWords(serving), behindPort, true
		case generate.Finite(d.Component) && d.Command() != nil:
			f.mode, f.port, f.line = "streaming", 0, plan.ShellWords(d.Command())
		case d.Role.V == detect.Function && d.Port.V == 0:
			others = append(others, d.Name+": it asks AWS Lambda's own interface for its events (target lambda)")
			continue
		case !generate.Serves(d.Component):
			others = append(others, d.Name+": it runs all the time, and OpenFaaS calls functions: run it as a service (target kubernetes or compose)")
			continue
		case d.Port.V != watchdogPort && d.Command() != nil:
			f.line = plan.ShellWords(d.Command())
		default:
			line, ok := generate.PortCommand(d.Component)
			if !ok || line == "" {
				others = append(others, fmt.Sprintf("%s: only its image knows how it is started, and port %d is the watchdog's: say how it is started on another (components.%s.processes.%s)", d.Name, watchdogPort, d.Name, d.Role.V))
				continue
			}
			f.line, f.port, f.moved = line, behindPort, true
		}
		out = append(out, f)
	}
	return out, others
}

// Stack is stack.yaml. Source: docs.openfaas.com, "OpenFaaS YAML".
type Stack struct {
	Version   string              `yaml:"version"`
	Provider  Provider            `yaml:"provider"`
	Functions map[string]Function `yaml:"functions"`
}

// Provider says where functions are deployed to.
type Provider struct {
	Name    string `yaml:"name"`
	Gateway string `yaml:"gateway"`
}

// Function is a function of the stack.
type Function struct {
	Lang                   string             `yaml:"lang,omitempty"`
	Handler                string             `yaml:"handler,omitempty"`
	Image                  string             `yaml:"image"`
	SkipBuild              bool               `yaml:"skip_build,omitempty"`
	Environment            cloudformation.Map `yaml:"environment,omitempty"`
	Secrets                []string           `yaml:"secrets,omitempty"`
	Labels                 map[string]string  `yaml:"labels,omitempty"`
	Annotations            map[string]string  `yaml:"annotations,omitempty"`
	Limits                 *Resources         `yaml:"limits,omitempty"`
	Requests               *Resources         `yaml:"requests,omitempty"`
	ReadOnlyRootFilesystem bool               `yaml:"readonly_root_filesystem,omitempty"`
}

// Resources are amounts as Kubernetes writes them.
type Resources struct {
	Memory string `yaml:"memory,omitempty"`
	CPU    string `yaml:"cpu,omitempty"`
}

// secretName is what the value of a setting is stored under: OpenFaaS mounts it as a file of that name.
func secretName(p *plan.Plan, c *plan.Component, name string) string {
	key := p.Name
	if !generate.Shared(p, name) {
		key += "-" + c.Name
	}
	return strings.Trim(key+"-"+strings.ReplaceAll(strings.ToLower(name), "_", "-"), "-")
}

// Generate makes stack.yaml, an image for each function, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	all, others := functions(p)
	if len(all)+len(others) == 0 {
		return nil, nil
	}
	var out []generate.Artifact
	if len(all) > 0 {
		s := Stack{Version: "1.0", Provider: Provider{Name: "openfaas", Gateway: "http://127.0.0.1:8080"}, Functions: map[string]Function{}}
		why := generate.Reasons{}
		for _, f := range all {
			s.Functions[f.name] = f.entry(p, why)
			out = append(out, image(p, f))
		}
		a, err := generate.YAML(StackFile, why, s)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return append(out, readme(p, all, others)), nil
}

// imageName is what a function's image is called.
func (f function) imageName() string { return f.Image.Name + "-" + f.Name + "-openfaas" }

func (f function) entry(p *plan.Plan, why generate.Reasons) Function {
	x := Function{Image: generate.PushRegistry + "/" + f.imageName() + ":" + generate.Release, SkipBuild: true, ReadOnlyRootFilesystem: f.ReadOnly.V == "true",
		Labels: map[string]string{"com.openfaas.scale.min": "1", "com.openfaas.scale.max": "4"}}
	plain, stored := generate.Environment(p, f.Component)
	for _, s := range plain {
		if s.Name != "PORT" || !f.moved {
			x.Environment = append(x.Environment, cloudformation.Entry{Key: s.Name, Value: s.Value})
		}
		why.Add(generate.FieldOrigin(p, "components."+f.Name+".env."+s.Name), "functions", f.name, "environment", s.Name)
	}
	for _, s := range stored {
		x.Secrets = append(x.Secrets, secretName(p, f.Component, s.Name))
	}
	if f.Memory.V > 0 {
		x.Limits = &Resources{Memory: strconv.Itoa(f.Memory.V) + "Mi"}
		x.Requests = &Resources{Memory: strconv.Itoa(f.Memory.V) + "Mi"}
		if f.CPU.V > 0 {
			x.Requests.CPU = strconv.Itoa((f.CPU.V*1000+1023)/1024) + "m"
		}
	}
	if len(f.Schedules) == 1 && f.mode == "streaming" {
		x.Annotations = map[string]string{"topic": "cron-function", "schedule": f.Schedules[0].Cron}
		why.Add(generate.FieldOrigin(p, "components."+f.Name+".schedules"), "functions", f.name, "annotations")
	}
	why.Add(generate.FieldOrigin(p, "components."+f.Name+".role"), "functions", f.name)
	why.Add(generate.FieldOrigin(p, "components."+f.Name+".memory", "components."+f.Name+".cpu"), "functions", f.name, "requests")
	why.Add(generate.FieldOrigin(p, "components."+f.Name+".memory"), "functions", f.name, "limits")
	return x
}

// image is the Dockerfile that puts the watchdog before a component.
func image(p *plan.Plan, f function) generate.Artifact {
	field := func(names ...string) generate.Origin {
		for i := range names {
			names[i] = "components." + f.Name + "." + names[i]
		}
		return generate.FieldOrigin(p, names...)
	}
	var lines []string
	var origins []generate.Origin
	line := func(why generate.Origin, format string, args ...any) {
		lines, origins = append(lines, fmt.Sprintf(format, args...)), append(origins, why)
	}
	none := generate.Origin{}
	script := []string{"set -eu"}
	_, stored := generate.Environment(p, f.Component)
	for _, s := range stored {
		file := "/var/openfaas/secrets/" + secretName(p, f.Component, s.Name)
		script = append(script, fmt.Sprintf(`%s=$(cat %s)`, s.Name, plan.ShellWords([]string{file})), "export "+s.Name)
	}
	if f.moved {
		script = append(script, fmt.Sprintf("export PORT=%d", f.port))
	}
	script = append(script, "exec "+f.line)
	if strings.Contains(f.line, "&&") {
		script[len(script)-1] = f.line
	}
	line(none, "# %s", generate.Header)
	line(none, "# The image of %s behind OpenFaaS's of-watchdog.", f.Name)
	line(generate.Origin{Why: "replace the registry and RELEASE, or give it with --build-arg"}, "ARG IMAGE=%s", generate.ImageName(f.Image))
	line(none, "ARG WATCHDOG=%s", Watchdog)
	line(none, "FROM ${WATCHDOG} AS watchdog")
	line(none, "")
	line(none, "FROM ${IMAGE}")
	line(none, "COPY --from=watchdog /fwatchdog /usr/bin/fwatchdog")
	line(none, "USER 0")
	if strings.Contains(strings.Join(script, ""), "$") {
		line(none, "# hadolint ignore=SC2016")
	}
	line(generate.Origin{Why: "secrets are files there, and the application reads variables"}, `RUN printf '%%s\n' \`)
	for _, s := range script {
		line(none, `      %s \`, plan.ShellWords([]string{s}))
	}
	line(none, "      > /opt/start.sh")
	line(none, "USER 10001:0")
	line(field("role"), "ENV mode=%s \\", f.mode)
	line(field("processes"), `    fprocess="sh /opt/start.sh" \`)
	limit := "60s"
	if f.port != 0 {
		line(field("port"), `    upstream_url="http://127.0.0.1:%d" \`, f.port)
	} else {
		limit = "1h"
	}
	line(none, "    exec_timeout=%s \\", limit)
	line(none, "    read_timeout=%s \\", limit)
	line(none, "    write_timeout=%s \\", limit)
	line(none, "    healthcheck_interval=5s \\")
	line(none, "    port=%d", watchdogPort)
	line(none, "EXPOSE %d", watchdogPort)
	line(none, `HEALTHCHECK --interval=5s CMD ["test", "-e", "/tmp/.lock"]`)
	line(none, "ENTRYPOINT []")
	line(none, `CMD ["fwatchdog"]`)
	return generate.Artifact{Path: path.Join(Dir, "Dockerfile."+f.Name), Content: []byte(strings.Join(lines, "\n") + "\n"), Origins: origins}
}

// readme says what to do with the files.
func readme(p *plan.Plan, all []function, others []string) generate.Artifact {
	g := generate.NewGuide(Dir, p.Name+" on OpenFaaS")
	if !g.Begin("OpenFaaS", len(all) > 0, others, "`stack.yaml` is read by faas-cli; each function's image is that of the application behind of-watchdog.") {
		return g.Artifact()
	}
	g.Push(p)
	var commands []string
	for _, f := range all {
		name := generate.PushRegistry + "/" + f.imageName() + ":" + generate.Release
		commands = append(commands, generate.Wrapped(name, f.Image, "Dockerfile."+f.Name)...)
	}
	g.Step("Build and push the functions.", commands...)
	var secrets []string
	seen := map[string]bool{}
	for _, f := range all {
		_, stored := generate.Environment(p, f.Component)
		for _, s := range stored {
			if name := secretName(p, f.Component, s.Name); !seen[name] {
				seen[name] = true
				secrets = append(secrets, plan.ShellWords([]string{"faas-cli", "secret", "create", name, "--from-file", s.Name + ".txt"}))
			}
		}
	}
	if len(secrets) > 0 {
		g.Step("Store the values that are in no file, each from a file that is removed afterwards; addresses are those of your own databases and services.", secrets...)
	}
	g.Backings(p, generate.Kubernetes)
	g.Step("Deploy. The gateway is named in `stack.yaml`.", "faas-cli deploy -f stack.yaml")
	for _, f := range all {
		if command := f.Process("release"); command != nil {
			g.Item("Before a new version serves, run the release step of %s once, where its database is reached: `%s`.", f.Name, strings.ReplaceAll(plan.ShellWords(command), "`", "'"))
		}
		if data, _ := generate.Storage(f.Component); len(data) > 0 {
			g.Item("%s keeps files in %s, and a function's files go with it: keep them elsewhere.", f.Name, strings.Join(data, ", "))
		}
		if len(f.Schedules) > 0 && !(len(f.Schedules) == 1 && f.mode == "streaming") {
			for _, s := range f.Schedules {
				g.Item("Not here: the schedule %s of %s (`%s`) runs a command of the image, and OpenFaaS's cron connector calls functions.", s.Name, f.Name, s.Cron)
			}
		}
	}
	g.Blank()
	return g.Artifact()
}
