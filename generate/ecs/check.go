package ecs

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/fargate"
)

// Check applies the rules of CloudFormation, ECS and Copilot.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir, ".yaml", ".yml") {
		if path.Base(a.Path) == "manifest.yml" {
			out = append(out, checkManifest(a)...)
			continue
		}
		resources, problems := cloudformation.CheckCommon(a, "Resources")
		out = append(append(out, problems...), cloudformation.Apply(a, resources, Rules)...)
	}
	return out
}

const taskType = "AWS::ECS::TaskDefinition"

var familyRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`) })

type (
	node     = cloudformation.Node
	resource = cloudformation.Resource
)

func when(broken bool, at *node, format string, args ...any) (string, *node) {
	if !broken {
		return "", nil
	}
	return fmt.Sprintf(format, args...), at
}

// each applies a rule to each container of a task.
func each(rule func(c *node) (string, *node)) func(r resource) (string, *node) {
	return func(r resource) (string, *node) {
		for _, c := range r.Properties.At("ContainerDefinitions").List() {
			if message, at := rule(c); message != "" {
				return "container " + c.At("Name").Text() + ": " + message, at
			}
		}
		return "", nil
	}
}

// offered reports whether Fargate offers a pair, as texts.
func offered(cpu, memory string) bool {
	c, errCPU := strconv.Atoi(cpu)
	m, errMemory := strconv.Atoi(memory)
	if errCPU != nil || errMemory != nil {
		return false
	}
	fitCPU, fitMemory := fargate.Fit(c, m)
	return fitCPU == c && fitMemory == m
}

// Rules are what ECS, its load balancer and its scheduler refuse. Sources: Amazon ECS Developer Guide (task definition parameters for Fargate), AWS
// CloudFormation template reference, Elastic Load Balancing and EventBridge Scheduler user guides.
var Rules = []cloudformation.Rule{
	{ID: "family", Type: taskType, Broken: func(r resource) (string, *node) {
		at := r.Properties.At("Family")
		return when(at.Text() != "" && !familyRule().MatchString(at.Text()), at, "family %q: 1 to 255 letters, digits, - and _ are wanted", at.Text())
	}},
	{ID: "compatibility", Type: taskType, Broken: func(r resource) (string, *node) {
		at := r.Properties.At("RequiresCompatibilities")
		return when(!slices.ContainsFunc(at.List(), func(n *node) bool { return n.Text() == "FARGATE" }), at, "RequiresCompatibilities must hold FARGATE")
	}},
	{ID: "network-mode", Type: taskType, Broken: func(r resource) (string, *node) {
		at := r.Properties.At("NetworkMode")
		return when(at.Text() != "awsvpc", at, "NetworkMode must be awsvpc")
	}},
	{ID: "size", Type: taskType, Broken: func(r resource) (string, *node) {
		cpu, memory := r.Properties.At("Cpu"), r.Properties.At("Memory")
		return when(!offered(cpu.Text(), memory.Text()), cpu, "Fargate does not offer cpu %s with memory %s", cpu.Text(), memory.Text())
	}},
	{ID: "essential", Type: taskType, Broken: func(r resource) (string, *node) {
		at := r.Properties.At("ContainerDefinitions")
		return when(!slices.ContainsFunc(at.List(), func(c *node) bool { return c.At("Essential").Text() != "false" }), at, "at least one container must be essential")
	}},
	{ID: "execution-role", Type: taskType, Broken: func(r resource) (string, *node) {
		return when(r.Properties.At("ExecutionRoleArn") == nil, r.Properties, "an execution role is needed for private images, secrets and awslogs")
	}},
	{ID: "container-name", Type: taskType, Broken: each(func(c *node) (string, *node) {
		at := c.At("Name")
		return when(!familyRule().MatchString(at.Text()), at, "name: 1 to 255 letters, digits, - and _ are wanted")
	})},
	{ID: "image", Type: taskType, Broken: each(func(c *node) (string, *node) {
		at := c.At("Image")
		return when(at == nil || strings.HasSuffix(at.Text(), ":latest"), at, "it needs an image of a release: latest is another one with every push")
	})},
	{ID: "privileged", Type: taskType, Broken: each(func(c *node) (string, *node) {
		at := c.At("Privileged")
		return when(at.Text() == "true", at, "Fargate runs no privileged containers")
	})},
	{ID: "host-port", Type: taskType, Broken: each(func(c *node) (string, *node) {
		for _, p := range c.At("PortMappings").List() {
			if host := p.At("HostPort"); host != nil && host.Text() != p.At("ContainerPort").Text() {
				return "HostPort must be left out or equal ContainerPort", host
			}
		}
		return "", nil
	})},
	{ID: "log-driver", Type: taskType, Broken: each(func(c *node) (string, *node) {
		at := c.At("LogConfiguration", "LogDriver")
		return when(at != nil && !slices.Contains([]string{"awslogs", "splunk", "awsfirelens"}, at.Text()), at, "the log driver must be awslogs, splunk or awsfirelens")
	})},
	{ID: "secret-in-file", Type: taskType, Broken: each(func(c *node) (string, *node) {
		for _, e := range c.At("Environment").List() {
			if name := e.At("Name").Text(); cloudformation.SecretName().MatchString(name) && e.At("Value").Text() != "" {
				return name + " holds its value in the file: put it under Secrets, by ARN", e
			}
		}
		return "", nil
	})},
	{ID: "set-twice", Type: taskType, Broken: each(func(c *node) (string, *node) {
		seen := map[string]bool{}
		for _, e := range c.At("Environment").List() {
			seen[e.At("Name").Text()] = true
		}
		for _, e := range c.At("Secrets").List() {
			if seen[e.At("Name").Text()] {
				return e.At("Name").Text() + " is set under Environment and under Secrets", e
			}
		}
		return "", nil
	})},
	{ID: "stop-timeout", Type: taskType, Broken: each(func(c *node) (string, *node) {
		at := c.At("StopTimeout")
		n, ok := at.Number()
		return when(ok && (n < 2 || n > 120), at, "StopTimeout is from 2 to 120 seconds")
	})},
	{ID: "health-check", Type: taskType, Broken: each(func(c *node) (string, *node) {
		h := c.At("HealthCheck")
		for _, b := range []struct {
			key       string
			min, most int
		}{{"Interval", 5, 300}, {"Timeout", 2, 60}, {"Retries", 1, 10}, {"StartPeriod", 0, 300}} {
			if n, ok := h.At(b.key).Number(); ok && (n < b.min || n > b.most) {
				return fmt.Sprintf("the health check's %s is from %d to %d", b.key, b.min, b.most), h.At(b.key)
			}
		}
		command := h.At("Command").List()
		return when(h != nil && (len(command) < 2 || command[0].Text() != "CMD" && command[0].Text() != "CMD-SHELL"), h, "the health check's command starts with CMD or CMD-SHELL")
	})},
	{ID: "mount", Type: taskType, Broken: func(r resource) (string, *node) {
		volumes := map[string]bool{}
		for _, v := range r.Properties.At("Volumes").List() {
			volumes[v.At("Name").Text()] = true
			if at := v.At("Host"); at != nil {
				return "a volume names a path of the host; Fargate has none", at
			}
		}
		return each(func(c *node) (string, *node) {
			for _, m := range c.At("MountPoints").List() {
				if name := m.At("SourceVolume").Text(); !volumes[name] {
					return "it mounts the volume " + name + ", which the task does not have", m
				}
			}
			return "", nil
		})(r)
	}},
	{ID: "launch-type", Type: "AWS::ECS::Service", Broken: func(r resource) (string, *node) {
		at := r.Properties.At("LaunchType")
		return when(at.Text() != "FARGATE", at, "LaunchType must be FARGATE")
	}},
	{ID: "service-network", Type: "AWS::ECS::Service", Broken: func(r resource) (string, *node) {
		return when(r.Properties.At("NetworkConfiguration", "AwsvpcConfiguration", "Subnets") == nil, r.Properties, "a service on Fargate needs subnets")
	}},
	{ID: "target-type", Type: "AWS::ElasticLoadBalancingV2::TargetGroup", Broken: func(r resource) (string, *node) {
		at := r.Properties.At("TargetType")
		return when(at.Text() != "ip", at, "tasks on Fargate are reached by their addresses: TargetType ip")
	}},
	{ID: "target-health", Type: "AWS::ElasticLoadBalancingV2::TargetGroup", Broken: func(r resource) (string, *node) {
		at := r.Properties.At("HealthCheckPath")
		return when(at != nil && (!strings.HasPrefix(at.Text(), "/") || len(at.Text()) > 1024), at, "HealthCheckPath begins with / and has at most 1024 characters")
	}},
	{ID: "schedule", Type: "AWS::Scheduler::Schedule", Broken: func(r resource) (string, *node) {
		at := r.Properties.At("ScheduleExpression")
		fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(at.Text(), "cron("), ")"))
		bad := strings.HasPrefix(at.Text(), "cron(") && (len(fields) != 6 || (fields[2] == "?") == (fields[4] == "?"))
		return when(bad || !regexp.MustCompile(`^(cron|rate|at)\(.+\)$`).MatchString(at.Text()), at, "%q is no time of EventBridge: six fields, and ? for one of day and weekday", at.Text())
	}},
	{ID: "log-retention", Type: "AWS::Logs::LogGroup", Broken: func(r resource) (string, *node) {
		at := r.Properties.At("RetentionInDays")
		n, ok := at.Number()
		return when(ok && !slices.Contains([]int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}, n), at, "%d is no retention that the log offers", n)
	}},
}

// ManifestRules names the rules of Copilot's manifests.
var ManifestRules = []string{"syntax", "workload-name", "workload-type", "workload-size", "workload-port", "workload-http", "workload-schedule", "workload-secret", "workload-volume"}

var workloadRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]{0,254}$`) })

// checkManifest holds what Copilot refuses. Source: aws.github.io/copilot-cli, "Manifest".
func checkManifest(a generate.Artifact) []generate.Problem {
	list, out := generate.Strict[manifestDocument](a)
	problem := func(rule, format string, args ...any) {
		out = append(out, generate.Problem{File: a.Path, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
	}
	for _, m := range list {
		if !workloadRule().MatchString(m.Name) {
			problem("workload-name", "name %q: lower-case letters, digits and -, a letter first", m.Name)
		}
		if !knownType(m.Type) {
			problem("workload-type", "Copilot has no workload of type %q", m.Type)
		}
		if !offered(strconv.Itoa(m.CPU), strconv.Itoa(m.Memory)) {
			problem("workload-size", "Fargate does not offer cpu %d with memory %d", m.CPU, m.Memory)
		}
		if m.Type == webService && (m.Image.Port < 1 || m.Image.Port > 65535) {
			problem("workload-port", "a %s needs the port that it listens on", m.Type)
		}
		if (m.Type == webService) != (m.HTTP != nil) {
			problem("workload-http", "http belongs to a %s, and to nothing else", webService)
		}
		if (m.Type == scheduledJob) != (m.On != nil && m.On.Schedule != "") {
			problem("workload-schedule", "on.schedule belongs to a %s, and to nothing else", scheduledJob)
		}
		for name, value := range m.Variables {
			if cloudformation.SecretName().MatchString(name) && value != "" {
				problem("workload-secret", "%s holds its value in the file: put it under secrets", name)
			}
		}
		if m.Storage == nil {
			continue
		}
		for name, v := range m.Storage.Volumes {
			if !path.IsAbs(v.Path) || v.EFS != nil && (v.EFS.UID == 0 || v.EFS.GID == 0) {
				problem("workload-volume", "volume %s needs an absolute path, and a user and group that are not root", name)
			}
		}
	}
	return out
}

// manifestDocument is a manifest that may have been edited.
type manifestDocument struct {
	Name      string            `yaml:"name"`
	Type      string            `yaml:"type"`
	HTTP      *CopilotHTTP      `yaml:"http"`
	On        *CopilotTrigger   `yaml:"on"`
	Image     CopilotImage      `yaml:"image"`
	Command   any               `yaml:"command"`
	CPU       int               `yaml:"cpu"`
	Memory    int               `yaml:"memory"`
	Platform  any               `yaml:"platform"`
	Count     any               `yaml:"count"`
	Exec      *bool             `yaml:"exec"`
	Network   map[string]any    `yaml:"network"`
	Variables map[string]string `yaml:"variables"`
	Secrets   map[string]any    `yaml:"secrets"`
	Storage   *struct {
		ReadOnly bool `yaml:"readonly_fs"`
		Volumes  map[string]struct {
			Path     string `yaml:"path"`
			ReadOnly bool   `yaml:"read_only"`
			EFS      *struct {
				UID int `yaml:"uid"`
				GID int `yaml:"gid"`
			} `yaml:"efs"`
		} `yaml:"volumes"`
	} `yaml:"storage"`
	// Further parts that Copilot knows and nothing here holds rules for.
	Entrypoint any `yaml:"entrypoint"`
	Sidecars   any `yaml:"sidecars"`
	Logging    any `yaml:"logging"`
	Deployment any `yaml:"deployment"`
	Environ    any `yaml:"environments"`
	EnvFile    any `yaml:"env_file"`
	Retries    any `yaml:"retries"`
	Timeout    any `yaml:"timeout"`
	Publish    any `yaml:"publish"`
	Observe    any `yaml:"observability"`
	Overrides  any `yaml:"taskdef_overrides"`
}
