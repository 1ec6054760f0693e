package erlang

import "strings"

// kind is what a term is.
type kind uint8

const (
	atom  kind = iota
	text       // a string or a binary
	value      // a number
	list
	tuple
	other // a variable, a fun, an operator
)

// term is an Erlang term of a configuration file, with the line that it starts on.
type term struct {
	kind  kind
	text  string // of an atom, a string, a number
	items []term
	line  int
}

// Bounds of reading one file.
const (
	maxDepth = 100
	maxTerms = 200_000
)

// parseTerms reads the terms of a file, each of which ends with a full stop, as file:consult does. What is no term (code
// of a rebar.config.script) is passed over.
func parseTerms(data []byte) []term {
	p := &parser{s: string(data), line: 1}
	var out []term
	for p.skip(); p.i < len(p.s); p.skip() {
		if p.s[p.i] == '.' || p.s[p.i] == ',' || p.s[p.i] == ']' || p.s[p.i] == '}' || p.s[p.i] == ')' {
			p.i++
			continue
		}
		if t, ok := p.term(0); ok {
			out = append(out, t)
		}
	}
	return out
}

type parser struct {
	s     string
	i     int
	line  int
	terms int
}

// skip passes over blanks and comments.
func (p *parser) skip() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '\n':
			p.line++
			p.i++
		case c == ' ' || c == '\t' || c == '\r':
			p.i++
		case c == '%':
			end := strings.IndexByte(p.s[p.i:], '\n')
			if end < 0 {
				end = len(p.s) - p.i
			}
			p.i += end
		default:
			return
		}
	}
}

// term reads one term. It always moves on.
func (p *parser) term(depth int) (term, bool) {
	t := term{line: p.line}
	if p.terms++; p.terms > maxTerms {
		p.i = len(p.s)
		return t, false
	}
	switch c := p.s[p.i]; {
	case (c == '{' || c == '[') && depth < maxDepth:
		p.i++
		t.kind = tuple
		end := byte('}')
		if c == '[' {
			t.kind, end = list, ']'
		}
		t.items = p.until(end, depth)
		return t, true
	case strings.HasPrefix(p.s[p.i:], "#{") && depth < maxDepth:
		p.i += 2
		t.kind, t.items = tuple, p.until('}', depth)
		return t, true
	case strings.HasPrefix(p.s[p.i:], "<<"):
		p.i += 2
		t.kind = text
		for _, item := range p.until('>', depth) {
			t.text += item.text
		}
		if p.i < len(p.s) && p.s[p.i] == '>' {
			p.i++
		}
		return t, true
	case c == '"':
		t.kind, t.text = text, p.quoted('"')
		for p.skip(); p.i < len(p.s) && p.s[p.i] == '"'; p.skip() { // strings beside each other are one
			t.text += p.quoted('"')
		}
		return t, true
	case c == '\'':
		t.kind, t.text = atom, p.quoted('\'')
		return t, true
	case c == '$' && p.i+1 < len(p.s):
		t.kind, t.text = value, p.s[p.i:p.i+2]
		p.i += 2
		return t, true
	case c >= '0' && c <= '9' || c == '-' && p.i+1 < len(p.s) && p.s[p.i+1] >= '0' && p.s[p.i+1] <= '9':
		from := p.i
		for p.i++; p.i < len(p.s) && (isWord(p.s[p.i]) || p.s[p.i] == '#' || p.s[p.i] == '.' && p.i+1 < len(p.s) && p.s[p.i+1] >= '0' && p.s[p.i+1] <= '9'); {
			p.i++
		}
		t.kind, t.text = value, p.s[from:p.i]
		return t, true
	case isWord(c):
		from := p.i
		for p.i < len(p.s) && (isWord(p.s[p.i]) || p.s[p.i] == '@') {
			p.i++
		}
		t.kind, t.text = atom, p.s[from:p.i]
		if c >= 'A' && c <= 'Z' || c == '_' {
			t.kind = other
		}
		return t, true
	}
	p.i++
	return t, false
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// until reads the items up to a closing bracket.
func (p *parser) until(end byte, depth int) []term {
	var out []term
	for p.skip(); p.i < len(p.s); p.skip() {
		if p.s[p.i] == end {
			p.i++
			return out
		}
		if t, ok := p.term(depth + 1); ok {
			out = append(out, t)
		}
	}
	return out
}

// quoted reads what stands in quotes.
func (p *parser) quoted(q byte) string {
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == q:
			p.i++
			return b.String()
		case c == '\\' && p.i+1 < len(p.s):
			p.i++
			b.WriteByte(p.s[p.i])
			if p.s[p.i] == '\n' {
				p.line++
			}
		default:
			if c == '\n' {
				p.line++
			}
			b.WriteByte(c)
		}
	}
	return b.String()
}

// name is the atom that a tuple starts with, or "".
func (t term) name() string {
	if t.kind == tuple && len(t.items) > 0 && t.items[0].kind == atom {
		return t.items[0].text
	}
	return ""
}

// at returns an item; the zero term when there is none.
func (t term) at(i int) term {
	if i < len(t.items) {
		return t.items[i]
	}
	return term{kind: other}
}

// find returns the first tuple of a name among terms.
func find(terms []term, name string) (term, bool) {
	for _, t := range terms {
		if t.name() == name {
			return t, true
		}
	}
	return term{}, false
}

// walk calls fn for a term and all that it holds, until it returns false.
func walk(terms []term, fn func(t term) bool) bool {
	for _, t := range terms {
		if !fn(t) || !walk(t.items, fn) {
			return false
		}
	}
	return true
}
