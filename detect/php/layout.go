package php

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// forest is what one look at the paths of a repository shows of PHP.
type forest struct {
	holds   map[string]bool // directories that hold PHP or a composer.json of their own
	entered map[string]bool // directories that are an application by their layout: a page to begin with in a document root of their own
}

// trees looks once, for all directories of a run.
func trees(dir detect.Dir) forest {
	root, ok := dir.Sub(strings.Repeat("../", depth(dir.Path)))
	if !ok {
		return forest{}
	}
	return dir.Memo("php trees", func() any {
		out := forest{map[string]bool{}, map[string]bool{}}
		for f := range root.Files() {
			name := path.Base(f)
			if !strings.HasSuffix(name, ".php") && name != "composer.json" && name != "artisan" {
				continue
			}
			d := path.Dir(f)
			if !out.holds[d] && !detect.Ours(d) {
				continue
			}
			switch name {
			case "artisan":
				out.entered[d] = true
				continue
			case "index.php":
				if top := path.Dir(d); d != "." && slices.Contains(docroots, path.Base(d)) {
					out.entered[top] = true
				}
			case "composer.json":
				if root.Has(path.Join(d, "index.php")) {
					out.entered[d] = true
				}
			}
			out.holds[d] = true
		}
		return out
	}).(forest)
}

func depth(dir string) int {
	if dir == "." {
		return 0
	}
	return strings.Count(dir, "/") + 1
}

// inside reports whether a directory above is a PHP application. One that holds PHP without being an application, such as
// the scripts of a build, leaves those below it that clearly are one.
func inside(dir detect.Dir) bool {
	all := trees(dir)
	for at, up := dir.Path, ""; at != "."; {
		at, up = path.Dir(at), up+"../"
		// A directory with several of them beside each other is one tree, of which the parts have no file at the top.
		if !all.holds[at] && !front(all.holds, at) {
			continue
		}
		if !all.entered[dir.Path] || claims(dir, at, up) {
			return true
		}
	}
	return false
}

// claims reports whether the directory at, which is up from dir, is an application.
func claims(dir detect.Dir, at, up string) bool {
	return dir.Memo("php claims "+at, func() any {
		above, ok := dir.Sub(up)
		return ok && open(above).serves()
	}).(bool)
}

// front reports whether a directory is an application whose entry lies in one of the usual directories below.
func front(all map[string]bool, dir string) bool {
	for _, d := range docroots {
		if all[path.Join(dir, d)] && (all[path.Join(dir, "app")] || all[path.Join(dir, "application")] || all[path.Join(dir, "src")] || all[path.Join(dir, "system")] || all[path.Join(dir, "inc")] || all[path.Join(dir, "lib")] || all[path.Join(dir, "config")]) {
			return true
		}
	}
	return false
}

// behind returns the application that a document root belongs to, when nothing but directories is at the application's top: it is not offered by
// itself. Of several document roots the first stands for it; for another one the answer is false.
func behind(dir detect.Dir) (detect.Dir, bool) {
	all := trees(dir)
	for _, d := range docroots {
		top, ok := strings.CutSuffix("/"+dir.Path, "/"+d)
		if !ok {
			continue
		}
		if top = strings.TrimPrefix(top, "/"); top == "" {
			top = "."
		}
		if all.holds[top] || !front(all.holds, top) {
			continue
		}
		for _, other := range docroots {
			if all.holds[path.Join(top, other)] {
				above, ok := dir.Sub(strings.Repeat("../", depth(d)))
				return above, ok && other == d
			}
		}
	}
	return dir, true
}

// docroots are the directories that web servers are pointed at, by convention.
var docroots = []string{"public", "web", "webroot", "app/webroot", "public_html", "htdocs", "www", "html", "docroot", "httpdocs", "wwwroot", "site"}

// fronts are the names of the page that a request begins with; app.php is that of Symfony 2 and 3.
var fronts = []string{"index.php", "app.php", "index.phtml"}

// findRoot finds the document root: what a manifest states, else a directory below that holds the entry, when the code lies beside it.
func (a *app) findRoot() {
	if a.statedRoot() {
		return
	}
	for _, d := range docroots {
		for _, page := range fronts {
			if !a.dir.Has(d + "/" + page) {
				continue
			}
			if !a.dir.Has("index.php") || a.dir.Has("composer.json") || a.dir.Has("artisan") || d == "app/webroot" || d == "webroot" || a.dir.HasDir("application") || a.dir.HasDir("app") {
				a.docroot, a.index = d, d+"/"+page
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
	if a.dir.Has("composer.json") {
		a.rootBelow()
	}
}

// statedRoot takes the document root from where manifests name it: the places of Composer's plugins that put a front page
// there, and the argument of the buildpack's server in a Procfile.
func (a *app) statedRoot() bool {
	if f, d, ok := a.json("composer.json"); ok {
		for _, key := range [][]string{{"extra", "drupal-scaffold", "locations", "web-root"}, {"extra", "symfony-web-dir"}, {"extra", "public-dir"}} {
			if v, line, ok := d.Get(key...); ok && a.takeRoot(v, f.Evidence(line)) {
				return true
			}
		}
	}
	if f, err := a.dir.Read("Procfile"); err == nil {
		list, _ := manifest.ParseProcfile(f.Data)
		for _, p := range list {
			if words := strings.Fields(p.Command); p.Name == "web" && len(words) > 1 && strings.Contains(words[0], "heroku-php-") && a.takeRoot(words[len(words)-1], f.Evidence(p.Line)) {
				return true
			}
		}
	}
	return false
}

// takeRoot takes a document root that is stated, if it is a directory of the application.
func (a *app) takeRoot(stated string, ev detect.Evidence) bool {
	d := path.Clean(strings.TrimPrefix(stated, "./"))
	if !directoryName.MatchString(d) || strings.Contains(d, "..") || d == "." {
		return false
	}
	for _, page := range fronts {
		if a.dir.Has(d + "/" + page) {
			a.index = d + "/" + page
		}
	}
	// Without a page there, what puts one there must be known to do so.
	if a.index == "" && (a.dir.Has("index.php") || !a.dir.HasDir(d) && !a.scaffolded()) {
		return false
	}
	a.docroot, a.root = d, ev
	return true
}

// scaffolded reports whether a plugin of Composer puts the first page at the document root.
func (a *app) scaffolded() bool {
	_, d, ok := a.json("composer.json")
	return ok && (d.Has("require", "drupal/core-composer-scaffold") || d.Has("require", "drupal-composer/drupal-scaffold") || d.Has("require", "drupal/core-recommended") || d.Has("require", "drupal/core"))
}

var directoryName = manifest.Lazy(`^[\w][\w.-]*(?:/[\w][\w.-]*)*/?$`)

// rootBelow looks one directory further down, where a composer.json at the top says that all is one application.
func (a *app) rootBelow() {
	var pages []string
	for _, pattern := range []string{"*/{public,web,webroot,htdocs,www}/{index,app}.php", "*/index.php"} {
		for _, f := range a.dir.Glob(pattern) {
			own := a.dir.Has(path.Join(strings.SplitN(f, "/", 2)[0], "composer.json"))
			if !own && !vendored(f) && !aside[strings.ToLower(strings.SplitN(f, "/", 2)[0])] {
				pages = append(pages, f)
			}
		}
		if len(pages) > 0 {
			break
		}
	}
	// Of several, that of the visitors; a library has none of these names.
	for _, name := range []string{"frontend", "public", "web", "www", "html", "htdocs", "upload", "site", "app"} {
		if i := slices.IndexFunc(pages, func(p string) bool { return strings.HasPrefix(p, name+"/") }); i >= 0 {
			a.docroot, a.index = path.Dir(pages[i]), pages[i]
			return
		}
	}
	if len(pages) == 1 {
		a.docroot, a.index = path.Dir(pages[0]), pages[0]
	}
}

// aside are directories whose pages are not the application's first.
var aside = map[string]bool{"src": true, "admin": true, "install": true, "installer": true, "setup": true, "bin": true, "build": true, "tools": true, "scripts": true, "config": true, "lib": true, "demo": true, "demos": true, "sample": true, "samples": true,
	"example": true, "templates": true, "views": true, "inc": true, "includes": true, "resources": true, "assets": true, "plugins": true, "modules": true, "environments": true}

// kinds of files.
const (
	other = iota
	script
	setting
	placeholder
	server // configuration of servers and supervisors, and scripts that set up a machine
)

// kindOf says what a file is by its name.
func kindOf(f string) int {
	switch path.Ext(f) {
	case ".php", ".inc", ".phtml", ".module", ".install":
		return script
	case ".yml", ".yaml", ".ini", ".dist", ".neon":
		return setting
	case ".gitignore", ".gitkeep", ".keep":
		return placeholder
	case ".conf", ".sh":
		return server
	}
	switch name := path.Base(f); {
	case strings.HasPrefix(name, ".env"), strings.HasPrefix(name, "config") && strings.HasSuffix(name, ".json"):
		return setting
	case name == ".htaccess", name == "index.html", name == "index.htm", name == "empty", name == ".empty":
		return placeholder
	}
	return other
}

// others are directories that hold what others wrote, tests and texts. Sources: the names under which the widest spread
// libraries of the time before Composer are copied.
var others = map[string]bool{"vendor": true, "vendors": true, "tests": true, "test": true, "_test": true, "_tests": true, "phpunit": true, "spec": true, "node_modules": true, "bower_components": true, "cache": true, "lang": true, "language": true, "languages": true,
	"locale": true, "locales": true, "docs": true, "doc": true, "examples": true, "third_party": true, "thirdparty": true, "3rdparty": true, "pear": true, "adodb": true, "adodb5": true, "phpmailer": true, "smarty": true, "htmlpurifier": true, "tcpdf": true, "fpdf": true,
	"phpexcel": true, "simplepie": true, "getid3": true, "phpseclib": true, "swiftmailer": true, "simpletest": true, "contrib": true}

// vendored reports whether a file lies in such a directory, or in one that only tools look into.
func vendored(f string) bool {
	for rest := f; ; {
		part, after, more := strings.Cut(rest, "/")
		if !more {
			return false
		}
		if part != "" && (part[0] == '.' || others[part] || others[strings.ToLower(part)]) {
			return true
		}
		rest = after
	}
}
