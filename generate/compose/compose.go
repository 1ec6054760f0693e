// Package compose makes compose.yaml: the images of a plan with the services they
// need, on one machine, by `docker compose up`.
package compose

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// FileName is the compose file, at the root of the output.
const FileName = "compose.yaml"

// Target makes compose.yaml and the files around its secrets.
type Target struct {
	// Random makes the values of .env, which is written once for this machine; nil: no .env is made.
	Random io.Reader
	// ReadFile reads a file of the source, to see whether .gitignore covers .env; nil: .gitignore is left alone.
	ReadFile func(path string) ([]byte, error)
}

// Name is "compose".
func (Target) Name() string { return "compose" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Machine }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Docker Compose: the application with its services on one machine"
}

// Generate makes compose.yaml, what development and production add to it, .env.example and, with a source of randomness, .env.
func (t Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	f := newFile(p)
	base, err := f.artifact(FileName, f.document())
	if err != nil {
		return nil, err
	}
	development, err := f.variant(DevelopmentFile, f.development())
	if err != nil {
		return nil, err
	}
	production, err := f.variant(ProductionFile, f.production())
	if err != nil {
		return nil, err
	}
	out := []generate.Artifact{base, development, production, f.example()}
	if len(p.Secrets) == 0 {
		return out, nil
	}
	if t.Random != nil {
		local, err := t.local(p)
		if err != nil {
			return nil, err
		}
		out = append(out, local)
	}
	if ignore, ok := t.gitignore(); ok {
		out = append(out, ignore)
	}
	return out, nil
}

// file is compose.yaml in the making: nodes, and the reasons by their place.
type file struct {
	p         *plan.Plan
	reasons   generate.Reasons
	volumes   map[string]bool
	ports     map[int]bool // published on the machine
	files     map[string]bool
	builds    map[string]generate.BuildSecret
	variables []variableNote // what the files read from the environment, beside secrets
}

func newFile(p *plan.Plan) *file {
	return &file{
		p: p, reasons: generate.Reasons{}, volumes: map[string]bool{}, ports: map[int]bool{}, files: map[string]bool{},
		builds: map[string]generate.BuildSecret{},
	}
}

// variableNote explains a variable that a file reads and that has a default, or is read in production alone.
type variableNote struct {
	name, value, why string
	origin           generate.Origin
}

// variable is a name for a variable of the files' own: not one that holds a secret of the plan.
func (f *file) variable(name string) string {
	for slices.ContainsFunc(f.p.Secrets, func(s plan.Secret) bool { return s.Name == name }) {
		name = "LOCAL_" + name
	}
	return name
}

func (f *file) note(name, value, why string, o generate.Origin) {
	if !slices.ContainsFunc(f.variables, func(v variableNote) bool { return v.name == name }) {
		f.variables = append(f.variables, variableNote{name, value, why, o})
	}
}

// artifact encodes a document with its reasons.
func (f *file) artifact(name string, doc *yaml.Node) (generate.Artifact, error) {
	content, err := f.encode(doc)
	if err != nil {
		return generate.Artifact{}, err
	}
	origins, err := f.reasons.Lines(content)
	return generate.Artifact{Path: name, Content: content, Origins: origins}, err
}

// publish returns a port of the machine for a component's, the same one unless another component has it.
func (f *file) publish(port int) int {
	for f.ports[port] && port < 65535 {
		port++
	}
	f.ports[port] = true
	return port
}

const header = `Made by drydock from what the repository says. Edits are kept when it is made again.
Secrets are read from .env, which stays on this machine; .env.example says what they are.
  docker compose up --build                                            for development, with compose.override.yaml
  docker compose watch                                                 and follows changes of the sources
  docker compose -f compose.yaml -f compose.production.yaml up -d      runs images that were pushed`

func (f *file) encode(doc *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("write %s: %w", FileName, err)
	}
	return b.Bytes(), nil
}

func (f *file) document() *yaml.Node {
	services := mapping()
	for _, g := range f.p.ImageGroups() {
		for i, c := range g.Components {
			put(services, c.Name, f.component(g, c, i == 0))
			if name, command := f.release(c); command != nil {
				put(services, name, f.releaseService(g, c, name, command))
			}
		}
	}
	for i := range f.p.Services {
		put(services, f.p.Services[i].Name, f.service(&f.p.Services[i]))
	}
	root := mapping()
	put(root, "name", text(f.p.Name))
	root.HeadComment = header
	put(root, "services", services)
	if names := sorted(f.volumes); len(names) > 0 {
		volumes := mapping()
		for _, n := range names {
			put(volumes, n, flow(mapping()))
		}
		put(root, "volumes", volumes)
	}
	if len(f.p.Services) > 0 {
		put(root, "networks", pairs(front, flow(mapping()), back, pairs("internal", yes())))
		f.because(generate.Origin{Why: "the services are reached by the components alone, and reach nothing outside"}, "networks", back)
	}
	f.secretSources(root)
	f.because(generate.FieldOrigin(f.p, "name"), "name")
	return root
}

func sorted(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (f *file) because(o generate.Origin, place ...string) { f.reasons.Add(o, place...) }

// field gives a place the reason of fields of a component or service.
func (f *file) field(scope string, fields []string, place ...string) {
	for i := range fields {
		fields[i] = scope + "." + fields[i]
	}
	f.because(generate.FieldOrigin(f.p, fields...), place...)
}

// component is the service that runs a component.
func (f *file) component(g plan.ImageGroup, c *plan.Component, first bool) *yaml.Node {
	s := mapping()
	at := func(key string) []string { return []string{"services", c.Name, key} }
	scope := "components." + c.Name
	f.image(s, g, c.Name)
	if command := c.Command(); !first && command != nil {
		put(s, "command", words(command))
		f.field(scope, []string{"processes." + processName(c)}, at("command")...)
	}
	f.runtime(s, g, c, c.Name)
	if oneOff(c) {
		put(s, "restart", quoted("no"))
		put(s, "profiles", list(text("tools")))
		f.field(scope, []string{"role"}, at("profiles")...)
	} else {
		put(s, "restart", text("unless-stopped"))
		f.because(generate.Origin{Why: "it comes back when it ends or the machine restarts, unless a person stopped it"}, at("restart")...)
	}
	put(s, "stop_grace_period", text("30s"))
	f.because(generate.Origin{Why: "requests and jobs under way get time to finish"}, at("stop_grace_period")...)
	if c.Port.V != 0 {
		published := f.publish(c.Port.V)
		name := f.variable(variable(c.Name) + "_PORT")
		put(s, "ports", list(quoted(fmt.Sprintf("${%s:-%d}:%d", name, published, c.Port.V))))
		f.note(name, strconv.Itoa(published), "the port of this machine on which "+c.Name+" is reached", generate.FieldOrigin(f.p, scope+".port"))
		f.field(scope, []string{"port"}, at("ports")...)
	}
	f.dependsOn(s, c, c.Name, true)
	if health := generate.HealthCommand(c); health != nil {
		put(s, "healthcheck", healthcheck(health, "60s"))
		f.field(scope, []string{"healthPath", "port"}, at("healthcheck")...)
	} else {
		put(s, "healthcheck", pairs("disable", yes()))
		f.because(generate.Origin{Why: "it has no port that could be asked"}, at("healthcheck")...)
	}
	return s
}

// oneOff reports whether a component does its work and ends: it is started when asked for, by
// `docker compose run`, and not with the rest.
func oneOff(c *plan.Component) bool {
	switch c.Role.V {
	case detect.CLI, detect.Batch, detect.Training:
		return true
	}
	return false
}

// image names the image and how it is built. Every service of an image says it, so that none of them is looked for in a registry.
func (f *file) image(s *yaml.Node, g plan.ImageGroup, name string) {
	put(s, "image", text(g.Name))
	dockerfile, err := relative(g.Root, g.Dockerfile)
	if err != nil {
		dockerfile = g.Dockerfile
	}
	dir := "."
	if g.Root != "." {
		dir = "./" + g.Root
	}
	build := pairs("context", literal(dir), "dockerfile", literal(dockerfile))
	f.buildSecrets(build, g.Components[0])
	put(s, "build", build)
	f.because(generate.Origin{Why: "the image " + g.Name + " is built from " + g.Dockerfile + " with " + g.Root + " as its context"}, "services", name, "build")
}

// relative is a path below dir as seen from it.
func relative(dir, file string) (string, error) {
	if dir == "." {
		return file, nil
	}
	rest, ok := strings.CutPrefix(file, dir+"/")
	if !ok {
		return "", fmt.Errorf("%s is not below %s", file, dir)
	}
	return rest, nil
}

// runtime is what a component and its release step have in common.
func (f *file) runtime(s *yaml.Node, g plan.ImageGroup, c *plan.Component, name string) {
	windows := c.Platform.V == "windows"
	if windows {
		put(s, "platform", text("windows/amd64"))
		f.field("components."+c.Name, []string{"platform"}, "services", name, "platform")
	} else {
		put(s, "init", yes())
		f.because(generate.Origin{Why: "signals reach the process, and what it leaves behind is reaped"}, "services", name, "init")
	}
	if len(c.Settings) > 0 {
		put(s, "environment", f.environment(c.Settings, "components."+c.Name, name))
	}
	f.networks(s, c, name)
	data, _ := generate.Storage(c)
	if len(data) > 0 {
		mounts := sequence()
		for _, dir := range data {
			volume := generate.VolumeName(g.Components[0].Name, dir)
			f.volumes[volume] = true
			mounts.Content = append(mounts.Content, mount(volume, dir))
		}
		put(s, "volumes", mounts)
		f.field("components."+c.Name, []string{"writes"}, "services", name, "volumes")
	}
	if c.ReadOnly.V == "true" && !windows {
		put(s, "read_only", yes())
		// The image declares the other scratch directories as volumes, which stay writable and keep what the image put there.
		put(s, "tmpfs", list(text("/tmp")))
		f.field("components."+c.Name, []string{"readOnly", "writes"}, "services", name, "read_only")
	}
	if !windows { // neither exists there
		put(s, "cap_drop", list(text("ALL")))
		f.because(generate.Origin{Why: "nothing that an application does as a user without rights needs a capability"}, "services", name, "cap_drop")
		put(s, "security_opt", list(text("no-new-privileges:true")))
		f.because(generate.Origin{Why: "no program in the image can gain rights that its user does not have"}, "services", name, "security_opt")
	}
	f.limits(s, c, name)
}

// limits are what the container may use: memory always, since one that takes all of it takes the others down; a share of the
// processors only when it was measured or chosen, for a guess would make every start slow.
func (f *file) limits(s *yaml.Node, c *plan.Component, name string) {
	limits := mapping()
	var from []string
	if c.CPU.V > 0 && c.CPU.From != detect.Default {
		put(limits, "cpus", quoted(strconv.FormatFloat(float64(c.CPU.V)/1024, 'g', 4, 64)))
		from = append(from, "cpu")
	}
	if c.Memory.V > 0 {
		put(limits, "memory", text(strconv.Itoa(c.Memory.V)+"M"))
		from = append(from, "memory")
	}
	if len(from) == 0 {
		return
	}
	put(s, "deploy", pairs("resources", pairs("limits", limits)))
	f.field("components."+c.Name, from, "services", name, "deploy")
}

// interpreted are the languages whose sources run as they are: a change reaches the container without a build.
var interpreted = map[string]bool{"ruby": true, "php": true, "python": true, "perl": true, "javascript": true}

// watch makes "docker compose watch" bring changes of the sources into the running container: files of an interpreted language
// are copied and the process is started anew, everything else, and what dependencies come from, is built.
func (f *file) watch(s *yaml.Node, g plan.ImageGroup, c *plan.Component) {
	switch c.Role.V {
	case detect.Web, detect.Worker, detect.SPA, detect.Static, detect.Inference:
	default:
		return
	}
	dir := "."
	if g.Root != "." {
		dir = "./" + g.Root
	}
	rules := sequence()
	copied := interpreted[c.Language.V] && c.Role.V != detect.SPA && c.Fact("buildCommand") == "" && c.Fact("frontend") == "" && c.Fact("assets") == ""
	if copied {
		if lock := c.Fact("lockfile"); lock != "" {
			rules.Content = append(rules.Content, pairs("action", text("rebuild"), "path", literal(path.Join(dir, lock))))
		}
		rules.Content = append(rules.Content, pairs("action", text("sync+restart"), "path", literal(dir), "target", text("/app")))
	} else {
		rules.Content = append(rules.Content, pairs("action", text("rebuild"), "path", literal(dir)))
	}
	put(s, "develop", pairs("watch", rules))
	f.field("components."+c.Name, []string{"language"}, "services", c.Name, "develop")
}

func (f *file) environment(settings []plan.Setting, scope, name string) *yaml.Node {
	env := mapping()
	for _, e := range settings {
		put(env, e.Name, quoted(f.value(e.Value)))
		f.because(generate.FieldOrigin(f.p, scope+".env."+e.Name), "services", name, "environment", e.Name)
	}
	return env
}

// value writes a setting for compose: a dollar of its own is doubled, a secret comes from .env, and compose says so when it is missing.
func (f *file) value(v string) string {
	return f.p.Expand(v, escape, f.required)
}

func escape(s string) string { return strings.ReplaceAll(s, "$", "$$") }

// dependsOn waits until the services are healthy and the release step is done.
func (f *file) dependsOn(s *yaml.Node, c *plan.Component, name string, afterRelease bool) {
	deps := mapping()
	for i := range f.p.Services {
		if x := &f.p.Services[i]; slices.Contains(x.For, c.Name) {
			put(deps, x.Name, pairs("condition", text("service_healthy")))
			f.because(generate.FieldOrigin(f.p, "services."+x.Name+".kind"), "services", name, "depends_on", x.Name)
		}
	}
	if afterRelease {
		for _, step := range f.releasesOf(c) {
			put(deps, step, pairs("condition", text("service_completed_successfully")))
		}
	}
	if len(deps.Content) > 0 {
		put(s, "depends_on", deps)
	}
}

// releasesOf are the release steps of the components that share the component's image.
func (f *file) releasesOf(c *plan.Component) []string {
	var out []string
	for i := range f.p.Components {
		other := &f.p.Components[i]
		if name, command := f.release(other); command != nil && other.Image == c.Image {
			out = append(out, name)
		}
	}
	return out
}

// release is the name and command of a component's release step; no command: it has none.
func (f *file) release(c *plan.Component) (string, []string) {
	command := c.Process("release")
	if command == nil || c.Role.V == detect.Library {
		return "", nil
	}
	name := "release"
	for i := range f.p.Components {
		other := &f.p.Components[i]
		if other.Name == "release" || (other.Name != c.Name && other.Process("release") != nil) {
			name = c.Name + "-release"
		}
	}
	if f.p.Service(name) != nil || f.p.Component(name) != nil {
		name = c.Name + "-release-step"
	}
	return name, command
}

func (f *file) releaseService(g plan.ImageGroup, c *plan.Component, name string, command []string) *yaml.Node {
	s := mapping()
	f.image(s, g, name)
	put(s, "command", words(command))
	f.field("components."+c.Name, []string{"processes.release"}, "services", name, "command")
	f.runtime(s, g, c, name)
	put(s, "restart", quoted("no"))
	f.because(generate.Origin{Why: "it runs once, before the application starts"}, "services", name, "restart")
	f.dependsOn(s, c, name, false)
	put(s, "healthcheck", pairs("disable", yes()))
	return s
}

// service is a backing service.
func (f *file) service(x *plan.Service) *yaml.Node {
	s := mapping()
	at := func(key string) []string { return []string{"services", x.Name, key} }
	put(s, "image", literal(f.p.Pull(x.Image.V)))
	f.field("services."+x.Name, []string{"image"}, at("image")...)
	if len(x.Command) > 0 {
		put(s, "command", words(x.Command))
	}
	put(s, "restart", text("unless-stopped"))
	health := x.Health
	if settings, files := f.fromFiles(x); len(files) > 0 {
		put(s, "environment", f.environment(settings, "services."+x.Name, x.Name))
		granted := sequence()
		for _, secret := range files {
			granted.Content = append(granted.Content, text(secret))
			f.files[secret] = true
		}
		put(s, "secrets", granted)
		f.because(generate.Origin{Why: "the image reads it from a file, so that it is not in the container's environment"}, at("secrets")...)
		health = healthFromFiles(x)
	} else if len(x.Settings) > 0 {
		put(s, "environment", f.environment(x.Settings, "services."+x.Name, x.Name))
	}
	put(s, "networks", list(text(back)))
	f.because(generate.Origin{Why: "only the components that need it reach it, and it reaches nothing outside"}, at("networks")...)
	if x.Data != "" {
		volume := x.Name + "-data"
		f.volumes[volume] = true
		put(s, "volumes", list(mount(volume, x.Data)))
		f.because(generate.Origin{Why: "what " + x.Kind + " stores survives the container"}, at("volumes")...)
	}
	if len(health) > 0 {
		put(s, "healthcheck", healthcheck(health, "30s"))
		f.because(generate.Origin{Why: "succeeds when " + x.Kind + " takes connections over the network"}, at("healthcheck")...)
	}
	return s
}

func processName(c *plan.Component) string {
	if c.Process(c.Name) != nil {
		return c.Name
	}
	return string(c.Role.V)
}

// variable makes a component's name the start of a variable's name.
func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

func healthcheck(command []string, start string) *yaml.Node {
	return pairs(
		"test", words(append([]string{"CMD"}, command...)),
		"interval", text("5s"), "timeout", text("5s"), "retries", integer(12), "start_period", text(start),
	)
}

// local makes .env with random values for this machine.
func (t Target) local(p *plan.Plan) (generate.Artifact, error) {
	var b strings.Builder
	b.WriteString(generate.LocalNote + "\n")
	for _, s := range p.Secrets {
		value := ""
		if s.Generate {
			random := make([]byte, (max(s.Length, 16)+1)/2)
			if _, err := io.ReadFull(t.Random, random); err != nil {
				return generate.Artifact{}, fmt.Errorf("make a value for %s: %w", s.Name, err)
			}
			value = hex.EncodeToString(random)
		}
		b.WriteString(s.Name + "=" + value + "\n")
	}
	content := []byte(b.String())
	return generate.Artifact{Path: ".env", Mode: 0o600, Content: content, Ephemeral: true, Origins: make([]generate.Origin, bytes.Count(content, []byte("\n")))}, nil
}

// gitignore keeps .env out of Git where the source's own .gitignore does not yet.
func (t Target) gitignore() (generate.Artifact, bool) {
	if t.ReadFile == nil {
		return generate.Artifact{}, false
	}
	before, err := t.ReadFile(".gitignore")
	if err != nil {
		before = nil
	}
	if ignores(before) {
		return generate.Artifact{}, false
	}
	content := bytes.Clone(before)
	if len(content) > 0 && !bytes.HasSuffix(content, []byte("\n")) {
		content = append(content, '\n')
	}
	content = append(content, "# local values of compose.yaml's secrets\n/.env\n"...)
	origins := make([]generate.Origin, bytes.Count(content, []byte("\n")))
	origins[len(origins)-1] = generate.Origin{Why: ".env holds secrets and must not be committed"}
	return generate.Artifact{Path: ".gitignore", Content: content, Base: before, Origins: origins}, true
}

// ignores reports whether a .gitignore names .env in one of the usual ways.
func ignores(content []byte) bool {
	covered := false
	for _, line := range strings.Split(string(content), "\n") {
		switch strings.TrimSpace(line) {
		case ".env", "/.env", ".env*", "/.env*", "*.env", "**/.env", ".env.*":
			covered = covered || path.Base(strings.TrimSpace(line)) != ".env.*"
		case "!.env", "!/.env":
			covered = false
		}
	}
	return covered
}
