package jenkins_test

import (
	"io/fs"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/generate/jenkins"
	"github.com/drydock-cli/drydock/generate/targettest"
)

func TestConformance(t *testing.T) {
	made := targettest.Run(t, jenkins.Target{})
	made["deployments"] = targettest.Generate(t, jenkins.Target{}, targettest.Plan(t, "rails-shop", "jenkins", "compose", "kubernetes", "helm", "openshift", "fargate", "heroku", "cloudfoundry", "convox"))
	if text := targettest.Text(t, made["deployments"], jenkins.PipelineFile); !strings.Contains(text, "string(credentialsId: 'heroku-api-key', variable: 'HEROKU_API_KEY')") {
		t.Error(text)
	}
	for app, artifacts := range made {
		scripts := scripts(t, targettest.Text(t, artifacts, jenkins.PipelineFile))
		if len(scripts) < 5 {
			t.Errorf("%s: %d scripts", app, len(scripts))
		}
		for _, s := range scripts {
			if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(s), app); err != nil {
				t.Errorf("%s: %v\n%s", app, err, s)
			}
		}
		if all := strings.Join(scripts, ""); strings.Contains(all, `printf 'X`) || strings.Contains(all, "%s\n'") {
			t.Errorf("%s: Groovy has taken a backslash:\n%s", app, all)
		}
	}
}

// scripts are the texts between three single quotes, as Groovy reads them.
func scripts(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	for i, part := range strings.Split(text, "'''") {
		if i%2 == 0 {
			continue
		}
		var b strings.Builder
		for j := 0; j < len(part); j++ {
			if part[j] == '\\' {
				j++
				if part[j] != '\\' && part[j] != '\'' {
					t.Errorf("Groovy reads \\%c as another letter: %s", part[j], part)
				}
			}
			b.WriteByte(part[j])
		}
		out = append(out, b.String())
	}
	return out
}

func TestOwnFile(t *testing.T) {
	target := jenkins.Target{ReadFile: func(name string) ([]byte, error) {
		if name == jenkins.PipelineFile {
			return []byte("node { sh 'make' }\n"), nil
		}
		return nil, fs.ErrNotExist
	}}
	if got := targettest.Generate(t, target, targettest.Plan(t, "static-almanac", "jenkins"))[0].Path; got != "deploy/jenkins/Jenkinsfile" {
		t.Error(got)
	}
}

const good = `// made
pipeline {
  agent { label 'docker' }
  options { timeout(time: 60, unit: 'MINUTES') }
  environment {
    LANG = 'C'
  }
  stages {
    stage('Push') {
      steps {
        sh '''
          docker push x
        '''
      }
    }
  }
}
`

func TestRules(t *testing.T) {
	targettest.Rules(t, jenkins.Target{}, jenkins.PipelineFile, good, jenkins.Rules(), []targettest.Sample{
		{Rule: "syntax", Old: "'MINUTES')", New: "'MINUTES'"},
		{Rule: "syntax", Old: "label 'docker'", New: "label 'docker"},
		{Rule: "pipeline", Old: "pipeline {", New: "node {"},
		{Rule: "agent", Old: "  agent { label 'docker' }\n", New: ""},
		{Rule: "agent-any", Old: "agent { label 'docker' }", New: "agent any"},
		{Rule: "stages", Old: "stages {", New: "steps {"},
		{Rule: "steps", Old: "      steps {\n", New: "      script {\n"},
		{Rule: "timeout", Old: "  options { timeout(time: 60, unit: 'MINUTES') }\n", New: ""},
		{Rule: "interpolated-script", Old: "sh '''\n          docker push x\n        '''", New: "sh \"\"\"\n          login ${PASSWORD}\n        \"\"\""},
		{Rule: "secret-in-file", Old: "LANG = 'C'", New: "API_TOKEN = 'hunter2'"},
		{Rule: "password-as-word", Old: "docker push x", New: "docker login -u x -p $P r"},
		{Rule: "secret-in-log", Old: "docker push x", New: "echo $REGISTRY_PASSWORD"},
	})
}
