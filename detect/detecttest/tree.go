package detecttest

import (
	"testing/fstest"

	"github.com/drydock-cli/drydock/source"
)

// Tree makes a tree of files given as path and content.
func Tree(files map[string]string) *source.Tree {
	m := fstest.MapFS{}
	entries := make([]source.Entry, 0, len(files))
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		entries = append(entries, source.Entry{Path: name, Mode: 0o644, Size: int64(len(text))})
	}
	return source.NewTree(m, entries, nil)
}
