package dotnet

import (
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// drivers say which service a package talks to. A name that ends in "*" is the beginning of one. Sources: each package's own
// description. required: a program that refers to it is made for the service.
var drivers = []struct {
	pkg, kind string
	required  bool
}{
	{"microsoft.entityframeworkcore.sqlserver", "sqlserver", true}, {"entityframework.microsoftsqlserver", "sqlserver", true}, {"entityframework.sqlserver", "sqlserver", true},
	{"npgsql.entityframeworkcore.postgresql", "postgresql", true}, {"npgsql", "postgresql", true}, {"npgsql.json.net", "postgresql", true}, {"entityframework6.npgsql", "postgresql", true}, {"marten", "postgresql", true}, {"hangfire.postgresql", "postgresql", true},
	{"pomelo.entityframeworkcore.mysql", "mysql", true}, {"mysql.entityframeworkcore", "mysql", true}, {"mysql.data.entityframeworkcore", "mysql", true}, {"mysql.data.entity", "mysql", true}, {"mysql.data.entity.ef6", "mysql", true}, {"mysqlconnector", "mysql", true}, {"mysql.data", "mysql", true}, {"sapientguardian.entityframeworkcore.mysql", "mysql", true},
	{"microsoft.data.sqlclient", "sqlserver", true}, {"system.data.sqlclient", "sqlserver", true}, {"hangfire.sqlserver", "sqlserver", true},
	{"oracle.entityframeworkcore", "oracle", true}, {"oracle.manageddataaccess", "oracle", true}, {"oracle.manageddataaccess.core", "oracle", true}, {"oracle.dataaccess", "oracle", true}, {"devart.data.oracle", "oracle", true},
	{"ibm.data.db2*", "db2", true}, {"ibm.entityframeworkcore*", "db2", true}, {"net.ibm.data.db2*", "db2", true},
	{"microsoft.entityframeworkcore.sqlite", "sqlite", true}, {"microsoft.data.sqlite", "sqlite", true}, {"microsoft.data.sqlite.core", "sqlite", true}, {"system.data.sqlite", "sqlite", true}, {"system.data.sqlite.core", "sqlite", true}, {"system.data.sqlite.x86", "sqlite", true},
	{"mongodb.driver", "mongodb", true}, {"mongodb.driver.core", "mongodb", true}, {"mongocsharpdriver", "mongodb", true}, {"norm", "mongodb", true}, {"mongodb.entityframeworkcore", "mongodb", true},
	{"stackexchange.redis", "redis", true}, {"stackexchange.redis.strongname", "redis", true}, {"servicestack.redis", "redis", true}, {"servicestack.redis.core", "redis", true}, {"microsoft.extensions.caching.stackexchangeredis", "redis", true}, {"microsoft.extensions.caching.redis", "redis", true}, {"csredis", "redis", true}, {"csrediscore", "redis", true}, {"freeredis", "redis", true}, {"booksleeve", "redis", true}, {"microsoft.aspnetcore.signalr.stackexchangeredis", "redis", true}, {"microsoft.web.redissessionstateprovider", "redis", true}, {"microsoft.aspnetcore.dataprotection.stackexchangeredis", "redis", true}, {"hangfire.redis*", "redis", true}, {"aspnetcore.healthchecks.redis", "redis", false},
	{"rabbitmq.client", "rabbitmq", true}, {"easynetq", "rabbitmq", true}, {"masstransit.rabbitmq", "rabbitmq", true}, {"rebus.rabbitmq", "rabbitmq", true}, {"nservicebus.rabbitmq", "rabbitmq", true}, {"rawrabbit", "rabbitmq", true}, {"dotnetcore.cap.rabbitmq", "rabbitmq", true}, {"wolverine.rabbitmq", "rabbitmq", true},
	{"confluent.kafka", "kafka", true}, {"rdkafka", "kafka", true}, {"kafka-net", "kafka", true}, {"masstransit.kafka", "kafka", true}, {"kafkaflow*", "kafka", true},
	{"apache.nms.activemq", "activemq", true}, {"masstransit.activemq", "activemq", true}, {"amqpnetlite", "activemq", false},
	{"nest", "elasticsearch", true}, {"elasticsearch.net", "elasticsearch", true}, {"elastic.clients.elasticsearch", "elasticsearch", true}, {"serilog.sinks.elasticsearch", "elasticsearch", false}, {"opensearch.client", "opensearch", true}, {"opensearch.net", "opensearch", true},
	{"solrnet*", "solr", true}, {"enyimmemcached", "memcached", true}, {"enyimmemcachedcore", "memcached", true}, {"cassandracsharpdriver", "cassandra", true}, {"mycouch", "couchdb", true}, {"couchdb.net", "couchdb", true},
	{"neo4j.driver*", "neo4j", true}, {"neo4jclient", "neo4j", true}, {"nats.client", "nats", true}, {"nats.net", "nats", true}, {"influxdb.client", "influxdb", true}, {"influxdata.net", "influxdb", true}, {"zookeepernetex", "zookeeper", true}, {"zookeeper.net", "zookeeper", true},
	{"awssdk.s3", "s3", false}, {"minio", "s3", false}, {"awssdk.sqs", "sqs", true}, {"masstransit.amazonsqs", "sqs", true}, {"awssdk", "s3", false},
	{"mailkit", "smtp", false}, {"fluentemail.smtp", "smtp", false}, {"fluentemail.mailkit", "smtp", false}, {"novell.directory.ldap.netstandard", "ldap", false}, {"system.directoryservices.protocols", "ldap", false}, {"ldapfornet", "ldap", false},
}

var relational = map[string]bool{"sqlserver": true, "postgresql": true, "mysql": true, "oracle": true, "sqlite": true, "db2": true}

// calls are the methods and types by which code chooses a database.
var calls = map[string]string{
	"UseSqlServer": "sqlserver", "UseNpgsql": "postgresql", "UseMySql": "mysql", "UseMySQL": "mysql", "UseSqlite": "sqlite", "UseOracle": "oracle", "UseInMemoryDatabase": "memory",
	"SqlConnection": "sqlserver", "NpgsqlConnection": "postgresql", "MySqlConnection": "mysql", "OracleConnection": "oracle", "SQLiteConnection": "sqlite", "SqliteConnection": "sqlite",
}

// found collects services: one for each kind.
type found struct {
	list []detect.Service
}

func (x *found) at(kind string) *detect.Service {
	i := slices.IndexFunc(x.list, func(s detect.Service) bool { return s.Kind == kind })
	if i < 0 {
		return nil
	}
	return &x.list[i]
}

func (x *found) add(kind string, required bool, why string, ev ...detect.Evidence) *detect.Service {
	if s := x.at(kind); s != nil {
		s.Required = s.Required || required
		for _, e := range ev {
			if len(s.Evidence) < 4 && !slices.Contains(s.Evidence, e) {
				s.Evidence = append(s.Evidence, e)
			}
		}
		return s
	}
	x.list = append(x.list, detect.Service{Kind: kind, Required: required, From: detect.Declared, Why: why, Evidence: ev})
	return &x.list[len(x.list)-1]
}

// services lists what the project and those that it refers to talk to.
func (p *project) services(hits []hit) []detect.Service {
	x := &found{}
	all := p.allPackages()
	for _, d := range drivers {
		if ref, ok := all.first(d.pkg); ok && !(ref.assembly && strings.HasPrefix(d.pkg, "system.data.")) {
			x.add(d.kind, d.required, "the package "+ref.name+" talks to it", ref.evidence)
		}
	}
	p.calledDatabases(x, hits)
	p.connected(x)
	p.stateServers(x)
	for _, h := range of(hits, "smtp") {
		x.add("smtp", false, "it sends mail by SMTP", h.evidence)
		break
	}
	for _, h := range of(hits, "directory") {
		x.add("ldap", false, "it asks a directory", h.evidence)
		break
	}
	if ix := p.ix; ix.database != "" && x.at("sqlserver") != nil {
		x.add("sqlserver", false, "", fileAt(ix, ix.database, p.head()))
	}
	p.unusedProviders(x, hits)
	p.settle(x, hits)
	p.wire(x, hits)
	return x.list
}

// calledDatabases adds the databases that code opens without a package: the .NET Framework brings SQL Server's driver.
func (p *project) calledDatabases(x *found, hits []hit) {
	for _, h := range of(hits, "connection") {
		if kind := calls[h.match[1]]; kind != "" && (x.at(kind) != nil || p.isFramework()) {
			x.add(kind, false, "the code opens connections to it", h.evidence)
		}
	}
	for _, h := range of(hits, "database") {
		if kind := calls[h.match[1]]; kind != "memory" { // the metapackages of ASP.NET Core 2 bring the driver
			x.add(kind, true, "the code sets it up", h.evidence)
		}
	}
}

// connected adds the services that connection strings lead to.
func (p *project) connected(x *found) {
	for _, c := range p.connectionStrings() {
		kind := x.kindOf(c, p.isFramework())
		if kind == "" || p.config != nil && isStock(c.name) {
			continue
		}
		// A connection string without a driver is a setting that another program wrote.
		if relational[kind] && !p.isFramework() && x.at(kind) == nil {
			continue
		}
		s := x.add(kind, relational[kind] || x.at(kind) == nil, "a connection string names it", c.evidence)
		if s.Database == "" && relational[kind] && kind != "sqlite" {
			if name := c.part("Initial Catalog", "Database"); plainName(name) {
				s.Database = name
			}
		}
	}
	for _, s := range p.config.at("system.net", "mailSettings", "smtp") {
		x.add("smtp", false, "mail is sent by SMTP", p.config.evidence(s))
	}
}

// isStock reports the connection string of the machine's own configuration that many templates repeat.
func isStock(name string) bool { return strings.EqualFold(name, "LocalSqlServer") }

// connectionStrings are those of the project's configuration files.
func (p *project) connectionStrings() []connectionString {
	var out []connectionString
	if p.config != nil {
		out = p.config.connections(p.ix)
		for _, s := range p.config.appSettings() {
			if addressKind(s.text) != "" {
				out = append(out, s)
			}
		}
	}
	for _, s := range p.settings {
		out = append(out, s.connections()...)
	}
	return out
}

// stateServers adds the database that keeps sessions.
func (p *project) stateServers(x *found) {
	for _, e := range p.config.at("system.web", "sessionState") {
		if strings.EqualFold(e.Attr("mode"), "SQLServer") {
			x.add("sqlserver", true, "sessions are kept there", p.config.evidence(e))
		}
	}
}

// sessionStores are the packages that keep ASP.NET's sessions or page output in Redis, with the client that they bring along. The
// types that the configuration names lie in Microsoft.Web.Redis. Source: the packages' own descriptions.
var sessionStores = map[string]bool{"microsoft.web.redissessionstateprovider": true, "microsoft.web.redisoutputcacheprovider": true, "stackexchange.redis": true, "stackexchange.redis.strongname": true}

// unusedProviders makes Redis optional where nothing but such a provider brings it, and no element of the configuration names the
// provider: its package leaves a sample there as a comment, and nothing else starts it.
func (p *project) unusedProviders(x *found, hits []hit) {
	redis, all := x.at("redis"), p.allPackages()
	if redis == nil || p.config == nil || !all.has("microsoft.web.redissessionstateprovider", "microsoft.web.redisoutputcacheprovider") || len(of(hits, "redis")) > 0 {
		return
	}
	for _, d := range drivers {
		if _, ok := all.first(d.pkg); ok && d.kind == "redis" && !sessionStores[d.pkg] {
			return
		}
	}
	for _, c := range p.connectionStrings() {
		if x.kindOf(c, p.isFramework()) == "redis" {
			return
		}
	}
	for _, section := range [][]string{{"sessionState", "providers", "add"}, {"caching", "outputCache", "providers", "add"}} {
		for _, e := range p.config.at(append([]string{"system.web"}, section...)...) {
			if strings.HasPrefix(e.Attr("type"), "Microsoft.Web.Redis.") {
				return
			}
		}
	}
	redis.Required, redis.Why = false, "a package that can keep sessions there is installed; the configuration does not name it"
}

// settle decides which of several databases is the one: what a connection string names, what the code opens, else the first;
// the others are what it could use instead.
func (p *project) settle(x *found, hits []hit) {
	var kinds []string
	for _, s := range x.list {
		if relational[s.Kind] {
			kinds = append(kinds, s.Kind)
		}
	}
	memory := ""
	for _, h := range of(hits, "database") {
		if calls[h.match[1]] == "memory" {
			memory = h.match[1]
		}
	}
	if memory != "" && p.memoryByDefault() {
		for _, k := range kinds {
			s := x.at(k)
			s.Required, s.Why = false, s.Why+"; by default the data are kept in memory"
		}
		return
	}
	if search, open := x.at("elasticsearch"), x.at("opensearch"); search != nil && open != nil {
		search.Required, open.Required = false, false // one of them, or none
	}
	if k := p.provider(); k != "" && x.at(k) != nil && (len(kinds) > 1 || !relational[k]) {
		for _, other := range kinds {
			x.at(other).Required = other == k
		}
		x.at(k).Required = true
		return
	}
	if len(kinds) == 0 {
		return
	}
	chosen := p.chosen(x, kinds, hits)
	for _, k := range kinds {
		s := x.at(k)
		if s.Required = k == chosen; !s.Required {
			s.Why += "; it is one of several databases that it can use"
		}
	}
}

// providers are the names by which settings choose a database.
var providers = map[string]string{
	"mongodb": "mongodb", "mongo": "mongodb", "postgres": "postgresql", "postgresql": "postgresql", "npgsql": "postgresql", "pgsql": "postgresql", "mysql": "mysql", "mariadb": "mysql", "mssql": "sqlserver", "sqlserver": "sqlserver", "sqlite": "sqlite", "oracle": "oracle",
}

// provider is the database that a setting chooses by name.
func (p *project) provider() string {
	chosen := ""
	for _, s := range p.settings {
		s.doc.Each(func(at []string, value string, _ int) {
			if len(at) == 0 || chosen != "" {
				return
			}
			switch strings.ToLower(at[len(at)-1]) {
			case "provider", "databaseprovider", "dbprovider", "databasetype", "dbtype", "storagetype", "databaseengine":
			case "type":
				if parent := strings.ToLower(at[max(len(at)-2, 0)]); !strings.Contains(parent, "store") && !strings.Contains(parent, "database") && !strings.Contains(parent, "db") {
					return
				}
			default:
				return
			}
			chosen = providers[strings.ToLower(value)]
		})
	}
	return chosen
}

// memoryByDefault reports a setting that keeps the data in memory.
func (p *project) memoryByDefault() bool {
	yes := false
	for _, s := range p.settings {
		s.doc.Each(func(at []string, value string, _ int) {
			if len(at) == 0 {
				return
			}
			key := strings.ToLower(at[len(at)-1])
			if strings.Contains(key, "inmemory") {
				yes = strings.EqualFold(value, "true")
			}
		})
	}
	return yes
}

// chosen is the database that is the first choice.
func (p *project) chosen(x *found, kinds []string, hits []hit) string {
	if len(kinds) == 1 {
		return kinds[0]
	}
	for _, c := range p.connectionStrings() {
		if k := x.kindOf(c, p.isFramework()); slices.Contains(kinds, k) && !isStock(c.name) {
			return k
		}
	}
	for _, id := range []string{"database", "connection"} {
		for _, h := range of(hits, id) {
			if k := calls[h.match[1]]; slices.Contains(kinds, k) {
				return k
			}
		}
	}
	if p.isFramework() {
		return "" // whoever deploys it chooses
	}
	for _, k := range kinds {
		if k != "sqlite" {
			return k
		}
	}
	return kinds[0]
}

// clients are the forms in which clients of .NET want an address.
var clients = map[string]string{"postgresql": "ado:npgsql", "mysql": "ado:mysql", "redis": "host:port"}

// wire says by which variables the services' addresses are set: a connection string of appsettings.json has one.
func (p *project) wire(x *found, hits []hit) {
	if p.isFramework() && len(p.settings) == 0 {
		return
	}
	for i := range x.list {
		s := &x.list[i]
		if s.Kind == "sqlite" || s.Kind == "smtp" {
			continue
		}
		for _, c := range p.connectionStrings() {
			name, ok := variable(c.name)
			kind := x.kindOf(c, p.isFramework())
			if !ok || kind != s.Kind && !(s.Required && kind == "" && relational[s.Kind] && strings.HasPrefix(name, "ConnectionStrings__") && p.onlyConnection(c)) {
				continue
			}
			p.give(s, name, c.text)
		}
		if len(s.Env) == 0 && s.Required && relational[s.Kind] {
			for _, h := range of(hits, "name") {
				if name, ok := variable("ConnectionStrings__" + h.match[1]); ok {
					p.give(s, name, "")
					break
				}
			}
		}
	}
}

// onlyConnection reports whether no other connection string is told apart by what it says.
func (p *project) onlyConnection(c connectionString) bool {
	return !slices.ContainsFunc(p.connectionStrings(), func(o connectionString) bool { return o.name != c.name && o.kind() != "" })
}

func (p *project) give(s *detect.Service, name, text string) {
	if s.Env == nil {
		s.Env = map[string]string{}
	}
	for _, have := range s.Env {
		if have == name {
			return
		}
	}
	role := "url"
	for n := 2; s.Env[role] != "" && n < 9; n++ {
		role = "url." + itoa(n)
	}
	s.Env[role] = name
	if !strings.Contains(text, "://") {
		s.Scheme = clients[s.Kind]
	}
}
