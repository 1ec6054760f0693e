package python

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// frameworks are tried in order: one that builds on another stands before it. name is the contract's word.
var frameworks = []struct{ dep, name, module string }{
	{"django", "django", "django"}, {"pylons", "pylons", "pylons"}, {"pyramid", "pyramid", "pyramid"}, {"fastapi", "fastapi", "fastapi"}, {"flask", "flask", "flask"},
	// Packages that bring Flask along and whose users write Flask applications.
	{"connexion", "flask", "connexion"}, {"eve", "flask", "eve"}, {"flask-appbuilder", "flask", "flask_appbuilder"}, {"dash", "flask", "dash"}, {"flask-restplus", "flask", "flask_restplus"}, {"maxfw", "flask", "maxfw"},
	{"wagtail", "django", "wagtail"}, {"mezzanine", "django", "mezzanine"}, {"djangorestframework", "django", "rest_framework"},
	{"tornado", "tornado", "tornado.web"},
	{"sanic", "none", "sanic"}, {"aiohttp", "none", "aiohttp.web"}, {"bottle", "none", "bottle"}, {"falcon", "none", "falcon"}, {"cherrypy", "none", "cherrypy"}, {"web-py", "none", "web"},
	{"webapp2", "none", "webapp2"}, {"turbogears2", "none", "tg"}, {"turbogears", "none", "turbogears"}, {"quart", "none", "quart"}, {"hug", "none", "hug"}, {"starlette", "none", "starlette"},
	{"twisted", "none", "twisted.web"}, {"streamlit", "none", "streamlit"}, {"gradio", "none", "gradio"}, {"werkzeug", "none", "werkzeug"}, {"klein", "none", "klein"},
	{"", "none", "wsgiref"}, {"", "none", "http.server"}, {"", "none", "BaseHTTPServer"}, {"", "none", "SimpleXMLRPCServer"}, {"", "none", "xmlrpc.server"},
}

// readImports notes which modules the sources import. "from a.b import c" imports a, a.b and a.b.c.
func (p *project) readImports() {
	p.imported = map[string]hit{}
	for _, name := range p.files {
		f := p.source(name)
		for n, text := range hinted(f.Data, []string{"import "}) {
			t := bytes.TrimLeft(text, " \t")
			if !bytes.HasPrefix(t, []byte("import ")) && !bytes.HasPrefix(t, []byte("from ")) || len(t) > 1000 {
				continue
			}
			for _, m := range importedBy(strings.TrimSpace(string(t))) {
				if _, ok := p.imported[m]; !ok {
					p.imported[m] = hit{file: f, name: name, line: n, text: strings.TrimSpace(string(t))}
				}
			}
		}
	}
}

// importedBy are the modules that an import line names.
func importedBy(line string) []string {
	line, _, _ = strings.Cut(line, "#")
	line, _, _ = strings.Cut(line, ";")
	var out []string
	add := func(m string) {
		for at, c := range m {
			if c == '.' && at > 0 {
				out = append(out, m[:at])
			}
		}
		if m != "" {
			out = append(out, m)
		}
	}
	if rest, ok := strings.CutPrefix(line, "from "); ok {
		base, names, ok := strings.Cut(rest, " import ")
		base = strings.TrimSpace(base)
		if !ok || base == "" || strings.HasPrefix(base, ".") {
			return nil
		}
		add(base)
		for _, n := range strings.Split(strings.Trim(names, " ()\\"), ",") {
			if n, _, _ = strings.Cut(strings.TrimSpace(n), " "); n != "" && n != "*" {
				out = append(out, base+"."+n)
			}
		}
		return out
	}
	for _, n := range strings.Split(strings.TrimPrefix(line, "import "), ",") {
		if n, _, _ = strings.Cut(strings.TrimSpace(n), " "); n != "" {
			add(n)
		}
	}
	return out
}

// imports reports whether the code imports a module, with the first place.
func (p *project) imports(module string) (hit, bool) {
	h, ok := p.imported[module]
	return h, ok
}

// findFramework takes the framework from the dependencies that the code uses, else from what it imports, else from the dependencies alone.
func (a *app) findFramework() {
	for _, f := range frameworks {
		h, used := a.imports(f.module)
		d, installed := a.has(f.dep)
		if used && !installed && f.dep == f.name {
			if ext, ok := a.extension(f.dep); ok {
				a.framework = detect.Infer(f.name, "the code imports it, and "+ext.name+" requires it", h.evidence(), ext.evidence[0])
				a.generatedBy()
				return
			}
		}
		if f.dep == "" || !installed || !used {
			continue
		}
		if (f.name == "tornado" || f.name == "none") && !d.direct {
			continue
		}
		a.setFramework(f.name, f.dep, d, h)
		return
	}
	for _, f := range frameworks {
		if h, used := a.imports(f.module); used {
			a.framework = detect.Is(f.name, h.evidence())
			if f.name == "none" {
				a.framework = detect.Infer(f.name, "it serves with "+f.module+", which is no framework of its own", h.evidence())
			}
			a.generatedBy()
			return
		}
	}
	for _, f := range frameworks {
		if d, ok := a.has(f.dep); ok && d.direct && f.name != "none" && f.name != "tornado" {
			a.setFramework(f.name, f.dep, d, hit{})
			return
		}
	}
}

// extension is a dependency that extends a framework and so requires it, though no manifest names the framework: Flask-Login.
func (a *app) extension(framework string) (dep, bool) {
	var first string
	for name, d := range a.deps {
		if d.direct && len(d.evidence) > 0 && strings.HasPrefix(name, framework+"-") && (first == "" || name < first) {
			first = name
		}
	}
	return a.deps[first], first != ""
}

// setFramework takes a framework with its release.
func (a *app) setFramework(name, from string, d dep, h hit) {
	ev := d.evidence
	if name == "none" {
		a.framework = detect.Infer(name, "it serves with "+from+", which is no framework of its own", ev...)
		return
	}
	a.framework = detect.Is(name, ev...)
	if h.line > 0 {
		a.framework.Evidence = append(slices.Clone(firstOf(ev)), h.evidence())
	}
	if from != name {
		var ok bool
		if d, ok = a.has(name); !ok {
			return
		}
	}
	switch {
	case d.version != "":
		a.release = detect.Value[string]{V: d.version, From: d.from, Evidence: d.evidence}
	case name == "django" && upper(d.spec) != "":
		if v := djangoBefore(upper(d.spec)); v != "" {
			a.release = detect.Infer(v, "the last release that "+d.name+d.spec+" allows", d.evidence...)
		}
	}
	a.generatedBy()
}

// upper is the bound that a specifier ends with: "<2.0" gives 2.0.
func upper(spec string) string {
	for _, m := range specPart.FindAllStringSubmatch(spec, 8) {
		if m[1] == "<" {
			return m[2]
		}
	}
	return ""
}

var (
	generatedWith = manifest.Lazy(`[Gg]enerated by '?django-admin(?:\.py)? startproject'? using Django (\d+\.\d+)|docs\.djangoproject\.com/en/(\d+\.\d+)/`)
	oldURLs       = manifest.Lazy(`^from django\.conf\.urls(\.defaults)? import .*\bpatterns\b|^from django\.conf\.urls\.(defaults) import`)
)

// generatedBy takes Django's release from what startproject wrote into the settings, when no manifest states one; else from
// what later releases no longer have.
func (a *app) generatedBy() {
	if a.framework.V != "django" || a.release.Set() {
		return
	}
	for _, name := range a.files {
		if b := path.Base(name); b != "settings.py" && b != "base.py" && b != "wsgi.py" && b != "urls.py" && b != "common.py" {
			continue
		}
		f := a.source(name)
		if !holds(f.Data, []string{"startproject", "docs.djangoproject.com"}) {
			continue
		}
		n := 0
		for text := range bytes.Lines(f.Data[:min(len(f.Data), 16<<10)]) {
			n++
			if m := generatedWith.FindSubmatch(text); m != nil {
				v := string(m[1]) + string(m[2])
				a.release = detect.Infer(v, "its files were made by this release", f.Evidence(n))
				return
			}
		}
	}
	if h, ok := a.first(oldURLs, "django.conf.urls"); ok {
		if h.m[1] != "" || h.m[2] != "" {
			a.release = detect.Infer("1.5", "django.conf.urls.defaults is gone from 1.6 on", h.evidence())
		} else {
			a.release = detect.Infer("1.9", "patterns() is gone from 1.10 on", h.evidence())
		}
	}
}
