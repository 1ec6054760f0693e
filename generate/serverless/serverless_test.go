package serverless_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/serverless"
	"github.com/drydock-cli/drydock/generate/targettest"
)

// TestConformance generates every application, lets the framework package some of them, which holds the file against its schema, and hands the
// templates that it makes to AWS's linter.
func TestConformance(t *testing.T) {
	made := targettest.Run(t, serverless.Target{})
	thumbs := targettest.Text(t, made["python-thumbs"], serverless.ServiceFile)
	tolls := targettest.Text(t, made["cobol-tolls"], serverless.ServiceFile)
	for _, x := range [][2]string{{thumbs, "s3:ObjectCreated:*"}, {tolls, "handler: starter.handler"}, {tolls, "ecs:RunTask"}, {tolls, "iam:PassRole"}, {tolls, "AWS::ECS::TaskDefinition"}} {
		if !strings.Contains(x[0], x[1]) {
			t.Errorf("no %q in\n%s", x[1], x[0])
		}
	}
	if strings.Contains(thumbs, "AWS::ECS") {
		t.Error("nothing of it takes long")
	}
	t.Run("package", func(t *testing.T) {
		templates := map[string]string{}
		for _, app := range []string{"cobol-tolls", "python-thumbs"} { // a few seconds each: the others are made of the same parts
			template, out := packaged(t, made[app], "")
			if template == "" {
				t.Errorf("%s: %s", app, out)
			}
			templates[app+".json"] = template
		}
		p := targettest.Plan(t, "rails-shop", "serverless")
		p.Components[0].Schedules = []detect.Schedule{{Name: "nightly", Cron: "0 3 * * 1-5", Command: []string{"rake", "report"}}}
		template, out := packaged(t, targettest.Generate(t, serverless.Target{}, p), "")
		if !strings.Contains(template, "cron(0 3 ? * MON,TUE,WED,THU,FRI *)") {
			t.Errorf("%s: %s", template, out)
		}
		if template, out := packaged(t, made["cobol-tolls"], "memorySize: 128=>memorysize: 128"); template != "" || !strings.Contains(out, "memorysize") {
			t.Errorf("a key that the framework does not know is taken: %s", out)
		}
		for name, said := range targettest.CloudFormation(t, templates) {
			for line := range strings.Lines(said) {
				if !strings.Contains(line, ":W") { // what it warns of is the framework's own
					t.Errorf("%s: %s", name, line)
				}
			}
		}
	})
}

// packaged lets the framework package a service, with one change OLD=>NEW, and returns the template that it makes, and what it says.
func packaged(t *testing.T, artifacts []generate.Artifact, change string) (template, out string) {
	t.Helper()
	node := os.Getenv("DRYDOCK_NODE")
	if node == "" {
		const how = `DRYDOCK_NODE is not set: run the tests with DRYDOCK_NODE="$(hack/node)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	dir := t.TempDir()
	for _, a := range artifacts {
		text := string(a.Content)
		if from, to, ok := strings.Cut(change, "=>"); ok && a.Path == serverless.ServiceFile {
			text = strings.Replace(text, from, to, 1)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(a.Path)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(node, "serverless"), "package")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SLS_TELEMETRY_DISABLED=1", "SLS_NOTIFICATIONS_MODE=off", "AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none", "HOME="+dir, "CI=true")
	said, err := cmd.CombinedOutput()
	if err != nil {
		return "", string(said)
	}
	content, err := os.ReadFile(filepath.Join(dir, ".serverless", "cloudformation-template-update-stack.json"))
	if err != nil || !json.Valid(content) {
		t.Fatal(err)
	}
	return string(content), string(said)
}

const good = `service: shop
frameworkVersion: "3"
configValidationMode: error
provider:
  name: aws
  ecr:
    images:
      web:
        uri: r@sha256:00
functions:
  web:
    image:
      name: web
    memorySize: 512
    timeout: 30
    environment:
      MODE: fast
    events:
      - httpApi: '*'
resources:
  Resources:
    Task:
      Type: AWS::ECS::TaskDefinition
      Properties:
        Cpu: "256"
        Memory: "512"
`

func TestRules(t *testing.T) {
	targettest.Rules(t, serverless.Target{}, serverless.ServiceFile, good, serverless.Rules, []targettest.Sample{
		{Rule: "syntax", Old: "provider:\n", New: "provider: [\n"},
		{Rule: "framework-version", Old: `"3"`, New: `"4"`},
		{Rule: "validation", Old: "error", New: "warn"},
		{Rule: "service-name", Old: "service: shop", New: "service: 1_shop"},
		{Rule: "no-function", Old: good[strings.Index(good, "functions:"):strings.Index(good, "resources:")], New: "functions: {}\n"},
		{Rule: "handler-or-image", Old: "    image:\n", New: "    handler: a.b\n    image:\n"},
		{Rule: "image-digest", Old: "r@sha256:00", New: "r:1"},
		{Rule: "image-unknown", Old: "name: web", New: "name: app"},
		{Rule: "memory", Old: "memorySize: 512", New: "memorySize: 64"},
		{Rule: "timeout", Old: "timeout: 30", New: "timeout: 901"},
		{Rule: "http-timeout", Old: "timeout: 30", New: "timeout: 31"},
		{Rule: "secret-in-file", Old: "MODE: fast", New: "API_KEY: fast"},
		{Rule: "task-size", Old: `"512"`, New: `"256"`},
	})
}
