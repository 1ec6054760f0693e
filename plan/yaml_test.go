package plan

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
)

func marshal(t *testing.T, p *Plan) string {
	t.Helper()
	data, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func apply(t *testing.T, p *Plan, data string) {
	t.Helper()
	if err := p.Apply([]byte(data)); err != nil {
		t.Fatal(err)
	}
}

func TestMarshalSaysWhereEachValueIsFrom(t *testing.T) {
	text := marshal(t, mustPlan(t, railsFindings()))
	for _, want := range []string{
		`languageVersion: 3.1.2 # .ruby-version:1`,
		`port: 3000 # config/puma.rb:12`,
		`healthPath: / # guess: nothing better is known`,
		`web: [bundle, exec, puma, -C, config/puma.rb] # Procfile:1`,
		`image: postgres:12 # config/database.yml:4`,
		`SECRET_KEY_BASE: generate # config/secrets.yml:22`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no line %q in\n%s", want, text)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	edits := map[string]func(t *testing.T, p *Plan){
		"as found": func(*testing.T, *Plan) {},
		"edited": func(t *testing.T, p *Plan) {
			for path, value := range map[string]string{
				"components.web.port": "8080", "components.web.env.MAX_THREADS": "7", "components.web.processes.web": "bundle exec puma",
				"components.web.systemPackages.run": "imagemagick,libpq5", "components.web.images.run": "ruby:3.1.2-slim", "components.web.facts.assets": "webpacker",
				"services.db.image": "postgres:15", "targets": "compose", "services.memcached.kind": "memcached", "components.web.env.DATABASE_URL": "postgresql://app:${POSTGRES_PASSWORD}@db/x",
			} {
				if err := p.Set(path, value); err != nil {
					t.Fatal(err)
				}
			}
		},
		"with things dropped": func(t *testing.T, p *Plan) {
			for _, path := range []string{"components.web.env.RAILS_ENV", "components.web.processes.release", "services.redis.kind", "components.web.facts.assets"} {
				if err := p.Unset(path); err != nil {
					t.Fatal(err)
				}
			}
		},
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			p := mustPlan(t, railsFindings())
			edit(t, p)
			first := marshal(t, p)
			again := mustPlan(t, railsFindings())
			apply(t, again, first)
			if diff := cmp.Diff(first, marshal(t, again)); diff != "" {
				t.Errorf("not the same after reading it back (- first, + again):\n%s", diff)
			}
			if q := again.Questions(); len(q) != 0 {
				t.Errorf("a written plan still asks: %+v", q)
			}
		})
	}
}

func TestApplyKeepsEvidenceOfWhatIsUnchanged(t *testing.T) {
	p := mustPlan(t, railsFindings())
	apply(t, p, "components:\n  web:\n    languageVersion: 3.1.2\n    port: 9000\n")
	web := p.Component("web")
	if web.LanguageVersion.From != detect.Declared || web.LanguageVersion.Evidence[0].File != ".ruby-version" {
		t.Errorf("language version %+v", web.LanguageVersion)
	}
	want := detect.Value[int]{V: 9000, From: detect.Chosen, Evidence: []detect.Evidence{{File: FileName, Line: 4}}}
	if diff := cmp.Diff(want, web.Port); diff != "" {
		t.Error(diff)
	}
}

func TestApplyAddsAService(t *testing.T) {
	p := mustPlan(t, railsFindings())
	apply(t, p, "services:\n  cache:\n    image: memcached:1.5\n    kind: memcached\n  redis: null\n")
	if s := p.Service("cache"); s == nil || s.Image.V != "memcached:1.5" || s.Port != 11211 || len(s.For) != 1 {
		t.Errorf("cache %+v", s)
	}
	if p.Service("redis") != nil || settingOf(p.Component("web").Settings, "REDIS_URL") != "" {
		t.Error("redis is still there")
	}
}

func TestApplyRefuses(t *testing.T) {
	tests := map[string]struct {
		data, want string
		line       int
	}{
		"unknown key":            {"components:\n  web:\n    prot: 80\n", `the nearest: components.web.port`, 3},
		"unknown section":        {"component: {}\n", `the nearest: components`, 1},
		"unknown component":      {"components:\n  wob:\n    port: 80\n", `no component "wob"; the nearest: web`, 3},
		"wrong type":             {"components:\n  web:\n    port: [1]\n", "a single value is wanted", 3},
		"not a list":             {"components:\n  web:\n    writes: {a: b}\n", "a list is wanted", 3},
		"not a mapping":          {"components:\n  web: 3\n", "a mapping is wanted", 2},
		"bad port":               {"components:\n  web:\n    port: 99999\n", "1 to 65535", 3},
		"control character":      {"components:\n  web:\n    env:\n      A: \"x\\ny\"\n", "control character", 4},
		"alias":                  {"name: &a shop\ntargets: [*a]\n", "anchors and aliases", 1},
		"twice":                  {"name: a\nname: b\n", "written twice, first in line 1", 2},
		"two documents":          {"name: a\n---\nname: b\n", "more than one document", 2},
		"no YAML":                {"name: [\n", "did not find", 0},
		"a list":                 {"- a\n", "a mapping is wanted", 1},
		"found, not chosen":      {"components:\n  web:\n    path: other\n", "found, not chosen", 3},
		"dropped component":      {"components:\n  web: null\n", "role: library", 2},
		"secret's value":         {"secrets:\n  SECRET_KEY_BASE: abcdef0123\n", "never written down", 2},
		"too deep":               {strings.Repeat("{a: ", 20) + strings.Repeat("}", 20), "levels deep", 1},
		"unknown target":         {"targets: [kompose]\n", "not a target", 1},
		"service without a kind": {"services:\n  cache:\n    image: redis:7\n", "services.cache.kind=KIND adds one", 3},
		"mapping as a key":       {"? {a: b}\n: c\n", "a key must be a single value", 1},
		"list of mappings":       {"targets: [{a: b}]\n", "a list of single values is wanted", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := mustPlan(t, railsFindings())
			before := marshal(t, p)
			err := p.Apply([]byte(tt.data))
			var at *Error
			if !errors.As(err, &at) || !strings.Contains(err.Error(), tt.want) || at.Line != tt.line {
				t.Errorf("error %v (line %d), want %q in line %d", err, lineOf(at), tt.want, tt.line)
			}
			if after := marshal(t, p); after != before {
				t.Error("the plan has changed")
			}
		})
	}
	big := mustPlan(t, railsFindings())
	if err := big.Apply([]byte(strings.Repeat("# x\n", maxFile/4+1))); err == nil {
		t.Error("a file beyond the limit was read")
	}
}

func lineOf(e *Error) int {
	if e == nil {
		return -1
	}
	return e.Line
}

func TestRewriteKeepsWhatAPersonWrote(t *testing.T) {
	p := mustPlan(t, railsFindings())
	old := `# our shop, ask Ada before changing the port
components:
  # the one people see
  web:
    port: 9000 # the load balancer wants it
    languageVersion: 3.1.2 # .ruby-version:1
    env:
      EXTRA: "1" # ours
name: storefront
`
	apply(t, p, old)
	if err := p.Set("components.web.languageVersion", "3.2"); err != nil {
		t.Fatal(err)
	}
	out, err := p.Rewrite([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	for _, want := range []string{
		"# our shop, ask Ada before changing the port\n", "# the one people see\n  web:\n", "port: 9000 # the load balancer wants it\n",
		"languageVersion: \"3.2\" # chosen\n", "EXTRA: \"1\" # ours\n", "  db:\n    kind: postgresql",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	again := mustPlan(t, railsFindings())
	apply(t, again, text)
	second, err := again.Rewrite(out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, string(second)); diff != "" {
		t.Errorf("rewriting is not stable:\n%s", diff)
	}
	if fresh, err := p.Rewrite(nil); err != nil || string(fresh) != marshal(t, p) {
		t.Errorf("rewriting nothing: %v", err)
	}
	if _, err := p.Rewrite([]byte("a: [")); err == nil {
		t.Error("a broken file was rewritten")
	}
}

func FuzzApply(f *testing.F) {
	f.Add([]byte("components:\n  web:\n    port: 80\n    env: {A: b}\n"))
	f.Add([]byte("services: {db: {image: 'postgres:15'}}\nsecrets: {A: supply}\n"))
	f.Add([]byte("a: &x [*x]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := mustPlan(t, railsFindings())
		if err := p.Apply(data); err != nil {
			return
		}
		text, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again := mustPlan(t, railsFindings())
		if err := again.Apply(text); err != nil {
			t.Fatalf("%v in\n%s\nmade of\n%s", err, text, data)
		}
	})
}

// TestDecisionsStay writes a plan with decisions, reads it back as the next run does, and wants them still.
func TestDecisionsStay(t *testing.T) {
	first := mustPlan(t, railsFindings())
	before, err := first.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	decisions := map[string]string{"name": "other", "targets": "compose"}
	for _, f := range first.Fields() {
		switch {
		case strings.HasPrefix(f.Path, "secrets.") && f.Value == generateSecret:
			decisions[f.Path] = supplySecret
		case strings.Contains(f.Path, ".systemPackages.") && strings.Contains(f.Value, ","):
			decisions[f.Path], _, _ = strings.Cut(f.Value, ",")
		}
	}
	if len(decisions) < 3 {
		t.Fatalf("%v", decisions)
	}
	for path, value := range decisions {
		if err := first.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	text, err := first.Rewrite(before)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // every run writes what it has read
		next := mustPlan(t, railsFindings())
		if err := next.ApplyEdited(text, text); err != nil {
			t.Fatal(err)
		}
		for path, value := range decisions {
			if f, ok := next.Field(path); !ok || f.Value != value || f.From != detect.Chosen {
				t.Errorf("%s is %q (%s), want %q\n%s", path, f.Value, f.From, value, text)
			}
		}
		again, err := next.Rewrite(text)
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("%v\n%s", err, again)
		}
	}
}

// TestWhatIsGoneLeavesThePlan holds that lines of findings that are there no longer go, and what a person wrote stays.
func TestWhatIsGoneLeavesThePlan(t *testing.T) {
	old := `name: shop # so: name of the source
components:
  web:
    path: . # so: where it was found
    facts:
      gone: "yes" # Gemfile:3
      mine: "yes"
      decided: "yes" # chosen
  # kept because of this line
  old:
    path: lib # so: where it was found
  away:
    path: lib # so: where it was found
    role: web # config.ru
services:
  cache:
    kind: memcached # Gemfile:9
`
	text, err := mustPlan(t, railsFindings()).Rewrite([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]bool{"gone:": false, "mine:": true, "decided:": true, "away:": false, "kept because": true, "cache:": false} {
		if strings.Contains(string(text), word) != want {
			t.Errorf("%s: want %v\n%s", word, want, text)
		}
	}
}

func TestLiteral(t *testing.T) {
	p := &Plan{Secrets: []Secret{{Name: "A"}}}
	for _, s := range []string{"", "x", "${A}", "$${A}", "$$${A}", "a$", "$", "${", "${A", "$A ${B} ${A}${A}", "$${"} {
		if got := p.Expand(Literal(s), nil, func(string) string { return "SECRET" }); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// TestOwnComments holds that each comment behind a value that drydock writes is known as its own when the file is written anew, or a value
// that a remedy changes would keep the reason of the old one, and that a person's is not.
func TestOwnComments(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "golden", "*", FileName))
	if err != nil || len(files) == 0 {
		t.Fatal("no golden plans", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			if !ours(n.LineComment) {
				t.Errorf("%s:%d: %s", name, n.Line, n.LineComment)
			}
			for _, below := range n.Content {
				walk(below)
			}
		}
		walk(doc)
	}
	for _, s := range []string{"# ops asked for it", "# TODO: raise", "# see https://wiki.example.com/ports", "# https://wiki.example.com/ports.html: why", "# e.g. 8080", "# ticket 12: slow", "# keep, please"} {
		if ours(s) {
			t.Errorf("taken for drydock's own: %s", s)
		}
	}
}
