package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/drydock-cli/drydock/flow"
)

// manCommand is for those who package drydock: it is hidden, as a user has the pages already.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages to a directory",
		Hidden: true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &flow.UsageError{Err: fmt.Errorf("%s takes one directory, got %d arguments", c.CommandPath(), len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("write manual pages: %w", err)
			}
			root := c.Root()
			root.DisableAutoGenTag = true // it holds the day
			asMarkdown(root)
			// The pages' month is this one, or that of SOURCE_DATE_EPOCH, for builds that come out the same.
			head := &doc.GenManHeader{Title: "DRYDOCK", Section: "1", Source: "drydock " + version, Manual: "Drydock"}
			if err := doc.GenManTree(root, head, args[0]); err != nil {
				return fmt.Errorf("write manual pages to %s: %w", args[0], err)
			}
			return nil
		},
	}
}

// asMarkdown escapes what would be a tag or an emphasis in the Markdown that the pages are made from, in a command and those below it.
func asMarkdown(c *cobra.Command) {
	c.Long = strings.NewReplacer("<", `\<`, "*", `\*`).Replace(c.Long)
	for _, sub := range c.Commands() {
		asMarkdown(sub)
	}
}
