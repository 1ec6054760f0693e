package verify

import (
	"context"
	"errors"
	"time"

	"github.com/drydock-cli/drydock/progress"
)

// A further start is worth its time when the first took less than this.
const quickStart = 30 * time.Second

// anyUser is a user id that no image knows, in group 0: what OpenShift runs containers as.
const anyUser = "1000730000:0"

// from is the same running container with its clock set anew: how long it takes counts from then.
func (c *running) from(begin time.Time) *running {
	spec := c.spec
	spec.stage = progress.Measure
	return &running{spec: spec, id: c.id, begin: begin, tail: c.tail, place: place{stage: progress.Measure}, alive: c.alive, exited: c.exited, drained: c.drained, usage: c.usage}
}

// patienceFor is how long a component is waited for that was seen to start: not as long as the first time.
func (r *run) patienceFor(p *part) time.Duration {
	return min(r.opts.StartTimeout, time.Duration(3*p.verdict.Run.StartSeconds*float64(time.Second))+10*time.Second)
}

// tryMore starts a healthy server in the ways that stricter platforms would: with a read-only root file system, /tmp and the plan's
// written directories excepted, as a user that the image does not know, and with no more memory than its size gives. Mostly all of that
// works at once; only when it does not is each tried alone. What is seen is told; that something fails is no failure.
func (r *run) tryMore(ctx context.Context, p *part) error {
	result := p.verdict.Run
	if p.verdict.Outcome != Healthy || p.answer.path == "" || result.StartSeconds > quickStart.Seconds() {
		return nil
	}
	strict := variant{"strict", "start read-only, as another user, with the measured size", true, true, true}
	err := r.startsAs(ctx, p, strict)
	if fatal(err) {
		return err
	}
	if result.ReadOnlyRoot, result.ArbitraryUser = err == nil, ptr(err == nil); err == nil {
		return nil
	}
	if ranOut(err) {
		r.grow(p)
	}
	for _, v := range []variant{
		{"read-only", "start with a read-only root", true, false, false},
		{"any-user", "start as a user that the image does not know", false, true, false},
	} {
		err := r.startsAs(ctx, p, v)
		if fatal(err) {
			return err
		}
		if v.readOnly {
			result.ReadOnlyRoot = err == nil
		} else {
			result.ArbitraryUser = ptr(err == nil)
		}
		if err != nil {
			p.trouble(v.name, err)
		}
	}
	return nil
}

// ranOut says that a start ended at its limit of memory.
func ranOut(err error) bool {
	var u *UnhealthyError
	return errors.As(err, &u) && u.ID == "out-of-memory"
}

// grow doubles the memory of a component that could not start with what was measured.
func (r *run) grow(p *part) {
	p.measured.peak *= 2
	p.verdict.Sizing = p.measured.size()
}

// variant is a way to start a component other than the first.
type variant struct {
	name, does               string
	readOnly, anyUser, sized bool
}

// startsAs starts a component in another way, probes it, and removes it.
func (r *run) startsAs(ctx context.Context, p *part, v variant) error {
	step := p.c.Name + "-" + v.name
	done := r.sink.Step(progress.Measure, p.c.Name, step, v.does)
	spec := p.running.spec
	spec.name, spec.step, spec.stage, spec.readOnly = step, step, progress.Measure, v.readOnly
	if v.anyUser {
		spec.user = anyUser
	}
	if size := p.verdict.Sizing; v.sized && size.From == "measured" {
		spec.memory = int64(size.Memory) << 20
	}
	for _, dir := range p.written() {
		if v.readOnly && dir != "/tmp" && dir != "/" {
			spec.writable = append(spec.writable, dir)
		}
	}
	c, err := r.start(ctx, spec, false)
	if err == nil {
		err = r.aliveAgain(ctx, c, p)
		c.leave()
	}
	if fatal(err) {
		return done(err)
	}
	r.tried(p, step, err, "it was not seen to work so", done)
	if c != nil {
		if err := r.engine.remove(ctx, c.id); err != nil {
			return r.engine.check(ctx, "remove "+step, err)
		}
	}
	return err
}
