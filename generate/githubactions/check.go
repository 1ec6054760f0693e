package githubactions

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

// Check applies the rules to the workflow: what GitHub refuses, and what a workflow that holds secrets must not do.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path == WorkflowFile || a.Path == path.Join(Dir, path.Base(WorkflowFile)) {
			out = append(out, checkFile(a)...)
		}
	}
	return out
}

// Rules are the ids of what Check refuses. Sources: GitHub documentation, "Workflow syntax" and "Secure use reference".
func Rules() []string {
	return []string{"trigger", "permissions", "no-job", "job-id", "needs-unknown", "runner", "timeout", "step", "action-pin", "expression-in-script", "password-as-word", "secret-in-log", "target-of-pull-requests"}
}

var (
	jobID    = lazy(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	commit   = lazy(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	floating = lazy(`-latest$`)
)

type document struct {
	On          yaml.Node      `yaml:"on"`
	Permissions yaml.Node      `yaml:"permissions"`
	Jobs        map[string]job `yaml:"jobs"`
}

type job struct {
	Needs       yaml.Node `yaml:"needs"`
	RunsOn      any       `yaml:"runs-on"`
	Timeout     any       `yaml:"timeout-minutes"`
	Permissions yaml.Node `yaml:"permissions"`
	Uses        string    `yaml:"uses"`
	Steps       []struct {
		Name string `yaml:"name"`
		Uses string `yaml:"uses"`
		Run  string `yaml:"run"`
	} `yaml:"steps"`
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
	if d.On.IsZero() {
		fail("trigger", "on", "nothing says when it runs")
	}
	if bytes.Contains(a.Content, []byte("pull_request_target")) {
		fail("target-of-pull-requests", "pull_request_target", "pull_request_target runs with the repository's secrets on a stranger's commit: use pull_request")
	}
	if p := d.Permissions; p.IsZero() || p.Value == "write-all" {
		fail("permissions", "permissions", "without permissions, or with write-all, every job may write: say contents: read")
	}
	if len(d.Jobs) == 0 {
		fail("no-job", "jobs", "there is no job")
	}
	for id, j := range d.Jobs {
		j.check(id, d.Jobs, fail)
	}
	slices.SortFunc(out, func(x, y generate.Problem) int { return strings.Compare(x.Message, y.Message) })
	return out
}

func (j job) check(id string, jobs map[string]job, fail func(rule, at, format string, args ...any)) {
	if !jobID().MatchString(id) {
		fail("job-id", id, "job %q: letters, digits, - and _ are wanted, not starting with a digit", id)
	}
	needs := []string{}
	if j.Needs.Kind == yaml.ScalarNode {
		needs = append(needs, j.Needs.Value)
	} else {
		_ = j.Needs.Decode(&needs) // what is no list names no job
	}
	for _, n := range needs {
		if _, ok := jobs[n]; !ok {
			fail("needs-unknown", n, "job %s needs %s, which there is not", id, n)
		}
	}
	if j.Uses != "" {
		return
	}
	if r, _ := j.RunsOn.(string); j.RunsOn == nil || floating().MatchString(r) {
		fail("runner", "runs-on", "job %s: a runner by its release is wanted, such as %s", id, runner)
	}
	if _, ok := j.Timeout.(int); !ok {
		fail("timeout", id, "job %s has no timeout-minutes: one that hangs runs for six hours", id)
	}
	for _, s := range j.Steps {
		if (s.Uses == "") == (s.Run == "") {
			fail("step", s.Name, "job %s: a step is an action (uses) or a script (run)", id)
		}
		if s.Uses != "" && !strings.HasPrefix(s.Uses, "./") && !commit().MatchString(s.Uses) {
			fail("action-pin", s.Uses, "job %s: %s can change: name the action by its commit", id, s.Uses)
		}
		if strings.Contains(s.Run, "${{") {
			fail("expression-in-script", "${{", "job %s: a script holds an expression, whose text becomes part of the command: hand it over by env", id)
		}
		for rule, message := range pipeline.Script(s.Run) {
			fail(rule, s.Name, "job %s: %s", id, message)
		}
	}
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
