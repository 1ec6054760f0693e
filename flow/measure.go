package flow

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
)

// learn takes what was measured into the plan, where nobody has chosen a size, and makes the files anew: sizes of platforms and the
// limits of compose follow from the measurement then. Where the files lie on disk they are written, unless a person's edits stand
// against it: a healthy verdict does not become a failure by that.
func (j *Job) learn(ctx context.Context, verdict *Verdict, on time.Time, sink progress.Sink) error {
	oldPlan, oldFiles, oldProblems := j.plan, j.artifacts, j.problems
	work := j.plan.Clone()
	changed := false
	for _, c := range verdict.Components {
		if m, ok := measurement(c, on); ok && work.Measure(c.Name, m) {
			changed = true
		}
	}
	if !changed {
		return nil
	}
	end := sink.Step(progress.Measure, "", "sizing", "take the measured sizes into the plan")
	j.plan, j.artifacts = work, nil
	fresh, _, err := j.generate(ctx)
	if err != nil {
		j.plan, j.artifacts, j.problems = oldPlan, oldFiles, oldProblems
		return end(fmt.Errorf("generate with the measured sizes: %w", err))
	}
	if !j.written || !j.hasPlan() {
		return end(nil)
	}
	states, err := j.preview(fresh)
	if err != nil {
		return end(err)
	}
	if slices.ContainsFunc(states, func(s FileState) bool { return s.Action == string(generate.Conflict) }) && !j.opts.Force {
		j.plan, j.artifacts, j.problems = oldPlan, oldFiles, oldProblems
		sink.Emit(progress.Event{Stage: progress.Measure, Step: "sizing", State: progress.Skipped, Text: "edited files stand against it: the verdict has the sizes"})
		return nil
	}
	if _, err := j.write(ctx, fresh, j.opts.Force); err != nil {
		return end(fmt.Errorf("write the measured sizes: %w", err))
	}
	return end(nil)
}

// hasPlan says that the output directory holds a plan: what was only verified is not written to.
func (j *Job) hasPlan() bool {
	info, err := os.Stat(filepath.Join(j.output, plan.FileName))
	return err == nil && info.Mode().IsRegular()
}

// measurement is what a component was measured to need, in the plan's words.
func measurement(c verify.ComponentVerdict, on time.Time) (m plan.Measurement, ok bool) {
	if c.Run == nil || c.Outcome != verify.Healthy || c.Sizing.From != "measured" {
		return m, false
	}
	m = plan.Measurement{CPU: c.Sizing.CPU, Memory: c.Sizing.Memory, On: on}
	m.MemoryWhy = fmt.Sprintf("at most %d MiB in use", c.Run.MemoryPeakBytes>>20)
	m.CPUWhy = fmt.Sprintf("%.2f cores at rest, a start took %.1f s of processor time", c.Run.CPUIdle, c.Run.StartCPUSeconds)
	if l := c.Run.Load; l != nil {
		m.CPUWhy = fmt.Sprintf("%.2f cores under %d requests in %.1f s, a start took %.1f s of processor time", l.CPU, l.Requests, l.Seconds, c.Run.StartCPUSeconds)
	}
	return m, true
}
