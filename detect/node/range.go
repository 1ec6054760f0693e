package node

import (
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/drydock-cli/drydock/detect/manifest"
)

var leading = manifest.Lazy(`\d+(?:\.\d+)*`)

// floor is the version that a range begins with: "^4.16.0" is 4.16.0, ">=6.x" is 6, "0.10 || 4" is 0.10. Tags, addresses and
// files give "".
func floor(wanted string) string {
	wanted = strings.TrimPrefix(strings.TrimSpace(wanted), "npm:")
	if i := strings.LastIndexByte(wanted, '@'); i > 0 { // an alias: name@range
		wanted = wanted[i+1:]
	}
	if wanted == "" || strings.Contains(wanted, "://") || strings.Contains(wanted, "/") || strings.HasPrefix(wanted, "file:") {
		if i := strings.LastIndexByte(wanted, '#'); i >= 0 {
			return leading.FindString(wanted[i:])
		}
		return ""
	}
	if strings.HasPrefix(wanted, "<") {
		return ""
	}
	v := leading.FindString(wanted)
	if at := strings.Index(wanted, v); v != "" && at > 0 && strings.ContainsAny(wanted[at-1:at], "abcdefghijklmnopqrstuvwxyz") && wanted[at-1] != 'v' {
		return "" // a tag such as latest-2
	}
	return v
}

// numbers are the leading numeric parts of a version: "8.9.x" is 8, 9.
func numbers(version string) []int {
	var out []int
	for part := range strings.SplitSeq(strings.TrimPrefix(version, "v"), ".") {
		digits := 0
		for digits < len(part) && part[digits] >= '0' && part[digits] <= '9' {
			digits++
		}
		n, err := strconv.Atoi(part[:digits])
		if err != nil {
			break
		}
		out = append(out, n)
		if digits < len(part) {
			break
		}
	}
	return out
}

// major is the first number of a version, -1 when it has none.
func major(version string) int {
	if n := numbers(version); len(n) > 0 {
		return n[0]
	}
	return -1
}

// compare orders two versions as far as both are precise.
func compare(a, b string) int {
	x, y := numbers(a), numbers(b)
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return x[i] - y[i]
		}
	}
	return 0
}

// below reports whether a known version lies before another one.
func below(version, bound string) bool { return version != "" && compare(version, bound) < 0 }

// maxRange is the length in bytes beyond which a range is none that anybody wrote.
const maxRange = 200

// satisfies reports whether a version of Node fits a range of engines. "8" stands for the newest of its line.
func satisfies(version, wanted string) bool {
	if len(wanted) > maxRange {
		return false
	}
	c, err := semver.NewConstraint(npmRange(wanted))
	if err != nil {
		return false
	}
	for _, v := range lineVersions(version) {
		if parsed, err := semver.NewVersion(v); err == nil && c.Check(parsed) {
			return true
		}
	}
	return false
}

// npmRange writes npm's range in the form that the library reads: spaces after an operator go, and a hyphen in a version
// is none of a range.
func npmRange(s string) string {
	s = strings.TrimSpace(s)
	for _, op := range []string{">=", "<=", ">", "<", "=", "~", "^"} {
		for strings.Contains(s, op+" ") {
			s = strings.ReplaceAll(s, op+" ", op)
		}
	}
	return strings.ReplaceAll(s, "~>", "~")
}

// lineVersions are full versions for one that may be only a line: "8" is the line's first and last release.
func lineVersions(version string) []string {
	n := numbers(version)
	switch {
	case len(n) >= 3:
		return []string{strings.TrimPrefix(version, "v")}
	case len(n) == 2:
		base := strconv.Itoa(n[0]) + "." + strconv.Itoa(n[1])
		return []string{base + ".999", base + ".0"}
	case len(n) == 1:
		base := strconv.Itoa(n[0])
		return []string{base + ".999.0", base + ".0.0"}
	}
	return nil
}
