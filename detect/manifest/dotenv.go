package manifest

import (
	"regexp"
	"strings"

	"github.com/joho/godotenv"
)

// Assignment is a NAME=value of a .env file.
type Assignment struct {
	Name, Value string
	Line        int
}

var envKey = regexp.MustCompile(`^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=`)

// A quoted value may span maxEnvLines lines. After maxOpen quotes without an end, values are taken line by line: each
// of them costs a look at all those lines.
const (
	maxEnvLines = 60
	maxOpen     = 50
)

// ParseDotenv reads a .env file (or .env.example and the like). Values are taken as godotenv takes them, without
// looking at any variable of this process. Lines that are no assignment are left out; the error, an *Error, tells of
// the first one that ought to be one.
func ParseDotenv(data []byte) ([]Assignment, error) {
	if err := checkInput(data); err != nil {
		return nil, err
	}
	var all []string
	for _, text := range lines(data) {
		all = append(all, text)
	}
	var out []Assignment
	var first error
	open := 0
	for i := 0; i < len(all); i++ {
		m := envKey.FindStringSubmatch(all[i])
		if m == nil {
			if t := strings.TrimSpace(all[i]); t != "" && t[0] != '#' && first == nil {
				first = &Error{i + 1, "neither NAME=value nor a comment"}
			}
			continue
		}
		span := maxEnvLines
		if open > maxOpen {
			span = 1
		}
		value, used, ok := envValue(all[i:min(i+span, len(all))], m[1])
		if !ok {
			open++
		}
		if !ok && first == nil {
			first = &Error{i + 1, "the value of " + m[1] + " has no end"}
		}
		out = append(out, Assignment{Name: m[1], Value: value, Line: i + 1})
		i += used - 1
	}
	return out, first
}

// envValue reads the assignment that starts at the first of lines and ends within them, and says how many of them it takes.
func envValue(lines []string, name string) (value string, used int, ok bool) {
	text := ""
	for n := 1; n <= len(lines); n++ {
		// A reference to another variable stays as it is written.
		text += strings.ReplaceAll(lines[n-1], "$", "\\$") + "\n"
		if v, err := unmarshal(text); err == nil {
			return strings.ReplaceAll(v[name], "\\$", "$"), n, true
		}
		if !strings.ContainsAny(lines[0], `"'`) {
			break
		}
	}
	_, raw, _ := strings.Cut(lines[0], "=")
	return strings.Trim(strings.TrimSpace(raw), `"'`), 1, false
}

func unmarshal(text string) (v map[string]string, err error) {
	defer func() {
		// godotenv slices by offsets; a foreign file must not take the run down with it.
		if r := recover(); r != nil {
			err = &Error{Msg: "not readable"}
		}
	}()
	return godotenv.Unmarshal(text)
}
