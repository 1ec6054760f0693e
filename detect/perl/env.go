package perl

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// envRead is a place where code reads a variable.
type envRead struct {
	name     string
	fallback string // the literal that stands in for it
	required bool   // the program dies when it is missing
	evidence detect.Evidence
}

var (
	envRef = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$ENV\{\s*["']?([A-Za-z_]\w*)["']?\s*\}`) })
	envOr  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*\)?\s*(?://|\|\|)\s*(?:(?:"([^"$@]*)")|(?:'([^']*)')|(\d+)\b)`)
	})
	envTern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*\)?\s*\?\s*\$ENV\{[^}]*\}\s*:\s*(?:(?:"([^"$@]*)")|(?:'([^']*)')|(\d+)\b)`)
	})
	envDie  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*\)?\s*(?://|\|\||or)\s*(?:die|croak|confess)\b`) })
	secrets = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|_PASS$|(?:^|_)KEY(?:$|_)|APIKEY|SALT$|COOKIE_KEY)`)
	})
	notSecret = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:PUBLIC|_KEY_ID$|_PATH$|_FILE$|_DIR$|_LENGTH$|_TTL$|_TIMEOUT$|_ENABLED$)`)
	})
)

// notSettings are the beginnings of variables of the shell, of the CGI protocol, of Perl's tools and of test runs.
var notSettings = []string{"HTTP_", "REMOTE_", "SERVER_", "SCRIPT_", "REQUEST_", "CONTENT_", "PATH_", "PERL", "HARNESS_", "TEST_", "TRAVIS", "GITHUB_", "AUTHOR_", "RELEASE_", "MOD_PERL",
	"LC_", "SSL_", "REDIRECT_", "GIT_", "PLACK_", "DANCER_", "MOJO_", "CATALYST_", "HYPNOTOAD_", "EXTENDED_", "XDG_", "DBIC_", "DBI_TRACE", "COVER", "NYTPROF", "AUTOMATED_", "NONINTERACTIVE_", "SSH_", "SUDO_"}

var notSettingNames = map[string]bool{"PATH": true, "HOME": true, "USER": true, "LOGNAME": true, "PWD": true, "SHELL": true, "TERM": true, "TMPDIR": true, "TMP": true, "TEMP": true,
	"HOSTNAME": true, "EDITOR": true, "VISUAL": true, "PAGER": true, "DISPLAY": true, "COLUMNS": true, "LINES": true, "CI": true, "QUERY_STRING": true, "DOCUMENT_ROOT": true,
	"GATEWAY_INTERFACE": true, "AUTH_TYPE": true, "HTTPS": true, "LANG": true, "LANGUAGE": true, "IFS": true, "CDPATH": true, "ENV": true, "BASH_ENV": true, "TZ": true, "UID": true, "SHLVL": true,
	"USERNAME": true, "OSTYPE": true, "WINDIR": true, "SYSTEMROOT": true, "USERPROFILE": true, "APPDATA": true, "COMSPEC": true, "MAKE": true, "VERBOSE": true, "DEBUG": true, "UNIQUE_ID": true, "TESTING": true,
	"LD_LIBRARY_PATH": true, "LD_PRELOAD": true, "CC": true, "CFLAGS": true, "OLDPWD": true, "NO_COLOR": true, "MAILTO": true, "MANPATH": true, "INFOPATH": true}

// isSetting reports whether a variable is one of the application's own.
func isSetting(name string) bool {
	if notSettingNames[strings.ToUpper(name)] || len(name) < 2 {
		return false
	}
	for _, p := range notSettings {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	return true
}

// isSecret reports whether the value of a variable must not be written down, judging by its name.
func isSecret(name string) bool { return secrets().MatchString(name) && !notSecret().MatchString(name) }

// envReads looks for variables in the code and in configuration that is code.
func (a *app) envReads() []envRead {
	if a.env != nil {
		return a.env
	}
	a.env = []envRead{}
	for _, s := range a.sources {
		if !strings.Contains(string(s.file.Data), "$ENV{") {
			continue
		}
		for _, l := range s.lines {
			a.envIn(l.text, func() detect.Evidence { return s.file.Evidence(l.number) })
		}
	}
	for _, f := range a.configFiles() {
		if !strings.Contains(string(f.Data), "$ENV{") {
			continue
		}
		for i, s := range strings.Split(string(f.Data), "\n") {
			a.envIn(stripComment(s), func() detect.Evidence { return f.Evidence(i + 1) })
		}
	}
	return a.env
}

// maxEnv bounds the places that are kept.
const maxEnv = 500

// envIn reads the variables of one line.
func (a *app) envIn(s string, evidence func() detect.Evidence) {
	if !strings.Contains(s, "$ENV{") || len(a.env) >= maxEnv {
		return
	}
	for _, m := range envRef().FindAllStringSubmatchIndex(s, 20) {
		name, tail := s[m[2]:m[3]], s[m[1]:]
		if !isSetting(name) || assigned(tail) || deleted(s[:m[0]]) {
			continue
		}
		r := envRead{name: name, evidence: evidence(), required: envDie().MatchString(tail)}
		for _, re := range []*regexp.Regexp{envOr(), envTern()} {
			if f := re.FindStringSubmatch(tail); f != nil {
				r.fallback = f[1] + f[2] + f[3]
			}
		}
		a.env = append(a.env, r)
	}
}

// assigned reports whether a variable is set here: "= x", not "== x" and not "=~ x".
func assigned(tail string) bool {
	tail = strings.TrimLeft(tail, " \t")
	for _, op := range []string{"||=", "//="} {
		if strings.HasPrefix(tail, op) {
			return false // a default: it is read as well
		}
	}
	return len(tail) > 1 && tail[0] == '=' && tail[1] != '=' && tail[1] != '~' && tail[1] != '>'
}

func deleted(before string) bool {
	before = strings.TrimRight(before, " \t(")
	return strings.HasSuffix(before, "delete") || strings.HasSuffix(before, "local")
}

// maxPlaces is how many places of one variable are kept.
const maxPlaces = 3

// variables lists the variables that the application reads, and those that its servers are told production by.
func (a *app) variables(fw framework) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	for _, r := range a.envReads() {
		e := all[r.name]
		if e == nil {
			e = &detect.EnvVar{Name: r.name, Secret: isSecret(r.name)}
			all[r.name] = e
		}
		e.Required = e.Required || r.required
		if e.Default == "" && !e.Secret {
			e.Default = r.fallback
		}
		if len(e.Evidence) < maxPlaces && !slices.Contains(e.Evidence, r.evidence) {
			e.Evidence = append(e.Evidence, r.evidence)
		}
	}
	var out []detect.EnvVar
	for _, e := range all {
		out = append(out, *e)
	}
	out = append(out, a.modeVariables(fw)...)
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// modeVariables are what the frameworks read to know that they run in production.
func (a *app) modeVariables(fw framework) []detect.EnvVar {
	var out []detect.EnvVar
	add := func(name, value, why string, ev detect.Evidence) {
		out = append(out, detect.EnvVar{Name: name, Value: value, Why: why, Evidence: []detect.Evidence{ev}})
	}
	switch fw.style {
	case mojo:
		add("MOJO_MODE", "production", "Mojolicious runs in development mode without it", fw.entry)
	case psgi:
		add("PLACK_ENV", "production", "plackup runs in development mode without it", fw.entry)
		if fw.name == "dancer" {
			add("DANCER_ENVIRONMENT", "production", "Dancer runs in development mode without it", fw.entry)
		}
	}
	if ev, ok := a.relativeRequire(); ok {
		add("PERL_USE_UNSAFE_INC", "1", "a file is loaded from the current directory, where Perl has not looked since 5.26", ev)
	}
	return out
}

// relativeRequire finds a file that is loaded by its bare name: require "settings.pl". Since Perl 5.26 the current
// directory is not searched (perldoc perl5260delta).
func (a *app) relativeRequire() (detect.Evidence, bool) {
	for _, s := range a.sources {
		for _, l := range s.lines {
			word, rest, ok := strings.Cut(l.text, " ")
			if word != "require" && word != "do" || !ok {
				continue
			}
			q := quoted(rest)
			if len(q) == 0 || !strings.HasPrefix(strings.TrimLeft(rest, " ("), `"`) && !strings.HasPrefix(strings.TrimLeft(rest, " ("), `'`) {
				continue
			}
			name := q[0]
			if strings.ContainsAny(name, "$@{ ") || strings.HasPrefix(name, "/") || strings.HasPrefix(name, ".") || !strings.Contains(name, ".") {
				continue
			}
			for _, own := range a.allFiles() {
				if own == name || strings.HasSuffix(own, "/"+name) {
					return s.file.Evidence(l.number), true
				}
			}
		}
	}
	return detect.Evidence{}, false
}

// allFiles are the application's files of Perl code.
func (a *app) allFiles() []string {
	var out []string
	for _, list := range [][]string{a.files.cgi, a.files.scripts, a.files.modules, a.files.psgi} {
		out = append(out, list...)
	}
	return out
}
