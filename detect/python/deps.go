package python

import (
	"errors"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// dep is a dependency as a manifest or a lock file states it.
type dep struct {
	name     string
	spec     string // "==1.11.29", ">=3,<4"; empty: any
	version  string // the release, or the lowest that spec allows
	from     detect.Origin
	evidence []detect.Evidence
	direct   bool
}

var (
	requirement  = manifest.Lazy(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:\(?\s*((?:[<>=!~]=?=?\s*[\w.*+!-]+\s*,?\s*)+)\)?)?\s*(?:;.*|#.*|--.*|@.*)?$`)
	specPart     = manifest.Lazy(`(===|==|~=|>=|<=|!=|>|<|=|\^|~)?\s*v?([0-9][\w.*+!-]*)`)
	eggName      = manifest.Lazy(`[#&]egg=([A-Za-z0-9._-]+)`)
	stringList   = manifest.Lazy(`["']([A-Za-z0-9][^"'\n]*)["']`)
	requiresName = manifest.Lazy(`\binstall_requires\s*=\s*([A-Za-z_]\w*)\s*[,)\n]`)
	nextArgument = manifest.Lazy(`,\s*[a-z_]+\s*=`)
	includeFile  = manifest.Lazy(`^(?:-r|--requirement|-c|--constraint)[=\s]+(\S+)`)
)

// add keeps a dependency; the first, which is the strongest source, wins, but an exact version beats a range.
func (p *project) add(d dep) {
	d.name = normal(d.name)
	have, ok := p.deps[d.name]
	switch {
	case !ok:
		p.deps[d.name] = d
	case d.from == detect.Locked && have.from != detect.Locked:
		d.evidence = append(d.evidence, have.evidence...)
		d.direct = d.direct || have.direct
		p.deps[d.name] = d
	default:
		have.direct = have.direct || d.direct
		if have.version == "" && d.version != "" {
			have.spec, have.version = d.spec, d.version
		}
		if len(have.evidence) < 3 {
			have.evidence = append(have.evidence[:len(have.evidence):len(have.evidence)], d.evidence...)
		}
		p.deps[d.name] = have
	}
}

// lowest is the release that a specifier begins with: "==1.11.*" and ">=1.11,<2" give 1.11.
func lowest(spec string) string {
	for _, m := range specPart.FindAllStringSubmatch(spec, 8) {
		if m[1] == "<" || m[1] == "<=" || m[1] == "!=" {
			continue
		}
		return strings.TrimRight(strings.TrimSuffix(m[2], "*"), ".")
	}
	return ""
}

// requirementOf reads one requirement as pip writes it (PEP 508, PEP 440); false: it is none.
func requirementOf(text string) (name, spec string, ok bool) {
	text = strings.TrimSpace(text)
	if m := eggName.FindStringSubmatch(text); m != nil {
		return m[1], "", true
	}
	m := requirement.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	return m[1], strings.ReplaceAll(m[2], " ", ""), true
}

// readDeps reads every manifest of the project, lock files first.
func (p *project) readDeps() {
	p.pipfileLock()
	p.tomlLock("poetry.lock")
	p.tomlLock("uv.lock")
	p.pyproject()
	p.pipfile()
	for _, name := range p.requirementFiles() {
		p.requirements(name, 0)
	}
	p.conda()
	p.setupPy()
	p.setupCfg()
}

// requirementFiles are those that an installation for production begins with.
func (p *project) requirementFiles() []string {
	for _, group := range [][]string{
		{"requirements.txt"},
		{"requirements/production.txt", "requirements/prod.txt", "requirements/deploy.txt"},
		{"requirements/base.txt", "requirements/common.txt", "requirements/main.txt", "requirements/requirements.txt", "requirements/default.txt"},
		{"requirements-prod.txt", "requirements-production.txt", "requirements_prod.txt", "requirements.prod.txt", "deploy-requirements.txt", "production-requirements.txt", "prod-requirements.txt", "requirements-base.txt", "pip-requirements.txt", "requirements.pip"},
	} {
		for _, name := range group {
			if p.dir.Has(name) {
				return []string{name}
			}
		}
	}
	for _, pattern := range []string{"requirements/*.txt", "requirements*.txt", "*-requirements.txt", "*_requirements.txt"} {
		for _, name := range p.dir.Glob(pattern) {
			if b := path.Base(name); !strings.Contains(b, "dev") && !strings.Contains(b, "test") && !strings.Contains(b, "doc") && !strings.Contains(b, "lint") && !strings.Contains(b, "local") {
				return []string{name}
			}
		}
	}
	return nil
}

// maxIncludes bounds how deep requirements files include each other.
const maxIncludes = 8

// requirements reads a requirements file with those that it includes.
func (p *project) requirements(name string, deep int) {
	for _, r := range p.reqs {
		if r == name {
			return
		}
	}
	f, err := p.dir.Read(name)
	if err != nil || deep > maxIncludes {
		return
	}
	p.reqs = append(p.reqs, name)
	for i, text := range strings.Split(string(f.Data), "\n") {
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		if m := includeFile.FindStringSubmatch(text); m != nil {
			p.requirements(path.Join(path.Dir(name), m[1]), deep+1)
			continue
		}
		text, _, _ = strings.Cut(text, " #")
		text, _, _ = strings.Cut(text, " \\")
		if n, spec, ok := requirementOf(text); ok {
			p.add(dep{name: n, spec: spec, version: lowest(spec), from: exactly(spec), evidence: []detect.Evidence{f.Evidence(i + 1)}, direct: true})
		} else if strings.HasPrefix(text, "<<<<<<<") || strings.HasPrefix(text, ">>>>>>>") {
			p.dir.Warn(f.Path, i+1, "marks of a merge conflict")
		}
	}
}

// exactly is how sure a version with a specifier is.
func exactly(spec string) detect.Origin {
	if strings.HasPrefix(spec, "==") && !strings.Contains(spec, "*") {
		return detect.Locked
	}
	return detect.Declared
}

func (p *project) warn(f detect.File, err error) {
	var m *manifest.Error
	if errors.As(err, &m) {
		p.dir.Warn(f.Path, m.Line, m.Msg)
		return
	}
	p.dir.Warn(f.Path, 0, err.Error())
}

// doc reads a manifest with a parser.
func (p *project) doc(name string, parse func([]byte) (*manifest.Doc, error)) (detect.File, *manifest.Doc, bool) {
	f, err := p.dir.Read(name)
	if err != nil {
		return f, nil, false
	}
	d, err := parse(f.Data)
	if err != nil {
		p.warn(f, err)
	}
	return f, d, d != nil
}

func (p *project) pipfileLock() {
	f, d, ok := p.doc("Pipfile.lock", manifest.ParseJSON)
	if !ok {
		return
	}
	for _, name := range d.Keys("default") {
		v, line, _ := d.Get("default", name, "version")
		if line == 0 {
			line = d.Line("default", name)
		}
		p.add(dep{name: name, spec: v, version: strings.TrimLeft(v, "="), from: detect.Locked, evidence: []detect.Evidence{f.Evidence(line)}})
	}
}

// tomlLock reads the [[package]] tables of Poetry's and uv's lock files.
func (p *project) tomlLock(file string) {
	f, d, ok := p.doc(file, manifest.ParseTOML)
	if !ok {
		return
	}
	for i := range d.Len("package") {
		at := func(key string) (string, int) {
			v, line, _ := d.Get("package", itoa(i), key)
			return v, line
		}
		name, line := at("name")
		version, vline := at("version")
		if vline > 0 {
			line = vline
		}
		if name != "" {
			p.add(dep{name: name, spec: "==" + version, version: version, from: detect.Locked, evidence: []detect.Evidence{f.Evidence(line)}})
		}
	}
}

func (p *project) pipfile() {
	f, d, ok := p.doc("Pipfile", manifest.ParseTOML)
	if !ok {
		return
	}
	for _, name := range d.Keys("packages") {
		spec, line, ok := d.Get("packages", name)
		if !ok {
			if spec, line, _ = d.Get("packages", name, "version"); line == 0 {
				line = d.Line("packages", name)
			}
		}
		p.add(dep{name: name, spec: strings.Trim(spec, "*"), version: lowest(spec), from: exactly(spec), evidence: []detect.Evidence{f.Evidence(line)}, direct: true})
	}
}

func (p *project) pyproject() {
	f, d, ok := p.doc("pyproject.toml", manifest.ParseTOML)
	if !ok {
		return
	}
	for _, name := range d.Keys("tool", "poetry", "dependencies") {
		if name == "python" {
			continue
		}
		spec, line, ok := d.Get("tool", "poetry", "dependencies", name)
		if !ok {
			if spec, line, _ = d.Get("tool", "poetry", "dependencies", name, "version"); line == 0 {
				line = d.Line("tool", "poetry", "dependencies", name)
			}
		}
		p.add(dep{name: name, spec: spec, version: lowest(spec), from: detect.Declared, evidence: []detect.Evidence{f.Evidence(line)}, direct: true})
	}
	for _, i := range d.List("project", "dependencies") {
		if n, spec, ok := requirementOf(i.Value); ok {
			p.add(dep{name: n, spec: spec, version: lowest(spec), from: exactly(spec), evidence: []detect.Evidence{f.Evidence(i.Line)}, direct: true})
		}
	}
}

func (p *project) conda() {
	for _, name := range []string{"environment.yml", "environment.yaml"} {
		f, d, ok := p.doc(name, manifest.ParseYAML)
		if !ok {
			continue
		}
		items := d.List("dependencies")
		for i := range d.Len("dependencies") {
			items = append(items, d.List("dependencies", itoa(i), "pip")...)
		}
		for _, i := range items {
			name, spec, _ := strings.Cut(i.Value, "=")
			if n, s, ok := requirementOf(i.Value); ok {
				name, spec = n, s
			} else if spec != "" {
				spec = "==" + strings.SplitN(strings.TrimLeft(spec, "="), "=", 2)[0]
			}
			if name != "" && name != "python" && name != "pip" {
				p.add(dep{name: name, spec: spec, version: lowest(spec), from: exactly(spec), evidence: []detect.Evidence{f.Evidence(i.Line)}, direct: true})
			}
		}
	}
}

// setupPy reads install_requires of a setup.py as text: it is never run. A list that is made by code is not seen.
func (p *project) setupPy() {
	f, err := p.dir.Read("setup.py")
	if err != nil {
		return
	}
	list := listAfter(f, "install_requires")
	if m := requiresName.FindSubmatch(f.Data); m != nil && len(list) == 0 {
		list = listAfter(f, string(m[1]))
	}
	for _, l := range list {
		if n, spec, ok := requirementOf(l.Value); ok {
			p.add(dep{name: n, spec: spec, version: lowest(spec), from: exactly(spec), evidence: []detect.Evidence{f.Evidence(l.Line)}, direct: true})
		}
	}
}

// listAfter returns the strings of the list that follows a name and an equals sign or a colon in Python source.
func listAfter(f detect.File, name string) []manifest.Item {
	var out []manifest.Item
	open := false
	deep := 0
	for i, text := range strings.Split(string(f.Data), "\n") {
		if len(text) > 4000 {
			continue
		}
		if t := strings.TrimSpace(text); strings.HasPrefix(t, "#") {
			continue
		}
		if !open {
			at := strings.Index(text, name)
			if at < 0 || at > 0 && (text[at-1] == '_' || text[at-1] >= 'a' && text[at-1] <= 'z') { // the end of another name
				continue
			}
			if after := strings.TrimLeft(text[at+len(name):], " \t"); !strings.HasPrefix(after, "=") && !strings.HasPrefix(after, ":") {
				continue
			}
			open, text = true, text[at+len(name):]
			if next := nextArgument.FindStringIndex(text); next != nil && !strings.ContainsAny(text[:next[0]], "[(") {
				return nil // its value is a name
			}
			if !strings.ContainsAny(text, "[(") {
				open = strings.TrimSpace(strings.TrimLeft(text, " \t=:")) == ""
				continue
			}
		}
		for _, m := range stringList.FindAllStringSubmatch(text, 50) {
			out = append(out, manifest.Item{Value: m[1], Line: i + 1})
		}
		bare := stringList.ReplaceAllString(text, "")
		deep += strings.Count(bare, "[") + strings.Count(bare, "(") - strings.Count(bare, "]") - strings.Count(bare, ")")
		if deep <= 0 || len(out) > 500 {
			break
		}
	}
	return out
}

func (p *project) setupCfg() {
	f, err := p.dir.Read("setup.cfg")
	if err != nil {
		return
	}
	inside := false
	for i, text := range strings.Split(string(f.Data), "\n") {
		t := strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(t, "install_requires"):
			inside = true
			_, t, _ = strings.Cut(t, "=")
			fallthrough
		case inside && (text == "" || text[0] == ' ' || text[0] == '\t'):
			if n, spec, ok := requirementOf(t); ok && t != "" {
				p.add(dep{name: n, spec: spec, version: lowest(spec), from: exactly(spec), evidence: []detect.Evidence{f.Evidence(i + 1)}, direct: true})
			}
		default:
			inside = false
		}
	}
}

// has returns the first of several dependencies that the project has.
func (p *project) has(names ...string) (dep, bool) {
	for _, n := range names {
		if d, ok := p.deps[normal(n)]; ok {
			return d, true
		}
	}
	return dep{}, false
}
