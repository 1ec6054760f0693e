package java

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// driver maps a JDBC driver to its database. A kind of "" is embedded.
type driver struct {
	artifact string
	kind     string
}

var drivers = []driver{
	{"org.postgresql:postgresql", "postgresql"}, {"postgresql:postgresql", "postgresql"}, {"postgresql-*", "postgresql"}, {"pgjdbc*", "postgresql"}, {"pgjdbc-ng*", "postgresql"}, {"r2dbc-postgresql", "postgresql"},
	{"mysql-connector-java*", "mysql"}, {"mysql-connector-j", "mysql"}, {"mysql-connector-j-*", "mysql"}, {"mysql-connector", "mysql"}, {"mysql:mysql*", "mysql"}, {"r2dbc-mysql", "mysql"},
	{"mariadb-java-client*", "mariadb"},
	{"ojdbc*", "oracle"}, {"com.oracle*:ojdbc*", "oracle"}, {"classes12*", "oracle"},
	{"mssql-jdbc*", "sqlserver"}, {"sqljdbc*", "sqlserver"}, {"jtds*", "sqlserver"},
	{"db2jcc*", "db2"}, {"com.ibm.db2*:*", "db2"},
	{"sqlite-jdbc*", "sqlite"},
	{"com.h2database:h2", ""}, {"h2-*", ""}, {"h2", ""}, {"hsqldb*", ""}, {"derby*", ""},
}

// driverClasses maps what a driver's or dialect's class name begins with, or holds, to its database.
var driverClasses = []struct{ word, kind string }{
	{"org.postgresql.", "postgresql"}, {"postgresql", "postgresql"}, {"postgis", "postgresql"},
	{"com.mysql.", "mysql"}, {"mysql", "mysql"}, {"org.gjt.mm.mysql", "mysql"}, {"mariadb", "mariadb"},
	{"oracle.jdbc", "oracle"}, {"oracle", "oracle"}, {"com.microsoft.sqlserver", "sqlserver"}, {"net.sourceforge.jtds", "sqlserver"}, {"sqlserver", "sqlserver"}, {"mssql", "sqlserver"},
	{"com.ibm.db2", "db2"}, {"db2", "db2"}, {"org.h2", "h2"}, {"h2", "h2"}, {"hsql", "hsqldb"}, {"derby", "derby"}, {"sqlite", "sqlite"},
}

// found is what is known of a service while evidence is gathered.
type found struct {
	detect.Service
	active  bool // something that applies without a profile says so
	literal bool // its address stands in the application and nothing outside changes it
	driver  bool // its driver is shipped
}

// services returns what the application talks to.
func (a *app) services() []detect.Service {
	byKind := map[string]*found{}
	get := func(kind string) *found {
		if byKind[kind] == nil {
			byKind[kind] = &found{Service: detect.Service{Kind: kind}}
		}
		return byKind[kind]
	}
	a.databases(get, byKind)
	a.others(get)
	a.versions(byKind)
	var out []detect.Service
	for _, f := range byKind {
		f.Evidence = proof(f.Evidence)
		if len(f.Evidence) > 8 {
			f.Evidence = f.Evidence[:8]
		}
		if len(f.Env) == 0 {
			f.Env = nil
		}
		if f.literal && f.Required && len(f.Env) == 0 {
			a.hardcoded = append(a.hardcoded, f.Service)
		}
		out = append(out, f.Service)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Required != out[j].Required {
			return out[i].Required
		}
		return out[i].Kind < out[j].Kind
	})
	return out
}

// databases weighs drivers, URLs and hints.
func (a *app) databases(get func(string) *found, all map[string]*found) {
	urls := a.databaseURLs()
	a.urlFiles = map[string]bool{}
	embedded := len(a.embedded) > 0
	embeddedActive := embedded
	for _, u := range urls {
		if u.url.embedded {
			embedded = true
			embeddedActive = embeddedActive || u.applies
			continue
		}
		if u.url.kind == "" {
			continue
		}
		a.urlFiles[u.ev[0].File] = true
		f := get(u.url.kind)
		a.fromURL(f, u)
	}
	shippedEmbedded := a.fromDrivers(get)
	a.fromDialect(get, all)
	a.chooseDatabase(all, embedded || shippedEmbedded, embeddedActive, shippedEmbedded)
	a.databaseEnv(all)
}

// databaseWords are how names of variables that say where a database is begin.
var databaseWords = []string{"DB", "DATABASE", "JDBC", "SQL", "DATASOURCE", "RDS", "POSTGRES", "POSTGRESQL", "PG", "MYSQL", "MARIADB", "ORACLE", "MSSQL", "SQLSERVER"}

// databaseEnv gives the only database that is needed the variables that the code itself reads, by their names: DB_HOST,
// JDBC_URL, POSTGRES_PASSWORD.
func (a *app) databaseEnv(all map[string]*found) {
	var only *found
	for _, f := range all {
		if f.Required && only != nil {
			return
		}
		if f.Required {
			only = f
		}
	}
	if only == nil || len(only.Env) > 0 || only.Kind == "sqlite" {
		return
	}
	env := map[string]string{}
	for _, e := range a.scan().env {
		first, _, _ := strings.Cut(e.name, "_")
		if !upperName.MatchString(e.name) || !slices.Contains(databaseWords, first) {
			continue
		}
		if role := roleOf(canonical(e.name)); role != "" && env[role] == "" {
			env[role] = e.name
			only.Evidence = append(only.Evidence, e.ev)
		} else if strings.HasSuffix(e.name, "_NAME") && env["name"] == "" {
			env["name"] = e.name
		}
	}
	if env["url"] == "" && env["host"] == "" {
		return
	}
	only.Env, only.literal = env, false
	if only.Scheme == "" {
		only.Scheme = "jdbc:" + only.Kind
	}
}

// fromURL adds what a URL says.
func (a *app) fromURL(f *found, u dbSource) {
	if u.applies && !f.active || f.Evidence == nil {
		f.Env, f.Scheme, f.literal = u.env, u.url.scheme, u.literal
		if u.url.name != "" && !strings.ContainsAny(u.url.name, "${}@\x01") {
			f.Database = u.url.name
		}
	} else if f.literal && !u.literal {
		f.Env, f.literal = u.env, false
	}
	f.active = f.active || u.applies
	f.From = detect.Declared
	if f.Why == "" {
		f.Why = "a profile of the configuration connects to it"
	}
	if f.Kind == "sqlite" {
		delete(f.Env, "user")
		delete(f.Env, "password")
	}
	f.Evidence = append(f.Evidence, u.ev...)
	if u.url.file != "" && u.url.kind == "sqlite" {
		a.sqlite = append(a.sqlite, mention{u.url.file, u.ev[0]})
	}
}

// fromDrivers adds what the drivers among the libraries say, and reports whether an embedded database is shipped.
func (a *app) fromDrivers(get func(string) *found) (embedded bool) {
	for _, d := range a.deps {
		for _, dr := range drivers {
			if !d.is(dr.artifact) {
				continue
			}
			if dr.kind == "" {
				embedded = embedded || d.shipped()
				break
			}
			if d.scope == "test" && d.profile == "" && !d.shipped() {
				// Only the tests use it, which may mean that production uses another one: worth knowing, not needed.
				f := get(dr.kind)
				a.note(f, d, "its driver is a library of the tests only")
				break
			}
			f := get(dr.kind)
			if d.profile != "" {
				a.note(f, d, "its driver comes with the build's profile "+d.profile)
				break
			}
			// A driver that the server provides is needed where the server offers the data source.
			f.driver = f.driver || d.shipped() || d.scope == "provided" && len(a.wanted()) > 0
			a.note(f, d, "")
			if f.Scheme == "" {
				f.Scheme = "jdbc:" + dr.kind
			}
			break
		}
	}
	return embedded
}

// fromDialect adds the database that an application speaks to through a data source of its server, which then has the
// driver: the dialect in its configuration is all that tells.
func (a *app) fromDialect(get func(string) *found, all map[string]*found) {
	if len(all) > 0 || len(a.wanted()) == 0 {
		return
	}
	var kinds []string
	for k := range jdbcDrivers {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	if kind, ev := a.databaseHint(kinds, nil); kind != "" {
		f := get(kind)
		f.From, f.active, f.Why = detect.Inferred, true, "its dialect, through a data source of the server"
		f.Scheme = "jdbc:" + kind
		f.Evidence = append(f.Evidence, ev...)
	}
}

func (a *app) note(f *found, d dep, why string) {
	if f.From == "" {
		f.From = detect.Inferred
		f.Why = why
		if why == "" {
			f.Why = "its driver is among the libraries"
		}
	}
	f.Evidence = append(f.Evidence, d.ev...)
}

// chooseDatabase decides which of the databases the application needs when nobody chooses a profile.
func (a *app) chooseDatabase(all map[string]*found, embedded, embeddedActive, shippedEmbedded bool) {
	var kinds, withURL, withDriver []string
	for k := range all {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	for _, k := range kinds {
		if all[k].active {
			withURL = append(withURL, k)
		} else if all[k].driver {
			withDriver = append(withDriver, k)
		}
	}
	switch {
	case len(withURL) > 0:
		a.chooseURL(all, withURL, withDriver, embeddedActive)
	case embeddedActive || embedded && shippedEmbedded:
		a.orphans(all, withDriver, "its driver is there, and by default an embedded database is used")
	case len(withDriver) > 0:
		a.chooseDriver(all, withDriver)
	case !embedded:
		a.onlyProfile(all, kinds)
	}
}

// chooseURL decides among the databases that the configuration connects to.
func (a *app) chooseURL(all map[string]*found, withURL, withDriver []string, embedded bool) {
	if len(withURL) > 1 {
		if hint, ev := a.databaseHint(withURL, a.urlFiles); hint != "" {
			// Files for several databases lie side by side, and a setting chooses.
			f := all[hint]
			f.Required, f.Why = true, "the configuration chooses it among several databases"
			f.Evidence = append(ev, f.Evidence...)
			a.orphans(all, append(without(withURL, hint), withDriver...), "one of several databases; the configuration chooses "+hint)
			return
		}
	}
	for _, k := range withURL {
		all[k].Required = len(withURL) == 1 || !embedded
		all[k].Why = "the configuration connects to it"
		if !all[k].Required {
			all[k].Why = "one of several databases that the configuration can connect to, beside an embedded one"
		}
	}
	a.orphans(all, withDriver, "its driver is there, the configuration connects to "+strings.Join(withURL, " and "))
}

// chooseDriver decides among the databases whose drivers are all that is known of them.
func (a *app) chooseDriver(all map[string]*found, withDriver []string) {
	hint, ev := a.databaseHint(withDriver, nil)
	switch {
	case hint != "":
		f := all[hint]
		f.Required, f.Why = true, "its driver is there and the configuration speaks its dialect"
		f.Evidence = append(f.Evidence, ev...)
		a.orphans(all, without(withDriver, hint), "its driver is there, the configuration speaks the dialect of "+hint)
	case len(withDriver) == 1:
		all[withDriver[0]].Required = true
	default:
		chosen := withDriver[0]
		// Of several the free ones are likelier, the last of this list before the others.
		for _, k := range []string{"mysql", "mariadb", "postgresql"} {
			if all[k] != nil && all[k].driver {
				chosen = k
			}
		}
		all[chosen].Required, all[chosen].From = true, detect.Default
		all[chosen].Why = "several drivers are there (" + strings.Join(withDriver, ", ") + ") and nothing chooses one"
		a.orphans(all, without(withDriver, chosen), "one of several drivers")
	}
	a.bootEnv(all, withDriver)
}

// onlyProfile: when the databases of profiles are the only ones, the application needs one of them.
func (a *app) onlyProfile(all map[string]*found, kinds []string) {
	if len(kinds) == 1 && all[kinds[0]].From == detect.Declared {
		all[kinds[0]].Required = true
		all[kinds[0]].Why = "the only database that any profile of the configuration connects to"
	}
}

// orphans are databases that the application can use and does not by default.
func (a *app) orphans(all map[string]*found, kinds []string, why string) {
	for _, k := range kinds {
		all[k].Why = why
	}
	a.bootEnv(all, kinds)
}

// bootEnv sets the variables by which Spring Boot is told of a database that no setting names.
func (a *app) bootEnv(all map[string]*found, kinds []string) {
	if len(a.bootEv) == 0 {
		return
	}
	for _, k := range kinds {
		switch {
		case all[k].Env != nil || k == "sqlite":
		case len(a.unresolved) > 0:
			all[k].Env = a.unresolved
		default:
			all[k].Env = map[string]string{"url": "SPRING_DATASOURCE_URL", "user": "SPRING_DATASOURCE_USERNAME", "password": "SPRING_DATASOURCE_PASSWORD"}
		}
	}
}

func without(list []string, drop string) []string {
	var out []string
	for _, s := range list {
		if s != drop {
			out = append(out, s)
		}
	}
	return out
}

// databaseHint looks for a dialect, a driver's class or a plain choice in the settings and XML files.
// Files that are left out are those of one database each.
func (a *app) databaseHint(kinds []string, without map[string]bool) (string, []detect.Evidence) {
	s := a.readSettings()
	for _, x := range s.all {
		if !s.applies(x) || !hintKey(x.norm) || without[x.file.Path] {
			continue
		}
		v, _ := s.resolve(a, x.value, 0)
		if k := databaseOf(v, kinds); k != "" {
			return k, []detect.Evidence{x.at()}
		}
	}
	for _, d := range a.xmlDocs {
		if without[d.file.Path] {
			continue
		}
		line, kind := 0, ""
		d.xml.Each(func(e *manifest.Element) {
			if kind == "" {
				kind, line = hintIn(e, kinds), e.Line
			}
		})
		if kind != "" {
			return kind, []detect.Evidence{d.file.Evidence(line)}
		}
	}
	return "", nil
}

// databaseOf is the database that a driver's or dialect's name means, when it is one of kinds.
func databaseOf(value string, kinds []string) string {
	low := strings.ToLower(value)
	for _, d := range driverClasses {
		if strings.Contains(low, d.word) {
			if slices.Contains(kinds, d.kind) {
				return d.kind
			}
			return ""
		}
	}
	return ""
}

// hintIn looks at the attributes and the text of one element.
func hintIn(e *manifest.Element, kinds []string) string {
	name := e.Attr("name")
	if name == "" {
		name = e.Name
	}
	for _, at := range e.Attrs {
		if hintKey(canonical(at.Name)) || at.Name == "value" && hintKey(canonical(name)) {
			if k := databaseOf(at.Value, kinds); k != "" {
				return k
			}
		}
	}
	if hintKey(canonical(name)) {
		return databaseOf(e.Text, kinds)
	}
	return ""
}

func hintKey(norm string) bool {
	for _, w := range []string{"dialect", "driver", "database", "dbtype", "db.type", "databaseplatform", "platform"} {
		if strings.Contains(norm, w) {
			return true
		}
	}
	return false
}

// partner is a service that is no JDBC database.
type partner struct {
	kind      string
	artifacts []string
	required  bool              // its library means that the application needs it
	keys      []string          // settings that say where it is; canonical prefixes
	boot      map[string]string // Spring Boot's keys by role
	boot3     map[string]string // the same from Spring Boot 3 on, where they differ
	embedded  []string          // libraries that run it inside the process
}

var partners = []partner{
	{kind: "redis", artifacts: []string{"spring-boot-starter-data-redis*", "spring-boot-starter-redis", "spring-data-redis", "spring-session-data-redis", "jedis", "lettuce-core", "lettuce", "redisson*", "carmine", "scredis_*", "rediscala_*", "redisclient_*", "play-modules-redis_*", "play-redis_*", "micronaut-redis*", "quarkus-redis-client", "vertx-redis-client"},
		required: true, keys: []string{"redis"}, boot: map[string]string{"host": "spring.redis.host", "port": "spring.redis.port", "password": "spring.redis.password"},
		boot3: map[string]string{"host": "spring.data.redis.host", "port": "spring.data.redis.port", "password": "spring.data.redis.password"}, embedded: []string{"embedded-redis"}},
	{kind: "rabbitmq", artifacts: []string{"spring-boot-starter-amqp", "spring-rabbit", "amqp-client", "langohr", "op-rabbit*", "quarkus-messaging-rabbitmq", "micronaut-rabbitmq", "spring-cloud-starter-stream-rabbit", "spring-cloud-stream-binder-rabbit", "spring-cloud-starter-bus-amqp"},
		required: true, keys: []string{"rabbit", "amqp"}, boot: map[string]string{"host": "spring.rabbitmq.host", "port": "spring.rabbitmq.port", "user": "spring.rabbitmq.username", "password": "spring.rabbitmq.password"}},
	{kind: "activemq", artifacts: []string{"spring-boot-starter-activemq", "spring-boot-starter-artemis", "activemq-all", "activemq-core", "activemq-client", "activemq-spring", "activemq-camel", "artemis-jms-client"},
		required: true, keys: []string{"activemq", "artemis", "broker"}, boot: map[string]string{"url": "spring.activemq.broker-url", "user": "spring.activemq.user", "password": "spring.activemq.password"}, embedded: []string{"activemq-broker", "activemq-kahadb-store"}},
	{kind: "kafka", artifacts: []string{"spring-kafka", "kafka-clients", "kinsky", "clj-kafka", "jackdaw", "akka-stream-kafka_*", "micronaut-kafka", "quarkus-kafka*", "quarkus-messaging-kafka", "spring-cloud-starter-stream-kafka", "spring-cloud-stream-binder-kafka*", "spring-cloud-starter-bus-kafka", "kafka_*", "kafka-streams"},
		required: true, keys: []string{"kafka", "bootstrapservers"}, boot: map[string]string{"url": "spring.kafka.bootstrap-servers"}},
	{kind: "mongodb", artifacts: []string{"spring-boot-starter-data-mongodb*", "spring-data-mongodb", "mongo-java-driver", "mongodb-driver*", "morphia", "mongojack", "jongo", "congomongo", "monger", "reactivemongo_*", "play2-reactivemongo_*", "play-reactivemongo_*", "casbah*", "mongo-scala-driver_*", "micronaut-mongo*", "dropwizard-mongo*", "quarkus-mongodb*"},
		required: true, keys: []string{"mongo"}, boot: map[string]string{"url": "spring.data.mongodb.uri"}, embedded: []string{"de.flapdoodle.embed.mongo*", "fongo"}},
	{kind: "elasticsearch", artifacts: []string{"spring-boot-starter-data-elasticsearch", "spring-data-elasticsearch", "elasticsearch", "elasticsearch-rest-high-level-client", "elasticsearch-rest-client", "elasticsearch-java", "elastisch", "elastic4s*", "quarkus-elasticsearch*", "quarkus-hibernate-search-*", "micronaut-elasticsearch", "transport", "jest", "hibernate-search-elasticsearch"},
		required: true, keys: []string{"elasticsearch"}, boot: map[string]string{"url": "spring.elasticsearch.rest.uris"}, boot3: map[string]string{"url": "spring.elasticsearch.uris"}},
	{kind: "opensearch", artifacts: []string{"opensearch-rest-high-level-client", "opensearch-rest-client", "opensearch-java"}, required: true, keys: []string{"opensearch"}},
	{kind: "cassandra", artifacts: []string{"spring-boot-starter-data-cassandra*", "spring-data-cassandra", "cassandra-driver-core", "java-driver-core", "alia*", "phantom-dsl_*", "micronaut-cassandra", "astyanax*"},
		required: true, keys: []string{"cassandra"}, boot: map[string]string{"host": "spring.data.cassandra.contact-points", "port": "spring.data.cassandra.port"}},
	{kind: "neo4j", artifacts: []string{"spring-boot-starter-data-neo4j", "spring-data-neo4j", "neo4j-java-driver", "neo4j-ogm-bolt-driver"},
		required: true, keys: []string{"neo4j"}, boot: map[string]string{"url": "spring.data.neo4j.uri"}, boot3: map[string]string{"url": "spring.neo4j.uri"}, embedded: []string{"neo4j-ogm-embedded-driver", "neo4j"}},
	{kind: "couchdb", artifacts: []string{"org.ektorp", "ektorp", "lightcouch"}, required: true, keys: []string{"couch"}},
	{kind: "solr", artifacts: []string{"solr-solrj", "spring-data-solr", "spring-boot-starter-data-solr"}, required: true, keys: []string{"solr"}, boot: map[string]string{"url": "spring.data.solr.host"}, embedded: []string{"solr-core"}},
	{kind: "memcached", artifacts: []string{"spymemcached", "xmemcached", "simple-spring-memcached", "memcached", "java_memcached*"}, required: true, keys: []string{"memcache"}},
	{kind: "influxdb", artifacts: []string{"influxdb-java", "influxdb-client-java"}, required: true, keys: []string{"influx"}, boot: map[string]string{"url": "spring.influx.url", "user": "spring.influx.user", "password": "spring.influx.password"}},
	{kind: "zookeeper", artifacts: []string{"spring-cloud-starter-zookeeper*", "curator-framework", "curator-recipes"}, required: true, keys: []string{"zookeeper", "zk"}},
	{kind: "nats", artifacts: []string{"jnats"}, required: true, keys: []string{"nats"}},
	{kind: "ldap", artifacts: []string{"spring-boot-starter-data-ldap", "spring-ldap-core", "spring-security-ldap", "unboundid-ldapsdk", "api-ldap-client-api"}, keys: []string{"ldap"},
		boot: map[string]string{"url": "spring.ldap.urls", "user": "spring.ldap.username", "password": "spring.ldap.password"}, embedded: []string{"unboundid-ldapsdk", "apacheds-server-jndi"}},
	{kind: "smtp", artifacts: []string{"spring-boot-starter-mail", "javax.mail*", "com.sun.mail:*", "javax.mail:mail", "mail", "commons-email", "simple-java-mail", "jakarta.mail*"}, keys: []string{"mail", "smtp"},
		boot: map[string]string{"host": "spring.mail.host", "port": "spring.mail.port", "user": "spring.mail.username", "password": "spring.mail.password"}},
	{kind: "s3", artifacts: []string{"aws-java-sdk-s3", "software.amazon.awssdk:s3", "minio", "spring-cloud-starter-aws", "jets3t"}, keys: []string{"s3", "minio"}},
	{kind: "sqs", artifacts: []string{"aws-java-sdk-sqs", "software.amazon.awssdk:sqs", "spring-cloud-aws-messaging", "amazon-sqs-java-messaging-lib"}, keys: []string{"sqs"}},
}

// others adds the services that libraries and settings speak of.
func (a *app) others(get func(string) *found) {
	s := a.readSettings()
	var shipped []*found
	for _, p := range partners {
		d, profile, ok := a.partnerLib(p)
		if !ok {
			continue
		}
		f := get(p.kind)
		f.From = detect.Inferred
		f.Why = "its client " + d.artifact + " is among the libraries"
		f.Evidence = append(f.Evidence, d.ev...)
		f.Required = p.required && !profile && !d.optional
		if profile {
			f.Why += " when the build's profile " + d.profile + " is chosen"
		}
		if e, ok := a.dep(p.embedded...); ok && e.shipped() && len(p.embedded) > 0 {
			f.Required, f.Why = false, e.artifact+" can run it inside the process"
		}
		f.Env = a.partnerEnv(p, s, f)
		if p.kind == "activemq" && f.Required {
			a.embeddedBroker(s, f)
		}
		if f.Required {
			if ev := a.switchedOff(s, p); ev != nil {
				f.Required, f.Why = false, "the configuration leaves it out unless told otherwise"
				f.Evidence = append(f.Evidence, ev...)
			}
		}
		shipped = append(shipped, f)
	}
	a.oneBroker(s, shipped)
}

// switchedOff is where the configuration, as it is without a profile, says that a service is not used: a key "enabled" of
// its own is false, Spring Boot's set-up of it is excluded, or the cache that is chosen is inside the process.
func (a *app) switchedOff(s *settings, p partner) []detect.Evidence {
	own := append(p.keys[:len(p.keys):len(p.keys)], p.kind)
	for _, x := range s.all {
		dot := strings.LastIndexByte(x.norm, '.')
		if !s.applies(x) || dot < 0 {
			continue
		}
		above, last := x.norm[:dot], x.norm[dot+1:]
		switch {
		case last == "enabled" && !strings.HasPrefix(above, "management.") && slices.Contains(own, above[strings.LastIndexByte(above, '.')+1:]):
			if v, _ := s.resolve(a, x.value, 0); v == "false" {
				return []detect.Evidence{x.at()}
			}
		case strings.HasPrefix(x.norm, "spring.autoconfigure.exclude"):
			if strings.Contains(strings.ToLower(x.value), p.kind) {
				return []detect.Evidence{x.at()}
			}
		case last == "type" && (p.kind == "redis" || p.kind == "memcached") && (above == "cache" || strings.HasSuffix(above, ".cache")):
			if v, _ := s.resolve(a, x.value, 0); localCaches[strings.ToLower(v)] {
				return []detect.Evidence{x.at()}
			}
		}
	}
	return nil
}

// localCaches are what a cache can be told to be inside the process: spring.cache.type and its like.
var localCaches = map[string]bool{"caffeine": true, "simple": true, "none": true, "ehcache": true, "jcache": true, "local": true, "memory": true, "map": true, "generic": true}

// brokers are the kinds of service that carry messages: an application that has clients of several uses one of them.
var brokers = map[string]bool{"kafka": true, "rabbitmq": true, "activemq": true, "nats": true, "sqs": true}

// oneBroker weighs the clients of several message brokers: the one that a setting names is needed, without such a setting
// none is.
func (a *app) oneBroker(s *settings, services []*found) {
	var several []*found
	for _, f := range services {
		if brokers[f.Kind] && f.Required {
			several = append(several, f)
		}
	}
	if len(several) < 2 {
		return
	}
	chosen, ev := "", []detect.Evidence(nil)
	for _, x := range s.all {
		if !s.applies(x) || !mentions(x.norm, []string{"queue", "broker", "messag", "mq", "bus.", "event"}) || !strings.HasSuffix(x.norm, "type") && !strings.HasSuffix(x.norm, "provider") {
			continue
		}
		v, _ := s.resolve(a, x.value, 0)
		for _, f := range several {
			if strings.EqualFold(v, f.Kind) {
				chosen, ev = f.Kind, []detect.Evidence{x.at()}
			}
		}
	}
	for _, f := range several {
		if f.Kind == chosen {
			f.Evidence = append(f.Evidence, ev...)
			continue
		}
		f.Required, f.Why = false, "one of several message brokers that it has clients for"
	}
}

func (a *app) partnerLib(p partner) (dep, bool, bool) {
	asleep := dep{}
	for _, n := range p.artifacts {
		for _, d := range a.deps {
			if !d.is(n) || d.kind == "pom" {
				continue
			}
			if d.shipped() || d.profile == "" && d.scope == "provided" && p.kind != "smtp" {
				return d, false, true
			}
			if d.profile != "" && asleep.artifact == "" && d.scope != "test" {
				asleep = d
			}
		}
	}
	return asleep, true, asleep.artifact != ""
}

// partnerEnv finds the variables by which the application learns where the service is.
func (a *app) partnerEnv(p partner, s *settings, f *found) map[string]string {
	env := map[string]string{}
	for _, x := range s.all {
		if !s.applies(x) || !mentions(x.norm, p.keys) {
			continue
		}
		role := roleOf(x.norm)
		segs := segments(x.value)
		if role == "" || len(segs) == 0 {
			continue
		}
		f.Evidence = append(f.Evidence, x.at())
		f.From = detect.Declared
		for _, g := range segs {
			if g.name == "" {
				continue
			}
			if v := a.variable(g, x.boot); v != "" && (len(segs) == 1 || role == "url") {
				if len(segs) > 1 { // a URL of several placeholders: each has a role of its own
					if r := roleOf(canonical(g.name)); r != "" {
						env[r] = v
					}
					continue
				}
				env[role] = v
			}
		}
	}
	for _, e := range a.scan().env {
		if norm := canonical(e.name); upperName.MatchString(e.name) && mentions(norm, append(p.keys[:len(p.keys):len(p.keys)], p.kind)) {
			if role := roleOf(norm); role != "" && env[role] == "" {
				env[role] = e.name
				f.Evidence = append(f.Evidence, e.ev)
			}
		}
	}
	if len(a.bootEv) == 0 {
		return env
	}
	keys := p.boot
	if p.boot3 != nil && major(a.boot.s) >= 3 {
		keys = p.boot3
	}
	if env["url"] == "" && env["host"] == "" {
		for role, key := range keys {
			if env[role] == "" {
				env[role] = envName(key)
			}
		}
	}
	return env
}

func mentions(norm string, words []string) bool {
	for _, w := range words {
		if strings.Contains(norm, w) {
			return true
		}
	}
	return false
}

// roleOf is the role of a setting by the end of its name.
func roleOf(norm string) string {
	for _, r := range []struct{ end, role string }{{"host", "host"}, {"hostname", "host"}, {"port", "port"}, {"username", "user"}, {"user", "user"}, {"password", "password"},
		{"url", "url"}, {"uri", "url"}, {"uris", "url"}, {"urls", "url"}, {"brokerurl", "url"}, {"bootstrapservers", "url"}, {"addresses", "url"}, {"database", "name"}, {"servers", "url"}, {"nodes", "url"}, {"contactpoints", "host"}} {
		if strings.HasSuffix(norm, r.end) {
			return r.role
		}
	}
	return ""
}

// embeddedBroker: ActiveMQ runs inside the process when its URL says so, or when Spring Boot is given none.
func (a *app) embeddedBroker(s *settings, f *found) {
	url, _, ok := s.plain(a, "spring.activemq.broker-url")
	if ok && strings.HasPrefix(url, "vm:") {
		f.Required, f.Why = false, "the configuration uses a broker inside the process"
	}
	if _, broker := a.dep("activemq-broker", "spring-boot-starter-activemq"); !ok && broker && len(a.bootEv) > 0 && major(a.boot.s) < 3 {
		f.Required, f.Why = false, "without a broker's URL Spring Boot runs one inside the process"
	}
}

// composeFiles are the names of compose files.
var composeFiles = []string{"docker-compose.yml", "docker-compose.yaml", "compose.yaml", "compose.yml", "docker-compose-app.yml", "src/main/docker/app.yml"}

// compose returns the services of the compose files beside the application and at the root of its build.
func (a *app) compose() []composed {
	var out []composed
	seen := map[string]bool{}
	for _, d := range []detect.Dir{a.dir, a.root, a.idx.root} {
		for _, name := range composeFiles {
			at := path.Join(d.Path, name)
			if seen[at] {
				continue
			}
			seen[at] = true
			f, err := d.Read(name)
			if err != nil {
				continue
			}
			list, err := manifest.ParseCompose(f.Data)
			if err != nil {
				warn(d, f.Path, err)
				continue
			}
			for _, s := range list {
				out = append(out, composed{f, path.Dir(at), s})
			}
		}
	}
	return out
}

type composed struct {
	file detect.File
	dir  string
	manifest.ComposeService
}

// versions adds the versions that compose files and CI run.
func (a *app) versions(all map[string]*found) {
	for _, c := range a.compose() {
		img := manifest.IdentifyImage(c.Image)
		f := all[img.Service]
		if f == nil && img.Service == "mysql" {
			f = all["mariadb"]
			img.Version = ""
		}
		if f != nil && f.Version == "" && img.Version != "" {
			f.Version = img.Version
			f.Evidence = append(f.Evidence, c.file.Evidence(c.ImageLine))
		}
	}
	for _, name := range ciFiles(a.idx.root) {
		file, err := a.idx.root.Read(name)
		if err != nil {
			continue
		}
		ci, err := manifest.ParseCI(name, file.Data)
		if err != nil {
			continue
		}
		for _, s := range ci.Services {
			if f := all[s.Kind]; f != nil && f.Version == "" && s.Version != "" {
				f.Version = s.Version
				f.Evidence = append(f.Evidence, file.Evidence(s.Line))
			}
		}
	}
}

// addressed returns the readiness findings of addresses that only a change of the code or of a file in it can change.
func (a *app) addressed() []detect.Readiness {
	var out []detect.Readiness
	sort.Slice(a.hardcoded, func(i, j int) bool { return a.hardcoded[i].Kind < a.hardcoded[j].Kind })
	for _, s := range a.hardcoded {
		out = append(out, detect.Readiness{ID: "hardcoded-service-address", Severity: "high", Evidence: s.Evidence,
			Message: fmt.Sprintf("The address of %s stands in a file of the application. Read it from an environment variable, so that the image runs in every environment.", s.Kind)})
	}
	return out
}
