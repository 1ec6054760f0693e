//go:build !unix

package flow

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// replaceFile puts data in place of a file in one step, see replaceWith.
func replaceFile(name string, data []byte, mode os.FileMode) error {
	return replaceWith(name, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// replaceWith replaces a file when all of it has been written. The library that does so elsewhere does not build here, because
// Windows promises no atomic rename; what os.Rename does there, MoveFileEx with MOVEFILE_REPLACE_EXISTING, is the nearest to it.
func replaceWith(name string, mode os.FileMode, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	buffered := bufio.NewWriterSize(f, 1<<16)
	if err := errors.Join(write(buffered), buffered.Flush(), f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
