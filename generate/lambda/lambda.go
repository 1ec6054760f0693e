// Package lambda makes what AWS Lambda runs container images by: a SAM template, and for a web application an image with the Lambda Web
// Adapter, which hands events on as requests. Handlers are called through the runtime interface.
package lambda

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/lambda"

// TemplateFile is the SAM template.
const TemplateFile = Dir + "/template.yaml"

// Adapter is the image that the Lambda Web Adapter is taken from. Source: github.com/awslabs/aws-lambda-web-adapter.
const Adapter = "public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1"

// Limits of Lambda. Source: AWS Lambda Developer Guide, "Lambda quotas" and "Configure Lambda function memory".
const (
	minMemory   = 128
	maxMemory   = 10240
	maxTimeout  = 900
	webTimeout  = 30  // an HTTP API ends a request then
	jobTimeout  = 300 // of what no caller waits for
	coreMemory  = 1769
	adapterPort = 9001 // the runtime interface's own
)

// Target makes the files of an application on AWS Lambda.
type Target struct{}

// Name is "lambda".
func (Target) Name() string { return "lambda" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Functions }

// Describe says what the target is for.
func (Target) Describe() string {
	return "AWS Lambda: container images by a SAM template, web applications through the Lambda Web Adapter"
}

// Fit is the memory in MiB that gives a function the processor and the memory that it needs: Lambda gives one core at 1769 MiB.
func Fit(cpu, memory int) int {
	return min(max(minMemory, memory, cpu*coreMemory/1024), maxMemory)
}

// function is a component that Lambda can call.
type function struct {
	generate.Deployed
	id      string
	adapted bool // it serves HTTP and is called through the adapter
	image   string
}

// functions are the components that Lambda can call, and those that it cannot with the reason.
func functions(p *plan.Plan) (calls []function, others []string) {
	for _, d := range generate.Deployables(p) {
		f := function{Deployed: d, id: cloudformation.ID(d.Name), image: d.Image.Name}
		switch {
		case d.Platform.V == "windows":
			others = append(others, d.Name+": it needs Windows, which Lambda does not run")
		case d.Role.V == detect.Function && (d.Fact("handler") != "" || d.Port.V == 0):
			calls = append(calls, f)
		case generate.Serves(d.Component) && d.Role.V != detect.Worker:
			f.adapted, f.image = true, ImageName(d)
			calls = append(calls, f)
		case generate.Finite(d.Component):
			others = append(others, d.Name+": it is a program that ends, and takes no events: run it as a task (target ecs), or let a function start it there (target serverless)")
		default:
			others = append(others, d.Name+": it runs all the time, and Lambda ends what has answered: run it as a service (target ecs)")
		}
	}
	return calls, others
}

// Generate makes the template, an image for each component that needs the adapter, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	calls, others := functions(p)
	if len(calls)+len(others) == 0 {
		return nil, nil
	}
	var out []generate.Artifact
	if len(calls) > 0 {
		doc, why := template(p, calls)
		a, err := generate.YAML(TemplateFile, why, doc)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	for _, f := range calls {
		if f.adapted {
			out = append(out, Adapted(p, f.Deployed, Dir))
		}
	}
	return append(out, readme(p, calls, others)), nil
}

// template is the SAM template with the reasons for its places.
func template(p *plan.Plan, calls []function) (cloudformation.Map, generate.Reasons) {
	why := generate.Reasons{}
	parameters, resources, outputs := cloudformation.Map{}, cloudformation.Map{}, cloudformation.Map{}
	backed := len(generate.Backings(p, generate.AWS)) > 0 && len(p.Services) > 0
	for _, f := range calls {
		image := f.id + "Image"
		parameters.Set(image, cloudformation.Of("Type", "String", "Default", cloudformation.Image(f.image), "Description", "The image of "+f.Name+" in the registry"))
		why.Add(generate.Origin{Why: "replace the account and the region, and RELEASE by the tag that was pushed"}, "Parameters", image)
	}
	if backed {
		parameters.Set("Subnets", cloudformation.Of("Type", "CommaDelimitedList", "Default", "subnet-0123456789abcdef0,subnet-0123456789abcdef1", "Description", "Private subnets from which the databases are reached"))
		parameters.Set("SecurityGroup", cloudformation.Of("Type", "String", "Default", "sg-0123456789abcdef0", "Description", "Security group that the databases let in"))
		why.Add(generate.Origin{Why: "the application's services are reached inside your network alone"}, "Parameters", "Subnets")
	}
	for _, f := range calls {
		name := f.id + "Function"
		properties := f.properties(p, backed)
		events, more, extra := f.events(&parameters)
		properties.Set("Events", events)
		resources.Set(name, cloudformation.Of("Type", "AWS::Serverless::Function", "Properties", properties))
		resources = append(resources, more...)
		resources.Set(f.id+"Log", cloudformation.Of("Type", "AWS::Logs::LogGroup", "DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain",
			"Properties", cloudformation.Of("LogGroupName", "/aws/lambda/"+functionName(p, f), "RetentionInDays", 30)))
		outputs = append(outputs, extra...)
		f.reasons(p, why, name, properties)
	}
	return cloudformation.Of(
		"AWSTemplateFormatVersion", "2010-09-09", "Transform", "AWS::Serverless-2016-10-31", "Description", p.Name+" on AWS Lambda",
		"Parameters", parameters, "Resources", resources, "Outputs", outputs), why
}

// functionName is at most 64 characters of those that Lambda takes.
func functionName(p *plan.Plan, f function) string {
	name := p.Name + "-" + f.Name
	return strings.TrimRight(name[:min(len(name), 64)], "-")
}

func (f function) properties(p *plan.Plan, backed bool) cloudformation.Map {
	timeout := jobTimeout
	if f.adapted || f.Fact("event") == "http" {
		timeout = webTimeout
	}
	properties := cloudformation.Of(
		"FunctionName", functionName(p, f), "PackageType", "Image", "ImageUri", cloudformation.Ref(f.id+"Image"), "Architectures", []string{"x86_64"},
		"MemorySize", Fit(f.CPU.V, f.Memory.V), "Timeout", timeout, "EphemeralStorage", cloudformation.Of("Size", 512))
	if command := f.Command(); !f.First && command != nil && !f.adapted {
		properties.Set("ImageConfig", cloudformation.Of("Command", command))
	}
	properties.Set("Environment", cloudformation.Of("Variables", Environment(p, f.Component)))
	if backed {
		properties.Set("VpcConfig", cloudformation.Of("SubnetIds", cloudformation.Ref("Subnets"), "SecurityGroupIds", []any{cloudformation.Ref("SecurityGroup")}))
	}
	if f.Fact("event") == "s3" {
		properties.Set("Policies", []any{cloudformation.Of("S3ReadPolicy", cloudformation.Of("BucketName", cloudformation.Sub("${AWS::StackName}-"+f.Name+"-${AWS::AccountId}")))})
	}
	return properties
}

// reserved are the variables that Lambda sets itself and refuses. Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
var reserved = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
	"AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

// Environment are a component's settings without those that Lambda sets itself, the stored ones by reference.
func Environment(p *plan.Plan, c *plan.Component) cloudformation.Map {
	plain, stored := generate.Environment(p, c)
	values := map[string]string{}
	for _, s := range plain {
		values[s.Name] = s.Value
	}
	for _, s := range stored {
		values[s.Name] = cloudformation.Resolve(p, c, s.Name)
	}
	var out cloudformation.Map
	for _, s := range c.Settings {
		if !slices.Contains(reserved, s.Name) {
			out = append(out, cloudformation.Entry{Key: s.Name, Value: values[s.Name]})
		}
	}
	return out
}

// events are what calls the function, with the resources that the calls come from and what a person wants to know of them.
func (f function) events(parameters *cloudformation.Map) (events, resources, outputs cloudformation.Map) {
	add := func(kind string, properties cloudformation.Map) {
		events = cloudformation.Of("Call", append(cloudformation.Of("Type", kind), cloudformation.Of("Properties", properties)...))
	}
	parameter := func(name, def, text string) cloudformation.Map {
		parameters.Set(f.id+name, cloudformation.Of("Type", "String", "Default", def, "Description", text))
		return cloudformation.Ref(f.id + name)
	}
	output := func(value any, text string) {
		outputs.Set(f.id, cloudformation.Of("Description", text, "Value", value))
	}
	arn := "arn:aws:%s:" + cloudformation.Region + ":" + cloudformation.Account + ":%s"
	switch kind := f.Fact("event"); {
	case f.adapted || kind == "http":
		events = cloudformation.Of("Call", cloudformation.Of("Type", "HttpApi"))
		output(cloudformation.Sub("https://${ServerlessHttpApi}.execute-api.${AWS::Region}.amazonaws.com/"), "Where "+f.Name+" is reached")
	case kind == "s3":
		bucket := f.id + "Bucket"
		resources.Set(bucket, cloudformation.Of("Type", "AWS::S3::Bucket", "DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain", "Properties", cloudformation.Of(
			"BucketName", cloudformation.Sub("${AWS::StackName}-"+f.Name+"-${AWS::AccountId}"),
			"PublicAccessBlockConfiguration", cloudformation.Of("BlockPublicAcls", true, "BlockPublicPolicy", true, "IgnorePublicAcls", true, "RestrictPublicBuckets", true))))
		add("S3", cloudformation.Of("Bucket", cloudformation.Ref(bucket), "Events", "s3:ObjectCreated:*"))
		output(cloudformation.Ref(bucket), "The bucket whose new objects are handed to "+f.Name)
	case kind == "sqs":
		queue, dead := f.id+"Queue", f.id+"DeadLetters"
		resources.Set(dead, cloudformation.Of("Type", "AWS::SQS::Queue", "DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain", "Properties", cloudformation.Of("MessageRetentionPeriod", 1209600)))
		resources.Set(queue, cloudformation.Of("Type", "AWS::SQS::Queue", "DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain", "Properties", cloudformation.Of("VisibilityTimeout", 6*jobTimeout,
			"RedrivePolicy", cloudformation.Of("deadLetterTargetArn", cloudformation.Att(dead, "Arn"), "maxReceiveCount", 5))))
		add("SQS", cloudformation.Of("Queue", cloudformation.Att(queue, "Arn"), "BatchSize", 10))
		output(cloudformation.Ref(queue), "The queue whose messages are handed to "+f.Name)
	case kind == "sns":
		topic := f.id + "Topic"
		resources.Set(topic, cloudformation.Of("Type", "AWS::SNS::Topic"))
		add("SNS", cloudformation.Of("Topic", cloudformation.Ref(topic)))
		output(cloudformation.Ref(topic), "The topic whose messages are handed to "+f.Name)
	case kind == "kinesis":
		add("Kinesis", cloudformation.Of("Stream", parameter("Stream", fmt.Sprintf(arn, "kinesis", "stream/"+f.Name), "The stream whose records are handed to "+f.Name), "StartingPosition", "LATEST", "BatchSize", 100))
	case kind == "dynamodb":
		add("DynamoDB", cloudformation.Of("Stream", parameter("Stream", fmt.Sprintf(arn, "dynamodb", "table/"+f.Name+"/stream/2020-01-01T00:00:00.000"), "The table's stream whose records are handed to "+f.Name), "StartingPosition", "LATEST", "BatchSize", 100))
	case kind == "schedule":
		add("Schedule", cloudformation.Of("Schedule", parameter("Schedule", "rate(1 day)", "How often "+f.Name+" is called")))
	}
	return events, resources, outputs
}

// reasons says why for the places of a function.
func (f function) reasons(p *plan.Plan, why generate.Reasons, name string, properties cloudformation.Map) {
	field := func(names ...string) generate.Origin {
		for i := range names {
			names[i] = "components." + f.Name + "." + names[i]
		}
		return generate.FieldOrigin(p, names...)
	}
	in := func(place ...string) []string { return append([]string{"Resources", name, "Properties"}, place...) }
	why.Add(field("role"), "Resources", name)
	why.Add(field("memory", "cpu"), in("MemorySize")...)
	why.Add(generate.Origin{Why: "the image was built for this architecture"}, in("Architectures")...)
	if f.adapted {
		why.Add(generate.Origin{Why: "an HTTP API ends a request after 30 seconds"}, in("Timeout")...)
	}
	why.Add(field("facts.event"), in("Events")...)
	for i := range properties {
		if properties[i].Key == "ImageConfig" {
			why.Add(field("processes"), in("ImageConfig")...)
		}
	}
	for _, s := range f.Settings {
		why.Add(field("env."+s.Name), in("Environment", "Variables", s.Name)...)
	}
}

// ImageName is what the image of a component with the adapter is called.
func ImageName(d generate.Deployed) string {
	if !d.First {
		return d.Image.Name + "-" + d.Name + "-lambda"
	}
	return d.Image.Name + "-lambda"
}

// Adapted is the Dockerfile, in a directory of the output, that puts the adapter into a component's image. Directories that the component writes to lie in /tmp there,
// which alone can be written.
func Adapted(p *plan.Plan, f generate.Deployed, dir string) generate.Artifact {
	field := func(names ...string) generate.Origin {
		for i := range names {
			names[i] = "components." + f.Name + "." + names[i]
		}
		return generate.FieldOrigin(p, names...)
	}
	var lines []string
	var origins []generate.Origin
	line := func(why generate.Origin, format string, args ...any) {
		lines, origins = append(lines, fmt.Sprintf(format, args...)), append(origins, why)
	}
	none := generate.Origin{}
	line(none, "# %s", generate.Header)
	line(none, "# The image of %s with the Lambda Web Adapter, which hands events on as requests. Elsewhere it runs as before.", f.Name)
	line(generate.Origin{Why: "replace the account, the region and RELEASE, or give it with --build-arg"}, "ARG IMAGE=%s", cloudformation.Image(f.Image.Name))
	line(none, "FROM %s AS adapter", Adapter)
	line(none, "")
	line(none, "FROM ${IMAGE}")
	line(none, "COPY --from=adapter /lambda-adapter /opt/extensions/lambda-adapter")
	line(field("port"), "ENV AWS_LWA_PORT=%d \\", f.Port.V)
	ready := "/"
	if f.HealthPath.V != "" {
		ready = f.HealthPath.V
	}
	quoted := strconv.Quote(strings.NewReplacer(`\`, `\\`, `$`, `\$`).Replace(ready))
	line(field("healthPath"), "    AWS_LWA_READINESS_CHECK_PATH=%s \\", quoted)
	line(generate.Origin{Why: "a start that takes longer than the ten seconds that Lambda gives it goes on with the first request"}, "    AWS_LWA_ASYNC_INIT=true")
	command := startCommand(f)
	_, scratch := generate.Storage(f.Component)
	scratch = slices.DeleteFunc(scratch, func(dir string) bool { return dir == "/tmp" || strings.HasPrefix(dir, "/tmp/") })
	if len(scratch) > 0 && command != nil {
		words, links := []string{}, []string{}
		for _, dir := range scratch {
			words = append(words, "/tmp/written"+dir)
			links = append(links, "ln -s "+plan.ShellWords([]string{"/tmp/written" + dir, dir}))
		}
		line(none, "# Only /tmp can be written there.")
		line(none, "USER 0")
		line(field("writes"), "RUN rm -rf %s \\", plan.ShellWords(scratch))
		for _, l := range links {
			line(field("writes"), " && %s \\", l)
		}
		line(field("writes"), " && printf '%%s\\n' %s > /opt/start.sh", plan.ShellWords([]string{"set -eu", "mkdir -p " + plan.ShellWords(words), `exec "$@"`}))
		line(none, "USER 10001:0")
		line(none, `ENTRYPOINT ["sh", "/opt/start.sh"]`)
		line(field("processes"), "CMD %s", cloudformation.ExecForm(command))
	}
	content := strings.Join(lines, "\n") + "\n"
	return generate.Artifact{Path: path.Join(dir, "Dockerfile."+f.Name), Content: []byte(content), Origins: origins}
}

// startCommand is what the component's image runs; nil: only the image knows.
func startCommand(f generate.Deployed) []string {
	if command := f.Command(); command != nil {
		return command
	}
	if generate.AppDir(f.Component) == "/usr/local/tomcat" {
		return []string{"catalina.sh", "run"}
	}
	return nil
}
