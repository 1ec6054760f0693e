//go:build unix

package flow

import (
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/google/renameio/v2"
)

// replaceFile puts data in place of a file in one step: whoever reads it sees the old bytes or the new.
func replaceFile(name string, data []byte, mode os.FileMode) error {
	return renameio.WriteFile(name, data, mode)
}

// replaceWith replaces a file when all of it has been written.
func replaceWith(name string, mode os.FileMode, write func(io.Writer) error) (err error) {
	f, err := renameio.NewPendingFile(name, renameio.WithPermissions(mode))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	buffered := bufio.NewWriterSize(f, 1<<16)
	if err := errors.Join(write(buffered), buffered.Flush()); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
