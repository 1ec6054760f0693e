// Package sagemaker makes what Amazon SageMaker runs containers of one's own by: an image that answers to "serve" and "train", a CloudFormation
// template for the endpoint of a model, and the request that starts a training.
package sagemaker

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/sagemaker"

// TemplateFile is the CloudFormation template of the endpoint.
const TemplateFile = Dir + "/template.yaml"

// port is where SageMaker asks. Source: Amazon SageMaker Developer Guide, "Custom Inference Code with Hosting Services".
const port = 8080

// Target makes the files of models on SageMaker.
type Target struct{}

// Name is "sagemaker".
func (Target) Name() string { return "sagemaker" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Model }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Amazon SageMaker: an image that answers to serve and train, an endpoint by CloudFormation, the request of a training"
}

// container is an image with what SageMaker starts of it.
type container struct {
	image        plan.ImageGroup
	serve, train *plan.Component // nil: not in this image
	serveLine    string          // command lines for a shell
	trainLine    string
}

// name is what the derived image is called.
func (c container) name() string { return c.image.Name + "-sagemaker" }

// first is the component that names the container.
func (c container) first() *plan.Component {
	if c.serve != nil {
		return c.serve
	}
	return c.train
}

// containers are the images with models or trainings, and why the other components are none.
func containers(p *plan.Plan) (out []container, others []string) {
	for _, g := range p.ImageGroups() {
		c := container{image: g}
		for _, x := range g.Components {
			switch x.Role.V {
			case detect.Inference:
				line, ok := serveLine(x)
				if !ok {
					others = append(others, fmt.Sprintf("%s: it listens on port %d and SageMaker asks on %d: give the command that starts it there (components.%s.processes.inference)", x.Name, x.Port.V, port, x.Name))
					continue
				}
				c.serve, c.serveLine = x, line
			case detect.Training:
				if x.Command() != nil {
					c.train, c.trainLine = x, plan.ShellWords(x.Command())
				}
			default:
				others = append(others, x.Name+": it neither serves nor trains a model ("+string(x.Role.V)+"): another target runs it")
			}
		}
		if c.serve != nil || c.train != nil {
			out = append(out, c)
		}
	}
	return out, others
}

// serveLine is the command that serves a model on SageMaker's port.
func serveLine(c *plan.Component) (string, bool) {
	if command := dockerfile.Serving(c); command != nil {
		return plan.ShellWords(command), true
	}
	if c.Port.V == port && c.Command() != nil {
		return plan.ShellWords(c.Command()), true
	}
	line, ok := generate.PortCommand(c)
	return line, ok && line != ""
}

// Generate makes an image for each of the plan's that holds a model, the template, the request of a training, and a README.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	all, others := containers(p)
	if len(all)+len(others) == 0 {
		return nil, nil
	}
	var out []generate.Artifact
	served := false
	for _, c := range all {
		out = append(out, image(p, c))
		served = served || c.serve != nil
		if c.train != nil {
			a, err := training(p, c)
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		}
	}
	if served {
		a, err := template(p, all)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return append(out, readme(p, all, others)), nil
}

// image is the Dockerfile that makes an image answer to "serve" and "train".
func image(p *plan.Plan, c container) generate.Artifact {
	var lines []string
	var origins []generate.Origin
	line := func(why generate.Origin, text string) {
		lines, origins = append(lines, text), append(origins, why)
	}
	none := generate.Origin{}
	field := func(x *plan.Component, name string) generate.Origin {
		return generate.FieldOrigin(p, "components."+x.Name+"."+name)
	}
	script := []string{"set -euo pipefail", `case "${1:-serve}" in`}
	if c.serve != nil {
		script = append(script, fmt.Sprintf("serve) export PORT=%d; exec %s ;;", port, c.serveLine))
	}
	if c.train != nil {
		// The end of what a failed training says is what the platform shows for it.
		script = append(script, "train) mkdir -p /opt/ml/model /opt/ml/output", c.trainLine+" 2> >(tee /tmp/errors >&2) || { code=$?; tail -c 1024 /tmp/errors > /opt/ml/output/failure; exit $code; } ;;")
	}
	script = append(script, `*) exec "$@" ;;`, "esac")
	line(none, "# "+generate.Header)
	line(none, "# SageMaker starts the image with the argument serve or train.")
	line(generate.Origin{Why: "replace the account, the region and RELEASE, or give it with --build-arg"}, "ARG IMAGE="+cloudformation.Image(c.image.Name))
	line(none, "FROM ${IMAGE}")
	if c.train != nil {
		line(none, "# hadolint ignore=DL3002")
		line(generate.Origin{Why: "the platform mounts /opt/ml as root's, and a training writes there"}, "USER 0")
	} else {
		line(none, "USER 0")
	}
	line(none, "# hadolint ignore=SC2016")
	line(field(c.first(), "role"), `RUN printf '%s\n' \`)
	for _, s := range script {
		why := none
		switch {
		case strings.HasPrefix(s, "serve)"):
			why = field(c.serve, "role")
		case c.train != nil && strings.HasPrefix(s, c.trainLine):
			why = field(c.train, "processes")
		}
		line(why, "      "+plan.ShellWords([]string{s})+` \`)
	}
	line(none, "      > /opt/sagemaker.sh")
	if c.train == nil {
		line(none, "USER 10001:0")
	}
	line(none, fmt.Sprintf("EXPOSE %d", port))
	line(none, `ENTRYPOINT ["bash", "/opt/sagemaker.sh"]`)
	line(none, `CMD ["serve"]`)
	return generate.Artifact{Path: path.Join(Dir, "Dockerfile."+c.first().Name), Content: []byte(strings.Join(lines, "\n") + "\n"), Origins: origins}
}

// instances are sizes that SageMaker offers, with their memory in MiB and cores in 1/1024. Source: aws.amazon.com/sagemaker/pricing.
var instances = []struct {
	name        string
	cpu, memory int
}{
	{"ml.m5.large", 2048, 8192}, {"ml.m5.xlarge", 4096, 16384}, {"ml.m5.2xlarge", 8192, 32768}, {"ml.m5.4xlarge", 16384, 65536}, {"ml.m5.12xlarge", 49152, 196608},
}

// Fit is the smallest instance with the processor and memory that a component needs.
func Fit(cpu, memory int) string {
	for _, i := range instances {
		if i.cpu >= cpu && i.memory >= memory {
			return i.name
		}
	}
	return instances[len(instances)-1].name
}

var (
	of  = cloudformation.Of
	ref = cloudformation.Ref
	sub = cloudformation.Sub
)

// template makes an endpoint for each model.
func template(p *plan.Plan, all []container) (generate.Artifact, error) {
	why := generate.Reasons{}
	parameters := of("ModelBucket", of("Type", "String", "Default", p.Name+"-models", "Description", "Bucket that holds what trainings make"))
	resources := of("Role", of("Type", "AWS::IAM::Role", "Properties", of(
		"AssumeRolePolicyDocument", of("Version", "2012-10-17", "Statement", []any{of("Effect", "Allow", "Principal", of("Service", "sagemaker.amazonaws.com"), "Action", "sts:AssumeRole")}),
		"Policies", []any{of("PolicyName", "serve", "PolicyDocument", of("Version", "2012-10-17", "Statement", []any{
			of("Effect", "Allow", "Action", []string{"s3:GetObject", "s3:ListBucket"}, "Resource", []any{sub("arn:${AWS::Partition}:s3:::${ModelBucket}"), sub("arn:${AWS::Partition}:s3:::${ModelBucket}/*")}),
			of("Effect", "Allow", "Action", []string{"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "cloudwatch:PutMetricData",
				"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, "Resource", "*")}))})))
	why.Add(generate.Origin{Why: "pulls the image, reads the model and writes the log"}, "Resources", "Role")
	var outputs cloudformation.Map
	for _, c := range all {
		if c.serve == nil {
			continue
		}
		id := cloudformation.ID(c.serve.Name)
		parameters.Set(id+"Image", of("Type", "String", "Default", cloudformation.Image(c.name()), "Description", "The image of "+c.serve.Name+" in the registry"))
		parameters = append(parameters, cloudformation.Entry{Key: id + "Model", Value: cloudformation.Map{{Key: "Type", Value: "String"}, {Key: "Default", Value: ""}, {Key: "Description", Value: "Where a training has put its model, s3://…/model.tar.gz; empty: the one in the image"}}})
		main := of("Image", ref(id+"Image"), "ModelDataUrl", of("Fn::If", []any{id + "Given", ref(id + "Model"), ref("AWS::NoValue")}), "Environment", environment(p, c.serve))
		resources.Set(id, of("Type", "AWS::SageMaker::Model", "Properties", of("ExecutionRoleArn", cloudformation.Att("Role", "Arn"), "PrimaryContainer", main)))
		resources.Set(id+"Config", of("Type", "AWS::SageMaker::EndpointConfig", "Properties", of("ProductionVariants", []any{of("VariantName", "all", "ModelName", cloudformation.Att(id, "ModelName"),
			"InitialInstanceCount", 1, "InitialVariantWeight", 1, "InstanceType", Fit(c.serve.CPU.V, c.serve.Memory.V))})))
		resources.Set(id+"Endpoint", of("Type", "AWS::SageMaker::Endpoint", "Properties", of("EndpointConfigName", cloudformation.Att(id+"Config", "EndpointConfigName"))))
		outputs.Set(id, of("Description", "The endpoint of "+c.serve.Name, "Value", cloudformation.Att(id+"Endpoint", "EndpointName")))
		why.Add(generate.FieldOrigin(p, "components."+c.serve.Name+".role"), "Resources", id)
		why.Add(generate.FieldOrigin(p, "components."+c.serve.Name+".cpu", "components."+c.serve.Name+".memory"), "Resources", id+"Config", "Properties", "ProductionVariants")
		for _, s := range c.serve.Settings {
			why.Add(generate.FieldOrigin(p, "components."+c.serve.Name+".env."+s.Name), "Resources", id, "Properties", "PrimaryContainer", "Environment", s.Name)
		}
	}
	var conditions cloudformation.Map
	for _, c := range all {
		if c.serve != nil {
			id := cloudformation.ID(c.serve.Name)
			conditions.Set(id+"Given", of("Fn::Not", []any{of("Fn::Equals", []any{ref(id + "Model"), ""})}))
		}
	}
	return generate.YAML(TemplateFile, why, of("AWSTemplateFormatVersion", "2010-09-09", "Description", p.Name+" on Amazon SageMaker",
		"Parameters", parameters, "Conditions", conditions, "Resources", resources, "Outputs", outputs))
}

// environment are the settings, those that are stored by reference.
func environment(p *plan.Plan, c *plan.Component) cloudformation.Map {
	var out cloudformation.Map
	for _, s := range c.Settings {
		value := p.Expand(s.Value, nil, func(string) string { return "" })
		if generate.Stored(p, s) {
			value = cloudformation.Resolve(p, c, s.Name)
		}
		out = append(out, cloudformation.Entry{Key: s.Name, Value: value})
	}
	return out
}

// training is the request that starts a training (CreateTrainingJob).
func training(p *plan.Plan, c container) (generate.Artifact, error) {
	plain, _ := generate.Environment(p, c.train)
	var variables cloudformation.Map
	for _, s := range plain {
		variables = append(variables, cloudformation.Entry{Key: s.Name, Value: s.Value})
	}
	bucket := "s3://" + p.Name + "-models/"
	name := strings.Trim((p.Name + "-" + c.train.Name)[:min(len(p.Name)+1+len(c.train.Name), 50)], "-")
	why := generate.Reasons{}
	why.Add(generate.FieldOrigin(p, "components."+c.train.Name+".cpu", "components."+c.train.Name+".memory"), "ResourceConfig")
	why.Add(generate.FieldOrigin(p, "components."+c.train.Name+".role"), "AlgorithmSpecification")
	return generate.JSON(path.Join(Dir, "training-"+c.train.Name+".json"), why, of(
		"TrainingJobName", name+"-1",
		"AlgorithmSpecification", of("TrainingImage", cloudformation.Image(c.name()), "TrainingInputMode", "File"),
		"RoleArn", "arn:aws:iam::"+cloudformation.Account+":role/"+p.Name+"-sagemaker",
		"InputDataConfig", []any{of("ChannelName", "train", "DataSource", of("S3DataSource", of("S3DataType", "S3Prefix", "S3Uri", bucket+"train/", "S3DataDistributionType", "FullyReplicated")))},
		"OutputDataConfig", of("S3OutputPath", bucket+"trained/"),
		"ResourceConfig", of("InstanceType", Fit(c.train.CPU.V, c.train.Memory.V), "InstanceCount", 1, "VolumeSizeInGB", 30),
		"StoppingCondition", of("MaxRuntimeInSeconds", 86400),
		"Environment", variables))
}

// readme says what to do with the files.
func readme(p *plan.Plan, all []container, others []string) generate.Artifact {
	g := generate.NewGuide(Dir, p.Name+" on Amazon SageMaker")
	if !g.Begin("SageMaker", len(all) > 0, others, "SageMaker starts an image with the argument `serve` and asks it on port %d, GET /ping and POST /invocations; or with `train`, with data below /opt/ml/input and the model taken from /opt/ml/model.", port) {
		return g.Artifact()
	}
	var more [][]string
	for _, c := range all {
		more = append(more, []string{c.name(), "--build-arg", "IMAGE=" + cloudformation.Image(c.image.Name), "-f", "Dockerfile." + c.first().Name, "."})
	}
	cloudformation.Push(g, p, more...)
	cloudformation.Secret(g, p, func(x *plan.Component) bool { return x.Role.V == detect.Inference })
	for _, c := range all {
		if c.train == nil {
			continue
		}
		g.Step(fmt.Sprintf("Train %s: put the data below the S3Uri of `training-%s.json`, replace the role in it by one that reads and writes the bucket, and give each training a name of its own.", c.train.Name, c.train.Name),
			"aws sagemaker create-training-job --cli-input-json file://training-"+c.train.Name+".json")
		if _, stored := generate.Environment(p, c.train); len(stored) > 0 {
			for _, s := range stored {
				g.Item("%s is in no file, and a training takes no references: read it from Secrets Manager in the code, by the role.", s.Name)
			}
			g.Blank()
		}
	}
	for _, c := range all {
		if c.serve != nil {
			g.Step("Make or update the endpoint.", "aws cloudformation deploy --stack-name "+p.Name+"-sagemaker --template-file template.yaml --capabilities CAPABILITY_IAM")
			break
		}
	}
	return g.Artifact()
}
