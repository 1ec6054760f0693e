package dotnet

import (
	"errors"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// index is what is known of the whole tree: one pass over the names of its files.
type index struct {
	root     detect.Dir
	projects map[string][]string // project files by directory
	lower    map[string]string   // paths of manifests by their lower-case form: Windows does not tell case apart
	own      map[string][]string // sources by the directory of the project or web site that they belong to
	pages    map[string]*pages
	sites    map[string]bool // directories with a web.config and no project at or above
	database string          // a database project of Visual Studio
	slns     []string

	solutions []*solution
	parsed    map[string]*parsedXML
	opened    map[string]*project
	scanned   map[string][]hit
	read      int // source files read
	bytes     int
}

// pages counts the files of a web application by what they prove.
type pages struct {
	forms, views, services, razor, startup []string // .aspx and .ascx; .cshtml and .vbhtml; .svc; .razor; Global.asax
}

// startups are the Global.asax files; a directory without pages has none.
func (x *pages) startups() []string {
	if x == nil {
		return nil
	}
	return x.startup
}

type parsedXML struct {
	file detect.File
	root *manifest.Element
	ok   bool
}

// Bounds of what is read of a repository's sources.
const (
	maxSources   = 300 // of one project
	maxReadFiles = 2500
	maxReadBytes = 24 << 20
	maxSource    = 512 << 10 // bytes of a source file; generated ones are larger
	maxPages     = 50        // names kept of one kind
)

func indexOf(dir detect.Dir) *index {
	return dir.Memo("dotnet.index", func() any {
		root, _ := dir.Sub(climb(dir.Path, "."))
		return newIndex(root)
	}).(*index)
}

func newIndex(root detect.Dir) *index {
	ix := &index{
		root: root, projects: map[string][]string{}, lower: map[string]string{}, own: map[string][]string{}, pages: map[string]*pages{},
		sites: map[string]bool{}, parsed: map[string]*parsedXML{}, opened: map[string]*project{}, scanned: map[string][]hit{},
	}
	var sources []string
	configured := map[string]bool{}
	for p := range root.Files() {
		base := p[strings.LastIndexByte(p, '/')+1:]
		dot := strings.LastIndexByte(base, '.')
		if dot < 0 {
			continue
		}
		switch ext := strings.ToLower(base[dot:]); ext {
		case ".csproj", ".vbproj", ".fsproj":
			dir := path.Dir(p)
			ix.projects[dir] = append(ix.projects[dir], p)
			ix.lower[strings.ToLower(p)] = p
		case ".sln", ".slnx":
			ix.slns = append(ix.slns, p)
		case ".sqlproj", ".dbproj":
			if ix.database == "" {
				ix.database = p
			}
		case ".props", ".targets", ".config", ".json", ".xproj":
			ix.lower[strings.ToLower(p)] = p
			if strings.EqualFold(base, "web.config") {
				configured[path.Dir(p)] = true
			}
			if base == "project.json" {
				ix.projects[path.Dir(p)] = append(ix.projects[path.Dir(p)], p)
			}
		case ".cs", ".vb", ".fs", ".aspx", ".ascx", ".asmx", ".svc", ".cshtml", ".vbhtml", ".razor", ".asax", ".master", ".ashx":
			sources = append(sources, p)
		}
	}
	ix.assign(sources, configured)
	return ix
}

// assign gives each source file to the nearest project or web site above it.
func (ix *index) assign(sources []string, configured map[string]bool) {
	owner := map[string]string{}
	var find func(dir string) string
	find = func(dir string) string {
		if o, ok := owner[dir]; ok {
			return o
		}
		o := ""
		switch base := strings.ToLower(path.Base(dir)); {
		case base == "bin" || base == "obj" || base == "node_modules" || base == "packages" || base == "app_data" && len(ix.projects[dir]) == 0 || base == ".nuget":
			o = "-"
		case len(ix.projects[dir]) > 0:
			o = dir
		case dir != ".":
			o = find(path.Dir(dir))
		}
		if o == "" && configured[dir] {
			ix.sites[dir] = true
			o = dir
		}
		owner[dir] = o
		return o
	}
	for dir := range configured {
		find(dir)
	}
	for _, p := range sources {
		dir := find(path.Dir(p))
		if dir == "" || dir == "-" {
			continue
		}
		ix.own[dir] = append(ix.own[dir], p)
		ix.page(dir, p)
	}
}

func (ix *index) page(dir, p string) {
	x := ix.pages[dir]
	if x == nil {
		x = &pages{}
		ix.pages[dir] = x
	}
	list := (*[]string)(nil)
	switch strings.ToLower(path.Ext(p)) {
	case ".aspx", ".ascx", ".asmx", ".master", ".ashx":
		list = &x.forms
	case ".cshtml", ".vbhtml":
		list = &x.views
	case ".svc":
		list = &x.services
	case ".razor":
		list = &x.razor
	case ".asax":
		list = &x.startup
	}
	if list != nil && len(*list) < maxPages {
		*list = append(*list, p)
	}
}

// xml reads an XML file of the tree once. What cannot be read is warned of.
func (ix *index) xml(name string) (detect.File, *manifest.Element, bool) {
	x := ix.parsed[name]
	if x == nil {
		x = &parsedXML{}
		ix.parsed[name] = x
		f, err := ix.root.Read(name)
		if err == nil {
			x.file = f
			if x.root, err = manifest.ParseXML(f.Data); err != nil {
				ix.warn(f, err)
			}
			x.ok = err == nil
		}
	}
	return x.file, x.root, x.ok
}

func (ix *index) warn(f detect.File, err error) {
	var m *manifest.Error
	if errors.As(err, &m) {
		ix.root.Warn(f.Path, m.Line, m.Msg)
		return
	}
	ix.root.Warn(f.Path, 0, err.Error())
}

// find is the path of a manifest that a file in dir names, with either slash and in any case.
func (ix *index) find(dir, name string) (string, bool) {
	name = strings.ReplaceAll(name, "\\", "/")
	if path.IsAbs(name) {
		return "", false
	}
	p := path.Join(dir, name)
	if strings.HasPrefix(p, "../") {
		return "", false
	}
	if ix.root.Has(p) {
		return p, true
	}
	real, ok := ix.lower[strings.ToLower(p)]
	return real, ok
}

// above is the nearest file of a name in a directory or one above it, in any case; "" when there is none.
func (ix *index) above(dir, name string) string {
	for {
		if p, ok := ix.find(dir, name); ok {
			return p
		}
		if dir == "." {
			return ""
		}
		dir = path.Dir(dir)
	}
}

// beside is a file in a directory, in any case; ok is false when it is not there or cannot be read.
func (ix *index) beside(dir, name string) (detect.File, bool) {
	p, ok := ix.find(dir, name)
	if !ok {
		return detect.File{}, false
	}
	f, err := ix.root.Read(p)
	return f, err == nil
}

// load reads the solutions once.
func (ix *index) load() []*solution {
	if ix.solutions == nil {
		ix.solutions = []*solution{}
		for _, p := range ix.slns {
			if len(ix.solutions) == 60 {
				break
			}
			if f, err := ix.root.Read(p); err == nil {
				ix.solutions = append(ix.solutions, readSolution(ix, f))
			}
		}
	}
	return ix.solutions
}

// solutionOf is the solution that a project is built with: the nearest one above that names it, with the fewest projects.
func (ix *index) solutionOf(project string) *solution {
	var found *solution
	for _, s := range ix.load() {
		if !s.holds[project] {
			continue
		}
		if found == nil || deeper(path.Dir(s.file.Path), path.Dir(found.file.Path)) ||
			path.Dir(s.file.Path) == path.Dir(found.file.Path) && len(s.projects) > len(found.projects) {
			found = s
		}
	}
	return found
}

func deeper(a, b string) bool { return len(parts(a)) > len(parts(b)) }
