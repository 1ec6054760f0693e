package node

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
	"github.com/drydock-cli/drydock/source"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/node-tickets"), os.DirFS("../../testdata/apps/node-catalogue"))
}

// find runs the detector over a tree.
func find(t testing.TB, files map[string]string) *detect.Findings {
	t.Helper()
	return detecttest.Find(t, Detector{}, files)
}

// one is the first component of a tree.
func one(t testing.TB, files map[string]string) detect.Component {
	t.Helper()
	f := find(t, files)
	if len(f.Components) == 0 {
		t.Fatalf("nothing found; warnings %v", f.Warnings)
	}
	return f.Components[0]
}

// manifest is a package.json with dependencies given as "name range", development's with a "-" before them.
func manifestOf(more string, deps ...string) string {
	var run, dev []string
	for _, d := range deps {
		name, wanted, _ := strings.Cut(strings.TrimPrefix(d, "-"), " ")
		line := fmt.Sprintf("    %q: %q", name, wanted)
		if strings.HasPrefix(d, "-") {
			dev = append(dev, line)
		} else {
			run = append(run, line)
		}
	}
	out := "{\n  \"private\": true,\n"
	if more != "" {
		out += "  " + more + ",\n"
	}
	return out + "  \"dependencies\": {\n" + strings.Join(run, ",\n") + "\n  },\n  \"devDependencies\": {\n" + strings.Join(dev, ",\n") + "\n  }\n}\n"
}

const expressCode = "var express = require('express')\nvar app = express()\napp.listen(process.env.PORT || 3000)\n"

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares all that is said about the repository's own applications with what they are known to be.
func TestGolden(t *testing.T) {
	for _, app := range []string{"node-tickets", "node-catalogue"} {
		t.Run(app, func(t *testing.T) {
			tr, err := source.Open(context.Background(), "../../testdata/apps/"+app, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			f, err := detect.Run(context.Background(), tr, []detect.Detector{Detector{}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			f.Location, f.Commit = "testdata/apps/"+app, ""
			got, err := f.JSON()
			if err != nil {
				t.Fatal(err)
			}
			golden := "testdata/" + app + ".detect.json"
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("run with -update if this is meant:\n%s", diff)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	start := `"scripts": {"start": "node server.js"}`
	build := `"scripts": {"start": "react-scripts start", "build": "x build"}`
	for name, tt := range map[string]struct {
		files map[string]string
		want  string // role framework version build language; "" nothing
	}{
		"express":          {map[string]string{"package.json": manifestOf(start, "express ^4.16.0"), "server.js": expressCode}, "web express 4.16.0 npm javascript"},
		"express 3":        {map[string]string{"package.json": manifestOf("", "express 3.x"), "app.js": "var express = require('express');\nhttp.createServer(app).listen(app.get('port'))\n"}, "web express 3 npm javascript"},
		"koa, typed":       {map[string]string{"package.json": manifestOf(`"scripts": {"start": "node dist/app.js", "build": "tsc"}`, "koa ^2.5.0", "-typescript ^3.0.0"), "tsconfig.json": "{}", "src/app.ts": "import * as Koa from 'koa'\napp.listen(8080)\n"}, "web koa 2.5.0 npm typescript"},
		"hapi":             {map[string]string{"package.json": manifestOf(start, "@hapi/hapi ^18.1.0"), "server.js": "const Hapi = require('@hapi/hapi')\nserver.start()\n"}, "web hapi 18.1.0 npm javascript"},
		"nest":             {map[string]string{"package.json": manifestOf(`"scripts": {"start:prod": "node dist/main"}`, "@nestjs/core 7.0.5"), "src/main.ts": "import { NestFactory } from '@nestjs/core'\nawait app.listen(3000)\n"}, "web nest 7.0.5 npm typescript"},
		"next":             {map[string]string{"package.json": manifestOf(`"scripts": {"build": "next build", "start": "next start"}`, "next 9.3.0", "react 16.13.0", "react-dom 16.13.0"), "pages/index.js": ""}, "web next 9.3.0 npm javascript"},
		"next, exported":   {map[string]string{"package.json": manifestOf(`"scripts": {"build": "next build && next export"}`, "next 9.3.0"), "pages/index.js": ""}, "spa next 9.3.0 npm javascript"},
		"nuxt":             {map[string]string{"package.json": manifestOf(`"scripts": {"build": "nuxt build", "start": "nuxt start"}`, "nuxt ^2.0.0")}, "web nuxt 2.0.0 npm javascript"},
		"nuxt, generated":  {map[string]string{"package.json": manifestOf(`"scripts": {"build": "nuxt generate"}`, "nuxt ^2.14.0"), "nuxt.config.js": "export default { target: 'static' }\n"}, "spa nuxt 2.14.0 npm javascript"},
		"sails":            {map[string]string{"package.json": manifestOf(`"scripts": {"start": "node app.js"}`, "sails ~0.12.0"), "app.js": "sails.lift()\n"}, "web express  npm javascript"},
		"meteor":           {map[string]string{".meteor/release": "METEOR@1.6.0.1\n", ".meteor/packages": "mongo\n", "package.json": manifestOf("", "bson-ext ^2.0.0")}, "web meteor 1.6.0.1 npm javascript"},
		"old meteor":       {map[string]string{".meteor/release": "0.8.2\n", "client/main.js": ""}, "web meteor 0.8.2 npm javascript"},
		"http":             {map[string]string{"package.json": manifestOf(start), "server.js": "const http = require('http')\nhttp.createServer(f).listen(8000)\n"}, "web none  npm javascript"},
		"react":            {map[string]string{"package.json": manifestOf(build, "react ^16.3.0", "react-dom ^16.3.0", "-react-scripts 1.1.1"), "public/index.html": "", "src/index.js": ""}, "spa react 16.3.0 npm javascript"},
		"angular":          {map[string]string{"package.json": manifestOf(`"scripts": {"build": "ng build"}`, "@angular/core ~8.2.0", "-@angular/cli ~8.3.0"), "src/main.ts": "", "angular.json": "{}"}, "spa angular 8.2.0 npm typescript"},
		"angularjs, bower": {map[string]string{"bower.json": `{"dependencies": {"angular": "~1.4.0"}}`, "app/index.html": ""}, "spa angular 1.4.0 bower javascript"},
		"vue, yarn":        {map[string]string{"package.json": manifestOf(build, "vue ^2.6.10"), "yarn.lock": "# yarn lockfile v1\n\n\nvue@^2.6.10:\n  version \"2.6.14\"\n", "public/index.html": ""}, "spa vue 2.6.14 yarn javascript"},
		"ember":            {map[string]string{"package.json": manifestOf(build, "-ember-source ~3.4.0", "-ember-cli ~3.4.0")}, "spa ember 3.4.0 npm javascript"},
		"express for dev":  {map[string]string{"package.json": manifestOf(build, "react ^16.0.0", "react-dom ^16.0.0", "-express ^4.0.0", "-webpack-dev-server ^2.0.0"), "public/index.html": "", "tools/dev-server.js": expressCode}, "spa react 16.0.0 npm javascript"},
		"mean":             {map[string]string{"package.json": manifestOf(`"scripts": {"start": "gulp"}`, "express ^4.17.1", "mongoose ^5.0.0"), "bower.json": `{"dependencies": {"angular": "~1.6"}}`, "server.js": expressCode}, "web express 4.17.1 npm javascript"},
		"gulp pages":       {map[string]string{"package.json": manifestOf(`"scripts": {"build": "gulp build"}`, "-gulp ^4.0.0"), "src/index.html": "", ".gitignore": "dist\n"}, "static none  npm javascript"},
		"worker":           {map[string]string{"package.json": manifestOf(start, "amqplib ^0.5.0"), "server.js": "const amqp = require('amqplib')\n"}, "worker none  npm javascript"},
		"function":         {map[string]string{"package.json": manifestOf("", "aws-sdk ^2.0.0"), "serverless.yml": "provider:\n  name: aws\n  runtime: nodejs8.10\nfunctions:\n  hello:\n    handler: x.y\n", "handler.js": ""}, "function none  npm javascript"},
		"pnpm":             {map[string]string{"package.json": manifestOf(`"scripts": {"build": "vite build"}`, "vue ^3.2.0", "-vite ^3.0.0"), "pnpm-lock.yaml": "lockfileVersion: '6.0'\n\npackages:\n\n  /vue@3.2.47:\n    resolution: {}\n", "index.html": ""}, "spa vue 3.2.47 pnpm javascript"},
		"tools only":       {map[string]string{"package.json": manifestOf(`"scripts": {"test": "jest", "lint": "eslint ."}`, "-eslint ^6.0.0", "-jest ^24.0.0", "-husky ^3.0.0")}, ""},
		"a library":        {map[string]string{"package.json": `{"name": "x", "main": "index.js", "files": ["lib"], "peerDependencies": {"react": "*"}, "devDependencies": {"react": "16"}, "scripts": {"build": "rollup -c"}}`, "index.js": ""}, "library none  npm javascript"},
		"packets":          {map[string]string{"package.json": `{"name": "x", "bin": "bin/x", "scripts": {"start": "node server.js config.js"}}`, "bin/x": "#!/usr/bin/env node\n", "server.js": "var dgram = require('dgram')\nvar s = dgram.createSocket('udp4', f)\ns.bind(config.port || 8125)\n"}, "worker none  npm javascript"},
		"packets sent":     {map[string]string{"package.json": `{"name": "x", "bin": "bin/x", "scripts": {"start": "node client.js"}}`, "bin/x": "#!/usr/bin/env node\n", "client.js": "var s = require('dgram').createSocket('udp4')\nvar c = dgram.createSocket('udp4')\nc.send(b, f.bind(this))\n"}, "cli none  npm javascript"},
		"a command":        {map[string]string{"package.json": `{"name": "x", "bin": "cli.js"}`, "cli.js": ""}, "cli none  npm javascript"},
		"loaded by others": {map[string]string{"package.json": `{"name": "x", "main": "index.js", "dependencies": {"express": "4"}}`, "index.js": "var express = require('express')\nmodule.exports = function () {}\n", "demo.js": expressCode}, "library none  npm javascript"},
		"not a manifest":   {map[string]string{"package.json": "[1, 2]"}, ""},
		"broken":           {map[string]string{"package.json": "{\"dependencies\": {"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := find(t, tt.files)
			got := ""
			if len(f.Components) > 0 {
				c := f.Components[0]
				got = strings.Join([]string{string(c.Role.V), c.Framework.V, c.FrameworkVersion.V, c.Build.V, c.Language.V}, " ")
			}
			if got != tt.want {
				t.Errorf("got %q, want %q; warnings %v", got, tt.want, f.Warnings)
			}
		})
	}
}

func TestLanguageVersion(t *testing.T) {
	engines := func(v string) string { return `"engines": {"node": "` + v + `"}` }
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
		from  detect.Origin
	}{
		"exact":                  {map[string]string{"package.json": manifestOf(engines("8.9.4"), "express 4")}, "8.9.4", detect.Declared},
		"a line":                 {map[string]string{"package.json": manifestOf(engines("10.x"), "express 4"), ".nvmrc": "12"}, "10", detect.Declared},
		"0.10":                   {map[string]string{"package.json": manifestOf(engines("0.10.x"), "express 3")}, "0.10", detect.Declared},
		"open":                   {map[string]string{"package.json": manifestOf(engines(">=6.9.0"), "express 4.16.4")}, "6.9.0", detect.Declared},
		"open, and a file":       {map[string]string{"package.json": manifestOf(engines(">= 6.9.0"), "express 4"), ".nvmrc": "v8.11.1\n"}, "8.11.1", detect.Declared},
		"a file outside":         {map[string]string{"package.json": manifestOf(engines(">=8 <10"), "express 4"), ".nvmrc": "12"}, "8", detect.Declared},
		"open since ever":        {map[string]string{"package.json": manifestOf(engines(">=0.8"), "express ^4.17.0")}, "12", detect.Inferred},
		"alternatives":           {map[string]string{"package.json": manifestOf(engines("^8.10.0 || ^10.13.0"), "express ^4.17.0")}, "10", detect.Inferred},
		"lts name":               {map[string]string{"package.json": manifestOf("", "express 4"), ".nvmrc": "lts/carbon"}, "8", detect.Declared},
		"tool versions":          {map[string]string{"package.json": manifestOf("", "express 4"), ".tool-versions": "ruby 2.5\nnodejs 12.16.1\n"}, "12.16.1", detect.Declared},
		"ci":                     {map[string]string{"package.json": manifestOf("", "express 4"), ".travis.yml": "node_js:\n  - \"6\"\n  - \"8\"\n  - \"9\"\n"}, "8", detect.Inferred},
		"docker":                 {map[string]string{"package.json": manifestOf("", "express 4"), "Dockerfile": "FROM node:14-alpine\nCMD [\"node\", \"server.js\"]\n"}, "14", detect.Declared},
		"packages' time":         {map[string]string{"package.json": manifestOf("", "express ~3.4.0", "mongoose 3.8.0")}, "0.10", detect.Inferred},
		"no newer than they run": {map[string]string{"package.json": manifestOf("", "express ^4.17.0", "node-sass ^4.5.0")}, "10", detect.Inferred},
		"lock format":            {map[string]string{"package.json": manifestOf("", "leftpad 1"), "package-lock.json": "{\n  \"lockfileVersion\": 3\n}\n"}, "18", detect.Inferred},
		"nothing":                {map[string]string{"package.json": manifestOf("", "leftpad 1")}, defaultNode, detect.Default},
		"nonsense":               {map[string]string{"package.json": manifestOf(engines("whatever"), "leftpad 1")}, defaultNode, detect.Default},
		"volta":                  {map[string]string{"package.json": manifestOf(`"volta": {"node": "14.17.0"}`, "express 4")}, "14.17.0", detect.Declared},
	} {
		t.Run(name, func(t *testing.T) {
			tt.files["server.js"] = "var http = require('http')\nhttp.createServer().listen(1)\n" + expressCode
			if _, ok := tt.files["Procfile"]; !ok {
				tt.files["Procfile"] = "web: node server.js\n"
			}
			c := one(t, tt.files)
			if c.LanguageVersion.V != tt.want || c.LanguageVersion.From != tt.from {
				t.Errorf("got %s (%s), want %s (%s)", c.LanguageVersion.V, c.LanguageVersion.From, tt.want, tt.from)
			}
		})
	}
}

func TestStart(t *testing.T) {
	for name, tt := range map[string]struct {
		scripts  string
		procfile string
		files    map[string]string
		want     string
	}{
		"the script":       {scripts: `"start": "node server.js"`, want: "node server.js"},
		"through others":   {scripts: `"start": "npm run server", "server": "NODE_ENV=production node server.js"`, want: "node server.js"},
		"cross-env":        {scripts: `"start": "cross-env NODE_ENV=production PORT=80 node server"`, want: "node server"},
		"nodemon":          {scripts: `"start": "./node_modules/.bin/cross-env NODE_ENV=development ./node_modules/.bin/nodemon server.js"`, want: "node server.js"},
		"forever":          {procfile: "web: ./node_modules/.bin/forever -m 5 server.js\n", want: "node server.js"},
		"forever start":    {scripts: `"start": "forever start -w server.js"`, want: "node server.js"},
		"pm2":              {scripts: `"start": "pm2-runtime start ecosystem.config.js --env production"`, files: map[string]string{"ecosystem.config.js": "module.exports = { apps: [{ name: 'x', script: './server.js' }] }\n"}, want: "node server.js"},
		"for production":   {scripts: `"start": "nodemon", "start:prod": "node server.js --prod"`, want: "node server.js --prod"},
		"Procfile wins":    {scripts: `"start": "gulp"`, procfile: "web: node server.js -p $PORT\n", want: "node server.js -p 3000"},
		"migrate, start":   {scripts: `"start": "sequelize db:migrate && node server.js"`, want: "node server.js"},
		"watching only":    {scripts: `"start": "gulp watch"`, want: "node server.js"},
		"several at once":  {scripts: `"start": "concurrently \"npm run a\" \"npm run b\""`, want: "node server.js"},
		"coffee":           {scripts: `"start": "coffee server.coffee"`, want: "coffee server.coffee"},
		"yarn":             {scripts: `"start": "yarn serve:all x", "serve:all": "node server.js"`, want: "npm run serve:all x"},
		"supervised":       {scripts: `"start": "supervisor -w lib server.js"`, want: "node server.js"},
		"nothing but code": {want: "node server.js"},
	} {
		t.Run(name, func(t *testing.T) {
			more := ""
			if tt.scripts != "" {
				more = `"scripts": {` + tt.scripts + "}"
			}
			files := map[string]string{"package.json": manifestOf(more, "express 4.16.0"), "server.js": expressCode}
			if tt.procfile != "" {
				files["Procfile"] = tt.procfile
			}
			for k, v := range tt.files {
				files[k] = v
			}
			c := one(t, files)
			if len(c.Processes) == 0 {
				t.Fatal("no process")
			}
			if got := strings.Join(c.Processes[0].Command, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPort(t *testing.T) {
	for name, tt := range map[string]struct {
		code, more string
		files      map[string]string
		want       int
	}{
		"variable with default": {code: "var port = process.env.PORT || 4000;", want: 4000},
		"parsed":                {code: "const port = parseInt(process.env.PORT, 10) || 3001", want: 3001},
		"normalised":            {code: "var port = normalizePort(process.env.PORT || '3002');", want: 3002},
		"a reader of settings":  {code: "env.PORT = readENV('PORT', 1338);", want: 1338},
		"not its reader":        {code: "env.OTHER = readENV('IMPORT', 4444);\napp.listen(1339)", want: 1339},
		"its own name":          {code: "listen(process.env.OPENSHIFT_NODEJS_PORT || 8080)", want: 8080},
		"a number":              {code: "app.listen(1337)", want: 1337},
		"not the database's":    {code: "var redisPort = process.env.REDIS_PORT || 6379\napp.listen(5000)", want: 5000},
		"settings":              {code: "app.listen(config.port)", files: map[string]string{"config/default.json": "{\n  \"port\": 9001\n}\n"}, want: 9001},
		"script":                {code: "app.listen(process.env.PORT)", more: `"scripts": {"start": "PORT=4100 node server.js"}`, want: 4100},
		"image":                 {code: "app.listen(process.env.PORT)", files: map[string]string{"Dockerfile": "FROM node:8\nEXPOSE 8081\n"}, want: 8081},
		"sample":                {code: "app.listen(process.env.PORT)", files: map[string]string{".env.example": "PORT=3456\n"}, want: 3456},
		"left to PORT":          {code: "app.listen(process.env.PORT)", want: 3000},
		"not stated":            {code: "app.listen(where)", want: 0},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"package.json": manifestOf(tt.more, "express 4"), "server.js": "var express = require('express')\n" + tt.code + "\n// app.listen()\napp.set('port', 1)\n"}
			for k, v := range tt.files {
				files[k] = v
			}
			files["Procfile"] = "web: node server.js\n"
			if c := one(t, files); c.Port.V != tt.want {
				t.Errorf("got %d, want %d (%v)", c.Port.V, tt.want, c.Port.Evidence)
			}
		})
	}
}

func TestServices(t *testing.T) {
	for name, tt := range map[string]struct {
		deps  []string
		code  string
		files map[string]string
		want  string
	}{
		"mongoose":            {[]string{"mongoose 5"}, "mongoose.connect(process.env.MONGOHQ_URL)", nil, "mongodb! url=MONGOHQ_URL"},
		"parts":               {[]string{"pg 8"}, "const {Pool} = require('pg')\nnew Pool({host: process.env.DB_HOST, port: process.env.DB_PORT, user: process.env.DB_USER, password: process.env.DB_PASSWORD, database: process.env.DB_NAME})", nil, "postgresql! host=DB_HOST name=DB_NAME password=DB_PASSWORD port=DB_PORT user=DB_USER"},
		"libpq's own":         {[]string{"pg 8"}, "const {Pool} = require('pg')\nnew Pool()", nil, "postgresql! host=PGHOST name=PGDATABASE password=PGPASSWORD port=PGPORT user=PGUSER"},
		"installed, not used": {[]string{"redis 3"}, "", nil, "redis"},
		"through a package":   {[]string{"redis 3", "redis-shop 1"}, "var redis = require('redis-shop')", nil, "redis!"},
		"through a branch":    {[]string{"redis 3", "redis-shop 1"}, "if (config.redis) {\n  store = require('redis-shop')\n}", nil, "redis"},
		"a mock":              {[]string{"redis 3", "redis-mock 1"}, "var redis = require('redis-mock')", nil, "redis"},
		"in a branch":         {[]string{"redis 3"}, "if (config.redis) {\n  store = require('redis')\n}", nil, "redis"},
		"one of its stores":   {[]string{"mongodb 3", "redis 2"}, "var db = require('./stores/' + config.get('database'))", map[string]string{"stores/mongo.js": "exports.init = function () {\n  if (!db) {\n    var c = require('mongodb')\n  }\n}\n", "stores/redis.js": "if (x) {\n  require('redis')\n}\n"}, "mongodb!, redis"},
		"or none of them":     {[]string{"mongodb 3", "redis 2"}, "var db = require('./stores/' + config.get('database'))", map[string]string{"stores/mongo.js": "exports.init = function () {\n  if (!db) {\n    var c = require('mongodb')\n  }\n}\n", "stores/file.js": ""}, "mongodb, redis"},
		"queue":               {[]string{"bull 3"}, "new Queue('mail', process.env.REDIS_URL)", nil, "redis! url=REDIS_URL"},
		"mapper":              {[]string{"sequelize 5", "pg 7", "sqlite3 4"}, "", map[string]string{"config/config.json": "{\n\"production\": {\n\"dialect\": \"postgres\"\n}}\n"}, "postgresql!, sqlite"},
		"mapper, undecided":   {[]string{"sequelize 5", "mysql2 2", "sqlite3 4"}, "x = process.env.DB_URL", nil, "mysql! url=DB_URL, sqlite"},
		"prisma":              {[]string{"@prisma/client 4"}, "", map[string]string{"prisma/schema.prisma": "datasource db {\n  provider = \"mysql\"\n  url      = env(\"DATABASE_URL\")\n}\n"}, "mysql! url=DATABASE_URL"},
		"mail is optional":    {[]string{"nodemailer 6"}, "x = process.env.SMTP_HOST", nil, "smtp host=SMTP_HOST"},
		"amqp":                {[]string{"amqplib 0.5"}, "const amqp = require('amqplib')\namqp.connect(process.env.CLOUDAMQP_URL)", nil, "rabbitmq! url=CLOUDAMQP_URL"},
		"kafka":               {[]string{"kafkajs 1"}, "const { Kafka } = require('kafkajs')\nbrokers: [process.env.KAFKA_BROKERS]", nil, "kafka! host=KAFKA_BROKERS"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"package.json": manifestOf(`"scripts": {"start": "node server.js"}`, append(tt.deps, "express 4")...), "server.js": expressCode + tt.code + "\n"}
			for k, v := range tt.files {
				files[k] = v
			}
			var got []string
			for _, s := range one(t, files).Services {
				text := s.Kind
				if s.Required {
					text += "!"
				}
				for _, role := range []string{"host", "name", "password", "port", "url", "user"} {
					if s.Env[role] != "" {
						text += " " + role + "=" + s.Env[role]
					}
				}
				got = append(got, text)
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

func TestInstall(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  map[string]string
	}{
		"no lock file, old":   {map[string]string{"package.json": manifestOf(`"engines": {"node": "8"}`, "express 4")}, map[string]string{"installCommand": "npm install", "productionInstall": "npm install --production", "manifests": "package.json"}},
		"no lock file, new":   {map[string]string{"package.json": manifestOf(`"engines": {"node": "18"}`, "express 4")}, map[string]string{"installCommand": "npm install --legacy-peer-deps"}},
		"npm ci":              {map[string]string{"package.json": manifestOf(`"engines": {"node": "18"}`, "express 4"), "package-lock.json": "{\"lockfileVersion\": 2}"}, map[string]string{"installCommand": "npm ci", "productionInstall": "npm ci --omit dev", "manifests": "package.json package-lock.json", "lockfile": "package-lock.json"}},
		"lock of npm 6":       {map[string]string{"package.json": manifestOf(`"engines": {"node": "10"}`, "express 4"), "package-lock.json": "{\"lockfileVersion\": 1}"}, map[string]string{"productionInstall": "npm ci --only production"}},
		"before npm ci":       {map[string]string{"package.json": manifestOf(`"engines": {"node": "6"}`, "express 4"), "npm-shrinkwrap.json": "{\"dependencies\": {}}"}, map[string]string{"installCommand": "npm install", "lockfile": "npm-shrinkwrap.json"}},
		"yarn":                {map[string]string{"package.json": manifestOf("", "express 4"), "yarn.lock": "# yarn lockfile v1\n", ".yarnrc": ""}, map[string]string{"installCommand": "yarn install --frozen-lockfile", "manifests": "package.json yarn.lock .yarnrc"}},
		"yarn 3":              {map[string]string{"package.json": manifestOf(`"packageManager": "yarn@3.2.1"`, "express 4"), "yarn.lock": "__metadata:\n  version: 6\n"}, map[string]string{"installCommand": "yarn install --immutable", "packageManagerSetup": "npm install --global --force @yarnpkg/cli-dist@3.2.1", "productionInstall": ""}},
		"yarn 3, brought":     {map[string]string{"package.json": manifestOf("", "express 4"), "yarn.lock": "__metadata:\n  version: 6\n", ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-3.2.1.cjs\n", ".yarn/releases/yarn-3.2.1.cjs": ""}, map[string]string{"packageManagerSetup": "", "manifests": "package.json yarn.lock .yarnrc.yml .yarn/releases/yarn-3.2.1.cjs"}},
		"pnpm":                {map[string]string{"package.json": manifestOf("", "express 4"), "pnpm-lock.yaml": "lockfileVersion: 5.4\n"}, map[string]string{"packageManagerSetup": "npm install --global pnpm@7.33.7", "installCommand": "pnpm install --frozen-lockfile"}},
		"a script installs":   {map[string]string{"package.json": manifestOf(`"scripts": {"start": "node server.js", "postinstall": "bower install"}`, "express 4"), "bower.json": `{"dependencies": {"angular": "1.4"}}`}, map[string]string{"installNeedsSources": "true", "bower": "true", "afterInstall": ""}},
		"bower beside":        {map[string]string{"package.json": manifestOf("", "express 4"), "bower.json": `{"dependencies": {"angular": "1.4"}}`}, map[string]string{"afterInstall": bowerInstall, "manifests": "package.json bower.json"}},
		"private registry":    {map[string]string{"package.json": manifestOf("", "express 4"), ".npmrc": "@acme:registry=https://npm.acme.example/\n"}, map[string]string{"npmrc": "secret", "manifests": "package.json .npmrc"}},
		"the public registry": {map[string]string{"package.json": manifestOf("", "express 4"), ".npmrc": "save-exact=true\n"}, map[string]string{"npmrc": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.files["server.js"] = expressCode
			c := one(t, tt.files)
			for key, want := range tt.want {
				if got := c.Facts[key].V; got != want {
					t.Errorf("%s: got %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestOutput(t *testing.T) {
	for name, tt := range map[string]struct {
		deps  []string
		files map[string]string
		want  string
	}{
		"create-react-app": {[]string{"react-dom 16", "-react-scripts 3.0.0"}, nil, "build"},
		"angular":          {[]string{"@angular/core 12.0.0"}, map[string]string{"angular.json": `{"projects": {"shop": {"architect": {"build": {"builder": "@angular-devkit/build-angular:browser", "options": {"outputPath": "dist/shop"}}}}}}`}, "dist/shop"},
		"angular 17":       {[]string{"@angular/core 17.0.0"}, map[string]string{"angular.json": `{"projects": {"shop": {"architect": {"build": {"builder": "@angular-devkit/build-angular:application", "options": {"outputPath": "dist/shop"}}}}}}`}, "dist/shop/browser"},
		"angular 4":        {[]string{"@angular/core 4.0.0"}, map[string]string{".angular-cli.json": `{"apps": [{"outDir": "www"}]}`}, "www"},
		"vue, told":        {[]string{"vue 2.6.0", "-@vue/cli-service 3.0.0"}, map[string]string{"vue.config.js": "module.exports = {\n  outputDir: '../server/public'\n}\n"}, "../server/public"},
		"webpack":          {[]string{"react-dom 15", "-webpack 2.0.0"}, map[string]string{"webpack.config.js": "output: {\n  path: path.join(__dirname, 'public/js'),\n"}, "public/js"},
		"ignored":          {[]string{"react-dom 15", "-gulp 3.9.0"}, map[string]string{".gitignore": "node_modules\n/dist/\n"}, "dist"},
		"out of the tree":  {[]string{"vue 2.6.0"}, map[string]string{"vue.config.js": "outputDir: '../../../../etc'\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"ui/package.json": manifestOf(`"scripts": {"build": "x build"}`, tt.deps...), "ui/public/index.html": ""}
			for k, v := range tt.files {
				files["ui/"+k] = v
			}
			if got := one(t, files).Facts["output"].V; got != tt.want && !(tt.want == "" && got == "public") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWorkspaces(t *testing.T) {
	api := manifestOf(`"name": "api", "scripts": {"start": "node server.js", "build": "tsc"}`, "express 4.17.1", "shared 1.0.0")
	web := manifestOf(`"name": "web", "scripts": {"build": "react-scripts build"}`, "react-dom 16", "react-scripts 3.0.0")
	shared := `{"name": "shared", "main": "index.js", "files": ["x"]}`
	for name, rootFiles := range map[string]map[string]string{
		"yarn":  {"package.json": `{"private": true, "workspaces": ["packages/*"]}`, "yarn.lock": "# yarn lockfile v1\n"},
		"npm":   {"package.json": `{"private": true, "workspaces": {"packages": ["packages/*"]}}`, "package-lock.json": "{\"lockfileVersion\": 2}"},
		"pnpm":  {"package.json": `{"private": true}`, "pnpm-workspace.yaml": "packages:\n  - 'packages/**'\n", "pnpm-lock.yaml": "lockfileVersion: '6.0'\n"},
		"lerna": {"package.json": `{"private": true, "devDependencies": {"lerna": "3"}}`, "lerna.json": `{"packages": ["packages/*"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"packages/api/package.json": api, "packages/api/server.js": expressCode, "packages/web/package.json": web, "packages/web/public/index.html": "", "packages/shared/package.json": shared, "packages/shared/index.js": ""}
			for k, v := range rootFiles {
				files[k] = v
			}
			f := find(t, files)
			var got []string
			for _, c := range f.Components {
				got = append(got, c.Path+" "+string(c.Role.V)+" "+c.Root)
				if !strings.Contains(c.Facts["manifests"].V, "packages/shared/package.json") {
					t.Errorf("%s: manifests %q", c.Path, c.Facts["manifests"].V)
				}
			}
			if s := strings.Join(got, ", "); s != "packages/api web ., packages/web spa ." {
				t.Errorf("got %s", s)
			}
		})
	}
}

// TestLinked holds that a package that a script of its repository links under its own name is built and run within its repository.
func TestLinked(t *testing.T) {
	c := one(t, map[string]string{
		"bin/setup.sh":       "mkdir -p node_modules\ncd node_modules\n[ -e pads ] || ln -s ../src pads\n",
		"src/package.json":   manifestOf(`"name": "pads", "bin": {"pads": "./node/server.js"}`, "express 4.16.4"),
		"src/node/server.js": expressCode, "src/node/hooks/express.js": expressCode,
	})
	if c.Root != "." || c.Path != "src" || c.Facts["runsIn"].V != "/app" {
		t.Errorf("root %q, path %q, facts %v", c.Root, c.Path, c.Facts)
	}
	if got, want := c.Facts["installCommand"].V, "cd src && npm install --production && mkdir -p ../node_modules && ln -sfn ../src ../node_modules/pads"; got != want {
		t.Errorf("installed by %q, want %q", got, want)
	}
	if len(c.Processes) == 0 || strings.Join(c.Processes[0].Command, " ") != "node src/node/server.js" {
		t.Errorf("processes %v", c.Processes)
	}
}

func TestTrouble(t *testing.T) {
	files := map[string]string{
		"package.json": manifestOf(`"scripts": {"start": "forever server.js"}`, "express 4", "express-session 1", "multer 1", "winston 2", "bcrypt 3.0.0", "canvas 2.0.0", "x git+https://example.com/x.git"),
		"server.js": expressCode + "var session = require('express-session')\napp.use(session({ secret: 'x' }))\nvar upload = multer({ dest: 'public/uploads/' })\n" +
			"new winston.transports.File({ filename: 'logs/app.log' })\nmongoose.connect('mongodb://localhost/x')\nnew cron.CronJob('* *', f)\nserver.listen(1, 'localhost')\ncluster.fork()\n",
	}
	c := one(t, files)
	var ids, writes, packages []string
	for _, r := range c.Readiness {
		ids = append(ids, r.ID)
	}
	for _, w := range c.Writes {
		writes = append(writes, w.V)
	}
	for _, s := range c.SystemPackages {
		packages = append(packages, s.Name)
	}
	for _, want := range []string{"missing-lock-file", "git-dependency", "native-library", "local-file-storage", "logs-to-files", "in-memory-sessions", "hard-coded-host", "bound-to-localhost", "process-cluster", "cron-inside", "process-manager"} {
		if !strings.Contains(strings.Join(ids, " "), want) {
			t.Errorf("no %s in %v", want, ids)
		}
	}
	if got := strings.Join(writes, " "); got != "public/uploads logs" {
		t.Errorf("writes %s", got)
	}
	if got := strings.Join(packages, " "); !strings.Contains(got, "cairo") {
		t.Errorf("packages %s", got)
	}
	if c.Processes[0].Command[0] != "node" {
		t.Errorf("process %v", c.Processes[0].Command)
	}
}

func TestEnv(t *testing.T) {
	c := one(t, map[string]string{
		"package.json": manifestOf(`"scripts": {"start": "node server.js"}`, "express 4"),
		"server.js":    expressCode + "var a = process.env['API_KEY'], b = process.env.TITLE || 'My shop'\nconst { REGION = 'eu', STRIPE_SECRET } = process.env\nif (!process.env.MUST) throw new Error()\nprocess.env.SET = 1\n// process.env.COMMENTED\n",
		".env.example": "FROM_SAMPLE=1\n",
	})
	got := map[string]detect.EnvVar{}
	for _, e := range c.Env {
		got[e.Name] = e
	}
	for name, want := range map[string]string{"API_KEY": "secret", "TITLE": "My shop", "REGION": "eu", "STRIPE_SECRET": "secret", "MUST": "required", "FROM_SAMPLE": "", "PORT": "value 3000", "NODE_ENV": "value production"} {
		e, ok := got[name]
		text := e.Default
		switch {
		case e.Secret:
			text = "secret"
		case e.Required:
			text = "required"
		case e.Value != "":
			text = "value " + e.Value
		}
		if !ok || text != want {
			t.Errorf("%s: %q, want %q", name, text, want)
		}
	}
	for _, name := range []string{"SET", "COMMENTED"} {
		if _, ok := got[name]; ok {
			t.Errorf("%s is no setting", name)
		}
	}
}

// FuzzDetect puts any text into any file of an application.
func FuzzDetect(f *testing.F) {
	names := []string{"package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bower.json", "server.js", "lib/config.js", ".nvmrc", ".travis.yml", "Procfile", "Dockerfile", "angular.json", "webpack.config.js", ".meteor/release", "serverless.yml", "lerna.json", "pnpm-workspace.yaml",
		".npmrc", ".env.example", "config/default.json", "prisma/schema.prisma", "ecosystem.config.js", "config/custom-environment-variables.json", ".gitignore", "project.json", "next.config.js", ".yarnrc.yml", "tsconfig.json"}
	f.Add(uint8(0), manifestOf(`"scripts": {"start": "npm run x", "x": "npm run start", "build": "y"}, "workspaces": ["*"]`, "express ^4.0.0", "react-dom 16", "next 9", "x file:../y"))
	f.Add(uint8(5), "const { A = 1, B: c } = process.env; require('pg'); app.listen(3000); cb(null, 'uploads/')\n")
	f.Add(uint8(9), "web: cd x && PORT=1 forever -m 5 server.js\nworker: node w.js $PORT\n")
	f.Add(uint8(1), "{\"lockfileVersion\": 2, \"packages\": {\"node_modules/express\": {\n\"version\": \"4.1\"")
	base := map[string]string{"package.json": manifestOf(`"scripts": {"start": "node server.js", "build": "x"}, "engines": {"node": ">=8"}`, "express 4", "mongoose 5", "sequelize 5", "pg 7", "multer 1", "winston 2", "-webpack 4.0.0"), "server.js": expressCode}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		files := map[string]string{}
		for k, v := range base {
			files[k] = v
		}
		files[names[int(which)%len(names)]] = text
		if _, err := find(t, files).JSON(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzRange gives any text to what reads ranges of versions.
func FuzzRange(f *testing.F) {
	for _, s := range []string{">=6.x", "^8.10 || ~10", "8 - 10", "", "lts/*", "npm:x@^1.0.0", "git+https://x/y#v1.2", "<", "0.10.x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v := floor(s); v != "" && len(numbers(v)) == 0 && len(v) < 9 {
			t.Errorf("floor(%q) = %q", s, v)
		}
		exactLine(s)
		satisfies("8", s)
		nodeVersion(s)
	})
}
