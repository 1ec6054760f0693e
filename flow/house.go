package flow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/templates"
	"github.com/drydock-cli/drydock/verify/remedy"
)

// houseTemplates are the bundled templates with those of a directory laid over them, and the house rules that it holds.
// A link that leaves the directory is not followed.
func houseTemplates(dir string) (fs.FS, templates.Rules, error) {
	if dir == "" {
		return templates.FS(), templates.Rules{}, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, templates.Rules{}, &UsageError{fmt.Errorf("--templates %s: %w\n  try: drydock templates export %s", dir, err, dir)}
	}
	files := templates.Overlay(root.FS(), templates.FS())
	rules, err := templates.ReadRules(files)
	if err != nil {
		return nil, rules, &UsageError{fmt.Errorf("--templates %s: %w", dir, err)}
	}
	return files, rules, nil
}

// remediesFile holds further remedies, at the root of an overlay.
const remediesFile = "remedies.yaml"

// houseRemedies are the remedies of an overlay; without the file there are none.
func houseRemedies(dir string, files fs.FS) (remedy.House, error) {
	data, err := fs.ReadFile(files, remediesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return remedy.House{}, nil
	}
	h := remedy.House{}
	if err == nil {
		h, err = remedy.ReadHouse(data)
	}
	if err != nil {
		return h, &UsageError{fmt.Errorf("--templates %s: %s: %w", dir, remediesFile, err)}
	}
	return h, nil
}

// brokenRules is the error for files that break a house rule: each by the rule's name, the file and the line.
func brokenRules(problems []Problem) error {
	var broken []string
	for _, p := range problems {
		if p.Rule == "allowed-base-image" {
			broken = append(broken, fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Rule, p.Message))
		}
	}
	if len(broken) == 0 {
		return nil
	}
	return &UsageError{fmt.Errorf("the files would break the house rules:\n  %s\n  try: a row of baseImages in rules.yaml, or --set components.NAME.images.STAGE=IMAGE", strings.Join(broken, "\n  "))}
}

// ExportTemplates writes the bundled templates into a directory, for an organisation to change. Files that are there are
// left alone; those that were written are returned.
func ExportTemplates(dir string) ([]string, error) {
	var written []string
	err := fs.WalkDir(templates.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS(), name)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err = f.Write(data); err == nil {
			written = append(written, name)
		}
		return errors.Join(err, f.Close())
	})
	if err != nil {
		return written, fmt.Errorf("export the templates to %s: %w", dir, err)
	}
	return written, nil
}

// CheckTemplates reads a directory of templates as generation would and returns what is wrong with it.
func CheckTemplates(dir string) error {
	files, _, err := houseTemplates(dir)
	if err != nil {
		return err
	}
	if _, err := houseRemedies(dir, files); err != nil {
		return err
	}
	if err := dockerfile.CheckTemplates(files); err != nil {
		return &UsageError{fmt.Errorf("--templates %s: %w", dir, err)}
	}
	return nil
}
