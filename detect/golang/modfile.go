package golang

import (
	"strings"
)

// modFile is what a go.mod states, with lines.
type modFile struct {
	module, goVersion, toolchain string
	moduleLine, goLine, toolLine int
	requires                     []requirement
	replaces                     []replacement
	conflict                     int // first line of an unresolved merge conflict; 0: none
}

// requirement is a module with the version that a manifest or lock file states.
type requirement struct {
	path, version string
	line          int
}

// replacement is another place that a module is taken from.
type replacement struct {
	path, with string
	line       int
}

// maxRequires bounds how many requirements of one file are kept: the largest real go.mod files have some 1,000.
const maxRequires = 20000

// parseMod reads a go.mod. Its grammar is lines of words, some of them in parenthesised blocks
// (go.dev/ref/mod#go-mod-file-grammar); what does not fit is passed over.
func parseMod(data []byte) *modFile {
	m := &modFile{}
	block := ""
	for i, text := range strings.Split(string(data), "\n") {
		if m.conflict == 0 && (strings.HasPrefix(text, "<<<<<<< ") || strings.HasPrefix(text, ">>>>>>> ")) {
			m.conflict = i + 1
		}
		text, _, _ = strings.Cut(text, "//")
		words := strings.Fields(text)
		switch {
		case len(words) == 0:
			continue
		case block == "" && len(words) == 2 && words[1] == "(":
			block = words[0]
			continue
		case words[0] == ")":
			block = ""
			continue
		case block != "":
			words = append([]string{block}, words...)
		}
		m.statement(words, i+1)
	}
	return m
}

// statement takes down one statement with its verb.
func (m *modFile) statement(words []string, line int) {
	if len(words) < 2 {
		return
	}
	word := func(i int) string { return strings.Trim(words[i], "\"`") }
	switch words[0] {
	case "module":
		if m.module == "" {
			m.module, m.moduleLine = word(1), line
		}
	case "go":
		if m.goVersion == "" {
			m.goVersion, m.goLine = word(1), line
		}
	case "toolchain":
		if m.toolchain == "" {
			m.toolchain, m.toolLine = strings.TrimPrefix(word(1), "go"), line
		}
	case "require":
		if len(words) >= 3 && word(1) != "" && len(m.requires) < maxRequires {
			m.requires = append(m.requires, requirement{word(1), word(2), line})
		}
	case "replace":
		for i, w := range words {
			if w == "=>" && i+1 < len(words) && len(m.replaces) < maxRequires {
				m.replaces = append(m.replaces, replacement{word(1), word(i + 1), line})
				break
			}
		}
	}
}

// local reports whether a module is replaced by a directory.
func (r replacement) local() bool {
	return strings.HasPrefix(r.with, "./") || strings.HasPrefix(r.with, "../") || strings.HasPrefix(r.with, "/")
}
