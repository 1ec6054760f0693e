package perl

import (
	"bytes"
	"strings"
)

// line is a line of Perl code without its comment, with its number from 1.
type line struct {
	text   string
	number int
}

// Bounds of reading source: lines that nobody writes by hand are passed over.
const (
	maxLines     = 40_000
	maxLineBytes = 4 << 10
)

// code returns the lines of a Perl file that are code: without documentation (POD), comments, here-documents and
// what follows __END__ or __DATA__. Nothing is evaluated.
func code(data []byte) []line {
	var out []line
	pod, heredoc := false, ""
	for n := 1; len(data) > 0 && n <= maxLines; n++ {
		raw := data
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			raw, data = data[:i], data[i+1:]
		} else {
			data = nil
		}
		raw = bytes.TrimSuffix(raw, []byte{'\r'})
		switch {
		case pod:
			pod = !bytes.HasPrefix(raw, []byte("=cut"))
			continue
		case heredoc != "":
			if string(bytes.TrimSpace(raw)) == heredoc {
				heredoc = ""
			}
			continue
		case len(raw) == 0 || len(raw) > maxLineBytes:
			continue
		case raw[0] == '=' && len(raw) > 1 && isLetter(raw[1]):
			pod = !bytes.HasPrefix(raw, []byte("=cut"))
			continue
		}
		text := strings.TrimSpace(stripComment(string(raw)))
		if text == "" {
			continue
		}
		if text == "__END__" || text == "__DATA__" {
			break
		}
		heredoc = opensHeredoc(text)
		out = append(out, line{text, n})
	}
	return out
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool { return isLetter(c) || isDigit(c) }

// stripComment removes a "# comment": one that starts the line, or follows a blank outside of quotes.
func stripComment(s string) string {
	if !strings.Contains(s, "#") {
		return s
	}
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' && (i == 0 || !isWord(s[i-1])): // the old package separator is no quote
			quote = c
		case c == '#' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t' || s[i-1] == ';' || s[i-1] == '{'):
			return s[:i]
		}
	}
	return s
}

// opensHeredoc returns the word that ends the here-document that a line opens, or "".
func opensHeredoc(s string) string {
	i := strings.Index(s, "<<")
	if i < 0 {
		return ""
	}
	rest := strings.TrimPrefix(s[i+2:], "~")
	if rest == "" {
		return ""
	}
	if rest[0] == '"' || rest[0] == '\'' {
		if end := strings.IndexByte(rest[1:], rest[0]); end > 0 {
			return strings.TrimSpace(rest[1 : 1+end])
		}
		return ""
	}
	end := 0
	for end < len(rest) && isWord(rest[end]) {
		end++
	}
	if end == 0 || isDigit(rest[0]) { // 1 << 3
		return ""
	}
	return rest[:end]
}

// use is a "use", "require", "extends" or "with" of a module.
type use struct {
	module string
	args   string // what follows the module's name
	line   int
	late   bool // loaded while the program runs, perhaps only sometimes
}

// uses returns the modules that lines of code load, and those that they inherit from or mix in.
func uses(lines []line) []use {
	var out []use
	for _, l := range lines {
		word, rest, ok := strings.Cut(l.text, " ")
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		switch word {
		case "use", "require", "no":
			name := moduleName(rest)
			if name == "" || word == "no" {
				continue
			}
			args := strings.TrimSpace(rest[len(name):])
			out = append(out, use{name, args, l.number, word == "require"})
			if name == "base" || name == "parent" || name == "Mojo::Base" || name == "MooseX::Types" {
				for _, parent := range quoted(args) {
					if moduleName(parent) == parent && parent != "" {
						out = append(out, use{parent, "(parent)", l.number, false})
					}
				}
			}
		case "extends", "with":
			for _, parent := range quoted(rest) {
				if moduleName(parent) == parent && parent != "" {
					out = append(out, use{parent, "(parent)", l.number, false})
				}
			}
		}
	}
	return out
}

// moduleName is the name of a module that a text starts with, or "".
func moduleName(s string) string {
	end := 0
	for end < len(s) && (isWord(s[end]) || s[end] == ':') {
		end++
	}
	name := strings.TrimSuffix(s[:end], "::")
	if name == "" || !isLetter(name[0]) || strings.Contains(name, ":::") || strings.HasPrefix(name, ":") {
		return ""
	}
	return name
}

// quoted returns the literal strings of an expression, with the words of qw lists.
func quoted(s string) []string {
	var out []string
	for _, t := range tokens([]line{{s, 0}}) {
		if t.kind == text {
			out = append(out, t.value)
		}
	}
	return out
}
