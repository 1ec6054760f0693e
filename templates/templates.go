// Package templates holds the files from which Dockerfiles are made: one folder
// per stack with Dockerfile.tmpl and images.yaml, and common with what they
// share. Users lay their own files over them.
package templates

import (
	"embed"
	"errors"
	"io/fs"
	"sort"
)

//go:embed */*.tmpl */*.yaml
var files embed.FS

// FS returns the embedded templates.
func FS() fs.FS { return files }

// Overlay returns base with the files of over laid on top: a file of over hides
// the one of the same path. A nil over is base itself.
func Overlay(over, base fs.FS) fs.FS {
	if over == nil {
		return base
	}
	return overlay{over, base}
}

type overlay struct{ over, base fs.FS }

// Open opens a file of the upper layer, or else of the lower.
func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.over.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.base.Open(name)
	}
	return f, err
}

// ReadDir lists both layers, so that globs see all of them.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	lower, err := fs.ReadDir(o.base, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	upper, upperErr := fs.ReadDir(o.over, name)
	if upperErr != nil && !errors.Is(upperErr, fs.ErrNotExist) {
		return nil, upperErr
	}
	if err != nil && upperErr != nil {
		return nil, err
	}
	byName := map[string]fs.DirEntry{}
	for _, e := range append(lower, upper...) {
		byName[e.Name()] = e
	}
	out := make([]fs.DirEntry, 0, len(byName))
	for _, e := range byName {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name() < out[j].Name() })
	return out, nil
}
