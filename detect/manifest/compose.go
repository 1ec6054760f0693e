package manifest

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// ComposeService is a service of a compose file.
type ComposeService struct {
	Name  string
	Image string // with the defaults of its variables; empty when it is built
	Build string // context directory; empty when it is not built
	Line  int    // of its name
	// ImageLine is the line of image or build.
	ImageLine   int
	Ports       []Port // container ports
	Environment []Assignment
	DependsOn   []Item
	Command     Item
	Profiles    []Item // without any it is started by default
}

// ParseCompose reads a compose file, also one of the first format (fig.yml), whose services are the top-level keys. It
// reads what is stated and follows no extends or include. The error is an *Error.
func ParseCompose(data []byte) ([]ComposeService, error) {
	d, err := ParseYAML(data)
	if err != nil {
		return nil, err
	}
	prefix := []string{"services"}
	if !d.Has("services") && !d.Has("version") {
		prefix = nil
	}
	var out []ComposeService
	for _, name := range d.Keys(prefix...) {
		at := func(rest ...string) []string {
			return append(append(append([]string{}, prefix...), name), rest...)
		}
		if !d.Has(at("image")...) && !d.Has(at("build")...) {
			continue
		}
		out = append(out, composeService(d, name, at))
	}
	return out, nil
}

func composeService(d *Doc, name string, at func(...string) []string) ComposeService {
	s := ComposeService{Name: name, Line: d.Line(at()...)}
	if image, line, ok := d.Get(at("image")...); ok {
		s.Image, s.ImageLine = defaults(image), line
	} else if build, line, ok := d.Get(at("build")...); ok {
		s.Build, s.ImageLine = build, line
	} else if build, line, ok := d.Get(at("build", "context")...); ok {
		s.Build, s.ImageLine = build, line
	} else {
		s.ImageLine = d.Line(at("build")...)
	}
	if s.Image == "" && s.Build == "" {
		s.Build = "."
	}
	s.Ports = composePorts(d, at)
	s.Environment = composeEnv(d, at("environment"))
	s.DependsOn = d.List(at("depends_on")...)
	s.Profiles = d.List(at("profiles")...)
	for _, l := range d.List(at("links")...) { // "db" or "db:alias": what was written before there was depends_on
		name, _, _ := strings.Cut(l.Value, ":")
		s.DependsOn = append(s.DependsOn, Item{name, l.Line})
	}
	for _, k := range d.Keys(at("depends_on")...) {
		s.DependsOn = append(s.DependsOn, Item{k, d.Line(at("depends_on", k)...)})
	}
	if v, line, ok := d.Get(at("command")...); ok {
		s.Command = Item{v, line}
	} else if words := d.List(at("command")...); len(words) > 0 {
		parts := make([]string, len(words))
		for i, w := range words {
			q, err := syntax.Quote(w.Value, syntax.LangPOSIX)
			if err != nil {
				q = w.Value
			}
			parts[i] = q
		}
		s.Command = Item{strings.Join(parts, " "), words[0].Line}
	}
	return s
}

func composePorts(d *Doc, at func(...string) []string) []Port {
	var out []Port
	add := func(text string, line int) {
		text, proto, _ := strings.Cut(defaults(text), "/")
		text = text[strings.LastIndexByte(text, ':')+1:]
		if p, err := strconv.Atoi(text); err == nil && p > 0 && p < 65536 && proto != "udp" {
			out = append(out, Port{p, line})
		}
	}
	for _, key := range []string{"ports", "expose"} {
		for _, i := range d.List(at(key)...) {
			add(i.Value, i.Line)
		}
		for n := range d.Len(at(key)...) {
			if v, line, ok := d.Get(at(key, strconv.Itoa(n), "target")...); ok {
				add(v, line)
			}
		}
	}
	return out
}

func composeEnv(d *Doc, path []string) []Assignment {
	var out []Assignment
	for _, i := range d.List(path...) {
		name, value, _ := strings.Cut(i.Value, "=")
		out = append(out, Assignment{name, value, i.Line})
	}
	for _, k := range d.Keys(path...) {
		p := append(append([]string{}, path...), k)
		v, _, _ := d.Get(p...)
		out = append(out, Assignment{k, v, d.Line(p...)})
	}
	return out
}

// defaults replaces ${NAME:-default} by the default. A text with other variables stays as it is.
func defaults(s string) string {
	if !strings.Contains(s, "$") || len(s) > maxCommand {
		return s
	}
	word, err := syntax.NewParser().Document(strings.NewReader(s))
	if err != nil {
		return s
	}
	var out strings.Builder
	for _, p := range word.Parts {
		text, ok := words{}.part(p, true)
		if !ok {
			return s
		}
		out.WriteString(text)
	}
	return out.String()
}
