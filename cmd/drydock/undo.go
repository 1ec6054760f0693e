package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) undoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "undo [RUN]",
		Short: "Take back what a run wrote",
		Long: `Takes back what the last run, or the one named, wrote in this directory (or in --output): files that it
made are removed, files that it replaced come back. A file that was changed since is left alone and
named.`,
		Example: "  drydock undo\n  drydock undo 20261123-101205-4f2a -o ./shop",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := a.flags.output
			if dir == "" {
				dir = "."
			}
			run := ""
			if len(args) == 1 {
				run = args[0]
			}
			files, err := flow.Undo(dir, run)
			if err != nil {
				return err
			}
			if a.flags.json {
				return a.document(map[string]any{"schemaVersion": 1, "files": flow.FileDocuments(files)})
			}
			for _, f := range files {
				fmt.Fprintf(a.out, "  %-8s %s\n", f.Action, neutral(f.Path))
			}
			return nil
		},
	}
}
