package php

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	readmePHP = manifest.Lazy(`(?i)\bPHP\b[^.\n]{0,30}?\b([578]\.\d)\b(?:[^\n]{0,12}?(?:to|-|–)\s*([78]\.\d))?`)
	removed   = manifest.Lazy(`\b(?:mysql_(?:connect|query|pconnect|select_db|fetch_\w+)|ereg(?:i|_replace|i_replace)?|split|spliti|set_magic_quotes_runtime|session_register|mcrypt_\w+)\s*\(`)
	before8   = manifest.Lazy(`\b(?:each|create_function|get_magic_quotes_gpc|money_format)\s*\(|\bfunction\s+__autoload\b`)
)

// features are what newer PHP compiles and older does not, the newest first. Source: php.net's migration guides.
var features = []struct {
	version string
	re      *manifest.Pattern
	hints   []string
}{
	{"8.1", manifest.Lazy(`^(?:final )?enum\s+\w+|\breadonly\s+(?:public|private|protected)|(?:public|private|protected) readonly `), []string{"enum ", "readonly "}},
	{"8.0", manifest.Lazy(`(?:=|return)\s*match\s*\([^)]*\)\s*\{|\?->\w`), []string{"match", "?->"}},
	{"7.4", manifest.Lazy(`\b(?:public|private|protected)\s+(?:static )?\??(?:int|string|bool|array|float|[A-Z]\w+)\s+\$\w+|\bfn\s*\(`), []string{"public ", "private ", "protected ", "fn("}},
	{"7.1", manifest.Lazy(`\)\s*:\s*\?\w+|\):\s*void\b|\b(?:public|private|protected) const `), []string{"?", "void", " const "}},
	{"7.0", manifest.Lazy(`\?\?\s*[$'"\w]|declare\s*\(\s*strict_types|\)\s*:\s*(?:int|string|bool|array|float)\b`), []string{"??", "strict_types", "):", ") :"}},
	{"5.4", manifest.Lazy(`=\s*\[\s*(?:['"$\]]|$)|^use [\w\\]+;.*trait|^trait\s`), []string{"[", "trait"}},
	{"5.3", manifest.Lazy(`^namespace\s|\bfunction\s*\([^)]*\)\s*use\s*\(|static::`), []string{"namespace", "use (", "use(", "static::"}},
}

// defaultPHP is what a person is asked to confirm when nothing tells.
const defaultPHP = "7.4"

// version finds the PHP that the application runs on.
func (a *app) version(framework, release string) detect.Value[string] {
	if a.product.framework != "" {
		framework, release = a.product.framework, a.product.from
	}
	if a.php.exact != "" {
		return detect.Is(minor(a.php.exact), a.php.evidence...)
	}
	var found []detect.Value[string]
	add := func(v string, ev detect.Evidence) {
		if v != "" {
			found = append(found, detect.Is(v, ev))
		}
	}
	a.versionFiles(add)
	a.dockerVersion(add)
	a.hostVersion(add)
	a.ciVersion(add)
	if a.php.spec != "" {
		for _, f := range found {
			if allows(a.php.spec, f.V) {
				f.Evidence = append(f.Evidence, a.php.evidence...)
				return f
			}
		}
		if low := lowest(a.php.spec); low != "" {
			v := detect.Is(minor(low), a.php.evidence...)
			v.Others = found
			if !strings.Contains(low, ".") {
				v.V = low + ".0"
			}
			return a.notBelow(v, framework, release)
		}
	}
	if len(found) > 0 {
		v := found[0]
		v.Others = found[1:]
		return v
	}
	return a.fromCode(framework, release)
}

// notBelow raises a bound such as ">=5.3" to what the locked framework needs, and a PHP older than any image to one that exists.
func (a *app) notBelow(v detect.Value[string], framework, release string) detect.Value[string] {
	if s, ok := supported(framework, release); ok && a.php.spec != "" && strings.HasPrefix(strings.TrimSpace(a.php.spec), ">=") && allows(a.php.spec, s.newest) && compare(s.newest, v.V) > 0 {
		out := detect.Infer(s.newest, "the newest PHP that "+framework+" "+major(release)+" runs on ("+s.source+"), within "+a.php.spec, v.Evidence...)
		out.Others = v.Others
		return out
	}
	return v
}

func supported(framework, release string) (support, bool) {
	if release == "" {
		return support{}, false
	}
	for _, s := range supports {
		if s.framework == framework && compare(release, s.from) >= 0 {
			return s, true
		}
	}
	return support{}, false
}

// fromCode reads the documents and the code: what was removed bounds the version above, what is new below.
func (a *app) fromCode(framework, release string) detect.Value[string] {
	low, lowEv := a.feature()
	if v, ok := a.provisioned(); ok && compare(v.V, low) >= 0 {
		return v
	}
	if s, ok := supported(framework, release); ok {
		return detect.Infer(s.newest, "the newest PHP that "+framework+" "+minor(release)+" runs on ("+s.source+")")
	}
	for _, name := range []string{"README.md", "README", "README.txt", "readme.txt", "INSTALL", "INSTALL.md", "INSTALL.txt", "readme.html", "readme.md"} {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := readmePHP.FindStringSubmatch(text); m != nil && len(text) < 400 {
				v := m[1]
				if m[2] != "" {
					v = m[2]
				}
				if compare(v, "5.2") < 0 || compare(v, low) < 0 {
					continue
				}
				return detect.Infer(v, "the documents name it", f.Evidence(i+1))
			}
		}
	}
	if h, ok := a.first(removed.Regexp(), "mysql_", "ereg", "split", "set_magic_quotes_runtime", "session_register", "mcrypt_"); ok && compare(low, "7.0") < 0 {
		return detect.Infer("5.6", "PHP 7 removed a function that the code calls", h.evidence())
	}
	if h, ok := a.first(before8.Regexp(), "each", "create_function", "magic_quotes", "money_format", "__autoload"); ok && compare(low, "8.0") < 0 {
		return detect.Infer("7.4", "PHP 8 removed a function that the code calls", h.evidence())
	}
	if compare(low, "7.4") > 0 {
		return detect.Infer(low, "the code uses what came with this PHP", lowEv...)
	}
	return detect.Guess(defaultPHP, "nothing states a PHP; "+defaultPHP+" runs most code of the last fifteen years")
}

// feature is the oldest PHP that compiles the code, as far as it tells.
func (a *app) feature() (string, []detect.Evidence) {
	for _, f := range features {
		if h, ok := a.first(f.re.Regexp(), f.hints...); ok {
			return f.version, []detect.Evidence{h.evidence()}
		}
	}
	return "5.2", nil
}

func (a *app) versionFiles(add func(string, detect.Evidence)) {
	if f, err := a.dir.Read(".php-version"); err == nil {
		for i, text := range strings.Split(string(f.Data), "\n") {
			if m := versionPart.FindStringSubmatch(text); m != nil {
				add(minor(m[2]), f.Evidence(i+1))
				break
			}
		}
	}
	if f, err := a.dir.Read(".tool-versions"); err == nil {
		tools, err := manifest.ParseToolVersions(f.Data)
		if err != nil {
			a.warn(f, err)
		}
		for _, t := range tools {
			if t.Name == "php" {
				add(minor(t.Version), f.Evidence(t.Line))
			}
		}
	}
}

// dockerfiles are those of the application.
func (a *app) dockerfiles() []string {
	var out []string
	for _, name := range []string{"Dockerfile", "docker/Dockerfile", "docker/php/Dockerfile", "Dockerfile.prod", ".docker/Dockerfile", "docker/app/Dockerfile"} {
		if a.dir.Has(name) {
			out = append(out, name)
		}
	}
	return out
}

func (a *app) dockerVersion(add func(string, detect.Evidence)) {
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			a.warn(f, err)
			continue
		}
		for i := len(d.Stages) - 1; i >= 0; i-- {
			if img := manifest.IdentifyImage(d.Stages[i].Image); img.Language == "php" && strings.Contains(img.Version, ".") {
				add(minor(img.Version), f.Evidence(d.Stages[i].Line))
				break
			}
		}
	}
}

// ciVersion takes the newest PHP that the tests run with, within what composer.json allows.
func (a *app) ciVersion(add func(string, detect.Evidence)) {
	best, ev := "", detect.Evidence{}
	names := []string{".travis.yml", ".gitlab-ci.yml", "circle.yml", ".circleci/config.yml", "appveyor.yml"}
	if dir, ok := a.dir.Sub(".github/workflows"); ok {
		for f := range dir.Files() {
			names = append(names, path.Join(".github/workflows", f))
		}
	}
	for _, name := range names {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		ci, err := manifest.ParseCI(name, f.Data)
		if err != nil {
			continue // the survey of the repository warns of it
		}
		for _, v := range ci.Versions {
			m := versionPart.FindStringSubmatch(v.Version)
			if v.Language == "php" && m != nil && strings.Contains(m[2], ".") && compare(m[2], best) > 0 && allows(a.php.spec, m[2]) {
				best, ev = m[2], f.Evidence(v.Line)
			}
		}
	}
	if best != "" {
		add(minor(best), ev)
	}
}
