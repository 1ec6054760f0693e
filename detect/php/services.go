package php

import (
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// known are names of extensions that can be installed: nothing else reaches a Dockerfile.
var known = manifest.Lazy(`^[a-z][a-z0-9_]{1,30}$`)

// usage are the signs of a service in code and configuration.
var usage = []struct {
	kind     string
	re       *manifest.Pattern
	required bool
	hints    []string
}{
	{"mysql", manifest.Lazy(`\bmysqli?_p?connect\s*\(|new \\?mysqli\s*\(|["']mysql:|['"](?:dbdriver|DBDriver|driver|type|adapter|DB_DRIVER|DBTYPE|dbtype|db_type)['"]\s*(?:\]\s*)?(?:=>|=|,)\s*['"](?:mysqli?|pdo_mysql|MySQLi?|PDO_MYSQL|Mysqli)['"]|Database/Mysql|\bdb_connect\s*\([^)]*mysql|mysql://`), true, []string{"mysql", "MySQL", "Mysql"}},
	{"postgresql", manifest.Lazy(`\bpg_p?connect\s*\(|["']pgsql:|['"](?:dbdriver|DBDriver|driver|type|adapter|DB_DRIVER|DBTYPE|dbtype)['"]\s*(?:\]\s*)?(?:=>|=|,)\s*['"](?:postgres|pgsql|postgre|pdo_pgsql|postgresql|Postgre|PDO_PGSQL)['"]|Database/Postgres|postgres(?:ql)?://`), true, []string{"pg_", "pgsql", "ostgre"}},
	{"sqlite", manifest.Lazy(`["']sqlite:|['"](?:dbdriver|driver|DB_DRIVER|adapter)['"]\s*(?:\]\s*)?(?:=>|=|,)\s*['"](?:pdo_)?(?:sqlite3?|SQLite3)['"]|new \\?SQLite3\s*\(|sqlite_open\s*\(`), true, []string{"sqlite", "SQLite"}},
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
	dbDriver       = manifest.Lazy(`\['?dbdriver'?\]\s*=\s*['"](\w+)|['"]dbdriver['"]\s*=>\s*['"](\w+)`)
	cakeDriver     = manifest.Lazy(`['"](?:driver|datasource)['"]\s*=>\s*(?:env\([^,]*,\s*)?(?:['"](?:\w+[\\/]+)*(?:Database[\\/]+)(?:Driver\\+)?(Mysql|Postgres|Sqlite|Sqlserver)['"]|\\?(?:\w+\\)*(Mysql|Postgres|Sqlite|Sqlserver)::class)`)
	cakeConfig     = manifest.Lazy(`['"](?:driver|datasource)['"]\s*=>\s*['"](?:Database/)?(\w+)['"]`)
	assignDriver   = manifest.Lazy(`(?i)(?:\$(?:[a-z]{1,6}_)?|['"]|->)(?:db_?type|db_?driver|database_?(?:type|driver))(?:['"]\]?)?\s*(?:=|=>)\s*['"](mysqli?|pdo_mysql|mariadb|pgsql|postgres(?:ql)?|pdo_pgsql|sqlite3?|pdo_sqlite|sqlsrv)['"]`)
	defineDriver   = manifest.Lazy(`(?i)define\(\s*['"](?:DB_DRIVER|DBTYPE|DB_TYPE)['"]\s*,\s*(?:getenv\([^)]*\)\s*\?:\s*)?['"](\w+)`)
)

// names of databases as configurations write them.
var databaseNames = map[string]string{"mysql": "mysql", "mysqli": "mysql", "mariadb": "mysql", "pdo_mysql": "mysql", "pgsql": "postgresql", "postgres": "postgresql", "postgresql": "postgresql", "pdo_pgsql": "postgresql", "postgre": "postgresql",
	"sqlite": "sqlite", "sqlite3": "sqlite", "pdo_sqlite": "sqlite", "sqlsrv": "sqlserver", "mssql": "sqlserver", "oci8": "oracle", "oracle": "oracle", "sqlserver": "sqlserver", "pdo_sqlsrv": "sqlserver"}

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
		if kind, ev, ok := try([]string{"config/database.php", "app/config/database.php", "application/config/database.php"}, laravelDefault.Regexp(), "default"); ok {
			return kind, ev, ok
		}
	case "symfony":
		if kind, ev, ok := try([]string{".env", ".env.dist", ".env.prod"}, databaseURL.Regexp(), "DATABASE_URL"); ok {
			return kind, ev, ok
		}
	case "cakephp":
		for _, d := range []string{"app/config/", "app/Config/", "config/", "Config/"} {
			if kind, ev, ok := try([]string{d + "database.php", d + "database.php.default"}, cakeConfig.Regexp(), "driver", "datasource"); ok {
				return kind, ev, ok
			}
		}
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
	if a.application != "" {
		if kind, ev, ok := try([]string{a.application + "/config/database.php"}, dbDriver.Regexp(), "dbdriver"); ok {
			return kind, ev, ok
		}
	}
	if h, ok := a.first(cakeDriver.Regexp(), "Database", "::class"); ok && framework == "cakephp" {
		name := h.m[1]
		if name == "" {
			name = h.m[2]
		}
		return databaseNames[strings.ToLower(name)], h.evidence(), true
	}
	if kind, ev, ok := a.settingsDatabase(); ok {
		return kind, ev, ok
	}
	if h, ok := a.first(defineDriver.Regexp(), "DB_DRIVER", "DBTYPE", "DB_TYPE", "dbtype"); ok && databaseNames[strings.ToLower(h.m[1])] != "" {
		return databaseNames[strings.ToLower(h.m[1])], h.evidence(), true
	}
	if h, ok := a.first(assignDriver.Regexp(), "ype", "river"); ok {
		return databaseNames[strings.ToLower(h.m[1])], h.evidence(), true
	}
	return "", detect.Evidence{}, false
}

// talking are packages by the service that they talk to.
var talking = []struct {
	pkg, kind string
	required  bool
}{
	{"predis/predis", "redis", false}, {"snc/redis-bundle", "redis", false}, {"laravel/horizon", "redis", true}, {"symfony/redis-messenger", "redis", false}, {"mongodb/mongodb", "mongodb", false}, {"jenssegers/mongodb", "mongodb", false}, {"mongodb/laravel-mongodb", "mongodb", false},
	{"doctrine/mongodb-odm", "mongodb", true}, {"doctrine/mongodb-odm-bundle", "mongodb", true}, {"elasticsearch/elasticsearch", "elasticsearch", false}, {"ruflin/elastica", "elasticsearch", false}, {"friendsofsymfony/elastica-bundle", "elasticsearch", true}, {"opensearch-project/opensearch-php", "opensearch", false},
	{"solarium/solarium", "solr", false}, {"nelmio/solarium-bundle", "solr", true}, {"league/flysystem-aws-s3-v3", "s3", false}, {"league/flysystem-aws-s3-v2", "s3", false}, {"aws/aws-sdk-php", "s3", false}, {"php-amqplib/php-amqplib", "rabbitmq", false}, {"php-amqplib/rabbitmq-bundle", "rabbitmq", false},
	{"oldsound/rabbitmq-bundle", "rabbitmq", false}, {"symfony/amqp-messenger", "rabbitmq", false}, {"adldap2/adldap2-laravel", "ldap", false}, {"directorytree/ldaprecord-laravel", "ldap", false}, {"symfony/ldap", "ldap", false}, {"neoxygen/neoclient", "neo4j", false}, {"laudis/neo4j-php-client", "neo4j", false},
	{"swiftmailer/swiftmailer", "smtp", false}, {"symfony/swiftmailer-bundle", "smtp", false}, {"symfony/mailer", "smtp", false}, {"phpmailer/phpmailer", "smtp", false}, {"zendframework/zend-mail", "smtp", false}, {"laminas/laminas-mail", "smtp", false}, {"influxdb/influxdb-php", "influxdb", false},
}

// pluginPath is what whoever installs the application switches on.
var pluginPath = manifest.Lazy(`(?i)(?:^|/)(?:plugins?|addons?|extensions)/`)

// services lists what the application talks to.
func (a *app) services(framework string) []detect.Service {
	var out []detect.Service
	index := map[string]int{}
	add := func(s detect.Service) {
		if i, ok := index[s.Kind]; ok {
			if s.Required && !out[i].Required && !relational[s.Kind] {
				out[i].Required, out[i].Why = true, s.Why
			}
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
		if u.required && pluginPath.MatchString(h.name) {
			core := slices.DeleteFunc(slices.Clone(a.files), pluginPath.MatchString)
			if found := a.grep(core, u.re.Regexp(), 1, u.hints...); len(found) > 0 {
				s.Evidence = []detect.Evidence{found[0].evidence()}
			} else {
				s.Required, s.Why = false, "only a plugin talks to it"
			}
		}
		if relational[u.kind] && len(out) > 0 && firstRelational(out) && index[u.kind] == 0 && out[0].Kind != u.kind {
			s.Required, s.Why = false, "the code can use it instead of another database"
		}
		add(s)
	}
	for _, p := range talking {
		if x, ok := a.has(p.pkg); ok && x.constraint != "" {
			add(detect.Service{Kind: p.kind, Required: p.required, From: x.from, Why: "the package " + p.pkg + " talks to it", Evidence: x.evidence})
		}
	}
	a.addressed(add)
	if framework == "laravel" {
		a.stored(add)
	}
	if name := a.product.framework; (name == "joomla" || name == "mediawiki") && !firstRelational(out) {
		add(detect.Service{Kind: "mysql", Required: true, From: detect.Inferred, Why: "it keeps its contents in a database, most often MySQL", Evidence: []detect.Evidence{a.productAt}})
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
