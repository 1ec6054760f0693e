package swarm

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/cli/cli/compose/loader"
	"github.com/docker/cli/cli/compose/types"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/plan"
)

// TestConformance reads every fixture's stack as docker stack deploy does.
func TestConformance(t *testing.T) {
	for app, artifacts := range targettest.Run(t, Target{}) {
		if stack := load(t, artifacts[0].Content); len(stack.Services) == 0 {
			t.Errorf("%s: no services", app)
		}
		for _, a := range artifacts {
			if strings.HasSuffix(a.Path, ".sh") {
				if out, err := shell(string(a.Content), "-n"); err != nil {
					t.Errorf("%s: %v\n%s", a.Path, err, out)
				}
			}
		}
	}
}

// load reads a stack with the reader of the docker command itself.
func load(t testing.TB, content []byte) *types.Config {
	t.Helper()
	parsed, err := loader.ParseYAML(content)
	if err != nil {
		t.Fatal(err)
	}
	config, err := loader.Load(types.ConfigDetails{
		WorkingDir: t.TempDir(), Version: "3.8", ConfigFiles: []types.ConfigFile{{Filename: FileName, Config: parsed}},
		Environment: map[string]string{"SECRET_KEY_BASE": "x", "POSTGRES_PASSWORD": "x", "THUMBS_BUCKET": "x", "MYSQL_PASSWORD": "x"},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, content)
	}
	if left := loader.GetUnsupportedProperties(parsed); len(left) > 0 {
		t.Errorf("a swarm leaves out %v", left)
	}
	return config
}

func shell(script string, args ...string) (string, error) {
	cmd := exec.Command("sh", append(args, "-s")...)
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestShop(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "swarm")
	for k, v := range map[string]string{"components.web.cpu": "256", "components.web.memory": "700", "components.web.readOnly": "true"} {
		if err := p.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	artifacts := targettest.Generate(t, Target{}, p)
	services := map[string]types.ServiceConfig{}
	stack := load(t, artifacts[0].Content)
	for _, s := range stack.Services {
		services[s.Name] = s
	}
	web, worker, release, cleanup, db := services["web"], services["worker"], services["web-release"], services["web-orders-cleanup"], services["db"]
	env := func(s types.ServiceConfig, name string) string {
		if v := s.Environment[name]; v != nil {
			return *v
		}
		return ""
	}
	for what, ok := range map[string]bool{
		"two side by side":         *web.Deploy.Replicas == 2 && web.Deploy.UpdateConfig.Order == "start-first" && web.Deploy.UpdateConfig.FailureAction == "rollback",
		"one worker":               *worker.Deploy.Replicas == 1 && worker.Deploy.UpdateConfig.Order == "stop-first",
		"measured sizing":          web.Deploy.Resources.Limits.NanoCPUs == "0.25" && web.Deploy.Resources.Limits.MemoryBytes == 700<<20 && web.Deploy.Resources.Reservations.MemoryBytes == 700<<20,
		"an address is plain":      env(web, "REDIS_URL") == "redis://redis:6379/0",
		"a secret is not":          env(web, "SECRET_KEY_BASE") == "" && env(web, "DATABASE_URL") == "" && len(web.Secrets) == 2 && *web.Secrets[0].Mode == 0o440,
		"the command":              slices.Equal(web.Command, []string{"bundle", "exec", "puma", "-C", "config/puma.rb"}) && slices.Equal(web.Entrypoint, []string{"sh", "/drydock-env.sh"}),
		"the release step":         release.Deploy.Mode == "replicated-job" && slices.Equal(release.Command, []string{"bundle", "exec", "rails", "db:migrate"}),
		"the schedule":             *cleanup.Deploy.Replicas == 0 && cleanup.Deploy.Labels["swarm.cronjob.schedule"] == "15 4 * * *",
		"the database":             env(db, "POSTGRES_PASSWORD_FILE") == "/run/secrets/POSTGRES_PASSWORD" && db.Deploy.Placement.Constraints[0] == "node.labels.drydock.data == true",
		"a read-only root":         web.ReadOnly && slices.ContainsFunc(web.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Type == "tmpfs" && v.Target == "/tmp" }),
		"a probe without variable": strings.Contains(web.HealthCheck.Test[len(web.HealthCheck.Test)-1], `case "$code" in`),
		"secrets from outside":     stack.Secrets["SECRET_KEY_BASE"].External.External && stack.Secrets["SECRET_KEY_BASE"].Name == "rails-shop_SECRET_KEY_BASE",
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	script := string(artifacts[1].Content)
	if !strings.Contains(script, `export DATABASE_URL=postgresql://app:"$(cat /run/secrets/POSTGRES_PASSWORD)"@db:5432/shop_production`) || !strings.HasSuffix(script, "exec \"$@\"\n") {
		t.Error(script)
	}
	if artifacts[1].Origins[3].Why == "" {
		t.Errorf("%+v", artifacts[1].Origins)
	}
	readme := string(artifacts[len(artifacts)-1].Content)
	for _, want := range []string{"docker secret create rails-shop_POSTGRES_PASSWORD -", "docker stack deploy --with-registry-auth -c stack.yaml rails-shop", "15 4 * * * docker service update"} {
		if !strings.Contains(readme, want) {
			t.Errorf("no %q in\n%s", want, readme)
		}
	}
}

// TestScript puts values together in a real shell: what is between secrets stays as it is, whatever it looks like.
func TestScript(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "swarm")
	const around = "a'b\"c $(id) `id` \\ ${HOME} "
	p.Components[0].Settings = append(p.Components[0].Settings, plan.Setting{Name: "HOSTILE", Value: plan.Literal(around) + "${SECRET_KEY_BASE}"})
	dir := t.TempDir()
	for _, name := range []string{"SECRET_KEY_BASE", "POSTGRES_PASSWORD"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("s$(id)\"x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script := strings.ReplaceAll(string(targettest.Generate(t, Target{}, p)[1].Content), "/run/secrets/", dir+"/")
	out, err := shell(strings.Replace(script, `exec "$@"`, `printf %s "$HOSTILE"`, 1))
	if want := around + "s$(id)\"x"; err != nil || out != want {
		t.Errorf("%q, want %q: %v", out, want, err)
	}
}

// TestNoCommand is a component of which nothing says what it runs: the values are asked for when it is deployed.
func TestNoCommand(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "swarm")
	p.Component("web").Processes = nil
	artifacts := targettest.Generate(t, Target{}, p)
	if !strings.Contains(string(artifacts[0].Content), "SECRET_KEY_BASE: ${SECRET_KEY_BASE:?set SECRET_KEY_BASE for docker stack deploy}") {
		t.Errorf("%s", artifacts[0].Content)
	}
	if readme := string(artifacts[len(artifacts)-1].Content); !strings.Contains(readme, "POSTGRES_PASSWORD, SECRET_KEY_BASE are read from the environment") {
		t.Error(readme)
	}
}

const good = `version: "3.8"
services:
  web:
    image: registry.example.com/shop:1
    environment: {A: b}
    secrets: [KEY]
    configs: [{source: env, target: /env.sh}]
    networks: [front]
    ports: [{target: 3000, published: 3000}]
    volumes: [{type: volume, source: data, target: /data}]
    deploy:
      replicas: 2
      update_config: {parallelism: 1, order: start-first, failure_action: rollback}
      restart_policy: {condition: any}
      resources: {limits: {memory: 512M}}
  release:
    image: registry.example.com/shop:1
    environment: [A=b]
    deploy: {mode: replicated-job, restart_policy: {condition: on-failure}}
networks: {front: {driver: overlay}}
volumes: {data: {}}
secrets: {KEY: {external: true, name: shop_KEY}}
configs: {env: {name: shop_env, file: ./web-env.sh}}
`

func TestRules(t *testing.T) {
	check := func(content string) []generate.Problem {
		return Target{}.Check([]generate.Artifact{{Path: path.Join(Dir, FileName), Content: []byte(content)}, {Path: Dir + "/web-env.sh"}, {Path: "compose.yaml", Content: []byte("a: [")}})
	}
	if p := check(good); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	samples := map[string][2]string{
		"syntax":         {"replicas: 2", "replicas: two"},
		"version":        {`"3.8"`, `"2.4"`},
		"services":       {"  web:\n", "  my web:\n"},
		"object-name":    {"shop_KEY", "shop/KEY"},
		"secret-file":    {"external: true, name: shop_KEY", "file: ./key"},
		"config-file":    {"./web-env.sh", "./worker-env.sh"},
		"port-twice":     {"    environment: [A=b]\n", "    ports: [\"3000:80\"]\n"},
		"image":          {"    image: registry.example.com/shop:1\n    environment: {A: b}", "    environment: {A: b}"},
		"image-tag":      {"shop:1", "shop:latest"},
		"left-out":       {"    networks: [front]", "    networks: [front]\n    depends_on: [release]"},
		"privileged":     {"    networks: [front]", "    networks: [front]\n    privileged: true"},
		"mode":           {"replicated-job", "job"},
		"job":            {"condition: on-failure", "condition: any"},
		"restart-policy": {"condition: any", "condition: always"},
		"update":         {"start-first", "first"},
		"resources":      {"512M", "half"},
		"port":           {"published: 3000", "published: 70000"},
		"secret-missing": {"secrets: [KEY]", "secrets: [TOKEN]"},
		"network":        {"networks: [front]", "networks: [back]"},
		"volume":         {"source: data", "source: uploads"},
		"bind":           {"{type: volume, source: data, target: /data}", "./data:/data"},
		"secret-in-file": {"{A: b}", "{DB_PASSWORD: b}"},
	}
	for _, r := range fileRules {
		if _, ok := samples[r.id]; !ok {
			t.Errorf("no bad sample for %s", r.id)
		}
	}
	for _, r := range serviceRules {
		if _, ok := samples[r.id]; !ok {
			t.Errorf("no bad sample for %s", r.id)
		}
	}
	for id, change := range samples {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: the sample changes nothing", id)
		}
		advice := slices.ContainsFunc(serviceRules, func(r serviceRule) bool { return r.id == id && r.advice })
		if p := check(bad); !slices.ContainsFunc(p, func(p generate.Problem) bool { return p.Rule == id && p.Error != advice }) {
			t.Errorf("%s: %+v", id, p)
		}
	}
}
