package gitlabci_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/generate/gitlabci"
	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/templates"
)

// tool is a program of hack/python or hack/node; without CI a test that needs it is left out.
func tool(t *testing.T, variable, how, name string) string {
	t.Helper()
	at := os.Getenv(variable)
	if at == "" {
		text := variable + ` is not set: run the tests with ` + variable + `="$(` + how + `)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
	if variable == "DRYDOCK_PYTHON" {
		at = filepath.Dir(at)
	}
	return filepath.Join(at, name)
}

func TestConformance(t *testing.T) {
	made := targettest.Run(t, gitlabci.Target{})
	p := targettest.Plan(t, "rails-shop", "gitlab-ci", "compose", "kubernetes", "helm", "openshift", "fargate", "heroku", "cloudfoundry", "convox")
	made["deployments"] = targettest.Generate(t, gitlabci.Target{}, p)
	if text := targettest.Text(t, made["deployments"], gitlabci.PipelineFile); !strings.Contains(text, "deploy:heroku:") || !strings.Contains(text, "image:\n    name: $DEPLOY_IMAGE") {
		t.Error(text)
	}
	shop := targettest.Text(t, made["rails-shop"], gitlabci.PipelineFile)
	for _, want := range []string{
		"DOCKER_TLS_CERTDIR: /certs", "--oci-worker-no-process-sandbox", "DATABASE_URL: postgresql://app:$CI_COMMIT_SHA@db:5432/shop_production", "alias: db", "--password-stdin", "bundle exec rails db:migrate && break",
	} {
		if !strings.Contains(shop, want) {
			t.Errorf("no %q in\n%s", want, shop)
		}
	}

	// GitLab's own schema.
	dir := t.TempDir()
	args := []string{"--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"}
	for app, artifacts := range made {
		file := filepath.Join(dir, app+".yml")
		if err := os.WriteFile(file, []byte(targettest.Text(t, artifacts, gitlabci.PipelineFile)), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	check := tool(t, "DRYDOCK_PYTHON", "hack/python", "check-jsonschema")
	if out, err := exec.Command(check, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	bad := filepath.Join(dir, "bad.yml")
	if err := os.WriteFile(bad, []byte(strings.Replace(shop, "stage: build", "stages: build", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(check, append(args[:4], bad)...).CombinedOutput(); err == nil {
		t.Errorf("the schema takes everything\n%s", out)
	}
}

// TestRun runs the job of a merge request, and the one that pushes, as GitLab's runner would: from the sources to a registry, on a real engine.
func TestRun(t *testing.T) {
	runner := tool(t, "DRYDOCK_NODE", "hack/node", "gitlab-ci-local")
	engine := strings.Fields(strings.ReplaceAll(os.Getenv("DRYDOCK_TEST_ENGINES"), ",", " "))
	if len(engine) == 0 {
		const how = `DRYDOCK_TEST_ENGINES is not set: run the tests with DRYDOCK_TEST_ENGINES="$(hack/engine/hosts)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	dir := t.TempDir()
	write := func(name string, content []byte) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	app := filepath.Join("..", "..", "testdata", "apps", "static-almanac")
	if err := os.CopyFS(dir, os.DirFS(app)); err != nil {
		t.Fatal(err)
	}
	p := targettest.Plan(t, "static-almanac", "gitlab-ci")
	artifacts, err := generate.Run(t.Context(), p, []generate.Target{dockerfile.Target{Templates: templates.FS()}, gitlabci.Target{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range artifacts {
		write(a.Path, a.Content)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "DOCKER_HOST="+engine[0], "DOCKER_CONFIG="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"remote", "add", "origin", "https://gitlab.example.com/legacy/almanac.git"}, {"add", "-A"}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "one"}} {
		run("git", args...)
	}
	// The scanner is another's program and is fetched where there is a network for it. Its place is taken by one that wants to be handed
	// what the scanner is handed: an archive with an image in it.
	write("scanner/Dockerfile", []byte("FROM busybox\nENTRYPOINT [\"sh\", \"-c\", \"tar -xOf ${0#docker-archive:} manifest.json && test \\\"$*\\\" = '--only-fixed --fail-on critical' && echo scanned\"]\n"))
	run("docker", "build", "-q", "-t", "anchore/grype:v0.110.0", "scanner")
	// The engine beside the job is the test's own, which is there already.
	run("docker", "tag", "busybox", "docker:27.5.1-dind")
	t.Cleanup(func() { // the test's context is over by then
		cmd := exec.Command("docker", "-H", engine[0], "image", "rm", "-f", "anchore/grype:v0.110.0", "docker:27.5.1-dind", "static-almanac-static")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("%v: %s", err, out)
		}
	})

	out := run(runner, "--force-shell-executor", "--no-color", "--variable", "DOCKER_HOST="+engine[0], "--variable", "DOCKER_TLS_VERIFY=", "--variable", "DOCKER_CERT_PATH=",
		"--variable", "REGISTRY=127.0.0.1:5000/gitlab-ci", "--variable", "REGISTRY_USER=tester", "--variable", "REGISTRY_PASSWORD=hunter2hunter2", "push")
	for _, want := range []string{"Login Succeeded", "Healthy", "scanned", "PASS"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(strings.ReplaceAll(out, "--variable REGISTRY_PASSWORD=hunter2hunter2", ""), "hunter2") {
		t.Errorf("the password is in the log:\n%s", out)
	}
	commit := strings.TrimSpace(run("git", "rev-parse", "HEAD"))
	run("docker", "manifest", "inspect", "--insecure", "127.0.0.1:5000/gitlab-ci/static-almanac-static:"+commit)
	run("docker", "image", "rm", "-f", "127.0.0.1:5000/gitlab-ci/static-almanac-static:"+commit)
}

// TestOwnFile holds that a pipeline of the source's stays.
func TestOwnFile(t *testing.T) {
	target := gitlabci.Target{ReadFile: func(name string) ([]byte, error) {
		if name == gitlabci.PipelineFile {
			return []byte("test: {script: rake}\n"), nil
		}
		return nil, fs.ErrNotExist
	}}
	artifacts := targettest.Generate(t, target, targettest.Plan(t, "rails-shop", "gitlab-ci"))
	if got := artifacts[0].Path; got != "deploy/gitlab-ci/.gitlab-ci.yml" {
		t.Error(got)
	}
	if text := targettest.Text(t, artifacts, "deploy/gitlab-ci/README.md"); !strings.Contains(text, "CI/CD configuration file") {
		t.Error(text)
	}
}

const good = `stages: [build, deploy]
variables:
  REGISTRY_PASSWORD: $CI_REGISTRY_PASSWORD
push:
  stage: build
  image: docker:27.5.1-cli
  services:
    - name: docker:27.5.1-dind
  variables:
    DOCKER_TLS_CERTDIR: /certs
    DOCKER_TLS_VERIFY: "1"
  rules:
    - if: $CI_COMMIT_TAG
  timeout: 1h
  script:
    - docker push x
deploy:
  stage: deploy
  needs: [push]
  script:
    - ship
`

func TestRules(t *testing.T) {
	targettest.Rules(t, gitlabci.Target{}, gitlabci.PipelineFile, good, gitlabci.Rules(), []targettest.Sample{
		{Rule: "syntax", Old: "needs: [push]", New: "needs: push"},
		{Rule: "no-job", Old: good[strings.Index(good, "push:"):], New: ".push: {script: x}\n"},
		{Rule: "job-name", Old: "deploy:\n", New: "nil:\n"},
		{Rule: "job-name", Old: "deploy:\n", New: "image:\n"},
		{Rule: "script", Old: "  script:\n    - ship\n", New: ""},
		{Rule: "stage-unknown", Old: "stage: deploy", New: "stage: release"},
		{Rule: "needs-unknown", Old: "needs: [push]", New: "needs: [build]"},
		{Rule: "image-tag", Old: "docker:27.5.1-cli", New: "docker:latest"},
		{Rule: "engine-without-tls", Old: "DOCKER_TLS_CERTDIR: /certs", New: "DOCKER_TLS_CERTDIR: \"\""},
		{Rule: "password-as-word", Old: "docker push x", New: "docker login -u x -p $P r"},
		{Rule: "secret-in-log", Old: "docker push x", New: "echo $REGISTRY_PASSWORD"},
		{Rule: "secret-in-file", Old: "$CI_REGISTRY_PASSWORD", New: "hunter2"},
		{Rule: "rules-and-only", Old: "  rules:", New: "  only: [main]\n  rules:"},
		{Rule: "timeout", Old: "timeout: 1h", New: "timeout: soon"},
	})
}
