// Record plays a person at the wizard in a pseudo-terminal and writes what the terminal got as an asciinema cast, and the last
// screens as one SVG picture. Usage: record DRYDOCK REPOSITORY CAST SVG, or, for the board of many repositories, of which there is a
// picture alone, record board DRYDOCK FOLDER SVG (hack/record.sh calls both).
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
)

const columns, rows = 100, 30

func main() {
	if err := record(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

// act is what the person does: waits for a text, looks at the screen for a while, and types.
type act struct {
	wait, keys string
	look       time.Duration
	shot       string // the caption of the screen, for the picture; empty: it is not in it
}

func script(source string) []act {
	return []act{
		{wait: "Where is the application?", look: time.Second, keys: source},
		{wait: filepath.Base(source), look: time.Second, keys: "\r"},
		{wait: "[2 Findings]", look: 2 * time.Second, keys: "jjj\r"},
		{look: 2 * time.Second, keys: "n", shot: "What was found, each value with the line that proves it"},
		{wait: "[3 Decisions]", look: 2 * time.Second, keys: "n"},
		{wait: "checks found nothing", look: time.Second, keys: "\tjjjjj"},
		{look: 3 * time.Second, keys: "w", shot: "The files before anything is written, and why each line is there"},
		{wait: "write, then build", look: time.Second, keys: "y"},
		{wait: "builds, starts and answers", look: 4 * time.Second, keys: "q", shot: "What was seen of the running container"},
	}
}

// boardScript looks at the board while it fills, and into one repository.
func boardScript() []act {
	return []act{
		{wait: "about", look: 900 * time.Millisecond, shot: "Many repositories while they are assessed"},
		{wait: "took", look: time.Second, keys: "sss/rails\r\r"},
		{look: time.Second, keys: "q", shot: "One of them: its verdict, the findings with their proof, the effort with its derivation"},
	}
}

func record(args []string) error {
	if len(args) != 4 {
		return errors.New("usage: record DRYDOCK REPOSITORY CAST SVG, or record board DRYDOCK FOLDER SVG")
	}
	own, err := os.MkdirTemp("", "record")
	if err != nil {
		return err
	}
	defer os.RemoveAll(own)
	work := own
	if args[0] == "board" {
		_, shots, err := play(work, filepath.Dir(args[2]), boardScript(), args[1], "assess", filepath.Base(args[2]), "--fresh", "--jobs", "1")
		if err != nil {
			return err
		}
		return os.WriteFile(args[3], picture(shots, work), 0o644)
	}
	// The files are written beside the repository: then the commands on the last screen are as short as anybody's.
	work, err = filepath.Abs(filepath.Dir(args[1]))
	if err != nil {
		return err
	}
	t, shots, err := play(work, work, script(filepath.Base(args[1])), args[0], "--quick", "-o", "out")
	if err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Join(work, "out"))
	if err := os.WriteFile(args[2], t.cast(work), 0o644); err != nil {
		return err
	}
	return os.WriteFile(args[3], picture(shots, work), 0o644)
}

// play runs a command in a terminal, at which a person does what the acts say.
func play(work, dir string, acts []act, command string, args ...string) (*tape, []shot, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CI=", "TERM=xterm-256color", "COLORTERM=", "HOME="+work, "XDG_STATE_HOME="+work)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return nil, nil, fmt.Errorf("start %s: %w", command, err)
	}
	defer tty.Close()
	t := &tape{began: time.Now(), screen: newScreen(columns, rows)}
	go t.read(tty)
	var shots []shot
	for _, a := range acts {
		if err := t.waits(a.wait); err != nil {
			_ = cmd.Process.Kill()
			return nil, nil, err
		}
		time.Sleep(a.look)
		if a.shot != "" {
			shots = append(shots, shot{a.shot, t.lines()})
		}
		for _, k := range a.keys {
			if _, err := io.WriteString(tty, string(k)); err != nil {
				return nil, nil, err
			}
			time.Sleep(60 * time.Millisecond)
		}
	}
	if err := cmd.Wait(); err != nil {
		return nil, nil, fmt.Errorf("drydock: %w", err)
	}
	return t, shots, nil
}

// tape is what the terminal has got so far.
type tape struct {
	mu     sync.Mutex
	began  time.Time
	parts  []part
	text   strings.Builder // since the last wait
	screen *screen
}

type part struct {
	at   time.Duration
	text string
}

// read answers what programs ask a terminal, and keeps the rest.
func (t *tape) read(tty *os.File) {
	buf := make([]byte, 64<<10)
	for {
		n, err := tty.Read(buf)
		if bytes.Contains(buf[:n], []byte("\x1b]11;?")) {
			_, _ = io.WriteString(tty, "\x1b]11;rgb:0000/0000/0000\x1b\\")
		}
		if bytes.Contains(buf[:n], []byte("\x1b[6n")) {
			_, _ = io.WriteString(tty, "\x1b[1;1R")
		}
		t.mu.Lock()
		t.parts = append(t.parts, part{time.Since(t.began), string(buf[:n])})
		t.text.Write(buf[:n])
		t.screen.write(string(buf[:n]))
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (t *tape) waits(text string) error {
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		t.mu.Lock()
		found := text == "" || strings.Contains(ansi.Strip(t.text.String()), text)
		if found {
			t.text.Reset()
		}
		t.mu.Unlock()
		if found {
			return nil
		}
	}
	return fmt.Errorf("%q does not come", text)
}

func (t *tape) lines() [][]cell {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.copy()
}

// cast is the tape in asciinema's format, version 2; long waits are shortened. The folder of this run is called by a plain name.
func (t *tape) cast(work string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	_ = enc.Encode(map[string]any{"version": 2, "width": columns, "height": rows, "title": "drydock", "env": map[string]string{"TERM": "xterm-256color"}})
	const longest = 1500 * time.Millisecond
	var at, last time.Duration
	for _, p := range t.parts {
		at += min(p.at-last, longest)
		last = p.at
		_ = enc.Encode([]any{at.Round(time.Millisecond).Seconds(), "o", strings.ReplaceAll(p.text, work, home)})
	}
	return b.Bytes()
}

const home = "/home/me"

// shot is a screen with a caption.
type shot struct {
	caption string
	lines   [][]cell
}

// picture draws screens one below the other.
func picture(shots []shot, work string) []byte {
	const cellWidth, lineHeight, gap, caption = 8.0, 17.0, 26.0, 30.0
	width := columns*cellWidth + 2*gap
	each := caption + rows*lineHeight + gap
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-label="drydock's wizard">`+"\n", width, each*float64(len(shots))+gap, width, each*float64(len(shots))+gap)
	b.WriteString(`<rect width="100%" height="100%" rx="8" fill="#16181d"/><g font-family="ui-monospace,SFMono-Regular,Menlo,DejaVu Sans Mono,monospace" font-size="13" xml:space="preserve">` + "\n")
	for i, s := range shots {
		top := gap/2 + each*float64(i)
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" fill="#8b949e" font-style="italic">%s</text>`+"\n", gap, top+caption/2, html.EscapeString(s.caption))
		for y, line := range s.lines {
			drawLine(&b, line, gap, top+caption+lineHeight*(float64(y)+.8), cellWidth, lineHeight, work)
		}
	}
	b.WriteString("</g></svg>\n")
	return b.Bytes()
}

// drawLine writes the words of a line, each at its column: viewers do not agree on what spaces are worth.
func drawLine(b *bytes.Buffer, line []cell, x, y, width, height float64, work string) {
	for from := 0; from < len(line); {
		st, to := line[from].style, from+1
		for to < len(line) && line[to].style == st && (st.reverse || (line[to].text == " ") == (line[from].text == " ")) {
			to++
		}
		var text strings.Builder
		for _, c := range line[from:to] {
			text.WriteString(c.text)
		}
		at, fill, weight := x+float64(from)*width, st.colour(), ""
		if st.reverse {
			fmt.Fprintf(b, `<rect x="%.0f" y="%.1f" width="%.0f" height="%.0f" fill="%s"/>`, at, y-height*.76, float64(to-from)*width, height, fill)
			fill = "#16181d"
		}
		if st.bold {
			weight = ` font-weight="bold"`
		}
		if shown := strings.ReplaceAll(text.String(), work, home); strings.TrimSpace(shown) != "" {
			fmt.Fprintf(b, `<text x="%.0f" y="%.1f" fill="%s" textLength="%.0f"%s>%s</text>`+"\n", at, y, fill, float64(len([]rune(shown)))*width, weight, html.EscapeString(shown))
		}
		from = to
	}
}
