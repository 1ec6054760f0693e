package erlang

import (
	"strings"
)

// project is what a rebar.config, a relx.config or a Makefile of erlang.mk says.
type project struct {
	deps     []dep
	release  string // name
	relLine  int
	prod     bool   // a profile named prod makes the release its own
	least    string // OTP: "27", or the newest of "R16|17|18"
	otpLine  int
	escript  int // line; 0: none
	mirrors  int // line of a package repository of its own; 0: none
	reltool  bool
	requires []string // applications of the release
}

type dep struct {
	name    string
	version string
	git     bool
	line    int
}

// parseRebar reads a rebar.config or a relx.config.
func parseRebar(data []byte) *project {
	p := &project{}
	terms := parseTerms(data)
	for _, t := range terms {
		switch t.name() {
		case "deps":
			p.addDeps(t.at(1))
		case "relx":
			p.relx(t.at(1).items)
		case "release":
			p.relx([]term{t})
		case "minimum_otp_vsn":
			p.least, p.otpLine = leastOTP(t.at(1).text), t.line
		case "require_otp_vsn", "require_min_otp_vsn":
			if p.least == "" {
				p.least, p.otpLine = newestOTP(t.at(1).text), t.line
			}
		case "escript_name", "escript_main_app", "escript_emu_args":
			if p.escript == 0 {
				p.escript = t.line
			}
		case "hex":
			if r, ok := find(t.at(1).items, "repos"); ok {
				p.mirrors = r.line
			}
		case "profiles":
			p.profiles(t.at(1).items)
		}
	}
	return p
}

// profiles reads the profile of production.
func (p *project) profiles(profiles []term) {
	for _, t := range profiles {
		if name := t.name(); name != "prod" && name != "production" && name != "release" {
			continue
		}
		if r, ok := find(t.at(1).items, "relx"); ok && t.name() == "prod" {
			p.prod = true
			p.relx(r.at(1).items)
		}
		if d, ok := find(t.at(1).items, "deps"); ok {
			p.addDeps(d.at(1))
		}
	}
}

// relx reads the settings of a release.
func (p *project) relx(items []term) {
	for _, t := range items {
		if t.name() != "release" || p.release != "" {
			continue
		}
		name := t.at(1)
		if name.kind == tuple {
			name = name.at(0)
		}
		if name.kind == atom || name.kind == text {
			p.release, p.relLine = name.text, t.line
		}
		for _, a := range t.at(2).items {
			if a.kind == tuple {
				a = a.at(0)
			}
			p.requires = append(p.requires, a.text)
		}
	}
}

// addDeps reads a list of dependencies; conditional ones ({if_var_true, redis, {...}}) are only sometimes there.
func (p *project) addDeps(l term) {
	for _, t := range l.items {
		d := dep{line: t.line}
		switch {
		case t.kind == atom:
			d.name = t.text
		case t.name() != "" && !strings.HasPrefix(t.name(), "if_"):
			d.name = t.name()
			for _, x := range t.items[1:] {
				switch {
				case x.kind == text && d.version == "":
					d.version = x.text
				case x.kind == tuple && (x.name() == "git" || x.name() == "hg" || x.name() == "git_subdir"):
					d.git = true
					for _, y := range x.items {
						if y.name() == "tag" {
							d.version = y.at(1).text
						}
					}
				}
			}
		default:
			continue
		}
		p.deps = append(p.deps, d)
	}
}

// parseErlangMk reads a Makefile that includes erlang.mk.
func parseErlangMk(data []byte) (*project, bool) {
	p := &project{}
	included := false
	lines := strings.Split(string(data), "\n")
	for i := 0; i < len(lines); i++ {
		s, at := strings.TrimSpace(lines[i]), i+1
		for strings.HasSuffix(s, `\`) && i+1 < len(lines) && i < at+200 {
			i++
			s = strings.TrimSuffix(s, `\`) + " " + strings.TrimSpace(lines[i])
		}
		if strings.HasPrefix(s, "include ") && strings.HasSuffix(s, "erlang.mk") {
			included = true
		}
		name, val, ok := strings.Cut(s, "=")
		if !ok || strings.HasPrefix(s, "#") {
			continue
		}
		switch strings.TrimRight(strings.TrimSpace(name), "?:+ ") {
		case "DEPS", "BUILD_DEPS":
			for _, d := range strings.Fields(val) {
				if !strings.ContainsAny(d, "$()") {
					p.deps = append(p.deps, dep{name: d, line: at})
				}
			}
		case "PROJECT":
			if p.release == "" {
				p.release = strings.TrimSpace(val)
			}
		case "ERLANG_OTP":
			p.least, p.otpLine = leastOTP(val), at
		}
	}
	return p, included
}

// leastOTP is the major release that a version names: "27" of "27.0", "16" of "R16B03".
func leastOTP(v string) string {
	v = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(v), "OTP-"), "R")
	end := 0
	for end < len(v) && v[end] >= '0' && v[end] <= '9' {
		end++
	}
	if end == 0 || end > 2 {
		return ""
	}
	return v[:end]
}

// newestOTP is the newest release that an expression of releases names: "18" of "R16|17|18".
func newestOTP(expression string) string {
	best := ""
	if open := strings.IndexByte(expression, '['); open > 0 { // R1[456]
		if end := strings.IndexByte(expression[open:], ']'); end > 1 {
			expression = expression[:open] + expression[open+end-1:open+end] + expression[open+end+1:]
		}
	}
	for _, part := range strings.FieldsFunc(expression, func(r rune) bool { return r == '|' || r == '(' || r == ')' || r == '^' || r == '[' || r == ']' }) {
		if v := leastOTP(part); v != "" && (best == "" || compare(v, best) > 0) {
			best = v
		}
	}
	return best
}

// parseLock reads a rebar.lock: the names and versions of packages.
func parseLock(data []byte) map[string]dep {
	out := map[string]dep{}
	walk(parseTerms(data), func(t term) bool {
		if t.kind == tuple && len(t.items) == 3 && t.items[0].kind == text && t.items[1].kind == tuple {
			d := dep{name: t.items[0].text, line: t.line, git: t.items[1].name() != "pkg"}
			if !d.git {
				d.version = t.items[1].at(2).text
			}
			if _, have := out[d.name]; !have {
				out[d.name] = d
			}
		}
		return true
	})
	return out
}

// application is what an .app.src says.
type application struct {
	name     string
	line     int
	mod      bool // it is started
	requires []string
}

// parseApp reads an .app.src.
func parseApp(data []byte) (application, bool) {
	t, ok := find(parseTerms(data), "application")
	if !ok || t.at(1).kind != atom {
		return application{}, false
	}
	a := application{name: t.at(1).text, line: t.line}
	if m, ok := find(t.at(2).items, "mod"); ok && m.at(1).kind == tuple {
		a.mod = true
	}
	if r, ok := find(t.at(2).items, "applications"); ok {
		for _, i := range r.at(1).items {
			a.requires = append(a.requires, i.text)
		}
	}
	return a, true
}
