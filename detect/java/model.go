package java

import (
	"fmt"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// model is what Maven calls the effective model of a module, as far as the tree says it: the pom, its active
// profiles, and the same of each parent that lies in the tree.
type model struct {
	idx    *index
	pom    *pom
	layers []layer // the nearest first: profiles before their pom, a pom before its parent
	asleep []layer // profiles that are not active, of the pom and of its parents
	// external is the first parent that the tree does not hold, with its version; artifact is "" without one.
	external        coord
	externalVersion text
	defaults        map[string]text // properties that a known external parent brings

	depList     []dep // see deps
	managedDeps map[string]dep
}

// layer is a pom's <project> or one of its profiles.
type layer struct {
	pom     *pom
	xml     *manifest.Element
	profile string
}

// maxParents bounds the chain of parents.
const maxParents = 20

// newModel follows the parents of a pom through the tree.
func newModel(idx *index, p *pom) *model {
	m := &model{idx: idx, pom: p}
	seen := map[*pom]bool{}
	for at := p; at != nil && !seen[at] && len(seen) < maxParents; {
		seen[at] = true
		m.stack(at)
		parent := at.xml.Find("parent")
		if parent == nil {
			break
		}
		next := idx.parent(at, parent)
		if next == nil {
			g, _ := parent.Get("groupId")
			a, _ := parent.Get("artifactId")
			m.external = coord{g, a}
			m.externalVersion = m.interpolate(at.text(parent, "version"))
		}
		at = next
	}
	m.defaults = m.parentDefaults()
	return m
}

// stack adds the layers of one pom: the active profiles, the last of the file first, and the pom itself. As in Maven
// the profiles that are active by default sleep when another of the same pom is awake.
func (m *model) stack(p *pom) {
	var awake, byDefault, asleep []layer
	profiles := p.xml.All("profiles", "profile")
	for i := len(profiles) - 1; i >= 0; i-- {
		id, _ := profiles[i].Get("id")
		l := layer{p, profiles[i], id}
		switch m.activation(profiles[i], id) {
		case active:
			awake = append(awake, l)
		case activeByDefault:
			byDefault = append(byDefault, l)
		default:
			asleep = append(asleep, l)
		}
	}
	if len(awake) == 0 {
		awake = byDefault
	} else {
		asleep = append(asleep, byDefault...)
	}
	m.layers = append(append(m.layers, awake...), layer{p, p.xml, ""})
	m.asleep = append(m.asleep, asleep...)
}

type activation int

const (
	inactive activation = iota
	active
	activeByDefault
)

// activation says whether a profile is active in a build that is given no option, on Linux. A profile that asks for a
// JDK is taken as not active: such profiles adapt the build to other JDKs than its own.
func (m *model) activation(profile *manifest.Element, id string) activation {
	for _, want := range m.idx.mavenConfig(m.pom.dir).profiles {
		if id != "" && want == id {
			return active
		}
	}
	a := profile.Find("activation")
	if v, _ := a.Get("activeByDefault"); strings.EqualFold(v, "true") {
		return activeByDefault
	}
	conditions, met := 0, true
	if p := a.Find("property"); p != nil {
		name, _ := p.Get("name")
		value, _ := p.Get("value")
		conditions++
		met = met && m.propertyMet(name, value)
	}
	if f := a.Find("file"); f != nil {
		conditions++
		met = met && m.fileMet(f)
	}
	if o := a.Find("os"); o != nil {
		conditions++
		met = met && osMet(o)
	}
	if j := a.Find("jdk"); j != nil {
		return inactive
	}
	if conditions > 0 && met {
		return active
	}
	return inactive
}

// propertyMet: only properties that .mvn/maven.config gives are set, as on a fresh machine.
func (m *model) propertyMet(name, value string) bool {
	not := strings.HasPrefix(name, "!")
	v, isSet := m.idx.mavenConfig(m.pom.dir).defines[strings.TrimPrefix(name, "!")]
	switch {
	case not:
		return !isSet
	case strings.HasPrefix(value, "!"):
		return !isSet || v.s != value[1:]
	case value != "":
		return isSet && v.s == value
	}
	return isSet
}

// fileMet looks for the file below the module, as Maven does also for the profiles of a parent.
func (m *model) fileMet(f *manifest.Element) bool {
	has := func(name string) bool {
		name = strings.NewReplacer("${basedir}/", "", "${project.basedir}/", "").Replace(name)
		at := path.Join(m.pom.dir, name)
		if strings.Contains(name, "${") || path.IsAbs(name) {
			return false
		}
		d, ok := m.idx.root.Sub(at)
		return m.idx.root.Has(at) || ok && d.HasDir(".")
	}
	if v, _ := f.Get("exists"); v != "" {
		return has(v)
	}
	if v, _ := f.Get("missing"); v != "" {
		return !has(v)
	}
	return false
}

func osMet(o *manifest.Element) bool {
	for _, c := range o.Children {
		is := func(values ...string) bool {
			want := strings.ToLower(strings.TrimPrefix(c.Text, "!"))
			met := false
			for _, v := range values {
				met = met || v == want
			}
			return met != strings.HasPrefix(c.Text, "!")
		}
		switch c.Name {
		case "family":
			if !is("unix", "linux") {
				return false
			}
		case "name":
			if !is("linux") {
				return false
			}
		case "arch":
			if !is("amd64", "x86_64") {
				return false
			}
		}
	}
	return true
}

// prop returns a property as written, without interpolation.
func (m *model) prop(name string) (text, bool) {
	if v, ok := m.idx.mavenConfig(m.pom.dir).defines[name]; ok {
		return v, true
	}
	for _, l := range m.layers {
		props := l.xml.All("properties")
		for i := len(props) - 1; i >= 0; i-- {
			if e := props[i].Find(name); e != nil {
				return text{s: e.Text, ev: l.pom.at(e.TextLine)}, true
			}
		}
	}
	v, ok := m.defaults[name]
	return v, ok
}

// lookup resolves a reference of a pom: the project's own coordinates and folders, then properties.
func (m *model) lookup(name string) (text, bool) {
	field := strings.TrimPrefix(strings.TrimPrefix(name, "project."), "pom.")
	parent := m.pom.xml.Find("parent")
	own := func(field string) (text, bool) {
		t := m.pom.text(m.pom.xml, field)
		if !t.set() {
			t = m.pom.text(parent, field)
		}
		return t, t.set()
	}
	switch field {
	case "groupId", "version":
		return own(field)
	case "artifactId", "name", "description":
		t := m.pom.text(m.pom.xml, field)
		return t, t.set()
	case "packaging":
		return text{s: m.pom.packaging()}, true
	case "parent.groupId", "parent.artifactId", "parent.version":
		t := m.pom.text(parent, strings.TrimPrefix(field, "parent."))
		return t, t.set()
	case "basedir":
		return text{s: "."}, true
	}
	if strings.HasPrefix(name, "project.build.") {
		switch strings.TrimPrefix(name, "project.build.") {
		case "directory":
			return text{s: "target"}, true
		case "outputDirectory":
			return text{s: "target/classes"}, true
		case "finalName":
			return m.finalName(), true
		}
	}
	return m.prop(name)
}

func (m *model) interpolate(t text) text { return expand(t, m.lookup) }

// property returns an interpolated property.
func (m *model) property(name string) text {
	t, ok := m.prop(name)
	if !ok || t.s == "" {
		return text{}
	}
	return m.interpolate(t)
}

// first returns the text at a path of the nearest layer that has it, interpolated.
func (m *model) first(at ...string) text {
	for _, l := range m.layers {
		if t := l.pom.text(l.xml, at...); t.set() {
			return m.interpolate(t)
		}
	}
	return text{}
}

// finalName is the name of the artifact without its ending.
func (m *model) finalName() text {
	for _, l := range m.layers {
		if t := l.pom.text(l.xml, "build", "finalName"); t.set() && !strings.Contains(t.s, "project.build.finalName") {
			return m.interpolate(t)
		}
	}
	return m.interpolate(text{s: "${project.artifactId}-${project.version}"})
}

// dep is a library that an application names, whatever the build tool.
type dep struct {
	group, artifact string
	version         text
	scope           string // compile, runtime, provided, test
	kind            string // jar, war, ejb, pom
	profile         string // only when this profile of the build is active
	optional        bool
	ev              []detect.Evidence
}

// shipped reports whether the library is part of what runs.
func (d dep) shipped() bool {
	return d.profile == "" && d.kind != "pom" && (d.scope == "compile" || d.scope == "runtime")
}

// proof is where the dependency is named, and its version when that is elsewhere.
func (d dep) proof() []detect.Evidence { return proof(d.ev, d.version.ev) }

// maxDeps bounds the dependencies of one module.
const maxDeps = 5000

// deps returns the dependencies of the module, those of sleeping profiles at the end.
func (m *model) deps() []dep {
	if m.depList != nil {
		return m.depList
	}
	out := []dep{}
	managed := m.managed()
	seen := map[string]bool{}
	add := func(l layer, asleep bool) {
		for _, e := range l.xml.All("dependencies", "dependency") {
			d, key := m.dep(l, e, managed)
			if asleep {
				d.profile = l.profile
			}
			if d.artifact == "" || seen[key] || len(out) >= maxDeps {
				continue
			}
			seen[key] = true
			out = append(out, d)
		}
	}
	for _, l := range m.layers {
		add(l, false)
	}
	for _, l := range m.asleep {
		add(l, true)
	}
	m.depList = out
	return out
}

func (m *model) dep(l layer, e *manifest.Element, managed map[string]dep) (dep, string) {
	get := func(name string) string { return m.interpolate(l.pom.text(e, name)).s }
	d := dep{group: get("groupId"), artifact: get("artifactId"), kind: get("type"), scope: get("scope"),
		version: m.interpolate(l.pom.text(e, "version")), optional: get("optional") == "true"}
	if a := e.Find("artifactId"); a != nil {
		d.ev = l.pom.at(a.TextLine)
	}
	if d.kind == "" {
		d.kind = "jar"
	}
	key := d.group + ":" + d.artifact + ":" + d.kind + ":" + get("classifier")
	if have, ok := managed[key]; ok {
		if !d.version.set() {
			d.version = have.version
		}
		if d.scope == "" {
			d.scope = have.scope
		}
	}
	if d.scope == "" {
		d.scope = "compile"
	}
	return d, key
}

// managed returns <dependencyManagement>, with bills of materials that lie in the tree.
func (m *model) managed() map[string]dep {
	if m.managedDeps == nil {
		m.managedDeps = map[string]dep{}
		m.manage(m.managedDeps, 0)
	}
	return m.managedDeps
}

func (m *model) manage(out map[string]dep, depth int) {
	for _, l := range m.layers {
		for _, e := range l.xml.All("dependencyManagement", "dependencies", "dependency") {
			d, key := m.dep(l, e, nil)
			if d.scope == "compile" && e.Find("scope") == nil {
				d.scope = ""
			}
			if _, have := out[key]; !have && len(out) < maxDeps {
				out[key] = d
			}
			if bom := m.idx.byCoord[coord{d.group, d.artifact}]; d.scope == "import" && bom != nil && bom != m.pom && depth < 3 {
				m.idx.model(bom).manage(out, depth+1)
			}
		}
	}
}

// plugin is a plugin of the module's build.
type plugin struct {
	model    *model
	artifact string
	version  text
	blocks   []block // what configures it, strongest first
	own      bool    // named in the module's own pom
	ev       []detect.Evidence
}

// block is a <plugin> element.
type block struct {
	pom *pom
	xml *manifest.Element
}

// plugin returns a plugin that takes part in the build; nil when it does not. One that is only in pluginManagement
// does not, unless implicit says that Maven binds it by itself.
func (m *model) plugin(artifact string, implicit bool) *plugin {
	p := &plugin{model: m, artifact: artifact}
	collect := func(managed bool, at ...string) {
		for _, l := range m.layers {
			for _, e := range l.xml.All(at...) {
				if a, _ := e.Get("artifactId"); a != artifact {
					continue
				}
				p.blocks = append(p.blocks, block{l.pom, e})
				if !p.version.set() {
					p.version = m.interpolate(l.pom.text(e, "version"))
				}
				if !managed && p.ev == nil {
					p.ev = l.pom.at(e.Find("artifactId").TextLine)
					p.own = l.pom == m.pom
				}
			}
		}
	}
	collect(false, "build", "plugins", "plugin")
	used := len(p.blocks) > 0
	collect(true, "build", "pluginManagement", "plugins", "plugin")
	if !used && (!implicit || len(p.blocks) == 0) {
		return nil
	}
	return p
}

// config returns a setting of the plugin: of the plugin as a whole, else of the first of its executions.
func (p *plugin) config(at ...string) text {
	if p == nil {
		return text{}
	}
	for _, b := range p.blocks {
		if t := b.pom.text(b.xml, append([]string{"configuration"}, at...)...); t.set() {
			return p.model.interpolate(t)
		}
	}
	for _, b := range p.blocks {
		if t := b.pom.text(b.xml, append([]string{"executions", "execution", "configuration"}, at...)...); t.set() {
			return p.model.interpolate(t)
		}
	}
	return text{}
}

// find returns the first element with a name anywhere in the plugin's configuration, such as the Main-Class that a
// transformer of the shade plugin sets.
func (p *plugin) find(name string) text {
	if p == nil {
		return text{}
	}
	for _, b := range p.blocks {
		var hit *manifest.Element
		b.xml.Each(func(e *manifest.Element) {
			if hit == nil && e.Name == name && e.Text != "" {
				hit = e
			}
		})
		if hit != nil {
			return p.model.interpolate(text{s: hit.Text, ev: b.pom.at(hit.TextLine)})
		}
	}
	return text{}
}

// goal returns where an execution of the plugin runs a goal; false when none does.
func (p *plugin) goal(names ...string) ([]detect.Evidence, bool) {
	if p == nil {
		return nil, false
	}
	for _, b := range p.blocks {
		for _, ex := range b.xml.All("executions", "execution") {
			if phase, _ := ex.Get("phase"); phase == "none" {
				continue
			}
			for _, g := range ex.All("goals", "goal") {
				for _, n := range names {
					if g.Text == n {
						return b.pom.at(g.TextLine), true
					}
				}
			}
		}
	}
	return nil, false
}

// bootParent is the parent that Spring Boot offers.
var bootParent = coord{"org.springframework.boot", "spring-boot-starter-parent"}

// parentDefaults are properties that the external parent is known to set. Of other parents nothing is known.
func (m *model) parentDefaults() map[string]text {
	if m.external != bootParent || !m.externalVersion.known() {
		return nil
	}
	var level string
	switch major(m.externalVersion.s) {
	case 1:
		level = "1.6"
	case 2:
		level = "1.8"
	case 3, 4:
		level = "17"
	default:
		return nil
	}
	why := fmt.Sprintf("spring-boot-starter-parent %s compiles for Java %s unless java.version says otherwise", m.externalVersion.s, level)
	return map[string]text{
		"java.version":           {s: level, ev: m.externalVersion.ev, why: why},
		"maven.compiler.source":  {s: "${java.version}"},
		"maven.compiler.target":  {s: "${java.version}"},
		"maven.compiler.release": {s: releaseDefault(m.externalVersion.s)},
	}
}

// releaseDefault: from Spring Boot 3 on the parent sets release instead of source and target.
func releaseDefault(boot string) string {
	if major(boot) >= 3 {
		return "${java.version}"
	}
	return ""
}
