package all

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/source"
)

// BenchmarkDetectors runs each detector over all bundled applications, as they lie on disk, already listed.
func BenchmarkDetectors(b *testing.B) {
	apps, err := filepath.Glob("../../testdata/apps/*")
	if err != nil || len(apps) == 0 {
		b.Fatal("no applications", err)
	}
	var trees []*source.Tree
	for _, app := range apps {
		if info, err := os.Stat(app); err != nil || !info.IsDir() {
			continue
		}
		tree, err := source.Open(context.Background(), app, source.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = tree.Close() })
		trees = append(trees, tree)
	}
	for _, d := range Detectors() {
		b.Run(d.Name(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, tree := range trees {
					if _, err := detect.Run(context.Background(), tree, []detect.Detector{d}, nil); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
