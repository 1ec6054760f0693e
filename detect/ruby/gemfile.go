package ruby

import (
	"strings"
)

// gemfile is what a Gemfile states, by plain reading.
type gemfile struct {
	gems      []gemLine
	ruby      []string // constraints of the ruby directive; empty: none that is literal
	rubyLine  int
	rubyFile  string // the file that "ruby file: ..." names
	engine    string // jruby, truffleruby; empty: MRI
	sources   []sourceLine
	usesSpec  int      // line of the gemspec directive; 0: none
	reads     []string // files that it names in code that reads files
	readsLine int
	needs     []sourceLine // of reads, configuration files that no developer's machine is without ("config/database.yml")
}

// gemLine is a gem that a Gemfile, a gemspec or config.gem asks for.
type gemLine struct {
	name        string
	constraints []string
	groups      []string // none: always
	options     map[string][]string
	conditional bool // inside an if, a case, a method: may not apply
	elsewhere   bool // only for platforms that are not MRI on Linux
	line        int
}

// sourceLine is a place that gems come from.
type sourceLine struct {
	url  string
	line int
}

// conditionWords open blocks whose statements may not run.
var conditionWords = map[string]bool{"if": true, "unless": true, "case": true, "while": true, "until": true, "def": true, "begin": true, "for": true,
	"class": true, "module": true, "elsif": true, "install_if": true}

// plainWords open blocks that a Gemfile's statements always run in.
var plainWords = map[string]bool{"group": true, "platform": true, "platforms": true, "source": true, "git": true, "path": true, "github": true}

// parseGemfile reads a Gemfile, or a file of the same language (gems.rb, Gemfile.local).
func parseGemfile(data []byte) *gemfile {
	g := &gemfile{}
	for _, s := range statements(data) {
		g.statement(s)
	}
	return g
}

func (g *gemfile) statement(s statement) {
	switch firstWord(s.text) {
	case "gem":
		if c, ok := parseCall(s.text); ok && len(c.args) > 0 && c.args[0] != "" {
			g.gems = append(g.gems, newGemLine(c, s))
		}
	case "ruby":
		g.rubyDirective(s)
	case "source":
		if c, ok := parseCall(s.text); ok && len(c.args) > 0 && strings.Contains(c.args[0], "://") {
			g.sources = append(g.sources, sourceLine{c.args[0], s.line})
		}
	case "gemspec":
		g.usesSpec = s.line
	}
	for _, f := range filesRead(s.text) {
		g.reads = append(g.reads, f)
		if strings.HasPrefix(f, "config/") && (strings.HasSuffix(f, ".yml") || strings.HasSuffix(f, ".yaml")) && len(g.needs) == 0 {
			g.needs = append(g.needs, sourceLine{f, s.line})
		}
		if g.readsLine == 0 {
			g.readsLine = s.line
		}
	}
}

func (g *gemfile) rubyDirective(s statement) {
	c, ok := parseCall(s.text)
	if !ok || g.rubyLine != 0 {
		return
	}
	if f := c.options["file"]; len(f) == 1 {
		g.rubyFile, g.rubyLine = f[0], s.line
		return
	}
	if e := c.options["engine"]; len(e) == 1 && e[0] != "ruby" {
		g.engine = e[0]
	}
	for _, a := range c.args {
		if a == "" {
			return // computed
		}
	}
	// "['2.2.2', RUBY_VERSION].max" reads as a call on a list: not literal either.
	if strings.Contains(s.text, "RUBY_VERSION") || strings.Contains(s.text, "].") {
		return
	}
	g.ruby, g.rubyLine = c.args, s.line
}

func newGemLine(c call, s statement) gemLine {
	l := gemLine{name: c.args[0], options: c.options, line: s.line, conditional: c.condition != ""}
	for _, a := range c.args[1:] {
		if a != "" {
			l.constraints = append(l.constraints, a)
		}
	}
	l.groups = append(append(l.groups, c.options["group"]...), c.options["groups"]...)
	platforms := append(append([]string{}, c.options["platform"]...), c.options["platforms"]...)
	for _, b := range s.blocks {
		word := b.word()
		bc, _ := parseCall(b.text)
		switch {
		case word == "group":
			l.groups = append(l.groups, literalOnly(bc.args)...)
		case word == "platform" || word == "platforms":
			platforms = append(platforms, literalOnly(bc.args)...)
		case word == "git" || word == "github" || word == "path":
			if l.options[word] == nil {
				l.options[word] = literalOnly(bc.args)
			}
		case conditionWords[word] || !plainWords[word]:
			l.conditional = true
		}
	}
	l.elsewhere = len(platforms) > 0 && !anyMRI(platforms)
	return l
}

func literalOnly(args []string) []string {
	var out []string
	for _, a := range args {
		if a != "" {
			out = append(out, a)
		}
	}
	return out
}

// anyMRI reports whether one of Bundler's platform names means MRI on Linux.
func anyMRI(platforms []string) bool {
	for _, p := range platforms {
		if strings.HasPrefix(p, "ruby") || strings.HasPrefix(p, "mri") {
			return true
		}
	}
	return false
}

// production reports whether the gem is installed when the groups development and test are left out.
func (l gemLine) production() bool {
	if l.elsewhere {
		return false
	}
	for _, g := range l.groups {
		switch g {
		case "development", "test", "dev", "tests", "ci", "cucumber", "local", "debug", "doc", "docs", "lint", "tools":
		default:
			return true
		}
	}
	return len(l.groups) == 0
}

// git reports whether the gem comes from Git.
func (l gemLine) git() bool {
	for _, k := range []string{"git", "github", "gist", "bitbucket"} {
		if l.options[k] != nil {
			return true
		}
	}
	return false
}

// readers are the calls by which a Gemfile reads other files.
var readers = []string{"File.read", "File.open", "File.exist", "IO.read", "require_relative", "require ", "eval_gemfile", "instance_eval", "load_gemspec", "YAML", "File.join", "expand_path"}

// filesRead returns the relative file names in code that reads files.
func filesRead(text string) []string {
	read := false
	for _, r := range readers {
		read = read || strings.Contains(text, r)
	}
	if !read {
		return nil
	}
	var out []string
	for _, l := range literalsOf(text) {
		l = strings.TrimPrefix(strings.TrimPrefix(l, "../"), "./")
		if l != "" && l[0] != '/' && !strings.ContainsAny(l, "*{?:") && strings.IndexByte(l, ' ') < 0 {
			out = append(out, l)
		}
	}
	return out
}
