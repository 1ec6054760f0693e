package detect

import (
	"path"
	"slices"
	"strings"
)

// The facts that a web component gets from a front end of another stack that is built
// into it, for the templates of every back end.
const (
	FactFrontend               = "frontend"               // its directory, relative to the component's Path
	FactFrontendNode           = "frontendNode"           // the Node release that builds it, as precise as known
	FactFrontendPackageManager = "frontendPackageManager" // npm, yarn, pnpm, bower
	FactFrontendBuild          = "frontendBuild"          // the command, in shell words: "npm run build"
	FactFrontendOutput         = "frontendOutput"         // where the result lies, relative to the front end; absent: not known
	FactFrontendLockfile       = "frontendLockfile"       // the lock file's name; absent: none
	// FactFrontendInBuild are directories, relative to the tree and separated by blanks, whose front end the component's own
	// build makes: it gets none of the facts above for them.
	FactFrontendInBuild = "frontendInBuild"
)

// frontendFacts says which fact of a front end becomes which fact of the component that it is built into.
var frontendFacts = []struct{ from, to string }{
	{"packageManager", FactFrontendPackageManager}, {"buildCommand", FactFrontendBuild},
	{"output", FactFrontendOutput}, {"lockfile", FactFrontendLockfile},
}

// reconcile makes one picture of what the detectors, each blind to the others, say of the same directories:
//
//   - a front end that is built into a back end of another stack becomes facts of that back end;
//   - a second web server in one directory goes, when only the other one has a framework;
//   - plain scripts and tools in the directory of a component of another stack go: they are its tooling;
//   - scripts without a manifest inside an application of another stack, which has a framework, are carried along by it;
//   - static files inside another component are served by it;
//   - an unpacked release of something else ("tool-1.4.2"), and tools for whoever works on the code, go, when anything else is deployed;
//   - a library goes, when there is something to deploy.
func reconcile(cs []Component) []Component {
	drop := make([]bool, len(cs))
	for i := range cs {
		if builtFrontEnd(cs[i]) {
			drop[i] = absorb(cs, i)
		}
	}
	for i, c := range cs {
		for j, other := range cs {
			if drop[i] || drop[j] || i == j || c.Stack == other.Stack {
				continue
			}
			drop[i] = givesWay(c, other)
		}
	}
	out := make([]Component, 0, len(cs))
	for i, c := range cs {
		if !drop[i] {
			out = append(out, c)
		}
	}
	return withoutLibraries(withoutAsides(out))
}

// asides are names of directories for those who work on the code: helpers, measurements, what others contributed.
var asides = map[string]bool{"tools": true, "tool": true, "contrib": true, "hack": true, "bench": true, "benchmark": true, "benchmarks": true, "playground": true, "ci": true, ".ci": true}

// aside reports whether a directory holds an unpacked release of something else or things for those who work on the code.
func aside(dir string) bool {
	for part := range strings.SplitSeq(dir, "/") {
		if asides[strings.ToLower(part)] || released(part) {
			return true
		}
	}
	return false
}

// released reports whether a name ends like that of an archive of a release: "-1.4.2".
func released(name string) bool {
	i := strings.LastIndexByte(name, '-')
	if i < 1 || i+1 == len(name) {
		return false
	}
	dots := 0
	for _, c := range name[i+1:] {
		if c == '.' {
			dots++
		} else if c < '0' || c > '9' {
			return false
		}
	}
	return dots > 0 && name[i+1] != '.'
}

// withoutAsides leaves out what lies aside when something that is deployed lies elsewhere.
func withoutAsides(cs []Component) []Component {
	var out []Component
	found := false
	for _, c := range cs {
		beside := aside(c.Path)
		if !beside {
			out = append(out, c)
		}
		found = found || !beside && deployed(c)
	}
	if !found {
		return cs
	}
	return out
}

// builtFrontEnd reports whether a component is only files for a browser, made by a build.
func builtFrontEnd(c Component) bool {
	return c.Stack == "node" && (c.Role.V == SPA || c.Role.V == Static)
}

// absorb gives the facts of a front end to the components that it is built into, and reports whether there are any: those
// in its directory, else those of the nearest directory above for whom its place or its output says so.
func absorb(cs []Component, front int) bool {
	f := cs[front]
	owner := ""
	found := false
	for _, c := range cs {
		if c.Stack == f.Stack || c.Stack == "static" || c.Role.V != Web || !partOf(c, f) {
			continue
		}
		if !found || len(c.Path) > len(owner) && c.Path != "." {
			owner, found = c.Path, true
		}
	}
	if !found {
		return false
	}
	for i := range cs {
		if c := &cs[i]; c.Path == owner && c.Stack != f.Stack {
			giveFrontend(c, f)
		}
	}
	return true
}

func giveFrontend(c *Component, f Component) {
	if c.Facts == nil {
		c.Facts = map[string]Value[string]{}
	}
	if c.Facts[FactFrontend].Set() || slices.Contains(strings.Fields(c.Facts[FactFrontendInBuild].V), f.Path) {
		return // the first front end, or what the stack itself knows
	}
	rel := "."
	if f.Path != c.Path {
		rel = strings.TrimPrefix(f.Path, prefix(c.Path))
	}
	dir := f.Build
	c.Facts[FactFrontend] = Value[string]{V: rel, From: Inferred, Evidence: dir.Evidence, Why: "the front end there is part of this application"}
	if f.LanguageVersion.Set() {
		c.Facts[FactFrontendNode] = f.LanguageVersion
	}
	for _, m := range frontendFacts {
		if v := f.Facts[m.from]; v.Set() {
			c.Facts[m.to] = v
		}
	}
}

// partOf reports whether a front end is part of a web component: it lies in the same directory, among the component's
// resources, or it is built into a directory of the component outside of its own.
func partOf(c, f Component) bool {
	if c.Path == f.Path || slices.Contains(strings.Fields(c.Facts[FactFrontendInBuild].V), f.Path) {
		return true
	}
	if !inside(f.Path, c.Path) {
		return false
	}
	rel := strings.TrimPrefix(f.Path, prefix(c.Path))
	if v := c.Facts[FactFrontend]; v.Set() && path.Clean(v.V) == rel {
		return true
	}
	if out := f.Facts["output"]; out.Set() {
		if to := path.Join(f.Path, out.V); !inside(to, f.Path) && to != f.Path && !strings.HasPrefix(to, "..") && inside(to, c.Path) {
			return true
		}
	}
	for _, part := range strings.Split(rel, "/") {
		if resourceDirs[strings.ToLower(part)] {
			return true
		}
	}
	return false
}

// resourceDirs are names of directories in which web frameworks keep what a browser loads: Maven's and Servlet's (webapp),
// Rails' and Sprockets' (assets), Laravel's (resources), Django's and Flask's (static), ASP.NET's (wwwroot, ClientApp),
// Phoenix' (priv, assets), those of content management systems (themes, plugins).
var resourceDirs = map[string]bool{
	"resources": true, "webapp": true, "assets": true, "static": true, "wwwroot": true, "clientapp": true, "priv": true, "public": true,
	"themes": true, "theme": true, "plugins": true, "modules": true, "wp-content": true, "skins": true, "templates": true, "extensions": true,
	"staticfiles": true, "static_src": true,
}

// inside reports whether a path lies below a directory.
func inside(p, dir string) bool {
	return dir == "." && p != "." || strings.HasPrefix(p, dir+"/")
}

func prefix(dir string) string {
	if dir == "." {
		return ""
	}
	return dir + "/"
}

// givesWay reports whether c is no component of its own beside other, of another stack.
func givesWay(c, other Component) bool {
	same := c.Path == other.Path
	switch {
	case c.Stack == "static":
		return same || inside(c.Path, other.Path)
	case c.Role.V == Web && c.Build.V == "none" && !framed(c) && c.LanguageVersion.From == Default && inside(c.Path, other.Path):
		return other.Role.V == Web && framed(other)
	case other.Stack == "static" || !same:
		return false
	case c.Role.V == Web && other.Role.V == Web:
		return !framed(c) && framed(other)
	case c.Role.V == CLI || c.Role.V == Batch || c.Role.V == Library:
		return deployed(other)
	case c.Role.V == SPA:
		return other.Role.V == Web
	}
	return false
}

// framed reports whether a component stands on a web framework.
func framed(c Component) bool {
	return c.Framework.Set() && c.Framework.V != "none" && c.Framework.V != ""
}

// deployed reports whether a component is something that runs for others.
func deployed(c Component) bool {
	switch c.Role.V {
	case Web, Worker, Function, Inference, SPA:
		return true
	}
	return false
}

// withoutLibraries leaves libraries out when anything else was found.
func withoutLibraries(cs []Component) []Component {
	var out []Component
	for _, c := range cs {
		if c.Role.V != Library {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return cs
	}
	return out
}
