package containerapps

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/targettest"
)

// TestConformance walks every fixture's apps and jobs along the models of Azure's own client.
func TestConformance(t *testing.T) {
	dir := t.TempDir()
	var files []string
	write := func(name, content string) {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for fixture, artifacts := range targettest.Run(t, Target{}) {
		for _, a := range artifacts {
			if path.Ext(a.Path) == ".yaml" {
				write(fixture+"-"+path.Base(a.Path), string(a.Content))
			}
		}
	}
	write("good-app.yaml", goodApp)
	write("good-job.yaml", goodJob)
	for what, change := range map[string][2]string{
		"unknown": {"targetPort", "port"}, "type": {"cpu: 0.5", "cpu: half"}, "enum": {"type: Startup", "type: Start"}, "missing": {"location: westeurope\n", ""}, "required": {"triggerType: Schedule", ""},
	} {
		good := goodApp
		if what == "required" {
			good = goodJob
		}
		write("bad-"+what+".yaml", strings.Replace(good, change[0], change[1], 1))
	}
	out, err := exec.CommandContext(t.Context(), targettest.Python(t), append([]string{"testdata/models.py"}, files...)...).CombinedOutput()
	if err == nil {
		t.Error("the broken ones are taken too")
	}
	for _, file := range files {
		if bad := strings.HasPrefix(filepath.Base(file), "bad-"); strings.Contains(string(out), file+": ok") == bad {
			t.Errorf("%s:\n%s", filepath.Base(file), out)
		}
	}
}

func TestShop(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "azure-container-apps")
	for k, v := range map[string]string{"components.web.cpu": "700", "components.web.memory": "1800"} {
		if err := p.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	artifacts := targettest.Generate(t, Target{}, p)
	all := map[string]Resource{}
	for _, a := range artifacts[:len(artifacts)-1] {
		r, problems := generate.Strict[Resource](a)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		all[r[0].Name] = r[0]
	}
	web, release, cleanup, worker := all["rails-shop-web"].Properties, all["rails-shop-web-release"].Properties, all["rails-shop-web-orders-cleanup"].Properties, all["rails-shop-worker"].Properties
	c := web.Template.Containers[0]
	secret := web.Configuration.Secrets[0]
	for what, ok := range map[string]bool{
		"the port":            web.Configuration.Ingress.TargetPort == 3000,
		"the measured size":   c.Resources == Resources{1, "2Gi"},
		"secret by reference": c.Env[0].Name == "DATABASE_URL" && c.Env[0].SecretRef == "database-url" && c.Env[0].Value == nil,
		"in Key Vault":        secret.Name == "database-url" && secret.KeyVaultURL == "https://your-vault.vault.azure.net/secrets/rails-shop-database-url" && secret.Identity == identity,
		"the health path":     c.Probes[1].Type == "Readiness" && c.Probes[1].HTTPGet != nil && strings.HasPrefix(c.Probes[1].HTTPGet.Path, "/"),
		"it scales":           *web.Template.Scale.minMax() == [2]int{1, 6},
		"the share":           web.Template.Volumes[0].StorageName == "web-public-uploads" && c.VolumeMounts[0].MountPath == "/app/public/uploads",
		"the release step":    release.Configuration.TriggerType == "Manual" && slices.Equal(release.Template.Containers[0].Args, []string{"bundle", "exec", "rails", "db:migrate"}) && release.Template.Scale == nil,
		"the schedule":        cleanup.Configuration.ScheduleTriggerConfig != nil && cleanup.Configuration.ScheduleTriggerConfig.CronExpression != "",
		"the worker":          worker.Configuration.Ingress == nil && *worker.Template.Scale.minMax() == [2]int{1, 1} && worker.Template.Containers[0].Probes == nil,
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	readme := targettest.Text(t, artifacts, Dir+"/README.md")
	for _, want := range []string{
		"az containerapp create --name rails-shop-web --yaml web.yaml", "az containerapp job start --name rails-shop-web-release", "az keyvault secret set --vault-name your-vault --name rails-shop-database-url --file /dev/stdin",
		"Azure Database for PostgreSQL", "--azure-file-account-key \"$STORAGE_KEY\"",
	} {
		if !strings.Contains(readme, want) {
			t.Errorf("no %q in\n%s", want, readme)
		}
	}
}

func (s *Scale) minMax() *[2]int { return &[2]int{s.MinReplicas, s.MaxReplicas} }

func TestWindows(t *testing.T) {
	_, err := Target{}.Generate(t.Context(), targettest.Plan(t, "dotnet-bookings-mvc", "azure-container-apps"))
	if unsupported := (*generate.UnsupportedError)(nil); !errors.As(err, &unsupported) {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	for _, x := range []struct{ project, called, want string }{
		{"shop", "web", "shop-web"},
		{"2048", "web--", "app-2048-web"},
		{"a--b", "c", "a-b-c"},
		{"spring-petclinic-microservices", "spring-petclinic-customers-service", "customers-service-"},
		{"spring-petclinic-microservices", "web", "microservices-web-"},
		{"shop", strings.Repeat("x", 40), strings.Repeat("x", 23) + "-"},
		{"shop", strings.Repeat("1", 40), "app-"},
	} {
		got := name(x.project, x.called)
		whole := !strings.HasSuffix(x.want, "-")
		if !nameRule().MatchString(got) || strings.Contains(got, "--") || !strings.HasPrefix(got, x.want) || (whole && got != x.want) {
			t.Errorf("%s, %s: %s, not %s", x.project, x.called, got, x.want)
		}
	}
	if a, b := name("one", strings.Repeat("x", 40)), name("two", strings.Repeat("x", 40)); a == b {
		t.Error("two of one name: " + a)
	}
}

func TestFit(t *testing.T) {
	for _, x := range []struct {
		cpu, memory int
		want        string
	}{{1, 1, "0.25 0.5Gi"}, {256, 512, "0.25 0.5Gi"}, {257, 512, "0.5 1Gi"}, {512, 1800, "1 2Gi"}, {700, 1, "0.75 1.5Gi"}, {9999, 1, "4 8Gi"}, {1, 99999, "4 8Gi"}} {
		cpu, memory := Fit(x.cpu, x.memory)
		if got := fmt.Sprint(cpu, " ", memory); got != x.want {
			t.Errorf("%d, %d: %s, not %s", x.cpu, x.memory, got, x.want)
		}
	}
}

const head = `location: westeurope
name: shop-web
identity: {type: UserAssigned, userAssignedIdentities: {/id: {}}}
properties:
  environmentId: /subscriptions/s/resourceGroups/g/providers/Microsoft.App/managedEnvironments/e
`

const goodApp = `type: Microsoft.App/containerApps
` + head + `  configuration:
    activeRevisionsMode: Single
    ingress: {external: true, targetPort: 3000, transport: auto, allowInsecure: false, traffic: [{latestRevision: true, weight: 100}]}
    registries: [{server: r.azurecr.io, identity: /id}]
    secrets: [{name: db, keyVaultUrl: "https://shop.vault.azure.net/secrets/db", identity: /id}]
  template:
    containers:
      - name: web
        image: r/shop:1
        env: [{name: A, value: b}, {name: S, secretRef: db}]
        resources: {cpu: 0.5, memory: 1Gi}
        probes:
          - {type: Startup, tcpSocket: {port: 3000}, periodSeconds: 5, failureThreshold: 60}
          - {type: Readiness, httpGet: {path: /up, port: 3000, scheme: HTTP}}
        volumeMounts: [{volumeName: v, mountPath: /v}]
    scale: {minReplicas: 1, maxReplicas: 6, rules: [{name: http, http: {metadata: {concurrentRequests: "50"}}}]}
    volumes: [{name: v, storageType: AzureFile, storageName: s}]
`

const goodJob = `type: Microsoft.App/jobs
` + head + `  configuration:
    triggerType: Schedule
    replicaTimeout: 60
    scheduleTriggerConfig: {cronExpression: 0 3 * * *, parallelism: 1, replicaCompletionCount: 1}
    registries: [{server: r.azurecr.io, identity: /id}]
  template:
    containers: [{name: web, image: "r/shop:1", resources: {cpu: 0.25, memory: 0.5Gi}}]
`

func TestRules(t *testing.T) {
	ids := []string{"syntax"}
	for _, r := range rules {
		if !r.advice {
			ids = append(ids, r.id)
		}
	}
	targettest.Rules(t, Target{}, Dir+"/web.yaml", goodApp, ids, []targettest.Sample{
		{Rule: "syntax", Old: "targetPort: 3000", New: "targetPort: web"},
		{Rule: "type", Old: "containerApps", New: "containerapp"},
		{Rule: "place", Old: "managedEnvironments/e", New: "managedEnvironments/"},
		{Rule: "name", Old: "name: shop-web", New: "name: shop--web"},
		{Rule: "name", Old: "name: shop-web", New: "name: shop-web-that-has-more-than-32-chars"},
		{Rule: "containers", Old: "- name: web", New: "- name: Web"},
		{Rule: "containers", Old: goodApp[strings.Index(goodApp, "    containers:"):strings.Index(goodApp, "    scale:")], New: ""},
		{Rule: "image", Old: "image: r/shop:1", New: `image: ""`},
		{Rule: "size", Old: "memory: 1Gi", New: "memory: 2Gi"},
		{Rule: "size", Old: "memory: 1Gi", New: "memory: 1024Mi"},
		{Rule: "size", Old: "{cpu: 0.5, memory: 1Gi}", New: "{cpu: 8, memory: 16Gi}"},
		{Rule: "ingress", Old: "targetPort: 3000", New: "targetPort: 70000"},
		{Rule: "ingress", Old: "transport: auto", New: "transport: quic"},
		{Rule: "traffic", Old: "weight: 100", New: "weight: 90"},
		{Rule: "revisions", Old: "Mode: Single", New: "Mode: One"},
		{Rule: "scale", Old: "minReplicas: 1", New: "minReplicas: 7"},
		{Rule: "trigger", Old: "activeRevisionsMode: Single", New: "triggerType: Manual"},
		{Rule: "identity", Old: "{/id: {}}", New: "{/other: {}}"},
		{Rule: "registry", Old: "{server: r.azurecr.io, identity: /id}", New: "{server: r.azurecr.io, username: u}"},
		{Rule: "secret", Old: "{name: db, key", New: "{name: DB, key"},
		{Rule: "secret", Old: "vault.azure.net/secrets/db", New: "vault.azure.net/keys/db"},
		{Rule: "secret-ref", Old: "secretRef: db", New: "secretRef: other"},
		{Rule: "env", Old: "{name: A, value: b}", New: "{name: S, value: b}"},
		{Rule: "secret-in-file", Old: "{name: A, value: b}", New: "{name: DB_PASSWORD, value: b}"},
		{Rule: "secret-in-file", Old: `keyVaultUrl: "https://shop.vault.azure.net/secrets/db", identity: /id`, New: "value: abc"},
		{Rule: "probe", Old: "tcpSocket: {port: 3000}, ", New: "exec: {command: [true]}, "},
		{Rule: "probe", Old: "failureThreshold: 60", New: "failureThreshold: 241"},
		{Rule: "probe", Old: "type: Startup", New: "type: Readiness"},
		{Rule: "volume", Old: ", storageName: s", New: ""},
		{Rule: "mount", Old: "volumeName: v", New: "volumeName: w"},
	})
	targettest.Rules(t, Target{}, Dir+"/job.yaml", goodJob, nil, []targettest.Sample{
		{Rule: "trigger", Old: "0 3 * * *", New: "0 3 * *"},
		{Rule: "trigger", Old: "triggerType: Schedule", New: "triggerType: Manual"},
		{Rule: "trigger", Old: "replicaTimeout: 60", New: "replicaTimeout: 0"},
		{Rule: "scale", Old: "  template:\n", New: "  template:\n    scale: {minReplicas: 1, maxReplicas: 1}\n"},
		{Rule: "ingress", Old: "  template:\n", New: "    ingress: {targetPort: 80}\n  template:\n"},
	})
}

func TestAdvice(t *testing.T) {
	for id, bad := range map[string]string{
		"image-tag": strings.Replace(goodApp, "r/shop:1", "r/shop:latest", 1),
		"asleep":    goodApp[:strings.Index(goodApp, "    ingress:")] + strings.Replace(goodApp[strings.Index(goodApp, "    registries:"):], "{minReplicas: 1, maxReplicas: 6, rules: [{name: http, http: {metadata: {concurrentRequests: \"50\"}}}]}", "{minReplicas: 0, maxReplicas: 1}", 1),
	} {
		problems := Target{}.Check([]generate.Artifact{{Path: Dir + "/web.yaml", Content: []byte(bad)}})
		if len(problems) != 1 || problems[0].Rule != id || problems[0].Error {
			t.Errorf("%s: %+v", id, problems)
		}
	}
}
