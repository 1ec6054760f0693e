package flow

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/verify"
)

// faults are applications with something broken, and the remedies that must make them healthy without a person.
var faults = []struct {
	name   string
	app    string
	set    []string // decisions that are wrong
	remedy string   // of the first attempt
}{
	{name: "libraries left out", app: "rails-shop", remedy: "apt-shared-library",
		set: []string{"components.web.systemPackages.build=build-essential", "components.worker.systemPackages.build=build-essential"}},
	{name: "too old a JDK", app: "springboot-ledger", set: []string{"components.ledger.languageVersion=8"}, remedy: "java-release"},
	{name: "a tag that is gone", app: "ant-guestbook", set: []string{"components.guestbook.images.run=tomcat:9.0.1-jdk8"}, remedy: "nearest-base-image"},
	{name: "a database's tag that is gone", app: "spring-petstore-war", set: []string{"services.db.image=postgres:13.99"}, remedy: "nearest-base-image"},
}

// TestRepair breaks applications and holds that each ends healthy by repair, that the attempt and its remedy are in the
// verdict, that the remedy is in drydock.yaml with its reason, and that the next run needs no repair.
func TestRepair(t *testing.T) {
	api := engine(t)
	isolate(t)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			dir := copyApp(t, f.app)
			opts := Options{RunID: newRunID(time.Now()), Set: f.set, Quick: true}
			all := Stages{Generate: true, Write: true, Verify: true}
			r, err := Run(t.Context(), dir, opts, all, ask.Defaults(), logSink(t))
			if err != nil {
				t.Fatal(err)
			}
			first := r.Verdict.Components[0].Attempts
			if r.Verdict.Outcome != verify.Healthy || len(first) == 0 || first[0].Remedy == nil || first[0].Remedy.ID != f.remedy {
				t.Fatalf("verdict %s, attempts %+v", r.Verdict.Outcome, first)
			}
			written, err := os.ReadFile(filepath.Join(dir, plan.FileName))
			if err != nil || !strings.Contains(string(written), "remedy "+f.remedy) {
				t.Errorf("drydock.yaml does not tell of the remedy (%v)", err)
			}
			again, err := Run(t.Context(), dir, Options{RunID: newRunID(time.Now())}, Stages{Generate: true, Write: true}, ask.Defaults(), nil)
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
