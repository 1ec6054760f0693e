package flow

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	targets "github.com/drydock-cli/drydock/generate/all"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
	"github.com/drydock-cli/drydock/verify"
)

// chosenTargets are the targets of the plan, with the Dockerfile that all of them stand on.
func (j *Job) chosenTargets() ([]generate.Target, error) {
	exists := func(name string) bool {
		if _, ok := j.tree.Lookup(name); ok {
			return true
		}
		entries, err := j.tree.ReadDir(name)
		return err == nil && len(entries) > 0
	}
	readFile := func(name string) ([]byte, error) {
		f, err := j.tree.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, maxOnDisk))
	}
	return targets.Select(targets.Options{Templates: j.templates, Exists: exists, Random: rand.Reader, ReadFile: readFile}, j.plan.Targets)
}

// Generate makes the files of the plan and checks them. What holds local secrets is returned without its content, which is
// nothing to be shown.
func (j *Job) Generate(ctx context.Context) ([]Artifact, []Problem, error) {
	artifacts, problems, err := j.generate(ctx)
	shown := slices.Clone(artifacts)
	for i, a := range shown {
		if a.Ephemeral {
			shown[i].Content, shown[i].Origins = []byte("# values of this machine: made when the file is written, and not shown\n"), nil
		}
	}
	return shown, problems, err
}

func (j *Job) generate(ctx context.Context) ([]Artifact, []Problem, error) {
	if j.artifacts != nil {
		return j.artifacts, j.problems, nil
	}
	list, err := j.chosenTargets()
	if err != nil {
		return nil, nil, &UsageError{err}
	}
	if j.opts.PinDigests && !j.pinned {
		if err := j.pinDigests(ctx, list); err != nil {
			return nil, nil, err
		}
		j.pinned = true
	}
	artifacts, err := generate.Run(ctx, j.plan, list)
	if err != nil {
		return nil, nil, err
	}
	planned, err := j.planArtifact()
	if err != nil {
		return nil, nil, err
	}
	j.problems = generate.Check(list, artifacts)
	if err := brokenRules(j.problems); err != nil {
		return nil, nil, err
	}
	j.artifacts = append(artifacts, planned)
	return j.artifacts, j.problems, nil
}

// planArtifact is drydock.yaml; what a person wrote into an existing one, comments and order, is kept.
func (j *Job) planArtifact() (Artifact, error) {
	a := Artifact{Path: plan.FileName, Mode: 0o644, Target: "plan"}
	old, err := readLimited(filepath.Join(j.output, plan.FileName))
	if err == nil {
		a.Content, err = j.plan.Rewrite(old)
	} else {
		a.Content, err = j.plan.Marshal()
	}
	if err != nil {
		return a, fmt.Errorf("write the plan: %w", err)
	}
	reasons := generate.Reasons{}
	for _, f := range j.plan.Fields() {
		reasons.Add(generate.OriginOf(f), f.Keys...)
	}
	if a.Origins, err = reasons.Lines(a.Content); err != nil {
		return a, fmt.Errorf("write the plan: %w", err)
	}
	return a, nil
}

// Preview says what Write would do.
func (j *Job) Preview(ctx context.Context) ([]FileState, error) {
	artifacts, _, err := j.generate(ctx)
	if err != nil {
		return nil, err
	}
	return j.preview(artifacts)
}

func (j *Job) preview(artifacts []Artifact) ([]FileState, error) {
	if j.output != j.tree.Dir && isFresh(j.output) {
		changes, err := generate.Preview(j.before(sourceFirst{j.tree}), artifacts, j.opts.Force)
		return states(changes), err
	}
	d, err := openDisk(j.output)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	changes, err := generate.Preview(j.before(d), artifacts, j.opts.Force)
	return states(changes), err
}

// sourceFirst is an output directory that holds nothing yet: the source's own files are written there before any that is made.
type sourceFirst struct{ tree *source.Tree }

func (s sourceFirst) ReadFile(name string) ([]byte, error) {
	if _, link := s.tree.ReadLink(name); link {
		return nil, notRegular(name)
	}
	info, err := s.tree.Stat(name)
	switch {
	case err != nil:
		return nil, fs.ErrNotExist
	case !info.Mode().IsRegular():
		return nil, notRegular(name)
	case info.Size() > maxOnDisk:
		return nil, tooLarge(name)
	}
	return fs.ReadFile(s.tree, name)
}

func (sourceFirst) Replace(context.Context, []generate.Change) error {
	return errors.New("it is not there yet")
}

// planIsOurs lets drydock.yaml be rewritten without a conflict: the plan was read from it, so
// whatever a person changed there is in the new one too.
type planIsOurs struct{ generate.Disk }

func (p planIsOurs) ReadFile(name string) ([]byte, error) {
	if name == generate.StateDir+"/generated/"+plan.FileName {
		if data, err := p.Disk.ReadFile(plan.FileName); err == nil {
			return data, nil
		}
	}
	return p.Disk.ReadFile(name)
}

// before is the disk as merging sees it.
func (j *Job) before(d generate.Disk) generate.Disk {
	if j.opts.PlanFile == "" {
		d = planIsOurs{d}
	}
	if j.output != j.tree.Dir {
		d = besideSource{d, j.tree}
	}
	return d
}

// besideSource is an output directory that is not the source: what lies there as the source has it is a copy, and no edit of a
// person is lost with it.
type besideSource struct {
	generate.Disk
	tree *source.Tree
}

// Copied says that a file is the source's own, byte for byte.
func (b besideSource) Copied(name string, content []byte) bool {
	own, err := sourceFirst{b.tree}.ReadFile(name)
	return err == nil && bytes.Equal(own, content)
}

func states(changes []generate.FileChange) []FileState {
	out := make([]FileState, 0, len(changes))
	for _, c := range changes {
		out = append(out, FileState{Path: c.Path, Action: string(c.Action), Diff: c.Diff(), Foreign: c.Foreign()})
	}
	return out
}

// Write writes the files, all or none.
func (j *Job) Write(ctx context.Context, force bool) ([]FileState, error) {
	artifacts, _, err := j.generate(ctx)
	if err != nil {
		return nil, err
	}
	files, err := j.write(ctx, artifacts, force)
	j.written = err == nil
	return files, err
}

func (j *Job) write(ctx context.Context, artifacts []Artifact, force bool) (files []FileState, err error) {
	fresh := isFresh(j.output)
	d, err := openDisk(j.output)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if fresh && j.output != j.tree.Dir {
		// The files are of use only beside the source: an empty output directory gets a work tree.
		if err := j.tree.WriteTo(ctx, j.output); err != nil {
			var unreadable *source.Error
			if !errors.As(err, &unreadable) { // then it is not the directory's fault
				err = outputError(j.output, err)
			}
			return nil, errors.Join(err, emptyDir(j.output))
		}
		defer func() {
			if err != nil {
				err = errors.Join(err, emptyDir(j.output))
			}
		}()
	}
	changes, err := generate.Write(ctx, j.before(d), artifacts, generate.WriteOptions{Force: force, RunID: j.opts.RunID, Dir: j.output})
	if err == nil {
		j.writes++
		j.saved, j.decided = true, nil // drydock.yaml, which is among them, says it all
	}
	return states(changes), err
}

// isFresh says that a directory does not exist or is empty.
func isFresh(dir string) bool {
	entries, err := os.ReadDir(dir)
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0
}

// emptyDir takes back a work tree that was just made in a directory that was empty.
func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// fromDisk replaces what would be generated by what lies in the output directory, where it does.
func (j *Job) fromDisk(ctx context.Context) error {
	artifacts, _, err := j.generate(ctx)
	if err != nil {
		return err
	}
	if isFresh(j.output) {
		return nil
	}
	d, err := openDisk(j.output)
	if err != nil {
		return err
	}
	defer d.Close()
	for i, a := range artifacts {
		data, err := d.ReadFile(a.Path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", a.Path, err)
		}
		artifacts[i].Content = data
	}
	list, err := j.chosenTargets()
	if err != nil {
		return err
	}
	j.problems = generate.Check(list, artifacts)
	return nil
}

// Verify builds, starts, probes, measures and cleans up. What fails is repaired where a remedy is known, and tried again.
func (j *Job) Verify(ctx context.Context, sink progress.Sink, approve Approve) (*Verdict, error) {
	if j.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, j.opts.Timeout)
		defer cancel()
	}
	before := j.plan
	verdict, err := j.repairing(ctx, sink, approve)
	if err == nil {
		err = j.learn(ctx, verdict, time.Now(), sink)
	}
	if j.plan != before {
		j.history = nil // what a remedy or a measurement has decided is not lost by undoing what was before
	}
	j.verdict = verdict
	if verdict != nil && j.tree != nil && !j.opts.forgotten {
		saveRecent(Recent{Location: j.tree.Location, Summary: summary(j.findings), Outcome: string(verdict.Outcome)})
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("verification did not end within --timeout %s: %w", j.opts.Timeout, err)
	}
	return verdict, err
}

// verifyOnce is one try.
func (j *Job) verifyOnce(ctx context.Context, sink progress.Sink) (*Verdict, error) {
	if j.written {
		if err := j.fromDisk(ctx); err != nil {
			return nil, err
		}
	}
	artifacts, _, err := j.generate(ctx)
	if err != nil {
		return nil, err
	}
	secrets, buildSecrets, err := j.opts.verifySecrets()
	if err != nil {
		return nil, err
	}
	return verify.Run(ctx, verify.Input{
		Plan: j.plan, Artifacts: artifacts, Tree: j.tree,
		Options: verify.Options{
			Engine: j.opts.Engine, RunID: j.opts.RunID, Keep: j.opts.Keep, NoCache: j.opts.NoCache, BuildNetwork: j.opts.BuildNetwork, Jobs: j.opts.Jobs, Quick: j.opts.Quick,
			Secrets: secrets, BuildSecrets: buildSecrets, SSHAgent: cmp.Or(j.opts.SSH, os.Getenv("SSH_AUTH_SOCK")),
		},
	}, sink)
}

// Explain says why a line of an artifact is as it is.
func (j *Job) Explain(name string, line int) (string, []Evidence) {
	o, _ := generate.Explain(j.artifacts, name, line)
	return o.Why, o.Evidence
}

// Stack is an ecosystem that is detected.
type Stack struct {
	Name    string   `json:"name"`
	Markers []string `json:"markers"`
}

func sortedStacks(ds []detect.Detector) []Stack {
	var out []Stack
	for _, d := range ds {
		out = append(out, Stack{Name: d.Name(), Markers: d.Markers()})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}
