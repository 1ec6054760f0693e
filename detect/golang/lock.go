package golang

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// locked is where a manifest or lock file states the version of a dependency.
type locked struct {
	path, version string // version is empty when only a commit is known
	from          detect.Origin
	evidence      detect.Evidence
}

// readLocks reads the dependency manifests of the unit. Of several tools the one that is newest counts for the build.
func (p *project) readLocks() {
	p.readMod()
	p.readDep()
	p.readGlide()
	p.readGodeps()
	p.readGovendor()
	for _, name := range []string{"vendor/manifest", "vendor.conf", "GLOCKFILE"} { // gvt, vndr, glock
		if f, ok := p.read(name); ok {
			p.lock(f)
		}
	}
}

func (p *project) readMod() {
	f, ok := p.read("go.mod")
	if !ok {
		return
	}
	p.mod, p.modFile = parseMod(f.Data), f
	if p.mod.conflict > 0 {
		p.dir.Warn(f.Path, p.mod.conflict, "an unresolved merge conflict: what lies between its marks is doubtful")
	}
	if p.mod.module == "" {
		p.dir.Warn(f.Path, 0, "it names no module")
	}
	p.importPath = p.mod.module
	p.build = detect.Is("go-modules", f.Evidence(p.mod.moduleLine))
	for _, r := range p.mod.requires {
		p.keep(r.path, r.version, detect.Locked, f.Evidence(r.line))
	}
	p.mode = "modules"
	for _, name := range []string{"go.mod", "go.sum"} {
		if p.dir.Has(name) {
			p.manifests = append(p.manifests, name)
		}
	}
	for _, r := range p.mod.replaces {
		if r.local() {
			p.localReplace = append(p.localReplace, r)
		}
	}
}

// keep takes down a version, the first statement of each path.
func (p *project) keep(path, version string, from detect.Origin, ev detect.Evidence) {
	version = release(version)
	if _, have := p.versions[path]; !have && path != "" {
		p.versions[path] = locked{path, version, from, ev}
	}
}

// release is the number in a tag: "v1.2.3" is 1.2.3, "v1.0.0-20190101-abc" and a commit are none.
func release(tag string) string {
	v := strings.TrimSuffix(strings.TrimPrefix(tag, "v"), "+incompatible")
	if v == "" || v[0] < '0' || v[0] > '9' || !strings.Contains(v, ".") || strings.HasPrefix(v, "0.0.0-") {
		return ""
	}
	if i := strings.IndexByte(v, '-'); i > 0 {
		v = v[:i]
	}
	for _, part := range strings.Split(v, ".") {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return ""
		}
	}
	return v
}

// tool says which build tool a manifest is of, unless a newer one is known.
func (p *project) tool(name string, ev detect.Evidence) {
	if !p.build.Set() {
		p.build = detect.Is(name, ev)
	}
}

func (p *project) readDep() {
	if f, ok := p.read("Gopkg.lock"); ok {
		d, err := manifest.ParseTOML(f.Data)
		if err != nil {
			p.warn(f, err)
		} else {
			p.tool("dep", f.Evidence(0))
			p.lock(f)
			for n := range min(d.Len("projects"), maxRequires) {
				at := strconv.Itoa(n)
				name, _, _ := d.Get("projects", at, "name")
				version, line, _ := d.Get("projects", at, "version")
				if line == 0 {
					line = d.Line("projects", at, "name")
				}
				p.keep(name, version, detect.Locked, f.Evidence(line))
			}
		}
	}
	f, ok := p.read("Gopkg.toml")
	if !ok {
		return
	}
	p.tool("dep", f.Evidence(0))
	d, err := manifest.ParseTOML(f.Data)
	if err != nil {
		p.warn(f, err)
		return
	}
	for n := range min(d.Len("constraint"), maxRequires) {
		at := strconv.Itoa(n)
		name, _, _ := d.Get("constraint", at, "name")
		version, line, ok := d.Get("constraint", at, "version")
		if ok {
			p.keep(name, strings.TrimLeft(version, "=^~ "), detect.Declared, f.Evidence(line))
		}
	}
}

func (p *project) readGlide() {
	if f, ok := p.read("glide.lock"); ok {
		d, err := manifest.ParseYAML(f.Data)
		if err != nil {
			p.warn(f, err)
		} else {
			p.tool("glide", f.Evidence(0))
			p.lock(f)
			for n := range min(d.Len("imports"), maxRequires) {
				at := strconv.Itoa(n)
				name, _, _ := d.Get("imports", at, "name")
				version, line, _ := d.Get("imports", at, "version")
				p.keep(name, version, detect.Locked, f.Evidence(line))
			}
		}
	}
	f, ok := p.read("glide.yaml")
	if !ok {
		return
	}
	p.tool("glide", f.Evidence(0))
	d, err := manifest.ParseYAML(f.Data)
	if err != nil {
		p.warn(f, err)
		return
	}
	if name, line, ok := d.Get("package"); ok {
		p.named(name, f.Evidence(line))
	}
	for n := range min(d.Len("import"), maxRequires) {
		at := strconv.Itoa(n)
		name, _, _ := d.Get("import", at, "package")
		version, line, ok := d.Get("import", at, "version")
		if ok {
			p.keep(name, strings.TrimLeft(version, "=^~ "), detect.Declared, f.Evidence(line))
		}
	}
}

func (p *project) readGodeps() {
	f, ok := p.read("Godeps/Godeps.json")
	if !ok {
		return
	}
	d, err := manifest.ParseJSON(f.Data)
	if err != nil {
		p.warn(f, err)
		return
	}
	p.tool("godep", f.Evidence(0))
	p.lock(f)
	if name, line, ok := d.Get("ImportPath"); ok {
		p.named(name, f.Evidence(line))
	}
	if v, line, ok := d.Get("GoVersion"); ok && goVersion(v) != "" {
		p.toolGo = detect.Is(goVersion(v), f.Evidence(line))
	}
	for n := range min(d.Len("Deps"), maxRequires) {
		at := strconv.Itoa(n)
		name, _, _ := d.Get("Deps", at, "ImportPath")
		comment, line, ok := d.Get("Deps", at, "Comment")
		if !ok {
			line = d.Line("Deps", at, "ImportPath")
		}
		p.keep(name, comment, detect.Locked, f.Evidence(line))
	}
}

func (p *project) readGovendor() {
	f, ok := p.read("vendor/vendor.json")
	if !ok {
		return
	}
	d, err := manifest.ParseJSON(f.Data)
	if err != nil {
		p.warn(f, err)
		return
	}
	p.lock(f)
	if name, line, ok := d.Get("rootPath"); ok {
		p.named(name, f.Evidence(line))
	}
	for n := range min(d.Len("package"), maxRequires) {
		at := strconv.Itoa(n)
		name, _, _ := d.Get("package", at, "path")
		version, line, ok := d.Get("package", at, "versionExact")
		if !ok {
			if version, line, ok = d.Get("package", at, "version"); !ok {
				line = d.Line("package", at, "path")
			}
		}
		p.keep(name, version, detect.Locked, f.Evidence(line))
	}
}

// lock takes down that a lock file is there, the first one.
func (p *project) lock(f detect.File) {
	if p.lockFile == "" {
		p.lockFile = relative(f.Path, p.unit.root)
	}
}

// named takes down the import path that a manifest states.
func (p *project) named(name string, ev detect.Evidence) {
	if p.importPath == "" && plainImport(name) {
		p.importPath, p.importFrom = name, ev
	}
}

// plainImport reports whether a text can be an import path of a directory below a GOPATH.
func plainImport(s string) bool {
	if s == "" || len(s) > 200 || s[0] == '/' || s[0] == '.' || s[0] == '-' {
		return false
	}
	for _, part := range strings.Split(s, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./~") == ""
}
