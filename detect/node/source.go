package node

import (
	"bytes"
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// codeFile is a source file of the application, relative to its directory.
type codeFile struct {
	name string
	file detect.File
}

// Bounds of the search in sources: files and bytes read.
const (
	maxCode      = 260
	maxCodeBytes = 5 << 20
	maxCodeFile  = 400 << 10 // a larger file is generated or bundled
)

// codeExt are the extensions of source files.
var codeExt = map[string]bool{".js": true, ".ts": true, ".mjs": true, ".cjs": true, ".mts": true, ".cts": true, ".coffee": true, ".ls": true, ".jsx": true, ".tsx": true}

// notServer are names of directories whose code a browser loads, tests use or a tool made.
var notServer = map[string]bool{
	"node_modules": true, "bower_components": true, "jspm_packages": true, "vendor": true, "vendors": true, "test": true, "tests": true, "__tests__": true, "__mocks__": true, "spec": true,
	"specs": true, "e2e": true, "e2e-tests": true, "fixtures": true, "examples": true, "example": true, "samples": true, "docs": true, "doc": true, "dist": true, "coverage": true, "public": true, "static": true,
	"assets": true, "www": true, "wwwroot": true, "typings": true, "types": true, "locales": true, "i18n": true, "migrations": true, "seeders": true, "seeds": true, "cypress": true, "stories": true,
	"components": true, "client": true, "frontend": true, "front-end": true, "webapp": true, "mocks": true, "mock": true, "benchmark": true, "benchmarks": true, "tmp": true, "target": true, "out": true, "build": true,
}

// sources are the application's own source files, those that start a server or configure it first. Files of packages
// below that have a manifest of their own are theirs.
func (p *project) sources() []codeFile {
	if p.codeRead {
		return p.code
	}
	p.codeRead = true
	size := 0
	for _, name := range p.candidates() {
		f, ok := p.read(name)
		if !ok || len(f.Data) > maxCodeFile {
			continue
		}
		if size += len(f.Data); size > maxCodeBytes {
			break
		}
		p.code = append(p.code, codeFile{name, f})
	}
	return p.code
}

// candidates are the names of the source files worth reading, the most telling first.
func (p *project) candidates() []string {
	others := p.packagesBelow()
	var names []string
	for name := range p.dir.Files() {
		if codeName(name) && !inAny(name, others) {
			names = append(names, name)
		}
	}
	sort.SliceStable(names, func(i, j int) bool { return weight(names[i]) < weight(names[j]) })
	return names[:min(len(names), maxCode)]
}

// packagesBelow are the directories below that hold a package of their own.
func (p *project) packagesBelow() []string {
	var out []string
	for _, m := range p.dir.Named("package.json") {
		if d := path.Dir(m); d != "." && !strings.Contains(m, "node_modules/") {
			out = append(out, d+"/")
		}
	}
	return out
}

func inAny(name string, dirs []string) bool {
	for _, d := range dirs {
		if strings.HasPrefix(name, d) {
			return true
		}
	}
	return false
}

// codeName reports whether a file may be the server's own code.
func codeName(name string) bool {
	ext := path.Ext(name)
	base := strings.ToLower(path.Base(name))
	if !codeExt[ext] && base != "www" || strings.HasSuffix(base, ".min.js") || strings.HasSuffix(base, ".d.ts") {
		return false
	}
	for _, mark := range []string{".spec.", ".test.", ".e2e-spec.", ".stories.", "-spec.", "-test.", "_test."} {
		if strings.Contains(base, mark) {
			return false
		}
	}
	if tool[strings.TrimSuffix(base, ext)] {
		return false
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if d := path.Base(dir); notServer[strings.ToLower(d)] || strings.HasPrefix(d, ".") && d != ".docker" {
			return false
		}
	}
	return true
}

// tool are files that configure a tool: their ports and variables are no one's but the tool's.
var tool = map[string]bool{
	"gruntfile": true, "gulpfile": true, "gulpfile.babel": true, "karma.conf": true, "protractor.conf": true, "jest.config": true, "babel.config": true, "postcss.config": true, "tailwind.config": true,
	"webpack.config": true, "webpack.dev": true, "webpack.prod": true, "webpack.common": true, "webpack.dev.config": true, "webpack.prod.config": true, "webpack.config.dev": true, "webpack.config.prod": true,
	"rollup.config": true, "vite.config": true, "vitest.config": true, "eslint.config": true, ".eslintrc": true, "ember-cli-build": true, "testem": true, "wdio.conf": true, "nightwatch.conf": true,
	"playwright.config": true, "cypress.config": true, "ecosystem.config": true, "plopfile": true, "commitlint.config": true, "prettier.config": true, "stylelint.config": true, "dev-server": true, "devserver": true, "knexfile.test": true,
}

// weight orders files by how much they tell about a server.
func weight(name string) int {
	w := 10 * strings.Count(name, "/")
	base := strings.ToLower(strings.TrimSuffix(path.Base(name), path.Ext(name)))
	switch base {
	case "server", "app", "main", "index", "www", "start", "bootstrap", "keystone":
		w -= 8
	case "config", "env", "environment", "settings", "default", "production", "database", "db", "redis", "express", "session", "environments":
		w -= 12
	}
	for _, part := range strings.Split(path.Dir(name), "/") {
		switch strings.ToLower(part) {
		case "config", "configs", "server", "bin", "env", "conf", "environments":
			w -= 9
		case "views", "reducers", "actions", "store", "pages", "containers", "hooks":
			w += 30
		}
	}
	return w
}

// lines yields the lines of a source file that hold a word, without those that are comments, from 1.
func (c codeFile) lines(word string) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		data := c.file.Data
		if !bytes.Contains(data, []byte(word)) {
			return
		}
		for n := 1; len(data) > 0; n++ {
			text := data
			if i := bytes.IndexByte(data, '\n'); i >= 0 {
				text, data = data[:i], data[i+1:]
			} else {
				data = nil
			}
			if !bytes.Contains(text, []byte(word)) || len(text) > 2000 {
				continue
			}
			s := strings.TrimSpace(string(text))
			if strings.HasPrefix(s, "//") || strings.HasPrefix(s, "*") || strings.HasPrefix(s, "/*") || strings.HasPrefix(s, "#") {
				continue
			}
			if !yield(n, s) {
				return
			}
		}
	}
}

// grep returns the first line of the application's sources that holds a word and matches.
func (p *project) grep(word string, pattern *manifest.Pattern) (detect.Evidence, []string, bool) {
	for _, c := range p.sources() {
		for n, text := range c.lines(word) {
			if m := pattern.FindStringSubmatch(text); m != nil {
				return c.file.Evidence(n), m, true
			}
		}
	}
	return detect.Evidence{}, nil, false
}

// imports returns the place where the application's code loads a package.
func (p *project) imports(name string) (codeFile, detect.Evidence, bool) {
	for _, c := range p.sources() {
		if n, ok := c.imports(name); ok {
			return c, c.file.Evidence(n), true
		}
	}
	return codeFile{}, detect.Evidence{}, false
}

// imports returns the line on which a file loads a package: require('x'), import … from 'x', import 'x'.
func (c codeFile) imports(name string) (int, bool) {
	for _, quote := range []string{"'", `"`, "`"} {
		for n, text := range c.lines(quote + name + quote) {
			at := strings.Index(text, quote+name+quote)
			before := strings.TrimRight(text[:at], " (")
			if strings.HasSuffix(before, "require") || strings.HasSuffix(before, "from") || strings.HasSuffix(before, "import") {
				return n, true
			}
		}
	}
	return 0, false
}

// language is what the application's own code is written in.
func (p *project) language(k kind) detect.Value[string] {
	if k.framework == "angular" && k.typed || k.framework == "nest" && k.typed {
		return detect.Infer("typescript", "this framework's applications are written in it", k.evidence[0])
	}
	ts, js, first := 0, 0, ""
	others := p.packagesBelow()
	for name := range p.dir.Files() {
		ext := path.Ext(name)
		if ext != ".ts" && ext != ".tsx" && ext != ".mts" && ext != ".js" && ext != ".jsx" && ext != ".mjs" && ext != ".vue" {
			continue
		}
		if strings.HasSuffix(name, ".d.ts") || strings.HasSuffix(name, ".min.js") || !detect.Ours(path.Dir(name)) || inAny(name, others) || path.Dir(name) == "." && strings.Contains(path.Base(name), ".config.") {
			continue
		}
		if strings.Contains("/"+name, "/public/") || strings.Contains("/"+name, "/lib/vendor/") || strings.Contains("/"+name, "/build/") {
			continue
		}
		switch ext {
		case ".ts", ".tsx", ".mts":
			if ts++; first == "" {
				first = name
			}
		case ".vue":
		default:
			js++
		}
	}
	if ts > js {
		return detect.Infer("typescript", "most of its own sources are TypeScript", p.whole(first))
	}
	return detect.Is("javascript", p.marker())
}
