package ruby

import (
	"strings"

	"github.com/drydock-cli/drydock/detect/manifest"
)

// lockfile is what a Gemfile.lock states.
type lockfile struct {
	specs        map[string]lockSpec
	dependencies map[string]lockDependency
	platforms    []string
	ruby         string // "2.4.2" of "ruby 2.4.2p198"
	rubyEngine   string // jruby of "ruby 2.3.3p0 (jruby 9.1.17.0)"; empty: MRI
	rubyLine     int
	bundler      string
	bundlerLine  int
	gitLine      int // first GIT section; 0: none
	conflict     int // first line of an unresolved merge; 0: none
	remotes      []sourceLine
}

// lockSpec is a gem with its exact version.
type lockSpec struct {
	version string
	line    int
	section string // GEM, GIT, PATH
	needs   []string
}

// lockDependency is a gem that the Gemfile itself asks for.
type lockDependency struct {
	constraint string
	line       int
}

var (
	specLine   = manifest.Lazy(`^    ([^\s(]+) \(([^)]*)\)\s*$`)
	needLine   = manifest.Lazy(`^      ([^\s(!]+)`)
	dependLine = manifest.Lazy(`^  ([^\s(!]+)(?: \(([^)]*)\))?!?\s*$`)
	lockRuby   = manifest.Lazy(`^\s+ruby (\d+\.\d+\.\d+)(?:\.?[a-z]+\d+)?\s*(?:\((\w+) [^)]*\))?`)
	remoteLine = manifest.Lazy(`^  remote: (\S+)`)
)

// parseLockfile reads a Gemfile.lock. Lines that fit nowhere are passed over: Bundler itself adds sections.
func parseLockfile(data []byte) *lockfile {
	l := &lockfile{specs: map[string]lockSpec{}, dependencies: map[string]lockDependency{}}
	section, last := "", ""
	for i, text := range strings.Split(string(data), "\n") {
		line := i + 1
		text = strings.TrimSuffix(text, "\r")
		switch {
		case strings.HasPrefix(text, "<<<<<<<") || strings.HasPrefix(text, ">>>>>>>"):
			if l.conflict == 0 {
				l.conflict = line
			}
		case text == "" || text[0] != ' ':
			if text != "" && !strings.HasPrefix(text, "=======") {
				section, last = strings.TrimSpace(text), ""
				if section == "GIT" && l.gitLine == 0 {
					l.gitLine = line
				}
			}
		default:
			last = l.line(section, text, line, last)
		}
	}
	return l
}

// line reads an indented line. last is the gem whose needs follow.
func (l *lockfile) line(section, text string, line int, last string) string {
	switch section {
	case "GEM", "GIT", "PATH", "PLUGIN SOURCE":
		if m := specLine.FindStringSubmatch(text); m != nil {
			return l.spec(section, m[1], m[2], line)
		}
		if m := needLine.FindStringSubmatch(text); m != nil && last != "" {
			s := l.specs[last]
			s.needs = append(s.needs, m[1])
			l.specs[last] = s
		} else if m := remoteLine.FindStringSubmatch(text); m != nil {
			l.remotes = append(l.remotes, sourceLine{m[1], line})
		}
		return last
	case "DEPENDENCIES":
		if m := dependLine.FindStringSubmatch(text); m != nil {
			l.dependencies[m[1]] = lockDependency{m[2], line}
		}
	case "PLATFORMS":
		l.platforms = append(l.platforms, strings.TrimSpace(text))
	case "RUBY VERSION":
		if m := lockRuby.FindStringSubmatch(text); m != nil {
			l.ruby, l.rubyEngine, l.rubyLine = m[1], m[2], line
		}
	case "BUNDLED WITH":
		l.bundler, l.bundlerLine = strings.TrimSpace(text), line
	}
	return ""
}

// spec keeps a gem. One gem has several lines when the lock holds builds for platforms ("1.10.0-x86_64-linux"): the
// first, plain version counts.
func (l *lockfile) spec(section, name, version string, line int) string {
	version, _, _ = strings.Cut(version, "-")
	if _, twice := l.specs[name]; !twice {
		l.specs[name] = lockSpec{version: version, line: line, section: section}
	}
	return name
}

// closure returns the gems that the named ones need, themselves included.
func (l *lockfile) closure(names []string) map[string]bool {
	all := map[string]bool{}
	todo := append([]string{}, names...)
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if all[name] {
			continue
		}
		all[name] = true
		todo = append(todo, l.specs[name].needs...)
	}
	return all
}
