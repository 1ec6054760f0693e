package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestBoardFits(t *testing.T) {
	env := map[string]string{"TERM": "xterm"}
	on := func(change func(*app)) bool {
		a := &app{streams: &streams{inTTY: true, outTTY: true, errTTY: true, environ: func(n string) string { return env[n] }}}
		a.flags.progress = "auto"
		change(a)
		return a.boardFits()
	}
	if !on(func(*app) {}) {
		t.Error("no board on a terminal")
	}
	for what, change := range map[string]func(*app){
		"stdout is a file": func(a *app) { a.outTTY = false },
		"stdin is a pipe":  func(a *app) { a.inTTY = false },
		"stderr is a file": func(a *app) { a.errTTY = false },
		"--json":           func(a *app) { a.flags.json = true },
		"--quiet":          func(a *app) { a.flags.quiet = true },
		"--verbose":        func(a *app) { a.flags.verbose = true },
		"--accessible":     func(a *app) { a.flags.accessible = true },
		"--no-input":       func(a *app) { a.flags.noInput = true },
		"--progress plain": func(a *app) { a.flags.progress = "plain" },
		"TERM=dumb":        func(*app) { env = map[string]string{"TERM": "dumb"} },
		"CI":               func(*app) { env = map[string]string{"TERM": "xterm", "CI": "true"} },
		"ACCESSIBLE=1":     func(*app) { env = map[string]string{"TERM": "xterm", "ACCESSIBLE": "1"} },
	} {
		if on(change) {
			t.Errorf("a board although %s", what)
		}
		env = map[string]string{"TERM": "xterm"}
	}
}

func TestContinuation(t *testing.T) {
	for want, args := range map[string][]string{
		"drydock assess --from 'my list' --resume": {"/usr/bin/drydock", "assess", "--from", "my list"},
		"drydock assess --resume .":                {"drydock", "assess", "--resume", "."},
	} {
		if got := continuation(args); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestBoardOnATerminal has a person assess three sources, look into one, open it in the wizard, come back and leave.
func TestBoardOnATerminal(t *testing.T) {
	apps, err := filepath.Abs("../../testdata/apps")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	program := filepath.Join(t.TempDir(), "drydock") // the test program is drydock when it is called so, its workers too
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, data, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "assess", filepath.Join(apps, "rails-shop"), filepath.Join(apps, "static-almanac"), "nowhere", "-o", filepath.Join(home, "out"))
	cmd.Env = append(os.Environ(), "CI=", "TERM=xterm-256color", "NO_COLOR=1", "HOME="+home, "XDG_STATE_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home, "GOCOVERDIR="+t.TempDir())
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	defer func() { _ = cmd.Process.Kill() }()
	out := make(chan string)
	go func() {
		defer close(out)
		buf := make([]byte, 1<<16)
		for {
			n, err := tty.Read(buf)
			if err != nil {
				return
			}
			if bytes.Contains(buf[:n], []byte("\x1b[6n")) { // as terminals answer
				_, _ = tty.WriteString("\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[1;1R")
			}
			out <- string(buf[:n])
		}
	}()
	seen, late := "", time.After(time.Minute)
	waits := func(text string) {
		t.Helper()
		for {
			if _, rest, ok := strings.Cut(seen, text); ok {
				seen = rest
				return
			}
			select {
			case more, ok := <-out:
				if !ok {
					t.Fatalf("it has ended without %q: %q", text, seen)
				}
				seen += more
			case <-late:
				t.Fatalf("%q does not come: %q", text, seen)
			}
		}
	}
	press := func(keys string) {
		t.Helper()
		if _, err := tty.WriteString(keys); err != nil {
			t.Fatal(err)
		}
	}
	waits("Workshop board")
	waits("3 of 3 · took")
	press("/rails")
	waits("1 of 3")
	press("\r")
	waits("enter findings")
	press("\r")
	waits("Files on the local disk")
	press("o")
	waits("[2 Findings]")
	press("q")
	waits("Workshop board")
	waits("Files on the local disk")
	press("q")
	waits("3 repositories in")
	waits("nowhere: open nowhere: there is no such file or folder")
	waits("reports: " + filepath.Join(home, "out", "index.html"))
	waits("1 of 3 repositories could not be assessed")
	go func() {
		for range out {
		}
	}()
	if err := cmd.Wait(); exitPartly != cmd.ProcessState.ExitCode() {
		t.Errorf("exit: %v", err)
	}
}
