package node

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// kind is what a directory deploys.
type kind struct {
	role      detect.Role
	framework string
	pack      string // the package whose version is the framework's
	why       string
	evidence  []detect.Evidence
	typed     bool   // its code is TypeScript whatever else lies there
	product   string // what the framework of the list is wrapped in: sails, strapi, keystone
}

// servers are the packages that make a program a server, the most telling first: the framework of the contract that each is
// or stands on. Source of what stands on what: the packages' own dependencies.
var servers = []struct{ pack, framework string }{
	{"@nestjs/core", "nest"}, {"sails", "express"}, {"@strapi/strapi", "koa"}, {"strapi", "koa"}, {"keystone", "express"}, {"@keystonejs/keystone", "express"}, {"@keystone-6/core", "express"},
	{"parse-server", "express"}, {"loopback", "express"}, {"@loopback/rest", "express"}, {"@loopback/core", "express"}, {"@feathersjs/express", "express"}, {"feathers", "express"}, {"@feathersjs/koa", "koa"},
	{"ghost", "express"}, {"probot", "express"}, {"apostrophe", "express"}, {"kraken-js", "express"}, {"swagger-express-mw", "express"}, {"node-red", "express"}, {"payload", "express"}, {"directus", "express"},
	{"egg", "koa"}, {"midway", "koa"}, {"thinkjs", "koa"}, {"koa", "koa"}, {"hapi", "hapi"}, {"@hapi/hapi", "hapi"}, {"@hapi/glue", "hapi"}, {"glue", "hapi"}, {"@hapipal/haute-couture", "hapi"},
	{"express", "express"}, {"apollo-server-express", "express"}, {"express-graphql", "express"}, {"routing-controllers", "express"}, {"json-server", "express"}, {"@adonisjs/core", "none"}, {"@adonisjs/framework", "none"}, {"adonis-framework", "none"}, {"fastify", "none"}, {"restify", "none"}, {"connect", "none"},
	{"total.js", "none"}, {"total4", "none"}, {"actionhero", "none"}, {"polka", "none"}, {"micro", "none"}, {"flatiron", "none"}, {"geddy", "none"}, {"locomotive", "express"}, {"compound", "express"}, {"railway", "express"},
	{"apollo-server", "express"}, {"graphql-yoga", "none"}, {"derby", "express"}, {"http-proxy", "none"}, {"socket.io", "none"}, {"sockjs", "none"}, {"ws", "none"}, {"primus", "none"}, {"faye", "none"}, {"uWebSockets.js", "none"}, {"hono", "none"}, {"@hono/node-server", "none"}, {"h3", "none"}, {"nitropack", "none"},
}

// lifted are products that are started by a tool of their own: no code of the application names the server.
var lifted = map[string]bool{"sails": true, "strapi": true, "@strapi/strapi": true, "ghost": true, "egg": true, "node-red": true, "directus": true, "payload": true, "@keystone-6/core": true, "@keystonejs/keystone": true, "probot": true, "json-server": true, "@hapipal/haute-couture": true, "actionhero": true}

// pages are the frameworks whose own server shows pages that are made in advance or on request.
var pages = []struct{ pack, framework string }{
	{"next", "next"}, {"nuxt", "nuxt"}, {"nuxt3", "nuxt"}, {"nuxt-edge", "nuxt"}, {"nuxt-nightly", "nuxt"}, {"@sveltejs/kit", "svelte"}, {"sapper", "svelte"},
	{"@remix-run/serve", "react"}, {"@remix-run/node", "react"}, {"@react-router/serve", "react"}, {"razzle", "react"}, {"vike", "vue"},
}

// browsers are the packages of front ends, the most telling first.
var browsers = []struct{ pack, framework string }{
	{"@angular/core", "angular"}, {"gatsby", "react"}, {"@docusaurus/core", "react"}, {"react-scripts", "react"}, {"vuepress", "vue"}, {"vitepress", "vue"}, {"gridsome", "vue"}, {"@quasar/app", "vue"},
	{"ember-source", "ember"}, {"ember-cli", "ember"}, {"ember", "ember"}, {"ember-data", "ember"}, {"angular2", "angular"}, {"angular", "angular"}, {"vue", "vue"}, {"react-dom", "react"}, {"react", "react"}, {"svelte", "svelte"}, {"preact", "react"}, {"react-native-web", "react"},
}

// bundlers are the tools that build files for a browser.
var bundlers = []string{"webpack", "gulp", "grunt", "grunt-cli", "gulp-cli", "vite", "parcel", "parcel-bundler", "rollup", "browserify", "brunch", "broccoli-cli", "@11ty/eleventy", "hexo", "metalsmith", "harp", "astro", "laravel-mix", "esbuild", "snowpack", "jspm", "aurelia-cli", "polymer-cli", "elm", "@symfony/webpack-encore", "assemble", "lineman", "roots", "yeoman-generator"}

// kind says what the directory deploys; the zero kind: nothing.
func (p *project) kind() kind {
	for _, try := range []func() (kind, bool){p.meteorKind, p.functionKind, p.pagesKind, p.serverKind, p.workerKind, p.browserKind, p.toolKind} {
		if k, ok := try(); ok {
			return k
		}
	}
	return kind{}
}

// pagesKind is a Next, Nuxt, SvelteKit or Remix application.
func (p *project) pagesKind() (kind, bool) {
	for _, s := range pages {
		f, ok := p.dep(s.pack)
		if !ok || f.group == "peerDependencies" || p.pkg.published() && !f.runs() {
			continue
		}
		k := kind{role: detect.Web, framework: s.framework, pack: s.pack, why: s.pack + " serves its pages", evidence: f.evidence}
		if ev, why, ok := p.exported(s.framework); ok {
			k.role, k.why, k.evidence = detect.SPA, why, append(k.evidence[:len(k.evidence):len(k.evidence)], ev)
		}
		return k, true
	}
	return kind{}, false
}

var (
	nextExport  = manifest.Lazy(`output\s*:\s*['"]export['"]`)
	nuxtStatic  = manifest.Lazy(`target\s*:\s*['"]static['"]|mode\s*:\s*['"]spa['"]`)
	staticSvelt = manifest.Lazy(`adapter-static`)
)

// exported says whether pages are written to files instead of being served.
func (p *project) exported(framework string) (detect.Evidence, string, bool) {
	look := func(pattern *manifest.Pattern, names ...string) (detect.Evidence, bool) {
		for _, name := range names {
			f, ok := p.read(name)
			if !ok {
				continue
			}
			for n, text := range (codeFile{name, f}).lines("") {
				if pattern.MatchString(text) {
					return f.Evidence(n), true
				}
			}
		}
		return detect.Evidence{}, false
	}
	switch framework {
	case "next":
		if ev, ok := look(nextExport, "next.config.js", "next.config.mjs", "next.config.ts"); ok {
			return ev, "its pages are exported as files", true
		}
		if s, line, ok := p.pkg.script("build"); ok && strings.Contains(s, "next export") {
			return p.pkg.file.Evidence(line), "its pages are exported as files", true
		}
	case "nuxt":
		if _, _, ok := p.pkg.script("start"); ok {
			return detect.Evidence{}, "", false
		}
		if ev, ok := look(nuxtStatic, "nuxt.config.js", "nuxt.config.ts"); ok {
			return ev, "its pages are generated as files", true
		}
		if s, line, ok := p.pkg.script("build"); ok && strings.Contains(s, "nuxt generate") {
			return p.pkg.file.Evidence(line), "its pages are generated as files", true
		}
	case "svelte":
		if d, ok := p.dep("@sveltejs/adapter-static"); ok {
			return d.evidence[0], "its pages are written as files", true
		}
		if ev, ok := look(staticSvelt, "svelte.config.js"); ok {
			return ev, "its pages are written as files", true
		}
	}
	return detect.Evidence{}, "", false
}

// serverKind is a program that listens for requests.
func (p *project) serverKind() (kind, bool) {
	if p.pkg == nil || p.isRoot() && !p.rootServes() || p.loadedByOthers() {
		return kind{}, false
	}
	for _, s := range servers {
		f, ok := p.dep(s.pack)
		if !ok || f.group == "peerDependencies" {
			continue
		}
		k := kind{role: detect.Web, framework: s.framework, pack: s.pack, evidence: f.evidence}
		if s.framework == "none" {
			k.pack = ""
		}
		if s.framework != s.pack && s.framework != "none" && s.framework != "nest" {
			k.product = s.pack
		}
		if lifted[s.pack] && (f.runs() || !p.buildsForBrowser()) && (p.starts() || s.pack != "json-server") && !p.pkg.published() {
			k.why = s.pack + " is a server"
			return p.standsOn(k), true
		}
		c, ev, ok := p.imports(s.pack)
		if !ok {
			continue
		}
		if !f.runs() && p.buildsForBrowser() && !p.startsCode() {
			continue // a server for development
		}
		if !p.listens() {
			continue
		}
		k.typed = s.framework == "nest"
		k.why, k.evidence = "its code loads "+s.pack+" and listens", append(f.evidence[:len(f.evidence):len(f.evidence)], ev)
		p.serverAt = &c
		return p.standsOn(k), true
	}
	return p.plainServer()
}

// loadedByOthers reports whether the package is one that a program loads: nothing starts it, and its main file hands out
// what it makes instead of listening.
func (p *project) loadedByOthers() bool {
	if p.pkg.isPrivate() || p.starts() {
		return false
	}
	main, _ := p.pkg.get("main")
	for _, name := range []string{main, main + ".js", path.Join(main, "index.js")} {
		if main == "" || !p.dir.Has(name) {
			continue
		}
		f, ok := p.read(name)
		return ok && bytes.Contains(f.Data, []byte("exports")) && !bytes.Contains(f.Data, []byte(".listen("))
	}
	return false
}

// standsOn gives a product the version of the framework that it stands on, when the application asks for that too.
func (p *project) standsOn(k kind) kind {
	if k.product == "" {
		return k
	}
	k.pack = ""
	names := []string{k.framework}
	if k.framework == "hapi" {
		names = []string{"@hapi/hapi", "hapi"}
	}
	if f, ok := p.first(names...); ok && f.group != "peerDependencies" {
		k.pack = f.name
	}
	return k
}

// rootServes reports whether the root of a workspace is an application too, not only what holds its packages together.
func (p *project) rootServes() bool {
	for _, s := range servers {
		if p.pkg.deps[s.pack].runs() {
			return true
		}
	}
	return false
}

var listening = manifest.Lazy(`\.listen\s*\(|\.start\s*\(|createServer\s*\(|\bserve\s*\(|bootstrap\s*\(|app\.set\(\s*['"]port|\.compose\(|sails\.lift|runServer|http\.Server\b`)

// listens reports whether the application's code starts a server, or is what a start command runs.
func (p *project) listens() bool {
	if p.startsCode() {
		return true
	}
	for _, hint := range []string{".listen", ".start", "createServer", "serve", "'port'", ".compose"} {
		if _, _, ok := p.grep(hint, listening); ok {
			return true
		}
	}
	return false
}

// plainServer is a program that uses Node's own HTTP server.
func (p *project) plainServer() (kind, bool) {
	if !p.startsCode() {
		return kind{}, false
	}
	for _, mod := range []string{"http", "https", "node:http", "net"} {
		c, ev, ok := p.imports(mod)
		if !ok {
			continue
		}
		for range c.lines("createServer") {
			if mod == "net" && !strings.Contains(string(c.file.Data), "listen") {
				break
			}
			p.serverAt = &c
			return kind{role: detect.Web, framework: "none", why: "its code listens by Node's own server", evidence: []detect.Evidence{p.marker(), ev}}, true
		}
	}
	return kind{}, false
}

// queues are packages by which a program takes work from elsewhere.
var queues = []string{"amqplib", "amqp", "bull", "bullmq", "bee-queue", "kue", "agenda", "kafkajs", "kafka-node", "node-rdkafka", "sqs-consumer", "rsmq", "node-cron", "cron", "node-schedule", "discord.js", "telegraf", "node-telegram-bot-api", "hubot", "botkit", "@slack/bolt", "nats", "mqtt", "node-resque", "twit", "twitter", "@temporalio/worker", "zeebe-node", "node-nsq", "nsqjs"}

// workerKind is a program that works on its own.
func (p *project) workerKind() (kind, bool) {
	if p.pkg == nil || p.isRoot() {
		return kind{}, false
	}
	for _, name := range queues {
		f, ok := p.running(name)
		if !ok {
			continue
		}
		_, ev, used := p.imports(name)
		if name == "hubot" && !used {
			used, ev = true, f.evidence[0]
		}
		if used && p.starts() && (p.startsCode() || name == "hubot") {
			return kind{role: detect.Worker, framework: "none", why: "it works on what " + name + " brings", evidence: append(f.evidence[:len(f.evidence):len(f.evidence)], ev)}, true
		}
	}
	if ev, ok := p.daemon(); ok && p.startsCode() {
		return kind{role: detect.Worker, framework: "none", why: "its start command runs a program that waits for packets or connections", evidence: []detect.Evidence{ev}}, true
	}
	return kind{}, false
}

// daemonSocket is where a program opens a socket of UDP or plain TCP to serve.
var daemonSocket = manifest.Lazy(`\bdgram\.createSocket\s*\(|\bnet\.createServer\s*\(`)

// daemonBinds is where it begins to wait on it.
var daemonBinds = manifest.Lazy(`\.(?:bind|listen)\s*\(\s*(?:\w*[cC]onfig|options|settings|argv|process\.env|\w*[pP](?:ort|ORT)\b|\d)`)

// daemon is where the application's code serves by UDP or plain TCP.
func (p *project) daemon() (detect.Evidence, bool) {
	for _, c := range p.sources() {
		for n, text := range c.lines("create") {
			if !daemonSocket.MatchString(text) {
				continue
			}
			for _, word := range []string{".bind", ".listen"} {
				for _, waits := range c.lines(word) {
					if daemonBinds.MatchString(waits) {
						return c.file.Evidence(n), true
					}
				}
			}
		}
	}
	return detect.Evidence{}, false
}

// functionKind is code that a platform calls.
func (p *project) functionKind() (kind, bool) {
	if p.pkg == nil {
		return kind{}, false
	}
	for _, name := range []string{"serverless.yml", "serverless.yaml"} {
		f, doc, ok := p.yaml(name)
		if !ok {
			continue
		}
		v, line, _ := doc.Get("provider", "runtime")
		if strings.HasPrefix(v, "nodejs") || v == "" && doc.Has("functions") {
			if line == 0 {
				line = doc.Line("functions")
			}
			return p.function("the Serverless Framework deploys it", f.Evidence(line)), true
		}
	}
	if f, ok := p.running("firebase-functions"); ok {
		return p.function("Firebase calls it", f.evidence[0]), true
	}
	if p.dir.Has("host.json") && len(p.functionManifests()) > 0 {
		return p.function("Azure Functions call it", p.whole(p.functionManifests()[0])), true
	}
	if f, ok := p.running("@google-cloud/functions-framework"); ok && !p.has("express") {
		return p.function("the functions framework calls it", f.evidence[0]), true
	}
	return kind{}, false
}

func (p *project) functionManifests() []string { return p.dir.Glob("*/function.json") }

// function is the kind of code that a platform calls.
func (p *project) function(why string, ev detect.Evidence) kind {
	k := kind{role: detect.Function, framework: "none", why: why, evidence: []detect.Evidence{p.marker(), ev}}
	for _, s := range servers {
		if f, ok := p.running(s.pack); ok && s.framework != "none" {
			k.framework, k.pack = s.framework, s.pack
			k.evidence = append(f.evidence[:len(f.evidence):len(f.evidence)], ev)
			break
		}
	}
	return k
}

// browserKind is a front end.
func (p *project) browserKind() (kind, bool) {
	if p.pkg != nil && (p.isRoot() && !p.ownFrontEnd() || p.loadedByOthers() && !p.hasPage()) {
		return kind{}, false
	}
	for _, b := range browsers {
		k, ok := p.browserOf(b.pack, b.framework)
		if ok {
			return k, true
		}
	}
	return p.bundled()
}

// ownFrontEnd reports whether the root of a workspace is built itself: Angular and others keep their application there.
func (p *project) ownFrontEnd() bool {
	return p.dir.Has("angular.json") || p.dir.Has("src/index.html") || p.dir.Has("public/index.html") || p.dir.Has("index.html")
}

func (p *project) browserOf(pack, framework string) (kind, bool) {
	k := kind{role: detect.SPA, framework: framework, pack: pack, why: "its packages make a front end for a browser"}
	var d found
	ok := false
	if p.pkg != nil {
		d, ok = p.dep(pack)
		ok = ok && d.group != "peerDependencies"
	}
	if !ok && p.bower != nil {
		if bd, have := p.bower.deps[pack]; have {
			d, ok = found{dep: bd, version: floor(bd.wanted), from: detect.Declared, evidence: []detect.Evidence{p.bower.file.Evidence(bd.line)}}, true
		}
	}
	if !ok {
		return kind{}, false
	}
	k.evidence, k.typed = d.evidence, framework == "angular" && pack != "angular"
	if p.pkg != nil && (p.pkg.published() || p.pkg.doc.Has("bin") && !p.pkg.isPrivate()) {
		if _, _, starts := p.pkg.script("start"); !starts || !p.hasPage() {
			return kind{}, false
		}
	}
	if _, at, builds := p.buildScript(); builds || p.hasPage() {
		if builds && at.File != "" {
			k.evidence = append(k.evidence[:len(k.evidence):len(k.evidence)], at)
		}
		return k, true
	}
	return kind{}, false
}

// bundled is a front end of no framework: what a bundler makes of sources with a page.
func (p *project) bundled() (kind, bool) {
	if p.pkg == nil {
		if p.bower != nil && p.hasPage() && len(p.bower.deps) > 0 {
			return kind{role: detect.Static, framework: "none", why: "Bower brings what its pages load", evidence: []detect.Evidence{p.marker()}}, true
		}
		return kind{}, false
	}
	if p.pkg.published() && !p.starts() {
		return kind{}, false
	}
	f, ok := p.first(bundlers...)
	if !ok || !p.hasPage() && !p.generatesPages() && !p.pagesOfPHP() {
		return kind{}, false
	}
	if _, at, builds := p.buildScript(); builds {
		ev := []detect.Evidence{f.evidence[0]}
		if at.File != "" {
			ev = append(ev, at)
		}
		return kind{role: detect.Static, framework: "none", why: f.name + " builds its pages", evidence: ev}, true
	}
	return kind{}, false
}

// pagesOfPHP reports whether the pages that load the files are those of a PHP application in the same directory.
func (p *project) pagesOfPHP() bool {
	if !p.dir.Has("composer.json") {
		return false
	}
	return slices.ContainsFunc([]string{"artisan", "public/index.php", "web/index.php", "web/app.php", "webroot/index.php", "index.php"}, p.dir.Has)
}

// generatesPages reports whether a generator of sites makes the pages.
func (p *project) generatesPages() bool {
	return p.has("@11ty/eleventy", "hexo", "metalsmith", "harp", "astro", "assemble")
}

// hasPage reports whether there is a page to start from.
func (p *project) hasPage() bool { _, ok := p.page(); return ok }

// pagePlaces are where the page of a front end lies, the likeliest first.
var pagePlaces = []string{"public/index.html", "src/index.html", "app/index.html", "index.html", "client/index.html", "www/index.html", "static/index.html", "src/app/index.html", "client/src/index.html", "src/client/index.html", "src/index.ejs", "src/index.pug", "src/index.jade", "app/index.jade", "src/html/index.html", "dist/index.html"}

func (p *project) page() (string, bool) {
	for _, name := range pagePlaces {
		if p.dir.Has(name) {
			return name, true
		}
	}
	return "", false
}

// toolKind is what is installed to be used by others: a program for the command line, a library.
func (p *project) toolKind() (kind, bool) {
	if p.pkg == nil || p.isRoot() {
		return kind{}, false
	}
	ev := func(key string) []detect.Evidence {
		return []detect.Evidence{p.pkg.file.Evidence(p.pkg.doc.Line(key))}
	}
	if p.pkg.doc.Has("bin") {
		return kind{role: detect.CLI, framework: "none", why: "it installs a command", evidence: ev("bin")}, true
	}
	if p.startsCode() {
		_, line, _ := p.pkg.script("start")
		role, why := detect.Batch, "its start script runs a program that does not listen"
		if line > 0 {
			return kind{role: role, framework: "none", why: why, evidence: []detect.Evidence{p.pkg.file.Evidence(line)}}, true
		}
	}
	name, _ := p.pkg.get("name")
	if main, _ := p.pkg.get("main"); name != "" && !p.pkg.isPrivate() && (p.pkg.published() || main != "" && p.dir.Has(main)) {
		return kind{role: detect.Library, framework: "none", why: "it is a package for others", evidence: []detect.Evidence{p.marker()}}, true
	}
	return kind{}, false
}

// buildsForBrowser reports whether the directory is built by a front end's tool.
func (p *project) buildsForBrowser() bool {
	return p.has("react-scripts", "@angular/cli", "angular-cli", "@vue/cli-service", "ember-cli", "vite", "parcel", "parcel-bundler", "webpack-dev-server", "gatsby", "@quasar/app")
}

// frameworkVersion is the version of the framework's package.
func (p *project) frameworkVersion(k kind) detect.Value[string] {
	if k.framework == "meteor" {
		return p.meteorVersion()
	}
	if k.pack == "" {
		return detect.Value[string]{}
	}
	pack := k.pack
	if pack != k.framework && (k.framework == "react" && !p.has("react") || k.framework == "vue" && !p.has("vue")) {
		return detect.Value[string]{} // it is part of the tool that brings it
	}
	if k.framework == "react" && p.has("react") {
		pack = "react"
	}
	if k.framework == "vue" && p.has("vue") {
		pack = "vue"
	}
	if k.framework == "ember" && p.has("ember-source") {
		pack = "ember-source"
	}
	f, ok := p.dep(pack)
	if !ok && p.bower != nil {
		for _, name := range []string{pack, k.framework} {
			if d, have := p.bower.deps[name]; have {
				return versionValue(floor(d.wanted), detect.Declared, p.bower.file.Evidence(d.line))
			}
		}
	}
	if !ok {
		return detect.Value[string]{}
	}
	return versionValue(f.version, f.from, f.evidence...)
}

func versionValue(v string, from detect.Origin, ev ...detect.Evidence) detect.Value[string] {
	if v == "" {
		return detect.Value[string]{}
	}
	return detect.Value[string]{V: v, From: from, Evidence: ev}
}

// stem is the base name of a file without its extension, in lower case.
func stem(name string) string {
	base := path.Base(name)
	return strings.ToLower(strings.TrimSuffix(base, path.Ext(base)))
}
