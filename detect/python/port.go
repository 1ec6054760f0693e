package python

import (
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// defaultPorts are those of the frameworks' own servers: their documentation.
var defaultPorts = map[string]int{"django": 8000, "flask": 5000, "fastapi": 8000, "tornado": 8888, "pyramid": 6543, "pylons": 5000}

// ownPorts are those of the servers that other packages bring: their documentation.
var ownPorts = []struct {
	module string
	port   int
}{{"bottle", 8080}, {"webapp2", 8080}, {"web", 8080}, {"cherrypy", 8080}, {"aiohttp.web", 8080}, {"streamlit", 8501}, {"gradio", 7860}, {"tg", 8080}}

var (
	portArgument  = manifest.Lazy(`\bport\s*=\s*(?:int\s*\(\s*)?(?:os\.(?:environ\.get|getenv)\s*\(\s*["']\w+["']\s*,\s*)?["']?(\d{2,5})\b`)
	listenCall    = manifest.Lazy(`\.(?:listen|bind)\(\s*(\d{2,5})`)
	bindOption    = manifest.Lazy(`(?:^|[\s"'])(?:-b|--bind|--http-socket|--http|--socket|--listen|-p|--port|-w)[=\s"',\[]+(?:[\w.*\[\]${}:-]*:)?(\d{2,5})\b`)
	bindDefault   = manifest.Lazy(`\$\{PORT:?-(\d{2,5})\}`)
	serverAddress = manifest.Lazy(`(?:runserver\w*|run)\s.*?(?:[\d.]+:|\s)(\d{4,5})\b`)
	definePort    = manifest.Lazy(`define\(\s*["']port["']\s*,.*?\b(\d{2,5})\b`)
	serverTuple   = manifest.Lazy(`(?:HTTPServer|make_server|run_simple|WSGIServer|SimpleXMLRPCServer)\(\s*\(?\s*["'][\w.]*["']\s*,\s*(\d{2,5})`)
	quickPort     = manifest.Lazy(`server\.socket_port["']?\s*[:=]\s*(\d{2,5})`)
	portConstant  = manifest.Lazy(`^(?:PORT|SERVER_PORT|HTTP_PORT|LISTEN_PORT|DEFAULT_PORT|port|server_port)\s*=\s*(?:int\s*\(\s*)?(?:os\.(?:environ\.get|getenv)\s*\(\s*["']\w+["']\s*,\s*)?["']?(\d{2,5})["')\s]*$`)
)

// port finds the TCP port that the web process listens on.
func (a *app) port(x command) detect.Value[int] {
	for _, from := range []func(command) detect.Value[int]{a.commandPort, a.configPort, a.containerPort, a.pastePort, a.codePort} {
		if v := from(x); v.Set() {
			return v
		}
	}
	if strings.Contains(x.text, "$PORT") || strings.Contains(x.text, "${PORT") {
		n := defaultPorts[a.framework.V]
		if n == 0 {
			n = 8000
		}
		return detect.Infer(n, "the command listens on $PORT; "+itoa(n)+" is a free choice", x.evidence)
	}
	if h, ok := a.imports("gunicorn.app"); ok {
		return detect.Infer(8000, "the program starts gunicorn itself, which listens there unless told otherwise", h.evidence())
	}
	if n := defaultPorts[a.framework.V]; n > 0 {
		return detect.Infer(n, "the port of "+a.framework.V+"'s own server", firstOf(a.framework.Evidence)...)
	}
	for _, s := range ownPorts {
		if h, ok := a.imports(s.module); ok && a.framework.Set() && strings.Contains(a.framework.Why, " "+strings.TrimSuffix(s.module, ".web")) {
			return detect.Infer(s.port, "the port of its own server", h.evidence())
		}
	}
	return detect.Guess(8000, "nothing states a port; 8000 is the one that Python servers use most")
}

// commandPort is the port that the stated command names.
func (a *app) commandPort(x command) detect.Value[int] {
	if m := bindDefault.FindStringSubmatch(x.text); m != nil {
		return detect.Infer(number(m[1]), "the command listens on $PORT, or on this port when it is not set", x.evidence)
	}
	for _, re := range []*manifest.Pattern{bindOption, serverAddress} {
		if m := re.FindStringSubmatch(x.text); m != nil && number(m[1]) > 0 {
			return detect.Is(number(m[1]), x.evidence)
		}
	}
	return detect.Value[int]{}
}

// configPort is the port in the configuration of gunicorn or uWSGI.
func (a *app) configPort(command) detect.Value[int] {
	if name := a.gunicornConfig(); name != "" {
		for _, h := range a.grep([]string{name}, gunicornBind, 3, "bind") {
			if n := number(h.m[1]); n > 0 {
				return detect.Is(n, h.evidence())
			}
		}
	}
	if a.uwsgi != nil && a.uwsgi.port > 0 {
		return detect.Is(a.uwsgi.port, a.uwsgi.portAt)
	}
	return detect.Value[int]{}
}

// containerPort is the port that the repository's own Dockerfile exposes, or its compose file publishes.
func (a *app) containerPort(command) detect.Value[int] {
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		if d, err := manifest.ParseDockerfile(f.Data); err == nil && len(d.Expose) > 0 && !databasePort(d.Expose[0].Number) {
			return detect.Is(d.Expose[0].Number, f.Evidence(d.Expose[0].Line))
		}
	}
	for _, dir := range a.dirs() {
		for _, name := range []string{"docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "docker-compose.prod.yml"} {
			if !dir.Has(name) {
				continue
			}
			f, err := dir.Read(name)
			if err != nil {
				continue
			}
			services, err := manifest.ParseCompose(f.Data)
			if err != nil {
				continue
			}
			for _, s := range services {
				if s.Build != "" && len(s.Ports) > 0 && a.builtHere(path.Join(path.Dir(f.Path), s.Build)) && !workerCommand.MatchString(s.Command.Value) && !databasePort(s.Ports[0].Number) {
					return detect.Is(s.Ports[0].Number, f.Evidence(s.Ports[0].Line))
				}
			}
		}
	}
	return detect.Value[int]{}
}

func databasePort(n int) bool {
	switch n {
	case 22, 3306, 5432, 6379, 9200, 11211, 27017, 5672, 5555:
		return true
	}
	return false
}

// pastePort is the port of a Paste configuration.
func (a *app) pastePort(command) detect.Value[int] {
	if a.entry.paste == "" {
		return detect.Value[int]{}
	}
	f, err := a.dir.Read(a.entry.paste)
	if err != nil {
		return detect.Value[int]{}
	}
	inside := false
	for n, text := range lines(f) {
		if strings.HasPrefix(text, "[") {
			inside = strings.HasPrefix(text, "[server:") || strings.HasPrefix(text, "[DEFAULT")
		}
		k, v, ok := strings.Cut(text, "=")
		if k = strings.TrimSpace(k); !inside || !ok || k != "port" && k != "listen" && k != "bind" && k != "http_port" {
			continue
		}
		if p := number(v[strings.LastIndexByte(v, ':')+1:]); p > 0 {
			return detect.Is(p, f.Evidence(n))
		}
	}
	return detect.Value[int]{}
}

// codePort is the port that the code itself listens on.
func (a *app) codePort(command) detect.Value[int] {
	if a.framework.V == "django" {
		return detect.Value[int]{}
	}
	files := a.entryFiles()
	if a.entry.script != "" {
		files = append([]string{a.entry.script}, files...)
	}
	for _, p := range []struct {
		re    *manifest.Pattern
		hints []string
		near  []string // one of them stands in the line or the three before it
	}{
		{definePort, []string{"define("}, nil},
		{listenCall, []string{".listen(", ".bind("}, nil},
		{portArgument, []string{"port"}, []string{"run", "serve", "listen", "launch", "Server"}},
		{serverTuple, []string{"Server(", "make_server(", "run_simple("}, nil},
		{quickPort, []string{"socket_port"}, nil},
		{portConstant, []string{"PORT", "port"}, nil},
	} {
		for _, h := range a.grep(files, p.re, 10, p.hints...) {
			if n := number(h.m[1]); n > 0 && (p.re == definePort || !databasePort(n)) && (p.near == nil || a.near(h, p.near)) && !strings.Contains(strings.ToLower(h.text), "redis") && !strings.Contains(strings.ToLower(h.text), "connect") {
				return detect.Is(n, h.evidence())
			}
		}
	}
	return detect.Value[int]{}
}

// near reports whether a word stands in a line or one of the three before it.
func (a *app) near(h hit, words []string) bool {
	all := strings.Split(string(h.file.Data), "\n")
	for i := max(0, h.line-4); i < min(h.line, len(all)); i++ {
		for _, w := range words {
			if strings.Contains(all[i], w+"(") || strings.Contains(all[i], w+" (") {
				return true
			}
		}
	}
	return false
}

func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}
