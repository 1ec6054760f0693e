package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// What only the reader knows stands as a well-formed value in the files for a platform, so that the platform's own tools
// read them as they are; the README beside them says what to replace it by.
const (
	PushRegistry = "registry.example.com" // where images are pushed
	Release      = "RELEASE"              // the tag that was pushed
)

// ImageName is the name under which an image of the plan is pushed and pulled by a platform: "registry.example.com/shop-web:RELEASE".
func ImageName(g plan.ImageGroup) string { return PushRegistry + "/" + g.Name + ":" + Release }

// Stored reports whether a setting's value is kept outside of the files, in the platform's own store: it is a
// secret, or it depends on where the services of that place are.
func Stored(p *plan.Plan, s plan.Setting) bool {
	return s.Secret || s.Service != "" || len(p.References(s.Value)) > 0
}

// Environment splits the settings of a component into those that are written down, with their values, and those that the
// platform's store keeps, both in the plan's order.
func Environment(p *plan.Plan, c *plan.Component) (plain, stored []plan.Setting) {
	for _, s := range c.Settings {
		if Stored(p, s) {
			stored = append(stored, s)
			continue
		}
		s.Value = p.Expand(s.Value, nil, nil)
		plain = append(plain, s)
	}
	return plain, stored
}

// Shared reports whether every component that has a stored setting of this name means the same value by it, so that one entry of the
// platform's store serves all of them.
func Shared(p *plan.Plan, name string) bool {
	var value string
	seen := false
	for i := range p.Components {
		for _, s := range p.Components[i].Settings {
			if s.Name != name {
				continue
			}
			if seen && s.Value != value {
				return false
			}
			value, seen = s.Value, true
		}
	}
	return true
}

// Deployed are the components that a platform runs, with the image that each runs from. First says that the image's own command
// is the component's; another component of the image needs Component.Command.
type Deployed struct {
	*plan.Component
	Image plan.ImageGroup
	First bool
}

// Deployables lists what a platform runs, in the order of the images.
func Deployables(p *plan.Plan) []Deployed {
	var out []Deployed
	for _, g := range p.ImageGroups() {
		for i, c := range g.Components {
			out = append(out, Deployed{Component: c, Image: g, First: i == 0})
		}
	}
	return out
}

// Serves reports whether a component answers on a port.
func Serves(c *plan.Component) bool { return c.Port.V != 0 }

// Finite reports whether a component ends by itself: it is a job, not a service.
func Finite(c *plan.Component) bool {
	switch c.Role.V {
	case detect.Batch, detect.CLI, detect.Training:
		return true
	}
	return false
}

// YAML encodes documents, structs with yaml tags or nodes, as one file: a mapping a document, two blanks of indentation. The place of a
// reason begins with the number of its document when there are several: "1", "spec", "replicas".
func YAML(name string, why Reasons, documents ...any) (Artifact, error) {
	var out Artifact
	for i, d := range documents {
		var b bytes.Buffer
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		if err := errors.Join(e.Encode(d), e.Close()); err != nil {
			return Artifact{}, fmt.Errorf("encode %s: %w", name, err)
		}
		reasons := why
		if len(documents) > 1 {
			reasons = why.below(fmt.Sprint(i))
		}
		origins, err := reasons.Lines(b.Bytes())
		if err != nil {
			return Artifact{}, fmt.Errorf("%s: %w", name, err)
		}
		if i > 0 {
			out.Content = append(out.Content, "---\n"...)
			out.Origins = append(out.Origins, Origin{})
		}
		out.Content = append(out.Content, b.Bytes()...)
		out.Origins = append(out.Origins, origins...)
	}
	out.Path = name
	return out, nil
}

// JSON encodes a document with two blanks of indentation.
func JSON(name string, why Reasons, document any) (Artifact, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return Artifact{}, fmt.Errorf("encode %s: %w", name, err)
	}
	origins, err := why.Lines(b.Bytes())
	if err != nil {
		return Artifact{}, fmt.Errorf("%s: %w", name, err)
	}
	return Artifact{Path: name, Content: b.Bytes(), Origins: origins}, nil
}

// below are the reasons of the places under a first step.
func (r Reasons) below(step string) Reasons {
	out := Reasons{}
	for place, o := range r {
		first, rest, deeper := strings.Cut(place, "\x00")
		switch {
		case first != step:
		case deeper:
			out[rest] = o
		default:
			out[""] = o
		}
	}
	return out
}

// Guide is the README.md of a target's directory in the making: the commands that only a person can give.
type Guide struct {
	dir   string
	step  int
	lines []string
}

// NewGuide begins a guide for a directory of the output, "deploy/kubernetes".
func NewGuide(dir, title string) *Guide {
	return &Guide{dir: dir, lines: []string{"# " + oneLine(title), ""}}
}

// Text adds a paragraph.
func (g *Guide) Text(format string, args ...any) {
	g.lines = append(g.lines, oneLine(fmt.Sprintf(format, args...)), "")
}

// Begin says what the files are for, when the target takes any of the application's components, and which it leaves to other targets,
// each with the reason. It returns any.
func (g *Guide) Begin(platform string, any bool, others []string, files string, args ...any) bool {
	if any {
		g.Text(files, args...)
	} else {
		g.Text("Nothing of this application is for %s:", platform)
	}
	for _, o := range others {
		g.Item("%s.", o)
	}
	g.Blank()
	return any
}

// Wrapped are the commands that build and push an image made from one of the application's by a Dockerfile of the guide's directory.
func Wrapped(name string, from plan.ImageGroup, dockerfile string) []string {
	return []string{
		plan.ShellWords([]string{"docker", "build", "--platform", "linux/amd64", "-t", name, "--build-arg", "IMAGE=" + ImageName(from), "-f", dockerfile, "."}),
		plan.ShellWords([]string{"docker", "push", name}),
	}
}

// Step adds a numbered step with the commands that carry it out, each a command line whose words have been quoted (plan.ShellWords).
func (g *Guide) Step(text string, commands ...string) {
	g.step++
	g.lines = append(g.lines, fmt.Sprintf("%d. %s", g.step, oneLine(text)), "")
	for _, c := range commands {
		g.lines = append(g.lines, "       "+oneLine(c))
	}
	if len(commands) > 0 {
		g.lines = append(g.lines, "")
	}
}

// Item adds a line of a list below the step.
func (g *Guide) Item(format string, args ...any) {
	g.lines = append(g.lines, "   - "+oneLine(fmt.Sprintf(format, args...)))
}

// Detail adds a line below an item.
func (g *Guide) Detail(format string, args ...any) {
	g.lines = append(g.lines, "     - "+oneLine(fmt.Sprintf(format, args...)))
}

// Command adds a command line, given by its words, below the item before it.
func (g *Guide) Command(words []string) {
	g.lines = append(g.lines, "", "         "+oneLine(plan.ShellWords(words)), "")
}

// Blank ends a list.
func (g *Guide) Blank() {
	if len(g.lines) > 0 && g.lines[len(g.lines)-1] != "" {
		g.lines = append(g.lines, "")
	}
}

// Push adds the step that builds the images and pushes them under their names.
func (g *Guide) Push(p *plan.Plan) {
	var commands []string
	for _, image := range p.ImageGroups() {
		commands = append(commands,
			plan.ShellWords([]string{"docker", "build", "--platform", "linux/amd64", "-f", g.Up(image.Dockerfile), "-t", ImageName(image), g.Up(image.Root)}),
			plan.ShellWords([]string{"docker", "push", ImageName(image)}))
	}
	g.Step(fmt.Sprintf("Build and push what runs, from this directory. `%s` stands for your registry and `%s` for the version; replace both here and in the files.", PushRegistry, Release), commands...)
}

// Up is a path of the output as seen from the guide's directory.
func (g *Guide) Up(p string) string {
	return path.Join(strings.Repeat("../", strings.Count(g.dir, "/")+1), p)
}

// Artifact is the finished README.md.
func (g *Guide) Artifact() Artifact {
	content := []byte(strings.TrimRight(strings.Join(g.lines, "\n"), "\n") + "\n")
	return Artifact{Path: path.Join(g.dir, "README.md"), Content: content, Origins: make([]Origin, bytes.Count(content, []byte("\n")))}
}

func oneLine(s string) string { return detect.Printable(strings.Join(strings.Fields(s), " "), 2000) }

// Strict decodes a YAML or JSON file that may have been edited into documents of type T and refuses keys that T does not have. A problem
// has the rule "syntax".
func Strict[T any](a Artifact) ([]T, []Problem) {
	d := yaml.NewDecoder(bytes.NewReader(a.Content))
	d.KnownFields(true)
	var out []T
	for {
		var v T
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, []Problem{{File: a.Path, Line: yamlLine(err), Rule: "syntax", Message: oneLine(err.Error()), Error: true}}
		}
		out = append(out, v)
	}
}

// yamlLine is the line that an error of the YAML parser names; 0 when it names none.
func yamlLine(err error) int {
	_, after, ok := strings.Cut(err.Error(), "line ")
	if !ok {
		return 0
	}
	line := 0
	if _, err := fmt.Sscanf(after, "%d", &line); err != nil {
		return 0
	}
	return line
}

// In returns the artifacts below a directory with one of the extensions, ".yaml".
func In(artifacts []Artifact, dir string, extensions ...string) []Artifact {
	var out []Artifact
	for _, a := range artifacts {
		if strings.HasPrefix(a.Path, dir+"/") && (len(extensions) == 0 || slices.Contains(extensions, path.Ext(a.Path))) {
			out = append(out, a)
		}
	}
	return out
}
