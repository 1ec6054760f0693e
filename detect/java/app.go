package java

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// app is one deployable unit, whatever tool builds it: what the rules of this package look at.
type app struct {
	idx   *index
	dir   detect.Dir // its own directory
	root  detect.Dir // where the build runs
	name  string
	parts []part // the application itself first, then what the same build puts into it
	deps  []dep  // of all parts

	build     detect.Value[string]
	packaging text
	version   text // of the application
	boot      text // version of Spring Boot; zero without it
	bootEv    []detect.Evidence
	levels    []level // what the build says the Java version is, strongest first
	prop      func(name string) (text, bool)
	plugins   map[string][]detect.Evidence // plugins of the build that say something about how it runs, by artifact or id
	container text                         // id of a server that a plugin of the build starts ("tomcat9x")

	artifact     text
	command      string // shell words that build it, run in root
	commandWhy   string
	commandEv    []detect.Evidence
	manifests    []string // relative to root
	mainClass    text
	context      text // context path that the build gives
	executable   bool // a war or jar that is started by itself
	exploded     bool // the tree is the unpacked archive
	wrapper      []detect.Evidence
	buildVersion text
	jdk          text // JDK that the build tool needs, when it is not the language version
	homeProperty text
	gitMetadata  []detect.Evidence
	scala        text              // version of Scala that sbt uses
	playVersion  string            // of Play, when it is one
	hasMain      []detect.Evidence // a class with main or an annotated application
	facts        map[string]detect.Value[string]

	desc      descriptors
	code      *code
	settings  *settings
	namespace *text // see servletAPI
	liberty   *descriptor

	enterpriseSet bool
	enterpriseEv  []detect.Evidence

	wantsRead bool
	wants     []wantedSource

	uploadsRead bool
	uploadDirs  []mention
	xmlRead     bool
	xmlFound    []setting
	xmlDocs     []descriptor
	sqlite      []mention // files of SQLite databases
	hardcoded   []detect.Service
	urlFiles    map[string]bool   // files that hold a JDBC URL
	unresolved  map[string]string // variables of a database whose URL nothing in the tree states
	embedded    []detect.Evidence // Spring beans that make an embedded database
}

// part is a directory whose sources and settings are in the application.
type part struct {
	dir       detect.Dir
	sources   []string // directories relative to dir
	resources []string
	webRoots  []string
}

// standard is the layout of Maven and Gradle.
func standard(d detect.Dir) part {
	return part{dir: d, sources: []string{"src/main/java", "src/main/kotlin", "src/main/groovy", "src/main/scala"},
		resources: []string{"src/main/resources", "config", "conf"}, webRoots: []string{"src/main/webapp"}}
}

// property returns a property of the build.
func (a *app) property(name string) (text, bool) {
	if a.prop == nil {
		return text{}, false
	}
	return a.prop(name)
}

// rel returns a path of the tree relative to the root of the build.
func (a *app) rel(p string) string {
	if a.root.Path == "." {
		return p
	}
	if p == a.root.Path {
		return "."
	}
	return p[min(len(p), len(a.root.Path)+1):]
}

// dep returns the first library that is shipped or provided and whose artifact is one of these. A name that ends in
// "*" is a prefix; one with ":" names the group too.
func (a *app) dep(names ...string) (dep, bool) {
	for _, n := range names {
		for _, d := range a.deps {
			if d.profile == "" && d.scope != "test" && d.kind != "pom" && d.is(n) {
				return d, true
			}
		}
	}
	return dep{}, false
}

func (d dep) is(name string) bool {
	if g, artifact, ok := strings.Cut(name, ":"); ok {
		// A jar in a folder has no group: its name must then tell by itself.
		if !like(g, d.group) && (d.group != "" || artifact == "*") {
			return false
		}
		name = artifact
	}
	return like(name, d.artifact)
}

// like matches a name against a pattern that may end in "*".
func like(pattern, name string) bool {
	if n := len(pattern) - 1; n >= 0 && pattern[n] == '*' {
		return len(name) >= n && name[:n] == pattern[:n]
	}
	return pattern == name
}

// files returns the files of the parts that match patterns below one of the directories that pick names, as paths in
// the tree, each once and at most max of them.
func (a *app) files(pick func(part) []string, max int, patterns ...string) []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range a.parts {
		for _, dir := range pick(p) {
			d, ok := p.dir.Sub(dir)
			if !ok {
				continue
			}
			for _, pattern := range patterns {
				for _, f := range d.Glob(pattern) {
					at := path.Join(d.Path, f)
					if !seen[at] && len(out) < max {
						seen[at] = true
						out = append(out, at)
					}
				}
			}
		}
	}
	return out
}

func sources(p part) []string  { return p.sources }
func webRoots(p part) []string { return p.webRoots }

// file reads a file by its path in the tree; false when it cannot be read (a warning is kept).
func (a *app) file(at string) (detect.File, bool) {
	f, err := a.idx.root.Read(at)
	return f, err == nil
}
