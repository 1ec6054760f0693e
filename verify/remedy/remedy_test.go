package remedy

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// planned is a plan of one component with fields set. services are the kinds of what is started beside it, and knows of what it
// can use besides; env is what its code reads.
func planned(t *testing.T, with map[string]string) *plan.Plan {
	t.Helper()
	c := detect.Component{Name: "web", Path: ".", Stack: with["stack"], Role: detect.Is(detect.Web), Port: detect.Is(3000)}
	for _, f := range []struct {
		name  string
		value *detect.Value[string]
	}{
		{"language", &c.Language}, {"framework", &c.Framework}, {"languageVersion", &c.LanguageVersion}, {"build", &c.Build},
		{"appServer", &c.AppServer}, {"appServerVersion", &c.AppServerVersion}, {"frameworkVersion", &c.FrameworkVersion},
	} {
		if v := with[f.name]; v != "" {
			*f.value = detect.Is(v)
		}
	}
	for _, kind := range strings.Fields(with["services"]) {
		c.Services = append(c.Services, detect.Service{Kind: kind, Required: true})
	}
	for _, kind := range strings.Fields(with["knows"]) {
		c.Services = append(c.Services, detect.Service{Kind: kind})
	}
	for _, name := range strings.Fields(with["reads"]) {
		c.Env = append(c.Env, detect.EnvVar{Name: name})
	}
	found := &detect.Findings{Components: []detect.Component{c}}
	if with["date"] != "" {
		day, err := time.Parse("2006-01-02", with["date"])
		if err != nil {
			t.Fatal(err)
		}
		found.Date = day
	}
	p, err := plan.New(found, plan.Options{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Sorted(maps.Keys(with)) {
		if strings.Contains(k, ".") || k == "readOnly" {
			at := "components.web." + k
			if strings.HasPrefix(k, "services.") {
				at = k
			}
			if err := p.Set(at, with[k]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

// shown is a log that a remedy was learnt from.
type shown struct {
	Remedy  string            `yaml:"remedy"`
	Phase   string            `yaml:"phase"` // empty: the first of the remedy's
	Failure string            `yaml:"failure"`
	Log     []string          `yaml:"log"`
	With    map[string]string `yaml:"with"`  // fields of the component before
	Gives   map[string]string `yaml:"gives"` // changes, by the path below the component
	Also    []string          `yaml:"also"`  // remedies that fit as well and stand further down
}

// readShown reads the logs of testdata/shown.yaml, and of the failures that were provoked on an engine (testdata/provoked, written by flow's
// TestRepair).
func readShown(t testing.TB) []shown {
	t.Helper()
	var out []shown
	files, err := filepath.Glob("testdata/provoked/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"testdata/shown.yaml"}, files...) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var rows []shown
		d := yaml.NewDecoder(bytes.NewReader(data))
		d.KnownFields(true)
		if err := d.Decode(&rows); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, rows...)
	}
	return out
}

// symptom is a log as verification hands it on.
func (s shown) symptom(list []*remedy) Symptom {
	phase := s.Phase
	for _, r := range list {
		if phase == "" && r.ID == s.Remedy {
			phase = strings.Fields(r.Phase + " run")[0]
		}
	}
	return Symptom{Component: "web", Phase: phase, Failure: s.Failure, Log: s.Log}
}

// TestTable holds that each row has an id and a reason, and a log that shows it.
func TestTable(t *testing.T) {
	list, err := load()
	if err != nil {
		t.Fatal(err)
	}
	logs := map[string]bool{}
	for _, s := range readShown(t) {
		logs[s.Remedy] = true
	}
	seen := map[string]bool{}
	for _, r := range list {
		if seen[r.ID] {
			t.Errorf("%s stands there twice", r.ID)
		}
		seen[r.ID] = true
		if r.Why == "" || strings.HasSuffix(r.Why, ".") != r.Tell {
			t.Errorf("%s: %q is no reason", r.ID, r.Why)
		}
		if !logs[r.ID] && r.ID != "nearest-base-image" { // it fits images, not logs: TestCandidates
			t.Errorf("%s has no log that shows it", r.ID)
		}
		if (len(r.Edit) > 0 || r.Solve != "") == r.Tell {
			t.Errorf("%s: it edits or it tells", r.ID)
		}
	}
	if len(list) < 80 {
		t.Errorf("%d remedies are fewer than 80", len(list))
	}
}

// TestShown gives the table the logs that its rows were learnt from: the row's must be the remedy that is proposed, its changes must be
// those that are written beside them, and be applied.
func TestShown(t *testing.T) {
	list, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range readShown(t) {
		t.Run(s.Remedy, func(t *testing.T) { checkShown(t, list, s) })
	}
}

func checkShown(t *testing.T, list []*remedy, s shown) {
	p, symptom := planned(t, s.With), s.symptom(list)
	prop, ok, err := Propose(p, symptom, nil)
	if err != nil || !ok {
		t.Fatalf("%q: nothing is proposed (%v)", s.Log, err)
	}
	if prop.ID != s.Remedy {
		t.Fatalf("%q: %s is proposed", s.Log, prop.ID)
	}
	got := map[string]string{}
	for _, c := range prop.Changes {
		rel := strings.TrimPrefix(c.Path, "components.web.")
		if !strings.HasPrefix(rel, "secrets.") {
			got[rel] = c.Value
		}
	}
	if s.Gives != nil && !maps.Equal(got, s.Gives) {
		t.Errorf("%q gives %v, want %v", s.Log, got, s.Gives)
	}
	if err := prop.Apply(p); err != nil {
		t.Error(err)
	}
	if again, ok, _ := Propose(p, symptom, func(x Proposal) bool { return x.Key() == prop.Key() }); ok && again.Key() == prop.Key() && !again.Manual() {
		t.Errorf("%s is proposed again after it was applied", again.ID)
	}
}

// TestCrossed holds every log against every remedy: none but its own fits, but for those that are said to and stand further down.
func TestCrossed(t *testing.T) {
	list, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range readShown(t) {
		p, symptom := planned(t, s.With), s.symptom(list)
		for _, r := range list {
			if r.Tell && !strings.HasPrefix(s.Remedy, "tell/") {
				continue // it is told only where nothing else fits
			}
			_, ok := r.propose(p, p.Component("web"), symptom)
			if want := r.ID == s.Remedy || slices.Contains(s.Also, r.ID); ok != want {
				t.Errorf("%s, %q: that %s fits is %v", s.Remedy, s.Log[max(0, len(s.Log)-3):], r.ID, ok)
			}
		}
	}
}

// TestEachMatters takes each remedy out of the table: a log that it was learnt from must then be without its cure.
func TestEachMatters(t *testing.T) {
	list, err := load()
	if err != nil {
		t.Fatal(err)
	}
	all := readShown(t)
	for i, r := range list {
		if r.ID == "nearest-base-image" {
			continue // flow's TestRepair
		}
		without := slices.Concat(list[:i], list[i+1:])
		misses := slices.ContainsFunc(all, func(s shown) bool {
			if s.Remedy != r.ID {
				return false
			}
			prop, ok, err := propose(without, planned(t, s.With), s.symptom(list), nil)
			return err == nil && (!ok || prop.ID != r.ID)
		})
		if !misses {
			t.Errorf("nothing is lost without %s", r.ID)
		}
	}
}

// TestHealthy gives the table the output of builds and starts that went well: no remedy fits.
func TestHealthy(t *testing.T) {
	files, err := filepath.Glob("testdata/healthy/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no logs", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		language, _, _ := strings.Cut(filepath.Base(name), "-")
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		for _, phase := range []string{"build", "run", "probe"} {
			p := planned(t, map[string]string{"language": language, "stack": language})
			if prop, ok, err := Propose(p, Symptom{Component: "web", Phase: phase, Log: lines}, nil); ok || err != nil {
				t.Errorf("%s in %s: %s: %s (%v)", filepath.Base(name), phase, prop.ID, prop.Detail, err)
			}
		}
	}
}

func TestPackages(t *testing.T) {
	var rows []library
	if err := yaml.Unmarshal(packagesYAML, &rows); err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for _, r := range rows {
		if len(r.Build) == 0 {
			t.Errorf("%v has no package for the build", r.Names)
		}
		for _, n := range r.Names {
			if taken[n] || n != strings.ToLower(n) {
				t.Errorf("%q stands there twice, or not in lower case", n)
			}
			taken[n] = true
		}
	}
}

func TestCandidates(t *testing.T) {
	for image, want := range map[string]string{
		"ruby:2.6.5-slim-buster": "ruby:2.6.5-slim ruby:2.6-slim ruby:2.6 ruby:2.7-slim ruby:2.7 ruby:2.8-slim", "ruby:2.6": "ruby:2.7 ruby:2.8 ruby:2.9",
		"registry.example.com:5000/node:14.17.1": "registry.example.com:5000/node:14.17 registry.example.com:5000/node:14", "python": "", "x:latest": "",
		"eclipse-temurin:17-jre-jammy": "eclipse-temurin:17-jre", "openjdk:8u121-jre-alpine": "openjdk:8-jre openjdk:9-jre",
		"arm64v8/python:3.9-slim@sha256:0": "python:3.9-slim", "node:carbon-alpine": "node:8-alpine node:8", "postgres:9.6.24": "postgres:9.6 postgres:9",
		"tomcat:9.0.1-jdk8": "tomcat:9.0-jdk8 tomcat:9-jdk8",
	} {
		got := candidates(image, strings.HasPrefix(image, "postgres"))
		if list := strings.Fields(want); len(got) < len(list) || !slices.Equal(got[:len(list)], list) || want == "" && len(got) > 0 {
			t.Errorf("candidates(%s) = %s, want %s", image, got, want)
		}
	}
	if got := candidates("openjdk:8-jre-slim", false); !slices.Contains(got, "eclipse-temurin:8-jre") {
		t.Errorf("%s: the name that the image has now is missing", got)
	}
	if got := candidates("postgres:9.4", true); !slices.Contains(got, "postgres:10") {
		t.Errorf("%s: the next major version is missing", got)
	}
}

func TestRange(t *testing.T) {
	for wanted, want := range map[string]string{
		">=3.7,<3.10": "3.9", "^7.1.3": "7.1", ">=7.2 <8.0": "7", "~7.4": "7.4", "^7.3|^8.0": "8.0", ">=3.8": "3.8", "<=3.9.1": "3.9",
	} {
		c := &plan.Component{}
		c.Name = "web"
		got := rangeLow(nil, c, Symptom{}, []string{"", wanted})
		if len(got) != 1 || got[0].Value != want {
			t.Errorf("%s gives %v, want %s", wanted, got, want)
		}
	}
}

// FuzzPropose hands logs of foreign programs to the remedies: no panic, and what is proposed can be applied or is refused.
func FuzzPropose(f *testing.F) {
	for _, s := range readShown(f) {
		f.Add(strings.Join(s.Log, "\n"), s.Failure, s.With["language"])
	}
	f.Fuzz(func(t *testing.T, log, failure, language string) {
		if !slices.Contains([]string{"", "ruby", "java", "python", "javascript", "php", "go"}, language) {
			return
		}
		p := planned(t, map[string]string{"language": language})
		before, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		for _, phase := range []string{"build", "run", "probe"} {
			prop, ok, err := Propose(p, Symptom{Component: "web", Phase: phase, Failure: failure, Log: strings.Split(log, "\n")}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				continue
			}
			if err := prop.Apply(p); err != nil {
				if after, _ := p.Marshal(); string(after) != string(before) {
					t.Fatalf("%s was refused and changed the plan: %v", prop.ID, err)
				}
				continue
			}
			if before, err = p.Marshal(); err != nil {
				t.Fatalf("after %s: %v", prop.ID, err)
			}
		}
	})
}
