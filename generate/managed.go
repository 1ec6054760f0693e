package generate

import (
	"cmp"
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/plan"
)

//go:embed managed.yaml
var managedYAML []byte

// Family names platforms that share one set of managed services.
type Family string

// The families of managed.yaml.
const (
	AWS          Family = "aws"
	Google       Family = "google"
	Azure        Family = "azure"
	Kubernetes   Family = "kubernetes" // operators and charts: any cluster, OpenShift too
	Heroku       Family = "heroku"
	CloudFoundry Family = "cloudfoundry"
	Convox       Family = "convox"
	OpenStack    Family = "openstack"
)

// Offer is what a family of platforms has instead of a service that compose runs. managed.yaml describes the fields.
type Offer struct {
	Product string   `yaml:"product"`
	Type    string   `yaml:"type"`
	Make    []string `yaml:"make"`
	Bind    string   `yaml:"bind"`
	Sets    []string `yaml:"sets"`
	Variant bool     `yaml:"variant"`
	Source  string   `yaml:"source"`
}

// offers reads the embedded table once.
var offers = sync.OnceValue(func() map[Family]map[string]Offer {
	var all map[Family]map[string]Offer
	if err := yaml.Unmarshal(managedYAML, &all); err != nil {
		panic("managed.yaml: " + err.Error()) // the file is part of the program and read by its tests
	}
	return all
})

// OfferOf is what a family has for a kind of service of the contract; false: nothing.
func OfferOf(f Family, kind string) (Offer, bool) {
	o, ok := offers()[f][kind]
	return o, ok
}

// Backing is a service that the plan's components need, as a family of platforms gives it.
type Backing struct {
	Service  string // the plan's service "db"; for one that compose does not start (S3, a mail server) its kind
	Kind     string
	Version  string // of the image that compose runs: "13", "7.17.28"; empty: compose starts none
	Image    string // what compose runs; empty: compose starts none
	Offer    Offer
	Offered  bool     // false: the family has nothing of the kind, and Offer is empty
	Command  []string // Offer.Make for this service; empty: Offer.Bind or Offer.Source says how
	Settings []BackingSetting
}

// BackingSetting is a variable of components whose value is where the service is, or how one gets in.
type BackingSetting struct {
	Name       string
	Shape      string   // what the value looks like, with HOST and the names of secrets in capitals where they stand: "postgresql://app:POSTGRES_PASSWORD@HOST:5432/shop"
	Components []string // that read it
	Secret     bool
}

// Backings lists what the components need beside themselves, in the plan's order, as a family gives it: first what compose runs, then what
// it does not start.
func Backings(p *plan.Plan, f Family) []Backing {
	var out []Backing
	for i := range p.Services {
		out = append(out, backing(p, f, &p.Services[i]))
	}
	for i := range p.Components {
		for _, s := range p.Components[i].Services {
			known := slices.ContainsFunc(out, func(b Backing) bool { return b.Kind == s.Kind })
			if known || slices.Contains(plan.Kinds(), s.Kind) || s.Kind == "sqlite" {
				continue // optional ones that compose could start and does not are not needed
			}
			b := Backing{Service: s.Kind, Kind: s.Kind}
			b.Offer, b.Offered = OfferOf(f, s.Kind)
			b.Command = filled(b.Offer.Make, p, b.Service, "", nil)
			for _, name := range s.Env {
				b.add(BackingSetting{Name: name, Shape: "the value of your " + s.Kind, Components: []string{p.Components[i].Name}, Secret: true})
			}
			slices.SortFunc(b.Settings, func(x, y BackingSetting) int { return cmp.Compare(x.Name, y.Name) })
			out = append(out, b)
		}
	}
	return out
}

func backing(p *plan.Plan, f Family, x *plan.Service) Backing {
	b := Backing{Service: x.Name, Kind: x.Kind, Image: x.Image.V, Version: imageVersion(x.Image.V)}
	b.Offer, b.Offered = OfferOf(f, x.Kind)
	b.Command = filled(b.Offer.Make, p, x.Name, b.Version, x.Settings)
	for i := range p.Components {
		c := &p.Components[i]
		for _, s := range c.Settings {
			if s.Service == x.Name {
				b.add(BackingSetting{Name: s.Name, Shape: shape(p, s.Value, x.Name), Components: []string{c.Name}, Secret: s.Secret})
			}
		}
	}
	return b
}

// add joins a setting that another component has as well.
func (b *Backing) add(s BackingSetting) {
	for i := range b.Settings {
		if have := &b.Settings[i]; have.Name == s.Name && have.Shape == s.Shape {
			have.Components = append(have.Components, s.Components...)
			return
		}
	}
	b.Settings = append(b.Settings, s)
}

// imageVersion is the tag of an image without what stands behind a dash: "postgres:13-alpine" is 13.
func imageVersion(image string) string {
	_, tag, ok := strings.Cut(path.Base(image), ":")
	if !ok {
		return ""
	}
	tag, _, _ = strings.Cut(tag, "@")
	tag, _, _ = strings.Cut(tag, "-")
	return tag
}

// filled puts the plan's names into the words of a command.
func filled(words []string, p *plan.Plan, service, version string, settings []plan.Setting) []string {
	major, rest, _ := strings.Cut(version, ".")
	minor := version
	if second, _, more := strings.Cut(rest, "."); more {
		minor = major + "." + second
	}
	fill := strings.NewReplacer(
		"{name}", p.Name+"-"+service, "{service}", service, "{version}", version, "{major}", major, "{minor}", minor, "{minor_}", strings.ReplaceAll(minor, ".", "_"),
		"{database}", ending(p, settings, "app", "_DB", "_DATABASE"), "{user}", ending(p, settings, "app", "_USER"),
	)
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = fill.Replace(w)
	}
	return out
}

// ending is the value of the setting whose name ends so, when it is no secret.
func ending(p *plan.Plan, settings []plan.Setting, otherwise string, ends ...string) string {
	for _, s := range settings {
		for _, end := range ends {
			if strings.HasSuffix(s.Name, end) && len(p.References(s.Value)) == 0 && s.Value != "" {
				return p.Expand(s.Value, nil, nil)
			}
		}
	}
	return otherwise
}

// shape writes a setting's value with HOST where the service's name stands as a host, and the name of each secret in its place.
func shape(p *plan.Plan, value, host string) string {
	literal := func(s string) string {
		if s == host {
			return "HOST"
		}
		for _, around := range [][2]string{{"@", ":"}, {"//", ":"}, {"//", "/"}, {"@", "/"}, {"(", ":"}, {"=", ";"}} {
			s = strings.ReplaceAll(s, around[0]+host+around[1], around[0]+"HOST"+around[1])
		}
		if rest, ok := strings.CutPrefix(s, host+":"); ok && !strings.HasPrefix(rest, "//") {
			return "HOST:" + rest
		}
		return s
	}
	return p.Expand(value, literal, func(name string) string { return name })
}

// Backings adds the step that says what takes the place of the services that compose runs, and what becomes of the variables that point
// at them; nothing when the components need none.
func (g *Guide) Backings(p *plan.Plan, f Family) {
	all := Backings(p, f)
	if len(all) == 0 {
		return
	}
	g.Step("Backing services: what compose runs beside the application is another's here. Choose sizes, networks and backups as your data asks for; where a version has ended on the platform take the next one and try a restore first.")
	for _, b := range all {
		g.Item("%s", b.text())
		if len(b.Command) > 0 {
			g.Command(b.Command)
		}
		for _, s := range b.Settings {
			g.Detail("%s", fmt.Sprintf("`%s` of %s: `%s`", s.Name, strings.Join(s.Components, ", "), strings.ReplaceAll(s.Shape, "`", "'")))
		}
	}
	g.Blank()
}

// text says in a sentence or two what stands for a service.
func (b Backing) text() string {
	what := fmt.Sprintf("%s (%s)", b.Service, b.Kind)
	if b.Service == b.Kind {
		what = b.Kind
	}
	if !b.Offered {
		if b.Image == "" {
			return what + ": the platform has none; the one that you use today stays, and its address and login are given to the application."
		}
		return fmt.Sprintf("%s: the platform offers none of its own: run `%s` on a machine or cluster of yours, or take one from its maker, and give its address and login to the application.", what, b.Image)
	}
	text := fmt.Sprintf("%s: %s", what, b.Offer.Product)
	if b.Offer.Type != "" {
		text += fmt.Sprintf(" (`%s`)", b.Offer.Type)
	}
	if b.Offer.Variant {
		text += ", which is not the same product: try the application with it first"
	}
	return text + ". " + strings.ToUpper(b.Offer.Bind[:1]) + b.Offer.Bind[1:] + ". See " + b.Offer.Source
}
