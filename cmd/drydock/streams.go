package main

import (
	"io"
	"os"

	"github.com/charmbracelet/x/term"
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
	size     func() (width, height int) // of the terminal at err; nil: nobody knows
}

func systemStreams() *streams {
	return &streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		inTTY: isTerminal(os.Stdin), outTTY: isTerminal(os.Stdout), errTTY: isTerminal(os.Stderr),
		environ: os.Getenv,
		workDir: os.Getwd,
		size:    func() (int, int) { return terminalSize(os.Stderr) },
	}
}

// terminalSize is a terminal's, or the smallest that everything is made for.
func terminalSize(f *os.File) (width, height int) {
	width, height, err := term.GetSize(f.Fd())
	if err != nil || width < 20 || height < 4 {
		return 80, 24
	}
	return width, height
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// interactive says whether a person can be asked: a terminal at both ends, and nothing that says otherwise.
func (s *streams) interactive() bool {
	return s.inTTY && s.errTTY && s.environ("CI") == "" && s.environ("TERM") != "dumb"
}
