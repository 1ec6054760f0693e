package python

import (
	"bytes"
	"iter"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// hit is a line of a file.
type hit struct {
	file   detect.File
	name   string // relative to the project
	line   int
	text   string // without the blanks around it
	indent int    // bytes of blanks before it
	m      []string
}

func (h hit) evidence() detect.Evidence { return h.file.Evidence(h.line) }

// grep returns the lines of files that match, at most max of them. Only files that hold one of the hints are looked into, and
// comments are passed over.
func (p *project) grep(names []string, re *manifest.Pattern, max int, hints ...string) []hit {
	if len(names) > 0 && len(names) == len(p.files) && &names[0] == &p.files[0] { // all sources: several components ask the same
		key := asked{re, max}
		if out, ok := p.answers[key]; ok {
			return out
		}
		out := p.search(names, re, max, hints)
		p.answers[key] = out
		return out
	}
	return p.search(names, re, max, hints)
}

// asked is a search over all sources.
type asked struct {
	re  *manifest.Pattern
	max int
}

func (p *project) search(names []string, re *manifest.Pattern, max int, hints []string) []hit {
	var out []hit
	for _, name := range names {
		f := p.source(name)
		for n, text := range hinted(f.Data, hints) {
			t := bytes.TrimSpace(text)
			if len(t) == 0 || t[0] == '#' || len(t) > 4000 {
				continue
			}
			if m := re.FindSubmatch(t); m != nil {
				h := hit{file: f, name: name, line: n, text: string(t), indent: len(text) - len(bytes.TrimLeft(text, " \t"))}
				for _, g := range m {
					h.m = append(h.m, string(g))
				}
				if out = append(out, h); len(out) >= max {
					return out
				}
			}
		}
	}
	return out
}

// hinted yields the lines that hold one of the hints, with their numbers; all lines, when there is no hint. It leaps from hint to hint: most
// lines of most files are never looked at.
func hinted(data []byte, hints []string) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		next := make([]int, len(hints)) // where each hint stands next; -1: nowhere
		for i, h := range hints {
			next[i] = bytes.Index(data, []byte(h))
		}
		line, counted := 1, 0
		for at := 0; at < len(data); {
			hit := at
			if len(hints) > 0 {
				if hit = nearest(data, hints, next, at); hit < 0 {
					return
				}
			}
			start := at + bytes.LastIndexByte(data[at:hit], '\n') + 1
			end := len(data)
			if i := bytes.IndexByte(data[hit:], '\n'); i >= 0 {
				end = hit + i
			}
			line += bytes.Count(data[counted:start], []byte{'\n'})
			counted = start
			if !yield(line, data[start:end]) {
				return
			}
			at = end + 1
		}
	}
}

// nearest is the first place from at on where a hint stands; -1: none.
func nearest(data []byte, hints []string, next []int, at int) int {
	best := -1
	for i, h := range hints {
		if next[i] >= 0 && next[i] < at {
			if next[i] = bytes.Index(data[at:], []byte(h)); next[i] >= 0 {
				next[i] += at
			}
		}
		if next[i] >= 0 && (best < 0 || next[i] < best) {
			best = next[i]
		}
	}
	return best
}

// first is the first hit of a grep over all sources.
func (p *project) first(re *manifest.Pattern, hints ...string) (hit, bool) {
	if h := p.grep(p.files, re, 1, hints...); len(h) > 0 {
		return h[0], true
	}
	return hit{}, false
}

func holds(data []byte, hints []string) bool {
	for _, h := range hints {
		if bytes.Contains(data, []byte(h)) {
			return true
		}
	}
	return len(hints) == 0
}

// module is the dotted name by which a file is imported: "shop/wsgi.py" is shop.wsgi, "shop/__init__.py" is shop.
func module(name string) string {
	name = strings.TrimSuffix(name, ".py")
	name = strings.TrimSuffix(name, "/__init__")
	return strings.ReplaceAll(name, "/", ".")
}

// normal is a package's name as indexes compare them (PEP 503).
func normal(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(strings.TrimSpace(name)))
}

// lines are the lines of a text file that is not Python, with comments (# and ;) and blanks taken off.
func lines(f detect.File) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for text := range bytes.Lines(f.Data) {
			n++
			t := strings.TrimSpace(string(text[:min(len(text), 4096)]))
			if t == "" || t[0] == '#' || t[0] == ';' {
				continue
			}
			if !yield(n, t) {
				return
			}
		}
	}
}

// top is the evidence of a source as a whole: its first line, or the file alone when it could not be read.
func (p *project) top(name string) detect.Evidence {
	f := p.source(name)
	return f.Evidence(min(1, len(f.Data)))
}
