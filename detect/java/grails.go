package java

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// grailsApps describes an application of Grails 1 or 2, which the command grails builds: grails-app/ with
// application.properties, and no build file of another tool. nil when it is none.
func grailsApps(x *index, dir detect.Dir) []*app {
	a := &app{idx: x, dir: dir, root: dir, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{}}
	ev := []detect.Evidence{{File: path.Join(dir.Path, "grails-app/conf/DataSource.groovy")}}
	if !dir.Has("grails-app/conf/DataSource.groovy") {
		ev[0].File = path.Join(dir.Path, "grails-app/conf/BuildConfig.groovy")
	}
	if len(dir.Glob("*GrailsPlugin.groovy")) > 0 {
		return nil // a plugin for other applications
	}
	a.build = detect.Infer("none", "Grails' own command builds it", ev...)
	a.facts["buildTool"] = detect.Is("grails", ev...)
	version := a.grailsProperties()
	a.deps = append(a.deps, dep{group: "org.grails", artifact: "grails-core", version: version, scope: "compile", kind: "jar", ev: proof(version.ev, ev)})
	a.grailsBuild()
	a.deps = append(a.deps, jarDeps(dir, "lib/*.jar")...)
	a.packaging = text{s: "war", ev: ev, why: "what grails war makes"}
	a.parts = []part{{dir: dir, sources: []string{"grails-app", "src/groovy", "src/java"}, resources: []string{"grails-app/conf", "src/resources"}, webRoots: []string{"web-app"}}}
	if !a.artifact.set() {
		a.artifact = text{s: "target/*.war", ev: ev, why: "the name and the version of the application are in it"}
	}
	a.command, a.commandWhy, a.commandEv = "grails war", "Grails' own task that makes the archive", ev
	a.manifests = []string{"application.properties", "grails-app/conf/BuildConfig.groovy"}
	return []*app{a}
}

// grailsProperties reads application.properties: the name of the application and the version of Grails.
func (a *app) grailsProperties() text {
	f, err := a.dir.Read("application.properties")
	if err != nil {
		return text{}
	}
	p, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(a.dir, f.Path, err)
		return text{}
	}
	if v, _, ok := p.Get("app.name"); ok {
		a.name = v
	}
	if v, line, ok := p.Get("app.servlet.version"); ok {
		a.deps = append(a.deps, dep{group: "javax.servlet", artifact: "servlet-api", version: text{s: v, ev: []detect.Evidence{f.Evidence(line)}}, scope: "provided", kind: "jar", ev: []detect.Evidence{f.Evidence(line)}})
	}
	p.Each(func(k, v string, line int) { // Grails 1.x lists its plugins here
		if name, ok := strings.CutPrefix(k, "plugins."); ok {
			ev := []detect.Evidence{f.Evidence(line)}
			a.deps = append(a.deps, dep{group: "org.grails.plugins", artifact: name, version: text{s: v, ev: ev}, scope: "compile", kind: "jar", ev: ev})
		}
	})
	if v, line, ok := p.Get("app.grails.version"); ok {
		return text{s: v, ev: []detect.Evidence{f.Evidence(line)}}
	}
	return text{}
}

var (
	grailsLevel = manifest.Lazy(`^grails\.project\.(?:target|source)\.level\s*=\s*["']?([\d.]+)`)
	grailsWar   = manifest.Lazy(`^grails\.project\.war\.file\s*=\s*["']([^"'$]+)["']`)
)

// grailsBuild reads grails-app/conf/BuildConfig.groovy: libraries, plugins, the Java level.
func (a *app) grailsBuild() {
	f, err := a.dir.Read("grails-app/conf/BuildConfig.groovy")
	if err != nil {
		return
	}
	for _, st := range scanGradle(string(f.Data)) {
		ev := []detect.Evidence{f.Evidence(st.line)}
		if m := grailsLevel.FindStringSubmatch(st.text); m != nil {
			if v := javaVersion(m[1]); v != "" {
				a.levels = append(a.levels, level{v: v, from: detect.Declared, ev: ev})
			}
		}
		if m := grailsWar.FindStringSubmatch(st.text); m != nil && !strings.HasPrefix(m[1], "/") && !strings.Contains(m[1], "..") {
			a.artifact = text{s: path.Clean(m[1]), ev: ev}
		}
		if !st.within("dependencies") && !st.within("plugins") || len(a.deps) >= maxDeps {
			continue
		}
		scope := scopeOf(firstWord(st.text))
		if firstWord(st.text) == "build" {
			scope = "provided"
		}
		if scope == "" {
			continue
		}
		for _, s := range gradleStrings(st.text) {
			s = strings.TrimPrefix(s, ":") // plugins are written without a group
			parts := strings.SplitN(s, ":", 3)
			d := dep{artifact: parts[0], group: "org.grails.plugins", scope: scope, kind: "jar", ev: ev}
			switch {
			case len(parts) == 3:
				d.group, d.artifact, d.version = parts[0], parts[1], text{s: parts[2], ev: ev}
			case len(parts) == 2:
				d.version = text{s: parts[1], ev: ev}
			default:
				continue
			}
			a.deps = append(a.deps, d)
		}
	}
}

// mavenGrails reports whether the Maven build in a directory is only a cover of Grails': its packaging says so.
func (x *index) mavenGrails(d detect.Dir) bool {
	p := x.poms[path.Join(d.Path, "pom.xml")]
	return p != nil && (p.packaging() == "grails-app" || p.packaging() == "pom") && !d.Has("build.gradle")
}
