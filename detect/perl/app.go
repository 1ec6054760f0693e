package perl

import (
	"bytes"
	"errors"
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// app is a directory that may hold a Perl application, with its manifests and sources read.
type app struct {
	dir       detect.Dir
	manifests []manifestAt
	snapshot  map[string]locked
	snapFile  detect.File
	procfile  []manifest.Process
	procFile  detect.File
	ci        []ciFile
	docker    []dockerFile
	compose   []composeService

	files   files
	sources []*source
	byName  map[string]*source
	modules map[string]moduleUse // modules that the code loads
	env     []envRead            // nil: not looked for yet
	conns   []connection         // likewise
	strange []strange            // likewise: the result of foreignModules
}

type manifestAt struct {
	*manifestFile
	file detect.File
}

type ciFile struct {
	*manifest.CI
	file detect.File
}

type dockerFile struct {
	*manifest.Dockerfile
	file detect.File
}

type composeService struct {
	manifest.ComposeService
	file detect.File
}

// files are the paths below the directory that hold Perl, by what they are, relative to it.
type files struct {
	cgi     []string // .cgi and .fcgi, and .pl in a directory of CGI programs
	psgi    []string
	scripts []string // .pl, and programs without an ending in bin and script
	modules []string // .pm
	tests   bool
	own     map[string]bool // the modules that the application brings, by name: "My::App"
	tails   map[string]bool // the same names without what stands first: "App"
}

// source is a file of Perl code that was read.
type source struct {
	name  string // relative to the directory
	file  detect.File
	lines []line
	uses  []use
}

// moduleUse is the first place where a module is loaded.
type moduleUse struct {
	src  *source
	line int
}

// open reads the manifests of a directory and lists its files.
func open(dir detect.Dir) *app {
	a := &app{dir: dir, byName: map[string]*source{}, modules: map[string]moduleUse{}}
	a.list()
	a.readManifests()
	a.readProcfile()
	a.readCI()
	a.readDockerfiles()
	a.readCompose()
	return a
}

// read returns a file of the directory. Binary data is not read as text; it is warned of.
func (a *app) read(name string) (detect.File, bool) {
	if strings.HasSuffix(name, "/") || name == "" {
		return detect.File{}, false
	}
	f, err := a.dir.Read(name)
	if err != nil {
		return detect.File{}, false
	}
	if bytes.IndexByte(f.Data[:min(len(f.Data), 8000)], 0) >= 0 {
		a.dir.Warn(f.Path, 0, "holds binary data and is left out")
		return detect.File{}, false
	}
	return f, true
}

// warn keeps what a parser of package manifest could not read.
func (a *app) warn(f detect.File, err error) {
	at, msg := 0, err.Error()
	var e *manifest.Error
	if errors.As(err, &e) {
		at, msg = e.Line, e.Msg
	}
	a.dir.Warn(f.Path, at, msg)
}

// notOwn are directories of a Perl project that hold tests, installed modules or what a build made.
var notOwn = map[string]bool{"t": true, "xt": true, "local": true, "inc": true, "blib": true, "extlib": true, "perl5": true, "cover_db": true, "contrib": true}

// ownFile reports whether a path belongs to the application itself.
func ownFile(name string) bool {
	dir := path.Dir(name)
	if dir == "." {
		return true
	}
	if !detect.Ours(dir) {
		return false
	}
	for dir != "." {
		if notOwn[path.Base(dir)] {
			return false
		}
		dir = path.Dir(dir)
	}
	return true
}

// list sorts the files below the directory.
func (a *app) list() {
	a.files.own, a.files.tails = map[string]bool{}, map[string]bool{}
	for name := range a.dir.Files() {
		ext := path.Ext(name)
		switch ext {
		case ".pm", ".pl", ".cgi", ".fcgi", ".psgi":
		case "":
			if !programDir(path.Base(path.Dir(name))) {
				continue
			}
		case ".t":
			a.files.tests = true
			continue
		default:
			continue
		}
		if !ownFile(name) {
			continue
		}
		switch ext {
		case ".pm":
			a.files.modules = append(a.files.modules, name)
			a.files.own[moduleOf(name)] = true
			for _, t := range tails(moduleOf(name)) {
				a.files.tails[t] = true
			}
		case ".psgi":
			a.files.psgi = append(a.files.psgi, name)
		case ".cgi", ".fcgi":
			a.files.cgi = append(a.files.cgi, name)
		case ".pl":
			if cgiDir(path.Dir(name)) {
				a.files.cgi = append(a.files.cgi, name)
			} else {
				a.files.scripts = append(a.files.scripts, name)
			}
		default:
			a.files.scripts = append(a.files.scripts, name)
		}
	}
	for _, list := range [][]string{a.files.cgi, a.files.psgi, a.files.scripts, a.files.modules} {
		shallowFirst(list)
	}
}

// shallowFirst orders paths by depth, then by name.
func shallowFirst(list []string) {
	sort.SliceStable(list, func(i, j int) bool {
		if a, b := strings.Count(list[i], "/"), strings.Count(list[j], "/"); a != b {
			return a < b
		}
		return list[i] < list[j]
	})
}

func programDir(base string) bool { return base == "bin" || base == "script" || base == "scripts" }

// cgiDir reports whether one of the parts of a path is a directory of CGI programs.
func cgiDir(dir string) bool {
	for ; dir != "." && dir != "/"; dir = path.Dir(dir) {
		switch strings.ToLower(path.Base(dir)) {
		case "cgi-bin", "cgi", "cgibin", "cgi-local", "fcgi-bin":
			return true
		}
	}
	return false
}

// moduleOf is the name of the module that a file holds: "lib/My/App.pm" holds My::App.
func moduleOf(name string) string {
	name = strings.TrimSuffix(name, ".pm")
	if i := strings.LastIndex("/"+name, "/lib/"); i >= 0 {
		name = name[i+len("lib/"):]
	}
	return strings.ReplaceAll(name, "/", "::")
}

// tails are the names by which a module is loaded where the search starts at a directory below the application's.
func tails(module string) []string {
	var out []string
	for len(out) < 8 {
		_, rest, ok := strings.Cut(module, "::")
		if !ok {
			break
		}
		out = append(out, rest)
		module = rest
	}
	return out
}

// manifestNames are the files that say which modules are needed, the most telling first.
var manifestNames = []string{"cpanfile", "Makefile.PL", "Build.PL", "dist.ini"}

// manifestDirs are directories below the application's in which its manifest may stand.
var manifestDirs = []string{"", "tools/", "build/", "conf/", "etc/", "perl/", "scripts/"}

func (a *app) readManifests() {
	for _, dir := range manifestDirs {
		for _, name := range manifestNames {
			if !a.dir.Has(dir + name) {
				continue
			}
			f, ok := a.read(dir + name)
			if !ok {
				continue
			}
			m := manifestAt{nil, f}
			if name == "dist.ini" {
				m.manifestFile = parseDistINI(f.Data)
			} else {
				m.manifestFile = parseManifest(f.Data)
			}
			if bytes.Contains(f.Data, []byte("\n<<<<<<< ")) {
				a.dir.Warn(f.Path, 0, "an unresolved merge conflict: what lies between its marks is doubtful")
			}
			a.manifests = append(a.manifests, m)
		}
		if len(a.manifests) > 0 {
			break
		}
	}
	if len(a.manifests) == 0 {
		return
	}
	if f, ok := a.read(a.manifestPath("cpanfile.snapshot")); ok {
		a.snapshot, a.snapFile = parseSnapshot(f.Data), f
		if len(a.snapshot) == 0 && len(f.Data) > 0 {
			a.dir.Warn(f.Path, 0, "no module could be read from it")
		}
	}
}

// manifestPath is a name in the directory of the first manifest, relative to the application's.
func (a *app) manifestPath(name string) string {
	rel := a.manifests[0].file.Path
	if a.dir.Path != "." {
		rel = strings.TrimPrefix(rel, a.dir.Path+"/")
	}
	return path.Join(path.Dir(rel), name)
}

func (a *app) readProcfile() {
	f, ok := a.read("Procfile")
	if !ok {
		return
	}
	procs, err := manifest.ParseProcfile(f.Data)
	if err != nil {
		a.warn(f, err)
	}
	a.procfile, a.procFile = procs, f
}

// up is the way from the directory to the repository's root: "", "../", "../../".
func (a *app) up() string {
	if a.dir.Path == "." {
		return ""
	}
	return strings.Repeat("../", 1+strings.Count(a.dir.Path, "/"))
}

// readCI reads the CI files of the directory, or of the repository's root.
func (a *app) readCI() {
	root, ok := a.dir.Sub(a.up())
	if !ok {
		return
	}
	names := []string{".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml", "circle.yml", "appveyor.yml", "Jenkinsfile"}
	names = append(names, root.Glob(".github/workflows/*.{yml,yaml}")...)
	for _, name := range names {
		f, ok := a.read(a.up() + name)
		if !ok {
			continue
		}
		ci, err := manifest.ParseCI(name, f.Data)
		if err != nil {
			a.warn(f, err)
			continue
		}
		a.ci = append(a.ci, ciFile{ci, f})
	}
}

// readDockerfiles reads the Dockerfiles that the repository brings: they state versions, ports and packages.
func (a *app) readDockerfiles() {
	var names []string
	for name := range a.dir.Files() {
		base := path.Base(name)
		if (base == "Dockerfile" || strings.HasPrefix(base, "Dockerfile.") || strings.HasSuffix(base, ".Dockerfile")) && strings.Count(name, "/") < 4 {
			names = append(names, name)
		}
	}
	shallowFirst(names)
	for _, name := range names[:min(len(names), 8)] {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			a.warn(f, err)
			continue
		}
		a.docker = append(a.docker, dockerFile{d, f})
	}
}

func (a *app) readCompose() {
	for _, name := range []string{"docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"} {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		services, err := manifest.ParseCompose(f.Data)
		if err != nil {
			a.warn(f, err)
			continue
		}
		for _, s := range services {
			a.compose = append(a.compose, composeService{s, f})
		}
	}
}

// Bounds of reading sources: files and bytes.
const (
	maxSources = 400
	maxBytes   = 6 << 20
)

// readSources reads the code: what starts the application first, then its modules.
func (a *app) readSources() {
	bytes := 0
	for _, list := range [][]string{a.files.psgi, a.files.cgi, a.files.scripts, a.files.modules} {
		for _, name := range list {
			if len(a.sources) >= maxSources || bytes > maxBytes {
				return
			}
			s, ok := a.source(name)
			if ok {
				bytes += len(s.file.Data)
			}
		}
	}
}

// source returns a file of code, read once.
func (a *app) source(name string) (*source, bool) {
	if s, ok := a.byName[name]; ok {
		return s, s != nil
	}
	a.byName[name] = nil
	f, ok := a.read(name)
	if !ok || path.Ext(name) == "" && !perlProgram(f.Data) {
		return nil, false
	}
	s := &source{name: name, file: f, lines: code(f.Data)}
	s.uses = uses(s.lines)
	a.byName[name] = s
	a.sources = append(a.sources, s)
	for _, u := range s.uses {
		if _, have := a.modules[u.module]; !have {
			a.modules[u.module] = moduleUse{s, u.line}
		}
	}
	return s, true
}

// perlProgram reports whether a file without an ending starts as a Perl program does.
func perlProgram(data []byte) bool {
	first, _, _ := bytes.Cut(data[:min(len(data), 300)], []byte{'\n'})
	return bytes.HasPrefix(first, []byte("#!")) && bytes.Contains(first, []byte("perl"))
}

// wholeFile is the evidence of a file's first line of code, or of the file alone.
func (a *app) wholeFile(name string) detect.Evidence {
	if s, ok := a.source(name); ok && len(s.lines) > 0 {
		return s.file.Evidence(s.lines[0].number)
	}
	f, ok := a.read(name)
	if !ok {
		p, _ := a.dir.Rel(name)
		return detect.Evidence{File: p}
	}
	for i, t := range strings.Split(string(f.Data), "\n") {
		if t = strings.TrimSpace(t); t != "" && t[0] != '#' {
			return f.Evidence(i + 1)
		}
	}
	return detect.Evidence{File: f.Path}
}

// module is a module that the application needs at run time.
type module struct {
	name     string
	version  string // as precise as known; may be empty
	from     detect.Origin
	optional bool
	evidence []detect.Evidence
}

// needs returns a module that the manifests or the code ask for.
func (a *app) needs(name string) (module, bool) {
	m := module{name: name, from: detect.Declared, optional: true}
	if l, ok := a.snapshot[name]; ok && l.version != "undef" {
		m.version, m.from = strings.TrimPrefix(l.version, "v"), detect.Locked
	}
	asked := false
	for _, mf := range a.manifests {
		for _, r := range mf.requires {
			if r.module != name || r.phase != "runtime" && r.phase != "build" {
				continue
			}
			m.evidence = append(m.evidence, mf.file.Evidence(r.line))
			m.optional = m.optional && r.optional
			asked = true
			if m.version == "" {
				m.version = floor(r.version)
			}
			break
		}
	}
	if u, ok := a.modules[name]; ok {
		if len(m.evidence) < 2 {
			m.evidence = append(m.evidence, u.src.file.Evidence(u.line))
		}
		if len(a.manifests) == 0 || !asked {
			m.optional = false
		}
		asked = true
	}
	if !asked {
		return module{}, false
	}
	if m.from == detect.Locked {
		m.evidence = append([]detect.Evidence{a.snapFile.Evidence(a.snapshot[name].line)}, m.evidence...)
	}
	return m, true
}

// firstOf returns the first of several modules that the application needs.
func (a *app) firstOf(names ...string) (module, bool) {
	for _, n := range names {
		if m, ok := a.needs(n); ok {
			return m, true
		}
	}
	return module{}, false
}
