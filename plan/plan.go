// Package plan turns findings into decisions: what is built, on which base,
// with which services, settings and secrets, for which targets. A Plan is
// written to and read back from drydock.yaml.
package plan

import (
	"path"
	"strings"
	"time"

	"github.com/drydock-cli/drydock/detect"
)

// FileName is the plan's file in a repository.
const FileName = "drydock.yaml"

// Plan is findings plus decisions: all that generation and verification need to know.
type Plan struct {
	Location   string
	Commit     string
	Date       time.Time // of the commit; zero when the source is not Git
	Name       string    // project name, [a-z0-9-]+: the compose project, the Fargate family's prefix
	Targets    []string  // names of targets, in the order in which they are generated
	Components []Component
	Services   []Service // what compose and verification run beside the components
	Secrets    []Secret
	Warnings   []detect.Warning
	// Registry is where images are pulled from, "registry.example.com/hub": every
	// image name gets it in front. Empty: the names as they are.
	Registry string
	// Digests pin images: the name by which one is pulled ("ruby:3.1-slim", with the registry in front where there is one) to the
	// digest that its tag had when it was asked for, "sha256:…". Pull puts it behind the name.
	Digests map[string]string

	images  func(*Component) map[string]detect.Value[string]
	targets []string          // names that Targets may hold; empty: any
	settled map[string]bool   // fields that a person has decided or seen in drydock.yaml
	removed map[string]bool   // entries that a person has dropped
	decided map[string]string // why, by the path of each field whose value is not what was found: it is chosen, whatever the value itself remembers
}

// Component is a detected component with what was decided about it. The
// embedded fields are findings unless their From is detect.Chosen.
type Component struct {
	detect.Component

	// Image names the image it runs from. Components of one Path share it, and
	// the first of them (web before worker) says how it is built.
	Image string
	// BaseImages override the base image of a stage of the Dockerfile: "build",
	// "run", "node". Absent: the template chooses by the versions found.
	BaseImages map[string]detect.Value[string]
	// Settings are the environment of the running container, sorted by name.
	Settings []Setting
	// CPU in 1/1024 of a core (the unit of ECS) and memory in MiB.
	CPU    detect.Value[int]
	Memory detect.Value[int]
	// ReadOnly makes the container's root file system read-only: "true" or "false".
	ReadOnly detect.Value[string]
	// Placement is the advice where it belongs: container, serverless, either or both. Who makes the plan sets it.
	Placement detect.Value[string]
}

// Setting is one environment variable of a running component or service.
type Setting struct {
	Name string
	// Value may hold ${NAME} references to names of Plan.Secrets; everything else
	// is literal, also a ${…} that names no secret. $${ stands for ${ that is none.
	// Plan.Expand tells them apart, and Literal writes a value that holds no reference.
	Value string
	// Secret says that Value is or holds a secret, so that a target with a store
	// for secrets must put the whole value there.
	Secret bool
	// Service names the backing service of the plan that Value points at: where that
	// service is another one (a managed database), so is the value. Empty: none.
	Service  string
	From     detect.Origin
	Why      string
	Evidence []detect.Evidence
}

// Secret is a value that no generated file holds. Compose reads it from .env,
// platforms from their stores, verification generates a throw-away one.
type Secret struct {
	Name string // environment variable name
	Why  string
	// Length of the generated throw-away value in hex digits.
	Length int
	// Generate says that any random value will do (SECRET_KEY_BASE, a database
	// password of our own database). Otherwise a person must supply it.
	Generate bool
	Evidence []detect.Evidence
}

// Service is a backing service that is started beside the components.
type Service struct {
	Name     string // host name on the private network: "db", "redis"
	Kind     string // contract vocabulary
	Image    detect.Value[string]
	Port     int
	Settings []Setting
	// Command replaces the image's own command; empty: it stays.
	Command []string
	// Health is a command in exec form that succeeds, inside the container, when the service is ready.
	Health []string
	// Data is the directory whose contents must survive: a named volume.
	Data string
	// For lists the names of the components that need it.
	For      []string
	Required bool
	Evidence []detect.Evidence
	Why      string
}

// ImageGroup is one image to be built, with the components that run from it.
type ImageGroup struct {
	Name       string
	Path       string // of the components
	Root       string // build context, relative to the tree's root
	Dockerfile string // its path, relative to the tree's root
	Components []*Component
}

// ImageGroups returns the images to build in the order of their first component.
// Components that are libraries are not built.
func (p *Plan) ImageGroups() []ImageGroup {
	var groups []ImageGroup
	index := map[string]int{}
	taken := map[string]bool{}
	for i := range p.Components {
		c := &p.Components[i]
		if c.Role.V == detect.Library {
			continue
		}
		at, ok := index[c.Image]
		if !ok {
			at = len(groups)
			index[c.Image] = at
			file := path.Join(c.Path, "Dockerfile")
			if taken[file] { // two stacks in one directory
				file += "." + c.Name
			}
			taken[file] = true
			groups = append(groups, ImageGroup{Name: c.Image, Path: c.Path, Root: c.Context(), Dockerfile: file})
		}
		groups[at].Components = append(groups[at].Components, c)
	}
	return groups
}

// Context is the directory that a build of the component needs, relative to the tree's root.
func (c *Component) Context() string {
	if c.Root == "" {
		return c.Path
	}
	return c.Root
}

// Process returns the command of a process in exec form, or nil.
func (c *Component) Process(name string) []string {
	for _, p := range c.Processes {
		if p.Name == name {
			return p.Command
		}
	}
	return nil
}

// Command is what the component's container runs: the process of its own name
// or of its role; nil when the image's own command serves.
func (c *Component) Command() []string {
	for _, name := range []string{c.Name, string(c.Role.V)} {
		if command := c.Process(name); command != nil {
			return command
		}
	}
	return nil
}

// Fact returns a fact of the component's stack, or "".
func (c *Component) Fact(key string) string { return c.Facts[key].V }

// DefaultImages are the base images by stage that the template chooses where
// BaseImages says nothing; nil when the plan was made without Options.Images.
func (p *Plan) DefaultImages(c *Component) map[string]detect.Value[string] {
	if p.images == nil {
		return nil
	}
	return p.images(c)
}

// Service returns the service with a name, or nil.
func (p *Plan) Service(name string) *Service {
	for i := range p.Services {
		if p.Services[i].Name == name {
			return &p.Services[i]
		}
	}
	return nil
}

// Component returns the component with a name, or nil.
func (p *Plan) Component(name string) *Component {
	for i := range p.Components {
		if p.Components[i].Name == name {
			return &p.Components[i]
		}
	}
	return nil
}

// Pull is the name by which an image is pulled: the registry stands in front of
// Docker Hub's names ("ruby:3.1-slim" becomes "registry.example.com/ruby:3.1-slim");
// a name that says its own registry stays.
// An image that is pinned is named with its digest too.
func (p *Plan) Pull(image string) string {
	name := p.pulled(image)
	if digest := p.Digests[name]; digest != "" {
		return name + "@" + digest
	}
	return name
}

// pulled is the name with the registry in front.
func (p *Plan) pulled(image string) string {
	if p.Registry == "" {
		return image
	}
	first, rest, slash := strings.Cut(image, "/")
	if slash && (strings.ContainsAny(first, ".:") || first == "localhost") {
		if first != "docker.io" {
			return image
		}
		image = rest
	}
	return p.Registry + "/" + image
}
