package gitlabci

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/pipeline"
)

// Check applies the rules to the pipeline: what GitLab refuses, and what a pipeline with a registry's password must not do.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path == PipelineFile || a.Path == path.Join(Dir, PipelineFile) {
			out = append(out, checkFile(a)...)
		}
	}
	return out
}

// Rules are the ids of what Check refuses. Source: GitLab documentation, "CI/CD YAML syntax reference" and "Use Docker to build Docker images".
func Rules() []string {
	return []string{"no-job", "job-name", "script", "stage-unknown", "needs-unknown", "image-tag", "engine-without-tls", "password-as-word", "secret-in-log", "secret-in-file", "rules-and-only", "timeout"}
}

// keywords are the keys of the root that are no jobs.
var keywords = []string{"default", "include", "stages", "variables", "workflow", "spec", "image", "services", "cache", "before_script", "after_script", "pages"}

var duration = lazy(`^[0-9]+ ?[a-z]+( [0-9]+ ?[a-z]+)*$`)

type job struct {
	Stage     string         `yaml:"stage"`
	Image     yaml.Node      `yaml:"image"`
	Services  yaml.Node      `yaml:"services"`
	Script    yaml.Node      `yaml:"script"`
	Trigger   yaml.Node      `yaml:"trigger"`
	Extends   yaml.Node      `yaml:"extends"`
	Rules     yaml.Node      `yaml:"rules"`
	Only      yaml.Node      `yaml:"only"`
	Except    yaml.Node      `yaml:"except"`
	Needs     []yaml.Node    `yaml:"needs"`
	Variables map[string]any `yaml:"variables"`
	Timeout   string         `yaml:"timeout"`
}

func checkFile(a generate.Artifact) []generate.Problem {
	c := &checker{a: a, jobs: map[string]job{}}
	var root yaml.Node
	if err := yaml.Unmarshal(a.Content, &root); err != nil || len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		c.fail("syntax", "", "it is no mapping of jobs: %v", err)
		return c.out
	}
	stages := []string{".pre", "build", "test", "deploy", ".post"}
	doc := root.Content[0]
	for i := 0; i+1 < len(doc.Content); i += 2 {
		name, value := doc.Content[i].Value, doc.Content[i+1]
		switch {
		case name == "stages":
			var own []string
			if value.Decode(&own) == nil {
				stages = append([]string{".pre", ".post"}, own...)
			}
		case name == "variables":
			var variables map[string]any
			if value.Decode(&variables) == nil {
				c.variables(variables)
			}
		case slices.Contains(keywords, name):
			if has(value, "script") && name != "default" && name != "pages" {
				c.fail("job-name", name+":", "%q is a keyword of the file and no name of a job", name)
			}
		default:
			var j job
			if err := value.Decode(&j); err != nil {
				c.fail("syntax", name, "job %s: %v", name, err)
				continue
			}
			c.jobs[name] = j
			c.order = append(c.order, name)
		}
	}
	if !slices.ContainsFunc(c.order, func(n string) bool { return !strings.HasPrefix(n, ".") }) {
		c.fail("no-job", "", "there is no job")
	}
	for _, name := range c.order {
		c.job(name, c.jobs[name], stages)
	}
	return c.out
}

func has(n *yaml.Node, key string) bool {
	return n.Kind == yaml.MappingNode && slices.ContainsFunc(n.Content, func(k *yaml.Node) bool { return k.Value == key })
}

type checker struct {
	a     generate.Artifact
	jobs  map[string]job
	order []string
	out   []generate.Problem
}

func (c *checker) fail(rule, at, format string, args ...any) {
	line := 0
	if i := bytes.Index(c.a.Content, []byte(at)); i >= 0 && at != "" {
		line = 1 + bytes.Count(c.a.Content[:i], []byte("\n"))
	}
	c.out = append(c.out, generate.Problem{File: c.a.Path, Line: line, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
}

func (c *checker) variables(all map[string]any) {
	for name, v := range all {
		text, _ := v.(string)
		if pipeline.SecretInFile(name, text) {
			c.fail("secret-in-file", name, "%s holds its value in the file: make it a masked variable of the project", name)
		}
	}
}

func (c *checker) job(name string, j job, stages []string) {
	if len(name) > 255 || name == "true" || name == "false" || name == "nil" {
		c.fail("job-name", name, "%q is not the name of a job", name)
	}
	hidden := strings.HasPrefix(name, ".")
	if !hidden && j.Script.IsZero() && j.Trigger.IsZero() && j.Extends.IsZero() {
		c.fail("script", name, "job %s has no script", name)
	}
	if j.Stage != "" && !slices.Contains(stages, j.Stage) {
		c.fail("stage-unknown", name, "job %s is of the stage %s, which stages does not name", name, j.Stage)
	}
	if !j.Rules.IsZero() && (!j.Only.IsZero() || !j.Except.IsZero()) {
		c.fail("rules-and-only", name, "job %s has rules and also only or except", name)
	}
	if j.Timeout != "" && !duration().MatchString(j.Timeout) {
		c.fail("timeout", j.Timeout, "job %s: %q is not a duration, such as 1h 30m", name, j.Timeout)
	}
	c.variables(j.Variables)
	c.needs(name, j)
	c.engine(name, j)
	for rule, message := range pipeline.Script(text(&j.Script)) {
		c.fail(rule, name, "job %s: %s", name, message)
	}
}

func (c *checker) needs(name string, j job) {
	for i := range j.Needs {
		n := &j.Needs[i]
		other, optional := n.Value, false
		if n.Kind == yaml.MappingNode {
			var need Need
			if n.Decode(&need) == nil {
				other, optional = need.Job, need.Optional
			}
		}
		if _, ok := c.jobs[other]; !ok && other != "" && !optional {
			c.fail("needs-unknown", other, "job %s needs %s, which there is not", name, other)
		}
	}
}

// engine holds that images are pinned, and that an engine beside a job is reached by TLS.
func (c *checker) engine(name string, j job) {
	images := []string{}
	collect := func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			images = append(images, n.Value)
			return
		}
		var i Image
		if n.Decode(&i) == nil {
			images = append(images, i.Name)
		}
	}
	if !j.Image.IsZero() {
		collect(&j.Image)
	}
	for _, s := range j.Services.Content {
		collect(s)
	}
	for _, i := range images {
		if strings.HasSuffix(i, ":latest") || !strings.ContainsAny(path.Base(i), ":@$") && i != "" {
			c.fail("image-tag", i, "job %s: the image %s is another one every day: name a release", name, i)
		}
		if strings.Contains(i, "-dind") || strings.HasSuffix(i, ":dind") {
			if dir, ok := j.Variables["DOCKER_TLS_CERTDIR"]; !ok || dir == "" || j.Variables["DOCKER_TLS_VERIFY"] != "1" {
				c.fail("engine-without-tls", name, "job %s: the engine beside it is reached without TLS: set DOCKER_TLS_CERTDIR, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH", name)
			}
		}
	}
}

// text joins the lines of a script.
func text(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	var lines []string
	for _, l := range n.Content {
		lines = append(lines, text(l))
	}
	return strings.Join(lines, "\n")
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
