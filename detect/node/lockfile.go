package node

import (
	"bytes"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// lock is a lock file, searched for single packages: a whole one holds tens of thousands of values of which a handful matter.
type lock struct {
	name    string // package-lock.json, npm-shrinkwrap.json, yarn.lock, pnpm-lock.yaml
	manager string // npm, yarn, pnpm
	file    detect.File
	known   map[string]place // what was looked for already
}

// place is a version with the line on which it stands.
type place struct {
	version string
	line    int
}

// lockNames are the lock files by package manager, the one that wins where several lie side by side first.
var lockNames = []struct{ file, manager string }{
	{"npm-shrinkwrap.json", "npm"}, {"pnpm-lock.yaml", "pnpm"}, {"yarn.lock", "yarn"}, {"package-lock.json", "npm"},
}

// version returns the locked version of a package that the application itself asks for, and its line.
func (l *lock) version(name, wanted string) (string, int) {
	if p, ok := l.known[name]; ok {
		return p.version, p.line
	}
	if l.known == nil {
		l.known = map[string]place{}
	}
	v, line := l.search(name, wanted)
	l.known[name] = place{v, line}
	return v, line
}

func (l *lock) search(name, wanted string) (string, int) {
	switch l.manager {
	case "npm":
		return l.npm(name)
	case "yarn":
		return l.yarn(name, wanted)
	default:
		return l.pnpm(name)
	}
}

// npm looks for "node_modules/NAME" (npm 7 and later) or for the entry of NAME with the least indentation, which is the one
// that all others share.
func (l *lock) npm(name string) (string, int) {
	data := l.file.Data
	if at := bytes.Index(data, []byte(`"node_modules/`+name+`": {`)); at >= 0 {
		return versionAfter(data, at)
	}
	key := []byte(`"` + name + `": {`)
	best, indent := -1, 1<<30
	for from := 0; ; {
		i := bytes.Index(data[from:], key)
		if i < 0 {
			break
		}
		at := from + i
		line := at - 1 - bytes.LastIndexByte(data[:at], '\n')
		if line < indent {
			best, indent = at, line
		}
		from = at + len(key)
	}
	if best < 0 {
		return "", 0
	}
	return versionAfter(data, best)
}

// versionAfter returns the "version" of the object that opens at an offset.
func versionAfter(data []byte, at int) (string, int) {
	end := min(at+600, len(data))
	i := bytes.Index(data[at:end], []byte(`"version":`))
	if i < 0 || bytes.ContainsAny(data[at:at+i], "}") {
		return "", 0
	}
	rest := data[at+i+len(`"version":`) : end]
	rest = bytes.TrimLeft(rest, " ")
	if len(rest) < 2 || rest[0] != '"' {
		return "", 0
	}
	stop := bytes.IndexByte(rest[1:], '"')
	if stop < 0 {
		return "", 0
	}
	return plainVersion(string(rest[1 : 1+stop])), lineOf(data, at+i)
}

// yarn looks for the entry of NAME, with the range that the application asks for where there are several.
func (l *lock) yarn(name, wanted string) (string, int) {
	data := l.file.Data
	best, line := "", 0
	for at := 0; at < len(data); {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i
		}
		head := strings.TrimRight(string(data[at:end]), "\r")
		next := end + 1
		if strings.HasSuffix(head, ":") && (strings.HasPrefix(head, name+"@") || strings.HasPrefix(head, `"`+name+"@") || strings.Contains(head, ", "+name+"@")) {
			if v, vl := yarnVersion(data, next); v != "" {
				exact := strings.Contains(head, name+"@"+wanted) || strings.Contains(head, name+"@npm:"+wanted)
				if best == "" || exact {
					best, line = v, vl
				}
				if exact {
					break
				}
			}
		}
		at = next
	}
	return best, line
}

// yarnVersion returns the version of the entry whose body begins at an offset.
func yarnVersion(data []byte, at int) (string, int) {
	for range 3 {
		if at >= len(data) {
			return "", 0
		}
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i
		}
		text := strings.TrimSpace(string(data[at:end]))
		if v, ok := strings.CutPrefix(text, "version"); ok {
			return plainVersion(strings.Trim(v, ` :"`)), lineOf(data, at)
		}
		at = end + 1
	}
	return "", 0
}

// pnpm looks for the key of NAME with its version: "/NAME/1.2.3:", "/NAME@1.2.3:" or "NAME@1.2.3:".
func (l *lock) pnpm(name string) (string, int) {
	data := l.file.Data
	for _, key := range []string{"\n  /" + name + "/", "\n  /" + name + "@", "\n  " + name + "@", "\n  '" + name + "@", "\n  '/" + name + "@"} {
		at := bytes.Index(data, []byte(key))
		if at < 0 {
			continue
		}
		rest := data[at+len(key):]
		stop := bytes.IndexAny(rest, ":'(_\n")
		if stop <= 0 {
			continue
		}
		if v := plainVersion(string(rest[:stop])); v != "" {
			return v, lineOf(data, at+1)
		}
	}
	return "", 0
}

// format returns the version of the lock file's own format with its line: "1", "2" or "3" of npm, "6.0" of pnpm, "__metadata" of Yarn 2
// and later; "" when it states none.
func (l *lock) format() (string, int) {
	head := l.file.Data[:min(len(l.file.Data), 4096)]
	switch l.manager {
	case "npm":
		if at := bytes.Index(head, []byte(`"lockfileVersion":`)); at >= 0 {
			return strings.Trim(word(head[at+len(`"lockfileVersion":`):]), ` ,"`), lineOf(head, at)
		}
	case "pnpm":
		if at := bytes.Index(head, []byte("lockfileVersion:")); at >= 0 {
			return strings.Trim(word(head[at+len("lockfileVersion:"):]), ` '"`), lineOf(head, at)
		}
	case "yarn":
		if at := bytes.Index(head, []byte("__metadata:")); at >= 0 {
			return "__metadata", lineOf(head, at)
		}
	}
	return "", 0
}

// word is the text up to the end of the line.
func word(data []byte) string {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		data = data[:i]
	}
	return string(data)
}

// plainVersion returns s when it begins like a version, else "".
func plainVersion(s string) string {
	if s == "" || s[0] < '0' || s[0] > '9' || len(s) > 60 || strings.ContainsAny(s, " \t\"'") {
		return ""
	}
	return s
}

func lineOf(data []byte, at int) int { return 1 + bytes.Count(data[:at], []byte{'\n'}) }
