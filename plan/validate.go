package plan

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/distribution/reference"

	"github.com/drydock-cli/drydock/detect"
)

// Everything below reaches a Dockerfile, a YAML file or a shell sooner or later, and may come from a hostile
// repository: what a value may look like is said here, once. Writers still quote for their own context.

const maxValue = 4096 // bytes; longer than any sensible setting, command word or path

// match returns a check against an anchored expression, compiled when it is first used, and a length in bytes: a bound in the
// expression itself would be compiled into as many copies of what it bounds.
func match(expr string, most int, what string) func(string) error {
	rule := lazy(expr)
	return func(s string) error {
		if len(s) > most || !rule().MatchString(s) {
			return fmt.Errorf("%q is not %s", detect.Printable(s, 60), what)
		}
		return nil
	}
}

// lazy is a pattern that is compiled when it is first used: most commands need few of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var (
	checkName    = match(`^[a-z][a-z0-9-]*$`, 63, "a name: lower-case letters, digits and dashes, starting with a letter")
	checkVersion = match(`^[0-9A-Za-z][0-9A-Za-z.+_-]*$`, 64, "a version: letters, digits and . + _ - only")
	checkWord    = match(`^[0-9A-Za-z][0-9A-Za-z._-]*$`, 64, "a plain word: letters, digits and . _ - only")
	checkEnvName = match(`^[A-Za-z_][A-Za-z0-9_]*$`, 128, "a name of an environment variable")
	checkSetting = match(`^[A-Za-z_][A-Za-z0-9_.]*$`, 128, "a name of an environment variable")
	checkFact    = match(`^[a-z][A-Za-z0-9]*$`, 64, "a name of a fact")
	checkPackage = match(`^[a-z0-9][a-z0-9.+-]+(:[a-z0-9]+)?$`, 100, "a name of a Debian package") // Debian policy 5.6.1
	checkURLPath = match(`^/[A-Za-z0-9/._~%!$&'()*+,;=:@?-]*$`, 256, "a path of a URL: it starts with / and holds no space")
)

// checkText refuses what no line of a generated file may hold.
func checkText(s string) error {
	switch {
	case len(s) > maxValue:
		return fmt.Errorf("%q is longer than %d bytes", detect.Printable(s, 40), maxValue)
	case !utf8.ValidString(s):
		return fmt.Errorf("%q is not valid UTF-8", detect.Printable(strings.ToValidUTF8(s, "?"), 60))
	}
	for _, r := range s {
		// ⟦ and ⟧ are the marks of the templates.
		if r < 0x20 || (r >= 0x7f && r < 0xa0) || r == 0x2028 || r == 0x2029 || (r >= 0x202a && r <= 0x202e) || r == '⟦' || r == '⟧' {
			return fmt.Errorf("%q holds a control character (%U)", detect.Printable(s, 60), r)
		}
	}
	return nil
}

func checkPort(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("%q is not a port: a number from 1 to 65535", detect.Printable(s, 60))
	}
	return nil
}

// number returns a check for a whole number within bounds.
func number(min, max int, unit string) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < min || n > max {
			return fmt.Errorf("%q is not a number of %s from %d to %d", detect.Printable(s, 60), unit, min, max)
		}
		return nil
	}
}

func checkImage(s string) error {
	if err := checkText(s); err != nil {
		return err
	}
	if _, err := reference.ParseNormalizedNamed(s); err != nil {
		return fmt.Errorf("%q is not the name of an image: %w", detect.Printable(s, 80), err)
	}
	return nil
}

// checkRegistry accepts what can stand in front of an image name.
func checkRegistry(s string) error {
	if err := checkText(s); err != nil {
		return err
	}
	if _, err := reference.ParseNormalizedNamed(s + "/x:1"); err != nil || strings.HasSuffix(s, "/") {
		return fmt.Errorf("%q is not a registry, such as registry.example.com or registry.example.com/mirror", detect.Printable(s, 80))
	}
	return nil
}

// checkPath accepts a clean slash-separated path inside the tree.
func checkPath(s string) error {
	if err := checkText(s); err != nil {
		return err
	}
	if s == "" || path.IsAbs(s) || path.Clean(s) != s || s == ".." || strings.HasPrefix(s, "../") || strings.ContainsRune(s, '\\') {
		return fmt.Errorf("%q is not a path below the repository's root", detect.Printable(s, 80))
	}
	return nil
}

// checkWritten accepts a directory that is written at run time: below the component, or absolute in the container.
// A colon would begin the options of a volume in the notation of Docker.
func checkWritten(s string) error {
	if strings.ContainsRune(s, ':') {
		return fmt.Errorf("%q holds a colon, which the name of a volume's directory cannot", detect.Printable(s, 80))
	}
	if strings.HasPrefix(s, "/") && len(s) > 1 {
		if path.Clean(s) != s {
			return fmt.Errorf("%q is not a clean path", detect.Printable(s, 80))
		}
		return checkPath(strings.TrimPrefix(s, "/"))
	}
	return checkPath(s)
}

// scheduleWord is a name that every platform takes for a task.
var scheduleWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]{0,38}[a-z0-9]$`) })

func checkScheduleName(s string) error {
	if !scheduleWord().MatchString(s) {
		return fmt.Errorf("%q is not a name of a schedule: small letters, digits and hyphens, two to forty", detect.Printable(s, 80))
	}
	return nil
}

func checkCron(s string) error {
	if !detect.CronTime(s) {
		return fmt.Errorf("%q is not a time of cron: five fields, such as 0 3 * * *", detect.Printable(s, 80))
	}
	return nil
}

func checkCommand(words []string) error {
	if len(words) == 0 || words[0] == "" {
		return errors.New("the command is empty")
	}
	for _, w := range words {
		if err := checkText(w); err != nil {
			return err
		}
	}
	return nil
}
