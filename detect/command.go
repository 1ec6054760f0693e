package detect

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// secretName is a variable that holds a secret, by its name.
	secretName = regexp.MustCompile(`(?i)(?:pass(?:word|wd)?|pwd|secret|token|api_?key|private_?key|credential)`)
	assignment = regexp.MustCompile(`^([A-Za-z_]\w*)=([^$]*)$`)
	// shellAssignment is one before a command of a shell.
	shellAssignment = regexp.MustCompile(`(^|[\s;&|(])([A-Za-z_]\w*)=("[^"$]*"|'[^']*'|[^\s;&|"'$]+)(?:\s+|$)`)
)

// liftSecrets takes the secrets that commands set for themselves ("TOKEN=x bundle exec ...") out of them: they would be written into every file that
// names the command. The container is given them as variables instead.
func liftSecrets(c *Component) {
	for i := range c.Processes {
		p := &c.Processes[i]
		command, names := withoutSecrets(p.Command)
		p.Command = command
		for _, name := range names {
			at := slices.IndexFunc(c.Env, func(e EnvVar) bool { return e.Name == name })
			if at < 0 {
				c.Env = append(c.Env, EnvVar{Name: name, Why: "the command of the process " + p.Name + " sets it", Evidence: p.Evidence})
				at = len(c.Env) - 1
			}
			e := &c.Env[at]
			e.Required, e.Secret, e.Default, e.Value = true, true, "", ""
		}
	}
}

// withoutSecrets returns a command in exec form without the assignments of literal secrets, and the names that were assigned.
func withoutSecrets(command []string) (out, names []string) {
	switch {
	case len(command) > 1 && command[0] == "env":
		rest := 1
		for ; rest < len(command); rest++ {
			m := assignment.FindStringSubmatch(command[rest])
			if m == nil {
				if !strings.Contains(command[rest], "=") {
					break
				}
			} else if secretName.MatchString(m[1]) {
				names = append(names, m[1])
				continue
			}
			out = append(out, command[rest])
		}
		if len(names) == 0 {
			return command, nil
		}
		if len(out) > 0 {
			out = append([]string{"env"}, out...)
		}
		return append(out, command[rest:]...), names
	case len(command) == 3 && command[1] == "-c":
		text := shellAssignment.ReplaceAllStringFunc(command[2], func(s string) string {
			m := shellAssignment.FindStringSubmatch(s)
			if !secretName.MatchString(m[2]) {
				return s
			}
			names = append(names, m[2])
			return m[1]
		})
		if len(names) == 0 {
			return command, nil
		}
		return []string{command[0], command[1], text}, names
	}
	return command, nil
}
