// Package jenkins makes a declarative pipeline for Jenkins that builds, tests, scans, pushes and deploys the images.
package jenkins

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/pipeline"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the guide goes, and the pipeline where the source has one of its own.
const Dir = "deploy/jenkins"

// PipelineFile is what a multibranch project looks for unless it is told another name.
const PipelineFile = "Jenkinsfile"

// Target makes the pipeline.
type Target struct {
	// ReadFile reads a file of the source, to see whether it has a Jenkinsfile; nil: it has none.
	ReadFile func(path string) ([]byte, error)
}

// Name is "jenkins".
func (Target) Name() string { return "jenkins" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Pipeline }

// Describe says what the target is for.
func (Target) Describe() string {
	return "Jenkins: a declarative pipeline that builds, tests, scans, pushes and deploys the images"
}

// file is a Jenkinsfile in the making. Source: Jenkins User Documentation, "Pipeline syntax".
type file struct {
	b       strings.Builder
	origins []generate.Origin
	depth   int
}

func (f *file) line(why string, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if strings.HasPrefix(text, "}") {
		f.depth--
	}
	f.b.WriteString(strings.Repeat("  ", f.depth) + text + "\n")
	if strings.HasSuffix(text, "{") {
		f.depth++
	}
	f.origins = append(f.origins, generate.Origin{Why: why})
}

// sh writes a script. Between three single quotes Groovy puts nothing into a text, so that a secret stays in the shell's environment and
// out of the log; what Groovy reads there is a backslash and the quotes.
func (f *file) sh(why string, lines ...[]string) {
	f.line(why, "sh '''")
	for _, l := range lines {
		for _, text := range l {
			f.b.WriteString(strings.Repeat("  ", f.depth+1) + quoted(text) + "\n")
			f.origins = append(f.origins, generate.Origin{})
		}
	}
	f.line("", "'''")
}

func quoted(s string) string {
	return strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s)
}

// withCredentials puts the steps of body into a block that has the registry's login and further secrets.
func (f *file) withCredentials(registry bool, secrets []string, body func()) {
	var bindings []string
	if registry {
		bindings = append(bindings, fmt.Sprintf("usernamePassword(credentialsId: 'registry', usernameVariable: '%s', passwordVariable: '%s')", pipeline.User, pipeline.Password))
	}
	for _, s := range secrets {
		bindings = append(bindings, fmt.Sprintf("string(credentialsId: '%s', variable: '%s')", id(s), s))
	}
	if len(bindings) == 0 {
		body()
		return
	}
	f.line("credentials of Jenkins, masked in the log", "withCredentials([%s]) {", strings.Join(bindings, ", "))
	body()
	f.line("", "}")
}

// id is the id of the credentials with a variable: HEROKU_API_KEY is heroku-api-key.
func id(variable string) string { return strings.ToLower(strings.ReplaceAll(variable, "_", "-")) }

func (f *file) stage(name, when string, body func()) {
	f.line("", "stage('%s') {", name)
	if when != "" {
		f.line("", "when { %s }", when)
	}
	f.line("", "steps {")
	body()
	f.line("", "}")
	f.line("", "}")
}

// Generate makes the pipeline, compose.yaml for its test, and the guide.
func (t Target) Generate(ctx context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	x, err := pipeline.New(ctx, p)
	if err != nil || x == nil {
		return nil, err
	}
	f := &file{}
	f.line("", "// "+generate.Header)
	f.line("", "pipeline {")
	f.line("an agent with a Docker engine and its plugins buildx and compose", "agent { label 'docker' }")
	f.line("", "options {")
	f.line("a build that hangs ends", "timeout(time: 60, unit: 'MINUTES')")
	f.line("two builds of one branch would use the same names", "disableConcurrentBuilds()")
	f.line("", "buildDiscarder(logRotator(numToKeepStr: '20'))")
	f.line("", "}")
	f.line("", "environment {")
	f.line("replace it by your registry", "%s = '%s'", pipeline.Registry, generate.PushRegistry)
	f.line("what is pushed is named by the commit: never another image under the same name", "%s = \"${env.GIT_COMMIT}\"", pipeline.Tag)
	f.line("", "}")
	f.line("", "stages {")
	f.stage("Build", "", func() {
		f.withCredentials(true, nil, func() {
			f.sh("the layers of the build before are in the registry, which is why a build logs in", x.Login(), x.Cache(), x.All(x.Build))
		})
	})
	f.stage("Test", "", func() { f.sh("the images run with their services and answer before anybody can pull them", x.Test()) })
	f.stage("Scan", "", func() { f.sh("vulnerabilities for which there is a remedy end the build", x.All(x.Scan)) })
	f.stage("Push", "anyOf { branch 'main'; branch 'master'; buildingTag() }", func() { f.sh("", x.All(x.Push)) })
	for _, d := range x.Deploys {
		f.stage("Deploy to "+d.Target, "anyOf { branch 'main'; branch 'master' }", func() {
			f.withCredentials(strings.Contains(strings.Join(d.Run, "\n"), "docker pull"), d.Secrets, func() { f.sh("", d.Run) })
		})
	}
	f.line("", "}")
	f.line("", "post {")
	f.line("", "always {")
	f.sh("", []string{`docker compose -f compose.yaml down --volumes >/dev/null 2>&1 || true`, `docker logout "${REGISTRY%%/*}"`, "rm -f .env image.tar .cf-vars.yml"})
	f.line("", "}")
	f.line("", "}")
	f.line("", "}")
	content := []byte(f.b.String())
	place, own := generate.Place(t.ReadFile, PipelineFile, Dir)
	made := generate.Artifact{Path: place, Content: content, Origins: f.origins[:bytes.Count(content, []byte("\n"))]}
	return []generate.Artifact{made, x.Compose, guide(x, place, own)}, nil
}

func guide(x *pipeline.Pipeline, place string, own bool) generate.Artifact {
	kept := ""
	if own {
		kept = PipelineFile
	}
	g := x.Guide(Dir, x.Plan.Name+" with Jenkins", place, kept)
	g.Step(fmt.Sprintf("Make a multibranch pipeline of this repository with `%s` as its script path. It needs the plugins Pipeline, Git and Credentials Binding, and an agent with the label docker that has a Docker engine (20.10 or newer) with the plugins buildx and compose.", place))
	g.Step("Add the credentials `registry` (user name and password) and put the registry's host and path in the place of `registry.example.com`.")
	for _, v := range x.BuildVariables() {
		g.Step(fmt.Sprintf("The build reads the file that %s names: give it to the agent, or bind a secret file to that variable.", v))
	}
	for _, d := range x.Deploys {
		var ids []string
		for _, s := range d.Secrets {
			ids = append(ids, id(s))
		}
		g.Step(fmt.Sprintf("Add the credentials %s (secret text) for the deployment to %s.", strings.Join(ids, ", "), d.Target))
	}
	x.Deployments(g, "credentials of Jenkins")
	g.Text("No build of a pull request from outside should have credentials: let the project trust only people who may write (Discover pull requests from forks, Trust).")
	return g.Artifact()
}

// Check applies the rules to the pipeline.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path == PipelineFile || a.Path == path.Join(Dir, PipelineFile) {
			out = append(out, checkFile(a)...)
		}
	}
	return out
}

// Rules are the ids of what Check refuses. Source: Jenkins User Documentation, "Pipeline syntax" and "Using a Jenkinsfile, String interpolation".
func Rules() []string {
	return append(pipeline.ScriptRules(), "syntax", "pipeline", "agent", "agent-any", "stages", "steps", "timeout", "interpolated-script", "secret-in-file")
}

var (
	interpolated = regexp.MustCompile(`\bsh\s*\(?\s*("""|")(?:[^"\\]|\\.|"[^"])*\$`)
	assignment   = regexp.MustCompile(`(?m)^\s*([A-Z_]+)\s*=\s*['"]([^'"]*)['"]`)
	stageBlock   = regexp.MustCompile(`(?m)^\s*stage\s*\(`)
	stepsBlock   = regexp.MustCompile(`(?m)\b(steps|stages|parallel)\s*\{`)
)

// checkFile looks at a declarative pipeline as text. A scripted one (node { … }) is a program, and is refused as what this target does not make.
func checkFile(a generate.Artifact) []generate.Problem {
	var out []generate.Problem
	text := string(a.Content)
	fail := func(rule, at, message string) {
		line := 0
		if i := strings.Index(text, at); i >= 0 && at != "" {
			line = 1 + strings.Count(text[:i], "\n")
		}
		out = append(out, generate.Problem{File: a.Path, Line: line, Rule: rule, Message: message, Error: true})
	}
	code, balanced := outside(text)
	if !balanced {
		fail("syntax", "", "a quote, brace or bracket is open at the end, or closed too often")
	}
	if !strings.HasPrefix(strings.TrimSpace(code), "pipeline {") {
		fail("pipeline", "", "a declarative pipeline is one block: pipeline { … }")
	}
	if !regexp.MustCompile(`\bagent\b`).MatchString(code) {
		fail("agent", "", "nothing says where it runs: agent { label '…' }")
	}
	if regexp.MustCompile(`\bagent\s+any\b`).MatchString(code) {
		fail("agent-any", "agent", "agent any may be one without a Docker engine, or the controller itself: name a label")
	}
	if !regexp.MustCompile(`\bstages\s*\{`).MatchString(code) {
		fail("stages", "", "there are no stages")
	}
	if stages, steps := len(stageBlock.FindAllString(code, -1)), len(stepsBlock.FindAllString(code, -1)); stages > 0 && steps-1 < stages {
		fail("steps", "stage", fmt.Sprintf("%d stages, and not each has steps", stages))
	}
	if !strings.Contains(code, "timeout(") {
		fail("timeout", "", "a build that hangs never ends: options { timeout(time: …) }")
	}
	if m := interpolated.FindString(text); m != "" {
		fail("interpolated-script", m, "a script between double quotes: Groovy puts secrets into its text, which the log and every process show; use '''…'''")
	}
	for _, m := range assignment.FindAllStringSubmatch(text, -1) {
		if pipeline.SecretInFile(m[1], m[2]) {
			fail("secret-in-file", m[1], m[1]+" holds its value in the file: bind credentials")
		}
	}
	for rule, message := range pipeline.Script(text) {
		fail(rule, "", message)
	}
	return out
}

// outside is the text without what stands between quotes and in comments, and whether quotes and brackets close.
func outside(text string) (string, bool) {
	var code strings.Builder
	var open []byte
	pairs := map[byte]byte{'}': '{', ')': '(', ']': '['}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case strings.HasPrefix(text[i:], "//"):
			for i < len(text) && text[i] != '\n' {
				i++
			}
			code.WriteByte('\n')
		case c == '\'' || c == '"':
			end := string(c)
			if strings.HasPrefix(text[i:], strings.Repeat(end, 3)) {
				end = strings.Repeat(end, 3)
			}
			i += len(end)
			for i < len(text) && !strings.HasPrefix(text[i:], end) {
				if text[i] == '\\' {
					i++
				}
				i++
			}
			if i >= len(text) {
				return code.String(), false
			}
			i += len(end) - 1
			code.WriteString("''")
		default:
			if strings.IndexByte("{([", c) >= 0 {
				open = append(open, c)
			} else if pairs[c] != 0 {
				if len(open) == 0 || open[len(open)-1] != pairs[c] {
					return code.String(), false
				}
				open = open[:len(open)-1]
			}
			code.WriteByte(c)
		}
	}
	return code.String(), len(open) == 0
}
