package generate

import (
	"bytes"
	"path"
)

// Header is the first line, behind the comment's mark, of a file that stands where platforms look for their own: it tells a file of
// drydock's from one of the source's.
const Header = "Made by drydock from what the repository says. Edits are kept when it is made again."

// Place is where a file goes that a platform looks for in the repository's root: there, unless the source has one of its own, which
// nothing overwrites; then into dir ("deploy/jenkins"), and the guide says how the platform is told, or what a person takes over from it. ReadFile reads a
// file of the source; nil: the source has none.
func Place(readFile func(string) ([]byte, error), name, dir string) (place string, own bool) {
	if readFile == nil {
		return name, false
	}
	content, err := readFile(name)
	if err != nil {
		return name, false
	}
	first, _, _ := bytes.Cut(content, []byte("\n"))
	if bytes.Contains(first, []byte(Header)) {
		return name, false
	}
	if _, err := readFile(path.Join(generatedDir, name)); err == nil {
		return name, false // it was made here before: what became of it since is merged
	}
	return path.Join(dir, path.Base(name)), true
}
