package source

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
	"unicode/utf8"
)

// readZip lists a .zip, .war, .ear or .jar. Its files are unpacked when they are opened.
func (a *archive) readZip() error {
	var r *zip.Reader
	err := guard("the archive's directory", func() (err error) {
		r, err = zip.NewReader(a.file, a.size)
		return err
	})
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // paths are checked one by one below
		return err
	}
	var unpacked int64
	for _, f := range r.File {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		if err := a.count(); err != nil {
			return err
		}
		if strings.HasPrefix(f.Name, "__MACOSX/") {
			continue // what the Finder adds to every archive
		}
		if f.UncompressedSize64 > math.MaxInt64-uint64(unpacked) {
			return limit("MaxBytes", a.limits.MaxBytes, "it unpacks to more bytes than are allowed")
		}
		unpacked += int64(f.UncompressedSize64)
		if err := a.limits.checkUnpacked(unpacked, a.size); err != nil {
			return err
		}
		if err := a.zipEntry(f); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) zipEntry(f *zip.File) error {
	name, problem := cleanPath(f.Name)
	folder := strings.HasSuffix(f.Name, "/")
	m := f.Mode()
	switch {
	case problem != "" && !(folder && problem == badNothing):
		a.leaveOut(f.Name, problem)
		return nil
	case folder || m.IsDir():
		return nil
	case !utf8.ValidString(f.Name):
		a.leaveOut(f.Name, badUTF8)
		return nil
	case f.Flags&1 != 0:
		a.leaveOut(name, "it is encrypted")
		return nil
	case f.Method != zip.Store && f.Method != zip.Deflate:
		a.leaveOut(name, fmt.Sprintf("it is packed by method %d, which is not supported", f.Method))
		return nil
	}
	file := zipFile{f}
	switch m.Type() {
	case 0:
		return a.add(node{Entry: Entry{Path: name, Mode: mode(m), Size: int64(f.UncompressedSize64)}, data: file})
	case fs.ModeSymlink:
		target, err := readLink(file, a.limits.MaxPath)
		if err != nil {
			a.leaveOut(name, "a link that cannot be read ("+err.Error()+")")
			return nil
		}
		return a.add(node{Entry: Entry{Path: name, Mode: fs.ModeSymlink | 0o777, Size: int64(len(target))}, link: target})
	}
	a.leaveOut(name, "it is a device, a pipe or a socket")
	return nil
}

// zipFile is a file of a zip archive.
type zipFile struct{ f *zip.File }

func (z zipFile) size() (int64, error) { return int64(z.f.UncompressedSize64), nil }

// open unpacks the file as it is read, but no more of it than the archive's directory says.
func (z zipFile) open() (io.ReadCloser, int64, error) {
	r, err := z.f.Open()
	if err != nil {
		return nil, 0, err
	}
	size := int64(z.f.UncompressedSize64)
	return struct {
		io.Reader
		io.Closer
	}{&exactly{r, size}, r}, size, nil
}

// exactly reads a known number of bytes. Then it lets the reader below come to
// its end, where that compares checksums; more bytes are an error.
type exactly struct {
	r    io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		n, err := e.r.Read(make([]byte, 1))
		if n > 0 {
			return 0, errors.New("it has more bytes than the archive says")
		}
		return 0, err
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
