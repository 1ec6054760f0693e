package detect

import (
	"sort"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/drydock-cli/drydock/source"
)

// glob is one alternative of a doublestar pattern without braces, with what can be told without matching: most
// patterns name a folder and an ending, and a sorted list of paths answers both.
type glob struct {
	pattern string
	prefix  string // what every match starts with, up to the first wildcard
	suffix  string // what every match ends in, after the last wildcard
	depth   int    // slashes in every match; -1: any number
	enough  bool   // prefix, suffix and depth together are the whole pattern
}

// maxAlternatives bounds what braces may stand for; a pattern of more is matched as it is.
const maxAlternatives = 64

// globs takes a pattern apart. Patterns are drydock's own, never a repository's.
func globs(pattern string) []glob {
	var out []glob
	for _, p := range alternatives(pattern) {
		out = append(out, newGlob(p))
	}
	return out
}

func newGlob(p string) glob {
	g := glob{pattern: p, depth: strings.Count(p, "/")}
	const wild = `*?[{\`
	first := strings.IndexAny(p, wild)
	if first < 0 {
		g.prefix = p
		return g
	}
	g.prefix, g.suffix = p[:first], p[strings.LastIndexAny(p, `*?]}\`)+1:]
	middle := p[first : len(p)-len(g.suffix)]
	if strings.HasSuffix(middle, "**") { // it may stand for no folder at all
		g.suffix = strings.TrimPrefix(g.suffix, "/")
		if g.suffix == "" {
			g.prefix = strings.TrimSuffix(g.prefix, "/")
		}
	}
	switch {
	case strings.Contains(p, "{"):
		g.depth = -1
	case strings.Contains(p, "**"):
		g.depth = -1
		// "a/**/*.rb" is every path below a that ends in .rb, whatever lies between.
		g.enough = middle == "**/*" && (g.prefix == "" || strings.HasSuffix(g.prefix, "/")) && !strings.Contains(g.suffix, "/")
	default:
		g.enough = middle == "*" && !strings.Contains(g.suffix, "/")
	}
	return g
}

// match reports whether a path matches.
func (g glob) match(rel string) bool {
	if len(rel) < len(g.prefix)+len(g.suffix) || !strings.HasPrefix(rel, g.prefix) || !strings.HasSuffix(rel, g.suffix) {
		return false
	}
	if g.depth >= 0 && strings.Count(rel, "/") != g.depth {
		return false
	}
	if g.enough {
		return true
	}
	ok, err := doublestar.Match(g.pattern, rel)
	return err == nil && ok
}

// find calls found with every path of a sorted list that matches, cut by the first cut bytes. What lies deeper than
// the pattern reaches is jumped over, folder by folder.
func (g glob) find(entries []source.Entry, cut int, found func(rel string)) {
	from := sort.Search(len(entries), func(i int) bool { return entries[i].Path[cut:] >= g.prefix })
	for i := from; i < len(entries); {
		rel := entries[i].Path[cut:]
		if !strings.HasPrefix(rel, g.prefix) {
			return
		}
		if g.depth >= 0 {
			if end := slash(rel, g.depth); end >= 0 {
				after := rel[:end] + "0" // "0" follows "/"
				i += 1 + sort.Search(len(entries)-i-1, func(j int) bool { return entries[i+1+j].Path[cut:] >= after })
				continue
			}
		}
		if g.match(rel) {
			found(rel)
		}
		i++
	}
}

// slash is the place of the slash after n others, or -1.
func slash(s string, n int) int {
	at := -1
	for range n + 1 {
		i := strings.IndexByte(s[at+1:], '/')
		if i < 0 {
			return -1
		}
		at += 1 + i
	}
	return at
}

// alternatives spells out the braces of a pattern: "config/*.{yml,yaml}" is "config/*.yml" and "config/*.yaml".
func alternatives(p string) []string {
	out := []string{p}
	for i := 0; i < len(out); {
		open := strings.IndexByte(out[i], '{')
		if open < 0 {
			i++
			continue
		}
		parts, end := braced(out[i], open)
		if end < 0 || len(out)+len(parts) > maxAlternatives || strings.Contains(p, `\`) {
			return []string{p}
		}
		spelt := make([]string, 0, len(out)+len(parts)-1)
		spelt = append(spelt, out[:i]...)
		for _, part := range parts {
			spelt = append(spelt, out[i][:open]+part+out[i][end+1:])
		}
		out = append(spelt, out[i+1:]...)
	}
	return out
}

// braced splits what stands between the brace at open and its counterpart, at end. end is -1 when there is none.
func braced(s string, open int) (parts []string, end int) {
	depth, from := 0, open+1
	for i := open; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return append(parts, s[from:i]), i
			}
		case ',':
			if depth == 1 {
				parts = append(parts, s[from:i])
				from = i + 1
			}
		}
	}
	return nil, -1
}
