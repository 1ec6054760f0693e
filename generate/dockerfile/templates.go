package dockerfile

import (
	"errors"
	"io/fs"
	"path"

	"github.com/drydock-cli/drydock/generate"
)

// CheckTemplates parses every template and image table of a file system, as Generate does when a stack needs them.
func CheckTemplates(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "*/Dockerfile.tmpl")
	if err != nil {
		return err
	}
	for _, name := range names {
		_, tableErr := loadTable(fsys, path.Dir(name))
		err = errors.Join(err, tableErr, generate.Template{FS: fsys, Name: name, Funcs: funcs}.Parse())
	}
	return err
}
