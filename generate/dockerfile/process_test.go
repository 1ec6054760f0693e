package dockerfile

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

func pythonApp(command ...string) detect.Component {
	return detect.Component{
		Name: "web", Path: ".", Stack: "python", Role: detect.Is(detect.Web), Platform: detect.Guess("linux", ""), Language: detect.Is("python"),
		LanguageVersion: detect.Is("3.12"), Build: detect.Is("pip"), Port: detect.Is(8000), Facts: map[string]detect.Value[string]{"requirements": detect.Is("requirements.txt")},
		Processes: []detect.Process{{Name: "web", Command: command, From: detect.Declared}},
	}
}

// TestSignalsReachTheProcess holds that an interpreter is started by an init, which a server that listens to signals does not need.
func TestSignalsReachTheProcess(t *testing.T) {
	for command, want := range map[string]bool{
		"python app.py": true, "/opt/venv/bin/python3 -m app": true, "sh -c app": true, "gunicorn app:app": false, "uwsgi --http :8000": false,
	} {
		p := newPlan(t, pythonApp(strings.Fields(command)...))
		text := string(mustGenerate(t, p)[0].Content)
		if got := strings.Contains(text, "ENTRYPOINT [\"/usr/bin/tini\", \"--\"]"); got != want || want != strings.Contains(text, "      tini\n") {
			t.Errorf("%s: %v\n%s", command, got, text)
		}
	}
}

// TestTimeZone holds that a zone that is asked for is there, and that the line says who asked.
func TestTimeZone(t *testing.T) {
	for zone, want := range map[string]bool{"": false, "UTC": false, "Europe/Berlin": true} {
		p := newPlan(t, pythonApp("gunicorn", "app:app"))
		if zone != "" {
			if err := p.Set("components.web.env.TZ", zone); err != nil {
				t.Fatal(err)
			}
		}
		a := mustGenerate(t, p)[0]
		lines := strings.Split(string(a.Content), "\n")
		found := false
		for i, l := range lines {
			if strings.HasPrefix(l, "      tzdata") {
				found = true
				if !strings.Contains(a.Origins[i].Why, "TZ") {
					t.Errorf("%+v", a.Origins[i])
				}
			}
		}
		if found != want {
			t.Errorf("%s: %v\n%s", zone, found, a.Content)
		}
	}
}
