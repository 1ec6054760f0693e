package serverless

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
	"github.com/drydock-cli/drydock/generate/fargate"
)

// Rules names what the framework and Lambda refuse in serverless.yml. Source: serverless.com/framework/docs (version 3), AWS Lambda quotas.
var Rules = []string{"syntax", "framework-version", "validation", "service-name", "no-function", "handler-or-image", "image-digest", "image-unknown", "memory", "timeout", "http-timeout", "secret-in-file", "task-size"}

var serviceRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z][0-9a-zA-Z-]*$`) })

// Check applies the rules of the Serverless Framework, Lambda and Fargate.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path == ServiceFile {
			out = append(out, checkService(a)...)
		}
	}
	return out
}

func checkService(a generate.Artifact) []generate.Problem {
	root, out := cloudformation.Read(a)
	if out != nil {
		return out
	}
	hold := func(ok bool, at *cloudformation.Node, rule, format string, args ...any) {
		if !ok {
			out = append(out, generate.Problem{File: a.Path, Line: at.Line(), Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
		}
	}
	hold(root.At("frameworkVersion").Text() == "3", root.At("frameworkVersion"), "framework-version", `frameworkVersion must be "3": version 4 wants an account`)
	hold(root.At("configValidationMode").Text() == "error", root.At("configValidationMode"), "validation", "configValidationMode must be error, or mistakes are only warned of")
	hold(serviceRule().MatchString(root.At("service").Text()), root.At("service"), "service-name", "service: letters, digits and -, a letter first")
	functions := root.At("functions")
	hold(len(functions.Keys()) > 0, functions, "no-function", "there is no function")
	images := root.At("provider", "ecr", "images")
	for _, name := range images.Keys() {
		uri := images.At(name, "uri")
		hold(strings.Contains(uri.Text(), "@sha256:"), uri, "image-digest", "image %s is named by digest: …@sha256:…", name)
	}
	for _, name := range functions.Keys() {
		f := functions.At(name)
		hold((f.At("handler") != nil) != (f.At("image") != nil), f, "handler-or-image", "%s has a handler or an image, not both", name)
		if image := f.At("image", "name"); image != nil {
			hold(images.At(image.Text()) != nil, image, "image-unknown", "%s runs the image %s, which provider.ecr.images does not have", name, image.Text())
		}
		memory, ok := f.At("memorySize").Number()
		hold(!ok || memory >= 128 && memory <= 10240, f.At("memorySize"), "memory", "%s: memorySize is from 128 to 10240", name)
		timeout, ok := f.At("timeout").Number()
		hold(!ok || timeout >= 1 && timeout <= 900, f.At("timeout"), "timeout", "%s: timeout is from 1 to 900: what takes longer is a task", name)
		for _, e := range f.At("events").List() {
			hold(e.At("httpApi") == nil || timeout <= 30, f.At("timeout"), "http-timeout", "%s: an HTTP API ends a request after 30 seconds", name)
		}
		for _, variable := range f.At("environment").Keys() {
			value := f.At("environment", variable)
			hold(value.Text() == "" || !cloudformation.SecretName().MatchString(variable) || strings.HasPrefix(value.Text(), "{{resolve:"), value, "secret-in-file", "%s: %s holds its value in the file", name, variable)
		}
	}
	for _, r := range cloudformation.Resources(root.At("resources", "Resources")) {
		if r.Type == "AWS::ECS::TaskDefinition" {
			hold(offered(r.Properties.At("Cpu").Text(), r.Properties.At("Memory").Text()), r.Properties.At("Cpu"), "task-size", "%s: Fargate does not offer this cpu with this memory", r.ID)
		}
	}
	return out
}

// offered reports whether Fargate offers a pair, as texts.
func offered(cpu, memory string) bool {
	var c, m int
	if _, err := fmt.Sscanf(cpu+" "+memory, "%d %d", &c, &m); err != nil {
		return false
	}
	fitCPU, fitMemory := fargate.Fit(c, m)
	return fitCPU == c && fitMemory == m
}
