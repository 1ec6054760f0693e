// Package helm makes a Helm chart: templates that are the same for every application, and values that are all of what is this one's.
package helm

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output: the chart is a directory of the application's name in it.
const Dir = "deploy/helm"

// common holds what all charts have in common.
//
//go:embed all:chart
var common embed.FS

// Target makes a chart.
type Target struct{}

// Name is "helm".
func (Target) Name() string { return "helm" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Cluster }

// Describe says what the target is for.
func (Target) Describe() string { return "Helm: a chart whose values are the application's" }

// Generate makes the chart and a README with the commands around it.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	deployed := generate.Deployables(p)
	if len(deployed) == 0 {
		return nil, nil
	}
	m := maker{kubernetes.Pods{Plan: p}, generate.Reasons{}}
	dir := path.Join(Dir, m.name())
	description, err := m.description(path.Join(dir, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	values, err := generate.YAML(path.Join(dir, "values.yaml"), m.why, m.values(deployed))
	if err != nil {
		return nil, err
	}
	out := []generate.Artifact{description, values}
	err = fs.WalkDir(common, "chart", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(common, name)
		out = append(out, generate.Artifact{Path: path.Join(dir, strings.TrimPrefix(name, "chart/")), Content: content, Origins: make([]generate.Origin, bytes.Count(content, []byte("\n")))})
		return err
	})
	return append(out, m.readme()), err
}

// maker makes the values, and says why.
type maker struct {
	kubernetes.Pods
	why generate.Reasons
}

// name is the chart's, and the one under which it is installed.
func (m maker) name() string { return kubernetes.Name(53, m.Plan.Name) }

// Description is Chart.yaml.
type Description struct {
	APIVersion  string `yaml:"apiVersion"`
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Type        string `yaml:"type"`
	Version     string `yaml:"version"`
	AppVersion  string `yaml:"appVersion"`
	KubeVersion string `yaml:"kubeVersion"`
}

func (m maker) description(name string) (generate.Artifact, error) {
	why := generate.Reasons{}
	why.Add(generate.FieldOrigin(m.Plan, "name"), "name")
	why.Add(generate.Origin{Why: "the version of the chart itself: raise it when templates or values change"}, "version")
	why.Add(generate.Origin{Why: "the oldest cluster that serves all kinds in these versions"}, "kubeVersion")
	return generate.YAML(name, why, Description{
		APIVersion: "v2", Name: m.name(), Description: "Runs " + m.Plan.Name, Type: "application", Version: "0.1.0", AppVersion: generate.Release, KubeVersion: ">=1.25.0-0",
	})
}

// Values is values.yaml. values.schema.json of the chart says the same to Helm.
type Values struct {
	Registry         string               `yaml:"registry"`
	Tag              string               `yaml:"tag"`
	Secret           string               `yaml:"secret"`
	ImagePullSecrets []map[string]string  `yaml:"imagePullSecrets"`
	ServiceAccount   ServiceAccount       `yaml:"serviceAccount"`
	NetworkPolicy    Switch               `yaml:"networkPolicy"`
	Ingress          Ingress              `yaml:"ingress"`
	Persistence      map[string]Volume    `yaml:"persistence"`
	Components       map[string]Component `yaml:"components"`
}

// ServiceAccount is the account of all pods.
type ServiceAccount struct {
	Annotations map[string]string `yaml:"annotations"`
}

// Switch turns something on.
type Switch struct {
	Enabled bool `yaml:"enabled"`
}

// Ingress is how requests come in.
type Ingress struct {
	Enabled     bool              `yaml:"enabled"`
	ClassName   string            `yaml:"className"`
	Annotations map[string]string `yaml:"annotations"`
	TLSSecret   string            `yaml:"tlsSecret"`
	Hosts       []Host            `yaml:"hosts"`
}

// Host sends the requests of a host to a component.
type Host struct {
	Host      string `yaml:"host"`
	Component string `yaml:"component"`
}

// Volume is what outlives pods.
type Volume struct {
	AccessMode   string `yaml:"accessMode"`
	Size         string `yaml:"size"`
	StorageClass string `yaml:"storageClass"`
}

// Component is what a component runs, and how.
type Component struct {
	Image                         string                        `yaml:"image"`
	Role                          string                        `yaml:"role"`
	OnDemand                      bool                          `yaml:"onDemand,omitempty"`
	Args                          []string                      `yaml:"args,omitempty"`
	Port                          int                           `yaml:"port,omitempty"`
	Env                           map[string]string             `yaml:"env,omitempty"`
	SecretEnv                     map[string]string             `yaml:"secretEnv,omitempty"`
	Resources                     kubernetes.Resources          `yaml:"resources"`
	Replicas                      int                           `yaml:"replicas,omitempty"`
	Autoscaling                   *Autoscaling                  `yaml:"autoscaling,omitempty"`
	Strategy                      *kubernetes.Strategy          `yaml:"strategy,omitempty"`
	StartupProbe                  *kubernetes.Probe             `yaml:"startupProbe,omitempty"`
	ReadinessProbe                *kubernetes.Probe             `yaml:"readinessProbe,omitempty"`
	LivenessProbe                 *kubernetes.Probe             `yaml:"livenessProbe,omitempty"`
	Lifecycle                     *kubernetes.Lifecycle         `yaml:"lifecycle,omitempty"`
	TerminationGracePeriodSeconds int                           `yaml:"terminationGracePeriodSeconds"`
	OS                            *kubernetes.PodOS             `yaml:"os,omitempty"`
	NodeSelector                  map[string]string             `yaml:"nodeSelector,omitempty"`
	PodSecurityContext            kubernetes.PodSecurityContext `yaml:"podSecurityContext"`
	SecurityContext               *kubernetes.SecurityContext   `yaml:"securityContext,omitempty"`
	Volumes                       []Mount                       `yaml:"volumes,omitempty"`
	Seed                          string                        `yaml:"seed,omitempty"`
	Release                       []string                      `yaml:"release,omitempty"`
	Schedules                     map[string]Schedule           `yaml:"schedules,omitempty"`
}

// Autoscaling bounds how many pods serve.
type Autoscaling struct {
	MinReplicas          int `yaml:"minReplicas"`
	MaxReplicas          int `yaml:"maxReplicas"`
	TargetCPUUtilization int `yaml:"targetCPUUtilization"`
}

// Mount is a directory that a component writes; Claim names a volume of persistence, absent: it lives as long as the pod.
type Mount struct {
	Name  string `yaml:"name"`
	Path  string `yaml:"path"`
	Claim string `yaml:"claim,omitempty"`
}

// Schedule is a command and when it is started.
type Schedule struct {
	Cron string   `yaml:"cron"`
	Args []string `yaml:"args"`
}

func (m maker) values(deployed []generate.Deployed) Values {
	v := Values{
		Registry: generate.PushRegistry, Tag: generate.Release, Secret: m.SecretName(), ImagePullSecrets: []map[string]string{}, ServiceAccount: ServiceAccount{map[string]string{}},
		NetworkPolicy: Switch{true}, Ingress: Ingress{Annotations: map[string]string{}, Hosts: []Host{}}, Persistence: map[string]Volume{}, Components: map[string]Component{},
	}
	m.why.Add(generate.Origin{Why: "replace it by your registry"}, "registry")
	m.why.Add(generate.Origin{Why: "the version that was pushed: helm upgrade --set tag=…"}, "tag")
	m.why.Add(generate.Origin{Why: "the Secret that holds what secretEnv names; the README says how it is made, and no value of it is here"}, "secret")
	m.why.Add(generate.Origin{Why: "nothing reaches a pod but requests to its port; turn it off where the cluster's network enforces others"}, "networkPolicy")
	for _, h := range kubernetes.Hosts(m.Plan) {
		v.Ingress.Hosts = append(v.Ingress.Hosts, Host{h.Host, h.Name})
	}
	if len(v.Ingress.Hosts) > 0 {
		v.Ingress.Enabled, v.Ingress.TLSSecret = true, kubernetes.Name(63, m.Plan.Name, "tls")
		m.why.Add(generate.Origin{Why: "replace example.com by your domain"}, "ingress", "hosts")
		m.why.Add(generate.Origin{Why: "the certificate of your domain, as a person or cert-manager puts it there; empty: the load balancer holds one"}, "ingress", "tlsSecret")
	}
	for _, x := range m.Claims() {
		spec := x.Spec()
		key := m.claim(x.Name)
		v.Persistence[key] = Volume{AccessMode: spec.AccessModes[0], Size: spec.Resources.Requests["storage"]}
		m.why.Add(m.field(x.Components[0], "writes"), "persistence", key)
		m.why.Add(generate.Origin{Why: "a start; what " + x.Dir + " holds today says more"}, "persistence", key, "size")
		m.why.Add(generate.Origin{Why: "empty: the cluster's own; volumes of several pods want a class that several machines mount"}, "persistence", key, "storageClass")
	}
	for _, d := range deployed {
		v.Components[d.Name] = m.component(d)
	}
	return v
}

// claim is the key of a volume: its name without the application's, which the release's takes the place of.
func (m maker) claim(name string) string {
	return strings.TrimPrefix(name, kubernetes.Name(63, m.Plan.Name)+"-")
}

func (m maker) field(c *plan.Component, names ...string) generate.Origin {
	for i := range names {
		names[i] = "components." + c.Name + "." + names[i]
	}
	return generate.FieldOrigin(m.Plan, names...)
}

// component makes the values of a component from the pod that it gets on Kubernetes, so that both are the same.
func (m maker) component(d generate.Deployed) Component {
	c := d.Component
	pod := m.Serving(d)
	v := Component{Image: d.Image.Name, Role: string(c.Role.V), Port: c.Port.V, TerminationGracePeriodSeconds: pod.TerminationGracePeriodSeconds}
	if generate.Finite(c) {
		var command []string
		if !d.First {
			command = c.Command()
		}
		pod = m.Running(d, c.Name, command, true)
		v.OnDemand, v.Port, v.TerminationGracePeriodSeconds = true, 0, pod.TerminationGracePeriodSeconds
	} else {
		m.scale(c, &v)
	}
	container := pod.Containers[0]
	v.Args, v.Resources = container.Args, container.Resources
	v.StartupProbe, v.ReadinessProbe, v.LivenessProbe, v.Lifecycle = container.StartupProbe, container.ReadinessProbe, container.LivenessProbe, container.Lifecycle
	v.OS, v.NodeSelector, v.PodSecurityContext, v.SecurityContext = pod.OS, pod.NodeSelector, pod.SecurityContext, container.SecurityContext
	for i, mount := range container.VolumeMounts {
		x := Mount{Name: mount.Name, Path: mount.MountPath}
		if claim := pod.Volumes[i].PersistentVolumeClaim; claim != nil {
			x.Claim = m.claim(claim.ClaimName)
		}
		v.Volumes = append(v.Volumes, x)
	}
	if len(pod.InitContainers) > 0 {
		v.Seed = pod.InitContainers[0].Command[2]
	}
	m.environment(&v, container)
	if command := c.Process("release"); command != nil {
		v.Release = m.Running(d, "release", command, false).Containers[0].Args
	}
	for _, s := range c.Schedules {
		if v.Schedules == nil {
			v.Schedules = map[string]Schedule{}
		}
		v.Schedules[s.Name] = Schedule{kubernetes.Cron(s.Cron), m.Running(d, s.Name, s.Command, true).Containers[0].Args}
	}
	if generate.Finite(c) && len(c.Schedules) > 0 {
		v.Args = nil // its schedules say what it runs
	}
	m.reasons(c, v)
	return v
}

func (m maker) scale(c *plan.Component, v *Component) {
	if kubernetes.Replicable(c) {
		v.Autoscaling = &Autoscaling{2, 6, 70}
		v.Strategy = &kubernetes.Strategy{Type: "RollingUpdate", RollingUpdate: &kubernetes.RollingUpdate{MaxSurge: 1}}
		return
	}
	v.Replicas, v.Strategy = 1, &kubernetes.Strategy{Type: "Recreate"}
}

// environment tells what is written down from what the Secret holds.
func (m maker) environment(v *Component, container kubernetes.Container) {
	for _, e := range container.Env {
		switch {
		case e.Value != nil:
			if v.Env == nil {
				v.Env = map[string]string{}
			}
			v.Env[e.Name] = *e.Value
		case e.ValueFrom != nil:
			if v.SecretEnv == nil {
				v.SecretEnv = map[string]string{}
			}
			v.SecretEnv[e.Name] = e.ValueFrom.SecretKeyRef.Key
		}
	}
}

// reasons say why for the values of a component that follow from the plan.
func (m maker) reasons(c *plan.Component, v Component) {
	add := func(o generate.Origin, place ...string) {
		m.why.Add(o, append([]string{"components", c.Name}, place...)...)
	}
	add(m.field(c, "role"), "role")
	add(m.field(c, "processes"), "args")
	add(m.field(c, "port"), "port")
	add(m.field(c, "cpu", "memory"), "resources")
	add(m.field(c, "healthPath", "port"), "startupProbe")
	add(m.field(c, "healthPath", "port"), "readinessProbe")
	add(generate.Origin{Why: "asks for no more than a connection: starting anew mends no database that a path asks for"}, "livenessProbe")
	add(generate.Origin{Why: "the cluster goes on sending requests for a moment after it has decided to stop the pod"}, "lifecycle")
	add(generate.Origin{Why: "requests and jobs under way get time to finish"}, "terminationGracePeriodSeconds")
	add(generate.Origin{Why: "the user that the image is made for; it owns what the application writes"}, "podSecurityContext")
	add(generate.Origin{Why: "nothing that an application does as a user without rights needs a capability"}, "securityContext")
	add(m.field(c, "readOnly"), "securityContext", "readOnlyRootFilesystem")
	add(m.field(c, "writes"), "volumes")
	add(generate.Origin{Why: "an empty volume gets what the image keeps in the directory, as with Docker"}, "seed")
	add(m.field(c, "processes.release"), "release")
	add(generate.Origin{Why: "one serves while the other is replaced; more come when the processor's share that each asks for is used up"}, "autoscaling")
	add(generate.Origin{Why: "nothing says when it runs: a person starts it, by kubectl create job --from"}, "onDemand")
	if v.Autoscaling == nil {
		add(generate.Origin{Why: "nothing says that two of it may work at the same time, as a scheduler must not"}, "replicas")
	}
	for name := range v.Env {
		add(m.field(c, "env."+name), "env", name)
	}
	for name := range v.SecretEnv {
		add(m.field(c, "env."+name), "secretEnv", name)
	}
	for name := range v.Schedules {
		add(m.field(c, "schedules."+name), "schedules", name)
	}
}

// readme says what to do with the chart.
func (m maker) readme() generate.Artifact {
	p, name := m.Plan, m.name()
	namespace := m.Namespace()
	g := generate.NewGuide(Dir, p.Name+" with Helm")
	g.Text("The directory `%s` is a chart. Its templates are the same for every application; all of what is this one's stands in values.yaml. The commands are run in this directory.", name)
	g.Push(p)
	g.Backings(p, generate.Kubernetes)
	kubectl := []string{"kubectl", "--namespace", namespace, "create", "secret", "generic", m.SecretName(), "--from-env-file", "secrets.env"}
	g.Step("Make the namespace.", plan.ShellWords([]string{"kubectl", "create", "namespace", namespace}))
	m.SecretStep(g, plan.ShellWords(kubectl))
	g.Step("Put your registry, your domain and the classes of ingress and storage of your cluster into a file beside the chart, `mine.yaml`, and install. The same command brings a new version; the release step runs before its pods start.",
		plan.ShellWords([]string{"helm", "upgrade", "--install", name, "./" + name, "--namespace", namespace, "--values", "mine.yaml", "--set-string", "tag=" + generate.Release}))
	for _, d := range generate.Deployables(p) {
		if generate.Finite(d.Component) && len(d.Schedules) == 0 {
			job := kubernetes.Name(52, name, d.Name)
			g.Step(d.Name+" runs when it is asked for:", plan.ShellWords([]string{"kubectl", "--namespace", namespace, "create", "job", "--from=cronjob/" + job, job + "-1"}))
		}
	}
	for _, x := range m.Claims() {
		g.Text("The volume `%s` (%s) holds %s; it stays when the release is uninstalled.", m.claim(x.Name), x.Mode, detect.Printable(x.Dir, 200))
	}
	g.Text("%s", fmt.Sprintf("`helm lint %s` and `helm template %s ./%s` show what would be made.", name, name, name))
	return g.Artifact()
}
