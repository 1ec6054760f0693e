package php

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// hosts are files in which platforms, and tools that set up a machine to develop on, are told which PHP to run. Sources:
// the documentation of DDEV, Pantheon, Platform.sh and Symfony Cloud, Lando and App Engine.
var hosts = []struct {
	file string
	re   *manifest.Pattern
}{
	{".platform.app.yaml", manifest.Lazy(`^\s*type:\s*['"]?php:([578]\.\d)`)},
	{".symfony.cloud.yaml", manifest.Lazy(`^\s*type:\s*['"]?php:([578]\.\d)`)},
	{"pantheon.yml", manifest.Lazy(`^\s*php_version:\s*['"]?([578]\.\d)`)},
	{".ddev/config.yaml", manifest.Lazy(`^\s*php_version:\s*['"]?([578]\.\d)`)},
	{".lando.yml", manifest.Lazy(`^\s+php:\s*['"]([578]\.\d)`)},
	{"pantheon.upstream.yml", manifest.Lazy(`^\s*php_version:\s*['"]?([578]\.\d)`)},
	{"app.yaml", manifest.Lazy(`^\s*runtime:\s*['"]?php([578])(\d)\b`)},
	{".htaccess", manifest.Lazy(`(?i)^\s*(?:AddHandler|AddType|SetHandler)\s[^#]*php-?([578])\.?(\d)`)},
}

// hostVersion finds the PHP that a platform is told to run.
func (a *app) hostVersion(add func(string, detect.Evidence)) {
	for _, h := range hosts {
		f, err := a.dir.Read(h.file)
		if err != nil || !holds(f.Data, []string{"php"}) {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := h.re.FindStringSubmatch(text); m != nil {
				v := m[1]
				if len(m) > 2 {
					v += "." + m[2]
				}
				add(v, f.Evidence(i+1))
				break
			}
		}
	}
}

var packaged = manifest.Lazy(`\bphp-?([578])\.(\d)(?:-(?:fpm|cli|mysql|common|cgi|curl|gd|xml|mbstring)\b|\.sock\b|\s|$)|\blibapache2-mod-php([578])\.(\d)\b`)

// provisioned finds the PHP that scripts install on a machine, or that its web server hands requests to.
func (a *app) provisioned() (detect.Value[string], bool) {
	names := append([]string{"Vagrantfile"}, a.servers...)
	for _, name := range a.settings {
		if strings.Contains(name, "puphpet") || strings.Contains(name, "ansible") || strings.Contains(name, "vagrant") || strings.Contains(name, "provision") {
			names = append(names, name)
		}
	}
	for _, name := range names {
		f, err := a.dir.Read(name)
		if err != nil || len(f.Data) > maxSource || !holds(f.Data, []string{"php5", "php7", "php8", "php-5", "php-7", "php-8"}) {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := packaged.FindStringSubmatch(text); m != nil && !strings.HasPrefix(strings.TrimSpace(text), "#") {
				return detect.Infer(m[1]+m[3]+"."+m[2]+m[4], "the machine that it runs on is set up with it", f.Evidence(i+1)), true
			}
		}
	}
	return detect.Value[string]{}, false
}
