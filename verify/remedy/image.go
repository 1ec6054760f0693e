package remedy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/plan"
)

// maxAsked is how many images are asked for before the search for the nearest one ends.
const maxAsked = 24

// baseImage names the nearest image that exists for one that is gone. A base image that the templates chose by the language's version
// is replaced by that of the nearest release, so that all stages stay of one release.
func baseImage(p *plan.Plan, c *plan.Component, s Symptom, _ []string) []Change {
	if s.Image == "" {
		return nil
	}
	for i := range p.Services {
		if svc := &p.Services[i]; svc.Image.V == s.Image || p.Pull(svc.Image.V) == s.Image {
			if next := existing(candidates(svc.Image.V, true), p, s); next != "" {
				return []Change{{"services." + svc.Name + ".image", next}}
			}
			return nil
		}
	}
	var out []Change
	images := p.DefaultImages(c)
	for _, stage := range sortedKeys(images) {
		chosen := images[stage].V
		if o, ok := c.BaseImages[stage]; ok {
			chosen = o.V
		}
		if chosen != s.Image && p.Pull(chosen) != s.Image {
			continue
		}
		next := existing(candidates(chosen, false), p, s)
		if next == "" {
			return nil
		}
		if v := releaseOf(next); chosen == images[stage].V && chooses(p, c, v, stage, next) {
			return []Change{{fieldPath(c, "languageVersion"), v}}
		}
		out = append(out, Change{fieldPath(c, "images."+stage), next})
	}
	return out
}

// existing is the first of some images that can be had; without anybody to ask the first.
func existing(images []string, p *plan.Plan, s Symptom) string {
	for i, image := range images {
		if s.Exists == nil || i < maxAsked && s.Exists(p.Pull(image)) {
			return image
		}
	}
	return ""
}

// chooses reports whether the templates take an image for a stage when the language is of a version.
func chooses(p *plan.Plan, c *plan.Component, version, stage, image string) bool {
	if version == "" || len(c.BaseImages) > 0 {
		return false
	}
	other := p.Clone()
	if other.Set(fieldPath(c, "languageVersion"), version) != nil {
		return false
	}
	return other.DefaultImages(other.Component(c.Name))[stage].V == image
}

// releaseOf is the version that an image's tag begins with.
func releaseOf(image string) string {
	_, tag := nameAndTag(image)
	if m := tagVersion().FindStringSubmatch(tag); m != nil {
		return m[1] + m[2]
	}
	return ""
}

func nameAndTag(image string) (name, tag string) {
	name, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[:i], name[i+1:]
	}
	return name, ""
}

var (
	tagVersion = lazy(`^(\d+)(\.\d+)?(\.\d+)?(.*)$`)
	suites     = lazy(`-(?:wheezy|jessie|stretch|buster|bullseye|bookworm|trixie|xenial|bionic|jammy|noble|focal|alpine[\d.]*)$`)
	javaUpdate = lazy(`^(\d+)u\d+(-b\d+)?(.*)$`)
	foreign    = lazy(`^(?:arm32v[567]|arm64v8|i386|ppc64le|s390x)/`)
)

// renamed are images that moved to another name, with the version that they had when the new one began.
var renamed = map[string]string{"java": "eclipse-temurin", "openjdk": "eclipse-temurin", "adoptopenjdk": "eclipse-temurin", "mysql/mysql-server": "mysql"}

// codenames are the names that Node gave its releases with long support (nodejs/Release, schedule).
var codenames = map[string]string{"argon": "4", "boron": "6", "carbon": "8", "dubnium": "10", "erbium": "12", "fermium": "14", "gallium": "16", "hydrogen": "18", "iron": "20"}

// candidates are the images to try when one is gone, the nearest first: the same without its platform, digest or Debian release, then with
// fewer digits of its version, then the plain instead of the slim one, then under the name that the image has now; of the neighbouring
// releases first newer, then older ones. Data files of a database outlive its version, so that for a service also the next major
// version comes.
func candidates(image string, service bool) []string {
	var out []string
	add := func(name, tag string) {
		if full := name + ":" + tag; tag != "" && full != image && !slices.Contains(out, full) {
			out = append(out, full)
		}
	}
	name, tag := nameAndTag(image)
	name = foreign().ReplaceAllString(name, "")
	add(name, tag)
	names := []string{name}
	if now := renamed[name]; now != "" {
		names = append(names, now)
	}
	if v, rest, _ := strings.Cut(tag, "-"); name == "node" && codenames[v] != "" {
		tag = strings.TrimSuffix(codenames[v]+"-"+rest, "-")
		add(name, tag)
	}
	if m := javaUpdate().FindStringSubmatch(tag); m != nil {
		tag = m[1] + m[3]
	}
	without := suites().ReplaceAllString(tag, "")
	m := tagVersion().FindStringSubmatch(without)
	for _, name := range names {
		add(name, without)
		if m == nil {
			continue
		}
		major, minor, rest := m[1], m[2], m[4]
		plain := strings.TrimSuffix(rest, "-slim")
		for _, r := range []string{rest, plain} {
			if minor != "" {
				add(name, major+minor+r)
			}
			if minor == "" || r == rest && !strings.HasPrefix(major, "0") && anyMinor(name) {
				add(name, major+r)
			}
		}
		for _, v := range neighbours(major, minor, service) {
			add(name, v+rest)
			add(name, v+plain)
		}
	}
	return out
}

// anyMinor reports whether the minor versions of an image are of one kind: code for one of them runs on the others. Languages
// other than Node and Java change between them.
func anyMinor(image string) bool {
	return !slices.Contains([]string{"python", "ruby", "php", "golang", "perl", "elixir", "rust"}, image[strings.LastIndexByte(image, '/')+1:])
}

// neighbours are the releases next to one: 3.8 gives 3.9, 3.10, 3.11, 3.7, 3.6, 3.5.
func neighbours(major, minor string, service bool) []string {
	const reach = 3
	var out []string
	around := func(prefix string, n int) {
		for i := 1; i <= reach; i++ {
			out = append(out, prefix+strconv.Itoa(n+i))
		}
		for i := 1; i <= reach && n-i >= 0; i++ {
			out = append(out, prefix+strconv.Itoa(n-i))
		}
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(minor, ".")); minor != "" && err == nil {
		around(major+".", n)
	}
	if n, err := strconv.Atoi(major); err == nil && (minor == "" || service) {
		around("", n)
	}
	return out
}

// classFile chooses the Java release that wrote a class file: 44 is the offset of the format's major versions
// (The Java Virtual Machine Specification, table 4.1-A). An image that was chosen for an older release gives way to the same of that one.
func classFile(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	n, err := strconv.Atoi(captured(match))
	if err != nil || n < 49 || n > 80 {
		return nil
	}
	release := fmt.Sprint(lts(n - 44))
	out := []Change{{fieldPath(c, "languageVersion"), release}}
	for _, stage := range sortedKeys(c.BaseImages) {
		image := c.BaseImages[stage].V
		name, tag := nameAndTag(image)
		if next := javaTag(tag, release); next != tag {
			out = append(out, Change{fieldPath(c, "images."+stage), name + ":" + next})
		}
	}
	if value(p, out[0].Path) == release {
		out = out[1:]
	}
	return out
}

var jdkTag = lazy(`(-(?:jdk|jre|openjdk-|temurin-|java))(\d+)`)

// javaTag is a tag of an image for another Java release: "8-jre" and "9.0-jdk8" for 17 are "17-jre" and "9.0-jdk17".
func javaTag(tag, release string) string {
	if jdkTag().MatchString(tag) {
		return jdkTag().ReplaceAllString(tag, "${1}"+release)
	}
	if m := tagVersion().FindStringSubmatch(tag); m != nil && m[2] == "" && (strings.HasPrefix(m[4], "-j") || m[4] == "") {
		return release + m[4]
	}
	return tag
}

// lts is the Java release with long support that is not older: those that images exist of.
func lts(release int) int {
	for _, v := range []int{8, 11, 17, 21, 25} {
		if release <= v {
			return v
		}
	}
	return release
}
