package verify

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// TestWindowsImageOnLinux holds that an engine of Linux is told to be of no use for an image for Windows, after its files were checked, and
// that nothing is tried.
func TestWindowsImageOnLinux(t *testing.T) {
	f := newFake(t)
	f.answer("GET /version", 200, map[string]any{"Version": "28.0", "ApiVersion": "1.48", "Os": "linux"})
	opts := short()
	opts.Engine = f.url
	p := webPlan(80)
	p.Components[0].Platform = detect.Is("windows")
	v, err := Run(context.Background(), Input{Plan: p, Tree: tree(map[string]string{"a": "a"}), Options: opts,
		Artifacts: dockerfileOf("FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8-windowsservercore-ltsc2022", "COPY a ./")}, nil)
	var e *EngineError
	if !errors.As(err, &e) || e.Kind != Unsuitable || !strings.Contains(err.Error(), "is for Windows") {
		t.Fatalf("error %v", err)
	}
	if v.Outcome != CheckedOnly || !v.Checked || v.Components[0].Outcome != CheckedOnly {
		t.Errorf("verdict %+v", v)
	}
	if len(v.Problems) == 0 || !strings.Contains(strings.Join(v.Problems, "\n"), "nothing was built or run") {
		t.Errorf("problems %q", v.Problems)
	}
	if f.called("POST /build") {
		t.Error("the build was tried")
	}
}
