package dotnet

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// kind is what a project is: its role and framework.
type kind struct {
	role              detect.Value[detect.Role]
	framework         detect.Value[string]
	version           detect.Value[string]
	versionIsLanguage bool // the framework's version is that of .NET
	web               bool // it serves HTTP
	selfHosted        bool // on a server of its own, not in IIS
	wasm              bool
}

// kind tells what the project is; false: a library, or what has no place in a container.
func (p *project) kind() (kind, bool) {
	if p.isFramework() {
		return p.frameworkKind()
	}
	if p.target.family == standard {
		return kind{}, false
	}
	return p.coreKind()
}

// output is the kind of assembly that is built: exe, winexe, library.
func (p *project) output() (string, detect.Evidence) {
	if p.json != nil {
		if p.json.exe {
			return "exe", p.file.Evidence(p.json.exeLine)
		}
		return "library", p.head()
	}
	if v, ok := p.eval.prop("OutputType"); ok {
		return strings.ToLower(v.value), v.place()
	}
	if p.root.Name == "VisualStudioProject" {
		out := ""
		for _, s := range p.root.Children {
			if o := s.Find("Build", "Settings").Attr("OutputType"); o != "" {
				out = strings.ToLower(o)
			}
		}
		return out, p.head()
	}
	return "", p.head()
}

// aspnetCore are the packages of ASP.NET Core itself.
var aspnetCore = []string{
	"microsoft.aspnetcore.app", "microsoft.aspnetcore.all", "microsoft.aspnetcore", "microsoft.aspnetcore.mvc", "microsoft.aspnetcore.mvc.core", "microsoft.aspnetcore.server.kestrel",
	"microsoft.aspnetcore.hosting", "microsoft.aspnetcore.server.iisintegration", "microsoft.aspnet.server.kestrel", "microsoft.aspnet.mvc", "microsoft.aspnet.server.weblistener", "microsoft.aspnet.server.iis", "giraffe", "saturn", "suave", "nancy", "servicestack.kestrel",
}

// functionPackages are those of programs that a platform calls.
var functionPackages = []string{"microsoft.net.sdk.functions", "microsoft.azure.functions.worker", "microsoft.azure.functions.worker.sdk"}

// coreKind tells what a project of .NET Core or later is.
func (p *project) coreKind() (kind, bool) {
	output, oev := p.output()
	own := p.hits(false)
	none := detect.Infer("none", "a program without a web framework", p.head())
	fx := detect.Is("aspnet-core", p.head())
	if x, ok := p.packages.first(functionPackages...); ok {
		return kind{role: detect.Is(detect.Function, x.evidence), framework: none}, true
	}
	if p.eval.get("AzureFunctionsVersion") != "" {
		v, _ := p.eval.prop("AzureFunctionsVersion")
		return kind{role: detect.Is(detect.Function, v.place()), framework: none}, true
	}
	if x, ok := p.packages.first("amazon.lambda.aspnetcoreserver", "amazon.lambda.core", "amazon.lambda.runtimesupport"); ok && (output == "" || output == "library" || len(of(own, "lambda")) > 0) {
		return kind{role: detect.Is(detect.Function, x.evidence), framework: none}, true
	}
	runs := output == "exe" || output == "winexe"
	switch {
	case p.sdk == "Microsoft.NET.Sdk.BlazorWebAssembly" || p.packages.has("microsoft.aspnetcore.components.webassembly", "microsoft.aspnetcore.blazor") && p.sdk != "Microsoft.NET.Sdk.Web" || p.packages.has("microsoft.aspnetcore.components.webassembly.devserver", "microsoft.aspnetcore.blazor.devserver"):
		if p.hosted() || p.sdk == "Microsoft.NET.Sdk.Razor" {
			return kind{}, false
		}
		return kind{role: detect.Is(detect.SPA, p.head()), framework: fx, versionIsLanguage: true, wasm: true}, true
	case output == "library" || output == "module":
		return kind{}, false
	case p.sdk == "Microsoft.NET.Sdk.Web" || p.sdk == "FSharp.NET.Sdk" && p.packages.has(aspnetCore...):
		if !p.begins(own) {
			return kind{}, false
		}
		return p.webKind(fx), true
	case p.sdk == "Microsoft.NET.Sdk.Worker":
		return kind{role: detect.Is(detect.Worker, p.head()), framework: none}, true
	case p.desktop():
		return kind{}, false
	case runs || p.json != nil && p.json.web:
		return p.programKind(own, fx, none, oev), true
	}
	return kind{}, false
}

// webKind is a project of the web SDK: a server.
func (p *project) webKind(fx detect.Value[string]) kind {
	return kind{role: detect.Is(detect.Web, p.head()), framework: fx, versionIsLanguage: true, web: true, selfHosted: true}
}

// programKind tells what a console program of .NET Core is.
func (p *project) programKind(own []hit, fx, none detect.Value[string], oev detect.Evidence) kind {
	x, uses := p.packages.first(aspnetCore...)
	if hosts := of(own, "host"); uses && (len(hosts) > 0 || p.json != nil && p.json.web || p.packages.has("giraffe", "saturn", "suave")) {
		fx.Evidence = []detect.Evidence{x.evidence}
		return kind{role: detect.Is(detect.Web, append([]detect.Evidence{x.evidence}, shown(hosts, 2)...)...), framework: fx, versionIsLanguage: true, web: true, selfHosted: true}
	}
	if h, ok := p.hostsByLibrary(); ok {
		fx.Evidence = []detect.Evidence{h.evidence}
		return kind{role: detect.Infer(detect.Web, "a library of the repository starts the web server for it", h.evidence), framework: fx, versionIsLanguage: true, web: true, selfHosted: true}
	}
	for _, id := range []string{"service", "endless"} {
		if h := of(own, id); len(h) > 0 {
			return kind{role: detect.Infer(detect.Worker, "it runs without end", h[0].evidence), framework: none}
		}
	}
	if h := of(own, "owin"); len(h) > 0 {
		return kind{role: detect.Infer(detect.Web, "it listens itself", h[0].evidence), framework: none, web: true, selfHosted: true}
	}
	if x, ok := p.packages.first("dbup", "dbup-*", "fluentmigrator.runner", "evolve"); ok {
		return kind{role: detect.Infer(detect.Batch, "it brings a database up to date", x.evidence), framework: none}
	}
	return kind{role: detect.Infer(detect.CLI, "a program that is started from a command line", oev), framework: none}
}

// hostsByLibrary looks for a web server that a library which the program refers to directly starts.
func (p *project) hostsByLibrary() (hit, bool) {
	for _, name := range p.direct() {
		q := p.ix.open(name)
		if q == nil || q.sdk != "Microsoft.NET.Sdk.Web" && !q.packages.has(aspnetCore...) {
			continue
		}
		if output, _ := q.output(); output != "library" && (output != "" || q.sdk == "Microsoft.NET.Sdk.Web") {
			continue
		}
		if h := of(q.hits(false), "host"); len(h) > 0 {
			return h[0], true
		}
	}
	return hit{}, false
}

// begins reports whether the project's sources hold where a program begins. Sources that cannot be told apart from nothing
// are taken to.
func (p *project) begins(own []hit) bool {
	sources := p.sources()
	if len(sources) == 0 || len(of(own, "main"))+len(of(own, "entry"))+len(of(own, "host")) > 0 {
		return true
	}
	for _, s := range sources {
		if base := strings.ToLower(path.Base(s)); strings.HasPrefix(base, "program.") || strings.HasPrefix(base, "startup.") {
			return true
		}
	}
	return false
}

// hosted reports whether a web project of the repository serves this one.
func (p *project) hosted() bool {
	for _, dir := range sortedKeys(p.ix.projects) {
		for _, name := range p.ix.projects[dir] {
			if name == p.path {
				continue
			}
			q := p.ix.open(name)
			if q == nil || q.sdk != "Microsoft.NET.Sdk.Web" {
				continue
			}
			for _, ref := range q.direct() {
				if ref == p.path {
					return true
				}
			}
		}
	}
	return false
}

// desktop reports a program with windows of its own, or for a phone. It is said, because nothing else of it is.
func (p *project) desktop() bool {
	for _, name := range []string{"UseWPF", "UseWindowsForms", "UseMaui", "UseWinUI"} {
		if v, ok := p.eval.prop(name); ok && strings.EqualFold(v.value, "true") {
			p.ix.root.Warn(v.place().File, v.place().Line, p.stem()+" is a desktop application: it has no place in a container and is left out")
			return true
		}
	}
	for _, mobile := range []string{"android", "ios", "maccatalyst", "tizen", "browser"} {
		if p.target.os == mobile {
			return true
		}
	}
	return p.packages.has("avalonia", "avalonia.desktop", "xamarin.forms", "eto.forms", "gtksharp", "terminal.gui")
}
