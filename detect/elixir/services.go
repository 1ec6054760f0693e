package elixir

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// serviceDep says which service a package talks to.
type serviceDep struct {
	dep      string
	kind     string
	required bool
	scheme   string
}

// serviceDeps are tried in order; the first package of a kind counts. Source: the documentation of each package on Hex.
var serviceDeps = []serviceDep{
	{"postgrex", "postgresql", true, ""}, {"epgsql", "postgresql", true, ""},
	{"myxql", "mysql", true, ""}, {"mariaex", "mysql", true, ""}, {"tds", "sqlserver", true, ""}, {"tds_ecto", "sqlserver", true, ""},
	{"ecto_sqlite3", "sqlite", true, ""}, {"sqlite_ecto2", "sqlite", true, ""}, {"sqlite_ecto", "sqlite", true, ""}, {"exqlite", "sqlite", true, ""}, {"esqlite", "sqlite", false, ""},
	{"mongodb", "mongodb", true, ""}, {"mongodb_driver", "mongodb", true, ""}, {"mongodb_ecto", "mongodb", true, ""},
	{"redix", "redis", true, ""}, {"exredis", "redis", true, ""}, {"eredis", "redis", true, ""}, {"verk", "redis", true, ""}, {"exq", "redis", true, ""}, {"toniq", "redis", true, ""},
	{"phoenix_pubsub_redis", "redis", true, ""}, {"redis_poolex", "redis", true, ""}, {"redix_pubsub", "redis", true, ""},
	{"amqp", "rabbitmq", true, ""}, {"broadway_rabbitmq", "rabbitmq", true, ""}, {"amqp_client", "rabbitmq", true, ""}, {"gen_rmq", "rabbitmq", true, ""}, {"rabbit_common", "rabbitmq", false, ""},
	{"brod", "kafka", true, ""}, {"kafka_ex", "kafka", true, ""}, {"kaffe", "kafka", true, ""}, {"broadway_kafka", "kafka", true, ""}, {"elsa", "kafka", true, ""},
	{"elastix", "elasticsearch", true, ""}, {"tirexs", "elasticsearch", true, ""}, {"elasticsearch", "elasticsearch", true, ""}, {"snap", "elasticsearch", true, ""},
	{"memcachex", "memcached", false, ""}, {"mcd", "memcached", false, ""}, {"xandra", "cassandra", true, ""}, {"couchdb_connector", "couchdb", true, ""}, {"couchex", "couchdb", true, ""},
	{"bolt_sips", "neo4j", true, ""}, {"instream", "influxdb", false, ""}, {"gnat", "nats", true, ""}, {"hulaaki", "activemq", false, ""},
	{"bamboo_smtp", "smtp", false, ""}, {"gen_smtp", "smtp", false, ""}, {"mailman", "smtp", false, ""},
	{"ex_aws_s3", "s3", false, ""}, {"ex_aws_sqs", "sqs", false, ""}, {"waffle", "s3", false, ""}, {"arc", "s3", false, ""}, {"exldap", "ldap", false, ""}, {"paddle", "ldap", false, ""},
	{"erlzk", "zookeeper", true, ""}, {"zookeeper", "zookeeper", true, ""},
}

// adapters are the database drivers that a repository's settings name.
var adapters = map[string]string{"Ecto.Adapters.Postgres": "postgresql", "Ecto.Adapters.MySQL": "mysql", "Ecto.Adapters.MyXQL": "mysql", "Ecto.Adapters.Tds": "sqlserver",
	"Ecto.Adapters.SQLite3": "sqlite", "Sqlite.Ecto": "sqlite", "Sqlite.Ecto2": "sqlite", "Mongo.Ecto": "mongodb"}

// repo is the database of the application, as its settings show it.
type repo struct {
	kind     string
	adapter  string
	module   string
	app      string
	roles    map[string]string
	database string
	evidence []detect.Evidence
}

func isRepo(s setting) bool {
	last := s.module[strings.LastIndexByte(s.module, '.')+1:]
	return strings.HasPrefix(last, "Repo") || strings.HasSuffix(last, "Repo")
}

// repoKeys are the keys of a repository's settings with the role that they say.
var repoKeys = map[string]string{"url": "url", "hostname": "host", "port": "port", "database": "name", "username": "user", "password": "password"}

// findRepo reads the settings of the database; ok is false when there are none.
func (a *app) findRepo() (repo, bool) {
	r := repo{roles: map[string]string{}}
	a.settingsOf(isRepo, func(c configAt, s setting) bool {
		if r.module == "" {
			r.module, r.app = s.module, s.app
		}
		if s.module != r.module {
			return true
		}
		if s.path == "adapter" && len(s.value) > 0 && adapters[s.value[0].value] != "" && r.adapter == "" {
			r.adapter, r.kind = s.value[0].value, adapters[s.value[0].value]
			r.evidence = append(r.evidence, c.file.Evidence(s.line))
		}
		role := repoKeys[s.path]
		if role == "" {
			return true
		}
		if name, ok := c.variable(s); ok && r.roles[role] == "" {
			r.roles[role] = name
			r.evidence = append(r.evidence, c.file.Evidence(s.line))
		} else if v, ok := s.literal(); ok && role == "name" && r.database == "" && !strings.ContainsAny(v, "/{") {
			r.database = v
		}
		return true
	})
	for _, s := range a.sources { // since Ecto 3 the code names the adapter
		if r.adapter != "" && r.module != "" {
			break
		}
		if !strings.Contains(string(s.file.Data), "Ecto.Repo") {
			continue
		}
		for i, t := range strings.Split(string(s.file.Data), "\n") {
			for name, kind := range adapters {
				if strings.Contains(t, "adapter:") && strings.Contains(t, name) && r.adapter == "" {
					r.adapter, r.kind = name, kind
					r.evidence = append(r.evidence, s.file.Evidence(i+1))
				}
			}
		}
		if r.module == "" {
			r.module = moduleOf(s.file)
			if m := otpApp().FindSubmatch(s.file.Data); m != nil {
				r.app = string(m[1])
			}
		}
	}
	if r.roles["url"] != "" {
		r.roles = map[string]string{"url": r.roles["url"]}
	} else if r.roles["host"] == "" && len(r.roles) < 2 {
		r.roles = nil
	}
	if r.kind == "" && r.module != "" { // nothing names the adapter: the driver does
		if p, ok := a.firstDep("postgrex", "myxql", "mariaex"); ok {
			r.kind = map[string]string{"postgrex": "postgresql", "myxql": "mysql", "mariaex": "mysql"}[p.name]
			r.evidence = append(r.evidence, p.evidence...)
		}
	}
	if len(r.evidence) > 3 {
		r.evidence = r.evidence[:3]
	}
	return r, r.module != ""
}

// findServices lists what the application talks to: its database first.
func (a *app) findServices(r repo) []detect.Service {
	var out []detect.Service
	seen := map[string]bool{}
	databases := map[string]bool{"postgresql": true, "mysql": true, "sqlserver": true, "sqlite": true}
	for _, sd := range serviceDeps {
		p, ok := a.dep(sd.dep)
		if !ok || seen[sd.kind] {
			continue
		}
		seen[sd.kind] = true
		s := detect.Service{Kind: sd.kind, Required: sd.required, From: p.from, Evidence: p.evidence, Why: "the package " + sd.dep + " talks to it", Env: a.serviceEnv(sd.kind)}
		switch {
		case sd.kind == r.kind:
			s.Env, s.Database = r.roles, r.database
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], r.evidence...)
		case databases[sd.kind] && r.kind != "":
			s.Required = false
			s.Why += "; the settings name " + r.kind
		}
		if s.Kind == "sqlite" {
			s.Database = ""
		}
		out = append(out, s)
	}
	for i := range out {
		a.runs(&out[i])
	}
	return out
}

func sameKind(kind string) string {
	if kind == "mariadb" {
		return "mysql"
	}
	return kind
}

// runs adds the version that the repository's own containers and tests run a service with.
func (a *app) runs(s *detect.Service) {
	for _, c := range a.compose {
		if i := manifest.IdentifyImage(c.Image); i.Service != "" && sameKind(i.Service) == s.Kind {
			ev := c.file.Evidence(c.ImageLine)
			s.Version = i.Version
			if s.Kind != "smtp" && s.Kind != "s3" {
				s.Required = true
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
var envPrefixes = map[string][]string{"postgresql": {"DATABASE", "DB", "POSTGRES", "POSTGRESQL", "PG"}, "mysql": {"DATABASE", "DB", "MYSQL"}, "sqlserver": {"DATABASE", "DB"}, "redis": {"REDIS"}, "rabbitmq": {"RABBITMQ", "AMQP", "RABBIT"},
	"mongodb": {"MONGO", "MONGODB"}, "elasticsearch": {"ELASTICSEARCH", "ELASTIC"}, "kafka": {"KAFKA"}, "smtp": {"SMTP", "MAIL"}, "memcached": {"MEMCACHED", "MEMCACHE"}, "cassandra": {"CASSANDRA"}, "nats": {"NATS"}, "ldap": {"LDAP"}}

var envRoles = []struct{ end, role string }{{"URL", "url"}, {"URI", "url"}, {"HOST", "host"}, {"HOSTNAME", "host"}, {"SERVER", "host"}, {"BROKERS", "host"}, {"PORT", "port"}, {"USER", "user"}, {"USERNAME", "user"},
	{"PASSWORD", "password"}, {"PASS", "password"}, {"NAME", "name"}, {"DATABASE", "name"}}

// serviceEnv says how the application learns where a service is: by the variables that its code reads.
func (a *app) serviceEnv(kind string) map[string]string {
	roles := map[string]string{}
	for _, r := range a.env {
		for _, prefix := range envPrefixes[kind] {
			at := strings.Index("_"+r.name, "_"+prefix)
			if at < 0 {
				continue
			}
			rest := strings.TrimPrefix(r.name[at+len(prefix):], "_")
			for _, e := range envRoles {
				if rest == e.end && (roles[e.role] == "" || len(r.name) < len(roles[e.role])) {
					roles[e.role] = r.name
				}
			}
		}
	}
	switch {
	case len(roles) == 0:
		return nil
	case roles["url"] != "":
		return map[string]string{"url": roles["url"]}
	}
	return roles
}
