// Package generate turns a plan into the files of each target platform.
package generate

import (
	"context"
	"io/fs"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// Artifact is one generated file.
type Artifact struct {
	Path    string // slash-separated, relative to the output directory
	Mode    fs.FileMode
	Content []byte
	Target  string   // name of the target that made it
	Origins []Origin // one entry per line of Content, in order; a line without a reason of its own has a zero Origin
	// Base is the source's own file that Content adds to (.gitignore), so that writing
	// merges with it; nil: Content is wholly drydock's.
	Base []byte
	// Ephemeral says that the file is written once and never merged or replaced (.env with local values).
	Ephemeral bool
}

// Origin is why a line is as it is.
type Origin struct {
	Fields   []string // plan fields by their path: "components.web.languageVersion"
	Why      string   // one sentence
	Evidence []detect.Evidence
}

// Target turns a plan into files for one platform.
type Target interface {
	// Name is what --target takes.
	Name() string
	// Describe says in one line what the platform is for.
	Describe() string
	// Generate makes the files. It reads nothing but the plan.
	Generate(ctx context.Context, p *plan.Plan) ([]Artifact, error)
	// Check returns what the platform itself would refuse in files that may have been edited.
	Check(artifacts []Artifact) []Problem
}

// Problem is something that a platform would refuse or that a linter objects to.
type Problem struct {
	File    string
	Line    int
	Rule    string // stable id
	Message string
	Error   bool // false: advice
}
