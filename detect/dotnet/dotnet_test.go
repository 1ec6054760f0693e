package dotnet

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

const webCore = `<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup><TargetFramework>netcoreapp3.1</TargetFramework></PropertyGroup>
  <ItemGroup><PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" Version="3.1.0" />
  <ProjectReference Include="..\Core\Core.csproj" /></ItemGroup>
</Project>
`

const webForms = `<?xml version="1.0" encoding="utf-8"?>
<Project ToolsVersion="4.0" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <PropertyGroup>
    <ProjectTypeGuids>{349c5851-65df-11da-9384-00065b846f21};{fae04ec0-301f-11d3-bf4b-00c04f79efbc}</ProjectTypeGuids>
    <OutputType>Library</OutputType>
    <TargetFrameworkVersion>v4.5</TargetFrameworkVersion>
  </PropertyGroup>
</Project>
`

func shop() map[string]string {
	return map[string]string{
		"src/Web/Web.csproj": webCore, "src/Core/Core.csproj": `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>netstandard2.1</TargetFramework></PropertyGroup></Project>`,
		"src/Web/Program.cs":             "class Program { static void Main() { var k = System.Environment.GetEnvironmentVariable(\"SHOP_KEY\"); } }\n",
		"tests/WebTests/WebTests.csproj": `<Project Sdk="Microsoft.NET.Sdk.Web"></Project>`,
	}
}

func TestConformance(t *testing.T) {
	app := fstest.MapFS{}
	for name, text := range shop() {
		app[name] = &fstest.MapFile{Data: []byte(text)}
	}
	old := fstest.MapFS{"Site/Site.csproj": {Data: []byte(webForms)}, "Site/Default.aspx": {Data: []byte("<%@ Page %>\n")},
		"Site/Web.config": {Data: []byte("<configuration><connectionStrings><add name=\"a\" connectionString=\"Data Source=.;Initial Catalog=Shop\" providerName=\"System.Data.SqlClient\"/></connectionStrings>\n<system.web><sessionState mode=\"InProc\"/></system.web></configuration>\n")}}
	detecttest.Run(t, Detector{}, app, old)
}

func TestComponents(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // path role language version framework build platform root services
	}{
		{"ASP.NET Core with a library", shop(), "src/Web web csharp 3.1 aspnet-core dotnet linux src postgresql!"},
		{"WebForms", map[string]string{"Site/Site.csproj": webForms, "Site/Default.aspx": "", "Site/Web.config": "<configuration/>"}, "Site web csharp 4.5 aspnet-webforms msbuild windows "},
		{"a web site without a project", map[string]string{"web.config": `<configuration><system.web><compilation targetFramework="4.6.1"/></system.web></configuration>`, "Default.aspx": ""}, ". web csharp 4.6.1 aspnet-webforms none windows "},
		{"a worker", map[string]string{"W/W.csproj": `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net7.0</TargetFramework></PropertyGroup><ItemGroup><PackageReference Include="StackExchange.Redis"/></ItemGroup></Project>`,
			"W/Program.cs": "while (true) { }\n"}, "W worker csharp 7.0 none dotnet linux  redis!"},
		{"a library", map[string]string{"L/L.csproj": `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net6.0</TargetFramework></PropertyGroup></Project>`}, ""},
		{"Visual Basic", map[string]string{"V/V.vbproj": `<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net6.0</TargetFramework></PropertyGroup></Project>`}, "V web vb 6.0 aspnet-core dotnet linux "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := detect.Run(context.Background(), detecttest.Tree(tt.files), []detect.Detector{Detector{}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range f.Components {
				s := fmt.Sprint(c.Path, " ", c.Role.V, " ", c.Language.V, " ", c.LanguageVersion.V, " ", c.Framework.V, " ", c.Build.V, " ", c.Platform.V, " ", c.Root)
				for _, x := range c.Services {
					s += " " + x.Kind
					if x.Required {
						s += "!"
					}
				}
				got = append(got, s)
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}
