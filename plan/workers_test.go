package plan

import (
	"testing"
	"time"

	"github.com/drydock-cli/drydock/detect"
)

// TestWorkersFollowTheProcessors: the number of a server's processes is worked out of the CPU that its containers get, and follows it,
// unless somebody says a number.
func TestWorkersFollowTheProcessors(t *testing.T) {
	app := func(server string, command ...string) *Plan {
		c := detect.Component{Name: "web", Path: ".", Stack: "python", Role: detect.Is(detect.Web), AppServer: detect.Is(server),
			Processes: []detect.Process{{Name: "web", Command: command, From: detect.Declared}}}
		if server == "puma" {
			c.Env = []detect.EnvVar{{Name: workersVariable}}
		}
		p, err := New(&detect.Findings{Location: "shop", Components: []detect.Component{c}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	number := func(p *Plan) string {
		for _, s := range p.Component("web").Settings {
			if s.Name == workersVariable {
				return s.Value
			}
		}
		return ""
	}
	set := func(p *Plan, key, value string) *Plan {
		if err := p.Set(key, value); err != nil {
			t.Fatal(err)
		}
		return p
	}
	const cpu = "components.web.cpu"
	chosen := set(set(app("gunicorn", "gunicorn", "app"), "components.web.env."+workersVariable, "7"), cpu, "4096")
	measured := app("gunicorn", "gunicorn", "app")
	measured.Measure("web", Measurement{CPU: 2048, Memory: 512, On: time.Unix(0, 0)})
	for name, tt := range map[string]struct{ got, want string }{
		"half a core":              {number(app("gunicorn", "gunicorn", "app")), "2"},
		"one core":                 {number(set(app("gunicorn", "gunicorn", "app"), cpu, "1024")), "3"},
		"four cores":               {number(set(app("uvicorn", "uvicorn", "app"), cpu, "4096")), "9"},
		"measured":                 {number(measured), "5"},
		"the command says":         {number(app("gunicorn", "gunicorn", "--workers", "4", "app")), ""},
		"the command says shortly": {number(app("gunicorn", "gunicorn", "-w", "4", "app")), ""},
		"a person says":            {number(chosen), "7"},
		"Puma on half a core":      {number(app("puma", "puma")), ""},
		"Puma on four":             {number(set(app("puma", "puma"), cpu, "4096")), "4"},
		"Puma on one again":        {number(set(set(app("puma", "puma"), cpu, "4096"), cpu, "1024")), ""},
		"a server with threads":    {number(set(app("tomcat", "catalina.sh", "run"), cpu, "4096")), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", name, tt.got, tt.want)
		}
	}
}
