package elixir

import (
	"strings"
)

// project is what a mix.exs says.
type project struct {
	app        string
	appLine    int
	elixir     string // requirement, as written
	elixirLine int
	appsPath   string // of an umbrella
	mod        string // the module that starts the application; empty: a library
	modLine    int
	escript    int // line of its settings; 0: none
	releases   []string
	relLine    int
	deps       []dep
	aliases    map[string]int // names with their lines
}

// dep is a dependency of mix.exs.
type dep struct {
	name        string
	requirement string
	only        []string // environments; empty: all
	git         bool
	umbrella    bool
	path        string
	private     bool // from an organization of Hex or another repository
	optional    bool
	line        int
}

// production reports whether a dependency is there in production.
func (d dep) production() bool {
	if len(d.only) == 0 {
		return true
	}
	for _, e := range d.only {
		if e == "prod" {
			return true
		}
	}
	return false
}

// depOptions are the keys that the options of a dependency start with.
var depOptions = map[string]bool{"git": true, "github": true, "path": true, "in_umbrella": true, "only": true, "override": true, "hex": true, "runtime": true, "optional": true,
	"app": true, "env": true, "manager": true, "compile": true, "branch": true, "tag": true, "ref": true, "organization": true, "repo": true, "sparse": true, "submodules": true, "targets": true, "bitbucket": true, "gitlab": true}

// parseMix reads a mix.exs. It is a program: what stands there literally is what is found.
func parseMix(data []byte) *project {
	p := &project{aliases: map[string]int{}}
	toks := tokens(data)
	at := func(i int) token {
		if i >= 0 && i < len(toks) {
			return toks[i]
		}
		return token{kind: mark}
	}
	for i, t := range toks {
		next := at(i + 1)
		switch {
		case t.kind == key && t.value == "app" && next.kind == atom && p.app == "":
			p.app, p.appLine = next.value, t.line
		case t.kind == key && t.value == "elixir" && next.kind == text && p.elixir == "":
			p.elixir, p.elixirLine = next.value, t.line
		case t.kind == key && t.value == "apps_path" && next.kind == text:
			p.appsPath = next.value
		case t.kind == key && t.value == "mod" && next.value == "{" && at(i+2).kind == word:
			p.mod, p.modLine = at(i+2).value, t.line
		case t.kind == key && t.value == "escript" && p.escript == 0:
			p.escript = t.line
		case t.kind == key && t.value == "releases":
			p.relLine = t.line
			if next.value == "[" && at(i+2).kind == key {
				p.releases = append(p.releases, at(i+2).value)
			}
		case t.kind == word && (t.value == "releases") && (at(i-1).value == "def" || at(i-1).value == "defp"):
			for j := i + 1; j < i+8; j++ {
				if at(j).value == "[" && at(j+1).kind == key {
					p.releases = append(p.releases, at(j+1).value)
					break
				}
			}
		case t.kind == key && (t.value == "assets.deploy" || t.value == "assets.setup" || t.value == "ecto.setup"):
			p.aliases[t.value] = t.line
		case t.kind == mark && t.value == "{" && next.kind == atom && at(i+2).value == ",":
			if d, ok := parseDep(toks[i+1:]); ok {
				p.deps = append(p.deps, d)
			}
		}
	}
	return p
}

// parseDep reads `:name, "~> 1.0", only: :dev}` behind its brace.
func parseDep(toks []token) (dep, bool) {
	d := dep{name: toks[0].value, line: toks[0].line}
	if len(toks) < 3 {
		return d, false
	}
	i := 2
	switch first := toks[2]; {
	case first.kind == text && isRequirement(first.value):
		d.requirement = first.value
		i++
	case first.kind == key && depOptions[first.value], first.kind == mark && first.value == "[" && len(toks) > 3 && toks[3].kind == key && depOptions[toks[3].value]:
	default:
		return d, false
	}
	option, depth := "", 0
	for ; i < len(toks) && i < 200; i++ {
		switch t := toks[i]; {
		case t.kind == mark && (t.value == "{" || t.value == "["):
			depth++
		case t.kind == mark && (t.value == "}" || t.value == "]"):
			depth--
			if depth < 0 {
				return d, true
			}
		case t.kind == key:
			option = t.value
			d.git = d.git || option == "git" || option == "github" || option == "bitbucket" || option == "gitlab"
			d.private = d.private || option == "organization" || option == "repo"
		case option == "only" && t.kind == atom:
			d.only = append(d.only, t.value)
		case option == "path" && t.kind == text:
			d.path = t.value
		case option == "in_umbrella" && t.value == "true":
			d.umbrella = true
		case option == "optional" && t.value == "true":
			d.optional = true
		}
	}
	return d, true
}

func isRequirement(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && (s[0] >= '0' && s[0] <= '9' || strings.HasPrefix(s, "~>") || s[0] == '>' || s[0] == '=' || s[0] == '<')
}

// lockEntry is a package of mix.lock.
type lockEntry struct {
	version string // empty: from Git
	git     bool
	line    int
}

// parseLock reads a mix.lock.
func parseLock(data []byte) map[string]lockEntry {
	out := map[string]lockEntry{}
	toks := tokens(data)
	for i := 0; i+4 < len(toks); i++ {
		if toks[i].kind != key || toks[i+1].value != "{" || toks[i+2].kind != atom {
			continue
		}
		e := lockEntry{line: toks[i].line}
		switch toks[i+2].value {
		case "hex":
			for j := i + 3; j < i+8 && j < len(toks); j++ {
				if toks[j].kind == text {
					e.version = toks[j].value
					break
				}
			}
		case "git":
			e.git = true
		case "package": // mix.lock of Elixir 1.0
			if toks[i+4].kind == text {
				e.version = toks[i+4].value
			}
		default:
			continue
		}
		if _, have := out[toks[i].value]; !have {
			out[toks[i].value] = e
		}
	}
	return out
}
