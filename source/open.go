package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/drydock-cli/drydock/progress"
)

// Options say how a source is opened. The zero value is usable.
type Options struct {
	Progress progress.Sink
	// CacheDir is where temporary clones are made; empty: the system's temporary folder.
	CacheDir string
	// CACert names a PEM file of further certificate authorities for https.
	CACert string
	// Credentials is asked last, for a user and password of an https server.
	Credentials func(url string) (user, password string, err error)
	Limits      Limits
}

// Limits bound what a source may hold. A zero field stands for its default.
type Limits struct {
	Files    int   // default 1,000,000
	Bytes    int64 // unpacked, of an archive; default 4 GiB
	PathSize int   // bytes of one path; default 4096, as Linux has it
}

func (l Limits) orDefault() Limits {
	if l.Files == 0 {
		l.Files = 1_000_000
	}
	if l.Bytes == 0 {
		l.Bytes = 4 << 30
	}
	if l.PathSize == 0 {
		l.PathSize = 4096
	}
	return l
}

// Open opens a source. The tree must be closed. Errors that the user can do something about are *Error.
func Open(ctx context.Context, location string, opts Options) (*Tree, error) {
	opts.Limits = opts.Limits.orDefault()
	loc, err := ParseLocation(location, nil)
	if err != nil {
		return nil, err
	}
	end := opts.Progress.Step(progress.Fetch, "", "open", "open "+WithoutCredentials(location))
	tree, err := open(ctx, loc, opts)
	if err == nil && loc.Subdir != "" {
		tree, err = subtree(tree, loc)
	}
	if err == nil && tree.Len() == 0 {
		_ = tree.Close()
		err = &Error{Kind: Empty, Op: "open", Location: WithoutCredentials(location), Reason: "it holds no files", Try: "another branch with #REF, or the folder that holds the application"}
	}
	if ctx.Err() != nil {
		if err == nil {
			_ = tree.Close()
		}
		return nil, end(ctx.Err())
	}
	if end(err) != nil {
		return nil, err
	}
	tree.Location = WithoutCredentials(location)
	return tree, nil
}

func open(ctx context.Context, loc Location, opts Options) (*Tree, error) {
	if loc.URL != "" {
		return clone(ctx, loc, opts)
	}
	info, err := os.Stat(loc.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Kind: NotFound, Op: "open", Location: loc.Raw, Reason: "there is no such file or folder", Try: "a folder, an archive, or a Git URL such as https://HOST/PATH.git"}
	case err != nil:
		return nil, &Error{Kind: NoAccess, Op: "open", Location: loc.Raw, Err: err, Try: "a folder that this user may read"}
	case info.IsDir():
		return openFolder(ctx, loc, opts)
	case !info.Mode().IsRegular():
		return nil, &Error{Kind: Unsupported, Op: "open", Location: loc.Raw, Reason: "it is neither a folder nor a regular file", Try: "a folder, an archive or a Git URL"}
	case loc.Git:
		return nil, &Error{Kind: NotFound, Op: "open", Location: loc.Raw, Reason: "it is not a Git repository", Try: strings.TrimPrefix(loc.Path, "file://") + " without file://, if it is an archive"}
	case loc.Ref != "":
		return nil, noRefs(loc)
	}
	return openArchive(ctx, loc, opts)
}

func noRefs(loc Location) error {
	return &Error{Kind: BadRef, Op: "open", Location: loc.Raw, Reason: "only Git has branches, tags and commits", Try: "#:FOLDER to choose a folder"}
}

// openFolder opens a bare repository, a commit of a work tree's repository, or the folder as it lies there.
func openFolder(ctx context.Context, loc Location, opts Options) (*Tree, error) {
	if isBare(loc.Path) {
		return openGit(ctx, loc.Path, loc, opts)
	}
	gitDir := filepath.Join(loc.Path, ".git")
	if loc.Git || loc.Ref != "" {
		if isBare(gitDir) {
			return openGit(ctx, gitDir, loc, opts)
		}
		if loc.Git {
			return nil, &Error{Kind: NotFound, Op: "open", Location: loc.Raw, Reason: "it is not a Git repository", Try: loc.Path + " without file://, to read the folder as it is"}
		}
		return nil, noRefs(loc)
	}
	return openDirectory(ctx, loc, opts)
}

// isBare reports whether a folder is a Git directory: what git itself looks for.
func isBare(dir string) bool {
	for name, wantDir := range map[string]bool{"HEAD": false, "objects": true, "refs": true} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() != wantDir {
			return false
		}
	}
	return true
}

// subtree narrows a tree to a folder of it.
func subtree(t *Tree, loc Location) (*Tree, error) {
	prefix := loc.Subdir + "/"
	var entries []Entry
	for _, e := range t.entries {
		if rest, ok := strings.CutPrefix(e.Path, prefix); ok {
			e.Path = rest
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 {
		_ = t.Close()
		return nil, &Error{Kind: BadRef, Op: "open", Location: WithoutCredentials(loc.Raw), Reason: fmt.Sprintf("there is no folder %s in it", printable(loc.Subdir)), Try: "a folder that is there, after the last colon"}
	}
	sub := NewTree(subFS{t.fsys, loc.Subdir}, entries, t.Close)
	sub.Commit, sub.Ref = t.Commit, t.Ref
	if t.Dir != "" {
		sub.Dir = filepath.Join(t.Dir, filepath.FromSlash(loc.Subdir))
	}
	for _, w := range t.Warnings {
		if rest, ok := strings.CutPrefix(w.Path, prefix); ok {
			sub.Warnings = append(sub.Warnings, Warning{Path: rest, Text: w.Text})
		}
	}
	return sub, nil
}

// subFS is a folder of a file system. Links may lead anywhere in the whole of it.
type subFS struct {
	inner fs.FS
	dir   string
}

func (s subFS) Open(name string) (fs.File, error) { return s.inner.Open(path.Join(s.dir, name)) }
func (s subFS) Stat(name string) (fs.FileInfo, error) {
	return fs.Stat(s.inner, path.Join(s.dir, name))
}
func (s subFS) ReadDir(name string) ([]fs.DirEntry, error) {
	return fs.ReadDir(s.inner, path.Join(s.dir, name))
}
func (s subFS) link(name string) (string, error) {
	if l, ok := s.inner.(interface{ link(string) (string, error) }); ok {
		return l.link(path.Join(s.dir, name))
	}
	return "", fs.ErrNotExist
}

// collector gathers the entries of a source, leaves out what must not be read, and says so.
type collector struct {
	limits   Limits
	entries  []Entry
	seen     map[string]bool
	warnings []Warning
	left     int // files left out beyond those that warnings name
}

// maxWarnings bounds how many files that were left out are named.
const maxWarnings = 50

func (c *collector) leaveOut(name, why string) {
	if len(c.warnings) < maxWarnings {
		c.warnings = append(c.warnings, Warning{Path: printable(name), Text: why})
		return
	}
	c.left++
}

// add takes an entry in, or leaves it out with a warning. It reports whether it was taken in;
// the error is a breached limit.
func (c *collector) add(e Entry) (bool, error) {
	if why := refuse(e.Path, c.limits); why != "" {
		c.leaveOut(e.Path, why)
		return false, nil
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	if c.seen[e.Path] {
		c.leaveOut(e.Path, "left out: the path is there twice")
		return false, nil
	}
	if len(c.entries) >= c.limits.Files {
		return false, fmt.Errorf("it holds more than %d files", c.limits.Files)
	}
	c.seen[e.Path] = true
	c.entries = append(c.entries, e)
	return true, nil
}

func (c *collector) done(t *Tree) *Tree {
	t.Warnings = c.warnings
	if c.left > 0 {
		t.Warnings = append(t.Warnings, Warning{Text: fmt.Sprintf("%d more files were left out", c.left)})
	}
	return t
}

// refuse says why a path of an archive or a Git tree must not be used; empty: it may.
func refuse(name string, limits Limits) string {
	switch {
	case len(name) > limits.PathSize:
		return "left out: its path is too long"
	case !fs.ValidPath(name) || name == ".":
		return "left out: its path is not a clean relative path"
	case strings.ContainsRune(name, '\\'):
		return "left out: a backslash in its path means a folder elsewhere"
	case strings.IndexFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '�' || (r >= 0x80 && r < 0xa0) }) >= 0:
		return "left out: its path holds control characters"
	case len(name) > 1 && name[1] == ':':
		return "left out: its path starts with a drive letter"
	}
	for _, part := range strings.Split(name, "/") {
		if isDotGit(part) {
			return "left out: it belongs to Git itself"
		}
	}
	return ""
}

// isDotGit recognises .git in every spelling that some file system takes for it.
func isDotGit(part string) bool {
	p := strings.ToLower(strings.TrimRight(part, ". "))
	p = strings.Map(func(r rune) rune {
		if r == 0x200c || r == 0x200d || (r >= 0x200e && r <= 0x202e) || (r >= 0x206a && r <= 0x206f) || r == 0xfeff {
			return -1 // HFS+ ignores these
		}
		return r
	}, p)
	return p == ".git" || p == "git~1"
}
