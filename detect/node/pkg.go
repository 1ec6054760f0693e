package node

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// pkg is a package.json or bower.json.
type pkg struct {
	file detect.File
	doc  *manifest.Doc
	deps map[string]dep
}

// dep is a line that asks for a package.
type dep struct {
	name, wanted string
	group        string // dependencies, devDependencies, optionalDependencies, peerDependencies
	line         int
}

// groups are the lists of a package.json, the weightiest first: a package of several is of the first.
var groups = []string{"dependencies", "optionalDependencies", "devDependencies", "peerDependencies"}

// parsePkg reads a package.json or bower.json. A manifest that is no map holds nothing.
func parsePkg(f detect.File) (*pkg, error) {
	doc, err := manifest.ParseJSON(f.Data)
	if err != nil {
		return nil, err
	}
	p := &pkg{file: f, doc: doc, deps: map[string]dep{}}
	for _, g := range groups {
		for _, name := range doc.Keys(g) {
			if _, have := p.deps[name]; !have {
				wanted, _, _ := doc.Get(g, name)
				p.deps[name] = dep{name, wanted, g, doc.Line(g, name)}
			}
		}
	}
	return p, nil
}

// get returns a scalar of the manifest with its line, "" when there is none.
func (p *pkg) get(path ...string) (string, int) {
	if p == nil {
		return "", 0
	}
	v, line, _ := p.doc.Get(path...)
	return v, line
}

// script returns a script of the manifest with its line.
func (p *pkg) script(name string) (string, int, bool) {
	if p == nil {
		return "", 0, false
	}
	v, line, ok := p.doc.Get("scripts", name)
	return strings.TrimSpace(v), line, ok && strings.TrimSpace(v) != ""
}

// isPrivate reports whether the package is not meant to be published.
func (p *pkg) isPrivate() bool {
	v, _ := p.get("private")
	return v == "true"
}

// runs reports whether a package is installed where the application runs.
func (d dep) runs() bool { return d.group == "dependencies" || d.group == "optionalDependencies" }

// published reports whether the manifest is that of a package for others: it says what others load.
func (p *pkg) published() bool {
	if p.isPrivate() {
		return false
	}
	for _, key := range []string{"files", "exports", "module", "types", "typings", "publishConfig", "peerDependencies"} {
		if p.doc.Has(key) {
			return true
		}
	}
	main, _ := p.get("main")
	return main != "" && strings.HasPrefix(path.Clean(main), "lib/") || strings.HasPrefix(path.Clean(main), "dist/")
}
