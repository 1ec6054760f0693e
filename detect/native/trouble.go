package native

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	logPath    = manifest.Lazy(`(?i)^\s*["']?(\w*(?:log|pid|spool|cache|data|state|socket|db|stat)\w*)["']?\s*[=: ]\s*["']?(/(?:var|run|tmp|srv)/[\w./@{}-]+)`)
	inlineMake = manifest.Lazy(`\bmkdir\s*\(\s*"([\w./-]+)"`)
	syslogCall = manifest.Lazy(`\bopenlog\s*\(`)
	privilege  = manifest.Lazy(`\b(?:setuid|setgid|initgroups|chroot)\s*\(`)
	loopback   = manifest.Lazy(`(?i)^\s*(?:listen|bind|address|local_ip|server\.bind)\w*\s*[=: ]\s*"?(?:127\.0\.0\.1|localhost)"?`)
)

// trouble looks for what stands in the way of running well in a container, and for directories that are written.
func (u *unit) trouble(c *detect.Component) {
	add := func(id, severity, message string, ev ...detect.Evidence) {
		c.Readiness = append(c.Readiness, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
	}
	u.configured(c, add)
	if c.Role.V != detect.CLI {
		if h := grep(u.code, 1, syslogCall.Regexp(), "openlog"); len(h) > 0 {
			add("syslog", "medium", "It logs to the system log, which a container does not have: let it log to standard error.", h[0].evidence())
		}
		if h := grep(u.code, 1, privilege.Regexp(), "setuid", "setgid", "initgroups", "chroot"); len(h) > 0 {
			add("drops-privileges", "low", "It expects to start as root and to give that up: in a container it starts as an ordinary user.", h[0].evidence())
		}
	}
	if h := grep(u.code, 1, inlineMake.Regexp(), "mkdir"); len(h) > 0 && !strings.HasPrefix(h[0].match[1], "..") && strings.Trim(h[0].match[1], "./") != "" {
		c.Writes = append(c.Writes, detect.Infer(path.Clean(h[0].match[1]), "the program makes it", h[0].evidence()))
	}
	u.unpackaged(add)
	for _, s := range c.Services {
		if len(s.Env) == 0 && s.Required && s.Kind != "sqlite" {
			add("service-config-literal", "medium", "No variable was found that says where its "+s.Kind+" is: let the configuration read one.", s.Evidence...)
		}
	}
	if u.dir.Has(".gitmodules") {
		if p, ok := u.dir.Rel(".gitmodules"); ok {
			add("git-submodules", "medium", "Sources come from Git submodules: they must be there before the image is built.", detect.Evidence{File: p})
		}
	}
}

// configured reads the sample of the configuration for paths that are written and for the address that is listened on.
func (u *unit) configured(c *detect.Component, add func(id, severity, message string, ev ...detect.Evidence)) {
	for _, name := range u.others {
		if !strings.Contains(path.Base(name), ".conf") {
			continue
		}
		f, ok := u.read(name)
		if !ok || !strings.HasPrefix(path.Base(name), path.Base(u.program)) {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := logPath.FindStringSubmatch(text); m != nil && !strings.ContainsAny(m[2], "@{}") && len(c.Writes) < 8 {
				dir := path.Dir(path.Clean(m[2]))
				if dir != "/" && dir != "/var" && dir != "/run" && dir != "/tmp" && !strings.Contains(dir, "..") {
					c.Writes = appendOnce(c.Writes, detect.Infer(dir, "its configuration names it", f.Evidence(i+1)))
				}
				if strings.Contains(strings.ToLower(m[1]), "log") {
					add("log-to-file", "medium", "Its configuration sends the log to a file, where a container's user does not see it: log to standard error.", f.Evidence(i+1))
				}
			}
			if loopback.MatchString(text) && c.Role.V == detect.Web && !has(c.Readiness, "loopback-only") {
				add("loopback-only", "high", "Its configuration listens on the loopback address, where nothing outside of its container reaches it.", f.Evidence(i+1))
			}
		}
	}
}

func has(list []detect.Readiness, id string) bool {
	for _, r := range list {
		if r.ID == id {
			return true
		}
	}
	return false
}

// unpackaged reports libraries that CMake must find and Debian does not carry, as far as is known.
func (u *unit) unpackaged(add func(id, severity, message string, ev ...detect.Evidence)) {
	if u.system != "cmake" {
		return
	}
	for i, text := range strings.Split(string(u.build.Data), "\n") {
		m := findPackage.FindStringSubmatch(text)
		if m == nil || strings.HasPrefix(strings.TrimSpace(text), "#") || !strings.Contains(m[2], "REQUIRED") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "pkg_") {
			continue
		}
		if _, ok := byAsked(m[1]); !ok && !cmakeOwn[m[1]] {
			add("library-not-packaged", "high", "The build wants the library "+detect.Printable(m[1], 60)+", for which no Debian package is known: the image has to build it first.", u.build.Evidence(i+1))
		}
	}
}

// cmakeOwn are packages that CMake or the build's own tools bring.
var cmakeOwn = map[string]bool{"Threads": true, "PkgConfig": true, "Git": true, "Doxygen": true, "Perl": true, "Python": true, "Python3": true, "PythonInterp": true, "FLEX": true, "BISON": true, "Gettext": true, "Intl": true, "OpenMP": true, "GTest": true, "CUDA": true}

func appendOnce(list []detect.Value[string], v detect.Value[string]) []detect.Value[string] {
	for _, have := range list {
		if have.V == v.V {
			return list
		}
	}
	return append(list, v)
}
