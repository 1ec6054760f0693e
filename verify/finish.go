package verify

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/drydock-cli/drydock/progress"
)

// measure takes down what a running component uses at rest and under a short load, what it has written and what it listens on.
func (r *run) measure(ctx context.Context, p *part) error {
	c, result := p.running, p.verdict.Run
	if c.ended() || result == nil {
		return nil
	}
	done := r.during(c, progress.Measure, c.spec.name, "measure "+c.spec.name)
	if err := done(r.observe(ctx, p)); err != nil {
		if c.ended() && ctx.Err() == nil {
			return nil // it works no more; what was seen until then stands
		}
		return r.engine.check(ctx, "measure "+c.spec.name, err)
	}
	return nil
}

func (r *run) observe(ctx context.Context, p *part) error {
	c, result := p.running, p.verdict.Run
	if p.verdict.Outcome != Healthy || r.opts.Quick {
		now, err := c.usage.once(ctx, r.engine, c.id)
		if err != nil {
			return err
		}
		if r.opts.Quick {
			result.StartCPUSeconds, p.measured.startCPU = rounded(now.cpu), now.cpu
		}
	} else {
		now, err := r.atRest(ctx, c, result)
		if err != nil {
			return err
		}
		p.measured.cores = result.CPUIdle
		if p.answer.status > 0 {
			if result.Load, err = r.underLoad(ctx, c, p.target, p.answer, now); err != nil {
				return err
			}
			p.measured.cores = max(result.CPUIdle, result.Load.CPU)
		}
	}
	var err error
	result.MemoryPeakBytes, result.CPUSeconds = c.usage.peak()
	if p.measured.peak = result.MemoryPeakBytes; p.verdict.Outcome == Healthy && p.measured.peak > 0 {
		p.verdict.Sizing = p.measured.size()
	}
	result.LogLines = c.tail.lines()
	if result.Writes, err = r.engine.writes(ctx, c.id); err != nil {
		return err
	}
	result.UndeclaredWrites = undeclared(result.Writes, p.written())
	if open := r.listening(ctx, c).others(0); open != nil {
		result.OpenPorts = open
	}
	return nil
}

// written are the directories that the plan says the component writes to, absolute.
func (p *part) written() []string {
	var out []string
	for _, w := range p.c.Writable() {
		if !path.IsAbs(w) {
			w = path.Join("/", p.workdir, w)
		}
		out = append(out, w)
	}
	return out
}

// undeclared are the written directories that lie in none of those that were declared. /tmp is everybody's.
func undeclared(writes, declared []string) []string {
	out := []string{}
	for _, w := range writes {
		in := func(dir string) bool { return w == dir || dir == "/" || strings.HasPrefix(w, dir+"/") }
		if !slices.ContainsFunc(append(slices.Clone(declared), "/tmp", "/run", "/var/run"), in) {
			out = append(out, w)
		}
	}
	return out
}

// finish stops a component as a platform does, and starts it once more with what it has written.
func (r *run) finish(ctx context.Context, p *part) error {
	c, result := p.running, p.verdict.Run
	if c.ended() || result == nil {
		return ctx.Err()
	}
	done := r.during(c, progress.Stop, c.spec.name, "stop "+c.spec.name)
	var err error
	result.StopSeconds, result.StoppedBy, err = r.stop(ctx, c)
	if done(err) != nil || r.opts.Quick || p.verdict.Outcome != Healthy || result.StartSeconds > quickStart.Seconds() {
		return err
	}
	return r.restart(ctx, p)
}

// restart starts a stopped component again, on the same file system and with its services' data kept: a leftover pid file or a
// step that only works once shows here. That it fails is no failure; it is told.
func (r *run) restart(ctx context.Context, p *part) error {
	name := p.c.Name + "-restart"
	done := r.sink.Step(progress.Measure, p.c.Name, name, "start it again with its data kept")
	c, err := r.again(ctx, p.running, name)
	if err != nil {
		return done(err)
	}
	err = r.aliveAgain(ctx, c, p)
	c.leave()
	if fatal(err) {
		return done(err)
	}
	p.verdict.Run.Restarts = ptr(err == nil)
	if err == nil {
		p.verdict.Run.RestartSeconds = rounded(time.Since(c.begin).Seconds())
	} else {
		p.trouble("restart", err)
	}
	r.tried(p, name, err, "it was not seen to start again", done)
	return r.engine.check(ctx, "remove "+name, r.engine.remove(ctx, c.id))
}

// tried ends the step of something that may fail without being a failure.
func (r *run) tried(p *part, step string, err error, otherwise string, done func(error) error) {
	if err == nil {
		_ = done(nil)
		return
	}
	r.sink.Emit(progress.Event{Stage: progress.Measure, Component: p.c.Name, Step: step, State: progress.Skipped, Text: otherwise})
}

// aliveAgain waits until a component that was seen to work works again: a server answers, anything else still runs after a while.
func (r *run) aliveAgain(ctx context.Context, c *running, p *part) error {
	if p.answer.path == "" {
		select {
		case <-ctx.Done():
			return fmt.Errorf("watch %s: %w", c.spec.name, ctx.Err())
		case <-c.exited:
			return r.endedEarly(ctx, c, "exited-early")
		case <-time.After(r.opts.WorkerTime):
			return nil
		}
	}
	patient := *r
	patient.opts.StartTimeout = r.patienceFor(p)
	t, err := patient.target(ctx, c, p.c)
	if err != nil {
		return err
	}
	_, err = patient.probe(ctx, c, t)
	return err
}

// restartServices restarts each service that healthy components need, and sees whether those work again by themselves.
func (r *run) restartServices(ctx context.Context, up []*part) error {
	for _, name := range slices.Sorted(maps.Keys(r.services)) {
		s := r.in.Plan.Service(name)
		var with []*part
		for _, p := range up {
			if s != nil && needs(*s, p.c.Name) && p.verdict.Outcome == Healthy && !p.running.ended() {
				with = append(with, p)
			}
		}
		if len(with) == 0 {
			continue
		}
		if err := r.restartService(ctx, name, with); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) restartService(ctx context.Context, name string, with []*part) error {
	step := name + "-restart"
	done := r.sink.Step(progress.Measure, name, step, "restart "+name+" under those that need it")
	if _, _, err := r.stop(ctx, r.services[name]); err != nil {
		return done(err)
	}
	c, err := r.again(ctx, r.services[name], step)
	if err != nil {
		return done(err)
	}
	r.services[name] = c
	err = r.awaitHealthy(ctx, c)
	c.leave()
	if err != nil {
		if fatal(err) {
			return done(err)
		}
		r.sink.Emit(progress.Event{Stage: progress.Measure, Component: name, Step: step, State: progress.Skipped, Text: "it was not ready again; nothing can be said"})
		return nil
	}
	_ = done(nil)
	for _, p := range with {
		if err := r.survives(ctx, p, name); err != nil {
			return err
		}
	}
	return nil
}

// survives sees whether a component works after a service that it needs has been restarted.
func (r *run) survives(ctx context.Context, p *part, service string) error {
	step := p.c.Name + "-after-" + service
	done := r.during(p.running, progress.Measure, step, "see "+p.c.Name+" after the restart of "+service)
	view := p.running.from(time.Now())
	err := r.aliveAgain(ctx, view, p)
	p.running.leave()
	if fatal(err) {
		return done(err)
	}
	result := ServiceRestart{Service: service, Survived: err == nil, Seconds: rounded(time.Since(view.begin).Seconds())}
	if err != nil {
		p.trouble("service-restart", err)
	}
	p.verdict.Run.ServiceRestarts = append(p.verdict.Run.ServiceRestarts, result)
	r.tried(p, step, err, "it was not seen to work again", done)
	return nil
}
