package manifest

import (
	"regexp"
	"strings"

	"github.com/distribution/reference"
)

// Image says what a well-known container image holds: a service (of the contract's vocabulary), a language or
// neither. Version is the number that its tag begins with, empty when the tag has none ("latest").
type Image struct {
	Service, Language, Version string
}

// services maps image names, and the names that CI systems have for services, to the contract's vocabulary.
var services = map[string]string{
	"postgres": "postgresql", "postgresql": "postgresql", "postgis": "postgresql", "timescaledb": "postgresql", "pgvector": "postgresql",
	"mysql": "mysql", "mysql-server": "mysql", "percona": "mysql", "mariadb": "mariadb",
	"redis": "redis", "redis-server": "redis", "valkey": "redis", "redis-stack": "redis",
	"memcached": "memcached", "memcache": "memcached",
	"mongo": "mongodb", "mongodb": "mongodb", "elasticsearch": "elasticsearch", "elasticsearch-oss": "elasticsearch", "opensearch": "opensearch",
	"solr": "solr", "rabbitmq": "rabbitmq", "activemq": "activemq", "activemq-artemis": "activemq", "kafka": "kafka", "cp-kafka": "kafka",
	"zookeeper": "zookeeper", "cp-zookeeper": "zookeeper", "cassandra": "cassandra", "couchdb": "couchdb", "neo4j": "neo4j",
	"influxdb": "influxdb", "nats": "nats", "nsq": "nsq", "minio": "s3", "mailhog": "smtp", "mailcatcher": "smtp", "mailpit": "smtp",
	"mssql-server-linux": "sqlserver", "oracle-xe": "oracle", "oracle-free": "oracle", "db2": "db2", "openldap": "ldap",
	"sphinxsearch": "sphinx", "manticore": "sphinx",
}

// languages maps image names to the language whose version their tag states.
var languages = map[string]string{
	"ruby": "ruby", "node": "node", "python": "python", "php": "php", "golang": "go", "go": "go",
	"perl": "perl", "elixir": "elixir", "alpine-elixir": "elixir", "alpine-elixir-phoenix": "elixir", "erlang": "erlang", "alpine-erlang": "erlang",
	"openjdk": "java", "java": "java", "jdk": "java", "eclipse-temurin": "java", "amazoncorretto": "java", "adoptopenjdk": "java", "ibmjava": "java",
	"zulu-openjdk": "java", "sapmachine": "java", "liberica-openjdk-debian": "java",
}

var (
	leadingVersion = regexp.MustCompile(`^v?(\d+(?:\.\d+)*)`)
	javaTag        = regexp.MustCompile(`(?:jdk|jre|openjdk|temurin|corretto|java)-?(\d+)`)
	javaName       = regexp.MustCompile(`^(?:openjdk|jdk)-?(\d+)`)
	passengerRuby  = regexp.MustCompile(`^passenger-ruby(\d)(\d)$`)
)

// IdentifyImage says what an image holds. The zero Image: not known.
func IdentifyImage(ref string) Image {
	named, err := reference.ParseNormalizedNamed(strings.TrimSpace(ref))
	if err != nil {
		return Image{}
	}
	path := reference.Path(named)
	name := path[strings.LastIndexByte(path, '/')+1:]
	tag := ""
	if t, ok := named.(reference.Tagged); ok {
		tag = t.Tag()
	}
	version := ""
	if m := leadingVersion.FindStringSubmatch(tag); m != nil {
		version = m[1]
	}
	if path == "mssql/server" {
		return Image{Service: "sqlserver", Version: version}
	}
	if s := services[name]; s != "" {
		return Image{Service: s, Version: version}
	}
	if l := languages[name]; l != "" {
		return Image{Language: l, Version: version}
	}
	if m := passengerRuby.FindStringSubmatch(name); m != nil {
		return Image{Language: "ruby", Version: m[1] + "." + m[2]}
	}
	if m := javaName.FindStringSubmatch(name); m != nil {
		return Image{Language: "java", Version: m[1]}
	}
	switch name {
	case "maven", "gradle", "tomcat", "jetty", "tomee":
		if m := javaTag.FindStringSubmatch(tag); m != nil {
			return Image{Language: "java", Version: m[1]}
		}
	}
	return Image{}
}

// ServiceKind returns the contract's name of a service as CI systems name it ("redis-server", "postgres"), empty when
// it is not known.
func ServiceKind(name string) string { return services[strings.ToLower(name)] }
