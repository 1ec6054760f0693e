package detect

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
)

// notOurs are directory names below which code is vendored, generated or kept as a
// sample, so that a marker there proves nothing about the application.
var notOurs = map[string]bool{
	"node_modules": true, "vendor": true, "bower_components": true, "third_party": true, "thirdparty": true,
	"test": true, "tests": true, "spec": true, "fixtures": true, "testdata": true, "examples": true, "example": true,
	"samples": true, "sample": true, "docs": true, "doc": true, "target": true, ".git": true, "dist": true,
	"__tests__": true, "e2e": true, "tmp": true, ".bundle": true, ".m2": true, ".gradle": true,
	"third-party": true, "3rdparty": true, "externals": true, "extern": true, "vendored": true, "_vendor": true,
}

// Run offers the directories of a tree to the detectors, merges what they say, and lets the surveys add what
// concerns every stack. All detectors run; one that fails becomes a warning and the rest go on. The
// order of components is by path, then by role (web first), then by name.
func Run(ctx context.Context, tree *source.Tree, detectors []Detector, sink progress.Sink, surveys ...Survey) (*Findings, error) {
	s := &scan{tree: tree, files: map[string]*cached{}}
	found := &Findings{Location: tree.Location, Commit: tree.Commit, Date: tree.Date, Files: tree.Len()}
	for _, w := range tree.Warnings {
		s.warnings = append(s.warnings, Warning{File: w.Path, Text: w.Text})
	}
	dirs := candidates(tree, detectors)
	for i, d := range detectors {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := sink.Step(progress.Detect, "", d.Name(), d.Name())
		found.LookedFor = append(found.LookedFor, d.Name()+" ("+strings.Join(d.Markers(), ", ")+")")
		for _, dir := range dirs[i] {
			components, err := guarded(ctx, d, Dir{Path: dir, scan: s})
			if ctx.Err() != nil {
				return nil, end(ctx.Err())
			}
			if err != nil {
				s.warnings = append(s.warnings, Warning{File: dir, Text: fmt.Sprintf("detect %s in %s: %v", d.Name(), dir, err)})
				continue
			}
			for i := range components {
				components[i].Stack = d.Name()
				if components[i].Path == "" {
					components[i].Path = dir
				}
			}
			found.Components = append(found.Components, components...)
		}
		_ = end(nil)
	}
	found.Components = reconcile(found.Components)
	order(found.Components)
	nameAll(found)
	for _, survey := range surveys {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := surveyed(ctx, survey, Dir{Path: ".", scan: s}, found); err != nil {
			s.warnings = append(s.warnings, Warning{Text: err.Error()})
		}
	}
	for i := range found.Components { // also of the tasks that the surveys have found
		liftSecrets(&found.Components[i])
	}
	found.Warnings = s.warnings
	return found, nil
}

// guarded calls a detector and turns a panic into an error: one odd file must not end the run.
func guarded(ctx context.Context, d Detector, dir Dir) (c []Component, err error) {
	defer func() {
		if r := recover(); r != nil {
			c, err = nil, fmt.Errorf("internal error: %v (please report it with the file that shows it)", r)
		}
	}()
	return d.Detect(ctx, dir)
}

// surveyed is guarded for a survey.
func surveyed(ctx context.Context, survey Survey, root Dir, found *Findings) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %v (please report it with the file that shows it)", r)
		}
	}()
	return survey.Survey(ctx, root, found)
}

// candidates are, for each detector, the directories that hold one of its markers, sorted, outermost first. All
// globs of all detectors are answered by one pass over the tree.
func candidates(tree *source.Tree, detectors []Detector) [][]string {
	type marker struct {
		glob
		dirs map[string]bool
	}
	endings := map[string][]marker{}        // globs by the ending that they ask for, from its last dot
	exact := map[string][]map[string]bool{} // names of files
	var others []marker
	sets := make([]map[string]bool, len(detectors))
	for i, d := range detectors {
		sets[i] = map[string]bool{}
		for _, m := range d.Markers() {
			if !strings.ContainsAny(m, "*?[{") {
				exact[m] = append(exact[m], sets[i])
				continue
			}
			for _, g := range globs(m) {
				if ext := path.Ext(g.suffix); ext != "" {
					endings[ext] = append(endings[ext], marker{g, sets[i]})
				} else {
					others = append(others, marker{g, sets[i]})
				}
			}
		}
	}
	for _, e := range tree.Entries() {
		slash := strings.LastIndexByte(e.Path, '/')
		base := e.Path[slash+1:]
		for _, dirs := range exact[base] {
			dirs[path.Dir(e.Path)] = true
		}
		ask := others
		if dot := strings.LastIndexByte(base, '.'); dot >= 0 {
			ask = append(ask[:len(ask):len(ask)], endings[base[dot:]]...)
		}
		for _, m := range ask {
			if m.match(base) {
				m.dirs[path.Dir(e.Path)] = true
			}
		}
	}
	out := make([][]string, len(detectors))
	for i, set := range sets {
		out[i] = outermostFirst(set)
	}
	return out
}

// outermostFirst sorts the directories in which the application itself may lie.
func outermostFirst(set map[string]bool) []string {
	dirs := make([]string, 0, len(set))
	for d := range set {
		if ours(d) {
			dirs = append(dirs, d)
		}
	}
	sort.Slice(dirs, func(i, j int) bool {
		di, dj := strings.Count(dirs[i], "/"), strings.Count(dirs[j], "/")
		if (dirs[i] == ".") != (dirs[j] == ".") {
			return dirs[i] == "."
		}
		if di != dj {
			return di < dj
		}
		return dirs[i] < dirs[j]
	})
	return dirs
}

// Ours reports whether a directory of a tree may hold the application itself: none of its parts is a name under which
// tests, samples, documents, vendored or generated code are kept.
func Ours(dir string) bool { return ours(dir) }

func ours(dir string) bool {
	if dir == "." {
		return true
	}
	for _, part := range strings.Split(dir, "/") {
		if notOurs[strings.ToLower(part)] {
			return false
		}
	}
	return true
}

var roleOrder = map[Role]int{Web: 0, SPA: 1, Static: 2, Function: 3, Inference: 4, Worker: 5, Batch: 6, Training: 7, CLI: 8, Library: 9}

func order(cs []Component) {
	sort.SliceStable(cs, func(i, j int) bool {
		a, b := cs[i], cs[j]
		if a.Path != b.Path {
			return a.Path == "." || (b.Path != "." && a.Path < b.Path)
		}
		if a.Role.V != b.Role.V {
			return roleOrder[a.Role.V] < roleOrder[b.Role.V]
		}
		if (a.Stack == "node") != (b.Stack == "node") {
			return b.Stack == "node" // what Node adds to an application of another stack stands behind it
		}
		return a.Name < b.Name
	})
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// CleanName makes a name that a Dockerfile, compose, Kubernetes and a host name all
// accept: [a-z0-9-], starting with a letter, at most 40 bytes.
func CleanName(s string) string {
	s = strings.Trim(notName.ReplaceAllString(strings.ToLower(s), "-"), "-")
	if s == "" {
		return "app"
	}
	if s[0] >= '0' && s[0] <= '9' {
		s = "app-" + s
	}
	if len(s) > 40 {
		s = strings.TrimRight(s[:40], "-")
	}
	return s
}

// nameAll gives every component a clean name that is unique.
func nameAll(f *Findings) {
	taken := map[string]bool{}
	for i := range f.Components {
		c := &f.Components[i]
		if c.Name == "" {
			if c.Name = path.Base(c.Path); c.Path == "." {
				c.Name = string(c.Role.V)
			}
		}
		base := CleanName(c.Name)
		c.Name = base
		for n := 2; taken[c.Name]; n++ {
			c.Name = fmt.Sprintf("%s-%d", base, n)
		}
		taken[c.Name] = true
	}
}

var (
	secretKey = regexp.MustCompile(`(?i)((?:pass(?:word|wd)?|pwd|secret|token|api_?key|private_?key|credential)[^=:\n]{0,20}[=:]\s*)\S`)
	// secretDefault is a literal beside a name: ENV['SECRET'] || 'x', ENV.fetch("TOKEN", "x"), set :session_secret, 'x'.
	secretDefault = regexp.MustCompile(`(?i)((?:pass(?:word|wd)?|secret|token|api_?key|private_?key|credential)[^=:,|\n]{0,40}(?:\|\||,)\s*["'])([^"'\n]+)`)
	versionLike   = regexp.MustCompile(`^[~><=!\s]*\d+(\.\w+)*$`)
	urlSecret     = regexp.MustCompile(`(://[^/\s:@]+:)[^@\s/]+@`)
)

// lineText is one line of data as evidence shows it: trimmed, printable, short, and with what
// looks like a secret masked.
func lineText(data []byte, line int) string {
	if line < 1 {
		return ""
	}
	for ; line > 1; line-- {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return ""
		}
		data = data[i+1:]
	}
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		data = data[:i]
	}
	data = bytes.TrimSuffix(data, []byte{'\r'})
	data = data[:min(len(data), 4096)] // a line of megabytes is not worth a search for secrets beyond what is shown
	return Printable(MaskSecrets(strings.ToValidUTF8(string(data), "�")), 200)
}

// MaskSecrets hides the value behind a key that names a secret, and passwords inside URLs.
func MaskSecrets(s string) string {
	s = urlSecret.ReplaceAllString(s, "${1}***@")
	if loc := secretKey.FindStringSubmatchIndex(s); loc != nil {
		return s[:loc[3]] + "***"
	}
	if loc := secretDefault.FindStringSubmatchIndex(s); loc != nil && !versionLike.MatchString(s[loc[4]:loc[5]]) {
		return s[:loc[3]] + "***"
	}
	return s
}

// Printable trims s, replaces control characters and cuts it to at most max bytes.
func Printable(s string, max int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r < 0x20 || (r >= 0x7f && r < 0xa0) || r == 0x202e || r == 0x2028 || r == 0x2029 {
			return '·'
		}
		return r
	}, s))
	if len(s) > max {
		cut := max
		for cut > 0 && s[cut]&0xC0 == 0x80 {
			cut--
		}
		s = s[:cut] + "…"
	}
	return s
}
