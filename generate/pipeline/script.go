package pipeline

import (
	"regexp"
	"strings"
	"sync"
)

var (
	asWord     = lazy(`(--password[= ]|docker login[^|\n]*\s-p\s)`)
	printed    = lazy(`(?m)^\s*(echo|printf)\b[^|>\n]*\$\{?[A-Z_]*(PASSWORD|SECRET|TOKEN|API_KEY|_KEY)\b[^|>\n]*$`)
	secretName = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
)

// ScriptRules are the ids of what Script refuses.
func ScriptRules() []string { return []string{"password-as-word", "secret-in-log"} }

// Script returns the rules that a script of any service breaks, with what is to be done: "password-as-word", "secret-in-log".
func Script(script string) map[string]string {
	out := map[string]string{}
	if asWord().MatchString(script) {
		out["password-as-word"] = "a password on the command line is seen by every process: --password-stdin"
	}
	if printed().MatchString(script) {
		out["secret-in-log"] = "a script prints a secret"
	}
	return out
}

// SecretInFile reports whether a variable of this name must not have its value in a file. A value that begins with a dollar is another's.
func SecretInFile(name, value string) bool {
	return secretName().MatchString(name) && value != "" && !strings.HasPrefix(value, "$")
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
