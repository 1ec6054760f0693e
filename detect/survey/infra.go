package survey

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"
)

// isInfra reports whether a file sets up machines: Terraform, Vagrant, Ansible, Chef, Puppet, or a script for it.
func isInfra(dir, lower string) bool {
	switch {
	case strings.HasSuffix(lower, ".tf"), lower == "vagrantfile", lower == "berksfile", lower == "cheffile", lower == "puppetfile":
		return true
	case strings.HasSuffix(lower, ".sh"):
		for _, word := range []string{"provision", "bootstrap", "install", "setup", "vagrant"} {
			if strings.Contains(lower, word) {
				return true
			}
		}
		for _, part := range strings.Split(strings.ToLower(dir), "/") {
			if part == "vagrant" || part == "provision" || part == "provisioning" {
				return true
			}
		}
		return false
	case strings.HasSuffix(lower, ".yml"), strings.HasSuffix(lower, ".yaml"):
		return ansible(strings.ToLower(dir), lower)
	case strings.HasSuffix(lower, ".pp"):
		return true
	case strings.HasSuffix(lower, ".rb"):
		return strings.HasSuffix(dir, "recipes") && strings.Contains(dir, "cookbooks")
	}
	return false
}

func ansible(dir, lower string) bool {
	if lower == "playbook.yml" || lower == "site.yml" && dir != "." || lower == "requirements.yml" {
		return true
	}
	for _, part := range strings.Split(dir, "/") {
		if part == "ansible" || part == "playbooks" {
			return true
		}
	}
	return (strings.HasSuffix(dir, "/tasks") || strings.HasSuffix(dir, "/meta")) && strings.Contains(dir, "roles/")
}

// cloudResource are the managed services of clouds by their Terraform types: registry.terraform.io, providers aws, google and azurerm.
var cloudResource = map[string]string{
	"aws_elasticsearch_domain": "elasticsearch", "aws_opensearch_domain": "opensearch", "aws_sqs_queue": "sqs", "aws_s3_bucket": "s3",
	"aws_docdb_cluster": "mongodb", "aws_msk_cluster": "kafka", "aws_elasticache_replication_group": "redis", "google_redis_instance": "redis",
	"azurerm_redis_cache": "redis", "azurerm_postgresql_server": "postgresql", "azurerm_postgresql_flexible_server": "postgresql",
	"azurerm_mysql_server": "mysql", "azurerm_mysql_flexible_server": "mysql", "azurerm_mssql_server": "sqlserver", "azurerm_sql_server": "sqlserver",
	"azurerm_cosmosdb_mongo_database": "mongodb", "google_storage_bucket": "s3", "aws_neptune_cluster": "neo4j",
}

// engines are the words with which resources that come in several kinds say theirs: engine = "postgres",
// database_version = "POSTGRES_12".
var engines = []struct{ word, kind string }{
	{"aurora-postgresql", "postgresql"}, {"postgres", "postgresql"}, {"mariadb", "mariadb"}, {"aurora", "mysql"}, {"mysql", "mysql"},
	{"sqlserver", "sqlserver"}, {"oracle", "oracle"}, {"redis", "redis"}, {"memcached", "memcached"}, {"rabbitmq", "rabbitmq"}, {"activemq", "activemq"},
}

// installed are the names under which packages, roles, recipes and modules install a service's server.
var installed = map[string]string{
	"postgresql": "postgresql", "postgresql-server": "postgresql", "postgresql::server": "postgresql", "postgres": "postgresql",
	"mysql-server": "mysql", "mysql::server": "mysql", "mysql": "mysql", "mariadb-server": "mariadb", "mariadb": "mariadb", "percona-server-server": "mysql",
	"redis-server": "redis", "redis": "redis", "redisio": "redis", "memcached": "memcached", "mongodb": "mongodb", "mongodb-org": "mongodb", "mongodb-server": "mongodb",
	"elasticsearch": "elasticsearch", "rabbitmq-server": "rabbitmq", "rabbitmq": "rabbitmq", "solr": "solr", "solr-tomcat": "solr", "cassandra": "cassandra",
	"couchdb": "couchdb", "sphinxsearch": "sphinx", "beanstalkd": "", "slapd": "ldap", "activemq": "activemq", "zookeeperd": "zookeeper", "influxdb": "influxdb",
	"neo4j": "neo4j",
}

var infraPatterns = sync.OnceValue(func() (p struct{ resource, engine, apt, role, word *regexp.Regexp }) {
	p.resource = regexp.MustCompile(`^\s*resource\s+"([a-z_0-9]+)"`)
	p.engine = regexp.MustCompile(`^\s*(?:engine|engine_type|database_version)\s*=\s*"([A-Za-z0-9_-]+)"`)
	p.apt = regexp.MustCompile(`\b(?:apt-get|apt|aptitude|yum|dnf|zypper|apk)\b[^#\n]*?\b(?:install|add)\b(.*)`)
	p.role = regexp.MustCompile(`^\s*(?:-\s*(?:role|name|src|apt|yum|package)?\s*:?|role\s*:|include_recipe|cookbook|package|class\s*\{|include|mod|pkg\s*:|name\s*:|apt\s*:)\s*["']?([A-Za-z0-9_.:/-]+)`)
	p.word = regexp.MustCompile(`[A-Za-z0-9_.:+-]+`)
	return p
})

// infrastructure reads what sets up the machines that the application runs on.
func (s *survey) infrastructure() {
	var seen []sighting
	for _, p := range s.infra {
		f, ok := s.read(p)
		if !ok || len(f.Data) > 256<<10 {
			continue
		}
		n := 0
		for text := range bytes.Lines(f.Data) {
			n++
			for _, kind := range infraLine(path.Ext(p), string(text)) {
				seen = append(seen, sighting{kind: kind, place: f.Evidence(n), why: "the code that sets up its machines installs it"})
			}
		}
	}
	for i := range s.found.Components {
		if c := &s.found.Components[i]; runs(c) && s.lone(c) {
			s.merge(c, once(seen), true)
		}
	}
}

// once keeps the first sighting of each kind.
func once(seen []sighting) []sighting {
	done := map[string]bool{}
	var out []sighting
	for _, g := range seen {
		if !done[g.kind] {
			done[g.kind] = true
			out = append(out, g)
		}
	}
	return out
}

// infraLine returns the kinds of service that a line installs.
func infraLine(ext, text string) []string {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || trimmed[0] == '#' || len(trimmed) > 2000 {
		return nil
	}
	p := infraPatterns()
	if ext == ".tf" {
		if m := p.resource.FindStringSubmatch(text); m != nil {
			return kinds(cloudResource[m[1]])
		}
		if m := p.engine.FindStringSubmatch(text); m != nil {
			return kinds(engine(m[1]))
		}
		return nil
	}
	if m := p.apt.FindStringSubmatch(text); m != nil {
		var out []string
		for _, w := range p.word.FindAllString(m[1], 60) {
			out = append(out, kinds(server(w))...)
		}
		return out
	}
	if ext == ".sh" {
		return nil
	}
	if m := p.role.FindStringSubmatch(text); m != nil {
		name := m[1]
		if i := strings.LastIndexAny(name, "./"); i >= 0 { // geerlingguy.postgresql, puppetlabs/mysql
			name = name[i+1:]
		}
		return kinds(server(name))
	}
	return nil
}

func kinds(kind string) []string {
	if kind == "" {
		return nil
	}
	return []string{kind}
}

// server is the kind of service whose server a package installs: postgresql-9.3, redis-server=2:2.8.
func server(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), "=")
	if kind, ok := installed[name]; ok {
		return kind
	}
	stem := strings.TrimRight(name, "0123456789.")
	if stem != name {
		return installed[strings.TrimSuffix(stem, "-")]
	}
	return ""
}

func engine(word string) string {
	word = strings.ToLower(word)
	for _, e := range engines {
		if strings.HasPrefix(word, e.word) {
			return e.kind
		}
	}
	return ""
}
