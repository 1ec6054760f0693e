package ruby

import (
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// One directory may be run as several services: the port is that of the one that serves.
func TestPortOfCompose(t *testing.T) {
	const search = "search:\n  build: .\n  command: finder --nodetach\n  ports: ['3563:3563']\n"
	for name, tt := range map[string]struct {
		compose string
		port    int
	}{
		"by command":   {search + "x:\n  build: .\n  command: /bin/bash -l -c \"bundle exec rails server\"\n  ports: ['4000:4001']\n", 4001},
		"by name":      {search + "web:\n  build: .\n  ports: ['4000:4002']\n", 4002},
		"the only one": {search, 3563},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, rails("4.0.13", map[string]string{"fig.yml": tt.compose}))
			if c.Port.V != tt.port {
				t.Errorf("got %v, want %d", c.Port, tt.port)
			}
		})
	}
}

// A client that only a setting turns on is no need.
func TestServiceBehindASwitch(t *testing.T) {
	for name, tt := range map[string]struct {
		code string
		want bool
	}{
		"at the end of the line": {"Shop::Application.configure do\n  config.cache_store = :mem_cache_store, Settings.servers if Settings.key?(:servers)\nend\n", false},
		"around it":              {"if ENV['MEMCACHE']\n  Rails.cache = Dalli::Client.new\nend\n", false},
		"in an assignment":       {"LIMITER = if Settings.servers\n            Dalli::Client.new(Settings.servers)\n          end\n", false},
		"for an environment":     {"if Rails.env.production?\n  config.cache_store = :mem_cache_store\nend\n", true},
		"always":                 {"config.cache_store = :mem_cache_store\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, rails("5.2.3", map[string]string{"Gemfile": "gem 'rails', '5.2.3'\ngem 'dalli'\n", "config/initializers/cache.rb": tt.code}))
			for _, s := range c.Services {
				if s.Kind == "memcached" && s.Required != tt.want {
					t.Errorf("required %v: %v", s.Required, s.Evidence)
				}
			}
		})
	}
}

func TestGemspecOfAConstant(t *testing.T) {
	f := find(t, map[string]string{"Gemfile": "gemspec\n", "x.gemspec": "Gem::Specification.new do |s|\n  s.required_ruby_version = X::Version.required\n  s.executables = %w[x]\nend\n"})
	if len(f.Warnings) > 0 || f.Components[0].LanguageVersion.From != detect.Default {
		t.Errorf("%v %v", f.Warnings, f.Components[0].LanguageVersion)
	}
}
