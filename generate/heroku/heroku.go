// Package heroku makes what Heroku reads: heroku.yml for its container stack, app.json for what the application needs around it, and a
// Procfile with the same processes.
package heroku

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the guide goes, and a file that the source has one of its own of.
const Dir = "deploy/heroku"

// The files that Heroku looks for in the repository's root.
const (
	ManifestFile = "heroku.yml"
	AppFile      = "app.json"
	ProcFile     = "Procfile"
)

// Target makes the files of an application on Heroku.
type Target struct {
	// ReadFile reads a file of the source, to see which of the files it has itself; nil: none.
	ReadFile func(path string) ([]byte, error)
}

// Name is "heroku".
func (Target) Name() string { return "heroku" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Platform }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Heroku: heroku.yml for its container stack, app.json with add-ons, Procfile"
}

// Manifest is heroku.yml. Source: Heroku Dev Center, "Building Docker Images with heroku.yml".
type Manifest struct {
	Setup   *Setup             `yaml:"setup,omitempty"`
	Build   Build              `yaml:"build"`
	Release *Process           `yaml:"release,omitempty"`
	Run     map[string]Process `yaml:"run,omitempty"`
}

// Setup is what is made with the application.
type Setup struct {
	Addons []Addon           `yaml:"addons,omitempty"`
	Config map[string]string `yaml:"config,omitempty"`
}

// Addon is a service of the marketplace.
type Addon struct {
	Plan string `yaml:"plan" json:"plan"`
	As   string `yaml:"as,omitempty" json:"as,omitempty"` // the variable is called AS_URL
}

// Build says by process what its image is built from. The context is the Dockerfile's own directory.
type Build struct {
	Docker map[string]string `yaml:"docker"`
	Config map[string]string `yaml:"config,omitempty"` // build arguments
}

// Process is a command, as one line for a shell, and the image that it runs from.
type Process struct {
	Command []string `yaml:"command,omitempty"`
	Image   string   `yaml:"image,omitempty"`
}

// App is app.json. Source: Heroku Dev Center, "app.json Schema".
type App struct {
	Name      string               `json:"name"`
	Stack     string               `json:"stack"`
	Env       map[string]Var       `json:"env,omitempty"`
	Formation map[string]Formation `json:"formation,omitempty"`
	Addons    []Addon              `json:"addons,omitempty"`
}

// Var is a variable of the application's environment.
type Var struct {
	Description string `json:"description,omitempty"`
	Value       string `json:"value,omitempty"`
	Generator   string `json:"generator,omitempty"` // "secret": Heroku makes 64 random hex digits
	Required    *bool  `json:"required,omitempty"`
}

// Formation is how many dynos of which size a process gets.
type Formation struct {
	Quantity int    `json:"quantity"`
	Size     string `json:"size"`
}

// application is what one application of Heroku runs: it has one process that is reached.
type application struct {
	p        *plan.Plan
	runs     []process
	others   []generate.Deployed // that are reached as well, and are applications of their own
	backings []generate.Backing
}

// process is a component as a process of the application.
type process struct {
	generate.Deployed
	name, image string
	built       bool // by heroku.yml
}

func newApplication(p *plan.Plan) *application {
	a := &application{p: p, backings: generate.Backings(p, generate.Heroku)}
	images := map[string]string{}
	served := false
	for _, d := range generate.Deployables(p) {
		name := d.Name
		switch {
		case generate.Serves(d.Component) && served:
			a.others = append(a.others, d)
			continue
		case generate.Serves(d.Component):
			name, served = "web", true
		case name == "web" || name == "release":
			name += "-process"
		}
		if images[d.Image.Name] == "" {
			images[d.Image.Name] = name
		}
		a.runs = append(a.runs, process{Deployed: d, name: name, image: images[d.Image.Name], built: path.Dir(d.Image.Dockerfile) == d.Image.Root})
	}
	return a
}

// Generate makes heroku.yml, app.json, a Procfile and the guide.
func (t Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	a := newApplication(p)
	if len(a.runs) == 0 {
		return nil, nil
	}
	for _, r := range a.runs {
		if r.Platform.V == "windows" {
			return nil, &generate.UnsupportedError{Message: fmt.Sprintf("Heroku runs no Windows containers, and %s needs one", r.Name)}
		}
	}
	var out []generate.Artifact
	var kept []string
	add := func(made generate.Artifact, err error) error {
		place, own := generate.Place(t.ReadFile, made.Path, Dir)
		if own {
			kept = append(kept, made.Path)
		}
		if own && made.Path == ProcFile { // what starts it is known, and Heroku takes it from heroku.yml
			return err
		}
		made.Path = place
		out = append(out, made)
		return err
	}
	if err := add(a.manifest()); err != nil {
		return nil, err
	}
	if err := add(a.app()); err != nil {
		return nil, err
	}
	if err := add(a.procfile(), nil); err != nil {
		return nil, err
	}
	return append(out, a.guide(kept)), nil
}

// line is a process's command for a shell; empty: the image's own command.
func (a *application) line(r process) string {
	line := ""
	if command := r.Command(); command != nil {
		line = plan.ShellWords(command)
	}
	if generate.Serves(r.Component) {
		if own, _ := generate.PortCommand(r.Component); own != "" {
			line = own
		}
	}
	var differs []string
	plain, _ := generate.Environment(a.p, r.Component)
	for _, s := range plain {
		if v, ok := a.plain()[s.Name]; ok && v.Value != s.Value {
			differs = append(differs, s.Name+"="+s.Value)
		}
	}
	if len(differs) > 0 && line != "" {
		line = "env " + plan.ShellWords(differs) + " " + line
	}
	return line
}

// plain are the variables that are written down, as the first process that has one sets it.
func (a *application) plain() map[string]plan.Setting {
	out := map[string]plan.Setting{}
	for _, r := range a.runs {
		plain, _ := generate.Environment(a.p, r.Component)
		for _, s := range plain {
			if _, ok := out[s.Name]; !ok && !reserved(s.Name) {
				out[s.Name] = s
			}
		}
	}
	return out
}

// reserved reports whether Heroku sets a variable itself.
func reserved(name string) bool {
	return name == "PORT" || name == "DYNO" || strings.HasPrefix(name, "__")
}

// addons are the services, each under the name that makes the variable which the application reads.
func (a *application) addons() []Addon {
	var out []Addon
	for _, b := range a.backings {
		if b.Offer.Type == "" {
			continue
		}
		addon := Addon{Plan: b.Offer.Type}
		if prefix := attachment(b); prefix != "" {
			addon.As = prefix
		}
		out = append(out, addon)
	}
	return out
}

// attachment is the name under which an add-on sets the variable that the application reads: as DATABASE it sets DATABASE_URL. Empty:
// the application reads other variables than a URL, or the add-on sets none.
func attachment(b generate.Backing) string {
	if len(b.Offer.Sets) != 1 || !strings.HasSuffix(b.Offer.Sets[0], "_URL") {
		return ""
	}
	for _, s := range b.Settings {
		if prefix, ok := strings.CutSuffix(s.Name, "_URL"); ok && prefix != "" && strings.Contains(s.Shape, "HOST") {
			return prefix
		}
	}
	return ""
}

func (a *application) manifest() (generate.Artifact, error) {
	m := Manifest{Build: Build{Docker: map[string]string{}}, Run: map[string]Process{}}
	why := generate.Reasons{}
	setup := Setup{Addons: a.addons(), Config: map[string]string{}}
	for name, s := range a.plain() {
		setup.Config[name] = s.Value
		why.Add(generate.FieldOrigin(a.p, "components."+a.componentOf(name)+".env."+name), "setup", "config", name)
	}
	if len(setup.Addons)+len(setup.Config) > 0 {
		m.Setup = &setup
		why.Add(generate.Origin{Why: "what the application needs around it, made with it; app.json says the same for review apps"}, "setup")
	}
	var releases []string
	for _, r := range a.runs {
		if r.name == r.image {
			m.Build.Docker[r.name] = r.Image.Dockerfile
			why.Add(generate.Origin{Why: "the image " + r.Image.Name + " is built from " + r.Image.Dockerfile}, "build", "docker", r.name)
		}
		if line := a.line(r); line != "" {
			run := Process{Command: []string{line}}
			if r.name != r.image {
				run.Image = r.image
			}
			m.Run[r.name] = run
			why.Add(generate.FieldOrigin(a.p, "components."+r.Name+".processes", "components."+r.Name+".port"), "run", r.name)
		}
		if command := r.Process("release"); command != nil && (m.Release == nil || m.Release.Image == r.image) {
			releases = append(releases, plan.ShellWords(command))
			m.Release = &Process{Command: []string{strings.Join(releases, " && ")}, Image: r.image}
			why.Add(generate.FieldOrigin(a.p, "components."+r.Name+".processes.release"), "release")
		}
	}
	return header(generate.YAML(ManifestFile, why, m))
}

// header puts the first line before a YAML file.
func header(a generate.Artifact, err error) (generate.Artifact, error) {
	a.Content = append([]byte("# "+generate.Header+"\n"), a.Content...)
	a.Origins = append([]generate.Origin{{}}, a.Origins...)
	return a, err
}

// componentOf is the component whose setting of a name is written down.
func (a *application) componentOf(name string) string {
	for _, r := range a.runs {
		if slices.ContainsFunc(r.Settings, func(s plan.Setting) bool { return s.Name == name }) {
			return r.Name
		}
	}
	return ""
}

func (a *application) app() (generate.Artifact, error) {
	name := a.p.Name
	if len(name) > 30 {
		name = strings.TrimRight(name[:30], "-")
	}
	app := App{Name: name, Stack: "container", Env: map[string]Var{}, Formation: map[string]Formation{}, Addons: a.addons()}
	why := generate.Reasons{}
	why.Add(generate.FieldOrigin(a.p, "name"), "name")
	why.Add(generate.Origin{Why: "images that heroku.yml builds, no buildpacks"}, "stack")
	for name, s := range a.plain() {
		app.Env[name] = Var{Description: detect.Printable(s.Why, 200), Value: s.Value}
	}
	for _, r := range a.runs {
		_, stored := generate.Environment(a.p, r.Component)
		for _, s := range stored {
			if v, ok := a.stored(s); ok {
				app.Env[s.Name] = v
			}
		}
		for name := range app.Env {
			if slices.ContainsFunc(r.Settings, func(s plan.Setting) bool { return s.Name == name }) {
				why.Add(generate.FieldOrigin(a.p, "components."+r.Name+".env."+name), "env", name)
			}
		}
		quantity := 1
		if generate.Finite(r.Component) {
			quantity = 0
		}
		app.Formation[r.name] = Formation{Quantity: quantity, Size: Fit(r.Memory.V)}
		why.Add(generate.FieldOrigin(a.p, "components."+r.Name+".memory"), "formation", r.name)
	}
	return generate.JSON(AppFile, why, app)
}

// stored is a variable whose value no file holds; false: an add-on sets it.
func (a *application) stored(s plan.Setting) (Var, bool) {
	for _, b := range a.backings {
		if b.Service == s.Service && b.Offer.Type != "" && (attachment(b)+"_URL" == s.Name || slices.Contains(b.Offer.Sets, s.Name)) {
			return Var{}, false
		}
	}
	v := Var{Description: detect.Printable(s.Why, 200)}
	names := a.p.References(s.Value)
	if len(names) == 1 && s.Value == "${"+names[0]+"}" && s.Service == "" {
		for _, secret := range a.p.Secrets {
			if secret.Name == names[0] && secret.Generate {
				v.Generator = "secret"
				return v, true
			}
		}
	}
	required := true
	v.Required = &required
	return v, true
}

func (a *application) procfile() generate.Artifact {
	var b bytes.Buffer
	origins := []generate.Origin{{}}
	fmt.Fprintf(&b, "# %s\n", generate.Header)
	for _, r := range a.runs {
		if line := a.line(r); line != "" {
			fmt.Fprintf(&b, "%s: %s\n", r.name, line)
			origins = append(origins, generate.FieldOrigin(a.p, "components."+r.Name+".processes", "components."+r.Name+".port"))
		}
	}
	return generate.Artifact{Path: ProcFile, Content: b.Bytes(), Origins: origins}
}

// dynos are the sizes of professional dynos with their memory in MiB, ascending. Source: Heroku Dev Center, "Dyno Types" (2026-11).
var dynos = []struct {
	name   string
	memory int
}{
	{"standard-1x", 512}, {"standard-2x", 1024}, {"performance-m", 2560}, {"performance-l", 14336}, {"performance-l-ram", 30720},
	{"performance-xl", 63488}, {"performance-2xl", 129024},
}

// Fit is the smallest professional dyno with so much memory, in MiB; the largest when none has.
func Fit(memory int) string {
	for _, d := range dynos {
		if d.memory >= memory {
			return d.name
		}
	}
	return dynos[len(dynos)-1].name
}
