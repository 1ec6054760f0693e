package ruby

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
	"github.com/drydock-cli/drydock/source"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/rails-shop"))
}

// find runs the detector over a tree.
func find(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	return detecttest.Find(t, Detector{}, files)
}

// one is the first component of a tree.
func one(t *testing.T, files map[string]string) detect.Component {
	t.Helper()
	f := find(t, files)
	if len(f.Components) == 0 {
		t.Fatalf("nothing found; warnings %v", f.Warnings)
	}
	return f.Components[0]
}

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares all that is said about an application of the repository's own with what it is known to be.
func TestGolden(t *testing.T) {
	tr, err := source.Open(context.Background(), "../../testdata/apps/rails-shop", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	f, err := detect.Run(context.Background(), tr, []detect.Detector{Detector{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Location, f.Commit = "testdata/apps/rails-shop", ""
	got, err := f.JSON()
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/rails-shop.detect.json"
	if *update {
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
}

// FuzzDetect puts any text into any file of an application.
func FuzzDetect(f *testing.F) {
	names := []string{"Gemfile", "Gemfile.lock", "config/application.rb", "config/database.yml", "config/puma.rb", "config/unicorn.rb", "config/routes.rb", "config/environments/production.rb",
		"config/initializers/x.rb", "config/secrets.yml", "config/cable.yml", "config/storage.yml", "Procfile", "app.json", "package.json", ".ruby-version", ".rvmrc", ".tool-versions",
		".travis.yml", "README.md", "Dockerfile", "docker-compose.yml", "x.gemspec", ".env.example", "app/uploaders/x.rb", "config/mongoid.yml", "config/thin.yml", ".nvmrc", "config.ru", "app.rb"}
	f.Add(uint8(0), "gem 'rails', '4.2'\ngem 'pg' if ENV['X']\nruby '>= 2.1'\n")
	f.Add(uint8(3), "production:\n  adapter: <%= ENV['A'] || 'mysql2' %>\n  password: x\n")
	f.Add(uint8(12), "web: bundle exec puma -p ${PORT:-3000}\n")
	base := rails("4.2.1", map[string]string{"Gemfile": "gem 'rails', '4.2.1'\ngem 'sidekiq'\ngem 'carrierwave'\ngem 'puma'\ngem 'pg'\ngem 'mongoid'\n"})
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		files := merge(base, map[string]string{names[int(which)%len(names)]: text})
		found := find(t, files)
		for _, w := range found.Warnings {
			if strings.Contains(w.Text, "internal error") {
				t.Fatal(w.Text)
			}
		}
		if _, err := found.JSON(); err != nil {
			t.Fatal(err)
		}
	})
}
