package openwhisk

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
)

// Rules names the rules of an action's document, and ImageRules those of its image.
var (
	Rules      = []string{"syntax", "action-name", "kind", "image", "timeout", "memory", "logs", "parameter-name", "parameter-twice", "parameter-size", "secret-in-file", "web-export", "raw-http"}
	ImageRules = []string{"entrypoint", "command", "action-port", "exposed-port"}
)

var (
	// Source: docs/reference.md, "Entity names".
	nameRule  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\w|\w[\w@ .-]*[\w@.-])$`) })
	imageRule = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:\w[\w.-]{0,127}|@sha256:[0-9a-f]{64})$`)
	})
	variableRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^=\x00]+$`) })
	instruction  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^(ENTRYPOINT|CMD|EXPOSE)\s+(.*)$`) })
)

const (
	maxName       = 256
	maxParameters = 1 << 20 // bytes of all together
)

// Check applies the rules of OpenWhisk's controller and of the program before the application.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		switch {
		case path.Dir(a.Path) != Dir:
		case path.Ext(a.Path) == ".json":
			out = append(out, checkAction(a)...)
		case strings.HasPrefix(path.Base(a.Path), "Dockerfile"):
			out = append(out, checkImage(a)...)
		}
	}
	return out
}

func checkAction(a generate.Artifact) []generate.Problem {
	list, out := generate.Strict[Document](a)
	for _, d := range list {
		hold := func(ok bool, rule, format string, args ...any) {
			if !ok {
				out = append(out, generate.Problem{File: a.Path, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
			}
		}
		hold(len(d.Name) <= maxName && nameRule().MatchString(d.Name), "action-name", "name %q: up to %d letters, digits, _ @ . - and blanks, which begin with a letter, a digit or _", d.Name, maxName)
		hold(d.Exec.Kind == "blackbox", "kind", "exec.kind of an image is blackbox, not %q", d.Exec.Kind)
		hold(imageRule().MatchString(d.Exec.Image) && !strings.HasSuffix(d.Exec.Image, ":latest"), "image", "exec.image %q: an image of a release, in lower case", d.Exec.Image)
		hold(d.Limits.Timeout >= 100 && d.Limits.Timeout <= maxTimeout, "timeout", "limits.timeout is 100 to %d milliseconds, not %d", maxTimeout, d.Limits.Timeout)
		hold(d.Limits.Memory >= minMemory && d.Limits.Memory <= maxMemory, "memory", "limits.memory is %d to %d MB, not %d", minMemory, maxMemory, d.Limits.Memory)
		hold(d.Limits.Logs >= 0 && d.Limits.Logs <= logSize, "logs", "limits.logs is 0 to %d MB, not %d", logSize, d.Limits.Logs)
		checkParameters(d.Parameters, hold)
		checkWeb(d.Annotations, hold)
	}
	return out
}

func checkParameters(parameters []Parameter, hold func(ok bool, rule, format string, args ...any)) {
	size := 0
	seen := map[string]bool{}
	for _, p := range parameters {
		size += len(p.Key) + len(p.Value)
		hold(variableRule().MatchString(p.Key) && !reserved(p.Key), "parameter-name", "parameter %q: a variable's name, and names with __ow_ are the platform's", p.Key)
		hold(!seen[p.Key], "parameter-twice", "parameter %s stands there twice", p.Key)
		hold(p.Value == "" || !cloudformation.SecretName().MatchString(p.Key), "secret-in-file", "%s holds its value in the file: give it when the action is put", p.Key)
		seen[p.Key] = true
	}
	hold(size <= maxParameters, "parameter-size", "the parameters have %d bytes, and an action takes %d", size, maxParameters)
}

// checkWeb holds what web actions are asked for: the program before the application wants the request as it was.
func checkWeb(annotations []Annotation, hold func(ok bool, rule, format string, args ...any)) {
	values := map[string]any{}
	for _, x := range annotations {
		values[x.Key] = x.Value
	}
	export, raw := values["web-export"], values["raw-http"]
	hold(slices.Contains([]any{nil, true, false}, export), "web-export", "annotation web-export is true or false, not %v", export)
	hold(export != true || raw == true, "raw-http", "a web action needs the annotation raw-http: true, or its requests come in pieces")
}

// checkImage holds what the image needs to be called.
func checkImage(a generate.Artifact) []generate.Problem {
	said := map[string]string{}
	for _, m := range instruction().FindAllStringSubmatch(string(a.Content), -1) {
		said[m[1]] = m[2] // the last one counts
	}
	var out []generate.Problem
	hold := func(ok bool, rule, message string) {
		if !ok {
			out = append(out, generate.Problem{File: a.Path, Rule: rule, Message: message, Error: true})
		}
	}
	var entry, command []string
	wrong := json.Unmarshal([]byte(said["ENTRYPOINT"]), &entry)
	hold(wrong == nil && len(entry) > 1 && entry[0] == "/opt/openwhisk/action" && entry[len(entry)-1] == "--", "entrypoint", "ENTRYPOINT is the program that speaks to OpenWhisk, in exec form, with -- at its end")
	hold(json.Unmarshal([]byte(said["CMD"]), &command) == nil && len(command) > 0, "command", "CMD is what the program starts, in exec form")
	hold(!slices.Contains(entry, fmt.Sprintf("-port=%d", actionPort)), "action-port", fmt.Sprintf("OpenWhisk calls port %d, which is the program's: the application listens on another", actionPort))
	hold(said["EXPOSE"] == fmt.Sprint(actionPort), "exposed-port", fmt.Sprintf("OpenWhisk calls port %d", actionPort))
	return out
}
