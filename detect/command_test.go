package detect

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithoutSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"bundle|exec|puma":                                   "bundle|exec|puma",
		"env|TOKEN_SECRET=x|bundle|exec":                     "bundle|exec < TOKEN_SECRET",
		"env|RAILS_ENV=production|API_KEY=x|PORT=3|puma":     "env|RAILS_ENV=production|PORT=3|puma < API_KEY",
		"env|TOKEN=$TOKEN|puma":                              "env|TOKEN=$TOKEN|puma",
		"sh|-c|DB_PASSWORD='a b' QUEUE=x rake work":          "sh|-c|QUEUE=x rake work < DB_PASSWORD",
		"sh|-c|cd app && SECRET=x ./run; TOKEN=\"y\" ./more": "sh|-c|cd app && ./run; ./more < SECRET,TOKEN",
		"sh|-c|TOKEN=$OTHER ./run":                           "sh|-c|TOKEN=$OTHER ./run",
		"env|TOKENIZERS_PARALLELISM=false|PWD=/app|run":      "env|TOKENIZERS_PARALLELISM=false|PWD=/app|run",
		"env|USE_TOKEN=true|PASS=|run":                       "env|USE_TOKEN=true|PASS=|run",
		"env|A=1|bash|-lc|API_KEY='x y' ./run":               "env|A=1|bash|-lc|./run < API_KEY",
		"env|-u|TOKEN|run":                                   "env|-u|TOKEN|run",
		"env|PASSWORD=x":                                     " < PASSWORD",
	} {
		command, names := withoutSecrets(strings.Split(in, "|"))
		got := strings.Join(command, "|")
		if len(names) > 0 {
			got += " < " + strings.Join(names, ",")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestLiftSecrets(t *testing.T) {
	c := Component{Schedules: []Schedule{{Name: "nightly", Command: []string{"env", "API_SECRET=x", "rake", "nightly"}}}, Processes: []Process{{Name: "worker", Command: []string{"env", "TOKEN=x", "run"}}}, Env: []EnvVar{{Name: "TOKEN", Default: "x", Value: "x"}, {Name: "PORT", Default: "1"}}}
	liftSecrets(&c)
	want := []EnvVar{{Name: "TOKEN", Required: true, Secret: true}, {Name: "PORT", Default: "1"}, {Name: "API_SECRET", Required: true, Secret: true, Why: "the command of the task nightly sets it"}}
	if diff := cmp.Diff(want, c.Env); diff != "" || !slices.Equal(c.Processes[0].Command, []string{"run"}) || !slices.Equal(c.Schedules[0].Command, []string{"rake", "nightly"}) {
		t.Errorf("%q %s", c.Processes[0].Command, diff)
	}
}
