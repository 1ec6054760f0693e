package erlang

import (
	"bytes"
	"errors"
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// app is a directory that may hold an Erlang application, with its manifests and sources read.
type app struct {
	dir      detect.Dir
	build    string // rebar, make
	tool     string // rebar3, rebar, erlang.mk
	project  *project
	file     detect.File // of project
	relFile  detect.File // where the release is named
	lock     map[string]dep
	lockFile detect.File
	apps     []appAt
	procfile []manifest.Process
	procFile detect.File
	ci       []ciFile
	docker   []dockerFile
	compose  []composeService
	sources  []detect.File
	configs  []detect.File
	samples  []detect.File // settings in YAML that are there to be copied
	env      []envRead
	more     []project // rebar.config files of the applications below
	moreFile []detect.File
}

type appAt struct {
	application
	file detect.File
	dir  string
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

// open reads the manifests of a directory; ok is false when none of them is there.
func open(dir detect.Dir) (*app, bool) {
	a := &app{dir: dir, tool: "rebar3"}
	if f, ok := a.read("rebar.config"); ok {
		a.build, a.project, a.file, a.relFile = "rebar", parseRebar(f.Data), f, f
	} else if f, ok := a.read("Makefile"); ok {
		p, included := parseErlangMk(f.Data)
		if !included {
			return nil, false
		}
		a.build, a.tool, a.project, a.file = "make", "erlang.mk", p, f
		a.project.release = ""
	} else {
		return nil, false
	}
	if a.project.release == "" {
		a.findRelease()
	}
	if f, ok := a.read("rebar.lock"); ok {
		a.lock, a.lockFile = parseLock(f.Data), f
	}
	a.readApps()
	a.readProcfile()
	a.readCI()
	a.readDockerfiles()
	a.readCompose()
	return a, true
}

// findRelease looks for a release in relx.config, or in the directory that rebar 2 makes releases from.
func (a *app) findRelease() {
	if f, ok := a.read("relx.config"); ok {
		p := parseRebar(f.Data)
		if p.release != "" {
			a.project.release, a.project.relLine, a.relFile = p.release, p.relLine, f
		}
		return
	}
	for _, name := range append([]string{"rel/reltool.config", "rel/reltool.config.script"}, a.dir.Glob("rel/*/reltool.config")...) {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		walk(parseTerms(f.Data), func(t term) bool {
			if t.name() == "rel" && t.at(1).kind == text && t.at(1).text != "start_clean" {
				a.project.release, a.project.relLine, a.relFile = t.at(1).text, t.line, f
				a.project.reltool, a.tool = true, "rebar"
				return false
			}
			return true
		})
		return
	}
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

// Bounds of reading: applications, files and bytes of sources.
const (
	maxApps    = 60
	maxSources = 300
	maxBytes   = 6 << 20
)

// notOwn reports whether a path lies in what the build tool fetched or made.
func notOwn(name string) bool {
	for _, part := range strings.Split(path.Dir(name), "/") {
		switch part {
		case "deps", "_build", "_checkouts", ".rebar", "lib_dir", "ebin", "ct", "eunit", "plugins":
			return true
		}
	}
	return !detect.Ours(path.Dir(name))
}

// readApps reads the resource files, the settings and the sources of the applications.
func (a *app) readApps() {
	var sources []string
	for name := range a.dir.Files() {
		base := path.Base(name)
		switch {
		case notOwn(name):
		case strings.HasSuffix(base, ".app.src"), strings.HasSuffix(base, ".app.src.script"), strings.HasSuffix(base, ".app.src.in"):
			if f, ok := a.read(name); ok && len(a.apps) < maxApps {
				if x, ok := parseApp(f.Data); ok {
					a.apps = append(a.apps, appAt{x, f, path.Dir(path.Dir(name))})
				}
			}
		case base == "rebar.config" && name != base && strings.Count(name, "/") <= 2 && len(a.more) < maxApps:
			if f, ok := a.read(name); ok {
				a.more, a.moreFile = append(a.more, *parseRebar(f.Data)), append(a.moreFile, f)
			}
		case strings.HasSuffix(base, ".config") || strings.HasSuffix(base, ".config.src") || strings.HasSuffix(base, ".config.in") || base == "config.in":
			if dir := path.Dir(name); len(a.configs) < 30 && base != "rebar.config" && base != "relx.config" && base != "reltool.config" && base != "elvis.config" && (dir == "." || dir == "config" || dir == "rel" || dir == "rel/files" || dir == "priv" || dir == "etc") {
				if f, ok := a.read(name); ok {
					a.configs = append(a.configs, f)
				}
			}
		case sampleYAML(name):
			if f, ok := a.read(name); ok && len(a.samples) < 10 && len(f.Data) < 256<<10 {
				a.samples = append(a.samples, f)
			}
		case strings.HasSuffix(base, ".erl"):
			sources = append(sources, name)
		}
	}
	telling := func(name string) int {
		base := path.Base(name)
		if strings.HasSuffix(base, "_app.erl") || strings.HasSuffix(base, "_sup.erl") || strings.Contains(base, "http") || strings.Contains(base, "web") || strings.Contains(base, "config") {
			return 0
		}
		return 1
	}
	sort.SliceStable(sources, func(i, j int) bool { return telling(sources[i]) < telling(sources[j]) })
	size := 0
	for _, name := range sources {
		if len(a.sources) >= maxSources || size > maxBytes {
			return
		}
		if f, ok := a.read(name); ok {
			a.sources = append(a.sources, f)
			size += len(f.Data)
		}
	}
}

// sampleYAML reports whether a file is a sample of an application's own settings in YAML: "server.yml.example".
func sampleYAML(name string) bool {
	switch path.Dir(name) {
	case ".", "etc", "config", "conf", "priv", "rel/files":
		rest := manifest.WithoutSample(path.Base(name))
		return rest != path.Base(name) && (path.Ext(rest) == ".yml" || path.Ext(rest) == ".yaml")
	}
	return false
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
	names := []string{".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml", "circle.yml"}
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
	names := append([]string{"Dockerfile"}, a.dir.Glob("{Dockerfile.*,docker/**/Dockerfile*}")...)
	for _, name := range names[:min(len(names), 6)] {
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

// dep returns a dependency of the project or of its applications, with its evidence.
func (a *app) dep(name string) (detect.Value[string], bool) {
	try := func(p *project, f detect.File) (detect.Value[string], bool) {
		for _, d := range p.deps {
			if d.name != name {
				continue
			}
			if l, ok := a.lock[name]; ok && l.version != "" {
				return detect.Lock(l.version, a.lockFile.Evidence(l.line), f.Evidence(d.line)), true
			}
			return detect.Is(d.version, f.Evidence(d.line)), true
		}
		return detect.Value[string]{}, false
	}
	if v, ok := try(a.project, a.file); ok {
		return v, true
	}
	for i := range a.more {
		if v, ok := try(&a.more[i], a.moreFile[i]); ok {
			return v, true
		}
	}
	return detect.Value[string]{}, false
}
