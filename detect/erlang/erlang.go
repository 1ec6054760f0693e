// Package erlang recognises Erlang applications that are made into releases: by rebar 2 and 3, relx and erlang.mk. It
// reads manifests, settings and code; nothing is ever run.
package erlang

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Detector recognises Erlang.
type Detector struct{}

// Name is "erlang".
func (Detector) Name() string { return "erlang" }

// Markers are the files whose directory may hold an Erlang application.
func (Detector) Markers() []string { return []string{"rebar.config", "erlang.mk", "relx.config"} }

// Detect says what the directory holds: a web process or a worker that is made into a release, or that a script starts. An application that
// nothing starts is a library, or a part of one.
//
// Facts: tool (rebar3, rebar, erlang.mk), release (its name), profile ("prod": the profile that makes it), deps ("true": packages are fetched),
// lockfile (rebar.lock), manifests (files that the installation of packages reads).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	if part(dir) {
		return nil, nil
	}
	a, ok := open(dir)
	if !ok || a.elixir() {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if a.framework() {
		return nil, nil
	}
	entry := a.relFile.Evidence(max(a.project.relLine, 1))
	if a.project.release == "" {
		if entry, ok = a.started(); !ok {
			return nil, nil
		}
	}
	a.findEnv()
	return []detect.Component{a.component(entry)}, nil
}

// part reports whether a directory is an application below a project, which is told as a whole.
func part(dir detect.Dir) bool {
	for _, up := range []string{"..", "../.."} {
		d, ok := dir.Sub(up)
		if !ok || dir.Path == "." || d.Path == dir.Path {
			return false
		}
		if d.Has("rebar.config") || d.Has("erlang.mk") {
			return true
		}
		if d.Path == "." {
			return false
		}
	}
	return false
}

// elixir reports whether the project is one of Mix that only uses rebar for a part.
func (a *app) elixir() bool {
	if !a.dir.Has("mix.exs") {
		return false
	}
	ex := 0
	for name := range a.dir.Files() {
		if path.Ext(name) == ".ex" && !notOwn(name) {
			ex++
		}
	}
	return ex > len(a.sources)
}

// framework reports whether the directory is a well-known build tool or framework itself, whose release is only an example.
func (a *app) framework() bool {
	for _, x := range a.apps {
		switch x.name {
		case "rebar", "relx", "boss", "cowboy", "ranch", "webmachine", "mochiweb":
			return true
		}
	}
	return false
}

var startsErl = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\berl\b.*\s-(?:s|run)\s+\w|^\s*exec\s+\S*erl\s`)
})

// started finds the script that starts an application without a release, when the project holds one that can be started.
func (a *app) started() (detect.Evidence, bool) {
	if !slices.ContainsFunc(a.apps, func(x appAt) bool { return x.mod }) {
		return detect.Evidence{}, false
	}
	names := []string{"Procfile", "Makefile"}
	for name := range a.dir.Files() {
		dir, ext := path.Dir(name), path.Ext(name)
		if (dir == "." && ext == ".sh" || (dir == "bin" || dir == "src/scripts" || dir == "scripts") && (ext == "" || ext == ".sh")) && len(names) < 30 {
			names = append(names, name)
		}
	}
	for _, name := range names {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		command, from := "", 0
		for i, s := range strings.Split(string(f.Data), "\n") {
			if command == "" {
				from = i + 1
			}
			if rest, more := strings.CutSuffix(strings.TrimRight(s, "\r"), "\\"); more && len(command) < 4096 {
				command += rest
				continue
			}
			command += s
			if !strings.HasPrefix(strings.TrimSpace(command), "#") && startsErl().MatchString(command) {
				return f.Evidence(from), true
			}
			command = ""
		}
	}
	return detect.Evidence{}, false
}

// component is the application.
func (a *app) component(entry detect.Evidence) detect.Component {
	c := detect.Component{
		Path:            a.dir.Path,
		Platform:        detect.Infer("linux", "nothing in it needs Windows", entry),
		Language:        detect.Is("erlang", entry),
		LanguageVersion: a.otp(),
		Framework:       detect.Infer("none", "no framework that is known is among the packages", entry),
		Build:           detect.Is(a.build, a.file.Evidence(1)),
		Facts:           map[string]detect.Value[string]{},
	}
	c.EndOfLife = endOfLife(c.LanguageVersion)
	name := "worker"
	if ev, ok := a.listens(); ok {
		name = "web"
		c.Role = detect.Infer(detect.Web, "it listens for requests", ev)
		c.AppServer = detect.Infer("none", "the application serves by itself", ev)
		c.Port = a.port()
		c.HealthPath = a.healthPath()
	} else {
		c.Role = detect.Infer(detect.Worker, "no server is among the packages or in the code", entry)
	}
	c.Services = a.services()
	c.Env = a.variables(c.Port.V)
	c.Readiness, c.Writes = a.trouble()
	if a.project.release == "" {
		c.Readiness = append(c.Readiness, detect.Readiness{ID: "no-release", Severity: "high", Evidence: []detect.Evidence{entry},
			Message: "A script starts the application from its build directory: add a relx section to rebar.config, so that a release with all that it needs can go into an image."})
		a.facts(c.Facts, entry)
		return c
	}
	c.Processes = []detect.Process{{Name: name, Command: []string{"bin/" + a.project.release, "foreground"}, From: detect.Inferred, Why: "a release starts by its own program", Evidence: []detect.Evidence{entry}}}
	a.facts(c.Facts, entry)
	return c
}

func (a *app) facts(facts map[string]detect.Value[string], entry detect.Evidence) {
	facts["tool"] = detect.Infer(a.tool, "what its files are made for", a.file.Evidence(1))
	if a.project.release != "" {
		facts["release"] = detect.Is(a.project.release, entry)
	}
	if a.project.prod {
		facts["profile"] = detect.Is("prod", entry)
	}
	if a.lock != nil {
		facts["lockfile"] = detect.Is("rebar.lock", a.lockFile.Evidence(0))
	}
	if len(a.project.deps) > 0 {
		facts["deps"] = detect.Is("true", a.file.Evidence(a.project.deps[0].line))
	}
	manifests := []string{"rebar.config"}
	if a.build == "make" {
		manifests = []string{"Makefile"}
		if a.dir.Has("erlang.mk") {
			manifests = append(manifests, "erlang.mk")
		}
	}
	if a.lock != nil {
		manifests = append(manifests, "rebar.lock")
	}
	if a.dir.Has("rebar.config.script") {
		manifests = append(manifests, "rebar.config.script")
	}
	facts["manifests"] = detect.Infer(strings.Join(manifests, " "), "the installation of packages reads these files", a.file.Evidence(1))
}

// otp decides on the release of Erlang/OTP: what a file names, what is tested with, what is deployed, what the manifest
// asks for at least.
func (a *app) otp() detect.Value[string] {
	for _, name := range []string{".tool-versions", a.up() + ".tool-versions"} {
		if f, ok := a.read(name); ok {
			tools, err := manifest.ParseToolVersions(f.Data)
			if err != nil {
				a.warn(f, err)
			}
			for _, t := range tools {
				if t.Name == "erlang" && leastOTP(t.Version) != "" {
					return detect.Is(strings.TrimPrefix(t.Version, "R"), f.Evidence(t.Line))
				}
			}
		}
	}
	if f, ok := a.read(".preferred_otp_version"); ok { // Heroku's buildpack
		if v := dotted(string(f.Data)); v != "" {
			return detect.Is(v, f.Evidence(1))
		}
	}
	best := detect.Value[string]{}
	for _, ci := range a.ci {
		for _, v := range ci.Versions {
			n := dotted(v.Version)
			if v.Language == "erlang" && n != "" && (!best.Set() || compare(n, best.V) > 0) {
				best = detect.Infer(n, "the newest Erlang/OTP that the tests run with", ci.file.Evidence(v.Line))
			}
		}
	}
	if best.Set() {
		return best
	}
	for _, d := range a.docker {
		for _, s := range d.Stages {
			if i := manifest.IdentifyImage(s.Image); i.Language == "erlang" && i.Version != "" {
				return detect.Infer(i.Version, "the existing Dockerfile builds on it", d.file.Evidence(s.Line))
			}
		}
	}
	if a.project.least != "" {
		return detect.Infer(a.project.least, "the manifest asks for it", a.file.Evidence(a.project.otpLine))
	}
	return detect.Guess(defaultOTP, "nothing in the repository says which Erlang/OTP it wants; "+defaultOTP+" is the oldest that is still widely used")
}

// dotted is a version of Erlang/OTP in numbers: "18.3" of "OTP-18.3", "16" of "R16B03-1".
func dotted(v string) string {
	v = strings.TrimPrefix(strings.TrimSpace(v), "OTP-")
	if strings.HasPrefix(v, "R") {
		return leastOTP(v)
	}
	end := 0
	for end < len(v) && (v[end] >= '0' && v[end] <= '9' || v[end] == '.') {
		end++
	}
	v = strings.Trim(v[:end], ".")
	if leastOTP(v) == "" || len(v) > 20 {
		return ""
	}
	return v
}

// servers are packages that listen for requests.
var servers = []string{"cowboy", "mochiweb", "webmachine", "yaws", "elli", "misultin", "n2o", "nitrogen_core", "leptus", "axiom", "boss", "ranch", "hyper", "nova", "emqttd", "emqx"}

var listensRE = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:cowboy:start_\w+|mochiweb_http:start|ranch:start_listener|ranch:child_spec|yaws:start_embedded|elli:start_link|inets:start\(\s*httpd|gen_tcp:listen|ssl:listen|webmachine_mochiweb|misultin:start_link)\b`)
})

// listens finds the place where the application starts a server, or the package that does.
func (a *app) listens() (detect.Evidence, bool) {
	for _, f := range a.sources {
		if !listensRE().Match(f.Data) {
			continue
		}
		for i, s := range strings.Split(string(f.Data), "\n") {
			if s = strings.TrimSpace(s); !strings.HasPrefix(s, "%") && listensRE().MatchString(s) {
				return f.Evidence(i + 1), true
			}
		}
	}
	for _, name := range servers {
		if v, ok := a.dep(name); ok {
			return v.Evidence[0], true
		}
	}
	return detect.Evidence{}, false
}

var (
	portTerm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\{\s*(?:port|http_port|listen_port|listener_port|https?_listen_port|web_port|api_port|cowboy_port)\s*,\s*"?(\d{2,5})"?\s*\}`)
	})
	portYAML = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*(?:-\s+)?port:\s*"?(\d{2,5})"?\s*(?:#.*)?$`) })
	portEnv  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`os:getenv\(\s*"(?:\w*_)?PORT"\s*,\s*"(\d{2,5})"|get_env\([^)]*\bport\s*,\s*(\d{2,5})\s*\)`)
	})
)

// port is the port that something states.
func (a *app) port() detect.Value[int] {
	for _, d := range a.docker {
		if len(d.Expose) > 0 {
			return detect.Is(d.Expose[0].Number, d.file.Evidence(d.Expose[0].Line))
		}
	}
	for _, c := range a.compose {
		if c.Build != "" && len(c.Ports) > 0 {
			return detect.Is(c.Ports[0].Number, c.file.Evidence(c.Ports[0].Line))
		}
	}
	files := slices.Clone(a.configs)
	for _, x := range a.apps {
		files = append(files, x.file)
	}
	for _, f := range a.sources {
		if listensRE().Match(f.Data) {
			files = append(files, f)
		}
	}
	for _, f := range files {
		for i, s := range strings.Split(string(f.Data), "\n") {
			if s = strings.TrimSpace(s); strings.HasPrefix(s, "%") {
				continue
			}
			for _, re := range []*regexp.Regexp{portTerm(), portEnv()} {
				m := re.FindStringSubmatch(s)
				if m == nil {
					continue
				}
				if n, err := strconv.Atoi(strings.Join(m[1:], "")); err == nil && n > 0 && n < 65536 && !servicePorts[n] {
					return detect.Is(n, f.Evidence(i+1))
				}
			}
		}
	}
	for _, f := range a.samples {
		for i, s := range strings.Split(string(f.Data), "\n") {
			m := portYAML().FindStringSubmatch(s)
			if m == nil {
				continue
			}
			if n, err := strconv.Atoi(m[1]); err == nil && n > 0 && n < 65536 && !servicePorts[n] {
				return detect.Infer(n, "the sample of its settings says so", f.Evidence(i+1))
			}
		}
	}
	return detect.Guess(8080, "nothing says on which port it listens")
}

// servicePorts are ports of services, which a setting may name as well.
var servicePorts = map[int]bool{5432: true, 3306: true, 6379: true, 27017: true, 5672: true, 9200: true, 11211: true, 25: true, 587: true, 9042: true, 389: true, 8087: true, 9092: true}

var routeRE = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{\s*"(/(?:api/)?(?:health|healthz|healthcheck|health_check|_health|ping|status|_status|up|alive))/?"\s*,`)
})

var rootRE = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\s*"/(?:\[\.\.\.\])?"\s*,`) })

// healthPath is a route that is made for health checks, else the root.
func (a *app) healthPath() detect.Value[string] {
	root := detect.Value[string]{}
	for _, f := range a.sources {
		if !bytesHas(f, `"/`) {
			continue
		}
		for i, s := range strings.Split(string(f.Data), "\n") {
			if m := routeRE().FindStringSubmatch(s); m != nil {
				return detect.Is(m[1], f.Evidence(i+1))
			}
			if !root.Set() && rootRE().MatchString(s) {
				root = detect.Infer("/", "the root route; there is none made for health checks", f.Evidence(i+1))
			}
		}
	}
	if !root.Set() {
		return detect.Guess("/", "no route for health checks was found")
	}
	return root
}

func bytesHas(f detect.File, s string) bool { return strings.Contains(string(f.Data), s) }

// serviceDeps say which service a package talks to. Source: the documentation of each package.
var serviceDeps = []struct {
	dep, kind string
	required  bool
}{
	{"epgsql", "postgresql", true}, {"pgapp", "postgresql", true}, {"pgsql", "postgresql", true}, {"sqerl", "postgresql", true}, {"p1_pgsql", "postgresql", false}, {"pgo", "postgresql", true}, {"epgsql_pool", "postgresql", true},
	{"mysql", "mysql", true}, {"emysql", "mysql", true}, {"p1_mysql", "mysql", false}, {"mysql_poolboy", "mysql", true},
	{"eredis", "redis", true}, {"redis", "redis", true}, {"eredis_pool", "redis", true}, {"eredis_cluster", "redis", true}, {"redo", "redis", true}, {"redgrid", "redis", false}, {"eredis_sync", "redis", true},
	{"mongodb", "mongodb", true}, {"emongo", "mongodb", true}, {"mongopool", "mongodb", true}, {"amqp_client", "rabbitmq", true}, {"bunnyc", "rabbitmq", true}, {"brod", "kafka", true}, {"ekaf", "kafka", true}, {"wolff", "kafka", true},
	{"cqerl", "cassandra", true}, {"erlcass", "cassandra", true}, {"marina", "cassandra", true}, {"couchbeam", "couchdb", true}, {"erlastic_search", "elasticsearch", true}, {"tirerl", "elasticsearch", true},
	{"mcd", "memcached", false}, {"erlmc", "memcached", false}, {"erlzk", "zookeeper", true}, {"ezk", "zookeeper", true}, {"gen_smtp", "smtp", false}, {"erlcloud", "s3", false}, {"nats", "nats", true}, {"esqlite", "sqlite", true}, {"sqlite3", "sqlite", false},
}

func (a *app) services() []detect.Service {
	var out []detect.Service
	seen := map[string]bool{}
	for _, s := range serviceDeps {
		v, ok := a.dep(s.dep)
		if !ok || seen[s.kind] {
			continue
		}
		seen[s.kind] = true
		x := detect.Service{Kind: s.kind, Required: s.required, From: v.From, Evidence: v.Evidence, Why: "the package " + s.dep + " talks to it", Env: a.serviceEnv(s.kind)}
		for _, c := range a.compose {
			if i := manifest.IdentifyImage(c.Image); i.Service == s.kind {
				x.Version, x.Required = i.Version, x.Required || s.kind != "smtp"
				x.Evidence = append(x.Evidence[:len(x.Evidence):len(x.Evidence)], c.file.Evidence(c.ImageLine))
				break
			}
		}
		out = append(out, x)
	}
	return out
}

// envRead is a place where code or settings read a variable.
type envRead struct {
	name, fallback string
	evidence       detect.Evidence
}

var (
	getenv = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`os:getenv\(\s*"([A-Za-z_]\w*)"\s*(?:,\s*"([^"]*)")?`)
	})
	dollar    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}`) })
	secretsRE = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|COOKIE|_PASS$|(?:^|_)KEY(?:$|_)|APIKEY)`)
	})
	notOurs = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:PATH|HOME|USER|PWD|SHELL|TERM|HOSTNAME|ERL_\w+|REBAR\w*|RELX_\w+|TMPDIR|TMP|TEMP|CI|TRAVIS\w*|COMSPEC|VAR|NAME)$`)
	})
)

// findEnv looks for variables in the code, and in the settings that the start program fills in.
func (a *app) findEnv() {
	read := func(f detect.File, re *regexp.Regexp, hint string) {
		if !bytesHas(f, hint) {
			return
		}
		for i, s := range strings.Split(string(f.Data), "\n") {
			if strings.HasPrefix(strings.TrimSpace(s), "%") || len(a.env) > 300 {
				continue
			}
			for _, m := range re.FindAllStringSubmatch(s, 10) {
				if !notOurs().MatchString(m[1]) {
					a.env = append(a.env, envRead{m[1], m[2], f.Evidence(i + 1)})
				}
			}
		}
	}
	for _, f := range a.configs {
		if strings.HasSuffix(f.Path, ".src") || strings.HasSuffix(f.Path, "sys.config") {
			read(f, dollar(), "${")
		}
	}
	for _, f := range a.sources {
		read(f, getenv(), "os:getenv")
	}
}

func (a *app) variables(port int) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	for _, r := range a.env {
		e := all[r.name]
		if e == nil {
			e = &detect.EnvVar{Name: r.name, Secret: secretsRE().MatchString(r.name)}
			all[r.name] = e
		}
		if e.Default == "" && !e.Secret {
			e.Default = r.fallback
		}
		if len(e.Evidence) < 3 && !slices.Contains(e.Evidence, r.evidence) {
			e.Evidence = append(e.Evidence, r.evidence)
		}
	}
	if e := all["PORT"]; e != nil && port > 0 {
		e.Value = strconv.Itoa(port)
	}
	return detect.SortedEnv(all)
}

var envPrefixes = map[string][]string{"postgresql": {"DATABASE", "DB", "POSTGRES", "PG"}, "mysql": {"DATABASE", "DB", "MYSQL"}, "redis": {"REDIS"}, "rabbitmq": {"RABBITMQ", "AMQP"}, "mongodb": {"MONGO", "MONGODB"}, "kafka": {"KAFKA"}, "cassandra": {"CASSANDRA"}}

var envRoles = map[string]string{"URL": "url", "URI": "url", "HOST": "host", "SERVER": "host", "PORT": "port", "USER": "user", "USERNAME": "user", "PASSWORD": "password", "PASS": "password", "NAME": "name", "DATABASE": "name"}

// serviceEnv says how the application learns where a service is: by the variables that its code reads.
func (a *app) serviceEnv(kind string) map[string]string {
	roles := map[string]string{}
	for _, r := range a.env {
		for _, prefix := range envPrefixes[kind] {
			rest, ok := strings.CutPrefix(r.name, prefix+"_")
			if role := envRoles[rest]; ok && role != "" && roles[role] == "" {
				roles[role] = r.name
			}
		}
	}
	switch {
	case len(roles) == 0:
		return nil
	case roles["url"] != "":
		return map[string]string{"url": roles["url"]}
	}
	return roles
}

// trouble looks for what stands in the way of running well in a container.
func (a *app) trouble() ([]detect.Readiness, []detect.Value[string]) {
	var list []detect.Readiness
	var writes []detect.Value[string]
	add := func(id, severity, message string, ev ...detect.Evidence) {
		list = append(list, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
	}
	if a.build == "rebar" && a.lock == nil && len(a.project.deps) > 0 {
		add("no-lockfile", "medium", "There is no rebar.lock: every build may install other versions. Commit one.", a.file.Evidence(a.project.deps[0].line))
	}
	if a.project.mirrors > 0 {
		add("private-registry", "medium", "Packages come from a repository of their own: the build must be able to reach it, with its key as a build secret.", a.file.Evidence(a.project.mirrors))
	}
	if a.tool == "rebar" {
		add("old-build-tool", "medium", "The release is made by rebar 2, which nobody maintains: move to rebar3 and relx.", a.relFile.Evidence(max(a.project.relLine, 1)))
	}
	for _, x := range []struct{ word, id, what string }{
		{"mnesia:create_schema", "embedded-database", "Mnesia keeps its data in the container, under the name of the node: it needs a volume and a host name that stays."},
		{"mnesia:start", "embedded-database", "Mnesia keeps its data in the container, under the name of the node: it needs a volume and a host name that stays."},
		{"dets:open_file", "embedded-database", "DETS keeps its data in a file of the container: it is gone with it unless a volume is mounted there."},
	} {
		for _, f := range a.sources {
			n := 0
			for i, s := range strings.Split(string(f.Data), "\n") {
				if strings.Contains(s, x.word) && !strings.HasPrefix(strings.TrimSpace(s), "%") {
					n = i + 1
					break
				}
			}
			if n == 0 {
				continue
			}
			if !slices.ContainsFunc(list, func(r detect.Readiness) bool { return r.ID == x.id }) {
				add(x.id, "high", x.what, f.Evidence(n))
			}
			break
		}
	}
	for _, f := range a.configs {
		for i, s := range strings.Split(string(f.Data), "\n") {
			if strings.Contains(s, "lager_file_backend") && !strings.HasPrefix(strings.TrimSpace(s), "%") {
				add("logs-to-files", "medium", "The log goes to files, where a container's user does not see it: log to the console.", f.Evidence(i+1))
				writes = append(writes, detect.Infer("log", "lager writes its files there", f.Evidence(i+1)))
				return list, writes
			}
		}
	}
	return list, writes
}
