package compose

import (
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// The files that are laid over compose.yaml. Docker Compose takes the first by itself where no file is named.
const (
	DevelopmentFile = "compose.override.yaml"
	ProductionFile  = "compose.production.yaml"
)

// The networks: of what is reached and reaches out, and of the services.
const (
	front = "front"
	back  = "back"
)

const developmentHeader = `For development: docker compose up lays this file over compose.yaml by itself.
The services can be reached from this machine, docker compose watch follows the sources, and nothing comes back after a restart of the machine.`

const productionHeader = `For production: docker compose -f compose.yaml -f compose.production.yaml up -d
Runs images that were pushed, keeps logs within bounds, and starts everything again when the machine does.`

// variant is a file over compose.yaml with reasons of its own.
func (f *file) variant(name string, doc *yaml.Node) (generate.Artifact, error) {
	a, err := f.artifact(name, doc)
	f.reasons = generate.Reasons{}
	return a, err
}

// development adds what only a person at the sources wants.
func (f *file) development() *yaml.Node {
	f.reasons = generate.Reasons{}
	services := mapping()
	for _, g := range f.p.ImageGroups() {
		for i, c := range g.Components {
			s := mapping()
			if !oneOff(c) {
				put(s, "restart", quoted("no"))
			}
			if i == 0 {
				f.watch(s, g, c)
			}
			if len(s.Content) > 0 {
				put(services, c.Name, s)
			}
		}
	}
	for i := range f.p.Services {
		x := &f.p.Services[i]
		s := pairs("restart", quoted("no"))
		if x.Port != 0 {
			name := f.variable(variable(x.Name) + "_PORT")
			put(s, "ports", list(quoted(fmt.Sprintf("127.0.0.1:${%s:-0}:%d", name, x.Port))))
			put(s, "networks", list(text(front))) // a network without a way out publishes nothing
			why := "the port of this machine on which " + x.Name + " is reached in development; 0: any free one, which docker compose port " + x.Name + " " + strconv.Itoa(x.Port) + " tells"
			f.because(generate.Origin{Why: why}, "services", x.Name, "ports")
			f.note(name, "0", why, generate.FieldOrigin(f.p, "services."+x.Name+".kind"))
		}
		put(services, x.Name, s)
	}
	return f.over(developmentHeader, services)
}

// production replaces the builds by images of a registry.
func (f *file) production() *yaml.Node {
	f.reasons = generate.Reasons{}
	services := mapping()
	registry, tag := f.variable("REGISTRY"), f.variable("TAG")
	pushed := func(name string, g plan.ImageGroup, once bool) {
		s := pairs("image", quoted(f.required(registry)+"/"+g.Name+":"+f.required(tag)), "build", reset(), "pull_policy", text("always"))
		f.because(generate.Origin{Why: "what runs in production was built, tested and pushed before"}, "services", name, "image")
		if !once {
			put(s, "restart", text("always"))
		}
		put(s, "logging", logging())
		f.because(generate.Origin{Why: "the engine keeps logs for ever unless it is told not to"}, "services", name, "logging")
		put(services, name, s)
	}
	for _, g := range f.p.ImageGroups() {
		for _, c := range g.Components {
			pushed(c.Name, g, oneOff(c))
			if name, command := f.release(c); command != nil {
				pushed(name, g, true)
			}
		}
		f.note(registry, "", "where the images of production are pulled from, such as registry.example.com/shop", generate.Origin{})
		f.note(tag, "", "the version of the images that production runs", generate.Origin{})
	}
	for i := range f.p.Services {
		put(services, f.p.Services[i].Name, pairs("restart", text("always"), "logging", logging()))
	}
	return f.over(productionHeader, services)
}

// required is a variable without which compose says what to do.
func (f *file) required(name string) string { return "${" + name + ":?set " + name + " in .env}" }

func (f *file) over(header string, services *yaml.Node) *yaml.Node {
	root := mapping()
	root.HeadComment = header
	put(root, "services", services)
	if len(services.Content) == 0 {
		services.Style = yaml.FlowStyle
	}
	return root
}

// reset takes a key of the file below away.
func reset() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!reset", Value: "null"} }

func logging() *yaml.Node {
	return pairs("driver", text("json-file"), "options", pairs("max-size", text("10m"), "max-file", quoted("5")))
}
