package perl

import (
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

var (
	healthRoute = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|->)\s*(?:get|any)\b\s*\(?\s*['"](/(?:api/|v\d/)?(?:health|healthz|healthcheck|health_check|health-check|alive|ping|up|readyz|livez))/?['"]`)
	})
	rootRoute = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|->)\s*(?:get|any|route)\b\s*\(?\s*(?:\[[^\]]*\]\s*=>\s*)?['"]/['"]`)
	})
)

// healthPath is a path that answers without anybody logged in: a route that is made for it, else the root.
func (a *app) healthPath(fw framework) detect.Value[string] {
	if fw.style == cgi {
		return a.cgiPath()
	}
	root := detect.Value[string]{}
	for _, s := range a.sources {
		if !strings.Contains(string(s.file.Data), "get") && !strings.Contains(string(s.file.Data), "any") {
			continue
		}
		for _, l := range s.lines {
			if !strings.Contains(l.text, "'/") && !strings.Contains(l.text, `"/`) {
				continue
			}
			if m := healthRoute().FindStringSubmatch(l.text); m != nil {
				return detect.Is(m[1], s.file.Evidence(l.number))
			}
			if !root.Set() && rootRoute().MatchString(l.text) {
				root = detect.Infer("/", "the application has a route for it", s.file.Evidence(l.number))
			}
		}
	}
	if !root.Set() {
		return detect.Guess("/", "no route for health checks was found")
	}
	return root
}

// cgiPath is the page that a visitor sees first: the index of the documents, else the main program.
func (a *app) cgiPath() detect.Value[string] {
	l := a.layout()
	for _, index := range []string{"index.html", "index.htm"} {
		if l.documents != "" && a.dir.Has(path.Join(l.documents, index)) {
			return detect.Infer("/", "the first page of the documents", a.wholeFile(path.Join(l.documents, index)))
		}
	}
	if l.main == "" {
		return detect.Guess("/", "nothing says which page is the first")
	}
	return detect.Infer(l.url(l.main), "the program that visitors call first", a.wholeFile(l.main))
}

// layout is where the web server finds documents and programs.
type layout struct {
	documents string // directory whose files are served; "." for the application's own; empty: none
	programs  string // directory that is served as /cgi-bin/; empty: programs lie among the documents
	main      string // the program that is called first
}

// documentDirs are directories that hold what a web server serves as it is.
var documentDirs = []string{"htdocs", "html", "public_html", "www", "public", "web", "httpdocs", "docroot", "wwwroot"}

// layout finds out how the repository is meant to be put below a web server.
func (a *app) layout() layout {
	var l layout
	for _, name := range a.files.cgi {
		if s := a.byName[name]; s == nil || !perlProgram(s.file.Data) {
			continue
		}
		if dir := programsDir(name); dir != "" && l.programs == "" && l.main == "" {
			l.programs = dir
		}
		if l.main == "" || programsDir(name) == l.programs && path.Dir(name) == path.Dir(l.main) && a.before(name, l.main) {
			l.main = name
		}
	}
	for _, d := range documentDirs {
		parent := path.Dir(l.programs)
		for _, dir := range []string{d, path.Join(parent, d)} {
			if l.documents == "" && a.dir.HasDir(dir) && dir != l.programs {
				l.documents = dir
			}
		}
	}
	switch {
	case l.programs == "" && (l.documents == "" || !strings.HasPrefix(l.main, l.documents+"/")):
		l.documents = path.Dir(l.main)
	case l.programs != "" && strings.HasPrefix(l.programs, l.documents+"/") && l.documents != "":
	case l.documents == "" && (a.dir.Has("index.html") || a.dir.Has("index.htm")):
		l.documents = "."
	case l.documents == "" && l.programs != "" && path.Dir(l.programs) != ".":
		l.documents = path.Dir(l.programs)
	}
	return l
}

// before reports whether a program is likelier the first one than another: by its name, else the larger of them.
func (a *app) before(name, other string) bool {
	if index(name) != index(other) {
		return index(name)
	}
	return len(a.byName[name].lines) > len(a.byName[other].lines)
}

func index(name string) bool {
	base := path.Base(name)
	base = strings.TrimSuffix(base, path.Ext(base))
	return base == "index" || base == "main" || base == "home"
}

// programsDir is the outermost directory of a program that is served as /cgi-bin/, or "".
func programsDir(name string) string {
	parts := strings.Split(path.Dir(name), "/")
	for i := range parts {
		if cgiDir(parts[i]) {
			return strings.Join(parts[:i+1], "/")
		}
	}
	return ""
}

// url is the path under which a program is called.
func (l layout) url(name string) string {
	switch {
	case l.programs != "" && strings.HasPrefix(name, l.programs+"/"):
		return "/cgi-bin/" + strings.TrimPrefix(name, l.programs+"/")
	case l.documents == ".":
		return "/" + name
	}
	return "/" + strings.TrimPrefix(name, l.documents+"/")
}
