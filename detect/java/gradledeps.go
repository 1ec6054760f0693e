package java

import (
	"fmt"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// gradlePlugin is a plugin that a project applies.
type gradlePlugin struct {
	id      string
	version text
	ev      []detect.Evidence
	shared  bool // asked for by a block for several projects
}

var (
	pluginID    = manifest.Lazy(`^id\s*[( ]\s*["']([^"']+)["']\s*\)?(?:\s*version\s*\(?\s*(.+?)\)?)?(?:\s+apply\s*\(?\s*(true|false)\s*\)?)?$`)
	pluginAlias = manifest.Lazy(`^alias\s*\(\s*([\w.]+)\s*\)(.*)$`)
	pluginKt    = manifest.Lazy(`^kotlin\s*\(\s*"([^"]+)"\s*\)(?:\s*version\s*(.+?))?(?:\s+apply\s+(true|false))?$`)
	applyPlugin = manifest.Lazy(`apply\s*\(?\s*plugin\s*[:=]\s*["']([^"']+)["']`)
	bareID      = manifest.Lazy("^(?:`([\\w.-]+)`|(java|war|ear|application|groovy|scala|`java-library`))$")
)

// plugins returns what the project applies. Versions come from where the plugin is declared, which is often the root.
func (p *gradleProject) plugins() map[string]gradlePlugin {
	out := map[string]gradlePlugin{}
	versions := map[string]text{}
	use := func(l located, id, version, apply string) {
		g := gradlePlugin{id: id, ev: l.ev(), shared: l.shared}
		if version != "" {
			g.version = p.value(version, l.ev())
			versions[id] = g.version
		}
		if apply != "false" {
			out[id] = g
		}
	}
	for _, l := range p.build.pluginVersions() {
		p.pluginLine(l, func(l located, id, version, _ string) {
			if version != "" && !versions[id].set() {
				versions[id] = p.value(version, l.ev())
			}
		})
	}
	for _, l := range p.own {
		switch {
		case l.in("plugins"):
			p.pluginLine(l, use)
		case l.within("buildscript"):
		default:
			for _, m := range applyPlugin.FindAllStringSubmatch(l.text, 20) {
				use(l, m[1], "", "")
			}
			if len(l.block) == 1 && firstWord(l.block[0]) == "apply" && strings.HasPrefix(l.text, "plugin") {
				for _, id := range gradleStrings(l.text) {
					use(l, id, "", "")
				}
			}
		}
	}
	for id, g := range out {
		if !g.version.set() {
			g.version = versions[id]
			out[id] = g
		}
	}
	return out
}

// pluginVersions are the places outside of a project that state versions of plugins: the root's and the settings'.
func (b *gradleBuild) pluginVersions() []located {
	var out []located
	for _, l := range b.byPath[":"].own {
		if l.in("plugins") {
			out = append(out, l)
		}
	}
	if b.settings != nil {
		for _, st := range b.settings.stmts {
			if st.in("pluginManagement", "plugins") {
				out = append(out, located{statement: st, script: b.settings})
			}
		}
	}
	return out
}

func (p *gradleProject) pluginLine(l located, use func(l located, id, version, apply string)) {
	if m := pluginID.FindStringSubmatch(l.text); m != nil {
		use(l, m[1], m[2], m[3])
	} else if m := pluginKt.FindStringSubmatch(l.text); m != nil {
		use(l, "org.jetbrains.kotlin."+m[1], m[2], m[3])
	} else if m := pluginAlias.FindStringSubmatch(l.text); m != nil {
		if id, v := p.build.plugin(m[1]); id != "" {
			version := ""
			if v.set() {
				version = `"` + v.s + `"`
			}
			apply := ""
			if strings.Contains(m[2], "false") {
				apply = "false"
			}
			use(l, id, version, apply)
		}
	} else if m := bareID.FindStringSubmatch(l.text); m != nil {
		use(l, strings.Trim(m[1]+m[2], "`"), "", "")
	}
}

// catalog is gradle/libs.versions.toml.
type catalog struct {
	file detect.File
	doc  *manifest.Doc
}

func (b *gradleBuild) versions() *catalog {
	if b.catalog == nil {
		b.catalog = &catalog{}
		if f, err := b.root.Read("gradle/libs.versions.toml"); err == nil {
			if d, err := manifest.ParseTOML(f.Data); err == nil {
				b.catalog.file, b.catalog.doc = f, d
			} else {
				warn(b.root, f.Path, err)
			}
		}
	}
	return b.catalog
}

// entry finds an alias ("libs.spring.boot.web") in a table of the catalog: dots, dashes and underlines are one.
func (c *catalog) entry(table, alias string) (string, bool) {
	norm := func(s string) string { return strings.NewReplacer("-", ".", "_", ".").Replace(s) }
	for _, k := range c.doc.Keys(table) {
		if norm(k) == norm(alias) {
			return k, true
		}
	}
	return "", false
}

func (c *catalog) version(table, key string) text {
	for _, at := range [][]string{{table, key, "version", "ref"}} {
		if ref, _, ok := c.doc.Get(at...); ok {
			if v, line, ok := c.doc.Get("versions", ref); ok {
				return text{s: v, ev: []detect.Evidence{c.file.Evidence(line)}}
			}
		}
	}
	if v, line, ok := c.doc.Get(table, key, "version"); ok {
		return text{s: v, ev: []detect.Evidence{c.file.Evidence(line)}}
	}
	return text{}
}

// library resolves an alias of the catalog.
func (b *gradleBuild) library(alias string) (group, artifact string, version text, ok bool) {
	c := b.versions()
	key, ok := c.entry("libraries", alias)
	if !ok {
		return "", "", text{}, false
	}
	if s, line, is := c.doc.Get("libraries", key); is { // "g:a:v"
		parts := strings.SplitN(s, ":", 3)
		if len(parts) == 3 {
			return parts[0], parts[1], text{s: parts[2], ev: []detect.Evidence{c.file.Evidence(line)}}, true
		}
		return "", "", text{}, false
	}
	if m, _, is := c.doc.Get("libraries", key, "module"); is {
		group, artifact, _ = strings.Cut(m, ":")
	} else {
		group, _, _ = c.doc.Get("libraries", key, "group")
		artifact, _, _ = c.doc.Get("libraries", key, "name")
	}
	return group, artifact, c.version("libraries", key), artifact != ""
}

func (b *gradleBuild) plugin(alias string) (string, text) {
	c := b.versions()
	key, ok := c.entry("plugins", strings.TrimPrefix(alias, "libs.plugins."))
	if !ok {
		return "", text{}
	}
	if s, line, is := c.doc.Get("plugins", key); is {
		id, v, _ := strings.Cut(s, ":")
		return id, text{s: v, ev: []detect.Evidence{c.file.Evidence(line)}}
	}
	id, _, _ := c.doc.Get("plugins", key, "id")
	return id, c.version("plugins", key)
}

var (
	coordinates = manifest.Lazy(`^([\w.-]+):([\w.${}-]+)(?::([^:@]+))?(?::([\w.-]+))?(?:@(\w+))?$`)
	mapGroup    = manifest.Lazy(`group\s*[:=]\s*["']([^"']+)["']`)
	mapName     = manifest.Lazy(`name\s*[:=]\s*["']([^"']+)["']`)
	mapVersion  = manifest.Lazy(`version\s*[:=]\s*(["'][^"']*["']|[\w.]+)`)
	onProject   = manifest.Lazy(`project\s*\(\s*(?:path\s*[:=]\s*)?["'](:[^"']*)["']`)
	catalogUse  = manifest.Lazy(`\blibs\.([\w.]+)`)
	fileTree    = manifest.Lazy(`fileTree\s*\(?\s*(?:dir\s*[:=]\s*)?["']([^"']+)["']`)
	nested      = manifest.Lazy(`(?:enforcedPlatform|platform|mavenBom)\s*[( ]\s*([^)]+)`)
	variable    = manifest.Lazy(`\b[A-Za-z_]\w*(?:\.\w+)*\b`)
)

// scopeOf maps a configuration to Maven's words; "" is one that says nothing about the application.
func scopeOf(configuration string) string {
	low := strings.ToLower(configuration)
	switch {
	case strings.Contains(low, "test"):
		return "test"
	case low == "annotationprocessor", low == "kapt", low == "developmentonly", low == "classpath", low == "checkstyle", strings.HasPrefix(low, "jacoco"), low == "exclude", low == "constraints":
		return ""
	case low == "providedcompile", low == "providedruntime", low == "compileonly", low == "provided", low == "compileonlyapi":
		return "provided"
	case strings.Contains(low, "runtime"):
		return "runtime"
	case low == "compile", low == "implementation", low == "api", low == "play", low == "earlib", low == "deploy", low == "bundle", low == "shadow", low == "compilelib":
		return "compile"
	}
	return ""
}

// gradleDeps are a project's libraries, and the projects that it takes in.
type gradleDeps struct {
	libs     []dep
	boms     []dep
	projects []projectDep
}

type projectDep struct{ path, scope string }

// deps reads the dependencies of a project.
func (p *gradleProject) deps() gradleDeps {
	var out gradleDeps
	for _, l := range p.own {
		if len(out.libs) >= maxDeps {
			break
		}
		if l.within("dependencyManagement") || strings.Contains(l.text, "platform") {
			for _, m := range nested.FindAllStringSubmatch(l.text, 10) {
				for _, d := range p.coordinates(m[1], l) {
					d.scope, d.kind = "import", "pom"
					out.boms = append(out.boms, d)
				}
			}
			if l.within("dependencyManagement") {
				continue
			}
		}
		if !l.inDependencies() {
			continue
		}
		conf := firstWord(l.text)
		scope := scopeOf(conf)
		if scope == "" || conf == l.text {
			continue
		}
		p.dependency(l, strings.TrimPrefix(l.text, conf), scope, &out)
	}
	return out
}

// inDependencies: directly in a dependencies block, that is not the build script's.
func (l located) inDependencies() bool {
	n := len(l.block)
	return n > 0 && firstWord(l.block[n-1]) == "dependencies" && !l.within("buildscript") && !l.within("pluginManagement")
}

func (p *gradleProject) dependency(l located, args, scope string, out *gradleDeps) {
	if m := onProject.FindStringSubmatch(args); m != nil {
		out.projects = append(out.projects, projectDep{m[1], scope})
		return
	}
	if m := fileTree.FindStringSubmatch(args); m != nil {
		dir, _ := p.build.idx.root.Sub(p.dir)
		if sub, ok := dir.Sub(m[1]); ok {
			for _, d := range jarDeps(sub, "**/*.jar") {
				d.scope = scope
				out.libs = append(out.libs, d)
			}
		}
		return
	}
	if g, n := mapGroup.FindStringSubmatch(args), mapName.FindStringSubmatch(args); g != nil && n != nil {
		d := dep{group: g[1], artifact: n[1], scope: scope, kind: "jar", ev: l.ev()}
		if v := mapVersion.FindStringSubmatch(args); v != nil {
			d.version = p.value(v[1], l.ev())
		}
		out.libs = append(out.libs, d)
		return
	}
	if strings.Contains(args, "platform") {
		return
	}
	for _, m := range catalogUse.FindAllStringSubmatch(args, 20) {
		if g, a, v, ok := p.build.library(strings.TrimSuffix(m[1], ".get")); ok {
			out.libs = append(out.libs, dep{group: g, artifact: a, version: v, scope: scope, kind: "jar", ev: l.ev()})
		}
	}
	for _, d := range p.coordinates(args, l) {
		d.scope = scope
		out.libs = append(out.libs, d)
	}
}

// coordinates reads the libraries that an argument names: strings, or variables that hold one.
func (p *gradleProject) coordinates(args string, l located) []dep {
	var out []dep
	names := gradleStrings(args)
	if len(names) == 0 {
		for _, word := range variable.FindAllString(args, 20) {
			if t, ok := p.lookup(word); ok {
				names = append(names, t.s)
			}
			for i := 0; ; i++ {
				t, ok := p.lookup(fmt.Sprintf("%s#%d", word, i))
				if !ok {
					break
				}
				names = append(names, t.s)
			}
		}
	}
	for _, s := range names {
		if d, ok := p.coordinate(s, l); ok {
			out = append(out, d)
		}
	}
	return out
}

// coordinate reads "group:name:version".
func (p *gradleProject) coordinate(s string, l located) (dep, bool) {
	t := p.interpolate(text{s: s, ev: l.ev()})
	m := coordinates.FindStringSubmatch(t.s)
	if m == nil {
		return dep{}, false
	}
	d := dep{group: m[1], artifact: m[2], kind: "jar", ev: l.ev()}
	if m[3] != "" {
		d.version = text{s: m[3], ev: t.ev, partial: t.partial}
	}
	return d, true
}

// jarDeps reads libraries from the names of jars: name-version.jar.
func jarDeps(d detect.Dir, pattern string) []dep {
	var out []dep
	for _, f := range d.Glob(pattern) {
		if len(out) >= maxDeps {
			break
		}
		name := strings.TrimSuffix(path.Base(f), ".jar")
		ev := []detect.Evidence{{File: path.Join(d.Path, f)}}
		x := dep{artifact: name, scope: "compile", kind: "jar", ev: ev}
		if m := jarName.FindStringSubmatch(name); m != nil {
			x.artifact = m[1]
			x.version = text{s: m[2], ev: ev}
		}
		out = append(out, x)
	}
	return out
}

var jarName = manifest.Lazy(`^(.+?)-(\d[\w.+-]*)$`)
