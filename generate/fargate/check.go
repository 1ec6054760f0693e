package fargate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules of Fargate to each task definition.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		base := path.Base(a.Path)
		if !strings.HasPrefix(base, "taskdef") || path.Ext(base) != ".json" {
			continue
		}
		out = append(out, checkFile(a)...)
	}
	return out
}

// document is a task definition that may have been edited: what the rules look at, with what
// TaskDefinition never writes.
type document struct {
	Family                  string           `json:"family"`
	RequiresCompatibilities []string         `json:"requiresCompatibilities"`
	NetworkMode             string           `json:"networkMode"`
	CPU                     json.RawMessage  `json:"cpu"`
	Memory                  json.RawMessage  `json:"memory"`
	ExecutionRoleARN        string           `json:"executionRoleArn"`
	RuntimePlatform         *RuntimePlatform `json:"runtimePlatform"`
	EphemeralStorage        *struct {
		SizeInGiB int `json:"sizeInGiB"`
	} `json:"ephemeralStorage"`
	ContainerDefinitions []checked         `json:"containerDefinitions"`
	Volumes              []taskVolume      `json:"volumes"`
	PlacementConstraints []json.RawMessage `json:"placementConstraints"`
}

type taskVolume struct {
	Name string          `json:"name"`
	Host json.RawMessage `json:"host"`
}

type checked struct {
	Name         string      `json:"name"`
	Image        string      `json:"image"`
	Essential    *bool       `json:"essential"`
	CPU          int         `json:"cpu"`
	Memory       int         `json:"memory"`
	Environment  []NameValue `json:"environment"`
	Secrets      []SecretRef `json:"secrets"`
	Links        []string    `json:"links"`
	Privileged   bool        `json:"privileged"`
	StopTimeout  *int        `json:"stopTimeout"`
	PortMappings []struct {
		ContainerPort int `json:"containerPort"`
		HostPort      int `json:"hostPort"`
	} `json:"portMappings"`
	HealthCheck *struct {
		Command     []string `json:"command"`
		Interval    *int     `json:"interval"`
		Timeout     *int     `json:"timeout"`
		Retries     *int     `json:"retries"`
		StartPeriod *int     `json:"startPeriod"`
	} `json:"healthCheck"`
	LogConfiguration *LogConfiguration `json:"logConfiguration"`
	MountPoints      []MountPoint      `json:"mountPoints"`
}

func checkFile(a generate.Artifact) []generate.Problem {
	var d document
	if err := json.Unmarshal(a.Content, &d); err != nil {
		line := 0
		if at, ok := offset(err); ok {
			line = 1 + bytes.Count(a.Content[:min(at, len(a.Content))], []byte("\n"))
		}
		return []generate.Problem{{File: a.Path, Line: line, Rule: "json", Message: err.Error(), Error: true}}
	}
	var out []generate.Problem
	for _, r := range taskRules {
		for _, message := range r.broken(&d) {
			out = append(out, generate.Problem{File: a.Path, Line: lineOf(a.Content, r.key), Rule: r.id, Message: message, Error: true})
		}
	}
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		for _, r := range containerRules {
			for _, message := range r.broken(&d, c) {
				out = append(out, generate.Problem{File: a.Path, Line: lineOf(a.Content, r.key), Rule: r.id, Message: "container " + c.Name + ": " + message, Error: true})
			}
		}
	}
	return out
}

// offset is the place in the file that a JSON error points at.
func offset(err error) (int, bool) {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return int(syntax.Offset), true
	case errors.As(err, &wrong):
		return int(wrong.Offset), true
	}
	return 0, false
}

// lineOf is the first line that has a key; 0 when it is missing.
func lineOf(content []byte, key string) int {
	i := bytes.Index(content, []byte(`"`+key+`"`))
	if key == "" || i < 0 {
		return 0
	}
	return 1 + bytes.Count(content[:i], []byte("\n"))
}

type taskRule struct {
	id, key string
	broken  func(d *document) []string
}

type containerRule struct {
	id, key string
	broken  func(d *document, c *checked) []string
}

func when(broken bool, format string, args ...any) []string {
	if !broken {
		return nil
	}
	return []string{fmt.Sprintf(format, args...)}
}

var (
	familyRule = lazy(`^[A-Za-z0-9_-]{1,255}$`)
	roleRule   = lazy(`^arn:aws[a-z-]*:iam::\d{12}:role/.+$`)
	secretRule = lazy(`^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret:.+|ssm:[a-z0-9-]+:\d{12}:parameter/.+)$`)
	secretName = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
	logDrivers = []string{"awslogs", "splunk", "awsfirelens"}
)

// taskRules are what RegisterTaskDefinition, or the start of the task, refuses in a task.
// Sources: Amazon ECS API reference and "Fargate task definition parameters".
var taskRules = []taskRule{
	{"family", "family", func(d *document) []string {
		return when(!familyRule().MatchString(d.Family), "family %q: 1 to 255 letters, digits, - and _ are wanted", d.Family)
	}},
	{"compatibility", "requiresCompatibilities", func(d *document) []string {
		return when(!slices.Contains(d.RequiresCompatibilities, "FARGATE"), "requiresCompatibilities must hold FARGATE")
	}},
	{"network-mode", "networkMode", func(d *document) []string {
		return when(d.NetworkMode != "awsvpc", "networkMode must be awsvpc, not %q", d.NetworkMode)
	}},
	{"size", "cpu", func(d *document) []string {
		cpu, okCPU := sizeString(d.CPU)
		memory, okMemory := sizeString(d.Memory)
		if !okCPU || !okMemory {
			return []string{`cpu and memory must be numbers in quotes, such as "512" and "1024"`}
		}
		return when(!offered(cpu, memory), "Fargate does not offer cpu %d with memory %d", cpu, memory)
	}},
	{"containers", "containerDefinitions", func(d *document) []string {
		return when(len(d.ContainerDefinitions) == 0, "there is no container")
	}},
	{"essential", "essential", func(d *document) []string {
		none := len(d.ContainerDefinitions) > 0 && !slices.ContainsFunc(d.ContainerDefinitions, func(c checked) bool { return c.Essential == nil || *c.Essential })
		return when(none, "at least one container must be essential")
	}},
	{"container-names", "containerDefinitions", func(d *document) []string {
		seen := map[string]bool{}
		for _, c := range d.ContainerDefinitions {
			if seen[c.Name] {
				return []string{"two containers are called " + c.Name}
			}
			seen[c.Name] = true
		}
		return nil
	}},
	{"containers-too-large", "containerDefinitions", func(d *document) []string {
		cpu, _ := sizeString(d.CPU)
		memory, _ := sizeString(d.Memory)
		var c, m int
		for _, x := range d.ContainerDefinitions {
			c, m = c+x.CPU, m+x.Memory
		}
		return when(c > cpu || m > memory, "the containers together want cpu %d and memory %d, the task has %d and %d", c, m, cpu, memory)
	}},
	{"execution-role", "executionRoleArn", func(d *document) []string {
		needs := slices.ContainsFunc(d.ContainerDefinitions, func(c checked) bool {
			return len(c.Secrets) > 0 || strings.Contains(c.Image, ".dkr.ecr.") || (c.LogConfiguration != nil && c.LogConfiguration.LogDriver == "awslogs")
		})
		return when(needs && d.ExecutionRoleARN == "", "an execution role is needed for private images, secrets and awslogs")
	}},
	{"execution-role-arn", "executionRoleArn", func(d *document) []string {
		return when(d.ExecutionRoleARN != "" && !roleRule().MatchString(d.ExecutionRoleARN), "%q is not the ARN of a role", d.ExecutionRoleARN)
	}},
	{"platform", "runtimePlatform", func(d *document) []string {
		p := d.RuntimePlatform
		return when(p != nil && p.CPUArchitecture != "" && p.CPUArchitecture != "X86_64" && p.CPUArchitecture != "ARM64", "cpuArchitecture must be X86_64 or ARM64")
	}},
	{"ephemeral-storage", "ephemeralStorage", func(d *document) []string {
		return when(d.EphemeralStorage != nil && (d.EphemeralStorage.SizeInGiB < 21 || d.EphemeralStorage.SizeInGiB > 200), "ephemeralStorage is from 21 to 200 GiB")
	}},
	{"host-volume", "volumes", func(d *document) []string {
		for _, v := range d.Volumes {
			if strings.Contains(string(v.Host), "sourcePath") {
				return []string{"volume " + v.Name + " names a path of the host; Fargate has none"}
			}
		}
		return nil
	}},
	{"placement", "placementConstraints", func(d *document) []string {
		return when(len(d.PlacementConstraints) > 0, "Fargate takes no placement constraints")
	}},
}

// sizeString reads "512"; a bare number is refused by the API.
func sizeString(raw json.RawMessage) (int, bool) {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// containerRules are what is refused in a container.
var containerRules = []containerRule{
	{"container-name", "name", func(_ *document, c *checked) []string {
		return when(!familyRule().MatchString(c.Name), "name: 1 to 255 letters, digits, - and _ are wanted")
	}},
	{"image", "image", func(_ *document, c *checked) []string {
		return when(c.Image == "", "it has no image")
	}},
	{"image-tag", "image", func(_ *document, c *checked) []string {
		return when(strings.HasSuffix(c.Image, ":latest"), "the image %s is another one with every push: name a release", c.Image)
	}},
	{"links", "links", func(_ *document, c *checked) []string {
		return when(len(c.Links) > 0, "links are not possible with awsvpc")
	}},
	{"privileged", "privileged", func(_ *document, c *checked) []string {
		return when(c.Privileged, "Fargate runs no privileged containers")
	}},
	{"host-port", "hostPort", func(_ *document, c *checked) []string {
		for _, p := range c.PortMappings {
			if p.HostPort != 0 && p.HostPort != p.ContainerPort {
				return []string{fmt.Sprintf("hostPort %d must be left out or equal containerPort %d", p.HostPort, p.ContainerPort)}
			}
		}
		return nil
	}},
	{"port", "containerPort", func(_ *document, c *checked) []string {
		for _, p := range c.PortMappings {
			if p.ContainerPort < 1 || p.ContainerPort > 65535 {
				return []string{fmt.Sprintf("%d is not a port", p.ContainerPort)}
			}
		}
		return nil
	}},
	{"log-driver", "logDriver", func(_ *document, c *checked) []string {
		l := c.LogConfiguration
		return when(l != nil && !slices.Contains(logDrivers, l.LogDriver), "the log driver must be one of %s", strings.Join(logDrivers, ", "))
	}},
	{"log-options", "logConfiguration", func(_ *document, c *checked) []string {
		l := c.LogConfiguration
		if l == nil || l.LogDriver != "awslogs" {
			return nil
		}
		for _, key := range []string{"awslogs-group", "awslogs-region", "awslogs-stream-prefix"} {
			if l.Options[key] == "" {
				return []string{"awslogs needs " + key}
			}
		}
		return nil
	}},
	{"secret-arn", "valueFrom", func(_ *document, c *checked) []string {
		for _, s := range c.Secrets {
			if !secretRule().MatchString(s.ValueFrom) {
				return []string{fmt.Sprintf("%s: %q is not the ARN of a secret or parameter", s.Name, s.ValueFrom)}
			}
		}
		return nil
	}},
	{"secret-in-file", "environment", func(_ *document, c *checked) []string {
		for _, e := range c.Environment {
			if secretName().MatchString(e.Name) && e.Value != "" {
				return []string{e.Name + " holds its value in the file: put it under secrets, by ARN"}
			}
		}
		return nil
	}},
	{"set-twice", "secrets", func(_ *document, c *checked) []string {
		seen := map[string]bool{}
		for _, e := range c.Environment {
			seen[e.Name] = true
		}
		for _, s := range c.Secrets {
			if seen[s.Name] {
				return []string{s.Name + " is set under environment and under secrets"}
			}
		}
		return nil
	}},
	{"stop-timeout", "stopTimeout", func(_ *document, c *checked) []string {
		return when(c.StopTimeout != nil && (*c.StopTimeout < 0 || *c.StopTimeout > 120), "stopTimeout is at most 120 seconds")
	}},
	{"health-command", "healthCheck", func(_ *document, c *checked) []string {
		h := c.HealthCheck
		return when(h != nil && (len(h.Command) < 2 || (h.Command[0] != "CMD" && h.Command[0] != "CMD-SHELL")), "the health check's command starts with CMD or CMD-SHELL")
	}},
	{"health-times", "healthCheck", func(_ *document, c *checked) []string {
		h := c.HealthCheck
		if h == nil {
			return nil
		}
		for _, b := range []struct {
			name     string
			value    *int
			min, max int
		}{{"interval", h.Interval, 5, 300}, {"timeout", h.Timeout, 2, 60}, {"retries", h.Retries, 1, 10}, {"startPeriod", h.StartPeriod, 0, 300}} {
			if b.value != nil && (*b.value < b.min || *b.value > b.max) {
				return []string{fmt.Sprintf("the health check's %s is from %d to %d", b.name, b.min, b.max)}
			}
		}
		return nil
	}},
	{"mount", "mountPoints", func(d *document, c *checked) []string {
		for _, m := range c.MountPoints {
			if !slices.ContainsFunc(d.Volumes, func(v taskVolume) bool { return v.Name == m.SourceVolume }) {
				return []string{"it mounts the volume " + m.SourceVolume + ", which the task does not have"}
			}
		}
		return nil
	}},
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
