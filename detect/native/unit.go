package native

import (
	"bytes"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// unit is a tree of C or C++ sources with one build.
type unit struct {
	dir     detect.Dir
	system  string // autotools, cmake, make
	build   detect.File
	line    int // of build, that shows the system
	sources []string
	others  []string // configuration and service files, relative to dir
	code    []detect.File
	sizes   int
	program string
	sbin    bool
	named   detect.Evidence
}

// Bounds of what is read of one unit.
const (
	maxSources = 400
	maxBytes   = 10 << 20
)

var (
	compiles    = manifest.Lazy(`\$[({](?:CC|CXX|LD|LINK\.(?:c|cc|cpp|o)|COMPILE\.(?:c|cc|cpp))[)}]|(?m)^\s*@?(?:gcc|g\+\+|cc|clang|c\+\+|tcc)\s|^\s*(?:CC|CXX)\s*[:?]?=|^(?:override\s+)?(?:CFLAGS|CXXFLAGS)\s*[:?+]?=`)
	executable  = manifest.Lazy(`(?i)^\s*(?:add|qt_add|qt5_add|qt6_add|ecm_add|pico_add)_executable\s*\(\s*"?([^\s")]+)`)
	cmakeName   = manifest.Lazy(`(?i)^\s*project\s*\(\s*"?([A-Za-z0-9_.+-]+)`)
	mainClause  = manifest.Lazy(`(?m)^[^#\n/"]*\bmain\s*\(\s*(?:void|int|\)|\w+\s*\*|$)`)
	programList = manifest.Lazy(`^\s*(s?bin|libexec)_PROGRAMS\s*\+?=\s*(.*)`)
)

// openC finds the build of a directory; false: none, or one above is responsible.
func openC(dir detect.Dir) (*unit, bool) {
	u := &unit{dir: dir}
	if !own(dir.Path) || helperDir(dir.Path) || !u.findSystem() || u.below() {
		return nil, false
	}
	u.list()
	if len(u.sources) == 0 {
		return nil, false
	}
	strong := u.system != "make" && len(u.sources) >= 5
	if !strong && hasForeign(dir) {
		return nil, false
	}
	for _, up := range ancestors(dir.Path) {
		if d, ok := treeRoot(dir).Sub(up); ok && hasForeign(d) {
			return nil, false
		}
	}
	u.readCode()
	return u, true
}

// findSystem looks at the build files of the directory, the one that makes the others first.
func (u *unit) findSystem() bool {
	for _, name := range []string{"configure.ac", "configure.in"} {
		if f, ok := u.read(name); ok && bytes.Contains(f.Data, []byte("AC_INIT")) {
			u.system, u.build, u.line = "autotools", f, lineOf(f, "AC_INIT")
			return true
		}
	}
	if f, ok := u.read("CMakeLists.txt"); ok {
		for i, text := range strings.Split(string(f.Data), "\n") {
			if cmakeName.MatchString(text) {
				u.system, u.build, u.line = "cmake", f, i+1
				return true
			}
		}
	}
	for _, name := range []string{"GNUmakefile", "makefile", "Makefile"} {
		f, ok := u.read(name)
		if !ok {
			continue
		}
		if loc := compiles.FindIndex(f.Data); loc != nil {
			u.system, u.build, u.line = "make", f, 1+bytes.Count(f.Data[:loc[0]], []byte("\n"))
			if f.Data[loc[0]] == '\n' {
				u.line++
			}
			return true
		}
	}
	return false
}

// below reports whether a directory above holds a build of the same kind, which this one is a part of.
func (u *unit) below() bool {
	for _, up := range ancestors(u.dir.Path) {
		d, ok := treeRoot(u.dir).Sub(up)
		if !ok {
			continue
		}
		above := &unit{dir: d}
		if above.findSystem() {
			return true
		}
	}
	return false
}

// list sorts the files of the unit by what they are.
func (u *unit) list() {
	last, ours := "", true
	for name := range u.dir.Files() {
		dir := path.Dir(name)
		if dir != last {
			last, ours = dir, own(dir)
		}
		switch ext := path.Ext(name); {
		case ours && isC(ext):
			u.sources = append(u.sources, name)
		case isSetting(name, ext):
			if len(u.others) < 300 {
				u.others = append(u.others, name)
			}
		}
	}
	sort.SliceStable(u.sources, func(i, j int) bool { return rank(u.sources[i]) < rank(u.sources[j]) })
}

// own reports whether a directory may hold the program's own sources.
func own(dir string) bool {
	if !detect.Ours(dir) {
		return false
	}
	for _, part := range strings.Split(strings.ToLower(dir), "/") {
		switch part {
		case "contrib", "extern", "external", "deps", "3rdparty", "bindings", "benchmark", "benchmarks", "fuzz", "fuzzing", "unittest", "unittests", "unit-tests", "demo", "demos", "win32", "windows", "tools", "t":
			return false
		}
	}
	return true
}

// helperDir reports whether a directory holds tools of the developers.
func helperDir(dir string) bool {
	for _, part := range strings.Split(strings.ToLower(dir), "/") {
		switch part {
		case "scripts", "script", "hack", "misc", "utils":
			return true
		}
	}
	return false
}

// rank puts the sources that are likely to hold main first.
func rank(name string) int {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	switch {
	case base == "main":
		return 0
	case strings.Count(name, "/") < 2:
		return 1
	}
	return 2
}

func isC(ext string) bool {
	switch ext {
	case ".c", ".cc", ".cpp", ".cxx", ".C", ".c++":
		return true
	}
	return false
}

// isSetting reports whether a file is a sample of a configuration, a service unit, an init script or a build file.
func isSetting(name, ext string) bool {
	base := path.Base(name)
	switch {
	case ext == ".xml", strings.HasSuffix(base, ".xml.in"), strings.HasSuffix(base, ".xml.dist"):
		top := path.Base(path.Dir(name))
		return strings.Count(name, "/") <= 1 && (top == "conf" || top == "etc" || top == "config" || top == ".")
	case ext == ".conf", ext == ".cfg", ext == ".ini", ext == ".yml", ext == ".yaml", ext == ".service", strings.HasSuffix(base, ".conf.in"), strings.HasSuffix(base, ".conf.example"), strings.HasSuffix(base, ".conf.sample"),
		strings.HasSuffix(base, ".conf.dist"), strings.HasSuffix(base, ".service.in"), base == "Makefile.am", base == "CMakeLists.txt", strings.HasSuffix(base, ".init"), base == "init.d":
		return own(path.Dir(name)) || path.Dir(name) == "doc" || path.Dir(name) == "docs" || path.Dir(name) == "debian"
	}
	return false
}

// readCode reads the sources within the bounds.
func (u *unit) readCode() {
	for _, name := range u.sources {
		if len(u.code) >= maxSources || u.sizes > maxBytes {
			return
		}
		f, err := u.dir.Read(name)
		if err != nil || bytes.IndexByte(f.Data[:min(len(f.Data), 1024)], 0) >= 0 {
			continue
		}
		u.sizes += len(f.Data)
		u.code = append(u.code, f)
	}
}

// read returns a file of the unit. Binary data is not read as text; it is warned of.
func (u *unit) read(name string) (detect.File, bool) { return readText(u.dir, name) }

func readText(dir detect.Dir, name string) (detect.File, bool) {
	f, err := dir.Read(name)
	if err != nil {
		return detect.File{}, false
	}
	if bytes.IndexByte(f.Data[:min(len(f.Data), 8000)], 0) >= 0 {
		dir.Warn(f.Path, 0, "holds binary data and is left out")
		return detect.File{}, false
	}
	return f, true
}

func lineOf(f detect.File, text string) int {
	i := bytes.Index(f.Data, []byte(text))
	if i < 0 {
		return 0
	}
	return 1 + bytes.Count(f.Data[:i], []byte("\n"))
}

// hit is a line of source that a pattern matches.
type hit struct {
	file  detect.File
	line  int
	text  string
	match []string
}

func (h hit) evidence() detect.Evidence { return h.file.Evidence(h.line) }

// maxLine is the longest line that is looked into.
const maxLine = 2000

// grep returns the lines of files that hold one of some texts and match a pattern, at most max, without whole-line comments.
func grep(files []detect.File, max int, re *regexp.Regexp, texts ...string) []hit {
	var out []hit
	for _, f := range files {
		for line, raw := range manifest.LinesWith(f.Data, texts) {
			if len(raw) > maxLine {
				continue
			}
			text := strings.TrimSpace(string(raw))
			if strings.HasPrefix(text, "//") || strings.HasPrefix(text, "* ") || strings.HasPrefix(text, "/*") && strings.HasSuffix(text, "*/") {
				continue
			}
			if m := re.FindStringSubmatch(text); m != nil {
				if out = append(out, hit{f, line, text, m}); len(out) >= max {
					return out
				}
			}
		}
	}
	return out
}
