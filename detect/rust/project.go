package rust

import (
	"bytes"
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// project is a package with its manifests read.
type project struct {
	dir    detect.Dir
	cargo  *manifest.Doc
	file   detect.File
	root   string // of the workspace, or the package's own directory
	space  *manifest.Doc
	spaceF detect.File
	lock   map[string]locked
	lockF  detect.File
	deps   map[string]dependency
	code   []detect.File
	docker []dockerFile

	switches map[string]string    // features of the package's own, by the kind of service that they switch on
	feature  detect.Value[string] // the one that is taken
}

// dependency is a crate that the manifest asks for.
type dependency struct {
	version  string
	features []string
	optional bool
	file     detect.File
	line     int
}

// locked is a crate in the lock file.
type locked struct {
	version string
	line    int
}

type dockerFile struct {
	*manifest.Dockerfile
	file detect.File
}

// Bounds of what is read of one package.
const (
	maxFiles  = 300
	maxBytes  = 6 << 20
	maxCrates = 20000
)

// open reads the manifests of a package; false: none, or one of a workspace alone.
func open(dir detect.Dir) (*project, bool) {
	p := &project{dir: dir, lock: map[string]locked{}, switches: map[string]string{}, deps: map[string]dependency{}}
	f, ok := p.read("Cargo.toml")
	if !ok {
		return nil, false
	}
	doc, err := manifest.ParseTOML(f.Data)
	if err != nil {
		p.warn(f, err)
		return nil, false
	}
	p.cargo, p.file = doc, f
	if !doc.Has("package", "name") && !doc.Has("project", "name") {
		return nil, false
	}
	p.root = workspaceOf(dir)
	if p.root != dir.Path {
		p.spaceF = p.file
		if f, ok := p.read(p.up() + "Cargo.toml"); ok {
			p.spaceF = f
			if p.space, err = manifest.ParseTOML(f.Data); err != nil {
				p.warn(f, err)
				p.space = nil
			}
		}
	}
	p.readDependencies()
	p.readLock()
	p.readCode()
	p.readDockerfiles()
	return p, true
}

// up is the way from the package to its workspace.
func (p *project) up() string {
	if p.root == p.dir.Path {
		return ""
	}
	return strings.Repeat("../", 1+strings.Count(relative(p.dir.Path, p.root), "/"))
}

// top is the way from the package to the repository's root.
func (p *project) top() string {
	if p.dir.Path == "." {
		return ""
	}
	return strings.Repeat("../", 1+strings.Count(p.dir.Path, "/"))
}

// read returns a file of the package. Binary data is not read as text; it is warned of.
func (p *project) read(name string) (detect.File, bool) {
	f, err := p.dir.Read(name)
	if err != nil {
		return detect.File{}, false
	}
	if bytes.IndexByte(f.Data[:min(len(f.Data), 8000)], 0) >= 0 {
		p.dir.Warn(f.Path, 0, "holds binary data and is left out")
		return detect.File{}, false
	}
	return f, true
}

// warn keeps what a parser of package manifest could not read.
func (p *project) warn(f detect.File, err error) {
	line, msg := 0, err.Error()
	var e *manifest.Error
	if errors.As(err, &e) {
		line, msg = e.Line, e.Msg
	}
	p.dir.Warn(f.Path, line, msg)
}

// readDependencies takes down what [dependencies] asks for, and what the packages of the repository that are among them do.
func (p *project) readDependencies() {
	type source struct {
		doc  *manifest.Doc
		file detect.File
		dir  string // relative to the package
	}
	queue := []source{{p.cargo, p.file, "."}}
	seen := map[string]bool{".": true}
	for n := 0; n < len(queue) && n < 100; n++ {
		s := queue[n]
		for _, local := range p.dependencies(s.doc, s.file, s.dir) {
			if seen[local] {
				continue
			}
			seen[local] = true
			f, ok := p.read(path.Join(local, "Cargo.toml"))
			if !ok {
				continue
			}
			if d, err := manifest.ParseTOML(f.Data); err == nil {
				queue = append(queue, source{d, f, local})
			}
		}
	}
}

// dependencies takes down the crates of one manifest and returns the directories of those that lie in the repository.
func (p *project) dependencies(doc *manifest.Doc, file detect.File, dir string) []string {
	var locals []string
	tables := [][]string{{"dependencies"}}
	for _, t := range doc.Keys("target") {
		tables = append(tables, []string{"target", t, "dependencies"})
	}
	for _, table := range tables {
		for _, name := range doc.Keys(table...) {
			at := append(table[:len(table):len(table)], name)
			d, local := p.dependency(doc, file, at)
			d.optional = d.optional && dir == "." // a package of the repository has its parts switched on by those that use it
			if local != "" {
				locals = append(locals, path.Join(dir, local))
			} else if shared, ok := p.shared(doc, at); ok {
				locals = append(locals, shared)
			}
			if real, _, ok := doc.Get(append(at, "package")...); ok {
				name = real
			}
			if _, have := p.deps[name]; !have && len(p.deps) < 2000 {
				p.deps[name] = d
			}
		}
	}
	return locals
}

// dependency reads one entry; local is the directory that it names.
func (p *project) dependency(doc *manifest.Doc, file detect.File, at []string) (d dependency, local string) {
	d = dependency{line: doc.Line(at...), file: file}
	if v, line, ok := doc.Get(at...); ok {
		d.version, d.line = v, line
		return d, ""
	}
	d.version, _, _ = doc.Get(append(at, "version")...)
	opt, _, _ := doc.Get(append(at, "optional")...)
	d.optional = opt == "true"
	for _, f := range doc.List(append(at, "features")...) {
		d.features = append(d.features, f.Value)
	}
	if doc.Has(append(at, "workspace")...) {
		space := p.space
		if space == nil {
			space = p.cargo
		}
		for _, f := range space.List("workspace", "dependencies", at[len(at)-1], "features") {
			d.features = append(d.features, f.Value)
		}
	}
	local, _, _ = doc.Get(append(at, "path")...)
	return d, local
}

// shared is the directory that the workspace names for a crate.
func (p *project) shared(doc *manifest.Doc, at []string) (string, bool) {
	if !doc.Has(append(at[:len(at):len(at)], "workspace")...) {
		return "", false
	}
	space := p.space
	if space == nil {
		space = p.cargo
	}
	local, _, ok := space.Get("workspace", "dependencies", at[len(at)-1], "path")
	return path.Join(p.up(), local), ok
}

// readLock reads Cargo.lock of the package or of its workspace.
func (p *project) readLock() {
	f, ok := p.read(p.up() + "Cargo.lock")
	if !ok {
		return
	}
	d, err := manifest.ParseTOML(f.Data)
	if err != nil {
		p.warn(f, err)
		return
	}
	p.lockF = f
	if v, line, ok := d.Get("version"); ok {
		p.lock["\x00version"] = locked{v, line}
	}
	for n := range min(d.Len("package"), maxCrates) {
		at := strconv.Itoa(n)
		name, _, _ := d.Get("package", at, "name")
		version, line, ok := d.Get("package", at, "version")
		if ok {
			p.lock[name] = locked{version, line}
		}
	}
}

// readCode reads the package's sources, main first.
func (p *project) readCode() {
	var names []string
	for name := range p.dir.Files() {
		if strings.HasSuffix(name, ".rs") && own(path.Dir(name)) && !p.nested(name) {
			names = append(names, name)
		}
	}
	size := 0
	for pass := range 2 {
		for _, name := range names {
			first := name == "src/main.rs" || strings.HasPrefix(name, "src/bin/")
			if first != (pass == 0) || len(p.code) >= maxFiles || size > maxBytes {
				continue
			}
			f, err := p.dir.Read(name)
			if err != nil || bytes.IndexByte(f.Data[:min(len(f.Data), 1024)], 0) >= 0 {
				continue
			}
			size += len(f.Data)
			p.code = append(p.code, f)
		}
	}
}

// nested reports whether a file belongs to another package below this one.
func (p *project) nested(name string) bool {
	for d := path.Dir(name); d != "."; d = path.Dir(d) {
		if p.dir.Has(d + "/Cargo.toml") {
			return true
		}
	}
	return false
}

func own(dir string) bool {
	return detect.Ours(dir) && dir != "benches" && !strings.HasPrefix(dir, "benches/")
}

func (p *project) readDockerfiles() {
	for _, name := range []string{"Dockerfile", p.up() + "Dockerfile", "docker/Dockerfile", p.top() + "docker/Dockerfile"} {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			p.warn(f, err)
			continue
		}
		p.docker = append(p.docker, dockerFile{d, f})
		if p.up() == "" && name == "Dockerfile" {
			return
		}
	}
}

// has returns a dependency that the program is built with, and its evidence.
func (p *project) has(name string) (dependency, detect.Evidence, bool) {
	d, ok := p.deps[name]
	if !ok {
		return d, detect.Evidence{}, false
	}
	return d, d.file.Evidence(d.line), true
}
