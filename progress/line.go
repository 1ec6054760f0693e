package progress

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// tabWidth is how many columns a tab becomes: output of builds is indented with
// tabs, and a renderer that cuts by width must not meet one.
const tabWidth = 4

// Line makes s safe to show as one line of a terminal, whoever wrote it: escape
// sequences go, a line that was overwritten with carriage returns shows its last
// state, tabs become spaces, other control characters and marks that turn the
// writing direction become "·", and bytes that are no UTF-8 become U+FFFD.
func Line(s string) string {
	if plain(s) {
		return s
	}
	s = strings.TrimRight(s, "\r\n")
	if at := strings.LastIndexByte(s, '\r'); at >= 0 {
		s = s[at+1:]
	}
	if strings.ContainsAny(s, "\x1b\u009b\u009d\u0090") {
		s = ansi.Strip(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		writeSafe(&b, r)
	}
	return b.String()
}

// plain reports whether s is printable ASCII, as most lines are.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func writeSafe(b *strings.Builder, r rune) {
	switch {
	case r == '\t':
		b.WriteString(strings.Repeat(" ", tabWidth))
	case r == '\n', r == '\u2028', r == '\u2029':
		b.WriteByte(' ')
	case unicode.IsControl(r), turnsDirection(r):
		b.WriteRune('·')
	case unicode.Is(unicode.Cf, r), r >= '\ufe00' && r <= '\ufe0f':
		// Invisible: they only make a terminal and us disagree about the width.
	case r == utf8.RuneError:
		b.WriteRune('\ufffd')
	default:
		b.WriteRune(r)
	}
}

// turnsDirection reports whether r makes text read differently from how it is
// stored, which is how a line can be made to lie.
func turnsDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c'
}

// safe returns e with everything that others wrote made safe to show.
func (e Event) safe() Event {
	e.Source, e.Component, e.Step, e.Name, e.Unit = Line(e.Source), Line(e.Component), Line(e.Step), Line(e.Name), Line(e.Unit)
	if e.State == Log {
		e.Text = Line(e.Text)
	} else {
		// The text of a failure is an error: its lines matter, so they stay apart.
		e.Text = strings.Join(Lines(e.Text), "\n")
	}
	return e
}

// Lines splits s at its line ends and makes each line safe to show. Lines that
// are empty at the end go.
func Lines(s string) []string {
	lines := strings.Split(strings.TrimRight(s, "\r\n \t"), "\n")
	for i := range lines {
		lines[i] = Line(lines[i])
	}
	return lines
}
