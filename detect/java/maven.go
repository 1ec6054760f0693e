package java

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// mavenApps returns what a directory's pom and its modules deploy. A directory that another pom lists as its module
// says nothing: the outermost pom speaks for all.
func mavenApps(x *index, dir detect.Dir) []*app {
	at := path.Join(dir.Path, "pom.xml")
	p := x.poms[at]
	if p == nil || x.owner[at] != "" {
		return nil
	}
	r := newReactor(x, p)
	var apps, samples []*app
	for _, m := range r.modules {
		a := r.app(m)
		switch {
		case a == nil || r.packed[m]:
		case sample(a.rel(a.dir.Path)):
			samples = append(samples, a)
		default:
			apps = append(apps, a)
		}
	}
	if len(apps) == 0 && len(samples) > 0 {
		apps = samples
	}
	beside := x.below(dir.Path)
	switch {
	case beside && sample(dir.Path):
		return nil
	case len(apps) == 0 && !beside:
		apps = []*app{r.library(p)}
	}
	return apps
}

// below reports whether a build of its own lies below the directory of another build: what it holds is then beside
// the product, and a library or a test there is no finding.
func (x *index) below(dir string) bool {
	for dir != "." {
		dir = path.Dir(dir)
		if x.poms[path.Join(dir, "pom.xml")] != nil || x.inBuild[dir] != nil {
			return true
		}
	}
	return false
}

// sample reports whether a path below a build holds an example, a test or a measurement rather than the product.
func sample(p string) bool {
	for _, part := range strings.Split(strings.ToLower(p), "/") {
		for _, word := range strings.FieldsFunc(part, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
			switch word {
			case "test", "tests", "testing", "it", "its", "itest", "e2e", "sample", "samples", "example", "examples", "benchmark",
				"benchmarks", "jmh", "archetype", "archetypes", "fixture", "fixtures":
				return true
			}
		}
	}
	return false
}

// reactor is an outermost pom with all modules below it.
type reactor struct {
	idx     *index
	top     *pom
	modules []*pom // the outermost first, in the order of the lists
	byCoord map[coord]*pom
	profile map[*pom]string // profile that must be active for the module to be built
	packed  map[*pom]bool   // wars and jars that an ear or another war takes in
	root    detect.Dir      // holds all poms of the reactor and their parents
}

func newReactor(x *index, top *pom) *reactor {
	r := &reactor{idx: x, top: top, byCoord: map[coord]*pom{}, profile: map[*pom]string{}, packed: map[*pom]bool{}}
	r.collect(top, "", map[*pom]bool{})
	common := path.Dir(top.file.Path)
	for _, m := range r.modules {
		r.byCoord[m.coord()] = m
		for _, l := range x.model(m).layers {
			common = commonDir(common, l.pom.dir)
		}
		common = commonDir(common, m.dir)
	}
	r.root, _ = x.root.Sub(common)
	for _, m := range r.modules {
		kind := m.packaging()
		if kind != "ear" && kind != "war" {
			continue
		}
		for _, d := range x.model(m).deps() {
			if q := r.byCoord[coord{d.group, d.artifact}]; q != nil && q != m && d.profile == "" && q.packaging() == "war" && (d.kind == "war" || kind == "ear") {
				switch {
				case kind == "ear":
					r.packed[q] = true
				case r.shipped(q): // a variant of what the repository's own image runs
					r.packed[m] = true
				case !r.application(q): // pages and classes for others: an overlay
					r.packed[q] = true
				}
			}
		}
	}
	return r
}

// application reports whether a war is whole by itself: it has a descriptor of its own.
func (r *reactor) application(p *pom) bool {
	return r.idx.root.Has(path.Join(p.dir, "src/main/webapp/WEB-INF/web.xml"))
}

// shipped reports whether the repository's own Dockerfile takes what a module makes: that module is the product, also
// where others are made from it.
func (r *reactor) shipped(p *pom) bool {
	f, err := r.idx.root.Read(path.Join(r.top.dir, "Dockerfile"))
	if err != nil || p == r.top {
		return false
	}
	made := relative(r.top.dir, p.dir) + "/target/"
	for word := range strings.FieldsSeq(string(f.Data)) {
		if i := strings.Index(word, made); i == 0 || i > 0 && strings.ContainsRune("/\"'[,", rune(word[i-1])) {
			return true
		}
	}
	return false
}

func (r *reactor) collect(p *pom, profile string, seen map[*pom]bool) {
	if seen[p] || len(seen) >= maxPoms {
		return
	}
	seen[p] = true
	r.modules = append(r.modules, p)
	r.profile[p] = profile
	m := r.idx.model(p)
	for _, mod := range p.modules() {
		need := profile
		for _, l := range m.asleep {
			if mod.profile != "" && l.profile == mod.profile && l.pom == p {
				need = mod.profile
			}
		}
		if q := r.idx.poms[mod.pom]; q != nil {
			r.collect(q, need, seen)
		}
	}
}

// commonDir returns the nearest directory that holds both.
func commonDir(a, b string) string {
	for a != "." && a != b && !strings.HasPrefix(b, a+"/") {
		a = path.Dir(a)
	}
	return a
}

// app describes what a module deploys; nil when it is a library, a parent or a test.
func (r *reactor) app(p *pom) *app {
	m := r.idx.model(p)
	kind := m.interpolate(text{s: p.packaging()}).s
	if r.profile[p] != "" && len(r.modules) > 1 && r.builtByDefault() {
		return nil
	}
	a := r.base(p, m)
	boot := m.plugin("spring-boot-maven-plugin", false)
	switch kind {
	case "war", "ear":
		a.packaging = m.packagingText(kind)
	case "grails-app", "hpi", "nar", "maven-archetype", "maven-plugin", "pom", "bundle", "eclipse-plugin", "apk", "aar", "nbm", "content-package":
		return nil
	case "jar", "ejb", "quarkus", "jar-with-dependencies":
		if !r.runnable(a, m, boot) {
			return nil
		}
		a.packaging = m.packagingText("jar")
	default:
		return nil
	}
	r.finish(a, m, kind, boot)
	return a
}

// builtByDefault reports whether the reactor deploys anything without a profile.
func (r *reactor) builtByDefault() bool {
	for _, m := range r.modules {
		if k := m.packaging(); r.profile[m] == "" && k != "pom" {
			return true
		}
	}
	return false
}

func (m *model) packagingText(kind string) text {
	t := m.pom.text(m.pom.xml, "packaging")
	if !t.set() {
		t = text{ev: []detect.Evidence{{File: m.pom.file.Path}}, why: "Maven's default packaging"}
	}
	t.s = kind
	return t
}

// base fills in what every module has.
func (r *reactor) base(p *pom, m *model) *app {
	dir, _ := r.idx.root.Sub(p.dir)
	a := &app{idx: r.idx, dir: dir, root: r.root, name: p.coord().artifact, prop: m.propText, plugins: map[string][]detect.Evidence{},
		facts: map[string]detect.Value[string]{}}
	a.build = detect.Is("maven", detect.Evidence{File: p.file.Path})
	if p.xml.Line > 0 {
		a.build.Evidence = p.at(p.xml.Line)
	}
	r.addParts(a, p, map[*pom]bool{}, "")
	a.version, _ = m.lookup("version")
	a.boot, a.bootEv = m.bootVersion()
	if !a.boot.set() {
		a.inheritBoot()
	}
	a.levels = m.levels()
	return a
}

// inheritBoot takes Spring Boot from the modules that are in the application.
func (a *app) inheritBoot() {
	for _, p := range a.parts[min(1, len(a.parts)):] {
		if q := a.idx.poms[path.Join(p.dir.Path, "pom.xml")]; q != nil {
			if v, ev := a.idx.model(q).bootVersion(); len(ev) > 0 {
				a.boot, a.bootEv = v, ev
				return
			}
		}
	}
}

func (m *model) propText(name string) (text, bool) {
	t, ok := m.lookup(name)
	if !ok {
		return t, false
	}
	return m.interpolate(t), true
}

// addParts adds the module and, through its dependencies, the modules of the same reactor that are shipped with it.
func (r *reactor) addParts(a *app, p *pom, seen map[*pom]bool, scope string) {
	if seen[p] {
		return
	}
	seen[p] = true
	m := r.idx.model(p)
	dir, _ := r.idx.root.Sub(p.dir)
	a.parts = append(a.parts, mavenPart(m, dir))
	for _, d := range m.deps() {
		if scope != "" && d.scope == "test" {
			continue // test libraries of a library are nobody's
		}
		q := r.byCoord[coord{d.group, d.artifact}]
		if q == nil || q == p {
			if scope == "provided" && d.scope == "compile" {
				d.scope = scope
			}
			a.deps = append(a.deps, d)
			continue
		}
		if d.profile == "" && d.scope != "test" && d.kind != "test-jar" {
			r.addParts(a, q, seen, d.scope)
		}
	}
}

// mavenPart is a module's layout, with the directories that its pom names instead of the usual ones.
func mavenPart(m *model, dir detect.Dir) part {
	p := standard(dir)
	clean := func(s string) string {
		s = strings.TrimPrefix(path.Clean(strings.ReplaceAll(s, `\`, "/")), "/")
		if strings.HasPrefix(s, "..") || strings.Contains(s, "$") {
			return ""
		}
		return s
	}
	if s := clean(m.first("build", "sourceDirectory").s); s != "" && s != "." {
		p.sources = append(p.sources, s)
	}
	for _, l := range m.layers {
		for _, e := range l.xml.All("build", "resources", "resource", "directory") {
			if s := clean(m.interpolate(l.pom.text(e)).s); s != "" && s != "." {
				p.resources = append(p.resources, s)
			}
		}
	}
	if w := m.plugin("maven-war-plugin", true); w != nil {
		if s := clean(w.config("warSourceDirectory").s); s != "" && s != "." {
			p.webRoots = append(p.webRoots, s)
		}
	}
	for _, w := range []string{"WebContent", "WebRoot", "web", "webapp"} {
		if dir.HasDir(w + "/WEB-INF") {
			p.webRoots = append(p.webRoots, w)
		}
	}
	return p
}

// bootVersion finds Spring Boot and its version: the parent, the bill of materials, a library, the plugin. The
// evidence is there also when no version is.
func (m *model) bootVersion() (text, []detect.Evidence) {
	var uses []detect.Evidence
	for _, d := range m.deps() {
		if d.group == "org.springframework.boot" && d.profile == "" && d.scope != "test" && d.scope != "import" {
			uses = d.ev
			break
		}
	}
	if m.external.group == "org.springframework.boot" && m.externalVersion.set() {
		if uses == nil && m.plugin("spring-boot-maven-plugin", false) == nil {
			return text{}, nil
		}
		return m.externalVersion, proof(m.externalVersion.ev, uses)
	}
	if uses == nil {
		if p := m.plugin("spring-boot-maven-plugin", false); p == nil || p.ev == nil {
			return text{}, nil
		} else {
			uses = p.ev
		}
	}
	managed := m.managed()
	for _, key := range slices.Sorted(maps.Keys(managed)) {
		if d := managed[key]; d.group == "org.springframework.boot" && d.artifact == "spring-boot-dependencies" && d.version.known() {
			return d.version, proof(d.version.ev, uses)
		}
	}
	for _, d := range m.deps() {
		if d.group == "org.springframework.boot" && d.version.known() {
			return d.version, proof(d.version.ev, uses)
		}
	}
	if p := m.plugin("spring-boot-maven-plugin", false); p != nil && p.version.known() {
		return p.version, proof(p.version.ev, uses)
	}
	for _, name := range []string{"spring-boot.version", "spring.boot.version", "springboot.version", "version.spring-boot", "spring-boot-version"} {
		if t := m.property(name); t.known() {
			return t, proof(t.ev, uses)
		}
	}
	return text{}, uses
}

// runnable reports whether a jar is an application: something makes it executable, or starts it.
func (r *reactor) runnable(a *app, m *model, boot *plugin) bool {
	if boot != nil && boot.config("skip").s != "true" {
		own := boot.own || len(r.modules) == 1 || boot.inProfile()
		if own || len(a.applicationClass()) > 0 {
			return true
		}
	}
	if len(a.bootEv) > 0 && len(a.applicationClass()) > 0 {
		return true
	}
	if t := m.property("exec.mainClass"); t.known() && (m.external.group == micronautParent.group || m.external.group == "io.micronaut.platform") {
		a.mainClass = t
		return true
	}
	for _, name := range []string{"maven-shade-plugin", "maven-assembly-plugin", "onejar-maven-plugin", "maven-jar-plugin", "exec-maven-plugin",
		"appassembler-maven-plugin", "jib-maven-plugin", "quarkus-maven-plugin", "wildfly-swarm-plugin", "thorntail-maven-plugin", "payara-micro-maven-plugin", "capsule-maven-plugin", "micronaut-maven-plugin"} {
		p := m.plugin(name, false)
		if p == nil {
			continue
		}
		switch name {
		case "quarkus-maven-plugin", "wildfly-swarm-plugin", "thorntail-maven-plugin", "payara-micro-maven-plugin", "micronaut-maven-plugin":
			return true
		}
		if t := mainClassOf(p); t.set() {
			if name == "exec-maven-plugin" && len(r.modules) > 1 && !p.own {
				continue
			}
			a.mainClass = t
			return true
		}
	}
	return false
}

// micronautParent is the parent that Micronaut offers: it packs the application with its libraries when the class is
// named that starts it.
var micronautParent = coord{"io.micronaut", "micronaut-parent"}

// inProfile reports whether the plugin is named in a profile, which then stands for a decision about each module.
func (p *plugin) inProfile() bool {
	for _, l := range p.model.layers {
		if l.profile == "" {
			continue
		}
		for _, e := range l.xml.All("build", "plugins", "plugin", "artifactId") {
			if e.Text == p.artifact {
				return true
			}
		}
	}
	return false
}

func mainClassOf(p *plugin) text {
	for _, name := range []string{"Main-Class", "mainClass", "Start-Class"} {
		if t := p.find(name); t.set() {
			return t
		}
	}
	return text{}
}

// finish adds how the module is built and what comes out.
func (r *reactor) finish(a *app, m *model, kind string, boot *plugin) {
	name := m.finalName()
	ending := map[string]string{"war": ".war", "ear": ".ear"}[kind]
	if ending == "" {
		ending = ".jar"
	}
	extra := ""
	if boot != nil && kind != "ear" {
		_, repackaged := boot.goal("repackage")
		a.executable = repackaged || m.external == bootParent
		if t := boot.config("mainClass"); t.set() {
			a.mainClass = t
		}
		if c := boot.config("classifier"); c.known() && a.executable {
			name.s += "-" + c.s
			name.ev = proof(name.ev, c.ev)
		}
		if !a.executable && kind != "war" {
			a.executable, extra = true, " org.springframework.boot:spring-boot-maven-plugin:repackage"
		}
	} else if kind != "war" && kind != "ear" {
		a.executable = true
		name = shaded(m, name)
	}
	if w := m.plugin("maven-war-plugin", true); kind == "war" && w != nil {
		if t := w.config("warName"); t.known() {
			name = t
		}
	}
	r.artifact(a, m, name, ending)
	r.command(a, m, extra)
	r.extras(a, m, kind)
}

// shaded is the name of the jar that has everything in it.
func shaded(m *model, name text) text {
	if p := m.plugin("maven-shade-plugin", false); p != nil {
		if t := p.config("finalName"); t.known() {
			return t
		}
		if p.config("shadedArtifactAttached").s == "true" {
			c := p.config("shadedClassifierName").s
			if c == "" {
				c = "shaded"
			}
			name.s += "-" + c
		}
		return name
	}
	if p := m.plugin("maven-assembly-plugin", false); p != nil {
		if t := p.config("finalName"); t.known() {
			name = t
		}
		if p.config("appendAssemblyId").s != "false" {
			id := p.config("descriptorRefs", "descriptorRef").s
			if id == "" {
				id = "jar-with-dependencies"
			}
			name.s += "-" + id
		}
		return name
	}
	if p := m.plugin("wildfly-swarm-plugin", false); p != nil {
		name.s += "-swarm"
	} else if p := m.plugin("thorntail-maven-plugin", false); p != nil {
		name.s += "-thorntail"
	} else if p := m.plugin("quarkus-maven-plugin", false); p != nil {
		name.s += "-runner"
	}
	return name
}

// artifact sets the path of what is built; a name that is not known in full becomes a pattern.
func (r *reactor) artifact(a *app, m *model, name text, ending string) {
	dir := "target"
	for _, l := range m.layers {
		if t := l.pom.text(l.xml, "build", "directory"); t.set() {
			if t = m.interpolate(t); t.known() && !strings.HasPrefix(t.s, "/") && !strings.HasPrefix(path.Clean(t.s), "..") {
				dir = path.Clean(t.s)
			}
			break
		}
	}
	file := strings.TrimSuffix(name.s, ending) + ending
	if name.partial || strings.ContainsAny(file, "${}") {
		file = placeholder.ReplaceAllString(file, "*")
	}
	at := path.Join(a.rel(a.dir.Path), dir, file)
	a.artifact = text{s: at, ev: name.ev}
	if name.partial {
		a.artifact.why = "part of the name is not known before the build"
	}
	if len(a.artifact.ev) == 0 {
		a.artifact.ev = m.pom.at(m.pom.xml.Line)
	}
}

// command sets the shell words that build the module.
func (r *reactor) command(a *app, m *model, extra string) {
	words := []string{"mvn", "-B"}
	top := a.rel(r.top.file.Path)
	if top != "pom.xml" {
		words = append(words, "-f", top)
	}
	if m.pom != r.top {
		mod := relative(r.top.dir, m.pom.dir)
		if path.Base(m.pom.file.Path) != "pom.xml" {
			mod = path.Join(mod, path.Base(m.pom.file.Path))
		}
		words = append(words, "-pl", mod, "-am")
	}
	if p := r.profile[m.pom]; p != "" {
		words = append(words, "-P", p)
	}
	words = append(words, "-DskipTests")
	if m.plugin("quarkus-maven-plugin", false) != nil && a.packaging.s == "jar" {
		words = append(words, quarkusJar(a.quarkusVersion())...)
	}
	a.commandWhy = "Maven's package phase; tests are compiled, since other modules may use their jar, and not run"
	flags, ev := skips(a, m)
	a.commandEv = ev
	if len(flags) > 0 {
		a.commandWhy += "; checks that judge sources or want Git's metadata are left out"
	}
	words = append(append(words, flags...), "package")
	a.command = quote(words) + extra
	var files []string
	for _, q := range r.modules {
		files = append(files, a.rel(q.file.Path))
	}
	for _, q := range r.modules {
		for _, l := range r.idx.model(q).layers {
			files = append(files, a.rel(l.pom.file.Path))
		}
	}
	for _, f := range []string{".mvn/maven.config", ".mvn/extensions.xml", ".mvn/jvm.config", ".mvn/settings.xml"} {
		if a.root.Has(f) {
			files = append(files, f)
		}
	}
	a.manifests = unique(files)
}

// relative returns the path that leads from one directory of the tree to another.
func relative(from, to string) string {
	common := commonDir(from, to)
	up := ""
	for from != common {
		up, from = up+"../", path.Dir(from)
	}
	if common != "." {
		to = strings.TrimPrefix(strings.TrimPrefix(to, common), "/")
	}
	return path.Clean(up + to)
}

// quote makes one line of shell words.
func quote(words []string) string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		if plainShell.MatchString(w) {
			out = append(out, w)
		} else if q, err := syntax.Quote(w, syntax.LangPOSIX); err == nil { // else a NUL byte: no shell word at all
			out = append(out, q)
		}
	}
	return strings.Join(out, " ")
}

// plainShell are words that no shell gives a meaning to.
var plainShell = manifest.Lazy(`^[A-Za-z0-9_%@+:,./-][A-Za-z0-9_%@+=:,./-]*$`)

// unique drops what is there twice and what has a blank, which the list of the manifests cannot hold, and sorts.
func unique(in []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range in {
		if !seen[s] && !strings.ContainsAny(s, " \t\n") {
			seen[s] = true
			out = append(out, s)
		}
	}
	sort.Strings(out)
	return out
}

// check is a plugin that breaks a build in a container for reasons that are not the application's.
type check struct {
	artifact string
	goals    []string // any of them bound; none: the plugin's presence
	flag     string
}

// checks by the plugins' own documentation of their skip properties. They judge the form of sources, or want files
// that are not sent into a container (.git), and prove nothing about the artifact.
var checks = []check{
	{"license-maven-plugin", []string{"check", "check-file-header", "format", "update-file-header"}, "-Dlicense.skip=true"},
	{"formatter-maven-plugin", []string{"validate", "format"}, "-Dformatter.skip=true"},
	{"impsort-maven-plugin", []string{"check", "sort"}, "-Dimpsort.skip=true"},
	{"spring-javaformat-maven-plugin", []string{"validate", "apply"}, "-Dspring-javaformat.skip=true"},
	{"fmt-maven-plugin", []string{"check", "format"}, "-Dfmt.skip=true"},
	{"spotless-maven-plugin", []string{"check", "apply"}, "-Dspotless.check.skip=true -Dspotless.apply.skip=true"},
	{"maven-checkstyle-plugin", []string{"check", "checkstyle"}, "-Dcheckstyle.skip=true"},
	{"maven-pmd-plugin", []string{"check", "cpd-check"}, "-Dpmd.skip=true -Dcpd.skip=true"},
	{"findbugs-maven-plugin", []string{"check"}, "-Dfindbugs.skip=true"},
	{"spotbugs-maven-plugin", []string{"check"}, "-Dspotbugs.skip=true"},
	{"apache-rat-plugin", []string{"check"}, "-Drat.skip=true"},
	{"maven-javadoc-plugin", []string{"jar", "javadoc", "aggregate"}, "-Dmaven.javadoc.skip=true"},
	{"dependency-check-maven", []string{"check", "aggregate"}, "-Ddependency-check.skip=true"},
}

// skips returns the options that leave out such plugins, of the module and of what is built with it, and where the
// plugins are named. It also notes where the build asks for Git's metadata.
func skips(a *app, m *model) (flags []string, ev []detect.Evidence) {
	models := []*model{m}
	for _, p := range a.parts[1:] {
		if q := a.idx.poms[path.Join(p.dir.Path, "pom.xml")]; q != nil {
			models = append(models, a.idx.model(q))
		}
	}
	for _, c := range checks {
		for _, m := range models {
			if at, ok := m.plugin(c.artifact, false).goal(c.goals...); ok {
				flags = append(flags, strings.Fields(c.flag)...)
				ev = append(ev, at...)
				break
			}
		}
	}
	for _, name := range []string{"git-commit-id-plugin", "git-commit-id-maven-plugin"} {
		for _, m := range models {
			if p := m.plugin(name, false); p != nil && p.ev != nil && a.gitMetadata == nil {
				a.gitMetadata = p.ev
				flags = append(flags, "-Dmaven.gitcommitid.skip=true")
			}
		}
	}
	if p := m.plugin("buildnumber-maven-plugin", false); p != nil && a.gitMetadata == nil {
		a.gitMetadata = p.ev
		flags = append(flags, "-Dmaven.buildNumber.skip=true")
	}
	return flags, append(ev, a.gitMetadata...)
}

// extras adds what plugins and files beside the build say.
func (r *reactor) extras(a *app, m *model, kind string) {
	for _, name := range []string{"cargo-maven2-plugin", "cargo-maven3-plugin", "tomcat7-maven-plugin", "tomcat6-maven-plugin", "tomcat-maven-plugin",
		"jetty-maven-plugin", "maven-jetty-plugin", "liberty-maven-plugin", "wildfly-maven-plugin", "jboss-as-maven-plugin", "glassfish-maven-plugin", "maven-glassfish-plugin",
		"maven-embedded-glassfish-plugin", "tomee-maven-plugin", "weblogic-maven-plugin", "payara-micro-maven-plugin", "wildfly-swarm-plugin", "thorntail-maven-plugin", "quarkus-maven-plugin", "wildfly-jar-maven-plugin"} {
		// A server that stands only in pluginManagement is still the one that people start by hand.
		if p := m.plugin(name, true); p != nil {
			ev := p.ev
			if ev == nil {
				b := p.blocks[0]
				ev = b.pom.at(b.xml.Find("artifactId").TextLine)
			}
			a.plugins[name] = ev
			if name[:5] == "cargo" {
				a.container = p.find("containerId")
			}
			if t := p.config("path"); t.known() && strings.HasPrefix(name, "tomcat") {
				a.context = t
			}
			if t := p.config("webAppConfig", "contextPath"); t.known() {
				a.context = t
			}
		}
	}
	if kind == "ear" {
		if p := m.plugin("maven-ear-plugin", true); p != nil {
			a.context = p.find("contextRoot")
		}
	}
	a.frontends(m)
	r.wrapper(a)
	if t := m.first("prerequisites", "maven"); t.known() && !a.buildVersion.set() {
		a.facts["buildToolMinimum"] = t.value()
	}
}

// frontendGoals are the goals by which frontend-maven-plugin builds, as its own documentation lists them.
var frontendGoals = []string{"npm", "npx", "yarn", "pnpm", "pnpx", "corepack", "bun", "grunt", "gulp", "webpack", "ember", "jspm", "karma"}

// frontends notes the directories in which Maven itself builds a front end, of the module and of what is packed into it.
func (a *app) frontends(m *model) {
	var dirs []string
	var ev []detect.Evidence
	for i, p := range a.parts {
		q := m
		if i > 0 {
			at := a.idx.poms[path.Join(p.dir.Path, "pom.xml")]
			if at == nil {
				continue
			}
			q = a.idx.model(at)
		}
		plugin := q.plugin("frontend-maven-plugin", false)
		at, ok := plugin.goal(frontendGoals...)
		if !ok {
			continue
		}
		dir := plugin.config("workingDirectory").s
		for _, here := range []string{"${project.basedir}", "${basedir}", "${pom.basedir}"} {
			dir = strings.TrimPrefix(strings.TrimPrefix(dir, here), "/")
		}
		if dir = path.Join(p.dir.Path, dir); !strings.ContainsAny(dir, "$ ") && !strings.HasPrefix(dir, "..") {
			dirs, ev = append(dirs, dir), append(ev, at...)
		}
	}
	if len(dirs) > 0 {
		a.facts[detect.FactFrontendInBuild] = detect.Infer(strings.Join(unique(dirs), " "), "Maven itself builds the front end there", ev...)
	}
}

// wrapper reads the Maven version that the wrapper would download.
func (r *reactor) wrapper(a *app) {
	if a.root.Has("mvnw") {
		a.wrapper = []detect.Evidence{{File: path.Join(a.root.Path, "mvnw")}}
	}
	f, err := a.root.Read(".mvn/wrapper/maven-wrapper.properties")
	if err != nil {
		return
	}
	props, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(a.root, f.Path, err)
		return
	}
	if url, line, ok := props.Get("distributionUrl"); ok {
		if v := distribution(url, "apache-maven-"); v != "" {
			a.buildVersion = text{s: v, ev: []detect.Evidence{f.Evidence(line)}}
		}
	}
}

// distribution returns the version in the name of a distribution's archive.
func distribution(url, prefix string) string {
	name := path.Base(url)
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return ""
	}
	rest = strings.TrimSuffix(rest, ".zip")
	for _, end := range []string{"-bin", "-all", "-src"} {
		rest = strings.TrimSuffix(rest, end)
	}
	if !versionStart.MatchString(rest) {
		return ""
	}
	return rest
}

// library describes a build that deploys nothing.
func (r *reactor) library(p *pom) *app {
	m := r.idx.model(p)
	a := r.base(p, m)
	for _, q := range r.modules[min(1, len(r.modules)):] {
		dir, _ := r.idx.root.Sub(q.dir)
		a.parts = append(a.parts, mavenPart(r.idx.model(q), dir))
	}
	a.packaging = text{s: "jar", why: fmt.Sprintf("%d modules, none of them deployable", len(r.modules)), ev: p.at(p.xml.Line)}
	if len(r.modules) == 1 {
		a.packaging.why = "nothing makes the jar executable"
	}
	r.finish(a, m, "jar", nil)
	a.executable = false
	return a
}
