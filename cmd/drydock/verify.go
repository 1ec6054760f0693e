package main

import (
	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify SOURCE",
		Short: "Build, start, probe and measure what was generated",
		Long: `Builds the image with the files that lie in the output directory (or, where there are none, with those
that would be generated), starts it with its services on a private network, runs its release step,
probes it, measures it, stops it and removes everything that was created. Without an engine it checks
the files and says that nothing was run.`,
		Example: "  drydock verify .\n  drydock verify . --json > verdict.json\n  drydock verify . --engine unix:///run/docker.sock --keep",
		Args:    one,
		RunE: func(c *cobra.Command, args []string) error {
			return a.run(c.Context(), args[0], flow.Stages{Generate: true, Verify: true, FromDisk: true}, a.printVerify)
		},
	}
}
