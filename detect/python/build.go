package python

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// build says which tool installs the dependencies.
func (a *app) build() detect.Value[string] {
	for _, m := range []struct{ file, tool string }{{"uv.lock", "uv"}, {"poetry.lock", "poetry"}, {"Pipfile.lock", "pipenv"}, {"Pipfile", "pipenv"}} {
		if f, ok := a.manifest(m.file); ok {
			return detect.Is(m.tool, f.Evidence(0))
		}
	}
	if _, ok := a.manifest("pyproject.toml"); ok && len(a.reqs) == 0 {
		f, d, ok := a.doc("pyproject.toml", manifest.ParseTOML)
		switch {
		case ok && d.Has("tool", "poetry", "dependencies"):
			return detect.Is("poetry", f.Evidence(d.Line("tool", "poetry", "dependencies")))
		case ok && d.Has("tool", "uv"):
			return detect.Is("uv", f.Evidence(d.Line("tool", "uv")))
		case ok && d.Has("project", "dependencies"):
			return detect.Is("setuptools", f.Evidence(d.Line("project", "dependencies")))
		}
	}
	if len(a.reqs) > 0 {
		if f, err := a.dir.Read(a.reqs[0]); err == nil {
			return detect.Is("pip", f.Evidence(0))
		}
	}
	for _, m := range []struct{ file, tool string }{{"environment.yml", "conda"}, {"environment.yaml", "conda"}, {"setup.py", "setuptools"}, {"setup.cfg", "setuptools"}, {"buildout.cfg", "setuptools"}} {
		if f, ok := a.manifest(m.file); ok {
			return detect.Is(m.tool, f.Evidence(0))
		}
	}
	return detect.Guess("none", "no file names dependencies")
}

func (a *app) manifest(name string) (detect.File, bool) {
	if !a.dir.Has(name) {
		return detect.File{}, false
	}
	f, err := a.dir.Read(name)
	return f, err == nil
}

// buildFacts says what the template needs to install the dependencies.
func (a *app) buildFacts(c *detect.Component) {
	set := func(key string, v detect.Value[string]) { c.Facts[key] = v }
	var manifests []string
	ev := c.Build.Evidence
	switch c.Build.V {
	case "pip":
		set("requirements", detect.Is(a.reqs[0], ev...))
		set("dependenciesInstalled", detect.Is("true", ev...))
		manifests = a.reqs
		a.requirementFacts(set)
	case "pipenv":
		manifests = []string{"Pipfile", "Pipfile.lock"}
		a.privateSource("Pipfile", set)
	case "poetry", "uv":
		manifests = []string{"pyproject.toml", c.Build.V + ".lock"}
		a.privateSource("pyproject.toml", set)
		if c.Build.V == "poetry" { // it wants to be told from a file that the project is a package
			manifests = append(manifests, "poetry.toml")
		}
	case "conda":
		set("environment", detect.Is(path.Base(ev[0].File), ev...))
		manifests = append([]string{path.Base(ev[0].File)}, a.reqs...)
	case "setuptools":
		set("setup", detect.Is("true", ev...))
	}
	manifests = slices.DeleteFunc(slices.Clone(manifests), func(m string) bool { return !a.dir.Has(m) || strings.HasPrefix(m, "../") })
	if len(manifests) > 0 {
		set("manifests", detect.Is(strings.Join(manifests, " "), ev...))
	}
	for _, lock := range []string{"Pipfile.lock", "poetry.lock", "uv.lock"} {
		if slices.Contains(manifests, lock) {
			if f, ok := a.manifest(lock); ok {
				set("lockfile", detect.Is(lock, f.Evidence(0)))
			}
		}
	}
	if (a.entry.paste != "" || a.installsItself()) && c.Facts["setup"].V == "" {
		if f, ok := a.manifest("setup.py"); ok {
			set("setup", detect.Infer("true", "the configuration names the project by the name that it is installed under", f.Evidence(0)))
		}
	}
	if root := a.importRoot(); root != "." {
		set("pythonPath", detect.Infer(root, "imports start from there", a.entry.evidence...))
	}
	if a.manage != "" {
		set("manage", detect.Is(a.manage, a.top(a.manage)))
	}
	a.oldSetuptools(c, set)
	for _, h := range a.grep(a.files, setsLocale, 20, "setlocale") {
		detect.AddLocale(c.Facts, h.m[1], h.evidence())
	}
}

// setsLocale is the locale that a call asks for by its name.
var setsLocale = manifest.Lazy(`setlocale\s*\(\s*(?:locale\.)?LC_\w+\s*,\s*u?["']([a-z]{2,3}_[A-Z]{2}[\w.@-]*)["']`)

// installsItself reports whether a process is started by a command that only an installation of the project brings.
func (a *app) installsItself() bool {
	x, ok := a.stated("web")
	return ok && (strings.Contains(x.text, "pserve") || strings.Contains(x.text, "paster "))
}

// requirementFacts looks at requirements that are not plain names: from Git, from this repository, from an index of one's own.
func (a *app) requirementFacts(set func(string, detect.Value[string])) {
	for _, name := range a.reqs {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		for n, text := range lines(f) {
			switch {
			case strings.Contains(text, "git+") || strings.HasPrefix(text, "git:"):
				set("gitRequirements", detect.Is("true", f.Evidence(n)))
			case localRequirement.MatchString(text):
				set("localRequirements", detect.Is("true", f.Evidence(n)))
			case privateIndex(text):
				set("privateIndex", detect.Is("true", f.Evidence(n)))
			}
		}
	}
}

// privateSource looks at the package indexes that a Pipfile or pyproject.toml lists.
func (a *app) privateSource(name string, set func(string, detect.Value[string])) {
	f, ok := a.manifest(name)
	if !ok {
		return
	}
	listed := false
	for n, text := range lines(f) {
		if strings.HasPrefix(text, "[") {
			listed = sourceTable.MatchString(text)
		} else if m := sourceAddress.FindStringSubmatch(text); listed && m != nil && !strings.Contains(m[1], publicIndex) && !strings.Contains(m[1], "download.pytorch.org") {
			set("privateIndex", detect.Is("true", f.Evidence(n)))
		}
	}
}

var (
	sourceTable   = manifest.Lazy(`^\[\[(?:source|tool\.poetry\.source|tool\.uv\.index)\]\]`)
	sourceAddress = manifest.Lazy(`^url\s*=\s*["'](https?://[^"']+)`)
)

var localRequirement = manifest.Lazy(`^(?:-e|--editable)[=\s]+\.|^\.{1,2}(?:/|$|\[)|^file:|^(?:-e|--editable)[=\s]+[\w/-]+$`)

// privateIndex reports whether a line of a requirements file names another index than the public one.
func privateIndex(text string) bool {
	for _, option := range []string{"--index-url", "--extra-index-url", "-i "} {
		if rest, ok := strings.CutPrefix(text, option); ok {
			return !strings.Contains(rest, publicIndex) && !strings.Contains(rest, "download.pytorch.org") && !strings.Contains(rest, "python.org")
		}
	}
	return false
}

// publicIndex is what the addresses of the public index have in common.
const publicIndex = "pypi."

// builtWithOldSetuptools are packages whose sources want what setuptools 58 dropped (use_2to3), up to the release named; "" means all.
// Sources: the packages' setup.py.
var builtWithOldSetuptools = []struct{ dep, upTo string }{
	{"anyjson", ""}, {"celery", "4"}, {"billiard", "3.5"}, {"kombu", "3"}, {"suds", ""}, {"suds-jurko", ""}, {"django-celery", ""}, {"pyparsing", "2"}, {"mysql-python", ""}, {"beautifulsoup4", "4.10"}, {"django-tagging", "0.4"},
	{"django-extensions", "1"}, {"south", ""}, {"flask-openid", ""}, {"python-openid", ""}, {"webtest", "2"}, {"pysolr", "3"}, {"jsonpickle", "0.7"}, {"rdflib", "5"}, {"pyyaml", "3.11"}, {"xlwt", "1"}, {"demjson", ""}, {"pydispatcher", "2.0.5"},
}

// oldSetuptools keeps the tool that builds packages from source to a release that the project's packages know.
func (a *app) oldSetuptools(c *detect.Component, set func(string, detect.Value[string])) {
	v := c.LanguageVersion.V
	if below(v, "3") {
		return // what its image carries fits
	}
	for _, b := range builtWithOldSetuptools {
		if d, ok := a.has(b.dep); ok && d.version != "" && (b.upTo == "" || below(d.version, b.upTo)) && below(v, "3.10") {
			set("setuptools", detect.Infer("<58", d.name+" is built by what setuptools 58 no longer has", d.evidence...))
			return
		}
	}
	if _, listed := a.has("setuptools"); listed {
		return
	}
	if h, ok := a.imports("pkg_resources"); ok {
		set("setuptools", detect.Infer("<81", "the code imports pkg_resources, which newer releases of setuptools no longer bring", h.evidence()))
		return
	}
	for _, name := range []string{"djangorestframework-jwt", "flask-restplus", "celery", "gunicorn", "pyramid", "pylons", "pastedeploy", "google-api-core", "razorpay", "fs", "django-rest-swagger", "apscheduler", "mailchimp"} {
		d, ok := a.has(name)
		if !ok || !compareSupport(name, d.version) {
			continue
		}
		set("setuptools", detect.Infer("<81", "this release of "+d.name+" imports pkg_resources, which setuptools brings", d.evidence...))
		return
	}
}

// compareSupport reports whether a package's release still imports pkg_resources without requiring setuptools in a way that new
// Pythons meet: releases before the one named. Sources: their changes.
func compareSupport(name, version string) bool {
	until := map[string]string{"celery": "5", "gunicorn": "21", "pyramid": "2", "pastedeploy": "3", "apscheduler": "4"}[name]
	return until == "" || version != "" && below(version, until)
}
