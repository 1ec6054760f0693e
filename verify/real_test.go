package verify

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/progress"
)

func TestHealthy(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		opts := short()
		opts.Quick = false
		v, rec, err := runOn(t, context.Background(), url, Input{
			Plan: webPlan(8080), Tree: tree(map[string]string{"index.html": "<h1>hello</h1>"}), Options: opts,
			Artifacts: busybox(serve),
		})
		if err != nil {
			t.Fatal(err)
		}
		c := v.Components[0]
		if v.Outcome != Healthy || c.Run == nil || c.Run.Probe.Status != 200 {
			t.Errorf("verdict: %+v, run %+v", v, c.Run)
		}
		t.Logf("%+v %+v", c, c.Run)
		if !c.Run.NonRoot || !c.Run.ReadOnlyRoot || c.Run.StoppedBy != "SIGTERM" || c.Run.MemoryPeakBytes == 0 || c.Sizing.From != "measured" {
			t.Errorf("run: %+v, sizing %+v", c.Run, c.Sizing)
		}
		for _, want := range []struct {
			stage progress.Stage
			state progress.State
			text  string
		}{
			{progress.Build, progress.Done, "context of 2 files"},
			{progress.Build, progress.Started, "COPY . /www/"},
			{progress.Probe, progress.Done, ""}, {progress.Stop, progress.Done, ""}, {progress.Clean, progress.Done, ""},
		} {
			if !rec.has(want.stage, want.state, want.text) {
				t.Errorf("no event %+v", want)
			}
		}
	})
}

func TestBuildFails(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		v, rec, err := runOn(t, context.Background(), url, Input{
			Plan: webPlan(8080), Tree: tree(map[string]string{"a.txt": "a"}), Options: short(),
			Artifacts: dockerfileOf("FROM busybox:latest AS build", "RUN echo "+randomHex(8), "FROM busybox:latest", "COPY a.txt /", "",
				`RUN printf 'one\rtwo\n\033[31mfatal error: libpq-fe.h: No such file or directory\033[0m\n' && exit 7`, serve),
		})
		var be *BuildError
		if !errors.As(err, &be) {
			t.Fatalf("error %v", err)
		}
		t.Logf("%v", err)
		if be.ExitCode != 7 || be.Line != 6 || be.File != "Dockerfile" || be.ID != "missing-library" || len(be.Log) < 2 || be.Log[len(be.Log)-2] != "two" {
			t.Errorf("%+v", be)
		}
		if !strings.HasPrefix(be.Command, "RUN printf") {
			t.Errorf("command %q", be.Command)
		}
		if v.Outcome != Failed || len(v.Components[0].Attempts) != 1 || v.Components[0].Attempts[0].Phase != "build" {
			t.Errorf("%+v", v)
		}
		if !rec.has(progress.Build, progress.Log, "fatal error: libpq-fe.h") {
			t.Error("no log event")
		}
	})
}
