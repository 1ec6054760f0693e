package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"github.com/drydock-cli/drydock/progress"
)

// The labels of everything that a run creates: by them it is found again, whatever became of the run.
const (
	labelRun     = "io.drydock.run"     // the run's id
	labelHost    = "io.drydock.host"    // host name of the machine that drydock runs on
	labelPID     = "io.drydock.pid"     // its process id there
	labelStarted = "io.drydock.started" // RFC 3339
	labelKeep    = "io.drydock.keep"    // "true": left up on purpose
)

func runLabels(id string, keep bool, now time.Time) map[string]string {
	host, _ := os.Hostname() // empty: such a run is never taken for a dead one
	labels := map[string]string{
		labelRun: id, labelHost: host, labelPID: strconv.Itoa(os.Getpid()), labelStarted: now.UTC().Format(time.RFC3339),
	}
	if keep {
		labels[labelKeep] = "true"
	}
	return labels
}

// Removed counts what was removed from an engine.
type Removed struct {
	Containers int `json:"containers"`
	Networks   int `json:"networks"`
	Volumes    int `json:"volumes"`
}

// Any says that there was something.
func (r Removed) Any() bool { return r.Containers+r.Networks+r.Volumes > 0 }

func (r Removed) String() string {
	return fmt.Sprintf("%d containers, %d networks, %d volumes", r.Containers, r.Networks, r.Volumes)
}

// cleanTimeout bounds the removal of everything that a run created.
const cleanTimeout = time.Minute

// clean removes what the run created. It has a context of its own: it is called after an interruption too.
func (r *run) clean(ctx context.Context) error {
	if r.engine == nil || !r.created {
		return nil
	}
	if r.opts.Keep {
		r.sink.Emit(progress.Event{Stage: progress.Clean, Step: "clean", Name: "left up as asked; remove it with `drydock doctor --clean`", State: progress.Skipped})
		return nil
	}
	done := r.sink.Step(progress.Clean, "", "clean", "remove containers, network and volumes")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
	defer cancel()
	_, err := r.engine.removeLabelled(ctx, labelRun+"="+r.opts.RunID, nil)
	if err != nil {
		err = fmt.Errorf("remove what run %s created (`drydock doctor --clean` tries again): %w", r.opts.RunID, err)
	}
	return done(err)
}

// sweeps is how often removal is tried; the last one that finds nothing proves that nothing is left.
const sweeps = 4

// removeLabelled removes containers, networks and volumes with a label, when keep does not say otherwise of their labels.
func (e *engine) removeLabelled(ctx context.Context, label string, keep func(map[string]string) bool) (Removed, error) {
	var total Removed
	var err error
	for i := range sweeps {
		if err != nil { // a network whose last container is just going, for one
			if pauseErr := pause(ctx, time.Duration(i)*300*time.Millisecond); pauseErr != nil {
				return total, err
			}
		}
		var n Removed
		n, err = e.sweep(ctx, label, keep)
		total.Containers += n.Containers
		total.Networks += n.Networks
		total.Volumes += n.Volumes
		if err == nil && !n.Any() {
			return total, nil
		}
	}
	return total, err
}

// sweep lists and removes once: containers first, for they hold on to the rest.
func (e *engine) sweep(ctx context.Context, label string, keep func(map[string]string) bool) (Removed, error) {
	f, err := e.find(ctx, label, keep)
	if err != nil {
		return Removed{}, err
	}
	var failed error
	for _, id := range f.containers {
		failed = errors.Join(failed, e.remove(ctx, id))
	}
	for _, id := range f.networks {
		failed = errors.Join(failed, present(e.api.NetworkRemove(ctx, id)))
	}
	for _, name := range f.volumes {
		failed = errors.Join(failed, present(e.api.VolumeRemove(ctx, name, true)))
	}
	return f.count(), failed
}

// labelled is what carries a label.
type labelled struct{ containers, networks, volumes []string }

func (l labelled) count() Removed {
	return Removed{Containers: len(l.containers), Networks: len(l.networks), Volumes: len(l.volumes)}
}

// find lists what carries a label; keep, when it is not nil, leaves things out by their labels.
func (e *engine) find(ctx context.Context, label string, keep func(map[string]string) bool) (f labelled, err error) {
	by := filters.NewArgs(filters.Arg("label", label))
	add := func(list *[]string, id string, labels map[string]string) {
		if keep == nil || !keep(labels) {
			*list = append(*list, id)
		}
	}
	containers, err := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: by})
	if err != nil {
		return f, fmt.Errorf("list containers: %w", err)
	}
	for _, c := range containers {
		add(&f.containers, c.ID, c.Labels)
	}
	networks, err := e.api.NetworkList(ctx, network.ListOptions{Filters: by})
	if err != nil {
		return f, fmt.Errorf("list networks: %w", err)
	}
	for _, n := range networks {
		add(&f.networks, n.ID, n.Labels)
	}
	volumes, err := e.api.VolumeList(ctx, volume.ListOptions{Filters: by})
	if err != nil {
		return f, fmt.Errorf("list volumes: %w", err)
	}
	for _, v := range volumes.Volumes {
		add(&f.volumes, v.Name, v.Labels)
	}
	return f, nil
}

// remove ends a container and removes it with its anonymous volumes.
func (e *engine) remove(ctx context.Context, id string) error {
	err := e.api.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if errdefs.IsConflict(err) { // its removal is already in progress
		return nil
	}
	return present(err)
}

// present drops the error that says that a thing is gone already.
func present(err error) error {
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}

// CleanStale removes what runs of this machine left behind that are no longer running: their process is gone. all takes what
// was left up on purpose (Options.Keep) as well. The error is an *EngineError when no engine answers.
func CleanStale(ctx context.Context, engineURL string, all bool) (Removed, error) {
	e, err := connect(ctx, engineURL)
	if err != nil {
		return Removed{}, err
	}
	defer e.close()
	return e.cleanStale(ctx, all)
}

func (e *engine) cleanStale(ctx context.Context, all bool) (Removed, error) {
	host, err := os.Hostname()
	if err != nil {
		return Removed{}, fmt.Errorf("find the name of this machine: %w", err)
	}
	n, err := e.removeLabelled(ctx, labelHost+"="+host, func(labels map[string]string) bool { return !isStale(labels, all) })
	if err != nil {
		return n, e.check(ctx, "remove what earlier runs left behind", err)
	}
	return n, nil
}

// isStale says that something is left of a run that is over. What was left up on purpose counts only when all is asked for.
func isStale(labels map[string]string, all bool) bool {
	return isDead(labels) && (all || labels[labelKeep] != "true")
}

// isDead says that the process of a run is gone.
func isDead(labels map[string]string) bool {
	pid, err := strconv.Atoi(labels[labelPID])
	if err != nil || pid <= 0 || labels[labelRun] == "" {
		return false // not ours
	}
	started, err := time.Parse(time.RFC3339, labels[labelStarted])
	if err != nil {
		return false
	}
	return !processAlive(pid, started)
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
