package perl

import (
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// serviceModule says which service a module talks to.
type serviceModule struct {
	module   string
	kind     string
	required bool // the application does not work without; false: only when its configuration uses it
}

// serviceModules are tried in order; the first module of a kind counts. Source: the documentation of each module on CPAN.
var serviceModules = []serviceModule{
	{"Mojo::Pg", "postgresql", true}, {"DBD::Pg", "postgresql", true}, {"Minion::Backend::Pg", "postgresql", true}, {"DBD::PgPP", "postgresql", true}, {"Pg", "postgresql", true},
	{"Mojo::mysql", "mysql", true}, {"DBD::mysql", "mysql", true}, {"DBD::MariaDB", "mysql", true}, {"DBD::mysqlPP", "mysql", true}, {"Mysql", "mysql", true},
	{"DBD::Oracle", "oracle", true}, {"DBD::Sybase", "sqlserver", true}, {"DBD::DB2", "db2", true},
	{"Mojo::SQLite", "sqlite", true}, {"DBD::SQLite", "sqlite", true}, {"DBD::SQLite2", "sqlite", true},
	{"MongoDB", "mongodb", true}, {"Mango", "mongodb", true}, {"MongoDB::Async", "mongodb", true},
	{"Redis", "redis", true}, {"Redis::Fast", "redis", true}, {"RedisDB", "redis", true}, {"Mojo::Redis", "redis", true}, {"Mojo::Redis2", "redis", true},
	{"AnyEvent::Redis", "redis", true}, {"RedisDB::Parser", "redis", false}, {"Dancer2::Session::Redis", "redis", true}, {"Dancer::Session::Redis", "redis", true},
	{"CHI::Driver::Redis", "redis", false}, {"Cache::Redis", "redis", false},
	{"Cache::Memcached::Fast", "memcached", false}, {"Cache::Memcached", "memcached", false}, {"Memcached::Client", "memcached", false}, {"CHI::Driver::Memcached", "memcached", false},
	{"Search::Elasticsearch", "elasticsearch", true}, {"ElasticSearch", "elasticsearch", true}, {"ElasticSearchX::Model", "elasticsearch", true}, {"Search::Elasticsearch::Client::5_0", "elasticsearch", true},
	{"Net::AMQP::RabbitMQ", "rabbitmq", true}, {"Net::RabbitMQ", "rabbitmq", true}, {"AnyEvent::RabbitMQ", "rabbitmq", true}, {"Mojo::RabbitMQ::Client", "rabbitmq", true}, {"Net::RabbitFoot", "rabbitmq", true},
	{"Net::Stomp", "activemq", true}, {"AnyEvent::STOMP::Client", "activemq", true}, {"Net::STOMP::Client", "activemq", true},
	{"Kafka", "kafka", true}, {"Net::Kafka", "kafka", true}, {"Net::Async::Kafka", "kafka", true},
	{"WebService::Solr", "solr", true}, {"Apache::Solr", "solr", true}, {"Sphinx::Search", "sphinx", true},
	{"CouchDB::Client", "couchdb", true}, {"Store::CouchDB", "couchdb", true}, {"AnyEvent::CouchDB", "couchdb", true}, {"Cassandra::Client", "cassandra", true}, {"Net::Cassandra", "cassandra", true},
	{"REST::Neo4p", "neo4j", true}, {"InfluxDB", "influxdb", false}, {"InfluxDB::HTTP", "influxdb", false}, {"Net::NATS::Client", "nats", true}, {"Net::ZooKeeper", "zookeeper", true},
	{"Net::LDAP", "ldap", false}, {"Authen::Simple::LDAP", "ldap", false}, {"Mail::IMAPClient", "imap", false}, {"Net::IMAP::Simple", "imap", false}, {"Mail::IMAPTalk", "imap", false},
	{"Email::Sender::Transport::SMTP", "smtp", false}, {"Email::Sender::Simple", "smtp", false}, {"Net::SMTP", "smtp", false}, {"MIME::Lite", "smtp", false}, {"Mail::Sendmail", "smtp", false},
	{"Email::Stuffer", "smtp", false}, {"Email::Simple", "smtp", false}, {"Mail::Mailer", "smtp", false}, {"Net::SMTP::SSL", "smtp", false}, {"Dancer::Plugin::Email", "smtp", false}, {"Dancer2::Plugin::Email", "smtp", false},
	{"Net::Amazon::S3", "s3", false}, {"Amazon::S3", "s3", false}, {"Paws", "s3", false},
}

// databases are the kinds of which an application usually has one.
var databases = map[string]bool{"postgresql": true, "mysql": true, "oracle": true, "sqlserver": true, "db2": true, "sqlite": true}

// driverKinds are the names of drivers in a data source name: "dbi:Pg:dbname=shop".
var driverKinds = map[string]string{"pg": "postgresql", "pgpp": "postgresql", "mysql": "mysql", "mysqlpp": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "sqlite2": "sqlite",
	"oracle": "oracle", "sybase": "sqlserver", "db2": "db2"}

var (
	dsn       = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\bdbi:(\w+)[:(]([^"'\s]*)`) })
	dsnName   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:dbname|database|db)=([A-Za-z_][\w-]*)`) })
	urlScheme = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`["'\s=:](postgresql|postgres|mysql|mariadb|redis|mongodb|amqp|sqlite)://?[^"'\s]*`)
	})
	dancerDriver = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^["']?driver["']?\s*(?::|=>|=)\s*["']?(Pg|mysql|SQLite|MariaDB|Oracle)\b`)
	})
)

var urlKinds = map[string]string{"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql", "redis": "redis", "mongodb": "mongodb", "amqp": "rabbitmq", "sqlite": "sqlite"}

// connection is a place in code or configuration that says which service is used.
type connection struct {
	kind     string
	database string
	file     string // of an SQLite database
	setting  bool   // configuration says so, not code
	evidence detect.Evidence
}

// connections looks for data source names and URLs of services.
func (a *app) connections() []connection {
	if a.conns == nil {
		a.conns = a.findConnections()
	}
	return a.conns
}

func (a *app) findConnections() []connection {
	out := []connection{}
	for _, f := range a.configFiles() {
		for i, s := range strings.Split(string(f.Data), "\n") {
			out = connect(out, stripComment(s), func() detect.Evidence { return f.Evidence(i + 1) })
		}
	}
	for i := range out {
		out[i].setting = true
	}
	for _, s := range a.sources {
		data := string(s.file.Data)
		if !strings.Contains(data, "://") && !strings.Contains(data, "dbi:") && !strings.Contains(data, "DBI:") {
			continue
		}
		for _, l := range s.lines {
			out = connect(out, l.text, func() detect.Evidence { return s.file.Evidence(l.number) })
		}
	}
	return out
}

// maxConnections bounds the places that are kept.
const maxConnections = 50

func connect(out []connection, s string, evidence func() detect.Evidence) []connection {
	if len(out) >= maxConnections {
		return out
	}
	var m []string
	if strings.Contains(s, "dbi:") || strings.Contains(s, "DBI:") || strings.Contains(s, "Dbi:") {
		m = dsn().FindStringSubmatch(s)
	}
	if m != nil {
		if kind := driverKinds[strings.ToLower(m[1])]; kind != "" {
			c := connection{kind: kind, evidence: evidence()}
			if n := dsnName().FindStringSubmatch(m[2]); n != nil && kind != "sqlite" {
				c.database = n[1]
			}
			if kind == "sqlite" {
				c.file = strings.TrimPrefix(strings.TrimPrefix(m[2], "dbname="), "uri=file:")
			}
			return append(out, c)
		}
	}
	if strings.Contains(s, "://") || strings.Contains(s, "sqlite:") {
		if m := urlScheme().FindStringSubmatch(" " + s); m != nil {
			return append(out, connection{kind: urlKinds[m[1]], evidence: evidence()})
		}
	}
	if !strings.Contains(s, "driver") {
		return out
	}
	if m := dancerDriver().FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		return append(out, connection{kind: driverKinds[strings.ToLower(m[1])], evidence: evidence()})
	}
	return out
}

// findServices lists what the application talks to. A program in a folder of tools is one, unless it is what is started.
func (a *app) findServices(fw framework) []detect.Service {
	conns := a.connections()
	var out []detect.Service
	seen := map[string]bool{}
	for _, sm := range serviceModules {
		m, ok := a.needs(sm.module)
		if !ok || seen[sm.kind] {
			continue
		}
		seen[sm.kind] = true
		s := detect.Service{Kind: sm.kind, Required: sm.required && !m.optional, From: m.from, Evidence: m.evidence, Why: "the module " + sm.module + " talks to it"}
		out = append(out, s)
	}
	for _, c := range conns {
		if !seen[c.kind] {
			seen[c.kind] = true
			out = append(out, detect.Service{Kind: c.kind, Required: databases[c.kind] && (c.evidence.File == fw.entry.File || !helper(c.evidence.File)), From: detect.Declared, Why: "its address is in the code or the configuration", Evidence: []detect.Evidence{c.evidence}})
		}
	}
	a.oneDatabase(out, conns)
	for i := range out {
		a.completeService(&out[i], conns)
	}
	return out
}

// helper reports whether a file is a tool beside the application: what it alone talks to is not needed to run.
func helper(file string) bool {
	for part := range strings.SplitSeq(path.Dir(file), "/") {
		switch strings.ToLower(part) {
		case "script", "scripts", "util", "utils", "tools", "contrib", "support":
			return true
		}
	}
	return false
}

// oneDatabase makes one of several databases the required one: the one that the configuration names, or that the
// repository's own containers and tests run with; else the first. The others are alternatives.
func (a *app) oneDatabase(services []detect.Service, conns []connection) {
	var candidates []int
	for i, s := range services {
		if databases[s.Kind] && s.Required {
			candidates = append(candidates, i)
		}
	}
	if len(candidates) == 0 { // only features: one of them is needed all the same
		for i, s := range services {
			if databases[s.Kind] && s.Kind != "sqlite" {
				candidates = append(candidates, i)
			}
		}
	}
	if len(candidates) < 2 {
		return
	}
	chosen := -1
	pick := func(kind string) {
		for _, i := range candidates {
			if chosen < 0 && services[i].Kind == kind {
				chosen = i
			}
		}
	}
	for _, c := range a.compose {
		pick(sameKind(manifest.IdentifyImage(c.Image).Service))
	}
	for _, c := range conns { // code that opens a file beside a server's database keeps something else in the file
		if c.setting || c.kind != "sqlite" {
			pick(c.kind)
		}
	}
	for _, c := range conns {
		pick(c.kind)
	}
	for _, ci := range a.ci {
		for _, s := range ci.Services {
			pick(sameKind(s.Kind))
		}
	}
	if chosen < 0 {
		chosen = candidates[0]
	}
	services[chosen].Required = true
	for _, i := range candidates {
		if i != chosen {
			services[i].Required = false
			services[i].Why += "; " + services[chosen].Kind + " is the one that is used"
		}
	}
}

// sameKind takes MariaDB and MySQL for one: both are spoken to by the same modules.
func sameKind(kind string) string {
	if kind == "mariadb" {
		return "mysql"
	}
	return kind
}

// completeService adds names, variables and versions to a service.
func (a *app) completeService(s *detect.Service, conns []connection) {
	for _, c := range conns {
		if c.kind == s.Kind {
			if s.Database == "" {
				s.Database = c.database
			}
			if len(s.Evidence) < 3 {
				s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], c.evidence)
			}
			break
		}
	}
	s.Env = a.serviceEnv(s.Kind)
	for _, c := range a.compose {
		if i := manifest.IdentifyImage(c.Image); sameKind(i.Service) == s.Kind && i.Service != "" {
			ev := c.file.Evidence(c.ImageLine)
			if s.Version == "" && i.Version != "" {
				s.Version = i.Version
			}
			if !s.Required && !databases[s.Kind] && s.Kind != "smtp" && s.Kind != "s3" {
				s.Required, s.Why = true, "the application is run beside it: "+ev.File
			}
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ev)
			return
		}
	}
	for _, ci := range a.ci {
		for _, c := range ci.Services {
			if sameKind(c.Kind) == s.Kind && c.Version != "" && s.Version == "" {
				s.Version = c.Version
				s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ci.file.Evidence(c.Line))
			}
		}
	}
}

// envPrefixes are the beginnings of variables that are about a service.
var envPrefixes = map[string][]string{
	"postgresql": {"DATABASE", "DB", "POSTGRES", "POSTGRESQL", "PG"}, "mysql": {"DATABASE", "DB", "MYSQL", "MARIADB"},
	"oracle": {"DATABASE", "DB", "ORACLE"}, "sqlserver": {"DATABASE", "DB", "MSSQL", "SQLSERVER"}, "sqlite": {"DATABASE", "DB", "SQLITE"},
	"redis": {"REDIS"}, "memcached": {"MEMCACHED", "MEMCACHE"}, "mongodb": {"MONGO", "MONGODB"}, "elasticsearch": {"ELASTICSEARCH", "ES", "ELASTIC"},
	"rabbitmq": {"RABBITMQ", "AMQP"}, "solr": {"SOLR"}, "kafka": {"KAFKA"}, "ldap": {"LDAP"}, "smtp": {"SMTP", "MAIL"}, "couchdb": {"COUCHDB"}, "activemq": {"STOMP", "ACTIVEMQ"},
}

// envRoles are the ends of variables with the role that they say.
var envRoles = []struct{ end, role string }{
	{"URL", "url"}, {"URI", "url"}, {"HOST", "host"}, {"HOSTNAME", "host"}, {"SERVER", "host"}, {"SERVERS", "host"}, {"ADDRESS", "host"}, {"PORT", "port"},
	{"USER", "user"}, {"USERNAME", "user"}, {"LOGIN", "user"}, {"PASSWORD", "password"}, {"PASS", "password"}, {"PASSWD", "password"},
	{"NAME", "name"}, {"DATABASE", "name"}, {"DB", "name"}, {"DBNAME", "name"},
}

// serviceEnv says how the application learns where a service is: by the variables that its code reads. The application's
// own name may stand before: SHOP_DB_HOST.
func (a *app) serviceEnv(kind string) map[string]string {
	roles := map[string]string{}
	for _, r := range a.envReads() {
		for _, prefix := range envPrefixes[kind] {
			at := strings.Index("_"+r.name, "_"+prefix)
			if at < 0 {
				continue
			}
			rest := strings.TrimPrefix(r.name[at+len(prefix):], "_")
			for _, e := range envRoles {
				if rest != e.end {
					continue
				}
				if have := roles[e.role]; have == "" || len(r.name) < len(have) {
					roles[e.role] = r.name
				}
			}
		}
	}
	if len(roles) == 0 {
		return nil
	}
	if roles["url"] != "" && roles["host"] == "" {
		return map[string]string{"url": roles["url"]}
	}
	if roles["host"] != "" {
		delete(roles, "url")
	}
	return roles
}
