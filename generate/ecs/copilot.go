package ecs

import (
	"slices"
	"strconv"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/fargate"
	"github.com/drydock-cli/drydock/plan"
)

// Manifest is a manifest of AWS Copilot. Source: aws.github.io/copilot-cli, "Manifest".
type Manifest struct {
	Name      string             `yaml:"name"`
	Type      string             `yaml:"type"`
	HTTP      *CopilotHTTP       `yaml:"http,omitempty"`
	On        *CopilotTrigger    `yaml:"on,omitempty"`
	Image     CopilotImage       `yaml:"image"`
	Command   []string           `yaml:"command,omitempty"`
	CPU       int                `yaml:"cpu"`
	Memory    int                `yaml:"memory"`
	Platform  string             `yaml:"platform"`
	Count     any                `yaml:"count,omitempty"`
	Exec      *bool              `yaml:"exec,omitempty"`
	Network   map[string]any     `yaml:"network,omitempty"`
	Variables cloudformation.Map `yaml:"variables,omitempty"`
	Secrets   cloudformation.Map `yaml:"secrets,omitempty"`
	Storage   *CopilotStorage    `yaml:"storage,omitempty"`
}

// CopilotHTTP is how a service is reached.
type CopilotHTTP struct {
	Path        string        `yaml:"path"`
	HealthCheck CopilotHealth `yaml:"healthcheck"`
}

// CopilotHealth is what the load balancer asks.
type CopilotHealth struct {
	Path         string `yaml:"path"`
	SuccessCodes string `yaml:"success_codes"`
	GracePeriod  string `yaml:"grace_period"`
}

// CopilotTrigger is when a job is started; "none" is when somebody asks for it.
type CopilotTrigger struct {
	Schedule string `yaml:"schedule"`
}

// CopilotImage is what a service is built from.
type CopilotImage struct {
	Build CopilotBuild `yaml:"build"`
	Port  int          `yaml:"port,omitempty"`
}

// CopilotBuild names a Dockerfile and its context, from the directory that holds "copilot".
type CopilotBuild struct {
	Dockerfile string `yaml:"dockerfile"`
	Context    string `yaml:"context"`
}

// CopilotStorage is what survives.
type CopilotStorage struct {
	ReadOnly bool               `yaml:"readonly_fs,omitempty"`
	Volumes  cloudformation.Map `yaml:"volumes,omitempty"`
}

// The types of workloads that are written.
const (
	webService     = "Load Balanced Web Service"
	backendService = "Backend Service"
	scheduledJob   = "Scheduled Job"
)

// copilot is the manifest of a component.
func copilot(p *plan.Plan, d generate.Deployed) (generate.Artifact, error) {
	cpu, memory := fargate.Fit(d.CPU.V, d.Memory.V)
	m := Manifest{Name: d.Name, Type: backendService, CPU: cpu, Memory: memory, Platform: "linux/x86_64",
		Image: CopilotImage{Build: CopilotBuild{Dockerfile: d.Image.Dockerfile, Context: d.Image.Root}, Port: d.Port.V}}
	switch {
	case generate.Finite(d.Component):
		m.Type, m.On, m.Image.Port = scheduledJob, &CopilotTrigger{Schedule: "none"}, 0
	case generate.Serves(d.Component):
		health := CopilotHealth{Path: "/", SuccessCodes: "200-499", GracePeriod: "120s"}
		if d.HealthPath.V != "" {
			health.Path = d.HealthPath.V
		}
		if d.HealthPath.V != "" && d.HealthPath.From != detect.Default {
			health.SuccessCodes = "200-399,401,403"
		}
		m.Type, m.HTTP = webService, &CopilotHTTP{Path: "/", HealthCheck: health}
	}
	if m.Type != scheduledJob {
		m.Count = 1
		m.Network = map[string]any{"vpc": map[string]any{"placement": "private"}}
	}
	if command := d.Command(); !d.First && command != nil {
		m.Command = command
	}
	plain, stored := generate.Environment(p, d.Component)
	for _, e := range plain {
		m.Variables = append(m.Variables, cloudformation.Entry{Key: e.Name, Value: e.Value})
	}
	for _, e := range stored {
		m.Secrets = append(m.Secrets, cloudformation.Entry{Key: e.Name, Value: cloudformation.Of("secretsmanager", p.Name+":"+cloudformation.Key(p, d.Component, e.Name)+"::")})
	}
	data, scratch := generate.Storage(d.Component)
	var volumes cloudformation.Map
	for _, dir := range data {
		volumes.Set(generate.VolumeName(d.Image.Components[0].Name, dir), cloudformation.Of("path", dir, "read_only", false, "efs", cloudformation.Of("uid", 10001, "gid", 10001)))
	}
	if d.ReadOnly.V == "true" {
		for i, dir := range scratch {
			volumes.Set("scratch-"+strconv.Itoa(i+1), cloudformation.Of("path", dir, "read_only", false))
		}
	}
	if len(volumes) > 0 || d.ReadOnly.V == "true" {
		m.Storage = &CopilotStorage{ReadOnly: d.ReadOnly.V == "true", Volumes: volumes}
	}
	why := generate.Reasons{}
	field := func(name string) generate.Origin { return generate.FieldOrigin(p, "components."+d.Name+"."+name) }
	for _, x := range [][2]string{{"role", "type"}, {"cpu", "cpu"}, {"memory", "memory"}, {"port", "image"}, {"healthPath", "http"}, {"processes", "command"}, {"writes", "storage"}} {
		why.Add(field(x[0]), x[1])
	}
	for _, e := range d.Settings {
		why.Add(field("env."+e.Name), "variables", e.Name)
		why.Add(field("env."+e.Name), "secrets", e.Name)
	}
	return generate.YAML(copilotDir(d.Name), why, m)
}

// copilotTypes are the types of Copilot's workloads.
var copilotTypes = []string{webService, backendService, scheduledJob, "Request-Driven Web Service", "Worker Service", "Static Site"}

// knownType reports whether Copilot has a type of workload.
func knownType(t string) bool { return slices.Contains(copilotTypes, t) }
