package java

import (
	"bytes"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// antBuild is a build.xml with what it imports.
type antBuild struct {
	idx     *index
	dir     detect.Dir
	base    string // basedir relative to dir
	props   map[string]text
	targets map[string]*antTarget
	order   []string
	deflt   string
	file    detect.File
	outside []placed // elements outside of targets: paths, properties
}

// antTarget is a target.
type antTarget struct {
	name    string
	depends []string
	tasks   []placed
	ev      []detect.Evidence
}

// placed is an element with its file.
type placed struct {
	file detect.File
	xml  *manifest.Element
}

func (p placed) at() []detect.Evidence { return []detect.Evidence{p.file.Evidence(p.xml.Line)} }

// says is the line of one attribute of a task, which people write one to a line; the task's own when it is not found.
func (p placed) says(name, value string) []detect.Evidence {
	const maxLines = 30 // of one tag
	line := 0
	for text := range bytes.Lines(p.file.Data) {
		line++
		if line >= p.xml.Line+maxLines {
			break
		}
		if line >= p.xml.Line && bytes.Contains(text, []byte(name)) && bytes.Contains(text, []byte(value)) {
			return []detect.Evidence{p.file.Evidence(line)}
		}
	}
	return p.at()
}

// antApps returns what a build.xml deploys.
func antApps(x *index, dir detect.Dir) []*app {
	b := readAnt(x, dir)
	if b == nil {
		return nil
	}
	a := b.app()
	if a == nil {
		return nil
	}
	return []*app{a}
}

func readAnt(x *index, dir detect.Dir) *antBuild {
	f, err := dir.Read("build.xml")
	if err != nil {
		return nil
	}
	root, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(dir, f.Path, err)
		return nil
	}
	if root.Name != "project" {
		return nil
	}
	b := &antBuild{idx: x, dir: dir, base: ".", props: map[string]text{}, targets: map[string]*antTarget{}, deflt: root.Attr("default"), file: f}
	if base := root.Attr("basedir"); base != "" && !path.IsAbs(base) && !strings.HasPrefix(path.Clean(base), "..") {
		b.base = path.Clean(base)
	}
	if name := root.Attr("name"); name != "" {
		b.props["ant.project.name"] = text{s: name, ev: []detect.Evidence{f.Evidence(root.Line)}}
	}
	b.props["basedir"] = text{s: "."}
	b.read(f, root, 0)
	return b
}

// read takes in a project's elements: properties in their order, since in Ant the first definition wins.
func (b *antBuild) read(f detect.File, root *manifest.Element, depth int) {
	for _, e := range root.Children {
		p := placed{f, e}
		switch e.Name {
		case "property", "loadproperties", "xmlproperty":
			b.property(p)
			b.outside = append(b.outside, p)
		case "import", "include":
			b.imported(p, depth)
		case "target", "extension-point":
			b.target(p)
		default:
			b.outside = append(b.outside, p)
		}
	}
	for _, name := range b.order {
		for _, t := range b.targets[name].tasks {
			t.xml.Each(func(e *manifest.Element) {
				if e.Name == "property" || e.Name == "loadproperties" {
					b.property(placed{t.file, e})
				}
			})
		}
	}
}

func (b *antBuild) imported(p placed, depth int) {
	name := b.interpolate(text{s: p.xml.Attr("file")})
	if !name.known() || depth > 5 {
		return
	}
	f, ok := b.open(name.s)
	if !ok {
		return
	}
	x, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(b.dir, f.Path, err)
		return
	}
	b.read(f, x, depth+1)
}

// open reads a file that the build names.
func (b *antBuild) open(name string) (detect.File, bool) {
	name = strings.ReplaceAll(name, `\`, "/")
	if path.IsAbs(name) {
		return detect.File{}, false
	}
	for _, at := range []string{path.Join(b.base, name), name} {
		if f, err := b.dir.Read(at); err == nil {
			return f, true
		}
	}
	return detect.File{}, false
}

func (b *antBuild) target(p placed) {
	name := p.xml.Attr("name")
	if name == "" || b.targets[name] != nil || len(b.targets) > 2000 {
		return
	}
	t := &antTarget{name: name, ev: p.at()}
	for _, d := range strings.Split(p.xml.Attr("depends"), ",") {
		if d = strings.TrimSpace(d); d != "" {
			t.depends = append(t.depends, d)
		}
	}
	for _, e := range p.xml.Children {
		t.tasks = append(t.tasks, placed{p.file, e})
	}
	b.targets[name] = t
	b.order = append(b.order, name)
}

func (b *antBuild) property(p placed) {
	put := func(name string, t text) {
		if _, have := b.props[name]; !have && name != "" && len(b.props) < maxStatements {
			b.props[name] = t
		}
	}
	name := p.xml.Attr("name")
	for _, at := range []string{"value", "location"} {
		if hasAttr(p.xml, at) {
			v := p.xml.Attr(at)
			if at == "location" {
				v = strings.ReplaceAll(v, `\`, "/")
			}
			put(name, text{s: v, ev: p.at()})
			return
		}
	}
	file := p.xml.Attr("file")
	if p.xml.Name == "loadproperties" {
		file = p.xml.Attr("srcFile") + p.xml.Attr("srcfile")
	}
	if file == "" {
		return
	}
	path := b.interpolate(text{s: file})
	f, ok := b.open(path.s)
	if !path.known() || !ok {
		return
	}
	props, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(b.dir, f.Path, err)
		return
	}
	prefix := p.xml.Attr("prefix")
	if prefix != "" && !strings.HasSuffix(prefix, ".") {
		prefix += "."
	}
	props.Each(func(k, v string, line int) { put(prefix+k, text{s: v, ev: []detect.Evidence{f.Evidence(line)}}) })
}

func hasAttr(e *manifest.Element, name string) bool {
	for _, a := range e.Attrs {
		if a.Name == name {
			return true
		}
	}
	return false
}

func (b *antBuild) interpolate(t text) text {
	return expand(t, func(name string) (text, bool) { v, ok := b.props[name]; return v, ok })
}

// attr returns the first of some attributes that is there, interpolated.
func (b *antBuild) attr(p placed, names ...string) text {
	for _, n := range names {
		if v := p.xml.Attr(n); v != "" {
			return b.interpolate(text{s: v, ev: p.says(n, v)})
		}
	}
	return text{}
}

// needs are the targets that a target runs, itself last.
func (b *antBuild) needs(name string) []*antTarget {
	var out []*antTarget
	seen := map[string]bool{}
	var visit func(string)
	visit = func(n string) {
		t := b.targets[n]
		if t == nil || seen[n] {
			return
		}
		seen[n] = true
		for _, d := range t.depends {
			visit(d)
		}
		for _, task := range t.tasks {
			if task.xml.Name == "antcall" {
				visit(task.xml.Attr("target"))
			}
		}
		out = append(out, t)
	}
	visit(name)
	return out
}

// archive is a task that makes something deployable.
type archive struct {
	target *antTarget
	task   placed
	kind   string
	file   text
}

// archives finds the tasks that make wars, ears and executable jars.
func (b *antBuild) archives() []archive {
	var out []archive
	for _, name := range b.order {
		t := b.targets[name]
		for _, task := range t.tasks {
			task.xml.Each(func(e *manifest.Element) {
				p := placed{task.file, e}
				file := b.attr(p, "destfile", "warfile", "earfile", "jarfile", "zipfile", "file")
				kind := ""
				switch e.Name {
				case "war", "ear":
					kind = e.Name
				case "jar", "zip":
					if ext := strings.TrimPrefix(path.Ext(file.s), "."); ext == "war" || ext == "ear" {
						kind = ext
					} else if e.Name == "jar" && mainAttr(e) != nil {
						kind = "jar"
					}
				}
				if kind != "" {
					out = append(out, archive{t, p, kind, file})
				}
			})
		}
	}
	return out
}

// mainAttr is the attribute of a jar's manifest that makes it executable.
func mainAttr(e *manifest.Element) *manifest.Element {
	for _, m := range e.All("manifest", "attribute") {
		if m.Attr("name") == "Main-Class" {
			return m
		}
	}
	return nil
}

// choose picks the archive to deploy: an ear before a war before a jar, what the default target makes before others.
func (b *antBuild) choose() (archive, bool) {
	all := b.archives()
	byDefault := map[*antTarget]bool{}
	for _, t := range b.needs(b.deflt) {
		byDefault[t] = true
	}
	best, score := archive{}, -1
	for _, a := range all {
		s := map[string]int{"ear": 20, "war": 10, "jar": 0}[a.kind]
		if byDefault[a.target] {
			s += 4
		}
		switch strings.ToLower(a.target.name) {
		case "war", "dist", "package", "ear", "build", "all", "release", "jar":
			s += 2
		}
		if strings.Contains(strings.ToLower(a.target.name), "test") {
			s -= 15
		}
		if a.file.known() {
			s++
		}
		if s > score {
			best, score = a, s
		}
	}
	return best, score >= 0
}

// app describes what the build deploys; nil when it deploys nothing.
func (b *antBuild) app() *app {
	chosen, ok := b.choose()
	netbeans := b.dir.Has("nbproject/project.properties")
	if !ok && !netbeans {
		return nil
	}
	a := &app{idx: b.idx, dir: b.dir, root: b.dir, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{},
		build: detect.Is("ant", b.file.Evidence(1))}
	a.build.Evidence[0] = detect.Evidence{File: b.file.Path}
	a.prop = func(name string) (text, bool) {
		v, ok := b.props[name]
		return b.interpolate(v), ok
	}
	if t, ok := a.prop("app.name"); ok && t.known() {
		a.name = t.s
	} else if t, ok := b.props["ant.project.name"]; ok {
		a.name = t.s
	}
	if !ok {
		if !b.netbeans(a) {
			return nil
		}
	} else {
		b.finish(a, chosen)
	}
	b.parts(a, chosen)
	b.libraries(a)
	b.manifests(a)
	return a
}

// finish adds how the archive is made.
func (b *antBuild) finish(a *app, chosen archive) {
	a.packaging = text{s: chosen.kind, ev: chosen.task.at()}
	a.command = quote([]string{"ant", chosen.target.name})
	a.commandEv = chosen.target.ev
	a.commandWhy = "the target that makes the archive"
	a.executable = chosen.kind == "jar"
	if m := mainAttr(chosen.task.xml); m != nil {
		a.mainClass = b.interpolate(text{s: m.Attr("value"), ev: []detect.Evidence{chosen.task.file.Evidence(m.Line)}})
	}
	b.artifact(a, chosen)
	needed := b.needs(chosen.target.name)
	a.levels = b.levels(needed)
	a.homeProperty = b.serverHome(needed)
	for _, t := range needed {
		for _, task := range t.tasks {
			if task.xml.Name == "antcall" && b.targets[task.xml.Attr("target")] == nil {
				continue
			}
			if strings.HasPrefix(task.xml.Name, "ivy") || strings.Contains(task.xml.Name, "resolve") || task.xml.Name == "retrieve" {
				a.facts["ivy"] = detect.Is("true", task.at()...)
			}
		}
	}
	if b.dir.Has("ivy.xml") && a.facts["ivy"].V == "" {
		a.facts["ivy"] = detect.Is("true", detect.Evidence{File: path.Join(b.dir.Path, "ivy.xml")})
	}
}

var antTimestamp = manifest.Lazy(`\$\{[^}]*\}`)

// artifact sets the archive's path. What only a build knows (a time stamp) becomes a pattern.
func (b *antBuild) artifact(a *app, chosen archive) {
	t := chosen.file
	if !t.set() {
		a.artifact = text{s: "**/*." + chosen.kind, ev: chosen.task.at(), why: "the build does not name its archive in a way that can be read"}
		return
	}
	s := strings.ReplaceAll(t.s, `\`, "/")
	if t.partial {
		s = antTimestamp.ReplaceAllString(s, "*")
		t.why = "part of the name is not known before the build"
	}
	s = path.Join(b.base, s)
	if strings.HasPrefix(s, "..") || path.IsAbs(t.s) {
		s = "*/" + path.Base(s)
		t.why = "the build puts it outside of its directory"
	}
	a.artifact = text{s: s, ev: proof(t.ev, chosen.task.at()), why: t.why}
}

// levels reads the compiler's levels of the needed targets, else of any.
func (b *antBuild) levels(needed []*antTarget) []level {
	var out []level
	add := func(t text) {
		if v := javaVersion(t.s); t.known() && v != "" {
			out = append(out, level{v: v, from: detect.Declared, ev: t.ev})
		}
	}
	scan := func(tasks []placed) {
		for _, task := range tasks {
			task.xml.Each(func(e *manifest.Element) {
				if e.Name == "javac" || e.Name == "groovyc" || strings.HasSuffix(e.Name, ".javac") {
					p := placed{task.file, e}
					add(b.attr(p, "release"))
					for _, t := range pairOf(b.attr(p, "target"), b.attr(p, "source")) {
						add(t)
					}
				}
			})
		}
	}
	for _, t := range needed {
		scan(t.tasks)
	}
	if len(out) == 0 {
		for _, name := range b.order {
			scan(b.targets[name].tasks)
		}
		scan(b.outside)
	}
	for _, name := range []string{"ant.build.javac.target", "ant.build.javac.source", "javac.target", "javac.source", "compile.target", "compile.source", "java.target", "java.source", "jdk.version", "java.version"} {
		if v, ok := b.props[name]; ok && len(out) == 0 {
			add(b.interpolate(v))
		}
	}
	return out
}

// homeName matches properties that hold the directory of a server.
var homeName = manifest.Lazy(`(?i)^(?:env\.)?(?:catalina|tomcat|jetty|jboss|wildfly|glassfish|j2ee|appserver|app\.server|server|servlet|container|weblogic|wl|was|websphere|resin|geronimo)[\w.-]*?(?:[._-]?(?:home|dir|root|base|path|libs?))$`)

// serverHome finds the property that must name a server's directory for the needed targets to compile.
func (b *antBuild) serverHome(needed []*antTarget) text {
	var all []placed
	for _, p := range b.outside {
		if p.xml.Name != "property" {
			all = append(all, p)
		}
	}
	for _, t := range needed {
		all = append(all, t.tasks...)
	}
	var found text
	for _, p := range all {
		p.xml.Each(func(e *manifest.Element) {
			if found.set() || e.Name == "echo" || e.Name == "copy" || e.Name == "property" || e.Name == "fail" || e.Name == "delete" {
				return
			}
			for _, at := range e.Attrs {
				if name := b.homeIn(at.Value, 0); name != "" {
					found = text{s: name, ev: []detect.Evidence{p.file.Evidence(e.Line)}}
					if v, ok := b.props[name]; ok {
						found.ev = proof(found.ev, v.ev)
					}
					return
				}
			}
		})
	}
	return found
}

// homeIn follows references to the outermost property that names a server's directory.
func (b *antBuild) homeIn(value string, depth int) string {
	if depth > 10 {
		return ""
	}
	for _, m := range placeholder.FindAllStringSubmatch(value, 20) {
		name := m[1]
		v, ok := b.props[name]
		if ok {
			if up := b.homeIn(v.s, depth+1); up != "" {
				if strings.HasPrefix(up, "env.") && homeName.MatchString(name) {
					return name
				}
				return up
			}
		}
		// A directory inside the repository is no server.
		if homeName.MatchString(name) && (!ok || !b.inside(v.s)) {
			return name
		}
	}
	return ""
}

func (b *antBuild) inside(value string) bool {
	t := b.interpolate(text{s: value})
	p := strings.ReplaceAll(t.s, `\`, "/")
	if path.IsAbs(p) || t.partial || p == "" {
		return false
	}
	return b.dir.HasDir(path.Join(b.base, p))
}

// parts sets where the sources and the web root are.
func (b *antBuild) parts(a *app, chosen archive) {
	p := part{dir: b.dir, resources: []string{"conf", "config", "resources", "etc", "src/conf", "src/resources", "src/main/resources", "properties"}}
	seen := map[string]bool{}
	source := func(s string) {
		t := b.interpolate(text{s: s})
		for _, dir := range strings.FieldsFunc(t.s, func(r rune) bool { return r == ':' || r == ';' }) {
			dir = path.Join(b.base, strings.ReplaceAll(dir, `\`, "/"))
			if t.known() && !seen[dir] && !strings.HasPrefix(dir, "..") && !path.IsAbs(dir) && dir != "." && !strings.Contains(strings.ToLower(dir), "test") {
				seen[dir] = true
				p.sources = append(p.sources, dir)
			}
		}
	}
	for _, name := range b.order {
		for _, task := range b.targets[name].tasks {
			task.xml.Each(func(e *manifest.Element) {
				if e.Name == "javac" {
					source(e.Attr("srcdir"))
					for _, s := range e.All("src") {
						source(s.Attr("path"))
					}
				}
			})
		}
	}
	for _, s := range []string{"src", "src/java", "src/main/java", "source", "JavaSource"} {
		source(s)
	}
	if chosen.kind != "" {
		b.webRoots(&p, chosen)
	}
	for _, w := range []string{"web", "WebContent", "WebRoot", "webapp", "src/main/webapp", "src/webapp", "war", "public_html", "src/web", "docroot"} {
		if b.dir.HasDir(path.Join(w, "WEB-INF")) && !contains(p.webRoots, w) {
			p.webRoots = append(p.webRoots, w)
		}
	}
	if b.dir.Has("WEB-INF/web.xml") && !contains(p.webRoots, ".") {
		p.webRoots = append(p.webRoots, ".")
	}
	a.parts = []part{p}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// webRoots are the directories that the war task packs.
func (b *antBuild) webRoots(p *part, chosen archive) {
	add := func(s string) {
		t := b.interpolate(text{s: s})
		dir := path.Join(b.base, strings.ReplaceAll(t.s, `\`, "/"))
		if t.known() && !strings.HasPrefix(dir, "..") && !path.IsAbs(t.s) && b.dir.HasDir(path.Join(dir, "WEB-INF")) && !contains(p.webRoots, dir) {
			p.webRoots = append(p.webRoots, dir)
		}
	}
	if w := chosen.task.xml.Attr("webxml"); w != "" {
		add(path.Dir(path.Dir(strings.ReplaceAll(w, `\`, "/"))))
	}
	add(chosen.task.xml.Attr("basedir"))
	for _, f := range chosen.task.xml.All("fileset") {
		add(f.Attr("dir"))
	}
}

// libraries reads the jars of the tree and ivy.xml.
func (b *antBuild) libraries(a *app) {
	for _, d := range jarDeps(b.dir, "**/*.jar") {
		at := strings.ToLower(path.Dir(strings.TrimPrefix(d.ev[0].File, b.dir.Path+"/")))
		switch {
		case strings.Contains(at, "test") || strings.HasPrefix(d.artifact, "junit"):
			d.scope = "test"
		case strings.Contains(at, "tool") || strings.Contains(at, "ant") && !strings.Contains(at, "web-inf"), strings.HasSuffix(at, "build") || strings.Contains(at, "/build/"), strings.Contains(at, "compile"), strings.Contains(at, "provided"), strings.HasPrefix(d.artifact, "servlet-api"), strings.HasPrefix(d.artifact, "jsp-api"):
			d.scope = "provided"
		}
		a.deps = append(a.deps, d)
	}
	f, err := b.dir.Read("ivy.xml")
	if err != nil {
		return
	}
	x, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(b.dir, f.Path, err)
		return
	}
	for _, e := range x.All("dependencies", "dependency") {
		at := []detect.Evidence{f.Evidence(e.Line)}
		d := dep{group: e.Attr("org"), artifact: e.Attr("name"), scope: "compile", kind: "jar", ev: at, version: b.interpolate(text{s: e.Attr("rev"), ev: at})}
		if strings.Contains(e.Attr("conf"), "test") {
			d.scope = "test"
		} else if strings.Contains(e.Attr("conf"), "provided") {
			d.scope = "provided"
		}
		a.deps = append(a.deps, d)
	}
}

// netbeans describes a NetBeans project, whose build.xml leaves everything to generated files.
func (b *antBuild) netbeans(a *app) bool {
	f, err := b.dir.Read("nbproject/project.properties")
	if err != nil {
		return false
	}
	p, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(b.dir, f.Path, err)
		return false
	}
	p.Each(func(k, v string, line int) {
		if _, have := b.props[k]; !have {
			b.props[k] = text{s: v, ev: []detect.Evidence{f.Evidence(line)}}
		}
	})
	for _, n := range []struct{ key, kind string }{{"war.name", "war"}, {"jar.name", "ear"}, {"main.class", "jar"}} {
		v, line, ok := p.Get(n.key)
		if !ok || v == "" || n.kind == "ear" && !strings.HasSuffix(v, ".ear") {
			continue
		}
		ev := []detect.Evidence{f.Evidence(line)}
		a.packaging = text{s: n.kind, ev: ev}
		if n.kind == "jar" {
			a.executable = true
			a.mainClass = text{s: v, ev: ev}
			v = "*.jar"
		}
		dist := b.interpolate(b.props["dist.dir"])
		if !dist.known() {
			dist.s = "dist"
		}
		t := b.interpolate(text{s: v, ev: ev})
		a.artifact = text{s: path.Join(dist.s, antTimestamp.ReplaceAllString(t.s, "*")), ev: proof(t.ev, dist.ev)}
		a.command, a.commandEv, a.commandWhy = "ant dist", ev, "the target of NetBeans projects that makes the archive"
		if n.kind != "jar" {
			a.homeProperty = text{s: "j2ee.server.home", ev: ev, why: "NetBeans builds compile against a server"}
		}
		return true
	}
	return false
}

// manifests are the files that say which libraries are needed.
func (b *antBuild) manifests(a *app) {
	var files []string
	for _, f := range []string{"build.xml", "ivy.xml", "ivysettings.xml", "build.properties", "default.properties"} {
		if b.dir.Has(f) {
			files = append(files, f)
		}
	}
	a.manifests = unique(files)
}
