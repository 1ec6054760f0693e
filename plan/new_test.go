package plan

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// railsFindings is what detection says about an ordinary Rails application with a worker.
func railsFindings() *detect.Findings {
	ev := func(file string, line int) detect.Evidence { return detect.Evidence{File: file, Line: line} }
	services := []detect.Service{
		{Kind: "postgresql", Version: "12.3", Required: true, From: detect.Declared, Evidence: []detect.Evidence{ev("config/database.yml", 4)}, Env: map[string]string{"url": "DATABASE_URL"}, Database: "shop_production"},
		{Kind: "redis", Required: true, From: detect.Locked, Evidence: []detect.Evidence{ev("Gemfile.lock", 90)}, Env: map[string]string{"url": "REDIS_URL"}},
		{Kind: "memcached", Evidence: []detect.Evidence{ev("Gemfile", 31)}},
		{Kind: "smtp", Required: true, Evidence: []detect.Evidence{ev("config/environments/production.rb", 60)}, Env: map[string]string{"host": "SMTP_HOST", "password": "SMTP_PASSWORD"}},
	}
	web := detect.Component{
		Name: "web", Path: ".", Stack: "ruby",
		Role:             detect.Is(detect.Web, ev("config.ru", 1)),
		Platform:         detect.Guess("linux", "Ruby"),
		Language:         detect.Is("ruby", ev("Gemfile", 1)),
		LanguageVersion:  detect.Is("3.1.2", ev(".ruby-version", 1)),
		Framework:        detect.Lock("rails", ev("Gemfile.lock", 112)),
		FrameworkVersion: detect.Lock("6.1.7", ev("Gemfile.lock", 112)),
		Build:            detect.Is("bundler", ev("Gemfile", 1)),
		AppServer:        detect.Lock("puma", ev("Gemfile.lock", 80)),
		Port:             detect.Is(3000, ev("config/puma.rb", 12)),
		HealthPath:       detect.Guess("/", "nothing better is known"),
		Services:         services,
		SystemPackages: []detect.SystemPackage{
			{Name: "libpq", Build: []string{"build-essential", "libpq-dev"}, Run: []string{"libpq5"}, Why: "pg compiles against it", Evidence: []detect.Evidence{ev("Gemfile.lock", 70)}},
		},
		Env: []detect.EnvVar{
			{Name: "SECRET_KEY_BASE", Required: true, Secret: true, Evidence: []detect.Evidence{ev("config/secrets.yml", 22)}},
			{Name: "RAILS_ENV", Value: "production"},
			{Name: "RAILS_MASTER_KEY", Required: true, Secret: true},
		},
		Processes: []detect.Process{
			{Name: "web", Command: []string{"bundle", "exec", "puma", "-C", "config/puma.rb"}, From: detect.Declared, Evidence: []detect.Evidence{ev("Procfile", 1)}},
			{Name: "release", Command: []string{"bundle", "exec", "rails", "db:migrate"}, From: detect.Inferred, Why: "there are migrations", Evidence: []detect.Evidence{ev("db/schema.rb", 1)}},
		},
		Writes: []detect.Value[string]{detect.Infer("log", "Rails"), detect.Infer("tmp", "Rails"), detect.Is("public/uploads", ev("app/uploaders/photo.rb", 9))},
		Facts:  map[string]detect.Value[string]{"lockfile": detect.Is("Gemfile.lock", ev("Gemfile.lock", 0)), "assets": detect.Is("sprockets", ev("Gemfile.lock", 99))},
	}
	worker := web
	worker.Name = "worker"
	worker.Role = detect.Is(detect.Worker, ev("Procfile", 2))
	worker.Port = detect.Value[int]{}
	worker.HealthPath = detect.Value[string]{}
	worker.Processes = []detect.Process{{Name: "worker", Command: []string{"bundle", "exec", "sidekiq"}, From: detect.Declared, Evidence: []detect.Evidence{ev("Procfile", 2)}}}
	worker.Services = services[:2]
	return &detect.Findings{Location: "https://git.example.com/shop/storefront.git#v4", Components: []detect.Component{web, worker}}
}

func mustPlan(t *testing.T, f *detect.Findings) *Plan {
	t.Helper()
	p, err := New(f, Options{Known: []string{"compose", "dockerfile", "fargate"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func settingOf(settings []Setting, name string) string {
	for _, s := range settings {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

func TestNewRails(t *testing.T) {
	p := mustPlan(t, railsFindings())
	if p.Name != "storefront" {
		t.Errorf("name %q", p.Name)
	}
	if groups := p.ImageGroups(); len(groups) != 1 || len(groups[0].Components) != 2 || groups[0].Name != "storefront-web" || groups[0].Dockerfile != "Dockerfile" || groups[0].Root != "." {
		t.Errorf("image groups %+v", groups)
	}
	web := p.Component("web")
	for name, want := range map[string]string{
		"DATABASE_URL":    "postgresql://app:${POSTGRES_PASSWORD}@db:5432/shop_production",
		"REDIS_URL":       "redis://redis:6379/0",
		"RAILS_ENV":       "production",
		"SECRET_KEY_BASE": "${SECRET_KEY_BASE}",
		"SMTP_HOST":       "${SMTP_HOST}",
	} {
		if got := settingOf(web.Settings, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	db := p.Service("db")
	if db == nil || db.Image.V != "postgres:12" || strings.Join(db.For, ",") != "web,worker" || settingOf(db.Settings, "POSTGRES_DB") != "shop_production" {
		t.Errorf("db %+v", db)
	}
	if redis := p.Service("redis"); redis == nil || redis.Image.V != "redis:7" || redis.Image.From != detect.Default {
		t.Errorf("redis %+v", redis)
	}
	if p.Service("memcached") != nil {
		t.Error("an optional service is started")
	}
	generate := map[string]bool{}
	for _, s := range p.Secrets {
		generate[s.Name] = s.Generate
	}
	if !generate["SECRET_KEY_BASE"] || !generate["POSTGRES_PASSWORD"] || generate["RAILS_MASTER_KEY"] || generate["SMTP_PASSWORD"] {
		t.Errorf("secrets %v", generate)
	}
	if q := p.Questions(); len(q) != 0 {
		t.Errorf("questions %+v", q)
	}
}
