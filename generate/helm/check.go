package helm

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template/parse"

	"github.com/Masterminds/semver/v3"
	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules to Chart.yaml and values.yaml, and reads the templates.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir) {
		switch {
		case path.Base(a.Path) == "Chart.yaml":
			out = append(out, checkFile(a, chartRules)...)
		case path.Base(a.Path) == "values.yaml":
			out = append(out, checkFile(a, valueRules)...)
		case path.Base(path.Dir(a.Path)) == "templates":
			out = append(out, checkTemplate(a)...)
		}
	}
	return out
}

// checkTemplate reads a template as Helm's engine does, with no regard to what its functions are called.
func checkTemplate(a generate.Artifact) []generate.Problem {
	tree := parse.New(path.Base(a.Path))
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(string(a.Content), "", "", map[string]*parse.Tree{}); err != nil {
		line := 0
		if _, rest, ok := strings.Cut(err.Error(), path.Base(a.Path)+":"); ok {
			if _, err := fmt.Sscanf(rest, "%d", &line); err != nil {
				line = 0
			}
		}
		return []generate.Problem{{File: a.Path, Line: line, Rule: "template", Message: detect.Printable(err.Error(), 300), Error: true}}
	}
	return nil
}

// rule is what Helm or the cluster would refuse, or, as advice, what goes wrong later.
type rule[T any] struct {
	id, key string
	advice  bool
	broken  func(v *T) []string
}

func checkFile[T any](a generate.Artifact, rules []rule[T]) []generate.Problem {
	var v T
	var node yaml.Node
	err := yaml.Unmarshal(a.Content, &node)
	if err == nil {
		err = node.Decode(&v)
	}
	if err != nil {
		return []generate.Problem{{File: a.Path, Rule: "syntax", Message: detect.Printable(strings.Join(strings.Fields(err.Error()), " "), 300), Error: true}}
	}
	var out []generate.Problem
	for _, r := range rules {
		for _, message := range r.broken(&v) {
			out = append(out, generate.Problem{File: a.Path, Line: lineOf(&node, r.key), Rule: r.id, Message: message, Error: !r.advice})
		}
	}
	return out
}

// lineOf is the first line that has a key; the first of all when it is missing.
func lineOf(n *yaml.Node, key string) int {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && c.Value == key {
			return c.Line
		}
		if line := lineOf(c, key); line > 1 {
			return line
		}
	}
	return 1
}

var (
	chartName  = lazy(`^[a-z0-9][a-z0-9-]*$`)
	registry   = lazy(`^[a-z0-9][a-z0-9._-]*(:[0-9]+)?(/[a-z0-9._-]+)*$`)
	tag        = lazy(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	quantity   = lazy(`^([0-9]+(\.[0-9]+)?)(m|Ki|Mi|Gi|Ti|k|M|G|T)?$`)
	secretName = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
)

// chartRules are Helm's own on Chart.yaml. Source: helm.sh/docs/topics/charts, the Chart.yaml file.
var chartRules = []rule[Description]{
	{"chart-api", "apiVersion", false, func(d *Description) []string {
		return when(d.APIVersion != "v2", "Helm 3 reads charts of apiVersion v2, not %q", d.APIVersion)
	}},
	{"chart-name", "name", false, func(d *Description) []string {
		return when(!chartName().MatchString(d.Name) || len(d.Name) > 53, "%q: small letters, digits and -, at most 53, as the release is called by it", d.Name)
	}},
	{"chart-version", "version", false, func(d *Description) []string {
		_, err := semver.StrictNewVersion(d.Version)
		return when(err != nil, "%q is not a version such as 0.1.0", d.Version)
	}},
}

// valueRules are on values.yaml.
var valueRules = []rule[Values]{
	{"registry", "registry", false, func(v *Values) []string {
		return when(!registry().MatchString(v.Registry), "%q is not a registry: small letters, without https://", v.Registry)
	}},
	{"tag", "tag", false, func(v *Values) []string {
		return when(!tag().MatchString(v.Tag), "%q is not a tag", v.Tag)
	}},
	{"tag-latest", "tag", true, func(v *Values) []string {
		return when(v.Tag == "latest", "latest is another image with every push: name a release")
	}},
	{"secret-reference", "secret", false, func(v *Values) []string {
		return when(v.Secret == "" && len(components(v, func(_ string, c Component) bool { return len(c.SecretEnv) > 0 })) > 0, "secret names the Secret that secretEnv is read from")
	}},
	{"ingress-component", "hosts", false, func(v *Values) []string {
		for _, h := range v.Ingress.Hosts {
			if c, ok := v.Components[h.Component]; v.Ingress.Enabled && (!ok || c.Port == 0 || c.OnDemand) {
				return []string{fmt.Sprintf("%s is sent to %s, which serves no port", h.Host, h.Component)}
			}
		}
		return nil
	}},
	{"access-mode", "accessMode", false, func(v *Values) []string {
		for name, x := range v.Persistence {
			if !slices.Contains([]string{"ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOncePod"}, x.AccessMode) {
				return []string{fmt.Sprintf("%s: %q is not an access mode", name, x.AccessMode)}
			}
		}
		return nil
	}},
	{"volume-size", "size", false, func(v *Values) []string {
		for name, x := range v.Persistence {
			if !quantity().MatchString(x.Size) {
				return []string{fmt.Sprintf("%s: %q is not an amount such as 10Gi", name, x.Size)}
			}
		}
		return nil
	}},
	{"claim", "claim", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool {
			return slices.ContainsFunc(c.Volumes, func(m Mount) bool { return m.Claim != "" && v.Persistence[m.Claim].Size == "" })
		}, "mounts a volume that persistence does not have")
	}},
	{"image", "image", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool { return c.Image == "" }, "has no image")
	}},
	{"port", "port", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool { return c.Port < 0 || c.Port > 65535 }, "has a port that is none")
	}},
	{"autoscaling", "autoscaling", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool {
			a := c.Autoscaling
			return a != nil && (a.MinReplicas < 1 || a.MaxReplicas < a.MinReplicas || a.TargetCPUUtilization < 1)
		}, "has a minReplicas below 1, a maxReplicas below that, or no targetCPUUtilization")
	}},
	{"resources", "resources", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool {
			for _, m := range []map[string]string{c.Resources.Requests, c.Resources.Limits} {
				for _, q := range m {
					if !quantity().MatchString(q) {
						return true
					}
				}
			}
			return false
		}, "has resources that are no amounts such as 250m or 512Mi")
	}},
	{"schedule", "cron", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool {
			for _, s := range c.Schedules {
				if fields := strings.Fields(s.Cron); !detect.CronTime(s.Cron) || strings.Contains(fields[4], "7") {
					return true
				}
			}
			return false
		}, "has a schedule that is not a time: five fields, with Sunday as 0")
	}},
	{"secret-in-file", "env", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool {
			for name, value := range c.Env {
				if secretName().MatchString(name) && value != "" && !slices.Contains([]string{"0", "1", "yes", "no", "true", "false", "on", "off"}, strings.ToLower(value)) {
					return true
				}
			}
			return false
		}, "holds a secret's value under env: name it under secretEnv")
	}},
	{"set-twice", "secretEnv", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool {
			for name := range c.SecretEnv {
				if _, twice := c.Env[name]; twice {
					return true
				}
			}
			return false
		}, "sets a variable under env and under secretEnv")
	}},
	{"run-as-root", "podSecurityContext", false, func(v *Values) []string {
		return components(v, func(_ string, c Component) bool { return !c.PodSecurityContext.RunAsNonRoot }, "runs as root: podSecurityContext.runAsNonRoot")
	}},
}

// components names those of which something holds, with what it is.
func components(v *Values, broken func(name string, c Component) bool, what ...string) []string {
	var out []string
	for name, c := range v.Components {
		if broken(name, c) {
			out = append(out, name+" "+strings.Join(what, ""))
		}
	}
	slices.Sort(out)
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
