package golang

import (
	"bytes"
	"errors"
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// project is a unit with its manifests read.
type project struct {
	dir  detect.Dir // of the unit's root
	unit *unit

	mod          *modFile
	modFile      detect.File
	build        detect.Value[string] // the tool that manages dependencies; unset: none of them
	versions     map[string]locked    // by import or module path
	lockFile     string               // of an older tool, relative to root
	toolGo       detect.Value[string] // the Go that godep was run with
	importPath   string
	importFrom   detect.Evidence
	mode         string // as the fact
	manifests    []string
	localReplace []replacement
	ci           []ciFile
	docker       []dockerFile
	procfile     []manifest.Process
	procFile     detect.File

	packages  map[string]*pkg
	filesRead int
	bytesRead int
	tops      []string // see dataAtTop
}

type ciFile struct {
	*manifest.CI
	file detect.File
}

type dockerFile struct {
	*manifest.Dockerfile
	file detect.File
}

// open reads the manifests of a unit.
func open(dir detect.Dir, u *unit) *project {
	p := &project{dir: dir, unit: u, versions: map[string]locked{}, packages: map[string]*pkg{}}
	p.readLocks()
	p.readCI()
	p.readDockerfiles()
	if f, ok := p.read("Procfile"); ok {
		procs, err := manifest.ParseProcfile(f.Data)
		if err != nil {
			p.warn(f, err)
		}
		p.procfile, p.procFile = procs, f
	}
	return p
}

// read returns a file of the unit. Binary data is not read as text; it is warned of.
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

// up is the way from the unit to the repository's root.
func (p *project) up() string {
	if p.dir.Path == "." {
		return ""
	}
	return strings.Repeat("../", 1+strings.Count(p.dir.Path, "/"))
}

// readCI reads the CI files of the unit, or of the repository when the unit lies below its root.
func (p *project) readCI() {
	for _, up := range []string{"", p.up()} {
		names := []string{".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml", "circle.yml", "Jenkinsfile"}
		if root, ok := p.dir.Sub(up); ok {
			for _, ext := range []string{"yml", "yaml"} {
				names = append(names, workflows(root, ext)...)
			}
		}
		for _, name := range names {
			f, ok := p.read(up + name)
			if !ok {
				continue
			}
			ci, err := manifest.ParseCI(name, f.Data)
			if err != nil {
				p.warn(f, err)
				continue
			}
			p.ci = append(p.ci, ciFile{ci, f})
		}
		if len(p.ci) > 0 || up == p.up() {
			return
		}
	}
}

// workflows lists the workflows of GitHub in a directory without walking the tree.
func workflows(dir detect.Dir, ext string) []string {
	sub, ok := dir.Sub(".github/workflows")
	if !ok {
		return nil
	}
	var out []string
	for name := range sub.Files() {
		if strings.HasSuffix(name, "."+ext) && !strings.Contains(name, "/") && len(out) < 20 {
			out = append(out, ".github/workflows/"+name)
		}
	}
	return out
}

// readDockerfiles reads the Dockerfiles that the repository brings for the unit.
func (p *project) readDockerfiles() {
	names := []string{"Dockerfile"}
	for _, dir := range []string{"docker", "build", "deploy", "deployments", "cmd", ".docker"} {
		sub, ok := p.dir.Sub(dir)
		if !ok {
			continue
		}
		for name := range sub.Files() {
			if base := path.Base(name); strings.HasPrefix(base, "Dockerfile") && strings.Count(name, "/") < 3 && len(names) < 12 {
				names = append(names, path.Join(dir, name))
			}
		}
	}
	for _, name := range names {
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
	}
}

// notPrograms are directories whose main packages serve the developers.
var notPrograms = map[string]bool{
	"hack": true, "tools": true, "tool": true, "_tools": true, "script": true, "scripts": true, "misc": true, "contrib": true, "dev": true, "devtools": true,
	"ci": true, "build": true, "benchmark": true, "benchmarks": true, "bench": true, "demo": true, "demos": true, "_examples": true, "generate": true, "gen": true,
	"codegen": true, "internal": true, "mock": true, "mocks": true, "playground": true, "tutorial": true, "testing": true, "testutil": true, "fuzz": true, "magefiles": true, "templates": true,
}

// mains are the directories of the main packages, the most likely program first.
func (p *project) mains() []string {
	var out []string
	probed := 0
	for _, dir := range p.unit.dirs {
		if probed++; probed > maxProbe || len(out) >= maxMains {
			break
		}
		if !program(dir) || !p.isMain(dir) {
			continue
		}
		out = append(out, dir)
	}
	return out
}

// program reports whether a main package in a directory may be something that is deployed.
func program(dir string) bool {
	if dir == "." {
		return true
	}
	for _, part := range strings.Split(dir, "/") {
		if notPrograms[strings.ToLower(part)] {
			return false
		}
	}
	return true
}

// findImportPath decides below which path the packages of a GOPATH tree lie.
func (p *project) findImportPath(mains []string) {
	if p.importPath != "" {
		return
	}
	if f, ok := p.read(".travis.yml"); ok {
		if d, err := manifest.ParseYAML(f.Data); err == nil {
			if name, line, ok := d.Get("go_import_path"); ok {
				p.named(strings.TrimSuffix(name, "/"), f.Evidence(line))
			}
		}
	}
	p.pathBySelfImports(mains)
	p.pathByDockerfile()
	if p.importPath == "" {
		name := path.Base(p.dir.Path)
		if p.dir.Path == "." {
			name = "app"
		}
		p.importPath = detect.CleanName(name)
	}
}

// pathBySelfImports looks for imports that end in a directory of the unit: what stands before is its path.
func (p *project) pathBySelfImports(mains []string) {
	votes := map[string]int{}
	first := map[string]detect.Evidence{}
	dirs := append(mains[:len(mains):len(mains)], p.unit.dirs...)
	for n, dir := range dirs {
		if n > 60 || p.importPath != "" {
			break
		}
		for _, f := range p.load(dir).files {
			for _, i := range f.imports {
				if prefix := p.prefixOf(i.path); prefix != "" && plainImport(prefix) {
					if votes[prefix]++; votes[prefix] == 1 {
						first[prefix] = f.evidence(i)
					}
				}
			}
		}
	}
	best := ""
	for prefix, n := range votes {
		if best == "" || n > votes[best] || n == votes[best] && prefix < best {
			best = prefix
		}
	}
	if best != "" {
		p.named(best, first[best])
	}
}

// prefixOf is what stands before a directory of the unit in an import path; "" when it ends in none. Short names of common
// packages prove nothing unless the path names a host.
func (p *project) prefixOf(imported string) string {
	parts := strings.Split(imported, "/")
	for i := 1; i < len(parts); i++ {
		rest := strings.Join(parts[i:], "/")
		if !p.unit.has[rest] {
			continue
		}
		host := strings.Contains(parts[0], ".")
		if host && i < 3 && parts[0] != "gopkg.in" || !host && standard[parts[0]] {
			continue
		}
		if _, vendored := p.versions[imported]; vendored {
			return ""
		}
		return strings.Join(parts[:i], "/")
	}
	return ""
}

// standard are the first parts of import paths of the standard library.
var standard = map[string]bool{
	"archive": true, "compress": true, "container": true, "crypto": true, "database": true, "debug": true, "encoding": true, "go": true, "hash": true, "html": true,
	"image": true, "index": true, "io": true, "log": true, "math": true, "mime": true, "net": true, "os": true, "path": true, "regexp": true, "runtime": true,
	"sync": true, "testing": true, "text": true, "unicode": true,
}

// pathByDockerfile looks for the directory below GOPATH that an existing Dockerfile puts the sources in.
func (p *project) pathByDockerfile() {
	for _, d := range p.docker {
		for i, text := range strings.Split(string(d.file.Data), "\n") {
			_, after, ok := strings.Cut(text, "/go/src/")
			if !ok {
				if _, after, ok = strings.Cut(text, "$GOPATH/src/"); !ok {
					continue
				}
			}
			fields := strings.FieldsFunc(after, func(r rune) bool { return strings.ContainsRune(" \t\"',;&]\r", r) })
			if len(fields) > 0 && strings.Contains(fields[0], "/") {
				name := strings.TrimSuffix(fields[0], "/")
				for _, dir := range p.unit.dirs {
					if dir != "." {
						name = strings.TrimSuffix(name, "/"+dir)
					}
				}
				p.named(name, d.file.Evidence(i+1))
			}
		}
	}
}

// local is the directory of a package of the unit by its import path.
func (p *project) local(imported string) (string, bool) {
	if p.mode == "workspace" && p.unit.has["src/"+imported] {
		return "src/" + imported, true
	}
	if imported == p.importPath {
		return ".", p.unit.has["."]
	}
	if rel, ok := strings.CutPrefix(imported, p.importPath+"/"); ok && p.importPath != "" {
		return rel, p.unit.has[rel]
	}
	return "", false
}

// closure are the files that a main package is built from, its own first, each package after the one that imports it.
func (p *project) closure(main string) []*goFile {
	var out []*goFile
	queue := []string{main}
	seen := map[string]bool{main: true}
	for len(queue) > 0 {
		dir := queue[0]
		queue = queue[1:]
		pk := p.load(dir)
		var next []string
		for _, f := range pk.files {
			if pk.name == "main" && f.name != "main" {
				continue
			}
			out = append(out, f)
			for _, i := range f.imports {
				if to, ok := p.local(i.path); ok && !seen[to] {
					seen[to] = true
					next = append(next, to)
				}
			}
		}
		sort.Strings(next)
		queue = append(queue, next...)
	}
	return out
}
