// Package swarm makes a stack file for Docker Swarm: the application with its services on a cluster of one's own machines.
package swarm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/compose"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/swarm"

// FileName is the stack file in Dir.
const FileName = "stack.yaml"

// dataLabel is the label of the machine that keeps what must survive: volumes are each machine's own.
const dataLabel = "drydock.data"

// Target makes a stack file.
type Target struct{}

// Name is "swarm".
func (Target) Name() string { return "swarm" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Cluster }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Docker Swarm: a stack with its services, rolling updates and secrets"
}

// Generate makes the stack file, a script for each component that reads secrets, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	deployed := generate.Deployables(p)
	if len(deployed) == 0 {
		return nil, nil
	}
	m := maker{p: p, why: generate.Reasons{}, stack: Stack{Version: "3.8", Services: map[string]Service{}, Networks: map[string]Network{}, Volumes: map[string]struct{}{}, Secrets: map[string]External{}, Configs: map[string]Config{}}}
	for _, d := range deployed {
		if err := m.component(d); err != nil {
			return nil, fmt.Errorf("component %s: %w", d.Name, err)
		}
	}
	for i := range p.Services {
		m.backing(&p.Services[i])
	}
	m.stack.Networks["front"] = Network{Driver: "overlay"}
	if len(p.Services) > 0 {
		m.stack.Networks["back"] = Network{Driver: "overlay", Internal: true}
		m.why.Add(generate.Origin{Why: "the services are reached by the components alone, and reach nothing outside"}, "networks", "back")
	}
	m.why.Add(generate.Origin{Why: "what docker stack deploy wants of its files"}, "version")
	file, err := generate.YAML(path.Join(Dir, FileName), m.why, m.stack)
	if err != nil {
		return nil, err
	}
	return append(append([]generate.Artifact{file}, m.scripts...), m.readme()), nil
}

// Stack is a stack file, in the version of the compose format that docker stack deploy reads.
type Stack struct {
	Version  string              `yaml:"version"`
	Services map[string]Service  `yaml:"services"`
	Networks map[string]Network  `yaml:"networks,omitempty"`
	Volumes  map[string]struct{} `yaml:"volumes,omitempty"`
	Secrets  map[string]External `yaml:"secrets,omitempty"`
	Configs  map[string]Config   `yaml:"configs,omitempty"`
}

// Service is a service of the stack.
type Service struct {
	Image           string            `yaml:"image"`
	Init            bool              `yaml:"init,omitempty"`
	Entrypoint      []string          `yaml:"entrypoint,omitempty,flow"`
	Command         []string          `yaml:"command,omitempty,flow"`
	Environment     map[string]string `yaml:"environment,omitempty"`
	Secrets         []Grant           `yaml:"secrets,omitempty"`
	Configs         []Grant           `yaml:"configs,omitempty"`
	Networks        []string          `yaml:"networks,omitempty"`
	Ports           []Port            `yaml:"ports,omitempty"`
	Volumes         []Mount           `yaml:"volumes,omitempty"`
	ReadOnly        bool              `yaml:"read_only,omitempty"`
	CapDrop         []string          `yaml:"cap_drop,omitempty"`
	StopGracePeriod string            `yaml:"stop_grace_period,omitempty"`
	Healthcheck     *Healthcheck      `yaml:"healthcheck,omitempty"`
	Deploy          Deploy            `yaml:"deploy"`
}

// Grant gives a secret or a config to a service as a file.
type Grant struct {
	Source string `yaml:"source"`
	Target string `yaml:"target"`
	GID    string `yaml:"gid,omitempty"`
	Mode   Octal  `yaml:"mode,omitempty"`
}

// Octal is a file's mode, written as one reads it: 0440.
type Octal int

// MarshalYAML writes the mode with its leading zero.
func (o Octal) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: fmt.Sprintf("%04o", int(o))}, nil
}

// Port is a port that the cluster publishes.
type Port struct {
	Target    int    `yaml:"target"`
	Published int    `yaml:"published"`
	Protocol  string `yaml:"protocol"`
	Mode      string `yaml:"mode"`
}

// Mount puts a volume into a service; without a source of type tmpfs it is memory.
type Mount struct {
	Type   string `yaml:"type"`
	Source string `yaml:"source,omitempty"`
	Target string `yaml:"target"`
}

// Healthcheck asks a container how it is.
type Healthcheck struct {
	Test        []string `yaml:"test,omitempty,flow"`
	Disable     bool     `yaml:"disable,omitempty"`
	Interval    string   `yaml:"interval,omitempty"`
	Timeout     string   `yaml:"timeout,omitempty"`
	Retries     int      `yaml:"retries,omitempty"`
	StartPeriod string   `yaml:"start_period,omitempty"`
}

// Deploy is how a service runs on the cluster.
type Deploy struct {
	Mode           string            `yaml:"mode,omitempty"`
	Replicas       *int              `yaml:"replicas,omitempty"`
	Labels         map[string]string `yaml:"labels,omitempty"`
	UpdateConfig   *Update           `yaml:"update_config,omitempty"`
	RollbackConfig *Update           `yaml:"rollback_config,omitempty"`
	RestartPolicy  Restart           `yaml:"restart_policy"`
	Resources      Resources         `yaml:"resources"`
	Placement      *Placement        `yaml:"placement,omitempty"`
}

// Update is how tasks are replaced by those of a new version.
type Update struct {
	Parallelism   int    `yaml:"parallelism"`
	Order         string `yaml:"order"`
	FailureAction string `yaml:"failure_action,omitempty"`
	Monitor       string `yaml:"monitor,omitempty"`
}

// Restart says when a task that ended is started again.
type Restart struct {
	Condition   string `yaml:"condition"`
	Delay       string `yaml:"delay,omitempty"`
	MaxAttempts int    `yaml:"max_attempts,omitempty"`
}

// Resources is what a task may use and what is set aside for it.
type Resources struct {
	Limits       Amounts  `yaml:"limits"`
	Reservations *Amounts `yaml:"reservations,omitempty"`
}

// Amounts are a share of the processors, "0.5", and memory, "512M".
type Amounts struct {
	CPUs   string `yaml:"cpus,omitempty"`
	Memory string `yaml:"memory,omitempty"`
}

// Placement says on which machines tasks may run.
type Placement struct {
	Constraints []string `yaml:"constraints"`
}

// Network is a network of the stack.
type Network struct {
	Driver   string `yaml:"driver"`
	Internal bool   `yaml:"internal,omitempty"`
}

// External is a secret that is made outside of the file.
type External struct {
	External bool   `yaml:"external"`
	Name     string `yaml:"name"`
}

// Config is a file that services are given. Name changes with its content: a config never does.
type Config struct {
	Name string `yaml:"name"`
	File string `yaml:"file"`
}

// maker is the stack in the making.
type maker struct {
	p       *plan.Plan
	stack   Stack
	why     generate.Reasons
	scripts []generate.Artifact
	ports   []int
	asked   []string // variables that the file reads from the environment of the person who deploys
}

func (m *maker) field(c *plan.Component, names ...string) generate.Origin {
	for i := range names {
		names[i] = "components." + c.Name + "." + names[i]
	}
	return generate.FieldOrigin(m.p, names...)
}

// escape keeps a text from being read as a variable of the file.
func escape(s string) string { return strings.ReplaceAll(s, "$", "$$") }

func escapes(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = escape(w)
	}
	return out
}

// component adds a component, its release step and its schedules.
func (m *maker) component(d generate.Deployed) error {
	c := d.Component
	s := m.running(d)
	switch {
	case generate.Finite(c):
		s.Deploy.Replicas, s.Deploy.RestartPolicy = ptr(0), Restart{Condition: "none"}
		m.why.Add(generate.Origin{Why: "it runs when it is asked for: docker service update --force --replicas 1"}, "services", c.Name, "deploy", "replicas")
	default:
		m.serving(c, &s)
	}
	if err := m.secrets(d, c.Name, c.Command(), !d.First, &s); err != nil {
		return err
	}
	m.put(c, c.Name, s)
	if command := c.Process("release"); command != nil {
		r := m.running(d)
		r.Deploy.Mode = "replicated-job"
		r.Deploy.RestartPolicy = Restart{Condition: "on-failure", Delay: "5s", MaxAttempts: 12}
		if err := m.secrets(d, c.Name, command, true, &r); err != nil {
			return err
		}
		name := m.free(c.Name + "-release")
		m.put(c, name, r)
		m.why.Add(m.field(c, "processes.release"), "services", name, "command")
		m.why.Add(generate.Origin{Why: "its services may still be starting"}, "services", name, "deploy", "restart_policy")
	}
	for _, x := range c.Schedules {
		r := m.running(d)
		r.Deploy.Replicas, r.Deploy.RestartPolicy = ptr(0), Restart{Condition: "none"}
		r.Deploy.Labels = map[string]string{"swarm.cronjob.enable": "true", "swarm.cronjob.schedule": x.Cron, "swarm.cronjob.skip-running": "true"}
		if err := m.secrets(d, c.Name, x.Command, true, &r); err != nil {
			return err
		}
		name := m.free(c.Name + "-" + x.Name)
		m.put(c, name, r)
		m.why.Add(m.field(c, "schedules."+x.Name), "services", name, "command")
		m.why.Add(m.field(c, "schedules."+x.Name), "services", name, "deploy", "labels")
	}
	return nil
}

func ptr[T any](v T) *T { return &v }

// free is a service's name that no other has.
func (m *maker) free(name string) string {
	for base, n := name, 2; ; n++ {
		if _, taken := m.stack.Services[name]; !taken && m.p.Component(name) == nil && m.p.Service(name) == nil {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, n)
	}
}

// running is what a component's tasks have in common.
func (m *maker) running(d generate.Deployed) Service {
	c := d.Component
	s := Service{Image: generate.ImageName(d.Image), StopGracePeriod: "30s", Networks: []string{"front"}, Environment: map[string]string{}}
	if slices.ContainsFunc(m.p.Services, func(x plan.Service) bool { return slices.Contains(x.For, c.Name) || len(x.For) == 0 }) {
		s.Networks = append(s.Networks, "back")
	}
	windows := c.Platform.V == "windows"
	if !windows {
		s.Init, s.CapDrop, s.ReadOnly = true, []string{"ALL"}, c.ReadOnly.V == "true"
	}
	data, scratch := generate.Storage(c)
	for _, dir := range data {
		volume := generate.VolumeName(d.Image.Components[0].Name, dir)
		m.stack.Volumes[volume] = struct{}{}
		s.Volumes = append(s.Volumes, Mount{"volume", volume, escape(dir)})
	}
	if s.ReadOnly {
		for _, dir := range scratch {
			s.Volumes = append(s.Volumes, Mount{Type: "tmpfs", Target: escape(dir)})
		}
	}
	if len(data) > 0 {
		s.Deploy.Placement = &Placement{[]string{"node.labels." + dataLabel + " == true"}}
	}
	s.Deploy.Resources.Limits.Memory = strconv.Itoa(max(c.Memory.V, 4)) + "M"
	if c.CPU.V > 0 && c.CPU.From != detect.Default {
		s.Deploy.Resources.Limits.CPUs = strconv.FormatFloat(float64(c.CPU.V)/1024, 'g', 4, 64)
	}
	if c.Memory.V > 0 && c.Memory.From != detect.Default {
		s.Deploy.Resources.Reservations = &Amounts{Memory: strconv.Itoa(c.Memory.V) + "M"}
	}
	s.Healthcheck = &Healthcheck{Disable: true}
	return s
}

// serving makes a component one that goes on: how many, how it is updated, how one asks for its health.
func (m *maker) serving(c *plan.Component, s *Service) {
	s.Deploy.Replicas = ptr(1)
	s.Deploy.RestartPolicy = Restart{Condition: "any", Delay: "5s"}
	s.Deploy.UpdateConfig = &Update{Parallelism: 1, Order: "stop-first", FailureAction: "rollback", Monitor: "60s"}
	s.Deploy.RollbackConfig = &Update{Parallelism: 1, Order: "stop-first"}
	at := []string{"services", c.Name, "deploy"}
	fileDatabase := slices.ContainsFunc(c.Services, func(x detect.Service) bool { return x.Kind == "sqlite" })
	if generate.Serves(c) {
		m.ports = append(m.ports, m.publish(c.Port.V))
		s.Ports = []Port{{c.Port.V, m.ports[len(m.ports)-1], "tcp", "ingress"}}
		s.Healthcheck = &Healthcheck{Test: append([]string{"CMD"}, escapes(generate.HealthCommand(c))...), Interval: "10s", Timeout: "5s", Retries: 3, StartPeriod: "120s"}
		if !fileDatabase {
			s.Deploy.Replicas, s.Deploy.UpdateConfig.Order, s.Deploy.RollbackConfig.Order = ptr(2), "start-first", "start-first"
			m.why.Add(generate.Origin{Why: "one serves while the other is replaced"}, append(at, "replicas")...)
			m.why.Add(generate.Origin{Why: "an old task goes when a new one is healthy; a version that does not become so is taken back"}, append(at, "update_config")...)
			return
		}
	}
	m.why.Add(generate.Origin{Why: "nothing says that two of it may work at the same time, as a scheduler must not"}, append(at, "replicas")...)
	m.why.Add(generate.Origin{Why: "the old task ends before the new one starts: there are never two"}, append(at, "update_config")...)
}

// publish is a port of the cluster for a component's, the same one unless another has it.
func (m *maker) publish(port int) int {
	for slices.Contains(m.ports, port) && port < 65535 {
		port++
	}
	return port
}

// secrets gives a service its command and its environment. A value that holds a secret is put together in the container, by a script that reads
// the secret's file: in the file of the stack and in what docker service inspect prints it would be readable.
func (m *maker) secrets(d generate.Deployed, script string, command []string, say bool, s *Service) error {
	c := d.Component
	var exports []string
	var origins []generate.Origin
	for _, x := range c.Settings {
		names := m.p.References(x.Value)
		if len(names) == 0 || len(command) == 0 { // without a command there is nothing that the script could become
			s.Environment[x.Name] = m.p.Expand(x.Value, escape, m.ask)
			continue
		}
		value, err := assembled(m.p, x.Value)
		if err != nil {
			return fmt.Errorf("setting %s: %w", x.Name, err)
		}
		exports = append(exports, "export "+x.Name+"="+value)
		origins = append(origins, m.field(c, "env."+x.Name))
		for _, name := range names {
			m.grant(s, name)
		}
	}
	if say {
		s.Command = escapes(command)
	}
	if len(exports) == 0 {
		return nil
	}
	s.Entrypoint, s.Command = []string{"sh", "/drydock-env.sh"}, escapes(command)
	config := m.script(script, exports, origins)
	s.Configs = []Grant{{Source: config, Target: "/drydock-env.sh", Mode: 0o444}}
	return nil
}

// ask is a variable that the file reads from the environment of the command that deploys.
func (m *maker) ask(name string) string {
	m.asked = append(m.asked, name)
	return "${" + name + ":?set " + name + " for docker stack deploy}"
}

// assembled is a setting's value as a word of the shell, with each secret read from its file.
func assembled(p *plan.Plan, value string) (string, error) {
	var failed error
	word := p.Expand(value, func(s string) string {
		quoted, err := syntax.Quote(s, syntax.LangPOSIX)
		failed = err
		return quoted
	}, func(name string) string { return `"$(cat /run/secrets/` + name + `)"` })
	return word, failed
}

// grant gives a service a secret as a file that its group alone reads: group 0, which every image of drydock's runs as.
func (m *maker) grant(s *Service, name string) {
	m.stack.Secrets[name] = External{true, m.secretName(name)}
	m.why.Add(generate.FieldOrigin(m.p, "secrets."+name), "secrets", name)
	if !slices.ContainsFunc(s.Secrets, func(g Grant) bool { return g.Source == name }) {
		s.Secrets = append(s.Secrets, Grant{Source: name, Target: name, GID: "0", Mode: 0o440})
	}
}

// secretName is a secret's name on the cluster: at most 64 letters, digits, -, _ and .
func (m *maker) secretName(name string) string { return short(m.p.Name+"_"+name, 64) }

// short cuts a name and tells it from others by a sum.
func short(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:limit-9] + "-" + hex.EncodeToString(sum[:4])
}

// script adds the script of a component once, and returns the name of its config.
func (m *maker) script(component string, exports []string, origins []generate.Origin) string {
	key := component + "-env"
	if _, made := m.stack.Configs[key]; made {
		return key
	}
	lines := append([]string{"#!/bin/sh", "# Gives " + component + " the values that hold secrets, and becomes its command.", "set -eu"}, exports...)
	content := []byte(strings.Join(append(lines, `exec "$@"`), "\n") + "\n")
	sum := sha256.Sum256(content)
	name := component + "-env.sh"
	all := make([]generate.Origin, bytes.Count(content, []byte("\n")))
	copy(all[3:], origins)
	m.scripts = append(m.scripts, generate.Artifact{Path: path.Join(Dir, name), Content: content, Origins: all})
	m.stack.Configs[key] = Config{Name: short(m.p.Name+"_"+key, 55) + "-" + hex.EncodeToString(sum[:4]), File: "./" + name}
	m.why.Add(generate.Origin{Why: "a config is never changed: its name changes with its content"}, "configs", key)
	return key
}

// put adds a service with its reasons.
func (m *maker) put(c *plan.Component, name string, s Service) {
	if len(s.Environment) == 0 {
		s.Environment = nil
	}
	m.stack.Services[name] = s
	add := func(o generate.Origin, place ...string) {
		m.why.Add(o, append([]string{"services", name}, place...)...)
	}
	add(generate.Origin{Why: "the image of " + c.Image + "; replace " + generate.PushRegistry + " by your registry and " + generate.Release + " by the tag that was pushed"}, "image")
	add(generate.Origin{Why: "signals reach the process, and what it leaves behind is reaped"}, "init")
	add(m.field(c, "processes"), "command")
	add(generate.Origin{Why: "puts the values together that hold secrets, from the files of the secrets"}, "entrypoint")
	for env := range s.Environment {
		add(m.field(c, "env."+env), "environment", env)
	}
	add(m.field(c, "port"), "ports")
	add(m.field(c, "writes"), "volumes")
	add(m.field(c, "readOnly"), "read_only")
	add(generate.Origin{Why: "nothing that an application does as a user without rights needs a capability"}, "cap_drop")
	add(generate.Origin{Why: "requests and jobs under way get time to finish"}, "stop_grace_period")
	add(m.field(c, "healthPath", "port"), "healthcheck")
	add(m.field(c, "cpu", "memory"), "deploy", "resources")
	add(generate.Origin{Why: "volumes are each machine's own: it runs where they are"}, "deploy", "placement")
}

// backing adds a service that the components need: one task, on the machine that keeps its data.
func (m *maker) backing(x *plan.Service) {
	s := Service{Image: m.p.Pull(x.Image.V), Command: escapes(x.Command), Networks: []string{"back"}, Environment: map[string]string{}}
	health := slices.Clone(x.Health)
	for _, e := range x.Settings {
		names := m.p.References(e.Value)
		switch {
		case len(names) == 1 && e.Value == "${"+names[0]+"}" && e.Name == compose.FileSetting(x.Kind):
			s.Environment[e.Name+"_FILE"] = "/run/secrets/" + names[0]
			m.stack.Secrets[names[0]] = External{true, m.secretName(names[0])}
			m.why.Add(generate.FieldOrigin(m.p, "secrets."+names[0]), "secrets", names[0])
			s.Secrets = append(s.Secrets, Grant{Source: names[0], Target: names[0]})
			for i := range health {
				health[i] = strings.ReplaceAll(health[i], `"$`+e.Name+`"`, `"$(cat "$`+e.Name+`_FILE")"`)
			}
		default:
			s.Environment[e.Name] = m.p.Expand(e.Value, escape, m.ask)
		}
	}
	if len(s.Environment) == 0 {
		s.Environment = nil
	}
	if len(health) > 0 {
		s.Healthcheck = &Healthcheck{Test: append([]string{"CMD"}, escapes(health)...), Interval: "10s", Timeout: "5s", Retries: 6, StartPeriod: "60s"}
	}
	if x.Data != "" {
		volume := x.Name + "-data"
		m.stack.Volumes[volume] = struct{}{}
		s.Volumes = []Mount{{"volume", volume, escape(x.Data)}}
		s.Deploy.Placement = &Placement{[]string{"node.labels." + dataLabel + " == true"}}
	}
	s.Deploy.Replicas, s.Deploy.RestartPolicy = ptr(1), Restart{Condition: "any", Delay: "5s"}
	s.Deploy.UpdateConfig = &Update{Parallelism: 1, Order: "stop-first"}
	s.Deploy.Resources.Limits.Memory = "2048M"
	m.stack.Services[x.Name] = s
	at := func(key ...string) []string { return append([]string{"services", x.Name}, key...) }
	m.why.Add(generate.FieldOrigin(m.p, "services."+x.Name+".image"), at("image")...)
	m.why.Add(generate.Origin{Why: "only the components that need it reach it, and it reaches nothing outside"}, at("networks")...)
	m.why.Add(generate.Origin{Why: "what " + x.Kind + " stores survives the task, on the machine where it lies"}, at("volumes")...)
	m.why.Add(generate.Origin{Why: "two of it on one volume would destroy it"}, at("deploy", "update_config")...)
	m.why.Add(generate.Origin{Why: "a bound, so that it does not take the machine with it; its data say how much it needs"}, at("deploy", "resources")...)
}

// readme says what to do with the stack.
func (m *maker) readme() generate.Artifact {
	p := m.p
	g := generate.NewGuide(Dir, p.Name+" on Docker Swarm")
	g.Text("The commands are run in this directory, on a manager of the swarm. `docker swarm init` makes one of a single machine.")
	g.Push(p)
	docker := func(words ...string) string { return plan.ShellWords(append([]string{"docker"}, words...)) }
	if len(m.stack.Volumes) > 0 {
		g.Step("Say which machine keeps what must survive; volumes are each machine's own. What has data runs there. NODE is a name of `docker node ls`.", docker("node", "update", "--label-add", dataLabel+"=true", "NODE"))
	}
	var commands []string
	for _, s := range p.Secrets {
		if _, used := m.stack.Secrets[s.Name]; used {
			make := "read -r value; printf %s \"$value\""
			if s.Generate {
				make = "openssl rand -hex " + strconv.Itoa(max(s.Length, 16)/2) + " | tr -d '\\n'"
			}
			commands = append(commands, make+" | "+docker("secret", "create", m.secretName(s.Name), "-"))
		}
	}
	if len(commands) > 0 {
		g.Step("Make the secrets. The cluster keeps them encrypted and gives them to tasks as files.", commands...)
	}
	if slices.Sort(m.asked); len(m.asked) > 0 {
		g.Text("Some images take no files, or nothing says what command they run: %s are read from the environment of the command that deploys, where docker service inspect shows them; give those that are also secrets the same values.", strings.Join(slices.Compact(m.asked), ", "))
	}
	stack := docker("stack", "deploy", "--with-registry-auth", "-c", FileName, p.Name)
	g.Step("Deploy. The same command brings a new version, task by task, and takes it back when it does not become healthy.", stack)
	if len(p.Services) > 0 {
		g.Text("The services that the application needs run in the stack, each once. One that is managed elsewhere takes the place of its service: drop it from %s and give its address in the variables of the components.", FileName)
	}
	for _, d := range generate.Deployables(p) {
		if d.Process("release") != nil {
			g.Text("%s-release prepares a new version each time the image changes, beside the tasks that start: where it must have ended before, deploy with the replicas of %s at 0 first.", d.Name, d.Name)
		}
		if generate.Finite(d.Component) {
			g.Step(d.Name+" runs when it is asked for:", docker("service", "update", "--force", "--replicas", "1", "--detach", p.Name+"_"+d.Name))
		}
		for _, x := range d.Schedules {
			g.Step(fmt.Sprintf("Swarm has no schedules. The labels of %s-%s are those that swarm-cronjob reads; without it this line goes into the crontab of a manager:", d.Name, x.Name),
				x.Cron+" "+docker("service", "update", "--force", "--replicas", "1", "--detach", p.Name+"_"+d.Name+"-"+x.Name))
		}
	}
	return g.Artifact()
}
