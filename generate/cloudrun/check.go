package cloudrun

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
)

// Check applies the rules of Cloud Run to each file.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir, ".yaml") {
		out = append(out, checkFile(a)...)
	}
	return out
}

// document is a resource that may have been edited: what the rules look at.
type document struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name        string               `yaml:"name"`
		Annotations map[string]yaml.Node `yaml:"annotations"`
	} `yaml:"metadata"`
	Spec struct {
		Template struct {
			Metadata struct {
				Annotations map[string]yaml.Node `yaml:"annotations"`
			} `yaml:"metadata"`
			Spec revision `yaml:"spec"`
		} `yaml:"template"`
		Traffic []Traffic `yaml:"traffic"`
	} `yaml:"spec"`
}

type revision struct {
	ContainerConcurrency int         `yaml:"containerConcurrency"`
	TimeoutSeconds       int         `yaml:"timeoutSeconds"`
	MaxRetries           int         `yaml:"maxRetries"`
	Containers           []container `yaml:"containers"`
	Volumes              []struct {
		Name string `yaml:"name"`
	} `yaml:"volumes"`
	Template *struct {
		Spec *revision `yaml:"spec"`
	} `yaml:"template"`
}

type container struct {
	Image        string                     `yaml:"image"`
	Ports        []kubernetes.ContainerPort `yaml:"ports"`
	Env          []kubernetes.EnvVar        `yaml:"env"`
	Resources    kubernetes.Resources       `yaml:"resources"`
	StartupProbe *kubernetes.Probe          `yaml:"startupProbe"`
	VolumeMounts []kubernetes.VolumeMount   `yaml:"volumeMounts"`
}

// revision is where the containers are: of a job in the template of its tasks.
func (d *document) revision() *revision {
	r := &d.Spec.Template.Spec
	if d.Kind == job && r.Template != nil && r.Template.Spec != nil {
		return r.Template.Spec
	}
	return r
}

func checkFile(a generate.Artifact) []generate.Problem {
	var d document
	if err := yaml.Unmarshal(a.Content, &d); err != nil {
		return []generate.Problem{{File: a.Path, Rule: "syntax", Message: detect.Printable(strings.Join(strings.Fields(err.Error()), " "), 300), Error: true}}
	}
	var out []generate.Problem
	for _, r := range rules {
		if message := r.broken(&d); message != "" {
			out = append(out, generate.Problem{File: a.Path, Line: lineOf(a.Content, r.key), Rule: r.id, Message: message, Error: !r.advice})
		}
	}
	return out
}

// lineOf is the first line that has a key; the first of all when it is missing.
func lineOf(content []byte, key string) int {
	for i, line := range strings.Split(string(content), "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " -"), key+":") {
			return i + 1
		}
	}
	return 1
}

type rule struct {
	id, key string
	advice  bool
	broken  func(d *document) string
}

var (
	nameRule   = lazy(`^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$`)
	secretRule = lazy(`^(projects/[^/]+/secrets/)?[A-Za-z0-9_-]{1,255}$`)
	cpuRule    = lazy(`^([1-9][0-9]*)(m?)$`)
	memoryRule = lazy(`^([1-9][0-9]*)(Mi|Gi)$`)
	secretName = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
)

// rules are what Cloud Run refuses. Sources: Cloud Run's "YAML reference", "Container runtime contract", "Quotas and limits", "Configure CPU limits",
// "Configure memory limits", "Configure container health checks".
var rules = []rule{
	{"kind", "kind", false, func(d *document) string {
		want, known := map[string]string{service: "serving.knative.dev/v1", job: "run.googleapis.com/v1", pool: "run.googleapis.com/v1"}[d.Kind]
		return when(!known || d.APIVersion != want, "a Service is of serving.knative.dev/v1, a Job and a WorkerPool of run.googleapis.com/v1")
	}},
	{"name", "name", false, func(d *document) string {
		return when(!nameRule().MatchString(d.Metadata.Name), "the name has small letters, digits and -, begins with a letter and has at most 49 characters")
	}},
	{"annotation", "annotations", false, func(d *document) string {
		for _, set := range []map[string]yaml.Node{d.Metadata.Annotations, d.Spec.Template.Metadata.Annotations} {
			for key, n := range set {
				if n.Tag != "!!str" {
					return key + ": values of annotations are strings: put it in quotes"
				}
			}
		}
		return ""
	}},
	{"scale", "autoscaling.knative.dev/maxScale", false, func(d *document) string {
		a := d.Spec.Template.Metadata.Annotations
		least, high := a["autoscaling.knative.dev/minScale"].Value, a["autoscaling.knative.dev/maxScale"].Value
		if least == "" || high == "" {
			return ""
		}
		from, err1 := strconv.Atoi(least)
		to, err2 := strconv.Atoi(high)
		return when(errors.Join(err1, err2) != nil || from < 0 || to < 1 || from > to, "minScale is from 0 to maxScale, and that at least 1")
	}},
	{"containers", "containers", false, func(d *document) string {
		return when(len(d.revision().Containers) == 0, "there is no container")
	}},
	{"image", "image", false, func(d *document) string {
		return each(d, func(c *container) string {
			return when(c.Image == "" || strings.ContainsAny(c.Image, " \t"), "a container has no image")
		})
	}},
	{"image-tag", "image", true, func(d *document) string {
		return each(d, func(c *container) string {
			return when(strings.HasSuffix(c.Image, ":latest") || !strings.Contains(path.Base(c.Image), ":"), "the image %s names no version", c.Image)
		})
	}},
	{"port", "ports", false, func(d *document) string {
		ports := 0
		for _, c := range d.revision().Containers {
			ports += len(c.Ports)
			for _, p := range c.Ports {
				if p.ContainerPort < 1 || p.ContainerPort > 65535 || !slices.Contains([]string{"", "http1", "h2c"}, p.Name) {
					return "the port is from 1 to 65535 and is called http1 or h2c"
				}
			}
		}
		return when((d.Kind == service && ports > 1) || (d.Kind != service && ports > 0), "a service has one port, a job and a worker pool none")
	}},
	{"reserved", "env", false, func(d *document) string {
		return each(d, func(c *container) string {
			for _, e := range c.Env {
				if slices.Contains(reserved, e.Name) {
					return e.Name + " is set by Cloud Run itself"
				}
			}
			return ""
		})
	}},
	{"env-twice", "env", false, func(d *document) string {
		return each(d, func(c *container) string {
			seen := map[string]bool{}
			for _, e := range c.Env {
				if seen[e.Name] || e.Name == "" || (e.Value != nil && e.ValueFrom != nil) {
					return fmt.Sprintf("%q stands there twice, or has a value and a secret", e.Name)
				}
				seen[e.Name] = true
			}
			return ""
		})
	}},
	{"secret", "secretKeyRef", false, func(d *document) string {
		return each(d, func(c *container) string {
			for _, e := range c.Env {
				if e.ValueFrom != nil && (e.ValueFrom.SecretKeyRef == nil || !secretRule().MatchString(e.ValueFrom.SecretKeyRef.Name) || e.ValueFrom.SecretKeyRef.Key == "") {
					return e.Name + ": a secret has a name of letters, digits, - and _, and its version as key"
				}
			}
			return ""
		})
	}},
	{"secret-in-file", "env", false, func(d *document) string {
		return each(d, func(c *container) string {
			for _, e := range c.Env {
				if e.Value != nil && secretName().MatchString(e.Name) && !slices.Contains([]string{"", "0", "1", "yes", "no", "true", "false", "on", "off"}, strings.ToLower(*e.Value)) {
					return e.Name + " holds its value in the file: put it into Secret Manager and name it by secretKeyRef"
				}
			}
			return ""
		})
	}},
	{"size", "resources", false, func(d *document) string {
		return each(d, func(c *container) string {
			if len(c.Resources.Limits) == 0 {
				return ""
			}
			return when(!offered(c.Resources.Limits["cpu"], c.Resources.Limits["memory"], d), "Cloud Run does not offer cpu %q with memory %q", c.Resources.Limits["cpu"], c.Resources.Limits["memory"])
		})
	}},
	{"timeout", "timeoutSeconds", false, func(d *document) string {
		most := 3600
		if d.Kind == job {
			most = 604800
		}
		return when(d.revision().TimeoutSeconds < 0 || d.revision().TimeoutSeconds > most, "timeoutSeconds is at most %d", most)
	}},
	{"concurrency", "containerConcurrency", false, func(d *document) string {
		return when(d.revision().ContainerConcurrency < 0 || d.revision().ContainerConcurrency > 1000, "containerConcurrency is at most 1000")
	}},
	{"retries", "maxRetries", false, func(d *document) string {
		return when(d.revision().MaxRetries < 0 || d.revision().MaxRetries > 10, "maxRetries is from 0 to 10")
	}},
	{"probe", "startupProbe", false, func(d *document) string {
		return each(d, func(c *container) string {
			p := c.StartupProbe
			return when(p != nil && ((p.HTTPGet == nil) == (p.TCPSocket == nil) || p.TimeoutSeconds > p.PeriodSeconds || p.PeriodSeconds*p.FailureThreshold > 240),
				"a startup probe has one of httpGet and tcpSocket, a timeout not above its period, and at most 240 seconds in all")
		})
	}},
	{"traffic", "traffic", false, func(d *document) string {
		sum := 0
		for _, t := range d.Spec.Traffic {
			sum += t.Percent
		}
		return when(len(d.Spec.Traffic) > 0 && sum != 100, "the traffic sums up to 100 percent, not %d", sum)
	}},
	{"mount", "volumeMounts", false, func(d *document) string {
		return each(d, func(c *container) string {
			for _, m := range c.VolumeMounts {
				known := false
				for _, v := range d.revision().Volumes {
					known = known || v.Name == m.Name
				}
				if !known || !strings.HasPrefix(m.MountPath, "/") {
					return "it mounts " + m.Name + ", which is not among the volumes, or at no path"
				}
			}
			return ""
		})
	}},
}

// offered reports whether Cloud Run gives a number of processors with an amount of memory.
func offered(cpu, memory string, d *document) bool {
	c, m := cpuRule().FindStringSubmatch(cpu), memoryRule().FindStringSubmatch(memory)
	if c == nil || m == nil {
		return false
	}
	share, _ := strconv.Atoi(c[1])
	amount, _ := strconv.Atoi(m[1])
	if m[2] == "Gi" {
		amount *= 1024
	}
	if c[2] == "" {
		share *= 1000
	}
	if share < 1000 { // less than one: one request at a time, little memory
		return share >= 80 && amount >= 128 && amount <= 1024 && d.revision().ContainerConcurrency == 1
	}
	n, most := Fit(share*1024/1000, amount)
	return share%1000 == 0 && n*1000 == share && most == amount
}

func each(d *document, broken func(c *container) string) string {
	for i := range d.revision().Containers {
		if message := broken(&d.revision().Containers[i]); message != "" {
			return message
		}
	}
	return ""
}

func when(broken bool, format string, args ...any) string {
	if !broken {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
