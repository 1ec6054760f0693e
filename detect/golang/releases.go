package golang

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// asOf is the date on which the table was read. What ends later is not reported as ended.
const asOf = "2026-11-01"

// defaultGo is taken when nothing says which Go is meant.
const defaultGo = "1.24"

const goSource = "go.dev/doc/devel/release: a release is mended until there are two newer ones"

// ends are the lines of Go with the date on which the second newer one came out.
// Source: go.dev/doc/devel/release, as of asOf.
var ends = map[string]string{
	"1.0": "2013-12-01", "1.1": "2014-06-18", "1.2": "2014-12-10", "1.3": "2015-08-19", "1.4": "2016-02-17", "1.5": "2016-08-15", "1.6": "2017-02-16",
	"1.7": "2017-08-24", "1.8": "2018-02-16", "1.9": "2018-08-24", "1.10": "2019-02-25", "1.11": "2019-09-03", "1.12": "2020-02-25", "1.13": "2020-08-11",
	"1.14": "2021-02-16", "1.15": "2021-08-16", "1.16": "2022-03-15", "1.17": "2022-08-02", "1.18": "2023-02-01", "1.19": "2023-08-08", "1.20": "2024-02-06",
	"1.21": "2024-08-13", "1.22": "2025-02-11", "1.23": "2025-08-12", "1.24": "2026-02-10",
}

// ended says that the Go which the repository names is no longer mended.
func ended(v detect.Value[string]) (detect.EndOfLife, bool) {
	if v.From == detect.Default {
		return detect.EndOfLife{}, false
	}
	parts := strings.SplitN(v.V, ".", 3)
	if len(parts) < 2 {
		return detect.EndOfLife{}, false
	}
	line := parts[0] + "." + parts[1]
	since := ends[line]
	if since == "" || since > asOf {
		return detect.EndOfLife{}, false
	}
	return detect.EndOfLife{What: "go " + line, Since: since, Source: goSource + " (as of " + asOf + ")"}, true
}
