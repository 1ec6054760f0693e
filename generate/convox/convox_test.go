package convox_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate/convox"
	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/plan"
)

func TestConformance(t *testing.T) {
	made := targettest.Run(t, convox.Target{})
	shop := targettest.Text(t, made["rails-shop"], convox.ManifestFile)
	for _, want := range []string{"- db:DATABASE_URL", "- redis:REDIS_URL", "- SECRET_KEY_BASE\n", "- RAILS_ENV=production", "cpu: 500", "memory: 1024", "path: /\n", "schedule: 15 4 * * *"} {
		if !strings.Contains(shop, want) {
			t.Errorf("no %q in\n%s", want, shop)
		}
	}
	// Convox goes by the last word of a name, and PASSWORD is none of its words.
	ledger := targettest.Text(t, made["springboot-ledger"], convox.ManifestFile)
	for _, want := range []string{"- db:DB_HOST", "- db:DB_NAME", "- db:DB_PORT", "- db:DB_USER", "- DB_PASSWORD\n"} {
		if !strings.Contains(ledger, want) {
			t.Errorf("no %q in\n%s", want, ledger)
		}
	}
}

// TestInterpolation holds that nothing of the repository's is taken for a variable of Convox.
func TestInterpolation(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "convox")
	p.Components[0].Settings = append(p.Components[0].Settings, plan.Setting{Name: "TEMPLATE", Value: plan.Literal("a ${HOME} b")})
	p.Components[1].Processes = []detect.Process{{Name: "worker", Command: []string{"sh", "-c", "echo ${HOME}"}}}
	text := targettest.Text(t, targettest.Generate(t, convox.Target{}, p), convox.ManifestFile)
	if strings.Contains(text, "${") || !strings.Contains(text, "- TEMPLATE\n") || !strings.Contains(text, "$''{HOME}") {
		t.Error(text)
	}
}

func TestOwnFile(t *testing.T) {
	target := convox.Target{ReadFile: func(name string) ([]byte, error) {
		if name == convox.ManifestFile {
			return []byte("services: {}\n"), nil
		}
		return nil, fs.ErrNotExist
	}}
	artifacts := targettest.Generate(t, target, targettest.Plan(t, "rails-shop", "convox"))
	if artifacts[0].Path != "deploy/convox/convox.yml" || !strings.Contains(string(artifacts[1].Content), "convox build -m deploy/convox/convox.yml") {
		t.Errorf("%s\n%s", artifacts[0].Path, artifacts[1].Content)
	}
}

const good = `resources:
  db:
    type: postgres
services:
  web:
    build: .
    environment:
      - LANG=C
      - KEY
    health: /up
    port: 3000
    resources:
      - db:DATABASE_URL
    scale:
      count: 1-3
      cpu: 500
      memory: 512
    deployment:
      minimum: 50
timers:
  sweep:
    command: sweep
    schedule: 0 3 * * *
    service: web
`

func TestRules(t *testing.T) {
	targettest.Rules(t, convox.Target{}, convox.ManifestFile, good, convox.Rules(), []targettest.Sample{
		{Rule: "syntax", Old: "  db:", New: "  db: x:"},
		{Rule: "no-service", Old: good[strings.Index(good, "services:\n"):strings.Index(good, "timers:")], New: "services: {}\n"},
		{Rule: "name", Old: "  web:\n", New: "  Web:\n"},
		{Rule: "build", Old: "    build: .\n", New: ""},
		{Rule: "port", Old: "3000", New: "70000"},
		{Rule: "health", Old: "/up", New: "up"},
		{Rule: "scale", Old: "memory: 512", New: "memory: 512M"},
		{Rule: "deployment", Old: "minimum: 50", New: "minimum: 150"},
		{Rule: "environment", Old: "- KEY", New: "- KEY: x"},
		{Rule: "resource-unknown", Old: "db:DATABASE_URL", New: "cache"},
		{Rule: "resource-type", Old: "type: postgres", New: "type: oracle"},
		{Rule: "managed-name", Old: "  db:\n    type: postgres", New: "  a-database-with-a-long-name:\n    type: rds-postgres"},
		{Rule: "timer-service", Old: "service: web", New: "service: jobs"},
		{Rule: "timer-schedule", Old: "0 3 * * *", New: "0 3 ? * *"},
		{Rule: "timer-command", Old: "command: sweep", New: "command: \"\""},
		{Rule: "interpolation", Old: "LANG=C", New: "LANG=${LANG}"},
		{Rule: "secret-in-file", Old: "LANG=C", New: "DB_PASSWORD=hunter2"},
	})
}
