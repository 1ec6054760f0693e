package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) detectCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "detect SOURCE",
		Short:   "What the repository holds, each finding with its evidence",
		Example: "  drydock detect .\n  drydock detect shop.war --json",
		Args:    one,
		RunE: func(c *cobra.Command, args []string) error {
			opts := a.options()
			opts.PlanFile, opts.Set = "", nil
			found, err := flow.Detect(c.Context(), args[0], opts, a.sink())
			if found == nil {
				return err
			}
			var none *flow.NoStackError
			if err != nil && !errors.As(err, &none) {
				return err
			}
			if a.flags.json {
				doc, jsonErr := found.JSON()
				if jsonErr != nil {
					return jsonErr
				}
				fmt.Fprintf(a.out, "%s\n", doc)
				return err
			}
			if err != nil {
				return err
			}
			return flow.PrintFindings(a.out, found)
		},
	}
}
