package verify

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a sink that keeps what it is told.
type recorder struct {
	mu     sync.Mutex
	events []progress.Event
	on     func(progress.Event) // called for each, outside the lock
}

func (r *recorder) sink(e progress.Event) {
	r.mu.Lock()
	r.events = append(r.events, e)
	r.mu.Unlock()
	if r.on != nil {
		r.on(e)
	}
}

func (r *recorder) all() []progress.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// text is all that the events say.
func (r *recorder) text() string {
	var b strings.Builder
	for _, e := range r.all() {
		b.WriteString(string(e.Stage) + " " + e.Component + " " + e.Step + " " + e.Name + " " + string(e.State) + " " + e.Text + "\n")
	}
	return b.String()
}

func (r *recorder) has(stage progress.Stage, state progress.State, text string) bool {
	return slices.ContainsFunc(r.all(), func(e progress.Event) bool {
		return e.Stage == stage && e.State == state && strings.Contains(e.Name+" "+e.Text, text)
	})
}

// realEngines are the engines that tests run on: those of DRYDOCK_TEST_ENGINES, else the one that answers by default.
// Without any the test is skipped, but never in CI.
func realEngines(t testing.TB) []string {
	t.Helper()
	if list := strings.Fields(os.Getenv("DRYDOCK_TEST_ENGINES")); len(list) > 0 {
		return list
	}
	e, err := connect(context.Background(), "")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no engine to test with: %v", err)
		}
		t.Skipf("no engine to test with: %v", err)
	}
	defer e.close()
	return []string{e.url}
}

// onEngines runs a test on each engine, and sees that it leaves nothing of its runs behind.
func onEngines(t *testing.T, test func(t *testing.T, url string)) {
	for _, url := range realEngines(t) {
		t.Run(path.Base(url), func(t *testing.T) { test(t, url) })
	}
}

// left is what a run has left on an engine.
func left(t testing.TB, url, runID string) Removed {
	t.Helper()
	e, err := connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	f, err := e.find(context.Background(), labelRun+"="+runID, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f.count()
}

// runOn verifies on an engine and sees that nothing is left behind.
func runOn(t *testing.T, url string, in Input) (*Verdict, *recorder, error) {
	t.Helper()
	rec := &recorder{}
	in.Options.Engine = url
	if in.Options.RunID == "" {
		in.Options.RunID = "test-" + randomHex(12)
	}
	v, err := Run(context.Background(), in, rec.sink)
	if t.Failed() || testing.Verbose() {
		t.Logf("error: %v\n%s", err, rec.text())
	}
	if n := left(t, url, in.Options.RunID); n.Any() && !in.Options.Keep {
		t.Errorf("left behind: %v", n)
	}
	return v, rec, err
}

// tree makes a source of files.
func tree(files map[string]string) *source.Tree {
	m := fstest.MapFS{}
	var entries []source.Entry
	for name, content := range files {
		mode := os.FileMode(0o644)
		if strings.HasPrefix(content, "#!") {
			mode = 0o755
		}
		m[name] = &fstest.MapFile{Data: []byte(content), Mode: mode}
		entries = append(entries, source.Entry{Path: name, Mode: mode, Size: int64(len(content))})
	}
	return source.NewTree(m, entries, nil)
}

// webPlan is a plan of one web component.
func webPlan(port int) *plan.Plan {
	c := plan.Component{Component: detect.Component{Name: "web", Path: ".", Stack: "test", Role: detect.Is(detect.Web)}, Image: "verify-test"}
	if port > 0 {
		c.Port = detect.Is(port)
	}
	return &plan.Plan{Name: "verify-test", Components: []plan.Component{c}}
}

// dockerfileOf makes a Dockerfile the only artifact.
func dockerfileOf(lines ...string) []generate.Artifact {
	return []generate.Artifact{{Path: "Dockerfile", Mode: 0o644, Content: []byte(strings.Join(lines, "\n") + "\n"), Target: "dockerfile"}}
}

// busybox is a web server in little space. docroot is /www.
func busybox(lines ...string) []generate.Artifact {
	return dockerfileOf(append([]string{"FROM busybox:latest", "WORKDIR /www", "COPY . /www/", "EXPOSE 8080", "USER 1000"}, lines...)...)
}

const serve = `CMD ["busybox", "httpd", "-f", "-v", "-p", "8080", "-h", "/www"]`

// short are options for tests: little patience.
func short() Options {
	return Options{Quick: true, StartTimeout: 60 * time.Second, Settle: 500 * time.Millisecond, WorkerTime: time.Second, StopTimeout: 5 * time.Second, ServiceTimeout: 120 * time.Second}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	mode := os.FileMode(0o644)
	if strings.HasPrefix(content, "#!") {
		mode = 0o755
	}
	if err := os.WriteFile(file, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// open opens a folder as a source.
func open(t *testing.T, dir string) *source.Tree {
	t.Helper()
	tr, err := source.Open(context.Background(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

// liveBytes is what the heap holds after a collection.
func liveBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
