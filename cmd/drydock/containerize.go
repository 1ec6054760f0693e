package main

import (
	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) containerizeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "containerize SOURCE",
		Short: "The whole job: detect, plan, generate, verify",
		Long: `Detects, plans, generates and verifies. On a terminal it asks what is uncertain, unless --yes. It ends
with a container seen running (exit 0), or with an account of what stands in the way.`,
		Example: `  drydock containerize . --yes
  drydock containerize https://git.example.com/shop.git#v4 -o shop --target compose,fargate --yes
  drydock containerize . --no-verify --dry-run --diff`,
		Args: one,
		RunE: func(c *cobra.Command, args []string) error {
			return a.run(c.Context(), args[0], flow.Stages{Generate: true, Write: !a.flags.dryRun, Verify: !a.flags.noVerify && !a.flags.dryRun}, a.printContainerize)
		},
	}
}
