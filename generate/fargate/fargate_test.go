package fargate

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// shop is a web application with a worker, a database, a stored file and every kind of setting.
func shop() *detect.Findings {
	services := []detect.Service{{Kind: "mysql", Required: true, Env: map[string]string{"host": "DB_HOST", "password": "DB_PASSWORD", "url": "DATABASE_URL"}}}
	web := detect.Component{
		Name: "web", Path: ".", Stack: "ruby", Role: detect.Is(detect.Web), Port: detect.Is(3000), HealthPath: detect.Is("/up"), Services: services,
		Env:       []detect.EnvVar{{Name: "RAILS_ENV", Value: "production"}, {Name: "SECRET_KEY_BASE", Required: true, Secret: true}},
		Processes: []detect.Process{{Name: "web", Command: []string{"puma"}}, {Name: "release", Command: []string{"rails", "db:migrate"}}},
		Writes:    []detect.Value[string]{detect.Is("public/uploads"), detect.Is("tmp")},
	}
	worker := detect.Component{Name: "worker", Path: ".", Stack: "ruby", Role: detect.Is(detect.Worker), Services: services, Processes: []detect.Process{{Name: "worker", Command: []string{"sidekiq"}}}}
	library := detect.Component{Name: "lib", Path: "lib", Stack: "ruby", Role: detect.Is(detect.Library)}
	return &detect.Findings{Location: "/src/shop", Components: []detect.Component{web, worker, library}}
}

func newPlan(t testing.TB, set map[string]string) *plan.Plan {
	t.Helper()
	p, err := plan.New(shop(), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range set {
		if err := p.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func mustGenerate(t testing.TB, p *plan.Plan) []generate.Artifact {
	t.Helper()
	artifacts, err := generate.Run(context.Background(), p, []generate.Target{Target{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range (Target{}).Check(artifacts) {
		t.Errorf("%+v", problem)
	}
	return artifacts
}

func decode(t testing.TB, a generate.Artifact) TaskDefinition {
	t.Helper()
	var d TaskDefinition
	if err := json.Unmarshal(a.Content, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTaskDefinition(t *testing.T) {
	artifacts := mustGenerate(t, newPlan(t, map[string]string{"components.web.cpu": "300", "components.web.memory": "1500"}))
	var paths []string
	for _, a := range artifacts {
		paths = append(paths, a.Path)
	}
	if got := strings.Join(paths, " "); got != "deploy/fargate/taskdef-web.json deploy/fargate/taskdef-worker.json deploy/fargate/README.md" {
		t.Fatal(got)
	}
	web, worker := decode(t, artifacts[0]), decode(t, artifacts[1])
	c, w := web.ContainerDefinitions[0], worker.ContainerDefinitions[0]
	names := func(refs []SecretRef) (out []string) {
		for _, r := range refs {
			out = append(out, r.Name)
		}
		return out
	}
	for what, ok := range map[string]bool{
		"the next pair that is offered": web.CPU == "512" && web.Memory == "2048",
		"family":                        web.Family == "shop-web" && worker.Family == "shop-worker",
		"one image":                     c.Image == w.Image && strings.HasSuffix(c.Image, "/shop-web:RELEASE"),
		"the image's own command":       c.Command == nil,
		"the worker's command":          slices.Equal(w.Command, []string{"sidekiq"}),
		"plain settings":                slices.Equal(c.Environment, []NameValue{{"RAILS_ENV", "production"}}),
		"secrets and addresses":         slices.Equal(names(c.Secrets), []string{"DATABASE_URL", "DB_HOST", "DB_PASSWORD", "SECRET_KEY_BASE"}),
		"ARN of a parameter":            c.Secrets[0].ValueFrom == "arn:aws:ssm:us-east-1:123456789012:parameter/shop/DATABASE_URL",
		"port":                          len(c.PortMappings) == 1 && c.PortMappings[0].ContainerPort == 3000 && len(w.PortMappings) == 0,
		"health check":                  c.HealthCheck != nil && strings.Contains(c.HealthCheck.Command[3], "/up") && w.HealthCheck == nil,
		"log":                           c.LogConfiguration.Options["awslogs-stream-prefix"] == "web",
		"init":                          c.LinuxParameters.InitProcessEnabled,
		"uploads on EFS":                len(web.Volumes) == 1 && web.Volumes[0].EFS != nil && c.MountPoints[0].ContainerPath == "/app/public/uploads",
		"nothing for the worker":        len(worker.Volumes) == 0,
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	readme := string(artifacts[2].Content)
	for _, want := range []string{"put-parameter --type SecureString --name /shop/DB_HOST", `["rails","db:migrate"]`, "taskdef-worker.json", "-f ../../Dockerfile", "/app/public/uploads"} {
		if !strings.Contains(readme, want) {
			t.Errorf("no %q in\n%s", want, readme)
		}
	}
	for _, a := range artifacts[:2] {
		if strings.Contains(string(a.Content), "${MYSQL") || strings.Contains(string(a.Content), "db:3306") {
			t.Errorf("%s holds a secret's reference or the address of a local service:\n%s", a.Path, a.Content)
		}
	}
}

func TestReadOnlyRoot(t *testing.T) {
	d := decode(t, mustGenerate(t, newPlan(t, map[string]string{"components.web.readOnly": "true"}))[0])
	c := d.ContainerDefinitions[0]
	if !c.ReadonlyRootFilesystem || len(c.MountPoints) != 3 || c.MountPoints[1].ContainerPath != "/app/tmp" || c.MountPoints[2].ContainerPath != "/tmp" {
		t.Errorf("%+v", c)
	}
}

func TestParametersOfTwoApplications(t *testing.T) {
	f := shop()
	other := f.Components[0]
	other.Name, other.Path = "admin", "admin"
	other.Services = []detect.Service{{Kind: "mysql", Required: true, Env: map[string]string{"url": "DATABASE_URL"}, Scheme: "mysql2"}}
	f.Components = append(f.Components, other)
	p, err := plan.New(f, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, a := range mustGenerate(t, p) {
		all.Write(a.Content)
	}
	for _, want := range []string{"parameter/shop/web/DATABASE_URL", "parameter/shop/admin/DATABASE_URL", "parameter/shop/SECRET_KEY_BASE"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestFit(t *testing.T) {
	tests := [][4]int{
		{0, 0, 256, 512}, {256, 512, 256, 512}, {256, 1500, 256, 2048}, {256, 3000, 512, 3072}, {512, 1024, 512, 1024}, {600, 100, 1024, 2048},
		{4096, 30721, 8192, 32768}, {16384, 122880, 16384, 122880}, {99999, 999999, 16384, 122880},
	}
	for _, tt := range tests {
		if cpu, memory := Fit(tt[0], tt[1]); cpu != tt[2] || memory != tt[3] {
			t.Errorf("Fit(%d, %d) = %d, %d, want %d, %d", tt[0], tt[1], cpu, memory, tt[2], tt[3])
		}
	}
}

// good is a task definition that every rule accepts; each bad sample changes one thing.
const good = `{"family":"shop-web","requiresCompatibilities":["FARGATE"],"networkMode":"awsvpc","cpu":"512","memory":"1024",
"executionRoleArn":"arn:aws:iam::123456789012:role/x","runtimePlatform":{"cpuArchitecture":"X86_64"},
"containerDefinitions":[{"name":"web","image":"r/web:1","essential":true,"cpu":0,"memory":0,"environment":[{"name":"A","value":"b"}],
"secrets":[{"name":"S","valueFrom":"arn:aws:secretsmanager:us-east-1:123456789012:secret:x"}],"stopTimeout":30,
"portMappings":[{"containerPort":80}],"healthCheck":{"command":["CMD","true"],"interval":10,"timeout":5,"retries":3,"startPeriod":0},
"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g","awslogs-region":"r","awslogs-stream-prefix":"p"}},
"mountPoints":[{"sourceVolume":"v","containerPath":"/v"}]}],"volumes":[{"name":"v"}]}`

func TestRules(t *testing.T) {
	check := func(content string) []generate.Problem {
		return Target{}.Check([]generate.Artifact{{Path: "deploy/fargate/taskdef-web.json", Content: []byte(content)}, {Path: "Dockerfile"}})
	}
	if p := check(good); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	samples := map[string][2]string{
		"json":                 {`{"family"`, `{family`},
		"family":               {`"shop-web"`, `"shop web"`},
		"compatibility":        {`["FARGATE"]`, `["EC2"]`},
		"network-mode":         {`"awsvpc"`, `"bridge"`},
		"size":                 {`"memory":"1024"`, `"memory":"512"`},
		"containers":           {good[strings.Index(good, `[{"name":"web"`):strings.Index(good, `,"volumes"`)], `[]`},
		"essential":            {`"essential":true`, `"essential":false`},
		"container-names":      {`[{"name":"web"`, `[{"name":"web","image":"a:1"},{"name":"web"`},
		"containers-too-large": {`"cpu":0,"memory":0`, `"cpu":0,"memory":2048`},
		"execution-role":       {`"executionRoleArn":"arn:aws:iam::123456789012:role/x",`, ``},
		"execution-role-arn":   {`arn:aws:iam::123456789012:role/x`, `ecsTaskExecutionRole`},
		"platform":             {`"X86_64"`, `"amd64"`},
		"ephemeral-storage":    {`"volumes":[`, `"ephemeralStorage":{"sizeInGiB":20},"volumes":[`},
		"host-volume":          {`{"name":"v"}`, `{"name":"v","host":{"sourcePath":"/data"}}`},
		"placement":            {`"volumes":[`, `"placementConstraints":[{"type":"distinctInstance"}],"volumes":[`},
		"container-name":       {`{"name":"web"`, `{"name":"my web"`},
		"image":                {`"image":"r/web:1"`, `"image":""`},
		"image-tag":            {`r/web:1`, `r/web:latest`},
		"links":                {`"essential":true`, `"essential":true,"links":["db"]`},
		"privileged":           {`"essential":true`, `"essential":true,"privileged":true`},
		"host-port":            {`{"containerPort":80}`, `{"containerPort":80,"hostPort":8080}`},
		"port":                 {`{"containerPort":80}`, `{"containerPort":0}`},
		"log-driver":           {`"awslogs","options"`, `"json-file","options"`},
		"log-options":          {`"awslogs-region":"r",`, ``},
		"secret-arn":           {`arn:aws:secretsmanager:us-east-1:123456789012:secret:x`, `x`},
		"secret-in-file":       {`{"name":"A","value":"b"}`, `{"name":"DB_PASSWORD","value":"b"}`},
		"set-twice":            {`{"name":"A","value":"b"}`, `{"name":"S","value":"b"}`},
		"stop-timeout":         {`"stopTimeout":30`, `"stopTimeout":121`},
		"health-command":       {`["CMD","true"]`, `["true"]`},
		"health-times":         {`"interval":10`, `"interval":3`},
		"mount":                {`"sourceVolume":"v"`, `"sourceVolume":"w"`},
	}
	for _, r := range taskRules {
		if _, ok := samples[r.id]; !ok {
			t.Errorf("no bad sample for %s", r.id)
		}
	}
	for _, r := range containerRules {
		if _, ok := samples[r.id]; !ok {
			t.Errorf("no bad sample for %s", r.id)
		}
	}
	for rule, change := range samples {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: the sample changes nothing", rule)
		}
		if p := check(bad); !slices.ContainsFunc(p, func(p generate.Problem) bool { return p.Rule == rule && p.Error }) {
			t.Errorf("%s: %+v", rule, p)
		}
	}
	for name, bad := range map[string]string{"bare number": strings.Replace(good, `"512"`, `512`, 1), "no number": strings.Replace(good, `"512"`, `"half"`, 1), "wrong type": `{"family":[]}`} {
		if p := check(bad); len(p) == 0 || p[0].Line == 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestRegister lets the real service model and a stand-in for the service take what is generated.
func TestRegister(t *testing.T) {
	python := os.Getenv("DRYDOCK_PYTHON")
	if python == "" {
		const how = `DRYDOCK_PYTHON is not set: run the tests with DRYDOCK_PYTHON="$(hack/python)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	dir := t.TempDir()
	var accepted, refused []string
	write := func(files *[]string, name, content string) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		*files = append(*files, file)
	}
	for i, set := range []map[string]string{nil, {"components.web.readOnly": "true", "components.web.cpu": "4096", "components.web.memory": "16384"}} {
		for _, a := range mustGenerate(t, newPlan(t, set)) {
			if filepath.Ext(a.Path) == ".json" {
				write(&accepted, fmt.Sprint(i, filepath.Base(a.Path)), string(a.Content))
			}
		}
	}
	write(&refused, "bare-number.json", strings.Replace(good, `"512"`, `512`, 1))
	write(&refused, "unknown-key.json", strings.Replace(good, `"essential"`, `"isEssential"`, 1))

	// One process for all: it takes seconds to read the service model.
	out, err := exec.Command(python, append([]string{"testdata/register.py"}, append(accepted, refused...)...)...).CombinedOutput()
	if err == nil {
		t.Error("the broken ones are accepted too")
	}
	lines := strings.Split(string(out), "\n")
	for i, file := range append(accepted, refused...) {
		at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, file+": ") })
		if at < 0 {
			t.Fatalf("nothing said of %s:\n%s", file, out)
		}
		if taken := strings.HasPrefix(lines[at], file+": shop-w") && !strings.Contains(lines[at], " validation "); taken != (i < len(accepted)) {
			t.Error(lines[at])
		}
	}
}
