// Package rust recognises programs built by Cargo: packages and workspaces, servers on actix, Rocket, axum and others, workers
// and tools. It reads manifests, lock files and source; nothing is ever run.
package rust

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Detector recognises Rust.
type Detector struct{}

// Name is "rust".
func (Detector) Name() string { return "rust" }

// Markers is Cargo's manifest.
func (Detector) Markers() []string { return []string{"Cargo.toml"} }

// Detect says which programs the package in dir makes. A package that is a member of a workspace above is built from there.
//
// Facts: package (Cargo's name of it), binaries (the programs of the image, separated by spaces), binary (the one that is
// started), lockfile ("Cargo.lock"), minimum (the oldest Rust that reads the lock file), newest (the last Rust that compiles
// a locked package), runtimeFiles (what the program reads beside itself, relative to Root, separated by spaces), crateDir
// (where the package lies below Root), features (that are switched on because none is by default).
func (Detector) Detect(ctx context.Context, dir detect.Dir) ([]detect.Component, error) {
	p, ok := open(dir)
	if !ok {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p.components(), nil
}

// workspaceOf is the directory of the workspace that a package is a member of, and its manifest; the package's own directory when
// it is none.
func workspaceOf(dir detect.Dir) string {
	for up := dir.Path; up != "."; {
		up = path.Dir(up)
		root, ok := dir.Sub(strings.Repeat("../", 1+strings.Count(relative(dir.Path, up), "/")))
		if !ok || !root.Has("Cargo.toml") {
			continue
		}
		f, err := root.Read("Cargo.toml")
		if err == nil && strings.Contains(string(f.Data), "[workspace") {
			return up
		}
	}
	return dir.Path
}

// relative is a directory as seen from one above it.
func relative(dir, root string) string {
	switch {
	case root == ".":
		return dir
	case dir == root:
		return "."
	}
	return strings.TrimPrefix(dir, root+"/")
}
