package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// form is a kind of archive.
type form int

const (
	noArchive form = iota
	zipForm
	tarForm
	gzipForm
)

// openArchive reads an archive without unpacking it to files.
func openArchive(ctx context.Context, loc Location, opts Options) (_ *Tree, err error) {
	f, err := openRegularPath(loc.Path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	kind, err := sniff(f)
	if err != nil {
		return nil, err
	}
	a := &archive{builder: builder{limits: opts.Limits}, ctx: ctx, file: f, size: info.Size(), opts: opts}
	closer := f.Close
	switch kind {
	case zipForm:
		err = a.readZip()
	case tarForm:
		err = a.readTar(f, nil)
	case gzipForm:
		closer, err = a.readGzip()
	default:
		return nil, notAnArchive(loc, info.Size())
	}
	if err != nil {
		return nil, a.broken(err)
	}
	t, err := a.finish(loc, closer)
	if err != nil && kind == gzipForm {
		_ = closer()
	}
	return t, err
}

// archive is an archive that is being listed.
type archive struct {
	builder
	ctx  context.Context
	file *os.File
	size int64 // bytes of the file
	opts Options
}

// sniff tells an archive by its first bytes.
func sniff(f io.ReaderAt) (form, error) {
	head := make([]byte, 512)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return noArchive, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipForm, nil
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipForm, nil
	case n == 512 && tarChecksum(head):
		return tarForm, nil
	}
	return noArchive, nil
}

// tarChecksum checks the sum that the first block of every tar archive has, old ones without a magic word included.
func tarChecksum(block []byte) bool {
	var want, sum int64
	digits := strings.Trim(string(block[148:156]), " \x00")
	if digits == "" {
		return false
	}
	for _, d := range digits {
		if d < '0' || d > '7' {
			return false
		}
		want = want<<3 | int64(d-'0')
	}
	for i, b := range block {
		if i >= 148 && i < 156 {
			b = ' '
		}
		sum += int64(b)
	}
	return sum == want
}

// archiveNames are the extensions by which an archive is expected.
var archiveNames = []string{".zip", ".tar", ".tar.gz", ".tgz", ".war", ".ear", ".jar"}

func notAnArchive(loc Location, size int64) error {
	name := strings.ToLower(loc.Path)
	for _, ext := range archiveNames {
		if strings.HasSuffix(name, ext) {
			why := "its beginning is not that of a " + ext + " archive"
			if size == 0 {
				why = "the file is empty"
			}
			return fail(Corrupt, loc, "open", "download or pack it again", "%s", why)
		}
	}
	return fail(Unsupported, loc, "open", "a directory, a Git URL, or one of "+strings.Join(archiveNames, ", "), "it is a file, but no archive that can be read")
}

// broken makes what an unpacker says the archive's fault.
func (a *archive) broken(err error) error {
	var known *Error
	if a.ctx.Err() != nil || errors.As(err, &known) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("it is cut off")
	}
	return &Error{Kind: Corrupt, Err: err, Try: "download or pack it again"}
}

// finish makes the tree. The one folder at the top of a source archive is taken away; what a
// Java server is given has its paths where they belong.
func (a *archive) finish(loc Location, closer func() error) (*Tree, error) {
	switch strings.ToLower(filepath.Ext(loc.Path)) {
	case ".war", ".ear", ".jar":
	default:
		a.stripTop()
	}
	if err := a.keepOnly(loc.Subdir); err != nil {
		return nil, err
	}
	t, err := a.tree(a.ctx, closer)
	if err != nil {
		return nil, err
	}
	warnOfLFS(t)
	return t, nil
}
