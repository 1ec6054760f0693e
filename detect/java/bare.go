package java

import (
	"encoding/binary"
	"fmt"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// bareApps describes a web application without a build tool: a directory with WEB-INF/web.xml. dir is that directory.
func bareApps(x *index, dir detect.Dir) []*app {
	f, err := dir.Read("WEB-INF/web.xml")
	if err != nil {
		return nil
	}
	a := &app{idx: x, dir: dir, root: dir, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{}}
	ev := []detect.Evidence{{File: f.Path}}
	a.build = detect.Infer("none", "no build file of a known tool, and a web.xml", ev...)
	a.packaging = text{s: "war", ev: ev, why: "a directory in the form of a web archive"}
	a.artifact = text{s: ".", ev: ev, why: "the directory itself is deployed"}
	a.parts = []part{{dir: dir, webRoots: []string{"."}, sources: []string{"WEB-INF/src", "WEB-INF/classes", "src"}, resources: []string{"WEB-INF/classes"}}}
	a.deps = jarDeps(dir, "WEB-INF/lib/*.jar")
	a.exploded = true
	if up, ok := dir.Sub(".."); ok && dir.Path != "." {
		a.workspace(up)
	}
	a.levels = classLevel(dir, "WEB-INF/classes/**/*.class")
	return []*app{a}
}

// workspace takes in the sources of an IDE's project around the web root (WebContent beside src).
func (a *app) workspace(up detect.Dir) {
	if !up.Has(".project") && !up.Has(".classpath") && !up.HasDir("src") || a.dir.HasDir("WEB-INF/classes") {
		return
	}
	a.facts["webRoot"] = detect.Infer(path.Base(a.dir.Path), "the web root of the project", a.packaging.ev...)
	web := path.Base(a.dir.Path)
	a.deps = append(a.deps, jarDeps(up, "lib/**/*.jar")...)
	a.dir, a.root = up, up
	a.parts = []part{{dir: up, webRoots: []string{web}, sources: []string{"src", "src/main/java"}, resources: []string{"src", "resources", "src/main/resources"}}}
	a.artifact.s = web
	if src := a.parts[0].dir.Glob("src/**/*.java"); len(src) > 0 {
		a.facts["sources"] = detect.Infer("src", "sources that no build file compiles", detect.Evidence{File: path.Join(up.Path, src[0])})
	}
}

// archiveApps describes an unpacked archive: the source is a war, ear or jar. dir is its root.
func archiveApps(x *index, dir detect.Dir) []*app {
	f, err := dir.Read("META-INF/MANIFEST.MF")
	if err != nil {
		f = detect.File{}
	}
	head := readManifest(f)
	a := &app{idx: x, dir: dir, root: dir, plugins: map[string][]detect.Evidence{}, facts: map[string]detect.Value[string]{}, exploded: true}
	var ev []detect.Evidence
	var kind string
	switch {
	case dir.Has("META-INF/application.xml"):
		kind, ev = "ear", []detect.Evidence{{File: path.Join(dir.Path, "META-INF/application.xml")}}
	case dir.HasDir("WEB-INF") && (dir.Has("WEB-INF/web.xml") || dir.HasDir("WEB-INF/classes") || dir.HasDir("WEB-INF/lib")):
		kind, ev = "war", []detect.Evidence{{File: path.Join(dir.Path, dir.Glob("WEB-INF/**")[0])}}
	case head["Main-Class"].set() && (len(dir.Glob("**/*.class")) > 0 || dir.HasDir("BOOT-INF")):
		kind, ev = "jar", head["Main-Class"].ev
	default:
		return nil
	}
	a.build = detect.Infer("none", "the source is a built archive", ev...)
	a.packaging = text{s: kind, ev: ev, why: "the form of the archive"}
	a.artifact = text{s: ".", ev: ev, why: "the tree itself is the unpacked archive"}
	a.parts = []part{{dir: dir, webRoots: []string{"."}, resources: []string{"WEB-INF/classes", "BOOT-INF/classes"}}}
	a.deps = append(jarDeps(dir, "{WEB-INF,BOOT-INF}/lib/*.jar"), jarDeps(dir, "{lib,APP-INF/lib}/*.jar")...)
	a.executable = kind == "jar"
	for _, k := range []string{"Start-Class", "Main-Class"} {
		if t := head[k]; t.set() && !a.mainClass.set() {
			a.mainClass = t
		}
	}
	if t := head["Spring-Boot-Version"]; t.set() {
		a.boot, a.bootEv = t, t.ev
		a.executable = true
	} else if d, ok := a.dep("spring-boot"); ok {
		a.boot, a.bootEv = d.version, d.ev
	}
	for _, k := range []string{"Implementation-Title", "Bundle-Name"} {
		if t := head[k]; t.set() && a.name == "" {
			a.name = t.s
		}
	}
	a.levels = classLevel(dir, "{WEB-INF,BOOT-INF}/classes/**/*.class")
	if len(a.levels) == 0 && kind == "jar" {
		a.levels = classLevel(dir, "**/*.class")
	}
	for _, k := range []string{"Build-Jdk-Spec", "Build-Jdk", "Created-By"} {
		if v := javaVersion(head[k].s); v != "" && len(a.levels) == 0 {
			a.levels = append(a.levels, level{v: v, from: detect.Inferred, why: "the JDK that built it", ev: head[k].ev})
		}
	}
	return []*app{a}
}

// readManifest reads the main section of a MANIFEST.MF: "Name: value" lines that a leading blank continues.
func readManifest(f detect.File) map[string]text {
	out := map[string]text{}
	last := ""
	for i, line := range strings.Split(string(f.Data), "\n") {
		line = strings.TrimRight(line, "\r")
		if line == "" || i > 2000 {
			break
		}
		if rest, ok := strings.CutPrefix(line, " "); ok {
			if t, ok := out[last]; ok {
				t.s += rest
				out[last] = t
			}
			continue
		}
		if k, v, ok := strings.Cut(line, ":"); ok {
			last = k
			out[k] = text{s: strings.TrimSpace(v), ev: []detect.Evidence{f.Evidence(i + 1)}}
		}
	}
	return out
}

// classLevel reads the Java version of the first class file that a pattern finds: bytes 6 and 7 hold the major version
// of the class file format, which began with 45 for Java 1.1 (JVM specification, 4.1).
func classLevel(d detect.Dir, pattern string) []level {
	for i, name := range d.Glob(pattern) {
		if i >= 5 {
			break
		}
		if path.Base(name) == "module-info.class" || strings.HasPrefix(name, "META-INF/") || strings.HasPrefix(name, "org/springframework/boot/loader/") {
			continue
		}
		f, err := d.Read(name)
		if err != nil || len(f.Data) < 8 || binary.BigEndian.Uint32(f.Data) != 0xCAFEBABE {
			continue
		}
		n := int(binary.BigEndian.Uint16(f.Data[6:])) - 44
		if n < 1 || n > 60 {
			continue
		}
		v := fmt.Sprint(n)
		if n <= 4 {
			v = fmt.Sprintf("1.%d", n)
		}
		return []level{{v: v, from: detect.Inferred, why: "its classes are compiled for it", ev: []detect.Evidence{{File: f.Path}}}}
	}
	return nil
}
