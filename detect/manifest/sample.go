package manifest

import (
	"path"
	"slices"
)

// WithoutSample is the name of a file without the ending that makes it a sample of itself: "worker.conf" of "worker.conf.template".
// Another name stays as it is.
func WithoutSample(name string) string {
	if ext := path.Ext(name); slices.Contains([]string{".example", ".sample", ".template", ".tmpl", ".dist", ".default"}, ext) {
		return name[:len(name)-len(ext)]
	}
	return name
}
