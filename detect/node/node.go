// Package node recognises applications that Node runs or that Node's tools build: servers (Express, Koa, Hapi, Nest, Next,
// Nuxt, Meteor and plain Node), workers, functions, and front ends for the browser (Angular, React, Vue, Ember, Svelte and
// what gulp, grunt or webpack build). It reads manifests, lock files, configuration and code; nothing is ever run.
package node

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Detector recognises Node applications and front ends.
type Detector struct{}

// Name is "node".
func (Detector) Name() string { return "node" }

// Markers are the files whose directory may hold an application. release stands in Meteor's directory .meteor.
func (Detector) Markers() []string { return []string{"package.json", "bower.json", "release"} }

// Detect says what the directory holds: a server and its workers, a front end, a function, a tool or a library.
//
// Facts, all for the templates of this stack and, for a front end, of the back end that it is built into:
// packageManager (npm, yarn, pnpm, bower), packageManagerSetup (the command that brings that package manager into the
// image; absent: it is there), lockfile (its name), manifests (files, relative to the build context, that the installation
// reads), installCommand (installs everything), productionInstall (installs what runs; absent: as installCommand),
// afterInstall (a second installer: Bower, Lerna), bower ("true": a script runs Bower), installNeedsSources ("true": scripts that run while packages are installed read the application), buildCommand, buildEnv
// (NAME=value words that the build needs), pruneCommand (takes away what only the build needed), output (what a build makes,
// relative to the component), servedBy ("nginx": the output is files for a browser), fallback ("index.html": unknown paths
// belong to the application in the browser), npmrc ("secret": a private registry needs a .npmrc), meteor (release).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	dir, ok := root(dir)
	if !ok {
		return nil, nil
	}
	if ofGenerator(dir.Path) {
		return nil, nil
	}
	p := open(dir)
	if p.pkg == nil && p.bower == nil && !p.meteor() {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k := p.kind()
	if k.role == "" {
		return nil, nil
	}
	return p.components(k), nil
}

// ofGenerator reports whether a directory holds what a program hands out as the beginning of someone else's application.
func ofGenerator(dir string) bool {
	for part := range strings.SplitSeq(dir, "/") {
		switch strings.ToLower(part) {
		case "seeds", "stubs", "skeleton", "skeletons", "scaffold", "scaffolds", "blueprints", "boilerplates", "__fixtures__", "__mocks__", "generators", "playground", "sandbox":
			return true
		}
	}
	return false
}

// root is the application's directory for one that holds a marker: Meteor's release file stands in .meteor, and its
// application above is offered by itself when it has a package.json.
func root(dir detect.Dir) (detect.Dir, bool) {
	if dir.Has("package.json") || dir.Has("bower.json") {
		return dir, path.Base(dir.Path) != ".meteor"
	}
	if path.Base(dir.Path) != ".meteor" {
		return dir, false
	}
	up, ok := dir.Sub("..")
	return up, ok && !up.Has("package.json") && !up.Has("bower.json")
}

// components are what the directory deploys: the component of its role and the workers beside it.
func (p *project) components(k kind) []detect.Component {
	c := p.base(k)
	switch k.role {
	case detect.Library, detect.CLI:
		return []detect.Component{c}
	case detect.SPA, detect.Static:
		p.frontEnd(&c, k)
		return []detect.Component{c}
	}
	p.server(&c, k)
	return append([]detect.Component{c}, p.workers(c)...)
}

// base is what all components of the directory have in common.
func (p *project) base(k kind) detect.Component {
	c := detect.Component{
		Path:      p.dir.Path,
		Platform:  detect.Infer("linux", "nothing in it needs Windows", k.evidence[0]),
		Role:      detect.Value[detect.Role]{V: k.role, From: detect.Inferred, Why: k.why, Evidence: k.evidence},
		Language:  p.language(k),
		Framework: detect.Value[string]{V: k.framework, From: detect.Declared, Evidence: k.evidence[:1]},
		Facts:     map[string]detect.Value[string]{},
	}
	if k.framework == "none" {
		c.Framework = detect.Infer("none", "no framework of the list is among its packages", k.evidence[0])
	} else {
		c.FrameworkVersion = p.frameworkVersion(k)
	}
	if p.ws != nil {
		c.Root = p.ws.root
	} else if _, ok := p.linked(); ok {
		c.Root = path.Dir(p.dir.Path)
	}
	c.LanguageVersion = p.languageVersion(k)
	c.Build = p.build()
	p.installFacts(&c)
	c.EndOfLife = p.endOfLife(c)
	return c
}

// server fills in what a component that Node runs has.
func (p *project) server(c *detect.Component, k kind) {
	p.buildFacts(c, k)
	web := k.role == detect.Web
	if web {
		c.Port = p.port(k)
		c.HealthPath = p.healthPath()
	}
	if len(p.envReads) == 0 {
		p.envReads = p.findEnv()
	}
	c.Services = p.services()
	c.SystemPackages = p.systemPackages(c.LanguageVersion.V)
	c.Env = p.env(c, k)
	t := p.trouble(c)
	c.Writes, c.Readiness = t.writes, t.list
	if command, ok := p.start(k, c); ok {
		p.fromRoot(c, command.Command)
		command.Name = string(k.role)
		c.Processes = append(c.Processes, command)
	}
	if release, ok := p.release(); ok {
		c.Processes = append(c.Processes, release)
	}
	p.keepTools(c)
}

// keepTools leaves everything installed where what only development installs is needed to run: a compiler of the start
// command, the framework itself.
func (p *project) keepTools(c *detect.Component) {
	if p.pkg == nil {
		return
	}
	needed := []string{}
	for _, x := range c.Processes {
		text := p.expand(strings.Join(x.Command, " "), 0)
		for _, w := range strings.Fields(text) {
			needed = append(needed, path.Base(w))
		}
	}
	for _, e := range c.Framework.Evidence {
		for name, d := range p.pkg.deps {
			if d.group == "devDependencies" && e.File == p.pkg.file.Path && e.Line == d.line {
				needed = append(needed, name)
			}
		}
	}
	for _, w := range needed {
		name := tools[w]
		if name == "" {
			name = w
		}
		if d, ok := p.pkg.deps[name]; ok && d.group == "devDependencies" {
			delete(c.Facts, "pruneCommand")
			delete(c.Facts, "productionInstall")
			return
		}
	}
}

// tools are the packages that bring commands of another name.
var tools = map[string]string{"sequelize": "sequelize-cli", "babel-node": "@babel/node", "tsc": "typescript", "nest": "@nestjs/cli", "ts-node-dev": "ts-node-dev", "coffee": "coffee-script", "ng": "@angular/cli"}

// frontEnd fills in what a component has that is built for a browser and served by a web server.
func (p *project) frontEnd(c *detect.Component, k kind) {
	p.buildFacts(c, k)
	p.outputFacts(c, k)
	c.SystemPackages = p.systemPackages(c.LanguageVersion.V)
	t := p.frontTrouble()
	c.Readiness = t.list
}
