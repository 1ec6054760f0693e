package java

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
	"github.com/drydock-cli/drydock/source"
)

var fixtures = []string{"spring-petstore-war", "springboot-ledger", "ant-guestbook", "java-payroll-ear", "java-library-jsf", "java-orders-liberty", "java-feeds-gradle", "scala-notes-play"}

func TestConformance(t *testing.T) {
	for _, name := range fixtures {
		t.Run(name, func(t *testing.T) { detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/"+name)) })
	}
}

// find runs the detector over a tree.
func find(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	return detecttest.Find(t, Detector{}, files)
}

// one is the only component of a tree.
func one(t *testing.T, files map[string]string) detect.Component {
	t.Helper()
	f := find(t, files)
	if len(f.Components) != 1 {
		t.Fatalf("%d components; warnings %v", len(f.Components), f.Warnings)
	}
	return f.Components[0]
}

// merge adds files to others.
func merge(a map[string]string, more ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range append([]map[string]string{a}, more...) {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares all that is said about the repository's own applications with what they are known to be.
func TestGolden(t *testing.T) {
	for _, name := range fixtures {
		t.Run(name, func(t *testing.T) {
			tr, err := source.Open(context.Background(), "../../testdata/apps/"+name, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			f, err := detect.Run(context.Background(), tr, []detect.Detector{Detector{}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			f.Location, f.Commit = "testdata/apps/"+name, ""
			got, err := f.JSON()
			if err != nil {
				t.Fatal(err)
			}
			golden := "testdata/" + name + ".detect.json"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("run with -update if this is meant:\n%s", diff)
			}
		})
	}
}
