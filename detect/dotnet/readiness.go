package dotnet

import (
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// troubles are signs in code of what binds an application to one machine or to Windows, by the rule that finds them.
var troubles = []struct {
	id, rule, severity, message string
	core                        bool // only of interest where it would run on Linux
}{
	{"registry-access", "registry-access", "high", "It reads the Windows registry, which an image has to be given and Linux does not have: move the settings to configuration.", false},
	{"com-interop", "com-interop", "high", "It calls COM components, which must be registered in the image and exist on Windows alone.", false},
	{"event-log", "event-log", "low", "It writes to the Windows event log: write to standard output instead.", false},
	{"message-queuing", "message-queuing", "high", "It uses MSMQ, a service of the machine that containers do not have: use a queue that is reached over the network.", false},
	{"performance-counters", "performance-counters", "low", "It uses Windows performance counters: export metrics instead.", false},
	{"windows-management", "windows-management", "medium", "It asks Windows Management Instrumentation about its machine, which Linux does not have.", false},
	{"windows-authentication", "windows-identity", "high", "It asks Windows who the user is, which needs a machine of the domain: use OpenID Connect, or a group managed service account.", false},
	{"windows-authentication", "negotiate", "high", "Users log in by Windows authentication, which needs a machine of the domain or a keytab: use OpenID Connect.", false},
	{"windows-time-zones", "zone", "medium", "Time zones are asked for by their Windows names, which Linux knows only since .NET 6.", true},
	{"absolute-path", "drive-path", "medium", "A directory of one machine is written in the code. Make it a setting, or mount a volume at that path.", false},
	{"network-share", "share-path", "high", "It reads a Windows share by its address, with the rights of its machine's account: use a mounted volume or an object store.", false},
	{"certificate-file", "https-only", "medium", "It opens its own HTTPS port with a certificate from a file: let the platform's proxy end TLS, or mount the certificate as a secret.", false},
	{"distributed-transactions", "distributed-transactions", "medium", "It uses ambient transactions: where one spans two connections they need MSDTC, which containers do not have.", false},
	{"not-in-dotnet", "domain-split", "low", "It uses what .NET no longer has (application domains, remoting, BinaryFormatter): moving off the .NET Framework means replacing it.", false},
}

// readiness lists what stands in the way of running well in a container.
func (p *project) readiness(c *detect.Component, hits []hit) []detect.Readiness {
	var out []detect.Readiness
	add := func(id, severity, message string, ev ...detect.Evidence) {
		if len(ev) == 0 || slices.ContainsFunc(out, func(r detect.Readiness) bool { return r.ID == id }) {
			return
		}
		out = append(out, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev[:min(len(ev), 5)]})
	}
	for _, t := range troubles {
		if t.core && (p.isFramework() || !before(p.target.version, "6.0")) {
			continue
		}
		add(t.id, t.severity, t.message, shown(of(hits, t.rule), mostPlaces)...)
	}
	p.nativeCode(hits, add)
	p.storage(c, hits, add)
	p.sessions(c, hits, add)
	p.packageTroubles(add)
	p.configTroubles(add)
	if p.isFramework() {
		at := p.from
		if len(at) == 0 {
			at = []detect.Evidence{p.head()}
		}
		add("windows-only", "high", "The .NET Framework runs in Windows containers alone, which most platforms charge more for or do not have. Moving to a current .NET (the upgrade assistant helps) makes it run anywhere.", at...)
	}
	return out
}

// mostPlaces is how many places of a readiness finding are shown.
const mostPlaces = 5

type addReadiness func(id, severity, message string, ev ...detect.Evidence)

// shown are where the first of some hits lie, at most max.
func shown(hits []hit, max int) []detect.Evidence {
	var out []detect.Evidence
	for _, h := range hits[:min(len(hits), max)] {
		out = append(out, h.evidence)
	}
	return out
}

// windowsLibraries are libraries of Windows itself.
var windowsLibraries = map[string]bool{
	"kernel32": true, "user32": true, "advapi32": true, "gdi32": true, "shell32": true, "ole32": true, "oleaut32": true, "ntdll": true, "wininet": true, "urlmon": true, "mpr": true,
	"netapi32": true, "winspool.drv": true, "psapi": true, "crypt32": true, "secur32": true, "iphlpapi": true, "ws2_32": true, "winmm": true, "dbghelp": true, "version": true, "shlwapi": true, "msi": true, "wtsapi32": true, "userenv": true,
}

// nativeCode tells calls of Windows from those of libraries that the image needs.
func (p *project) nativeCode(hits []hit, add addReadiness) {
	var windows, own []detect.Evidence
	for _, h := range of(hits, "native-library") {
		name := strings.TrimSuffix(strings.ToLower(h.captured()), ".dll")
		if windowsLibraries[name] {
			windows = append(windows, h.evidence)
		} else if name != "libc" && name != "libdl" && !strings.HasPrefix(name, "__") {
			own = append(own, h.evidence)
		}
	}
	add("windows-api", "high", "It calls functions of Windows itself, which Linux does not have.", windows...)
	add("native-library", "medium", "It loads native libraries: they must be in the image, for its platform.", own...)
}

// storage looks for what is kept beside the application.
func (p *project) storage(c *detect.Component, hits []hit, add addReadiness) {
	var kept []detect.Evidence
	for _, w := range c.Writes {
		if !strings.Contains(strings.ToLower(w.V), "log") {
			kept = append(kept, w.Evidence...)
		}
	}
	for _, h := range of(hits, "upload") {
		if strings.Contains(h.evidence.Text, "SaveAs(") {
			kept = append(kept, h.evidence)
		}
	}
	add("local-file-storage", "high", "Files are written beside the application: they are gone with the container. Mount a volume there or store them elsewhere.", kept...)
	var logs []detect.Evidence
	for _, t := range p.logTargets() {
		logs = append(logs, t.evidence)
	}
	add("logs-to-files", "low", "Logs are written to files: write them to standard output, where a platform collects them.", logs...)
}

// sessions looks for what only one process knows.
func (p *project) sessions(c *detect.Component, hits []hit, add addReadiness) {
	const message = "Sessions are kept in the memory of one process: a second container does not see them. Use SQL Server or Redis for them."
	stated := false
	for _, e := range p.config.at("system.web", "sessionState") {
		stated = true
		switch mode := strings.ToLower(e.Attr("mode")); mode {
		case "", "inproc":
			add("in-memory-sessions", "high", message, p.config.evidence(e))
		case "stateserver":
			add("session-state-server", "medium", "Sessions are kept by the ASP.NET state service of a machine: run it as a service of its own, or use SQL Server or Redis.", p.config.evidence(e))
		}
	}
	if p.isFramework() && !stated && c.AppServer.V == "iis" {
		add("in-memory-sessions", "high", message, shown(of(hits, "sessionvar"), mostPlaces)...)
	}
	if p.isFramework() {
		return
	}
	if len(of(hits, "store")) == 0 {
		add("in-memory-sessions", "high", message, shown(of(hits, "session"), mostPlaces)...)
	}
	if c.Role.V == detect.Web && len(of(hits, "keys")) == 0 {
		add("data-protection-keys", "medium", "The keys that protect cookies are made anew in every container: users are logged out with each release, and a second container cannot read the first one's cookies. Keep them (PersistKeysTo...).", shown(of(hits, "cookies"), mostPlaces)...)
	}
	if len(of(hits, "signalr")) > 0 && !p.allPackages().has("microsoft.aspnetcore.signalr.stackexchangeredis", "microsoft.aspnetcore.signalr.redis", "microsoft.azure.signalr") {
		add("sticky-connections", "low", "SignalR knows only the connections of its own process: with several containers it needs a backplane and sticky sessions.", shown(of(hits, "signalr"), mostPlaces)...)
	}
}

// packageTroubles looks at what the project refers to.
func (p *project) packageTroubles(add addReadiness) {
	for _, f := range p.feeds {
		if f.known {
			add("private-registry", "medium", "Packages come from a private feed: the build needs credentials for it, as a build secret.", f.evidence)
		} else if f.secret {
			add("private-registry", "low", "Packages come from a feed that is not NuGet's own: unless it is public, the build needs credentials for it, as a build secret.", f.evidence)
		}
	}
	p.machineReferences(add)
	if x, ok := p.packages.first("system.drawing.common"); ok && !p.isFramework() && !before(p.target.version, "6.0") {
		add("windows-only-api", "high", "System.Drawing.Common works on Windows alone since .NET 7, and on .NET 6 only with a switch: use ImageSharp or SkiaSharp.", x.evidence)
	}
	if x, ok := p.packages.first("system.messaging", "msmq.messaging"); ok {
		add("message-queuing", "high", "It uses MSMQ, a service of the machine that containers do not have: use a queue that is reached over the network.", x.evidence)
	}
	if p.lock == "" && !p.isFramework() && p.hasRanges() {
		add("missing-lock-file", "low", "Some packages have no exact version and there is no packages.lock.json: two builds may get different ones.", p.head())
	}
	if p.target.family == dnx {
		add("build-tool-gone", "high", "It is built by DNX, the tools of ASP.NET Core's betas, which no image brings any more: move the project to a current .NET.", p.head())
	}
}

// machineReferences looks for what only a machine with something installed can resolve.
func (p *project) machineReferences(add addReadiness) {
	var com, gac []detect.Evidence
	for _, i := range p.eval.items("COMReference") {
		com = append(com, i.evidence())
	}
	add("com-interop", "high", "It refers to COM components, which must be registered in the image and exist on Windows alone.", com...)
	for _, i := range p.eval.items("Reference") {
		if i.meta("HintPath") == "" && strings.Contains(i.include, "PublicKeyToken=") && !systemAssembly(i.include) && !p.fromPackages(i.include) {
			gac = append(gac, i.evidence())
		}
	}
	add("assembly-cache", "medium", "It refers to assemblies that only the global assembly cache of a machine has: bring them as packages or files.", gac...)
}

// hasRanges reports package versions that float.
func (p *project) hasRanges() bool {
	for _, x := range p.packages {
		if !x.assembly && (strings.Contains(x.version, "*") || strings.ContainsAny(x.version, "[(")) {
			return true
		}
	}
	return false
}

// systemAssembly reports an assembly that the .NET Framework itself or its web tools bring.
func systemAssembly(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"system", "mscorlib", "microsoft.", "presentation", "windowsbase", "uiautomation", "accessibility", "envdte", "entityframework", "newtonsoft", "antlr3", "webgrease", "nunit"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// fromPackages reports an assembly that a package of packages.config brings.
func (p *project) fromPackages(include string) bool {
	name, _, _ := strings.Cut(include, ",")
	x, ok := p.packages[strings.ToLower(strings.TrimSpace(name))]
	return ok && !x.assembly
}

// configTroubles looks at web.config and app.config.
func (p *project) configTroubles(add addReadiness) {
	if p.config == nil {
		return
	}
	for _, e := range p.config.at("system.web", "authentication") {
		if strings.EqualFold(e.Attr("mode"), "windows") && p.config.web {
			add("windows-authentication", "medium", "Its configuration has users log in by Windows authentication, which needs a machine of the domain: use OpenID Connect, or a group managed service account.", p.config.evidence(e))
		}
	}
	for _, e := range p.config.at("system.web", "identity") {
		if strings.EqualFold(e.Attr("impersonate"), "true") {
			add("impersonation", "high", "It works with the rights of a Windows account, which a container does not have: use a group managed service account, or none.", p.config.evidence(e))
		}
	}
	forms := len(p.config.at("system.web", "authentication", "forms")) > 0
	keys := p.config.at("system.web", "machineKey")
	for _, e := range keys {
		if e.Attr("validationKey") == "" || strings.HasPrefix(strings.ToLower(e.Attr("validationKey")), "autogenerate") {
			add("machine-key", "medium", "The key that protects cookies and view state is made anew in every container: set one machineKey for all.", p.config.evidence(e))
		}
	}
	if forms && len(keys) == 0 && p.isFramework() {
		add("machine-key", "medium", "No machineKey is set: the key that protects cookies and view state is made anew in every container. Set one for all.", p.config.evidence(p.config.at("system.web", "authentication", "forms")[0]))
	}
	for _, c := range p.config.connections(p.ix) {
		lower := strings.ToLower(c.text)
		if strings.Contains(lower, "integrated security=true") || strings.Contains(lower, "integrated security=sspi") || strings.Contains(lower, "trusted_connection=true") || strings.Contains(lower, "trusted_connection=yes") {
			add("integrated-security", "medium", "The database is reached with the rights of the process' Windows account: a container has none in the domain. Use a login of the database's own, or a group managed service account.", c.evidence)
			break
		}
	}
	for _, name := range []string{"netMsmqBinding", "msmqIntegrationBinding"} {
		for _, e := range p.config.at("system.serviceModel", "bindings", name) {
			add("message-queuing", "high", "It uses MSMQ, a service of the machine that containers do not have: use a queue that is reached over the network.", p.config.evidence(e))
		}
	}
}
