package java

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// ednKind is what a node of EDN or Clojure source is.
type ednKind byte

const (
	ednSymbol ednKind = iota // numbers, characters and what else is one word
	ednString
	ednKeyword
	ednList
	ednVector
	ednMap
	ednSet
)

// ednNode is one form.
type ednNode struct {
	kind  ednKind
	text  string // of words and strings; keywords without their colon
	line  int
	items []*ednNode // of collections: a map's keys and values in turn
}

// Bounds of one file.
const (
	maxEDNNodes = 100_000
	maxEDNDepth = 200
)

// parseEDN reads the forms of a file of Clojure. It never fails: what does not end ends with the file, what does not
// belong is left out.
func parseEDN(src string) []*ednNode {
	p := &ednParser{src: src, line: 1}
	return p.forms(0, 0)
}

type ednParser struct {
	src   string
	pos   int
	line  int
	count int
}

// forms reads until a closing bracket or the end.
func (p *ednParser) forms(end byte, depth int) []*ednNode {
	var out []*ednNode
	for {
		p.space()
		if p.pos >= len(p.src) || p.count > maxEDNNodes {
			return out
		}
		if c := p.src[p.pos]; c == ')' || c == ']' || c == '}' {
			p.pos++
			if c == end || end != 0 {
				return out
			}
			continue // one too many
		}
		if n := p.form(depth); n != nil {
			out = append(out, n)
		}
	}
}

// space skips blanks, commas and comments.
func (p *ednParser) space() {
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case c == '\n':
			p.line++
			p.pos++
		case c == ' ' || c == '\t' || c == '\r' || c == ',' || c == '\f':
			p.pos++
		case c == ';':
			for p.pos < len(p.src) && p.src[p.pos] != '\n' {
				p.pos++
			}
		default:
			return
		}
	}
}

// form reads one form; nil for one that is discarded or not there.
func (p *ednParser) form(depth int) *ednNode {
	p.space()
	if p.pos >= len(p.src) {
		return nil
	}
	p.count++
	n := &ednNode{line: p.line}
	switch c := p.src[p.pos]; {
	case depth > maxEDNDepth:
		p.pos = len(p.src)
		return nil
	case c == '"':
		n.kind, n.text = ednString, p.quoted()
	case c == '(' || c == '[' || c == '{':
		p.pos++
		n.kind = map[byte]ednKind{'(': ednList, '[': ednVector, '{': ednMap}[c]
		n.items = p.forms(map[byte]byte{'(': ')', '[': ']', '{': '}'}[c], depth+1)
	case c == '\'' || c == '`' || c == '~' || c == '@':
		p.pos++
		return p.form(depth + 1)
	case c == '^':
		p.pos++
		p.form(depth + 1) // metadata
		return p.form(depth + 1)
	case c == '#':
		return p.dispatch(depth)
	case c == ')' || c == ']' || c == '}':
		return nil
	case c == '\\':
		n.text = p.word(2)
	case c == ':':
		n.kind, n.text = ednKeyword, strings.TrimLeft(p.word(1), ":")
	default:
		n.text = p.word(1)
	}
	return n
}

// dispatch reads what begins with a number sign.
func (p *ednParser) dispatch(depth int) *ednNode {
	p.pos++
	if p.pos >= len(p.src) {
		return nil
	}
	switch p.src[p.pos] {
	case '_':
		p.pos++
		p.form(depth + 1)
		return nil
	case '{':
		p.pos++
		return &ednNode{kind: ednSet, line: p.line, items: p.forms('}', depth+1)}
	case '"', '(':
		return p.form(depth + 1)
	case '\'', '^', '?', '@':
		p.pos++
		return p.form(depth + 1)
	}
	tag := &ednNode{line: p.line, text: "#" + p.word(1)}
	value := p.form(depth + 1)
	if value == nil {
		return tag
	}
	return &ednNode{kind: ednList, line: tag.line, items: []*ednNode{tag, value}}
}

// quoted reads a string.
func (p *ednParser) quoted() string {
	var b strings.Builder
	for p.pos++; p.pos < len(p.src); p.pos++ {
		switch c := p.src[p.pos]; c {
		case '"':
			p.pos++
			return b.String()
		case '\\':
			p.pos++
			if p.pos < len(p.src) {
				b.WriteByte(p.src[p.pos])
			}
		case '\n':
			p.line++
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// word reads a symbol of at least n bytes.
func (p *ednParser) word(n int) string {
	from := p.pos
	for p.pos < len(p.src) && (p.pos < from+n || !strings.ContainsRune(" \t\r\n,;()[]{}\"", rune(p.src[p.pos]))) {
		if p.src[p.pos] == '\n' {
			p.line++
		}
		p.pos++
	}
	return p.src[from:p.pos]
}

// get returns the value of a key of a map, or of the keyword arguments that a list holds; nil without it.
func (n *ednNode) get(key string) *ednNode {
	if n == nil {
		return nil
	}
	from := 0
	if n.kind != ednMap {
		for from < len(n.items) && n.items[from].kind != ednKeyword {
			from++
		}
	}
	for i := from; i+1 < len(n.items); i += 2 {
		if n.items[i].kind == ednKeyword && n.items[i].text == key {
			return n.items[i+1]
		}
	}
	return nil
}

// readEDNSettings adds the values of a configuration in EDN by the path of their keys. #env NAME and the like are
// references to variables.
func readEDNSettings(f detect.File, add func(key, value string, line int)) {
	var walk func(n *ednNode, path []string)
	walk = func(n *ednNode, path []string) {
		switch {
		case n.kind == ednMap && len(path) < 20:
			for i := 0; i+1 < len(n.items); i += 2 {
				walk(n.items[i+1], append(path[:len(path):len(path)], strings.ReplaceAll(n.items[i].text, "/", ".")))
			}
		case n.kind == ednList && len(n.items) == 2 && strings.HasPrefix(n.items[0].text, "#") && len(path) > 0:
			if tag := n.items[0].text; tag == "#env" || tag == "#duct/env" {
				if name := n.items[1]; name.text != "" {
					add(strings.Join(path, "."), "${"+name.text+"}", n.line)
				}
				return
			}
			walk(n.items[1], path)
		case n.kind == ednString || n.kind == ednSymbol:
			if len(path) > 0 && n.text != "" {
				add(strings.Join(path, "."), n.text, n.line)
			}
		}
	}
	for _, n := range parseEDN(string(f.Data)) {
		walk(n, nil)
	}
}
