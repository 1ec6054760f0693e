//go:build !unix

package flow

// isNotDir reports that a part of a path is a file; elsewhere than on Unix such a path is fs.ErrNotExist already.
func isNotDir(error) bool { return false }
