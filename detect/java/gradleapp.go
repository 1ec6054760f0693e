package java

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// sortByDepth sorts directories, the outermost first.
func sortByDepth(dirs []string) {
	depth := func(d string) int {
		if d == "." {
			return -1
		}
		return strings.Count(d, "/")
	}
	sort.Slice(dirs, func(i, j int) bool {
		di, dj := depth(dirs[i]), depth(dirs[j])
		return di < dj || di == dj && dirs[i] < dirs[j]
	})
}

// gradleApps returns what the build that has its root in a directory deploys.
func gradleApps(x *index, dir detect.Dir) []*app {
	b := x.gradle[dir.Path]
	if b == nil {
		return nil
	}
	packed := b.packed()
	var apps, samples []*app
	var javas []*gradleProject
	for _, p := range b.projects {
		plugins := p.plugins()
		if plugins["com.android.application"].id != "" || plugins["com.android.library"].id != "" || plugins["android"].id != "" {
			continue
		}
		if p.isJava(plugins) {
			javas = append(javas, p)
		}
		a := p.app(plugins)
		switch {
		case a == nil || packed[p.path]:
		case sample(a.rel(a.dir.Path)) && p.path != ":":
			samples = append(samples, a)
		default:
			apps = append(apps, a)
		}
	}
	if len(apps) == 0 {
		apps = samples
	}
	beside := x.below(dir.Path)
	if beside && sample(dir.Path) {
		return nil
	}
	if len(apps) == 0 && len(javas) > 0 && !beside {
		apps = []*app{b.projects[0].library(javas)}
	}
	return apps
}

// packed are the projects that another takes in: all that an ear names, and of a war those that have no web root of
// their own.
func (b *gradleBuild) packed() map[string]bool {
	out := map[string]bool{}
	for _, p := range b.projects {
		plugins := p.plugins()
		ear := plugins["ear"].id != ""
		if !ear && plugins["war"].id == "" {
			continue
		}
		for _, d := range p.deps().projects {
			q := b.byPath[d.path]
			if ear || q != nil && d.scope != "test" && !q.webRoot() {
				out[d.path] = true
			}
		}
	}
	return out
}

// webRoot reports whether the project has files of a web application.
func (p *gradleProject) webRoot() bool {
	dir, _ := p.build.idx.root.Sub(p.dir)
	return dir.HasDir("src/main/webapp") || dir.HasDir("WebContent")
}

func (p *gradleProject) isJava(plugins map[string]gradlePlugin) bool {
	for _, id := range []string{"java", "java-library", "groovy", "scala", "war", "application", "org.springframework.boot", "spring-boot", "org.jetbrains.kotlin.jvm", "kotlin", "io.ktor.plugin", "io.micronaut.application", "io.quarkus", "org.grails.grails-web", "org.apache.grails.gradle.grails-web"} {
		if plugins[id].id != "" {
			return true
		}
	}
	return false
}

// app describes what a project deploys; nil when it is a library.
func (p *gradleProject) app(plugins map[string]gradlePlugin) *app {
	var boot gradlePlugin
	for _, id := range []string{"org.springframework.boot", "spring-boot", "org.grails.grails-web", "org.apache.grails.gradle.grails-web"} { // Grails' own applies Spring Boot's
		if boot.id == "" {
			boot = plugins[id]
		}
	}
	var task, kind string
	var ev []detect.Evidence
	a := p.base(plugins)
	switch {
	case plugins["ear"].id != "":
		task, kind, ev = "ear", "ear", plugins["ear"].ev
	case plugins["war"].id != "" && p.hasWeb(plugins["war"]):
		task, kind, ev = "war", "war", plugins["war"].ev
		if boot.id != "" && major(a.boot.s) >= 2 {
			task, a.executable = "bootWar", true
		} else if boot.id != "" {
			task, a.executable = "assemble", true
		}
	case boot.id != "" && !p.disabled("bootJar") && (p.ownPlugin(boot) || len(a.applicationClass()) > 0):
		task, kind, ev = "bootJar", "jar", boot.ev
		if a.boot.known() && major(a.boot.s) < 2 || a.buildVersion.known() && major(a.buildVersion.s) < 4 {
			task = "assemble" // bootJar came with Spring Boot 2, which needs Gradle 4
		}
		a.executable = true
	default:
		task, ev = p.runnable(a, plugins)
		kind, a.executable = "jar", true
	}
	if task == "" {
		return nil
	}
	a.packaging = text{s: kind, ev: ev}
	p.finish(a, task, plugins)
	return a
}

// hasWeb reports whether the project makes a war in earnest: a plugin that a block gives to all projects says little
// of one without a web root or sources.
func (p *gradleProject) hasWeb(war gradlePlugin) bool {
	if p.path == ":" && len(p.build.projects) > 1 {
		dir, _ := p.build.idx.root.Sub(p.dir)
		return p.webRoot() || dir.HasDir("src/main")
	}
	return !war.shared || p.webRoot()
}

// ownPlugin reports whether the project itself asks for a plugin, rather than a block for all projects.
func (p *gradleProject) ownPlugin(g gradlePlugin) bool {
	return len(p.build.projects) == 1 || !g.shared
}

var disabledTask = manifest.Lazy(`enabled\s*=?\s*\(?\s*false`)

// disabled reports whether a task is switched off.
func (p *gradleProject) disabled(task string) bool {
	for _, l := range p.own {
		in := len(l.block) > 0 && strings.Contains(l.block[len(l.block)-1], task) || strings.HasPrefix(l.text, task)
		if in && disabledTask.MatchString(l.text) {
			return true
		}
	}
	return false
}

var mainSetting = manifest.Lazy(`^(?:project\.|application\.)?(?:mainClassName|mainClass)(?:\s*=\s*|\.set\s*\(\s*)["']([\w.$]+)["']`)
var mainAttribute = manifest.Lazy(`["']?Main-Class["']?\s*(?::|=|to|,)\s*["']([\w.$]+)["']`)

// runnable finds what makes a jar executable, and the task that makes it.
func (p *gradleProject) runnable(a *app, plugins map[string]gradlePlugin) (string, []detect.Evidence) {
	for _, l := range p.own {
		if m := mainSetting.FindStringSubmatch(l.text); m != nil && !a.mainClass.set() && !l.inTask() {
			a.mainClass = text{s: m[1], ev: l.ev()}
		}
		if m := mainAttribute.FindStringSubmatch(l.text); m != nil && !a.mainClass.set() {
			a.mainClass = text{s: m[1], ev: l.ev()}
		}
	}
	for _, t := range []struct{ id, task string }{{"com.github.johnrengelman.shadow", "shadowJar"}, {"com.gradleup.shadow", "shadowJar"}, {"com.github.johnrengelman.plugin-shadow", "shadowJar"}, {"shadow", "shadowJar"},
		{"io.quarkus", "quarkusBuild"}, {"io.micronaut.application", "shadowJar"}, {"play", "stage"}, {"org.gradle.playframework", "stage"}, {"io.ktor.plugin", "installDist"}, {"application", "installDist"}, {"distribution", "installDist"}} {
		if t.id == "distribution" && !(a.serves() && hasScripts(a.dir)) {
			continue // many a library is packed so
		}
		if g := plugins[t.id]; g.id != "" && (t.task != "shadowJar" || a.mainClass.set() || plugins["application"].id != "" || t.id == "io.micronaut.application") {
			return t.task, g.ev
		}
	}
	if a.mainClass.set() && plugins["java"].id+plugins["org.jetbrains.kotlin.jvm"].id+plugins["kotlin"].id+plugins["groovy"].id != "" {
		return "jar", a.mainClass.ev
	}
	return "", nil
}

// inTask reports whether a statement stands in a task of the build's own, such as one that runs a class.
func (l located) inTask() bool {
	for _, b := range l.block {
		if w := firstWord(b); w == "task" || strings.Contains(b, "JavaExec") || strings.Contains(b, "register(") || strings.Contains(b, "create(") || strings.Contains(b, "doLast") {
			return true
		}
	}
	return false
}

// hasScripts reports whether a project brings scripts that start it.
func hasScripts(d detect.Dir) bool {
	for _, dir := range []string{"src/main/bash", "src/main/bin", "src/main/scripts", "src/main/sh", "src/dist"} {
		if d.HasDir(dir) {
			return true
		}
	}
	return false
}

// base fills in what every project has.
func (p *gradleProject) base(plugins map[string]gradlePlugin) *app {
	dir, _ := p.build.idx.root.Sub(p.dir)
	a := &app{idx: p.build.idx, dir: dir, root: p.build.root, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{}}
	a.name = p.name().s
	if a.name == "" && p.dir != "." {
		a.name = path.Base(p.dir)
	}
	script := p.build.script(p.dir, "build.gradle", "build.gradle.kts", path.Base(p.dir)+".gradle", path.Base(p.dir)+".gradle.kts")
	if script == nil {
		script = p.build.script(p.build.root.Path, "build.gradle", "build.gradle.kts")
	}
	if script == nil {
		script = p.build.settings
	}
	a.build = detect.Is("gradle", p.build.evidence(script)...)
	for id, g := range plugins {
		a.plugins[id] = g.ev
	}
	a.prop = func(name string) (text, bool) {
		if lang, ok := strings.CutPrefix(name, "plugin."); ok {
			for _, id := range []string{"org.jetbrains.kotlin.jvm", "org.jetbrains.kotlin." + lang, lang} {
				if g := plugins[id]; g.version.known() {
					return g.version, true
				}
			}
		}
		return p.property(name)
	}
	p.addParts(a, map[string]bool{})
	if v, ok := p.vars["version"]; ok {
		a.version = p.interpolate(v)
	}
	a.boot, a.bootEv = p.bootVersion(plugins, a.deps)
	a.levels = p.levels()
	a.buildVersion = p.build.wrapper
	if !a.buildVersion.set() {
		a.buildVersion = p.build.old
	}
	return a
}

// evidence is where the build is seen: the script, or else the first of all that were read.
func (b *gradleBuild) evidence(s *script) []detect.Evidence {
	if s != nil {
		return []detect.Evidence{{File: s.file.Path}}
	}
	return []detect.Evidence{{File: slices.Sorted(maps.Keys(b.scripts))[0]}}
}

func (p *gradleProject) property(name string) (text, bool) {
	v, ok := p.lookup(name)
	if !ok {
		return v, false
	}
	return p.interpolate(v), true
}

func (p *gradleProject) name() text {
	if p.path == ":" {
		return p.build.name
	}
	return text{s: p.path[strings.LastIndexByte(p.path, ':')+1:]}
}

var sourceDirs = manifest.Lazy(`srcDirs?\b`)

// addParts adds the project and the projects of the build that it takes in.
func (p *gradleProject) addParts(a *app, seen map[string]bool) {
	if seen[p.path] {
		return
	}
	seen[p.path] = true
	dir, _ := p.build.idx.root.Sub(p.dir)
	part := standard(dir)
	for _, l := range p.own {
		if l.within("sourceSets") && l.within("main") && sourceDirs.MatchString(l.text) {
			into := &part.sources
			if l.within("resources") || strings.HasPrefix(l.text, "resources") {
				into = &part.resources
			}
			for _, s := range gradleStrings(l.text) {
				if !strings.Contains(s, "..") && !strings.Contains(s, "$") && !path.IsAbs(s) {
					*into = append(*into, path.Clean(s))
				}
			}
		}
		if strings.Contains(l.text, "webAppDir") {
			for _, s := range gradleStrings(l.text) {
				if !strings.Contains(s, "..") && !strings.Contains(s, "$") {
					part.webRoots = append(part.webRoots, path.Clean(s))
				}
			}
		}
	}
	for _, w := range []string{"WebContent", "WebRoot", "web", "webapp", "grails-app/conf"} {
		if dir.HasDir(w + "/WEB-INF") {
			part.webRoots = append(part.webRoots, w)
		}
	}
	if dir.HasDir("grails-app") {
		part.sources = append(part.sources, "grails-app", "src/groovy", "src/java")
		part.resources = append(part.resources, "grails-app/conf")
	}
	a.parts = append(a.parts, part)
	d := p.deps()
	a.deps = append(a.deps, d.libs...)
	for _, q := range d.projects {
		if next := p.build.byPath[q.path]; next != nil && q.scope != "test" {
			next.addParts(a, seen)
		}
	}
}

// bootVersion finds Spring Boot and its version: the plugin, the build script's classpath, a bill of materials, a
// library.
func (p *gradleProject) bootVersion(plugins map[string]gradlePlugin, deps []dep) (text, []detect.Evidence) {
	var uses []detect.Evidence
	version := text{}
	for _, id := range []string{"org.springframework.boot", "spring-boot"} {
		if g := plugins[id]; g.id != "" {
			uses, version = g.ev, g.version
		}
	}
	for _, d := range deps {
		if d.group == "org.springframework.boot" && d.scope != "test" {
			if uses == nil {
				uses = d.ev
			}
			if !version.known() {
				version = d.version
			}
		}
	}
	if uses == nil {
		return text{}, nil
	}
	for _, q := range []*gradleProject{p, p.build.byPath[":"]} {
		if version.known() {
			break
		}
		for _, l := range q.own {
			if !l.within("buildscript") && !l.within("dependencyManagement") && !strings.Contains(l.text, "platform") {
				continue
			}
			for _, d := range q.coordinates(l.text, l) {
				if d.group == "org.springframework.boot" && !version.known() {
					version = d.version
				}
			}
		}
		for _, d := range q.deps().boms {
			if d.group == "org.springframework.boot" && !version.known() {
				version = d.version
			}
		}
	}
	for _, name := range []string{"springBootVersion", "spring_boot_version", "spring-boot.version", "springboot_version", "spring_boot"} {
		if v, ok := p.property(name); ok && !version.known() {
			version = v
		}
	}
	if !version.known() {
		return text{}, uses
	}
	return version, proof(version.ev, uses)
}

var (
	releaseLevel  = manifest.Lazy(`(?:options\.release|^release)(?:\s*=\s*|\.set\s*\(\s*)(.+)$`)
	targetLevel   = manifest.Lazy(`(?:^|[.=\s])targetCompatibility(?:\s*=\s*|\s+|\.set\s*\()(.+)$`)
	sourceLevel   = manifest.Lazy(`(?:^|[.=\s])sourceCompatibility(?:\s*=\s*|\s+|\.set\s*\()(.+)$`)
	toolLevel     = manifest.Lazy(`JavaLanguageVersion\.of\s*\(\s*(.+?)\s*\)|jvmToolchain\s*\(\s*(\d+)`)
	jvmLevel      = manifest.Lazy(`jvmTarget(?:\s*=\s*|\.set\s*\(\s*)(.+)$`)
	playJavaLevel = manifest.Lazy(`\bjava\s*:\s*["']([\d.]+)["']`)
)

// levels returns what the scripts say about the Java version, the strongest first.
func (p *gradleProject) levels() []level {
	var out []level
	for _, pattern := range []*manifest.Pattern{releaseLevel, targetLevel, sourceLevel, jvmLevel, toolLevel, playJavaLevel} {
		for i := len(p.own) - 1; i >= 0; i-- { // the project's own script after its parents'
			l := p.own[i]
			m := pattern.FindStringSubmatch(l.text)
			if m == nil || strings.Contains(strings.ToLower(strings.Join(l.block, " ")), "test") {
				continue
			}
			arg := m[1]
			if arg == "" && len(m) > 2 {
				arg = m[2]
			}
			if pattern == sourceLevel && strings.Contains(arg, "targetCompatibility") {
				continue // one assignment for both
			}
			t := p.value(arg, l.ev())
			if v := javaVersion(t.s); v != "" && !t.partial {
				out = append(out, level{v: v, from: detect.Declared, ev: t.ev})
				break
			}
		}
	}
	return out
}

// finish adds how the project is built and what comes out.
func (p *gradleProject) finish(a *app, task string, plugins map[string]gradlePlugin) {
	p.artifact(a, task)
	words := []string{"gradle"}
	if p.build.byScript {
		words = []string{"sh", "./gradlew"}
		a.wrapper = p.build.wrapper.ev
	}
	name := task
	if p.path != ":" {
		name = p.path + ":" + task
	}
	words = append(words, "--no-daemon", "-x", "test", name)
	if task == "quarkusBuild" {
		words = append(words, quarkusJar(a.quarkusVersion())...)
	}
	a.command = quote(words)
	a.commandWhy = "the task that makes the archive, without tests"
	if p.build.byScript {
		a.commandWhy += "; the wrapper brings the Gradle version that the scripts are written for"
	}
	files := []string{}
	for at := range p.build.scripts {
		if p.build.scripts[at] != nil {
			files = append(files, a.rel(at))
		}
	}
	for _, f := range []string{"gradle.properties", "gradlew", "gradle/wrapper/gradle-wrapper.jar", "gradle/wrapper/gradle-wrapper.properties", "gradle/libs.versions.toml"} {
		if p.build.root.Has(f) {
			files = append(files, f)
		}
	}
	a.manifests = unique(files)
	p.compatible(a)
	if g, ok := plugins["com.gorylenko.gradle-git-properties"]; ok {
		a.gitMetadata = g.ev
	}
}

var archiveSetting = manifest.Lazy(`^(archiveFileName|archiveName|archiveBaseName|baseName|archiveVersion|version|archiveClassifier|classifier)(?:\s*=\s*|\s+|\.set\s*\(\s*)(.+?)\)?$`)
var baseSetting = manifest.Lazy(`^(?:project\.|base\.)?(?:archivesBaseName|archivesName)(?:\s*=\s*|\.set\s*\(\s*)(.+?)\)?$`)
var inlineArchive = manifest.Lazy(`^(\w+)\.(.+)$`)

// artifact sets the path of what the task makes. A name that is not known in full becomes a pattern.
func (p *gradleProject) artifact(a *app, task string) {
	ending := map[string]string{"war": "war", "ear": "ear"}[a.packaging.s]
	if ending == "" {
		ending = "jar"
	}
	dir := path.Join(a.rel(a.dir.Path), "build/libs")
	switch task {
	case "installDist":
		name := p.name()
		if !name.set() {
			name.s = "*"
		}
		a.artifact = text{s: path.Join(a.rel(a.dir.Path), "build/install", name.s), ev: a.packaging.ev}
		a.facts["directory"] = detect.Infer("true", "the task makes a directory", a.packaging.ev...)
		a.facts["startScript"] = detect.Infer("bin/"+name.s, "the application plugin makes a start script", a.packaging.ev...)
		return
	case "stage":
		a.artifact = text{s: path.Join(a.rel(a.dir.Path), "build/stage/main"), ev: a.packaging.ev}
		a.facts["directory"] = detect.Infer("true", "the task makes a directory", a.packaging.ev...)
		return
	case "quarkusBuild":
		a.artifact = text{s: path.Join(a.rel(a.dir.Path), "build/*-runner.jar"), ev: a.packaging.ev}
		return
	}
	set := p.archive(task, a.packaging.s)
	if t := set["file"]; t.known() {
		a.artifact = text{s: path.Join(dir, path.Base(t.s)), ev: proof(t.ev, a.packaging.ev)}
		return
	}
	name, ev := p.archiveName(set, task, a.version)
	a.artifact = text{s: path.Join(dir, name+"."+ending), ev: proof(ev, a.packaging.ev)}
	if strings.Contains(name, "*") {
		a.artifact.why = "part of the name is not known before the build"
	}
}

// archiveName is the archive's name as Gradle puts it together: base, version, classifier.
func (p *gradleProject) archiveName(set map[string]text, task string, version text) (string, []detect.Evidence) {
	base := set["base"]
	if !base.set() {
		base = p.name()
	}
	if v, has := set["version"]; has {
		version = v
	}
	if !base.known() {
		return "*", proof(base.ev, version.ev)
	}
	name := base.s
	switch {
	case version.partial:
		name += "-*"
	case version.set():
		name += "-" + version.s
	}
	if c, has := set["classifier"]; c.known() {
		name += "-" + c.s
	} else if task == "shadowJar" && !has {
		name += "-all"
	}
	return name, proof(base.ev, version.ev)
}

// archive reads the settings of the task's archive.
func (p *gradleProject) archive(task, kind string) map[string]text {
	out := map[string]text{}
	tasks := map[string]bool{task: true, kind: kind != "jar" || task != "shadowJar"}
	key := map[string]string{"archiveFileName": "file", "archiveName": "file", "archiveBaseName": "base", "baseName": "base", "archiveVersion": "version", "version": "version", "archiveClassifier": "classifier", "classifier": "classifier"}
	for _, l := range p.own {
		if m := baseSetting.FindStringSubmatch(l.text); m != nil {
			out["base"] = p.value(m[1], l.ev())
			continue
		}
		stmt := l.text
		switch n := len(l.block); {
		case n > 0 && tasks[taskName(l.block[n-1])]:
		case inlineArchive.MatchString(stmt) && tasks[inlineArchive.FindStringSubmatch(stmt)[1]]:
			stmt = inlineArchive.FindStringSubmatch(stmt)[2]
		default:
			continue
		}
		if m := archiveSetting.FindStringSubmatch(stmt); m != nil {
			out[key[m[1]]] = p.value(m[2], l.ev())
		}
	}
	return out
}

var (
	namedTask = manifest.Lazy(`named\s*(?:<[^>]*>)?\s*\(\s*["'](\w+)`)
	typedTask = manifest.Lazy(`withType\s*[<(]\s*(?:[\w.]*\.)?(\w+)`)
)

// taskName is the task that a block configures: "bootJar", "tasks.named('bootJar')", "tasks.bootJar".
func taskName(header string) string {
	if m := namedTask.FindStringSubmatch(header); m != nil {
		return m[1]
	}
	if m := typedTask.FindStringSubmatch(header); m != nil {
		return strings.ToLower(m[1][:1]) + m[1][1:]
	}
	return strings.TrimPrefix(firstWord(header), "tasks.")
}

// runsOn lists which Java Gradle needs to run, as its compatibility matrix says: the first Gradle that runs on it.
var runsOn = []struct {
	java  int
	first string
}{{8, "2.0"}, {9, "4.3"}, {10, "4.7"}, {11, "5.0"}, {12, "5.4"}, {13, "6.0"}, {14, "6.3"}, {15, "6.7"}, {16, "7.0"}, {17, "7.3"}, {18, "7.5"}, {19, "7.6"}, {20, "8.3"}, {21, "8.5"}, {22, "8.8"}, {23, "8.10"}, {24, "8.14"}, {25, "9.1"}}

// compatible sets the JDK that Gradle itself needs, when it cannot run on the one that the application is compiled for.
func (p *gradleProject) compatible(a *app) {
	if !a.buildVersion.known() || len(a.levels) == 0 {
		return
	}
	v, err := semver.NewVersion(versionStart.FindString(a.buildVersion.s))
	if err != nil {
		return
	}
	newest := 7
	for _, r := range runsOn {
		if first, err := semver.NewVersion(r.first); err == nil && !v.LessThan(first) {
			newest = r.java
		}
	}
	level := max(javaMajor(a.levels[0].v), 6)
	ev := proof(a.buildVersion.ev, a.levels[0].ev)
	switch {
	case level > newest:
		a.jdk = text{s: fmt.Sprint(newest), ev: ev, why: fmt.Sprintf("Gradle %s runs on Java %d at most", a.buildVersion.s, newest)}
	case v.Major() >= 9 && level < 17:
		a.jdk = text{s: "17", ev: ev, why: "Gradle 9 runs on Java 17 and later"}
	}
}

// readOld finds the newest Gradle that the scripts can work with when no wrapper says it: later ones dropped what they use.
func (b *gradleBuild) readOld() {
	if b.wrapper.set() {
		return
	}
	for _, p := range b.projects {
		for _, l := range p.own {
			switch {
			case strings.HasPrefix(l.text, "task ") && strings.HasSuffix(l.text, "<<"):
				b.old = text{s: "4.10.3", ev: l.ev(), why: "Gradle 5 dropped the operator << of tasks"}
				return
			case l.inDependencies() && oldConfiguration[firstWord(l.text)] && !b.old.set():
				b.old = text{s: "6.9.4", ev: l.ev(), why: "Gradle 7 dropped the configuration " + firstWord(l.text)}
			case applyPlugin.MatchString(l.text) && applyPlugin.FindStringSubmatch(l.text)[1] == "maven" && !b.old.set():
				b.old = text{s: "6.9.4", ev: l.ev(), why: "Gradle 7 dropped the plugin maven"}
			}
		}
	}
}

var oldConfiguration = map[string]bool{"compile": true, "runtime": true, "testCompile": true, "testRuntime": true}

// library describes a build that deploys nothing.
func (p *gradleProject) library(all []*gradleProject) *app {
	a := p.base(p.plugins())
	if len(a.levels) == 0 {
		a.levels = all[0].levels()
	}
	a.packaging = text{s: "jar", ev: a.build.Evidence, why: fmt.Sprintf("%d Java projects, none of them deployable", len(all))}
	p.finish(a, "assemble", nil)
	for _, q := range all {
		q.addParts(a, map[string]bool{p.path: true})
	}
	return a
}
