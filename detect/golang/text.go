package golang

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// hit is a line of source that holds one of the texts that were looked for.
type hit struct {
	file *goFile
	line int
	text string
}

func (h hit) evidence() detect.Evidence { return h.file.file.Evidence(h.line) }

// maxLine is the longest line that is looked into: generated tables have longer ones.
const maxLine = 2000

// hits returns the lines of files, without comments, that hold one of some texts, at most max.
func hits(files []*goFile, max int, texts ...string) []hit {
	var out []hit
	for _, f := range files {
		for _, t := range texts {
			if bytes.Contains(f.file.Data, []byte(t)) {
				out = hitsIn(out, f, max, texts)
				break
			}
		}
		if len(out) >= max {
			return out[:max]
		}
	}
	return out
}

func hitsIn(out []hit, f *goFile, max int, texts []string) []hit {
	data, line := f.file.Data, 0
	for len(data) > 0 && len(out) < max {
		raw, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		line++
		if len(raw) > maxLine {
			continue
		}
		for _, t := range texts {
			if !bytes.Contains(raw, []byte(t)) {
				continue
			}
			if text := code(string(raw)); strings.Contains(text, t) {
				out = append(out, hit{f, line, text})
			}
			break
		}
	}
	return out
}

// code is a line without its comment. A "//" inside quotes is no comment.
func code(line string) string {
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '`':
			quote = c
		case c == '/' && i+1 < len(line) && line[i+1] == '/':
			return strings.TrimSpace(line[:i])
		}
	}
	return strings.TrimSpace(line)
}

// lazy compiles a pattern when it is first needed: most runs see no Go.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
