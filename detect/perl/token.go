package perl

import "strings"

// kind is what a token is.
type kind uint8

const (
	word  kind = iota // an identifier or a module's name
	text              // a literal string; each word of a qw list is one
	value             // a number or a version
	mark              // punctuation: "=>" or one character
)

type token struct {
	kind  kind
	value string
	line  int
}

// maxTokens bounds the tokens of one manifest.
const maxTokens = 200_000

// tokens reads Perl code as far as manifests and configuration use it: names, literal strings, numbers, punctuation.
// A variable is a mark ("$") and a word.
func tokens(lines []line) []token {
	var out []token
	for i := 0; i < len(lines) && len(out) < maxTokens; i++ {
		l := lines[i]
		for s := l.text; s != ""; {
			var t []token
			t, s = next(s, l.number)
			out = append(out, t...)
			if rest, delim, ok := openQw(t, s); ok { // a qw list that goes on in the next lines
				var words []string
				words, s, i = qwLines(rest, delim, lines, i)
				out = out[:len(out)-1]
				for _, w := range words {
					out = append(out, token{text, w, l.number})
				}
			}
		}
	}
	return out
}

// next reads the next token of a line.
func next(s string, number int) ([]token, string) {
	s = strings.TrimLeft(s, " \t")
	if s == "" {
		return nil, ""
	}
	switch c := s[0]; {
	case c == '\'' || c == '"':
		v, rest := delimited(s[1:], c)
		return []token{{text, v, number}}, rest
	case c == 'q' && len(s) > 1 && !isWord(s[1]) && s[1] != ' ' && s[1] != '=' && s[1] != ',' && s[1] != ';':
		v, rest := delimited(s[2:], closing(s[1]))
		return []token{{text, v, number}}, rest
	case c == 'v' && len(s) > 1 && isDigit(s[1]), isDigit(c):
		end := 1
		for end < len(s) && (isDigit(s[end]) || s[end] == '.' || s[end] == '_') {
			end++
		}
		return []token{{value, s[:end], number}}, s[end:]
	case isLetter(c):
		end := 0
		for end < len(s) && (isWord(s[end]) || s[end] == ':') {
			end++
		}
		return []token{{word, s[:end], number}}, s[end:]
	case strings.HasPrefix(s, "=>"):
		return []token{{mark, "=>", number}}, s[2:]
	}
	return []token{{mark, s[:1], number}}, s[1:]
}

// delimited reads a literal up to its end; one that does not end on the line ends with it.
func delimited(s string, end byte) (string, string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			b.WriteByte(s[i])
			continue
		}
		if s[i] == end {
			return b.String(), s[i+1:]
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

func closing(open byte) byte {
	switch open {
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '<':
		return '>'
	}
	return open
}

// openQw reports whether the last token is the word qw with its list behind it.
func openQw(last []token, rest string) (string, byte, bool) {
	if len(last) == 0 || last[len(last)-1].kind != word || last[len(last)-1].value != "qw" {
		return "", 0, false
	}
	rest = strings.TrimLeft(rest, " \t")
	if rest == "" || isWord(rest[0]) || strings.HasPrefix(rest, "=>") {
		return "", 0, false
	}
	return rest[1:], closing(rest[0]), true
}

// qwLines reads the words of a qw list, over at most 200 lines.
func qwLines(s string, end byte, lines []line, i int) (words []string, rest string, at int) {
	for n := 0; ; n++ {
		if j := strings.IndexByte(s, end); j >= 0 {
			return append(words, strings.Fields(s[:j])...), s[j+1:], i
		}
		words = append(words, strings.Fields(s)...)
		if i+1 >= len(lines) || n >= 200 {
			return words, "", i
		}
		i++
		s = lines[i].text
	}
}
