package python

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// drivers say which service a package talks to. required: a project that installs it does not work without, unless its
// configuration says otherwise.
var drivers = []struct {
	dep, kind string
	required  bool
}{
	{"psycopg2", "postgresql", true}, {"psycopg2-binary", "postgresql", true}, {"psycopg", "postgresql", true}, {"psycopg-binary", "postgresql", true}, {"asyncpg", "postgresql", true}, {"pg8000", "postgresql", true}, {"aiopg", "postgresql", true}, {"psycopg2cffi", "postgresql", true},
	{"mysqlclient", "mysql", true}, {"mysql-python", "mysql", true}, {"pymysql", "mysql", true}, {"mysql-connector-python", "mysql", true}, {"mysql-connector", "mysql", true}, {"aiomysql", "mysql", true}, {"oursql", "mysql", true},
	{"cx-oracle", "oracle", true}, {"oracledb", "oracle", true}, {"pymssql", "sqlserver", true}, {"pyodbc", "sqlserver", false}, {"django-pyodbc-azure", "sqlserver", true}, {"mssql-django", "sqlserver", true}, {"ibm-db", "db2", true},
	{"pymongo", "mongodb", true}, {"mongoengine", "mongodb", true}, {"flask-pymongo", "mongodb", true}, {"flask-mongoengine", "mongodb", true}, {"motor", "mongodb", true}, {"djongo", "mongodb", true}, {"mongokit", "mongodb", true},
	{"redis", "redis", false}, {"django-redis", "redis", false}, {"django-redis-cache", "redis", false}, {"flask-redis", "redis", false}, {"rq", "redis", true}, {"django-rq", "redis", true}, {"aioredis", "redis", false}, {"huey", "redis", false}, {"channels-redis", "redis", true},
	{"python-memcached", "memcached", false}, {"pylibmc", "memcached", false}, {"pymemcache", "memcached", false}, {"django-pylibmc", "memcached", false},
	{"elasticsearch", "elasticsearch", false}, {"elasticsearch-dsl", "elasticsearch", true}, {"django-elasticsearch-dsl", "elasticsearch", true}, {"pyelasticsearch", "elasticsearch", false}, {"opensearch-py", "opensearch", false},
	{"pysolr", "solr", false}, {"scorched", "solr", true}, {"pika", "rabbitmq", true}, {"amqp", "rabbitmq", false}, {"kafka-python", "kafka", true}, {"confluent-kafka", "kafka", true}, {"aiokafka", "kafka", true}, {"faust", "kafka", true},
	{"cassandra-driver", "cassandra", true}, {"couchdb", "couchdb", true}, {"cloudant", "couchdb", true}, {"neo4j", "neo4j", true}, {"neo4j-driver", "neo4j", true}, {"py2neo", "neo4j", true}, {"neomodel", "neo4j", true},
	{"influxdb", "influxdb", false}, {"influxdb-client", "influxdb", false}, {"nats-py", "nats", true}, {"asyncio-nats-client", "nats", true}, {"pynsq", "nsq", true}, {"kazoo", "zookeeper", false}, {"stomp-py", "activemq", false},
	{"boto3", "s3", false}, {"django-storages", "s3", false}, {"boto", "s3", false}, {"minio", "s3", false}, {"python-ldap", "ldap", false}, {"ldap3", "ldap", false}, {"django-auth-ldap", "ldap", false}, {"flask-ldap", "ldap", false},
	{"flask-mail", "smtp", false}, {"aiosmtplib", "smtp", false}, {"sphinxapi-py3", "sphinx", true},
}

var relational = map[string]bool{"postgresql": true, "mysql": true, "sqlserver": true, "oracle": true, "db2": true, "sqlite": true}

// backends are Django's database engines by their names and those of packages.
var backends = map[string]string{
	"postgresql": "postgresql", "postgresql_psycopg2": "postgresql", "postgis": "postgresql", "mysql": "mysql", "sqlite3": "sqlite", "spatialite": "sqlite", "oracle": "oracle", "mssql": "sqlserver",
}

// schemes are the services by the schemes of their addresses.
var schemes = map[string]string{
	"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "oracle": "oracle", "mssql": "sqlserver", "mongodb": "mongodb", "redis": "redis", "rediss": "redis",
	"amqp": "rabbitmq", "amqps": "rabbitmq", "pyamqp": "rabbitmq",
}

var (
	engineLine    = lazy(`(?:django\.db\.backends\.|django\.contrib\.gis\.db\.backends\.|["'](?:sql_server|mssql))([a-z_0-9]*)`)
	addressLine   = lazy(`\b(postgresql|postgres|mysql|mariadb|sqlite|oracle|mssql|mongodb)(?:\+\w+)?://`)
	brokerLine    = lazy(`(?i)broker(?:_url)?["']?\s*[:=(,]\s*.*?\b(amqp|pyamqp|amqps|redis|rediss|sqs)://`)
	redisUse      = lazy(`\bredis\.(?:Strict)?Redis(?:Cluster)?\(|\b(?:Strict)?Redis\(\s*(?:host|url|["'])|redis\.from_url\(|redis\.ConnectionPool\(|\bRedis\.from_url\(|aioredis\.|["']django_redis\.cache|redis_cache\.|RedisChannelLayer`)
	memcachedUse  = lazy(`memcached\.(?:Memcached|PyLibMC|PyMemcache)Cache|\bmemcache\.Client\(|pylibmc\.Client\(|pymemcache`)
	searchUse     = lazy(`\bElasticsearch\(|elasticsearch\w*_backend|connections\.create_connection`)
	smtpUse       = lazy(`\bEMAIL_HOST\b|\bMAIL_SERVER\b|smtplib\.SMTP|backends\.smtp`)
	sqliteFile    = lazy(`["']NAME["']\s*:\s*(?:os\.path\.join\([^"']*|[\w.]+\s*/\s*|str\([^"']*|)["']([\w./-]+)["']`)
	sqliteAddress = lazy(`sqlite:///+([\w./-]+)`)
)

// configFiles are the sources that hold settings.
func (a *app) configFiles() []string {
	out := append([]string{}, a.settings...)
	for _, f := range a.files {
		if base := strings.ToLower(f[strings.LastIndexByte(f, '/')+1:]); strings.Contains(base, "config") || strings.Contains(base, "settings") || strings.Contains(base, "default") || strings.Contains(base, "celery") {
			if a.framework.V != "django" || !strings.Contains(base, "settings") {
				out = append(out, f)
			}
		}
	}
	return out
}

// database is the database that the configuration names, if it names one.
func (a *app) database() (string, detect.Evidence, bool) {
	if a.framework.V == "django" {
		for _, name := range a.settings {
			if rank(name) == 9 {
				continue
			}
			f := a.source(name)
			at := strings.Index(string(f.Data), "DATABASES")
			if at < 0 {
				continue
			}
			first := strings.Count(string(f.Data[:at]), "\n")
			for i, text := range strings.Split(string(f.Data[at:]), "\n") {
				if i > 120 {
					break
				}
				if m := engineLine().FindStringSubmatch(text); m != nil && backends[or(m[1], "mssql")] != "" {
					return backends[or(m[1], "mssql")], f.Evidence(first + i + 1), true
				}
				if m := addressLine().FindStringSubmatch(text); m != nil {
					return schemes[m[1]], f.Evidence(first + i + 1), true
				}
			}
		}
		return "", detect.Evidence{}, false
	}
	for _, names := range [][]string{a.configFiles(), a.files} {
		for _, h := range a.grep(names, addressLine(), 20, "://") {
			if low := strings.ToLower(h.name); strings.Contains(low, "test") || strings.Contains(low, "dev") || strings.Contains(low, "migrations") {
				continue
			}
			return schemes[h.m[1]], h.evidence(), true
		}
	}
	if h, ok := a.first(lazy(`\bsqlite3\.connect\(`)(), "sqlite3.connect("); ok {
		return "sqlite", h.evidence(), true
	}
	return "", detect.Evidence{}, false
}

// services lists what the component talks to.
func (a *app) services(c *detect.Component, worker bool) []detect.Service {
	var out []detect.Service
	index := map[string]int{}
	add := func(s detect.Service) *detect.Service {
		if i, ok := index[s.Kind]; ok {
			if len(out[i].Evidence) < 3 {
				out[i].Evidence = append(out[i].Evidence, s.Evidence...)
			}
			return &out[i]
		}
		index[s.Kind] = len(out)
		out = append(out, s)
		return &out[len(out)-1]
	}
	kind, ev, named := a.database()
	if named && kind != "" {
		add(detect.Service{Kind: kind, Required: true, From: detect.Declared, Why: "the configuration names it", Evidence: []detect.Evidence{ev}})
		if kind == "sqlite" {
			a.sqlite(c, ev)
		}
	}
	for _, d := range drivers {
		x, ok := a.has(d.dep)
		if !ok || !x.direct && !d.required {
			continue
		}
		s := detect.Service{Kind: d.kind, Required: d.required, From: x.from, Why: "the package " + d.dep + " talks to it", Evidence: x.evidence}
		if relational[d.kind] && named && kind != d.kind {
			s.Required = false
			s.Why += "; the configuration names another database"
		}
		if !x.direct && d.required && !relational[d.kind] {
			s.Required = false
		}
		add(s)
	}
	a.confirm(out)
	a.broker(add, worker)
	if h, ok := a.first(smtpUse(), "EMAIL_HOST", "MAIL_SERVER", "smtplib", "backends.smtp"); ok {
		add(detect.Service{Kind: "smtp", From: detect.Declared, Why: "mail is sent by SMTP", Evidence: []detect.Evidence{h.evidence()}})
	}
	oneDatabase(out, named)
	for i := range out {
		out[i].Env = a.serviceEnv(out[i].Kind)
		if out[i].Kind == "mysql" || out[i].Kind == "postgresql" {
			out[i].Scheme = a.scheme(out[i].Kind)
		}
	}
	return out
}

// oneDatabase leaves one relational database required when the packages bring several and nothing names one: the first.
func oneDatabase(list []detect.Service, named bool) {
	seen := named
	for i := range list {
		if s := &list[i]; relational[s.Kind] && s.Required {
			if seen && !(named && i == 0) {
				s.Required = false
				s.Why += "; another database is the first choice"
			}
			seen = true
		}
	}
}

// confirm makes services required that only an optional package shows, when the code uses them.
func (a *app) confirm(list []detect.Service) {
	for i := range list {
		s := &list[i]
		if s.Required {
			continue
		}
		var h hit
		var ok bool
		switch s.Kind {
		case "redis":
			h, ok = a.first(redisUse(), "edis")
		case "memcached":
			h, ok = a.first(memcachedUse(), "emcache", "pylibmc")
		case "elasticsearch":
			h, ok = a.first(searchUse(), "lasticsearch", "connections.create")
		}
		if ok && !strings.Contains(strings.ToLower(h.name), "test") && !strings.Contains(strings.ToLower(h.name), "example") {
			s.Required = true
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], h.evidence())
		}
	}
}

// broker finds what Celery speaks through: its workers need it, a web process only to hand work over.
func (a *app) broker(add func(detect.Service) *detect.Service, worker bool) {
	if _, ok := a.has("celery"); !ok {
		return
	}
	for _, names := range [][]string{a.configFiles(), a.files} {
		for _, h := range a.grep(names, brokerLine(), 5, "roker", "ROKER") {
			kind := schemes[strings.ToLower(h.m[1])]
			if kind == "" {
				kind = "sqs"
			}
			s := add(detect.Service{Kind: kind, Required: worker, From: detect.Declared, Why: "Celery hands its tasks over through it", Evidence: []detect.Evidence{h.evidence()}})
			s.Required = s.Required || worker
			return
		}
	}
}

// sqlite records where the database file lies.
func (a *app) sqlite(c *detect.Component, ev detect.Evidence) {
	file := ""
	for _, h := range a.grep(append(append([]string{}, a.settings...), a.files...), sqliteFile(), 3, "NAME") {
		if strings.Contains(h.m[1], "sqlite") || strings.Contains(h.m[1], ".db") {
			file = h.m[1]
			break
		}
	}
	if h, ok := a.first(sqliteAddress(), "sqlite:///"); ok && file == "" {
		file = h.m[1]
	}
	file = strings.TrimPrefix(strings.TrimPrefix(file, "./"), "/")
	if file == "" || strings.Contains(file, "..") {
		file = "db.sqlite3"
	}
	if root := a.importRoot(); root != "." && a.framework.V == "django" && !strings.HasPrefix(file, root+"/") {
		file = root + "/" + file
	}
	c.Facts["sqliteFile"] = detect.Infer(file, "SQLite keeps its data there", ev)
}

// scheme is what an address must begin with for the driver that the project has.
func (a *app) scheme(kind string) string {
	if kind == "postgresql" {
		return "postgresql"
	}
	if _, ok := a.has("pymysql"); ok && a.framework.V != "django" {
		return "mysql+pymysql"
	}
	return "mysql"
}

// prefixes are how the names of variables about a service begin.
var prefixes = map[string][]string{
	"postgresql": {"DATABASE_", "POSTGRES_", "POSTGRESQL_", "DB_", "PG", "SQLALCHEMY_DATABASE_", "RDS_"}, "mysql": {"DATABASE_", "MYSQL_", "DB_", "MARIADB_", "SQLALCHEMY_DATABASE_", "RDS_"},
	"sqlserver": {"DATABASE_", "MSSQL_", "DB_"}, "oracle": {"DATABASE_", "ORACLE_", "DB_"}, "redis": {"REDIS_", "REDISTOGO_", "REDISCLOUD_"}, "memcached": {"MEMCACHED_", "MEMCACHE_", "MEMCACHIER_"},
	"mongodb": {"MONGODB_", "MONGO_", "MONGOLAB_", "MONGOHQ_", "DATABASE_", "DB_"}, "elasticsearch": {"ELASTICSEARCH_", "ELASTIC_", "ES_"}, "rabbitmq": {"RABBITMQ_", "CLOUDAMQP_", "AMQP_", "BROKER_", "CELERY_BROKER_"},
	"smtp": {"EMAIL_", "SMTP_", "MAIL_"}, "kafka": {"KAFKA_"}, "solr": {"SOLR_"}, "ldap": {"LDAP_"},
}

var suffixes = []struct{ end, role string }{
	{"URL", "url"}, {"URI", "url"}, {"DSN", "url"}, {"SERVERS", "host"}, {"SERVER", "host"}, {"HOSTNAME", "host"}, {"HOST", "host"}, {"PORT", "port"}, {"USERNAME", "user"}, {"HOST_USER", ""}, {"HOST_PASSWORD", ""}, {"USER", "user"},
	{"PASSWORD", "password"}, {"PASS", "password"}, {"PW", "password"}, {"DATABASE", "name"}, {"NAME", "name"}, {"DBNAME", "name"}, {"DB", "name"}, {"ADDRESS", "host"},
}

// serviceEnv says by which variables the code learns where a service is.
func (a *app) serviceEnv(kind string) map[string]string {
	roles := map[string]string{}
	for _, r := range a.reads {
		for _, pre := range prefixes[kind] {
			rest, ok := strings.CutPrefix(r.name, pre)
			if !ok {
				continue
			}
			for _, s := range suffixes {
				if rest == s.end && s.role != "" && roles[s.role] == "" {
					roles[s.role] = r.name
				}
			}
		}
	}
	if roles["url"] != "" && roles["host"] == "" {
		return map[string]string{"url": roles["url"]}
	}
	if roles["host"] != "" {
		delete(roles, "url")
	}
	if len(roles) == 0 {
		return nil
	}
	return roles
}
