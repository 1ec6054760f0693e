package source

import (
	"cmp"
	"slices"

	"github.com/agext/levenshtein"
)

// maxCandidates bounds how many names are compared with one that was not found.
const maxCandidates = 20_000

// anyDistance lets nearest return names however unlike they are.
const anyDistance = maxLocation

// nearest returns at most n of the names, those most like want first, none of which differs in more than
// most letters. Names are made fit for a message.
func nearest(want string, names []string, n, most int) []string {
	type candidate struct {
		name     string
		distance int
	}
	names = names[:min(len(names), maxCandidates)]
	var all []candidate
	for _, name := range names {
		name = printable(name)
		if d := levenshtein.Distance(want, name, nil); d <= most {
			all = append(all, candidate{name, d})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	out := make([]string, min(n, len(all)))
	for i := range out {
		out[i] = all[i].name
	}
	return out
}
