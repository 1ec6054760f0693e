package java

import (
	"strings"
)

// scalaStatement is a statement of an sbt build file, which is a program in Scala. What people write there is regular
// enough that statements and the names between them tell most, and nothing is ever run.
type scalaStatement struct {
	text string // comments are blanks, line ends are kept
	line int    // on which it begins
}

// at is the line of an offset in the statement's text.
func (s scalaStatement) at(offset int) int {
	return s.line + strings.Count(s.text[:min(offset, len(s.text))], "\n")
}

// Bounds of one build file.
const (
	maxScalaStatements = 5000
	maxScalaBytes      = 1 << 20
	maxScalaNesting    = 6
)

// scanScala splits a build file into statements. The statements inside objects and traits stand beside those of the
// file. It never fails: what it does not understand becomes a statement that no rule knows.
func scanScala(src string) []scalaStatement {
	if len(src) > maxScalaBytes {
		src = src[:maxScalaBytes]
	}
	return splitScala(withoutComments(src), 1, 0)
}

// withoutComments puts blanks in place of comments, so that lines and offsets stay.
func withoutComments(src string) string {
	out := []byte(src)
	for i := 0; i < len(out); {
		switch rest := src[i:]; {
		case out[i] == '"':
			i += stringEnd(rest)
		case strings.HasPrefix(rest, "//"):
			for i < len(out) && out[i] != '\n' {
				out[i] = ' '
				i++
			}
		case strings.HasPrefix(rest, "/*"):
			for n := commentEnd(rest); n > 0; n-- {
				if out[i] != '\n' {
					out[i] = ' '
				}
				i++
			}
		default:
			i++
		}
	}
	return string(out)
}

// stringEnd is the length of the string literal that s begins with: "x" or """x""". One that does not end stops at
// the end of the line.
func stringEnd(s string) int {
	if strings.HasPrefix(s, `"""`) {
		if i := strings.Index(s[3:], `"""`); i >= 0 {
			return i + 6
		}
		return len(s)
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n':
			return i
		}
	}
	return len(s)
}

// commentEnd is the length of the comment that s begins with; comments nest in Scala.
func commentEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(s[i:], "*/"):
			if depth--; depth == 0 {
				return i + 2
			}
			i++
		}
	}
	return len(s)
}

// splitScala cuts at the ends of lines outside of brackets, unless the statement goes on. It looks at each byte once.
func splitScala(src string, line, nesting int) []scalaStatement {
	sp := &scalaSplitter{src: src, nesting: nesting, line: line}
	depth := 0
	last := byte(0) // the last byte of the statement that is no blank; 0: none yet
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '"':
			i += stringEnd(src[i:]) - 1
			last = c
		case '(', '[', '{':
			depth++
			last = c
		case ')', ']', '}':
			depth = max(0, depth-1)
			last = c
		case ' ', '\t', '\r':
		case '\n', ';':
			if depth > 0 {
				continue
			}
			next := i + 1
			for next < len(src) && strings.IndexByte(" \t\r\n;", src[next]) >= 0 {
				next++
			}
			if last != 0 && !goesOn(last, c, src[next:]) {
				sp.flush(i)
				last = 0
			}
			i = next - 1
		default:
			last = c
		}
	}
	sp.flush(len(src))
	return sp.out
}

// scalaSplitter keeps where the current statement begins.
type scalaSplitter struct {
	src     string
	nesting int
	start   int
	line    int // of start
	out     []scalaStatement
}

// flush ends the statement before an offset.
func (s *scalaSplitter) flush(end int) {
	text := s.src[s.start:end]
	trimmed := strings.TrimLeft(text, " \t\r\n;")
	lead := strings.Count(text[:len(text)-len(trimmed)], "\n")
	if t := strings.TrimRight(trimmed, " \t\r\n;"); t != "" && len(s.out) < maxScalaStatements {
		s.out = append(s.out, scalaStatement{t, s.line + lead}.unfold(s.nesting)...)
	}
	s.line += strings.Count(text, "\n")
	s.start = end
}

// goesOn reports whether a statement continues after the end of a line: its last byte or what follows wants more.
func goesOn(last, end byte, after string) bool {
	if strings.IndexByte(",=+%.:(&|", last) >= 0 {
		return true
	}
	if end == ';' || after == "" {
		return false
	}
	return strings.IndexByte(".)%+", after[0]) >= 0 || strings.HasPrefix(after, "exclude")
}

// unfold returns the statements inside of an object, a trait or a class, or else the statement itself.
func (s scalaStatement) unfold(nesting int) []scalaStatement {
	head, _, _ := strings.Cut(s.text, "{")
	words := strings.Fields(head)
	for len(words) > 0 && (words[0] == "private" || words[0] == "package" || words[0] == "final" || words[0] == "sealed" || words[0] == "case") {
		words = words[1:]
	}
	if len(words) == 0 || words[0] != "object" && words[0] != "trait" && words[0] != "class" || len(head) == len(s.text) || nesting >= maxScalaNesting {
		return []scalaStatement{s}
	}
	end := strings.LastIndexByte(s.text, '}')
	if end < len(head)+1 {
		end = len(s.text)
	}
	inner := splitScala(s.text[len(head)+1:end], s.at(len(head)), nesting+1)
	return append([]scalaStatement{{head, s.line}}, inner...)
}
