package manifest

import (
	"strings"

	"github.com/magiconair/properties"
)

// Properties is a Java .properties file: keys and values in the order of the file, each with its line.
// "${...}" in a value is left as it stands. The zero Properties is empty.
type Properties struct {
	items []property
	index map[string]int // key to its last place: the last of two equal keys wins
}

type property struct {
	key, value string
	line       int
}

// ParseProperties reads a .properties file: UTF-8, or else ISO-8859-1 as Java wrote them before version 9. A line
// that is malformed (a broken \u escape) is left out and told by its number. The error is an *Error.
func ParseProperties(data []byte) (p *Properties, bad []int, err error) {
	if err := checkInput(data); err != nil {
		return nil, nil, err
	}
	p = &Properties{index: map[string]int{}}
	// The library gives values and no lines, and one bad escape makes it refuse the whole file: it is given
	// one logical line at a time.
	load := properties.Loader{Encoding: properties.UTF8, DisableExpansion: true}
	for _, l := range logicalLines(validText(data)) {
		one, err := load.LoadBytes([]byte(l.text))
		if err != nil {
			bad = append(bad, l.line)
			continue
		}
		for _, k := range one.Keys() {
			if len(p.items) >= maxValues {
				return nil, nil, &Error{l.line, "too many keys"}
			}
			v, _ := one.Get(k)
			p.index[k] = len(p.items)
			p.items = append(p.items, property{k, strings.TrimRight(v, " \t\f"), l.line})
		}
	}
	return p, bad, nil
}

type logicalLine struct {
	text string
	line int
}

// logicalLines joins the lines that an odd number of backslashes at their end continues, and drops comments and
// empty lines. A line ends at "\n" (as evidence counts lines), at "\r\n" or at a lone "\r", which does not count.
func logicalLines(text string) []logicalLine {
	var out []logicalLine
	open := false
	number := 0
	for natural := range strings.SplitSeq(text, "\n") {
		number++
		for l := range strings.SplitSeq(strings.TrimSuffix(natural, "\r"), "\r") {
			l = strings.TrimLeft(l, " \t\f")
			if open {
				out[len(out)-1].text += l
			} else {
				if l == "" || l[0] == '#' || l[0] == '!' {
					continue
				}
				out = append(out, logicalLine{l, number})
			}
			last := &out[len(out)-1]
			if open = oddBackslashes(l); open {
				last.text = last.text[:len(last.text)-1]
			}
		}
	}
	return out
}

func oddBackslashes(s string) bool {
	n := 0
	for n < len(s) && s[len(s)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// Get returns the value of a key and its line.
func (p *Properties) Get(key string) (value string, line int, ok bool) {
	if p == nil {
		return "", 0, false
	}
	i, ok := p.index[key]
	if !ok {
		return "", 0, false
	}
	return p.items[i].value, p.items[i].line, true
}

// Each calls fn for every key in the order of the file; of two equal keys only the last is told.
func (p *Properties) Each(fn func(key, value string, line int)) {
	if p == nil {
		return
	}
	for i, it := range p.items {
		if p.index[it.key] == i {
			fn(it.key, it.value, it.line)
		}
	}
}
