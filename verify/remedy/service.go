package remedy

import (
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/plan"
)

// databaseVariables are the variables with which the image of a database is told, on its first start, the name of the database and of
// its user (the documentation of each official image).
var databaseVariables = map[string]struct{ database, user string }{
	"postgresql": {"POSTGRES_DB", "POSTGRES_USER"}, "mysql": {"MYSQL_DATABASE", "MYSQL_USER"}, "mariadb": {"MARIADB_DATABASE", "MARIADB_USER"},
}

// database makes the service hold the database that the application asks for.
func database(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	return serviceSetting(p, c, captured(match), func(kind string) string { return databaseVariables[kind].database })
}

// databaseUser gives the service the user that the application logs in as. Where the name of the database follows from the user's it
// keeps the one that it has.
func databaseUser(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	return serviceSetting(p, c, captured(match), func(kind string) string { return databaseVariables[kind].user })
}

func serviceSetting(p *plan.Plan, c *plan.Component, want string, variable func(kind string) string) []Change {
	if want == "" || want == "root" || !plainName().MatchString(want) {
		return nil
	}
	s := serviceOf(p, c, "postgresql", "mysql", "mariadb")
	if s == nil {
		return nil
	}
	name := variable(s.Kind)
	if s.Kind == "mariadb" && !slices.ContainsFunc(s.Settings, func(x plan.Setting) bool { return x.Name == name }) {
		name = strings.Replace(name, "MARIADB", "MYSQL", 1)
	}
	return []Change{{"services." + s.Name + ".env." + name, want}}
}

var plainName = lazy(`^[A-Za-z][\w-]{0,62}$`)

// ports are those by which logs tell services apart.
var ports = map[string]string{
	"5432": "postgresql", "3306": "mysql", "6379": "redis", "27017": "mongodb", "11211": "memcached", "5672": "rabbitmq", "9200": "elasticsearch",
}

// serviceNames are what a service is called when it is added, by kind.
var serviceNames = map[string]string{"postgresql": "db", "mysql": "db"}

// absent adds a service that the application can use and that is not started beside it: detection took it for optional, or could not tell.
func absent(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	kind := ports[captured(match)]
	if kind == "" || serviceOf(p, c, kind) != nil || kind == "mysql" && serviceOf(p, c, "mariadb") != nil {
		return nil
	}
	for _, s := range c.Services {
		if s.Kind != kind {
			continue
		}
		name := serviceNames[kind]
		if name == "" || p.Service(name) != nil {
			name = kind
		}
		return []Change{{"services." + name + ".kind", kind}}
	}
	return nil // nothing says which variable tells the application where it is
}
