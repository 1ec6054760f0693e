package python

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

var (
	envIndex = manifest.Lazy(`os\.environ\[\s*["']([A-Z][A-Z0-9_]*)["']\s*\]`)
	envGet   = manifest.Lazy(`(?:os\.environ\.get|os\.getenv|environ\.get|getenv|\benv(?:\.(?:str|bool|int|float|list|db|url|cache|cache_url|db_url|email_url|json|path|dj_db_url))?|\bconfig|envint|env_bool|get_env\w*|Env)\(\s*["']([A-Z][A-Z0-9_]*)["']\s*(?:,\s*(?:default\s*=\s*)?("[^"]*"|'[^']*'|\w+))?`)
	envWrite = manifest.Lazy(`os\.environ\[\s*["'][A-Z0-9_]+["']\s*\]\s*=[^=]|environ\.setdefault`)
)

// notSettings are variables of the machine, not of the application.
var notSettings = map[string]bool{"PATH": true, "HOME": true, "USER": true, "PWD": true, "TERM": true, "SHELL": true, "TMPDIR": true, "CI": true, "TRAVIS": true, "VIRTUAL_ENV": true, "PYTHONPATH": true, "LANG": true,
	"DISPLAY": true, "HOSTNAME": true, "DJANGO_SETTINGS_MODULE": true, "APPDATA": true, "USERPROFILE": true, "EDITOR": true, "DYNO": true, "KUBERNETES_SERVICE_HOST": true}

// envHints stand in every line that reads a variable.
var envHints = []string{"env", "Env(", "config("}

// findEnv lists the variables that the code reads.
func (a *app) findEnv() {
	for _, f := range a.files {
		src := a.source(f)
		if notProduction(f) && !strings.Contains(f, "/") && a.framework.V == "django" {
			continue
		}
		for n, raw := range hinted(src.Data, envHints) {
			if len(raw) > 2000 {
				continue
			}
			t := strings.TrimSpace(string(raw))
			if t == "" || t[0] == '#' || !strings.ContainsAny(t, "([") || envWrite.MatchString(t) {
				continue
			}
			for _, m := range envIndex.FindAllStringSubmatch(t, 5) {
				a.reads = append(a.reads, envRead{name: m[1], required: true, evidence: src.Evidence(n)})
			}
			for _, m := range envGet.FindAllStringSubmatch(t, 5) {
				fallback := ""
				if len(m[2]) > 1 && (m[2][0] == '"' || m[2][0] == '\'') {
					fallback = strings.Trim(m[2], `"'`)
				} else if m[2] == "True" || m[2] == "False" || strings.Trim(m[2], "0123456789") == "" {
					fallback = m[2]
				}
				r := envRead{name: m[1], fallback: fallback, evidence: src.Evidence(n)}
				r.required = demands(t, m[0])
				a.reads = append(a.reads, r)
			}
			if len(a.reads) > 600 {
				return
			}
		}
	}
}

var secretWords = manifest.Lazy(`PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY|_KEY$|^KEY$|_PASS$|_PW$|SALT|CREDENTIAL|_DSN$`)

// demands reports whether a call of a package for settings (env, config) fails without the variable: it ends in this line and gives no
// default.
func demands(line, call string) bool {
	if !strings.HasPrefix(call, "env") && !strings.HasPrefix(call, "config") || strings.HasPrefix(call, "environ.get") || strings.HasPrefix(call, "envint") || strings.HasPrefix(call, "env_bool") {
		return false
	}
	_, rest, _ := strings.Cut(line, call)
	rest = strings.TrimSpace(rest)
	return strings.HasPrefix(rest, ")") || !strings.Contains(line, "default") && strings.Contains(rest, ")") && strings.Contains(call+rest, "cast")
}

// ofRequest are variables of a WSGI environment, of a server or of a tool: not settings.
var ofRequest = manifest.Lazy(`^(?:HTTP_|REMOTE_|SERVER_(?:NAME|SOFTWARE|PROTOCOL|PORT|ADDR)$|REQUEST_|PATH_INFO$|SCRIPT_NAME$|QUERY_STRING$|CONTENT_(?:TYPE|LENGTH)$|AUTH_TYPE$|GATEWAY_|wsgi|SSL_CLIENT|X_|READTHEDOCS|TOX|PYTHON|LD_|CUDA_|OMPI_|TRAVIS|CIRCLE|GITHUB_ACTIONS|COVERAGE|USE_DISTUTILS|CURRENT_VERSION_ID|OPENSHIFT_|LOGNAME|TZ$|LC_)`)

// env lists the variables of the component.
func (a *app) env(c *detect.Component) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	for _, r := range a.reads {
		if notSettings[r.name] || ofRequest.MatchString(r.name) {
			continue
		}
		e := all[r.name]
		if e == nil {
			e = &detect.EnvVar{Name: r.name, Secret: secretWords.MatchString(r.name) && !strings.HasSuffix(r.name, "_KEY_ID")}
			all[r.name] = e
		}
		e.Required = e.Required || r.required
		if e.Default == "" && !e.Secret {
			e.Default = r.fallback
		}
		if len(e.Evidence) < 3 {
			e.Evidence = append(e.Evidence, r.evidence)
		}
	}
	for _, s := range c.Services {
		for role, name := range s.Env {
			if e := all[name]; e != nil && (strings.HasPrefix(role, "url") || role == "password") {
				e.Secret, e.Default = true, ""
			}
		}
	}
	a.sampleEnv(all)
	if e := all["PORT"]; e != nil && c.Port.V > 0 {
		e.Value, e.Why = itoa(c.Port.V), "the port that the server listens on"
	}
	if a.framework.V == "django" {
		a.djangoEnv(all)
	}
	return detect.SortedEnv(all)
}

// djangoEnv sets the settings module where neither manage.py nor wsgi.py is what starts the process.
func (a *app) djangoEnv(all map[string]*detect.EnvVar) {
	if a.module.line > 0 {
		all["DJANGO_SETTINGS_MODULE"] = &detect.EnvVar{Name: "DJANGO_SETTINGS_MODULE", Value: a.module.m[1], Why: "the settings that the project's own scripts use", Evidence: []detect.Evidence{a.module.evidence()}}
	}
}

// sampleEnv adds the evidence of a sample of a .env file.
func (a *app) sampleEnv(all map[string]*detect.EnvVar) {
	for _, name := range []string{".env.example", ".env.sample", ".env.dist", "env.example", ".env.template", "example.env"} {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		vars, err := manifest.ParseDotenv(f.Data)
		if err != nil {
			a.warn(f, err)
		}
		for _, v := range vars {
			if e := all[v.Name]; e != nil && len(e.Evidence) < 4 && !slices.Contains(e.Evidence, f.Evidence(v.Line)) {
				e.Evidence = append(e.Evidence, f.Evidence(v.Line))
			}
		}
		return
	}
}
