package python

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// What startproject wrote until Django 1.5, and what projects made of it.
func TestEngineOf(t *testing.T) {
	for line, want := range map[string]string{
		`'ENGINE': 'django.db.backends.sqlite3', # Add 'postgresql_psycopg2', 'mysql', 'sqlite3' or 'oracle'.`: "sqlite",
		`'ENGINE': 'django.db.backends.', # Add 'postgresql_psycopg2', 'mysql', 'sqlite3' or 'oracle'.`:        "",
		`"ENGINE": "django.contrib.gis.db.backends.postgis",`:                                                  "postgresql",
		`'ENGINE': os.environ.get('DB_ENGINE', 'django.db.backends.mysql'),`:                                   "mysql",
		`ENGINE='mysql.connector.django'`:                                                                      "mysql",
		`'ENGINE': 'tenant_schemas.postgresql_backend',`:                                                       "postgresql",
		`'ENGINE': 'django_prometheus.db.backends.postgresql',`:                                                "postgresql",
		`'ENGINE': 'sql_server.pyodbc',`:                                                                       "sqlserver",
		`'ENGINE': 'djongo',`:                                                                                  "mongodb",
		`'ENGINE': 'oracle', 'NAME': 'a#b'`:                                                                    "oracle",
		`'default': env.db(default='postgres://localhost/shop'), # or mysql://`:                                "postgresql",
		`'BACKEND': 'haystack'`:                                                                                "",
	} {
		for range 20 { // a map's order is another one each time
			if got := engineOf(line); got != want {
				t.Fatalf("%s: got %q, want %q", line, got, want)
			}
		}
	}
}

func TestDatabaseOfAProperty(t *testing.T) {
	c := one(t, map[string]string{"requirements.txt": "django==1.9\n", "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n", "shop/__init__.py": "", "shop/wsgi.py": "application = None\n",
		"shop/settings.py": "import django\nclass Shop(object):\n    @property\n    def DATABASES(self):\n        return {\n            'default': {\n                'ENGINE': 'django.db.backends.mysql',\n            }\n        }\n"})
	if got := required(c); got != "mysql" {
		t.Errorf("got %q", got)
	}
}

func TestOptionalClients(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"left out without an address": {map[string]string{"requirements.txt": "flask\nelasticsearch\n",
			"app.py": "from flask import Flask\nfrom elasticsearch import Elasticsearch\napp = Flask(__name__)\napp.es = Elasticsearch([app.config['ES_URL']]) \\\n    if app.config['ES_URL'] else None\n"}, ""},
		"always there": {map[string]string{"requirements.txt": "flask\nelasticsearch\n",
			"app.py": "from flask import Flask\nfrom elasticsearch import Elasticsearch\napp = Flask(__name__)\napp.es = Elasticsearch(['localhost'])\n"}, "elasticsearch"},
		"switched off": {map[string]string{"requirements.txt": "flask\nelasticsearch\n", "config.py": "USE_ELASTIC_SEARCH = False\n",
			"app.py": "from flask import Flask\nfrom elasticsearch import Elasticsearch\napp = Flask(__name__)\nes = Elasticsearch()\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := required(one(t, tt.files)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPythonOfOldCode(t *testing.T) {
	const pyramid = "from pyramid.config import Configurator\ndef main(global_config, **settings):\n    return Configurator().make_wsgi_app()\n"
	setup := func(more string) string { return more + "setup(name='polls', install_requires=['pyramid'])\n" }
	older := map[string]string{"setup.py": setup(""), "polls/__init__.py": pyramid, "polls/six.py": "import urllib.request\n"}
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		older["polls/"+n+".py"] = "print 'x'\n"
	}
	halves := map[string]string{"setup.py": setup(""), "polls/__init__.py": pyramid, "polls/six.py": "import urllib.request\n", "polls/a.py": "print 'x'\n"}
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"asked for in setup.py":     {map[string]string{"setup.py": setup("import sys\nif sys.version_info[:3] < (2, 6, 0):\n    raise RuntimeError('too old')\n"), "polls/__init__.py": pyramid}, "2.7"},
		"setup.py knows 3":          {map[string]string{"setup.py": setup("import sys\nif sys.version_info < (2, 6):\n    raise RuntimeError('too old')\n# Programming Language :: Python :: 3\n"), "polls/__init__.py": pyramid}, defaultPython},
		"one file for both":         {older, "2.7"},
		"converted by halves":       {halves, defaultPython},
		"vendored code is not read": {map[string]string{"setup.py": setup(""), "polls/__init__.py": pyramid, "polls/externals/x.py": "print 'x'\n"}, defaultPython},
	} {
		t.Run(name, func(t *testing.T) {
			tt.files["production.ini"] = "[app:main]\nuse = egg:polls\n"
			if got := one(t, tt.files).LanguageVersion.V; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A package that writes the beginning of other people's sites is no site itself.
func TestTemplatesOfProjects(t *testing.T) {
	files := map[string]string{"setup.py": "setup(name='press', install_requires=['django>=2.2'], entry_points={'console_scripts': ['press-project=press.bin:main']})\n", "press/__init__.py": "import django\n", "press/bin.py": "def main():\n    pass\n"}
	const manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n"
	for _, dir := range []string{"press/project_template/", "{{cookiecutter.name}}/"} {
		t.Run(dir, func(t *testing.T) {
			in := map[string]string{dir + "manage.py": manage, dir + "site/settings.py": "import django\n", dir + "site/wsgi.py": "application = None\n", dir + "requirements.txt": "django\n"}
			for k, v := range files {
				in[k] = v
			}
			for _, c := range find(t, in).Components {
				if c.Role.V == detect.Web {
					t.Errorf("%s is a web component: %v", c.Path, c.Role.Evidence)
				}
			}
		})
	}
}

func TestOwnPorts(t *testing.T) {
	for module, want := range map[string]int{"bottle": 8080, "cherrypy": 8080, "webapp2": 8080, "streamlit": 8501} {
		c := one(t, map[string]string{"requirements.txt": module + "\n", "app.py": "import " + module + "\nif __name__ == '__main__':\n    " + module + ".run(app)\n"})
		if c.Port.V != want || !strings.Contains(c.Port.Why, "own server") {
			t.Errorf("%s: %v", module, c.Port)
		}
	}
}

// A script of migrations is run before the server, not as one.
func TestPreparingScripts(t *testing.T) {
	for command, want := range map[string]string{"python3 ./db_migrate.py stamp head": "gunicorn", "python manage_db.py db upgrade": "gunicorn", "python serve.py": "none"} {
		files := map[string]string{"requirements.txt": "flask\nflask-script\n", "entrypoint.sh": "#!/bin/sh\n" + command + "\n", "Dockerfile": "FROM python:3.7\nENTRYPOINT [\"./entrypoint.sh\"]\n",
			"app.py": "from flask import Flask\napp = Flask(__name__)\n"}
		for _, name := range []string{"db_migrate.py", "manage_db.py", "serve.py"} {
			files[name] = "from flask import Flask\nfrom app import app\napp.run()\n"
		}
		if got := one(t, files).AppServer.V; got != want {
			t.Errorf("%s: got %s, want %s", command, got, want)
		}
	}
}

// What extends a framework requires it, and a manifest often names the extensions alone.
func TestFrameworkOfExtensions(t *testing.T) {
	const app = "from werkzeug.serving import run_simple\nfrom flask import request\nfrom house.web import HouseFlask\napp = HouseFlask(__name__)\n"
	for name, tt := range map[string]struct{ requirements, code, want string }{
		"extensions":      {"Flask-Login==0.2.11\nWerkzeug==0.10.4\n", app, "flask"},
		"not imported":    {"Flask-Login==0.2.11\nWerkzeug==0.10.4\n", "from werkzeug.serving import run_simple\nrun_simple('0.0.0.0', 80, app)\n", "none"},
		"another package": {"flasky==1.0\nWerkzeug==0.10.4\n", "from werkzeug.serving import run_simple\nimport flasky\nrun_simple('0.0.0.0', 80, app)\n", "none"},
		"itself":          {"Flask==0.10\nFlask-Login==0.2.11\n", app, "flask 0.10"},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, map[string]string{"requirements.txt": tt.requirements, "app.py": tt.code})
			if got := strings.TrimSpace(c.Framework.V + " " + c.FrameworkVersion.V); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
