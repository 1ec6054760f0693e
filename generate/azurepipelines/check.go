package azurepipelines

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/pipeline"
)

// Rules are the ids of what Check refuses. Source: Microsoft Learn, "YAML schema reference for Azure Pipelines" and "Securing Azure Pipelines".
func Rules() []string {
	return append(pipeline.ScriptRules(), "no-stage", "stage-name", "depends-unknown", "job", "machine", "timeout", "secret-as-text", "expression-in-script", "secret-in-file")
}

var (
	name    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	macro   = regexp.MustCompile(`\$\([A-Z_]*(PASSWORD|SECRET|TOKEN|KEY)[A-Z_]*\)`)
	minutes = regexp.MustCompile(`^[1-9][0-9]*$`)
	inside  = regexp.MustCompile(`\$\{\{|\$\((Build\.SourceBranchName|Build\.SourceVersionMessage|System\.PullRequest\.[A-Za-z]+)\)`)
)

// document is a pipeline that may have been edited: what the rules look at.
type document struct {
	Variables yaml.Node `yaml:"variables"`
	Stages    []struct {
		Stage     string    `yaml:"stage"`
		DependsOn yaml.Node `yaml:"dependsOn"`
		Jobs      []struct {
			Job        string   `yaml:"job"`
			Deployment string   `yaml:"deployment"`
			Pool       *Pool    `yaml:"pool"`
			Timeout    string   `yaml:"timeoutInMinutes"`
			Env        string   `yaml:"environment"`
			Steps      []Step   `yaml:"steps"`
			Strategy   Strategy `yaml:"strategy"`
		} `yaml:"jobs"`
	} `yaml:"stages"`
}

func checkFile(a generate.Artifact) []generate.Problem {
	var out []generate.Problem
	fail := func(rule, at, format string, args ...any) {
		line := 0
		if i := bytes.Index(a.Content, []byte(at)); i >= 0 && at != "" {
			line = 1 + bytes.Count(a.Content[:i], []byte("\n"))
		}
		out = append(out, generate.Problem{File: a.Path, Line: line, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
	}
	var d document
	if err := yaml.Unmarshal(a.Content, &d); err != nil {
		fail("syntax", "", "%v", err)
		return out
	}
	var variables []Variable
	if d.Variables.Decode(&variables) == nil {
		for _, v := range variables {
			if pipeline.SecretInFile(v.Name, v.Value) {
				fail("secret-in-file", v.Name, "%s holds its value in the file: make it a secret of a variable group", v.Name)
			}
		}
	}
	if len(d.Stages) == 0 {
		fail("no-stage", "", "there is no stage")
	}
	seen := map[string]bool{}
	for _, s := range d.Stages {
		if !name.MatchString(s.Stage) || seen[s.Stage] {
			fail("stage-name", s.Stage, "stage %q: letters, digits and _ are wanted, not starting with a digit, and each name once", s.Stage)
		}
		for _, other := range list(s.DependsOn) {
			if !seen[other] {
				fail("depends-unknown", other, "stage %s depends on %s, which is no stage before it", s.Stage, other)
			}
		}
		seen[s.Stage] = true
		for _, j := range s.Jobs {
			id := j.Job + j.Deployment
			if !name.MatchString(id) || (j.Job == "") == (j.Deployment == "") || j.Deployment != "" && j.Env == "" {
				fail("job", s.Stage, "stage %s: a job has a name, or is a deployment with a name and an environment", s.Stage)
			}
			if j.Pool == nil || j.Pool.Image == "" || strings.HasSuffix(j.Pool.Image, "-latest") {
				fail("machine", "vmImage", "job %s: a machine by its release is wanted, such as ubuntu-24.04", id)
			}
			if !minutes.MatchString(j.Timeout) {
				fail("timeout", id, "job %s has no timeoutInMinutes", id)
			}
			for _, step := range append(j.Steps, j.Strategy.RunOnce.Deploy.Steps...) {
				checkStep(id, step, fail)
			}
		}
	}
	return out
}

func checkStep(job string, s Step, fail func(rule, at, format string, args ...any)) {
	if macro.MatchString(s.Script) {
		fail("secret-as-text", s.DisplayName, "job %s: a script holds a secret as text: hand it over by env", job)
	}
	if inside.MatchString(s.Script) {
		fail("expression-in-script", s.DisplayName, "job %s: a script holds an expression, whose text becomes part of the command: hand it over by env", job)
	}
	for rule, message := range pipeline.Script(s.Script) {
		fail(rule, s.DisplayName, "job %s: %s", job, message)
	}
}

func list(n yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var out []string
	_ = n.Decode(&out) // what is no list names no stage
	return out
}
