package dockerfile

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/templates"
)

func TestUpgrades(t *testing.T) {
	u, err := loadUpgrades(templates.FS())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := time.Parse(time.DateOnly, u.AsOf); err != nil {
		t.Error(err)
	}
	for product, way := range u.Ways {
		if !slices.IsSortedFunc(way.Steps, compare) || !slices.Contains(way.Steps, way.Mended) {
			t.Errorf("%s: %+v", product, way)
		}
	}
	for what, want := range map[string]string{
		"ruby 2.6":           "The way up: ruby 2.7, then 3.1, then 3.3, which gets fixes",
		"python 2.7":         "The way up: python 3.6, then 3.9, then 3.11,",
		"java 1.4":           "The way up: java 6, then 8,",
		".NET Framework 4.0": "The way up: .NET Framework 4.6.2,",
		"spring boot 2.3":    "The way up: spring boot 2.7, then 3.5, then 4.0,",
		"ruby 3.4":           "",
		"abacus 1":           "",
		"DNX":                "",
	} {
		if got := u.way(what); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	if _, err := loadUpgrades(fstest.MapFS{upgradesFile: {Data: []byte("ways: [")}}); err == nil || !strings.Contains(err.Error(), upgradesFile) {
		t.Error(err)
	}
	if u, err := loadUpgrades(fstest.MapFS{}); err != nil || u.way("ruby 2.6") != "" {
		t.Error(u, err)
	}
}

// TestEndOfLifeIsSaid: beside a Dockerfile that works stands which release is past its end, and the way up.
func TestEndOfLifeIsSaid(t *testing.T) {
	c := rubyApp()
	c.EndOfLife = []detect.EndOfLife{{What: "ruby 2.3", Since: "2019-03-31", Source: "ruby-lang.org"}, {What: "abacus 1", Since: "1999-01-01", Source: "its tomb"}}
	a := mustGenerate(t, newPlan(t, c))[0]
	mustHold(t, string(a.Content), []string{"# ruby 2.3 has had no fixes since 2019-03-31. The way up: ruby 2.7, then 3.1, then 3.3,", "# abacus 1 has had no fixes since 1999-01-01.\n"}, nil)
	line := slices.IndexFunc(strings.Split(string(a.Content), "\n"), func(l string) bool { return strings.HasPrefix(l, "# ruby 2.3") })
	if why := a.Origins[line].Why; !strings.Contains(why, "ruby-lang.org") {
		t.Error(why)
	}
}
