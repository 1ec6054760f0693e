package dotnet

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// pkg is a NuGet package, or an assembly that is referred to.
type pkg struct {
	name     string // as it is written
	version  string
	assembly bool // a reference to an assembly, not a package
	evidence detect.Evidence
}

// packageSet is what a project refers to, by lower-case name.
type packageSet map[string]pkg

// add keeps the first that speaks of a name; a package comes before an assembly.
func (s packageSet) add(p pkg) {
	key := strings.ToLower(p.name)
	if have, ok := s[key]; p.name == "" || ok && (!have.assembly || p.assembly) {
		return
	}
	s[key] = p
}

// first is the first of some names that is there. A name that ends in "*" is the beginning of one.
func (s packageSet) first(names ...string) (pkg, bool) {
	for _, n := range names {
		if prefix, ok := strings.CutSuffix(n, "*"); ok {
			best := ""
			for have := range s {
				if strings.HasPrefix(have, prefix) && (best == "" || have < best) {
					best = have
				}
			}
			if best != "" {
				return s[best], true
			}
			continue
		}
		if p, ok := s[n]; ok {
			return p, true
		}
	}
	return pkg{}, false
}

func (s packageSet) has(names ...string) bool { _, ok := s.first(names...); return ok }

// readPackages reads what a project refers to: PackageReference with central versions, assemblies, packages.config.
func (p *project) readPackages() {
	central := p.centralVersions()
	for _, kind := range []string{"PackageReference", "GlobalPackageReference"} {
		for _, i := range p.eval.items(kind) {
			version := i.meta("Version")
			if version == "" {
				version = i.meta("VersionOverride")
			}
			at := i.evidence()
			if c, ok := central[strings.ToLower(i.include)]; ok && version == "" {
				version = c.version
			}
			if v, _, ok := p.eval.expand(version, i.file); ok {
				version = v
			}
			p.packages.add(pkg{name: i.include, version: bare(version), evidence: at})
		}
	}
	for _, i := range p.eval.items("FrameworkReference") {
		p.packages.add(pkg{name: i.include, evidence: i.evidence()})
	}
	p.readPackagesConfig()
	for _, i := range p.eval.items("Reference") {
		name, rest, _ := strings.Cut(i.include, ",")
		p.packages.add(pkg{name: strings.TrimSpace(name), version: assemblyVersion(rest), assembly: true, evidence: i.evidence()})
	}
}

// assemblyVersion is the version in an assembly's full name.
func assemblyVersion(name string) string {
	_, v, _ := strings.Cut(name, "Version=")
	v, _, _ = strings.Cut(v, ",")
	return strings.TrimSpace(v)
}

// bare is a version without the brackets of a range: its lowest one.
func bare(v string) string {
	v = strings.Trim(v, "[]() ")
	v, _, _ = strings.Cut(v, ",")
	return v
}

// centralVersions are those of Directory.Packages.props.
func (p *project) centralVersions() packageSet {
	out := packageSet{}
	name := p.ix.above(path.Dir(p.file.Path), "Directory.Packages.props")
	if name == "" {
		return out
	}
	p.eval.load(name)
	for _, i := range p.eval.items("PackageVersion") {
		version, _, ok := p.eval.expand(i.meta("Version"), i.file)
		if ok {
			out.add(pkg{name: i.include, version: bare(version), evidence: i.evidence()})
		}
	}
	p.central = name
	return out
}

// readPackagesConfig reads the list of packages of projects before 2017.
func (p *project) readPackagesConfig() {
	name, ok := p.ix.find(path.Dir(p.file.Path), "packages.config")
	if !ok {
		return
	}
	f, root, ok := p.ix.xml(name)
	p.packagesConfig = name
	if !ok {
		return
	}
	for _, e := range root.All("package") {
		p.packages.add(pkg{name: e.Attr("id"), version: e.Attr("version"), evidence: f.Evidence(e.Line)})
	}
}

// readLock puts the exact versions of packages.lock.json in place of the wanted ones.
func (p *project) readLock() {
	name, ok := p.ix.find(path.Dir(p.file.Path), "packages.lock.json")
	if !ok {
		return
	}
	f, err := p.ix.root.Read(name)
	if err != nil {
		return
	}
	p.lock = name
	doc, err := manifest.ParseJSON(f.Data)
	if err != nil {
		p.ix.warn(f, err)
		return
	}
	for _, tfm := range doc.Keys("dependencies") {
		for _, id := range doc.Keys("dependencies", tfm) {
			v, line, ok := doc.Get("dependencies", tfm, id, "resolved")
			if have, known := p.packages[strings.ToLower(id)]; ok && known && !have.assembly {
				p.packages[strings.ToLower(id)] = pkg{name: have.name, version: v, evidence: f.Evidence(line)}
			}
		}
	}
}

// feed is a source of packages that nuget.config names.
type feed struct {
	name, address string
	secret        bool // it wants credentials, or may
	known         bool // the configuration names credentials
	evidence      detect.Evidence
}

// publicFeeds need no credentials: by the name under which their maker registered the domain, with the beginning of the path
// below which it keeps public ones.
var publicFeeds = map[string]string{"nuget": "", "powershellgallery": "", "myget": "f/", "azure": "dnceng/public", "appveyor": "nuget"}

// readFeeds reads the nearest nuget.config: which feeds there are, and which want credentials.
func (p *project) readFeeds() {
	name := p.ix.above(path.Dir(p.file.Path), "nuget.config")
	if name == "" {
		name = p.ix.above(path.Dir(p.file.Path), ".nuget/nuget.config")
	}
	if name == "" {
		return
	}
	f, root, ok := p.ix.xml(name)
	if !ok {
		return
	}
	p.nugetConfig = name
	credentials := map[string]bool{}
	for _, c := range root.All("packageSourceCredentials") {
		for _, e := range c.Children {
			credentials[strings.ToLower(strings.ReplaceAll(e.Name, "_x0020_", " "))] = true
		}
	}
	for _, e := range root.All("packageSources", "add") {
		x := feed{name: e.Attr("key"), address: e.Attr("value"), evidence: f.Evidence(e.Line)}
		x.known = credentials[strings.ToLower(x.name)]
		x.secret = x.known || isRemote(x.address) && !isPublic(x.address)
		p.feeds = append(p.feeds, x)
	}
}

func isRemote(address string) bool {
	return strings.HasPrefix(strings.ToLower(address), "http://") || strings.HasPrefix(strings.ToLower(address), "https://")
}

func isPublic(address string) bool {
	_, rest, _ := strings.Cut(strings.ToLower(address), "://")
	host, at, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	labels := strings.Split(host, ".")
	if len(labels) < 2 {
		return false
	}
	if labels[0] == "dotnetfeed" || labels[0] == "dotnet" && labels[1] == "myget" { // the betas' own
		return true
	}
	begin, ok := publicFeeds[labels[len(labels)-2]]
	return ok && strings.HasPrefix(at, begin)
}
