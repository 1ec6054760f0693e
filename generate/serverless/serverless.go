// Package serverless makes a service of the Serverless Framework in which AWS Lambda and Fargate work together: handlers are functions, and
// what takes too long for a function is a task on Fargate that a small function starts when an event comes.
package serverless

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/fargate"
	"github.com/drydock-cli/drydock/generate/lambda"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/serverless"

// ServiceFile is what the framework reads.
const ServiceFile = Dir + "/serverless.yml"

// What only the reader knows: well-formed, to be replaced.
const (
	subnets = "subnet-0123456789abcdef0,subnet-0123456789abcdef1"
	group   = "sg-0123456789abcdef0"
	noTag   = "@sha256:0000000000000000000000000000000000000000000000000000000000000000"
)

// Target makes the files of a service of the Serverless Framework, version 3.
type Target struct{}

// Name is "serverless".
func (Target) Name() string { return "serverless" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Functions }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Serverless Framework: Lambda and Fargate together, a function takes the event and starts the long task"
}

// starter is the function that starts tasks.
const starter = `"""Starts a task on Fargate when an event comes. ` + generate.Header + `

The task finds the event, as JSON, in its variable EVENT; an event may bring the command to be run: {"command": ["rake", "report"]}.
"""
import json
import os

import boto3


def handler(event, context):
    override = {'name': os.environ['CONTAINER'], 'environment': [{'name': 'EVENT', 'value': json.dumps(event)[:7000]}]}
    command = isinstance(event, dict) and event.get('command') or json.loads(os.environ['COMMAND'])
    if command:
        override['command'] = command
    answer = boto3.client('ecs').run_task(
        cluster=os.environ['CLUSTER'],
        taskDefinition=os.environ['TASK'],
        launchType='FARGATE',
        overrides={'containerOverrides': [override]},
        networkConfiguration={'awsvpcConfiguration': {
            'subnets': os.environ['SUBNETS'].split(','), 'securityGroups': [os.environ['SECURITY_GROUP']], 'assignPublicIp': 'DISABLED'}})
    if answer['failures']:
        raise RuntimeError(answer['failures'])
    return {'task': answer['tasks'][0]['taskArn']}
`

var (
	of  = cloudformation.Of
	ref = cloudformation.Ref
	att = cloudformation.Att
	sub = cloudformation.Sub
)

// service is serverless.yml in the making.
type service struct {
	p                            *plan.Plan
	images, functions, resources cloudformation.Map
	why                          generate.Reasons
	adapted                      []generate.Deployed
	tasks                        bool
	stored                       bool
	notes                        []string
}

// Generate makes serverless.yml, the function that starts tasks, images with the web adapter, and a README.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	s := &service{p: p, why: generate.Reasons{}}
	for _, d := range generate.Deployables(p) {
		s.component(d)
	}
	if len(s.functions) == 0 && len(s.resources) == 0 {
		return nil, nil
	}
	a, err := generate.YAML(ServiceFile, s.why, s.document())
	if err != nil {
		return nil, err
	}
	out := []generate.Artifact{a}
	for _, d := range s.adapted {
		out = append(out, lambda.Adapted(p, d, Dir))
	}
	if s.tasks {
		out = append(out, generate.Artifact{Path: path.Join(Dir, "starter.py"), Content: []byte(starter), Origins: make([]generate.Origin, strings.Count(starter, "\n"))})
	}
	return append(out, s.readme()), nil
}

// component puts a component where it belongs: a function, a task that a function starts, or a service.
func (s *service) component(d generate.Deployed) {
	field := func(name string) generate.Origin { return generate.FieldOrigin(s.p, "components."+d.Name+"."+name) }
	adapted := generate.Serves(d.Component) && d.Role.V != detect.Worker && d.Fact("handler") == ""
	switch {
	case d.Platform.V == "windows":
		s.notes = append(s.notes, d.Name+" needs Windows, which neither runs as a function nor in these tasks.")
	case d.Role.V == detect.Function || adapted:
		s.function(d, adapted)
		s.why.Add(field("role"), "functions", d.Name)
		if command := d.Process("release"); command != nil {
			s.task(d)
			s.start("start-"+d.Name+"-release", d, command, nil)
		}
		for i, x := range d.Schedules {
			if i == 0 && d.Process("release") == nil {
				s.task(d)
			}
			s.start("start-"+d.Name+"-"+x.Name, d, x.Command, s.times(x))
		}
	case generate.Finite(d.Component):
		s.task(d)
		var events []any
		for _, x := range d.Schedules {
			events = append(events, s.times(x)...)
		}
		if len(events) == 0 {
			events = []any{of("s3", of("bucket", s.bucket(d), "event", "s3:ObjectCreated:*"))}
		}
		s.start("start-"+d.Name, d, nil, events)
		s.why.Add(field("role"), "functions", "start-"+d.Name)
	default:
		s.task(d)
		id := cloudformation.ID(d.Name)
		s.resources.Set(id+"Service", of("Type", "AWS::ECS::Service", "Properties", of("Cluster", ref("Cluster"), "TaskDefinition", ref(id+"Task"), "LaunchType", "FARGATE", "DesiredCount", 1,
			"NetworkConfiguration", of("AwsvpcConfiguration", of("Subnets", strings.Split(subnets, ","), "SecurityGroups", []string{group}, "AssignPublicIp", "DISABLED")))))
		for _, x := range d.Schedules {
			s.start("start-"+d.Name+"-"+x.Name, d, x.Command, s.times(x))
		}
	}
}

// bucket is the name of the bucket whose new objects call for a component.
func (s *service) bucket(d generate.Deployed) string {
	return strings.Trim((s.p.Name + "-" + d.Name + "-incoming")[:min(len(s.p.Name)+len(d.Name)+10, 50)], "-") + "-" + cloudformation.Account
}

// times are the events of a schedule.
func (s *service) times(x detect.Schedule) []any {
	times, ok := cloudformation.Cron(x.Cron)
	if !ok {
		s.notes = append(s.notes, fmt.Sprintf("The schedule %s (`%s`) cannot be written for EventBridge: start its function from elsewhere.", x.Name, x.Cron))
	}
	var out []any
	for _, at := range times {
		out = append(out, of("schedule", of("rate", []string{at}, "input", of("command", x.Command))))
	}
	return out
}

// function is a component that Lambda calls.
func (s *service) function(d generate.Deployed, adapted bool) {
	image := d.Image.Name
	timeout := 300
	var events []any
	switch event := d.Fact("event"); {
	case adapted || event == "http":
		timeout = 30
		events = []any{of("httpApi", "*")}
	case event == "s3":
		events = []any{of("s3", of("bucket", s.bucket(d), "event", "s3:ObjectCreated:*"))}
	case event == "sqs":
		s.resources.Set(cloudformation.ID(d.Name, "queue"), of("Type", "AWS::SQS::Queue", "Properties", of("VisibilityTimeout", 1800)))
		events = []any{of("sqs", of("arn", att(cloudformation.ID(d.Name, "queue"), "Arn"), "batchSize", 10))}
	case event == "sns":
		events = []any{of("sns", s.p.Name+"-"+d.Name)}
	case event == "kinesis":
		events = []any{of("stream", of("type", "kinesis", "arn", "arn:aws:kinesis:"+cloudformation.Region+":"+cloudformation.Account+":stream/"+d.Name))}
	case event == "dynamodb":
		events = []any{of("stream", of("type", "dynamodb", "arn", "arn:aws:dynamodb:"+cloudformation.Region+":"+cloudformation.Account+":table/"+d.Name+"/stream/2020-01-01T00:00:00.000"))}
	case event == "schedule":
		events = []any{of("schedule", of("rate", []string{"rate(1 day)"}))}
	}
	if adapted {
		image = lambda.ImageName(d)
		s.adapted = append(s.adapted, d)
	}
	s.images.Set(d.Name, of("uri", cloudformation.Registry+"/"+image+noTag))
	s.functions.Set(d.Name, of("image", of("name", d.Name), "memorySize", lambda.Fit(d.CPU.V, d.Memory.V), "timeout", timeout, "environment", lambda.Environment(s.p, d.Component), "events", events))
	for _, e := range d.Settings {
		s.why.Add(generate.FieldOrigin(s.p, "components."+d.Name+".env."+e.Name), "functions", d.Name, "environment", e.Name)
	}
	s.why.Add(generate.FieldOrigin(s.p, "components."+d.Name+".memory", "components."+d.Name+".cpu"), "functions", d.Name, "memorySize")
}

// start is a function that starts a component's task. command nil: the task's own.
func (s *service) start(name string, d generate.Deployed, command []string, events []any) {
	s.tasks = true
	id := cloudformation.ID(d.Name)
	if command == nil {
		command = []string{}
	}
	s.functions.Set(name, of("handler", "starter.handler", "runtime", "python3.11", "memorySize", 128, "timeout", 30,
		"environment", of("CLUSTER", ref("Cluster"), "TASK", ref(id+"Task"), "CONTAINER", d.Name, "COMMAND", cloudformation.ExecForm(command), "SUBNETS", subnets, "SECURITY_GROUP", group), "events", events))
}

// task is the task definition of a component on Fargate.
func (s *service) task(d generate.Deployed) {
	s.tasks = true
	cpu, memory := fargate.Fit(d.CPU.V, d.Memory.V)
	container := of("Name", d.Name, "Image", cloudformation.Image(d.Image.Name), "Essential", true)
	if command := d.Command(); !d.First && command != nil {
		container.Set("Command", command)
	}
	plain, stored := generate.Environment(s.p, d.Component)
	var environment, secrets []any
	for _, e := range plain {
		environment = append(environment, cloudformation.Map{{Key: "Name", Value: e.Name}, {Key: "Value", Value: e.Value}})
	}
	for _, e := range stored {
		s.stored = true
		secrets = append(secrets, of("Name", e.Name, "ValueFrom", s.secretARN()+":"+cloudformation.Key(s.p, d.Component, e.Name)+"::"))
	}
	container.Set("Environment", environment)
	container.Set("Secrets", secrets)
	container.Set("LinuxParameters", of("InitProcessEnabled", true))
	container.Set("StopTimeout", 30)
	container.Set("LogConfiguration", of("LogDriver", "awslogs", "Options", of("awslogs-group", ref("TaskLog"), "awslogs-region", ref("AWS::Region"), "awslogs-stream-prefix", d.Name)))
	id := cloudformation.ID(d.Name, "task")
	s.resources.Set(id, of("Type", "AWS::ECS::TaskDefinition", "Properties", of("Family", s.p.Name+"-"+d.Name, "RequiresCompatibilities", []string{"FARGATE"}, "NetworkMode", "awsvpc",
		"RuntimePlatform", of("CpuArchitecture", "X86_64", "OperatingSystemFamily", "LINUX"), "Cpu", strconv.Itoa(cpu), "Memory", strconv.Itoa(memory),
		"ExecutionRoleArn", att("TaskExecutionRole", "Arn"), "TaskRoleArn", att("TaskRole", "Arn"), "ContainerDefinitions", []any{container})))
	s.why.Add(generate.FieldOrigin(s.p, "components."+d.Name+".role"), "resources", "Resources", id)
	s.why.Add(generate.FieldOrigin(s.p, "components."+d.Name+".cpu"), "resources", "Resources", id, "Properties", "Cpu")
	s.why.Add(generate.FieldOrigin(s.p, "components."+d.Name+".memory"), "resources", "Resources", id, "Properties", "Memory")
}

func (s *service) secretARN() string {
	return "arn:aws:secretsmanager:" + cloudformation.Region + ":" + cloudformation.Account + ":secret:" + s.p.Name + "-AbCdEf"
}

// document joins what was added with what all of it needs.
func (s *service) document() cloudformation.Map {
	provider := of("name", "aws", "region", cloudformation.Region, "stage", "production", "architecture", "x86_64", "logRetentionInDays", 30)
	if len(s.images) > 0 {
		provider.Set("ecr", of("images", s.images))
		s.why.Add(generate.Origin{Why: "replace the account, the region and the digest by those of the image that was pushed"}, "provider", "ecr")
	}
	resources := cloudformation.Map{}
	if s.tasks {
		provider.Set("iam", of("role", of("statements", []any{
			of("Effect", "Allow", "Action", []string{"ecs:RunTask"}, "Resource", sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/"+s.p.Name+"-*")),
			of("Effect", "Allow", "Action", []string{"iam:PassRole"}, "Resource", []any{att("TaskExecutionRole", "Arn"), att("TaskRole", "Arn")}, "Condition", of("StringEquals", of("iam:PassedToService", "ecs-tasks.amazonaws.com")))})))
		trust := of("Version", "2012-10-17", "Statement", []any{of("Effect", "Allow", "Principal", of("Service", "ecs-tasks.amazonaws.com"), "Action", "sts:AssumeRole")})
		execution := of("AssumeRolePolicyDocument", trust, "ManagedPolicyArns", []any{sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")})
		if s.stored {
			execution.Set("Policies", []any{of("PolicyName", "secret", "PolicyDocument", of("Version", "2012-10-17", "Statement", []any{of("Effect", "Allow", "Action", "secretsmanager:GetSecretValue", "Resource", s.secretARN())}))})
		}
		resources = of("Cluster", of("Type", "AWS::ECS::Cluster"), "TaskLog", of("Type", "AWS::Logs::LogGroup", "Properties", of("LogGroupName", "/ecs/"+s.p.Name, "RetentionInDays", 30)),
			"TaskExecutionRole", of("Type", "AWS::IAM::Role", "Properties", execution), "TaskRole", of("Type", "AWS::IAM::Role", "Properties", of("AssumeRolePolicyDocument", trust)))
	}
	doc := of("service", s.p.Name, "frameworkVersion", "3", "configValidationMode", "error", "provider", provider, "package", of("patterns", []string{"!**", "starter.py"}), "functions", s.functions)
	if all := append(resources, s.resources...); len(all) > 0 {
		doc.Set("resources", of("Resources", all))
	}
	return doc
}

// readme says what to do with the files.
func (s *service) readme() generate.Artifact {
	g := generate.NewGuide(Dir, s.p.Name+" by the Serverless Framework")
	g.Text("Handlers and web applications are functions of AWS Lambda; what runs longer than the 15 minutes of a function is a task on Fargate, which a small function (`starter.py`) starts when an event comes.")
	for _, n := range s.notes {
		g.Item("%s", n)
	}
	g.Blank()
	var more [][]string
	for _, d := range s.adapted {
		more = append(more, []string{lambda.ImageName(d), "--build-arg", "IMAGE=" + cloudformation.Image(d.Image.Name), "-f", "Dockerfile." + d.Name, "."})
	}
	cloudformation.Push(g, s.p, more...)
	if len(s.images) > 0 {
		g.Step("Functions name their images by digest: put the ones that were pushed into `provider.ecr.images`.", "aws ecr describe-images --repository-name NAME --image-ids imageTag="+generate.Release+" --query imageDetails[0].imageDigest")
	}
	cloudformation.Secret(g, s.p, func(*plan.Component) bool { return true })
	g.Backings(s.p, generate.AWS)
	if s.tasks {
		g.Step(fmt.Sprintf("Replace the subnets `%s` and the security group `%s` by those from which the databases are reached.", subnets, group))
	}
	g.Step("Deploy.", "npx serverless@3 deploy")
	for _, f := range s.functions {
		if strings.HasPrefix(f.Key, "start-") && strings.HasSuffix(f.Key, "-release") {
			g.Step("Before a new version serves, run its release step once.", plan.ShellWords([]string{"npx", "serverless@3", "invoke", "--function", f.Key}))
		}
	}
	return g.Artifact()
}
