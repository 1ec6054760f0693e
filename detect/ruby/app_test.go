package ruby

import (
	"reflect"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

func merge(maps ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range maps {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func TestFramework(t *testing.T) {
	tests := []struct {
		name      string
		files     map[string]string
		framework string
		version   string
		from      detect.Origin // of the version
		role      detect.Role
	}{
		{"locked Rails", rails("~> 4.2", map[string]string{"Gemfile.lock": lockOf("4.2.11.1", "")}), "rails", "4.2.11.1", detect.Locked, detect.Web},
		{"pinned Rails", rails("3.2.13", nil), "rails", "3.2.13", detect.Declared, detect.Web},
		{"Rails by generator", rails(">= 4", map[string]string{"config/application.rb": "class A < Rails::Application\n  config.load_defaults 5.1\nend\n",
			"db/schema.rb": "ActiveRecord::Schema[5.0].define do\nend\n"}), "rails", "5.1", detect.Inferred, detect.Web},
		{"Rails by migration", map[string]string{"Gemfile": "gem 'puma'\n", "config/application.rb": "class A < ::Rails::Application\nend\n",
			"db/migrate/2_b.rb": "class B < ActiveRecord::Migration[5.2]\nend\n"}, "rails", "5.2", detect.Inferred, detect.Web},
		{"Rails 2 without a Gemfile", map[string]string{"Rakefile": "", "config/environment.rb": "RAILS_GEM_VERSION = '2.3.5' unless defined? RAILS_GEM_VERSION\nRails::Initializer.run do |config|\n  config.gem 'haml', :version => '2.2'\nend\n"},
			"rails", "2.3.5", detect.Declared, detect.Web},
		{"Rails 2 with nothing but its configuration", map[string]string{"shop/config/environment.rb": "RAILS_GEM_VERSION = '2.1.0'\nRails::Initializer.run do |config|\nend\n"}, "rails", "2.1.0", detect.Declared, detect.Web},
		{"Rails that the repository brings", map[string]string{"config/environment.rb": "RAILS_GEM_VERSION = '2.1.0'\nShop::Initializer.run do |config|\nend\n", "vendor/rails/railties/lib/rails/version.rb": "module Rails\n  module VERSION\n    MAJOR = 2\n    MINOR = 3\n    TINY  = 5\n\n    STRING = [MAJOR, MINOR, TINY].join('.')\n  end\nend\n"}, "rails", "2.3.5", detect.Inferred, detect.Web},
		{"Rails 2 by how it starts alone", map[string]string{"Rakefile": "", "config/environment.rb": "Rails::Initializer.run do |config|\nend\n"}, "rails", "2.3", detect.Inferred, detect.Web},
		{"Sinatra", map[string]string{"Gemfile": "gem 'sinatra', '1.4.4'\n", "config.ru": "run App\n"}, "sinatra", "1.4.4", detect.Declared, detect.Web},
		{"Sinatra by extension", map[string]string{"Gemfile": "gem 'sinatra-contrib', '2.0'\n", "config.ru": "run App\n"}, "sinatra", "", "", detect.Web},
		{"classic Sinatra", map[string]string{"Gemfile": "gem 'sinatra'\n", "app.rb": "require 'sinatra'\nget '/' do\nend\n"}, "sinatra", "", "", detect.Web},
		{"Sinatra without a gem", map[string]string{"config.rb": "", "Rakefile": "", "app.rb": "require \"sinatra\"\n"}, "sinatra", "", "", detect.Web},
		{"Padrino", map[string]string{"Gemfile": "gem 'padrino', '0.15.0'\n", "config.ru": "run Padrino.application\n"}, "padrino", "0.15.0", detect.Declared, detect.Web},
		{"Hanami", map[string]string{"Gemfile": "gem 'hanami', '~> 1.3'\n", "config.ru": "run Hanami.app\n"}, "hanami", "1.3", detect.Declared, detect.Web},
		{"Rack", map[string]string{"Gemfile": "gem 'rack'\n", "config.ru": "run App\n"}, "none", "", "", detect.Web},
		{"Rack without a Gemfile", map[string]string{"config.ru": "run App\n"}, "none", "", "", detect.Web},
		{"a Procfile with Ruby in it", map[string]string{"Gemfile": "gem 'x'\n", "Procfile": "web: bundle exec ruby server.rb -p $PORT\n"}, "none", "", "", detect.Web},
		{"a worker alone", map[string]string{"Gemfile": "gem 'x'\n", "Procfile": "bot: bundle exec ruby bot.rb\n"}, "none", "", "", detect.Worker},
		{"a gem", map[string]string{"Gemfile": "gemspec\n", "x.gemspec": "Gem::Specification.new do |s|\n  s.add_dependency 'rails', '>= 3'\nend\n", "config.ru": "run App\n"}, "none", "", "", detect.Library},
		{"a gem that would list commands", map[string]string{"Gemfile": "gemspec\n", "x.gemspec": "Gem::Specification.new do |s|\n  s.files = `git ls-files`.split($/)\n  s.executables = s.files.grep(%r{^bin/}) { |f| File.basename(f) }\nend\n"}, "none", "", "", detect.Library},
		{"a gem that lists commands", map[string]string{"Gemfile": "gemspec\n", "exe/x": "#!/usr/bin/env ruby\n", "x.gemspec": "Gem::Specification.new do |s|\n  s.executables = s.files.grep(%r{^exe/}) { |f| File.basename(f) }\nend\n"}, "none", "", "", detect.CLI},
		{"a gem with a command", map[string]string{"Gemfile": "gemspec\n", "x.gemspec": "Gem::Specification.new do |s|\n  s.executables = %w[x]\nend\n"}, "none", "", "", detect.CLI},
		{"an application that is a gem too", rails("4.0.1", map[string]string{"Gemfile": "gemspec\n", "x.gemspec": "Gem::Specification.new do |s|\n  s.add_dependency 'rails', '4.0.1'\nend\n"}), "rails", "4.0.1", detect.Declared, detect.Web},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, tt.files)
			if c.Framework.V != tt.framework || c.FrameworkVersion.V != tt.version || c.FrameworkVersion.From != tt.from || c.Role.V != tt.role {
				t.Errorf("%s %s (%s), %s", c.Framework.V, c.FrameworkVersion.V, c.FrameworkVersion.From, c.Role.V)
			}
			if len(c.Framework.Evidence) == 0 {
				t.Error("no evidence")
			}
		})
	}
}

func TestNothing(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a Rakefile":                      {"Rakefile": "task :x\n"},
		"tools of another language":       {"Gemfile": "gem 'compass'\n", "Procfile": "web: node server.js\n"},
		"a Gemfile for tools":             {"Gemfile": "gem 'fastlane'\n"},
		"environment.rb of something":     {"lib/environment.rb": "x\n"},
		"a sample":                        {"samples/shop/config.ru": "run App\n", "spec/dummy/config.ru": "run X\n"},
		"config with a marker beside it":  {"config/environment.rb": "x\n", "Rakefile": ""},
		"Rails in a comment":              {"Gemfile": "", "config/application.rb": "# class A < Rails::Application\n"},
		"a broken lock and nothing else":  {"Gemfile": "", "Gemfile.lock": "x"},
		"Sinatra that only comes with it": {"Gemfile": "gem 'resque'\n", "Gemfile.lock": "GEM\n  specs:\n    resque (1)\n      sinatra\n    sinatra (1)\n\nDEPENDENCIES\n  resque\n"},
	} {
		if f := find(t, files); len(f.Components) > 0 {
			t.Errorf("%s: found %s %s", name, f.Components[0].Framework.V, f.Components[0].Role.V)
		}
	}
}

func TestDatabase(t *testing.T) {
	yml := func(s string) map[string]string { return map[string]string{"config/database.yml": s} }
	gems := func(s string) map[string]string { return map[string]string{"Gemfile": "gem 'rails', '4.2.1'\n" + s} }
	old := func(s string) map[string]string { return map[string]string{"Gemfile": "gem 'rails', '3.0.20'\n" + s} }
	tests := []struct {
		name     string
		files    map[string]string
		kind     string
		from     detect.Origin
		env      map[string]string
		database string
		ready    string // id of the finding about its configuration
	}{
		{"literal, old Rails", merge(old("gem 'pg'\n"), yml("production:\n  adapter: postgresql\n  host: db1\n  database: shop\n  username: shop\n  password: secret\n")), "postgresql", detect.Declared, nil, "shop", "database-config-literal"},
		{"literal, Rails that takes an address", merge(gems("gem 'mysql2'\n"), yml("production:\n  adapter: mysql2\n  database: shop\n")), "mysql", detect.Declared, map[string]string{"url": "DATABASE_URL"}, "shop", ""},
		{"variables", merge(old("gem 'pg'\n"), yml("production:\n  adapter: postgresql\n  host: <%= ENV['H'] %>\n  port: <%= ENV.fetch('P', 5432) %>\n  username: <%= ENV['U'] %>\n  password: <%= ENV['W'] %>\n  database: <%= ENV['N'] || 'shop_production' %>\n")),
			"postgresql", detect.Declared, map[string]string{"host": "H", "port": "P", "user": "U", "password": "W", "name": "N"}, "shop_production", ""},
		{"an address", merge(old("gem 'pg'\n"), yml("production:\n  adapter: postgresql\n  url: <%= ENV['SHOP_DB'] %>\n  host: x\n")), "postgresql", detect.Declared, map[string]string{"url": "SHOP_DB"}, "", ""},
		{"an address alone", merge(gems("gem 'pg'\n"), yml("production:\n  url: <%= ENV['DATABASE_URL'] %>\n")), "postgresql", detect.Inferred, map[string]string{"url": "DATABASE_URL"}, "", ""},
		{"an adapter by variable", merge(gems("gem 'pg'\ngem 'mysql2'\n"), yml("production:\n  adapter: <%= ENV['A'].presence || \"mysql2\" %>\n")), "mysql", detect.Inferred, map[string]string{"url": "DATABASE_URL"}, "", ""},
		{"an adapter by platform", merge(gems("gem 'pg'\n"), yml("production:\n  adapter: <%= RUBY_PLATFORM =~ /java/ ? 'jdbcpostgresql' : 'postgresql' %>\n")), "postgresql", detect.Declared, map[string]string{"url": "DATABASE_URL"}, "", ""},
		{"merged", merge(gems("gem 'pg'\n"), yml("d: &d\n  adapter: postgis\n\nproduction:\n  <<: *d\n  database: geo\n")), "postgresql", detect.Declared, map[string]string{"url": "DATABASE_URL"}, "geo", ""},
		{"several", merge(gems("gem 'pg'\n"), yml("production:\n  primary:\n    adapter: postgresql\n    database: one\n  cache:\n    adapter: sqlite3\n    database: two\n")), "postgresql", detect.Declared, map[string]string{"url": "DATABASE_URL"}, "one", ""},
		{"SQLite", merge(gems("gem 'sqlite3'\n"), yml("production:\n  adapter: sqlite3\n  database: data/shop.sqlite3\n")), "sqlite", detect.Declared, map[string]string{}, "", "embedded-database"},
		{"no settings of production", merge(gems("gem 'pg'\ngroup :development do\n  gem 'sqlite3'\nend\n"), yml("development:\n  adapter: sqlite3\n")), "postgresql", detect.Inferred, map[string]string{"url": "DATABASE_URL"}, "", "database-config-partial"},
		{"development alone", merge(gems(""), yml("development:\n  adapter: mysql2\n  host: localhost\n")), "mysql", detect.Default, nil, "", "database-config-partial"},
		{"no file", gems("gem 'mysql2'\n"), "mysql", detect.Inferred, map[string]string{"url": "DATABASE_URL"}, "", "database-config-missing"},
		{"no file, old Rails", old("gem 'mysql2'\n"), "mysql", detect.Inferred, nil, "", "database-config-missing"},
		{"a sample", merge(gems(""), map[string]string{"config/database.yml.example": "production:\n  adapter: postgresql\n  password: x\n"}), "postgresql", detect.Inferred, map[string]string{"url": "DATABASE_URL"}, "", "database-config-missing"},
		{"samples that differ", merge(gems("gem 'pg'\n"), map[string]string{"config/database.mysql.yml": "production:\n  adapter: mysql2\n", "config/database.postgres.yml": "production:\n  adapter: postgresql\n"}), "postgresql", detect.Inferred, map[string]string{"url": "DATABASE_URL"}, "", "database-config-missing"},
		{"conditions", gems("if ENV['DB'] == 'pg'\n  gem 'pg'\nelse\n  gem 'mysql2'\nend\n"), "postgresql", detect.Default, map[string]string{"url": "DATABASE_URL"}, "", "database-config-missing"},
		{"a server before SQLite", gems("gem 'sqlite3'\ngem 'pg'\n"), "postgresql", detect.Inferred, map[string]string{"url": "DATABASE_URL"}, "", "database-config-missing"},
		{"SQL Server", merge(gems("gem 'tiny_tds'\ngem 'activerecord-sqlserver-adapter'\n"), yml("production:\n  adapter: sqlserver\n")), "sqlserver", detect.Declared, map[string]string{"url": "DATABASE_URL"}, "", ""},
		{"Oracle", merge(gems("gem 'ruby-oci8'\n"), yml("production:\n  adapter: oracle_enhanced\n")), "oracle", detect.Declared, map[string]string{"url": "DATABASE_URL"}, "", ""},
		{"test only", gems("group :test do\n  gem 'pg'\nend\n"), "", "", nil, "", ""},
		{"a sample without its format", merge(old(""), map[string]string{"config/database.example": "production:\n  adapter: mysql\n  username: root\n"}), "mysql", detect.Inferred, nil, "", "database-config-missing"},
		{"code beside it is no sample", merge(gems(""), map[string]string{"config/database.rb": "production:\n  adapter: mysql\n"}), "", "", nil, "", ""},
		{"Active Record is not loaded", merge(gems(""), yml("production:\n  adapter: postgresql\n"), map[string]string{"config/application.rb": "require 'action_controller/railtie'\n# require 'active_record/railtie'\nmodule Shop\n  class Application < Rails::Application\n  end\nend\n"}), "", "", nil, "", ""},
		{"Active Record by name", merge(gems(""), yml("production:\n  adapter: postgresql\n"), map[string]string{"config/application.rb": "require 'active_record/railtie'\nrequire 'action_controller/railtie'\nmodule Shop\n  class Application < Rails::Application\n  end\nend\n"}), "postgresql", detect.Declared, map[string]string{"url": "DATABASE_URL"}, "", ""},
		{"a driver, though Active Record is not loaded", merge(gems("gem 'pg'\n"), yml("production:\n  adapter: postgresql\n"), map[string]string{"config/application.rb": "require 'action_controller/railtie'\nmodule Shop\n  class Application < Rails::Application\n  end\nend\n"}), "postgresql", detect.Declared, map[string]string{"url": "DATABASE_URL"}, "", ""},
		{"a broken file", merge(gems("gem 'pg'\n"), yml("production: [\n")), "postgresql", detect.Inferred, map[string]string{"url": "DATABASE_URL"}, "", "database-config-partial"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, rails("4.2.1", tt.files))
			if tt.kind == "" {
				if len(c.Services) > 0 {
					t.Errorf("found %v", c.Services)
				}
				return
			}
			if len(c.Services) == 0 {
				t.Fatal("no service")
			}
			s := c.Services[0]
			if s.Kind != tt.kind || s.From != tt.from || s.Database != tt.database || !s.Required || len(s.Env)+len(tt.env) > 0 && !reflect.DeepEqual(s.Env, tt.env) {
				t.Errorf("%s (%s) %q %v", s.Kind, s.From, s.Database, s.Env)
			}
			if got := about(c, "database", "embedded"); got != tt.ready {
				t.Errorf("readiness %q, want %q", got, tt.ready)
			}
		})
	}
}

// about returns the id of the first readiness finding that begins with a word.
func about(c detect.Component, words ...string) string {
	for _, r := range c.Readiness {
		for _, w := range words {
			if strings.HasPrefix(r.ID, w) {
				return r.ID
			}
		}
	}
	return ""
}

func TestServer(t *testing.T) {
	gems := func(s string) map[string]string { return map[string]string{"Gemfile": "gem 'rails', '5.2.1'\n" + s} }
	proc := func(s string) map[string]string { return map[string]string{"Procfile": s} }
	tests := []struct {
		name    string
		files   map[string]string
		server  string
		port    int
		from    detect.Origin // of the port
		command string
		trouble string
	}{
		{"Procfile, $PORT", merge(gems("gem 'puma'\n"), proc("web: bundle exec puma -t 5:5 -p $PORT\n")), "puma", 3000, detect.Inferred, "bundle exec puma -t 5:5 -p 3000", ""},
		{"Procfile, a default", merge(gems("gem 'puma'\n"), proc("web: bundle exec puma -p ${PORT:-5000}\n")), "puma", 5000, detect.Inferred, "bundle exec puma -p 5000", ""},
		{"Procfile, a script with a default", merge(gems("gem 'puma'\n"), proc("web: bundle exec bin/serve\n"), map[string]string{"bin/serve": "#!/bin/sh\n[ $PORT ] || PORT=5555\nexec puma -p $PORT\n"}), "puma", 5555, detect.Inferred, "bundle exec bin/serve", ""},
		{"Procfile, a number", merge(gems("gem 'unicorn'\n"), proc("web: bundle exec unicorn -l 0.0.0.0:8080\n")), "unicorn", 8080, detect.Declared, "bundle exec unicorn -l 0.0.0.0:8080", ""},
		{"Procfile, rails server", merge(gems("gem 'puma'\n"), proc("web: bin/rails s -p $PORT -e $RACK_ENV\n")), "puma", 3000, detect.Inferred, "bin/rails s -p 3000 -e production -b 0.0.0.0", ""},
		{"Procfile, rails server thin", merge(gems("gem 'thin'\n"), proc("web: bundle exec rails server thin -p $PORT\n")), "thin", 3000, detect.Inferred, "bundle exec rails server thin -p 3000 -b 0.0.0.0", ""},
		{"Procfile, bound already", merge(gems("gem 'puma'\n"), proc("web: rails server --binding=0.0.0.0\n")), "puma", 3000, detect.Default, "rails server --binding=0.0.0.0", ""},
		{"Procfile, a shell", merge(gems("gem 'puma'\n"), proc("web: rake x && bundle exec puma\n")), "puma", 3000, detect.Default, "sh -c rake x && bundle exec puma", ""},
		{"Procfile, puma without a port", merge(gems("gem 'puma'\n"), proc("web: bundle exec puma\n")), "puma", 3000, detect.Default, "bundle exec puma -b tcp://0.0.0.0:3000", ""},
		{"Procfile, the framework's server though another is there", merge(gems("group :production do\n  gem 'unicorn'\nend\n"), proc("web: rails server\n"), map[string]string{"config/unicorn.rb": "listen 3001\n"}), "unicorn", 3001, detect.Declared,
			"bundle exec unicorn -E production -p 3001 -c config/unicorn.rb", ""},
		{"puma.rb", merge(gems("gem 'puma'\n"), map[string]string{"config/puma.rb": "port ENV.fetch(\"PORT\") { 9393 }\n"}), "puma", 9393, detect.Inferred, "bundle exec puma -C config/puma.rb", ""},
		{"puma.rb, bind", merge(gems("gem 'puma'\n"), map[string]string{"config/puma.rb": "bind \"tcp://0.0.0.0:#{ENV['PORT'] || 9292}\"\n"}), "puma", 9292, detect.Inferred, "bundle exec puma -C config/puma.rb", ""},
		{"puma.rb, a socket", merge(gems("gem 'puma'\n"), map[string]string{"config/puma.rb": "bind 'unix:///var/run/shop.sock'\ndaemonize true\n"}), "puma", 3000, detect.Default, "bundle exec puma -C config/puma.rb -b tcp://0.0.0.0:3000", "daemonizes"},
		{"puma without a file", gems("gem 'puma'\n"), "puma", 3000, detect.Default, "bundle exec puma -b tcp://0.0.0.0:3000", ""},
		{"unicorn.rb", merge(gems("gem 'unicorn'\n"), map[string]string{"config/unicorn.rb": "listen ENV['PORT'] || 8080\nbefore_fork do\n  spawn(\"rake jobs\")\nend\n"}), "unicorn", 8080, detect.Inferred, "bundle exec unicorn -E production -p 8080 -c config/unicorn.rb", "server-spawns-worker"},
		{"unicorn.rb of one server", merge(gems("gem 'unicorn'\n"), map[string]string{"config/unicorn.rb": "working_directory '/var/www/shop/current'\n"}), "unicorn", 3000, detect.Default, "bundle exec unicorn -E production -p 3000", "absolute-path"},
		{"thin.yml", merge(gems("gem 'thin'\n"), map[string]string{"config/thin.yml": "port: 4000\n"}), "thin", 4000, detect.Declared, "bundle exec thin start -a 0.0.0.0 -p 4000 -e production", ""},
		{"Passengerfile", merge(gems("gem 'passenger'\n"), map[string]string{"Passengerfile.json": "{\n\"port\": 8000}"}), "passenger", 8000, detect.Declared, "bundle exec passenger start -a 0.0.0.0 -p 8000 -e production", ""},
		{"passenger", gems("gem 'passenger'\n"), "passenger", 3000, detect.Default, "bundle exec passenger start -a 0.0.0.0 -p 3000 -e production", ""},
		{"none", gems(""), "webrick", 3000, detect.Default, "bundle exec rails server -e production -b 0.0.0.0 -p 3000", "no-app-server"},
		{"compose", merge(gems("gem 'puma'\n"), map[string]string{"docker-compose.yml": "services:\n  web:\n    build: .\n    ports: ['80:8000']\n"}), "puma", 8000, detect.Inferred, "bundle exec puma -b tcp://0.0.0.0:8000", ""},
		{"Dockerfile", merge(gems("gem 'puma'\n"), map[string]string{"Dockerfile": "FROM ruby\nEXPOSE 7000\n"}), "puma", 7000, detect.Inferred, "bundle exec puma -b tcp://0.0.0.0:7000", ""},
		{"Dockerfile, a port for root", merge(gems("gem 'puma'\n"), map[string]string{"Dockerfile": "FROM ruby\nEXPOSE 80\n"}), "puma", 3000, detect.Default, "bundle exec puma -b tcp://0.0.0.0:3000", ""},
	}
	tests = append(tests, []struct {
		name    string
		files   map[string]string
		server  string
		port    int
		from    detect.Origin
		command string
		trouble string
	}{
		{"Procfile, a script that starts a server", merge(gems("gem 'thin'\ngem 'unicorn'\n"), proc("web: ./script/serve\n"), map[string]string{"script/serve": "#!/bin/sh\n# puma was here\ncmd=\"bundle exec unicorn config.ru\"\nexec $cmd\n"}), "unicorn", 3000, detect.Default, "./script/serve", ""},
		{"Procfile, a script that names no gem's server", merge(gems("gem 'thin'\n"), proc("web: bin/serve && bundle exec thin start\n"), map[string]string{"bin/serve": "#!/bin/sh\nexec unicorn\n"}), "thin", 3000, detect.Default, "sh -c bin/serve && bundle exec thin start", ""},
	}...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server1(t, rails("5.2.1", tt.files), tt.server, tt.port, tt.from, tt.command, tt.trouble)
		})
	}
	old := map[string]string{"Rakefile": "", "config/environment.rb": "RAILS_GEM_VERSION = '2.3.5'\nRails::Initializer.run do |config|\n  config.gem 'unicorn'\nend\n"}
	server1(t, old, "unicorn", 3000, detect.Default, "unicorn_rails -E production -p 3000", "")
	old["config/environment.rb"] = "RAILS_GEM_VERSION = '2.3.5'\nRails::Initializer.run do |config|\nend\n"
	server1(t, old, "webrick", 3000, detect.Default, "ruby script/server -e production -b 0.0.0.0 -p 3000", "no-app-server")
	classic := map[string]string{"Gemfile": "gem 'sinatra'\n", "app.rb": "require 'sinatra'\n"}
	server1(t, classic, "webrick", 3000, detect.Default, "bundle exec ruby app.rb -e production -o 0.0.0.0 -p 3000", "no-app-server")
	rack := map[string]string{"Gemfile": "gem 'rack'\n", "config.ru": "run App\n"}
	server1(t, rack, "webrick", 3000, detect.Default, "bundle exec rackup -E production -o 0.0.0.0 -p 3000 config.ru", "no-app-server")
	rack["Procfile"], rack["Gemfile"] = "web: bundle exec rackup -p $PORT\n", "gem 'puma'\n"
	server1(t, rack, "puma", 3000, detect.Inferred, "bundle exec rackup -p 3000 -o 0.0.0.0", "")
}

func server1(t *testing.T, files map[string]string, server string, port int, from detect.Origin, command, trouble string) {
	t.Helper()
	c := one(t, files)
	if c.AppServer.V != server || c.Port.V != port || c.Port.From != from {
		t.Errorf("%s on %d (%s), want %s on %d (%s)", c.AppServer.V, c.Port.V, c.Port.From, server, port, from)
	}
	if got := strings.Join(c.Processes[0].Command, " "); got != command || c.Processes[0].Name != "web" {
		t.Errorf("command %q, want %q", got, command)
	}
	if got := about(c, "daemonizes", "server-spawns", "absolute", "no-app"); got != trouble {
		t.Errorf("trouble %q, want %q", got, trouble)
	}
}

func TestServices(t *testing.T) {
	type want struct {
		required bool
		env      map[string]string
	}
	url := func(name string) map[string]string { return map[string]string{"url": name} }
	tests := []struct {
		name  string
		gems  string
		files map[string]string
		want  map[string]want
	}{
		{"sidekiq", "gem 'sidekiq'\n", nil, map[string]want{"redis": {true, url("REDIS_URL")}}},
		{"redis alone", "gem 'redis'\n", nil, map[string]want{"redis": {false, url("REDIS_URL")}}},
		{"redis in use", "gem 'redis'\n", map[string]string{"config/initializers/redis.rb": "$redis = Redis.new(host: ENV['REDIS_HOST'], port: ENV['REDIS_PORT'])\n"},
			map[string]want{"redis": {true, map[string]string{"host": "REDIS_HOST", "port": "REDIS_PORT"}}}},
		{"redis for a hosted service", "gem 'resque'\n", map[string]string{"config/initializers/resque.rb": "Resque.redis = ENV['REDISTOGO_URL']\n"}, map[string]want{"redis": {true, url("REDISTOGO_URL")}}},
		{"cable", "gem 'redis'\n", map[string]string{"config/cable.yml": "production:\n  adapter: redis\n  url: <%= ENV.fetch('REDIS_URL') { 'redis://x' } %>\n", "app/channels/chat_channel.rb": "x\n"}, map[string]want{"redis": {true, url("REDIS_URL")}}},
		{"cable by template", "gem 'redis'\n", map[string]string{"config/cable.yml": "production:\n  adapter: redis\n", "app/channels/application_cable/channel.rb": "x\n"}, map[string]want{"redis": {false, url("REDIS_URL")}}},
		{"dalli in use", "gem 'dalli'\n", map[string]string{"config/environments/production.rb": "config.cache_store = :mem_cache_store\n"}, map[string]want{"memcached": {true, map[string]string{"host": "MEMCACHE_SERVERS"}}}},
		{"dalli in a comment", "gem 'dalli'\n", map[string]string{"config/environments/production.rb": "# config.cache_store = :mem_cache_store\n"}, map[string]want{"memcached": {false, map[string]string{"host": "MEMCACHE_SERVERS"}}}},
		{"mongoid", "gem 'mongoid'\n", map[string]string{"config/mongoid.yml": "production:\n  clients:\n    default:\n      uri: <%= ENV['MONGODB_URI'] %>\n      database: shop\n"}, map[string]want{"mongodb": {true, url("MONGODB_URI")}}},
		{"search", "gem 'searchkick'\n", map[string]string{"lib/alt.rb": "x = ENV['ELASTICSEARCH_ALT_URL']\n"}, map[string]want{"elasticsearch": {true, url("ELASTICSEARCH_URL")}}},
		{"solr", "gem 'sunspot_rails'\n", nil, map[string]want{"solr": {true, nil}}},
		{"queues", "gem 'bunny'\ngem 'ruby-kafka'\n", map[string]string{"config/kafka.rb": "x = ENV['KAFKA_BROKERS']\n"}, map[string]want{"rabbitmq": {true, url("RABBITMQ_URL")}, "kafka": {true, map[string]string{"host": "KAFKA_BROKERS"}}}},
		{"mail", "", map[string]string{"config/environments/production.rb": "config.action_mailer.smtp_settings = { address: ENV['SMTP_HOST'], user_name: ENV['SMTP_USER'], password: ENV['SMTP_PASSWORD'] }\n"},
			map[string]want{"smtp": {false, map[string]string{"host": "SMTP_HOST", "user": "SMTP_USER", "password": "SMTP_PASSWORD"}}}},
		{"run beside it", "gem 'redis'\ngem 'dalli'\ngem 'elasticsearch'\n", map[string]string{"app.json": `{"addons": ["heroku-redis:hobby-dev", {"plan": "memcachier:dev"}]}`, "docker-compose.yml": "services:\n  s:\n    image: elasticsearch\n"},
			map[string]want{"redis": {true, url("REDIS_URL")}, "memcached": {true, map[string]string{"host": "MEMCACHE_SERVERS"}}, "elasticsearch": {true, url("ELASTICSEARCH_URL")}}},
		{"asked over HTTP without a gem", "group :development do\n  gem 'couchrest'\nend\n", map[string]string{"app/models/store.rb": "DB = Store.new(ENV['COUCH_URL'])\n"}, map[string]want{"couchdb": {true, url("COUCH_URL")}}},
		{"asked over HTTP when somebody sets it", "", map[string]string{"app/models/store.rb": "if ENV['SOLR_URL']\n  DB = Store.new(ENV['SOLR_URL'])\nend\n"}, map[string]want{}},
		{"in tests only", "group :test do\n  gem 'redis'\nend\n", nil, map[string]want{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, rails("5.2.1", merge(map[string]string{"Gemfile": "gem 'rails', '5.2.1'\n" + tt.gems}, tt.files)))
			got := map[string]want{}
			for _, s := range c.Services {
				got[s.Kind] = want{s.Required, s.Env}
				if len(s.Evidence) == 0 {
					t.Errorf("%s has no evidence", s.Kind)
				}
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	c := one(t, rails("5.2.1", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'pg'\ngem 'sidekiq'\n",
		"docker-compose.yml": "services:\n  r:\n    image: redis:4.0-alpine\n", ".gitlab-ci.yml": "services: ['postgres:9.6']\n"}))
	if c.Services[0].Version != "9.6" || c.Services[1].Version != "4.0" {
		t.Errorf("versions %v", c.Services)
	}
	c = one(t, rails("5.2.1", map[string]string{"Gemfile": "gem 'mongoid'\n", "config/mongoid.yml": "production:\n  clients:\n    default:\n      database: shop\n"}))
	if c.Services[0].Database != "shop" {
		t.Errorf("%+v", c.Services[0])
	}
}

func TestDatabaseOfOtherFrameworks(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  map[string]string
	}{
		"Sequel":             {map[string]string{"Gemfile": "gem 'sinatra'\ngem 'sequel'\ngem 'pg'\n", "app.rb": "DB = Sequel.connect(ENV['DATABASE_URL'])\n"}, map[string]string{"url": "DATABASE_URL"}},
		"names of its own":   {map[string]string{"Gemfile": "gem 'sinatra'\ngem 'mysql2'\n", "app.rb": "x = [ENV['DB_HOST'], ENV['DB_USER'], ENV['DB_PASSWORD'], ENV['DB_NAME']]\n"}, map[string]string{"host": "DB_HOST", "user": "DB_USER", "password": "DB_PASSWORD", "name": "DB_NAME"}},
		"sinatra's own":      {map[string]string{"Gemfile": "gem 'sinatra'\ngem 'sinatra-activerecord'\ngem 'pg'\n"}, map[string]string{"url": "DATABASE_URL"}},
		"Hanami":             {map[string]string{"Gemfile": "gem 'hanami'\ngem 'pg'\n"}, map[string]string{"url": "DATABASE_URL"}},
		"nothing is to find": {map[string]string{"Gemfile": "gem 'sinatra'\ngem 'pg'\n"}, nil},
	} {
		c := one(t, merge(map[string]string{"config.ru": "run App\n"}, tt.files))
		if len(c.Services) != 1 || !reflect.DeepEqual(c.Services[0].Env, tt.want) {
			t.Errorf("%s: %+v", name, c.Services)
		}
		if got := about(c, "database"); (got != "") != (tt.want == nil) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestNested(t *testing.T) {
	c := one(t, map[string]string{
		"api/Gemfile": "gem 'sinatra'\ngem 'puma'\n", "api/config.ru": "run App\n", ".ruby-version": "2.5.1\n", ".travis.yml": "rvm: 2.4\n", ".tool-versions": "nodejs 12\n",
		"docker-compose.yml": "services:\n  web:\n    build: ./web\n    ports: ['7000:7000']\n  api:\n    build: ./api\n    ports: ['8000:8001']\n",
	})
	if c.Path != "api" || c.Name != "api" || c.LanguageVersion.V != "2.5.1" || c.Port.V != 8001 {
		t.Errorf("%s %s %s %d", c.Path, c.Name, c.LanguageVersion.V, c.Port.V)
	}
}

func TestWorkers(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string // name: command
	}{
		{"sidekiq", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'sidekiq'\n", "config/sidekiq.yml": ":queues: [x]\n"}, []string{"worker: bundle exec sidekiq -C config/sidekiq.yml"}},
		{"delayed_job", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'delayed_job'\ngem 'delayed_job_active_record'\n"}, []string{"worker: bundle exec rake jobs:work"}},
		{"resque", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'resque'\n"}, []string{"worker: bundle exec rake environment resque:work QUEUE=*"}},
		{"a clock", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'good_job'\ngem 'clockwork'\n", "lib/clock.rb": "x\n"}, []string{"clock: bundle exec clockwork lib/clock.rb", "worker: bundle exec good_job start"}},
		{"a clock without its file", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'clockwork'\n"}, nil},
		{"the Procfile is the authority", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'sidekiq'\n", "Procfile": "web: rails s\n"}, nil},
		{"Procfile", map[string]string{"Procfile": "web: rails s\njobs: env X=1 rake jobs:work\nredis: redis-server\nassets: bin/webpack-dev-server\nconsole: irb\ncss: yarn build:css --watch\nrelease: rake db:migrate db:seed\n"}, []string{"jobs: env X=1 rake jobs:work"}},
		{"shoryuken", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'shoryuken'\n", "config/shoryuken.yml": "a: b\n"}, []string{"worker: bundle exec shoryuken -R -C config/shoryuken.yml"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := find(t, rails("5.2.1", tt.files))
			var got []string
			for _, c := range f.Components[1:] {
				if c.Role.V != detect.Worker || c.Port.Set() || c.HealthPath.Set() || c.AppServer.Set() || len(c.Processes) != 1 || c.Processes[0].Name != "worker" {
					t.Errorf("%+v", c)
				}
				got = append(got, c.Name+": "+strings.Join(c.Processes[0].Command, " "))
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	f := find(t, map[string]string{"shop/Gemfile": "gem 'sinatra'\ngem 'sidekiq'\n", "shop/config.ru": "run App\n", "shop/app.rb": "x\n"})
	if len(f.Components) != 2 || f.Components[0].Name != "shop" || f.Components[1].Name != "shop-worker" || strings.Join(f.Components[1].Processes[0].Command, " ") != "bundle exec sidekiq -r ./app.rb" {
		t.Errorf("%+v", f.Components)
	}
	if f := find(t, map[string]string{"Gemfile": "gem 'sinatra'\ngem 'sidekiq'\n", "config.ru": "run App\n"}); len(f.Components) != 1 {
		t.Error("a worker whose code nobody knows")
	}
}

func TestRelease(t *testing.T) {
	migration := map[string]string{"db/migrate/1_a.rb": "class A\nend\n", "config/database.yml": "production:\n  adapter: mysql2\n"}
	for want, files := range map[string]map[string]string{
		"bundle exec rails db:migrate":         rails("5.2.1", migration),
		"bundle exec rake db:migrate":          rails("4.2.1", migration),
		"bundle exec rake db:migrate db:seed":  rails("4.2.1", merge(migration, map[string]string{"Procfile": "release: bundle exec rake db:migrate db:seed\n"})),
		"bundle exec hanami db migrate":        merge(migration, map[string]string{"Gemfile": "gem 'hanami'\n", "config.ru": "run X\n"}),
		"":                                     rails("4.2.1", map[string]string{"config/database.yml": "production:\n  adapter: mysql2\n"}),
		"bundle exec rake db:migrate  ":        merge(migration, map[string]string{"Gemfile": "gem 'sinatra'\ngem 'sinatra-activerecord'\n", "config.ru": "run X\n"}),
		"                                    ": merge(migration, map[string]string{"Gemfile": "gem 'sinatra'\n", "config.ru": "run X\n"}),
	} {
		got := ""
		for _, p := range one(t, files).Processes {
			if p.Name == "release" {
				got = strings.Join(p.Command, " ")
			}
		}
		if got != strings.TrimSpace(want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestHealthPath(t *testing.T) {
	routes := func(s string) map[string]string {
		return rails("5.2.1", map[string]string{"config/routes.rb": "Rails.application.routes.draw do\n" + s + "end\n"})
	}
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
		from  detect.Origin
	}{
		"Rails 7.1":       {routes("  get \"up\" => \"rails/health#show\", as: :rails_health_check\n"), "/up", detect.Declared},
		"another name":    {routes("  get 'alive/yes', to: 'rails/health#show'\n"), "/alive/yes", detect.Declared},
		"health":          {routes("  get '/health', to: 'x#y'\n  root 'x#y'\n"), "/health", detect.Declared},
		"old style":       {routes("  match '/ping' => 'x#y'\n"), "/ping", detect.Declared},
		"engine":          {routes("  mount OkComputer::Engine, at: \"/status/check\"\n"), "/status/check", detect.Declared},
		"in a namespace":  {routes("  namespace :api do\n    get 'health', to: 'x#y'\n    root 'a#b'\n  end\n"), "/", detect.Default},
		"root":            {routes("  root to: 'x#y'\n"), "/", detect.Inferred},
		"root, old":       {routes("  root :to => 'x#y'\n"), "/", detect.Inferred},
		"root, Rails 2":   {routes("  map.root :controller => 'x'\n"), "/", detect.Inferred},
		"commented":       {routes("  # root 'x#y'\n"), "/", detect.Default},
		"no routes":       {rails("5.2.1", nil), "/", detect.Default},
		"healthy reports": {routes("  get 'healthy_food', to: 'x#y'\n"), "/", detect.Default},
		"Sinatra":         {map[string]string{"Gemfile": "gem 'sinatra'\n", "config.ru": "run App\n", "app.rb": "class App < Sinatra::Base\n  get '/' do\n  end\n  get '/ping' do\n  end\nend\n"}, "/ping", detect.Declared},
		"Sinatra, root":   {map[string]string{"Gemfile": "gem 'sinatra'\n", "config.ru": "run App\n", "app.rb": "get \"/\" do\nend\n"}, "/", detect.Inferred},
		"Rack":            {map[string]string{"config.ru": "run App\n"}, "/", detect.Default},
	} {
		if v := one(t, tt.files).HealthPath; v.V != tt.want || v.From != tt.from {
			t.Errorf("%s: %s (%s), want %s (%s)", name, v.V, v.From, tt.want, tt.from)
		}
	}
}

func TestEnv(t *testing.T) {
	c := one(t, rails("5.2.1", map[string]string{
		"config/initializers/a.rb": "# ENV['COMMENTED']\na = ENV['PLAIN']\nb = ENV.fetch('NEEDED')\nc = ENV.fetch(\"WITH\", 'x y')\nd = ENV.fetch('BLOCK') { 5 }\n" +
			"e = ENV['OR'] || 'z'\nf = ENV['CONST'] || SOME\ng = ENV['API_KEY'] || 'hunter2hunter2'\nh = ENV['PATH'] + ENV['HOME']\ni = ENV['PRESENT'].presence || true\nj = ENV.key?('ASKED')\n",
		"lib/b.rb":                           "x = ENV.fetch('LATER')\ny = ENV['PLAIN']\n",
		"config/environments/development.rb": "x = ENV['DEV_ONLY']\n",
		"app.json":                           `{"env": {"FROM_HEROKU": {"description": "what it is", "value": "v"}, "MADE": {"generator": "secret"}, "SHORT": "s"}}`,
		".env.example":                       "# x\nSAMPLE=1\nPLAIN=2\n",
		"config/secrets.yml":                 "production:\n  secret_key_base: <%= ENV['SECRET_KEY_BASE'] %>\n",
		"config/credentials.yml.enc":         "abc\n",
	}))
	got := map[string]detect.EnvVar{}
	for _, e := range c.Env {
		got[e.Name] = e
		if len(e.Evidence) == 0 {
			t.Errorf("%s has no evidence", e.Name)
		}
	}
	for name, want := range map[string]detect.EnvVar{
		"PLAIN": {}, "NEEDED": {Required: true}, "WITH": {Default: "x y"}, "BLOCK": {Default: "5"}, "OR": {Default: "z"}, "CONST": {}, "API_KEY": {Secret: true},
		"PRESENT": {Default: "true"}, "ASKED": {}, "LATER": {}, "FROM_HEROKU": {Default: "v", Why: "what it is"}, "MADE": {Required: true, Secret: true}, "SHORT": {Default: "s"},
		"SAMPLE": {}, "RAILS_ENV": {Value: "production"}, "RACK_ENV": {Value: "production"}, "RAILS_LOG_TO_STDOUT": {Value: "1"}, "RAILS_SERVE_STATIC_FILES": {Value: "1"},
		"SECRET_KEY_BASE": {Required: true, Secret: true}, "RAILS_MASTER_KEY": {Secret: true},
	} {
		e, ok := got[name]
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		if e.Required != want.Required || e.Secret != want.Secret || e.Default != want.Default || e.Value != want.Value || want.Why != "" && e.Why != want.Why {
			t.Errorf("%s: %+v", name, e)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("%s is no setting", name)
	}
}

func TestEnvOfOtherFrameworks(t *testing.T) {
	values := func(files map[string]string) map[string]string {
		out := map[string]string{}
		for _, e := range one(t, files).Env {
			if e.Value != "" {
				out[e.Name] = e.Value
			}
		}
		return out
	}
	if got := values(map[string]string{"Gemfile": "gem 'hanami'\n", "config.ru": "run X\n"}); !reflect.DeepEqual(got, map[string]string{"RACK_ENV": "production", "HANAMI_ENV": "production"}) {
		t.Errorf("Hanami: %v", got)
	}
	if got := values(map[string]string{"Gemfile": "gem 'padrino'\n", "config.ru": "run X\n", "Procfile": "web: thin start -p $PORT\n"}); !reflect.DeepEqual(got, map[string]string{"RACK_ENV": "production", "PADRINO_ENV": "production", "PORT": "3000"}) {
		t.Errorf("Padrino: %v", got)
	}
	c := one(t, rails("3.2.13", map[string]string{"config/initializers/secret_token.rb": "Shop::Application.config.secret_token = ENV['TOKEN']\n"}))
	for _, e := range c.Env {
		if e.Name == "SECRET_KEY_BASE" || e.Name == "TOKEN" && (!e.Required || !e.Secret) {
			t.Errorf("%+v", e)
		}
	}
	c = one(t, rails("5.1.1", map[string]string{"config/initializers/secret_token.rb": "Shop::Application.config.secret_key_base = ENV['APP_SECRET']\n", "config/environments/production.rb": "config.require_master_key = true\n", "config/secrets.yml.enc": "x"}))
	for _, e := range c.Env {
		if e.Name == "SECRET_KEY_BASE" || e.Name == "APP_SECRET" && !e.Required || e.Name == "RAILS_MASTER_KEY" && !e.Required {
			t.Errorf("%+v", e)
		}
	}
}

func TestReadiness(t *testing.T) {
	tests := []struct {
		name   string
		files  map[string]string
		id     string
		writes string
	}{
		{"carrierwave by default", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'carrierwave'\n", "app/uploaders/a.rb": "class A < CarrierWave::Uploader::Base\n  def store_dir\n    \"files/#{model.id}\"\n  end\nend\n"}, "local-file-storage", "public/files"},
		{"carrierwave far away", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'carrierwave'\n", "app/uploaders/a.rb": "class A\n  storage :fog\nend\n"}, "", ""},
		{"paperclip", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'paperclip'\n", "app/models/a.rb": "class A\n  has_attached_file :x\nend\n"}, "local-file-storage", "public/system"},
		{"paperclip far away", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'paperclip'\n", "app/models/a.rb": "class A\n  has_attached_file :x, :storage => :s3\nend\n"}, "", ""},
		{"Active Storage", map[string]string{"config/environments/production.rb": "config.active_storage.service = :local\nx = STDOUT\n", "config/storage.yml": "local:\n  service: Disk\n", "app/models/a.rb": "class A\n  has_one_attached :x\nend\n"}, "local-file-storage", "storage"},
		{"Active Storage that nobody uses", map[string]string{"config/environments/production.rb": "config.active_storage.service = :local\nx = STDOUT\n", "config/storage.yml": "local:\n  service: Disk\n"}, "", "storage"},
		{"Active Storage far away", map[string]string{"config/environments/production.rb": "config.active_storage.service = :amazon\nx = STDOUT\n", "config/storage.yml": "amazon:\n  service: S3\n"}, "", ""},
		{"shrine", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'shrine'\n", "config/initializers/shrine.rb": "Shrine.storages = { store: Shrine::Storage::FileSystem.new(\"public\", prefix: \"uploads/store\") }\n"}, "local-file-storage", "public/uploads/store"},
		{"dragonfly", map[string]string{"config/initializers/dragonfly.rb": "Dragonfly.app.configure do\n  datastore :file, root_path: 'x'\nend\n"}, "local-file-storage", "public/system/dragonfly"},
		{"a secret token", map[string]string{"config/initializers/secret_token.rb": "X.config.secret_token = 'abcdefabcdefabcdefabcdefabcdef'\n"}, "secret-committed", ""},
		{"a secret key", map[string]string{"config/secrets.yml": "production:\n  secret_key_base: abcdefabcdefabcdefabcdef\n"}, "secret-committed", ""},
		{"a master key", map[string]string{"config/master.key": "abc"}, "secret-committed", ""},
		{"a database password", map[string]string{"config/database.yml": "production:\n  adapter: mysql2\n  password: hunter2\n"}, "secret-committed", ""},
		{"cron", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'whenever', require: false\n", "config/schedule.rb": "every 1.day do\nend\n"}, "cron-schedule", ""},
		{"a log file", map[string]string{"config/environments/production.rb": "config.log_level = :info\n"}, "log-to-file", ""},
		{"static files", map[string]string{"config/environments/production.rb": "x = STDOUT\nconfig.serve_static_assets = false\n"}, "static-files", ""},
		{"TLS", map[string]string{"config/environments/production.rb": "x = STDOUT\nconfig.force_ssl = true\n"}, "force-ssl", ""},
		{"JRuby", map[string]string{"Gemfile": "ruby '2.3.1', engine: 'jruby'\ngem 'rails', '5.2.1'\n"}, "other-ruby-engine", ""},
		{"git://", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\ngem 'x', git: 'git://example.test/x.git'\n"}, "git-protocol", ""},
		{"a server for gems", map[string]string{"Gemfile": "source 'https://gems.example.test'\ngem 'rails', '5.2.1'\n"}, "private-gem-source", ""},
		{"a Gemfile that needs a file", map[string]string{"Gemfile": "gem 'rails', '5.2.1'\nc = YAML.load_file('config/settings.yml')\n"}, "gemfile-reads-config", ""},
		{"no lock", nil, "no-lockfile", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, rails("5.2.1", tt.files))
			ids := map[string]bool{}
			for _, r := range c.Readiness {
				ids[r.ID] = true
				if r.Message == "" || len(r.Evidence) == 0 {
					t.Errorf("%+v", r)
				}
			}
			if tt.id != "" && !ids[tt.id] || tt.id == "" && ids["local-file-storage"] {
				t.Errorf("readiness %v", sorted(ids))
			}
			found := tt.writes == ""
			for _, w := range c.Writes {
				found = found || w.V == tt.writes
			}
			if !found || c.Writes[0].V != "log" || c.Writes[1].V != "tmp" {
				t.Errorf("writes %v", c.Writes)
			}
		})
	}
}

func TestFacts(t *testing.T) {
	gems := func(s string) map[string]string { return map[string]string{"Gemfile": "gem 'rails', '5.2.1'\n" + s} }
	tests := []struct {
		name  string
		files map[string]string
		want  map[string]string // "" for a fact that must not be there
	}{
		{"bundler", map[string]string{"Gemfile.lock": lockOf("5.2.1", "\nBUNDLED WITH\n   1.17.2\n")}, map[string]string{"lockfile": "Gemfile.lock", "bundlerVersion": "1.17.2", "gitGems": ""}},
		{"bundler by the Gemfile", gems("gem 'bundler', '>= 1.5', '< 2.0.0'\n"), map[string]string{"lockfile": "", "bundlerVersion": "1.17.3"}},
		{"gems from Git", gems("gem 'x', github: 'a/x'\n"), map[string]string{"gitGems": "true"}},
		{"gems from Git in the lock", map[string]string{"Gemfile.lock": "GIT\n  remote: https://x.test/y.git\n  specs:\n    y (1)\n\n" + lockOf("5.2.1", "")}, map[string]string{"gitGems": "true"}},
		{"sprockets with Node", merge(gems("gem 'uglifier'\n"), map[string]string{"app/assets/a.js": ""}), map[string]string{"assets": "sprockets", "node": "20", "nodePackageManager": ""}},
		{"sprockets with an engine", merge(gems("gem 'uglifier'\ngem 'mini_racer'\n"), map[string]string{"app/assets/a.js": ""}), map[string]string{"assets": "sprockets", "node": ""}},
		{"no assets", gems(""), map[string]string{"assets": "", "node": ""}},
		{"assets switched off", merge(gems(""), map[string]string{"app/assets/a.js": "", "config/application.rb": "class A < Rails::Application\n  config.assets.enabled = false\nend\n"}), map[string]string{"assets": ""}},
		{"webpacker", merge(gems("gem 'webpacker', '~> 4.0'\n"), map[string]string{"package.json": `{"dependencies": {"a": "1"}}`}), map[string]string{"assets": "webpacker", "node": "16", "nodePackageManager": "yarn"}},
		{"engines", merge(gems("gem 'jsbundling-rails'\n"), map[string]string{"package.json": `{"dependencies": {"a": "1"}, "engines": {"node": ">=14.2 <15"}, "packageManager": "pnpm@6.0"}`}), map[string]string{"assets": "jsbundling", "node": "14", "nodePackageManager": "pnpm"}},
		{".nvmrc", merge(gems("gem 'cssbundling-rails'\n"), map[string]string{".nvmrc": "v12.1.0\n", "package.json": `{"devDependencies": {"a": "1"}}`, "package-lock.json": "{}"}), map[string]string{"assets": "cssbundling", "node": "12", "nodePackageManager": "npm"}},
		{".tool-versions", merge(gems("gem 'webpacker'\n"), map[string]string{".tool-versions": "nodejs 10.1\n", "yarn.lock": "", "package.json": `{"dependencies": {"a": "1"}}`}), map[string]string{"node": "10", "nodePackageManager": "yarn"}},
		{"CI", merge(gems("gem 'webpacker'\n"), map[string]string{".travis.yml": "node_js: 8\n", "package.json": `{"dependencies": {"a": "1"}}`, "pnpm-lock.yaml": ""}), map[string]string{"node": "8", "nodePackageManager": "pnpm"}},
		{"importmap", gems("gem 'importmap-rails'\ngem 'propshaft'\n"), map[string]string{"assets": "importmap", "node": ""}},
		{"a package.json without a lock", merge(gems("gem 'jsbundling-rails'\n"), map[string]string{"package.json": `{"dependencies": {"a": "1"}}`}), map[string]string{"nodePackageManager": "npm"}},
		{"database", merge(gems("gem 'pg'\n"), map[string]string{"config/database.yml": "production:\n  adapter: postgresql\n"}), map[string]string{"databaseAdapter": "postgresql", "databaseConfig": "", "railsEnv": "production"}},
		{"no database.yml", gems("gem 'pg'\n"), map[string]string{"databaseAdapter": "postgresql", "databaseConfig": "missing"}},
		{"files that Bundler reads", merge(map[string]string{"Gemfile": "gemspec\ngem 'core', path: 'core'\nrequire File.expand_path('../lib/helper.rb', __FILE__)\nruby file: '.ruby-version'\n", ".ruby-version": "2.5.1\n",
			"lib/helper.rb": "", "x.gemspec": "require './lib/x/version'\nGem::Specification.new do |s|\n  s.add_dependency 'rails', '5.2.1'\nend\n", "lib/x/version.rb": "", "core/core.gemspec": "", "core/lib/core/version.rb": "", "core/lib/core.rb": ""}),
			map[string]string{"manifests": ".ruby-version core/core.gemspec core/lib/core/version.rb lib/helper.rb lib/x/version.rb x.gemspec"}},
		{"another engine", map[string]string{"Gemfile": "ruby '2.5.7', engine: 'jruby'\ngem 'rails', '5.2.1'\n"}, map[string]string{"engine": "jruby"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			facts := one(t, rails("5.2.1", tt.files)).Facts
			for k, want := range tt.want {
				if got := facts[k]; got.V != want || want != "" && len(got.Evidence) == 0 && got.From != detect.Default {
					t.Errorf("%s: %q %v, want %q", k, got.V, got.Evidence, want)
				}
			}
		})
	}
}

func TestSystemPackages(t *testing.T) {
	c := one(t, rails("4.2.1", map[string]string{"Gemfile": "gem 'rails', '4.2.1'\ngem 'pg'\ngem 'mysql2' if ENV['X']\ngem 'rmagick'\ngem 'mini_magick'\ngem 'wicked_pdf'\ngem 'wkhtmltopdf-binary'\ngroup :test do\n  gem 'capybara-webkit'\nend\n"}))
	var got []string
	for _, p := range c.SystemPackages {
		got = append(got, p.Name+" "+strings.Join(p.Build, ",")+" "+strings.Join(p.Run, ","))
		if p.Why == "" || len(p.Evidence) == 0 {
			t.Errorf("%+v", p)
		}
	}
	want := []string{"libpq libpq-dev libpq5", "imagemagick libmagickwand-dev,imagemagick,pkg-config imagemagick"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWarnings(t *testing.T) {
	f := find(t, rails("4.2.1", map[string]string{
		"Gemfile.lock": "GEM\n  specs:\n<<<<<<< HEAD\n    rails (4.2.1)\n=======\n    rails (4.2.2)\n>>>>>>> x\n\nDEPENDENCIES\n  rails\n",
		"Procfile":     "web: rails s\nnonsense\n", ".travis.yml": "a: [\n", "package.json": "{", "config/database.yml": "production: [\n", "docker-compose.yml": "a: [\n",
		"Dockerfile": "FROM ruby\nRUN <<EOF\n", ".env.example": "x y\n", "config/secrets.yml": "\x00\x01", "app.json": "[",
	}))
	seen := map[string]bool{}
	for _, w := range f.Warnings {
		seen[w.File] = true
		if w.Text == "" {
			t.Errorf("%+v", w)
		}
	}
	for _, name := range []string{"Gemfile.lock", "Procfile", ".travis.yml", "config/database.yml", "docker-compose.yml", "Dockerfile", ".env.example", "config/secrets.yml", "app.json"} {
		if !seen[name] {
			t.Errorf("no warning about %s", name)
		}
	}
	if len(f.Components) == 0 {
		t.Error("broken files must not hide the application")
	}
}
