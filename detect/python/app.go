package python

import (
	"path"

	"github.com/drydock-cli/drydock/detect"
)

// app is a project on its way to components.
type app struct {
	*project
	framework detect.Value[string]
	release   detect.Value[string]
	entry     entry
	manage    string   // path of manage.py; empty: none
	settings  []string // Django's settings, those that production uses first
	module    hit      // the line that names the settings module; m[1] is its name
	reads     []envRead
	commands  []command // what the repository says that it is started with, strongest first
	uwsgi     *uwsgiConfig
	db        *database
}

// components lists what the project runs.
func (p *project) components() []detect.Component {
	p.readDeps()
	p.readImports()
	a := &app{project: p}
	a.findFramework()
	a.findManage()
	a.readUWSGI()
	a.readCommands()
	a.findEntry()
	a.findEnv()
	if out := a.machineLearning(); out != nil {
		return out
	}
	if _, ok := a.stated("web"); ok && len(p.files) > 0 || a.entry.set() && a.framework.Set() {
		return a.webComponents()
	}
	return a.programs()
}

// webComponents are the web process and the workers beside it.
func (a *app) webComponents() []detect.Component {
	role := detect.Is(detect.Web, a.entry.evidence...)
	if x, ok := a.stated("web"); ok {
		role = detect.Is(detect.Web, x.evidence)
	}
	c := a.base(role)
	c.Name = a.name(role.V)
	a.serve(&c)
	c.Services = a.services(&c, false)
	c.Env = a.env(&c)
	c.Processes = append(c.Processes, a.migrations(&c)...)
	a.readiness(&c)
	c.Readiness = append(c.Readiness, a.trouble...)
	a.embedded(&c)
	c.HealthPath = a.health()
	return append([]detect.Component{c}, a.workerComponents(c)...)
}

// workerComponents run from the web component's image.
func (a *app) workerComponents(web detect.Component) []detect.Component {
	var out []detect.Component
	for _, w := range a.workers() {
		c := a.base(w.role)
		c.Name = a.name(detect.Role(w.name))
		if a.dir.Path != "." {
			c.Name = path.Base(a.dir.Path) + "-" + w.name
		}
		c.Services = a.services(&c, true)
		c.Env = a.env(&c)
		c.Processes = []detect.Process{{Name: "worker", Command: w.command, From: w.role.From, Why: w.role.Why, Evidence: w.role.Evidence}}
		c.Writes, c.EndOfLife, c.Facts = web.Writes, web.EndOfLife, web.Facts
		out = append(out, c)
	}
	return out
}

// name is a component's name: its role at the root of a repository, else its directory's.
func (a *app) name(role detect.Role) string {
	if a.dir.Path == "." {
		return string(role)
	}
	return path.Base(a.dir.Path)
}

// base is a component with what all of the project's have in common.
func (a *app) base(role detect.Value[detect.Role]) detect.Component {
	c := detect.Component{Role: role, Platform: detect.Infer("linux", "nothing in it needs Windows", firstOf(role.Evidence)...)}
	c.Language = detect.Infer("python", "its sources are Python", firstOf(role.Evidence)...)
	if ev, ok := a.languageEvidence(); ok {
		c.Language = detect.Is("python", ev)
	}
	c.Framework = a.framework
	if !c.Framework.Set() {
		c.Framework = detect.Infer("none", "no framework is among its dependencies or imports", firstOf(role.Evidence)...)
	}
	c.FrameworkVersion = a.release
	c.LanguageVersion = a.version(a.framework.V, a.release.V)
	c.Build = a.build()
	c.Facts = map[string]detect.Value[string]{}
	a.buildFacts(&c)
	c.SystemPackages = a.systemPackages(c.LanguageVersion)
	a.translate(&c)
	c.EndOfLife = endOfLife(c.LanguageVersion.V, a.framework.V, a.release.V)
	if c.LanguageVersion.From == detect.Default {
		c.EndOfLife = endOfLife("", a.framework.V, a.release.V)
	}
	return c
}

func firstOf(ev []detect.Evidence) []detect.Evidence { return ev[:min(1, len(ev))] }

func (a *app) languageEvidence() (detect.Evidence, bool) {
	for _, name := range append(append([]string{}, manifests...), "manage.py") {
		if a.dir.Has(name) {
			if f, err := a.dir.Read(name); err == nil {
				return f.Evidence(0), true
			}
		}
	}
	return detect.Evidence{}, false
}
