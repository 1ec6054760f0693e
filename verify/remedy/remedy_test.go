package remedy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// planned is a plan of one component with fields set.
func planned(t *testing.T, with map[string]string) *plan.Plan {
	t.Helper()
	c := detect.Component{Name: "web", Path: ".", Stack: with["stack"], Role: detect.Is(detect.Web), Port: detect.Is(3000)}
	for _, f := range []struct {
		name  string
		value *detect.Value[string]
	}{{"language", &c.Language}, {"framework", &c.Framework}, {"languageVersion", &c.LanguageVersion}} {
		if v := with[f.name]; v != "" {
			*f.value = detect.Is(v)
		}
	}
	p, err := plan.New(&detect.Findings{Components: []detect.Component{c}}, plan.Options{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Sorted(maps.Keys(with)) {
		if strings.Contains(k, ".") || k == "readOnly" {
			if err := p.Set("components.web."+k, with[k]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

// TestShown gives every remedy the logs that it was learnt from: it must be the one that is proposed, and its changes
// must be those that are written beside them, and be applied.
func TestShown(t *testing.T) {
	list, err := load()
	if err != nil {
		t.Fatal(err)
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
		if len(r.Shown) == 0 && r.Match != "" {
			t.Errorf("%s has no log that shows it", r.ID)
		}
		for _, s := range r.Shown {
			t.Run(r.ID, func(t *testing.T) { checkShown(t, r, s) })
		}
	}
}

func checkShown(t *testing.T, r *remedy, s shown) {
	phase := strings.Fields(r.Phase + " run")[0]
	p := planned(t, s.With)
	prop, ok, err := Propose(p, Symptom{Component: "web", Phase: phase, Failure: s.Failure, Log: s.Log}, nil)
	if err != nil || !ok {
		t.Fatalf("%q: nothing is proposed (%v)", s.Log, err)
	}
	if prop.ID != r.ID {
		t.Fatalf("%q: %s is proposed", s.Log, prop.ID)
	}
	got := map[string]string{}
	for _, c := range prop.Changes {
		if rel, own := strings.CutPrefix(c.Path, "components.web."); own {
			got[rel] = c.Value
		}
	}
	if !maps.Equal(got, s.Gives) {
		t.Errorf("%q gives %v, want %v", s.Log, got, s.Gives)
	}
	if err := prop.Apply(p); err != nil {
		t.Error(err)
	}
	if again, ok, _ := Propose(p, Symptom{Component: "web", Phase: phase, Failure: s.Failure, Log: s.Log}, func(x Proposal) bool { return x.Key() == prop.Key() }); ok && again.Key() == prop.Key() && !again.Manual() {
		t.Errorf("%s is proposed again after it was applied", again.ID)
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

func TestNearest(t *testing.T) {
	for image, want := range map[string]string{
		"ruby:2.6.5-slim-buster": "ruby:2.6.5-slim", "ruby:2.6.5-slim": "ruby:2.6-slim", "ruby:2.6-slim": "ruby:2.6", "ruby:2.6": "ruby:2",
		"ruby:2": "", "python": "", "registry.example.com:5000/node:14.17.1": "registry.example.com:5000/node:14.17",
		"eclipse-temurin:17-jre-jammy": "eclipse-temurin:17-jre", "postgres:9.6.24": "postgres:9.6", "x:latest": "",
	} {
		if got := nearest(image); got != want {
			t.Errorf("nearest(%s) = %s, want %s", image, got, want)
		}
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
	list, err := load()
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range list {
		for _, s := range r.Shown {
			f.Add(strings.Join(s.Log, "\n"), s.Failure, s.With["language"])
		}
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
