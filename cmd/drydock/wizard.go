package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/tui"
)

// addWizardFlags adds what only the wizard knows.
func (a *app) addWizardFlags(f *pflag.FlagSet) {
	f.BoolVar(&a.flags.resume, "resume", false, "go on with the wizard that was interrupted last, or last on SOURCE")
	a.addScreenFlags(f)
}

// addScreenFlags adds what concerns screens that are drawn anew.
func (a *app) addScreenFlags(f *pflag.FlagSet) {
	f.BoolVar(&a.flags.noAltScreen, "no-alt-screen", false, "draw below what the terminal shows, and leave it there")
	f.BoolVar(&a.flags.mouse, "mouse", false, "let the mouse's wheel scroll (the terminal then needs Shift to select)")
}

// runWizard is what `drydock [SOURCE]` does: the wizard, where there is a terminal.
func (a *app) runWizard(c *cobra.Command, args []string) error {
	plain := a.plainOnly()
	if !a.inTTY || !a.errTTY || a.environ("CI") != "" || !a.outTTY && !plain {
		return &flow.UsageError{Err: errors.New("the wizard needs a terminal, and there is none here (or CI is set)\n  try: drydock containerize SOURCE --yes, or drydock --help")}
	}
	source := ""
	if len(args) == 1 {
		source = args[0]
	}
	var old *flow.Session
	if a.flags.resume {
		s, err := a.takeUp(c.Flags(), source)
		if err != nil {
			return err
		}
		old = &s
	}
	opts := a.wizardOptions(source)
	opts.Interrupted, opts.Resume = flow.Interrupted(), old
	o := a.options()
	o.Approve = nil // the wizard asks by itself
	show := tui.Run
	if plain {
		show = tui.RunPlain
		o.Credentials = tui.AskCredentials(a.in, a.err)
	} else {
		o.Credentials = opts.Credentials.Ask
	}
	job := flow.Keep(flow.NewJob(o), given(c.Flags()))
	defer job.Close()
	opts.Driver, opts.Keeper = job, job
	result, err := show(c.Context(), opts)
	job.End(result.Kept)
	if result.Kept {
		fmt.Fprintln(a.err, "Your answers are kept. To go on: drydock --resume")
	}
	if !plain {
		sayAgain(a.err, result)
	}
	return wizardError(result, err)
}

// sayAgain leaves on the person's own screen what went with the wizard's: where the files are, and the command that does the same again.
func sayAgain(w io.Writer, r tui.Result) {
	if r.Written == nil {
		return
	}
	fmt.Fprintf(w, "wrote  %d file(s) to %s\n", tui.Changed(r.Written), neutral(r.OutputDir))
	if r.Verdict != nil {
		fmt.Fprintf(w, "seen   %s\n", r.Verdict.Outcome)
	}
	fmt.Fprintf(w, "again  %s\n", neutral(strings.Join(r.Command, " ")))
}

// wizardOptions are the wizard's for a source on this terminal, but for who does the work.
func (a *app) wizardOptions(source string) tui.Options {
	return tui.Options{
		Source: source, Recent: flow.Recents(), Credentials: &tui.Credentials{},
		NoVerify: a.flags.noVerify, In: a.in, Out: a.out, NoColor: a.colourless(),
		NoAltScreen: a.flags.noAltScreen || !hasAltScreen(a.environ("TERM")), Mouse: a.flags.mouse,
	}
}

// plainOnly says that nothing is to be drawn anew.
func (a *app) plainOnly() bool {
	return a.flags.accessible || a.environ("ACCESSIBLE") == "1" || a.environ("TERM") == "dumb"
}

// colourless says that screens are drawn without colour.
func (a *app) colourless() bool {
	return a.flags.noColor || a.environ("NO_COLOR") != "" || a.environ("CLICOLOR") == "0"
}

func wizardError(result tui.Result, err error) error {
	switch {
	case err != nil:
		return err
	case result.Interrupted:
		return context.Canceled
	case result.Err != nil:
		return &alreadyShown{result.Err}
	}
	return nil
}

// hasAltScreen says whether a terminal has a second screen that can be left as it was found.
func hasAltScreen(term string) bool {
	base, _, _ := strings.Cut(term, "-")
	return !slices.Contains([]string{"vt52", "vt100", "vt102", "vt220", "ansi", "cons25", "sun", "cygwin"}, base)
}

// takeUp finds the session to resume and takes its flags and its working directory, as far as the command line says nothing else.
func (a *app) takeUp(f *pflag.FlagSet, source string) (flow.Session, error) {
	s, err := flow.Latest(source)
	if err != nil {
		return s, err
	}
	if dir, err := a.workDir(); err == nil && s.Dir != "" && s.Dir != dir {
		if err := os.Chdir(s.Dir); err != nil {
			return s, &flow.UsageError{Err: fmt.Errorf("resume %s: its working directory is gone: %w", s.Location, err)}
		}
	}
	for name, values := range s.Flags {
		fl := f.Lookup(name)
		if fl == nil || fl.Changed || len(values) == 0 {
			continue
		}
		if many, ok := fl.Value.(pflag.SliceValue); ok {
			err = many.Replace(values)
		} else {
			err = fl.Value.Set(values[0])
		}
		if err != nil {
			return s, &flow.UsageError{Err: fmt.Errorf("resume %s: --%s: %w", s.Location, name, err)}
		}
		fl.Changed = true // for whoever resumes this one
	}
	return s, nil
}

// given are the flags that were given, for whoever resumes this run.
func given(f *pflag.FlagSet) map[string][]string {
	out := map[string][]string{}
	f.Visit(func(fl *pflag.Flag) {
		switch many, ok := fl.Value.(pflag.SliceValue); {
		case fl.Name == "resume":
		case ok:
			out[fl.Name] = many.GetSlice()
		default:
			out[fl.Name] = []string{fl.Value.String()}
		}
	})
	return out
}
