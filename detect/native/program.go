package native

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// component describes what the unit makes; false: no program and no library of its own.
func (u *unit) component() (detect.Component, bool) {
	ev := u.build.Evidence(u.line)
	main, hasMain := u.main()
	u.findProgram(main)
	c := detect.Component{
		Path: u.dir.Path, Platform: detect.Infer("linux", "it is compiled for Linux", ev), Language: u.language(main),
		Framework: detect.Infer("none", "it stands on the C library", ev), Build: u.buildTool(), Facts: map[string]detect.Value[string]{},
	}
	c.LanguageVersion = u.standard(c.Language.V)
	if !hasMain || u.program == "" {
		if u.system == "make" && u.dir.Path != "." {
			return c, false
		}
		c.Role = detect.Infer(detect.Library, "no source has a main function", ev)
		return c, true
	}
	c.Role = u.role(main)
	c.SystemPackages = u.packages()
	c.Services = u.services(c.SystemPackages)
	if c.Role.V == detect.Web {
		c.Port = u.port()
	}
	c.Env = u.env()
	u.facts(c.Facts)
	if c.Role.V != detect.CLI {
		u.config(c.Facts)
	}
	c.Processes = []detect.Process{u.process(&c)}
	u.trouble(&c)
	return c, true
}

// main is the source with the main function: that of the program, when there are several.
func (u *unit) main() (detect.File, bool) {
	var first detect.File
	for _, f := range u.code {
		if !bytesMain(f.Data) {
			continue
		}
		base := strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
		if base == "main" || base == path.Base(u.dir.Path) {
			return f, true
		}
		if first.Path == "" || strings.HasSuffix(base, "d") && !strings.Contains(first.Path, "main") {
			first = f
		}
	}
	return first, first.Path != ""
}

func bytesMain(data []byte) bool {
	return strings.Contains(string(data), "main") && mainClause.Match(data)
}

func (u *unit) language(main detect.File) detect.Value[string] {
	cpp := 0
	for _, s := range u.sources {
		if path.Ext(s) != ".c" {
			cpp++
		}
	}
	where := u.sources[0]
	if main.Path != "" {
		return language(main.Path, main.Evidence(0), cpp*2 > len(u.sources))
	}
	p, _ := u.dir.Rel(where)
	return language(where, detect.Evidence{File: p}, cpp*2 > len(u.sources))
}

func language(name string, ev detect.Evidence, mostlyCpp bool) detect.Value[string] {
	if path.Ext(name) != ".c" || mostlyCpp {
		return detect.Is("cpp", ev)
	}
	return detect.Is("c", ev)
}

// buildTool is the contract's word for the build: configure makes Makefiles.
func (u *unit) buildTool() detect.Value[string] {
	if u.system == "cmake" {
		return detect.Is("cmake", u.build.Evidence(u.line))
	}
	return detect.Is("make", u.build.Evidence(u.line))
}

var (
	stdFlag  = manifest.Lazy(`-std=(?:gnu|c)(?:\+\+)?(\d\w)\b`)
	stdCMake = manifest.Lazy(`(?i)\b(CMAKE_CXX_STANDARD|CMAKE_C_STANDARD|CXX_STANDARD|C_STANDARD)\s+"?(\d\d)\b`)
	stdMacro = manifest.Lazy(`\bA[CX]_(?:PROG_CC_C|CXX_COMPILE_STDCXX_|CXX_COMPILE_STDCXX\(\[?)(\d\d)`)
)

// standard is the edition of the language that the build asks for: "99", "17".
func (u *unit) standard(lang string) detect.Value[string] {
	for i, text := range strings.Split(string(u.build.Data), "\n") {
		if m := stdCMake.FindStringSubmatch(text); m != nil && strings.Contains(strings.ToUpper(m[1]), "CXX") == (lang == "cpp") {
			return detect.Is(m[2], u.build.Evidence(i+1))
		}
		for _, re := range []*regexp.Regexp{stdFlag.Regexp(), stdMacro.Regexp()} {
			if m := re.FindStringSubmatch(text); m != nil && strings.Trim(m[1], "0123456789") == "" {
				return detect.Is(m[1], u.build.Evidence(i+1))
			}
		}
	}
	return detect.Value[string]{}
}

// findProgram finds the name of the program that the build makes.
func (u *unit) findProgram(main detect.File) {
	switch u.system {
	case "autotools":
		u.autotoolsProgram()
	case "cmake":
		u.cmakeProgram()
	default:
		u.makeProgram(main)
		u.sbin = strings.Contains(string(u.build.Data), "sbin/") || strings.Contains(string(u.build.Data), "(sbindir)")
	}
}

// project is the name in AC_INIT or project(), in small letters.
func (u *unit) project() string {
	if u.system == "cmake" {
		for _, text := range strings.Split(string(u.build.Data), "\n") {
			if m := cmakeName.FindStringSubmatch(text); m != nil {
				return strings.ToLower(m[1])
			}
		}
		return ""
	}
	text := string(u.build.Data)
	i := strings.Index(text, "AC_INIT")
	if i < 0 {
		return ""
	}
	text, _, _ = strings.Cut(text[i:], ",")
	return strings.ToLower(strings.Trim(strings.TrimPrefix(text, "AC_INIT"), "([]) \t\n"))
}

// choose keeps a name among those that a build makes: that of the project, one that ends in d, else the first.
func (u *unit) choose(names []string, evidence []detect.Evidence) {
	best := -1
	project := u.project()
	for i, n := range names {
		if !plainName.MatchString(n) || testName.MatchString(n) {
			continue
		}
		if best < 0 || n == project || n == project+"d" {
			best = i
			if n == project {
				break
			}
		}
	}
	if best >= 0 {
		u.program, u.named = names[best], evidence[best]
	}
}

var (
	plainName = manifest.Lazy(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*$`)
	testName  = manifest.Lazy(`(?i)(?:^|[-_])(?:tests?|testapp|bench(?:mark)?|example|demo|fuzz(?:er)?|unittest|check|sizes|timedrun)(?:$|[-_\d])|test$|tests$|^test`)
)

func (u *unit) autotoolsProgram() {
	var names []string
	var evidence []detect.Evidence
	sbin := map[string]bool{}
	for _, name := range u.others {
		if path.Base(name) != "Makefile.am" {
			continue
		}
		f, ok := u.read(name)
		if !ok {
			continue
		}
		lines := strings.Split(string(f.Data), "\n")
		for i := 0; i < len(lines); i++ {
			m := programList.FindStringSubmatch(lines[i])
			if m == nil {
				continue
			}
			at, rest := i+1, m[2]
			for strings.HasSuffix(strings.TrimSpace(rest), "\\") && i+1 < len(lines) {
				i++
				rest = strings.TrimSuffix(strings.TrimSpace(rest), "\\") + " " + lines[i]
			}
			rest, _, _ = strings.Cut(rest, "#")
			for _, n := range strings.Fields(rest) {
				names, evidence = append(names, n), append(evidence, f.Evidence(at))
				sbin[n] = m[1] == "sbin"
			}
		}
	}
	u.choose(names, evidence)
	u.sbin = sbin[u.program]
	if u.program == "" && plainName.MatchString(u.project()) && len(names) == 0 {
		u.program, u.named = u.project(), u.build.Evidence(u.line)
	}
}

func (u *unit) cmakeProgram() {
	var names []string
	var evidence []detect.Evidence
	project := u.project()
	for _, name := range append([]string{"CMakeLists.txt"}, u.others...) {
		if path.Base(name) != "CMakeLists.txt" || len(names) > 100 {
			continue
		}
		f, ok := u.read(name)
		if !ok {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := executable.FindStringSubmatch(text); m != nil {
				n := m[1]
				for _, v := range []string{"${PROJECT_NAME}", "${CMAKE_PROJECT_NAME}"} {
					n = strings.ReplaceAll(n, v, u.originalProject(project))
				}
				names, evidence = append(names, n), append(evidence, f.Evidence(i+1))
			}
		}
	}
	u.choose(names, evidence)
}

// originalProject is the name in project() as it is written.
func (u *unit) originalProject(fallback string) string {
	for _, text := range strings.Split(string(u.build.Data), "\n") {
		if m := cmakeName.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return fallback
}

var (
	makeVariable = manifest.Lazy(`^(?:export\s+)?(PROG|PROGRAM|PROGS|TARG|TARGET|TARGETS|BIN|BINARY|EXE|EXEC|EXECUTABLE|OUT|OUTPUT|NAME|APP|DAEMON|BINS|APPNAME|BINARIES)\s*[:?]?=\s*([^#\n]+)`)
	makeOutput   = manifest.Lazy(`^\t.*\s-o\s+([\w./-]+)(?:\s|$)`)
	makeRule     = manifest.Lazy(`^([\w./-]+)\s*:\s*[^=]*\.o\b`)
)

// makeProgram reads the Makefile: a variable that names the program, a link line, a rule made of objects.
func (u *unit) makeProgram(main detect.File) {
	lines := strings.Split(string(u.build.Data), "\n")
	keep := func(name string, i int) bool {
		name = strings.TrimPrefix(strings.TrimSpace(name), "./")
		for _, v := range []string{"$(EXEEXT)", "$(EXE)", "${EXE}", "$(EXESUF)"} {
			name = strings.TrimSuffix(name, v)
		}
		if u.program != "" || !plainName.MatchString(path.Base(name)) || !plainBuilt.MatchString(name) || strings.HasSuffix(name, ".o") || strings.HasSuffix(name, ".so") || strings.HasSuffix(name, ".a") || testName.MatchString(path.Base(name)) {
			return false
		}
		u.program, u.named = name, u.build.Evidence(i+1)
		return true
	}
	for i, text := range lines {
		if m := makeVariable.FindStringSubmatch(text); m != nil {
			if f := strings.Fields(m[2]); len(f) > 0 && keep(f[0], i) {
				return
			}
		}
	}
	for _, re := range []*manifest.Pattern{makeRule, makeOutput} {
		for i, text := range lines {
			if m := re.FindStringSubmatch(text); m != nil && m[1] != "all" && keep(m[1], i) {
				return
			}
		}
	}
	if main.Path != "" {
		base := strings.TrimSuffix(path.Base(main.Path), path.Ext(main.Path))
		for i, text := range lines {
			if strings.HasPrefix(text, base+":") && keep(base, i) {
				return
			}
		}
	}
}

var plainBuilt = manifest.Lazy(`^[A-Za-z0-9_./][A-Za-z0-9_./+-]*$`)

var (
	listenCall = manifest.Lazy(`\blisten\s*\(\s*[\w.>\[\]-]+\s*,|\b(?:evhttp_bind_socket|evhttp_new|evconnlistener_new_bind|MHD_start_daemon|mg_start|mg_http_listen|mg_listen|mg_bind|uv_listen|uv_tcp_bind|lws_create_context|bufferevent_socket_new|zmq_bind)\s*\(|\bacceptor\b.*\bendpoint\b|\btcp::acceptor\b|httplib::Server\b|crow::SimpleApp|drogon::app\(\)|HttpConnectionHandler|Pistache::Http|QTcpServer|QHttpServer|grpc::ServerBuilder|ServerSocket\b|oatpp::network::Server|tcp::server::ConnectionProvider`)
	daemonCall = manifest.Lazy(`\bdaemon\s*\(\s*[01]|\bdaemonize\s*\(|\bsetsid\s*\(|\bopenlog\s*\(`)
)

// role says what the program does.
func (u *unit) role(main detect.File) detect.Value[detect.Role] {
	if h := grep(u.code, 1, listenCall.Regexp(), "listen", "evhttp", "MHD_start", "mg_", "uv_", "lws_", "acceptor", "httplib", "crow::", "drogon", "HttpConnectionHandler", "Pistache", "QTcpServer", "QHttpServer", "oatpp::network", "ConnectionProvider", "ServerBuilder", "ServerSocket", "zmq_bind"); len(h) > 0 {
		return detect.Is(detect.Web, h[0].evidence())
	}
	if v, ok := u.portOfXML(); ok {
		return detect.Infer(detect.Web, "its configuration says where it listens", v.Evidence...)
	}
	if h := grep(u.code, 1, daemonCall.Regexp(), "daemon", "setsid", "openlog"); len(h) > 0 {
		return detect.Infer(detect.Worker, "it runs in the background without listening", h[0].evidence())
	}
	return detect.Infer(detect.CLI, "it neither listens nor runs in the background", main.Evidence(0))
}

var (
	configPort = manifest.Lazy(`(?i)^\s*#?\s*(?:server\.)?(port|listen|listen_port|http_port|bind_port|listener|tcp_port)\s*[=: ]\s*"?(?:[\w.*\[\]:]*:)?(\d{2,5})"?\s*;?\s*$`)
	definePort = manifest.Lazy(`#\s*define\s+\w*(?:PORT|Port)\w*\s+\(?"?(\d{2,5})"?\)?\s*(?:/[/*].*)?$`)
	assignPort = manifest.Lazy(`(?i)\b[\w.>-]*port\w*\s*=\s*(?:htons\s*\(\s*)?"?(\d{2,5})"?\s*\)?\s*[;,]`)
	htons      = manifest.Lazy(`htons\s*\(\s*(\d{2,5})\s*\)`)
	callPort   = manifest.Lazy(`(?:MHD_start_daemon\s*\([^,]*,|evhttp_bind_socket\s*\([^,]*,[^,]*,|listen\s*\(\s*"[^"]*"\s*,|\.port\(|endpoint\([^,]*,|\{\s*"[\d.:]*"\s*,)\s*(\d{2,5})`)
)

// port is what a sample of the configuration says, else the sources.
func (u *unit) port() detect.Value[int] {
	if v, ok := u.portOfXML(); ok {
		return v
	}
	var sample detect.Value[int]
	for _, name := range u.others {
		base := path.Base(name)
		if base == "Makefile.am" || base == "CMakeLists.txt" || !strings.Contains(base, ".conf") && !strings.HasSuffix(base, ".cfg") && !strings.HasSuffix(base, ".ini") && !u.ownYAML(base) {
			continue
		}
		f, ok := u.read(name)
		if !ok || len(f.Data) > 256<<10 {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			m := configPort.FindStringSubmatch(text)
			if m == nil {
				continue
			}
			if n, ok := portNumber(m[2]); ok {
				v := detect.Is(n, f.Evidence(i+1))
				if !strings.HasPrefix(strings.TrimSpace(text), "#") {
					return v
				}
				if !sample.Set() {
					sample = detect.Infer(n, "a sample of the configuration names it", f.Evidence(i+1))
				}
			}
		}
	}
	for _, s := range []struct {
		re    *manifest.Pattern
		texts []string
	}{{callPort, []string{"MHD_start", "evhttp_bind", "listen", "port(", "endpoint(", "{\""}}, {definePort, []string{"define"}}, {htons, []string{"htons"}}, {assignPort, []string{"port", "Port", "PORT"}}} {
		for _, h := range grep(append(u.headers(), u.code...), 40, s.re.Regexp(), s.texts...) {
			if n, ok := portNumber(h.match[1]); ok && !strings.Contains(strings.ToLower(h.text), "max") && !strings.Contains(strings.ToLower(h.text), "support") {
				return detect.Is(n, h.evidence())
			}
		}
	}
	return sample
}

// xmlPort matches the port of a configuration in XML, as an element or an attribute.
var xmlPort = manifest.Lazy(`<(?:http-?|listen-?)?port>\s*(\d{2,5})\s*</|<(?:bind|listen|listener|connector|server)\b[^>]*\sport="(\d{2,5})"`)

// portOfXML is the port that the program's configuration in XML names, outside of comments.
func (u *unit) portOfXML() (detect.Value[int], bool) {
	program := path.Base(u.program)
	for _, name := range u.others {
		base := path.Base(name)
		if program == "" || base != program+".xml" && base != program+".xml.in" && base != program+".xml.dist" {
			continue
		}
		f, ok := u.read(name)
		if !ok || len(f.Data) > 256<<10 {
			continue
		}
		comment := false
		for i, text := range strings.Split(string(f.Data), "\n") {
			m := xmlPort.FindStringSubmatch(text)
			inside := comment || strings.Contains(text, "<!--")
			if open, end := strings.LastIndex(text, "<!--"), strings.LastIndex(text, "-->"); open != end {
				comment = open > end
			}
			if m == nil || inside {
				continue
			}
			if n, ok := portNumber(m[1] + m[2]); ok {
				return detect.Is(n, f.Evidence(i+1)), true
			}
		}
	}
	return detect.Value[int]{}, false
}

// ownYAML reports whether a file is the program's configuration in YAML: it is called as the program is.
func (u *unit) ownYAML(base string) bool {
	program := path.Base(u.program)
	return base == program+".yml" || base == program+".yaml"
}

// headers are the header files beside the sources, the first few.
func (u *unit) headers() []detect.File {
	var out []detect.File
	for name := range u.dir.Files() {
		if ext := path.Ext(name); (ext == ".h" || ext == ".hpp") && own(path.Dir(name)) && len(out) < 100 {
			if f, err := u.dir.Read(name); err == nil && len(f.Data) < 200<<10 {
				out = append(out, f)
			}
		}
	}
	return out
}

func portNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 20 && n <= 65535
}

var getenvCall = manifest.Lazy(`\b(?:secure_)?getenv\s*\(\s*"([A-Z][A-Z0-9_]*)"\s*\)`)

// env lists the variables that the sources read.
func (u *unit) env() []detect.EnvVar {
	var out []detect.EnvVar
	at := map[string]int{}
	for _, h := range grep(u.code, 200, getenvCall.Regexp(), "getenv") {
		name := h.match[1]
		if notSetting.MatchString(name) {
			continue
		}
		if i, ok := at[name]; ok {
			if len(out[i].Evidence) < 3 {
				out[i].Evidence = append(out[i].Evidence, h.evidence())
			}
			continue
		}
		at[name] = len(out)
		out = append(out, detect.EnvVar{Name: name, Secret: secretName.MatchString(name), Evidence: []detect.Evidence{h.evidence()}})
	}
	return out
}

var (
	notSetting = manifest.Lazy(`^(?:PATH|HOME|USER|LOGNAME|PWD|SHELL|TERM|TMPDIR|TMP|TEMP|HOSTNAME|EDITOR|VISUAL|PAGER|DISPLAY|COLUMNS|LINES|LANG|LC_\w+|TZ|HTTPS?_PROXY|NO_PROXY|XDG_\w+|NOTIFY_SOCKET|LISTEN_(?:FDS|PID)|WATCHDOG_USEC|APPDATA|USERPROFILE|REQUEST_METHOD|QUERY_STRING|T_\w+|TEST\w*)$`)
	secretName = manifest.Lazy(`(?:PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|_PASS$|(?:^|_)KEY$|APIKEY)`)
)

// facts sets what only the template needs.
func (u *unit) facts(facts map[string]detect.Value[string]) {
	ev := u.build.Evidence(u.line)
	facts["system"] = detect.Is(u.system, ev)
	facts["program"] = detect.Is(path.Base(u.program), u.named)
	if u.sbin {
		facts["sbin"] = detect.Is("true", u.named)
	}
	switch u.system {
	case "autotools":
		if u.dir.Has("configure") {
			p, _ := u.dir.Rel("configure")
			facts["configured"] = detect.Is("true", detect.Evidence{File: p})
		}
		for _, name := range []string{"autogen.sh", "bootstrap", "bootstrap.sh", "buildconf", "autogen"} {
			if f, ok := u.read(name); ok && !strings.Contains(string(f.Data), "git submodule") {
				facts["bootstrap"] = detect.Is(name, f.Evidence(0))
				break
			}
		}
	case "make":
		facts["builtAs"] = detect.Is(u.program, u.named)
		if i := lineOf(u.build, "DESTDIR"); i > 0 && strings.Contains(string(u.build.Data), "\ninstall") {
			facts["install"] = detect.Is("true", u.build.Evidence(i))
		}
	case "cmake":
		for i, text := range strings.Split(string(u.build.Data), "\n") {
			if facts["install"].Set() {
				break
			}
			if strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "install(") {
				facts["install"] = detect.Is("true", u.build.Evidence(i+1))
			}
		}
	}
}

// config adds the sample of the configuration.
func (u *unit) config(facts map[string]detect.Value[string]) {
	file, ev, ok := u.sampleConfig()
	if !ok || !plainBuilt.MatchString(relativeTo(ev.File, u.dir.Path)) {
		return
	}
	facts["configFile"] = detect.Infer(file, "the program reads it, made from the sample", ev)
	facts["configSource"] = detect.Is(strings.TrimSuffix(relativeTo(ev.File, u.dir.Path), ".in"), ev)
}

func relativeTo(file, dir string) string {
	if dir == "." {
		return file
	}
	return strings.TrimPrefix(file, dir+"/")
}

// binary is where the image keeps the program.
func (u *unit) binary() string {
	if u.sbin {
		return "/usr/local/sbin/" + path.Base(u.program)
	}
	return "/usr/local/bin/" + path.Base(u.program)
}

var (
	stayFlag   = manifest.Lazy(`(?i)(?:^|["\s,|\[])(-{1,2}[a-z][a-z-]*)\b[^"\n-]{0,40}?(?:foreground|do(?: not|n't)? (?:not )?(?:fork|daemoni[sz]e|detach|go into background)|no[- ]?daemon|not (?:fork|daemoni[sz]e|detach)|without (?:forking|daemoni[sz]ing|detaching))`)
	configFlag = manifest.Lazy(`(?i)(?:^|["\s,|\[])(-{1,2}[a-z][a-z-]*)\b[^"\n]{0,40}?(?:config(?:uration)?[ _-]?file|<?conf(?:ig)?(?:file)?>?|\.conf\b|alternate config)`)
)

var onlyChecks = manifest.Lazy(`(?i)\b(?:test|check|verify|validate|syntax|dump|print|and exit)(?:s|ing)?\b`)

// process starts the program so that it stays in the foreground, with the configuration that the repository brings.
func (u *unit) process(c *detect.Component) detect.Process {
	name := map[detect.Role]string{detect.Web: "web", detect.Worker: "worker"}[c.Role.V]
	if name == "" {
		name = string(c.Role.V)
	}
	p := detect.Process{Name: name, Command: []string{u.binary()}, From: detect.Inferred, Why: "the program that the build makes", Evidence: []detect.Evidence{u.named}}
	if c.Role.V == detect.CLI {
		return p
	}
	if h := grep(u.code, 1, stayFlag.Regexp(), "oreground", "aemon", "fork", "detach", "ackground"); len(h) > 0 && forks(u.code) {
		p.Command = append(p.Command, h[0].match[1])
		p.Evidence = append(p.Evidence, h[0].evidence())
		p.Why = fmt.Sprintf("%s keeps it in the foreground", h[0].match[1])
	}
	if file, ev, ok := u.sampleConfig(); ok {
		for _, h := range grep(u.code, 10, configFlag.Regexp(), "onfig", "conf", "CONF") {
			if onlyChecks.MatchString(h.text) { // it says whether the file is right, and exits
				continue
			}
			p.Command = append(p.Command, h.match[1], "/etc/"+path.Base(u.program)+"/"+file)
			p.Evidence = append(p.Evidence, ev, h.evidence())
			p.Why += ", and it is told where its configuration lies"
			break
		}
	}
	return p
}

func forks(code []detect.File) bool {
	return len(grep(code, 1, daemonCall.Regexp(), "daemon", "setsid", "openlog")) > 0 || len(grep(code, 1, manifest.Lazy(`\bfork\s*\(\s*\)`).Regexp(), "fork")) > 0
}

// sampleConfig is the sample of the configuration that the build does not install by itself, as the file that the program reads.
func (u *unit) sampleConfig() (string, detect.Evidence, bool) {
	base := path.Base(u.program)
	for _, name := range u.others {
		b := path.Base(name)
		if b != base+".conf" && b != base+".conf.example" && b != base+".conf.sample" && b != base+".conf.in" && b != base+".conf.dist" && b != base+".cfg" && b != base+".ini" && !u.ownYAML(b) {
			continue
		}
		f, ok := u.read(name)
		if !ok {
			continue
		}
		file := b
		for _, end := range []string{".example", ".sample", ".in", ".dist"} {
			file = strings.TrimSuffix(file, end)
		}
		return file, f.Evidence(0), true
	}
	return "", detect.Evidence{}, false
}
