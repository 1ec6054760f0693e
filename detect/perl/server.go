package perl

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// server is how the web process is served.
type server struct {
	name    string // apache, mojolicious, starman, plackup, ...
	port    detect.Value[int]
	command detect.Process
	trouble []detect.Readiness
}

// Ports that the servers take when nobody says which. Sources: perldoc Mojolicious::Command::Author::daemon and
// Mojo::Server::Daemon (3000), perldoc Mojolicious::Guides::Cookbook on hypnotoad (8080), perldoc plackup and starman (5000),
// perldoc Dancer::Config and Catalyst::Script::Server (3000), Apache's own configuration (80).
const (
	mojoPort      = 3000
	hypnotoadPort = 8080
	plackPort     = 5000
	scriptPort    = 3000
	apachePort    = 80
)

// findServer decides how the web process starts.
func (a *app) findServer(fw framework) server {
	var s server
	s.port = a.port(fw)
	switch fw.style {
	case cgi:
		s.name = "apache"
	case mojo:
		a.mojoServer(&s, fw)
	default:
		a.psgiServer(&s, fw)
	}
	if fw.script == "" && fw.style != cgi {
		s.command = detect.Process{}
	}
	if p, ok := a.process("web"); ok && fw.style != cgi {
		s.command = detect.Process{Name: "web", Command: manifest.Exec(p.Command, lookupPort(s.port.V)), From: detect.Declared,
			Evidence: []detect.Evidence{a.procFile.Evidence(p.Line)}}
	}
	return s
}

// process returns a line of the Procfile that starts Perl.
func (a *app) process(name string) (manifest.Process, bool) {
	for _, p := range a.procfile {
		if p.Name == name && perlCommand().MatchString(p.Command) {
			return p, true
		}
	}
	return manifest.Process{}, false
}

var perlCommand = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[\s/])(?:perl|plackup|starman|starlet|twiggy|hypnotoad|morbo|carton|cpanm|start_server)(?:\s|$)|\.(?:pl|psgi)(?:\s|$)|(?:^|\s)(?:\./)?(?:script|bin)/\w`)
})

func lookupPort(port int) func(string) (string, bool) {
	return func(name string) (string, bool) { return strconv.Itoa(port), name == "PORT" }
}

// mojoServer starts an application by Mojolicious' own server: in several processes where the repository shows that it is
// meant to run so, because an application may keep state in its process.
func (a *app) mojoServer(s *server, fw framework) {
	s.name = "mojolicious"
	mode, why, ev := "daemon", "Mojolicious' own server, as nothing shows that the application runs in several processes", []detect.Evidence{fw.entry}
	if at, ok := a.mentions("hypnotoad", "prefork"); ok {
		mode, why, ev = "prefork", "the repository runs it in several processes", []detect.Evidence{at}
	}
	s.command = detect.Process{Name: "web", From: detect.Inferred, Why: why, Evidence: ev,
		Command: []string{"perl", fw.script, mode, "-m", "production", "-l", "http://*:" + strconv.Itoa(s.port.V)}}
}

// psgiServers are the modules that serve PSGI applications, with the name by which plackup knows them.
var psgiServers = []struct{ module, handler string }{
	{"Starman", "Starman"}, {"Starlet", "Starlet"}, {"Gazelle", "Gazelle"}, {"Feersum", "Feersum"}, {"Twiggy", "Twiggy"},
	{"Twiggy::Prefork", "Twiggy::Prefork"}, {"Monoceros", "Monoceros"}, {"Corona", "Corona"}, {"HTTP::Server::Simple::PSGI", "HTTP::Server::Simple"},
}

// psgiServer starts a PSGI application by the server among its modules, else by plackup's own.
func (a *app) psgiServer(s *server, fw framework) {
	port := strconv.Itoa(s.port.V)
	if fw.name == "catalyst" && catalystServer(path.Base(fw.script)) {
		s.name = "catalyst"
		s.command = detect.Process{Name: "web", From: detect.Inferred, Why: "the server that Catalyst's generator wrote, as there is no .psgi file", Evidence: []detect.Evidence{fw.entry},
			Command: []string{"perl", fw.script, "--host", "0.0.0.0", "--port", port}}
		s.trouble = append(s.trouble, noServer(fw))
		return
	}
	for _, p := range psgiServers {
		m, ok := a.needs(p.module)
		if !ok {
			continue
		}
		s.name = strings.ToLower(p.handler)
		s.command = detect.Process{Name: "web", From: detect.Inferred, Why: p.module + " is among the modules", Evidence: m.evidence,
			Command: []string{"plackup", "-s", p.handler, "-E", "production", "--host", "0.0.0.0", "--port", port, "-a", fw.script}}
		return
	}
	s.name = "plackup"
	s.command = detect.Process{Name: "web", From: detect.Inferred, Why: "plackup's own server, as no other is among the modules", Evidence: []detect.Evidence{fw.entry},
		Command: []string{"plackup", "-E", "production", "--host", "0.0.0.0", "--port", port, "-a", fw.script}}
	s.trouble = append(s.trouble, noServer(fw))
}

func noServer(fw framework) detect.Readiness {
	return detect.Readiness{ID: "no-app-server", Severity: "medium", Evidence: []detect.Evidence{fw.entry},
		Message: "No server for production is among the modules: plackup's own serves one request at a time. Add Starman to the cpanfile."}
}

// port is the port that something states, else the one that the server takes by itself.
func (a *app) port(fw framework) detect.Value[int] {
	if p, ok := a.process("web"); ok {
		if n, ok := portIn(p.Command); ok {
			return detect.Is(n, a.procFile.Evidence(p.Line))
		}
	}
	for _, d := range a.docker {
		if len(d.Expose) == 1 && a.servesPerl(d) {
			return detect.Is(d.Expose[0].Number, d.file.Evidence(d.Expose[0].Line))
		}
	}
	for _, c := range a.compose {
		if c.Build != "" && len(c.Ports) == 1 {
			return detect.Is(c.Ports[0].Number, c.file.Evidence(c.Ports[0].Line))
		}
	}
	if v, ok := a.configuredPort(fw); ok {
		return v
	}
	switch {
	case fw.style == cgi:
		return detect.Infer(apachePort, "the port that Apache takes by itself", fw.entry)
	case fw.style == mojo:
		return detect.Infer(mojoPort, "the port that Mojolicious takes by itself", fw.entry)
	case fw.name == "dancer" && !strings.HasSuffix(fw.script, ".psgi"):
		return detect.Infer(scriptPort, "the port that Dancer takes by itself", fw.entry)
	case fw.name == "catalyst" && a.catalystServer():
		return detect.Infer(scriptPort, "the port that Catalyst's own server takes", fw.entry)
	}
	return detect.Infer(plackPort, "the port that plackup takes by itself", fw.entry)
}

func (a *app) catalystServer() bool {
	for _, s := range a.files.scripts {
		if catalystServer(path.Base(s)) {
			return true
		}
	}
	return false
}

// servesPerl reports whether an existing Dockerfile is about the Perl application: it builds on Perl, or runs it.
func (a *app) servesPerl(d dockerFile) bool {
	for _, s := range d.Stages {
		i := manifest.IdentifyImage(s.Image)
		if i.Language != "" && i.Language != "perl" {
			return false
		}
	}
	return true
}

var (
	listenURL  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`https?://[\w*.\[\]:-]*?:(\d{2,5})\b`) })
	portOption = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|\s)(?:-p|--port|--listen|-l)[\s=]+\S*?:?(\d{2,5})(?:\s|$)`)
	})
	portKey = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^["']?port["']?\s*(?::|=>|=)\s*["']?(\d{2,5})["']?\s*,?$`)
	})
)

// portIn is the literal port of a command.
func portIn(command string) (int, bool) {
	for _, re := range []*regexp.Regexp{portOption(), listenURL()} {
		if m := re.FindStringSubmatch(command); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil && n < 65536 {
				return n, true
			}
		}
	}
	return 0, false
}

// configuredPort is a port that a configuration file states: Mojolicious' listen addresses, Dancer's port.
func (a *app) configuredPort(fw framework) (detect.Value[int], bool) {
	if fw.style == cgi {
		return detect.Value[int]{}, false
	}
	files := a.configFiles()
	for _, s := range a.sources { // the class or the program may configure the server itself
		if fw.style == mojo && (s.name == fw.script || moduleOf(s.name) == fw.class) {
			files = append(files, s.file)
		}
	}
	for _, f := range files {
		listens := false
		for i, s := range strings.Split(string(f.Data), "\n") {
			s = strings.TrimSpace(stripComment(s))
			if fw.style == mojo {
				listens = listens && !strings.Contains(s, "}") || strings.Contains(s, "listen")
				if m := listenURL().FindStringSubmatch(s); listens && m != nil {
					if n, err := strconv.Atoi(m[1]); err == nil && n < 65536 {
						return detect.Is(n, f.Evidence(i+1)), true
					}
				}
				continue
			}
			if m := portKey().FindStringSubmatch(s); fw.name == "dancer" && m != nil && !strings.HasPrefix(s, " ") {
				if n, err := strconv.Atoi(m[1]); err == nil && n < 65536 && path.Base(path.Dir(f.Path)) != "environments" {
					return detect.Is(n, f.Evidence(i+1)), true
				}
			}
		}
	}
	return detect.Value[int]{}, false
}

// maxConfigs bounds the configuration files that are read.
const maxConfigs = 30

// configFiles are the files that configure the application.
func (a *app) configFiles() []detect.File {
	var out []detect.File
	for name := range a.dir.Files() {
		if len(out) >= maxConfigs {
			break
		}
		dir, base := path.Dir(name), path.Base(name)
		switch dir {
		case ".", "conf", "config", "etc", "environments", "share":
		default:
			continue
		}
		switch path.Ext(base) {
		case ".conf", ".yml", ".yaml", ".ini", ".cfg":
		case ".json":
			if base == "package.json" || base == "package-lock.json" || base == "META.json" || strings.HasPrefix(base, "tsconfig") {
				continue
			}
		default:
			continue
		}
		if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose.") || base == "appveyor.yml" || base == "circle.yml" || base == "META.yml" {
			continue
		}
		if f, ok := a.read(name); ok && len(f.Data) < 200<<10 {
			out = append(out, f)
		}
	}
	return out
}

// mentions looks for words in the configuration, the programs and the files of system services.
func (a *app) mentions(words ...string) (detect.Evidence, bool) {
	var all []detect.File
	all = append(all, a.configFiles()...)
	for _, s := range a.sources {
		all = append(all, s.file)
	}
	for name := range a.dir.Files() {
		if ext := path.Ext(name); ext == ".service" || ext == ".sh" && strings.Count(name, "/") < 3 || path.Base(name) == "Procfile" || path.Base(name) == "Makefile" && path.Dir(name) == "." {
			if f, ok := a.read(name); ok && len(all) < maxSources+100 {
				all = append(all, f)
			}
		}
	}
	for _, f := range all {
		for _, w := range words {
			if !strings.Contains(string(f.Data), w) {
				continue
			}
			for i, s := range strings.Split(string(f.Data), "\n") {
				if t := strings.TrimSpace(s); strings.Contains(t, w) && !strings.HasPrefix(t, "#") {
					return f.Evidence(i + 1), true
				}
			}
		}
	}
	return detect.Evidence{}, false
}
