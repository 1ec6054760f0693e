package dotnet

import (
	"context"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

// detectAll runs the detector over files and fails on a panic, on a place that does not exist, and on names that no template may be given.
func detectAll(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	found, err := detect.Run(context.Background(), detecttest.Tree(files), []detect.Detector{Detector{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range found.Warnings {
		if strings.Contains(w.Text, "internal error") {
			t.Fatal(w.Text)
		}
	}
	for _, c := range found.Components {
		for _, e := range c.LanguageVersion.Evidence {
			if e.File != "" && files[e.File] == "" {
				t.Fatalf("evidence of nothing: %+v", e)
			}
		}
		if n := c.Facts["assembly"].V; n != "" && !plainName(n) {
			t.Fatalf("assembly %q", n)
		}
		for _, e := range c.Env {
			if e.Secret && e.Default != "" {
				t.Fatalf("the secret %s is written down", e.Name)
			}
		}
	}
	return found
}

// FuzzProject hands foreign project files and what they import to the detector.
func FuzzProject(f *testing.F) {
	f.Add([]byte(webCore), []byte(`<Project><PropertyGroup><A>$(B)</A><B>$(A)</B></PropertyGroup></Project>`))
	f.Add([]byte(webForms), []byte(`<Project><ItemGroup><PackageVersion Include="Npgsql" Version="$(N)"/></ItemGroup></Project>`))
	f.Add([]byte(`<Project Sdk="Microsoft.NET.Sdk.Web"><Import Project="B.csproj"/><ItemGroup><ProjectReference Include="B.csproj"/></ItemGroup></Project>`), []byte(`<Project><Choose><When Condition="'$(X)'=='' and !(Exists('a'))"><PropertyGroup><TargetFramework>net6.0</TargetFramework></PropertyGroup></When></Choose></Project>`))
	f.Fuzz(func(t *testing.T, project, props []byte) {
		detectAll(t, map[string]string{"a/b/B.csproj": string(project), "a/Directory.Build.props": string(props), "a/Directory.Packages.props": string(props), "a/b/Program.cs": "static void Main() {}\n"})
	})
}

// FuzzCondition evaluates foreign conditions.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{"'$(A)' == 'b' and (Exists('x') or !$(C))", "'a' != ", "((((", "$(A) >= 2.0", "!!!!true"} {
		f.Add(s, "net6.0;net48")
	}
	f.Fuzz(func(t *testing.T, condition, targets string) {
		e := &evaluation{ix: newIndex(detect.NewDir(detecttest.Tree(map[string]string{"x": "y"}), ".")), props: map[string]property{"a": {value: "b"}}}
		c := &conditionTest{e}
		c.eval(condition)
		for _, one := range strings.Split(targets, ";") {
			if v := parseTarget(one).version; v != "" && strings.Trim(v, "0123456789.") != "" {
				t.Fatalf("%q is no version", v)
			}
		}
	})
}

type conditionTest struct{ e *evaluation }

func (c *conditionTest) eval(text string) (bool, bool) {
	x := condition{e: c.e, text: text, f: detect.File{Path: "x"}}
	v, ok := x.or(0)
	x.skip()
	return v, ok && x.at == len(x.text)
}

// FuzzSolution reads foreign solutions of both forms.
func FuzzSolution(f *testing.F) {
	f.Add([]byte("Microsoft Visual Studio Solution File, Format Version 12.00\r\nProject(\"{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}\") = \"B\", \"b\\B.csproj\", \"{1}\"\r\nEndProject\r\nGlobal\r\n{1}.Release|Any CPU.Build.0 = Release\r\n"), []byte(`<Solution><Folder Name="/x/"><Project Path="b/B.csproj"/></Folder></Solution>`))
	f.Add([]byte("Project(\"{E24C65DC-7377-472B-9ABA-BC803B73C61A}\") = \"site\", \"http://localhost/x\", \"{2}\"\n\tProjectSection(WebsiteProperties) = preProject\n\t\tTargetFrameworkMoniker = \".NETFramework,Version%3Dv4.0\"\n"), []byte("<a/>"))
	f.Fuzz(func(t *testing.T, classic, xml []byte) {
		detectAll(t, map[string]string{"a/S.sln": string(classic), "a/T.slnx": string(xml), "a/b/B.csproj": webForms, "a/b/Default.aspx": "<%@ Page %>", "a/site/web.config": "<configuration><system.web/></configuration>", "a/site/p.aspx": "<%@ Page %>"})
	})
}

// FuzzConfig reads foreign configuration of the .NET Framework: web.config, packages.config, nuget.config, log4net's.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(`<configuration><connectionStrings><add name="a" connectionString="metadata=res://*;provider=System.Data.SqlClient;provider connection string=&quot;data source=.;initial catalog=S&quot;" providerName="System.Data.EntityClient"/></connectionStrings><system.web><sessionState mode="StateServer"/><machineKey/></system.web></configuration>`),
		[]byte(`<packages><package id="Microsoft.AspNet.Mvc" version="5.2.3"/></packages>`), []byte(`<configuration><packageSources><add key="x" value="https://nuget.example.com/v3/index.json"/></packageSources></configuration>`))
	f.Fuzz(func(t *testing.T, web, packages, feeds []byte) {
		detectAll(t, map[string]string{"b/B.csproj": webForms, "b/Web.config": string(web), "b/packages.config": string(packages), "NuGet.Config": string(feeds), "b/log4net.config": string(web), "b/p.aspx": "<%@ Page %>"})
	})
}

// FuzzSettings reads foreign JSON: settings, launch profiles, lock files, the SDK's version.
func FuzzSettings(f *testing.F) {
	f.Add([]byte("{ // comment\n \"ConnectionStrings\": { \"Shop\": \"Host=db;Database=shop\", }, /* x */ \"Kestrel\": {\"Endpoints\": {\"Http\": {\"Url\": \"http://*:5005\"}}} }"), []byte(`{"version":1,"dependencies":{"net6.0":{"Npgsql":{"type":"Direct","resolved":"6.0.1"}}}}`))
	f.Add([]byte(`{"sdk":{"version":"3.1.100"},"profiles":{"a":{"applicationUrl":"https://localhost:5001;http://localhost:5000"}}}`), []byte(`{"a":"\"//"}`))
	f.Fuzz(func(t *testing.T, settings, lock []byte) {
		detectAll(t, map[string]string{"b/B.csproj": webCore, "b/appsettings.json": string(settings), "b/packages.lock.json": string(lock), "global.json": string(settings), "b/Properties/launchSettings.json": string(settings), "b/Program.cs": "static void Main() {}\n"})
	})
}

// FuzzProjectJSON reads foreign projects of .NET Core 1's first tools.
func FuzzProjectJSON(f *testing.F) {
	f.Add([]byte(`{"dependencies":{"Microsoft.AspNetCore.Mvc":"1.0.1","Npgsql":{"version":"3.1.0"}},"frameworks":{"netcoreapp1.0":{"dependencies":{"Microsoft.NETCore.App":{"type":"platform","version":"1.0.1"}}}},"buildOptions":{"emitEntryPoint":true}}`))
	f.Add([]byte(`{"webroot":"wwwroot","commands":{"web":"Microsoft.AspNet.Server.Kestrel"},"frameworks":{"dnx451":{},"dnxcore50":{}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		detectAll(t, map[string]string{"src/Web/project.json": string(data), "src/Web/Program.cs": "static void Main() { new WebHostBuilder(); }\n"})
	})
}

// FuzzSource searches foreign sources.
func FuzzSource(f *testing.F) {
	f.Add([]byte("static void Main() { var k = Environment.GetEnvironmentVariable(\"A\") ?? \"b\"; app.MapHealthChecks(\"/healthz\"); }\n"))
	f.Add([]byte("<DllImport(\"kernel32.dll\")>\n' comment\nDeclare Function X Lib \"user32\" ()\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		detectAll(t, map[string]string{"b/B.csproj": webCore, "b/Program.cs": string(data), "c/C.vbproj": webForms, "c/Web.config": "<configuration/>", "c/X.vb": string(data), "c/p.aspx": "<%@ Page %>"})
	})
}
