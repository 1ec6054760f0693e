package heroku

import (
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// guide says what a person does around the files.
func (a *application) guide(kept []string) generate.Artifact {
	g := generate.NewGuide(Dir, a.p.Name+" on Heroku")
	if len(kept) > 0 {
		g.Text("The repository has a `%s` of its own, which is left as it is.", strings.Join(kept, "`, `"))
	}
	if len(kept) > 1 || len(kept) == 1 && kept[0] != ProcFile {
		g.Text("What drydock would write lies beside this file. Heroku reads those of the root alone: take over what they lack.")
	}
	for _, r := range a.runs {
		if generate.Serves(r.Component) {
			if _, ok := generate.PortCommand(r.Component); !ok {
				g.Text("Heroku chooses the port and tells it by PORT; %s listens on %d whatever PORT says. Make its server read PORT before it is deployed: Heroku stops what has not taken its port after 60 seconds.", r.Name, r.Port.V)
			}
		}
	}
	app := []string{"-a", a.p.Name}
	command := func(words ...string) string { return plan.ShellWords(append(words, app...)) }
	g.Step("Make the application, with the stack that builds images:", command("heroku", "create", "--stack", "container"))
	a.services(g)
	a.settings(g, command)
	a.deploy(g, command)
	a.schedules(g)
	g.Text("EXPOSE, VOLUME and HEALTHCHECK of the image mean nothing here; a process gets SIGTERM and 30 seconds; its user is any, without rights.")
	for _, r := range a.runs {
		if data, _ := generate.Storage(r.Component); len(data) > 0 {
			g.Text("%s keeps files in %s. The disk of a dyno is lost whenever it restarts, once a day at least: let the application keep them in an object store (the add-on Bucketeer is one) first.", r.Name, strings.Join(data, ", "))
		}
	}
	for _, d := range a.others {
		g.Text("An application of Heroku has one process that is reached from outside. %s is an application of its own: make one, and push its image with `%s`.", d.Name,
			plan.ShellWords([]string{"docker", "push", "registry.heroku.com/" + a.p.Name + "-" + d.Name + "/web"}))
	}
	return g.Artifact()
}

func (a *application) services(g *generate.Guide) {
	g.Backings(a.p, generate.Heroku)
	for _, b := range a.backings {
		if prefix := attachment(b); prefix != "" && b.Offer.Type != "" {
			g.Text("As the add-on is attached as %s it sets `%s_URL`, which is what the application reads: `%s`.", prefix, prefix, plan.ShellWords([]string{"heroku", "addons:create", b.Offer.Type, "--as", prefix, "-a", a.p.Name}))
		}
	}
}

// settings lists what is put into the application's configuration.
func (a *application) settings(g *generate.Guide, command func(...string) string) {
	var plain, stored []string
	for _, r := range a.runs {
		p, s := generate.Environment(a.p, r.Component)
		for _, x := range p {
			if v, ok := a.plain()[x.Name]; ok && v.Value == x.Value {
				plain = once(plain, x.Name+"="+x.Value)
			}
		}
		for _, x := range s {
			if _, ok := a.stored(x); ok {
				stored = once(stored, x.Name)
			}
		}
	}
	if len(plain) > 0 {
		g.Step("Set what is no secret:", command(append([]string{"heroku", "config:set"}, plain...)...))
	}
	if len(stored) > 0 {
		g.Step(fmt.Sprintf("Set %s. The editor keeps the values out of the shell's history:", strings.Join(stored, ", ")), command("heroku", "config:edit"))
	}
}

func once(list []string, s string) []string {
	for _, x := range list {
		if x == s {
			return list
		}
	}
	return append(list, s)
}

// deploy is Git where heroku.yml can build the images, else Heroku's registry.
func (a *application) deploy(g *generate.Guide, command func(...string) string) {
	var pushes, released []string
	byGit := true
	for _, r := range a.runs {
		byGit = byGit && r.built
		if r.name == r.image {
			image := "registry.heroku.com/" + a.p.Name + "/" + r.name
			pushes = append(pushes,
				plan.ShellWords([]string{"docker", "build", "--platform", "linux/amd64", "-f", g.Up(r.Image.Dockerfile), "-t", image, g.Up(r.Image.Root)}),
				plan.ShellWords([]string{"docker", "push", image}))
			released = append(released, r.name)
		}
	}
	if byGit {
		g.Step("Deploy. Heroku builds the images, runs the release step and starts the processes of heroku.yml:", "git push heroku HEAD:main")
	} else {
		g.Step("Deploy by Heroku's registry, from this directory: Heroku would build an image in the directory of its Dockerfile, and a build here needs another one.",
			append(append([]string{"heroku container:login"}, pushes...), command(append([]string{"heroku", "container:release"}, released...)...))...)
	}
	for _, r := range a.runs {
		if generate.Finite(r.Component) {
			g.Step(fmt.Sprintf("%s is a job: it is run when it is asked for.", r.Name), command("heroku", "run", "--type", r.name, "--", a.line(r)))
		}
	}
	for _, r := range a.runs {
		if release := r.Process("release"); release != nil && !a.releasedBy(r) {
			g.Step(fmt.Sprintf("heroku.yml has one release step. Run that of %s after each deployment:", r.Name), command("heroku", "run", "--type", r.name, "--", plan.ShellWords(release)))
		}
	}
}

// releasedBy reports whether the release step of heroku.yml carries out a component's.
func (a *application) releasedBy(r process) bool {
	for _, x := range a.runs {
		if x.Process("release") != nil {
			return x.image == r.image
		}
	}
	return false
}

// schedules lists what is started again and again. Heroku Scheduler knows intervals alone, and no file says them.
func (a *application) schedules(g *generate.Guide) {
	first := true
	for _, r := range a.runs {
		for _, s := range r.Schedules {
			if first {
				g.Step("Schedules are entered on a page, each with its command: Heroku Scheduler starts every ten minutes, every hour or once a day (times are UTC); another time needs the add-on Cron To Go.",
					plan.ShellWords([]string{"heroku", "addons:create", "scheduler:standard", "-a", a.p.Name}),
					plan.ShellWords([]string{"heroku", "addons:open", "scheduler", "-a", a.p.Name}))
				first = false
			}
			g.Item("`%s`: `%s`", s.Cron, strings.ReplaceAll(plan.ShellWords(s.Command), "`", "'"))
		}
	}
	g.Blank()
}
