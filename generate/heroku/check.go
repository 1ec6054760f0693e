package heroku

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules of Heroku to heroku.yml, app.json and the Procfile.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path != path.Base(a.Path) && path.Dir(a.Path) != Dir {
			continue
		}
		switch path.Base(a.Path) {
		case ManifestFile:
			out = append(out, checkManifest(a)...)
		case AppFile:
			out = append(out, checkApp(a)...)
		case ProcFile:
			out = append(out, checkProcfile(a)...)
		}
	}
	return out
}

var (
	processName = lazy(`^[A-Za-z0-9_-]{1,30}$`)
	addonPlan   = lazy(`^[a-z0-9-]+(:[a-z0-9.-]+)?$`)
	addonAs     = lazy(`^[A-Z][A-Z0-9_]*$`)
	variable    = lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)
	secretName  = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
)

// fault is a rule that a file breaks, and the text that its line holds.
type fault struct{ rule, at, message string }

func problems(a generate.Artifact, faults []fault) []generate.Problem {
	var out []generate.Problem
	for _, f := range faults {
		line := 0
		if i := bytes.Index(a.Content, []byte(f.at)); i >= 0 && f.at != "" {
			line = 1 + bytes.Count(a.Content[:i], []byte("\n"))
		}
		out = append(out, generate.Problem{File: a.Path, Line: line, Rule: f.rule, Message: f.message, Error: true})
	}
	return out
}

// ManifestRules are the ids of what is refused in heroku.yml. Source: Heroku Dev Center, "Building Docker Images with heroku.yml".
var ManifestRules = []string{"no-build", "dockerfile", "process-name", "image-unknown", "empty-command", "addon-plan", "addon-name", "reserved-variable", "secret-in-file"}

func checkManifest(a generate.Artifact) []generate.Problem {
	docs, refused := generate.Strict[Manifest](generate.Artifact{Path: a.Path, Content: listed(a.Content)})
	if len(refused) > 0 || len(docs) != 1 {
		return refused
	}
	m := docs[0]
	var out []fault
	if len(m.Build.Docker) == 0 {
		out = append(out, fault{"no-build", "build", "build.docker names no image"})
	}
	for name, file := range sorted(m.Build.Docker) {
		if file == "" || path.IsAbs(file) || path.Clean(file) != file || strings.HasPrefix(file, "../") {
			out = append(out, fault{"dockerfile", name, fmt.Sprintf("build.docker.%s: %q is not the path of a Dockerfile below the root", name, file)})
		}
		out = append(out, named(name)...)
	}
	processes := maps.Clone(m.Run)
	for name := range m.Run {
		out = append(out, named(name)...)
	}
	if m.Release != nil {
		if processes == nil {
			processes = map[string]Process{}
		}
		processes["release"] = *m.Release
	}
	for name, run := range sorted(processes) {
		image := run.Image
		if image == "" && name != "release" {
			image = name
		}
		if _, ok := m.Build.Docker[image]; !ok && image != "" {
			out = append(out, fault{"image-unknown", name, fmt.Sprintf("%s runs from the image of %s, which build.docker does not build", name, image)})
		}
		if len(run.Command) == 0 || slices.Contains(run.Command, "") {
			out = append(out, fault{"empty-command", name, name + " has no command"})
		}
	}
	if m.Setup != nil {
		out = append(out, addons(m.Setup.Addons)...)
		for name, value := range sorted(m.Setup.Config) {
			out = append(out, setting(name, value)...)
		}
	}
	return problems(a, out)
}

// listed makes a command that is given as one text the list of one that Heroku takes it for, so that both forms are read.
func listed(content []byte) []byte {
	var doc yaml.Node
	if yaml.Unmarshal(content, &doc) != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return content
	}
	list := func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			*n = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: n.Line, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: n.Value}}}
		}
	}
	inner := func(n *yaml.Node) {
		for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
			if n.Content[i].Value == "command" {
				list(n.Content[i+1])
			}
		}
	}
	root := doc.Content[0]
	for i := 0; i+1 < len(root.Content); i += 2 {
		switch v := root.Content[i+1]; root.Content[i].Value {
		case "release":
			inner(v)
		case "run":
			for j := 0; j+1 < len(v.Content) && v.Kind == yaml.MappingNode; j += 2 {
				if p := v.Content[j+1]; p.Kind == yaml.ScalarNode {
					text := *p
					*p = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: "command"}, &text}}
				}
				inner(v.Content[j+1])
			}
		}
	}
	out, err := yaml.Marshal(&doc)
	if err != nil {
		return content
	}
	return out
}

func named(name string) []fault {
	if processName().MatchString(name) && name != "release" {
		return nil
	}
	return []fault{{"process-name", name, fmt.Sprintf("%q is not the name of a process: up to 30 letters, digits, - and _, and not release", name)}}
}

func addons(list []Addon) []fault {
	var out []fault
	seen := map[string]bool{}
	for _, x := range list {
		if !addonPlan().MatchString(x.Plan) {
			out = append(out, fault{"addon-plan", x.Plan, fmt.Sprintf("%q is not the plan of an add-on, such as heroku-postgresql:essential-0", x.Plan)})
		}
		if x.As != "" && (!addonAs().MatchString(x.As) || seen[x.As]) {
			out = append(out, fault{"addon-name", x.As, fmt.Sprintf("as %q: capital letters, digits and _ are wanted, and each name once", x.As)})
		}
		seen[x.As] = true
	}
	return out
}

func setting(name, value string) []fault {
	var out []fault
	if reserved(name) || !variable().MatchString(name) {
		out = append(out, fault{"reserved-variable", name, name + " is set by Heroku itself, or is no name of a variable"})
	}
	if secretName().MatchString(name) && value != "" && !isSwitch(value) {
		out = append(out, fault{"secret-in-file", name, name + " holds its value in the file: set it with heroku config:edit"})
	}
	return out
}

// isSwitch tells TOKEN_LOGIN=1 from a token.
func isSwitch(v string) bool {
	switch strings.ToLower(v) {
	case "0", "1", "yes", "no", "true", "false", "on", "off":
		return true
	}
	return false
}

// AppRules are the ids of what is refused in app.json. Source: Heroku Dev Center, "app.json Schema".
var AppRules = []string{"json", "app-name", "stack", "generator", "generated-value", "dyno-size", "quantity", "process-name", "addon-plan", "addon-name", "reserved-variable", "secret-in-file"}

func checkApp(a generate.Artifact) []generate.Problem {
	var app App
	d := json.NewDecoder(bytes.NewReader(a.Content))
	if err := d.Decode(&app); err != nil {
		return problems(a, []fault{{"json", "", err.Error()}})
	}
	var out []fault
	if n := len(app.Name); n > 30 || n == 0 {
		out = append(out, fault{"app-name", `"name"`, "name: 1 to 30 letters are wanted"})
	}
	if app.Stack != "container" {
		out = append(out, fault{"stack", `"stack"`, fmt.Sprintf("the stack %q does not build images: it must be container", app.Stack)})
	}
	for name, v := range sorted(app.Env) {
		if v.Generator != "" && v.Generator != "secret" {
			out = append(out, fault{"generator", `"generator"`, fmt.Sprintf("%s: there is no generator %q, only secret", name, v.Generator)})
		}
		if v.Generator != "" && v.Value != "" {
			out = append(out, fault{"generated-value", name, name + " has a value and a generator"})
		}
		out = append(out, setting(name, v.Value)...)
	}
	for name, f := range sorted(app.Formation) {
		if !slices.ContainsFunc(dynos, func(d struct {
			name   string
			memory int
		}) bool {
			return d.name == strings.ToLower(f.Size)
		}) && !slices.Contains([]string{"eco", "basic"}, strings.ToLower(f.Size)) {
			out = append(out, fault{"dyno-size", name, fmt.Sprintf("%s: there is no dyno %q", name, f.Size)})
		}
		if f.Quantity < 0 {
			out = append(out, fault{"quantity", name, fmt.Sprintf("%s: %d dynos", name, f.Quantity)})
		}
		out = append(out, named(name)...)
	}
	return problems(a, append(out, addons(app.Addons)...))
}

// ProcRules are the ids of what is refused in a Procfile.
var ProcRules = []string{"procfile-line", "process-name", "process-twice"}

func checkProcfile(a generate.Artifact) []generate.Problem {
	var out []fault
	seen := map[string]bool{}
	for line := range strings.Lines(string(a.Content)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, command, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(command) == "" {
			out = append(out, fault{"procfile-line", line, fmt.Sprintf("%q is not NAME: COMMAND", line)})
			continue
		}
		if name != "release" { // a step of its own there
			out = append(out, named(name)...)
		}
		if seen[name] {
			out = append(out, fault{"process-twice", line, "two processes are called " + name})
		}
		seen[name] = true
	}
	return problems(a, out)
}

// sorted walks a map in the order of its keys.
func sorted[V any](m map[string]V) func(func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
