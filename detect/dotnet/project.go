package dotnet

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// project is a project file with what surrounds it: packages, configuration, sources.
type project struct {
	ix   *index
	path string // from the tree's root
	file detect.File
	root *manifest.Element
	eval *evaluation
	sdk  string // of an SDK-style project; empty: the old form

	packages       packageSet
	packagesConfig string // path of packages.config
	central        string // path of Directory.Packages.props
	lock           string // path of packages.lock.json
	nugetConfig    string
	feeds          []feed

	target target
	from   []detect.Evidence // what states the target
	many   bool              // it is built for more than one

	config   *configFile // web.config or app.config
	settings []*settings // appsettings.json and its variants, production last
	launch   []launchURL

	json *projectJSON // of .NET Core 1's first tools
	refs []*project   // projects that it refers to, and those that they do
	seen bool         // refs are there
	code []string     // its sources
	own  []hit        // what they show
	all  []hit        // and those of refs
}

// open reads a project once; nil when it cannot be read.
func (ix *index) open(name string) *project {
	if p, ok := ix.opened[name]; ok {
		return p
	}
	ix.opened[name] = nil // a project that refers to itself finds nothing
	var p *project
	if path.Base(name) == "project.json" {
		p = ix.openJSON(name)
	} else if f, root, ok := ix.xml(name); ok {
		p = &project{ix: ix, path: name, file: f, root: root, sdk: sdkOf(root), packages: packageSet{}}
		p.eval = evaluate(ix, name, f, root)
		if p.sdk == "" && isSDKStyle(root) {
			p.sdk = importedSDK(root)
		}
		list, from := p.targets()
		p.target, p.from, p.many = best(list), from, len(list) > 1
		if p.target.family == unknownFamily {
			p.settleTarget()
		}
		if p.many {
			p.eval.props["targetframework"] = property{value: p.target.moniker, evidence: from}
		}
		p.readPackages()
		p.readLock()
	}
	if p != nil {
		p.readFeeds()
		p.readConfig()
	}
	ix.opened[name] = p
	return p
}

// sdkOf is the SDK that a project names: in its own attribute or in an element.
func sdkOf(root *manifest.Element) string {
	s := root.Attr("Sdk")
	if s == "" {
		s = root.Find("Sdk").Attr("Name")
	}
	s, _, _ = strings.Cut(s, ";")
	s, _, _ = strings.Cut(s, "/")
	return strings.TrimSpace(s)
}

func importedSDK(root *manifest.Element) string {
	for _, i := range root.All("Import") {
		if s := i.Attr("Sdk"); s != "" {
			s, _, _ = strings.Cut(s, "/")
			return s
		}
	}
	return ""
}

// settleTarget finds the target of a project that states none: the SDK of global.json, the tools that wrote it.
func (p *project) settleTarget() {
	if p.sdk != "" {
		return
	}
	switch tools := p.root.Attr("ToolsVersion"); {
	case tools == "" && p.root.Name == "Project":
		p.target = target{family: framework, version: "2.0"} // Visual Studio 2005 wrote neither
	case p.root.Name == "VisualStudioProject":
		p.target = target{family: framework, version: "1.1"}
	case tools == "3.5":
		p.target = target{family: framework, version: "3.5"}
	default:
		p.target = target{family: framework}
	}
	if p.target.version != "" {
		p.from = []detect.Evidence{p.file.Evidence(p.root.Line)}
	}
}

// stem is the project's name.
func (p *project) stem() string {
	if p.json != nil {
		if base := path.Base(path.Dir(p.path)); base != "." {
			return base
		}
		return "app"
	}
	return strings.TrimSuffix(path.Base(p.path), path.Ext(p.path))
}

// dir is the project's directory.
func (p *project) dir() string { return path.Dir(p.path) }

// head is the line with which the project begins.
func (p *project) head() detect.Evidence {
	if p.root == nil {
		return p.file.Evidence(1)
	}
	return p.file.Evidence(p.root.Line)
}

// references are the projects that this one refers to, directly or not.
func (p *project) references() []*project {
	if p.seen {
		return p.refs
	}
	p.seen = true
	have := map[string]bool{p.path: true}
	queue := []*project{p}
	for len(queue) > 0 && len(have) < 200 {
		at := queue[0]
		queue = queue[1:]
		for _, name := range at.direct() {
			if have[name] {
				continue
			}
			have[name] = true
			if q := p.ix.open(name); q != nil {
				p.refs = append(p.refs, q)
				queue = append(queue, q)
			}
		}
	}
	sort.Slice(p.refs, func(i, j int) bool { return p.refs[i].path < p.refs[j].path })
	return p.refs
}

// direct are the paths of the projects that this one names.
func (p *project) direct() []string {
	if p.json != nil {
		return p.json.projects
	}
	var out []string
	for _, i := range p.eval.items("ProjectReference") {
		if full, ok := p.ix.find(path.Dir(i.file.Path), i.include); ok && !slices.Contains(out, full) {
			out = append(out, full)
		}
	}
	return out
}

// allPackages are those of the project and of the projects that it refers to.
func (p *project) allPackages() packageSet {
	out := packageSet{}
	for k, v := range p.packages {
		out[k] = v
	}
	for _, q := range p.references() {
		for _, name := range sortedKeys(q.packages) {
			out.add(q.packages[name])
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// sources are the project's own source files, the ones that begin the program first.
func (p *project) sources() []string {
	if p.code != nil {
		return p.code
	}
	out := []string{}
	for _, s := range p.ix.own[p.dir()] {
		switch strings.ToLower(path.Ext(s)) {
		case ".cs", ".vb", ".fs":
			if weight(s) > 0 {
				out = append(out, s)
			}
		}
	}
	byWeight(out)
	p.code = out[:min(len(out), maxSources)]
	return p.code
}

func byWeight(names []string) {
	sort.SliceStable(names, func(i, j int) bool { return weight(names[i]) > weight(names[j]) })
}

// weight says how soon a source file is worth reading.
func weight(name string) int {
	base := strings.ToLower(path.Base(name))
	switch {
	case strings.HasPrefix(base, "program."), strings.HasPrefix(base, "startup."), strings.HasPrefix(base, "global.asax"):
		return 3
	case strings.HasSuffix(base, ".designer.cs"), strings.Contains(base, "assemblyinfo"), strings.Contains(name, "/Migrations/"), strings.HasSuffix(base, ".g.cs"), strings.HasSuffix(base, ".generated.cs"):
		return 0
	case strings.Contains(base, "extension"), strings.Contains(base, "config"), strings.Contains(base, "service"), strings.Contains(base, "module"), strings.Contains(base, "context"), strings.Contains(base, "main"):
		return 2
	}
	return 1
}

// hits are the signs found in the sources of the project, and, when all is true, of those that it refers to: as many as
// maxSources allows, those first that tell most.
func (p *project) hits(all bool) []hit {
	if !all {
		if p.own == nil {
			p.own = p.ix.scanAll(p.sources())
		}
		return p.own
	}
	if p.all == nil {
		left := maxSources - len(p.sources())
		var more []string
		for _, q := range p.references() {
			more = append(more, q.sources()...)
		}
		byWeight(more)
		p.all = append(slices.Clone(p.hits(false)), p.ix.scanAll(more[:min(len(more), max(left, maxSources/2))])...)
	}
	return p.all
}

// of are the hits of one rule.
func of(hits []hit, rule string) []hit {
	var out []hit
	for _, h := range hits {
		if h.rule == rule {
			out = append(out, h)
		}
	}
	return out
}
