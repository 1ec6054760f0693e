package python

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// entry is what a server imports, or the script that serves by itself.
type entry struct {
	module, variable string
	script           string // relative to the project
	paste            string // a Paste configuration ("production.ini"), relative to the project
	asgi             bool
	evidence         []detect.Evidence
}

func (e entry) set() bool { return e.module != "" || e.script != "" || e.paste != "" }

// target is what a server is given: "shop.wsgi:application".
func (e entry) target() string { return e.module + ":" + e.variable }

var settingsModule = manifest.Lazy(`DJANGO_SETTINGS_MODULE["']?\s*[\],]\s*=?\s*["']([\w.]+)["']`)

// findManage finds Django's manage.py, its settings, and the module that the project's own scripts use.
func (a *app) findManage() {
	if a.framework.V != "django" {
		return
	}
	var scripts []string
	for _, f := range a.files {
		switch b := path.Base(f); {
		case b == "manage.py" && a.manage == "":
			a.manage = f
		case b == "wsgi.py" || b == "asgi.py" || strings.HasSuffix(b, ".wsgi") || strings.HasSuffix(b, "wsgi.py"):
			scripts = append(scripts, f)
		case strings.HasPrefix(b, "settings") || strings.Contains("/"+f, "/settings/") || b == "local_settings.py" || b == "config.py" || b == "globalsettings.py":
			a.settings = append(a.settings, f)
		case b == "base.py" || b == "common.py" || strings.HasPrefix(b, "prod"):
			if strings.Contains("/"+f, "/config/") || strings.Contains("/"+f, "/conf/") {
				a.settings = append(a.settings, f)
			}
		}
	}
	slices.SortStableFunc(a.settings, func(x, y string) int { return rank(x) - rank(y) })
	for _, h := range a.grep(append(scripts, a.manage), settingsModule, 8, "DJANGO_SETTINGS_MODULE") {
		if a.module.line == 0 || notProduction(a.module.m[1]) && !notProduction(h.m[1]) {
			a.module = h
		}
	}
	a.productionModule()
	a.namedSettings()
}

// productionModule prefers the settings that the repository's own image runs with, and those for production to those for development that
// scripts fall back to.
func (a *app) productionModule() {
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			continue
		}
		for _, e := range d.Env {
			if e.Name == "DJANGO_SETTINGS_MODULE" && moduleName.MatchString(e.Value) && (!notProduction(e.Value) || a.module.line == 0) {
				a.module = hit{file: f, name: name, line: e.Line, m: []string{"", e.Value}}
				return
			}
		}
	}
	if a.module.line == 0 || !notProduction(a.module.m[1]) {
		return
	}
	pkg, ok := parent(strings.ReplaceAll(a.module.m[1], ".", "/"))
	if !ok {
		return
	}
	for _, f := range a.settings {
		if rank(f) == 0 && strings.HasSuffix("/"+path.Dir(f), "/"+pkg) {
			name := strings.ReplaceAll(pkg, "/", ".") + "." + strings.TrimSuffix(path.Base(f), ".py")
			src := a.source(f)
			a.module = hit{file: src, name: f, line: min(1, len(src.Data)), m: []string{"", name}}
			return
		}
	}
}

var moduleName = manifest.Lazy(`^[A-Za-z_][\w.]*$`)

// notProduction reports whether a module or a file is named for development or tests.
func notProduction(name string) bool {
	name = strings.ToLower(name[strings.LastIndexAny(name, "./")+1:])
	return strings.Contains(name, "dev") || strings.Contains(name, "local") || strings.Contains(name, "test") || strings.HasPrefix(name, "ci") || strings.Contains(name, "example") || strings.Contains(name, "sample")
}

// namedSettings puts the file of the settings module first, unless it is one for development.
func (a *app) namedSettings() {
	if a.module.line == 0 || notProduction(a.module.m[1]) {
		return
	}
	want := "/" + strings.ReplaceAll(a.module.m[1], ".", "/")
	for i, f := range a.settings {
		if strings.HasSuffix("/"+f, want+".py") || strings.HasSuffix("/"+f, want+"/__init__.py") {
			a.settings = append([]string{f}, slices.Delete(slices.Clone(a.settings), i, i+1)...)
			return
		}
	}
}

// rank puts the settings of production before those that they derive from, and those for development last.
func rank(name string) int {
	b := strings.TrimSuffix(path.Base(name), ".py")
	switch {
	case notProduction(b) || strings.Contains("/"+name, "/test"):
		return 9
	case strings.Contains(b, "prod"):
		return 0
	case b == "settings", b == "__init__":
		return 1
	case strings.Contains(b, "base"), strings.Contains(b, "common"), strings.Contains(b, "default"):
		return 2
	}
	return 5
}

var (
	appVariable  = manifest.Lazy(`^(\w+)\s*(?::\s*[\w.]+\s*)?=\s*(?:[\w.]+\.)?(Flask|FastAPI|Starlette|Sanic|Bottle|Quart|MAXApp|FlaskApp|AioHttpApp|Connexion|Eve|Dash|App|API|WSGIApplication|application|default_app|app)\s*\(`)
	appFactory   = manifest.Lazy(`^def (create_app|make_app|app_factory|get_app|build_app|create_application|create_wsgi_app|make_application|main)\s*\(`)
	factoryUse   = manifest.Lazy(`^(\w+)\s*=\s*(?:[\w.]+\.)?(?:create_app|make_app|app_factory|get_app|build_app|create_application|create_wsgi_app|make_application|make_wsgi_app)\s*\(`)
	wsgiVariable = manifest.Lazy(`^(application|app)\s*=`)
	importedApp  = manifest.Lazy(`^from ([\w.]+) import (?:[\w, ]+, *)?(\w+)(?: as (application|app))?\b`)
	runsServer   = manifest.Lazy(`\.run\s*\(|\brun\s*\(|\.listen\s*\(|run_app\s*\(|serve_forever\s*\(|quickstart\s*\(|\.start\s*\(|HTTPServer\s*\(|serve\s*\(|run_simple\s*\(|\.launch\s*\(|runsimple\s*\(`)
	mainGuard    = manifest.Lazy(`^if\s*\(?\s*__name__\s*==\s*["']__main__["']`)
)

// findEntry finds what a server imports: what the stated command names, a wsgi or asgi module, the variable that holds the
// application, else a script that serves by itself.
func (a *app) findEntry() {
	if a.fromCommand() {
		return
	}
	switch a.framework.V {
	case "":
		return
	case "django":
		if a.djangoEntry() {
			return
		}
	case "pylons":
		if a.pasteEntry() || a.pasteSample() {
			return
		}
	case "pyramid":
		if a.pasteEntry() || a.variableEntry() {
			return
		}
	case "tornado":
	default:
		if a.variableEntry() {
			return
		}
	}
	a.scriptEntry()
}

// fromCommand takes the module that the stated web command names, when there is a file for it.
func (a *app) fromCommand() bool {
	x, ok := a.stated("web")
	if !ok {
		return false
	}
	if a.uwsgi != nil && a.uwsgi.module != "" && strings.Contains(x.text, "uwsgi") {
		return a.uwsgiEntry()
	}
	name, variable := targetOf(x.text)
	if name == "" || a.fileOf(name) == "" {
		if a.uwsgi != nil && a.uwsgi.module != "" {
			return a.uwsgiEntry()
		}
		return false
	}
	a.entry = entry{module: name, variable: variable, evidence: []detect.Evidence{x.evidence}, asgi: strings.Contains(x.text, "uvicorn") || strings.Contains(x.text, "hypercorn") || strings.Contains(x.text, "daphne")}
	return true
}

// commandTarget is MODULE:VARIABLE, or a module whose last part says wsgi, as a word of a command.
var commandTarget = manifest.Lazy(`(?:^|[\s"'=])(?:([A-Za-z_][\w.]*):([A-Za-z_]\w*(?:\(\))?)|([A-Za-z_][\w.]*\.\w*[wa]sgi\w*))(?:["'\s,]|$)`)

// targetOf is what a server's command imports: a module and the variable in it.
func targetOf(command string) (module, variable string) {
	m := commandTarget.FindStringSubmatch(command)
	switch {
	case m == nil:
		return "", ""
	case m[3] != "":
		return m[3], "application"
	}
	return m[1], m[2]
}

func (a *app) uwsgiEntry() bool {
	name, variable, _ := strings.Cut(a.uwsgi.module, ":")
	if a.fileOf(name) == "" {
		return false
	}
	if variable == "" {
		variable = a.uwsgi.callable
	}
	a.entry = entry{module: name, variable: variable, evidence: []detect.Evidence{a.uwsgi.at}}
	return true
}

// fileOf is the source that a module's name stands for, from the import root; empty: none.
func (a *app) fileOf(module string) string {
	rel := strings.ReplaceAll(module, ".", "/")
	for _, name := range []string{path.Join(a.importRoot(), rel+".py"), path.Join(a.importRoot(), rel, "__init__.py"), rel + ".py", path.Join(rel, "__init__.py")} {
		if a.dir.Has(name) {
			return name
		}
	}
	return ""
}

func (a *app) djangoEntry() bool {
	_, channels := a.has("channels", "daphne")
	for _, kind := range []string{"wsgi.py", "asgi.py"} {
		if channels { // then the ASGI application serves everything
			kind = map[string]string{"wsgi.py": "asgi.py", "asgi.py": "wsgi.py"}[kind]
		}
		for _, f := range a.files {
			if !servedFile(f, kind) || a.manage != "" && path.Dir(a.manage) != "." && !strings.HasPrefix(f, path.Dir(a.manage)+"/") {
				continue
			}
			src := a.source(f)
			variable, line := "application", 0
			for n, text := range lines(src) {
				if m := wsgiVariable.FindStringSubmatch(text); m != nil {
					variable, line = m[1], n
					break
				}
			}
			if line == 0 && path.Base(f) != kind {
				continue
			}
			a.entry = entry{module: a.moduleOf(f), variable: variable, asgi: kind == "asgi.py", evidence: []detect.Evidence{src.Evidence(line)}}
			return true
		}
	}
	if a.module.line > 0 && a.manage != "" && !below(a.release.V, "1.4") { // the application without a module of its own
		a.entry = entry{module: "django.core.wsgi", variable: "get_wsgi_application()", evidence: []detect.Evidence{a.top(a.manage)}}
		return true
	}
	if a.manage != "" {
		a.entry = entry{script: a.manage, evidence: []detect.Evidence{a.top(a.manage)}}
		return true
	}
	return false
}

// servedFile reports whether a file holds what a server imports: wsgi.py, or app.py in a package wsgi.
func servedFile(f, kind string) bool {
	return path.Base(f) == kind || path.Base(f) == "app.py" && path.Base(path.Dir(f)) == strings.TrimSuffix(kind, ".py")
}

// below reports whether a version is known and older than another.
func below(version, than string) bool { return version != "" && compare(version, than) < 0 }

// importRoot is the directory that imports start from: that of manage.py, else the project's.
func (a *app) importRoot() string {
	if a.manage != "" {
		return path.Dir(a.manage)
	}
	if a.uwsgi != nil && a.uwsgi.root != "" {
		return a.uwsgi.root
	}
	for _, dir := range []string{"src", "src/python", "lib", "python"} {
		if (strings.HasPrefix(a.entry.script, dir+"/") || strings.HasPrefix(a.entryFile(), dir+"/")) && !a.dir.Has(dir+"/__init__.py") {
			return dir
		}
	}
	return "."
}

func (a *app) entryFile() string {
	if len(a.entry.evidence) == 0 {
		return ""
	}
	p := a.entry.evidence[0].File
	if a.dir.Path != "." {
		p = strings.TrimPrefix(p, a.dir.Path+"/")
	}
	return p
}

// moduleOf is the name by which a file is imported from the import root. A directory that is no package but holds
// the file's whole chain of imports (src, src/python) is taken off.
func (a *app) moduleOf(f string) string {
	root := "."
	if a.manage != "" {
		root = path.Dir(a.manage)
	}
	for _, dir := range []string{"src/python", "src", "lib", "python"} {
		if a.manage == "" && strings.HasPrefix(f, dir+"/") && !a.dir.Has(dir+"/__init__.py") {
			root = dir
			break
		}
	}
	return module(strings.TrimPrefix(f, strings.TrimPrefix(root+"/", "./")))
}

// entryFiles orders the sources by how likely they hold the application: names that conventions use first, near ones before deep ones.
func (a *app) entryFiles() []string {
	likely := []string{"wsgi.py", "asgi.py", "app.py", "application.py", "main.py", "server.py", "run.py", "runserver.py", "manage.py", "api.py", "web.py", "index.py", "code.py", "__init__.py"}
	files := slices.Clone(a.files)
	slices.SortStableFunc(files, func(x, y string) int { return order(likely, x) - order(likely, y) })
	return files
}

func order(likely []string, name string) int {
	i := slices.Index(likely, path.Base(name))
	if i < 0 {
		i = len(likely)
	}
	return strings.Count(name, "/")*3 + i
}

// pasteEntry takes the Paste configuration that production uses. One that only shows how (example.ini) is not ready to be used.
func (a *app) pasteEntry() bool {
	names := append([]string{"production.ini", "prod.ini", "deploy.ini", "deployment.ini", "app.ini", "development.ini", a.ownName() + ".ini"}, a.dir.Glob("{conf,config,etc,settings}/{production,prod,app,development}.ini")...)
	for _, name := range names {
		if !a.dir.Has(name) {
			continue
		}
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		for n, text := range lines(f) {
			if strings.HasPrefix(text, "[app:") || strings.HasPrefix(text, "[composite:") || strings.HasPrefix(text, "[pipeline:") {
				a.entry = entry{paste: name, evidence: []detect.Evidence{f.Evidence(n)}}
				return true
			}
		}
	}
	return false
}

// pasteSample takes a configuration that only shows how: a Pylons application can be started by nothing else.
func (a *app) pasteSample() bool {
	for _, name := range append(a.dir.Glob("*.ini"), a.dir.Glob("*.ini.{sample,example,template,dist,in}")...) {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		for n, text := range lines(f) {
			if strings.HasPrefix(text, "[app:") || strings.HasPrefix(text, "[composite:") {
				a.entry = entry{paste: name, evidence: []detect.Evidence{f.Evidence(n)}}
				return true
			}
		}
	}
	return false
}

// ownName is the directory's own name, after which some projects call their configuration.
func (a *app) ownName() string { return path.Base(a.dir.Path) }

func (a *app) variableEntry() bool {
	files := a.entryFiles()
	for _, f := range files { // the modules that exist for servers
		b := path.Base(f)
		if b != "wsgi.py" && b != "asgi.py" && path.Ext(f) != ".wsgi" && b != "wsgi_app.py" && b != "app_wsgi.py" {
			continue
		}
		if a.variableIn(f) {
			return true
		}
	}
	for _, h := range a.grep(files, appVariable, 20, "Flask(", "FastAPI(", "Starlette(", "Sanic(", "Bottle(", "Quart(", "MAXApp(", "App(", "falcon.", "WSGIApplication(", "API(", "web.application", "default_app(", "Eve(", "Dash(", "connexion.") {
		if h.indent > 0 || !a.makesApp(h) {
			continue
		}
		return a.pick(h)
	}
	for _, h := range a.grep(files, factoryUse, 20, "create_app(", "make_app(", "app_factory(", "get_app(", "build_app(", "create_application(", "make_application(", "make_wsgi_app(", "create_wsgi_app(") {
		if h.indent == 0 {
			return a.pick(h)
		}
	}
	for _, h := range a.grep(files, appFactory, 20, "def create_app", "def make_app", "def app_factory", "def get_app", "def build_app", "def create_application", "def make_application", "def create_wsgi_app") {
		if h.indent == 0 && h.m[1] != "main" && strings.HasSuffix(strings.TrimSpace(h.text), "():") || strings.Contains(h.text, "=") {
			a.entry = entry{module: a.moduleOf(h.name), variable: h.m[1] + "()", evidence: []detect.Evidence{h.evidence()}}
			return true
		}
	}
	return false
}

// makesApp reports whether a line makes a WSGI or ASGI application, and not only something of the same name.
func (a *app) makesApp(h hit) bool {
	switch h.m[2] {
	case "App":
		return strings.Contains(h.text, "connexion") || strings.Contains(h.text, "falcon")
	case "API":
		return strings.Contains(h.text, "falcon") || strings.Contains(h.text, "responder")
	case "application":
		return strings.Contains(h.text, "web.application")
	case "app":
		return strings.Contains(h.text, "default_app") || strings.Contains(h.text, "bottle.app")
	}
	return true
}

func (a *app) pick(h hit) bool {
	a.entry = entry{module: a.moduleOf(h.name), variable: h.m[1], evidence: []detect.Evidence{h.evidence()}}
	kind := ""
	if len(h.m) > 2 {
		kind = h.m[2]
	}
	switch kind {
	case "FastAPI", "Starlette", "Quart":
		a.entry.asgi = true
	case "Sanic", "MAXApp":
		a.entry = entry{script: h.name, evidence: a.entry.evidence}
	case "Dash":
		a.entry.variable += ".server"
	case "application": // web.py hands out the WSGI function
		a.entry.variable += ".wsgifunc()"
	}
	return true
}

// variableIn takes the application of a module that exists for servers: one that it makes, or one that it imports.
func (a *app) variableIn(f string) bool {
	for _, re := range []*manifest.Pattern{factoryUse, appVariable, wsgiVariable} {
		for _, h := range a.grep([]string{f}, re, 10, "=") {
			if h.indent > 0 {
				continue
			}
			if path.Ext(f) == ".wsgi" { // no module that can be imported
				continue
			}
			return a.pick(h)
		}
	}
	for _, h := range a.grep([]string{f}, importedApp, 20, "import") {
		name := h.m[2]
		if name != "app" && name != "application" && h.m[3] == "" {
			continue
		}
		if a.fileOf(h.m[1]) == "" {
			continue
		}
		a.entry = entry{module: h.m[1], variable: name, evidence: []detect.Evidence{h.evidence()}}
		return true
	}
	return false
}

// scriptEntry finds a script that serves by itself.
func (a *app) scriptEntry() {
	for _, h := range a.grep(a.entryFiles(), runsServer, 60, "run(", ".listen(", "run_app(", "serve_forever(", "quickstart(", "serve(", ".start(", "HTTPServer(", "run_simple(", ".launch(", "runsimple(") {
		b := path.Base(h.name)
		if strings.Contains(h.text, "subprocess") || strings.Contains(h.text, "thread") || strings.HasPrefix(h.text, "def ") {
			continue
		}
		guarded := len(a.grep([]string{h.name}, mainGuard, 1, "__main__")) > 0
		if guarded && a.serves(h) || strings.Contains(h.text, "serve_forever") && !strings.Contains(h.name, "/") || (b == "run.py" || b == "app.py" || b == "server.py" || b == "main.py" || b == "code.py") && a.serves(h) {
			a.entry = entry{script: h.name, evidence: []detect.Evidence{h.evidence()}}
			return
		}
	}
}

// serves reports whether the file of a line is one that deals with the framework at all.
func (a *app) serves(h hit) bool {
	f := a.source(h.name)
	var hints []string
	for _, fw := range frameworks {
		hints = append(hints, "import "+fw.module, "from "+fw.module)
	}
	if a.framework.V == "flask" || a.framework.V == "fastapi" || a.framework.V == "django" {
		return strings.Contains(h.text, "app") || holds(f.Data, hints)
	}
	return holds(f.Data, hints)
}
