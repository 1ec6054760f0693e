package generate

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"github.com/drydock-cli/drydock/templates"
)

// TestEveryMountHasARow: what a template mounts as a secret, compose must grant.
func TestEveryMountHasARow(t *testing.T) {
	mount := regexp.MustCompile(`type=secret,id=(\w+)`)
	seen := map[string]bool{}
	files := templates.FS()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		for _, m := range mount.FindAllSubmatch(data, -1) {
			id := string(m[1])
			seen[id] = true
			if !slices.ContainsFunc(buildSecrets, func(s BuildSecret) bool { return s.ID == id }) {
				t.Errorf("%s mounts the secret %s, which has no row", name, id)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range buildSecrets {
		if !seen[s.ID] {
			t.Errorf("no template mounts the secret %s", s.ID)
		}
	}
}
