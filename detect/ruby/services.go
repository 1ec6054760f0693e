package ruby

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// serviceGem says which service a gem talks to.
type serviceGem struct {
	gem      string
	kind     string
	required bool // the application does not work without; false: only when its configuration uses it
}

// serviceGems are tried in order; the first gem of a kind that is required counts, else the first.
var serviceGems = []serviceGem{
	{"sidekiq", "redis", true}, {"sidekiq-pro", "redis", true}, {"resque", "redis", true}, {"resque-scheduler", "redis", true},
	{"ohm", "redis", true}, {"rollout", "redis", true}, {"leaderboard", "redis", true}, {"soulmate", "redis", true}, {"qless", "redis", true},
	{"redis-rails", "redis", false}, {"redis-store", "redis", false}, {"redis-actionpack", "redis", false}, {"redis-namespace", "redis", false},
	{"redis-objects", "redis", true}, {"split", "redis", true}, {"redis", "redis", false}, {"hiredis", "redis", false}, {"em-hiredis", "redis", true},
	{"dalli", "memcached", false}, {"memcache-client", "memcached", false}, {"memcached", "memcached", false}, {"dalli-elasticache", "memcached", false},
	{"mongoid", "mongodb", true}, {"mongo_mapper", "mongodb", true}, {"mongo", "mongodb", true}, {"moped", "mongodb", true},
	{"searchkick", "elasticsearch", true}, {"elasticsearch-model", "elasticsearch", true}, {"elasticsearch-rails", "elasticsearch", true}, {"elasticsearch-persistence", "elasticsearch", true},
	{"elasticsearch", "elasticsearch", false}, {"tire", "elasticsearch", true}, {"chewy", "elasticsearch", true}, {"stretcher", "elasticsearch", true},
	{"opensearch-ruby", "opensearch", true},
	{"sunspot_rails", "solr", true}, {"sunspot", "solr", true}, {"rsolr", "solr", true}, {"blacklight", "solr", true}, {"acts_as_solr", "solr", true},
	{"thinking-sphinx", "sphinx", true}, {"ultrasphinx", "sphinx", true},
	{"sneakers", "rabbitmq", true}, {"bunny", "rabbitmq", true}, {"amqp", "rabbitmq", true}, {"hutch", "rabbitmq", true}, {"march_hare", "rabbitmq", true},
	{"karafka", "kafka", true}, {"ruby-kafka", "kafka", true}, {"rdkafka", "kafka", true}, {"racecar", "kafka", true}, {"waterdrop", "kafka", true}, {"poseidon", "kafka", true},
	{"cequel", "cassandra", true}, {"cassandra-driver", "cassandra", true}, {"cassandra", "cassandra", true},
	{"couchrest_model", "couchdb", true}, {"couchrest", "couchdb", true}, {"couch_potato", "couchdb", true},
	{"activegraph", "neo4j", true}, {"neo4j", "neo4j", true}, {"neography", "neo4j", true},
	{"influxdb-rails", "influxdb", false}, {"influxdb", "influxdb", false}, {"influxdb-client", "influxdb", false},
	{"nats-pure", "nats", true}, {"nats", "nats", true}, {"nsq-ruby", "nsq", true}, {"zk", "zookeeper", true}, {"zookeeper", "zookeeper", true},
	{"stomp", "activemq", false}, {"shoryuken", "sqs", true}, {"aws-sdk-sqs", "sqs", false},
	{"fog-aws", "s3", false}, {"aws-sdk-s3", "s3", false}, {"aws-s3", "s3", false}, {"asset_sync", "s3", false}, {"carrierwave-aws", "s3", false},
	{"net-ldap", "ldap", false}, {"devise_ldap_authenticatable", "ldap", false}, {"ruby-ldap", "ldap", false}, {"omniauth-ldap", "ldap", false},
}

// usage are signs in configuration and code that a service whose gem is not telling by itself is really used.
var usage = map[string]*manifest.Pattern{
	"redis":         manifest.Lazy(`\bRedis(?:::\w+)?\.(?:new|connect|current)\b|:redis_(?:cache_)?store\b|\bRedis::Store\b|\bREDIS\w*_URL\b|\bREDIS_HOST\b|["']redis://|\bConnectionPool\b.*Redis`),
	"memcached":     manifest.Lazy(`:(?:mem_cache|dalli)_store\b|\bDalli::Client\.new\b|\bMemcached?\.new\b|\bMEMCACHED?\w*_(?:SERVERS?|URL)\b`),
	"elasticsearch": manifest.Lazy(`\bElasticsearch::Client\.new\b|\bELASTICSEARCH_(?:URL|HOST)\b`),
}

// findServices lists what the application talks to: its database first, then what gems and configuration show.
func (a *app) findServices(db database, hasDB bool) []detect.Service {
	var out []detect.Service
	if hasDB && db.kind != "" {
		out = append(out, detect.Service{Kind: db.kind, Required: true, From: db.from, Why: db.why, Evidence: db.evidence,
			Env: db.roles, Scheme: db.scheme(), Database: databaseName(db)})
	}
	done := map[string]bool{}
	for _, sg := range serviceGems {
		g, ok := a.gem(sg.gem)
		if !ok || done[sg.kind] || !sg.required && !g.direct && !a.has("resque") {
			continue
		}
		done[sg.kind] = true
		out = append(out, a.gemService(sg, g))
	}
	out = a.spoken(out, done)
	out = a.cable(out)
	a.confirm(out)
	out = append(out, a.mail()...)
	for i := range out {
		a.serviceVersion(&out[i])
	}
	return out
}

// spoken adds the services that are asked over plain HTTP, for which no gem is needed: the code takes the address from a
// variable that is named for the service, and does so under no condition.
func (a *app) spoken(out []detect.Service, done map[string]bool) []detect.Service {
	for _, r := range a.envReads {
		m := plainAddress.FindStringSubmatch(r.name)
		if m == nil {
			continue
		}
		kind := strings.ToLower(m[1])
		if kind == "couch" {
			kind = "couchdb"
		}
		if done[kind] || a.turnsOn(r.name) {
			continue
		}
		done[kind] = true
		out = append(out, detect.Service{Kind: kind, Required: true, From: detect.Inferred, Why: "the code takes its address from " + r.name,
			Evidence: []detect.Evidence{r.evidence}, Env: map[string]string{"url": r.name}})
	}
	return out
}

// turnsOn reports whether the code asks if a variable is set, or reads it only where something is turned on.
func (a *app) turnsOn(name string) bool {
	for _, r := range a.envReads {
		if r.name != name {
			continue
		}
		ss, _, _ := a.statements(r.file)
		for _, s := range ss {
			if strings.Contains(s.text, name) && (turnedOn(s) || switchWords.MatchString(s.text)) {
				return true
			}
		}
	}
	return false
}

// plainAddress are variables that say where a service is which is asked over HTTP.
var plainAddress = manifest.Lazy(`^(COUCH|COUCHDB|SOLR|ELASTICSEARCH|NEO4J|INFLUXDB)_UR[LI]$`)

func databaseName(db database) string {
	if db.kind == "sqlite" {
		return ""
	}
	return db.name
}

// gemService is the service of a gem. One that only a library for optional use shows is required when the application
// really uses it.
func (a *app) gemService(sg serviceGem, g found) detect.Service {
	s := detect.Service{Kind: sg.kind, Required: sg.required, From: g.from, Evidence: g.evidence, Why: "the gem " + sg.gem + " talks to it"}
	if re := usage[sg.kind]; !sg.required && re != nil {
		if ev, ok := a.uses(re, "redis", "memcache", "dalli", "mem_cache", "elasticsearch"); ok {
			s.Required = true
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ev)
		} else {
			s.Why = "the gem " + sg.gem + " is installed, but no use of it was found in the configuration"
		}
	}
	s.Env = a.serviceEnv(sg.kind, sg.gem)
	if sg.kind == "mongodb" {
		a.mongoid(&s)
	}
	return s
}

// uses looks for a sign of use in the production configuration and in the code that starts the application. Only files
// that hold one of the hints, in any case, are looked into.
func (a *app) uses(sign *manifest.Pattern, hint ...string) (detect.Evidence, bool) {
	names := append([]string{"config/environments/production.rb", "config/application.rb", "config/environment.rb"}, a.dir.Glob("config/initializers/**/*.rb")...)
	names = append(names, a.dir.Glob("{config,lib}/*.rb")...)
	names = append(names, a.dir.Glob("*.rb")...)
	for _, name := range names {
		f, ok := a.read(name)
		if !ok || strings.HasSuffix(name, "/puma.rb") || !containsAny(f.Data, hint) {
			continue
		}
		ss, _, _ := a.statements(name)
		for _, s := range ss {
			if sign.MatchString(s.text) && (sign == smtp || !turnedOn(s)) { // mail is optional in any case
				return f.Evidence(s.line), true
			}
		}
	}
	return detect.Evidence{}, false
}

// switchWords are parts of conditions that ask for a setting or a variable which turns something on.
var switchWords = manifest.Lazy(`(?:^|\W)(?:if|unless)\s.*(?:\bENV\b|\b[Ss]ettings?\b|\b(?:App)?Config\b|\bconfig\b|\w*_config\b|\.present\?|\.enabled\b|\.key\?)`)

// turnedOn reports whether a statement counts only when somebody sets something: it stands under such a condition.
func turnedOn(s statement) bool {
	if i := strings.LastIndex(s.text, " if "); i >= 0 && switchWords.MatchString(s.text[i:]) && !strings.Contains(s.text[i:], "Rails.env") {
		return true
	}
	for _, b := range s.blocks {
		if switchWords.MatchString(b.text) && !strings.Contains(b.text, "Rails.env") {
			return true
		}
	}
	return false
}

// containsAny reports whether data holds one of the words, in any case.
func containsAny(data []byte, words []string) bool {
	lower := bytes.ToLower(data)
	for _, w := range words {
		if bytes.Contains(lower, []byte(w)) {
			return true
		}
	}
	return len(words) == 0
}

// cable finds Redis behind Action Cable: it is required when the application has channels of its own.
func (a *app) cable(out []detect.Service) []detect.Service {
	f, doc, ok := a.yaml("config/cable.yml")
	if !ok || !a.has("redis") {
		return out
	}
	adapter, line, _ := doc.Get("production", "adapter")
	if adapter != "redis" {
		return out
	}
	channels := false
	for _, c := range a.dir.Glob("app/channels/**/*.rb") {
		channels = channels || !strings.Contains(c, "application_cable/")
	}
	for i := range out {
		if s := &out[i]; s.Kind == "redis" {
			if channels && !s.Required {
				s.Required, s.Why = true, "Action Cable speaks through it in production"
				s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], f.Evidence(line))
			}
			return out
		}
	}
	return append(out, detect.Service{Kind: "redis", Required: channels, From: detect.Declared, Why: "Action Cable speaks through it in production",
		Evidence: []detect.Evidence{f.Evidence(line)}, Env: a.serviceEnv("redis", "redis")})
}

// addons maps the beginnings of the names of hosted services, as app.json lists them, to services.
var addons = []struct{ name, kind string }{
	{"heroku-postgresql", "postgresql"}, {"cleardb", "mysql"}, {"jawsdb", "mysql"}, {"heroku-redis", "redis"}, {"rediscloud", "redis"}, {"redistogo", "redis"},
	{"openredis", "redis"}, {"memcachier", "memcached"}, {"memcachedcloud", "memcached"}, {"mongolab", "mongodb"}, {"mongohq", "mongodb"},
	{"bonsai", "elasticsearch"}, {"searchbox", "elasticsearch"}, {"cloudamqp", "rabbitmq"}, {"websolr", "solr"},
}

// confirm makes services required that the author himself runs the application with: in app.json or a compose file.
func (a *app) confirm(out []detect.Service) {
	shown := map[string]detect.Evidence{}
	if f, doc, ok := a.json("app.json"); ok {
		items := doc.List("addons")
		for n := range doc.Len("addons") {
			if v, line, ok := doc.Get("addons", strconv.Itoa(n), "plan"); ok {
				items = append(items, manifest.Item{Value: v, Line: line})
			}
		}
		for _, i := range items {
			for _, ad := range addons {
				if strings.HasPrefix(i.Value, ad.name) {
					shown[ad.kind] = f.Evidence(i.Line)
				}
			}
		}
	}
	for _, c := range a.services {
		if i := manifest.IdentifyImage(c.Image); i.Service != "" && i.Service != "smtp" && i.Service != "s3" {
			shown[i.Service] = c.file.Evidence(c.ImageLine)
		}
	}
	for i := range out {
		if ev, ok := shown[out[i].Kind]; ok && !out[i].Required {
			out[i].Required, out[i].Why = true, "the application is run beside it: "+ev.File
			out[i].Evidence = append(out[i].Evidence[:len(out[i].Evidence):len(out[i].Evidence)], ev)
		}
	}
}

var smtp = manifest.Lazy(`\bsmtp_settings\b|\bdelivery_method\s*=\s*:smtp\b|:via\s*=>\s*:smtp|\bvia:\s*:smtp`)

// mail finds a mail server. Applications start without one.
func (a *app) mail() []detect.Service {
	ev, ok := a.uses(smtp, "smtp")
	if !ok {
		return nil
	}
	return []detect.Service{{Kind: "smtp", From: detect.Declared, Why: "mail is sent by SMTP", Evidence: []detect.Evidence{ev}, Env: a.serviceEnv("smtp", "")}}
}

// envNames says which variables name a service and how: prefixes of the names, longest first.
var envNames = map[string]*manifest.Pattern{
	"database":      manifest.Lazy(`^(?:DATABASE|DB|POSTGRES(?:QL)?|PG|MYSQL|MARIADB|CLEARDB_DATABASE|JAWSDB)_`),
	"redis":         manifest.Lazy(`^(?:REDIS(?:_SIDEKIQ|_CACHE|_CABLE)?|REDISTOGO|REDISCLOUD|REDISGREEN|OPENREDIS|SIDEKIQ_REDIS|RESQUE_REDIS)_`),
	"memcached":     manifest.Lazy(`^(?:MEMCACHED?|MEMCACHIER|MEMCACHEDCLOUD)_`),
	"mongodb":       manifest.Lazy(`^(?:MONGO(?:DB|ID)?|MONGOLAB|MONGOHQ)_`),
	"elasticsearch": manifest.Lazy(`^(?:ELASTICSEARCH|ELASTIC|ES|BONSAI|SEARCHBOX)_`),
	"opensearch":    manifest.Lazy(`^OPENSEARCH_`),
	"rabbitmq":      manifest.Lazy(`^(?:RABBITMQ(?:_BIGWIG)?|AMQP|CLOUDAMQP)_`),
	"solr":          manifest.Lazy(`^(?:SOLR|WEBSOLR|SUNSPOT)_`),
	"kafka":         manifest.Lazy(`^KAFKA_`),
	"smtp":          manifest.Lazy(`^(?:SMTP|MAIL|MAILER|EMAIL)_`),
	"ldap":          manifest.Lazy(`^LDAP_`),
	"neo4j":         manifest.Lazy(`^(?:NEO4J|GRAPHENEDB)_`),
	"influxdb":      manifest.Lazy(`^INFLUX(?:DB)?_`),
	"cassandra":     manifest.Lazy(`^CASSANDRA_`),
	"couchdb":       manifest.Lazy(`^(?:COUCH(?:DB)?|CLOUDANT)_`),
	"nats":          manifest.Lazy(`^NATS_`),
}

// suffixes maps the end of a variable's name to its role.
var suffixes = []struct{ end, role string }{
	{"_URL", "url"}, {"_URI", "url"}, {"_SERVERS", "host"}, {"_SERVER", "host"}, {"_HOST", "host"}, {"_HOSTNAME", "host"}, {"_ADDRESS", "host"},
	{"_PORT", "port"}, {"_USERNAME", "user"}, {"_USER_NAME", "user"}, {"_USER", "user"}, {"_LOGIN", "user"}, {"_PASSWORD", "password"}, {"_PASS", "password"},
	{"_DATABASE", "name"}, {"_NAME", "name"}, {"_BROKERS", "host"},
}

// readsItself are the variables that the gems of a service read when nobody configures them.
var readsItself = map[string]string{
	"sidekiq": "REDIS_URL", "redis": "REDIS_URL", "resque": "REDIS_URL", "searchkick": "ELASTICSEARCH_URL", "elasticsearch": "ELASTICSEARCH_URL",
	"elasticsearch-model": "ELASTICSEARCH_URL", "elasticsearch-rails": "ELASTICSEARCH_URL", "bunny": "RABBITMQ_URL", "sneakers": "RABBITMQ_URL",
	"rsolr": "SOLR_URL", "opensearch-ruby": "OPENSEARCH_URL",
}

// serviceEnv says how the application learns where a service is: by variables that its code reads, else by the one that
// the gem reads itself.
func (a *app) serviceEnv(kind, gem string) map[string]string {
	roles := a.namedRoles(kind, readsItself[gem] == "")
	switch {
	case roles["url"] != "" && roles["host"] == "":
		return map[string]string{"url": roles["url"]}
	case len(roles) > 0:
		if roles["host"] != "" {
			delete(roles, "url")
		}
		return roles
	case kind == "memcached" && (gem == "dalli" || gem == ""):
		return map[string]string{"host": "MEMCACHE_SERVERS"} // Dalli's own: github.com/petergoldstein/dalli
	case readsItself[gem] != "":
		return map[string]string{"url": readsItself[gem]}
	}
	return nil
}

// namedRoles finds the variables whose names say that they are about a service: REDIS_URL, SMTP_HOST. loose also takes
// names with another word in between (SEARCH_ALT_URL), which may mean a second one.
func (a *app) namedRoles(kind string, loose bool) map[string]string {
	roles := map[string]string{}
	re := envNames[kind]
	if re == nil {
		return roles
	}
	for _, r := range a.envReads {
		prefix := re.FindString(r.name)
		if prefix == "" {
			continue
		}
		for _, s := range suffixes {
			if !strings.HasSuffix(r.name, s.end) || !loose && r.name != prefix+s.end[1:] {
				continue
			}
			if have := roles[s.role]; have == "" || len(r.name) < len(have) { // the plainest name is the main one
				roles[s.role] = r.name
			}
			break
		}
	}
	return roles
}

// mongoid reads config/mongoid.yml.
func (a *app) mongoid(s *detect.Service) {
	for _, name := range []string{"config/mongoid.yml", "config/mongo.yml"} {
		f, doc, ok := a.yaml(name)
		if !ok {
			continue
		}
		for _, group := range []string{"clients", "sessions"} {
			if db, line, ok := doc.Get("production", group, "default", "database"); ok && db != "" {
				s.Database = db
				s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], f.Evidence(line))
			}
		}
		return
	}
}

// serviceVersion adds the version that the compose file or the CI of the repository runs the service with.
func (a *app) serviceVersion(s *detect.Service) {
	same := func(kind string) bool {
		return kind == s.Kind || kind == "mariadb" && s.Kind == "mysql"
	}
	for _, c := range a.services {
		if i := manifest.IdentifyImage(c.Image); same(i.Service) && i.Version != "" {
			s.Version = i.Version
			s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], c.file.Evidence(c.ImageLine))
			return
		}
	}
	for _, ci := range a.ci {
		for _, c := range ci.Services {
			if same(c.Kind) && c.Version != "" {
				s.Version = c.Version
				s.Evidence = append(s.Evidence[:len(s.Evidence):len(s.Evidence)], ci.file.Evidence(c.Line))
				return
			}
		}
	}
}
