package detect

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// secretVariable is a variable that holds a secret, by the words of its name: DB_PASSWORD and not TOKENIZERS_PARALLELISM.
	secretVariable = regexp.MustCompile(`(?i)(?:^|_)(?:pass(?:word|wd|phrase)?|secret|token|credentials?)(?:_|$)|_pwd$|(?:password|passwd|secret|token|apikey)$|(?:api|private|access|secret|master|signing|encryption|auth)_?key(?:_|$)`)
	// literal is a value that stands in the command itself, and says something.
	literal    = regexp.MustCompile(`^["']?[^"'$][^$]*$`)
	plainValue = regexp.MustCompile(`(?i)^["']?(?:true|false|yes|no|on|off|\d{1,5})["']?$`)
	// shellAssignment is one before a command of a shell.
	shellAssignment = regexp.MustCompile(`(^|[\s;&|(])([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s;&|"']+)(?:\s+|$)`)
)

// liftSecrets takes the secrets that commands set for themselves ("TOKEN=x bundle exec ...") out of them: they would be written into every file that
// names the command. The container is given them as variables instead.
func liftSecrets(c *Component) {
	lift := func(command []string, what string, evidence []Evidence) []string {
		command, names := withoutSecrets(command)
		for _, name := range names {
			at := slices.IndexFunc(c.Env, func(e EnvVar) bool { return e.Name == name })
			if at < 0 {
				c.Env = append(c.Env, EnvVar{Name: name, Why: "the command of " + what + " sets it", Evidence: evidence})
				at = len(c.Env) - 1
			}
			e := &c.Env[at]
			e.Required, e.Secret, e.Default, e.Value = true, true, "", ""
		}
		return command
	}
	for i := range c.Processes {
		p := &c.Processes[i]
		p.Command = lift(p.Command, "the process "+p.Name, p.Evidence)
	}
	for i := range c.Schedules {
		s := &c.Schedules[i]
		s.Command = lift(s.Command, "the task "+s.Name, s.Evidence)
	}
}

// holdsSecret reports whether an assignment writes a secret down.
func holdsSecret(name, value string) bool {
	return secretVariable.MatchString(name) && literal.MatchString(value) && !plainValue.MatchString(value)
}

// withoutSecrets returns a command in exec form without the assignments of literal secrets, and the names that were assigned.
func withoutSecrets(command []string) (out, names []string) {
	switch {
	case len(command) > 1 && command[0] == "env":
		kept, rest := []string{"env"}, 1
		for ; rest < len(command) && strings.Contains(command[rest], "="); rest++ {
			if name, value, _ := strings.Cut(command[rest], "="); holdsSecret(name, value) {
				names = append(names, name)
			} else {
				kept = append(kept, command[rest])
			}
		}
		inner, more := withoutSecrets(command[rest:])
		if names = append(names, more...); len(kept) == 1 && rest > 1 {
			return inner, names
		}
		return append(kept, inner...), names
	case len(command) == 3 && strings.HasPrefix(command[1], "-") && strings.HasSuffix(command[1], "c"): // sh -c, bash -lc
		text := shellAssignment.ReplaceAllStringFunc(command[2], func(s string) string {
			m := shellAssignment.FindStringSubmatch(s)
			if !holdsSecret(m[2], m[3]) {
				return s
			}
			names = append(names, m[2])
			return m[1]
		})
		return []string{command[0], command[1], text}, names
	}
	return command, nil
}
