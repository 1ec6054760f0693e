// Package all lists the targets.
package all

import (
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/azurepipelines"
	"github.com/drydock-cli/drydock/generate/cloudfoundry"
	"github.com/drydock-cli/drydock/generate/cloudrun"
	"github.com/drydock-cli/drydock/generate/codebuild"
	"github.com/drydock-cli/drydock/generate/compose"
	"github.com/drydock-cli/drydock/generate/containerapps"
	"github.com/drydock-cli/drydock/generate/containerinstances"
	"github.com/drydock-cli/drydock/generate/convox"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/generate/fargate"
	"github.com/drydock-cli/drydock/generate/githubactions"
	"github.com/drydock-cli/drydock/generate/gitlabci"
	"github.com/drydock-cli/drydock/generate/helm"
	"github.com/drydock-cli/drydock/generate/heroku"
	"github.com/drydock-cli/drydock/generate/jenkins"
	"github.com/drydock-cli/drydock/generate/kubernetes"
	"github.com/drydock-cli/drydock/generate/openshift"
	"github.com/drydock-cli/drydock/generate/swarm"
	"github.com/drydock-cli/drydock/generate/vm"

	"github.com/drydock-cli/drydock/generate/ecs"
	"github.com/drydock-cli/drydock/generate/lambda"
	"github.com/drydock-cli/drydock/generate/openfaas"
	"github.com/drydock-cli/drydock/generate/openwhisk"
	"github.com/drydock-cli/drydock/generate/sagemaker"
	"github.com/drydock-cli/drydock/generate/serverless"
)

// Options say what the targets work with.
type Options struct {
	Templates fs.FS                  // templates.FS(), or an overlay on it
	Exists    func(path string) bool // whether a path of the source exists, for checks; nil: not checked
	// Random makes the local values of .env; nil: no .env is made. ReadFile reads a file of the source; nil: .gitignore is left alone.
	Random   io.Reader
	ReadFile func(path string) ([]byte, error)
}

// Targets returns every target in the order in which files are made.
func Targets(o Options) []generate.Target {
	return []generate.Target{
		dockerfile.Target{Templates: o.Templates, Exists: o.Exists},
		compose.Target{Random: o.Random, ReadFile: o.ReadFile},
		fargate.Target{},
		ecs.Target{},
		kubernetes.Target{},
		helm.Target{},
		lambda.Target{},
		openfaas.Target{},
		openwhisk.Target{},
		sagemaker.Target{},
		serverless.Target{},
		openshift.Target{},
		swarm.Target{},
		cloudrun.Target{},
		containerinstances.Target{},
		containerapps.Target{},
		heroku.Target{ReadFile: o.ReadFile},
		cloudfoundry.Target{},
		convox.Target{ReadFile: o.ReadFile},
		githubactions.Target{ReadFile: o.ReadFile},
		gitlabci.Target{ReadFile: o.ReadFile},
		jenkins.Target{ReadFile: o.ReadFile},
		azurepipelines.Target{ReadFile: o.ReadFile},
		codebuild.Target{ReadFile: o.ReadFile},
		vm.Target{},
	}
}

// Names lists the targets that can be chosen.
func Names() []string {
	var names []string
	for _, t := range Targets(Options{}) {
		names = append(names, t.Name())
	}
	return names
}

// Select returns the named targets, in the order of Targets. The Dockerfile is
// always among them: every other target runs the image that it makes.
func Select(o Options, names []string) ([]generate.Target, error) {
	wanted := map[string]bool{"dockerfile": true}
	for _, n := range names {
		wanted[n] = true
	}
	var out []generate.Target
	for _, t := range Targets(o) {
		if wanted[t.Name()] {
			out = append(out, t)
			delete(wanted, t.Name())
		}
	}
	for _, n := range names {
		if wanted[n] {
			return nil, fmt.Errorf("no target %q; there are %s", n, strings.Join(Names(), ", "))
		}
	}
	return out, nil
}
