package node

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// meteor reports whether the directory is a Meteor application.
func (p *project) meteor() bool { return p.dir.Has(".meteor/release") || p.dir.Has(".meteor/packages") }

func (p *project) meteorKind() (kind, bool) {
	if !p.meteor() {
		return kind{}, false
	}
	name := ".meteor/release"
	if !p.dir.Has(name) {
		name = ".meteor/packages"
	}
	ev := p.whole(name)
	if f, ok := p.read(name); ok && len(f.Data) > 0 && name == ".meteor/release" {
		ev = f.Evidence(1)
	}
	return kind{role: detect.Web, framework: "meteor", pack: "meteor", why: "Meteor keeps its state there", evidence: []detect.Evidence{ev}}, true
}

var meteorRelease = manifest.Lazy(`^(?:METEOR@|v)?(\d+(?:\.\d+)*)`)

// meteorVersion reads .meteor/release: "METEOR@1.6.0.1", before 0.9 a bare "0.8.2".
func (p *project) meteorVersion() detect.Value[string] {
	f, ok := p.read(".meteor/release")
	if !ok {
		return detect.Value[string]{}
	}
	for i, text := range strings.Split(string(f.Data), "\n") {
		if m := meteorRelease.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
			return detect.Is(m[1], f.Evidence(i+1))
		}
	}
	return detect.Value[string]{}
}
