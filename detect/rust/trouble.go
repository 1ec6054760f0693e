package rust

import (
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

func itoa(n int) string { return strconv.Itoa(n) }

var (
	writeCall = manifest.Lazy(`(?:create_dir(?:_all)?|File::create|fs::write)\(\s*"((?:\./)?[\w][\w./-]*)"`)
	loopback  = manifest.Lazy(`(?:bind|serve|listen|run|from)\w*\s*\(.{0,40}"(?:127\.0\.0\.1|localhost):`)
)

// trouble looks for what stands in the way of running well in a container, and for directories that are written.
func (p *project) trouble(c *detect.Component) {
	add := func(id, severity, message string, ev ...detect.Evidence) {
		c.Readiness = append(c.Readiness, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
	}
	if p.lockF.Path == "" {
		add("no-lockfile", "high", "There is no Cargo.lock: every build may take other versions. Commit one.", p.file.Evidence(0))
	}
	for _, h := range p.all(20, writeCall.Regexp(), "create_dir", "File::create", "fs::write") {
		dir := path.Clean(h.match[1])
		if !strings.Contains(h.text, "create_dir") {
			dir = path.Dir(dir)
		}
		if dir == "." || strings.HasPrefix(dir, "..") {
			continue
		}
		c.Writes = once(c.Writes, detect.Infer(dir, "the program writes there", h.evidence()))
	}
	for _, s := range c.Services {
		switch {
		case s.Kind == "sqlite" && s.Required:
			c.Writes = once(c.Writes, detect.Infer("data", "SQLite keeps its file there, or where the configuration says", s.Evidence...))
			add("embedded-database", "high", "SQLite keeps its data in a file of the container: it is gone with it unless a volume is mounted there, and one container alone can use it.", s.Evidence...)
		case relational[s.Kind] && s.Required && len(s.Env) == 0:
			add("database-config-literal", "high", "No variable was found that says where the database is: let the configuration read one.", s.Evidence...)
		}
	}
	if h, ok := p.grep(loopback.Regexp(), "127.0.0.1", "localhost"); ok && c.Role.V == detect.Web {
		add("loopback-only", "high", "It listens on the loopback address, where nothing outside of its container reaches it: listen on all addresses.", h.evidence())
	}
	if v, line, ok := p.cargo.Get("package", "edition"); (!ok || v == "2015") && c.LanguageVersion.From == detect.Default {
		if line == 0 {
			line = p.line()
		}
		add("old-edition", "low", "It is written in the edition of 2015, which Rust still compiles.", p.file.Evidence(line))
	}
	for _, name := range []string{"rust-toolchain", "rust-toolchain.toml"} {
		if f, ok := p.read(p.up() + name); ok && strings.Contains(string(f.Data), "nightly") {
			add("nightly-compiler", "high", "It wants a nightly compiler, of which there is no maintained image: find the features that it uses, and a release that has them.", f.Evidence(0))
			break
		}
	}
}

func once(list []detect.Value[string], v detect.Value[string]) []detect.Value[string] {
	for _, have := range list {
		if have.V == v.V {
			return list
		}
	}
	if len(list) >= 10 {
		return list
	}
	return append(list, v)
}
