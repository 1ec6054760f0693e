package python

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// app is a project on its way to components.
type app struct {
	*project
	framework  detect.Value[string]
	release    detect.Value[string]
	entry      entry
	manage     string // path of manage.py
	settings   []string
	reads      []envRead
	procfile   []manifest.Process
	procPath   detect.File
	procedural bool // the web process is a script of its own: python app.py
}

// entry is what a server imports, or the script that serves by itself.
type entry struct {
	module, variable string
	script           string // relative to the project
	asgi             bool
	evidence         []detect.Evidence
}

func (e entry) set() bool { return e.module != "" || e.script != "" }

// frameworks are tried in order: one that builds on another stands before it.
var frameworks = []struct{ dep, name, hint string }{
	{"django", "django", "django"}, {"pyramid", "pyramid", "pyramid"}, {"pylons", "pylons", "pylons"}, {"fastapi", "fastapi", "fastapi"}, {"flask", "flask", "flask"},
	{"maxfw", "flask", "maxfw"}, {"connexion", "flask", "connexion"}, {"tornado", "tornado", "tornado"},
	{"sanic", "none", "sanic"}, {"aiohttp", "none", "aiohttp"}, {"bottle", "none", "bottle"}, {"falcon", "none", "falcon"}, {"cherrypy", "none", "cherrypy"}, {"web-py", "none", "web"},
	{"webapp2", "none", "webapp2"}, {"starlette", "none", "starlette"}, {"hug", "none", "hug"}, {"turbogears2", "none", "tg"}, {"quart", "none", "quart"}, {"twisted", "none", "twisted"},
}

var importLine = lazy(`^\s*(?:from|import)\s+([\w.]+)`)

// components lists what the project runs.
func (p *project) components() []detect.Component {
	p.readDeps()
	a := &app{project: p}
	a.findFramework()
	a.findManage()
	a.readProcfile()
	a.findEntry()
	a.findEnv()
	web := a.entry.set() && (a.framework.Set() && a.framework.V != "" || a.entry.script != "" || a.entry.module != "")
	if _, ok := a.process("web"); ok {
		web = true
	}
	if web {
		return a.webComponents()
	}
	return a.programs()
}

// findFramework takes the framework from the dependencies, else from what the code imports.
func (a *app) findFramework() {
	for _, f := range frameworks {
		if d, ok := a.has(f.dep); ok && (d.direct || f.name == "django" || f.name == "flask") {
			a.framework = detect.Is(f.name, d.evidence...)
			if f.dep == f.name && d.version != "" {
				a.release = detect.Value[string]{V: d.version, From: d.from, Evidence: d.evidence}
			}
			if f.name == "flask" && !d.direct && !a.imports("flask") {
				a.framework, a.release = detect.Value[string]{}, detect.Value[string]{}
				continue
			}
			return
		}
	}
	for _, f := range frameworks {
		if h, ok := a.first(importLine(), "import "+f.hint, "from "+f.hint); ok && importsOf(h.text, f.hint) {
			a.framework = detect.Is(f.name, h.evidence())
			return
		}
		for _, h := range a.grep(a.files, importLine(), 20, "import "+f.hint, "from "+f.hint) {
			if importsOf(h.text, f.hint) {
				a.framework = detect.Is(f.name, h.evidence())
				return
			}
		}
	}
}

// imports reports whether the code imports a package.
func (a *app) imports(name string) bool {
	for _, h := range a.grep(a.files, importLine(), 20, "import "+name, "from "+name) {
		if importsOf(h.text, name) {
			return true
		}
	}
	return false
}

func importsOf(text, name string) bool {
	m := importLine().FindStringSubmatch(text)
	return m != nil && (m[1] == name || strings.HasPrefix(m[1], name+"."))
}

var settingsModule = lazy(`DJANGO_SETTINGS_MODULE["']?\s*,\s*["']([\w.]+)["']`)

// findManage finds Django's manage.py and the settings that it names.
func (a *app) findManage() {
	if a.framework.V != "django" {
		return
	}
	for _, f := range a.files {
		if path.Base(f) == "manage.py" {
			a.manage = f
			break
		}
	}
	for _, f := range a.files {
		if b := path.Base(f); strings.HasPrefix(b, "settings") || strings.Contains("/"+f, "/settings/") || strings.HasPrefix(b, "local_settings") || b == "config.py" {
			a.settings = append(a.settings, f)
		}
	}
	slices.SortStableFunc(a.settings, func(x, y string) int { return rank(x) - rank(y) })
}

// rank puts the settings that production uses before those that derive from them or are for development.
func rank(name string) int {
	b := strings.TrimSuffix(path.Base(name), ".py")
	switch {
	case b == "settings", b == "__init__":
		return 0
	case strings.Contains(b, "base"), strings.Contains(b, "common"), strings.Contains(b, "default"):
		return 1
	case strings.Contains(b, "prod"):
		return 2
	case strings.Contains(b, "test"), strings.Contains(b, "dev"), strings.Contains(b, "local"):
		return 9
	}
	return 5
}

func (a *app) readProcfile() {
	f, err := a.dir.Read("Procfile")
	if err != nil {
		return
	}
	list, err := manifest.ParseProcfile(f.Data)
	if err != nil {
		a.warn(f, err)
	}
	a.procfile, a.procPath = list, f
}

// process is a line of the Procfile.
func (a *app) process(name string) (manifest.Process, bool) {
	for _, x := range a.procfile {
		if x.Name == name {
			return x, true
		}
	}
	return manifest.Process{}, false
}

var (
	appVariable  = lazy(`^(\w+)\s*(?::\s*[\w.]+\s*)?=\s*(?:[\w.]+\.)?(Flask|FastAPI|Starlette|Sanic|Bottle|Quart|MAXApp|connexion\.(?:FlaskApp|App|AioHttpApp)|FlaskApp|falcon\.(?:API|App)|API|web\.application|default_app)\s*\(`)
	appFactory   = lazy(`^def (create_app|make_app|app_factory|get_app|build_app)\s*\(`)
	factoryUse   = lazy(`^(\w+)\s*=\s*(?:[\w.]+\.)?(?:create_app|make_app|app_factory|get_app|build_app)\s*\(`)
	wsgiVariable = lazy(`^(application|app)\s*=`)
	runsServer   = lazy(`\.run\s*\(|\.listen\s*\(|run_app\s*\(|serve_forever\s*\(|uvicorn\.run\s*\(|quickstart\s*\(|\.start\s*\(|HTTPServer\s*\(|serve\s*\(`)
	mainGuard    = lazy(`^if\s+__name__\s*==\s*["']__main__["']`)
)

// findEntry finds what a server imports: a wsgi or asgi module, else the variable that holds the application.
func (a *app) findEntry() {
	switch a.framework.V {
	case "django":
		if a.djangoEntry() {
			return
		}
	case "tornado", "none", "":
	default:
		if a.variableEntry() {
			return
		}
	}
	if a.framework.V == "none" && a.variableEntry() {
		return
	}
	if a.framework.Set() {
		a.scriptEntry()
	}
	if a.framework.V == "pyramid" || a.framework.V == "pylons" {
		for _, ini := range []string{"production.ini", "development.ini", "deployment.ini", "test.ini"} {
			if f, err := a.dir.Read(ini); err == nil && !a.entry.set() {
				a.entry = entry{script: ini, evidence: []detect.Evidence{f.Evidence(1)}}
			}
		}
	}
}

func (a *app) djangoEntry() bool {
	for _, kind := range []string{"wsgi.py", "asgi.py"} {
		for _, f := range a.files {
			if path.Base(f) != kind {
				continue
			}
			src := a.source(f)
			variable, line := "application", 0
			for i, text := range strings.Split(string(src.Data), "\n") {
				if m := wsgiVariable().FindStringSubmatch(text); m != nil {
					variable, line = m[1], i+1
					break
				}
			}
			a.entry = entry{module: a.moduleOf(f), variable: variable, asgi: kind == "asgi.py", evidence: []detect.Evidence{src.Evidence(line)}}
			return true
		}
	}
	if a.manage != "" {
		a.entry = entry{script: a.manage, evidence: []detect.Evidence{a.source(a.manage).Evidence(1)}}
		return true
	}
	return false
}

// importRoot is the directory that imports start from: that of manage.py, src when the packages lie there, else the project's.
func (a *app) importRoot() string {
	if a.manage != "" {
		return path.Dir(a.manage)
	}
	if strings.HasPrefix(a.entry.script, "src/") {
		return "src"
	}
	return "."
}

// moduleOf is the name by which a file is imported from the import root.
func (a *app) moduleOf(f string) string {
	root := "."
	if a.manage != "" {
		root = path.Dir(a.manage)
	} else if strings.HasPrefix(f, "src/") && !a.dir.Has("src/__init__.py") {
		root = "src"
	}
	return module(strings.TrimPrefix(f, strings.TrimPrefix(root+"/", "./")))
}

// entryFiles orders the sources by how likely they hold the application: names that conventions use first, near ones before deep ones.
func (a *app) entryFiles() []string {
	likely := []string{"wsgi.py", "asgi.py", "app.py", "main.py", "application.py", "server.py", "run.py", "manage.py", "api.py", "web.py", "index.py", "__init__.py"}
	files := slices.Clone(a.files)
	slices.SortStableFunc(files, func(x, y string) int {
		return order(likely, x) - order(likely, y)
	})
	return files
}

func order(likely []string, name string) int {
	i := slices.Index(likely, path.Base(name))
	if i < 0 {
		i = len(likely)
	}
	return strings.Count(name, "/")*3 + i
}

func (a *app) variableEntry() bool {
	files := a.entryFiles()
	pick := func(h hit) bool {
		a.entry = entry{module: a.moduleOf(h.name), variable: h.m[1], evidence: []detect.Evidence{h.evidence()},
			asgi: len(h.m) > 2 && (h.m[2] == "FastAPI" || h.m[2] == "Starlette" || h.m[2] == "Quart" || h.m[2] == "Sanic")}
		return true
	}
	for _, f := range files {
		if b := path.Base(f); b != "wsgi.py" && b != "asgi.py" && path.Ext(f) != ".wsgi" {
			continue
		}
		for _, h := range a.grep([]string{f}, factoryUse(), 1, "create_app", "make_app", "app_factory", "get_app", "build_app") {
			return pick(h)
		}
		for _, h := range a.grep([]string{f}, appVariable(), 1, "(") {
			return pick(h)
		}
	}
	if h := a.grep(files, appVariable(), 1, "Flask(", "FastAPI(", "Starlette(", "Sanic(", "Bottle(", "Quart(", "MAXApp(", "App(", "falcon.", "API(", "web.application", "default_app("); len(h) > 0 && !strings.HasPrefix(h[0].text, "    ") {
		if h[0].m[2] == "MAXApp" {
			a.entry = entry{script: h[0].name, evidence: []detect.Evidence{h[0].evidence()}}
			return true
		}
		return pick(h[0])
	}
	if h := a.grep(files, factoryUse(), 1, "create_app(", "make_app(", "app_factory(", "get_app(", "build_app("); len(h) > 0 {
		return pick(h[0])
	}
	if h := a.grep(files, appFactory(), 1, "def create_app", "def make_app", "def app_factory", "def get_app", "def build_app"); len(h) > 0 {
		a.entry = entry{module: a.moduleOf(h[0].name), variable: h[0].m[1] + "()", evidence: []detect.Evidence{h[0].evidence()}}
		return true
	}
	return false
}

// scriptEntry finds a script that serves by itself.
func (a *app) scriptEntry() {
	for _, h := range a.grep(a.entryFiles(), runsServer(), 40, ".run(", ".listen(", "run_app(", "serve_forever(", "quickstart(", "serve(", ".start(", "HTTPServer(") {
		if len(a.grep([]string{h.name}, mainGuard(), 1, "__main__")) > 0 || strings.Contains(h.text, "serve_forever") || path.Base(h.name) == "run.py" || path.Base(h.name) == "app.py" || path.Base(h.name) == "server.py" {
			a.entry = entry{script: h.name, evidence: []detect.Evidence{h.evidence()}}
			return
		}
	}
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
	c.SystemPackages = a.systemPackages()
	c.EndOfLife = endOfLife(c.LanguageVersion.V, a.framework.V, a.release.V)
	return c
}

func firstOf(ev []detect.Evidence) []detect.Evidence { return ev[:min(1, len(ev))] }

func (a *app) languageEvidence() (detect.Evidence, bool) {
	for _, name := range append(slices.Clone(manifests), "manage.py") {
		if f, err := a.dir.Read(name); err == nil {
			return f.Evidence(0), true
		}
	}
	return detect.Evidence{}, false
}

// build says which tool installs the dependencies.
func (a *app) build() detect.Value[string] {
	for _, m := range []struct{ file, tool string }{
		{"uv.lock", "uv"}, {"poetry.lock", "poetry"}, {"Pipfile.lock", "pipenv"}, {"Pipfile", "pipenv"},
	} {
		if f, err := a.dir.Read(m.file); err == nil {
			return detect.Is(m.tool, f.Evidence(0))
		}
	}
	if len(a.reqs) > 0 {
		if f, err := a.dir.Read(a.reqs[0]); err == nil {
			return detect.Is("pip", f.Evidence(0))
		}
	}
	if f, d, ok := a.doc("pyproject.toml", manifest.ParseTOML); ok {
		if d.Has("tool", "poetry") {
			return detect.Is("poetry", f.Evidence(d.Line("tool", "poetry")))
		}
		if d.Has("project", "dependencies") {
			return detect.Is("pip", f.Evidence(d.Line("project", "dependencies")))
		}
	}
	for _, m := range []struct{ file, tool string }{{"environment.yml", "conda"}, {"environment.yaml", "conda"}, {"setup.py", "setuptools"}, {"setup.cfg", "setuptools"}} {
		if f, err := a.dir.Read(m.file); err == nil {
			return detect.Is(m.tool, f.Evidence(0))
		}
	}
	return detect.Guess("none", "no file names dependencies")
}

// buildFacts says what the template needs to install the dependencies.
func (a *app) buildFacts(c *detect.Component) {
	set := func(key string, v detect.Value[string]) { c.Facts[key] = v }
	switch c.Build.V {
	case "pip":
		if len(a.reqs) > 0 {
			set("requirements", detect.Is(a.reqs[0], c.Build.Evidence...))
			set("requirementFiles", detect.Is(strings.Join(a.reqs, " "), c.Build.Evidence...))
			a.gitRequirements(set)
		} else {
			set("setup", detect.Is("true", c.Build.Evidence...))
		}
	case "pipenv":
		if f, err := a.dir.Read("Pipfile.lock"); err == nil {
			set("lockfile", detect.Is("Pipfile.lock", f.Evidence(0)))
		}
	case "poetry", "uv":
		if name := c.Build.V + ".lock"; a.dir.Has(name) {
			f, _ := a.dir.Read(name)
			set("lockfile", detect.Is(name, f.Evidence(0)))
		}
	case "setuptools":
		set("setup", detect.Is("true", c.Build.Evidence...))
	}
	if root := a.importRoot(); root != "." {
		set("pythonPath", detect.Infer(root, "imports start from there", a.entry.evidence...))
	}
	if a.manage != "" {
		set("manage", detect.Is(a.manage, a.source(a.manage).Evidence(1)))
	}
}

func (a *app) gitRequirements(set func(string, detect.Value[string])) {
	for _, name := range a.reqs {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if t := strings.TrimSpace(text); !strings.HasPrefix(t, "#") && strings.Contains(t, "git+") {
				set("gitRequirements", detect.Is("true", f.Evidence(i+1)))
				return
			}
		}
	}
}

// webComponents are the web process and the workers beside it.
func (a *app) webComponents() []detect.Component {
	role := detect.Is(detect.Web, a.entry.evidence...)
	if x, ok := a.process("web"); ok {
		role = detect.Is(detect.Web, a.procPath.Evidence(x.Line))
	}
	if h, ok := a.first(sagemaker(), "/invocations", "/opt/ml"); ok && a.framework.V != "django" {
		role = detect.Is(detect.Inference, h.evidence())
	}
	c := a.base(role)
	c.Name = a.name()
	a.serve(&c)
	c.Services = a.services(&c, false)
	c.Env = a.env(&c)
	c.Processes = append(c.Processes, a.release_(&c)...)
	a.readiness(&c)
	c.HealthPath = a.health(&c)
	out := []detect.Component{c}
	for _, w := range a.workers() {
		wc := a.base(w.role)
		wc.Name = w.name
		wc.Services = a.services(&wc, true)
		wc.Env = a.env(&wc)
		wc.Processes = []detect.Process{{Name: "worker", Command: w.command, From: w.role.From, Why: w.role.Why, Evidence: w.role.Evidence}}
		wc.Writes, wc.EndOfLife = c.Writes, c.EndOfLife
		for _, k := range []string{"sqliteFile"} {
			if v, ok := c.Facts[k]; ok {
				wc.Facts[k] = v
			}
		}
		out = append(out, wc)
	}
	return out
}

func (a *app) name() string {
	if a.dir.Path == "." {
		return "web"
	}
	return path.Base(a.dir.Path)
}

var sagemaker = lazy(`["']/invocations["']|/opt/ml/(?:model|input|output)`)

// programs are the components of a project that serves nothing: scripts that do their work and end, or workers.
func (a *app) programs() []detect.Component {
	if h, ok := a.first(sagemaker(), "/opt/ml"); ok {
		c := a.base(detect.Is(detect.Training, h.evidence()))
		c.Name = "training"
		c.Processes = []detect.Process{{Name: "training", Command: []string{"python", h.name}, From: detect.Inferred, Why: "the script reads what a training platform gives it", Evidence: []detect.Evidence{h.evidence()}}}
		c.Services, c.Env = a.services(&c, true), a.env(&c)
		return []detect.Component{c}
	}
	var out []detect.Component
	for _, w := range a.workers() {
		c := a.base(w.role)
		c.Name = w.name
		c.Services, c.Env = a.services(&c, true), a.env(&c)
		c.Processes = []detect.Process{{Name: string(w.role.V), Command: w.command, From: w.role.From, Evidence: w.role.Evidence}}
		a.readiness(&c)
		out = append(out, c)
	}
	if len(out) > 0 {
		return out
	}
	return a.batch()
}

// batch finds the script that an installation of the project is for. A project with a setup.py is a library, unless it
// names scripts; a directory of scripts without requirements is no application.
func (a *app) batch() []detect.Component {
	if !a.own() {
		return nil
	}
	script, ev, ok := a.mainScript()
	if !ok {
		return nil
	}
	role := detect.Infer(detect.Batch, "a program that does its work and ends", ev)
	if a.dir.Has("setup.py") || a.dir.Has("pyproject.toml") {
		role = detect.Infer(detect.CLI, "a program that is installed and called", ev)
	}
	c := a.base(role)
	c.Name = a.name()
	if a.dir.Path == "." {
		c.Name = string(role.V)
	}
	c.Processes = []detect.Process{{Name: string(role.V), Command: script, From: detect.Inferred, Why: "the script of the project", Evidence: []detect.Evidence{ev}}}
	c.Services, c.Env = a.services(&c, true), a.env(&c)
	a.readiness(&c)
	return []detect.Component{c}
}

func (a *app) mainScript() ([]string, detect.Evidence, bool) {
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		if d, err := manifest.ParseDockerfile(f.Data); err == nil {
			for _, c := range []manifest.Command{d.Entrypoint, d.Cmd} {
				if len(c.Args) > 0 && !c.Shell {
					if b := path.Base(c.Args[0]); strings.HasPrefix(b, "python") || a.dir.Has(b) {
						words := slices.Clone(c.Args)
						if a.dir.Has(b) && b != words[0] || a.dir.Has(words[0]) {
							words[0] = "./" + strings.TrimPrefix(b, "./")
						}
						return words, f.Evidence(c.Line), true
					}
				}
			}
		}
	}
	if !a.dir.Has("setup.py") && !a.dir.Has("pyproject.toml") {
		var guarded []hit
		for _, h := range a.grep(a.files, mainGuard(), 200, "__main__") {
			if !strings.Contains(h.name, "/") {
				guarded = append(guarded, h)
			}
		}
		for _, want := range []string{"main.py", "run.py", "cli.py", "app.py", "train.py", "__main__.py"} {
			for _, h := range guarded {
				if h.name == want {
					return []string{"python", h.name}, h.evidence(), true
				}
			}
		}
		if len(guarded) > 0 {
			return []string{"python", guarded[0].name}, guarded[0].evidence(), true
		}
		return nil, detect.Evidence{}, false
	}
	f, err := a.dir.Read("setup.py")
	if err != nil {
		return nil, detect.Evidence{}, false
	}
	for _, i := range listAfter(f, "scripts") {
		return []string{path.Base(i.Value)}, f.Evidence(i.Line), true
	}
	return nil, detect.Evidence{}, false
}

// job is a process beside the web one.
type job struct {
	name    string
	role    detect.Value[detect.Role]
	command []string
}

var (
	celeryApp   = lazy(`^(\w+)\s*=\s*(?:celery\.)?Celery\s*\(|^(celery)\s*=\s*make_celery\(|^(celery|celery_app)\s*=\s*\w*[cC]elery`)
	daemon      = lazy(`^attach-daemon2?\s*=\s*(?:cmd=)?(.+)$`)
	safeCommand = lazy(`^[\w./:@=,+ -]+$`)
)

// workers are the other long-lived processes: those of the Procfile, those that uWSGI attaches, Celery.
func (a *app) workers() []job {
	var out []job
	have := map[string]bool{}
	add := func(name string, role detect.Value[detect.Role], command []string) {
		key := strings.Join(command, " ")
		if len(command) == 0 || have[key] || have[name] {
			return
		}
		have[key], have[name] = true, true
		out = append(out, job{name, role, command})
	}
	for _, x := range a.procfile {
		if x.Name == "web" || x.Name == "release" {
			continue
		}
		words := manifest.Exec(x.Command, func(string) (string, bool) { return "", false })
		add(x.Name, detect.Is(detect.Worker, a.procPath.Evidence(x.Line)), words)
	}
	for _, name := range append(a.dir.Glob("*.ini"), a.dir.Glob("{docker,deploy,conf,config,uwsgi}/*.ini")...) {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			m := daemon().FindStringSubmatch(strings.TrimSpace(text))
			if m == nil || !safeCommand().MatchString(m[1]) {
				continue
			}
			words := strings.Fields(m[1])
			add(path.Base(words[len(words)-1]), detect.Is(detect.Worker, f.Evidence(i+1)), pythonize(words))
		}
	}
	if len(out) == 0 {
		a.celery(add)
	}
	return out
}

// pythonize lets Python run a script of the project, whose file mode an archive may not keep.
func pythonize(words []string) []string {
	if s := strings.TrimPrefix(words[0], "./"); strings.HasSuffix(s, ".py") {
		return append([]string{"python", s}, words[1:]...)
	}
	return words
}

func (a *app) celery(add func(string, detect.Value[detect.Role], []string)) {
	d, ok := a.has("celery")
	if !ok {
		if d, ok = a.has("rq", "django-rq"); ok {
			a.rq(d, add)
		}
		return
	}
	var at *hit
	for _, h := range a.grep(a.files, celeryApp(), 10, "elery") {
		if at == nil || path.Base(h.name) == "celery.py" || strings.Contains(h.name, "celery") && path.Base(at.name) != "celery.py" {
			at = &h
		}
	}
	if at == nil {
		return
	}
	target := a.moduleOf(at.name)
	if a.framework.V == "django" && path.Base(at.name) == "celery.py" {
		target = strings.TrimSuffix(target, ".celery")
	} else if v := at.m[1] + at.m[2] + at.m[3]; v != "" {
		target += ":" + v
	}
	role := detect.Infer(detect.Worker, "Celery runs tasks", append([]detect.Evidence{at.evidence()}, d.evidence...)...)
	command := []string{"celery", "-A", target, "worker", "--loglevel", "info"}
	add("worker", role, command)
}

func (a *app) rq(d dep, add func(string, detect.Value[detect.Role], []string)) {
	role := detect.Infer(detect.Worker, "RQ runs jobs", d.evidence...)
	if a.framework.V == "django" && a.manage != "" {
		add("worker", role, []string{"python", a.manage, "rqworker"})
		return
	}
	if len(a.grep(a.files, lazy(`\bQueue\(|@job\b`)(), 1, "Queue(", "@job")) > 0 {
		add("worker", role, []string{"rq", "worker"})
	}
}

// defaultPorts are those of the frameworks' own servers: their documentation.
var defaultPorts = map[string]int{"django": 8000, "flask": 5000, "fastapi": 8000, "tornado": 8888, "pyramid": 6543, "pylons": 5000}

var (
	portArgument = lazy(`\bport\s*=\s*(?:int\()?[^\n]*?\b(\d{2,5})\b`)
	listenCall   = lazy(`\.listen\(\s*(\d{2,5})`)
	bindOption   = lazy(`(?:-b|--bind|--http-socket|--http|--socket|--listen|bind|http|http-socket|-p|--port)[=\s"'\[]+(?:[\w.*\[\]]*:)?(\d{2,5})\b`)
	definePort   = lazy(`define\(\s*["']port["']\s*,\s*default\s*=\s*(\d{2,5})`)
)

// port finds the TCP port that the web process listens on.
func (a *app) port(command string, ev []detect.Evidence) detect.Value[int] {
	if m := bindOption().FindStringSubmatch(command); m != nil {
		return detect.Is(number(m[1]), ev...)
	}
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		if d, err := manifest.ParseDockerfile(f.Data); err == nil && len(d.Expose) > 0 {
			return detect.Is(d.Expose[0].Number, f.Evidence(d.Expose[0].Line))
		}
	}
	for _, name := range append(append([]string{"gunicorn.conf.py", "gunicorn_config.py", "gunicorn.py", "gunicorn.conf", "uwsgi.ini"}, a.dir.Glob("{docker,deploy,conf,config}/*uwsgi*.ini")...), a.dir.Glob("{docker,deploy,conf,config}/*gunicorn*")...) {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := bindOption().FindStringSubmatch(text); m != nil && !strings.HasPrefix(strings.TrimSpace(text), "#") {
				return detect.Is(number(m[1]), f.Evidence(i+1))
			}
		}
	}
	if a.framework.V != "django" {
		for _, re := range []func() (h []hit){
			func() []hit { return a.grep(a.entryFiles(), definePort(), 1, "define(") },
			func() []hit { return a.grep(a.entryFiles(), listenCall(), 1, ".listen(") },
			func() []hit { return a.grep(a.entryFiles(), portArgument(), 1, "port=", "port =") },
		} {
			if h := re(); len(h) > 0 && (strings.Contains(h[0].text, "run") || strings.Contains(h[0].text, "listen") || strings.Contains(h[0].text, "define") || strings.Contains(h[0].text, "serve") || strings.Contains(h[0].text, "environ")) {
				return detect.Is(number(h[0].m[1]), h[0].evidence())
			}
		}
	}
	for _, ini := range []string{"production.ini", "development.ini"} {
		if f, err := a.dir.Read(ini); err == nil {
			for i, text := range strings.Split(string(f.Data), "\n") {
				if k, v, ok := strings.Cut(text, "="); ok && (strings.TrimSpace(k) == "port" || strings.TrimSpace(k) == "listen") {
					if n := number(v[strings.LastIndexByte(v, ':')+1:]); n > 0 {
						return detect.Is(n, f.Evidence(i+1))
					}
				}
			}
		}
	}
	if n := defaultPorts[a.framework.V]; n > 0 {
		return detect.Infer(n, "the port of "+a.framework.V+"'s own server", firstOf(a.framework.Evidence)...)
	}
	return detect.Guess(8000, "nothing states a port; 8000 is the one that Python servers use most")
}

func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}

// servers are the WSGI and ASGI servers by the packages that bring them.
var servers = []struct{ dep, name string }{
	{"gunicorn", "gunicorn"}, {"green-unicorn", "gunicorn"}, {"uwsgi", "uwsgi"}, {"pyuwsgi", "uwsgi"}, {"waitress", "waitress"}, {"mod-wsgi", "mod_wsgi"}, {"mod-wsgi-httpd", "mod_wsgi"},
}

// serve fills in the server, the port and the command of the web process.
func (a *app) serve(c *detect.Component) {
	command, ev := "", []detect.Evidence(nil)
	if x, ok := a.process("web"); ok {
		command, ev = x.Command, []detect.Evidence{a.procPath.Evidence(x.Line)}
	} else if cmd, e, ok := a.dockerCommand(); ok {
		command, ev = cmd, []detect.Evidence{e}
	}
	c.Port = a.port(command, ev)
	c.AppServer = a.server(command, ev)
	a.serverVersion(c)
	if words := a.procCommand(command, c.Port.V); words != nil {
		c.Processes = []detect.Process{{Name: "web", Command: words, From: detect.Declared, Evidence: ev}}
		return
	}
	c.Processes = []detect.Process{{Name: "web", Command: a.webCommand(c), From: detect.Inferred, Why: "how " + or(c.AppServer.V, "Python") + " starts it", Evidence: a.entry.evidence}}
}

func or(s, other string) string {
	if s == "" || s == "none" {
		return other
	}
	return s
}

// dockerCommand is the command of the repository's own Dockerfile when it starts a server that can be used as it is.
func (a *app) dockerCommand() (string, detect.Evidence, bool) {
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil || len(d.Cmd.Args) == 0 {
			continue
		}
		line := strings.Join(d.Cmd.Args, " ")
		for _, s := range []string{"gunicorn", "uwsgi", "waitress", "uvicorn"} {
			if strings.Contains(line, s) && safeCommand().MatchString(line) {
				return line, f.Evidence(d.Cmd.Line), true
			}
		}
	}
	return "", detect.Evidence{}, false
}

// procCommand is a stated command in exec form, with $PORT resolved; nil when there is none, or it is one that is not for production.
func (a *app) procCommand(command string, port int) []string {
	if command == "" || strings.Contains(command, "runserver") || strings.Contains(command, "flask run") {
		return nil
	}
	words := manifest.Exec(command, func(name string) (string, bool) { return itoa(port), name == "PORT" })
	if len(words) == 0 {
		return nil
	}
	if base := path.Base(words[0]); base == "gunicorn" && !strings.Contains(command, "-b") && !strings.Contains(command, "--bind") && !strings.Contains(command, "-c ") && !strings.Contains(command, "--config") {
		words = append(words, "--bind", "0.0.0.0:"+itoa(port))
	} else if base == "uwsgi" && strings.Contains(command, ".ini") {
		return words
	}
	return pythonize(words)
}

func (a *app) server(command string, ev []detect.Evidence) detect.Value[string] {
	for _, s := range []string{"gunicorn", "uwsgi", "waitress"} {
		if strings.Contains(command, s) {
			return detect.Is(s, ev...)
		}
	}
	for _, s := range servers {
		if d, ok := a.has(s.dep); ok {
			return detect.Is(s.name, d.evidence...)
		}
	}
	for _, name := range append(a.dir.Glob("*uwsgi*.ini"), a.dir.Glob("{docker,deploy,conf,config}/*uwsgi*.ini")...) {
		f, err := a.dir.Read(name)
		if err == nil {
			return detect.Is("uwsgi", f.Evidence(0))
		}
	}
	if a.framework.V == "tornado" || a.entry.module == "" {
		return detect.Infer("none", "it serves by itself", a.entry.evidence...)
	}
	return detect.Guess("gunicorn", "nothing names a server, and the framework's own is not for production")
}

func (a *app) serverVersion(c *detect.Component) {
	if d, ok := a.has(c.AppServer.V); ok && d.version != "" {
		c.AppServerVersion = detect.Value[string]{V: d.version, From: d.from, Evidence: d.evidence}
		return
	}
	switch c.AppServer.V {
	case "gunicorn", "uwsgi", "waitress":
		if _, ok := a.has(c.AppServer.V, "green-unicorn", "pyuwsgi"); !ok {
			c.Facts["server"] = detect.Infer(c.AppServer.V, "no manifest of the project installs it", c.AppServer.Evidence...)
			if c.AppServer.From == detect.Default {
				c.Facts["server"] = detect.Guess(c.AppServer.V, c.AppServer.Why)
			}
		}
	}
	if a.entry.asgi && c.AppServer.V == "gunicorn" {
		if _, ok := a.has("uvicorn"); !ok {
			c.Facts["server"] = detect.Infer("gunicorn uvicorn", "the application is an ASGI one, and no manifest installs a server for it", a.entry.evidence...)
		}
	}
}

// webCommand starts the application under its server.
func (a *app) webCommand(c *detect.Component) []string {
	port := itoa(c.Port.V)
	target := a.entry.module + ":" + or(a.entry.variable, "application")
	if a.entry.module != "" {
		c.Facts["wsgi"] = detect.Is(target, a.entry.evidence...)
	}
	switch {
	case a.entry.module == "" && path.Base(a.entry.script) == "manage.py":
		return []string{"python", a.entry.script, "runserver", "0.0.0.0:" + port}
	case a.entry.module == "" && path.Ext(a.entry.script) == ".ini":
		return []string{"pserve", a.entry.script}
	case a.entry.module == "":
		return []string{"python", a.entry.script}
	case c.AppServer.V == "uwsgi":
		words := []string{"uwsgi", "--http-socket", "0.0.0.0:" + port, "--master", "--die-on-term", "--module", target}
		if root := a.importRoot(); root != "." {
			words = append(words, "--pythonpath", root)
		}
		return words
	case c.AppServer.V == "waitress":
		return []string{"waitress-serve", "--listen=0.0.0.0:" + port, target}
	}
	words := []string{"gunicorn", "--bind", "0.0.0.0:" + port, "--access-logfile", "-"}
	if a.entry.asgi {
		words = append(words, "--worker-class", "uvicorn.workers.UvicornWorker")
	}
	if root := a.importRoot(); root != "." {
		words = append(words, "--chdir", root)
	}
	return append(words, target)
}

// release_ is the step that brings the database's tables up to date. With SQLite it is part of the build: no other container
// shares the file.
func (a *app) release_(c *detect.Component) []detect.Process {
	if x, ok := a.process("release"); ok {
		words := manifest.Exec(x.Command, func(string) (string, bool) { return "", false })
		return []detect.Process{{Name: "release", Command: pythonize(words), From: detect.Declared, Evidence: []detect.Evidence{a.procPath.Evidence(x.Line)}}}
	}
	if a.framework.V == "django" && a.manage != "" && len(c.Services) > 0 && compare(or(a.release.V, "1.7"), "1.7") >= 0 {
		for _, s := range c.Services {
			if s.Required && relational[s.Kind] && s.Kind != "sqlite" {
				return []detect.Process{{Name: "release", Command: []string{"python", a.manage, "migrate", "--noinput"}, From: detect.Inferred,
					Why: "Django's migrations make the tables", Evidence: []detect.Evidence{a.source(a.manage).Evidence(1)}}}
			}
		}
	}
	if d, ok := a.has("flask-migrate", "alembic"); ok && a.dir.HasDir("migrations") && a.entry.module != "" && a.framework.V == "flask" {
		if _, migrates := a.has("flask-migrate"); migrates {
			return []detect.Process{{Name: "release", Command: []string{"flask", "--app", a.entry.module, "db", "upgrade"}, From: detect.Inferred, Why: "Flask-Migrate's migrations make the tables", Evidence: d.evidence}}
		}
	}
	return nil
}

var healthRoute = lazy(`["'/^]/?(health(?:z|check|_check|-check)?|ping|status|_health|heartbeat|livez?|alive)/?\$?["']`)

// health finds a route that is made to be asked.
func (a *app) health(c *detect.Component) detect.Value[string] {
	var names []string
	for _, f := range a.files {
		if b := path.Base(f); a.framework.V != "django" || b == "urls.py" {
			names = append(names, f)
		}
	}
	for _, h := range a.grep(names, healthRoute(), 5, "health", "ping", "status", "heartbeat", "live", "alive") {
		if strings.Contains(h.text, "route") || strings.Contains(h.text, "url(") || strings.Contains(h.text, "path(") || strings.Contains(h.text, ".get(") || strings.Contains(h.text, "add_") {
			p := "/" + h.m[1]
			if a.framework.V == "django" && strings.Contains(h.text, h.m[1]+"/") {
				p += "/"
			}
			return detect.Infer(p, "a route that is made to be asked", h.evidence())
		}
	}
	return detect.Guess("/", "no route for health checks was found")
}
