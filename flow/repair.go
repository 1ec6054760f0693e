package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
	"github.com/drydock-cli/drydock/verify/remedy"
)

// Remedy is an edit of the plan that may cure a failure, with what it changes in the files.
type Remedy struct {
	ID        string
	Component string
	Failure   verify.Failure
	Why       string
	Detail    string      // what it does, short
	Files     []FileState // what changes
}

// Approve decides whether a remedy is applied. False leaves the failure as it is; an error ends the run.
type Approve func(ctx context.Context, r Remedy) (bool, error)

// defaultRepairs is how often a job mends its plan before it gives up: each repair costs a build.
const defaultRepairs = 8

// repairing verifies, and while something fails for which a remedy is known, edits the plan and verifies again. Every try is
// in the verdict.
func (j *Job) repairing(ctx context.Context, sink progress.Sink, approve Approve) (*Verdict, error) {
	tried := map[string]bool{}
	earlier := map[string][]verify.Attempt{}
	most := j.opts.MaxRepairs
	if most <= 0 {
		most = defaultRepairs
	}
	for n := 0; ; n++ {
		verdict, err := j.verifyOnce(ctx, sink)
		if verdict == nil {
			return nil, err
		}
		failed := lastFailures(verdict)
		for i := range verdict.Components {
			c := &verdict.Components[i]
			c.Attempts = slices.Concat([]verify.Attempt{}, earlier[c.Name], c.Attempts)
		}
		if err == nil || ctx.Err() != nil || j.opts.NoRepair || n >= most || verdict.Checked {
			return verdict, err
		}
		applied, repairErr := j.repair(ctx, verdict, failed, tried, sink, approve)
		if repairErr != nil {
			return verdict, errors.Join(err, repairErr)
		}
		if !applied {
			return verdict, err
		}
		for _, c := range verdict.Components {
			earlier[c.Name] = c.Attempts
		}
	}
}

// lastFailures are the components that failed in a verdict: by name, the place of their failure.
func lastFailures(v *Verdict) []string {
	var out []string
	for _, c := range v.Components {
		if len(c.Attempts) > 0 {
			out = append(out, c.Name)
		}
	}
	return out
}

// repair looks for a remedy of the first failure that has one, applies it and notes it in the verdict.
func (j *Job) repair(ctx context.Context, verdict *Verdict, failed []string, tried map[string]bool, sink progress.Sink, approve Approve) (bool, error) {
	for _, name := range failed {
		i := slices.IndexFunc(verdict.Components, func(c verify.ComponentVerdict) bool { return c.Name == name })
		attempt := &verdict.Components[i].Attempts[len(verdict.Components[i].Attempts)-1]
		prop, ok, err := j.remedies.Propose(j.plan, symptom(name, attempt), func(p remedy.Proposal) bool { return tried[p.Key()] })
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		if prop.Manual() {
			if !strings.Contains(attempt.Failure.Message, prop.Why) {
				attempt.Failure.Message += ". " + prop.Why
			}
			continue
		}
		tried[prop.Key()] = true
		changes, err := j.apply(ctx, name, prop, attempt, sink, approve)
		if err != nil {
			return false, err
		}
		if len(changes) > 0 {
			note(verdict, attempt.Failure, &verify.AppliedRemedy{ID: prop.ID, Detail: prop.Detail, Changes: changes})
			return true, nil
		}
	}
	return false, nil
}

// note records the remedy of a failure with every component that it has: those that share an image fail together.
func note(v *Verdict, f verify.Failure, r *verify.AppliedRemedy) {
	for i := range v.Components {
		list := v.Components[i].Attempts
		if n := len(list) - 1; n >= 0 && list[n].Failure.ID == f.ID && list[n].Failure.Message == f.Message && list[n].Remedy == nil {
			list[n].Remedy = r
		}
	}
}

func symptom(component string, a *verify.Attempt) remedy.Symptom {
	log := a.Failure.Tail
	if len(log) == 0 {
		log = a.Failure.Log
	}
	return remedy.Symptom{Component: component, Phase: a.Phase, Failure: a.Failure.ID, Message: a.Failure.Message, Log: log, Image: a.Failure.Image}
}

// apply edits the plan, makes the files anew and, where they lie on disk, writes them. It returns the
// places that changed; without any the plan is as it was.
func (j *Job) apply(ctx context.Context, component string, prop remedy.Proposal, attempt *verify.Attempt, sink progress.Sink, approve Approve) ([]string, error) {
	oldPlan, oldFiles, oldProblems := j.plan, j.artifacts, j.problems
	back := func() { j.plan, j.artifacts, j.problems = oldPlan, oldFiles, oldProblems }
	work := j.plan.Clone()
	if err := prop.Apply(work); err != nil {
		return nil, nil //nolint:nilerr // the plan refuses the edit: it is no remedy here
	}
	j.plan, j.artifacts = work, nil
	fresh, _, err := j.generate(ctx)
	if err != nil {
		back()
		return nil, nil //nolint:nilerr // the template cannot do it: it is no remedy here
	}
	changes := changed(oldFiles, fresh)
	if len(changes) == 0 {
		back()
		return nil, nil
	}
	if ok, err := approved(ctx, approve, component, prop, attempt, oldFiles, fresh); err != nil || !ok {
		back()
		return nil, err
	}
	end := sink.Step(progress.Repair, component, prop.ID, "remedy "+prop.ID+": "+prop.Detail)
	if j.written {
		if _, err := j.write(ctx, fresh, j.opts.Force); err != nil {
			back()
			return nil, end(fmt.Errorf("write what the remedy %s changes: %w", prop.ID, err))
		}
	}
	return changes, end(nil)
}

func approved(ctx context.Context, approve Approve, component string, prop remedy.Proposal, attempt *verify.Attempt, before, after []Artifact) (bool, error) {
	if approve == nil {
		return true, nil
	}
	r := Remedy{ID: prop.ID, Component: component, Failure: attempt.Failure, Why: prop.Why, Detail: prop.Detail}
	for _, a := range after {
		old := content(before, a.Path)
		if !a.Ephemeral && !bytes.Equal(old, a.Content) {
			change := generate.FileChange{Path: a.Path, Action: generate.Update, Before: old, After: a.Content, Theirs: a.Content}
			r.Files = append(r.Files, FileState{Path: a.Path, Action: string(change.Action), Diff: change.Diff()})
		}
	}
	return approve(ctx, r)
}

func content(list []Artifact, path string) []byte {
	for _, a := range list {
		if a.Path == path {
			return a.Content
		}
	}
	return nil
}

// changed names the places in which generated files differ, the plan's own file aside: FILE:LINE of the first line of each
// difference in the new file.
func changed(before, after []Artifact) []string {
	var out []string
	for _, a := range after {
		old := content(before, a.Path)
		if a.Target == "plan" || a.Ephemeral || bytes.Equal(old, a.Content) {
			continue
		}
		had := map[string]int{}
		for _, l := range strings.Split(string(old), "\n") {
			had[l]++
		}
		inside := false
		first := len(out)
		for i, l := range strings.Split(string(a.Content), "\n") {
			if had[l] > 0 {
				had[l]--
				inside = false
				continue
			}
			if !inside {
				out = append(out, fmt.Sprintf("%s:%d", a.Path, i+1))
			}
			inside = true
		}
		if len(out) == first { // lines were only taken out
			out = append(out, a.Path)
		}
	}
	return out
}
