package php

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// copies are frameworks and products as they lie in a repository into which they were copied: a file that shows one, and
// the directories that are all its own. What these can do is not what the application does.
var copies = []struct {
	file string
	dirs []string
}{
	{"wp-includes/version.php", []string{"wp-includes/", "wp-admin/"}},
	{"includes/bootstrap.inc", []string{"includes/", "modules/", "misc/", "scripts/", "themes/", "profiles/standard/", "profiles/minimal/", "profiles/testing/"}},
	{"core/lib/Drupal.php", []string{"core/"}},
	{"system/codeigniter/CodeIgniter.php", []string{"system/codeigniter/", "system/libraries/", "system/database/", "system/helpers/", "system/scaffolding/"}},
	{"system/CodeIgniter.php", []string{"system/"}},
	{"lib/Cake/VERSION.txt", []string{"lib/Cake/"}},
	{"cake/VERSION.txt", []string{"cake/"}},
	{"framework/YiiBase.php", []string{"framework/"}},
	{"library/Zend/Version.php", []string{"library/Zend/"}},
	{"lib/Zend/Version.php", []string{"lib/Zend/"}},
	{"laravel/laravel.php", []string{"laravel/"}},
	{"libraries/src/Version.php", []string{"libraries/", "administrator/components/", "installation/"}},
	{"libraries/cms/version/version.php", []string{"libraries/", "administrator/components/", "installation/"}},
	{"libraries/joomla/version.php", []string{"libraries/", "administrator/components/", "installation/"}},
	{"includes/DefaultSettings.php", []string{"includes/", "languages/", "maintenance/", "mw-config/"}},
}

// findCore notes the directories of a framework that was copied into the repository, at the top or at the document root.
func (a *app) findCore() {
	for _, prefix := range a.places() {
		prefix = strings.TrimPrefix(prefix, "./")
		for _, c := range copies {
			if !a.dir.Has(prefix + c.file) {
				continue
			}
			for _, d := range c.dirs {
				a.core = append(a.core, prefix+d)
			}
		}
	}
	if a.system != "" {
		a.core = append(a.core, a.system+"/")
	}
}

func (a *app) inCore(f string) bool {
	for _, d := range a.core {
		if strings.HasPrefix(f, d) {
			return true
		}
	}
	return false
}

var folder = manifest.Lazy(`^\s*\$application_folder\s*=\s*(?:\w+\s*\.\s*)?['"]([\w./-]+)['"]`)

// findFolders finds CodeIgniter's system folder, whatever it is called, and where its first page says that the application is.
func (a *app) findFolders() {
	f, err := a.dir.Read(a.index)
	if a.index == "" || err != nil || !holds(f.Data, []string{"application_folder"}) {
		return
	}
	for _, name := range a.dir.Named("CodeIgniter.php") {
		if d := path.Dir(path.Dir(name)); path.Base(path.Dir(name)) == "core" && d != "." && !vendored(name) && strings.Count(name, "/") <= 4 {
			a.system = d
			break
		}
	}
	for _, text := range strings.Split(string(f.Data), "\n") {
		m := folder.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		// CodeIgniter 1 looks for it below its system folder, too; others put both into one directory.
		for _, d := range []string{path.Join(a.docroot, m[1]), path.Join("system", m[1]), path.Join(path.Dir(a.system), path.Base(m[1]))} {
			if directoryName.MatchString(d) && !strings.Contains(d, "..") && a.dir.HasDir(d) {
				a.application = d
				return
			}
		}
	}
}

// products state their version in a file, and stand in supports under their own name: the vocabulary has none for them.
var products = []struct {
	file, name string
	re         *manifest.Pattern
}{
	{"libraries/src/Version.php", "joomla", manifest.Lazy(`const (?:MAJOR_VERSION|RELEASE)\s*=\s*'?(\d+(?:\.\d+)?)`)},
	{"libraries/cms/version/version.php", "joomla", manifest.Lazy(`(?:const |public \$)RELEASE\s*=\s*'(\d+\.\d+)`)},
	{"libraries/joomla/version.php", "joomla", manifest.Lazy(`\$RELEASE\s*=\s*'(\d+\.\d+)`)},
	{"includes/Defines.php", "mediawiki", manifest.Lazy(`define\(\s*'MW_VERSION',\s*'(\d+\.\d+)`)},
	{"includes/DefaultSettings.php", "mediawiki", manifest.Lazy(`^\$wgVersion\s*=\s*'(\d+\.\d+)`)},
}

// findProduct notes a product that is no framework, and its release.
func (a *app) findProduct() {
	for _, p := range products {
		f, err := a.dir.Read(p.file)
		if err != nil {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := p.re.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
				a.product, a.productAt = support{framework: p.name, from: m[1]}, f.Evidence(i+1)
				return
			}
		}
	}
}

// demands are the extensions that a framework itself needs or asks for beyond those of every image. Sources: the
// requirements pages of the projects, and for the content management systems what their own official images install. Read 2026-11.
var demands = []struct {
	framework, from, before string
	exts                    []string
}{
	{"wordpress", "1", "", []string{"exif", "gd", "intl", "mysqli", "zip"}},
	{"drupal", "6", "", []string{"gd"}},
	{"codeigniter", "4", "", []string{"intl"}},
	{"cakephp", "3", "", []string{"intl"}},
	{"laravel", "4", "5.1", []string{"mcrypt"}},
	{"laravel", "3", "4", []string{"mcrypt"}},
	{"joomla", "1", "", []string{"gd", "mysqli", "zip"}},
	{"mediawiki", "1", "", []string{"calendar", "intl", "mysqli"}},
}

// demanded adds the extensions that the framework or product needs.
func (a *app) demanded(framework, release detect.Value[string]) {
	name, version, ev := framework.V, release.V, framework.Evidence
	if a.product.framework != "" {
		name, version, ev = a.product.framework, a.product.from, []detect.Evidence{a.productAt}
	}
	if len(ev) == 0 {
		return
	}
	for _, d := range demands {
		if d.framework == name && (version == "" || compare(version, d.from) >= 0 && (d.before == "" || compare(version, d.before) < 0)) && (version != "" || d.before == "") {
			for _, e := range d.exts {
				a.ext(e, ev[0])
			}
		}
	}
}
