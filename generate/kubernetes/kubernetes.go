// Package kubernetes makes manifests for Kubernetes: a base with the application's objects, and Kustomize overlays for
// the clusters of GKE, AKS, EKS and Rancher.
package kubernetes

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/kubernetes"

// Base is the directory of what all clusters have in common.
const Base = Dir + "/base"

// Target makes manifests.
type Target struct{}

// Name is "kubernetes".
func (Target) Name() string { return "kubernetes" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Cluster }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Kubernetes: manifests, with Kustomize overlays for GKE, AKS, EKS and Rancher"
}

// Generate makes the base, the overlays and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	deployed := generate.Deployables(p)
	if len(deployed) == 0 {
		return nil, nil
	}
	b := base{Pods: Pods{Plan: p}}
	if err := b.namespace(); err != nil {
		return nil, err
	}
	if err := b.shared(); err != nil {
		return nil, err
	}
	for _, d := range deployed {
		if err := b.component(d); err != nil {
			return nil, fmt.Errorf("component %s: %w", d.Name, err)
		}
	}
	if err := b.ingress(); err != nil {
		return nil, err
	}
	if err := b.kustomization(); err != nil {
		return nil, err
	}
	overlays, err := b.overlays()
	if err != nil {
		return nil, err
	}
	return append(append(b.files, overlays...), b.readme()), nil
}

// base is the base in the making.
type base struct {
	Pods
	files []generate.Artifact
}

// Document is an object with the reasons of its places.
type Document struct {
	Object Object
	Why    generate.Reasons
}

// add writes objects as one file of the base.
func (b *base) add(name string, documents ...Document) error {
	file, err := File(path.Join(Base, name), documents...)
	if err != nil {
		return err
	}
	b.files = append(b.files, file)
	return nil
}

// File writes objects as one file, with the reason of each line.
func File(name string, documents ...Document) (generate.Artifact, error) {
	why := generate.Reasons{}
	var objects []any
	for i, d := range documents {
		objects = append(objects, d.Object)
		for place, o := range d.Why {
			if len(documents) > 1 {
				place = strings.TrimSuffix(fmt.Sprint(i)+"\x00"+place, "\x00")
			}
			why[place] = o
		}
	}
	return generate.YAML(name, why, objects...)
}

// Namespace is the namespace of a plan's objects.
func (b Pods) Namespace() string { return Name(63, b.Plan.Name) }

func (b *base) namespace() error {
	why := generate.Reasons{}
	why.Add(generate.FieldOrigin(b.Plan, "name"), "metadata", "name")
	why.Add(generate.Origin{Why: "the cluster refuses every pod that asks for more rights than an application needs"}, "metadata", "labels", podSecurity)
	labels := b.LabelsOf(b.Plan.Name, Shared)
	labels[podSecurity] = "restricted"
	return b.add("namespace.yaml", Document{Object{APIVersion: "v1", Kind: "Namespace", Metadata: Metadata{Name: b.Namespace(), Labels: labels}}, why})
}

const podSecurity = "pod-security.kubernetes.io/enforce"

// shared are the objects that belong to no single component: the account, the volumes, who may talk to whom.
func (b *base) shared() error {
	return b.add("shared.yaml", b.SharedObjects()...)
}

// SharedObjects are the objects that belong to no single component: the account, the volumes, who may talk to whom.
func (b Pods) SharedObjects() []Document {
	no := false
	account := generate.Reasons{}
	account.Add(generate.Origin{Why: "the application asks nothing of the cluster, so its pods hold no key to it"}, "automountServiceAccountToken")
	documents := []Document{{Object{APIVersion: "v1", Kind: "ServiceAccount", Metadata: Metadata{Name: b.ServiceAccount(), Labels: b.LabelsOf(b.Plan.Name, Shared)}, AutomountServiceAccountToken: &no}, account}}
	policy := generate.Reasons{}
	policy.Add(generate.Origin{Why: "nothing reaches a pod but what a policy of its component lets in"}, "spec", "policyTypes")
	policy.Add(generate.Origin{Why: "pods reach everything but the address at which clouds hand out the machine's own credentials"}, "spec", "egress")
	documents = append(documents, Document{Object{
		APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Metadata: Metadata{Name: Name(63, b.Plan.Name), Labels: b.LabelsOf(b.Plan.Name, Shared)},
		Spec: PolicySpec{
			PodSelector: Selector{map[string]string{LabelPartOf: Name(63, b.Plan.Name)}}, PolicyTypes: []string{"Ingress", "Egress"},
			Egress: []Traffic{{To: []Peer{
				{NamespaceSelector: &Selector{}},
				{IPBlock: &IPBlock{CIDR: "0.0.0.0/0", Except: []string{"169.254.169.254/32"}}},
				{IPBlock: &IPBlock{CIDR: "::/0", Except: []string{"fd00:ec2::254/128"}}},
			}}},
		},
	}, policy})
	for _, x := range b.Claims() {
		why := generate.Reasons{}
		why.Add(b.field(x.Components[0], "writes"), "metadata", "name")
		why.Add(generate.Origin{Why: "pods on several machines mount it"}, "spec", "accessModes")
		if x.Mode == oneWriter {
			why.Add(generate.Origin{Why: "one pod at a time mounts it"}, "spec", "accessModes")
		}
		why.Add(generate.Origin{Why: "a start; what " + x.Dir + " holds today says more"}, "spec", "resources")
		documents = append(documents, Document{Object{
			APIVersion: "v1", Kind: "PersistentVolumeClaim", Metadata: Metadata{Name: x.Name, Labels: b.LabelsOf(x.Components[0].Name, Shared)}, Spec: x.Spec(),
		}, why})
	}
	return documents
}

// field is the reason that a component's field gives.
func (b Pods) field(c *plan.Component, names ...string) generate.Origin {
	for i := range names {
		names[i] = "components." + c.Name + "." + names[i]
	}
	return generate.FieldOrigin(b.Plan, names...)
}

// component writes what a component is, and its release step.
func (b *base) component(d generate.Deployed) error {
	if documents := b.Objects(d); len(documents) > 0 {
		if err := b.add(d.Name+".yaml", documents...); err != nil {
			return err
		}
	}
	if command := d.Process("release"); command != nil {
		return b.add(d.Name+"-release.yaml", b.Release(d, command))
	}
	return nil
}

// Objects are what a component is, beside its release step: a Deployment and what stands around it, or what starts it when it is asked for, and
// the CronJobs of its schedules.
func (b Pods) Objects(d generate.Deployed) []Document {
	if generate.Finite(d.Component) {
		return append(b.onDemand(d), b.scheduled(d)...)
	}
	return append(b.service(d), b.scheduled(d)...)
}

// service are the objects of a component that goes on until it is stopped: a Deployment and what stands around it.
func (b Pods) service(d generate.Deployed) []Document {
	c := d.Component
	name := Name(63, b.Plan.Name, c.Name)
	labels, match := b.Labels(c), b.Match(c)
	spec := DeploymentSpec{RevisionHistoryLimit: 5, Selector: Selector{match}, Template: PodTemplate{Metadata{Labels: labels}, b.Serving(d)}}
	why := b.podReasons(c, spec.Template.Spec, "spec", "template", "spec")
	one := 1
	switch {
	case Replicable(c):
		spec.Strategy = Strategy{"RollingUpdate", &RollingUpdate{1, 0}}
		why.Add(generate.Origin{Why: "an old pod goes when a new one can take its requests"}, "spec", "strategy")
	default:
		spec.Replicas, spec.Strategy = &one, Strategy{Type: "Recreate"}
		why.Add(generate.Origin{Why: "nothing says that two of it may work at the same time, as a scheduler must not"}, "spec", "replicas")
		why.Add(generate.Origin{Why: "the old pod ends before the new one starts: there are never two"}, "spec", "strategy")
	}
	out := []Document{{Object{APIVersion: "apps/v1", Kind: "Deployment", Metadata: Metadata{Name: name, Labels: labels}, Spec: spec}, why}}
	if generate.Serves(c) {
		out = append(out, b.exposed(c, name)...)
	}
	if Replicable(c) {
		out = append(out, b.replicated(c, name)...)
	}
	return out
}

// exposed are the Service of a component and the policy that lets its requests in.
func (b Pods) exposed(c *plan.Component, name string) []Document {
	service, policy := generate.Reasons{}, generate.Reasons{}
	service.Add(b.field(c, "port"), "spec", "ports")
	policy.Add(b.field(c, "port"), "spec", "ingress")
	return []Document{
		{Object{APIVersion: "v1", Kind: "Service", Metadata: Metadata{Name: name, Labels: b.Labels(c)}, Spec: ServiceSpec{Selector: b.Match(c), Ports: []ServicePort{{portName, 80, portName, "TCP"}}}}, service},
		{Object{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Metadata: Metadata{Name: name, Labels: b.Labels(c)}, Spec: PolicySpec{
			PodSelector: Selector{b.Match(c)}, PolicyTypes: []string{"Ingress"}, Ingress: []Traffic{{Ports: []TrafficPort{{"TCP", c.Port.V}}}},
		}}, policy},
	}
}

// replicated are the objects of a component of which several pods serve.
func (b Pods) replicated(c *plan.Component, name string) []Document {
	scale, budget := generate.Reasons{}, generate.Reasons{}
	scale.Add(generate.Origin{Why: "one serves while the other is replaced"}, "spec", "minReplicas")
	scale.Add(generate.Origin{Why: "of the processor's share that each asks for"}, "spec", "metrics")
	budget.Add(generate.Origin{Why: "when machines are emptied one pod at a time goes"}, "spec", "maxUnavailable")
	return []Document{
		{Object{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler", Metadata: Metadata{Name: name, Labels: b.Labels(c)}, Spec: AutoscalerSpec{
			ScaleTargetRef: TargetRef{"apps/v1", "Deployment", name}, MinReplicas: 2, MaxReplicas: 6,
			Metrics: []Metric{{"Resource", ResourceMetric{"cpu", MetricTarget{"Utilization", 70}}}},
		}}, scale},
		{Object{APIVersion: "policy/v1", Kind: "PodDisruptionBudget", Metadata: Metadata{Name: name, Labels: b.Labels(c)}, Spec: DisruptionSpec{1, Selector{b.Match(c)}}}, budget},
	}
}

// Release is the Job that prepares a new version: migrations, before its pods start.
func (b Pods) Release(d generate.Deployed, command []string) Document {
	name := Name(63, b.Plan.Name, d.Name, "release")
	labels := b.LabelsOf(d.Name+"-release", ReleaseStep)
	spec := JobSpec{TTLSecondsAfterFinished: 86400, Template: PodTemplate{Metadata{Labels: labels}, b.Running(d, "release", command, true)}}
	why := b.podReasons(d.Component, spec.Template.Spec, "spec", "template", "spec")
	why.Add(b.field(d.Component, "processes.release"), "spec", "template", "spec", "containers", "0", "args")
	why.Add(generate.Origin{Why: "what failed half-way is looked at before it is repeated"}, "spec", "backoffLimit")
	return Document{Object{APIVersion: "batch/v1", Kind: "Job", Metadata: Metadata{Name: name, Labels: labels}, Spec: spec}, why}
}

// onDemand is what starts a component that ends by itself: a CronJob that waits until somebody starts a Job of it. Where the component has
// schedules they start it.
func (b Pods) onDemand(d generate.Deployed) []Document {
	if len(d.Schedules) > 0 {
		return nil
	}
	var command []string
	if !d.First {
		command = d.Command()
	}
	doc := b.cron(d, Name(52, b.Plan.Name, d.Name), d.Name, "0 0 1 1 *", command)
	spec := doc.Object.Spec.(CronJobSpec)
	spec.Suspend = true
	doc.Object.Spec = spec
	doc.Why.Add(generate.Origin{Why: "nothing says when it runs: a person starts it, by kubectl create job --from"}, "spec", "suspend")
	doc.Why.Add(generate.Origin{Why: "not looked at while it is suspended"}, "spec", "schedule")
	return []Document{doc}
}

// scheduled are the CronJobs of a component's schedules.
func (b Pods) scheduled(d generate.Deployed) []Document {
	var out []Document
	for _, s := range d.Schedules {
		doc := b.cron(d, Name(52, b.Plan.Name, d.Name, s.Name), s.Name, Cron(s.Cron), s.Command)
		o := b.field(d.Component, "schedules."+s.Name)
		doc.Why.Add(o, "spec", "schedule")
		doc.Why.Add(o, append(jobPod(), "containers", "0", "args")...)
		out = append(out, doc)
	}
	return out
}

func jobPod() []string { return []string{"spec", "jobTemplate", "spec", "template", "spec"} }

// cron is a CronJob.
func (b Pods) cron(d generate.Deployed, name, short, schedule string, command []string) Document {
	labels := b.Labels(d.Component)
	labels[LabelName] = Name(63, d.Name, short)
	if short == d.Name {
		labels[LabelName] = Name(63, d.Name)
	}
	job := JobSpec{TTLSecondsAfterFinished: 86400, Template: PodTemplate{Metadata{Labels: labels}, b.Running(d, short, command, true)}}
	why := b.podReasons(d.Component, job.Template.Spec, jobPod()...)
	why.Add(generate.Origin{Why: "a run that takes longer than the time between two is not overtaken by the next"}, "spec", "concurrencyPolicy")
	why.Add(generate.Origin{Why: "what failed half-way is looked at before it is repeated"}, "spec", "jobTemplate", "spec", "backoffLimit")
	return Document{Object{APIVersion: "batch/v1", Kind: "CronJob", Metadata: Metadata{Name: name, Labels: labels}, Spec: CronJobSpec{
		Schedule: schedule, ConcurrencyPolicy: "Forbid", StartingDeadlineSeconds: 300, SuccessfulJobsHistoryLimit: 3, FailedJobsHistoryLimit: 3,
		JobTemplate: JobTemplate{Spec: job},
	}}, why}
}

// podReasons says why for the places of a pod that follow from the plan.
func (b Pods) podReasons(c *plan.Component, pod PodSpec, at ...string) generate.Reasons {
	r := generate.Reasons{}
	add := func(o generate.Origin, place ...string) { r.Add(o, append(slices.Clone(at), place...)...) }
	in := func(place ...string) []string { return append([]string{"containers", "0"}, place...) }
	add(generate.Origin{Why: "the variables that a cluster makes of the names of Services would stand beside the application's own"}, "enableServiceLinks")
	add(generate.Origin{Why: "the user that the image is made for; it owns what the application writes"}, "securityContext")
	add(generate.Origin{Why: "requests and jobs under way get time to finish"}, "terminationGracePeriodSeconds")
	add(generate.Origin{Why: "an empty volume gets what the image keeps in the directory, as with Docker"}, "initContainers")
	add(b.field(c, "writes"), "volumes")
	add(b.field(c, "platform"), "nodeSelector")
	if b.Image == nil {
		add(generate.Origin{Why: "the image of " + c.Image + "; replace " + generate.PushRegistry + " by your registry and " + generate.Release + " by the tag that was pushed, or set both by an overlay"}, in("image")...)
	}
	if b.ArbitraryUser {
		add(generate.Origin{Why: "any user that the cluster chooses: the image's folders belong to group 0, which all of them have"}, "securityContext")
	}
	add(b.field(c, "cpu", "memory"), in("resources")...)
	add(b.field(c, "port"), in("ports")...)
	add(b.field(c, "processes"), in("args")...)
	probe := b.field(c, "healthPath", "port")
	if !AsksPath(c) {
		probe = generate.Origin{Fields: probe.Fields, Evidence: probe.Evidence, Why: "nothing says for certain which path answers, so a connection is enough"}
	}
	add(probe, in("startupProbe")...)
	add(probe, in("readinessProbe")...)
	add(generate.Origin{Why: "asks for no more than a connection: starting anew mends no database that a path asks for"}, in("livenessProbe")...)
	add(generate.Origin{Why: "the cluster goes on sending requests for a moment after it has decided to stop the pod"}, in("lifecycle")...)
	add(generate.Origin{Why: "nothing that an application does as a user without rights needs a capability"}, in("securityContext")...)
	add(b.field(c, "readOnly"), in("securityContext", "readOnlyRootFilesystem")...)
	add(b.field(c, "writes"), in("volumeMounts")...)
	for i, e := range pod.Containers[0].Env {
		add(b.field(c, "env."+e.Name), in("env", fmt.Sprint(i))...)
	}
	return r
}

// Hosts are the names under which components are reached, by component: the first is the site itself.
func Hosts(p *plan.Plan) []Host {
	var out []Host
	for _, d := range generate.Deployables(p) {
		if !generate.Serves(d.Component) || generate.Finite(d.Component) || d.Role.V == detect.Worker {
			continue
		}
		host := Name(63, p.Name) + ".example.com"
		if len(out) > 0 {
			host = Name(63, d.Name) + "." + host
		}
		out = append(out, Host{d.Component, host})
	}
	return out
}

// Host is the name under which a component is reached.
type Host struct {
	*plan.Component
	Host string
}

func (b *base) ingress() error {
	hosts := Hosts(b.Plan)
	if len(hosts) == 0 {
		return nil
	}
	name := Name(63, b.Plan.Name)
	spec := IngressSpec{TLS: []IngressTLS{{SecretName: Name(63, b.Plan.Name, "tls")}}}
	why := generate.Reasons{}
	for i, h := range hosts {
		spec.TLS[0].Hosts = append(spec.TLS[0].Hosts, h.Host)
		spec.Rules = append(spec.Rules, IngressRule{h.Host, IngressHTTP{[]IngressPath{{"/", "Prefix", IngressBackend{IngressService{Name(63, b.Plan.Name, h.Name), ServiceName{portName}}}}}}})
		why.Add(generate.Origin{Why: "replace example.com by your domain"}, "spec", "rules", fmt.Sprint(i), "host")
	}
	why.Add(generate.Origin{Why: "the certificate of your domain, as a person or cert-manager puts it there"}, "spec", "tls")
	return b.add("ingress.yaml", Document{Object{APIVersion: "networking.k8s.io/v1", Kind: "Ingress", Metadata: Metadata{Name: name, Labels: b.LabelsOf(b.Plan.Name, "ingress")}, Spec: spec}, why})
}

// Kustomization is a kustomization.yaml.
type Kustomization struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Namespace  string   `yaml:"namespace,omitempty"`
	Resources  []string `yaml:"resources"`
	Images     []Image  `yaml:"images,omitempty"`
	Patches    []Patch  `yaml:"patches,omitempty"`
}

// Image replaces the name and the tag of an image.
type Image struct {
	Name    string `yaml:"name"`
	NewName string `yaml:"newName,omitempty"`
	NewTag  string `yaml:"newTag"`
}

// Patch changes the objects that it names by a strategic merge.
type Patch struct {
	Target PatchTarget `yaml:"target"`
	Patch  string      `yaml:"patch"`
}

// PatchTarget names the objects of a patch.
type PatchTarget struct {
	Kind string `yaml:"kind"`
	Name string `yaml:"name,omitempty"`
}

func (b *base) kustomization() error {
	k := Kustomization{APIVersion: "kustomize.config.k8s.io/v1beta1", Kind: "Kustomization", Namespace: b.Namespace()}
	for _, f := range b.files {
		k.Resources = append(k.Resources, path.Base(f.Path))
	}
	why := generate.Reasons{}
	why.Add(generate.FieldOrigin(b.Plan, "name"), "namespace")
	file, err := generate.YAML(path.Join(Base, "kustomization.yaml"), why, k)
	b.files = append([]generate.Artifact{file}, b.files...)
	return err
}
