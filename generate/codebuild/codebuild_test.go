package codebuild_test

import (
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/codebuild"
	"github.com/drydock-cli/drydock/generate/targettest"
)

func TestConformance(t *testing.T) {
	made := targettest.Run(t, codebuild.Target{})
	made["deployments"] = targettest.Generate(t, codebuild.Target{}, targettest.Plan(t, "rails-shop", "codebuild", "kubernetes", "helm", "openshift", "fargate", "heroku", "cloudfoundry", "convox"))
	text := targettest.Text(t, made["deployments"], codebuild.SpecFile)
	for _, want := range []string{"HEROKU_API_KEY: rails-shop/heroku:HEROKU_API_KEY", "aws ecs update-service", "CODEBUILD_BUILD_SUCCEEDING"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "AWS_SECRET_ACCESS_KEY") {
		t.Error("the build's own role is enough")
	}
	// CodeBuild has no program that reads a buildspec elsewhere. Each phase is one shell's text, which Bash's grammar must take.
	for app, artifacts := range made {
		docs, problems := generate.Strict[codebuild.Spec](generate.Artifact{Content: []byte(targettest.Text(t, artifacts, codebuild.SpecFile))})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, p := range []*codebuild.Phase{docs[0].Phases.PreBuild, docs[0].Phases.Build, docs[0].Phases.PostBuild} {
			if p == nil {
				continue
			}
			for _, c := range p.Commands {
				if _, err := syntax.NewParser().Parse(strings.NewReader(c), app); err != nil {
					t.Errorf("%s: %v: %s", app, err, c)
				}
			}
		}
	}
}

const good = `version: "0.2"
env:
  shell: bash
  variables:
    LANG: C
  secrets-manager:
    KEY: shop:KEY
phases:
  build:
    on-failure: ABORT
    commands:
      - docker push x
  post_build:
    commands:
      - ship
`

func TestRules(t *testing.T) {
	targettest.Rules(t, codebuild.Target{}, codebuild.SpecFile, good, codebuild.Rules(), []targettest.Sample{
		{Rule: "syntax", Old: "phases:", New: "stages:"},
		{Rule: "version", Old: "0.2", New: "0.1"},
		{Rule: "no-phase", Old: good[strings.Index(good, "phases:"):], New: "phases: {}\n"},
		{Rule: "no-command", Old: "commands:\n      - ship", New: "commands: []"},
		{Rule: "shell", Old: "shell: bash", New: "shell: zsh"},
		{Rule: "on-failure", Old: "ABORT", New: "STOP"},
		{Rule: "secret-in-file", Old: "LANG: C", New: "API_TOKEN: hunter2"},
		{Rule: "secret-reference", Old: "shop:KEY", New: "shop"},
		{Rule: "reserved-variable", Old: "LANG: C", New: "CODEBUILD_X: C"},
		{Rule: "pushed-after-failure", Old: "- ship", New: "- docker push y"},
		{Rule: "password-as-word", Old: "docker push x", New: "docker login -u x -p $P r"},
		{Rule: "secret-in-log", Old: "docker push x", New: "echo $REGISTRY_PASSWORD"},
	})
}
