// Package cloudrun makes the services, worker pools and jobs of Google Cloud Run.
package cloudrun

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/cloudrun"

// What only the reader knows, as well-formed values.
const (
	project  = "your-project"
	region   = "us-central1"
	registry = "us-central1-docker.pkg.dev/your-project/your-repository"
)

// reserved are the variables that Cloud Run sets by itself and refuses from others. Source: "Container runtime contract".
var reserved = []string{"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION", "CLOUD_RUN_JOB", "CLOUD_RUN_EXECUTION", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_ATTEMPT", "CLOUD_RUN_TASK_COUNT"}

// Target makes services, worker pools and jobs.
type Target struct{}

// Name is "cloudrun".
func (Target) Name() string { return "cloudrun" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Containers }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Google Cloud Run: services, worker pools for what serves no port, jobs"
}

// Generate makes a file for each component, its release step and its schedules, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	m := maker{p: p}
	for _, d := range generate.Deployables(p) {
		if d.Platform.V == "windows" {
			return nil, &generate.UnsupportedError{Message: "Cloud Run runs containers of Linux alone, and " + d.Name + " is one of Windows: leave the target out, or choose kubernetes or fargate"}
		}
		if err := m.component(d); err != nil {
			return nil, fmt.Errorf("component %s: %w", d.Name, err)
		}
	}
	if len(m.files) == 0 {
		return nil, nil
	}
	return append(m.files, m.readme()), nil
}

// Resource is a service, a worker pool or a job.
type Resource struct {
	APIVersion string              `yaml:"apiVersion"`
	Kind       string              `yaml:"kind"`
	Metadata   kubernetes.Metadata `yaml:"metadata"`
	Spec       Spec                `yaml:"spec"`
}

// Spec is the spec of a resource.
type Spec struct {
	Template Template  `yaml:"template"`
	Traffic  []Traffic `yaml:"traffic,omitempty"`
}

// Template is what revisions, or the executions of a job, are made of.
type Template struct {
	Metadata *kubernetes.Metadata `yaml:"metadata,omitempty"`
	Spec     Revision             `yaml:"spec"`
}

// Revision is the spec of a revision; of a job's execution only TaskCount and Template.
type Revision struct {
	TaskCount            int         `yaml:"taskCount,omitempty"`
	Template             *Task       `yaml:"template,omitempty"`
	ServiceAccountName   string      `yaml:"serviceAccountName,omitempty"`
	ContainerConcurrency int         `yaml:"containerConcurrency,omitempty"`
	TimeoutSeconds       int         `yaml:"timeoutSeconds,omitempty"`
	Containers           []Container `yaml:"containers,omitempty"`
	Volumes              []Volume    `yaml:"volumes,omitempty"`
}

// Task is one run of a job.
type Task struct {
	Spec TaskSpec `yaml:"spec"`
}

// TaskSpec is the spec of a task.
type TaskSpec struct {
	ServiceAccountName string      `yaml:"serviceAccountName"`
	MaxRetries         int         `yaml:"maxRetries"`
	TimeoutSeconds     int         `yaml:"timeoutSeconds"`
	Containers         []Container `yaml:"containers"`
	Volumes            []Volume    `yaml:"volumes,omitempty"`
}

// Container is the container of a resource.
type Container struct {
	Image        string                     `yaml:"image"`
	Args         []string                   `yaml:"args,omitempty"`
	Ports        []kubernetes.ContainerPort `yaml:"ports,omitempty"`
	Env          []kubernetes.EnvVar        `yaml:"env,omitempty"`
	Resources    kubernetes.Resources       `yaml:"resources"`
	StartupProbe *kubernetes.Probe          `yaml:"startupProbe,omitempty"`
	VolumeMounts []kubernetes.VolumeMount   `yaml:"volumeMounts,omitempty"`
}

// Volume is a bucket that is mounted as a directory.
type Volume struct {
	Name string `yaml:"name"`
	CSI  CSI    `yaml:"csi"`
}

// CSI names the driver of a volume and what it mounts.
type CSI struct {
	Driver           string            `yaml:"driver"`
	ReadOnly         bool              `yaml:"readOnly"`
	VolumeAttributes map[string]string `yaml:"volumeAttributes"`
}

// Traffic says which revision serves.
type Traffic struct {
	LatestRevision bool `yaml:"latestRevision"`
	Percent        int  `yaml:"percent"`
}

// maker makes the files.
type maker struct {
	p     *plan.Plan
	files []generate.Artifact
}

// The kinds of resources with the commands that take them.
const (
	service = "Service"
	pool    = "WorkerPool"
	job     = "Job"
)

func name(parts ...string) string { return kubernetes.Name(49, parts...) }

func (m *maker) component(d generate.Deployed) error {
	c := d.Component
	var command []string
	if !d.First {
		command = c.Command()
	}
	switch {
	case generate.Finite(c):
		if err := m.add(d, job, name(m.p.Name, d.Name), command, "processes"); err != nil {
			return err
		}
	case generate.Serves(c):
		if err := m.add(d, service, name(m.p.Name, d.Name), command, "processes"); err != nil {
			return err
		}
	default:
		if err := m.add(d, pool, name(m.p.Name, d.Name), command, "processes"); err != nil {
			return err
		}
	}
	if release := c.Process("release"); release != nil {
		if err := m.add(d, job, name(m.p.Name, d.Name, "release"), release, "processes.release"); err != nil {
			return err
		}
	}
	for _, s := range c.Schedules {
		if err := m.add(d, job, name(m.p.Name, d.Name, s.Name), s.Command, "schedules."+s.Name); err != nil {
			return err
		}
	}
	return nil
}

// add writes a resource that runs a command of the component's image; none: the image's own.
func (m *maker) add(d generate.Deployed, kind, called string, command []string, commandField string) error {
	c := d.Component
	at := []string{"spec", "template", "spec"}
	r := Resource{APIVersion: "run.googleapis.com/v1", Kind: kind, Metadata: kubernetes.Metadata{Name: called, Labels: map[string]string{"app": name(m.p.Name), "component": name(d.Name)}}}
	container := m.container(d, command)
	var volumes []Volume
	volumes, container.VolumeMounts = m.volumes(d)
	template := kubernetes.Metadata{Annotations: map[string]string{"run.googleapis.com/execution-environment": "gen2"}}
	account := m.account() + "@" + project + ".iam.gserviceaccount.com"
	why := generate.Reasons{}
	switch kind {
	case service:
		m.serve(c, &r, &container, template.Annotations, why)
		r.Spec.Template.Spec = Revision{ServiceAccountName: account, ContainerConcurrency: 80, TimeoutSeconds: 300, Containers: []Container{container}, Volumes: volumes}
	case pool:
		r.Metadata.Annotations = map[string]string{"run.googleapis.com/launch-stage": "BETA", "run.googleapis.com/manualInstanceCount": "1"}
		why.Add(generate.Origin{Why: "one: nothing says that two of it may work at the same time, as a scheduler must not"}, "metadata", "annotations", "run.googleapis.com/manualInstanceCount")
		r.Spec.Template.Spec = Revision{ServiceAccountName: account, Containers: []Container{container}, Volumes: volumes}
	case job:
		at = append(at, "template", "spec")
		r.Spec.Template.Spec = Revision{TaskCount: 1, Template: &Task{TaskSpec{ServiceAccountName: account, TimeoutSeconds: 3600, Containers: []Container{container}, Volumes: volumes}}}
		why.Add(generate.Origin{Why: "what failed half-way is looked at before it is repeated"}, append(at, "maxRetries")...)
	}
	r.Spec.Template.Metadata = &template
	m.reasons(c, container, why, commandField, at)
	file, err := generate.YAML(path.Join(Dir, called+".yaml"), why, r)
	m.files = append(m.files, file)
	return err
}

// serve makes a resource a service: its port, its probe, how it scales.
func (m *maker) serve(c *plan.Component, r *Resource, container *Container, annotations map[string]string, why generate.Reasons) {
	r.APIVersion = "serving.knative.dev/v1"
	r.Metadata.Annotations = map[string]string{"run.googleapis.com/ingress": "all"}
	r.Spec.Traffic = []Traffic{{true, 100}}
	container.Ports = []kubernetes.ContainerPort{{Name: "http1", ContainerPort: c.Port.V}}
	probe := &kubernetes.Probe{PeriodSeconds: 10, TimeoutSeconds: 5, FailureThreshold: 24}
	if kubernetes.AsksPath(c) {
		probe.HTTPGet = &kubernetes.HTTPGet{Path: c.HealthPath.V, Port: c.Port.V}
	} else {
		probe.TCPSocket = &kubernetes.TCPSocket{Port: c.Port.V}
	}
	container.StartupProbe = probe
	annotations["autoscaling.knative.dev/minScale"], annotations["autoscaling.knative.dev/maxScale"] = "0", "6"
	annotations["run.googleapis.com/startup-cpu-boost"] = "true"
	if !kubernetes.Replicable(c) {
		annotations["autoscaling.knative.dev/maxScale"] = "1"
		why.Add(generate.Origin{Why: "it keeps its database in a file, which two would destroy"}, "spec", "template", "metadata", "annotations", "autoscaling.knative.dev/maxScale")
	}
	why.Add(generate.Origin{Why: "requests under way end; a longer one is answered with 504"}, "spec", "template", "spec", "timeoutSeconds")
	why.Add(generate.Origin{Why: "requests that one container is given at a time, before another is started"}, "spec", "template", "spec", "containerConcurrency")
}

func (m *maker) container(d generate.Deployed, command []string) Container {
	c := d.Component
	cpu, memory := Fit(c.CPU.V, c.Memory.V)
	out := Container{
		Image: registry + "/" + d.Image.Name + ":" + generate.Release, Args: literals(command),
		Resources: kubernetes.Resources{Limits: map[string]string{"cpu": fmt.Sprint(cpu), "memory": kubernetes.Memory(memory)}},
	}
	for _, s := range c.Settings {
		switch {
		case slices.Contains(reserved, s.Name): // the platform's own; PORT is the container's port
		case generate.Stored(m.p, s):
			out.Env = append(out.Env, kubernetes.EnvVar{Name: s.Name, ValueFrom: &kubernetes.ValueFrom{SecretKeyRef: &kubernetes.KeyRef{Name: m.secret(c, s.Name), Key: "latest"}}})
		default:
			value := kubernetes.Literal(m.p.Expand(s.Value, nil, nil))
			out.Env = append(out.Env, kubernetes.EnvVar{Name: s.Name, Value: &value})
		}
	}
	return out
}

func literals(words []string) []string {
	var out []string
	for _, w := range words {
		out = append(out, kubernetes.Literal(w))
	}
	return out
}

// Fit is the smallest number of processors and amount of memory in MiB that Cloud Run offers and that is not smaller than what is wanted: cpu in
// 1/1024 of a core. Less than one processor serves one request at a time and gets none between requests, so one is the least here.
// Source: "Configure CPU limits for services", "Configure memory limits for services".
func Fit(cpu, memory int) (int, int) {
	memory = min(max(memory, 512), 32768)
	least := 1
	switch {
	case memory > 24576:
		least = 8
	case memory > 16384:
		least = 6
	case memory > 8192:
		least = 4
	case memory > 4096:
		least = 2
	}
	for _, n := range []int{1, 2, 4, 6, 8} {
		if n >= least && n*1024 >= cpu {
			return n, max(memory, smallest(n))
		}
	}
	return 8, max(memory, smallest(8))
}

// smallest is the least memory in MiB that goes with a number of processors.
func smallest(cpu int) int {
	switch cpu {
	case 8, 6:
		return 4096
	case 4:
		return 2048
	}
	return 512
}

// account is the name of the application's identity: 6 to 30 characters.
func (m *maker) account() string {
	short := kubernetes.Name(30, m.p.Name)
	if len(short) < 6 {
		short += "-runner"
	}
	return short
}

// secret is the name of a setting's secret in Secret Manager.
func (m *maker) secret(c *plan.Component, setting string) string {
	if generate.Shared(m.p, setting) {
		return m.p.Name + "-" + setting
	}
	return m.p.Name + "-" + c.Name + "-" + setting
}

// volumes mount a bucket for each directory whose content must survive. Everything else that is written lies in memory.
func (m *maker) volumes(d generate.Deployed) ([]Volume, []kubernetes.VolumeMount) {
	data, _ := generate.Storage(d.Component)
	var volumes []Volume
	var mounts []kubernetes.VolumeMount
	for _, dir := range data {
		bucket := m.bucket(d, dir)
		volume := kubernetes.Name(63, generate.VolumeName("data", dir))
		volumes = append(volumes, Volume{volume, CSI{"gcsfuse.run.googleapis.com", false, map[string]string{"bucketName": bucket, "mountOptions": "uid=10001,gid=0"}}})
		mounts = append(mounts, kubernetes.VolumeMount{Name: volume, MountPath: dir})
	}
	return volumes, mounts
}

func (m *maker) bucket(d generate.Deployed, dir string) string {
	return kubernetes.Name(63, project, m.p.Name, generate.VolumeName(d.Image.Components[0].Name, dir))
}

func (m *maker) reasons(c *plan.Component, container Container, why generate.Reasons, command string, at []string) {
	field := func(names ...string) generate.Origin {
		for i := range names {
			names[i] = "components." + c.Name + "." + names[i]
		}
		return generate.FieldOrigin(m.p, names...)
	}
	in := func(place ...string) []string { return append(append(slices.Clone(at), "containers", "0"), place...) }
	why.Add(generate.Origin{Why: "replace project, repository and region, and " + generate.Release + " by the tag that was pushed"}, in("image")...)
	why.Add(generate.Origin{Why: "the identity of the application: it may read its secrets, and nothing else"}, append(slices.Clone(at), "serviceAccountName")...)
	why.Add(field(command), in("args")...)
	why.Add(field("port"), in("ports")...)
	why.Add(field("healthPath", "port"), in("startupProbe")...)
	why.Add(field("cpu", "memory"), in("resources")...)
	why.Add(field("writes"), in("volumeMounts")...)
	why.Add(field("writes"), append(slices.Clone(at), "volumes")...)
	why.Add(generate.Origin{Why: "the second generation runs every system call and mounts buckets"}, "spec", "template", "metadata")
	for i, e := range container.Env {
		why.Add(field("env."+e.Name), in("env", fmt.Sprint(i))...)
	}
}

// readme says what to do with the files.
func (m *maker) readme() generate.Artifact {
	p := m.p
	g := generate.NewGuide(Dir, p.Name+" on Google Cloud Run")
	g.Text("The commands are run in this directory. Replace in the files and below: the project `%s`, the region `%s`, the repository `your-repository`, the tag `%s`.", project, region, generate.Release)
	var push []string
	for _, image := range p.ImageGroups() {
		ref := registry + "/" + image.Name + ":" + generate.Release
		push = append(push, plan.ShellWords([]string{"docker", "build", "--platform", "linux/amd64", "-f", g.Up(image.Dockerfile), "-t", ref, g.Up(image.Root)}), plan.ShellWords([]string{"docker", "push", ref}))
	}
	g.Step("Push what runs to Artifact Registry.", push...)
	gcloud := func(words ...string) string {
		return plan.ShellWords(append([]string{"gcloud", "--project", project}, words...))
	}
	account := m.account()
	g.Step("Make the application's identity.", gcloud("iam", "service-accounts", "create", account))
	g.Backings(p, generate.Google)
	m.secretStep(g, gcloud, account)
	m.bucketStep(g, gcloud, account)
	replace := map[string][]string{service: {"run", "services", "replace"}, pool: {"beta", "run", "worker-pools", "replace"}, job: {"run", "jobs", "replace"}}
	for _, kind := range []string{job, service, pool} {
		var commands []string
		for _, f := range m.files {
			if strings.Contains(string(f.Content), "\nkind: "+kind+"\n") {
				commands = append(commands, gcloud(append(slices.Clone(replace[kind]), path.Base(f.Path), "--region", region)...))
				if kind == job && strings.HasSuffix(f.Path, "-release.yaml") {
					commands = append(commands, gcloud("run", "jobs", "execute", strings.TrimSuffix(path.Base(f.Path), ".yaml"), "--region", region, "--wait"))
				}
			}
		}
		switch {
		case len(commands) == 0:
		case kind == job:
			g.Step("Jobs, and of them the release step before the new version serves.", commands...)
		case kind == service:
			g.Step("Services. Without the role roles/run.invoker for allUsers they ask for a login: `gcloud run services add-iam-policy-binding`.", commands...)
		default:
			g.Step("Worker pools: what serves no port.", commands...)
		}
	}
	for _, d := range generate.Deployables(p) {
		for _, s := range d.Schedules {
			called := name(p.Name, d.Name, s.Name)
			uri := "https://run.googleapis.com/v2/projects/" + project + "/locations/" + region + "/jobs/" + called + ":run"
			g.Step(fmt.Sprintf("The schedule %s of %s, by Cloud Scheduler; the identity needs roles/run.invoker on the job.", s.Name, d.Name),
				gcloud("scheduler", "jobs", "create", "http", called, "--location", region, "--schedule", kubernetes.Cron(s.Cron), "--uri", uri, "--http-method", "POST", "--oauth-service-account-email", account+"@"+project+".iam.gserviceaccount.com"))
		}
		if generate.Finite(d.Component) && len(d.Schedules) == 0 {
			g.Step(d.Name+" runs when it is asked for:", gcloud("run", "jobs", "execute", name(p.Name, d.Name), "--region", region))
		}
	}
	return g.Artifact()
}

func (m *maker) secretStep(g *generate.Guide, gcloud func(...string) string, account string) {
	why := map[string]string{}
	for _, d := range generate.Deployables(m.p) {
		for _, s := range d.Settings {
			if generate.Stored(m.p, s) && !slices.Contains(reserved, s.Name) {
				why[m.secret(d.Component, s.Name)] = s.Why
			}
		}
	}
	var names []string
	for n := range why {
		names = append(names, n)
	}
	if slices.Sort(names); len(names) == 0 {
		return
	}
	var commands []string
	for _, n := range names {
		commands = append(commands, gcloud("secrets", "create", n, "--data-file", "-"), gcloud("secrets", "add-iam-policy-binding", n, "--member", "serviceAccount:"+account+"@"+project+".iam.gserviceaccount.com", "--role", "roles/secretmanager.secretAccessor"))
	}
	g.Step("Put these values into Secret Manager, each read from standard input, and let the identity read them; addresses are those of your own services.", commands...)
	for _, n := range names {
		g.Item("`%s`: %s", n, detect.Printable(why[n], 100))
	}
	g.Blank()
}

func (m *maker) bucketStep(g *generate.Guide, gcloud func(...string) string, account string) {
	var commands, made []string
	for _, d := range generate.Deployables(m.p) {
		data, _ := generate.Storage(d.Component)
		for _, dir := range data {
			bucket := m.bucket(d, dir)
			if slices.Contains(made, bucket) {
				continue
			}
			made = append(made, bucket)
			commands = append(commands, gcloud("storage", "buckets", "create", "gs://"+bucket, "--location", region, "--uniform-bucket-level-access"),
				gcloud("storage", "buckets", "add-iam-policy-binding", "gs://"+bucket, "--member", "serviceAccount:"+account+"@"+project+".iam.gserviceaccount.com", "--role", "roles/storage.objectUser"))
		}
	}
	if len(commands) > 0 {
		g.Step("Make the buckets that are mounted where the application keeps files, and copy into them what the directories hold today. A bucket is no disk: it has no locks, so neither a database's file nor a log belongs there.", commands...)
	}
}
