package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/drydock-cli/drydock/progress"
)

// Open opens a source as a Tree, which must be closed. The error is an *Error
// when the source is at fault; it wraps ctx's error when ctx ended, and what
// was left behind on disk has been removed by then.
func Open(ctx context.Context, location string, opts Options) (*Tree, error) {
	opts.Limits = opts.withDefaults()
	loc, err := ParseLocation(location)
	if err != nil {
		return nil, err
	}
	loc = loc.onDisk(strings.TrimSpace(location))
	end := opts.Progress.Step(progress.Fetch, "", "open", "open "+loc.String())
	op := "open"
	if !loc.Local() {
		op = "clone"
	}
	tree, err := open(ctx, loc, opts)
	if err == nil && ctx.Err() != nil {
		_ = tree.Close()
		err = ctx.Err()
	}
	if err != nil {
		return nil, end(settle(ctx, loc, op, err))
	}
	_ = end(nil)
	tree.Location = loc.String()
	return tree, nil
}

func open(ctx context.Context, loc Location, opts Options) (*Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !loc.Local() {
		return clone(ctx, loc, opts)
	}
	info, err := os.Stat(loc.Path)
	if errors.Is(err, fs.ErrNotExist) {
		if bare, statErr := os.Stat(loc.Path + ".git"); statErr == nil && bare.IsDir() {
			loc.Path, info, err = loc.Path+".git", bare, nil // as git itself finds it
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nothingThere(loc)
	case err != nil:
		return nil, err
	case info.IsDir():
		return openFolder(ctx, loc, opts)
	case !info.Mode().IsRegular():
		return nil, fail(Unsupported, loc, "open", "a directory, an archive or a Git URL", "it is a device, a pipe or a socket")
	case loc.Scheme == "file":
		return nil, fail(NotFound, loc, "open", "the path without file://, if it is an archive", "it is a file, not a Git repository")
	case loc.Ref != "":
		return nil, onlyGit(loc)
	}
	return openArchive(ctx, loc, opts)
}

// openFolder opens a Git repository at a commit, or the folder as it lies there.
func openFolder(ctx context.Context, loc Location, opts Options) (*Tree, error) {
	if isGitDir(loc.Path) {
		return openGit(ctx, loc.Path, loc, opts)
	}
	if loc.Ref == "" && loc.Scheme == "" {
		return openDirectory(ctx, loc, opts)
	}
	gitDir, err := dotGitOf(loc.Path)
	switch {
	case err != nil:
		return nil, err
	case gitDir != "":
		return openGit(ctx, gitDir, loc, opts)
	case loc.Ref != "":
		return nil, onlyGit(loc)
	}
	return nil, fail(NotFound, loc, "open", "the path without file://, to read the folder as it is", "it is not a Git repository")
}

func onlyGit(loc Location) error {
	return fail(BadRef, loc, "open", "SOURCE#:FOLDER chooses a folder", "it is not a Git repository, so it has no branch, tag or commit %s", loc.Ref)
}

// onDisk settles what text alone cannot: a "#" or ":" may be part of a file's name,
// and "~" stands for the home directory where no shell has replaced it.
func (l Location) onDisk(location string) Location {
	if schemeForm.MatchString(location) {
		return l
	}
	for at := len(location); at > 0; at = strings.LastIndexByte(location[:at], '#') {
		if _, err := os.Lstat(location[:at]); err != nil {
			continue
		}
		fragment := strings.TrimPrefix(location[at:], "#")
		if found, err := (Location{Path: location[:at]}).withFragment(fragment); err == nil {
			return found
		}
	}
	if rest, ok := strings.CutPrefix(l.Path, "~/"); ok && l.Scheme == "" {
		if home, err := os.UserHomeDir(); err == nil {
			l.Path = filepath.Join(home, rest)
		}
	}
	return l
}

// nothingThere names what lies beside a path that does not exist: most often it is a slip of the pen.
func nothingThere(loc Location) error {
	try := "a directory, a Git URL (https://, ssh://, git@host:path, file://) or an archive"
	var names []string
	if list, err := os.ReadDir(filepath.Dir(loc.Path)); err == nil {
		for _, d := range list[:min(len(list), maxCandidates)] {
			if !strings.HasPrefix(d.Name(), ".") {
				names = append(names, d.Name())
			}
		}
	}
	base := filepath.Base(loc.Path)
	if near := nearest(base, names, 3, max(1, len(base)/3)); len(near) > 0 {
		try += "; beside it there is " + strings.Join(near, ", ")
	}
	return fail(NotFound, loc, "open", try, "there is no such file or folder")
}
