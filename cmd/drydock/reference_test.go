package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/flow"
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

// TestPublishedSchema holds docs/drydock.schema.json, which editors are pointed at, against the program.
func TestPublishedSchema(t *testing.T) {
	const file = "../../docs/drydock.schema.json"
	want, err := flow.Schema("plan")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what drydock schema plan prints (%v): make golden", file, err)
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
	b.WriteString(environment)
	return b.Bytes()
}

// environment is what no flag says.
const environment = "\n## Environment\n\n" +
	"| variable | meaning |\n| --- | --- |\n" +
	"| `DRYDOCK_NAME` | the flag `--name`: `DRYDOCK_OUTPUT`, `DRYDOCK_NO_INPUT`, … |\n" +
	"| `DRYDOCK_GIT_TOKEN` | a token for private Git repositories over HTTPS, tried before Git's credential helpers and `~/.netrc` |\n" +
	"| `DRYDOCK_GIT_TOKEN_HOST` | the only hosts that get the token, separated by commas: `git.example.com,github.com`; without it every HTTPS host that is cloned from gets it |\n" +
	"| `DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_CONFIG` | the engine and the logins, as the docker command reads them |\n" +
	"| `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` | for cloning; a build gets the proxies of Docker's configuration (`proxies` in `config.json`) as the build arguments that every Dockerfile has |\n" +
	"| `NO_COLOR`, `CLICOLOR`, `ACCESSIBLE` | no colour; a wizard without redrawing |\n"

func firstOf(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b + "."
}
