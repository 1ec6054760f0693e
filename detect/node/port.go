package node

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

func itoa(n int) string { return strconv.Itoa(n) }

var (
	envPort    = manifest.Lazy(`process\.env(?:\.|\[\s*['"])(?:[A-Z_]*_)?PORT(?:['"]\s*\])?\s*\)?\s*(?:,\s*10\s*\)\s*)?(?:\|\||\?\?|or)\s*['"]?(\d{2,5})\b`)
	envDefault = manifest.Lazy(`\bPORT\s*=\s*['"]?(\d{2,5})['"]?\s*[,}].*\bprocess\.env\b`)
	readPort   = manifest.Lazy(`(?i)\b\w*(?:env|config|conf|setting|option)\w*(?:\.get)?\(\s*['"]PORT['"]\s*,\s*['"]?(\d{2,5})\b`)
	listenPort = manifest.Lazy(`\.listen\(\s*['"]?(\d{2,5})\b`)
	setPort    = manifest.Lazy(`\.set\(\s*['"]port['"]\s*,\s*['"]?(\d{2,5})\b`)
	constPort  = manifest.Lazy(`(?i)(?:^|[\s{,.])["']?(?:http|server|app|default|api|web|listen)?_?port["']?\s*[:=]\s*(?:Number\(|parseInt\()?\s*['"]?(\d{2,5})\b`)
	cliPort    = manifest.Lazy(`(?:^|\s)PORT=(\d{2,5})\b|(?:\s-p|\s--port)[\s=](\d{2,5})\b`)
)

// port is where the server listens: what the code says, its configuration, its start script, its own image, else the
// framework's default.
func (p *project) port(k kind) detect.Value[int] {
	if k.framework == "meteor" {
		if v, ok := p.dockerPort(); ok {
			return v
		}
		return detect.Infer(3000, "Meteor's own default; the bundle listens on $PORT", k.evidence...)
	}
	if k.framework == "nuxt" || k.framework == "next" {
		if v, ok := p.scriptPort("start", "prod"); ok {
			return v
		}
		if v, ok := p.dockerPort(); ok {
			return v
		}
		return detect.Infer(3000, k.framework+" listens there unless told otherwise", k.evidence...)
	}
	for _, try := range []func() (detect.Value[int], bool){p.codePort, p.configPort, func() (detect.Value[int], bool) { return p.scriptPort(startScripts...) }, p.dockerPort, p.dotenvPort, p.addressPort, func() (detect.Value[int], bool) { return p.publicPort, p.publicPort.Set() }} {
		if v, ok := try(); ok {
			return v
		}
	}
	for _, d := range []struct {
		pack string
		port int
	}{{"sails", 1337}, {"strapi", 1337}, {"@strapi/strapi", 1337}, {"keystone", 3000}, {"ghost", 2368}, {"@adonisjs/core", 3333}, {"node-red", 1880}, {"parse-server", 1337}, {"egg", 7001}, {"actionhero", 8080}, {"@keystone-6/core", 3000}, {"probot", 3000}, {"@sveltejs/kit", 3000}, {"@remix-run/serve", 3000}, {"json-server", 3000}, {"@hapipal/haute-couture", 3000}} {
		if p.pkg != nil && p.pkg.deps[d.pack].name != "" {
			return detect.Infer(d.port, d.pack+" listens there unless told otherwise", p.pkg.file.Evidence(p.pkg.deps[d.pack].line))
		}
	}
	if len(p.envReads) == 0 {
		p.envReads = p.findEnv()
	}
	if p.readsPort() {
		return detect.Guess(3000, "it listens where the variable PORT says, and nothing says where that is")
	}
	return detect.Value[int]{}
}

// codePort reads the port from the code: first the default of the variable PORT, then a number that it listens on, last a
// setting that is called port.
func (p *project) codePort() (detect.Value[int], bool) {
	for _, try := range []struct {
		word    string
		pattern *manifest.Pattern
	}{{"PORT", envPort}, {"PORT", envDefault}, {"PORT", readPort}, {".listen(", listenPort}, {"port", setPort}} {
		for _, c := range p.sources() {
			for n, text := range c.lines(try.word) {
				m := try.pattern.FindStringSubmatch(text)
				if m == nil || notHTTP.MatchString(text) {
					continue
				}
				if v, ok := portValue(m[1], c.file.Evidence(n)); ok {
					return v, true
				}
			}
		}
	}
	for _, c := range p.sources() {
		if s := stem(c.name); s != "config" && s != "default" && s != "production" && s != "index" && s != "server" && s != "app" && s != "main" && s != "www" && s != "settings" && s != "env" && s != "all" && s != "development" && !strings.Contains(c.name, "config/") && !strings.Contains(s, "setting") && !strings.Contains(s, "config") {
			continue
		}
		for n, text := range c.lines("") {
			if m := constPort.FindStringSubmatch(text); m != nil && !notHTTP.MatchString(text) && !strings.Contains(text, "==") {
				if v, ok := portValue(m[1], c.file.Evidence(n)); ok && !servicePorts[v.V] {
					if v.V != 80 {
						return v, true
					}
					if !p.publicPort.Set() { // what a link shows, more often than what a program listens on
						p.publicPort = v
					}
				}
			}
		}
	}
	return detect.Value[int]{}, false
}

// notHTTP matches lines about the port of something else.
var notHTTP = manifest.Lazy(`(?i)redis|mongo|mysql|postgres|maria|smtp|mail|ldap|elastic|amqp|rabbit|memcache|couch|debug|inspect|livereload|websocket_port|kafka|statsd|ssl_?port|https_?port|\b(?:DB|DATABASE|PG|SQL)_?PORT|karma|webpack|proxy_port|metrics`)

// servicePorts are the usual ports of services: a setting with one of them is hardly the application's own.
var servicePorts = map[int]bool{3306: true, 5432: true, 6379: true, 27017: true, 25: true, 587: true, 465: true, 389: true, 636: true, 11211: true, 9200: true, 5672: true, 1433: true, 9042: true, 5984: true, 2181: true, 9092: true, 22: true, 53: true, 443: true}

func portValue(text string, ev detect.Evidence) (detect.Value[int], bool) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 65535 || n == 10 || n == 16 {
		return detect.Value[int]{}, false
	}
	return detect.Is(n, ev), true
}

// configNames are files of configuration in JSON and YAML, those of production first.
var configNames = []string{"config/production.json", "config/default.json", "config/config.json", "config.json", "config/index.json", "settings.json", "server/config.json", "config/env/production.json", "settings.json.template", "../settings.json.template", "config.json.example", "config.sample.json", "config.default.json", "config-default.json", "config.example.json",
	"config/default.yml", "config/default.yaml", "config/production.yml", "config.yml", "config.sample.yml", "config.example.yml"}

// configPort reads configuration in JSON and YAML.
func (p *project) configPort() (detect.Value[int], bool) {
	for _, name := range configNames {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		for n, text := range (codeFile{name, f}).lines("port") {
			if m := filePort.FindStringSubmatch(text); m != nil {
				if v, ok := portValue(m[1], f.Evidence(n)); ok && !servicePorts[v.V] {
					return v, true
				}
			}
		}
	}
	return detect.Value[int]{}, false
}

// addressPort reads the address at which the configuration says that the application itself is found: "host": "localhost:3000".
func (p *project) addressPort() (detect.Value[int], bool) {
	for _, name := range configNames {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		for n, text := range (codeFile{name, f}).lines("localhost:") {
			if m := ownAddress.FindStringSubmatch(text); m != nil && !notHTTP.MatchString(text) {
				if v, ok := portValue(m[1], f.Evidence(n)); ok && !servicePorts[v.V] {
					return detect.Infer(v.V, "the address that the configuration gives to the application", v.Evidence...), true
				}
			}
		}
	}
	return detect.Value[int]{}, false
}

var ownAddress = manifest.Lazy(`^["']?(?:host|url|base_?[uU]rl|root_?[uU]rl|site_?[uU]rl|domain|server|address)["']?\s*:\s*["'](?:https?://)?localhost:(\d{2,5})\b`)

var filePort = manifest.Lazy(`^["']?(?:server|http|app)?_?[pP]ort["']?\s*:\s*["']?(?:\$\{PORT:)?(\d{2,5})\b`)

// scriptPort reads scripts: "PORT=4100 node server", "next start -p 8080".
func (p *project) scriptPort(names ...string) (detect.Value[int], bool) {
	for _, name := range names {
		if v, line, ok := p.pkg.doc.Get("betterScripts", name, "env", "PORT"); ok {
			if v, ok := portValue(v, p.pkg.file.Evidence(line)); ok {
				return v, true
			}
		}
		s, line, ok := p.pkg.script(name)
		if !ok {
			continue
		}
		if m := cliPort.FindStringSubmatch(s); m != nil {
			if v, ok := portValue(m[1]+m[2], p.pkg.file.Evidence(line)); ok {
				return v, true
			}
		}
	}
	return detect.Value[int]{}, false
}

// dockerPort reads the image that the repository itself builds.
func (p *project) dockerPort() (detect.Value[int], bool) {
	for _, d := range p.docker {
		for _, e := range d.Env {
			if e.Name == "PORT" {
				if v, ok := portValue(e.Value, d.file.Evidence(e.Line)); ok {
					return v, true
				}
			}
		}
		for _, e := range d.Expose {
			if e.Number != 22 && e.Number != 9229 && e.Number != 5858 && e.Number != 35729 {
				return detect.Is(e.Number, d.file.Evidence(e.Line)), true
			}
		}
	}
	return detect.Value[int]{}, false
}

// dotenvPort reads samples of .env files.
func (p *project) dotenvPort() (detect.Value[int], bool) {
	for _, name := range dotenvNames {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		list, _ := manifest.ParseDotenv(f.Data)
		for _, a := range list {
			if a.Name == "PORT" || a.Name == "APP_PORT" || a.Name == "SERVER_PORT" || a.Name == "HTTP_PORT" || a.Name == "NODE_PORT" {
				if v, ok := portValue(a.Value, f.Evidence(a.Line)); ok {
					return v, true
				}
			}
		}
	}
	return detect.Value[int]{}, false
}

// dotenvNames are .env files that a repository may hold without secrets.
var dotenvNames = []string{".env.production", ".env.example", ".env.sample", "env.example", "example.env", "sample.env", ".env.dist", ".env.template", ".env.default", ".env.defaults", "variables.env", "env.dist", ".env-dist", ".env-example", "env.sample", "default.env", "env.template", ".env"}

var healthRoute = manifest.Lazy(`\.(?:get|use|all|route)\(\s*['"](/(?:[\w-]+/){0,2}(?:health(?:z|check|-check|_check)?|status|ping|alive|heartbeat|readyz?|livez?|_health))/?['"]`)

// healthPath is a route that is there to be asked whether the server works.
func (p *project) healthPath() detect.Value[string] {
	for _, hint := range []string{"health", "ping", "status", "alive", "heartbeat", "ready", "live"} {
		if ev, m, ok := p.grep("/"+hint, healthRoute); ok {
			return detect.Is(m[1], ev)
		}
	}
	return detect.Value[string]{}
}
