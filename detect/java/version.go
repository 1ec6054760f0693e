package java

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// level is what one place says the Java version is.
type level struct {
	v    string // "8", "11", "1.4": see javaVersion
	from detect.Origin
	why  string
	ev   []detect.Evidence
	// least says that v is a lower bound: what something needs, not what was chosen.
	least bool
}

func (l level) value() detect.Value[string] {
	return detect.Value[string]{V: l.v, From: l.from, Evidence: l.ev, Why: l.why}
}

var (
	versionStart = manifest.Lazy(`^\d+(\.\w+)*`)
	// javaNumber finds the number in what people write for a Java version: 1.8, 8, 8u212, VERSION_1_8, JavaSE-1.7,
	// openjdk64-11.0.2, temurin-17.0.1+12, 1.8.0_292, corretto-8, JDK_1_8.
	javaNumber = manifest.Lazy(`(?:^|[^\d.])(\d+)(?:[._](\d+))?`)
)

// javaVersion returns the release of Java that s means as its makers count: "8" for 1.8, "5" for 1.5, and "1.4" for
// 1.4, which had no other name. "" when s holds no such number.
func javaVersion(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 100 {
		return ""
	}
	s = strings.NewReplacer("x64", "", "64-", "-", "x86", "", "j2se", "", "J2SE", "").Replace(s)
	m := javaNumber.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return ""
	}
	if n == 1 {
		minor, err := strconv.Atoi(m[2])
		switch {
		case err != nil || minor > 24:
			return ""
		case minor <= 4:
			return "1." + m[2]
		}
		return m[2]
	}
	if n < 5 || n > 60 {
		return ""
	}
	return m[1]
}

// javaMajor is a version of javaVersion as a number: 4 for 1.4, 8 for 8; 0 when it is none.
func javaMajor(v string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(v, "1."))
	return n
}

var firstNumber = manifest.Lazy(`\d{1,6}`)

// major is the first number of a version; 0 when there is none.
func major(v string) int {
	n, _ := strconv.Atoi(firstNumber.FindString(v))
	return n
}

// levels returns what the poms say about the Java version, the strongest first: Maven takes release before source and
// target, and a plugin's own configuration before properties.
func (m *model) levels() []level {
	var out []level
	add := func(t text, why string) {
		if v := javaVersion(t.s); t.known() && v != "" {
			l := level{v: v, from: detect.Declared, ev: t.ev}
			if t.why != "" || why != "" {
				l.from, l.why = detect.Inferred, t.why
				if why != "" {
					l.why = why
				}
			}
			out = append(out, l)
		}
	}
	compiler := m.plugin("maven-compiler-plugin", true)
	add(compiler.config("release"), "")
	add(m.property("maven.compiler.release"), "")
	for _, t := range pairOf(compiler.config("target"), compiler.config("source")) {
		add(t, "")
	}
	for _, t := range pairOf(m.property("maven.compiler.target"), m.property("maven.compiler.source")) {
		add(t, "")
	}
	for _, name := range []string{"maven-toolchains-plugin", "kotlin-maven-plugin"} {
		p := m.plugin(name, false)
		add(p.config("toolchains", "jdk", "version"), "")
		add(p.config("jvmTarget"), "")
	}
	if len(out) == 0 {
		for _, name := range []string{"java.version", "jdk.version", "java.source.version", "java.target.version", "java-version", "jdkVersion",
			"javaVersion", "version.java", "java.level", "java.compiler.version", "source.version", "jdk.source", "compiler.version", "project.java.version"} {
			if t := m.property(name); t.set() && t.why == "" {
				add(t, "a property of this name usually holds the Java version, though nothing in the tree is seen to use it")
			}
		}
	}
	if p := m.plugin("maven-enforcer-plugin", false); p != nil {
		out = append(out, p.enforced()...)
	}
	return append(out, m.bundleLevel()...)
}

// pairOf is target before source: what is compiled must run on the target.
func pairOf(target, source text) []text {
	if target.set() && source.set() && target.s == source.s {
		target.ev = proof(source.ev, target.ev)
		return []text{target}
	}
	return []text{target, source}
}

// enforced is the lower bound of the enforcer's requireJavaVersion.
func (p *plugin) enforced() []level {
	for _, b := range p.blocks {
		var out []level
		b.xml.Each(func(e *manifest.Element) {
			if e.Name != "requireJavaVersion" || len(out) > 0 {
				return
			}
			t := p.model.interpolate(b.pom.text(e, "version"))
			if v := javaVersion(t.s); v != "" && !t.partial {
				out = append(out, level{v: v, from: detect.Inferred, why: "the build refuses an older JDK", ev: t.ev, least: true})
			}
		})
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func (m *model) bundleLevel() []level {
	t := m.plugin("maven-bundle-plugin", false).find("Bundle-RequiredExecutionEnvironment")
	if v := javaVersion(t.s); t.known() && v != "" {
		return []level{{v: v, from: detect.Inferred, why: "the bundle requires this execution environment", ev: t.ev, least: true}}
	}
	return nil
}

// languageVersion decides the Java version: what the build compiles for, else what the files beside it run, else
// what the framework needs, else a guess. What other places say stays beside it.
func (a *app) languageVersion(c *detect.Component) detect.Value[string] {
	around := a.idx.around(a)
	all := append(append([]level{}, a.levels...), around...)
	floor, why, ev := a.leastJava(c)
	stated := func(l level) bool { return !l.least && (l.from == detect.Declared || javaMajor(l.v) >= floor) }
	if chosen := slices.IndexFunc(all, stated); chosen >= 0 {
		v := all[chosen].value()
		v.Others = others(v.V, all, around)
		return v
	}
	for _, l := range all {
		if javaMajor(l.v) >= floor {
			v := l.value()
			v.Others = others(v.V, all, around)
			return v
		}
	}
	if floor > 0 {
		return detect.Infer(strconv.Itoa(floor), why, ev...)
	}
	if v, _ := a.servletAPI(); v == "jakarta" {
		return detect.Guess("17", "nothing says which Java version; Jakarta EE 9 and later usually run on 17")
	}
	return detect.Guess("8", "nothing says which Java version; code of the javax era runs on 8")
}

// others are the differing answers, each once. A list that contains the chosen one does not contradict it: a CI
// matrix tests several.
func others(chosen string, all, around []level) []detect.Value[string] {
	var out []detect.Value[string]
	seen := map[string]bool{chosen: true}
	agrees := map[string]bool{}
	for _, l := range around {
		if l.v == chosen && len(l.ev) > 0 {
			agrees[l.ev[0].File] = true
		}
	}
	for _, l := range all {
		if seen[l.v] || l.least || len(l.ev) > 0 && agrees[l.ev[0].File] {
			continue
		}
		seen[l.v] = true
		out = append(out, l.value())
	}
	return out
}

// frameworkNeeds is the oldest Java that a release of a framework runs on, the newest release first. Sources: the system
// requirements or release notes of Spring Boot and Spring Framework, Struts, Dropwizard, Quarkus (3.7 dropped Java 11),
// Play (2.9 dropped Java 8), Micronaut, Grails and Vaadin; the platform specifications of Jakarta EE.
var frameworkNeeds = []struct {
	framework, name, from string
	java                  int
}{
	{"spring-boot", "Spring Boot", "3", 17}, {"spring-boot", "Spring Boot", "2", 8},
	{"spring-mvc", "Spring Framework", "6", 17}, {"spring-mvc", "Spring Framework", "5", 8},
	{"struts", "Struts", "7", 17}, {"dropwizard", "Dropwizard", "5", 17}, {"dropwizard", "Dropwizard", "3", 11}, {"dropwizard", "Dropwizard", "1", 8},
	{"quarkus", "Quarkus", "3.7", 17}, {"quarkus", "Quarkus", "2", 11}, {"quarkus", "Quarkus", "1", 8},
	{"play", "Play", "2.9", 11}, {"micronaut", "Micronaut", "4", 17}, {"micronaut", "Micronaut", "1", 8},
	{"grails", "Grails", "7", 17}, {"grails", "Grails", "6", 11}, {"vaadin", "Vaadin", "25", 21}, {"vaadin", "Vaadin", "24", 17}, {"vaadin", "Vaadin", "23", 11},
	{"jakarta-ee", "Jakarta EE", "11", 17}, {"jakarta-ee", "Jakarta EE", "10", 11},
}

// leastJava is the Java version that the framework needs.
func (a *app) leastJava(c *detect.Component) (int, string, []detect.Evidence) {
	v := c.FrameworkVersion.V
	if c.Framework.V == "" || v == "" {
		return 0, "", nil
	}
	for _, n := range frameworkNeeds {
		if n.framework == c.Framework.V && !older(v, n.from) {
			return n.java, fmt.Sprintf("%s %s and later need Java %d", n.name, n.from, n.java), proof(c.FrameworkVersion.Evidence, c.Framework.Evidence)
		}
	}
	return 0, "", nil
}

// around returns what the files beside the build say: version managers, CI, an existing Dockerfile, IDE settings.
// They are looked for in the component, at the root of its build and at the root of the tree, the nearest first.
func (x *index) around(a *app) []level {
	var out []level
	seen := map[string]bool{}
	for _, dir := range []string{a.dir.Path, a.root.Path, "."} {
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if _, ok := x.jvm[dir]; !ok {
			d, _ := x.root.Sub(dir)
			x.jvm[dir] = aroundIn(d)
		}
		out = append(out, x.jvm[dir]...)
	}
	return out
}

func aroundIn(d detect.Dir) []level {
	var out []level
	for _, read := range []func(detect.Dir) []level{versionFiles, sdkman, toolVersions, herokuSystem, dockerfileJava, ciJava, ideJava} {
		out = append(out, read(d)...)
	}
	return out
}

func versionFiles(d detect.Dir) []level {
	var out []level
	for _, name := range []string{".java-version", ".jvm-version"} {
		f, err := d.Read(name)
		if err != nil {
			continue
		}
		line, _, _ := strings.Cut(string(f.Data), "\n")
		if v := javaVersion(line); v != "" {
			out = append(out, level{v: v, from: detect.Declared, ev: []detect.Evidence{f.Evidence(1)}})
		}
	}
	return out
}

func sdkman(d detect.Dir) []level {
	return fromProperties(d, ".sdkmanrc", detect.Declared, "", "java")
}

func herokuSystem(d detect.Dir) []level {
	return fromProperties(d, "system.properties", detect.Declared, "", "java.runtime.version")
}

// fromProperties reads a Java version from keys of a .properties file.
func fromProperties(d detect.Dir, name string, from detect.Origin, why string, keys ...string) []level {
	f, err := d.Read(name)
	if err != nil {
		return nil
	}
	p, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(d, f.Path, err)
		return nil
	}
	for _, k := range keys {
		if s, line, ok := p.Get(k); ok {
			if v := javaVersion(s); v != "" && !strings.Contains(s, "${") {
				return []level{{v: v, from: from, why: why, ev: []detect.Evidence{f.Evidence(line)}}}
			}
		}
	}
	return nil
}

func toolVersions(d detect.Dir) []level {
	f, err := d.Read(".tool-versions")
	if err != nil {
		return nil
	}
	tools, err := manifest.ParseToolVersions(f.Data)
	if err != nil {
		warn(d, f.Path, err)
	}
	for _, t := range tools {
		if v := javaVersion(t.Version); t.Name == "java" && v != "" {
			return []level{{v: v, from: detect.Declared, ev: []detect.Evidence{f.Evidence(t.Line)}}}
		}
	}
	return nil
}

// dockerfileJava reads the JDK of an existing Dockerfile: what runs first, then what builds.
func dockerfileJava(d detect.Dir) []level {
	f, err := d.Read("Dockerfile")
	if err != nil {
		return nil
	}
	df, err := manifest.ParseDockerfile(f.Data)
	if err != nil || len(df.Stages) == 0 {
		return nil // a detector that is about Java does not judge Dockerfiles
	}
	for i := len(df.Stages) - 1; i >= 0; i-- {
		base := df.Base(df.Stages[i])
		img := manifest.IdentifyImage(base.Image)
		if v := javaVersion(img.Version); img.Language == "java" && v != "" {
			return []level{{v: v, from: detect.Inferred, why: "the existing Dockerfile runs on it", ev: []detect.Evidence{f.Evidence(base.Line)}}}
		}
	}
	return nil
}

// ciJava reads the JDKs that CI tests with, the lowest first: what the authors promise at least.
func ciJava(d detect.Dir) []level {
	if d.Path != "." {
		return nil
	}
	var out []level
	for _, name := range ciFiles(d) {
		f, err := d.Read(name)
		if err != nil {
			continue
		}
		ci, err := manifest.ParseCI(name, f.Data)
		if err != nil {
			warn(d, f.Path, err)
			continue
		}
		var found []level
		for _, v := range ci.Versions {
			if n := javaVersion(v.Version); v.Language == "java" && n != "" {
				found = append(found, level{v: n, from: detect.Inferred, why: "CI tests with it", ev: []detect.Evidence{f.Evidence(v.Line)}})
			}
		}
		sort.SliceStable(found, func(i, j int) bool { return javaMajor(found[i].v) < javaMajor(found[j].v) })
		if len(found) > 1 && found[0].v != found[len(found)-1].v {
			for i := range found {
				found[i].why = "the lowest that CI tests with"
				if i > 0 {
					found[i].why = "CI tests with it too"
				}
			}
		}
		out = append(out, found...)
	}
	return out
}

// ciFiles are the CI configurations of a repository.
func ciFiles(root detect.Dir) []string {
	var out []string
	for _, name := range []string{".travis.yml", ".gitlab-ci.yml", "Jenkinsfile", "appveyor.yml", ".appveyor.yml", ".circleci/config.yml", "circle.yml"} {
		if root.Has(name) && manifest.CIFile(name) {
			out = append(out, name)
		}
	}
	if sub, ok := root.Sub(".github/workflows"); ok {
		for _, f := range sub.Glob("*.{yml,yaml}") {
			if name := path.Join(".github/workflows", f); manifest.CIFile(name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// ideJava reads the compiler level of Eclipse, IDEA and NetBeans, which Ant projects leave in the tree.
func ideJava(d detect.Dir) []level {
	out := fromProperties(d, ".settings/org.eclipse.jdt.core.prefs", detect.Inferred, "Eclipse compiles for it",
		"org.eclipse.jdt.core.compiler.codegen.targetPlatform", "org.eclipse.jdt.core.compiler.source")
	out = append(out, fromProperties(d, "nbproject/project.properties", detect.Inferred, "NetBeans compiles for it", "javac.target", "javac.source")...)
	for _, at := range []struct{ file, attr, has string }{{".classpath", "path", "JRE_CONTAINER"}, {".idea/misc.xml", "languageLevel", "JDK_"}} {
		f, err := d.Read(at.file)
		if err != nil {
			continue
		}
		x, err := manifest.ParseXML(f.Data)
		if err != nil {
			continue // an IDE's own file: its state is no news to the user
		}
		found := ""
		x.Each(func(e *manifest.Element) {
			if v := e.Attr(at.attr); found == "" && strings.Contains(v, at.has) {
				if found = javaVersion(path.Base(v)); found != "" {
					out = append(out, level{v: found, from: detect.Inferred, why: "the IDE compiles for it", ev: []detect.Evidence{f.Evidence(e.Line)}})
				}
			}
		})
	}
	return out
}
