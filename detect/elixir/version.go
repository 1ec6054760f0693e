package elixir

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// plain is the number that a version starts with: "1.14.2" of "1.14.2-otp-25" and of "v1.14.2". Empty for anything else.
func plain(v string) string {
	v = strings.TrimPrefix(strings.TrimSpace(v), "v")
	end := 0
	for end < len(v) && (v[end] >= '0' && v[end] <= '9' || v[end] == '.') {
		end++
	}
	v = strings.Trim(v[:end], ".")
	if len(v) > 20 || strings.Count(v, ".") > 3 {
		return ""
	}
	return v
}

// floor is the version that a requirement names at least, as precise as it is meant: "1.5" of "~> 1.5", "1.5.2" of
// "~> 1.5.2", "2.0" of ">= 2.0.0 and < 3.0.0".
func floor(requirement string) string {
	for _, or := range strings.Split(requirement, " or ") {
		for _, c := range strings.Split(or, " and ") {
			c = strings.TrimSpace(c)
			if strings.HasPrefix(c, "<") || strings.HasPrefix(c, "!") {
				continue
			}
			v := plain(strings.TrimLeft(c, "~>= "))
			if v == "" || v == "0.0.0" {
				continue
			}
			if strings.HasPrefix(c, ">") { // a bound: its zeros say nothing
				for strings.Count(v, ".") > 1 && strings.HasSuffix(v, ".0") {
					v = strings.TrimSuffix(v, ".0")
				}
			}
			return v
		}
	}
	return ""
}

// satisfies reports whether a version fits a requirement. A version of two numbers stands for its whole line.
func satisfies(version, requirement string) bool {
	for _, or := range strings.Split(requirement, " or ") {
		ok := true
		for _, c := range strings.Split(or, " and ") {
			ok = ok && meets(version, strings.TrimSpace(c))
		}
		if ok {
			return true
		}
	}
	return false
}

func meets(version, c string) bool {
	bound := plain(strings.TrimLeft(c, "~>=<! "))
	if bound == "" {
		return true
	}
	line := strings.Count(version, ".") < 2 // of a line the newest release counts for lower bounds
	order := compare(version, bound)
	if line && strings.HasPrefix(bound, version+".") {
		order = 0
	}
	switch {
	case strings.HasPrefix(c, "~>"):
		parts := strings.Split(bound, ".")
		if order < 0 || len(parts) < 2 {
			return order >= 0
		}
		last, _ := strconv.Atoi(parts[len(parts)-2])
		upper := append(append([]string{}, parts[:len(parts)-2]...), strconv.Itoa(last+1))
		return compare(version, strings.Join(upper, ".")) < 0
	case strings.HasPrefix(c, ">="):
		return order >= 0
	case strings.HasPrefix(c, ">"):
		return order > 0 || line && order == 0
	case strings.HasPrefix(c, "<="):
		return order <= 0
	case strings.HasPrefix(c, "<"):
		return order < 0
	case strings.HasPrefix(c, "!"):
		return order != 0
	}
	return order == 0
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

// agree reports whether two versions are the same as far as both are precise.
func agree(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

// languageVersion decides on the Elixir: the strongest place that names one and that mix.exs allows; else the oldest that
// mix.exs and the framework allow, which is the one that the code was written for.
func (a *app) languageVersion(fw framework) detect.Value[string] {
	requirement, at := a.requirement()
	all := append(a.versionFiles("elixir"), a.ciVersions("elixir")...)
	all = append(all, a.dockerVersions()...)
	for i, v := range all {
		if requirement != "" && !satisfies(v.V, requirement) {
			continue
		}
		for j, other := range all {
			if j == i {
				continue
			}
			if agree(v.V, other.V) {
				v.Evidence = append(v.Evidence[:len(v.Evidence):len(v.Evidence)], other.Evidence...)
			} else if other.From == detect.Declared {
				v.Others = append(v.Others, other)
			}
		}
		return v
	}
	least := floor(requirement)
	if min := phoenixLeast(fw.version); fw.name == "phoenix" && min != "" && (least == "" || compare(min, least) > 0) {
		ev := fw.evidence
		if least != "" {
			ev = append(ev[:len(ev):len(ev)], at)
		}
		return detect.Infer(min, "the oldest Elixir that Phoenix "+fw.version+" runs on", ev...)
	}
	if least != "" {
		return detect.Infer(least, "the oldest Elixir that "+strconv.Quote(requirement)+" allows: the one that the code was written for", at)
	}
	return detect.Guess(defaultElixir, "nothing in the repository says which Elixir it wants; "+defaultElixir+" is the oldest that is still maintained")
}

// requirement is what the projects say about Elixir: the strictest one of an umbrella.
func (a *app) requirement() (string, detect.Evidence) {
	best, ev := "", detect.Evidence{}
	for _, p := range a.projects {
		if p.elixir != "" && (best == "" || compare(floor(p.elixir), floor(best)) > 0) {
			best, ev = p.elixir, p.file.Evidence(p.elixirLine)
		}
	}
	return best, ev
}

// versionFiles reads the files of version managers and of Heroku's buildpack.
func (a *app) versionFiles(tool string) []detect.Value[string] {
	var out []detect.Value[string]
	for _, name := range []string{".tool-versions", a.up() + ".tool-versions"} {
		f, ok := a.read(name)
		if !ok || len(out) > 0 {
			continue
		}
		tools, err := manifest.ParseToolVersions(f.Data)
		if err != nil {
			a.warn(f, err)
		}
		for _, t := range tools {
			if v := plain(t.Version); t.Name == tool && v != "" {
				out = append(out, detect.Is(v, f.Evidence(t.Line)))
			}
		}
	}
	if f, ok := a.read("elixir_buildpack.config"); ok {
		for i, s := range strings.Split(string(f.Data), "\n") {
			name, v, ok := strings.Cut(strings.TrimSpace(s), "=")
			if v = plain(strings.Trim(v, `"' `)); ok && name == tool+"_version" && v != "" {
				out = append(out, detect.Is(v, f.Evidence(i+1)))
			}
		}
	}
	if tool != "elixir" {
		return out
	}
	for _, name := range []string{".exenv-version", ".elixir-version"} {
		if f, ok := a.read(name); ok {
			if v := plain(string(f.Data)); v != "" {
				out = append(out, detect.Is(v, f.Evidence(1)))
			}
		}
	}
	return out
}

// ciVersions is the newest version of a tool that the tests run with and mix.exs allows.
func (a *app) ciVersions(tool string) []detect.Value[string] {
	requirement, _ := a.requirement()
	best := detect.Value[string]{}
	for _, ci := range a.ci {
		for _, v := range ci.Versions {
			n := plain(v.Version)
			if v.Language != tool || n == "" || tool == "elixir" && (!strings.Contains(n, ".") || requirement != "" && !satisfies(n, requirement)) {
				continue
			}
			if !best.Set() || compare(n, best.V) > 0 {
				best = detect.Infer(n, "the newest one that the tests run with", ci.file.Evidence(v.Line))
			}
		}
	}
	if !best.Set() {
		return nil
	}
	return []detect.Value[string]{best}
}

// dockerVersions reads the Elixirs of existing Dockerfiles.
func (a *app) dockerVersions() []detect.Value[string] {
	var out []detect.Value[string]
	for _, d := range a.docker {
		for _, s := range d.Stages {
			if i := manifest.IdentifyImage(s.Image); i.Language == "elixir" && strings.Contains(i.Version, ".") {
				out = append(out, detect.Infer(i.Version, "the existing Dockerfile builds on it", d.file.Evidence(s.Line)))
			}
		}
	}
	return out
}

// otp is the Erlang that the project names: its major release.
func (a *app) otp() (detect.Value[string], bool) {
	all := append(a.versionFiles("erlang"), a.ciVersions("erlang")...)
	if len(all) == 0 {
		return detect.Value[string]{}, false
	}
	v := all[0]
	v.V, _, _ = strings.Cut(v.V, ".")
	return v, true
}
