package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/pkg/stdcopy"
	"github.com/docker/go-connections/nat"

	"github.com/drydock-cli/drydock/progress"
)

// containerSpec is a container to be started on the run's network.
type containerSpec struct {
	name      string // unique in the run
	aliases   []string
	image     string
	command   []string // nil: the image's own
	env       []string
	stage     progress.Stage
	step      string // that it is started in; empty: name
	component string

	publish  int      // port of the container to publish; 0: none
	memory   int64    // limit in bytes; 0: none
	confined bool     // no capabilities, no new privileges, a limit of processes
	readOnly bool     // the root file system, with a tmpfs on /tmp
	writable []string // volumes, made by the engine with what the image holds there
	data     string   // directory that gets a volume of its own
	user     string   // instead of the image's
	health   *container.HealthConfig
}

// running is a started container. Its output is read until it ends or close is called.
type running struct {
	spec  containerSpec
	id    string
	begin time.Time // when it was told to start
	since string    // what it printed before is left out: it is another start's
	tail  *tail

	mu    sync.Mutex
	place place // the step that its output belongs to at present; guarded by mu

	// alive is cancelled when the container has ended or the run was interrupted.
	alive   context.Context
	exited  chan struct{} // closed when it has ended; exit is set then
	exit    exit
	drained chan struct{} // closed when its output has been read to the end
	usage   *usage
	end     context.CancelFunc
	all     sync.WaitGroup
}

// exit is how a container ended.
type exit struct {
	code int
	oom  bool
	err  error // it is not known: the engine was lost, or the run interrupted
}

// place is a step of a run.
type place struct {
	stage progress.Stage
	step  string // empty: no step is open
}

// during opens a step that a container's output belongs to until it ends.
func (r *run) during(c *running, stage progress.Stage, step, name string) func(error) error {
	done := r.sink.Step(stage, c.spec.component, step, name)
	c.mu.Lock()
	c.place = place{stage, step}
	c.mu.Unlock()
	return func(err error) error {
		c.leave()
		return done(err)
	}
}

// leave says that the step which the container's output belonged to is about to end.
func (c *running) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.place.step = ""
}

// tell sends an event of the step that the container is in. The lock keeps the step from ending before the event is sent.
func (r *run) tell(c *running, state progress.State, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.sink.Emit(progress.Event{Stage: c.place.stage, Component: c.spec.component, Step: c.place.step, State: state, Text: r.mask.mask(text)})
}

// tail keeps the last lines that a container printed.
type tail struct {
	mu sync.Mutex
	r  *ring
}

func newTail() *tail { return &tail{r: newRing(keepLog)} }

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.r.add(line)
}

// lines is how many lines there were.
func (t *tail) lines() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.r.total
}

func (t *tail) last(n int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.r.last(n)
}

// createTimeout bounds the calls that create something. They are not interrupted by Ctrl-C: one that is cut off leaves
// open whether the thing is there, and cleaning up would come too early.
const createTimeout = 2 * time.Minute

func uninterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), createTimeout)
}

// start creates and starts a container, and begins to read its output. sample says that what it uses is measured.
func (r *run) start(ctx context.Context, spec containerSpec, sample bool) (*running, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, begin, err := r.launch(ctx, spec, true)
	if err != nil && strings.Contains(err.Error(), "docker-init") {
		// An engine without docker-init cannot be asked for an init process.
		id, begin, err = r.launch(ctx, spec, false)
	}
	if err != nil {
		return nil, r.engine.check(ctx, "start "+spec.name, err)
	}
	return r.watch(ctx, spec, id, begin, "", sample), nil
}

// again starts a stopped container once more, in a step of measuring: what it wrote, and its volumes, are as it left them.
func (r *run) again(ctx context.Context, stopped *running, step string) (*running, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	startCtx, cancel := uninterrupted(ctx)
	defer cancel()
	since := r.endOf(startCtx, stopped.id)
	begin := time.Now()
	if err := r.engine.api.ContainerStart(startCtx, stopped.id, container.StartOptions{}); err != nil {
		return nil, r.engine.check(ctx, "start "+stopped.spec.name+" again", err)
	}
	spec := stopped.spec
	spec.stage, spec.step = progress.Measure, step
	return r.watch(ctx, spec, stopped.id, begin, since, false), nil
}

// endOf is when a container ended by the engine's clock, for the engine's logs: what it printed before belongs to an earlier start.
func (r *run) endOf(ctx context.Context, id string) string {
	info, err := r.engine.api.ContainerInspect(ctx, id)
	if err != nil || info.State == nil {
		return ""
	}
	return info.State.FinishedAt
}

// watch begins to read the output of a container that was started, and to wait for its end.
func (r *run) watch(ctx context.Context, spec containerSpec, id string, begin time.Time, since string, sample bool) *running {
	c := &running{spec: spec, id: id, begin: begin, since: since, tail: newTail(), exited: make(chan struct{}), drained: make(chan struct{})}
	c.place = place{spec.stage, cmp.Or(spec.step, spec.name)}
	life, end := context.WithCancel(ctx)
	c.end = end
	alive, dead := context.WithCancel(life)
	c.alive = alive
	c.all.Add(2)
	go func() {
		defer c.all.Done()
		defer dead()
		c.exit = r.await(life, id)
		close(c.exited)
	}()
	go func() {
		defer c.all.Done()
		defer close(c.drained)
		r.follow(life, c)
	}()
	if sample {
		c.usage = &usage{}
		c.all.Add(1)
		go func() {
			defer c.all.Done()
			c.usage.sample(alive, r.engine, id)
		}()
	}
	r.track(c)
	return c
}

// launch creates a container and starts it. A container that does not start is removed.
func (r *run) launch(ctx context.Context, spec containerSpec, init bool) (id string, begin time.Time, err error) {
	ctx, cancel := uninterrupted(ctx)
	defer cancel()
	config, host, net := r.configure(spec, init)
	made, err := r.engine.api.ContainerCreate(ctx, config, host, net, nil, r.name(spec.name))
	if err != nil {
		return "", begin, err
	}
	begin = time.Now()
	if err := r.engine.api.ContainerStart(ctx, made.ID, container.StartOptions{}); err != nil {
		return "", begin, errors.Join(err, r.engine.remove(ctx, made.ID))
	}
	return made.ID, begin, nil
}

// pidsLimit is how many processes and threads an application may have: enough for a large Java server, too few for a fork bomb.
const pidsLimit = 1024

// configure says in the engine's words what a spec asks for.
func (r *run) configure(spec containerSpec, init bool) (*container.Config, *container.HostConfig, *network.NetworkingConfig) {
	config := &container.Config{Image: spec.image, User: spec.user, Cmd: spec.command, Env: spec.env, Labels: r.labels, Healthcheck: spec.health}
	host := &container.HostConfig{
		Init:           &init,
		NetworkMode:    container.NetworkMode(r.network),
		ReadonlyRootfs: spec.readOnly,
		Resources:      container.Resources{Memory: spec.memory, MemorySwap: spec.memory},
		LogConfig:      container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "10m", "max-file": "1"}},
	}
	if spec.confined {
		host.CapDrop = []string{"ALL"}
		host.SecurityOpt = []string{"no-new-privileges"}
		host.PidsLimit = ptr(int64(pidsLimit))
	}
	if spec.readOnly {
		// exec: Java and Node unpack libraries there.
		host.Tmpfs = map[string]string{"/tmp": "exec,mode=1777"}
	}
	for _, dir := range spec.writable {
		host.Mounts = append(host.Mounts, mount.Mount{Type: mount.TypeVolume, Target: dir, VolumeOptions: &mount.VolumeOptions{Labels: r.labels}})
	}
	if spec.data != "" {
		host.Mounts = append(host.Mounts, mount.Mount{Type: mount.TypeVolume, Source: r.name(spec.name), Target: spec.data, VolumeOptions: &mount.VolumeOptions{Labels: r.labels}})
	}
	if spec.publish > 0 {
		port := nat.Port(fmt.Sprintf("%d/tcp", spec.publish))
		config.ExposedPorts = nat.PortSet{port: {}}
		// The kernel chooses the port. A remote engine has to publish it to where we are.
		ip := "127.0.0.1"
		if !r.engine.local {
			ip = ""
		}
		host.PortBindings = nat.PortMap{port: {{HostIP: ip}}}
	}
	return config, host, &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{r.network: {Aliases: spec.aliases}}}
}

func ptr[T any](v T) *T { return &v }

// await waits for a container to end.
func (r *run) await(ctx context.Context, id string) exit {
	ended, failed := r.engine.api.ContainerWait(ctx, id, container.WaitConditionNotRunning)
	select {
	case w := <-ended:
		x := exit{code: int(w.StatusCode)}
		inspectCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTimeout)
		defer cancel()
		if info, err := r.engine.api.ContainerInspect(inspectCtx, id); err == nil && info.State != nil {
			x.oom = info.State.OOMKilled
		}
		return x
	case err := <-failed:
		return exit{err: err}
	}
}

// follow reads a container's output to its end.
func (r *run) follow(ctx context.Context, c *running) {
	emit := func(line string) {
		c.tail.add(r.mask.mask(line))
		r.tell(c, progress.Log, line)
	}
	stdout, stderr := &lineWriter{emit: emit}, &lineWriter{emit: emit}
	logs, err := r.engine.api.ContainerLogs(ctx, c.id, container.LogsOptions{ShowStdout: true, ShowStderr: true, Follow: true, Since: c.since})
	if err != nil {
		return
	}
	defer logs.Close()
	_ = copyLogs(stdout, stderr, logs)
	stdout.Flush()
	stderr.Flush()
}

// copyLogs splits the engine's stream into the two that it carries.
func copyLogs(stdout, stderr io.Writer, logs io.Reader) error {
	_, err := stdcopy.StdCopy(stdout, stderr, logs)
	return err
}

// drainTime is how long output may still come after the end of a container.
const drainTime = 2 * time.Second

// log returns the container's last lines. When it has ended they are complete.
func (c *running) log() []string {
	select {
	case <-c.exited:
		select {
		case <-c.drained:
		case <-time.After(drainTime):
		}
	default:
	}
	return c.tail.last(showLog)
}

// longLog is log with all lines that were kept.
func (c *running) longLog() []string { return c.tail.last(keepLog) }

// ended says without waiting whether the container has ended.
func (c *running) ended() bool {
	select {
	case <-c.exited:
		return true
	default:
		return false
	}
}

// close stops reading from the engine; it does not touch the container.
func (c *running) close() {
	c.end()
	c.all.Wait()
}

// endedEarly says why a container that should run has ended.
func (r *run) endedEarly(ctx context.Context, c *running, fallback string) error {
	if c.exit.err != nil {
		return r.engine.check(ctx, "watch "+c.spec.name, c.exit.err)
	}
	log, long := c.log(), c.longLog()
	u := &UnhealthyError{Component: c.spec.component, Phase: string(phaseRun), Log: telling(long), Tail: long}
	u.ID, u.Message = diagnose(phaseRun, log)
	switch {
	case c.exit.oom:
		u.ID, u.Message = "out-of-memory", fmt.Sprintf("it was killed at its memory limit of %d MiB", c.spec.memory>>20)
	case u.ID == "" && (c.exit.code == 126 || c.exit.code == 127):
		u.ID, u.Message = "command-not-found", "its command cannot be run"
	case u.ID == "" && fallback == "migration-failed":
		u.ID, u.Message = fallback, "its release step failed"
	case u.ID == "":
		u.ID, u.Message = fallback, "it ended by itself"
	}
	u.Message = fmt.Sprintf("%s (%s ended with exit code %d after %.1f s)", u.Message, c.spec.name, c.exit.code, time.Since(c.begin).Seconds())
	return u
}
