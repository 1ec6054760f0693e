package golang

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// candidate is what one place says about the Go that is wanted.
type candidate = detect.Value[string]

// languageVersion decides on the Go: the strongest place that names one. What contradicts it is kept.
func (p *project) languageVersion() detect.Value[string] {
	all := p.candidates()
	if len(all) == 0 {
		return detect.Guess(defaultGo, "nothing in the repository says which Go it wants; Go compiles what older releases compiled")
	}
	v := all[0]
	for _, o := range all[1:] {
		switch {
		case agree(v.V, o.V):
			v.Evidence = append(v.Evidence[:len(v.Evidence):len(v.Evidence)], o.Evidence...)
		case o.From != detect.Inferred:
			v.Others = append(v.Others, o)
		}
	}
	return v
}

func agree(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

// candidates are the places that name a Go, the strongest first.
func (p *project) candidates() []candidate {
	var out []candidate
	add := func(v candidate) {
		if v.V != "" {
			out = append(out, v)
		}
	}
	if p.mod != nil {
		if v := goVersion(p.mod.toolchain); v != "" {
			add(detect.Lock(v, p.modFile.Evidence(p.mod.toolLine)))
		}
		if v := goVersion(p.mod.goVersion); v != "" {
			add(detect.Is(v, p.modFile.Evidence(p.mod.goLine)))
		}
	}
	add(p.versionFile())
	add(p.toolVersions())
	add(p.toolGo)
	add(p.ciVersion())
	for _, d := range p.docker {
		for _, s := range d.Stages {
			if i := manifest.IdentifyImage(s.Image); i.Language == "go" && goVersion(i.Version) != "" {
				add(detect.Infer(goVersion(i.Version), "the existing Dockerfile builds on it", d.file.Evidence(s.Line)))
			}
		}
	}
	return out
}

// versionFile reads the file of goenv.
func (p *project) versionFile() candidate {
	for _, name := range []string{".go-version", p.up() + ".go-version"} {
		if f, ok := p.read(name); ok {
			if v := goVersion(strings.TrimSpace(string(f.Data))); v != "" {
				return detect.Is(v, f.Evidence(1))
			}
		}
	}
	return candidate{}
}

func (p *project) toolVersions() candidate {
	for _, name := range []string{".tool-versions", p.up() + ".tool-versions"} {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		tools, err := manifest.ParseToolVersions(f.Data)
		if err != nil {
			p.warn(f, err)
		}
		for _, t := range tools {
			if v := goVersion(t.Version); (t.Name == "golang" || t.Name == "go") && v != "" {
				return detect.Is(v, f.Evidence(t.Line))
			}
		}
	}
	return candidate{}
}

// ciVersion is the newest Go that the tests run with.
func (p *project) ciVersion() candidate {
	best := candidate{}
	for _, ci := range p.ci {
		for _, v := range ci.Versions {
			n := goVersion(v.Version)
			if v.Language != "go" || n == "" || best.V != "" && compare(n, best.V) <= 0 {
				continue
			}
			best = detect.Infer(n, "the newest Go that the tests run with", ci.file.Evidence(v.Line))
		}
	}
	return best
}

// goVersion is the number in what names a Go: "go1.8.3", "1.12.x", "^1.13.1", "1.21rc2"; "" for what names none ("tip", "stable").
func goVersion(s string) string {
	s = strings.TrimLeft(strings.TrimPrefix(strings.TrimSpace(s), "go"), "^~>=v ")
	s = strings.TrimSuffix(strings.TrimSuffix(s, ".x"), ".*")
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimSuffix(s, ".")
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 3 || parts[0] != "1" {
		return ""
	}
	for _, part := range parts {
		if part == "" || len(part) > 3 {
			return ""
		}
	}
	return s
}

func compare(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		n, m := number(x, i), number(y, i)
		if n != m {
			return n - m
		}
	}
	return 0
}

func number(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i]) // what is no number counts as 0
	return n
}

// ceilings are modules whose older releases newer Go releases do not compile: before is the first release that they do
// compile, last the last Go that compiles those before it.
// Sources: go.dev/issue/74462 (x/tools: an array of constant length in tokeninternal, since Go 1.25); the build constraints
// of quic-go's releases (github.com/quic-go/quic-go/wiki/quic-go-and-Go-versions).
var ceilings = []struct{ module, before, last string }{
	{"golang.org/x/tools", "0.25.0", "1.24"},
	{"github.com/lucas-clemente/quic-go", "0.31.0", "1.19"},
}

// newestGo is the last Go that compiles what go.mod locks.
func (p *project) newestGo() (detect.Value[string], bool) {
	if p.mod == nil {
		return detect.Value[string]{}, false
	}
	for _, r := range p.mod.requires {
		for _, c := range ceilings {
			version := strings.TrimPrefix(r.version, "v")
			if i := strings.IndexByte(version, '-'); i >= 0 {
				version = version[:i]
			}
			if r.path == c.module && goLike(version) && compare(version, c.before) < 0 {
				return detect.Infer(c.last, fmt.Sprintf("%s before %s does not compile with a newer Go", c.module, c.before), p.modFile.Evidence(r.line)), true
			}
		}
	}
	return detect.Value[string]{}, false
}

func goLike(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.") == ""
}
