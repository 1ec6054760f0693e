package flow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/progress"
)

// badWorker makes the test binary a worker that a repository breaks: it is started by the tests below.
const badWorker = "DRYDOCK_TEST_WORKER"

// TestAssessWorkerProcess is no test: with the variable set it is the worker of the others.
func TestAssessWorkerProcess(t *testing.T) {
	switch os.Getenv(badWorker) {
	case "":
		return
	case "good":
		if err := AssessWorker(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Exit(3)
		}
		os.Exit(0)
	}
	dec, enc := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var m message
		if dec.Decode(&m) != nil {
			os.Exit(0)
		}
		if m.Source == nil {
			continue
		}
		switch filepath.Base(m.Source.Location) {
		case "hangs":
			time.Sleep(time.Hour)
		case "dies":
			fmt.Fprintln(os.Stderr, "fatal error: out of memory")
			os.Exit(2)
		}
		a := failed(*m.Source, "")
		a.Row.Verdict, a.Row.Score = assess.Ready, 100
		if enc.Encode(message{Answer: &a}) != nil {
			os.Exit(1)
		}
	}
}

func workerOf(t *testing.T, kind string) []string {
	t.Helper()
	t.Setenv(badWorker, kind)
	return []string{os.Args[0], "-test.run=^TestAssessWorkerProcess$"}
}

func rowsOf(t *testing.T, run *AssessRun) []assess.Repository {
	t.Helper()
	var out []assess.Repository
	if err := run.Each(func(r *assess.Repository) error { out = append(out, *r); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func apps(names ...string) []assess.Source {
	var out []assess.Source
	for _, n := range names {
		out = append(out, assess.Source{Location: filepath.Join("..", "testdata", "apps", n)})
	}
	return out
}

// TestAssessIsolates holds that a repository that hangs its worker, or makes it die, costs its own row and no other.
func TestAssessIsolates(t *testing.T) {
	sources := []assess.Source{{Location: "a"}, {Location: "dies"}, {Location: "b"}, {Location: "hangs"}, {Location: "c"}, {Location: "a"}}
	opts := AssessOptions{Sources: sources, Jobs: 1, State: t.TempDir(), Worker: workerOf(t, "bad"), grace: time.Second}
	opts.Timeout = time.Millisecond // and the grace of the worker
	run, err := Assess(context.Background(), opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	var got []string
	for _, r := range rowsOf(t, run) {
		got = append(got, fmt.Sprint(r.Location, " ", r.Verdict))
	}
	if want := []string{"a ready", "dies error", "b ready", "hangs error", "c ready"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	rows := rowsOf(t, run)
	if !strings.Contains(rows[1].Error, "out of memory") || !strings.Contains(rows[3].Error, "killed") {
		t.Errorf("%q, %q", rows[1].Error, rows[3].Error)
	}
	var partly *PartlyError
	if err := run.Err(); !errors.As(err, &partly) || partly.Failed != 2 || partly.All != 5 {
		t.Errorf("%v", err)
	}
}

// TestAssessMemory holds that a repository which needs more than it may gets a row that says so, and the next one a new worker.
func TestAssessMemory(t *testing.T) {
	opts := AssessOptions{Sources: apps("rails-shop", "static-almanac"), Jobs: 1, MemoryMiB: 1, State: t.TempDir(), Worker: workerOf(t, "good")}
	run, err := Assess(context.Background(), opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	for _, r := range rowsOf(t, run) { // a small one may be done before anyone looks
		if r.Verdict == assess.Failed && !strings.Contains(r.Error, "1 MiB of memory") {
			t.Errorf("%s: %s", r.Location, r.Error)
		}
	}
}

// TestAssessSame holds that rows made in this process and in workers, with one job or three, are the same bytes, and that they are what the schema says.
func TestAssessSame(t *testing.T) {
	sources := append(apps("rails-shop", "springboot-ledger", "node-tickets", "static-almanac", "cobol-tolls"), assess.Source{Location: "nowhere", Owner: "x"})
	var first []byte
	for i, worker := range [][]string{nil, workerOf(t, "good")} {
		run, err := Assess(context.Background(), AssessOptions{Sources: sources, Jobs: 1 + 2*i, State: t.TempDir(), Worker: worker, AsOf: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := run.WriteJSON(&b, nil); err != nil {
			t.Fatal(err)
		}
		if err := run.Close(); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b.Bytes()
		} else if !bytes.Equal(first, b.Bytes()) {
			t.Error("workers make other rows than this process")
		}
	}
	schema, err := Schema("assess")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("assess.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("assess.json")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Errorf("the document is not what its schema says: %v", err)
	}
}

// TestAssessResume interrupts a run after some rows, cuts its file as a killed process does, and goes on: nothing that was done is done again.
func TestAssessResume(t *testing.T) {
	state := t.TempDir()
	sources := apps("rails-shop", "static-almanac", "node-tickets", "go-orders", "php-intranet")
	opts := AssessOptions{Sources: sources, Jobs: 1, State: state}
	ctx, cancel := context.WithCancel(context.Background())
	var mu sync.Mutex
	done := 0
	_, err := Assess(ctx, opts, func(e progress.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Step != "portfolio" && e.State == progress.Done {
			if done++; done == 2 {
				cancel()
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	file := filepath.Join(state, "rows.jsonl")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(data, `{"key":"cut off","row":{"loc`...), 0o600); err != nil {
		t.Fatal(err)
	}
	opts.Resume = true
	var again []string
	run, err := Assess(context.Background(), opts, func(e progress.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Step != "portfolio" && e.State == progress.Started {
			again = append(again, filepath.Base(e.Step))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if run.Resumed < 2 || len(again)+run.Resumed != 5 || len(rowsOf(t, run)) != 5 {
		t.Errorf("resumed %d, done again %q", run.Resumed, again)
	}
	if _, err := Assess(context.Background(), opts, nil); err == nil {
		t.Error("two runs share a folder")
	}
	if _, err := Assess(context.Background(), AssessOptions{}, nil); err == nil {
		t.Error("nothing is assessed")
	}
}

// TestAssessTimeout holds that a repository is given up after its time.
func TestAssessTimeout(t *testing.T) {
	opts := AssessOptions{Sources: apps("rails-shop"), State: t.TempDir()}
	opts.Timeout = time.Nanosecond
	run, err := Assess(context.Background(), opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if r := rowsOf(t, run)[0]; r.Verdict != assess.Failed || !strings.Contains(r.Error, "--timeout") {
		t.Errorf("%+v", r)
	}
}

// TestPlacements holds the advice that the wizard shows, and that it stands in the plan with its places.
func TestPlacements(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	job := NewJob(Options{Output: t.TempDir()})
	defer job.Close()
	if _, err := job.Open(context.Background(), filepath.Join("..", "testdata", "apps", "rails-shop"), nil); err != nil {
		t.Fatal(err)
	}
	list := job.Placements()
	if len(list) == 0 || list[0].Advice != assess.Container || list[0].Reasons[0].Place() == "" {
		t.Errorf("%+v", list)
	}
	c := job.Plan().Component(list[0].Component)
	if c.Placement.V != "container" || len(c.Placement.Evidence) == 0 {
		t.Errorf("the plan says %+v", c.Placement)
	}
	if err := job.Set("components."+c.Name+".placement", "nowhere"); err == nil {
		t.Error("a place that is none is taken")
	}
}

// TestAssessTellsOfEveryRow has each row told once, those of an earlier run too, and every event say of which repository it is.
func TestAssessTellsOfEveryRow(t *testing.T) {
	opts := AssessOptions{Sources: append(apps("static-almanac", "rails-shop"), assess.Source{Location: "nowhere"}), State: t.TempDir(), Version: "1"}
	for _, resumed := range []bool{false, true} {
		told := map[string]assess.Verdict{}
		opts.Resume = resumed
		opts.OnRow = func(s assess.Source, row *assess.Repository, kept bool) {
			if _, twice := told[s.Location]; twice || kept != resumed {
				t.Errorf("%s: told twice: %v, kept: %v", s.Location, twice, kept)
			}
			told[s.Location] = row.Verdict
		}
		run, err := Assess(t.Context(), opts, func(e progress.Event) {
			if e.Step != "portfolio" && e.Source != e.Step {
				t.Errorf("an event of %q says %q", e.Step, e.Source)
			}
			if _, known := told[e.Source]; e.State == progress.Failed && !known {
				t.Errorf("%s ended before its row was told", e.Source)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Close(); err != nil {
			t.Fatal(err)
		}
		if len(told) != 3 || told["nowhere"] != assess.Failed {
			t.Errorf("told: %v", told)
		}
	}
}
