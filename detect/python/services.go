package python

import (
	"maps"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// drivers say which service a package talks to. required: a project that installs it and imports the module does not work without,
// unless its configuration says otherwise.
var drivers = []struct {
	dep, kind string
	required  bool
	module    string
}{
	{"psycopg2", "postgresql", true, ""}, {"psycopg2-binary", "postgresql", true, ""}, {"psycopg", "postgresql", true, ""}, {"psycopg-binary", "postgresql", true, ""}, {"asyncpg", "postgresql", true, ""}, {"pg8000", "postgresql", true, ""},
	{"aiopg", "postgresql", true, ""}, {"psycopg2cffi", "postgresql", true, ""}, {"pygresql", "postgresql", true, ""},
	{"mysqlclient", "mysql", true, ""}, {"mysql-python", "mysql", true, ""}, {"pymysql", "mysql", true, ""}, {"mysql-connector-python", "mysql", true, ""}, {"mysql-connector", "mysql", true, ""}, {"aiomysql", "mysql", true, ""},
	{"oursql", "mysql", true, ""}, {"flask-mysqldb", "mysql", true, ""}, {"flask-mysql", "mysql", true, ""}, {"torndb", "mysql", true, ""},
	{"cx-oracle", "oracle", true, ""}, {"oracledb", "oracle", true, ""}, {"pymssql", "sqlserver", true, ""}, {"pyodbc", "sqlserver", false, ""}, {"django-pyodbc-azure", "sqlserver", true, ""}, {"mssql-django", "sqlserver", true, ""}, {"ibm-db", "db2", true, ""}, {"ibm-db-sa", "db2", true, ""},
	{"mongoengine", "mongodb", true, "mongoengine"}, {"flask-mongoengine", "mongodb", true, "flask_mongoengine"}, {"flask-pymongo", "mongodb", true, "flask_pymongo"}, {"pymongo", "mongodb", true, "pymongo"}, {"motor", "mongodb", true, "motor"},
	{"djongo", "mongodb", true, ""}, {"mongokit", "mongodb", true, "mongokit"}, {"mongomock", "mongodb", false, ""}, {"txmongo", "mongodb", true, "txmongo"},
	{"redis", "redis", false, ""}, {"django-redis", "redis", false, ""}, {"django-redis-cache", "redis", false, ""}, {"flask-redis", "redis", false, ""}, {"django-rq", "redis", true, ""}, {"rq", "redis", true, "rq"}, {"aioredis", "redis", false, ""}, {"huey", "redis", false, ""},
	{"channels-redis", "redis", true, ""}, {"asgi-redis", "redis", true, ""}, {"txredisapi", "redis", true, "txredisapi"}, {"walrus", "redis", true, "walrus"}, {"django-redis-sessions", "redis", true, ""}, {"pyramid-redis-sessions", "redis", true, ""},
	{"python-memcached", "memcached", false, ""}, {"pylibmc", "memcached", false, ""}, {"pymemcache", "memcached", false, ""}, {"django-pylibmc", "memcached", false, ""},
	{"elasticsearch-dsl", "elasticsearch", true, "elasticsearch_dsl"}, {"django-elasticsearch-dsl", "elasticsearch", true, ""}, {"elasticsearch", "elasticsearch", false, ""}, {"pyelasticsearch", "elasticsearch", false, ""}, {"pyes", "elasticsearch", true, "pyes"}, {"elasticutils", "elasticsearch", true, "elasticutils"},
	{"opensearch-py", "opensearch", true, "opensearchpy"}, {"pysolr", "solr", false, ""}, {"scorched", "solr", true, "scorched"}, {"sunburnt", "solr", true, "sunburnt"}, {"solrpy", "solr", true, "solr"},
	{"pika", "rabbitmq", true, "pika"}, {"aio-pika", "rabbitmq", true, "aio_pika"}, {"amqplib", "rabbitmq", true, "amqplib"}, {"py-amqplib", "rabbitmq", true, "amqplib"}, {"nameko", "rabbitmq", true, "nameko"}, {"amqp", "rabbitmq", false, ""},
	{"kafka-python", "kafka", true, "kafka"}, {"confluent-kafka", "kafka", true, "confluent_kafka"}, {"aiokafka", "kafka", true, "aiokafka"}, {"faust", "kafka", true, "faust"}, {"pykafka", "kafka", true, "pykafka"},
	{"cassandra-driver", "cassandra", true, "cassandra"}, {"pycassa", "cassandra", true, "pycassa"}, {"django-cassandra-engine", "cassandra", true, ""}, {"couchdb", "couchdb", true, "couchdb"}, {"couchdbkit", "couchdb", true, "couchdbkit"}, {"cloudant", "couchdb", true, "cloudant"},
	{"neo4j", "neo4j", true, "neo4j"}, {"neo4j-driver", "neo4j", true, "neo4j"}, {"py2neo", "neo4j", true, "py2neo"}, {"neomodel", "neo4j", true, "neomodel"},
	{"influxdb", "influxdb", false, ""}, {"influxdb-client", "influxdb", false, ""}, {"nats-py", "nats", true, "nats"}, {"asyncio-nats-client", "nats", true, "nats"}, {"pynsq", "nsq", true, "nsq"}, {"gnsq", "nsq", true, "gnsq"}, {"kazoo", "zookeeper", false, ""},
	{"stomp-py", "activemq", true, "stomp"}, {"stompest", "activemq", true, "stompest"},
	{"boto3", "s3", false, ""}, {"django-storages", "s3", false, ""}, {"boto", "s3", false, ""}, {"minio", "s3", false, ""}, {"python-ldap", "ldap", false, ""}, {"ldap3", "ldap", false, ""}, {"django-auth-ldap", "ldap", false, ""}, {"flask-ldap", "ldap", false, ""}, {"flask-simpleldap", "ldap", false, ""},
	{"flask-mail", "smtp", false, ""}, {"aiosmtplib", "smtp", false, ""}, {"imapclient", "imap", false, ""}, {"sphinxapi-py3", "sphinx", true, ""}, {"django-sphinx", "sphinx", true, ""},
}

var relational = map[string]bool{"postgresql": true, "mysql": true, "sqlserver": true, "oracle": true, "db2": true, "sqlite": true}

// services lists what the component talks to. A worker needs what its tasks come through; a web process hands work over only when it
// is asked to.
func (a *app) services(c *detect.Component, worker bool) []detect.Service {
	var out []detect.Service
	index := map[string]int{}
	add := func(s detect.Service) *detect.Service {
		if i, ok := index[s.Kind]; ok {
			if len(out[i].Evidence) < 3 {
				out[i].Evidence = append(out[i].Evidence[:len(out[i].Evidence):len(out[i].Evidence)], s.Evidence...)
			}
			out[i].Required = out[i].Required || s.Required
			return &out[i]
		}
		index[s.Kind] = len(out)
		out = append(out, s)
		return &out[len(out)-1]
	}
	db := a.database()
	if db.kind != "" {
		add(detect.Service{Kind: db.kind, Required: true, From: detect.Declared, Why: "the configuration names it", Evidence: []detect.Evidence{db.evidence}})
		if db.kind == "sqlite" {
			a.sqlite(c, db)
		}
	}
	a.drivers(db, add)
	for i := range out {
		a.confirm(&out[i])
	}
	a.broker(add, worker)
	if h, ok := a.first(smtpUse, "EMAIL_HOST", "MAIL_SERVER", "smtplib", "backends.smtp"); ok {
		add(detect.Service{Kind: "smtp", From: detect.Declared, Why: "mail is sent by SMTP", Evidence: []detect.Evidence{h.evidence()}})
	}
	oneDatabase(out, db.kind != "")
	for i := range out {
		a.switchedOff(&out[i], worker)
		out[i].Env = a.serviceEnv(out[i].Kind)
		if db.kind == out[i].Kind && len(db.env) > 0 {
			out[i].Env = db.env
		}
		if out[i].Kind == "mysql" || out[i].Kind == "postgresql" {
			out[i].Scheme = a.scheme(out[i])
		}
	}
	return out
}

// drivers adds what the packages talk to. One that only the lock file has, or that no source imports, is some other package's choice.
func (a *app) drivers(db database, add func(detect.Service) *detect.Service) {
	for _, d := range drivers {
		x, ok := a.has(d.dep)
		if !ok || !x.direct && !d.required {
			continue
		}
		s := detect.Service{Kind: d.kind, Required: d.required, From: x.from, Why: "the package " + d.dep + " talks to it", Evidence: x.evidence}
		switch {
		case relational[d.kind] && db.kind != "" && db.kind != d.kind:
			s.Required = false
			s.Why += "; the configuration names another database"
		case relational[d.kind] && !db.there && !x.direct:
			s.Required = false
		case !relational[d.kind] && d.required && (!x.direct || !a.touches(d.module)):
			s.Required = false
			s.Why += ", but no source imports it"
		}
		add(s)
	}
}

// touches reports whether the sources import a package; true for one whose module is not known.
func (a *app) touches(module string) bool {
	if module == "" {
		return true
	}
	_, ok := a.imports(module)
	return ok
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

var (
	redisUse     = manifest.Lazy(`\bredis\.(?:Strict)?Redis(?:Cluster)?\(|\b(?:Strict)?Redis\(\s*(?:host|url|["']|os\.|settings\.|\w+\.|$)|\bredis\.from_url\(|\bredis\.ConnectionPool\(|\bRedis\.from_url\(|\baioredis\.|["']django_redis\.cache|\bredis_cache\.|RedisChannelLayer|["']BACKEND["']\s*:\s*["'][\w.]*redis|\bFlaskRedis\(|\bFlaskRedis\b.*\(app|["']redis://|\bRedisHuey\(|\bget_redis_connection\(|SESSION_TYPE["']?\]?\s*=\s*["']redis`)
	memcachedUse = manifest.Lazy(`memcached\.(?:Memcached|PyLibMC|PyMemcache)Cache|\bmemcache\.Client\(|\bpylibmc\.Client\(|\bpymemcache\b.*\(|django_pylibmc`)
	searchUse    = manifest.Lazy(`\bElasticsearch\(|\bfrom elasticsearch import helpers|\belasticsearch\.helpers\b|elasticsearch\w*_backend|connections\.create_connection|\bget_es\(|ELASTICSEARCH_DSL`)
	solrUse      = manifest.Lazy(`\bpysolr\.Solr\(|solr_backend|\bSolrConnection\(|\bsolr\.Solr`)
	influxUse    = manifest.Lazy(`\bInfluxDBClient\(`)
	zookeeperUse = manifest.Lazy(`\bKazooClient\(`)
	smtpUse      = manifest.Lazy(`\bEMAIL_HOST\b|\bMAIL_SERVER\b|smtplib\.SMTP|backends\.smtp`)
	brokerLine   = manifest.Lazy(`(?i)\bbroker(?:_url)?["']?\]?\s*[:=(,]\s*.*?\b(amqp|pyamqp|amqps|redis|rediss|sqs|django|memory|filesystem|mongodb)\+?\w*://`)
	brokerKind   = manifest.Lazy(`(?i)\bbroker_(?:transport|backend)["']?\]?\s*[:=]\s*["'](amqp|pyamqp|redis|sqs|django|memory|mongodb)["']`)
	brokerNamed  = manifest.Lazy(`(?i)\bbroker(?:_url|_host)?["']?\]?\s*[:=]\s*(.*)$`)
)

// confirm makes a service required that only an optional package shows, when the code uses it.
func (a *app) confirm(s *detect.Service) {
	if s.Required {
		return
	}
	uses := map[string]struct {
		re    *manifest.Pattern
		hints []string
	}{
		"redis": {redisUse, []string{"edis"}}, "memcached": {memcachedUse, []string{"emcache", "pylibmc"}}, "elasticsearch": {searchUse, []string{"lasticsearch", "connections.create", "get_es", "ELASTIC"}},
		"solr": {solrUse, []string{"olr"}}, "influxdb": {influxUse, []string{"InfluxDB"}}, "zookeeper": {zookeeperUse, []string{"Kazoo"}},
	}
	u, ok := uses[s.Kind]
	if !ok {
		return
	}
	for _, h := range a.grep(a.files, u.re, 20, u.hints...) {
		low := strings.ToLower(h.name)
		if notProduction(h.name) || strings.Contains(low, "test") || strings.Contains(low, "example") || strings.Contains(low, "contrib/") || orNothing.MatchString(a.after(h)) {
			continue
		}
		s.Required = true
		s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], h.evidence())
		return
	}
}

// orNothing matches the conditional that leaves a client out when its address is not set.
var orNothing = manifest.Lazy(`\)\s*\\?\s*if\s+[^:]+\belse\s+None\b`)

// after is a line with the one behind it, where a statement may go on.
func (a *app) after(h hit) string {
	all := strings.Split(string(h.file.Data), "\n")
	return strings.Join(all[h.line-1:min(h.line+1, len(all))], " ")
}

var offSwitch = manifest.Lazy(`^["']?(?:USE_|ENABLE_|WITH_|HAS_)?(REDIS|CELERY|MEMCACHED?|ELASTIC_?SEARCH|SOLR|RABBITMQ|BROKER|CACHE)_?(?:ENABLED?|HOSTS?|SERVERS?|URL|CACHE)?["']?\s*[:=]\s*(?:False|None|\[\]|\(\)|''|"")\s*,?$`)

// switchedOff makes a service optional that the project's own settings leave out unless somebody turns it on. A worker has it
// turned on by being started.
func (a *app) switchedOff(s *detect.Service, worker bool) {
	if !s.Required || relational[s.Kind] {
		return
	}
	for _, h := range a.grep(a.configFiles(), offSwitch, 20, "False", "None", "[]", "()", "''", `""`) {
		what := strings.ToLower(strings.ReplaceAll(h.m[1], "_", ""))
		if strings.HasPrefix(what, "memcache") {
			what = "memcached"
		}
		if what == s.Kind && !worker || (what == "celery" || what == "broker") && s.Kind == "rabbitmq" && !worker {
			s.Required = false
			s.Why += "; the settings leave it out until it is turned on"
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], h.evidence())
			return
		}
	}
}

// broker finds what Celery speaks through: its workers need it, and so does a web process that hands work over.
func (a *app) broker(add func(detect.Service) *detect.Service, worker bool) {
	d, ok := a.has("celery", "django-celery", "kombu")
	if !ok || d.name == "kombu" && !d.direct {
		return
	}
	for _, names := range [][]string{a.configFiles(), a.files} {
		for _, re := range []*manifest.Pattern{brokerLine, brokerKind} {
			for _, h := range a.grep(names, re, 8, "roker", "ROKER") {
				if notProduction(h.name) && len(names) > 1 {
					continue
				}
				kind := schemes[strings.ToLower(h.m[1])]
				if kind == "" {
					return // the database, or memory
				}
				add(detect.Service{Kind: kind, Required: worker || a.handsOver(), From: detect.Declared, Why: "Celery hands its tasks over through it", Evidence: []detect.Evidence{h.evidence()}})
				return
			}
		}
	}
	if h := a.grep(a.configFiles(), brokerNamed, 3, "roker", "ROKER"); len(h) > 0 && a.handsOver() {
		kind := "rabbitmq"
		if r, ok := a.has("redis", "django-redis"); ok && r.direct && !strings.Contains(strings.ToLower(h[0].m[1]), "amqp") {
			kind = "redis"
		}
		add(detect.Service{Kind: kind, Required: true, From: detect.Inferred, Why: "Celery hands its tasks over through it, at the address that the setting is given", Evidence: []detect.Evidence{h[0].evidence()}})
		return
	}
	if worker || len(a.grep(a.files, celeryApp, 1, "elery")) > 0 && a.handsOver() {
		s := detect.Service{Kind: "rabbitmq", Required: worker, From: detect.Inferred, Why: "Celery speaks to RabbitMQ when nothing else is set", Evidence: firstOf(d.evidence)}
		if r, ok := a.has("redis"); ok && r.direct {
			s.Kind, s.Why = "redis", "Celery's broker is not set in the code, and the project brings the client of Redis"
		}
		add(s)
	}
}

// handsOver reports whether the code gives tasks to Celery's workers.
func (a *app) handsOver() bool { return len(a.grep(a.files, celeryTask, 1, "task", "Task")) > 0 }

// scheme is what an address must begin with for the client that the project has: that of the address that the code falls back to,
// else what the readers of addresses for Django have always taken, or what SQLAlchemy calls the driver.
func (a *app) scheme(s detect.Service) string {
	for _, role := range slices.Sorted(maps.Keys(s.Env)) {
		name := s.Env[role]
		if !strings.HasPrefix(role, "url") {
			continue
		}
		for _, r := range a.reads {
			scheme, _, ok := strings.Cut(r.fallback, "://")
			base, _, _ := strings.Cut(scheme, "+")
			if ok && r.name == name && schemes[base] == s.Kind && schemeWord.MatchString(scheme) {
				return scheme
			}
		}
	}
	django := a.framework.V == "django"
	_, pymysql := a.has("pymysql")
	_, asyncpg := a.has("asyncpg")
	_, psycopg2 := a.has("psycopg2", "psycopg2-binary")
	_, alchemy := a.has("sqlalchemy")
	switch {
	case s.Kind == "postgresql" && django:
		return "postgres"
	case s.Kind == "postgresql" && asyncpg && !psycopg2 && alchemy:
		return "postgresql+asyncpg"
	case s.Kind == "postgresql":
		return "postgresql"
	case pymysql && !django:
		return "mysql+pymysql"
	}
	return "mysql"
}

var schemeWord = manifest.Lazy(`^[a-z0-9]+(?:\+[a-z0-9_]+)?$`)

// prefixes are how the names of variables about a service begin.
var prefixes = map[string][]string{
	"postgresql": {"DATABASE_", "POSTGRES_", "POSTGRESQL_", "DB_", "PG", "SQLALCHEMY_DATABASE_", "RDS_"}, "mysql": {"DATABASE_", "MYSQL_", "DB_", "MARIADB_", "SQLALCHEMY_DATABASE_", "RDS_"},
	"sqlserver": {"DATABASE_", "MSSQL_", "DB_"}, "oracle": {"DATABASE_", "ORACLE_", "DB_"}, "redis": {"REDIS_", "REDISTOGO_", "REDISCLOUD_"}, "memcached": {"MEMCACHED_", "MEMCACHE_", "MEMCACHIER_"},
	"mongodb": {"MONGODB_", "MONGO_", "MONGOLAB_", "MONGOHQ_", "DATABASE_", "DB_"}, "elasticsearch": {"ELASTICSEARCH_", "ELASTIC_", "ES_"}, "rabbitmq": {"RABBITMQ_", "CLOUDAMQP_", "AMQP_", "BROKER_", "CELERY_BROKER_", "CELERY_"},
	"smtp": {"EMAIL_", "SMTP_", "MAIL_"}, "kafka": {"KAFKA_"}, "solr": {"SOLR_"}, "ldap": {"LDAP_"},
}

var suffixes = []struct{ end, role string }{
	{"URL", "url"}, {"URI", "url"}, {"DSN", "url"}, {"SERVERS", "host"}, {"SERVER", "host"}, {"HOSTNAME", "host"}, {"HOST", "host"}, {"PORT", "port"}, {"USERNAME", "user"}, {"HOST_USER", ""}, {"HOST_PASSWORD", ""}, {"USER", "user"},
	{"PASSWORD", "password"}, {"PASS", "password"}, {"PW", "password"}, {"DATABASE", "name"}, {"NAME", "name"}, {"DBNAME", "name"}, {"DB", "name"}, {"ADDRESS", "host"},
}

// external are kinds that a person brings: what the code has a default for is not asked for.
var external = map[string]bool{"smtp": true, "s3": true, "ldap": true, "sqs": true, "imap": true}

// serviceEnv says by which variables the code learns where a service is: those with a name that says so, and those whose default is
// an address of it.
func (a *app) serviceEnv(kind string) map[string]string {
	roles := map[string]string{}
	for _, r := range a.reads {
		if external[kind] && !r.required {
			continue
		}
		if scheme, _, ok := strings.Cut(r.fallback, "://"); ok {
			scheme, _, _ = strings.Cut(scheme, "+")
			if k := schemes[scheme]; k != "" {
				if k == kind {
					also(roles, "url", r.name)
				}
				continue
			}
		}
		if role := roleOf(kind, r.name); role != "" && roles[role] == "" {
			roles[role] = r.name
		}
	}
	switch {
	case roles["url"] != "" && roles["host"] == "":
		for role := range roles {
			if !strings.HasPrefix(role, "url") {
				delete(roles, role)
			}
		}
	case roles["host"] != "" && relational[kind]:
		delete(roles, "url")
	}
	if len(roles) == 0 {
		return nil
	}
	return roles
}

// roleOf is the role that a variable's name says it plays for a kind of service; empty: none.
func roleOf(kind, name string) string {
	for _, pre := range prefixes[kind] {
		rest, ok := strings.CutPrefix(name, pre)
		if !ok {
			continue
		}
		for _, s := range suffixes {
			if rest == s.end {
				return s.role
			}
		}
	}
	return ""
}

// also adds a variable of a role, numbered when there is one.
func also(roles map[string]string, role, name string) {
	key := role
	for n := 2; roles[key] != ""; n++ {
		if roles[key] == name || n > 9 {
			return
		}
		key = role + "." + itoa(n)
	}
	roles[key] = name
}
