package openfaas_test

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate/openfaas"
	"github.com/drydock-cli/drydock/generate/targettest"
)

func TestConformance(t *testing.T) {
	made := targettest.Run(t, openfaas.Target{})
	for app, want := range map[string][]string{
		"rails-shop":    {"mode=http", `upstream_url="http://127.0.0.1:3000"`, "SECRET_KEY_BASE=$(cat /var/openfaas/secrets/rails-shop-secret-key-base)"},
		"python-thumbs": {"mode=http", `upstream_url="http://127.0.0.1:8081"`, "export PORT=8081", "exec python /opt/drydock/function.py thumbs.handler"},
		"python-digits": {"exec python /opt/drydock/inference.py inference.py model"},
		"cobol-tolls":   {"mode=streaming", "exec_timeout=1h"},
	} {
		var all strings.Builder
		for _, a := range made[app] {
			if strings.Contains(a.Path, "Dockerfile") {
				all.Write(a.Content)
			}
		}
		for _, w := range want {
			if !strings.Contains(all.String(), w) {
				t.Errorf("%s: no %q in\n%s", app, w, all.String())
			}
		}
	}
	if readme := targettest.Text(t, made["rails-shop"], openfaas.Dir+"/README.md"); !strings.Contains(readme, "worker: it runs all the time") {
		t.Error(readme)
	}
}

// TestSchedule holds that a program with one time of its own is called by the cron connector.
func TestSchedule(t *testing.T) {
	p := targettest.Plan(t, "cobol-tolls", "openfaas")
	p.Components[0].Schedules = []detect.Schedule{{Name: "nightly", Cron: "0 3 * * *", Command: []string{"x"}}}
	if text := targettest.Text(t, targettest.Generate(t, openfaas.Target{}, p), openfaas.StackFile); !strings.Contains(text, "schedule: 0 3 * * *") || !strings.Contains(text, "topic: cron-function") {
		t.Error(text)
	}
}

const stack = `version: "1.0"
provider:
  name: openfaas
  gateway: http://127.0.0.1:8080
functions:
  shop-web:
    image: r/shop:1
    environment:
      MODE: fast
    secrets:
      - shop-key
    annotations:
      topic: cron-function
      schedule: 0 3 * * *
    limits:
      memory: 512Mi
`

const image = "FROM x\nENV mode=http \\\n    fprocess=\"sh /opt/start.sh\" \\\n    upstream_url=\"http://127.0.0.1:3000\" \\\n    port=8080\n"

func TestRules(t *testing.T) {
	targettest.Rules(t, openfaas.Target{}, openfaas.StackFile, stack, openfaas.Rules, []targettest.Sample{
		{Rule: "syntax", Old: "secrets:", New: "secret:"},
		{Rule: "version", Old: `"1.0"`, New: `"2.0"`},
		{Rule: "provider", Old: "name: openfaas", New: "name: faas"},
		{Rule: "no-function", Old: stack[strings.Index(stack, "functions:"):], New: "functions: {}\n"},
		{Rule: "function-name", Old: "shop-web:", New: "Shop_Web:"},
		{Rule: "image", Old: "r/shop:1", New: "r/shop:latest"},
		{Rule: "secret-name", Old: "shop-key", New: "SHOP_KEY"},
		{Rule: "secret-in-file", Old: "MODE: fast", New: "API_KEY: fast"},
		{Rule: "resources", Old: "512Mi", New: "512 MB"},
		{Rule: "schedule", Old: "0 3 * * *", New: "daily"},
	})
	targettest.Rules(t, openfaas.Target{}, openfaas.Dir+"/Dockerfile.web", image, openfaas.ImageRules, []targettest.Sample{
		{Rule: "watchdog-mode", Old: "mode=http", New: "mode=https"},
		{Rule: "fprocess", Old: "fprocess=", New: "process="},
		{Rule: "upstream", Old: "upstream_url=", New: "upstream="},
		{Rule: "watchdog-port", Old: "127.0.0.1:3000", New: "127.0.0.1:8080"},
	})
}
