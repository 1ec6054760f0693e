package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/registry"
	"github.com/docker/docker/pkg/jsonmessage"

	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
)

// How a service is asked whether it is ready.
const (
	healthInterval = time.Second
	healthTimeout  = 10 * time.Second
	healthRetries  = 5
	inspectEvery   = 150 * time.Millisecond
	// unproved is how long a service must run that has no health command.
	unproved = 3 * time.Second
)

// startServices pulls and starts the services that built components need and waits until they are ready. It returns what
// is wrong with each that is not, by its name; the error ends the run.
func (r *run) startServices(ctx context.Context, needed func(plan.Service) bool) (map[string]error, error) {
	bad := map[string]error{}
	var up []*running
	for _, s := range r.in.Plan.Services {
		if !needed(s) {
			continue
		}
		c, err := r.startService(ctx, s)
		if fatal(err) {
			return bad, err
		}
		if err != nil {
			bad[s.Name] = asService(s.Name, err)
			continue
		}
		up = append(up, c)
	}
	for _, c := range up {
		done := r.during(c, progress.Services, c.spec.name, "wait for "+c.spec.name)
		err := done(r.awaitHealthy(ctx, c))
		if fatal(err) {
			return bad, err
		}
		if err != nil {
			bad[c.spec.name] = err
			continue
		}
		r.services[c.spec.name] = c
	}
	return bad, nil
}

// asService says of an error that it is a service that cannot be started: the application's own image is built, so this is no build error.
func asService(name string, err error) error {
	u := &UnhealthyError{Component: name, Phase: string(phaseRun), ID: "service-not-started", Message: err.Error()}
	var image *BaseImageError
	if errors.As(err, &image) {
		u.ID, u.Message = "service-image-not-found", image.headline()
		if image.Reason != ImageRateLimited {
			u.Image = image.Image
		}
	}
	return u
}

// fatal tells what ends the run from what is wrong with one part of it.
func fatal(err error) bool {
	return err != nil && (isEngineError(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}

func (r *run) startService(ctx context.Context, s plan.Service) (*running, error) {
	ref := r.in.Plan.Pull(s.Image.V)
	if err := r.pull(ctx, s.Name, ref); err != nil {
		return nil, err
	}
	done := r.sink.Step(progress.Services, s.Name, s.Name+"-start", "start "+ref)
	c, err := r.start(ctx, containerSpec{
		name: s.Name, aliases: []string{s.Name}, image: ref, command: s.Command, env: environment(r.in.Plan, s.Settings, r.secrets),
		stage: progress.Services, step: s.Name + "-start", component: s.Name, data: s.Data, health: r.healthConfig(s),
	}, false)
	if err == nil {
		c.leave()
	}
	return c, done(err)
}

// healthConfig is the plan's health command in the engine's words; nil leaves the image's own, if any.
func (r *run) healthConfig(s plan.Service) *container.HealthConfig {
	if len(s.Health) == 0 {
		return nil
	}
	h := &container.HealthConfig{
		Test: append([]string{"CMD"}, s.Health...), Interval: healthInterval, Timeout: healthTimeout, Retries: healthRetries,
		StartPeriod: r.opts.ServiceTimeout, // failures while it starts do not count
	}
	if atLeast(r.engine.apiV, 44) { // newer engines ask only every 5 s while it starts, older ones do not know the field
		h.StartInterval = healthInterval
	}
	return h
}

// awaitHealthy waits until a service says that it is ready.
func (r *run) awaitHealthy(ctx context.Context, c *running) error {
	for {
		if c.ended() {
			return r.endedEarly(ctx, c, "service-ended")
		}
		info, err := r.engine.api.ContainerInspect(ctx, c.id)
		if err != nil {
			return r.engine.check(ctx, "watch "+c.spec.name, err)
		}
		var health *container.Health
		if info.State != nil {
			health = info.State.Health
		}
		up := time.Since(c.begin)
		switch {
		case info.State != nil && !info.State.Running: // it counts as unhealthy then; that it has ended is told next
		case health != nil && health.Status == container.Healthy:
			return nil
		case health == nil && up > unproved: // it has no health command: that it runs is all that can be said
			return nil
		case health != nil && health.Status == container.Unhealthy, up > r.opts.ServiceTimeout:
			return r.notReady(c, health, up)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", c.spec.name, ctx.Err())
		case <-c.exited:
		case <-time.After(inspectEvery):
		}
	}
}

func (r *run) notReady(c *running, health *container.Health, up time.Duration) error {
	log := c.log()
	message := fmt.Sprintf("the service %s was not ready after %.0f s", c.spec.name, up.Seconds())
	if health != nil && len(health.Log) > 0 {
		last := health.Log[len(health.Log)-1]
		message += fmt.Sprintf("; its health command ended with %d: %s", last.ExitCode, r.mask.mask(shorten(last.Output, 200)))
	}
	return &UnhealthyError{Component: c.spec.name, Phase: string(phaseRun), ID: "service-unhealthy", Message: message, Log: log}
}

// pull makes sure that an image is there, and reports how far it has come. The error is a *BaseImageError when it cannot be had.
func (r *run) pull(ctx context.Context, component, ref string) error {
	e := r.engine
	_, err := e.api.ImageInspect(ctx, ref)
	if err == nil {
		r.sink.Emit(progress.Event{Stage: progress.Pull, Component: component, Step: ref, Name: "image " + ref, State: progress.Cached})
		return nil
	}
	if !errdefs.IsNotFound(err) {
		return e.check(ctx, "look for image "+ref, err)
	}
	done := r.sink.Step(progress.Pull, component, ref, "pull "+ref)
	return done(r.pullNow(ctx, component, ref))
}

func (r *run) pullNow(ctx context.Context, component, ref string) error {
	stream, err := r.engine.api.ImagePull(ctx, ref, image.PullOptions{RegistryAuth: r.engine.login(ref)})
	if err == nil {
		defer stream.Close()
		err = r.followPull(stream, component, ref)
	}
	if err == nil {
		return nil
	}
	if checked := r.engine.check(ctx, "pull "+ref, err); fatal(checked) {
		return checked
	}
	return &BaseImageError{Image: ref, Reason: whyNotPulled(err.Error()), Err: flatten(err)}
}

// followPull reads the engine's progress to the end: each layer tells its own bytes.
func (r *run) followPull(stream io.Reader, component, ref string) error {
	layers := map[string][2]int64{}
	var told time.Time
	dec := json.NewDecoder(stream)
	for {
		var m jsonmessage.JSONMessage
		if err := dec.Decode(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if m.Error != nil {
			return m.Error
		}
		if m.Progress == nil || m.Status != "Downloading" || len(layers) > maxSteps {
			continue
		}
		layers[m.ID] = [2]int64{m.Progress.Current, m.Progress.Total}
		if time.Since(told) < tellEvery {
			continue
		}
		told = time.Now()
		var current, total int64
		for _, l := range layers {
			current, total = current+l[0], total+l[1]
		}
		r.sink.Emit(progress.Event{Stage: progress.Pull, Component: component, Step: ref, State: progress.Running, Current: current, Total: total, Unit: "bytes"})
	}
}

// dockerHub is the key of Docker Hub's login in Docker's configuration.
const dockerHub = "https://index.docker.io/v1/"

// login is the encoded login of an image's registry; empty when there is none.
func (e *engine) login(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ""
	}
	host := reference.Domain(named)
	if host == "docker.io" {
		host = dockerHub
	}
	auth, err := e.config.GetAuthConfig(host)
	if err != nil {
		return ""
	}
	encoded, err := registry.EncodeAuthConfig(registry.AuthConfig(auth))
	if err != nil {
		return ""
	}
	return encoded
}

// needs says that a component needs a service: one that lists nobody serves all.
func needs(s plan.Service, component string) bool {
	return len(s.For) == 0 || slices.Contains(s.For, component)
}
