package verify

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/pkg/stdcopy"
	control "github.com/moby/buildkit/api/services/control"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/drydock-cli/drydock/progress"
)

// fakeEngine answers as the Docker API does, as far as the tests need, and fails as they ask.
type fakeEngine struct {
	server *httptest.Server
	url    string
	mu     sync.Mutex
	routes map[string]http.HandlerFunc // "POST /build"
	calls  []string
}

var apiVersion = regexp.MustCompile(`^/v1\.\d+`)

func newFake(t *testing.T) *fakeEngine {
	t.Helper()
	dir, err := os.MkdirTemp("", "fake") // short: the path of a socket may not be long
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeEngine{url: "unix://" + socket, routes: map[string]http.HandlerFunc{}}
	f.server = httptest.NewUnstartedServer(http.HandlerFunc(f.serve))
	_ = f.server.Listener.Close()
	f.server.Listener = l
	f.server.Start()
	t.Cleanup(func() {
		f.server.CloseClientConnections()
		f.server.Close()
		_ = os.RemoveAll(dir)
	})
	f.answer("GET /version", 200, map[string]any{"Version": "20.10.24", "ApiVersion": "1.41", "Os": "linux"})
	f.answer("GET /containers/json", 200, []any{})
	f.answer("GET /networks", 200, []any{})
	f.answer("GET /volumes", 200, map[string]any{"Volumes": []any{}})
	f.routes["POST /session"] = takeSession
	return f
}

func (f *fakeEngine) serve(w http.ResponseWriter, r *http.Request) {
	key := r.Method + " " + apiVersion.ReplaceAllString(r.URL.Path, "")
	f.mu.Lock()
	f.calls = append(f.calls, key)
	h, ok := f.routes[key]
	f.mu.Unlock()
	w.Header().Set("Api-Version", "1.41")
	w.Header().Set("Ostype", "linux")
	switch {
	case ok:
		h(w, r)
	case strings.HasSuffix(key, "/_ping"):
	default:
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": "no such thing: " + key})
	}
}

func (f *fakeEngine) called(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.calls, key)
}

func (f *fakeEngine) on(key string, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.routes[key] = h
}

func (f *fakeEngine) answer(key string, status int, body any) {
	f.on(key, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	})
}

// die ends the engine as a crash does.
func (f *fakeEngine) die() {
	_ = f.server.Listener.Close()
	f.server.CloseClientConnections()
}

// takeSession takes a BuildKit session and never uses it.
func takeSession(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
	_, _ = io.Copy(io.Discard, conn)
}

// traceLine is a build's status message as the engine sends it.
func traceLine(s *control.StatusResponse) string {
	raw, err := s.MarshalVT()
	if err != nil {
		panic(err)
	}
	line, err := json.Marshal(map[string]any{"id": "moby.buildkit.trace", "aux": raw})
	if err != nil {
		panic(err)
	}
	return string(line) + "\n"
}

// failingStep is a step that fails, with what it printed.
func failingStep(name, failure string, log ...string) string {
	now := timestamppb.Now()
	s := &control.StatusResponse{Vertexes: []*control.Vertex{{Digest: "sha256:0123456789abcdef", Name: name, Started: now, Completed: now, Error: failure}}}
	for _, l := range log {
		s.Logs = append(s.Logs, &control.VertexLog{Vertex: "sha256:0123456789abcdef", Stream: 2, Msg: []byte(l + "\n")})
	}
	return traceLine(s) + buildError(failure)
}

func buildError(text string) string {
	line, err := json.Marshal(map[string]any{"errorDetail": map[string]string{"message": text}, "error": text})
	if err != nil {
		panic(err)
	}
	return string(line) + "\n"
}

// verifyOnFake runs a verification of a small Dockerfile.
func verifyOnFake(t *testing.T, f *fakeEngine) (*Verdict, *recorder, error) {
	t.Helper()
	rec := &recorder{}
	opts := short()
	opts.Engine, opts.RunID = f.url, "fake"
	v, err := Run(context.Background(), Input{Plan: webPlan(8080), Tree: tree(map[string]string{"a": "a"}), Options: opts,
		Artifacts: dockerfileOf("ARG V=9.9", "FROM ruby:$V AS build", "RUN bundle install", "FROM debian:bookworm-slim", "COPY --from=build /a /a")}, rec.sink)
	return v, rec, err
}

func TestEngineDown(t *testing.T) {
	gone := "unix://" + filepath.Join(t.TempDir(), "none.sock")
	opts := short()
	opts.Engine = gone
	v, err := Run(context.Background(), Input{Plan: webPlan(8080), Tree: tree(map[string]string{"a": "a"}), Options: opts, Artifacts: busybox(serve)}, nil)
	var e *EngineError
	if !errors.As(err, &e) || e.Kind != Unreachable || len(e.Try) == 0 || !strings.Contains(err.Error(), gone+" (--engine)") || !strings.Contains(err.Error(), "\n  try: ") {
		t.Fatalf("error %v", err)
	}
	if errors.Is(err, context.Canceled) {
		t.Error("it counts as an interruption")
	}
	if !v.Checked || v.Outcome != CheckedOnly || v.Components[0].Outcome != CheckedOnly || v.Components[0].Run != nil {
		t.Errorf("verdict %+v", v)
	}
	for _, call := range []func() error{
		func() error { _, err := Doctor(context.Background(), gone); return err },
		func() error { _, err := CleanStale(context.Background(), gone, true); return err },
	} {
		if err := call(); !errors.As(err, &e) {
			t.Errorf("error %v", err)
		}
	}
	findings, _ := Doctor(context.Background(), gone)
	if len(findings) != 1 || findings[0].State != Problem || findings[0].Cure == "" || strings.Contains(findings[0].Text, "try:") {
		t.Errorf("findings %+v", findings)
	}
}

// TestEngineDiesDuringTheBuild cuts the connection in the midst of a build, and the engine is gone.
func TestEngineDiesDuringTheBuild(t *testing.T) {
	f := newFake(t)
	f.on("POST /build", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, traceLine(&control.StatusResponse{Vertexes: []*control.Vertex{{Digest: "sha256:1", Name: "[build 2/2] RUN bundle install", Started: timestamppb.Now()}}}))
		w.(http.Flusher).Flush()
		f.die()
	})
	v, _, err := verifyOnFake(t, f)
	var e *EngineError
	if !errors.As(err, &e) || e.Kind != Lost || errors.Is(err, context.Canceled) {
		t.Fatalf("error %T %v", err, err)
	}
	if a := v.Components[0].Attempts; v.Outcome != Failed || len(a) != 1 || a[0].Failure.ID != "engine-lost" {
		t.Errorf("verdict %+v", v)
	}
}

// TestEngineCancelsItsOwnBuild is what a dying engine says before it goes: that is no Ctrl-C.
func TestEngineCancelsItsOwnBuild(t *testing.T) {
	f := newFake(t)
	f.on("POST /build", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, failingStep("[build 2/2] RUN bundle install", "context canceled"))
		w.(http.Flusher).Flush()
		f.die()
	})
	_, _, err := verifyOnFake(t, f)
	var e *EngineError
	if !errors.As(err, &e) || e.Kind != Lost || errors.Is(err, context.Canceled) {
		t.Fatalf("error %T %v", err, err)
	}
}

func TestAnswerBreaksOff(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "half a message": `{"id":"moby.buil`, "no image": traceLine(&control.StatusResponse{}),
		"not a trace": `{"id":"moby.buildkit.trace","aux":"####"}`, "not a message": `{"id":"moby.buildkit.trace","aux":"/////w=="}`, "no id": `{"id":"moby.image.id","aux":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("POST /build", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
			v, _, err := verifyOnFake(t, f)
			if err == nil || v.Outcome != Failed {
				t.Errorf("%v %+v", err, v)
			}
		})
	}
}

// TestBaseImage holds what engines and registries say when an image cannot be had.
func TestBaseImage(t *testing.T) {
	const step = "[internal] load metadata for docker.io/library/ruby:9.9"
	for _, c := range []struct {
		name, body string
		reason     BaseImageProblem
		image      string
		line       int
	}{
		{"not found, 28.5", failingStep(step, "docker.io/library/ruby:9.9: not found"), ImageNotFound, "ruby:9.9", 2},
		{"not found, 20.10", traceLine(&control.StatusResponse{Vertexes: []*control.Vertex{{Digest: "sha256:2", Name: step, Error: "docker.io/library/ruby:9.9: not found", Completed: timestamppb.Now()}}}) +
			buildError("failed to solve with frontend dockerfile.v0: failed to create LLB definition: docker.io/library/ruby:9.9: not found"), ImageNotFound, "ruby:9.9", 2},
		{"denied", failingStep(step, "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"), ImageDenied, "ruby:9.9", 2},
		{"no such host", failingStep(step, "failed to do request: Head \"https://registry-1.example.com/v2/library/ruby/manifests/9.9\": dial tcp: lookup registry-1.example.com on 10.0.0.2:53: no such host"), RegistryUnreached, "ruby:9.9", 2},
		{"rate limit", failingStep("[internal] load metadata for docker.io/library/debian:bookworm-slim", "toomanyrequests: You have reached your pull rate limit."), ImageRateLimited, "debian:bookworm-slim", 4},
		{"platform", failingStep(step, "no match for platform in manifest: not found"), ImageOtherPlatform, "ruby:9.9", 2},
		{"a layer", failingStep("[build 1/2] FROM docker.io/library/ruby:9.9@sha256:00ff", "failed to copy: read tcp 10.0.0.5:4->10.0.0.6:443: i/o timeout"), RegistryUnreached, "ruby:9.9", 2},
		{"without a step", buildError("pull access denied for ruby, repository does not exist or may require 'docker login'"), ImageDenied, "ruby", 0},
		{"something else", failingStep(step, "unexpected status code 500 Internal Server Error"), ImageNotPulled, "ruby:9.9", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.on("POST /build", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.body) })
			v, _, err := verifyOnFake(t, f)
			var e *BaseImageError
			if !errors.As(err, &e) {
				t.Fatalf("error %T %v", err, err)
			}
			if e.Reason != c.reason || e.Image != c.image || e.Line != c.line || e.File != "Dockerfile" || e.Try() == "" || !strings.Contains(err.Error(), "\n  try: ") {
				t.Errorf("%+v\n%v", e, err)
			}
			if a := v.Components[0].Attempts; len(a) != 1 || a[0].Failure.ID != "base-image-not-found" {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

func TestDiskFull(t *testing.T) {
	for name, body := range map[string]string{
		"in a step":       failingStep("[build 2/2] RUN bundle install", "process \"/bin/sh -c bundle install\" did not complete successfully: exit code: 28", "write /usr/local/bundle/x: No space left on device"),
		"while exporting": failingStep("exporting to image", "failed to export image: failed to create layer: write /var/lib/docker/tmp/x: no space left on device"),
		"while pulling":   failingStep("[build 1/2] FROM docker.io/library/ruby:9.9@sha256:00ff", "failed to register layer: write /usr/lib/x: no space left on device"),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("POST /build", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
			_, _, err := verifyOnFake(t, f)
			var e *BuildError
			if !errors.As(err, &e) || e.ID != "out-of-disk" || !strings.Contains(e.Message, "disk is full") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestBuildKitsStepBesideTheFailure sees that a step which was cancelled is not taken for the cause.
func TestBuildKitsStepBesideTheFailure(t *testing.T) {
	f := newFake(t)
	f.on("POST /build", func(w http.ResponseWriter, _ *http.Request) {
		now := timestamppb.Now()
		fmt.Fprint(w, traceLine(&control.StatusResponse{Vertexes: []*control.Vertex{
			{Digest: "sha256:1", Name: "[stage-1 1/2] FROM docker.io/library/debian:bookworm-slim", Started: now, Completed: now, Error: "context canceled"},
			{Digest: "sha256:2", Name: "[build 2/2] RUN bundle install", Started: now, Completed: now, Error: "process \"/bin/sh -c bundle install\" did not complete successfully: exit code: 17"},
		}})+buildError("process \"/bin/sh -c bundle install\" did not complete successfully: exit code: 17"))
	})
	_, _, err := verifyOnFake(t, f)
	var e *BuildError
	if !errors.As(err, &e) || e.Line != 3 || e.ExitCode != 17 || e.ID != "build-failed" || !strings.Contains(e.Message, "exit code 17") {
		t.Errorf("error %v %+v", err, e)
	}
}

func TestNoSession(t *testing.T) {
	f := newFake(t)
	f.answer("POST /session", 404, map[string]string{"message": "page not found"})
	v, _, err := verifyOnFake(t, f)
	if err == nil || !strings.Contains(err.Error(), "BuildKit session") || v.Components[0].Attempts[0].Failure.ID != "unexpected" {
		t.Errorf("error %v, %+v", err, v)
	}
}

// TestClassicBuilder builds on an engine without BuildKit.
func TestClassicBuilder(t *testing.T) {
	f := newFake(t)
	f.answer("GET /version", 200, map[string]any{"Version": "19.03", "ApiVersion": "1.38", "Os": "windows"})
	f.on("POST /build", func(w http.ResponseWriter, r *http.Request) {
		if n, _ := io.Copy(io.Discard, r.Body); n == 0 || r.URL.Query().Get("version") != "1" {
			t.Errorf("the context has %d bytes, the query is %s", n, r.URL.RawQuery)
		}
		for _, s := range []string{"Step 1/5 : ARG V=9.9\n", "Step 2/5 : FROM ruby:$V AS build\n", " ---> 0a1b2c\n", "Step 3/5 : RUN bundle install\n", " ---> Using cache\n", "Step 4/5 : FROM debian:bookworm-slim\n", "Step 5/5 : COPY --from=build /a /a\n"} {
			_ = json.NewEncoder(w).Encode(map[string]string{"stream": s})
		}
		fmt.Fprint(w, `{"errorDetail":{"message":"COPY failed: stat a: file does not exist"},"error":"COPY failed: stat a: file does not exist"}`)
	})
	_, rec, err := verifyOnFake(t, f)
	var e *BuildError
	if !errors.As(err, &e) || e.Line != 5 || e.Command != "COPY --from=build /a /a" || e.ID != "copy-source-missing" {
		t.Errorf("error %v: %+v", err, e)
	}
	if !rec.has(progress.Build, progress.Cached, "RUN bundle install") {
		t.Error(rec.text())
	}
	wellFormed(t, rec)
}

func TestClassicBuilderSucceeds(t *testing.T) {
	f := newFake(t)
	f.answer("GET /version", 200, map[string]any{"Version": "19.03", "ApiVersion": "1.38", "Os": "windows"})
	f.on("POST /build", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = json.NewEncoder(w).Encode(map[string]string{"stream": "Step 1/1 : FROM x\n output\n"})
		_ = json.NewEncoder(w).Encode(map[string]string{"stream": "Successfully built 0123456789ab\n"})
	})
	f.answer("GET /images/0123456789ab/json", 500, map[string]string{"message": "boom"})
	_, _, err := verifyOnFake(t, f)
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("error %v", err)
	}
}

func TestClassicBuilderCannotDoCacheMounts(t *testing.T) {
	f := newFake(t)
	f.answer("GET /version", 200, map[string]any{"Version": "19.03", "ApiVersion": "1.38", "Os": "windows"})
	opts := short()
	opts.Engine = f.url
	_, err := Run(context.Background(), Input{Plan: webPlan(8080), Tree: tree(map[string]string{"a": "a"}), Options: opts,
		Artifacts: dockerfileOf("FROM busybox", "RUN --mount=type=cache,target=/c true")}, nil)
	var e *BuildError
	if !errors.As(err, &e) || e.ID != "no-buildkit" || e.Line != 2 {
		t.Errorf("error %v", err)
	}
	if f.called("POST /build") {
		t.Error("the build was tried")
	}
}

// TestLogFlood lets a container print a million lines and one line without end: memory stays what it was.
func TestLogFlood(t *testing.T) {
	const lines = 1_000_000
	f := newFake(t)
	f.on("GET /containers/c/logs", func(w http.ResponseWriter, _ *http.Request) {
		out := stdcopy.NewStdWriter(w, stdcopy.Stdout)
		var chunk bytes.Buffer
		for i := range lines {
			fmt.Fprintf(&chunk, "line %d of a log that does not end, with some text to make it long\n", i)
			if chunk.Len() > 16<<10 {
				_, _ = out.Write(chunk.Bytes())
				chunk.Reset()
			}
		}
		_, _ = out.Write(chunk.Bytes())
		endless := bytes.Repeat([]byte("x"), 16<<10)
		for range 2000 {
			_, _ = out.Write(endless)
		}
	})
	e, err := connect(context.Background(), f.url)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	seen := 0
	r := newRun(Input{Plan: webPlan(8080)}, func(progress.Event) { seen++ })
	r.engine = e
	c := &running{id: "c", tail: newTail()}
	c.place = place{progress.Start, "web"}
	before := liveBytes()
	r.follow(context.Background(), c)
	if seen != lines+1 {
		t.Errorf("%d lines arrived", seen)
	}
	last := c.tail.last(keepLog)
	if len(last) != keepLog || len(last[keepLog-1]) > maxLine+len(longLine) || !strings.HasSuffix(last[keepLog-2], "long") {
		t.Errorf("kept %d lines, the last of %d bytes", len(last), len(last[len(last)-1]))
	}
	if grown := liveBytes() - before; grown > 4<<20 {
		t.Errorf("memory grew by %d KiB", grown>>10)
	}
}

// TestBuildLogFlood does the same with a build's log.
func TestBuildLogFlood(t *testing.T) {
	seen := 0
	tr := newTrace(func(e progress.Event) { seen++ }, "web", masker{})
	before := liveBytes()
	for i := range 200_000 {
		tr.add(&control.StatusResponse{Logs: []*control.VertexLog{{Vertex: "sha256:1", Stream: 1, Msg: fmt.Appendf(nil, "line %d\nand another\rhalf", i)}}})
	}
	if grown := liveBytes() - before; grown > 4<<20 {
		t.Errorf("memory grew by %d KiB", grown>>10)
	}
	if seen < 200_000 {
		t.Errorf("%d events", seen)
	}
}

func TestDockerInitIsMissing(t *testing.T) {
	f := newFake(t)
	created := 0
	f.on("POST /containers/create", func(w http.ResponseWriter, _ *http.Request) {
		created++
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"Id":"c%d"}`, created)
	})
	f.answer("POST /containers/c1/start", 500, map[string]string{"message": `exec: "docker-init": executable file not found in $PATH`})
	f.on("DELETE /containers/c1", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	f.on("POST /containers/c2/start", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	f.answer("POST /containers/c2/wait", 200, map[string]int{"StatusCode": 5})
	f.answer("GET /containers/c2/json", 200, map[string]any{"State": map[string]any{"OOMKilled": true}})
	f.on("GET /containers/c2/logs", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(frame(1, "bye\n")) })
	e, err := connect(context.Background(), f.url)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	r := newRun(Input{Plan: webPlan(8080)}, nil)
	r.engine, r.network = e, "n"
	c, err := r.start(context.Background(), containerSpec{name: "web", component: "web", image: "x", memory: 64 << 20}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	<-c.exited
	if c.exit.code != 5 || !c.exit.oom || !slices.Equal(c.log(), []string{"bye"}) {
		t.Errorf("%+v %q", c.exit, c.log())
	}
	if !f.called("DELETE /containers/c1") {
		t.Error("the first container was not removed")
	}
}

// frame is a piece of a container's output as the engine sends it.
func frame(stream byte, text string) []byte {
	h := make([]byte, 8)
	h[0] = stream
	binary.BigEndian.PutUint32(h[4:], uint32(len(text)))
	return append(h, text...)
}

// TestCleaningFails sees that what could not be removed is said, with the way to try again.
func TestCleaningFails(t *testing.T) {
	f := newFake(t)
	f.answer("GET /networks", 200, []map[string]any{{"Id": "n1", "Labels": map[string]string{labelRun: "x"}}})
	f.answer("DELETE /networks/n1", 500, map[string]string{"message": "it has active endpoints"})
	e, err := connect(context.Background(), f.url)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	r := newRun(Input{Plan: webPlan(8080), Options: Options{RunID: "x"}}, nil)
	r.engine, r.created = e, true
	err = r.clean(context.Background())
	if err == nil || !strings.Contains(err.Error(), "active endpoints") || !strings.Contains(err.Error(), "doctor --clean") {
		t.Errorf("error %v", err)
	}
}

// TestPull follows the engine's progress and tells its failure.
func TestPull(t *testing.T) {
	f := newFake(t)
	e, err := connect(context.Background(), f.url)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	rec := &recorder{}
	r := newRun(Input{Plan: webPlan(8080)}, rec.sink)
	r.engine = e
	f.on("POST /images/create", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `{"status":"Downloading","id":"a","progressDetail":{"current":5,"total":10}}`)
		fmt.Fprintln(w, `{"status":"Pull complete","id":"a"}`)
	})
	if err := r.pull(context.Background(), "db", "postgres:15"); err != nil {
		t.Error(err)
	}
	if !slices.ContainsFunc(rec.all(), func(e progress.Event) bool {
		return e.Stage == progress.Pull && e.Current == 5 && e.Total == 10 && e.Unit == "bytes"
	}) {
		t.Error(rec.text())
	}
	f.on("POST /images/create", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `{"error":"toomanyrequests: wait","errorDetail":{"message":"toomanyrequests: wait"}}`)
	})
	var b *BaseImageError
	if err := r.pull(context.Background(), "db", "postgres:15"); !errors.As(err, &b) || b.Reason != ImageRateLimited {
		t.Errorf("error %v", err)
	}
	f.answer("GET /images/postgres:15/json", 500, map[string]string{"message": "boom"})
	if err := r.pull(context.Background(), "db", "postgres:15"); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("error %v", err)
	}
}

// TestEngineHangs sees that an engine which takes the session and no build is left at Ctrl-C.
func TestEngineHangs(t *testing.T) {
	f := newFake(t)
	f.on("POST /session", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(context.Background())
	opts := short()
	opts.Engine = f.url
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := Run(ctx, Input{Plan: webPlan(8080), Tree: tree(map[string]string{"a": "a"}), Options: opts, Artifacts: busybox(serve)}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
