package java

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// play1Apps describes an application of Play 1, which its own command builds and runs: conf/routes beside app/, and no
// build file. nil when it is none.
func play1Apps(x *index, dir detect.Dir) []*app {
	if !dir.Has("conf/dependencies.yml") && !dir.Has("conf/application.conf") {
		return nil
	}
	a := &app{idx: x, dir: dir, root: dir, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{}, executable: true}
	ev := []detect.Evidence{{File: path.Join(dir.Path, "conf/routes")}}
	a.build = detect.Infer("none", "Play's own command builds it", ev...)
	a.facts["buildTool"] = detect.Is("play", ev...)
	a.parts = []part{{dir: dir, sources: []string{"app"}, resources: []string{"conf"}}}
	play := dep{group: "play", artifact: "play_1", scope: "compile", kind: "jar", ev: ev, version: play1Version(dir)}
	a.deps = append([]dep{play}, append(play1Deps(dir), jarDeps(dir, "lib/*.jar")...)...)
	a.playVersion = cleanVersion(play.version.s)
	if a.playVersion == "" {
		a.playVersion = "1"
	}
	if f, err := dir.Read("conf/application.conf"); err == nil {
		for _, v := range parseHocon(string(f.Data)) {
			if v.key == "application.name" {
				a.name = v.value
			}
		}
	}
	return []*app{a}
}

// play1Version reads which Play conf/dependencies.yml asks for: "play 1.2.7" or "play [1.2,1.3]".
func play1Version(dir detect.Dir) text {
	for _, line := range play1Lines(dir) {
		if words := strings.Fields(line.s); len(words) == 2 && words[0] == "play" {
			if v := versionInside.FindString(words[1]); v != "" {
				return text{s: v, ev: line.ev}
			}
		}
	}
	return text{}
}

var versionInside = manifest.Lazy(`\d+\.\d+(\.\d+)*`)

// play1Lines are the entries of the list "require".
func play1Lines(dir detect.Dir) []text {
	f, err := dir.Read("conf/dependencies.yml")
	if err != nil {
		return nil
	}
	doc, err := manifest.ParseYAML(f.Data)
	if err != nil {
		warn(dir, f.Path, err)
		return nil
	}
	var out []text
	for _, d := range doc.Documents() {
		for _, v := range d.List("require") {
			out = append(out, text{s: v.Value, ev: []detect.Evidence{f.Evidence(v.Line)}})
		}
	}
	return out
}

// play1Deps reads libraries: "group -> name version".
func play1Deps(dir detect.Dir) []dep {
	var out []dep
	for _, line := range play1Lines(dir) {
		g, rest, ok := strings.Cut(line.s, "->")
		words := strings.Fields(rest)
		if !ok || len(words) == 0 || len(out) >= maxDeps {
			continue
		}
		d := dep{group: strings.TrimSpace(g), artifact: words[0], scope: "compile", kind: "jar", ev: line.ev}
		if len(words) > 1 {
			d.version = text{s: words[1], ev: line.ev}
		}
		out = append(out, d)
	}
	return out
}

// play1Databases are what conf/application.conf says in the short form of Play 1, which is no JDBC URL: "db=mysql://user:password@host/name",
// "db=mysql:user:password@name". Those of another mode than prod ("%test.db") do not count. Source: Play 1's own documentation of application.conf.
func (a *app) play1Databases() []dbSource {
	f, err := a.dir.Read("conf/application.conf")
	if a.facts["buildTool"].V != "play" || err != nil {
		return nil
	}
	p, _, err := manifest.ParseProperties(f.Data)
	if err != nil {
		warn(a.dir, f.Path, err)
		return nil
	}
	var out []dbSource
	p.Each(func(k, v string, line int) {
		key := strings.TrimPrefix(k, "%prod.")
		kind, at, ok := strings.Cut(v, ":")
		if key != "db" || !ok {
			return
		}
		switch kind {
		case "mysql", "postgres", "postgresql":
		default:
			return
		}
		if kind == "postgres" {
			kind = "postgresql"
		}
		rest := at[strings.LastIndex(at, "@")+1:]
		if strings.HasPrefix(at, "//") {
			rest = strings.TrimPrefix(rest, "//")
		} else {
			rest = "localhost/" + rest
		}
		if u, ok := parseJDBC("jdbc:" + kind + "://" + rest); ok {
			out = append(out, dbSource{raw: rest, url: u, key: k, applies: true, literal: true, ev: []detect.Evidence{f.Evidence(line)}, resolved: "jdbc:" + kind + "://" + rest})
		}
	})
	return out
}
