package ruby

import (
	"strings"

	gem "github.com/aquasecurity/go-gem-version"

	"github.com/drydock-cli/drydock/detect"
)

// asOf is the date on which the tables of this file were read. What ends later is not reported as ended.
const asOf = "2026-11-01"

// series is a line of releases of Ruby or of a framework.
type series struct {
	version string // "2.6"
	last    string // its last release, as far as known on asOf
	ended   string // ISO date after which it gets no more fixes; empty: not ended or not known
	image   bool   // there is an official image of it
}

const (
	rubySource  = "www.ruby-lang.org/en/downloads/branches"
	railsSource = "rubyonrails.org/maintenance and the announcements on rubyonrails.org/blog"
)

// rubies are the lines of MRI, oldest first.
// Source: www.ruby-lang.org/en/downloads/branches (ends), Docker Hub's "ruby" (images), as of asOf.
var rubies = []series{
	{"1.8", "1.8.7", "2013-06-30", false},
	{"1.9", "1.9.3", "2015-02-23", true},
	{"2.0", "2.0.0", "2016-02-24", true},
	{"2.1", "2.1.10", "2017-03-31", true},
	{"2.2", "2.2.10", "2018-03-31", true},
	{"2.3", "2.3.8", "2019-03-31", true},
	{"2.4", "2.4.10", "2020-03-31", true},
	{"2.5", "2.5.9", "2021-04-05", true},
	{"2.6", "2.6.10", "2022-04-12", true},
	{"2.7", "2.7.8", "2023-03-31", true},
	{"3.0", "3.0.7", "2024-04-23", true},
	{"3.1", "3.1.7", "2025-03-26", true},
	{"3.2", "3.2.11", "2026-04-01", true},
	{"3.3", "3.3.11", "2027-03-31", true},
	{"3.4", "3.4.10", "2028-03-31", true},
	{"4.0", "4.0.0", "2029-03-31", true},
}

// defaultRuby is taken when nothing at all says which Ruby is meant: the oldest one that is still mended, because old
// code runs on old Rubies.
const defaultRuby = "3.3"

// railses are the lines of Rails, oldest first. Source: railsSource, as of asOf.
var railses = []series{
	{version: "2.3", ended: "2013-06-25"}, {version: "3.0", ended: "2013-06-25"}, {version: "3.1", ended: "2013-06-25"},
	{version: "3.2", ended: "2016-06-30"}, {version: "4.0", ended: "2015-01-06"}, {version: "4.1", ended: "2016-06-30"},
	{version: "4.2", ended: "2017-04-27"}, {version: "5.0", ended: "2018-05-09"}, {version: "5.1", ended: "2019-08-25"},
	{version: "5.2", ended: "2022-06-01"}, {version: "6.0", ended: "2023-06-01"}, {version: "6.1", ended: "2024-10-01"},
	{version: "7.0", ended: "2025-04-01"}, {version: "7.1", ended: "2025-10-01"}, {version: "7.2", ended: "2026-08-09"},
	{version: "8.0", ended: "2026-11-07"},
}

// compat says which Rubies a range of versions of a framework or gem runs on.
type compat struct {
	gem          string
	from, before string // versions of the gem: from <= v < before; empty: no bound
	min, max     string // Rubies, both inclusive; empty: no bound
}

// compats are tried in order; the first whose range holds the version counts.
//
// Sources: the gems' required_ruby_version for the lower bounds; for the upper bounds of Rails the release notes that
// announce support for a Ruby (3.2.13 for 2.0, 3.2.22 for 2.2, 4.2.8 for 2.4) and FastRuby.io's "Ruby & Rails
// Compatibility Table", as of asOf.
var compats = []compat{
	{"rails", "", "2.0", "1.8", "1.8"},
	{"rails", "2.0", "2.3", "1.8", "1.8"},
	{"rails", "2.3", "3.0", "1.8", "1.9"},
	{"rails", "3.0", "3.2", "1.8", "1.9"},
	{"rails", "3.2", "3.2.13", "1.8", "1.9"},
	{"rails", "3.2.13", "3.2.22", "1.8", "2.1"},
	{"rails", "3.2.22", "4.0", "1.8", "2.2"},
	{"rails", "4.0", "4.2", "1.9", "2.3"},
	{"rails", "4.2", "4.2.8", "1.9", "2.3"},
	{"rails", "4.2.8", "5.0", "1.9", "2.5"},
	{"rails", "5.0", "5.2", "2.2", "2.6"},
	{"rails", "5.2", "6.0", "2.2", "2.7"},
	{"rails", "6.0", "6.1", "2.5", "3.0"},
	{"rails", "6.1", "7.0", "2.5", "3.2"},
	{"rails", "7.0", "7.1", "2.7", "3.3"},
	{"rails", "7.1", "7.2", "2.7", "3.4"},
	{"rails", "7.2", "8.0", "3.1", "3.4"},
	{"rails", "8.0", "", "3.2", "3.4"},
	{"sinatra", "", "1.4", "1.8", "2.3"},
	{"sinatra", "1.4", "2.0", "1.8", "2.7"}, // with Rack 1.x, which uses what Ruby 3.0 removed
	{"sinatra", "2.0", "3.0", "2.2", "3.2"},
	{"sinatra", "3.0", "4.0", "2.6", "3.4"},
	{"sinatra", "4.0", "", "2.7", "3.4"},
	{"padrino", "", "0.14", "1.9", "2.5"},
	{"padrino", "0.14", "", "2.2", "3.2"},
	{"hanami", "", "2.0", "2.3", "2.7"},
	{"hanami", "2.0", "", "3.0", "3.4"},
	// Bundler 1.x calls untaint, which Ruby 3.2 removed.
	{"bundler", "", "2.0", "", "3.1"},
	// json before 1.8.5 does not compile against the Integer of Ruby 2.4.
	{"json", "", "1.8.5", "", "2.3"},
}

// rubyRange returns the Rubies, as versions of lines, that a version of a gem runs on.
func rubyRange(name, version string) (lowest, highest string) {
	for _, c := range compats {
		if c.gem == name && version != "" && (c.from == "" || compare(version, c.from) >= 0) && (c.before == "" || compare(version, c.before) < 0) {
			return c.min, c.max
		}
	}
	return "", ""
}

// compare orders two versions as RubyGems does; one that is no version comes first.
func compare(a, b string) int {
	va, errA := gem.NewVersion(a)
	vb, errB := gem.NewVersion(b)
	switch {
	case errA != nil && errB != nil:
		return strings.Compare(a, b)
	case errA != nil:
		return -1
	case errB != nil:
		return 1
	}
	return va.Compare(vb)
}

// atLeast reports whether a version is known and not older than another. A short version means its line: "5.2" is at
// least "5.2.0".
func atLeast(version, least string) bool { return version != "" && compare(version, least) >= 0 }

// below reports whether a version is known and older than another.
func below(version, than string) bool { return version != "" && compare(version, than) < 0 }

// lineOf returns the line that a version belongs to: "2.6" of "2.6.5".
func lineOf(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return version
	}
	return parts[0] + "." + parts[1]
}

// satisfies reports whether a version fits all constraints. A short version ("2.6") fits when its line's last release does.
func satisfies(version string, constraints []string) bool {
	if strings.Count(version, ".") < 2 {
		for _, s := range rubies {
			if s.version == version {
				version = s.last
			}
		}
	}
	v, err := gem.NewVersion(version)
	if err != nil {
		return false
	}
	for _, c := range constraints {
		cs, err := gem.NewConstraints(c)
		if err != nil || !cs.Check(v) {
			return false
		}
	}
	return true
}

// exact returns the version that constraints pin: a bare version or "= version".
func exact(constraints []string) (string, bool) {
	if len(constraints) != 1 {
		return "", false
	}
	v := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(constraints[0]), "="))
	if _, err := gem.NewVersion(v); err != nil || v == "" || v[0] < '0' || v[0] > '9' {
		return "", false
	}
	return v, true
}

// floor returns what a gem's constraints say about its version, as precise as they are: "4.2.11" of "= 4.2.11", "5.1" of
// "~> 5.1.1", "4" of "~> 4.0"; and whether it is more than a lower bound.
func floor(constraints []string) (version string, bounded bool) {
	if v, ok := exact(constraints); ok {
		return v, true
	}
	for _, c := range constraints {
		c = strings.TrimSpace(c)
		op := strings.TrimRight(c[:len(c)-len(strings.TrimLeft(c, "~><=! "))], " ")
		v := strings.TrimSpace(strings.TrimLeft(c, "~><=! "))
		if _, err := gem.NewVersion(v); err != nil || v == "" {
			continue
		}
		switch op {
		case "~>":
			parts := strings.Split(v, ".")
			if len(parts) > 2 {
				return strings.Join(parts[:len(parts)-1], "."), true
			}
			return v, true
		case ">=", ">":
			version = v
		}
	}
	return version, false
}

// newest returns the newest line of Ruby with an image that fits the constraints and lies in a range.
func newest(constraints []string, lowest, highest string) (string, bool) {
	for i := len(rubies) - 1; i >= 0; i-- {
		s := rubies[i]
		if s.image && within(s.version, lowest, highest) && satisfies(s.last, constraints) {
			if s.version == "1.9" {
				return s.last, true // 1.9.1 and 1.9.2 are other languages
			}
			return s.version, true
		}
	}
	return "", false
}

// within reports whether a line lies in a range of lines.
func within(line, lowest, highest string) bool {
	line = lineOf(line)
	return (lowest == "" || compare(line, lowest) >= 0) && (highest == "" || compare(line, highest) <= 0)
}

// ended returns the end of life of a line of releases, if it lies before asOf.
func ended(table []series, name, version, source string) (detect.EndOfLife, bool) {
	for _, s := range table {
		if s.version == lineOf(version) && s.ended != "" && s.ended <= asOf {
			return detect.EndOfLife{What: name + " " + s.version, Since: s.ended, Source: source + " (as of " + asOf + ")"}, true
		}
	}
	return detect.EndOfLife{}, false
}
