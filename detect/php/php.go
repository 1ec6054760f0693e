// Package php recognises PHP applications: Composer projects, the frameworks and content management systems of every era, and
// plain trees of scripts behind Apache. It reads manifests and source; nothing is ever run.
package php

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Detector recognises PHP.
type Detector struct{}

// Name is "php".
func (Detector) Name() string { return "php" }

// Markers are the files whose directory may hold a PHP application.
func (Detector) Markers() []string { return []string{"composer.json", "*.php", "*.phtml"} }

// Detect says what the application that begins at dir holds. A directory below one that holds PHP or a composer.json
// belongs to it.
//
// Facts: docroot (what the web server serves, relative to Path; "." for all), extensions (names of PHP extensions to install, separated by
// spaces), lockfile ("composer.lock"), composer ("true": composer installs dependencies), vendor ("true": they are in the repository),
// rewrite (the file that requests without a file go to, relative to docroot), configSample ("SAMPLE FILE": a settings file
// that whoever deploys makes from a sample), artisan ("true": Laravel's).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	if dir.Path != "." && inside(dir) {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a := open(dir)
	if !a.serves() {
		return nil, nil
	}
	return a.components(), nil
}

// trees are the directories that hold PHP or a composer.json of their own.
func trees(dir detect.Dir) map[string]bool {
	root, ok := dir.Sub(strings.Repeat("../", depth(dir.Path)))
	if !ok {
		return nil
	}
	return dir.Memo("php trees", func() any {
		out := map[string]bool{}
		for f := range root.Files() {
			if strings.HasSuffix(f, ".php") || strings.HasSuffix(f, "/composer.json") || f == "composer.json" {
				if d := path.Dir(f); detect.Ours(d) {
					out[d] = true
				}
			}
		}
		return out
	}).(map[string]bool)
}

func depth(dir string) int {
	if dir == "." {
		return 0
	}
	return strings.Count(dir, "/") + 1
}

// inside reports whether a directory above is a PHP application.
func inside(dir detect.Dir) bool {
	all := trees(dir)
	for at := dir.Path; at != "."; {
		if at = path.Dir(at); all[at] {
			return true
		}
		// A directory with several of them beside each other is one tree, of which the parts have no file at the top.
		if front(all, at) {
			return true
		}
	}
	return false
}

// front reports whether a directory is an application whose entry lies in one of the usual directories below.
func front(all map[string]bool, dir string) bool {
	for _, d := range docroots {
		if all[path.Join(dir, d)] && (all[path.Join(dir, "app")] || all[path.Join(dir, "application")] || all[path.Join(dir, "src")] || all[path.Join(dir, "system")] || all[path.Join(dir, "inc")] || all[path.Join(dir, "lib")]) {
			return true
		}
	}
	return false
}

// docroots are the directories that web servers are pointed at, by convention.
var docroots = []string{"public", "web", "webroot", "app/webroot", "public_html", "htdocs", "www", "html", "docroot", "httpdocs", "wwwroot", "site"}

// app is an application on its way to components.
type app struct {
	dir     detect.Dir
	files   []string // its PHP sources, relative to dir, nearest first
	sources map[string]detect.File
	pkgs    map[string]pkg
	php     constraint // what composer.json and its lock say of PHP
	exts    map[string][]detect.Evidence
	docroot string
	index   string // the script at the document root
}

// maxSources bounds the sources that are looked at.
const (
	maxSources = 500
	maxSource  = 512 << 10
)

var skipped = []string{"vendor/", "tests/", "test/", "node_modules/", "cache/", "lang/", "languages/", "locale/", "docs/", "examples/", "third_party/", "thirdparty/"}

func open(dir detect.Dir) *app {
	a := &app{dir: dir, sources: map[string]detect.File{}, pkgs: map[string]pkg{}, exts: map[string][]detect.Evidence{}, docroot: "."}
	var deep []string
next:
	for f := range dir.Files() {
		switch path.Ext(f) {
		case ".php", ".inc", ".phtml", ".module", ".install":
		default:
			continue
		}
		for _, s := range skipped {
			if strings.HasPrefix(f, s) || strings.Contains(f, "/"+s) {
				continue next
			}
		}
		if strings.Count(f, "/") <= 2 {
			a.files = append(a.files, f)
		} else if len(deep) < maxSources {
			deep = append(deep, f)
		}
	}
	a.files = append(a.files, deep...)
	if len(a.files) > maxSources {
		a.files = a.files[:maxSources]
	}
	a.findRoot()
	return a
}

// findRoot finds the document root: a directory below that holds the entry, when the code lies beside it.
func (a *app) findRoot() {
	for _, d := range docroots {
		if a.dir.Has(d + "/index.php") {
			if !a.dir.Has("index.php") || a.dir.Has("composer.json") || a.dir.Has("artisan") || d == "app/webroot" || d == "webroot" || a.dir.HasDir("application") || a.dir.HasDir("app") {
				a.docroot, a.index = d, d+"/index.php"
				return
			}
		}
	}
	for _, name := range []string{"index.php", "index.phtml", "default.php", "login.php", "home.php", "main.php"} {
		if a.dir.Has(name) {
			a.index = name
			return
		}
	}
}

// serves reports whether the tree is an application and no library: it has a page to begin with.
func (a *app) serves() bool {
	if a.index != "" {
		return true
	}
	if a.dir.Has("artisan") || a.dir.Has("bin/console") {
		return true
	}
	if f, d, ok := a.json("composer.json"); ok {
		_ = f
		if kind, _, _ := d.Get("type"); kind == "project" || kind == "drupal-project" {
			return true
		}
		if d.Has("require", "drupal/core") || d.Has("require", "drupal/core-recommended") || d.Has("require", "roots/wordpress") || d.Has("require", "johnpbloch/wordpress") {
			return true
		}
		return false
	}
	for _, f := range a.files { // plain pages without an index
		if !strings.Contains(f, "/") && holds(a.source(f).Data, []string{"<html", "<HTML", "<body", "$_GET", "$_POST", "$HTTP_"}) {
			return true
		}
	}
	return false
}

// source returns a file; the zero File when it cannot be read.
func (a *app) source(name string) detect.File {
	if f, ok := a.sources[name]; ok {
		return f
	}
	f, err := a.dir.Read(name)
	if err != nil || len(f.Data) > maxSource {
		f = detect.File{}
	}
	a.sources[name] = f
	return f
}
