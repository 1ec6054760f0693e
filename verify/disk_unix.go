//go:build unix

package verify

import "golang.org/x/sys/unix"

// freeSpace is the room that is left where a directory lies, in bytes.
func freeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil //nolint:unconvert // the fields' types differ by system
}
