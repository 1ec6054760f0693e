package ruby

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// candidate is what one place says about the version of Ruby.
type candidate struct {
	version  string // "2.6.5", "2.6"
	from     detect.Origin
	why      string
	evidence []detect.Evidence
}

func (c candidate) value() detect.Value[string] {
	return detect.Value[string]{V: c.version, From: c.from, Why: c.why, Evidence: c.evidence}
}

// requirement is a range of Rubies that one place allows.
type requirement struct {
	constraints []string
	evidence    detect.Evidence
}

// languageVersion decides on the Ruby: the strongest place that names one, as long as the ranges that the Gemfile and the
// gemspecs allow hold it; else the newest Ruby that ranges and framework allow. What other places say is kept.
func (a *app) languageVersion(fw framework) detect.Value[string] {
	lowest, highest := a.rubyBounds(fw)
	ranges := a.requirements()
	candidates := a.candidates(lowest, highest)
	var all []string
	for _, r := range ranges {
		all = append(all, r.constraints...)
	}
	for i, c := range candidates {
		if len(all) > 0 && !satisfies(c.version, all) {
			continue
		}
		v := c.value()
		v.Others, v.Evidence = contradictions(c, candidates, i)
		return v
	}
	if len(ranges) > 0 {
		if v, ok := newest(all, lowest, highest); ok {
			return solved(v, ranges, fw)
		}
		if v, ok := newest(all, "", ""); ok {
			return solved(v, ranges, framework{})
		}
		a.dir.Warn(ranges[0].evidence.File, ranges[0].evidence.Line, "no Ruby with an official image fits "+strings.Join(all, ", "))
	}
	if len(candidates) > 0 {
		v := candidates[0].value()
		v.Others, v.Evidence = contradictions(candidates[0], candidates, 0)
		return v
	}
	if fw.version != "" && (lowest != "" || highest != "") {
		return byFramework(fw, lowest, highest)
	}
	return detect.Guess(defaultRuby, "nothing in the repository says which Ruby it wants; "+defaultRuby+" is the oldest that is still maintained")
}

// byFramework is the newest Ruby that the framework runs on.
func byFramework(fw framework, lowest, highest string) detect.Value[string] {
	why := fmt.Sprintf("nothing names a Ruby; %s %s runs on Ruby %s to %s", fw.name, fw.version, cmp.Or(lowest, "any"), cmp.Or(highest, "any"))
	v, ok := newest(nil, lowest, highest)
	if !ok {
		return detect.Infer(cmp.Or(highest, lowest), why+", and no official image of it exists", fw.evidence...)
	}
	return detect.Infer(v, why+", and "+v+" is the newest of them with an official image", fw.evidence...)
}

// solved is the newest Ruby that ranges allow.
func solved(version string, ranges []requirement, fw framework) detect.Value[string] {
	var texts []string
	var ev []detect.Evidence
	for _, r := range ranges {
		texts = append(texts, strings.Join(r.constraints, ", "))
		ev = append(ev, r.evidence)
	}
	why := fmt.Sprintf("%s is the newest Ruby with an official image that %q allows", version, strings.Join(texts, ", "))
	if fw.version != "" {
		why += fmt.Sprintf(" and %s %s runs on", fw.name, fw.version)
	}
	return detect.Infer(version, why, ev...)
}

// contradictions returns what other candidates say instead of the chosen one, and the evidence of those that agree with it.
func contradictions(chosen candidate, all []candidate, at int) (others []detect.Value[string], evidence []detect.Evidence) {
	evidence = append(evidence, chosen.evidence...)
	for i, c := range all {
		switch {
		case i == at:
		case agree(chosen.version, c.version):
			evidence = append(evidence, c.evidence...)
		case c.from != detect.Inferred || i < at:
			others = append(others, c.value())
		}
	}
	return others, evidence
}

// agree reports whether two versions are the same as far as both are precise.
func agree(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

// rubyBounds returns the Rubies that the framework and the locked gems run on.
func (a *app) rubyBounds(fw framework) (lowest, highest string) {
	lowest, highest = rubyRange(fw.name, fw.version)
	tighten := func(name, version string) {
		_, max := rubyRange(name, version)
		if max != "" && (highest == "" || compare(max, highest) < 0) && (lowest == "" || compare(max, lowest) >= 0) {
			highest = max
		}
	}
	if g, ok := a.gem("json"); ok && g.from == detect.Locked {
		tighten("json", g.version)
	}
	if v, _ := a.bundler(); v != "" {
		tighten("bundler", v)
	}
	return lowest, highest
}

// requirements are the ranges that Bundler and RubyGems enforce.
func (a *app) requirements() []requirement {
	var out []requirement
	if a.gemfile != nil && len(a.gemfile.ruby) > 0 {
		if _, ok := exact(a.gemfile.ruby); !ok {
			out = append(out, requirement{a.gemfile.ruby, a.gemFile.Evidence(a.gemfile.rubyLine)})
		}
	}
	for _, s := range a.specs {
		if len(s.ruby) > 0 {
			out = append(out, requirement{s.ruby, s.file.Evidence(s.rubyLine)})
		}
	}
	return out
}

// candidates are the places that name a Ruby, the strongest first. Bundler refuses any other Ruby than the one that the
// Gemfile names, so that one comes before the lock where they differ.
func (a *app) candidates(lowest, highest string) []candidate {
	var out []candidate
	add := func(version string, from detect.Origin, why string, ev ...detect.Evidence) {
		if version != "" {
			out = append(out, candidate{version, from, why, ev})
		}
	}
	if a.lock != nil {
		add(a.lock.ruby, detect.Locked, "", a.lockFile.Evidence(a.lock.rubyLine))
	}
	if a.gemfile != nil {
		if v, ok := exact(a.gemfile.ruby); ok {
			add(v, detect.Declared, "", a.gemFile.Evidence(a.gemfile.rubyLine))
			if len(out) == 2 && !agree(out[0].version, out[1].version) {
				out[0], out[1] = out[1], out[0]
			}
		}
	}
	out = append(out, a.versionFiles()...)
	out = append(out, a.deployVersions()...)
	if c, ok := a.ciVersion(lowest, highest); ok {
		out = append(out, c)
	}
	out = append(out, a.dockerVersions()...)
	if c, ok := a.documented(lowest, highest); ok {
		out = append(out, c)
	}
	return out
}

var (
	versionName = manifest.Lazy(`^(?:ruby-)?(\d+\.\d+(?:\.\d+)?)(?:-?p\d+)?(?:@.*)?$`)
	rvmUse      = manifest.Lazy(`(?:\brvm\s+(?:--?\S+\s+)*(?:use\s+)?(?:--?\S+\s+)*|environment_id=)["']?(?:ruby-)?(\d+\.\d+(?:\.\d+)?)`)
)

// versionFiles reads the files of version managers.
func (a *app) versionFiles() []candidate {
	var out []candidate
	names := []string{".ruby-version", ".rbenv-version"}
	if up := a.up(); up != "" {
		names = append(names, up+".ruby-version")
	}
	if a.gemfile != nil && a.gemfile.rubyFile != "" {
		names = append([]string{a.gemfile.rubyFile}, names...)
	}
	seen := map[string]bool{}
	for _, name := range names {
		f, ok := a.read(name)
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := versionName.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
				out = append(out, candidate{m[1], detect.Declared, "", []detect.Evidence{f.Evidence(i + 1)}})
				break
			}
		}
	}
	if v, ev := a.tool("ruby"); v != "" {
		if m := versionName.FindStringSubmatch(v); m != nil {
			out = append(out, candidate{m[1], detect.Declared, "", []detect.Evidence{ev}})
		}
	}
	for _, name := range []string{".rvmrc", ".versions.conf"} {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			text = strings.TrimSpace(strings.TrimPrefix(text, "ruby="))
			m := rvmUse.FindStringSubmatch(text)
			if m == nil {
				m = versionName.FindStringSubmatch(text)
			}
			if m != nil && !strings.HasPrefix(text, "#") {
				out = append(out, candidate{m[1], detect.Declared, "", []detect.Evidence{f.Evidence(i + 1)}})
				break
			}
		}
	}
	return out
}

// tool returns what .tool-versions says about a tool, in the directory or at the root of the repository.
func (a *app) tool(names ...string) (string, detect.Evidence) {
	for _, file := range []string{".tool-versions", a.up() + ".tool-versions"} {
		f, ok := a.read(file)
		if !ok {
			continue
		}
		tools, err := manifest.ParseToolVersions(f.Data)
		if err != nil {
			a.warn(f, err)
		}
		for _, t := range tools {
			for _, n := range names {
				if t.Name == n {
					return t.Version, f.Evidence(t.Line)
				}
			}
		}
	}
	return "", detect.Evidence{}
}

// up is the way from the directory to the repository's root: "", "../", "../../".
func (a *app) up() string {
	if a.dir.Path == "." {
		return ""
	}
	return strings.Repeat("../", 1+strings.Count(a.dir.Path, "/"))
}

var capRuby = manifest.Lazy(`^set[\s(]+:?["']?(?:rvm_ruby_string|rvm_ruby_version|rbenv_ruby|rbenv_ruby_version|chruby_ruby)["']?\s*,\s*["'](?:ruby-)?(\d+\.\d+(?:\.\d+)?)`)

// deployVersions reads what Capistrano installs on the servers.
func (a *app) deployVersions() []candidate {
	var out []candidate
	for _, name := range []string{"config/deploy.rb", "config/deploy/production.rb", "Capfile"} {
		ss, f, ok := a.statements(name)
		if !ok {
			continue
		}
		for _, s := range ss {
			if m := capRuby.FindStringSubmatch(s.text); m != nil {
				out = append(out, candidate{m[1], detect.Declared, "", []detect.Evidence{f.Evidence(s.line)}})
			}
		}
	}
	return out
}

// ciVersion is the newest Ruby that the tests run with and the framework allows.
func (a *app) ciVersion(lowest, highest string) (candidate, bool) {
	var best, any candidate
	for _, ci := range a.ci {
		for _, v := range ci.Versions {
			m := versionName.FindStringSubmatch(v.Version)
			if v.Language != "ruby" || m == nil {
				continue
			}
			c := candidate{m[1], detect.Inferred, "the newest Ruby that the tests run with", []detect.Evidence{ci.file.Evidence(v.Line)}}
			if any.version == "" || compare(c.version, any.version) > 0 {
				any = c
			}
			if within(c.version, lowest, highest) && (best.version == "" || compare(c.version, best.version) > 0) {
				best = c
			}
		}
	}
	if best.version == "" {
		return any, any.version != ""
	}
	if best.version != any.version {
		best.why += " and the framework runs on"
	}
	return best, true
}

// dockerVersions reads the Rubies of existing Dockerfiles.
func (a *app) dockerVersions() []candidate {
	var out []candidate
	for _, d := range a.docker {
		for _, s := range d.Stages {
			if i := manifest.IdentifyImage(s.Image); i.Language == "ruby" && i.Version != "" {
				out = append(out, candidate{i.Version, detect.Inferred, "the existing Dockerfile builds on it", []detect.Evidence{d.file.Evidence(s.Line)}})
			}
		}
	}
	return out
}

type dockerFile struct {
	*manifest.Dockerfile
	file detect.File
}

// readDockerfiles reads the Dockerfiles that the repository brings.
func (a *app) readDockerfiles() {
	names := append([]string{"Dockerfile"}, a.dir.Glob("{Dockerfile.*,*.Dockerfile,docker/**/Dockerfile,.docker/**/Dockerfile}")...)
	for _, name := range names[:min(len(names), 10)] {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			a.warn(f, err)
			continue
		}
		a.docker = append(a.docker, dockerFile{d, f})
	}
}

var docRuby = manifest.Lazy(`(?i)\bruby\b[\s(:*_` + "`" + `]*(?:version|mri|v)?[\s(:*_` + "`" + `]*(?:>=|~>|=|v|at least|or)?\s*(\d\.\d(?:\.\d{1,2})?)((?:\s*(?:,|/|or|and|-|to)\s*\d\.\d(?:\.\d{1,2})?)*)`)

var numbers = manifest.Lazy(`\d\.\d(?:\.\d{1,2})?`)

// documented is the newest Ruby that the documentation names and the framework allows.
func (a *app) documented(lowest, highest string) (candidate, bool) {
	var best candidate
	names := a.dir.Glob("{README*,INSTALL*,DEPLOY*,CONTRIBUTING*,doc/INSTALL*,doc/README*,docs/INSTALL*}")
	for _, name := range names[:min(len(names), 8)] {
		f, ok := a.read(name)
		if !ok || len(f.Data) > 200<<10 {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			for _, m := range docRuby.FindAllString(text, 5) {
				for _, v := range numbers.FindAllString(m, 10) {
					if knownRuby(v) && within(v, lowest, highest) && (best.version == "" || compare(v, best.version) > 0) {
						best = candidate{v, detect.Inferred, "the documentation names it", []detect.Evidence{f.Evidence(i + 1)}}
					}
				}
			}
		}
	}
	return best, best.version != ""
}

// knownRuby reports whether there is such a line of Ruby.
func knownRuby(version string) bool {
	for _, s := range rubies {
		if s.version == lineOf(version) {
			return true
		}
	}
	return false
}

// bundler returns the version of Bundler that the lock was written with, or the last one that the Gemfile allows.
func (a *app) bundler() (string, detect.Value[string]) {
	if a.lock != nil && versionName.MatchString(a.lock.bundler) {
		return a.lock.bundler, detect.Lock(a.lock.bundler, a.lockFile.Evidence(a.lock.bundlerLine))
	}
	for _, l := range a.gemLinesWithFile() {
		if l.name != "bundler" || len(l.constraints) == 0 || satisfies("2.0.0", l.constraints) || !satisfies("1.17.3", l.constraints) {
			continue
		}
		return "1.17.3", detect.Infer("1.17.3", "the last Bundler that the Gemfile allows", l.file.Evidence(l.line))
	}
	return "", detect.Value[string]{}
}
