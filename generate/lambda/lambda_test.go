package lambda_test

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/lambda"
	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/plan"
)

// TestConformance generates every application and hands the templates to AWS's translator and linter, with some that these refuse.
func TestConformance(t *testing.T) {
	made := targettest.Run(t, lambda.Target{})
	templates := map[string]string{}
	for app, artifacts := range made {
		for _, a := range artifacts {
			if a.Path == lambda.TemplateFile {
				templates[app+".yaml"] = string(a.Content)
			}
		}
	}
	if len(templates) != 7 {
		t.Errorf("%d templates, want one for each application but the batch", len(templates))
	}
	for _, kind := range []string{"sqs", "sns", "kinesis", "dynamodb", "schedule", "http", ""} {
		p := targettest.Plan(t, "python-thumbs", "lambda")
		p.Components[0].Facts["event"] = detect.Is(kind)
		templates["event-"+kind+".yaml"] = targettest.Text(t, targettest.Generate(t, lambda.Target{}, p), lambda.TemplateFile)
	}
	t.Run("cfn-lint", func(t *testing.T) {
		bad := map[string]string{
			"bad-architecture.yaml": strings.Replace(good, "- x86_64", "- sparc", 1),
			"bad-timeout.yaml":      strings.Replace(good, "Timeout: 30", "Timeout: 901", 1),
			"bad-property.yaml":     strings.Replace(good, "Timeout:", "TimeOut:", 1),
		}
		all := map[string]string{"good.yaml": good}
		for _, m := range []map[string]string{templates, bad} {
			for name, text := range m {
				all[name] = text
			}
		}
		said := targettest.CloudFormation(t, all)
		for name := range all {
			if _, wrong := bad[name]; wrong != (said[name] != "") {
				t.Errorf("%s: %q", name, said[name])
			}
		}
	})
	thumbs := templates["python-thumbs.yaml"]
	for _, want := range []string{"s3:ObjectCreated:*", "PackageType: Image", "{{resolve:secretsmanager:python-thumbs:SecretString:THUMBS_BUCKET}}"} {
		if !strings.Contains(thumbs, want) {
			t.Errorf("no %q in\n%s", want, thumbs)
		}
	}
	if strings.Contains(templates["rails-shop.yaml"], "worker") {
		t.Error("the worker is no function")
	}
	if readme := targettest.Text(t, made["cobol-tolls"], lambda.Dir+"/README.md"); !strings.Contains(readme, "Nothing of this application is for Lambda") {
		t.Error(readme)
	}
	shop := targettest.Text(t, made["rails-shop"], lambda.Dir+"/Dockerfile.web")
	for _, want := range []string{"/opt/extensions/lambda-adapter", "AWS_LWA_PORT=3000", "ln -s /tmp/written/app/tmp /app/tmp", `CMD ["bundle",`} {
		if !strings.Contains(shop, want) {
			t.Errorf("no %q in\n%s", want, shop)
		}
	}
}

func TestFit(t *testing.T) {
	for _, tt := range [][3]int{{0, 0, 128}, {256, 512, 512}, {1024, 512, 1769}, {512, 3000, 3000}, {16384, 99999, 10240}} {
		if got := lambda.Fit(tt[0], tt[1]); got != tt[2] {
			t.Errorf("Fit(%d, %d) = %d, want %d", tt[0], tt[1], got, tt[2])
		}
	}
}

// TestReserved holds that what Lambda sets itself is left out and told.
func TestReserved(t *testing.T) {
	p := targettest.Plan(t, "python-thumbs", "lambda")
	p.Components[0].Settings = append(p.Components[0].Settings, plan.Setting{Name: "AWS_REGION", Value: "eu-west-1"})
	artifacts := targettest.Generate(t, lambda.Target{}, p)
	if text := targettest.Text(t, artifacts, lambda.TemplateFile); strings.Contains(text, "AWS_REGION") {
		t.Error(text)
	}
	if text := targettest.Text(t, artifacts, lambda.Dir+"/README.md"); !strings.Contains(text, "AWS_REGION of function is left out") {
		t.Error(text)
	}
}

const good = `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Description: good
Parameters:
  Image:
    Type: String
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: shop-web
      PackageType: Image
      ImageUri:
        Ref: Image
      Architectures:
        - x86_64
      MemorySize: 512
      Timeout: 30
      EphemeralStorage:
        Size: 512
      Environment:
        Variables:
          MODE: production
      Events:
        Call:
          Type: HttpApi
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      VisibilityTimeout: 180
`

func TestRules(t *testing.T) {
	ids := append(cloudformation.IDs(lambda.Rules), cloudformation.CommonRules...)
	many := "Resources:\n"
	for i := range cloudformation.MaxResources + 1 {
		many += "  R" + strings.Repeat("a", i%50) + strings.Repeat("b", i/50) + ":\n    Type: AWS::SNS::Topic\n"
	}
	targettest.Rules(t, lambda.Target{}, lambda.TemplateFile, good, append(ids, "transform"), []targettest.Sample{
		{Rule: "syntax", Old: "Resources:\n", New: "Resources: [\n"},
		{Rule: "resources", Old: "Resources:\n", New: many},
		{Rule: "logical-id", Old: "  Queue:\n", New: "  My-Queue:\n"},
		{Rule: "resource-type", Old: "AWS::SQS::Queue", New: "Queue"},
		{Rule: "template-size", Old: "Description: good", New: "Description: " + strings.Repeat("x", cloudformation.MaxBytes)},
		{Rule: "undefined", Old: "Ref: Image", New: "Ref: Images"},
		{Rule: "transform", Old: "Transform: AWS::Serverless-2016-10-31\n", New: ""},
		{Rule: "image-only", Old: "PackageType: Image", New: "PackageType: Image\n      Handler: a.b"},
		{Rule: "image-uri", Old: "ImageUri:\n        Ref: Image", New: "ImageUri: docker.io/library/web:1"},
		{Rule: "architecture", Old: "- x86_64", New: "- x86_64\n        - arm64"},
		{Rule: "function-name", Old: "shop-web", New: "shop.web"},
		{Rule: "memory", Old: "MemorySize: 512", New: "MemorySize: 64"},
		{Rule: "timeout", Old: "Timeout: 30", New: "Timeout: 901"},
		{Rule: "http-timeout", Old: "Timeout: 30", New: "Timeout: 60"},
		{Rule: "ephemeral-storage", Old: "        Size: 512", New: "        Size: 100"},
		{Rule: "reserved-variable", Old: "MODE:", New: "AWS_REGION:"},
		{Rule: "variable-name", Old: "MODE:", New: "_MODE:"},
		{Rule: "environment-size", Old: "MODE: production", New: "MODE: " + strings.Repeat("x", 5000)},
		{Rule: "secret-in-file", Old: "MODE: production", New: "DB_PASSWORD: production"},
		{Rule: "queue-timeout", Old: "VisibilityTimeout: 180", New: "VisibilityTimeout: 43201"},
	})
	problems := lambda.Target{}.Check([]generate.Artifact{{Path: lambda.Dir + "/Dockerfile.web", Content: []byte("ENV AWS_LWA_PORT=9001\n")}})
	if len(problems) != 1 || problems[0].Rule != "adapter-port" {
		t.Errorf("%+v", problems)
	}
}
