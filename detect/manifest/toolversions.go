package manifest

import "strings"

// Tool is a line of .tool-versions: a tool and its version, the first one when the line lists fallbacks.
type Tool struct {
	Name, Version string
	Line          int
}

// ParseToolVersions reads asdf's .tool-versions. Names and versions stay as they are written ("nodejs", "temurin-17.0.1").
func ParseToolVersions(data []byte) ([]Tool, error) {
	if err := checkInput(data); err != nil {
		return nil, err
	}
	var out []Tool
	for line, text := range lines(data) {
		text, _, _ = strings.Cut(text, "#")
		if f := strings.Fields(text); len(f) >= 2 {
			out = append(out, Tool{Name: f[0], Version: f[1], Line: line})
		}
	}
	return out, nil
}
