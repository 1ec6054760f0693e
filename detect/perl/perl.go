// Package perl recognises Perl applications: Mojolicious, Dancer, Catalyst, PSGI and programs that a web server runs by
// the CGI protocol. It reads manifests, configuration and code; nothing is ever run.
package perl

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Detector recognises Perl.
type Detector struct{}

// Name is "perl".
func (Detector) Name() string { return "perl" }

// Markers are the files whose directory may hold a Perl application.
func (Detector) Markers() []string {
	return []string{"cpanfile", "Makefile.PL", "Build.PL", "dist.ini", "*.{psgi,cgi,fcgi,pl}"}
}

// Detect says which processes the directory holds: a web process and the workers beside it.
//
// Facts: server (apache, mojolicious, starman, plackup, ...), script (what is started, relative to the directory), lockfile
// (cpanfile.snapshot), cpanfile (the manifest that is a cpanfile), cpanfileDir (where it stands), manifests (files that the installation of modules reads), modules (modules from
// CPAN that only the code names and Debian does not bring), installer (Makefile.PL, Build.PL or dist.ini, where there is no cpanfile),
// and for CGI programs documents (directory that is served as it is), programs (directory that is served as /cgi-bin/), htaccess
// ("true": files of that name configure Apache), passEnv (variables that Apache hands on to the programs).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	dir = root(dir)
	if !claim(dir) {
		return nil, nil
	}
	a := open(dir)
	if len(a.manifests) == 0 && len(a.files.psgi)+len(a.files.cgi) == 0 && !a.startsFramework() {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.readSources()
	if a.isLibrary() {
		claimsOf(dir).libraries[dir.Path] = true
		return nil, nil
	}
	fw, ok := a.findFramework()
	if !ok {
		return a.other(), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	settle(dir)
	return a.components(fw), nil
}

// helperDirs are directories below an application's own, in which its programs, manifests or settings stand.
var helperDirs = map[string]bool{"script": true, "scripts": true, "bin": true, "tools": true, "cgi-bin": true, "cgi": true, "cgibin": true, "public": true, "htdocs": true,
	"www": true, "html": true, "public_html": true, "conf": true, "etc": true, "sbin": true, "util": true, "utils": true, "lib": true, "contrib": true, "maint": true, "build": true, "admin": true, "web": true}

// root is the application's directory for one that holds a marker: the nearest one above helper directories.
func root(dir detect.Dir) detect.Dir {
	for range 4 {
		if dir.Path == "." {
			return dir
		}
		base := strings.ToLower(path.Base(dir.Path))
		complete := dir.Has("cpanfile") && (dir.HasDir("lib") || dir.Has("app.psgi")) || dir.Has("Makefile.PL") && dir.HasDir("lib")
		if !helperDirs[base] || complete {
			return dir
		}
		up, ok := dir.Sub("..")
		if !ok {
			return dir
		}
		dir = up
	}
	return dir
}

// claims are the directories that were looked at in this run, and those that hold an application or a framework.
type claims struct {
	seen, apps, libraries map[string]bool
}

func claimsOf(dir detect.Dir) *claims {
	return dir.Memo("perl.claims", func() any { return &claims{map[string]bool{}, map[string]bool{}, map[string]bool{}} }).(*claims)
}

// claim reports whether a directory is to be looked at: once, and not when it lies in an application that was found,
// unless it has a manifest of its own.
func claim(dir detect.Dir) bool {
	c := claimsOf(dir)
	if c.seen[dir.Path] || !detect.Ours(dir.Path) || !ownFile(path.Join(dir.Path, "x")) {
		return false
	}
	c.seen[dir.Path] = true
	for p := dir.Path; p != "."; {
		p = path.Dir(p)
		if c.libraries[p] || c.apps[p] && !dir.Has("cpanfile") && !dir.Has("app.psgi") {
			return false
		}
	}
	return true
}

// settle keeps that a directory holds an application.
func settle(dir detect.Dir) { claimsOf(dir).apps[dir.Path] = true }

// maxPeeks bounds the programs that are looked into where no manifest says that there is an application.
const maxPeeks = 40

// startsFramework reports whether a program near the top is one of a framework: a tree of C or of documents also holds
// Perl scripts.
func (a *app) startsFramework() bool {
	n := 0
	for _, name := range a.files.scripts {
		if n++; n > maxPeeks || strings.Count(name, "/") > 2 {
			return false
		}
		f, ok := a.read(name)
		if !ok {
			continue
		}
		data := string(f.Data)
		if !strings.Contains(data, "Mojolicious") && !strings.Contains(data, "Dancer") && !strings.Contains(data, "Plack::Runner") && !strings.Contains(data, "Catalyst::ScriptRunner") {
			continue
		}
		return true
	}
	return false
}

// isLibrary reports whether the directory is a framework itself.
func (a *app) isLibrary() bool {
	for _, name := range []string{"Mojolicious", "Dancer", "Dancer2", "Catalyst", "Plack", "CGI"} {
		if a.files.own[name] {
			return true
		}
	}
	return false
}

// other is what a directory without a web process holds: the Procfile's workers, or a program.
func (a *app) other() []detect.Component {
	if len(a.manifests) == 0 {
		return nil
	}
	fw := framework{name: "none", from: detect.Inferred, why: "no framework is among the modules", entry: a.manifests[0].file.Evidence(0)}
	for _, p := range a.procfile {
		if perlCommand().MatchString(p.Command) && p.Name != "web" && p.Name != "release" {
			fw.entry = a.procFile.Evidence(p.Line)
			c := a.base(fw)
			c.Role = detect.Is(detect.Worker, fw.entry)
			c.Processes = []detect.Process{{Name: "worker", Command: manifest.Exec(p.Command, nil), From: detect.Declared, Evidence: []detect.Evidence{fw.entry}}}
			a.complete(&c, fw)
			settle(a.dir)
			return []detect.Component{c}
		}
	}
	return nil
}

// base is what all components of the directory have in common.
func (a *app) base(fw framework) detect.Component {
	c := detect.Component{
		Path:            a.dir.Path,
		Platform:        detect.Infer("linux", "nothing in it needs Windows", fw.entry),
		Language:        detect.Is("perl", fw.entry),
		LanguageVersion: a.languageVersion(),
		Framework:       detect.Value[string]{V: fw.name, From: fw.from, Evidence: fw.evidence},
		Facts:           map[string]detect.Value[string]{},
	}
	if fw.name == "none" {
		c.Framework = detect.Infer("none", fw.why, fw.entry)
	}
	if fw.version != "" {
		c.FrameworkVersion = detect.Value[string]{V: fw.version, From: fw.from, Evidence: fw.evidence}
	}
	if len(a.manifests) > 0 {
		c.Build = detect.Is("cpan", a.manifests[0].file.Evidence(0))
	} else {
		c.Build = detect.Infer("none", "no file says which modules are needed", fw.entry)
		if len(a.foreignModules()) > 0 {
			c.Build = detect.Infer("cpan", "the code loads modules that Perl does not bring, though no file lists them", fw.entry)
		}
	}
	c.EndOfLife = endOfLife(c.LanguageVersion)
	return c
}

// complete adds what the code shows.
func (a *app) complete(c *detect.Component, fw framework) {
	c.Services = a.findServices(fw)
	c.SystemPackages = a.systemPackages(c.Services)
	if len(a.manifests) == 0 {
		// Debian's packages of modules bring the libraries that they are compiled against.
		debian, _, _ := a.packaged()
		c.SystemPackages = append(debian, programsOnly(c.SystemPackages)...)
	}
	c.Env = a.variables(fw)
	t := a.trouble(fw, c.Services)
	c.Writes, c.Readiness = t.writes, t.list
	a.facts(fw, c.Facts)
}

// components are the web process and the workers of an application.
func (a *app) components(fw framework) []detect.Component {
	web := a.findServer(fw)
	c := a.base(fw)
	c.Role = detect.Is(detect.Web, fw.entry)
	c.AppServer = detect.Infer("none", "Perl's servers are modules of the application: "+web.name, fw.entry)
	c.Port, c.HealthPath = web.port, a.healthPath(fw)
	a.complete(&c, fw)
	c.Readiness = append(c.Readiness, web.trouble...)
	c.Facts["server"] = detect.Infer(web.name, "how the application is served", fw.entry)
	if web.command.Name != "" {
		c.Processes = append(c.Processes, web.command)
	} else if fw.style == cgi { // Apache in the foreground; its configuration is the image's
		c.Processes = append(c.Processes, detect.Process{Name: "web", Command: []string{"apache2", "-DFOREGROUND"}, From: detect.Inferred,
			Why: "a web server runs the programs", Evidence: []detect.Evidence{fw.entry}})
	}
	out := []detect.Component{c}
	for _, w := range a.workers(fw) {
		out[0].Processes = append(out[0].Processes, w)
		out = append(out, a.worker(c, w))
	}
	if p, ok := a.process("release"); ok {
		out[0].Processes = append(out[0].Processes, detect.Process{Name: "release", Command: manifest.Exec(p.Command, nil), From: detect.Declared, Evidence: []detect.Evidence{a.procFile.Evidence(p.Line)}})
	}
	return out
}

// hasJobs reports whether the application has work for Minion: it registers a task, or a plugin of its own may. Without one, the
// plugin only shows what other programs have queued, and a worker would have nothing to do.
func (a *app) hasJobs() bool {
	for _, s := range a.sources {
		for _, word := range []string{"add_task", "Minion::Job", "enqueue"} {
			if strings.Contains(string(s.file.Data), word) {
				return true
			}
		}
	}
	return false
}

// workers are the processes beside the web process: the Procfile's, else Minion's.
func (a *app) workers(fw framework) []detect.Process {
	var out []detect.Process
	for _, p := range a.procfile {
		if p.Name == "web" || p.Name == "release" || !perlCommand().MatchString(p.Command) {
			continue
		}
		out = append(out, detect.Process{Name: p.Name, Command: manifest.Exec(p.Command, nil), From: detect.Declared, Evidence: []detect.Evidence{a.procFile.Evidence(p.Line)}})
	}
	if len(a.procfile) > 0 || fw.style != mojo || !a.hasJobs() {
		return out
	}
	for _, s := range a.sources {
		if !strings.Contains(string(s.file.Data), "Minion") {
			continue
		}
		for _, l := range s.lines {
			if (strings.Contains(l.text, "plugin(") || strings.HasPrefix(l.text, "plugin ")) && (strings.Contains(l.text, "'Minion'") || strings.Contains(l.text, `"Minion"`) || strings.Contains(l.text, "(Minion =>") || strings.HasPrefix(l.text, "plugin Minion")) {
				return append(out, detect.Process{Name: "worker", Command: []string{"perl", fw.script, "minion", "worker", "-m", "production"}, From: detect.Inferred,
					Why: "Minion works off jobs in a process of its own", Evidence: []detect.Evidence{s.file.Evidence(l.number)}})
			}
		}
	}
	return out
}

// worker is a component of its own that runs from the web component's image.
func (a *app) worker(web detect.Component, p detect.Process) detect.Component {
	c := web
	c.Name = p.Name
	if a.dir.Path != "." {
		c.Name = path.Base(a.dir.Path) + "-" + p.Name
	}
	c.Role = detect.Value[detect.Role]{V: detect.Worker, From: p.From, Why: p.Why, Evidence: p.Evidence}
	c.AppServer, c.Port, c.HealthPath = detect.Value[string]{}, detect.Value[int]{}, detect.Value[string]{}
	c.Readiness = nil // said once, with the web component
	p.Name = "worker"
	c.Processes = []detect.Process{p}
	return c
}

// facts sets what only the templates of this stack need.
func (a *app) facts(fw framework, facts map[string]detect.Value[string]) {
	if fw.script != "" {
		facts["script"] = detect.Infer(fw.script, "what starts the application", fw.entry)
	}
	if len(a.manifests) > 0 {
		a.manifestFacts(facts)
	} else {
		if _, cpan, ev := a.packaged(); len(cpan) > 0 {
			facts["modules"] = detect.Infer(strings.Join(cpan, " "), "the code loads these modules, and Debian does not bring them", ev...)
		}
	}
	if fw.style != cgi {
		return
	}
	l := a.layout()
	if l.documents != "" {
		facts["documents"] = detect.Infer(l.documents, "what the web server serves as it is", fw.entry)
	}
	if l.programs != "" {
		facts["programs"] = detect.Infer(l.programs, "what the web server runs as /cgi-bin/", fw.entry)
	}
	if names := a.passed(fw); len(names) > 0 {
		facts["passEnv"] = detect.Infer(strings.Join(names, " "), "the programs read these variables, and Apache hands on only those that it is told", fw.entry)
	}
	for name := range a.dir.Files() {
		if path.Base(name) == ".htaccess" && ownFile(name) {
			rel, _ := a.dir.Rel(name)
			facts["htaccess"] = detect.Is("true", detect.Evidence{File: rel})
			break
		}
	}
}

// passed are the variables that the programs read.
func (a *app) passed(fw framework) []string {
	var out []string
	for _, e := range a.variables(fw) {
		out = append(out, e.Name)
	}
	return out
}

// manifestFacts names the files that the installation of modules reads.
func (a *app) manifestFacts(facts map[string]detect.Value[string]) {
	var files []string
	for _, m := range a.manifests {
		files = append(files, a.manifestPath(path.Base(m.file.Path)))
	}
	if a.snapshot != nil {
		facts["lockfile"] = detect.Is(a.manifestPath("cpanfile.snapshot"), a.snapFile.Evidence(0))
		files = append(files, a.manifestPath("cpanfile.snapshot"))
	}
	m := a.manifests[0]
	base := path.Base(m.file.Path)
	if base == "cpanfile" {
		facts["cpanfile"] = detect.Is(a.manifestPath(base), m.file.Evidence(0))
		facts["cpanfileDir"] = detect.Is(path.Dir(a.manifestPath(base)), m.file.Evidence(0))
		files = []string{a.manifestPath(base)}
		if a.snapshot != nil {
			files = append(files, a.manifestPath("cpanfile.snapshot"))
		}
	} else {
		facts["installer"] = detect.Is(base, m.file.Evidence(0))
	}
	facts["manifests"] = detect.Infer(strings.Join(files, " "), "the installation of modules reads these files", m.file.Evidence(0))
}
