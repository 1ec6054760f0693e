package survey

import (
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// relational are the kinds of service of which an application uses one for its data: a second one in a compose file or
// a build server is the alternative.
var relational = map[string]bool{"postgresql": true, "mysql": true, "mariadb": true, "sqlserver": true, "oracle": true, "db2": true, "sqlite": true}

// sighting is a service that a file runs beside the application.
type sighting struct {
	kind, version string
	place         detect.Evidence
	linked        bool // the application is started with it
	optional      bool // only a profile of the compose file starts it
	why           string
}

// composed reads the compose files of the repository: which services the components are run with, and which components
// talk to each other.
func (s *survey) composed() {
	for _, p := range s.composeFiles {
		f, ok := s.read(p)
		if !ok {
			continue
		}
		services, err := manifest.ParseCompose(f.Data)
		if err != nil {
			s.warn(p, err)
			continue
		}
		c := composeFile{file: f, dir: path.Dir(p), services: services, test: forTests(p)}
		for i := range s.found.Components {
			if comp := &s.found.Components[i]; runs(comp) && c.about(comp) {
				// A file that builds nothing says of several components only that someone runs these services.
				seen, its := c.sightings(comp), c.built(comp) != nil || s.lone(comp)
				s.merge(comp, seen, its)
				if its && c.plain() {
					prefer(comp, seen)
				}
				s.talks(comp, c)
			}
		}
	}
}

type composeFile struct {
	file     detect.File
	dir      string
	services []manifest.ComposeService
	test     bool
}

// about reports whether a compose file can be about a component: it lies beside it or above, or in a folder for
// containers of the same directory.
func (c composeFile) about(comp *detect.Component) bool {
	dir := c.dir
	for {
		if within(comp.Path, dir) {
			return true
		}
		switch strings.ToLower(path.Base(dir)) {
		case "docker", ".docker", "deploy", "deployment", "compose", "docker-compose", "devops", "containers", "container", "ops", ".devcontainer":
			dir = path.Dir(dir)
		default:
			return false
		}
	}
}

// built returns the service that is built from a component, nil if none is.
func (c composeFile) built(comp *detect.Component) *manifest.ComposeService {
	for i, s := range c.services {
		if s.Image == "" && path.Join(c.dir, s.Build) == comp.Path {
			return &c.services[i]
		}
	}
	return nil
}

// sightings are the services that the file runs for a component.
func (c composeFile) sightings(comp *detect.Component) []sighting {
	own := c.built(comp)
	if own == nil && comp.Path != c.dir && c.others() {
		return nil // the file builds other things than this component
	}
	linked := map[string]bool{}
	if own != nil {
		c.reach(own.Name, linked)
	}
	alone := len(linked) == 1 && !c.several() // nothing says what needs what, and there is only one that can need it
	var out []sighting
	for _, s := range c.services {
		img := manifest.IdentifyImage(s.Image)
		if img.Service == "" || own != nil && len(linked) > 1 && !linked[s.Name] && c.named(s.Name, linked) {
			continue
		}
		if own != nil && !alone && !linked[s.Name] && c.several() {
			continue // another component's
		}
		out = append(out, sighting{kind: img.Service, version: img.Version, place: c.file.Evidence(s.ImageLine),
			optional: len(s.Profiles) > 0,
			linked:   !c.test && len(s.Profiles) == 0 && (own == nil || alone || linked[s.Name]) && img.Service != "smtp" && img.Service != "s3",
			why:      "the repository's own compose file runs the application beside it"})
	}
	return out
}

// several reports whether the file builds more than one service.
func (c composeFile) several() bool {
	n := 0
	for _, s := range c.services {
		if s.Image == "" {
			n++
		}
	}
	return n > 1
}

// others reports whether the file builds any service.
func (c composeFile) others() bool {
	for _, s := range c.services {
		if s.Image == "" {
			return true
		}
	}
	return false
}

// named reports whether a service that the component does not reach is reached by another one.
func (c composeFile) named(name string, linked map[string]bool) bool {
	for _, s := range c.services {
		if linked[s.Name] {
			continue
		}
		for _, d := range s.DependsOn {
			if d.Value == name {
				return true
			}
		}
	}
	return false
}

// reach follows depends_on, and names of services in the values of variables.
func (c composeFile) reach(name string, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	for _, s := range c.services {
		if s.Name != name {
			continue
		}
		for _, d := range s.DependsOn {
			c.reach(d.Value, seen)
		}
		for _, e := range s.Environment {
			for _, o := range c.services {
				if o.Name != name && addresses(e.Value, o.Name) {
					c.reach(o.Name, seen)
				}
			}
		}
	}
}

// addresses reports whether a value holds a name where a host stands: alone, after // or @, or before a colon.
func addresses(value, name string) bool {
	for rest := value; ; {
		i := strings.Index(rest, name)
		if i < 0 {
			return false
		}
		before, after := rest[:i], rest[i+len(name):]
		start := before == "" || strings.HasSuffix(before, "//") || strings.HasSuffix(before, "@") || strings.HasSuffix(before, ",")
		end := after == "" || after[0] == ':' || after[0] == '/' || after[0] == ','
		if start && end {
			return true
		}
		rest = after
	}
}

// talks records which components a component's service depends on.
func (s *survey) talks(comp *detect.Component, c composeFile) {
	own := c.built(comp)
	if own == nil {
		return
	}
	linked := map[string]bool{}
	c.reach(own.Name, linked)
	for i := range s.found.Components {
		o := &s.found.Components[i]
		b := c.built(o)
		if b == nil || o.Path == comp.Path || !linked[b.Name] || depends(comp, o.Name) {
			continue
		}
		comp.DependsOn = append(comp.DependsOn, detect.Is(o.Name, c.file.Evidence(own.Line)))
	}
}

func depends(c *detect.Component, name string) bool {
	for _, d := range c.DependsOn {
		if d.V == name {
			return true
		}
	}
	return false
}

// merge adds to a component what was seen: a proof and a version to a service that its own files name, else the service.
// Unless add is set, only what is known already is proven.
func (s *survey) merge(c *detect.Component, seen []sighting, add bool) {
	alternatives := 0
	for _, g := range seen {
		if relational[g.kind] {
			alternatives++
		}
	}
	for _, g := range seen {
		if have := service(c, g.kind); have != nil {
			corroborate(have, g)
			continue
		}
		if !add || relational[g.kind] && (hasRelational(c) || alternatives > 1) {
			continue
		}
		c.Services = append(c.Services, detect.Service{Kind: g.kind, Version: g.version, Required: g.linked, From: detect.Inferred,
			Why: g.why, Evidence: []detect.Evidence{g.place}})
	}
}

// plain reports whether the file is the one that is used when nobody names another.
func (c composeFile) plain() bool {
	switch strings.ToLower(path.Base(c.file.Path)) {
	case "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml":
		return !c.test
	}
	return false
}

// holdsData reports whether a service of a kind can be the one that an application keeps its data in.
func holdsData(kind string) bool { return relational[kind] || kind == "mongodb" }

// prefer makes the only database that the repository's own compose file starts the one that a component needs, when the
// component's own files name it among several and another one was taken for the likeliest.
func prefer(c *detect.Component, seen []sighting) {
	var only *sighting
	for i, g := range seen {
		if g.optional || !holdsData(g.kind) {
			continue
		}
		if only != nil {
			return
		}
		only = &seen[i]
	}
	if only == nil || !only.linked {
		return
	}
	chosen := service(c, only.kind)
	if chosen == nil || chosen.Required {
		return
	}
	needed := 0
	for i := range c.Services {
		if s := &c.Services[i]; s.Required && holdsData(s.Kind) {
			s.Required, s.Why = false, "one of several databases; "+only.why
			needed++
		}
	}
	if needed > 0 { // without one, nothing outside the process is needed by default
		chosen.Required, chosen.Why = true, only.why
	}
}

func corroborate(have *detect.Service, g sighting) {
	for _, e := range have.Evidence {
		if e.File == g.place.File && e.Line == g.place.Line {
			return
		}
	}
	news := have.Version == "" && have.Kind == g.kind && g.version != ""
	if news {
		have.Version = g.version
	}
	if news || len(have.Evidence) < 2 { // beyond that, one more place proves nothing more
		have.Evidence = append(have.Evidence[:len(have.Evidence):len(have.Evidence)], g.place)
	}
}

// service returns the service of a kind; MySQL and MariaDB speak the same protocol.
func service(c *detect.Component, kind string) *detect.Service {
	same := map[string]string{"mariadb": "mysql", "opensearch": "elasticsearch"}
	fold := func(k string) string {
		if s := same[k]; s != "" {
			return s
		}
		return k
	}
	for i := range c.Services {
		if fold(c.Services[i].Kind) == fold(kind) {
			return &c.Services[i]
		}
	}
	return nil
}

func hasRelational(c *detect.Component) bool {
	for _, s := range c.Services {
		if relational[s.Kind] && s.Required {
			return true
		}
	}
	return false
}

// tested reads what build servers run beside the tests. It proves and dates what a component is known to talk to. A lone
// database there is what the application needs when nothing else says which one it is.
func (s *survey) tested() {
	sort.Strings(s.ci)
	for _, p := range s.ci {
		f, ok := s.read(p)
		if !ok {
			continue
		}
		ci, err := manifest.ParseCI(p, f.Data)
		if err != nil {
			s.warn(p, err)
			continue
		}
		var seen []sighting
		for _, svc := range ci.Services {
			seen = append(seen, sighting{kind: svc.Kind, version: svc.Version, place: f.Evidence(svc.Line), why: "its tests run beside it"})
		}
		for i := range s.found.Components {
			if c := &s.found.Components[i]; runs(c) && s.lone(c) {
				s.merge(c, seen, true)
			}
		}
	}
}

// lone reports whether what is said of the whole repository can be about a component: there is no other tree of code.
func (s *survey) lone(c *detect.Component) bool {
	for _, o := range s.found.Components {
		if runs(&o) && o.Path != c.Path {
			return false
		}
	}
	return true
}
