package golang

import (
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// hit is a line of source that holds one of the texts that were looked for.
type hit struct {
	file *goFile
	line int
	text string
}

func (h hit) evidence() detect.Evidence { return h.file.file.Evidence(h.line) }

// maxLine is the longest line that is looked into: generated tables have longer ones.
const maxLine = 2000

// hits returns the lines of files, without comments, that hold one of some texts, at most max.
func hits(files []*goFile, max int, texts ...string) []hit {
	var out []hit
	for _, f := range files {
		for line, raw := range manifest.LinesWith(f.file.Data, texts) {
			if len(raw) > maxLine {
				continue
			}
			text := code(string(raw))
			for _, t := range texts {
				if strings.Contains(text, t) {
					out = append(out, hit{f, line, text})
					break
				}
			}
			if len(out) >= max {
				return out
			}
		}
	}
	return out
}

// importing are the files that import one of some packages; a path that ends in a slash stands for all below it. Looking
// into these alone is what keeps a search over a large program short.
func importing(files []*goFile, paths ...string) []*goFile {
	var out []*goFile
	for _, f := range files {
		for _, i := range f.imports {
			if slices.ContainsFunc(paths, func(p string) bool {
				return i.path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(i.path, p)
			}) {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// serving are the files that could open a port or name a route: those of the program's own package, and those that import
// a package about HTTP, sockets or a web framework.
func (x *prog) serving() []*goFile {
	if x.servingFiles != nil {
		return x.servingFiles
	}
	x.servingFiles = []*goFile{}
	for _, f := range x.files {
		if f.name == "main" || slices.ContainsFunc(f.imports, func(i goImport) bool {
			base := withoutMajor(i.path)
			return i.path == "net" || strings.HasPrefix(i.path, "net/http") || i.path == "crypto/tls" || frameworks[i.path] != "" || frameworks[base] != "" || others[base] != "" ||
				strings.Contains(i.path, "http") || strings.Contains(i.path, "grpc") || strings.Contains(i.path, "beego") || strings.Contains(i.path, "lambda") || strings.Contains(i.path, "functions")
		}) {
			x.servingFiles = append(x.servingFiles, f)
		}
	}
	return x.servingFiles
}

// code is a line without its comment. A "//" inside quotes is no comment.
func code(line string) string {
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '`':
			quote = c
		case c == '/' && i+1 < len(line) && line[i+1] == '/':
			return strings.TrimSpace(line[:i])
		}
	}
	return strings.TrimSpace(line)
}
