package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain PATH[:LINE]",
		Short: "Why a generated file, or one line of it, is as it is",
		Long: `Prints the reason and the evidence of a generated line. The project is the nearest folder above PATH that
holds drydock.yaml.`,
		Example: "  drydock explain Dockerfile:12\n  drydock explain deploy/fargate/taskdef-web.json",
		Args:    one,
		RunE: func(c *cobra.Command, args []string) error {
			file, line := args[0], 0
			if i := strings.LastIndexByte(file, ':'); i > 0 {
				if n, err := strconv.Atoi(file[i+1:]); err == nil && n > 0 {
					file, line = file[:i], n
				}
			}
			abs, err := filepath.Abs(file)
			if err != nil {
				return fmt.Errorf("explain %s: %w", file, err)
			}
			lines, err := flow.Explain(c.Context(), abs, line, a.options())
			if err != nil {
				return err
			}
			if a.flags.json {
				return a.document(map[string]any{"schemaVersion": 1, "file": file, "lines": lines})
			}
			for _, l := range lines {
				if l.Line > 0 {
					fmt.Fprintf(a.out, "%4d  %s\n", l.Line, a.paint(bold, neutral(l.Text)))
				}
				if l.Why != "" {
					fmt.Fprintf(a.out, "      %s\n", neutral(l.Why))
				}
				for _, e := range l.Evidence {
					at := neutral(e.File)
					if e.Line > 0 {
						at = fmt.Sprintf("%s:%d", at, e.Line)
					}
					fmt.Fprintf(a.out, "      %s  %s\n", a.paint(cyan, at), a.paint(dim, neutral(e.Text)))
				}
			}
			return nil
		},
	}
}
