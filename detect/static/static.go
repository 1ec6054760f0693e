// Package static recognises directories of pages that a web server sends as they are.
package static

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Detector recognises static sites.
type Detector struct{}

// Name is "static".
func (Detector) Name() string { return "static" }

// Markers are the first pages of sites, and the configuration of a generator whose pages are built.
func (Detector) Markers() []string { return []string{"index.html", "index.htm", "default.htm"} }

// Detect says that the directory is a site when its first page is one for readers and no directory above holds one too.
//
// Facts: output (the directory that is served, relative to the component's: "."), servedBy (nginx), index (the first
// page's name, when it is none that every web server knows).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !named(dir.Path) || inner(dir) || ofProgram(dir) {
		return nil, nil
	}
	for _, name := range []string{"index.html", "index.htm", "default.htm"} {
		f, err := dir.Read(name)
		if err != nil || !looksLikePage(f.Data) {
			continue
		}
		page := f.Evidence(0)
		c := detect.Component{
			Path:       dir.Path,
			Role:       detect.Infer(detect.Static, "it holds pages and nothing that makes them", page),
			Platform:   detect.Infer("linux", "nothing in it needs Windows", page),
			Language:   detect.Infer("static", "pages that are sent as they are", page),
			Framework:  detect.Infer("none", "pages that are sent as they are", page),
			Build:      detect.Infer("none", "there is nothing to build", page),
			HealthPath: detect.Infer("/", "its first page", page),
			Processes:  []detect.Process{{Name: "static", Command: []string{"nginx", "-g", "daemon off;"}, From: detect.Inferred, Why: "the web server that sends the files", Evidence: []detect.Evidence{page}}},
			Facts: map[string]detect.Value[string]{
				"output":   detect.Infer(".", "the pages lie there", page),
				"servedBy": detect.Infer("nginx", "files for a browser need a web server", page),
			},
		}
		if name != "index.html" {
			c.Facts["index"] = detect.Is(name, page)
		}
		return []detect.Component{c}, nil
	}
	return nil, nil
}

// siteDirs are names of directories, apart from a repository's root, in which sites are kept.
var siteDirs = map[string]bool{"site": true, "www": true, "web": true, "public": true, "html": true, "htdocs": true, "website": true, "static": true, "app": true, "src": true, "client": true, "frontend": true, "ui": true, "public_html": true, "landing": true, "web-ui": true, "webapp": true, "dashboard": true, "wwwroot": true}

// named reports whether a site may be kept in a directory: a page anywhere else is a template, a report or a document.
func named(dir string) bool { return dir == "." || siteDirs[strings.ToLower(path.Base(dir))] }

// inner reports whether a directory above holds a first page too: this one is a part of that site.
func inner(dir detect.Dir) bool {
	for up := ".."; ; up = path.Join(up, "..") {
		above, ok := dir.Sub(up)
		if !ok || dir.Path == "." {
			return false
		}
		if above.Has("index.html") || above.Has("index.htm") {
			return true
		}
		if above.Path == "." {
			return false
		}
	}
}

// programs are files of other stacks: pages below or beside them are theirs, also where no component was made of them.
var programs = []string{"package.json", "bower.json", "Gemfile", "config.ru", "pom.xml", "build.gradle", "build.gradle.kts", "build.xml", "build.sbt", "composer.json", "requirements.txt", "setup.py", "pyproject.toml", "Pipfile", "manage.py",
	"go.mod", "Cargo.toml", "mix.exs", "rebar.config", "project.clj", "cpanfile", "Makefile.PL", "Build.PL", "CMakeLists.txt", "configure.ac", "packages.config", "web.config", "Web.config", "index.php", "glide.yaml", "Gopkg.toml"}

// ofProgram reports whether the directory, or one above it, holds a program.
func ofProgram(dir detect.Dir) bool {
	for up := "."; ; up = path.Join(up, "..") {
		d, ok := dir.Sub(up)
		if !ok {
			return false
		}
		for _, name := range programs {
			if d.Has(name) {
				return true
			}
		}
		if d.Path == "." {
			return false
		}
	}
}

// looksLikePage reports whether data is a page for readers: one with a body or more than a template's placeholder.
func looksLikePage(data []byte) bool {
	text := strings.ToLower(string(data[:min(len(data), 64<<10)]))
	return strings.Contains(text, "<html") || strings.Contains(text, "<body") || strings.Contains(text, "<!doctype html")
}
