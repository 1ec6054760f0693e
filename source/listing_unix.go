//go:build unix

package source

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// openListing opens a folder for its names and kinds alone. A folder opened through os.Root describes every entry while it
// lists it (the names could lead elsewhere later), which takes longer than all the rest of a listing; a
// second handle of the same folder does not.
func openListing(root *os.Root, dir string) (*os.File, error) {
	f, err := root.Open(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	handle, dupErr := -1, error(nil)
	if err := conn.Control(func(fd uintptr) { handle, dupErr = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return nil, err
	}
	if dupErr != nil {
		return nil, &os.PathError{Op: "open", Path: dir, Err: dupErr}
	}
	return os.NewFile(uintptr(handle), dir), nil
}
