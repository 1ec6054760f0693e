package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"mvdan.cc/sh/v3/shell"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// Unset rejects a finding, or takes a decision out: a service that is not needed, a variable, a process. drydock.yaml says null
// in its place, so that it stays away. A refusal changes nothing.
func (j *Job) Unset(path string) error {
	keep := j.remember(path)
	if err := j.plan.Unset(path); err != nil {
		return &UsageError{err}
	}
	j.artifacts, j.pinned = nil, false
	j.decide(Change{Path: path, Drop: true})
	keep()
	return nil
}

// Save writes drydock.yaml alone: what was found and decided so far, and none of the files that follow from it.
func (j *Job) Save(ctx context.Context) ([]FileState, error) {
	a, err := j.planArtifact()
	if err != nil {
		return nil, err
	}
	return j.write(ctx, []Artifact{a}, false)
}

// Reread takes in what a person wrote into drydock.yaml while the job was under way. Without such a file nothing changes.
func (j *Job) Reread(context.Context) error {
	name := filepath.Join(j.output, plan.FileName)
	data, err := readLimited(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	if err := j.plan.Apply(data); err != nil {
		return &UsageError{fmt.Errorf("%s: %w", name, err)}
	}
	j.artifacts, j.pinned, j.decided, j.history = nil, false, nil, nil
	return nil
}

// Report writes the last verdict as a page under .drydock in the output directory, and returns the page's path.
func (j *Job) Report(context.Context) (string, error) {
	if j.verdict == nil {
		return "", &UsageError{errors.New("there is no verdict yet: verify first")}
	}
	if err := os.MkdirAll(filepath.Join(j.output, generate.StateDir), 0o755); err != nil {
		return "", fmt.Errorf("write the report: %w", err)
	}
	name := filepath.Join(j.output, generate.StateDir, "report.html")
	r := &Result{Findings: j.findings, Verdict: j.verdict, Command: j.Command()}
	return name, r.WriteReport(name)
}

// corrected begins the reason of a value that a person put in the place of a finding.
const corrected = "instead of "

// insteadOf says, for drydock.yaml and whoever asks why, what the source said where a person decides something else.
func insteadOf(f plan.Field, value string) string {
	switch {
	case f.From == detect.Chosen && strings.HasPrefix(f.Why, corrected):
		return f.Why // of an earlier correction: the finding is still the same
	case f.From == detect.Chosen || f.Value == "" || f.Value == value:
		return ""
	}
	why := corrected + detect.Printable(f.Value, 60)
	if len(f.Evidence) > 0 {
		return why + ", " + place(f.Evidence[0])
	}
	return why
}

// Editor is the command that opens a file in the person's editor: VISUAL, then EDITOR, as a shell would read them, else vi.
func Editor(file string) (*exec.Cmd, error) {
	given := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), "vi")
	words, err := shell.Fields(given, func(string) string { return "" })
	if err != nil || len(words) == 0 {
		return nil, &UsageError{fmt.Errorf("EDITOR=%s is not a command", given)}
	}
	return exec.Command(words[0], append(words[1:], file)...), nil //nolint:gosec,noctx // the person's own editor, which only the person ends
}
