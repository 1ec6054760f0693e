package python

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

// FuzzDetect puts any text into any file of an application.
func FuzzDetect(f *testing.F) {
	names := []string{"requirements.txt", "setup.py", "setup.cfg", "pyproject.toml", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "environment.yml", "runtime.txt", ".python-version", ".tool-versions", "tox.ini",
		".travis.yml", "Procfile", "Dockerfile", "docker-compose.yml", "start.sh", "uwsgi.ini", "gunicorn.conf.py", "supervisord.conf", "production.ini", "app.yaml", "manage.py", "shop/settings.py", "shop/wsgi.py", "shop/urls.py",
		"shop/celery.py", "app.py", "config.py", ".env.example", "site.service", "apache/site.conf", "train"}
	f.Add(uint8(0), "-r other.txt\n-c c.txt\nDjango[argon2]>=1.11,<2 ; python_version < '3' # old\n-e git+https://example.com/x#egg=x\n")
	f.Add(uint8(1), "setup(install_requires=[\n  'flask>=1', \"celery\",\n], entry_points={'console_scripts': ['a = b:c']})\n")
	f.Add(uint8(24), "import os\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': os.environ.get('DB', 'x')}}\n")
	f.Add(uint8(14), "web: gunicorn -b :${PORT:-8000} shop.wsgi\nworker: celery -A shop worker -B\n")
	f.Add(uint8(18), "[uwsgi]\nmodule = shop.wsgi:application\nhttp = :8000\nattach-daemon = ./manage.py loop\n")
	f.Add(uint8(28), "from flask import Flask\napp = Flask(__name__)\nprint 'x'\nexcept IOError, e:\n")
	base := map[string]string{"requirements.txt": "Django==1.11\ncelery==4.1\nredis\npsycopg2\n", "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
		"shop/__init__.py": "", "shop/settings.py": "DATABASES = {}\n", "shop/wsgi.py": "application = 1\n", "Dockerfile": "FROM python:2.7\nCMD ./start.sh\n"}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		for _, with := range []bool{true, false} {
			files := map[string]string{names[int(which)%len(names)]: text}
			if with {
				for name, data := range base {
					if _, ok := files[name]; !ok {
						files[name] = data
					}
				}
			}
			if _, err := find(t, files).JSON(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzRequirement reads any line of a requirements file: a name that is found is one that an index knows how to compare.
func FuzzRequirement(f *testing.F) {
	for _, s := range []string{"Django==1.11.29", "celery[redis] >=4,<5", "x (>=1.0)", "lxml==4.9.1 --hash=sha256:00", "git+ssh://git@example.com/a.git@v1#egg=a", "a @ https://example.com/a.whl", "requests==2.*; python_version<'3'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, spec, ok := requirementOf(s)
		if ok && (name == "" || strings.ContainsAny(name, " \n=<>") || strings.ContainsAny(normal(name), "_.")) {
			t.Errorf("%q: %q %q", s, name, spec)
		}
		_ = lowest(spec)
		_ = upper(spec)
		_ = inRange(spec)
		if c := compare(spec, spec); c != 0 {
			t.Errorf("%q differs from itself", spec)
		}
	})
}

// FuzzSetupPy reads lists out of any Python source: what is found lies on the line that is said.
func FuzzSetupPy(f *testing.F) {
	f.Add("install_requires = [\n 'a==1', # x\n \"b\",\n]\n")
	f.Add("install_requires=read('requirements.txt')\n")
	f.Fuzz(func(t *testing.T, s string) {
		file := detect.File{Path: "setup.py", Data: []byte(s)}
		all := strings.Split(s, "\n")
		for _, i := range listAfter(file, "install_requires") {
			if i.Line < 1 || i.Line > len(all) || !strings.Contains(all[i.Line-1], i.Value) {
				t.Errorf("%q is not on line %d", i.Value, i.Line)
			}
		}
	})
}

// FuzzImports reads any import line.
func FuzzImports(f *testing.F) {
	for _, s := range []string{"import a.b as c, d", "from a.b import (c, d as e)", "from . import x", "from .a import b", "import a;import b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if slices.Contains(importedBy(s), "") {
			t.Errorf("%q imports nothing by name", s)
		}
	})
}

// FuzzCommand reads any command: one that is taken over names no directory of the machine that it was written on.
func FuzzCommand(f *testing.F) {
	for _, s := range []string{"/usr/local/bin/gunicorn -b :8000 a.wsgi", "celery -A x worker -B", "/srv/app/run.py --x /etc/app.conf", "uwsgi --ini /app/uwsgi.ini", "python -u manage.py loop"} {
		f.Add(s)
	}
	dir := detect.NewDir(detecttest.Tree(map[string]string{"run.py": "x"}), ".")
	f.Fuzz(func(t *testing.T, s string) {
		a := &app{project: &project{dir: dir}}
		words, ok := a.portable(s)
		for _, w := range words {
			if ok && path.IsAbs(w) && !strings.HasPrefix(w, os.DevNull) && w != "/dev/stdout" && w != "/dev/stderr" {
				t.Errorf("%q gives %q", s, words)
			}
		}
		_ = scheduleInTmp(pythonize(words))
		_, _ = targetOf(s)
	})
}
