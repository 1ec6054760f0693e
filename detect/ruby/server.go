package ruby

import (
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// server is how the web process is served.
type server struct {
	name      detect.Value[string] // contract vocabulary
	version   detect.Value[string]
	port      detect.Value[int]
	command   detect.Process
	readsPort bool // the command or its configuration takes the port from $PORT
	trouble   []detect.Readiness
}

// freePort is what a server listens on when it takes its port from $PORT: the port that Rails' own documentation uses.
const freePort = 3000

// serverGems are the application servers, the most likely first, by gem.
var serverGems = []string{"puma", "unicorn", "passenger", "thin"}

// findServer decides how the web process starts: what the Procfile says, else the server among the gems, else the
// framework's own command.
func (a *app) findServer(fw framework) server {
	var s server
	configured := a.configuredPort()
	s.port = a.port(configured)
	proc, ok := a.process("web")
	switch {
	case ok:
		a.fromProcfile(&s, proc, fw)
	default:
		a.fromGems(&s, fw)
	}
	if !s.name.Set() {
		s.name = detect.Infer("webrick", "no application server is among the gems; the framework then uses Ruby's own", fw.entry)
		s.trouble = append(s.trouble, detect.Readiness{ID: "no-app-server", Severity: "medium", Evidence: []detect.Evidence{fw.entry},
			Message: "No application server is among the gems: WEBrick serves one request at a time and is not made for production. Add puma."})
	}
	if g, ok := a.gem(s.name.V); ok && g.version != "" {
		s.version = detect.Value[string]{V: g.version, From: g.from, Evidence: g.evidence}
	}
	return s
}

// process returns a line of the Procfile.
func (a *app) process(name string) (manifest.Process, bool) {
	for _, p := range a.procfile {
		if p.Name == name {
			return p, true
		}
	}
	return manifest.Process{}, false
}

// portFrom is a port with the way it is set.
type portFrom struct {
	number   int
	reads    bool // from $PORT, with number as the default
	evidence detect.Evidence
	found    bool
}

var (
	pumaPort     = manifest.Lazy(`^port[\s(]+(.*)$`)
	pumaBind     = manifest.Lazy(`^bind[\s(]+["'](?:tcp|ssl)://(.*)$`)
	unicornPort  = manifest.Lazy(`^listen[\s(]+(.*)$`)
	portVariable = manifest.Lazy(`ENV(?:\.fetch\(|\[)\s*["']PORT["']`)
	portNumber   = manifest.Lazy(`(?:^|[^\w.])(\d{2,5})(?:$|[^\w.])`)
)

// configuredPort reads the port that the configuration of the server states.
func (a *app) configuredPort() portFrom {
	for _, name := range []string{"config/puma.rb", "config/puma/production.rb", "puma.rb", "config/unicorn.rb", "config/unicorn/production.rb", "unicorn.rb"} {
		ss, f, ok := a.statements(name)
		if !ok || !a.has(strings.TrimSuffix(strings.Split(strings.TrimPrefix(name, "config/"), "/")[0], ".rb")) {
			continue
		}
		for _, s := range ss {
			for _, re := range []*manifest.Pattern{pumaPort, pumaBind, unicornPort} {
				m := re.FindStringSubmatch(s.text)
				if m == nil || strings.Contains(m[1], "unix") || strings.Contains(m[1], ".sock") {
					continue
				}
				p := portFrom{reads: portVariable.MatchString(m[1]), evidence: f.Evidence(s.line), found: true}
				if n := portNumber.FindStringSubmatch(portVariable.ReplaceAllString(m[1], " ")); n != nil {
					p.number, _ = strconv.Atoi(n[1])
				}
				if p.number > 0 || p.reads {
					return p
				}
			}
		}
	}
	for _, c := range []struct {
		file, gem string
		read      func(string) (detect.File, *manifest.Doc, bool)
	}{{"config/thin.yml", "thin", a.yaml}, {"Passengerfile.json", "passenger", a.json}} {
		if !a.has(c.gem) {
			continue
		}
		if f, doc, ok := c.read(c.file); ok {
			v, line, _ := doc.Get("port")
			if n, err := strconv.Atoi(v); err == nil && n > 0 && n < 65536 {
				return portFrom{number: n, evidence: f.Evidence(line), found: true}
			}
		}
	}
	return portFrom{}
}

// port decides on the port: the server's configuration, else what the existing compose file or Dockerfile exposes, else
// a free choice.
func (a *app) port(c portFrom) detect.Value[int] {
	if c.number > 0 {
		if c.reads {
			return detect.Infer(c.number, "the server listens on $PORT, or on this port when it is not set", c.evidence)
		}
		return detect.Is(c.number, c.evidence)
	}
	if s, ok := a.published(); ok {
		return detect.Infer(s.Ports[0].Number, "the existing compose file publishes it", s.file.Evidence(s.Ports[0].Line))
	}
	for _, d := range a.docker {
		if len(d.Expose) > 0 && unprivileged(d.Expose[0].Number) {
			return detect.Infer(d.Expose[0].Number, "the existing Dockerfile exposes it", d.file.Evidence(d.Expose[0].Line))
		}
	}
	if c.found {
		return detect.Infer(freePort, "the server listens on $PORT; "+strconv.Itoa(freePort)+" is a free choice", c.evidence)
	}
	return detect.Guess(freePort, "nothing states a port; "+strconv.Itoa(freePort)+" is the port of Rails' own server")
}

// servesWeb matches the commands of web processes, and the names that compose files give to their services.
var (
	servesWeb = manifest.Lazy(`(?:^|[\s/"'])(?:rails\s+s(?:erver)?|script/server|puma|unicorn\w*|thin|rackup|passenger|shotgun|hanami\s+server|padrino\s+start)\b`)
	webNames  = manifest.Lazy(`^(?:web|app|rails|server|www|site|api|ruby)\d*$`)
)

// published is the service of the compose file that serves the application: one directory may be run as several, its workers
// and searches among them.
func (a *app) published() (composeService, bool) {
	var found []composeService
	for _, s := range a.services {
		if s.builds(a.dir.Path) && len(s.Ports) > 0 && unprivileged(s.Ports[0].Number) {
			found = append(found, s)
		}
	}
	for _, serves := range []func(composeService) bool{
		func(s composeService) bool { return servesWeb.MatchString(s.Command.Value) },
		func(s composeService) bool { return webNames.MatchString(s.Name) },
		func(composeService) bool { return true },
	} {
		for _, s := range found {
			if serves(s) {
				return s, true
			}
		}
	}
	return composeService{}, false
}

// unprivileged reports whether a process that is not root can listen on a port, and it is not that of a database.
func unprivileged(port int) bool {
	switch port {
	case 3306, 5432, 6379, 9200, 11211, 27017:
		return false
	}
	return port >= 1024
}

// composeService is a service of the compose file that the repository brings.
type composeService struct {
	manifest.ComposeService
	file detect.File
}

// readCompose reads the compose files that the repository brings, beside the application or at the repository's root.
func (a *app) readCompose() {
	dirs := []string{""}
	if up := a.up(); up != "" {
		dirs = append(dirs, up)
	}
	for _, dir := range dirs {
		for _, name := range []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-compose.production.yml", "docker-compose.prod.yml", "fig.yml"} {
			f, ok := a.read(dir + name)
			if !ok {
				continue
			}
			services, err := manifest.ParseCompose(f.Data)
			if err != nil {
				a.warn(f, err)
			}
			for _, s := range services {
				a.services = append(a.services, composeService{s, f})
			}
		}
	}
}

// builds reports whether a compose service is built from a directory of the tree.
func (s composeService) builds(dir string) bool {
	return s.Build != "" && path.Join(path.Dir(s.file.Path), s.Build) == dir
}

// lookup resolves the variables of a Procfile for production.
func (a *app) lookup(s *server) func(string) (string, bool) {
	return func(name string) (string, bool) {
		switch name {
		case "PORT":
			s.readsPort = true
			return strconv.Itoa(s.port.V), true
		case "RACK_ENV", "RAILS_ENV", "HANAMI_ENV", "PADRINO_ENV":
			return "production", true
		}
		return "", false
	}
}

// fromProcfile takes the web process as its author wrote it, made to listen where a container can be reached.
func (a *app) fromProcfile(s *server, p manifest.Process, fw framework) {
	ev := a.procFile.Evidence(p.Line)
	if port := statedPort(p.Command); port.number > 0 {
		s.port = detect.Is(port.number, ev)
		if port.reads {
			s.port = detect.Infer(port.number, "the command listens on $PORT, or on this port when it is not set", ev)
		}
	} else if port.reads && s.port.From == detect.Default {
		s.port = detect.Infer(freePort, "the command listens on $PORT; "+strconv.Itoa(freePort)+" is a free choice", ev)
	}
	argv := manifest.Exec(p.Command, a.lookup(s))
	s.command = detect.Process{Name: "web", Command: argv, From: detect.Declared, Evidence: []detect.Evidence{ev}}
	for _, name := range append(serverGems, "webrick") {
		if mentions(argv, name) {
			s.name = detect.Is(name, ev)
		}
	}
	started, at := "", detect.Evidence{}
	if !s.name.Set() {
		var script detect.File
		started, script, at = a.scriptServer(argv)
		if n, where, ok := scriptPort(script); ok && s.port.From == detect.Default {
			s.port = detect.Infer(n, "the script listens on $PORT, or on this port when it is not set", ev, where)
		}
	}
	switch {
	case started != "":
		s.name = detect.Infer(started, "the script that the Procfile runs starts it", ev, at)
	case mentions(argv, "rails") && mentions(argv, "server", "s") || mentions(argv, "script/server"):
		s.command.Command = bound(argv, "-b", "--binding")
		if !s.name.Set() {
			a.railsServer(s, fw, ev)
		}
	case s.name.V == "puma":
		a.pumaBinding(s)
	case s.name.V == "unicorn":
		a.unicornConfig(s)
	case mentions(argv, "rackup"):
		s.command.Command = bound(argv, "-o", "--host")
		if !s.name.Set() {
			a.rackServer(s, ev)
		}
	}
}

// startsServer matches an application server as a word of a command.
var startsServer = manifest.Lazy(`(?:^|[\s/"'])(puma|unicorn|thin|passenger)(?:_rails)?(?:[\s"']|$)`)

// scriptServer is the server that a script of the repository starts, which the command of the Procfile runs.
func (a *app) scriptServer(argv []string) (server string, script detect.File, at detect.Evidence) {
	if len(argv) == 3 && argv[0] == "sh" {
		argv = strings.Fields(argv[2])
	}
	for _, w := range argv {
		name := strings.TrimPrefix(w, "./")
		if !strings.Contains(name, "/") && path.Ext(name) != ".sh" || path.IsAbs(name) || path.Ext(name) == ".rb" {
			continue
		}
		f, ok := a.read(name)
		if !ok || len(f.Data) > 64<<10 {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if text = strings.TrimSpace(text); strings.HasPrefix(text, "#") || strings.HasPrefix(text, "echo ") {
				continue
			}
			if m := startsServer.FindStringSubmatch(text); m != nil && a.has(m[1]) {
				return m[1], f, f.Evidence(i + 1)
			}
		}
	}
	return "", detect.File{}, detect.Evidence{}
}

// assignedPort matches where a shell script gives PORT a value for when it has none: [ $PORT ] || PORT=5555, PORT=${PORT:-5555}.
var assignedPort = manifest.Lazy(`(?:\|\|\s*(?:export\s+)?PORT=|\$\{PORT:?[-=])["']?(\d{2,5})\b`)

// scriptPort is the port that a script which starts a server takes when PORT is not set.
func scriptPort(script detect.File) (int, detect.Evidence, bool) {
	for i, text := range strings.Split(string(script.Data), "\n") {
		if m := assignedPort.FindStringSubmatch(text); m != nil && !strings.HasPrefix(strings.TrimSpace(text), "#") {
			n, err := strconv.Atoi(m[1])
			return n, script.Evidence(i + 1), err == nil && n > 0 && n < 65536
		}
	}
	return 0, detect.Evidence{}, false
}

var (
	portDefault = manifest.Lazy(`\$\{PORT:?-(\d+)\}`)
	portOption  = manifest.Lazy(`(?:-p|--port|-l|--listen)[\s=]*["']?(?:[\w.]+:)?(\d{2,5})\b`)
)

// statedPort reads the port in a command: a number, or $PORT with its default.
func statedPort(command string) portFrom {
	p := portFrom{reads: strings.Contains(command, "$PORT") || strings.Contains(command, "${PORT")}
	if m := portDefault.FindStringSubmatch(command); m != nil {
		p.number, _ = strconv.Atoi(m[1])
	} else if m := portOption.FindStringSubmatch(command); m != nil && !p.reads {
		p.number, _ = strconv.Atoi(m[1])
	}
	return p
}

// mentions reports whether one of the words is a word of a command, by its base name, or a shell command holds it.
func mentions(argv []string, names ...string) bool {
	for _, a := range argv {
		words := []string{a}
		if len(argv) == 3 && argv[0] == "sh" && a == argv[2] {
			words = strings.Fields(a)
		}
		for _, w := range words {
			for _, n := range names {
				if w == n || strings.HasSuffix(w, "/"+n) || n == "unicorn" && strings.HasSuffix(w, "unicorn_rails") {
					return true
				}
			}
		}
	}
	return false
}

// bound adds the address that a server in a container must listen on, unless the command has one.
func bound(argv []string, short, long string) []string {
	for _, a := range argv {
		if a == short || a == long || strings.HasPrefix(a, long+"=") || strings.HasPrefix(a, short) && len(a) > 2 || strings.Contains(a, " "+short+" ") {
			return argv
		}
	}
	if argv[0] == "sh" {
		return argv
	}
	return append(argv[:len(argv):len(argv)], short, "0.0.0.0")
}

// railsServer says which server "rails server" starts: Rack's handlers are tried in the order puma, thin, WEBrick. Where
// production brings another server, that one is meant to be used, and is when its configuration is there.
func (a *app) railsServer(s *server, fw framework, ev detect.Evidence) {
	for _, name := range []string{"puma", "thin"} {
		if g, ok := a.gem(name); ok {
			s.name = detect.Infer(name, "rails server takes it when it is among the gems", append([]detect.Evidence{ev}, g.evidence...)...)
			return
		}
	}
	for _, name := range []string{"unicorn", "passenger"} {
		if g, ok := a.gem(name); ok {
			s.name = detect.Infer(name, "production brings this server, though the Procfile starts the framework's own", g.evidence...)
			if a.dir.Has("config/" + name + ".rb") {
				a.serve(s, name, fw)
			}
			return
		}
	}
}

// rackServer says which server "rackup" starts.
func (a *app) rackServer(s *server, ev detect.Evidence) {
	if g, ok := a.firstGem("puma", "thin", "unicorn"); ok {
		s.name = detect.Infer(g.name, "rackup takes it when it is among the gems", append([]detect.Evidence{ev}, g.evidence...)...)
	}
}

// fromGems chooses a server without a Procfile.
func (a *app) fromGems(s *server, fw framework) {
	for _, name := range serverGems {
		if g, ok := a.gem(name); ok {
			s.name = detect.Value[string]{V: name, From: g.from, Evidence: g.evidence}
			a.serve(s, name, fw)
			return
		}
	}
	port := strconv.Itoa(s.port.V)
	s.command = detect.Process{Name: "web", From: detect.Inferred, Evidence: []detect.Evidence{fw.entry}}
	switch {
	case fw.rails() && below(fw.version, "3.0"):
		s.command.Command = a.bundled("ruby", "script/server", "-e", "production", "-b", "0.0.0.0", "-p", port)
		s.command.Why = "the server of Rails 2"
	case fw.rails():
		s.command.Command = a.bundled("rails", "server", "-e", "production", "-b", "0.0.0.0", "-p", port)
		s.command.Why = "the server of Rails, as there is no Procfile and no other server among the gems"
	case fw.script != "":
		s.command.Command = a.bundled("ruby", fw.script, "-e", "production", "-o", "0.0.0.0", "-p", port)
		s.command.Why = "a classic Sinatra application serves when its file is run"
	default:
		s.command.Command = a.bundled("rackup", "-E", "production", "-o", "0.0.0.0", "-p", port, "config.ru")
		s.command.Why = "Rack's own command, as there is no Procfile and no server among the gems"
	}
}

// bundled puts "bundle exec" before a command when there is a Gemfile.
func (a *app) bundled(argv ...string) []string {
	if a.gemfile == nil {
		return argv
	}
	return append([]string{"bundle", "exec"}, argv...)
}

// serve writes the command of a server.
func (a *app) serve(s *server, name string, fw framework) {
	port := strconv.Itoa(s.port.V)
	g, _ := a.gem(name)
	s.command = detect.Process{Name: "web", From: detect.Inferred, Why: "the gem " + name + " serves", Evidence: g.evidence}
	switch name {
	case "puma":
		s.command.Command = a.bundled("puma", "-b", "tcp://0.0.0.0:"+port)
		for _, config := range []string{"config/puma.rb", "config/puma/production.rb", "puma.rb"} {
			if a.dir.Has(config) {
				s.command.Command = a.bundled("puma", "-C", config)
				s.command.Evidence = append(s.command.Evidence, a.whole(config))
				a.pumaBinding(s)
				break
			}
		}
	case "unicorn":
		program := "unicorn"
		if fw.rails() && below(fw.version, "3.0") {
			program = "unicorn_rails"
		}
		s.command.Command = a.bundled(program, "-E", "production", "-p", port)
		for _, config := range []string{"config/unicorn.rb", "config/unicorn/production.rb", "unicorn.rb"} {
			if a.dir.Has(config) {
				s.command.Command = append(s.command.Command, "-c", config)
				s.command.Evidence = append(s.command.Evidence, a.whole(config))
				a.unicornConfig(s)
				break
			}
		}
	case "thin":
		s.command.Command = a.bundled("thin", "start", "-a", "0.0.0.0", "-p", port, "-e", "production")
	case "passenger":
		s.command.Command = a.bundled("passenger", "start", "-a", "0.0.0.0", "-p", port, "-e", "production")
	}
}

// whole is the evidence of a file as a whole: its first line that says something, or the file alone when it cannot be read.
func (a *app) whole(name string) detect.Evidence {
	ev, ok := a.wholeFile(name)
	if p, there := a.dir.Rel(name); !ok && there {
		return detect.Evidence{File: p}
	}
	return ev
}

var daemonize = manifest.Lazy(`^daemonize(?:[\s(]+true|\s*$)`)

// pumaBinding makes puma listen on a TCP port when its configuration binds elsewhere, and looks for what goes wrong in a container.
func (a *app) pumaBinding(s *server) {
	config := argument(s.command.Command, "-C", "--config")
	if config == "" && a.dir.Has("config/puma.rb") {
		config = "config/puma.rb"
	}
	ss, f, ok := a.statements(config)
	if !ok {
		if argument(s.command.Command, "-b", "--bind") == "" && argument(s.command.Command, "-p", "--port") == "" && s.command.Command[0] != "sh" {
			s.command.Command = append(s.command.Command, "-b", "tcp://0.0.0.0:"+strconv.Itoa(s.port.V))
		}
		return
	}
	listens, unreachable := false, detect.Evidence{}
	for _, st := range ss {
		switch {
		case pumaPort.MatchString(st.text):
			listens = true
			s.readsPort = s.readsPort || portVariable.MatchString(st.text)
		case strings.HasPrefix(st.text, "bind"):
			s.readsPort = s.readsPort || portVariable.MatchString(st.text)
			if strings.Contains(st.text, "unix:") || strings.Contains(st.text, "127.0.0.1") || strings.Contains(st.text, "localhost") {
				unreachable = f.Evidence(st.line)
			} else {
				listens = true
			}
		case daemonize.MatchString(st.text):
			a.daemonizes(s, f.Evidence(st.line))
		}
	}
	if argument(s.command.Command, "-b", "--bind") != "" || argument(s.command.Command, "-p", "--port") != "" || s.command.Command[0] == "sh" {
		return
	}
	if !listens {
		s.command.Command = append(s.command.Command, "-b", "tcp://0.0.0.0:"+strconv.Itoa(s.port.V))
		s.command.Why = "the configuration binds no port that can be reached from outside of the container"
		if unreachable.File != "" {
			s.command.Evidence = append(s.command.Evidence, unreachable)
		}
	}
}

// daemonizes reports a server that goes into the background, which ends its container.
func (a *app) daemonizes(s *server, ev detect.Evidence) {
	s.trouble = append(s.trouble, detect.Readiness{ID: "daemonizes", Severity: "high", Evidence: []detect.Evidence{ev},
		Message: "The server's configuration sends it to the background, and the container ends with its first process. Remove the setting."})
}

// argument returns the value of an option in a command.
func argument(argv []string, names ...string) string {
	for i, a := range argv {
		for _, n := range names {
			switch {
			case a == n && i+1 < len(argv):
				return argv[i+1]
			case strings.HasPrefix(a, n+"=") && strings.HasPrefix(n, "--"):
				return a[len(n)+1:]
			}
		}
	}
	return ""
}

// without removes an option with its value from a command.
func without(argv []string, names ...string) []string {
	var out []string
	for i := 0; i < len(argv); i++ {
		skip := false
		for _, n := range names {
			if argv[i] == n && i+1 < len(argv) {
				skip = true
			}
		}
		if skip {
			i++
			continue
		}
		out = append(out, argv[i])
	}
	return out
}

var (
	absolutePath = manifest.Lazy(`^(working_directory|pid|stderr_path|stdout_path|listen)\b[\s(]+["']/(?:var/www|home|srv|opt|u|data|www|usr/local/www|apps?)/`)
	spawns       = manifest.Lazy(`\b(?:spawn|Process\.spawn|system|fork)\b\s*[({]?\s*["'{]`)
)

// unicornConfig leaves out a configuration that is made for one server's directories, and looks for what goes wrong in a container.
func (a *app) unicornConfig(s *server) {
	config := strings.TrimPrefix(argument(s.command.Command, "-c", "--config-file"), "./")
	ss, f, ok := a.statements(config)
	if !ok {
		return
	}
	for _, st := range ss {
		if m := unicornPort.FindStringSubmatch(st.text); m != nil {
			s.readsPort = s.readsPort || portVariable.MatchString(st.text)
		}
		if spawns.MatchString(st.text) {
			s.trouble = append(s.trouble, detect.Readiness{ID: "server-spawns-worker", Severity: "medium", Evidence: []detect.Evidence{f.Evidence(st.line)},
				Message: "The web server starts another process of its own. In containers each process runs and is watched by itself."})
		}
		if absolutePath.MatchString(st.text) && argument(s.command.Command, "-c", "--config-file") != "" {
			s.command.Command = without(s.command.Command, "-c", "--config-file")
			if argument(s.command.Command, "-p", "--port", "-l", "--listen") == "" && s.command.Command[0] != "sh" {
				s.command.Command = append(s.command.Command, "-p", strconv.Itoa(s.port.V))
			}
			s.command.Why = "the configuration is made for the directories of one server and is left out"
			s.trouble = append(s.trouble, detect.Readiness{ID: "absolute-path", Severity: "medium", Evidence: []detect.Evidence{f.Evidence(st.line)},
				Message: "The server's configuration names directories that a container does not have. It is not used; move what you need of it to variables."})
		}
	}
}
