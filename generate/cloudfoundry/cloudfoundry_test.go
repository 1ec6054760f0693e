package cloudfoundry_test

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudfoundry"
	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/plan"
)

func TestConformance(t *testing.T) {
	made := targettest.Run(t, cloudfoundry.Target{})
	for _, artifacts := range made {
		for _, a := range artifacts {
			docs, problems := generate.Strict[cloudfoundry.Manifest](a)
			if !strings.HasSuffix(a.Path, ".yml") || len(problems) > 0 {
				continue
			}
			for _, app := range docs[0].Applications {
				if (app.Docker == nil) != (a.Path == cloudfoundry.BuildpackFile) || (app.Docker == nil) != (len(app.Buildpacks) > 0) {
					t.Errorf("%s: %s is neither one nor the other", a.Path, app.Name)
				}
			}
		}
	}
	shop := targettest.Text(t, made["rails-shop"], cloudfoundry.ManifestFile)
	for _, want := range []string{"DATABASE_URL: ((DATABASE_URL))", "RAILS_ENV: production", "- type: worker", "memory: 1024M", "- rails-shop-db", "image: registry.example.com/rails-shop-web:RELEASE"} {
		if !strings.Contains(shop, want) {
			t.Errorf("no %q in\n%s", want, shop)
		}
	}
	if strings.Contains(shop, "PORT:") {
		t.Error("the platform sets PORT")
	}
}

// TestVariables holds that a value that cf push would take for a variable is given as one.
func TestVariables(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "cloudfoundry")
	p.Components[0].Settings = append(p.Components[0].Settings, plan.Setting{Name: "WRAPPED", Value: "a ((b)) c"})
	text := targettest.Text(t, targettest.Generate(t, cloudfoundry.Target{}, p), cloudfoundry.ManifestFile)
	if !strings.Contains(text, "WRAPPED: ((WRAPPED))") || strings.Contains(text, "((b))") {
		t.Error(text)
	}
}

const good = `version: 1
applications:
  - name: shop
    docker:
      image: registry.example.com/shop:1
    routes:
      - route: shop.example.com
    processes:
      - type: web
        instances: 1
        memory: 512M
        disk_quota: 2G
        health-check-type: http
        health-check-http-endpoint: /up
        timeout: 180
    env:
      LANG: C
`

func TestRules(t *testing.T) {
	targettest.Rules(t, cloudfoundry.Target{}, cloudfoundry.ManifestFile, good, cloudfoundry.Rules(), []targettest.Sample{
		{Rule: "syntax", Old: "memory:", New: "mem:"},
		{Rule: "no-application", Old: good[strings.Index(good, "\n  - name"):], New: " []\n"},
		{Rule: "application-twice", Old: "  - name: shop\n", New: "  - name: shop\n  - name: shop\n"},
		{Rule: "name", Old: "name: shop", New: "name: \"\""},
		{Rule: "image-and-buildpack", Old: "    routes:", New: "    buildpacks: [ruby_buildpack]\n    routes:"},
		{Rule: "image", Old: "image: registry.example.com/shop:1", New: "image: \"\""},
		{Rule: "image-tag", Old: "shop:1", New: "shop:latest"},
		{Rule: "routes", Old: "    routes:", New: "    no-route: true\n    routes:"},
		{Rule: "route-host", Old: "shop.example.com", New: "https://shop.example.com"},
		{Rule: "process-type", Old: "type: web\n", New: "type: web\n      - type: web\n"},
		{Rule: "memory", Old: "512M", New: "512"},
		{Rule: "disk", Old: "2G", New: "2GiB"},
		{Rule: "instances", Old: "instances: 1", New: "instances: -1"},
		{Rule: "health-type", Old: "health-check-type: http", New: "health-check-type: tcp"},
		{Rule: "health-endpoint", Old: "/up", New: "up"},
		{Rule: "health-without-route", Old: "    routes:\n      - route: shop.example.com\n", New: "    no-route: true\n"},
		{Rule: "timeout", Old: "180", New: "181"},
		{Rule: "reserved-variable", Old: "LANG: C", New: "PORT: \"80\""},
		{Rule: "secret-in-file", Old: "LANG: C", New: "DB_PASSWORD: hunter2"},
	})
}
