package java

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// sbtBuild is a build of sbt: build.sbt, the files in project/ and the projects that they define.
type sbtBuild struct {
	idx      *index
	root     detect.Dir
	files    []sbtFile
	vals     map[string]sbtValue
	projects []*sbtProject
	plugins  []sbtPlugin
	version  text // sbt.version of project/build.properties
}

type sbtFile struct {
	file  detect.File
	stmts []scalaStatement
	build bool // build.sbt of the root: its settings are those of the root project
}

// sbtValue is a val or def of a build file with what it holds.
type sbtValue struct {
	sbtPart
	body string // what follows the equals sign
}

// sbtPart is a statement with its file.
type sbtPart struct {
	scalaStatement
	file detect.File
}

func (p sbtPart) ev(offset int) []detect.Evidence {
	return []detect.Evidence{p.file.Evidence(p.at(offset))}
}

// sbtProject is one project of a build with the statements that configure it.
type sbtProject struct {
	build *sbtBuild
	id    string
	dir   detect.Dir
	parts []sbtPart
	text  string // of its definition
	needs []string
}

// sbtPlugin is an addSbtPlugin line.
type sbtPlugin struct {
	group, artifact string
	version         text
	ev              []detect.Evidence
}

var (
	sbtPluginLine  = manifest.Lazy(`"([\w.-]+)"\s*%%?\s*"([\w.-]+)"\s*%\s*([^\n]+)`)
	sbtLibraryLine = manifest.Lazy(`"([\w.-]+)"\s*\)?\s*(%%?%?)\s*"([\w.-]+)"\s*%\s*("[^"\n]*"|[A-Za-z_][\w.]*)([^\n]*)`)
	sbtDefinition  = manifest.Lazy("^(?:@\\w+\\s+)?(?:(?:private|protected|implicit|final|override|lazy|inline)(?:\\[\\w+\\])?\\s+)*(?:val|def|var)\\s+(`[^`]+`|[\\w$]+)\\s*(?:\\([^)]*\\))?\\s*(?::[^=]+?)?=\\s*")
	sbtProjectOf   = manifest.Lazy(`^(?:\(\s*)?(?:project\b|Project\s*\(|crossProject\b|PlayProject\s*\(|play\.Project\s*\(|projectMatrix\b)`)
	sbtDir         = manifest.Lazy(`file\s*\(\s*"([^"\n]*)"\s*\)`)
	sbtIdent       = manifest.Lazy(`[A-Za-z_]\w*`)
	sbtNeeds       = manifest.Lazy(`dependsOn\s*\(([^)]*)`)
)

// maxSbtFiles bounds the files of one build that are read.
const maxSbtFiles = 60

// readSbt reads the build in a directory; nil when it holds none.
func readSbt(x *index, dir detect.Dir) *sbtBuild {
	b := &sbtBuild{idx: x, root: dir, vals: map[string]sbtValue{}}
	for _, name := range append(dir.Glob("*.sbt"), dir.Glob("project/{*.scala,*.sbt,src/main/scala/**/*.scala}")...) {
		if len(b.files) >= maxSbtFiles {
			break
		}
		f, err := dir.Read(name)
		if err != nil {
			continue
		}
		stmts := scanScala(string(f.Data))
		if strings.HasPrefix(name, "project/") && strings.HasSuffix(name, ".sbt") {
			b.readPlugins(f, stmts)
			continue
		}
		b.files = append(b.files, sbtFile{f, stmts, !strings.Contains(name, "/")})
	}
	if len(b.files) == 0 {
		return nil
	}
	b.define()
	b.readVersion()
	return b
}

func (b *sbtBuild) readVersion() {
	f, err := b.root.Read("project/build.properties")
	if err != nil {
		return
	}
	p, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(b.root, f.Path, err)
		return
	}
	if v, line, ok := p.Get("sbt.version"); ok && versionStart.MatchString(v) {
		b.version = text{s: v, ev: []detect.Evidence{f.Evidence(line)}}
	}
}

// readPlugins keeps the plugins that a file of project/ adds. Where a version is an expression, its last string is the
// one that it falls back to.
func (b *sbtBuild) readPlugins(f detect.File, stmts []scalaStatement) {
	for _, s := range stmts {
		if !strings.Contains(s.text, "addSbtPlugin") && !strings.Contains(s.text, "libraryDependencies") {
			if m := sbtDefinition.FindStringSubmatch(s.text); m != nil {
				b.vals[m[1]] = sbtValue{sbtPart{s, f}, s.text[len(m[0]):]}
			}
			continue
		}
		for _, m := range sbtPluginLine.FindAllStringSubmatchIndex(s.text, 50) {
			part := sbtPart{s, f}
			p := sbtPlugin{group: s.text[m[2]:m[3]], artifact: s.text[m[4]:m[5]], ev: part.ev(m[0])}
			rest := s.text[m[6]:m[7]]
			if all := gradleStrings(rest); len(all) > 0 {
				p.version = text{s: all[len(all)-1], ev: p.ev}
			} else {
				p.version = b.value(rest, p.ev)
			}
			b.plugins = append(b.plugins, p)
		}
	}
}

// plugin returns the first plugin with one of these artifacts.
func (b *sbtBuild) plugin(artifacts ...string) (sbtPlugin, bool) {
	for _, p := range b.plugins {
		if slices.Contains(artifacts, p.artifact) {
			return p, true
		}
	}
	return sbtPlugin{}, false
}

// define finds the values and the projects, and gives each project the statements that concern it.
func (b *sbtBuild) define() {
	var top, shared []sbtPart
	defined := map[string]bool{}
	for _, f := range b.files {
		for _, s := range f.stmts {
			part := sbtPart{s, f.file}
			m := sbtDefinition.FindStringSubmatch(s.text)
			switch {
			case m == nil && (strings.Contains(s.text, "ThisBuild") || strings.Contains(s.text, "inThisBuild")):
				shared = append(shared, part)
			case m == nil && f.build:
				top = append(top, part)
			case m == nil:
			case sbtProjectOf.MatchString(s.text[len(m[0]):]):
				b.addProject(strings.Trim(m[1], "`"), part, s.text[len(m[0]):])
				defined[m[1]] = true
			default:
				b.vals[strings.Trim(m[1], "`")] = sbtValue{part, s.text[len(m[0]):]}
			}
		}
	}
	root := slices.IndexFunc(b.projects, func(p *sbtProject) bool { return p.dir.Path == b.root.Path })
	if root < 0 {
		b.projects = append([]*sbtProject{{build: b, id: "root", dir: b.root}}, b.projects...)
		root = 0
	}
	b.projects[root].parts = append(b.projects[root].parts, top...)
	for _, p := range b.projects {
		p.collect(shared)
	}
}

func (b *sbtBuild) addProject(id string, part sbtPart, body string) {
	if len(b.projects) >= maxGradle {
		return
	}
	dir := id
	if m := sbtDir.FindStringSubmatch(body); m != nil {
		dir = m[1]
	} else if !strings.HasPrefix(strings.TrimLeft(body, "( "), "project") {
		dir = "." // PlayProject and Project without a directory
	}
	d, ok := b.root.Sub(path.Clean(dir))
	if !ok || strings.HasPrefix(dir, "/") {
		return
	}
	p := &sbtProject{build: b, id: id, dir: d, parts: []sbtPart{part}, text: body}
	for _, m := range sbtNeeds.FindAllStringSubmatch(body, 50) {
		for _, one := range strings.Split(m[1], ",") {
			if !strings.Contains(one, "test->") && !strings.Contains(one, "Test") && !strings.Contains(one, `"test`) {
				p.needs = append(p.needs, sbtIdent.FindString(one))
			}
		}
	}
	b.projects = append(b.projects, p)
}

// collect adds the values that a project names, directly or not, what holds for the whole build, and its own
// build.sbt. A build of one project takes all.
func (p *sbtProject) collect(shared []sbtPart) {
	p.parts = append(p.parts, shared...)
	if p.dir.Path != p.build.root.Path {
		if f, err := p.dir.Read("build.sbt"); err == nil {
			for _, s := range scanScala(string(f.Data)) {
				p.parts = append(p.parts, sbtPart{s, f})
			}
		}
	}
	seen := map[string]bool{}
	for i := 0; i < len(p.parts) && len(p.parts) < maxScalaStatements; i++ {
		for _, word := range sbtIdent.FindAllString(p.parts[i].text, 5000) {
			if v, ok := p.build.vals[word]; ok && !seen[word] {
				seen[word] = true
				p.parts = append(p.parts, v.sbtPart)
			}
		}
	}
	if len(p.build.projects) > 1 {
		return
	}
	for _, f := range p.build.files {
		if f.build {
			continue
		}
		for _, s := range f.stmts {
			if m := sbtDefinition.FindStringSubmatch(s.text); m == nil || !seen[m[1]] {
				p.parts = append(p.parts, sbtPart{s, f.file})
			}
		}
	}
}

// value reads an expression: a string, or the name of a value that holds one.
func (b *sbtBuild) value(expr string, ev []detect.Evidence) text {
	for range 8 {
		expr = strings.TrimSpace(expr)
		expr = strings.TrimPrefix(strings.TrimPrefix(expr, "Some("), "Option(")
		if strings.HasPrefix(expr, `"`) {
			s := expr[:stringEnd(expr)]
			return text{s: strings.Trim(s, `"`), ev: ev}
		}
		if i := strings.Index(expr, `getOrElse("`); i >= 0 {
			expr = expr[i+len("getOrElse("):]
			continue
		}
		name := expr[:len(expr)-len(strings.TrimLeft(expr, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."))]
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			name = name[i+1:]
		}
		v, ok := b.vals[name]
		if !ok {
			return text{}
		}
		ev = proof(v.ev(len(v.text)-len(v.body)), ev)
		expr = v.body
	}
	return text{}
}

// setting returns what a key is set to: `key := v`, `key in Scope := v`, `Scope / key := v`.
func (p *sbtProject) setting(key string) text {
	pattern := regexp.MustCompile(`\b` + key + `(?:\s+in\s+[^:=\n]{1,60}?)?\s*:=\s*`)
	for _, part := range p.parts {
		if !strings.Contains(part.text, key) {
			continue
		}
		m := pattern.FindStringIndex(part.text)
		if m == nil {
			continue
		}
		if t := p.build.value(part.text[m[1]:], part.ev(m[0])); t.set() {
			return t
		}
	}
	return text{}
}

// mentions returns where the project's statements name one of these words.
func (p *sbtProject) mentions(words ...string) ([]detect.Evidence, bool) {
	for _, part := range p.parts {
		for _, w := range words {
			if i := strings.Index(part.text, w); i >= 0 {
				return part.ev(i), true
			}
		}
	}
	return nil, false
}

// deps are the libraries of the project.
func (p *sbtProject) deps() []dep {
	var out []dep
	seen := map[string]bool{}
	for _, part := range p.parts {
		if len(out) >= maxDeps || !strings.Contains(part.text, "%") {
			continue
		}
		group := strings.HasSuffix(part.text, "% Test)") || strings.HasSuffix(part.text, `% "test")`)
		for _, m := range sbtLibraryLine.FindAllStringSubmatchIndex(part.text, 500) {
			ev := part.ev(m[0])
			d := dep{group: part.text[m[2]:m[3]], artifact: part.text[m[6]:m[7]], version: p.build.value(part.text[m[8]:m[9]], ev), scope: sbtScope(part.text[m[10]:m[11]]), kind: "jar", ev: ev}
			if part.text[m[4]:m[5]] != "%" {
				d.artifact += "_" // the Scala version follows in the real name
			}
			if group {
				d.scope = "test"
			}
			if key := d.group + ":" + d.artifact + ":" + d.scope; !seen[key] {
				seen[key] = true
				out = append(out, d)
			}
		}
	}
	return out
}

// sbtScope reads the configuration behind a library: % Test, % "provided", % "it,test".
func sbtScope(rest string) string {
	i := strings.IndexByte(rest, '%')
	if i < 0 || strings.ContainsRune(rest[:i], ',') {
		return "compile"
	}
	word := strings.ToLower(strings.Trim(strings.TrimSpace(rest[i+1:]), `"`))
	switch {
	case strings.HasPrefix(word, "compile"):
		return "compile"
	case strings.HasPrefix(word, "test"), strings.HasPrefix(word, "it"), strings.HasPrefix(word, "integrationtest"):
		return "test"
	case strings.HasPrefix(word, "provided"), strings.HasPrefix(word, "container"), strings.HasPrefix(word, "compileonly"):
		return "provided"
	case strings.HasPrefix(word, "runtime"):
		return "runtime"
	}
	return "compile"
}

// sbtDefined reports whether a directory holds the definition of a build of sbt: build.sbt, or a class in project/. sbt reads
// every source there; the two names are those of its documentation and of the templates of Scalatra.
func sbtDefined(dir detect.Dir, at string) bool {
	return dir.Has(path.Join(at, "build.sbt")) || dir.Has(path.Join(at, "project/Build.scala")) || dir.Has(path.Join(at, "project/build.scala"))
}

// sbtRoot reports whether a build of sbt begins in a directory: it has a definition, and no directory above has one.
func (x *index) sbtRoot(dir detect.Dir) bool {
	if !sbtDefined(dir, ".") {
		return false
	}
	for at := dir.Path; at != "."; {
		at = path.Dir(at)
		if sbtDefined(x.root, at) {
			return false
		}
	}
	return true
}
