package assess

import (
	"fmt"
	"strings"
)

// Guide is docs/READINESS.md: every published rule with its reason and source, made of the rules themselves.
func Guide() string {
	var b strings.Builder
	r := ReadinessRules()
	b.WriteString(`# How ready is a repository?

` + "`drydock assess`" + ` holds each repository against the rules below and says which hold, with the file and line that show it. This page is
made of the rules that the program uses (` + "`assess/readiness.yaml`, `assess/placement.yaml`" + `); ` + "`make golden`" + ` writes it.

## Verdict and score

A repository begins with 100 points. Each rule that holds takes its points off once, by the worst place where it holds: all of them when the
finding's severity is high, half when it is medium, a quarter when it is low (rounded up). The severity is the detector's: the same thing may stand more or less in the way.

| verdict | when |
| --- | --- |
`)
	fmt.Fprintf(&b, "| `ready` | %d points or more, and nothing of high severity |\n", r.Score.Ready)
	fmt.Fprintf(&b, "| `minor-work` | %d points or more |\n", r.Score.Minor)
	b.WriteString("| `major-work` | fewer, or a rule of effect *major* holds with high severity |\n" +
		"| `not-containerisable` | a rule of effect *blocker* holds: the score is 0 |\n" +
		"| `error` | it could not be read |\n\n")
	e := r.Effort
	b.WriteString("## Effort\n\nDays of one engineer who knows containers and has access to who knows the application. They are figures of experience, given so that repositories can be compared;\n`effort` lists what each part is for. Put your own into `assess/readiness.yaml`.\n\n| part | days |\n| --- | --- |\n")
	fmt.Fprintf(&b, "| review of the generated files, pipeline, first deployment | %g |\n", e.Repository)
	fmt.Fprintf(&b, "| the same where a verification saw it healthy (`--verify`) | %g |\n", e.Repository*e.Healthy)
	fmt.Fprintf(&b, "| each further image of the repository | %g |\n| each kind of service that it needs | %g |\n", e.FurtherImage, e.Service)
	b.WriteString("| each rule that holds | its days below, by severity as its points |\n\nThe sum is rounded up to half a day.\n\n## Rules\n\n| rule | points | days | effect | why | source |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, rule := range r.Rules {
		covers := ""
		if len(rule.Covers) > 0 {
			covers = "<br>counts " + strings.Join(rule.Covers, ", ")
		}
		if rule.AnyOther {
			covers = "<br>counts every other finding"
		}
		fmt.Fprintf(&b, "| `%s` %s%s | %d | %g | %s | %s | %s |\n", rule.ID, rule.Title, covers, rule.Points, rule.Days, rule.Effect, rule.Reason, link(rule.Source))
	}
	b.WriteString("\n## Waves\n\nThe value of a repository is 1 to 4 by its criticality (low, medium, high, critical; medium where the list says nothing), and one more where a part of it is at its end of life.\n" +
		"Value for each day of effort decides:\n\n| wave | when |\n| --- | --- |\n")
	fmt.Fprintf(&b, "| 1 | it is ready, or minor work with a value of %g or more a day |\n| 2 | a value of %g or more a day |\n| 3 | all others that can be put into a container |\n| – | copies of another repository, what cannot be put into a container, what could not be read |\n", firstWave, secondWave)
	fmt.Fprintf(&b, "\nRepositories hold the same code when at least %.0f of 100 of the %d files that stand for each (those whose paths have the smallest hashes) are the same, and one is a copy of the other from %.0f on.\n", similarFrom*100, sketchSize, copyFrom*100)
	b.WriteString(placementGuide)
	for _, p := range PlacementRules() {
		fmt.Fprintf(&b, "| `%s` | %s | %d | %s | %s | %s | %s |\n", p.ID, p.Towards, p.Weight, p.Split, p.Reason, p.Change, link(p.Source))
	}
	return b.String()
}

const placementGuide = `
## Placement: a container, a function, or both

Short requests without state, queues, streams and gateways suit functions; open connections, daemons, threads, sessions in memory, local
files, job queues, schedules, batch, whole applications with a database and what is critical to the millisecond suit containers. Each rule
that holds adds its weight to its side, with the lines that show it. The heavier side is the advice; *either* when they are equal or nothing was found; *both* when what
speaks for one side lies behind a route, a queue or a schedule of its own, which can be taken out. What a verification measured counts where there is one.

| rule | towards | weight | split by | why | what would change it | source |
| --- | --- | --- | --- | --- | --- | --- |
`

// link shortens an address to its host.
func link(source string) string {
	rest, ok := strings.CutPrefix(source, "https://")
	if !ok {
		return "[" + source + "](" + strings.TrimPrefix(source, "docs/") + ")"
	}
	host, _, _ := strings.Cut(rest, "/")
	return "[" + host + "](" + source + ")"
}
