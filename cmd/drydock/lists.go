package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) stacksCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stacks",
		Short: "What it detects",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			stacks := flow.Stacks()
			if a.flags.json {
				return a.document(map[string]any{"schemaVersion": 1, "stacks": stacks})
			}
			w := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "STACK\tRECOGNISED BY")
			for _, s := range stacks {
				fmt.Fprintf(w, "%s\t%s\n", s.Name, strings.Join(s.Markers, " "))
			}
			return w.Flush()
		},
	}
}

func (a *app) targetsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "targets",
		Short: "What it generates for",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			targets := flow.AllTargets()
			if a.flags.json {
				docs := make([]map[string]string, len(targets))
				for i, t := range targets {
					docs[i] = map[string]string{"name": t.Name, "kind": t.Kind, "description": t.Describe}
				}
				return a.document(map[string]any{"schemaVersion": 1, "targets": docs})
			}
			w := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "KIND\tTARGET\tFOR")
			kind := ""
			for _, t := range targets {
				shown := t.Kind
				if t.Kind == kind {
					shown = ""
				}
				kind = t.Kind
				fmt.Fprintf(w, "%s\t%s\t%s\n", shown, t.Name, t.Describe)
			}
			return w.Flush()
		},
	}
}

func (a *app) schemaCommand() *cobra.Command {
	names := flow.SchemaNames()
	return &cobra.Command{
		Use:   "schema NAME",
		Short: "The JSON Schema of a document: " + strings.Join(names, ", "),
		Long: `Prints the JSON Schema of what a command prints with --json: ` + strings.Join(names, ", ") + `. That of plan is the schema of
drydock.yaml itself, for editors: write it beside drydock.yaml and name it in the first line,
# yaml-language-server: $schema=drydock.schema.json`,
		Example:   "  drydock schema plan > drydock.schema.json",
		ValidArgs: names,
		Args:      one,
		RunE: func(_ *cobra.Command, args []string) error {
			doc, err := flow.Schema(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s\n", doc)
			return nil
		},
	}
}
