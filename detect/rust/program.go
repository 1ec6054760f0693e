package rust

import (
	"path"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// servers are crates that a web program stands on, with the port that they listen on by default; 0: none.
var servers = []struct {
	crate string
	port  int
}{{"rocket", 8000}, {"actix-web", 0}, {"axum", 0}, {"warp", 0}, {"tide", 0}, {"salvo", 0}, {"poem", 0}, {"gotham", 0}, {"iron", 0}, {"nickel", 0}, {"rouille", 0}, {"tiny_http", 0},
	{"ntex", 0}, {"thruster", 0}, {"tonic", 0}, {"jsonrpc-http-server", 0}, {"loco-rs", 5150}, {"hyper", 0}, {"trillium", 0}, {"viz", 0}, {"conduit-hyper", 0}, {"civet", 0}, {"conduit", 0}, {"pencil", 0}, {"sapper", 0}, {"actix", 0}}

// bin is a program of the package.
type bin struct {
	name string
	file string
	ev   detect.Evidence
}

// bins are the programs that Cargo makes of the package: those of [[bin]], src/main.rs, and what lies in src/bin.
func (p *project) bins() []bin {
	var out []bin
	have := map[string]bool{}
	add := func(name, file string, ev detect.Evidence) {
		if name != "" && plainName.MatchString(name) && !have[name] && len(out) < 30 {
			have[name] = true
			out = append(out, bin{name, file, ev})
		}
	}
	for n := range p.cargo.Len("bin") {
		at := strconv.Itoa(n)
		name, line, _ := p.cargo.Get("bin", at, "name")
		file, _, _ := p.cargo.Get("bin", at, "path")
		add(name, file, p.file.Evidence(line))
	}
	if p.dir.Has("src/main.rs") {
		taken := false
		for _, b := range out {
			taken = taken || path.Clean(b.file) == "src/main.rs" || b.file == "" && b.name == p.name()
		}
		if !taken {
			q, _ := p.dir.Rel("src/main.rs")
			add(p.name(), "src/main.rs", detect.Evidence{File: q})
		}
	}
	for _, f := range p.code {
		rel := relative(f.Path, p.dir.Path)
		if rest, ok := strings.CutPrefix(rel, "src/bin/"); ok {
			name := strings.TrimSuffix(rest, ".rs")
			if d, ok := strings.CutSuffix(name, "/main"); ok {
				name = d
			}
			if !strings.Contains(name, "/") {
				add(name, rel, f.Evidence(0))
			}
		}
	}
	return out
}

var plainName = manifest.Lazy(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*$`)

// name is the package's.
func (p *project) name() string {
	if v, _, ok := p.cargo.Get("package", "name"); ok {
		return v
	}
	v, _, _ := p.cargo.Get("project", "name")
	return v
}

var helperName = manifest.Lazy(`(?i)(?:^|[-_])(?:cli|client|ctl|tool|tools|util|utils|gen|generate|codegen|migrate|migration|migrations|seed|bench|test|tests|example|xtask|build|fuzz)(?:$|[-_])`)

// components describe the package's programs: the server, and what works beside it.
func (p *project) components() []detect.Component {
	bins := p.bins()
	if len(bins) == 0 {
		if p.root == p.dir.Path {
			return []detect.Component{p.base(detect.Infer(detect.Library, "it has no program", p.file.Evidence(0)))}
		}
		return nil
	}
	main := p.primary(bins)
	if helperName.MatchString(main.name) && p.root != p.dir.Path {
		return nil
	}
	role := p.role(main)
	if _, ev, ok := p.procfileWeb(bins); ok && role.V != detect.Web {
		role = detect.Is(detect.Web, ev)
	}
	c := p.base(role)
	c.Services = p.services()
	c.SystemPackages = p.systemPackages()
	if role.V == detect.Web {
		c.Port = p.port()
		c.AppServer = detect.Infer("none", "Rust programs bring their own server", role.Evidence...)
		c.HealthPath = p.healthPath()
	}
	c.Env = p.env(&c)
	p.setRoles(&c)
	p.start(&c, main, bins)
	p.facts(&c, main, bins)
	p.trouble(&c)
	if p.root != p.dir.Path {
		c.Root = p.root
	}
	return append([]detect.Component{c}, p.workers(&c, main, bins)...)
}

// workers are the Procfile's other processes that run programs of the package: they go on beside the server, in the same image.
func (p *project) workers(web *detect.Component, main bin, bins []bin) []detect.Component {
	f, ok := p.read("Procfile")
	if !ok || web.Role.V != detect.Web {
		return nil
	}
	var out []detect.Component
	procs, _ := manifest.ParseProcfile(f.Data) // start warns of what cannot be read
	for _, x := range procs {
		words := manifest.Exec(x.Command, func(string) (string, bool) { return "", false })
		if x.Name == "web" || x.Name == "release" || len(words) == 0 || words[0] == "sh" {
			continue
		}
		for _, b := range bins {
			if path.Base(words[0]) != b.name || b.name == main.name || migration.MatchString(b.name) || helperName.MatchString(b.name) {
				continue
			}
			ev := f.Evidence(x.Line)
			c := p.base(detect.Is(detect.Worker, ev))
			c.Services, c.SystemPackages, c.Env, c.Root = web.Services, web.SystemPackages, web.Env, web.Root
			c.Facts["binary"] = detect.Is(b.name, ev)
			c.Processes = []detect.Process{{Name: "worker", Command: append([]string{"/app/" + b.name}, words[1:]...), From: detect.Declared, Evidence: []detect.Evidence{ev}}}
			out = append(out, c)
			web.Facts["binaries"] = detect.Infer(web.Facts["binaries"].V+" "+b.name, "what runs", append(web.Facts["binaries"].Evidence, ev)...)
			break
		}
	}
	for _, c := range out { // one image holds all
		for k, v := range web.Facts {
			if k != "binary" {
				c.Facts[k] = v
			}
		}
	}
	return out
}

// primary is the program that is started: the Procfile's web process, default-run, the package's own name, a server's name, else the first.
func (p *project) primary(bins []bin) bin {
	if b, _, ok := p.procfileWeb(bins); ok {
		return b
	}
	if v, _, ok := p.cargo.Get("package", "default-run"); ok {
		for _, b := range bins {
			if b.name == v {
				return b
			}
		}
	}
	best := bins[0]
	for _, b := range bins {
		switch {
		case b.name == p.name():
			return b
		case strings.Contains(b.name, "server") || b.name == "web" || b.name == "api":
			best = b
		}
	}
	return best
}

// procfileWeb is the program that the Procfile's web process starts, perhaps behind another one: bin/start-nginx ./target/release/server.
func (p *project) procfileWeb(bins []bin) (bin, detect.Evidence, bool) {
	f, ok := p.read("Procfile")
	if !ok {
		return bin{}, detect.Evidence{}, false
	}
	procs, _ := manifest.ParseProcfile(f.Data) // start warns of what cannot be read
	for _, x := range procs {
		if x.Name != "web" {
			continue
		}
		words := strings.Fields(x.Command)
		for _, word := range slices.Backward(words) { // the last: migrations go before it
			for _, b := range bins {
				if word == b.name || strings.HasSuffix(word, "target/release/"+b.name) || strings.HasSuffix(word, "target/debug/"+b.name) {
					return b, f.Evidence(x.Line), true
				}
			}
		}
	}
	return bin{}, detect.Evidence{}, false
}

// base is what all programs of the package have in common.
func (p *project) base(role detect.Value[detect.Role]) detect.Component {
	ev := p.file.Evidence(p.line())
	c := detect.Component{Path: p.dir.Path, Role: role, Platform: detect.Infer("linux", "Cargo builds for Linux", ev), Language: detect.Is("rust", ev),
		Build: detect.Is("cargo", p.file.Evidence(0)), Framework: p.framework(ev), LanguageVersion: p.languageVersion(), Facts: map[string]detect.Value[string]{}}
	return c
}

func (p *project) line() int {
	if l := p.cargo.Line("package", "name"); l > 0 {
		return l
	}
	return p.cargo.Line("project", "name")
}

// framework is none in the contract's words, whatever crate serves.
func (p *project) framework(ev detect.Evidence) detect.Value[string] {
	for _, s := range servers {
		if _, at, ok := p.has(s.crate); ok {
			return detect.Infer("none", s.crate+" is a crate beside the program's own server", at)
		}
	}
	return detect.Infer("none", "it stands on the standard library", ev)
}

var (
	serveCall = manifest.Lazy(`\bHttpServer::new\b|axum::serve\b|\baxum::Server\b|\bServer::(?:bind|builder|http)\b|\bwarp::serve\b|\brocket::(?:build|ignite|launch|custom)\b|#\[(?:rocket::)?(?:launch|main)\]|\bTcpListener::bind\b|\btide::(?:new|with_state)\b|\bIron::new\b|\bNickel::new\b|\bgotham::start\b|\brouille::start_server\b|\btiny_http::Server\b|\bServer::new\(|\bHttpServer::bind\b|\.launch\(\)|TcpAcceptor|hyper::server|\.listen\(`)
)

// role says what the program does.
func (p *project) role(main bin) detect.Value[detect.Role] {
	for _, s := range servers {
		d, ev, ok := p.has(s.crate)
		if !ok || d.optional {
			continue
		}
		if h, found := p.grep(serveCall.Regexp(), "HttpServer", "serve", "Server", "rocket", "TcpListener", "tide", "Iron", "Nickel", "gotham", "rouille", "tiny_http", "launch", "listen"); found {
			return detect.Is(detect.Web, ev, h.evidence())
		}
		if s.crate != "hyper" && s.crate != "tonic" && s.crate != "actix" {
			return detect.Infer(detect.Web, s.crate+" serves HTTP", ev)
		}
	}
	if h, ok := p.grep(serveCall.Regexp(), "TcpListener::bind"); ok {
		return detect.Is(detect.Web, h.evidence())
	}
	if _, _, lambda := p.has("lambda_runtime"); lambda {
		_, ev, _ := p.has("lambda_runtime")
		return detect.Is(detect.Function, ev)
	}
	for _, name := range []string{"lapin", "rdkafka", "amqprs", "tokio-cron-scheduler", "apalis", "sidekiq"} {
		if _, ev, ok := p.has(name); ok {
			return detect.Infer(detect.Worker, "it waits for work by "+name, ev)
		}
	}
	return detect.Infer(detect.CLI, "it neither listens nor waits for work", main.ev)
}

// hit is a line of source that a pattern matches.
type hit struct {
	file  detect.File
	line  int
	text  string
	match []string
}

func (h hit) evidence() detect.Evidence { return h.file.Evidence(h.line) }

// grep returns the first line of the sources that holds one of some texts and matches a pattern.
func (p *project) grep(re *regexp.Regexp, texts ...string) (hit, bool) {
	all := p.all(1, re, texts...)
	if len(all) == 0 {
		return hit{}, false
	}
	return all[0], true
}

// all returns the lines of the sources that hold one of some texts and match a pattern, without comments.
func (p *project) all(max int, re *regexp.Regexp, texts ...string) []hit {
	var out []hit
	for _, f := range p.code {
		for line, raw := range manifest.LinesWith(f.Data, texts) {
			if len(raw) > 2000 {
				continue
			}
			text := strings.TrimSpace(string(raw))
			if strings.HasPrefix(text, "//") {
				continue
			}
			if m := re.FindStringSubmatch(text); m != nil {
				if out = append(out, hit{f, line, text, m}); len(out) >= max {
					return out
				}
			}
		}
	}
	return out
}

var (
	bindPort  = manifest.Lazy(`(?:bind|serve|run|start|start_server|http|listen|from|SocketAddr\w*::new|addr)\w*\s*\(?.{0,40}?"?(?:\d+\.\d+\.\d+\.\d+|localhost|\[::\d?\]):(\d{2,5})`)
	tuplePort = manifest.Lazy(`\(\s*(?:\[\s*\d+\s*,\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\]|"[\d.]+"|Ipv4Addr::\w+(?:\([^)]*\))?)\s*,\s*(\d{2,5})\s*\)`)
	namedPort = manifest.Lazy(`(?:\b|_)(?:port|PORT)\s*(?::\s*u(?:16|size|32)\s*)?(?:=|:|,|=>)\s*"?(\d{2,5})\b|"(?:[A-Z_]*_)?PORT"\s*[^;]{0,60}?"?(\d{2,5})\b`)
	fallback  = manifest.Lazy(`(?:unwrap_or(?:_else)?\(\s*(?:\|_\|\s*)?"?|default_value(?:_t)?\s*=?\s*\(?\s*"?)(\d{2,5})`)
	tomlPort  = manifest.Lazy(`(?i)^\s*(?:http_)?port\s*[=:]\s*"?(\d{2,5})"?`)
)

// port is what the sources or the configuration state, else what the server's crate takes by default.
func (p *project) port() detect.Value[int] {
	for _, name := range []string{"Rocket.toml", p.up() + "Rocket.toml"} {
		if f, ok := p.read(name); ok {
			if n, line, ok := rocketPort(f); ok {
				return detect.Is(n, f.Evidence(line))
			}
		}
	}
	for _, s := range []struct {
		re    *manifest.Pattern
		texts []string
	}{{bindPort, []string{":"}}, {tuplePort, []string{"("}}, {fallback, []string{"unwrap_or", "default_value"}}, {namedPort, []string{"port", "PORT", "Port"}}} {
		for _, h := range p.all(20, s.re.Regexp(), s.texts...) {
			if strings.Contains(h.text, "://") || strings.Contains(h.text, "assert") || s.re == fallback && otherSetting(h) {
				continue
			}
			for _, m := range h.match[1:] {
				if n, err := strconv.Atoi(m); err == nil && n >= 80 && n <= 65535 && !databasePorts[n] && (portish(h.text) || n >= 1000) {
					return detect.Is(n, h.evidence())
				}
			}
		}
	}
	for _, name := range []string{"config/default.toml", "config/default.yaml", "config/base.yaml", "configuration/base.yaml", "config.toml", "config/development.toml", "config/config.toml", "settings.toml", "config/development.yaml", ".env.example", ".env.sample"} {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := tomlPort.FindStringSubmatch(text); m != nil {
				if n, err := strconv.Atoi(m[1]); err == nil && n <= 65535 && !databasePorts[n] {
					return detect.Is(n, f.Evidence(i+1))
				}
			}
		}
	}
	for _, d := range p.docker {
		if len(d.Expose) > 0 {
			return detect.Infer(d.Expose[0].Number, "the existing Dockerfile exposes it", d.file.Evidence(d.Expose[0].Line))
		}
	}
	for _, s := range servers {
		if _, ev, ok := p.has(s.crate); ok && s.port > 0 {
			return detect.Infer(s.port, s.crate+" listens there when nothing else is said", ev)
		}
	}
	return detect.Value[int]{}
}

var readVariable = manifest.Lazy(`\bvar(?:_os)?\(\s*"([A-Za-z_]\w*)"`)

// otherSetting reports whether a fallback belongs to a variable that is not about the port: the one read on the line, else on
// the lines above it, which the call is chained to.
func otherSetting(h hit) bool {
	lines := strings.Split(string(h.file.Data), "\n")
	for n := h.line; n > 0 && n > h.line-4; n-- {
		text := lines[n-1]
		if m := readVariable.FindStringSubmatch(text); m != nil {
			name := strings.ToUpper(m[1])
			return !strings.Contains(name, "PORT") && !strings.Contains(name, "ADDR") && !strings.Contains(name, "LISTEN") && !strings.Contains(name, "BIND")
		}
		if n < h.line && strings.HasSuffix(strings.TrimSpace(text), ";") {
			return false
		}
	}
	return false
}

func portish(text string) bool {
	t := strings.ToLower(text)
	return strings.Contains(t, "port") || strings.Contains(t, "bind") || strings.Contains(t, "addr") || strings.Contains(t, "listen") || strings.Contains(t, "serve") || strings.Contains(t, "run(")
}

// rocketPort is the port of Rocket.toml: of production, else of all.
func rocketPort(f detect.File) (port, line int, ok bool) {
	section, best := "", -1
	order := map[string]int{"release": 4, "production": 3, "prod": 3, "default": 2, "global": 2, "staging": 1, "development": 0, "debug": 0}
	for i, text := range strings.Split(string(f.Data), "\n") {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "[") {
			section = strings.Trim(text, "[] ")
			continue
		}
		m := tomlPort.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 && n <= 65535 && order[section] > best {
			port, line, ok, best = n, i+1, true, order[section]
		}
	}
	return port, line, ok
}

var databasePorts = map[int]bool{5432: true, 3306: true, 6379: true, 27017: true, 5672: true, 9092: true, 9200: true, 25: true, 587: true, 465: true, 1433: true}

var healthRoute = manifest.Lazy(`"(/(?:api/)?(?:_?health(?:z|check|_check|-check)?|_?status|ping|alive|livez?|readyz?))"`)

func (p *project) healthPath() detect.Value[string] {
	if h, ok := p.grep(healthRoute.Regexp(), "/health", "/_health", "/status", "/ping", "/alive", "/live", "/ready"); ok && !strings.Contains(h.text, "test") {
		return detect.Is(h.match[1], h.evidence())
	}
	return detect.Value[string]{}
}

// start makes the processes: the program with the words that the Procfile or an existing Dockerfile gives it.
func (p *project) start(c *detect.Component, main bin, bins []bin) {
	name := map[detect.Role]string{detect.Web: "web", detect.Worker: "worker"}[c.Role.V]
	if name == "" {
		name = string(c.Role.V)
	}
	proc := detect.Process{Name: name, Command: []string{"/app/" + main.name}, From: detect.Inferred, Why: "the program that Cargo makes", Evidence: []detect.Evidence{main.ev}}
	if f, ok := p.read("Procfile"); ok {
		procs, err := manifest.ParseProcfile(f.Data)
		if err != nil {
			p.warn(f, err)
		}
		for _, x := range procs {
			words := manifest.Exec(x.Command, func(string) (string, bool) { return "", false })
			if len(words) > 1 && path.Base(words[0]) == main.name {
				proc.Command, proc.Evidence, proc.Why = append(proc.Command, words[1:]...), []detect.Evidence{f.Evidence(x.Line)}, "the Procfile starts it so"
				break
			}
		}
	}
	c.Processes = append(c.Processes, proc)
	for _, b := range bins {
		if b.name != main.name && migration.MatchString(b.name) {
			c.Processes = append(c.Processes, detect.Process{Name: "release", Command: []string{"/app/" + b.name}, From: detect.Inferred, Why: "a program of its own brings the database up to date", Evidence: []detect.Evidence{b.ev}})
			break
		}
	}
}

var migration = manifest.Lazy(`^(?:(?:db|schema)[-_]?)?migrat(?:e|or|ion|ions)$`)

// facts sets what only the template needs.
func (p *project) facts(c *detect.Component, main bin, bins []bin) {
	facts := c.Facts
	ev := p.file.Evidence(p.line())
	facts["package"] = detect.Is(p.name(), ev)
	facts["binary"] = detect.Infer(main.name, "the program that is started", main.ev)
	names := []string{main.name}
	for _, b := range bins {
		if b.name != main.name && migration.MatchString(b.name) {
			names = append(names, b.name)
		}
	}
	facts["binaries"] = detect.Infer(strings.Join(names, " "), "what runs", main.ev)
	if p.root != p.dir.Path {
		facts["crateDir"] = detect.Infer(relative(p.dir.Path, p.root), "it is a member of the workspace", p.spaceF.Evidence(0))
	}
	if p.lockF.Path != "" {
		facts["lockfile"] = detect.Is("Cargo.lock", p.lockF.Evidence(0))
		if v := p.lock["\x00version"]; v.version == "4" {
			facts["minimum"] = detect.Infer("1.78", "the lock file is written in a form that older Cargos do not read", p.lockF.Evidence(v.line))
		}
		for _, x := range ceilings {
			if l, ok := p.lock[x.crate]; ok && strings.HasPrefix(l.version, x.line) && compare(l.version, x.before) < 0 {
				facts["newest"] = detect.Infer(x.rust, x.crate+" before "+x.before+" does not compile with a newer Rust", p.lockF.Evidence(l.line))
				break
			}
		}
	}
	if p.feature.Set() && plainName.MatchString(p.feature.V) {
		facts["features"] = p.feature
	}
	if v, ok := p.runtimeFiles(); ok {
		facts["runtimeFiles"] = v
	}
}

// runtimeFiles are the directories and files at the top that the sources name in quotes, unless they are compiled in.
func (p *project) runtimeFiles() (detect.Value[string], bool) {
	tops := map[string]bool{}
	for name := range p.dir.Files() {
		first, _, below := strings.Cut(name, "/")
		switch {
		case !below && name != "Rocket.toml":
			continue
		case first == "src" || first == "migrations" || first == "tests" || first == "benches" || first == "target" || !detect.Ours(first) || !plainName.MatchString(first):
			continue
		}
		tops[first] = true
	}
	names := make([]string, 0, len(tops))
	for n := range tops {
		names = append(names, n)
	}
	sort.Strings(names)
	var out []string
	var evidence []detect.Evidence
	for _, top := range names {
		if top == "Rocket.toml" {
			q, _ := p.dir.Rel(top)
			out, evidence = append(out, top), append(evidence, detect.Evidence{File: q})
			continue
		}
		for _, h := range p.all(10, regexp.MustCompile(regexp.QuoteMeta(`"`)+`(?:\./)?`+regexp.QuoteMeta(top)+`(?:/[^"]*)?"`), `"`+top, `"./`+top) {
			if strings.Contains(h.text, "include_") || strings.Contains(h.text, "embed_") || strings.Contains(h.text, "folder =") || strings.Contains(h.text, "template(path") {
				continue
			}
			out, evidence = append(out, top), append(evidence, h.evidence())
			break
		}
		if (top == "templates" && (p.uses("tera") || p.uses("rocket_dyn_templates") || p.uses("rocket_contrib") || p.uses("handlebars"))) && !contains(out, top) {
			out, evidence = append(out, top), append(evidence, p.file.Evidence(0))
		}
	}
	if len(out) == 0 || len(out) > 20 {
		return detect.Value[string]{}, false
	}
	return detect.Infer(strings.Join(out, " "), "the sources name them", evidence[:min(len(evidence), 6)]...), true
}

func (p *project) uses(crate string) bool { _, ok := p.deps[crate]; return ok }

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
