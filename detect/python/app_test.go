package python

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// required are the kinds of service that a component does not work without.
func required(c detect.Component) string {
	var out []string
	for _, s := range c.Services {
		if s.Required {
			out = append(out, s.Kind)
		}
	}
	return strings.Join(out, " ")
}

func process(c detect.Component, name string) string {
	for _, p := range c.Processes {
		if p.Name == name {
			return strings.Join(p.Command, " ")
		}
	}
	return ""
}

func TestVersion(t *testing.T) {
	const flask = "from flask import Flask\napp = Flask(__name__)\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
		from  detect.Origin
	}{
		{"runtime.txt", map[string]string{"requirements.txt": "flask\n", "app.py": flask, "runtime.txt": "python-3.6.15\n"}, "3.6.15", detect.Declared},
		{".python-version", map[string]string{"requirements.txt": "flask\n", "app.py": flask, ".python-version": "2.7.16\n"}, "2.7.16", detect.Declared},
		{".tool-versions", map[string]string{"requirements.txt": "flask\n", "app.py": flask, ".tool-versions": "nodejs 12.0.0\npython 3.7.9\n"}, "3.7.9", detect.Declared},
		{"Pipfile", map[string]string{"Pipfile": "[packages]\nflask = \"*\"\n\n[requires]\npython_version = \"3.6\"\n", "app.py": flask}, "3.6", detect.Declared},
		{"conda", map[string]string{"environment.yml": "dependencies:\n  - python=3.7\n  - pip:\n    - flask==1.1\n", "app.py": flask}, "3.7", detect.Declared},
		{"Dockerfile", map[string]string{"requirements.txt": "flask\n", "app.py": flask, "Dockerfile": "FROM python:3.5-alpine\n"}, "3.5", detect.Declared},
		{"packages of a Dockerfile", map[string]string{"requirements.txt": "flask\n", "app.py": flask, "Dockerfile": "FROM debian:jessie\nRUN apt-get update && apt-get install -y python-dev python-pip\n"}, "2.7", detect.Inferred},
		{"base image made for Python", map[string]string{"requirements.txt": "flask\n", "app.py": flask, "Dockerfile": "FROM tiangolo/uwsgi-nginx-flask:python3.6\n"}, "3.6", detect.Declared},
		{"App Engine", map[string]string{"requirements.txt": "flask\n", "app.py": flask, "app.yaml": "runtime: python37\n"}, "3.7", detect.Declared},
		{"newest of the tests", map[string]string{"requirements.txt": "flask\n", "app.py": flask, ".travis.yml": "language: python\npython:\n  - \"2.7\"\n  - \"3.4\"\n"}, "3.4", detect.Declared},
		{"range of poetry", map[string]string{"pyproject.toml": "[tool.poetry.dependencies]\npython = \">=3.6,<3.9\"\nflask = \"*\"\n", "app.py": flask}, "3.8", detect.Declared},
		{"classifiers", map[string]string{"setup.py": "setup(classifiers=['Programming Language :: Python :: 2.7', 'Programming Language :: Python :: 3.5'])\n", "requirements.txt": "flask\n", "app.py": flask}, "3.5", detect.Declared},
		{"only the major one", map[string]string{"requirements.txt": "Flask==1.0.2\n", "app.py": flask, "runtime.txt": "python-3\n"}, "3.7", detect.Inferred},
		{"print statement", map[string]string{"requirements.txt": "flask\n", "app.py": flask + "print 'started'\n"}, "2.7", detect.Inferred},
		{"except with a comma", map[string]string{"requirements.txt": "flask\n", "app.py": flask + "try:\n    pass\nexcept IOError, e:\n    pass\n"}, "2.7", detect.Inferred},
		{"modules that are gone", map[string]string{"requirements.txt": "flask\n", "app.py": flask + "import urllib2\nimport ConfigParser\nx = unicode('')\n"}, "2.7", detect.Inferred},
		{"written for both", map[string]string{"requirements.txt": "flask==1.0\n", "app.py": flask + "try:\n    import urllib2\nexcept ImportError:\n    import urllib.request\n"}, "3.7", detect.Inferred},
		{"first line", map[string]string{"requirements.txt": "flask\n", "app.py": "#!/usr/bin/env python2\n" + flask}, "2.7", detect.Inferred},
		{"framework", map[string]string{"requirements.txt": "Flask==1.0.2\n", "app.py": flask}, "3.7", detect.Inferred},
		{"nothing", map[string]string{"requirements.txt": "flask\n", "app.py": flask}, defaultPython, detect.Default},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := one(t, test.files).LanguageVersion
			if v.V != test.want || v.From != test.from {
				t.Errorf("got %s (%s), want %s (%s)", v.V, v.From, test.want, test.from)
			}
		})
	}
}

func TestFrameworkVersion(t *testing.T) {
	const manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
	base := map[string]string{"manage.py": manage, "shop/__init__.py": "", "shop/settings.py": "import django\nDATABASES = {}\n", "shop/wsgi.py": "application = None\n"}
	with := func(more map[string]string) map[string]string {
		out := map[string]string{}
		for k, v := range base {
			out[k] = v
		}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	for _, test := range []struct {
		name          string
		files         map[string]string
		want, version string
	}{
		{"exact", with(map[string]string{"requirements.txt": "Django==1.6.11\n"}), "1.6.11", "2.7"},
		{"range", with(map[string]string{"requirements.txt": "Django>=1.8,<3.1\n"}), "1.8", "3.5"},
		{"a list that setup.py names", with(map[string]string{"requirements.txt": "-e .\n", "setup.py": "from setuptools import setup\ntests_require = ['Django==1.4']\nrequires = [\n    'Django==1.6.11',  # the last of its line\n]\nsetup(name='shop', install_requires=requires)\n"}), "1.6.11", "2.7"},
		{"what a deployment installs", with(map[string]string{"deploy-requirements.txt": "Django == 1.6.1\n", "local-requirements.txt": "Fabric\n"}), "1.6.1", "2.7"},
		{"requirements under another name", with(map[string]string{"site-requirements.txt": "Django == 1.6.1\n", "local-requirements.txt": "Django==2.2\n", "dev-requirements.txt": "Django==2.1\n"}), "1.6.1", "2.7"},
		{"requirements with pip's ending", map[string]string{"requirements.pip": "Django==1.5.4\n", "urls.py": "from django.conf.urls import patterns\n", "core/manage.py": manage, "core/views.py": "from django.http import HttpResponse\n", "core/__init__.py": ""}, "1.5.4", "2.7"},
		{"upper bound", with(map[string]string{"requirements.txt": "Django<2.0\n"}), "1.11", "3.7"},
		{"included file", with(map[string]string{"requirements/production.txt": "-r base.txt\ngunicorn==19.9\n", "requirements/base.txt": "Django==2.2.28\n"}), "2.2.28", "3.9"},
		{"constraints", with(map[string]string{"requirements.txt": "-c constraints.txt\nDjango\n", "constraints.txt": "Django==3.2.25\n"}), "3.2.25", "3.10"},
		{"made by startproject", with(map[string]string{"requirements.txt": "Django\n", "shop/settings.py": "\"\"\"\nGenerated by 'django-admin startproject' using Django 1.9.4.\n\"\"\"\nimport django\n"}), "1.9", "3.5"},
		{"gone from 1.6 on", with(map[string]string{"shop/urls.py": "from django.conf.urls.defaults import patterns\n"}), "1.5", "2.7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := one(t, test.files)
			if c.Framework.V != "django" || c.FrameworkVersion.V != test.want || c.LanguageVersion.V != test.version {
				t.Errorf("got %s %s on Python %s, want django %s on %s", c.Framework.V, c.FrameworkVersion.V, c.LanguageVersion.V, test.want, test.version)
			}
		})
	}
}

func TestServerAndPort(t *testing.T) {
	const flask = "from flask import Flask\napp = Flask(__name__)\n"
	for _, test := range []struct {
		name   string
		files  map[string]string
		server string
		port   int
		web    string
	}{
		{"Procfile", map[string]string{"requirements.txt": "flask\ngunicorn==20.1\n", "app.py": flask, "Procfile": "web: gunicorn app:app --log-file=-\n"}, "gunicorn", 5000, "gunicorn app:app --log-file=- --bind 0.0.0.0:5000"},
		{"Procfile with a port", map[string]string{"requirements.txt": "flask\ngunicorn\n", "app.py": flask, "Procfile": "web: gunicorn -b 0.0.0.0:${PORT:-8001} app:app\n"}, "gunicorn", 8001, "gunicorn -b 0.0.0.0:8001 app:app"},
		{"agent of a vendor", map[string]string{"requirements.txt": "flask\ngunicorn\n", "app.py": flask, "Procfile": "web: newrelic-admin run-program gunicorn app:app\n"}, "gunicorn", 5000, "gunicorn app:app --bind 0.0.0.0:5000"},
		{"Dockerfile", map[string]string{"requirements.txt": "flask\ngunicorn\n", "app.py": flask, "Dockerfile": "FROM python:3.8\nEXPOSE 80\nCMD [\"gunicorn\", \"app:app\", \"-b\", \"0.0.0.0:80\"]\n"}, "gunicorn", 80, "gunicorn app:app -b 0.0.0.0:80"},
		{"script of a Dockerfile", map[string]string{"requirements.txt": "flask\n", "app.py": flask, "Dockerfile": "FROM python:3.8\nENTRYPOINT [\"./start.sh\"]\n", "start.sh": "#!/bin/sh\nset -e\nexec gunicorn \\\n  --bind 0.0.0.0:8080 \\\n  --workers \"$WORKERS\" \\\n  app:app\n"}, "gunicorn", 8080, "gunicorn --bind 0.0.0.0:8080 --access-logfile - app:app"},
		{"uWSGI's configuration", map[string]string{"requirements.txt": "flask\n", "web.py": strings.Replace(flask, "app =", "site =", 1), "conf/uwsgi.ini": "[uwsgi]\nhttp-socket = :8008\nchdir = /srv/app\nmodule = web:site\n"}, "uwsgi", 8008, "uwsgi --http-socket 0.0.0.0:8008 --master --die-on-term --processes 2 --module web:site"},
		{"gunicorn's configuration", map[string]string{"requirements.txt": "flask\ngunicorn\n", "app.py": flask, "gunicorn.conf.py": "bind = '0.0.0.0:8123'\nworkers = 3\n"}, "gunicorn", 8123, "gunicorn --bind 0.0.0.0:8123 --access-logfile - app:app"},
		{"waitress", map[string]string{"requirements.txt": "flask\nwaitress\n", "app.py": flask}, "waitress", 5000, "waitress-serve --listen=0.0.0.0:5000 app:app"},
		{"mod_wsgi", map[string]string{"requirements.txt": "flask\n", "app.py": flask, "apache/site.conf": "WSGIScriptAlias / /var/www/site/app.wsgi\n"}, "mod_wsgi", 5000, "gunicorn --bind 0.0.0.0:5000 --access-logfile - app:app"},
		{"port of the code", map[string]string{"requirements.txt": "flask\n", "app.py": flask + "if __name__ == '__main__':\n    app.run(host='0.0.0.0', port=int(os.environ.get('PORT', 8095)))\n"}, "gunicorn", 8095, "gunicorn --bind 0.0.0.0:8095 --access-logfile - app:app"},
		{"factory", map[string]string{"requirements.txt": "flask\n", "shop/__init__.py": "from flask import Flask\n\ndef create_app(config=None):\n    app = Flask(__name__)\n    return app\n"}, "gunicorn", 5000, "gunicorn --bind 0.0.0.0:5000 --access-logfile - shop:create_app()"},
		{"sources in src", map[string]string{"requirements.txt": "flask\n", "src/app.py": flask}, "gunicorn", 5000, "gunicorn --bind 0.0.0.0:5000 --access-logfile - --chdir src app:app"},
		{"Tornado", map[string]string{"requirements.txt": "tornado==4.5\n", "server.py": "import tornado.web\nfrom tornado.options import define\ndefine('port', default=8899)\nif __name__ == '__main__':\n    app.listen(8899)\n    tornado.ioloop.IOLoop.current().start()\n"}, "none", 8899, "python server.py"},
		{"Tornado, the port of a task queue's monitor", map[string]string{"requirements.txt": "tornado==4.5\n", "server.py": "import tornado.web\nfrom tornado.options import define\ndefine('port', default=5555, type=int)\nif __name__ == '__main__':\n    tornado.ioloop.IOLoop.current().start()\n"}, "none", 5555, "python server.py"},
		{"a program that starts gunicorn", map[string]string{"requirements.txt": "flask\ngunicorn\n", "app.py": flask, "serve.py": "from gunicorn.app.wsgiapp import WSGIApplication\n"}, "gunicorn", 8000, "gunicorn --bind 0.0.0.0:8000 --access-logfile - app:app"},
		{"uWSGI's configuration as a sample of another name", map[string]string{"requirements.txt": "flask\n", "web.py": strings.Replace(flask, "app =", "site =", 1), "contrib/shop.ini.template": "[uwsgi]\nsocket = /tmp/shop.sock\nmodule = web:site\n", "contrib/php.ini": "[PHP]\nmodule = x\n"}, "uwsgi", 5000, "uwsgi --http-socket 0.0.0.0:5000 --master --die-on-term --processes 2 --module web:site"},
		{"FastAPI", map[string]string{"requirements.txt": "fastapi==0.95\nuvicorn\n", "main.py": "from fastapi import FastAPI\napp = FastAPI()\n"}, "uvicorn", 8000, "uvicorn --host 0.0.0.0 --port 8000 main:app"},
		{"Paste", map[string]string{"requirements.txt": "pyramid==1.10\nwaitress\n", "setup.py": "setup(name='shop')\n", "shop/__init__.py": "from pyramid.config import Configurator\n", "production.ini": "[app:main]\nuse = egg:shop\n\n[server:main]\nuse = egg:waitress#main\nlisten = *:6544\n"}, "waitress", 6544, "python -c from paste.deploy import loadapp; from waitress import serve; serve(loadapp('config:/app/production.ini'), host='0.0.0.0', port=6544)"},
		{"development server only", map[string]string{"requirements.txt": "flask\n", "app.py": flask + "if __name__ == '__main__':\n    app.run()\n", "Dockerfile": "FROM python:3.8\nEXPOSE 5000\nCMD [\"python\", \"app.py\"]\n"}, "none", 5000, "gunicorn --bind 0.0.0.0:5000 --access-logfile - app:app"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := one(t, test.files)
			if c.AppServer.V != test.server || c.Port.V != test.port || process(c, "web") != test.web {
				t.Errorf("got  %s on %d: %s\nwant %s on %d: %s", c.AppServer.V, c.Port.V, process(c, "web"), test.server, test.port, test.web)
			}
		})
	}
}

func TestServices(t *testing.T) {
	const manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
	django := func(requirements, settings string) map[string]string {
		return map[string]string{"manage.py": manage, "shop/__init__.py": "", "shop/wsgi.py": manage + "import django\napplication = None\n", "shop/settings.py": "import os, django\n" + settings, "requirements.txt": requirements}
	}
	flask := func(requirements, config string) map[string]string {
		return map[string]string{"requirements.txt": "flask\n" + requirements, "app.py": "import os\nfrom flask import Flask\napp = Flask(__name__)\n", "config.py": "import os\n" + config}
	}
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"engine", django("Django==1.11\npsycopg2\n", "DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.postgresql_psycopg2',\n    }\n}\n"), "postgresql"},
		{"engine of old releases", django("Django==1.1\n", "DATABASE_ENGINE = 'mysql'\n"), "mysql"},
		{"first of two, the other guarded", django("Django==3.1\npsycopg2\n", "DATABASES = {\n    'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'hc.sqlite'},\n}\nif os.getenv('DB') == 'postgres':\n    DATABASES = {\n        'default': {'ENGINE': 'django.db.backends.postgresql'},\n    }\n"), "sqlite"},
		{"the address of the environment", django("Django==1.11\npsycopg2\ndj-database-url\n", "DATABASES = {'default': dj_database_url.config(default='sqlite:///db.sqlite3')}\n"), "postgresql"},
		{"SQLAlchemy", flask("psycopg2\n", "SQLALCHEMY_DATABASE_URI = 'postgresql://localhost/x'\n"), "postgresql"},
		{"SQLAlchemy with a fallback", flask("psycopg2\n", "SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL') or \\\n    'sqlite:///' + 'x.db'\n"), "postgresql"},
		{"several classes", flask("pymysql\n", "class DevelopmentConfig:\n    SQLALCHEMY_DATABASE_URI = 'sqlite:///dev.db'\n\nclass ProductionConfig:\n    SQLALCHEMY_DATABASE_URI = 'mysql+pymysql://u@db/x'\n"), "mysql"},
		{"client in the code", flask("redis\n", "import redis\nclient = redis.Redis(host='redis')\n"), "redis"},
		{"client that nobody uses", flask("redis\npymongo\n", ""), ""},
		{"switched off", flask("redis\n", "import redis\nREDIS_ENABLED = False\nclient = redis.Redis(host='redis')\n"), ""},
		{"cache", django("Django==1.8\npython-memcached\nMySQL-python\n", "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.MemcachedCache'}}\n"), "mysql memcached"},
		{"bulk indexing", flask("elasticsearch\n", "from elasticsearch import helpers\n"), "elasticsearch"},
		{"documents", flask("pymongo\n", "import pymongo\n"), "mongodb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := one(t, test.files)
			if got := required(c); got != test.want {
				t.Errorf("got %q, want %q: %+v", got, test.want, c.Services)
			}
		})
	}
}

func TestWorkers(t *testing.T) {
	const web = "from flask import Flask\napp = Flask(__name__)\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string // names and commands of the components beside the first
	}{
		{"Procfile", map[string]string{"requirements.txt": "flask\ncelery\n", "app.py": web, "Procfile": "web: gunicorn app:app\nworker: celery -A app.tasks worker\nassets: npm run watch\n"}, "worker: celery -A app.tasks worker"},
		{"inferred", map[string]string{"requirements.txt": "flask\ncelery==4.4\n", "app.py": web, "tasks.py": "from celery import Celery\nqueue = Celery('x', broker='redis://localhost')\n\n@queue.task\ndef f():\n    pass\n"}, "worker: celery -A tasks:queue worker --loglevel info"},
		{"schedule", map[string]string{"requirements.txt": "flask\ncelery==4.4\n", "app.py": web, "Procfile": "web: gunicorn app:app\nclock: celery -A app beat\n"}, "clock: celery -A app beat --pidfile= --schedule /tmp/celerybeat-schedule"},
		{"a stated schedule is no worker", map[string]string{"requirements.txt": "flask\ncelery==4.4\n", "app.py": web, "tasks.py": "from celery import Celery\nqueue = Celery('x')\n", "docker-compose.yml": "services:\n  beat:\n    build: .\n    command: celery -A tasks beat\n"}, "beat: celery -A tasks beat --pidfile= --schedule /tmp/celerybeat-schedule\nworker: celery -A tasks:queue worker --loglevel info"},
		{"attached by uWSGI", map[string]string{"requirements.txt": "flask\n", "app.py": web, "uwsgi.ini": "[uwsgi]\nmodule = app:app\nattach-daemon = ./manage.py sendalerts\n"}, "sendalerts: python manage.py sendalerts"},
		{"a supervisor's sample with a script that is a worker", map[string]string{"requirements.txt": "flask\nrq\n", "app.py": web, "queue_worker.py": "from rq import Worker\nWorker(['high']).work()\n", "report.py": "print(1)\n",
			"contrib/supervisor/worker.conf.template": "[program:worker]\ncommand=/srv/env/bin/python queue_worker.py high\n", "contrib/supervisor/report.conf.template": "[program:report]\ncommand=/srv/env/bin/python report.py\n"}, "worker: python queue_worker.py high"},
		{"programs of its own that the Procfile starts", map[string]string{"requirements.txt": "flask\n", "app.py": web, "Procfile": "web: gunicorn app:app\nmail: shop-worker conf.ini mail\nstock: shop-worker conf.ini stock\nassets: shop assets\n"}, "mail: shop-worker conf.ini mail\nstock: shop-worker conf.ini stock"},
		{"queue", map[string]string{"requirements.txt": "flask\nrq\n", "app.py": web + "from rq import Queue\n"}, "worker: rq worker"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, c := range find(t, test.files).Components[1:] {
				got = append(got, c.Name+": "+process(c, "worker"))
			}
			if g := strings.Join(got, "\n"); g != test.want {
				t.Errorf("got %q, want %q", g, test.want)
			}
		})
	}
}

func TestFunctionsAndModels(t *testing.T) {
	for _, test := range []struct{ name, source, event string }{
		{"s3", "def handler(event, context):\n    for r in event['Records']:\n        print(r['s3']['bucket']['name'])\n", "s3"},
		{"sns", "def handler(event, context):\n    for r in event['Records']:\n        print(r['Sns']['Message'])\n", "sns"},
		{"kinesis", "def handler(event, context):\n    for r in event['Records']:\n        print(r['kinesis']['data'])\n", "kinesis"},
		{"dynamodb", "def handler(event, context):\n    for r in event['Records']:\n        print(r['dynamodb'])\n", "dynamodb"},
		{"sqs", "def handler(event, context):\n    for r in event['Records']:\n        print(r['body'])\n", "sqs"},
		{"unknown records", "def handler(event, context):\n    for r in event['Records']:\n        print(r)\n", "sqs"},
		{"http", "def handler(event, context):\n    return {'statusCode': 200, 'body': ''}\n", "http"},
		{"schedule", "def handler(event, context):\n    if event['source'] == 'aws.events':\n        print(1)\n", "schedule"},
		{"unknown", "def handler(event, context):\n    return event\n", ""},
	} {
		c := one(t, map[string]string{"requirements.txt": "boto3\n", "work/job.py": test.source, "work/__init__.py": ""})
		if c.Facts["handler"].V != "work.job.handler" || c.Facts["event"].V != test.event {
			t.Errorf("%s: %q %q", test.name, c.Facts["handler"].V, c.Facts["event"].V)
		}
	}
	c := one(t, map[string]string{"requirements.txt": "scikit-learn\n", "code/inference.py": "def model_fn(model_dir):\n    return 1\n", "model/m.joblib": "x", "model/README.md": ""})
	if c.Role.V != detect.Inference || c.Facts["model"].V != "code/inference.py" || c.Facts["modelDir"].V != "model" || c.Port.V != 8080 || c.HealthPath.V != "/ping" {
		t.Errorf("%+v", c)
	}
}

func TestRoles(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		role  detect.Role
		start string
	}{
		{"script", map[string]string{"requirements.txt": "requests\n", "report.py": "import requests\nif __name__ == '__main__':\n    pass\n"}, detect.Batch, "python report.py"},
		{"program without an ending", map[string]string{"requirements.txt": "lxml\n", "run": "#!/usr/bin/env python\nimport sys\n", "tasks/a.py": "print 'x'\n"}, detect.Batch, "python run"},
		{"installed programs", map[string]string{"setup.py": "setup(name='x', entry_points={\n    'console_scripts': ['x-index=x.index:main', 'x=x.cli:main', 'x-rule=x.rule:main'],\n})\n", "x/cli.py": "def main():\n    pass\n", "x/__init__.py": ""}, detect.CLI, "x"},
		{"installed program", map[string]string{"setup.py": "setup(name='x', entry_points={\n    'console_scripts': ['harvest = x.cli:main'],\n})\n", "x/cli.py": "def main():\n    pass\n", "x/__init__.py": ""}, detect.CLI, "harvest"},
		{"library", map[string]string{"setup.py": "setup(name='x', install_requires=['flask'])\n", "x/__init__.py": "import flask\n", "x/util.py": ""}, detect.Library, ""},
		{"function", map[string]string{"requirements.txt": "boto3\n", "handler.py": "def lambda_handler(event, context):\n    return {}\n"}, detect.Function, ""},
		{"inference", map[string]string{"requirements.txt": "flask\nscikit-learn\n", "predictor.py": "import flask\napp = flask.Flask(__name__)\n\n@app.route('/ping')\ndef ping():\n    return ''\n\n@app.route('/invocations', methods=['POST'])\ndef go():\n    return ''\n"}, detect.Inference, "gunicorn --bind 0.0.0.0:8080 --access-logfile - predictor:app"},
		{"training", map[string]string{"requirements.txt": "xgboost\n", "train.py": "import os\nimport xgboost\nif __name__ == '__main__':\n    os.environ['SM_MODEL_DIR']\n"}, detect.Training, "python train.py"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := one(t, test.files)
			got := ""
			if len(c.Processes) > 0 {
				got = strings.Join(c.Processes[0].Command, " ")
			}
			if c.Role.V != test.role || got != test.start {
				t.Errorf("got %s %q, want %s %q", c.Role.V, got, test.role, test.start)
			}
		})
	}
}

func TestNothing(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"tool of another project": {"package.json": "{}", "scripts/release.py": "print('x')\n"},
		"documents":               {"docs/requirements.txt": "sphinx\n", "docs/conf.py": "project = 'x'\n"},
		"requirements alone":      {"requirements.txt": "ansible==2.9\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if f := find(t, files); len(f.Components) > 0 {
				t.Errorf("found %+v", f.Components[0])
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	c := one(t, map[string]string{"requirements.txt": "flask\nredis\n", "app.py": `import os
from flask import Flask
import redis
app = Flask(__name__)
app.secret_key = os.environ['SECRET_KEY']
cache = redis.from_url(os.getenv('CACHE', 'redis://localhost/1'))
queue = redis.from_url(os.getenv('QUEUE_AT', 'redis://localhost/2'))
agent = environ.get('HTTP_USER_AGENT')
debug = os.environ.get('APP_DEBUG', 'no')
`})
	got := map[string]detect.EnvVar{}
	for _, e := range c.Env {
		got[e.Name] = e
	}
	if e := got["SECRET_KEY"]; !e.Required || !e.Secret {
		t.Errorf("SECRET_KEY: %+v", e)
	}
	if e := got["APP_DEBUG"]; e.Required || e.Default != "no" {
		t.Errorf("APP_DEBUG: %+v", e)
	}
	if _, ok := got["HTTP_USER_AGENT"]; ok {
		t.Error("a header of a request is no setting")
	}
	if env := c.Services[0].Env; env["url"] != "CACHE" || env["url.2"] != "QUEUE_AT" {
		t.Errorf("Redis is found by %v", env)
	}
}

// TestServedModule: a package wsgi, also where the sources are more than are looked at.
func TestServedModule(t *testing.T) {
	files := map[string]string{"manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n", "requirements.txt": "Django==5.0\n", "shop/__init__.py": "", "shop/settings.py": "import django\n", "wsgi/__init__.py": "",
		"wsgi/app.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"}
	for i := range maxSources {
		files[fmt.Sprintf("shop/parts/p%03d.py", i)] = "x = 1\n"
	}
	if got := process(one(t, files), "web"); !strings.HasSuffix(got, " wsgi.app:application") {
		t.Errorf("it is started by %q", got)
	}
}

func TestSettingsModule(t *testing.T) {
	const manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.dev')\n"
	base := map[string]string{"manage.py": manage, "requirements.txt": "Django==3.2\n", "shop/__init__.py": "", "shop/settings/dev.py": "import django\n", "shop/wsgi.py": "application = 1\n"}
	for _, test := range []struct{ name, file, text, want string }{
		{"the scripts' own", "x.txt", "", "shop.settings.dev"},
		{"beside it", "shop/settings/production.py", "DEBUG = False\n", "shop.settings.production"},
		{"of the image", "Dockerfile", "FROM python:3.9\nENV DJANGO_SETTINGS_MODULE=shop.settings.docker\n", "shop.settings.docker"},
		{"of the server", "shop/wsgi.py", "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings.live'\napplication = 1\n", "shop.settings.live"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{}
			for k, v := range base {
				files[k] = v
			}
			files[test.file] = test.text
			for _, e := range one(t, files).Env {
				if e.Name == "DJANGO_SETTINGS_MODULE" {
					if e.Value != test.want {
						t.Errorf("got %s, want %s", e.Value, test.want)
					}
					return
				}
			}
			t.Error("not set")
		})
	}
}

func TestFacts(t *testing.T) {
	const flask = "from flask import Flask\napp = Flask(__name__)\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  map[string]string
	}{
		{"requirements", map[string]string{"app.py": flask, "requirements.txt": "-r more/base.txt\nflask\n", "more/base.txt": "git+https://example.com/x.git#egg=x\n"},
			map[string]string{"requirements": "requirements.txt", "manifests": "requirements.txt more/base.txt", "gitRequirements": "true"}},
		{"the repository itself", map[string]string{"app.py": flask, "requirements.txt": "-e .\nflask\n", "setup.py": "setup(name='x')\n"}, map[string]string{"localRequirements": "true"}},
		{"an index of one's own", map[string]string{"app.py": flask, "requirements.txt": "--extra-index-url https://packages.example.com/simple\nflask\n"}, map[string]string{"privateIndex": "true"}},
		{"lock of poetry", map[string]string{"app.py": flask, "pyproject.toml": "[tool.poetry.dependencies]\nflask = \"*\"\n", "poetry.lock": "[[package]]\nname = \"flask\"\nversion = \"2.0.3\"\n"}, map[string]string{"lockfile": "poetry.lock", "manifests": "pyproject.toml poetry.lock"}},
		{"built by old tools", map[string]string{"app.py": flask, "requirements.txt": "flask\ncelery==3.1.25\n", "runtime.txt": "python-3.6.8\n"}, map[string]string{"setuptools": "<58"}},
		{"conda", map[string]string{"app.py": flask, "environment.yml": "dependencies:\n  - python=3.8\n  - flask=1.1\n"}, map[string]string{"environment": "environment.yml"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := one(t, test.files)
			for key, want := range test.want {
				if got := c.Facts[key].V; got != want {
					t.Errorf("%s: got %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestHinted(t *testing.T) {
	for _, test := range []struct {
		data  string
		hints []string
		want  string
	}{
		{"a\nxb\n\nx\nc", []string{"x"}, "2:xb 4:x "},
		{"yx\nx", []string{"x", "y"}, "1:yx 2:x "},
		{"x\n", []string{"x"}, "1:x "},
		{"\n\nab", []string{"b", "z"}, "3:ab "},
		{"a\nb\n", nil, "1:a 2:b "},
		{"", []string{"x"}, ""},
	} {
		got := ""
		for n, text := range hinted([]byte(test.data), test.hints) {
			got += itoa(n) + ":" + string(text) + " "
		}
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.data, got, test.want)
		}
	}
}
