package golang

import (
	"path"
	"regexp"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// prog is a main package with what it is built from.
type prog struct {
	dir    string // relative to the unit's root
	binary string // what the go command calls it
	files  []*goFile
	role   detect.Value[detect.Role]
	direct bool // its own package shows the role

	servingFiles []*goFile // see serving
}

// components are the programs of the unit that run for others, each a component; without one its tools; without a main
// package the library that it is.
func (p *project) components() []detect.Component {
	p.findWorkspace()
	mains := p.mains()
	if p.mode != "modules" {
		p.findImportPath(mains)
		p.findMode()
	}
	for _, dir := range mains {
		p.load(dir) // before the bound on what is read is reached
	}
	var all []*prog
	for _, dir := range mains {
		all = append(all, p.program(dir))
	}
	chosen := p.deployed(all)
	var out []detect.Component
	for _, x := range chosen {
		out = append(out, p.component(x, all, len(chosen)))
	}
	if len(out) == 0 && len(all) == 0 && p.build.Set() && program(p.dir.Path) {
		out = append(out, p.library())
	}
	return out
}

// findWorkspace recognises a repository that is a GOPATH itself: everything below src, and src's packages import each other.
func (p *project) findWorkspace() {
	if p.mode == "modules" || !p.dir.HasDir("src") || p.unit.legacy {
		return
	}
	for _, dir := range p.unit.dirs {
		if !strings.HasPrefix(dir, "src/") {
			return
		}
	}
	for n, dir := range p.unit.dirs {
		if n > 100 {
			return
		}
		for _, f := range p.load(dir).files {
			for _, i := range f.imports {
				if p.unit.has["src/"+i.path] {
					p.mode, p.importPath = "workspace", "src"
					return
				}
			}
		}
	}
}

// findMode says how the dependencies of a tree without go.mod are had.
func (p *project) findMode() {
	switch {
	case p.mode == "workspace":
	case p.unit.vendored:
		p.mode = "gopath"
	case p.lockFile != "" && p.outside():
		p.mode = "convert"
	case !p.outside():
		p.mode = "gopath"
	default:
		p.mode = "init"
	}
}

// outside reports whether any package of another repository is imported.
func (p *project) outside() bool {
	for n, dir := range p.unit.dirs {
		if n > 200 {
			break
		}
		for _, f := range p.load(dir).files {
			for _, i := range f.imports {
				first, _, _ := strings.Cut(i.path, "/")
				if _, ok := p.local(i.path); !ok && strings.Contains(first, ".") {
					return true
				}
			}
		}
	}
	return false
}

// program reads a main package and what it imports of the unit.
func (p *project) program(dir string) *prog {
	x := &prog{dir: dir, files: p.closure(dir)}
	x.binary = binaryName(dir, p.importPath)
	x.role, x.direct = p.role(x)
	return x
}

var major = manifest.Lazy(`^v[0-9]+$`)

// binaryName is the name that the go command gives a program: the last part of its import path.
func binaryName(dir, importPath string) string {
	full := importPath
	if dir != "." {
		full = dir
		if importPath != "" {
			full = importPath + "/" + dir
		}
	}
	name := path.Base(full)
	if major.MatchString(name) && strings.Contains(full, "/") {
		name = path.Base(path.Dir(full))
	}
	if !plainName.MatchString(name) {
		return "app"
	}
	return name
}

var plainName = manifest.Lazy(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*$`)

// deployed chooses the programs that are components.
func (p *project) deployed(all []*prog) []*prog {
	var out []*prog
	direct := false
	for _, x := range all {
		if serves(x) && !helper(x.binary) {
			direct = direct || x.direct
		}
	}
	for _, x := range all {
		if serves(x) && !helper(x.binary) && !clientOf(x, all) && (x.direct || !direct || serverName.MatchString(x.binary)) {
			out = append(out, x)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, x := range all {
		if !p.build.Set() && x.dir != "." && !strings.HasPrefix(x.dir, "cmd/") && p.mode != "workspace" {
			continue // a stray program in a repository of something else
		}
		if x.role.V != detect.CLI || x.dir == "." {
			out = append(out, x)
			continue
		}
		out = append(out, x)
	}
	return out[:min(len(out), 6)]
}

func serves(x *prog) bool {
	switch x.role.V {
	case detect.Web, detect.Worker, detect.Function:
		return true
	}
	return false
}

var (
	helperName = manifest.Lazy(`(?i)(?:^|[-_.])(?:cli|client|ctl|tool|tools|util|utils|gen|generator|migrate|migrator|migration|migrations|seed|seeder|bench|benchmark|loadtest|load|debug|test|tester|example|demo|mock|fake|stub|echo|healthcheck|storybook|docgen|dev)$|ctl$|(?i)migrat|^gen|^test|^fake|^mock`)
	serverName = manifest.Lazy(`(?i)(?:server|svc|service|api|web|app|worker|gateway|daemon|backend|http|admin|console|dashboard|[a-z]d)$`)
)

// helper reports whether a program's name says that it serves developers or operators.
func helper(name string) bool { return helperName.MatchString(name) }

// clientOf reports whether another program is this one's server by its name: wtf beside wtfd.
func clientOf(x *prog, all []*prog) bool {
	for _, o := range all {
		if o != x && !x.direct && (o.binary == x.binary+"d" || o.binary == x.binary+"-server" || o.binary == x.binary+"server") {
			return true
		}
	}
	return false
}

// migration is the program that brings the database up to date, if there is one.
func migration(all []*prog, of *prog) *prog {
	for _, x := range all {
		if x != of && migrationName.MatchString(x.binary) {
			return x
		}
	}
	return nil
}

var migrationName = manifest.Lazy(`^(?:(?:db|schema)[-_]?)?migrat(?:e|or|ion|ions)$`)

// role says what a program does, and whether its own package shows it.
func (p *project) role(x *prog) (detect.Value[detect.Role], bool) {
	if h := hits(x.serving(), 1, "lambda.Start(", "lambda.StartHandler", "functions.HTTP(", "funcframework.Start("); len(h) > 0 {
		return detect.Is(detect.Function, h[0].evidence()), true
	}
	for _, h := range hits(x.serving(), 400, listenTexts...) {
		if listens(h.text) {
			return detect.Is(detect.Web, h.evidence()), path.Dir(h.file.file.Path) == path.Join(p.dir.Path, x.dir)
		}
	}
	if v, ok := p.exposedPort(x, true); ok {
		return detect.Infer(detect.Web, "the existing Dockerfile starts it and exposes a port", v.Evidence...), true
	}
	if w, ok := p.consumer(x); ok {
		return w, true
	}
	if h := hits(x.files, 1, "func main()"); len(h) > 0 {
		return detect.Infer(detect.CLI, "it neither listens nor waits for work", h[0].evidence()), true
	}
	return detect.Infer(detect.CLI, "it neither listens nor waits for work", detect.Evidence{File: path.Join(p.dir.Path, x.dir, p.unit.files[x.dir][0])}), true
}

// consumer recognises a program that waits for work without listening.
func (p *project) consumer(x *prog) (detect.Value[detect.Role], bool) {
	queue := hits(x.files, 1, "nsq.NewConsumer(", ".Consume(", "sarama.NewConsumer", "NewConsumerGroup(", ".ReceiveMessage(", "cron.New(", ".QueueSubscribe(", "machinery.NewServer(",
		"asynq.NewServer(", "gocraft/work", "kafka.NewReader(", "kafka.NewConsumer(", ".FetchMessage(", ".BLPop(", ".BRPop(")
	if len(queue) > 0 {
		return detect.Infer(detect.Worker, "it waits for work without listening", queue[0].evidence()), true
	}
	if tick := hits(x.files, 1, "signal.Notify(", "select {}", "signal.NotifyContext("); len(tick) > 0 && len(hits(x.files, 1, "time.NewTicker(", "time.Tick(", "time.Sleep(")) > 0 {
		return detect.Infer(detect.Worker, "it runs until it is told to stop", tick[0].evidence()), true
	}
	return detect.Value[detect.Role]{}, false
}

// component describes a program. With several of them in a unit each has the directory of its main package.
func (p *project) component(x *prog, all []*prog, count int) detect.Component {
	c := detect.Component{
		Path: p.dir.Path, Role: x.role,
		Platform: detect.Infer("linux", "Go builds for Linux", x.role.Evidence...),
		Language: detect.Is("go", p.mainEvidence(x)),
		Facts:    map[string]detect.Value[string]{},
	}
	if count > 1 && x.dir != "." {
		c.Path, c.Root = path.Join(p.dir.Path, x.dir), p.dir.Path
		c.Name = x.binary
	}
	if p.wide() {
		c.Root = "."
	}
	c.Build = p.buildTool(x)
	fw := p.framework(x)
	c.Framework, c.FrameworkVersion = fw.name, fw.version
	c.LanguageVersion = p.languageVersion()
	if e, ok := ended(c.LanguageVersion); ok {
		c.EndOfLife = append(c.EndOfLife, e)
	}
	reads := p.findEnv(x)
	if x.role.V == detect.Web {
		c.Port = p.port(x, fw, reads)
		c.AppServer = detect.Infer("none", "Go programs bring their own server", x.role.Evidence...)
		c.HealthPath = p.healthPath(x)
	}
	c.Services = withoutItself(p.services(x, reads), c.Port.V)
	c.SystemPackages = p.systemPackages(x)
	c.Env = p.env(x, reads, c.Services, c.Port)
	c.Processes = p.processes(x, all)
	p.facts(x, all, c.Facts)
	t := p.trouble(x, c)
	c.Writes, c.Readiness = t.writes, t.list
	return c
}

func (p *project) mainEvidence(x *prog) detect.Evidence {
	if p.mod != nil {
		return p.modFile.Evidence(0)
	}
	return x.role.Evidence[0]
}

// library is what a unit without a program is.
func (p *project) library() detect.Component {
	ev := p.build.Evidence[0]
	return detect.Component{
		Path: p.dir.Path, Role: detect.Infer(detect.Library, "it has no main package", ev), Platform: detect.Infer("linux", "Go builds for Linux", ev),
		Language: detect.Is("go", ev), Framework: detect.Infer("none", "a library has none", ev), LanguageVersion: p.languageVersion(), Build: p.build,
	}
}

var goBuild = manifest.Lazy(`^\t.*\b(?:go|\$[({]GO[)}]|\$[({]GOCMD[)}]) (?:build|install)\b`)

// buildTool is the tool of the dependencies; without one, make when the Makefile compiles, else GOPATH.
func (p *project) buildTool(x *prog) detect.Value[string] {
	if p.build.Set() && p.build.V != "godep" {
		return p.build
	}
	if f, line, ok := p.makeLine(goBuild.Regexp()); ok {
		v := detect.Is("make", f.Evidence(line))
		if p.build.Set() {
			v.Evidence = append(v.Evidence, p.build.Evidence...)
		}
		return v
	}
	if p.build.Set() {
		return detect.Infer("gopath", "godep keeps the packages in the repository, and the go command builds below GOPATH", p.build.Evidence...)
	}
	ev := x.role.Evidence
	if p.importFrom.File != "" {
		ev = []detect.Evidence{p.importFrom}
	}
	return detect.Infer("gopath", "there is no go.mod and no other tool's manifest", ev...)
}

// makeLine returns the first line of the Makefile that a pattern matches.
func (p *project) makeLine(re *regexp.Regexp) (detect.File, int, bool) {
	for _, name := range []string{"Makefile", "GNUmakefile", "makefile"} {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if re.MatchString(text) {
				return f, i + 1, true
			}
		}
	}
	return detect.File{}, 0, false
}

// facts sets what only the template needs.
func (p *project) facts(x *prog, all []*prog, facts map[string]detect.Value[string]) {
	ev := x.role.Evidence
	packages := []string{packageArg(x.dir)}
	if m := migration(all, x); m != nil && plainImport(m.dir) {
		packages = append(packages, packageArg(m.dir))
	}
	facts["packages"] = detect.Infer(strings.Join(packages, " "), "the main packages of what runs", ev...)
	facts["binary"] = detect.Infer(x.binary, "the go command names a program after its directory", ev...)
	modeEvidence := ev
	if p.build.Set() {
		modeEvidence = p.build.Evidence
	}
	facts["mode"] = detect.Infer(p.mode, modeWhy[p.mode], modeEvidence...)
	if p.mode != "modules" && p.mode != "workspace" {
		v := detect.Guess(p.importPath, "no import and no manifest says below which path the packages lie")
		if p.importFrom.File != "" {
			v = detect.Infer(p.importPath, "below this path the packages import each other", p.importFrom)
		}
		facts["importPath"] = v
	}
	if p.mode == "modules" && p.vendorModules() {
		facts["vendor"] = detect.Is("true", detect.Evidence{File: path.Join(p.dir.Path, "vendor/modules.txt")})
	}
	if files := p.manifestFiles(); len(files) > 0 {
		facts["manifests"] = detect.Infer(strings.Join(files, " "), "what resolving the dependencies reads", modeEvidence...)
	}
	if p.mode == "convert" {
		facts["manifests"] = detect.Infer(p.lockFile, "its versions become a go.mod", modeEvidence...)
	}
	if p.mode == "modules" && !p.dir.Has("go.sum") && !p.vendorModules() && len(p.mod.requires) > 0 {
		facts["moduleMode"] = detect.Infer("mod", "there is no go.sum: the build has to complete it", modeEvidence...)
	}
	if p.wide() {
		facts["moduleDir"] = detect.Infer(p.dir.Path, "its modules are taken from directories beside it", modeEvidence...)
	}
	if hosts, ev := p.privateHosts(); len(hosts) > 0 && !p.vendorModules() {
		facts["privateModules"] = detect.Infer(strings.Join(hosts, ","), "modules come from servers of their own", ev...)
	}
	if v, ok := p.cgo(x); ok {
		facts["cgo"] = v
	}
	if v, ok := p.newestGo(); ok {
		facts["newestGo"] = v
	}
	running := *x
	if m := migration(all, x); m != nil { // it runs from the same image
		running.files = append(running.files[:len(running.files):len(running.files)], m.files...)
	}
	if v, ok := p.runtimeFiles(&running); ok {
		facts["runtimeFiles"] = v
	}
}

var modeWhy = map[string]string{
	"modules":   "there is a go.mod",
	"gopath":    "the sources are built below GOPATH, with the packages that the repository brings",
	"convert":   "the packages are not in the repository, and the lock file names their versions",
	"init":      "nothing names the versions of the packages: the newest are taken",
	"workspace": "the repository is laid out as a GOPATH",
}

func packageArg(dir string) string {
	if dir == "." {
		return "."
	}
	return "./" + dir
}

func (p *project) vendorModules() bool { return p.dir.Has("vendor/modules.txt") }

// wide reports whether a build needs more of the repository than the module's own directory: a workspace (go.work), or
// modules that are taken from directories beside it.
func (p *project) wide() bool {
	if p.mode != "modules" || p.dir.Path == "." {
		return false
	}
	if p.dir.Has(p.up() + "go.work") {
		return true
	}
	for _, r := range p.localReplace {
		if strings.HasPrefix(path.Clean(r.with), "..") {
			if _, ok := p.dir.Rel(r.with); ok {
				return true
			}
		}
	}
	return false
}

// manifestFiles are go.mod and go.sum, and the manifests of modules that are taken from directories of the repository,
// relative to the build's root.
func (p *project) manifestFiles() []string {
	if p.dir.Has(p.up()+"go.work") || p.dir.Has("go.work") {
		return nil // a workspace wants all of its modules to be there
	}
	out := append([]string{}, p.manifests...)
	for _, r := range p.localReplace {
		rel := path.Clean(r.with)
		if _, ok := p.dir.Rel(rel); !ok || strings.HasPrefix(rel, "/") {
			continue
		}
		for _, name := range []string{"go.mod", "go.sum"} {
			if f := path.Join(rel, name); p.dir.Has(f) && len(out) < 40 {
				out = append(out, f)
			}
		}
	}
	if p.wide() {
		for i, f := range out {
			out[i], _ = p.dir.Rel(f) // above the root it was left out
		}
	}
	kept := out[:0]
	for _, f := range out {
		if plainImport(f) {
			kept = append(kept, f)
		}
	}
	return kept
}
