package node

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// build is the package manager.
func (p *project) build() detect.Value[string] {
	if p.pkg == nil {
		if p.bower != nil {
			return detect.Is("bower", p.bower.file.Evidence(0))
		}
		return detect.Infer("npm", "Meteor installs its packages with npm", p.marker())
	}
	for _, m := range p.manifests() {
		if v, line := m.get("packageManager"); v != "" {
			if name, _, _ := strings.Cut(v, "@"); name == "npm" || name == "yarn" || name == "pnpm" {
				return detect.Is(name, m.file.Evidence(line))
			}
		}
	}
	if p.lock != nil {
		return detect.Is(p.lock.manager, p.lock.file.Evidence(0))
	}
	if p.ws != nil && p.ws.tool == "pnpm" {
		return detect.Infer("pnpm", "the workspace is pnpm's", p.ws.at)
	}
	for _, name := range []string{".yarnrc.yml", ".yarnrc"} {
		if p.dir.Has(name) {
			return detect.Infer("yarn", "it is configured", p.whole(name))
		}
	}
	return detect.Is("npm", p.pkg.file.Evidence(0))
}

// installFacts say how the packages get into the image.
func (p *project) installFacts(c *detect.Component) {
	f := c.Facts
	f["packageManager"] = c.Build
	if p.lock != nil {
		f["lockfile"] = detect.Is(p.lock.name, p.lock.file.Evidence(0))
	}
	ev := p.marker()
	if p.pkg == nil {
		if p.bower != nil {
			f["installCommand"] = detect.Infer(bowerInstall, "Bower installs what bower.json names", ev)
			f["manifests"] = detect.Infer(p.present("bower.json", ".bowerrc"), "what the installation reads", ev)
		}
		return
	}
	i := p.installer(c)
	set := func(key, value, why string) {
		if value != "" {
			f[key] = detect.Infer(value, why, ev)
		}
	}
	set("packageManagerSetup", i.setup, "the image does not carry this package manager")
	set("installCommand", i.all, "installs what package.json and the lock file say")
	set("productionInstall", i.production, "without what only development needs")
	set("pruneCommand", i.prune, "takes away what only the build needed")
	set("manifests", p.installReads(), "what the installation reads")
	if p.at != "" {
		put := "cp " + p.at + "package.json ./ && "
		if p.lock != nil {
			put = "cp " + p.at + "package.json " + p.at + p.lock.name + " ./ && "
		}
		why := "package.json lies in " + strings.TrimSuffix(p.at, "/") + " and is put in its place first"
		set("installCommand", put+i.all, why)
		set("productionInstall", put+i.production, why)
		f["installNeedsSources"] = detect.Infer("true", "what is put in its place belongs to the image", ev)
	} else if name, line := p.installHook(); name != "" {
		f["installNeedsSources"] = detect.Infer("true", "the script "+name+" runs while packages are installed", p.pkg.file.Evidence(line))
	} else if dep, ok := p.localDep(); ok {
		f["installNeedsSources"] = detect.Infer("true", "the package "+dep.name+" lies in the repository", p.pkg.file.Evidence(dep.line))
	}
	if line, ok := p.linked(); ok && p.at == "" {
		p.linkedFacts(c, i, line)
	}
	switch {
	case p.ws != nil && p.ws.tool == "lerna" && c.Build.V != "pnpm":
		f["installNeedsSources"] = detect.Infer("true", "Lerna installs every package", p.ws.at)
		f["afterInstall"] = detect.Infer("npx lerna bootstrap", "Lerna installs every package", p.ws.at)
	case p.bower != nil && p.scripted("bower"):
		f["bower"] = detect.Infer("true", "a script runs Bower, which refuses to run as root unless told otherwise", p.bower.file.Evidence(0))
	case p.bower != nil:
		set("afterInstall", bowerInstall, "bower.json names packages for the browser")
		if f["manifests"].V != "" {
			f["manifests"] = detect.Infer(f["manifests"].V+" "+p.present("bower.json", ".bowerrc"), "what the installation reads", ev)
		}
	}
	if npmrc, ev, ok := p.privateRegistry(); ok {
		f["npmrc"] = detect.Infer("secret", "a private registry is named: "+npmrc, ev)
	}
}

const bowerInstall = "npx bower@1.8.14 install --allow-root --config.interactive=false"

// install is how a package manager is called.
type install struct{ setup, all, production, prune string }

// installer is how the packages of a component are installed, by package manager and the npm that comes with the Node.
func (p *project) installer(c *detect.Component) install {
	node := major(c.LanguageVersion.V)
	format := ""
	if p.lock != nil {
		format, _ = p.lock.format()
	}
	switch c.Build.V {
	case "yarn":
		return p.yarnInstall(format)
	case "pnpm":
		return p.pnpmInstall(format)
	}
	omit, prune := "--omit dev", "npm prune --omit dev"
	if node >= 0 && node < 15 {
		omit, prune = "--production", "npm prune --production"
	}
	verb, flags := "install", ""
	if p.lock != nil && p.lock.manager == "npm" && format != "" && (node < 0 || node >= 8) {
		verb = "ci"
		if omit == "--production" {
			omit = "--only production"
		}
	}
	if (format == "" || format == "1") && (node < 0 || node >= 15) {
		flags = " --legacy-peer-deps" // resolved by an npm that did not look at what packages want of each other
		prune += flags
	}
	return install{"", "npm " + verb + flags, "npm " + verb + " " + omit + flags, prune}
}

func (p *project) yarnInstall(format string) install {
	want := p.manager("yarn")
	if format != "__metadata" && (want == "" || major(want) < 2) {
		frozen := ""
		if p.lock != nil {
			frozen = " --frozen-lockfile"
		}
		return install{"", "yarn install" + frozen, "yarn install --production" + frozen, "yarn install --production --ignore-scripts --prefer-offline" + frozen}
	}
	i := install{all: "yarn install --immutable"}
	if want == "" {
		want = "3.8.7"
	}
	if !p.yarnPath() {
		i.setup = "npm install --global --force @yarnpkg/cli-dist@" + want
	}
	if major(want) >= 4 {
		i.prune = "yarn workspaces focus --all --production"
	}
	return i
}

// yarnPath reports whether the repository brings its own Yarn.
func (p *project) yarnPath() bool {
	for _, up := range p.roots() {
		if f, ok := p.read(up + ".yarnrc.yml"); ok && strings.Contains(string(f.Data), "yarnPath:") {
			return true
		}
	}
	return false
}

// roots are the directories, from the component, that hold the settings of the package manager.
func (p *project) roots() []string {
	if p.isMember() {
		return []string{p.ws.up, ""}
	}
	return []string{""}
}

func (p *project) pnpmInstall(format string) install {
	want := p.manager("pnpm")
	if want == "" {
		switch {
		case strings.HasPrefix(format, "5.3") || format == "5.2" || format == "5.1":
			want = "6.35.1"
		case strings.HasPrefix(format, "5"):
			want = "7.33.7"
		case strings.HasPrefix(format, "6"):
			want = "8.15.9"
		default:
			want = "9.15.9"
		}
	}
	frozen := ""
	if p.lock != nil {
		frozen = " --frozen-lockfile"
	}
	i := install{setup: "npm install --global pnpm@" + want, all: "pnpm install" + frozen, production: "pnpm install --prod" + frozen}
	if p.ws == nil {
		i.prune = "pnpm prune --prod"
	}
	return i
}

var managerVersion = manifest.Lazy(`^(npm|yarn|pnpm)@(\d+\.\d+\.\d+)`)

// manager is the version of a package manager that a manifest names.
func (p *project) manager(name string) string {
	for _, m := range p.manifests() {
		v, _ := m.get("packageManager")
		if g := managerVersion.FindStringSubmatch(v); g != nil && g[1] == name {
			return g[2]
		}
		if v, _ := m.get("volta", name); v != "" && plainVersion(v) != "" {
			return v
		}
	}
	return ""
}

// present are those of some files that are there.
func (p *project) present(names ...string) string {
	var out []string
	for _, n := range names {
		if p.dir.Has(n) {
			out = append(out, n)
		}
	}
	return strings.Join(out, " ")
}

// installReads are the files that the installation reads, relative to the build context.
func (p *project) installReads() string {
	var out []string
	base := p.dir
	if p.ws != nil {
		base, _ = p.dir.Sub(p.ws.up)
	}
	add := func(name string) {
		if base.Has(name) && !strings.ContainsAny(name, " \t") {
			out = append(out, name)
		}
	}
	add(p.at + "package.json")
	if p.lock != nil {
		if dir := path.Dir(p.lock.file.Path); dir == base.Path || p.at != "" && dir+"/" == strings.TrimPrefix(path.Join(base.Path, p.at), "./")+"/" {
			add(p.at + p.lock.name)
		}
	}
	for _, n := range []string{".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "pnpm-workspace.yaml", "lerna.json"} {
		add(n)
	}
	dirs := []string{".yarn/releases/", ".yarn/plugins/", ".yarn/patches/", "patches/"}
	for name := range base.Files() {
		if len(out) > 60 {
			break
		}
		if inAny(name, dirs) {
			add(name)
		}
	}
	if p.ws != nil {
		for _, m := range p.ws.members {
			add(m)
		}
	}
	return strings.Join(out, " ")
}

// hooks are the scripts that npm runs by itself while it installs.
var hooks = []string{"preinstall", "install", "postinstall", "prepublish", "prepare"}

// installHook is the script that runs while packages are installed, with its line; "" when there is none.
func (p *project) installHook() (string, int) {
	for _, m := range p.manifests() {
		for _, name := range hooks {
			if s, line, ok := m.script(name); ok && !strings.HasPrefix(s, "opencollective") {
				return name, line
			}
		}
	}
	return "", 0
}

// localDep is the first package that the manifest takes from the repository itself.
func (p *project) localDep() (dep, bool) {
	var best dep
	for _, d := range p.pkg.deps {
		if (strings.HasPrefix(d.wanted, "file:") || strings.HasPrefix(d.wanted, "link:") || strings.HasPrefix(d.wanted, "./")) && (best.name == "" || d.line < best.line) {
			best = d
		}
	}
	return best, best.name != ""
}

// scripted reports whether a script that runs by itself calls a tool.
func (p *project) scripted(tool string) bool {
	for _, name := range append([]string{"build", "heroku-postbuild"}, hooks...) {
		s, _, ok := p.pkg.script(name)
		if !ok {
			continue
		}
		if s = p.expand(s, 0); strings.Contains(s, tool) {
			return true
		}
		for _, m := range runScript.FindAllStringSubmatch(s, 5) {
			if inner, _, ok := p.pkg.script(m[1]); ok && strings.Contains(inner, tool) {
				return true
			}
		}
	}
	return false
}

// buildScripts are the scripts that build for production, the most telling first.
var buildScripts = []string{"heroku-postbuild", "build:prod", "build:production", "build-prod", "build-production", "prod:build", "buildprod", "production:build", "build", "build:all", "prestart:prod", "compile", "dist", "webpack:build", "bundle", "generate", "deploy:build", "gulp:build", "build:client", "build-client", "client:build", "assets"}

var noBuild = manifest.Lazy(`^(?:echo|exit|true|:)\b|docker (?:build|compose)|electron-builder|\bpkg\s+\.|--watch\b|\s-w(?:\s|$)|--mode[= ]development|eslint|npm publish`)

// buildScript is the script that builds for production, as the name by which it is run; with what a build tool does where no
// script calls it.
func (p *project) buildScript() (string, detect.Evidence, bool) {
	if p.pkg == nil {
		return "", detect.Evidence{}, false
	}
	for _, name := range buildScripts {
		s, line, ok := p.pkg.script(name)
		if !ok || noBuild.MatchString(s) && !strings.Contains(s, "&&") {
			continue
		}
		if name == "heroku-postbuild" && (strings.Contains(s, "bin/heroku") || strings.Contains(s, "echo")) {
			continue
		}
		if name == "heroku-postbuild" && strings.Contains(s, "npm run ") && !strings.Contains(s, "&&") {
			if inner := runScript.FindStringSubmatch(s); inner != nil {
				name = inner[1]
			}
		}
		return name, p.pkg.file.Evidence(line), true
	}
	return "", detect.Evidence{}, false
}

// direct are commands that build where no script does, by package.
var direct = []struct{ pack, command string }{
	{"@angular/cli", "npx ng build --configuration production"}, {"angular-cli", "npx ng build --prod"}, {"react-scripts", "npx react-scripts build"}, {"@vue/cli-service", "npx vue-cli-service build"}, {"next", "npx next build"}, {"nuxt", "npx nuxt build"},
	{"ember-cli", "npx ember build --environment=production"}, {"vite", "npx vite build"}, {"gatsby", "npx gatsby build"}, {"@nestjs/cli", "npx nest build"}, {"hexo", "npx hexo generate"}, {"@11ty/eleventy", "npx @11ty/eleventy"},
}

// buildFacts say how the application is built.
func (p *project) buildFacts(c *detect.Component, k kind) {
	if k.framework == "meteor" {
		v := p.meteorVersion()
		if v.Set() {
			c.Facts["meteor"] = v
		}
		return
	}
	if p.pkg == nil {
		return
	}
	run := map[string]string{"yarn": "yarn run ", "pnpm": "pnpm run "}[c.Build.V]
	if run == "" {
		run = "npm run "
	}
	set := func(command, why string, ev detect.Evidence) {
		c.Facts["buildCommand"] = detect.Infer(command, why, ev)
		if env := p.buildEnv(c); env != "" {
			c.Facts["buildEnv"] = detect.Infer(env, "this Node refuses the hash that webpack 4 uses unless told otherwise", ev)
		} else if !strings.Contains(p.expand(command, 0), "install") {
			c.Facts["buildEnv"] = detect.Infer("NODE_ENV=production", "the build is one for production", ev)
		}
	}
	if name, ev, ok := p.buildScript(); ok {
		command := run + name
		if s, _, _ := p.pkg.script(name); strings.Contains(s, "ng build") && !strings.Contains(s, "prod") && k.framework == "angular" && k.role == detect.SPA {
			command += p.angularProduction(c)
		}
		set(command, "the script "+name+" builds for production", ev)
		return
	}
	for _, d := range direct {
		if f, ok := p.dep(d.pack); ok && f.group != "peerDependencies" && (k.role != detect.Web || d.pack == k.pack || d.pack == "@nestjs/cli") {
			set(d.command, d.pack+" builds it", f.evidence[0])
			return
		}
	}
	if k.role == detect.SPA || k.role == detect.Static {
		p.taskRunner(set)
		return
	}
	if s, line, ok := p.pkg.script("start"); ok && strings.Contains(s, "&&") {
		if m := runScript.FindStringSubmatch(strings.TrimSpace(strings.Split(s, "&&")[0])); m != nil && !strings.Contains(m[1], "migrat") && m[1] != "install" {
			set(run+m[1], "the start script builds first", p.pkg.file.Evidence(line))
			return
		}
	}
	if f, ok := p.dep("typescript"); ok && p.dir.Has("tsconfig.json") && c.Language.V == "typescript" && !p.startsTS() {
		set("npx tsc", "TypeScript is compiled before it runs", f.evidence[0])
	}
}

// startsTS reports whether TypeScript is run as it is.
func (p *project) startsTS() bool {
	for _, c := range p.commands() {
		s := p.expand(c.text, 0)
		if strings.Contains(s, "ts-node") || strings.Contains(s, "tsx ") {
			return true
		}
	}
	return false
}

// angularProduction is what an "ng build" needs to build for production: since Angular 12 it does so by itself.
func (p *project) angularProduction(c *detect.Component) string {
	if v := c.FrameworkVersion.V; v == "" || major(v) >= 12 {
		return ""
	}
	if c.Build.V == "yarn" {
		return " --prod"
	}
	return " -- --prod"
}

// taskRunner is the build of gulp, grunt, brunch and webpack that no script calls.
func (p *project) taskRunner(set func(command, why string, ev detect.Evidence)) {
	for _, t := range []struct {
		file, task, command, plain string
	}{{"gulpfile.js", "build", "npx gulp build", "npx gulp"}, {"Gruntfile.js", "build", "npx grunt build", "npx grunt"}, {"gruntfile.js", "build", "npx grunt build", "npx grunt"}, {"Gruntfile.coffee", "build", "npx grunt build", "npx grunt"}, {"brunch-config.js", "", "", "npx brunch build --production"}, {"webpack.config.js", "", "", "npx webpack"}} {
		f, ok := p.read(t.file)
		if !ok {
			continue
		}
		if t.task != "" && (strings.Contains(string(f.Data), "'"+t.task+"'") || strings.Contains(string(f.Data), `"`+t.task+`"`)) {
			set(t.command, t.file+" has the task", f.Evidence(0))
		} else if t.task == "" {
			set(t.plain, t.file+" is there", f.Evidence(0))
		}
		return
	}
}

// buildEnv is what the build needs in its environment: OpenSSL 3 refuses what webpack 4 hashes with.
func (p *project) buildEnv(c *detect.Component) string {
	if major(c.LanguageVersion.V) < 17 {
		return ""
	}
	for _, m := range ceilings {
		if d, ok := p.dep(m.pack); ok && strings.Contains(m.why, "webpack") && inRange(d.version, m.from, m.before) {
			return "NODE_ENV=production NODE_OPTIONS=--openssl-legacy-provider"
		}
	}
	return ""
}

// outputFacts say where the files for the browser lie.
func (p *project) outputFacts(c *detect.Component, k kind) {
	c.Facts["servedBy"] = detect.Infer("nginx", "files for a browser need a web server", k.evidence[0])
	if k.role == detect.SPA {
		c.Facts["fallback"] = detect.Infer("index.html", "the application's own router reads the path", k.evidence[0])
	}
	if out, ev, why := p.output(c, k); out != "" {
		c.Facts["output"] = detect.Infer(out, why, ev)
	}
	c.HealthPath = detect.Infer("/", "its first page", k.evidence[0])
	c.Processes = []detect.Process{{Name: string(k.role), Command: []string{"nginx", "-g", "daemon off;"}, From: detect.Inferred, Why: "the web server that sends the files", Evidence: k.evidence[:1]}}
}

var (
	outDir     = manifest.Lazy(`\b(?:outputDir|outDir|destDir|distDir)\s*:\s*(?:(?:path\.)?(?:resolve|join)\(\s*__dirname\s*,\s*)?['"]([^'"]+)['"]`)
	webpackOut = manifest.Lazy(`\bpath\s*:\s*(?:(?:path\.)?(?:resolve|join)\(\s*(?:__dirname|process\.cwd\(\))\s*,\s*)?(?:__dirname\s*\+\s*)?['"]([^'"]+)['"]`)
)

// output is where a build leaves the files for a browser, relative to the directory.
func (p *project) output(c *detect.Component, k kind) (string, detect.Evidence, string) {
	if out, ev, ok := p.angularOutput(); ok {
		return out, ev, "its build is told to write there"
	}
	for _, t := range []struct {
		files   []string
		pattern *manifest.Pattern
	}{
		{[]string{"vue.config.js", "vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts", "astro.config.mjs", "config/index.js", "quasar.conf.js"}, outDir},
		{[]string{"webpack.config.prod.js", "webpack.prod.js", "webpack.prod.config.js", "webpack.production.js", "config/webpack.prod.js", "config/webpack.config.prod.js", "build/webpack.prod.conf.js", "webpack.config.js", "webpack.config.babel.js", "webpack.common.js", "webpack.config.ts"}, webpackOut},
	} {
		if p.has("react-scripts", "@angular/cli", "angular-cli") {
			break
		}
		for _, name := range t.files {
			f, ok := p.read(name)
			if !ok {
				continue
			}
			for n, text := range (codeFile{name, f}).lines("") {
				if m := t.pattern.FindStringSubmatch(text); m != nil {
					if out := inside(p.dir, path.Dir(name), m[1]); out != "" {
						return out, f.Evidence(n), "its build is told to write there"
					}
				}
			}
		}
	}
	if out, ev, ok := p.defaultOutput(c, k); ok {
		return out, ev, "the tool that builds it writes there"
	}
	if c.Facts["buildCommand"].V != "" {
		return p.ignoredOutput()
	}
	if name, ok := p.page(); ok {
		return path.Dir(name), p.whole(name), "its page lies there and nothing is built"
	}
	return "", detect.Evidence{}, ""
}

// inside makes a path of a configuration file relative to the directory; "" when it is none.
func inside(dir detect.Dir, base, out string) string {
	out = strings.TrimPrefix(out, "/")
	if strings.Contains(out, "$") || strings.Contains(out, "[") || out == "" {
		return ""
	}
	joined := path.Join(base, out)
	if base == "config" && !strings.HasPrefix(out, "..") {
		joined = out
	}
	if joined == "." {
		return ""
	}
	if _, ok := dir.Rel(joined); !ok {
		return ""
	}
	return joined
}

// angularOutput reads angular.json and .angular-cli.json.
func (p *project) angularOutput() (string, detect.Evidence, bool) {
	for _, name := range []string{".angular-cli.json", "angular-cli.json"} {
		if f, doc, ok := p.json(name); ok {
			if v, line, ok := doc.Get("apps", "0", "outDir"); ok {
				return path.Clean(v), f.Evidence(line), true
			}
			return "dist", f.Evidence(0), true
		}
	}
	f, doc, ok := p.json("angular.json")
	if !ok {
		return "", detect.Evidence{}, false
	}
	for _, project := range doc.Keys("projects") {
		for _, key := range []string{"architect", "targets"} {
			at := []string{"projects", project, key, "build"}
			builder, _, _ := doc.Get(append(at, "builder")...)
			v, line, ok := doc.Get(append(at, "options", "outputPath")...)
			if base, bl, has := doc.Get(append(at, "options", "outputPath", "base")...); has {
				v, line, ok = base, bl, true
			}
			if !ok && strings.HasSuffix(builder, ":application") {
				v, line, ok = "dist/"+project, doc.Line(at...), true
			}
			if !ok || strings.HasSuffix(project, "-e2e") {
				continue
			}
			if strings.HasSuffix(builder, ":application") && !doc.Has(append(at, "options", "outputPath", "browser")...) {
				v = path.Join(v, "browser")
			}
			return path.Clean(v), f.Evidence(line), true
		}
	}
	return "", detect.Evidence{}, false
}

// defaults are the directories that tools write to unless told otherwise.
var defaults = []struct{ pack, out string }{
	{"react-scripts", "build"}, {"react-app-rewired", "build"}, {"@craco/craco", "build"}, {"gatsby", "public"}, {"@docusaurus/core", "build"}, {"vuepress", "docs/.vuepress/dist"}, {"gridsome", "dist"}, {"@angular/cli", "dist"}, {"@vue/cli-service", "dist"}, {"ember-cli", "dist"}, {"vite", "dist"},
	{"parcel", "dist"}, {"parcel-bundler", "dist"}, {"@sveltejs/kit", "build"}, {"next", "out"}, {"hexo", "public"}, {"@11ty/eleventy", "_site"}, {"astro", "dist"}, {"preact-cli", "build"}, {"brunch", "public"}, {"aurelia-cli", "dist"}, {"@quasar/app", "dist/spa"}, {"polymer-cli", "build/default"}, {"snowpack", "build"}, {"metalsmith", "build"}, {"harp", "www"},
}

func (p *project) defaultOutput(c *detect.Component, k kind) (string, detect.Evidence, bool) {
	if p.pkg == nil {
		return "", detect.Evidence{}, false
	}
	if k.framework == "nuxt" {
		out := "dist"
		if major(c.FrameworkVersion.V) >= 3 {
			out = ".output/public"
		}
		return out, k.evidence[0], true
	}
	for _, d := range defaults {
		if f, ok := p.dep(d.pack); ok && c.Facts["buildCommand"].V != "" {
			return d.out, f.evidence[0], true
		}
	}
	return "", detect.Evidence{}, false
}

// ignoredOutput is the directory that Git ignores and that has the name of a build's result.
func (p *project) ignoredOutput() (string, detect.Evidence, string) {
	for _, up := range p.ups() {
		f, ok := p.read(up + ".gitignore")
		if !ok {
			continue
		}
		best, at := "", 0
		rank := map[string]int{"dist": 1, "build": 2, "_site": 3, "out": 4, "public/dist": 5, "public/build": 6, "www": 7, "_public": 8, "public": 9, "app/dist": 10, "client/dist": 11, "release": 12}
		for i, text := range strings.Split(string(f.Data), "\n") {
			name := strings.Trim(strings.TrimSpace(text), "/*")
			if r := rank[name]; r > 0 && (best == "" || r < rank[best]) {
				best, at = name, i+1
			}
		}
		if best != "" {
			return best, f.Evidence(at), "Git ignores it as what a build makes"
		}
	}
	for _, name := range []string{"dist", "build", "public", "www"} {
		if p.dir.Has(name + "/index.html") {
			return name, p.whole(name + "/index.html"), "a page lies there"
		}
	}
	return "", detect.Evidence{}, ""
}

// privateRegistry is a registry of .npmrc or .yarnrc that is not the public one, or a token for one.
func (p *project) privateRegistry() (string, detect.Evidence, bool) {
	for _, up := range p.roots() {
		for _, name := range []string{".npmrc", ".yarnrc", ".yarnrc.yml"} {
			f, ok := p.read(up + name)
			if !ok {
				continue
			}
			for i, text := range strings.Split(string(f.Data), "\n") {
				text = strings.TrimSpace(text)
				if strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") {
					continue
				}
				if m := registryLine.FindStringSubmatch(text); m != nil && !publicHost.MatchString(m[1]) {
					return m[1], f.Evidence(i + 1), true
				}
				if strings.Contains(text, "_authToken") || strings.Contains(text, "_auth=") || strings.Contains(text, "npmAuthToken") {
					return "a token", f.Evidence(i + 1), true
				}
			}
		}
	}
	return "", detect.Evidence{}, false
}

var (
	registryLine = manifest.Lazy(`(?i)^(?:@[\w.-]+:)?(?:registry|npmRegistryServer)["']?\s*[=: ]\s*["']?https?://([^/"'\s]+)`)
	publicHost   = manifest.Lazy(`(?:^|\.)(?:npmjs\.(?:org|com)|yarnpkg\.com|npm\.taobao\.org|npmmirror\.com|cnpmjs\.org)$`)
)
