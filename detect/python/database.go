package python

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// database is the relational database that the configuration names.
type database struct {
	kind     string // of the contract; empty: the configuration leaves it to the environment, or there is none
	there    bool   // there is a configuration of a database
	evidence detect.Evidence
	env      map[string]string // names of variables by their role
}

var (
	engineKey     = manifest.Lazy(`["']?\bENGINE["']?\s*[:=](.*)$`)
	quotedText    = manifest.Lazy(`["']([^"']*)["']`)
	oldEngine     = manifest.Lazy(`^DATABASE_ENGINE\s*=\s*["'](?:django\.db\.backends\.)?(\w+)["']`)
	addressLine   = manifest.Lazy(`(?:^|[^\w])(postgresql|postgres|postgis|psql|pgsql|mysql|mysql2|mysqlgis|mariadb|sqlite|spatialite|oracle|mssql|db2|ibm_db_sa)(?:\+\w+)?://`)
	fromEnv       = manifest.Lazy(`dj_database_url|environ|getenv|\benv(?:\.\w+)?\(|\bconfig\(|\bget_env`)
	peewee        = manifest.Lazy(`\b(Sqlite|MySQL|Postgresql)(?:Ext)?Database\(|\b(sqlite3|MySQLdb|pymysql|psycopg2|mysql\.connector|cx_Oracle|pymssql|aiopg)\.(?:connect|ConnectionPool|create_pool)\(`)
	dbRole        = manifest.Lazy(`["'](NAME|USER|PASSWORD|HOST|PORT)["']\s*:\s*.*?(?:environ|getenv|\benv|config|get_env\w*)[\w.]*\s*[(\[]\s*["']([A-Z][A-Z0-9_]*)["']`)
	urlVariable   = manifest.Lazy(`(?:dj_database_url\.(?:config|parse)\(|env\.(?:db|dj_db_url|db_url)(?:_url)?\(|environ(?:\.get)?[(\[]|getenv\(|config\(|env\()\s*(?:env\s*=\s*)?["']([A-Z][A-Z0-9_]*)["']`)
	sqliteAddress = manifest.Lazy(`sqlite:///+([\w./-]+)`)
	sqliteName    = manifest.Lazy(`["']([\w./-]+\.(?:db|sqlite3?|sqlite))["']`)
)

// backends are Django's database engines by their names and those of packages.
var backends = map[string]string{
	"postgresql": "postgresql", "postgresql_psycopg2": "postgresql", "postgis": "postgresql", "mysql": "mysql", "sqlite3": "sqlite", "sqlite": "sqlite", "spatialite": "sqlite", "oracle": "oracle", "mssql": "sqlserver", "sql_server": "sqlserver",
	"postgresql_backend": "postgresql",
}

// schemes are the services by the schemes of their addresses.
var schemes = map[string]string{
	"postgresql": "postgresql", "postgres": "postgresql", "postgis": "postgresql", "psql": "postgresql", "pgsql": "postgresql", "mysql": "mysql", "mysql2": "mysql", "mysqlgis": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "spatialite": "sqlite",
	"oracle": "oracle", "mssql": "sqlserver", "db2": "db2", "ibm_db_sa": "db2", "mongodb": "mongodb", "redis": "redis", "rediss": "redis", "amqp": "rabbitmq", "amqps": "rabbitmq", "pyamqp": "rabbitmq", "sqs": "sqs",
}

// configFiles are the sources that hold settings.
func (a *app) configFiles() []string {
	out := append([]string{}, a.settings...)
	for _, f := range a.files {
		base := strings.ToLower(path.Base(f))
		if strings.Contains(base, "config") || strings.Contains(base, "settings") || strings.Contains(base, "default") || strings.Contains(base, "celery") || strings.Contains("/"+f, "/config/") || strings.Contains("/"+f, "/settings/") {
			if !contains(a.settings, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// database finds the database that the configuration names.
func (a *app) database() database {
	if a.db == nil {
		db := a.findDatabase()
		a.db = &db
	}
	return *a.db
}

func (a *app) findDatabase() database {
	if a.framework.V == "django" {
		return a.djangoDatabase()
	}
	if db := a.iniDatabase(); db.there {
		return db
	}
	return a.addressed()
}

// djangoDatabase reads DATABASES in the settings, those of production first. Where several stand in one file, the first that no
// condition guards counts.
func (a *app) djangoDatabase() database {
	var out database
	for _, name := range a.settings {
		if rank(name) == 9 && out.there {
			break
		}
		db := a.djangoSettings(name)
		if db.there && rank(name) < 9 || db.kind != "" && !out.there {
			if db.kind != "" || !out.there {
				db.there = true
				out = db
			}
			if out.there {
				return a.leftToDriver(out)
			}
		}
	}
	return out
}

// djangoSettings is the database of one settings file.
func (a *app) djangoSettings(name string) database {
	f := a.source(name)
	var out database
	if !holds(f.Data, []string{"DATABASE"}) {
		return out
	}
	best, inside, at := 1000, 0, 0
	for n, text := range strings.Split(string(f.Data), "\n") {
		t := strings.TrimSpace(text)
		if t == "" || t[0] == '#' || len(text) > 2000 {
			continue
		}
		if m := oldEngine.FindStringSubmatch(t); m != nil && backends[m[1]] != "" {
			return database{kind: backends[m[1]], there: true, evidence: f.Evidence(n + 1)}
		}
		indent := len(text) - len(strings.TrimLeft(text, " \t"))
		if strings.HasPrefix(t, "DATABASES") && strings.Contains(t, "=") || strings.HasPrefix(t, "def DATABASES(") {
			inside, at = n+1, indent
			if !out.there {
				out.there, out.evidence = true, f.Evidence(n+1)
			}
		}
		if inside == 0 || n-inside > 60 {
			continue
		}
		if indent <= at && n+1 > inside && !strings.ContainsAny(t[:1], "}])") {
			inside = 0
			continue
		}
		a.role(&out, t)
		kind := engineOf(t)
		if kind != "" && at < best && (best == 1000 || out.kind == "sqlite" && at > 0) {
			best, out.kind, out.evidence = at, kind, f.Evidence(n+1)
			if fromEnv.MatchString(t) && kind == "sqlite" {
				best = 1000 // what stands in the environment comes before it
				out.kind = "sqlite?"
			}
		}
	}
	return out
}

// engineNames are parts of the names of Django's engines, of its own and of packages, by the service that each speaks to: the more
// telling first. Source: the packages' documentation.
var engineNames = []struct{ part, kind string }{
	{"djongo", "mongodb"}, {"sql_server", "sqlserver"}, {"mssql", "sqlserver"}, {"postgresql", "postgresql"}, {"psqlextra", "postgresql"}, {"postgis", "postgresql"}, {"tenant_schemas", "postgresql"},
	{"mysql", "mysql"}, {"sqlite", "sqlite"}, {"spatialite", "sqlite"}, {"oracle", "oracle"},
}

// engineOf is the kind of database that a line of DATABASES names; empty: none. A comment behind it does not count: the one that
// startproject wrote until Django 1.5 lists all engines.
func engineOf(t string) string {
	t = uncommented(t)
	if m := engineKey.FindStringSubmatch(t); m != nil {
		for _, q := range quotedText.FindAllStringSubmatch(m[1], 8) {
			name := strings.ToLower(q[1])
			if kind := backends[name[strings.LastIndexByte(name, '.')+1:]]; kind != "" {
				return kind
			}
			for _, e := range engineNames {
				if strings.Contains(name, e.part) {
					return e.kind
				}
			}
		}
	}
	if m := addressLine.FindStringSubmatch(t); m != nil {
		return schemes[m[1]]
	}
	return ""
}

// uncommented is a line of Python without the comment behind it.
func uncommented(t string) string {
	quote := byte(0)
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return t[:i]
		}
	}
	return t
}

// role notes the variable that a line of DATABASES reads.
func (a *app) role(db *database, t string) {
	if db.env == nil {
		db.env = map[string]string{}
	}
	if m := dbRole.FindStringSubmatch(t); m != nil {
		if key := strings.ToLower(m[1]); db.env[key] == "" {
			db.env[key] = m[2]
		}
		return
	}
	if db.env["url"] != "" {
		return
	}
	if m := urlVariable.FindStringSubmatch(t); m != nil && strings.Contains(m[1], "UR") {
		db.env["url"] = m[1]
	} else if strings.Contains(t, "dj_database_url.config(") {
		db.env["url"] = "DATABASE_URL"
	}
}

// leftToDriver settles a configuration that takes the address from a variable: the driver among the dependencies decides, and what is
// written as the fallback otherwise.
func (a *app) leftToDriver(db database) database {
	guess := strings.TrimSuffix(db.kind, "?")
	if db.kind != "" && guess == db.kind && (guess != "sqlite" || db.env["url"] == "") {
		return db
	}
	db.kind = guess
	if kind := a.driverKind(); kind != "" && (db.env["url"] != "" || db.env["host"] != "" || guess == "") {
		db.kind = kind
	}
	return db
}

// driverKind is the database of the first driver that the project itself asks for.
func (a *app) driverKind() string {
	for _, d := range drivers {
		if x, ok := a.has(d.dep); ok && relational[d.kind] && d.required && (x.direct || d.kind == "postgresql" || d.kind == "mysql") {
			return d.kind
		}
	}
	return ""
}

// iniDatabase reads sqlalchemy.url in the Paste configuration.
func (a *app) iniDatabase() database {
	if a.entry.paste == "" {
		return database{}
	}
	f, err := a.dir.Read(a.entry.paste)
	if err != nil {
		return database{}
	}
	for n, text := range lines(f) {
		if !strings.Contains(text, "url") && !strings.Contains(text, "uri") {
			continue
		}
		if m := addressLine.FindStringSubmatch(text); m != nil && schemes[m[1]] != "" {
			return database{kind: schemes[m[1]], there: true, evidence: f.Evidence(n)}
		}
	}
	return database{}
}

// addressed finds an address of a database, or a call that opens one, in the configuration, then in all sources.
func (a *app) addressed() database {
	for _, names := range [][]string{a.configFiles(), a.files} {
		var weak *database
		for _, h := range a.grep(names, addressLine, 40, "://") {
			if low := strings.ToLower(h.name); strings.Contains(low, "test") || strings.Contains(low, "migrations") || strings.Contains(low, "alembic") || aside(h) {
				continue
			}
			db := database{kind: schemes[h.m[1]], there: true, evidence: h.evidence(), env: map[string]string{}}
			if db.kind == "" || db.kind == "sqlite" && strings.Contains(h.text, ":memory:") || strings.Contains(h.text, "sqlite://'") || strings.Contains(h.text, `sqlite://"`) {
				continue
			}
			if m := urlVariable.FindStringSubmatch(a.statement(h)); m != nil {
				db.env["url"] = m[1]
				if kind := a.driverKind(); db.kind == "sqlite" && kind != "" {
					db.kind = kind
				}
			}
			dev := strings.Contains(strings.ToLower(h.text), "dev") || strings.Contains(strings.ToLower(a.section(h)), "test") || strings.Contains(strings.ToLower(a.section(h)), "dev") || strings.HasPrefix(h.text, "TEST") || notProduction(h.name)
			if !dev {
				return db
			}
			if weak == nil && !strings.Contains(strings.ToLower(a.section(h)), "test") {
				weak = &db
			}
		}
		if weak != nil {
			return *weak
		}
	}
	for _, h := range a.grep(a.files, peewee, 10, "Database(", ".connect(", "Pool(") {
		kind := map[string]string{"Sqlite": "sqlite", "MySQL": "mysql", "Postgresql": "postgresql", "sqlite3": "sqlite", "MySQLdb": "mysql", "pymysql": "mysql", "mysql.connector": "mysql", "psycopg2": "postgresql", "aiopg": "postgresql", "cx_Oracle": "oracle", "pymssql": "sqlserver"}[h.m[1]+h.m[2]]
		if strings.Contains(h.text, ":memory:") || kind == "" || strings.Contains(strings.ToLower(h.name), "test") || kind == "sqlite" && a.driverKind() != "" {
			continue
		}
		return database{kind: kind, there: true, evidence: h.evidence()}
	}
	return database{}
}

// aside reports whether an address stands in a text for people: a message, an example, a document.
func aside(h hit) bool {
	t := h.text
	return strings.Contains(t, "help=") || strings.Contains(t, "e.g.") || strings.Contains(t, "print(") || strings.Contains(t, "startswith(") || strings.Contains(t, ".replace(") || strings.Contains(t, "example") || strings.HasPrefix(t, "print ") ||
		!strings.ContainsAny(t, `"'`) || strings.HasPrefix(t, `"""`)
}

// statement is a line with the one before it, where a statement often begins.
func (a *app) statement(h hit) string {
	all := strings.Split(string(h.file.Data), "\n")
	return strings.Join(all[max(0, h.line-3):min(h.line, len(all))], " ")
}

// section is the class that a line stands in.
func (a *app) section(h hit) string {
	if h.indent == 0 {
		return ""
	}
	all := strings.Split(string(h.file.Data), "\n")
	for i := min(h.line, len(all)) - 1; i >= 0; i-- {
		if strings.HasPrefix(all[i], "class ") || strings.HasPrefix(all[i], "def ") {
			return all[i]
		}
	}
	return ""
}

// sqlite records where the database file lies.
func (a *app) sqlite(c *detect.Component, db database) {
	file := ""
	for _, h := range a.grep(a.settings, sqliteName, 20, "NAME") {
		file = h.m[1]
		break
	}
	for _, re := range []*manifest.Pattern{sqliteAddress, sqliteName} {
		if file != "" || a.framework.V == "django" {
			break
		}
		if h, ok := a.first(re, "sqlite", ".db"); ok {
			file = h.m[1]
		}
	}
	file = path.Clean(strings.TrimPrefix(strings.TrimPrefix(file, "./"), "/"))
	if file == "." || strings.Contains(file, "..") || strings.HasPrefix(file, "tmp/") {
		if a.framework.V != "django" {
			return
		}
		file = "db.sqlite3"
	}
	if root := a.importRoot(); root != "." && a.framework.V == "django" && !strings.HasPrefix(file, root+"/") {
		file = root + "/" + file
	}
	c.Facts["sqliteFile"] = detect.Infer(file, "SQLite keeps its data there", db.evidence)
}
