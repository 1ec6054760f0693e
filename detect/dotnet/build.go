package dotnet

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// setBuild says how the project is built, and which files the restoring of its packages reads.
func (p *project) setBuild(c *detect.Component) {
	c.Build = detect.Is("dotnet", p.head())
	if p.isFramework() && p.sdk == "" && p.json == nil {
		c.Build = detect.Is("msbuild", p.head())
	}
	files := p.restoreFiles()
	root := p.contextRoot(files)
	c.Facts["project"] = detect.Is(within(root, p.path), p.file.Evidence(0))
	if root != p.dir() {
		c.Root = root
	}
	var names []string
	for _, f := range files {
		if n := within(root, f); !strings.ContainsAny(n, " \t") && !strings.HasPrefix(n, "../") && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	c.Facts["manifests"] = detect.Infer(strings.Join(names, " "), "restoring packages reads them", p.file.Evidence(0))
	p.setFacts(c, root)
}

// within is a path relative to a directory above it.
func within(root, p string) string { return climb(root, p) }

// setFacts sets what only the templates need.
func (p *project) setFacts(c *detect.Component, root string) {
	if v, ev, ok := p.sdkVersion(); ok {
		c.Facts["sdk"] = detect.Is(v, ev)
		if name := within(root, ev.File); !strings.HasPrefix(name, "..") {
			c.Facts["globalJson"] = detect.Is(name, ev)
		}
	}
	if p.many && p.target.moniker != "" {
		c.Facts["targetFramework"] = detect.Infer(p.target.moniker, "the newest of those that the project is built for", p.from...)
	}
	if p.lock != "" {
		c.Facts["lockedRestore"] = detect.Infer("true", "the lock file names every version", fileAt(p.ix, p.lock, p.head()))
	}
	if p.json != nil {
		c.Facts["projectJson"] = detect.Is("true", p.head())
		c.Facts["projectName"] = detect.Is(p.stem(), p.head())
		if dir := within(root, p.dir()); dir != "." {
			c.Facts["projectDir"] = detect.Is(dir, p.head())
		}
	}
	p.setBuildSDK(c)
	p.setSharedFramework(c)
	if p.isFramework() {
		p.setWindowsFacts(c, root)
	}
	if c.Role.V == detect.Function {
		p.setFunctions(c)
	}
	for _, f := range p.feeds {
		if f.secret {
			c.Facts["nugetConfig"] = detect.Is(within(root, p.nugetConfig), f.evidence)
			break
		}
	}
	if v, ok := p.prop("InvariantGlobalization"); ok && strings.EqualFold(v.value, "true") {
		c.Facts["invariant"] = detect.Is("true", v.place())
	}
	if c.Role.V == detect.SPA {
		c.Facts["wasm"] = detect.Is("true", p.head())
		c.Facts["fallback"] = detect.Infer("index.html", "its router works in the browser", p.head())
	}
	p.setNode(c)
}

// setSharedFramework says of a program that serves nothing that a library which it refers to wants ASP.NET Core's run-time.
func (p *project) setSharedFramework(c *detect.Component) {
	if c.Framework.V == "aspnet-core" || p.isFramework() || c.Role.V == detect.Function {
		return
	}
	for _, q := range append([]*project{p}, p.references()...) {
		if x, ok := q.packages["microsoft.aspnetcore.app"]; ok {
			c.Facts["aspnetRuntime"] = detect.Is("true", x.evidence)
			return
		}
		if q.sdk == "Microsoft.NET.Sdk.Web" {
			c.Facts["aspnetRuntime"] = detect.Infer("true", "a project that it refers to is one of the web SDK", q.head())
			return
		}
	}
}

// setBuildSDK sets the SDK that builds the project where it is newer than the .NET that it runs on: the one of global.json, or the
// newest that a project of the build targets.
func (p *project) setBuildSDK(c *detect.Component) {
	if p.isFramework() || p.target.version == "" {
		return
	}
	newest, why, at := p.target.version, "", detect.Evidence{}
	if v, ev, ok := p.sdkVersion(); ok {
		if n := numbers(v); before(newest, itoa(n[0])+"."+itoa(n[1])) {
			newest, why, at = itoa(n[0])+"."+itoa(n[1]), "the SDK that global.json names", ev
		}
	}
	for _, q := range p.references() {
		list, from := q.targets()
		for _, t := range list {
			if t.family == core && before(newest, t.version) && len(from) > 0 {
				newest, why, at = t.version, "a project that it refers to is also built for it", from[0]
			}
		}
	}
	if why != "" {
		c.Facts["buildSdk"] = detect.Infer(newest, why, at)
	}
}

// setWindowsFacts sets what the Dockerfile for Windows needs.
func (p *project) setWindowsFacts(c *detect.Component, root string) {
	if s := p.ix.solutionOf(p.path); s != nil {
		if dir := within(root, path.Dir(s.file.Path)); !strings.HasPrefix(dir, "..") && dir != "." {
			c.Facts["solutionDir"] = detect.Is(dir, s.file.Evidence(0))
		}
	}
	for _, q := range append([]*project{p}, p.references()...) {
		for _, i := range q.eval.items("PackageReference") {
			c.Facts["packageReferences"] = detect.Is("true", i.evidence())
			break
		}
	}
	if q, ev := p.hinted(); q != "" && !strings.HasPrefix(within(root, q), "..") {
		c.Facts["packagesDir"] = detect.Is(within(root, q), ev)
	} else if p.packagesConfig != "" {
		dir := "packages"
		if v := c.Facts["solutionDir"].V; v != "" {
			dir = v + "/packages"
		}
		c.Facts["packagesDir"] = detect.Infer(dir, "NuGet puts packages beside the solution", fileAt(p.ix, p.packagesConfig, p.head()))
	}
	for _, h := range of(p.hits(false), "service") {
		if c.Role.V == detect.Worker && strings.Contains(h.match[0], "ServiceBase") && plainName(c.Facts["assembly"].V) {
			c.Facts["windowsService"] = detect.Infer(c.Facts["assembly"].V, "Windows starts it as a service", h.evidence)
		}
	}
}

// hinted is the directory of packages that the references to assemblies point into.
func (p *project) hinted() (string, detect.Evidence) {
	for _, i := range p.eval.items("Reference") {
		hint := strings.ReplaceAll(i.meta("HintPath"), "\\", "/")
		if v, _, ok := p.eval.expand(hint, i.file); ok {
			hint = v
		}
		full := path.Join(path.Dir(i.file.Path), hint)
		before, _, ok := strings.Cut("/"+full, "/packages/")
		if ok && hint != "" && !strings.HasPrefix(full, "..") {
			return path.Join(strings.TrimPrefix(before, "/"), "packages"), i.evidence()
		}
	}
	return "", detect.Evidence{}
}

// setFunctions says which host runs a function: one that loads it, or one that starts it as a process of its own.
func (p *project) setFunctions(c *detect.Component) {
	if x, ok := p.packages.first("microsoft.azure.functions.worker"); ok {
		c.Facts["functions"] = detect.Is("isolated", x.evidence)
	} else if x, ok := p.packages.first("microsoft.net.sdk.functions"); ok {
		c.Facts["functions"] = detect.Is("inProcess", x.evidence)
	}
}

func (p *project) prop(name string) (property, bool) {
	return p.eval.prop(name)
}

// setNode looks for a project that runs npm itself while it is published.
func (p *project) setNode(c *detect.Component) {
	for _, d := range p.eval.documents {
		for _, t := range d.root.All("Target") {
			for _, e := range t.All("Exec") {
				command := strings.ToLower(e.Attr("Command"))
				if !strings.HasPrefix(command, "npm ") && !strings.HasPrefix(command, "yarn") && !strings.HasPrefix(command, "pnpm") && !strings.HasPrefix(command, "node ") || strings.Contains(t.Attr("Condition"), "Debug") {
					continue
				}
				c.Facts["node"] = detect.Infer(p.nodeRelease(), "the Node release of its time: the project runs "+detect.Printable(e.Attr("Command"), 60)+" when it is published", d.file.Evidence(e.Line))
				if dir, _, ok := p.eval.expand(e.Attr("WorkingDirectory"), d.file); ok && dir != "" {
					c.Facts["spa"] = detect.Is(path.Clean(strings.ReplaceAll(dir, "\\", "/")), d.file.Evidence(e.Line))
				}
				return
			}
		}
	}
}

// nodeRelease is the long-term Node release that was current when a .NET came out. Source: the templates of each SDK.
func (p *project) nodeRelease() string {
	for _, r := range []struct{ below, node string }{{"2.2", "8"}, {"3.0", "10"}, {"5.0", "12"}, {"6.0", "14"}, {"7.0", "16"}, {"8.0", "18"}} {
		if before(p.target.version, r.below) {
			return r.node
		}
	}
	return "20"
}

// restoreFiles are the files that restoring packages reads, from the tree's root: the projects and what they import.
func (p *project) restoreFiles() []string {
	var out []string
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, q := range append([]*project{p}, p.references()...) {
		add(q.path)
		add(q.packagesConfig)
		add(q.central)
		add(q.lock)
		for _, d := range q.eval.documents {
			add(d.file.Path)
		}
		if name := p.ix.above(q.dir(), "Directory.Build.targets"); name != "" {
			add(name)
		}
		if len(out) > 300 {
			break
		}
	}
	add(p.nugetConfig)
	if name := p.ix.above(p.dir(), "global.json"); name != "" { // the SDK that it names is the image's affair, those of MSBuild are not
		if f, err := p.ix.root.Read(name); err == nil && strings.Contains(string(f.Data), "msbuild-sdks") {
			add(name)
		}
	}
	return out
}

// contextRoot is the directory that holds all files of a build.
func (p *project) contextRoot(files []string) string {
	root := p.dir()
	if s := p.ix.solutionOf(p.path); s != nil { // one context for all images of a solution
		for at := path.Dir(s.file.Path); root != "." && root != at && !strings.HasPrefix(at, root+"/"); {
			root = path.Dir(root)
		}
	}
	for _, f := range files {
		for root != "." && !strings.HasPrefix(f, root+"/") {
			root = path.Dir(root)
		}
	}
	for _, q := range append([]*project{p}, p.references()...) {
		for _, kind := range []string{"Compile", "Content", "EmbeddedResource", "None"} {
			for _, i := range q.eval.items(kind) {
				if !strings.HasPrefix(i.include, "..") {
					continue
				}
				at := path.Join(q.dir(), strings.ReplaceAll(i.include, "\\", "/"))
				for root != "." && !strings.HasPrefix(at, root+"/") && !strings.HasPrefix(at, "../") {
					root = path.Dir(root)
				}
			}
		}
	}
	return root
}

// projectJSON is what a project.json of .NET Core 1's first tools says.
type projectJSON struct {
	name     string
	nameLine int
	exe      bool
	exeLine  int
	web      bool
	projects []string
}

// openJSON reads a project.json; nil when it is another tool's.
func (ix *index) openJSON(name string) *project {
	f, err := ix.root.Read(name)
	if err != nil || !strings.Contains(string(f.Data), `"frameworks"`) && !strings.Contains(string(f.Data), `"webroot"`) {
		return nil
	}
	doc, err := manifest.ParseJSON(plainJSON(f.Data))
	if err != nil {
		ix.warn(f, err)
		return nil
	}
	if !doc.Has("frameworks") && !doc.Has("webroot") || doc.Has("scripts", "start") {
		return nil
	}
	p := &project{ix: ix, path: name, file: f, packages: packageSet{}, json: &projectJSON{}, root: &manifest.Element{Name: "Project", Line: 1}}
	p.eval = &evaluation{ix: ix, project: name, props: map[string]property{}}
	var list []target
	for _, tfm := range doc.Keys("frameworks") {
		if t := parseTarget(tfm); t.family != unknownFamily && t.family != standard {
			list = append(list, t)
			if best(list) == t {
				p.from = []detect.Evidence{f.Evidence(doc.Line("frameworks", tfm))}
			}
		}
		p.jsonPackages(doc, "frameworks", tfm, "dependencies")
	}
	p.target, p.many = best(list), len(list) > 1
	if p.target.family == unknownFamily {
		p.target.family = standard
	}
	p.jsonPackages(doc, "dependencies")
	j := p.json
	if v, line, ok := doc.Get("name"); ok && plainName(v) {
		j.name, j.nameLine = v, line
	}
	for _, at := range [][]string{{"buildOptions", "emitEntryPoint"}, {"compilationOptions", "emitEntryPoint"}} {
		if v, line, ok := doc.Get(at...); ok && v == "true" {
			j.exe, j.exeLine = true, line
		}
	}
	for _, command := range doc.Keys("commands") {
		v, line, _ := doc.Get("commands", command)
		if strings.Contains(v, "Microsoft.AspNet") {
			j.web, j.exe, j.exeLine = true, true, line
		}
	}
	return p
}

// jsonPackages reads a map of dependencies: to a version, or to an object with one.
func (p *project) jsonPackages(doc *manifest.Doc, at ...string) {
	for _, id := range doc.Keys(at...) {
		here := append(slices.Clone(at), id)
		v, line, ok := doc.Get(here...)
		if !ok {
			v, line, _ = doc.Get(append(here, "version")...)
		}
		if line == 0 {
			line = doc.Line(here...)
		}
		kind, _, _ := doc.Get(append(here, "target")...)
		if kind == "project" || v == "" || v == "*" {
			if other, ok := p.ix.find(path.Dir(p.dir()), id+"/project.json"); ok {
				p.json.projects = append(p.json.projects, other)
				continue
			}
		}
		p.packages.add(pkg{name: id, version: v, evidence: p.file.Evidence(line)})
	}
}
