package azurepipelines_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/generate/azurepipelines"
	"github.com/drydock-cli/drydock/generate/targettest"
)

func TestConformance(t *testing.T) {
	made := targettest.Run(t, azurepipelines.Target{})
	made["deployments"] = targettest.Generate(t, azurepipelines.Target{}, targettest.Plan(t, "rails-shop", "azure-pipelines", "compose", "kubernetes", "helm", "openshift", "fargate", "heroku", "cloudfoundry", "convox"))
	if text := targettest.Text(t, made["deployments"], azurepipelines.PipelineFile); !strings.Contains(text, "stage: deploy_heroku") || !strings.Contains(text, "HEROKU_API_KEY: $(HEROKU_API_KEY)") {
		t.Error(text)
	}
	python := os.Getenv("DRYDOCK_PYTHON")
	if python == "" {
		const how = `DRYDOCK_PYTHON is not set: run the tests with DRYDOCK_PYTHON="$(hack/python)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	// Microsoft's own schema.
	dir := t.TempDir()
	args := []string{"--builtin-schema", "vendor.azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant", "python"}
	for app, artifacts := range made {
		file := filepath.Join(dir, app+".yml")
		if err := os.WriteFile(file, []byte(targettest.Text(t, artifacts, azurepipelines.PipelineFile)), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	check := filepath.Join(filepath.Dir(python), "check-jsonschema")
	if out, err := exec.Command(check, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%.2000s", err, out)
	}
	bad := filepath.Join(dir, "bad.yml")
	if err := os.WriteFile(bad, []byte(strings.Replace(good, "timeoutInMinutes: 5", "timeout: 5", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(check, append(args[:6], bad)...).CombinedOutput(); err == nil {
		t.Errorf("the schema takes everything\n%s", out)
	}
}

const good = `variables:
  - group: drydock
  - name: TAG
    value: $(Build.SourceVersion)
stages:
  - stage: image
    jobs:
      - job: image
        pool:
          vmImage: ubuntu-24.04
        timeoutInMinutes: 5
        steps:
          - checkout: self
          - script: docker push x
            displayName: Push
  - stage: deploy
    dependsOn: [image]
    jobs:
      - deployment: ship
        environment: production
        pool:
          vmImage: ubuntu-24.04
        timeoutInMinutes: 6
        strategy:
          runOnce:
            deploy:
              steps:
                - script: ship
`

func TestRules(t *testing.T) {
	targettest.Rules(t, azurepipelines.Target{}, azurepipelines.PipelineFile, good, azurepipelines.Rules(), []targettest.Sample{
		{Rule: "syntax", Old: "stages:", New: "stages: ["},
		{Rule: "no-stage", Old: good[strings.Index(good, "stages:"):], New: "stages: []\n"},
		{Rule: "stage-name", Old: "stage: deploy", New: "stage: deploy-it"},
		{Rule: "depends-unknown", Old: "dependsOn: [image]", New: "dependsOn: build"},
		{Rule: "job", Old: "        environment: production\n", New: ""},
		{Rule: "machine", Old: "ubuntu-24.04", New: "ubuntu-latest"},
		{Rule: "timeout", Old: "        timeoutInMinutes: 5\n", New: ""},
		{Rule: "secret-as-text", Old: "docker push x", New: "curl -u x:$(REGISTRY_PASSWORD) r"},
		{Rule: "expression-in-script", Old: "docker push x", New: "echo $(Build.SourceVersionMessage)"},
		{Rule: "secret-in-file", Old: "name: TAG\n    value: $(Build.SourceVersion)", New: "name: API_TOKEN\n    value: hunter2"},
		{Rule: "password-as-word", Old: "docker push x", New: "docker login -u x -p $P r"},
		{Rule: "secret-in-log", Old: "docker push x", New: "echo $REGISTRY_PASSWORD"},
	})
}
