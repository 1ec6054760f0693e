package tui

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
)

// needEngine skips a test where no engine answers; where CI says that there must be one, it fails.
func needEngine(t *testing.T) {
	t.Helper()
	host := os.Getenv("DOCKER_HOST")
	if host == "" {
		host = "unix:///var/run/docker.sock"
	}
	network, address, _ := strings.Cut(host, "://")
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	answer, err := client.Get("http://engine/_ping")
	if err == nil {
		_ = answer.Body.Close()
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no engine answers, and CI must have one:", err)
	}
	t.Skip("no engine answers (hack/engine/ensure starts one):", err)
}

// run runs a command in a folder and fails the test with what it said.
func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_DATE=2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2020-01-01T00:00:00Z")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// realWizard is the program itself in a pseudo-terminal, with folders of its own for all that it writes.
func realWizard(t *testing.T, bin, dir string, args ...string) *terminal {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CI=", "TERM=xterm-256color", "NO_COLOR=1", "XDG_STATE_HOME="+filepath.Join(dir, "state"), "GOCOVERDIR="+t.TempDir())
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 160})
	if err != nil {
		t.Fatalf("start in a pseudo-terminal: %v", err)
	}
	x := &terminal{t: t, cmd: cmd, tty: tty, done: make(chan struct{}), patience: 5 * time.Minute}
	go x.read()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = tty.Close()
		<-x.done
	})
	return x
}

// TestFromGitURLToHealthy drives the program key by key: from a Git URL over a corrected finding, kill -9 and --resume to a
// container that was seen healthy. Then the drydock.yaml of the run, used as a script would, gives the same bytes.
func TestFromGitURLToHealthy(t *testing.T) {
	needEngine(t)
	work := t.TempDir()
	bin := filepath.Join(work, "drydock")
	run(t, ".", "go", "build", "-o", bin, "../cmd/drydock")
	repo := filepath.Join(work, "almanac")
	if err := os.CopyFS(repo, os.DirFS(filepath.Join("..", "testdata", "apps", "static-almanac"))); err != nil {
		t.Fatal(err)
	}
	run(t, repo, "git", "init", "-q", "-b", "main", ".")
	run(t, repo, "git", "add", "-A")
	run(t, repo, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "as it was")
	url, out := "file://"+repo+"#main", filepath.Join(work, "out")

	x := realWizard(t, bin, work, "--quick", "-o", "out")
	x.waits("Where is the application?")
	x.press(url)
	x.waits("#main")
	x.press("\r")
	x.waits("[2 Findings]")
	x.press("/port\re")
	x.waits("port of static")
	x.press("\x159090\r")
	x.waits("9090  (found 8080)")
	x.press("n")
	x.waits("[3 Decisions]")
	if err := x.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = x.cmd.Wait()

	x = realWizard(t, bin, work, "--resume")
	x.waits("resumed: 1 answer back")
	x.press("n")
	x.waits("checks found nothing")
	x.press("w")
	x.waits("Write to " + out)
	x.press("y")
	x.waits("builds, starts and answers")
	x.waits("containerize")
	x.press("q")
	if code := x.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}

	second := filepath.Join(work, "second")
	run(t, work, bin, "generate", url, "--plan", filepath.Join(out, "drydock.yaml"), "-o", second, "--yes")
	if diff := cmp.Diff(filesIn(t, out), filesIn(t, second)); diff != "" {
		t.Errorf("the wizard's drydock.yaml gives other files (-wizard +script):\n%s", diff)
	}
	if text := filesIn(t, out)["drydock.yaml"]; !strings.Contains(text, "port: 9090 # chosen: instead of 8080, index.html") {
		t.Errorf("drydock.yaml does not keep the correction apart from the finding:\n%s", text)
	}
	if left, _ := filepath.Glob(filepath.Join(work, "state", "drydock", "sessions", "*")); len(left) > 0 {
		t.Errorf("sessions that ended are left: %v", left)
	}
}

// filesIn reads the files of a folder, without drydock's own records and this machine's values.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == ".drydock" {
				return fs.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if name != ".env" {
			files[name] = string(data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
