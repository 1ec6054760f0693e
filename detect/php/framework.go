package php

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// frameworks by their Composer packages, the one that builds on another first.
var frameworks = []struct{ pkg, name string }{
	{"laravel/framework", "laravel"}, {"laravel/lumen-framework", "laravel"}, {"drupal/core", "drupal"}, {"drupal/core-recommended", "drupal"}, {"roots/wordpress", "wordpress"}, {"johnpbloch/wordpress", "wordpress"}, {"johnpbloch/wordpress-core", "wordpress"},
	{"codeigniter4/framework", "codeigniter"}, {"codeigniter/framework", "codeigniter"}, {"cakephp/cakephp", "cakephp"}, {"yiisoft/yii2", "yii"}, {"yiisoft/yii", "yii"}, {"symfony/framework-bundle", "symfony"}, {"symfony/symfony", "symfony"},
	{"slim/slim", "slim"}, {"laminas/laminas-mvc", "zend"}, {"zendframework/zendframework", "zend"}, {"zendframework/zend-mvc", "zend"}, {"zendframework/zendframework1", "zend"}, {"shardj/zf1-future", "zend"}, {"zf1s/zf1", "zend"}, {"zf1s/zend-application", "zend"}, {"zf1/zend-application", "zend"}, {"zf1s/zend-controller", "zend"}, {"mezzio/mezzio", "zend"}, {"zendframework/zend-expressive", "zend"},
	{"silex/silex", "symfony"},
}

// stamps are files in which frameworks that are copied into the repository state their version.
var stamps = []struct {
	file, name string
	re         *manifest.Pattern
}{
	{"wp-includes/version.php", "wordpress", manifest.Lazy(`^\$wp_version\s*=\s*'([\d.]+)`)},
	{"core/lib/Drupal.php", "drupal", manifest.Lazy(`const VERSION\s*=\s*'([\d.]+)`)},
	{"includes/bootstrap.inc", "drupal", manifest.Lazy(`define\('VERSION',\s*'([\d.]+)`)},
	{"modules/system/system.module", "drupal", manifest.Lazy(`define\('VERSION',\s*'([\d.]+)`)},
	{"system/core/CodeIgniter.php", "codeigniter", manifest.Lazy(`CI_VERSION'?\s*[,=]\s*'([\d.]+)`)},
	{"system/codeigniter/CodeIgniter.php", "codeigniter", manifest.Lazy(`CI_VERSION'?\s*[,=]\s*'([\d.]+)`)},
	{"system/CodeIgniter.php", "codeigniter", manifest.Lazy(`CI_VERSION\s*=\s*'([\d.]+)`)},
	{"lib/Cake/VERSION.txt", "cakephp", manifest.Lazy(`^(\d+\.\d+[\d.]*)`)},
	{"cake/VERSION.txt", "cakephp", manifest.Lazy(`^(\d+\.\d+[\d.]*)`)},
	{"cake/libs/../VERSION.txt", "cakephp", manifest.Lazy(`^(\d+\.\d+[\d.]*)`)},
	{"framework/YiiBase.php", "yii", manifest.Lazy(`return '(\d+\.\d+[\d.]*)`)},
	{"library/Zend/Version.php", "zend", manifest.Lazy(`const VERSION\s*=\s*'([\d.]+)`)},
	{"lib/Zend/Version.php", "zend", manifest.Lazy(`const VERSION\s*=\s*'([\d.]+)`)},
	{"lib/vendor/symfony/lib/autoload/sfCoreAutoload.class.php", "symfony", manifest.Lazy(`define\('SYMFONY_VERSION',\s*'([\d.]+)`)},
	{"lib/symfony/autoload/sfCoreAutoload.class.php", "symfony", manifest.Lazy(`define\('SYMFONY_VERSION',\s*'([\d.]+)`)},
	{"laravel/paths.php", "laravel", manifest.Lazy(`^(laravel-without-version)`)},
}

// findFramework takes the framework from Composer, else from the files of one that is part of the repository.
func (a *app) findFramework() (framework, release detect.Value[string]) {
	for _, f := range frameworks {
		p, ok := a.has(f.pkg)
		if !ok || p.constraint == "" && f.name != "drupal" && f.name != "wordpress" {
			continue
		}
		framework = detect.Is(f.name, p.evidence...)
		if f.pkg == "silex/silex" { // a small framework of Symfony's parts: its numbers are not theirs
			p, _ = a.has("symfony/http-kernel", "symfony/http-foundation", "symfony/console")
		}
		if p.version != "" {
			release = detect.Value[string]{V: p.version, From: p.from, Evidence: p.evidence}
		}
		return framework, release
	}
	if a.system != "" {
		if v, ok := a.stamp("codeigniter", a.system+"/core/CodeIgniter.php", manifest.Lazy(`CI_VERSION'?\s*[,=]\s*'([\d.]+)`)); ok {
			return v[0], v[1]
		}
	}
	for _, s := range stamps {
		for _, prefix := range a.places() {
			name := strings.TrimPrefix(prefix+s.file, "./")
			if v, ok := a.stamp(s.name, name, s.re); ok && v[1].Set() {
				return v[0], v[1]
			} else if ok && !framework.Set() { // another file may state the version
				framework = v[0]
			}
		}
	}
	if framework.Set() {
		return framework, release
	}
	for _, m := range []struct{ file, name string }{
		{"artisan", "laravel"}, {"wp-config-sample.php", "wordpress"}, {"wp-config.php", "wordpress"}, {"wp-settings.php", "wordpress"}, {"sites/default/default.settings.php", "drupal"}, {"web/sites/default/default.settings.php", "drupal"},
		{"application/config/autoload.php", "codeigniter"}, {"app/Config/core.php", "cakephp"}, {"Config/core.php", "cakephp"}, {"app/config/core.php", "cakephp"}, {"protected/yiic.php", "yii"}, {"yii", "yii"}, {"bin/console", "symfony"}, {"app/console", "symfony"}, {"symfony", "symfony"}, {"config/ProjectConfiguration.class.php", "symfony"},
		{"application/configs/application.ini", "zend"}, {"application/config/application.ini", "zend"}, {"config/application.config.php", "zend"},
	} {
		for _, prefix := range []string{"", path.Dir(a.docroot) + "/"} {
			if f, err := a.dir.Read(strings.TrimPrefix(prefix+m.file, "./")); err == nil {
				return detect.Is(m.name, f.Evidence(0)), release
			}
		}
	}
	return framework, release
}

// places are where a framework that was copied into the repository may lie, each with its slash.
func (a *app) places() []string {
	return []string{"", a.docroot + "/", path.Dir(a.docroot) + "/", "wordpress/", "wp/", a.docroot + "/wp/"}
}

// stamp reads the version that a file of a framework states: the framework and its release, of which nothing may be known.
func (a *app) stamp(framework, name string, re *manifest.Pattern) ([2]detect.Value[string], bool) {
	f, err := a.dir.Read(name)
	if err != nil {
		return [2]detect.Value[string]{}, false
	}
	for i, text := range strings.Split(string(f.Data), "\n") {
		if m := re.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
			return [2]detect.Value[string]{detect.Is(framework, f.Evidence(i+1)), detect.Is(strings.TrimRight(m[1], "."), f.Evidence(i+1))}, true
		}
	}
	return [2]detect.Value[string]{detect.Is(framework, f.Evidence(0))}, true
}

// support is the newest PHP that a release of a framework runs on.
type support struct{ framework, from, newest, source string }

// supports are ordered from the newest release to the oldest. Sources: the requirements pages of the projects. Read 2026-11.
var supports = []support{
	{"joomla", "5", "8.2", "Joomla's technical requirements"}, {"joomla", "4", "8.1", "Joomla's technical requirements"}, {"joomla", "3", "7.4", "Joomla's technical requirements"}, {"joomla", "2.5", "5.6", "Joomla's technical requirements"}, {"joomla", "1", "5.3", "Joomla's technical requirements"},
	{"mediawiki", "1.42", "8.2", "MediaWiki's compatibility page"}, {"mediawiki", "1.38", "8.1", "MediaWiki's compatibility page"}, {"mediawiki", "1.31", "7.4", "MediaWiki's compatibility page"}, {"mediawiki", "1.27", "7.0", "MediaWiki's compatibility page"}, {"mediawiki", "1", "5.6", "MediaWiki's compatibility page"},
	{"laravel", "12", "8.4", "Laravel's release notes"}, {"symfony", "8", "8.4", "symfony.com/releases"}, {"laravel", "11", "8.3", "Laravel's release notes"}, {"laravel", "10", "8.2", "Laravel's release notes"}, {"laravel", "9", "8.1", "Laravel's release notes"}, {"laravel", "8", "8.0", "Laravel's release notes"}, {"laravel", "7", "7.4", "Laravel's release notes"}, {"laravel", "6", "7.4", "Laravel's release notes"},
	{"laravel", "5.5", "7.3", "Laravel's release notes"}, {"laravel", "5.0", "7.1", "Laravel's release notes"}, {"laravel", "4", "5.6", "Laravel's release notes"}, {"laravel", "1", "5.6", "Laravel's release notes"},
	{"symfony", "7", "8.3", "symfony.com/releases"}, {"symfony", "6", "8.2", "symfony.com/releases"}, {"symfony", "5", "8.0", "symfony.com/releases"}, {"symfony", "4", "7.4", "symfony.com/releases"}, {"symfony", "3", "7.2", "symfony.com/releases"}, {"symfony", "2", "5.6", "symfony.com/releases"}, {"symfony", "1", "5.3", "symfony.com/releases"},
	{"drupal", "11", "8.3", "drupal.org requirements"}, {"drupal", "10", "8.2", "drupal.org requirements"}, {"drupal", "9", "8.0", "drupal.org requirements"}, {"drupal", "8", "7.4", "drupal.org requirements"}, {"drupal", "7.79", "8.0", "drupal.org requirements"}, {"drupal", "7", "7.2", "drupal.org requirements"}, {"drupal", "6", "5.3", "drupal.org requirements"},
	{"wordpress", "6.4", "8.2", "WordPress' PHP compatibility"}, {"wordpress", "5.6", "7.4", "WordPress' PHP compatibility"}, {"wordpress", "5.0", "7.3", "WordPress' PHP compatibility"}, {"wordpress", "4.4", "7.0", "WordPress' PHP compatibility"}, {"wordpress", "3.0", "5.6", "WordPress' PHP compatibility"}, {"wordpress", "1", "5.3", "WordPress' PHP compatibility"},
	{"codeigniter", "4.3", "8.1", "CodeIgniter's user guide"}, {"codeigniter", "4", "7.4", "CodeIgniter's user guide"}, {"codeigniter", "3.1", "7.4", "CodeIgniter's user guide"}, {"codeigniter", "3", "7.0", "CodeIgniter's user guide"}, {"codeigniter", "2", "5.6", "CodeIgniter's user guide"}, {"codeigniter", "1", "5.3", "CodeIgniter's user guide"},
	{"cakephp", "5", "8.2", "book.cakephp.org"}, {"cakephp", "4", "8.0", "book.cakephp.org"}, {"cakephp", "3", "7.4", "book.cakephp.org"}, {"cakephp", "2", "7.1", "book.cakephp.org"}, {"cakephp", "1", "5.3", "book.cakephp.org"},
	{"yii", "2", "8.0", "yiiframework.com"}, {"yii", "1.1.20", "7.4", "yiiframework.com"}, {"yii", "1", "5.6", "yiiframework.com"},
	{"zend", "3", "7.4", "Laminas' migration guide"}, {"zend", "2", "7.1", "Laminas' migration guide"}, {"zend", "1", "5.6", "Laminas' migration guide"}, {"slim", "4", "8.1", "slimframework.com"}, {"slim", "3", "7.4", "slimframework.com"}, {"slim", "2", "7.0", "slimframework.com"},
}

// ends are the ends of security support of PHP. Source: php.net/eol.php, read 2026-11.
var ends = map[string]string{"4.4": "2008-08-07", "5.2": "2011-01-06", "5.3": "2014-08-14", "5.4": "2015-09-03", "5.5": "2016-07-21", "5.6": "2018-12-31", "7.0": "2019-01-10", "7.1": "2019-12-01", "7.2": "2020-11-30",
	"7.3": "2021-12-06", "7.4": "2022-11-28", "8.0": "2023-11-26", "8.1": "2025-12-31"}

// frameworkEnds are the ends of security support of major releases. Sources: the projects' release pages, read 2026-11.
var frameworkEnds = map[string]string{"drupal 6": "2016-02-24", "drupal 7": "2025-01-05", "drupal 8": "2021-11-02", "drupal 9": "2023-11-01", "laravel 4": "2015-01-01", "laravel 5": "2020-08-26", "laravel 6": "2022-09-06", "laravel 7": "2021-03-03",
	"laravel 8": "2023-01-24", "laravel 9": "2024-02-06", "laravel 10": "2025-02-04", "symfony 1": "2012-11-30", "symfony 2": "2019-11-30", "symfony 3": "2021-11-30", "symfony 4": "2023-11-30", "codeigniter 2": "2015-10-31", "cakephp 2": "2021-06-15", "cakephp 3": "2021-12-15", "zend 1": "2016-09-28"}

func endOfLife(version, framework, release string) []detect.EndOfLife {
	var out []detect.EndOfLife
	if since := ends[minor(version)]; since != "" {
		out = append(out, detect.EndOfLife{What: "php " + minor(version), Since: since, Source: "php.net/eol.php"})
	}
	if name := framework + " " + major(release); frameworkEnds[name] != "" {
		out = append(out, detect.EndOfLife{What: name, Since: frameworkEnds[name], Source: "the project's release page"})
	}
	return out
}
