package dotnet

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// maxImports bounds the files of one project.
const maxImports = 40

// property is a value of a project with the places that say it.
type property struct {
	value    string
	evidence []detect.Evidence
}

// place is the line that states the value itself.
func (p property) place() detect.Evidence {
	if len(p.evidence) == 0 {
		return detect.Evidence{}
	}
	return p.evidence[0]
}

// document is one file of a project: itself, or one that it imports.
type document struct {
	file detect.File
	root *manifest.Element
}

// evaluation is what MSBuild would make of a project file and of those that it imports, as far as it can be told without
// running anything: properties in the order of the files, then items.
type evaluation struct {
	ix        *index
	project   string // the project file, from the tree's root
	props     map[string]property
	documents []document
	imported  map[string]bool
}

// item is an element of an ItemGroup.
type item struct {
	kind, include string
	element       *manifest.Element
	file          detect.File
}

func (i item) evidence() detect.Evidence { return i.file.Evidence(i.element.Line) }

// meta is a piece of an item's metadata, whether an attribute or an element.
func (i item) meta(name string) string {
	if v := i.element.Attr(name); v != "" {
		return strings.TrimSpace(v)
	}
	v, _ := i.element.Get(name)
	return v
}

// evaluate reads a project. Directory.Build.props comes before it, as MSBuild imports it.
func evaluate(ix *index, project string, f detect.File, root *manifest.Element) *evaluation {
	e := &evaluation{ix: ix, project: project, props: map[string]property{}, imported: map[string]bool{project: true}}
	stem := strings.TrimSuffix(path.Base(project), path.Ext(project))
	for name, v := range map[string]string{
		"configuration": "Release", "platform": "AnyCPU", "os": "Unix", "msbuildprojectname": stem, "msbuildprojectfile": path.Base(project),
		"msbuildprojectextension": path.Ext(project), "msbuildruntimetype": "Core",
	} {
		e.props[name] = property{value: v}
	}
	if root.Name == "Project" && (sdkOf(root) != "" || isSDKStyle(root)) {
		if above := e.ix.above(path.Dir(project), "Directory.Build.props"); above != "" {
			e.load(above)
		}
		if above := e.ix.above(path.Dir(project), "Directory.Packages.props"); above != "" {
			e.load(above)
		}
	}
	e.add(f, root)
	return e
}

// isSDKStyle reports a project that imports its SDK by elements.
func isSDKStyle(root *manifest.Element) bool {
	return slices.ContainsFunc(root.All("Import"), func(i *manifest.Element) bool { return i.Attr("Sdk") != "" })
}

// load evaluates a file that is imported.
func (e *evaluation) load(name string) {
	if e.imported[name] || len(e.imported) > maxImports {
		return
	}
	e.imported[name] = true
	f, root, ok := e.ix.xml(name)
	if !ok {
		return
	}
	e.add(f, root)
}

func (e *evaluation) add(f detect.File, root *manifest.Element) {
	e.documents = append(e.documents, document{f, root})
	e.properties(f, root)
}

// properties goes through the property groups and imports of a file in order.
func (e *evaluation) properties(f detect.File, root *manifest.Element) {
	for _, g := range root.Children {
		switch g.Name {
		case "PropertyGroup":
			if e.holds(g, f, false) {
				e.group(f, g)
			}
		case "ImportGroup":
			if e.holds(g, f, false) {
				for _, i := range g.All("Import") {
					e.importing(f, i)
				}
			}
		case "Import":
			e.importing(f, g)
		case "Choose":
			for _, branch := range g.Children {
				if branch.Name == "Otherwise" || branch.Name == "When" && e.holds(branch, f, false) {
					e.properties(f, branch)
					break
				}
			}
		}
	}
}

func (e *evaluation) group(f detect.File, g *manifest.Element) {
	for _, p := range g.Children {
		if !e.holds(p, f, false) {
			continue
		}
		v, from, ok := e.expand(p.Text, f)
		if !ok {
			continue
		}
		e.props[strings.ToLower(p.Name)] = property{v, append(from, f.Evidence(p.TextLine))}
	}
}

// importing follows an import of a file of the repository.
func (e *evaluation) importing(f detect.File, i *manifest.Element) {
	if i.Attr("Sdk") != "" || !e.holds(i, f, true) {
		return
	}
	name, _, ok := e.expand(i.Attr("Project"), f)
	if !ok || name == "" || strings.ContainsAny(name, "*?") {
		if strings.Contains(i.Attr("Project"), "GetPathOfFileAbove") { // the usual way to the props of the directory above
			if above := e.ix.above(path.Dir(path.Dir(f.Path)), path.Base(f.Path)); above != "" && path.Dir(f.Path) != "." {
				e.load(above)
			}
		}
		return
	}
	if full, ok := e.ix.find(path.Dir(f.Path), name); ok {
		e.load(full)
	}
}

// items lists the items of a kind.
func (e *evaluation) items(kind string) []item {
	var out []item
	for _, d := range e.documents {
		out = e.itemsOf(out, d, d.root, kind, 0)
	}
	return out
}

func (e *evaluation) itemsOf(out []item, d document, root *manifest.Element, kind string, deep int) []item {
	for _, g := range root.Children {
		switch {
		case g.Name == "ItemGroup" && e.holds(g, d.file, true):
			for _, x := range g.Children {
				if x.Name != kind || !e.holds(x, d.file, true) {
					continue
				}
				include := x.Attr("Include")
				if include == "" {
					include = x.Attr("Update")
				}
				if v, _, ok := e.expand(include, d.file); ok {
					for _, one := range strings.Split(v, ";") {
						if one = strings.TrimSpace(one); one != "" {
							out = append(out, item{kind, one, x, d.file})
						}
					}
				}
			}
		case g.Name == "Choose" && deep < 4:
			for _, branch := range g.Children {
				if branch.Name == "Otherwise" || branch.Name == "When" && e.holds(branch, d.file, true) {
					out = e.itemsOf(out, d, branch, kind, deep+1)
					break
				}
			}
		}
	}
	return out
}

// get is a property's value, or "".
func (e *evaluation) get(name string) string { return e.props[strings.ToLower(name)].value }

// prop is a property with its places; false when it is not set.
func (e *evaluation) prop(name string) (property, bool) {
	p, ok := e.props[strings.ToLower(name)]
	return p, ok && p.value != ""
}

// is reports whether a property says "true".
func (e *evaluation) is(name string) bool { return strings.EqualFold(e.get(name), "true") }

// expand replaces $(Name). ok is false when a function stands there, which nobody runs. from are the places of the
// properties that were replaced.
func (e *evaluation) expand(s string, f detect.File) (value string, from []detect.Evidence, ok bool) {
	if !strings.Contains(s, "$(") {
		return strings.TrimSpace(s), nil, true
	}
	if len(s) > 4096 {
		return "", nil, false
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "$(")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		end := closing(s[i:])
		if end < 0 {
			return "", nil, false
		}
		name := s[i+2 : i+end]
		s = s[i+end+1:]
		if strings.ContainsAny(name, "[(.:") {
			v, ok := e.call(name)
			if !ok {
				return "", nil, false
			}
			b.WriteString(v)
			continue
		}
		switch strings.ToLower(name) {
		case "msbuildthisfiledirectory", "msbuildprojectdirectory", "solutiondir", "msbuildstartupdirectory":
			b.WriteString(e.directory(strings.ToLower(name), f))
			continue
		}
		p := e.props[strings.ToLower(name)]
		b.WriteString(p.value)
		from = append(from, p.evidence...)
		if b.Len() > 8192 {
			return "", nil, false
		}
	}
	b.WriteString(s)
	if len(from) > 3 {
		from = from[:3]
	}
	return strings.TrimSpace(b.String()), from, true
}

// closing is the place of the parenthesis that ends a reference to a property; -1: there is none.
func closing(s string) int {
	deep := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			deep++
		case ')':
			if deep--; deep == 0 {
				return i
			}
		}
	}
	return -1
}

// call is what a property's own methods answer, of those that compare: Name.StartsWith('x'). ok is false for all others.
func (e *evaluation) call(text string) (value string, ok bool) {
	name, rest, _ := strings.Cut(text, ".")
	method, arg, _ := strings.Cut(rest, "(")
	arg, ended := strings.CutSuffix(strings.TrimSpace(arg), ")")
	arg = strings.TrimSpace(arg)
	if !ended || len(arg) < 2 || arg[0] != '\'' && arg[0] != '"' && arg[0] != '`' || strings.ContainsAny(arg[1:len(arg)-1], "'\"`()$") || strings.ContainsAny(name, "[(:") {
		return "", false
	}
	arg = arg[1 : len(arg)-1]
	var yes bool
	v := e.get(name)
	switch method {
	case "StartsWith":
		yes = strings.HasPrefix(v, arg)
	case "EndsWith":
		yes = strings.HasSuffix(v, arg)
	case "Contains":
		yes = strings.Contains(v, arg)
	default:
		return "", false
	}
	if yes {
		return "True", true
	}
	return "False", true
}

// directory is a directory that MSBuild names, as a path relative to the file that asks for it.
func (e *evaluation) directory(name string, f detect.File) string {
	at := path.Dir(f.Path)
	to := at
	switch name {
	case "msbuildprojectdirectory":
		return climb(at, path.Dir(e.project))
	case "solutiondir":
		to = "."
		if s := e.ix.solutionOf(e.project); s != nil {
			to = path.Dir(s.file.Path)
		}
	}
	return climb(at, to) + "/"
}

// climb is the relative way from one directory of the tree to another.
func climb(from, to string) string {
	if from == to {
		return "."
	}
	a, b := parts(from), parts(to)
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	return path.Join(strings.Repeat("../", len(a)-same), strings.Join(b[same:], "/"))
}

func parts(dir string) []string {
	if dir == "." || dir == "" {
		return nil
	}
	return strings.Split(dir, "/")
}

// holds evaluates an element's condition. What cannot be told is unknown.
func (e *evaluation) holds(x *manifest.Element, f detect.File, unknown bool) bool {
	text := x.Attr("Condition")
	if strings.TrimSpace(text) == "" {
		return true
	}
	c := condition{e: e, f: f, text: text}
	v, ok := c.or(0)
	if c.skip(); !ok || c.at < len(c.text) {
		return unknown
	}
	return v
}
