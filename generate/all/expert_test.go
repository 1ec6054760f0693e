package all_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// oneStage are applications of which nothing is built: the sources are what is served.
var oneStage = []string{"perl-guestbook", "static-almanac"}

// TestEveryDockerfileIsAsAnExpertWritesIt holds for all applications what is promised of every Dockerfile for Linux, whatever its stack.
func TestEveryDockerfileIsAsAnExpertWritesIt(t *testing.T) {
	seen := 0
	for _, app := range applicationNames(t) {
		g := containerize(t, app, usual)
		for _, image := range g.plan.ImageGroups() {
			i := slices.IndexFunc(g.artifacts, func(a generate.Artifact) bool { return a.Path == image.Dockerfile })
			if image.Components[0].Platform.V == "windows" || i < 0 {
				continue
			}
			seen++
			// A process of the image that does not listen would never be healthy.
			listens := !slices.ContainsFunc(image.Components, func(c *plan.Component) bool { return c.Port.V == 0 })
			t.Run(app+"/"+image.Dockerfile, func(t *testing.T) { expert(t, app, g.artifacts[i].Content, listens) })
		}
	}
	if seen < 25 {
		t.Errorf("only %d Dockerfiles were looked at", seen)
	}
}

var (
	user       = regexp.MustCompile(`^[1-9]\d*:0$`) // a number, so that platforms see that it is not root, in the group of users that they make up
	pinned     = regexp.MustCompile(`^(?:debian:[a-z]+-slim|[a-z0-9./:_-]+:[\w.-]*\d[\w.-]*)$`)
	fetchesRun = regexp.MustCompile(`\b(?:curl|wget)\b[^|]*\|\s*(?:sudo\s+)?(?:ba|da)?sh\b|\bnpx (?:--yes )?[\w./-]+ |npm install -g [\w-]+(?:\s|$)|\bnpm (?:i|install) --global [\w-]+(?:\s|$)`)
	tool       = regexp.MustCompile(`/opt/\w+/bin/pip install ([^&\\]+)`) // what is installed beside what the project names
	chown      = regexp.MustCompile(`chown -R ([^ ]+) `)
)

func expert(t *testing.T, app string, content []byte, listens bool) {
	t.Helper()
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	stages, args, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(args) > 0 {
		t.Errorf("it takes build arguments of its own: %v", args)
	}
	if (len(stages) < 2) != slices.Contains(oneStage, app) {
		t.Errorf("%d stages", len(stages))
	}
	names := map[string]bool{}
	for _, s := range stages {
		if !names[s.BaseName] && !pinned.MatchString(s.BaseName) {
			t.Errorf("FROM %s names no release", s.BaseName)
		}
		names[s.Name] = true
		for _, c := range s.Commands {
			if run, ok := c.(*instructions.RunCommand); ok {
				expertRun(t, run.String(), s.Name)
			}
		}
	}
	last := stages[len(stages)-1]
	text := string(content)
	final := map[string]string{}
	for _, c := range last.Commands {
		final[strings.ToUpper(c.Name())] = "there"
		switch c := c.(type) {
		case *instructions.UserCommand:
			final["USER"] = c.User
		case *instructions.CmdCommand:
			if c.PrependShell {
				t.Error("CMD is given to a shell")
			}
		case *instructions.EntrypointCommand:
			if c.PrependShell {
				t.Error("ENTRYPOINT is given to a shell")
			}
		case *instructions.LabelCommand:
			for _, l := range c.Labels {
				final[l.Key] = l.Value
			}
		}
	}
	switch {
	case !user.MatchString(final["USER"]):
		t.Errorf("USER %s", final["USER"])
	case final["CMD"] == "":
		t.Error("no CMD")
	case final["org.opencontainers.image.title"] == "":
		t.Error("no OCI label")
	case listens != (final["HEALTHCHECK"] != "") || listens && final["EXPOSE"] == "":
		t.Errorf("it listens: %v, HEALTHCHECK %q, EXPOSE %q", listens, final["HEALTHCHECK"], final["EXPOSE"])
	}
	for _, m := range chown.FindAllStringSubmatch(text, -1) {
		if !strings.HasSuffix(m[1], ":0") || strings.Count(text, "chown -R")+strings.Count(text, "chown ") > 2*strings.Count(text, "chmod") {
			t.Errorf("written directories are not the group's: %s", m[0])
		}
	}
	java := strings.Contains(last.BaseName, "temurin") || strings.Contains(last.BaseName, "tomcat") || strings.Contains(last.BaseName, "wildfly") || strings.Contains(last.BaseName, "payara") || strings.Contains(last.BaseName, "liberty")
	if java && !strings.Contains(text, "-XX:MaxRAMPercentage=") {
		t.Error("the heap does not follow the container's memory")
	}
	if java && strings.Contains(last.BaseName, "-jdk") && strings.Contains(last.BaseName, "temurin") {
		t.Errorf("a JDK runs it: %s", last.BaseName)
	}
}

// expertRun looks at a RUN: what it fetches is named with its version, and leaves neither caches nor compilers in the last stage.
func expertRun(t *testing.T, text, stage string) {
	t.Helper()
	if m := fetchesRun.FindString(text); m != "" {
		t.Errorf("it fetches and runs what has no version: %s", m)
	}
	for _, m := range tool.FindAllStringSubmatch(text, -1) {
		for _, word := range strings.Fields(m[1]) {
			if !strings.HasPrefix(word, "-") && !strings.Contains(word, "==") {
				t.Errorf("a tool without a version: %s", word)
			}
		}
	}
	if strings.Contains(text, "apt-get install") {
		if !strings.Contains(text, "--no-install-recommends") {
			t.Errorf("apt-get installs more than is named: %s", text)
		}
		for _, word := range strings.Fields(text) {
			if stage == "" && (word == "build-essential" || word == "gcc" || word == "make" || strings.HasSuffix(word, "-dev")) {
				t.Errorf("%s in the last stage", word)
			}
		}
	}
}
