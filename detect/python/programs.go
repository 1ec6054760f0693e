package python

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// programs are the components of a project that serves nothing: workers, functions, or scripts that do their work and end.
func (a *app) programs() []detect.Component {
	var out []detect.Component
	for _, w := range a.workers() {
		c := a.base(w.role)
		c.Name = a.name(detect.Role(w.name))
		c.Services, c.Env = a.services(&c, true), a.env(&c)
		c.Processes = []detect.Process{{Name: "worker", Command: w.command, From: w.role.From, Why: w.role.Why, Evidence: w.role.Evidence}}
		a.readiness(&c)
		out = append(out, c)
	}
	if len(out) > 0 {
		return out
	}
	if c, ok := a.function(); ok {
		return []detect.Component{c}
	}
	return a.batch()
}

var lambdaHandler = manifest.Lazy(`^(?:async )?def (\w*handler\w*|main)\s*\(\s*event\s*(?::[^,]+)?,\s*_?(?:context|ctx)\b`)

// function is a handler that a platform for functions calls.
func (a *app) function() (detect.Component, bool) {
	h, ok := a.first(lambdaHandler, "event")
	if !ok || h.indent > 0 {
		return detect.Component{}, false
	}
	c := a.base(detect.Infer(detect.Function, "a platform for functions calls it", h.evidence()))
	c.Name = a.name(detect.Function)
	c.Facts["server"] = detect.Infer("awslambdaric<4", "the client of the platform's own interface", h.evidence())
	c.Facts["handler"] = detect.Is(a.moduleOf(h.name)+"."+h.m[1], h.evidence())
	if kind, ev := a.event(); kind != "" {
		c.Facts["event"] = detect.Infer(kind, "what the handler takes out of its event", ev)
	}
	c.Services, c.Env = a.services(&c, false), a.env(&c)
	a.readiness(&c)
	return c, true
}

// eventKinds tell what calls a handler by what it takes out of the event.
var eventKinds = []struct {
	kind string
	re   *manifest.Pattern
	hint string
}{
	{"s3", manifest.Lazy(`\[['"]s3['"]\]|\.get\(['"]s3['"]`), "s3"},
	{"sns", manifest.Lazy(`\[['"]Sns['"]\]|\.get\(['"]Sns['"]`), "Sns"},
	{"kinesis", manifest.Lazy(`\[['"]kinesis['"]\]|\.get\(['"]kinesis['"]`), "kinesis"},
	{"dynamodb", manifest.Lazy(`\[['"]dynamodb['"]\]|\.get\(['"]dynamodb['"]|\[['"]NewImage['"]\]`), "dynamodb"},
	{"sqs", manifest.Lazy(`\[['"](?:messageId|receiptHandle|body)['"]\]`), "['"},
	{"schedule", manifest.Lazy(`\[['"]detail-type['"]\]|aws\.events`), "aws.events"},
}

var (
	recordsOf = manifest.Lazy(`\[['"]Records['"]\]|\.get\(['"]Records['"]`)
	httpEvent = manifest.Lazy(`\[['"](?:httpMethod|queryStringParameters|pathParameters|requestContext|rawPath)['"]\]|\.get\(['"](?:httpMethod|queryStringParameters|pathParameters|requestContext|rawPath)['"]|['"]statusCode['"]\s*:`)
)

// event is what calls a handler, and the line that shows it; empty: the code does not say.
func (a *app) event() (string, detect.Evidence) {
	records, queue := a.first(recordsOf, "Records")
	for _, k := range eventKinds {
		if !queue && k.kind != "schedule" {
			continue
		}
		if h, ok := a.first(k.re, k.hint, `["`); ok {
			return k.kind, h.evidence()
		}
	}
	if h, ok := a.first(httpEvent, "httpMethod", "queryStringParameters", "pathParameters", "requestContext", "rawPath", "statusCode"); ok && !queue {
		return "http", h.evidence()
	}
	if queue {
		return "sqs", records.evidence()
	}
	return "", detect.Evidence{}
}

// batch finds the program that an installation of the project is for: scripts that it installs make a command-line program, a script that
// is run from its directory a batch. A package without either is a library.
func (a *app) batch() []detect.Component {
	if !a.own() || len(a.files) == 0 && len(a.rootScripts()) == 0 {
		return nil
	}
	words, ev, role, ok := a.program()
	if !ok {
		if !a.dir.Has("setup.py") && !a.dir.Has("pyproject.toml") || len(a.files) < 2 {
			return nil
		}
		f, ok := a.manifest("setup.py")
		if !ok {
			f, _ = a.manifest("pyproject.toml")
		}
		return []detect.Component{a.base(detect.Infer(detect.Library, "a package without a program of its own", f.Evidence(0)))}
	}
	c := a.base(role)
	c.Name = a.name(role.V)
	if role.V == detect.CLI && a.dir.Has("setup.py") {
		f, _ := a.manifest("setup.py")
		c.Facts["setup"] = detect.Infer("true", "its programs are there once it is installed", f.Evidence(0))
	}
	c.Processes = []detect.Process{{Name: string(role.V), Command: words, From: detect.Inferred, Why: "the project's own program", Evidence: []detect.Evidence{ev}}}
	c.Services, c.Env = a.services(&c, true), a.env(&c)
	a.readiness(&c)
	return []detect.Component{c}
}

// program is the project's own program: what its Dockerfile starts, what an installation brings, or the script among its files that is most
// likely the one to be called.
func (a *app) program() ([]string, detect.Evidence, detect.Value[detect.Role], bool) {
	batch := func(ev detect.Evidence) detect.Value[detect.Role] {
		return detect.Infer(detect.Batch, "a program that does its work and ends", ev)
	}
	if words, ev, ok := a.dockerProgram(); ok {
		return words, ev, batch(ev), true
	}
	if words, ev, ok := a.installed(); ok {
		return words, ev, detect.Infer(detect.CLI, "a program that is installed and called", ev), true
	}
	if a.dir.Has("setup.py") || a.packaged() {
		return nil, detect.Evidence{}, detect.Value[detect.Role]{}, false
	}
	if words, ev, ok := a.rootProgram(); ok {
		return words, ev, batch(ev), true
	}
	return nil, detect.Evidence{}, detect.Value[detect.Role]{}, false
}

// packaged reports whether pyproject.toml makes a package.
func (a *app) packaged() bool {
	if !a.dir.Has("pyproject.toml") {
		return false
	}
	_, d, ok := a.doc("pyproject.toml", manifest.ParseTOML)
	return ok && d.Has("build-system") && (d.Has("project", "name") || d.Has("tool", "poetry", "name") || d.Has("tool", "flit"))
}

// dockerProgram is what the repository's own Dockerfile starts, when it is a program of the project.
func (a *app) dockerProgram() ([]string, detect.Evidence, bool) {
	for _, name := range a.dockerfiles() {
		f, err := a.dir.Read(name)
		if err != nil {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			continue
		}
		words := append(slices.Clone(d.Entrypoint.Args), d.Cmd.Args...)
		line := max(d.Entrypoint.Line, d.Cmd.Line)
		if len(words) == 1 && (d.Cmd.Shell || d.Entrypoint.Shell) {
			if words[0] == "" || !safeCommand.MatchString(words[0]) {
				continue
			}
			words = strings.Fields(words[0])
		}
		if len(words) == 0 {
			continue
		}
		first := a.scriptNamed(words[0])
		if strings.HasPrefix(path.Base(words[0]), "python") && len(words) > 1 {
			if words[1] == "-m" || words[1] == "-u" || a.scriptNamed(words[1]) != "" {
				for i := range words[1:] {
					if s := a.scriptNamed(words[i+1]); s != "" {
						words[i+1] = s
					}
				}
				return pythonize(words), f.Evidence(line), true
			}
		} else if first != "" && a.pythonScript(first) {
			words[0] = first
			return append([]string{"python"}, words...), f.Evidence(line), true
		}
	}
	return nil, detect.Evidence{}, false
}

// pythonScript reports whether a file is Python by its name or its first line.
func (a *app) pythonScript(name string) bool {
	if strings.HasSuffix(name, ".py") {
		return true
	}
	f, err := a.dir.Read(name)
	if err != nil {
		return false
	}
	line, _, _ := bytes.Cut(f.Data[:min(len(f.Data), 200)], []byte("\n"))
	return bytes.HasPrefix(line, []byte("#!")) && bytes.Contains(line, []byte("python"))
}

var entryPoint = manifest.Lazy(`^\s*["']?([\w.-]+)\s*=\s*["']?(\w+)[\w.]*:[\w.]+`)

// installed is the program that an installation of the project brings: of several the one that has the package's name, else the first.
func (a *app) installed() ([]string, detect.Evidence, bool) {
	if f, ok := a.manifest("setup.py"); ok {
		for _, key := range []string{"console_scripts'", `console_scripts"`, "console_scripts"} {
			first, line := "", 0
			for _, i := range listAfter(f, key) {
				m := entryPoint.FindStringSubmatch(i.Value)
				if m != nil && (first == "" || m[1] == m[2]) {
					first, line = m[1], i.Line
				}
				if m != nil && m[1] == m[2] {
					break
				}
			}
			if first != "" {
				return []string{first}, f.Evidence(line), true
			}
		}
		for _, i := range listAfter(f, "scripts") {
			if !strings.HasSuffix(i.Value, ".sh") && !strings.Contains(i.Value, "=") && a.dir.Has(i.Value) && a.pythonScript(i.Value) {
				return []string{path.Base(i.Value)}, f.Evidence(i.Line), true
			}
		}
	}
	if _, ok := a.manifest("pyproject.toml"); ok {
		f, d, ok := a.doc("pyproject.toml", manifest.ParseTOML)
		for _, at := range [][]string{{"project", "scripts"}, {"tool", "poetry", "scripts"}} {
			if keys := d.Keys(at...); ok && len(keys) > 0 {
				return []string{keys[0]}, f.Evidence(d.Line(append(at, keys[0])...)), true
			}
		}
	}
	if f, ok := a.manifest("setup.cfg"); ok {
		inside := false
		for n, text := range lines(f) {
			if strings.HasPrefix(text, "console_scripts") {
				inside = true
				continue
			}
			if m := entryPoint.FindStringSubmatch(text); inside && m != nil {
				return []string{m[1]}, f.Evidence(n), true
			}
			inside = inside && !strings.HasPrefix(text, "[")
		}
	}
	return nil, detect.Evidence{}, false
}

// rootProgram is the script that is called from the project's directory.
func (a *app) rootProgram() ([]string, detect.Evidence, bool) {
	var guarded []hit
	for _, h := range a.grep(a.files, mainGuard, 200, "__main__") {
		if strings.Count(h.name, "/") < 2 {
			guarded = append(guarded, h)
		}
	}
	for _, want := range []string{"main.py", "run.py", "__main__.py", "cli.py", "app.py", "bot.py", path.Base(a.dir.Path) + ".py"} {
		for _, h := range guarded {
			if path.Base(h.name) == want && (strings.Count(h.name, "/") == 0 || strings.HasPrefix(h.name, "src/")) {
				return []string{"python", h.name}, h.evidence(), true
			}
		}
	}
	for _, name := range a.rootScripts() {
		f, err := a.dir.Read(name)
		if err == nil {
			return []string{"python", name}, f.Evidence(1), true
		}
	}
	for _, h := range guarded {
		if strings.Count(h.name, "/") == 0 {
			return []string{"python", h.name}, h.evidence(), true
		}
	}
	for _, want := range []string{"main.py", "run.py", "app.py"} {
		if slices.Contains(a.files, want) {
			return []string{"python", want}, a.top(want), true
		}
	}
	return nil, detect.Evidence{}, false
}

// rootScripts are the programs without an ending of their name in the project's directory and its bin.
func (a *app) rootScripts() []string {
	if a.scripts != nil {
		return a.scripts
	}
	a.scripts = []string{}
	looked := 0
	for f := range a.dir.Files() {
		if strings.Contains(f, ".") || strings.Count(f, "/") > 1 || strings.Contains(f, "/") && !strings.HasPrefix(f, "bin/") || looked > 20 {
			continue
		}
		switch f {
		case "LICENSE", "Makefile", "README", "Dockerfile", "Procfile", "AUTHORS", "CHANGES", "Pipfile", "Vagrantfile", "COPYING", "NOTICE", "INSTALL", "CHANGELOG", "Jenkinsfile", "TODO", "VERSION":
			continue
		}
		looked++
		if a.pythonScript(f) {
			a.scripts = append(a.scripts, f)
		}
	}
	return a.scripts
}
