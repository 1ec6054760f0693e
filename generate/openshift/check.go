package openshift

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
)

// Check applies the rules of Kubernetes, and those that OpenShift adds.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	files := generate.In(artifacts, Dir, ".yaml")
	out := kubernetes.Rules(files)
	var all []*object
	for _, a := range files {
		all = append(all, read(a)...)
	}
	for _, o := range all {
		for _, r := range rules {
			for _, message := range r.broken(o, all) {
				out = append(out, generate.Problem{File: o.file, Line: o.lineOf(r.key), Rule: r.id, Message: o.Kind + " " + o.Metadata.Name + ": " + message, Error: true})
			}
		}
	}
	return out
}

// object is an object that may have been edited: what the rules look at.
type object struct {
	APIVersion string              `yaml:"apiVersion"`
	Kind       string              `yaml:"kind"`
	Metadata   kubernetes.Metadata `yaml:"metadata"`
	Spec       spec                `yaml:"spec"`
	file       string
	node       *yaml.Node
}

type spec struct {
	Template *struct {
		Spec pod `yaml:"spec"`
	} `yaml:"template"`
	JobTemplate *struct {
		Spec spec `yaml:"spec"`
	} `yaml:"jobTemplate"`
	To     *Reference `yaml:"to"`
	TLS    *RouteTLS  `yaml:"tls"`
	Source struct {
		Type string `yaml:"type"`
		Git  *Git   `yaml:"git"`
	} `yaml:"source"`
	Strategy struct {
		Type           string          `yaml:"type"`
		DockerStrategy *DockerStrategy `yaml:"dockerStrategy"`
	} `yaml:"strategy"`
	Output struct {
		To *Reference `yaml:"to"`
	} `yaml:"output"`
}

type pod struct {
	SecurityContext user        `yaml:"securityContext"`
	InitContainers  []container `yaml:"initContainers"`
	Containers      []container `yaml:"containers"`
}

type user struct {
	RunAsUser *int `yaml:"runAsUser"`
	FSGroup   *int `yaml:"fsGroup"`
}

type container struct {
	Name            string `yaml:"name"`
	SecurityContext user   `yaml:"securityContext"`
	Ports           []struct {
		ContainerPort int `yaml:"containerPort"`
	} `yaml:"ports"`
}

// read decodes the documents of a file; what cannot be read the rules of Kubernetes have said.
func read(a generate.Artifact) []*object {
	d := yaml.NewDecoder(bytes.NewReader(a.Content))
	var out []*object
	for {
		var node yaml.Node
		o := &object{file: a.Path, node: &node}
		err := d.Decode(&node)
		if errors.Is(err, io.EOF) || err != nil || node.Decode(o) != nil {
			return out
		}
		out = append(out, o)
	}
}

// lineOf is the first line of the object that has a key; its own first line when it is missing.
func (o *object) lineOf(key string) int {
	found := 0
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 && c.Value == key && found == 0 {
				found = c.Line
			}
			walk(c)
		}
	}
	walk(o.node)
	if found == 0 && len(o.node.Content) > 0 {
		return o.node.Content[0].Line
	}
	return found
}

// pod is what an object makes pods of; nil: it makes none.
func (o *object) pod() *pod {
	s := &o.Spec
	if s.JobTemplate != nil {
		s = &s.JobTemplate.Spec
	}
	if s.Template == nil {
		return nil
	}
	return &s.Template.Spec
}

type rule struct {
	id, key string
	broken  func(o *object, all []*object) []string
}

// rules are what OpenShift refuses beside Kubernetes, or what its restricted-v2 profile does. Sources: the OpenShift documentation, "Managing
// security context constraints", "Route configuration", "Understanding build configurations".
var rules = []rule{
	{"fixed-user", "runAsUser", func(o *object, _ []*object) []string {
		p := o.pod()
		if p == nil {
			return nil
		}
		users := []user{p.SecurityContext}
		for _, c := range slices.Concat(p.InitContainers, p.Containers) {
			users = append(users, c.SecurityContext)
		}
		return when(slices.ContainsFunc(users, func(u user) bool { return u.RunAsUser != nil || u.FSGroup != nil }), "the project's range of users is not known here: leave out runAsUser and fsGroup")
	}},
	{"low-port", "containerPort", func(o *object, _ []*object) []string {
		p := o.pod()
		if p == nil {
			return nil
		}
		for _, c := range p.Containers {
			for _, x := range c.Ports {
				if x.ContainerPort < 1024 {
					return []string{fmt.Sprintf("port %d needs rights that no pod has: listen on 1024 or above", x.ContainerPort)}
				}
			}
		}
		return nil
	}},
	{"deployment-config", "kind", func(o *object, _ []*object) []string {
		return when(o.Kind == "DeploymentConfig", "DeploymentConfigs are no longer maintained: write a Deployment")
	}},
	{"openshift-version", "apiVersion", func(o *object, _ []*object) []string {
		want, known := map[string]string{"Route": "route.openshift.io/v1", "BuildConfig": "build.openshift.io/v1", "ImageStream": "image.openshift.io/v1"}[o.Kind]
		return when(known && o.APIVersion != want, "it is served as %s, not as %q", want, o.APIVersion)
	}},
	{"route-target", "to", func(o *object, all []*object) []string {
		if o.Kind != "Route" {
			return nil
		}
		to := o.Spec.To
		there := to != nil && slices.ContainsFunc(all, func(x *object) bool { return x.Kind == "Service" && x.Metadata.Name == to.Name })
		return when(!there || to.Kind != "Service", "it goes to a Service that exists: to has kind Service and its name")
	}},
	{"route-termination", "tls", func(o *object, _ []*object) []string {
		if o.Kind != "Route" || o.Spec.TLS == nil {
			return nil
		}
		t := o.Spec.TLS
		return when(!slices.Contains([]string{"edge", "passthrough", "reencrypt"}, t.Termination) || !slices.Contains([]string{"", "None", "Allow", "Redirect"}, t.InsecureEdgeTerminationPolicy) ||
			(t.Termination == "passthrough" && t.InsecureEdgeTerminationPolicy == "Allow"), "termination is edge, passthrough or reencrypt; plain HTTP is None, Allow or Redirect, and never Allow with passthrough")
	}},
	{"build-strategy", "strategy", func(o *object, _ []*object) []string {
		s := o.Spec.Strategy
		return when(o.Kind == "BuildConfig" && (s.Type != "Docker" || s.DockerStrategy == nil), "the strategy has the type Docker and a dockerStrategy")
	}},
	{"build-source", "source", func(o *object, _ []*object) []string {
		s := o.Spec.Source
		bad := (s.Type != "Git" && s.Type != "Binary") || (s.Type == "Git" && (s.Git == nil || s.Git.URI == ""))
		return when(o.Kind == "BuildConfig" && bad, "the source is Binary, or Git with a uri")
	}},
	{"build-output", "output", func(o *object, all []*object) []string {
		if o.Kind != "BuildConfig" {
			return nil
		}
		to := o.Spec.Output.To
		return when(to == nil || to.Kind != "ImageStreamTag" || !streamOf(to.Name, all), "the output is an ImageStreamTag, NAME:TAG, of a stream that exists")
	}},
}

func streamOf(name string, all []*object) bool {
	return slices.ContainsFunc(all, func(x *object) bool {
		return x.Kind == "ImageStream" && len(name) > len(x.Metadata.Name)+1 && name[:len(x.Metadata.Name)+1] == x.Metadata.Name+":"
	})
}

func when(broken bool, format string, args ...any) []string {
	if !broken {
		return nil
	}
	return []string{fmt.Sprintf(format, args...)}
}
