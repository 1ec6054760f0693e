package erlang

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/erlang-proverbs"))
}

func findAll(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	f, err := detect.Run(context.Background(), detecttest.Tree(files), []detect.Detector{Detector{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParseTerms(t *testing.T) {
	terms := parseTerms([]byte("%% c\n{a, \"x\" \"y\", 'B c', <<\"bin\">>, 1.5, $a, #{k => v}}.\n[{b,\n  c}].\n] } {d"))
	var lines []int
	for _, x := range terms {
		lines = append(lines, x.line)
	}
	if diff := cmp.Diff([]int{2, 3, 5}, lines); diff != "" {
		t.Fatal(diff)
	}
	if a := terms[0]; a.name() != "a" || a.at(1).text != "xy" || a.at(2).text != "B c" || a.at(3).text != "bin" || a.at(4).text != "1.5" {
		t.Errorf("%+v", a)
	}
}

func TestParseRebar(t *testing.T) {
	p := parseRebar([]byte("{deps, [jsx, {cowboy, \"2.9.0\"}, {lager, \".*\", {git, \"git://x/l.git\", {tag, \"3.0.1\"}}}, {if_var_true, redis, {eredis, \".*\"}}]}.\n" +
		"{require_otp_vsn, \"R16|17|18\"}.\n{relx, [{release, {shop, \"1\"}, [shop, sasl]}]}.\n{profiles, [{test, [{deps, [meck]}]}, {prod, [{relx, [{include_erts, true}]}]}]}.\n"))
	var names []string
	for _, d := range p.deps {
		names = append(names, d.name)
	}
	if diff := cmp.Diff([]string{"jsx", "cowboy", "lager"}, names); diff != "" {
		t.Error(diff)
	}
	if p.release != "shop" || p.relLine != 3 || !p.prod || p.least != "18" || !p.deps[2].git {
		t.Errorf("%+v", p)
	}
	if mk, ok := parseErlangMk([]byte("PROJECT = shop\nDEPS = cowboy \\\n  jsx\ninclude erlang.mk\n")); !ok || mk.release != "shop" || len(mk.deps) != 2 {
		t.Errorf("%+v %v", mk, ok)
	}
	lock := parseLock([]byte("{\"1.1.0\",\n[{<<\"cowboy\">>,{pkg,<<\"cowboy\">>,<<\"2.9.0\">>},0},\n {<<\"lager\">>,\n  {git,\"x\",{ref,\"y\"}},\n  0}]}.\n"))
	if lock["cowboy"].version != "2.9.0" || lock["cowboy"].line != 2 || !lock["lager"].git {
		t.Errorf("%+v", lock)
	}
}

// TestFound tells what is found in small applications of each kind.
func TestFound(t *testing.T) {
	rebar := "{deps, [{cowboy, \"2.9.0\"}, {eredis, \"1.2.0\"}]}.\n{relx, [{release, {shop, \"1\"}, [shop]}]}.\n"
	tests := []struct {
		name  string
		files map[string]string
		want  string // role version build command services port
	}{
		{"rebar3", map[string]string{"rebar.config": rebar, ".travis.yml": "otp_release:\n  - 20.3\n  - \"21.1\"\n", "src/shop_app.erl": "start(_, _) ->\n  cowboy:start_clear(http, [{port, 8081}], #{}).\n"}, "web 21.1 rebar [bin/shop foreground] redis 8081"},
		{"rebar 2", map[string]string{"rebar.config": "{sub_dirs, [\"rel\"]}.\n{require_otp_vsn, \"R15|R16\"}.\n", "rel/reltool.config": "{sys, [{rel, \"start_clean\", \"\", [kernel]}, {rel, \"node\", \"1\", [kernel]}]}.\n"}, "worker 16 rebar [bin/node foreground]  0"},
		{"rebar 2, whose settings a script makes", map[string]string{"rebar.config": "{deps, []}.\n", "mix.exs": "x", "lib/x.ex": "", "src/node.app.src.in": "{application, node, [{mod, {node_app, []}}]}.\n", "src/node_app.erl": "", "src/node_http.erl": "f() -> gen_tcp:listen(Port, []).\n",
			"rel/reltool.config.script": "Vsn = proplists:get_value(vsn, Vars),\nSys = [{lib_dirs, []}, {rel, \"node\", Vsn, [kernel]}],\n[{sys, Sys}].\n", "node.yml.example": "listen:\n  -\n    port: 5222\n  - port: 5280\n"}, "web 26 rebar [bin/node foreground]  5222"},
		{"erlang.mk", map[string]string{"Makefile": "PROJECT = shop\nDEPS = cowboy epgsql\ninclude erlang.mk\n", "erlang.mk": "", "relx.config": "{release, {shop_release, \"1\"}, [shop]}.\n", "src/x.erl": "f() -> cowboy:start_http(h, 100, [{port, 8000}], []).\n", ".tool-versions": "erlang 19.3\n"}, "web 19.3 make [bin/shop_release foreground] postgresql 8000"},
		{"a template of its settings", map[string]string{"rebar.config": rebar, "src/shop_app.erl": "start(_, _) -> cowboy:start_clear(http, [{port, conf(listen_port)}], #{}).\n", "priv/config.in": "[\n %% {listen_port, 8001},\n {dbport, 5432},\n {listen_port, 8004}\n].\n"}, "web 26 rebar [bin/shop foreground] redis 8004"},
		{"a library", map[string]string{"rebar.config": "{deps, []}.\n", "src/lib.app.src": "{application, lib, [{vsn, \"1\"}]}.\n"}, ""},
		{"an application of an umbrella", map[string]string{"rebar.config": rebar, "apps/shop/rebar.config": rebar, "apps/shop/src/shop.erl": "x() -> ranch:start_listener(a).\n"}, "web 26 rebar [bin/shop foreground] redis 8080"},
		{"one that Mix builds", map[string]string{"rebar.config": rebar, "mix.exs": "x", "lib/a.ex": "x", "lib/b.ex": "x"}, ""},
		{"one that a script starts", map[string]string{"rebar.config": "", "src/s.app.src": "{application, s, [{mod, {s_app, []}}]}.\n", "start.sh": "#!/bin/sh\nerl -pa ebin -s s\n"}, "worker 26 rebar []  0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := findAll(t, tt.files)
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
			var kinds, command []string
			for _, s := range c.Services {
				kinds = append(kinds, s.Kind)
			}
			if len(c.Processes) > 0 {
				command = c.Processes[0].Command
			}
			got := strings.Join([]string{string(c.Role.V), c.LanguageVersion.V, c.Build.V, "[" + strings.Join(command, " ") + "]", strings.Join(kinds, ","), strconv.Itoa(c.Port.V)}, " ")
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// FuzzParsers gives any text to the parsers.
func FuzzParsers(f *testing.F) {
	f.Add("{deps, [{a, \"1\", {git, \"x\"}}]}. {relx, [{release, {a, \"1\"}, [b]}]}.")
	f.Add("#{<<\"a\">> => [$\\n, 'x\\'']}. %% c\n")
	f.Add("DEPS = a \\\nb\ninclude erlang.mk")
	f.Fuzz(func(t *testing.T, in string) {
		walk(parseTerms([]byte(in)), func(x term) bool {
			if x.line < 1 || x.line > 1+strings.Count(in, "\n") {
				t.Fatalf("line %d", x.line)
			}
			return true
		})
		parseRebar([]byte(in))
		parseErlangMk([]byte(in))
		parseLock([]byte(in))
		parseApp([]byte(in))
		if v := dotted(in); len(v) > len(in) {
			t.Errorf("%q became %q", in, v)
		}
		newestOTP(in)
	})
}

// FuzzDetect puts any text into any file of an application.
func FuzzDetect(f *testing.F) {
	names := []string{"rebar.config", "rebar.lock", "relx.config", "src/shop.app.src", "src/shop_app.erl", "config/sys.config", "Makefile", ".tool-versions", ".travis.yml", "Dockerfile", "docker-compose.yml", "rel/reltool.config", ".preferred_otp_version"}
	f.Add(uint8(0), "{deps, [cowboy]}.")
	f.Add(uint8(4), "x() -> cowboy:start_clear(a, [{port, 1}]), os:getenv(\"X\", \"y\").")
	base := map[string]string{"rebar.config": "{deps, [{cowboy, \"2.9.0\"}]}.\n{relx, [{release, {shop, \"1\"}, [shop]}]}.\n", "src/shop_app.erl": "-module(shop_app).\n"}
	f.Fuzz(func(t *testing.T, which uint8, in string) {
		files := map[string]string{}
		for k, v := range base {
			files[k] = v
		}
		files[names[int(which)%len(names)]] = in
		found := findAll(t, files)
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
