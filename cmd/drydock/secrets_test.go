package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// planted are secrets in the places where repositories hold them. %s is the value, another one for each place.
var planted = map[string]string{
	".env":                         "DATABASE_PASSWORD=%s\n",
	".env.production":              "export STRIPE_SECRET_KEY=\"%s\"\n",
	"config/database.yml":          "production:\n  adapter: postgresql\n  host: db.internal\n  username: shop\n  password: %s\n",
	"config/secrets.yml":           "production:\n  secret_key_base: %s\n",
	"config/master.key":            "%s\n",
	"config/initializers/token.rb": "Shop::Application.config.secret_token = '%s'\n",
	"config/initializers/mail.rb":  "ActionMailer::Base.smtp_settings = { user_name: 'x', password: ENV['SMTP_PASSWORD'] || '%s' }\n",
	".npmrc":                       "//npm.example.com/:_authToken=%s\n",
	".netrc":                       "machine example.com login me password %s\n",
	".bundle/config":               "BUNDLE_GEMS__EXAMPLE__COM: \"me:%s\"\n",
	"deploy/id_rsa":                "-----BEGIN RSA " + "PRIVATE KEY-----\n%s\n-----END RSA " + "PRIVATE KEY-----\n",
	"deploy/aws.sh":                "export AWS_SECRET_ACCESS_KEY=%s\n",
	"config/crontab":               "0 3 * * * cd /srv/shop && API_TOKEN=%s bundle exec rake nightly\n",
	"terraform.tfvars":             "db_password = \"%s\"\n",
	"docker-compose.yml":           "services:\n  web:\n    build: .\n    environment:\n      API_TOKEN: %s\n  db:\n    image: postgres:12\n    environment:\n      POSTGRES_PASSWORD: %[1]s-db\n",
	"Procfile":                     "web: bundle exec rails server\nworker: TOKEN_SECRET=%s bundle exec sidekiq\n",
	"api/settings.py":              "import os\nSECRET_KEY = '%s'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'PASSWORD': '%[1]s-db'}}\n",
	"legacy/pom.xml":               "<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>legacy</artifactId><version>1</version><packaging>war</packaging><dependencies><dependency><groupId>mysql</groupId><artifactId>mysql-connector-java</artifactId><version>5.1.49</version></dependency></dependencies></project>\n<!-- %s -->\n",
	"legacy/src/main/resources/db.properties":     "jdbc.url=jdbc:mysql://root:%s@db/shop\njdbc.password=%[1]s-p\n",
	"legacy/src/main/webapp/META-INF/context.xml": "<Context><Resource name=\"jdbc/shop\" type=\"javax.sql.DataSource\" url=\"jdbc:mysql://db/shop\" username=\"root\" password=\"%s\"/></Context>\n",
	"portal/web.config":                           "<configuration><connectionStrings><add name=\"Default\" connectionString=\"Server=db;User Id=sa;Password=%s\" providerName=\"System.Data.SqlClient\"/></connectionStrings></configuration>\n",
	"portal/portal.csproj":                        "<Project Sdk=\"Microsoft.NET.Sdk.Web\"><PropertyGroup><TargetFramework>net6.0</TargetFramework></PropertyGroup></Project>\n<!-- %s -->\n",
	"portal/appsettings.json":                     "{\"ConnectionStrings\": {\"Default\": \"Server=db;Database=portal;User Id=sa;Password=%s\"}}\n",
	"site/wp-config.php":                          "<?php\ndefine('DB_NAME', 'blog');\ndefine('DB_PASSWORD', '%s');\ndefine('AUTH_KEY', '%[1]s-k');\nrequire_once ABSPATH . 'wp-settings.php';\n",
	"hooks/package.json":                          "{\"name\": \"hooks\", \"scripts\": {\"start\": \"API_SECRET=%s node server.js\"}, \"dependencies\": {\"express\": \"4.17.1\", \"mongoose\": \"5\"}}\n",
	"hooks/server.js":                             "const e = require('express')()\nrequire('mongoose').connect(process.env.MONGO_URL || 'mongodb://admin:%s@mongo/hooks')\ne.listen(3000)\n",
}

// beside makes the tree an application.
var beside = map[string]string{
	"Gemfile":               "source 'https://rubygems.org'\nruby '2.6.10'\ngem 'rails', '5.2.8'\ngem 'pg'\ngem 'sidekiq'\n",
	"config/application.rb": "require 'rails/all'\nmodule Shop\n  class Application < Rails::Application\n    config.load_defaults 5.2\n  end\nend\n",
	"config.ru":             "require_relative 'config/environment'\nrun Rails.application\n",
	"api/manage.py":         "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n",
	"api/requirements.txt":  "Django==2.2\npsycopg2\n",
	"api/wsgi.py":           "application = None\n",
	"portal/Program.cs":     "public class Program { public static void Main() { } }\n",
	"site/index.php":        "<?php\nrequire 'wp-blog-header.php';\n",
}

// mark begins every value that is planted.
const mark = "Zq7planted"

// TestNoPlantedSecretIsWritten runs the program over a tree with a secret in each place and looks for the values in every byte that it wrote:
// what it printed, the files that it generated, reports, and its own notes.
func TestNoPlantedSecretIsWritten(t *testing.T) {
	root := t.TempDir()
	home, from, to := filepath.Join(root, "home"), filepath.Join(root, "shop"), filepath.Join(root, "out")
	for name, value := range map[string]string{"HOME": home, "XDG_STATE_HOME": home + "/state", "XDG_CONFIG_HOME": home + "/config", "XDG_CACHE_HOME": home + "/cache", "TMPDIR": filepath.Join(root, "tmp"),
		"DRYDOCK_GIT_TOKEN": mark + "-of-the-run", "DOCKER_HOST": "unix://" + filepath.Join(root, "none.sock")} {
		t.Setenv(name, value)
	}
	put := func(name, text string) {
		t.Helper()
		file := filepath.Join(from, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, text := range planted {
		n++
		put(name, fmt.Sprintf(text, fmt.Sprintf("%s%03dx8Kd2", mark, n)))
	}
	for name, text := range beside {
		put(name, text)
	}
	program := installed(t, root)
	var out bytes.Buffer
	run := func(want int, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Dir = root
		said, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if code := cmd.ProcessState.ExitCode(); code != want {
			t.Errorf("%v exits %d, want %d:\n%s", args, code, want, said)
		}
		out.Write(said)
	}
	run(exitOK, "detect", from)
	run(exitOK, "detect", from, "--json")
	run(exitOK, "plan", from, "--yes", "-o", filepath.Join(root, "planned"))
	run(exitOK, "generate", from, "--yes", "-o", to, "--target", "compose,kubernetes,helm,ecs,fargate,swarm,heroku,cloudfoundry,github-actions,gitlab-ci,vm")
	run(exitOK, "generate", from, "--yes", "-o", to, "--diff", "--dry-run", "--set", "components.web.port=3001")
	run(exitOK, "explain", filepath.Join(to, "Dockerfile")+":1")
	run(exitOK, "assess", from, "-o", filepath.Join(root, "report"))
	run(exitEngine, "containerize", from, "--yes", "-o", filepath.Join(root, "built"))
	run(exitSource, "detect", "https://me:"+mark+"-in-a-url@127.0.0.1:1/shop.git")
	check := func(what string, data []byte) {
		for line := range bytes.Lines(data) {
			if i := bytes.Index(line, []byte(mark)); i >= 0 {
				t.Errorf("%s: %s", what, bytes.TrimSpace(line[max(0, i-80):min(len(line), i+30)]))
			}
		}
	}
	check("what is printed", out.Bytes())
	files := 0
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == from || p == filepath.Dir(program) {
			return fs.SkipDir
		}
		if d.IsDir() || copied(root, p) {
			return nil
		}
		files++
		data, err := os.ReadFile(p)
		check(strings.TrimPrefix(p, root), data)
		return err
	})
	if err != nil || files < 40 {
		t.Errorf("%d files were looked at, %v", files, err)
	}
}

// copied reports whether a file below an output directory is one of the sources, which lie there for the build.
func copied(root, p string) bool {
	rel, err := filepath.Rel(root, p)
	if err != nil {
		return false
	}
	_, name, _ := strings.Cut(filepath.ToSlash(rel), "/")
	_, secret := planted[name]
	_, other := beside[name]
	return secret || other
}
