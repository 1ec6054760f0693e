//go:build unix

package flow

import (
	"errors"
	"syscall"
)

// isNotDir reports that a part of a path is a file: then the path itself does not exist.
func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }
