package tui

// Bounds of the log of a verification.
const (
	maxLogLines = 100_000
	maxLogBytes = 64 << 20
	maxLineRune = 4096 // bytes of one line that are kept
)

// logLine is one line of output with the step that wrote it.
type logLine struct {
	step int
	text string
}

// ring keeps the newest lines of a log. Lines are numbered from 0 as they come,
// and keep their number while older ones are forgotten.
type ring struct {
	lines []logLine // circular once it has grown to most
	head  int       // index of the oldest line
	count int
	first int // number of the oldest line
	bytes int
	most  int
	limit int // bytes
}

func newRing() *ring { return &ring{most: maxLogLines, limit: maxLogBytes} }

// push adds a line and forgets the oldest ones that no longer fit.
func (r *ring) push(l logLine) {
	if len(l.text) > maxLineRune {
		l.text = trimToRune(l.text, maxLineRune) + "…"
	}
	for r.count > 0 && (r.count >= r.most || r.bytes+len(l.text) > r.limit) {
		r.forget()
	}
	if r.count == len(r.lines) {
		r.grow()
	}
	r.lines[(r.head+r.count)%len(r.lines)] = l
	r.count++
	r.bytes += len(l.text)
}

func (r *ring) forget() {
	r.bytes -= len(r.lines[r.head].text)
	r.lines[r.head] = logLine{}
	r.head = (r.head + 1) % len(r.lines)
	r.count--
	r.first++
}

func (r *ring) grow() {
	grown := make([]logLine, min(r.most, max(256, 2*len(r.lines))))
	for i := 0; i < r.count; i++ {
		grown[i] = r.lines[(r.head+i)%len(r.lines)]
	}
	r.lines, r.head = grown, 0
}

// end is the number that the next line will have.
func (r *ring) end() int { return r.first + r.count }

// at returns a line by its number, which lies between first and end.
func (r *ring) at(n int) logLine { return r.lines[(r.head+n-r.first)%len(r.lines)] }

// trimToRune cuts s to at most n bytes, between two characters.
func trimToRune(s string, n int) string {
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
