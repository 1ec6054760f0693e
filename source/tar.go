package source

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/drydock-cli/drydock/progress"
)

// readGzip unpacks a .tar.gz into a spool and lists it. The closer releases the spool.
func (a *archive) readGzip() (closer func() error, err error) {
	packed := &counting{ctx: a.ctx, r: a.file, total: a.size, sink: a.opts.Progress}
	gz, err := gzip.NewReader(bufio.NewReaderSize(packed, 64<<10))
	if err != nil {
		return nil, err
	}
	s := &spool{dir: a.opts.CacheDir, memory: a.limits.MemoryBytes}
	if err := a.readTar(&bounded{r: gz, packed: packed, limits: a.limits}, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	// The archive is not needed any more.
	if err := a.file.Close(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s.Close, nil
}

// readTar lists a tar archive in one pass. Without a spool the contents stay where they are in the archive's file.
func (a *archive) readTar(r io.Reader, s *spool) error {
	l := &tarLister{archive: a, tar: tar.NewReader(r), spool: s, files: map[string]node{}, buffer: make([]byte, 64<<10)}
	for {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		h, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := a.count(); err != nil {
			return err
		}
		if err := l.entry(h); err != nil {
			return err
		}
	}
	if a.counted == 0 && s != nil {
		return errors.New("it is packed by gzip, but there is no tar archive in it")
	}
	if s == nil {
		return nil
	}
	// What follows the archive's end must still be read: gzip's checksum is at the very end.
	_, err := io.Copy(io.Discard, r)
	return err
}

// tarLister lists a tar archive.
type tarLister struct {
	*archive
	tar    *tar.Reader
	spool  *spool
	files  map[string]node // for hard links
	buffer []byte          // for copying: one for all files
}

func (l *tarLister) next() (h *tar.Header, err error) {
	guarded := guard("the archive", func() error {
		h, err = l.tar.Next()
		return nil
	})
	if guarded != nil {
		return nil, guarded
	}
	if errors.Is(err, tar.ErrInsecurePath) { // paths are checked by cleanPath
		err = nil
	}
	return h, err
}

func (l *tarLister) entry(h *tar.Header) error {
	switch h.Typeflag {
	case tar.TypeXGlobalHeader:
		return nil
	case tar.TypeDir:
		if _, problem := cleanPath(h.Name); problem != "" && problem != badNothing {
			l.leaveOut(h.Name, problem)
		}
		return nil
	}
	name, problem := cleanPath(h.Name)
	if problem != "" {
		l.leaveOut(h.Name, problem)
		return nil
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		return l.file(name, h)
	case tar.TypeSymlink:
		return l.keep(node{Entry: Entry{Path: name, Mode: fs.ModeSymlink | 0o777, Size: int64(len(h.Linkname))}, link: h.Linkname})
	case tar.TypeLink:
		return l.hardLink(name, h.Linkname)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		l.leaveOut(name, "it is a device, a pipe or a socket")
	default:
		l.leaveOut(name, "it is of a kind that is not supported")
	}
	return nil
}

func (l *tarLister) file(name string, h *tar.Header) error {
	if sparse(h) {
		l.leaveOut(name, "it is a sparse file")
		return nil
	}
	var at section
	if l.spool != nil {
		from := l.spool.written
		if _, err := io.CopyBuffer(l.spool, l.tar, l.buffer); err != nil {
			return err
		}
		at = section{l.spool, from, l.spool.written - from}
	} else {
		from, err := l.archive.file.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if h.Size > l.size-from {
			return io.ErrUnexpectedEOF
		}
		at = section{l.archive.file, from, h.Size}
	}
	return l.keep(node{Entry: Entry{Path: name, Mode: mode(h.FileInfo().Mode()), Size: at.n}, data: at})
}

func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

// hardLink gives a file that is already there a second name.
func (l *tarLister) hardLink(name, target string) error {
	clean, problem := cleanPath(target)
	file, ok := l.files[clean]
	if problem != "" || !ok {
		l.leaveOut(name, "a hard link to something that is not a file of the archive")
		return nil
	}
	file.Path = name
	return l.keep(file)
}

func (l *tarLister) keep(n node) error {
	l.files[n.Path] = n
	return l.add(n)
}

// section is a file's place in a tar archive or a spool.
type section struct {
	r    io.ReaderAt
	from int64
	n    int64
}

func (s section) size() (int64, error) { return s.n, nil }

func (s section) open() (io.ReadCloser, int64, error) {
	return io.NopCloser(io.NewSectionReader(s.r, s.from, s.n)), s.n, nil
}

// counting counts what is read of an archive's file, reports it, and ends with its context.
type counting struct {
	ctx   context.Context
	r     io.Reader
	read  int64
	total int64
	sink  progress.Sink
	last  time.Time
}

func (c *counting) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.read += int64(n)
	if now := time.Now(); now.Sub(c.last) >= eventEvery {
		c.last = now
		c.sink.Emit(progress.Event{Stage: progress.Fetch, Step: "open", Name: "unpack", State: progress.Running, Current: c.read, Total: c.total, Unit: "bytes"})
	}
	return n, err
}

// bounded enforces the limits on what comes out of gzip, headers included.
type bounded struct {
	r        io.Reader
	packed   *counting
	limits   Limits
	unpacked int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.unpacked += int64(n)
	if limitErr := b.limits.checkUnpacked(b.unpacked, b.packed.read); limitErr != nil {
		return 0, limitErr
	}
	return n, err
}
