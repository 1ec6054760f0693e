package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// Kind says, for programs, why a source could not be read.
type Kind string

// The reasons why a source cannot be read.
const (
	NotFound    Kind = "not-found"   // no such file, directory, repository or folder in it
	Unreachable Kind = "unreachable" // the server does not answer, or stopped answering
	NoAccess    Kind = "no-access"   // credentials are missing or refused; a host key is not known
	BadRef      Kind = "bad-ref"     // no such branch, tag or commit
	Empty       Kind = "empty"       // there is no file in it
	Corrupt     Kind = "corrupt"     // broken or cut off
	TooLarge    Kind = "too-large"   // a limit of Options is passed
	Unsupported Kind = "unsupported" // not something that can be opened
)

// Error is the only error type of Open but for a context's own error. It
// never contains credentials.
type Error struct {
	Kind     Kind
	Location string // as in Tree.Location
	Op       string // what was attempted: "clone", "open", "unpack"
	Err      error  // why
	Try      string // the next thing to try; may be empty
}

func (e *Error) Error() string {
	s := strings.TrimSpace(e.Op + " " + e.Location)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Try != "" {
		s += "\n  try: " + e.Try
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// fail makes an Error whose cause is formatted as by fmt.Errorf.
func fail(kind Kind, loc Location, op, try, format string, args ...any) error {
	return &Error{Kind: kind, Location: loc.String(), Op: op, Err: fmt.Errorf(format, args...), Try: try}
}

// settle turns whatever went wrong while a source was opened into an *Error, but leaves a context's error
// alone: an interruption is not the source's fault.
func settle(ctx context.Context, loc Location, op string, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("%s %s: %w", op, loc, cause)
	}
	var known *Error
	if errors.As(err, &known) {
		if known.Location == "" {
			known.Location = loc.String()
		}
		if known.Op == "" {
			known.Op = op
		}
		return known
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail(NotFound, loc, op, "check the path", "%w", bare(err))
	case errors.Is(err, fs.ErrPermission):
		return fail(NoAccess, loc, op, "check who may read it", "%w", bare(err))
	case errors.Is(err, syscall.ENOTDIR):
		return fail(NotFound, loc, op, "check the path", "%w", bare(err))
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return fmt.Errorf("%s %s: %w", op, loc, err) // the machine's trouble (disk full, too many files), not the source's
	}
	return fail(Corrupt, loc, op, "", "%w", err)
}

// limit is a breach of a limit of Options; settle says where.
func limit(name string, value int64, what string) error {
	try := "open only the folder of the application with SOURCE#:FOLDER, or leave what is generated out of the source"
	if flag := limitFlags[name]; flag != "" {
		try += "; " + flag + " raises the limit"
	}
	return &Error{Kind: TooLarge, Err: fmt.Errorf("%s (limit %s = %d)", what, name, value), Try: try}
}

// limitFlags are the flags by which a person sets a limit of Options.
var limitFlags = map[string]string{"MaxFiles": "--max-files", "MaxBytes": "--max-size", "MaxRatio": "--max-ratio"}

// bare drops the path of an operating system's error: the message names the place already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// guard runs a parser of foreign bytes that is not ours and turns its panic into an error.
func guard(what string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s is malformed: %v", what, r)
		}
	}()
	return f()
}
