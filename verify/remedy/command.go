package remedy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/plan"
)

// listenVariables are the variables with which frameworks choose the address to listen on.
var listenVariables = []struct{ field, value, name string }{
	{"framework", "rails", "BINDING"}, {"framework", "spring-boot", "SERVER_ADDRESS"}, {"framework", "flask", "FLASK_RUN_HOST"},
	{"framework", "quarkus", "QUARKUS_HTTP_HOST"}, {"framework", "nuxt", "NUXT_HOST"}, {"framework", "next", "HOSTNAME"},
	{"language", "javascript", "HOST"}, {"language", "typescript", "HOST"}, {"language", "python", "HOST"}, {"language", "go", "HOST"}, {"language", "ruby", "HOST"},
}

// bindAll makes a server listen on every address: in its command when that names the loopback one, else by the variable
// that its code reads, else by that of its framework.
func bindAll(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	for _, proc := range c.Processes {
		line := plan.ShellWords(proc.Command)
		if loopback().MatchString(line) {
			return []Change{{fieldPath(c, "processes."+proc.Name), loopback().ReplaceAllString(line, "0.0.0.0")}}
		}
	}
	for _, s := range c.Settings {
		if loopbackAddress().MatchString(s.Value) && listenName().MatchString(s.Name) {
			return []Change{{fieldPath(c, "env."+s.Name), loopback().ReplaceAllString(s.Value, "0.0.0.0")}}
		}
	}
	for _, e := range c.Env {
		if listenName().MatchString(e.Name) && (e.Value == "" || loopbackAddress().MatchString(e.Value)) && !strings.Contains(e.Name, "DB") {
			value := "0.0.0.0"
			if e.Value != "" {
				value = loopback().ReplaceAllString(e.Value, "0.0.0.0")
			}
			return []Change{{fieldPath(c, "env."+e.Name), value}}
		}
	}
	for _, v := range listenVariables {
		if value(p, fieldPath(c, v.field)) == v.value {
			return []Change{{fieldPath(c, "env."+v.name), "0.0.0.0"}}
		}
	}
	return nil
}

var (
	loopback        = lazy(`\b127\.0\.0\.1\b|\blocalhost\b`)
	loopbackAddress = lazy(`^(?:https?://)?(?:127\.0\.0\.1|localhost)(?::\d+)?$`)
	listenName      = lazy(`^(?:HOST|BIND|IP|INTERFACE|ADDR|ADDRESS|HTTP_HOST|HTTP_ADDR|SERVER_HOST|SERVER_ADDR|LISTEN|LISTEN_ADDR|LISTEN_HOST|BIND_ADDR|BIND_ADDRESS|BIND_HOST|APP_HOST|[A-Z]+_BIND|[A-Z]+_LISTEN)$`)
)

// stalePID removes a PID file that came with the image before the server starts.
func stalePID(_ *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	file := "tmp/pids/server.pid"
	if len(match) > 1 && match[1] != "" {
		file = strings.TrimPrefix(match[1], "/app/")
	}
	command := c.Command()
	if len(command) == 0 || strings.HasPrefix(file, "/") || !pidFile().MatchString(file) {
		return nil
	}
	script := "rm -f " + file + " && exec " + plan.ShellWords(command)
	return mainProcess(c, []string{"sh", "-c", script})
}

var pidFile = lazy(`^[\w./-]+\.pid$`)

// mainProcess changes what the component runs.
func mainProcess(c *plan.Component, command []string) []Change {
	for _, p := range c.Processes {
		if p.Name == c.Name || p.Name == string(c.Role.V) {
			return []Change{{fieldPath(c, "processes."+p.Name), plan.ShellWords(command)}}
		}
	}
	return nil
}

// interpreters run scripts, by the end of their names and by the language of the component.
var interpreters = map[string]string{
	".sh": "sh", ".js": "node", ".py": "python", ".rb": "ruby", ".pl": "perl", ".php": "php",
	"javascript": "node", "typescript": "node", "python": "python", "ruby": "ruby", "perl": "perl", "php": "php",
}

// interpreter hands a script that cannot be executed (no right to it, or DOS line ends behind its first line) to its interpreter.
func interpreter(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	command := c.Command()
	if len(command) > 2 && slices.Equal(command[:2], []string{"bundle", "exec"}) {
		command = command[2:]
	}
	if len(command) == 0 || path.IsAbs(command[0]) && !strings.HasPrefix(command[0], "/app/") || !strings.Contains(command[0], "/") {
		return nil // programs of the image are no scripts of the application
	}
	program := interpreters[path.Ext(command[0])]
	if program == "" {
		program = interpreters[value(p, fieldPath(c, "language"))]
	}
	if program == "" {
		return nil
	}
	return mainProcess(c, append([]string{program}, command...))
}

// wrapper hands the build tool's wrapper to the shell: it lies in the repository without the right to be executed, or with DOS line ends.
func wrapper(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	command := value(p, fieldPath(c, "facts.buildCommand"))
	for _, w := range []string{"gradlew", "mvnw"} {
		if rest, ok := strings.CutPrefix(command, "./"+w+" "); ok {
			script := `sed -i 's/\r$//' ` + w + ` && sh ./` + w + " " + rest
			return []Change{{fieldPath(c, "facts.buildCommand"), script}}
		}
	}
	return nil
}

// artifact looks for the archive by its kind where the build was said to leave it under another name.
func artifact(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	at := value(p, fieldPath(c, "facts.artifact"))
	ext := path.Ext(at)
	if ext == "" || strings.HasPrefix(path.Base(at), "*") {
		return nil
	}
	return []Change{{fieldPath(c, "facts.artifact"), path.Join(path.Dir(at), "*"+ext)}}
}
