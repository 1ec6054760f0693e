// Package ruby recognises Ruby applications: Rails from 2.3 on, Sinatra, Padrino, Hanami and plain Rack. It reads
// manifests, configuration and the places where code reads variables; nothing is ever run.
package ruby

import (
	"context"
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Detector recognises Ruby.
type Detector struct{}

// Name is "ruby".
func (Detector) Name() string { return "ruby" }

// Markers are the files whose directory may hold a Ruby application. environment.rb stands in its config directory.
func (Detector) Markers() []string {
	return []string{"Gemfile", "gems.rb", "config.ru", "Rakefile", "environment.rb"}
}

// Detect says which processes the directory holds: a web process and the workers beside it, or a library.
//
// Facts: lockfile, bundlerVersion, assets, node, nodePackageManager, gitGems, databaseAdapter, databaseConfig (missing, or partial:
// without settings for production), railsEnv, engine (another Ruby than MRI), bundleConfig ("true": gems come from a server that wants
// a login), and manifests: the files beside Gemfile and lock that Bundler reads.
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	dir, ok := root(dir)
	if !ok {
		return nil, nil
	}
	a := open(dir)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	fw, ok := a.findFramework()
	if !ok {
		return a.other(), nil
	}
	a.findEnv()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return a.components(fw), nil
}

// root is the application's directory for one that holds a marker: the parent of a config directory that holds
// environment.rb, unless the parent has a marker of its own and is offered itself.
func root(dir detect.Dir) (detect.Dir, bool) {
	if !dir.Has("environment.rb") || path.Base(dir.Path) != "config" || dir.Has("Gemfile") || dir.Has("config.ru") {
		return dir, dir.Has("Gemfile") || dir.Has("gems.rb") || dir.Has("config.ru") || dir.Has("Rakefile")
	}
	parent, ok := dir.Sub("..")
	if !ok || parent.Has("Gemfile") || parent.Has("gems.rb") || parent.Has("config.ru") || parent.Has("Rakefile") {
		return dir, false
	}
	return parent, true
}

// other is what a directory without a framework holds: the Procfile's workers, or a library.
func (a *app) other() []detect.Component {
	if a.gemfile == nil {
		return nil
	}
	fw := framework{name: "none", from: detect.Inferred, why: "no framework is among the gems", evidence: []detect.Evidence{a.gemFile.Evidence(0)}, entry: a.gemFile.Evidence(0)}
	if a.startsRuby() {
		fw.entry = a.procFile.Evidence(a.procfile[0].Line)
		a.findEnv()
		if _, web := a.process("web"); web {
			return a.components(fw)
		}
		if cs := a.components(fw); len(cs) > 1 {
			return cs[1:]
		}
	}
	if len(a.specs) == 0 {
		return nil
	}
	c := a.base(fw)
	role := detect.Library
	if s := a.specs[0]; s.executables && (!s.listed || len(a.dir.Glob("bin/*"))+len(a.dir.Glob("exe/*")) > 0) {
		role = detect.CLI
	}
	c.Role = detect.Is(role, a.specs[0].file.Evidence(0))
	return []detect.Component{c}
}

var rubyCommand = manifest.Lazy(`(?:^|[\s/])(?:bundle|ruby|rails|rake|rackup|puma|unicorn|thin|sidekiq|resque|clockwork|foreman)(?:\s|$)|\.rb(?:\s|$)`)

// startsRuby reports whether the Procfile starts Ruby programs: a Gemfile alone may serve tools of another language.
func (a *app) startsRuby() bool {
	for _, p := range a.procfile {
		if rubyCommand.MatchString(p.Command) {
			return true
		}
	}
	return false
}

// base is what all components of the directory have in common.
func (a *app) base(fw framework) detect.Component {
	c := detect.Component{
		Path:     a.dir.Path,
		Platform: detect.Infer("linux", "nothing in it needs Windows", fw.entry),
		Language: detect.Is("ruby", a.marker(fw)),
		Facts:    map[string]detect.Value[string]{},
	}
	c.Framework = detect.Value[string]{V: fw.name, From: fw.from, Why: fw.why, Evidence: fw.evidence}
	if fw.version != "" {
		c.FrameworkVersion = detect.Value[string]{V: fw.version, From: fw.from, Why: fw.why, Evidence: fw.evidence}
	}
	if fw.name == "none" || fw.from == detect.Inferred && fw.rails() {
		c.Framework = detect.Infer(fw.name, fw.why, fw.entry)
		if fw.rails() {
			c.Framework = detect.Is(fw.name, fw.entry)
		}
	}
	if a.gemfile != nil {
		c.Build = detect.Is("bundler", a.gemFile.Evidence(0))
	} else {
		c.Build = detect.Infer("none", "there is no Gemfile", fw.entry)
	}
	c.LanguageVersion = a.languageVersion(fw)
	if e, ok := ended(rubies, "ruby", c.LanguageVersion.V, rubySource); ok && c.LanguageVersion.From != detect.Default {
		c.EndOfLife = append(c.EndOfLife, e)
	}
	if e, ok := ended(railses, "rails", fw.version, railsSource); ok && fw.rails() {
		c.EndOfLife = append(c.EndOfLife, e)
	}
	return c
}

// marker is the evidence that this is Ruby.
func (a *app) marker(fw framework) detect.Evidence {
	if a.gemfile != nil {
		return a.gemFile.Evidence(0)
	}
	return fw.entry
}

// components are the web process and the workers of an application.
func (a *app) components(fw framework) []detect.Component {
	web := a.findServer(fw)
	db, hasDB := a.findDatabase(fw)
	c := a.base(fw)
	c.Role = detect.Is(detect.Web, fw.entry)
	c.Port, c.AppServer, c.AppServerVersion = web.port, web.name, web.version
	c.HealthPath = a.healthPath(fw)
	c.Services = a.findServices(db, hasDB)
	c.SystemPackages = a.systemPackages(db)
	c.Env = a.env(fw, db, web)
	a.facts(fw, db, hasDB, c.Facts)
	t := a.trouble(fw, db, hasDB)
	c.Writes, c.Readiness = t.writes, append(t.list, web.trouble...)
	lookup := a.lookup(&web)
	workers := a.findWorkers(fw, lookup)
	c.Processes = append(c.Processes, web.command)
	for _, w := range workers {
		c.Processes = append(c.Processes, detect.Process{Name: w.name, Command: w.command, From: w.from, Why: w.why, Evidence: w.evidence})
	}
	if release, ok := a.release(fw, hasDB, lookup); ok {
		c.Processes = append(c.Processes, release)
	}
	out := []detect.Component{c}
	a.schedules(&out[0], fw, lookup)
	for i, w := range workers {
		out = append(out, a.worker(c, w, c.Processes[1+i]))
	}
	return out
}

// worker is a component of its own that runs from the web component's image.
func (a *app) worker(web detect.Component, w worker, p detect.Process) detect.Component {
	c := web
	c.Name = w.name
	if a.dir.Path != "." {
		c.Name = path.Base(a.dir.Path) + "-" + w.name
	}
	c.Role = detect.Value[detect.Role]{V: detect.Worker, From: w.from, Why: w.why, Evidence: w.evidence}
	c.AppServer, c.AppServerVersion = detect.Value[string]{}, detect.Value[string]{}
	c.Port, c.HealthPath = detect.Value[int]{}, detect.Value[string]{}
	c.Readiness = nil // said once, with the web component
	p.Name = "worker"
	c.Processes = []detect.Process{p}
	c.Env = nil
	for _, e := range web.Env {
		if e.Name != "PORT" {
			c.Env = append(c.Env, e)
		}
	}
	return c
}

// publicGems is the address of a server that asks for no login.
var publicGems = manifest.Lazy(`(?i)^https?://(?:[\w.-]+\.)?(?:rubygems\.org|rubyforge\.org|gemcutter\.org|rails-assets\.org|ruby-china\.(?:com|org)|gems\.github\.com|taobao\.org)(?:/|$)`)

// facts sets what only the templates of this stack need.
func (a *app) facts(fw framework, db database, hasDB bool, facts map[string]detect.Value[string]) {
	if a.lock != nil {
		facts["lockfile"] = detect.Is(path.Base(a.lockFile.Path), a.lockFile.Evidence(0))
	}
	if a.gemfile != nil {
		for _, s := range a.gemfile.sources {
			if !publicGems.MatchString(s.url) {
				facts["bundleConfig"] = detect.Infer("true", "gems come from a server that is not public", a.gemFile.Evidence(s.line))
				break
			}
		}
	}
	if v, value := a.bundler(); v != "" {
		facts["bundlerVersion"] = value
	}
	if a.lock != nil && a.lock.gitLine > 0 {
		facts["gitGems"] = detect.Lock("true", a.lockFile.Evidence(a.lock.gitLine))
	} else if a.gemfile != nil && a.lock == nil {
		for _, l := range a.gemfile.gems {
			if l.git() {
				facts["gitGems"] = detect.Is("true", a.gemFile.Evidence(l.line))
				break
			}
		}
	}
	if name, ev, ok := a.engine(); ok {
		facts["engine"] = detect.Is(name, ev)
	}
	if hasDB && db.adapter != "" {
		facts["databaseAdapter"] = detect.Value[string]{V: db.adapter, From: db.from, Why: db.why, Evidence: db.evidence}
	}
	switch {
	case db.missing && fw.rails():
		facts["databaseConfig"] = detect.Infer("missing", "config/database.yml is not in the repository", db.evidence...)
	case db.partial && fw.rails():
		facts["databaseConfig"] = detect.Infer("partial", "config/database.yml has no settings for production", db.evidence...)
	}
	if fw.rails() {
		facts["railsEnv"] = detect.Infer("production", "a container runs in production mode", fw.entry)
	}
	if files := a.bundlerReads(); len(files) > 0 {
		facts["manifests"] = detect.Infer(strings.Join(files, " "), "the Gemfile and the gemspecs read these files", a.gemFile.Evidence(a.readsLine()))
	}
	a.assetFacts(fw, facts)
}

// engine returns another Ruby than MRI that the Gemfile or the lock asks for.
func (a *app) engine() (string, detect.Evidence, bool) {
	switch {
	case a.gemfile != nil && a.gemfile.engine != "":
		return a.gemfile.engine, a.gemFile.Evidence(a.gemfile.rubyLine), true
	case a.lock != nil && a.lock.rubyEngine != "":
		return a.lock.rubyEngine, a.lockFile.Evidence(a.lock.rubyLine), true
	}
	return "", detect.Evidence{}, false
}

// readsLine is the line of the Gemfile that reads another file.
func (a *app) readsLine() int {
	if a.gemfile.usesSpec > 0 {
		return a.gemfile.usesSpec
	}
	return a.gemfile.readsLine
}

// maxManifests bounds the list of files that Bundler reads.
const maxManifests = 40

// bundlerReads lists the files beside Gemfile and lock that "bundle install" reads: gemspecs and what they require, gems
// by path, and what the code of the Gemfile names.
func (a *app) bundlerReads() []string {
	if a.gemfile == nil {
		return nil
	}
	set := map[string]bool{}
	add := func(name string) {
		name = path.Clean(name)
		if a.dir.Has(name) && name != "Gemfile" && name != "Gemfile.lock" && !strings.ContainsAny(name, " \t") {
			set[name] = true
		}
	}
	for _, f := range a.gemfile.reads {
		add(f)
		add(f + ".rb")
	}
	add(a.gemfile.rubyFile)
	if a.gemfile.usesSpec > 0 || mentionsGemspec(a.gemfile) {
		for _, s := range a.specs {
			add(path.Base(s.file.Path))
			for _, r := range s.reads {
				r = strings.TrimPrefix(strings.TrimPrefix(r, "../"), "./")
				for _, name := range []string{r, r + ".rb", "lib/" + r + ".rb"} {
					add(name)
				}
			}
		}
	}
	for _, l := range a.gemfile.gems {
		for _, p := range l.options["path"] {
			for _, f := range a.dir.Glob(path.Join(p, "{*.gemspec,*/*.gemspec,lib/**/version.rb,*/lib/**/version.rb}")) {
				add(f)
			}
		}
	}
	out := sorted(set)
	sort.Strings(out)
	return out[:min(len(out), maxManifests)]
}
