package pipeline_test

import (
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate/pipeline"
	"github.com/drydock-cli/drydock/generate/targettest"
)

// every is an application with a pipeline that deploys to everything.
func every(t *testing.T, app string) *pipeline.Pipeline {
	t.Helper()
	x, err := pipeline.New(t.Context(), targettest.Plan(t, app, pipeline.Deployable()...))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestScripts holds that every line of every step parses as a POSIX shell's, and that no secret is a word of a command.
func TestScripts(t *testing.T) {
	for _, app := range targettest.Applications() {
		x := every(t, app)
		if len(x.Deploys) != len(pipeline.Deployable()) {
			t.Errorf("%s: %d deployments", app, len(x.Deploys))
		}
		steps := map[string][]string{
			"cache": x.Cache(), "build": x.All(x.Build), "test": x.Test(), "scan": x.All(x.Scan), "login": x.Login(), "push": x.All(x.Push),
		}
		for _, d := range x.Deploys {
			steps["deploy "+d.Target] = d.Run
			for _, s := range d.Secrets {
				for _, line := range d.Run {
					if i := strings.Index(line, "$"+s); i >= 0 && !strings.HasPrefix(s, "DEPLOY_HOST") && !slices.Contains([]string{"CF_API", "CF_ORG", "CF_SPACE", "OVERLAY"}, s) && !strings.HasPrefix(line, "printf") && !strings.Contains(line, "&& printf") {
						t.Errorf("%s: %s is a word of %s", d.Target, s, line)
					}
				}
			}
		}
		for name, lines := range steps {
			text := strings.Join(lines, "\n")
			if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), name); err != nil {
				t.Errorf("%s: %s: %v\n%s", app, name, err, text)
			}
			if strings.ContainsAny(text, "{}") && strings.Contains(text, "{project}") || strings.Contains(text, "{image}") || strings.Contains(text, "{component}") || strings.Contains(text, "{release}") {
				t.Errorf("%s: %s: a place is not filled in:\n%s", app, name, text)
			}
		}
	}
}

func TestJobsAreAskedForTheirProgram(t *testing.T) {
	x := every(t, "cobol-tolls")
	if got, want := strings.Join(x.Test(), "\n"), `docker run --rm --network none --entrypoint sh cobol-tolls-batch -c 'command -v "$0"' sh`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestRefused(t *testing.T) {
	for _, bad := range []string{"a$(b)", "a ${{ b }}", "a'b", "-x", "a\\b"} {
		p := targettest.Plan(t, "static-almanac")
		p.Components[0].Path = bad
		if _, err := pipeline.New(t.Context(), p); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	p := targettest.Plan(t, "static-almanac")
	p.Components[0].Platform = detect.Is("windows")
	if _, err := pipeline.New(t.Context(), p); err == nil {
		t.Error("Windows is taken")
	}
}
