package detecttest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"sort"
	"sync"
	"time"
)

// content is what a file of a recorder holds.
type content struct {
	data []byte
	pad  int64 // so many more bytes follow, made as they are read
	fail bool  // reading ends in an error half-way
}

// recorder is a file system in memory that counts what is opened and read.
type recorder struct {
	files map[string]content

	mu     sync.Mutex
	opened map[string]int
	read   map[string]int64
}

// Open counts.
func (r *recorder) Open(name string) (fs.File, error) {
	c, ok := r.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	r.mu.Lock()
	r.opened[name]++
	r.mu.Unlock()
	var body io.Reader = bytes.NewReader(c.data)
	if c.pad > 0 {
		body = io.MultiReader(body, io.LimitReader(padding{}, c.pad))
	}
	if c.fail {
		body = io.MultiReader(bytes.NewReader(c.data[:len(c.data)/2]), broken{})
	}
	return &file{name: name, size: int64(len(c.data)) + c.pad, body: body, rec: r}, nil
}

// names are the files that were opened, sorted.
func (r *recorder) names() []string {
	out := make([]string, 0, len(r.opened))
	for n := range r.opened {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

type file struct {
	name string
	size int64
	body io.Reader
	rec  *recorder
}

func (f *file) Read(p []byte) (int, error) {
	n, err := f.body.Read(p)
	f.rec.mu.Lock()
	f.rec.read[f.name] += int64(n)
	f.rec.mu.Unlock()
	return n, err
}

func (f *file) Close() error               { return nil }
func (f *file) Stat() (fs.FileInfo, error) { return f, nil }
func (f *file) Name() string               { return f.name }
func (f *file) Size() int64                { return f.size }
func (f *file) Mode() fs.FileMode          { return 0o644 }
func (f *file) ModTime() time.Time         { return time.Time{} }
func (f *file) IsDir() bool                { return false }
func (f *file) Sys() any                   { return nil }

// padding is text without end.
type padding struct{}

func (padding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}

// broken is a disk that fails.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("input/output error") }
