package ruby

import (
	"strings"

	"github.com/drydock-cli/drydock/detect/manifest"
)

// statement is one Ruby statement of a configuration file: its text on one line without comments, where it starts, and
// the blocks around it. It is found by plain reading: nothing is evaluated.
type statement struct {
	text   string
	line   int
	blocks []block // outermost first
}

// block is what a statement stands in: "group :test do", "if ENV['CI']", "def remove(name)".
type block struct {
	text string
	line int
}

// word is the first word of a block's opening: "group", "if", "namespace".
func (b block) word() string { return firstWord(b.text) }

// Bounds of reading: a statement that goes on for longer is cut there.
const (
	maxStatementLines = 200
	maxStatementBytes = 32 << 10
	maxBlocks         = 64
)

var (
	blockDo     = manifest.Lazy(`\bdo\b\s*(?:\|[^|]*\|)?\s*$`)
	opensBlock  = manifest.Lazy(`^(?:if|unless|case|while|until|for|begin|def|class|module)\b|(?:=|<<|\|\|=|&&=)\s*(?:if|unless|case|begin)\b|^class\s*<<`)
	closesSelf  = manifest.Lazy(`(?:;|\s)end\s*$`)
	endWord     = manifest.Lazy(`^end\b`)
	heredocMark = manifest.Lazy(`<<([-~]?)(["'` + "`" + `]?)([A-Za-z_]\w*)(["'` + "`" + `]?)`)
	endlessDef  = manifest.Lazy(`^def\s+[\w.?!]+(?:\([^)]*\))?\s*=[^=]`)
)

// statements reads Ruby source.
func statements(data []byte) []statement {
	r := reader{}
	for i, raw := range strings.Split(string(data), "\n") {
		if !r.take(i+1, strings.TrimSuffix(raw, "\r")) {
			break
		}
	}
	r.finish()
	return r.out
}

type reader struct {
	out     []statement
	blocks  []block
	pending strings.Builder // a statement that goes on
	started int             // its first line; 0: none
	depth   int             // open brackets in it
	heredoc string          // terminator that ends the here-document, if one is open
	comment bool            // inside =begin
}

// take reads a line; false ends the source ("__END__").
func (r *reader) take(line int, raw string) bool {
	trimmed := strings.TrimSpace(raw)
	switch {
	case len(raw) > maxStatementBytes: // nobody writes such a line
		return true
	case r.heredoc != "":
		if trimmed == r.heredoc {
			r.heredoc = ""
		}
		return true
	case r.comment:
		r.comment = !strings.HasPrefix(raw, "=end")
		return true
	case strings.HasPrefix(raw, "=begin"):
		r.comment = true
		return true
	case raw == "__END__":
		return false
	}
	code := stripComment(raw)
	if m := heredocMark.FindStringSubmatch(code); m != nil && m[2] == m[4] && (m[1] != "" || m[3] == strings.ToUpper(m[3])) {
		r.heredoc = m[3]
	}
	code = strings.TrimSpace(code)
	if code == "" {
		return true
	}
	if r.started == 0 {
		r.started = line
	} else {
		r.pending.WriteByte(' ')
	}
	r.pending.WriteString(strings.TrimSuffix(code, `\`))
	r.depth += brackets(code)
	if (r.depth > 0 || continues(code)) && line-r.started < maxStatementLines && r.pending.Len() < maxStatementBytes {
		return true
	}
	r.finish()
	return true
}

// continues reports whether a line of code goes on in the next one.
func continues(code string) bool {
	for _, end := range []string{",", `\`, "&&", "||", "=", "=>", "+", "?"} {
		if strings.HasSuffix(code, end) {
			return end != "?" || strings.HasSuffix(code, " ?")
		}
	}
	return false
}

// finish ends the statement that is being read.
func (r *reader) finish() {
	if r.started == 0 {
		return
	}
	text, line := strings.TrimSpace(r.pending.String()), r.started
	r.pending.Reset()
	r.started, r.depth = 0, 0
	if text == "" {
		return
	}
	if endWord.MatchString(text) {
		if len(r.blocks) > 0 {
			r.blocks = r.blocks[:len(r.blocks)-1]
		}
		return
	}
	r.out = append(r.out, statement{text: text, line: line, blocks: r.blocks[:len(r.blocks):len(r.blocks)]})
	opens := blockDo.MatchString(text) || opensBlock.MatchString(text) && !endlessDef.MatchString(text)
	if opens && !closesSelf.MatchString(text) && len(r.blocks) < maxBlocks {
		r.blocks = append(r.blocks[:len(r.blocks):len(r.blocks)], block{text, line})
	}
}

// stripComment removes a "# comment" that stands outside of quotes.
func stripComment(s string) string {
	if !strings.Contains(s, "#") {
		return s
	}
	end := len(s)
	outside(s, func(i int, c byte) bool {
		if c == '#' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t' || s[i-1] == ';' || s[i-1] == ',' || s[i-1] == ')') {
			end = i
			return false
		}
		return true
	})
	return s[:end]
}

// outside calls fn for every byte of a line that is not inside of quotes, until it returns false. The quotes
// themselves are left out.
func outside(s string, fn func(i int, c byte) bool) {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		default:
			if !fn(i, c) {
				return
			}
		}
	}
}

// brackets counts the brackets that a line leaves open.
func brackets(s string) int {
	depth := 0
	outside(s, func(_ int, c byte) bool {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		return true
	})
	return depth
}

func firstWord(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '?' && r != '!'
	})
	if end < 0 {
		return s
	}
	return s[:end]
}

// call is a method call without a block: its name and arguments, as far as they are literal.
type call struct {
	name string
	// args are the positional arguments: the text of a literal string or symbol, the elements of a literal list each
	// as an argument of its own, and "" for everything else.
	args []string
	// options are the hash arguments, each with the literals in its value; an option with none ("require: false") has an empty list.
	options map[string][]string
	// condition is a trailing "if ..." or "unless ...", with the word.
	condition string
}

var (
	callName = manifest.Lazy(`^([A-Za-z_][\w.:]*[?!]?)\s*\(?\s*`)
	optKey   = manifest.Lazy(`^(?::?["']?([A-Za-z_]\w*)["']?\s*=>|([A-Za-z_]\w*):(?:\s|["':\[]))\s*`)
	modifier = manifest.Lazy(`\s(if|unless)\s`)
	literals = manifest.Lazy(`"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|:([A-Za-z_]\w*)|%[wi][\[({]([^\])}]*)[\])}]`)
)

// parseCall reads `name arg, arg, key: value if condition`. ok is false for anything else.
func parseCall(text string) (call, bool) {
	m := callName.FindStringSubmatchIndex(text)
	if m == nil {
		return call{}, false
	}
	c := call{name: text[m[2]:m[3]], options: map[string][]string{}}
	rest := text[m[1]:]
	rest, c.condition = splitModifier(rest)
	rest = blockDo.ReplaceAllString(rest, "")
	rest = strings.TrimSpace(rest)
	if strings.HasSuffix(strings.TrimSpace(text[m[3]:m[1]]), "(") {
		rest = strings.TrimSuffix(rest, ")")
	}
	for _, part := range splitArgs(rest) {
		if k := optKey.FindStringSubmatch(part); k != nil {
			key := k[1] + k[2]
			value := part[len(k[0]):]
			if k[2] != "" { // the separator may have been the first letter of the value
				value = strings.TrimSpace(part[strings.IndexByte(part, ':')+1:])
			}
			c.options[key] = literalsOf(value)
			if len(c.options[key]) == 0 {
				c.options[key] = []string{}
			}
			continue
		}
		c.args = append(c.args, literalArgs(part)...)
	}
	return c, true
}

// splitModifier parts a statement from a trailing if or unless outside of quotes.
func splitModifier(s string) (text, condition string) {
	locs := modifier.FindAllStringIndex(s, -1)
	if locs == nil {
		return s, ""
	}
	depth, cut := 0, -1
	outside(s, func(i int, c byte) bool {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		for len(locs) > 0 && locs[0][0] < i {
			locs = locs[1:]
		}
		if depth <= 0 && len(locs) > 0 && locs[0][0] == i {
			cut = i
			return false
		}
		return len(locs) > 0
	})
	if cut < 0 {
		return s, ""
	}
	return s[:cut], strings.TrimSpace(s[cut:])
}

// splitArgs parts arguments at the commas that stand outside of quotes and brackets.
func splitArgs(s string) []string {
	var out []string
	depth, from := 0, 0
	outside(s, func(i int, c byte) bool {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
		return true
	})
	if last := strings.TrimSpace(s[from:]); last != "" {
		out = append(out, last)
	}
	return out
}

// literalArgs returns what a positional argument says: its literal, the elements of a literal list, or "".
func literalArgs(part string) []string {
	if l := literals.FindStringSubmatchIndex(part); l != nil && l[0] == 0 && l[1] == len(part) {
		return literalsOf(part)
	}
	if strings.HasPrefix(part, "[") && strings.HasSuffix(part, "]") {
		if all := literalsOf(part); len(all) > 0 {
			return all
		}
	}
	return []string{""}
}

// literalsOf returns all literal strings and symbols in an expression.
func literalsOf(s string) []string {
	var out []string
	for _, m := range literals.FindAllStringSubmatch(s, 100) {
		if m[4] != "" {
			out = append(out, strings.Fields(m[4])...)
			continue
		}
		v := m[1] + m[2] + m[3]
		if !strings.Contains(v, "#{") {
			out = append(out, v)
		}
	}
	return out
}
