package node

import (
	"errors"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// project is a directory that may hold an application, with its manifests read.
type project struct {
	dir   detect.Dir
	at    string // where its package.json lies, relative to dir: "" or a directory with a slash behind it
	pkg   *pkg
	bower *pkg
	ws    *workspace // that the directory is a member of; nil: none
	lock  *lock      // of the directory or of its workspace

	procfile []manifest.Process
	procFile detect.File
	ci       []ciFile
	docker   []dockerFile

	code     []codeFile // the application's own server code
	codeRead bool
	serverAt *codeFile // the code that makes it a server
	// publicPort is port 80 as the code names it, which counts when nothing else says a port.
	publicPort detect.Value[int]
	envReads   []envRead
}

type ciFile struct {
	*manifest.CI
	file detect.File
}

type dockerFile struct {
	*manifest.Dockerfile
	file detect.File
}

// open reads the manifests of a directory.
func open(dir detect.Dir) *project {
	p := &project{dir: dir}
	p.pkg = p.readPkg("package.json")
	p.displaced()
	p.bower = p.readPkg("bower.json")
	p.ws = p.findWorkspace()
	p.findLock()
	if f, ok := p.read("Procfile"); ok {
		procs, err := manifest.ParseProcfile(f.Data)
		if err != nil {
			p.warn(f, err)
		}
		p.procfile, p.procFile = procs, f
	}
	p.readCI()
	p.readDocker()
	return p
}

// displaced finds the application of a package.json that is put in its place by an installer: what it starts does not lie beside
// it, but in the directory above, which has none.
func (p *project) displaced() {
	up, ok := p.dir.Sub("..")
	if p.pkg == nil || p.dir.Path == "." || !ok || up.Has("package.json") {
		return
	}
	main, _ := p.pkg.get("main")
	start, _, _ := p.pkg.script("start")
	found := false
	for _, name := range append(strings.Fields(start), main) {
		if path.Ext(name) != ".js" || path.IsAbs(name) || strings.HasPrefix(name, "..") {
			continue
		}
		if p.dir.Has(name) || !up.Has(name) {
			return
		}
		found = true
	}
	if found {
		p.at = path.Base(p.dir.Path) + "/"
		p.dir = up
	}
}

// read returns a text file of the directory. Binary data is warned of and left out.
func (p *project) read(name string) (detect.File, bool) {
	f, err := p.dir.Read(name)
	if err != nil {
		return detect.File{}, false
	}
	if i := strings.IndexByte(string(f.Data[:min(len(f.Data), 8000)]), 0); i >= 0 {
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

func (p *project) readPkg(name string) *pkg {
	f, ok := p.read(name)
	if !ok {
		return nil
	}
	out, err := parsePkg(f)
	if err != nil {
		p.warn(f, err)
		return nil
	}
	return out
}

// json reads a JSON file of the directory. Comments, which several tools allow in theirs, are no reason to warn.
func (p *project) json(name string) (detect.File, *manifest.Doc, bool) {
	f, ok := p.read(name)
	if !ok {
		return f, nil, false
	}
	doc, err := manifest.ParseJSON(f.Data)
	if err != nil {
		return f, nil, false
	}
	return f, doc, true
}

func (p *project) yaml(name string) (detect.File, *manifest.Doc, bool) {
	f, ok := p.read(name)
	if !ok {
		return f, nil, false
	}
	doc, err := manifest.ParseYAML(f.Data)
	if err != nil {
		p.warn(f, err)
		return f, nil, false
	}
	return f, doc, true
}

// findLock reads the lock file of the directory, or of the workspace that it is a member of.
func (p *project) findLock() {
	ups := []string{p.at}
	if p.ws != nil && p.ws.up != "" {
		ups = []string{p.ws.up, ""}
	}
	for _, up := range ups {
		for _, l := range lockNames {
			if !p.dir.Has(up + l.file) {
				continue
			}
			if f, ok := p.read(up + l.file); ok {
				p.lock = &lock{name: l.file, manager: l.manager, file: f}
				if i := strings.Index(string(f.Data), "\n<<<<<<< "); i >= 0 {
					p.dir.Warn(f.Path, lineOf(f.Data, i+1), "an unresolved merge conflict: what lies between its marks is doubtful")
				}
				return
			}
		}
	}
}

// readCI reads the CI files of the directory, or of the repository's root when the application lies below it.
func (p *project) readCI() {
	dirs := []string{""}
	if p.dir.Path != "." {
		dirs = append(dirs, strings.Repeat("../", 1+strings.Count(p.dir.Path, "/")))
	}
	for _, up := range dirs {
		rootDir, ok := p.dir.Sub(up)
		if !ok {
			continue
		}
		names := []string{".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml", "circle.yml", "appveyor.yml", ".appveyor.yml", "Jenkinsfile"}
		names = append(names, workflows(rootDir)...)
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
		if len(p.ci) > 0 {
			return
		}
	}
}

// workflows are GitHub's CI files, found once in a run.
func workflows(dir detect.Dir) []string {
	v, _ := dir.Memo("node/workflows/"+dir.Path, func() any { return dir.Glob(".github/workflows/*.{yml,yaml}") }).([]string)
	return v
}

// readDocker reads the Dockerfiles that build the directory: in it, or in a folder of it that is named for Docker.
func (p *project) readDocker() {
	names := []string{"Dockerfile", "docker/Dockerfile", ".docker/Dockerfile", "Dockerfile.prod", "Dockerfile-production", "Dockerfile.production", "deploy/Dockerfile", "deployment/Dockerfile", "deployments/Dockerfile", "dev/build/Dockerfile"}
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

// found is a package that the application asks for.
type found struct {
	dep
	version  string // as precise as known; may be empty
	from     detect.Origin
	evidence []detect.Evidence
}

// dep returns a package that package.json asks for, in any of its lists.
func (p *project) dep(name string) (found, bool) {
	if p.pkg == nil {
		return found{}, false
	}
	d, ok := p.pkg.deps[name]
	if !ok {
		return found{}, false
	}
	f := found{dep: d, from: detect.Declared, evidence: []detect.Evidence{p.pkg.file.Evidence(d.line)}}
	if p.lock != nil {
		if v, line := p.lock.version(name, d.wanted); v != "" {
			f.version, f.from = v, detect.Locked
			f.evidence = append([]detect.Evidence{p.lock.file.Evidence(line)}, f.evidence...)
			return f, true
		}
	}
	f.version = floor(d.wanted)
	return f, true
}

// running returns a package that is installed where the application runs.
func (p *project) running(name string) (found, bool) {
	if p.pkg == nil || !p.pkg.deps[name].runs() {
		return found{}, false
	}
	return p.dep(name)
}

// has reports whether package.json asks for a package, in any of its lists.
func (p *project) has(names ...string) bool {
	if p.pkg == nil {
		return false
	}
	for _, n := range names {
		if _, ok := p.pkg.deps[n]; ok {
			return true
		}
	}
	return false
}

// first returns the first of several packages that package.json asks for.
func (p *project) first(names ...string) (found, bool) {
	for _, n := range names {
		if f, ok := p.dep(n); ok {
			return f, true
		}
	}
	return found{}, false
}

// marker is the evidence that this is a project of Node's tools.
func (p *project) marker() detect.Evidence {
	switch {
	case p.pkg != nil:
		return p.pkg.file.Evidence(0)
	case p.bower != nil:
		return p.bower.file.Evidence(0)
	}
	return p.whole(".meteor/release")
}

// whole is the evidence of a file as a whole.
func (p *project) whole(name string) detect.Evidence {
	rel, _ := p.dir.Rel(name)
	return detect.Evidence{File: path.Clean(rel)}
}
