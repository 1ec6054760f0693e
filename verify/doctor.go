package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/docker/docker/api/types/registry"
	"github.com/docker/docker/api/types/system"
	"github.com/docker/go-units"
)

// State is how a Finding is to be taken.
type State string

// The states of a Finding.
const (
	OK      State = "ok"
	Problem State = "problem" // verification will not work, or not well
	Note    State = "note"    // worth knowing
)

// Finding is one thing that this machine offers to verification, or does not.
type Finding struct {
	Name  string `json:"name"` // engine, buildkit, disk, memory, mirrors, proxy, credentials, leftovers
	State State  `json:"state"`
	Text  string `json:"text"`
	Cure  string `json:"cure,omitempty"` // what to do about a problem
}

// Amounts below which a build of an ordinary application is likely to fail.
const (
	littleDisk   = 5 << 30
	littleMemory = 2 << 30
)

// Doctor says what the engine and the configuration of this machine offer. The findings are there beside
// an error too, which is an *EngineError when no engine answers, or the context's. It changes nothing.
func Doctor(ctx context.Context, engineURL string) ([]Finding, error) {
	e, err := connect(ctx, engineURL)
	if err != nil {
		if !isEngineError(err) {
			return nil, err
		}
		return []Finding{noEngine(err)}, err
	}
	defer e.close()
	info, err := e.api.Info(ctx)
	if err != nil {
		return nil, e.check(ctx, "ask the engine about itself", err)
	}
	findings := []Finding{e.engineFinding(info), e.buildkitFinding()}
	findings = append(findings, e.resources(info)...)
	findings = append(findings, mirrors(info), e.proxies(info))
	findings = append(findings, e.credentials()...)
	leftovers, err := e.leftovers(ctx)
	if err != nil {
		return findings, err
	}
	return append(findings, leftovers...), nil
}

func noEngine(err error) Finding {
	first, cures, _ := strings.Cut(err.Error(), "\n")
	cures = strings.ReplaceAll(strings.TrimPrefix(cures, "  try: "), "\n  try: ", "; ")
	return Finding{Name: "engine", State: Problem, Text: first, Cure: cures}
}

func (e *engine) engineFinding(info system.Info) Finding {
	f := Finding{Name: "engine", State: OK, Text: fmt.Sprintf("Docker %s at %s, API %s, %s/%s, storage %s", e.version, withoutPassword(e.url), e.apiV, info.OSType, info.Architecture, info.Driver)}
	if !atLeast(e.apiV, 41) {
		f.State, f.Cure = Problem, "use Docker 20.10 or newer"
	}
	return f
}

func (e *engine) buildkitFinding() Finding {
	if e.buildkit() {
		return Finding{Name: "buildkit", State: OK, Text: "BuildKit builds images: cache mounts, secrets and parallel stages work"}
	}
	return Finding{Name: "buildkit", State: Problem, Text: "this engine offers no BuildKit session: generated Dockerfiles use cache mounts, which need it", Cure: "use Docker 20.10 or newer for Linux"}
}

// resources are the room for images and the memory of the engine's machine.
func (e *engine) resources(info system.Info) []Finding {
	memory := Finding{Name: "memory", State: OK, Text: fmt.Sprintf("%s for containers, %d processors", units.BytesSize(float64(info.MemTotal)), info.NCPU)}
	if info.MemTotal > 0 && info.MemTotal < littleMemory {
		memory.State, memory.Cure = Problem, "give the engine's machine 2 GiB or more"
	}
	out := []Finding{memory}
	if !e.local {
		return append(out, Finding{Name: "disk", State: Note, Text: "the engine is on another machine: see there how much room " + info.DockerRootDir + " has"})
	}
	free, err := freeSpace(info.DockerRootDir)
	if err != nil {
		return append(out, Finding{Name: "disk", State: Note, Text: "how much room images have cannot be seen from here (" + info.DockerRootDir + ")"})
	}
	disk := Finding{Name: "disk", State: OK, Text: fmt.Sprintf("%s free for images in %s", units.BytesSize(float64(free)), info.DockerRootDir)}
	if free < littleDisk {
		disk.State, disk.Cure = Problem, "free some: `docker system prune` removes what is not used"
	}
	return append(out, disk)
}

func mirrors(info system.Info) Finding {
	f := Finding{Name: "mirrors", State: Note, Text: "images come from their registries: no mirror is set"}
	if info.RegistryConfig != nil {
		if list := mirrorList(info.RegistryConfig); len(list) > 0 {
			f.Text = "Docker Hub's images come from " + strings.Join(list, ", ")
		}
	}
	return f
}

func mirrorList(c *registry.ServiceConfig) []string {
	var out []string
	for _, m := range c.Mirrors {
		out = append(out, withoutPassword(m))
	}
	return out
}

// proxies compares the engine's proxy with this machine's: pulls use the first, and this program the second.
func (e *engine) proxies(info system.Info) Finding {
	var engine []string
	for _, p := range []string{info.HTTPProxy, info.HTTPSProxy} {
		if p != "" {
			engine = append(engine, withoutPassword(p))
		}
	}
	here := ""
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if v := os.Getenv(name); v != "" {
			here = name + "=" + withoutPassword(v)
			break
		}
	}
	builds := len(e.config.Proxies) > 0
	switch {
	case len(engine) > 0:
		return Finding{Name: "proxy", State: OK, Text: "the engine pulls through " + strings.Join(engine, ", ") + proxyForBuilds(builds)}
	case here != "":
		return Finding{Name: "proxy", State: Note, Text: here + " is set here, but the engine uses no proxy" + proxyForBuilds(builds),
			Cure: "if the engine cannot reach registries, set its proxy (\"proxies\" in /etc/docker/daemon.json) and that of builds (\"proxies\" in ~/.docker/config.json)"}
	}
	return Finding{Name: "proxy", State: OK, Text: "none" + proxyForBuilds(builds)}
}

func proxyForBuilds(set bool) string {
	if set {
		return "; builds use that of Docker's configuration"
	}
	return ""
}

// credentials lists the registries with a login and sees that the helpers which keep them are there. No login is read.
func (e *engine) credentials() []Finding {
	helpers := map[string]bool{}
	if s := e.config.CredentialsStore; s != "" {
		helpers[s] = true
	}
	for _, h := range e.config.CredentialHelpers {
		helpers[h] = true
	}
	var hosts []string
	for host := range e.config.AuthConfigs {
		hosts = append(hosts, host)
	}
	sort.Strings(hosts)
	f := Finding{Name: "credentials", State: Note, Text: "no registry has a login in " + e.config.Filename}
	if len(hosts) > 0 {
		f = Finding{Name: "credentials", State: OK, Text: "logins for " + strings.Join(hosts, ", ")}
	}
	out := []Finding{f}
	var names []string
	for h := range helpers {
		names = append(names, h)
	}
	sort.Strings(names)
	for _, h := range names {
		program := "docker-credential-" + h
		if onPath(program) {
			out = append(out, Finding{Name: "credentials", State: OK, Text: "logins are kept by " + program})
		} else {
			out = append(out, Finding{Name: "credentials", State: Problem, Text: program + " is set in " + e.config.Filename + " but is not on the PATH",
				Cure: "install it, or take credsStore and credHelpers out of that file"})
		}
	}
	return out
}

// onPath says that a program of this name can be found. It is not run.
func onPath(program string) bool {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		for _, name := range []string{program, program + ".exe"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
				return true
			}
		}
	}
	return false
}

// leftovers says what runs that are no longer running have left on the engine.
func (e *engine) leftovers(ctx context.Context) ([]Finding, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, nil
	}
	found, err := e.find(ctx, labelHost+"="+host, func(labels map[string]string) bool { return !isDead(labels) })
	if err != nil {
		return nil, e.check(ctx, "look for leftovers", err)
	}
	n := found.count()
	if !n.Any() {
		return nil, nil
	}
	return []Finding{{Name: "leftovers", State: Note, Text: "earlier runs have left " + n.String(), Cure: "`drydock doctor --clean` removes them"}}, nil
}
