//go:build unix

package source

import "syscall"

// nonBlocking makes opening a pipe that took a file's place return at once.
const nonBlocking = syscall.O_NONBLOCK
