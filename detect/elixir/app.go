package elixir

import (
	"bytes"
	"errors"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// app is a Mix project, or an umbrella with its applications, with its manifests and settings read.
type app struct {
	dir      detect.Dir
	projects []projectAt // the project itself first, then the applications of an umbrella
	lock     map[string]lockEntry
	lockFile detect.File
	configs  []configAt
	procfile []manifest.Process
	procFile detect.File
	ci       []ciFile
	docker   []dockerFile
	compose  []composeService
	sources  []source
	env      []envRead
}

type projectAt struct {
	*project
	file detect.File
	dir  string // relative to the app's directory: "." or "apps/web"
}

type configAt struct {
	*configFile
	file detect.File
	name string // relative to the app's directory
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

// source is a file of code that was read.
type source struct {
	name string
	file detect.File
}

// open reads the manifests of a directory that holds a mix.exs.
func open(dir detect.Dir) (*app, bool) {
	a := &app{dir: dir}
	if !a.readProject(".") {
		return nil, false
	}
	if apps := a.projects[0].appsPath; apps != "" && !strings.HasPrefix(apps, "..") {
		names := dir.Named("mix.exs")
		for _, name := range names {
			if d := path.Dir(name); path.Dir(d) == path.Clean(apps) && len(a.projects) < 40 {
				a.readProject(d)
			}
		}
	}
	if f, ok := a.read("mix.lock"); ok {
		a.lock, a.lockFile = parseLock(f.Data), f
		if i := bytes.Index(f.Data, []byte("\n<<<<<<< ")); i >= 0 {
			dir.Warn(f.Path, 2+bytes.Count(f.Data[:i], []byte{'\n'}), "an unresolved merge conflict: what lies between its marks is doubtful")
		} else if len(a.lock) == 0 && len(bytes.TrimSpace(f.Data)) > 5 {
			dir.Warn(f.Path, 0, "no package could be read from it")
		}
	}
	a.readConfigs()
	a.readProcfile()
	a.readCI()
	a.readDockerfiles()
	a.readCompose()
	return a, true
}

func (a *app) readProject(dir string) bool {
	f, ok := a.read(path.Join(dir, "mix.exs"))
	if !ok {
		return false
	}
	p := parseMix(f.Data)
	if dir == "." && p.app == "" && p.appsPath == "" {
		return false
	}
	a.projects = append(a.projects, projectAt{p, f, dir})
	return true
}

// read returns a file of the directory. Binary data is not read as text; it is warned of.
func (a *app) read(name string) (detect.File, bool) {
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

// maxConfigs bounds the configuration files that are read.
const maxConfigs = 60

// readConfigs reads what production reads: config/ without the files of development and tests.
func (a *app) readConfigs() {
	for _, p := range a.projects {
		for _, name := range a.dir.Glob(path.Join(p.dir, "config/**/*.exs")) {
			if configRank(name) == 0 || len(a.configs) >= maxConfigs {
				continue
			}
			if f, ok := a.read(name); ok {
				a.configs = append(a.configs, configAt{parseConfig(f.Data), f, name})
			}
		}
	}
	for i := 0; i < len(a.configs) && len(a.configs) < maxConfigs; i++ { // what they import by name
		for _, imported := range a.configs[i].imports {
			name := path.Join(path.Dir(a.configs[i].name), imported.value)
			if f, ok := a.read(name); ok && !slices.ContainsFunc(a.configs, func(c configAt) bool { return c.name == name }) {
				a.configs = append(a.configs, configAt{parseConfig(f.Data), f, name})
			}
		}
	}
	sort.SliceStable(a.configs, func(i, j int) bool { return configRank(a.configs[i].name) > configRank(a.configs[j].name) })
}

// configRank orders configuration files: what is read last wins. 0: one that production does not read by itself.
func configRank(name string) int {
	switch base := path.Base(name); {
	case base == "runtime.exs":
		return 5
	case base == "releases.exs":
		return 4
	case strings.HasPrefix(base, "prod.secret"):
		return 3
	case strings.HasPrefix(base, "prod"):
		return 2
	case base == "config.exs":
		return 1
	}
	return 0
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

func (a *app) readCI() {
	root, ok := a.dir.Sub(a.up())
	if !ok {
		return
	}
	names := []string{".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml", "circle.yml", "Jenkinsfile"}
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

func (a *app) readDockerfiles() {
	names := append([]string{"Dockerfile"}, a.dir.Glob("{Dockerfile.*,*.Dockerfile,docker/**/Dockerfile*,.docker/**/Dockerfile*}")...)
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

// readSources reads the code: what starts and serves the application first.
func (a *app) readSources() {
	var names []string
	for name := range a.dir.Files() {
		ext := path.Ext(name)
		if ext != ".ex" && !(ext == ".exs" && strings.HasPrefix(name, "rel/")) || !detect.Ours(path.Dir(name)) || notOwn(name) {
			continue
		}
		names = append(names, name)
	}
	telling := func(name string) int {
		base := path.Base(name)
		switch {
		case base == "endpoint.ex", base == "application.ex", base == "router.ex", base == "release.ex", base == "repo.ex":
			return 0
		case strings.Contains(name, "config"):
			return 1
		}
		return 2 + strings.Count(name, "/")
	}
	sort.SliceStable(names, func(i, j int) bool { return telling(names[i]) < telling(names[j]) })
	size := 0
	for _, name := range names {
		if len(a.sources) >= maxSources || size > maxBytes {
			return
		}
		if f, ok := a.read(name); ok {
			a.sources = append(a.sources, source{name, f})
			size += len(f.Data)
		}
	}
}

// notOwn reports whether a path lies in what Mix fetched or made.
func notOwn(name string) bool {
	for _, part := range strings.Split(path.Dir(name), "/") {
		if part == "deps" || part == "_build" || part == "priv" {
			return true
		}
	}
	return false
}

// find returns the first line of the code that a test accepts; files without the hint are passed over.
func (a *app) find(hint string, accept func(line string) bool) (source, int, bool) {
	for _, s := range a.sources {
		if n, ok := lineOf(s.file, hint, accept); ok {
			return s, n, true
		}
	}
	return source{}, 0, false
}

// lineOf returns the first line of a file that a test accepts, from 1.
func lineOf(f detect.File, hint string, accept func(line string) bool) (int, bool) {
	if !bytes.Contains(f.Data, []byte(hint)) {
		return 0, false
	}
	for i, s := range strings.Split(string(f.Data), "\n") {
		s = strings.TrimSpace(s)
		if strings.HasPrefix(s, "#") || !strings.Contains(s, hint) {
			continue
		}
		if accept == nil || accept(s) {
			return i + 1, true
		}
	}
	return 0, false
}

// pkg is a package that production gets.
type pkg struct {
	name     string
	version  string // as precise as known; may be empty
	from     detect.Origin
	direct   bool
	evidence []detect.Evidence
}

// dep returns a package that the projects ask for in production.
func (a *app) dep(name string) (pkg, bool) {
	for _, p := range a.projects {
		for _, d := range p.deps {
			if d.name != name || !d.production() || d.umbrella {
				continue
			}
			out := pkg{name: name, from: detect.Declared, direct: true, evidence: []detect.Evidence{p.file.Evidence(d.line)}}
			if l, ok := a.lock[name]; ok && l.version != "" {
				out.version, out.from = l.version, detect.Locked
				out.evidence = append([]detect.Evidence{a.lockFile.Evidence(l.line)}, out.evidence...)
			} else {
				out.version = floor(d.requirement)
			}
			return out, true
		}
	}
	return pkg{}, false
}

// firstDep returns the first of several packages that the projects ask for.
func (a *app) firstDep(names ...string) (pkg, bool) {
	for _, n := range names {
		if p, ok := a.dep(n); ok {
			return p, true
		}
	}
	return pkg{}, false
}

// main is the project itself.
func (a *app) main() projectAt { return a.projects[0] }

// umbrella reports whether the project only holds applications.
func (a *app) umbrella() bool { return a.main().appsPath != "" }

// settingsOf returns the settings that production gets whose module or application a test accepts, the strongest file first.
func (a *app) settingsOf(accept func(s setting) bool, fn func(c configAt, s setting) bool) {
	for _, c := range a.configs {
		for _, s := range c.settings {
			if accept(s) && !fn(c, s) {
				return
			}
		}
	}
}
