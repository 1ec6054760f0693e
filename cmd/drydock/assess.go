package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/assess/inventory"
	"github.com/drydock-cli/drydock/flow"
)

// assessFlags are those of assess alone.
type assessFlags struct {
	from     []string
	jobs     int
	memory   int
	resume   bool
	verify   bool
	anew     bool
	baseline string
	gitHub   []string
	gitLab   []string
	api      string
	archived bool
	forks    bool
	fleet    fleetFlags
}

func (a *app) assessCommand() *cobra.Command {
	v := &assessFlags{}
	c := &cobra.Command{
		Use:   "assess SOURCE...",
		Short: "How ready many repositories are, one by one and as a portfolio",
		Long: `Assesses many repositories: a verdict and a score by published rules (docs/READINESS.md), the effort in days with its
derivation, where each component belongs (a container, a function, or both) with the lines that show it, what is at its
end of life, which repositories hold the same code, and the order in which the work gives most. No work tree is written:
Git trees and archives are read where they lie; each repository is read in a process that a bad one ends alone.

SOURCE is as everywhere, or a folder of repositories. --from names a list: one source a line, or CSV or JSON with
location, name, owner, criticality (low, medium, high, critical) and tags. --github and --gitlab ask a server for all that
an organisation keeps, with the token in GITHUB_TOKEN or GITLAB_TOKEN (or DRYDOCK_GITHUB_TOKEN, DRYDOCK_GITLAB_TOKEN); cloning uses
DRYDOCK_GIT_TOKEN. With -o DIR reports are written there: assess.json, index.html, report.md and report.csv. --timeout bounds each repository
(5m, with --verify 40m). On a terminal a board shows all repositories while they are assessed, with filter, order, findings and the
wizard (? lists its keys); --progress plain, --accessible and a pipe get lines instead. With --fleet the work is done by
workers on other machines (drydock worker, docs/FLEET.md). Exit code 9: some repositories could not be assessed; their rows say why.`,
		Example: `  drydock assess /srv/git -o report
  drydock assess --from repositories.csv --jobs 4 --json > portfolio.json
  drydock assess --github example-org -o report --baseline portfolio.json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return a.assess(c.Context(), v, args) },
	}
	f := c.Flags()
	f.StringArrayVar(&v.from, "from", nil, "a list of sources: lines, CSV or JSON; - is standard input (repeatable)")
	f.IntVar(&v.jobs, "jobs", 0, "repositories at a time (default: 2; with --verify 1)")
	f.IntVar(&v.memory, "memory", 512, "MiB of memory that one repository may take")
	f.BoolVar(&v.resume, "resume", false, "go on with an interrupted run of the same list: what is done is not done again")
	f.BoolVar(&v.verify, "verify", false, "build and run each repository too")
	f.BoolVar(&v.anew, "fresh", false, "assess anew what was assessed at the same commit before")
	f.StringVar(&v.baseline, "baseline", "", "the JSON of an earlier run: say what got better and worse")
	f.StringArrayVar(&v.gitHub, "github", nil, "all repositories of this GitHub organisation or user (repeatable)")
	f.StringArrayVar(&v.gitLab, "gitlab", nil, "all projects of this GitLab group and the groups below it (repeatable)")
	f.StringVar(&v.api, "api-url", "", "address of the server's API, such as https://gitlab.example.com/api/v4 (default: github.com's, gitlab.com's)")
	f.BoolVar(&v.archived, "archived", false, "archived repositories of an organisation too")
	a.addScreenFlags(f)
	v.fleet.add(f)
	f.DurationVar(&v.fleet.silence, "fleet-silence", 30*time.Second, "how long a worker of the fleet may be silent before its work goes to another")
	f.IntVar(&v.fleet.replicas, "fleet-replicas", 0, "copies that the fleet's servers keep (default: 3 in a cluster, else 1)")
	f.BoolVar(&v.forks, "forks", false, "forks of an organisation too")
	return c
}

func (a *app) assess(ctx context.Context, v *assessFlags, args []string) error {
	sources, err := a.portfolio(ctx, v, args)
	if err != nil {
		return err
	}
	opts, err := a.assessOptions(v, sources)
	if err != nil {
		return err
	}
	if len(opts.Sources) > 0 && a.boardFits() {
		return a.assessOnBoard(ctx, v, opts)
	}
	run, err := flow.Assess(ctx, opts, a.sink())
	if err != nil {
		return err
	}
	err = a.printAssessment(v, run)
	return errors.Join(cmp.Or(err, run.Err()), run.Close())
}

func (a *app) assessOptions(v *assessFlags, sources []assess.Source) (flow.AssessOptions, error) {
	worker, err := flow.Executable("assess-worker")
	if err != nil {
		return flow.AssessOptions{}, err
	}
	opts := flow.AssessOptions{
		Options: a.options(), Sources: sources, Jobs: v.jobs, MemoryMiB: v.memory, Verify: v.verify, Resume: v.resume, Version: build(), Worker: worker,
	}
	if opts.Fleet, err = v.fleet.options(a); err != nil {
		return opts, err
	}
	if v.verify && v.jobs == 0 {
		opts.Jobs = 1
	}
	if !v.anew {
		opts.Results = filepath.Join(xdg.CacheHome, "drydock", "assess")
	}
	if a.flags.output != "" {
		opts.State = filepath.Join(a.flags.output, ".drydock", "assess")
	}
	return opts, nil
}

// build names what makes the rows: a development version by its own file, so that rows of another one are not taken for its own.
func build() string {
	if version != "dev" {
		return version
	}
	self, err := os.Executable()
	if err != nil {
		return version
	}
	info, err := os.Stat(self)
	if err != nil {
		return version
	}
	return fmt.Sprint(version, " ", info.Size(), " ", info.ModTime().UnixNano())
}

func (a *app) printAssessment(v *assessFlags, run *flow.AssessRun) error {
	comparison, err := a.writeReports(v, run)
	if err != nil {
		return err
	}
	if a.flags.json {
		return run.WriteJSON(a.out, comparison)
	}
	if err := flow.PrintAssessment(a.out, run, comparison); err != nil {
		return err
	}
	if a.flags.output != "" {
		fmt.Fprintf(a.out, "reports: %s\n", filepath.Join(a.flags.output, flow.ReportFiles[0]))
	}
	return nil
}

// writeReports writes the reports where -o says, and compares with the baseline, if there is one.
func (a *app) writeReports(v *assessFlags, run *flow.AssessRun) (comparison *assess.Comparison, err error) {
	if v.baseline != "" {
		if comparison, err = run.Compare(v.baseline); err != nil {
			return nil, err
		}
	}
	if a.flags.output != "" {
		err = run.WriteReports(a.flags.output, comparison)
	}
	return comparison, err
}

// portfolio is the list of sources that the command line names.
func (a *app) portfolio(ctx context.Context, v *assessFlags, args []string) ([]assess.Source, error) {
	var items []inventory.Item
	for _, arg := range args {
		below, err := inventory.Below(arg)
		if err != nil || len(below) == 0 {
			below = []inventory.Item{{Location: arg}} // a source like any other: what is wrong with it is its row
		}
		items = append(items, below...)
	}
	for _, name := range v.from {
		list, err := a.list(name)
		if err != nil {
			return nil, &flow.UsageError{Err: fmt.Errorf("--from: %w", err)}
		}
		items = append(items, list...)
	}
	hosted, err := a.hosted(ctx, v)
	if err != nil {
		return nil, err
	}
	items = append(items, hosted...)
	sources := make([]assess.Source, len(items))
	for i, item := range items {
		sources[i] = assess.Source(item)
	}
	return sources, nil
}

func (a *app) list(name string) ([]inventory.Item, error) {
	if name == "-" {
		return inventory.Read(a.in, "standard input")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	items, err := inventory.Read(f, name)
	inventory.RelativeTo(filepath.Dir(name), items)
	return items, err
}

// hosted asks servers for what organisations keep.
func (a *app) hosted(ctx context.Context, v *assessFlags) ([]inventory.Item, error) {
	token := func(names ...string) string {
		for _, n := range names {
			if t := a.environ(n); t != "" {
				return t
			}
		}
		return ""
	}
	var items []inventory.Item
	for _, org := range v.gitHub {
		f := inventory.Forge{Base: cmp.Or(v.api, "https://api.github.com"), Token: token("DRYDOCK_GITHUB_TOKEN", "GITHUB_TOKEN"), Archived: v.archived, Forks: v.forks}
		list, err := f.GitHub(ctx, org)
		if err != nil {
			return nil, fmt.Errorf("--github %s: %w", org, err)
		}
		items = append(items, list...)
	}
	for _, group := range v.gitLab {
		f := inventory.Forge{Base: cmp.Or(v.api, "https://gitlab.com/api/v4"), Token: token("DRYDOCK_GITLAB_TOKEN", "GITLAB_TOKEN"), Archived: v.archived, Forks: v.forks}
		list, err := f.GitLab(ctx, group)
		if err != nil {
			return nil, fmt.Errorf("--gitlab %s: %w", group, err)
		}
		items = append(items, list...)
	}
	return items, nil
}

// assessWorkerCommand is the process that assess starts for each of its jobs.
func (a *app) assessWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "assess-worker", Hidden: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return flow.AssessWorker(c.Context(), a.in, a.out) },
	}
}
