package node

import (
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// envRead is a place where code reads a variable.
type envRead struct {
	name     string
	fallback string // the literal that stands in for it
	required bool   // the program ends or fails at once when it is missing
	evidence detect.Evidence
}

var (
	envRef    = manifest.Lazy(`process\.env(?:\.([A-Za-z_][A-Za-z0-9_]*)|\[\s*["'\x60]([A-Za-z_][A-Za-z0-9_]*)["'\x60]\s*\])`)
	envOr     = manifest.Lazy(`^\s*\)?\s*(?:\|\||\?\?)\s*(?:(["'\x60])([^"'\x60]*)["'\x60]|([^"'\x60,;)}\s]+))`)
	envSpread = manifest.Lazy(`(?:const|let|var)\s*\{([^}]*)\}\s*=\s*process\.env\b`)
	envGet    = manifest.Lazy(`(?:configService|config|env)\.get(?:<[^>]*>)?\(\s*['"]([A-Z][A-Z0-9_]{2,})['"]|\benv(?:\.\w+)?\(\s*['"]([A-Z][A-Z0-9_]{2,})['"]`)
	envMust   = manifest.Lazy(`(?:if\s*\(\s*!\s*process\.env|assert\w*\(\s*process\.env|\bthrow\b.*process\.env|requireEnv\(|\.getOrThrow)`)
	secrets   = manifest.Lazy(`(?i)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|_PASS$|_PWD$|(?:^|_)KEY(?:$|_)|APIKEY|SALT$|_DSN$)`)
	public    = manifest.Lazy(`(?i)(?:PUBLIC|PUBLISHABLE|_KEY_ID$|_PATH$|_FILE$|_LENGTH$|_TTL$|EXPIR\w*$|_TIMEOUT$|_ENABLED$|_ALGORITHM$|KEY_PREFIX$|_HEADER$|_URL$|^(?:MIN|MAX|ENABLE|DISABLE|SKIP|ALLOW|REQUIRE)_)`)
	settings  = manifest.Lazy(`^(?:PATH|HOME|USER|LOGNAME|PWD|SHELL|TERM|TMPDIR|TMP|TEMP|HOSTNAME|EDITOR|DISPLAY|COLUMNS|CI|TRAVIS\w*|CIRCLE\w*|GITHUB_(?:ACTIONS|SHA|REF|WORKSPACE)|COVERAGE|DYNO|npm_\w+|NODE_PATH|NODE_OPTIONS|NODE_APP_INSTANCE|NODE_DEBUG|DEBUG|INIT_CWD|FORCE_COLOR|NO_COLOR|JEST_\w+|MOCHA\w*|APPDATA|LOCALAPPDATA|USERPROFILE|HOMEPATH|SUDO_\w+|WEBPACK\w*|HOT|ANALYZE|VERBOSE|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy|NODE_TLS_REJECT_UNAUTHORIZED|NODE_CLUSTER_ID|pm_id|PM2\w*|hasOwnProperty|toString|SAUCE_\w+|BROWSERSTACK\w*|NODE_ENV)$`)
)

// isSecret reports whether the value of a variable must not be written down, judging by its name.
func isSecret(name string) bool { return secrets.MatchString(name) && !public.MatchString(name) }

// findEnv looks for the variables that the application's code reads.
func (p *project) findEnv() []envRead {
	var out []envRead
	for _, c := range p.sources() {
		for n, text := range c.lines("env") {
			out = append(out, envIn(text, c.file.Evidence(n))...)
		}
	}
	return append(out, p.customEnv()...)
}

// envIn reads the variables of one line of code.
func envIn(text string, ev detect.Evidence) []envRead {
	var out []envRead
	must := envMust.MatchString(text)
	for _, m := range envRef.FindAllStringSubmatchIndex(text, 20) {
		from := 2 // process.env.NAME
		if m[from] < 0 {
			from = 4 // process.env['NAME']
		}
		name := text[m[from]:m[from+1]]
		tail := text[m[1]:]
		if settings.MatchString(name) || strings.HasPrefix(strings.TrimSpace(tail), "=") && !strings.HasPrefix(strings.TrimSpace(tail), "==") {
			continue
		}
		r := envRead{name: name, required: must, evidence: ev}
		if o := envOr.FindStringSubmatch(tail); o != nil && (o[1] != "" || literal.MatchString(o[3])) {
			r.fallback = o[2] + o[3]
			if strings.Contains(r.fallback, "${") {
				r.fallback = ""
			}
		}
		out = append(out, r)
	}
	if m := envSpread.FindStringSubmatch(text); m != nil {
		for field := range strings.SplitSeq(m[1], ",") {
			name, fallback, _ := strings.Cut(field, "=")
			name, _, _ = strings.Cut(name, ":")
			if name = strings.TrimSpace(name); varName.MatchString(name) && !settings.MatchString(name) {
				out = append(out, envRead{name: name, fallback: strings.Trim(strings.TrimSpace(fallback), `'"`), evidence: ev})
			}
		}
	}
	for _, m := range envGet.FindAllStringSubmatch(text, 10) {
		if name := m[1] + m[2]; !settings.MatchString(name) {
			out = append(out, envRead{name: name, required: must, evidence: ev})
		}
	}
	return out
}

var (
	literal = manifest.Lazy(`^(?:-?[\d.]+|true|false)$`)
	varName = manifest.Lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// customEnv reads the map from settings to variables of the package config.
func (p *project) customEnv() []envRead {
	f, doc, ok := p.json("config/custom-environment-variables.json")
	if !ok {
		return nil
	}
	var out []envRead
	doc.Each(func(_ []string, value string, line int) {
		if varName.MatchString(value) && strings.ToUpper(value) == value && !settings.MatchString(value) && value != "" {
			out = append(out, envRead{name: value, evidence: f.Evidence(line)})
		}
	})
	return out
}

// env is the list of variables: those that the code reads, those of samples of .env, and what a container must set.
func (p *project) env(c *detect.Component, k kind) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	for _, r := range p.envReads {
		v := all[r.name]
		if v == nil {
			v = &detect.EnvVar{Name: r.name, Secret: isSecret(r.name)}
			all[r.name] = v
		}
		if len(v.Evidence) < 3 {
			v.Evidence = append(v.Evidence, r.evidence)
		}
		if v.Default == "" && !v.Secret && !strings.Contains(r.fallback, "@") {
			v.Default = r.fallback
		}
		v.Required = v.Required || r.required && r.fallback == ""
	}
	p.sampled(all)
	for _, s := range c.Services {
		for role, name := range s.Env {
			v := all[name]
			if v == nil {
				v = &detect.EnvVar{Name: name, Evidence: s.Evidence}
				all[name] = v
			}
			v.Secret = v.Secret || role == "password" || role == "url"
			if v.Secret {
				v.Default = ""
			}
			if v.Why == "" {
				v.Why = "where the application finds its " + s.Kind + " service (" + role + ")"
			}
		}
	}
	all["NODE_ENV"] = &detect.EnvVar{Name: "NODE_ENV", Value: "production", Why: "a container runs in production mode", Evidence: k.evidence[:1]}
	if c.Port.V != 0 && (p.readsPort() || k.framework == "meteor" || k.framework == "next" || k.framework == "nuxt" || k.framework == "svelte") {
		ev := c.Port.Evidence
		if v := all["PORT"]; v != nil {
			ev = v.Evidence
		}
		all["PORT"] = &detect.EnvVar{Name: "PORT", Value: itoa(c.Port.V), Why: "where it listens", Evidence: ev}
	}
	if k.framework == "nuxt" || k.framework == "svelte" || k.product == "strapi" || k.product == "@strapi/strapi" {
		all["HOST"] = &detect.EnvVar{Name: "HOST", Value: "0.0.0.0", Why: "a container is reached from outside of it", Evidence: k.evidence[:1]}
	}
	if k.framework == "meteor" {
		all["ROOT_URL"] = &detect.EnvVar{Name: "ROOT_URL", Required: true, Why: "Meteor does not start without the address at which it is reached", Evidence: k.evidence[:1]}
	}
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	out := make([]detect.EnvVar, 0, len(names))
	for _, n := range names {
		out = append(out, *all[n])
	}
	return out
}

func (p *project) readsPort() bool { return p.reads("PORT") }

// sampled adds the variables of samples of .env files. Their values are samples too: none is taken.
func (p *project) sampled(all map[string]*detect.EnvVar) {
	for _, name := range dotenvNames {
		if name == ".env" {
			continue
		}
		f, ok := p.read(name)
		if !ok {
			continue
		}
		list, _ := manifest.ParseDotenv(f.Data)
		for _, a := range list {
			if all[a.Name] == nil && !settings.MatchString(a.Name) && varName.MatchString(a.Name) {
				all[a.Name] = &detect.EnvVar{Name: a.Name, Secret: isSecret(a.Name), Why: "the sample of its settings names it", Evidence: []detect.Evidence{f.Evidence(a.Line)}}
			}
		}
	}
}
