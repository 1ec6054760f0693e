package sagemaker

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
)

// Check applies the rules of CloudFormation and SageMaker.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir, ".yaml") {
		resources, problems := cloudformation.CheckCommon(a, "Resources")
		out = append(append(out, problems...), cloudformation.Apply(a, resources, Rules)...)
	}
	for _, a := range generate.In(artifacts, Dir, ".json") {
		if strings.HasPrefix(path.Base(a.Path), "training-") {
			out = append(out, checkTraining(a)...)
		}
	}
	for _, a := range artifacts {
		if path.Dir(a.Path) == Dir && strings.HasPrefix(path.Base(a.Path), "Dockerfile") && !strings.Contains(string(a.Content), "\nENTRYPOINT [") {
			out = append(out, generate.Problem{File: a.Path, Rule: "entrypoint", Message: "SageMaker gives arguments: the image needs an ENTRYPOINT in exec form", Error: true})
		}
	}
	return out
}

type node = cloudformation.Node

var instanceRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ml\.[a-z0-9-]+\.[a-z0-9-]+$`) })

func when(broken bool, at *node, complaint string) (string, *node) {
	if !broken {
		return "", nil
	}
	return complaint, at
}

// Rules are what SageMaker refuses in a template. Source: AWS CloudFormation template reference and Amazon SageMaker API reference.
var Rules = []cloudformation.Rule{
	{ID: "model-image", Type: "AWS::SageMaker::Model", Broken: func(r cloudformation.Resource) (string, *node) {
		at := r.Properties.At("PrimaryContainer", "Image")
		return when(at == nil || at.Text() != "" && !strings.Contains(at.Text(), ".dkr.ecr."), at, "a model runs an image of the Elastic Container Registry")
	}},
	{ID: "model-role", Type: "AWS::SageMaker::Model", Broken: func(r cloudformation.Resource) (string, *node) {
		return when(r.Properties.At("ExecutionRoleArn") == nil, r.Properties, "a model needs an execution role")
	}},
	{ID: "model-data", Type: "AWS::SageMaker::Model", Broken: func(r cloudformation.Resource) (string, *node) {
		at := r.Properties.At("PrimaryContainer", "ModelDataUrl")
		return when(at.Text() != "" && !strings.HasPrefix(at.Text(), "s3://") && !strings.HasPrefix(at.Text(), "https://"), at, "ModelDataUrl is s3://…/model.tar.gz")
	}},
	{ID: "secret-in-file", Type: "AWS::SageMaker::Model", Broken: func(r cloudformation.Resource) (string, *node) {
		at := r.Properties.At("PrimaryContainer", "Environment")
		for _, name := range at.Keys() {
			if text := at.At(name).Text(); text != "" && cloudformation.SecretName().MatchString(name) && !strings.HasPrefix(text, "{{resolve:") {
				return name + " holds its value in the file: name where it is kept, {{resolve:secretsmanager:…}}", at.At(name)
			}
		}
		return "", nil
	}},
	{ID: "instance-type", Type: "AWS::SageMaker::EndpointConfig", Broken: func(r cloudformation.Resource) (string, *node) {
		for _, v := range r.Properties.At("ProductionVariants").List() {
			at := v.At("InstanceType")
			if at.Text() != "" && !instanceRule().MatchString(at.Text()) {
				return fmt.Sprintf("%q is no instance of SageMaker: ml.m5.large", at.Text()), at
			}
		}
		return "", nil
	}},
	{ID: "variants", Type: "AWS::SageMaker::EndpointConfig", Broken: func(r cloudformation.Resource) (string, *node) {
		at := r.Properties.At("ProductionVariants")
		return when(len(at.List()) < 1 || len(at.List()) > 10, at, "an endpoint has from 1 to 10 variants")
	}},
}

// TrainingRules names the rules of the request of a training.
var TrainingRules = []string{"json", "job-name", "training-image", "training-role", "training-data", "training-output", "training-instance", "training-volume", "training-time", "training-secret"}

var (
	jobRule  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$`) })
	roleRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/.+$`) })
)

// request is CreateTrainingJob's request as far as rules are held over it.
type request struct {
	TrainingJobName        string
	AlgorithmSpecification struct{ TrainingImage, TrainingInputMode string }
	RoleArn                string
	InputDataConfig        []struct {
		ChannelName string
		DataSource  struct{ S3DataSource struct{ S3Uri string } }
	}
	OutputDataConfig struct{ S3OutputPath string }
	ResourceConfig   struct {
		InstanceType                  string
		InstanceCount, VolumeSizeInGB int
	}
	StoppingCondition struct{ MaxRuntimeInSeconds int }
	Environment       map[string]string
}

func checkTraining(a generate.Artifact) []generate.Problem {
	var r request
	if err := json.Unmarshal(a.Content, &r); err != nil {
		return []generate.Problem{{File: a.Path, Rule: "json", Message: err.Error(), Error: true}}
	}
	var out []generate.Problem
	hold := func(ok bool, rule, format string, args ...any) {
		if !ok {
			out = append(out, generate.Problem{File: a.Path, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
		}
	}
	hold(jobRule().MatchString(r.TrainingJobName), "job-name", "TrainingJobName %q: 1 to 63 letters, digits and -", r.TrainingJobName)
	hold(strings.Contains(r.AlgorithmSpecification.TrainingImage, ".dkr.ecr."), "training-image", "a training runs an image of the Elastic Container Registry")
	hold(roleRule().MatchString(r.RoleArn), "training-role", "%q is not the ARN of a role", r.RoleArn)
	for _, c := range r.InputDataConfig {
		hold(c.ChannelName != "" && strings.HasPrefix(c.DataSource.S3DataSource.S3Uri, "s3://"), "training-data", "channel %q needs an address s3://…", c.ChannelName)
	}
	hold(strings.HasPrefix(r.OutputDataConfig.S3OutputPath, "s3://"), "training-output", "S3OutputPath is an address s3://…")
	hold(instanceRule().MatchString(r.ResourceConfig.InstanceType) && r.ResourceConfig.InstanceCount > 0, "training-instance", "a training needs an instance of SageMaker (ml.m5.large) and their number")
	hold(r.ResourceConfig.VolumeSizeInGB > 0 && r.ResourceConfig.VolumeSizeInGB <= 16384, "training-volume", "VolumeSizeInGB is from 1 to 16384")
	hold(r.StoppingCondition.MaxRuntimeInSeconds > 0 && r.StoppingCondition.MaxRuntimeInSeconds <= 2419200, "training-time", "MaxRuntimeInSeconds is from 1 to 28 days")
	for name, value := range r.Environment {
		hold(value == "" || !cloudformation.SecretName().MatchString(name), "training-secret", "%s holds its value in the file", name)
	}
	return out
}
