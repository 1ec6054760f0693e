// Package dotnet recognises .NET: applications of the .NET Framework for IIS and Windows, and of .NET Core and later. It reads
// project files, solutions, configuration and source; nothing is ever run.
package dotnet

import (
	"context"
	"path"
	"slices"

	"github.com/drydock-cli/drydock/detect"
)

// Detector recognises .NET.
type Detector struct{}

// Name is "dotnet".
func (Detector) Name() string { return "dotnet" }

// Markers are project files, and the configuration of a web site that has none.
func (Detector) Markers() []string {
	return []string{"*.csproj", "*.vbproj", "*.fsproj", "project.json", "web.config", "Web.config", "Web.Config"}
}

// Detect says what the projects of dir are. Libraries and tests are nothing that is deployed.
//
// Facts: project (the project file, relative to Root), assembly (the name of what is built), manifests (the files that
// restoring packages reads, relative to Root, separated by spaces), sdk (the version that global.json names), globalJson (that file, relative to Root), buildSdk (the release
// of the SDK that builds it, where it is newer than languageVersion), targetFramework (the one of several that is published),
// lockedRestore ("true": packages.lock.json decides the versions), nugetConfig (the nuget.config that names private feeds, relative
// to Root), projectJson ("true": a project of .NET Core 1's first tools, which is migrated before it is built, into the project
// projectName in projectDir), node (the Node release that publishing wants, where the project itself runs npm), spa (the front end's
// directory that publishing builds, relative to Path), aspnetRuntime ("true": a library
// of a program that serves nothing wants ASP.NET Core's run-time), invariant ("true": it asks for no cultures), wasm ("true": a Blazor application
// that runs in the browser), fallback (its first page), functions (the host of Azure Functions: isolated, inProcess).
// For Windows: site ("true": a web site that IIS compiles itself, without a project), packagesDir (where packages.config's
// packages go, relative to Root), packageReferences ("true": packages are named in project files), solutionDir (the solution's
// directory, relative to Root), windowsService (the name of the service that Windows starts).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	ix := indexOf(dir)
	var out []detect.Component
	names := slices.Clone(ix.projects[dir.Path])
	slices.Sort(names)
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if path.Base(name) == "project.json" && len(names) > 1 {
			continue // left behind when the project was migrated
		}
		p := ix.open(name)
		if p == nil {
			continue
		}
		if c, ok := p.component(); ok {
			out = append(out, c)
		}
	}
	out = onePerSite(ix, out)
	if len(names) == 0 && ix.sites[dir.Path] {
		if c, ok := ix.site(dir.Path); ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// onePerSite keeps one of several projects that are the same web application in one directory, as repositories have them for
// several releases of their tools: one that a solution names, else the newest.
func onePerSite(ix *index, cs []detect.Component) []detect.Component {
	best := -1
	for i, c := range cs {
		if c.AppServer.V != "iis" {
			continue
		}
		if best < 0 || better(ix, c, cs[best]) {
			best = i
		}
	}
	var out []detect.Component
	for i, c := range cs {
		if c.AppServer.V != "iis" || i == best {
			out = append(out, c)
		}
	}
	return out
}

func better(ix *index, a, b detect.Component) bool {
	inA, inB := ix.solutionOf(fileOf(a)) != nil, ix.solutionOf(fileOf(b)) != nil
	if inA != inB {
		return inA
	}
	if a.LanguageVersion.V != b.LanguageVersion.V {
		return before(b.LanguageVersion.V, a.LanguageVersion.V)
	}
	return len(a.Name) < len(b.Name)
}

// fileOf is the project file of a component.
func fileOf(c detect.Component) string {
	if ev := c.Facts["project"].Evidence; len(ev) > 0 {
		return ev[0].File
	}
	return ""
}
