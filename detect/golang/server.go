package golang

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// framework is what a program's web part stands on.
type framework struct {
	name, version detect.Value[string]
}

// frameworks of the contract's vocabulary by the import path of their main package, without a major version at its end.
var frameworks = map[string]string{
	"github.com/gin-gonic/gin": "gin", "gopkg.in/gin-gonic/gin.v1": "gin",
	"github.com/labstack/echo":   "echo",
	"github.com/astaxie/beego":   "beego",
	"github.com/beego/beego":     "beego",
	"github.com/beego/beego/web": "beego", "github.com/beego/beego/server/web": "beego", "github.com/beego/beego/v2/server/web": "beego",
	"gopkg.in/macaron.v1": "macaron", "github.com/Unknwon/macaron": "macaron", "github.com/go-macaron/macaron": "macaron", //nolint:misspell // a name
}

// others are web libraries that the vocabulary does not name: the framework is none, and this is why.
var others = map[string]string{
	"github.com/gorilla/mux": "gorilla/mux", "github.com/go-chi/chi": "chi", "github.com/julienschmidt/httprouter": "httprouter", "github.com/go-martini/martini": "martini",
	"github.com/codegangsta/martini": "martini", "github.com/gofiber/fiber": "fiber", "github.com/kataras/iris": "iris", "github.com/revel/revel": "revel",
	"github.com/valyala/fasthttp": "fasthttp", "goji.io": "goji", "github.com/zenazn/goji": "goji", "github.com/gocraft/web": "gocraft/web", "github.com/urfave/negroni": "negroni",
	"github.com/codegangsta/negroni": "negroni", "github.com/bmizerany/pat": "pat", "github.com/gobuffalo/buffalo": "buffalo", "github.com/flamego/flamego": "flamego",
	"github.com/emicklei/go-restful": "go-restful", "github.com/go-kit/kit/transport/http": "go-kit", "google.golang.org/grpc": "gRPC",
}

// withoutMajor drops the major version at the end of an import path: github.com/labstack/echo/v4.
func withoutMajor(p string) string {
	if base := path.Base(p); major.MatchString(base) {
		return path.Dir(p)
	}
	return p
}

// framework looks at what the program imports, its own packages first.
func (p *project) framework(x *prog) framework {
	for _, f := range x.files {
		for _, i := range f.imports {
			name := frameworks[i.path]
			if name == "" {
				name = frameworks[withoutMajor(i.path)]
			}
			if name == "" {
				continue
			}
			fw := framework{name: detect.Is(name, f.evidence(i))}
			if v, ok := p.version(i.path); ok && v.version != "" {
				fw.version = detect.Value[string]{V: v.version, From: v.from, Evidence: []detect.Evidence{v.evidence}}
			}
			return fw
		}
	}
	why, ev := "it stands on the standard library", x.role.Evidence
	for _, f := range x.files {
		for _, i := range f.imports {
			if name := others[withoutMajor(i.path)]; name != "" {
				return framework{name: detect.Infer("none", name+" is a library beside the program's own server", f.evidence(i))}
			}
		}
	}
	return framework{name: detect.Infer("none", why, ev...)}
}

// version is what manifests say of the module or repository that an import path belongs to.
func (p *project) version(imported string) (locked, bool) {
	for at := imported; at != "." && at != "/"; at = path.Dir(at) {
		if v, ok := p.versions[at]; ok {
			return v, true
		}
	}
	return locked{}, false
}

// listenTexts are found in lines that open a port.
var listenTexts = []string{"ListenAndServe", "http.Serve(", "net.Listen(", "grpc.NewServer(", "fcgi.Serve(", ".Run(", ".RunTLS(", ".Start(", ".StartServer(", ".Listen(",
	"beego.Run", "web.RunWith", "m.Run(", "goji.Serve(", "graceful.", "tls.Listen(", "reuseport.Listen("}

var (
	plainListen = manifest.Lazy(`\b(?:\w*ListenAndServe\w*|http\.Serve|net\.Listen|tls\.Listen|reuseport\.Listen|grpc\.NewServer|fcgi\.Serve|goji\.Serve|graceful\.(?:Run|New))\s*\(`)
	runMethod   = manifest.Lazy(`\b(?:beego|web|iris|gin|echo|macaron|martini|revel|r|router|e|engine|app|server|srv|s|m|api|g|mux|ginEngine|\w*[rR]outer|\w*[eE]ngine|\w*[sS]erver|(?:gin|echo|iris|macaron|martini)\.(?:Default|New|Classic)\(\))\.(?:Run|RunTLS|Start|StartTLS|StartServer|Listen|StartAutoTLS)\s*\(\s*(.*)`)
	address     = manifest.Lazy(`["` + "`" + `]((?:[A-Za-z0-9.\-]*|\[[0-9a-f:]*\])):(\d{2,5})["` + "`" + `]`)
)

// listens reports whether a line of code opens a port.
func listens(text string) bool {
	if m := plainListen.FindString(text); m != "" {
		return !strings.Contains(text, "func ") && !strings.Contains(text, `"unix"`) && !strings.Contains(text, ":0\"") || strings.Contains(text, "func (") && strings.Contains(text, "{ return")
	}
	if strings.Contains(text, "web.RunWith") || strings.Contains(text, "beego.Run") || strings.Contains(text, "web.Run(") {
		return true
	}
	m := runMethod.FindStringSubmatch(text)
	if m == nil || strings.Contains(text, "func ") || strings.Contains(text, "cmd.") || strings.Contains(text, "t.Run(") {
		return false
	}
	arg := strings.TrimSpace(m[1])
	if strings.HasPrefix(arg, "os.Args") || strings.HasPrefix(arg, "ctx") || strings.HasPrefix(arg, "context.") || strings.HasPrefix(arg, "func") {
		return false
	}
	return address.MatchString(text) || listenArg.MatchString(arg) || strings.HasPrefix(arg, ")") && bareRun.MatchString(text)
}

var (
	listenArg = manifest.Lazy(`(?i)(?:addr|port|listen|bind|host|":"\s*\+|fmt\.Sprintf\(":)`)
	bareRun   = manifest.Lazy(`\b(?:r|router|m|g|engine|app|server|e|\w*[rR]outer|\w*[eE]ngine)\.Run\(\)`)
)

// port looks for the place that states it, the most certain first.
func (p *project) port(x *prog, fw framework, reads []envRead) detect.Value[int] {
	var flagged detect.Value[int]
	for _, h := range hits(x.serving(), 400, listenTexts...) {
		if !listens(h.text) {
			continue
		}
		if m := address.FindStringSubmatch(h.text); m != nil {
			if n, ok := portNumber(m[2]); ok {
				return detect.Is(n, h.evidence())
			}
		}
	}
	if v, ok := p.procfilePort(); ok {
		return v
	}
	for _, r := range reads {
		if n, ok := portNumber(strings.TrimPrefix(r.fallback, ":")); ok && portVariable.MatchString(r.name) {
			return detect.Is(n, r.evidence)
		}
	}
	if flagged = p.flagPort(x); flagged.Set() {
		return flagged
	}
	if v, ok := p.configPort(); ok {
		return v
	}
	exposed, ok := p.exposedPort(x, false)
	if ok && !p.sharedImage(x) {
		return exposed
	}
	if v, ok := p.assignedPort(x); ok {
		return v
	}
	if ok {
		return exposed
	}
	return p.defaultPort(fw, reads)
}

// defaultPort is what the framework listens on when nothing is said, or what the variable PORT may say.
func (p *project) defaultPort(fw framework, reads []envRead) detect.Value[int] {
	byDefault := map[string]int{"gin": 8080, "macaron": 4000, "beego": 8080}
	if n := byDefault[fw.name.V]; n > 0 {
		return detect.Infer(n, fw.name.V+" listens there when nothing else is said", fw.name.Evidence...)
	}
	for _, r := range reads {
		if r.name == "PORT" {
			return detect.Infer(8080, "the program reads PORT, and any port will do", r.evidence)
		}
	}
	return detect.Value[int]{}
}

var portVariable = manifest.Lazy(`(?i)(?:^|_)(?:PORT|ADDR|ADDRESS|LISTEN|BIND|HTTP_ADDR|HTTP_PORT)$`)

func portNumber(s string) (int, bool) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		s = s[i+1:]
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && n <= 65535
}

// databasePorts are the ports of services: a default that names one is no port of the program.
var databasePorts = map[int]bool{5432: true, 3306: true, 6379: true, 27017: true, 11211: true, 5672: true, 9042: true, 2181: true, 4222: true, 25: true, 587: true, 465: true, 389: true, 1433: true, 1521: true, 9200: true, 9092: true, 4150: true, 4161: true, 8086: true, 6060: true}

var flagDefault = manifest.Lazy(`(?i)\.(?:String|Int|Uint)\w*\(\s*(?:&[\w.]+,\s*)?"([\w.-]*)"\s*,\s*(?:"[\w-]*"\s*,\s*)?"?([\w.\-\[\]]*:)?(\d{2,5})"?\s*[,)]`)

// flagPort reads the defaults of flags, of viper and of urfave/cli whose name says that they are about the port.
func (p *project) flagPort(x *prog) detect.Value[int] {
	for _, h := range hits(importing(x.files, "flag", "github.com/spf13/", "github.com/ogier/pflag", "github.com/urfave/cli/", "github.com/urfave/cli", "github.com/codegangsta/cli", "gopkg.in/alecthomas/kingpin.v2", "github.com/namsral/flag"), 300, "flag.", "Flags().", ".SetDefault(", "fs.") {
		for _, re := range []string{"flag", "viper"} {
			pattern := flagDefault
			if re == "viper" {
				pattern = viperDefault
			}
			m := pattern.FindStringSubmatch(h.text)
			if m == nil || !portName.MatchString(m[1]) {
				continue
			}
			if n, ok := portNumber(m[len(m)-1]); ok && !databasePorts[n] {
				return detect.Is(n, h.evidence())
			}
		}
	}
	return detect.Value[int]{}
}

var (
	viperDefault = manifest.Lazy(`SetDefault\(\s*"([\w.-]*)"\s*,\s*"?([\w.\-]*:)?(\d{2,5})"?\s*\)`)
	portName     = manifest.Lazy(`(?i)(?:^|[._-])(?:port|addr|address|listen|bind|http|web|api)(?:$|[._-])|(?:^|[._-])(?:http|web|server|api|listen)-?(?:port|addr|address)$|^(?:http|listen|bind|web|server)(?:port|addr|address)$`)
	assignment   = manifest.Lazy(`(?i)\b\w*(?:port|addr|address|listen)\w*\s*(?:string\s*|int\s*)?(?::=|=|:|\|\|)\s*["` + "`" + `]?(?:[\w.]*:)?(\d{2,5})["` + "`" + `]?\s*,?$`)
)

// assignedPort reads constants and fields whose name says that they are about the port.
func (p *project) assignedPort(x *prog) (detect.Value[int], bool) {
	for _, h := range hits(x.files, 600, "Port", "port", "Addr", "addr", "PORT", "ADDR", "Listen", "listen") {
		m := assignment.FindStringSubmatch(h.text)
		if m == nil || strings.Contains(h.text, "://") || strings.Contains(strings.ToLower(h.text), "db") || strings.Contains(strings.ToLower(h.text), "smtp") || strings.Contains(strings.ToLower(h.text), "redis") {
			continue
		}
		if n, ok := portNumber(m[1]); ok && !databasePorts[n] && n >= 80 {
			return detect.Infer(n, "a constant of the program says so", h.evidence()), true
		}
	}
	return detect.Value[int]{}, false
}

// configFiles are the places where Go programs keep their configuration.
var configFiles = []string{"conf/app.ini", "conf/app.conf", "custom/conf/app.ini", "config/app.ini", "config/config.ini", "conf/config.ini", "app.ini", "config.ini",
	"config.yaml", "config.yml", "config.json", "config.toml", "conf/config.yaml", "conf/config.yml", "conf/config.json", "conf/config.toml", "config/config.yaml",
	"config/config.yml", "config/config.json", "config/config.toml", "configs/config.yaml", "configs/config.yml", "config/app.yaml", "config/app.yml", "config/app.toml",
	"config/default.json", "config/default.yaml", "config/default.toml", "config/application.yml", "etc/config.yaml", "etc/config.toml", "conf/server.toml", "config/production.json",
	"app.yaml", "app.toml", "app.json", "conf.json", "conf/conf.json", "settings.json", "settings.yaml", "config.sample.json", "config.example.json", "config.example.yaml",
	"config.example.yml", "config.example.toml", "config.sample.yaml", "config.sample.toml", "config/config.example.yml", "config.yml.example", "config.json.example", "config.toml.example", "config/config.default.json", "config/dev.yaml", "config/prod.yaml"}

// configs are the configuration files that are there.
func (p *project) configs() []detect.File {
	var out []detect.File
	for _, name := range configFiles {
		if !p.dir.Has(name) || len(out) >= 6 {
			continue
		}
		if f, ok := p.read(name); ok && len(f.Data) < 256<<10 {
			out = append(out, f)
		}
	}
	return out
}

var configLine = manifest.Lazy(`(?i)^\s*["']?([\w.-]*)["']?\s*[:=]\s*["'` + "`" + `]?([\w.\-]*:)?(\d{2,5})["'` + "`" + `]?\s*,?\s*(?:[#;].*)?$`)

// configPort reads keys about the port in configuration files: of several listeners the first that is reached from outside.
func (p *project) configPort() (detect.Value[int], bool) {
	var inside detect.Value[int]
	for _, f := range p.configs() {
		section := ""
		for i, text := range strings.Split(string(f.Data), "\n") {
			if trimmed := strings.TrimSpace(text); trimmed != "" && (trimmed[0] == '[' || strings.HasSuffix(trimmed, ":") || strings.HasSuffix(trimmed, "{")) {
				section = strings.ToLower(trimmed)
			}
			m := configLine.FindStringSubmatch(text)
			if m == nil || otherSection.MatchString(section) {
				continue
			}
			key := strings.ToLower(m[1])
			if !configKey.MatchString(key) {
				continue
			}
			if n, ok := portNumber(m[3]); ok && !databasePorts[n] {
				if v := detect.Is(n, f.Evidence(i+1)); !loopback(m[2]) {
					return v, true
				} else if !inside.Set() {
					inside = v
				}
			}
		}
	}
	return inside, inside.Set()
}

// loopback reports whether an address before a port is one that only the machine itself reaches.
func loopback(host string) bool { return host == "localhost:" || strings.HasPrefix(host, "127.") }

var (
	configKey    = manifest.Lazy(`^(?:(?:http|web|server|listen|app|api|service|rest)[._-]?)?(?:port|addr|address|listen)$|^(?:http|listen|bind)$|^(?:listen|bind)[._-]?(?:url|on)$`)
	otherSection = manifest.Lazy(`(?i)data|db|sql|redis|mongo|smtp|mail|cache|queue|ldap|kafka|rabbit|elastic|ssh|metric|debug|pprof`)
)

// exposedPort is what an existing Dockerfile exposes; strict says that it must start this program.
func (p *project) exposedPort(x *prog, strict bool) (detect.Value[int], bool) {
	for pass := range 2 {
		for _, d := range p.docker {
			if len(d.Expose) == 0 || (pass == 0 || strict) && !d.starts(x.binary) {
				continue
			}
			best := d.Expose[0]
			for _, e := range d.Expose {
				if webPort(e.Number) && !webPort(best.Number) {
					best = e
				}
			}
			return detect.Infer(best.Number, "the existing Dockerfile exposes it", d.file.Evidence(best.Line)), true
		}
	}
	return detect.Value[int]{}, false
}

// sharedImage reports whether the existing Dockerfile makes one image of several programs: its ports are not all this one's.
func (p *project) sharedImage(x *prog) bool {
	for _, d := range p.docker {
		if d.starts(x.binary) || len(d.Expose) > 0 && len(d.Expose) < 3 {
			return false
		}
	}
	return true
}

// webPort reports whether HTTP servers are usually found on a port.
func webPort(n int) bool {
	return n == 80 || n == 443 || n >= 3000 && n < 3100 || n == 4000 || n >= 5000 && n < 5100 || n >= 8000 && n < 9100
}

// starts reports whether a Dockerfile's command is a program.
func (d dockerFile) starts(binary string) bool {
	for _, c := range []manifest.Command{d.Entrypoint, d.Cmd} {
		for _, w := range strings.Fields(strings.Join(c.Args, " ")) {
			if path.Base(w) == binary {
				return true
			}
		}
	}
	return false
}

// procfilePort is the port that the Procfile's web process is given, when it is a number.
func (p *project) procfilePort() (detect.Value[int], bool) {
	for _, x := range p.procfile {
		if x.Name != "web" {
			continue
		}
		if m := procPort.FindStringSubmatch(x.Command); m != nil {
			if n, ok := portNumber(m[1]); ok {
				return detect.Is(n, p.procFile.Evidence(x.Line)), true
			}
		}
	}
	return detect.Value[int]{}, false
}

var procPort = manifest.Lazy(`(?:-p|--?port|--?addr|--?listen|--?http)[= ]["']?:?(\d{2,5})\b`)

var healthRoute = manifest.Lazy(`["` + "`" + `](/(?:api/)?(?:-/)?(?:_?health(?:z|check|_check)?|_?status|ping|alive|livez?|readyz?|_ah/health))["` + "`" + `]`)

// healthPath is a route that answers for the sake of being asked.
func (p *project) healthPath(x *prog) detect.Value[string] {
	for _, h := range hits(x.serving(), 100, "/health", "/_health", "/status", "/ping", "/-/health", "/alive", "/live", "/ready") {
		m := healthRoute.FindStringSubmatch(h.text)
		if m == nil || !routeCall.MatchString(h.text) {
			continue
		}
		return detect.Is(m[1], h.evidence())
	}
	return detect.Value[string]{}
}

var routeCall = manifest.Lazy(`(?:HandleFunc|Handle|GET|Get|Path|Any|Router|Methods|Match|HandlerFunc|Handler|Route)\(`)

// processes are the ways to start the image: the program with the words that make it serve, and the migrations.
func (p *project) processes(x *prog, all []*prog) []detect.Process {
	name := "web"
	switch x.role.V {
	case detect.Web:
	case detect.Worker:
		name = "worker"
	default:
		name = string(x.role.V)
	}
	web := detect.Process{Name: name, Command: []string{"/app/" + x.binary}, From: detect.Inferred, Why: "the program that is built", Evidence: x.role.Evidence}
	if args, ev, why, ok := p.arguments(x); ok {
		web.Command = append(web.Command, args...)
		web.Evidence, web.Why = []detect.Evidence{ev}, why
	}
	out := []detect.Process{web}
	if m := migration(all, x); m != nil {
		out = append(out, detect.Process{Name: "release", Command: []string{"/app/" + m.binary}, From: detect.Inferred,
			Why: "a program of its own brings the database up to date", Evidence: m.role.Evidence})
	}
	return out
}

// arguments are the words after the program's name: as the Procfile or an existing Dockerfile starts it, else a command of
// its own that serves.
func (p *project) arguments(x *prog) (args []string, ev detect.Evidence, why string, ok bool) {
	for _, proc := range p.procfile {
		words := manifest.Exec(proc.Command, func(name string) (string, bool) { return "", false })
		if len(words) > 0 && path.Base(words[0]) == x.binary {
			return words[1:], p.procFile.Evidence(proc.Line), "the Procfile starts it so", true
		}
	}
	for _, d := range p.docker {
		words, line := d.command()
		if len(words) > 0 && path.Base(words[0]) == x.binary && !foreignArgs(words[1:]) {
			return words[1:], d.file.Evidence(line), "the existing Dockerfile starts it so", true
		}
	}
	if x.role.V != detect.Web {
		return nil, ev, "", false
	}
	return p.subcommand(x)
}

// command are the words that a Dockerfile's container runs.
func (d dockerFile) command() ([]string, int) {
	words, line := append([]string{}, d.Entrypoint.Args...), d.Entrypoint.Line
	if d.Entrypoint.Shell && len(words) == 1 {
		return strings.Fields(words[0]), line
	}
	if d.Cmd.Shell && len(d.Cmd.Args) == 1 {
		return append(words, strings.Fields(d.Cmd.Args[0])...), max(line, d.Cmd.Line)
	}
	if line == 0 {
		line = d.Cmd.Line
	}
	return append(words, d.Cmd.Args...), line
}

// foreignArgs reports whether arguments name paths or variables that only that image has.
func foreignArgs(args []string) bool {
	for _, a := range args {
		if strings.ContainsAny(a, "$;|&<>`") || strings.Contains(a, "=/") || strings.HasPrefix(a, "/") {
			return true
		}
	}
	return false
}

// servingNames are the commands that start a server, the most telling first.
var servingNames = []string{"web", "serve", "server", "start", "daemon", "api", "http", "run"}

var commandName = manifest.Lazy(`\b(?:Name|Use):\s*"([a-z]+)(?:\s[^"]*)?"`)

// subcommand finds the command that serves among those that cobra and urfave/cli know.
func (p *project) subcommand(x *prog) (args []string, ev detect.Evidence, why string, ok bool) {
	if !imports(x.files, "github.com/spf13/cobra", "github.com/urfave/cli", "github.com/codegangsta/cli", "gopkg.in/urfave/cli.v1", "gopkg.in/urfave/cli.v2", "github.com/mitchellh/cli") {
		return nil, ev, "", false
	}
	found := map[string]detect.Evidence{}
	for _, h := range hits(x.files, 300, "Name:", "Use:") {
		if m := commandName.FindStringSubmatch(h.text); m != nil && found[m[1]].File == "" && !strings.Contains(h.text, "Flag") {
			found[m[1]] = h.evidence()
		}
	}
	for _, name := range servingNames {
		if at, have := found[name]; have && name != x.binary {
			return []string{name}, at, fmt.Sprintf("the command %s starts the server", name), true
		}
	}
	return nil, ev, "", false
}

// imports reports whether files import any of some packages, whatever their major version.
func imports(files []*goFile, paths ...string) bool {
	for _, f := range files {
		for _, i := range f.imports {
			for _, want := range paths {
				if i.path == want || withoutMajor(i.path) == want {
					return true
				}
			}
		}
	}
	return false
}
