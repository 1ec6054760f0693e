package dotnet

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// component is what the project runs; false for what is nothing to deploy.
func (p *project) component() (detect.Component, bool) {
	if p.notDeployed() {
		return detect.Component{}, false
	}
	k, ok := p.kind()
	if !ok || p.abandoned(k) {
		return detect.Component{}, false
	}
	c := detect.Component{
		Name: strings.ToLower(p.stem()), Role: k.role, Framework: k.framework, FrameworkVersion: k.version,
		Facts: map[string]detect.Value[string]{},
	}
	language := map[string]string{".csproj": "csharp", ".vbproj": "vb", ".fsproj": "fsharp"}[strings.ToLower(path.Ext(p.path))]
	if language == "" {
		language = "csharp"
	}
	c.Language = detect.Is(language, p.file.Evidence(0))
	p.setVersion(&c)
	p.setPlatform(&c)
	if k.versionIsLanguage && !c.FrameworkVersion.Set() && c.LanguageVersion.From != detect.Default {
		c.FrameworkVersion = c.LanguageVersion
	}
	p.setServer(&c, k)
	p.setCommand(&c, k)
	p.setBuild(&c)
	hits := p.hits(true)
	c.Services = p.services(hits)
	c.SystemPackages = p.systemPackages()
	c.Env = p.env(&c, hits)
	c.Writes = p.writes(hits)
	c.EndOfLife = p.endOfLife()
	c.Readiness = p.readiness(&c, hits)
	return c, true
}

var (
	testName   = manifest.Lazy(`(?i)(?:^|[.\-_])(?:(?:unit|integration|functional|acceptance|smoke|load|perf|performance|e2e|ui|api|system|component|end2end)?[.\-_]?(?:tests?|specs?|testing)|benchmarks?|benchmarking|testapp|testsite|testhost|testharness|testserver|fakes?|mocks?|stubs?|fuzz|fuzzing|fuzzer)$|(?:Tests?|Specs|Benchmarks?)$`)
	sampleName = manifest.Lazy(`(?i)(?:^|[.\-_])(?:samples?|examples?|demos?|playground|sandbox|sampleapp|sampleweb|samplesite|quickstart)(?:$|[.\-_])|(?:Samples?|Examples?|Demo)$`)
	toolName   = manifest.Lazy(`(?i)^_?build$|^_|^cake$|(?:^|[.\-_])(?:AppHost|CodeGen|CodeGenerator|SourceGenerators?|Analyzers?|Installer|Setup)$`)
)

// testPackages are those that only tests refer to.
var testPackages = []string{
	"microsoft.net.test.sdk", "nunit.framework", "xunit", "xunit.v3", "xunit.core", "xunit.runner.visualstudio", "nunit", "nunit3testadapter", "mstest.testframework", "mstest",
	"microsoft.visualstudio.qualitytools.unittestframework", "benchmarkdotnet", "machine.specifications", "fixie", "expecto", "dotnet-test-xunit", "mbunit.framework", "tunit", "specflow", "nspec", "sharpfuzz",
}

// foreignTypes are the types of projects of the old form that are tests, or that run on phones, in a browser's plug-in or inside
// Office. Source: the list of Visual Studio's project type GUIDs.
var foreignTypes = []string{
	"3ac096d0-a1c2-e12c-1390-a8335801fdab", "6bc8ed88-2882-458c-8e55-dfd12b67127b", "feacfbd2-3405-455c-9665-78fe426c6842", "efba0ad7-5a72-4c68-af49-83d382785dcf",
	"a1591282-1198-4647-a2b1-27e5ff5f6f3b", "c089c8c0-30e0-4e22-80c0-ce093f111a43", "bc8a1ffa-bee3-4634-8014-f334798102b3", "a5a43c5b-de2a-4c0c-9213-0a381af9435a", "baa0c2d2-18e2-41b9-852f-f413020caa33",
	"76f1466a-8b6d-4e39-a767-685a06062a39", "a3f8f2ab-b479-4a4a-a458-a89e7dc349f1",
}

// notDeployed reports tests, benchmarks, build scripts and the like.
func (p *project) notDeployed() bool {
	stem := p.stem()
	switch {
	case testName.MatchString(stem), p.packages.has(testPackages...), toolName.MatchString(stem):
		return true
	case p.eval.is("IsTestProject"), p.eval.is("IsAspireHost"), p.sdk == "Aspire.AppHost.Sdk", p.packages.has("aspire.hosting.apphost", "nuke.common", "cake.frosting"):
		return true
	case p.sdk == "MSTest.Sdk" || p.sdk == "Microsoft.Build.NoTargets" || p.sdk == "Microsoft.Build.Traversal":
		return true
	}
	types := strings.ToLower(p.eval.get("ProjectTypeGuids"))
	return slices.ContainsFunc(foreignTypes, func(g string) bool { return strings.Contains(types, g) }) || p.isSample(stem)
}

// isSample reports a program that shows how a library of the same repository is used.
func (p *project) isSample(stem string) bool {
	if p.isSampleDir() {
		return true
	}
	loc := sampleName.FindStringIndex(stem)
	if loc == nil {
		return false
	}
	head := strings.Trim(stem[:loc[0]], ".-_")
	if head == "" {
		return false
	}
	for _, list := range p.ix.projects {
		for _, other := range list {
			name := strings.TrimSuffix(path.Base(other), path.Ext(other))
			if other != p.path && strings.EqualFold(name, head) {
				return true
			}
		}
	}
	return false
}

// isSampleDir reports a directory whose name says that samples lie there, beyond those that are never looked at.
func (p *project) isSampleDir() bool {
	for _, part := range parts(p.dir()) {
		switch strings.ToLower(part) {
		case "demos", "playground", "benchmarks", "benchmark", "testapps", "testassets", "test-apps", "quickstarts", "unittests", "integrationtests", "fuzz":
			return true
		}
	}
	return false
}

// abandoned reports a program that the solutions above it no longer know, or never build.
func (p *project) abandoned(k kind) bool {
	if k.role.V == detect.Web || k.role.V == detect.Function {
		return false
	}
	known := false
	for _, s := range p.ix.load() {
		dir := path.Dir(s.file.Path)
		if dir != "." && !strings.HasPrefix(p.path, dir+"/") || len(s.projects) == 0 {
			continue
		}
		known = true
		if s.holds[p.path] && !s.idle[p.path] {
			return false
		}
	}
	return known
}

// setVersion sets the version of .NET.
func (p *project) setVersion(c *detect.Component) {
	switch {
	case p.target.version != "" && p.target.moniker != "":
		c.LanguageVersion = detect.Is(p.target.version, p.from...)
	case p.target.version != "":
		c.LanguageVersion = detect.Infer(p.target.version, "the tools that wrote the project file made projects for it", p.from...)
	case p.isFramework():
		c.LanguageVersion = detect.Guess("4.8", "nothing states a version of the .NET Framework; 4.8 runs what any 4.x was built for")
	default:
		if v, ev, ok := p.sdkVersion(); ok {
			n := numbers(v)
			c.LanguageVersion = detect.Infer(itoa(n[0])+"."+itoa(n[1]), "the SDK that global.json names builds for it", ev)
			return
		}
		c.LanguageVersion = detect.Guess(defaultCore, "nothing states a target framework")
	}
}

// defaultCore is taken when nothing says which .NET is meant.
const defaultCore = "8.0"

// sdkVersion is the SDK that global.json names.
func (p *project) sdkVersion() (string, detect.Evidence, bool) {
	name := p.ix.above(p.dir(), "global.json")
	if name == "" {
		return "", detect.Evidence{}, false
	}
	f, err := p.ix.root.Read(name)
	if err != nil {
		return "", detect.Evidence{}, false
	}
	doc, err := manifest.ParseJSON(plainJSON(f.Data))
	if err != nil {
		p.ix.warn(f, err)
		return "", detect.Evidence{}, false
	}
	v, line, ok := doc.Get("sdk", "version")
	if n := numbers(v); !ok || len(n) < 2 || strings.Trim(v, "0123456789.-abcdefghijklmnopqrstuvwxyz") != "" {
		return "", detect.Evidence{}, false
	}
	return v, f.Evidence(line), true
}

// isFramework reports whether the project runs on the .NET Framework.
func (p *project) isFramework() bool {
	switch p.target.family {
	case core, dnx:
		return false
	case framework:
		return true
	}
	return p.sdk == "" && p.json == nil
}

// setPlatform says where it runs.
func (p *project) setPlatform(c *detect.Component) {
	at := p.from
	if len(at) == 0 {
		at = []detect.Evidence{p.head()}
	}
	switch {
	case p.isFramework():
		c.Platform = detect.Infer("windows", "the .NET Framework runs on Windows alone", at...)
	case p.target.os == "windows":
		c.Platform = detect.Infer("windows", "its target framework names Windows", at...)
	default:
		c.Platform = detect.Infer("linux", ".NET runs anywhere, and nothing in the project file binds it to Windows", at...)
	}
}

// setCommand says what starts it.
func (p *project) setCommand(c *detect.Component, k kind) {
	assembly, aev := p.assembly()
	c.Facts["assembly"] = detect.Value[string]{V: assembly, From: detect.Inferred, Evidence: []detect.Evidence{aev}, Why: "what the project builds is called so"}
	if k.wasm {
		c.Port = detect.Infer(8080, "a port that needs no rights", p.head())
		c.Processes = []detect.Process{{Name: "spa", Command: []string{"nginx", "-g", "daemon off;"}, From: detect.Inferred, Why: "the browser loads files, which a web server gives out", Evidence: []detect.Evidence{p.head()}}}
		return
	}
	if p.isFramework() && k.web && !k.selfHosted {
		return
	}
	command, why := []string{"dotnet", assembly + ".dll"}, "what the build makes is started by the dotnet host"
	switch {
	case k.role.V == detect.Function:
		return // the platform's host calls it
	case p.isFramework():
		command, why = []string{assembly + ".exe"}, "what the build makes"
	}
	c.Processes = []detect.Process{{Name: string(k.role.V), Command: command, From: detect.Inferred, Why: why, Evidence: []detect.Evidence{aev}}}
}

// assembly is the name of what is built.
func (p *project) assembly() (string, detect.Evidence) {
	if p.json != nil {
		if p.json.name != "" {
			return p.json.name, p.file.Evidence(p.json.nameLine)
		}
		return p.stem(), p.file.Evidence(1)
	}
	if v, ok := p.eval.prop("AssemblyName"); ok && plainName(v.value) {
		return v.value, v.place()
	}
	return p.stem(), p.head()
}

// plainName reports a name that a file may have and that needs no quoting.
func plainName(s string) bool {
	return s != "" && len(s) < 200 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") == "" && s[0] != '-' && s[0] != '.'
}

func itoa(n int) string {
	if n == 0 {
		return "0"
	}
	digits := ""
	for ; n > 0; n /= 10 {
		digits = string(rune('0'+n%10)) + digits
	}
	return digits
}
