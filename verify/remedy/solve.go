package remedy

import (
	_ "embed"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/plan"
)

// solver makes the changes of a remedy that no table can say. match is what its expression captured.
type solver func(p *plan.Plan, c *plan.Component, s Symptom, match []string) []Change

var solvers = map[string]solver{
	"absent":         absent,
	"allowed-hosts":  allowedHosts,
	"apt-package":    aptPackage,
	"apt-renamed":    aptRenamed,
	"artifact":       artifact,
	"as-of":          published,
	"base-image":     baseImage,
	"bind-all":       bindAll,
	"class-file":     classFile,
	"creates-in":     createsIn,
	"database":       database,
	"database-user":  databaseUser,
	"ended-silently": endedSilently,
	"global-tool":    globalTool,
	"interpreter":    interpreter,
	"migrate":        migrate,
	"output":         output,
	"php-driver":     phpDriver,
	"php-extension":  phpExtension,
	"python-driver":  pythonDriver,
	"range":          rangeLow,
	"runtime-files":  runtimeFiles,
	"self-link":      selfLink,
	"setting":        setting,
	"stale-pid":      stalePID,
	"unlocked":       unlocked,
	"without-lock":   withoutLock,
	"wrapper":        wrapper,
	"written-path":   writtenPath,
}

// library is a row of packages.yaml: what names a library in logs, and its Debian packages.
type library struct {
	Names []string `yaml:"names"` // headers, tools, -l names, pkg-config names, shared objects, commands
	Build []string `yaml:"build"`
	Run   []string `yaml:"run"`
}

//go:embed packages.yaml
var packagesYAML []byte

// libraries maps every name to its row.
var libraries = sync.OnceValue(func() map[string]library {
	var rows []library
	if err := yaml.Unmarshal(packagesYAML, &rows); err != nil {
		panic("read the packages: " + err.Error()) // embedded: a test reads it
	}
	out := map[string]library{}
	for _, r := range rows {
		for _, n := range r.Names {
			out[n] = r
		}
	}
	return out
})

// aptPackage finds the Debian packages of the library that a line names. A shared object is found by its name without
// its version too: libpq.so.5, libpq.so.
func aptPackage(p *plan.Plan, c *plan.Component, s Symptom, match []string) []Change {
	for _, name := range match[1:] {
		name = strings.ToLower(strings.Trim(name, `'"`))
		if name == "" {
			continue
		}
		lib, ok := libraries()[name]
		if !ok {
			lib, ok = libraries()[path.Base(name)]
		}
		if stem, _, cut := strings.Cut(name, ".so"); !ok && cut {
			lib, ok = libraries()[stem+".so"]
		}
		if !ok {
			continue
		}
		var out []Change
		if s.Phase == "build" {
			if ch, ok := appended(p, fieldPath(c, "systemPackages.build"), strings.Join(lib.Build, ",")); ok {
				out = append(out, ch)
			}
		}
		if ch, ok := appended(p, fieldPath(c, "systemPackages.run"), strings.Join(lib.Run, ",")); ok {
			out = append(out, ch)
		}
		return out
	}
	return nil
}

// aptNow are Debian packages that another one has taken the place of (packages.debian.org, wheezy to trixie). A package that has none is
// left out: nothing can install it.
var aptNow = map[string]string{
	"libmysqlclient-dev": "default-libmysqlclient-dev", "mysql-client": "default-mysql-client", "libmysqlclient18": "libmariadb3", "libmysqlclient20": "libmariadb3", "libmysqlclient21": "libmariadb3",
	"python": "python3", "python-dev": "python3-dev", "python-pip": "python3-pip", "python-setuptools": "python3-setuptools", "python2": "", "python2.7": "", "python2-minimal": "",
	"libssl1.0.0": "libssl3", "libssl1.0.2": "libssl3", "libssl1.1": "libssl3", "libssl1.0-dev": "libssl-dev", "libssl3t64": "libssl3",
	"libpng12-dev": "libpng-dev", "libpng12-0": "libpng16-16", "libjpeg8": "libjpeg62-turbo", "libjpeg62": "libjpeg62-turbo", "libjpeg-turbo8": "libjpeg62-turbo", "libjpeg8-dev": "libjpeg-dev",
	"libtiff5": "libtiff6", "libtiff4-dev": "libtiff-dev", "libtiff5-dev": "libtiff-dev", "libgdk-pixbuf2.0-0": "libgdk-pixbuf-2.0-0", "libgdk-pixbuf2.0-dev": "libgdk-pixbuf-2.0-dev",
	"libcurl3": "libcurl4", "libcurl4-gnutls": "libcurl3-gnutls", "libicu52": "libicu72", "libicu57": "libicu72", "libicu63": "libicu72", "libicu67": "libicu72", "libffi6": "libffi8", "libffi7": "libffi8",
	"libreadline6-dev": "libreadline-dev", "libreadline6": "libreadline8", "libreadline7": "libreadline8", "libncurses5-dev": "libncurses-dev", "libncurses5": "libncurses6", "libgdbm3": "libgdbm6",
	"libmagickwand-6.q16-2": "libmagickwand-6.q16-6", "libmagickcore-6.q16-2": "libmagickcore-6.q16-6", "libwebp6": "libwebp7", "libzip4": "libzip-dev", "libonig4": "libonig5", "libevent-2.0-5": "libevent-2.1-7",
	"libfreetype6-dev": "libfreetype-dev", "ttf-dejavu": "fonts-dejavu", "ttf-dejavu-core": "fonts-dejavu-core", "ttf-freefont": "fonts-freefont-ttf", "ttf-mscorefonts-installer": "",
	"openjdk-7-jdk": "default-jdk-headless", "openjdk-8-jdk": "default-jdk-headless", "openjdk-11-jdk": "default-jdk-headless", "openjdk-7-jre": "default-jre-headless", "openjdk-8-jre": "default-jre-headless", "openjdk-11-jre": "default-jre-headless",
	"nodejs-legacy": "nodejs", "libav-tools": "ffmpeg", "phantomjs": "", "wkhtmltopdf": "", "libpcre3": "libpcre2-8-0", "libpcre3-dev": "libpcre2-dev", "libaio1": "libaio1t64", "libglib2.0-0": "libglib2.0-0t64",
	"libcurl4": "libcurl4t64", "libgtk-3-0": "libgtk-3-0t64", "libpng16-16": "libpng16-16t64", "libssl3": "libssl3t64", "libreadline8": "libreadline8t64", "libevent-2.1-7": "libevent-2.1-7t64", "libxml2": "libxml2-dev", "libldap-2.5-0": "libldap2-dev",
}

// aptRenamed takes out a package that this Debian release does not have, or puts the one in its place that has its contents now.
func aptRenamed(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	gone := captured(match)
	var out []Change
	for _, stage := range []string{"build", "run"} {
		path := fieldPath(c, "systemPackages."+stage)
		had := strings.Split(value(p, path), ",")
		i := slices.Index(had, gone)
		if i < 0 {
			continue
		}
		now := slices.Delete(slices.Clone(had), i, i+1)
		if next := aptNow[gone]; next != "" && !slices.Contains(now, next) {
			now = append(now, next)
		}
		out = append(out, Change{path, strings.Join(now, ",")})
	}
	return out
}

// writtenPath adds a path that may not be written to the directories that can be. A path that is not absolute is one of a page: PHP
// resolves it from the directory of the first page.
func writtenPath(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	for _, file := range match[1:] {
		file = strings.TrimRight(strings.Trim(file, `'"`), "/:.,)")
		if file == "" || strings.Contains(file, "..") {
			continue
		}
		if !path.IsAbs(file) {
			file = path.Join("/app", value(p, fieldPath(c, "facts.docroot")), file)
		}
		file = path.Clean(file)
		rel, own := strings.CutPrefix(file, "/app/")
		if inner, ok := strings.CutPrefix(c.Path, c.Context()+"/"); ok || c.Context() == "." && c.Path != "." {
			if !ok {
				inner = c.Path
			}
			if rel, own = strings.CutPrefix(file, "/app/"+inner+"/"); !own { // beside the component
				rel, own = file, strings.HasPrefix(file, "/app/")
			}
		}
		if !own && !writtenOutside().MatchString(file) {
			continue
		}
		dir := rel
		if !own {
			dir = file
		}
		if strings.Contains(path.Base(file), ".") { // a file: its directory
			if dir = path.Dir(dir); dir == "." || dir == "/app" {
				continue // the application's own directory is not given away
			}
		}
		if ch, ok := appended(p, fieldPath(c, "writes"), dir); ok {
			return []Change{ch}
		}
	}
	return nil
}

// createsIn lets an application make files in its own directory, or in its repository's, where it has no directory of their own for them.
func createsIn(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	file := strings.TrimRight(captured(match), "/:.,)")
	dir := path.Dir(path.Clean(file))
	if file == "" || dir != "/app" && dir != ownDirectory(c) || !strings.Contains(path.Base(file), ".") {
		return nil
	}
	if ch, ok := worded(p, fieldPath(c, "facts.createsIn"), dir); ok {
		return []Change{ch}
	}
	return nil
}

// ownDirectory is where the component's code lies in its image.
func ownDirectory(c *plan.Component) string {
	return path.Join("/app", strings.TrimPrefix(strings.TrimPrefix(c.Path, c.Context()), "."))
}

// endedSilently lets a program that ends without a word make files beside its code: that it may not is what an image differs in most from the
// machine that it was written on, and some take no notice of the error. It is taken back where it changes nothing.
func endedSilently(p *plan.Plan, c *plan.Component, s Symptom, _ []string) []Change {
	if slices.ContainsFunc(s.Log, complaint().MatchString) {
		return nil
	}
	if ch, ok := worded(p, fieldPath(c, "facts.createsIn"), ownDirectory(c)); ok {
		return []Change{ch}
	}
	return nil
}

var complaint = lazy(`(?i)error|exception|traceback|fatal|panic|denied|cannot|can't|could not|failed|refused|usage:|missing|unknown|invalid|no such`)

// writtenOutside are directories outside the application that are there to be written to, or are made for it.
var writtenOutside = lazy(`^/(?:var/(?:log|lib|cache|spool|run|opt|www|data|tmp)/[^/]+|data(?:/|$)|srv/[^/]+|home/[^/]+/[^/]+|uploads(?:/|$)|storage(?:/|$)|logs?(?:/|$)|opt/[^/]+/[^/]+|usr/local/tomcat/[^/]+)`)

// captured is what the branch of an expression that matched has captured.
func captured(match []string) string {
	for _, m := range match[1:] {
		if m != "" {
			return m
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// rangeLow takes the highest version that a range of a package manager allows: ">=3.7,<3.10", "^14.17.0 || >=16", "~7.4".
func rangeLow(_ *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	wanted := captured(match)
	if alternatives := strings.Split(wanted, "||"); len(alternatives) > 1 {
		wanted = alternatives[len(alternatives)-1]
	}
	var low, high string
	for _, m := range rangePart().FindAllStringSubmatch(wanted, 10) {
		switch m[1] {
		case "<":
			high = below(m[2])
		case "<=":
			high = m[2]
		case "!=":
		default:
			low = m[2]
		}
	}
	version := high
	if version == "" {
		version = low
	}
	if version == "" {
		return nil
	}
	parts := strings.Split(version, ".")
	keep := 2
	if c.Stack == "node" {
		keep = 1
	}
	return []Change{{fieldPath(c, "languageVersion"), strings.Join(parts[:min(len(parts), keep)], ".")}}
}

var rangePart = lazy(`(<=|>=|<|>|\^|~>|~=|~|==|=|!=)?\s*v?(\d+(?:\.\d+)*)`)

// below is the release line before a bound that is excluded: 3.10 gives 3.9, 4 (or 4.0) gives 3.
func below(v string) string {
	parts := strings.Split(v, ".")
	for len(parts) > 1 && strings.Trim(parts[len(parts)-1], "0") == "" {
		parts = parts[:len(parts)-1]
	}
	n, _ := strconv.Atoi(parts[len(parts)-1])
	if n == 0 {
		return ""
	}
	parts[len(parts)-1] = strconv.Itoa(n - 1)
	return strings.Join(parts, ".")
}

// migrations are the commands that bring a database's tables up to date, by framework.
var migrations = map[string]string{
	"rails": "bundle exec rake db:migrate", "django": "python manage.py migrate --noinput", "laravel": "php artisan migrate --force",
	"symfony": "php bin/console doctrine:migrations:migrate --no-interaction", "phoenix": "mix ecto.migrate",
}

// migrate runs the framework's migrations before the application starts.
func migrate(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	before := c.Process("release")
	if slices.ContainsFunc(before, func(w string) bool { return strings.Contains(w, "migrat") }) {
		return nil // it is run, and that does not help
	}
	if command := migrations[value(p, fieldPath(c, "framework"))]; command != "" {
		if manage := value(p, fieldPath(c, "facts.manage")); manage != "" {
			command = strings.Replace(command, "manage.py", manage, 1)
		}
		if len(before) > 0 {
			command = plan.ShellWords([]string{"sh", "-c", plan.ShellWords(before) + " && " + command})
		}
		return []Change{{fieldPath(c, "processes.release"), command}}
	}
	return nil
}

// setting gives a variable that the application does not start without a value: a made-up secret when its name says that
// it is one, so that nothing real is written down. While the image is built the steps are told a value too.
func setting(p *plan.Plan, c *plan.Component, s Symptom, match []string) []Change {
	for _, name := range match[1:] {
		if !envName().MatchString(name) {
			continue
		}
		isSet := slices.ContainsFunc(c.Settings, func(x plan.Setting) bool { return x.Name == name })
		if isSet && s.Phase != "build" {
			return nil // it is set, and that does not help
		}
		secret, val := secretWord().MatchString(name), guessed(name, c)
		if !secret && val == "" {
			continue // a person must say
		}
		var out []Change
		if s.Phase == "build" {
			told := val
			if secret {
				told = "unused-while-the-image-is-built"
			}
			if ch, ok := variable(p, c, name, told); ok {
				out = append(out, ch)
			}
		}
		switch {
		case isSet:
		case secret:
			out = append(out, Change{"secrets." + name, "generate"}, Change{fieldPath(c, "env."+name), "${" + name + "}"})
		default:
			out = append(out, Change{fieldPath(c, "env."+name), val})
		}
		return out
	}
	return nil
}

var (
	envName    = lazy(`^[A-Z][A-Z0-9_]+$`)
	secretWord = lazy(`SECRET|PASSWORD|PASSWD|TOKEN|_KEY\b|SALT|PEPPER|SESSION`)
)

// guessed is a harmless value for a variable whose name says what kind it is of; empty: a person must say.
func guessed(name string, c *plan.Component) string {
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(name, part) })
	}
	own := "http://localhost:" + strconv.Itoa(c.Port.V)
	switch {
	case has("BASE_URL", "SITE_URL", "APP_URL", "PUBLIC_URL", "ROOT_URL", "HOST_URL", "FRONTEND_URL", "WEB_URL", "ORIGIN", "SITE_ROOT"):
		return own
	case strings.HasSuffix(name, "_URL"), strings.HasSuffix(name, "_URI"):
		return "" // an address can be of anything
	case has("HOST", "DOMAIN"):
		return "localhost"
	case name == "PORT":
		return strconv.Itoa(c.Port.V)
	case has("EMAIL", "MAIL_FROM", "MAIL_SENDER"):
		return "nobody@example.com"
	case strings.HasPrefix(name, "ENABLE"), strings.HasSuffix(name, "_ENABLED"), strings.HasPrefix(name, "DEBUG"):
		return "false"
	case has("SITE_NAME", "APP_NAME", "SITE_TITLE"):
		return c.Name
	case strings.HasSuffix(name, "_REGION"):
		return "us-east-1"
	case has("LOG_LEVEL"):
		return "info"
	}
	return ""
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
