package flow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
)

// TestKilledAtAnyMoment kills drydock, or cuts it off from its engine, at 20 random moments of a run of an application with a database,
// and holds that after the next run that is left alone nothing of them is there: no container, network, volume or file.
func TestKilledAtAnyMoment(t *testing.T) {
	api := engine(t)
	bin := filepath.Join(t.TempDir(), "drydock")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/drydock").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // moments, not secrets
	work := newVictim(t, bin, api)
	if err := work.run(0, false); err != nil { // the images are there now, and a run is known to end well
		t.Fatalf("%v\n%s", err, work.said)
	}
	beforeEngine, beforeFiles := work.onEngine(t), work.files(t)
	for i := range 20 {
		within := 2500 * time.Millisecond
		if i%7 == 6 {
			within = 10 * time.Second // into the measurements
		}
		at := time.Duration(random.Int64N(int64(within))) + 100*time.Millisecond
		cut := i%2 == 1
		t.Logf("round %d: at %s, cut off %v: %v; left on the engine: %d", i, at.Round(time.Millisecond), cut, work.run(at, cut), len(work.onEngine(t))-len(beforeEngine))
	}
	if err := work.run(0, false); err != nil {
		t.Errorf("the run after them: %v\n%s", err, work.said)
	}
	if now := work.onEngine(t); !slices.Equal(now, beforeEngine) {
		t.Errorf("on the engine were %v and are %v", beforeEngine, now)
	}
	if now := work.files(t); !slices.Equal(now, beforeFiles) {
		t.Errorf("there were the files %v and are %v", beforeFiles, now)
	}
}

// TestEngineKilled kills the engine itself in the midst of runs, with all that runs on it, and starts it again: after the next run that is left alone
// nothing of them is on it. The engine is one of its own, in a container.
func TestEngineKilled(t *testing.T) {
	box := newEngineBox(t)
	bin := filepath.Join(t.TempDir(), "drydock")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/drydock").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // moments, not secrets
	work := newVictim(t, bin, box.inside)
	work.dir, work.engine = copyApp(t, "static-almanac"), box.inside.DaemonHost()
	if err := work.run(0, false); err != nil {
		t.Fatalf("%v\n%s", err, work.said)
	}
	beforeEngine, beforeFiles := work.onEngine(t), work.files(t)
	for i := range 6 {
		at := time.Duration(random.Int64N(int64(3*time.Second))) + 100*time.Millisecond
		down := make(chan struct{})
		killed := time.AfterFunc(at, func() { defer close(down); box.kill() })
		err := work.run(0, false)
		if killed.Stop() { // it was faster
			continue
		}
		<-down
		t.Logf("round %d: at %s: %v: %s", i, at.Round(time.Millisecond), err, lastLine(work.said))
		box.start(t)
		work.api, work.engine = box.inside, box.inside.DaemonHost()
	}
	if err := work.run(0, false); err != nil {
		t.Errorf("the run after them: %v\n%s", err, work.said)
	}
	if now := work.onEngine(t); !slices.Equal(now, beforeEngine) {
		t.Errorf("on the engine were %v and are %v", beforeEngine, now)
	}
	if now := work.files(t); !slices.Equal(now, beforeFiles) {
		t.Errorf("there were the files %v and are %v", beforeFiles, now)
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// engineBox is an engine in a container of another one.
type engineBox struct {
	outside, inside *client.Client
	id              string
}

// newEngineBox starts it on the first engine of DRYDOCK_TEST_ENGINES that can, and gives it the base image of the application.
func newEngineBox(t *testing.T) *engineBox {
	t.Helper()
	ctx := context.Background()
	engine(t) // without any the test is skipped, but never in CI
	hosts := strings.Fields(os.Getenv("DRYDOCK_TEST_ENGINES"))
	if len(hosts) == 0 {
		hosts = []string{""}
	}
	var why error
	for _, host := range hosts {
		box, err := startBox(ctx, t, host)
		if err != nil {
			why = errors.Join(why, fmt.Errorf("%s: %w", host, err))
			continue
		}
		return box
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no engine can start one in a container:", why)
	}
	t.Skip("no engine can start one in a container (hack/engine/ensure --beside sid starts one that can):", why)
	return nil
}

func startBox(ctx context.Context, t *testing.T, host string) (*engineBox, error) {
	options := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if host != "" {
		options = append(options, client.WithHost(host))
	}
	outside, err := client.NewClientWithOpts(options...)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { outside.Close() })
	for _, ref := range []string{"docker:dind", "nginx:1.26"} {
		answer, err := outside.ImagePull(ctx, ref, image.PullOptions{})
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, answer)
		answer.Close()
		if err != nil {
			return nil, err
		}
	}
	made, err := outside.ContainerCreate(ctx, &container.Config{Image: "docker:dind"}, &container.HostConfig{Privileged: true}, nil, nil, "")
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		_ = outside.ContainerRemove(context.WithoutCancel(ctx), made.ID, container.RemoveOptions{Force: true, RemoveVolumes: true})
	})
	box := &engineBox{outside: outside, id: made.ID}
	if err := outside.ContainerStart(ctx, made.ID, container.StartOptions{}); err != nil {
		return nil, err
	}
	box.start(t)
	saved, err := outside.ImageSave(ctx, []string{"nginx:1.26"})
	if err != nil {
		return nil, err
	}
	defer saved.Close()
	loaded, err := box.inside.ImageLoad(ctx, saved)
	if err != nil {
		return nil, err
	}
	defer loaded.Body.Close()
	_, err = io.Copy(io.Discard, loaded.Body)
	return box, err
}

// kill ends the engine and all that runs on it at once, as a power cut does, and waits until it is down: a start before that does nothing.
func (b *engineBox) kill() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_ = b.outside.ContainerKill(ctx, b.id, "KILL")
	ended, failed := b.outside.ContainerWait(ctx, b.id, container.WaitConditionNotRunning)
	select {
	case <-ended:
	case <-failed:
	}
}

// start starts the engine, if it is down, and waits until it answers. Its address may be another one than before.
func (b *engineBox) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	if err := b.outside.ContainerStart(ctx, b.id, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	info, err := b.outside.ContainerInspect(ctx, b.id)
	if err != nil {
		t.Fatal(err)
	}
	host := ""
	for _, n := range info.NetworkSettings.Networks {
		host = "tcp://" + net.JoinHostPort(n.IPAddress, "2375") // its address, not a published port: what runs on it is reached there too
	}
	if b.inside == nil || b.inside.DaemonHost() != host {
		api, err := client.NewClientWithOpts(client.WithHost(host), client.WithAPIVersionNegotiation())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { api.Close() })
		b.inside = api
	}
	for ctx.Err() == nil {
		if _, err = b.inside.Ping(ctx); err == nil {
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
	logs, logErr := b.outside.ContainerLogs(context.Background(), b.id, container.LogsOptions{ShowStdout: true, ShowStderr: true, Tail: "20"})
	if logErr == nil {
		text, _ := io.ReadAll(logs)
		_ = logs.Close()
		t.Logf("%s", text)
	}
	t.Fatal("the engine in the container does not answer:", err)
}

// victim runs drydock on one application, with folders of its own for all that it writes.
type victim struct {
	bin, dir, tmp, state, socket string
	engine                       string // URL; empty: the default
	api                          *client.Client
	said                         string
	pids                         []string // of all its runs: others may use the same engine
}

func newVictim(t *testing.T, bin string, api *client.Client) *victim {
	t.Helper()
	short, err := os.MkdirTemp("", "cut") // the path of a socket may not be long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	return &victim{bin: bin, dir: copyApp(t, "node-tickets"), tmp: t.TempDir(), state: t.TempDir(), socket: filepath.Join(short, "s"), api: api}
}

// run runs drydock until it ends or the moment has come (0: never); then it is killed, or loses its engine and is waited for.
func (v *victim) run(at time.Duration, cut bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, v.bin, "containerize", v.dir, "--yes", "--no-repair")
	cmd.Env = append(os.Environ(), "TMPDIR="+v.tmp, "XDG_STATE_HOME="+v.state, "XDG_CACHE_HOME="+v.state)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if v.engine != "" {
		cmd.Args = append(cmd.Args, "--quick", "--engine", v.engine)
	}
	drop := func() {}
	if cut {
		relay, err := relayTo(v.socket, v.api.DaemonHost())
		if err != nil {
			return err
		}
		drop = relay.close
		defer drop()
		cmd.Args = append(cmd.Args, "--engine", "unix://"+v.socket)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	v.pids = append(v.pids, strconv.Itoa(cmd.Process.Pid))
	if at > 0 {
		timer := time.AfterFunc(at, func() {
			if cut {
				drop()
			} else {
				_ = cmd.Process.Kill()
			}
		})
		defer timer.Stop()
	}
	err := cmd.Wait()
	v.said = said.String()
	return err
}

// onEngine lists what these runs left on the engine.
func (v *victim) onEngine(t *testing.T) []string {
	t.Helper()
	ctx := context.Background()
	by := filters.NewArgs(filters.Arg("label", "io.drydock.run"))
	out := []string{}
	add := func(name string, labels map[string]string) {
		if slices.Contains(v.pids, labels["io.drydock.pid"]) {
			out = append(out, name)
		}
	}
	containers, err := v.api.ContainerList(ctx, container.ListOptions{All: true, Filters: by})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range containers {
		add("container "+c.ID, c.Labels)
	}
	networks, err := v.api.NetworkList(ctx, network.ListOptions{Filters: by})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range networks {
		add("network "+n.ID, n.Labels)
	}
	volumes, err := v.api.VolumeList(ctx, volume.ListOptions{Filters: by})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range volumes.Volumes {
		add("volume "+x.Name, x.Labels)
	}
	slices.Sort(out)
	return out
}

// files lists what is in the folders, but for the records of runs, of which each adds one.
func (v *victim) files(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, dir := range []string{v.dir, v.tmp} {
		err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !strings.Contains(name, "/.drydock/runs/") {
				out = append(out, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(out)
	return out
}

// relay hands connections on to an engine until it is closed; then all are cut, as when the engine or the way to it dies.
type relay struct {
	mu       sync.Mutex
	listener net.Listener
	open     []net.Conn
	closed   bool
}

func relayTo(socket, host string) (*relay, error) {
	_ = os.Remove(socket)
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	r := &relay{listener: l}
	scheme, address, _ := strings.Cut(host, "://")
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial(scheme, address)
			if err != nil || !r.keep(from, to) {
				_ = from.Close()
				continue
			}
			go func() { _, _ = io.Copy(to, from); _ = to.(interface{ CloseWrite() error }).CloseWrite() }()
			go func() { _, _ = io.Copy(from, to); _ = from.(interface{ CloseWrite() error }).CloseWrite() }()
		}
	}()
	return r, nil
}

func (r *relay) keep(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = append(r.open, conns...)
	return !r.closed
}

func (r *relay) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	_ = r.listener.Close()
	for _, c := range r.open {
		_ = c.Close()
	}
}
