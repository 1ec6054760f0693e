package java

import (
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// index is what the builds of a tree are together: which pom lists which, which Gradle project belongs to which
// settings file. It is worked out once in a run.
type index struct {
	root    detect.Dir
	poms    map[string]*pom // by path
	byCoord map[coord]*pom
	owner   map[string]string // path of a module's pom to that of the pom that lists it
	models  map[string]*model
	configs map[string]*mavenConfig
	gradle  map[string]*gradleBuild // by directory of the root project
	inBuild map[string]*gradleBuild // directory of a project to its build
	jvm     map[string][]level      // what the files beside a build say, by directory
}

// maxPoms bounds how many poms of one tree are read.
const maxPoms = 3000

// indexOf returns the index of the tree that d lies in.
func indexOf(d detect.Dir) *index {
	root := rootOf(d)
	return root.Memo("java/index", func() any {
		idx := &index{root: root, poms: map[string]*pom{}, byCoord: map[coord]*pom{}, owner: map[string]string{},
			models: map[string]*model{}, configs: map[string]*mavenConfig{}, gradle: map[string]*gradleBuild{},
			inBuild: map[string]*gradleBuild{}, jvm: map[string][]level{}}
		idx.readPoms()
		idx.readGradle()
		return idx
	}).(*index)
}

// rootOf returns the root of the tree.
func rootOf(d detect.Dir) detect.Dir {
	if d.Path == "." {
		return d
	}
	root, _ := d.Sub(strings.Repeat("../", strings.Count(d.Path, "/")+1))
	return root
}

// readPoms reads every pom of the tree and what they list.
func (x *index) readPoms() {
	paths := x.root.Named("pom.xml")
	for i := 0; i < len(paths) && len(x.poms) < maxPoms; i++ {
		at := paths[i]
		if x.poms[at] != nil || foreign(path.Dir(at)) {
			continue
		}
		p := readPom(x.root, at)
		if p == nil {
			continue
		}
		x.poms[at] = p
		c := p.coord()
		if x.byCoord[c] == nil {
			x.byCoord[c] = p
		}
		for _, m := range p.modules() {
			if path.Base(m.pom) != "pom.xml" && x.root.Has(m.pom) {
				paths = append(paths, m.pom)
			}
		}
	}
	var order []string
	for at := range x.poms {
		order = append(order, at)
	}
	sort.Slice(order, func(i, j int) bool { // the outermost aggregator owns a module that two list
		di, dj := strings.Count(order[i], "/"), strings.Count(order[j], "/")
		return di < dj || di == dj && order[i] < order[j]
	})
	for _, at := range order {
		for _, m := range x.poms[at].modules() {
			if x.poms[m.pom] != nil && x.owner[m.pom] == "" && m.pom != at && x.reactor(at) != m.pom {
				x.owner[m.pom] = at
			}
		}
	}
}

// generated reports whether a directory holds test input or a build's output.
func generated(dir string) bool {
	return holds(dir, "/src/test/", "/src/it/", "/target/", "/node_modules/", "/archetype-resources/")
}

// foreign reports whether a build file in a directory is a pattern for other projects or comes from a library.
func foreign(dir string) bool {
	return generated(dir) || holds(dir, "/src/main/resources/", "/META-INF/maven/")
}

func holds(dir string, parts ...string) bool {
	d := "/" + dir + "/"
	for _, part := range parts {
		if strings.Contains(d, part) {
			return true
		}
	}
	return false
}

// reactor returns the path of the outermost pom that lists a pom, directly or not.
func (x *index) reactor(at string) string {
	for range maxPoms {
		up, ok := x.owner[at]
		if !ok {
			break
		}
		at = up
	}
	return at
}

// parent returns the pom in the tree that a <parent> element means.
func (x *index) parent(p *pom, parent *manifest.Element) *pom {
	g, _ := parent.Get("groupId")
	a, _ := parent.Get("artifactId")
	same := func(q *pom) bool { return q != nil && q != p && q.coord().artifact == a }
	if p.parentAt != "" {
		for _, at := range []string{p.parentAt, path.Join(p.parentAt, "pom.xml")} {
			if q := x.poms[at]; same(q) {
				return q
			}
		}
	}
	// A parent that the reactor builds is found by its name, also when relativePath does not lead to it.
	if q := x.byCoord[coord{g, a}]; same(q) {
		return q
	}
	return nil
}

// model returns the effective model of a pom.
func (x *index) model(p *pom) *model {
	m := x.models[p.file.Path]
	if m == nil {
		m = newModel(x, p)
		x.models[p.file.Path] = m
	}
	return m
}

// mavenConfig is .mvn/maven.config: options of every build.
type mavenConfig struct {
	defines  map[string]text
	profiles []string
}

// mavenConfig returns the options that Maven takes in a directory: of the nearest .mvn above.
func (x *index) mavenConfig(dir string) *mavenConfig {
	if c := x.configs[dir]; c != nil {
		return c
	}
	c := &mavenConfig{defines: map[string]text{}}
	x.configs[dir] = c
	for at := dir; ; at = path.Dir(at) {
		d, _ := x.root.Sub(at)
		if f, err := d.Read(".mvn/maven.config"); err == nil {
			c.parse(f)
			return c
		}
		if at == "." {
			return c
		}
	}
}

func (c *mavenConfig) parse(f detect.File) {
	for i, line := range strings.Split(string(f.Data), "\n") {
		if i >= 1000 || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		words := strings.Fields(line)
		for j, w := range words {
			if def, ok := strings.CutPrefix(w, "-D"); ok {
				k, v, _ := strings.Cut(def, "=")
				c.defines[k] = text{s: v, ev: []detect.Evidence{f.Evidence(i + 1)}}
			} else if p, ok := strings.CutPrefix(w, "-P"); ok {
				if p == "" && j+1 < len(words) {
					p = words[j+1]
				}
				c.profiles = append(c.profiles, strings.Split(p, ",")...)
			}
		}
	}
}
