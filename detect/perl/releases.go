package perl

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// asOf is the date on which the tables of this file were read. What ends later is not reported as ended.
const asOf = "2026-11-01"

// perlSource is where the dates of perls are from.
const perlSource = "perldoc perlpolicy (three years after the first release of a series) and perldoc perlhist (dates of the releases)"

// series is a line of releases of Perl.
type series struct {
	version string
	ended   string // ISO date after which it gets no more fixes
}

// perls are the stable lines, oldest first. Source: perlSource, as of asOf.
var perls = []series{
	{"5.6", "2003-03-22"}, {"5.8", "2005-07-18"}, {"5.10", "2010-12-18"}, {"5.12", "2013-04-12"}, {"5.14", "2014-05-14"}, {"5.16", "2015-05-20"},
	{"5.18", "2016-05-18"}, {"5.20", "2017-05-27"}, {"5.22", "2018-06-01"}, {"5.24", "2019-05-09"}, {"5.26", "2020-05-30"}, {"5.28", "2021-06-22"},
	{"5.30", "2022-05-22"}, {"5.32", "2023-06-20"}, {"5.34", "2024-05-20"}, {"5.36", "2025-05-27"}, {"5.38", "2026-07-02"}, {"5.40", "2027-06-09"},
	{"5.42", "2028-07-03"},
}

// defaultPerl is taken when nothing at all says which Perl is meant: the oldest that is still mended.
const defaultPerl = "5.40"

// lineOf returns the line that a version belongs to: "5.20" of "5.20.2".
func lineOf(v string) string {
	parts := strings.SplitN(v, ".", 3)
	if len(parts) < 2 {
		return v
	}
	return parts[0] + "." + parts[1]
}

// known reports whether there is such a line of Perl.
func known(v string) bool {
	for _, s := range perls {
		if s.version == lineOf(v) {
			return true
		}
	}
	return false
}

// endOfLife returns the ends of what the application names exactly. The least Perl of a manifest is no version that it
// runs on: it says nothing.
func endOfLife(v detect.Value[string]) []detect.EndOfLife {
	var out []detect.EndOfLife
	exact := v.From == detect.Locked || v.From == detect.Declared && v.Why == "" || v.From == detect.Inferred && strings.Contains(v.Why, "Dockerfile")
	for _, s := range perls {
		if exact && s.version == lineOf(v.V) && s.ended <= asOf {
			out = append(out, detect.EndOfLife{What: "perl " + s.version, Since: s.ended, Source: perlSource + " (as of " + asOf + ")"})
		}
	}
	return out
}
