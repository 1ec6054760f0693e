package python

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	mediaRoot   = manifest.Lazy(`^(?:MEDIA_ROOT|UPLOAD_FOLDER|UPLOADS?_DIR\w*|UPLOADED_\w+_DEST)\s*=\s*.*?["']([\w./-]+)["']`)
	uploadKey   = manifest.Lazy(`["']UPLOAD_FOLDER["']\]\s*=\s*.*?["']([\w./-]+)["']`)
	fileLog     = manifest.Lazy(`(?:RotatingFileHandler|FileHandler|WatchedFileHandler)\b`)
	localMemory = manifest.Lazy(`locmem\.LocMemCache|SESSION_ENGINE\s*=\s*["'].*(?:cache|file)["']|SESSION_TYPE["']?\]?\s*=\s*["']filesystem["']|SimpleCache\(`)
	debugOn     = manifest.Lazy(`^DEBUG\s*=\s*True\b`)
	hardSecret  = manifest.Lazy(`^\s*(?:SECRET_KEY|app\.secret_key|app\.config\[["']SECRET_KEY["']\])\s*=\s*["'][^"'$%{]{8,}["']`)
	absolute    = manifest.Lazy(`["'](/(?:opt|var|srv|home|mnt|data|usr/local)/[\w./-]+)["']`)
	logFile     = manifest.Lazy(`["']([\w./-]+\.log)["']`)
	logFolder   = manifest.Lazy(`(?i)^LOG\w*\s*=\s*os\.path\.join\([^"']*["'](\w+)["']\s*\)`)
	staticRoot  = manifest.Lazy(`^STATIC_ROOT\s*=`)
)

// readiness looks for what stands in the way of running well in a container, and for the directories that are written.
func (a *app) readiness(c *detect.Component) {
	add := func(id, severity, message string, ev ...detect.Evidence) {
		c.Readiness = append(c.Readiness, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
	}
	settings := a.files
	if len(a.settings) > 0 {
		settings = a.settings
	}
	for _, re := range []hitFinder{{mediaRoot, []string{"MEDIA_ROOT", "UPLOAD"}}, {uploadKey, []string{"UPLOAD_FOLDER"}}} {
		for _, h := range a.grep(settings, re.re, 1, re.hints...) {
			dir := strings.Trim(h.m[1], "./")
			if root := a.importRoot(); root != "." && dir != "" && !strings.HasPrefix(h.m[1], "/") {
				dir = root + "/" + dir
			}
			if dir != "" && !strings.Contains(dir, "..") && !strings.HasPrefix(h.m[1], "/") {
				c.Writes = append(c.Writes, detect.Infer(dir, "uploads are stored there", h.evidence()))
			}
			add("local-file-storage", "high", "Uploads are kept on the local disk. They stay in the container and are gone with it: mount a volume there or store them elsewhere.", h.evidence())
		}
	}
	if v, ok := c.Facts["sqliteFile"]; ok {
		if dir, sub := parent(v.V); sub {
			c.Writes = append(c.Writes, detect.Infer(dir, "SQLite keeps its file there", v.Evidence...))
		}
		add("embedded-database", "high", "SQLite keeps its data in a file of the container: it is gone with it unless a volume is mounted there, and one container alone can use it.", v.Evidence...)
	}
	if h := a.grep(settings, fileLog, 1, "FileHandler"); len(h) > 0 {
		a.logDirectory(c, settings)
		add("logs-to-files", "medium", "The log is written to a file. Write it to standard output, where every platform collects it.", h[0].evidence())
	}
	if h := a.grep(settings, localMemory, 1, "LocMemCache", "SESSION_", "SimpleCache"); len(h) > 0 {
		add("in-memory-state", "medium", "State is kept in the memory or the files of one process: a second container does not see it. Use a shared cache or database.", h[0].evidence())
	}
	if h := a.grep(settings, debugOn, 1, "DEBUG"); len(h) > 0 && rank(h[0].name) < 9 {
		add("debug-on", "high", "DEBUG is on in the settings: errors show the code and its values to everyone. Read it from a variable, off by default.", h[0].evidence())
	}
	if h := a.grep(settings, hardSecret, 1, "SECRET_KEY", "secret_key"); len(h) > 0 && rank(h[0].name) < 9 {
		add("secret-committed", "high", "The key that signs sessions is in the repository: change it, and read it from a variable.", h[0].evidence())
	}
	h := a.grep(settings, absolute, 20, "/opt/", "/var/", "/srv/", "/home/", "/mnt/", "/data/", "/usr/local/")
	h = slices.DeleteFunc(slices.Clone(h), func(h hit) bool { return strings.HasPrefix(h.m[1]+"/", "/opt/ml/") }) // the platform's own
	if len(h) > 0 {
		add("absolute-path", "medium", "A directory of one machine is written in the code. Make it a setting, or mount a volume at that path.", h[0].evidence())
	}
	a.unlocked(c, add)
	a.requirementTrouble(c, add)
	a.staticFiles(c, add)
}

// staticFiles says whether collectstatic is run in the build: where something in the container serves what it puts together.
func (a *app) staticFiles(c *detect.Component, add func(id, severity, message string, ev ...detect.Evidence)) {
	if a.framework.V != "django" || a.manage == "" {
		return
	}
	h := a.grep(a.settings, staticRoot, 1, "STATIC_ROOT")
	if len(h) == 0 {
		return
	}
	if d, ok := a.has("whitenoise", "dj-static", "django-pipeline-forgiving"); ok {
		c.Facts["staticfiles"] = detect.Infer("true", d.name+" serves what collectstatic puts together", h[0].evidence())
		return
	}
	add("static-files-outside", "medium", "Django does not serve its static files in production, and no package does (whitenoise): put a web server before it, or add one.", h[0].evidence())
}

// abandoned are packages whose makers have stopped, with what took their place. Sources: their pages in the package index.
var abandoned = []struct{ dep, successor string }{
	{"mysql-python", "mysqlclient, which is imported under the same name: this one does not compile against the client library of MariaDB"}, {"pil", "Pillow, which is imported under the same name"}, {"pycrypto", "pycryptodome, which is imported under the same name"},
	{"south", "the migrations of Django 1.7 and later"}, {"django-celery", "Celery 4, which knows Django by itself"}, {"suds", "zeep"}, {"pylons", "Pyramid"}, {"nose", "pytest"}, {"python-openid", "python3-openid"}, {"m2crypto", "cryptography"},
}

// requirementTrouble reports what stands in the way of installing the dependencies.
func (a *app) requirementTrouble(c *detect.Component, add func(id, severity, message string, ev ...detect.Evidence)) {
	if v, ok := c.Facts["privateIndex"]; ok {
		add("private-registry", "medium", "Packages come from an index of one's own: the build needs its address and credentials in the secret pip_conf (a pip.conf).", v.Evidence...)
	}
	var told []string
	var places []detect.Evidence
	for _, x := range abandoned {
		if d, ok := a.has(x.dep); ok && d.direct && len(d.evidence) > 0 {
			told = append(told, d.name+" (its successor: "+x.successor+")")
			places = append(places, d.evidence[0])
		}
	}
	if len(told) > 0 {
		add("abandoned-package", "medium", "Nobody maintains these packages any more: "+strings.Join(told, ", ")+".", places...)
	}
	if v, ok := c.Facts["gitRequirements"]; ok {
		add("dependency-from-git", "low", "A dependency comes from a Git repository: the build needs access to it, and gets another commit when the branch moves.", v.Evidence...)
	}
}

// logDirectory adds the directory that log files are written to, when it is one of the project.
func (a *app) logDirectory(c *detect.Component, settings []string) {
	for _, h := range a.grep(settings, logFile, 3, ".log") {
		dir := path.Dir(strings.Trim(h.m[1], "./"))
		if dir != "." && !path.IsAbs(h.m[1]) && !strings.Contains(dir, "..") {
			if root := a.importRoot(); root != "." {
				dir = path.Join(root, dir)
			}
			c.Writes = append(c.Writes, detect.Infer(dir, "log files are written there", h.evidence()))
			return
		}
	}
	for _, h := range a.grep(settings, logFolder, 1, "log") {
		c.Writes = append(c.Writes, detect.Infer(path.Join(a.importRoot(), h.m[1]), "log files are written there", h.evidence()))
		return
	}
}

type hitFinder struct {
	re    *manifest.Pattern
	hints []string
}

// unlocked reports dependencies without exact versions.
func (a *app) unlocked(c *detect.Component, add func(id, severity, message string, ev ...detect.Evidence)) {
	if _, ok := c.Facts["lockfile"]; ok || len(a.deps) == 0 {
		return
	}
	loose := 0
	var ev []detect.Evidence
	for _, name := range sortedNames(a.deps) {
		if d := a.deps[name]; d.direct && d.from != detect.Locked {
			loose++
			if len(ev) < 3 {
				ev = append(ev, d.evidence[:min(1, len(d.evidence))]...)
			}
		}
	}
	if loose > 0 && len(ev) > 0 {
		add("missing-lock-file", "medium", "Dependencies without exact versions: tomorrow's build takes others than today's, and for old code newer ones often do not work. Pin them (pip freeze, pip-compile).", ev...)
	}
}

// parent is the directory of a path; false: it has none.
func parent(p string) (string, bool) {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return "", false
	}
	return p[:i], true
}

func sortedNames(deps map[string]dep) []string { return slices.Sorted(maps.Keys(deps)) }
