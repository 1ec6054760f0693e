package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is the wizard as a process of its own in a pseudo-terminal.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	done chan struct{}
	// patience is how long a text is waited for; 0: half a minute.
	patience time.Duration
	mu       sync.Mutex
	out      bytes.Buffer
}

func startWizard(t *testing.T, mode string, env ...string) *terminal {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), asWizard+"="+mode, "TERM=xterm-256color", "GOCOVERDIR="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatalf("start in a pseudo-terminal: %v", err)
	}
	x := &terminal{t: t, cmd: cmd, tty: tty, done: make(chan struct{})}
	go x.read()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = tty.Close()
		<-x.done
	})
	return x
}

// read collects what the wizard draws, and answers its questions about colours as a terminal does.
func (x *terminal) read() {
	defer close(x.done)
	buf := make([]byte, 4096)
	for {
		n, err := x.tty.Read(buf)
		if bytes.Contains(buf[:n], []byte("\x1b]11;?")) {
			_, _ = io.WriteString(x.tty, "\x1b]11;rgb:0000/0000/0000\x1b\\")
		}
		if bytes.Contains(buf[:n], []byte("\x1b[6n")) {
			_, _ = io.WriteString(x.tty, "\x1b[1;1R")
		}
		x.mu.Lock()
		x.out.Write(buf[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// waits until the output since the last wait holds a text.
func (x *terminal) waits(text string) {
	x.t.Helper()
	for deadline := time.Now().Add(max(x.patience, 30*time.Second)); ; time.Sleep(10 * time.Millisecond) {
		x.mu.Lock()
		got := x.out.String()
		if at := strings.Index(got, text); at >= 0 {
			x.out.Next(at + len(text))
			x.mu.Unlock()
			return
		}
		x.mu.Unlock()
		if time.Now().After(deadline) {
			x.t.Fatalf("%q does not come; there is\n%q", text, got)
		}
	}
}

func (x *terminal) press(keys string) {
	x.t.Helper()
	if _, err := io.WriteString(x.tty, keys); err != nil {
		x.t.Fatal(err)
	}
}

// ends waits for the process and returns its exit code.
func (x *terminal) ends() int {
	x.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- x.cmd.Wait() }()
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			x.t.Fatal(err)
		}
		return x.cmd.ProcessState.ExitCode()
	case <-time.After(30 * time.Second):
		x.t.Fatal("it does not end")
		return 0
	}
}

func TestTerminalStartsAndQuitsByCtrlC(t *testing.T) {
	x := startWizard(t, "quick")
	x.waits("Where is the application?")
	x.press("\x03")
	x.waits("\x1b[?1049l") // the person's own screen is back
	x.waits("interrupted=true")
	if code := x.ends(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

func TestTerminalWholeJob(t *testing.T) {
	x := startWizard(t, "quick", "NO_COLOR=1")
	x.waits("Where is the application?")
	x.press("/srv/app\r")
	x.waits("[2 Findings]")
	x.press("n")
	x.waits("[3 Decisions]")
	x.press("n")
	x.waits("CHECKS") // the files are made away from the screen
	x.press("w")
	x.waits("Write to")
	x.press("y")
	x.waits("builds, starts and answers")
	x.press("q")
	x.waits("interrupted=false written=5 verdict=true")
	if code := x.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestTerminalSIGTERMDuringVerifyIsAnInterrupt(t *testing.T) {
	x := startWizard(t, "stuck", "DRYDOCK_TEST_SOURCE=/srv/app")
	x.waits("[2 Findings]")
	x.press("nn")
	x.waits("[4 Files]")
	x.waits("Dockerfile")
	x.press("v")
	x.waits("at work")
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.waits("interrupted=true written=0 verdict=false")
	if code := x.ends(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

func TestTerminalResizes(t *testing.T) {
	x := startWizard(t, "quick", "DRYDOCK_TEST_SOURCE=/srv/app")
	x.waits("Findings")
	if err := pty.Setsize(x.tty, &pty.Winsize{Rows: 50, Cols: 200}); err != nil {
		t.Fatal(err)
	}
	x.waits("1 Source")
	x.waits("config.ru answers HTTP") // the evidence beside the table
	x.press("q")
	x.ends()
}

func TestRunEndsWithItsContext(t *testing.T) {
	in, feed := io.Pipe()
	defer feed.Close()
	ctx, cancel := context.WithCancel(context.Background())
	d := newFake(t)
	d.block = make(chan struct{})
	done := make(chan Result)
	go func() {
		r, err := Run(ctx, Options{Driver: d, Source: "/srv/app", In: in, Out: io.Discard, NoColor: true})
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	for !strings.Contains(d.seen(), "open") {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if r := <-done; !r.Interrupted {
		t.Errorf("result %+v", r)
	}
	if d.busy.Load() != 0 {
		t.Error("a call of the driver is still under way")
	}
}

func TestRunReturnsWhenTheInputEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	r, err := Run(ctx, Options{Driver: newFake(t), In: strings.NewReader("/srv/app\rnnq"), Out: io.Discard, NoColor: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Location != "/srv/app" {
		t.Errorf("result %+v", r)
	}
}

// TestTerminalBoard opens a repository in the wizard, comes back, and leaves.
func TestTerminalBoard(t *testing.T) {
	x := startWizard(t, "board", "NO_COLOR=1")
	x.waits("12 of 12")
	x.press("\r")
	x.waits("Writes into its own folders")
	x.press("o")
	x.waits("[2 Findings]")
	x.press("q")
	x.waits("Workshop board")
	x.waits("Writes into its own folders") // as it was left
	if err := pty.Setsize(x.tty, &pty.Winsize{Rows: 40, Cols: 160}); err != nil {
		t.Fatal(err)
	}
	x.waits("belongs")
	x.press("q")
	x.waits("\x1b[?1049l")
	x.waits("interrupted=false done=12 all=12 summary=2 err=<nil>")
	if code := x.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestTerminalBoardInterrupted stops the board by a key, and by signals at the board and at a wizard that it opened.
func TestTerminalBoardInterrupted(t *testing.T) {
	for _, how := range []string{"key", "signal", "wizard"} {
		x := startWizard(t, "board-slow", "NO_COLOR=1", "DRYDOCK_TEST_INLINE=1")
		x.waits("3 of 12")
		switch how {
		case "key":
			x.press("\x03")
		case "wizard":
			x.press("jo")
			x.waits("[2 Findings]")
			fallthrough
		default:
			if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
		x.waits("interrupted=true done=3 all=12 summary=0 err=<nil>")
		if code := x.ends(); code != 130 {
			t.Errorf("%s: exit code %d", how, code)
		}
	}
}
