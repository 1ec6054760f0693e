package native

import (
	"bytes"
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// cobolFile is a COBOL source with what it says of itself.
type cobolFile struct {
	name   string // relative to the unit
	file   detect.File
	id     string // PROGRAM-ID, in capitals
	line   int    // of it
	calls  []string
	called bool // it takes arguments, or another program calls it
	free   bool // free format
	needs  map[string]int
	opens  []assignment
}

// assignment is a file of a program: SELECT ... ASSIGN TO.
type assignment struct {
	to     string // a name, or a path in quotes
	quoted bool
	output bool
	file   string // its internal name
	line   int
}

// batch is the COBOL of a repository below one directory.
type batch struct {
	dir       detect.Dir
	files     []*cobolFile
	copybooks []string // directories
	jcl       []string
	makefile  bool
}

// Bounds of what is read.
const (
	maxCobol = 300
	maxJCL   = 40
)

func isCobol(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".cob", ".cbl", ".cobol":
		return true
	}
	return false
}

// cobolAt describes the COBOL whose first directory is offered: that of the whole repository is one unit, unless its
// directories at the top are applications of their own.
func cobolAt(dir detect.Dir) []detect.Component {
	roots := dir.Memo("native.cobol", func() any { return cobolRoots(treeRoot(dir)) }).(map[string]string)
	var out []detect.Component
	for _, root := range sortedKeys(roots) {
		if roots[root] != dir.Path {
			continue
		}
		d, ok := treeRoot(dir).Sub(root)
		if !ok {
			continue
		}
		b := &batch{dir: d}
		b.list()
		if c, ok := b.component(); ok {
			out = append(out, c)
		}
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// cobolRoots are the roots of COBOL units with the directory that a run offers first of each.
func cobolRoots(tree detect.Dir) map[string]string {
	dirs := map[string]bool{}
	built := map[string]bool{}
	for name := range tree.Files() {
		d := path.Dir(name)
		if isCobol(name) && detect.Ours(d) {
			dirs[d] = true
		}
		if base := path.Base(name); base == "Makefile" || base == "makefile" {
			built[d] = true
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	common := ""
	for d := range dirs {
		common = commonDir(common, d)
	}
	// Sources in a folder of their own (src, cobol) belong to the application that the folder is part of.
	switch strings.ToLower(path.Base(common)) {
	case "src", "source", "sources", "cobol", "cbl", "cob", "programs", "pgm", "batch":
		common = path.Dir(common)
	}
	first := ""
	for d := range dirs {
		if first == "" || offeredBefore(d, first) {
			first = d
		}
	}
	if built[common] && detect.Ours(common) && offeredBefore(common, first) {
		first = common
	}
	return map[string]string{common: first}
}

// offeredBefore orders directories as a run offers them.
func offeredBefore(a, b string) bool {
	if (a == ".") != (b == ".") {
		return a == "."
	}
	if x, y := strings.Count(a, "/"), strings.Count(b, "/"); x != y {
		return x < y
	}
	return a < b
}

func commonDir(a, b string) string {
	if a == "" {
		return b
	}
	for a != "." && b != a && !strings.HasPrefix(b, a+"/") {
		a = path.Dir(a)
	}
	return a
}

// list reads the sources and sorts the files beside them.
func (b *batch) list() {
	books := map[string]bool{}
	for name := range b.dir.Files() {
		d, ext := path.Dir(name), strings.ToLower(path.Ext(name))
		switch {
		case isCobol(name) && detect.Ours(d):
			b.source(name)
		case ext == ".cpy" || ext == ".copy":
			books[d] = true
		case ext == ".jcl" || ext == ".job" || ext == ".proc" && strings.Contains(strings.ToLower(d), "proc"):
			if len(b.jcl) < maxJCL && detect.Ours(d) && ext != ".proc" {
				b.jcl = append(b.jcl, name)
			}
		case (path.Base(name) == "Makefile" || path.Base(name) == "makefile") && d == ".":
			b.makefile = true
		}
	}
	for d := range books {
		b.copybooks = append(b.copybooks, d)
	}
	sort.Strings(b.copybooks)
	b.link()
}

func (b *batch) source(name string) {
	if len(b.files) >= maxCobol {
		return
	}
	f, ok := readText(b.dir, name)
	if !ok {
		return
	}
	b.files = append(b.files, parseCobol(name, f))
}

var (
	programID  = manifest.Lazy(`(?i)^\s*(?:\d{6})?\s*PROGRAM-ID\s*\.?\s*["']?([A-Za-z0-9][A-Za-z0-9_-]*)`)
	callClause = manifest.Lazy(`(?i)\bCALL\s+["']([A-Za-z0-9_-]+)["']`)
	usingEntry = manifest.Lazy(`(?i)\bPROCEDURE\s+DIVISION\s+USING\b`)
	selectFile = manifest.Lazy(`(?i)\bSELECT\s+(?:OPTIONAL\s+)?([A-Za-z0-9-]+)`)
	assignTo   = manifest.Lazy(`(?i)\bASSIGN\s+(?:TO\s+)?(?:EXTERNAL\s+|DYNAMIC\s+|DISK\s+|FILE\s+)?("[^"]+"|'[^']+'|[A-Za-z0-9][A-Za-z0-9_-]*)`)
	openOutput = manifest.Lazy(`(?i)\bOPEN\s+(OUTPUT|EXTEND|I-O)\s+([A-Za-z0-9-]+)`)
	foreignRun = manifest.Lazy(`(?i)\bEXEC\s+(CICS|SQL|DLI)\b|\bCALL\s+["'](CBLTDLI|MQOPEN|MQPUT|MQGET)["']`)
	freeMark   = manifest.Lazy(`(?i)>>\s*SOURCE\s+(?:FORMAT\s+)?(?:IS\s+)?FREE|\$SET\s+SOURCEFORMAT\s*"?FREE`)
)

// parseCobol reads what a source says of itself. Comment lines (an asterisk in column 7, or "*>") are passed over.
func parseCobol(name string, f detect.File) *cobolFile {
	c := &cobolFile{name: name, file: f, needs: map[string]int{}}
	outputs := map[string]bool{}
	selected := ""
	looksFree, lines := 0, 0
	for i, text := range strings.Split(string(f.Data), "\n") {
		text = strings.TrimSuffix(text, "\r")
		if len(text) > maxLine {
			continue
		}
		if freeMark.MatchString(text) {
			c.free = true
			continue
		}
		trimmed := strings.TrimSpace(text)
		if trimmed == "" || strings.HasPrefix(trimmed, "*") || len(text) > 6 && (text[6] == '*' || text[6] == '/') && strings.Trim(text[:6], " 0123456789") == "" {
			continue
		}
		if lines++; text[0] != ' ' && text[0] != '\t' && (text[0] < '0' || text[0] > '9') {
			looksFree++
		}
		if m := programID.FindStringSubmatch(text); m != nil && c.id == "" {
			c.id, c.line = strings.ToUpper(m[1]), i+1
		}
		for _, m := range callClause.FindAllStringSubmatch(text, 4) {
			c.calls = append(c.calls, strings.ToUpper(m[1]))
		}
		c.called = c.called || usingEntry.MatchString(text)
		if m := selectFile.FindStringSubmatch(text); m != nil {
			selected = strings.ToUpper(m[1])
		}
		if m := assignTo.FindStringSubmatch(text); m != nil && selected != "" && len(c.opens) < 100 {
			to := strings.Trim(m[1], `"'`)
			c.opens = append(c.opens, assignment{to: to, quoted: to != m[1], file: selected, line: i + 1})
			selected = ""
		}
		if m := openOutput.FindStringSubmatch(text); m != nil {
			outputs[strings.ToUpper(m[2])] = true
		}
		if m := foreignRun.FindStringSubmatch(text); m != nil {
			kind := map[string]string{"CICS": "cics", "SQL": "sql", "DLI": "ims", "CBLTDLI": "ims"}[strings.ToUpper(m[1]+m[2])]
			if kind == "" {
				kind = "mq"
			}
			if c.needs[kind] == 0 {
				c.needs[kind] = i + 1
			}
		}
	}
	c.free = c.free || lines > 0 && looksFree*4 > lines
	for i := range c.opens {
		c.opens[i].output = outputs[c.opens[i].file]
	}
	return c
}

// link marks the programs that others call.
func (b *batch) link() {
	byID := map[string]*cobolFile{}
	for _, f := range b.files {
		if f.id != "" && byID[f.id] == nil {
			byID[f.id] = f
		}
	}
	for _, f := range b.files {
		for _, id := range f.calls {
			if to := byID[id]; to != nil && to != f {
				to.called = true
			}
		}
	}
}

// component describes the COBOL of the unit.
func (b *batch) component() (detect.Component, bool) {
	var programs, modules, free []string
	var first *cobolFile
	needs := map[string]detect.Evidence{}
	for _, f := range b.files {
		if f.id == "" || !plainBuilt.MatchString(f.name) || !plainName.MatchString(f.id) {
			continue
		}
		if f.called {
			modules = append(modules, f.id+":"+f.name)
		} else {
			programs = append(programs, f.stem()+":"+f.name)
			if first == nil {
				first = f
			}
		}
		if f.free {
			free = append(free, f.name)
		}
		for kind, line := range f.needs {
			if needs[kind].File == "" {
				needs[kind] = f.file.Evidence(line)
			}
		}
	}
	if first == nil {
		return detect.Component{}, false
	}
	ev := first.file.Evidence(first.line)
	c := detect.Component{Path: b.dir.Path, Role: detect.Infer(detect.Batch, "its programs read and write files and end", ev),
		Platform: detect.Infer("linux", "GnuCOBOL compiles it for Linux", ev), Language: detect.Is("cobol", ev),
		Framework: detect.Infer("none", "COBOL programs stand on their run-time library", ev), Build: b.buildTool(ev), Facts: map[string]detect.Value[string]{}}
	if e, ok := needs["cics"]; ok {
		c.Role = detect.Infer(detect.Web, "its programs answer to terminals in CICS", e)
	}
	c.SystemPackages = []detect.SystemPackage{{Name: "gnucobol", Build: []string{"gnucobol3"}, Run: []string{"libcob4"}, Why: "it compiles COBOL", Evidence: []detect.Evidence{ev}}}
	c.Facts["programs"] = detect.Infer(strings.Join(programs, " "), "no other program calls them", ev)
	list := func(key, why string, names []string) {
		if len(names) > 0 {
			c.Facts[key] = detect.Infer(strings.Join(names, " "), why, ev)
		}
	}
	list("modules", "other programs call them", modules)
	list("freeFormat", "they are written in free format", free)
	list("copybooks", "what COPY brings in lies there", plainOnly(b.copybooks))
	b.needs(&c, needs)
	b.jobs(&c, first)
	return c, true
}

func plainOnly(names []string) []string {
	var out []string
	for _, n := range names {
		if plainBuilt.MatchString(n) {
			out = append(out, n)
		}
	}
	return out
}

var cobolCompile = manifest.Lazy(`(?m)^\t.*\bcobc\b|^\s*COBC?\s*[:?]?=`)

func (b *batch) buildTool(ev detect.Evidence) detect.Value[string] {
	for _, name := range []string{"Makefile", "makefile"} {
		if f, ok := readText(b.dir, name); ok {
			if loc := cobolCompile.FindIndex(f.Data); loc != nil {
				return detect.Is("make", f.Evidence(1+bytes.Count(f.Data[:loc[0]], []byte("\n"))))
			}
		}
	}
	return detect.Infer("none", "no build file compiles it", ev)
}

// needs reports what no free compiler brings, and the database behind it.
func (b *batch) needs(c *detect.Component, needs map[string]detect.Evidence) {
	messages := map[string]string{
		"cics": "The programs run in CICS, a transaction monitor of the mainframe: they must be rewritten, or moved onto a product that emulates it.",
		"ims":  "The programs call IMS, a database of the mainframe: its data must be moved, and the calls replaced.",
		"sql":  "The programs hold SQL that a precompiler must translate first, for the database that they are to use here.",
		"mq":   "The programs call IBM MQ: its client library is not free.",
	}
	var kinds []string
	for _, kind := range []string{"cics", "ims", "mq", "sql"} {
		e, ok := needs[kind]
		if !ok {
			continue
		}
		kinds = append(kinds, kind)
		c.Readiness = append(c.Readiness, detect.Readiness{ID: "mainframe-" + kind, Severity: "high", Message: messages[kind], Evidence: []detect.Evidence{e}})
		if kind == "sql" {
			c.Services = append(c.Services, detect.Service{Kind: "db2", Required: true, From: detect.Inferred, Why: "embedded SQL on the mainframe speaks to Db2", Evidence: []detect.Evidence{e}})
		}
	}
	if len(kinds) > 0 {
		c.Facts["unbuildable"] = detect.Infer(strings.Join(kinds, " "), "no free compiler brings it", needs[kinds[0]])
	}
}

// stem is the name that a program gets in the image: its PROGRAM-ID in small letters.
func (f *cobolFile) stem() string { return strings.ToLower(f.id) }
