// Package all lists the detectors.
package all

import (
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/java"
	"github.com/drydock-cli/drydock/detect/ruby"
)

// Detectors returns every detector. Their order has no meaning.
func Detectors() []detect.Detector {
	return []detect.Detector{
		java.Detector{},
		ruby.Detector{},
	}
}
