package dockerfile

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
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

// TestLocale: the locales that the source or a setting asks for are made in a stage of their own, from what the last stage stands on.
func TestLocale(t *testing.T) {
	python := func(facts ...string) *plan.Plan {
		c := pythonApp("gunicorn", "app:app")
		for i := 0; i < len(facts); i += 2 {
			c.Facts[facts[i]] = detect.Is(facts[i+1], detect.Evidence{File: "init.d/app", Line: 7})
		}
		return newPlan(t, c)
	}
	set := func(p *plan.Plan, key, value string) *plan.Plan {
		if err := p.Set(key, value); err != nil {
			t.Fatal(err)
		}
		return p
	}
	liberty := warApp()
	liberty.AppServer, liberty.LanguageVersion = detect.Is("liberty"), detect.Is("11")
	liberty.Facts[detect.FactLocale] = detect.Is("fr_FR.UTF-8")
	ruby := rubyApp()
	ruby.Facts[detect.FactLocales] = detect.Is("de_DE de_DE.UTF-8")
	old := rubyApp()
	old.LanguageVersion = detect.Is("2.3")
	old.Facts[detect.FactLocale] = detect.Is("de_DE.UTF-8")
	for name, tt := range map[string]struct {
		plan      *plan.Plan
		want, not []string
	}{
		"none": {python(), nil, []string{"locale", "LANG", "TZ="}},
		"started with one": {python(detect.FactLocale, "de_DE.UTF-8", detect.FactTimeZone, "Europe/Berlin"), []string{
			"FROM python:3.12-slim AS locale\nRUN ", `grep -E '^(de_DE\.UTF-8) '`, "COPY --from=locale /usr/lib/locale/locale-archive /usr/lib/locale/\nENV LANG=de_DE.UTF-8 \\\n    TZ=Europe/Berlin\n", "      tzdata",
		}, []string{"USER 0"}},
		"set by the code":    {newPlan(t, ruby), []string{"FROM base AS locale\n", `grep -E '^(de_DE|de_DE\.UTF-8) '`, "FROM base\nCOPY --from=locale "}, []string{"ENV LANG"}},
		"set in the plan":    {set(python(), "components.web.env.LC_TIME", "it_IT.UTF-8"), []string{`'^(it_IT\.UTF-8) '`}, []string{"ENV LANG"}},
		"chosen":             {set(python(), "components.web.facts.locale", "it_IT.UTF-8"), []string{`'^(it_IT\.UTF-8) '`, "ENV LANG=it_IT.UTF-8\n"}, nil},
		"hostile":            {python(detect.FactLocale, "de_DE.UTF-8'; evil", detect.FactLocales, "$(evil) x", detect.FactTimeZone, "x; evil"), []string{`ENV TZ="x; evil"`}, []string{"AS locale"}},
		"not as root":        {newPlan(t, liberty), []string{"AS locale\nUSER 0\nRUN "}, nil},
		"no packages served": {newPlan(t, old), nil, []string{"AS locale", "LANG=de_DE"}},
	} {
		t.Run(name, func(t *testing.T) {
			artifacts := mustGenerate(t, tt.plan)
			mustHold(t, string(artifacts[0].Content), tt.want, tt.not)
			for i, l := range strings.Split(string(artifacts[0].Content), "\n") {
				if strings.HasPrefix(l, "ENV LANG") && name == "started with one" {
					if o := artifacts[0].Origins[i]; len(o.Evidence) == 0 || o.Evidence[0].File != "init.d/app" {
						t.Errorf("%+v", o)
					}
				}
			}
		})
	}
}
