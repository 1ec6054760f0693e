package source

import (
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// ignorer knows what Git leaves out of a work tree: what .gitignore files and info/exclude name, unless
// Git tracks it.
type ignorer struct {
	gitDir string
	prefix string // the listed folder, seen from the work tree's top; "" or ending in "/"
	above  []ignoreRule
	loaded bool
	files  map[string]bool // tracked, seen from the top
	dirs   map[string]bool // folders that hold a tracked file
}

// ignoreRule is one line of a .gitignore.
type ignoreRule struct {
	pattern gitignore.Pattern
	suffix  string // what a matching path ends in, as far as the rule says it without a wildcard
	dir     string // the folder of the .gitignore, seen from the work tree's top; "" or ending in "/"
	byName  bool   // without a slash: it is about names at any depth
	dirOnly bool   // it is about folders; false too when only the pattern can tell
	depth   int    // components that the path must have below dir; 0: any number
}

const maxIgnoreFile = 1 << 20 // bytes read of one .gitignore

func newIgnorer(top *os.Root, gitDir, subdir string) *ignorer {
	g := &ignorer{gitDir: gitDir}
	if f, err := openRegularPath(filepath.Join(commonDir(gitDir), "info", "exclude")); err == nil {
		g.above = parseIgnore(f, "")
		_ = f.Close()
	}
	if subdir == "" {
		return g
	}
	g.prefix = subdir + "/"
	for at := "."; at != subdir; {
		g.above = append(g.above, g.read(top, at, at)...)
		next, _, _ := strings.Cut(strings.TrimPrefix(g.prefix, at+"/"), "/")
		at = path.Join(at, next)
	}
	return g
}

// scope is what holds in the listed folder from above it. That it is itself ignored does not count:
// somebody has named it.
func (g *ignorer) scope() scope {
	if g == nil {
		return scope{}
	}
	return scope{rules: g.above}
}

// enter adds the rules of a folder's own .gitignore. The rules that it is given stay as they are.
func (g *ignorer) enter(root *os.Root, dir string, s scope) scope {
	if own := g.read(root, dir, path.Join(".", g.prefix, dir)); len(own) > 0 {
		s.rules = append(s.rules[:len(s.rules):len(s.rules)], own...)
	}
	return s
}

func (g *ignorer) read(root *os.Root, dir, fromTop string) []ignoreRule {
	f, err := openRegular(root, path.Join(dir, ".gitignore"))
	if err != nil {
		return nil
	}
	defer f.Close()
	if fromTop == "." {
		fromTop = ""
	} else {
		fromTop += "/"
	}
	return parseIgnore(f, fromTop)
}

// parseIgnore reads the rules of an ignore file that lies in dir.
func parseIgnore(r io.Reader, dir string) []ignoreRule {
	data, err := io.ReadAll(io.LimitReader(r, maxIgnoreFile))
	if err != nil {
		return nil
	}
	var rules []ignoreRule
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
		text := strings.TrimRight(string(line), "\r\n")
		if strings.HasPrefix(text, "#") || strings.TrimSpace(text) == "" {
			continue
		}
		rules = append(rules, parseRule(text, dir))
	}
	return rules
}

// parseRule reads one rule. What go-git's pattern does not tell about itself (whether it holds for names alone, how deep it
// reaches) is kept beside it: it lets a rule for a folder hold for all that is in the folder, which Git
// does by not looking into the folder at all.
func parseRule(text, dir string) ignoreRule {
	// Git takes [!a] and [^a] for the same, Go's matcher only the second.
	text = strings.ReplaceAll(text, "[!", "[^")
	body := strings.TrimSuffix(strings.TrimRight(strings.TrimPrefix(text, "!"), " "), "/")
	rule := ignoreRule{pattern: gitignore.ParsePattern(text, nil), dir: dir, byName: !strings.Contains(body, "/")}
	if !rule.byName && !strings.Contains(body, "**") {
		rule.depth = strings.Count(strings.TrimPrefix(body, "/"), "/") + 1
	}
	if rule.byName || rule.depth > 0 {
		rule.dirOnly = strings.HasSuffix(strings.TrimRight(text, " "), "/")
		rule.suffix = body[strings.LastIndexAny(body, `*?[]\/`)+1:]
	}
	return rule
}

// scope is what holds in a folder: the rules of the folders above, and whether one of them is itself ignored.
type scope struct {
	rules   []ignoreRule
	ignored bool
}

// judge says whether a file or folder, seen from the listed folder, is listed, and
// whether it is ignored: an ignored one is listed only for what Git tracks of it.
func (g *ignorer) judge(name string, isDir bool, s scope) (listed, ignored bool) {
	full := g.prefix + name
	if !s.ignored && !excluded(full, isDir, s.rules) {
		return true, false
	}
	return g.tracked(full, isDir), true
}

// excluded applies the rules; the last one that matches decides.
func excluded(full string, isDir bool, rules []ignoreRule) bool {
	for i := len(rules) - 1; i >= 0; i-- {
		if m := rules[i].match(full, isDir); m != gitignore.NoMatch {
			return m == gitignore.Exclude
		}
	}
	return false
}

func (r ignoreRule) match(full string, isDir bool) gitignore.MatchResult {
	below, ok := strings.CutPrefix(full, r.dir)
	if !ok || (r.dirOnly && !isDir) || !strings.HasSuffix(below, r.suffix) {
		return gitignore.NoMatch
	}
	if r.byName {
		return r.pattern.Match([]string{path.Base(below)}, isDir)
	}
	if r.depth > 0 && strings.Count(below, "/")+1 != r.depth {
		return gitignore.NoMatch
	}
	return r.pattern.Match(strings.Split(below, "/"), isDir)
}

// tracked says whether Git's index holds a file, or a file in a folder. The
// index is read when the first ignored path is met: most work trees on a build machine have none.
func (g *ignorer) tracked(full string, isDir bool) bool {
	if !g.loaded {
		g.loaded = true
		g.files, g.dirs = trackedFiles(g.gitDir)
	}
	if isDir {
		return g.dirs[full]
	}
	return g.files[full]
}
