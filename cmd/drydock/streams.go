package main

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// streams are where a command reads and writes, so that tests can stand in for a terminal.
type streams struct {
	in       io.Reader
	out, err io.Writer
	inTTY    bool // stdin is a terminal
	outTTY   bool
	errTTY   bool
	environ  func(string) string
	workDir  func() (string, error)
}

func systemStreams() *streams {
	return &streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		inTTY: isTerminal(os.Stdin), outTTY: isTerminal(os.Stdout), errTTY: isTerminal(os.Stderr),
		environ: os.Getenv,
		workDir: os.Getwd,
	}
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// interactive says whether a person can be asked: a terminal at both ends, and nothing that says otherwise.
func (s *streams) interactive() bool {
	return s.inTTY && s.errTTY && s.environ("CI") == "" && s.environ("TERM") != "dumb"
}
