package node

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// workspace is a repository, or a part of one, whose packages are installed together: npm's, Yarn's, pnpm's or Lerna's.
type workspace struct {
	root    string   // its directory in the tree
	up      string   // from the member to it: "../../"; empty for the root itself
	members []string // manifests of its packages, relative to root
	tool    string   // npm, yarn, pnpm, lerna: who manages it as far as its own files say
	pkg     *pkg     // the root's own manifest
	at      detect.Evidence
}

// maxUp bounds how far above a package its workspace is looked for.
const maxUp = 4

// findWorkspace returns the workspace that the directory is the root or a member of.
func (p *project) findWorkspace() *workspace {
	if p.pkg == nil {
		return nil
	}
	for n := range maxUp + 1 {
		up := strings.Repeat("../", n)
		dir, ok := p.dir.Sub(up)
		if !ok {
			return nil
		}
		w, _ := dir.Memo("node/workspace/"+dir.Path, func() any { return openWorkspace(dir) }).(*workspace)
		if w != nil {
			rel := strings.TrimPrefix(path.Join(p.dir.Path, "package.json"), prefix(w.root))
			if n > 0 && !slices.Contains(w.members, rel) {
				return nil
			}
			out := *w
			out.up = up
			return &out
		}
		if dir.Path == "." {
			return nil
		}
	}
	return nil
}

// openWorkspace reads the workspace whose root a directory is; nil when it is none.
func openWorkspace(dir detect.Dir) *workspace {
	if !dir.Has("package.json") {
		return nil
	}
	f, err := dir.Read("package.json")
	if err != nil {
		return nil
	}
	root, err := parsePkg(f)
	if err != nil {
		return nil
	}
	w := &workspace{root: dir.Path, pkg: root, tool: "npm"}
	var globs []string
	for _, at := range [][]string{{"workspaces"}, {"workspaces", "packages"}} {
		for _, i := range root.doc.List(at...) {
			globs = append(globs, i.Value)
			w.at = f.Evidence(root.doc.Line("workspaces"))
		}
	}
	if more, ev, ok := listed(dir, "pnpm-workspace.yaml", "packages", manifest.ParseYAML); ok {
		globs, w.tool, w.at = append(globs, more...), "pnpm", ev
	} else if more, ev, ok := listed(dir, "lerna.json", "packages", manifest.ParseJSON); ok && len(globs) == 0 {
		if len(more) == 0 {
			more = []string{"packages/*"}
		}
		globs, w.tool, w.at = more, "lerna", ev
	}
	if len(globs) == 0 {
		return nil
	}
	w.members = members(dir, globs)
	if len(w.members) == 0 {
		return nil
	}
	return w
}

// listed reads a list of a configuration file.
func listed(dir detect.Dir, name, key string, parse func([]byte) (*manifest.Doc, error)) ([]string, detect.Evidence, bool) {
	f, err := dir.Read(name)
	if err != nil {
		return nil, detect.Evidence{}, false
	}
	doc, err := parse(f.Data)
	if err != nil {
		return nil, detect.Evidence{}, false
	}
	var out []string
	for _, i := range doc.List(key) {
		out = append(out, i.Value)
	}
	return out, f.Evidence(doc.Line(key)), doc.Has(key) || name == "lerna.json"
}

// maxMembers bounds the packages of a workspace that the installation's layer names.
const maxMembers = 300

// members are the manifests that the globs of a workspace name, relative to its root.
func members(dir detect.Dir, globs []string) []string {
	var out []string
	for _, file := range dir.Named("package.json") {
		if file == "package.json" || strings.Contains(file, "node_modules/") || len(out) >= maxMembers {
			continue
		}
		in := false
		for _, g := range globs {
			negated := strings.HasPrefix(g, "!")
			g = path.Join(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(g, "!"), "./"), "/"), "package.json")
			if ok, err := doublestar.Match(g, file); err == nil && ok {
				in = !negated
			}
		}
		if in {
			out = append(out, file)
		}
	}
	return out
}

func prefix(dir string) string {
	if dir == "." {
		return ""
	}
	return dir + "/"
}

// isRoot reports whether the directory is the root of a workspace.
func (p *project) isRoot() bool { return p.ws != nil && p.ws.up == "" }

// isMember reports whether the directory is a package of a workspace above it.
func (p *project) isMember() bool { return p.ws != nil && p.ws.up != "" }
