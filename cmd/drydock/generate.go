package main

import (
	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) generateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "generate SOURCE",
		Short: "Write the artifacts of a plan",
		Long: `Writes the Dockerfile, the files of the chosen targets and drydock.yaml. Files that were edited since
they were generated are merged; where that is not possible nothing is written and the exit code is 5.`,
		Example: "  drydock generate . --target compose,fargate\n  drydock generate . --diff --dry-run",
		Args:    one,
		RunE: func(c *cobra.Command, args []string) error {
			return a.run(c.Context(), args[0], flow.Stages{Generate: true, Write: !a.flags.dryRun}, a.printGenerate)
		},
	}
}
