package kubernetes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// readme says what to do with the manifests.
func (b *base) readme() generate.Artifact {
	p := b.Plan
	g := generate.NewGuide(Dir, p.Name+" on Kubernetes")
	g.Text("`base` holds the application's objects, each directory of `overlays` what a kind of cluster has of its own: %s. The commands are run in this directory and take the first of them; write another for it.", overlayNames())
	g.Push(p)
	g.Step("Put your domain for `example.com`, and in the overlay your registry and the tag.")
	for _, o := range overlayList() {
		g.Item("%s", o.name+": "+o.note)
	}
	g.Blank()
	g.Backings(p, generate.Kubernetes)
	kubectl := func(words ...string) string {
		return plan.ShellWords(append([]string{"kubectl", "--namespace", b.Namespace()}, words...))
	}
	g.Step("Make the namespace.", plan.ShellWords([]string{"kubectl", "apply", "-f", "base/namespace.yaml"}))
	b.SecretStep(g, kubectl("create", "secret", "generic", b.SecretName(), "--from-env-file", "secrets.env"))
	overlay := "overlays/" + overlayList()[0].name
	if releases := b.releases(); len(releases) > 0 {
		commands := []string{
			kubectl(append([]string{"delete", "job", "--ignore-not-found"}, releases...)...),
			kubectl("apply", "-k", overlay, "-l", LabelComponent+" in ("+Shared+", "+ReleaseStep+")"),
		}
		for _, name := range releases {
			commands = append(commands, kubectl("wait", "--for=condition=complete", "--timeout=15m", "job/"+name))
		}
		g.Step("Run the release step of the new version, which its pods build on. A Job is not changed, but made anew. When it fails, `kubectl logs` of the Job says why, and the old version goes on.", commands...)
	}
	g.Step("Apply everything.", kubectl("apply", "-k", overlay))
	for _, d := range generate.Deployables(p) {
		if generate.Finite(d.Component) && len(d.Schedules) == 0 {
			name := Name(52, p.Name, d.Name)
			g.Step(d.Name+" runs when it is asked for:", kubectl("create", "job", "--from=cronjob/"+name, name+"-1"))
		}
		if fileDatabase(d.Component) {
			g.Text("%s keeps its database in a file: one pod of it runs at a time, and a new version means a moment without it.", d.Name)
		}
	}
	for _, x := range b.Claims() {
		g.Text("The volume `%s` (%s, %s) is for %s; an empty one gets what the image holds there.", x.Name, x.Mode, detect.Printable(x.Dir, 200), strings.Join(names(x), ", "))
	}
	return g.Artifact()
}

func overlayNames() string {
	var out []string
	for _, o := range overlayList() {
		out = append(out, fmt.Sprintf("`%s` (%s)", path.Base(o.name), o.title))
	}
	return strings.Join(out, ", ")
}

func names(x ClaimOf) []string {
	var out []string
	for _, c := range x.Components {
		out = append(out, c.Name)
	}
	return out
}

// releases are the names of the Jobs that prepare a new version.
func (b *base) releases() []string {
	var out []string
	for _, d := range generate.Deployables(b.Plan) {
		if d.Process("release") != nil {
			out = append(out, Name(63, b.Plan.Name, d.Name, "release"))
		}
	}
	return out
}

// SecretStep says what the Secret of the components holds and gives the command that makes it; where they need none it says nothing.
func (b Pods) SecretStep(g *generate.Guide, command string) {
	var keys []string
	why := map[string]string{}
	for _, d := range generate.Deployables(b.Plan) {
		for _, s := range d.Settings {
			if key := b.SecretKey(d.Component, s.Name); generate.Stored(b.Plan, s) && why[key] == "" {
				keys = append(keys, key)
				why[key] = detect.Printable(s.Why, 100)
			}
		}
	}
	if len(keys) == 0 {
		return
	}
	g.Step(fmt.Sprintf("Make the Secret `%s` that the pods read, from a file of lines KEY=VALUE that stays out of Git; addresses are those of your own services. An operator such as External Secrets makes it as well. Until it is there the pods wait.", b.SecretName()), command)
	slices.Sort(keys)
	for _, key := range keys {
		g.Item("`%s`: %s", key, why[key])
	}
	g.Blank()
}
