package elixir

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/elixir-board"), os.DirFS("../../testdata/apps/elixir-tally"))
}

func find(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	return detecttest.Find(t, Detector{}, files)
}

func merge(base map[string]string, more map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func TestTokens(t *testing.T) {
	in := "config :a, B.C, k: \"x#{\"y\"}z\", n: 4_000 # no\n@doc \"\"\"\nskip: \"1\"\n\"\"\"\n~w(p q) ?\" 'c' :\"odd atom\"\n"
	var got []string
	for _, tok := range tokens([]byte(in)) {
		got = append(got, tok.value)
	}
	want := []string{"config", "a", ",", "B.C", ",", "k", `x#{"y"}z`, ",", "n", "4000", "@", "doc", "\nskip: \"1\"\n", "p", "q", "c", "odd atom"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseMix(t *testing.T) {
	p := parseMix([]byte("defmodule X do\n  def project do\n    [app: :x, elixir: \"~> 1.5\", deps: deps()]\n  end\n  def application, do: [mod: {X.App, []}]\n  defp deps do\n    [{:phoenix, \"~> 1.3.0\", override: true},\n" +
		"     {:credo, \"~> 0.4\", only: [:dev, :test]},\n     {:oauth, github: \"a/b\"},\n     {:core, in_umbrella: true},\n     {:secret, \"1.0\", organization: \"acme\"},\n     {:not_a_dep, :x}]\n  end\nend\n"))
	var got []string
	for _, d := range p.deps {
		got = append(got, strings.Join([]string{d.name, d.requirement, strings.Join(d.only, "+")}, " "))
	}
	if diff := cmp.Diff([]string{"phoenix ~> 1.3.0 ", "credo ~> 0.4 dev+test", "oauth  ", "core  ", "secret 1.0 "}, got); diff != "" {
		t.Error(diff)
	}
	if p.app != "x" || p.elixir != "~> 1.5" || p.mod != "X.App" || !p.deps[2].git || !p.deps[3].umbrella || !p.deps[4].private {
		t.Errorf("%+v", p)
	}
	lock := parseLock([]byte("%{\n  \"arc\": {:hex, :arc, \"0.8.0\", \"aa\", [:mix], [{:ex_aws, \"~> 1.1\", [hex: :ex_aws]}], \"hexpm\"},\n  \"oauth\": {:git, \"https://x.example/o.git\", \"abc\", []},\n}\n"))
	if diff := cmp.Diff(map[string]lockEntry{"arc": {"0.8.0", false, 2}, "oauth": {"", true, 3}}, lock, cmp.AllowUnexported(lockEntry{})); diff != "" {
		t.Error(diff)
	}
}

func TestVersions(t *testing.T) {
	for requirement, want := range map[string]string{"~> 1.5": "1.5", "~> 1.5.2": "1.5.2", ">= 1.4.0 and < 1.8.0": "1.4", "1.3.4": "1.3.4", "~> 1.0 or ~> 1.1-dev": "1.0", "": "", "junk": "", ">= 0.0.0": ""} {
		if got := floor(requirement); got != want {
			t.Errorf("floor(%q) = %q, want %q", requirement, got, want)
		}
	}
	for _, tt := range []struct {
		version, requirement string
		want                 bool
	}{{"1.6.1", "~> 1.5", true}, {"2.0.0", "~> 1.5", false}, {"1.5.3", "~> 1.5.2", true}, {"1.6.0", "~> 1.5.2", false}, {"1.5", "~> 1.5.2", true}, {"1.4", "~> 1.5", false}, {"1.9", ">= 1.4.0 and < 1.8.0", false}, {"1.7", ">= 1.4.0 and < 1.8.0", true}} {
		if got := satisfies(tt.version, tt.requirement); got != tt.want {
			t.Errorf("satisfies(%q, %q) = %v", tt.version, tt.requirement, got)
		}
	}
}

var phoenix = map[string]string{
	"mix.exs":                  "defmodule Shop.Mixfile do\n  def project, do: [app: :shop, elixir: \"~> 1.4\", deps: [{:phoenix, \"~> 1.3.0\"}, {:postgrex, \">= 0.0.0\"}]]\n  def application, do: [mod: {Shop.Application, []}]\nend\n",
	"lib/shop_web/endpoint.ex": "defmodule ShopWeb.Endpoint do\n  use Phoenix.Endpoint, otp_app: :shop\nend\n",
	"lib/shop/repo.ex":         "defmodule Shop.Repo do\n  use Ecto.Repo, otp_app: :shop\nend\n",
	"config/config.exs":        "use Mix.Config\nimport_config \"#{Mix.env}.exs\"\n",
	"config/prod.exs":          "use Mix.Config\nconfig :shop, ShopWeb.Endpoint, http: [port: {:system, \"PORT\"}], secret_key_base: System.get_env(\"SECRET_KEY_BASE\")\nconfig :shop, Shop.Repo, adapter: Ecto.Adapters.Postgres, url: {:system, \"DB_URL\"}\n",
}

// TestFound tells what is found in small applications of each kind.
func TestFound(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string // role version framework version command services with variables
	}{
		{"Phoenix 1.3", phoenix, "web 1.4 phoenix 1.3.0 [mix phx.server --no-compile --no-deps-check] postgresql:DB_URL"},
		{"an exact version that mix.exs allows", merge(phoenix, map[string]string{"elixir_buildpack.config": "elixir_version=1.6.5\n"}), "web 1.6.5 phoenix 1.3.0 [mix phx.server --no-compile --no-deps-check] postgresql:DB_URL"},
		{"a version that mix.exs refuses", merge(phoenix, map[string]string{".tool-versions": "elixir 1.3.0\n"}), "web 1.4 phoenix 1.3.0 [mix phx.server --no-compile --no-deps-check] postgresql:DB_URL"},
		{"Phoenix 1.2", merge(phoenix, map[string]string{"mix.exs": strings.Replace(phoenix["mix.exs"], "~> 1.3.0", "~> 1.2.1", 1)}), "web 1.4 phoenix 1.2.1 [mix phoenix.server --no-compile --no-deps-check] postgresql:DB_URL"},
		{"a release", merge(phoenix, map[string]string{"mix.exs": strings.Replace(phoenix["mix.exs"], "~> 1.4", "~> 1.12", 1), "config/runtime.exs": "import Config\ndatabase_url = System.get_env(\"DATABASE_URL\") || raise \"missing\"\nconfig :shop, Shop.Repo, url: database_url\n"}),
			"web 1.12 phoenix 1.3.0 [bin/shop start] postgresql:DATABASE_URL"},
		{"settings that are not in the repository", merge(phoenix, map[string]string{"config/prod.exs": "use Mix.Config\nimport_config \"prod.secret.exs\"\n"}), "web 1.4 phoenix 1.3.0 [mix phx.server --no-compile --no-deps-check] postgresql:DATABASE_URL"},
		{"an umbrella", map[string]string{"mix.exs": "defmodule U do\n  def project, do: [apps_path: \"apps\"]\nend\n", "apps/core/mix.exs": "defmodule C do\n  def project, do: [app: :core, deps: [{:redix, \"~> 0.9\"}]]\nend\n",
			"apps/web/mix.exs": "defmodule W do\n  def project, do: [app: :web, elixir: \"~> 1.8\", deps: [{:phoenix, \"~> 1.4\"}, {:core, in_umbrella: true}]]\n  def application, do: [mod: {W, []}]\nend\n", "apps/web/lib/e.ex": "defmodule W.Endpoint do\n  use Phoenix.Endpoint, otp_app: :web\nend\n"},
			"web 1.8 phoenix 1.4 [mix phx.server --no-compile --no-deps-check] redis"},
		{"Plug", map[string]string{"mix.exs": "defmodule P do\n  def project, do: [app: :p, elixir: \"~> 1.6\"]\n  def application, do: [mod: {P, []}]\nend\n", "lib/p.ex": "children = [{Plug.Cowboy, scheme: :http, plug: P, options: [port: 4001]}]\n"}, "web 1.6 none  [mix run --no-halt --no-compile --no-deps-check] "},
		{"a worker", map[string]string{"mix.exs": "defmodule P do\n  def project, do: [app: :p, elixir: \"~> 1.6\", deps: [{:amqp, \"~> 1.0\"}]]\n  def application, do: [mod: {P, []}]\nend\n"}, "worker 1.6 none  [mix run --no-halt --no-compile --no-deps-check] rabbitmq"},
		{"a library", map[string]string{"mix.exs": "defmodule P do\n  def project, do: [app: :p, elixir: \"~> 1.6\", deps: []]\nend\n"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := find(t, tt.files)
			if tt.want == "" {
				if len(f.Components) > 0 {
					t.Fatalf("found %+v", f.Components)
				}
				return
			}
			if len(f.Components) != 1 {
				t.Fatalf("%d components", len(f.Components))
			}
			c := f.Components[0]
			var services []string
			for _, s := range c.Services {
				services = append(services, strings.TrimSuffix(s.Kind+":"+s.Env["url"], ":"))
			}
			got := strings.Join([]string{string(c.Role.V), c.LanguageVersion.V, c.Framework.V, c.FrameworkVersion.V, "[" + strings.Join(c.Processes[0].Command, " ") + "]", strings.Join(services, ",")}, " ")
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// FuzzParsers gives any text to the parsers.
func FuzzParsers(f *testing.F) {
	f.Add("[app: :x, deps: [{:a, \"~> 1.0\", only: [:dev]}]]")
	f.Add("config :a, B, k: [l: {:system, \"X\"}], m: System.get_env(\"Y\") || \"z\"")
	f.Add("~w(a b \"#{\"x\"}\" ?\" '''")
	f.Fuzz(func(t *testing.T, in string) {
		parseMix([]byte(in))
		parseLock([]byte(in))
		for _, s := range parseConfig([]byte(in)).settings {
			if s.line < 1 || s.line > 1+strings.Count(in, "\n") {
				t.Fatalf("line %d", s.line)
			}
		}
		satisfies(floor(in), in)
	})
}

// FuzzDetect puts any text into any file of an application.
func FuzzDetect(f *testing.F) {
	names := []string{"mix.exs", "mix.lock", "config/config.exs", "config/prod.exs", "config/runtime.exs", "lib/shop_web/endpoint.ex", "lib/shop_web/router.ex", ".tool-versions", "elixir_buildpack.config", "assets/package.json", "Procfile", "Dockerfile", "docker-compose.yml"}
	f.Add(uint8(2), "import_config \"prod.secret.exs\"\nconfig :shop, Shop.Repo, url: System.get_env(\"X\")")
	f.Add(uint8(9), "{\"scripts\": {\"deploy\": \"x\"}, \"devDependencies\": {\"webpack\": \"4\"}}")
	f.Fuzz(func(t *testing.T, which uint8, in string) {
		found := find(t, merge(phoenix, map[string]string{names[int(which)%len(names)]: in}))
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
