package node

import (
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// candidate is what one place says about the version of Node.
type candidate struct {
	version  string
	from     detect.Origin
	why      string
	evidence []detect.Evidence
}

func (c candidate) value() detect.Value[string] {
	return detect.Value[string]{V: c.version, From: c.from, Why: c.why, Evidence: c.evidence}
}

// engines is the range that a package.json allows.
type engines struct {
	wanted string
	at     detect.Evidence
}

// languageVersion decides on the Node: an exact statement of the manifest, a version file, the build server, an existing
// image, as long as the range of engines holds them; else that range solved, the release of a lock file's format, and what the
// time of the packages tells.
func (p *project) languageVersion(k kind) detect.Value[string] {
	rng, ranged := p.engines()
	if v := exactLine(rng.wanted); ranged && v != "" {
		out := detect.Is(v, rng.at)
		out.Others = p.others(v)
		return out
	}
	candidates := p.stated(k)
	for i, c := range candidates {
		if ranged && !satisfies(c.version, rng.wanted) {
			continue
		}
		v := c.value()
		for j, o := range candidates {
			if j != i && compare(o.version, c.version) != 0 && o.from == detect.Declared {
				v.Others = append(v.Others, o.value())
			}
		}
		return v
	}
	era, eraOK := p.era()
	if ranged {
		return p.solve(rng, era, eraOK, candidates)
	}
	if len(candidates) > 0 {
		return candidates[0].value()
	}
	if eraOK {
		return era.value()
	}
	return detect.Guess(defaultNode, "nothing in the repository says which Node it wants")
}

// others are the statements that contradict a version.
func (p *project) others(v string) []detect.Value[string] {
	var out []detect.Value[string]
	for _, c := range p.stated(kind{}) {
		if compare(c.version, v) != 0 && c.from == detect.Declared {
			out = append(out, c.value())
		}
	}
	return out
}

// engines is the range that the manifest, or that of the workspace's root, allows.
func (p *project) engines() (engines, bool) {
	for _, m := range p.manifests() {
		v, line := m.get("engines", "node")
		v = strings.TrimSpace(v)
		if v == "" || v == "*" || v == "latest" || v == "stable" || strings.HasPrefix(v, "${") {
			continue
		}
		return engines{v, m.file.Evidence(line)}, true
	}
	return engines{}, false
}

func (p *project) manifests() []*pkg {
	var out []*pkg
	if p.pkg != nil {
		out = append(out, p.pkg)
	}
	if p.isMember() {
		out = append(out, p.ws.pkg)
	}
	return out
}

var oneLine = manifest.Lazy(`^[v=~^\s]*(\d+(?:\.(?:\d+|[xX*]))*)$`)

// exactLine returns the version of a range that allows one line only: "8.9.4", "8.x", "~8.9", "^10", "10".
func exactLine(wanted string) string {
	m := oneLine.FindStringSubmatch(strings.TrimSpace(wanted))
	if m == nil {
		return ""
	}
	v := leading.FindString(m[1])
	if n := numbers(v); len(n) == 1 && n[0] == 0 {
		return ""
	}
	return v
}

// stated are the places that name a version of Node, the strongest first.
func (p *project) stated(k kind) []candidate {
	var out []candidate
	add := func(v, why string, from detect.Origin, ev ...detect.Evidence) {
		if v = nodeVersion(v); v != "" {
			out = append(out, candidate{v, from, why, ev})
		}
	}
	for _, m := range p.manifests() {
		if v, line := m.get("volta", "node"); v != "" {
			add(v, "", detect.Declared, m.file.Evidence(line))
		}
	}
	if k.framework == "meteor" {
		p.dockerVersions(add)
		if c, ok := p.meteorNode(); ok {
			out = append(out, c)
		}
		return out
	}
	p.versionFiles(add)
	if c, ok := p.ciVersion(); ok {
		out = append(out, c)
	}
	p.dockerVersions(add)
	p.platformVersions(add)
	return out
}

// nodeVersion reads a version as version files write it: "v8.9.4", "lts/carbon", "8".
func nodeVersion(v string) string {
	v = strings.TrimSpace(v)
	if name, ok := strings.CutPrefix(strings.ToLower(v), "lts/"); ok {
		return names[name]
	}
	if n, ok := names[strings.ToLower(v)]; ok {
		return n
	}
	v = strings.TrimPrefix(strings.TrimPrefix(v, "node-"), "v")
	if v == "" || v[0] < '0' || v[0] > '9' {
		return ""
	}
	return leading.FindString(v)
}

type addVersion func(v, why string, from detect.Origin, ev ...detect.Evidence)

func (p *project) ups() []string {
	out := []string{""}
	if p.dir.Path != "." {
		out = append(out, strings.Repeat("../", 1+strings.Count(p.dir.Path, "/")))
	}
	return out
}

// versionFiles reads .nvmrc, .node-version and .tool-versions of the directory, or of the repository's root.
func (p *project) versionFiles(add addVersion) {
	for _, up := range p.ups() {
		for _, name := range []string{".nvmrc", ".node-version", ".naverc"} {
			if f, ok := p.read(up + name); ok {
				for i, text := range strings.Split(string(f.Data), "\n") {
					if text = strings.TrimSpace(text); text != "" && !strings.HasPrefix(text, "#") {
						add(text, "", detect.Declared, f.Evidence(i+1))
						break
					}
				}
			}
		}
		if f, ok := p.read(up + ".tool-versions"); ok {
			tools, _ := manifest.ParseToolVersions(f.Data)
			for _, t := range tools {
				if t.Name == "nodejs" || t.Name == "node" {
					add(t.Version, "", detect.Declared, f.Evidence(t.Line))
				}
			}
		}
	}
}

// ciVersion is the newest lasting line that the tests run on, within the range of engines.
func (p *project) ciVersion() (candidate, bool) {
	rng, ranged := p.engines()
	var best candidate
	for _, ci := range p.ci {
		for _, v := range ci.Versions {
			version := nodeVersion(v.Version)
			if v.Language != "node" || version == "" || ranged && !satisfies(version, rng.wanted) {
				continue
			}
			l, ok := lineOfVersion(version)
			bl, _ := lineOfVersion(best.version)
			if !ok || best.version != "" && (bl.lasting && !l.lasting || bl.lasting == l.lasting && compare(version, best.version) <= 0) {
				continue
			}
			best = candidate{version, detect.Inferred, "the tests run with it", []detect.Evidence{ci.file.Evidence(v.Line)}}
		}
	}
	return best, best.version != ""
}

// dockerVersions reads the images and variables of Dockerfiles.
func (p *project) dockerVersions(add addVersion) {
	for _, d := range p.docker {
		for _, s := range d.Stages {
			if img := manifest.IdentifyImage(s.Image); img.Language == "node" {
				add(img.Version, "the repository's own image stands on it", detect.Declared, d.file.Evidence(s.Line))
			}
		}
		for _, e := range d.Env {
			if e.Name == "NODE_VERSION" || e.Name == "NODEJS_VERSION" {
				add(e.Value, "the repository's own image installs it", detect.Declared, d.file.Evidence(e.Line))
			}
		}
	}
}

var runtimeLine = manifest.Lazy(`^\s*(?:runtime|NODE_VERSION|node_version)\s*[:=]\s*["']?(?:nodejs)?(\d+(?:\.\d+)*)`)

// platformVersions reads what platforms are told: App Engine, Netlify, the Serverless Framework.
func (p *project) platformVersions(add addVersion) {
	for _, name := range []string{"app.yaml", "netlify.toml", "serverless.yml", "serverless.yaml", "template.yaml", ".ebextensions/node.config"} {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := runtimeLine.FindStringSubmatch(text); m != nil {
				add(m[1], "the platform is told so", detect.Declared, f.Evidence(i+1))
				break
			}
		}
	}
}

// meteorNode is the Node that the release of Meteor bundles for.
func (p *project) meteorNode() (candidate, bool) {
	v := p.meteorVersion()
	if !v.Set() {
		return candidate{}, false
	}
	for _, m := range meteorNodes {
		if compareAll(v.V, m.from) >= 0 {
			return candidate{m.node, detect.Inferred, "Meteor " + v.V + " bundles for Node " + m.node, v.Evidence}, true
		}
	}
	return candidate{}, false
}

// era is the Node of the time of the newest packages, no newer than any package allows.
func (p *project) era() (candidate, bool) {
	var best candidate
	if p.pkg == nil {
		return p.bowerEra()
	}
	for _, e := range eras {
		d, ok := p.dep(e.pack)
		if !ok || d.group == "peerDependencies" || !inRange(d.version, e.from, e.before) {
			continue
		}
		if best.version == "" || compareAll(e.node, best.version) > 0 {
			best = candidate{e.node, detect.Inferred, fmt.Sprintf("nothing names a Node; it was the usual one in the time of %s %s", e.pack, d.version), d.evidence[:1]}
		}
	}
	if p.lock != nil {
		if c, ok := p.lockEra(); ok && (best.version == "" || compareAll(c.version, best.version) > 0) {
			best = c
		}
	}
	return p.capped(best)
}

func (p *project) bowerEra() (candidate, bool) {
	if p.bower == nil {
		return candidate{}, false
	}
	return candidate{"10", detect.Inferred, "Bower's packages need no certain Node; it is of Bower's last years", []detect.Evidence{p.bower.file.Evidence(0)}}, true
}

// lockEra is the Node that brought the npm which writes the lock file's format.
func (p *project) lockEra() (candidate, bool) {
	format, at := p.lock.format()
	node := ""
	switch {
	case p.lock.manager == "npm" && format == "2":
		node = "16"
	case p.lock.manager == "npm" && format == "3":
		node = "18"
	case p.lock.manager == "npm" && format == "1":
		node = "8"
	case p.lock.manager == "pnpm" && format == "9.0":
		node = "20"
	case p.lock.manager == "pnpm" && strings.HasPrefix(format, "6"):
		node = "18"
	}
	if node == "" {
		return candidate{}, false
	}
	return candidate{node, detect.Inferred, "nothing names a Node; its npm writes lock files of format " + format, []detect.Evidence{p.lock.file.Evidence(at)}}, true
}

// capped lowers a candidate to what the packages run on.
func (p *project) capped(c candidate) (candidate, bool) {
	if c.version == "" {
		return c, false
	}
	for _, m := range ceilings {
		d, ok := p.dep(m.pack)
		if !ok || d.group == "peerDependencies" || !inRange(d.version, m.from, m.before) || compareAll(m.node, c.version) >= 0 {
			continue
		}
		c = candidate{m.node, detect.Inferred, m.why, d.evidence[:1]}
	}
	if l, ok := lineOfVersion(c.version); ok && !l.lasting {
		for i := len(lines) - 1; i >= 0; i-- {
			if lines[i].lasting && compareAll(lines[i].version, l.version) < 0 {
				c.version = lines[i].version
				break
			}
		}
	}
	return c, true
}

// solve picks a release for the range of engines. An open range begins where the authors began: that release is what they
// knew to work; below Node 4, and where the packages are of a later time that the range holds too, theirs is taken.
func (p *project) solve(rng engines, era candidate, eraOK bool, candidates []candidate) detect.Value[string] {
	first := floor(rng.wanted)
	if first == "" || strings.Contains(rng.wanted, "||") {
		best := ""
		for _, l := range lines {
			if l.lasting && l.ended != "" && satisfies(l.version, rng.wanted) && (!eraOK || best == "" || compareAll(l.version, era.version) <= 0) {
				best = l.version
			}
		}
		if best != "" {
			return detect.Infer(best, fmt.Sprintf("the newest lasting release within %q that is of the packages' time", rng.wanted), rng.at)
		}
	}
	if first != "" && satisfies(first, rng.wanted) || first != "" && major(first) >= 0 {
		if eraOK && compareAll(first, "4") < 0 && compareAll(era.version, first) > 0 && satisfies(era.version, rng.wanted) {
			v := era.value()
			v.Evidence = append([]detect.Evidence{rng.at}, v.Evidence...)
			return v
		}
		n := numbers(first)
		if len(n) == 1 && n[0] == 0 {
			first = "0.10"
		}
		out := detect.Infer(first, fmt.Sprintf("%q begins there", rng.wanted), rng.at)
		out.From = detect.Declared
		for _, c := range candidates {
			if c.from == detect.Declared && compare(c.version, first) != 0 {
				out.Others = append(out.Others, c.value())
			}
		}
		return out
	}
	p.dir.Warn(rng.at.File, rng.at.Line, "no release of Node is understood from "+detect.Printable(rng.wanted, 60))
	if eraOK {
		return era.value()
	}
	return detect.Guess(defaultNode, "the range of engines is not understood")
}
