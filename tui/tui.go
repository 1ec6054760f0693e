// Package tui is the wizard: the whole job on a terminal, step by step, with
// the evidence of every finding and the reason of every line in reach. A screen
// is a view of a plan and of events; it holds no rule of its own.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/flow"
)

// Options are what a wizard starts from.
type Options struct {
	Driver flow.Driver
	Source string        // opened at once when it is set
	Recent []flow.Recent // offered on the first screen
	// In and Out are the terminal; nil: standard input and output. Without a
	// terminal Run fails: whoever calls decides before whether there is one.
	In  io.Reader
	Out io.Writer
	// NoColor draws without any escape sequence for colour or weight.
	NoColor bool
	// Keeper writes down where the wizard is, so that it can be resumed; nil: it cannot.
	Keeper Keeper
	// Interrupted are offered on the first screen; Resume is gone on with at once.
	Interrupted []flow.Session
	Resume      *flow.Session
	// Credentials asks the person for the user and password of a Git server; nil: nobody is asked.
	Credentials *Credentials
	// NoAltScreen draws below what the terminal shows, for terminals without a second screen. Mouse takes the wheel.
	NoAltScreen bool
	Mouse       bool
	// NoVerify ends the job after writing: nothing is built or started.
	NoVerify bool
}

// Result is what a wizard left behind.
type Result struct {
	// Interrupted says that Ctrl-C or a signal ended it: exit code 130.
	Interrupted bool
	Location    string           // the source as it was named; empty: none was opened
	Written     []flow.FileState // what was written, nil if nothing was
	OutputDir   string           // where it was written
	Verdict     *flow.Verdict    // of the last verification that came to one
	// Err is the error of the last stage that failed, unless a later try of it succeeded.
	Err     error
	Command []string // the command line that does the same without questions
	Kept    bool     // it was left before its end and can be resumed
}

// Keeper remembers a wizard's way, so that it can be gone on with after whatever ends it.
type Keeper interface {
	// At is told which step is up.
	At(step string)
	// Resume makes the driver's next Open of the session's source take up what was decided.
	Resume(s flow.Session)
	// Refused are the decisions that the source no longer takes, after such an Open.
	Refused() []string
}

// Run shows the wizard until the person leaves it. When ctx ends, or SIGINT,
// SIGTERM or SIGHUP arrives, what runs is cancelled and cleans up, and the
// result says Interrupted. The error is about the terminal; failures of the job
// are in the result. When Run returns, no call of the driver is under way,
// unless the person pressed Ctrl-C twice.
func Run(ctx context.Context, opts Options) (Result, error) {
	if opts.In == nil {
		opts.In = os.Stdin
	}
	if opts.Out == nil {
		opts.Out = os.Stdout
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := newWizard(ctx, opts, terminalCommon(opts))
	program := tea.NewProgram(w, programOptions(opts)...)
	stop := forwardInterrupts(ctx, program)
	_, err := program.Run()
	stop()
	if w.hard {
		return w.result(), nil
	}
	w.jobs.close()
	result := w.result()
	if err != nil {
		result.Interrupted = true
		if errors.Is(err, tea.ErrProgramPanic) {
			return result, fmt.Errorf("draw the wizard: %w", err)
		}
		return result, fmt.Errorf("use the terminal: %w", err)
	}
	return result, nil
}

func programOptions(opts Options) []tea.ProgramOption {
	o := []tea.ProgramOption{
		tea.WithInput(opts.In), tea.WithOutput(opts.Out), tea.WithFPS(framesPerSecond),
		// The library's own handler ends Run on SIGTERM as if all were done.
		tea.WithoutSignalHandler(),
	}
	if !opts.NoAltScreen {
		o = append(o, tea.WithAltScreen())
	}
	if opts.Mouse {
		o = append(o, tea.WithMouseCellMotion())
	}
	return o
}

// forwardInterrupts tells the program of signals and of the end of ctx, until
// the function it returns is called.
func forwardInterrupts(ctx context.Context, program *tea.Program) (stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		cancelled := ctx.Done()
		for {
			select {
			case <-signals:
			case <-cancelled:
				cancelled = nil // it stays closed: once is enough
			case <-done:
				return
			}
			program.Send(interruptMsg{})
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}

// interruptMsg asks the wizard to stop what runs and to leave.
type interruptMsg struct{}

// framesPerSecond bounds how often the screen is drawn, also over a slow link.
const framesPerSecond = 30

// frameInterval is the time between two looks at the events that have arrived.
const frameInterval = time.Second / framesPerSecond
