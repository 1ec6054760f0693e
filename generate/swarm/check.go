package swarm

import (
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

// Check applies the rules to the stack file.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir, ".yaml", ".yml") {
		out = append(out, checkFile(a, artifacts)...)
	}
	return out
}

// document is a stack file that may have been edited: what the rules look at.
type document struct {
	Version  string             `yaml:"version"`
	Services map[string]service `yaml:"services"`
	Networks map[string]any     `yaml:"networks"`
	Volumes  map[string]any     `yaml:"volumes"`
	Secrets  map[string]source  `yaml:"secrets"`
	Configs  map[string]source  `yaml:"configs"`
	files    []string           // that stand beside it
}

type source struct {
	External any    `yaml:"external"`
	Name     string `yaml:"name"`
	File     string `yaml:"file"`
}

type service struct {
	Image       string    `yaml:"image"`
	Build       any       `yaml:"build"`
	DependsOn   any       `yaml:"depends_on"`
	Restart     any       `yaml:"restart"`
	Privileged  bool      `yaml:"privileged"`
	Environment yaml.Node `yaml:"environment"`
	Secrets     []grant   `yaml:"secrets"`
	Configs     []grant   `yaml:"configs"`
	Networks    yaml.Node `yaml:"networks"`
	Ports       []any     `yaml:"ports"`
	Volumes     []mount   `yaml:"volumes"`
	Deploy      struct {
		Mode           string  `yaml:"mode"`
		Replicas       *int    `yaml:"replicas"`
		UpdateConfig   *Update `yaml:"update_config"`
		RollbackConfig *Update `yaml:"rollback_config"`
		RestartPolicy  Restart `yaml:"restart_policy"`
		Resources      struct {
			Limits       Amounts `yaml:"limits"`
			Reservations Amounts `yaml:"reservations"`
		} `yaml:"resources"`
	} `yaml:"deploy"`
}

// grant and mount are read in both of their forms, the name alone and the mapping.
type (
	grant string
	mount Mount
)

func (g *grant) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*g = grant(n.Value)
		return nil
	}
	var long struct {
		Source string `yaml:"source"`
	}
	err := n.Decode(&long)
	*g = grant(long.Source)
	return err
}

func (m *mount) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return n.Decode((*Mount)(m))
	}
	from, to, _ := strings.Cut(n.Value, ":")
	*m = mount{Type: "volume", Source: from, Target: to}
	if strings.ContainsAny(from[:min(1, len(from))], "./~") {
		m.Type = "bind"
	}
	return nil
}

func checkFile(a generate.Artifact, all []generate.Artifact) []generate.Problem {
	var d document
	if err := yaml.Unmarshal(a.Content, &d); err != nil {
		return []generate.Problem{{File: a.Path, Rule: "syntax", Message: detect.Printable(strings.Join(strings.Fields(err.Error()), " "), 300), Error: true}}
	}
	for _, x := range all {
		d.files = append(d.files, x.Path)
	}
	var out []generate.Problem
	for _, r := range fileRules {
		for _, message := range r.broken(&d) {
			out = append(out, generate.Problem{File: a.Path, Line: lineOf(a.Content, r.key), Rule: r.id, Message: message, Error: true})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Services)) {
		s := d.Services[name]
		for _, r := range serviceRules {
			for _, message := range r.broken(&d, &s) {
				out = append(out, generate.Problem{File: a.Path, Line: lineOf(a.Content, name), Rule: r.id, Message: "service " + name + ": " + message, Error: !r.advice})
			}
		}
	}
	return out
}

// lineOf is the first line that begins with a key; 0 when it is missing.
func lineOf(content []byte, key string) int {
	for i, line := range strings.Split(string(content), "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " "), key+":") {
			return i + 1
		}
	}
	return 0
}

type fileRule struct {
	id, key string
	broken  func(d *document) []string
}

type serviceRule struct {
	id     string
	advice bool
	broken func(d *document, s *service) []string
}

var (
	objectName = lazy(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$`)
	serviceFor = lazy(`^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$`)
	memory     = lazy(`(?i)^([0-9]+)(b|k|m|g|kb|mb|gb)?$`)
	secretName = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
)

// fileRules are what docker stack deploy or the cluster refuses of the file. Sources: docs.docker.com, "Compose file version 3 reference" and
// "docker stack deploy"; the validation of SwarmKit's control API.
var fileRules = []fileRule{
	{"version", "version", func(d *document) []string {
		return when(!strings.HasPrefix(d.Version, "3"), "docker stack deploy reads files of version 3, not %q", d.Version)
	}},
	{"services", "services", func(d *document) []string {
		for name := range d.Services {
			if !serviceFor().MatchString(name) {
				return []string{fmt.Sprintf("%q: names of services have letters, digits, - and _, at most 63", detect.Printable(name, 80))}
			}
		}
		return when(len(d.Services) == 0, "there is no service")
	}},
	{"object-name", "secrets", func(d *document) []string {
		for _, set := range []map[string]source{d.Secrets, d.Configs} {
			for key, s := range set {
				name := s.Name
				if name == "" {
					name = key
				}
				if !objectName().MatchString(name) {
					return []string{fmt.Sprintf("%q: names of secrets and configs have letters, digits, -, _ and ., at most 64", detect.Printable(name, 80))}
				}
			}
		}
		return nil
	}},
	{"secret-file", "secrets", func(d *document) []string {
		for key, s := range d.Secrets {
			if s.External == nil || s.External == false {
				return []string{key + " is made from a file beside the stack: make it by docker secret create, and say external: true"}
			}
		}
		return nil
	}},
	{"config-file", "configs", func(d *document) []string {
		for key, s := range d.Configs {
			if s.File != "" && !slices.Contains(d.files, path.Join(Dir, s.File)) {
				return []string{key + ": there is no " + detect.Printable(s.File, 80)}
			}
		}
		return nil
	}},
	{"port-twice", "ports", func(d *document) []string {
		seen := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(d.Services)) {
			for _, p := range d.Services[name].Ports {
				published, _ := portOf(p)
				if other, taken := seen[published]; taken && published != "" {
					return []string{fmt.Sprintf("services %s and %s both publish port %s", other, name, published)}
				}
				seen[published] = name
			}
		}
		return nil
	}},
}

// portOf reads a port in both of its forms: what is published, and whether it is one.
func portOf(p any) (published string, ok bool) {
	switch p := p.(type) {
	case map[string]any:
		target, _ := p["target"].(int)
		out, _ := p["published"].(int)
		if out == 0 && p["published"] == nil {
			return "", target > 0 && target < 65536
		}
		return fmt.Sprint(out), target > 0 && target < 65536 && out >= 0 && out < 65536
	case string:
		from, _, both := strings.Cut(p, ":")
		if !both {
			return "", true
		}
		return from, true
	}
	return "", false
}

// serviceRules are what is refused, or silently left out, of a service.
var serviceRules = []serviceRule{
	{"image", false, func(_ *document, s *service) []string {
		return when(s.Image == "", "it has no image: docker stack deploy builds none")
	}},
	{"image-tag", true, func(_ *document, s *service) []string {
		return when(strings.HasSuffix(s.Image, ":latest") || !strings.Contains(path.Base(s.Image), ":"), "the image %s names no version", s.Image)
	}},
	{"left-out", true, func(_ *document, s *service) []string {
		return when(s.Build != nil || s.DependsOn != nil || s.Restart != nil, "build, depends_on and restart say nothing to a swarm: images are pushed, deploy.restart_policy says when tasks start again")
	}},
	{"privileged", false, func(_ *document, s *service) []string {
		return when(s.Privileged, "a swarm runs no privileged tasks")
	}},
	{"mode", false, func(_ *document, s *service) []string {
		d := s.Deploy
		known := slices.Contains([]string{"", "replicated", "global", "replicated-job", "global-job"}, d.Mode)
		return when(!known || (strings.HasPrefix(d.Mode, "global") && d.Replicas != nil) || (d.Replicas != nil && *d.Replicas < 0), "deploy.mode is replicated, global, replicated-job or global-job, and a global service has no replicas")
	}},
	{"job", false, func(_ *document, s *service) []string {
		d := s.Deploy
		return when(strings.HasSuffix(d.Mode, "-job") && (d.RestartPolicy.Condition == "any" || d.RestartPolicy.Condition == "" || d.UpdateConfig != nil), "a job ends: its restart_policy has the condition none or on-failure, and it has no update_config")
	}},
	{"restart-policy", false, func(_ *document, s *service) []string {
		return when(!slices.Contains([]string{"", "none", "on-failure", "any"}, s.Deploy.RestartPolicy.Condition), "the condition of restart_policy is none, on-failure or any")
	}},
	{"update", false, func(_ *document, s *service) []string {
		for _, u := range []*Update{s.Deploy.UpdateConfig, s.Deploy.RollbackConfig} {
			if u != nil && (!slices.Contains([]string{"", "start-first", "stop-first"}, u.Order) || !slices.Contains([]string{"", "pause", "continue", "rollback"}, u.FailureAction) || u.Parallelism < 0) {
				return []string{"the order of an update is start-first or stop-first, its failure_action pause, continue or rollback"}
			}
		}
		r := s.Deploy.RollbackConfig
		return when(r != nil && r.FailureAction == "rollback", "a rollback is not rolled back itself")
	}},
	{"resources", false, func(_ *document, s *service) []string {
		for _, a := range []Amounts{s.Deploy.Resources.Limits, s.Deploy.Resources.Reservations} {
			if m := memory().FindStringSubmatch(a.Memory); a.Memory != "" && m == nil {
				return []string{fmt.Sprintf("%q is not an amount of memory such as 512M", detect.Printable(a.Memory, 40))}
			}
		}
		return nil
	}},
	{"port", false, func(_ *document, s *service) []string {
		for _, p := range s.Ports {
			if _, ok := portOf(p); !ok {
				return []string{"a port has a target, and published from 1 to 65535"}
			}
		}
		return nil
	}},
	{"secret-missing", false, func(d *document, s *service) []string {
		for _, g := range s.Secrets {
			if _, ok := d.Secrets[string(g)]; !ok {
				return []string{"it is given the secret " + string(g) + ", which the file does not have"}
			}
		}
		for _, g := range s.Configs {
			if _, ok := d.Configs[string(g)]; !ok {
				return []string{"it is given the config " + string(g) + ", which the file does not have"}
			}
		}
		return nil
	}},
	{"network", false, func(d *document, s *service) []string {
		for _, n := range names(&s.Networks) {
			if _, ok := d.Networks[n]; !ok {
				return []string{"it is in the network " + n + ", which the file does not have"}
			}
		}
		return nil
	}},
	{"volume", false, func(d *document, s *service) []string {
		for _, v := range s.Volumes {
			if _, ok := d.Volumes[v.Source]; v.Type == "volume" && v.Source != "" && !ok {
				return []string{"it mounts the volume " + v.Source + ", which the file does not have"}
			}
		}
		return nil
	}},
	{"bind", false, func(_ *document, s *service) []string {
		for _, v := range s.Volumes {
			if v.Type == "bind" && !strings.HasPrefix(v.Source, "/") {
				return []string{"it mounts " + v.Source + ", which the other machines of the swarm do not have"}
			}
		}
		return nil
	}},
	{"secret-in-file", false, func(_ *document, s *service) []string {
		for name, value := range variables(&s.Environment) {
			inside := strings.Contains(value, "${") || strings.HasPrefix(value, "/run/secrets/") || slices.Contains([]string{"", "0", "1", "yes", "no", "true", "false", "on", "off"}, strings.ToLower(value))
			if secretName().MatchString(name) && !inside {
				return []string{name + " holds its value in the file: make it a secret"}
			}
		}
		return nil
	}},
}

// names are the keys or the items of a mapping or a sequence.
func names(n *yaml.Node) []string {
	var out []string
	for i, c := range n.Content {
		if n.Kind == yaml.SequenceNode || i%2 == 0 {
			out = append(out, c.Value)
		}
	}
	return out
}

// variables reads an environment in both of its forms.
func variables(n *yaml.Node) map[string]string {
	out := map[string]string{}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			name, value, _ := strings.Cut(c.Value, "=")
			out[name] = value
		case i%2 == 1:
			out[n.Content[i-1].Value] = c.Value
		}
	}
	return out
}

func when(broken bool, format string, args ...any) []string {
	if !broken {
		return nil
	}
	return []string{fmt.Sprintf(format, args...)}
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
