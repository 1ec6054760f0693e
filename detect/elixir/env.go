package elixir

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// envRead is a place where settings or code read a variable.
type envRead struct {
	name     string
	fallback string
	required bool
	evidence detect.Evidence
}

var (
	envRef = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`System\.(get_env|fetch_env!|fetch_env)\(?\s*"([A-Za-z_]\w*)"|\{\s*:system,\s*(?::\w+,\s*)?"([A-Za-z_]\w*)"`)
	})
	envDefault = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*(?:,\s*|\)\s*\|\|\s*\(?)(?:"([^"#]*)"|(\d[\d_]*)|(raise\b))`)
	})
	secrets = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|_PASS$|(?:^|_)KEY(?:$|_)|APIKEY|SALT$|COOKIE|_DSN$)`)
	})
	notSecret = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:PUBLIC|PUBLISHABLE|_KEY_ID$|_PATH$|_FILE$|_DIR$|_TTL$|_TIMEOUT$|_ENABLED$|_LENGTH$)`)
	})
	shell = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:PATH|HOME|USER|LOGNAME|PWD|SHELL|TERM|TMPDIR|HOSTNAME|EDITOR|CI|MIX_\w+|HEX_\w+|ERL_\w+|ELIXIR_\w+|COVERALLS\w*|TRAVIS\w*|CIRCLE\w*|GITHUB_(?:ACTIONS|SHA|REF|TOKEN)|DYNO|RELEASE_\w+|NODE_ENV|COLUMNS|LANG|LC_\w+|TEST_\w+|TZ)$`)
	})
)

// isSecret reports whether the value of a variable must not be written down, judging by its name.
func isSecret(name string) bool { return secrets().MatchString(name) && !notSecret().MatchString(name) }

// maxEnv bounds the places that are kept.
const maxEnv = 600

// findEnv looks for variables in the settings and the code.
func (a *app) findEnv() {
	for _, c := range a.configs {
		a.envIn(c.file, true)
	}
	for _, s := range a.sources {
		a.envIn(s.file, false)
	}
}

func (a *app) envIn(f detect.File, boots bool) {
	data := string(f.Data)
	if !strings.Contains(data, "_env") && !strings.Contains(data, ":system") {
		return
	}
	lines := strings.Split(data, "\n")
	for i, s := range lines {
		if strings.HasPrefix(strings.TrimSpace(s), "#") || len(a.env) >= maxEnv {
			continue
		}
		for _, m := range envRef().FindAllStringSubmatchIndex(s, 10) {
			r := envRead{evidence: f.Evidence(i + 1)}
			how := ""
			if m[4] >= 0 {
				how, r.name = s[m[2]:m[3]], s[m[4]:m[5]]
			} else {
				r.name = s[m[6]:m[7]]
			}
			if shell().MatchString(r.name) {
				continue
			}
			tail := s[m[1]:]
			if t := strings.TrimRight(tail, " "); strings.HasSuffix(t, "||") && i+1 < len(lines) {
				tail = t + " " + strings.TrimSpace(lines[i+1])
			}
			if d := envDefault().FindStringSubmatch(tail); d != nil {
				r.fallback = d[1] + d[2]
				r.required = d[3] != "" && boots
			}
			r.required = r.required || how == "fetch_env!" && boots
			a.env = append(a.env, r)
		}
	}
}

// reads returns the first place that reads a variable.
func (a *app) reads(name string) (detect.Evidence, bool) {
	for _, r := range a.env {
		if r.name == name {
			return r.evidence, true
		}
	}
	return detect.Evidence{}, false
}

// variables lists the variables that the application reads, and those that its tools want for production.
func (a *app) variables(fw framework, b build, port int) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	add := func(name string) *detect.EnvVar {
		if all[name] == nil {
			all[name] = &detect.EnvVar{Name: name, Secret: isSecret(name)}
		}
		return all[name]
	}
	for _, r := range a.env {
		e := add(r.name)
		e.Required = e.Required || r.required
		if e.Default == "" && !e.Secret {
			e.Default = r.fallback
		}
		if len(e.Evidence) < 3 && !slices.Contains(e.Evidence, r.evidence) {
			e.Evidence = append(e.Evidence, r.evidence)
		}
	}
	set := func(name, value, why string, ev detect.Evidence) {
		e := add(name)
		e.Value = value
		if e.Why == "" {
			e.Why = why
		}
		if len(e.Evidence) == 0 {
			e.Evidence = []detect.Evidence{ev}
		}
	}
	set("MIX_ENV", "prod", "a container runs in production mode", a.main().file.Evidence(max(a.main().appLine, 0)))
	if ev, ok := a.reads("PORT"); ok && port > 0 {
		set("PORT", itoa(port), "where the container listens", ev)
	}
	if ev, ok := a.reads("PHX_SERVER"); ok {
		set("PHX_SERVER", "true", "without it a release does not serve", ev)
	}
	if fw.name == "phoenix" {
		a.secretKey(add, b)
	}
	return detect.SortedEnv(all)
}

// secretKey is the variable that signs sessions: the one that the endpoint's settings read, or the one that the file of
// secrets, which the image gets in place of the one that is not in the repository, reads.
func (a *app) secretKey(add func(string) *detect.EnvVar, b build) {
	found := false
	a.settingsOf(isEndpoint, func(c configAt, s setting) bool {
		if s.path != "secret_key_base" {
			return true
		}
		if name, ok := c.variable(s); ok && !found {
			found = true
			e := add(name)
			e.Required, e.Secret = true, true
			if e.Why == "" {
				e.Why = "signs and encrypts sessions"
			}
			if len(e.Evidence) == 0 {
				e.Evidence = []detect.Evidence{c.file.Evidence(s.line)}
			}
		}
		return true
	})
	if !found && b.secretFile != "" {
		e := add("SECRET_KEY_BASE")
		e.Required, e.Secret, e.Why = true, true, "signs and encrypts sessions"
		e.Evidence = append(e.Evidence, b.secretAt)
	}
}
