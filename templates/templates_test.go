package templates

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestEveryStackIsWhole(t *testing.T) {
	folders, err := fs.ReadDir(FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !f.IsDir() || f.Name() == "common" {
			continue
		}
		for _, name := range []string{"Dockerfile.tmpl", "images.yaml"} {
			if _, err := fs.Stat(FS(), f.Name()+"/"+name); err != nil {
				t.Errorf("%s: %v", f.Name(), err)
			}
		}
	}
}

func TestOverlay(t *testing.T) {
	base := fstest.MapFS{"ruby/Dockerfile.tmpl": {Data: []byte("base")}, "ruby/images.yaml": {Data: []byte("images")}}
	over := fstest.MapFS{"ruby/Dockerfile.tmpl": {Data: []byte("over")}, "ruby/more.tmpl": {}, "cobol/Dockerfile.tmpl": {}}
	both := Overlay(over, base)
	for name, want := range map[string]string{"ruby/Dockerfile.tmpl": "over", "ruby/images.yaml": "images"} {
		if got, err := fs.ReadFile(both, name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for pattern, want := range map[string]int{"ruby/*.tmpl": 2, "cobol/*": 1, "*/Dockerfile.tmpl": 2} {
		if got, err := fs.Glob(both, pattern); err != nil || len(got) != want {
			t.Errorf("%s: %v, %v", pattern, got, err)
		}
	}
	if _, err := fs.ReadDir(both, "nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := both.Open("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if got, err := fs.ReadFile(Overlay(nil, base), "ruby/images.yaml"); err != nil || string(got) != "images" {
		t.Errorf("%q, %v", got, err)
	}
	broken := Overlay(brokenFS{}, base)
	if _, err := fs.ReadDir(broken, "ruby"); !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
	if _, err := fs.ReadDir(Overlay(base, brokenFS{}), "ruby"); !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
}

// brokenFS refuses everything.
type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, fs.ErrPermission }
