package php

import (
	"regexp"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// known are names of extensions that can be installed: nothing else reaches a Dockerfile.
var known = regexp.MustCompile(`^[a-z][a-z0-9_]{1,30}$`)

// usage are the signs of a service in code and configuration.
var usage = []struct {
	kind     string
	re       *manifest.Pattern
	required bool
	hints    []string
}{
	{"mysql", manifest.Lazy(`\bmysqli?_p?connect\s*\(|new \\?mysqli\s*\(|["']mysql:|['"](?:dbdriver|driver|type|adapter|DB_DRIVER|DBTYPE|dbtype|db_type)['"]\s*(?:\]\s*)?(?:=>|=|,)\s*['"](?:mysqli?|pdo_mysql|MySQLi?)['"]|Database/Mysql|\bdb_connect\s*\([^)]*mysql|mysql://`), true, []string{"mysql", "MySQL", "Mysql"}},
	{"postgresql", manifest.Lazy(`\bpg_p?connect\s*\(|["']pgsql:|['"](?:dbdriver|driver|type|adapter|DB_DRIVER|DBTYPE|dbtype)['"]\s*(?:\]\s*)?(?:=>|=|,)\s*['"](?:postgres|pgsql|postgre|pdo_pgsql|postgresql)['"]|Database/Postgres|postgres(?:ql)?://`), true, []string{"pg_", "pgsql", "ostgre"}},
	{"sqlite", manifest.Lazy(`["']sqlite:|['"](?:dbdriver|driver|DB_DRIVER|adapter)['"]\s*(?:\]\s*)?(?:=>|=|,)\s*['"](?:pdo_)?sqlite3?['"]|new \\?SQLite3\s*\(|sqlite_open\s*\(`), true, []string{"sqlite", "SQLite"}},
	{"sqlserver", manifest.Lazy(`\bsqlsrv_connect\s*\(|\bmssql_connect\s*\(|["'](?:sqlsrv|dblib):`), true, []string{"sqlsrv", "mssql", "dblib"}},
	{"oracle", manifest.Lazy(`\boci_(?:p?connect|new_connect)\s*\(|["']oci:`), true, []string{"oci"}},
	{"mongodb", manifest.Lazy(`new \\?(?:MongoDB\\(?:Client|Driver\\Manager)|MongoClient|Mongo)\s*\(`), true, []string{"Mongo"}},
	{"redis", manifest.Lazy(`new \\?(?:Predis\\Client|Redis)\s*\(`), false, []string{"Redis", "Predis"}},
	{"memcached", manifest.Lazy(`new \\?Memcached?\s*\(`), false, []string{"Memcache"}},
	{"elasticsearch", manifest.Lazy(`Elasticsearch\\Client|Elastica\\Client`), false, []string{"lastic"}},
	{"solr", manifest.Lazy(`new \\?(?:SolrClient|Apache_Solr_Service|Solarium)`), false, []string{"Sol"}},
	{"rabbitmq", manifest.Lazy(`new \\?(?:AMQPConnection|AMQPStreamConnection|AMQPSSLConnection)\s*\(`), true, []string{"AMQP"}},
	{"ldap", manifest.Lazy(`\bldap_connect\s*\(`), false, []string{"ldap_connect"}},
	{"imap", manifest.Lazy(`\bimap_open\s*\(`), false, []string{"imap_open"}},
	{"smtp", manifest.Lazy(`new \\?(?:PHPMailer|Swift_SmtpTransport|Zend_Mail_Transport_Smtp)|isSMTP\(\)|MAIL_HOST`), false, []string{"PHPMailer", "Smtp", "isSMTP", "MAIL_HOST"}},
}

var relational = map[string]bool{"mysql": true, "postgresql": true, "sqlite": true, "sqlserver": true, "oracle": true}

var (
	laravelDefault = manifest.Lazy(`'default'\s*=>\s*(?:env\(\s*'DB_CONNECTION'\s*,\s*)?'(\w+)'`)
	envConnection  = manifest.Lazy(`^\s*DB_(?:CONNECTION|DRIVER)\s*=\s*"?(\w+)`)
	databaseURL    = manifest.Lazy(`^\s*DATABASE_URL\s*=\s*"?(\w+):`)
	defineDriver   = manifest.Lazy(`(?i)define\(\s*['"](?:DB_DRIVER|DBTYPE|DB_TYPE)['"]\s*,\s*['"](\w+)`)
)

// names of databases as configurations write them.
var databaseNames = map[string]string{"mysql": "mysql", "mysqli": "mysql", "mariadb": "mysql", "pdo_mysql": "mysql", "pgsql": "postgresql", "postgres": "postgresql", "postgresql": "postgresql", "pdo_pgsql": "postgresql", "postgre": "postgresql",
	"sqlite": "sqlite", "sqlite3": "sqlite", "pdo_sqlite": "sqlite", "sqlsrv": "sqlserver", "mssql": "sqlserver", "oci8": "oracle", "oracle": "oracle"}

// database is the database that the configuration chooses.
func (a *app) database(framework string) (string, detect.Evidence, bool) {
	try := func(names []string, re *regexp.Regexp, hints ...string) (string, detect.Evidence, bool) {
		for _, name := range names {
			f, err := a.dir.Read(name)
			if err != nil || !holds(f.Data, hints) {
				continue
			}
			for i, text := range strings.Split(string(f.Data), "\n") {
				if m := re.FindStringSubmatch(text); m != nil && databaseNames[strings.ToLower(m[1])] != "" && !strings.HasPrefix(strings.TrimSpace(text), "//") && !strings.HasPrefix(strings.TrimSpace(text), "#") {
					return databaseNames[strings.ToLower(m[1])], f.Evidence(i + 1), true
				}
			}
		}
		return "", detect.Evidence{}, false
	}
	switch framework {
	case "laravel":
		if kind, ev, ok := try([]string{".env.example", ".env"}, envConnection.Regexp(), "DB_"); ok {
			return kind, ev, ok
		}
		return try([]string{"config/database.php", "app/config/database.php", "application/config/database.php"}, laravelDefault.Regexp(), "default")
	case "symfony":
		return try([]string{".env", ".env.dist", ".env.prod"}, databaseURL.Regexp(), "DATABASE_URL")
	case "wordpress":
		for _, name := range []string{"wp-config.php", "wp-config-sample.php", "wp-includes/version.php"} {
			if f, err := a.dir.Read(name); err == nil {
				return "mysql", lineOf(f, "DB_NAME"), true
			}
		}
		for _, p := range []string{"roots/wordpress", "johnpbloch/wordpress"} {
			if x, ok := a.has(p); ok {
				return "mysql", x.evidence[0], true
			}
		}
	}
	if h, ok := a.first(defineDriver.Regexp(), "DB_DRIVER", "DBTYPE", "DB_TYPE", "dbtype"); ok && databaseNames[strings.ToLower(h.m[1])] != "" {
		return databaseNames[strings.ToLower(h.m[1])], h.evidence(), true
	}
	return "", detect.Evidence{}, false
}

// services lists what the application talks to.
func (a *app) services(framework string) []detect.Service {
	var out []detect.Service
	index := map[string]int{}
	add := func(s detect.Service) {
		if i, ok := index[s.Kind]; ok {
			if len(out[i].Evidence) < 3 {
				out[i].Evidence = append(out[i].Evidence, s.Evidence...)
			}
			return
		}
		index[s.Kind] = len(out)
		out = append(out, s)
	}
	kind, ev, named := a.database(framework)
	if named {
		add(detect.Service{Kind: kind, Required: true, From: detect.Declared, Why: "the configuration chooses it", Evidence: []detect.Evidence{ev}})
	}
	for _, u := range usage {
		h, ok := a.first(u.re.Regexp(), u.hints...)
		if !ok {
			continue
		}
		s := detect.Service{Kind: u.kind, Required: u.required, From: detect.Declared, Why: "the code talks to it", Evidence: []detect.Evidence{h.evidence()}}
		if relational[u.kind] && len(out) > 0 && firstRelational(out) && index[u.kind] == 0 && out[0].Kind != u.kind {
			s.Required, s.Why = false, "the code can use it instead of another database"
		}
		add(s)
	}
	for _, p := range []struct {
		pkg, kind string
	}{{"predis/predis", "redis"}, {"mongodb/mongodb", "mongodb"}, {"jenssegers/mongodb", "mongodb"}, {"elasticsearch/elasticsearch", "elasticsearch"}, {"league/flysystem-aws-s3-v3", "s3"}, {"aws/aws-sdk-php", "s3"}, {"php-amqplib/php-amqplib", "rabbitmq"}, {"adldap2/adldap2-laravel", "ldap"}} {
		if x, ok := a.pkgs[p.pkg]; ok && x.constraint != "" {
			add(detect.Service{Kind: p.kind, From: x.from, Why: "the package " + p.pkg + " talks to it", Evidence: x.evidence})
		}
	}
	if framework == "drupal" && !firstRelational(out) {
		add(detect.Service{Kind: "mysql", Required: true, From: detect.Inferred, Why: "Drupal keeps its contents in a database, most often MySQL", Evidence: []detect.Evidence{a.proof()}})
	}
	return out
}

func firstRelational(list []detect.Service) bool {
	for _, s := range list {
		if relational[s.Kind] && s.Required {
			return true
		}
	}
	return false
}
