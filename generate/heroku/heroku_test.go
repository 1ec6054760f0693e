package heroku_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/heroku"
	"github.com/drydock-cli/drydock/generate/targettest"
)

func TestConformance(t *testing.T) {
	made := targettest.Run(t, heroku.Target{})
	shop := targettest.Text(t, made["rails-shop"], heroku.ManifestFile)
	for _, want := range []string{
		"plan: heroku-postgresql:essential-0\n      as: DATABASE", "plan: heroku-redis:mini\n      as: REDIS", "web: Dockerfile", "image: web", "bundle exec rails db:migrate",
	} {
		if !strings.Contains(shop, want) {
			t.Errorf("no %q in\n%s", want, shop)
		}
	}
	if strings.Contains(shop, "PORT:") || strings.Contains(shop, "DATABASE_URL:") {
		t.Errorf("Heroku sets it:\n%s", shop)
	}
	if app := targettest.Text(t, made["rails-shop"], heroku.AppFile); !strings.Contains(app, `"generator": "secret"`) || !strings.Contains(app, `"size": "standard-2x"`) {
		t.Error(app)
	}
	if proc := targettest.Text(t, made["python-helpdesk"], heroku.ProcFile); !strings.Contains(proc, `web: gunicorn --bind 0.0.0.0:"$PORT"`) {
		t.Error(proc)
	}
}

// TestOwnFiles holds that nothing of the source's is replaced.
func TestOwnFiles(t *testing.T) {
	target := heroku.Target{ReadFile: func(name string) ([]byte, error) {
		if name == "Procfile" || name == "app.json" {
			return []byte("web: theirs\n"), nil
		}
		return nil, fs.ErrNotExist
	}}
	var paths []string
	for _, a := range targettest.Generate(t, target, targettest.Plan(t, "rails-shop", "heroku")) {
		paths = append(paths, a.Path)
	}
	if got, want := strings.Join(paths, " "), "heroku.yml deploy/heroku/app.json deploy/heroku/README.md"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

const (
	manifest = "setup:\n  addons:\n    - plan: heroku-postgresql:essential-0\n      as: DATABASE\n  config:\n    LANG: C\nbuild:\n  docker:\n    web: Dockerfile\nrelease:\n  command:\n    - migrate\n  image: web\nrun:\n  web: serve\n  jobs:\n    command: work\n    image: web\n"
	app      = `{"name": "shop", "stack": "container", "env": {"KEY_BASE": {"generator": "secret"}, "LANG": {"value": "C"}}, "formation": {"web": {"quantity": 1, "size": "basic"}}, "addons": [{"plan": "a:b", "as": "DB"}, {"plan": "c", "as": "E"}]}`
	procfile = "web: serve\njobs: work\n"
)

func TestRules(t *testing.T) {
	targettest.Rules(t, heroku.Target{}, "heroku.yml", manifest, heroku.ManifestRules, []targettest.Sample{
		{Rule: "syntax", Old: "release:", New: "releases:"},
		{Rule: "no-build", Old: "    web: Dockerfile", New: "    {}"},
		{Rule: "dockerfile", Old: "Dockerfile", New: "/Dockerfile"},
		{Rule: "process-name", Old: "  jobs:", New: "  my jobs:"},
		{Rule: "image-unknown", Old: "command: work\n    image: web", New: "command: work\n    image: jobs"},
		{Rule: "empty-command", Old: "command: work", New: "command: []"},
		{Rule: "addon-plan", Old: "heroku-postgresql:essential-0", New: "Heroku Postgres"},
		{Rule: "addon-name", Old: "as: DATABASE", New: "as: database-url"},
		{Rule: "reserved-variable", Old: "LANG: C", New: "PORT: \"80\""},
		{Rule: "secret-in-file", Old: "LANG: C", New: "DB_PASSWORD: hunter2"},
	})
	targettest.Rules(t, heroku.Target{}, "app.json", app, heroku.AppRules, []targettest.Sample{
		{Rule: "json", Old: `{"name"`, New: `{name`},
		{Rule: "app-name", Old: `"shop"`, New: `"a-name-that-is-much-longer-than-thirty"`},
		{Rule: "stack", Old: `"container"`, New: `"heroku-24"`},
		{Rule: "generator", Old: `"secret"`, New: `"password"`},
		{Rule: "generated-value", Old: `"generator": "secret"`, New: `"generator": "secret", "value": "x"`},
		{Rule: "dyno-size", Old: `"basic"`, New: `"large"`},
		{Rule: "quantity", Old: `"quantity": 1`, New: `"quantity": -1`},
		{Rule: "process-name", Old: `"web": {"quantity"`, New: `"release": {"quantity"`},
		{Rule: "addon-plan", Old: `"a:b"`, New: `"a b"`},
		{Rule: "addon-name", Old: `"as": "E"`, New: `"as": "DB"`},
		{Rule: "reserved-variable", Old: `"LANG"`, New: `"PORT"`},
		{Rule: "secret-in-file", Old: `"LANG": {"value": "C"}`, New: `"API_KEY": {"value": "C"}`},
	})
	targettest.Rules(t, heroku.Target{}, "Procfile", procfile, heroku.ProcRules, []targettest.Sample{
		{Rule: "procfile-line", Old: "jobs: work", New: "jobs work"},
		{Rule: "process-name", Old: "jobs: work", New: "my jobs: work"},
		{Rule: "process-twice", Old: "jobs: work", New: "web: work"},
	})
}

func TestFit(t *testing.T) {
	for memory, want := range map[int]string{0: "standard-1x", 512: "standard-1x", 513: "standard-2x", 2000: "performance-m", 999999: "performance-2xl"} {
		if got := heroku.Fit(memory); got != want {
			t.Errorf("%d MiB: %s, want %s", memory, got, want)
		}
	}
}

func TestOneProcessIsReached(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "heroku")
	second := p.Components[0]
	second.Name, second.Image = "admin", "rails-shop-admin"
	second.Path = "admin"
	p.Components = append(p.Components, second)
	artifacts := targettest.Generate(t, heroku.Target{}, p)
	if text := targettest.Text(t, artifacts, heroku.ManifestFile); strings.Contains(text, "admin") {
		t.Error(text)
	}
	if !slices.ContainsFunc(artifacts, func(a generate.Artifact) bool {
		return strings.Contains(string(a.Content), "registry.heroku.com/rails-shop-admin/web")
	}) {
		t.Error("the guide does not say what becomes of the second server")
	}
}
