package dotnet

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Types of projects of the old form. Source: the list of Visual Studio's project type GUIDs.
var (
	webTypes = []string{"349c5851-65df-11da-9384-00065b846f21", webSiteType}
	mvcTypes = []string{"603c0e0b-db56-11dc-be95-000d561079b0", "f85e285d-a4e0-4152-9332-ab1d724d3325", "e53f8fea-eae0-44a6-8774-ffd645390401", "e3e379df-f4c6-4180-9b81-6769533abe47"}
	wcfType  = "3d9ad99f-2412-4246-b90b-4eaa41c64699"
)

// frameworkKind tells what a project of the .NET Framework is: a web application for IIS, a Windows service, a program.
func (p *project) frameworkKind() (kind, bool) {
	output, oev := p.output()
	types, tev := p.types()
	runs := output == "exe" || output == "winexe"
	none := detect.Infer("none", "no web framework", p.head())
	pages := p.ix.pages[p.dir()]
	if at, ok := p.inIIS(types, tev, runs, pages); ok {
		return p.webFramework(types, at, pages), !p.isModule()
	}
	if x, ok := p.packages.first(append(slices.Clone(functionPackages), "microsoft.azure.webjobs")...); ok && runs {
		return kind{role: detect.Infer(detect.Worker, "jobs of a WebJobs host", x.evidence), framework: none}, true
	}
	own := p.hits(false)
	if x, ok := p.packages.first("microsoft.aspnetcore", "microsoft.aspnetcore.mvc", "microsoft.aspnetcore.server.kestrel", "microsoft.aspnetcore.hosting"); ok && (len(of(own, "host")) > 0 || p.sdk == "Microsoft.NET.Sdk.Web") {
		return kind{role: detect.Is(detect.Web, x.evidence), framework: detect.Is("aspnet-core", x.evidence), version: shortVersion(x), web: true, selfHosted: true}, true
	}
	if !runs {
		return kind{}, false
	}
	if h := of(own, "wcfhost"); len(h) > 0 {
		return kind{role: detect.Infer(detect.Web, "it hosts WCF services itself", h[0].evidence), framework: detect.Is("wcf", h[0].evidence), versionIsLanguage: true, web: true, selfHosted: true}, true
	}
	if h := of(own, "owin"); len(h) > 0 {
		return kind{role: detect.Infer(detect.Web, "it listens itself", h[0].evidence), framework: none, web: true, selfHosted: true}, true
	}
	if h := of(own, "service"); len(h) > 0 {
		return kind{role: detect.Infer(detect.Worker, "a Windows service", h[0].evidence), framework: none}, true
	}
	if p.windowed(output) {
		p.ix.root.Warn(oev.File, oev.Line, p.stem()+" is a desktop application: it has no place in a container and is left out")
		return kind{}, false
	}
	if h := of(own, "endless"); len(h) > 0 {
		return kind{role: detect.Infer(detect.Worker, "it runs without end", h[0].evidence), framework: none}, true
	}
	return kind{role: detect.Infer(detect.CLI, "a program of the .NET Framework", oev), framework: none}, true
}

// isModule reports a web project that lies inside the web application whose part it is: IIS serves both as one.
func (p *project) isModule() bool {
	if p.copied() {
		return true
	}
	for dir := p.dir(); dir != "."; {
		dir = path.Dir(dir)
		for _, name := range p.ix.projects[dir] {
			q := p.ix.open(name)
			if q == nil || !q.isFramework() {
				continue
			}
			types, tev := q.types()
			if _, ok := q.inIIS(types, tev, false, p.ix.pages[dir]); ok && len(p.ix.pages[p.dir()].startups()) == 0 {
				return true
			}
		}
	}
	return false
}

// copied reports a project that copies its files into another web application after each build.
func (p *project) copied() bool {
	v, ok := p.eval.prop("PostBuildEvent")
	if !ok || !strings.Contains(strings.ToLower(v.value), "copy") || len(p.ix.pages[p.dir()].startups()) > 0 {
		return false
	}
	words := strings.FieldsFunc(v.value, func(r rune) bool { return r == '"' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	for _, w := range words[:min(len(words), 200)] {
		if !strings.Contains(w, "..") {
			continue
		}
		for at := path.Join(p.dir(), strings.ReplaceAll(w, "\\", "/")); at != "." && at != "/" && !strings.HasPrefix(at, ".."); at = path.Dir(at) {
			if at != p.dir() && len(p.ix.pages[at].startups()) > 0 {
				return true
			}
		}
	}
	return false
}

// types are the project's type GUIDs in lower case.
func (p *project) types() (string, detect.Evidence) {
	if v, ok := p.eval.prop("ProjectTypeGuids"); ok {
		return strings.ToLower(v.value), v.place()
	}
	return "", p.head()
}

// inIIS reports a web application that IIS runs, with the place that says so.
func (p *project) inIIS(types string, tev detect.Evidence, runs bool, x *pages) (detect.Evidence, bool) {
	if slices.ContainsFunc(append(slices.Clone(webTypes), mvcTypes...), func(g string) bool { return strings.Contains(types, g) }) {
		return tev, true
	}
	for _, name := range []string{"UseIISExpress", "IISExpressSSLPort"} {
		if v, ok := p.eval.prop(name); ok && !runs && p.root.Find("ProjectExtensions") != nil {
			return v.place(), true
		}
	}
	if strings.HasPrefix(p.sdk, "MSBuild.SDK.SystemWeb") && p.sdk != "MSBuild.SDK.SystemWeb.RazorLibrary" {
		return p.head(), true
	}
	if p.root.Name == "VisualStudioProject" {
		for _, s := range p.root.Children {
			if strings.EqualFold(s.Attr("ProjectType"), "Web") {
				return p.file.Evidence(s.Line), true
			}
		}
	}
	if !runs && p.config != nil && p.config.web && x != nil && len(x.forms)+len(x.views)+len(x.services)+len(x.startup) > 0 && !p.libraryOfViews(x) {
		return p.config.file.Evidence(0), true
	}
	return detect.Evidence{}, false
}

// libraryOfViews reports a class library whose web.config only tells the editor about its views.
func (p *project) libraryOfViews(x *pages) bool {
	return len(x.startup) == 0 && len(x.services) == 0 && len(p.config.at("system.web", "compilation")) == 0 && len(p.config.at("connectionStrings")) == 0
}

// windowed reports a program with windows.
func (p *project) windowed(output string) bool {
	if output == "winexe" || p.desktop() {
		return true
	}
	return p.packages.has("presentationframework") && p.packages.has("windowsbase")
}

// shortVersion is a package's version as people say it: 5.2.
func shortVersion(x pkg) detect.Value[string] {
	n := numbers(x.version)
	if len(n) < 2 {
		return detect.Value[string]{}
	}
	return detect.Is(itoa(n[0])+"."+itoa(n[1]), x.evidence)
}

var mvcPackages = []string{"microsoft.aspnet.mvc", "aspnetmvc", "system.web.mvc"}

// webFramework tells MVC, WebForms and WCF apart: by packages, project types and the files that lie there.
func (p *project) webFramework(types string, at detect.Evidence, x *pages) kind {
	if x == nil {
		x = &pages{}
	}
	k := kind{role: detect.Is(detect.Web, at), web: true}
	forms := p.screens(x)
	all := p.packages
	if !all.has(mvcPackages...) {
		all = p.allPackages()
	}
	mvc, hasMVC := all.first(mvcPackages...)
	api, hasAPI := p.packages.first("microsoft.aspnet.webapi", "microsoft.aspnet.webapi.core", "microsoft.aspnet.webapi.webhost", "system.web.http")
	typed := slices.ContainsFunc(mvcTypes, func(g string) bool { return strings.Contains(types, g) })
	views := 0
	for _, v := range x.views {
		if strings.Contains(strings.ToLower(v), "/views/") {
			views++
		}
	}
	switch {
	case hasMVC && (typed || views > 0 || len(forms) == 0 || p.hasControllers() && views+len(p.viewPages(x)) >= len(forms)):
		k.framework, k.version = detect.Is("aspnet-mvc", mvc.evidence), shortVersion(mvc)
	case typed:
		k.framework = detect.Is("aspnet-mvc", at)
	case len(forms) > 0:
		k.framework, k.versionIsLanguage = detect.Is("aspnet-webforms", p.fileAt(forms[0], at)), true
	case len(x.services) > 0 || strings.Contains(types, wcfType) && !hasAPI:
		ev := at
		if len(x.services) > 0 {
			ev = p.fileAt(x.services[0], at)
		}
		k.framework, k.versionIsLanguage = detect.Is("wcf", ev), true
	case hasAPI:
		k.framework, k.version = detect.Infer("aspnet-mvc", "Web API is the part of it that answers programs", api.evidence), shortVersion(api)
	case p.packages.has("servicestack", "nancy", "nancy.hosting.aspnet"):
		other, _ := p.packages.first("servicestack", "nancy", "nancy.hosting.aspnet")
		k.framework = detect.Infer("none", other.name+" answers the requests", other.evidence)
	default:
		k.framework, k.versionIsLanguage = detect.Infer("aspnet-webforms", "a web application without a newer framework", at), true
	}
	return k
}

// screens are the pages that are no views of MVC.
func (p *project) screens(x *pages) []string {
	var out []string
	for _, f := range x.forms {
		if !strings.Contains(strings.ToLower(f), "/views/") && !strings.EqualFold(path.Base(f), "default.aspx") {
			out = append(out, f)
		}
	}
	if len(out) == 0 && len(p.viewPages(x)) == 0 {
		return x.forms
	}
	return out
}

// viewPages are views of MVC 1 and 2, written as pages.
func (p *project) viewPages(x *pages) []string {
	var out []string
	for _, f := range x.forms {
		if strings.Contains(strings.ToLower(f), "/views/") {
			out = append(out, f)
		}
	}
	return out
}

func (p *project) hasControllers() bool {
	return slices.ContainsFunc(p.ix.own[p.dir()], func(s string) bool { return strings.Contains(s, "Controllers/") })
}

// fileAt is a file as a whole, else another place.
func (p *project) fileAt(name string, or detect.Evidence) detect.Evidence {
	return fileAt(p.ix, name, or)
}

func fileAt(ix *index, name string, or detect.Evidence) detect.Evidence {
	f, err := ix.root.Read(name)
	if err != nil {
		return or
	}
	return f.Evidence(0)
}

// site is a web site of pages without a project file.
func (ix *index) site(dir string) (detect.Component, bool) {
	x := ix.pages[dir]
	config := ix.configIn(dir)
	if x == nil || config == nil || len(x.forms)+len(x.services)+len(x.views) == 0 || !ix.isSite(dir, x, config) {
		return detect.Component{}, false
	}
	p := &project{ix: ix, path: path.Join(dir, "-"), file: config.file, packages: packageSet{}, config: config, seen: true, target: target{family: framework}}
	p.root, p.eval = config.root, &evaluation{ix: ix, project: p.path, props: map[string]property{}}
	p.readPackagesConfig()
	whole := config.file.Evidence(0)
	c := detect.Component{Name: strings.ToLower(path.Base(dir)), Role: detect.Is(detect.Web, whole), Facts: map[string]detect.Value[string]{}}
	if dir == "." {
		c.Name = "web"
	}
	c.Language = ix.siteLanguage(dir, config)
	c.Platform = detect.Infer("windows", "pages of the .NET Framework run in IIS alone", whole)
	k := p.webFramework("", whole, x)
	c.Framework, c.FrameworkVersion = k.framework, k.version
	p.siteVersion(&c)
	if k.versionIsLanguage && c.LanguageVersion.From != detect.Default {
		c.FrameworkVersion = c.LanguageVersion
	}
	p.setServer(&c, k)
	c.Build = detect.Infer("none", "IIS compiles a web site itself", whole)
	c.Facts["site"] = detect.Infer("true", "there is no project file: IIS compiles the pages", whole)
	hits := p.hits(false)
	c.Services = p.services(hits)
	c.Env = p.env(&c, hits)
	c.Writes = p.writes(hits)
	c.EndOfLife = p.endOfLife()
	c.Readiness = p.readiness(&c, hits)
	return c, true
}

// isSite reports a web site: a solution names it, or its configuration and pages are those of one.
func (ix *index) isSite(dir string, x *pages, config *configFile) bool {
	for _, s := range ix.load() {
		for _, one := range s.sites {
			if one.dir == dir {
				return true
			}
		}
	}
	if len(config.at("system.web")) == 0 && len(config.at("connectionStrings")) == 0 && len(config.at("system.webServer")) == 0 {
		return false
	}
	direct := func(list []string) bool {
		return slices.ContainsFunc(list, func(f string) bool { return path.Dir(f) == dir })
	}
	return direct(x.forms) || direct(x.services) || direct(x.startup) || direct(x.views) && len(config.at("system.web", "compilation")) > 0
}

// siteLanguage is the language of the code beside the pages.
func (ix *index) siteLanguage(dir string, config *configFile) detect.Value[string] {
	basic, sharp := 0, 0
	for _, s := range ix.own[dir] {
		switch strings.ToLower(path.Ext(s)) {
		case ".vb":
			basic++
		case ".cs":
			sharp++
		}
	}
	for _, e := range config.at("system.web", "compilation") {
		if basic == sharp && strings.HasPrefix(strings.ToLower(e.Attr("defaultLanguage")), "vb") {
			return detect.Is("vb", config.evidence(e))
		}
	}
	if basic > sharp {
		return detect.Infer("vb", "the code beside the pages", config.file.Evidence(0))
	}
	return detect.Infer("csharp", "the code beside the pages", config.file.Evidence(0))
}

// siteVersion is the .NET Framework that a web site's configuration or its solution names.
func (p *project) siteVersion(c *detect.Component) {
	set := func(v detect.Value[string]) {
		c.LanguageVersion = v
		p.target = target{family: framework, version: v.V, moniker: v.V}
		p.from = v.Evidence
	}
	for _, name := range []string{"compilation", "httpRuntime"} {
		for _, e := range p.config.at("system.web", name) {
			if v := e.Attr("targetFramework"); v != "" && len(numbers(v)) > 0 {
				set(detect.Is(v, p.config.evidence(e)))
				return
			}
		}
	}
	for _, s := range p.ix.load() {
		for _, one := range s.sites {
			if t := parseTarget(one.target); one.dir == p.dir() && t.family == framework && t.version != "" {
				set(detect.Is(t.version, s.file.Evidence(one.targets)))
				return
			}
		}
	}
	newest, at := "", (*manifest.Element)(nil)
	for _, e := range p.config.at("system.web", "compilation", "assemblies", "add") {
		if n := numbers(assemblyVersion(e.Attr("assembly"))); len(n) >= 2 {
			if v := itoa(n[0]) + "." + itoa(n[1]); before(newest, v) && (v == "2.0" || v == "3.5" || v == "4.0") {
				newest, at = v, e
			}
		}
	}
	if at != nil {
		set(detect.Infer(newest, "its configuration names assemblies of that release", p.config.evidence(at)))
		return
	}
	if system := p.config.at("system.web"); len(system) > 0 && len(p.config.at("system.webServer")) == 0 {
		set(detect.Infer("2.0", "its configuration knows nothing newer than IIS 6", p.config.evidence(system[0])))
		return
	}
	c.LanguageVersion = detect.Guess("4.8", "nothing states a version of the .NET Framework; 4.8 runs what any 4.x was built for")
}
