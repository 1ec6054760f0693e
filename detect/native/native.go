// Package native recognises programs that a C or COBOL compiler makes: daemons and tools in C and C++ built by autotools,
// CMake or plain make, and COBOL batch with its JCL. It reads build files and sources; nothing is ever run.
package native

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Detector recognises C, C++ and COBOL.
type Detector struct{}

// Name is "native".
func (Detector) Name() string { return "native" }

// Markers are build files of C and C++, and COBOL sources.
func (Detector) Markers() []string {
	return []string{"configure.ac", "configure.in", "CMakeLists.txt", "Makefile", "makefile", "GNUmakefile",
		"*.cob", "*.COB", "*.cbl", "*.CBL", "*.cobol"}
}

// Detect says what the tree of sources that begins at dir makes. A directory inside one that was offered before says nothing.
//
// Facts of C and C++: system (autotools, cmake, make), program (its name), sbin ("true": it is installed among the
// administrator's programs), bootstrap (the script that makes configure; absent: autoreconf does), configured ("true":
// configure is in the repository), install ("true": the build file installs into DESTDIR), builtAs (where make leaves the
// program, relative to Root), configFile (what the program's configuration is called, below /etc/PROGRAM), configSource (its
// sample, relative to Root, after configure has filled it in).
// Facts of COBOL: programs and modules (what is started and what they call, as NAME:SOURCE relative to Root, separated by
// spaces), freeFormat (the sources in free format), copybooks (directories), dialect (of GnuCOBOL), unbuildable (what no
// free compiler brings: cics, ims, sql), runtimeFiles.
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	var out []detect.Component
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if u, ok := openC(dir); ok {
		if c, ok := u.component(); ok {
			out = append(out, c)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out = append(out, cobolAt(dir)...)
	return out, nil
}

// treeRoot is the root of the tree that a directory lies in.
func treeRoot(dir detect.Dir) detect.Dir {
	if dir.Path == "." {
		return dir
	}
	root, _ := dir.Sub(strings.Repeat("../", 1+strings.Count(dir.Path, "/")))
	return root
}

// ancestors are the directories above one, the nearest first.
func ancestors(dir string) []string {
	var out []string
	for dir != "." {
		dir = path.Dir(dir)
		out = append(out, dir)
	}
	return out
}

// foreign are manifests of other ecosystems: C beside them is their native part, and a Makefile is a list of shortcuts.
var foreign = []string{"package.json", "Gemfile", "setup.py", "pyproject.toml", "requirements.txt", "go.mod", "Gopkg.toml", "glide.yaml", "Cargo.toml", "pom.xml", "build.gradle", "build.xml", "build.sbt",
	"composer.json", "mix.exs", "rebar.config", "Makefile.PL", "Build.PL", "cpanfile", "stack.yaml", "project.clj", "dub.json", "Package.swift", "pubspec.yaml", "config.m4", "binding.gyp", "extconf.rb", "build.gradle.kts", "manage.py", "rebar.config.script", "shard.yml"}

func hasForeign(dir detect.Dir) bool {
	for _, name := range foreign {
		if dir.Has(name) {
			return true
		}
	}
	return false
}
