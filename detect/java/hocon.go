package java

import (
	"strings"
)

// hoconValue is a value of a HOCON file, the configuration of Play, Akka and Ktor. Properties files and the
// configuration of Play 1 are read alike.
type hoconValue struct {
	key   string // full path, joined by dots
	value string // references are written as ${NAME} or, where a default came before, ${NAME:default}
	line  int
}

// Bounds of one file.
const (
	maxHoconDepth  = 40
	maxHoconValues = 5000
)

// parseHocon reads the values of a HOCON file. It never fails: what it does not understand is left out. A reference
// that overrides a value which came before it (key = x, key = ${?NAME}) is joined with it, and comes first.
func parseHocon(src string) []hoconValue {
	p := &hoconParser{seen: map[string]int{}}
	for i, line := range strings.Split(src, "\n") {
		if len(p.out) >= maxHoconValues {
			break
		}
		p.line = i + 1
		p.read(strings.TrimSpace(line))
	}
	return p.out
}

type hoconParser struct {
	stack []string // keys of the open objects; "" for one in a list
	out   []hoconValue
	seen  map[string]int
	line  int
	lists int  // open brackets of a list
	block bool // inside of """
}

// read takes one line apart: HOCON as people write it has one value a line, or an object in braces.
func (p *hoconParser) read(line string) {
	if p.block {
		if i := strings.Index(line, `"""`); i >= 0 {
			p.block = false
		}
		return
	}
	for line != "" {
		line = strings.TrimLeft(line, " \t,")
		switch {
		case line == "" || line[0] == '#' || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "include "):
			return
		case line[0] == '}':
			if n := len(p.stack); n > 0 {
				p.stack = p.stack[:n-1]
			}
			line = line[1:]
		case line[0] == ']':
			p.lists = max(0, p.lists-1)
			line = line[1:]
		case line[0] == '{':
			p.push("")
			line = line[1:]
		case p.lists > 0:
			if i := strings.IndexAny(line, "]{"); i >= 0 {
				line = line[i:]
				continue
			}
			return
		default:
			line = p.entry(line)
		}
	}
}

func (p *hoconParser) push(key string) {
	if len(p.stack) < maxHoconDepth {
		p.stack = append(p.stack, key)
	}
}

// entry reads "key = value", "key : value" or "key {", and returns what follows on the line.
func (p *hoconParser) entry(line string) string {
	end := keyEnd(line)
	key := strings.ReplaceAll(strings.TrimSpace(line[:end]), `"`, "")
	rest := strings.TrimLeft(line[end:], " \t")
	rest = strings.TrimPrefix(rest, "+")
	if rest == "" || key == "" {
		return ""
	}
	if rest[0] == '=' || rest[0] == ':' {
		rest = strings.TrimLeft(rest[1:], " \t")
	}
	switch {
	case rest == "":
		return ""
	case rest[0] == '{':
		p.push(key)
		return rest[1:]
	case rest[0] == '[':
		p.lists++
		return rest[1:]
	case strings.HasPrefix(rest, `"""`):
		p.block = !strings.Contains(rest[3:], `"""`)
		return ""
	case rest[0] == '"':
		n := stringEnd(rest)
		p.add(key, strings.Trim(rest[:n], `"`)+reference(rest[n:]))
		return afterReference(rest[n:])
	}
	value := rest
	if i := valueEnd(rest); i >= 0 {
		value = rest[:i]
		rest = rest[i:]
	} else {
		rest = ""
	}
	p.add(key, strings.TrimSpace(value))
	return rest
}

// reference is a substitution that is written directly behind a string: "jdbc:postgresql://"${HOST}.
func reference(s string) string {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "${") {
		return ""
	}
	var b strings.Builder
	for _, part := range strings.SplitAfter(s, "}") {
		part = strings.TrimSpace(part)
		if strings.HasPrefix(part, "${") && strings.HasSuffix(part, "}") {
			b.WriteString(part)
		} else if strings.HasPrefix(part, `"`) {
			n := stringEnd(part)
			b.WriteString(strings.Trim(part[:n], `"`))
			b.WriteString(strings.TrimSpace(part[n:]))
		}
	}
	return b.String()
}

func afterReference(s string) string {
	if strings.HasPrefix(strings.TrimSpace(s), "${") {
		return ""
	}
	return s
}

// keyEnd is where the key of an entry ends.
func keyEnd(line string) int {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			i += stringEnd(line[i:]) - 1
		case '=', ':', '{', '+':
			return i
		}
	}
	return len(line)
}

// valueEnd is where an unquoted value ends before the line does; -1 when it does not.
func valueEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth < 0 {
				return i
			}
		case ',', '#':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

func (p *hoconParser) add(key, value string) {
	parts := make([]string, 0, len(p.stack)+1)
	for _, k := range append(append([]string{}, p.stack...), key) {
		if k != "" {
			parts = append(parts, k)
		}
	}
	full := strings.Join(parts, ".")
	value = strings.ReplaceAll(value, "${?", "${")
	if i, ok := p.seen[full]; ok && strings.HasPrefix(value, "${") && strings.HasSuffix(value, "}") && strings.Count(value, "${") == 1 && !strings.Contains(p.out[i].value, "${") {
		plain := p.out[i]
		p.out[i] = hoconValue{full, value[:len(value)-1] + ":" + plain.value + "}", p.line}
		p.out = append(p.out, plain) // the default stays beside it: it has a place of its own
		return
	}
	if len(full) > 500 || len(p.out) >= maxHoconValues {
		return
	}
	p.seen[full] = len(p.out)
	p.out = append(p.out, hoconValue{full, value, p.line})
}
