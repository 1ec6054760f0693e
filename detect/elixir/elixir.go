// Package elixir recognises Mix projects: Phoenix from 1.0 on, Plug, plain applications and umbrellas. It reads
// manifests, settings and code; nothing is ever run.
package elixir

import (
	"context"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Detector recognises Elixir.
type Detector struct{}

// Name is "elixir".
func (Detector) Name() string { return "elixir" }

// Markers are the files whose directory may hold a Mix project.
func (Detector) Markers() []string { return []string{"mix.exs"} }

// Detect says which processes the directory holds: one web process or worker, or a program.
//
// Facts: appName, deps ("true": packages are fetched), gitDeps ("true": one comes from Git), lockfile, manifests (files that the installation of
// packages reads), configs (files that their compilation reads), release (name of the release that is built; absent: the application is run by Mix),
// distributed ("true": nodes join each other), otp (major release of Erlang that is named), secretFile (settings that production imports and the repository does not hold), endpoint, repo and
// repoAdapter with endpointApp and repoApp (what that file sets), digest (Mix task that finishes the front end), assets (directory of its package.json),
// assetsBuild (its command), assetsLock, node, nodePackageManager.
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	if inUmbrella(dir) {
		return nil, nil
	}
	a, ok := open(dir)
	if !ok {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.readSources()
	if a.erlang() {
		return nil, nil
	}
	fw, ok := a.findFramework()
	if !ok {
		return a.program(), nil
	}
	a.findEnv()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return a.components(fw), nil
}

// inUmbrella reports whether a directory is an application of an umbrella, which is told as a whole.
func inUmbrella(dir detect.Dir) bool {
	if dir.Path == "." {
		return false
	}
	up, ok := dir.Sub("../..")
	if !ok || !up.Has("mix.exs") {
		return false
	}
	f, err := up.Read("mix.exs")
	if err != nil {
		return false
	}
	p := parseMix(f.Data)
	return p.appsPath != "" && path.Join(up.Path, p.appsPath) == path.Dir(dir.Path)
}

// erlang reports whether the project is one of rebar, whose mix.exs only describes it to Mix.
func (a *app) erlang() bool {
	if !a.dir.Has("rebar.config") {
		return false
	}
	erl := 0
	for name := range a.dir.Files() {
		if path.Ext(name) == ".erl" && !notOwn(name) {
			erl++
		}
	}
	return erl > len(a.sources)
}

// program is a project that is a command for people; a library is nothing.
func (a *app) program() []detect.Component {
	p := a.main()
	if p.escript == 0 {
		return nil
	}
	fw := framework{name: "none", from: detect.Inferred, why: "no framework that is known is among the packages", entry: p.file.Evidence(p.escript)}
	c := a.base(fw)
	c.Role = detect.Is(detect.CLI, fw.entry)
	return []detect.Component{c}
}

// base is what all components of the directory have in common.
func (a *app) base(fw framework) detect.Component {
	p := a.main()
	line := p.appLine
	if line == 0 {
		line = 1
	}
	c := detect.Component{
		Path:            a.dir.Path,
		Platform:        detect.Infer("linux", "nothing in it needs Windows", fw.entry),
		Language:        detect.Is("elixir", p.file.Evidence(line)),
		LanguageVersion: a.languageVersion(fw),
		Build:           detect.Is("mix", p.file.Evidence(line)),
		Facts:           map[string]detect.Value[string]{},
	}
	c.Framework = detect.Value[string]{V: fw.name, From: fw.from, Evidence: fw.evidence}
	if fw.name == "none" {
		c.Framework = detect.Infer("none", fw.why, fw.entry)
	} else if fw.version != "" {
		c.FrameworkVersion = detect.Value[string]{V: fw.version, From: fw.from, Evidence: fw.evidence}
	}
	c.EndOfLife = endOfLife(c.LanguageVersion)
	return c
}

// build is how the application is built and started.
type build struct {
	release    bool
	name       string // of the release
	why        string
	at         detect.Evidence
	secretFile string // relative to the app's directory
	secretAt   detect.Evidence
}

// findBuild decides between a release and Mix. A release reads config/config.exs and config/prod.exs while it is built:
// only an application that is written for releases, with settings that are read as it starts, can be one.
func (a *app) findBuild(version string) build {
	var b build
	for _, c := range a.configs {
		for _, imported := range c.imports {
			name := path.Join(path.Dir(c.name), imported.value)
			if strings.Contains(imported.value, "secret") && !strings.Contains(imported.value, "*") && !strings.Contains(imported.value, "#{") && !a.dir.Has(name) && b.secretFile == "" {
				b.secretFile, b.secretAt = name, c.file.Evidence(imported.line)
			}
		}
	}
	main := a.main()
	b.name, b.at = main.app, main.file.Evidence(max(main.appLine, 1))
	if started, ok := a.started(); ok && b.name == "" {
		b.name = started.app
	}
	if compare(version, "1.9") < 0 || b.secretFile != "" {
		return b
	}
	for _, c := range a.configs {
		if base := path.Base(c.name); base == "runtime.exs" || base == "releases.exs" {
			b.release, b.why, b.at = true, "settings that are read as it starts are made for releases", firstLine(c.file)
		}
	}
	if len(main.releases) > 0 {
		b.release, b.name, b.why, b.at = true, main.releases[0], "mix.exs names the release", main.file.Evidence(main.relLine)
		if main.relLine == 0 {
			b.at = main.file.Evidence(1)
		}
	}
	if a.umbrella() && len(main.releases) == 0 {
		b.release = false // an umbrella must say what its releases hold
	}
	return b
}

// firstLine is the evidence of a file's first line that says something.
func firstLine(f detect.File) detect.Evidence {
	for i, s := range strings.Split(string(f.Data), "\n") {
		if s = strings.TrimSpace(s); s != "" && s[0] != '#' {
			return f.Evidence(i + 1)
		}
	}
	return detect.Evidence{File: f.Path}
}

// components are the web process, or the worker, of an application.
func (a *app) components(fw framework) []detect.Component {
	c := a.base(fw)
	c.Role = detect.Is(fw.role, fw.entry)
	if fw.role == detect.Web {
		c.AppServer = detect.Infer("none", "the application serves by itself", fw.entry)
	}
	b := a.findBuild(c.LanguageVersion.V)
	r, hasRepo := a.findRepo()
	if b.secretFile != "" && hasRepo && len(r.roles) == 0 {
		r.roles = map[string]string{"url": "DATABASE_URL"}
	}
	c.Port, c.HealthPath = a.port(fw), a.healthPath(fw)
	c.Services = a.findServices(r)
	c.SystemPackages = a.systemPackages()
	c.Env = a.variables(fw, b, c.Port.V)
	t := a.trouble(r, hasRepo, b)
	c.Writes, c.Readiness = t.writes, t.list
	a.facts(fw, b, r, hasRepo, c.Facts)
	c.Processes = a.processes(fw, b, r, hasRepo)
	out := []detect.Component{c}
	for _, p := range a.procfile {
		if p.Name == "web" || p.Name == "release" || !mixCommand().MatchString(p.Command) || b.release {
			continue
		}
		w := c
		w.Name = p.Name
		if a.dir.Path != "." {
			w.Name = path.Base(a.dir.Path) + "-" + p.Name
		}
		ev := a.procFile.Evidence(p.Line)
		w.Role = detect.Is(detect.Worker, ev)
		w.AppServer, w.Port, w.HealthPath, w.Readiness = detect.Value[string]{}, detect.Value[int]{}, detect.Value[string]{}, nil
		w.Processes = []detect.Process{{Name: "worker", Command: manifest.Exec(p.Command, nil), From: detect.Declared, Evidence: []detect.Evidence{ev}}}
		out = append(out, w)
	}
	return out
}

var mixCommand = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[\s/])(?:mix|elixir|iex)(?:\s|$)`) })

// processes are the commands that start the application and that migrate its database.
func (a *app) processes(fw framework, b build, r repo, hasRepo bool) []detect.Process {
	name := "web"
	if fw.role != detect.Web {
		name = "worker"
	}
	p := detect.Process{Name: name, From: detect.Inferred, Evidence: []detect.Evidence{b.at}}
	skip := []string{"--no-compile", "--no-deps-check"} // all that is in the image is compiled
	switch {
	case b.release:
		p.Command, p.Why = []string{"bin/" + b.name, "start"}, "a release starts by its own program: "+b.why
	case fw.name == "phoenix" && fw.version != "" && compare(fw.version, "1.3") < 0:
		p.Command, p.Why = append([]string{"mix", "phoenix.server"}, skip...), "the server of Phoenix before 1.3"
	case fw.name == "phoenix":
		p.Command, p.Why = append([]string{"mix", "phx.server"}, skip...), "the settings are read by Mix as it starts"
	default:
		p.Command, p.Why = append([]string{"mix", "run", "--no-halt"}, skip...), "the settings are read by Mix as it starts"
	}
	out := []detect.Process{p}
	migrations := a.migrations()
	if !hasRepo || migrations == "" {
		return out
	}
	m := detect.Process{Name: "release", From: detect.Inferred, Why: "there are migrations", Evidence: []detect.Evidence{a.whole(migrations)}}
	if !b.release {
		m.Command = append([]string{"mix", "ecto.migrate"}, skip...)
		return append(out, m)
	}
	m.Command = []string{"bin/" + b.name, "eval", "Application.load(:" + r.app + "); {:ok, _, _} = Ecto.Migrator.with_repo(" + r.module + ", &Ecto.Migrator.run(&1, :up, all: true))"}
	if s, _, ok := a.find("def migrate", func(l string) bool { return migrate().MatchString(l) }); ok && path.Base(s.name) == "release.ex" {
		m.Command[2], m.Why = moduleOf(s.file)+".migrate", "the application brings a function for it"
	} else if r.app == "" {
		return out
	}
	return append(out, m)
}

var migrate = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^def migrate\b(?:\(\))?\s*do`) })

// migrations is the last migration of the database, or "".
func (a *app) migrations() string {
	for _, p := range a.projects {
		if all := a.dir.Glob(path.Join(p.dir, "priv/*/migrations/*.exs")); len(all) > 0 {
			return all[len(all)-1]
		}
	}
	return ""
}

func (a *app) whole(name string) detect.Evidence {
	if f, ok := a.read(name); ok {
		return firstLine(f)
	}
	p, _ := a.dir.Rel(name)
	return detect.Evidence{File: p}
}

// systemDeps are packages with native parts beyond what the full image carries. Source: their documentation on Hex.
var systemDeps = []struct {
	dep, name, why string
	run            []string
}{
	{"mogrify", "imagemagick", "mogrify runs ImageMagick's commands", []string{"imagemagick"}},
	{"thumbnex", "ffmpeg", "thumbnex runs FFmpeg and ImageMagick", []string{"ffmpeg", "imagemagick"}},
	{"ffmpex", "ffmpeg", "ffmpex runs FFmpeg", []string{"ffmpeg"}},
	{"pdf_generator", "wkhtmltopdf", "pdf_generator runs wkhtmltopdf", []string{"wkhtmltopdf"}},
	{"puppeteer_pdf", "chromium", "puppeteer_pdf prints pages with Chromium", []string{"chromium"}},
	{"chromic_pdf", "chromium", "chromic_pdf prints pages with Chromium", []string{"chromium"}},
	{"git_cli", "git", "git_cli runs Git", []string{"git"}},
}

func (a *app) systemPackages() []detect.SystemPackage {
	var out []detect.SystemPackage
	for _, s := range systemDeps {
		if p, ok := a.dep(s.dep); ok {
			out = append(out, detect.SystemPackage{Name: s.name, Run: s.run, Why: s.why, Evidence: p.evidence})
		}
	}
	return out
}

// facts sets what only the templates of this stack need.
func (a *app) facts(fw framework, b build, r repo, hasRepo bool, facts map[string]detect.Value[string]) {
	main := a.main()
	at := main.file.Evidence(max(main.appLine, 1))
	var manifests, configs []string
	for _, p := range a.projects {
		manifests = append(manifests, path.Join(p.dir, "mix.exs"))
		for i, d := range p.deps {
			if i == 0 {
				facts["deps"] = detect.Is("true", p.file.Evidence(d.line))
			}
			if d.git {
				facts["gitDeps"] = detect.Is("true", p.file.Evidence(d.line))
			}
		}
	}
	if a.lock != nil {
		facts["lockfile"] = detect.Is("mix.lock", a.lockFile.Evidence(0))
		manifests = append(manifests, "mix.lock")
	}
	for _, c := range a.configs {
		configs = append(configs, c.name)
	}
	for _, p := range a.projects { // Mix reads the settings of an environment by name; the others are left out of the layer
		for _, name := range []string{"config/config.exs"} {
			if n := path.Join(p.dir, name); a.dir.Has(n) && !contains(configs, n) {
				configs = append(configs, n)
			}
		}
	}
	facts["manifests"] = detect.Infer(strings.Join(manifests, " "), "the installation of packages reads these files", at)
	if len(configs) > 0 {
		facts["configs"] = detect.Infer(strings.Join(configs, " "), "packages are compiled with these settings", at)
	}
	if b.name != "" {
		facts["appName"] = detect.Is(b.name, b.at)
	}
	if b.release {
		facts["release"] = detect.Infer(b.name, b.why, b.at)
	}
	if v, ok := a.otp(); ok {
		facts["otp"] = v
	}
	if p, ok := a.firstDep("libcluster", "swarm", "horde", "peerage", "libring"); ok {
		facts["distributed"] = detect.Infer("true", "the package "+p.name+" joins nodes", p.evidence...)
	}
	if b.secretFile != "" {
		a.secretFacts(fw, b, r, hasRepo, facts)
	}
	a.assetFacts(fw, facts)
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// secretFacts name what the file of secrets sets, which the image gets in its place.
func (a *app) secretFacts(fw framework, b build, r repo, hasRepo bool, facts map[string]detect.Value[string]) {
	why := "production imports it, and it is not in the repository"
	facts["secretFile"] = detect.Infer(b.secretFile, why, b.secretAt)
	if plainName().MatchString(fw.endpoint) && plainName().MatchString(fw.otpApp) {
		facts["endpoint"] = detect.Is(fw.endpoint, fw.entry)
		facts["endpointApp"] = detect.Is(fw.otpApp, fw.entry)
	}
	if hasRepo && plainName().MatchString(r.app) && plainName().MatchString(r.module) && r.kind != "sqlite" {
		ev := r.evidence
		if len(ev) == 0 {
			ev = []detect.Evidence{b.secretAt}
		}
		facts["repo"] = detect.Is(r.module, ev...)
		facts["repoApp"] = detect.Is(r.app, ev...)
		if r.adapter != "" {
			facts["repoAdapter"] = detect.Is(r.adapter, ev...)
		} else if _, ok := a.dep("postgrex"); ok {
			facts["repoAdapter"] = detect.Infer("Ecto.Adapters.Postgres", "postgrex is its driver", ev...)
		}
	}
}

// plainName is a module or an application whose name needs no quoting in Elixir.
var plainName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z]\w*(?:\.[A-Z]\w*)*$`) })

func (a *app) assetFacts(fw framework, facts map[string]detect.Value[string]) {
	s := a.findAssets(fw)
	if s.task != "" {
		facts["digest"] = detect.Infer(s.task, "Phoenix serves the front end with the digests that this task makes", s.taskAt)
	}
	if s.dir == "" {
		return
	}
	facts["assets"] = detect.Is(s.dir, s.packages)
	facts["nodePackageManager"] = detect.Is(s.manager, s.packages)
	if s.lock != "" {
		facts["assetsLock"] = detect.Is(s.lock, s.packages)
	}
	if s.build != "" {
		facts["assetsBuild"] = detect.Infer(s.build, "package.json says how the front end is built", s.packages)
	}
	facts["node"] = detect.Infer(s.node, s.nodeWhy, s.nodeAt)
	if s.nodeWhy == "" {
		facts["node"] = detect.Is(s.node, s.nodeAt)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
