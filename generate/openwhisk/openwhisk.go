// Package openwhisk makes what Apache OpenWhisk runs containers as actions by: for each action an image that speaks the platform's protocol
// (POST /init, POST /run on port 8080), and the document that its API takes. A program of drydock's stands before the application in the
// image: it gives it its variables, which the platform tells with /init alone, and makes calls requests, or input.
package openwhisk

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/openwhisk"

// ProxyFile is the source of the program that stands before the application.
const ProxyFile = Dir + "/action.go"

// Builder is the image that the program is compiled in.
const Builder = "golang:1.26-bookworm"

// Limits of actions. Source: github.com/apache/openwhisk, docs/reference.md "System limits" and application.conf; the largest memory is that of
// wskdeploy's specification, an installation's own is memoryUsual unless CONFIG_whisk_memory_max says more.
const (
	minMemory   = 128
	usualMemory = 512
	maxMemory   = 2048
	maxTimeout  = 300000 // milliseconds
	webTimeout  = 60000  // a caller waits no longer
	logSize     = 10     // MB
)

const (
	actionPort = 8080 // where the platform calls
	behindPort = 8081 // of a server that would listen there itself
)

//go:embed action.go.txt
var proxy []byte

// Target makes the files of actions on Apache OpenWhisk.
type Target struct{}

// Name is "openwhisk".
func (Target) Name() string { return "openwhisk" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Functions }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Apache OpenWhisk: Docker actions, web applications as web actions, programs as actions by call and by schedule"
}

// action is something that OpenWhisk can call: a component, or another process of its image.
type action struct {
	generate.Deployed
	file    string   // name of its files: "web", "web.release"; no component's name has a dot
	command []string // that the program before it starts
	port    int      // of the server behind; 0: the command is started for each call
	path    string   // where calls are posted that are no requests; empty: /
	web     bool     // anyone may call it by HTTP
	moved   bool     // PORT tells the server to listen elsewhere
	why     string   // field of the component that the command is from
	cron    string   // when it is called
	release bool     // once before a new version is
}

// actions are what OpenWhisk can call, and why other components are none.
func actions(p *plan.Plan) (out []action, others []string) {
	for _, d := range generate.Deployables(p) {
		if d.Platform.V == "windows" {
			others = append(others, d.Name+": it needs Windows, which OpenWhisk does not run")
			continue
		}
		if d.Memory.V > maxMemory && d.Memory.From != detect.Default {
			others = append(others, fmt.Sprintf("%s: it needs %d MiB of memory, and an action has %d at most", d.Name, d.Memory.V, maxMemory))
			continue
		}
		if a, why := component(d); why != "" {
			others = append(others, d.Name+": "+why)
		} else {
			out = append(out, a)
		}
		if command := d.Process("release"); command != nil {
			out = append(out, action{Deployed: d, file: d.Name + ".release", command: command, why: "processes.release", release: true})
		}
		for _, s := range d.Schedules {
			out = append(out, action{Deployed: d, file: d.Name + ".at-" + s.Name, command: s.Command, why: "schedules." + s.Name, cron: s.Cron})
		}
	}
	return out, others
}

// name is what an action is called in its namespace, which other applications may share.
func (a action) name(p *plan.Plan) string { return p.Name + "-" + a.file }

// component is the action of a component itself; why not, if it is none.
func component(d generate.Deployed) (a action, why string) {
	a = action{Deployed: d, file: d.Name, command: d.Command(), port: d.Port.V, why: "processes"}
	handler := d.Role.V == detect.Function
	a.web = !handler && d.Role.V != detect.Inference || d.Fact("event") == "http"
	serving := dockerfile.Serving(d.Component)
	switch {
	case serving != nil:
		a.command, a.port, a.moved, a.why = serving, behindPort, true, "role"
		if d.Role.V == detect.Inference {
			a.path = "/invocations"
		}
	case generate.Finite(d.Component) && d.Command() != nil:
		a.port, a.web = 0, false
	case generate.Finite(d.Component):
		return a, fmt.Sprintf("only its image knows how it is started: say it (components.%s.processes.%s)", d.Name, d.Role.V)
	case handler && d.Port.V == 0:
		return a, "it asks AWS Lambda's own interface for its events (target lambda)"
	case !generate.Serves(d.Component):
		return a, "it runs all the time, and OpenWhisk ends what has answered: run it as a service (target kubernetes or compose)"
	case d.Port.V != actionPort && d.Command() != nil:
	default:
		line, ok := generate.PortCommand(d.Component)
		if !ok || line == "" {
			return a, fmt.Sprintf("only its image knows how it is started, and port %d is the platform's: say how it is started on another (components.%s.processes.%s)", actionPort, d.Name, d.Role.V)
		}
		a.command, a.port, a.moved = []string{"sh", "-c", line}, behindPort, true
	}
	return a, ""
}

// Document is what the API takes of an action: PUT /api/v1/namespaces/_/actions/NAME. Source: apache/openwhisk, apiv1swagger.json, "ActionPut".
type Document struct {
	Name        string       `json:"name" yaml:"name"`
	Exec        Exec         `json:"exec" yaml:"exec"`
	Limits      Limits       `json:"limits" yaml:"limits"`
	Parameters  []Parameter  `json:"parameters" yaml:"parameters"`
	Annotations []Annotation `json:"annotations" yaml:"annotations"`
}

// Exec says what runs.
type Exec struct {
	Kind   string `json:"kind" yaml:"kind"`
	Image  string `json:"image" yaml:"image"`
	Binary bool   `json:"binary" yaml:"binary"`
}

// Limits are milliseconds, and two times MB.
type Limits struct {
	Timeout int `json:"timeout" yaml:"timeout"`
	Memory  int `json:"memory" yaml:"memory"`
	Logs    int `json:"logs" yaml:"logs"`
}

// Parameter is told with /init when Init is set, with every call otherwise.
type Parameter struct {
	Key   string `json:"key" yaml:"key"`
	Value string `json:"value" yaml:"value"`
	Init  bool   `json:"init" yaml:"init"`
}

// Annotation says of an action what the platform asks: whether it is a web action.
type Annotation struct {
	Key   string `json:"key" yaml:"key"`
	Value any    `json:"value" yaml:"value"`
}

// Generate makes an image and a document for each action, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	all, others := actions(p)
	if len(all)+len(others) == 0 {
		return nil, nil
	}
	var out []generate.Artifact
	for _, a := range all {
		document, err := a.document(p)
		if err != nil {
			return nil, err
		}
		out = append(out, document, a.image(p))
	}
	if len(all) > 0 {
		out = append(out, generate.Artifact{Path: ProxyFile, Content: proxy, Origins: make([]generate.Origin, strings.Count(string(proxy), "\n"))})
	}
	return append(out, readme(p, all, others)), nil
}

// imageName is what an action's image is called in the registry.
func (a action) imageName() string {
	return generate.PushRegistry + "/" + a.Image.Name + "-" + a.file + "-openwhisk:" + generate.Release
}

// settings are the variables that are written down, and those whose values are given when the action is put.
func (a action) settings(p *plan.Plan) (plain, stored []plan.Setting) {
	plain, stored = generate.Environment(p, a.Component)
	return slices.DeleteFunc(plain, func(s plan.Setting) bool { return reserved(s.Name) || s.Name == "PORT" && a.moved }),
		slices.DeleteFunc(stored, func(s plan.Setting) bool { return reserved(s.Name) })
}

// reserved reports whether a parameter's name is the platform's.
func reserved(name string) bool { return strings.HasPrefix(strings.ToLower(name), "__ow_") }

// Fit is the memory in MB of an action: what was measured or decided, as far as any installation gives it; a guess takes no more than what an
// installation gives that nobody has configured.
func Fit(memory int, guessed bool) int {
	most := maxMemory
	if guessed {
		most = usualMemory
	}
	return min(max(minMemory, memory), most)
}

func (a action) document(p *plan.Plan) (generate.Artifact, error) {
	doc := Document{
		Name: a.name(p), Exec: Exec{Kind: "blackbox", Image: a.imageName()},
		Limits:      Limits{Timeout: maxTimeout, Memory: Fit(a.Memory.V, a.Memory.From == detect.Default), Logs: logSize},
		Parameters:  []Parameter{},
		Annotations: []Annotation{{"web-export", a.web}, {"raw-http", a.web}, {"final", true}},
	}
	field := a.fields(p)
	why := generate.Reasons{}
	why.Add(field("role"), "name")
	why.Add(generate.Origin{Why: "replace the registry, and RELEASE by the tag that was pushed"}, "exec", "image")
	why.Add(field("memory"), "limits", "memory")
	why.Add(generate.Origin{Why: "the longest that OpenWhisk allows: nobody waits for the answer"}, "limits", "timeout")
	if a.port != 0 {
		doc.Limits.Timeout = webTimeout
		why.Add(generate.Origin{Why: "a caller waits no longer for an answer"}, "limits", "timeout")
	}
	why.Add(field("role"), "annotations")
	plain, _ := a.settings(p)
	for i, s := range plain {
		doc.Parameters = append(doc.Parameters, Parameter{s.Name, s.Value, true})
		why.Add(field("env."+s.Name), "parameters", fmt.Sprint(i))
	}
	return generate.JSON(path.Join(Dir, a.file+".json"), why, doc)
}

// fields makes the reason that fields of the action's component give.
func (a action) fields(p *plan.Plan) func(names ...string) generate.Origin {
	return func(names ...string) generate.Origin {
		for i := range names {
			names[i] = "components." + a.Name + "." + names[i]
		}
		return generate.FieldOrigin(p, names...)
	}
}

// image is the Dockerfile that puts the program before a component.
func (a action) image(p *plan.Plan) generate.Artifact {
	field := a.fields(p)
	var lines []string
	var origins []generate.Origin
	line := func(why generate.Origin, format string, args ...any) {
		lines, origins = append(lines, fmt.Sprintf(format, args...)), append(origins, why)
	}
	none := generate.Origin{}
	entry := []string{"/opt/openwhisk/action"}
	if a.port != 0 {
		entry = append(entry, fmt.Sprintf("-port=%d", a.port))
	}
	if a.path != "" {
		entry = append(entry, "-path="+a.path)
	}
	line(none, "# %s", generate.Header)
	line(none, "# The image of %s as an action of OpenWhisk.", a.Name)
	line(generate.Origin{Why: "replace the registry and RELEASE, or give it with --build-arg"}, "ARG IMAGE=%s", generate.ImageName(a.Image))
	line(none, "FROM %s AS action", p.Pull(Builder))
	line(none, "WORKDIR /src")
	line(none, "COPY action.go ./")
	line(none, "RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /action action.go")
	line(none, "")
	line(none, "FROM ${IMAGE}")
	line(none, "COPY --from=action /action /opt/openwhisk/action")
	if a.moved {
		line(generate.Origin{Why: fmt.Sprintf("port %d is the platform's", actionPort)}, "ENV PORT=%d", a.port)
	}
	line(generate.Origin{Why: "the platform calls this port of every action"}, "EXPOSE %d", actionPort)
	line(generate.Origin{Why: "the application is started by the platform's first call"}, "HEALTHCHECK NONE")
	line(field("port"), "ENTRYPOINT %s", words(append(entry, "--")))
	line(field(a.why), "CMD %s", words(a.command))
	return generate.Artifact{Path: path.Join(Dir, "Dockerfile."+a.file), Content: []byte(strings.Join(lines, "\n") + "\n"), Origins: origins}
}

// words is a command in exec form.
func words(command []string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(command); err != nil {
		return "[]" // strings are always encoded
	}
	return strings.ReplaceAll(strings.TrimSpace(b.String()), `","`, `", "`)
}
