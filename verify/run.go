package verify

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
)

// run is one verification in progress.
type run struct {
	in       Input
	opts     Options // with defaults filled in
	sink     progress.Sink
	engine   *engine
	verdict  *Verdict
	secrets  map[string]string
	mask     masker
	labels   map[string]string
	network  string              // id of the run's network; empty before runAll
	created  bool                // something may have been created
	started  []*running          // in the order of their start
	services map[string]*running // those that are ready, by name
}

// track remembers a container that was started.
func (r *run) track(c *running) { r.started = append(r.started, c) }

var notInName = lazy(`[^a-zA-Z0-9_.-]+`)

// name is what a container, volume or network of the run is called in the engine.
func (r *run) name(part string) string {
	return strings.TrimSuffix("drydock-"+notInName().ReplaceAllString(r.opts.RunID, "-")+"-"+part, "-")
}

// runAll starts services and components, looks at them, and stops them. The error is the first that is
// not about one component alone, else the first of a component.
func (r *run) runAll(ctx context.Context, groups []*group) error {
	if err := r.openNetwork(ctx); err != nil {
		return err
	}
	bad, err := r.startServices(ctx, func(s plan.Service) bool { return anyNeeds(groups, s) })
	if err != nil {
		return err
	}
	var first error
	var up []*part
	for _, g := range groups {
		started, err := r.runGroup(ctx, g, bad)
		up = append(up, started...)
		if fatal(err) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	if r.opts.Keep {
		return first
	}
	if err := r.measureAll(ctx, up); err != nil {
		return err
	}
	return first
}

// measureAll takes down what the running components use, then what they bear: the restart of a service, a stop and another start,
// a file system that cannot be written, another user.
func (r *run) measureAll(ctx context.Context, up []*part) error {
	for _, p := range up {
		if err := r.measure(ctx, p); err != nil {
			return err
		}
	}
	if !r.opts.Quick {
		if err := r.restartServices(ctx, up); err != nil {
			return err
		}
	}
	for _, p := range slices.Backward(up) {
		if err := r.finish(ctx, p); err != nil {
			return err
		}
	}
	if !r.opts.Quick {
		for _, p := range up {
			if err := r.tryMore(ctx, p); err != nil {
				return err
			}
		}
	}
	for _, p := range up {
		p.verdict.Readiness = r.readiness(p)
	}
	return nil
}

func anyNeeds(groups []*group, s plan.Service) bool {
	for _, g := range groups {
		for _, p := range g.parts {
			if needs(s, p.c.Name) {
				return true
			}
		}
	}
	return false
}

// openNetwork makes the run's own bridge: what runs on it reaches the outside, and nothing of other runs.
func (r *run) openNetwork(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	createCtx, cancel := uninterrupted(ctx)
	defer cancel()
	r.created = true
	made, err := r.engine.api.NetworkCreate(createCtx, r.name("net"), network.CreateOptions{Driver: "bridge", Labels: r.labels})
	if err != nil {
		return r.engine.check(ctx, "create a network", err)
	}
	r.network = made.ID
	return nil
}

// runGroup runs the release step and then the components of one image. first is the first thing that is wrong with it.
func (r *run) runGroup(ctx context.Context, g *group, bad map[string]error) (up []*part, first error) {
	wrong := func(err error) {
		if first == nil {
			first = err
		}
	}
	if err := r.release(ctx, g, bad); err != nil {
		return nil, r.failAll(g, phaseRun, err)
	}
	for _, p := range g.parts {
		if err := r.serviceFailure(p.c.Name, bad); err != nil {
			wrong(r.fail(p, phaseRun, err))
			continue
		}
		err := r.runPart(ctx, g, p)
		if p.running != nil {
			up = append(up, p)
		}
		if err == nil {
			p.verdict.Outcome = Healthy
			continue
		}
		if err = r.fail(p, phaseOf(err), err); fatal(err) {
			return up, err
		}
		wrong(err)
	}
	return up, first
}

// serviceFailure is what is wrong with the first service that a component needs and that is not ready.
func (r *run) serviceFailure(component string, bad map[string]error) error {
	for _, s := range r.in.Plan.Services {
		if err, ok := bad[s.Name]; ok && needs(s, component) {
			return err
		}
	}
	return nil
}

// release runs the release step (migrations) of an image, if it has one, to its end.
func (r *run) release(ctx context.Context, g *group, bad map[string]error) error {
	var owner *part
	var command []string
	for _, p := range g.parts {
		if command = p.c.Process("release"); command != nil {
			owner = p
			break
		}
	}
	if owner == nil || r.serviceFailure(owner.c.Name, bad) != nil {
		return nil // without its database it would only fail in other words
	}
	done := r.sink.Step(progress.Release, owner.c.Name, owner.c.Name+"-release", "release: "+shorten(strings.Join(command, " "), 100))
	spec := r.spec(g, owner, "release")
	spec.stage, spec.command = progress.Release, command
	return done(r.toItsEnd(ctx, spec, r.opts.ReleaseTimeout, "migration-failed"))
}

// toItsEnd runs a container that has to end with exit code 0.
func (r *run) toItsEnd(ctx context.Context, spec containerSpec, limit time.Duration, fallback string) error {
	c, err := r.start(ctx, spec, false)
	if err != nil {
		return err
	}
	defer c.leave()
	select {
	case <-ctx.Done():
		return fmt.Errorf("run %s: %w", spec.name, ctx.Err())
	case <-time.After(limit):
		return &UnhealthyError{Component: spec.component, Phase: string(phaseRun), ID: "timeout", Log: c.log(),
			Message: fmt.Sprintf("%s did not end within %s", spec.name, limit)}
	case <-c.exited:
	}
	if c.exit.err == nil && c.exit.code == 0 && !c.exit.oom {
		return nil
	}
	return r.endedEarly(ctx, c, fallback)
}

// spec is the container of a component. suffix names another than its main one.
func (r *run) spec(g *group, p *part, suffix string) containerSpec {
	s := containerSpec{
		name: p.c.Name, image: g.image.ID, env: environment(r.in.Plan, p.c.Settings, r.secrets), stage: progress.Start,
		component: p.c.Name, confined: true, memory: memoryLimit(p.c),
	}
	if suffix != "" {
		s.name += "-" + suffix
		return s
	}
	s.aliases = []string{p.c.Name}
	// The first component is what the image runs by itself; that is to be proved. The others say what they run.
	if p != g.parts[0] || !g.hasCommand {
		s.command = p.c.Command()
	}
	return s
}

// defaultMemory is the limit of a component whose needs nobody has decided.
const defaultMemory = 2 << 30

// memoryLimit is what the plan gives the component, unless that is only a guess.
func memoryLimit(c *plan.Component) int64 {
	if c.Memory.V <= 0 || c.Memory.From == detect.Default || c.Memory.From == detect.Measured {
		return defaultMemory // what was measured under a limit would shrink with every run
	}
	return int64(c.Memory.V) << 20
}

// runPart starts a component and sees whether it works.
func (r *run) runPart(ctx context.Context, g *group, p *part) error {
	spec := r.spec(g, p, "")
	switch port := g.port(p.c); {
	case p.c.Role.V == detect.Batch || p.c.Role.V == detect.Training || p.c.Role.V == detect.CLI:
		return r.runBatch(ctx, spec, p)
	case p.c.Role.V == detect.Worker || port == 0:
		return r.runWorker(ctx, spec, p)
	default:
		spec.publish = port
		return r.runServer(ctx, spec, p)
	}
}

// runServer starts what has a port and probes it.
func (r *run) runServer(ctx context.Context, spec containerSpec, p *part) error {
	done := r.sink.Step(progress.Start, spec.component, spec.name, "start "+spec.name)
	c, err := r.start(ctx, spec, true)
	if err != nil {
		return done(err)
	}
	c.leave()
	_ = done(nil)
	p.running = c
	t, a, err := r.probeServer(ctx, c, p.c)
	result := newRunResult(p)
	result.Port, result.Probe = spec.publish, ProbeResult{Path: a.path, Status: a.status, Millis: a.millis, TLS: a.tls}
	if a.invoked != "" {
		result.Probe.Method = http.MethodPost
	}
	p.verdict.Run = result
	if err == nil {
		result.StartSeconds = time.Since(c.begin).Seconds()
		p.answer, p.target = a, t
		r.startCost(ctx, c, p)
	}
	return err
}

func newRunResult(p *part) *RunResult {
	return &RunResult{NonRoot: p.nonRoot, Writes: []string{}, UndeclaredWrites: []string{}, OpenPorts: []int{}}
}

// startCost takes down the processor time that a start has taken. A quick verification leaves that to its only measurement, which
// comes right after the start.
func (r *run) startCost(ctx context.Context, c *running, p *part) {
	if r.opts.Quick {
		return
	}
	if !c.usage.seen() { // it started within the first second
		if _, err := c.usage.once(ctx, r.engine, c.id); err != nil {
			return // the size follows from the load alone
		}
	}
	_, cpu := c.usage.peak()
	p.verdict.Run.StartCPUSeconds, p.measured.startCPU = rounded(cpu), cpu
}

// probeServer finds out where a container is reached and probes it there.
func (r *run) probeServer(ctx context.Context, c *running, component *plan.Component) (target, answer, error) {
	t, err := r.target(ctx, c, component)
	if err != nil {
		return t, answer{}, err
	}
	done := r.during(c, progress.Probe, c.spec.name, "probe "+strings.Join(t.paths, ", "))
	a, err := r.probe(ctx, c, t)
	a.title = r.mask.mask(a.title)
	return t, a, done(err)
}

// target is where and what to probe. A local container is also reached at its own address, for where nothing can be published.
func (r *run) target(ctx context.Context, c *running, component *plan.Component) (target, error) {
	t := target{port: c.spec.publish, paths: probePaths(component)}
	t.calling(component)
	info, err := r.engine.api.ContainerInspect(ctx, c.id)
	if err != nil {
		return t, r.engine.check(ctx, "find the port of "+c.spec.name, err)
	}
	if info.NetworkSettings == nil {
		return t, nil
	}
	for _, b := range info.NetworkSettings.Ports[nat.Port(fmt.Sprintf("%d/tcp", t.port))] {
		if !strings.Contains(b.HostIP, ":") {
			t.addresses = append(t.addresses, net.JoinHostPort(r.engine.host, b.HostPort))
		}
	}
	if r.engine.local {
		for _, n := range info.NetworkSettings.Networks {
			if n != nil && n.IPAddress != "" {
				t.inside = net.JoinHostPort(n.IPAddress, strconv.Itoa(t.port))
				t.addresses = append(t.addresses, t.inside)
			}
		}
	}
	return t, nil
}

// probePaths are asked for in this order: the health path, where the application says it lives, the root.
func probePaths(c *plan.Component) []string {
	var paths []string
	add := func(p string) {
		if !strings.HasPrefix(p, "/") {
			p = "/" + p
		}
		for _, have := range paths {
			if have == p {
				return
			}
		}
		paths = append(paths, p)
	}
	if p := c.HealthPath.V; p != "" {
		add(p)
	}
	if p := c.Fact("contextPath"); p != "" && p != "/" {
		add(path.Clean("/"+p) + "/")
	}
	add("/")
	return paths
}

// runWorker starts what has no port: it works when it still runs after a while.
func (r *run) runWorker(ctx context.Context, spec containerSpec, p *part) error {
	done := r.sink.Step(progress.Start, spec.component, spec.name, "start "+spec.name)
	c, err := r.start(ctx, spec, true)
	if err != nil {
		return done(err)
	}
	p.running = c
	p.verdict.Run = newRunResult(p)
	select {
	case <-ctx.Done():
		err = fmt.Errorf("watch %s: %w", spec.name, ctx.Err())
	case <-c.exited:
		err = r.endedEarly(ctx, c, "exited-early")
	case <-time.After(r.opts.WorkerTime):
		p.verdict.Run.StartSeconds = time.Since(c.begin).Seconds()
		r.startCost(ctx, c, p)
	}
	c.leave()
	return done(err)
}

// runBatch runs what does its work and ends.
func (r *run) runBatch(ctx context.Context, spec containerSpec, p *part) error {
	done := r.sink.Step(progress.Start, spec.component, spec.name, "run "+spec.name)
	begin := time.Now()
	err := r.toItsEnd(ctx, spec, r.opts.ReleaseTimeout, "exited-early")
	if err == nil {
		p.verdict.Run = newRunResult(p)
		p.verdict.Run.StartSeconds = time.Since(begin).Seconds()
	}
	return done(err)
}
