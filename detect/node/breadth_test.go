package node

import (
	"strings"
	"testing"
)

// A Procfile is shared by all languages of a directory.
func TestProcfileOfAnotherLanguage(t *testing.T) {
	f := find(t, map[string]string{"package.json": manifestOf(`"scripts": {"start": "node app.js"}`, "express 4"), "app.js": expressCode,
		"Procfile": "web: bundle exec puma -C config/puma.rb\nworker: RAILS_ENV=production bundle exec sidekiq\nmail: python3 mail.py\nrelease: bin/rails db:migrate\njobs: node jobs.js\n"})
	var got []string
	for _, c := range f.Components {
		for _, p := range c.Processes {
			got = append(got, string(c.Role.V)+": "+strings.Join(p.Command, " "))
		}
	}
	if s := strings.Join(got, "; "); s != "web: node app.js; worker: node jobs.js" {
		t.Error(s)
	}
}

// An installer puts the manifest in its place: the application lies above it.
func TestDisplacedManifest(t *testing.T) {
	pack := manifestOf(`"main": "app.js", "scripts": {"start": "node loader.js"}`, "express 4")
	for name, tt := range map[string]struct {
		files   map[string]string
		path    string
		install string
	}{
		"above":             {map[string]string{"install/package.json": pack, "app.js": expressCode, "loader.js": "require('./app')\n"}, ".", "cp install/package.json ./ && npm install"},
		"with its lock":     {map[string]string{"install/package.json": pack, "install/package-lock.json": "{\n  \"lockfileVersion\": 3,\n  \"packages\": {}\n}\n", "app.js": expressCode, "loader.js": ""}, ".", "cp install/package.json install/package-lock.json ./ && npm ci"},
		"where it belongs":  {map[string]string{"web/package.json": pack, "web/app.js": expressCode, "web/loader.js": "", "app.js": "", "loader.js": ""}, "web", "npm install"},
		"one above as well": {map[string]string{"package.json": "{}", "web/package.json": pack, "app.js": expressCode, "loader.js": ""}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := find(t, tt.files)
			if tt.path == "" {
				for _, c := range f.Components {
					if c.Path == "." {
						t.Errorf("%+v", c)
					}
				}
				return
			}
			c := one(t, tt.files)
			if c.Path != tt.path || !strings.HasPrefix(c.Facts["installCommand"].V, tt.install) || tt.path == "." && c.Facts["installNeedsSources"].V != "true" {
				t.Errorf("%s %v", c.Path, c.Facts["installCommand"])
			}
		})
	}
}

func TestPortThatIsNotPublic(t *testing.T) {
	const code = "var express = require('express')\nvar app = express()\nvar port = options.port\nif (!port) {\n  port = 80;\n}\napp.listen(port)\n"
	for name, tt := range map[string]struct {
		config string
		want   int
	}{
		"the address of the application": {"{\n  \"url\": {\n    \"host\": \"localhost:3000\"\n  }\n}\n", 3000},
		"the address of its database":    {"{\n  \"mongo\": {\n    \"mongoHost\": \"localhost:3001\"\n  }\n}\n", 80},
		"nothing else":                   {"{}\n", 80},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, map[string]string{"package.json": manifestOf("", "express 4"), "app.js": code, "config.default.json": tt.config})
			if c.Port.V != tt.want {
				t.Errorf("got %v, want %d", c.Port, tt.want)
			}
		})
	}
}

func TestServiceLoadedInABranch(t *testing.T) {
	for name, tt := range map[string]struct {
		app  string
		want bool
	}{
		"in a branch":        {"if (config.cache) {\n  require('./cache')\n}\n", false},
		"by the way through": {"if (config.cache) {\n  require('./cache/index.js')\n}\n", false},
		"always":             {"require('./cache/store')\nif (x) {\n  require('./cache')\n}\n", true},
		"by a name":          {"require('./' + name)\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, map[string]string{"package.json": manifestOf("", "express 4", "memcached 2"), "app.js": expressCode + tt.app, "cache/index.js": "module.exports = require('./store')\n", "cache/store.js": "var Memcached = require('memcached')\n"})
			for _, s := range c.Services {
				if s.Kind == "memcached" && s.Required != tt.want {
					t.Errorf("required %v", s.Required)
				}
			}
		})
	}
}

// Files that load each other under all names do not go round for ever.
func TestFilesThatLoadEachOther(t *testing.T) {
	one(t, map[string]string{"package.json": manifestOf("", "express 4", "memcached 2"), "app.js": expressCode, "c/index.js": "require('memcached')\nrequire('./index.ts')\n", "c/index.ts": "require('./index.js')\nrequire('./index')\n"})
}

// A start that makes what it runs is kept as a whole.
func TestStartThatBuilds(t *testing.T) {
	for start, want := range map[string]string{
		"rimraf ./tmp && babel server.js --out-dir ./tmp && node ./tmp/server.js": "sh -c rimraf ./tmp && babel server.js --out-dir ./tmp && node ./tmp/server.js",
		"npm run build && node dist/server.js":                                    "node dist/server.js",
		"knex migrate:latest && node server.js":                                   "node server.js",
	} {
		c := one(t, map[string]string{"package.json": manifestOf(`"scripts": {"start": "`+start+`", "build": "babel"}`, "express 4"), "server.js": expressCode})
		if got := strings.Join(c.Processes[0].Command, " "); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestWrittenAbove(t *testing.T) {
	c := one(t, map[string]string{"package.json": manifestOf("", "express 4"), "app.js": expressCode,
		"src/meta/css.js": "mkdirp(path.join(__dirname, '../../made/public'))\nfs.writeFileSync('/dev/stderr/x', 1)\nfs.mkdirSync('./kept')\n"})
	var got []string
	for _, w := range c.Writes {
		got = append(got, w.V)
	}
	if s := strings.Join(got, " "); s != "made/public kept" {
		t.Error(s)
	}
}

func TestVariablesAreNoMethods(t *testing.T) {
	c := one(t, map[string]string{"package.json": manifestOf("", "express 4"), "app.js": expressCode + "if (process.env.hasOwnProperty('CI')) {}\n"})
	for _, e := range c.Env {
		if e.Name == "hasOwnProperty" {
			t.Error(e)
		}
	}
}

// One of several databases is needed, whichever the configuration chooses.
func TestOneOfSeveralDatabases(t *testing.T) {
	for name, tt := range map[string]struct {
		deps []string
		code string
		want string
	}{
		"each in a branch": {[]string{"express 4", "mongodb 2", "pg 8"}, "switch (kind) {\n  case 'mongo': db = require('mongodb'); break\n}\nif (kind == 'pg') {\n  db = require('pg')\n}\n", "postgresql"},
		"by another name":  {[]string{"express 4", "mongodb 2", "mysql 2"}, "require('./db/' + kind)\n", "mysql"},
		"one in a branch":  {[]string{"express 4", "pg 8"}, "if (kind == 'pg') {\n  db = require('pg')\n}\n", ""},
		"one always":       {[]string{"express 4", "mongodb 2", "pg 8"}, "var pg = require('pg')\nif (old) {\n  db = require('mongodb')\n}\n", "postgresql"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, s := range one(t, map[string]string{"package.json": manifestOf("", tt.deps...), "app.js": expressCode + tt.code}).Services {
				if s.Required {
					got += s.Kind
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
