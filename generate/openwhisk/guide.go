package openwhisk

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// readme says what to do with the files.
func readme(p *plan.Plan, all []action, others []string) generate.Artifact {
	g := generate.NewGuide(Dir, p.Name+" on Apache OpenWhisk")
	if !g.Begin("OpenWhisk", len(all) > 0, others, "Each action has a Dockerfile, which puts `action.go` before the application, and a document for OpenWhisk's API.") {
		return g.Artifact()
	}
	g.Push(p)
	var build []string
	for _, a := range all {
		build = append(build, generate.Wrapped(a.imageName(), a.Image, "Dockerfile."+a.file)...)
	}
	g.Step("Build and push the actions, to a registry from which OpenWhisk may pull without a password.", build...)
	g.Backings(p, generate.Kubernetes)
	exports(g, p, all)
	puts(g, p, all)
	calls(g, p, all)
	notes(g, all)
	return g.Artifact()
}

// exports is the step that gives the values that are in no file to the shell.
func exports(g *generate.Guide, p *plan.Plan, all []action) {
	var commands []string
	seen := map[string]bool{}
	for _, a := range all {
		_, stored := a.settings(p)
		for _, s := range stored {
			if v := variable(p, a, s.Name); !seen[v] {
				seen[v] = true
				commands = append(commands, plan.ShellWords([]string{"read", "-rs", v})+" && "+plan.ShellWords([]string{"export", v}))
			}
		}
	}
	if len(commands) > 0 {
		g.Step("Give the shell the values that are in no file; addresses are those of your own databases and services. OpenWhisk keeps them with the actions: have its administrator switch on the encryption of parameters (`whisk.parameter-storage`).", commands...)
	}
}

// variable of the shell holds the value of a setting: components that mean another value by a name have their own.
func variable(p *plan.Plan, a action, name string) string {
	if !generate.Shared(p, name) {
		name = strings.ToUpper(a.Name) + "_" + name
	}
	return strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, name)
}

// puts are the steps that make the actions: first those of the release steps, which are called before the others change.
func puts(g *generate.Guide, p *plan.Plan, all []action) {
	var releases, others []string
	for _, a := range all {
		if a.release {
			releases = append(releases, put(p, a), plan.ShellWords([]string{"wsk", "action", "invoke", a.name(p)}), "wsk activation get --last")
		} else {
			others = append(others, put(p, a))
		}
	}
	const host = "`APIHOST` stands for your OpenWhisk; its key (`wsk property get --auth`) is in ~/.netrc, the part before the colon as login, the part behind it as password."
	if len(releases) > 0 {
		g.Step("Before a new version serves, put its release step, call it, and look at how it ended. "+host, releases...)
		g.Step("Put the other actions.", others...)
		return
	}
	g.Step("Put the actions. "+host, others...)
}

// put is the command that makes an action, with the values of the shell added to what its document says.
func put(p *plan.Plan, a action) string {
	_, stored := a.settings(p)
	var entries []string
	for _, s := range stored {
		key, _ := json.Marshal(s.Name) // a string is always encoded
		v := variable(p, a, s.Name)
		entries = append(entries, fmt.Sprintf(`{key: %s, value: (env.%s // error("%s is not set")), init: true}`, key, v, v))
	}
	filter := "."
	if len(entries) > 0 {
		filter = ".parameters += [" + strings.Join(entries, ", ") + "]"
	}
	return plan.ShellWords([]string{"jq", filter, a.file + ".json"}) + " | " + plan.ShellWords([]string{
		"curl", "--fail-with-body", "--netrc", "-X", "PUT", "-H", "Content-Type: application/json", "--data", "@-",
		"https://APIHOST/api/v1/namespaces/_/actions/" + a.name(p) + "?overwrite=true"})
}

// calls is the step about who calls the actions.
func calls(g *generate.Guide, p *plan.Plan, all []action) {
	var commands []string
	for _, a := range all {
		if a.cron != "" {
			commands = append(commands, plan.ShellWords([]string{"wsk", "trigger", "create", a.name(p), "--feed", "/whisk.system/alarms/alarm", "--param", "cron", a.cron}),
				plan.ShellWords([]string{"wsk", "rule", "create", a.name(p), a.name(p), a.name(p)}))
		}
	}
	if len(commands) > 0 {
		g.Step("Let the schedules call their actions. The time zone is UTC unless the feed is given another (`--param timezone`).", commands...)
	}
	g.Step("Call them.")
	for _, a := range all {
		switch {
		case a.cron != "" || a.release:
		case a.web:
			g.Item("%s: `https://APIHOST/api/v1/web/NAMESPACE/default/%s.http/`, for everybody. What the application says of its own paths begins at `/`: give it a name of its own, by OpenWhisk's API gateway or a proxy that puts the path before.", a.Name, a.name(p))
		default:
			g.Item("%s: `%s`, with your key.", a.Name, plan.ShellWords([]string{"wsk", "action", "invoke", "--result", a.name(p), "--param-file", "call.json"}))
		}
	}
	g.Blank()
}

// notes are what the platform does not do.
func notes(g *generate.Guide, all []action) {
	g.Step("Know the limits: a call and its answer are at most 1 MB, a web action's caller waits 60 seconds, an action has 5 minutes, and one container makes one call at a time.")
	seen := map[string]bool{}
	for _, a := range all {
		if seen[a.Name] {
			continue
		}
		seen[a.Name] = true
		switch {
		case a.Memory.From == detect.Default && a.Memory.V > usualMemory:
			g.Item("The memory of %s has not been measured: %d MB is the most that an installation gives that nobody has configured. `drydock verify` measures it.", a.Name, usualMemory)
		case a.Memory.V > usualMemory:
			g.Item("%s needs %d MB of memory: the installation's limit (`CONFIG_whisk_memory_max`) is to be as much; without, it is %d.", a.Name, Fit(a.Memory.V, false), usualMemory)
		}
		if data, _ := generate.Storage(a.Component); len(data) > 0 {
			g.Item("%s keeps files in %s, and an action's files go with it: keep them elsewhere.", a.Name, strings.Join(data, ", "))
		}
	}
	g.Blank()
}
