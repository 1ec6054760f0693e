package perl

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// style is how the web server meets the application.
type style string

const (
	mojo style = "mojo" // a program that serves by itself: Mojolicious
	psgi style = "psgi" // a .psgi file, or a program that is one
	cgi  style = "cgi"  // programs that a web server runs for each request
)

// framework is what the application is built with.
type framework struct {
	name     string // mojolicious, dancer, catalyst, none
	module   string // the module that stands for it: "Dancer2"
	version  string
	from     detect.Origin
	why      string
	evidence []detect.Evidence
	entry    detect.Evidence // the line that makes it an application
	style    style
	script   string // what is started: script/my_app, app.psgi; empty for CGI
	class    string // the application's own module: "My::App"
}

// findFramework says what kind of application the directory holds; ok is false when nothing in it serves.
func (a *app) findFramework() (framework, bool) {
	for _, find := range []func() (framework, bool){a.mojolicious, a.catalyst, a.dancer, a.plack, a.plainCGI} {
		if f, ok := find(); ok {
			a.frameworkVersion(&f)
			return f, true
		}
	}
	return framework{}, false
}

// frameworkVersion takes the version of the framework's module from the snapshot or the manifest.
func (a *app) frameworkVersion(f *framework) {
	if f.evidence == nil {
		f.evidence = []detect.Evidence{f.entry}
	}
	f.from = detect.Declared
	if f.module == "" {
		return
	}
	names := []string{f.module}
	if f.name == "catalyst" {
		names = []string{"Catalyst", "Catalyst::Runtime"}
	}
	for _, n := range names {
		m, ok := a.needs(n)
		if !ok {
			continue
		}
		if f.version == "" && m.version != "" {
			f.version, f.from = m.version, m.from
			f.evidence = append(m.evidence[:len(m.evidence):len(m.evidence)], f.evidence...)
		}
	}
}

// loads returns the use of a module in a file.
func (s *source) loads(module string) (use, bool) {
	for _, u := range s.uses {
		if u.module == module {
			return u, true
		}
	}
	return use{}, false
}

// inherits reports whether a module of the file derives from a class.
func (s *source) inherits(class string) (use, bool) {
	for _, u := range s.uses {
		if u.module == class && u.args == "(parent)" {
			return u, true
		}
	}
	return use{}, false
}

// starters are the files that may start an application, the likeliest first.
func (a *app) starters() []*source {
	var out []*source
	for _, list := range [][]string{a.files.scripts, a.files.psgi, a.files.cgi} {
		for _, name := range list {
			if s := a.byName[name]; s != nil {
				out = append(out, s)
			}
		}
	}
	return out
}

// mojolicious finds a Mojolicious application: a class that derives from it with the program that starts it, or a
// program of Mojolicious::Lite.
func (a *app) mojolicious() (framework, bool) {
	f := framework{name: "mojolicious", module: "Mojolicious", style: mojo}
	best, most := (*source)(nil), -1
	for _, name := range a.files.modules {
		s := a.byName[name]
		if s == nil {
			continue
		}
		if _, ok := s.inherits("Mojolicious"); !ok {
			continue
		}
		class := moduleOf(name)
		script, ok := a.starts(class)
		if !ok {
			continue
		}
		if n := a.controllers(class); n > most {
			u, _ := s.inherits("Mojolicious")
			best, most = s, n
			f.script, f.class, f.entry = script, class, s.file.Evidence(u.line)
		}
	}
	if best != nil {
		return f, true
	}
	for _, s := range a.starters() {
		if u, ok := s.loads("Mojolicious::Lite"); ok {
			f.script, f.entry = s.name, s.file.Evidence(u.line)
			return f, true
		}
	}
	return f, false
}

// controllers counts the modules below a class: of several applications in one tree the largest is the main one.
func (a *app) controllers(class string) int {
	n := 0
	for own := range a.files.own {
		if strings.HasPrefix(own, class+"::") {
			n++
		}
	}
	return n
}

// starts finds the program that starts an application class: the one that is called like it, else the first that names it.
func (a *app) starts(class string) (string, bool) {
	found, rank := "", 0
	for _, s := range a.starters() {
		named := false
		for _, l := range s.lines {
			if containsName(l.text, class) {
				named = true
				break
			}
		}
		if !named {
			continue
		}
		r := 1
		base := strings.TrimSuffix(path.Base(s.name), path.Ext(s.name))
		if flat(base) == flat(class) || flat(base) == flat(strings.SplitN(class, "::", 2)[0]) {
			r = 3
		} else if _, ok := s.loads("Mojolicious::Commands"); ok {
			r = 2
		}
		if r > rank {
			found, rank = s.name, r
		}
	}
	return found, rank > 0
}

// flat makes names of classes and of programs alike: "My::App" and "my_app" are "myapp".
func flat(s string) string {
	return strings.ToLower(strings.NewReplacer("::", "", "_", "", "-", "").Replace(s))
}

// containsName reports whether a line names a module, and not only one below it.
func containsName(s, name string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], name)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(name)
		before := i > 0 && (isWord(s[i-1]) || s[i-1] == ':')
		after := end < len(s) && isWord(s[end])
		if end+2 < len(s) && s[end] == ':' && s[end+1] == ':' { // My::App::run is a call, My::App::Other another module
			after = s[end+2] >= 'A' && s[end+2] <= 'Z'
		}
		if !before && !after {
			return true
		}
		from = end
	}
}

// dancer finds an application of Dancer or Dancer2.
func (a *app) dancer() (framework, bool) {
	f := framework{name: "dancer", style: psgi}
	var class *source
	for _, module := range []string{"Dancer2", "Dancer"} {
		for _, s := range append(a.starters(), a.ownModules()...) {
			u, ok := s.loads(module)
			if !ok || strings.Contains(s.name, "Plugin") || strings.HasPrefix(moduleOf(s.name), module+"::") {
				continue
			}
			if f.module == "" {
				f.module, f.entry, class = module, s.file.Evidence(u.line), s
			}
		}
	}
	if class == nil {
		return f, false
	}
	if strings.HasSuffix(class.name, ".pm") {
		f.class = moduleOf(class.name)
	}
	f.script = a.psgiScript(f)
	return f, f.script != ""
}

// ownModules are the modules that were read.
func (a *app) ownModules() []*source {
	var out []*source
	for _, name := range a.files.modules {
		if s := a.byName[name]; s != nil {
			out = append(out, s)
		}
	}
	return out
}

// catalyst finds an application of Catalyst.
func (a *app) catalyst() (framework, bool) {
	f := framework{name: "catalyst", module: "Catalyst", style: psgi}
	for _, s := range a.ownModules() {
		u, ok := s.loads("Catalyst")
		if !ok {
			u, ok = s.inherits("Catalyst")
		}
		if !ok {
			continue
		}
		f.class, f.entry = moduleOf(s.name), s.file.Evidence(u.line)
		f.script = a.psgiScript(f)
		return f, f.script != ""
	}
	return f, false
}

// psgiScript is the file that plackup starts: app.psgi, one that is called like the application, any other, or the
// program that the framework's generator wrote.
func (a *app) psgiScript(f framework) string {
	best, rank := "", 0
	consider := func(name string, r int) {
		if r > rank {
			best, rank = name, r
		}
	}
	for _, name := range a.files.psgi {
		base := strings.TrimSuffix(path.Base(name), ".psgi")
		deep := strings.Count(name, "/")
		switch {
		case base == "app" && deep <= 1:
			consider(name, 9)
		case f.class != "" && flat(base) == flat(f.class):
			consider(name, 8)
		case deep == 0:
			consider(name, 7)
		case deep == 1:
			consider(name, 6)
		}
	}
	for _, name := range a.files.scripts {
		s := a.byName[name]
		if s == nil {
			continue
		}
		base := path.Base(name)
		switch {
		case f.name == "dancer" && (base == "app.pl" || s.calls("dance") || s.calls("start")):
			consider(name, 5)
		case f.name == "catalyst" && catalystServer(base):
			consider(name, 4)
		}
	}
	return best
}

// catalystServer reports whether a program is the server that Catalyst's generator writes, with or without its ending.
func catalystServer(base string) bool {
	base = strings.TrimSuffix(base, ".pl")
	return (strings.HasSuffix(base, "_server") || strings.HasSuffix(base, "-server")) && !strings.Contains(base, "dev")
}

// calls reports whether a line of the file is a call of a function without arguments: "dance;".
func (s *source) calls(name string) bool {
	for _, l := range s.lines {
		rest, ok := strings.CutPrefix(l.text, name)
		if rest = strings.TrimSpace(rest); ok && (rest == ";" || rest == "" || rest == "();") {
			return true
		}
	}
	return false
}

// plack finds a PSGI application without a framework that is known.
func (a *app) plack() (framework, bool) {
	f := framework{name: "none", style: psgi, why: "a PSGI application without a framework that is known"}
	f.script = a.psgiScript(f)
	if f.script != "" {
		f.entry = a.wholeFile(f.script)
		return f, true
	}
	for _, s := range a.ownModules() { // what starts it is only made by an installation
		if u, ok := s.inherits("Plack::Runner"); ok {
			f.entry = s.file.Evidence(u.line)
			return f, true
		}
	}
	return f, false
}

// plainCGI finds programs that a web server runs for each request.
func (a *app) plainCGI() (framework, bool) {
	f := framework{name: "none", style: cgi, why: "programs that a web server runs by the CGI protocol"}
	for _, name := range a.files.cgi {
		s := a.byName[name]
		if s == nil || !perlProgram(s.file.Data) {
			continue
		}
		f.entry = s.file.Evidence(1)
		if u, ok := s.loads("CGI"); ok {
			f.entry = s.file.Evidence(u.line)
		}
		return f, true
	}
	return f, false
}
