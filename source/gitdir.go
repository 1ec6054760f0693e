package source

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing/format/config"
	gitindex "github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// isGitDir says whether a folder is a Git directory (a bare repository, a mirror, a work tree's .git) by what Git itself
// looks for. A mirror may have its references in packed-refs alone.
func isGitDir(dir string) bool {
	is := func(name string, wantDir bool) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err == nil && info.IsDir() == wantDir && (wantDir || info.Mode().IsRegular())
	}
	if !is("HEAD", false) {
		return false
	}
	return is("objects", true) && (is("refs", true) || is("packed-refs", false)) || is("commondir", false)
}

// dotGitOf finds the Git directory of a work tree: .git itself, or the place that a file of that name
// points to (git worktree, submodules). Empty: it is no work tree.
func dotGitOf(dir string) (string, error) {
	dotGit := filepath.Join(dir, ".git")
	info, err := os.Stat(dotGit)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case info.IsDir() && isGitDir(dotGit):
		return dotGit, nil
	case !info.Mode().IsRegular():
		return "", nil
	}
	target, ok := strings.CutPrefix(firstLine(dotGit), "gitdir: ")
	if !ok {
		return "", nil
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(dir, target)
	}
	if !isGitDir(target) {
		return "", nil
	}
	return target, nil
}

const maxPointer = 8192 // bytes of a file that names another place; PATH_MAX and some more

// firstLine reads the one line of a small file of Git's. Empty: there is none.
func firstLine(file string) string {
	line, _, _ := strings.Cut(string(readSmall(file, maxPointer)), "\n")
	return strings.TrimRight(line, "\r")
}

// readSmall reads the first bytes of a regular file. Nil: it cannot be read.
func readSmall(file string, maxBytes int64) []byte {
	f, err := openRegularPath(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes))
	if err != nil {
		return nil
	}
	return data
}

// openRegularPath is openRegular for a path of this machine.
func openRegularPath(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// gitFilesystem is a Git directory as go-git's storage takes it, with the common directory of a linked work tree.
func gitFilesystem(dir string) billy.Filesystem {
	var fsys billy.Filesystem = regularOnly{osfs.New(dir)}
	common := firstLine(filepath.Join(dir, "commondir"))
	if common == "" {
		return fsys
	}
	if !filepath.IsAbs(common) {
		common = filepath.Join(dir, common)
	}
	return dotgit.NewRepositoryFilesystem(fsys, regularOnly{osfs.New(common)})
}

// commonDir is where a Git directory keeps its objects.
func commonDir(dir string) string {
	common := firstLine(filepath.Join(dir, "commondir"))
	switch {
	case common == "":
		return dir
	case filepath.IsAbs(common):
		return common
	}
	return filepath.Join(dir, common)
}

// regularOnly keeps go-git from waiting for pipes and devices that a hostile repository
// has in place of files. It hides objects/info/alternates: go-git would index each alternate anew
// for every object; see repository.alternates.
type regularOnly struct{ billy.Filesystem }

func (r regularOnly) Open(name string) (billy.File, error) {
	return r.OpenFile(name, os.O_RDONLY, 0)
}

func (r regularOnly) OpenFile(name string, flag int, perm os.FileMode) (billy.File, error) {
	if flag&os.O_CREATE == 0 {
		info, err := r.Stat(name)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
		}
		if filepath.ToSlash(name) == "objects/info/alternates" {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
	}
	return r.Filesystem.OpenFile(name, flag, perm)
}

const (
	maxAlternates = 32
	maxGitIndex   = 512 << 20 // bytes; that of a tree with a million files has about 100 MB
	maxGitConfig  = 1 << 20
)

// alternates are the object directories from which a Git directory borrows, and those from which these borrow.
func alternates(gitDir string) []string {
	objects := filepath.Join(commonDir(gitDir), "objects")
	seen := map[string]bool{objects: true}
	var found []string
	for todo := []string{objects}; len(todo) > 0 && len(found) < maxAlternates; todo = todo[1:] {
		f, err := openRegularPath(filepath.Join(todo[0], "info", "alternates"))
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(io.LimitReader(f, maxPointer*maxAlternates))
		for lines.Scan() && len(found) < maxAlternates {
			dir := lines.Text()
			if dir == "" || strings.HasPrefix(dir, "#") {
				continue
			}
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(todo[0], dir)
			}
			if dir = filepath.Clean(dir); !seen[dir] && filepath.Base(dir) == "objects" {
				seen[dir] = true
				found = append(found, filepath.Dir(dir))
				todo = append(todo, dir)
			}
		}
		_ = f.Close()
	}
	return found
}

// trackedFiles reads Git's index: its files, and the folders in which they lie. A damaged index tracks nothing.
func trackedFiles(gitDir string) (files, dirs map[string]bool) {
	files, dirs = map[string]bool{}, map[string]bool{}
	f, err := openRegularPath(filepath.Join(gitDir, "index"))
	if err != nil {
		return files, dirs
	}
	defer f.Close()
	idx := &gitindex.Index{}
	err = guard("Git's index", func() error {
		return gitindex.NewDecoder(io.LimitReader(f, maxGitIndex)).Decode(idx)
	})
	if err != nil {
		return files, dirs
	}
	for _, e := range idx.Entries {
		files[e.Name] = true
		for dir := parent(e.Name); dir != "" && !dirs[dir]; dir = parent(dir) {
			dirs[dir] = true
		}
	}
	return files, dirs
}

// unreadable says why go-git cannot read a repository of this format; empty: it can.
func unreadable(gitDir string) string {
	f, err := openRegularPath(filepath.Join(commonDir(gitDir), "config"))
	if err != nil {
		return "" // a mirror may have none
	}
	defer f.Close()
	c := config.New()
	err = guard("Git's configuration", func() error {
		return config.NewDecoder(io.LimitReader(f, maxGitConfig)).Decode(c)
	})
	if err != nil {
		return ""
	}
	ext := c.Section("extensions")
	if hash := ext.Option("objectformat"); hash != "" && !strings.EqualFold(hash, "sha1") {
		return "it names its objects by " + printable(hash) + ", only sha1 is supported"
	}
	if refs := ext.Option("refstorage"); refs != "" && !strings.EqualFold(refs, "files") {
		return "it keeps its references as " + printable(refs) + ", only files are supported"
	}
	return ""
}
