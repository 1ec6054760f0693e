//go:build !unix

package source

// nonBlocking is for pipes in directories, which these systems do not have.
const nonBlocking = 0
