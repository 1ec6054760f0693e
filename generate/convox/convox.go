// Package convox makes convox.yml: the services, resources and timers of an application on a Convox rack.
package convox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the guide goes, and convox.yml where the source has one of its own.
const Dir = "deploy/convox"

// ManifestFile is what Convox reads in the root.
const ManifestFile = "convox.yml"

// Target makes convox.yml.
type Target struct {
	// ReadFile reads a file of the source, to see whether it has a convox.yml; nil: it has none.
	ReadFile func(path string) ([]byte, error)
}

// Name is "convox".
func (Target) Name() string { return "convox" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Platform }

// Describe says what the target is for.
func (Target) Describe() string { return "Convox: convox.yml with resources, timers and sizes" }

// Manifest is the part of convox.yml that is written. Source: docs.convox.com, "convox.yml", and the manifest package of convox/convox.
type Manifest struct {
	Resources map[string]Resource `yaml:"resources,omitempty"`
	Services  map[string]Service  `yaml:"services"`
	Timers    map[string]Timer    `yaml:"timers,omitempty"`
}

// Resource is a backing service of the rack, or a managed one.
type Resource struct {
	Type    string            `yaml:"type"`
	Image   string            `yaml:"image,omitempty"`
	Options map[string]string `yaml:"options,omitempty"`
}

// Service is a component.
type Service struct {
	Build       Build       `yaml:"build"`
	Command     string      `yaml:"command,omitempty"`
	Environment []string    `yaml:"environment,omitempty"`
	Health      *Health     `yaml:"health,omitempty"`
	Init        bool        `yaml:"init"`
	Port        int         `yaml:"port,omitempty"`
	Resources   []string    `yaml:"resources,omitempty"`
	Scale       Scale       `yaml:"scale"`
	Termination Termination `yaml:"termination"`
}

// Build is the directory that is sent, and the Dockerfile in it.
type Build struct {
	Path     string `yaml:"path"`
	Manifest string `yaml:"manifest"`
}

// Health asks a service whether it works; times in seconds.
type Health struct {
	Path     string `yaml:"path"`
	Grace    int    `yaml:"grace"`
	Interval int    `yaml:"interval"`
	Timeout  int    `yaml:"timeout"`
}

// Scale is how many processes there are and what each gets: CPU in 1/1000 of a core, memory in MB.
type Scale struct {
	Count  int `yaml:"count"`
	CPU    int `yaml:"cpu"`
	Memory int `yaml:"memory"`
}

// Termination is the time in seconds that a process has to stop.
type Termination struct {
	Grace int `yaml:"grace"`
}

// Timer starts a process of a service at certain times, in UTC.
type Timer struct {
	Command     string `yaml:"command"`
	Schedule    string `yaml:"schedule"`
	Service     string `yaml:"service"`
	Concurrency string `yaml:"concurrency,omitempty"`
}

// Generate makes convox.yml and the guide.
func (t Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	if len(generate.Deployables(p)) == 0 {
		return nil, nil
	}
	m := Manifest{Resources: map[string]Resource{}, Services: map[string]Service{}, Timers: map[string]Timer{}}
	why := generate.Reasons{}
	backings := generate.Backings(p, generate.Convox)
	for _, b := range backings {
		if b.Offer.Type != "" {
			m.Resources[b.Service] = Resource{Type: b.Offer.Type}
			why.Add(generate.FieldOrigin(p, "services."+b.Service+".kind"), "resources", b.Service)
		}
	}
	for _, d := range generate.Deployables(p) {
		if d.Platform.V == "windows" {
			return nil, &generate.UnsupportedError{Message: fmt.Sprintf("a Convox rack runs no Windows containers, and %s needs one", d.Name)}
		}
		m.Services[d.Name] = service(p, d, backings, why)
		for _, s := range d.Schedules {
			name := d.Name + "-" + s.Name
			m.Timers[name] = Timer{Command: words(s.Command), Schedule: s.Cron, Service: d.Name, Concurrency: "Forbid"}
			why.Add(generate.FieldOrigin(p, "components."+d.Name+".schedules."+s.Name), "timers", name)
		}
	}
	made, err := generate.YAML(ManifestFile, why, m)
	if err != nil {
		return nil, err
	}
	made.Content = append([]byte("# "+generate.Header+"\n"), made.Content...)
	made.Origins = append([]generate.Origin{{}}, made.Origins...)
	place, own := generate.Place(t.ReadFile, ManifestFile, Dir)
	made.Path = place
	return []generate.Artifact{made, guide(p, place, own)}, nil
}

func service(p *plan.Plan, d generate.Deployed, backings []generate.Backing, why generate.Reasons) Service {
	at := func(place ...string) []string { return append([]string{"services", d.Name}, place...) }
	scope := "components." + d.Name
	s := Service{
		Build: Build{Path: d.Image.Root, Manifest: strings.TrimPrefix(strings.TrimPrefix(d.Image.Dockerfile, d.Image.Root), "/")},
		Init:  true, Port: d.Port.V, Termination: Termination{Grace: 30},
		Scale: Scale{Count: 1, CPU: max(d.CPU.V*1000/1024, 64), Memory: max(d.Memory.V, 64)},
	}
	why.Add(generate.Origin{Why: "the image " + d.Image.Name + " is built from " + d.Image.Dockerfile + " with " + d.Image.Root + " as its context"}, at("build")...)
	why.Add(generate.FieldOrigin(p, scope+".cpu", scope+".memory"), at("scale")...)
	why.Add(generate.FieldOrigin(p, scope+".port"), at("port")...)
	why.Add(generate.FieldOrigin(p, scope+".healthPath"), at("health")...)
	why.Add(generate.FieldOrigin(p, scope+".processes"), at("command")...)
	if generate.Finite(d.Component) {
		s.Scale.Count = 0 // its processes are started by hand or by timers
	}
	if !d.First {
		s.Command = words(d.Command())
	}
	if generate.Serves(d.Component) {
		s.Health = &Health{Path: "/", Grace: 60, Interval: 10, Timeout: 5}
		if d.HealthPath.V != "" {
			s.Health.Path = d.HealthPath.V
		}
	}
	given := map[string]bool{}
	for _, b := range backings {
		if b.Offer.Type == "" || !uses(p, b, d.Name) {
			continue
		}
		linked := false
		for _, x := range b.Settings {
			if slices.Contains(x.Components, d.Name) && gives(b, x) {
				s.Resources, given[x.Name], linked = append(s.Resources, b.Service+":"+x.Name), true, true
				why.Add(generate.FieldOrigin(p, scope+".env."+x.Name), at("resources", fmt.Sprint(len(s.Resources)-1))...)
			}
		}
		if !linked {
			s.Resources = append(s.Resources, b.Service)
		}
	}
	for _, x := range d.Settings {
		plain := p.Expand(x.Value, nil, func(n string) string { return n })
		switch {
		case given[x.Name]:
			continue
		case generate.Stored(p, x), strings.Contains(plain, "${"): // a manifest has no way to write ${
			s.Environment = append(s.Environment, x.Name)
		default:
			s.Environment = append(s.Environment, x.Name+"="+plain)
		}
		why.Add(generate.FieldOrigin(p, scope+".env."+x.Name), at("environment", fmt.Sprint(len(s.Environment)-1))...)
	}
	return s
}

func uses(p *plan.Plan, b generate.Backing, component string) bool {
	s := p.Service(b.Service)
	return s != nil && (len(s.For) == 0 || slices.Contains(s.For, component))
}

// schemes are those of the URL that a resource gives.
var schemes = map[string][]string{"postgres": {"postgres", "postgresql"}, "mysql": {"mysql"}, "mariadb": {"mysql"}, "redis": {"redis"}}

// gives reports whether a resource fills a variable as the application expects it. Convox goes by the last word of the variable's name:
// HOST, PORT, NAME, USER, PASS and URL choose that part, and any other the URL.
func gives(b generate.Backing, s generate.BackingSetting) bool {
	scheme, _, isURL := strings.Cut(s.Shape, "://")
	end := s.Name[strings.LastIndexByte(s.Name, '_')+1:]
	if isURL {
		return slices.Contains(schemes[b.Offer.Type], scheme) && !slices.Contains([]string{"HOST", "PORT", "NAME", "USER", "PASS"}, end)
	}
	switch end {
	case "HOST":
		return s.Shape == "HOST"
	case "PORT", "NAME", "USER":
		return !s.Secret
	case "PASS":
		return s.Secret
	}
	return false
}

// words is a command as one line, which Convox splits as a shell does after it has put variables of its own in the place of ${…}.
func words(command []string) string {
	if len(command) == 0 {
		return ""
	}
	return strings.ReplaceAll(plan.ShellWords(command), "${", `$''{`)
}

// guide says what a person does around the manifest.
func guide(p *plan.Plan, place string, own bool) generate.Artifact {
	g := generate.NewGuide(Dir, p.Name+" on Convox")
	manifest := []string{}
	if own {
		g.Text("The repository has a `%s` of its own, which is left as it is: the commands name the one beside this file.", ManifestFile)
		manifest = []string{"-m", place}
	}
	command := func(words ...string) string { return plan.ShellWords(append(words, "-a", p.Name)) }
	g.Text("The commands are run in the repository's root.")
	g.Step("Make the application on your rack:", plan.ShellWords([]string{"convox", "apps", "create", p.Name}))
	g.Backings(p, generate.Convox)
	var required []string
	for _, d := range generate.Deployables(p) {
		for _, s := range service(p, d, generate.Backings(p, generate.Convox), generate.Reasons{}).Environment {
			if !strings.Contains(s, "=") && !slices.Contains(required, s) {
				required = append(required, s)
			}
		}
	}
	if len(required) > 0 {
		g.Step(fmt.Sprintf("Set %s: the manifest names them without a value, and nothing is deployed without them. The editor keeps the values out of the shell's history.", strings.Join(required, ", ")), command("convox", "env", "edit"))
	}
	release := false
	for _, d := range generate.Deployables(p) {
		if c := d.Process("release"); c != nil {
			g.Step(fmt.Sprintf("Deploy in steps, for %s has a release step: build, run it in the new release (its id is printed as Release), and promote that.", d.Name),
				command(append([]string{"convox", "build"}, manifest...)...),
				command("convox", "run", d.Name, plan.ShellWords(c), "--release", "RELEASE"),
				command("convox", "releases", "promote", "RELEASE"))
			release = true
		}
	}
	if !release {
		g.Step("Deploy:", command(append([]string{"convox", "deploy"}, manifest...)...))
	}
	for _, d := range generate.Deployables(p) {
		if generate.Finite(d.Component) && d.Command() != nil {
			g.Step(fmt.Sprintf("%s is a job: run it when it is asked for.", d.Name), command("convox", "run", d.Name, plan.ShellWords(d.Command())))
		}
		if data, _ := generate.Storage(d.Component); len(data) > 0 {
			g.Text("%s keeps files in %s. On AWS a volume on EFS keeps them: under the service, `volumeOptions: [{awsEfs: {id: files, accessMode: ReadWriteMany, mountPath: %s}}]`, on a rack with efs_csi_driver_enable=true; elsewhere keep them in an object store.", d.Name, strings.Join(data, ", "), data[0])
		}
	}
	return g.Artifact()
}
