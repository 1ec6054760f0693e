package flow

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
)

// fixtures are the bundled applications, with what their first page must be reached by.
var fixtures = []string{"ant-guestbook", "springboot-ledger", "spring-petstore-war", "rails-shop", "rails-notices", "php-intranet", "php-parcels", "go-orders", "perl-notes", "perl-guestbook", "elixir-tally", "erlang-proverbs", "c-gauged", "java-feeds-gradle", "cobol-tolls", "rust-visits", "node-tickets", "node-catalogue", "static-almanac", "python-helpdesk", "python-links", "python-thumbs", "python-digits"}

// builtOnly are those that are built and not run: of application servers, whose image and start take minutes, and of a build tool that fetches
// its own compiler.
var builtOnly = []string{"java-payroll-ear", "java-library-jsf", "java-orders-liberty", "scala-notes-play"}

// unbuilt are the templates that no test can build, and why.
var unbuilt = map[string]string{
	"dotnet/Dockerfile.tmpl":             "the images of .NET are in Microsoft's registry alone",
	"dotnet/windows.tmpl":                "a Linux engine builds no Windows image",
	"node/meteor.tmpl (node-meteor)":     "the image of Meteor's tool is in Docker Hub alone, and no fixture is a Meteor application",
	"elixir/secret.tmpl (elixir-secret)": "Debian never had the Elixir of that time",
}

// TestEveryTemplateIsBuilt holds that each template makes a golden Dockerfile, and one that a test builds.
func TestEveryTemplateIsBuilt(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", "testdata", "apps"))
	if err != nil {
		t.Fatal(err)
	}
	plans := map[string]*plan.Plan{}
	for _, e := range entries {
		plans[e.Name()] = targettest.Plan(t, e.Name())
	}
	for _, x := range targettest.Templates(t) {
		golden, built := "", ""
		for name, p := range plans {
			if x.Uses(t, p) {
				golden = name
				if slices.Contains(fixtures, name) || slices.Contains(builtOnly, name) {
					built = name
				}
			}
		}
		why := unbuilt[x.String()]
		switch {
		case golden == "" && why == "":
			t.Errorf("%s makes no golden Dockerfile", x)
		case built == "" && why == "":
			t.Errorf("%s makes no Dockerfile that is built, only that of %s", x, golden)
		case built != "" && why != "":
			t.Errorf("%s is built, for %s", x, built)
		}
		delete(unbuilt, x.String())
	}
	for name := range unbuilt {
		t.Errorf("there is no template %s", name)
	}
}

// engine connects to the engine, or skips the test; where CI says so, its absence is a failure.
func engine(t *testing.T) *client.Client {
	t.Helper()
	api, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err == nil {
		_, err = api.Ping(t.Context())
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("no engine answers, and CI must have one:", err)
	}
	if err != nil {
		t.Skip("no engine answers (hack/engine/ensure starts one):", err)
	}
	t.Cleanup(func() { api.Close() })
	return api
}

// leftovers counts what carries a run's label.
func leftovers(t *testing.T, api *client.Client, run string) int {
	t.Helper()
	ctx := context.Background()
	by := filters.NewArgs(filters.Arg("label", "io.drydock.run="+run))
	containers, err := api.ContainerList(ctx, container.ListOptions{All: true, Filters: by})
	if err != nil {
		t.Fatal(err)
	}
	networks, err := api.NetworkList(ctx, network.ListOptions{Filters: by})
	if err != nil {
		t.Fatal(err)
	}
	volumes, err := api.VolumeList(ctx, volume.ListOptions{Filters: by})
	if err != nil {
		t.Fatal(err)
	}
	return len(containers) + len(networks) + len(volumes.Volumes)
}

func copyApp(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "testdata", "apps", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// logSink keeps what a run says for the case that it fails.
func logSink(t *testing.T) progress.Sink {
	var b strings.Builder
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(b.String())
		}
	})
	return progress.NewPlain(&b, progress.PlainOptions{}).Sink()
}

// measured are the applications that are measured in full: a server with a worker and a database, a virtual machine, an interpreter behind a
// web server. The restarts and further starts of all of them would take longer than their builds; package verify holds what each measurement says.
var measured = map[string]bool{"rails-shop": true, "springboot-ledger": true, "php-intranet": true, "node-tickets": true}

// TestContainerize is the main job: each bundled application is containerised without a question, ends healthy, and
// leaves nothing on the engine but its image.
func TestContainerize(t *testing.T) {
	api := engine(t)
	isolate(t)
	for _, name := range fixtures {
		t.Run(name, func(t *testing.T) {
			dir := copyApp(t, name)
			opts := Options{RunID: newRunID(time.Now()), Quick: !measured[name]}
			r, err := Run(t.Context(), dir, opts, Stages{Generate: true, Write: true, Verify: true}, ask.Defaults(), logSink(t))
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict.Outcome != verify.Healthy {
				t.Errorf("verdict %s", r.Verdict.Outcome)
			}
			for _, c := range r.Verdict.Components {
				if c.Outcome != verify.Healthy || c.Image.SizeBytes == 0 || c.Image.User == "" || c.Run == nil || !c.Run.NonRoot {
					t.Errorf("component %s: %+v, run %+v", c.Name, c, c.Run)
				} else if role := r.Plan.Component(c.Name).Role.V; role != detect.Batch && role != detect.Training && c.Run.StoppedBy != "SIGTERM" { // those end by themselves
					t.Errorf("component %s: %+v, run %+v", c.Name, c, c.Run)
				}
			}
			for _, f := range []string{"Dockerfile", ".dockerignore", "compose.yaml", "drydock.yaml"} {
				if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
					t.Error(err)
				}
			}
			if tasks, _ := filepath.Glob(filepath.Join(dir, "deploy", "fargate", "*.json")); len(tasks) == 0 {
				t.Error("no task definition was written")
			}
			if n := leftovers(t, api, opts.RunID); n != 0 {
				t.Errorf("%d things were left on the engine", n)
			}
		})
	}
}

// isolate keeps a test's state out of the user's.
func isolate(t *testing.T) {
	t.Helper()
	t.Cleanup(xdg.Reload) // after the environment is what it was
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	xdg.Reload()
}

// TestBuildsAlone holds that each generated Dockerfile builds by a plain `docker build`, on every engine that
// DRYDOCK_TEST_ENGINES names.
func TestBuildsAlone(t *testing.T) {
	engine(t)
	isolate(t)
	docker := plainDocker(t)
	hosts := strings.Fields(os.Getenv("DRYDOCK_TEST_ENGINES"))
	if len(hosts) == 0 {
		hosts = []string{os.Getenv("DOCKER_HOST")}
	}
	for _, name := range slices.Concat(fixtures, builtOnly) {
		dir := copyApp(t, name)
		r, err := Run(t.Context(), dir, Options{}, Stages{Generate: true, Write: true}, ask.Defaults(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range r.Plan.ImageGroups() {
			file := filepath.Join(dir, filepath.FromSlash(group.Dockerfile))
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(strings.ToLower(string(text)), "# syntax") {
				t.Errorf("%s: a syntax line would have to be pulled", name)
			}
			for i, host := range hosts {
				if i > 0 && slices.Contains(builtOnly, name) {
					continue // once is enough: their Dockerfiles use nothing that the others do not
				}
				t.Run(path.Join(name, group.Path)+" on "+host, func(t *testing.T) {
					cmd := exec.CommandContext(t.Context(), docker, "build", "-q", "-f", file, filepath.Join(dir, filepath.FromSlash(group.Root)))
					cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=1")
					if host != "" {
						cmd.Env = append(cmd.Env, "DOCKER_HOST="+host)
					}
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("%v\n%s", err, out)
					}
				})
			}
		}
	}
}

// plainDocker is a docker client that speaks BuildKit without a plugin: Debian's own, else the one on PATH.
func plainDocker(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/usr/bin/docker"); err == nil {
		return "/usr/bin/docker"
	}
	p, err := exec.LookPath("docker")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("the docker client is needed to build as a user does:", err)
	}
	if err != nil {
		t.Skip("no docker client:", err)
	}
	return p
}

// TestInterrupted cancels a run at each of its stages and holds that nothing is left, neither on the engine nor, before
// writing, on the disk.
func TestInterrupted(t *testing.T) {
	api := engine(t)
	isolate(t)
	for _, stage := range []progress.Stage{
		progress.Fetch, progress.Detect, progress.Generate, progress.Write, progress.Build, progress.Services,
		progress.Release, progress.Start, progress.Probe, progress.Measure, progress.Stop,
	} {
		t.Run(string(stage), func(t *testing.T) {
			dir := copyApp(t, "rails-shop")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := false
			opts := Options{RunID: newRunID(time.Now())}
			_, err := Run(ctx, dir, opts, Stages{Generate: true, Write: true, Verify: true}, ask.Defaults(), func(e progress.Event) {
				if e.Stage == stage {
					seen = true
					cancel()
				}
			})
			if !seen {
				t.Fatalf("the run never came to %s: %v", stage, err)
			}
			if !errors.Is(err, context.Canceled) && stage != progress.Stop {
				t.Errorf("error %v", err)
			}
			if n := leftovers(t, api, opts.RunID); n != 0 {
				t.Errorf("%d things were left on the engine", n)
			}
			halves, _ := filepath.Glob(filepath.Join(dir, ".*.drydock-*"))
			if len(halves) > 0 {
				t.Errorf("half-written files: %v", halves)
			}
		})
	}
}

// TestBaseImageMissing holds that a base image that does not exist is named, with exit code 7's error, and that nothing is left.
func TestBaseImageMissing(t *testing.T) {
	api := engine(t)
	isolate(t)
	dir := copyApp(t, "ant-guestbook")
	opts := Options{RunID: newRunID(time.Now()), NoRepair: true, Set: []string{"components.guestbook.images.run=tomcat:0.0-nowhere"}}
	r, err := Run(t.Context(), dir, opts, Stages{Generate: true, Write: true, Verify: true}, ask.Defaults(), nil)
	var missing *verify.BaseImageError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "tomcat:0.0-nowhere") {
		t.Fatalf("error %v", err)
	}
	if r.Verdict == nil || r.Verdict.Outcome != verify.Failed {
		t.Errorf("verdict %+v", r.Verdict)
	}
	if n := leftovers(t, api, opts.RunID); n != 0 {
		t.Errorf("%d things were left on the engine", n)
	}
}
