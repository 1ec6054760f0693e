package containerinstances

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules of Container Instances to each group.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir, ".yaml") {
		var g Group
		if err := yaml.Unmarshal(a.Content, &g); err != nil {
			out = append(out, generate.Problem{File: a.Path, Rule: "syntax", Message: detect.Printable(strings.Join(strings.Fields(err.Error()), " "), 300), Error: true})
			continue
		}
		for _, r := range rules {
			if message := r.broken(&g); message != "" {
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
	broken  func(g *Group) string
}

var (
	nameRule   = lazy(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	secretName = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
)

// rules are what the platform refuses. Sources: "YAML reference: Azure Container Instances", "Resource availability", "Quotas and limits",
// "Troubleshoot common issues" of the product's documentation.
var rules = []rule{
	{"api-version", "apiVersion", false, func(g *Group) string {
		return when(g.APIVersion == "" || g.Location == "" || !slices.Contains([]string{"", "Microsoft.ContainerInstance/containerGroups"}, g.Type), "apiVersion, location and the type Microsoft.ContainerInstance/containerGroups are wanted")
	}},
	{"name", "name", false, func(g *Group) string {
		names := []string{g.Name}
		for _, c := range g.Properties.Containers {
			if slices.Contains(names[1:], c.Name) {
				return "two containers are called " + c.Name
			}
			names = append(names, c.Name)
		}
		return when(slices.ContainsFunc(names, func(n string) bool { return !nameRule().MatchString(n) || strings.Contains(n, "--") }), "names have small letters, digits and -, never two together, at most 63")
	}},
	{"os", "osType", false, func(g *Group) string {
		return when(!slices.Contains([]string{"Linux", "Windows"}, g.Properties.OSType), "osType is Linux or Windows")
	}},
	{"restart-policy", "restartPolicy", false, func(g *Group) string {
		return when(!slices.Contains([]string{"", "Always", "OnFailure", "Never"}, g.Properties.RestartPolicy), "restartPolicy is Always, OnFailure or Never")
	}},
	{"containers", "containers", false, func(g *Group) string {
		n := len(g.Properties.Containers)
		return when(n == 0 || n > 60, "a group has from 1 to 60 containers")
	}},
	{"image", "image", false, func(g *Group) string {
		return each(g, func(c *ContainerProperties) string { return when(c.Image == "", "a container has no image") })
	}},
	{"image-tag", "image", true, func(g *Group) string {
		return each(g, func(c *ContainerProperties) string {
			return when(strings.HasSuffix(c.Image, ":latest") || !strings.Contains(path.Base(c.Image), ":"), "the image %s names no version", c.Image)
		})
	}},
	{"size", "resources", false, func(g *Group) string {
		var cpu, memory float64
		for _, c := range g.Properties.Containers {
			a := c.Properties.Resources.Requests
			if a.CPU < 0.01 || a.MemoryInGB < 0.1 || math.Abs(a.MemoryInGB*10-math.Round(a.MemoryInGB*10)) > 1e-6 {
				return "a container asks for cpu, and for memoryInGB in tenths"
			}
			cpu, memory = cpu+a.CPU, memory+a.MemoryInGB
		}
		return when(cpu > 4 || memory > 16, "a group has at most 4 processors and 16 GB, not %g and %g", cpu, memory)
	}},
	{"port", "ports", false, func(g *Group) string {
		var inside, taken []int
		for _, c := range g.Properties.Containers {
			for _, p := range c.Properties.Ports {
				if p.Port < 1 || p.Port > 65535 || slices.Contains(taken, p.Port) {
					return fmt.Sprintf("port %d is none, or another container of the group has it: they share one network", p.Port)
				}
				taken = append(taken, p.Port)
			}
		}
		inside = taken
		if a := g.Properties.IPAddress; a != nil {
			for _, p := range a.Ports {
				if !slices.Contains(inside, p.Port) {
					return fmt.Sprintf("the group's address has the port %d, on which no container listens", p.Port)
				}
			}
		}
		return ""
	}},
	{"address", "ipAddress", false, func(g *Group) string {
		a := g.Properties.IPAddress
		return when(a != nil && (!slices.Contains([]string{"Public", "Private"}, a.Type) || len(a.Ports) == 0 || (a.Type == "Private" && a.DNSNameLabel != "")), "an address is Public or Private, has ports, and a name only when it is public")
	}},
	{"env", "environmentVariables", false, func(g *Group) string {
		return each(g, func(c *ContainerProperties) string {
			seen := map[string]bool{}
			for _, e := range c.EnvironmentVariables {
				if e.Name == "" || seen[e.Name] || (e.Value != nil) == (e.SecureValue != nil) {
					return fmt.Sprintf("%q stands there once, with a value or a secureValue", e.Name)
				}
				seen[e.Name] = true
			}
			return ""
		})
	}},
	{"secret-in-file", "environmentVariables", false, func(g *Group) string {
		return each(g, func(c *ContainerProperties) string {
			for _, e := range c.EnvironmentVariables {
				plain := e.Value != nil && secretName().MatchString(e.Name) && !slices.Contains([]string{"", "0", "1", "yes", "no", "true", "false", "on", "off"}, strings.ToLower(*e.Value))
				if plain || (e.SecureValue != nil && !strings.HasPrefix(string(*e.SecureValue), "${")) {
					return e.Name + " holds its value in the file: name a variable, ${" + e.Name + "}, under secureValue"
				}
			}
			return ""
		})
	}},
	{"storage-key", "storageAccountKey", false, func(g *Group) string {
		for _, v := range g.Properties.Volumes {
			if v.AzureFile.ShareName != "" && !strings.HasPrefix(string(v.AzureFile.StorageAccountKey), "${") {
				return "the key of the storage account stands in the file: name a variable, ${" + storageKey + "}"
			}
		}
		return ""
	}},
	{"mount", "volumeMounts", false, func(g *Group) string {
		return each(g, func(c *ContainerProperties) string {
			for _, m := range c.VolumeMounts {
				if !slices.ContainsFunc(g.Properties.Volumes, func(v Volume) bool { return v.Name == m.Name }) || strings.Contains(m.MountPath, ":") {
					return "it mounts " + m.Name + ", which is not among the volumes, or at a path with a colon"
				}
			}
			return ""
		})
	}},
	{"probe", "readinessProbe", false, func(g *Group) string {
		return each(g, func(c *ContainerProperties) string {
			for _, p := range []*Probe{c.ReadinessProbe, c.LivenessProbe} {
				if p != nil && (p.HTTPGet == nil) == (p.Exec == nil) {
					return "a probe has one of httpGet and exec"
				}
			}
			return ""
		})
	}},
}

func each(g *Group, broken func(c *ContainerProperties) string) string {
	for i := range g.Properties.Containers {
		if message := broken(&g.Properties.Containers[i].Properties); message != "" {
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
