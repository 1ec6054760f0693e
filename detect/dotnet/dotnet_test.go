package dotnet

import (
	"context"
	"fmt"
	"os"
	"slices"
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

// exe is a program of the .NET Framework with some references.
func exe(target, items string) string {
	return `<Project ToolsVersion="12.0" xmlns="http://schemas.microsoft.com/developer/msbuild/2003"><PropertyGroup><OutputType>Exe</OutputType><TargetFrameworkVersion>` + target +
		`</TargetFrameworkVersion></PropertyGroup><ItemGroup>` + items + `</ItemGroup></Project>`
}

// sdk is a project of an SDK with some properties and items.
func sdk(name, properties, items string) string {
	return `<Project Sdk="` + name + `"><PropertyGroup>` + properties + `</PropertyGroup><ItemGroup>` + items + `</ItemGroup></Project>`
}

func shop() map[string]string {
	return map[string]string{
		"src/Web/Web.csproj": webCore, "src/Core/Core.csproj": sdk("Microsoft.NET.Sdk", "<TargetFramework>netstandard2.1</TargetFramework>", ""),
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
	detecttest.Run(t, Detector{}, app, old, os.DirFS("../../testdata/apps/dotnet-meters"), os.DirFS("../../testdata/apps/dotnet-bookings-mvc"), os.DirFS("../../testdata/apps/dotnet-courier-worker"))
}

func TestPatterns(t *testing.T) { detecttest.Patterns(t, ".") }

// describe is a component in one line: path role language version framework build platform root services.
func describe(c detect.Component) string {
	s := fmt.Sprint(c.Path, " ", c.Role.V, " ", c.Language.V, " ", c.LanguageVersion.V, " ", c.Framework.V, " ", c.Build.V, " ", c.Platform.V, " ", c.Root)
	for _, x := range c.Services {
		s += " " + x.Kind
		if x.Required {
			s += "!"
		}
	}
	return s
}

func TestComponents(t *testing.T) {
	const main = "class P { static void Main() { } }\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"ASP.NET Core with a library", shop(), "src/Web web csharp 3.1 aspnet-core dotnet linux src postgresql!"},
		{"WebForms", map[string]string{"Site/Site.csproj": webForms, "Site/Default.aspx": "", "Site/Web.config": "<configuration/>"}, "Site web csharp 4.5 aspnet-webforms msbuild windows "},
		{"a web site without a project", map[string]string{"web.config": `<configuration><system.web><compilation targetFramework="4.6.1"/></system.web></configuration>`, "Default.aspx": ""}, ". web csharp 4.6.1 aspnet-webforms none windows "},
		{"a web site that its solution names", map[string]string{"S.sln": "Project(\"{E24C65DC-7377-472B-9ABA-BC803B73C61A}\") = \"site\", \"site\\\", \"{1}\"\n\tTargetFrameworkMoniker = \".NETFramework,Version%3Dv3.5\"\nEndProject\n", "site/web.config": "<configuration/>", "site/a.aspx": "", "site/App_Code/A.vb": "' nothing\n"},
			"site web vb 3.5 aspnet-webforms none windows "},
		{"a web site of ASP.NET 2.0", map[string]string{"web.config": `<configuration><system.web><pages/></system.web></configuration>`, "a.aspx": ""}, ". web csharp 2.0 aspnet-webforms none windows "},
		{"folders of a web application", map[string]string{"W/W.csproj": webForms, "W/Web.config": "<configuration/>", "W/a.aspx": "", "W/Views/Web.config": "<configuration><system.web/></configuration>", "W/Views/b.aspx": ""}, "W web csharp 4.5 aspnet-webforms msbuild windows "},
		{"modules of a web application", map[string]string{"W/W.csproj": webForms, "W/Web.config": "<configuration/>", "W/Global.asax": "", "W/Modules/M/M.csproj": webForms, "W/Modules/M/Views/a.cshtml": ""}, "W web csharp 4.5 aspnet-webforms msbuild windows "},
		{"one web application with a project for each tool", map[string]string{"W/W.csproj": webForms, "W/W2005.csproj": strings.Replace(webForms, "v4.5", "v2.0", 1), "W/a.aspx": "", "W/Web.config": "<configuration/>"}, "W web csharp 4.5 aspnet-webforms msbuild windows "},
		{"a server that a library starts", map[string]string{"H/H.csproj": sdk("Microsoft.NET.Sdk", "<TargetFramework>net6.0</TargetFramework>", `<FrameworkReference Include="Microsoft.AspNetCore.App"/>`), "H/B.cs": "new WebHostBuilder();\n",
			"C/C.csproj": sdk("Microsoft.NET.Sdk", "<OutputType>Exe</OutputType><TargetFramework>net6.0</TargetFramework>", `<ProjectReference Include="../H/H.csproj"/>`), "C/P.cs": main}, "C web csharp 6.0 aspnet-core dotnet linux ."},
		{"MVC 1 with pages as views", map[string]string{"W/W.csproj": strings.Replace(webForms, "{349c5851", "{603c0e0b-db56-11dc-be95-000d561079b0};{349c5851", 1), "W/Views/Home/Index.aspx": "", "W/Default.aspx": "", "W/Web.config": "<configuration/>"}, "W web csharp 4.5 aspnet-mvc msbuild windows "},
		{"WCF", map[string]string{"W/W.csproj": webForms, "W/A.svc": "", "W/Web.config": "<configuration/>"}, "W web csharp 4.5 wcf msbuild windows "},
		{"Web API alone", map[string]string{"W/W.csproj": webForms, "W/packages.config": `<packages><package id="Microsoft.AspNet.WebApi" version="5.2.7"/></packages>`, "W/Global.asax": ""}, "W web csharp 4.5 aspnet-mvc msbuild windows "},
		{"Visual Studio 2003", map[string]string{"W/W.csproj": `<VisualStudioProject><CSHARP ProjectType="Web"><Build><Settings OutputType="Library"/></Build></CSHARP></VisualStudioProject>`, "W/a.aspx": ""}, "W web csharp 1.1 aspnet-webforms msbuild windows "},
		{"ASP.NET Core on the .NET Framework", map[string]string{"W/W.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net461</TargetFramework>", `<PackageReference Include="Microsoft.AspNetCore" Version="2.2.0"/>`), "W/Program.cs": main}, "W web csharp 4.6.1 aspnet-core dotnet windows "},
		{"a Windows service", map[string]string{"S/S.csproj": exe("v4.0", `<Reference Include="System.ServiceProcess"/>`), "S/P.cs": "class A : ServiceBase { }\n"}, "S worker csharp 4.0 none msbuild windows "},
		{"WCF in a program", map[string]string{"S/S.csproj": exe("v3.5", ""), "S/P.cs": "var h = new ServiceHost(typeof(A));\n"}, "S web csharp 3.5 wcf msbuild windows "},
		{"a desktop application", map[string]string{"S/S.csproj": strings.Replace(exe("v4.0", ""), "Exe", "WinExe", 1), "S/P.cs": main}, ""},
		{"a worker", map[string]string{"W/W.csproj": sdk("Microsoft.NET.Sdk", "<OutputType>Exe</OutputType><TargetFramework>net7.0</TargetFramework>", `<PackageReference Include="StackExchange.Redis"/>`),
			"W/Program.cs": "while (true) { }\n"}, "W worker csharp 7.0 none dotnet linux  redis!"},
		{"a worker of the worker SDK", map[string]string{"W/W.fsproj": sdk("Microsoft.NET.Sdk.Worker", "<TargetFramework>net8.0</TargetFramework>", "")}, "W worker fsharp 8.0 none dotnet linux "},
		{"a function", map[string]string{"F/F.csproj": sdk("Microsoft.NET.Sdk", "<TargetFramework>net6.0</TargetFramework><AzureFunctionsVersion>v4</AzureFunctionsVersion>", `<PackageReference Include="Microsoft.NET.Sdk.Functions" Version="4.1.0"/>`)}, "F function csharp 6.0 none dotnet linux "},
		{"Blazor in the browser", map[string]string{"B/B.csproj": sdk("Microsoft.NET.Sdk.BlazorWebAssembly", "<TargetFramework>net6.0</TargetFramework>", "")}, "B spa csharp 6.0 aspnet-core dotnet linux "},
		{"Blazor that a server serves", map[string]string{"B/B.csproj": sdk("Microsoft.NET.Sdk.BlazorWebAssembly", "<TargetFramework>net6.0</TargetFramework>", ""),
			"S/S.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net6.0</TargetFramework>", `<ProjectReference Include="../B/B.csproj"/>`), "S/Program.cs": main}, "S web csharp 6.0 aspnet-core dotnet linux ."},
		{"a library", map[string]string{"L/L.csproj": sdk("Microsoft.NET.Sdk", "<TargetFramework>net6.0</TargetFramework>", "")}, ""},
		{"a library of the web SDK", map[string]string{"L/L.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net6.0</TargetFramework>", ""), "L/A.cs": "class A { }\n"}, ""},
		{"tests, benchmarks, an orchestrator", map[string]string{"A/Shop.UnitTests.csproj": webCore, "B/Shop.Benchmarks.csproj": exe("v4.0", ""), "C/Shop.Checks.csproj": sdk("Microsoft.NET.Sdk", "<OutputType>Exe</OutputType>", `<PackageReference Include="xunit"/>`),
			"D/D.csproj": sdk("Microsoft.NET.Sdk", "<OutputType>Exe</OutputType><IsAspireHost>true</IsAspireHost>", "")}, ""},
		{"a sample of a library", map[string]string{"src/Mailer/Mailer.csproj": sdk("Microsoft.NET.Sdk", "<TargetFramework>net6.0</TargetFramework>", ""), "src/Mailer.Sample/Mailer.Sample.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net6.0</TargetFramework>", "")}, ""},
		{"a program that the solution left behind", map[string]string{"S.sln": "Project(\"{X}\") = \"A\", \"A\\A.csproj\", \"{1}\"\n", "A/A.csproj": exe("v4.0", ""), "B/B.csproj": exe("v4.0", "")}, "A cli csharp 4.0 none msbuild windows ."},
		{"Visual Basic", map[string]string{"V/V.vbproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net6.0</TargetFramework>", "")}, "V web vb 6.0 aspnet-core dotnet linux "},
		{"many targets", map[string]string{"V/V.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFrameworks>net472;netcoreapp2.1;netcoreapp3.1;net6.0-windows</TargetFrameworks>", "")}, "V web csharp 3.1 aspnet-core dotnet linux "},
		{"a target from a property above", map[string]string{"Directory.Build.props": "<Project><PropertyGroup><AppTarget>net5.0</AppTarget></PropertyGroup></Project>", "src/V/V.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>$(AppTarget)</TargetFramework>", "")}, "src/V web csharp 5.0 aspnet-core dotnet linux ."},
		{"a target from the SDK", map[string]string{"global.json": `{"sdk": {"version": "2.2.104"}}`, "V/V.csproj": sdk("Microsoft.NET.Sdk.Web", "", "")}, "V web csharp 2.2 aspnet-core dotnet linux "},
		{"project.json", map[string]string{"src/W/project.json": `{"dependencies": {"Microsoft.AspNetCore.Server.Kestrel": "1.0.0", "MySql.Data": "7.0.4"}, "frameworks": {"netcoreapp1.0": {}}, "buildOptions": {"emitEntryPoint": true}}`, "src/W/Program.cs": "new WebHostBuilder();\n"},
			"src/W web csharp 1.0 aspnet-core dotnet linux  mysql!"},
		{"DNX", map[string]string{"W/project.json": `{"webroot": "wwwroot", "commands": {"web": "Microsoft.AspNet.Server.Kestrel"}, "dependencies": {"Microsoft.AspNet.Server.Kestrel": "1.0.0-rc1-final"}, "frameworks": {"dnx451": {}}}`}, "W web csharp 4.5.1 aspnet-core dotnet linux "},
		{"another tool's project.json", map[string]string{"apps/x/project.json": `{"name": "x", "targets": {"build": {}}}`}, ""},
		{"a project that refers to itself", map[string]string{"A/A.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net6.0</TargetFramework>", `<ProjectReference Include="A.csproj"/>`)}, "A web csharp 6.0 aspnet-core dotnet linux "},
		{"files out of the tree", map[string]string{"A/A.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net6.0</TargetFramework>", `<ProjectReference Include="..\..\..\etc\B.csproj"/><Compile Include="..\..\..\C.cs"/>`)}, "A web csharp 6.0 aspnet-core dotnet linux "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range detectAll(t, tt.files).Components {
				got = append(got, describe(c))
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

func TestServices(t *testing.T) {
	core := func(packages ...string) string {
		items := ""
		for _, p := range packages {
			items += `<PackageReference Include="` + p + `" Version="1.0.0"/>`
		}
		return sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net6.0</TargetFramework>", items)
	}
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // kinds, ! for required, =NAME for the variable of the address
	}{
		{"a connection string names its variable", map[string]string{"A.csproj": core("Npgsql"), "appsettings.json": `{"ConnectionStrings": {"Shop": "Host=db;Database=shop"}}`}, "postgresql!=ConnectionStrings__Shop"},
		{"the code names it", map[string]string{"A.csproj": core("Microsoft.EntityFrameworkCore.SqlServer"), "Program.cs": "o.UseSqlServer(c.GetConnectionString(\"Main\"));\n"}, "sqlserver!=ConnectionStrings__Main"},
		{"a metapackage brings the driver", map[string]string{"A.csproj": core("Microsoft.AspNetCore.All"), "Startup.cs": "o.UseSqlServer(x);\n"}, "sqlserver!"},
		{"data in memory by default", map[string]string{"A.csproj": core("Microsoft.EntityFrameworkCore.SqlServer"), "Startup.cs": "o.UseInMemoryDatabase(x);\n", "appsettings.json": `{"UseInMemoryDatabase": true}`}, "sqlserver"},
		{"one of several databases", map[string]string{"A.csproj": core("Microsoft.EntityFrameworkCore.SqlServer", "Npgsql", "Microsoft.Data.Sqlite"), "Startup.cs": "o.UseNpgsql(x);\n"}, "postgresql! sqlserver sqlite"},
		{"queues, caches and documents", map[string]string{"A.csproj": core("MassTransit.RabbitMQ", "StackExchange.Redis", "MongoDB.Driver", "Confluent.Kafka", "NEST"), "appsettings.json": `{"Redis": {"ConnectionString": "redis:6379,abortConnect=false"}, "Queue": "amqp://mq"}`},
			"mongodb! redis!=Redis__ConnectionString rabbitmq!=Queue kafka! elasticsearch!"},
		{"Entity Framework's own connection string", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": `<configuration><connectionStrings><add name="E" connectionString="metadata=res://*/M.csdl;provider=MySql.Data.MySqlClient;provider connection string=&quot;server=x;database=y&quot;" providerName="System.Data.EntityClient"/></connectionStrings></configuration>`}, "mysql!"},
		{"a file inside the process", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": `<configuration><connectionStrings><add name="C" connectionString="Data Source=|DataDirectory|x.sdf" providerName="System.Data.SqlServerCe.4.0"/></connectionStrings></configuration>`}, ""},
		{"LocalDB is SQL Server", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": `<configuration><connectionStrings><add name="C" connectionString="Data Source=(LocalDb)\v11.0;AttachDbFilename=|DataDirectory|\x.mdf;Integrated Security=True" providerName="System.Data.SqlClient"/></connectionStrings><system.net><mailSettings><smtp/></mailSettings></system.net></configuration>`}, "sqlserver! smtp"},
		{"a string that the driver explains", map[string]string{"A.csproj": core("Pomelo.EntityFrameworkCore.MySql"), "appsettings.json": `{"ConnectionStrings": {"Shop": "server=db;user=shop;database=shop"}}`}, "mysql!=ConnectionStrings__Shop"},
		{"a string that its name explains", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": `<configuration><appSettings><add key="MSSQLConnectionString" value="server=(local);UID=u;database=shop"/></appSettings></configuration>`, "packages.config": `<packages><package id="MySql.Data" version="6.9.8"/></packages>`}, "sqlserver! mysql"},
		{"a setting that chooses", map[string]string{"A.csproj": core("MySqlConnector", "Npgsql", "MongoDB.Driver"), "appsettings.json": `{"store": {"type": "MongoDb"}}`}, "mongodb! postgresql mysql"},
		{"a provider of sessions that is not set up", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": `<configuration><system.web><!-- <sessionState mode="Custom" customProvider="R"><providers><add name="R" type="Microsoft.Web.Redis.RedisSessionStateProvider" host="h"/></providers></sessionState> --></system.web></configuration>`, "packages.config": `<packages><package id="Microsoft.Web.RedisSessionStateProvider" version="4.0.1"/><package id="StackExchange.Redis" version="2.0.601"/></packages>`}, "redis"},
		{"one that is", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": `<configuration><system.web><sessionState mode="Custom" customProvider="R"><providers><add name="R" type="Microsoft.Web.Redis.RedisSessionStateProvider" host="h"/></providers></sessionState></system.web></configuration>`, "packages.config": `<packages><package id="Microsoft.Web.RedisSessionStateProvider" version="4.0.1"/><package id="StackExchange.Redis" version="2.0.601"/></packages>`}, "redis!"},
		{"its client used by the code", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": `<configuration><system.web></system.web></configuration>`, "packages.config": `<packages><package id="Microsoft.Web.RedisSessionStateProvider" version="4.0.1"/><package id="StackExchange.Redis" version="2.0.601"/></packages>`, "C.cs": "var c = ConnectionMultiplexer.Connect(s);\n"}, "redis!"},
		{"sessions in SQL Server", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": `<configuration><system.web><sessionState mode="SQLServer"/></system.web></configuration>`}, "sqlserver!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := detectAll(t, tt.files)
			if len(found.Components) != 1 {
				t.Fatalf("%d components", len(found.Components))
			}
			var got []string
			for _, s := range found.Components[0].Services {
				text := s.Kind
				if s.Required {
					text += "!"
				}
				if s.Env["url"] != "" {
					text += "=" + s.Env["url"]
				}
				got = append(got, text)
			}
			want := strings.Fields(tt.want)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestPorts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  int
		from  detect.Origin
	}{
		{"Kestrel's own before .NET 8", map[string]string{"A.csproj": webCore}, 5000, detect.Inferred},
		{"the images' own since", map[string]string{"A.csproj": sdk("Microsoft.NET.Sdk.Web", "<TargetFramework>net8.0</TargetFramework>", "")}, 8080, detect.Inferred},
		{"UseUrls", map[string]string{"A.csproj": webCore, "Program.cs": "static void Main() { b.UseUrls(\"http://*:5005\"); }\n"}, 5005, detect.Declared},
		{"ListenAnyIP", map[string]string{"A.csproj": webCore, "Program.cs": "static void Main() { o.ListenAnyIP(7000); }\n"}, 7000, detect.Declared},
		{"endpoints of the settings", map[string]string{"A.csproj": webCore, "appsettings.json": "{\"Kestrel\": {\"EndPoints\": {\"Http\": {\"Url\": \"http://0.0.0.0:6001\"},},}, /* x */}"}, 6001, detect.Declared},
		{"the repository's own image", map[string]string{"A.csproj": webCore, "Dockerfile": "FROM x AS base\nEXPOSE 80\nFROM base\n"}, 80, detect.Declared},
		{"IIS", map[string]string{"A.csproj": webForms, "a.aspx": "", "Web.config": "<configuration/>"}, 80, detect.Inferred},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := detectAll(t, tt.files).Components[0]
			if c.Port.V != tt.want || c.Port.From != tt.from {
				t.Errorf("port %d (%s), want %d (%s)", c.Port.V, c.Port.From, tt.want, tt.from)
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"the registry", "A.cs", "var k = Registry.LocalMachine;\n", "registry-access"},
		{"COM", "A.cs", "[ComImport]\n", "com-interop"},
		{"COM references", "A.csproj", strings.Replace(webForms, "</Project>", `<ItemGroup><COMReference Include="ADODB"/></ItemGroup></Project>`, 1), "com-interop"},
		{"the global assembly cache", "A.csproj", strings.Replace(webForms, "</Project>", `<ItemGroup><Reference Include="CrystalDecisions.Web, Version=13.0.2000.0, Culture=neutral, PublicKeyToken=692fbea5521e1304"/></ItemGroup></Project>`, 1), "assembly-cache"},
		{"Windows' own functions", "A.cs", "[DllImport(\"kernel32.dll\")]\n", "windows-api"},
		{"a native library", "A.cs", "[DllImport(\"scanner.dll\")]\n", "native-library"},
		{"MSMQ", "A.cs", "var q = new MessageQueue(p);\n", "message-queuing"},
		{"sessions in memory", "Web.config", `<configuration><system.web><sessionState/></system.web></configuration>`, "in-memory-sessions"},
		{"the state server", "Web.config", `<configuration><system.web><sessionState mode="StateServer"/></system.web></configuration>`, "session-state-server"},
		{"a key for each container", "Web.config", `<configuration><system.web><machineKey validationKey="AutoGenerate"/></system.web></configuration>`, "machine-key"},
		{"a Windows account", "Web.config", `<configuration><system.web><identity impersonate="true"/></system.web></configuration>`, "impersonation"},
		{"a drive", "A.cs", "File.ReadAllText(@\"D:\\shop\\prices.txt\");\n", "absolute-path"},
		{"a share", "A.cs", "File.ReadAllText(@\"\\\\files01\\prices\\a.txt\");\n", "network-share"},
		{"log files", "log4net.config", `<log4net><appender name="f" type="log4net.Appender.FileAppender"><file value="logs\x.log"/></appender></log4net>`, "logs-to-files"},
		{"a private feed", "NuGet.config", `<configuration><packageSources><add key="x" value="https://nuget.corp.example/index.json"/></packageSources></configuration>`, "private-registry"},
		{"uploads", "A.cs", "file.SaveAs(Server.MapPath(\"~/Uploads/x.png\"));\n", "local-file-storage"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"A.csproj": webForms, "a.aspx": "<%@ Page %>", "Web.config": "<configuration/>"}
			files[tt.file] = tt.text
			c := detectAll(t, files).Components[0]
			if !slices.ContainsFunc(c.Readiness, func(r detect.Readiness) bool { return r.ID == tt.want }) {
				t.Errorf("%s is missing in %+v", tt.want, c.Readiness)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	for moniker, want := range map[string]string{
		"net20": "framework 2.0", "net48": "framework 4.8", "net472": "framework 4.7.2", "v4.6.1": "framework 4.6.1", "net40-client": "framework 4.0", "netcoreapp1.0": "core 1.0", "netcoreapp3.1": "core 3.1",
		"net5.0": "core 5.0", "net10.0": "core 10.0", "net6.0-windows10.0.19041": "core 6.0 windows", "netstandard2.0": "standard 2.0", ".NETFramework,Version=v4.0": "framework 4.0", ".NETCoreApp,Version=v2.1": "core 2.1",
		"dnx451": "dnx 4.5.1", "dnxcore50": "dnx 5.0", "portable-net45+win8": "standard ", "nonsense": "unknown ", "netcoreapp": "core ", "net6": "core 6.0",
	} {
		p := parseTarget(moniker)
		name := map[family]string{unknownFamily: "unknown", standard: "standard", framework: "framework", dnx: "dnx", core: "core"}[p.family]
		got := name + " " + p.version
		if p.family == core && p.os != "" {
			got += " " + p.os
		}
		if got != want {
			t.Errorf("%s: %q, want %q", moniker, got, want)
		}
	}
}

func TestConditions(t *testing.T) {
	e := &evaluation{ix: newIndex(detect.NewDir(detecttest.Tree(map[string]string{"there.props": ""}), ".")), props: map[string]property{"configuration": {value: "Release"}}}
	for text, want := range map[string]string{
		"'$(Configuration)' == 'release'": "true", "'$(Configuration)|$(None)' != 'Release|'": "false", "Exists('there.props') and !Exists('not.props')": "true", "'a' == 'b' or ('c' == 'c')": "true",
		"$(Configuration) == Release": "true", "2.0 >= 1.5": "true", "'$([MSBuild]::IsOSPlatform('Windows'))' == 'true'": "unknown", "'a' ==": "unknown", "true": "true", "!true": "false",
		"!$(X.StartsWith('win'))": "true", "$(Configuration.Contains('lea')) and true": "true", "'$(X.Substring(1))' == 'b' or 'a' == 'b'": "unknown",
	} {
		v, ok := (&conditionTest{e}).eval(text)
		got := fmt.Sprint(v)
		if !ok {
			got = "unknown"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestBuild(t *testing.T) {
	files := map[string]string{
		"Shop.sln": "Project(\"{X}\") = \"Web\", \"src\\Web\\Web.csproj\", \"{1}\"\n", "global.json": `{"sdk": {"version": "8.0.100"}}`, "NuGet.config": `<configuration><packageSources><add key="corp" value="https://nuget.corp.example/v3/index.json"/></packageSources></configuration>`,
		"Directory.Packages.props": `<Project><ItemGroup><PackageVersion Include="Npgsql" Version="6.0.1"/></ItemGroup></Project>`,
		"src/Web/Web.csproj": `<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFrameworks>net48;net6.0</TargetFrameworks></PropertyGroup><ItemGroup><PackageReference Include="Npgsql"/></ItemGroup>
<Target Name="Publish"><Exec WorkingDirectory="ClientApp" Command="npm install"/></Target></Project>`,
		"src/Web/packages.lock.json": `{"version": 1, "dependencies": {"net6.0": {"Npgsql": {"resolved": "6.0.3"}}}}`,
	}
	c := detectAll(t, files).Components[0]
	for fact, want := range map[string]string{
		"project": "src/Web/Web.csproj", "manifests": "Directory.Packages.props NuGet.config src/Web/Web.csproj src/Web/packages.lock.json", "buildSdk": "8.0", "globalJson": "global.json", "targetFramework": "net6.0",
		"lockedRestore": "true", "nugetConfig": "NuGet.config", "node": "16", "spa": "ClientApp", "assembly": "Web",
	} {
		if got := c.Facts[fact].V; got != want {
			t.Errorf("%s: %q, want %q", fact, got, want)
		}
	}
	if c.Root != "." {
		t.Errorf("root %q", c.Root)
	}
}

func TestPublicFeeds(t *testing.T) {
	for address, want := range map[string]bool{
		"https://api.nuget.example/v3/index.json": true, "https://nuget.corp.example/v3/index.json": false, "https://www.myget.example/F/nightly/api": true, "https://www.myget.example/private": false,
		"https://pkgs.dev.azure.example/dnceng/public/_packaging/x": true, "https://pkgs.dev.azure.example/shop/_packaging/x": false, "https://feed": false, "http://ci.corp.example:8081/nuget": false,
	} {
		if got := isPublic(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestPlainJSON(t *testing.T) {
	for in, want := range map[string]string{
		"{\"a\": 1, // x\n}": "{\"a\": 1      \n}", `{"u": "http://x", "t": "a\"//b",}`: `{"u": "http://x", "t": "a\"//b" }`, "/* a\nb */[1,]": "    \n    [1 ]",
	} {
		if got := string(plainJSON([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// BenchmarkSearch searches one source file of the usual kind.
func BenchmarkSearch(b *testing.B) {
	text := strings.Repeat("        public string Name { get; set; } // the name of it\n        if (names.Contains(Name)) { return File.ReadAllText(path); }\n", 200)
	f := detect.File{Path: "A.cs", Data: []byte(text)}
	b.SetBytes(int64(len(f.Data)))
	for b.Loop() {
		search(f)
	}
}

// BenchmarkDetect looks at an application of three projects.
func BenchmarkDetect(b *testing.B) {
	tree := detecttest.Tree(shop())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := detect.Run(context.Background(), tree, []detect.Detector{Detector{}}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
