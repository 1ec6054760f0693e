package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/tui"
)

// boardFits says whether assess shows its board: on a terminal at which somebody sits, unless lines or a document were asked for.
func (a *app) boardFits() bool {
	v := a.flags
	return a.interactive() && a.outTTY && v.progress == "auto" && !a.plainOnly() && !v.json && !v.quiet && !v.verbose && !v.noInput
}

// assessOnBoard assesses while the board shows it, and prints at the end what it came to, or how to go on.
func (a *app) assessOnBoard(ctx context.Context, v *assessFlags, opts flow.AssessOptions) error {
	var unreadable error // that some repositories have no row but an error
	var wizards []tui.Result
	result, err := tui.RunBoard(ctx, tui.BoardOptions{
		Sources: opts.Sources,
		Run: func(ctx context.Context, watch tui.BoardWatch) (summary []string, err error) {
			opts.OnRow = watch.Row
			run, err := flow.Assess(ctx, opts, watch.Sink)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, run.Close()) }()
			unreadable = run.Err()
			return a.summary(v, run)
		},
		Open: func(ctx context.Context, location string) (tui.Result, error) {
			r, err := a.openFromBoard(ctx, location)
			wizards = append(wizards, r)
			return r, err
		},
		In: a.in, Out: a.out, NoColor: a.colourless(),
		NoAltScreen: a.flags.noAltScreen || !hasAltScreen(a.environ("TERM")), Mouse: a.flags.mouse,
	})
	for _, r := range wizards {
		sayAgain(a.err, r)
	}
	if n := len(wizards); n > 0 && wizards[n-1].Kept {
		fmt.Fprintf(a.err, "Your answers for %s are kept. To go on with them: drydock --resume\n", neutral(wizards[n-1].Location))
	}
	for _, line := range result.Summary {
		fmt.Fprintln(a.out, line)
	}
	switch {
	case err != nil:
		return err
	case result.Interrupted && len(result.Summary) == 0:
		fmt.Fprintf(a.err, "drydock: stopped; %d of %d repositories are done and kept. To go on: %s\n", result.Done, result.All, continuation(os.Args))
		return &alreadyShown{context.Canceled}
	}
	return unreadable
}

// summary writes the reports and says what the run came to and where they are.
func (a *app) summary(v *assessFlags, run *flow.AssessRun) ([]string, error) {
	comparison, err := a.writeReports(v, run)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := flow.PrintSummary(&out, run, comparison); err != nil {
		return nil, err
	}
	if err := printUnreadable(&out, run); err != nil {
		return nil, err
	}
	where := "reports: none were asked for; -o DIR writes them"
	if a.flags.output != "" {
		where = "reports: " + filepath.Join(a.flags.output, flow.ReportFiles[0]) + " (and " + strings.Join(flow.ReportFiles[1:], ", ") + ")"
	}
	return append(strings.Split(strings.TrimRight(out.String(), "\n"), "\n"), where), nil
}

// printUnreadable lists the repositories that could not be assessed, which leave with the board.
func printUnreadable(w io.Writer, run *flow.AssessRun) error {
	const most = 20
	n := 0
	err := run.Each(func(row *assess.Repository) error {
		if row.Verdict != assess.Failed {
			return nil
		}
		if n++; n <= most {
			fmt.Fprintf(w, "  ✗ %s: %s\n", neutral(row.Name), detect.Printable(row.Error, 160))
		}
		return nil
	})
	if n > most {
		fmt.Fprintf(w, "  ✗ and %d more\n", n-most)
	}
	return err
}

// openFromBoard shows the wizard on one of the board's sources. Where it writes is its own affair: -o is the reports' folder.
func (a *app) openFromBoard(ctx context.Context, location string) (tui.Result, error) {
	opts := a.wizardOptions(location)
	o := a.options()
	o.Approve, o.Output, o.Timeout, o.Credentials = nil, "", 0, opts.Credentials.Ask
	job := flow.Keep(flow.NewJob(o), nil)
	defer job.Close()
	opts.Driver, opts.Keeper = job, job
	result, err := tui.Run(ctx, opts)
	job.End(result.Kept)
	return result, err
}

// continuation is the command line that goes on with what was interrupted.
func continuation(args []string) string {
	words := slices.Clone(args)
	words[0] = filepath.Base(words[0])
	if !slices.Contains(words, "--resume") {
		words = append(words, "--resume")
	}
	return plan.ShellWords(words)
}
