package detecttest

import (
	"context"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// Find runs a detector over files given as path and content. A panic of the detector, which a run turns into a warning, fails
// the test.
func Find(t testing.TB, d detect.Detector, files map[string]string) *detect.Findings {
	t.Helper()
	f, err := detect.Run(context.Background(), Tree(files), []detect.Detector{d}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range f.Warnings {
		if strings.Contains(w.Text, "internal error") {
			t.Fatal(w.Text)
		}
	}
	return f
}
