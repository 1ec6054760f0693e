package erlang

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// asOf is the date on which the tables of this file were read. What ends later is not reported as ended.
const asOf = "2026-11-01"

// otpSource is where the dates of releases are from.
const otpSource = "the support policy of Erlang/OTP (the last three releases get fixes) and the dates of the releases"

// otps are the releases of Erlang/OTP, oldest first: each ends when the third after it comes out. Source: otpSource, as of asOf.
var otps = []struct{ version, ended string }{
	{"16", "2016-06-21"}, {"17", "2017-06-21"}, {"18", "2018-06-19"}, {"19", "2019-05-14"}, {"20", "2020-05-13"}, {"21", "2021-05-12"},
	{"22", "2022-05-18"}, {"23", "2023-05-16"}, {"24", "2024-05-20"}, {"25", "2025-05-21"}, {"26", ""}, {"27", ""}, {"28", ""},
}

// defaultOTP is taken when nothing at all says which release is meant.
const defaultOTP = "26"

// compare orders two versions by their numbers.
func compare(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		var m, n int
		if i < len(x) {
			m, _ = strconv.Atoi(x[i])
		}
		if i < len(y) {
			n, _ = strconv.Atoi(y[i])
		}
		if m != n {
			return m - n
		}
	}
	return 0
}

// endOfLife returns the end of the release that is used.
func endOfLife(v detect.Value[string]) []detect.EndOfLife {
	if v.From == detect.Default {
		return nil
	}
	line, _, _ := strings.Cut(v.V, ".")
	for _, o := range otps {
		if o.version == line && o.ended != "" && o.ended <= asOf {
			return []detect.EndOfLife{{What: "erlang " + line, Since: o.ended, Source: otpSource + " (as of " + asOf + ")"}}
		}
	}
	return nil
}
