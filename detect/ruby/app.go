package ruby

import (
	"errors"
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// app is a directory that may hold a Ruby application, with its manifests read.
type app struct {
	dir      detect.Dir
	gemfile  *gemfile
	gemFile  detect.File // of gemfile
	lock     *lockfile
	lockFile detect.File
	specs    []specFile
	procfile []manifest.Process
	procFile detect.File
	ci       []ciFile

	production map[string]bool // gems that are installed without the groups development and test
	direct     map[string]bool // of those, the ones that the application itself asks for
	code       map[string][]statement
	docker     []dockerFile
	services   []composeService
	envReads   []envRead
}

type specFile struct {
	*gemspec
	file detect.File
}

type ciFile struct {
	*manifest.CI
	file detect.File
}

// open reads the manifests of a directory.
func open(dir detect.Dir) *app {
	a := &app{dir: dir, code: map[string][]statement{}}
	for _, name := range []string{"Gemfile", "gems.rb"} {
		if f, ok := a.read(name); ok {
			a.gemfile, a.gemFile = parseGemfile(f.Data), f
			break
		}
	}
	for _, name := range []string{"Gemfile.lock", "gems.locked"} {
		if f, ok := a.read(name); ok {
			a.lock, a.lockFile = parseLockfile(f.Data), f
			if a.lock.conflict > 0 {
				dir.Warn(f.Path, a.lock.conflict, "an unresolved merge conflict: what lies between its marks is doubtful")
			} else if len(a.lock.specs) == 0 && len(f.Data) > 0 {
				dir.Warn(f.Path, 0, "no gem could be read from it")
			}
			break
		}
	}
	for _, name := range dir.Glob("*.gemspec") {
		if f, ok := a.read(name); ok {
			a.specs = append(a.specs, specFile{parseGemspec(f.Data), f})
		}
	}
	a.readProcfile()
	a.readCI()
	a.readDockerfiles()
	a.readCompose()
	a.closure()
	return a
}

// read returns a file of the directory. Binary data is not read as text; it is warned of.
func (a *app) read(name string) (detect.File, bool) {
	f, err := a.dir.Read(name)
	if err != nil {
		return detect.File{}, false
	}
	if i := strings.IndexByte(string(f.Data[:min(len(f.Data), 8000)]), 0); i >= 0 {
		a.dir.Warn(f.Path, 0, "holds binary data and is left out")
		return detect.File{}, false
	}
	return f, true
}

// statements returns the Ruby statements of a file, read once.
func (a *app) statements(name string) ([]statement, detect.File, bool) {
	f, ok := a.read(name)
	if !ok {
		return nil, f, false
	}
	s, have := a.code[name]
	if !have {
		s = statements(f.Data)
		a.code[name] = s
	}
	return s, f, true
}

// warn keeps what a parser of package manifest could not read.
func (a *app) warn(f detect.File, err error) {
	line, msg := 0, err.Error()
	var e *manifest.Error
	if errors.As(err, &e) {
		line, msg = e.Line, e.Msg
	}
	a.dir.Warn(f.Path, line, msg)
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

// readCI reads the CI files of the directory, or of the repository's root when the application lies below it.
func (a *app) readCI() {
	dirs := []string{""}
	if a.dir.Path != "." {
		dirs = append(dirs, strings.Repeat("../", 1+strings.Count(a.dir.Path, "/")))
	}
	for _, up := range dirs {
		root, ok := a.dir.Sub(up)
		if !ok {
			continue
		}
		names := []string{".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml", "circle.yml", "appveyor.yml", ".appveyor.yml", "Jenkinsfile"}
		names = append(names, root.Glob(".github/workflows/*.{yml,yaml}")...)
		for _, name := range names {
			f, ok := a.read(up + name)
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
		if len(a.ci) > 0 {
			return
		}
	}
}

// closure finds out which gems production gets.
func (a *app) closure() {
	a.production, a.direct = map[string]bool{}, map[string]bool{}
	other := map[string]bool{} // only in groups or for platforms that production does without
	for _, g := range a.gemLines() {
		if g.production() {
			a.direct[g.name] = true
		} else {
			other[g.name] = true
		}
	}
	if a.lock != nil {
		for name := range a.lock.dependencies {
			if !other[name] {
				a.direct[name] = true
			}
		}
		var roots []string
		for name := range a.direct {
			roots = append(roots, name)
		}
		a.production = a.lock.closure(roots)
		return
	}
	for name := range a.direct {
		a.production[name] = true
	}
}

// gemLines returns what the Gemfile, the gemspecs that it takes in and Rails 2's config.gem ask for.
func (a *app) gemLines() []gemLine {
	var out []gemLine
	if a.gemfile != nil {
		out = append(out, a.gemfile.gems...)
	}
	if a.gemfile == nil || a.gemfile.usesSpec > 0 || mentionsGemspec(a.gemfile) {
		for _, s := range a.specs {
			out = append(out, s.gems...)
		}
	}
	if a.gemfile == nil {
		ss, _, _ := a.statements("config/environment.rb")
		for _, s := range ss {
			if c, ok := parseCall(s.text); ok && c.name == "config.gem" && len(c.args) > 0 && c.args[0] != "" {
				out = append(out, gemLine{name: c.args[0], constraints: c.options["version"], line: s.line, options: c.options})
			}
		}
	}
	return out
}

// mentionsGemspec reports whether the Gemfile loads a gemspec by code.
func mentionsGemspec(g *gemfile) bool {
	for _, f := range g.reads {
		if path.Ext(f) == ".gemspec" {
			return true
		}
	}
	return false
}

// found is a gem that production gets.
type found struct {
	name     string
	version  string // as precise as known; may be empty
	from     detect.Origin
	direct   bool
	evidence []detect.Evidence
}

// gem returns a gem that production gets.
func (a *app) gem(name string) (found, bool) {
	if !a.production[name] {
		return found{}, false
	}
	return a.anyGem(name)
}

// anyGem returns a gem of any group.
func (a *app) anyGem(name string) (found, bool) {
	g := found{name: name, direct: a.direct[name], from: detect.Declared}
	if a.lock != nil {
		if s, ok := a.lock.specs[name]; ok {
			g.version, g.from = s.version, detect.Locked
			g.evidence = append(g.evidence, a.lockFile.Evidence(s.line))
		}
	}
	for _, l := range a.gemLinesWithFile() {
		if l.name != name {
			continue
		}
		g.evidence = append(g.evidence, l.file.Evidence(l.line))
		if g.version == "" {
			if v, _ := floor(l.constraints); v != "" {
				g.version = v
			}
		}
		break
	}
	return g, len(g.evidence) > 0
}

type gemLineIn struct {
	gemLine
	file detect.File
}

// gemLinesWithFile returns gemLines with the file that each stands in.
func (a *app) gemLinesWithFile() []gemLineIn {
	var out []gemLineIn
	if a.gemfile != nil {
		for _, l := range a.gemfile.gems {
			out = append(out, gemLineIn{l, a.gemFile})
		}
	}
	for _, s := range a.specs {
		for _, l := range s.gems {
			out = append(out, gemLineIn{l, s.file})
		}
	}
	if a.gemfile == nil && len(a.specs) == 0 {
		if f, ok := a.read("config/environment.rb"); ok {
			for _, l := range a.gemLines() {
				out = append(out, gemLineIn{l, f})
			}
		}
	}
	return out
}

// firstGem returns the first of several gems that production gets.
func (a *app) firstGem(names ...string) (found, bool) {
	for _, n := range names {
		if g, ok := a.gem(n); ok {
			return g, true
		}
	}
	return found{}, false
}

// has reports whether production gets a gem.
func (a *app) has(name string) bool { return a.production[name] }

// sorted returns the keys of a set in order.
func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// grep returns the first statement of a file whose text holds what match accepts, with its evidence.
func (a *app) grep(name string, match func(string) bool) (statement, detect.Evidence, bool) {
	ss, f, ok := a.statements(name)
	if !ok {
		return statement{}, detect.Evidence{}, false
	}
	for _, s := range ss {
		if match(s.text) {
			return s, f.Evidence(s.line), true
		}
	}
	return statement{}, detect.Evidence{}, false
}
