// Package php recognises PHP applications: Composer projects, the frameworks and content management systems of every era, and
// plain trees of scripts behind Apache. It reads manifests and source; nothing is ever run.
package php

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
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
// that whoever deploys makes from a sample), artisan ("true": Laravel's), composerPaths (directories of packages in the repository), composerScripts ("true":
// scripts of composer.json must run), composerAuth ("true": a Composer repository asks for a login), dotenv ("true": the framework
// wants a .env file), directories (below those that are written, expected to be there), imap ("true": that extension is needed),
// settings ("wordpress": whose settings file is made) and settingsFile (where).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	dir, offered := behind(dir)
	if !offered {
		return nil, nil
	}
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
	components := a.components()
	for i := range components {
		components[i].Path = dir.Path
	}
	return components, nil
}

// app is an application on its way to components.
type app struct {
	dir     detect.Dir
	files   []string // its PHP sources, relative to dir, nearest first
	sources map[string]detect.File
	grams   map[string]*grams // of the sources
	docs    map[string]*manifest.Doc
	pkgs    map[string]pkg
	php     constraint // what composer.json and its lock say of PHP
	exts    map[string][]detect.Evidence
	docroot string
	index   string          // the script at the document root
	root    detect.Evidence // what states the document root, if anything does

	settings    []string // its files of settings that are no PHP
	servers     []string // configuration of servers and supervisors, and scripts that set up a machine
	kept        []string // files that are there to keep a directory, such as .gitkeep
	core        []string // directories of a framework or product that was copied into the repository, each with its slash
	application string   // CodeIgniter's application folder, relative to dir; "" when it is no CodeIgniter
	system      string   // CodeIgniter's system folder
	product     support  // a product without a name in the vocabulary: name and release
	productAt   detect.Evidence
	closed      detect.Value[string]   // the host of a Composer repository that is not public
	written     []detect.Value[string] // directories of a SQLite database
}

// maxSources bounds the sources that are looked at.
const (
	maxSources  = 500
	maxSettings = 80
	maxSource   = 512 << 10
)

func open(dir detect.Dir) *app {
	a := &app{dir: dir, sources: map[string]detect.File{}, pkgs: map[string]pkg{}, exts: map[string][]detect.Evidence{}, docs: map[string]*manifest.Doc{}, grams: map[string]*grams{}, docroot: "."}
	a.findRoot()
	a.findFolders()
	a.findCore()
	a.list()
	return a
}

// list chooses the sources and the settings that are looked at: those nearest to the top, without what others wrote.
func (a *app) list() {
	var deep []string
	for f := range a.dir.Files() {
		kind := kindOf(f)
		where := f
		if kind == placeholder { // what it keeps may have the name of what is passed over: cache
			where = path.Dir(f)
		} else if kind == server { // .docker, .platform
			where = strings.TrimPrefix(f, ".")
		}
		if kind == other || vendored(where) || a.inCore(f) {
			continue
		}
		depth := strings.Count(f, "/")
		switch kind {
		case server:
			if depth <= 3 && len(a.servers) < maxSettings {
				a.servers = append(a.servers, f)
			}
		case placeholder:
			a.kept = append(a.kept, f)
		case setting:
			if depth <= 4 && len(a.settings) < maxSettings {
				a.settings = append(a.settings, f)
			}
		case script:
			if depth <= 2 {
				a.files = append(a.files, f)
			} else if len(deep) < maxSources {
				deep = append(deep, f)
			}
		}
	}
	a.files = append(a.files, deep...)
	if len(a.files) > maxSources {
		a.files = a.files[:maxSources]
	}
}

// serves reports whether the tree is an application and no library: it has a page to begin with.
func (a *app) serves() bool {
	if a.index != "" || a.root.File != "" {
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
	if len(f.Data) > 0 {
		a.grams[name] = gramsOf(f.Data)
	}
	return f
}
