package golang

import (
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

func itoa(n int) string { return strconv.Itoa(n) }

// troubles collects what stands in the way and which directories are written.
type troubles struct {
	list   []detect.Readiness
	writes []detect.Value[string]
}

func (t *troubles) add(id, severity, message string, ev ...detect.Evidence) {
	t.list = append(t.list, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
}

func (t *troubles) write(v detect.Value[string]) {
	v.V = path.Clean(v.V)
	for _, have := range t.writes {
		if have.V == v.V {
			return
		}
	}
	if len(t.writes) < 12 {
		t.writes = append(t.writes, v)
	}
}

// trouble looks for what stands in the way of running well in a container.
func (p *project) trouble(x *prog, c detect.Component) *troubles {
	t := &troubles{}
	p.written(t, x)
	p.database(t, x, c)
	p.listening(t, x)
	p.lockTrouble(t, x)
	return t
}

var (
	writeCall  = manifest.Lazy(`(?:os\.(?:MkdirAll|Mkdir|Create|OpenFile)|(?:ioutil|os)\.WriteFile)\(\s*(?:filepath\.Join\(\s*|path\.Join\(\s*)?"((?:\./)?[\w][\w./-]*)"`)
	sqlitePath = manifest.Lazy(`(?:"sqlite3?"\s*,\s*|sqlite\.Open\(\s*)"(?:file:)?([\w./-]+)`)
	logFile    = manifest.Lazy(`Filename:\s*"([\w./-]+\.log)"|SetLogger\([^)]*filename[^)]*?([\w./-]+\.log)|OpenFile\(\s*"([\w./-]+\.log)"`)
)

// written finds directories that the code writes by a name in quotes.
func (p *project) written(t *troubles, x *prog) {
	for _, h := range hits(importing(x.files, "os", "io/ioutil", "gopkg.in/natefinch/lumberjack.v2", "github.com/astaxie/beego/", "github.com/astaxie/beego"), 300, "os.MkdirAll(", "os.Mkdir(", "os.Create(", "os.OpenFile(", "WriteFile(", "Filename:", "SetLogger(") {
		if m := logFile.FindStringSubmatch(h.text); m != nil {
			file := m[1] + m[2] + m[3]
			if dir := path.Dir(file); dir != "." && !strings.HasPrefix(dir, "/") && !strings.HasPrefix(dir, "..") {
				t.write(detect.Infer(dir, "the log is written there", h.evidence()))
			}
			t.add("log-to-file", "medium", "A log goes to the file "+detect.Printable(file, 80)+", where a container's user does not see it: log to standard output.", h.evidence())
			continue
		}
		m := writeCall.FindStringSubmatch(h.text)
		if m == nil || strings.Contains(h.text, "O_RDONLY") {
			continue
		}
		dir, what := path.Clean(m[1]), h.text
		if !strings.Contains(what, "Mkdir") {
			dir = path.Dir(dir)
		}
		if dir == "." || strings.HasPrefix(dir, "..") {
			continue
		}
		t.write(detect.Infer(dir, "the program writes there", h.evidence()))
		if uploads(dir) {
			t.add("local-file-storage", "high", "Files are stored in "+detect.Printable(dir, 80)+" of the container and are gone with it: mount a volume there or store them elsewhere.", h.evidence())
		}
	}
}

func uploads(dir string) bool {
	for _, part := range strings.Split(strings.ToLower(dir), "/") {
		switch part {
		case "upload", "uploads", "files", "attachments", "avatars", "media", "data", "storage":
			return true
		}
	}
	return false
}

// database reports a database in a file, and one whose address no variable changes.
func (p *project) database(t *troubles, x *prog, c detect.Component) {
	for _, s := range c.Services {
		switch {
		case s.Kind == "sqlite" && s.Required:
			dir, ev := "data", s.Evidence
			why := "SQLite keeps its file there, or where the configuration says"
			if h := hits(x.files, 50, `"sqlite`, "sqlite.Open("); len(h) > 0 {
				for _, one := range h {
					if m := sqlitePath.FindStringSubmatch(one.text); m != nil && !strings.Contains(m[1], "memory") {
						dir, ev, why = path.Dir(strings.TrimPrefix(m[1], "./")), []detect.Evidence{one.evidence()}, "SQLite keeps its file there"
						break
					}
				}
			}
			if dir == "." || strings.HasPrefix(dir, "..") {
				dir = "data"
			}
			t.write(detect.Infer(dir, why, ev...))
			t.add("embedded-database", "high", "SQLite keeps its data in a file of the container: it is gone with it unless a volume is mounted there, and one container alone can use it.", s.Evidence...)
		case relational[s.Kind] && s.Required && len(s.Env) == 0:
			t.add("database-config-literal", "high", "No variable was found that says where the database is: let the configuration read one.", s.Evidence...)
		}
	}
}

// listening reports an address that nothing outside of the container reaches.
func (p *project) listening(t *troubles, x *prog) {
	for _, h := range hits(x.serving(), 200, `"localhost:`, `"127.0.0.1:`) {
		if listens(h.text) {
			t.add("loopback-only", "high", "It listens on the loopback address, where nothing outside of its container reaches it: listen on all addresses.", h.evidence())
			return
		}
	}
}

// lockTrouble looks at where dependencies come from.
func (p *project) lockTrouble(t *troubles, x *prog) {
	ev := x.role.Evidence
	if p.build.Set() {
		ev = p.build.Evidence
	}
	switch {
	case p.mode == "init":
		t.add("no-lockfile", "high", "Nothing names the versions of the packages that it imports: every build takes the newest. Commit a go.mod and go.sum.", ev...)
	case p.mode == "modules" && !p.dir.Has("go.sum") && len(p.mod.requires) > 0 && !p.vendorModules():
		t.add("no-lockfile", "medium", "There is no go.sum: nothing proves that a build gets the same packages. Commit one.", ev...)
	case p.mode == "convert":
		t.add("dependency-tool-retired", "medium", "The versions stand in a lock file of a retired tool: the build makes a go.mod of it. Commit one instead.", ev...)
	case p.mode == "gopath" && p.outside():
		t.add("gopath-build", "low", "It is built the way of before modules, from the packages in its vendor folder: a go.mod would keep them up to date.", ev...)
	}
	if p.mod != nil {
		for _, r := range p.localReplace {
			if strings.HasPrefix(path.Clean(r.with), "..") && p.dir.Path == "." || strings.HasPrefix(r.with, "/") {
				t.add("replace-outside", "high", "A module is taken from a directory outside of the repository, which no build elsewhere has.", p.modFile.Evidence(r.line))
			}
		}
		p.privateModules(t)
	}
}

// privateModules reports modules of servers that are no public ones.
func (p *project) privateModules(t *troubles) {
	hosts, ev := p.privateHosts()
	if len(hosts) > 0 && !p.vendorModules() {
		t.add("private-registry", "medium", "Modules come from "+detect.Printable(strings.Join(hosts, ", "), 100)+": the build must reach it, with its credentials as the build secret netrc.", ev...)
	}
}

// privateHosts are the hosts of required modules that are no public ones by their names: "git.corp.example".
func (p *project) privateHosts() (hosts []string, ev []detect.Evidence) {
	if p.mod == nil {
		return nil, nil
	}
	for _, r := range p.mod.requires {
		host, _, _ := strings.Cut(r.path, "/")
		private := strings.HasPrefix(host, "git.") || strings.HasPrefix(host, "gitlab.") && host != "gitlab.com" || strings.HasPrefix(host, "bitbucket.") && host != "bitbucket.org" ||
			strings.HasPrefix(host, "stash.") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".corp")
		if private && !slices.Contains(hosts, host) && plainImport(host) && len(hosts) < 10 {
			hosts, ev = append(hosts, host), append(ev, p.modFile.Evidence(r.line))
		}
	}
	return hosts, ev
}

// data are endings of files that programs read while they run.
var data = map[string]bool{
	".html": true, ".tmpl": true, ".tpl": true, ".gohtml": true, ".gotmpl": true, ".css": true, ".js": true, ".json": true, ".ini": true, ".conf": true, ".yml": true, ".yaml": true, ".toml": true,
	".sql": true, ".txt": true, ".xml": true, ".properties": true, ".png": true, ".jpg": true, ".svg": true, ".ico": true, ".po": true, ".mo": true, ".csv": true, ".jet": true, ".mustache": true, ".hbs": true, ".md": true,
}

// readsByDefault are directories that frameworks read without the code naming them.
var readsByDefault = map[string][]string{"beego": {"conf", "views", "static"}, "macaron": {"templates", "public"}}

// runtimeFiles are the directories and configuration files at the top that the program's code names.
func (p *project) runtimeFiles(x *prog) (detect.Value[string], bool) {
	names := p.dataAtTop()
	var out []string
	var evidence []detect.Evidence
	fw := p.framework(x).name
	for _, top := range names {
		if ev, ok := p.namesPath(x, top); ok {
			out, evidence = append(out, top), append(evidence, ev)
			continue
		}
		for _, d := range readsByDefault[fw.V] {
			if d == top {
				out, evidence = append(out, top), append(evidence, fw.Evidence...)
			}
		}
	}
	if len(out) == 0 || len(out) > 30 {
		return detect.Value[string]{}, false
	}
	return detect.Infer(strings.Join(out, " "), "the code names them", evidence[:min(len(evidence), 6)]...), true
}

// dataAtTop are the directories and files at the top of the unit that hold something a program could read, sorted.
func (p *project) dataAtTop() []string {
	if p.tops != nil {
		return p.tops
	}
	tops := map[string]bool{}
	for name := range p.dir.Files() {
		first, rest, below := strings.Cut(name, "/")
		if !below {
			if data[path.Ext(name)] && path.Ext(name) != ".md" && !strings.HasPrefix(name, ".") {
				tops[name] = true
			}
			continue
		}
		if !tops[first] && data[path.Ext(rest)] && detect.Ours(first) && plainName.MatchString(first) && first != "vendor" && first != "Godeps" {
			tops[first] = true
		}
	}
	p.tops = make([]string, 0, len(tops))
	for top := range tops {
		if p.unit.has[top] && !usualData[top] {
			continue // a package: its name in quotes means something else
		}
		if plainName.MatchString(top) && !unneeded[top] {
			p.tops = append(p.tops, top)
		}
	}
	sort.Strings(p.tops)
	return p.tops
}

// usualData are names under which data is kept beside code.
var usualData = map[string]bool{"templates": true, "template": true, "views": true, "public": true, "static": true, "assets": true, "conf": true, "config": true, "configs": true, "web": true, "ui": true,
	"i18n": true, "locale": true, "locales": true, "migrations": true, "migration": true, "data": true, "sql": true, "resources": true, "themes": true}

// unneeded are files that tools read.
var unneeded = map[string]bool{"package.json": true, "package-lock.json": true, "tsconfig.json": true, "glide.yaml": true, "codecov.yml": true, "docker-compose.yml": true, "bower.json": true, "node_modules": true, "composer.json": true, "vendor": true, "go.mod": true, "renovate.json": true, "app.json": true, "Makefile": true}

// namesPath finds a string of the code that begins with a name of the directory.
func (p *project) namesPath(x *prog, top string) (detect.Evidence, bool) {
	forms := []string{`"` + top + `"`, `"` + top + `/`, `"./` + top, "`" + top, `"/` + top + `/`}
	for _, h := range hits(x.files, 2000, `"`+top, "`"+top, `"./`+top, `"/`+top) {
		if !slices.ContainsFunc(forms, func(f string) bool { return strings.Contains(h.text, f) }) {
			continue
		}
		if strings.HasPrefix(h.text, "import") || strings.HasPrefix(h.text, `"`) && !strings.HasSuffix(h.text, ",") || strings.HasPrefix(h.text, "_ \"") || strings.HasPrefix(h.text, "package ") {
			continue
		}
		return h.evidence(), true
	}
	return detect.Evidence{}, false
}
