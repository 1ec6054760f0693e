package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// fleetRole is the variable by which this test's executable becomes drydock ("drydock") or a NATS server (its options as JSON).
const fleetRole = "DRYDOCK_TEST_FLEET_ROLE"

// TestFleetProcess is no test: it is the processes that TestFleet starts.
func TestFleetProcess(*testing.T) {
	switch role := os.Getenv(fleetRole); role {
	case "":
	case "drydock":
		for i, a := range os.Args {
			if a == "--" {
				os.Args = append(os.Args[:1:1], os.Args[i+1:]...)
				break
			}
		}
		os.Exit(realMain())
	default:
		runServer(role)
	}
}

// serverRole is what a server of the test's cluster is told.
type serverRole struct {
	Name, Dir     string
	Client, Route int
	Routes        []string
}

func runServer(role string) {
	var o serverRole
	if err := json.Unmarshal([]byte(role), &o); err != nil {
		panic(err)
	}
	opts := &server.Options{
		ServerName: o.Name, Host: "127.0.0.1", Port: o.Client, JetStream: true, StoreDir: o.Dir, NoSigs: true, NoLog: true,
		// A client must not learn of another way in: one of them shall be cut off.
		Cluster: server.ClusterOpts{Name: "proof", Host: "127.0.0.1", Port: o.Route, NoAdvertise: true},
	}
	for _, r := range o.Routes {
		u, err := url.Parse(r)
		if err != nil {
			panic(err)
		}
		opts.Routes = append(opts.Routes, u)
	}
	s, err := server.NewServer(opts)
	if err != nil {
		panic(err)
	}
	s.Start()
	s.WaitForShutdown()
}

// process starts this executable in a role of TestFleetProcess.
func process(t *testing.T, role string, stderr io.Writer, env []string, args ...string) *exec.Cmd {
	t.Helper()
	//nolint:gosec // the test itself
	cmd := exec.Command(os.Args[0], append([]string{"-test.run=^TestFleetProcess$", "--"}, args...)...)
	cmd.Env = append(append(os.Environ(), fleetRole+"="+role), env...)
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// cluster starts three servers and returns their addresses.
func cluster(t *testing.T) (addresses []string, servers []*exec.Cmd) {
	t.Helper()
	ports := freePorts(t, 6)
	var routes []string
	for i := range 3 {
		routes = append(routes, fmt.Sprintf("nats-route://127.0.0.1:%d", ports[3+i]))
	}
	for i := range 3 {
		role, err := json.Marshal(serverRole{fmt.Sprint("n", i), t.TempDir(), ports[i], ports[3+i], routes})
		if err != nil {
			t.Fatal(err)
		}
		servers = append(servers, process(t, string(role), os.Stderr, nil))
		addresses = append(addresses, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
	}
	within(t, time.Minute, "the cluster has a leader", func() bool {
		nc, err := nats.Connect(strings.Join(addresses, ","), nats.Timeout(time.Second))
		if err != nil {
			return false
		}
		defer nc.Close()
		js, err := jetstream.New(nc)
		if err != nil {
			return false
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "ready", Subjects: []string{"ready"}, Replicas: 3})
		return err == nil && js.DeleteStream(ctx, "ready") == nil
	})
	return addresses, servers
}

func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// link passes connections on until it is cut: then the sockets stay open and nothing moves, as when a cable is pulled.
type link struct {
	listener net.Listener
	to       string
	cut      atomic.Bool
}

func newLink(t *testing.T, to string) *link {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &link{listener: l, to: strings.TrimPrefix(to, "nats://")}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", k.to)
			if err != nil {
				in.Close()
				continue
			}
			go k.pass(in, out)
			go k.pass(out, in)
		}
	}()
	return k
}

func (k *link) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		for k.cut.Load() {
			time.Sleep(50 * time.Millisecond)
		}
		if err != nil {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// counted reads events of progress and tells how many repositories are done.
type counted struct {
	io.Writer
	done atomic.Int64
	mu   sync.Mutex
	all  bytes.Buffer
}

func count() *counted {
	r, w := io.Pipe()
	c := &counted{Writer: w}
	go func() {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e struct {
				Step    string
				Current int64
			}
			if json.Unmarshal(lines.Bytes(), &e) == nil && e.Step == "portfolio" && e.Current > 0 {
				c.done.Store(e.Current)
			}
			c.mu.Lock()
			fmt.Fprintf(&c.all, "%s\n", lines.Bytes())
			c.mu.Unlock()
		}
	}()
	return c
}

func (c *counted) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all.String()
}

// portfolioOf makes repositories: most are small applications, two cannot be read, and one is a server that never answers.
func portfolioOf(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	var list strings.Builder
	for i := range n - 3 {
		app := filepath.Join(dir, "apps", fmt.Sprintf("app%03d", i))
		if err := os.CopyFS(app, os.DirFS(filepath.Join("..", "..", "testdata", "apps", []string{"static-almanac", "php-intranet", "node-tickets"}[i%3]))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(app, "NUMBER"), []byte(strconv.Itoa(i)), 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&list, app)
	}
	if err := os.WriteFile(filepath.Join(dir, "torn.zip"), []byte("PK\x03\x04 and no more"), 0o644); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	fmt.Fprintf(&list, "%s\n%s\nhttp://%s/hangs.git\n", filepath.Join(dir, "nowhere"), filepath.Join(dir, "torn.zip"), silent.Addr())
	file := filepath.Join(dir, "list.txt")
	if err := os.WriteFile(file, []byte(list.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

var durations = regexp.MustCompile(`"(?:seconds|resumed)": ?[0-9.]+,?`)

// assessed is the portfolio as a run wrote it, without how long it took.
func assessed(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "assess.json"))
	if err != nil {
		t.Fatal(err)
	}
	return durations.ReplaceAllString(string(data), "")
}

// TestFleet is the proof of docs/FLEET.md: three servers, four workers, 200 repositories of which two cannot be read and one hangs. A worker is cut off at
// 30 %, another killed; a server killed at 45 %; the coordinator killed at 60 % and started again with --resume; the cut worker is back at 80 %. Each
// repository has one row, and the report has the bytes of a local run.
func TestFleet(t *testing.T) {
	const repositories = 200
	list, home := portfolioOf(t, repositories), t.TempDir()
	env := []string{"HOME=" + home, "XDG_STATE_HOME=" + home + "/state", "XDG_CACHE_HOME=" + home + "/cache"}
	flags := []string{"assess", "--from", list, "--fresh", "--timeout", "5s"}

	local := filepath.Join(home, "local")
	if code := finish(t, process(t, "drydock", os.Stderr, env, append(flags, "-q", "-o", local)...)); code != exitPartly {
		t.Fatalf("the local run ended with %d, want %d", code, exitPartly)
	}

	addresses, servers := cluster(t)
	all := strings.Join(addresses, ",")
	cable := newLink(t, addresses[2])
	var logs [4]*counted
	var workers []*exec.Cmd
	for i := range 4 {
		to := all
		if i == 3 {
			to = "nats://" + cable.listener.Addr().String()
		}
		logs[i] = count()
		workers = append(workers, process(t, "drydock", logs[i], env, "worker", "--fleet", to, "--name", fmt.Sprint("worker-", i)))
	}
	remote := filepath.Join(home, "remote")
	asked := append(flags, "-o", remote, "--fleet", all, "--fleet-silence", "3s", "--progress", "json")
	events := count()
	coordinator := process(t, "drydock", events, env, asked...)
	reached := func(share float64) {
		t.Helper()
		within(t, time.Minute, fmt.Sprintf("%g of the repositories are done (%d are)", share, events.done.Load()), func() bool {
			return float64(events.done.Load()) >= share*repositories
		})
	}
	kill := func(cmd *exec.Cmd) {
		t.Helper()
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
	}
	reached(.3)
	// On a busy machine the others can have come this far while one that is to be killed still waits for the queue.
	within(t, time.Minute, "worker 1 has done something", func() bool { return strings.Contains(logs[1].text(), ", score ") })
	cable.cut.Store(true)
	kill(workers[1])
	reached(.45)
	kill(servers[0])
	reached(.6)
	kill(coordinator)
	events = count()
	coordinator = process(t, "drydock", events, env, append(asked, "--resume")...)
	reached(.8)
	cable.cut.Store(false)
	if code := finish(t, coordinator); code != exitPartly {
		t.Fatalf("the coordinator ended with %d, want %d\n%s", code, exitPartly, events.text())
	}

	want, got := assessed(t, local), assessed(t, remote)
	if got != want {
		t.Errorf("the fleet's report is not that of the local run:\n%s", firstDifference(want, got))
	}
	if n := strings.Count(got, `"location":`); n < repositories {
		t.Errorf("%d rows of %d", n, repositories)
	}
	for i, w := range workers {
		if i == 1 {
			continue
		}
		if err := w.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if code := finish(t, w); code != exitOK && code != exitInterrupted {
			t.Errorf("worker %d ended with %d\n%s", i, code, logs[i].text())
		}
	}
	for i := range logs {
		did := strings.Count(logs[i].text(), ", score ")
		t.Logf("worker %d: %d rows", i, did)
		if did == 0 {
			t.Errorf("worker %d did nothing:\n%s", i, logs[i].text())
		}
	}
	held(t, strings.Join(addresses[1:], ","))
}

// finish waits for a process and returns its exit code.
func finish(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		<-ended
		t.Error("it did not end within two minutes")
	}
	return cmd.ProcessState.ExitCode()
}

// held fails when the servers still hold anything of the run.
func held(t *testing.T, addresses string) {
	t.Helper()
	nc, err := nats.Connect(addresses)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, name := range []string{"drydock-work", "KV_drydock-results", "OBJ_drydock-reports"} {
		s, err := js.Stream(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		// A server that has just become the leader may still be applying what the one before agreed to.
		within(t, 10*time.Second, name+" holds nothing", func() bool {
			info, err := s.Info(ctx)
			return err == nil && info.State.Msgs == 0
		})
	}
}

func firstDifference(a, b string) string {
	for i := 0; i < min(len(a), len(b)); i++ {
		if a[i] != b[i] {
			return fmt.Sprintf("%s\n%s", a[max(0, i-200):min(len(a), i+200)], b[max(0, i-200):min(len(b), i+200)])
		}
	}
	return fmt.Sprintf("%d and %d bytes", len(a), len(b))
}
