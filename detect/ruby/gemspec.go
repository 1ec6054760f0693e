package ruby

import (
	"strings"

	"github.com/drydock-cli/drydock/detect/manifest"
)

// gemspec is what a *.gemspec states.
type gemspec struct {
	gems     []gemLine
	ruby     []string // required_ruby_version
	rubyLine int
	// executables says that the gem installs commands.
	executables bool
	// listed says that they are whatever lies in bin or exe.
	listed bool
	reads  []string // files it requires, without ".rb": "lib/shop/version"
}

var (
	dependency  = manifest.Lazy(`^\w+\.(add_dependency|add_runtime_dependency|add_development_dependency)\b`)
	requireLine = manifest.Lazy(`^(?:require|require_relative)\b`)
	constraint  = manifest.Lazy(`^[<>=~!]*\s*\d`)
	setting     = manifest.Lazy(`^\w+\.(required_ruby_version|executables|bindir)\s*=\s*(.*)$`)
)

func parseGemspec(data []byte) *gemspec {
	g := &gemspec{}
	for _, s := range statements(data) {
		if m := dependency.FindStringSubmatch(s.text); m != nil {
			c, ok := parseCall(s.text)
			if !ok || len(c.args) == 0 || c.args[0] == "" {
				continue
			}
			l := gemLine{name: c.args[0], constraints: literalOnly(c.args[1:]), line: s.line, options: c.options, conditional: len(s.blocks) > 1}
			if m[1] == "add_development_dependency" {
				l.groups = []string{"development"}
			}
			g.gems = append(g.gems, l)
		} else if m := setting.FindStringSubmatch(s.text); m != nil {
			switch m[1] {
			case "required_ruby_version":
				for _, l := range literalsOf(m[2]) { // the name of a constant that holds it says nothing
					if constraint.MatchString(l) {
						g.ruby, g.rubyLine = append(g.ruby, l), s.line
					}
				}
			case "executables":
				g.executables = g.executables || m[2] != "[]"
				g.listed = g.listed || strings.Contains(m[2], ".grep(") || strings.Contains(m[2], "ls-files") || strings.Contains(m[2], "Dir")
			}
		} else if requireLine.MatchString(s.text) {
			g.reads = append(g.reads, literalsOf(s.text)...)
		}
	}
	return g
}
