package java

import (
	"strings"
)

// statement is one statement of a Gradle script, with the blocks that it stands in. Gradle scripts are programs in
// Groovy or Kotlin; what people write in them is regular enough that statements and blocks tell most, and nothing
// is ever run.
type statement struct {
	block []string // headers of the enclosing blocks, outermost first
	text  string   // comments removed, on one line
	line  int
	opens bool // the header of a block
}

// in reports whether the statement stands directly in these blocks, by the first word of their headers.
func (s statement) in(names ...string) bool {
	if len(s.block) != len(names) {
		return false
	}
	for i, n := range names {
		if firstWord(s.block[i]) != n {
			return false
		}
	}
	return true
}

// within reports whether one of the enclosing blocks begins with a name.
func (s statement) within(name string) bool {
	for _, b := range s.block {
		if firstWord(b) == name {
			return true
		}
	}
	return false
}

func firstWord(s string) string {
	for i, r := range s {
		if !(r == '_' || r == '.' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			return s[:i]
		}
	}
	return s
}

// Bounds of one script.
const (
	maxStatements   = 20000
	maxBlocks       = 60
	maxStatementLen = 64 << 10
)

// scanGradle splits a script into statements. It never fails: what it does not understand becomes a statement that no
// rule knows.
func scanGradle(src string) []statement {
	s := &gradleScanner{src: src, line: 1, start: 1}
	s.run()
	return s.out
}

type gradleScanner struct {
	src    string
	pos    int
	line   int
	start  int // line on which the statement begins
	text   strings.Builder
	blocks []string
	nested int // open parentheses and brackets, and braces inside them
	skip   int // blocks beyond maxBlocks
	out    []statement
}

func (s *gradleScanner) run() {
	for s.pos < len(s.src) && len(s.out) < maxStatements {
		rest := s.src[s.pos:]
		c := rest[0]
		switch {
		case strings.HasPrefix(rest, "//"):
			s.skipTo("\n", false)
		case strings.HasPrefix(rest, "/*"):
			s.pos += 2
			s.skipTo("*/", true)
		case c == '"' || c == '\'':
			s.quoted(rest, c)
		case c == '(' || c == '[':
			s.nested++
			s.put(c)
		case c == ')' || c == ']':
			s.nested = max(0, s.nested-1)
			s.put(c)
		case c == '{':
			s.open()
		case c == '}':
			s.close()
		case c == '\n' || c == ';':
			s.end(c)
		default:
			s.put(c)
		}
	}
	s.emit(false)
}

func (s *gradleScanner) put(c byte) {
	if s.text.Len() == 0 && (c == ' ' || c == '\t' || c == '\r') {
		s.pos++
		return
	}
	if s.text.Len() == 0 {
		s.start = s.line
	}
	if s.text.Len() < maxStatementLen {
		s.text.WriteByte(c)
	}
	s.pos++
}

// skipTo moves behind the next end, or to it.
func (s *gradleScanner) skipTo(end string, behind bool) {
	i := strings.Index(s.src[s.pos:], end)
	if i < 0 {
		s.line += strings.Count(s.src[s.pos:], "\n")
		s.pos = len(s.src)
		return
	}
	s.line += strings.Count(s.src[s.pos:s.pos+i], "\n")
	s.pos += i
	if behind {
		s.pos += len(end)
	}
}

// quoted copies a string, so that nothing inside it is taken for a brace or a comment.
func (s *gradleScanner) quoted(rest string, q byte) {
	if s.text.Len() == 0 {
		s.start = s.line
	}
	triple := strings.Repeat(string(q), 3)
	end := string(q)
	if strings.HasPrefix(rest, triple) {
		end = triple
	}
	i := len(end)
	for i < len(rest) && !strings.HasPrefix(rest[i:], end) {
		if rest[i] == '\\' {
			i++
		} else if rest[i] == '\n' && len(end) == 1 {
			break // a string never spans lines: the quote was an apostrophe
		}
		i++
	}
	i = min(i, len(rest))
	if strings.HasPrefix(rest[i:], end) {
		i += len(end)
	}
	s.line += strings.Count(rest[:i], "\n")
	if s.text.Len()+i < maxStatementLen {
		s.text.WriteString(rest[:i])
	}
	s.pos += i
}

func (s *gradleScanner) open() {
	if s.nested > 0 {
		s.nested++
		s.put('{')
		return
	}
	header := strings.TrimSpace(s.text.String())
	if len(s.blocks) >= maxBlocks {
		s.skip++
		s.text.Reset()
		s.pos++
		return
	}
	if header != "" {
		s.out = append(s.out, statement{s.stack(), header, s.start, true})
	}
	s.blocks = append(s.blocks, header)
	s.text.Reset()
	s.pos++
}

func (s *gradleScanner) close() {
	if s.nested > 0 {
		s.nested--
		s.put('}')
		return
	}
	s.emit(false)
	if s.skip > 0 {
		s.skip--
	} else if len(s.blocks) > 0 {
		s.blocks = s.blocks[:len(s.blocks)-1]
	}
	s.pos++
}

// end finishes a statement at the end of a line, unless it goes on.
func (s *gradleScanner) end(c byte) {
	t := strings.TrimSpace(s.text.String())
	more := s.nested > 0 || c == '\n' && (strings.HasSuffix(t, ",") || strings.HasSuffix(t, "=") || strings.HasSuffix(t, "+") || strings.HasSuffix(t, ":") && t != ":")
	if c == '\n' {
		s.line++
	}
	s.pos++
	if more {
		s.text.WriteByte(' ')
		return
	}
	s.emit(false)
}

func (s *gradleScanner) emit(opens bool) {
	t := strings.TrimSpace(s.text.String())
	s.text.Reset()
	if t != "" {
		s.out = append(s.out, statement{s.stack(), t, s.start, opens})
	}
}

func (s *gradleScanner) stack() []string {
	return append([]string(nil), s.blocks...)
}
