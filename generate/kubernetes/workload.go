package kubernetes

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// The labels of every object, as Kubernetes recommends them. What a person applies before the rest carries Shared or ReleaseStep as its
// component.
const (
	LabelName      = "app.kubernetes.io/name"
	LabelPartOf    = "app.kubernetes.io/part-of"
	LabelComponent = "app.kubernetes.io/component"

	Shared      = "shared"
	ReleaseStep = "release"
)

// The names of ports and of the user that images run as.
const (
	portName = "http"
	user     = 10001
)

// Name is the name of an object of a component: "shop-web". It is a DNS label that begins with a letter and has at most limit bytes: 63 for
// Services and what pods are named after, 52 for a CronJob, whose Jobs add to it.
func Name(limit int, parts ...string) string {
	name := strings.Trim(strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), "-"), "-")
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		name = strings.TrimSuffix("app-"+name, "-")
	}
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimRight(name[:limit-9], "-") + "-" + hex.EncodeToString(sum[:4])
}

// CPU is a share of a core in Kubernetes' grammar: 512 of 1024 is "500m".
func CPU(share int) string { return fmt.Sprintf("%dm", (share*1000+1023)/1024) }

// Memory is an amount of MiB in Kubernetes' grammar.
func Memory(mebibytes int) string { return fmt.Sprintf("%dMi", mebibytes) }

// Literal is a text in which Kubernetes expands nothing: $(NAME) in arguments and values of variables would be another variable's value.
func Literal(s string) string {
	if !strings.Contains(s, "$(") && !strings.Contains(s, "$$") {
		return s
	}
	return strings.ReplaceAll(s, "$", "$$")
}

func literals(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = Literal(w)
	}
	return out
}

// Cron is a time of cron as Kubernetes reads it: Sunday is 0 there, never 7.
func Cron(cron string) string {
	fields := strings.Fields(cron)
	if len(fields) != 5 {
		return cron
	}
	var parts []string
	for part := range strings.SplitSeq(fields[4], ",") {
		span, step, stepped := strings.Cut(part, "/")
		first, last, isRange := strings.Cut(span, "-")
		switch {
		case span == "7":
			parts = append(parts, "0")
		case isRange && last == "7" && first == "7":
			parts = append(parts, "0")
		case isRange && last == "7" && stepped:
			parts = append(parts, every(first, step)...)
		case isRange && last == "7":
			parts = append(parts, first+"-6", "0")
		default:
			parts = append(parts, part)
		}
	}
	fields[4] = strings.Join(parts, ",")
	return strings.Join(fields, " ")
}

// every lists the days from one to Sunday in steps.
func every(first, step string) []string {
	var from, by int
	if _, err := fmt.Sscan(first+" "+step, &from, &by); err != nil || by < 1 {
		return []string{first + "-6", "0"}
	}
	var out []string
	for day := from; day <= 7; day += by {
		out = append(out, fmt.Sprint(day%7))
	}
	return out
}

// Pods makes the pods of a plan's components. The zero value but for Plan is for Kubernetes as it is.
type Pods struct {
	Plan *plan.Plan
	// ArbitraryUser leaves the user and the group of files to the cluster, as OpenShift wants it.
	ArbitraryUser bool
	// Image names the image of a group; nil: generate.ImageName.
	Image func(plan.ImageGroup) string
}

func (b Pods) image(g plan.ImageGroup) string {
	if b.Image == nil {
		return generate.ImageName(g)
	}
	return b.Image(g)
}

// ServiceAccount is the name of the account that all pods have.
func (b Pods) ServiceAccount() string { return Name(63, b.Plan.Name) }

// SecretName is the name of the Secret with what the components' settings hold that is not written down.
func (b Pods) SecretName() string { return Name(63, b.Plan.Name) }

// SecretKey is the key of a setting in the Secret: its name, after the component's where components mean different things by it.
func (b Pods) SecretKey(c *plan.Component, setting string) string {
	if generate.Shared(b.Plan, setting) {
		return setting
	}
	return c.Name + "." + setting
}

// Labels are the labels of what belongs to a component.
func (b Pods) Labels(c *plan.Component) map[string]string {
	return map[string]string{LabelName: Name(63, c.Name), LabelPartOf: Name(63, b.Plan.Name), LabelComponent: string(c.Role.V)}
}

// LabelsOf are the labels of what belongs to no component, or to its release step.
func (b Pods) LabelsOf(name, component string) map[string]string {
	return map[string]string{LabelName: Name(63, name), LabelPartOf: Name(63, b.Plan.Name), LabelComponent: component}
}

// Match finds the pods of a component.
func (b Pods) Match(c *plan.Component) map[string]string {
	return map[string]string{LabelName: Name(63, c.Name), LabelPartOf: Name(63, b.Plan.Name)}
}

// Serving is the pod of a component that goes on until it is stopped.
func (b Pods) Serving(d generate.Deployed) PodSpec {
	c := d.Component
	container := b.container(d, c.Name)
	if !d.First {
		container.Args = literals(c.Command())
	}
	if generate.Serves(c) {
		container.Ports = []ContainerPort{{Name: portName, ContainerPort: c.Port.V, Protocol: "TCP"}}
		container.StartupProbe, container.ReadinessProbe, container.LivenessProbe = Probes(c)
		if !windows(c) {
			container.Lifecycle = &Lifecycle{PreStop: &Handler{Exec: &Exec{Command: []string{"sleep", "5"}}}}
		}
	}
	pod := b.pod(d, container, true)
	if generate.Serves(c) {
		pod.TerminationGracePeriodSeconds += 5
	}
	if Replicable(c) {
		pod.TopologySpreadConstraints = []Spread{{MaxSkew: 1, TopologyKey: "kubernetes.io/hostname", WhenUnsatisfiable: "ScheduleAnyway", LabelSelector: Selector{b.Match(c)}}}
	}
	return pod
}

// Running is the pod of a command of the component's image that ends: a job, a scheduled task, the release step. Without a command the image's
// own runs. Volumes says whether it has the volumes of what must survive.
func (b Pods) Running(d generate.Deployed, name string, command []string, volumes bool) PodSpec {
	container := b.container(d, Name(63, name))
	container.Args = literals(command)
	if len(command) == 0 {
		container.Args = nil
	}
	pod := b.pod(d, container, volumes)
	pod.RestartPolicy = "Never"
	return pod
}

// container is what all containers of a component have.
func (b Pods) container(d generate.Deployed, name string) Container {
	c := d.Component
	out := Container{
		Name: Name(63, name), Image: b.image(d.Image), Env: b.environment(c), Resources: Size(c),
		SecurityContext: &SecurityContext{ReadOnlyRootFilesystem: c.ReadOnly.V == "true", Capabilities: &Capabilities{Drop: []string{"ALL"}}},
	}
	if windows(c) {
		out.SecurityContext = nil // none of it exists there
	}
	return out
}

func windows(c *plan.Component) bool { return c.Platform.V == "windows" }

// Size is what the component needs, measured where it was. Memory is a limit too: one container that takes all of it takes the others of the
// machine down. The processor has none: a share that was guessed would make every start slow.
func Size(c *plan.Component) Resources {
	r := Resources{Requests: map[string]string{"cpu": CPU(max(c.CPU.V, 1)), "memory": Memory(max(c.Memory.V, 1))}, Limits: map[string]string{"memory": Memory(max(c.Memory.V, 1))}}
	return r
}

func (b Pods) environment(c *plan.Component) []EnvVar {
	var out []EnvVar
	for _, s := range c.Settings {
		if generate.Stored(b.Plan, s) {
			out = append(out, EnvVar{Name: s.Name, ValueFrom: &ValueFrom{&KeyRef{b.SecretName(), b.SecretKey(c, s.Name)}}})
			continue
		}
		value := Literal(b.Plan.Expand(s.Value, nil, nil))
		out = append(out, EnvVar{Name: s.Name, Value: &value})
	}
	return out
}

// pod is what all pods of a component have.
func (b Pods) pod(d generate.Deployed, container Container, volumes bool) PodSpec {
	c := d.Component
	pod := PodSpec{ServiceAccountName: b.ServiceAccount(), TerminationGracePeriodSeconds: 30, SecurityContext: b.security(c)}
	if windows(c) {
		pod.OS = &PodOS{"windows"}
		pod.NodeSelector = map[string]string{"kubernetes.io/os": "windows"}
	}
	data, scratch := generate.Storage(c)
	seed := Container{Name: "seed", Image: container.Image, Resources: container.Resources, SecurityContext: container.SecurityContext}
	var script []string
	for _, dir := range data {
		claim := b.Claim(d.Image, dir)
		v := Volume{Name: volumeName(generate.VolumeName("data", dir)), PersistentVolumeClaim: &ClaimRef{claim}}
		if !volumes {
			v.PersistentVolumeClaim, v.EmptyDir = nil, &EmptyDir{}
		}
		pod.Volumes = append(pod.Volumes, v)
		container.VolumeMounts = append(container.VolumeMounts, VolumeMount{v.Name, dir})
		at := fmt.Sprintf("/seed/%d", len(seed.VolumeMounts))
		seed.VolumeMounts = append(seed.VolumeMounts, VolumeMount{v.Name, at})
		script = append(script, seeding(dir, at))
	}
	if len(data) > 0 && !windows(c) && volumes {
		seed.Command = []string{"sh", "-ec", Literal(strings.Join(script, "; "))}
		pod.InitContainers = []Container{seed}
	}
	if c.ReadOnly.V == "true" && !windows(c) {
		for _, dir := range scratch {
			name := volumeName(generate.VolumeName("scratch", dir))
			pod.Volumes = append(pod.Volumes, Volume{Name: name, EmptyDir: &EmptyDir{}})
			container.VolumeMounts = append(container.VolumeMounts, VolumeMount{name, dir})
		}
	}
	pod.Containers = []Container{container}
	return pod
}

// seeding copies what the image keeps in a directory to a volume that is empty, as Docker does by itself. What a disk's file system makes
// for itself does not count.
func seeding(dir, at string) string {
	quoted := plan.ShellWords([]string{dir})
	return fmt.Sprintf(`if [ -d %s ] && [ -z "$(ls -A %s | grep -vx lost+found)" ]; then cp -R %s/. %s/; fi`, quoted, at, quoted, at)
}

func volumeName(name string) string { return Name(63, name) }

// Claim is the name of the claim for a directory of an image, which the image's components share.
func (b Pods) Claim(g plan.ImageGroup, dir string) string {
	return Name(63, b.Plan.Name, generate.VolumeName(g.Components[0].Name, dir))
}

// security is who the pod is. Images of application servers bring a user of their own.
func (b Pods) security(c *plan.Component) PodSecurityContext {
	if windows(c) {
		return PodSecurityContext{RunAsNonRoot: true}
	}
	s := PodSecurityContext{RunAsNonRoot: true, SeccompProfile: &SeccompProfile{"RuntimeDefault"}}
	if b.ArbitraryUser {
		return s
	}
	switch c.AppServer.V {
	case "wildfly", "jboss", "liberty", "websphere", "glassfish", "payara":
	default:
		group := 0
		s.RunAsUser, s.RunAsGroup = user, &group
	}
	if data, _ := generate.Storage(c); len(data) > 0 {
		s.FSGroup, s.FSGroupChangePolicy = user, "OnRootMismatch"
	}
	return s
}

// Probes ask a component that serves: whether it has started, whether it can take requests, whether it is stuck. Where the repository names no
// path that answers, all ask for a connection. Liveness always does: a path may ask the database, and restarting the component mends no database.
func Probes(c *plan.Component) (startup, readiness, liveness *Probe) {
	ask := func(period, failures int) *Probe {
		p := &Probe{PeriodSeconds: period, TimeoutSeconds: 5, FailureThreshold: failures}
		if AsksPath(c) {
			p.HTTPGet = &HTTPGet{Path: c.HealthPath.V, Port: portName, HTTPHeaders: []Header{{"Host", "localhost"}}}
		} else {
			p.TCPSocket = &TCPSocket{Port: portName}
		}
		return p
	}
	live := &Probe{TCPSocket: &TCPSocket{Port: portName}, PeriodSeconds: 10, TimeoutSeconds: 5, FailureThreshold: 6}
	return ask(5, 60), ask(5, 3), live
}

// AsksPath reports whether the repository says which path answers with success.
func AsksPath(c *plan.Component) bool {
	return strings.HasPrefix(c.HealthPath.V, "/") && c.HealthPath.From != detect.Default
}

// Replicable reports whether several containers of a component may serve side by side: it answers requests, and keeps no database in a file.
func Replicable(c *plan.Component) bool {
	return generate.Serves(c) && !fileDatabase(c)
}

func fileDatabase(c *plan.Component) bool {
	return slices.ContainsFunc(c.Services, func(s detect.Service) bool { return s.Kind == "sqlite" })
}

// Claim modes. A volume that several pods mount has to be of a kind that several machines reach.
const (
	oneWriter   = "ReadWriteOnce"
	manyWriters = "ReadWriteMany"
)

// Claims are the volumes of what must survive, by the image's directories, in order.
func (b Pods) Claims() []ClaimOf {
	var out []ClaimOf
	for _, d := range generate.Deployables(b.Plan) {
		data, _ := generate.Storage(d.Component)
		for _, dir := range data {
			name := b.Claim(d.Image, dir)
			at := slices.IndexFunc(out, func(x ClaimOf) bool { return x.Name == name })
			if at < 0 {
				at = len(out)
				out = append(out, ClaimOf{Name: name, Dir: dir, Mode: oneWriter})
			}
			out[at].Components = append(out[at].Components, d.Component)
		}
	}
	for i := range out {
		x := &out[i]
		pods := 0
		for _, c := range x.Components {
			pods++
			if Replicable(c) || len(c.Schedules) > 0 || c.Process("release") != nil {
				pods++
			}
		}
		if pods > 1 && !slices.ContainsFunc(x.Components, fileDatabase) {
			x.Mode = manyWriters
		}
	}
	return out
}

// ClaimOf is a volume and who mounts it.
type ClaimOf struct {
	Name, Dir, Mode string
	Components      []*plan.Component
}

// Spec asks for the volume. The size is a start: what the directory holds today says more.
func (x ClaimOf) Spec() ClaimSpec {
	return ClaimSpec{AccessModes: []string{x.Mode}, Resources: Resources{Requests: map[string]string{"storage": "10Gi"}}}
}
