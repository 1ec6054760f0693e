package ecs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/ecs"
	"github.com/drydock-cli/drydock/generate/targettest"
)

// TestConformance generates every application, hands the templates to AWS's linter with some that it refuses, and lets a stand-in for AWS make
// the stacks.
func TestConformance(t *testing.T) {
	made := targettest.Run(t, ecs.Target{})
	templates := map[string]string{}
	for app, artifacts := range made {
		templates[app+".yaml"] = targettest.Text(t, artifacts, ecs.TemplateFile)
	}
	p := targettest.Plan(t, "rails-shop", "ecs")
	for k, v := range map[string]string{"components.web.readOnly": "true", "components.web.cpu": "4096", "components.web.memory": "16384"} {
		if err := p.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	second := p.Components[0]
	second.Name, second.Image, second.Path = "admin", "rails-shop-admin", "admin"
	p.Components = append(p.Components, second)
	templates["two-servers.yaml"] = targettest.Text(t, targettest.Generate(t, ecs.Target{}, p), ecs.TemplateFile)

	t.Run("cfn-lint", func(t *testing.T) { lint(t, templates) })
	t.Run("stack", func(t *testing.T) { stacks(t, templates) })

	shop := templates["rails-shop.yaml"]
	for _, want := range []string{"AWS::ElasticLoadBalancingV2::TargetGroup", "WorkerService:", "${SecretArn}:DATABASE_URL::", "AWS::ApplicationAutoScaling::ScalableTarget"} {
		if !strings.Contains(shop, want) {
			t.Errorf("no %q in\n%s", want, shop)
		}
	}
	if strings.Contains(shop, "POSTGRES_PASSWORD") {
		t.Error("the password of the local database is no business of AWS")
	}
	if batch := templates["cobol-tolls.yaml"]; strings.Contains(batch, "AWS::ECS::Service") || !strings.Contains(batch, "AWS::ECS::TaskDefinition") {
		t.Error(batch)
	}
	manifest := targettest.Text(t, made["rails-shop"], ecs.Dir+"/copilot/web/manifest.yml")
	for _, want := range []string{"type: Load Balanced Web Service", "secretsmanager: 'rails-shop:DATABASE_URL::'", "port: 3000"} {
		if !strings.Contains(manifest, want) {
			t.Errorf("no %q in\n%s", want, manifest)
		}
	}
}

func lint(t *testing.T, templates map[string]string) {
	shop := templates["rails-shop.yaml"]
	bad := map[string]string{
		"bad-property.yaml": strings.Replace(shop, "StopTimeout:", "StopTimeOut:", 1),
		"bad-size.yaml":     strings.Replace(shop, "NetworkMode: awsvpc", "NetworkMode: vpc", 1),
		"bad-ref.yaml":      strings.Replace(shop, "Ref: Cluster", "Ref: Clusters", 1),
	}
	all := map[string]string{}
	for name, text := range templates {
		all[name] = text
	}
	for name, text := range bad {
		all[name] = text
	}
	said := targettest.CloudFormation(t, all)
	for name := range all {
		if _, wrong := bad[name]; wrong != (said[name] != "") {
			t.Errorf("%s: %q", name, said[name])
		}
	}
}

func stacks(t *testing.T, templates map[string]string) {
	python := targettest.Python(t)
	dir := t.TempDir()
	args := []string{"testdata/stack.py"}
	want := map[string]string{
		"rails-shop.yaml": "2 services, 2 tasks", "cobol-tolls.yaml": "0 services, 1 tasks", "two-servers.yaml": "3 services, 3 tasks",
		"python-digits.yaml": "1 services, 2 tasks", "static-almanac.yaml": "1 services, 1 tasks",
	}
	for name := range want {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(templates[name]), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%v", err)
	}
	lines := strings.Split(string(out), "\n")
	for name, counts := range want {
		if line := filepath.Join(dir, name) + ": " + counts; !slices.Contains(lines, line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
}

const good = `AWSTemplateFormatVersion: "2010-09-09"
Description: good
Parameters:
  Subnets:
    Type: String
Resources:
  Role:
    Type: AWS::IAM::Role
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: shop-web
      RequiresCompatibilities:
        - FARGATE
      NetworkMode: awsvpc
      Cpu: "512"
      Memory: "1024"
      ExecutionRoleArn:
        Ref: Role
      ContainerDefinitions:
        - Name: web
          Image: r/web:1
          Essential: true
          PortMappings:
            - ContainerPort: 80
          Environment:
            - Name: A
              Value: b
          Secrets:
            - Name: S
              ValueFrom: x
          HealthCheck:
            Command:
              - CMD
              - "true"
            Interval: 10
          MountPoints:
            - SourceVolume: v
          StopTimeout: 30
          LogConfiguration:
            LogDriver: awslogs
      Volumes:
        - Name: v
  Service:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      NetworkConfiguration:
        AwsvpcConfiguration:
          Subnets:
            Ref: Subnets
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      TargetType: ip
      HealthCheckPath: /up
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: cron(0 3 * * ? *)
  Log:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 30
`

const manifest = `name: web
type: Load Balanced Web Service
http:
  path: /
  healthcheck:
    path: /
image:
  build:
    dockerfile: Dockerfile
    context: .
  port: 80
cpu: 512
memory: 1024
variables:
  MODE: production
storage:
  volumes:
    v:
      path: /v
      efs:
        uid: 1000
        gid: 1000
`

func TestRules(t *testing.T) {
	many := "Resources:\n"
	for i := range cloudformation.MaxResources {
		many += "  R" + strings.Repeat("a", i%50) + strings.Repeat("b", i/50) + ":\n    Type: AWS::SNS::Topic\n"
	}
	targettest.Rules(t, ecs.Target{}, ecs.TemplateFile, good, append(cloudformation.IDs(ecs.Rules), cloudformation.CommonRules...), []targettest.Sample{
		{Rule: "syntax", Old: "Resources:\n", New: "Resources: [\n"},
		{Rule: "resources", Old: "Resources:\n", New: many},
		{Rule: "logical-id", Old: "  Nightly:\n", New: "  at-night:\n"},
		{Rule: "resource-type", Old: "AWS::Logs::LogGroup", New: "LogGroup"},
		{Rule: "template-size", Old: "Description: good", New: "Description: " + strings.Repeat("x", cloudformation.MaxBytes)},
		{Rule: "undefined", Old: "Ref: Role", New: "Ref: Rolle"},
		{Rule: "family", Old: "shop-web", New: "shop web"},
		{Rule: "compatibility", Old: "- FARGATE", New: "- EC2"},
		{Rule: "network-mode", Old: "awsvpc", New: "bridge"},
		{Rule: "size", Old: `"1024"`, New: `"512"`},
		{Rule: "essential", Old: "Essential: true", New: "Essential: false"},
		{Rule: "execution-role", Old: "      ExecutionRoleArn:\n        Ref: Role\n", New: ""},
		{Rule: "container-name", Old: "- Name: web", New: "- Name: my web"},
		{Rule: "image", Old: "r/web:1", New: "r/web:latest"},
		{Rule: "privileged", Old: "Essential: true", New: "Privileged: true"},
		{Rule: "host-port", Old: "ContainerPort: 80", New: "ContainerPort: 80\n              HostPort: 8080"},
		{Rule: "log-driver", Old: "LogDriver: awslogs", New: "LogDriver: json-file"},
		{Rule: "secret-in-file", Old: "- Name: A", New: "- Name: DB_PASSWORD"},
		{Rule: "set-twice", Old: "- Name: A", New: "- Name: S"},
		{Rule: "stop-timeout", Old: "StopTimeout: 30", New: "StopTimeout: 121"},
		{Rule: "health-check", Old: "Interval: 10", New: "Interval: 3"},
		{Rule: "mount", Old: "SourceVolume: v", New: "SourceVolume: w"},
		{Rule: "launch-type", Old: "LaunchType: FARGATE", New: "LaunchType: EC2"},
		{Rule: "service-network", Old: "          Subnets:\n", New: "          SecurityGroups:\n"},
		{Rule: "target-type", Old: "TargetType: ip", New: "TargetType: instance"},
		{Rule: "target-health", Old: "HealthCheckPath: /up", New: "HealthCheckPath: up"},
		{Rule: "schedule", Old: "cron(0 3 * * ? *)", New: "cron(0 3 * * *)"},
		{Rule: "log-retention", Old: "RetentionInDays: 30", New: "RetentionInDays: 31"},
	})
	targettest.Rules(t, ecs.Target{}, ecs.Dir+"/copilot/web/manifest.yml", manifest, ecs.ManifestRules, []targettest.Sample{
		{Rule: "syntax", Old: "image:", New: "images:"},
		{Rule: "workload-name", Old: "name: web", New: "name: Web"},
		{Rule: "workload-type", Old: "Load Balanced Web Service", New: "Web Service"},
		{Rule: "workload-size", Old: "memory: 1024", New: "memory: 512"},
		{Rule: "workload-port", Old: "port: 80", New: "port: 0"},
		{Rule: "workload-http", Old: "Load Balanced Web Service", New: "Backend Service"},
		{Rule: "workload-schedule", Old: "cpu: 512", New: "on:\n  schedule: none\ncpu: 512"},
		{Rule: "workload-secret", Old: "MODE: production", New: "API_KEY: production"},
		{Rule: "workload-volume", Old: "path: /v", New: "path: v"},
	})
}
