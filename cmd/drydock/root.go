package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
)

// flags mean the same on every command.
type flags struct {
	json                       bool
	progress                   string
	yes                        bool
	noInput                    bool
	output                     string
	targets                    []string
	component                  string
	set, unset                 []string
	planFile                   string
	dryRun                     bool
	diff                       bool
	force                      bool
	noVerify                   bool
	templates                  string
	noRepair                   bool
	maxRepairs                 int
	pinDigests                 bool
	noCache                    bool
	buildNetwork               string
	maxFiles                   int
	maxSize                    byteSize
	maxRatio                   int64
	quick                      bool
	envFile                    string
	secrets                    []string
	ssh                        string
	jobs                       int
	keep                       bool
	report                     string
	timeout                    time.Duration
	registry                   string
	caCert                     string
	engine                     string
	quiet                      bool
	verbose                    bool
	noColor                    bool
	accessible                 bool
	config                     string
	resume, noAltScreen, mouse bool
}

// app is what every command works with.
type app struct {
	*streams
	flags flags
	live  *progress.Live // progress that is drawn on the terminal; nil: it is not
}

func execute(ctx context.Context, s *streams, args []string) int {
	a := &app{streams: s}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Canceled
	}
	var shown *alreadyShown
	if err != nil && !errors.As(err, &shown) {
		printError(s.err, err)
	}
	return exitCode(err)
}

// alreadyShown wraps an error whose message the user has seen; only its exit code still counts.
type alreadyShown struct{ error }

func (e *alreadyShown) Unwrap() error { return e.error }

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "drydock [SOURCE]",
		Short: "Turn a legacy application's repository into a container that was seen running",
		Long: `Drydock finds out what is in a repository, shows the line that proves each finding, generates a
Dockerfile, a compose file and the files of the chosen platforms, then builds the image, starts it
with its database, probes it and measures it through the Docker API.

Without a command it is a wizard on a terminal. SOURCE is a directory, a Git URL (https://, ssh://,
git@host:path, file://), a bare repository or an archive (.zip, .tar, .tar.gz, .tgz, .war, .ear,
.jar); add #REF or #REF:SUBDIR to choose a branch, tag or commit and a folder.

Exit codes: 0 done, 1 unexpected, 2 usage, 3 source not readable, 4 no known stack or none that a template serves, 5 would overwrite
edits, 6 engine unreachable, 7 image build failed, 8 built but not healthy, 9 done in part (assess), 130 interrupted.`,
		Example: `  drydock                                      the wizard
  drydock containerize . --yes                 the whole job without questions
  drydock detect https://git.example.com/shop.git#release-4
  drydock generate . --target compose,fargate --diff --dry-run`,
		Args:          cobra.MaximumNArgs(1),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          a.runWizard,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &flow.UsageError{Err: fmt.Errorf("%w\n  try: %s --help", err, c.CommandPath())}
	})
	a.addFlags(root.PersistentFlags())
	a.addWizardFlags(root.Flags())
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return a.settle(c.Flags()) }
	root.AddCommand(
		a.containerizeCommand(), a.detectCommand(), a.planCommand(), a.generateCommand(), a.verifyCommand(),
		a.explainCommand(), a.undoCommand(), a.doctorCommand(), a.stacksCommand(), a.targetsCommand(),
		a.templatesCommand(), a.schemaCommand(), a.versionCommand(), a.assessCommand(), a.assessWorkerCommand(), a.workerCommand(), a.fleetCommand(), a.manCommand(),
	)
	return root
}

func (a *app) addFlags(f *pflag.FlagSet) {
	v := &a.flags
	f.BoolVar(&v.json, "json", false, "print one JSON document on stdout, and nothing else there")
	f.StringVar(&v.progress, "progress", "auto", "how progress is shown on stderr: auto (drawn on a terminal, else plain), plain, json or none")
	f.BoolVarP(&v.yes, "yes", "y", false, "answer every question with its default")
	f.BoolVar(&v.noInput, "no-input", false, "never ask; list the answers that are missing and exit 2")
	f.StringVarP(&v.output, "output", "o", "", "directory to write to (default: the source itself, or ./NAME for a Git URL or archive)")
	f.StringSliceVar(&v.targets, "target", nil, "what to generate for: NAME[,NAME] (see `drydock targets`)")
	f.StringVar(&v.component, "component", "", "work on this component only")
	f.StringArrayVar(&v.set, "set", nil, "decide a plan field: PATH=VALUE, such as components.web.port=8080 (repeatable)")
	f.StringArrayVar(&v.unset, "unset", nil, "take a finding or a decision out: PATH, such as services.cache.kind (repeatable)")
	f.StringVar(&v.planFile, "plan", "", "use this drydock.yaml")
	f.BoolVar(&v.dryRun, "dry-run", false, "say what would be written, and write nothing")
	f.BoolVar(&v.diff, "diff", false, "show the difference between the disk and what is generated")
	f.BoolVar(&v.force, "force", false, "replace edited files; each is kept as NAME.orig")
	f.BoolVar(&v.noVerify, "no-verify", false, "write the files, build and start nothing")
	f.BoolVar(&v.noRepair, "no-repair", false, "report the first failure as it is")
	f.IntVar(&v.maxRepairs, "max-repairs", 8, "how many remedies are tried before a failure stands")
	f.BoolVar(&v.keep, "keep", false, "leave the containers up after verification")
	f.StringVar(&v.report, "report", "", "write the verdict with its evidence, measurements and attempts to this file: NAME.md or NAME.html")
	f.DurationVar(&v.timeout, "timeout", 0, "give up verification after this long, such as 20m (default: no limit on the whole)")
	f.StringVar(&v.templates, "templates", "", "directory of templates and house rules that are laid over the bundled ones (see drydock templates)")
	f.BoolVar(&v.pinDigests, "pin-digests", false, "pin every image to the digest that its tag stands for now, and keep that in drydock.yaml; the engine asks the registries")
	f.BoolVar(&v.noCache, "no-cache", false, "build every step anew")
	f.StringVar(&v.buildNetwork, "build-network", "", "what the steps of a build reach: none cuts the network off (default: what the engine gives them)")
	f.IntVar(&v.maxFiles, "max-files", 0, "how many files and folders a source may hold (default 1000000)")
	f.Var(&v.maxSize, "max-size", "how much a server may send, or an archive unpack to, such as 8GB (default 4GB)")
	f.Int64Var(&v.maxRatio, "max-ratio", 0, "how many bytes an archive may unpack to for each of its own, beyond 64 MB (default 300)")
	f.BoolVar(&v.quick, "quick", false, "verify in less time: without load, restarts and further starts (read-only, as another user)")
	f.StringVar(&v.envFile, "env-file", "", "values of the plan's secrets for verification, such as .env (default: made up for the run)")
	f.StringArrayVar(&v.secrets, "build-secret", nil, "a secret that the build reads: ID=FILE, such as npmrc=.npmrc (repeatable)")
	f.StringVar(&v.ssh, "ssh", "", "socket of an SSH agent, or a private key, for builds that ask for it by RUN --mount=type=ssh (default: the agent of SSH_AUTH_SOCK)")
	f.IntVar(&v.jobs, "jobs", 0, "how many images are built at a time (default: one for each processor, at most 4)")
	f.StringVar(&v.registry, "registry", "", "prefix of the base images, such as registry.example.com/hub")
	f.StringVar(&v.caCert, "ca-cert", "", "file with further CA certificates to trust when cloning")
	f.StringVar(&v.engine, "engine", "", "URL of the Docker engine (default: DOCKER_HOST, the Docker context, the socket)")
	f.BoolVarP(&v.quiet, "quiet", "q", false, "print results and errors only")
	f.BoolVarP(&v.verbose, "verbose", "v", false, "print every line of every log")
	f.BoolVar(&v.noColor, "no-color", false, "no colour (also NO_COLOR)")
	f.BoolVar(&v.accessible, "accessible", false, "no redrawing: plain numbered prompts (also ACCESSIBLE=1)")
	f.StringVar(&v.config, "config", "", "user configuration file: flag names and their values, as YAML")
}

// settle gives every flag that was not given its value from DRYDOCK_NAME in the environment, then
// from the user's configuration file, and checks what can be checked at once.
func (a *app) settle(f *pflag.FlagSet) error {
	conf, file, err := a.readConfig()
	if err != nil {
		return err
	}
	var failed error
	f.VisitAll(func(fl *pflag.Flag) {
		if fl.Changed || fl.Name == "help" || fl.Name == "config" || failed != nil {
			return
		}
		name := "DRYDOCK_" + strings.ToUpper(strings.ReplaceAll(fl.Name, "-", "_"))
		if v := a.environ(name); v != "" {
			if err := fl.Value.Set(v); err != nil {
				failed = fmt.Errorf("environment variable %s: %w", name, err)
			}
			return
		}
		if v, ok := conf[fl.Name]; ok {
			delete(conf, fl.Name)
			if err := fl.Value.Set(v); err != nil {
				failed = fmt.Errorf("%s: %s: %w", file, fl.Name, err)
			}
		}
	})
	for k := range conf {
		if f.Lookup(k) == nil && failed == nil {
			failed = fmt.Errorf("%s: %q is not the name of a flag", file, k)
		}
	}
	switch a.flags.progress {
	case "auto", "plain", "json", "none":
	default:
		failed = fmt.Errorf("--progress %q: it is one of auto, plain, json, none", a.flags.progress)
	}
	if n := a.flags.buildNetwork; n != "" && n != "none" && failed == nil {
		failed = fmt.Errorf("--build-network %q: it is none, or not given", n)
	}
	if (a.flags.maxFiles < 0 || a.flags.maxRatio < 0) && failed == nil {
		failed = errors.New("--max-files and --max-ratio are not below zero")
	}
	if a.flags.report != "" && failed == nil {
		failed = flow.CheckReportName(a.flags.report)
	}
	if failed != nil {
		return &flow.UsageError{Err: failed}
	}
	return nil
}

// readConfig reads the user's configuration: a flat map of flag names to values.
func (a *app) readConfig() (map[string]string, string, error) {
	file, named := a.flags.config, true
	if file == "" {
		if file = a.environ("DRYDOCK_CONFIG"); file == "" {
			file, named = filepath.Join(xdg.ConfigHome, "drydock", "config.yaml"), false
		}
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) && !named {
		return nil, file, nil
	}
	if err != nil {
		return nil, file, &flow.UsageError{Err: fmt.Errorf("read configuration: %w", err)}
	}
	conf := map[string]string{}
	if err := yaml.Unmarshal(data, &conf); err != nil {
		return nil, file, &flow.UsageError{Err: fmt.Errorf("read configuration %s: %w", file, err)}
	}
	return conf, file, nil
}

// options are the flags as the stages want them.
func (a *app) options() flow.Options {
	v := a.flags
	var approve flow.Approve
	if !v.yes && !v.noInput && !v.json && a.interactive() {
		approve = a.approve
	}
	return flow.Options{
		Limits: source.Limits{MaxFiles: v.maxFiles, MaxBytes: int64(v.maxSize), MaxRatio: v.maxRatio}, BuildNetwork: v.buildNetwork,
		PinDigests: v.pinDigests, NoCache: v.noCache, Quick: v.quick, EnvFile: v.envFile, BuildSecrets: v.secrets, SSH: v.ssh, Jobs: v.jobs,
		Templates: v.templates, NoRepair: v.noRepair, MaxRepairs: v.maxRepairs, Approve: approve,
		Output: v.output, Targets: v.targets, Component: v.component, Set: v.set, Unset: v.unset, PlanFile: v.planFile,
		Force: v.force, NoVerify: v.noVerify, Keep: v.keep, Timeout: v.timeout,
		Registry: v.registry, Engine: v.engine, CACert: v.caCert,
	}
}

// approve shows what failed and what would be changed, and asks.
func (a *app) approve(ctx context.Context, r flow.Remedy) (bool, error) {
	defer a.hold()()
	fmt.Fprintf(a.err, "\n%s: %s\n", r.Component, r.Failure.Message)
	log := r.Failure.Log
	for _, l := range log[max(0, len(log)-6):] {
		fmt.Fprintf(a.err, "  | %s\n", detect.Printable(l, 200))
	}
	fmt.Fprintf(a.err, "\nRemedy %s: %s (%s)\n", r.ID, r.Detail, r.Why)
	for _, f := range r.Files {
		fmt.Fprint(a.err, f.Diff)
	}
	answer, err := ask.NewPrompt(a.in, a.err).Ask(ctx, ask.Question{
		ID: "repair", Text: "Apply it and try again?", Default: "yes", Because: "it is what cures such a failure most often",
		Options: []ask.Option{{Value: "yes"}, {Value: "no", Label: "leave the failure as it is"}},
	})
	return answer == "yes", err
}

// sink renders progress as --progress says; close flushes it.
func (a *app) sink() progress.Sink {
	mode := a.flags.progress
	if mode == "auto" {
		mode = "plain"
		if a.live != nil {
			return a.live.Sink()
		}
	}
	if a.flags.quiet && a.flags.progress == "auto" {
		mode = "none"
	}
	switch mode {
	case "json":
		return progress.NewJSON(a.err).Sink()
	case "plain":
		return progress.NewPlain(a.err, progress.PlainOptions{Verbose: a.flags.verbose}).Sink()
	}
	return nil
}

// goLive has progress drawn on the terminal, where there is one that can be drawn on, until the function that it returns is called.
func (a *app) goLive() (end func()) {
	v := a.flags
	if v.progress != "auto" || v.quiet || v.verbose || a.plainOnly() || !a.errTTY || a.environ("CI") != "" || a.size == nil {
		return func() {}
	}
	a.live = progress.NewLive(a.err, a.size)
	return func() {
		a.live.Close()
		a.live = nil
	}
}

// hold keeps the terminal free for a question, until the function that it returns is called.
func (a *app) hold() (release func()) {
	if a.live == nil {
		return func() {}
	}
	return a.live.Hold()
}

// asker answers the plan's questions as the flags say.
func (a *app) asker() ask.Asker {
	switch {
	case a.flags.yes:
		return ask.Defaults()
	case a.flags.noInput || a.flags.json || !a.interactive():
		return ask.Never()
	}
	prompt := ask.NewPrompt(a.in, a.err)
	return ask.Func(func(ctx context.Context, q ask.Question) (string, error) {
		defer a.hold()()
		return prompt.Ask(ctx, q)
	})
}

// one takes exactly one SOURCE argument.
func one(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &flow.UsageError{Err: fmt.Errorf("%s takes one SOURCE, got %d arguments\n  try: %s --help", c.CommandPath(), len(args), c.CommandPath())}
	}
	return nil
}
