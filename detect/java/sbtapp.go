package java

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// The words by which a project of sbt asks for a way of packing.
var (
	sbtPlayWords    = []string{"PlayScala", "PlayJava", "PlayMinimalJava", "PlayService", "PlayWeb", "playJavaSettings", "playScalaSettings", "play.Project", "PlayProject"}
	sbtStageWords   = []string{"JavaAppPackaging", "JavaServerAppPackaging", "packageArchetype.java", "AshScriptPlugin"}
	sbtWarWords     = []string{"ContainerPlugin", "JettyPlugin", "TomcatPlugin", "WarPlugin", "SbtWar", "ScalatraPlugin", "ScalatraSettings", "jetty()", "tomcat()", "webSettings", "seq(webSettings"}
	sbtAssemblyName = []string{"assemblyJarName", "assembly / ", "in assembly", "assemblySettings", "assemblyMergeStrategy"}
)

// sbtApps returns what the build in a directory deploys; nil when it holds no build of sbt.
func sbtApps(x *index, dir detect.Dir) []*app {
	b := readSbt(x, dir)
	if b == nil {
		return nil
	}
	var apps []*app
	for _, p := range b.projects {
		if sample(p.relative()) {
			continue
		}
		if a := p.app(); a != nil {
			apps = append(apps, a)
		}
	}
	return apps
}

// relative is the project's directory below the root of its build.
func (p *sbtProject) relative() string {
	if p.dir.Path == p.build.root.Path {
		return "."
	}
	return relative(p.build.root.Path, p.dir.Path)
}

// app describes what a project deploys; nil when it is a library.
func (p *sbtProject) app() *app {
	a := p.base()
	switch ev, ok := p.isPlay(); {
	case ok:
		p.play(a, ev)
		return a
	}
	if len(a.files(sources, 1, "**/*.{scala,java}")) == 0 {
		return nil // nothing of its own, and nothing of what it depends on
	}
	if ev, ok := p.packs(sbtWarWords, "xsbt-web-plugin", "sbt-war", "sbt-scalatra"); ok && p.webRoot() {
		p.war(a, ev)
		return a
	}
	if ev, ok := p.packs(sbtStageWords, ""); ok {
		p.dwells(a)
		p.stage(a, ev)
		return a
	}
	ev, ok := p.packs(sbtAssemblyName, "sbt-assembly")
	if !ok || len(a.mainClass.s) == 0 && len(p.build.projects) > 1 && len(p.mains()) == 0 {
		return nil
	}
	p.assembly(a, ev)
	return a
}

// dwells moves an application whose project only packs others to the first of them that has sources.
func (p *sbtProject) dwells(a *app) {
	for _, q := range a.parts {
		if len((&app{idx: a.idx, parts: []part{q}}).files(sources, 1, "**/*.{scala,java}")) > 0 {
			if q.dir.Path != a.dir.Path {
				a.dir, a.name = q.dir, path.Base(q.dir.Path)
			}
			return
		}
	}
}

// packs reports whether the project asks for a way of packing by one of these words. In a build of one project the
// plugin alone tells.
func (p *sbtProject) packs(words []string, plugins ...string) ([]detect.Evidence, bool) {
	if ev, ok := p.mentions(words...); ok {
		return ev, true
	}
	if q, ok := p.build.plugin(plugins...); ok && len(p.build.projects) == 1 {
		return q.ev, true
	}
	return nil, false
}

// mains are the sources of the project that hold a main method.
func (p *sbtProject) mains() []string {
	var out []string
	for i, f := range p.dir.Glob("src/main/{scala,java}/**/*.{scala,java}") {
		if i >= 200 || len(out) > 0 {
			break
		}
		data, err := p.dir.Read(f)
		if err == nil && (strings.Contains(string(data.Data), "extends App") || strings.Contains(string(data.Data), "def main(") || strings.Contains(string(data.Data), "IOApp") || strings.Contains(string(data.Data), "ZIOAppDefault") || strings.Contains(string(data.Data), "@main")) {
			out = append(out, f)
		}
	}
	return out
}

func (p *sbtProject) webRoot() bool {
	return p.dir.HasDir("src/main/webapp") || p.dir.HasDir("src/main/scala") || p.dir.HasDir("web/WEB-INF")
}

// isPlay reports whether the project is an application of Play: it asks for the plugin, or has the files of one in a
// build that brings it.
func (p *sbtProject) isPlay() ([]detect.Evidence, bool) {
	plugin, ok := p.playPlugin()
	if !ok {
		return nil, false
	}
	if ev, ok := p.mentions(sbtPlayWords...); ok && (p.dir.HasDir("app") || p.dir.HasDir("conf") || len(p.build.projects) == 1) {
		return proof(plugin.ev, ev), true
	}
	if p.dir.Has("conf/routes") || p.dir.Has("conf/application.conf") && p.dir.HasDir("app") || len(p.build.projects) == 1 && p.dir.HasDir("app") {
		return plugin.ev, true
	}
	return nil, false
}

func (p *sbtProject) playPlugin() (sbtPlugin, bool) {
	for _, q := range p.build.plugins {
		if q.artifact == "sbt-plugin" && (q.group == "com.typesafe.play" || q.group == "org.playframework" || q.group == "play") {
			return q, true
		}
	}
	return sbtPlugin{}, false
}

// base fills in what every project has.
func (p *sbtProject) base() *app {
	b := p.build
	a := &app{idx: b.idx, dir: p.dir, root: b.root, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{}}
	a.build = detect.Is("sbt", detect.Evidence{File: b.files[0].file.Path})
	name := p.setting("name")
	if a.name = name.s; a.name == "" && p.id != "root" {
		a.name = p.id
	}
	a.version, a.scala = p.setting("version"), p.setting("scalaVersion")
	a.mainClass = p.setting("mainClass")
	a.executable = true
	a.buildVersion = b.version
	a.prop = func(string) (text, bool) { return text{}, false }
	a.levels = p.levels()
	p.addParts(a, map[string]bool{})
	for _, q := range b.plugins {
		a.plugins[q.artifact] = q.ev
	}
	a.manifests = append(b.root.Glob("*.sbt"), b.root.Glob("project/*.{sbt,scala,properties}")...)
	a.jdk = p.jdk(a)
	return a
}

// addParts adds the project and those that it depends on.
func (p *sbtProject) addParts(a *app, seen map[string]bool) {
	if seen[p.id] {
		return
	}
	seen[p.id] = true
	part := standard(p.dir)
	part.sources = append(part.sources, "app", "src/main/scala-2", "src/main/scala-3")
	if len(p.dir.Glob("*.scala")) > 0 {
		part.sources = append(part.sources, "src")
	}
	a.parts = append(a.parts, part)
	a.deps = append(a.deps, p.deps()...)
	for _, id := range p.needs {
		if i := slices.IndexFunc(p.build.projects, func(q *sbtProject) bool { return q.id == id }); i >= 0 {
			p.build.projects[i].addParts(a, seen)
		}
	}
}

var (
	sbtJavaFlag  = manifest.Lazy(`"(?:--release|-release|-target|-java-output-version|-source)"\s*,\s*"([\d.]+)"`)
	sbtScalaFlag = manifest.Lazy(`"-(?:target:(?:jvm-)?|release:|Xtarget:|java-output-version:)([\d.]+)"`)
)

// levels returns what the build says about the Java version.
func (p *sbtProject) levels() []level {
	var out []level
	for _, pattern := range []*manifest.Pattern{sbtJavaFlag, sbtScalaFlag} {
		for _, part := range p.parts {
			if m := pattern.FindStringSubmatchIndex(part.text); m != nil {
				if v := javaVersion(part.text[m[2]:m[3]]); v != "" {
					out = append(out, level{v: v, from: detect.Declared, ev: part.ev(m[0])})
				}
			}
		}
	}
	return out
}

// sbtRunsOn are the newest Java releases that sbt, Play and the Scala compiler run on. Sources: "JDK Compatibility" of
// the Scala documentation; the release notes of sbt 0.13.18 and 1.x; the requirements of each Play release.
var sbtRunsOn = []struct {
	what, below string
	java        int
	why         string
}{
	{"sbt", "0.13.18", 8, "sbt before 0.13.18 runs on Java 8 at most"},
	{"sbt", "1.1", 8, "sbt before 1.1 runs on Java 8 at most"},
	{"sbt", "1.6", 11, "sbt before 1.6 fails on Java 17, which it knows no security manager of"},
	{"play", "2.8", 8, "Play before 2.8 is made for Java 8"},
	{"play", "2.9", 11, "Play 2.8 runs on Java 8 and 11"},
	{"scala", "2.11.12", 8, "Scala before 2.11.12 and 2.12.4 needs Java 8"},
	{"scala", "2.12.15", 11, "Scala before 2.12.15 and 2.13.6 does not know Java 17"},
}

// jdk is the newest Java that the build itself runs on, when that is older than what would be taken.
func (p *sbtProject) jdk(a *app) text {
	best := text{}
	limit := 17
	play, _ := p.playPlugin()
	for _, r := range sbtRunsOn {
		v := map[string]text{"sbt": a.buildVersion, "play": play.version, "scala": a.scala}[r.what]
		if !v.set() || r.java >= limit || !older(v.s, r.below) {
			continue
		}
		limit = r.java
		best = text{s: itoa(r.java), ev: v.ev, why: r.why}
	}
	return best
}

// older reports whether version v comes before another, number by number.
func older(v, than string) bool {
	x, y := strings.Split(versionStart.FindString(v), "."), strings.Split(than, ".")
	for i := range y {
		if i >= len(x) {
			return true
		}
		if a, b := major(x[i]), major(y[i]); a != b {
			return a < b
		}
	}
	return false
}

// task returns the shell words that run a task of the project.
func (p *sbtProject) task(task string) string {
	if p.dir.Path != p.build.root.Path {
		task = p.id + "/" + task
	}
	return quote([]string{"sbt", "-Dsbt.ci=true", task})
}

// script is the name that the native packager gives the start script: the project's name in small letters, everything
// but letters and digits as dashes.
func (p *sbtProject) script() text {
	if t := p.setting("executableScriptName"); t.set() {
		return t
	}
	t := p.setting("name")
	if !t.set() {
		t = text{s: p.id, why: "the name of the project"}
		if p.id == "root" && p.build.root.Path != "." {
			t.s = path.Base(p.build.root.Path)
		}
	}
	t.s = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(t.s)), "-")
	return t
}

// play sets how an application of Play is packed and started.
func (p *sbtProject) play(a *app, ev []detect.Evidence) {
	plugin, _ := p.playPlugin()
	a.deps = append([]dep{{group: "com.typesafe.play", artifact: "play_sbt", version: plugin.version, scope: "compile", kind: "jar", ev: plugin.ev}}, a.deps...)
	a.mainClass = text{}
	a.playVersion = cleanVersion(plugin.version.s)
	if a.playVersion != "" && older(a.playVersion, "2.2") {
		a.artifact = text{s: path.Join(p.relative(), "target/staged"), ev: ev, why: "where Play 2.0 and 2.1 stage an application"}
		a.facts["directory"] = detect.Infer("true", "the task makes a directory", ev...)
		a.command, a.commandWhy = p.task("stage"), "Play's own packing: jars in one directory"
		return
	}
	p.stage(a, ev)
	a.packaging = text{} // a directory with jars and a script is none of the forms
}

// stage sets that the native packager makes a directory with jars and a start script.
func (p *sbtProject) stage(a *app, ev []detect.Evidence) {
	a.packaging = text{s: "jar", ev: ev, why: "a directory of jars with a start script"}
	a.artifact = text{s: path.Join(p.relative(), "target/universal/stage"), ev: ev, why: "where the native packager puts the directory"}
	a.facts["directory"] = detect.Infer("true", "the task makes a directory", ev...)
	script := p.script()
	at := proof(script.ev, ev)
	a.facts["startScript"] = detect.Infer("bin/"+script.s, "the native packager makes a start script", at...)
	a.command, a.commandWhy, a.commandEv = p.task("stage"), "the native packager's task that makes the directory", ev
}

func (p *sbtProject) war(a *app, ev []detect.Evidence) {
	a.packaging = text{s: "war", ev: ev}
	a.executable = false
	a.artifact = text{s: path.Join(p.relative(), "target/scala-*/*.war"), ev: ev, why: "the Scala version and the project's are in the name"}
	a.command, a.commandWhy, a.commandEv = p.task("package"), "the task that makes the archive", ev
}

func (p *sbtProject) assembly(a *app, ev []detect.Evidence) {
	a.packaging = text{s: "jar", ev: ev}
	name := "*-assembly-*.jar"
	for _, key := range []string{"assemblyJarName", "jarName"} {
		if t := p.setting(key); t.set() && !strings.ContainsAny(t.s, "$/ ") {
			name = t.s
		}
	}
	a.artifact = text{s: path.Join(p.relative(), "target/scala-*", name), ev: ev, why: "the Scala version is in the path"}
	if t := p.setting("assemblyOutputPath"); t.set() && !strings.HasPrefix(t.s, "/") && !strings.ContainsAny(t.s, "$ ") {
		a.artifact = text{s: t.s, ev: t.ev}
	}
	a.command, a.commandWhy, a.commandEv = p.task("assembly"), "the task that makes one jar of everything", ev
}
