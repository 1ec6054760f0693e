package assess

import (
	"cmp"
	"hash/fnv"
	"io"
	"io/fs"
	"path"
	"slices"

	"github.com/drydock-cli/drydock/detect"
)

const (
	sketchSize  = 24       // files that stand for a repository
	sketchBytes = 64 << 10 // of each that are read
	fewFiles    = 6        // below, nothing can be said
)

// Sketch is a fingerprint of a repository by which copies are found: the files whose paths have the smallest hashes, each by its path
// and content. A copy that has gone its own way for a while still shares most of them. Files that the application did not write
// (vendored code, tests) do not count. Nil: there are too few.
func Sketch(fsys fs.FS, paths func(yield func(string) bool)) []uint64 {
	type pick struct {
		hash uint64
		path string
	}
	var picks []pick
	ours := map[string]bool{}
	for p := range paths {
		folder := path.Dir(p)
		mine, known := ours[folder]
		if !known {
			mine = detect.Ours(folder)
			ours[folder] = mine
		}
		if !mine {
			continue
		}
		h := hashOf(p)
		if len(picks) == sketchSize && h >= picks[sketchSize-1].hash {
			continue
		}
		at, _ := slices.BinarySearchFunc(picks, h, func(x pick, h uint64) int { return cmp.Compare(x.hash, h) })
		picks = slices.Insert(picks, at, pick{h, p})
		picks = picks[:min(len(picks), sketchSize)]
	}
	if len(picks) < fewFiles {
		return nil
	}
	out := make([]uint64, 0, len(picks))
	for _, p := range picks {
		sum := fnv.New64a()
		_, _ = io.WriteString(sum, p.path+"\x00")
		if f, err := fsys.Open(p.path); err == nil {
			_, _ = io.Copy(sum, io.LimitReader(f, sketchBytes)) // what cannot be read counts by its path
			_ = f.Close()
		}
		out = append(out, sum.Sum64())
	}
	slices.Sort(out)
	return out
}

func hashOf(s string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, s)
	// FNV's high bits follow the first bytes; a final mix makes the choice of files fair.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

// alike is the share of files that two sketches have in common.
func alike(a, b []uint64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			common, i, j = common+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return float64(common) / float64(max(len(a), len(b)))
}
