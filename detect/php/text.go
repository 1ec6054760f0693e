package php

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// hit is a line of a file.
type hit struct {
	file detect.File
	name string
	line int
	text string
	m    []string
}

func (h hit) evidence() detect.Evidence { return h.file.Evidence(h.line) }

// grep returns the lines of files that match, at most max. Only lines that hold one of the hints are looked at; comments
// are passed over.
func (a *app) grep(names []string, re *regexp.Regexp, max int, hints ...string) []hit {
	var out []hit
	for _, name := range names {
		f := a.source(name)
		if !a.grams[name].may(hints) || !holds(f.Data, hints) {
			continue
		}
		for n, text := range manifest.LinesWith(f.Data, hints) {
			t := bytes.TrimSpace(text)
			if len(t) == 0 || len(t) > 4000 || t[0] == '#' || t[0] == '*' || bytes.HasPrefix(t, []byte("//")) {
				continue
			}
			if m := re.FindSubmatch(t); m != nil {
				h := hit{file: f, name: name, line: n, text: string(t)}
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

// grams are the triples of bytes that a text has, each as a bit that few others share: whether a word can be in the text is known
// without reading it again for each of the hundred words that are looked for.
type grams [1 << 10]uint64

func gram(x, y, z byte) (word, bit uint32) {
	n := uint32(x)<<10 ^ uint32(y)<<5 ^ uint32(z)
	return n >> 6 & (1<<10 - 1), n & 63
}

func gramsOf(data []byte) *grams {
	var g grams
	for i := 2; i < len(data); i++ {
		word, bit := gram(data[i-2], data[i-1], data[i])
		g[word] |= 1 << bit
	}
	return &g
}

// may reports whether one of the hints can be in the text. A nil g knows nothing.
func (g *grams) may(hints []string) bool {
	if g == nil || len(hints) == 0 {
		return true
	}
next:
	for _, h := range hints {
		for i := 2; i < len(h); i++ {
			if word, bit := gram(h[i-2], h[i-1], h[i]); g[word]&(1<<bit) == 0 {
				continue next
			}
		}
		return true
	}
	return false
}

func (a *app) first(re *regexp.Regexp, hints ...string) (hit, bool) {
	if h := a.grep(a.files, re, 1, hints...); len(h) > 0 {
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

// json reads a JSON manifest.
func (a *app) json(name string) (detect.File, *manifest.Doc, bool) {
	f, err := a.dir.Read(name)
	if err != nil {
		return f, nil, false
	}
	if d, ok := a.docs[name]; ok {
		return f, d, d != nil
	}
	d, err := manifest.ParseJSON(f.Data)
	if err != nil {
		a.warn(f, err)
	}
	a.docs[name] = d
	return f, d, d != nil
}

func (a *app) warn(f detect.File, err error) {
	var m *manifest.Error
	if errors.As(err, &m) {
		a.dir.Warn(f.Path, m.Line, m.Msg)
		return
	}
	a.dir.Warn(f.Path, 0, err.Error())
}

// compare orders versions by their numbers.
func compare(x, y string) int {
	xs, ys := strings.Split(x, "."), strings.Split(y, ".")
	for i := 0; i < max(len(xs), len(ys)); i++ {
		var p, q int
		if i < len(xs) {
			p, _ = strconv.Atoi(xs[i])
		}
		if i < len(ys) {
			q, _ = strconv.Atoi(ys[i])
		}
		if p != q {
			return p - q
		}
	}
	return 0
}

// minor is a version's first two numbers.
func minor(v string) string {
	parts := strings.Split(strings.TrimPrefix(v, "v"), ".")
	return strings.Join(parts[:min(2, len(parts))], ".")
}
