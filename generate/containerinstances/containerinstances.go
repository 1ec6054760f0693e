// Package containerinstances makes container groups for Azure Container Instances.
package containerinstances

import (
	"context"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/azure-container-instances"

// What only the reader knows, as well-formed values.
const (
	location = "westeurope"
	registry = "yourregistry.azurecr.io"
	identity = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/your-group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/your-identity"
	storage  = "yourstorage"
)

// Target makes container groups.
type Target struct{}

// Name is "azure-container-instances".
func (Target) Name() string { return "azure-container-instances" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Containers }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Azure Container Instances: a container group for each component, without scaling or load balancer"
}

// Generate makes a group for each component, its release step and its schedules, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	m := maker{p: p}
	for _, d := range generate.Deployables(p) {
		c := d.Component
		var command []string
		if !d.First {
			command = c.Command()
		}
		policy := "Always"
		if generate.Finite(c) {
			policy = "Never"
		}
		if err := m.add(d, d.Name, policy, command, "processes"); err != nil {
			return nil, err
		}
		if release := c.Process("release"); release != nil {
			if err := m.add(d, d.Name+"-release", "Never", release, "processes.release"); err != nil {
				return nil, err
			}
		}
		for _, s := range c.Schedules {
			if err := m.add(d, d.Name+"-"+s.Name, "Never", s.Command, "schedules."+s.Name); err != nil {
				return nil, err
			}
		}
	}
	if len(m.files) == 0 {
		return nil, nil
	}
	return append(m.files, m.readme()), nil
}

// Group is a container group as az container create --file reads it.
type Group struct {
	APIVersion string     `yaml:"apiVersion"`
	Type       string     `yaml:"type"`
	Location   string     `yaml:"location"`
	Name       string     `yaml:"name"`
	Identity   Identity   `yaml:"identity"`
	Properties Properties `yaml:"properties"`
}

// Identity is who the group is: it pulls the image without a password.
type Identity struct {
	Type                   string              `yaml:"type"`
	UserAssignedIdentities map[string]struct{} `yaml:"userAssignedIdentities"`
}

// Properties are those of a group.
type Properties struct {
	OSType                   string               `yaml:"osType"`
	RestartPolicy            string               `yaml:"restartPolicy"`
	ImageRegistryCredentials []RegistryCredential `yaml:"imageRegistryCredentials"`
	IPAddress                *IPAddress           `yaml:"ipAddress,omitempty"`
	Containers               []Container          `yaml:"containers"`
	Volumes                  []Volume             `yaml:"volumes,omitempty"`
}

// RegistryCredential says which identity pulls from a registry.
type RegistryCredential struct {
	Server   string `yaml:"server"`
	Identity string `yaml:"identity"`
}

// IPAddress is the group's address.
type IPAddress struct {
	Type         string `yaml:"type"`
	DNSNameLabel string `yaml:"dnsNameLabel"`
	Ports        []Port `yaml:"ports"`
}

// Port is a port of the group or of a container.
type Port struct {
	Protocol string `yaml:"protocol"`
	Port     int    `yaml:"port"`
}

// Container is a container of a group.
type Container struct {
	Name       string              `yaml:"name"`
	Properties ContainerProperties `yaml:"properties"`
}

// ContainerProperties are those of a container.
type ContainerProperties struct {
	Image                string    `yaml:"image"`
	Command              []string  `yaml:"command,omitempty"`
	Ports                []Port    `yaml:"ports,omitempty"`
	EnvironmentVariables []EnvVar  `yaml:"environmentVariables,omitempty"`
	Resources            Resources `yaml:"resources"`
	ReadinessProbe       *Probe    `yaml:"readinessProbe,omitempty"`
	LivenessProbe        *Probe    `yaml:"livenessProbe,omitempty"`
	VolumeMounts         []Mount   `yaml:"volumeMounts,omitempty"`
}

// EnvVar is a variable; a secure value is shown nowhere afterwards.
type EnvVar struct {
	Name        string  `yaml:"name"`
	Value       *string `yaml:"value,omitempty"`
	SecureValue *Quoted `yaml:"secureValue,omitempty"`
}

// Quoted is a text in double quotes, so that what takes the place of a variable in it is a text as well.
type Quoted string

// MarshalYAML puts the quotes.
func (q Quoted) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: string(q), Style: yaml.DoubleQuotedStyle}, nil
}

// Resources is what a container is given.
type Resources struct {
	Requests Amounts `yaml:"requests"`
}

// Amounts are processors, and memory in GB.
type Amounts struct {
	CPU        float64 `yaml:"cpu"`
	MemoryInGB float64 `yaml:"memoryInGB"`
}

// Probe asks a container how it is.
type Probe struct {
	HTTPGet             *HTTPGet `yaml:"httpGet,omitempty"`
	Exec                *Exec    `yaml:"exec,omitempty"`
	InitialDelaySeconds int      `yaml:"initialDelaySeconds"`
	PeriodSeconds       int      `yaml:"periodSeconds"`
	TimeoutSeconds      int      `yaml:"timeoutSeconds"`
	FailureThreshold    int      `yaml:"failureThreshold"`
}

// HTTPGet asks by HTTP.
type HTTPGet struct {
	Path   string `yaml:"path"`
	Port   int    `yaml:"port"`
	Scheme string `yaml:"scheme"`
}

// Exec asks by a command.
type Exec struct {
	Command []string `yaml:"command"`
}

// Mount puts a volume into a container.
type Mount struct {
	Name      string `yaml:"name"`
	MountPath string `yaml:"mountPath"`
}

// Volume is a share of a storage account.
type Volume struct {
	Name      string    `yaml:"name"`
	AzureFile AzureFile `yaml:"azureFile"`
}

// AzureFile is a share and the key to it, which is filled in when the group is made.
type AzureFile struct {
	ShareName          string `yaml:"shareName"`
	StorageAccountName string `yaml:"storageAccountName"`
	StorageAccountKey  Quoted `yaml:"storageAccountKey"`
}

// maker makes the files.
type maker struct {
	p      *plan.Plan
	files  []generate.Artifact
	asked  []string          // variables that the files read when they are deployed
	why    map[string]string // of each
	shares []string
}

// storageKey is the variable with the key of the storage account.
const storageKey = "STORAGE_KEY"

// add writes a group that runs a command of the component's image; none: the image's own.
func (m *maker) add(d generate.Deployed, called, policy string, command []string, commandField string) error {
	c := d.Component
	group := Group{
		APIVersion: "2023-05-01", Type: "Microsoft.ContainerInstance/containerGroups", Location: location, Name: kubernetes.Name(63, m.p.Name, called),
		Identity: Identity{"UserAssigned", map[string]struct{}{identity: {}}},
		Properties: Properties{
			OSType: "Linux", RestartPolicy: policy, ImageRegistryCredentials: []RegistryCredential{{registry, identity}},
			Containers: []Container{{kubernetes.Name(63, called), ContainerProperties{
				Image: registry + "/" + d.Image.Name + ":" + generate.Release, Command: command, EnvironmentVariables: m.environment(c),
				Resources: Resources{Amounts{Cores(c.CPU.V), Gigabytes(c.Memory.V)}},
			}}},
		},
	}
	if c.Platform.V == "windows" {
		group.Properties.OSType = "Windows"
	}
	container := &group.Properties.Containers[0].Properties
	if policy == "Always" && generate.Serves(c) {
		container.Ports = []Port{{"TCP", c.Port.V}}
		group.Properties.IPAddress = &IPAddress{"Public", group.Name, []Port{{"TCP", c.Port.V}}}
		container.ReadinessProbe, container.LivenessProbe = probes(c)
	}
	data, _ := generate.Storage(c)
	for _, dir := range data {
		if c.Platform.V == "windows" {
			break // the platform mounts no shares there
		}
		share := kubernetes.Name(63, generate.VolumeName(d.Image.Components[0].Name, dir))
		volume := kubernetes.Name(63, generate.VolumeName("data", dir))
		if !slices.Contains(m.shares, share) {
			m.shares = append(m.shares, share)
		}
		m.ask(storageKey, "the key of the storage account")
		group.Properties.Volumes = append(group.Properties.Volumes, Volume{volume, AzureFile{share, storage, Quoted("${" + storageKey + "}")}})
		container.VolumeMounts = append(container.VolumeMounts, Mount{volume, dir})
	}
	why := m.reasons(c, *container, commandField)
	file, err := generate.YAML(path.Join(Dir, called+".yaml"), why, group)
	m.files = append(m.files, file)
	return err
}

func (m *maker) ask(name, why string) {
	if m.why == nil {
		m.why = map[string]string{}
	}
	if _, known := m.why[name]; !known {
		m.asked = append(m.asked, name)
		m.why[name] = why
	}
}

// variable is the name under which a setting's value is given when the group is made.
func (m *maker) variable(c *plan.Component, setting string) string {
	if generate.Shared(m.p, setting) {
		return setting
	}
	return strings.ToUpper(strings.ReplaceAll(c.Name, "-", "_")) + "_" + setting
}

func (m *maker) environment(c *plan.Component) []EnvVar {
	var out []EnvVar
	for _, s := range c.Settings {
		if generate.Stored(m.p, s) {
			name := m.variable(c, s.Name)
			m.ask(name, s.Why)
			reference := Quoted("${" + name + "}")
			out = append(out, EnvVar{Name: s.Name, SecureValue: &reference})
			continue
		}
		value := m.p.Expand(s.Value, nil, nil)
		out = append(out, EnvVar{Name: s.Name, Value: &value})
	}
	return out
}

// Cores is a share of 1/1024 of a core as Container Instances count it: in tenths, from 0.1 to 4.
// Source: "Resource availability for Azure Container Instances".
func Cores(share int) float64 { return tenths(float64(share)/1024, 4) }

// Gigabytes is an amount of MiB as Container Instances count it: in tenths, from 0.1 to 16.
func Gigabytes(mebibytes int) float64 { return tenths(float64(mebibytes)/1024, 16) }

func tenths(v, most float64) float64 {
	return min(max(math.Ceil(math.Round(v*1000)/100)/10, 0.1), most)
}

// probes ask whether the container takes requests, and whether it is stuck. Where nothing says which path answers a command in the container asks.
func probes(c *plan.Component) (readiness, liveness *Probe) {
	ready := &Probe{InitialDelaySeconds: 10, PeriodSeconds: 10, TimeoutSeconds: 5, FailureThreshold: 3}
	if kubernetes.AsksPath(c) {
		ready.HTTPGet = &HTTPGet{c.HealthPath.V, c.Port.V, "http"}
	} else {
		ready.Exec = &Exec{generate.HealthCommand(c)}
	}
	live := &Probe{Exec: &Exec{[]string{"bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%d", c.Port.V)}}, InitialDelaySeconds: 120, PeriodSeconds: 15, TimeoutSeconds: 5, FailureThreshold: 6}
	if c.Platform.V == "windows" {
		live.Exec = &Exec{generate.HealthCommand(c)}
	}
	return ready, live
}

func (m *maker) reasons(c *plan.Component, container ContainerProperties, command string) generate.Reasons {
	why := generate.Reasons{}
	field := func(names ...string) generate.Origin {
		for i := range names {
			names[i] = "components." + c.Name + "." + names[i]
		}
		return generate.FieldOrigin(m.p, names...)
	}
	in := func(place ...string) []string {
		return append([]string{"properties", "containers", "0", "properties"}, place...)
	}
	why.Add(generate.Origin{Why: "replace it by the region of your resource group"}, "location")
	why.Add(generate.Origin{Why: "an identity of yours that may pull from the registry (AcrPull): no password of the registry is anywhere"}, "identity")
	why.Add(generate.Origin{Why: "replace the registry by yours, and " + generate.Release + " by the tag that was pushed"}, in("image")...)
	why.Add(field("role"), "properties", "restartPolicy")
	why.Add(field("platform"), "properties", "osType")
	why.Add(field("port"), "properties", "ipAddress")
	why.Add(field("writes"), "properties", "volumes")
	why.Add(field(command), in("command")...)
	why.Add(field("port"), in("ports")...)
	why.Add(field("cpu", "memory"), in("resources")...)
	why.Add(field("healthPath", "port"), in("readinessProbe")...)
	why.Add(generate.Origin{Why: "asks for no more than a connection: starting anew mends no database that a path asks for"}, in("livenessProbe")...)
	why.Add(field("writes"), in("volumeMounts")...)
	for i, e := range container.EnvironmentVariables {
		why.Add(field("env."+e.Name), in("environmentVariables", fmt.Sprint(i))...)
	}
	return why
}

// readme says what to do with the groups.
func (m *maker) readme() generate.Artifact {
	p := m.p
	g := generate.NewGuide(Dir, p.Name+" on Azure Container Instances")
	g.Text("A group is one machine's worth of containers with one address: the platform neither scales it nor balances load nor ends TLS. For that put Application Gateway before it, or take Container Apps. The commands are run in this directory; replace in the files the location, the registry, the identity, the storage account, and the tag `%s`.", generate.Release)
	var push []string
	for _, image := range p.ImageGroups() {
		ref := registry + "/" + image.Name + ":" + generate.Release
		push = append(push, plan.ShellWords([]string{"docker", "build", "--platform", "linux/amd64", "-f", g.Up(image.Dockerfile), "-t", ref, g.Up(image.Root)}), plan.ShellWords([]string{"docker", "push", ref}))
	}
	g.Step("Push what runs.", push...)
	g.Backings(p, generate.Azure)
	if len(m.shares) > 0 {
		var commands []string
		for _, s := range m.shares {
			commands = append(commands, plan.ShellWords([]string{"az", "storage", "share-rm", "create", "--storage-account", storage, "--name", s}))
		}
		g.Step("Make the shares, and copy into them what the directories hold today.", commands...)
	}
	if slices.Sort(m.asked); len(m.asked) > 0 {
		g.Step("Export these variables, from Key Vault (az keyvault secret show --query value -o tsv) or another store: they take the place of their names when a group is made, by envsubst, and stand in no file. Values must not hold quotes or line ends.")
		for _, name := range m.asked {
			g.Item("`%s`: %s", name, detect.Printable(m.why[name], 100))
		}
		g.Blank()
	}
	for _, f := range m.files {
		name := strings.TrimSuffix(path.Base(f.Path), ".yaml")
		command := "az container create --resource-group your-group --file /dev/stdin"
		if len(m.asked) > 0 {
			command = "envsubst " + plan.ShellWords([]string{"${" + strings.Join(m.asked, "} ${") + "}"}) + " < " + plan.ShellWords([]string{path.Base(f.Path)}) + " | " + command
		} else {
			command += " < " + plan.ShellWords([]string{path.Base(f.Path)})
		}
		text := "Make " + name + ":"
		for _, d := range generate.Deployables(p) {
			switch {
			case name == d.Name+"-release":
				text = "Run the release step of " + d.Name + ", before the new version serves; az container logs shows how it went:"
			case generate.Finite(d.Component) && name == d.Name:
				text = name + " runs once when it is made, and again by az container start:"
			}
			for _, s := range d.Schedules {
				if name == d.Name+"-"+s.Name {
					text = fmt.Sprintf("%s runs once when it is made. The platform has no schedules: a Logic App or an Automation runbook starts it at %s by az container start.", name, s.Cron)
				}
			}
		}
		g.Step(text, command)
	}
	return g.Artifact()
}
