package dotnet

import (
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// setServer sets what answers requests, its port and where it tells its health.
func (p *project) setServer(c *detect.Component, k kind) {
	at := k.role.Evidence[0]
	switch {
	case !k.web:
		c.AppServer = detect.Infer("none", "it serves nothing itself", at)
		return
	case !k.selfHosted:
		c.AppServer = detect.Infer("iis", "web applications of the .NET Framework run in IIS", at)
		c.Port = detect.Infer(80, "the port of IIS' web site", at)
	case c.Framework.V == "aspnet-core":
		c.AppServer = detect.Infer("kestrel", "ASP.NET Core's own server", at)
		c.Port = p.port(at)
	default:
		c.AppServer = detect.Infer("none", "the program listens itself", at)
		if v, ok := p.listens(); ok {
			c.Port = v
		}
	}
	c.HealthPath = p.health()
}

// port is where Kestrel listens: as the repository's own image says, then the code, then the settings.
func (p *project) port(at detect.Evidence) detect.Value[int] {
	if v, ok := p.imagePort(); ok {
		return v
	}
	if v, ok := p.listens(); ok {
		return v
	}
	for i := len(p.settings) - 1; i >= 0; i-- {
		if n, ev, ok := p.settings[i].endpoints(); ok {
			return detect.Is(n, ev)
		}
	}
	if before(p.target.version, "8.0") && p.target.version != "" {
		return detect.Infer(5000, "Kestrel's own port: nothing names another", at)
	}
	return detect.Infer(8080, "the port of .NET's images since .NET 8: nothing names another", at)
}

// listens is the port that the code opens.
func (p *project) listens() (detect.Value[int], bool) {
	for _, h := range of(p.hits(false), "listen") {
		if n, err := strconv.Atoi(h.captured()); err == nil && n > 0 && n < 65536 {
			return detect.Is(n, h.evidence), true
		}
	}
	return detect.Value[int]{}, false
}

// imagePort is the port that the project's own Dockerfile exposes or tells Kestrel.
func (p *project) imagePort() (detect.Value[int], bool) {
	for _, name := range []string{path.Join(p.dir(), "Dockerfile"), path.Join(p.dir(), "../Dockerfile"), "Dockerfile"} {
		f, err := p.ix.root.Read(path.Clean(name))
		if err != nil || path.Dir(path.Clean(name)) != p.dir() && !strings.Contains(string(f.Data), p.stem()) {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			continue
		}
		for i, line := range strings.Split(string(f.Data), "\n") {
			if _, urls, ok := strings.Cut(line, "ASPNETCORE_URLS"); ok && strings.HasPrefix(strings.TrimSpace(strings.ToUpper(line)), "ENV") {
				if n := portOf(strings.Trim(urls, "= \"'\r")); n > 0 {
					return detect.Is(n, f.Evidence(i+1)), true
				}
			}
		}
		for _, e := range d.Expose {
			if plainPort(e.Number) {
				return detect.Is(e.Number, f.Evidence(e.Line)), true
			}
		}
		for i, line := range strings.Split(string(f.Data), "\n") { // a stage that the last one builds upon
			words := strings.Fields(line)
			if len(words) < 2 || !strings.EqualFold(words[0], "EXPOSE") {
				continue
			}
			if n, err := strconv.Atoi(strings.TrimSuffix(words[1], "/tcp")); err == nil && plainPort(n) {
				return detect.Is(n, f.Evidence(i+1)), true
			}
		}
	}
	return detect.Value[int]{}, false
}

// plainPort reports a port that is not the one for HTTPS.
func plainPort(n int) bool { return n > 0 && n < 65536 && n != 443 && n != 8081 && n != 8443 }

// health is the path at which the application tells its health.
func (p *project) health() detect.Value[string] {
	hits := p.hits(true)
	for _, h := range append(of(hits, "health"), of(hits, "get")...) {
		if v := h.captured(); v != "" {
			return detect.Is("/"+strings.TrimPrefix(v, "/"), h.evidence)
		}
	}
	return detect.Guess("/", "no route for health checks was found")
}
