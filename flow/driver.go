// Package flow is the whole job, from a source to a verdict, as one function
// over the stages. It is the only room that knows them all: the command line
// and the wizard drive it and nothing else.
package flow

import (
	"context"
	"errors"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
	"github.com/drydock-cli/drydock/verify"
)

// Aliases of what the stages hand to whoever shows it, so that a screen needs no stage's package.
type (
	// Findings is all that detection says.
	Findings = detect.Findings
	// Evidence is a place that proves a finding.
	Evidence = detect.Evidence
	// Artifact is one generated file.
	Artifact = generate.Artifact
	// Problem is what a platform would refuse.
	Problem = generate.Problem
	// UnsupportedError says that no template serves what the plan asks for; FieldOf tells which field would change that.
	UnsupportedError = generate.UnsupportedError
	// Verdict is the result of a verification.
	Verdict = verify.Verdict
	// ComponentVerdict is what was seen of one component.
	ComponentVerdict = verify.ComponentVerdict
	// Ref is a branch or a tag of a source.
	Ref = source.Ref
	// RunResult is what was seen of a component's container.
	RunResult = verify.RunResult
)

// TargetInfo describes a target that can be chosen.
type TargetInfo struct {
	Name     string
	Describe string
	Kind     string // the group that lists show it in: "cluster", "functions"
	Chosen   bool
}

// FileState says what writing would do to one file.
type FileState struct {
	Path   string
	Action string // new, same, update, merge, conflict, keep
	Diff   string // unified, from what is on disk to what would be written; empty when there is nothing to show
	// Foreign says of a file in the way that drydock never wrote it: nobody edited it, it was there before.
	Foreign bool
}

// Driver is a job taken stage by stage, as the wizard does. Methods are called
// from one goroutine at a time, except that events arrive on the sink from
// others. Going back means calling an earlier method again.
type Driver interface {
	// Refs lists the branches and tags that a Git location offers. What is open stays open; credentials are not asked for.
	Refs(ctx context.Context, location string) ([]Ref, error)
	// Open opens the source and detects what it holds. An earlier source is closed.
	Open(ctx context.Context, location string, sink progress.Sink) (*Findings, error)
	// Plan is the present plan; nil before Open.
	Plan() *plan.Plan
	// Questions are the points that evidence does not settle.
	Questions() []ask.Question
	// Set changes a plan field by its path. A refused value changes nothing.
	Set(path, value string) error
	// Unset rejects a finding or takes a decision out. A refusal changes nothing.
	Unset(path string) error
	// Undo takes the last of Set, Unset and SetTargets back, as if it had not been, and says what stands there again; false: there
	// is none. What a repair or a person's editor has changed since is not undone, nor what was before it.
	Undo() (Change, bool)
	// Targets lists what can be generated, and SetTargets chooses.
	Targets() []TargetInfo
	SetTargets(names []string) error
	// Source returns up to max lines of a file of the source around a line, for the evidence pane,
	// with the number of the first line. Text is neutralised: no control characters.
	Source(ctx context.Context, file string, line, max int) (lines []string, first int, err error)
	// Generate makes the files of the plan and checks them.
	Generate(ctx context.Context) ([]Artifact, []Problem, error)
	// Preview says what Write would do.
	Preview(ctx context.Context) ([]FileState, error)
	// OutputDir is where Write writes.
	OutputDir() string
	// Write writes the files. force replaces files that were edited, keeping them as NAME.orig.
	Write(ctx context.Context, force bool) ([]FileState, error)
	// Save writes drydock.yaml alone.
	Save(ctx context.Context) ([]FileState, error)
	// Reread takes in what a person wrote into drydock.yaml on disk meanwhile.
	Reread(ctx context.Context) error
	// Report writes the last verdict as a page and returns its path.
	Report(ctx context.Context) (string, error)
	// Verify builds, starts, probes, measures and cleans up. What fails is repaired where a remedy is known: approve is asked
	// before each, from the goroutine of this call; nil approves all. The verdict may be there beside an error.
	Verify(ctx context.Context, sink progress.Sink, approve Approve) (*Verdict, error)
	// Command is the command line that does the same without questions.
	Command() []string
	// Explain says why a line of an artifact is as it is; line is from 1.
	Explain(path string, line int) (why string, evidence []Evidence)
	// Close releases the source.
	Close() error
}

// IsRemote reports whether a location is one that is cloned from a server.
func IsRemote(location string) bool { return source.IsRemote(location) }

// FieldOf is the plan field that cures an error of Generate, by its path; empty: none in particular.
func FieldOf(err error) string {
	var u *generate.UnsupportedError
	if errors.As(err, &u) {
		return u.Field
	}
	return ""
}

// Recent is a source that was used before.
type Recent struct {
	Location string
	Summary  string // "Rails 4.2"
	Outcome  string // "healthy"
	When     string // RFC 3339
}
