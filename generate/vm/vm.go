// Package vm makes the user data of a virtual machine, for cloud-init: it installs Docker and runs the compose file. EC2, Compute Engine,
// Azure and OpenStack take the same file.
package vm

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/compose"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/vm"

// ConfigFile is the user data.
const ConfigFile = Dir + "/cloud-config.yaml"

// userDataLimit is what EC2 takes, in bytes: the least of the four. Source: Amazon EC2 User Guide, "Instance user data".
const userDataLimit = 16384

// Target makes the user data.
type Target struct{}

// Name is "vm".
func (Target) Name() string { return "vm" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Machine }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Virtual machine: cloud-init that runs the compose file on EC2, Compute Engine, Azure or OpenStack"
}

// Config is the part of a cloud-config that is written. Source: cloud-init documentation, "Module reference".
type Config struct {
	PackageUpdate  bool       `yaml:"package_update"`
	PackageUpgrade bool       `yaml:"package_upgrade"`
	Packages       []string   `yaml:"packages"`
	SSHPassword    bool       `yaml:"ssh_pwauth"`
	WriteFiles     []File     `yaml:"write_files"`
	RunCommands    [][]string `yaml:"runcmd"`
}

// File is a file that the machine gets on its first start.
type File struct {
	Path        string `yaml:"path"`
	Permissions string `yaml:"permissions"`
	Encoding    string `yaml:"encoding,omitempty"`
	Content     string `yaml:"content"`
}

// Generate makes the user data and the guide.
func (t Target) Generate(ctx context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	if len(generate.Deployables(p)) == 0 {
		return nil, nil
	}
	for _, d := range generate.Deployables(p) {
		if d.Platform.V == "windows" {
			return nil, &generate.UnsupportedError{Message: fmt.Sprintf("cloud-init sets up machines with Linux, and %s needs Windows", d.Name)}
		}
	}
	composed, err := compose.Target{}.Generate(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("the compose file that the machine runs: %w", err)
	}
	made, err := encode(p, config(p, composed, false))
	if err == nil && len(made.Content) > userDataLimit {
		made, err = encode(p, config(p, composed, true))
	}
	if err != nil {
		return nil, err
	}
	if len(made.Content) > userDataLimit {
		return nil, &generate.UnsupportedError{Message: fmt.Sprintf("the user data of the machine would be %d bytes, and EC2 takes %d", len(made.Content), userDataLimit)}
	}
	return []generate.Artifact{made, guide(p)}, nil
}

func home(p *plan.Plan) string { return "/opt/" + p.Name }

// config is the user data; packed puts the compose files into it compressed.
func config(p *plan.Plan, composed []generate.Artifact, packed bool) Config {
	c := Config{PackageUpdate: true, PackageUpgrade: true, Packages: []string{"docker.io", "docker-compose-v2", "openssl"}}
	for _, a := range composed {
		if a.Path != compose.FileName && a.Path != compose.ProductionFile {
			continue
		}
		f := File{Path: home(p) + "/" + a.Path, Permissions: "0644", Content: string(a.Content)}
		if packed {
			f.Encoding, f.Content = "gz+b64", pack(a.Content)
		}
		c.WriteFiles = append(c.WriteFiles, f)
	}
	c.WriteFiles = append(c.WriteFiles,
		File{Path: "/usr/local/sbin/" + p.Name + "-env", Permissions: "0755", Content: environment(p)},
		File{Path: "/etc/systemd/system/" + p.Name + ".service", Permissions: "0644", Content: unit(p)})
	if table := crontab(p); table != "" {
		c.Packages = append(c.Packages, "cron")
		c.WriteFiles = append(c.WriteFiles, File{Path: "/etc/cron.d/" + p.Name, Permissions: "0644", Content: table})
	}
	c.RunCommands = [][]string{{"systemctl", "daemon-reload"}, {"systemctl", "enable", "--now", p.Name + ".service"}}
	return c
}

// pack compresses a file; the same bytes for the same file.
func pack(content []byte) string {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return "" // the level is one that there is
	}
	_, _ = w.Write(content) // memory takes everything
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func encode(p *plan.Plan, c Config) (generate.Artifact, error) {
	why := generate.Reasons{}
	why.Add(generate.Origin{Why: "Docker and its compose plugin as Ubuntu 24.04 packs them"}, "packages")
	why.Add(generate.Origin{Why: "keys alone open the machine"}, "ssh_pwauth")
	why.Add(generate.FieldOrigin(p, "name"), "runcmd")
	for i, f := range c.WriteFiles {
		switch {
		case strings.HasSuffix(f.Path, "-env"):
			why.Add(generate.Origin{Why: "user data is read by everything on the machine: secrets are made there, or put there by a person"}, "write_files", fmt.Sprint(i))
		case strings.HasPrefix(f.Path, "/etc/cron.d/"):
			why.Add(schedules(p), "write_files", fmt.Sprint(i))
		case strings.HasPrefix(f.Path, home(p)):
			why.Add(generate.Origin{Why: "the application with its services, as the target compose makes it"}, "write_files", fmt.Sprint(i))
		default:
			why.Add(generate.Origin{Why: "it starts with the machine"}, "write_files", fmt.Sprint(i))
		}
	}
	a, err := generate.YAML(ConfigFile, why, c)
	a.Content = append([]byte("#cloud-config\n# "+generate.Header+"\n"), a.Content...)
	a.Origins = append([]generate.Origin{{}, {}}, a.Origins...)
	return a, err
}

func schedules(p *plan.Plan) generate.Origin {
	var fields []string
	for _, d := range generate.Deployables(p) {
		for _, s := range d.Schedules {
			fields = append(fields, "components."+d.Name+".schedules."+s.Name)
		}
	}
	return generate.FieldOrigin(p, fields...)
}

// variable is the name of a variable of the compose files' own: not one that holds a secret of the plan.
func variable(p *plan.Plan, name string) string {
	for slices.ContainsFunc(p.Secrets, func(s plan.Secret) bool { return s.Name == name }) {
		name = "LOCAL_" + name
	}
	return name
}

// environment is the program that makes .env when there is none. Values that any random text can be are made on the machine and leave it never.
func environment(p *plan.Plan) string {
	lines := []string{
		"#!/bin/sh", "# Makes .env when there is none. What stands empty in it a person fills in; README.md says with what.", "set -eu", "umask 077",
		"cd " + home(p), "[ ! -e .env ] || exit 0", "{",
		fmt.Sprintf("  printf '%%s\\n' %s=%s %s=%s", variable(p, "REGISTRY"), generate.PushRegistry, variable(p, "TAG"), generate.Release),
	}
	for _, s := range p.Secrets {
		value := ""
		if s.Generate {
			value = fmt.Sprintf(`"$(openssl rand -hex %d)"`, max(s.Length, 16)/2)
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("  printf '%s=%%s\\n' %s", s.Name, value), " "))
	}
	return strings.Join(append(lines, "} > .env.new", "mv .env.new .env"), "\n") + "\n"
}

const composeUp = "docker compose -f compose.yaml -f compose.production.yaml"

func unit(p *plan.Plan) string {
	var started []string
	for _, d := range generate.Deployables(p) {
		if !generate.Finite(d.Component) {
			started = append(started, d.Name)
		}
	}
	return strings.Join([]string{
		"[Unit]", "Description=" + p.Name, "Requires=docker.service", "Wants=network-online.target", "After=docker.service network-online.target", "",
		"[Service]", "Type=oneshot", "RemainAfterExit=yes", "WorkingDirectory=" + home(p), "ExecStartPre=/usr/local/sbin/" + p.Name + "-env",
		strings.TrimRight("ExecStart=/usr/bin/"+composeUp+" up --detach --wait --remove-orphans "+strings.Join(started, " "), " "),
		"ExecStop=/usr/bin/" + composeUp + " stop", "TimeoutStartSec=900", "", "[Install]", "WantedBy=multi-user.target", "",
	}, "\n")
}

// crontab starts what has a schedule in containers of its own. A percent sign ends a command there unless a backslash stands before it.
func crontab(p *plan.Plan) string {
	var lines []string
	for _, d := range generate.Deployables(p) {
		for _, s := range d.Schedules {
			command := fmt.Sprintf("cd %s && %s run --rm --no-deps -T %s %s", home(p), composeUp, d.Name, plan.ShellWords(s.Command))
			lines = append(lines, s.Cron+" root "+strings.ReplaceAll(command, "%", `\%`))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n" + strings.Join(lines, "\n") + "\n"
}

// size is a machine type of each cloud with so many processors and so much memory in MiB. Sources: the clouds' pages of machine types (2026-11).
type size struct {
	cpus, memory          int
	ec2, gce, azure, nova string
}

var sizes = []size{
	{2, 2048, "t3.small", "e2-small", "Standard_B2ats_v2", "2 vCPUs, 2 GiB"},
	{2, 4096, "t3.medium", "e2-medium", "Standard_B2als_v2", "2 vCPUs, 4 GiB"},
	{2, 8192, "t3.large", "e2-standard-2", "Standard_B2as_v2", "2 vCPUs, 8 GiB"},
	{4, 16384, "t3.xlarge", "e2-standard-4", "Standard_B4as_v2", "4 vCPUs, 16 GiB"},
	{8, 32768, "t3.2xlarge", "e2-standard-8", "Standard_B8as_v2", "8 vCPUs, 32 GiB"},
	{16, 65536, "m7i.4xlarge", "e2-standard-16", "Standard_B16as_v2", "16 vCPUs, 64 GiB"},
	{32, 131072, "m7i.8xlarge", "e2-standard-32", "Standard_B32as_v2", "32 vCPUs, 128 GiB"},
}

// Fit is the smallest size for the components and their services: 512 MiB for the system, and as much for each service, whose need nobody has measured.
func Fit(p *plan.Plan) (ec2, gce, azure, nova string) {
	memory, cpu := 512, 0
	for _, d := range generate.Deployables(p) {
		memory += d.Memory.V
		cpu += d.CPU.V
	}
	memory += 512 * len(p.Services)
	for _, s := range sizes {
		if s.memory >= memory && s.cpus*1024 >= cpu {
			return s.ec2, s.gce, s.azure, s.nova
		}
	}
	last := sizes[len(sizes)-1]
	return last.ec2, last.gce, last.azure, last.nova
}

func guide(p *plan.Plan) generate.Artifact {
	g := generate.NewGuide(Dir, p.Name+" on a virtual machine")
	g.Text("cloud-init installs Docker on Ubuntu 24.04, writes compose.yaml and compose.production.yaml to %s and starts them with the machine. The file is the same for every cloud.", home(p))
	g.Push(p)
	ec2, gce, azure, nova := Fit(p)
	var ports []string
	for _, d := range generate.Deployables(p) {
		if generate.Serves(d.Component) {
			ports = append(ports, fmt.Sprint(d.Port.V))
		}
	}
	g.Step("Make the machine, with a key of yours for SSH. One of these:")
	for _, m := range []struct {
		cloud string
		words []string
	}{
		{"Amazon EC2", []string{"aws", "ec2", "run-instances", "--image-id", "resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id", "--instance-type", ec2, "--key-name", "KEY", "--metadata-options", "HttpTokens=required", "--user-data", "file://cloud-config.yaml"}},
		{"Google Compute Engine", []string{"gcloud", "compute", "instances", "create", p.Name, "--image-family=ubuntu-2404-lts-amd64", "--image-project=ubuntu-os-cloud", "--machine-type=" + gce, "--metadata-from-file=user-data=cloud-config.yaml", "--shielded-secure-boot"}},
		{"Azure", []string{"az", "vm", "create", "--resource-group", "RESOURCE_GROUP", "--name", p.Name, "--image", "Canonical:ubuntu-24_04-lts:server:latest", "--size", azure, "--ssh-key-values", "KEY.pub", "--custom-data", "cloud-config.yaml"}},
		{"OpenStack, a flavor with " + nova, []string{"openstack", "server", "create", "--image", "ubuntu-24.04", "--flavor", "FLAVOR", "--key-name", "KEY", "--network", "NETWORK", "--user-data", "cloud-config.yaml", p.Name}},
	} {
		g.Item("%s:", m.cloud)
		g.Command(m.words)
	}
	if len(ports) > 0 {
		g.Step(fmt.Sprintf("Let only a load balancer or proxy with a certificate reach the machine's port %s: the application speaks HTTP.", strings.Join(ports, ", ")))
	}
	secrets(g, p)
	g.Step("For a new version set TAG in .env and start again. The release step runs before the application, as compose.yaml says.",
		plan.ShellWords([]string{"sudo", "systemctl", "restart", p.Name}))
	g.Step("See whether cloud-init and the application are done:", "cloud-init status --long", plan.ShellWords([]string{"systemctl", "status", p.Name}))
	for _, d := range generate.Deployables(p) {
		if generate.Finite(d.Component) {
			g.Step(fmt.Sprintf("%s is a job: run it when it is asked for.", d.Name), plan.ShellWords([]string{"sudo", "docker", "compose", "--project-directory", home(p), "run", "--rm", d.Name}))
		}
	}
	backings(g, p)
	return g.Artifact()
}

func secrets(g *generate.Guide, p *plan.Plan) {
	var supplied, made []string
	for _, s := range p.Secrets {
		if s.Generate {
			made = append(made, s.Name)
		} else {
			supplied = append(supplied, s.Name+" ("+detect.Printable(s.Why, 80)+")")
		}
	}
	if len(made) > 0 {
		g.Text("%s are made on the machine when it first starts and stand in %s/.env, which only root reads: keep a copy where you keep secrets.", strings.Join(made, ", "), home(p))
	}
	text := "put the registry and the version in the place of `registry.example.com` and `RELEASE`"
	if len(supplied) > 0 {
		text += ", and supply " + strings.Join(supplied, ", ")
	}
	g.Step(fmt.Sprintf("On the machine, %s in %s/.env, log in to the registry and start. Nothing of it belongs into the user data, which every process of the machine can read.", text, home(p)),
		plan.ShellWords([]string{"sudoedit", home(p) + "/.env"}), "sudo docker login registry.example.com", plan.ShellWords([]string{"sudo", "systemctl", "restart", p.Name}))
}

// backings says what a cloud has instead of the services that run on the machine.
func backings(g *generate.Guide, p *plan.Plan) {
	if len(p.Services) == 0 {
		return
	}
	g.Step("The services of compose.yaml run on the machine, and so do their data: back up its volumes, or take the cloud's own service, take the one of compose.yaml out and give the application its address.")
	for _, f := range []generate.Family{generate.AWS, generate.Google, generate.Azure, generate.OpenStack} {
		var names []string
		for _, b := range generate.Backings(p, f) {
			if b.Offered && b.Image != "" {
				names = append(names, fmt.Sprintf("%s: %s (%s)", b.Service, b.Offer.Product, b.Offer.Source))
			}
		}
		if len(names) > 0 {
			g.Item("%s", strings.Join(names, "; "))
		}
	}
	g.Blank()
}
