package java

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// leinApps returns what a project of Leiningen (project.clj) deploys; nil when the file defines none.
func leinApps(x *index, dir detect.Dir) []*app {
	f, err := dir.Read("project.clj")
	if err != nil {
		return nil
	}
	forms := parseEDN(string(f.Data))
	var project *ednNode
	names := map[string]*ednNode{}
	for _, n := range forms {
		switch {
		case n.kind != ednList || len(n.items) < 3 || n.items[0].kind != ednSymbol:
		case n.items[0].text == "defproject":
			project = n
		case n.items[0].text == "def":
			names[n.items[1].text] = n.items[len(n.items)-1]
		}
	}
	if project == nil {
		return nil
	}
	l := &leinProject{file: f, node: project, names: names}
	return l.apps(x, dir)
}

// leinProject is a defproject form.
type leinProject struct {
	file  detect.File
	node  *ednNode
	names map[string]*ednNode // what def gives a name
}

func (l *leinProject) ev(n *ednNode) []detect.Evidence {
	return []detect.Evidence{l.file.Evidence(n.line)}
}

// text is a word or string of the project, through one name.
func (l *leinProject) text(n *ednNode) text {
	if n == nil {
		return text{}
	}
	if n.kind == ednSymbol {
		if v, ok := l.names[n.text]; ok && v.kind == ednString {
			return text{s: v.text, ev: proof(l.ev(v), l.ev(n))}
		}
	}
	if n.kind != ednString && n.kind != ednSymbol {
		return text{}
	}
	return text{s: n.text, ev: l.ev(n)}
}

// deps reads a vector of libraries: [group/name "version" :scope "test"].
func (l *leinProject) deps(list *ednNode, scope string) []dep {
	if list == nil || list.kind != ednVector {
		return nil
	}
	var out []dep
	for _, one := range list.items {
		if one.kind != ednVector || len(one.items) == 0 || len(out) >= maxDeps {
			continue
		}
		d := clojureDep(one.items[0].text, l.ev(one))
		d.scope = scope
		if len(one.items) > 1 {
			d.version = l.text(one.items[1])
		}
		if s := one.get("scope"); s != nil {
			d.scope = s.text
		}
		out = append(out, d)
	}
	return out
}

// clojureDep names a library as Maven does: one without a group has its name as the group.
func clojureDep(name string, ev []detect.Evidence) dep {
	g, artifact, ok := strings.Cut(name, "/")
	if !ok {
		artifact = g
	}
	return dep{group: g, artifact: artifact, scope: "compile", kind: "jar", ev: ev}
}

func (l *leinProject) apps(x *index, dir detect.Dir) []*app {
	a := l.base(x, dir)
	ring := l.node.get("ring")
	uberjar := l.profile("uberjar")
	main := l.node.get("main")
	if main == nil {
		main = uberjar.get("main")
	}
	switch {
	case ring.get("handler") != nil && l.plugged("lein-ring"):
		l.ring(a, ring)
	case main != nil:
		l.uberjar(a, main, uberjar)
	default:
		return nil // a library
	}
	return []*app{a}
}

// base fills in what every project has.
func (l *leinProject) base(x *index, dir detect.Dir) *app {
	a := &app{idx: x, dir: dir, root: dir, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{}, executable: true}
	name := l.node.items[1]
	a.name = name.text
	if _, short, ok := strings.Cut(a.name, "/"); ok {
		a.name = short
	}
	a.build = detect.Is("leiningen", l.ev(l.node)...)
	a.version = l.text(l.node.items[2])
	a.deps = l.deps(l.node.get("dependencies"), "compile")
	if dev := l.profile("dev"); dev != nil {
		a.deps = append(a.deps, l.deps(dev.get("dependencies"), "test")...)
	}
	for _, key := range []string{"profiles"} {
		if p := l.node.get(key); p != nil {
			for i := 0; i+1 < len(p.items); i += 2 {
				if n := p.items[i].text; n == "uberjar" || n == "production" || n == "prod" {
					a.deps = append(a.deps, l.deps(p.items[i+1].get("dependencies"), "compile")...)
				}
			}
		}
	}
	a.parts = []part{l.part(dir)}
	for _, key := range []string{"javac-options"} {
		a.levels = append(a.levels, l.javac(l.node.get(key))...)
	}
	a.manifests = []string{"project.clj"}
	if t := l.text(l.node.get("min-lein-version")); t.set() {
		a.facts["buildToolMinimum"] = t.value()
	}
	return a
}

// part is the layout, with the directories that the project names.
func (l *leinProject) part(dir detect.Dir) part {
	p := part{dir: dir, sources: []string{"src", "src/clj", "src/main/clojure", "src/java"}, resources: []string{"resources", "config", "conf"}}
	for key, into := range map[string]*[]string{"source-paths": &p.sources, "java-source-paths": &p.sources, "resource-paths": &p.resources} {
		if v := l.node.get(key); v != nil {
			for _, n := range v.items {
				if c := path.Clean(n.text); n.kind == ednString && c != "." && !strings.HasPrefix(c, "..") && !path.IsAbs(c) {
					*into = append(*into, c)
				}
			}
		}
	}
	return p
}

// javac reads the level of :javac-options ["-target" "1.8"].
func (l *leinProject) javac(options *ednNode) []level {
	if options == nil {
		return nil
	}
	for i, n := range options.items {
		if i+1 < len(options.items) && (n.text == "-target" || n.text == "-source" || n.text == "--release") {
			if v := javaVersion(options.items[i+1].text); v != "" {
				return []level{{v: v, from: detect.Declared, ev: l.ev(n)}}
			}
		}
	}
	return nil
}

// profile is one of the project's profiles; nil without it.
func (l *leinProject) profile(name string) *ednNode {
	n := l.node.get("profiles").get(name)
	if n != nil && n.kind == ednVector { // [:shared {...}]
		for _, item := range n.items {
			if item.kind == ednMap {
				return item
			}
		}
	}
	return n
}

// plugged reports whether a plugin of Leiningen is used.
func (l *leinProject) plugged(name string) bool {
	for _, list := range []*ednNode{l.node.get("plugins"), l.node.get("dev-dependencies"), l.profile("dev").get("plugins"), l.profile("uberjar").get("plugins")} {
		if list == nil {
			continue
		}
		for _, one := range list.items {
			if len(one.items) > 0 && path.Base(one.items[0].text) == name {
				return true
			}
		}
	}
	return false
}

// ring sets that lein-ring packs the application with a server.
func (l *leinProject) ring(a *app, ring *ednNode) {
	ev := l.ev(ring)
	a.packaging = text{s: "jar", ev: ev}
	a.deps = append(a.deps, dep{group: "ring", artifact: "ring-server", scope: "compile", kind: "jar", ev: ev})
	if v := ring.get("port"); v != nil {
		a.facts["ringPort"] = detect.Is(v.text, l.ev(v)...)
	}
	a.artifact = l.artifact("uberjar-name", ev)
	a.command, a.commandWhy, a.commandEv = "lein ring uberjar", "lein-ring makes a jar that starts the handler in Jetty", ev
}

// uberjar sets that the application is packed with its libraries.
func (l *leinProject) uberjar(a *app, main, profile *ednNode) {
	ev := l.ev(main)
	a.packaging = text{s: "jar", ev: ev}
	if t := l.text(main); validClass.MatchString(strings.ReplaceAll(t.s, "-", "_")) {
		t.s = strings.ReplaceAll(t.s, "-", "_")
		a.mainClass = t
	}
	a.artifact = l.artifact("uberjar-name", ev)
	if n := profile.get("uberjar-name"); n != nil {
		a.artifact = text{s: path.Join(path.Dir(a.artifact.s), path.Base(n.text)), ev: l.ev(n)}
	}
	a.command, a.commandWhy, a.commandEv = "lein uberjar", "Leiningen's task that makes one jar of everything", ev
}

// artifact is the path of the jar with all libraries.
func (l *leinProject) artifact(key string, ev []detect.Evidence) text {
	dir := "target"
	if t := l.node.get("target-path"); t != nil && t.kind == ednString && !strings.HasPrefix(t.text, "/") && !strings.Contains(t.text, "..") {
		dir = strings.Trim(strings.ReplaceAll(t.text, "%s", "uberjar"), "/")
	}
	if n := l.node.get(key); n != nil && n.kind == ednString {
		return text{s: path.Join(dir, path.Base(n.text)), ev: l.ev(n)}
	}
	name := path.Base(l.node.items[1].text)
	version := l.text(l.node.items[2])
	if !versionStart.MatchString(version.s) {
		version.s = "*"
	}
	t := text{s: path.Join(dir, name+"-"+version.s+"-standalone.jar"), ev: proof(version.ev, ev)}
	if version.s == "*" {
		t.why = "the version is not known before the build"
	}
	return t
}

// clojureApps returns what a project of the Clojure command line (deps.edn with a build script) deploys.
func clojureApps(x *index, dir detect.Dir) []*app {
	f, err := dir.Read("deps.edn")
	if err != nil {
		return nil
	}
	forms := parseEDN(string(f.Data))
	build, err := dir.Read("build.clj")
	if len(forms) == 0 || err != nil {
		return nil // nothing makes an application of it
	}
	l := &leinProject{file: f, node: forms[0]}
	a := &app{idx: x, dir: dir, root: dir, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{}, executable: true}
	a.build = detect.Is("none", l.ev(l.node)...)
	a.facts["buildTool"] = detect.Is("clojure", l.ev(l.node)...)
	for deps, i := l.node.get("deps"), 0; deps != nil && i+1 < len(deps.items); i += 2 {
		d := clojureDep(deps.items[i].text, l.ev(deps.items[i]))
		d.version = l.text(deps.items[i+1].get("mvn/version"))
		a.deps = append(a.deps, d)
	}
	a.parts = []part{l.part(dir)}
	if !a.buildScript(build) {
		return nil
	}
	a.manifests = []string{"deps.edn"}
	return []*app{a}
}

// buildScript reads what a build.clj makes: the function that calls uber, and the file that it names.
func (a *app) buildScript(f detect.File) bool {
	for _, n := range parseEDN(string(f.Data)) {
		if n.kind != ednList || len(n.items) < 3 || n.items[0].text != "defn" && n.items[0].text != "def" {
			continue
		}
		ev := []detect.Evidence{f.Evidence(n.line)}
		if name := n.items[1].text; n.items[0].text == "def" && strings.Contains(name, "uber") {
			if last := n.items[len(n.items)-1]; last.kind == ednString {
				a.artifact = text{s: path.Clean(last.text), ev: ev}
			}
			continue
		}
		if n.contains("uber") {
			a.packaging = text{s: "jar", ev: ev}
			a.command, a.commandWhy, a.commandEv = "clojure -T:build "+n.items[1].text, "the function of build.clj that makes one jar of everything", ev
		}
	}
	if a.command == "" {
		return false
	}
	if !a.artifact.set() || strings.HasPrefix(a.artifact.s, "/") || strings.HasPrefix(a.artifact.s, "..") {
		a.artifact = text{s: "target/*.jar", ev: a.commandEv, why: "the build script makes up the name"}
	}
	return plainShell.MatchString(strings.TrimPrefix(a.command, "clojure -T:build "))
}

// contains reports whether a form calls a function of this name, with or without its namespace.
func (n *ednNode) contains(name string) bool {
	if n.kind == ednList && len(n.items) > 0 && (n.items[0].text == name || strings.HasSuffix(n.items[0].text, "/"+name)) {
		return true
	}
	for _, i := range n.items {
		if i.contains(name) {
			return true
		}
	}
	return false
}
