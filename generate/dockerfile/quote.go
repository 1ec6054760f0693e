package dockerfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// Each function writes a value for one context of a Dockerfile. Values were checked when
// they entered the plan; what is written here holds even if they were not.

// refused is the error for a value that has no place in a Dockerfile. Where in which template it was found out helps nobody.
func refused(value, why string) error {
	return &generate.UnsupportedError{Message: fmt.Sprintf("%q cannot be written into a Dockerfile: %s", detect.Printable(value, 80), why)}
}

// oneLine refuses what would start another line.
func oneLine(s string) error {
	if i := strings.IndexFunc(s, func(r rune) bool {
		return r < 0x20 || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == '⟦' || r == '⟧'
	}); i >= 0 {
		return refused(s, "it holds a control character")
	}
	return nil
}

// jsonArray writes the exec form: a JSON array on one line.
func jsonArray(words []string) (string, error) {
	for _, w := range words {
		if err := oneLine(w); err != nil {
			return "", err
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(words); err != nil {
		return "", err
	}
	return strings.ReplaceAll(strings.TrimSpace(b.String()), `","`, `", "`), nil
}

// envValue quotes a value of ENV or LABEL: BuildKit expands $ and \ inside double quotes.
func envValue(s string) (string, error) {
	if err := oneLine(s); err != nil {
		return "", err
	}
	if plainValue().MatchString(s) {
		return s, nil
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(s) + `"`, nil
}

var plainValue = lazy(`^[A-Za-z0-9_./:@%+=,-]+$`)

// shell quotes a word of a RUN line.
func shell(s string) (string, error) {
	if err := oneLine(s); err != nil {
		return "", err
	}
	quoted, err := syntax.Quote(s, syntax.LangPOSIX)
	if err != nil {
		return "", refused(s, err.Error())
	}
	return quoted, nil
}

// glob quotes a pattern of a RUN line, leaving * and ? to the shell.
func glob(s string) (string, error) {
	var out strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "*?")
		if i != 0 {
			part := s
			if i > 0 {
				part = s[:i]
			}
			q, err := shell(part)
			if err != nil {
				return "", err
			}
			out.WriteString(q)
			s = s[len(part):]
			continue
		}
		out.WriteByte(s[0])
		s = s[1:]
	}
	return out.String(), nil
}

// script writes a command line for RUN: the words of a simple command, else a script for sh -c as one word.
func script(s string) (string, error) {
	words, err := plan.ParseWords(s)
	if err != nil {
		return "", err
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		if quoted[i], err = shell(w); err != nil {
			return "", err
		}
	}
	return strings.Join(quoted, " "), nil
}

// copyPaths writes the arguments of COPY: plain where that is safe, else the JSON form. In
// both BuildKit expands variables and patterns, so these are escaped.
func copyPaths(paths ...string) (string, error) {
	plain := true
	for _, p := range paths {
		plain = plain && plainPath().MatchString(p)
	}
	if plain {
		return strings.Join(paths, " "), nil
	}
	escaped := make([]string, len(paths))
	for i, p := range paths {
		p = strings.NewReplacer(`\`, `\\\\`, `*`, `\\*`, `?`, `\\?`, `[`, `\\[`, `$`, `\$`, `"`, `\"`, `'`, `\'`).Replace(p)
		if i == len(paths)-1 { // the destination is no pattern
			p = strings.NewReplacer(`\`, `\\`, `$`, `\$`, `"`, `\"`, `'`, `\'`).Replace(paths[i])
		}
		escaped[i] = p
	}
	return jsonArray(escaped)
}

var plainPath = lazy(`^[A-Za-z0-9_./][A-Za-z0-9_./#-]*\*?$`)

// quotedText makes a value safe inside a double-quoted word of a RUN line: what the shell would read there is left out.
func quotedText(s string) (string, error) {
	if err := oneLine(s); err != nil {
		return "", err
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"$`\\!<", r) {
			return '_'
		}
		return r
	}, s), nil
}

// bare passes a word that needs no quoting anywhere and refuses every other: names of variables, of
// packages and of files that a template puts together.
func bare(s string) (string, error) {
	if !bareWord().MatchString(s) {
		return "", refused(s, "a plain word is wanted there")
	}
	return s, nil
}

// plainDir passes a path that needs no quoting anywhere and refuses every other: what WORKDIR is given.
func plainDir(s string) (string, error) {
	if !plainPath().MatchString(s) || strings.HasSuffix(s, "*") || strings.Contains("/"+s+"/", "/../") {
		return "", refused(s, "a plain path is wanted there")
	}
	return s, nil
}

// slashed is a plain word that may hold slashes: the path of a context, the name of a data source. No shell, XML or
// command language of a server gives any of its characters a meaning.
func slashed(s string) (string, error) {
	if !slashedWord().MatchString(s) {
		return "", refused(s, "a plain word or path is wanted there")
	}
	return s, nil
}

var slashedWord = lazy(`^[A-Za-z0-9_/][A-Za-z0-9_.+:/-]*$`)

var bareWord = lazy(`^[A-Za-z0-9_][A-Za-z0-9_.+:-]*$`)

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
