// Package ecs makes a CloudFormation stack that runs an application on Amazon ECS with Fargate: services behind a load balancer, workers,
// scheduled tasks, logs, secrets, scaling, and a file system for what must survive; and the manifests of AWS Copilot for the same.
package ecs

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/fargate"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/ecs"

// TemplateFile is the CloudFormation template.
const TemplateFile = Dir + "/template.yaml"

// Target makes the files of an application on ECS.
type Target struct{}

// Name is "ecs".
func (Target) Name() string { return "ecs" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Containers }

// Describe says what the target is for.
func (Target) Describe() string {
	return "AWS ECS on Fargate: a CloudFormation stack with load balancer, scaling and schedules; Copilot manifests"
}

// Generate makes the template, a Copilot manifest for each component, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	all := generate.Deployables(p)
	if len(all) == 0 {
		return nil, nil
	}
	s := &stack{p: p, why: generate.Reasons{}}
	for _, d := range all {
		s.component(d)
	}
	a, err := generate.YAML(TemplateFile, s.why, s.document())
	if err != nil {
		return nil, err
	}
	out := []generate.Artifact{a}
	for _, d := range all {
		if d.Platform.V == "windows" {
			continue // Copilot's own Windows platforms differ in more than a line
		}
		m, err := copilot(p, d)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return append(out, readme(p, all)), nil
}

// stack is the template in the making.
type stack struct {
	p          *plan.Plan
	parameters cloudformation.Map
	resources  cloudformation.Map
	why        generate.Reasons
	reached    int  // components behind the load balancer
	stored     bool // a value is kept in the secret
	files      bool // something must survive
	scheduled  bool // something is started at certain times
}

var (
	of  = cloudformation.Of
	ref = cloudformation.Ref
	att = cloudformation.Att
	sub = cloudformation.Sub
)

func (s *stack) parameter(name, kind, def, text string) {
	m := of("Type", kind, "Description", text)
	if def != "" || kind == "String" {
		m = append(m, cloudformation.Entry{Key: "Default", Value: def})
	}
	s.parameters.Set(name, m)
}

func (s *stack) resource(id, kind string, properties cloudformation.Map, more ...any) {
	s.resources.Set(id, append(append(of("Type", kind), of(more...)...), of("Properties", properties)...))
}

func (s *stack) field(d generate.Deployed, names ...string) generate.Origin {
	for i := range names {
		names[i] = "components." + d.Name + "." + names[i]
	}
	return generate.FieldOrigin(s.p, names...)
}

// component adds what runs one component.
func (s *stack) component(d generate.Deployed) {
	id := cloudformation.ID(d.Name)
	s.task(d, id)
	for _, x := range d.Schedules {
		s.schedule(d, id, x)
	}
	if generate.Finite(d.Component) {
		return
	}
	s.service(d, id)
}

// task adds the task definition.
func (s *stack) task(d generate.Deployed, id string) {
	s.parameter(id+"Image", "String", cloudformation.Image(d.Image.Name), "The image of "+d.Name+" in the registry")
	cpu, memory := fargate.Fit(d.CPU.V, d.Memory.V)
	family := "LINUX"
	windows := d.Platform.V == "windows"
	if windows {
		family = "WINDOWS_SERVER_2022_CORE"
		cpu, memory = fargate.Fit(max(cpu, 1024), max(memory, 2048))
	}
	container := of("Name", d.Name, "Image", ref(id+"Image"), "Essential", true)
	if command := d.Command(); !d.First && command != nil {
		container.Set("Command", command)
	}
	if d.Port.V != 0 {
		container.Set("PortMappings", []any{of("ContainerPort", d.Port.V, "Protocol", "tcp")})
	}
	plain, stored := generate.Environment(s.p, d.Component)
	var environment, secrets []any
	for i, e := range plain {
		environment = append(environment, cloudformation.Map{{Key: "Name", Value: e.Name}, {Key: "Value", Value: e.Value}})
		s.why.Add(s.field(d, "env."+e.Name), "Resources", id+"Task", "Properties", "ContainerDefinitions", "0", "Environment", strconv.Itoa(i))
	}
	for i, e := range stored {
		s.stored = true
		secrets = append(secrets, of("Name", e.Name, "ValueFrom", sub("${SecretArn}:"+cloudformation.Key(s.p, d.Component, e.Name)+"::")))
		s.why.Add(s.field(d, "env."+e.Name), "Resources", id+"Task", "Properties", "ContainerDefinitions", "0", "Secrets", strconv.Itoa(i))
	}
	container.Set("Environment", environment)
	container.Set("Secrets", secrets)
	if health := generate.HealthCommand(d.Component); health != nil {
		container.Set("HealthCheck", of("Command", append([]string{"CMD"}, health...), "Interval", 10, "Timeout", 5, "Retries", 3, "StartPeriod", 60))
	}
	var volumes []any
	if !windows {
		container.Set("ReadonlyRootFilesystem", d.ReadOnly.V == "true")
		container.Set("LinuxParameters", of("InitProcessEnabled", true))
		var points []any
		volumes, points = s.mounts(d)
		container.Set("MountPoints", points)
	}
	container.Set("StopTimeout", 30)
	container.Set("LogConfiguration", of("LogDriver", "awslogs", "Options", of("awslogs-group", ref("Log"), "awslogs-region", ref("AWS::Region"), "awslogs-stream-prefix", d.Name)))
	properties := of("Family", s.p.Name+"-"+d.Name, "RequiresCompatibilities", []string{"FARGATE"}, "NetworkMode", "awsvpc",
		"RuntimePlatform", of("CpuArchitecture", "X86_64", "OperatingSystemFamily", family), "Cpu", strconv.Itoa(cpu), "Memory", strconv.Itoa(memory),
		"ExecutionRoleArn", att("ExecutionRole", "Arn"), "TaskRoleArn", att("TaskRole", "Arn"), "ContainerDefinitions", []any{container}, "Volumes", volumes)
	s.resource(id+"Task", "AWS::ECS::TaskDefinition", properties)
	in := func(place ...string) []string {
		return append([]string{"Resources", id + "Task", "Properties"}, place...)
	}
	first := func(place ...string) []string { return in(append([]string{"ContainerDefinitions", "0"}, place...)...) }
	s.why.Add(s.field(d, "role"), "Resources", id+"Task")
	s.why.Add(s.field(d, "cpu"), in("Cpu")...)
	s.why.Add(s.field(d, "memory"), in("Memory")...)
	s.why.Add(s.field(d, "port"), first("PortMappings")...)
	s.why.Add(s.field(d, "processes"), first("Command")...)
	s.why.Add(s.field(d, "healthPath", "port"), first("HealthCheck")...)
	s.why.Add(s.field(d, "readOnly"), first("ReadonlyRootFilesystem")...)
	s.why.Add(s.field(d, "writes"), first("MountPoints")...)
	s.why.Add(s.field(d, "writes"), in("Volumes")...)
	s.why.Add(generate.Origin{Why: "replace the account and the region, and RELEASE by the tag that was pushed"}, "Parameters", id+"Image")
}

// mounts are the volumes of what must survive, on the stack's file system, and of what a read-only root needs to be written.
func (s *stack) mounts(d generate.Deployed) (volumes, points []any) {
	data, scratch := generate.Storage(d.Component)
	for _, dir := range data {
		name := generate.VolumeName(d.Image.Components[0].Name, dir)
		access := cloudformation.ID(name, "access")
		if !slices.ContainsFunc(s.resources, func(e cloudformation.Entry) bool { return e.Key == access }) {
			s.resource(access, "AWS::EFS::AccessPoint", of("FileSystemId", ref("Files"), "PosixUser", of("Uid", "10001", "Gid", "0"),
				"RootDirectory", of("Path", "/"+name, "CreationInfo", of("OwnerUid", "10001", "OwnerGid", "0", "Permissions", "0770"))))
			s.why.Add(s.field(d, "writes"), "Resources", access)
		}
		s.files = true
		volumes = append(volumes, of("Name", name, "EFSVolumeConfiguration", of("FilesystemId", ref("Files"), "TransitEncryption", "ENABLED", "AuthorizationConfig", of("AccessPointId", ref(access), "IAM", "DISABLED"))))
		points = append(points, of("SourceVolume", name, "ContainerPath", dir, "ReadOnly", false))
	}
	if d.ReadOnly.V == "true" {
		for _, dir := range scratch {
			name := "scratch" + strings.NewReplacer("/", "-", ".", "-").Replace(dir)
			volumes = append(volumes, of("Name", name))
			points = append(points, of("SourceVolume", name, "ContainerPath", dir, "ReadOnly", false))
		}
	}
	return volumes, points
}

// network is where tasks run.
func network() cloudformation.Map {
	return of("AwsvpcConfiguration", of("Subnets", ref("PrivateSubnets"), "SecurityGroups", []any{ref("TaskGroup")}, "AssignPublicIp", "DISABLED"))
}

// service adds what keeps a component running, what reaches it, and what scales it.
func (s *stack) service(d generate.Deployed, id string) {
	count, least, most := 1, 100, 200
	data, _ := generate.Storage(d.Component)
	if d.Role.V == detect.Worker && len(d.Schedules) == 0 && strings.Contains(strings.Join(d.Command(), " "), "beat") {
		least, most = 0, 100 // two of what starts others by the clock would start them twice
	}
	properties := of("Cluster", ref("Cluster"), "TaskDefinition", ref(id+"Task"), "LaunchType", "FARGATE")
	var after []any
	if generate.Serves(d.Component) {
		count = 2
		s.reach(d, id)
		properties.Set("LoadBalancers", []any{of("ContainerName", d.Name, "ContainerPort", d.Port.V, "TargetGroupArn", ref(id+"Targets"))})
		properties.Set("HealthCheckGracePeriodSeconds", 120)
		after = []any{"DependsOn", s.listener(id)}
	}
	if len(data) > 0 {
		after = []any{"DependsOn", append([]string{"FilesMountA", "FilesMountB"}, dependsOn(after)...)}
	}
	properties.Set("DesiredCount", count)
	properties.Set("DeploymentConfiguration", of("MinimumHealthyPercent", least, "MaximumPercent", most, "DeploymentCircuitBreaker", of("Enable", true, "Rollback", true)))
	properties.Set("NetworkConfiguration", network())
	s.resource(id+"Service", "AWS::ECS::Service", properties, after...)
	s.why.Add(s.field(d, "role"), "Resources", id+"Service")
	s.why.Add(generate.Origin{Why: "a version that does not become healthy is taken back"}, "Resources", id+"Service", "Properties", "DeploymentConfiguration")
	if most == 200 {
		s.scale(id)
	}
}

func dependsOn(after []any) []string {
	if len(after) < 2 {
		return nil
	}
	return []string{after[1].(string)}
}

// listener is what must be there before a service can be reached.
func (s *stack) listener(id string) string {
	if s.reached == 1 {
		return "Listener"
	}
	return id + "Rule"
}

// reach adds the target group of a component: the first gets all requests, each other those to a host name of its own.
func (s *stack) reach(d generate.Deployed, id string) {
	s.reached++
	healthPath, codes := "/", "200-499"
	if d.HealthPath.V != "" {
		healthPath = d.HealthPath.V
	}
	if d.HealthPath.V != "" && d.HealthPath.From != detect.Default {
		codes = "200-399,401,403"
	}
	s.resource(id+"Targets", "AWS::ElasticLoadBalancingV2::TargetGroup", of("Port", d.Port.V, "Protocol", "HTTP", "TargetType", "ip", "VpcId", ref("Vpc"),
		"HealthCheckPath", healthPath, "HealthCheckIntervalSeconds", 15, "HealthyThresholdCount", 2, "UnhealthyThresholdCount", 4, "Matcher", of("HttpCode", codes),
		"TargetGroupAttributes", []any{of("Key", "deregistration_delay.timeout_seconds", "Value", "30")}))
	s.why.Add(s.field(d, "healthPath"), "Resources", id+"Targets", "Properties", "HealthCheckPath")
	s.why.Add(s.field(d, "port"), "Resources", id+"Targets", "Properties", "Port")
	forward := []any{of("Type", "forward", "TargetGroupArn", ref(id+"Targets"))}
	if s.reached > 1 {
		s.parameter(id+"Host", "String", d.Name+".example.com", "Host name by which "+d.Name+" is reached")
		s.resource(id+"Rule", "AWS::ElasticLoadBalancingV2::ListenerRule", of("ListenerArn", ref("Listener"), "Priority", 10*s.reached,
			"Conditions", []any{of("Field", "host-header", "HostHeaderConfig", of("Values", []any{ref(id + "Host")}))}, "Actions", forward))
		return
	}
	s.resource("LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", of("Type", "application", "Scheme", "internet-facing", "Subnets", ref("PublicSubnets"), "SecurityGroups", []any{ref("LoadBalancerGroup")}))
	ingress := func(port int) cloudformation.Map {
		return of("IpProtocol", "tcp", "FromPort", port, "ToPort", port, "CidrIp", "0.0.0.0/0", "Description", "from everywhere")
	}
	s.resource("LoadBalancerGroup", "AWS::EC2::SecurityGroup", of("GroupDescription", "What reaches the load balancer", "VpcId", ref("Vpc"), "SecurityGroupIngress", []any{ingress(80), ingress(443)}))
	secure := func(yes, no any) cloudformation.Map { return of("Fn::If", []any{"Secure", yes, no}) }
	s.resource("Listener", "AWS::ElasticLoadBalancingV2::Listener", of("LoadBalancerArn", ref("LoadBalancer"), "Port", secure(443, 80), "Protocol", secure("HTTPS", "HTTP"),
		"Certificates", secure([]any{of("CertificateArn", ref("Certificate"))}, ref("AWS::NoValue")), "DefaultActions", forward))
	s.resource("Redirect", "AWS::ElasticLoadBalancingV2::Listener", of("LoadBalancerArn", ref("LoadBalancer"), "Port", 80, "Protocol", "HTTP",
		"DefaultActions", []any{of("Type", "redirect", "RedirectConfig", of("Protocol", "HTTPS", "Port", "443", "StatusCode", "HTTP_301"))}), "Condition", "Secure")
}

// scale keeps a service's processor at six tenths.
func (s *stack) scale(id string) {
	s.resource(id+"Scaling", "AWS::ApplicationAutoScaling::ScalableTarget", of("MinCapacity", 1, "MaxCapacity", 4, "ServiceNamespace", "ecs", "ScalableDimension", "ecs:service:DesiredCount",
		"ResourceId", of("Fn::Join", []any{"/", []any{"service", ref("Cluster"), att(id+"Service", "Name")}})))
	s.resource(id+"ScalingPolicy", "AWS::ApplicationAutoScaling::ScalingPolicy", of("PolicyName", id+"Processor", "PolicyType", "TargetTrackingScaling", "ScalingTargetId", ref(id+"Scaling"),
		"TargetTrackingScalingPolicyConfiguration", of("TargetValue", 60, "ScaleInCooldown", 300, "ScaleOutCooldown", 60, "PredefinedMetricSpecification", of("PredefinedMetricType", "ECSServiceAverageCPUUtilization"))))
}

// schedule starts a command of a component's image at certain times.
func (s *stack) schedule(d generate.Deployed, id string, x detect.Schedule) {
	times, ok := cloudformation.Cron(x.Cron)
	if !ok {
		return // the README says it
	}
	s.scheduled = true
	input, err := json.Marshal(map[string]any{"containerOverrides": []any{map[string]any{"name": d.Name, "command": x.Command}}})
	if err != nil { // texts always encode
		return
	}
	for i, at := range times {
		name := cloudformation.ID(id, x.Name, "schedule")
		if i > 0 {
			name += strconv.Itoa(i + 1)
		}
		s.resource(name, "AWS::Scheduler::Schedule", of("ScheduleExpression", at, "ScheduleExpressionTimezone", "UTC", "FlexibleTimeWindow", of("Mode", "OFF"),
			"Target", of("Arn", att("Cluster", "Arn"), "RoleArn", att("ScheduleRole", "Arn"), "Input", string(input),
				"EcsParameters", of("TaskDefinitionArn", ref(id+"Task"), "LaunchType", "FARGATE", "TaskCount", 1, "NetworkConfiguration", network()))))
		s.why.Add(s.field(d, "schedules."+x.Name), "Resources", name)
	}
}

// document joins what was added with what all of it needs.
func (s *stack) document() cloudformation.Map {
	var base cloudformation.Map
	kept := s.resources
	s.resources = nil
	s.parameter("Vpc", "AWS::EC2::VPC::Id", "", "The network")
	s.parameter("PrivateSubnets", "List<AWS::EC2::Subnet::Id>", "", "Two subnets for the tasks, with a way out to the registry and the log")
	if s.reached > 0 {
		s.parameter("PublicSubnets", "List<AWS::EC2::Subnet::Id>", "", "Two subnets for the load balancer")
		s.parameter("Certificate", "String", "", "ARN of the certificate for HTTPS; empty: HTTP alone")
	}
	if s.stored {
		s.parameter("SecretArn", "String", "arn:aws:secretsmanager:"+cloudformation.Region+":"+cloudformation.Account+":secret:"+s.p.Name+"-AbCdEf", "ARN of the secret that holds the values which are in no file")
	}
	s.resource("Cluster", "AWS::ECS::Cluster", of("ClusterSettings", []any{of("Name", "containerInsights", "Value", "enabled")}))
	s.resource("Log", "AWS::Logs::LogGroup", of("LogGroupName", "/ecs/"+s.p.Name, "RetentionInDays", 30), "DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain")
	s.roles()
	taskGroup := of("GroupDescription", "What reaches the tasks", "VpcId", ref("Vpc"))
	if s.reached > 0 {
		taskGroup.Set("SecurityGroupIngress", []any{of("IpProtocol", "tcp", "FromPort", 1, "ToPort", 65535, "SourceSecurityGroupId", ref("LoadBalancerGroup"), "Description", "from the load balancer")})
	}
	s.resource("TaskGroup", "AWS::EC2::SecurityGroup", taskGroup)
	if s.files {
		s.resource("Files", "AWS::EFS::FileSystem", of("Encrypted", true, "BackupPolicy", of("Status", "ENABLED")), "DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain")
		s.resource("FilesGroup", "AWS::EC2::SecurityGroup", of("GroupDescription", "What reaches the files", "VpcId", ref("Vpc"),
			"SecurityGroupIngress", []any{of("IpProtocol", "tcp", "FromPort", 2049, "ToPort", 2049, "SourceSecurityGroupId", ref("TaskGroup"), "Description", "from the tasks")}))
		for i, letter := range []string{"A", "B"} {
			s.resource("FilesMount"+letter, "AWS::EFS::MountTarget", of("FileSystemId", ref("Files"), "SubnetId", of("Fn::Select", []any{i, ref("PrivateSubnets")}), "SecurityGroups", []any{ref("FilesGroup")}))
		}
	}
	base = append(s.resources, kept...)
	doc := of("AWSTemplateFormatVersion", "2010-09-09", "Description", s.p.Name+" on Amazon ECS with Fargate", "Parameters", s.parameters)
	if s.reached > 0 {
		doc.Set("Conditions", of("Secure", of("Fn::Not", []any{of("Fn::Equals", []any{ref("Certificate"), ""})})))
	}
	doc.Set("Resources", base)
	outputs := of("Cluster", of("Value", ref("Cluster")), "TaskGroup", of("Description", "The security group that databases let in", "Value", ref("TaskGroup")))
	if s.reached > 0 {
		outputs.Set("Address", of("Description", "Where the application is reached", "Value", att("LoadBalancer", "DNSName")))
	}
	doc.Set("Outputs", outputs)
	return doc
}

// roles adds who starts tasks, what tasks may do, and who starts them by the clock.
func (s *stack) roles() {
	trust := func(service string) cloudformation.Map {
		return of("Version", "2012-10-17", "Statement", []any{of("Effect", "Allow", "Principal", of("Service", service), "Action", "sts:AssumeRole")})
	}
	allow := func(name string, statements ...any) []any {
		return []any{of("PolicyName", name, "PolicyDocument", of("Version", "2012-10-17", "Statement", statements))}
	}
	execution := of("AssumeRolePolicyDocument", trust("ecs-tasks.amazonaws.com"), "ManagedPolicyArns", []any{sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")})
	if s.stored {
		execution.Set("Policies", allow("secret", of("Effect", "Allow", "Action", "secretsmanager:GetSecretValue", "Resource", ref("SecretArn"))))
	}
	s.resource("ExecutionRole", "AWS::IAM::Role", execution)
	s.why.Add(generate.Origin{Why: "pulls the images, reads the secret and writes the log"}, "Resources", "ExecutionRole")
	s.resource("TaskRole", "AWS::IAM::Role", of("AssumeRolePolicyDocument", trust("ecs-tasks.amazonaws.com")))
	s.why.Add(generate.Origin{Why: "what the application itself may do in AWS: nothing, until a policy is added"}, "Resources", "TaskRole")
	if s.scheduled {
		s.resource("ScheduleRole", "AWS::IAM::Role", of("AssumeRolePolicyDocument", trust("scheduler.amazonaws.com"), "Policies", allow("run",
			of("Effect", "Allow", "Action", "ecs:RunTask", "Resource", sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/"+s.p.Name+"-*")),
			of("Effect", "Allow", "Action", "iam:PassRole", "Resource", []any{att("ExecutionRole", "Arn"), att("TaskRole", "Arn")}))))
	}
}

// copilotDir is where a component's manifest lies below Dir.
func copilotDir(name string) string { return path.Join(Dir, "copilot", name, "manifest.yml") }
