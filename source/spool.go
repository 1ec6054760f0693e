package source

import (
	"errors"
	"io"
	"os"
)

// spool keeps bytes in memory up to a bound, and from there on in one temporary file. It is written once, then read
// by any number of goroutines.
type spool struct {
	dir     string // for the file; empty: the system's temporary folder
	memory  int64  // bytes kept in memory
	head    []byte
	tail    *os.File
	name    string // of the file where it has to be removed on Close
	written int64
}

func (s *spool) Write(p []byte) (int, error) {
	inMemory := min(int64(len(p)), s.memory-int64(len(s.head)))
	if s.tail == nil && inMemory > 0 {
		s.head = append(s.head, p[:inMemory]...)
		s.written += inMemory
	} else {
		inMemory = 0
	}
	if int64(len(p)) == inMemory {
		return len(p), nil
	}
	if s.tail == nil {
		if err := s.create(); err != nil {
			return int(inMemory), err
		}
	}
	n, err := s.tail.Write(p[inMemory:])
	s.written += int64(n)
	return int(inMemory) + n, err
}

// create makes the file. Where the system allows it the name is taken away at once, so that nothing is left however the
// program ends.
func (s *spool) create() error {
	if s.dir != "" {
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			return err
		}
	}
	f, err := os.CreateTemp(s.dir, "drydock-archive-")
	if err != nil {
		return err
	}
	s.tail = f
	if os.Remove(f.Name()) != nil {
		s.name = f.Name()
	}
	return nil
}

// ReadAt reads what was written.
func (s *spool) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errors.New("negative offset")
	}
	n := 0
	if at < int64(len(s.head)) {
		n = copy(p, s.head[at:])
		if n == len(p) {
			return n, nil
		}
	}
	if s.tail == nil {
		return n, io.EOF
	}
	m, err := s.tail.ReadAt(p[n:], at+int64(n)-int64(len(s.head)))
	return n + m, err
}

// Close removes the file.
func (s *spool) Close() error {
	s.head = nil
	if s.tail == nil {
		return nil
	}
	err := s.tail.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	s.tail = nil
	return err
}
