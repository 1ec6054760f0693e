// Package dotnet recognises .NET: applications of the .NET Framework for IIS and Windows, and of .NET Core and later. It reads
// project files, configuration and source; nothing is ever run.
package dotnet

import (
	"context"
	"errors"
	"path"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Detector recognises .NET.
type Detector struct{}

// Name is "dotnet".
func (Detector) Name() string { return "dotnet" }

// Markers are project files, and the configuration of a web site that has none.
func (Detector) Markers() []string {
	return []string{"*.csproj", "*.vbproj", "*.fsproj", "web.config", "Web.config", "Web.Config"}
}

// Detect says what the projects of dir are. Libraries and tests are nothing that is deployed.
//
// Facts: project (the project file, relative to Path), assembly (the name of what is built), solutionDir (the directory of the solution that
// the project is part of, relative to the tree's root), manifests (the files that restoring packages reads, relative to Root, separated by spaces),
// sdk (the version that global.json names), targetFramework (as the project writes it).
func (Detector) Detect(_ context.Context, dir detect.Dir) ([]detect.Component, error) {
	var names []string
	for _, pattern := range []string{"*.csproj", "*.vbproj", "*.fsproj"} {
		names = append(names, dir.Glob(pattern)...)
	}
	sort.Strings(names)
	var out []detect.Component
	for _, name := range names {
		p, ok := read(dir, name)
		if !ok {
			continue
		}
		if c, ok := p.component(); ok {
			out = append(out, c)
		}
	}
	if len(names) == 0 {
		if c, ok := site(dir); ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// project is a project file with what surrounds it.
type project struct {
	dir      detect.Dir
	name     string
	file     detect.File
	root     *manifest.Element
	sdk      string // of an SDK-style project; empty: the old form
	packages map[string]pkg
	config   detect.File // web.config or app.config
	sources  []string
}

// pkg is a NuGet package.
type pkg struct {
	version  string
	evidence detect.Evidence
}

func read(dir detect.Dir, name string) (*project, bool) {
	f, err := dir.Read(name)
	if err != nil {
		return nil, false
	}
	root, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(dir, f, err)
		return nil, false
	}
	p := &project{dir: dir, name: name, file: f, root: root, sdk: root.Attr("Sdk"), packages: map[string]pkg{}}
	if p.sdk == "" {
		if s := root.Find("Sdk"); s != nil {
			p.sdk = s.Attr("Name")
		}
	}
	for _, c := range []string{"Web.config", "web.config", "Web.Config", "App.config", "app.config"} {
		if x, err := dir.Read(c); err == nil {
			p.config = x
			break
		}
	}
	p.readPackages()
	for s := range dir.Files() {
		switch path.Ext(s) {
		case ".cs", ".vb", ".fs":
			if len(p.sources) < 400 && !strings.HasPrefix(s, "bin/") && !strings.HasPrefix(s, "obj/") {
				p.sources = append(p.sources, s)
			}
		}
	}
	return p, true
}

func warn(dir detect.Dir, f detect.File, err error) {
	var m *manifest.Error
	if errors.As(err, &m) {
		dir.Warn(f.Path, m.Line, m.Msg)
		return
	}
	dir.Warn(f.Path, 0, err.Error())
}

// property is a property of the project, else of Directory.Build.props above it.
func (p *project) property(name string) (string, detect.Evidence) {
	if v, line := property(p.root, name); v != "" {
		return v, p.file.Evidence(line)
	}
	for up, n := ".", 0; n < 6; n++ {
		f, err := p.dir.Read(path.Join(up, "Directory.Build.props"))
		if err == nil {
			if root, err := manifest.ParseXML(f.Data); err == nil {
				if v, line := property(root, name); v != "" {
					return v, f.Evidence(line)
				}
			}
		}
		up = path.Join("..", up)
	}
	return "", detect.Evidence{}
}

func property(root *manifest.Element, name string) (value string, line int) {
	for _, g := range root.All("PropertyGroup") {
		if v, l := g.Get(name); v != "" && !strings.Contains(v, "$(") {
			return v, l
		}
	}
	return "", 0
}

// readPackages reads the references of the project, and packages.config.
func (p *project) readPackages() {
	for _, g := range p.root.All("ItemGroup") {
		for _, r := range g.All("PackageReference") {
			v := r.Attr("Version")
			if v == "" {
				v, _ = r.Get("Version")
			}
			p.packages[strings.ToLower(r.Attr("Include"))] = pkg{v, p.file.Evidence(r.Line)}
		}
		for _, r := range g.All("Reference") {
			name, rest, _ := strings.Cut(r.Attr("Include"), ",")
			version := ""
			if _, v, ok := strings.Cut(rest, "Version="); ok {
				version, _, _ = strings.Cut(v, ",")
			}
			if _, have := p.packages[strings.ToLower(name)]; !have {
				p.packages[strings.ToLower(name)] = pkg{version, p.file.Evidence(r.Line)}
			}
		}
	}
	f, err := p.dir.Read("packages.config")
	if err != nil {
		return
	}
	root, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(p.dir, f, err)
		return
	}
	for _, e := range root.All("package") {
		p.packages[strings.ToLower(e.Attr("id"))] = pkg{e.Attr("version"), f.Evidence(e.Line)}
	}
}

// has returns the first of several packages that the project refers to, by the beginnings of their names.
func (p *project) has(names ...string) (pkg, bool) {
	for _, n := range names {
		if x, ok := p.packages[n]; ok {
			return x, true
		}
	}
	return pkg{}, false
}

var tests = manifest.Lazy(`(?i)(?:^|[.\-_])(?:tests?|specs?|unittests?|integrationtests?|functionaltests?|benchmarks?)$`)

// isTest reports whether the project holds tests.
func (p *project) isTest() bool {
	stem := strings.TrimSuffix(p.name, path.Ext(p.name))
	if tests.MatchString(stem) {
		return true
	}
	_, ok := p.has("microsoft.net.test.sdk", "nunit.framework", "xunit", "nunit", "mstest.testframework", "microsoft.visualstudio.qualitytools.unittestframework")
	return ok
}

// web project types of the old form. Source: the list of Visual Studio's project type GUIDs.
var (
	webGUID = []string{"349c5851-65df-11da-9384-00065b846f21", "e24c65dc-7377-472b-9aba-bc803b73c61a"}
	mvcGUID = []string{"603c0e0b-db56-11dc-be95-000d561079b0", "f85e285d-a4e0-4152-9332-ab1d724d3325", "e53f8fea-eae0-44a6-8774-ffd645390401", "e3e379df-f4c6-4180-9b81-6769533abe47"}
	wcfGUID = "3d9ad99f-2412-4246-b90b-4eaa41c64699"
)

// component is what the project runs; false for a library or tests.
func (p *project) component() (detect.Component, bool) {
	if p.isTest() {
		return detect.Component{}, false
	}
	target, ev := p.target()
	if p.core(target) {
		return p.coreComponent(target, ev)
	}
	return p.frameworkComponent(target, ev)
}

// target is the framework that the project is built for: netcoreapp3.1, net7.0, net45, v4.5.
func (p *project) target() (string, detect.Evidence) {
	for _, name := range []string{"TargetFramework", "TargetFrameworks", "TargetFrameworkVersion"} {
		if v, ev := p.property(name); v != "" {
			list := strings.Split(v, ";")
			sort.Strings(list)
			for _, t := range list {
				if strings.HasPrefix(t, "netcoreapp") || strings.HasPrefix(t, "net") && strings.Contains(t, ".") && !strings.HasPrefix(t, "netstandard") {
					return t, ev
				}
			}
			return list[0], ev
		}
	}
	return "", detect.Evidence{}
}

// core reports whether a target is .NET Core or later.
func (p *project) core(target string) bool {
	return strings.HasPrefix(target, "netcoreapp") || strings.HasPrefix(target, "net") && strings.Contains(target, ".") && !strings.HasPrefix(target, "netstandard") || target == "" && p.sdk != ""
}

func (p *project) base(role detect.Value[detect.Role]) detect.Component {
	stem := strings.TrimSuffix(p.name, path.Ext(p.name))
	c := detect.Component{Name: strings.ToLower(stem), Role: role, Facts: map[string]detect.Value[string]{}}
	language := map[string]string{".csproj": "csharp", ".vbproj": "vb", ".fsproj": "fsharp"}[path.Ext(p.name)]
	c.Language = detect.Is(language, p.file.Evidence(0))
	assembly, aev := p.property("AssemblyName")
	if assembly == "" {
		assembly, aev = stem, p.file.Evidence(0)
	}
	c.Facts["assembly"] = detect.Is(assembly, aev)
	c.Facts["project"] = detect.Is(p.name, p.file.Evidence(0))
	return c
}

func (p *project) coreComponent(target string, ev detect.Evidence) (detect.Component, bool) {
	var role detect.Value[detect.Role]
	output, oev := p.property("OutputType")
	_, aspnet := p.has("microsoft.aspnetcore.app", "microsoft.aspnetcore.all", "microsoft.aspnetcore", "microsoft.aspnetcore.mvc", "microsoft.aspnetcore.server.kestrel")
	web := p.sdk == "Microsoft.NET.Sdk.Web" || aspnet && strings.EqualFold(output, "exe")
	sdkEvidence := p.file.Evidence(p.root.Line)
	switch {
	case web && !strings.EqualFold(output, "library"):
		role = detect.Is(detect.Web, sdkEvidence)
	case p.sdk == "Microsoft.NET.Sdk.Worker":
		role = detect.Is(detect.Worker, sdkEvidence)
	case p.sdk == "Microsoft.NET.Sdk.BlazorWebAssembly":
		role = detect.Is(detect.SPA, sdkEvidence)
	case strings.EqualFold(output, "exe"):
		role = detect.Infer(detect.CLI, "a program that is started from a command line", oev)
		if h, ok := p.grep(manifest.Lazy(`while\s*\(\s*true\s*\)|IHostedService|BackgroundService|ServiceBase|\.Run\(\)\s*;|Host\.Create|ConnectionFactory|\.Consume\(`).Regexp(), "while", "HostedService", "BackgroundService", "ServiceBase", "Host", "Consume", "ConnectionFactory"); ok {
			role = detect.Infer(detect.Worker, "it runs without end", h)
		}
	default:
		return detect.Component{}, false
	}
	c := p.base(role)
	c.Platform = detect.Infer("linux", "the project is for "+target+", which runs anywhere", ev)
	if strings.Contains(target, "-windows") {
		c.Platform = detect.Is("windows", ev)
	}
	c.Build = detect.Is("dotnet", sdkEvidence)
	version := strings.TrimPrefix(strings.TrimPrefix(strings.SplitN(target, "-", 2)[0], "netcoreapp"), "net")
	if version != "" {
		c.LanguageVersion = detect.Is(version, ev)
	} else {
		c.LanguageVersion = detect.Guess("8.0", "nothing states a target framework")
	}
	c.Facts["targetFramework"] = detect.Value[string]{V: target, From: c.LanguageVersion.From, Evidence: c.LanguageVersion.Evidence, Why: c.LanguageVersion.Why}
	c.Framework = detect.Infer("none", "a program without a web framework", sdkEvidence)
	if web {
		c.Framework = detect.Is("aspnet-core", sdkEvidence)
		c.FrameworkVersion = c.LanguageVersion
		c.AppServer = detect.Infer("kestrel", "ASP.NET Core's own server", sdkEvidence)
		c.Port = p.port()
		c.HealthPath = p.health()
	} else {
		c.AppServer = detect.Infer("none", "it serves nothing", sdkEvidence)
	}
	c.EndOfLife = coreEnd(version)
	p.solution(&c)
	c.Services = p.services()
	c.Env = p.env(&c)
	command := []string{"dotnet", c.Facts["assembly"].V + ".dll"}
	c.Processes = []detect.Process{{Name: string(role.V), Command: command, From: detect.Inferred, Why: "what the build makes is started by the dotnet host", Evidence: []detect.Evidence{sdkEvidence}}}
	p.readiness(&c)
	return c, true
}

// solution finds the directory that the build has as its context: the nearest one above that holds all projects which this one
// refers to.
func (p *project) solution(c *detect.Component) {
	files := []string{path.Join(p.dir.Path, p.name)}
	seen := map[string]bool{files[0]: true}
	p.references(p.dir, p.root, &files, seen, 0)
	root := path.Dir(files[0])
	for _, f := range files {
		for root != "." && !strings.HasPrefix(f, root+"/") {
			root = path.Dir(root)
		}
	}
	for at := root; ; at = path.Dir(at) {
		up, ok := p.dir.Sub(relative(p.dir.Path, at))
		if ok {
			for _, extra := range []string{"global.json", "Directory.Build.props", "Directory.Packages.props", "NuGet.config", "nuget.config", "NuGet.Config"} {
				if f, err := up.Read(extra); err == nil {
					root = at
					files = append(files, path.Join(at, extra))
					if extra == "global.json" {
						if d, err := manifest.ParseJSON(f.Data); err == nil {
							if v, line, ok := d.Get("sdk", "version"); ok {
								c.Facts["sdk"] = detect.Is(v, f.Evidence(line))
							}
						}
					}
				}
			}
		}
		if at == "." {
			break
		}
	}
	var manifests []string
	for _, f := range files {
		rel := f
		if root != "." {
			rel = strings.TrimPrefix(f, root+"/")
		}
		if !strings.ContainsAny(rel, " \t") {
			manifests = append(manifests, rel)
		}
	}
	sort.Strings(manifests)
	c.Facts["manifests"] = detect.Infer(strings.Join(manifests, " "), "restoring packages reads them", p.file.Evidence(0))
	project := path.Join(p.dir.Path, p.name)
	if root != "." {
		project = strings.TrimPrefix(project, root+"/")
	}
	c.Facts["project"] = detect.Is(project, p.file.Evidence(0))
	if root != p.dir.Path {
		c.Root = root
	}
}

// relative is the way from a directory to one above it.
func relative(from, to string) string {
	if from == to {
		return "."
	}
	up := strings.Count(from, "/") + 1
	if from == "." {
		up = 0
	}
	if to != "." {
		up -= strings.Count(to, "/") + 1
	}
	return strings.TrimSuffix(strings.Repeat("../", max(up, 0)), "/")
}

// references adds the project files that a project refers to, and those that they do.
func (p *project) references(dir detect.Dir, root *manifest.Element, files *[]string, seen map[string]bool, deep int) {
	if deep > 12 || len(*files) > 200 {
		return
	}
	for _, g := range root.All("ItemGroup") {
		for _, r := range g.All("ProjectReference") {
			include := strings.ReplaceAll(r.Attr("Include"), "\\", "/")
			full, ok := dir.Rel(include)
			if !ok || seen[full] || strings.Contains(include, "$(") {
				continue
			}
			seen[full] = true
			f, err := dir.Read(include)
			if err != nil {
				continue
			}
			*files = append(*files, full)
			if x, err := manifest.ParseXML(f.Data); err == nil {
				if sub, ok := dir.Sub(path.Dir(include)); ok {
					p.references(sub, x, files, seen, deep+1)
				}
			}
		}
	}
}

var exposedPort = manifest.Lazy(`(?i)(?:ASPNETCORE_URLS|UseUrls|applicationUrl)\W+[^"\n]*?http://[^:;"]*:(\d{2,5})`)

func (p *project) port() detect.Value[int] {
	for _, name := range []string{"Dockerfile"} {
		if f, err := p.dir.Read(name); err == nil {
			if d, err := manifest.ParseDockerfile(f.Data); err == nil {
				for _, e := range d.Expose {
					if e.Number != 443 {
						return detect.Is(e.Number, f.Evidence(e.Line))
					}
				}
			}
		}
	}
	if h, m, ok := p.grepIn([]string{"Program.cs", "Startup.cs"}, exposedPort.Regexp(), "UseUrls"); ok {
		if n, err := strconv.Atoi(m[1]); err == nil {
			return detect.Is(n, h)
		}
	}
	return detect.Infer(8080, "the port of Microsoft's images since .NET 8; older ones are told to use it", p.file.Evidence(p.root.Line))
}

var healthMap = manifest.Lazy(`(?:MapHealthChecks|UseHealthChecks)\(\s*"(/[\w/-]*)"`)

func (p *project) health() detect.Value[string] {
	if h, m, ok := p.grepIn(p.sources, healthMap.Regexp(), "HealthChecks("); ok {
		return detect.Is(m[1], h)
	}
	return detect.Guess("/", "no route for health checks was found")
}

// grepIn returns the place of the first line of some files that matches, and what was captured.
func (p *project) grepIn(names []string, re *regexp.Regexp, hints ...string) (detect.Evidence, []string, bool) {
	for _, name := range names {
		f, err := p.dir.Read(name)
		if err != nil || len(f.Data) > 512<<10 || !holds(string(f.Data), hints) {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			t := strings.TrimSpace(text)
			if len(t) > 4000 || strings.HasPrefix(t, "//") {
				continue
			}
			if m := re.FindStringSubmatch(t); m != nil {
				return f.Evidence(i + 1), m, true
			}
		}
	}
	return detect.Evidence{}, nil, false
}

func (p *project) grep(re *regexp.Regexp, hints ...string) (detect.Evidence, bool) {
	ev, _, ok := p.grepIn(p.sources, re, hints...)
	return ev, ok
}

func holds(text string, hints []string) bool {
	for _, h := range hints {
		if strings.Contains(text, h) {
			return true
		}
	}
	return len(hints) == 0
}
