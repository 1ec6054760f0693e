package elixir

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// framework is what the application is built with.
type framework struct {
	name     string // phoenix, none
	version  string
	from     detect.Origin
	why      string
	evidence []detect.Evidence
	entry    detect.Evidence // the line that makes it an application
	role     detect.Role
	endpoint string // the module that serves: "Shop.Endpoint"
	otpApp   string // the application that the endpoint belongs to
}

var (
	useEndpoint = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\buse\s+Phoenix\.Endpoint\b`) })
	otpApp      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`otp_app:\s*:(\w+)`) })
	defModule   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^\s*defmodule\s+([A-Z][\w.]*)`) })
)

// moduleOf is the first module that a file defines.
func moduleOf(f detect.File) string {
	if m := defModule().FindSubmatch(f.Data); m != nil {
		return string(m[1])
	}
	return ""
}

// findFramework says what kind of application the project is; ok is false when nothing in it runs.
func (a *app) findFramework() (framework, bool) {
	if s, n, ok := a.find("Phoenix.Endpoint", useEndpoint().MatchString); ok {
		f := framework{name: "phoenix", from: detect.Declared, entry: s.file.Evidence(n), role: detect.Web, endpoint: moduleOf(s.file)}
		if m := otpApp().FindSubmatch(s.file.Data); m != nil {
			f.otpApp = string(m[1])
		}
		if p, ok := a.dep("phoenix"); ok {
			f.version, f.evidence = p.version, p.evidence
			if p.version != "" {
				f.from = p.from
			}
		} else {
			f.evidence = []detect.Evidence{f.entry}
		}
		return f, true
	}
	f := framework{name: "none", from: detect.Inferred, why: "no framework that is known is among the packages"}
	main, ok := a.started()
	if !ok {
		return f, false
	}
	f.entry, f.otpApp = main.file.Evidence(main.modLine), main.app
	f.role = detect.Worker
	if _, ok := a.listens(); ok {
		f.role = detect.Web
	}
	return f, true
}

// started is the first project that is started as an application.
func (a *app) started() (projectAt, bool) {
	for _, p := range a.projects {
		if p.mod != "" && p.escript == 0 {
			return p, true
		}
	}
	return projectAt{}, false
}

var serves = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`Plug\.(?:Adapters\.)?Cowboy2?\b|\bBandit\b|:cowboy\.start|:ranch\.start_listener|:elli\b|:mochiweb_http|:inets\.start\(\s*:httpd|:httpd\b|Ace\.HTTP|Raxx\.\w*Server|:gen_tcp\.listen|ThousandIsland\b|Trot\.|Maru\.Server|use Maru\b`)
})

// listens finds the place where the code starts a server.
func (a *app) listens() (detect.Evidence, bool) {
	for _, s := range a.sources {
		for i, t := range strings.Split(string(s.file.Data), "\n") {
			if t = strings.TrimSpace(t); !strings.HasPrefix(t, "#") && serves().MatchString(t) {
				return s.file.Evidence(i + 1), true
			}
		}
	}
	return detect.Evidence{}, false
}

// phoenixPort is the port that Phoenix' generator writes for development and, since 1.5, for production.
const phoenixPort = 4000

// endpointSettings calls fn for the settings of endpoints: modules that are called so, or configured with http.
func isEndpoint(s setting) bool { return strings.HasSuffix(s.module, "Endpoint") }

// port is the port that something states for production, else Phoenix' own.
func (a *app) port(fw framework) detect.Value[int] {
	if fw.role != detect.Web {
		return detect.Value[int]{}
	}
	var out detect.Value[int]
	if fw.name == "phoenix" {
		a.settingsOf(isEndpoint, func(c configAt, s setting) bool {
			if s.path != "http.port" && s.path != "port" {
				return true
			}
			if n, ok := portOf(s); ok {
				out = detect.Is(n, c.file.Evidence(s.line))
				return false
			}
			return true
		})
		if out.Set() {
			return out
		}
		if v, ok := a.exposed(); ok {
			return v
		}
		return detect.Infer(phoenixPort, "the port of Phoenix' own settings", fw.entry)
	}
	if v, ok := a.exposed(); ok {
		return v
	}
	return a.codePort()
}

// portOf is the literal port of a setting, or the default beside the variable that it reads.
func portOf(s setting) (int, bool) {
	if v, ok := s.literal(); ok {
		return validPort(v)
	}
	for i, t := range s.value {
		if t.kind == text || t.kind == number {
			if n, ok := validPort(t.value); ok && i > 0 {
				return n, true
			}
		}
	}
	return 0, false
}

func validPort(v string) (int, bool) {
	n, err := strconv.Atoi(v)
	return n, err == nil && n > 0 && n < 65536
}

// exposed is the port that an existing Dockerfile or compose file states.
func (a *app) exposed() (detect.Value[int], bool) {
	for _, d := range a.docker {
		if len(d.Expose) == 1 {
			return detect.Is(d.Expose[0].Number, d.file.Evidence(d.Expose[0].Line)), true
		}
	}
	for _, c := range a.compose {
		if c.Build != "" && len(c.Ports) == 1 {
			return detect.Is(c.Ports[0].Number, c.file.Evidence(c.Ports[0].Line)), true
		}
	}
	return detect.Value[int]{}, false
}

var codePort = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\bport:\s*(?:String\.to_integer\(\s*)?(?:System\.get_env\(\s*"\w+"\s*(?:,\s*|\)\s*\|\|\s*))?"?(\d[\d_]{1,5})"?`)
})

// codePort is the port that the code or the settings of a server state.
func (a *app) codePort() detect.Value[int] {
	try := func(f detect.File) (detect.Value[int], bool) {
		for i, t := range strings.Split(string(f.Data), "\n") {
			if t = strings.TrimSpace(t); strings.HasPrefix(t, "#") {
				continue
			}
			if m := codePort().FindStringSubmatch(t); m != nil {
				if n, ok := validPort(strings.ReplaceAll(m[1], "_", "")); ok && !dbPorts[n] {
					return detect.Is(n, f.Evidence(i+1)), true
				}
			}
		}
		return detect.Value[int]{}, false
	}
	for _, c := range a.configs {
		if v, ok := try(c.file); ok {
			return v
		}
	}
	for _, s := range a.sources {
		if !serves().Match(s.file.Data) {
			continue
		}
		if v, ok := try(s.file); ok {
			return v
		}
	}
	if ev, ok := a.listens(); ok {
		return detect.Infer(phoenixPort, "the port that Plug's servers take by themselves", ev)
	}
	return detect.Guess(phoenixPort, "nothing says on which port it listens")
}

// dbPorts are ports of services, which a setting may name as well.
var dbPorts = map[int]bool{5432: true, 3306: true, 6379: true, 27017: true, 5672: true, 9200: true, 11211: true, 25: true, 587: true, 465: true, 1433: true, 9092: true, 443: true}

var (
	healthRoute = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*(?:get|forward|match)\b\s*\(?\s*"(/(?:api/)?(?:health|healthz|healthcheck|health_check|health-check|_health|alive|ping|up|status))"`)
	})
	rootRoute = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*(?:get|live)\b\s*\(?\s*"/"`) })
	scoped    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*scope\b\s*\(?\s*(?:path:\s*)?"(/[^"]*)"`) })
)

// healthPath is a route that is made for health checks, else the root.
func (a *app) healthPath(fw framework) detect.Value[string] {
	if fw.role != detect.Web {
		return detect.Value[string]{}
	}
	root := detect.Value[string]{}
	for _, s := range a.sources {
		if !strings.Contains(path.Base(s.name), "router") && !strings.Contains(string(s.file.Data), "Plug.Router") {
			continue
		}
		scope := "/"
		for i, t := range strings.Split(string(s.file.Data), "\n") {
			if m := scoped().FindStringSubmatch(t); m != nil {
				scope = m[1]
			}
			if m := healthRoute().FindStringSubmatch(t); m != nil {
				return detect.Is(path.Join(scope, m[1]), s.file.Evidence(i+1))
			}
			if !root.Set() && scope == "/" && rootRoute().MatchString(t) {
				root = detect.Infer("/", "the root route; there is none made for health checks", s.file.Evidence(i+1))
			}
		}
	}
	if !root.Set() {
		return detect.Guess("/", "no route for health checks and no root route was found")
	}
	return root
}
