package python

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// servers are the WSGI and ASGI servers by the packages that bring them.
var servers = []struct{ dep, name string }{
	{"gunicorn", "gunicorn"}, {"green-unicorn", "gunicorn"}, {"uwsgi", "uwsgi"}, {"pyuwsgi", "uwsgi"}, {"waitress", "waitress"}, {"mod-wsgi", "mod_wsgi"}, {"mod-wsgi-httpd", "mod_wsgi"},
	{"chaussette", "gunicorn"}, {"uvicorn", "uvicorn"}, {"daphne", "daphne"}, {"hypercorn", "hypercorn"},
}

// serve fills in the server, the port and the command of the web process.
func (a *app) serve(c *detect.Component) {
	stated, ok := a.stated("web")
	c.Port = a.port(stated)
	c.AppServer = a.server(stated)
	a.serverPackage(c)
	if words := a.statedCommand(c, stated); ok && words != nil {
		c.Processes = []detect.Process{{Name: "web", Command: words, From: detect.Declared, Evidence: []detect.Evidence{stated.evidence}}}
		return
	}
	words := a.webCommand(c)
	if words == nil {
		return
	}
	ev := a.entry.evidence
	if len(ev) == 0 {
		ev = []detect.Evidence{stated.evidence}
	}
	c.Processes = []detect.Process{{Name: "web", Command: words, From: detect.Inferred, Why: "how " + or(c.AppServer.V, "Python") + " starts it", Evidence: ev}}
}

func or(s, other string) string {
	if s == "" || s == "none" {
		return other
	}
	return s
}

// development reports whether a command starts a server that is meant for whoever works on the code.
func development(text string) bool {
	return strings.Contains(text, "runserver") || strings.Contains(text, "flask run") || strings.Contains(text, "flask, run") || strings.Contains(text, "--reload")
}

// server says which server runs the application.
func (a *app) server(x command) detect.Value[string] {
	if x.text != "" && !development(x.text) {
		for _, s := range []string{"gunicorn", "uwsgi", "waitress", "mod_wsgi", "uvicorn", "daphne", "hypercorn"} {
			if strings.Contains(x.text, s) {
				return detect.Is(s, x.evidence)
			}
		}
		if strings.Contains(x.text, "chaussette") {
			return detect.Is("waitress", x.evidence)
		}
	}
	if v, ok := a.pasteServer(); ok {
		return v
	}
	for _, s := range servers {
		d, ok := a.has(s.dep)
		if !ok || !d.direct && d.from == detect.Locked && len(d.evidence) == 1 && s.name != "gunicorn" && s.name != "uwsgi" {
			continue
		}
		return detect.Is(s.name, d.evidence...)
	}
	if name := a.gunicornConfig(); name != "" {
		if f, err := a.dir.Read(name); err == nil {
			return detect.Is("gunicorn", f.Evidence(0))
		}
	}
	if a.uwsgi != nil {
		return detect.Is("uwsgi", a.uwsgi.file.Evidence(0))
	}
	if ev, ok := a.modWSGI(); ok {
		return detect.Is("mod_wsgi", ev)
	}
	if m := scriptWord.FindStringSubmatch(x.text); m != nil && a.servingScript(x.text) && !development(x.text) {
		return detect.Is("none", x.evidence)
	}
	if a.framework.V == "tornado" || a.entry.module == "" && a.entry.paste == "" {
		if len(a.entry.evidence) > 0 {
			return detect.Infer("none", "it serves by itself", a.entry.evidence...)
		}
	}
	if a.entry.asgi {
		return detect.Guess("uvicorn", "nothing names a server for this ASGI application")
	}
	return detect.Guess("gunicorn", "nothing names a server, and the framework's own is not for production")
}

// pasteServer is the server that a Paste configuration uses.
func (a *app) pasteServer() (detect.Value[string], bool) {
	if a.entry.paste == "" {
		return detect.Value[string]{}, false
	}
	f, err := a.dir.Read(a.entry.paste)
	if err != nil {
		return detect.Value[string]{}, false
	}
	inside := false
	for n, text := range lines(f) {
		if strings.HasPrefix(text, "[") {
			inside = strings.HasPrefix(text, "[server:")
		}
		if !inside || !strings.HasPrefix(text, "use") {
			continue
		}
		switch {
		case strings.Contains(text, "waitress"):
			return detect.Is("waitress", f.Evidence(n)), true
		case strings.Contains(text, "gunicorn"):
			return detect.Is("gunicorn", f.Evidence(n)), true
		case strings.Contains(text, "Paste#http") || strings.Contains(text, "paste#http"):
			if _, ok := a.has("gunicorn", "uwsgi", "waitress"); ok {
				return detect.Value[string]{}, false
			}
			return detect.Infer("waitress", "Paste's own HTTP server gives way to the one that took its place", f.Evidence(n)), true
		}
	}
	return detect.Value[string]{}, false
}

// modWSGI finds the configuration of Apache's module for Python.
func (a *app) modWSGI() (detect.Evidence, bool) {
	for name := range a.dir.Files() {
		b := path.Base(name)
		if strings.Count(name, "/") > 3 || !detect.Ours(path.Dir(name)) {
			continue
		}
		if strings.HasSuffix(b, ".wsgi") || strings.HasSuffix(b, ".conf") && (strings.Contains(name, "apache") || strings.Contains(name, "httpd") || strings.Contains(name, "wsgi") || strings.Contains(name, "vhost")) {
			f, err := a.dir.Read(name)
			if err != nil || len(f.Data) > 64<<10 {
				continue
			}
			if strings.HasSuffix(b, ".wsgi") {
				return f.Evidence(0), true
			}
			for n, text := range lines(f) {
				if strings.HasPrefix(text, "WSGIScriptAlias") || strings.HasPrefix(text, "WSGIDaemonProcess") {
					return f.Evidence(n), true
				}
			}
		}
	}
	return detect.Evidence{}, false
}

// gunicornConfig is the configuration of gunicorn, a Python file; empty: none.
func (a *app) gunicornConfig() string {
	for _, name := range []string{"gunicorn.conf.py", "gunicorn_conf.py", "gunicorn_config.py", "gunicorn.py", "gunicorn_cfg.py", "gunicorn-cfg.py", "gunicorn.conf", "config/gunicorn.py", "config/gunicorn.conf.py", "conf/gunicorn.py", "conf/gunicorn.conf.py", "deploy/gunicorn.conf.py", "docker/gunicorn.conf.py", "docker/gunicorn.py", "etc/gunicorn.py"} {
		if a.dir.Has(name) {
			return name
		}
	}
	return ""
}

// serverPackage says what is installed beside the project's own dependencies so that the server is there.
func (a *app) serverPackage(c *detect.Component) {
	name := c.AppServer.V
	if d, ok := a.has(name); ok && d.version != "" {
		c.AppServerVersion = detect.Value[string]{V: d.version, From: d.from, Evidence: d.evidence}
	}
	var missing []string
	need := func(pkg string, others ...string) {
		if _, ok := a.has(append(others, pkg)...); !ok {
			missing = append(missing, pkg)
		}
	}
	switch name {
	case "gunicorn":
		need("gunicorn", "green-unicorn")
		if a.entry.asgi {
			need("uvicorn", "uvicorn-worker")
		}
	case "mod_wsgi":
		need("gunicorn")
	case "uwsgi":
		need("uwsgi", "pyuwsgi")
	case "waitress", "uvicorn", "daphne", "hypercorn":
		need(name)
	}
	if a.entry.paste != "" {
		need("pastedeploy", "pyramid", "pylons")
	}
	if len(missing) == 0 {
		return
	}
	for i, m := range missing {
		if m == "uwsgi" {
			c.SystemPackages = append(c.SystemPackages, detect.SystemPackage{Name: "gcc", Build: []string{"gcc", "libc6-dev"}, Why: "uWSGI is compiled where it is installed", Evidence: c.AppServer.Evidence})
		}
		missing[i] = m + a.serverBound(m, c)
	}
	v := detect.Infer(strings.Join(missing, " "), "no manifest of the project installs it", c.AppServer.Evidence...)
	if c.AppServer.From == detect.Default {
		v = detect.Guess(v.V, c.AppServer.Why)
	}
	c.Facts["server"] = v
}

// lastForPython2 are the last releases of servers that Python 2 can install.
var lastForPython2 = map[string]string{"gunicorn": "==19.10.0", "waitress": "==1.4.4", "uwsgi": "==2.0.28", "pastedeploy": "==2.1.1"}

// bounds keep a server that is added to the releases that were seen to work.
var bounds = map[string]string{"gunicorn": "<24", "uwsgi": "<3", "waitress": "<4", "uvicorn": "<1", "daphne": "<5", "hypercorn": "<1", "pastedeploy": "<4"}

func (a *app) serverBound(pkg string, c *detect.Component) string {
	if below(c.LanguageVersion.V, "3") && lastForPython2[pkg] != "" {
		return lastForPython2[pkg]
	}
	return bounds[pkg]
}

// statedCommand is the stated command made ready for a container; nil when it is not for production or not portable.
func (a *app) statedCommand(c *detect.Component, x command) []string {
	if x.text == "" || development(x.text) || devTool(x.text) || x.from == "supervisor" || x.from == "systemd" {
		return nil
	}
	port := itoa(c.Port.V)
	if x.from != "procfile" {
		// A script or a Dockerfile speaks of its own image: only what is plain is taken over.
		words, ok := a.portable(x.text)
		if !ok || strings.Contains(x.text, "uwsgi") || strings.Contains(x.text, "chaussette") {
			return nil
		}
		return a.reachable(pythonize(words), x.text, port)
	}
	if strings.Contains(x.text, "uwsgi") && a.entry.module != "" && !strings.Contains(x.text, "$PORT") {
		return nil
	}
	words := manifest.Exec(x.text, func(name string) (string, bool) {
		if name == "PORT" {
			return port, true
		}
		return "", name == "NEW_RELIC_CONFIG_FILE"
	})
	if len(words) == 0 {
		return nil
	}
	for strings.HasPrefix(words[0], "newrelic-admin") && len(words) > 2 { // it starts only with an account
		words = words[2:]
	}
	return a.reachable(pythonize(words), x.text, port)
}

// reachable adds the address that a server must listen on to be reached from outside of its container. nil: a script that
// would listen only inside of it, while there is an application that a server can import.
func (a *app) reachable(words []string, text, port string) []string {
	switch base := path.Base(words[0]); {
	case base == "gunicorn" && !strings.Contains(text, "-b") && !strings.Contains(text, "--bind") && !a.configBinds(text):
		return append(words[:len(words):len(words)], "--bind", "0.0.0.0:"+port)
	case base == "uvicorn" && !strings.Contains(text, "--host"):
		words = append(words[:len(words):len(words)], "--host", "0.0.0.0")
		if !strings.Contains(text, "--port") {
			words = append(words, "--port", port)
		}
	case base == "daphne" && !strings.Contains(text, "-b"):
		words = append([]string{words[0], "-b", "0.0.0.0", "-p", port}, words[1:]...)
	case base == "python" && len(words) == 2 && (a.framework.V == "flask" || a.framework.V == "fastapi") && a.entry.module != "":
		for _, h := range a.grep([]string{words[1]}, runsServer, 5, "run(") {
			if !strings.Contains(h.text, "0.0.0.0") && !strings.Contains(strings.ToLower(h.text), "host=") && strings.HasSuffix(h.text, ")") {
				return nil
			}
		}
	}
	return words
}

// configBinds reports whether the configuration file of gunicorn that a command names says where it listens.
func (a *app) configBinds(text string) bool {
	name := ""
	for _, opt := range []string{"-c ", "--config ", "--config="} {
		if _, rest, ok := strings.Cut(text, opt); ok {
			name, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
			name = strings.TrimPrefix(name, "python:")
			break
		}
	}
	if name == "" {
		if name = a.gunicornConfig(); name != "gunicorn.conf.py" {
			return false
		}
	}
	return a.dir.Has(name) && len(a.grep([]string{name}, gunicornBind, 1, "bind")) > 0
}

var gunicornBind = manifest.Lazy(`^bind\s*=\s*(?:\[\s*)?.*?(?:"|'|:|\b)(\d{2,5})?["'\s)\]]*$`)

// webCommand starts the application under its server.
func (a *app) webCommand(c *detect.Component) []string {
	address := "0.0.0.0:" + itoa(c.Port.V)
	if a.entry.module == "" {
		return a.ownServer(c, address)
	}
	target := a.entry.target()
	c.Facts["wsgi"] = detect.Is(target, a.entry.evidence...)
	root := a.importRoot()
	switch c.AppServer.V {
	case "uwsgi":
		words := []string{"uwsgi", "--http-socket", address, "--master", "--die-on-term", "--processes", "2", "--module", target}
		if root != "." {
			words = append(words, "--pythonpath", root)
		}
		return words
	case "waitress":
		words := []string{"waitress-serve", "--listen=" + address}
		if strings.HasSuffix(target, "()") {
			words, target = append(words, "--call"), strings.TrimSuffix(target, "()")
		}
		return append(words, target)
	case "uvicorn":
		words := []string{"uvicorn", "--host", "0.0.0.0", "--port", itoa(c.Port.V)}
		if root != "." {
			words = append(words, "--app-dir", root)
		}
		if strings.HasSuffix(target, "()") {
			words, target = append(words, "--factory"), strings.TrimSuffix(target, "()")
		}
		return append(words, target)
	case "daphne":
		return []string{"daphne", "-b", "0.0.0.0", "-p", itoa(c.Port.V), target}
	case "hypercorn":
		return []string{"hypercorn", "--bind", address, target}
	}
	words := []string{"gunicorn", "--bind", address, "--access-logfile", "-"}
	if a.entry.asgi {
		words = append(words, "--worker-class", "uvicorn.workers.UvicornWorker")
	}
	if root != "." {
		words = append(words, "--chdir", root)
	}
	return append(words, target)
}

// ownServer starts an application that no server imports.
func (a *app) ownServer(c *detect.Component, address string) []string {
	switch {
	case a.entry.paste != "" && c.AppServer.V == "waitress":
		host, port, _ := strings.Cut(address, ":")
		return []string{"python", "-c", "from paste.deploy import loadapp; from waitress import serve; serve(loadapp('config:/app/" + a.entry.paste + "'), host='" + host + "', port=" + port + ")"}
	case a.entry.paste != "":
		return []string{"gunicorn", "--bind", address, "--paste", a.entry.paste}
	case path.Base(a.entry.script) == "manage.py":
		return []string{"python", a.entry.script, "runserver", "--noreload", address}
	case a.entry.script != "":
		return []string{"python", a.entry.script}
	}
	return nil
}
