package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/source"
	"github.com/drydock-cli/drydock/verify"
)

// The exit codes that scripts rely on.
const (
	exitOK          = 0
	exitUnexpected  = 1
	exitUsage       = 2
	exitSource      = 3
	exitNoStack     = 4
	exitConflict    = 5
	exitEngine      = 6
	exitBuild       = 7
	exitUnhealthy   = 8
	exitPartly      = 9
	exitInterrupted = 130
)

// exitCode finds the code of an error by its kind, never by its text.
func exitCode(err error) int {
	var (
		usage     *flow.UsageError
		open      *ask.Unanswered
		src       *source.Error
		noStack   *flow.NoStackError
		conflict  *generate.ConflictError
		engine    *verify.EngineError
		build     *verify.BuildError
		baseImage *verify.BaseImageError
		unhealthy *verify.UnhealthyError
		plans     *plan.Error
		templates *generate.UnsupportedError
		partly    *flow.PartlyError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &open), errors.As(err, &plans):
		return exitUsage
	case errors.As(err, &src):
		return exitSource
	case errors.As(err, &noStack), errors.As(err, &templates): // recognised, and yet nothing here can make an image of it
		return exitNoStack
	case errors.As(err, &conflict):
		return exitConflict
	case errors.As(err, &engine):
		return exitEngine
	case errors.As(err, &baseImage), errors.As(err, &build):
		return exitBuild
	case errors.As(err, &unhealthy):
		return exitUnhealthy
	case errors.As(err, &partly):
		return exitPartly
	}
	return exitUnexpected
}

// printError writes one message: what failed, where, why, and the next thing to try.
func printError(w io.Writer, err error) {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(w, "drydock: interrupted; everything that was started has been removed. Run the same command again to start over.")
		return
	}
	fmt.Fprintln(w, "drydock: "+neutral(err.Error()))
}

// neutral keeps an error's own line ends and tabs and replaces every other control character:
// part of it may come from a repository or a server.
func neutral(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r < 0x20 || (r >= 0x7f && r < 0xa0) || r == 0x202e {
			return '·'
		}
		return r
	}, strings.TrimRight(s, "\n"))
}
