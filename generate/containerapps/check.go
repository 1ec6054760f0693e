package containerapps

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules of Container Apps to each file.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir, ".yaml") {
		var x Resource
		if err := yaml.Unmarshal(a.Content, &x); err != nil {
			out = append(out, generate.Problem{File: a.Path, Rule: "syntax", Message: detect.Printable(strings.Join(strings.Fields(err.Error()), " "), 300), Error: true})
			continue
		}
		for _, r := range rules {
			if message := r.broken(&x); message != "" {
				out = append(out, generate.Problem{File: a.Path, Line: lineOf(a.Content, r.key), Rule: r.id, Message: message, Error: !r.advice})
			}
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
	broken  func(x *Resource) string
}

var (
	nameRule        = lazy(`^[a-z]([-a-z0-9]{0,30}[a-z0-9])$`)
	labelRule       = lazy(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	secretRule      = lazy(`^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$`)
	environmentRule = lazy(`(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.App/(managedEnvironments|connectedEnvironments)/[^/]+$`)
	vaultRule       = lazy(`^https://[A-Za-z0-9-]{3,24}\.vault\.[a-z.]+/secrets/[A-Za-z0-9-]{1,127}(/[0-9a-f]{32})?$`)
	cronRule        = lazy(`^[-0-9*/,A-Za-z]+( [-0-9*/,A-Za-z]+){4}$`)
	secretName      = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
)

// thresholds are the failures that a probe of each type may wait for: what the service answers, above what the reference of its API says.
// Source: ContainerAppProbeFailureThresholdOutOfRange.
var thresholds = map[string]int{"liveness": 30, "readiness": 48, "startup": 240}

// rules are what the platform refuses. Sources: "ARM and YAML template specifications", "Containers in Azure Container Apps", "Health probes",
// "Manage secrets", "Use storage mounts", "Jobs", "Set scaling rules" of the product's documentation, and the reference of its API.
var rules = []rule{
	{"type", "type", false, func(x *Resource) string {
		return when(x.Type != app && x.Type != job, "the type is %s or %s", app, job)
	}},
	{"place", "environmentId", false, func(x *Resource) string {
		return when(x.Location == "" || !environmentRule().MatchString(x.Properties.EnvironmentID), "a location, and the whole id of an environment, are wanted")
	}},
	{"name", "name", false, func(x *Resource) string {
		return when(!nameRule().MatchString(x.Name) || strings.Contains(x.Name, "--"), "the name has from 2 to 32 small letters, digits and -, never two together, and begins with a letter")
	}},
	{"containers", "containers", false, func(x *Resource) string {
		var names []string
		for _, c := range x.Properties.Template.Containers {
			if !labelRule().MatchString(c.Name) || slices.Contains(names, c.Name) {
				return fmt.Sprintf("the container %q has no name of small letters, digits and - for itself", c.Name)
			}
			names = append(names, c.Name)
		}
		return when(len(names) == 0, "there is no container")
	}},
	{"image", "image", false, func(x *Resource) string {
		return each(x, func(c *Container) string {
			return when(c.Image == "" || strings.ContainsAny(c.Image, " \t"), "a container has no image")
		})
	}},
	{"image-tag", "image", true, func(x *Resource) string {
		return each(x, func(c *Container) string {
			return when(strings.HasSuffix(c.Image, ":latest") || !strings.Contains(path.Base(c.Image), ":"), "the image %s names no version", c.Image)
		})
	}},
	{"size", "resources", false, size},
	{"ingress", "ingress", false, func(x *Resource) string {
		i := x.Properties.Configuration.Ingress
		if i == nil {
			return ""
		}
		return when(x.Type == job || i.TargetPort < 1 || i.TargetPort > 65535 || !slices.Contains([]string{"", "auto", "http", "http2", "tcp"}, strings.ToLower(i.Transport)),
			"an app's ingress has a targetPort from 1 to 65535 and the transport auto, http, http2 or tcp; a job has none")
	}},
	{"traffic", "traffic", false, traffic},
	{"revisions", "activeRevisionsMode", false, func(x *Resource) string {
		return when(x.Type == app && !slices.Contains([]string{"", "single", "multiple", "labels"}, strings.ToLower(x.Properties.Configuration.ActiveRevisionsMode)), "activeRevisionsMode is Single, Multiple or Labels")
	}},
	{"scale", "scale", false, func(x *Resource) string {
		s := x.Properties.Template.Scale
		return when(s != nil && (x.Type == job || s.MinReplicas < 0 || s.MaxReplicas < 1 || s.MaxReplicas > 1000 || s.MinReplicas > s.MaxReplicas), "minReplicas is from 0 to maxReplicas, and that from 1 to 1000; a job has no scale")
	}},
	{"asleep", "minReplicas", true, func(x *Resource) string {
		s := x.Properties.Template.Scale
		return when(s != nil && x.Properties.Configuration.Ingress == nil && s.MinReplicas == 0 && len(s.Rules) == 0, "without ingress and without a rule nothing ever starts it: minReplicas is at least 1")
	}},
	{"trigger", "triggerType", false, trigger},
	{"identity", "identity", false, whose},
	{"registry", "registries", false, func(x *Resource) string {
		for _, r := range x.Properties.Configuration.Registries {
			if r.Server == "" || (r.Identity == "") == (r.Username == "") || (r.Username == "") != (r.PasswordSecretRef == "") {
				return "a registry has a server, and an identity or a username with passwordSecretRef"
			}
		}
		return ""
	}},
	{"secret", "secrets", false, func(x *Resource) string {
		var names []string
		for _, s := range x.Properties.Configuration.Secrets {
			if !secretRule().MatchString(s.Name) || slices.Contains(names, s.Name) || (s.Value == "") == (s.KeyVaultURL == "") || (s.KeyVaultURL != "" && (s.Identity == "" || !vaultRule().MatchString(s.KeyVaultURL))) {
				return fmt.Sprintf("%q has small letters, digits and -, stands there once, with the address of a secret of Key Vault and the identity that reads it", s.Name)
			}
			names = append(names, s.Name)
		}
		return ""
	}},
	{"secret-ref", "secretRef", false, refs},
	{"env", "env", false, func(x *Resource) string {
		return each(x, func(c *Container) string {
			seen := map[string]bool{}
			for _, e := range c.Env {
				if e.Name == "" || seen[e.Name] || (e.Value != nil && e.SecretRef != "") {
					return fmt.Sprintf("%q stands there once, with a value or a secretRef", e.Name)
				}
				seen[e.Name] = true
			}
			return ""
		})
	}},
	{"secret-in-file", "env", false, inFile},
	{"probe", "probes", false, func(x *Resource) string { return each(x, probe) }},
	{"volume", "volumes", false, func(x *Resource) string {
		for _, v := range x.Properties.Template.Volumes {
			shared := slices.Contains([]string{"AzureFile", "NfsAzureFile"}, v.StorageType)
			if !labelRule().MatchString(v.Name) || (!shared && !slices.Contains([]string{"EmptyDir", "Secret"}, v.StorageType)) || shared != (v.StorageName != "") {
				return fmt.Sprintf("%q has the storageType AzureFile or NfsAzureFile with a storageName of the environment, EmptyDir or Secret", v.Name)
			}
		}
		return ""
	}},
	{"mount", "volumeMounts", false, func(x *Resource) string {
		return each(x, func(c *Container) string {
			for _, m := range c.VolumeMounts {
				if !slices.ContainsFunc(x.Properties.Template.Volumes, func(v Volume) bool { return v.Name == m.VolumeName }) || !strings.HasPrefix(m.MountPath, "/") || strings.Contains(m.MountPath, ":") {
					return "it mounts " + m.VolumeName + ", which is not among the volumes, or at no path, or at one with a colon"
				}
			}
			return ""
		})
	}},
}

// size wants that the containers together are one of the pairs. A profile of its own has other sizes, and no file says which.
func size(x *Resource) string {
	var cpu, memory float64
	for _, c := range x.Properties.Template.Containers {
		var one float64
		if _, err := fmt.Sscanf(c.Resources.Memory, "%gGi", &one); err != nil || !strings.HasSuffix(c.Resources.Memory, "Gi") || one <= 0 || c.Resources.CPU <= 0 {
			return "a container asks for cpu as a number, and for memory in Gi"
		}
		cpu, memory = cpu+c.Resources.CPU, memory+one
	}
	for q := 1; q <= most; q++ {
		if cpu == float64(q)/4 && memory == float64(q)/2 {
			return ""
		}
	}
	return when(len(x.Properties.Template.Containers) > 0, "the containers together have %g processors and %gGi: the platform has 0.25 with 0.5Gi, and so on in quarters up to 4 with 8Gi", cpu, memory)
}

func traffic(x *Resource) string {
	i := x.Properties.Configuration.Ingress
	if i == nil || len(i.Traffic) == 0 {
		return ""
	}
	sum := 0
	for _, t := range i.Traffic {
		if t.LatestRevision == (t.RevisionName != "") || t.Weight < 0 {
			return "traffic goes to the latest revision or to one by its name"
		}
		sum += t.Weight
	}
	return when(sum != 100, "the weights of the traffic sum up to 100, not %d", sum)
}

func trigger(x *Resource) string {
	c := x.Properties.Configuration
	switch {
	case x.Type != job:
		return when(c.TriggerType != "", "an app has no trigger")
	case !slices.Contains([]string{"Manual", "Schedule", "Event"}, c.TriggerType) || c.ReplicaTimeout < 1:
		return "a job has the triggerType Manual, Schedule or Event, and a replicaTimeout"
	case (c.TriggerType == "Manual") != (c.ManualTriggerConfig != nil) || (c.TriggerType == "Schedule") != (c.ScheduleTriggerConfig != nil):
		return "a job has the settings of its own trigger, and of no other"
	}
	s := c.ScheduleTriggerConfig
	return when(s != nil && !cronRule().MatchString(s.CronExpression), "cronExpression has five fields")
}

// whose wants that who pulls and reads is one of the resource's identities.
func whose(x *Resource) string {
	var used []string
	for _, r := range x.Properties.Configuration.Registries {
		used = append(used, r.Identity)
	}
	for _, s := range x.Properties.Configuration.Secrets {
		used = append(used, s.Identity)
	}
	for _, id := range used {
		_, has := x.Identity.UserAssignedIdentities[id]
		own := strings.EqualFold(id, "system") && strings.Contains(x.Identity.Type, "SystemAssigned")
		if id != "" && !own && (!has || !strings.Contains(x.Identity.Type, "UserAssigned")) {
			return id + " is not among the identities of the resource"
		}
	}
	return ""
}

func refs(x *Resource) string {
	known := func(name string) bool {
		return slices.ContainsFunc(x.Properties.Configuration.Secrets, func(s Secret) bool { return s.Name == name })
	}
	for _, r := range x.Properties.Configuration.Registries {
		if r.PasswordSecretRef != "" && !known(r.PasswordSecretRef) {
			return r.PasswordSecretRef + " is not among the secrets"
		}
	}
	return each(x, func(c *Container) string {
		for _, e := range c.Env {
			if e.SecretRef != "" && !known(e.SecretRef) {
				return e.Name + " names " + e.SecretRef + ", which is not among the secrets"
			}
		}
		return ""
	})
}

func inFile(x *Resource) string {
	for _, s := range x.Properties.Configuration.Secrets {
		if s.Value != "" {
			return s.Name + " holds its value in the file: put it into Key Vault and name it by keyVaultUrl"
		}
	}
	return each(x, func(c *Container) string {
		for _, e := range c.Env {
			if e.Value != nil && secretName().MatchString(e.Name) && !slices.Contains([]string{"", "0", "1", "yes", "no", "true", "false", "on", "off"}, strings.ToLower(*e.Value)) {
				return e.Name + " holds its value in the file: put it into Key Vault and name it by secretRef"
			}
		}
		return ""
	})
}

// probe holds the probes of a container: one of a type, by HTTP or by a connection, with figures that the service takes.
func probe(c *Container) string {
	var types []string
	for _, p := range c.Probes {
		kind := strings.ToLower(p.Type)
		most, known := thresholds[kind]
		if !known || slices.Contains(types, kind) || (p.HTTPGet == nil) == (p.TCPSocket == nil) {
			return "a container has one probe each of Liveness, Readiness and Startup, with one of httpGet and tcpSocket"
		}
		if p.FailureThreshold < 0 || p.FailureThreshold > most || p.InitialDelaySeconds < 0 || p.InitialDelaySeconds > 60 || p.PeriodSeconds < 0 || p.PeriodSeconds > 240 || p.TimeoutSeconds < 0 || p.TimeoutSeconds > 240 {
			return fmt.Sprintf("the probe %s has at most %d failures, 60 seconds before it begins, and 240 of a period and of waiting", p.Type, most)
		}
		types = append(types, kind)
	}
	return ""
}

func each(x *Resource, broken func(c *Container) string) string {
	for i := range x.Properties.Template.Containers {
		if message := broken(&x.Properties.Template.Containers[i]); message != "" {
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
