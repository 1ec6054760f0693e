package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) doctorCommand() *cobra.Command {
	var clean bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "What this machine offers: engine, BuildKit, disk, proxy, credentials",
		Long: `Checks what building and starting containers needs on this machine and says, for each thing that is
missing, how to get it. It exits 6 when no engine answers. --clean removes containers, networks and
volumes that an earlier run, ended by force, has left behind.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			checks, err := flow.Doctor(c.Context(), a.options(), clean)
			if a.flags.json {
				if docErr := a.document(map[string]any{"schemaVersion": 1, "checks": checks}); docErr != nil {
					return docErr
				}
				return err
			}
			for _, k := range checks {
				mark := map[string]string{"ok": "✓ ok     ", "problem": "✗ problem", "note": "! note   "}[string(k.State)]
				fmt.Fprintf(a.out, "%s  %-12s %s\n", mark, k.Name, neutral(k.Text))
				if k.Cure != "" {
					fmt.Fprintf(a.out, "             cure: %s\n", neutral(k.Cure))
				}
			}
			if err != nil {
				return &alreadyShown{err}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&clean, "clean", false, "remove what earlier runs left behind")
	return c
}
