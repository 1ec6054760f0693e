package generate

import (
	"bytes"

	"github.com/aymanbagabas/go-udiff"
)

// Merge brings together what a person made of a file (ours) and what is generated now (theirs),
// both of which stem from base. It works on lines; changes that overlap or touch
// without being the same are a conflict, as they are to Git, and then nothing is returned.
func Merge(base, ours, theirs []byte) (merged []byte, conflict bool) {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return ours, false
	case bytes.Equal(base, ours):
		return theirs, false
	}
	b := string(base)
	mine, new := udiff.Lines(b, string(ours)), udiff.Lines(b, string(theirs))
	for _, x := range mine {
		for _, y := range new {
			if x != y && x.Start <= y.End && y.Start <= x.End {
				return nil, true
			}
		}
	}
	edits, ok := udiff.Merge(mine, new)
	if !ok {
		return nil, true
	}
	out, err := udiff.Apply(b, edits)
	if err != nil {
		return nil, true
	}
	return []byte(out), false
}
