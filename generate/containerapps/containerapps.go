// Package containerapps makes the apps and jobs of Azure Container Apps.
package containerapps

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/azure-container-apps"

// What only the reader knows, as well-formed values.
const (
	location    = "westeurope"
	group       = "your-group"
	registry    = "yourregistry.azurecr.io"
	identity    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/your-group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/your-identity"
	environment = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/your-group/providers/Microsoft.App/managedEnvironments/your-environment"
	vault       = "your-vault"
	storage     = "yourstorage"
)

// The types of resources.
const (
	app = "Microsoft.App/containerApps"
	job = "Microsoft.App/jobs"
)

// Target makes apps and jobs.
type Target struct{}

// Name is "azure-container-apps".
func (Target) Name() string { return "azure-container-apps" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Containers }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Azure Container Apps: apps with scaling and TLS, jobs by hand and by schedule"
}

// Generate makes a file for each component, its release step and its schedules, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	m := maker{p: p, secrets: map[string]string{}}
	for _, d := range generate.Deployables(p) {
		if d.Platform.V == "windows" {
			return nil, &generate.UnsupportedError{Message: "Azure Container Apps runs containers of Linux alone, and " + d.Name + " is one of Windows: leave the target out, or choose azure-container-instances or kubernetes"}
		}
		if err := m.component(d); err != nil {
			return nil, fmt.Errorf("component %s: %w", d.Name, err)
		}
	}
	if len(m.files) == 0 {
		return nil, nil
	}
	return append(m.artifacts(), m.readme()), nil
}

// Resource is an app or a job as az containerapp create and az containerapp job create read it by --yaml.
type Resource struct {
	Type       string     `yaml:"type"`
	Location   string     `yaml:"location"`
	Name       string     `yaml:"name"`
	Identity   Identity   `yaml:"identity"`
	Properties Properties `yaml:"properties"`
}

// Identity is who the resource is: it pulls the image and reads the secrets without a password.
type Identity struct {
	Type                   string              `yaml:"type"`
	UserAssignedIdentities map[string]struct{} `yaml:"userAssignedIdentities"`
}

// Properties are those of a resource.
type Properties struct {
	EnvironmentID string        `yaml:"environmentId"`
	Configuration Configuration `yaml:"configuration"`
	Template      Template      `yaml:"template"`
}

// Configuration is what all revisions share: of an app the ingress, of a job what starts it.
type Configuration struct {
	ActiveRevisionsMode   string     `yaml:"activeRevisionsMode,omitempty"`
	TriggerType           string     `yaml:"triggerType,omitempty"`
	ReplicaTimeout        int        `yaml:"replicaTimeout,omitempty"`
	ReplicaRetryLimit     *int       `yaml:"replicaRetryLimit,omitempty"`
	ManualTriggerConfig   *Manual    `yaml:"manualTriggerConfig,omitempty"`
	ScheduleTriggerConfig *Schedule  `yaml:"scheduleTriggerConfig,omitempty"`
	Ingress               *Ingress   `yaml:"ingress,omitempty"`
	Registries            []Registry `yaml:"registries"`
	Secrets               []Secret   `yaml:"secrets,omitempty"`
}

// Manual says how many containers an execution has.
type Manual struct {
	Parallelism            int `yaml:"parallelism"`
	ReplicaCompletionCount int `yaml:"replicaCompletionCount"`
}

// Schedule says when a job runs, in UTC, and how many containers an execution has.
type Schedule struct {
	CronExpression         string `yaml:"cronExpression"`
	Parallelism            int    `yaml:"parallelism"`
	ReplicaCompletionCount int    `yaml:"replicaCompletionCount"`
}

// Ingress is how requests come in.
type Ingress struct {
	External      bool      `yaml:"external"`
	TargetPort    int       `yaml:"targetPort"`
	Transport     string    `yaml:"transport"`
	AllowInsecure bool      `yaml:"allowInsecure"`
	Traffic       []Traffic `yaml:"traffic"`
}

// Traffic says which revision serves.
type Traffic struct {
	LatestRevision bool   `yaml:"latestRevision,omitempty"`
	RevisionName   string `yaml:"revisionName,omitempty"`
	Weight         int    `yaml:"weight"`
}

// Registry says who pulls from a registry.
type Registry struct {
	Server            string `yaml:"server"`
	Identity          string `yaml:"identity,omitempty"`
	Username          string `yaml:"username,omitempty"`
	PasswordSecretRef string `yaml:"passwordSecretRef,omitempty"`
}

// Secret is a value of Key Vault that an identity reads.
type Secret struct {
	Name        string `yaml:"name"`
	KeyVaultURL string `yaml:"keyVaultUrl,omitempty"`
	Identity    string `yaml:"identity,omitempty"`
	Value       string `yaml:"value,omitempty"` // what Check refuses: the value would stand in the file
}

// Template is what a revision, or the execution of a job, is made of.
type Template struct {
	Containers []Container `yaml:"containers"`
	Scale      *Scale      `yaml:"scale,omitempty"`
	Volumes    []Volume    `yaml:"volumes,omitempty"`
}

// Container is a container of a template.
type Container struct {
	Name         string    `yaml:"name"`
	Image        string    `yaml:"image"`
	Args         []string  `yaml:"args,omitempty"`
	Env          []EnvVar  `yaml:"env,omitempty"`
	Resources    Resources `yaml:"resources"`
	Probes       []Probe   `yaml:"probes,omitempty"`
	VolumeMounts []Mount   `yaml:"volumeMounts,omitempty"`
}

// EnvVar is a variable with a value or the name of a secret.
type EnvVar struct {
	Name      string  `yaml:"name"`
	Value     *string `yaml:"value,omitempty"`
	SecretRef string  `yaml:"secretRef,omitempty"`
}

// Resources are processors, and memory: "0.5Gi".
type Resources struct {
	CPU    float64 `yaml:"cpu"`
	Memory string  `yaml:"memory"`
}

// Probe asks a container how it is.
type Probe struct {
	Type                string     `yaml:"type"`
	HTTPGet             *HTTPGet   `yaml:"httpGet,omitempty"`
	TCPSocket           *TCPSocket `yaml:"tcpSocket,omitempty"`
	InitialDelaySeconds int        `yaml:"initialDelaySeconds,omitempty"`
	PeriodSeconds       int        `yaml:"periodSeconds,omitempty"`
	TimeoutSeconds      int        `yaml:"timeoutSeconds,omitempty"`
	FailureThreshold    int        `yaml:"failureThreshold,omitempty"`
}

// HTTPGet asks by HTTP.
type HTTPGet struct {
	Path   string `yaml:"path"`
	Port   int    `yaml:"port"`
	Scheme string `yaml:"scheme,omitempty"`
}

// TCPSocket asks for a connection.
type TCPSocket struct {
	Port int `yaml:"port"`
}

// Mount puts a volume into a container.
type Mount struct {
	VolumeName string `yaml:"volumeName"`
	MountPath  string `yaml:"mountPath"`
}

// Volume is a storage of the environment.
type Volume struct {
	Name         string `yaml:"name"`
	StorageType  string `yaml:"storageType"`
	StorageName  string `yaml:"storageName,omitempty"`
	MountOptions string `yaml:"mountOptions,omitempty"`
}

// Scale says how many containers serve.
type Scale struct {
	MinReplicas int    `yaml:"minReplicas"`
	MaxReplicas int    `yaml:"maxReplicas"`
	Rules       []Rule `yaml:"rules,omitempty"`
}

// Rule says when there is one more container.
type Rule struct {
	Name string    `yaml:"name"`
	HTTP *HTTPRule `yaml:"http,omitempty"`
}

// HTTPRule counts requests.
type HTTPRule struct {
	Metadata map[string]string `yaml:"metadata"`
}

// file is a resource with what it was made from.
type file struct {
	generate.Artifact
	resource Resource
	from     generate.Deployed
	release  bool
}

// maker makes the files.
type maker struct {
	p       *plan.Plan
	files   []file
	secrets map[string]string // the name in Key Vault, and what it is for
	shares  []string
}

func (m *maker) artifacts() []generate.Artifact {
	var out []generate.Artifact
	for _, f := range m.files {
		out = append(out, f.Artifact)
	}
	return out
}

// longest is the most characters that the name of an app or a job has.
const longest = 32

// name is the name of an app or a job: never two dashes together. Of a longer one the words at its end are kept, which tell a project's
// components apart, and its sum.
func name(parts ...string) string {
	joined := kubernetes.Name(math.MaxInt, strings.Join(parts, "-"))
	for strings.Contains(joined, "--") {
		joined = strings.ReplaceAll(joined, "--", "-")
	}
	if len(joined) <= longest {
		return joined
	}
	sum := sha256.Sum256([]byte(joined))
	end := joined[len(joined)-(longest-9):]
	if at := strings.IndexByte(end, '-'); at >= 0 && at+1 < len(end) {
		end = end[at+1:]
	}
	return kubernetes.Name(longest, end+"-"+hex.EncodeToString(sum[:4]))
}

func (m *maker) component(d generate.Deployed) error {
	c := d.Component
	var command []string
	if !d.First {
		command = c.Command()
	}
	kind := app
	if generate.Finite(c) {
		kind = job
	}
	if err := m.add(d, kind, d.Name, "", command, "processes"); err != nil {
		return err
	}
	if release := c.Process("release"); release != nil {
		if err := m.add(d, job, d.Name+"-release", "", release, "processes.release"); err != nil {
			return err
		}
		m.files[len(m.files)-1].release = true
	}
	for _, s := range c.Schedules {
		if err := m.add(d, job, d.Name+"-"+s.Name, s.Cron, s.Command, "schedules."+s.Name); err != nil {
			return err
		}
	}
	return nil
}

// add writes a resource that runs a command of the component's image; none: the image's own. A job with a cron runs by it.
func (m *maker) add(d generate.Deployed, kind, called, cron string, command []string, commandField string) error {
	c := d.Component
	secrets, env := m.environment(c)
	volumes, mounts := m.volumes(d)
	cpu, memory := Fit(c.CPU.V, c.Memory.V)
	r := Resource{
		Type: kind, Location: location, Name: name(m.p.Name, called), Identity: Identity{"UserAssigned", map[string]struct{}{identity: {}}},
		Properties: Properties{
			EnvironmentID: environment,
			Configuration: Configuration{Registries: []Registry{{Server: registry, Identity: identity}}, Secrets: secrets},
			Template: Template{Volumes: volumes, Containers: []Container{{
				Name: kubernetes.Name(63, called), Image: registry + "/" + d.Image.Name + ":" + generate.Release, Args: command, Env: env,
				Resources: Resources{cpu, memory}, VolumeMounts: mounts,
			}}},
		},
	}
	why := generate.Reasons{}
	if kind == job {
		m.starts(c, &r.Properties.Configuration, cron, commandField, why)
	} else {
		m.serves(c, &r.Properties, why)
	}
	m.reasons(c, r.Properties, why, commandField)
	a, err := generate.YAML(path.Join(Dir, called+".yaml"), why, r)
	m.files = append(m.files, file{Artifact: a, resource: r, from: d})
	return err
}

// starts says what starts a job.
func (m *maker) starts(c *plan.Component, to *Configuration, cron, field string, why generate.Reasons) {
	to.TriggerType, to.ReplicaTimeout, to.ReplicaRetryLimit = "Manual", 3600, new(int)
	at := []string{"properties", "configuration"}
	if generate.Finite(c) {
		to.ReplicaTimeout = 86400
	}
	if cron == "" {
		to.ManualTriggerConfig = &Manual{1, 1}
	} else {
		to.TriggerType, to.ScheduleTriggerConfig = "Schedule", &Schedule{kubernetes.Cron(cron), 1, 1}
		why.Add(generate.FieldOrigin(m.p, "components."+c.Name+"."+field), append(slices.Clone(at), "scheduleTriggerConfig")...)
	}
	why.Add(generate.Origin{Why: "seconds after which an execution is ended: set it above the longest that yours has taken"}, append(slices.Clone(at), "replicaTimeout")...)
	why.Add(generate.Origin{Why: "what failed half-way is looked at before it is repeated"}, append(slices.Clone(at), "replicaRetryLimit")...)
}

// serves says how requests come in, how the app is asked for its health, and how it scales.
func (m *maker) serves(c *plan.Component, to *Properties, why generate.Reasons) {
	to.Configuration.ActiveRevisionsMode = "Single"
	to.Template.Scale = &Scale{MinReplicas: 1, MaxReplicas: 1}
	scale := []string{"properties", "template", "scale"}
	if !generate.Serves(c) {
		why.Add(generate.Origin{Why: "one: without requests it would scale to none, and nothing says that two of it may work at the same time"}, scale...)
		return
	}
	to.Configuration.Ingress = &Ingress{External: true, TargetPort: c.Port.V, Transport: "auto", Traffic: []Traffic{{LatestRevision: true, Weight: 100}}}
	to.Template.Containers[0].Probes = probes(c)
	if !kubernetes.Replicable(c) {
		why.Add(generate.Origin{Why: "it keeps its database in a file, which two would destroy"}, scale...)
		return
	}
	to.Template.Scale.MaxReplicas = 6
	to.Template.Scale.Rules = []Rule{{"http", &HTTPRule{map[string]string{"concurrentRequests": "50"}}}}
	why.Add(generate.Origin{Why: "one that always runs, so that nobody waits for a start; 0 is cheaper where that may be"}, append(slices.Clone(scale), "minReplicas")...)
	why.Add(generate.Origin{Why: "requests that one container is given at a time, before another is started"}, append(slices.Clone(scale), "rules")...)
}

// probes ask whether the container has started, takes requests, is stuck. The platform asks by HTTP or for a connection, never by a command.
// Source: "Health probes in Azure Container Apps".
func probes(c *plan.Component) []Probe {
	connect := &TCPSocket{c.Port.V}
	start := Probe{Type: "Startup", TCPSocket: connect, PeriodSeconds: 5, TimeoutSeconds: 5, FailureThreshold: 60}
	ready := Probe{Type: "Readiness", TCPSocket: connect, PeriodSeconds: 10, TimeoutSeconds: 5, FailureThreshold: 3}
	if kubernetes.AsksPath(c) {
		ready.HTTPGet, ready.TCPSocket = &HTTPGet{c.HealthPath.V, c.Port.V, "HTTP"}, nil
	}
	return []Probe{start, ready, {Type: "Liveness", TCPSocket: connect, PeriodSeconds: 15, TimeoutSeconds: 5, FailureThreshold: 6}}
}

// environment are the secrets that a component reads from Key Vault, and its variables.
func (m *maker) environment(c *plan.Component) ([]Secret, []EnvVar) {
	var secrets []Secret
	var env []EnvVar
	for _, s := range c.Settings {
		if !generate.Stored(m.p, s) {
			value := m.p.Expand(s.Value, nil, nil)
			env = append(env, EnvVar{Name: s.Name, Value: &value})
			continue
		}
		kept := m.kept(c, s.Name)
		if _, known := m.secrets[kept]; !known {
			m.secrets[kept] = s.Why
		}
		called := kubernetes.Name(63, slug(s.Name))
		secrets = append(secrets, Secret{Name: called, KeyVaultURL: "https://" + vault + ".vault.azure.net/secrets/" + kept, Identity: identity})
		env = append(env, EnvVar{Name: s.Name, SecretRef: called})
	}
	return secrets, env
}

// kept is the name of a setting's secret in Key Vault: letters, digits and dashes.
func (m *maker) kept(c *plan.Component, setting string) string {
	if generate.Shared(m.p, setting) {
		return kubernetes.Name(127, m.p.Name, slug(setting))
	}
	return kubernetes.Name(127, m.p.Name, c.Name, slug(setting))
}

// slug is the name of a variable as the platform's names are: small letters, digits and dashes.
func slug(setting string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(setting)), "-")
}

// volumes mount a share for each directory whose content must survive. Everything else that is written goes with the container.
func (m *maker) volumes(d generate.Deployed) ([]Volume, []Mount) {
	data, _ := generate.Storage(d.Component)
	var volumes []Volume
	var mounts []Mount
	for _, dir := range data {
		share := kubernetes.Name(32, generate.VolumeName(d.Image.Components[0].Name, dir))
		if !slices.Contains(m.shares, share) {
			m.shares = append(m.shares, share)
		}
		volume := kubernetes.Name(63, generate.VolumeName("data", dir))
		volumes = append(volumes, Volume{volume, "AzureFile", share, "uid=10001,gid=0,dir_mode=0770,file_mode=0770,nobrl"})
		mounts = append(mounts, Mount{volume, dir})
	}
	return volumes, mounts
}

// most is the largest of the pairs, in quarters of a processor. Source: "Containers in Azure Container Apps", the Consumption profile.
const most = 16

// Fit is the smallest pair of processors and memory that Container Apps offer and that is not smaller than what is wanted, cpu in 1/1024 of a
// core and memory in MiB: 0.25 with 0.5Gi, and so on in quarters up to 4 with 8Gi.
func Fit(cpu, memory int) (float64, string) {
	quarters := min(max((cpu+255)/256, (memory+511)/512, 1), most)
	return float64(quarters) / 4, fmt.Sprintf("%gGi", float64(quarters)/2)
}

func (m *maker) reasons(c *plan.Component, p Properties, why generate.Reasons, command string) {
	field := func(names ...string) generate.Origin {
		for i := range names {
			names[i] = "components." + c.Name + "." + names[i]
		}
		return generate.FieldOrigin(m.p, names...)
	}
	in := func(place ...string) []string {
		return append([]string{"properties", "template", "containers", "0"}, place...)
	}
	why.Add(generate.Origin{Why: "replace it by the region of your environment"}, "location")
	why.Add(generate.Origin{Why: "an identity of yours that may pull from the registry (AcrPull) and read the vault (Key Vault Secrets User): no password is anywhere"}, "identity")
	why.Add(generate.Origin{Why: "replace it by your environment"}, "properties", "environmentId")
	why.Add(generate.Origin{Why: "values lie in Key Vault; replace the vault by yours"}, "properties", "configuration", "secrets")
	why.Add(field("port"), "properties", "configuration", "ingress")
	why.Add(field("writes"), "properties", "template", "volumes")
	why.Add(generate.Origin{Why: "replace the registry by yours, and " + generate.Release + " by the tag that was pushed"}, in("image")...)
	why.Add(field(command), in("args")...)
	why.Add(field("healthPath", "port"), in("probes")...)
	size := field("cpu", "memory")
	if c.CPU.V > most*256 || c.Memory.V > most*512 {
		size = generate.Origin{Why: fmt.Sprintf("the most that the Consumption profile has, and less than is wanted (%d MiB): add a dedicated workload profile to the environment and name it as workloadProfileName", c.Memory.V)}
	}
	why.Add(size, in("resources")...)
	why.Add(field("writes"), in("volumeMounts")...)
	for i, e := range p.Template.Containers[0].Env {
		why.Add(field("env."+e.Name), in("env", fmt.Sprint(i))...)
	}
}

// az is a command line of Azure's program, in the resource group.
func az(words ...string) string {
	return plan.ShellWords(append([]string{"az"}, append(words, "--resource-group", group)...))
}

// readme says what to do with the files.
func (m *maker) readme() generate.Artifact {
	p := m.p
	g := generate.NewGuide(Dir, p.Name+" on Azure Container Apps")
	g.Text("The commands are run in this directory. Replace in the files and below: the location, the group `%s`, the registry, the identity, the environment, the vault, the storage account, and the tag `%s`. An answer that takes longer than 240 seconds is cut off by the ingress.", group, generate.Release)
	var push []string
	for _, image := range p.ImageGroups() {
		ref := registry + "/" + image.Name + ":" + generate.Release
		push = append(push, plan.ShellWords([]string{"docker", "build", "--platform", "linux/amd64", "-f", g.Up(image.Dockerfile), "-t", ref, g.Up(image.Root)}), plan.ShellWords([]string{"docker", "push", ref}))
	}
	g.Step("Push what runs.", push...)
	g.Step("Make the environment and the identity, and let that pull: the role AcrPull on the registry, by az role assignment create.",
		az("containerapp", "env", "create", "--name", path.Base(environment), "--location", location), az("identity", "create", "--name", path.Base(identity)))
	g.Backings(p, generate.Azure)
	m.secretStep(g)
	m.shareStep(g)
	m.deploy(g)
	return g.Artifact()
}

func (m *maker) secretStep(g *generate.Guide) {
	var names, commands []string
	for n := range m.secrets {
		names = append(names, n)
	}
	if slices.Sort(names); len(names) == 0 {
		return
	}
	for _, n := range names {
		commands = append(commands, plan.ShellWords([]string{"az", "keyvault", "secret", "set", "--vault-name", vault, "--name", n, "--file", "/dev/stdin"}))
	}
	g.Step("Put these values into Key Vault, each read from standard input without a line end, and let the identity read them (the role Key Vault Secrets User); addresses are those of your own services.", commands...)
	for _, n := range names {
		g.Item("`%s`: %s", n, detect.Printable(m.secrets[n], 100))
	}
	g.Blank()
}

func (m *maker) shareStep(g *generate.Guide) {
	var commands []string
	for _, s := range m.shares {
		commands = append(commands, az("storage", "share-rm", "create", "--storage-account", storage, "--name", s),
			az("containerapp", "env", "storage", "set", "--name", path.Base(environment), "--storage-name", s, "--azure-file-account-name", storage, "--azure-file-share-name", s, "--access-mode", "ReadWrite")+` --azure-file-account-key "$STORAGE_KEY"`)
	}
	if len(commands) > 0 {
		g.Step("Make the shares, copy into them what the directories hold today, and make them known to the environment. STORAGE_KEY is the account's key: STORAGE_KEY=$(az storage account keys list --account-name "+storage+" --query [0].value --output tsv). A share keeps no locks of other machines: where a database's file lies on it, stop the old version before the new one starts.", commands...)
	}
}

// deploy makes jobs before apps, and runs the release steps between them.
func (m *maker) deploy(g *generate.Guide) {
	for _, f := range m.files {
		r := f.resource
		if r.Type != job {
			continue
		}
		commands := []string{az("containerapp", "job", "create", "--name", r.Name, "--yaml", path.Base(f.Path))}
		start := az("containerapp", "job", "start", "--name", r.Name)
		switch s := r.Properties.Configuration.ScheduleTriggerConfig; {
		case s != nil:
			g.Step(fmt.Sprintf("The schedule %s: it runs at %s, in UTC.", r.Name, s.CronExpression), commands...)
		case f.release:
			g.Step(fmt.Sprintf("The release step of %s, before the new version serves; the third command says how it went.", f.from.Name), append(commands, start, az("containerapp", "job", "execution", "list", "--name", r.Name, "--output", "table"))...)
		default:
			g.Step(f.from.Name+" runs when it is asked for:", append(commands, start)...)
		}
	}
	var commands []string
	for _, f := range m.files {
		if f.resource.Type == app {
			commands = append(commands, az("containerapp", "create", "--name", f.resource.Name, "--yaml", path.Base(f.Path)))
		}
	}
	if len(commands) > 0 {
		g.Step("The apps. For a later version update stands in the place of create, with jobs too. What serves is reached by the name that is printed, with TLS.", commands...)
	}
}
