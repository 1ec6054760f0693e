package dockerfile

import (
	"context"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// dotnetApp is an ASP.NET Core application as detection describes one.
func dotnetApp(edits ...func(*detect.Component)) detect.Component {
	c := detect.Component{
		Name: "web", Path: ".", Stack: "dotnet", Role: detect.Is(detect.Web), Platform: detect.Is("linux"), Language: detect.Is("csharp"), LanguageVersion: detect.Is("6.0"), Framework: detect.Is("aspnet-core"), Build: detect.Is("dotnet"),
		AppServer: detect.Is("kestrel"), Port: detect.Is(5000), Processes: []detect.Process{{Name: "web", Command: []string{"dotnet", "Web.dll"}, From: detect.Declared}},
		Facts: facts("project", "Web.csproj", "assembly", "Web", "manifests", "Web.csproj"),
	}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

func fact(pairs ...string) func(*detect.Component) {
	return func(c *detect.Component) {
		for k, v := range facts(pairs...) {
			c.Facts[k] = v
		}
	}
}

func version(v string) func(*detect.Component) {
	return func(c *detect.Component) { c.LanguageVersion = detect.Is(v) }
}

// onWindowsIIS makes an application one of the .NET Framework in IIS.
func onWindowsIIS(c *detect.Component) {
	c.Platform, c.LanguageVersion, c.Framework, c.Build = detect.Is("windows"), detect.Is("4.6.1"), detect.Is("aspnet-mvc"), detect.Is("msbuild")
	c.AppServer, c.Port, c.Processes = detect.Is("iis"), detect.Is(80), nil
}

// onWindows makes it a program of the .NET Framework.
func onWindows461(c *detect.Component) {
	onWindowsIIS(c)
	c.Role, c.AppServer, c.Framework, c.Port = detect.Is(detect.Worker), detect.Is("none"), detect.Is("none"), detect.Value[int]{}
	c.Processes = []detect.Process{{Name: "worker", Command: []string{"Web.exe"}, From: detect.Declared}}
}

func TestDotnetVariants(t *testing.T) {
	package1 := func(c *detect.Component) {
		c.SystemPackages = []detect.SystemPackage{{Name: "libgdiplus", Run: []string{"libgdiplus"}}}
	}
	for name, tt := range map[string]struct {
		component detect.Component
		want, not []string
		fails     string
	}{
		"plain":                  {component: dotnetApp(), want: []string{"FROM mcr.microsoft.com/dotnet/sdk:6.0 AS build", "COPY Web.csproj ./", "FROM mcr.microsoft.com/dotnet/aspnet:6.0\n", "/p:UseAppHost=false", "USER 10001:0", `CMD ["dotnet", "Web.dll"]`}, not: []string{"secret", "apt-get", "node"}},
		"an SDK that is newer":   {component: dotnetApp(fact("buildSdk", "8.0")), want: []string{"dotnet/sdk:8.0 AS build", "dotnet/aspnet:6.0\n"}},
		"many targets, a lock":   {component: dotnetApp(fact("targetFramework", "net6.0", "lockedRestore", "true")), want: []string{"--framework net6.0 --output", "dotnet restore Web.csproj --locked-mode"}},
		"a private feed":         {component: dotnetApp(fact("nugetConfig", "NuGet.config")), want: []string{"--mount=type=secret,id=nuget,target=/root/.nuget/NuGet/NuGet.Config"}},
		"npm while publishing":   {component: dotnetApp(fact("node", "16", "frontend", "ClientApp")), want: []string{"FROM node:16 AS node", "COPY --from=node /usr/local/bin /usr/local/bin"}, not: []string{"AS frontend"}},
		"native libraries":       {component: dotnetApp(package1), want: []string{"      libgdiplus\n"}},
		"an archive that closed": {component: dotnetApp(package1, version("3.1")), want: []string{"dotnet/aspnet:3.1\n# Not installed, because the packages of this image's Debian release are no longer served: libgdiplus"}, not: []string{"apt-get"}},
		"2.2":                    {component: dotnetApp(version("2.2")), want: []string{"dotnet/core/sdk:2.2 AS build", "dotnet/core/aspnet:2.2\n"}, not: []string{"UseAppHost"}},
		"2.0":                    {component: dotnetApp(version("2.0")), want: []string{"dotnet/sdk:2.1 AS build", "dotnet/aspnet:2.1\n", "/p:PublishWithAspNetCoreTargetManifest=false"}},
		"project.json":           {component: dotnetApp(version("1.0"), fact("project", "src/Web/project.json", "projectJson", "true", "projectName", "Web", "projectDir", "src/Web")), want: []string{"dotnet migrate src/Web/project.json", "dotnet restore src/Web/Web.csproj", "dotnet/core/runtime:1.0\n"}},
		"DNX":                    {component: dotnetApp(version("4.5.1"), fact("projectJson", "true", "projectName", "Web")), fails: "no image has DNX"},
		"a program whose library serves": {component: dotnetApp(fact("aspnetRuntime", "true"), func(c *detect.Component) {
			c.Role, c.Framework, c.Port = detect.Is(detect.Worker), detect.Is("none"), detect.Value[int]{}
			c.Processes[0].Name = "worker"
		}), want: []string{"dotnet/aspnet:6.0\n"}, not: []string{"EXPOSE"}},
		"Blazor in the browser": {component: dotnetApp(fact("wasm", "true", "fallback", "index.html"), func(c *detect.Component) {
			c.Role, c.Port, c.AppServer = detect.Is(detect.SPA), detect.Is(8080), detect.Is("none")
			c.Processes = []detect.Process{{Name: "spa", Command: []string{"nginx", "-g", "daemon off;"}}}
		}), want: []string{"FROM nginx:1.26\n", "COPY --from=build /out/wwwroot /usr/share/nginx/html/", "listen 8080;", "try_files"}},
		"Azure Functions": {component: dotnetApp(fact("functions", "isolated"), func(c *detect.Component) {
			c.Role, c.Processes, c.Port = detect.Is(detect.Function), nil, detect.Value[int]{}
		}), want: []string{"FROM mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated6.0", "AzureWebJobsScriptRoot=/home/site/wwwroot"}},
		"another platform's function": {component: dotnetApp(func(c *detect.Component) { c.Role, c.Processes = detect.Is(detect.Function), nil }), fails: "Azure Functions have one"},
		"no project":                  {component: dotnetApp(fact("project", "")), fails: "set facts.project"},
		"IIS": {component: dotnetApp(onWindowsIIS, fact("manifests", "Web.csproj packages.config", "packagesDir", "packages")), want: []string{
			"dotnet/framework/sdk:4.8-windowsservercore-ltsc2022 AS build", "nuget restore packages.config -PackagesDirectory packages", "/p:publishUrl=C:/out", "dotnet/framework/aspnet:4.8-windowsservercore-ltsc2022\n", "WORKDIR /inetpub/wwwroot", "powershell", "only an engine that runs Windows containers",
		}, not: []string{"CMD [\"dotnet", "useradd", "bash"}},
		"IIS with ASP.NET 2":        {component: dotnetApp(onWindowsIIS, version("2.0"), fact("packageReferences", "true", "solutionDir", "src")), want: []string{"framework/aspnet:3.5-", "msbuild Web.csproj /t:Restore", "/p:SolutionDir=C:/src/src/"}},
		"WCF":                       {component: dotnetApp(onWindowsIIS, func(c *detect.Component) { c.Framework = detect.Is("wcf") }), want: []string{"framework/wcf:4.8-"}},
		"a web site":                {component: dotnetApp(onWindowsIIS, fact("site", "true", "project", "")), want: []string{"FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8", "COPY . ."}, not: []string{"msbuild"}},
		"a Windows service":         {component: dotnetApp(onWindows461, fact("windowsService", "Web")), want: []string{`sc create Web binPath= C:\app\Web.exe`, "framework/runtime:4.8-", "Start-Service Web"}},
		"a Windows program":         {component: dotnetApp(onWindows461), want: []string{"USER ContainerUser", `CMD ["Web.exe"]`, "/p:OutDir=C:/out/"}},
		"a Windows program of .NET": {component: dotnetApp(onWindows461, version("8.0"), func(c *detect.Component) { c.Build = detect.Is("dotnet") }), want: []string{"dotnet/sdk:8.0-windowsservercore-ltsc2022", "dotnet/runtime:8.0-windowsservercore-ltsc2022"}},
		"a path with a trick":       {component: dotnetApp(onWindowsIIS, fact("project", "a b & del.csproj")), fails: "a plain path is wanted"},
	} {
		t.Run(name, func(t *testing.T) {
			artifacts, err := target.Generate(context.Background(), newPlan(t, tt.component))
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want one with %q", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range target.Check(artifacts) {
				t.Errorf("%+v\n%s", problem, artifacts[0].Content)
			}
			got := string(artifacts[0].Content)
			mustHold(t, got, tt.want, tt.not)
		})
	}
}
