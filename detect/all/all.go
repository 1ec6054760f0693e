// Package all lists the detectors and the surveys.
package all

import (
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/dotnet"
	"github.com/drydock-cli/drydock/detect/elixir"
	"github.com/drydock-cli/drydock/detect/erlang"
	"github.com/drydock-cli/drydock/detect/golang"
	"github.com/drydock-cli/drydock/detect/java"
	"github.com/drydock-cli/drydock/detect/native"
	"github.com/drydock-cli/drydock/detect/node"
	"github.com/drydock-cli/drydock/detect/perl"
	"github.com/drydock-cli/drydock/detect/php"
	"github.com/drydock-cli/drydock/detect/python"
	"github.com/drydock-cli/drydock/detect/ruby"
	"github.com/drydock-cli/drydock/detect/rust"
	"github.com/drydock-cli/drydock/detect/static"
	"github.com/drydock-cli/drydock/detect/survey"
)

// Detectors returns every detector. Their order has no meaning.
func Detectors() []detect.Detector {
	return []detect.Detector{
		dotnet.Detector{},
		elixir.Detector{},
		erlang.Detector{},
		golang.Detector{},
		java.Detector{},
		native.Detector{},
		node.Detector{},
		perl.Detector{},
		php.Detector{},
		python.Detector{},
		ruby.Detector{},
		rust.Detector{},
		static.Detector{},
	}
}

// Surveys returns what looks at a repository as a whole once its components are known.
func Surveys() []detect.Survey { return []detect.Survey{survey.Repository{}} }
