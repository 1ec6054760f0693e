package main

import (
	"context"
	"errors"
	"fmt"
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
	f.BoolVar(&a.flags.noAltScreen, "no-alt-screen", false, "draw the wizard below what the terminal shows, and leave it there")
	f.BoolVar(&a.flags.mouse, "mouse", false, "let the mouse's wheel scroll in the wizard (the terminal then needs Shift to select)")
}

// runWizard is what `drydock [SOURCE]` does: the wizard, where there is a terminal.
func (a *app) runWizard(c *cobra.Command, args []string) error {
	plain := a.flags.accessible || a.environ("ACCESSIBLE") == "1" || a.environ("TERM") == "dumb"
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
	opts := tui.Options{
		Source: source, Recent: flow.Recents(), Interrupted: flow.Interrupted(), Resume: old, Credentials: &tui.Credentials{},
		NoVerify: a.flags.noVerify, In: a.in, Out: a.out, NoColor: a.flags.noColor || a.environ("NO_COLOR") != "" || a.environ("CLICOLOR") == "0",
		NoAltScreen: a.flags.noAltScreen || !hasAltScreen(a.environ("TERM")), Mouse: a.flags.mouse,
	}
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
	return wizardError(result, err)
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
