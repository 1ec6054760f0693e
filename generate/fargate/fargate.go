// Package fargate makes ECS task definitions for AWS Fargate: one for each
// component, as RegisterTaskDefinition takes it.
package fargate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/fargate"

// What only the reader knows. The values are well-formed, so that the files can be registered
// as they are by a tool that checks; README.md in Dir says what to replace them by.
const (
	account    = "123456789012" // AWS's own documentation account
	region     = "us-east-1"
	fileSystem = "fs-0123456789abcdef0"
)

// Target makes task definitions.
type Target struct{}

// Name is "fargate".
func (Target) Name() string { return "fargate" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Containers }

// Describe says what the target is for.
func (Target) Describe() string { return "AWS Fargate: an ECS task definition for each component" }

// Generate makes a task definition for each component and a README with the commands around them.
func (t Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	var out []generate.Artifact
	for _, g := range p.ImageGroups() {
		for i, c := range g.Components {
			a, err := definition(p, g, c, i == 0)
			if err != nil {
				return nil, fmt.Errorf("component %s: %w", c.Name, err)
			}
			out = append(out, a)
		}
	}
	if len(out) > 0 {
		out = append(out, readme(p))
	}
	return out, nil
}

// TaskDefinition is the part of RegisterTaskDefinition's request that is written. Field names and
// meaning are the API's (Amazon ECS API reference, RegisterTaskDefinition).
type TaskDefinition struct {
	Family                  string          `json:"family"`
	RequiresCompatibilities []string        `json:"requiresCompatibilities"`
	NetworkMode             string          `json:"networkMode"`
	RuntimePlatform         RuntimePlatform `json:"runtimePlatform"`
	CPU                     string          `json:"cpu"`
	Memory                  string          `json:"memory"`
	ExecutionRoleARN        string          `json:"executionRoleArn"`
	ContainerDefinitions    []Container     `json:"containerDefinitions"`
	Volumes                 []Volume        `json:"volumes,omitempty"`
}

// RuntimePlatform is the machine that the image was built for.
type RuntimePlatform struct {
	CPUArchitecture       string `json:"cpuArchitecture"`
	OperatingSystemFamily string `json:"operatingSystemFamily"`
}

// Container is a container of the task.
type Container struct {
	Name                   string           `json:"name"`
	Image                  string           `json:"image"`
	Essential              bool             `json:"essential"`
	Command                []string         `json:"command,omitempty"`
	PortMappings           []PortMapping    `json:"portMappings,omitempty"`
	Environment            []NameValue      `json:"environment,omitempty"`
	Secrets                []SecretRef      `json:"secrets,omitempty"`
	HealthCheck            *HealthCheck     `json:"healthCheck,omitempty"`
	ReadonlyRootFilesystem bool             `json:"readonlyRootFilesystem"`
	LinuxParameters        *LinuxParameters `json:"linuxParameters,omitempty"`
	MountPoints            []MountPoint     `json:"mountPoints,omitempty"`
	StopTimeout            int              `json:"stopTimeout"`
	LogConfiguration       LogConfiguration `json:"logConfiguration"`
}

// PortMapping is a port of a container.
type PortMapping struct {
	ContainerPort int    `json:"containerPort"`
	Protocol      string `json:"protocol"`
}

// NameValue is a plain environment variable.
type NameValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// SecretRef is an environment variable whose value is kept in a store.
type SecretRef struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
}

// HealthCheck asks the container whether it works. The image's own HEALTHCHECK is not looked at by ECS.
type HealthCheck struct {
	Command     []string `json:"command"`
	Interval    int      `json:"interval"`
	Timeout     int      `json:"timeout"`
	Retries     int      `json:"retries"`
	StartPeriod int      `json:"startPeriod"`
}

// LinuxParameters asks for an init process, which hands signals on.
type LinuxParameters struct {
	InitProcessEnabled bool `json:"initProcessEnabled"`
}

// MountPoint puts a volume of the task into a container.
type MountPoint struct {
	SourceVolume  string `json:"sourceVolume"`
	ContainerPath string `json:"containerPath"`
	ReadOnly      bool   `json:"readOnly"`
}

// LogConfiguration says where output goes.
type LogConfiguration struct {
	LogDriver string            `json:"logDriver"`
	Options   map[string]string `json:"options"`
}

// Volume is a volume of the task: of the task's own life without EFS.
type Volume struct {
	Name string `json:"name"`
	EFS  *EFS   `json:"efsVolumeConfiguration,omitempty"`
}

// EFS is a directory of an elastic file system.
type EFS struct {
	FileSystemID      string `json:"fileSystemId"`
	RootDirectory     string `json:"rootDirectory"`
	TransitEncryption string `json:"transitEncryption"`
}

// definition makes the task definition of a component.
func definition(p *plan.Plan, g plan.ImageGroup, c *plan.Component, first bool) (generate.Artifact, error) {
	cpu, memory := Fit(c.CPU.V, c.Memory.V)
	d := TaskDefinition{
		Family: p.Name + "-" + c.Name, RequiresCompatibilities: []string{"FARGATE"}, NetworkMode: "awsvpc",
		RuntimePlatform: RuntimePlatform{CPUArchitecture: "X86_64", OperatingSystemFamily: "LINUX"},
		CPU:             strconv.Itoa(cpu), Memory: strconv.Itoa(memory),
		ExecutionRoleARN: "arn:aws:iam::" + account + ":role/ecsTaskExecutionRole",
	}
	container := Container{
		Name: c.Name, Image: account + ".dkr.ecr." + region + ".amazonaws.com/" + g.Name + ":" + generate.Release, Essential: true,
		ReadonlyRootFilesystem: c.ReadOnly.V == "true", LinuxParameters: &LinuxParameters{InitProcessEnabled: true}, StopTimeout: 30,
		LogConfiguration: LogConfiguration{LogDriver: "awslogs", Options: map[string]string{
			"awslogs-group": "/ecs/" + p.Name, "awslogs-region": region, "awslogs-stream-prefix": c.Name,
		}},
	}
	if c.Platform.V == "windows" {
		forWindows(&d, &container)
	}
	if !first {
		container.Command = c.Command()
	}
	if c.Port.V != 0 {
		container.PortMappings = []PortMapping{{ContainerPort: c.Port.V, Protocol: "tcp"}}
	}
	if health := generate.HealthCommand(c); health != nil {
		container.HealthCheck = &HealthCheck{Command: append([]string{"CMD"}, health...), Interval: 10, Timeout: 5, Retries: 3, StartPeriod: 60}
	}
	for _, s := range c.Settings {
		if generate.Stored(p, s) {
			container.Secrets = append(container.Secrets, SecretRef{Name: s.Name, ValueFrom: parameter(p, c, s.Name)})
		} else {
			container.Environment = append(container.Environment, NameValue{Name: s.Name, Value: p.Expand(s.Value, nil, nil)})
		}
	}
	if c.Platform.V != "windows" { // Fargate mounts no EFS there
		d.Volumes, container.MountPoints = mounts(g, c)
	}
	d.ContainerDefinitions = []Container{container}
	return encode(p, c, d)
}

// forWindows makes a definition one of Windows containers: they have no init process and no read-only root, and take at least
// one vCPU and 2 GB.
func forWindows(d *TaskDefinition, container *Container) {
	d.RuntimePlatform.OperatingSystemFamily = "WINDOWS_SERVER_2022_CORE"
	cpu, _ := strconv.Atoi(d.CPU)
	memory, _ := strconv.Atoi(d.Memory)
	cpu, memory = Fit(max(cpu, 1024), max(memory, 2048))
	d.CPU, d.Memory = strconv.Itoa(cpu), strconv.Itoa(memory)
	container.LinuxParameters, container.ReadonlyRootFilesystem = nil, false
}

// parameter is the ARN of the Systems Manager parameter that holds a value. Unlike those
// of Secrets Manager, it is known before the parameter is made.
func parameter(p *plan.Plan, c *plan.Component, name string) string {
	return "arn:aws:ssm:" + region + ":" + account + ":parameter" + parameterName(p, c, name)
}

// parameterName is /project/NAME, or /project/component/NAME where components set NAME to different values.
func parameterName(p *plan.Plan, c *plan.Component, name string) string {
	if !generate.Shared(p, name) {
		return "/" + p.Name + "/" + c.Name + "/" + name
	}
	return "/" + p.Name + "/" + name
}

// mounts are the volumes of what must survive, on EFS, and of what a read-only root needs to be written.
func mounts(g plan.ImageGroup, c *plan.Component) ([]Volume, []MountPoint) {
	data, scratch := generate.Storage(c)
	var volumes []Volume
	var points []MountPoint
	for _, dir := range data {
		name := generate.VolumeName(g.Components[0].Name, dir)
		volumes = append(volumes, Volume{Name: name, EFS: &EFS{FileSystemID: fileSystem, RootDirectory: "/", TransitEncryption: "ENABLED"}})
		points = append(points, MountPoint{SourceVolume: name, ContainerPath: dir})
	}
	if c.ReadOnly.V == "true" {
		for _, dir := range scratch {
			name := "scratch" + strings.ReplaceAll(strings.ReplaceAll(dir, "/", "-"), ".", "-")
			volumes = append(volumes, Volume{Name: name})
			points = append(points, MountPoint{SourceVolume: name, ContainerPath: dir})
		}
	}
	return volumes, points
}

func encode(p *plan.Plan, c *plan.Component, d TaskDefinition) (generate.Artifact, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return generate.Artifact{}, fmt.Errorf("encode the task definition: %w", err)
	}
	origins, err := reasons(p, c, d).Lines(b.Bytes())
	if err != nil {
		return generate.Artifact{}, err
	}
	return generate.Artifact{Path: path.Join(Dir, "taskdef-"+c.Name+".json"), Content: b.Bytes(), Origins: origins}, nil
}

// reasons says why for the places of a task definition that follow from the plan.
func reasons(p *plan.Plan, c *plan.Component, d TaskDefinition) generate.Reasons {
	r := generate.Reasons{}
	field := func(name string) generate.Origin { return generate.FieldOrigin(p, "components."+c.Name+"."+name) }
	in := func(place ...string) []string { return append([]string{"containerDefinitions", "0"}, place...) }
	r.Add(generate.FieldOrigin(p, "name"), "family")
	r.Add(field("cpu"), "cpu")
	r.Add(field("memory"), "memory")
	r.Add(generate.Origin{Why: "Fargate runs tasks in a network of their own"}, "networkMode")
	r.Add(generate.Origin{Why: "the role that pulls the image, reads the parameters and writes the log: README.md says what it may do"}, "executionRoleArn")
	r.Add(generate.Origin{Why: "replace the account and the region, and RELEASE by the tag that was pushed"}, in("image")...)
	r.Add(field("processes"), in("command")...)
	r.Add(field("port"), in("portMappings")...)
	r.Add(generate.FieldOrigin(p, "components."+c.Name+".healthPath", "components."+c.Name+".port"), in("healthCheck")...)
	r.Add(field("readOnly"), in("readonlyRootFilesystem")...)
	r.Add(generate.Origin{Why: "signals reach the process, and what it leaves behind is reaped"}, in("linuxParameters")...)
	r.Add(field("writes"), in("mountPoints")...)
	r.Add(field("writes"), "volumes")
	for i, e := range d.ContainerDefinitions[0].Environment {
		r.Add(field("env."+e.Name), in("environment", strconv.Itoa(i))...)
	}
	for i, e := range d.ContainerDefinitions[0].Secrets {
		r.Add(field("env."+e.Name), in("secrets", strconv.Itoa(i))...)
	}
	return r
}

// readme says what to do with the task definitions.
func readme(p *plan.Plan) generate.Artifact {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# %s on AWS Fargate", p.Name)
	line("")
	line("The commands are run in this directory. Replace in the files beside this one: the account `%s`, the region `%s`, the tag `RELEASE`.", account, region)
	line("")
	line("1. Push the image%s to ECR:", plural(len(p.ImageGroups())))
	line("")
	for _, g := range p.ImageGroups() {
		line("       docker build --platform linux/amd64 -f %s -t %s.dkr.ecr.%s.amazonaws.com/%s:RELEASE %s", plan.ShellWords([]string{up(g.Dockerfile)}), account, region, g.Name, plan.ShellWords([]string{up(g.Root)}))
		line("       docker push %s.dkr.ecr.%s.amazonaws.com/%s:RELEASE", account, region, g.Name)
	}
	step := parameters(p, line)
	line("%d. Make the log group: `aws logs create-log-group --log-group-name /ecs/%s`.", step, p.Name)
	line("   The role `ecsTaskExecutionRole` needs the policy `AmazonECSTaskExecutionRolePolicy`, and `ssm:GetParameters` on `parameter/%s/*`.", p.Name)
	line("%d. Register the task definition%s:", step+1, plural(len(p.Components)))
	line("")
	for _, g := range p.ImageGroups() {
		for _, c := range g.Components {
			line("       aws ecs register-task-definition --cli-input-json file://taskdef-%s.json", c.Name)
		}
	}
	line("")
	for _, g := range p.ImageGroups() {
		for _, c := range g.Components {
			if command := c.Process("release"); command != nil {
				override, err := json.Marshal(map[string]any{"containerOverrides": []any{map[string]any{"name": c.Name, "command": command}}})
				if err == nil { // strings always marshal
					line("%d. Before a new version serves, run the release step of %s once: `aws ecs run-task` with the new task definition and", step+2, c.Name)
					line("")
					line("       --overrides %s", plan.ShellWords([]string{string(override)}))
					line("")
				}
			}
			if data, _ := generate.Storage(c); len(data) > 0 {
				line("%s keeps files in %s: the volume `%s` stands for an EFS file system of yours, writable for user 10001.", c.Name, strings.Join(data, ", "), fileSystem)
				line("")
			}
		}
	}
	content := []byte(strings.TrimRight(b.String(), "\n") + "\n")
	return generate.Artifact{Path: path.Join(Dir, "README.md"), Content: content, Origins: make([]generate.Origin, bytes.Count(content, []byte("\n")))}
}

// up is a path of the output as seen from Dir.
func up(p string) string { return path.Join("../..", p) }

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// parameters lists what must be put into the store, and returns the number of the next step.
func parameters(p *plan.Plan, line func(string, ...any)) int {
	var names []string
	why := map[string]string{}
	for i := range p.Components {
		c := &p.Components[i]
		for _, s := range c.Settings {
			name := parameterName(p, c, s.Name)
			if c.Role.V != detect.Library && generate.Stored(p, s) && !slices.Contains(names, name) {
				names = append(names, name)
				why[name] = s.Why
			}
		}
	}
	line("")
	if len(names) == 0 {
		return 2
	}
	slices.Sort(names)
	line("2. Put these values into the Parameter Store; addresses are those of your own databases and services:")
	line("")
	for _, n := range names {
		line("       aws ssm put-parameter --type SecureString --name %s --value …   # %s", n, detect.Printable(why[n], 100))
	}
	line("")
	return 3
}
