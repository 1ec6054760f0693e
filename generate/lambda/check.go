package lambda

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
)

// Check applies the rules of Lambda and SAM to the template.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir, ".yaml") {
		resources, problems := cloudformation.CheckCommon(a, "Resources")
		out = append(append(out, problems...), cloudformation.Apply(a, resources, Rules)...)
		if root, bad := cloudformation.Read(a); bad == nil && root.At("Transform").Text() != "AWS::Serverless-2016-10-31" {
			out = append(out, generate.Problem{File: a.Path, Rule: "transform", Message: "the template needs Transform: AWS::Serverless-2016-10-31", Error: true})
		}
	}
	for _, a := range artifacts {
		if path.Dir(a.Path) == Dir && strings.HasPrefix(path.Base(a.Path), "Dockerfile") && strings.Contains(string(a.Content), fmt.Sprintf("AWS_LWA_PORT=%d", adapterPort)) {
			out = append(out, generate.Problem{File: a.Path, Rule: "adapter-port", Message: "the runtime interface itself listens on port 9001: let the application listen on another", Error: true})
		}
	}
	return out
}

const functionType = "AWS::Serverless::Function"

var functionNameRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`) })

// when is a rule's answer.
func when(broken bool, at *cloudformation.Node, format string, args ...any) (string, *cloudformation.Node) {
	if !broken {
		return "", nil
	}
	return fmt.Sprintf(format, args...), at
}

// between holds a number that is written down to bounds.
func between(at *cloudformation.Node, least, most int, what string) (string, *cloudformation.Node) {
	n, ok := at.Number()
	return when(ok && (n < least || n > most), at, "%s is from %d to %d", what, least, most)
}

// Rules are what Lambda and SAM refuse in a function. Sources: AWS Lambda Developer Guide (quotas, environment variables, container images), AWS SAM
// resource reference.
var Rules = []cloudformation.Rule{
	{ID: "image-only", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		for _, key := range []string{"Handler", "Runtime", "Layers", "CodeUri", "InlineCode"} {
			if at := r.Properties.At(key); at != nil {
				return key + " is for functions without an image", at
			}
		}
		return when(r.Properties.At("PackageType").Text() != "Image", r.Properties.At("PackageType"), "PackageType must be Image")
	}},
	{ID: "image-uri", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		at := r.Properties.At("ImageUri")
		text := at.Text()
		return when(at == nil || text != "" && !strings.Contains(text, ".dkr.ecr."), at, "ImageUri must name an image in the Elastic Container Registry")
	}},
	{ID: "architecture", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		at := r.Properties.At("Architectures")
		list := at.List()
		return when(at != nil && (len(list) != 1 || list[0].Text() != "x86_64" && list[0].Text() != "arm64"), at, "Architectures is one of x86_64 and arm64")
	}},
	{ID: "function-name", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		at := r.Properties.At("FunctionName")
		return when(at.Text() != "" && !functionNameRule().MatchString(at.Text()), at, "FunctionName: 1 to 64 letters, digits, - and _ are wanted")
	}},
	{ID: "memory", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		return between(r.Properties.At("MemorySize"), minMemory, maxMemory, "MemorySize")
	}},
	{ID: "timeout", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		return between(r.Properties.At("Timeout"), 1, maxTimeout, "Timeout")
	}},
	{ID: "http-timeout", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		n, _ := r.Properties.At("Timeout").Number()
		for _, key := range r.Properties.At("Events").Keys() {
			if r.Properties.At("Events", key, "Type").Text() == "HttpApi" {
				return when(n > webTimeout, r.Properties.At("Timeout"), "an HTTP API ends a request after %d seconds", webTimeout)
			}
		}
		return "", nil
	}},
	{ID: "ephemeral-storage", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		return between(r.Properties.At("EphemeralStorage", "Size"), 512, 10240, "EphemeralStorage")
	}},
	{ID: "reserved-variable", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		at := r.Properties.At("Environment", "Variables")
		for _, name := range at.Keys() {
			if slices.Contains(reserved, name) {
				return name + " is set by Lambda itself", at.At(name)
			}
		}
		return "", nil
	}},
	{ID: "variable-name", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		at := r.Properties.At("Environment", "Variables")
		for _, name := range at.Keys() {
			if !variableRule().MatchString(name) {
				return fmt.Sprintf("%q is no name of a variable: a letter, then letters, digits and _", name), at.At(name)
			}
		}
		return "", nil
	}},
	{ID: "environment-size", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		at := r.Properties.At("Environment", "Variables")
		size := 0
		for _, name := range at.Keys() {
			size += len(name) + len(at.At(name).Text())
		}
		return when(size > 4096, at, "all variables together have at most 4 KB, these have %d bytes", size)
	}},
	{ID: "secret-in-file", Type: functionType, Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		at := r.Properties.At("Environment", "Variables")
		for _, name := range at.Keys() {
			if text := at.At(name).Text(); text != "" && cloudformation.SecretName().MatchString(name) && !strings.HasPrefix(text, "{{resolve:") {
				return name + " holds its value in the file: name where it is kept, {{resolve:secretsmanager:…}}", at.At(name)
			}
		}
		return "", nil
	}},
	{ID: "queue-timeout", Type: "AWS::SQS::Queue", Broken: func(r cloudformation.Resource) (string, *cloudformation.Node) {
		return between(r.Properties.At("VisibilityTimeout"), 0, 43200, "VisibilityTimeout")
	}},
}

var variableRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`) })
