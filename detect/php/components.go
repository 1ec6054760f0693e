package php

import (
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// components are the web process and the workers beside it.
func (a *app) components() []detect.Component {
	a.readComposer()
	framework, release := a.findFramework()
	if !framework.Set() {
		a.findProduct()
	}
	a.codeExtensions()
	a.demanded(framework, release)
	role := detect.Infer(detect.Web, "pages that a web server runs", a.proof())
	c := a.base(role, framework, release)
	c.Name = path.Base(a.dir.Path)
	if a.dir.Path == "." {
		c.Name = "web"
	}
	c.AppServer, c.Port = a.server()
	c.Services = a.services(framework.V)
	c.Env = a.env(&c)
	workers := a.workers(framework.V, release.V)
	for _, w := range workers {
		a.ext("pcntl", w.Evidence[0]) // how a worker of PHP hears that it shall stop
	}
	a.addServiceExtensions(&c)
	a.setFacts(&c)
	c.Processes = append([]detect.Process{{Name: "web", Command: []string{"apache2-foreground"}, From: detect.Inferred, Why: "Apache runs the pages", Evidence: []detect.Evidence{a.proof()}}}, a.release(framework.V)...)
	c.Processes = append(c.Processes, a.scheduled(framework.V, release.V)...)
	a.readiness(&c)
	c.HealthPath = detect.Guess("/", "no route for health checks was found")
	out := []detect.Component{c}
	for _, w := range workers {
		wc := a.base(detect.Is(detect.Worker, w.Evidence...), framework, release)
		wc.Name = w.Name
		wc.Services, wc.Env, wc.Facts, wc.Writes, wc.SystemPackages = c.Services, c.Env, c.Facts, c.Writes, c.SystemPackages
		w.Name = "worker"
		wc.Processes = []detect.Process{w}
		out = append(out, wc)
	}
	return out
}

// proof is the place that shows that this is PHP.
func (a *app) proof() detect.Evidence {
	names := []string{a.index, "composer.json", "artisan"}
	for _, name := range append(names, a.files...) {
		if name != "" && a.dir.Has(name) {
			return a.at(name)
		}
	}
	return detect.Evidence{}
}

// at is a file as a whole.
func (a *app) at(name string) detect.Evidence {
	return detect.Evidence{File: path.Join(a.dir.Path, name)}
}

func (a *app) base(role detect.Value[detect.Role], framework, release detect.Value[string]) detect.Component {
	c := detect.Component{Role: role, Facts: map[string]detect.Value[string]{}}
	c.Language = detect.Is("php", a.proof())
	c.Platform = detect.Infer("linux", "nothing in it needs Windows", a.proof())
	c.Framework, c.FrameworkVersion = framework, release
	if !framework.Set() {
		c.Framework = detect.Infer("none", "neither a manifest nor a file of a framework was found", a.proof())
	}
	c.LanguageVersion = a.version(framework.V, release.V)
	c.Build = detect.Infer("none", "there is no composer.json", a.proof())
	if f, err := a.dir.Read("composer.json"); err == nil {
		c.Build = detect.Is("composer", f.Evidence(0))
	}
	c.EndOfLife = endOfLife(c.LanguageVersion.V, framework.V, release.V)
	return c
}

// server says which server runs the pages: Apache's module unless the repository configures PHP-FPM.
func (a *app) server() (detect.Value[string], detect.Value[int]) {
	port := detect.Infer(80, "the port of the web server", a.proof())
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil || len(d.Stages) == 0 {
			continue
		}
		if len(d.Expose) > 0 && d.Expose[0].Number != 9000 && d.Expose[0].Number != 443 {
			port = detect.Is(d.Expose[0].Number, f.Evidence(d.Expose[0].Line))
		}
		s := d.Base(d.Stages[len(d.Stages)-1])
		switch {
		case strings.Contains(s.Image, "fpm"):
			return detect.Is("php-fpm", f.Evidence(s.Line)), port
		case strings.Contains(s.Image, "apache"):
			return detect.Is("mod_php", f.Evidence(s.Line)), port
		}
	}
	for _, name := range []string{".htaccess", a.docroot + "/.htaccess"} {
		if f, err := a.dir.Read(name); err == nil {
			return detect.Is("mod_php", f.Evidence(0)), port
		}
	}
	for _, name := range a.servers {
		if !strings.Contains(name, "nginx") && !strings.Contains(name, "default.conf") && !strings.Contains(name, "site.conf") {
			continue
		}
		if f, err := a.dir.Read(name); err == nil && holds(f.Data, []string{"fastcgi_pass"}) {
			return detect.Is("php-fpm", lineOf(f, "fastcgi_pass")), port
		}
	}
	return detect.Infer("mod_php", "Apache with its PHP module runs pages as they are", a.proof()), port
}

// lineOf is the first line of a file that holds a text, or the file as a whole.
func lineOf(f detect.File, text string) detect.Evidence {
	for i, l := range strings.Split(string(f.Data), "\n") {
		if strings.Contains(l, text) {
			return f.Evidence(i + 1)
		}
	}
	return f.Evidence(0)
}

// setsLocale is the first locale that a call asks for: of several the first that the machine has is taken.
var setsLocale = manifest.Lazy(`setlocale\s*\(\s*(?:LC_\w+|\d)\s*,\s*(?:array\s*\(\s*|\[\s*)?["']([a-z]{2,3}_[A-Z]{2}[\w.@-]*)["']`)

// setFacts says what the template needs.
func (a *app) setFacts(c *detect.Component) {
	set := func(key string, v detect.Value[string]) { c.Facts[key] = v }
	if a.index != "" {
		set("docroot", detect.Infer(a.docroot, "the directory of the first page", a.at(a.index)))
	} else if a.root.File != "" {
		set("docroot", detect.Is(a.docroot, a.root))
	} else {
		set("docroot", detect.Guess(a.docroot, "no first page was found"))
	}
	if c.Build.V == "composer" {
		if f, err := a.dir.Read("composer.lock"); err == nil {
			set("lockfile", detect.Is("composer.lock", f.Evidence(0)))
		}
		if f, err := a.dir.Read("vendor/autoload.php"); err == nil {
			set("vendor", detect.Is("true", f.Evidence(0)))
		} else {
			set("composer", detect.Is("true", c.Build.Evidence...))
			a.composerFacts(set)
		}
	}
	if a.dir.Has("artisan") {
		f, _ := a.dir.Read("artisan")
		set("artisan", detect.Is("true", f.Evidence(0)))
	}
	if names := a.extensions(); len(names) > 0 {
		var ev []detect.Evidence
		for _, n := range names {
			ev = append(ev, a.exts[n][:min(1, len(a.exts[n]))]...)
		}
		set("extensions", detect.Infer(strings.Join(names, " "), "manifests and code use them", ev...))
	}
	switch c.Framework.V {
	case "laravel", "symfony", "slim", "zend", "yii", "cakephp", "codeigniter", "wordpress", "drupal":
		set("rewrite", detect.Infer(a.page(), c.Framework.V+" takes every request in its first page", c.Framework.Evidence...))
	}
	if ev, ok := a.ownDotenv(c.Framework.V); ok {
		set("dotenv", detect.Infer("true", "the framework reads .env files, and the image has none of them", ev))
	}
	for _, n := range a.extensions() {
		c.SystemPackages = append(c.SystemPackages, detect.SystemPackage{Name: "php-ext:" + n, Why: "PHP's extension " + n, Evidence: a.exts[n]})
	}
	for _, h := range a.grep(a.files, setsLocale.Regexp(), 20, "setlocale") {
		detect.AddLocale(c.Facts, h.m[1], h.evidence())
	}
	if len(a.exts["imap"]) > 0 {
		set("imap", detect.Infer("true", "the extension needs a library that not every Debian release has", a.exts["imap"][0]))
	}
	if a.wordpressSettings(c) {
		return
	}
	for _, s := range []struct{ sample, file string }{
		{"config.default.php", "config.php"}, {"config.sample.php", "config.php"}, {"config-sample.php", "config.php"}, {"wp-config-sample.php", "wp-config.php"}, {"config.inc.php.dist", "config.inc.php"}, {"config.php.dist", "config.php"}, {"include/config.sample.php", "include/config.php"}, {"config/config.sample.php", "config/config.php"},
	} {
		if a.dir.Has(s.sample) && !a.dir.Has(s.file) {
			f, _ := a.dir.Read(s.sample)
			set("configSample", detect.Is(s.sample+" "+s.file, f.Evidence(0)))
			break
		}
	}
}

// extensions are the names to install, sorted: those that every image carries are left out.
func (a *app) extensions() []string {
	var out []string
	for n := range maps.Keys(a.exts) {
		if !always[n] && known.MatchString(n) {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	return out
}

// calls are functions and classes by the extension that brings them. Source: php.net's function reference.
var calls = []struct {
	ext   string
	re    *manifest.Pattern
	hints []string
}{
	{"mysqli", manifest.Lazy(`\bmysqli_\w+\s*\(|new \\?mysqli\s*\(`), []string{"mysqli"}},
	{"pdo_mysql", manifest.Lazy(`["']mysql:(?:host|dbname|unix_socket)|new PDO\([^)]*mysql`), []string{"mysql:"}},
	{"pdo_pgsql", manifest.Lazy(`["']pgsql:(?:host|dbname)`), []string{"pgsql:"}},
	{"pgsql", manifest.Lazy(`\bpg_(?:connect|pconnect|query)\s*\(`), []string{"pg_"}},
	{"gd", manifest.Lazy(`\b(?:imagecreate\w*|imagejpeg|imagepng|imagecopy\w*|getimagesizefromstring|gd_info)\s*\(`), []string{"image", "gd_info"}},
	{"imagick", manifest.Lazy(`new \\?Imagick\b`), []string{"Imagick"}},
	{"soap", manifest.Lazy(`new \\?Soap(?:Client|Server)\b`), []string{"Soap"}},
	{"ldap", manifest.Lazy(`\bldap_(?:connect|bind|search)\s*\(`), []string{"ldap_"}},
	{"imap", manifest.Lazy(`\bimap_(?:open|search|fetch\w*)\s*\(`), []string{"imap_"}},
	{"intl", manifest.Lazy(`\b(?:NumberFormatter|IntlDateFormatter|Collator|Normalizer|MessageFormatter)\b|\bidn_to_ascii\s*\(`), []string{"NumberFormatter", "IntlDate", "Collator", "Normalizer", "MessageFormatter", "idn_to"}},
	{"bcmath", manifest.Lazy(`\bbc(?:add|sub|mul|div|mod|pow|comp)\s*\(`), []string{"bc"}},
	{"gmp", manifest.Lazy(`\bgmp_\w+\s*\(`), []string{"gmp_"}},
	{"zip", manifest.Lazy(`new \\?ZipArchive\b`), []string{"ZipArchive"}},
	{"exif", manifest.Lazy(`\bexif_\w+\s*\(`), []string{"exif_"}},
	{"gettext", manifest.Lazy(`\b(?:bindtextdomain|textdomain)\s*\(`), []string{"textdomain"}},
	{"calendar", manifest.Lazy(`\bcal_days_in_month\s*\(|\bjdtogregorian\s*\(`), []string{"cal_days", "jdto"}},
	{"pcntl", manifest.Lazy(`\bpcntl_\w+\s*\(`), []string{"pcntl_"}},
	{"sockets", manifest.Lazy(`\bsocket_create\s*\(`), []string{"socket_create"}},
	{"xsl", manifest.Lazy(`new \\?XSLTProcessor\b`), []string{"XSLTProcessor"}},
	{"redis", manifest.Lazy(`new \\?Redis\s*\(`), []string{"Redis"}},
	{"memcached", manifest.Lazy(`new \\?Memcached\s*\(`), []string{"Memcached"}},
	{"mongodb", manifest.Lazy(`new \\?MongoDB\\`), []string{"MongoDB"}},
}

// codeExtensions finds the extensions that the code calls.
func (a *app) codeExtensions() {
	for _, c := range calls {
		for _, h := range a.grep(a.files, c.re.Regexp(), 1, c.hints...) {
			a.ext(c.ext, h.evidence())
		}
	}
}

// drivers are the extensions by the service that they talk to.
func (a *app) addServiceExtensions(c *detect.Component) {
	for _, s := range c.Services {
		ev := s.Evidence
		if len(ev) == 0 {
			continue
		}
		framed := c.Framework.V != "none" && c.Framework.V != ""
		has := func(names ...string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return len(a.exts[n]) > 0 })
		}
		switch {
		case s.Kind == "mysql" && s.Required && framed:
			if c.Framework.V == "wordpress" || c.Framework.V == "codeigniter" {
				a.ext("mysqli", ev[0])
			} else {
				a.ext("pdo_mysql", ev[0])
			}
		case s.Kind == "mysql" && s.Required && !has("mysqli", "pdo_mysql", "mysql"):
			a.ext("mysqli", ev[0]) // code that nobody looked into may use either
			a.ext("pdo_mysql", ev[0])
		case s.Kind == "postgresql" && s.Required && !(c.Framework.V == "codeigniter" && has("pgsql")):
			if c.Framework.V == "codeigniter" {
				a.ext("pgsql", ev[0])
			} else {
				a.ext("pdo_pgsql", ev[0])
			}
		case s.Kind == "redis" && s.Required && c.Framework.V == "laravel" && !a.installed("predis/predis"):
			a.ext("redis", ev[0])
		case s.Kind == "rabbitmq" && a.installed("symfony/amqp-messenger"):
			a.ext("amqp", ev[0])
		}
	}
}

var (
	getenv      = manifest.Lazy(`(?:\bgetenv|\benv)\(\s*['"]([A-Z][A-Z0-9_]*)['"]\s*(?:,\s*['"]?([^'",)]*)['"]?\s*\)|\s*\)\s*\?:\s*['"]([^'"]*)['"])?|\$_(?:ENV|SERVER)\[['"]([A-Z][A-Z0-9_]*)['"]\]`)
	secretWords = manifest.Lazy(`PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|_KEY$|^APP_KEY|_PASS$|_PW$|SALT|CREDENTIAL|_DSN$`)
)

// serverVariables are what a web server puts into $_SERVER: no settings.
var serverVariables = manifest.Lazy(`^(?:HTTP_\w*|HTTPS|REQUEST_\w+|SERVER_\w+|SCRIPT_\w+|REMOTE_\w+|PHP_\w+|QUERY_STRING|DOCUMENT_ROOT|PATH\w*|GATEWAY_INTERFACE|CONTENT_\w+|AUTH_TYPE|ORIG_\w+|REDIRECT_\w+|UNIQUE_ID|SSL_\w+|ARGV|ARGC|WINDIR|HOME|USER|USERNAME|TMP|TEMP|TMPDIR|COMSPEC|SHELL|TERM|COLUMNS|LINES|ANSICON|NO_COLOR|FORCE_COLOR|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|SYSTEMROOT|SystemRoot|OS|MAGIC|LANG|LC_\w+|CI|TRAVIS|GITHUB_\w+|KRB5CCNAME|argv|argc)$`)

// env lists the variables that the code reads.
func (a *app) env(c *detect.Component) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	for _, h := range a.grep(a.envFiles(), getenv.Regexp(), 400, "getenv(", "env(", "$_ENV[", "$_SERVER[") {
		for _, m := range getenv.FindAllStringSubmatch(h.text, 5) {
			name := m[1] + m[4]
			if serverVariables.MatchString(name) {
				continue
			}
			e := all[name]
			if e == nil {
				e = &detect.EnvVar{Name: name, Secret: secretWords.MatchString(name)}
				all[name] = e
			}
			if value := m[2] + m[3]; e.Default == "" && !e.Secret && detect.Printable(value, 100) == value {
				e.Default = value
			}
			if len(e.Evidence) < 3 && !slices.Contains(e.Evidence, h.evidence()) {
				e.Evidence = append(e.Evidence, h.evidence())
			}
		}
	}
	a.yamlEnv(func(name string, ev detect.Evidence) {
		e := all[name]
		if e == nil {
			e = &detect.EnvVar{Name: name, Secret: secretWords.MatchString(name)}
			all[name] = e
		}
		if len(e.Evidence) < 3 && !slices.Contains(e.Evidence, ev) {
			e.Evidence = append(e.Evidence, ev)
		}
	})
	if c.Framework.V == "symfony" {
		a.dotenvDefaults(all)
		if v := c.FrameworkVersion.V; v != "" && compare(v, "4") < 0 && compare(v, "2") >= 0 {
			all["SYMFONY_ENV"] = &detect.EnvVar{Name: "SYMFONY_ENV", Value: "prod", Why: "the program for the command line runs in production mode", Evidence: firstOf(c.Framework.Evidence)}
		}
	}
	if e := all["APP_KEY"]; e != nil && a.dir.Has("artisan") {
		e.Required, e.Secret, e.Default = true, true, ""
		e.Why = "Laravel encrypts sessions with it"
	}
	for _, known := range []struct{ name, value, framework string }{{"APP_ENV", "production", "laravel"}, {"APP_DEBUG", "false", "laravel"}, {"LOG_CHANNEL", "stderr", "laravel"}, {"APP_LOG", "errorlog", "laravel"}, {"APP_ENV", "prod", "symfony"}, {"APP_DEBUG", "0", "symfony"}, {"CI_ENV", "production", "codeigniter"}, {"CI_ENVIRONMENT", "production", "codeigniter"}} {
		if e := all[known.name]; e != nil && c.Framework.V == known.framework {
			e.Value, e.Why = known.value, "a container runs in production mode"
		}
	}
	out := make([]detect.EnvVar, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, *all[name])
	}
	for i, s := range c.Services {
		c.Services[i].Env = serviceEnv(s.Kind, all)
		for role, name := range c.Services[i].Env {
			if e := all[name]; role == "password" || role == "url" {
				e.Secret, e.Default = true, ""
			}
		}
	}
	return out
}

// envFiles are the sources that hold settings, and the rest behind them.
func (a *app) envFiles() []string {
	var first, rest []string
	for _, f := range a.files {
		if strings.Contains(f, "config") || strings.Contains(f, "settings") || strings.Contains(f, "bootstrap") {
			first = append(first, f)
		} else {
			rest = append(rest, f)
		}
	}
	return append(first, rest...)
}

var prefixes = map[string][]string{
	"mysql": {"DB_", "DATABASE_", "MYSQL_", "MARIADB_", "WORDPRESS_DB_"}, "postgresql": {"DB_", "DATABASE_", "POSTGRES_", "PG"}, "redis": {"REDIS_"}, "memcached": {"MEMCACHED_", "MEMCACHE_"},
	"mongodb": {"MONGO_", "MONGODB_", "DB_"}, "smtp": {"MAIL_", "SMTP_", "MAILER_"}, "elasticsearch": {"ELASTICSEARCH_", "ELASTIC_"}, "rabbitmq": {"RABBITMQ_", "AMQP_"}, "sqlserver": {"DB_", "MSSQL_"}, "ldap": {"LDAP_"},
}

var suffixes = []struct{ end, role string }{{"URL", "url"}, {"DSN", "url"}, {"HOST", "host"}, {"HOSTNAME", "host"}, {"SERVER", "host"}, {"PORT", "port"}, {"USERNAME", "user"}, {"USER", "user"}, {"PASSWORD", "password"}, {"PASS", "password"}, {"DATABASE", "name"}, {"NAME", "name"}, {"DB", "name"}}

// serviceEnv says by which variables the code learns where a service is.
func serviceEnv(kind string, all map[string]*detect.EnvVar) map[string]string {
	roles := map[string]string{}
	for _, pre := range prefixes[kind] {
		for _, s := range suffixes {
			if all[pre+s.end] != nil && roles[s.role] == "" {
				roles[s.role] = pre + s.end
			}
		}
	}
	if roles["host"] != "" {
		delete(roles, "url")
	}
	if len(roles) == 0 {
		return nil
	}
	return roles
}

// wordpressSettings reports whether a WordPress has no settings file: one is made that reads the container's variables, under
// the names that WordPress's official image made usual.
func (a *app) wordpressSettings(c *detect.Component) bool {
	at := path.Join(a.docroot, "wp-settings.php")
	f, err := a.dir.Read(at)
	if c.Framework.V != "wordpress" || err != nil || a.dir.Has(path.Join(a.docroot, "wp-config.php")) || a.dir.Has("wp-config.php") {
		return false
	}
	c.Facts["settings"] = detect.Infer("wordpress", "wp-config.php is left to whoever deploys", f.Evidence(0))
	c.Facts["settingsFile"] = detect.Infer(path.Join(a.docroot, "wp-config.php"), "WordPress looks for it there", f.Evidence(0))
	roles := map[string]string{}
	for role, name := range map[string]string{"host": "WORDPRESS_DB_HOST", "user": "WORDPRESS_DB_USER", "password": "WORDPRESS_DB_PASSWORD", "name": "WORDPRESS_DB_NAME"} {
		roles[role] = name
	}
	for i := range c.Services {
		if c.Services[i].Kind == "mysql" {
			c.Services[i].Env = roles
		}
	}
	for _, name := range slices.Sorted(maps.Values(roles)) {
		if !slices.ContainsFunc(c.Env, func(e detect.EnvVar) bool { return e.Name == name }) {
			c.Env = append(c.Env, detect.EnvVar{Name: name, Required: true, Secret: name == roles["password"], Why: "the settings file that is made reads it", Evidence: []detect.Evidence{f.Evidence(0)}})
		}
	}
	return true
}
