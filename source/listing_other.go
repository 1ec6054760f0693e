//go:build !unix

package source

import (
	"os"
	"path/filepath"
)

// openListing opens a folder for its names and kinds alone.
func openListing(root *os.Root, dir string) (*os.File, error) {
	return root.Open(filepath.FromSlash(dir))
}
