package source

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// maxRatio is how much an archive may grow when unpacked: real sources stay below 20, bombs start at 100.
const maxRatio = 200

// openArchive reads an archive where it lies. Its kind is told by its first bytes, not by its name.
func openArchive(ctx context.Context, loc Location, opts Options) (*Tree, error) {
	f, err := os.Open(loc.Path)
	if err != nil {
		return nil, &Error{Kind: NoAccess, Op: "open", Location: loc.Raw, Err: err, Try: "a file that this user may read"}
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, &Error{Kind: NoAccess, Op: "open", Location: loc.Raw, Err: err}
	}
	head := make([]byte, 512)
	n, _ := f.ReadAt(head, 0)
	a := archive{loc: loc, keep: collector{limits: opts.Limits}, max: min(opts.Limits.Bytes, max(info.Size()*maxRatio, 64<<20))}
	var t *Tree
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		t, err = a.zip(f, info.Size())
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), len(head) > 262 && string(head[257:262]) == "ustar":
		t, err = a.tar(ctx, f, head[0] == 0x1f)
		f.Close()
	default:
		f.Close()
		return nil, &Error{Kind: Unsupported, Op: "open", Location: loc.Raw, Reason: "it is not an archive that can be read", Try: "a folder, a Git URL, or a .zip, .tar, .tar.gz, .war, .ear or .jar"}
	}
	if err != nil {
		f.Close()
		return nil, a.explain(ctx, err)
	}
	return t, nil
}

type archive struct {
	loc  Location
	keep collector
	max  int64 // bytes unpacked
}

func (a *archive) explain(ctx context.Context, err error) error {
	var limit *limitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &limit):
		return &Error{Kind: TooLarge, Op: "read", Location: a.loc.Raw, Err: err, Try: "an archive of the application's source alone"}
	}
	return &Error{Kind: Corrupt, Op: "read", Location: a.loc.Raw, Err: err, Try: "download or pack it again"}
}

type zipStore struct {
	files []*zip.File
	max   int64
}

func (s *zipStore) open(i int) (io.ReadCloser, error) {
	r, err := s.files[i].Open()
	if err != nil {
		return nil, err
	}
	// The size that the archive states is not to be believed.
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, min(s.max, int64(s.files[i].UncompressedSize64))), r}, nil
}

func (s *zipStore) size(i int) (int64, error) { return int64(s.files[i].UncompressedSize64), nil }

func (a *archive) zip(f *os.File, size int64) (*Tree, error) {
	r, err := zip.NewReader(f, size)
	if err != nil {
		return nil, err
	}
	st := &zipStore{max: a.max}
	var total int64
	for _, zf := range r.File {
		if strings.HasSuffix(zf.Name, "/") {
			continue
		}
		e := Entry{Path: strings.TrimPrefix(zf.Name, "./"), Mode: fileMode(zf.Mode()), Size: int64(zf.UncompressedSize64)}
		if t := zf.Mode().Type(); t != 0 && t != fs.ModeSymlink {
			a.keep.leaveOut(e.Path, "left out: not a regular file")
			continue
		}
		if e.Size < 0 || e.Size > a.max-total {
			return nil, &limitError{fmt.Errorf("it unpacks to more than %d MiB", a.max>>20)}
		}
		ok, err := a.keep.add(e)
		if err != nil {
			return nil, &limitError{err}
		}
		if ok {
			total += e.Size
			st.files = append(st.files, zf)
		}
	}
	t := a.tree(st, f.Close)
	return t, nil
}

func fileMode(m fs.FileMode) fs.FileMode {
	switch {
	case m&fs.ModeSymlink != 0:
		return fs.ModeSymlink | 0o777
	case m&0o111 != 0:
		return 0o755
	}
	return 0o644
}

// tree makes the tree of what was collected. The one folder at the top of a source archive is not part of the paths.
func (a *archive) tree(st store, closer func() error) *Tree {
	ext := strings.ToLower(path.Ext(a.loc.Path))
	if top, one := topFolder(a.keep.entries); one && ext != ".war" && ext != ".ear" && ext != ".jar" {
		for i := range a.keep.entries {
			a.keep.entries[i].Path = strings.TrimPrefix(a.keep.entries[i].Path, top+"/")
		}
		for i := range a.keep.warnings {
			a.keep.warnings[i].Path = strings.TrimPrefix(a.keep.warnings[i].Path, top+"/")
		}
	}
	t := NewTree(newIndexFS(st, a.keep.entries), a.keep.entries, closer)
	return a.keep.done(t)
}

func topFolder(entries []Entry) (string, bool) {
	top := ""
	for _, e := range entries {
		first, _, deep := strings.Cut(e.Path, "/")
		if !deep || (top != "" && first != top) {
			return "", false
		}
		top = first
	}
	return top, top != ""
}

// tarStore keeps the contents of a tar archive in one temporary file, already unlinked where the system allows.
type tarStore struct {
	spool *os.File
	at    []int64
	sizes []int64
}

func (s *tarStore) open(i int) (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(s.spool, s.at[i], s.sizes[i])), nil
}

func (s *tarStore) size(i int) (int64, error) { return s.sizes[i], nil }

// tar reads an archive in one pass.
func (a *archive) tar(ctx context.Context, f io.Reader, zipped bool) (_ *Tree, err error) {
	r := io.Reader(bufio.NewReaderSize(f, 1<<16))
	if zipped {
		gz, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		defer gz.Close()
		r = gz
	}
	spool, err := os.CreateTemp("", "drydock-archive-")
	if err != nil {
		return nil, err
	}
	remove := func() error { return errors.Join(spool.Close(), os.Remove(spool.Name())) }
	defer func() {
		if err != nil {
			_ = remove()
		}
	}()
	st := &tarStore{spool: spool}
	tr := tar.NewReader(&counted{r: r, left: a.max})
	var offset int64
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		n, err := a.tarEntry(st, tr, h, offset)
		if err != nil {
			return nil, err
		}
		offset += n
	}
	return a.tree(st, remove), nil
}

func (a *archive) tarEntry(st *tarStore, tr *tar.Reader, h *tar.Header, offset int64) (int64, error) {
	e := Entry{Path: strings.TrimPrefix(path.Clean("/"+h.Name), "/"), Mode: fileMode(fs.FileMode(h.Mode)), Size: h.Size}
	content := io.Reader(tr)
	switch h.Typeflag {
	case tar.TypeDir, tar.TypeXGlobalHeader:
		return 0, nil
	case tar.TypeReg, tar.TypeGNUSparse:
	case tar.TypeSymlink:
		e.Mode, content = fs.ModeSymlink|0o777, strings.NewReader(h.Linkname)
	default:
		a.keep.leaveOut(h.Name, "left out: not a regular file")
		return 0, nil
	}
	if strings.Contains(h.Name, "..") && path.Clean("/"+h.Name) != "/"+strings.TrimPrefix(h.Name, "./") || strings.HasPrefix(h.Name, "/") {
		a.keep.leaveOut(h.Name, "left out: its path is not a clean relative path")
		return 0, nil
	}
	ok, err := a.keep.add(e)
	if err != nil {
		return 0, &limitError{err}
	}
	if !ok {
		return 0, nil
	}
	n, err := io.Copy(st.spool, content)
	if err != nil {
		return n, err
	}
	a.keep.entries[len(a.keep.entries)-1].Size = n
	st.at, st.sizes = append(st.at, offset), append(st.sizes, n)
	return n, nil
}

// counted fails when more is read than may be.
type counted struct {
	r    io.Reader
	left int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return n, &limitError{errors.New("it unpacks to more than is allowed for its size")}
	}
	return n, err
}
