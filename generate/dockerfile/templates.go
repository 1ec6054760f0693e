package dockerfile

import (
	"errors"
	"io/fs"
	"path"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/templates"
)

// CheckTemplates parses every template and image table of a file system, as Generate does when a stack needs them.
func CheckTemplates(fsys fs.FS) error {
	rules, err := templates.ReadRules(fsys)
	if err != nil {
		return err
	}
	_, err = loadUpgrades(fsys)
	for _, pattern := range []string{"*/Dockerfile.tmpl", "*/windows.tmpl"} {
		names, globErr := fs.Glob(fsys, pattern)
		err = errors.Join(err, globErr)
		for _, name := range names {
			_, tableErr := loadTable(fsys, path.Dir(name), rules)
			err = errors.Join(err, tableErr, generate.Template{FS: fsys, Name: name, Funcs: funcs}.Parse())
		}
	}
	return err
}
