// Package python recognises Python applications: Django, Flask, Pyramid, FastAPI and the others, their workers, batch programs
// and the serving and training code of machine learning. It reads manifests and source; nothing is ever run.
package python

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Detector recognises Python.
type Detector struct{}

// Name is "python".
func (Detector) Name() string { return "python" }

// Markers are the files whose directory may hold a Python application.
func (Detector) Markers() []string {
	return []string{"requirements.txt", "requirements*.txt", "requirements.pip", "setup.py", "setup.cfg", "pyproject.toml", "Pipfile", "environment.yml", "environment.yaml", "manage.py", "app.py", "wsgi.py", "main.py", "buildout.cfg"}
}

// manifests are the files that make a directory a project of its own.
var manifests = []string{"requirements.txt", "requirements.pip", "setup.py", "pyproject.toml", "Pipfile", "environment.yml", "environment.yaml", "buildout.cfg"}

// Detect says what the project that begins at dir holds. A directory inside a project that has no manifest of its own belongs
// to that project.
//
// Facts: requirements (the requirements file to install, relative to Path), manifests (all files that installing the dependencies reads, separated
// by spaces), lockfile (Pipfile.lock, poetry.lock, uv.lock), environment (conda's file), setup ("true": the project itself is installed),
// dependenciesInstalled ("true": without what it requires, which a requirements file has brought), localRequirements ("true": a directory of the
// repository is among the requirements), gitRequirements ("true": a repository in Git is), privateIndex ("true": packages come from an index of
// one's own), server (packages to install beside the project's own because no manifest names them: "gunicorn<24"), setuptools (a bound for what
// builds packages from source: "<58"), wsgi (MODULE:VARIABLE that the server imports), manage (path of manage.py), pythonPath (directory that
// imports start from, relative to Path), staticfiles ("true": collectstatic is run in the build), translations ("true": they are compiled in the
// build), sqliteFile (the database file, relative to Path), sqliteDir (its directory; absent when it lies in Path itself), sqliteBeside (its name
// then), sqliteMigrate (what manage.py is told in the build to make the tables: "migrate --noinput"), handler (MODULE.FUNCTION that a platform for
// functions calls), event (what it is called for: s3, sqs, sns, kinesis, dynamodb, http, schedule), model (file with model_fn and what belongs
// to it, which a serving platform calls), modelDir (directory with the trained model that the repository brings, relative to Path).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	if template(dir.Path) {
		return nil, nil
	}
	base := path.Base(dir.Path)
	if base == "requirements" || base == "requirement" || base == "reqs" {
		return nil, nil // the lists of the project above
	}
	p := open(dir)
	if !p.own() && p.inside() {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p.components(), nil
}

// template reports whether a directory belongs to what a program hands out as the beginning of someone else's project.
func template(dir string) bool {
	return strings.Contains(dir, "{{") || strings.Contains(dir+"/", "project_template/") || strings.Contains(dir+"/", "app_template/")
}

// project is a directory with the manifests and sources that belong to it.
type project struct {
	dir      detect.Dir
	deps     map[string]dep // by normalised name
	files    []string       // its Python sources, relative to dir
	reqs     []string       // requirements files that were read, relative to dir
	sources  map[string]detect.File
	imported map[string]hit // modules that the sources import, with the first place
	scripts  []string       // programs without an ending of their name
	trouble  []detect.Readiness
	answers  map[asked][]hit // what searches over all sources found
	nested   []string        // directories below with a manifest of their own
}

func open(dir detect.Dir) *project {
	p := &project{dir: dir, deps: map[string]dep{}, sources: map[string]detect.File{}, answers: map[asked][]hit{}}
	p.nested = p.projectsBelow()
	p.list()
	return p
}

// own reports whether the directory has a manifest of its own.
func (p *project) own() bool {
	for _, m := range manifests {
		if p.dir.Has(m) {
			return true
		}
	}
	return p.dir.HasDir("requirements") && len(p.dir.Glob("requirements/*.txt")) > 0
}

// inside reports whether a directory above is a Python project.
func (p *project) inside() bool {
	for at := p.dir.Path; at != "."; {
		at = path.Dir(at)
		up, ok := p.dir.Sub(strings.Repeat("../", strings.Count(p.dir.Path, "/")+1-depth(at)))
		if !ok {
			return false
		}
		if (&project{dir: up}).own() || up.Has("manage.py") {
			return true
		}
	}
	return false
}

func depth(dir string) int {
	if dir == "." {
		return 0
	}
	return strings.Count(dir, "/") + 1
}

// projectsBelow are the directories below that are projects of their own.
func (p *project) projectsBelow() []string {
	var out []string
	for _, m := range []string{"requirements.txt", "setup.py", "pyproject.toml", "Pipfile"} {
		for _, f := range p.dir.Named(m) {
			if d := path.Dir(f); d != "." && path.Base(d) != "requirements" {
				out = append(out, d+"/")
			}
		}
	}
	return out
}

// maxSources bounds the Python files that are looked at.
const maxSources = 300

// skipped are directories whose Python is not the application, beside those in which no application lies (detect.Ours).
var skipped = []string{"migrations/", "venv/", ".venv/", "env/", "site-packages/", "build/", ".tox/", "project_template/", "app_template/", "{{cookiecutter.", "{{ cookiecutter."}

// list names the Python sources of the project, nearest first.
func (p *project) list() {
	var deep []string
next:
	for f := range p.dir.Files() {
		if !strings.HasSuffix(f, ".py") && !strings.HasSuffix(f, ".wsgi") {
			continue
		}
		for _, n := range p.nested {
			if strings.HasPrefix(f, n) {
				continue next
			}
		}
		if !detect.Ours(path.Dir(f)) {
			continue
		}
		for _, s := range skipped {
			if strings.HasPrefix(f, s) || strings.Contains(f, "/"+s) {
				continue next
			}
		}
		if b := path.Base(f); strings.HasPrefix(b, "test_") || strings.HasSuffix(b, "_test.py") || b == "conftest.py" || b == "tests.py" {
			continue
		}
		switch strings.Count(f, "/") {
		case 0, 1, 2:
			p.files = append(p.files, f)
		default:
			deep = append(deep, f)
		}
	}
	p.files = append(p.files, deep...)
	if len(p.files) > maxSources { // what lies beside the manifest stays, whatever its name begins with
		slices.SortStableFunc(p.files, func(a, b string) int { return strings.Count(a, "/") - strings.Count(b, "/") })
		p.files = p.files[:maxSources]
	}
}

// maxSource is the size in bytes beyond which a source is data.
const maxSource = 512 << 10

// source returns a Python file; one without content when it cannot be read.
func (p *project) source(name string) detect.File {
	if f, ok := p.sources[name]; ok {
		return f
	}
	f, err := p.dir.Read(name)
	if err != nil || len(f.Data) > maxSource {
		rel, _ := p.dir.Rel(name)
		f = detect.File{Path: rel}
	}
	p.sources[name] = f
	return f
}
