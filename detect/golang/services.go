package golang

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// driver says which service a package talks to.
type driver struct {
	path     string // import path, or the beginning of one when it ends in "/..."
	kind     string
	required bool // a program that imports it does not work without the service
}

// drivers are tried in order. Sources: each package's own description.
var drivers = []driver{
	{"github.com/lib/pq", "postgresql", true}, {"github.com/jackc/pgx/...", "postgresql", true}, {"github.com/bmizerany/pq", "postgresql", true},
	{"github.com/go-pg/pg/...", "postgresql", true}, {"gopkg.in/pg.v3/...", "postgresql", true}, {"gopkg.in/pg.v4/...", "postgresql", true}, {"gopkg.in/pg.v5/...", "postgresql", true},
	{"github.com/jinzhu/gorm/dialects/postgres", "postgresql", true}, {"gorm.io/driver/postgres", "postgresql", true}, {"github.com/uptrace/bun/driver/pgdriver", "postgresql", true},
	{"github.com/go-sql-driver/mysql", "mysql", true}, {"github.com/ziutek/mymysql/...", "mysql", true}, {"github.com/go-mysql-org/...", "mysql", true}, {"github.com/siddontang/go-mysql/...", "mysql", true},
	{"github.com/jinzhu/gorm/dialects/mysql", "mysql", true}, {"gorm.io/driver/mysql", "mysql", true},
	{"github.com/denisenkom/go-mssqldb", "sqlserver", true}, {"github.com/microsoft/go-mssqldb", "sqlserver", true}, {"gorm.io/driver/sqlserver", "sqlserver", true}, {"github.com/jinzhu/gorm/dialects/mssql", "sqlserver", true},
	{"github.com/mattn/go-oci8", "oracle", true}, {"github.com/godror/godror", "oracle", true}, {"gopkg.in/goracle.v2", "oracle", true}, {"github.com/sijms/go-ora/...", "oracle", true},
	{"github.com/ibmdb/go_ibm_db", "db2", true}, {"bitbucket.org/phiggins/db2cli", "db2", true},
	{"github.com/mattn/go-sqlite3", "sqlite", true}, {"modernc.org/sqlite", "sqlite", true}, {"github.com/glebarez/sqlite", "sqlite", true}, {"gorm.io/driver/sqlite", "sqlite", true},
	{"github.com/jinzhu/gorm/dialects/sqlite", "sqlite", true}, {"crawshaw.io/sqlite/...", "sqlite", true}, {"zombiezen.com/go/sqlite/...", "sqlite", true},
	{"gopkg.in/mgo.v2", "mongodb", true}, {"labix.org/v2/mgo", "mongodb", true}, {"github.com/globalsign/mgo", "mongodb", true}, {"go.mongodb.org/mongo-driver/mongo", "mongodb", true}, {"go.mongodb.org/mongo-driver/v2/mongo", "mongodb", true},
	{"github.com/gomodule/redigo/...", "redis", true}, {"github.com/garyburd/redigo/...", "redis", true}, {"github.com/go-redis/redis/...", "redis", true}, {"github.com/redis/go-redis/...", "redis", true},
	{"gopkg.in/redis.v2", "redis", true}, {"gopkg.in/redis.v3", "redis", true}, {"gopkg.in/redis.v4", "redis", true}, {"gopkg.in/redis.v5", "redis", true}, {"github.com/mediocregopher/radix/...", "redis", true},
	{"github.com/hoisie/redis", "redis", true}, {"menteslibres.net/gosexy/redis", "redis", true}, {"github.com/hibiken/asynq", "redis", true}, {"github.com/gocraft/work", "redis", true}, {"github.com/jrallison/go-workers", "redis", true},
	{"github.com/bradfitz/gomemcache/memcache", "memcached", true}, {"github.com/rainycape/memcache", "memcached", true},
	{"github.com/olivere/elastic/...", "elasticsearch", true}, {"gopkg.in/olivere/elastic.v2", "elasticsearch", true}, {"gopkg.in/olivere/elastic.v3", "elasticsearch", true}, {"gopkg.in/olivere/elastic.v5", "elasticsearch", true},
	{"gopkg.in/olivere/elastic.v6", "elasticsearch", true}, {"github.com/mattbaird/elastigo/...", "elasticsearch", true}, {"github.com/elastic/go-elasticsearch/...", "elasticsearch", true}, {"github.com/belogik/goes", "elasticsearch", true},
	{"github.com/opensearch-project/opensearch-go/...", "opensearch", true},
	{"github.com/vanng822/go-solr/...", "solr", true}, {"github.com/rtt/Go-Solr", "solr", true},
	{"github.com/streadway/amqp", "rabbitmq", true}, {"github.com/rabbitmq/amqp091-go", "rabbitmq", true}, {"github.com/assembla/cony", "rabbitmq", true}, {"github.com/NeowayLabs/wabbit/...", "rabbitmq", true},
	{"github.com/Shopify/sarama", "kafka", true}, {"github.com/IBM/sarama", "kafka", true}, {"github.com/segmentio/kafka-go", "kafka", true}, {"github.com/confluentinc/confluent-kafka-go/...", "kafka", true}, {"github.com/twmb/franz-go/...", "kafka", true}, {"github.com/optiopay/kafka", "kafka", true},
	{"github.com/nats-io/nats.go", "nats", true}, {"github.com/nats-io/nats", "nats", true}, {"github.com/nats-io/go-nats", "nats", true}, {"github.com/nats-io/stan.go", "nats", true}, {"github.com/nats-io/go-nats-streaming", "nats", true}, {"github.com/apcera/nats", "nats", true},
	{"github.com/nsqio/go-nsq", "nsq", true}, {"github.com/bitly/go-nsq", "nsq", true},
	{"github.com/gocql/gocql", "cassandra", true}, {"github.com/gocassa/gocassa", "cassandra", true}, {"github.com/scylladb/gocqlx/...", "cassandra", true},
	{"github.com/go-kivik/kivik/...", "couchdb", true}, {"github.com/fjl/go-couchdb", "couchdb", true}, {"github.com/leesper/couchdb-golang", "couchdb", true},
	{"github.com/influxdata/influxdb-client-go/...", "influxdb", true}, {"github.com/influxdata/influxdb1-client/...", "influxdb", true}, {"github.com/influxdata/influxdb/client/...", "influxdb", true}, {"github.com/influxdb/influxdb/client/...", "influxdb", true},
	{"github.com/samuel/go-zookeeper/zk", "zookeeper", true}, {"github.com/go-zookeeper/zk", "zookeeper", true},
	{"github.com/neo4j/neo4j-go-driver/...", "neo4j", true}, {"github.com/jmcvetta/neoism", "neo4j", true}, {"github.com/johnnadratowski/golang-neo4j-bolt-driver", "neo4j", true},
	{"github.com/minio/minio-go/...", "s3", false}, {"github.com/aws/aws-sdk-go/service/s3/...", "s3", false}, {"github.com/aws/aws-sdk-go-v2/service/s3/...", "s3", false}, {"github.com/mitchellh/goamz/s3", "s3", false}, {"github.com/goamz/goamz/s3", "s3", false},
	{"github.com/aws/aws-sdk-go/service/sqs/...", "sqs", true}, {"github.com/aws/aws-sdk-go-v2/service/sqs/...", "sqs", true},
	{"gopkg.in/ldap.v2", "ldap", false}, {"gopkg.in/ldap.v3", "ldap", false}, {"github.com/go-ldap/ldap/...", "ldap", false}, {"github.com/jtblin/go-ldap-client", "ldap", false},
	{"net/smtp", "smtp", false}, {"gopkg.in/gomail.v2", "smtp", false}, {"gopkg.in/gomail.v1", "smtp", false}, {"github.com/jordan-wright/email", "smtp", false}, {"github.com/xhit/go-simple-mail/...", "smtp", false}, {"github.com/wneessen/go-mail", "smtp", false},
	{"github.com/emersion/go-imap/...", "imap", false},
}

func (d driver) serves(imported string) bool {
	if p, ok := strings.CutSuffix(d.path, "/..."); ok {
		return imported == p || strings.HasPrefix(imported, p+"/")
	}
	return imported == d.path || withoutMajor(imported) == d.path && d.path != "net"
}

// relational are the kinds of which a program uses one.
var relational = map[string]bool{"postgresql": true, "mysql": true, "sqlserver": true, "oracle": true, "db2": true, "sqlite": true}

// services lists what the program's packages talk to.
func (p *project) services(x *prog, reads []envRead) []detect.Service {
	var out []detect.Service
	have := map[string]bool{}
	add := func(kind, pkg string, required bool, ev detect.Evidence) {
		if have[kind] {
			return
		}
		have[kind] = true
		out = append(out, detect.Service{Kind: kind, Required: required, From: detect.Is("", ev).From, Evidence: []detect.Evidence{ev}, Why: "the package " + pkg + " talks to it"})
	}
	for _, f := range x.files {
		for _, i := range f.imports {
			if !strings.Contains(i.path, ".") && i.path != "net/smtp" {
				continue
			}
			for _, d := range drivers {
				if d.serves(i.path) {
					add(d.kind, d.path, d.required, f.evidence(i))
				}
			}
			if kind := adapter(i.path); kind != "" {
				add(kind, i.path, false, f.evidence(i))
			}
		}
	}
	p.settleDatabase(x, out)
	p.settleCache(out)
	for i := range out {
		p.describe(&out[i], x, reads)
	}
	return out
}

// ownPorts are the ports that a service is known by.
var ownPorts = map[string][]int{"postgresql": {5432}, "mysql": {3306}, "redis": {6379}, "memcached": {11211}, "mongodb": {27017}, "rabbitmq": {5672}, "kafka": {9092}, "nats": {4222}, "nsq": {4150, 4151, 4160, 4161, 4171},
	"elasticsearch": {9200}, "influxdb": {8086}, "zookeeper": {2181}, "cassandra": {9042}}

// withoutItself leaves out the service that the program is: it listens where that service is known to, and speaks with others of its kind.
func withoutItself(services []detect.Service, port int) []detect.Service {
	return slices.DeleteFunc(services, func(s detect.Service) bool { return slices.Contains(ownPorts[s.Kind], port) })
}

// adapter is the service of a package that makes one of several stores usable: one that the configuration chooses from.
func adapter(imported string) string {
	if !strings.Contains(imported, "cache/") && !strings.Contains(imported, "session") && !strings.Contains(imported, "store") {
		return ""
	}
	base := path.Base(imported)
	switch {
	case strings.HasPrefix(base, "redi"):
		return "redis"
	case strings.HasPrefix(base, "memcache"):
		return "memcached"
	}
	return ""
}

// settleDatabase decides which of several databases is the one: what the configuration names, what the code opens, else the
// first; the others are what it could use instead.
func (p *project) settleDatabase(x *prog, services []detect.Service) {
	var kinds []int
	for i, s := range services {
		if relational[s.Kind] {
			kinds = append(kinds, i)
		}
	}
	if len(kinds) < 2 {
		return
	}
	chosen, ev, ok := p.configuredDatabase(x, services, kinds)
	if !ok {
		chosen = kinds[0]
		for _, i := range kinds {
			if services[i].Kind == "sqlite" { // needs nothing beside the program
				chosen = i
			}
		}
	}
	for _, i := range kinds {
		switch {
		case i != chosen:
			services[i].Required = false
			services[i].Why += "; the configuration chooses between several databases"
		case ok:
			services[i].Evidence = append(services[i].Evidence, ev)
			services[i].Why += ", and the configuration chooses it"
		}
	}
}

var (
	databaseKey  = manifest.Lazy(`(?i)^\s*["']?[\w.-]*(?:db[._-]?type|dbms|driver|dialect|adapter|database[._-]?type|db[._-]?driver|db_?engine|^type)["']?\s*[:=]\s*["']?(\w+)["']?`)
	databaseOpen = manifest.Lazy(`(?:sql|sqlx|gorm|xorm)\.(?:Open|Connect|MustConnect|MustOpen|NewEngine)\(\s*"(\w+)"|RegisterDataBase\(\s*"default"\s*,\s*"(\w+)"|(?i)(?:driver|dialect|dbtype|db_type|database)[\w."]*\s*(?::=|=|:|,)\s*"(\w+)"`)
)

// names of databases as configurations and drivers write them.
var databaseNames = map[string]string{
	"postgres": "postgresql", "postgresql": "postgresql", "pgsql": "postgresql", "pgx": "postgresql", "pg": "postgresql", "mysql": "mysql", "mariadb": "mysql",
	"sqlite": "sqlite", "sqlite3": "sqlite", "mssql": "sqlserver", "sqlserver": "sqlserver", "oci8": "oracle", "oracle": "oracle", "godror": "oracle", "db2": "db2",
}

func (p *project) configuredDatabase(x *prog, services []detect.Service, kinds []int) (int, detect.Evidence, bool) {
	pick := func(name string) (int, bool) {
		for _, i := range kinds {
			if services[i].Kind == databaseNames[strings.ToLower(name)] {
				return i, true
			}
		}
		return 0, false
	}
	for _, f := range p.configs() {
		for n, text := range strings.Split(string(f.Data), "\n") {
			if m := databaseKey.FindStringSubmatch(text); m != nil {
				if i, ok := pick(m[1]); ok {
					return i, f.Evidence(n + 1), true
				}
			}
		}
	}
	for _, h := range hits(x.files, 200, ".Open(", ".Connect(", "NewEngine(", "RegisterDataBase(", "river", "ialect", "DbType", "DBType", "db_type") {
		for _, m := range databaseOpen.FindAllStringSubmatch(h.text, 3) {
			if i, ok := pick(m[1] + m[2] + m[3]); ok {
				return i, h.evidence(), true
			}
		}
	}
	return 0, detect.Evidence{}, false
}

var memoryStore = manifest.Lazy(`(?i)^\s*["']?(?:[\w.-]*(?:adapter|provider|store|cache[._-]?type|session[._-]?provider))["']?\s*[:=]\s*["']?(memory|file|cookie|redis|memcached?)["']?`)

// settleCache reads whether the configuration keeps caches and sessions in a service or in the process.
func (p *project) settleCache(services []detect.Service) {
	chosen := map[string]detect.Evidence{}
	for _, f := range p.configs() {
		for n, text := range strings.Split(string(f.Data), "\n") {
			if m := memoryStore.FindStringSubmatch(text); m != nil {
				if kind := map[string]string{"redis": "redis", "memcache": "memcached", "memcached": "memcached"}[strings.ToLower(m[1])]; kind != "" {
					chosen[kind] = f.Evidence(n + 1)
				}
			}
		}
	}
	for i := range services {
		s := &services[i]
		if ev, ok := chosen[s.Kind]; ok && !s.Required {
			s.Required = true
			s.Evidence = append(s.Evidence, ev)
		}
	}
}

// describe adds what is known about one service: its version, the variables that name it, and how its address is written.
func (p *project) describe(s *detect.Service, x *prog, reads []envRead) {
	s.Env = rolesOf(s.Kind, reads)
	switch s.Kind {
	case "postgresql":
		s.Scheme = "postgres?sslmode=disable" // lib/pq insists on TLS unless it is told, and the database beside it has none
	case "mysql":
		s.Scheme = "go-mysql" // user:password@tcp(host:port)/database is what the driver reads
	}
	p.serviceVersion(s)
	p.oldDriver(s, x)
}

// oldDrivers are releases of drivers that newer servers refuse: those before the first one that speaks the way in which a newer
// server asks for the password, or its protocol. path in the vendor folder that only the newer driver has.
// Sources: the drivers' change logs (lib/pq 1.1.0: SCRAM-SHA-256; go-sql-driver/mysql 1.4.0: caching_sha2_password) and the
// servers' (PostgreSQL 14 and MySQL 8.0 ask so by default; MongoDB 5.1 took OP_QUERY away, which mgo speaks).
var oldDrivers = []struct{ path, before, newer, kind, version, why string }{
	{"github.com/lib/pq", "1.1.0", "scram/scram.go", "postgresql", "13", "lib/pq before 1.1.0 knows no SCRAM, which PostgreSQL asks for by default since 14"},
	{"github.com/go-sql-driver/mysql", "1.4.0", "auth.go", "mysql", "5.7", "the MySQL driver before 1.4.0 knows no caching_sha2_password, which MySQL asks for by default since 8.0"},
	{"gopkg.in/mgo.v2", "999", "", "mongodb", "4.4", "mgo speaks a protocol that MongoDB has dropped after 5.0"},
	{"github.com/globalsign/mgo", "999", "", "mongodb", "4.4", "mgo speaks a protocol that MongoDB has dropped after 5.0"},
}

// oldDriver chooses a server that the locked driver can talk to, when nothing states which one is there.
func (p *project) oldDriver(s *detect.Service, x *prog) {
	if s.Version != "" {
		return
	}
	for _, d := range oldDrivers {
		if d.kind != s.Kind || !importsBelow(x.files, d.path) {
			continue
		}
		old, ev := p.isOld(d.path, d.before, d.newer)
		if !old {
			continue
		}
		s.Version, s.Why = d.version, d.why
		if ev.File != "" {
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ev)
		}
		return
	}
}

// isOld reports whether the driver that is built in is older than a release: as the lock file says, or the vendored files.
func (p *project) isOld(path, before, newer string) (bool, detect.Evidence) {
	if before == "999" {
		return true, detect.Evidence{}
	}
	if v, ok := p.versions[path]; ok && v.version != "" {
		return compare(v.version, before) < 0, v.evidence
	}
	if p.unit.vendored && newer != "" {
		return !p.dir.Has("vendor/"+path+"/"+newer) && !p.dir.Has("Godeps/_workspace/src/"+path+"/"+newer), detect.Evidence{}
	}
	if v, ok := p.versions[path]; ok { // a commit: the Go of its time dates it
		if c := p.ciVersion(); c.V != "" && compare(c.V, "1.11") < 0 {
			return true, v.evidence
		}
	}
	return false, detect.Evidence{}
}

func importsBelow(files []*goFile, path string) bool {
	for _, f := range files {
		for _, i := range f.imports {
			if i.path == path || strings.HasPrefix(i.path, path+"/") {
				return true
			}
		}
	}
	return false
}

// serviceVersion adds the version that CI runs the service with.
func (p *project) serviceVersion(s *detect.Service) {
	for _, ci := range p.ci {
		for _, c := range ci.Services {
			if c.Kind == s.Kind && c.Version != "" && s.Version == "" {
				s.Version = c.Version
				s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ci.file.Evidence(c.Line))
			}
		}
	}
}

// prefixes of variables that are about a kind of service.
var prefixes = map[string]func(string) bool{
	"postgresql": begins("DATABASE", "DB", "POSTGRES", "POSTGRESQL", "PG", "PGSQL", "SQL"), "mysql": begins("DATABASE", "DB", "MYSQL", "MARIADB", "SQL"),
	"sqlserver": begins("DATABASE", "DB", "MSSQL", "SQLSERVER", "SQL"), "oracle": begins("DATABASE", "DB", "ORACLE"), "db2": begins("DATABASE", "DB", "DB2"),
	"mongodb": begins("MONGO", "MONGODB", "DATABASE", "DB"), "redis": begins("REDIS", "REDISTOGO", "REDISCLOUD"), "memcached": begins("MEMCACHED", "MEMCACHE", "MEMCACHIER"),
	"elasticsearch": begins("ELASTICSEARCH", "ELASTIC", "ES"), "rabbitmq": begins("RABBITMQ", "AMQP", "RABBIT", "CLOUDAMQP"), "kafka": begins("KAFKA"), "nats": begins("NATS"), "nsq": begins("NSQ", "NSQD"),
	"cassandra": begins("CASSANDRA"), "couchdb": begins("COUCHDB", "COUCH"), "influxdb": begins("INFLUXDB", "INFLUX"), "zookeeper": begins("ZOOKEEPER", "ZK"), "neo4j": begins("NEO4J"),
	"smtp": begins("SMTP", "MAIL"), "ldap": begins("LDAP"), "s3": begins("S3", "AWS", "MINIO"), "solr": begins("SOLR"),
}

func begins(words ...string) func(string) bool {
	return func(name string) bool {
		for _, w := range words {
			if name == w || strings.HasPrefix(name, w+"_") || len(w) > 3 && strings.HasPrefix(name, w) {
				return true
			}
			if strings.Contains(name, "_"+w+"_") {
				return true
			}
		}
		return false
	}
}

// suffixes of variables and the role that they play, longest first.
var suffixes = []struct{ end, role string }{
	{"CONNECTION_STRING", "url"}, {"DATABASE_URL", "url"}, {"DATASOURCE", "url"}, {"DATA_SOURCE", "url"}, {"_URL", "url"}, {"_URI", "url"}, {"_DSN", "url"}, {"_CONN", "url"},
	{"_HOSTNAME", "host"}, {"_HOST", "host"}, {"_SERVER", "host"}, {"_PORT", "port"}, {"_DATABASE", "name"}, {"_DBNAME", "name"}, {"_DB_NAME", "name"}, {"_NAME", "name"}, {"_DB", "name"},
	{"_USERNAME", "user"}, {"_USER", "user"}, {"_PASSWORD", "password"}, {"_PASSWD", "password"}, {"_PASS", "password"}, {"_PWD", "password"},
}

// plainPG are libpq's own variables.
var plainPG = map[string]string{"PGHOST": "host", "PGPORT": "port", "PGDATABASE": "name", "PGUSER": "user", "PGPASSWORD": "password"}

// rolesOf says which variables name a service, by their names.
func rolesOf(kind string, reads []envRead) map[string]string {
	about := prefixes[kind]
	roles := map[string]string{}
	if about == nil || kind == "sqlite" {
		return roles
	}
	keep := func(role, name string) {
		if have := roles[role]; have == "" || len(name) < len(have) {
			roles[role] = name
		}
	}
	for _, r := range reads {
		name := strings.ToUpper(r.name)
		if role := plainPG[name]; role != "" && kind == "postgresql" {
			keep(role, r.name)
			continue
		}
		if !about(name) || strings.Contains(name, "TEST") {
			continue
		}
		for _, s := range suffixes {
			if strings.HasSuffix(name, s.end) && !(s.role == "url" && strings.HasSuffix(name, "_BASE_URL")) {
				keep(s.role, r.name)
				break
			}
		}
	}
	return roles
}
