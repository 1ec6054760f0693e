package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/tui"
)

// runWizard is what `drydock [SOURCE]` does: the wizard, where there is a terminal.
func (a *app) runWizard(c *cobra.Command, args []string) error {
	if !a.interactive() || !a.outTTY {
		return &flow.UsageError{Err: errors.New("the wizard needs a terminal, and there is none here (or CI is set)\n  try: drydock containerize SOURCE --yes, or drydock --help")}
	}
	source := ""
	if len(args) == 1 {
		source = args[0]
	}
	if a.flags.accessible || a.environ("ACCESSIBLE") == "1" {
		return a.runAccessible(c.Context(), source)
	}
	job := flow.NewJob(a.options())
	defer job.Close()
	result, err := tui.Run(c.Context(), tui.Options{
		Driver: job, Source: source, Recent: flow.Recents(),
		NoVerify: a.flags.noVerify, In: a.in, Out: a.out, NoColor: a.flags.noColor || a.environ("NO_COLOR") != "",
	})
	if err != nil {
		return err
	}
	if result.Interrupted {
		return context.Canceled
	}
	if result.Err != nil {
		return &alreadyShown{result.Err}
	}
	return nil
}

// runAccessible does the whole job with plain numbered prompts and without redrawing.
func (a *app) runAccessible(ctx context.Context, source string) error {
	if source == "" {
		answer, err := a.asker().Ask(ctx, flow.SourceQuestion())
		if err != nil {
			return err
		}
		source = answer
	}
	return a.run(ctx, source, flow.Stages{Generate: true, Write: !a.flags.dryRun, Verify: !a.flags.noVerify && !a.flags.dryRun}, a.printContainerize)
}
