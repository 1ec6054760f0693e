package golang

import (
	"bytes"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// goFile is a source file with what its head says.
type goFile struct {
	file    detect.File
	name    string // of its package
	imports []goImport
}

type goImport struct {
	path string
	line int
}

// evidence is the line of an import.
func (f *goFile) evidence(i goImport) detect.Evidence { return f.file.Evidence(i.line) }

// parseGo reads the head of a source file: its package and imports. ok is false when there is no package clause, or when the
// file takes no part in a build for Linux.
func parseGo(f detect.File) (*goFile, bool) {
	if !constrained(f.Data) {
		return nil, false
	}
	fset := token.NewFileSet()
	parsed, _ := parser.ParseFile(fset, "", f.Data, parser.ImportsOnly|parser.SkipObjectResolution) // what could be read is there beside the error
	if parsed == nil || parsed.Name == nil || parsed.Name.Name == "" || parsed.Name.Name == "_" {
		return nil, false
	}
	g := &goFile{file: f, name: parsed.Name.Name}
	for _, i := range parsed.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil || p == "" || strings.ContainsAny(p, " \t\"\\$") || detect.Printable(p, 300) != p {
			continue
		}
		g.imports = append(g.imports, goImport{p, fset.PositionFor(i.Path.Pos(), false).Line})
	}
	return g, true
}

// constrained reports whether the build constraints in the head of a file let it be built for Linux without further tags.
func constrained(data []byte) bool {
	met := true
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		line = bytes.TrimSpace(line)
		if bytes.HasPrefix(line, []byte("package ")) {
			break
		}
		if !bytes.HasPrefix(line, []byte("//go:build ")) && !bytes.HasPrefix(line, []byte("// +build ")) && !bytes.HasPrefix(line, []byte("//+build ")) {
			continue
		}
		text := string(line)
		if expr, err := constraint.Parse(text); err == nil {
			met = met && expr.Eval(linuxTag)
			if strings.HasPrefix(text, "//go:build") {
				break // it speaks for the other form too
			}
		}
	}
	return met
}

func linuxTag(tag string) bool {
	switch tag {
	case "linux", "unix", "amd64", "cgo", "gc":
		return true
	}
	return strings.HasPrefix(tag, "go1.")
}

// systems and machines are the suffixes of file names that restrict a file, but for Linux and amd64.
var systems = map[string]bool{
	"aix": true, "android": true, "darwin": true, "dragonfly": true, "freebsd": true, "illumos": true, "ios": true, "js": true, "netbsd": true,
	"openbsd": true, "plan9": true, "solaris": true, "wasip1": true, "windows": true, "386": true, "arm": true, "arm64": true, "loong64": true,
	"mips": true, "mips64": true, "mips64le": true, "mipsle": true, "ppc64": true, "ppc64le": true, "riscv64": true, "s390x": true, "wasm": true,
}

// buildsOnLinux reports whether a file's name lets it take part in a build for Linux.
func buildsOnLinux(base string) bool {
	name := strings.TrimSuffix(base, ".go")
	if strings.HasSuffix(name, "_test") || name == "" || name[0] == '_' || name[0] == '.' {
		return false
	}
	i := strings.LastIndexByte(name, '_')
	return i < 0 || !systems[name[i+1:]]
}

// Bounds of what is read of one unit.
const (
	maxFiles = 1200
	maxBytes = 12 << 20
	maxMains = 60 // main packages looked at
	maxProbe = 400
)

// pkg is a package directory with its files read.
type pkg struct {
	dir   string // relative to the unit's root
	name  string
	files []*goFile
}

// load reads a package directory once.
func (p *project) load(dir string) *pkg {
	if have, ok := p.packages[dir]; ok {
		return have
	}
	out := &pkg{dir: dir}
	p.packages[dir] = out
	for _, base := range p.unit.files[dir] {
		g, ok := p.parse(path.Join(dir, base))
		if !ok {
			continue
		}
		if out.name == "" || g.name == "main" {
			out.name = g.name
		}
		out.files = append(out.files, g)
	}
	return out
}

// parse reads a source file within the bounds.
func (p *project) parse(name string) (*goFile, bool) {
	if p.filesRead >= maxFiles || p.bytesRead > maxBytes {
		return nil, false
	}
	f, err := p.dir.Read(name)
	if err != nil {
		return nil, false
	}
	p.filesRead++
	p.bytesRead += len(f.Data)
	return parseGo(f)
}

// isMain reports whether a directory holds a main package, judged by as few files as possible: the first that takes part in
// a build.
func (p *project) isMain(dir string) bool {
	for i, base := range mainFirst(p.unit.files[dir]) {
		if i >= 6 {
			break
		}
		f, err := p.dir.Read(path.Join(dir, base))
		if err != nil {
			continue
		}
		if bytes.IndexByte(f.Data[:min(len(f.Data), 1024)], 0) >= 0 || !constrained(f.Data) {
			continue
		}
		return packageClause(f.Data) == "main"
	}
	return false
}

// mainFirst puts main.go before the rest.
func mainFirst(files []string) []string {
	for i, f := range files {
		if f == "main.go" && i > 0 {
			return append([]string{f}, append(append([]string{}, files[:i]...), files[i+1:]...)...)
		}
	}
	return files
}

// packageClause is the name in a file's package clause: the first line that begins with it outside of a block comment.
func packageClause(data []byte) string {
	comment := false
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		line = bytes.TrimSpace(line)
		if comment {
			_, after, ended := bytes.Cut(line, []byte("*/"))
			if !ended {
				continue
			}
			comment, line = false, bytes.TrimSpace(after)
		}
		if bytes.HasPrefix(line, []byte("/*")) {
			_, after, ended := bytes.Cut(line, []byte("*/"))
			if comment = !ended; comment {
				continue
			}
			line = bytes.TrimSpace(after)
		}
		if name, ok := bytes.CutPrefix(line, []byte("package ")); ok {
			name, _, _ = bytes.Cut(bytes.TrimSpace(name), []byte("//"))
			name, _, _ = bytes.Cut(name, []byte(";"))
			return string(bytes.TrimSpace(name))
		}
	}
	return ""
}
