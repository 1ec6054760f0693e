package java

import (
	"errors"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// pom is one pom.xml as it is written.
type pom struct {
	file detect.File
	dir  string // its directory in the tree
	xml  *manifest.Element
	// parentAt is the path that relativePath names, "" when the parent is said to come from a repository.
	parentAt string
	lines    map[int][]detect.Evidence // made once: masking secrets in a line costs more than reading it
}

// readPom reads a pom.xml. What cannot be read is a warning and nil.
func readPom(root detect.Dir, name string) *pom {
	f, err := root.Read(name)
	if err != nil {
		return nil
	}
	x, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(root, f.Path, err)
		return nil
	}
	if x.Name != "project" || unfilled(x) {
		return nil
	}
	p := &pom{file: f, dir: path.Dir(f.Path), xml: x, lines: map[int][]detect.Evidence{}}
	if parent := x.Find("parent"); parent != nil {
		rel := "../pom.xml"
		if r := parent.Find("relativePath"); r != nil {
			rel = r.Text
		}
		if rel != "" && !strings.Contains(rel, "${") {
			p.parentAt = path.Join(p.dir, strings.ReplaceAll(rel, `\`, "/"))
		}
	}
	return p
}

// unfilled reports whether a pom is a pattern for poms: a generator puts the name in ("@@name@@", "{{name}}", "${artifactId}").
func unfilled(x *manifest.Element) bool {
	name, _ := x.Get("artifactId")
	return strings.Contains(name, "@") || strings.Contains(name, "{{") || strings.HasPrefix(name, "${") || strings.HasPrefix(name, "__")
}

// warn keeps the warning that a file could not be understood, with its line when the error knows it.
func warn(d detect.Dir, file string, err error) {
	line := 0
	var e *manifest.Error
	if errors.As(err, &e) {
		line, err = e.Line, &manifest.Error{Msg: e.Msg}
	}
	d.Warn(file, line, err.Error())
}

// text returns the text of the element at a path below e with its place; e is an element of the pom.
func (p *pom) text(e *manifest.Element, at ...string) text {
	f := e.Find(at...)
	if f == nil || f.Text == "" {
		return text{}
	}
	return text{s: f.Text, ev: p.at(f.TextLine)}
}

func (p *pom) at(line int) []detect.Evidence {
	ev := p.lines[line]
	if ev == nil {
		ev = []detect.Evidence{p.file.Evidence(line)}
		p.lines[line] = ev
	}
	return ev
}

// coord is the name of a Maven artifact.
type coord struct{ group, artifact string }

func (c coord) String() string { return c.group + ":" + c.artifact }

// coord returns the pom's own name, its group from the parent when it has none.
func (p *pom) coord() coord {
	g, _ := p.xml.Get("groupId")
	if g == "" {
		g, _ = p.xml.Get("parent", "groupId")
	}
	a, _ := p.xml.Get("artifactId")
	return coord{g, a}
}

func (p *pom) packaging() string {
	if v, _ := p.xml.Get("packaging"); v != "" {
		return v
	}
	return "jar"
}

// module is an entry of <modules>.
type module struct {
	pom     string // path of its pom.xml in the tree
	profile string // id of the profile that lists it; "" for the base
}

// modules returns the modules that the pom and its profiles list, whether or not they exist.
func (p *pom) modules() []module {
	var out []module
	add := func(e *manifest.Element, profile string) {
		for _, m := range append(e.All("modules", "module"), e.All("subprojects", "subproject")...) {
			if m.Text == "" || path.IsAbs(m.Text) {
				continue
			}
			at := path.Join(p.dir, strings.ReplaceAll(m.Text, `\`, "/"))
			if !strings.HasSuffix(at, ".xml") {
				at = path.Join(at, "pom.xml")
			}
			out = append(out, module{at, profile})
		}
	}
	add(p.xml, "")
	for _, pr := range p.xml.All("profiles", "profile") {
		id, _ := pr.Get("id")
		add(pr, id)
	}
	return out
}
