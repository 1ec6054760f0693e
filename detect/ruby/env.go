package ruby

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// envRead is a place where code reads a variable.
type envRead struct {
	name     string
	fallback string // the literal that stands in for it
	required bool   // it raises when the variable is missing, at start
	file     string // relative to the directory
	evidence detect.Evidence
}

// Bounds of the search for variables: files and bytes read.
const (
	maxEnvFiles = 300
	maxEnvBytes = 6 << 20
)

var (
	envRef   = manifest.Lazy(`ENV(?:\.fetch\(|\.key\?\(|\.has_key\?\(|\[)\s*["']([A-Za-z_][A-Za-z0-9_]*)["']\s*[\])]?`)
	envFetch = manifest.Lazy(`^ENV\.fetch\(\s*["'][^"']+["']\s*\)\s*(?:[^{\s]|$)`)
	envOr    = manifest.Lazy(`^\s*(?:\.presence)?\s*\|\|\s*(["']?)([^"'\s,)}]+)["']?`)
	envArg   = manifest.Lazy(`^\s*,\s*(["']?)([^"')]*)["']?\s*\)`)
	envBlock = manifest.Lazy(`^\s*\)?\s*\{\s*(["']?)([^"'}]*?)["']?\s*\}`)
	secrets  = manifest.Lazy(`(?i)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|_PASS$|(?:^|_)KEY(?:$|_)|APIKEY|PEPPER|SALT$|_DSN$)`)
	public   = manifest.Lazy(`(?i)(?:PUBLIC|PUBLISHABLE|_KEY_ID$|_PATH$|_FILE$|KEYS?_DIR|_LENGTH$|_WITHIN$|_TTL$|_EXPIR\w*$|_TIMEOUT$|_ENABLED$|_ALGORITHM$|^(?:MIN|MAX|ENABLE|DISABLE|SKIP|ALLOW|REQUIRE)_)`)
)

// notSettings are variables of the shell, of Ruby's tools and of test runs: no setting of the application.
var notSettings = manifest.Lazy(`^(?:PATH|HOME|USER|LOGNAME|PWD|SHELL|TERM|TMPDIR|TMP|TEMP|HOSTNAME|EDITOR|DISPLAY|COLUMNS|CI|TRAVIS\w*|CIRCLE\w*|GITHUB_\w+|COVERAGE|COVERALLS\w*|SIMPLECOV|DYNO|` +
	`BUNDLE_\w+|BUNDLER_\w+|GEM_\w+|RUBYOPT|RUBYLIB|RBENV_\w+|SPRING\w*|DISABLE_SPRING|BOOTSNAP_\w+|RAILS_ENV|RACK_ENV|SPEC\w*|TEST\w*|CUCUMBER\w*|VERBOSE|DEBUG|IRBRC|PRY\w*|HTTP_\w+|REQUEST_\w+|QUERY_STRING|SERVER_\w+)$`)

// isSecret reports whether the value of a variable must not be written down, judging by its name.
func isSecret(name string) bool { return secrets.MatchString(name) && !public.MatchString(name) }

// findEnv looks for variables in the configuration first and in the application's code after it.
func (a *app) findEnv() {
	files, bytes := 0, 0
	for _, name := range a.codeFiles() {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		if files++; files > maxEnvFiles {
			break
		}
		if bytes += len(f.Data); bytes > maxEnvBytes {
			break
		}
		if strings.Contains(string(f.Data), "ENV") {
			a.envIn(name, f)
		}
	}
}

// codeFiles are the files that may read variables, the most telling first.
func (a *app) codeFiles() []string {
	out := []string{"config.ru", "Rakefile"}
	out = append(out, a.dir.Glob("config/*.{rb,yml,yaml,erb}")...)
	out = append(out, a.dir.Glob("config/{initializers,settings,environments,apps}/**/*.{rb,yml}")...)
	out = append(out, a.dir.Glob("*.rb")...)
	out = append(out, a.dir.Glob("lib/**/*.rb")...)
	out = append(out, a.dir.Glob("app/**/*.rb")...)
	seen := map[string]bool{}
	kept := out[:0]
	for _, name := range out {
		if base := path.Base(name); seen[name] || base == "spring.rb" || base == "boot.rb" || base == "deploy.rb" ||
			name == "config/environments/development.rb" || name == "config/environments/test.rb" || strings.HasSuffix(name, "_spec.rb") || strings.HasSuffix(name, "_test.rb") {
			continue
		}
		seen[name] = true
		if kept = append(kept, name); len(kept) > 2*maxEnvFiles {
			break // more than are read
		}
	}
	return kept
}

// envIn reads the variables of one file.
func (a *app) envIn(name string, f detect.File) {
	boots := strings.HasPrefix(name, "config") && !strings.HasPrefix(name, "config/environments/") || name == "config/environments/production.rb"
	for i, text := range strings.Split(string(f.Data), "\n") {
		if !strings.Contains(text, "ENV") || strings.HasPrefix(strings.TrimSpace(text), "#") {
			continue
		}
		for _, m := range envRef.FindAllStringSubmatchIndex(text, 20) {
			r := envRead{name: text[m[2]:m[3]], file: name, evidence: f.Evidence(i + 1)}
			if notSettings.MatchString(r.name) {
				continue
			}
			from, tail := text[m[0]:], text[m[1]:]
			fetch := strings.HasPrefix(from, "ENV.fetch")
			closed := strings.HasSuffix(strings.TrimSpace(text[m[0]:m[1]]), ")")
			switch {
			case fetch && !closed:
				r.fallback = literal(envArg, tail)
			case fetch && envBlock.MatchString(tail):
				r.fallback = literal(envBlock, tail)
			case fetch:
				r.required = boots && envFetch.MatchString(from)
			default:
				r.fallback = literal(envOr, tail)
			}
			if strings.Contains(r.fallback, "#{") {
				r.fallback = "" // computed
			}
			a.envReads = append(a.envReads, r)
		}
	}
}

var plainLiteral = manifest.Lazy(`^(?:-?[\d._]+|true|false)$`)

// literal returns what a pattern finds as its second group when that is a literal: quoted (the first group), a number,
// true or false.
func literal(re *manifest.Pattern, s string) string {
	m := re.FindStringSubmatch(s)
	if m == nil || m[1] == "" && !plainLiteral.MatchString(strings.TrimSpace(m[2])) {
		return ""
	}
	return strings.TrimSpace(m[2])
}

// readsVariable reports whether code reads a variable.
func (a *app) readsVariable(name string) bool {
	for _, r := range a.envReads {
		if r.name == name {
			return true
		}
	}
	return false
}

// variables collects EnvVars by name.
type variables struct {
	all map[string]*detect.EnvVar
}

// maxPlaces is how many places of one variable are kept.
const maxPlaces = 3

// add returns the variable of a name, made when it is not there, with one more place.
func (v *variables) add(name string, ev ...detect.Evidence) *detect.EnvVar {
	e := v.all[name]
	if e == nil {
		e = &detect.EnvVar{Name: name, Secret: isSecret(name)}
		v.all[name] = e
	}
	for _, place := range ev {
		if len(e.Evidence) < maxPlaces && !slices.Contains(e.Evidence, place) {
			e.Evidence = append(e.Evidence, place)
		}
	}
	return e
}

// list returns the variables sorted by name.
func (v *variables) list() []detect.EnvVar {
	return detect.SortedEnv(v.all)
}

// env lists the variables that the code reads and that production needs.
func (a *app) env(fw framework, db database, web server) []detect.EnvVar {
	v := &variables{all: map[string]*detect.EnvVar{}}
	for _, r := range a.envReads {
		e := v.add(r.name, r.evidence)
		e.Required = e.Required || r.required
		if e.Default == "" {
			e.Default = r.fallback
		}
	}
	a.heroku(v)
	a.sampleEnv(v)
	a.productionEnv(v, fw, web)
	for role, name := range db.roles {
		e := v.add(name, db.evidence...)
		e.Secret = e.Secret || role == "url" || role == "password" // an address holds the password
		if e.Why == "" && !a.readsVariable(name) && fw.rails() && name == "DATABASE_URL" {
			e.Why = "Rails itself takes the database's address from it, before what config/database.yml says"
		}
		if role == "name" && db.name != "" {
			e.Default = db.name // of production; other environments have names of their own
		}
	}
	return v.list()
}

// heroku reads app.json: what the author asks of anyone who deploys.
func (a *app) heroku(v *variables) {
	f, doc, ok := a.json("app.json")
	if !ok {
		return
	}
	for _, name := range doc.Keys("env") {
		if notSettings.MatchString(name) {
			continue
		}
		e := v.add(name, f.Evidence(doc.Line("env", name)))
		if value, _, ok := doc.Get("env", name); ok && e.Default == "" {
			e.Default = value
		}
		if value, _, ok := doc.Get("env", name, "value"); ok && e.Default == "" {
			e.Default = value
		}
		if g, _, _ := doc.Get("env", name, "generator"); g == "secret" {
			e.Secret, e.Required = true, true
		}
		if d, _, ok := doc.Get("env", name, "description"); ok && e.Why == "" {
			e.Why = detect.Printable(d, 200)
		}
	}
}

// sampleEnv adds what a sample of .env says about variables that the code reads. Names that no code reads are kept too:
// gems read them.
func (a *app) sampleEnv(v *variables) {
	for _, name := range []string{".env.example", ".env.sample", ".env.template", ".env.dist", ".env.production.sample", "env.example"} {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		all, err := manifest.ParseDotenv(f.Data)
		if err != nil {
			a.warn(f, err)
		}
		for _, e := range all {
			if !notSettings.MatchString(e.Name) {
				v.add(e.Name, f.Evidence(e.Line))
			}
		}
		return
	}
}

// productionEnv adds what a container must set.
func (a *app) productionEnv(v *variables, fw framework, web server) {
	set := func(name, value, why string, ev ...detect.Evidence) {
		e := v.add(name, ev...)
		e.Value, e.Why, e.Secret = value, why, false
	}
	if fw.rails() {
		set("RAILS_ENV", "production", "Rails runs in development mode unless it is told otherwise", fw.entry)
		a.railsEnv(v, fw, set)
	} else {
		set("RACK_ENV", "production", "Rack applications run in development mode unless they are told otherwise", fw.entry)
		if fw.name == "hanami" {
			set("HANAMI_ENV", "production", "Hanami runs in development mode unless it is told otherwise", fw.entry)
		}
		if fw.name == "padrino" {
			set("PADRINO_ENV", "production", "Padrino runs in development mode unless it is told otherwise", fw.entry)
		}
	}
	if e := v.all["PORT"]; e != nil || web.readsPort {
		e = v.add("PORT", web.port.Evidence...)
		e.Value, e.Why = strconv.Itoa(web.port.V), "the port that the server listens on"
	}
}

// railsEnv adds the variables that Rails itself reads in production.
func (a *app) railsEnv(v *variables, fw framework, set func(name, value, why string, ev ...detect.Evidence)) {
	prod := func(text string) (detect.Evidence, bool) {
		_, ev, ok := a.grep("config/environments/production.rb", func(s string) bool { return strings.Contains(s, text) })
		return ev, ok
	}
	if atLeast(fw.version, "3.0") {
		set("RACK_ENV", "production", "some servers and gems look at it instead of RAILS_ENV", fw.entry)
	}
	if ev, ok := prod("RAILS_LOG_TO_STDOUT"); ok || a.has("rails_12factor") {
		if !ok {
			ev = fw.entry
		}
		set("RAILS_LOG_TO_STDOUT", "1", "the log belongs on standard output in a container", ev)
	} else if atLeast(fw.version, "5.0") {
		set("RAILS_LOG_TO_STDOUT", "1", "the log belongs on standard output in a container", fw.evidence...)
	}
	if ev, ok := prod("RAILS_SERVE_STATIC_FILES"); ok {
		set("RAILS_SERVE_STATIC_FILES", "1", "no web server stands before the container to serve public/", ev)
	} else if atLeast(fw.version, "4.2") {
		set("RAILS_SERVE_STATIC_FILES", "1", "no web server stands before the container to serve public/", fw.evidence...)
	}
	a.railsSecrets(v, fw)
}

var secretKeyFromEnv = manifest.Lazy(`\bsecret_(?:key_base|token)\s*=.*ENV(?:\.fetch\(|\[)\s*["']([A-Za-z_]\w*)`)

// railsSecrets adds the secrets that Rails does not start without.
func (a *app) railsSecrets(v *variables, fw framework) {
	own := false // the application gives Rails' secret a name of its own
	for _, name := range append(a.dir.Glob("config/initializers/*.rb"), "config/application.rb", "config/environments/production.rb") {
		if s, ev, ok := a.grep(name, secretKeyFromEnv.MatchString); ok {
			name := secretKeyFromEnv.FindStringSubmatch(s.text)[1]
			e := v.add(name, ev)
			e.Required, e.Secret, e.Why = true, true, "signs the session cookies"
			own = own || name != "SECRET_KEY_BASE" && strings.Contains(s.text, "secret_key_base")
		}
	}
	if (atLeast(fw.version, "4.0") || fw.version == "") && !own {
		ev := fw.evidence
		if f, doc, ok := a.yaml("config/secrets.yml"); ok {
			if line := doc.Line("production", "secret_key_base"); line > 0 {
				ev = []detect.Evidence{f.Evidence(line)}
			}
		}
		e := v.add("SECRET_KEY_BASE", ev...)
		e.Required, e.Secret, e.Why = true, true, "signs and encrypts the session cookies"
	}
	for _, name := range []string{"config/credentials/production.yml.enc", "config/credentials.yml.enc", "config/secrets.yml.enc"} {
		if ev, ok := a.wholeFile(name); ok {
			e := v.add("RAILS_MASTER_KEY", ev)
			e.Secret, e.Required = true, a.requiresMasterKey()
			e.Why = "opens " + path.Base(name) + "; only its owner has it. With SECRET_KEY_BASE set, most applications start without"
			return
		}
	}
}

var requireMasterKey = manifest.Lazy(`^config\.require_master_key\s*=\s*true`)

// requiresMasterKey reports whether the application refuses to start without its master key, or reads credentials as it starts.
func (a *app) requiresMasterKey() bool {
	if _, _, ok := a.grep("config/environments/production.rb", requireMasterKey.MatchString); ok {
		return true
	}
	return false
}

// json reads a JSON file; one that is broken is warned of.
func (a *app) json(name string) (detect.File, *manifest.Doc, bool) {
	f, ok := a.read(name)
	if !ok {
		return f, nil, false
	}
	doc, err := manifest.ParseJSON(f.Data)
	if err != nil {
		a.warn(f, err)
		return f, nil, false
	}
	return f, doc, true
}

// yaml reads a YAML file, with its ERB blanked; one that is broken is warned of.
func (a *app) yaml(name string) (detect.File, *manifest.Doc, bool) {
	f, ok := a.read(name)
	if !ok {
		return f, nil, false
	}
	clean, _ := manifest.StripERB(f.Data)
	doc, err := manifest.ParseYAML(clean)
	if err != nil {
		a.warn(f, err)
		return f, nil, false
	}
	return f, doc, true
}
