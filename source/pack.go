package source

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-billy/v5"

	"github.com/drydock-cli/drydock/progress"
)

// eventEvery is how much time lies between two events of one step.
const eventEvery = 100 * time.Millisecond

// packReader counts the bytes of a pack, reports them and bounds them.
type packReader struct {
	r     io.Reader
	left  int64
	max   int64
	read  int64
	last  time.Time
	touch func()
	sink  progress.Sink
	err   error // the first error but io.EOF
}

func (p *packReader) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.r.Read(b)
	p.touch()
	p.read += int64(n)
	if p.left -= int64(n); p.left < 0 {
		n, err = 0, limit("MaxBytes", p.max, "the server sends more bytes than are allowed")
	}
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader's own contract
		p.err = err
	}
	if now := time.Now(); now.Sub(p.last) >= eventEvery {
		p.last = now
		p.report()
	}
	return n, err
}

func (p *packReader) report() {
	p.sink.Emit(progress.Event{Stage: progress.Fetch, Step: "receive", Name: "receive objects", State: progress.Running, Current: p.read, Unit: "bytes"})
}

// serverMessages makes events of what a server says while it works.
type serverMessages struct {
	sink  progress.Sink
	touch func()
	rest  []byte
	last  time.Time
	lines int
}

const (
	maxMessage  = 1024 // bytes of a line that are looked at
	maxMessages = 50   // lines passed on
)

// counter is what Git says of a step: "Counting objects:  45% (9/20)", "Enumerating objects: 20, done."
var counter = regexp.MustCompile(`^([A-Z][A-Za-z ]{2,40}): +(?:[0-9]{1,3}% \(([0-9]{1,12})/([0-9]{1,12})\)|([0-9]{1,12}))(, done)?`)

func (s *serverMessages) Write(b []byte) (int, error) {
	s.touch()
	s.rest = append(s.rest, b...)
	for {
		i := bytes.IndexAny(s.rest, "\r\n")
		if i < 0 {
			break
		}
		s.line(strings.TrimSpace(string(s.rest[:min(i, maxMessage)])))
		s.rest = s.rest[i+1:]
	}
	if len(s.rest) > maxMessage {
		s.rest = s.rest[:0]
	}
	return len(b), nil
}

func (s *serverMessages) line(text string) {
	e := progress.Event{Stage: progress.Fetch, Step: "receive"}
	if m := counter.FindStringSubmatch(text); m != nil {
		now := time.Now()
		if m[5] == "" && now.Sub(s.last) < eventEvery {
			return
		}
		s.last = now
		e.State, e.Name, e.Unit = progress.Running, m[1], "objects"
		e.Current, _ = strconv.ParseInt(m[2]+m[4], 10, 64)
		e.Total, _ = strconv.ParseInt("0"+m[3], 10, 64)
		s.sink.Emit(e)
		return
	}
	if s.lines++; text == "" || s.lines > maxMessages {
		return
	}
	e.State, e.Text = progress.Log, printable(text)
	s.sink.Emit(e)
}

// closingFS remembers the files that go-git opens: when a pack is cut off, it leaves them open.
type closingFS struct {
	billy.Filesystem
	mu    sync.Mutex
	files []billy.File
}

func (c *closingFS) keep(f billy.File, err error) (billy.File, error) {
	if err == nil {
		c.mu.Lock()
		c.files = append(c.files, f)
		c.mu.Unlock()
	}
	return f, err
}

func (c *closingFS) Open(name string) (billy.File, error) { return c.keep(c.Filesystem.Open(name)) }
func (c *closingFS) Create(name string) (billy.File, error) {
	return c.keep(c.Filesystem.Create(name))
}
func (c *closingFS) OpenFile(name string, flag int, perm os.FileMode) (billy.File, error) {
	return c.keep(c.Filesystem.OpenFile(name, flag, perm))
}
func (c *closingFS) TempFile(dir, prefix string) (billy.File, error) {
	return c.keep(c.Filesystem.TempFile(dir, prefix))
}

func (c *closingFS) closeAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.files {
		_ = f.Close() // most are closed already
	}
	c.files = nil
}
