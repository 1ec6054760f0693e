// Package golang recognises Go programs: modules, the dependency tools before them (dep, glide, godep, govendor) and plain
// GOPATH trees. It reads manifests and source; nothing is ever run.
package golang

import (
	"context"

	"github.com/drydock-cli/drydock/detect"
)

// Detector recognises Go.
type Detector struct{}

// Name is "golang".
func (Detector) Name() string { return "golang" }

// Markers are the files whose directory may belong to a Go program. Godeps.json stands in a directory of its own.
func (Detector) Markers() []string {
	return []string{"go.mod", "Gopkg.toml", "Gopkg.lock", "glide.yaml", "glide.lock", "Godeps.json", "*.go"}
}

// Detect says which programs the module or GOPATH package that begins at dir holds. A directory inside one that was offered
// before says nothing.
//
// Facts: packages (main packages to build, relative to Root, separated by spaces), binary (the one that is started),
// mode (modules; gopath: the sources lie at importPath below GOPATH, with their vendored packages; convert: the versions in
// an older tool's lock file become a go.mod; init: nothing says which versions; workspace: Root is a GOPATH itself),
// importPath, vendor ("true": dependencies are in the repository), manifests (the files that dependency resolution reads),
// cgo ("true": a C compiler takes part), newestGo (the last Go that compiles the locked dependencies), moduleMode ("mod": the
// build may complete go.mod), moduleDir (where the module lies below Root), privateModules (hosts of modules that want credentials, joined by commas), runtimeFiles (what the program reads beside its binary, relative to Root, separated by spaces).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	var out []detect.Component
	for _, u := range indexOf(dir).at[dir.Path] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		root, ok := treeRoot(dir).Sub(u.root)
		if !ok {
			continue
		}
		p := open(root, u)
		out = append(out, p.components()...)
	}
	return out, nil
}
