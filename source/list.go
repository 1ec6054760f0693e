package source

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// Ref is a branch or a tag that a location can name after "#".
type Ref struct {
	Name    string // as it stands after "#"
	Tag     bool
	Default bool // the branch that is opened when none is named
}

// IsRemote reports whether a location is one that is cloned from a server.
func IsRemote(location string) bool {
	loc, err := ParseLocation(location)
	return err == nil && !loc.Local()
}

// Refs lists the branches and tags of a Git repository without fetching anything: the default branch first, then the
// other branches, then the tags from the last name to the first. What the location names after "#" does not matter. Names
// that a terminal should not be sent are left out. Errors are those of Open.
func Refs(ctx context.Context, location string, opts Options) ([]Ref, error) {
	opts.Limits = opts.withDefaults()
	loc, err := ParseLocation(location)
	if err != nil {
		return nil, err
	}
	loc = loc.onDisk(strings.TrimSpace(location))
	var names []plumbing.ReferenceName
	var head string
	if loc.Local() {
		names, head, err = localRefs(loc)
	} else {
		err = atServer(ctx, "", loc, opts, func(ctx context.Context, f *fetcher) error {
			names, head, err = f.list(ctx)
			return err
		})
	}
	if err != nil {
		return nil, settle(ctx, loc, "list the branches of", err)
	}
	return sortRefs(names, head), nil
}

// list asks the server for its references and leaves it.
func (f *fetcher) list(ctx context.Context) (names []plumbing.ReferenceName, head string, err error) {
	session, refs, err := f.connect(ctx)
	if err != nil {
		return nil, "", err
	}
	_ = session.Close() // all that was wanted has come
	for name := range refs.References {
		names = append(names, plumbing.ReferenceName(name))
	}
	at, _ := choose(refs, "") // without a usable HEAD no branch is the default
	return names, at.ref, nil
}

// localRefs lists those of a repository on this machine.
func localRefs(loc Location) (names []plumbing.ReferenceName, head string, err error) {
	dir := loc.Path
	if info, err := os.Stat(dir + ".git"); err == nil && info.IsDir() {
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			dir += ".git" // as git itself finds it
		}
	}
	if !isGitDir(dir) {
		if dir, err = dotGitOf(dir); err != nil {
			return nil, "", err
		}
	}
	if dir == "" {
		return nil, "", fail(BadRef, loc, "list the branches of", "a folder or an archive is opened as it lies there, without #", "it is not a Git repository")
	}
	repo := openRepository(dir)
	defer repo.Close()
	if names, err = repo.names(); err != nil {
		return nil, "", damaged(err)
	}
	at, _ := repo.head()
	return names, at.ref, nil
}

// sortRefs puts references into the order in which people look for them.
func sortRefs(names []plumbing.ReferenceName, head string) []Ref {
	var refs []Ref
	for _, n := range names {
		short := n.Short()
		if !n.IsBranch() && !n.IsTag() || printable(short) != short {
			continue
		}
		refs = append(refs, Ref{Name: short, Tag: n.IsTag(), Default: n.IsBranch() && short == head})
	}
	rank := func(r Ref) int {
		switch {
		case r.Default:
			return 0
		case r.Tag:
			return 2
		}
		return 1
	}
	slices.SortFunc(refs, func(a, b Ref) int {
		if c := cmp.Compare(rank(a), rank(b)); c != 0 {
			return c
		}
		if a.Tag {
			a, b = b, a
		}
		return strings.Compare(a.Name, b.Name)
	})
	return refs[:min(len(refs), maxCandidates)]
}
