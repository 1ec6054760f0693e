package golang

import (
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// unit is a tree of packages that is built as one: a module, or what lies at one import path below a GOPATH.
type unit struct {
	root     string          // directory, from the tree's root
	module   bool            // it has a go.mod
	dirs     []string        // its package directories relative to root, "." first
	has      map[string]bool // dirs as a set
	files    map[string][]string
	legacy   bool // a manifest of an older tool lies at its root
	vendored bool // vendor/ or Godeps/_workspace holds Go files
}

// index is what one walk over the list of files says about Go.
type index struct {
	at map[string][]*unit // by the first directory that is offered of each
}

// treeRoot is the root of the tree that a directory lies in.
func treeRoot(dir detect.Dir) detect.Dir {
	if dir.Path == "." {
		return dir
	}
	root, _ := dir.Sub(strings.Repeat("../", 1+strings.Count(dir.Path, "/")))
	return root
}

func indexOf(dir detect.Dir) *index {
	return dir.Memo("golang.index", func() any { return newIndex(treeRoot(dir)) }).(*index)
}

// manifests of older tools, whose directory is a root.
var manifests = map[string]bool{"Gopkg.toml": true, "Gopkg.lock": true, "glide.yaml": true, "glide.lock": true}

func newIndex(root detect.Dir) *index {
	goFiles := map[string][]string{}
	units := map[string]*unit{}
	vendored := map[string]bool{}
	offered := map[string]bool{}
	last, lastOwn := "", true
	for p := range root.Files() {
		base := path.Base(p)
		isGo := strings.HasSuffix(base, ".go")
		if !isGo && base != "go.mod" && !manifests[base] && base != "Godeps.json" && base != "vendor.json" && base != "manifest" {
			continue
		}
		dir := path.Dir(p)
		if dir != last {
			last, lastOwn = dir, own(dir)
		}
		switch {
		case isGo && !lastOwn:
			if at, ok := vendorOf(dir); ok {
				vendored[at] = true
			}
		case isGo:
			offered[dir] = true
			if buildsOnLinux(base) {
				goFiles[dir] = append(goFiles[dir], base)
			}
		case base == "Godeps.json" && path.Base(dir) == "Godeps" && own(path.Dir(dir)):
			at(units, path.Dir(dir)).legacy = true
			offered[dir] = true
		case (base == "vendor.json" || base == "manifest") && path.Base(dir) == "vendor" && own(path.Dir(dir)):
			at(units, path.Dir(dir)).legacy = true
		case base == "go.mod" && lastOwn:
			at(units, dir).module = true
			offered[dir] = true
		case manifests[base] && lastOwn:
			at(units, dir).legacy = true
			offered[dir] = true
		}
	}
	share(units, goFiles)
	for dir := range vendored {
		if u := units[dir]; u != nil {
			u.vendored = true
		}
	}
	return offer(units, offered)
}

func at(units map[string]*unit, dir string) *unit {
	if units[dir] == nil {
		units[dir] = &unit{root: dir, has: map[string]bool{}, files: map[string][]string{}}
	}
	return units[dir]
}

// own reports whether the go command looks for packages in a directory, and the directory is the application's.
func own(dir string) bool {
	if dir == "." {
		return true
	}
	for _, part := range strings.Split(dir, "/") {
		if part[0] == '_' || part[0] == '.' || part == "Godeps" {
			return false
		}
	}
	return detect.Ours(dir)
}

// vendorOf is the directory whose vendored packages a directory is among.
func vendorOf(dir string) (string, bool) {
	parts := strings.Split(dir, "/")
	for i, part := range parts {
		if part == "vendor" || part == "Godeps" {
			return path.Clean(strings.Join(parts[:i], "/")), true
		}
	}
	return "", false
}

// share gives each package directory to the nearest root above it. One without a root belongs to the repository when it has
// Go files at its top or the usual layout, else to the directory below that.
func share(units map[string]*unit, goFiles map[string][]string) {
	dirs := make([]string, 0, len(goFiles))
	top := len(goFiles["."]) > 0
	for dir := range goFiles {
		dirs = append(dirs, dir)
		first, _, _ := strings.Cut(dir, "/")
		top = top || first == "cmd" || first == "src" || first == "pkg" || first == "internal"
	}
	sort.Strings(dirs)
	for _, dir := range dirs {
		root, ok := "", false
		for d := dir; ; d = path.Dir(d) {
			if units[d] != nil {
				root, ok = d, true
				break
			}
			if d == "." {
				break
			}
		}
		if !ok {
			if root, _, _ = strings.Cut(dir, "/"); top {
				root = "."
			}
		}
		u := at(units, root)
		rel := relative(dir, root)
		u.dirs = append(u.dirs, rel)
		u.has[rel] = true
		u.files[rel] = goFiles[dir]
	}
	for _, u := range units {
		sort.Slice(u.dirs, func(i, j int) bool { return less(u.dirs[i], u.dirs[j]) })
	}
}

// offer finds the directory that the run offers first of each unit.
func offer(units map[string]*unit, offered map[string]bool) *index {
	dirs := make([]string, 0, len(offered))
	for d := range offered {
		if detect.Ours(d) {
			dirs = append(dirs, d)
		}
	}
	sort.Slice(dirs, func(i, j int) bool { return less(dirs[i], dirs[j]) })
	x := &index{at: map[string][]*unit{}}
	done := map[*unit]bool{}
	for _, d := range dirs {
		for up := d; ; up = path.Dir(up) {
			if u := units[up]; u != nil {
				if !done[u] && len(u.dirs) > 0 {
					done[u] = true
					x.at[d] = append(x.at[d], u)
				}
				break
			}
			if up == "." {
				break
			}
		}
	}
	return x
}

// less orders directories as a run offers them: the root, then by depth, then by name.
func less(a, b string) bool {
	if (a == ".") != (b == ".") {
		return a == "."
	}
	if x, y := strings.Count(a, "/"), strings.Count(b, "/"); x != y {
		return x < y
	}
	return a < b
}

// relative is a directory as seen from one above it.
func relative(dir, root string) string {
	switch {
	case root == ".":
		return dir
	case dir == root:
		return "."
	}
	return strings.TrimPrefix(dir, root+"/")
}
