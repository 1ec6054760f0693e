package source

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

var (
	fullHash  = regexp.MustCompile(`^[0-9a-fA-F]{40}$`)
	shortHash = regexp.MustCompile(`^[0-9a-fA-F]{4,39}$`)
)

// refNames are the full names that a short one can stand for, likeliest first. A branch goes before
// a tag of the same name.
func refNames(short string) []plumbing.ReferenceName {
	if strings.HasPrefix(short, "refs/") {
		return []plumbing.ReferenceName{plumbing.ReferenceName(short)}
	}
	var names []plumbing.ReferenceName
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/remotes/origin/", "refs/remotes/", "refs/"} {
		names = append(names, plumbing.ReferenceName(prefix+short))
	}
	return names
}

// usualBranches are looked for, in this order, where HEAD names no branch that exists.
var usualBranches = []string{"main", "master", "trunk", "develop"}

// resolve finds the commit that a branch, a tag or a (short) hash names; an empty name stands for HEAD.
func (r *repository) resolve(name string) (found, error) {
	if name == "" || name == "HEAD" {
		return r.head()
	}
	if fullHash.MatchString(name) {
		return r.named(name)
	}
	for _, full := range refNames(name) {
		ref, err := r.reference(full)
		if errors.Is(err, plumbing.ErrReferenceNotFound) {
			continue
		}
		if err != nil {
			return found{}, damaged(err)
		}
		commit, err := r.peel(ref.Hash())
		if err != nil {
			return found{}, damaged(err)
		}
		return found{commit: commit, ref: full.Short()}, nil
	}
	if shortHash.MatchString(name) {
		return r.named(name)
	}
	return found{}, r.noSuchRef(name)
}

// named finds a commit by its hash or says which references there are.
func (r *repository) named(hash string) (found, error) {
	at, err := r.byHash(hash)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return at, r.noSuchRef(hash)
	}
	return at, damaged(err)
}

// reference looks a reference up, following symbolic ones.
func (r *repository) reference(name plumbing.ReferenceName) (*plumbing.Reference, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range maxLinks {
		var ref *plumbing.Reference
		err := guard("reference "+string(name), func() (err error) {
			ref, err = r.main.Reference(name)
			return err
		})
		switch {
		case err != nil && isNothing(err):
			return nil, plumbing.ErrReferenceNotFound
		case err != nil:
			return nil, fmt.Errorf("reference %s: %w", printable(string(name)), err)
		case ref.Type() == plumbing.HashReference:
			return ref, nil
		case ref.Target().Validate() != nil:
			return nil, fmt.Errorf("reference %s names %s", printable(string(name)), printable(string(ref.Target())))
		}
		name = ref.Target()
	}
	return nil, errorf("reference %s leads back to itself", printable(string(name)))
}

// isNothing: a folder of that name is no reference either.
func isNothing(err error) bool {
	return errors.Is(err, plumbing.ErrReferenceNotFound) || strings.Contains(err.Error(), "not a regular file") || strings.Contains(err.Error(), "not a directory")
}

// head is HEAD's commit. A mirror's HEAD may name a branch that does not exist; then a usual one, or the only one there is, is taken.
func (r *repository) head() (found, error) {
	ref, err := r.reference(plumbing.HEAD)
	if err == nil {
		commit, err := r.peel(ref.Hash())
		if err != nil {
			return found{}, damaged(err)
		}
		at := found{commit: commit}
		if ref.Name().IsBranch() {
			at.ref = ref.Name().Short()
		}
		return at, nil
	}
	if !errors.Is(err, plumbing.ErrReferenceNotFound) {
		return found{}, damaged(err)
	}
	names, err := r.names()
	if err != nil {
		return found{}, damaged(err)
	}
	branch := guessBranch(names)
	if branch == "" {
		return found{}, noSuchRef("", names)
	}
	at, err := r.resolve("refs/heads/" + branch)
	at.ref, at.guess = branch, true
	return at, err
}

// guessBranch chooses a branch where HEAD names none. Empty: it cannot be told.
func guessBranch(names []plumbing.ReferenceName) string {
	var branches []string
	for _, n := range names {
		if n.IsBranch() {
			branches = append(branches, n.Short())
		}
	}
	for _, usual := range usualBranches {
		for _, b := range branches {
			if b == usual {
				return b
			}
		}
	}
	if len(branches) == 1 {
		return branches[0]
	}
	return ""
}

// names are those of all branches and tags.
func (r *repository) names() (names []plumbing.ReferenceName, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err = guard("list of references", func() error {
		iter, err := r.main.IterReferences()
		if err != nil {
			return err
		}
		return iter.ForEach(func(ref *plumbing.Reference) error {
			if (ref.Name().IsBranch() || ref.Name().IsTag()) && len(names) < maxCandidates {
				names = append(names, ref.Name())
			}
			return nil
		})
	})
	return names, err
}

func (r *repository) noSuchRef(name string) error {
	names, err := r.names()
	if err != nil {
		return &Error{Kind: BadRef, Err: errorf("it has no branch, tag or commit %s, and its references cannot be listed (%w)", printable(name), err), Try: "git fsck, which names what is damaged"}
	}
	return noSuchRef(name, names)
}

// noSuchRef says which references there are, those most like the name first.
func noSuchRef(name string, names []plumbing.ReferenceName) error {
	if len(names) == 0 {
		return &Error{Kind: Empty, Err: errors.New("the repository has no commit"), Try: "push a branch to it first"}
	}
	short := make([]string, len(names))
	for i, n := range names {
		short[i] = n.Short()
	}
	list := strings.Join(nearest(name, short, 10, anyDistance), ", ")
	if more := len(names) - 10; more > 0 {
		list += fmt.Sprintf(" (and %d more)", more)
	}
	why := "HEAD names no branch that exists"
	if name != "" {
		why = "it has no branch, tag or commit " + printable(name)
	}
	return &Error{Kind: BadRef, Err: errors.New(why), Try: "SOURCE#REF with one that exists: " + list}
}

// byHash finds a commit by its hash or the beginning of it; plumbing.ErrObjectNotFound says that there is none.
func (r *repository) byHash(name string) (found, error) {
	if !fullHash.MatchString(name) {
		return r.byPrefix(name)
	}
	commit, err := r.peel(plumbing.NewHash(name))
	return found{commit: commit}, err
}

func (r *repository) byPrefix(name string) (found, error) {
	seen := map[plumbing.Hash]bool{}
	var commits []plumbing.Hash
	for _, s := range r.stores {
		hashes, err := r.withPrefix(s, strings.ToLower(name))
		if err != nil {
			return found{}, err
		}
		for _, h := range hashes {
			if obj, err := r.object(plumbing.AnyObject, h); err == nil && obj.Type() == plumbing.CommitObject && !seen[h] {
				seen[h] = true
				commits = append(commits, h)
			}
		}
	}
	switch len(commits) {
	case 0:
		return found{}, plumbing.ErrObjectNotFound
	case 1:
		return found{commit: commits[0]}, nil
	}
	return found{}, &Error{Kind: BadRef, Err: errorf("%d commits begin with %s", len(commits), name), Try: "more digits of the commit"}
}

// withPrefix lists objects by prefix; go-git does so by whole bytes, so an odd digit is compared here.
func (r *repository) withPrefix(s interface {
	HashesWithPrefix(prefix []byte) ([]plumbing.Hash, error)
}, name string) (out []plumbing.Hash, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []plumbing.Hash
	whole := plumbing.NewHash(name[:len(name)/2*2] + strings.Repeat("0", 40-len(name)/2*2))
	err = guard("index of the packs", func() (err error) {
		all, err = s.HashesWithPrefix(whole[:len(name)/2])
		return err
	})
	for _, h := range all {
		if strings.HasPrefix(h.String(), name) {
			out = append(out, h)
		}
	}
	return out, err
}

const maxTags = 10 // on the way from an annotated tag to its commit

// peel follows annotated tags to a commit.
func (r *repository) peel(h plumbing.Hash) (plumbing.Hash, error) {
	for range maxTags {
		obj, err := r.object(plumbing.AnyObject, h)
		if err != nil {
			return h, err
		}
		switch obj.Type() {
		case plumbing.CommitObject:
			return h, nil
		case plumbing.TagObject:
			tag := &object.Tag{}
			if err := guard("tag "+h.String(), func() error { return tag.Decode(obj) }); err != nil {
				return h, err
			}
			h = tag.Target
		default:
			return h, &Error{Kind: BadRef, Err: errorf("%s is a %s, not a commit", h, obj.Type()), Try: "a branch, a tag or a commit"}
		}
	}
	return h, &Error{Kind: BadRef, Err: errors.New("too many tags of tags lead to the commit"), Try: "a branch or a commit"}
}
