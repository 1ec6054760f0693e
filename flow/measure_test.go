package flow

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/verify"
)

// TestMeasuredSizes follows sizes from a verdict into the plan, compose and the task definition on disk, and holds that a second run which
// measures the same writes the same bytes.
func TestMeasuredSizes(t *testing.T) {
	isolate(t)
	dir := copyApp(t, "springboot-ledger")
	verdict := &Verdict{Components: []verify.ComponentVerdict{{
		Name: "ledger", Outcome: verify.Healthy, Run: &verify.RunResult{MemoryPeakBytes: 212 << 20, StartCPUSeconds: 9.1, Load: &verify.LoadResult{Requests: 40, CPU: 0.12, Seconds: 2.3}},
		Sizing: verify.SizingResult{From: "measured", CPU: 768, Memory: 320},
	}}}
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	run := func(day time.Time) map[string][]byte {
		t.Helper()
		j := NewJob(Options{RunID: newRunID(time.Now())})
		defer j.Close()
		if _, err := j.Open(t.Context(), dir, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := j.Write(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if err := j.learn(t.Context(), verdict, day, nil); err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, name := range []string{plan.FileName, "compose.yaml", "deploy/fargate/taskdef-ledger.json"} {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = data
		}
		return files
	}
	first := run(day)
	for name, want := range map[string]string{
		plan.FileName:                        "memory: 320 # measured on 2026-11-23: at most 212 MiB in use",
		"compose.yaml":                       "memory: 320M",
		"deploy/fargate/taskdef-ledger.json": `"cpu": "1024"`,
	} {
		if !strings.Contains(string(first[name]), want) {
			t.Errorf("%s does not have %q:\n%s", name, want, first[name])
		}
	}
	for name, data := range run(day.AddDate(0, 0, 1)) {
		if !bytes.Equal(data, first[name]) {
			t.Errorf("the second run changes %s:\n%s", name, data)
		}
	}

	// An edit that stands against the new sizes is left alone, and is no error.
	edited := bytes.Replace(first["compose.yaml"], []byte("memory: 320M"), []byte("memory: 333M"), 1)
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), edited, 0o644); err != nil {
		t.Fatal(err)
	}
	verdict.Components[0].Sizing.Memory = 640
	if got := run(day); !bytes.Equal(got["compose.yaml"], edited) {
		t.Errorf("the edit is gone:\n%s", got["compose.yaml"])
	}
}
