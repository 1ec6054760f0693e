package elixir

import (
	"strings"
)

// kind is what a token is.
type kind uint8

const (
	word   kind = iota // a name: "config", "System.get_env", "Shop.Repo"
	atom               // ":phoenix", without its colon
	key                // "port:", without its colon
	text               // a string; one with an interpolation is kept as it is written
	number             // "4_000"
	mark               // punctuation, one character, or "||", "->", "=>", "<-", "|>"
)

type token struct {
	kind  kind
	value string
	line  int
}

// Bounds of reading one file.
const (
	maxTokens = 300_000
	maxText   = 64 << 10
)

// tokens reads Elixir code as far as manifests and configuration use it. Nothing is evaluated. Words of a ~w list are
// strings, one each.
func tokens(data []byte) []token {
	r := &reader{s: string(data), line: 1}
	for r.i < len(r.s) && len(r.out) < maxTokens {
		r.next()
	}
	return r.out
}

type reader struct {
	s    string
	i    int
	line int
	out  []token
}

func (r *reader) add(k kind, v string, at int) { r.out = append(r.out, token{k, v, at}) }

func (r *reader) peek(n int) byte {
	if r.i+n < len(r.s) {
		return r.s[r.i+n]
	}
	return 0
}

func (r *reader) next() {
	c := r.s[r.i]
	switch {
	case c == '\n':
		r.line++
		r.i++
	case c == ' ' || c == '\t' || c == '\r':
		r.i++
	case c == '#':
		end := strings.IndexByte(r.s[r.i:], '\n')
		if end < 0 {
			end = len(r.s) - r.i
		}
		r.i += end
	case c == '"' || c == '\'':
		r.quoted(c)
	case c == '~' && isLetter(r.peek(1)):
		r.sigil()
	case c == '?' && r.peek(1) > ' ' && !isWord(r.peek(2)): // a character: ?"
		r.i += 2
		if r.s[r.i-1] == '\\' {
			r.i++
		}
	case c == ':' && (isLetter(r.peek(1)) || r.peek(1) == '"'):
		r.atom()
	case isLetter(c):
		r.name()
	case c >= '0' && c <= '9':
		from := r.i
		for r.i < len(r.s) && (isWord(r.s[r.i])) {
			r.i++
		}
		r.add(number, strings.ReplaceAll(r.s[from:r.i], "_", ""), r.line)
	default:
		for _, two := range []string{"||", "->", "=>", "<-", "|>"} {
			if strings.HasPrefix(r.s[r.i:], two) {
				r.add(mark, two, r.line)
				r.i += 2
				return
			}
		}
		r.add(mark, string(c), r.line)
		r.i++
	}
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isWord(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' }

// name reads a name with its dots, or a key.
func (r *reader) name() {
	from, at := r.i, r.line
	for r.i < len(r.s) {
		c := r.s[r.i]
		if isWord(c) || (c == '?' || c == '!') && !isWord(r.peek(1)) || c == '.' && isLetter(r.peek(1)) {
			r.i++
			continue
		}
		break
	}
	v := r.s[from:r.i]
	if r.peek(0) == ':' && r.peek(1) != ':' && !strings.Contains(v, ".") {
		r.i++
		r.add(key, v, at)
		return
	}
	r.add(word, v, at)
}

func (r *reader) atom() {
	at := r.line
	r.i++
	if r.s[r.i] == '"' {
		n := len(r.out)
		r.quoted('"')
		if len(r.out) > n {
			r.out[n].kind = atom
		}
		return
	}
	from := r.i
	for r.i < len(r.s) && (isWord(r.s[r.i]) || r.s[r.i] == '@' || r.s[r.i] == '?' || r.s[r.i] == '!') {
		r.i++
	}
	r.add(atom, r.s[from:r.i], at)
}

// quoted reads a string, a charlist or a heredoc.
func (r *reader) quoted(q byte) {
	at := r.line
	heredoc := strings.Repeat(string(q), 3)
	if strings.HasPrefix(r.s[r.i:], heredoc) {
		r.i += 3
		r.add(text, r.until(heredoc, false), at)
		return
	}
	r.i++
	v := r.until(string(q), true)
	if r.peek(0) == ':' && r.peek(1) != ':' {
		r.i++
		r.add(key, v, at)
		return
	}
	r.add(text, v, at)
}

// until reads up to an end, which is passed over. Interpolations may hold the end themselves.
func (r *reader) until(end string, interpolates bool) string {
	var b strings.Builder
	for r.i < len(r.s) && b.Len() < maxText {
		switch {
		case strings.HasPrefix(r.s[r.i:], end):
			r.i += len(end)
			return b.String()
		case r.s[r.i] == '\\' && r.i+1 < len(r.s):
			r.i++
			if r.s[r.i] == '\n' {
				r.line++
			}
			b.WriteByte(r.s[r.i])
			r.i++
		case interpolates && strings.HasPrefix(r.s[r.i:], "#{"):
			from := r.i
			r.skipInterpolation()
			b.WriteString(r.s[from:r.i])
		default:
			if r.s[r.i] == '\n' {
				r.line++
			}
			b.WriteByte(r.s[r.i])
			r.i++
		}
	}
	return b.String()
}

// skipInterpolation passes over "#{...}" with the braces and plain strings in it.
func (r *reader) skipInterpolation() {
	depth := 0
	for r.i < len(r.s) {
		switch c := r.s[r.i]; c {
		case '{':
			depth++
		case '}':
			depth--
		case '\n':
			r.line++
		case '"':
			if end := strings.IndexByte(r.s[r.i+1:], '"'); end >= 0 {
				r.line += strings.Count(r.s[r.i:r.i+1+end], "\n")
				r.i += 1 + end
			}
		}
		r.i++
		if depth == 0 && r.s[r.i-1] == '}' {
			return
		}
	}
}

// sigil reads ~w(...), ~r/.../ and the like.
func (r *reader) sigil() {
	at := r.line
	r.i++
	name := r.i
	for r.i < len(r.s) && isLetter(r.s[r.i]) {
		r.i++
	}
	letter := r.s[name:r.i]
	if r.i >= len(r.s) {
		return
	}
	end := string(r.s[r.i])
	if heredoc := strings.Repeat(end, 3); (end == `"` || end == "'") && strings.HasPrefix(r.s[r.i:], heredoc) {
		r.i += 2
		end = heredoc
	}
	switch end {
	case "(":
		end = ")"
	case "[":
		end = "]"
	case "{":
		end = "}"
	case "<":
		end = ">"
	case " ", "\n", ")", ",":
		return
	}
	r.i++
	v := r.until(end, false)
	if letter == "w" || letter == "W" {
		for _, w := range strings.Fields(v) {
			r.add(text, w, at)
		}
		return
	}
	r.add(text, v, at)
}
