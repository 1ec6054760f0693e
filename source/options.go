package source

import (
	"context"
	"time"

	"github.com/drydock-cli/drydock/progress"
)

// Options are what Open needs beside the location. The zero value is ready to use.
type Options struct {
	// Progress receives events of stage progress.Fetch. May be nil.
	Progress progress.Sink
	// CacheDir is where temporary clones and unpacked archives are put; it is made when it does not exist. What
	// is put there is removed by Tree.Close. Empty: the system's temporary folder.
	CacheDir string
	// CACert is a file of PEM certificates to trust beside the system's when fetching over HTTPS.
	CACert string
	// Credentials is asked for the user and password of a web URL (shown without credentials) after everything
	// else was tried. Empty answers count as none. It must return when ctx ends.
	Credentials func(ctx context.Context, url string) (user, password string, err error)
	// Limits bound what is read.
	Limits

	stall time.Duration // how long a server may say nothing; zero: stallTimeout
}

// stallTimeout is how long a server may say nothing at all. It is long because a server that packs a large
// repository may be silent for a while.
const stallTimeout = 2 * time.Minute

// Limits bound what a source may make us read. A field that is zero takes its default.
type Limits struct {
	MaxFiles int   // files, links and folders listed; default 1,000,000
	MaxBytes int64 // received from a server, or unpacked from an archive; default 4 GiB
	MaxRatio int64 // unpacked bytes for each byte of an archive, once 64 MiB are passed; default 300
	MaxPath  int   // bytes of a path; default 4096, as the Linux kernel's PATH_MAX
	// MemoryBytes of an unpacked .tar.gz are kept in memory, the rest in a
	// temporary file; default 32 MiB.
	MemoryBytes int64
}

// ratioFrom is the unpacked size below which MaxRatio does not matter: a small
// archive of zeros hurts nobody.
const ratioFrom = 64 << 20

func (l Limits) withDefaults() Limits {
	if l.MaxFiles <= 0 {
		l.MaxFiles = 1_000_000
	}
	if l.MaxBytes <= 0 {
		l.MaxBytes = 4 << 30
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = 300
	}
	if l.MaxPath <= 0 {
		l.MaxPath = 4096
	}
	if l.MemoryBytes <= 0 {
		l.MemoryBytes = 32 << 20
	}
	return l
}

// checkUnpacked enforces MaxBytes and MaxRatio on what came out of an archive so far.
func (l Limits) checkUnpacked(unpacked, packed int64) error {
	if unpacked > l.MaxBytes {
		return limit("MaxBytes", l.MaxBytes, "it unpacks to more bytes than are allowed")
	}
	if unpacked > ratioFrom && unpacked/max(packed, 1) > l.MaxRatio {
		return limit("MaxRatio", l.MaxRatio, "it unpacks to more bytes for each of its own than any honest archive")
	}
	return nil
}
