//go:build !unix

package flow

import "os"

// isNotDir reports that a part of a path is a file; elsewhere than on Unix such a path is fs.ErrNotExist already.
func isNotDir(error) bool { return false }

// alone does not lock where directories cannot be.
func alone(*os.Root) func() { return func() {} }
