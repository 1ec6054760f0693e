package rust

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// defaultRust is taken when nothing says which Rust is meant. Rust compiles what older releases compiled.
const defaultRust = "1.85"

// editions are the first releases that know an edition. Source: doc.rust-lang.org/edition-guide.
var editions = map[string]string{"2018": "1.31", "2021": "1.56", "2024": "1.85"}

// ceilings are crates whose older releases newer Rusts do not compile.
// Source: github.com/time-rs/time/issues/681 (type inference, since Rust 1.80).
var ceilings = []struct{ crate, line, before, rust string }{
	{"time", "0.3.", "0.3.35", "1.79"},
}

// languageVersion decides on the Rust: the strongest place that names one, else the edition's first.
func (p *project) languageVersion() detect.Value[string] {
	all := p.candidates()
	if len(all) == 0 {
		return detect.Guess(defaultRust, "nothing in the repository says which Rust it wants; Rust compiles what older releases compiled")
	}
	v := all[0]
	for _, o := range all[1:] {
		if o.V == v.V {
			v.Evidence = append(v.Evidence[:len(v.Evidence):len(v.Evidence)], o.Evidence...)
		} else if o.From != detect.Inferred {
			v.Others = append(v.Others, o)
		}
	}
	return v
}

func (p *project) candidates() []detect.Value[string] {
	var out []detect.Value[string]
	for _, up := range []string{"", p.up(), p.top()} {
		if f, ok := p.read(up + "rust-toolchain.toml"); ok {
			if d, err := manifest.ParseTOML(f.Data); err == nil {
				if v, line, ok := d.Get("toolchain", "channel"); ok && release(v) != "" {
					out = append(out, detect.Is(release(v), f.Evidence(line)))
				}
			} else {
				p.warn(f, err)
			}
		}
		if f, ok := p.read(up + "rust-toolchain"); ok {
			for i, text := range strings.Split(string(f.Data), "\n") {
				text = strings.Trim(strings.TrimPrefix(strings.TrimSpace(text), "channel ="), ` "`)
				if v := release(text); v != "" {
					out = append(out, detect.Is(v, f.Evidence(i+1)))
					break
				}
			}
		}
		if len(out) > 0 {
			break
		}
	}
	if v, line, ok := p.cargo.Get("package", "rust-version"); ok && release(v) != "" {
		out = append(out, detect.Is(release(v), p.file.Evidence(line)))
	} else if p.space != nil {
		if v, line, ok := p.space.Get("workspace", "package", "rust-version"); ok && release(v) != "" {
			out = append(out, detect.Is(release(v), p.spaceF.Evidence(line)))
		}
	} else if v, line, ok := p.cargo.Get("workspace", "package", "rust-version"); ok && release(v) != "" {
		out = append(out, detect.Is(release(v), p.file.Evidence(line)))
	}
	if f, ok := p.read(p.top() + "RustConfig"); ok { // Heroku's buildpack
		for i, text := range strings.Split(string(f.Data), "\n") {
			if v, ok := strings.CutPrefix(strings.TrimSpace(text), "VERSION="); ok && release(v) != "" {
				out = append(out, detect.Is(release(v), f.Evidence(i+1)))
				break
			}
		}
	}
	if v := p.travis(); v.Set() {
		out = append(out, v)
	}
	for _, d := range p.docker {
		for _, s := range d.Stages {
			if v := release(imageTag(s.Image)); v != "" && strings.Contains(s.Image, "rust") {
				out = append(out, detect.Infer(v, "the existing Dockerfile builds on it", d.file.Evidence(s.Line)))
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	return p.byEdition()
}

// byEdition is the first Rust that knows the package's edition.
func (p *project) byEdition() []detect.Value[string] {
	v, line, ok := p.cargo.Get("package", "edition")
	f := p.file
	if !ok && p.space != nil {
		v, line, ok = p.space.Get("workspace", "package", "edition")
		f = p.spaceF
	}
	if first := editions[v]; ok && first != "" {
		return []detect.Value[string]{detect.Infer(first, "the first Rust that knows the edition "+v, f.Evidence(line))}
	}
	return nil
}

// travis is the newest numbered Rust of .travis.yml.
func (p *project) travis() detect.Value[string] {
	best := detect.Value[string]{}
	f, ok := p.read(p.top() + ".travis.yml")
	if !ok {
		return best
	}
	d, err := manifest.ParseYAML(f.Data)
	if err != nil {
		p.warn(f, err)
		return best
	}
	for _, v := range d.List("rust") {
		if n := release(v.Value); n != "" && (best.V == "" || compare(n, best.V) > 0) {
			best = detect.Infer(n, "the newest Rust that the tests run with", f.Evidence(v.Line))
		}
	}
	return best
}

func imageTag(image string) string {
	if i := strings.LastIndexByte(image, ':'); i >= 0 {
		return image[i+1:]
	}
	return ""
}

// release is the number in what names a Rust: "1.56.1", "1.70-slim"; "" for channels.
func release(s string) string {
	s = strings.TrimLeft(strings.TrimSpace(s), "^~>=v ")
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
