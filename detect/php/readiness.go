package php

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	uploads     = manifest.Lazy(`move_uploaded_file\s*\(`)
	uploadDir   = manifest.Lazy(`["'](?:\./|/)?((?:[\w-]+/)*(?:uploads?|files|attachments?|media))/?["']`)
	fileSession = manifest.Lazy(`session_start\s*\(`)
	literalPass = manifest.Lazy(`(?:mysqli?_p?connect\s*\(\s*["'][^"']+["']\s*,\s*["'][^"']+["']\s*,\s*["'][^"']{3,}["']|new PDO\s*\([^,]+,\s*["'][^"']+["']\s*,\s*["'][^"']{3,}["'])`)
	settingPass = manifest.Lazy(`(?i)(?:define\s*\(\s*['"](?:DB_PASSWORD|DB_PASS|DBPASS)['"]\s*,|['"](?:password|db_password|db_pass|dbpass)['"]\s*(?:\]\s*=|=>))\s*['"]([^'"$%<{ |:]{6,})['"]`)
	settingFile = manifest.Lazy(`(?i)(?:^|/)(?:[\w.-]*(?:config|settings?|database|connect(?:ion)?|db)[\w.-]*|local)\.(?:php|inc)$|(?:^|/)(?:config|conf|configs)/[\w./-]+\.(?:php|inc)$`)
	notPassword = manifest.Lazy(`(?i)^(?:password|passwd|required|secret|string|hashed|changeme|change_me|your[\w-]*|xxx+|example|validate\w*|text|users?|passwords?|database|default|auth\w*|[*.x-]+|[*]+\w+[*]+|\w+_password|.*password_?here)$`)
	phpMail     = manifest.Lazy(`(?:^|[^\w>:])mail\s*\(`)
	absolute    = manifest.Lazy(`["'](/(?:opt|var/www|srv|home|mnt|data|usr/local)/[\w./-]+|[A-Z]:\\\\?[\w\\]+)["']`)
)

// writable are the directories that frameworks and content management systems write, by their documentation.
var writable = map[string][]string{
	"symfony": {"cache", "log"}, "codeigniter": {"writable", "application/cache", "application/logs", "system/application/cache"}, "cakephp": {"logs"},
	"yii": {"runtime", "web/assets", "protected/runtime", "assets"}, "wordpress": {"wp-content/uploads", "web/app/uploads"}, "zend": {"data"}, "slim": {"var", "logs", "cache", "tmp", "data"}, "none": {"data", "cache", "tmp", "logs", "uploads", "files", "upload", "images/uploads", "public/uploads"},
}

// created are those that need not be in the repository: the framework makes them.
var created = map[string]string{"wordpress": "wp-content/uploads"}

// made are the directories that a framework writes and mostly keeps out of the repository.
func (a *app) made(framework, release string) []string {
	switch framework {
	case "symfony":
		if a.dir.HasDir("var") || !a.dir.Has("app/console") && (release == "" || compare(release, "3") >= 0) {
			return []string{"var"}
		}
		return []string{"app/cache", "app/logs"}
	case "cakephp":
		if release != "" && compare(release, "3") >= 0 {
			return []string{"tmp", "logs"}
		}
		if a.dir.HasDir("app/webroot") {
			return []string{"app/tmp"}
		}
		return []string{"tmp"}
	case "laravel":
		switch {
		case release != "" && compare(release, "5") < 0:
			return []string{"app/storage"}
		case a.dir.HasDir("bootstrap"):
			return []string{"storage", "bootstrap/cache"}
		}
		return []string{"storage"}
	case "drupal":
		return []string{path.Join(a.docroot, "sites/default/files")}
	case "yii":
		if release != "" && compare(release, "2") < 0 {
			return []string{"protected/runtime", path.Join(a.docroot, "assets")}
		}
		if strings.HasSuffix(a.docroot, "web") {
			return []string{path.Join(path.Dir(a.docroot), "runtime"), a.docroot + "/assets"}
		}
	case "codeigniter":
		if a.application != "" && a.application != "." {
			return []string{a.application + "/cache", a.application + "/logs"}
		}
	}
	return nil
}

// emptied are directories that the repository keeps without contents, by a .gitignore for all of them or by a
// file that says nothing under a name of what programs write.
func (a *app) emptied() []detect.Value[string] {
	var out []detect.Value[string]
	for _, f := range a.kept {
		dir := path.Dir(f)
		if top, _, _ := strings.Cut(dir, "/"); dir == "." || top == "vagrant" || top == "docker" || top == "tools" || len(out) >= 16 || !directoryName.MatchString(dir) {
			continue
		}
		file, err := a.dir.Read(f)
		if err != nil || len(file.Data) > 4096 {
			continue
		}
		all := path.Base(f) == ".gitignore" && (string(bytes.TrimSpace(file.Data)) == "*" || bytes.HasPrefix(file.Data, []byte("*\n")) || bytes.HasPrefix(file.Data, []byte("*\r\n")))
		if !all && (!writtenName.MatchString(path.Base(dir)) || !a.alone(dir)) {
			continue
		}
		out = append(out, detect.Infer(dir, "the repository keeps it without contents", file.Evidence(0)))
	}
	return out
}

var writtenName = manifest.Lazy(`(?i)^(?:caches?|te?mp|logs?|uploads?|files|store|storage|sessions?|data|media|attachments?|avatars?|thumbs?|thumbnails|backups?|exports?|runtime|writable|var|compiled|templates_c|compile)$`)

// alone reports whether a directory holds nothing but what keeps it there.
func (a *app) alone(dir string) bool {
	sub, ok := a.dir.Sub(dir)
	if !ok {
		return false
	}
	for f := range sub.Files() {
		if kindOf(f) != placeholder {
			return false
		}
	}
	return true
}

// readiness looks for what stands in the way of running well in a container, and for the directories that are written.
func (a *app) readiness(c *detect.Component) {
	add := func(id, severity, message string, ev ...detect.Evidence) {
		c.Readiness = append(c.Readiness, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
	}
	for _, dir := range a.made(c.Framework.V, c.FrameworkVersion.V) {
		c.Writes = append(c.Writes, detect.Infer(dir, c.Framework.V+" writes there", firstOf(c.Framework.Evidence)...))
	}
	for _, dir := range writable[c.Framework.V] {
		if a.dir.HasDir(dir) || created[c.Framework.V] == dir && !(dir == "wp-content/uploads" && !a.dir.HasDir("wp-content")) {
			c.Writes = append(c.Writes, detect.Infer(dir, "the application writes there", firstOf(c.Framework.Evidence)...))
		}
	}
	c.Writes = append(append(c.Writes, a.written...), a.emptied()...)
	if h, ok := a.first(uploads.Regexp(), "move_uploaded_file"); ok {
		add("local-file-storage", "high", "Uploads are kept on the local disk. They stay in the container and are gone with it: mount a volume there or store them elsewhere.", h.evidence())
		for _, d := range a.grep([]string{h.name}, uploadDir.Regexp(), 1, "upload", "files", "attach", "media") {
			if dir := strings.Trim(d.m[1], "/"); dir != "" && !strings.Contains(dir, "..") && a.dir.HasDir(dir) {
				c.Writes = append(c.Writes, detect.Infer(dir, "uploads are stored there", d.evidence()))
			}
		}
	}
	if h, ok := a.first(fileSession.Regexp(), "session_start"); ok && c.Framework.V == "none" {
		add("in-memory-sessions", "medium", "PHP keeps sessions in files of one container: a second one does not see them. Use session.save_handler with Redis, or sticky sessions.", h.evidence())
	}
	if h, ok := a.literalPassword(); ok {
		add("secret-committed", "high", "A password is written in the code: change it, and read it from a variable.", detect.Evidence{File: h.file.Path, Line: h.line})
		add("database-config-literal", "high", "The address of the database is written in the code and no variable changes it: let it read variables.", detect.Evidence{File: h.file.Path, Line: h.line})
	}
	if h, ok := a.first(logFile.Regexp(), "useFiles", "useDailyFiles", "FileLog", "StreamHandler", "error_log"); ok {
		add("logs-to-files", "medium", "The log is written to a file. Write it to standard error, where every platform collects it.", h.evidence())
	} else if h := a.grep(a.ordered(), logPath.Regexp(), 1, "kernel.log"); len(h) > 0 {
		add("logs-to-files", "medium", "The log is written to a file. Write it to php://stderr, where every platform collects it.", h[0].evidence())
	}
	if h, ok := a.first(phpMail.Regexp(), "mail"); ok && c.Framework.V == "none" {
		add("local-mail", "medium", "mail() hands messages to a mail program of the machine, and a container has none: send them by SMTP.", h.evidence())
	}
	if h, ok := a.first(absolute.Regexp(), "/opt/", "/var/www", "/srv/", "/home/", "/mnt/", "/data/", "/usr/local/", ":\\"); ok {
		add("absolute-path", "medium", "A directory of one machine is written in the code. Make it a setting, or mount a volume at that path.", h.evidence())
	}
	if a.closed.Set() {
		add("private-registry", "medium", "Packages come from "+a.closed.V+", which is not public: the build needs a login for it (auth.json).", a.closed.Evidence...)
	}
	c.Writes = a.outermost(c, once(c.Writes))
	if f, err := a.dir.Read("composer.json"); err == nil && !a.dir.Has("composer.lock") && !a.dir.Has("vendor/autoload.php") {
		add("missing-lock-file", "medium", "There is no composer.lock: tomorrow's build takes other versions than today's. Commit it.", f.Evidence(0))
	}
}

var (
	logFile = manifest.Lazy(`\buse(?:Daily)?Files\s*\(|FileLog::class|['"]FileLog['"]|new \\?(?:Monolog\\Handler\\)?(?:RotatingFile|Stream)Handler\s*\((?:[^'"]*['"])?[^'"p]|\berror_log\s*\([^,]+,\s*3\s*,`)
	logPath = manifest.Lazy(`path:\s*['"]?%kernel\.logs?_dir%`)
)

// literalPassword is a password in the code: given to a call that connects, or in a file of settings.
func (a *app) literalPassword() (hit, bool) {
	sample := func(name string) bool {
		for _, word := range []string{"sample", "example", "default", "dist", "install"} {
			if strings.Contains(strings.ToLower(name), word) {
				return true
			}
		}
		return false
	}
	for _, h := range a.grep(a.files, literalPass.Regexp(), 5, "connect", "PDO") {
		if !sample(h.name) {
			return h, true
		}
	}
	for _, name := range a.files {
		if sample(name) || !settingFile.MatchString(name) {
			continue
		}
		for _, h := range a.grep([]string{name}, settingPass.Regexp(), 5, "password", "PASSWORD", "db_pass", "dbpass", "DB_PASS") {
			if !notPassword.MatchString(h.m[1]) {
				return h, true
			}
		}
	}
	return hit{}, false
}

func firstOf(ev []detect.Evidence) []detect.Evidence { return ev[:min(1, len(ev))] }

// outermost keeps the directories that lie in no other one. Those that do are told apart: the image makes them, and no volume of
// its own is needed for them.
func (a *app) outermost(c *detect.Component, list []detect.Value[string]) []detect.Value[string] {
	var out []detect.Value[string]
	var below []string
	var ev []detect.Evidence
	for _, v := range list {
		if strings.HasPrefix(a.docroot+"/", v.V+"/") {
			continue // what is served is not what is written
		}
		if slices.ContainsFunc(list, func(o detect.Value[string]) bool { return strings.HasPrefix(v.V, o.V+"/") }) {
			below, ev = append(below, v.V), append(ev, firstOf(v.Evidence)...)
			continue
		}
		out = append(out, v)
	}
	if len(below) > 0 {
		c.Facts["directories"] = detect.Infer(strings.Join(below, " "), "the application expects them in the directories that it writes", ev...)
	}
	return out
}

// once keeps the first of the findings of each directory.
func once(list []detect.Value[string]) []detect.Value[string] {
	seen := map[string]bool{}
	var out []detect.Value[string]
	for _, v := range list {
		if !seen[v.V] {
			seen[v.V] = true
			out = append(out, v)
		}
	}
	return out
}
