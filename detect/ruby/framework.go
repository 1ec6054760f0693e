package ruby

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// framework is what the application is built with.
type framework struct {
	name     string // rails, sinatra, padrino, hanami, none
	version  string // as precise as known
	from     detect.Origin
	why      string
	evidence []detect.Evidence // of name and version
	entry    detect.Evidence   // the file that makes it an application
	script   string            // classic Sinatra: the file that is run, without config.ru
}

func (f framework) rails() bool { return f.name == "rails" }

// findFramework says what kind of application the directory holds; ok is false when nothing in it serves or works.
func (a *app) findFramework() (framework, bool) {
	if f, ok := a.findRails(); ok {
		return f, true
	}
	rack, hasRack := a.wholeFile("config.ru")
	for _, name := range []string{"hanami", "padrino", "sinatra"} {
		g, ok := a.frameworkGem(name)
		if !ok {
			continue
		}
		f := framework{name: name, version: g.version, from: g.from, evidence: g.evidence, entry: rack}
		if f.version == "" {
			f.from = detect.Declared
		}
		if hasRack {
			return f, true
		}
		if script, ev, ok := a.classicScript(); ok && name == "sinatra" {
			f.script, f.entry = script, ev
			return f, true
		}
	}
	if script, ev, ok := a.classicScript(); ok && !hasRack && len(a.specs) == 0 {
		return framework{name: "sinatra", from: detect.Declared, evidence: []detect.Evidence{ev}, entry: ev, script: script}, true
	}
	if hasRack && len(a.specs) == 0 {
		return framework{name: "none", from: detect.Inferred, why: "config.ru without a framework that is known", evidence: []detect.Evidence{rack}, entry: rack}, true
	}
	return framework{}, false
}

// frameworkGem returns the gem of a framework that the application itself asks for. Sinatra, for example, also comes with
// the web pages of other gems.
func (a *app) frameworkGem(name string) (found, bool) {
	for _, n := range []string{name, name + "-core", "hanami-" + name, name + "-contrib", name + "-activerecord"} {
		if g, ok := a.gem(n); ok && g.direct {
			if n != name {
				if main, ok := a.gem(name); ok {
					return main, true
				}
				if strings.HasSuffix(n, "contrib") || strings.HasSuffix(n, "activerecord") {
					g.version = ""
				}
			}
			return g, true
		}
	}
	return found{}, false
}

// wholeFile returns the evidence of a file's first line that says something.
func (a *app) wholeFile(name string) (detect.Evidence, bool) {
	f, ok := a.read(name)
	if !ok {
		return detect.Evidence{}, false
	}
	for i, text := range strings.Split(string(f.Data), "\n") {
		if t := strings.TrimSpace(text); t != "" && t[0] != '#' {
			return f.Evidence(i + 1), true
		}
	}
	return detect.Evidence{File: f.Path}, true
}

var (
	railsApplication = manifest.Lazy(`<\s*(?:::)?Rails::Application\b`)
	// Content management systems of the time of Rails 2 start it by an initializer of their own, which extends Rails'.
	railsInitializer = manifest.Lazy(`\b[A-Z]\w*::Initializer\.run\b`)
	railsGemVersion  = manifest.Lazy(`^RAILS_GEM_VERSION\s*=\s*["']([\d.]+)`)
	loadDefaults     = manifest.Lazy(`\bconfig\.load_defaults[\s(]+["']?(\d+\.\d+)`)
	migrationVersion = manifest.Lazy(`ActiveRecord::(?:Migration|Schema)\[(\d+\.\d+)\]`)
)

// findRails recognises a Rails application by its own files: the gem alone proves nothing, because engines and tools
// depend on it too.
func (a *app) findRails() (framework, bool) {
	f := framework{name: "rails"}
	_, ev, modern := a.grep("config/application.rb", railsApplication.MatchString)
	if !modern {
		if _, ev, modern = a.grep("config/environment.rb", railsInitializer.MatchString); !modern {
			return f, false
		}
	}
	f.entry = ev
	if s, ev, ok := a.grep("config/environment.rb", railsGemVersion.MatchString); ok {
		f.version, f.from, f.evidence = railsGemVersion.FindStringSubmatch(s.text)[1], detect.Declared, []detect.Evidence{ev}
	}
	for _, name := range []string{"rails", "railties", "activesupport", "activerecord", "actionpack"} {
		g, ok := a.gem(name)
		if !ok || g.version == "" || (f.version != "" && g.from != detect.Locked) {
			continue
		}
		f.version, f.from, f.evidence = g.version, g.from, g.evidence
		break
	}
	a.vendoredRails(&f)
	if f.version == "" || a.vagueRails() {
		a.railsFromCode(&f)
	}
	if f.version == "" && !a.has("rails") && railsInitializer.MatchString(ev.Text) {
		f.version, f.from, f.why, f.evidence = "2.3", detect.Inferred, "the last release whose applications start this way", []detect.Evidence{ev}
	}
	if len(f.evidence) == 0 {
		f.from, f.evidence = detect.Declared, []detect.Evidence{f.entry}
	}
	return f, true
}

var vendoredNumber = manifest.Lazy(`^(MAJOR|MINOR|TINY)\s*=\s*(\d+)$`)

// vendoredRails takes the version of the Rails that the repository brings, which the boot file of Rails 1 and 2 prefers to a gem.
func (a *app) vendoredRails(f *framework) {
	const name = "vendor/rails/railties/lib/rails/version.rb"
	ss, file, ok := a.statements(name)
	if !ok {
		return
	}
	var numbers []string
	var ev []detect.Evidence
	for _, s := range ss {
		if m := vendoredNumber.FindStringSubmatch(s.text); m != nil {
			numbers, ev = append(numbers, m[2]), append(ev, file.Evidence(s.line))
		}
	}
	if len(numbers) == 3 {
		f.version, f.from, f.why, f.evidence = strings.Join(numbers, "."), detect.Inferred, "the release that vendor/rails holds", ev
	}
}

// vagueRails reports whether the Gemfile gives Rails only a lower bound and no lock says more.
func (a *app) vagueRails() bool {
	if a.lock != nil {
		return false
	}
	for _, l := range a.gemLines() {
		if l.name == "rails" {
			_, bounded := floor(l.constraints)
			return !bounded
		}
	}
	return false
}

// railsFromCode infers the version of Rails from what its generators write.
func (a *app) railsFromCode(f *framework) {
	set := func(version, why string, ev detect.Evidence) {
		if f.version == "" || compare(version, f.version) > 0 {
			f.version, f.from, f.why, f.evidence = version, detect.Inferred, why, []detect.Evidence{ev}
		}
	}
	if s, ev, ok := a.grep("config/application.rb", loadDefaults.MatchString); ok {
		set(loadDefaults.FindStringSubmatch(s.text)[1], "config.load_defaults names it", ev)
	}
	names := append(a.dir.Glob("db/migrate/*.rb"), "db/schema.rb")
	for _, name := range names[max(0, len(names)-4):] {
		if s, ev, ok := a.grep(name, migrationVersion.MatchString); ok {
			set(migrationVersion.FindStringSubmatch(s.text)[1], "the newest migrations are written for it", ev)
		}
	}
}

var requireSinatra = manifest.Lazy(`^require[\s(]+["']sinatra(?:/reloader)?["']`)

// classicScript returns a file of the directory that requires sinatra and thereby serves when it is run.
func (a *app) classicScript() (string, detect.Evidence, bool) {
	names := a.dir.Glob("*.rb")
	for _, name := range names[:min(len(names), 50)] {
		if _, ev, ok := a.grep(name, requireSinatra.MatchString); ok {
			return name, ev, true
		}
	}
	return "", detect.Evidence{}, false
}
