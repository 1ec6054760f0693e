package kubernetes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules to the manifests of the base.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, path.Join(Dir, "overlays"), ".yaml") {
		if _, problems := read(a); len(problems) > 0 {
			out = append(out, problems...)
		}
	}
	return append(out, Rules(generate.In(artifacts, Base, ".yaml"))...)
}

// Rules applies to manifests what an API server refuses, in a namespace that enforces the restricted profile of Pod Security, and what is known
// to go wrong later. The files are taken together: a scaler's target, a Service's port may stand in another.
func Rules(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	var all []*object
	for _, a := range artifacts {
		objects, problems := read(a)
		out = append(out, problems...)
		all = append(all, objects...)
	}
	for _, o := range all {
		if o.Kind == "Kustomization" {
			continue
		}
		for _, r := range rules {
			for _, message := range r.broken(o, all) {
				out = append(out, generate.Problem{File: o.file, Line: o.lineOf(r.key), Rule: r.id, Message: o.Kind + " " + o.Metadata.Name + ": " + message, Error: !r.advice})
			}
		}
	}
	return out
}

// object is an object that may have been edited: what the rules look at.
type object struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   Metadata   `yaml:"metadata"`
	Spec       anySpec    `yaml:"spec"`
	Data       any        `yaml:"data"`
	StringData any        `yaml:"stringData"`
	file       string     // where it stands
	node       *yaml.Node // for lines
}

// anySpec has the fields of every kind's spec that the rules look at. The kinds share names where they mean the same.
type anySpec struct {
	Replicas *int `yaml:"replicas"`
	Selector any  `yaml:"selector"`
	Template *struct {
		Metadata Metadata `yaml:"metadata"`
		Spec     pod      `yaml:"spec"`
	} `yaml:"template"`
	JobTemplate *struct {
		Spec anySpec `yaml:"spec"`
	} `yaml:"jobTemplate"`
	Schedule          string     `yaml:"schedule"`
	ConcurrencyPolicy string     `yaml:"concurrencyPolicy"`
	Ports             []anyPort  `yaml:"ports"`
	ScaleTargetRef    *TargetRef `yaml:"scaleTargetRef"`
	MinReplicas       *int       `yaml:"minReplicas"`
	MaxReplicas       *int       `yaml:"maxReplicas"`
	MinAvailable      any        `yaml:"minAvailable"`
	MaxUnavailable    any        `yaml:"maxUnavailable"`
	AccessModes       []string   `yaml:"accessModes"`
	Resources         Resources  `yaml:"resources"`
	Rules             []struct {
		Host string `yaml:"host"`
		HTTP struct {
			Paths []struct {
				Path     string `yaml:"path"`
				PathType string `yaml:"pathType"`
				Backend  struct {
					Service struct {
						Name string `yaml:"name"`
						Port struct {
							Name   string `yaml:"name"`
							Number int    `yaml:"number"`
						} `yaml:"port"`
					} `yaml:"service"`
				} `yaml:"backend"`
			} `yaml:"paths"`
		} `yaml:"http"`
	} `yaml:"rules"`
	Egress []Traffic `yaml:"egress"`
}

type anyPort struct {
	Name       string `yaml:"name"`
	Port       int    `yaml:"port"`
	TargetPort any    `yaml:"targetPort"`
}

// pod is a pod that may have been edited. Pointers tell what is left out from what is refused.
type pod struct {
	AutomountServiceAccountToken  *bool       `yaml:"automountServiceAccountToken"`
	HostNetwork                   bool        `yaml:"hostNetwork"`
	HostPID                       bool        `yaml:"hostPID"`
	RestartPolicy                 string      `yaml:"restartPolicy"`
	TerminationGracePeriodSeconds *int        `yaml:"terminationGracePeriodSeconds"`
	OS                            *PodOS      `yaml:"os"`
	SecurityContext               *security   `yaml:"securityContext"`
	InitContainers                []container `yaml:"initContainers"`
	Containers                    []container `yaml:"containers"`
	Volumes                       []volume    `yaml:"volumes"`
}

type volume struct {
	Name     string `yaml:"name"`
	HostPath any    `yaml:"hostPath"`
}

type security struct {
	RunAsNonRoot             *bool           `yaml:"runAsNonRoot"`
	RunAsUser                *int            `yaml:"runAsUser"`
	Privileged               bool            `yaml:"privileged"`
	AllowPrivilegeEscalation *bool           `yaml:"allowPrivilegeEscalation"`
	SeccompProfile           *SeccompProfile `yaml:"seccompProfile"`
	Capabilities             *struct {
		Add  []string `yaml:"add"`
		Drop []string `yaml:"drop"`
	} `yaml:"capabilities"`
}

type container struct {
	Name  string `yaml:"name"`
	Image string `yaml:"image"`
	Ports []port `yaml:"ports"`
	Env   []struct {
		Name      string `yaml:"name"`
		Value     string `yaml:"value"`
		ValueFrom any    `yaml:"valueFrom"`
	} `yaml:"env"`
	Resources       Resources     `yaml:"resources"`
	StartupProbe    *probe        `yaml:"startupProbe"`
	ReadinessProbe  *probe        `yaml:"readinessProbe"`
	LivenessProbe   *probe        `yaml:"livenessProbe"`
	SecurityContext *security     `yaml:"securityContext"`
	VolumeMounts    []VolumeMount `yaml:"volumeMounts"`
}

type port struct {
	Name          string `yaml:"name"`
	ContainerPort int    `yaml:"containerPort"`
	HostPort      int    `yaml:"hostPort"`
}

type probe struct {
	HTTPGet   *HTTPGet   `yaml:"httpGet"`
	TCPSocket *TCPSocket `yaml:"tcpSocket"`
	Exec      any        `yaml:"exec"`
	GRPC      any        `yaml:"grpc"`
}

// read decodes the documents of a file.
func read(a generate.Artifact) ([]*object, []generate.Problem) {
	d := yaml.NewDecoder(bytes.NewReader(a.Content))
	var out []*object
	for {
		var node yaml.Node
		err := d.Decode(&node)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		o := &object{file: a.Path, node: &node}
		if err == nil {
			err = node.Decode(o)
		}
		if err != nil {
			return out, []generate.Problem{{File: a.Path, Rule: "syntax", Message: detect.Printable(strings.Join(strings.Fields(err.Error()), " "), 500), Error: true}}
		}
		if o.Kind != "" {
			out = append(out, o)
		}
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
	switch {
	case o.Spec.Template != nil:
		return &o.Spec.Template.Spec
	case o.Spec.JobTemplate != nil && o.Spec.JobTemplate.Spec.Template != nil:
		return &o.Spec.JobTemplate.Spec.Template.Spec
	}
	return nil
}

// labels are those of its pods.
func (o *object) labels() map[string]string {
	switch {
	case o.Spec.Template != nil:
		return o.Spec.Template.Metadata.Labels
	case o.Spec.JobTemplate != nil && o.Spec.JobTemplate.Spec.Template != nil:
		return o.Spec.JobTemplate.Spec.Template.Metadata.Labels
	}
	return nil
}

// matching reads spec.selector in both of its forms, that of a Service and that of a Deployment.
func (o *object) matching() map[string]string {
	m, _ := o.Spec.Selector.(map[string]any)
	if inner, ok := m["matchLabels"].(map[string]any); ok {
		m = inner
	}
	out := map[string]string{}
	for k, v := range m {
		out[k] = fmt.Sprint(v)
	}
	return out
}

func selects(match, labels map[string]string) bool {
	for k, v := range match {
		if labels[k] != v {
			return false
		}
	}
	return len(match) > 0
}

// rule is what an API server refuses, or, as advice, what goes wrong later. It returns a message for each place that breaks it.
type rule struct {
	id, key string
	advice  bool
	broken  func(o *object, all []*object) []string
}

// versions are the API versions in which kinds are served today; earlier ones were removed by Kubernetes 1.16 to 1.32.
var versions = map[string]string{
	"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Job": "batch/v1", "CronJob": "batch/v1", "Service": "v1", "ServiceAccount": "v1",
	"Secret": "v1", "ConfigMap": "v1", "PersistentVolumeClaim": "v1", "Namespace": "v1", "Ingress": "networking.k8s.io/v1", "NetworkPolicy": "networking.k8s.io/v1",
	"PodDisruptionBudget": "policy/v1", "HorizontalPodAutoscaler": "autoscaling/v2",
}

var (
	labelRule  = lazy(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	serviceDNS = lazy(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)
	labelValue = lazy(`^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$`)
	portRule   = lazy(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	hostRule   = lazy(`^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	envRule    = lazy(`^[-._a-zA-Z][-._a-zA-Z0-9]*$`)
	quantity   = lazy(`^([0-9]+(?:\.[0-9]+)?)(m|Ki|Mi|Gi|Ti|k|M|G|T)?$`)
	secretName = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
)

var rules = []rule{
	{"api-version", "apiVersion", false, func(o *object, _ []*object) []string {
		want, known := versions[o.Kind]
		return when(known && o.APIVersion != want, "it is served as %s, not as %q", want, o.APIVersion)
	}},
	{"name", "name", false, func(o *object, _ []*object) []string {
		n := o.Metadata.Name
		switch {
		case o.Kind == "Service":
			return when(!serviceDNS().MatchString(n), "the name has small letters, digits and -, begins with a letter and has at most 63 characters")
		case o.Kind == "CronJob" && len(n) > 52:
			return []string{"the name of a CronJob has at most 52 characters: its Jobs add eleven"}
		}
		return when(!labelRule().MatchString(n), "the name has small letters, digits and -, at most 63")
	}},
	{"name-twice", "name", false, func(o *object, all []*object) []string {
		for _, x := range all {
			if x == o {
				return nil
			}
			if x.Kind == o.Kind && x.Metadata.Name == o.Metadata.Name && x.APIVersion == o.APIVersion {
				return []string{"it stands in " + x.file + " as well"}
			}
		}
		return nil
	}},
	{"label", "labels", false, func(o *object, _ []*object) []string {
		for _, labels := range []map[string]string{o.Metadata.Labels, o.labels()} {
			for _, v := range labels {
				if !labelValue().MatchString(v) {
					return []string{fmt.Sprintf("%q is not a label's value: at most 63 letters, digits, -, _ and .", v)}
				}
			}
		}
		return nil
	}},
	{"selector", "selector", false, func(o *object, _ []*object) []string {
		return when(o.Kind == "Deployment" && !selects(o.matching(), o.labels()), "the selector does not match the labels of the template")
	}},
	{"replicas", "replicas", true, func(o *object, all []*object) []string {
		scaled := slices.ContainsFunc(all, func(x *object) bool {
			return x.Kind == "HorizontalPodAutoscaler" && x.Spec.ScaleTargetRef != nil && x.Spec.ScaleTargetRef.Name == o.Metadata.Name
		})
		return when(o.Kind == "Deployment" && o.Spec.Replicas != nil && scaled, "every kubectl apply sets replicas back, which the HorizontalPodAutoscaler has set")
	}},
	{"scale-target", "scaleTargetRef", false, func(o *object, all []*object) []string {
		t := o.Spec.ScaleTargetRef
		return when(o.Kind == "HorizontalPodAutoscaler" && (t == nil || !exists(all, t.Kind, t.Name)), "what it scales does not exist")
	}},
	{"scale-bounds", "maxReplicas", false, func(o *object, _ []*object) []string {
		least := 1
		if o.Spec.MinReplicas != nil {
			least = *o.Spec.MinReplicas
		}
		return when(o.Kind == "HorizontalPodAutoscaler" && (o.Spec.MaxReplicas == nil || least < 1 || *o.Spec.MaxReplicas < least), "minReplicas is at least 1 and maxReplicas not below it")
	}},
	{"disruption", "spec", false, func(o *object, _ []*object) []string {
		return when(o.Kind == "PodDisruptionBudget" && (o.Spec.MinAvailable == nil) == (o.Spec.MaxUnavailable == nil), "it has one of minAvailable and maxUnavailable")
	}},
	{"schedule", "schedule", false, func(o *object, _ []*object) []string {
		if o.Kind != "CronJob" {
			return nil
		}
		s := o.Spec.Schedule
		fields := strings.Fields(s)
		macro := slices.Contains([]string{"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}, s)
		return when(!macro && (!detect.CronTime(s) || strings.Contains(fields[4], "7")), "%q is not a time: five fields, with Sunday as 0", detect.Printable(s, 80))
	}},
	{"concurrency", "concurrencyPolicy", false, func(o *object, _ []*object) []string {
		known := slices.Contains([]string{"", "Allow", "Forbid", "Replace"}, o.Spec.ConcurrencyPolicy)
		return when(o.Kind == "CronJob" && !known, "concurrencyPolicy is Allow, Forbid or Replace")
	}},
	{"service-port", "ports", false, func(o *object, _ []*object) []string {
		if o.Kind != "Service" {
			return nil
		}
		if len(o.Spec.Ports) == 0 {
			return []string{"it has no port"}
		}
		for _, p := range o.Spec.Ports {
			if p.Port < 1 || p.Port > 65535 || (len(o.Spec.Ports) > 1 && p.Name == "") {
				return []string{"a port is from 1 to 65535, and has a name when there are several"}
			}
		}
		return nil
	}},
	{"service-target", "targetPort", false, func(o *object, all []*object) []string {
		if o.Kind != "Service" || len(o.matching()) == 0 {
			return nil
		}
		for _, p := range o.Spec.Ports {
			if !served(o.matching(), p, all) {
				return []string{fmt.Sprintf("no pod that it selects has the port %v", p.TargetPort)}
			}
		}
		return nil
	}},
	{"claim", "spec", false, func(o *object, _ []*object) []string {
		if o.Kind != "PersistentVolumeClaim" {
			return nil
		}
		for _, m := range o.Spec.AccessModes {
			if !slices.Contains([]string{oneWriter, manyWriters, "ReadOnlyMany", "ReadWriteOncePod"}, m) {
				return []string{m + " is not an access mode"}
			}
		}
		_, ok := amount(o.Spec.Resources.Requests["storage"])
		return when(len(o.Spec.AccessModes) == 0 || !ok, "it wants an access mode, and an amount such as 10Gi under resources.requests.storage")
	}},
	{"path-type", "pathType", false, func(o *object, _ []*object) []string {
		for _, r := range o.Spec.Rules {
			for _, p := range r.HTTP.Paths {
				if o.Kind == "Ingress" && (!slices.Contains([]string{"Prefix", "Exact", "ImplementationSpecific"}, p.PathType) || !strings.HasPrefix(p.Path, "/")) {
					return []string{"a path begins with / and has a pathType: Prefix, Exact or ImplementationSpecific"}
				}
			}
		}
		return nil
	}},
	{"ingress-host", "host", false, func(o *object, _ []*object) []string {
		for _, r := range o.Spec.Rules {
			if o.Kind == "Ingress" && r.Host != "" && (!hostRule().MatchString(r.Host) || len(r.Host) > 253) {
				return []string{fmt.Sprintf("%q is not a host name in small letters", detect.Printable(r.Host, 80))}
			}
		}
		return nil
	}},
	{"ingress-service", "backend", false, func(o *object, all []*object) []string {
		for _, r := range o.Spec.Rules {
			for _, p := range r.HTTP.Paths {
				s := p.Backend.Service
				if o.Kind == "Ingress" && (!exists(all, "Service", s.Name) || (s.Port.Name == "") == (s.Port.Number == 0)) {
					return []string{"it sends requests to a Service that exists, and names its port by name or number"}
				}
			}
		}
		return nil
	}},
	{"cidr", "cidr", false, func(o *object, _ []*object) []string {
		for _, e := range o.Spec.Egress {
			for _, peer := range e.To {
				if peer.IPBlock != nil && !within(peer.IPBlock) {
					return []string{"an ipBlock is a network, and what it excepts lies in it: " + peer.IPBlock.CIDR}
				}
			}
		}
		return nil
	}},
	{"secret-object", "data", false, func(o *object, _ []*object) []string {
		return when(o.Kind == "Secret" && (o.Data != nil || o.StringData != nil), "a Secret's values do not belong into a file that is committed")
	}},
	{"restart-policy", "restartPolicy", false, func(o *object, _ []*object) []string {
		p := o.pod()
		switch {
		case p == nil:
		case o.Kind == "Deployment":
			return when(p.RestartPolicy != "" && p.RestartPolicy != "Always", "the pods of a Deployment are always started again")
		case o.Kind == "Job" || o.Kind == "CronJob":
			return when(p.RestartPolicy != "Never" && p.RestartPolicy != "OnFailure", "the pods of a Job say restartPolicy Never or OnFailure")
		}
		return nil
	}},
	{"containers", "containers", false, inPod(func(p *pod) []string {
		if len(p.Containers) == 0 {
			return []string{"there is no container"}
		}
		seen := map[string]bool{}
		for _, c := range slices.Concat(p.InitContainers, p.Containers) {
			if seen[c.Name] || !labelRule().MatchString(c.Name) {
				return []string{fmt.Sprintf("%q: names of containers are there once, in small letters, digits and -", c.Name)}
			}
			seen[c.Name] = true
		}
		return nil
	})},
	{"run-as-root", "securityContext", false, inPod(func(p *pod) []string {
		return when(p.SecurityContext == nil || p.SecurityContext.RunAsNonRoot == nil || !*p.SecurityContext.RunAsNonRoot ||
			(p.SecurityContext.RunAsUser != nil && *p.SecurityContext.RunAsUser == 0), "pods say runAsNonRoot, and no user 0")
	})},
	{"seccomp", "securityContext", false, inPod(func(p *pod) []string {
		s := p.SecurityContext
		return when(!p.windows() && s != nil && (s.SeccompProfile == nil || s.SeccompProfile.Type == "Unconfined"), "the seccomp profile is RuntimeDefault or Localhost")
	})},
	{"host", "hostNetwork", false, inPod(func(p *pod) []string {
		for _, v := range p.Volumes {
			if v.HostPath != nil {
				return []string{"the volume " + v.Name + " is a directory of the machine"}
			}
		}
		return when(p.HostNetwork || p.HostPID, "it shares the machine's network or processes")
	})},
	{"token", "automountServiceAccountToken", true, inPod(func(p *pod) []string {
		return when(p.AutomountServiceAccountToken == nil || *p.AutomountServiceAccountToken, "its pods hold a key to the cluster's API: automountServiceAccountToken: false")
	})},
	{"grace", "terminationGracePeriodSeconds", false, inPod(func(p *pod) []string {
		return when(p.TerminationGracePeriodSeconds != nil && *p.TerminationGracePeriodSeconds < 0, "terminationGracePeriodSeconds is not below 0")
	})},
	{"image", "image", false, inContainers(func(_ *pod, c *container) []string {
		return when(c.Image == "" || strings.ContainsAny(c.Image, " \t"), "it has no image")
	})},
	{"image-tag", "image", true, inContainers(func(_ *pod, c *container) []string {
		_, tag, tagged := strings.Cut(path.Base(c.Image), ":")
		return when(!tagged || tag == "latest", "the image %s is another one with every push: name a release", c.Image)
	})},
	{"privileges", "securityContext", false, inContainers(func(p *pod, c *container) []string {
		s := c.SecurityContext
		return when(!p.windows() && (s == nil || s.Privileged || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation), "containers say allowPrivilegeEscalation: false, and are not privileged")
	})},
	{"capabilities", "capabilities", false, inContainers(func(p *pod, c *container) []string {
		s := c.SecurityContext
		if p.windows() {
			return nil
		}
		if s == nil || s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") {
			return []string{"containers drop ALL capabilities"}
		}
		for _, a := range s.Capabilities.Add {
			if a != "NET_BIND_SERVICE" {
				return []string{"the capability " + a + " is not among those that may be added"}
			}
		}
		return nil
	})},
	{"port", "ports", false, inContainers(func(_ *pod, c *container) []string {
		for _, p := range c.Ports {
			if p.ContainerPort < 1 || p.ContainerPort > 65535 || p.HostPort != 0 {
				return []string{"a containerPort is from 1 to 65535, and takes no port of the machine"}
			}
		}
		return nil
	})},
	{"port-name", "ports", false, inContainers(func(_ *pod, c *container) []string {
		for _, p := range c.Ports {
			if p.Name != "" && (len(p.Name) > 15 || !portRule().MatchString(p.Name) || strings.Contains(p.Name, "--") || !strings.ContainsAny(p.Name, "abcdefghijklmnopqrstuvwxyz")) {
				return []string{fmt.Sprintf("%q: names of ports have at most 15 small letters, digits and -, and a letter among them", p.Name)}
			}
		}
		return nil
	})},
	{"env", "env", false, inContainers(func(_ *pod, c *container) []string {
		seen := map[string]bool{}
		for _, e := range c.Env {
			if !envRule().MatchString(e.Name) || seen[e.Name] || (e.Value != "" && e.ValueFrom != nil) {
				return []string{fmt.Sprintf("%q: variables have letters, digits, _, - and . in their names, stand there once, and have a value or valueFrom", detect.Printable(e.Name, 80))}
			}
			seen[e.Name] = true
		}
		return nil
	})},
	{"secret-in-file", "env", false, inContainers(func(_ *pod, c *container) []string {
		for _, e := range c.Env {
			if secretName().MatchString(e.Name) && e.Value != "" && !isSwitch(e.Value) {
				return []string{e.Name + " holds its value in the file: name a Secret by secretKeyRef"}
			}
		}
		return nil
	})},
	{"resources", "resources", false, inContainers(func(_ *pod, c *container) []string {
		for _, m := range []map[string]string{c.Resources.Requests, c.Resources.Limits} {
			for name, q := range m {
				if _, ok := amount(q); !ok {
					return []string{fmt.Sprintf("%s: %q is not an amount such as 250m or 512Mi", name, q)}
				}
			}
		}
		for name, q := range c.Resources.Requests {
			want, _ := amount(q)
			if limit, ok := amount(c.Resources.Limits[name]); ok && want > limit {
				return []string{fmt.Sprintf("it asks for more %s than it may use", name)}
			}
		}
		return nil
	})},
	{"probe", "readinessProbe", false, inContainers(func(_ *pod, c *container) []string {
		for _, p := range []*probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
			if p != nil && !p.sound(c) {
				return []string{"a probe has one of httpGet, tcpSocket, exec and grpc, and names a port of the container"}
			}
		}
		return nil
	})},
	{"mount", "volumeMounts", false, inContainers(func(p *pod, c *container) []string {
		seen := map[string]bool{}
		for _, m := range c.VolumeMounts {
			known := slices.ContainsFunc(p.Volumes, func(v volume) bool { return v.Name == m.Name })
			if !known || seen[m.MountPath] || m.MountPath == "" || strings.Contains(m.MountPath, ":") && !p.windows() {
				return []string{fmt.Sprintf("it mounts %s, which is not among the volumes, at %s, or there twice", m.Name, detect.Printable(m.MountPath, 80))}
			}
			seen[m.MountPath] = true
		}
		return nil
	})},
}

func (p *pod) windows() bool { return p.OS != nil && p.OS.Name == "windows" }

// sound reports whether a probe has one way to ask, and a port that there is.
func (p *probe) sound(c *container) bool {
	ways := 0
	var at any = 1
	for _, there := range []bool{p.HTTPGet != nil, p.TCPSocket != nil, p.Exec != nil, p.GRPC != nil} {
		if there {
			ways++
		}
	}
	switch {
	case p.HTTPGet != nil:
		at = p.HTTPGet.Port
	case p.TCPSocket != nil:
		at = p.TCPSocket.Port
	}
	if name, named := at.(string); named {
		return ways == 1 && slices.ContainsFunc(c.Ports, func(x port) bool { return x.Name == name })
	}
	number, ok := at.(int)
	return ways == 1 && ok && number >= 1 && number <= 65535
}

// served reports whether a pod that is selected has the port of a Service.
func served(match map[string]string, p anyPort, all []*object) bool {
	for _, o := range all {
		pod := o.pod()
		if pod == nil || !selects(match, o.labels()) {
			continue
		}
		for _, c := range pod.Containers {
			for _, have := range c.Ports {
				if p.TargetPort == have.Name || p.TargetPort == have.ContainerPort || (p.TargetPort == nil && p.Port == have.ContainerPort) {
					return true
				}
			}
		}
	}
	return false
}

func exists(all []*object, kind, name string) bool {
	return slices.ContainsFunc(all, func(x *object) bool { return x.Kind == kind && x.Metadata.Name == name })
}

func within(b *IPBlock) bool {
	network, err := netip.ParsePrefix(b.CIDR)
	if err != nil {
		return false
	}
	for _, e := range b.Except {
		inner, err := netip.ParsePrefix(e)
		if err != nil || !network.Overlaps(inner) || inner.Bits() <= network.Bits() {
			return false
		}
	}
	return true
}

// amount reads a quantity: 250m, 1.5, 512Mi.
func amount(q string) (float64, bool) {
	m := quantity().FindStringSubmatch(q)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(m[1], 64)
	units := map[string]float64{"": 1, "m": .001, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40}
	return n * units[m[2]], err == nil
}

func inPod(broken func(p *pod) []string) func(*object, []*object) []string {
	return func(o *object, _ []*object) []string {
		if p := o.pod(); p != nil {
			return broken(p)
		}
		return nil
	}
}

func inContainers(broken func(p *pod, c *container) []string) func(*object, []*object) []string {
	return inPod(func(p *pod) []string {
		var out []string
		for _, list := range [][]container{p.InitContainers, p.Containers} {
			for i := range list {
				for _, message := range broken(p, &list[i]) {
					out = append(out, "container "+list[i].Name+": "+message)
				}
			}
		}
		return out
	})
}

// isSwitch tells a variable that turns something on from one that holds a secret.
func isSwitch(v string) bool {
	return slices.Contains([]string{"0", "1", "yes", "no", "true", "false", "on", "off"}, strings.ToLower(v))
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
