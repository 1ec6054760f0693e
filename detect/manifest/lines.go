package manifest

import (
	"bytes"
	"iter"
)

// LinesWith yields the lines of a text that hold one of some words, with their numbers from 1. It leaps from word to word: each is
// looked for once in all.
func LinesWith(data []byte, words []string) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		next := make([]int, len(words)) // where each word comes next
		for i, w := range words {
			next[i] = bytes.Index(data, []byte(w))
		}
		counted, line := 0, 1
		for at := 0; at < len(data); {
			first := -1
			for i, w := range words {
				if next[i] >= 0 && next[i] < at {
					if next[i] = bytes.Index(data[at:], []byte(w)); next[i] >= 0 {
						next[i] += at
					}
				}
				if next[i] >= 0 && (first < 0 || next[i] < first) {
					first = next[i]
				}
			}
			if first < 0 {
				return
			}
			start := at + bytes.LastIndexByte(data[at:first], '\n') + 1
			line += bytes.Count(data[counted:start], []byte{'\n'})
			counted = start
			end := bytes.IndexByte(data[first:], '\n') + first
			if end < first {
				end = len(data)
			}
			if !yield(line, data[start:end]) {
				return
			}
			at = end + 1
		}
	}
}
