package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) templatesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "templates",
		Short: "The house rules of an organisation: its own templates, base images and labels",
		Long: `A directory given by --templates is laid over the bundled templates: a file there hides the bundled one of the same
name. In rules.yaml at its root stand the house rules:

  registry: registry.example.com/hub          where base images come from when --registry does not say
  baseImages:                                 the organisation's images, the first that matches
    - {match: "ruby:*", use: "registry.example.com/base/ruby:{tag}"}
  allowedBaseImages: ["registry.example.com/**"]
  labels: {com.example.owner: shop-team}
  caCertificates: [corporate-ca.pem]          PEM files beside it that every image trusts, built and running

remedies.yaml at its root holds further remedies, tried before the bundled ones; docs/REPAIR.md says how they are written.`,
	}
	c.AddCommand(
		&cobra.Command{
			Use: "export DIR", Short: "Write the bundled templates into a directory; files that are there stay", Args: one,
			Example: "  drydock templates export house",
			RunE: func(_ *cobra.Command, args []string) error {
				written, err := flow.ExportTemplates(args[0])
				for _, name := range written {
					fmt.Fprintln(a.out, name)
				}
				return err
			},
		},
		&cobra.Command{
			Use: "check DIR", Short: "Say what is wrong with a directory of templates and house rules", Args: one,
			Example: "  drydock templates check house",
			RunE: func(_ *cobra.Command, args []string) error {
				if err := flow.CheckTemplates(args[0]); err != nil {
					return err
				}
				fmt.Fprintln(a.out, "the templates and house rules can be used")
				return nil
			},
		},
	)
	return c
}
