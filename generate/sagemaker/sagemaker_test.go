package sagemaker_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/sagemaker"
	"github.com/drydock-cli/drydock/generate/targettest"
)

const request = sagemaker.Dir + "/training-training.json"

func TestConformance(t *testing.T) {
	made := targettest.Run(t, sagemaker.Target{})
	digits := made["python-digits"]
	template := targettest.Text(t, digits, sagemaker.TemplateFile)
	t.Run("cfn-lint", func(t *testing.T) {
		said := targettest.CloudFormation(t, map[string]string{
			"good.yaml": template, "bad-instance.yaml": strings.Replace(template, "ml.m5.large", "m5.large", 1), "bad-property.yaml": strings.Replace(template, "ModelDataUrl", "ModelDataURL", 1),
		})
		if said["good.yaml"] != "" || said["bad-instance.yaml"] == "" || said["bad-property.yaml"] == "" {
			t.Errorf("%q", said)
		}
	})
	t.Run("training", func(t *testing.T) {
		text := targettest.Text(t, digits, request)
		if line := train(t, text); !strings.HasSuffix(line, ": Completed") {
			t.Error(line)
		}
		if line := train(t, strings.Replace(text, `"InstanceCount": 1`, `"InstanceCount": "one"`, 1)); !strings.Contains(line, "Invalid type") {
			t.Error(line)
		}
	})
	file := targettest.Text(t, digits, sagemaker.Dir+"/Dockerfile.inference")
	for _, want := range []string{`serve) export PORT=8080; exec python /opt/drydock/inference.py inference.py model ;;`, "python train.py 2> >(tee", `ENTRYPOINT ["bash", "/opt/sagemaker.sh"]`} {
		if !strings.Contains(file, want) {
			t.Errorf("no %q in\n%s", want, file)
		}
	}
	if readme := targettest.Text(t, made["rails-shop"], sagemaker.Dir+"/README.md"); !strings.Contains(readme, "Nothing of this application is for SageMaker") {
		t.Error(readme)
	}
}

// train starts a training with a stand-in for the service and returns what is said.
func train(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "training.json")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.CommandContext(t.Context(), targettest.Python(t), "testdata/train.py", file).CombinedOutput()
	return strings.TrimSpace(string(out))
}

// TestOwnServer holds that a model with a server of its own is served by that, on SageMaker's port.
func TestOwnServer(t *testing.T) {
	for port, want := range map[string]string{"8080": "exec gunicorn --bind 0.0.0.0:8080 predictor:app ;;", "5000": `exec gunicorn --bind 0.0.0.0:"$PORT" predictor:app ;;`} {
		p := targettest.Plan(t, "python-digits", "sagemaker")
		c := p.Component("inference")
		delete(c.Facts, "model")
		if err := p.Set("components.inference.port", port); err != nil {
			t.Fatal(err)
		}
		c.Processes = []detect.Process{{Name: "inference", Command: []string{"gunicorn", "--bind", "0.0.0.0:" + port, "predictor:app"}}}
		text := targettest.Text(t, targettest.Generate(t, sagemaker.Target{}, p), sagemaker.Dir+"/Dockerfile.inference")
		if !strings.Contains(strings.ReplaceAll(text, `"'"`, `"`), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestFit(t *testing.T) {
	for want, size := range map[string][2]int{"ml.m5.large": {512, 1024}, "ml.m5.xlarge": {2049, 100}, "ml.m5.2xlarge": {0, 20000}, "ml.m5.12xlarge": {0, 999999}} {
		if got := sagemaker.Fit(size[0], size[1]); got != want {
			t.Errorf("%v: %s, want %s", size, got, want)
		}
	}
}

const good = `AWSTemplateFormatVersion: "2010-09-09"
Description: good
Parameters:
  Image:
    Type: String
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::123456789012:role/x
      PrimaryContainer:
        Image:
          Ref: Image
        ModelDataUrl: s3://models/model.tar.gz
        Environment:
          MODE: fast
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: all
          InstanceType: ml.m5.large
`

const training = `{"TrainingJobName": "digits-1", "AlgorithmSpecification": {"TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/digits:1", "TrainingInputMode": "File"},
"RoleArn": "arn:aws:iam::123456789012:role/x", "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://in/"}}}], "OutputDataConfig": {"S3OutputPath": "s3://out/"},
"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}, "StoppingCondition": {"MaxRuntimeInSeconds": 3600}, "Environment": {"MODE": "fast"}}`

func TestRules(t *testing.T) {
	many := "Resources:\n"
	for i := range cloudformation.MaxResources {
		many += "  R" + strings.Repeat("a", i%50) + strings.Repeat("b", i/50) + ":\n    Type: AWS::SNS::Topic\n"
	}
	targettest.Rules(t, sagemaker.Target{}, sagemaker.TemplateFile, good, append(cloudformation.IDs(sagemaker.Rules), cloudformation.CommonRules...), []targettest.Sample{
		{Rule: "syntax", Old: "Resources:\n", New: "Resources: [\n"},
		{Rule: "resources", Old: "Resources:\n", New: many},
		{Rule: "logical-id", Old: "  Config:\n", New: "  the-config:\n"},
		{Rule: "resource-type", Old: "AWS::SageMaker::EndpointConfig", New: "EndpointConfig"},
		{Rule: "template-size", Old: "Description: good", New: "Description: " + strings.Repeat("x", cloudformation.MaxBytes)},
		{Rule: "undefined", Old: "Ref: Image", New: "Ref: Images"},
		{Rule: "model-image", Old: "Image:\n          Ref: Image", New: "Image: docker.io/library/x:1"},
		{Rule: "model-role", Old: "      ExecutionRoleArn: arn:aws:iam::123456789012:role/x\n", New: ""},
		{Rule: "model-data", Old: "s3://models", New: "/models"},
		{Rule: "secret-in-file", Old: "MODE: fast", New: "API_TOKEN: fast"},
		{Rule: "instance-type", Old: "ml.m5.large", New: "m5.large"},
		{Rule: "variants", Old: "      ProductionVariants:\n        - VariantName: all\n          InstanceType: ml.m5.large\n", New: "      ProductionVariants: []\n"},
	})
	targettest.Rules(t, sagemaker.Target{}, request, training, sagemaker.TrainingRules, []targettest.Sample{
		{Rule: "json", Old: `{"TrainingJobName"`, New: `{TrainingJobName`},
		{Rule: "job-name", Old: "digits-1", New: "digits_1"},
		{Rule: "training-image", Old: "123456789012.dkr.ecr.us-east-1.amazonaws.com/digits:1", New: "digits:1"},
		{Rule: "training-role", Old: "arn:aws:iam::123456789012:role/x", New: "x"},
		{Rule: "training-data", Old: "s3://in/", New: "/in"},
		{Rule: "training-output", Old: "s3://out/", New: "/out"},
		{Rule: "training-instance", Old: "ml.m5.large", New: "m5.large"},
		{Rule: "training-volume", Old: `"VolumeSizeInGB": 30`, New: `"VolumeSizeInGB": 0`},
		{Rule: "training-time", Old: "3600", New: "9999999"},
		{Rule: "training-secret", Old: "MODE", New: "PASSWORD"},
	})
	problems := sagemaker.Target{}.Check([]generate.Artifact{{Path: sagemaker.Dir + "/Dockerfile.x", Content: []byte("FROM x\nCMD serve\n")}})
	if len(problems) != 1 || problems[0].Rule != "entrypoint" {
		t.Errorf("%+v", problems)
	}
}
