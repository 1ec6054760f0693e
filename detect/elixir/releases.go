package elixir

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// asOf is the date on which the tables of this file were read. What ends later is not reported as ended.
const asOf = "2026-11-01"

// elixirSource is where the dates of elixirs are from.
const elixirSource = "hexdocs.pm/elixir/compatibility-and-deprecations (the last five releases get security fixes) and the dates of the releases"

// series is a line of releases.
type series struct {
	version string
	ended   string // ISO date after which it gets no more fixes; empty: not ended or not known
}

// elixirs are the lines of Elixir, oldest first: each ends when the fifth after it comes out. Source: elixirSource, as of asOf.
var elixirs = []series{
	{"1.0", "2017-07-25"}, {"1.1", "2018-01-17"}, {"1.2", "2018-07-25"}, {"1.3", "2019-01-14"}, {"1.4", "2019-06-24"}, {"1.5", "2020-01-27"},
	{"1.6", "2020-10-06"}, {"1.7", "2021-05-19"}, {"1.8", "2021-12-03"}, {"1.9", "2022-09-01"}, {"1.10", "2023-06-19"}, {"1.11", "2023-12-22"},
	{"1.12", "2024-06-12"}, {"1.13", "2024-12-19"}, {"1.14", "2025-10-16"}, {"1.15", ""}, {"1.16", ""}, {"1.17", ""}, {"1.18", ""}, {"1.19", ""},
}

// defaultElixir is taken when nothing at all says which Elixir is meant.
const defaultElixir = "1.15"

// phoenixes are the Elixirs that releases of Phoenix need at least. Source: the elixir requirement in the mix.exs of each
// release of Phoenix, as of asOf.
var phoenixes = []struct{ phoenix, elixir string }{
	{"1.8", "1.15"}, {"1.7", "1.11"}, {"1.6", "1.9"}, {"1.5", "1.7"}, {"1.4", "1.4"}, {"1.3", "1.3"}, {"1.2", "1.2"}, {"1.1", "1.0"}, {"1.0", "1.0"},
}

// phoenixLeast is the oldest Elixir that a version of Phoenix runs on; empty: not known.
func phoenixLeast(version string) string {
	for _, p := range phoenixes {
		if version != "" && agree(version, p.phoenix) {
			return p.elixir
		}
	}
	return ""
}

// endOfLife returns the ends of the Elixir that is used.
func endOfLife(v detect.Value[string]) []detect.EndOfLife {
	if v.From == detect.Default {
		return nil
	}
	parts := strings.SplitN(v.V, ".", 3)
	for _, s := range elixirs {
		if len(parts) >= 2 && s.version == parts[0]+"."+parts[1] && s.ended != "" && s.ended <= asOf {
			return []detect.EndOfLife{{What: "elixir " + s.version, Since: s.ended, Source: elixirSource + " (as of " + asOf + ")"}}
		}
	}
	return nil
}
