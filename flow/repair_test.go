package flow

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"
	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
)

// fault is a row of testdata/faults.yaml: an application with something broken.
type fault struct {
	Fault     string                       `yaml:"fault"`
	Stack     string                       `yaml:"stack"`
	App       string                       `yaml:"app"`
	Component string                       `yaml:"component"` // alone; empty: all
	Set       []string                     `yaml:"set"`       // decisions that are wrong
	Replace   map[string]map[string]string `yaml:"replace"`   // in a file, old texts by new ones
	Write     map[string]string            `yaml:"write"`
	Remedies  []string                     `yaml:"remedies"` // of the attempts
}

func readFaults(t *testing.T) []fault {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "faults.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out []fault
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// breakApp makes the broken application in a directory of its own name: what runs side by side may not share the names of images.
func (f fault) breakApp(t *testing.T, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), fmt.Sprintf("fault-%02d", n))
	if f.App != "" {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "testdata", "apps", f.App))); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range f.Write {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for name, changes := range f.Replace {
		file := filepath.Join(dir, filepath.FromSlash(name))
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for old, with := range changes {
			if !strings.Contains(text, old) {
				t.Fatalf("%s does not hold %q", name, old)
			}
			text = strings.ReplaceAll(text, old, with)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// atOnce is how many broken applications are mended side by side: most of their time they wait for containers.
const atOnce = 2

// TestRepair breaks applications of every stack and holds that each ends healthy by repair, without a person, by the remedies that
// are written beside the fault; that the attempts are in the verdict with few lines of their logs and the remedies in drydock.yaml with
// their reasons; that the next run needs no repair; and that nothing is left.
func TestRepair(t *testing.T) {
	api := engine(t)
	isolate(t)
	list := readFaults(t)
	if len(list) < 25 {
		t.Errorf("%d faults are fewer than 25", len(list))
	}
	places := make(chan struct{}, atOnce)
	for n, f := range list {
		t.Run(f.Stack+": "+f.Fault, func(t *testing.T) {
			t.Parallel()
			places <- struct{}{}
			defer func() { <-places }()
			dir := f.breakApp(t, n)
			begin := time.Now()
			opts := Options{RunID: newRunID(time.Now()), Set: f.Set, Component: f.Component, Quick: true}
			var output printed
			r, err := Run(t.Context(), dir, opts, Stages{Generate: true, Write: true, Verify: true}, ask.Defaults(), output.sink(logSink(t)))
			if r == nil || r.Verdict == nil {
				t.Fatal(err)
			}
			for _, c := range r.Verdict.Components {
				if c.Image.Ref != "" {
					t.Cleanup(func() {
						_, _ = api.ImageRemove(context.Background(), c.Image.Ref, image.RemoveOptions{PruneChildren: true})
					})
				}
			}
			var got []string
			attempts := attemptsOf(r.Verdict)
			for _, a := range attempts {
				if len(a.Failure.Log) > 40 {
					t.Errorf("%d lines of log are shown", len(a.Failure.Log))
				}
				if a.Remedy != nil {
					got = append(got, a.Remedy.ID)
				}
			}
			t.Logf("%.0f s: %s", time.Since(begin).Seconds(), strings.Join(got, ", "))
			if err != nil || r.Verdict.Outcome != verify.Healthy || !slices.Equal(got, f.Remedies) {
				t.Fatalf("verdict %s, remedies %v, want %v, attempts %+v (%v)", r.Verdict.Outcome, got, f.Remedies, attempts, err)
			}
			if updating() {
				provoked(t, f, n, attempts)
				output.write(t, f.name())
			}
			written, err := os.ReadFile(filepath.Join(dir, plan.FileName))
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range f.Remedies {
				if !strings.Contains(string(written), "remedy "+id) {
					t.Errorf("drydock.yaml does not tell of %s:\n%s", id, written)
				}
			}
			again, err := Run(t.Context(), dir, Options{RunID: newRunID(time.Now()), Component: f.Component}, Stages{Generate: true, Write: true}, ask.Defaults(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range again.Files {
				if file.Path != plan.FileName && file.Action != "same" && file.Action != "keep" {
					t.Errorf("the next run would %s %s:\n%s", file.Action, file.Path, file.Diff)
				}
			}
			if n := leftovers(t, api, opts.RunID); n != 0 {
				t.Errorf("%d things were left on the engine", n)
			}
		})
	}
}

// attemptsOf are the attempts of a verdict: those of the component that has most.
func attemptsOf(v *Verdict) []verify.Attempt {
	var out []verify.Attempt
	for _, c := range v.Components {
		if len(c.Attempts) > len(out) {
			out = c.Attempts
		}
	}
	return out
}

// updating reports whether the tests run with -update, a flag that generate/targettest defines: TestRepair then writes the logs of the failures that
// it provokes to verify/remedy/testdata/provoked.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// provoked writes the logs of failures beside the remedies that they are tests of.
func provoked(t *testing.T, f fault, n int, attempts []verify.Attempt) {
	t.Helper()
	type shown struct {
		Remedy  string            `yaml:"remedy"`
		Phase   string            `yaml:"phase"`
		Failure string            `yaml:"failure"`
		With    map[string]string `yaml:"with,omitempty"`
		Log     []string          `yaml:"log"`
	}
	dir := f.breakApp(t, n)
	first, err := Run(t.Context(), dir, Options{Set: f.Set, Component: f.Component}, Stages{Generate: true}, ask.Defaults(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := first.Plan.Components[0]
	with := map[string]string{"stack": c.Stack}
	for name, v := range map[string]string{
		"language": c.Language.V, "languageVersion": c.LanguageVersion.V, "framework": c.Framework.V, "frameworkVersion": c.FrameworkVersion.V, "build": c.Build.V,
		"appServer": c.AppServer.V, "appServerVersion": c.AppServerVersion.V,
	} {
		if v != "" {
			with[name] = v
		}
	}
	for k, v := range c.Facts {
		with["facts."+k] = v.V
	}
	for _, p := range c.Processes {
		with["processes."+p.Name] = plan.ShellWords(p.Command)
	}
	var kinds []string
	for _, s := range first.Plan.Services {
		kinds = append(kinds, s.Kind)
	}
	if len(kinds) > 0 {
		with["services"] = strings.Join(kinds, " ")
	}
	for _, s := range f.Set {
		key, value, _ := strings.Cut(s, "=")
		if own, ok := strings.CutPrefix(key, "components."); ok {
			_, key, _ = strings.Cut(own, ".")
		}
		if strings.Contains(key, ".") {
			with[key] = value
		}
	}
	var rows []shown
	for _, a := range attempts {
		if a.Remedy == nil || a.Remedy.ID == "nearest-base-image" {
			continue
		}
		log := a.Failure.Tail
		if len(log) == 0 {
			log = append(log, a.Failure.Log...)
		}
		log = append(slices.Clone(log[max(0, len(log)-60):]), a.Failure.Message)
		for i, line := range log {
			log[i] = anyHost.ReplaceAllString(line, "https://packages.example.com")
		}
		rows = append(rows, shown{a.Remedy.ID, a.Phase, a.Failure.ID, with, log})
		break // what comes later is of a plan that is repaired in part
	}
	if len(rows) == 0 {
		return
	}
	data, err := yaml.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "verify", "remedy", "testdata", "provoked", f.name()+".yaml")
	if err := os.WriteFile(file, append([]byte("# "+f.Stack+": "+f.Fault+"\n"), data...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// name is what the fault's files are called.
func (f fault) name() string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(f.Stack+"-"+f.Fault))
	return strings.Trim(name[:min(len(name), 70)], "-")
}

// printed keeps what builds and containers print after the last repair: the output of what went well.
type printed struct {
	mu    sync.Mutex
	lines []string
}

func (p *printed) sink(next progress.Sink) progress.Sink {
	return func(e progress.Event) {
		p.mu.Lock()
		switch {
		case e.Stage == progress.Repair:
			p.lines = nil
		case e.State == progress.Log && len(p.lines) < 400:
			p.lines = append(p.lines, e.Text)
		}
		p.mu.Unlock()
		next(e)
	}
}

// write keeps it as a log that no remedy may fit (package remedy, TestHealthy).
func (p *printed) write(t *testing.T, name string) {
	t.Helper()
	if len(p.lines) < 5 {
		return
	}
	file := filepath.Join("..", "verify", "remedy", "testdata", "healthy", name+".txt")
	if err := os.WriteFile(file, []byte(anyHost.ReplaceAllString(strings.Join(p.lines, "\n"), "https://packages.example.com")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestAsker holds that a registry that cannot be reached is asked once.
func TestAsker(t *testing.T) {
	asked := map[string]int{}
	exists := asker(func(image string) error {
		asked[registryOf(image)]++
		switch registryOf(image) {
		case "":
			return &verify.BaseImageError{Image: image, Reason: verify.RegistryUnreached}
		case "r.example.com":
			return &verify.BaseImageError{Image: image, Reason: verify.ImageNotFound}
		}
		return nil
	})
	for _, image := range []string{"ruby:2.6", "library/ruby:2.7", "r.example.com/a:1", "r.example.com/a:2", "localhost/a:1"} {
		if exists(image) != strings.HasPrefix(image, "localhost/") {
			t.Errorf("%s: %v", image, exists(image))
		}
	}
	if asked[""] != 1 || asked["r.example.com"] != 2 {
		t.Errorf("asked %v", asked)
	}
}

// anyHost matches where packages come from, which no test's data says.
var anyHost = regexp.MustCompile(`https?://[\w.:-]+`)

// TestNoRepair holds that --no-repair reports the first failure as it is and changes nothing.
func TestNoRepair(t *testing.T) {
	engine(t)
	isolate(t)
	dir := copyApp(t, "springboot-ledger")
	opts := Options{NoRepair: true, Set: []string{"components.ledger.languageVersion=8"}}
	r, err := Run(t.Context(), dir, opts, Stages{Generate: true, Write: true, Verify: true}, ask.Defaults(), nil)
	var build *verify.BuildError
	if !errors.As(err, &build) || len(r.Verdict.Components[0].Attempts) != 1 || r.Verdict.Components[0].Attempts[0].Remedy != nil {
		t.Errorf("error %v, verdict %+v", err, r.Verdict)
	}
}
