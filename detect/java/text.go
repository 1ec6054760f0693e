package java

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// text is a string of a build file with the places that it comes from. The zero text: nothing is said.
type text struct {
	s  string
	ev []detect.Evidence
	// why is set when s is not written down but follows from something that is (a default of a known parent).
	why string
	// partial says that s still holds a reference that nothing in the repository resolves.
	partial bool
}

func (t text) set() bool { return t.s != "" }

// known reports whether s is there and complete.
func (t text) known() bool { return t.s != "" && !t.partial }

// value makes a finding of t: declared, or inferred when it only follows.
func (t text) value() detect.Value[string] {
	switch {
	case !t.set():
		return detect.Value[string]{}
	case t.why != "":
		return detect.Infer(t.s, t.why, t.ev...)
	default:
		return detect.Is(t.s, t.ev...)
	}
}

// placeholder is a reference of Maven, Ant, Gradle and Spring: ${name}.
var placeholder = manifest.Lazy(`\$\{([^${}]*)\}`)

// Bounds of interpolation: a reference that grows beyond them stays as it is.
const (
	maxExpansions = 200
	maxExpanded   = 4096 // bytes
)

// expand replaces ${name} by what lookup says, again and again until nothing changes. It is safe against names that
// refer to each other in a circle or that multiply. The evidence of all that was used is kept, outermost first.
func expand(t text, lookup func(name string) (text, bool)) text {
	e := &expander{lookup: lookup, left: maxExpansions}
	s := e.run(t.s, map[string]bool{})
	out := text{s: s, ev: t.ev, why: t.why, partial: t.partial || e.partial}
	out.ev = append(out.ev[:len(out.ev):len(out.ev)], e.ev...)
	if out.why == "" {
		out.why = e.why
	}
	return out
}

type expander struct {
	lookup  func(string) (text, bool)
	left    int
	ev      []detect.Evidence
	why     string
	partial bool
}

func (e *expander) run(s string, open map[string]bool) string {
	if !strings.Contains(s, "${") {
		return s
	}
	return placeholder.ReplaceAllStringFunc(s, func(ref string) string {
		name := ref[2 : len(ref)-1]
		v, ok := e.lookup(name)
		if e.left--; !ok || open[name] || e.left < 0 {
			e.partial = true
			return ref
		}
		open[name] = true
		got := e.run(v.s, open)
		delete(open, name)
		if len(got) > maxExpanded {
			e.partial = true
			return ref
		}
		e.ev = append(e.ev, v.ev...)
		e.partial = e.partial || v.partial
		if e.why == "" {
			e.why = v.why
		}
		return got
	})
}

// proof joins evidence and drops what is there twice.
func proof(lists ...[]detect.Evidence) []detect.Evidence {
	var out []detect.Evidence
	seen := map[detect.Evidence]bool{}
	for _, l := range lists {
		for _, e := range l {
			if !seen[e] {
				seen[e] = true
				out = append(out, e)
			}
		}
	}
	return out
}
