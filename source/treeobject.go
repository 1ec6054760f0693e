package source

import (
	"bytes"
	"errors"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// treeEntry is one entry of a folder's object: "MODE NAME", a zero byte and twenty bytes of hash.
type treeEntry struct {
	mode filemode.FileMode // Regular, Executable, Symlink, Dir; anything else is a Submodule, as Git takes it
	name []byte            // part of the object: copy it to keep it
	hash plumbing.Hash
}

var errMalformedTree = errors.New("the list of a folder is malformed")

// next reads the first entry of data and returns what follows it.
func (e *treeEntry) next(data []byte) (rest []byte, err error) {
	mode, n := filemode.FileMode(0), 0
	for ; n < len(data) && data[n] >= '0' && data[n] <= '7' && n < 11; n++ {
		mode = mode<<3 | filemode.FileMode(data[n]-'0')
	}
	if n == 0 || n == len(data) || data[n] != ' ' {
		return nil, errMalformedTree
	}
	data = data[n+1:]
	end := bytes.IndexByte(data, 0)
	if end <= 0 || len(data) < end+1+len(e.hash) {
		return nil, errMalformedTree
	}
	e.mode, e.name = canonical(mode), data[:end]
	copy(e.hash[:], data[end+1:])
	return data[end+1+len(e.hash):], nil
}

// canonical is a mode as Git reads it: the kind of the entry, and whether a file can be run.
func canonical(mode filemode.FileMode) filemode.FileMode {
	switch mode & 0o170000 {
	case 0o040000:
		return filemode.Dir
	case 0o100000:
		if mode&0o111 != 0 {
			return filemode.Executable
		}
		return filemode.Regular
	case 0o120000:
		return filemode.Symlink
	}
	return filemode.Submodule
}
