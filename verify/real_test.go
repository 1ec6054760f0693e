package verify

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh/agent"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
)

// These tests run on real engines. Images are busybox and what the test profile holds.

func TestHealthy(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		opts := short()
		opts.Quick = false
		v, rec, err := runOn(t, url, Input{
			Plan: webPlan(8080), Tree: tree(map[string]string{"index.html": "<h1>hello</h1>"}), Options: opts, Artifacts: busybox(serve),
		})
		if err != nil {
			t.Fatal(err)
		}
		c := v.Components[0]
		if v.Outcome != Healthy || c.Outcome != Healthy || c.Run == nil || c.Run.Probe.Status != 200 || c.Run.Probe.Path != "/" || c.Run.Port != 8080 {
			t.Fatalf("verdict: %+v, run %+v", v, c.Run)
		}
		if !c.Run.NonRoot || !c.Run.ReadOnlyRoot || c.Run.StoppedBy != "SIGTERM" || c.Run.MemoryPeakBytes == 0 || c.Run.CPUSeconds == 0 {
			t.Errorf("run: %+v", c.Run)
		}
		if c.Sizing != (SizingResult{FargateSize{256, 512}, "measured", 256, 128}) {
			t.Errorf("sizing: %+v", c.Sizing)
		}
		if c.Image.Ref != "drydock/verify-test:local" || !strings.HasPrefix(c.Image.ID, "sha256:") || c.Image.Layers < 2 || c.Image.SizeBytes == 0 || c.Image.User != "1000" {
			t.Errorf("image: %+v", c.Image)
		}
		if c.Build.Steps != 3 {
			t.Errorf("build: %+v", c.Build)
		}
		for _, want := range []struct {
			stage progress.Stage
			state progress.State
			text  string
		}{
			{progress.Build, progress.Done, "context of 2 files"},
			{progress.Build, progress.Started, "COPY . /www/"},
			{progress.Start, progress.Done, ""},
			{progress.Probe, progress.Done, ""},
			{progress.Measure, progress.Done, ""},
			{progress.Stop, progress.Done, ""},
			{progress.Clean, progress.Done, ""},
		} {
			if !rec.has(want.stage, want.state, want.text) {
				t.Errorf("no event %+v", want)
			}
		}
		wellFormed(t, rec)
	})
}

// wellFormed sees that every step that started has ended, once, and that output belongs to a step that is open or to none.
func wellFormed(t *testing.T, rec *recorder) {
	t.Helper()
	open := map[string]int{}
	for _, e := range rec.all() {
		key := string(e.Stage) + "/" + e.Component + "/" + e.Step
		switch e.State {
		case progress.Log:
			if e.Step != "" && open[key] == 0 {
				t.Errorf("output for %s, which is not open: %s", key, e.Text)
			}
		case progress.Started:
			open[key]++
		case progress.Done, progress.Cached, progress.Failed, progress.Skipped:
			if open[key] > 0 {
				open[key]--
			}
		}
	}
	for key, n := range open {
		if n != 0 {
			t.Errorf("step %s started and did not end", key)
		}
	}
}

// TestContextIsFiltered sees in the image that .dockerignore was obeyed, that generated files lie over the source's, that local
// secrets are not sent, and that links arrive.
func TestContextIsFiltered(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		for name, content := range map[string]string{
			"index.html": "the source's", "secret.key": "k", "log/a.log": "l", "log/.keep": "", "bin/run": "#!/bin/sh\n",
			"Dockerfile": "FROM the-source-s-own", ".env": "OLD=1",
		} {
			write(t, dir, name, content)
		}
		if err := os.Symlink("../index.html", filepath.Join(dir, "bin", "link")); err != nil {
			t.Fatal(err)
		}
		artifacts := append(dockerfileOf("FROM busybox:latest", "COPY . /www/", "RUN cd /www && find . | sort && cat index.html && test -x bin/run && test \"$(readlink bin/link)\" = ../index.html && exit 9"),
			generate.Artifact{Path: ".dockerignore", Content: []byte("*.key\nlog/*\n!log/.keep\nDockerfile\n.dockerignore\n")},
			generate.Artifact{Path: "index.html", Content: []byte("generated")},
			generate.Artifact{Path: ".env", Content: []byte("S=1"), Ephemeral: true},
		)
		_, _, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: open(t, dir), Options: short(), Artifacts: artifacts})
		var be *BuildError
		if !errors.As(err, &be) || be.ExitCode != 9 {
			t.Fatalf("error %v", err)
		}
		got := strings.Join(be.Log, " ")
		if want := ". ./.env ./bin ./bin/link ./bin/run ./index.html ./log ./log/.keep generated"; got != want {
			t.Errorf("the image holds %q, want %q", got, want)
		}
	})
}

func TestBuildFails(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		v, rec, err := runOn(t, url, Input{
			Plan: webPlan(8080), Tree: tree(map[string]string{"a.txt": "a"}), Options: short(),
			Artifacts: dockerfileOf("FROM busybox:latest AS build", "RUN echo "+randomHex(8), "FROM busybox:latest", "COPY a.txt /", "",
				`RUN printf 'one\rtwo\n\033[31mfatal error: libpq-fe.h: No such file or directory\033[0m\n' && exit 7`, serve),
		})
		var be *BuildError
		if !errors.As(err, &be) {
			t.Fatalf("error %v", err)
		}
		if be.ExitCode != 7 || be.Line != 6 || be.File != "Dockerfile" || be.ID != "missing-library" || len(be.Log) < 2 || be.Log[len(be.Log)-2] != "two" {
			t.Errorf("%+v", be)
		}
		if !strings.HasPrefix(be.Command, "RUN printf") {
			t.Errorf("command %q", be.Command)
		}
		if v.Outcome != Failed || len(v.Components[0].Attempts) != 1 || v.Components[0].Attempts[0].Phase != "build" {
			t.Errorf("%+v", v)
		}
		if !rec.has(progress.Build, progress.Log, "fatal error: libpq-fe.h") {
			t.Error("no log event")
		}
		wellFormed(t, rec)
	})
}

func TestCopyOfAMissingFile(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		v, _, err := runOn(t, url, Input{
			Plan: webPlan(8080), Tree: tree(map[string]string{"a.txt": "a"}), Options: short(),
			Artifacts: dockerfileOf("FROM busybox:latest", "COPY absent.txt /"),
		})
		var be *BuildError
		if !errors.As(err, &be) || be.Line != 2 || be.ID != "copy-source-missing" {
			t.Fatalf("error %v: %+v", err, be)
		}
		if !slices.ContainsFunc(v.Problems, func(p string) bool {
			return strings.HasPrefix(p, "Dockerfile:2: absent.txt is not in the build context")
		}) {
			t.Errorf("problems: %q", v.Problems)
		}
	})
}

func TestBaseImageThatDoesNotExist(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		v, _, err := runOn(t, url, Input{
			Plan: webPlan(8080), Tree: tree(nil), Options: short(),
			Artifacts: dockerfileOf("ARG V=0.0-none", "FROM busybox:latest", "FROM drydock-absent:$V AS x", "COPY --from=0 /bin/busybox /"),
		})
		var be *BaseImageError
		if !errors.As(err, &be) {
			t.Fatalf("error %T %v", err, err)
		}
		if be.Image != "drydock-absent:0.0-none" || be.Line != 3 || be.File != "Dockerfile" || be.Reason == ImageNotPulled {
			t.Errorf("%+v", be)
		}
		if a := v.Components[0].Attempts; len(a) != 1 || a[0].Failure.ID != "base-image-not-found" || v.Outcome != Failed {
			t.Errorf("%+v", v)
		}
	})
}

// TestInterruptedBuild sees that Ctrl-C ends the build on the engine too.
func TestInterruptedBuild(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		rec := &recorder{on: func(e progress.Event) {
			if e.State == progress.Log && e.Text == "sleeping" {
				cancel()
			}
		}}
		nap := "86399." + fmt.Sprint(time.Now().UnixNano()%1e9)
		opts := short()
		opts.Engine, opts.RunID = url, "test-"+randomHex(12)
		v, err := Run(ctx, Input{Plan: webPlan(8080), Tree: tree(nil), Options: opts,
			Artifacts: dockerfileOf("FROM debian:bookworm-slim", "RUN echo sleeping && sleep "+nap)}, rec.sink)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		}
		if v.Outcome != Failed || len(v.Components[0].Attempts) != 0 {
			t.Errorf("%+v", v)
		}
		if n := left(t, url, opts.RunID); n.Any() {
			t.Errorf("left behind: %v", n)
		}
		for end := time.Now().Add(20 * time.Second); hasProcess("sleep\x00" + nap); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the build still runs")
			}
		}
	})
}

// hasProcess looks for a command line among the processes of this machine, where a local engine's builds run.
func hasProcess(cmdline string) bool {
	list, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range list {
		if data, err := os.ReadFile(f); err == nil && strings.Contains(string(data), cmdline) {
			return true
		}
	}
	return false
}

// TestUnhealthy holds what is said of each way in which an application does not work.
func TestUnhealthy(t *testing.T) {
	cgi := "#!/bin/busybox sh\nprintf 'Status: 500 Oops\\r\\nContent-Type: text/html\\r\\n\\r\\n<html><title>Boom \\033[31m&amp; bang</title>'\n"
	for _, c := range []struct {
		name    string
		command string
		edit    func(*plan.Plan)
		id      string
		phase   string
		message []string
		log     string
	}{
		{name: "exits early", command: `CMD ["sh", "-c", "echo about to fail; exit 3"]`, id: "exited-early", phase: "run", message: []string{"exit code 3"}, log: "about to fail"},
		{name: "exits with success", command: `CMD ["true"]`, id: "exited-early", phase: "run", message: []string{"exit code 0"}},
		{name: "no command", command: `CMD ["no-such-program"]`, id: "command-not-found", phase: "run", message: []string{"no-such-program"}},
		{name: "answers 500", command: `CMD ["busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]`, id: "http-error", phase: "probe",
			edit: func(p *plan.Plan) { p.Components[0].HealthPath = detect.Is("/cgi-bin/boom") }, message: []string{"GET /cgi-bin/boom → 500", "Boom & bang"}},
		{name: "404 everywhere", command: `CMD ["busybox", "httpd", "-f", "-p", "8080", "-h", "/www/cgi-bin"]`, id: "http-not-found", phase: "probe",
			edit: func(p *plan.Plan) { p.Components[0].HealthPath = detect.Is("/up") }, message: []string{"404 for /up and /"}},
		{name: "loopback", command: `CMD ["busybox", "httpd", "-f", "-p", "127.0.0.1:8080", "-h", "/www"]`, id: "loopback-only", phase: "probe", message: []string{"127.0.0.1:8080 only", "0.0.0.0"}},
		{name: "another port", command: `CMD ["busybox", "httpd", "-f", "-p", "9090", "-h", "/www"]`, id: "wrong-port", phase: "probe", message: []string{"nothing listens on port 8080", "9090"}},
		{name: "never answers", command: `CMD ["sh", "-c", "echo waiting for nothing; sleep 600"]`, id: "timeout", phase: "probe", message: []string{"nothing listens on port 8080 after"}, log: "waiting for nothing"},
		{name: "a cause in the log", command: `CMD ["sh", "-c", "echo \"PG::ConnectionBad: could not connect to server\"; sleep 600"]`, id: "connection-refused-to-database", phase: "probe", message: []string{"cannot reach its database"}},
		{name: "out of memory", command: `CMD ["busybox", "tail", "/dev/zero"]`, id: "out-of-memory", phase: "run", message: []string{"16 MiB"},
			edit: func(p *plan.Plan) { p.Components[0].Memory = detect.Value[int]{V: 16, From: detect.Chosen} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, url string) {
				p := webPlan(8080)
				if c.edit != nil {
					c.edit(p)
				}
				opts := short()
				opts.StartTimeout = 6 * time.Second
				v, rec, err := runOn(t, url, Input{Plan: p, Options: opts,
					Tree: tree(map[string]string{"index.html": "hello", "cgi-bin/boom": cgi}), Artifacts: busybox(c.command)})
				var u *UnhealthyError
				if !errors.As(err, &u) {
					t.Fatalf("error %T %v", err, err)
				}
				if u.ID != c.id || u.Phase != c.phase || u.Component != "web" {
					t.Errorf("got %s in %s of %s: %s", u.ID, u.Phase, u.Component, u.Message)
				}
				for _, want := range c.message {
					if !strings.Contains(u.Message, want) {
						t.Errorf("message %q says nothing of %q", u.Message, want)
					}
				}
				if c.log != "" && !slices.Contains(u.Log, c.log) {
					t.Errorf("log %q", u.Log)
				}
				a := v.Components[0].Attempts
				if v.Outcome != Built || len(a) != 1 || a[0].Phase != c.phase || a[0].Failure.ID != c.id {
					t.Errorf("verdict %+v", v)
				}
				if strings.Contains(rec.text(), "\x1b") {
					t.Error("an event holds an escape")
				}
				wellFormed(t, rec)
			})
		})
	}
}

func TestIgnoresSIGTERM(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		v, _, err := runOn(t, url, Input{Plan: webPlan(0), Tree: tree(map[string]string{"index.html": "hello"}), Options: short(),
			Artifacts: busybox(`CMD ["sh", "-c", "trap '' TERM; echo x > /tmp/mark; busybox httpd -f -p 8080 -h /www"]`)})
		if err != nil {
			t.Fatal(err)
		}
		// The port is what the image exposes: the plan does not say.
		if run := v.Components[0].Run; run.StoppedBy != "SIGKILL" || run.StopSeconds < 1 || run.Port != 8080 || !slices.Equal(run.Writes, []string{"/tmp"}) {
			t.Errorf("%+v", run)
		}
	})
}

// shopPlan has a service, a release step, a worker and a secret.
func shopPlan() *plan.Plan {
	p := webPlan(8080)
	p.Secrets = []plan.Secret{{Name: "REDIS_PASSWORD", Length: 32, Generate: true}}
	p.Services = []plan.Service{{
		Name: "redis", Kind: "redis", Image: detect.Is("redis:7"), Port: 6379, Data: "/data", For: []string{"web", "worker"}, Required: true,
		Settings: []plan.Setting{{Name: "REDIS_PASSWORD", Value: "${REDIS_PASSWORD}", Secret: true}},
		Command:  []string{"sh", "-c", `exec redis-server --bind 0.0.0.0 --requirepass "$REDIS_PASSWORD"`},
		Health:   []string{"sh", "-c", `redis-cli -a "$REDIS_PASSWORD" ping | grep -q PONG`},
	}}
	settings := []plan.Setting{{Name: "REDIS_URL", Value: "redis://default:${REDIS_PASSWORD}@redis:6379", Secret: true}, {Name: "LITERAL", Value: "${HOME}"}}
	web := &p.Components[0]
	web.Settings = settings
	ask := `env | grep URL; redis-cli -u "$REDIS_URL" `
	web.Processes = []detect.Process{
		{Name: "release", Command: []string{"sh", "-c", ask + "set migrated yes"}},
		{Name: "web", Command: []string{"this is not used: the image has its own"}},
	}
	worker := plan.Component{Component: detect.Component{Name: "worker", Path: ".", Role: detect.Is(detect.Worker),
		Processes: []detect.Process{{Name: "worker", Command: []string{"sh", "-c", `test "$LITERAL" = '${HOME}' && test "$(redis-cli -u "$REDIS_URL" get migrated)" = yes && sleep 600`}}}},
		Image: web.Image, Settings: settings}
	p.Components = append(p.Components, worker)
	return p
}

var shopFiles = dockerfileOf("FROM redis:7", "WORKDIR /srv", "COPY --from=busybox:latest /bin/busybox /bin/busybox", "COPY . /srv", "USER 1000", "ENTRYPOINT []",
	`CMD ["sh", "-c", "test \"$(redis-cli -u $REDIS_URL get migrated)\" = yes && echo password is $REDIS_URL && exec busybox httpd -f -p 8080 -h /srv"]`)

func TestServicesReleaseAndWorker(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		const secret = "sup3rs3cretvalue"
		opts := short()
		opts.Secrets = map[string]string{"REDIS_PASSWORD": secret}
		v, rec, err := runOn(t, url, Input{Plan: shopPlan(), Tree: tree(map[string]string{"index.html": "shop"}), Options: opts, Artifacts: shopFiles})
		if err != nil {
			t.Fatal(err)
		}
		if v.Outcome != Healthy || len(v.Components) != 2 || v.Components[1].Outcome != Healthy || v.Components[1].Run.StoppedBy == "" {
			t.Errorf("%+v", v)
		}
		for _, stage := range []progress.Stage{progress.Pull, progress.Services, progress.Release, progress.Start, progress.Probe} {
			if !rec.has(stage, progress.Done, "") && !rec.has(stage, progress.Cached, "") {
				t.Errorf("no event of stage %s", stage)
			}
		}
		if !strings.Contains(rec.text(), "log password is redis://default:***@redis:6379") {
			t.Error("the log line with the masked secret is missing")
		}
		if strings.Contains(rec.text()+fmt.Sprintf("%+v", v), secret) {
			t.Error("the secret is shown")
		}
		wellFormed(t, rec)
	})
}

func TestServiceTrouble(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*plan.Plan)
		id   string
		text string
	}{
		{"never healthy", func(p *plan.Plan) { p.Services[0].Health = []string{"sh", "-c", "echo not yet; exit 1"} }, "service-unhealthy", "not yet"},
		{"ends", func(p *plan.Plan) { p.Services[0].Command = []string{"sh", "-c", "echo gone; exit 4"} }, "service-ended", "exit code 4"},
		{"no image", func(p *plan.Plan) { p.Services[0].Image = detect.Is("drydock-absent:9") }, "service-image-not-found", "drydock-absent:9"},
		{"release fails", func(p *plan.Plan) {
			p.Components[0].Processes[0].Command = []string{"sh", "-c", "echo migrating; exit 5"}
		}, "migration-failed", "exit code 5"},
		{"worker ends", func(p *plan.Plan) { p.Components[1].Processes[0].Command = []string{"false"} }, "exited-early", "exit code 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, url string) {
				p := shopPlan()
				c.edit(p)
				opts := short()
				if c.id == "service-unhealthy" {
					opts.ServiceTimeout = 15 * time.Second
				}
				v, rec, err := runOn(t, url, Input{Plan: p, Tree: tree(map[string]string{"index.html": "shop"}), Options: opts, Artifacts: shopFiles})
				var u *UnhealthyError
				if !errors.As(err, &u) || u.ID != c.id || !strings.Contains(u.Message, c.text) {
					t.Fatalf("error %v", err)
				}
				if v.Outcome != Built {
					t.Errorf("%+v", v)
				}
				wellFormed(t, rec)
			})
		})
	}
}

func TestBatch(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		p := webPlan(0)
		p.Components[0].Role = detect.Is(detect.Batch)
		v, _, err := runOn(t, url, Input{Plan: p, Tree: tree(map[string]string{"x": "x"}), Options: short(), Artifacts: busybox(`CMD ["echo", "done"]`)})
		if err != nil || v.Outcome != Healthy || v.Components[0].Run == nil {
			t.Errorf("%v %+v", err, v)
		}
	})
}

// TestConfined runs as root inside and finds that it may do nothing: no capability, no new privileges, no engine, no device, no mount, no
// more than pidsLimit processes.
func TestConfined(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		p := webPlan(0)
		p.Components[0].Role = detect.Is(detect.Batch)
		script := strings.Join([]string{
			"#!/bin/sh", "fail() { echo escaped: $1; exit 3; }",
			"for set in CapInh CapPrm CapEff CapBnd CapAmb; do grep -q \"^$set:\t0000000000000000$\" /proc/self/status || fail $set; done",
			"grep -q '^NoNewPrivs:\t1$' /proc/self/status || fail NoNewPrivs",
			"for f in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /dev/mem /dev/sda /dev/vda /dev/kmsg; do [ ! -e $f ] || fail $f; done",
			"! mount -t tmpfs none /mnt 2>/dev/null || fail mount",
			"! chown 1000 /etc/passwd 2>/dev/null || fail chown",
			"! mknod /tmp/disk b 8 0 2>/dev/null || fail mknod",
			"! hostname other 2>/dev/null || fail hostname",
			"(n=0; while [ $n -lt 1200 ]; do sleep 20 >/dev/null 2>&1 & n=$((n+1)); done; echo escaped: 1200 processes) 2>&1 | tail -n 1",
			"exit 0",
		}, "\n") + "\n"
		v, rec, err := runOn(t, url, Input{Plan: p, Tree: tree(map[string]string{"try": script}), Options: short(), Artifacts: dockerfileOf("FROM busybox:latest", "COPY try /try", `CMD ["sh", "/try"]`)})
		if err != nil || v.Outcome != Healthy {
			t.Fatalf("%v %+v\n%s", err, v, rec.text())
		}
		if said := rec.text(); strings.Contains(said, "escaped") || !strings.Contains(said, "can't fork") {
			t.Error(said)
		}
	})
}

// TestInterrupted presses Ctrl-C at each stage.
func TestInterrupted(t *testing.T) {
	for _, stage := range []progress.Stage{progress.Services, progress.Release, progress.Start, progress.Probe, progress.Measure, progress.Stop} {
		t.Run(string(stage), func(t *testing.T) {
			onEngines(t, func(t *testing.T, url string) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				rec := &recorder{on: func(e progress.Event) {
					if e.Stage == stage && e.State == progress.Started {
						cancel()
					}
				}}
				opts := short()
				opts.Engine, opts.RunID = url, "test-"+randomHex(12)
				_, err := Run(ctx, Input{Plan: shopPlan(), Tree: tree(map[string]string{"index.html": "shop"}), Options: opts, Artifacts: shopFiles}, rec.sink)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error %v\n%s", err, rec.text())
				}
				if n := left(t, url, opts.RunID); n.Any() {
					t.Errorf("left behind: %v", n)
				}
			})
		})
	}
}

func TestKeepAndCleanStale(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		opts := short()
		opts.Keep = true
		opts.RunID = "test-" + randomHex(12)
		_, _, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(map[string]string{"index.html": "kept"}), Options: opts, Artifacts: busybox(serve)})
		if err != nil {
			t.Fatal(err)
		}
		e, err := connect(context.Background(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer e.close()
		defer func() {
			if _, err := e.removeLabelled(context.Background(), labelRun+"="+opts.RunID, nil); err != nil {
				t.Error(err)
			}
		}()
		if n := left(t, url, opts.RunID); n.Containers != 1 || n.Networks != 1 {
			t.Errorf("kept: %v", n)
		}
		// The process that made them lives: it is this one.
		if _, err := CleanStale(context.Background(), url, true); err != nil {
			t.Fatal(err)
		}
		if n := left(t, url, opts.RunID); n.Containers != 1 {
			t.Errorf("what a living run keeps was removed: %v", n)
		}
	})
}

// TestCleanStaleRemovesWhatADeadRunLeft makes things as a run does whose process is gone.
func TestCleanStaleRemovesWhatADeadRunLeft(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		ctx := context.Background()
		e, err := connect(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		defer e.close()
		for _, keep := range []bool{false, true} {
			r := newRun(Input{Plan: webPlan(8080), Options: Options{RunID: "test-" + randomHex(12), Keep: keep}}, nil)
			r.engine = e
			r.labels[labelPID] = "4194304" // one more than Linux's largest process number
			if err := r.openNetwork(ctx); err != nil {
				t.Fatal(err)
			}
			if err := r.pull(ctx, "", "busybox:latest"); err != nil {
				t.Fatal(err)
			}
			c, err := r.start(ctx, containerSpec{name: "left", image: "busybox:latest", command: []string{"sleep", "600"}, data: "/data"}, false)
			if err != nil {
				t.Fatal(err)
			}
			defer c.close()
			if n := left(t, url, r.opts.RunID); n != (Removed{1, 1, 1}) {
				t.Fatalf("made: %v", n)
			}
			findings, err := Doctor(ctx, url)
			if err != nil || !slices.ContainsFunc(findings, func(f Finding) bool { return f.Name == "leftovers" }) {
				t.Errorf("doctor says nothing of leftovers: %v %+v", err, findings)
			}
			for _, all := range []bool{false, true} {
				if _, err := CleanStale(ctx, url, all); err != nil {
					t.Fatal(err)
				}
				if n := left(t, url, r.opts.RunID); n.Any() != (keep && !all) {
					t.Errorf("keep %v, all %v: left %v", keep, all, n)
				}
			}
		}
	})
}

func TestDoctor(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		findings, err := Doctor(context.Background(), url)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]State{}
		for _, f := range findings {
			got[f.Name] = f.State
			if f.Text == "" || f.State == Problem && f.Cure == "" {
				t.Errorf("%+v", f)
			}
		}
		for _, name := range []string{"engine", "buildkit", "memory", "disk", "mirrors", "proxy", "credentials"} {
			if got[name] == "" {
				t.Errorf("nothing is said of %s: %v", name, got)
			}
		}
		if got["engine"] != OK || got["buildkit"] != OK {
			t.Errorf("%+v", findings)
		}
	})
}

// TestPostgres sees that a database is ready when the application starts.
func TestPostgres(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		p := webPlan(8080)
		p.Secrets = []plan.Secret{{Name: "POSTGRES_PASSWORD", Length: 32}}
		p.Services = []plan.Service{{
			Name: "db", Kind: "postgresql", Image: detect.Is("postgres:15"), Port: 5432, Data: "/var/lib/postgresql/data", For: []string{"web"},
			Settings: []plan.Setting{{Name: "POSTGRES_DB", Value: "app"}, {Name: "POSTGRES_USER", Value: "app"}, {Name: "POSTGRES_PASSWORD", Value: "${POSTGRES_PASSWORD}"}},
			Health:   []string{"sh", "-c", `pg_isready -q -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB"`},
		}}
		p.Components[0].Settings = []plan.Setting{{Name: "DATABASE_URL", Value: "postgresql://app:${POSTGRES_PASSWORD}@db:5432/app", Secret: true}}
		v, _, err := runOn(t, url, Input{Plan: p, Tree: tree(map[string]string{"index.html": "db"}), Options: short(),
			Artifacts: dockerfileOf("FROM postgres:15", "COPY --from=busybox:latest /bin/busybox /bin/busybox", "COPY . /srv", "USER 1000", "ENTRYPOINT []",
				`CMD ["sh", "-c", "psql \"$DATABASE_URL\" -c 'select 1' && exec busybox httpd -f -p 8080 -h /srv"]`)})
		if err != nil || v.Outcome != Healthy {
			t.Errorf("%v %+v", err, v)
		}
	})
}

// TestProbeStandings holds what an answer says.
func TestProbeStandings(t *testing.T) {
	for status, want := range map[int]standing{
		0: silent, 200: alive, 204: alive, 302: alive, 401: alive, 403: alive, 405: alive, 404: missing, 400: sick, 500: sick, 503: sick,
		http.StatusTooManyRequests: alive, http.StatusGone: missing,
	} {
		if got := (answer{status: status}).judge(); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
	if (answer{raw: true}).judge() != alive {
		t.Error("an answer in another protocol is an answer")
	}
}

// TestBuildSecret hands a secret to a build step through the session, and sees that the log does not show it.
func TestBuildSecret(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		const secret = "t0ken-for-the-build"
		opts := short()
		opts.BuildSecrets = map[string][]byte{"token": []byte(secret)}
		_, rec, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(nil), Options: opts,
			Artifacts: dockerfileOf("FROM busybox:latest", "RUN --mount=type=secret,id=token echo token is $(cat /run/secrets/token) && exit 6")})
		var be *BuildError
		if !errors.As(err, &be) || be.ExitCode != 6 || !slices.Equal(be.Log, []string{"token is ***"}) {
			t.Errorf("error %v", err)
		}
		if strings.Contains(rec.text(), secret) {
			t.Error("the secret is shown")
		}
	})
}

// TestSSHAgent hands an SSH agent to the step that asks for it, and to none else, and says what to do where there is none.
func TestSSHAgent(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: key, Comment: "a key of the test"}); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "agent")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	defer serving.Wait()
	defer listener.Close()
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				_ = agent.ServeAgent(keys, conn) // ends when the other side hangs up
				_ = conn.Close()
			})
		}
	})
	step := `RUN --mount=type=ssh,required=true test -S "$SSH_AUTH_SOCK" && echo an agent is there && exit 6`
	onEngines(t, func(t *testing.T, url string) {
		opts := short()
		opts.NoCache, opts.SSHAgent = true, socket
		_, _, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(nil), Options: opts, Artifacts: dockerfileOf("FROM busybox:latest", step)})
		var be *BuildError
		if !errors.As(err, &be) || be.ExitCode != 6 || !slices.Equal(be.Log, []string{"an agent is there"}) {
			t.Errorf("error %v", err)
		}
		_, _, err = runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(nil), Options: opts, Artifacts: dockerfileOf("FROM busybox:latest", `RUN test -z "$SSH_AUTH_SOCK" && exit 6`)})
		if !errors.As(err, &be) || be.ExitCode != 6 {
			t.Errorf("a step that asks for no agent: %v", err)
		}
		opts.SSHAgent = ""
		_, _, err = runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(nil), Options: opts, Artifacts: dockerfileOf("FROM busybox:latest", `RUN --mount=type=ssh,required=true true`)})
		if !errors.As(err, &be) || be.ID != "ssh-agent-missing" {
			t.Errorf("without an agent: %v", err)
		}
	})
}

// TestBuildsSideBySide builds two images at a time when it may, one after the other when it may not, and reports both in the plan's order.
func TestBuildsSideBySide(t *testing.T) {
	p, artifacts := twoImages("RUN sleep 2")
	onEngines(t, func(t *testing.T, url string) {
		for jobs, want := range map[int]bool{1: false, 2: true} {
			opts := short()
			opts.NoCache, opts.Jobs = true, jobs
			v, rec, err := runOn(t, url, Input{Plan: p, Tree: tree(map[string]string{"one/x": "", "two/x": ""}), Options: opts, Artifacts: artifacts})
			if err != nil {
				t.Fatal(err)
			}
			if len(v.Components) != 2 || v.Components[0].Name != "one" || v.Components[0].Outcome != Healthy || v.Components[1].Outcome != Healthy {
				t.Errorf("%+v", v.Components)
			}
			asleep, together := 0, false
			for _, e := range rec.all() {
				if !strings.Contains(e.Name, "sleep 2") {
					continue
				}
				switch e.State {
				case progress.Started:
					asleep++
					together = together || asleep == 2
				case progress.Done:
					asleep--
				}
			}
			if together != want {
				t.Errorf("%d at a time: together %t", jobs, together)
			}
			wellFormed(t, rec)
		}
	})
}

// TestOneOfTwoBuildsFails sees that the image that is well is built and run beside the one that is not.
func TestOneOfTwoBuildsFails(t *testing.T) {
	p, artifacts := twoImages("RUN exit 5")
	artifacts[1] = dockerfileOf("FROM busybox:latest", `CMD ["true"]`)[0]
	artifacts[1].Path = "two/Dockerfile"
	onEngines(t, func(t *testing.T, url string) {
		opts := short()
		opts.Jobs = 2
		v, _, err := runOn(t, url, Input{Plan: p, Tree: tree(map[string]string{"one/x": "", "two/x": ""}), Options: opts, Artifacts: artifacts})
		var be *BuildError
		if !errors.As(err, &be) || be.ExitCode != 5 || be.Image != "one" {
			t.Errorf("error %v", err)
		}
		if v.Components[0].Outcome != Failed || v.Components[1].Outcome != Healthy {
			t.Errorf("%+v", v.Components)
		}
	})
}

// twoImages is a plan of two batch components with a Dockerfile each.
func twoImages(step string) (*plan.Plan, []generate.Artifact) {
	p := &plan.Plan{Name: "verify-test"}
	var out []generate.Artifact
	for _, name := range []string{"one", "two"} {
		c := plan.Component{Component: detect.Component{Name: name, Path: name, Role: detect.Is(detect.Batch)}, Image: name}
		p.Components = append(p.Components, c)
		a := dockerfileOf("FROM busybox:latest", step, `CMD ["true"]`)[0]
		a.Path = name + "/Dockerfile"
		out = append(out, a)
	}
	return p, out
}

func TestDiskFullInAStep(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		_, _, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(nil), Options: short(),
			Artifacts: dockerfileOf("FROM busybox:latest", "RUN echo x > /dev/full")})
		var be *BuildError
		if !errors.As(err, &be) || be.ID != "out-of-disk" || be.Line != 2 {
			t.Errorf("error %v", err)
		}
	})
}

// TestEngineIsCutOff cuts every connection to a real engine in the midst of a build, and lets no new one through.
func TestEngineIsCutOff(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		if !isSocket(url) {
			if os.Getenv("CI") == "true" {
				t.Fatal("CI must reach its engines over sockets:", url)
			}
			t.Skip("the engine is not reached over a socket")
		}
		between, cut := relay(t, strings.TrimPrefix(url, "unix://"))
		rec := &recorder{on: func(e progress.Event) {
			if e.State == progress.Log && e.Text == "building" {
				cut()
			}
		}}
		opts := short()
		opts.Engine = between
		v, err := Run(context.Background(), Input{Plan: webPlan(8080), Tree: tree(nil), Options: opts,
			Artifacts: dockerfileOf("FROM busybox:latest", "RUN echo building && sleep 86397")}, rec.sink)
		var e *EngineError
		if !errors.As(err, &e) || e.Kind != Lost || errors.Is(err, context.Canceled) || v.Outcome != Failed {
			t.Errorf("error %T %v", err, err)
		}
		for end := time.Now().Add(20 * time.Second); hasProcess("sleep\x0086397"); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the build still runs")
			}
		}
	})
}

// relay stands between a client and an engine's socket until cut is called.
func relay(t *testing.T, socket string) (url string, cut func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "relay")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var open []net.Conn
	var all sync.WaitGroup
	cut = func() {
		_ = l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			_ = c.Close()
		}
	}
	pass := func(to, from net.Conn) {
		defer all.Done()
		_, _ = io.Copy(to, from)
		_ = to.(*net.UnixConn).CloseWrite()
	}
	all.Add(1)
	go func() {
		defer all.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			engine, err := net.Dial("unix", socket)
			if err != nil {
				_ = c.Close()
				return
			}
			mu.Lock()
			open = append(open, c, engine)
			mu.Unlock()
			all.Add(2)
			go pass(engine, c)
			go pass(c, engine)
		}
	}()
	t.Cleanup(func() {
		cut()
		all.Wait()
		_ = os.RemoveAll(dir)
	})
	return "unix://" + filepath.Join(dir, "s"), cut
}

// TestSocketsFromInside reads what a container listens on with a command inside of it, as is done where its processes are not this machine's.
func TestSocketsFromInside(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		ctx := context.Background()
		e, err := connect(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		defer e.close()
		r := newRun(Input{Plan: webPlan(8080), Options: Options{RunID: "test-" + randomHex(12)}}, nil)
		r.engine = e
		if err := r.openNetwork(ctx); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := r.clean(ctx); err != nil {
				t.Error(err)
			}
		}()
		if err := r.pull(ctx, "", "busybox:latest"); err != nil {
			t.Fatal(err)
		}
		c, err := r.start(ctx, containerSpec{name: "web", image: "busybox:latest", command: []string{"busybox", "httpd", "-f", "-p", "127.0.0.1:8080"}, confined: true}, false)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			table, err := e.output(ctx, c.id, []string{"cat", "/proc/net/tcp", "/proc/net/tcp6"})
			if err == nil && parseSockets(table).onlyLoopback(8080) {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%v %q", err, table)
			}
		}
		if out, err := e.output(ctx, c.id, []string{"no-such-program"}); err == nil {
			t.Errorf("%q", out)
		}
	})
}

// TestForkBomb starts a program that starts others without end: the engine's limit ends it, and the machine goes on.
func TestForkBomb(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		_, _, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(map[string]string{"index.html": "hello"}), Options: short(),
			Artifacts: busybox(`CMD ["sh", "-c", "n=0; while [ $n -lt 5000 ]; do sleep 300 & n=$((n+1)); done; echo all started; busybox httpd -f -p 8080 -h /www"]`)})
		var unhealthy *UnhealthyError
		if !errors.As(err, &unhealthy) {
			t.Fatalf("error %v", err)
		}
		if text := err.Error() + fmt.Sprint(unhealthy); !strings.Contains(text, "fork") || strings.Contains(text, "all started") {
			t.Errorf("5,000 processes were started, and the limit is %d: %s", pidsLimit, text)
		}
	})
}

// TestBuildNetwork cuts a build's steps off the network.
func TestBuildNetwork(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		for network, want := range map[string]int{"none": 9, "": 8} {
			opts := short()
			opts.BuildNetwork = network
			_, _, err := runOn(t, url, Input{Plan: webPlan(8080), Tree: tree(nil), Options: opts,
				Artifacts: dockerfileOf("FROM busybox:latest", `RUN echo `+network+`; for i in /sys/class/net/*; do [ "$i" = /sys/class/net/lo ] || exit 8; done; exit 9`)})
			var be *BuildError
			if !errors.As(err, &be) || be.ExitCode != want {
				t.Errorf("network %q: %v, want exit code %d", network, err, want)
			}
		}
	})
}
