package php

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	uploads     = manifest.Lazy(`move_uploaded_file\s*\(`)
	uploadDir   = manifest.Lazy(`["'](?:\./|/)?((?:[\w-]+/)*(?:uploads?|files|attachments?|media))/?["']`)
	fileSession = manifest.Lazy(`session_start\s*\(`)
	literalPass = manifest.Lazy(`(?:mysqli?_p?connect\s*\(\s*["'][^"']+["']\s*,\s*["'][^"']+["']\s*,\s*["'][^"']{3,}["']|new PDO\s*\([^,]+,\s*["'][^"']+["']\s*,\s*["'][^"']{3,}["']|['"](?:password|DB_PASSWORD|db_pass)['"]\s*(?:=>|,)\s*['"][^'"$]{6,}['"])`)
	phpMail     = manifest.Lazy(`(?:^|[^\w>:])mail\s*\(`)
	absolute    = manifest.Lazy(`["'](/(?:opt|var/www|srv|home|mnt|data|usr/local)/[\w./-]+|[A-Z]:\\\\?[\w\\]+)["']`)
)

// writable are the directories that frameworks and content management systems write, by their documentation.
var writable = map[string][]string{
	"laravel": {"storage", "bootstrap/cache", "app/storage"}, "symfony": {"var", "app/cache", "app/logs", "cache", "log"}, "codeigniter": {"writable", "application/cache", "application/logs", "system/application/cache"}, "cakephp": {"tmp", "logs", "app/tmp"},
	"yii": {"runtime", "web/assets", "protected/runtime", "assets"}, "wordpress": {"wp-content/uploads", "web/app/uploads"}, "drupal": {"sites/default/files", "web/sites/default/files"}, "zend": {"data"}, "none": {"data", "cache", "tmp", "logs", "uploads", "files", "upload", "images/uploads", "public/uploads"},
}

// created are those that need not be in the repository: the framework makes them.
var created = map[string]string{"laravel": "storage", "symfony": "var", "wordpress": "wp-content/uploads", "drupal": "sites/default/files", "cakephp": "tmp"}

// readiness looks for what stands in the way of running well in a container, and for the directories that are written.
func (a *app) readiness(c *detect.Component) {
	add := func(id, severity, message string, ev ...detect.Evidence) {
		c.Readiness = append(c.Readiness, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
	}
	for _, dir := range writable[c.Framework.V] {
		if a.dir.HasDir(dir) || created[c.Framework.V] == dir && c.Framework.V != "symfony" && !(dir == "sites/default/files" && a.docroot != ".") && !(dir == "wp-content/uploads" && !a.dir.HasDir("wp-content")) {
			c.Writes = append(c.Writes, detect.Infer(dir, "the application writes there", firstOf(c.Framework.Evidence)...))
		}
	}
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
	if h, ok := a.first(literalPass.Regexp(), "connect", "PDO", "password", "DB_PASSWORD", "db_pass"); ok && !strings.Contains(h.name, "sample") && !strings.Contains(h.name, "example") && !strings.Contains(h.name, "default") {
		add("secret-committed", "high", "A password is written in the code: change it, and read it from a variable.", detect.Evidence{File: h.file.Path, Line: h.line})
		add("database-config-literal", "high", "The address of the database is written in the code and no variable changes it: let it read variables.", detect.Evidence{File: h.file.Path, Line: h.line})
	}
	if h, ok := a.first(phpMail.Regexp(), "mail"); ok && c.Framework.V == "none" {
		add("local-mail", "medium", "mail() hands messages to a mail program of the machine, and a container has none: send them by SMTP.", h.evidence())
	}
	if h, ok := a.first(absolute.Regexp(), "/opt/", "/var/www", "/srv/", "/home/", "/mnt/", "/data/", "/usr/local/", ":\\"); ok {
		add("absolute-path", "medium", "A directory of one machine is written in the code. Make it a setting, or mount a volume at that path.", h.evidence())
	}
	c.Writes = once(c.Writes)
	if f, err := a.dir.Read("composer.json"); err == nil && !a.dir.Has("composer.lock") && !a.dir.Has("vendor/autoload.php") {
		add("missing-lock-file", "medium", "There is no composer.lock: tomorrow's build takes other versions than today's. Commit it.", f.Evidence(0))
	}
}

func firstOf(ev []detect.Evidence) []detect.Evidence { return ev[:min(1, len(ev))] }

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
