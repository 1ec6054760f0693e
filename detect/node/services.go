package node

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// driver says which service a package talks to.
type driver struct {
	pack, kind string
	sure       bool // an application that asks for it works with the service; false: only where its code loads it
}

// drivers are tried in order; the first of a kind that is in use counts.
var drivers = []driver{
	{"mongoose", "mongodb", true}, {"mongodb", "mongodb", false}, {"mongojs", "mongodb", true}, {"monk", "mongodb", true}, {"mongoskin", "mongodb", true}, {"sails-mongo", "mongodb", true}, {"loopback-connector-mongodb", "mongodb", true}, {"@nestjs/mongoose", "mongodb", true},
	{"mongorito", "mongodb", true}, {"camo", "mongodb", false}, {"waterline-mongo", "mongodb", true}, {"strapi-hook-mongoose", "mongodb", true}, {"strapi-connector-mongoose", "mongodb", true}, {"keystone", "mongodb", true}, {"parse-server", "mongodb", true}, {"apostrophe", "mongodb", true}, {"agenda", "mongodb", true}, {"typegoose", "mongodb", true}, {"@typegoose/typegoose", "mongodb", true}, {"connect-mongo", "mongodb", false}, {"@keystonejs/adapter-mongoose", "mongodb", true}, {"feathers-mongoose", "mongodb", true}, {"mongo", "mongodb", false},
	{"pg", "postgresql", false}, {"pg-promise", "postgresql", true}, {"postgres", "postgresql", false}, {"pg-native", "postgresql", false}, {"sails-postgresql", "postgresql", true}, {"loopback-connector-postgresql", "postgresql", true}, {"massive", "postgresql", true}, {"slonik", "postgresql", true}, {"@keystonejs/adapter-knex", "postgresql", true},
	{"mysql", "mysql", false}, {"mysql2", "mysql", false}, {"promise-mysql", "mysql", true}, {"sails-mysql", "mysql", true}, {"loopback-connector-mysql", "mysql", true}, {"mariadb", "mariadb", false}, {"mariasql", "mariadb", true},
	{"mssql", "sqlserver", false}, {"tedious", "sqlserver", false}, {"oracledb", "oracle", false}, {"ibm_db", "db2", false}, {"sqlite3", "sqlite", false}, {"better-sqlite3", "sqlite", false},
	{"ioredis", "redis", false}, {"redis", "redis", false}, {"bull", "redis", true}, {"bullmq", "redis", true}, {"kue", "redis", true}, {"bee-queue", "redis", true}, {"rsmq", "redis", true}, {"connect-redis", "redis", false}, {"koa-redis", "redis", false}, {"socket.io-redis", "redis", false}, {"@socket.io/redis-adapter", "redis", false}, {"node-resque", "redis", true}, {"handy-redis", "redis", true}, {"redis-sessions", "redis", true}, {"@nestjs/bull", "redis", true}, {"cache-manager-redis-store", "redis", false}, {"hiredis", "redis", false},
	{"memcached", "memcached", false}, {"memjs", "memcached", false}, {"mc", "memcached", false},
	{"amqplib", "rabbitmq", false}, {"amqp", "rabbitmq", false}, {"amqp-connection-manager", "rabbitmq", false}, {"rascal", "rabbitmq", true}, {"rabbot", "rabbitmq", true}, {"wascally", "rabbitmq", true}, {"servicebus", "rabbitmq", true}, {"rhea", "activemq", false}, {"stompit", "activemq", false}, {"bramqp", "rabbitmq", true},
	{"kafkajs", "kafka", false}, {"kafka-node", "kafka", false}, {"node-rdkafka", "kafka", false}, {"no-kafka", "kafka", true}, {"nats", "nats", false}, {"nsqjs", "nsq", true}, {"node-zookeeper-client", "zookeeper", true},
	{"elasticsearch", "elasticsearch", false}, {"@elastic/elasticsearch", "elasticsearch", false}, {"mongoosastic", "elasticsearch", true}, {"@opensearch-project/opensearch", "opensearch", false}, {"solr-client", "solr", false}, {"solr-node", "solr", false},
	{"cassandra-driver", "cassandra", false}, {"express-cassandra", "cassandra", true}, {"neo4j-driver", "neo4j", false}, {"neo4j", "neo4j", true}, {"seraph", "neo4j", true}, {"influx", "influxdb", false}, {"@influxdata/influxdb-client", "influxdb", false}, {"nano", "couchdb", false}, {"cradle", "couchdb", true}, {"pouchdb", "couchdb", false},
	{"aws-sdk", "s3", false}, {"@aws-sdk/client-s3", "s3", false}, {"multer-s3", "s3", false}, {"knox", "s3", false}, {"minio", "s3", false}, {"@aws-sdk/client-sqs", "sqs", false}, {"sqs-consumer", "sqs", true}, {"nodemailer", "smtp", false}, {"emailjs", "smtp", false}, {"ldapjs", "ldap", false}, {"passport-ldapauth", "ldap", false}, {"ldapauth-fork", "ldap", false}, {"activedirectory", "ldap", false}, {"imap", "imap", false}, {"node-imap", "imap", false}, {"imapflow", "imap", false},
}

// optional are kinds that an application rarely needs to start: it mails, stores or authenticates by them at times.
var optional = map[string]bool{"s3": true, "sqs": true, "smtp": true, "ldap": true, "imap": true}

// sqlKinds are the databases of which one is the application's, whatever drivers it brings.
var sqlKinds = map[string]bool{"postgresql": true, "mysql": true, "mariadb": true, "sqlserver": true, "oracle": true, "db2": true, "sqlite": true}

// services lists what the application talks to.
func (p *project) services() []detect.Service {
	var out []detect.Service
	if p.meteor() {
		out = append(out, detect.Service{Kind: "mongodb", Required: true, From: detect.Inferred, Why: "Meteor keeps its collections in MongoDB", Evidence: []detect.Evidence{p.meteorKindEvidence()}, Env: map[string]string{"url": "MONGO_URL"}})
	}
	if p.pkg == nil {
		return out
	}
	done := map[string]bool{"mongodb": len(out) > 0}
	for _, d := range drivers {
		f, ok := p.dep(d.pack)
		if !ok || done[d.kind] || f.group == "peerDependencies" || f.group == "devDependencies" && !sqlKinds[d.kind] {
			continue
		}
		s, ok := p.driven(d, f)
		if !ok || f.group == "devDependencies" && !s.Required {
			continue
		}
		done[d.kind] = true
		out = append(out, s)
	}
	out = p.prisma(out)
	out = p.oneDatabase(out)
	for i := range out {
		p.connect(&out[i])
	}
	return out
}

func (p *project) meteorKindEvidence() detect.Evidence {
	k, _ := p.meteorKind()
	return k.evidence[0]
}

// driven is the service of a driver. One that the application may bring without using it is required when its code loads
// it, or when a mapper of objects is told its name.
func (p *project) driven(d driver, f found) (detect.Service, bool) {
	s := detect.Service{Kind: d.kind, Required: d.sure && f.runs(), From: f.from, Evidence: f.evidence, Why: "the package " + d.pack + " talks to it"}
	if optional[d.kind] {
		s.Required = false
		if d.pack == "aws-sdk" {
			ev, ok := p.uses(`S3`, awsS3)
			if !ok {
				return s, false
			}
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ev)
		}
		return s, true
	}
	if s.Required {
		return s, true
	}
	if c, ev, ok := p.imports(d.pack); ok {
		s.Required = !conditional(c, ev.Line) && !oneOfMany.MatchString(c.name) && !p.loadedInBranch(c.name)
		s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ev)
		return s, true
	}
	if ev, ok := p.wrapped(d.pack); ok {
		s.Required = true
		s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ev...)
		s.Why = "the code loads a package that is built on " + d.pack
		return s, true
	}
	if words := dialects[d.kind]; words != nil {
		for _, name := range []string{"sequelize", "knex", "typeorm", "@nestjs/typeorm", "@nestjs/sequelize", "bookshelf", "objection", "strapi", "@strapi/strapi", "strapi-connector-bookshelf", "@mikro-orm/core", "@prisma/client", "prisma", "waterline", "sails", "loopback", "@loopback/core", "massive", "drizzle-orm", "ueberdb2", "caminte", "orm", "kysely", "payload"} {
			if !p.has(name) {
				continue
			}
			if ev, ok := p.dialect(d.kind); ok {
				s.Required = true
				s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ev)
				s.Why = name + " is told to use it"
				return s, true
			}
		}
	}
	s.Why = "the package " + d.pack + " is installed, " + noUse
	return s, true
}

// wrapped reports whether the code loads, under no condition, a package that names a driver as its first word: redis-shop
// beside redis. The driver is then what it talks through.
func (p *project) wrapped(pack string) ([]detect.Evidence, bool) {
	for _, name := range slices.Sorted(maps.Keys(p.pkg.deps)) {
		if !strings.HasPrefix(name, pack+"-") || notWrapping.MatchString(name) {
			continue
		}
		f, ok := p.dep(name)
		if !ok || !f.runs() {
			continue
		}
		if c, ev, ok := p.imports(name); ok && !conditional(c, ev.Line) && !oneOfMany.MatchString(c.name) && !p.loadedInBranch(c.name) {
			return append(f.evidence[:len(f.evidence):len(f.evidence)], ev), true
		}
	}
	return nil, false
}

// notWrapping are packages about a service that talk to none.
var notWrapping = manifest.Lazy(`mock|fake|stub|memory|types?$|parser|url|uri|info|commander|dump|format|string|escape|copy|prebuilt|server`)

var awsS3 = manifest.Lazy(`\bS3\s*\(|\bnew\s+(?:AWS|aws)\.S3\b`)

// conditional reports whether a package is loaded only in a branch: "case 'redis': store = require(…)", "if (config.redis)".
func conditional(c codeFile, line int) bool {
	all := strings.Split(string(c.file.Data), "\n")
	if line < 1 || line > len(all) {
		return false
	}
	text := all[line-1]
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	if indent == 0 {
		return false
	}
	for i := line - 1; i >= 0 && i > line-9; i-- {
		t := strings.TrimSpace(all[i])
		if lead := len(all[i]) - len(strings.TrimLeft(all[i], " \t")); t == "" || lead > indent {
			continue
		}
		if branch.MatchString(t) {
			return true
		}
	}
	return false
}

// loadedInBranch reports whether the application's other code loads a file in branches only: "if (config.redis) require('./redis')".
func (p *project) loadedInBranch(name string) bool {
	found := false
	for _, c := range p.sources() {
		for n, text := range c.lines("require(") {
			for _, m := range requireCall.FindAllStringSubmatch(text, 5) {
				if !strings.HasPrefix(m[1], ".") || !sameModule(path.Join(path.Dir(c.name), m[1]), name) || c.name == name {
					continue
				}
				if path.Dir(c.name) == path.Dir(name) && stem(c.name) == "index" && stem(name) != "index" {
					return p.loadedInBranch(c.name) // the directory as a whole
				}
				if !conditional(c, n) {
					return false
				}
				found = true
			}
		}
	}
	return found
}

var requireCall = manifest.Lazy(`\brequire\(\s*['"]([^'"]+)['"]`)

// sameModule reports whether a path that code loads means a file.
func sameModule(loaded, name string) bool {
	base := strings.TrimSuffix(name, path.Ext(name))
	return loaded == name || loaded == base || loaded+"/index" == base
}

// oneOfMany matches files of plug-ins, of which an installation chooses some.
var oneOfMany = manifest.Lazy(`(?:^|/)(?:modules|plugins|addons|adapters?|drivers|storages?|extensions|backends|connectors|stores|providers|transports)/.*/`)

var branch = manifest.Lazy(`^(?:\}?\s*else\b|if\s*\(|case\s+|switch\s*\(|try\s*\{)|\?\s*require|&&\s*require`)

func (p *project) uses(word string, pattern *manifest.Pattern) (detect.Evidence, bool) {
	ev, _, ok := p.grep(word, pattern)
	return ev, ok
}

// dialects are the names that mappers of objects give to a database.
var dialects = map[string][]string{
	"postgresql": {"postgres", "postgresql", "pg", "cockroachdb"}, "mysql": {"mysql", "mysql2"}, "mariadb": {"mariadb"}, "sqlite": {"sqlite", "sqlite3", "better-sqlite3"},
	"sqlserver": {"mssql", "sqlserver"}, "oracle": {"oracle", "oracledb"}, "mongodb": {"mongodb", "mongo"},
}

var dialectLine = manifest.Lazy(`["']?(?:dialect|client|type|provider|adapter|connector|DB_TYPE|DATABASE_CLIENT|TYPEORM_CONNECTION|DB_DIALECT|dbType)["']?\s*[:=]\s*(?:process\.env\.\w+\s*\|\|\s*|env\([^,]*,\s*)?["']?([A-Za-z0-9-]+)`)

// dialect looks for the name of a database in what configures a mapper of objects, production before development.
func (p *project) dialect(kind string) (detect.Evidence, bool) {
	is := func(name string) bool {
		for _, w := range dialects[kind] {
			if strings.EqualFold(name, w) {
				return true
			}
		}
		return false
	}
	files := append([]codeFile{}, p.sources()...)
	for _, name := range []string{"ormconfig.json", "config/config.json", "config/database.json", "server/config/config.json", "prisma/schema.prisma", "schema.prisma", "config/default.json", "config/production.json", "database.json", "src/config/config.json", "server/datasources.json", "config/environments/production/database.json", ".env.example", ".sequelizerc", "ormconfig.json.example", "db/config.json", "settings.json.template"} {
		if f, ok := p.read(name); ok {
			files = append(files, codeFile{name, f})
		}
	}
	for _, c := range files {
		for n, text := range c.lines("") {
			if m := dialectLine.FindStringSubmatch(text); m != nil && is(m[1]) {
				return c.file.Evidence(n), true
			}
		}
	}
	for _, w := range dialects[kind] {
		for _, c := range files {
			for n, text := range c.lines(w + "://") {
				return c.file.Evidence(n), text != ""
			}
		}
	}
	return detect.Evidence{}, false
}

// oneDatabase leaves one database required when the application brings drivers of several: the one that a build server or
// a compose file runs, else the first that is in use and no file.
func (p *project) oneDatabase(list []detect.Service) []detect.Service {
	best, sure := -1, p.installed(mappers...)
	for _, s := range list {
		sure = sure || sqlKinds[s.Kind] && s.Required
	}
	if !sure {
		return p.eitherDatabase(list)
	}
	for i, s := range list {
		if !sqlKinds[s.Kind] || !s.Required && p.single(list) {
			continue
		}
		if best < 0 || p.preferred(s.Kind) > p.preferred(list[best].Kind) {
			best = i
		}
	}
	n := 0
	for _, s := range list {
		if sqlKinds[s.Kind] {
			n++
		}
	}
	for i := range list {
		if s := &list[i]; s.Kind == "mongodb" && s.Required && n > 1 && p.installed(mappers...) && !p.has("mongoose") {
			s.Required, s.Why = false, s.Why+"; relational databases serve as well"
		}
		if s := &list[i]; i == best && !s.Required {
			s.Required, s.Why = true, s.Why+"; of the databases that the application can use it is the likeliest"
		}
		if s := &list[i]; sqlKinds[s.Kind] && s.Required && i != best {
			s.Required, s.Why = false, s.Why+"; another database serves as well"
		}
	}
	return list
}

// eitherDatabase leaves one database required when the application brings drivers of several and loads each in a branch, or none by
// its name: none of them is needed, but one is.
func (p *project) eitherDatabase(list []detect.Service) []detect.Service {
	used, n := 0, 0
	for _, s := range list {
		if s.Kind != "mongodb" && !sqlKinds[s.Kind] {
			continue
		}
		if s.Required {
			return list
		}
		if n++; !strings.HasSuffix(s.Why, noUse) {
			used++
		}
	}
	if n < 2 {
		return p.chosenByName(list)
	}
	best := -1
	for i, s := range list {
		if s.Kind != "mongodb" && !sqlKinds[s.Kind] || used > 0 && strings.HasSuffix(s.Why, noUse) {
			continue
		}
		if best < 0 || p.preferred(s.Kind) > p.preferred(list[best].Kind) {
			best = i
		}
	}
	s := &list[best]
	s.Required, s.Why = true, s.Why+"; the application brings drivers of several databases, and this one is the likeliest"
	return list
}

// computedRequire matches the loading of a module of a directory by a name that is only known at run time.
var computedRequire = manifest.Lazy("\\brequire\\(\\s*(?:['\"](\\.{1,2}/[^'\"]*/)['\"]\\s*\\+|`(\\.{1,2}/[^`$]*/)\\$\\{)")

// embeddedStore matches modules that keep data without a server.
var embeddedStore = manifest.Lazy(`^(?:sqlite3?|better-sqlite3?|file\w*|dirty\w*|memory|mem|level\w*|json\w*|nedb|disk|fs|local|none|null|dummy)$`)

// chosenByName makes the one database required whose module lies in a directory from which the code loads one by its name, when none
// of the modules there does without a server.
func (p *project) chosenByName(list []detect.Service) []detect.Service {
	for i := range list {
		s := &list[i]
		if s.Kind != "mongodb" && !sqlKinds[s.Kind] || s.Kind == "sqlite" || s.Required || len(s.Evidence) == 0 {
			continue
		}
		at := s.Evidence[len(s.Evidence)-1].File
		for _, c := range p.sources() {
			for n, text := range c.lines("require(") {
				m := computedRequire.FindStringSubmatch(text)
				if m == nil {
					continue
				}
				stores := path.Join(path.Dir(c.name), m[1]+m[2])
				if path.Join(p.dir.Path, stores) != path.Dir(at) || p.embeds(stores) {
					continue
				}
				s.Required, s.Why = true, s.Why+"; of the stores that the application can be told to use it is the likeliest"
				s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], c.file.Evidence(n))
				return list
			}
		}
	}
	return list
}

// embeds reports whether a directory of stores has one that needs no server.
func (p *project) embeds(dir string) bool {
	for name := range p.dir.Files() {
		if path.Dir(name) == dir && embeddedStore.MatchString(stem(name)) {
			return true
		}
	}
	return false
}

// noUse ends the reason of a service that only an installed package shows.
const noUse = "but no use of it was found"

// mappers are packages that work with whichever database they are told to.
var mappers = []string{"sequelize", "knex", "typeorm", "@nestjs/typeorm", "@nestjs/sequelize", "bookshelf", "objection", "waterline", "drizzle-orm", "kysely"}

// installed reports whether one of some packages is installed where the application runs.
func (p *project) installed(names ...string) bool {
	for _, n := range names {
		if p.pkg.deps[n].runs() {
			return true
		}
	}
	return false
}

// single reports whether one of the databases is known to be in use and no other is.
func (p *project) single(list []detect.Service) bool {
	n := 0
	for _, s := range list {
		if sqlKinds[s.Kind] && s.Required && s.Kind != "sqlite" {
			n++
		}
	}
	return n == 1
}

// prisma reads the database that a schema of Prisma names.
func (p *project) prisma(list []detect.Service) []detect.Service {
	if !p.has("@prisma/client", "prisma", "@prisma/cli") {
		return list
	}
	kinds := map[string]string{"postgresql": "postgresql", "postgres": "postgresql", "cockroachdb": "postgresql", "mysql": "mysql", "sqlite": "sqlite", "sqlserver": "sqlserver", "mongodb": "mongodb"}
	for _, name := range p.dir.Named("schema.prisma") {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		c := codeFile{name, f}
		for n, text := range c.lines("provider") {
			m := prismaProvider.FindStringSubmatch(text)
			if m == nil || kinds[m[1]] == "" {
				continue
			}
			s := detect.Service{Kind: kinds[m[1]], Required: true, From: detect.Declared, Why: "Prisma's schema names it", Evidence: []detect.Evidence{f.Evidence(n)}}
			for _, text := range c.lines("env(") {
				if m := prismaURL.FindStringSubmatch(text); m != nil {
					s.Env = map[string]string{"url": m[1]}
				}
			}
			for i := range list {
				if list[i].Kind == s.Kind {
					list[i] = s
					return list
				}
			}
			return append(list, s)
		}
	}
	return list
}

var (
	prismaProvider = manifest.Lazy(`^provider\s*=\s*"(\w+)"`)
	prismaURL      = manifest.Lazy(`^url\s*=\s*env\(\s*"([A-Za-z_]\w*)"`)
)

func (p *project) preferred(kind string) int {
	score := 0
	for _, ci := range p.ci {
		for _, s := range ci.Services {
			if s.Kind == kind {
				score += 2
			}
		}
	}
	if _, ok := p.dialect(kind); ok {
		score++
	}
	switch kind {
	case "sqlite":
		return score
	case "postgresql":
		return score*10 + 3
	case "mysql", "mariadb":
		return score*10 + 2
	}
	return score*10 + 1
}

// tokens are what the names of variables about a kind of service hold.
var tokens = map[string][]string{
	"mongodb": {"MONGO", "COSMOS"}, "postgresql": {"POSTGRES", "PG", "DATABASE", "DB", "SQL", "TYPEORM"}, "mysql": {"MYSQL", "MARIADB", "DATABASE", "DB", "SQL", "JAWSDB", "CLEARDB", "TYPEORM", "RDS"}, "mariadb": {"MARIADB", "MYSQL", "DATABASE", "DB", "SQL"},
	"sqlserver": {"MSSQL", "SQLSERVER", "DATABASE", "DB", "SQL"}, "oracle": {"ORACLE", "DB"}, "redis": {"REDIS"}, "memcached": {"MEMCACHE", "MEMCACHED"}, "rabbitmq": {"AMQP", "RABBIT", "RABBITMQ", "CLOUDAMQP"}, "kafka": {"KAFKA"}, "nats": {"NATS"},
	"elasticsearch": {"ELASTIC", "ELASTICSEARCH", "ES", "BONSAI", "SEARCHBOX"}, "opensearch": {"OPENSEARCH"}, "cassandra": {"CASSANDRA"}, "neo4j": {"NEO4J", "GRAPHENEDB"}, "influxdb": {"INFLUX", "INFLUXDB"}, "couchdb": {"COUCH", "COUCHDB", "CLOUDANT"}, "smtp": {"SMTP", "MAIL", "EMAIL"}, "ldap": {"LDAP"}, "solr": {"SOLR"}, "activemq": {"ACTIVEMQ", "STOMP"}, "s3": {"S3"},
}

// connect says by which variables the application learns where a service is.
func (p *project) connect(s *detect.Service) {
	if s.Env == nil {
		s.Env = map[string]string{}
	}
	for _, token := range tokens[s.Kind] {
		for _, r := range p.envReads {
			if role, ok := roleOf(r.name, token, s.Kind); ok && s.Env[role] == "" {
				s.Env[role] = r.name
			}
		}
		if len(s.Env) > 0 && (s.Env["url"] != "" || s.Env["host"] != "") {
			break
		}
	}
	if s.Kind == "mongodb" && s.Env["url"] == "" && s.Env["host"] == "" {
		for _, name := range []string{"DATABASE_URL", "DB_URL", "DB_URI", "DATABASE_URI", "DB", "DATABASE", "DB_CONNECTION", "DB_CONNECTION_STRING", "DATABASE_CONNECTION", "DB_HOST"} {
			if p.reads(name) && s.Env["url"] == "" {
				s.Env["url"] = name
				if name == "DB_HOST" {
					delete(s.Env, "url")
					s.Env["host"] = name
				}
			}
		}
	}
	if s.Kind == "postgresql" && len(s.Env) == 0 {
		if ev, _, ok := p.grep("Pool", bareP); ok {
			s.Env = map[string]string{"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "name": "PGDATABASE"}
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ev)
		}
	}
	if len(s.Env) == 0 {
		s.Env = nil
	}
}

var bareP = manifest.Lazy(`new\s+(?:pg\.)?Pool\(\s*\)`)

func (p *project) reads(name string) bool {
	for _, r := range p.envReads {
		if r.name == name {
			return true
		}
	}
	return false
}

// roleOf says which role a variable plays for a service by its name: REDIS_HOST, MONGOHQ_URL, DB_PASS.
func roleOf(name, token, kind string) (string, bool) {
	upper := strings.ToUpper(name)
	at := strings.Index(upper, token)
	if at < 0 || at > 0 && upper[at-1] != '_' && token != "MONGO" {
		return "", false
	}
	if strings.Contains(upper, "TEST") || strings.Contains(upper, "SESSION") && kind != "redis" || strings.Contains(upper, "SCHEMA") || strings.Contains(upper, "_POOL") || strings.Contains(upper, "SSL") || strings.Contains(upper, "PREFIX") {
		return "", false
	}
	tail := strings.Trim(upper[at+len(token):], "_")
	for _, other := range []string{"DB", "HQ", "LAB", "TOGO", "CLOUD", "GREEN", "SQL", "SEARCH", "GRES", "MQ"} {
		tail = strings.TrimPrefix(strings.TrimPrefix(tail, other), "_")
	}
	if kind == "mongodb" && tail == "" && (strings.HasSuffix(upper, "DB") || strings.HasSuffix(upper, "MONGO")) {
		return "url", true
	}
	tail = strings.TrimPrefix(strings.TrimPrefix(tail, "CONNECTION_"), "DATABASE_")
	switch tail {
	case "URL", "URI", "CONNECTION", "CONNECTION_STRING", "STRING", "DSN", "CONN", "CONNSTR", "CONN_STRING", "PROVIDER_URL", "CONN_STR", "CONNECT", "PATH":
		if tail == "PATH" && kind != "mongodb" {
			return "", false
		}
		return "url", true
	case "HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS", "SERVERS", "NODE", "HOSTS", "BROKERS", "BROKER", "PORT_27017_TCP_ADDR", "1_PORT_27017_TCP_ADDR", "CONTACT_POINTS", "ENDPOINT", "SERVICE_HOST":
		return "host", true
	case "PORT", "TCP_PORT":
		return "port", true
	case "USER", "USERNAME", "USR", "USER_NAME", "LOGIN":
		return "user", true
	case "PASS", "PASSWORD", "PWD", "PASSWD", "PASSPHRASE":
		return "password", true
	case "NAME", "DATABASE", "DB", "DBNAME", "DATABASE_NAME", "DB_NAME":
		return "name", true
	}
	return "", false
}
