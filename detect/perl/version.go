package perl

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// normal turns the ways to write a version of Perl into one: "v5.14", "5.014", "5.014_002" and "5.14.2" become "5.14" and
// "5.14.2". It is empty for anything else.
func normal(v string) string {
	v = strings.TrimPrefix(strings.TrimLeft(v, ">=~ "), "v")
	v = strings.TrimPrefix(v, "perl-")
	end := 0
	for end < len(v) && (isDigit(v[end]) || v[end] == '.' || v[end] == '_') {
		end++
	}
	v = strings.Trim(strings.ReplaceAll(v[:end], "_", ""), ".")
	parts := strings.Split(v, ".")
	if len(parts) < 2 || parts[0] != "5" {
		return ""
	}
	if len(parts[1]) > 9 {
		return ""
	}
	if len(parts) == 2 && len(parts[1]) >= 3 { // thousandths: 5.010001
		frac := (parts[1] + "000000")[:6]
		minor, err := strconv.Atoi(frac[:3])
		patch, err2 := strconv.Atoi(frac[3:])
		if err != nil || err2 != nil {
			return ""
		}
		parts = []string{"5", strconv.Itoa(minor)}
		if patch > 0 {
			parts = append(parts, strconv.Itoa(patch))
		}
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n > 999 {
			return ""
		}
		parts[i] = strconv.Itoa(n)
	}
	if len(parts) > 3 {
		parts = parts[:3]
	}
	return strings.Join(parts, ".")
}

// floor is the version that a requirement names at least, without zeros that mean "any".
func floor(requirement string) string {
	first, _, _ := strings.Cut(requirement, ",")
	first = strings.TrimSpace(first)
	if strings.HasPrefix(first, "<") || strings.HasPrefix(first, "!") {
		return ""
	}
	v := strings.TrimPrefix(strings.TrimLeft(first, ">=~ "), "v")
	v = strings.ReplaceAll(v, "_", "")
	if strings.Trim(v, "0.") == "" || !isDigit(v[0]) {
		return ""
	}
	return v
}

// compare orders two versions by their numbers.
func compare(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		var m, n int
		if i < len(x) {
			m, _ = strconv.Atoi(x[i])
		}
		if i < len(y) {
			n, _ = strconv.Atoi(y[i])
		}
		if m != n {
			return m - n
		}
	}
	return 0
}

// languageVersion decides on the Perl. Version files name one exactly. A manifest names the least one, and Perl runs what
// older Perls ran, so that the least one is what is known; then what is tested with, what is deployed, what the code says.
func (a *app) languageVersion() detect.Value[string] {
	var all []detect.Value[string]
	all = append(all, a.versionFiles()...)
	if v, ok := a.leastPerl(); ok {
		all = append(all, v)
	}
	if v, ok := a.ciPerl(); ok {
		all = append(all, v)
	}
	all = append(all, a.dockerPerl()...)
	if v, ok := a.codePerl(); ok {
		all = append(all, v)
	}
	if len(all) == 0 {
		return detect.Guess(defaultPerl, "nothing in the repository says which Perl it wants; "+defaultPerl+" is the oldest that is still maintained, and runs what older ones ran")
	}
	v := all[0]
	for _, other := range all[1:] {
		if agree(v.V, other.V) {
			v.Evidence = append(v.Evidence[:len(v.Evidence):len(v.Evidence)], other.Evidence...)
		} else if other.From == detect.Declared {
			v.Others = append(v.Others, other)
		}
	}
	return v
}

// agree reports whether two versions are the same as far as both are precise.
func agree(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

// versionFiles reads the files of version managers: plenv's and asdf's.
func (a *app) versionFiles() []detect.Value[string] {
	var out []detect.Value[string]
	for _, name := range []string{".perl-version", a.up() + ".perl-version"} {
		f, ok := a.read(name)
		if !ok || len(out) > 0 {
			continue
		}
		for i, s := range strings.Split(string(f.Data), "\n") {
			if v := normal(strings.TrimSpace(s)); v != "" {
				out = append(out, detect.Is(v, f.Evidence(i+1)))
				break
			}
		}
	}
	for _, name := range []string{".tool-versions", a.up() + ".tool-versions"} {
		f, ok := a.read(name)
		if !ok {
			continue
		}
		tools, err := manifest.ParseToolVersions(f.Data)
		if err != nil {
			a.warn(f, err)
		}
		for _, t := range tools {
			if v := normal(t.Version); t.Name == "perl" && v != "" {
				return append(out, detect.Is(v, f.Evidence(t.Line)))
			}
		}
	}
	return out
}

// leastPerl is the least version that a manifest asks for.
func (a *app) leastPerl() (detect.Value[string], bool) {
	for _, m := range a.manifests {
		if v := normal(m.perl); v != "" {
			d := detect.Is(v, m.file.Evidence(m.perlLine))
			d.Why = "the manifest asks for at least this Perl"
			return d, true
		}
	}
	return detect.Value[string]{}, false
}

// ciPerl is the newest Perl that the tests run with.
func (a *app) ciPerl() (detect.Value[string], bool) {
	best := detect.Value[string]{}
	for _, ci := range a.ci {
		for _, v := range ci.Versions {
			if n := normal(v.Version); v.Language == "perl" && n != "" && known(n) && (!best.Set() || compare(n, best.V) > 0) {
				best = detect.Infer(n, "the newest Perl that the tests run with", ci.file.Evidence(v.Line))
			}
		}
	}
	return best, best.Set()
}

// dockerPerl reads the Perls of existing Dockerfiles.
func (a *app) dockerPerl() []detect.Value[string] {
	var out []detect.Value[string]
	for _, d := range a.docker {
		for _, s := range d.Stages {
			if i := manifest.IdentifyImage(s.Image); i.Language == "perl" && normal(i.Version) != "" {
				out = append(out, detect.Infer(normal(i.Version), "the existing Dockerfile builds on it", d.file.Evidence(s.Line)))
			}
		}
	}
	return out
}

// codePerl is the newest Perl that a "use v5.14" of the code asks for.
func (a *app) codePerl() (detect.Value[string], bool) {
	best := detect.Value[string]{}
	for _, s := range a.sources {
		for _, l := range s.lines {
			rest, ok := strings.CutPrefix(l.text, "use ")
			if !ok {
				if rest, ok = strings.CutPrefix(l.text, "require "); !ok {
					continue
				}
			}
			rest = strings.TrimSuffix(strings.TrimSpace(rest), ";")
			if rest == "" || rest[0] != 'v' && rest[0] != '5' {
				continue
			}
			if n := normal(rest); n != "" && known(n) && (!best.Set() || compare(n, best.V) > 0) {
				best = detect.Infer(n, "the code asks for at least this Perl", s.file.Evidence(l.number))
			}
		}
	}
	return best, best.Set()
}
