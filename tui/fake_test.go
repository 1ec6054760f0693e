package tui

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
)

// fakeDriver is a job on a made-up repository. It fails a test in which two of
// its methods are called at once.
type fakeDriver struct {
	t       testing.TB
	busy    atomic.Int32
	mu      sync.Mutex
	calls   []string
	plan    *plan.Plan
	settled map[string]bool
	past    []fakePast
	targets []flow.TargetInfo

	openErr, generateErr, writeErr, verifyErr, refsErr error
	cured                                              string // the path whose change makes generateErr go away
	conflict                                           bool
	many                                               bool // a chart is made too
	outcome                                            verify.Outcome
	events                                             []progress.Event // what Verify tells
	pace                                               time.Duration    // between two events
	block                                              chan struct{}    // Verify and Open wait for it, or for the end of their context
	cleanup                                            chan struct{}    // and then for this
}

var _ flow.Driver = (*fakeDriver)(nil)

func newFake(t testing.TB) *fakeDriver {
	return &fakeDriver{
		t: t, settled: map[string]bool{}, outcome: verify.Healthy, events: buildEvents(),
		targets: []flow.TargetInfo{
			{Name: "compose", Describe: "Docker Compose: the application and its services on one machine", Kind: "one machine", Chosen: true},
			{Name: "fargate", Describe: "AWS Fargate: an ECS task definition for each component", Kind: "containers"},
		},
	}
}

func (d *fakeDriver) call(name string) func() {
	if d.busy.Add(1) != 1 && d.t != nil {
		d.t.Errorf("%s was called while another call was under way", name)
	}
	d.mu.Lock()
	d.calls = append(d.calls, name)
	d.mu.Unlock()
	return func() { d.busy.Add(-1) }
}

// seen lists the calls that change something.
func (d *fakeDriver) seen() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.calls, " ")
}

// start is the moment at which everything in the tests happens.
var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func ev(file string, line int, text string) detect.Evidence {
	return detect.Evidence{File: file, Line: line, Text: text}
}

func fakeComponents() []detect.Component {
	web := detect.Component{
		Name: "web", Path: ".", Stack: "ruby",
		Role:             detect.Infer(detect.Web, "config.ru answers HTTP", ev("config.ru", 1, "run Redmine")),
		Language:         detect.Is("ruby", ev("Gemfile", 1, "source")),
		LanguageVersion:  detect.Infer("2.7", "the newest that Rails 5.2 runs on", ev("Gemfile", 3, `ruby ">= 2.3", "< 2.8"`)),
		Framework:        detect.Lock("rails", ev("Gemfile.lock", 112, "rails (5.2.8.1)")),
		FrameworkVersion: detect.Lock("5.2.8.1", ev("Gemfile", 8, `gem "rails", "5.2.8.1"`)),
		Build:            detect.Is("bundler", ev("Gemfile.lock", 260, "BUNDLED WITH")),
		AppServer:        detect.Lock("puma", ev("Gemfile.lock", 201, "puma (5.6.5)")),
		AppServerVersion: detect.Lock("5.6.5", ev("Gemfile.lock", 201, "puma (5.6.5)")),
		Port:             detect.Guess(3000, "the server's own default"),
		HealthPath:       detect.Guess("/", "no health route was found"),
		Services: []detect.Service{
			{Kind: "postgresql", Required: true, From: detect.Declared, Evidence: []detect.Evidence{ev("config/database.yml", 4, "adapter: postgresql")}},
			{Kind: "memcached", From: detect.Default, Why: "a gem for it is there", Evidence: []detect.Evidence{ev("config/environments/production.rb", 42, "# mem_cache_store")}},
		},
		SystemPackages: []detect.SystemPackage{{Name: "imagemagick", Build: []string{"libmagickwand-dev"}, Run: []string{"imagemagick"}, Why: "rmagick links it", Evidence: []detect.Evidence{ev("Gemfile", 47, "rmagick"), ev("lib/redmine/thumbnail.rb", 30, "convert")}}},
		Processes:      []detect.Process{{Name: "web", Command: []string{"bundle", "exec", "puma", "-p", "3000"}, From: detect.Inferred, Why: "puma is in the lock file", Evidence: []detect.Evidence{ev("config.ru", 1, "run")}}},
		Writes:         []detect.Value[string]{detect.Infer("files", "attachments are stored there", ev("lib/redmine/configuration.rb", 12, "attachments_storage_path"))},
		Env:            []detect.EnvVar{{Name: "SECRET_KEY_BASE", Required: true, Secret: true, Evidence: []detect.Evidence{ev("config/secrets.yml", 22, "secret_key_base")}}},
		EndOfLife:      []detect.EndOfLife{{What: "ruby 2.7", Since: "2023-03-31"}},
		Readiness:      []detect.Readiness{{ID: "local-file-storage", Severity: "high", Message: "files/ is written: a volume or an object store is needed before two tasks run", Evidence: []detect.Evidence{ev("lib/redmine/configuration.rb", 12, "files")}}},
	}
	worker := detect.Component{
		Name: "worker", Path: ".", Stack: "ruby",
		Role:            detect.Is(detect.Worker, ev("Procfile", 2, "worker: bundle exec sidekiq")),
		Language:        web.Language,
		LanguageVersion: web.LanguageVersion,
		Framework:       detect.Lock("sidekiq", ev("Gemfile.lock", 230, "sidekiq (5.2.9)")),
	}
	return []detect.Component{web, worker}
}

func (d *fakeDriver) Refs(ctx context.Context, location string) ([]flow.Ref, error) {
	defer d.call("refs " + location)()
	if err := d.hold(ctx); err != nil {
		return nil, err
	}
	if d.refsErr != nil {
		return nil, d.refsErr
	}
	refs := []flow.Ref{{Name: "master", Default: true}, {Name: "4.1-stable"}, {Name: "4.2-stable"}}
	for i := 20; i > 0; i-- {
		refs = append(refs, flow.Ref{Name: fmt.Sprintf("4.2.%02d", i), Tag: true})
	}
	return refs, nil
}

func (d *fakeDriver) Open(ctx context.Context, location string, sink progress.Sink) (*flow.Findings, error) {
	defer d.call("open")()
	d.plan = nil
	d.tell(ctx, sink, fetchEvents())
	if err := d.hold(ctx); err != nil {
		return nil, err
	}
	if d.openErr != nil {
		return nil, d.openErr
	}
	d.plan = fakePlan(location)
	return &flow.Findings{
		Location: location, Files: 2117, Components: fakeComponents(),
		Warnings: []detect.Warning{{File: "config/additional.yml", Line: 3, Text: "not valid YAML: mapping values are not allowed here"}},
	}, nil
}

func fakePlan(location string) *plan.Plan {
	p := &plan.Plan{Location: location, Commit: "9d1f0c4aa51be7d0d3c1a5f4f1d7e3b2a1908f7e", Name: "redmine", Targets: []string{"compose"}}
	for _, c := range fakeComponents() {
		p.Components = append(p.Components, plan.Component{Component: c, Image: "redmine"})
	}
	p.Components[0].Settings = []plan.Setting{{Name: "RAILS_ENV", Value: "production", From: detect.Inferred, Why: "a container runs production"}}
	p.Services = []plan.Service{{Name: "db", Kind: "postgresql", Image: detect.Infer("postgres:15", "no version is stated"), Port: 5432, For: []string{"web"}, Required: true, Why: "config/database.yml says so"}}
	p.Secrets = []plan.Secret{{Name: "SECRET_KEY_BASE", Why: "Rails signs its cookies with it", Length: 64, Generate: true}}
	return p
}

// hold waits where a test wants to look at what is under way.
func (d *fakeDriver) hold(ctx context.Context) error {
	if d.block == nil {
		return ctx.Err()
	}
	select {
	case <-d.block:
		return nil
	case <-ctx.Done():
	}
	if d.cleanup != nil {
		<-d.cleanup
	}
	return ctx.Err()
}

func (d *fakeDriver) tell(ctx context.Context, sink progress.Sink, events []progress.Event) {
	for _, e := range events {
		if d.pace > 0 {
			e.Time = time.Time{}
			select {
			case <-time.After(d.pace):
			case <-ctx.Done():
				return
			}
		}
		sink.Emit(e)
	}
}

func (d *fakeDriver) Plan() *plan.Plan { defer d.call("plan")(); return d.plan }

func (d *fakeDriver) Questions() []ask.Question {
	defer d.call("questions")()
	if d.plan == nil || d.settled["components.web.languageVersion"] {
		return nil
	}
	return []ask.Question{{
		ID: "components.web.languageVersion", Text: "Which Ruby does web use?", Why: "the Gemfile allows several",
		Default: "2.7", Because: "it is the newest that Rails 5.2 runs on",
		Options: []ask.Option{{Value: "2.7"}, {Value: "2.6", Label: "2.6, as .travis.yml tests it"}, {Value: "2.5"}},
	}}
}

// fakePast is the plan before a change.
type fakePast struct {
	plan    *plan.Plan
	settled map[string]bool
	targets []flow.TargetInfo
	change  flow.Change
}

func (d *fakeDriver) remember(path string) fakePast {
	f, _ := d.plan.Field(path)
	return fakePast{d.plan.Clone(), maps.Clone(d.settled), slices.Clone(d.targets), flow.Change{Path: path, Value: f.Value}}
}

func (d *fakeDriver) Undo() (flow.Change, bool) {
	defer d.call("undo")()
	if len(d.past) == 0 {
		return flow.Change{}, false
	}
	p := d.past[len(d.past)-1]
	d.past = d.past[:len(d.past)-1]
	d.plan, d.settled, d.targets = p.plan, p.settled, p.targets
	return p.change, true
}

func (d *fakeDriver) Set(path, value string) error {
	defer d.call("set:" + path + "=" + value)()
	before := d.remember(path)
	if err := d.plan.Set(path, value); err != nil {
		return err
	}
	d.past = append(d.past, before)
	d.settled[path] = true
	if path == d.cured {
		d.generateErr = nil
	}
	return nil
}

func (d *fakeDriver) Unset(path string) error {
	defer d.call("unset:" + path)()
	before := d.remember(path)
	err := d.plan.Unset(path)
	if err == nil {
		d.past = append(d.past, before)
	}
	return err
}

func (d *fakeDriver) Save(context.Context) ([]flow.FileState, error) {
	defer d.call("save")()
	return []flow.FileState{{Path: "drydock.yaml", Action: "new"}}, d.writeErr
}

func (d *fakeDriver) Reread(context.Context) error {
	defer d.call("reread")()
	return d.writeErr
}

func (d *fakeDriver) Report(context.Context) (string, error) {
	defer d.call("report")()
	return "/home/me/src/redmine/.drydock/report.html", d.writeErr
}

func (d *fakeDriver) Targets() []flow.TargetInfo {
	defer d.call("targets")()
	return slices.Clone(d.targets)
}

func (d *fakeDriver) SetTargets(names []string) error {
	defer d.call("settargets:" + strings.Join(names, ","))()
	d.past = append(d.past, d.remember("targets"))
	for i := range d.targets {
		d.targets[i].Chosen = slices.Contains(names, d.targets[i].Name)
	}
	return nil
}

func (d *fakeDriver) Source(_ context.Context, file string, line, most int) ([]string, int, error) {
	defer d.call("source")()
	if strings.Contains(file, "missing") {
		return nil, 0, errors.New("show " + file + ": file does not exist")
	}
	first := max(1, line-most/2)
	var lines []string
	for n := first; n < first+most && n < line+40; n++ {
		lines = append(lines, fmt.Sprintf("%s line %d", file, n))
	}
	if at := line - first; at >= 0 && at < len(lines) {
		lines[at] = `gem "rails", "5.2.8.1"  # the line that proves it`
	}
	return lines, first, nil
}

const fakeDockerfile = `# builds on engine 20.10 and newer
FROM ruby:2.7.8-slim-bookworm AS build
WORKDIR /app
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      build-essential libpq-dev
COPY Gemfile Gemfile.lock ./
RUN bundle install
COPY . .

FROM ruby:2.7.8-slim-bookworm
WORKDIR /app
COPY --from=build /app /app
USER 10001
CMD ["bundle", "exec", "puma", "-p", "3000"]
`

func (d *fakeDriver) Generate(ctx context.Context) ([]flow.Artifact, []flow.Problem, error) {
	defer d.call("generate")()
	if d.generateErr != nil {
		return nil, nil, d.generateErr
	}
	if d.many {
		return fakeChart(), []flow.Problem{{File: "deploy/helm/templates/deployment-web.yaml", Line: 2, Rule: "kind", Message: "names no kind"}}, ctx.Err()
	}
	return []flow.Artifact{
			{Path: "Dockerfile", Content: []byte(fakeDockerfile)},
			{Path: ".dockerignore", Content: []byte(".git\nlog\ntmp\n")},
			{Path: "compose.yaml", Content: []byte("services:\n  web:\n    build: .\n    ports:\n      - \"3000:3000\"\n")},
			{Path: "deploy/fargate/taskdef-web.json", Content: []byte("{\n  \"family\": \"redmine-web\"\n}\n")},
			{Path: "drydock.yaml", Content: []byte("name: redmine\n")},
		}, []flow.Problem{
			{File: "Dockerfile", Line: 5, Rule: "DL3008", Message: "pin versions in apt-get install"},
		}, ctx.Err()
}

// fakeChart is a run with enough files for a tree.
func fakeChart() []flow.Artifact {
	var files []flow.Artifact
	for _, path := range []string{
		"Dockerfile", ".dockerignore", "compose.yaml", "deploy/fargate/taskdef-web.json", "deploy/helm/Chart.yaml", "deploy/helm/values.yaml",
		"deploy/helm/templates/configmap.yaml", "deploy/helm/templates/deployment-web.yaml", "deploy/helm/templates/deployment-worker.yaml",
		"deploy/helm/templates/service-web.yaml", "drydock.yaml",
	} {
		files = append(files, flow.Artifact{Path: path, Content: []byte("# " + path + "\nname: redmine\n")})
	}
	return files
}

func (d *fakeDriver) Preview(context.Context) ([]flow.FileState, error) {
	defer d.call("preview")()
	if d.many {
		var states []flow.FileState
		for _, a := range fakeChart() {
			states = append(states, flow.FileState{Path: a.Path, Action: "new"})
		}
		return states, nil
	}
	compose := flow.FileState{Path: "compose.yaml", Action: "new"}
	if d.conflict {
		compose = flow.FileState{Path: "compose.yaml", Action: "conflict", Diff: "--- compose.yaml\n+++ compose.yaml\n@@ -1,3 +1,3 @@\n services:\n   web:\n-    build: ./mine\n+    build: .\n"}
	}
	return []flow.FileState{
		{Path: "Dockerfile", Action: "new", Diff: "--- /dev/null\n+++ Dockerfile\n@@ -0,0 +1 @@\n+# builds on engine 20.10 and newer\n"},
		{Path: ".dockerignore", Action: "merge", Diff: "--- .dockerignore\n+++ .dockerignore\n@@ -1,2 +1,3 @@\n .git\n log\n+tmp\n"},
		compose,
		{Path: "deploy/fargate/taskdef-web.json", Action: "new"},
		{Path: "drydock.yaml", Action: "same"},
	}, nil
}

func (d *fakeDriver) OutputDir() string { defer d.call("dir")(); return "/home/me/src/redmine" }

func (d *fakeDriver) Write(ctx context.Context, force bool) ([]flow.FileState, error) {
	defer d.call(fmt.Sprintf("write:%v", force))()
	if d.writeErr != nil {
		return nil, d.writeErr
	}
	if d.conflict && !force {
		return nil, errors.New("1 file was edited: compose.yaml")
	}
	return []flow.FileState{
		{Path: "Dockerfile", Action: "new"}, {Path: ".dockerignore", Action: "merge"}, {Path: "compose.yaml", Action: "new"},
		{Path: "deploy/fargate/taskdef-web.json", Action: "new"}, {Path: "drydock.yaml", Action: "same"},
	}, nil
}

func (d *fakeDriver) Verify(ctx context.Context, sink progress.Sink, _ flow.Approve) (*flow.Verdict, error) {
	defer d.call("verify")()
	d.tell(ctx, sink, d.events)
	if err := d.hold(ctx); err != nil {
		return nil, fmt.Errorf("build web: %w", err)
	}
	v := &flow.Verdict{SchemaVersion: 1, Outcome: d.outcome, Seconds: 102}
	c := verify.ComponentVerdict{Name: "web", Outcome: d.outcome}
	c.Image = verify.ImageResult{Ref: "redmine:9d1f0c4", ID: "sha256:1", SizeBytes: 268 << 20, Layers: 9, User: "10001"}
	if d.outcome == verify.Healthy {
		c.Run = &verify.RunResult{StartSeconds: 2.4, Port: 3000, Probe: verify.ProbeResult{Path: "/login", Status: 200, Millis: 84},
			MemoryPeakBytes: 212 << 20, StopSeconds: .3, StoppedBy: "SIGTERM", ReadOnlyRoot: true, NonRoot: true,
			MemoryIdleBytes: 180 << 20, CPUIdle: .01, Load: &verify.LoadResult{Requests: 40, Seconds: 2.1, CPU: .22, MemoryBytes: 205 << 20, MedianMillis: 31, SlowestMillis: 140},
			ArbitraryUser: new(bool), Restarts: new(bool), ServiceRestarts: []verify.ServiceRestart{{Service: "db", Survived: true, Seconds: 1.7}}}
		c.Build = verify.BuildResult{Seconds: 41.2, Steps: 14, CachedSteps: 3}
		c.Attempts = []verify.Attempt{{Phase: "build", Failure: verify.Failure{ID: "missing-library", Message: "libpq-fe.h is missing"}, Remedy: &verify.AppliedRemedy{ID: "apt-package/pg_config", Detail: "libpq-dev"}}}
		c.Readiness = []verify.Readiness{{ID: "undeclared-writes", Severity: "high", Message: "it writes where the plan does not say so: 2 files below /app/files", Proof: []string{"/app/files/a"}}}
		c.Sizing = verify.SizingResult{Fargate: verify.FargateSize{CPU: 256, Memory: 512}, From: "measured"}
	}
	v.Components = []verify.ComponentVerdict{c}
	return v, d.verifyErr
}

func (d *fakeDriver) Command() []string {
	defer d.call("command")()
	return []string{"drydock", "containerize", ".", "--yes", "--target", "compose,fargate"}
}

func (d *fakeDriver) Explain(path string, line int) (string, []flow.Evidence) {
	defer d.call("explain")()
	if path == "Dockerfile" && line == 7 {
		return "Gemfile.lock is there: installing before COPY . keeps the layer cached while code changes", []flow.Evidence{ev("Gemfile.lock", 1, "GEM")}
	}
	return "", nil
}

func (d *fakeDriver) Close() error { return nil }

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

func fetchEvents() []progress.Event {
	return []progress.Event{
		{Time: at(-4), Stage: progress.Fetch, Step: "refs", Name: "ask https://git.example.com/redmine for its branches", State: progress.Started},
		{Time: at(-3.6), Stage: progress.Fetch, Step: "refs", State: progress.Done, Elapsed: 400 * time.Millisecond},
		{Time: at(-3.6), Stage: progress.Fetch, Step: "receive", Name: "receive objects", State: progress.Started},
		{Time: at(-.5), Stage: progress.Fetch, Step: "receive", State: progress.Running, Current: 7235174, Total: 11848908, Unit: "bytes"},
	}
}

func buildEvents() []progress.Event {
	step := func(stage progress.Stage, id, name string, state progress.State, took float64) progress.Event {
		return progress.Event{Time: at(-40), Stage: stage, Component: "web", Step: id, Name: name, State: state, Elapsed: time.Duration(took * float64(time.Second))}
	}
	events := []progress.Event{
		step(progress.Pull, "pull", "pull ruby:2.7.8-slim", progress.Started, 0),
		step(progress.Pull, "pull", "", progress.Done, 11.2),
		step(progress.Build, "1", "FROM ruby:2.7.8-slim-bookworm", progress.Cached, 0),
		step(progress.Build, "2", "RUN apt-get install", progress.Started, 0),
		step(progress.Build, "2", "", progress.Done, 9),
		step(progress.Build, "3", "RUN bundle install", progress.Started, 0),
	}
	for _, line := range []string{
		"Fetching nokogiri 1.13.10", "Installing nokogiri 1.13.10 with native extensions", "Fetching pg 1.2.3",
		"Installing pg 1.2.3 with native extensions", "\x1b[31mGem::Ext::BuildError\x1b[0m: ERROR: Failed to build gem native extension.",
		"  checking for pg_config... no", "  Can't find the 'libpq-fe.h' header",
	} {
		e := step(progress.Build, "3", "", progress.Log, 0)
		e.Text = line
		events = append(events, e)
	}
	return events
}

func failedEvents() []progress.Event {
	return append(buildEvents(), progress.Event{
		Time: at(-1), Stage: progress.Build, Component: "web", Step: "3", State: progress.Failed, Elapsed: 41 * time.Second,
		Text: "process \"bundle install\" did not complete successfully: exit code: 5",
	})
}
