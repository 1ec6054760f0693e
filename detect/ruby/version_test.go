package ruby

import (
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// rails is the least that makes a Rails application of a version.
func rails(version string, more map[string]string) map[string]string {
	files := map[string]string{
		"Gemfile":               "# gems\ngem 'rails', '" + version + "'\n",
		"config/application.rb": "module Shop\n  class Application < Rails::Application\n  end\nend\n",
		"config/environment.rb": "require_relative 'application'\n",
		"config.ru":             "run Rails.application\n",
		"Rakefile":              "require_relative 'config/application'\n",
	}
	for name, text := range more {
		files[name] = text
	}
	return files
}

func lockOf(rails, rest string) string {
	return "GEM\n  remote: https://gems.example.test/\n  specs:\n    rails (" + rails + ")\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  rails\n" + rest
}

func TestLanguageVersion(t *testing.T) {
	tests := []struct {
		name    string
		files   map[string]string
		want    string
		from    detect.Origin
		file    string // of the first evidence
		line    int
		differs string // what another place says
	}{
		{"lock", rails("5.2.3", map[string]string{"Gemfile.lock": lockOf("5.2.3", "\nRUBY VERSION\n   ruby 2.6.5p114\n"), ".ruby-version": "2.6.5\n"}), "2.6.5", detect.Locked, "Gemfile.lock", 13, ""},
		{"the Gemfile before a lock that differs", rails("5.2.3", map[string]string{"Gemfile": "ruby '2.6.6'\ngem 'rails', '5.2.3'\n",
			"Gemfile.lock": lockOf("5.2.3", "\nRUBY VERSION\n   ruby 2.6.5p114\n")}), "2.6.6", detect.Declared, "Gemfile", 1, "2.6.5"},
		{"Gemfile", rails("4.2.1", map[string]string{"Gemfile": "gem 'rails', '4.2.1'\nruby \"2.2.2\"\n"}), "2.2.2", detect.Declared, "Gemfile", 2, ""},
		{".ruby-version that differs", rails("4.2.1", map[string]string{"Gemfile": "ruby '2.2.2'\ngem 'rails', '4.2.1'\n", ".ruby-version": "ruby-2.1.5@shop\n"}), "2.2.2", detect.Declared, "Gemfile", 1, "2.1.5"},
		{".ruby-version", rails("4.2.1", map[string]string{".ruby-version": "2.1.5-p273\r\n"}), "2.1.5", detect.Declared, ".ruby-version", 1, ""},
		{"a file that the Gemfile names", rails("7.1.2", map[string]string{"Gemfile": "ruby file: 'config/ruby'\ngem 'rails', '7.1.2'\n", "config/ruby": "3.2.2\n"}), "3.2.2", detect.Declared, "config/ruby", 1, ""},
		{".tool-versions", rails("6.0.3", map[string]string{".tool-versions": "nodejs 12.1\nruby 2.7.1\n"}), "2.7.1", detect.Declared, ".tool-versions", 2, ""},
		{".rvmrc", rails("3.0.9", map[string]string{".rvmrc": "# x 1.8.7\nrvm --create use 1.9.2@shop\n"}), "1.9.2", detect.Declared, ".rvmrc", 2, ""},
		{".rvmrc, long", rails("3.0.9", map[string]string{".rvmrc": "#!/bin/sh\nenvironment_id=\"ruby-1.9.3-p194@shop\"\n"}), "1.9.3", detect.Declared, ".rvmrc", 2, ""},
		{".versions.conf", rails("3.2.9", map[string]string{".versions.conf": "ruby=ruby-1.9.3-p194\n"}), "1.9.3", detect.Declared, ".versions.conf", 1, ""},
		{"Capistrano", rails("3.2.9", map[string]string{"config/deploy.rb": "set :application, 'shop'\nset :rvm_ruby_string, '1.9.3-p392'\n"}), "1.9.3", detect.Declared, "config/deploy.rb", 2, ""},
		{"another Ruby there", rails("3.2.9", map[string]string{".ruby-version": "jruby-1.7\n", ".travis.yml": "rvm: [1.9.3, jruby-19mode]\n"}), "1.9.3", detect.Inferred, ".travis.yml", 1, ""},
		{"the newest of the tests that Rails runs on", rails("4.1.0", map[string]string{".travis.yml": "rvm:\n  - 2.1\n  - 2.3.1\n  - 2.6\n  - ruby-head\n"}), "2.3.1", detect.Inferred, ".travis.yml", 3, ""},
		{"the tests alone know better", rails("4.1.0", map[string]string{".travis.yml": "rvm: 2.6.3\n"}), "2.6.3", detect.Inferred, ".travis.yml", 1, ""},
		{"Dockerfile", rails("4.2.1", map[string]string{"Dockerfile": "FROM node AS a\nFROM ruby:2.3.1-slim\n"}), "2.3.1", detect.Inferred, "Dockerfile", 2, ""},
		{"README", rails("4.2.1", map[string]string{"README.md": "# Shop\n\n* Ruby version: 2.2 or 2.3\n* Ruby 3.4 one day\n"}), "2.3", detect.Inferred, "README.md", 3, ""},
		{"a range", rails("5.2.3", map[string]string{"Gemfile": "ruby '>= 2.4'\ngem 'rails', '5.2.3'\n"}), "2.7", detect.Inferred, "Gemfile", 1, ""},
		{"a range and a place within it", rails("5.2.3", map[string]string{"Gemfile": "ruby '>= 2.4'\ngem 'rails', '5.2.3'\n", ".ruby-version": "2.5.1\n"}), "2.5.1", detect.Declared, ".ruby-version", 1, ""},
		{"a range and a place outside of it", rails("5.2.3", map[string]string{"Gemfile": "ruby '~> 2.4.0'\ngem 'rails', '5.2.3'\n", ".ruby-version": "2.5.1\n"}), "2.4", detect.Inferred, "Gemfile", 1, ""},
		{"a range that Rails does not run on", rails("3.2.13", map[string]string{"Gemfile": "ruby '>= 3.0'\ngem 'rails', '3.2.13'\n"}), "4.0", detect.Inferred, "Gemfile", 1, ""},
		{"a range that nothing fits", rails("3.2.13", map[string]string{"Gemfile": "ruby '> 9'\ngem 'rails', '3.2.13'\n", ".ruby-version": "1.9.3\n"}), "1.9.3", detect.Declared, ".ruby-version", 1, ""},
		{"Rails 3.0", rails("3.0.20", nil), "1.9.3", detect.Inferred, "Gemfile", 2, ""},
		{"Rails 3.2", rails("3.2.22.5", nil), "2.2", detect.Inferred, "Gemfile", 2, ""},
		{"Rails 4.2", rails("~> 4.2.8", nil), "2.3", detect.Inferred, "Gemfile", 2, ""},
		{"Rails 5.2", rails("5.2.3", nil), "2.7", detect.Inferred, "Gemfile", 2, ""},
		{"Rails 6.1", rails("6.1.7", nil), "3.2", detect.Inferred, "Gemfile", 2, ""},
		{"Rails 8", rails("8.0.1", nil), "3.4", detect.Inferred, "Gemfile", 2, ""},
		{"Bundler 1 on a newer Rails", rails("6.1.7", map[string]string{"Gemfile.lock": lockOf("6.1.7", "\nBUNDLED WITH\n   1.17.3\n")}), "3.1", detect.Inferred, "Gemfile.lock", 4, ""},
		{"an old json", rails("4.2.8", map[string]string{"Gemfile.lock": "GEM\n  specs:\n    json (1.8.1)\n    rails (4.2.8)\n      json\n\nDEPENDENCIES\n  rails\n"}), "2.3", detect.Inferred, "Gemfile.lock", 4, ""},
		{"nothing", map[string]string{"config.ru": "run App\n"}, "3.3", detect.Default, "", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := one(t, tt.files).LanguageVersion
			if v.V != tt.want || v.From != tt.from {
				t.Errorf("got %s (%s), want %s (%s)", v.V, v.From, tt.want, tt.from)
			}
			if tt.file != "" && (len(v.Evidence) == 0 || v.Evidence[0].File != tt.file || v.Evidence[0].Line != tt.line) {
				t.Errorf("evidence %v, want %s:%d", v.Evidence, tt.file, tt.line)
			}
			if (v.From == detect.Inferred || v.From == detect.Default) && v.Why == "" {
				t.Error("no reason")
			}
			var others []string
			for _, o := range v.Others {
				others = append(others, o.V)
			}
			if tt.differs != "" && (len(others) != 1 || others[0] != tt.differs) {
				t.Errorf("others %q, want %s", others, tt.differs)
			}
		})
	}
}

func TestFloor(t *testing.T) {
	for in, want := range map[string]string{"4.2.1": "4.2.1", "= 4.2.1": "4.2.1", "~> 4.2.1": "4.2", "~> 4.2": "4.2", ">= 3.0": "3.0", "< 4": "", "": "", "~> x": ""} {
		if got, _ := floor([]string{in}); got != want {
			t.Errorf("floor(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"2.10", "2.9", 1}, {"4.2", "4.2.0", 0}, {"5.0.0.beta1", "5.0.0", -1}, {"?", "1", -1}, {"1", "?", 1}, {"?", "?", 0}} {
		if got := compare(tt.a, tt.b); got != tt.want {
			t.Errorf("compare(%s, %s) = %d", tt.a, tt.b, got)
		}
	}
}

func TestTables(t *testing.T) {
	for i, s := range rubies[1:] {
		if compare(rubies[i].version, s.version) >= 0 || rubies[i].ended >= s.ended || lineOf(s.last) != s.version {
			t.Errorf("rubies: %v after %v", s, rubies[i])
		}
	}
	for _, s := range railses {
		if s.ended == "" || lineOf(s.version) != s.version {
			t.Errorf("rails: %v", s)
		}
	}
	for _, c := range compats {
		if c.min != "" && c.max != "" && compare(c.min, c.max) > 0 || c.from != "" && c.before != "" && compare(c.from, c.before) >= 0 {
			t.Errorf("compat: %v", c)
		}
	}
	seen := map[string]bool{}
	for _, s := range systemGems {
		if seen[s.gem] || s.name == "" || s.why == "" || len(s.build)+len(s.run) == 0 {
			t.Errorf("system gem %v", s)
		}
		seen[s.gem] = true
	}
	if _, ok := ended(rubies, "ruby", "2.6.5", rubySource); !ok {
		t.Error("Ruby 2.6 has ended")
	}
	if _, ok := ended(rubies, "ruby", "3.4.1", rubySource); ok {
		t.Error("Ruby 3.4 has not ended")
	}
}
