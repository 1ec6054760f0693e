package dockerfile

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// plainPathBytes are the bytes of a path that needs no quoting anywhere, also not in WORKDIR and PATH.
const plainPathBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-"

// ComponentDir is the component's directory relative to the build context, a plain path.
func (v *view) ComponentDir() (string, error) {
	dir := v.inContext("")
	if dir == "" || strings.Trim(dir, plainPathBytes) != "" {
		return "", &generate.UnsupportedError{Message: "the component's directory is no plain path inside the build context"}
	}
	return dir, nil
}

// Output is where a build stage whose context lies in /app leaves the files for a browser.
func (v *view) Output() (string, error) {
	out := v.inContext(v.c.Fact("output"))
	if out == "" {
		return "", &generate.UnsupportedError{Message: "facts.output leaves the build context"}
	}
	return path.Join("/app", out), nil
}

// Assignments are the NAME=value words of a fact.
func (v *view) Assignments(key string) []plan.Setting {
	var out []plan.Setting
	for _, word := range strings.Fields(v.c.Fact(key)) {
		name, value, _ := strings.Cut(word, "=")
		out = append(out, plan.Setting{Name: name, Value: value})
	}
	return out
}
