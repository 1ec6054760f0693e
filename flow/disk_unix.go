//go:build unix

package flow

import (
	"errors"
	"os"
	"syscall"
)

// isNotDir reports that a part of a path is a file: then the path itself does not exist.
func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

// alone waits until no other drydock writes to the directory, and holds that until the function that it returns is called. A file
// system without locks has none: then it returns at once.
func alone(root *os.Root) func() {
	dir, err := root.Open(".")
	if err != nil {
		return func() {}
	}
	for err = syscall.EINTR; err == syscall.EINTR; { //nolint:errorlint // Flock returns the number itself
		err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX)
	}
	return func() { _ = dir.Close() }
}
