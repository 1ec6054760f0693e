package convox

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules of Convox's manifest package to convox.yml.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path == ManifestFile || a.Path == path.Join(Dir, ManifestFile) {
			out = append(out, checkFile(a)...)
		}
	}
	return out
}

// Ids of the rules. Source: convox/convox, pkg/manifest (validate.go, service.go, yaml.go) and docs.convox.com, "convox.yml".
var ids = []string{
	"no-service", "name", "build", "port", "health", "scale", "deployment", "environment", "resource-unknown", "resource-type", "managed-name",
	"timer-service", "timer-schedule", "timer-command", "interpolation", "secret-in-file",
}

// Rules are the ids of what Check refuses.
func Rules() []string { return ids }

var (
	nameRule     = lazy(`^[a-z][a-z0-9-]*$`)
	managedRule  = lazy(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)
	variableRule = lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)
	secretName   = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
	types        = []string{"postgres", "postgis", "mysql", "mariadb", "redis", "memcached", "rds-postgres", "rds-mysql", "rds-mariadb", "elasticache-redis", "elasticache-memcached"}
)

// document is a manifest that may have been edited: what the rules look at, in every notation that Convox takes.
type document struct {
	Services  map[string]edited    `yaml:"services"`
	Resources map[string]Resource  `yaml:"resources"`
	Timers    map[string]Timer     `yaml:"timers"`
	Rest      map[string]yaml.Node `yaml:",inline"`
}

type edited struct {
	Build       yaml.Node            `yaml:"build"`
	Image       string               `yaml:"image"`
	Environment []any                `yaml:"environment"`
	Health      yaml.Node            `yaml:"health"`
	Port        yaml.Node            `yaml:"port"`
	Resources   []string             `yaml:"resources"`
	Scale       yaml.Node            `yaml:"scale"`
	Deployment  *deployment          `yaml:"deployment"`
	Rest        map[string]yaml.Node `yaml:",inline"`
}

type deployment struct {
	Minimum *int `yaml:"minimum"`
	Maximum *int `yaml:"maximum"`
}

type checker struct {
	a   generate.Artifact
	out []generate.Problem
}

func (c *checker) fail(rule, at, format string, args ...any) {
	line := 0
	if i := bytes.Index(c.a.Content, []byte(at)); i >= 0 && at != "" {
		line = 1 + bytes.Count(c.a.Content[:i], []byte("\n"))
	}
	c.out = append(c.out, generate.Problem{File: c.a.Path, Line: line, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
}

func checkFile(a generate.Artifact) []generate.Problem {
	docs, refused := generate.Strict[document](a)
	if len(refused) > 0 || len(docs) != 1 {
		return refused
	}
	c := &checker{a: a}
	d := docs[0]
	if i := bytes.Index(a.Content, []byte("${")); i >= 0 {
		c.fail("interpolation", "${", "Convox puts a variable of the application in the place of ${…} everywhere in the file: write the value into the application's environment")
	}
	if len(d.Services) == 0 {
		c.fail("no-service", "services", "there is no service")
	}
	for _, name := range slices.Sorted(maps.Keys(d.Services)) {
		c.service(name, d.Services[name], d)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Resources)) {
		c.resource(name, d.Resources[name])
	}
	for _, name := range slices.Sorted(maps.Keys(d.Timers)) {
		c.timer(name, d.Timers[name], d)
	}
	return c.out
}

func (c *checker) name(what, name string) {
	if !nameRule().MatchString(name) {
		c.fail("name", name, "%s %q: lower-case letters, digits and dashes, starting with a letter", what, name)
	}
}

func (c *checker) service(name string, s edited, d document) {
	c.name("service", name)
	if s.Build.IsZero() && s.Image == "" {
		c.fail("build", name, "service %s has neither a build nor an image", name)
	}
	if s.Port.Kind == yaml.ScalarNode {
		port := 0
		_, number, _ := strings.Cut(":"+s.Port.Value, ":")
		if _, after, ok := strings.Cut(number, ":"); ok { // https:8443
			number = after
		}
		if _, err := fmt.Sscanf(number, "%d", &port); err != nil || port < 1 || port > 65535 {
			c.fail("port", "port:", "service %s: %q is not a port", name, s.Port.Value)
		}
	}
	c.health(name, s)
	c.scale(name, s.Scale)
	if m := s.Deployment; m != nil && (m.Minimum != nil && (*m.Minimum < 0 || *m.Minimum > 100) || m.Maximum != nil && (*m.Maximum < 100 || *m.Maximum > 200)) {
		c.fail("deployment", "deployment", "service %s: deployment.minimum is from 0 to 100, maximum from 100 to 200", name)
	}
	for _, e := range s.Environment {
		c.variable(name, e)
	}
	for _, r := range s.Resources {
		resource, _, _ := strings.Cut(r, ":")
		if _, ok := d.Resources[resource]; !ok {
			c.fail("resource-unknown", r, "service %s lists the resource %s, which is not declared", name, resource)
		}
	}
}

func (c *checker) health(name string, s edited) {
	where := s.Health.Value
	var h struct {
		Path     *string
		Grace    int
		Interval int
		Timeout  int
		Disable  bool
		Port     yaml.Node
	}
	switch s.Health.Kind {
	case 0:
		return
	case yaml.MappingNode:
		if err := s.Health.Decode(&h); err != nil {
			c.fail("health", "health", "service %s: %v", name, err)
			return
		}
		if h.Path == nil {
			return
		}
		where = *h.Path
	}
	if !strings.HasPrefix(where, "/") || h.Grace < 0 || h.Interval < 0 || h.Timeout < 0 {
		c.fail("health", "health", "service %s: health wants a path that starts with / and times in whole seconds", name)
	}
}

func (c *checker) scale(name string, n yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i].Value, n.Content[i+1]
		if (key == "cpu" || key == "memory") && (v.Tag != "!!int" || strings.HasPrefix(v.Value, "-")) {
			c.fail("scale", v.Value, "service %s: scale.%s is a whole number without a unit (1000 is one core; memory in MB), not %q", name, key, v.Value)
		}
	}
}

func (c *checker) variable(service string, e any) {
	text, ok := e.(string)
	name, value, given := strings.Cut(text, "=")
	if !ok || !variableRule().MatchString(name) {
		c.fail("environment", "environment", "service %s: %v is not NAME or NAME=VALUE", service, e)
		return
	}
	if given && value != "" && secretName().MatchString(name) && !isSwitch(value) {
		c.fail("secret-in-file", name, "service %s: %s holds its value in the file: leave the name alone and set it with convox env edit", service, name)
	}
}

func (c *checker) resource(name string, r Resource) {
	c.name("resource", name)
	if !slices.Contains(types, r.Type) {
		c.fail("resource-type", name, "resource %s: there is no type %q, only %s", name, r.Type, strings.Join(types, ", "))
	}
	if (strings.HasPrefix(r.Type, "rds-") || strings.HasPrefix(r.Type, "elasticache-")) && (!managedRule().MatchString(name) || len(name) > 20) {
		c.fail("managed-name", name, "resource %s: the name of a managed one has at most 20 letters and does not end with a dash", name)
	}
}

func (c *checker) timer(name string, t Timer, d document) {
	c.name("timer", name)
	if _, ok := d.Services[t.Service]; !ok {
		c.fail("timer-service", name, "timer %s starts the service %q, which there is not", name, t.Service)
	}
	if !detect.CronTime(t.Schedule) {
		c.fail("timer-schedule", name, "timer %s: %q is not five fields of cron without ?", name, t.Schedule)
	}
	if strings.TrimSpace(t.Command) == "" {
		c.fail("timer-command", name, "timer %s has no command", name)
	}
}

// isSwitch tells TOKEN_LOGIN=1 from a token.
func isSwitch(v string) bool {
	switch strings.ToLower(v) {
	case "0", "1", "yes", "no", "true", "false", "on", "off":
		return true
	}
	return false
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
