package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestReference holds that docs/REFERENCE.md is what the program itself prints.
func TestReference(t *testing.T) {
	const file = "../../docs/REFERENCE.md"
	a := &app{streams: &streams{environ: func(string) string { return "" }}}
	want := reference(a.rootCommand())
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/REFERENCE.md is not what the program prints (%v): make golden", err)
	}
}

func reference(root *cobra.Command) []byte {
	var b bytes.Buffer
	b.WriteString("# Reference\n\nWhat `drydock help` prints, for every command. `make golden` writes this file.\n")
	commands := append([]*cobra.Command{root}, root.Commands()...)
	for _, c := range commands {
		if c.Name() == "help" || c.Name() == "completion" || c.Hidden {
			continue
		}
		fmt.Fprintf(&b, "\n## `%s`\n\n%s\n", c.UseLine(), firstOf(c.Long, c.Short))
		if c.Example != "" {
			fmt.Fprintf(&b, "\n```\n%s\n```\n", c.Example)
		}
		if flags := c.LocalNonPersistentFlags(); flags.HasAvailableFlags() && c != root {
			fmt.Fprintf(&b, "\n```\n%s```\n", flags.FlagUsages())
		}
	}
	fmt.Fprintf(&b, "\n## Flags of every command\n\nEach can be set by the environment too (`--no-input` is `DRYDOCK_NO_INPUT`) and in the user's configuration\nfile. Precedence: flag, environment, `drydock.yaml` of the project, configuration, default.\n\n```\n%s```\n", root.PersistentFlags().FlagUsages())
	return b.Bytes()
}

func firstOf(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b + "."
}
