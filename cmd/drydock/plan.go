package main

import (
	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) planCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "plan SOURCE",
		Short: "Write drydock.yaml: the findings and every decision, ready to be edited",
		Long: `Writes drydock.yaml with every finding and decision, each with a comment that says where it is from.
Edit it and run drydock generate, verify or containerize: the edits win over the findings.
With --dry-run it goes to stdout.`,
		Example: "  drydock plan .\n  drydock plan . --set components.web.port=8080 --dry-run",
		Args:    one,
		RunE: func(c *cobra.Command, args []string) error {
			return a.run(c.Context(), args[0], flow.Stages{Write: !a.flags.dryRun}, a.printPlan)
		},
	}
}
