package elixir

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// assets is how the front end of a Phoenix application is built.
type assets struct {
	task     string // Mix task: "assets.deploy", "phx.digest", "phoenix.digest"
	taskAt   detect.Evidence
	dir      string // directory of package.json, relative to the app's; empty: no packages
	build    string // "npm run deploy"
	manager  string // npm, yarn, pnpm
	lock     string
	node     string
	nodeWhy  string
	nodeAt   detect.Evidence
	packages detect.Evidence // package.json
}

// findAssets finds out how the front end is built, in the project or in one application of an umbrella.
func (a *app) findAssets(fw framework) assets {
	var s assets
	if fw.name != "phoenix" {
		return s
	}
	for _, p := range a.projects {
		if at, ok := p.aliases["assets.deploy"]; ok {
			s.task, s.taskAt = "assets.deploy", p.file.Evidence(at)
		}
	}
	for _, p := range a.projects {
		for _, dir := range []string{path.Join(p.dir, "assets"), p.dir} {
			if s.dir == "" && a.packages(&s, dir) {
				break
			}
		}
	}
	if s.task == "" {
		static := a.dir.HasDir("priv/static") || a.dir.HasDir("web/static")
		for _, p := range a.projects {
			static = static || a.dir.HasDir(path.Join(p.dir, "priv/static")) || a.dir.HasDir(path.Join(p.dir, "assets"))
		}
		if s.dir == "" && !static {
			return s
		}
		s.task, s.taskAt = "phx.digest", fw.entry
		if fw.version != "" && compare(fw.version, "1.3") < 0 {
			s.task = "phoenix.digest"
		}
	}
	return s
}

// packages reads a package.json; false when there is none or it builds nothing.
func (a *app) packages(s *assets, dir string) bool {
	name := path.Join(dir, "package.json")
	f, ok := a.read(name)
	if !ok {
		return false
	}
	doc, err := manifest.ParseJSON(f.Data)
	if err != nil {
		a.warn(f, err)
		return false
	}
	if doc.Len("dependencies") == 0 && doc.Len("devDependencies") == 0 {
		return false
	}
	s.dir, s.packages = dir, f.Evidence(0)
	s.manager, s.lock = "npm", ""
	for _, l := range []struct{ file, manager string }{{"pnpm-lock.yaml", "pnpm"}, {"yarn.lock", "yarn"}, {"package-lock.json", "npm"}, {"npm-shrinkwrap.json", "npm"}} {
		if a.dir.Has(path.Join(dir, l.file)) {
			s.manager, s.lock = l.manager, l.file
			break
		}
	}
	at := func(line int) detect.Evidence { return f.Evidence(line) }
	if s.task == "" { // with esbuild by Mix the packages are only installed
		for _, script := range []string{"deploy", "build", "compile", "build:prod", "production"} {
			if _, _, ok := doc.Get("scripts", script); ok {
				s.build = s.manager + " run " + script
				break
			}
		}
		if _, _, ok := doc.Get("devDependencies", "brunch"); s.build == "" && (ok || doc.Has("dependencies", "brunch")) {
			s.build = "node_modules/.bin/brunch build --production"
		}
	}
	a.nodeVersion(s, doc, at)
	return true
}

// nodeVersion decides on the Node that the front end is built with: what a file names, else what its build tool was
// written for.
func (a *app) nodeVersion(s *assets, doc *manifest.Doc, at func(int) detect.Evidence) {
	if v, line, ok := doc.Get("engines", "node"); ok {
		if m := major(floor(v)); m != "" {
			s.node, s.nodeWhy, s.nodeAt = m, "package.json asks for it", at(line)
			return
		}
	}
	for _, name := range []string{".tool-versions", a.up() + ".tool-versions"} {
		if f, ok := a.read(name); ok {
			tools, _ := manifest.ParseToolVersions(f.Data)
			for _, t := range tools {
				if t.Name == "nodejs" && major(t.Version) != "" {
					s.node, s.nodeWhy, s.nodeAt = major(t.Version), "", f.Evidence(t.Line)
					return
				}
			}
		}
	}
	if f, ok := a.read("phoenix_static_buildpack.config"); ok {
		for i, t := range strings.Split(string(f.Data), "\n") {
			if v, ok := strings.CutPrefix(strings.TrimSpace(t), "node_version="); ok && major(v) != "" {
				s.node, s.nodeWhy, s.nodeAt = major(v), "", f.Evidence(i+1)
				return
			}
		}
	}
	tool := func(name string) (string, int, bool) {
		for _, group := range []string{"devDependencies", "dependencies"} {
			if v, line, ok := doc.Get(group, name); ok {
				return v, line, true
			}
		}
		return "", 0, false
	}
	s.node, s.nodeWhy, s.nodeAt = "20", "nothing names a Node; this one builds what recent tools are written for", s.packages
	if _, line, ok := tool("brunch"); ok {
		s.node, s.nodeWhy, s.nodeAt = "10", "Brunch was written for it", at(line)
	} else if v, line, ok := tool("node-sass"); ok {
		s.node, s.nodeWhy, s.nodeAt = "14", "node-sass "+v+" compiles on it", at(line)
		if f := floor(strings.TrimLeft(v, "^~")); f != "" && compare(f, "4.9") < 0 {
			s.node = "10"
		}
	} else if v, line, ok := tool("webpack"); ok {
		if f := floor(strings.TrimLeft(v, "^~")); f != "" && compare(f, "5") < 0 {
			s.node, s.nodeWhy, s.nodeAt = "14", "webpack "+v+" uses what later Nodes refuse", at(line)
		}
	}
}

// major is the first number of a version: "14" of "14.x".
func major(v string) string {
	v, _, _ = strings.Cut(plain(strings.TrimLeft(strings.TrimSpace(v), "^~>=v ")), ".")
	return v
}
