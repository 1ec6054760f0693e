package verify

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/image"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
)

// Input is what is verified: a plan, the files made of it, and the source that they are laid over. Nothing is written to the source.
type Input struct {
	Plan      *plan.Plan
	Artifacts []generate.Artifact
	Tree      *source.Tree
	Options   Options
}

// Options say how. The zero value is usable.
type Options struct {
	Engine string // URL; empty: DOCKER_HOST, the Docker context, the socket
	RunID  string // names the run in labels; empty: a random one
	Keep   bool   // leave containers up
	Quick  bool   // leave out load, restarts and further starts
	// NoCache builds every step anew.
	NoCache bool
	// BuildNetwork is what the steps of a build reach: "none", or empty for what the engine gives them.
	BuildNetwork string
	// Jobs is how many images are built at a time; 0: one for each processor, at most four.
	Jobs int

	StartTimeout   time.Duration // until an application answers; 0: 120 s
	Settle         time.Duration // how long a bad answer must last to be believed; 0: 10 s
	ServiceTimeout time.Duration // until a service is ready; 0: 120 s
	ReleaseTimeout time.Duration // of the release step and of batch components; 0: 10 min
	WorkerTime     time.Duration // how long a worker must run; 0: 5 s
	StopTimeout    time.Duration // between SIGTERM and SIGKILL, in whole seconds; 0: 10 s

	Secrets      map[string]string // values of the plan's secrets; one that is missing is made up for the run
	BuildSecrets map[string][]byte // for RUN --mount=type=secret, by id
	SSHAgent     string            // path of an SSH agent's socket, for RUN --mount=type=ssh; empty: none
}

func (o Options) withDefaults() Options {
	if o.RunID == "" {
		o.RunID = time.Now().UTC().Format("20060102-150405-") + randomHex(4)
	}
	if o.Jobs <= 0 {
		o.Jobs = min(runtime.NumCPU(), 4)
	}
	for _, d := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&o.StartTimeout, 120 * time.Second}, {&o.Settle, 10 * time.Second}, {&o.ServiceTimeout, 120 * time.Second},
		{&o.ReleaseTimeout, 10 * time.Minute}, {&o.WorkerTime, 5 * time.Second}, {&o.StopTimeout, 10 * time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.def
		}
	}
	return o
}

// group is an image of the plan on its way.
type group struct {
	plan.ImageGroup
	parts      []*part
	context    *buildContext
	file       *dockerfile
	image      ImageResult
	hasCommand bool // the image says what it runs
	exposed    int  // the lowest TCP port that the image exposes; 0: none
	sound      bool // nothing is wrong with its files
}

// part is a component on its way.
type part struct {
	c        *plan.Component
	verdict  *ComponentVerdict
	running  *running
	answer   answer              // that showed life
	target   target              // where it was given
	measured measured            // what its size follows from
	troubles map[string][]string // why something that was tried besides did not work
	nonRoot  bool
	workdir  string
}

// port is where a component listens: by the plan, else, for one that serves, by its image.
func (g *group) port(c *plan.Component) int {
	if c.Port.V > 0 {
		return c.Port.V
	}
	return g.exposed
}

// Run builds the images of a plan, starts them with their services, probes, measures and stops them, and removes
// everything that it created, whatever happens. The verdict is there beside an error too, as far as the run got. Without an
// engine the files are checked, and the verdict says that nothing was run.
//
// The error is an *EngineError when no engine can be used or it is lost, a *BuildError or *BaseImageError when an image was
// not built, an *UnhealthyError when it was but does not work, or the context's.
func Run(ctx context.Context, in Input, sink progress.Sink) (*Verdict, error) {
	begin := time.Now()
	r := newRun(in, sink)
	err := r.all(ctx)
	r.conclude()
	r.verdict.Seconds = time.Since(begin).Seconds()
	return r.verdict, err
}

func newRun(in Input, sink progress.Sink) *run {
	r := &run{in: in, opts: in.Options.withDefaults(), sink: sink, services: map[string]*running{}}
	r.secrets = throwAway(in.Plan, in.Options.Secrets)
	hidden := secretValues(in.Plan, r.secrets)
	for _, v := range in.Options.BuildSecrets {
		hidden = append(hidden, string(v))
	}
	r.mask = newMasker(hidden...)
	r.labels = runLabels(r.opts.RunID, r.opts.Keep, time.Now())
	r.verdict = &Verdict{SchemaVersion: 1, Components: []ComponentVerdict{}}
	return r
}

// groups makes the images' records and the verdicts of their components.
func (r *run) groups() []*group {
	planned := r.in.Plan.ImageGroups()
	n := 0
	for _, g := range planned {
		n += len(g.Components)
	}
	r.verdict.Components = make([]ComponentVerdict, 0, n) // never grows: parts point into it
	var out []*group
	for _, pg := range planned {
		g := &group{ImageGroup: pg}
		for _, c := range pg.Components {
			r.verdict.Components = append(r.verdict.Components, ComponentVerdict{
				Name: c.Name, Outcome: Failed, Attempts: []Attempt{}, Readiness: []Readiness{}, Sizing: defaultSize(c.CPU.V, c.Memory.V)})
			g.parts = append(g.parts, &part{c: c, verdict: &r.verdict.Components[len(r.verdict.Components)-1]})
		}
		out = append(out, g)
	}
	return out
}

// all checks the files, finds an engine, and builds and runs.
func (r *run) all(ctx context.Context) error {
	groups := r.groups()
	if len(groups) == 0 {
		return errors.New("there is nothing to verify: the plan has no component that runs")
	}
	sound, err := r.checkFiles(ctx, groups)
	if err != nil {
		return err
	}
	done := r.sink.Step(progress.Build, "", "engine", "find a Docker engine")
	r.engine, err = connect(ctx, r.opts.Engine)
	if done(err) != nil {
		if ctx.Err() == nil {
			r.onlyChecked(groups, sound)
		}
		return err
	}
	defer r.engine.close()
	r.verdict.Engine = r.engine.name()
	if n, err := r.engine.cleanStale(ctx, false); err == nil && n.Any() {
		r.sink.Emit(progress.Event{Stage: progress.Clean, Step: "stale", Name: "removed what a dead run left behind: " + n.String(), State: progress.Done})
	}
	ours, foreign := r.split(groups)
	left := r.leaveOut(foreign)
	if len(ours) == 0 {
		r.onlyChecked(groups, sound)
		return left
	}
	if err := r.buildAndRun(ctx, ours); err != nil {
		return err
	}
	return left
}

// buildAndRun does the work that has to be cleaned up after.
func (r *run) buildAndRun(ctx context.Context, groups []*group) (err error) {
	defer func() {
		cleanErr := r.clean(ctx)
		for _, c := range r.started {
			c.close()
		}
		if err == nil {
			err = cleanErr
		}
	}()
	built, first := r.buildAll(ctx, groups)
	if fatal(first) {
		return first
	}
	if len(built) > 0 {
		err := r.runAll(ctx, built)
		if fatal(err) || first == nil {
			return err
		}
	}
	return first
}

// buildAll builds the images, Options.Jobs at a time. An image that fails does not keep the others from being tried; an engine that is
// lost ends them all. What is returned is in the images' order, whichever was done first.
func (r *run) buildAll(ctx context.Context, groups []*group) (ok []*group, first error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make([]error, len(groups))
	turns := make(chan struct{}, r.opts.Jobs)
	var work sync.WaitGroup
	for i, g := range groups {
		turns <- struct{}{}
		work.Go(func() {
			defer func() { <-turns }()
			if failed[i] = r.buildGroup(ctx, g); fatal(failed[i]) {
				cancel()
			}
		})
	}
	work.Wait()
	return r.sortBuilt(groups, failed)
}

// sortBuilt tells the images that were built from those that were not, and takes down why. A fatal error that is the cause goes before the
// cancellations that follow from it.
func (r *run) sortBuilt(groups []*group, failed []error) (ok []*group, first error) {
	for i, g := range groups {
		err := failed[i]
		if err == nil {
			ok = append(ok, g)
			continue
		}
		_ = r.failAll(g, phaseBuild, err) // the same error
		if first == nil || fatal(err) && (!fatal(first) || errors.Is(first, context.Canceled)) {
			first = err
		}
	}
	return ok, first
}

func (r *run) buildGroup(ctx context.Context, g *group) error {
	b, err := r.engine.build(ctx, buildRequest{
		image: g.Name, tag: r.tag(g), context: g.context, file: g.file, secrets: r.opts.BuildSecrets, agent: r.opts.SSHAgent, noCache: r.opts.NoCache, network: r.opts.BuildNetwork,
		sink: r.sink, mask: r.mask, component: g.parts[0].c.Name,
	})
	if err != nil {
		return err
	}
	info, err := r.engine.api.ImageInspect(ctx, b.id)
	if err != nil {
		return r.engine.check(ctx, "look at image "+g.Name, err)
	}
	g.look(info, r.tag(g))
	g.image.LayerSizes = r.layerSizes(ctx, b.id)
	for _, p := range g.parts {
		p.verdict.Outcome = Built
		p.verdict.Image = g.image
		p.verdict.Build = BuildResult{Seconds: b.seconds, CachedSteps: b.cached, Steps: b.steps}
		p.nonRoot = nonRoot(g.image.User)
	}
	return nil
}

// look takes down what an image says of itself.
func (g *group) look(info image.InspectResponse, tag string) {
	g.image = ImageResult{Ref: tag, ID: info.ID, SizeBytes: info.Size, Layers: len(info.RootFS.Layers)}
	if info.Config == nil {
		return
	}
	g.image.User = info.Config.User
	g.hasCommand = len(info.Config.Cmd)+len(info.Config.Entrypoint) > 0
	for _, p := range g.parts {
		p.workdir = info.Config.WorkingDir
	}
	for spec := range info.Config.ExposedPorts {
		var port int
		var proto string
		if n, _ := fmt.Sscanf(strings.Replace(spec, "/", " ", 1), "%d %s", &port, &proto); n == 2 && proto == "tcp" && (g.exposed == 0 || port < g.exposed) {
			g.exposed = port
		}
	}
}

// nonRoot says that an image's user is not root.
func nonRoot(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name != "" && name != "root" && strings.Trim(name, "0") != ""
}

// tag is what a built image is called: it is the result, and stays.
func (r *run) tag(g *group) string {
	version := "local"
	if c := r.in.Plan.Commit; len(c) >= 12 {
		version = c[:12]
	}
	return path.Join("drydock", g.Name) + ":" + version
}

// fail records what went wrong with a component and returns it.
func (r *run) fail(p *part, at phase, err error) error {
	if f, ok := failureOf(err); ok {
		p.verdict.Attempts = append(p.verdict.Attempts, Attempt{Phase: string(at), Failure: f})
	}
	return err
}

func (r *run) failAll(g *group, at phase, err error) error {
	for _, p := range g.parts {
		_ = r.fail(p, at, err) // the same error
	}
	return err
}

// phaseOf is the phase in which an error came about.
func phaseOf(err error) phase {
	var u *UnhealthyError
	if errors.As(err, &u) {
		return phase(u.Phase)
	}
	return phaseRun
}

// failureOf is an error in the verdict's words; an interruption is not a failure.
func failureOf(err error) (Failure, bool) {
	var (
		build     *BuildError
		base      *BaseImageError
		unhealthy *UnhealthyError
		engine    *EngineError
	)
	f := Failure{Log: []string{}}
	switch {
	case errors.As(err, &engine):
		f.ID, f.Message = "engine-lost", engine.Error()
	case errors.Is(err, context.Canceled):
		return f, false
	case errors.As(err, &build):
		f.ID, f.Message, f.Log, f.Tail = build.ID, build.headline(), append(f.Log, build.Log...), build.Tail
	case errors.As(err, &base):
		f.ID, f.Message = "base-image-not-found", base.Error()
		if base.Reason != ImageRateLimited {
			f.Image = base.Image // also when a registry cannot be reached: a mirror, or the engine, may hold another tag
		}
	case errors.As(err, &unhealthy):
		f.ID, f.Message, f.Log = unhealthy.ID, unhealthy.Message, append(f.Log, unhealthy.Log...)
		f.Tail, f.Image = unhealthy.Tail, unhealthy.Image
	case errors.Is(err, context.DeadlineExceeded):
		f.ID, f.Message = "timeout", err.Error()
	default:
		f.ID, f.Message = "unexpected", err.Error()
	}
	return f, true
}

// conclude makes one outcome of those of the components: the worst.
func (r *run) conclude() {
	v := r.verdict
	if v.Checked {
		return
	}
	v.Outcome = Healthy
	for _, c := range v.Components {
		if c.Outcome == Failed || v.Outcome == Healthy {
			v.Outcome = c.Outcome
		}
	}
	if len(v.Components) == 0 {
		v.Outcome = Failed
	}
}
