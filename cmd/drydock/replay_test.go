package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
	"mvdan.cc/sh/v3/shell"
)

// TestWizardIsReplayed drives the wizard in a pseudo-terminal, key by key, and does the same job again in two ways that scripts use: with
// the command line that the wizard prints, and with its drydock.yaml as --plan. All three must leave the same bytes.
func TestWizardIsReplayed(t *testing.T) {
	apps, err := filepath.Abs("../../testdata/apps")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, app string
		args      []string
		keys      []string // each after the text that shows that it can be pressed
	}{
		{"a question that nobody answers", "perl-guestbook", nil, []string{"[2 Findings]", "n", "QUESTIONS  1 open", "n", "checks found nothing", "w"}},
		{"an answer, a correction, a rejection and a target", "perl-guestbook", []string{"--component", "web"}, []string{
			"[2 Findings]", "/port\r", "filter: port", "e", "port of web", "\x158081\r", "8081  (found 80)", "\x1b", "filter: /", "n",
			"QUESTIONS  1 open", "\r", "> 5.40", "\x155.36\r", "answered", "/helm\r", "filter: helm", " ", "[x] helm",
			"\x1b", "QUESTIONS  all answered", "n", "checks found nothing", "w",
		}},
		{"answers over flags", "rails-shop", []string{"--set", "components.web.port=4000", "--target", "compose,kubernetes"}, []string{
			"[2 Findings]", "/port\r", "filter: port", "e", "port of web", "\x154001\r", "chosen", "\x1b", "filter: /", "/redis\r", "redis (", "x", "rejected",
			"n", "[3 Decisions]", "n", "FILES", "w",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			work := t.TempDir()
			source := filepath.Join(work, "as it was") // a name that a shell must be told of
			if err := os.CopyFS(source, os.DirFS(filepath.Join(apps, c.app))); err != nil {
				t.Fatal(err)
			}
			x := wizardIn(t, work, append([]string{"--no-verify", "-o", "by wizard", "as it was"}, c.args...)...)
			for i := 0; i < len(c.keys); i += 2 {
				x.waits(c.keys[i])
				x.press(c.keys[i+1])
			}
			x.waits("Write to")
			x.press("y")
			x.waits("[6 Done]")
			x.press("q")
			said := x.ends()
			command, _, _ := strings.Cut(said[strings.LastIndex(said, "again  ")+len("again  "):], "\r\n")
			if !strings.HasPrefix(command, "drydock containerize 'as it was' --yes") {
				t.Fatalf("the wizard prints no command on leaving: %q", said)
			}
			wizard := filesBelow(t, filepath.Join(work, "by wizard"))

			words, err := shell.Fields(command, func(string) string { return "" })
			if err != nil {
				t.Fatal(err)
			}
			drydock(t, work, words[1:]...)
			if diff := cmp.Diff(wizard, filesBelow(t, filepath.Join(work, "by wizard"))); diff != "" {
				t.Errorf("%s changes what the wizard wrote (-wizard +command):\n%s", command, diff)
			}
			plan := filepath.Join(work, "by wizard", "drydock.yaml")
			again := []string{"containerize", "as it was", "--yes", "--no-verify", "--plan", plan, "-o", "by plan"}
			if c.args != nil && c.args[0] == "--component" {
				again = append(again, c.args...)
			}
			drydock(t, work, again...)
			if diff := cmp.Diff(wizard, filesBelow(t, filepath.Join(work, "by plan"))); diff != "" {
				t.Errorf("its drydock.yaml gives other files (-wizard +plan):\n%s", diff)
			}
		})
	}
}

// wizardTerminal is the program in a pseudo-terminal that is wide enough for a command line.
type wizardTerminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	done chan struct{}
	mu   sync.Mutex
	out  bytes.Buffer
}

func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Args = append([]string{"drydock"}, args...) // by this name the test binary is the program
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CI=", "TERM=xterm-256color", "NO_COLOR=1", "XDG_STATE_HOME="+filepath.Join(dir, "state"), "XDG_CONFIG_HOME="+filepath.Join(dir, "config"))
	return cmd
}

func drydock(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, err := command(t, dir, args...).CombinedOutput(); err != nil {
		t.Fatalf("drydock %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func wizardIn(t *testing.T, dir string, args ...string) *wizardTerminal {
	t.Helper()
	cmd := command(t, dir, args...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 240})
	if err != nil {
		t.Fatalf("start in a pseudo-terminal: %v", err)
	}
	x := &wizardTerminal{t: t, cmd: cmd, tty: tty, done: make(chan struct{})}
	go x.read()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = tty.Close()
		<-x.done
	})
	return x
}

func (x *wizardTerminal) read() {
	defer close(x.done)
	buf := make([]byte, 4096)
	for {
		n, err := x.tty.Read(buf)
		x.mu.Lock()
		x.out.Write(buf[:n])
		x.mu.Unlock()
		if bytes.Contains(buf[:n], []byte("\x1b]11;?")) {
			_, _ = io.WriteString(x.tty, "\x1b]11;rgb:0000/0000/0000\x1b\\")
		}
		if bytes.Contains(buf[:n], []byte("\x1b[6n")) {
			_, _ = io.WriteString(x.tty, "\x1b[1;1R")
		}
		if err != nil {
			return
		}
	}
}

// waits until what was drawn since the last wait holds a text.
func (x *wizardTerminal) waits(text string) {
	x.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		x.mu.Lock()
		got := x.out.String()
		at := strings.Index(got, text)
		if at >= 0 {
			x.out.Next(at + len(text))
		}
		x.mu.Unlock()
		if at >= 0 {
			return
		}
		if time.Now().After(deadline) {
			x.t.Fatalf("%q does not come; there is\n%q", text, got)
		}
	}
}

func (x *wizardTerminal) press(keys string) {
	x.t.Helper()
	if _, err := io.WriteString(x.tty, keys); err != nil {
		x.t.Fatal(err)
	}
}

// ends waits for the program and returns what it wrote after the last wait.
func (x *wizardTerminal) ends() string {
	x.t.Helper()
	err := x.cmd.Wait()
	time.Sleep(50 * time.Millisecond) // the terminal still holds what was written last
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil {
		x.t.Errorf("the wizard: %v\n%q", err, x.out.String())
	}
	return x.out.String()
}

// filesBelow reads a folder's files, without drydock's own records and the values of this machine.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == ".drydock" {
				return fs.SkipDir
			}
			return err
		}
		if name == ".env" {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
