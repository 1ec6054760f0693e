package assess

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Signals collects what placement rules look for in manifests and code. It is a detect.Survey: run with detection, it reads the
// files that detection has read already, and few others.
type Signals struct {
	found map[string]map[string][]detect.Evidence // component, rule
}

var _ detect.Survey = (*Signals)(nil)

// of returns the places where a component shows what a rule looks for.
func (s *Signals) of(component, rule string) []detect.Evidence {
	if s == nil {
		return nil
	}
	return s.found[component][rule]
}

const (
	maxCodeFiles = 120       // of a component that are searched, the likeliest first
	maxCodeBytes = 256 << 10 // of a file that are searched
	maxManifests = 40
	maxEvidence  = 3 // places that are shown for a rule
)

// ecosystems of manifests, by base name or ending.
var manifests = map[string]string{
	"package.json": "node", "Gemfile": "ruby", ".gemspec": "ruby", "requirements.txt": "python", "Pipfile": "python", "pyproject.toml": "python", "setup.py": "python",
	"setup.cfg": "python", "pom.xml": "java", "build.gradle": "java", "build.gradle.kts": "java", "build.sbt": "java", "ivy.xml": "java", "project.clj": "java",
	"composer.json": "php", "go.mod": "go", "Gopkg.toml": "go", "glide.yaml": "go", "Cargo.toml": "rust", ".csproj": "dotnet", ".vbproj": "dotnet", ".fsproj": "dotnet",
	"packages.config": "dotnet", "mix.exs": "elixir", "cpanfile": "perl", "Makefile.PL": "perl",
}

// codeOf is the ecosystem of a source file's ending.
var codeOf = map[string]string{
	".java": "java", ".kt": "java", ".groovy": "java", ".scala": "scala", ".rb": "ruby", ".ru": "ruby", ".py": "python", ".js": "node", ".mjs": "node", ".cjs": "node", ".ts": "node",
	".php": "php", ".go": "go", ".cs": "dotnet", ".vb": "dotnet", ".fs": "dotnet", ".config": "dotnet", ".rs": "rust", ".ex": "elixir", ".exs": "elixir", ".pl": "perl", ".pm": "perl", ".psgi": "perl",
}

// likely are words in a path that tell of what the rules look for.
var likely = []string{
	"socket", "channel", "cable", "stream", "event", "hub", "worker", "thread", "job", "task", "queue", "consumer", "listener", "schedul", "cron", "server", "app.", "main.", "application", "startup",
	"program", "global.asax", "web.config", "service", "async", "push", "live", "session", "controller", "proxy", "gateway", "index.", "wsgi", "asgi", "routes", "views",
}

// elsewhere are folders of a component whose files are no code that runs on the server.
var elsewhere = map[string]bool{
	"public": true, "static": true, "assets": true, "wwwroot": true, "migrations": true, "migrate": true, "locale": true, "locales": true, "i18n": true, "scripts": true, "lib_js": true,
	"webapp": true, "client": true, "frontend": true, "bower_components": true, "node_modules": true, "build": true, "generated": true,
}

// Survey searches every component's manifests and code. Files that cannot be read are passed over: detection has said so.
func (s *Signals) Survey(ctx context.Context, root detect.Dir, found *detect.Findings) error {
	s.found = map[string]map[string][]detect.Evidence{}
	rules := PlacementRules()
	for _, group := range byPath(found) {
		if err := ctx.Err(); err != nil {
			return err
		}
		deps, code := s.files(root, found, group[0].Path)
		hits := map[string][]detect.Evidence{}
		for _, name := range deps {
			if f, err := root.Read(name); err == nil {
				dependencies(f, hits)
			}
		}
		for _, name := range code {
			if f, err := root.Read(name); err == nil {
				inCode(f, rules, hits)
			}
		}
		for _, c := range group {
			s.found[c.Name] = hits
		}
	}
	return nil
}

// byPath groups the components that share a directory: they share its files.
func byPath(found *detect.Findings) [][]*detect.Component {
	var out [][]*detect.Component
	at := map[string]int{}
	for i := range found.Components {
		c := &found.Components[i]
		n, ok := at[c.Path]
		if !ok {
			n = len(out)
			at[c.Path] = n
			out = append(out, nil)
		}
		out[n] = append(out[n], c)
	}
	return out
}

// files are the manifests and the likeliest source files of a directory that belong to no component below it.
func (s *Signals) files(root detect.Dir, found *detect.Findings, dir string) (deps, code []string) {
	var inner []string
	for i := range found.Components {
		if p := found.Components[i].Path; p != dir && (dir == "." || strings.HasPrefix(p, dir+"/")) {
			inner = append(inner, p+"/")
		}
	}
	at, ok := root.Sub(dir)
	if !ok {
		return nil, nil
	}
	ours := map[string]bool{}
	var rest []string
	for rel := range at.Files() {
		base := rel[strings.LastIndexByte(rel, '/')+1:]
		ext := path.Ext(base)
		isManifest := manifests[base] != "" || manifests[ext] != "" || strings.HasPrefix(base, "requirements") && ext == ".txt"
		if !isManifest && codeOf[ext] == "" {
			continue
		}
		folder := path.Dir(rel)
		mine, known := ours[folder]
		if !known {
			mine = runs(folder)
			ours[folder] = mine
		}
		full := path.Join(dir, rel)
		if !mine || slices.ContainsFunc(inner, func(p string) bool { return strings.HasPrefix(full, p) }) || strings.Contains(base, ".min.") {
			continue
		}
		switch {
		case isManifest:
			if len(deps) < maxManifests {
				deps = append(deps, full)
			}
			if ext != ".config" {
				continue
			}
		case isTest(base):
			continue
		}
		lower := strings.ToLower(rel)
		if slices.ContainsFunc(likely, func(w string) bool { return strings.Contains(lower, w) }) {
			code = append(code, full)
		} else {
			rest = append(rest, full)
		}
	}
	code = append(code, rest...)
	return deps, code[:min(len(code), maxCodeFiles)]
}

// runs reports whether the files of a folder are part of what runs on the server.
func runs(folder string) bool {
	if !detect.Ours(folder) {
		return false
	}
	for _, part := range strings.Split(strings.ToLower(folder), "/") {
		if elsewhere[part] {
			return false
		}
	}
	return true
}

func isTest(base string) bool {
	lower := strings.ToLower(base)
	for _, w := range []string{"_test.", ".test.", ".spec.", "_spec.", "test_", "tests."} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// dependencies looks for the names of the rules' dependencies in a manifest.
func dependencies(f detect.File, hits map[string][]detect.Evidence) {
	base := path.Base(f.Path)
	eco := manifests[base]
	if eco == "" {
		eco = manifests[path.Ext(base)]
	}
	if eco == "" {
		eco = "python"
	}
	names := dependencyIndex()[eco]
	n := 0
	for line := range bytes.Lines(f.Data) {
		n++
		if len(line) > 2000 || isComment(line) || !declares(eco, base, line) {
			continue
		}
		for _, word := range bytes.FieldsFunc(line, notInName(eco)) {
			for _, id := range names[strings.ToLower(string(word))] {
				add(hits, id, f, n)
			}
		}
	}
}

// declares reports whether a line of a manifest can declare a dependency that is there at run time.
func declares(eco, base string, line []byte) bool {
	text := strings.TrimSpace(string(line))
	switch {
	case eco == "node", base == "composer.json":
		name, version, ok := strings.Cut(text, ":")
		return ok && strings.HasPrefix(name, `"`) && strings.HasPrefix(strings.TrimSpace(version), `"`) && !strings.HasPrefix(name, `"name"`)
	case base == "Gemfile":
		return strings.HasPrefix(text, "gem ") || strings.HasPrefix(text, "gem(")
	case eco == "ruby":
		return strings.Contains(text, "dependency")
	case base == "go.mod":
		return !strings.Contains(text, "// indirect") && !strings.HasPrefix(text, "module")
	}
	return true
}

// notInName splits a line into words that may be names of packages.
func notInName(eco string) func(rune) bool {
	return func(r rune) bool {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return false
		case r == '/', r == '@':
			return eco == "java" || eco == "python"
		}
		return true
	}
}

// inCode looks for the rules' words in a source file.
func inCode(f detect.File, rules []Rule, hits map[string][]detect.Evidence) {
	eco := codeOf[path.Ext(f.Path)]
	data := f.Data[:min(len(f.Data), maxCodeBytes)]
	for i := range rules {
		for _, word := range rules[i].Needs.Code[eco] {
			at := bytes.Index(data, []byte(word))
			for tries := 0; at >= 0 && tries < 5; tries++ {
				from := bytes.LastIndexByte(data[:at], '\n') + 1
				if !isComment(data[from:at]) {
					add(hits, rules[i].ID, f, 1+bytes.Count(data[:at], []byte("\n")))
					break
				}
				next := bytes.Index(data[at+1:], []byte(word))
				if next < 0 {
					break
				}
				at += 1 + next
			}
		}
	}
}

func isComment(line []byte) bool {
	text := bytes.TrimSpace(line)
	for _, mark := range []string{"#", "//", "*", "/*", "<!--", "--", ";"} {
		if bytes.HasPrefix(text, []byte(mark)) {
			return true
		}
	}
	return false
}

func add(hits map[string][]detect.Evidence, id string, f detect.File, line int) {
	if have := hits[id]; len(have) < maxEvidence && !slices.ContainsFunc(have, func(e detect.Evidence) bool { return e.File == f.Path && e.Line == line }) {
		hits[id] = append(have, f.Evidence(line))
	}
}
