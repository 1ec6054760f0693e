package golang

import (
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// envRead is a place where code reads a variable.
type envRead struct {
	name, fallback string
	required       bool
	evidence       detect.Evidence
}

// maxReads bounds the places that are kept.
const maxReads = 400

var (
	getenv   = manifest.Lazy(`(?:os\.Getenv|os\.LookupEnv|syscall\.Getenv|\b[\w.]*(?:[gG]et[eE]nv|[eE]nv|ENV)\w*)\(\s*"([A-Z][A-Z0-9_]*)"\s*(?:,\s*"?([^",)]*)"?)?`)
	envTag   = manifest.Lazy("(?:env|envconfig|env-name|EnvVar|EnvVars|Envar|EnvKey)\\s*(?::|\\()\\s*(?:\\[\\]string\\{\\s*)?\"([A-Z][A-Z0-9_]*)(,required|,notEmpty)?")
	tagValue = manifest.Lazy(`(?:envDefault|default|env-default|Value)\s*:\s*"?([^",}]*)"?`)
	bindEnv  = manifest.Lazy(`BindEnv\(\s*"[^"]*"\s*,\s*"([A-Z][A-Z0-9_]*)"`)
)

// findEnv lists the variables that the program's packages read.
func (p *project) findEnv(x *prog) []envRead {
	var out []envRead
	for _, h := range hits(x.files, maxReads, "nv(\"", "NV(\"", "nv:\"", "nvconfig:\"", "EnvVar", "etEnv", "BindEnv(") {
		out = append(out, envIn(h)...)
	}
	return out
}

func envIn(h hit) []envRead {
	var out []envRead
	for _, m := range getenv.FindAllStringSubmatch(h.text, 8) {
		fallback := m[2]
		if strings.ContainsAny(fallback, "(.[") && !strings.ContainsAny(fallback, ":/") {
			fallback = ""
		}
		out = append(out, envRead{name: m[1], fallback: literal(fallback, h.text), evidence: h.evidence()})
	}
	if m := envTag.FindStringSubmatch(h.text); m != nil {
		r := envRead{name: m[1], evidence: h.evidence(), required: m[2] != "" || strings.Contains(h.text, `required:"true"`)}
		if d := tagValue.FindStringSubmatch(h.text); d != nil {
			r.fallback = literal(d[1], h.text)
		}
		out = append(out, r)
	}
	if m := bindEnv.FindStringSubmatch(h.text); m != nil {
		out = append(out, envRead{name: m[1], evidence: h.evidence()})
	}
	return out
}

// literal is a default as it stands in quotes, or a number; the name of a variable is none.
func literal(s, text string) string {
	s = strings.TrimSpace(s)
	if s == "" || detect.Printable(s, 200) != s {
		return ""
	}
	if strings.Contains(text, `"`+s+`"`) || strings.Trim(s, "0123456789") == "" || s == "true" || s == "false" {
		return s
	}
	return ""
}

var (
	secretName = manifest.Lazy(`(?i)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|_PASS$|_PWD$|(?:^|_)KEY(?:$|_)|APIKEY|PEPPER|SALT$|_DSN$|^PGPASS)`)
	publicName = manifest.Lazy(`(?i)(?:PUBLIC|PUBLISHABLE|_KEY_ID$|_PATH$|_FILE$|KEYS?_DIR|_LENGTH$|_TTL$|_EXPIR\w*$|_TIMEOUT$|_ENABLED$|^(?:MIN|MAX|ENABLE|DISABLE|SKIP|ALLOW|REQUIRE)_)`)
	notSetting = manifest.Lazy(`^(?:PATH|HOME|USER|USERNAME|LOGNAME|PWD|SHELL|TERM|TMPDIR|TMP|TEMP|HOSTNAME|EDITOR|DISPLAY|CI|TRAVIS\w*|CIRCLE\w*|GITHUB_\w+|GO[A-Z]*|GOPATH|DYNO|HTTPS?_PROXY|NO_PROXY|NO_COLOR|XDG_\w+|APPDATA|USERPROFILE|SSH_\w+|DEBUG|INVOCATION_ID|NOTIFY_SOCKET|LISTEN_(?:FDS|PID)|KUBERNETES_\w+|AWS_LAMBDA_\w+|REQUEST_METHOD|PROGRAMFILES|HOMEDRIVE|HOMEPATH|GO_WANT_\w+|SYSTEMROOT)$`)
)

func isSecret(name string) bool {
	return secretName.MatchString(name) && !publicName.MatchString(name)
}

const maxPlaces = 3

// env lists the variables of the program.
func (p *project) env(x *prog, reads []envRead, services []detect.Service, port detect.Value[int]) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	add := func(name string, ev detect.Evidence) *detect.EnvVar {
		e := all[name]
		if e == nil {
			e = &detect.EnvVar{Name: name, Secret: isSecret(name)}
			all[name] = e
		}
		if len(e.Evidence) < maxPlaces && !slices.Contains(e.Evidence, ev) {
			e.Evidence = append(e.Evidence, ev)
		}
		return e
	}
	for _, r := range reads {
		if notSetting.MatchString(r.name) {
			continue
		}
		e := add(r.name, r.evidence)
		e.Required = e.Required || r.required
		if e.Default == "" {
			e.Default = r.fallback
		}
		if r.name == "PORT" && port.V > 0 && x.role.V == detect.Web {
			e.Value, e.Why = itoa(port.V), "the port it listens on"
		}
	}
	p.sampleEnv(add)
	for _, s := range services {
		for role, name := range s.Env {
			if e := all[name]; e != nil && (role == "url" || role == "password") {
				e.Secret = true // an address holds the password
			}
		}
	}
	p.frameworkEnv(x, add)
	return detect.SortedEnv(all)
}

// frameworkEnv adds the variables by which a framework is told that it runs in production.
func (p *project) frameworkEnv(x *prog, add func(string, detect.Evidence) *detect.EnvVar) {
	for _, known := range []struct{ path, name, value string }{
		{"github.com/gin-gonic/gin", "GIN_MODE", "release"}, {"gopkg.in/macaron.v1", "MACARON_ENV", "production"}, {"github.com/go-martini/martini", "MARTINI_ENV", "production"},
		{"github.com/astaxie/beego", "BEEGO_RUNMODE", "prod"}, {"github.com/beego/beego/v2/server/web", "BEEGO_RUNMODE", "prod"},
	} {
		for _, f := range x.files {
			i := slices.IndexFunc(f.imports, func(i goImport) bool { return i.path == known.path })
			if i < 0 {
				continue
			}
			e := add(known.name, f.evidence(f.imports[i]))
			e.Value, e.Why = known.value, "a container runs in production mode"
			break
		}
	}
}

// sampleEnv reads the sample of a .env file that the repository brings.
func (p *project) sampleEnv(add func(string, detect.Evidence) *detect.EnvVar) {
	for _, name := range []string{".env.example", ".env.sample", ".env.dist", "env.example", ".env.template"} {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		vars, err := manifest.ParseDotenv(f.Data)
		if err != nil {
			p.warn(f, err)
		}
		for _, v := range vars {
			if notSetting.MatchString(v.Name) {
				continue
			}
			add(v.Name, f.Evidence(v.Line))
		}
		return
	}
}
