package python

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// migrations is the step that brings the database's tables up to date. With SQLite it is part of the build: no other container shares
// the file.
func (a *app) migrations(c *detect.Component) []detect.Process {
	server, embedded := false, false
	for _, s := range c.Services {
		server = server || s.Required && relational[s.Kind] && s.Kind != "sqlite"
		embedded = embedded || s.Required && s.Kind == "sqlite"
	}
	if x, ok := a.stated("release"); ok && !embedded {
		return []detect.Process{{Name: "release", Command: pythonize(manifest.Exec(x.text, noVariables)), From: detect.Declared, Evidence: []detect.Evidence{x.evidence}}}
	}
	if a.framework.V == "django" && a.manage != "" {
		ev := a.top(a.manage)
		step := "migrate --noinput"
		if below(a.release.V, "1.7") {
			step = "syncdb --noinput"
			if _, south := a.has("south"); south {
				step = "syncdb --noinput --migrate"
			}
		}
		if embedded {
			c.Facts["sqliteMigrate"] = detect.Infer(step, "the tables are made in the image, because only its containers have the file", ev)
		}
		if server {
			return []detect.Process{{Name: "release", Command: append([]string{"python", a.manage}, strings.Fields(step)...), From: detect.Inferred, Why: "Django makes the tables", Evidence: []detect.Evidence{ev}}}
		}
		return nil
	}
	if !server {
		return nil
	}
	return a.alembic()
}

// alembic runs the migrations of Alembic, through Flask-Migrate when the project has it.
func (a *app) alembic() []detect.Process {
	if d, ok := a.has("flask-migrate"); ok && len(a.dir.Glob("**/migrations/env.py")) > 0 && a.entry.module != "" {
		return []detect.Process{{Name: "release", Command: []string{"env", "FLASK_APP=" + a.entry.target(), "flask", "db", "upgrade"}, From: detect.Inferred, Why: "Flask-Migrate's migrations make the tables", Evidence: d.evidence}}
	}
	if _, ok := a.has("alembic"); ok && a.dir.Has("alembic.ini") {
		f, err := a.dir.Read("alembic.ini")
		if err != nil {
			return nil
		}
		return []detect.Process{{Name: "release", Command: []string{"alembic", "upgrade", "head"}, From: detect.Inferred, Why: "Alembic's migrations make the tables", Evidence: []detect.Evidence{f.Evidence(0)}}}
	}
	return nil
}

// embedded says what the template needs so that SQLite can write: the directory of its file, or that it lies beside the sources.
func (a *app) embedded(c *detect.Component) {
	v, ok := c.Facts["sqliteFile"]
	if !ok {
		return
	}
	if dir := path.Dir(v.V); dir == "." {
		c.Facts["sqliteBeside"] = v
	} else {
		c.Facts["sqliteDir"] = detect.Infer(dir, "SQLite's file lies there", v.Evidence...)
	}
}

var healthRoute = manifest.Lazy(`["'^/(]/?((?:\w+/)?(?:health(?:z|check|_check|-check)?|ping|status|_health|heartbeat|livez?|alive|__heartbeat__|__lbheartbeat__))/?\\?\$?["']`)

// health finds a route that is made to be asked.
func (a *app) health() detect.Value[string] {
	names := a.files
	if a.framework.V == "django" { // only what stands in the first list of routes is at the root
		names = nil
		for _, f := range a.files {
			if path.Base(f) == "urls.py" && strings.Count(f, "/") <= 2 {
				names = append(names, f)
			}
		}
	}
	for _, h := range a.grep(names, healthRoute, 8, "health", "ping", "status", "heartbeat", "live", "alive") {
		t := h.text
		if strings.Contains(t, "include(") || !(strings.Contains(t, ".route(") || strings.Contains(t, "url(") || strings.Contains(t, "path(") || strings.Contains(t, ".get(\"/") || strings.Contains(t, ".get('/") || strings.Contains(t, "add_url_rule(") || strings.Contains(t, "add_route(") || strings.HasPrefix(t, "(")) {
			continue
		}
		if strings.Contains(t, "requests.") || strings.Contains(t, "client.") || a.framework.V == "django" && len(names) > 1 && strings.Count(h.name, "/") > 1 {
			continue
		}
		p := "/" + h.m[1]
		if strings.Contains(t, h.m[1]+"/") && a.framework.V == "django" {
			p += "/"
		}
		return detect.Infer(p, "a route that is made to be asked", h.evidence())
	}
	return detect.Guess("/", "no route for health checks was found")
}
