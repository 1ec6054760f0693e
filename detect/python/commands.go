package python

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// command is a command line by which the repository says that something is started.
type command struct {
	name     string // web, worker, or the name that its source gives it
	text     string
	from     string // procfile, dockerfile, script, compose, supervisor, systemd, uwsgi
	evidence detect.Evidence
}

// stated is the strongest command of a name.
func (a *app) stated(name string) (command, bool) {
	for _, x := range a.commands {
		if x.name == name {
			return x, true
		}
	}
	return command{}, false
}

// readCommands reads what starts the processes: the Procfile, the repository's own Dockerfiles and the scripts that they run, compose
// files, and the configurations of process supervisors.
func (a *app) readCommands() {
	a.fromProcfile()
	a.fromDockerfiles()
	a.fromCompose()
	a.fromSupervisors()
	a.fromStartScripts()
	if a.uwsgi != nil {
		for _, d := range a.uwsgi.daemons {
			a.commands = append(a.commands, command{name: processName(d.Value, "worker"), text: d.Value, from: "uwsgi", evidence: a.uwsgi.file.Evidence(d.Line)})
		}
	}
}

func (a *app) fromProcfile() {
	if !a.dir.Has("Procfile") {
		return
	}
	f, err := a.dir.Read("Procfile")
	if err != nil {
		return
	}
	list, err := manifest.ParseProcfile(f.Data)
	if err != nil {
		a.warn(f, err)
	}
	for _, x := range list {
		if x.Name != "release" && !runsPython(x.Command) && x.Name != "web" && !waits(x.Command) || devTool(x.Command) {
			continue
		}
		a.commands = append(a.commands, command{name: x.Name, text: x.Command, from: "procfile", evidence: f.Evidence(x.Line)})
	}
}

var (
	serverCommand = manifest.Lazy(`(?:^|[\s/"'])(gunicorn\w*|uwsgi|uvicorn|waitress-serve|hypercorn|daphne|pserve|chaussette|mod_wsgi-express|runserver\w*|run_gunicorn|flask\s+run|paster\s+serve|runfcgi)(?:[\s"']|$)`)
	pythonCommand = manifest.Lazy(`(?:^|[\s/;&"'])(?:python[\d.]*|celery\w*|rq|rqworker|dramatiq|gunicorn\w*|uwsgi|uvicorn|waitress-serve|hypercorn|daphne|pserve|paster|flask|alembic|huey_consumer(?:\.py)?|arq|twistd|\./?[\w/]+\.py|[\w/]+\.py)(?:[\s"']|$)`)
	// preparing matches a script that brings a database up to date, by its own name or by what it is told.
	preparing  = manifest.Lazy(`[\w-]*(?:migrat|alembic|initdb|init_db|create_db|db_create)[\w-]*\.py\b|\.py\s+(?:db\s|stamp|upgrade|downgrade|migrate|syncdb|initdb|init_db|create_db|createdb)\b`)
	scriptWord = manifest.Lazy(`(?:^|[\s"'/])(?:python[\d.]*\s+(?:-u\s+|-O\s+)?)([\w./-]+\.py)\b`)
)

// waiting matches a program that is named for what goes on: an entry point of the project's own that its Procfile starts.
var waiting = manifest.Lazy(`^[\w./-]*(?:^|[-_./])(?:workers?|consumer|scheduler|listener|daemon|beat)(?:[-_]|$)`)

// waits reports whether a command's program is named as one that waits for work.
func waits(text string) bool {
	words := strings.Fields(text)
	return len(words) > 0 && waiting.MatchString(words[0])
}

func runsPython(text string) bool { return pythonCommand.MatchString(text) }

// devTool reports whether a command is one for whoever works on the code.
func devTool(text string) bool {
	words := strings.Fields(text)
	if len(words) == 0 {
		return true
	}
	switch path.Base(words[0]) {
	case "make", "npm", "yarn", "pnpm", "npx", "gulp", "grunt", "webpack", "sass", "scss", "compass", "docker", "docker-compose", "mailhog", "redis-server", "postgres", "memcached", "mongod", "tail", "nginx", "tox", "pytest", "nosetests":
		return true
	}
	return false
}

// dockerfiles are the Dockerfiles of the project, those that say production first.
func (p *project) dockerfiles() []string {
	var out []string
	for _, name := range []string{"Dockerfile.prod", "Dockerfile.production", "Dockerfile", "docker/Dockerfile", "docker/prod/Dockerfile", "docker/production/Dockerfile", "docker/web/Dockerfile", "docker/app/Dockerfile", "docker/django/Dockerfile", "deploy/Dockerfile",
		"compose/production/django/Dockerfile", "compose/django/Dockerfile", ".docker/Dockerfile", "build/Dockerfile", "container/Dockerfile", "etc/docker/Dockerfile"} {
		if p.dir.Has(name) {
			out = append(out, name)
		}
	}
	return out
}

func (a *app) fromDockerfiles() {
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			a.warn(f, err)
			continue
		}
		for _, c := range []manifest.Command{d.Cmd, d.Entrypoint} {
			if len(c.Args) > 0 {
				a.runs(strings.Join(c.Args, " "), "dockerfile", path.Dir(name), f.Evidence(c.Line), 0)
			}
		}
	}
}

// runs notes a command, or those of the script of the repository that it calls. dir is where its file lies.
func (a *app) runs(text, from, dir string, ev detect.Evidence, deep int) {
	if serverCommand.MatchString(text) || a.servingScript(text) {
		a.commands = append(a.commands, command{name: "web", text: text, from: from, evidence: ev})
		return
	}
	if a.isWorker(text) {
		a.commands = append(a.commands, command{name: processName(text, "worker"), text: text, from: from, evidence: ev})
		return
	}
	if deep > 1 {
		return
	}
	for _, w := range strings.Fields(text) {
		w = strings.Trim(w, `"'[],;`)
		base := path.Base(w)
		if base == "" || base == "." || base == "python" || strings.HasSuffix(base, ".py") {
			continue
		}
		for _, name := range []string{strings.TrimPrefix(w, "./"), path.Join(dir, base), base, path.Join("bin", base), path.Join("scripts", base), path.Join("docker", base)} {
			if !path.IsAbs(name) && a.dir.Has(name) {
				a.fromScript(name, deep+1)
				return
			}
		}
	}
}

// fromScript reads the commands of a shell script. Lines that end in a backslash go on.
func (a *app) fromScript(name string, deep int) {
	f, err := a.dir.Read(name)
	if err != nil || len(f.Data) > 64<<10 {
		return
	}
	whole, from := "", 0
	for n, text := range lines(f) {
		if whole == "" {
			from = n
		}
		part, more := strings.CutSuffix(text, `\`)
		if whole += part + " "; more {
			continue
		}
		line := strings.TrimSpace(whole)
		whole = ""
		if !strings.HasPrefix(line, "echo") && (serverCommand.MatchString(line) || a.servingScript(line) || a.isWorker(line)) {
			a.runs(line, "script", path.Dir(name), f.Evidence(from), deep)
		}
	}
}

// servingScript reports whether a command runs a Python file of the project that serves.
func (a *app) servingScript(text string) bool {
	m := scriptWord.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	name := a.scriptNamed(m[1])
	if name == "" || path.Base(name) == "manage.py" || preparing.MatchString(text) {
		return false
	}
	for _, h := range a.grep([]string{name}, runsServer, 5, "(") {
		if a.serves(h) && !strings.Contains(h.text, "subprocess") {
			return true
		}
	}
	return false
}

// scriptNamed is the file of the project that a word of a command means; empty: none.
func (a *app) scriptNamed(word string) string {
	word = strings.TrimPrefix(word, "./")
	for _, name := range []string{word, path.Base(word)} {
		if !path.IsAbs(name) && a.dir.Has(name) {
			return name
		}
	}
	if path.IsAbs(word) { // where the image keeps the sources
		if _, rest, ok := strings.Cut(word[1:], "/"); ok && a.dir.Has(rest) {
			return rest
		}
	}
	return ""
}

// fromCompose takes the commands of services that are built from the project.
func (a *app) fromCompose() {
	for i, dir := range a.dirs() {
		if i > 1 {
			break
		}
		for _, name := range []string{"docker-compose.production.yml", "docker-compose.prod.yml", "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "fig.yml", "production.yml", "docker/docker-compose.yml"} {
			if !dir.Has(name) {
				continue
			}
			f, err := dir.Read(name)
			if err != nil {
				continue
			}
			services, err := manifest.ParseCompose(f.Data)
			if err != nil {
				continue // the survey warns of it
			}
			for _, s := range services {
				if s.Command.Value == "" || !a.isOurs(s, path.Dir(f.Path)) {
					continue
				}
				text := s.Command.Value
				if serverCommand.MatchString(text) || a.servingScript(text) || a.isWorker(text) {
					a.runs(text, "compose", path.Dir(name), f.Evidence(s.Command.Line), 1)
				}
			}
		}
	}
}

// isOurs reports whether a compose service runs the project: it is built from its directory, or runs an image that nobody else publishes, which the
// project's own Dockerfile makes.
func (a *app) isOurs(s manifest.ComposeService, dir string) bool {
	if s.Build != "" {
		return a.builtHere(path.Join(dir, s.Build))
	}
	return manifest.IdentifyImage(s.Image) == manifest.Image{} && a.builtHere(dir) && a.dir.Has("Dockerfile")
}

// builtHere reports whether a build context is the project's directory.
func (a *app) builtHere(context string) bool { return path.Clean(context) == path.Clean(a.dir.Path) }

// fromSupervisors reads configurations of supervisord, circus and systemd.
func (a *app) fromSupervisors() {
	var names []string
	for f := range a.dir.Files() {
		b := manifest.WithoutSample(path.Base(f))
		if strings.Count(f, "/") > 3 || !strings.HasSuffix(b, ".conf") && !strings.HasSuffix(b, ".ini") && !strings.HasSuffix(b, ".service") {
			continue
		}
		if strings.Contains(strings.ToLower(f), "supervis") || strings.Contains(b, "circus") || strings.HasSuffix(b, ".service") {
			if names = append(names, f); len(names) > 20 {
				break
			}
		}
	}
	for _, name := range names {
		f, err := a.dir.Read(name)
		if err != nil || len(f.Data) > 64<<10 {
			continue
		}
		from := "supervisor"
		if strings.HasSuffix(manifest.WithoutSample(name), ".service") {
			from = "systemd"
		}
		for n, text := range lines(f) {
			key, value, ok := strings.Cut(text, "=")
			switch strings.TrimSpace(key) {
			case "command", "cmd", "ExecStart":
				if value = strings.TrimSpace(value); ok && (serverCommand.MatchString(value) || a.isWorker(value)) {
					a.runs(value, from, path.Dir(name), f.Evidence(n), 2)
				}
			}
		}
	}
}

// fromStartScripts reads the scripts whose names say that they start something, when nothing else says how the project is served.
func (a *app) fromStartScripts() {
	if _, ok := a.stated("web"); ok {
		return
	}
	read := 0
	for f := range a.dir.Files() {
		if !strings.HasSuffix(f, ".sh") || strings.Count(f, "/") > 2 || !detect.Ours(path.Dir(f)) {
			continue
		}
		b := strings.ToLower(path.Base(f))
		if !strings.Contains(b, "run") && !strings.Contains(b, "start") && !strings.Contains(b, "entrypoint") && !strings.Contains(b, "serve") && !strings.Contains(b, "web") && !strings.Contains(b, "gunicorn") && !strings.Contains(b, "uwsgi") || strings.Contains(b, "test") || strings.Contains(b, "dev") {
			continue
		}
		if read++; read > 20 {
			return
		}
		a.fromScript(f, 1)
	}
}

// uwsgiConfig is what a configuration of uWSGI states.
type uwsgiConfig struct {
	file             detect.File
	module, callable string
	root             string // directory that imports start from; empty: the project's
	at               detect.Evidence
	port             int
	portAt           detect.Evidence
	daemons          []manifest.Item
}

var uwsgiPort = manifest.Lazy(`:(\d{2,5})\s*$`)

// readUWSGI reads the configuration of uWSGI that is most likely used in production.
func (a *app) readUWSGI() {
	var names []string
	other := 0 // files of another name that were looked into
	for f := range a.dir.Files() {
		b := manifest.WithoutSample(strings.ToLower(path.Base(f)))
		if !strings.Contains(b, "uwsgi") && strings.HasSuffix(b, ".ini") && strings.Count(f, "/") < 4 && detect.Ours(path.Dir(f)) && other < 10 {
			if other++; a.sectioned(f) {
				names = append(names, f)
			}
			continue
		}
		if strings.Contains(b, "uwsgi") && (strings.HasSuffix(b, ".ini") || strings.HasSuffix(b, ".yaml") || strings.HasSuffix(b, ".yml") || strings.HasSuffix(b, ".conf")) && strings.Count(f, "/") < 4 && detect.Ours(path.Dir(f)) {
			names = append(names, f)
		}
	}
	for _, name := range names {
		f, err := a.dir.Read(name)
		if err != nil || len(f.Data) > 64<<10 {
			continue
		}
		u := &uwsgiConfig{file: f, callable: "application", at: f.Evidence(0)}
		for n, text := range lines(f) {
			key, value, ok := strings.Cut(text, "=")
			if !ok {
				key, value, _ = strings.Cut(text, ":")
			}
			u.setting(strings.TrimSpace(key), strings.TrimSpace(value), n)
		}
		if a.uwsgi == nil || u.module != "" && a.uwsgi.module == "" || strings.Contains(name, "prod") && u.module != "" {
			a.uwsgi = u
		}
	}
}

// sectioned reports whether a file has a section for uWSGI that names what to serve.
func (a *app) sectioned(name string) bool {
	f, err := a.dir.Read(name)
	return err == nil && len(f.Data) <= 64<<10 && uwsgiSection.Match(f.Data)
}

// uwsgiSection is the beginning of a configuration of uWSGI under any name.
var uwsgiSection = manifest.Lazy(`(?m)^\[uwsgi\]\s*$`)

func (u *uwsgiConfig) setting(key, value string, line int) {
	switch key {
	case "module", "wsgi":
		u.module, u.at = value, u.file.Evidence(line)
	case "wsgi-file", "wsgi_file", "file":
		if strings.HasSuffix(value, ".py") {
			u.module, u.at = module(strings.TrimPrefix(path.Base(value), "/")), u.file.Evidence(line)
		}
	case "callable":
		u.callable = value
	case "http", "http-socket", "socket", "http-socket2", "uwsgi-socket":
		if m := uwsgiPort.FindStringSubmatch(value); m != nil && (u.port == 0 || key != "socket") {
			u.port, u.portAt = number(m[1]), u.file.Evidence(line)
		}
	case "attach-daemon", "attach-daemon2":
		value = strings.TrimPrefix(value, "cmd=")
		if safeCommand.MatchString(value) {
			u.daemons = append(u.daemons, manifest.Item{Value: value, Line: line})
		}
	}
}

// safeCommand is one without anything that only a shell or uWSGI resolves.
var safeCommand = manifest.Lazy(`^[\w./:@=,+ -]+$`)
