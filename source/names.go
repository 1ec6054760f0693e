package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errorf is fmt.Errorf; the short name keeps the many one-line causes readable.
func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// Why a path is kept out of a tree.
const (
	isDotGit    = "Git's own data"
	badUTF8     = "its name is not UTF-8"
	badControl  = "its name has control characters"
	badSlash    = "its name has a backslash"
	badAbsolute = "its path is absolute"
	badNothing  = "it has no name"
	badParent   = "its path leads out of the source"
)

// cleanPath makes the slash-separated path of an archive's entry clean. The problem is
// empty when the path can be in a tree.
func cleanPath(raw string) (clean, problem string) {
	if strings.HasPrefix(raw, "/") {
		return "", badAbsolute
	}
	if len(raw) > 1 && raw[1] == ':' && (raw[0]|0x20) >= 'a' && (raw[0]|0x20) <= 'z' {
		return "", badAbsolute // a Windows drive
	}
	parts := make([]string, 0, strings.Count(raw, "/")+1)
	for part := range strings.SplitSeq(raw, "/") {
		if part == "" || part == "." {
			continue
		}
		if problem := nameProblem(part); problem != "" {
			return "", problem
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "", badNothing
	}
	return strings.Join(parts, "/"), ""
}

// nameProblem says why a name cannot be one component of a tree's path; empty: it can.
func nameProblem(name string) string {
	switch {
	case name == "", name == ".":
		return badNothing
	case name == "..":
		return badParent
	case strings.Contains(name, "/"):
		return "its name has a slash"
	case strings.Contains(name, `\`):
		return badSlash
	case !utf8.ValidString(name):
		return badUTF8
	case strings.ContainsFunc(name, deceives):
		return badControl
	case dotGit(name):
		return isDotGit
	}
	return ""
}

// deceives reports characters that make a terminal, an editor or a Dockerfile show or read
// something else than what is there: controls, line separators and the overrides of
// writing direction.
func deceives(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// dotGit reports names that some file system takes for ".git": in any case, with
// dots or spaces after it (Windows), with characters that are ignored (macOS), or
// in its short form. A tree that holds one could plant hooks when it is written out.
func dotGit(name string) bool {
	if len(name) < 4 || name[0] != '.' && name[0] != 'g' && name[0] != 'G' && name[0] < 0x80 {
		return false
	}
	plain := strings.Map(func(r rune) rune {
		if r >= 0x80 && unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	stream, _, _ := strings.Cut(plain, ":")
	stream = strings.TrimRight(stream, ". ")
	return strings.EqualFold(stream, ".git") || strings.EqualFold(stream, "git~1")
}

// printable is a foreign name for a message: one line, no controls, not endless.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || deceives(r) {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "·"))
	if r := []rune(s); len(r) > 200 {
		s = string(r[:197]) + "…"
	}
	return s
}
