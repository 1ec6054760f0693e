package dotnet

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// configFile is a web.config or app.config.
type configFile struct {
	file detect.File
	root *manifest.Element
	web  bool
}

// connectionString is one that a configuration names.
type connectionString struct {
	name, text, provider string
	evidence             detect.Evidence
}

// readConfig reads the configuration beside the project.
func (p *project) readConfig() {
	p.config = p.ix.configIn(p.dir())
	p.settings = p.ix.settingsIn(p.dir())
	p.launch = p.ix.launchIn(p.dir())
}

// configIn reads the web.config of a directory, else its app.config.
func (ix *index) configIn(dir string) *configFile {
	for _, name := range []string{"web.config", "app.config"} {
		p, ok := ix.find(dir, name)
		if !ok {
			continue
		}
		if f, root, ok := ix.xml(p); ok {
			return &configFile{f, root, name == "web.config"}
		}
	}
	return nil
}

// at are the elements at a path below the root, and below its <location> elements.
func (c *configFile) at(names ...string) []*manifest.Element {
	if c == nil {
		return nil
	}
	out := c.root.All(names...)
	for _, l := range c.root.All("location") {
		out = append(out, l.All(names...)...)
	}
	return out
}

func (c *configFile) evidence(e *manifest.Element) detect.Evidence { return c.file.Evidence(e.Line) }

// connections are the connection strings of the configuration, and of the file that it leaves them to.
func (c *configFile) connections(ix *index) []connectionString {
	var out []connectionString
	for _, section := range c.at("connectionStrings") {
		adds, file := section.All("add"), c.file
		if source := section.Attr("configSource"); source != "" {
			name, ok := ix.find(path.Dir(c.file.Path), source)
			if !ok {
				continue
			}
			f, root, ok := ix.xml(name)
			if !ok {
				continue
			}
			adds, file = root.All("add"), f
		}
		for _, a := range adds {
			out = append(out, connectionString{a.Attr("name"), a.Attr("connectionString"), a.Attr("providerName"), file.Evidence(a.Line)})
		}
	}
	return out
}

// appSettings are the values of the configuration's appSettings by their keys, where addresses stand too.
func (c *configFile) appSettings() []connectionString {
	var out []connectionString
	for _, a := range c.at("appSettings", "add") {
		out = append(out, connectionString{name: a.Attr("key"), text: a.Attr("value"), evidence: c.evidence(a)})
	}
	return out
}

// kind says which service a connection string leads to; "" when it cannot be told or is no service.
func (s connectionString) kind() string {
	text, provider := strings.ToLower(s.text), strings.ToLower(s.provider)
	if inner, ok := strings.CutPrefix(text, "metadata="); ok { // Entity Framework's own form wraps another
		if _, after, found := strings.Cut(inner, "provider connection string="); found {
			if provider = ""; strings.Contains(inner, "provider=mysql") {
				provider = "mysql"
			} else if strings.Contains(inner, "provider=npgsql") {
				provider = "npgsql"
			} else if strings.Contains(inner, "provider=oracle") {
				provider = "oracle"
			} else if strings.Contains(inner, "provider=system.data.sqlite") {
				provider = "sqlite"
			} else if strings.Contains(inner, "sqlserverce") {
				return ""
			}
			text = after
		}
	}
	switch {
	case strings.Contains(provider, "sqlserverce"), strings.Contains(text, ".sdf"), strings.Contains(provider, "oledb"), strings.Contains(provider, "odbc"), strings.Contains(text, "microsoft.jet"), strings.Contains(text, "microsoft.ace"):
		return ""
	case strings.Contains(provider, "mysql"):
		return "mysql"
	case strings.Contains(provider, "npgsql"), strings.Contains(provider, "postgres"):
		return "postgresql"
	case strings.Contains(provider, "oracle"):
		return "oracle"
	case strings.Contains(provider, "sqlite"):
		return "sqlite"
	case strings.Contains(provider, "db2"):
		return "db2"
	}
	return addressKind(text)
}

// schemes are the beginnings of addresses by the service that they lead to.
var schemes = []struct{ prefix, kind string }{
	{"mongodb://", "mongodb"}, {"mongodb+srv://", "mongodb"}, {"amqp://", "rabbitmq"}, {"amqps://", "rabbitmq"}, {"rabbitmq://", "rabbitmq"}, {"redis://", "redis"},
	{"postgres://", "postgresql"}, {"postgresql://", "postgresql"}, {"mysql://", "mysql"}, {"nats://", "nats"}, {"bolt://", "neo4j"}, {"activemq:tcp", "activemq"}, {"ldap://", "ldap"}, {"ldaps://", "ldap"},
}

// addressKind tells what a connection string without a provider leads to.
func addressKind(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, s := range schemes {
		if strings.HasPrefix(text, s.prefix) {
			return s.kind
		}
	}
	if host, _, _ := strings.Cut(text, ","); strings.HasSuffix(host, ":6379") && !strings.ContainsAny(host, " /=") {
		return "redis"
	}
	if !strings.Contains(text, "=") {
		return ""
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("(localdb)", "initial catalog", "trusted_connection", "integrated security", "multipleactiveresultsets", "sqlexpress", "trustservercertificate", "attachdbfilename", "user instance", "encrypt="), has("server=") && has(",1433"):
		return "sqlserver"
	case has("host=") && has("database=", "username=", "port=5432"), has("port=5432"), has("search path="):
		return "postgresql"
	case has("port=3306", "allowuservariables", "sslmode=none", "charset=utf8", "convert zero datetime") && has("server=", "host=", "data source="):
		return "mysql"
	case has("data source=", "datasource=", "filename=") && has(".db", ".sqlite", ":memory:", ".s3db"):
		return "sqlite"
	case has("server=", "data source=", "host=") && has("database="):
		return someSQL
	}
	return ""
}

// someSQL is what a connection string leads to that SQL Server and MySQL would both understand.
const someSQL = "sql"

// kindOf is a connection string's kind, as the project's drivers and the string's own name settle it.
func (x *found) kindOf(c connectionString, framework bool) string {
	kind := c.kind()
	if kind != someSQL {
		return kind
	}
	name := strings.ToLower(c.name)
	for _, hint := range []struct{ word, kind string }{{"mysql", "mysql"}, {"mssql", "sqlserver"}, {"sqlserver", "sqlserver"}, {"npgsql", "postgresql"}, {"postgres", "postgresql"}, {"pgsql", "postgresql"}, {"oracle", "oracle"}} {
		if strings.Contains(name, hint.word) {
			return hint.kind
		}
	}
	only := ""
	for _, s := range x.list {
		if relational[s.Kind] && s.Kind != "sqlite" {
			if only != "" {
				return ""
			}
			only = s.Kind
		}
	}
	if only == "" && framework {
		return "sqlserver" // whose driver the .NET Framework brings
	}
	return only
}

// part is the value of a key of a connection string.
func (s connectionString) part(keys ...string) string {
	for _, field := range strings.Split(s.text, ";") {
		k, v, ok := strings.Cut(field, "=")
		if !ok {
			continue
		}
		for _, want := range keys {
			if strings.EqualFold(strings.TrimSpace(k), want) {
				return strings.TrimSpace(v)
			}
		}
	}
	return ""
}
