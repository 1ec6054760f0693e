package node

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// command is a way to start the application as some file states it.
type command struct {
	text     string
	from     detect.Origin
	why      string
	evidence detect.Evidence
}

// otherLanguage matches commands of a Procfile that start a program of another language: the file is shared by all of a directory.
var otherLanguage = manifest.Lazy(`^(?:[A-Z_]+=\S+\s+)*(?:exec\s+|env\s+)?(?:\./|bin/|\./bin/)?(?:bundle|ruby|rails|rake|puma|unicorn\w*|thin|rackup|passenger|sidekiq|resque|clockwork|foreman|python[\d.]*|gunicorn|uwsgi|uvicorn|celery|flask|waitress-serve|daphne|honcho|java|sbt|mvn\w?|gradlew?|lein|target/\S+|build/install/\S+|php|heroku-php-\S+|vendor/bin/\S+|perl|plackup|starman|hypnotoad|mix|elixir|iex|go|cargo|dotnet|mono)(?:\s|$)`)

// startScripts are the scripts that start an application in production, the most telling first.
var startScripts = []string{"start:prod", "start:production", "start-prod", "prod:start", "prod", "production", "serve:prod", "start", "serve", "start:server", "server", "start-server"}

// commands are what the files of the repository say about starting the application, the strongest first.
func (p *project) commands() []command {
	var out []command
	for _, proc := range p.procfile {
		if proc.Name == "web" && !strings.Contains(proc.Command, "heroku") && !otherLanguage.MatchString(proc.Command) {
			out = append(out, command{proc.Command, detect.Declared, "the Procfile's web process", p.procFile.Evidence(proc.Line)})
		}
	}
	for _, d := range p.docker {
		if words := append(append([]string{}, d.Entrypoint.Args...), d.Cmd.Args...); len(words) > 0 && !d.Cmd.Shell && !d.Entrypoint.Shell {
			if text, ok := p.nodeCommand(words); ok {
				line := d.Cmd.Line
				if line == 0 {
					line = d.Entrypoint.Line
				}
				out = append(out, command{text, detect.Declared, "what the repository's own image starts", d.file.Evidence(line)})
			}
		}
	}
	for _, name := range startScripts {
		if s, line, ok := p.pkg.script(name); ok {
			out = append(out, command{s, detect.Declared, "the script " + name, p.pkg.file.Evidence(line)})
		}
	}
	return out
}

// nodeCommand is the part of an image's command that starts Node or one of its tools, when the file that it runs is one of
// the repository or of a build: an image may keep things elsewhere.
func (p *project) nodeCommand(words []string) (string, bool) {
	for i, w := range words {
		switch path.Base(w) {
		case "node", "nodejs", "npm", "yarn", "pnpm":
			if !p.runnable(words[i:]) {
				return "", false
			}
			quoted := append(make([]string, 0, len(words)-i), path.Base(w))
			for _, x := range words[i+1:] {
				q, err := syntax.Quote(x, syntax.LangPOSIX)
				if err != nil {
					return "", false
				}
				quoted = append(quoted, q)
			}
			return strings.Join(quoted, " "), true
		}
	}
	return "", false
}

// runnable reports whether the file that a command runs on Node is there, or will be when the application is built.
func (p *project) runnable(words []string) bool {
	if name := path.Base(words[0]); name != "node" && name != "nodejs" {
		return true
	}
	for _, w := range words[1:] {
		if strings.HasPrefix(w, "-") {
			continue
		}
		if path.IsAbs(w) {
			return false
		}
		return p.isCode(w) || built.MatchString(path.Clean(w))
	}
	return false
}

var built = manifest.Lazy(`^(?:dist|build|out|lib|\.output|\.next|\.nuxt|server-build|compiled|production|release|_build|target|prod)(?:/|$)`)

// isCode reports whether Node finds a file of the directory under a name.
func (p *project) isCode(name string) bool {
	name = path.Clean(name)
	return name == "." && p.dir.Has("index.js") || p.dir.Has(name) || p.dir.Has(name+".js") || p.dir.Has(name+"/index.js") || p.dir.Has(name+"/package.json")
}

// starts reports whether anything says how the application is started.
func (p *project) starts() bool { return len(p.commands()) > 0 }

// startsCode reports whether a start command runs code of the application on Node, not a tool for front ends.
func (p *project) startsCode() bool {
	for _, c := range p.commands() {
		if s := p.expand(c.text, 0); s != "" && runsCode.MatchString(s) && !devServer.MatchString(s) {
			return true
		}
	}
	return false
}

var (
	runsCode  = manifest.Lazy(`(?:^|[\s/'"])(?:node|nodejs|iojs|nodemon|forever|pm2|pm2-runtime|pm2-docker|supervisor|node-dev|babel-node|ts-node|ts-node-dev|tsx|coffee|slc|up|naught|micro|nest start|sails lift|next start|nuxt start|moleculer-runner|egg-scripts|lsc)(?:\s|$)`)
	devServer = manifest.Lazy(`react-scripts start|webpack-dev-server|\bng serve\b|vue-cli-service serve|ember s(?:erve|erver)?\b|(?:^|\s)vite(?:\s|$)|parcel\s|live-server|http-server|lite-server|browser-sync|gatsby develop|(?:build|scripts|config|webpack|tools)/\S*(?:dev-?server|dev-client|server\.dev|webpack)\S*|(?:scripts|build)/start(?:\.js)?\b|tools/(?:run|srcServer|distServer)|nodemon\s+--watch\s+webpack`)
)

// maxExpand bounds how many scripts may call each other.
const maxExpand = 6

// expand follows scripts that run other scripts of the manifest ("npm run server", "npm-run-all build server", "yarn x").
func (p *project) expand(text string, depth int) string {
	m := runScript.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || depth > maxExpand {
		return text
	}
	name := m[1]
	if s, _, ok := p.pkg.script(name); ok && s != text {
		return p.expand(s, depth+1)
	}
	if name == "start" && p.dir.Has("server.js") {
		return "node server.js"
	}
	return text
}

var runScript = manifest.Lazy(`^(?:[A-Z_]+=\S+\s+)*(?:npm|yarn|pnpm)\s+(?:-s\s+|--silent\s+)?(?:run-script\s+|run\s+)?(?:-s\s+|--silent\s+)?([A-Za-z][\w:.-]*)$`)

// start is the command that a container runs.
func (p *project) start(k kind, c *detect.Component) (detect.Process, bool) {
	if k.framework == "meteor" {
		return detect.Process{Command: []string{"node", "main.js"}, From: detect.Inferred, Why: "what meteor build makes is started so", Evidence: k.evidence}, true
	}
	if k.role == detect.Function {
		return detect.Process{}, false
	}
	for _, x := range p.commands() {
		words, ok := p.production(p.expand(x.text, 0), c)
		if !ok {
			continue
		}
		why := x.why
		from := detect.Declared
		if strings.Join(words, " ") != x.text {
			from, why = detect.Inferred, why+", as it is run in a container"
		}
		return detect.Process{Command: words, From: from, Why: why, Evidence: []detect.Evidence{x.evidence}}, true
	}
	return p.entry(k)
}

// own is a command of a framework that starts it in production.
var own = map[string][]string{"next": {"next", "start"}, "nuxt": {"nuxt", "start"}}

// entry is the start by the file that a program begins with.
func (p *project) entry(k kind) (detect.Process, bool) {
	if words, ok := own[k.framework]; ok {
		return detect.Process{Command: words, From: detect.Inferred, Why: "the framework's own way to start in production", Evidence: k.evidence}, true
	}
	if k.framework == "nest" {
		return detect.Process{Command: []string{"node", "dist/main"}, From: detect.Inferred, Why: "what nest build makes is started so", Evidence: k.evidence}, true
	}
	if name, ev, ok := p.nxOutput(); ok {
		return detect.Process{Command: []string{"node", name}, From: detect.Inferred, Why: "what Nx builds is started so", Evidence: []detect.Evidence{ev}}, true
	}
	var names []string
	if main, _ := p.pkg.get("main"); main != "" {
		names = append(names, main, main+".js")
	}
	names = append(names, "server.js", "app.js", "index.js", "bin/www", "main.js", "server/index.js", "server/server.js", "src/server.js", "src/index.js", "src/app.js", "server/app.js", "server.mjs", "index.mjs", "keystone.js", "web.js", "start.js", "lib/server.js", "lib/index.js")
	if bin := p.pkg.bin(); serverName.MatchString(bin) {
		names = append(names, bin, bin+".js")
	}
	if p.serverAt != nil && path.Ext(p.serverAt.name) != ".ts" {
		names = append(names, p.serverAt.name)
	}
	for _, name := range names {
		if name = path.Clean(name); p.dir.Has(name) && !strings.HasPrefix(name, "../") {
			return detect.Process{Command: []string{"node", name}, From: detect.Inferred, Why: "the program begins in " + name, Evidence: []detect.Evidence{p.whole(name)}}, true
		}
	}
	return detect.Process{}, false
}

// serverName matches what a program is called that serves, among those that a package installs for the command line.
var serverName = manifest.Lazy(`(?:^|/)(?:server|app|main|index|start|www|web|serve)(?:\.m?js)?$`)

// bin is the file of the only program that the package installs, or "".
func (p *pkg) bin() string {
	if p == nil {
		return ""
	}
	if v, _ := p.get("bin"); v != "" {
		return v
	}
	if keys := p.doc.Keys("bin"); len(keys) == 1 {
		v, _, _ := p.doc.Get("bin", keys[0])
		return v
	}
	return ""
}

// nxOutput is the program that a build by Nx writes.
func (p *project) nxOutput() (string, detect.Evidence, bool) {
	f, doc, ok := p.json("project.json")
	if !ok || !p.has("nx", "@nrwl/cli", "@nx/node", "@nrwl/node") {
		return "", detect.Evidence{}, false
	}
	out, line, ok := doc.Get("targets", "build", "options", "outputPath")
	if !ok || strings.Contains(out, "{") || strings.HasPrefix(path.Clean(out), "..") {
		return "", detect.Evidence{}, false
	}
	return path.Join(out, "main.js"), f.Evidence(line), true
}

// production turns a start command into what a container runs: one process in the foreground, in production. It fails for
// commands that serve developers.
func (p *project) production(text string, c *detect.Component) ([]string, bool) {
	text = strings.TrimSpace(text)
	if devServer.MatchString(text) || devOnly.MatchString(text) {
		return nil, false
	}
	steps := strings.Split(text, "&&")
	last := strings.TrimSpace(steps[len(steps)-1])
	if len(steps) > 1 && !strings.ContainsAny(text, ";|") && !strings.HasPrefix(strings.TrimSpace(steps[0]), "cd ") {
		if !p.made(last) {
			return []string{"sh", "-c", text}, true // the steps before make what the last one runs
		}
		text = last // migrations and builds have their own places
	}
	lookup := func(name string) (string, bool) {
		if name == "PORT" && c.Port.V != 0 {
			return itoa(c.Port.V), true
		}
		return "", false
	}
	words := manifest.Exec(text, lookup)
	if len(words) == 0 || words[0] == "sh" {
		return words, len(words) > 0 && !strings.Contains(text, "&&") && len(steps) == 1 || strings.HasPrefix(text, "cd ")
	}
	return p.foreground(words)
}

// made reports whether the file that a command runs is there, or is one that the build makes.
func (p *project) made(command string) bool {
	words := strings.Fields(command)
	if len(words) < 2 || words[0] != "node" {
		return true
	}
	for _, w := range words[1:] {
		if !strings.HasPrefix(w, "-") {
			return path.Ext(w) != ".js" || path.IsAbs(w) || p.isCode(w) || built.MatchString(path.Clean(w))
		}
	}
	return true
}

// devOnly matches commands that watch sources, open browsers or run several things at once.
var devOnly = manifest.Lazy(`(?:^|\s)(?:concurrently|npm-run-all\s+(?:-p|--parallel)|run-p|gulp|grunt|watchify|tsc\s+(?:-w|--watch)|nest start|next dev|nuxt dev|serve -s|lerna|nx|turbo|docker|docker-compose|vercel|now|netlify|electron|expo|react-native)(?:\s|$)|(?:^|\s)nuxt$|(?:^|\s)next$|--watch\b`)

// watchers are programs that restart another one when its sources change or when it ends: a platform does the latter.
var watchers = map[string]bool{"nodemon": true, "supervisor": true, "node-dev": true, "forever": true, "node-supervisor": true, "naught": true, "up": true}

// foreground removes what stands before the program itself: assignments of the environment, watchers and process managers.
func (p *project) foreground(words []string) ([]string, bool) {
	for len(words) > 0 {
		name := path.Base(words[0])
		switch {
		case (name == "better-npm-run" || name == "bnr") && len(words) > 1:
			text, ok := p.better(words[1])
			if !ok {
				return nil, false
			}
			words = manifest.Exec(text, nil)
		case name == "cross-env" || name == "env" || name == "cross-env-shell" || name == "npx" || name == "exec":
			words = words[1:]
			for len(words) > 0 && assignment.MatchString(words[0]) {
				words = words[1:]
			}
		case name == "dotenv" || name == "env-cmd":
			return nil, false
		case watchers[name]:
			rest := program(words[1:])
			if len(rest) == 0 {
				return nil, false
			}
			return p.onNode(rest), true
		case name == "pm2" || name == "pm2-runtime" || name == "pm2-docker":
			return p.pm2(words[1:])
		case name == "yarn" || name == "npm" || name == "pnpm":
			return p.script(words), true
		default:
			return p.onNode(words), true
		}
	}
	return nil, false
}

// better is the command of a script of better-npm-run.
func (p *project) better(name string) (string, bool) {
	for _, at := range [][]string{{"betterScripts", name, "command"}, {"betterScripts", name}} {
		if v, _, ok := p.pkg.doc.Get(at...); ok && !strings.Contains(v, "better-npm-run") && !strings.Contains(v, "bnr ") {
			return v, true
		}
	}
	return "", false
}

// script writes a command that runs a script in npm's words, which every image understands.
func (p *project) script(words []string) []string {
	rest := words[1:]
	if len(rest) > 0 && (rest[0] == "run" || rest[0] == "run-script") {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return words
	}
	if _, _, ok := p.pkg.script(rest[0]); ok {
		return append([]string{"npm", "run", rest[0]}, rest[1:]...)
	}
	if path.Base(words[0]) == "yarn" && rest[0] != "start" {
		return rest // yarn runs the commands of packages
	}
	return append([]string{path.Base(words[0])}, words[1:]...)
}

var assignment = manifest.Lazy(`^[A-Za-z_][A-Za-z0-9_]*=`)

// program drops the options of a watcher before the file that it runs.
func program(words []string) []string {
	takes := map[string]bool{"-m": true, "-w": true, "--watch": true, "-e": true, "--ext": true, "-l": true, "-o": true, "--minUptime": true, "--spinSleepTime": true, "-i": true, "--ignore": true, "-c": true, "--uid": true, "--pidFile": true, "--sourceDir": true, "--workingDir": true, "-x": true, "--extensions": true, "--delay": true, "--config": true}
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "start" || w == "--": // forever start server.js
		case takes[w]:
			if w == "-x" || w == "--exec" {
				return nil
			}
			i++
		case strings.HasPrefix(w, "-"):
			if strings.HasPrefix(w, "--exec") {
				return nil
			}
		default:
			return words[i:]
		}
	}
	return nil
}

// onNode puts node before a file of the application.
func (p *project) onNode(words []string) []string {
	first := words[0]
	if first == "nodejs" || first == "iojs" {
		words = append([]string{"node"}, words[1:]...)
	}
	if first == "node" || first == "nodejs" {
		return words
	}
	if clean := path.Clean(first); p.dir.Has(clean) || p.dir.Has(clean+".js") || p.dir.Has(clean+"/index.js") || path.Ext(clean) == ".js" || strings.Contains(first, "/") && built.MatchString(clean) {
		if path.Ext(clean) == ".coffee" {
			return append([]string{"coffee", clean}, words[1:]...)
		}
		if path.Ext(clean) == ".ts" || path.Ext(clean) == ".sh" {
			return words
		}
		return append([]string{"node", clean}, words[1:]...)
	}
	if strings.HasPrefix(first, "./node_modules/.bin/") || strings.HasPrefix(first, "node_modules/.bin/") {
		return append([]string{path.Base(first)}, words[1:]...)
	}
	return words
}

// pm2 is the program that pm2 is told to run: a file, or the first application of its configuration.
func (p *project) pm2(words []string) ([]string, bool) {
	rest := program(words)
	if len(rest) == 0 {
		return nil, false
	}
	name := path.Clean(rest[0])
	switch {
	case strings.HasSuffix(name, ".json") || strings.Contains(name, "ecosystem") || strings.HasSuffix(name, ".yml"):
		f, ok := p.read(name)
		if !ok {
			return nil, false
		}
		if m := pm2Script.FindSubmatch(f.Data); m != nil {
			script := path.Clean(string(m[1]))
			if script == "npm" || script == "yarn" {
				return nil, false
			}
			return []string{"node", script}, !strings.HasPrefix(script, "..")
		}
		return nil, false
	case name == "npm" || name == "yarn":
		return nil, false
	}
	return p.onNode(rest[:1]), true
}

var pm2Script = manifest.Lazy(`["']?\bscript["']?\s*:\s*["']([^"'\s]+)["']`)

// workers are the other processes of the Procfile that work on their own.
func (p *project) workers(web detect.Component) []detect.Component {
	var out []detect.Component
	for _, proc := range p.procfile {
		if proc.Name == "web" || proc.Name == "release" || strings.HasPrefix(proc.Name, "dev") || otherLanguage.MatchString(proc.Command) {
			continue
		}
		words, ok := p.production(p.expand(proc.Command, 0), &web)
		if !ok {
			continue
		}
		ev := p.procFile.Evidence(proc.Line)
		c := web
		c.Name = proc.Name
		if p.dir.Path != "." {
			c.Name = path.Base(p.dir.Path) + "-" + proc.Name
		}
		c.Role = detect.Infer(detect.Worker, "the Procfile's process "+proc.Name, ev)
		c.Port, c.HealthPath, c.Readiness = detect.Value[int]{}, detect.Value[string]{}, nil
		c.AppServer, c.AppServerVersion = detect.Value[string]{}, detect.Value[string]{}
		c.Processes = []detect.Process{{Name: "worker", Command: words, From: detect.Declared, Why: "the Procfile's process " + proc.Name, Evidence: []detect.Evidence{ev}}}
		c.Env = nil
		for _, e := range web.Env {
			if e.Name != "PORT" {
				c.Env = append(c.Env, e)
			}
		}
		out = append(out, c)
	}
	return out
}

// migrations are the commands that bring a database's tables up to date, by the tool that the application uses.
var migrations = []struct {
	pack    string
	files   []string
	command []string
}{
	{"sequelize-cli", []string{"migrations", "db/migrations", "lib/migrations", "server/migrations", "src/migrations"}, []string{"sequelize", "db:migrate"}},
	{"knex", []string{"migrations", "db/migrations"}, []string{"knex", "migrate:latest"}},
	{"db-migrate", []string{"migrations"}, []string{"db-migrate", "up"}},
	{"prisma", []string{"prisma/migrations"}, []string{"prisma", "migrate", "deploy"}},
	{"node-pg-migrate", []string{"migrations"}, []string{"node-pg-migrate", "up"}},
}

// release is what runs once before a new version starts: the Procfile says so, or a migration tool has migrations to run.
func (p *project) release() (detect.Process, bool) {
	for _, proc := range p.procfile {
		if proc.Name == "release" && !otherLanguage.MatchString(proc.Command) {
			words := manifest.Exec(p.expand(proc.Command, 0), nil)
			return detect.Process{Name: "release", Command: words, From: detect.Declared, Why: "the Procfile's release process", Evidence: []detect.Evidence{p.procFile.Evidence(proc.Line)}}, true
		}
	}
	for _, name := range []string{"db:migrate", "migrate", "migration:run", "migrate:up", "migrations", "migrate:latest", "typeorm:migration:run"} {
		s, line, ok := p.pkg.script(name)
		if !ok || strings.Contains(s, "ts-node") {
			continue
		}
		if words := manifest.Exec(p.expand(s, 0), nil); len(words) > 0 && words[0] != "sh" {
			return detect.Process{Name: "release", Command: p.onNode(words), From: detect.Inferred, Why: "the script " + name, Evidence: []detect.Evidence{p.pkg.file.Evidence(line)}}, true
		}
	}
	for _, m := range migrations {
		d, ok := p.running(m.pack)
		if !ok {
			continue
		}
		for _, dir := range m.files {
			if p.dir.HasDir(dir) && (m.pack != "knex" || p.dir.Has("knexfile.js")) {
				return detect.Process{Name: "release", Command: m.command, From: detect.Inferred, Why: dir + " holds migrations of " + m.pack, Evidence: d.evidence}, true
			}
		}
	}
	return detect.Process{}, false
}
