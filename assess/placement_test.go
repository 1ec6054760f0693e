package assess

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/all"
	"github.com/drydock-cli/drydock/source"
	"github.com/drydock-cli/drydock/verify"
)

// detected runs detection on files by their paths.
func detected(t *testing.T, files map[string]string) (*detect.Findings, *Signals) {
	t.Helper()
	m := fstest.MapFS{}
	var entries []source.Entry
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		entries = append(entries, source.Entry{Path: name, Mode: fs.FileMode(0o644), Size: int64(len(text))})
	}
	signals := &Signals{}
	found, err := detect.Run(context.Background(), source.NewTree(m, entries, nil), all.Detectors(), nil, append(all.Surveys(), signals)...)
	if err != nil {
		t.Fatal(err)
	}
	return found, signals
}

func TestPlacement(t *testing.T) {
	const express = `{"name":"x","scripts":{"start":"node app.js"},"engines":{"node":"18"},
 "dependencies":{
  "express": "4.17.1"%s
 }}`
	node := func(more string) string { return strings.Replace(express, "%s", more, 1) }
	const app = "const app = require('express')()\napp.get('/', (q, r) => r.json({}))\napp.listen(process.env.PORT || 3000)\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Place
		rule  string // that must be among the reasons
		at    string // its first place
		split string
	}{
		{"stateless", map[string]string{"package.json": node(""), "app.js": app}, Serverless, "stateless-requests", "package.json:3", ""},
		{"open connections beside requests", map[string]string{"package.json": node(",\n  \"ws\": \"7.0.0\""), "app.js": app}, Both, "websocket", "package.json:4", "route"},
		{"gateway", map[string]string{"package.json": node(",\n  \"http-proxy-middleware\": \"2.0.0\""), "app.js": app}, Serverless, "gateway", "package.json:4", ""},
		{"queue beside an application with a database", map[string]string{
			"Gemfile":             "source 'https://rubygems.org'\nruby '2.6.5'\ngem 'rails', '5.2.3'\ngem 'pg'\ngem 'shoryuken'\ngem 'puma'\n",
			"config.ru":           "require_relative 'config/environment'\nrun Rails.application\n",
			"config/database.yml": "production:\n  adapter: postgresql\n  url: <%= ENV['DATABASE_URL'] %>\n",
		}, Both, "queue-driven", "Gemfile:5", "queue"},
		{"an application with a database", map[string]string{
			"Gemfile":             "source 'https://rubygems.org'\nruby '2.6.5'\ngem 'rails', '5.2.3'\ngem 'pg'\ngem 'puma'\n",
			"config.ru":           "require_relative 'config/environment'\nrun Rails.application\n",
			"config/database.yml": "production:\n  adapter: postgresql\n  url: <%= ENV['DATABASE_URL'] %>\n",
		}, Container, "complex-database", "config.ru:1", ""},
		{"threads in Java", map[string]string{
			"pom.xml": "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version><packaging>war</packaging>\n" +
				"<dependencies><dependency><groupId>javax.servlet</groupId><artifactId>javax.servlet-api</artifactId><version>3.1.0</version></dependency></dependencies></project>\n",
			"src/main/java/a/Tasks.java":      "package a;\n// new Thread( in a comment proves nothing\nclass Tasks { void go() {\n  new Thread(() -> {}).start();\n} }\n",
			"src/main/webapp/WEB-INF/web.xml": "<web-app version=\"3.1\"></web-app>\n",
		}, Container, "threads", "src/main/java/a/Tasks.java:4", ""},
		{"files", map[string]string{"index.html": "<!doctype html><title>x</title>"}, Either, "static-files", "index.html", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, signals := detected(t, c.files)
			if len(found.Components) == 0 {
				t.Fatal("nothing was detected")
			}
			a := Placement(&found.Components[0], signals, nil)
			at := slices.IndexFunc(a.Reasons, func(r Reason) bool { return r.Rule == c.rule })
			if a.Advice != c.want || at < 0 {
				t.Fatalf("advice %s (%s), reasons %+v; want %s by %s", a.Advice, a.Summary, a.Reasons, c.want, c.rule)
			}
			if got := a.Reasons[at].Place(); got != c.at {
				t.Errorf("%s is shown at %q, want %q", c.rule, got, c.at)
			}
			if c.split != "" && (len(a.Split) == 0 || a.Split[0].By != c.split) || c.split == "" && len(a.Split) > 0 {
				t.Errorf("split %+v, want by %q", a.Split, c.split)
			}
			if len(a.Changes) == 0 || a.Summary == "" {
				t.Errorf("it does not say what would change it: %+v", a)
			}
		})
	}
}

// TestPlacementMeasured holds that what was measured changes the advice.
func TestPlacementMeasured(t *testing.T) {
	c := &detect.Component{Name: "web", Role: detect.Is(detect.Web)}
	if a := Placement(c, nil, nil); a.Advice != Serverless {
		t.Fatalf("without a measurement: %s", a.Advice)
	}
	v := &verify.ComponentVerdict{Run: &verify.RunResult{StartSeconds: 9, Load: &verify.LoadResult{SlowestMillis: 40_000}}, Image: verify.ImageResult{SizeBytes: 3e9}}
	a := Placement(c, nil, MeasuredOf(v))
	if a.Advice != Container || !slices.ContainsFunc(a.Reasons, func(r Reason) bool { return r.Rule == "measured-slow-requests" }) {
		t.Errorf("with requests of 40 s: %+v", a)
	}
	if a := Placement(&detect.Component{Name: "x", Role: detect.Is(detect.Library)}, nil, nil); a.Advice != "" {
		t.Errorf("a library is placed: %+v", a)
	}
}

// TestPlacementRules holds that each rule is complete: without a reason and a source it is an opinion.
func TestPlacementRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range PlacementRules() {
		switch {
		case r.ID == "" || seen[r.ID]:
			t.Errorf("id %q is missing or used twice", r.ID)
		case r.Reason == "" || r.Change == "" || !strings.HasPrefix(r.Source, "https://"):
			t.Errorf("%s: reason, change and source are all wanted", r.ID)
		case r.Weight < 1 || r.Weight > 3:
			t.Errorf("%s: weight %d", r.ID, r.Weight)
		case r.Towards != Container && r.Towards != Serverless && r.Towards != Either:
			t.Errorf("%s: towards %q", r.ID, r.Towards)
		case !slices.Contains([]string{"", "route", "queue", "schedule"}, r.Split):
			t.Errorf("%s: split by %q", r.ID, r.Split)
		}
		seen[r.ID] = true
	}
}

// FuzzSignals reads foreign manifests and code.
func FuzzSignals(f *testing.F) {
	f.Add("package.json", []byte(`{"dependencies":{"ws":"1"}}`))
	f.Add("a/Thing.java", []byte("new Thread("))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if !fs.ValidPath(name) || name == "." {
			return
		}
		hits := map[string][]detect.Evidence{}
		file := detect.File{Path: name, Data: data}
		dependencies(file, hits)
		inCode(file, PlacementRules(), hits)
		for id, ev := range hits {
			if len(ev) > maxEvidence {
				t.Errorf("%s: %d places", id, len(ev))
			}
		}
	})
}
