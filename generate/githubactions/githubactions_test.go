package githubactions_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/githubactions"
	"github.com/drydock-cli/drydock/generate/targettest"
)

// lint is what GitHub's rules, as actionlint knows them, say of workflows by name.
func lint(t *testing.T, workflows map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	// It has a module of its own: it and the loader of compose files want different releases of one library.
	args := []string{"tool", "-modfile=../../hack/actionlint/go.mod", "actionlint", "-no-color", "-oneline", "-shellcheck=", "-pyflakes="}
	for name, content := range workflows {
		file := filepath.Join(dir, name+".yml")
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	// What go says of downloading the tool, on the standard error, is no complaint.
	out, err := exec.Command("go", args...).Output()
	exit := (*exec.ExitError)(nil)
	if err != nil && (!errors.As(err, &exit) || len(out) == 0) {
		if exit != nil {
			t.Logf("%s", exit.Stderr)
		}
		t.Fatal(err)
	}
	return string(out)
}

func TestConformance(t *testing.T) {
	workflows := map[string]string{}
	for app, artifacts := range targettest.Run(t, githubactions.Target{}) {
		workflows[app] = targettest.Text(t, artifacts, githubactions.WorkflowFile)
	}
	all := targettest.Plan(t, "rails-shop", "github-actions", "compose", "kubernetes", "helm", "openshift", "fargate", "heroku", "cloudfoundry", "convox")
	workflows["deployments"] = targettest.Text(t, targettest.Generate(t, githubactions.Target{}, all), githubactions.WorkflowFile)
	if said := lint(t, workflows); said != "" {
		t.Error(said)
	}
	for _, want := range []string{"deploy-compose:", "deploy-fargate:", "deploy-heroku:", "environment: convox", "taskdef-worker.json", "--vars-file .cf-vars.yml"} {
		if !strings.Contains(workflows["deployments"], want) {
			t.Errorf("no %q", want)
		}
	}
	if said := lint(t, map[string]string{"bad": strings.Replace(good, "runs-on: ubuntu-24.04", "runs-on: ubuntu-1.0", 1)}); !strings.Contains(said, "ubuntu-1.0") {
		t.Errorf("actionlint takes everything: %s", said)
	}
}

// TestOwnFile holds that a workflow of the same name stays, and that paths which a service would expand are refused.
func TestOwnFile(t *testing.T) {
	target := githubactions.Target{ReadFile: func(name string) ([]byte, error) {
		if name == githubactions.WorkflowFile {
			return []byte("name: theirs\n"), nil
		}
		return nil, fs.ErrNotExist
	}}
	p := targettest.Plan(t, "static-almanac", "github-actions")
	if got := targettest.Generate(t, target, p)[0].Path; got != "deploy/github-actions/drydock.yml" {
		t.Error(got)
	}
	p.Components[0].Path = "a ${{ github.token }}"
	if _, err := generate.Run(t.Context(), p, []generate.Target{target}); err == nil || !strings.Contains(err.Error(), "cannot be written in a pipeline") {
		t.Error(err)
	}
}

const good = `on: push
permissions:
  contents: read
jobs:
  image:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - name: Sources
        uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
      - name: Login
        run: printf '%s' "$REGISTRY_PASSWORD" | docker login --username x --password-stdin r
  push:
    needs: image
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - name: Push
        run: docker push x
`

func TestRules(t *testing.T) {
	targettest.Rules(t, githubactions.Target{}, githubactions.WorkflowFile, good, githubactions.Rules(), []targettest.Sample{
		{Rule: "syntax", Old: "jobs:", New: "jobs: ["},
		{Rule: "trigger", Old: "on: push\n", New: ""},
		{Rule: "target-of-pull-requests", Old: "on: push", New: "on: pull_request_target"},
		{Rule: "permissions", Old: "permissions:\n  contents: read", New: "permissions: write-all"},
		{Rule: "no-job", Old: good[strings.Index(good, "jobs:"):], New: "jobs: {}\n"},
		{Rule: "job-id", Old: "  push:\n", New: "  1push:\n"},
		{Rule: "needs-unknown", Old: "needs: image", New: "needs: images"},
		{Rule: "runner", Old: "ubuntu-24.04", New: "ubuntu-latest"},
		{Rule: "timeout", Old: "    timeout-minutes: 5\n", New: ""},
		{Rule: "step", Old: "        run: docker push x\n", New: ""},
		{Rule: "action-pin", Old: "@11bd71901bbe5b1630ceea73d27597364c9af683", New: "@v4"},
		{Rule: "expression-in-script", Old: "docker push x", New: "echo \"${{ github.event.head_commit.message }}\""},
		{Rule: "password-as-word", Old: "docker push x", New: "docker login --username x --password \"$P\" r"},
		{Rule: "secret-in-log", Old: "docker push x", New: "echo \"$REGISTRY_PASSWORD\""},
	})
}
