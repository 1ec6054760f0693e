package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
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

// repairs is what was tried to mend a plan.
type repairs struct {
	tried   map[string]bool
	earlier map[string][]verify.Attempt // by component
	last    *repair                     // nil: the last try followed no repair
}

// repair is a remedy that was applied, with what it was for.
type repair struct {
	component string
	id        string
	failure   string // what it was like
	noted     *verify.AppliedRemedy
	before    *plan.Plan
}

// repairing verifies, and while something fails for which a remedy is known, edits the plan and verifies again. A remedy that changes
// nothing about its failure is taken back. Every try is in the verdict.
func (j *Job) repairing(ctx context.Context, sink progress.Sink, approve Approve) (*Verdict, error) {
	done := &repairs{tried: map[string]bool{}, earlier: map[string][]verify.Attempt{}}
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
			c.Attempts = append(done.earlier[c.Name], c.Attempts...)
		}
		if err == nil || ctx.Err() != nil || j.opts.NoRepair || verdict.Checked {
			return verdict, err
		}
		if backErr := j.takeBack(ctx, done, verdict, failed, sink, n < most); backErr != nil {
			return verdict, errors.Join(err, backErr)
		}
		if n >= most {
			return verdict, err
		}
		applied, repairErr := j.repair(ctx, verdict, failed, done, sink, approve)
		if repairErr != nil {
			return verdict, errors.Join(err, repairErr)
		}
		if !applied {
			return verdict, err
		}
		for _, c := range verdict.Components {
			done.earlier[c.Name] = c.Attempts
		}
	}
}

// lastFailures are the names of the components that failed in a verdict.
func lastFailures(v *Verdict) []string {
	var out []string
	for _, c := range v.Components {
		if len(c.Attempts) > 0 {
			out = append(out, c.Name)
		}
	}
	return out
}

// lastAttempt is the latest of a component, or nil.
func lastAttempt(v *Verdict, component string) *verify.Attempt {
	for i := range v.Components {
		if c := &v.Components[i]; c.Name == component && len(c.Attempts) > 0 {
			return &c.Attempts[len(c.Attempts)-1]
		}
	}
	return nil
}

// takeBack makes the plan what it was before the last remedy where the same failure came again, unless the same remedy has more to do: the
// next image, twice the memory once more.
func (j *Job) takeBack(ctx context.Context, done *repairs, verdict *Verdict, failed []string, sink progress.Sink, more bool) error {
	last := done.last
	done.last = nil
	if last == nil || !slices.Contains(failed, last.component) {
		return nil
	}
	now := lastAttempt(verdict, last.component)
	if likeness(now) != last.failure {
		return nil
	}
	if more {
		next, ok, err := j.remedies.Propose(j.plan, j.symptom(ctx, last.component, now), func(p remedy.Proposal) bool { return done.tried[p.Key()] })
		if err != nil {
			return err
		}
		if ok && next.ID == last.id && !next.Manual() {
			return nil
		}
	}
	last.noted.RolledBack = true
	j.plan, j.artifacts = last.before, nil
	end := sink.Step(progress.Repair, last.component, last.id+"-back", "remedy "+last.id+" changed nothing: it is taken back")
	fresh, _, err := j.generate(ctx)
	if err == nil && j.written {
		_, err = j.write(ctx, fresh, j.opts.Force)
	}
	if err != nil {
		err = fmt.Errorf("take back the remedy %s: %w", last.id, err)
	}
	return end(err)
}

// What differs between two runs that fail in the same way: places in files, durations, times of day, addresses and numbers of processes.
var varying = lazyPattern(`\S+:\d+: |\d+(?:\.\d+)? ?m?s\b|\d{2,4}[-/:]\d{2}[-/:]\d{2}\S*|0x[0-9a-f]+|[0-9a-f]{12,}|\[\d+\]|127\.0\.0\.1:\d+|#\d+`)

func lazyPattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// likeness is what a failure is like: two failures of the same likeness are the same one. Without a log to compare no two are.
func likeness(a *verify.Attempt) string {
	log := a.Failure.Tail
	if len(log) == 0 {
		log = a.Failure.Log
	}
	const enough = 12
	lines := append([]string{a.Phase, a.Failure.ID, a.Failure.Message}, log[max(0, len(log)-enough):]...)
	return varying().ReplaceAllString(strings.Join(lines, "\n"), "")
}

// repair looks for a remedy of the first failure that has one, applies it and notes it in the verdict. One that the plan or a template
// refuses is none, and the next is looked for.
func (j *Job) repair(ctx context.Context, verdict *Verdict, failed []string, done *repairs, sink progress.Sink, approve Approve) (bool, error) {
	for _, name := range failed {
		attempt := lastAttempt(verdict, name)
		symptom := j.symptom(ctx, name, attempt)
		for {
			prop, ok, err := j.remedies.Propose(j.plan, symptom, func(p remedy.Proposal) bool { return done.tried[p.Key()] })
			if err != nil {
				return false, err
			}
			if !ok {
				break
			}
			if prop.Manual() {
				if !strings.Contains(attempt.Failure.Message, prop.Why) {
					attempt.Failure.Message += ". " + prop.Why
				}
				break
			}
			done.tried[prop.Key()] = true
			before := j.plan
			changes, refused, err := j.apply(ctx, name, prop, attempt, sink, approve)
			if err != nil {
				return false, err
			}
			if len(changes) > 0 {
				noted := &verify.AppliedRemedy{ID: prop.ID, Detail: prop.Detail, Changes: changes}
				done.last = &repair{component: name, id: prop.ID, failure: likeness(attempt), noted: noted, before: before}
				note(verdict, attempt.Failure, noted)
				return true, nil
			}
			if !refused {
				break // a person said no
			}
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

func (j *Job) symptom(ctx context.Context, component string, a *verify.Attempt) remedy.Symptom {
	log := a.Failure.Tail
	if len(log) == 0 {
		log = a.Failure.Log
	}
	return remedy.Symptom{
		Component: component, Phase: a.Phase, Failure: a.Failure.ID, Message: a.Failure.Message, Log: log, Image: a.Failure.Image,
		Exists: asker(func(image string) error {
			_, err := verify.Digests(ctx, j.opts.Engine, []string{image})
			return err
		}),
	}
}

// asker reports whether an image can be had. A registry that cannot be reached is not asked again: each try may take as long as its time-out.
func asker(ask func(image string) error) func(image string) bool {
	unreached := map[string]bool{}
	return func(image string) bool {
		host := registryOf(image)
		if unreached[host] {
			return false
		}
		err := ask(image)
		var missing *verify.BaseImageError
		if err != nil && (!errors.As(err, &missing) || missing.Reason == verify.RegistryUnreached) {
			unreached[host] = true
		}
		return err == nil
	}
}

// registryOf is the host that an image's name begins with; empty: that of names without one.
func registryOf(image string) string {
	host, _, found := strings.Cut(image, "/")
	if found && (strings.ContainsAny(host, ".:") || host == "localhost") {
		return host
	}
	return ""
}

// apply edits the plan, makes the files anew and, where they lie on disk, writes them. It returns the places that changed; without any the
// plan is as it was, and refused says that the plan, a template or a rule does not have the remedy, or that it changes no file.
func (j *Job) apply(ctx context.Context, component string, prop remedy.Proposal, attempt *verify.Attempt, sink progress.Sink, approve Approve) (changes []string, refused bool, err error) {
	oldPlan, oldFiles, oldProblems := j.plan, j.artifacts, j.problems
	back := func() { j.plan, j.artifacts, j.problems = oldPlan, oldFiles, oldProblems }
	work := j.plan.Clone()
	if err := prop.Apply(work); err != nil {
		return nil, true, nil //nolint:nilerr // the plan refuses the edit: it is no remedy here
	}
	j.plan, j.artifacts = work, nil
	fresh, _, err := j.generate(ctx)
	if err != nil {
		back()
		return nil, true, nil //nolint:nilerr // the template cannot do it: it is no remedy here
	}
	changes = changed(oldFiles, fresh)
	if len(changes) == 0 {
		back()
		return nil, true, nil
	}
	if ok, err := approved(ctx, approve, component, prop, attempt, oldFiles, fresh); err != nil || !ok {
		back()
		return nil, false, err
	}
	end := sink.Step(progress.Repair, component, prop.ID, "remedy "+prop.ID+": "+prop.Detail)
	if j.written {
		if _, err := j.write(ctx, fresh, j.opts.Force); err != nil {
			back()
			return nil, false, end(fmt.Errorf("write what the remedy %s changes: %w", prop.ID, err))
		}
	}
	return changes, false, end(nil)
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
