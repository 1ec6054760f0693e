package verify

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Bounds of what is kept of foreign output: a container can print without end.
const (
	maxLine  = 4 << 10 // bytes of one line; the rest is dropped
	keepLog  = 200     // lines kept of a container or a build step
	showLog  = 40      // lines shown with a failure
	longLine = "…"     // marks a line that was cut
)

// lineWriter splits a stream into lines and hands each, bounded and without
// control characters, to emit. Text before a lone carriage return is
// overwritten, as on a terminal, so that a progress bar leaves its last state only.
type lineWriter struct {
	emit    func(string)
	buf     []byte
	cut     bool // the line was longer than maxLine
	pending bool // a carriage return came last
}

// Write never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexAny(p, "\r\n")
		if i < 0 {
			w.add(p)
			break
		}
		w.add(p[:i])
		if p[i] == '\n' {
			w.end()
		} else {
			w.pending = true
		}
		p = p[i+1:]
	}
	return n, nil
}

func (w *lineWriter) add(p []byte) {
	if len(p) == 0 {
		return
	}
	if w.pending {
		w.buf, w.cut, w.pending = w.buf[:0], false, false
	}
	if room := maxLine - len(w.buf); len(p) > room {
		p, w.cut = p[:room], true
	}
	w.buf = append(w.buf, p...)
}

func (w *lineWriter) end() {
	line := cleanLine(w.buf)
	if w.cut {
		line += longLine
	}
	w.buf, w.cut, w.pending = w.buf[:0], false, false
	w.emit(line)
}

// Flush emits a last line that has no line end.
func (w *lineWriter) Flush() {
	if len(w.buf) > 0 {
		w.end()
	}
}

// cleanLine makes a line of foreign output harmless: valid UTF-8, no escape
// sequences, no control characters. Colours would also hide text from the failure table.
func cleanLine(b []byte) string {
	plain := true
	for _, c := range b {
		if c < 0x20 && c != '\t' || c >= 0x7f {
			plain = false
			break
		}
	}
	s := strings.TrimRight(string(b), " \t\r")
	if plain {
		return s
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = ansi.Strip(s)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

// ring keeps the last lines of a stream. It is not safe for use by several goroutines.
type ring struct {
	lines []string
	next  int
	total int
}

func newRing(size int) *ring { return &ring{lines: make([]string, 0, size)} }

func (r *ring) add(line string) {
	r.total++
	if len(r.lines) < cap(r.lines) {
		r.lines = append(r.lines, line)
		return
	}
	r.lines[r.next] = line
	r.next = (r.next + 1) % len(r.lines)
}

// last returns up to n of the last lines, oldest first, without leading and trailing empty ones.
func (r *ring) last(n int) []string {
	all := make([]string, 0, len(r.lines))
	all = append(all, r.lines[r.next:]...)
	all = append(all, r.lines[:r.next]...)
	for len(all) > 0 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	if len(all) > n {
		all = all[len(all)-n:]
	}
	for len(all) > 0 && all[0] == "" {
		all = all[1:]
	}
	return all
}

// masker replaces secret values in every line that leaves the package.
type masker struct{ replacer *strings.Replacer }

const masked = "***"

// shortestSecret is the length below which a value is not masked: "1" or "app" would blank out half of every log.
const shortestSecret = 4

func newMasker(values ...string) masker {
	seen := map[string]bool{}
	for _, v := range values {
		for _, part := range strings.FieldsFunc(v, func(r rune) bool { return r == '\n' || r == '\r' }) {
			for _, form := range []string{part, urlEscape(part)} {
				if len(form) >= shortestSecret {
					seen[form] = true
				}
			}
		}
	}
	forms := make([]string, 0, len(seen))
	for f := range seen {
		forms = append(forms, f)
	}
	// The longest first: a secret may hold another.
	sort.Slice(forms, func(i, j int) bool {
		if len(forms[i]) != len(forms[j]) {
			return len(forms[i]) > len(forms[j])
		}
		return forms[i] < forms[j]
	})
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f, masked)
	}
	if len(pairs) == 0 {
		return masker{}
	}
	return masker{strings.NewReplacer(pairs...)}
}

func (m masker) mask(s string) string {
	if m.replacer == nil {
		return s
	}
	return m.replacer.Replace(s)
}
