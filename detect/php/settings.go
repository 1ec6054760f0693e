package php

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	settingDriver = manifest.Lazy(`(?i)^\s*["']?(?:[\w.]*(?:database_driver|db_driver|dbdriver|db_type|dbtype|driver|adapter|phptype)|[\w.]*db\.type)["']?\s*[:=]\s*["']?(pdo_mysql|mysqli?|pdo_pgsql|postgre(?:s|sql)?|pgsql|pdo_sqlite|sqlite3?|pdo_sqlsrv|sqlsrv|mssql|oci8)\b`)
	settingURL    = manifest.Lazy(`(?i)(?:^|[\s"'=:])(mysqli?|pdo-mysql|pgsql|postgres|postgresql|sqlite|sqlsrv)://|\bdsn["']?\s*[:=]\s*["']?(mysql|pgsql|sqlite|sqlsrv):`)
	yamlVariable  = manifest.Lazy(`%env\((?:\w+:)*([A-Z][A-Z0-9_]*)\)%`)
)

// trials are words in the names of settings that are not those of production.
var trials = []string{"test", "_dev", "-dev", ".dev", "phpunit", "travis", "compose", "codeception", "phpstan", "behat", "appveyor", "gitlab-ci", "local"}

// ordered are the files of settings, those that name their parameters first; without those of tests.
func (a *app) ordered() []string {
	var first, rest []string
	for _, name := range a.settings {
		base := strings.ToLower(path.Base(name))
		switch {
		case slices.ContainsFunc(trials, func(t string) bool { return strings.Contains(base, t) }):
		case strings.HasPrefix(base, "parameters"), strings.HasPrefix(base, ".env"), strings.HasPrefix(base, "database"):
			first = append(first, name)
		default:
			rest = append(rest, name)
		}
	}
	return append(first, rest...)
}

// settingsDatabase is the relational database that the files of settings choose: YAML, INI and the like.
func (a *app) settingsDatabase() (string, detect.Evidence, bool) {
	for _, re := range []*manifest.Pattern{settingDriver, settingURL} {
		for _, h := range a.grep(a.ordered(), re.Regexp(), 20, "mysql", "MYSQL", "Mysql", "pgsql", "PGSQL", "ostgre", "sqlite", "SQLITE", "sqlsrv", "mssql", "oci8") {
			name := h.m[1]
			if name == "" {
				name = h.m[2]
			}
			if strings.HasPrefix(h.text, ";") {
				continue
			}
			if kind := databaseNames[strings.ReplaceAll(strings.ToLower(name), "-", "_")]; kind != "" {
				return kind, h.evidence(), true
			}
		}
	}
	return "", detect.Evidence{}, false
}

// schemes are the services by the scheme of their address.
var schemes = map[string]string{"redis": "redis", "rediss": "redis", "amqp": "rabbitmq", "amqps": "rabbitmq", "memcached": "memcached", "mongodb": "mongodb", "mongodb+srv": "mongodb", "smtp": "smtp", "smtps": "smtp", "sqs": "sqs"}

// addressed are the services whose addresses stand in the repository's .env files.
func (a *app) addressed(add func(detect.Service)) {
	for _, name := range []string{".env", ".env.example", ".env.dist", ".env.sample"} {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		list, _ := manifest.ParseDotenv(f.Data) // the survey of the repository warns of what is wrong in it
		for _, v := range list {
			if scheme, _, ok := strings.Cut(v.Value, "://"); ok && schemes[scheme] != "" {
				add(detect.Service{Kind: schemes[scheme], From: detect.Declared, Why: "its address is one of the settings", Evidence: []detect.Evidence{f.Evidence(v.Line)}})
			}
		}
	}
}

// stores are the variables by which Laravel is told where to keep things, with what configuration files call them.
var stores = []string{"CACHE_DRIVER", "CACHE_STORE", "QUEUE_CONNECTION", "QUEUE_DRIVER", "SESSION_DRIVER", "BROADCAST_DRIVER", "BROADCAST_CONNECTION"}

var storeDefault = manifest.Lazy(`env\(\s*'(CACHE_DRIVER|CACHE_STORE|QUEUE_CONNECTION|QUEUE_DRIVER|SESSION_DRIVER|BROADCAST_DRIVER)'\s*,\s*'(\w+)'`)

// store is where Laravel keeps something: the value of one of the variables, from the example of its settings, else from the configuration's default.
func (a *app) store(names ...string) (string, detect.Evidence) {
	for _, file := range []string{".env.example", ".env.dist"} {
		f, err := a.dir.Read(file)
		if err != nil {
			continue
		}
		list, _ := manifest.ParseDotenv(f.Data)
		for _, v := range list {
			if slices.Contains(names, v.Name) && v.Value != "" {
				return v.Value, f.Evidence(v.Line)
			}
		}
	}
	for _, file := range []string{"config/queue.php", "config/cache.php", "config/session.php", "config/broadcasting.php"} {
		for _, h := range a.grep([]string{file}, storeDefault.Regexp(), 3, "env(") {
			if slices.Contains(names, h.m[1]) {
				return h.m[2], h.evidence()
			}
		}
	}
	return "", detect.Evidence{}
}

// stored are the services in which Laravel keeps its cache, sessions and jobs.
func (a *app) stored(add func(detect.Service)) {
	for _, name := range stores {
		kind, ev := a.store(name)
		switch kind {
		case "redis", "memcached", "sqs":
			add(detect.Service{Kind: kind, Required: kind == "redis" || kind == "memcached", From: detect.Declared, Why: name + " says so", Evidence: []detect.Evidence{ev}})
		}
	}
}

// yamlEnv are the variables that Symfony's configuration reads, with where.
func (a *app) yamlEnv(found func(name string, ev detect.Evidence)) {
	for _, h := range a.grep(a.settings, yamlVariable.Regexp(), 200, "%env(") {
		for _, m := range yamlVariable.FindAllStringSubmatch(h.text, 5) {
			found(m[1], h.evidence())
		}
	}
}

// page is the name of the first page at the document root.
func (a *app) page() string {
	if name := path.Base(a.index); a.index != "" && slices.Contains(fronts, name) {
		return name
	}
	return "index.php"
}

// ownDotenv reports whether the application does not start without a .env file: Symfony's front page reads one from 4 on, unless it is told not to.
func (a *app) ownDotenv(framework string) (detect.Evidence, bool) {
	if framework != "symfony" || !a.dir.Has(".env") && !a.dir.Has(".env.dist") {
		return detect.Evidence{}, false
	}
	for _, name := range []string{"config/bootstrap.php", "bin/console", a.index} {
		f, err := a.dir.Read(name)
		if name != "" && err == nil && holds(f.Data, []string{"autoload_runtime.php", "bootEnv", "loadEnv", "Dotenv"}) {
			return f.Evidence(0), true
		}
	}
	return detect.Evidence{}, false
}

// dotenvDefaults are the values that Symfony takes from the .env file of the repository, which no image has: those that are
// no secret and no address of a service are settings of the image.
func (a *app) dotenvDefaults(all map[string]*detect.EnvVar) {
	f, err := a.dir.Read(".env")
	if err != nil {
		return
	}
	list, _ := manifest.ParseDotenv(f.Data)
	for _, v := range list {
		e := all[v.Name]
		if e == nil {
			e = &detect.EnvVar{Name: v.Name, Secret: secretWords.MatchString(v.Name)}
			all[v.Name] = e
		}
		if len(e.Evidence) == 0 {
			e.Evidence = []detect.Evidence{f.Evidence(v.Line)}
		}
		if _, rest, ok := strings.Cut(v.Value, "sqlite:///%kernel.project_dir%/"); ok && directoryName.MatchString(path.Dir(rest)) && !strings.Contains(rest, "..") {
			a.written = append(a.written, detect.Infer(path.Dir(rest), "the SQLite database is there", f.Evidence(v.Line)))
		}
		address := strings.Contains(v.Value, "@") || strings.Contains(v.Value, "localhost") || strings.Contains(v.Value, "127.0.0.1")
		if !e.Secret && !address && v.Value != "" && detect.Printable(v.Value, 200) == v.Value && e.Value == "" {
			e.Value, e.Why = v.Value, "the repository's .env file says so, and the image has no such file"
		}
	}
}
