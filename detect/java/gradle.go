package java

import (
	"fmt"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// script is a Gradle script with its statements.
type script struct {
	file  detect.File
	stmts []statement
}

func (s *script) at(line int) []detect.Evidence { return []detect.Evidence{s.file.Evidence(line)} }

// gradleBuild is a root project with what its settings include.
type gradleBuild struct {
	idx      *index
	root     detect.Dir
	settings *script
	name     text
	projects []*gradleProject // the root first
	byPath   map[string]*gradleProject
	scripts  map[string]*script // by path in the tree
	catalog  *catalog
	props    map[string]text // gradle.properties
	wrapper  text            // version that the wrapper downloads
	byScript bool            // the wrapper is whole: script, jar and a public address
	old      text            // Gradle version that the scripts need when there is no wrapper
}

// gradleProject is one project of a build.
type gradleProject struct {
	build *gradleBuild
	path  string // ":web"; ":" for the root
	dir   string // in the tree
	own   []located
	vars  map[string]text
}

// located is a statement with its script: a project's configuration comes from its own script and from its parents'.
type located struct {
	statement
	script *script
	shared bool // it stands in a block for several projects
}

func (l located) ev() []detect.Evidence { return l.script.at(l.line) }

// maxGradle bounds the projects of one tree.
const maxGradle = 2000

// readGradle finds the Gradle builds of the tree, outermost first.
func (x *index) readGradle() {
	dirs := map[string]bool{}
	for _, base := range []string{"settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts"} {
		for _, at := range x.root.Named(base) {
			if !foreign(path.Dir(at)) && len(dirs) < maxGradle {
				dirs[path.Dir(at)] = true
			}
		}
	}
	for _, dir := range sortedDirs(dirs) {
		if x.inBuild[dir] != nil {
			continue // included by an outer build: its own settings do not count there
		}
		b := newGradleBuild(x, dir)
		if len(b.scripts) == 0 {
			continue // none of its files can be read: the warnings say so
		}
		x.gradle[dir] = b
		for _, p := range b.projects {
			if x.inBuild[p.dir] == nil {
				x.inBuild[p.dir] = b
			}
		}
	}
}

func sortedDirs(set map[string]bool) []string {
	var out []string
	for d := range set {
		out = append(out, d)
	}
	sortByDepth(out)
	return out
}

func newGradleBuild(x *index, dir string) *gradleBuild {
	d, _ := x.root.Sub(dir)
	b := &gradleBuild{idx: x, root: d, byPath: map[string]*gradleProject{}, scripts: map[string]*script{}, props: map[string]text{}}
	b.settings = b.script(dir, "settings.gradle", "settings.gradle.kts")
	b.readProperties()
	b.readWrapper()
	b.add(":", dir)
	if b.settings != nil {
		b.include()
	}
	for _, p := range b.projects {
		p.collect()
	}
	b.readOld()
	return b
}

// script reads the first script of these names in a directory of the tree, once.
func (b *gradleBuild) script(dir string, names ...string) *script {
	for _, n := range names {
		at := path.Join(dir, n)
		if s, ok := b.scripts[at]; ok {
			return s
		}
		if f, err := b.idx.root.Read(at); err == nil {
			s := &script{file: f, stmts: scanGradle(string(f.Data))}
			b.scripts[at] = s
			return s
		}
	}
	return nil
}

func (b *gradleBuild) add(name, dir string) {
	if b.byPath[name] != nil || len(b.projects) >= maxGradle {
		return
	}
	p := &gradleProject{build: b, path: name, dir: dir, vars: map[string]text{}}
	b.byPath[name] = p
	b.projects = append(b.projects, p)
}

var (
	gradleString = manifest.Lazy(`"([^"\n]*)"|'([^'\n]*)'`)
	projectDir   = manifest.Lazy(`project\s*\(\s*["'](:?[^"']+)["']\s*\)\s*\.\s*projectDir\s*=.*?["']([^"']+)["']`)
	rootName     = manifest.Lazy(`^rootProject\s*\.\s*(?:name\s*=?|setName\s*\()\s*(["']?[^)]+)`)
)

// include adds the projects that the settings list.
func (b *gradleBuild) include() {
	moved := map[string]string{}
	for _, s := range b.settings.stmts {
		if m := projectDir.FindStringSubmatch(s.text); m != nil {
			moved[":"+strings.TrimPrefix(m[1], ":")] = m[2]
		}
		if m := rootName.FindStringSubmatch(s.text); m != nil {
			b.name = b.byPath[":"].value(m[1], b.settings.at(s.line))
		}
	}
	for _, s := range b.settings.stmts {
		word := firstWord(s.text)
		if word != "include" && word != "includeFlat" {
			continue
		}
		for _, name := range gradleStrings(s.text) {
			name = ":" + strings.TrimPrefix(name, ":")
			rel := strings.ReplaceAll(strings.TrimPrefix(name, ":"), ":", "/")
			if word == "includeFlat" {
				rel = "../" + rel
			}
			if m := moved[name]; m != "" {
				rel = withoutRoot.Replace(m)
			}
			if dir, ok := b.root.Rel(rel); ok && rel != "" && !strings.Contains(rel, "$") {
				b.add(name, dir)
			}
		}
	}
}

// gradleStrings are the string literals of a statement.
func gradleStrings(s string) []string {
	var out []string
	for _, m := range gradleString.FindAllStringSubmatch(s, 500) {
		out = append(out, m[1]+m[2])
	}
	return out
}

// readProperties reads gradle.properties.
func (b *gradleBuild) readProperties() {
	f, err := b.root.Read("gradle.properties")
	if err != nil {
		return
	}
	p, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(b.root, f.Path, err)
		return
	}
	p.Each(func(k, v string, line int) { b.props[k] = text{s: v, ev: []detect.Evidence{f.Evidence(line)}} })
}

// readWrapper reads the version that the wrapper pins and whether it can be run: its script with Unix line ends, its
// jar, and a distribution that everybody can download.
func (b *gradleBuild) readWrapper() {
	f, err := b.root.Read("gradle/wrapper/gradle-wrapper.properties")
	if err != nil {
		return
	}
	p, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(b.root, f.Path, err)
		return
	}
	url, line, _ := p.Get("distributionUrl")
	if v := distribution(url, "gradle-"); v != "" {
		b.wrapper = text{s: v, ev: []detect.Evidence{f.Evidence(line)}}
	}
	public := strings.Contains(url, "://services.gradle.org/") || strings.Contains(url, "://downloads.gradle.org/")
	gradlew, err := b.root.Read("gradlew")
	b.byScript = public && err == nil && !strings.Contains(string(gradlew.Data), "\r\n") && b.root.Has("gradle/wrapper/gradle-wrapper.jar") && b.wrapper.set()
}

// flatten returns a script's statements with those of the scripts that it applies, each where it is applied.
func (b *gradleBuild) flatten(s *script, depth int, left *int) []located {
	if s == nil || depth > 5 {
		return nil
	}
	var out []located
	for _, st := range s.stmts {
		if *left--; *left < 0 {
			break
		}
		out = append(out, located{statement: st, script: s})
		m := applyFrom.FindStringSubmatch(st.text)
		if m == nil {
			continue
		}
		name := withoutRoot.Replace(m[1])
		for _, base := range []string{path.Dir(s.file.Path), b.root.Path} {
			at := path.Join(base, name)
			if b.idx.root.Has(at) && at != s.file.Path {
				out = append(out, b.flatten(b.script(path.Dir(at), path.Base(at)), depth+1, left)...)
				break
			}
		}
	}
	return out
}

// withoutRoot drops how scripts write the directory of the root project.
var withoutRoot = strings.NewReplacer("$rootDir/", "", "${rootDir}/", "", "$rootProject.projectDir/", "", "${rootProject.projectDir}/", "", "$projectDir/", "", "$settingsDir/", "", "${settingsDir}/", "")

// collect gathers the statements that configure a project, the parents' first, and its variables.
func (p *gradleProject) collect() {
	b := p.build
	left := maxStatements
	for _, l := range b.flatten(b.script(b.root.Path, "build.gradle", "build.gradle.kts"), 0, &left) {
		rest, covered := p.covers(l.statement)
		switch {
		case covered:
			p.own = append(p.own, located{statement: rest, script: l.script, shared: firstWord(l.block[0]) != "project"})
		case p.path == ":" && !l.within("subprojects") && !l.within("project") && !l.within("configure"):
			p.own = append(p.own, l)
		default:
			p.define(l) // variables of the root are everybody's
		}
	}
	if p.path != ":" {
		own := b.script(p.dir, "build.gradle", "build.gradle.kts", path.Base(p.dir)+".gradle", path.Base(p.dir)+".gradle.kts")
		p.own = append(p.own, b.flatten(own, 0, &left)...)
	}
	for _, l := range p.own {
		p.define(l)
	}
}

var (
	applyFrom = manifest.Lazy(`^apply\s*\(?\s*from\s*[:=]\s*.*?["']([^"']+)["']`)
	forOne    = manifest.Lazy(`^project\s*\(\s*["'](:?[^"']+)["']\s*\)`)
)

// covers tells whether a statement of the root script configures the project, and returns it without the block that
// says so.
func (p *gradleProject) covers(s statement) (statement, bool) {
	if len(s.block) == 0 {
		return s, false
	}
	head := s.block[0]
	switch firstWord(head) {
	case "allprojects":
	case "subprojects":
		if p.path == ":" {
			return s, false
		}
	case "project":
		m := forOne.FindStringSubmatch(head)
		if m == nil || ":"+strings.TrimPrefix(m[1], ":") != p.path {
			return s, false
		}
	case "configure":
		if !strings.Contains(head, "subprojects") && !strings.Contains(head, "allprojects") && !strings.Contains(head, `"`+p.path+`"`) && !strings.Contains(head, `'`+p.path+`'`) {
			return s, false
		}
	default:
		return s, false
	}
	s.block = s.block[1:]
	return s, true
}

var (
	assign     = manifest.Lazy(`^(?:def|final|val|var|String|ext\.|project\.ext\.|rootProject\.ext\.)?\s*([A-Za-z_][\w.]*)\s*(?::\s*String\s*)?=\s*["']([^"'\n]*)["']\s*$`)
	setExtra   = manifest.Lazy(`^(?:ext\.|project\.)?(?:set|extra|ext)\s*[(\[]\s*["']([\w.-]+)["']\s*(?:,|\]\s*=)\s*["']([^"']*)["']`)
	byExtra    = manifest.Lazy(`^val\s+(\w+)\s+by\s+extra\s*\(?\s*["']([^"']*)["']`)
	mapLiteral = manifest.Lazy(`^(?:def\s+|ext\.|project\.ext\.)?([A-Za-z_]\w*)\s*=\s*\[(.*)\]$`)
	mapEntry   = manifest.Lazy(`["']?([\w.-]+)["']?\s*:\s*["']([^"']*)["']`)
	numeric    = manifest.Lazy(`^(?:def|final|val|var|ext\.|project\.ext\.)?\s*([A-Za-z_][\w.]*)\s*=\s*(\d+(?:\.\d+)*|JavaVersion\.\w+)\s*$`)
	byName     = manifest.Lazy(`^(?:project\.)?(version|group)\s*=\s*([A-Za-z_][\w.]*)\s*$`)
	plainWord  = manifest.Lazy(`^(version|group)\s+["']([^"']+)["']\s*$`)
)

// define keeps a variable: of the script itself or of its extra properties, not a property of some object in a block.
func (p *gradleProject) define(l located) {
	if n := len(l.block); n > 0 && !strings.HasPrefix(l.block[n-1], "ext") && !(n == 1 && (firstWord(l.block[0]) == "buildscript" || firstWord(l.block[0]) == "plugins")) {
		return
	}
	put := func(name, value string) {
		name = strings.TrimPrefix(name, "ext.")
		if len(p.vars) < maxStatements {
			p.vars[name] = text{s: value, ev: l.ev()}
		}
	}
	for _, pattern := range []*manifest.Pattern{setExtra, byExtra, assign, numeric, plainWord} {
		if m := pattern.FindStringSubmatch(l.text); m != nil {
			put(m[1], m[2])
			return
		}
	}
	if m := byName.FindStringSubmatch(l.text); m != nil {
		if v := p.value(m[2], l.ev()); v.set() {
			p.vars[m[1]] = v
		}
		return
	}
	if m := mapLiteral.FindStringSubmatch(l.text); m != nil {
		entries := mapEntry.FindAllStringSubmatch(m[2], 500)
		for _, e := range entries {
			put(m[1]+"."+e[1], e[2])
		}
		if strings.HasPrefix(strings.TrimSpace(m[2]), `"`) || strings.HasPrefix(strings.TrimSpace(m[2]), "'") {
			for i, s := range gradleStrings(m[2]) { // a list
				put(fmt.Sprintf("%s#%d", m[1], i), s)
			}
		}
	}
}

var (
	dollarName  = manifest.Lazy(`\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)`)
	indexAccess = manifest.Lazy(`\[\s*["']([\w.-]+)["']\s*\]`)
)

// interpolate replaces $name and ${name} of a Groovy or Kotlin string.
func (p *gradleProject) interpolate(t text) text {
	t.s = dollarName.ReplaceAllString(t.s, "$${$1}")
	return expand(t, func(name string) (text, bool) {
		v, ok := p.lookup(name)
		v.s = dollarName.ReplaceAllString(v.s, "$${$1}")
		return v, ok
	})
}

func (p *gradleProject) lookup(name string) (text, bool) {
	name = strings.TrimSpace(indexAccess.ReplaceAllString(name, ".$1"))
	if t := p.build.name; name == "rootProject.name" && t.set() {
		return t, true
	}
	if name == "project.name" || name == "name" {
		t := p.name()
		return t, t.set()
	}
	for _, prefix := range []string{"rootProject.ext.", "project.ext.", "rootProject.extra.", "rootProject.", "project.", "ext.", "extra.", "properties."} {
		name = strings.TrimPrefix(name, prefix)
	}
	if v, ok := p.vars[name]; ok {
		return v, true
	}
	v, ok := p.build.props[name]
	return v, ok
}

// value reads the right side of an assignment or the argument of a setter: a string, a number, a JavaVersion, or the
// name of a variable.
func (p *gradleProject) value(s string, ev []detect.Evidence) text {
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "="))
	if m := gradleString.FindStringSubmatch(s); m != nil {
		return p.interpolate(text{s: m[1] + m[2], ev: ev})
	}
	if m := versionConstant.FindString(s); m != "" {
		return text{s: m, ev: ev}
	}
	s = strings.Trim(s, "() ")
	if m := versionStart.FindString(s); m != "" {
		return text{s: m, ev: ev}
	}
	if v, ok := p.lookup(s); ok && s != "" && len(s) < 200 {
		v = p.interpolate(v)
		v.ev = proof(ev, v.ev)
		return v
	}
	return text{}
}

var versionConstant = manifest.Lazy(`VERSION_(?:1_)?\d+|JVM_(?:1_)?\d+`)
