package plan

import (
	_ "embed"
	"fmt"
	"sort"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
)

//go:embed services.yaml
var servicesYAML []byte

// recipe is how a kind of service is run. services.yaml describes the fields.
type recipe struct {
	Name     string            `yaml:"name"`
	Image    string            `yaml:"image"`
	Tags     []string          `yaml:"tags"`
	Default  string            `yaml:"default"`
	Port     int               `yaml:"port"`
	User     string            `yaml:"user"`
	Database string            `yaml:"database"`
	Secret   string            `yaml:"secret"`
	Scheme   string            `yaml:"scheme"`
	URL      string            `yaml:"url"`
	Settings map[string]string `yaml:"settings"`
	Command  []string          `yaml:"command"`
	Health   []string          `yaml:"health"`
	Data     string            `yaml:"data"`
	External string            `yaml:"external"`
	Embedded bool              `yaml:"embedded"`
}

// catalogue reads the embedded recipes once.
var catalogue = sync.OnceValue(func() map[string]recipe {
	var all map[string]recipe
	if err := yaml.Unmarshal(servicesYAML, &all); err != nil {
		panic("services.yaml: " + err.Error()) // the file is part of the program and read by its tests
	}
	return all
})

// Kinds returns the kinds of service that can be started, sorted.
func Kinds() []string {
	var kinds []string
	for k, r := range catalogue() {
		if r.Image != "" {
			kinds = append(kinds, k)
		}
	}
	sort.Strings(kinds)
	return kinds
}

// image chooses the tag of a recipe for a version that the repository states, or the default.
func (r recipe) image(version string, s detect.Service) detect.Value[string] {
	if version == "" {
		return detect.Guess(r.Image+":"+r.Default, "the repository does not say which version; "+r.Default+" is a maintained one")
	}
	tag := closest(r.Tags, version)
	v := detect.Is(r.Image+":"+tag, s.Evidence...)
	if !sameVersion(tag, version) {
		v = detect.Infer(r.Image+":"+tag, fmt.Sprintf("version %s is stated; %s is the closest image", version, tag), s.Evidence...)
	}
	return v
}

// closest is the smallest tag that is not older than version, else the newest. Tags are in ascending order.
func closest(tags []string, version string) string {
	for _, t := range tags {
		if compareTo(t, version) >= 0 {
			return t
		}
	}
	return tags[len(tags)-1]
}

// sameVersion reports whether version lies within tag: "12.3" within "12".
func sameVersion(tag, version string) bool { return compareTo(tag, version) == 0 }

// compareTo compares a tag with a version as far as the tag is precise: "12" equals "12.3".
func compareTo(tag, version string) int {
	t, v := numbers(tag), numbers(version)
	for i, n := range t {
		m := 0
		if i < len(v) {
			m = v[i]
		} else if i > 0 {
			return 0 // "3" lies within "3.7": no older one is wanted
		}
		if n != m {
			if n < m {
				return -1
			}
			return 1
		}
	}
	return 0
}

// numbers are the leading numeric parts of a version: "10.4.2-alpine" is 10, 4, 2.
func numbers(version string) []int {
	var out []int
	for _, part := range strings.Split(version, ".") {
		n, digits := 0, 0
		for digits < len(part) && digits < 9 && part[digits] >= '0' && part[digits] <= '9' {
			n = n*10 + int(part[digits]-'0')
			digits++
		}
		if digits == 0 {
			break
		}
		out = append(out, n)
		if digits < len(part) {
			break
		}
	}
	return out
}

// wired is a service with what fills its templates.
type wired struct {
	recipe
	host     string
	database string
}

func (w wired) fill(template, scheme string) string {
	password := ""
	if w.Secret != "" {
		password = "${" + w.Secret + "}"
	}
	return strings.NewReplacer(
		"{scheme}", scheme, "{user}", w.User, "{password}", password,
		"{host}", w.host, "{port}", fmt.Sprint(w.Port), "{database}", w.database,
	).Replace(template)
}

// dotnetAddresses are addresses as clients of .NET write them, by the scheme that asks for them.
var dotnetAddresses = map[string]string{
	"ado:npgsql": "Host={host};Port={port};Database={database};Username={user};Password={password}",
	"ado:mysql":  "Server={host};Port={port};Database={database};User ID={user};Password={password}",
	"host:port":  "{host}:{port}",
}

// role is the value of a variable that plays a role for a component, and
// whether it holds a secret.
func (w wired) role(role, scheme string) (value string, secret bool) {
	switch baseRole(role) {
	case "url":
		template := w.URL
		if scheme == "" {
			scheme = w.Scheme
		}
		scheme, query, _ := strings.Cut(scheme, "?") // what the client must be told in the address: "postgres?sslmode=disable"
		if query != "" {
			template += "?" + query
		}
		if scheme == "go-mysql" {
			// Go's MySQL driver reads an address of its own.
			template = "{user}:{password}@tcp({host}:{port})/{database}?parseTime=true"
		}
		if own := dotnetAddresses[scheme]; own != "" {
			template = own
		}
		if strings.HasPrefix(scheme, "jdbc:") {
			// JDBC takes user and password beside the URL, and the scheme names the driver that the component loads.
			template = "{scheme}://{host}:{port}/{database}"
		}
		value = w.fill(template, scheme)
	case "host":
		value = w.host
	case "port":
		value = fmt.Sprint(w.Port)
	case "name":
		value = w.database
	case "user":
		value = w.User
	case "password":
		value = w.fill("{password}", "")
	}
	return value, strings.Contains(value, "${")
}

// baseRole is a role without its number: several variables may play one, as "url", "url.2", "url.3".
func baseRole(role string) string {
	base, _, _ := strings.Cut(role, ".")
	return base
}
