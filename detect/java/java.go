// Package java recognises applications of the Java platform: Maven, Gradle and Ant builds, web applications without a
// build, unpacked wars, ears and jars, and Play applications that sbt builds. It reads build files as text and never
// runs them.
package java

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Detector recognises Java applications.
type Detector struct{}

// Name is "java".
func (Detector) Name() string { return "java" }

// Markers are the build files of the Java platform, and the descriptors by which applications without one are known.
func (Detector) Markers() []string {
	return []string{"pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "build.xml", "build.sbt", "Build.scala", "build.scala", "project.clj", "deps.edn", "BuildConfig.groovy", "DataSource.groovy", "routes", "dependencies.yml", "web.xml", "application.xml", "MANIFEST.MF"}
}

// Detect returns what a directory deploys. The root of a multi-module build speaks for its modules; a module's own
// directory says nothing.
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if foreign(dir.Path) {
		return nil, nil
	}
	x := indexOf(dir)
	var out []detect.Component
	for _, a := range x.apps(dir) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, a.component())
	}
	return out, nil
}

// apps finds what a directory deploys. Where two tools build the same, the one that speaks is chosen once for the
// whole build, and the other is named beside it.
func (x *index) apps(dir detect.Dir) []*app {
	switch path.Base(dir.Path) {
	case "META-INF":
		if up, ok := dir.Sub(".."); ok && (up.Path == "." || archiveName.MatchString(up.Path)) && !x.built(up.Path) {
			return archiveApps(x, up)
		}
		return nil
	case "WEB-INF":
		if up, ok := dir.Sub(".."); ok && !x.built(up.Path) && !x.isArchive(up) {
			return bareApps(x, up)
		}
		return nil
	}
	if apps, ok := x.marked(dir); ok {
		return apps
	}
	tool := x.tool(dir.Path)
	switch {
	case x.sbtRoot(dir):
		if apps := sbtApps(x, dir); apps != nil {
			return alternatives(apps, dir, "sbt", "gradle", "maven", "ant")
		}
	case dir.Has("project.clj"):
		if apps := leinApps(x, dir); apps != nil {
			return apps
		}
	case dir.Has("deps.edn") && tool == "":
		return clojureApps(x, dir)
	case tool == "" && dir.Has("build.xml") && !x.inside(dir.Path):
		return antApps(x, dir)
	}
	switch tool {
	case "maven":
		return alternatives(mavenApps(x, dir), dir, "maven", "gradle", "ant")
	case "gradle":
		return alternatives(gradleApps(x, dir), dir, "gradle", "maven", "ant")
	}
	return nil
}

// marked returns what a directory deploys that is known by a file in one of its folders: conf/routes of Play 1,
// grails-app/conf/DataSource.groovy, project/Build.scala. False for a directory of another kind.
func (x *index) marked(dir detect.Dir) ([]*app, bool) {
	up := func(levels string) detect.Dir {
		d, _ := dir.Sub(levels)
		return d
	}
	switch base := path.Base(dir.Path); {
	case (dir.Has("Build.scala") || dir.Has("build.scala")) && base == "project":
		if d := up(".."); x.sbtRoot(d) && !hasBuildFile(d) {
			return sbtApps(x, d), true
		}
	case base == "conf" && strings.HasSuffix(dir.Path, "grails-app/conf"):
		if d := up("../.."); !x.built(d.Path) || x.mavenGrails(d) {
			return grailsApps(x, d), true
		}
		return nil, true
	case base == "conf" && dir.Has("routes"):
		if d := up(".."); !x.built(d.Path) && d.HasDir("app") {
			return play1Apps(x, d), true
		}
	}
	return nil, false
}

var archiveName = manifest.Lazy(`\.(war|ear|jar)$`)

// buildFiles are the files by which a directory shows its build tool.
var buildFiles = []struct{ file, tool string }{{"pom.xml", "maven"}, {"build.gradle", "gradle"}, {"build.gradle.kts", "gradle"}, {"build.xml", "ant"}, {"build.sbt", "sbt"}}

// hasBuildFile reports whether a directory is offered for a build file of its own.
func hasBuildFile(dir detect.Dir) bool {
	for _, b := range buildFiles {
		if dir.Has(b.file) {
			return true
		}
	}
	return false
}

// alternatives notes the other tools whose build files lie in the same directory.
func alternatives(apps []*app, dir detect.Dir, chosen string, others ...string) []*app {
	for _, a := range apps {
		for _, o := range others {
			for _, b := range buildFiles {
				if b.tool == o && dir.Has(b.file) && a.build.V == chosen {
					a.build.Others = append(a.build.Others, detect.Is(o, detect.Evidence{File: path.Join(dir.Path, b.file)}))
				}
			}
		}
	}
	return apps
}

// tool decides which tool speaks for a directory: Maven or Gradle. "" is neither.
func (x *index) tool(dir string) string {
	pomAt := path.Join(dir, "pom.xml")
	maven, gradle := x.poms[pomAt] != nil, x.inBuild[dir] != nil
	switch {
	case maven && gradle:
		// Decided where the builds begin, so that all modules follow.
		top := path.Dir(x.reactor(pomAt))
		if b := x.inBuild[dir]; x.inBuild[top] == b && b != nil {
			top = b.root.Path
		}
		if x.prefersGradle(top) {
			return "gradle"
		}
		return "maven"
	case maven:
		if b := x.inBuild[path.Dir(x.reactor(pomAt))]; b != nil && x.prefersGradle(b.root.Path) {
			return ""
		}
		return "maven"
	case gradle:
		top := x.inBuild[dir].root.Path
		if x.poms[path.Join(top, "pom.xml")] != nil && !x.prefersGradle(top) || x.inModule(dir) {
			return ""
		}
		return "gradle"
	}
	return ""
}

// prefersGradle: where both tools can build a directory, the one that brings a wrapper is the one that people use;
// Maven when both or none do.
func (x *index) prefersGradle(dir string) bool {
	has := func(name string) bool { return x.root.Has(path.Join(dir, name)) }
	if !has("pom.xml") {
		return true
	}
	return has("gradlew") && !has("mvnw") && (has("build.gradle") || has("build.gradle.kts"))
}

// inModule reports whether a directory lies inside a Maven module that is no mere parent.
func (x *index) inModule(dir string) bool {
	for dir != "." {
		dir = path.Dir(dir)
		if p := x.poms[path.Join(dir, "pom.xml")]; p != nil {
			return p.packaging() != "pom"
		}
	}
	return false
}

// inside reports whether a directory lies in a project of Maven or Gradle.
func (x *index) inside(dir string) bool {
	for at := dir; at != "."; {
		at = path.Dir(at)
		if p := x.poms[path.Join(at, "pom.xml")]; p != nil && (p.packaging() != "pom" || strings.HasPrefix(dir, prefixOf(at)+"src/")) {
			return true
		}
		if b := x.inBuild[at]; b != nil && b.byPathDir(at) {
			return true
		}
	}
	return false
}

// prefixOf is what the paths below a directory begin with.
func prefixOf(dir string) string {
	if dir == "." {
		return ""
	}
	return dir + "/"
}

// byPathDir reports whether the project in a directory has a script or sources of its own.
func (b *gradleBuild) byPathDir(dir string) bool {
	d, _ := b.idx.root.Sub(dir)
	return d.HasDir("src/main") || d.HasDir("src/java")
}

// built reports whether a build file lies in a directory or above it, so that its build speaks for what is there.
func (x *index) built(dir string) bool {
	for at := dir; ; at = path.Dir(at) {
		for _, b := range buildFiles {
			if x.root.Has(path.Join(at, b.file)) {
				if b.tool != "maven" || at == dir || x.poms[path.Join(at, "pom.xml")] != nil {
					return true
				}
			}
		}
		if at == "." {
			return false
		}
	}
}

// isArchive reports whether the tree itself is an unpacked archive, which META-INF speaks for.
func (x *index) isArchive(d detect.Dir) bool {
	return d.Has("META-INF/MANIFEST.MF") && (d.Path == "." || archiveName.MatchString(d.Path)) && !strings.HasPrefix(d.Path, "src/")
}
