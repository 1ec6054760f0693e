//go:build linux

package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	control "github.com/moby/buildkit/api/services/control"

	"github.com/drydock-cli/drydock/progress"
)

// mostMemory is what drydock may use while an image is built, bytes of resident memory at most.
const mostMemory = 150 << 20

// TestMemoryOfALongBuild builds on an engine that prints 1,000,000 lines, in a process of its own that shows progress in both forms and
// holds the whole command's code, and reads from the kernel how much memory that took at most.
func TestMemoryOfALongBuild(t *testing.T) {
	const lines, child = 1_000_000, "DRYDOCK_TEST_MEMORY_OF"
	if url := os.Getenv(child); url != "" {
		reportMemory(t, url)
		return
	}
	f := newFake(t)
	f.on("POST /session", takeSession)
	f.on("POST /build", func(w http.ResponseWriter, _ *http.Request) {
		const digest = "sha256:0123456789abcdef"
		out := func(s *control.StatusResponse) { _, _ = io.WriteString(w, traceLine(s)) }
		out(&control.StatusResponse{Vertexes: []*control.Vertex{{Digest: digest, Name: "[2/2] RUN make"}}})
		for i := 0; i < lines; i += 100 {
			s := &control.StatusResponse{}
			for n := i; n < i+100; n++ {
				s.Logs = append(s.Logs, &control.VertexLog{Vertex: digest, Stream: 1 + int64(n%2), Msg: fmt.Appendf(nil, "line %d of a build that has very much to say about each of its files\n", n)})
			}
			out(s)
		}
		_, _ = io.WriteString(w, buildError("process \"make\" did not complete successfully: exit code: 2"))
	})
	cmd := exec.Command(os.Args[0], "-test.run=^TestMemoryOfALongBuild$", "-test.v") //nolint:gosec // this test's own program
	cmd.Env = append(os.Environ(), child+"="+f.url)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var peak, events int64
	for _, line := range strings.Split(string(out), "\n") {
		if _, err := fmt.Sscanf(line, "peak %d events %d", &peak, &events); err == nil {
			break
		}
	}
	t.Logf("at most %d MiB of memory, %d events", peak>>20, events)
	if events < lines || peak == 0 || peak > mostMemory {
		t.Errorf("at most %d bytes of memory and %d events\n%s", peak, events, out)
	}
}

// reportMemory is the child: it runs the build and prints its own high-water mark (VmHWM of proc(5)).
func reportMemory(t *testing.T, url string) {
	plain, lines := progress.NewPlain(io.Discard, progress.PlainOptions{Verbose: true}).Sink(), progress.NewJSON(io.Discard).Sink()
	events := 0
	v, err := Run(context.Background(), Input{Plan: webPlan(8080), Tree: tree(map[string]string{"a": "a"}), Options: Options{Engine: url},
		Artifacts: dockerfileOf("FROM busybox:latest", "RUN make")}, func(e progress.Event) {
		events++
		plain(e)
		lines(e)
	})
	if err == nil {
		t.Fatal("the build should have failed")
	}
	if data, err := json.Marshal(v); err != nil || len(data) > 64<<10 {
		t.Errorf("the verdict has %d bytes (%v)", len(data), err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("peak %d events %d\n", kib<<10, events)
}
