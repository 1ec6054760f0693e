package php

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// pkg is a Composer package.
type pkg struct {
	constraint, version string
	from                detect.Origin
	at                  place
	evidence            []detect.Evidence
}

// place is a line of a file. Reading it costs more than a lock file's hundreds of packages, of which few matter, are worth.
type place struct {
	file detect.File
	line int
}

// proved is a package with its proof.
func (p pkg) proved() pkg {
	if p.at.line > 0 {
		p.evidence = append([]detect.Evidence{p.at.file.Evidence(p.at.line)}, p.evidence...)
	}
	return p
}

// constraint is what a manifest says of PHP.
type constraint struct {
	spec     string
	exact    string // config.platform.php
	evidence []detect.Evidence
}

var versionPart = manifest.Lazy(`(>=|<=|<|>|\^|~|!=|==|=)?\s*v?(\d+(?:\.\d+)*)(?:\.\*)?`)

// lowest is the version that a constraint begins with.
func lowest(spec string) string {
	for _, m := range versionPart.FindAllStringSubmatch(spec, 12) {
		if m[1] != "<" && m[1] != "<=" && m[1] != "!=" {
			return m[2]
		}
	}
	return ""
}

// allows reports whether a constraint lets a version in: alternatives are separated by ||, parts of one by spaces or commas.
func allows(spec, version string) bool {
	if spec == "" {
		return true
	}
	for _, alternative := range strings.Split(strings.ReplaceAll(spec, "||", "|"), "|") {
		ok := true
		for _, m := range versionPart.FindAllStringSubmatch(alternative, 12) {
			d := compare(minor(version), minor(m[2]))
			switch m[1] {
			case ">=":
				ok = ok && d >= 0
			case ">":
				ok = ok && d >= 0
			case "<":
				ok = ok && d < 0
			case "<=":
				ok = ok && d <= 0
			case "!=":
			case "~":
				if strings.Count(m[2], ".") < 2 {
					ok = ok && d >= 0 && major(version) == major(m[2])
				} else {
					ok = ok && d == 0
				}
			case "^":
				ok = ok && d >= 0 && major(version) == major(m[2])
			default:
				ok = ok && strings.HasPrefix(minor(version)+".", minor(m[2])+".")
			}
		}
		if ok && strings.TrimSpace(alternative) != "" {
			return true
		}
	}
	return false
}

func major(v string) string {
	m, _, _ := strings.Cut(v, ".")
	return m
}

// readComposer reads composer.json and composer.lock.
func (a *app) readComposer() {
	if f, d, ok := a.json("composer.lock"); ok {
		if v, line, ok := d.Get("platform-overrides", "php"); ok {
			a.php.exact, a.php.evidence = v, []detect.Evidence{f.Evidence(line)}
		}
		for i := range d.Len("packages") {
			name, line, _ := d.Get("packages", strconv.Itoa(i), "name")
			version, vline, _ := d.Get("packages", strconv.Itoa(i), "version")
			if vline > 0 {
				line = vline
			}
			if name != "" {
				a.pkgs[strings.ToLower(name)] = pkg{version: strings.TrimPrefix(version, "v"), from: detect.Locked, at: place{f, line}}
			}
			for _, ext := range d.Keys("packages", strconv.Itoa(i), "require") {
				if e, ok := strings.CutPrefix(ext, "ext-"); ok && !always[e] && len(a.exts[strings.ToLower(e)]) < 3 {
					a.ext(e, f.Evidence(d.Line("packages", strconv.Itoa(i), "require", ext)))
				}
			}
		}
	}
	f, d, ok := a.json("composer.json")
	if !ok {
		return
	}
	for _, name := range d.Keys("require") {
		spec, line, _ := d.Get("require", name)
		ev := f.Evidence(line)
		switch {
		case name == "php" || name == "php-64bit":
			a.php.spec = spec
			if a.php.exact == "" {
				a.php.evidence = []detect.Evidence{ev}
			}
		case strings.HasPrefix(name, "ext-"):
			a.ext(strings.TrimPrefix(name, "ext-"), ev)
		default:
			p := a.pkgs[strings.ToLower(name)]
			p.constraint = spec
			if p.version == "" {
				p.version, p.from = lowest(spec), detect.Declared
			}
			p.evidence = append(p.evidence, ev)
			a.pkgs[strings.ToLower(name)] = p
		}
	}
	if v, line, ok := d.Get("config", "platform", "php"); ok {
		a.php.exact, a.php.evidence = v, []detect.Evidence{f.Evidence(line)}
	}
}

// ext keeps a PHP extension with its proof.
func (a *app) ext(name string, ev detect.Evidence) {
	name = strings.ToLower(name)
	if name == "zend-opcache" {
		name = "opcache"
	}
	if len(a.exts[name]) < 3 {
		a.exts[name] = append(a.exts[name], ev)
	}
}

// always are the extensions that every PHP image carries. Source: php -m of the official images.
var always = map[string]bool{"core": true, "ctype": true, "curl": true, "date": true, "dom": true, "fileinfo": true, "filter": true, "ftp": true, "hash": true, "iconv": true, "json": true, "libxml": true, "mbstring": true, "openssl": true,
	"pcre": true, "pdo": true, "pdo_sqlite": true, "phar": true, "posix": true, "random": true, "readline": true, "reflection": true, "session": true, "simplexml": true, "sodium": true, "spl": true, "sqlite3": true, "standard": true, "tokenizer": true,
	"xml": true, "xmlreader": true, "xmlwriter": true, "zlib": true}

// has returns the first of several packages that the application requires or has installed.
func (a *app) has(names ...string) (pkg, bool) {
	for _, n := range names {
		if p, ok := a.pkgs[n]; ok {
			return p.proved(), true
		}
	}
	return pkg{}, false
}

// installed reports whether a package is required or locked.
func (a *app) installed(name string) bool {
	_, ok := a.pkgs[name]
	return ok
}

// composerFacts say what installing needs beyond the manifest: packages that lie in the repository, and scripts that must run.
func (a *app) composerFacts(set func(string, detect.Value[string])) {
	f, d, ok := a.json("composer.json")
	if !ok {
		return
	}
	var dirs []string
	var ev []detect.Evidence
	keys := d.Keys("repositories")
	for i := range d.Len("repositories") {
		key := strconv.Itoa(i)
		if i < len(keys) {
			key = keys[i]
		}
		url, line, _ := d.Get("repositories", key, "url")
		switch kind, _, _ := d.Get("repositories", key, "type"); {
		case kind == "path":
			// A pattern ("packages/*") stands for the directory before it.
			dir := strings.Trim(strings.TrimPrefix(strings.SplitN(url, "*", 2)[0], "./"), "/")
			if directoryName.MatchString(dir) && !strings.Contains(dir, "..") && a.dir.HasDir(dir) {
				dirs, ev = append(dirs, dir), append(ev, f.Evidence(line))
			}
		case (kind == "composer" || kind == "satis" || kind == "artifactory") && !a.closed.Set():
			if host := hostOf(url); host != "" && !publicHost.MatchString(host) {
				a.closed = detect.Is(host, f.Evidence(line))
				set("composerAuth", detect.Infer("true", "packages come from "+host+", which is not public", f.Evidence(line)))
			}
		}
	}
	if len(dirs) > 0 {
		set("composerPaths", detect.Is(strings.Join(dirs, " "), ev...))
	}
	if line := neededScript(d, "post-install-cmd", 0); line > 0 {
		set("composerScripts", detect.Is("true", f.Evidence(line)))
		return
	}
	for _, plugin := range []string{"drupal/core-composer-scaffold", "drupal-composer/drupal-scaffold", "drupal/drupal-scaffold"} {
		if p, ok := a.has(plugin); ok {
			set("composerScripts", detect.Is("true", p.evidence...))
			return
		}
	}
}

// neededScript is the line of a script without which an application does not run: settings that are made from a sample, assets
// that are put at the document root; 0: none. "@name" stands for the scripts of that name.
func neededScript(d *manifest.Doc, name string, deep int) int {
	for _, s := range d.List("scripts", name) {
		for _, word := range []string{"buildParameters", "installAssets", "@auto-scripts", "DrupalProject", "assets:install"} {
			if strings.Contains(s.Value, word) {
				return s.Line
			}
		}
		if other, ok := strings.CutPrefix(s.Value, "@"); ok && deep < 4 {
			if line := neededScript(d, other, deep+1); line > 0 {
				return s.Line
			}
		}
	}
	return 0
}

// publicHost are the hosts of Composer repositories that ask for no login.
var publicHost = manifest.Lazy(`(?i)(?:^|\.)(?:packagist\.org|wpackagist\.org|wp-packages\.org|asset-packagist\.org|drupal\.org|drupal-composer\.org|github\.com|firegento\.com|typo3\.org|silverstripe\.org|joomla\.org|laravel\.com|yiiframework\.com)$`)

// hostOf is the host of a URL; "" when it has none.
func hostOf(raw string) string {
	_, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	_, login, found := strings.Cut(host, "@")
	if found {
		host = login
	}
	host, _, _ = strings.Cut(host, ":")
	return strings.ToLower(detect.Printable(host, 100))
}
