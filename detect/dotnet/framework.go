package dotnet

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// frameworkComponent is a project of the .NET Framework: a web application for IIS, a Windows service or a program.
func (p *project) frameworkComponent(target string, ev detect.Evidence) (detect.Component, bool) {
	guids, gev := p.property("ProjectTypeGuids")
	guids = strings.ToLower(guids)
	output, oev := p.property("OutputType")
	web := slices.ContainsFunc(append(webGUID, mvcGUID...), func(g string) bool { return strings.Contains(guids, g) })
	isConfig := strings.EqualFold(path.Base(p.config.Path), "web.config")
	if !web && isConfig && strings.EqualFold(output, "library") && len(p.dir.Glob("*.{aspx,ascx,asax,svc,cshtml,asmx}")) > 0 {
		web, gev = true, p.config.Evidence(0)
	}
	var role detect.Value[detect.Role]
	switch {
	case web:
		role = detect.Is(detect.Web, gev)
	case strings.EqualFold(output, "exe") || strings.EqualFold(output, "winexe"):
		role = detect.Infer(detect.CLI, "a program of the .NET Framework", oev)
		if h, ok := p.grep(manifest.Lazy(`:\s*ServiceBase\b|ServiceBase\.Run|Inherits\s+(?:[\w.]+\.)?ServiceBase`).Regexp(), "ServiceBase"); ok {
			role = detect.Infer(detect.Worker, "a Windows service", h)
		}
	default:
		return detect.Component{}, false
	}
	c := p.base(role)
	c.Platform = detect.Infer("windows", "the .NET Framework runs on Windows alone", ev)
	c.Build = detect.Is("msbuild", p.file.Evidence(p.root.Line))
	version := strings.TrimPrefix(target, "v")
	if digits, ok := strings.CutPrefix(target, "net"); ok && len(digits) > 1 && !strings.Contains(digits, ".") {
		version = strings.Join(strings.Split(digits, ""), ".")
	}
	if version != "" {
		c.LanguageVersion = detect.Is(version, ev)
		c.EndOfLife = frameworkEnd(version)
	} else {
		c.LanguageVersion = detect.Guess("4.8", "nothing states a version of the .NET Framework")
	}
	c.Framework = detect.Infer("none", "no web framework", p.file.Evidence(0))
	if web {
		p.webFramework(&c, guids, gev)
		c.AppServer = detect.Infer("iis", "web applications of the .NET Framework run in IIS", gev)
		c.Port = detect.Infer(80, "the port of IIS' web site", gev)
		c.HealthPath = detect.Guess("/", "no route for health checks was found")
	} else {
		c.AppServer = detect.Infer("none", "it serves nothing", p.file.Evidence(0))
	}
	c.Services = p.services()
	c.Env = p.env(&c)
	p.readiness(&c)
	c.Readiness = append(c.Readiness, detect.Readiness{ID: "windows-only", Severity: "high", Evidence: []detect.Evidence{ev},
		Message: "The .NET Framework runs in Windows containers alone, which most platforms charge more for or do not have. Moving to .NET 8 or later (the upgrade assistant helps) makes it run anywhere."})
	return c, true
}

// webFramework tells MVC, WebForms and WCF apart: by packages, project types and the files that lie there.
func (p *project) webFramework(c *detect.Component, guids string, gev detect.Evidence) {
	pages := p.dir.Glob("**/*.aspx")
	if x, ok := p.has("microsoft.aspnet.mvc", "system.web.mvc"); ok && (len(pages) == 0 || len(p.dir.Glob("Views/**/*.cshtml")) > 0 || len(p.dir.Glob("Controllers/*.*")) > 0) {
		c.Framework = detect.Is("aspnet-mvc", x.evidence)
		if v := strings.Join(strings.Split(x.version, ".")[:min(2, len(strings.Split(x.version, ".")))], "."); v != "" {
			c.FrameworkVersion = detect.Is(v, x.evidence)
		}
		return
	}
	services := p.dir.Glob("**/*.svc")
	switch {
	case len(pages) > 0:
		f, err := p.dir.Read(pages[0])
		ev := gev
		if err == nil {
			ev = f.Evidence(0)
		}
		c.Framework = detect.Is("aspnet-webforms", ev)
		c.FrameworkVersion = c.LanguageVersion
	case strings.Contains(guids, wcfGUID) || len(services) > 0:
		c.Framework = detect.Is("wcf", gev)
		c.FrameworkVersion = c.LanguageVersion
	case slices.ContainsFunc(mvcGUID, func(g string) bool { return strings.Contains(guids, g) }):
		c.Framework = detect.Is("aspnet-mvc", gev)
	default:
		if x, ok := p.has("microsoft.aspnet.webapi", "microsoft.aspnet.webapi.core", "system.web.http"); ok {
			c.Framework = detect.Is("aspnet-mvc", x.evidence)
			return
		}
		c.Framework = detect.Infer("aspnet-webforms", "a web application without a newer framework", gev)
		c.FrameworkVersion = c.LanguageVersion
	}
}

// site is a web site of pages without a project file.
func site(dir detect.Dir) (detect.Component, bool) {
	pages := dir.Glob("*.{aspx,ascx,asmx,svc,cshtml}")
	if len(pages) == 0 || partOf(dir) {
		return detect.Component{}, false
	}
	var f detect.File
	for _, name := range []string{"web.config", "Web.config", "Web.Config"} {
		if x, err := dir.Read(name); err == nil {
			f = x
			break
		}
	}
	if f.Path == "" {
		return detect.Component{}, false
	}
	p := &project{dir: dir, packages: map[string]pkg{}, config: f}
	root, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(dir, f, err)
	}
	c := detect.Component{Name: path.Base(dir.Path), Role: detect.Is(detect.Web, f.Evidence(0)), Facts: map[string]detect.Value[string]{}}
	if dir.Path == "." {
		c.Name = "web"
	}
	language := "csharp"
	if len(dir.Glob("**/*.vb")) > len(dir.Glob("**/*.cs")) {
		language = "vb"
	}
	c.Language = detect.Infer(language, "the code beside the pages", f.Evidence(0))
	c.Platform = detect.Infer("windows", "pages of the .NET Framework run in IIS alone", f.Evidence(0))
	c.Build = detect.Infer("none", "IIS compiles a web site itself", f.Evidence(0))
	c.Framework = detect.Is("aspnet-webforms", f.Evidence(0))
	c.AppServer = detect.Infer("iis", "pages of the .NET Framework run in IIS", f.Evidence(0))
	c.Port = detect.Infer(80, "the port of IIS' web site", f.Evidence(0))
	c.LanguageVersion = detect.Guess("4.8", "nothing states a version of the .NET Framework")
	for _, x := range root.All("system.web", "compilation") {
		if v := x.Attr("targetFramework"); v != "" {
			c.LanguageVersion = detect.Is(v, f.Evidence(x.Line))
		}
	}
	c.FrameworkVersion = c.LanguageVersion
	c.Services = p.services()
	p.readiness(&c)
	return c, true
}

// ends of .NET Core and later. Source: dotnet.microsoft.com, .NET support policy, read 2026-11.
var ends = map[string]string{"1.0": "2019-06-27", "1.1": "2019-06-27", "2.0": "2018-10-01", "2.1": "2021-08-21", "2.2": "2019-12-23", "3.0": "2020-03-03", "3.1": "2022-12-13", "5.0": "2022-05-10", "6.0": "2024-11-12", "7.0": "2024-05-14", "8.0": "2026-11-10", "9.0": "2026-11-10"}

func coreEnd(version string) []detect.EndOfLife {
	if since := ends[version]; since != "" {
		return []detect.EndOfLife{{What: ".NET " + version, Since: since, Source: "the .NET support policy"}}
	}
	return nil
}

// frameworkEnds are those of the .NET Framework. Source: learn.microsoft.com/lifecycle, read 2026-11.
var frameworkEnds = map[string]string{"1.1": "2013-10-08", "2.0": "2011-07-12", "3.0": "2011-07-12", "4.0": "2016-01-12", "4.5": "2016-01-12", "4.5.1": "2016-01-12", "4.5.2": "2022-04-26", "4.6": "2022-04-26", "4.6.1": "2022-04-26"}

func frameworkEnd(version string) []detect.EndOfLife {
	if since := frameworkEnds[version]; since != "" {
		return []detect.EndOfLife{{What: ".NET Framework " + version, Since: since, Source: "learn.microsoft.com/lifecycle"}}
	}
	return nil
}

// drivers say which service a package talks to.
var drivers = []struct {
	pkg, kind string
	required  bool
}{
	{"microsoft.entityframeworkcore.sqlserver", "sqlserver", true}, {"system.data.sqlclient", "sqlserver", true}, {"microsoft.data.sqlclient", "sqlserver", true}, {"entityframework.sqlserver", "sqlserver", true},
	{"npgsql", "postgresql", true}, {"npgsql.entityframeworkcore.postgresql", "postgresql", true}, {"mysql.data", "mysql", true}, {"pomelo.entityframeworkcore.mysql", "mysql", true}, {"mysqlconnector", "mysql", true}, {"mysql.data.entityframeworkcore", "mysql", true},
	{"microsoft.entityframeworkcore.sqlite", "sqlite", true}, {"microsoft.data.sqlite", "sqlite", true}, {"system.data.sqlite", "sqlite", true}, {"oracle.manageddataaccess", "oracle", true}, {"oracle.manageddataaccess.core", "oracle", true}, {"oracle.dataaccess", "oracle", true},
	{"mongodb.driver", "mongodb", true}, {"stackexchange.redis", "redis", true}, {"servicestack.redis", "redis", true}, {"microsoft.extensions.caching.stackexchangeredis", "redis", true}, {"microsoft.extensions.caching.redis", "redis", true},
	{"rabbitmq.client", "rabbitmq", true}, {"masstransit.rabbitmq", "rabbitmq", true}, {"confluent.kafka", "kafka", true}, {"nest", "elasticsearch", true}, {"elasticsearch.net", "elasticsearch", true}, {"ravendb.client", "", false},
	{"awssdk.s3", "s3", false}, {"awssdk.sqs", "sqs", true}, {"enyimmemcached", "memcached", true}, {"enyimmemcachedcore", "memcached", true}, {"cassandracsharpdriver", "cassandra", true}, {"mailkit", "smtp", false}, {"apache.nms.activemq", "activemq", true}, {"novell.directory.ldap.netstandard", "ldap", false},
	{"influxdb.client", "influxdb", true}, {"neo4j.driver", "neo4j", true}, {"nats.client", "nats", true}, {"solrnet", "solr", true},
}

var relational = map[string]bool{"sqlserver": true, "postgresql": true, "mysql": true, "oracle": true, "sqlite": true}

var connection = manifest.Lazy(`(?i)(?:Server|Data Source|Initial Catalog|Host)\s*=[^";]*;`)

// services lists what the project and those that it refers to talk to.
func (p *project) services() []detect.Service {
	var out []detect.Service
	have := map[string]bool{}
	all := p.allPackages()
	for _, d := range drivers {
		x, ok := all[d.pkg]
		if !ok || d.kind == "" || have[d.kind] {
			continue
		}
		have[d.kind] = true
		s := detect.Service{Kind: d.kind, Required: d.required, From: detect.Declared, Why: "the package " + d.pkg + " talks to it", Evidence: []detect.Evidence{x.evidence}}
		if relational[d.kind] {
			for _, o := range out {
				if relational[o.Kind] && o.Required {
					s.Required, s.Why = false, s.Why+"; another database is the first choice"
				}
			}
		}
		out = append(out, s)
	}
	for _, name := range []string{"appsettings.json", "appsettings.Production.json"} {
		f, err := p.dir.Read(name)
		if err != nil {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if connection.MatchString(text) && len(text) < 2000 {
				for j := range out {
					if relational[out[j].Kind] && out[j].Required {
						out[j].Evidence = append(out[j].Evidence, f.Evidence(i+1))
						if key := connectionName(text); key != "" {
							out[j].Env = map[string]string{"url": "ConnectionStrings__" + key}
						}
					}
				}
				break
			}
		}
	}
	return p.configured(out, have)
}

var connectionKey = manifest.Lazy(`^\s*"([A-Za-z]\w*)"\s*:`)

func connectionName(text string) string {
	if m := connectionKey.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// configured adds the database that the connection strings of web.config name, and the mail server.
func (p *project) configured(out []detect.Service, have map[string]bool) []detect.Service {
	if p.config.Path == "" {
		return out
	}
	root, err := manifest.ParseXML(p.config.Data)
	if err != nil {
		return out
	}
	for _, a := range root.All("connectionStrings", "add") {
		text := strings.ToLower(a.Attr("connectionString") + " " + a.Attr("providerName"))
		kind := ""
		switch {
		case strings.Contains(text, "mysql"):
			kind = "mysql"
		case strings.Contains(text, "npgsql"):
			kind = "postgresql"
		case strings.Contains(text, "oracle"):
			kind = "oracle"
		case strings.Contains(text, "sqlite"):
			kind = "sqlite"
		case strings.Contains(text, "|datadirectory|") || strings.Contains(text, "sqlserverce"):
		case strings.Contains(text, "system.data.sqlclient") || strings.Contains(text, "initial catalog") || strings.Contains(text, "database="):
			kind = "sqlserver"
		}
		if kind != "" && !have[kind] {
			have[kind] = true
			out = append(out, detect.Service{Kind: kind, Required: true, From: detect.Declared, Why: "a connection string names it", Evidence: []detect.Evidence{p.config.Evidence(a.Line)}})
		}
	}
	for _, s := range root.All("system.net", "mailSettings", "smtp") {
		if !have["smtp"] {
			have["smtp"] = true
			out = append(out, detect.Service{Kind: "smtp", From: detect.Declared, Why: "mail is sent by SMTP", Evidence: []detect.Evidence{p.config.Evidence(s.Line)}})
		}
	}
	return out
}

// allPackages are those of the project and of the projects that it refers to.
func (p *project) allPackages() map[string]pkg {
	out := map[string]pkg{}
	for k, v := range p.packages {
		out[k] = v
	}
	if p.root == nil {
		return out
	}
	var files []string
	p.references(p.dir, p.root, &files, map[string]bool{}, 0)
	sort.Strings(files)
	tree, ok := p.dir.Sub(relative(p.dir.Path, "."))
	if !ok {
		return out
	}
	for _, f := range files {
		dir, ok := tree.Sub(path.Dir(f))
		if !ok {
			continue
		}
		if o, ok := read(dir, path.Base(f)); ok {
			for k, v := range o.packages {
				if _, have := out[k]; !have {
					out[k] = v
				}
			}
		}
	}
	return out
}

var envRead = manifest.Lazy(`Environment\.GetEnvironmentVariable\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`)

// env lists the variables that the code reads, and those that production needs.
func (p *project) env(c *detect.Component) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	for _, name := range p.sources {
		f, err := p.dir.Read(name)
		if err != nil || !holds(string(f.Data), []string{"GetEnvironmentVariable"}) {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			for _, m := range envRead.FindAllStringSubmatch(text, 5) {
				if all[m[1]] == nil {
					upper := strings.ToUpper(m[1])
					all[m[1]] = &detect.EnvVar{Name: m[1], Secret: strings.Contains(upper, "PASSWORD") || strings.Contains(upper, "SECRET") || strings.Contains(upper, "TOKEN") || strings.HasSuffix(upper, "KEY"), Evidence: []detect.Evidence{f.Evidence(i + 1)}}
				}
			}
		}
	}
	if c.Framework.V == "aspnet-core" {
		ev := []detect.Evidence{p.file.Evidence(p.root.Line)}
		all["ASPNETCORE_ENVIRONMENT"] = &detect.EnvVar{Name: "ASPNETCORE_ENVIRONMENT", Value: "Production", Why: "a container runs in production mode", Evidence: ev}
		all["ASPNETCORE_URLS"] = &detect.EnvVar{Name: "ASPNETCORE_URLS", Value: "http://+:" + itoa(c.Port.V), Why: "the port that the server listens on", Evidence: ev}
	}
	for _, s := range c.Services {
		if name := s.Env["url"]; name != "" && all[name] == nil {
			all[name] = &detect.EnvVar{Name: name, Secret: true, Why: "the connection string, instead of the one in appsettings.json", Evidence: s.Evidence[len(s.Evidence)-1:]}
		}
	}
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	out := make([]detect.EnvVar, 0, len(all))
	for _, n := range names {
		out = append(out, *all[n])
	}
	return out
}

func itoa(n int) string {
	if n == 0 {
		return "8080"
	}
	digits := ""
	for ; n > 0; n /= 10 {
		digits = string(rune('0'+n%10)) + digits
	}
	return digits
}

// troubles are signs in code of what binds an application to one machine or to Windows.
var troubles = []struct {
	id, severity, message string
	re                    *manifest.Pattern
	hints                 []string
}{
	{"registry-access", "high", "It reads the Windows registry, which an image has to be given and Linux does not have: move the settings to configuration.", manifest.Lazy(`\bRegistry(?:Key)?\.(?:LocalMachine|CurrentUser|GetValue|OpenSubKey)`), []string{"Registry"}},
	{"com-interop", "high", "It calls COM components, which must be registered in the image and exist on Windows alone.", manifest.Lazy(`\[ComImport|Type\.GetTypeFromProgID|Marshal\.GetActiveObject|Microsoft\.Office\.Interop`), []string{"ComImport", "ProgID", "GetActiveObject", "Interop"}},
	{"native-library", "medium", "It loads native libraries: they must be in the image, for its platform.", manifest.Lazy(`\[DllImport\(\s*"`), []string{"DllImport"}},
	{"event-log", "low", "It writes to the Windows event log: write to standard output instead.", manifest.Lazy(`\bEventLog\.(?:WriteEntry|CreateEventSource|SourceExists)`), []string{"EventLog"}},
	{"message-queuing", "high", "It uses MSMQ, a service of the machine: use a queue that is reached over the network.", manifest.Lazy(`new MessageQueue\(|System\.Messaging`), []string{"MessageQueue", "System.Messaging"}},
	{"absolute-path", "medium", "A directory of one machine is written in the code. Make it a setting, or mount a volume at that path.", manifest.Lazy(`@?"[A-Za-z]:\\\\?[\w\\. -]+"`), []string{":\\"}},
	{"local-file-storage", "high", "Files are written beside the application: they are gone with the container. Mount a volume there or store them elsewhere.", manifest.Lazy(`Server\.MapPath\(.*(?:Save|Upload|App_Data)|\.SaveAs\(|File\.Write\w+\(`), []string{"MapPath", "SaveAs", "File.Write"}},
}

// readiness looks for what stands in the way of running in a container.
func (p *project) readiness(c *detect.Component) {
	for _, t := range troubles {
		if ev, ok := p.grep(t.re.Regexp(), t.hints...); ok {
			c.Readiness = append(c.Readiness, detect.Readiness{ID: t.id, Severity: t.severity, Message: t.message, Evidence: []detect.Evidence{ev}})
		}
	}
	if p.config.Path == "" {
		return
	}
	root, err := manifest.ParseXML(p.config.Data)
	if err != nil {
		return
	}
	add := func(id, severity, message string, line int) {
		c.Readiness = append(c.Readiness, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: []detect.Evidence{p.config.Evidence(line)}})
	}
	for _, x := range root.All("system.web", "sessionState") {
		if m := strings.ToLower(x.Attr("mode")); m == "" || m == "inproc" {
			add("in-memory-sessions", "high", "Sessions are kept in the memory of one process: a second container does not see them. Use SQL Server or Redis for them.", x.Line)
		}
	}
	for _, x := range root.All("system.web", "authentication") {
		if strings.EqualFold(x.Attr("mode"), "windows") {
			add("windows-authentication", "high", "Users log in by Windows authentication, which needs a machine of the domain: use OpenID Connect, or a group managed service account.", x.Line)
		}
	}
}

// partOf reports whether a directory above is a project or a web site: folders of one have a web.config of their own.
func partOf(dir detect.Dir) bool {
	for at := dir.Path; at != "."; {
		at = path.Dir(at)
		up, ok := dir.Sub(relative(dir.Path, at))
		if !ok {
			return false
		}
		if len(up.Glob("*.{csproj,vbproj,fsproj}")) > 0 || up.Has("web.config") || up.Has("Web.config") || up.Has("Web.Config") {
			return true
		}
	}
	return false
}
