package containerinstances

import (
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

// TestConformance walks every fixture's groups along the models of Azure's own client.
func TestConformance(t *testing.T) {
	dir := t.TempDir()
	var files []string
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	all := targettest.Run(t, Target{})
	all["windows"] = targettest.Generate(t, Target{}, targettest.Plan(t, "dotnet-bookings-mvc", "azure-container-instances"))
	for app, artifacts := range all {
		for _, a := range artifacts {
			if path.Ext(a.Path) == ".yaml" {
				files = append(files, write(app+"-"+path.Base(a.Path), string(a.Content)))
			}
		}
	}
	python := os.Getenv("DRYDOCK_PYTHON")
	if python == "" {
		const how = `DRYDOCK_PYTHON is not set: run the tests with DRYDOCK_PYTHON="$(hack/python)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	for what, change := range map[string][2]string{"unknown": {"osType", "os"}, "type": {"cpu: 0.5", "cpu: half"}, "missing": {"image:", "picture:"}} {
		files = append(files, write("bad-"+what+".yaml", strings.Replace(good, change[0], change[1], 1)))
	}
	out, err := exec.Command(python, append([]string{"testdata/models.py"}, files...)...).CombinedOutput()
	if err == nil {
		t.Error("the broken ones are taken too")
	}
	for _, file := range files {
		bad := strings.HasPrefix(filepath.Base(file), "bad-")
		if strings.Contains(string(out), file+": ok") == bad {
			t.Errorf("%s:\n%s", filepath.Base(file), out)
		}
	}
}

func TestShop(t *testing.T) {
	artifacts := targettest.Generate(t, Target{}, targettest.Plan(t, "rails-shop", "azure-container-instances"))
	groups := map[string]Group{}
	for _, a := range artifacts[:len(artifacts)-1] {
		g, problems := generate.Strict[Group](a)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		groups[g[0].Name] = g[0]
	}
	web, release, worker := groups["rails-shop-web"], groups["rails-shop-web-release"], groups["rails-shop-worker"]
	c := web.Properties.Containers[0].Properties
	for what, ok := range map[string]bool{
		"the address":          web.Properties.IPAddress.Ports[0].Port == 3000 && c.Ports[0].Port == 3000,
		"numbers in GB":        c.Resources.Requests == Amounts{0.5, 1},
		"a secret is no value": c.EnvironmentVariables[0].Name == "DATABASE_URL" && *c.EnvironmentVariables[0].SecureValue == "${DATABASE_URL}",
		"the share":            web.Properties.Volumes[0].AzureFile.ShareName == "web-public-uploads" && c.VolumeMounts[0].MountPath == "/app/public/uploads",
		"the release step":     release.Properties.RestartPolicy == "Never" && slices.Equal(release.Properties.Containers[0].Properties.Command, []string{"bundle", "exec", "rails", "db:migrate"}),
		"the worker":           worker.Properties.IPAddress == nil && worker.Properties.RestartPolicy == "Always",
		"the schedule":         groups["rails-shop-web-orders-cleanup"].Name != "",
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	readme := string(artifacts[len(artifacts)-1].Content)
	for _, want := range []string{"neither scales", "envsubst '${DATABASE_URL} ${REDIS_URL} ${SECRET_KEY_BASE} ${STORAGE_KEY}' < web.yaml | az container create", "Azure Database for PostgreSQL"} {
		if !strings.Contains(readme, want) {
			t.Errorf("no %q in\n%s", want, readme)
		}
	}
}

func TestAmounts(t *testing.T) {
	if got := fmt.Sprint(Cores(512), Cores(1), Cores(1024), Cores(300), Cores(9999), Gigabytes(512), Gigabytes(1500), Gigabytes(1024)); got != "0.5 0.1 1 0.3 4 0.5 1.5 1" {
		t.Error(got)
	}
}

const good = `apiVersion: 2023-05-01
type: Microsoft.ContainerInstance/containerGroups
location: westeurope
name: shop-web
properties:
  osType: Linux
  restartPolicy: Always
  ipAddress: {type: Public, dnsNameLabel: shop, ports: [{protocol: TCP, port: 3000}]}
  containers:
    - name: web
      properties:
        image: r/shop:1
        ports: [{protocol: TCP, port: 3000}]
        environmentVariables: [{name: A, value: b}, {name: S, secureValue: "${S}"}]
        resources: {requests: {cpu: 0.5, memoryInGB: 1}}
        readinessProbe: {httpGet: {path: /, port: 3000, scheme: http}}
        volumeMounts: [{name: v, mountPath: /v}]
  volumes: [{name: v, azureFile: {shareName: s, storageAccountName: a, storageAccountKey: "${STORAGE_KEY}"}}]
`

func TestRules(t *testing.T) {
	check := func(content string) []generate.Problem {
		return Target{}.Check([]generate.Artifact{{Path: Dir + "/web.yaml", Content: []byte(content)}, {Path: "compose.yaml", Content: []byte("a: [")}})
	}
	if p := check(good); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	samples := map[string][2]string{
		"syntax":         {"port: 3000", "port: three"},
		"api-version":    {"location: westeurope\n", ""},
		"name":           {"name: shop-web", "name: Shop"},
		"os":             {"Linux", "linux"},
		"restart-policy": {"restartPolicy: Always", "restartPolicy: UnlessStopped"},
		"containers":     {good[strings.Index(good, "  containers:"):strings.Index(good, "  volumes:")], ""},
		"image":          {"image: r/shop:1", `image: ""`},
		"image-tag":      {"r/shop:1", "r/shop:latest"},
		"size":           {"cpu: 0.5", "cpu: 8"},
		"port":           {"        ports: [{protocol: TCP, port: 3000}]", "        ports: [{protocol: TCP, port: 80}]"},
		"address":        {"type: Public", "type: public"},
		"env":            {"{name: A, value: b}", "{name: S, value: b}"},
		"secret-in-file": {"{name: A, value: b}", "{name: DB_PASSWORD, value: b}"},
		"storage-key":    {`"${STORAGE_KEY}"`, "abc"},
		"mount":          {"[{name: v, mountPath", "[{name: w, mountPath"},
		"probe":          {"{httpGet: {path: /, port: 3000, scheme: http}}", "{periodSeconds: 5}"},
	}
	for _, r := range rules {
		if _, ok := samples[r.id]; !ok {
			t.Errorf("no bad sample for %s", r.id)
		}
	}
	for id, change := range samples {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: the sample changes nothing", id)
		}
		if p := check(bad); !slices.ContainsFunc(p, func(p generate.Problem) bool { return p.Rule == id && p.Error == (id != "image-tag") }) {
			t.Errorf("%s: %+v", id, p)
		}
	}
}
