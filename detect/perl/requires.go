package perl

import (
	"strings"
)

// requirement is a module that a manifest asks for.
type requirement struct {
	module   string
	version  string // as written: "8.42", ">= 1.2, < 2"; empty or "0": any
	phase    string // runtime, build, test, develop, configure
	optional bool   // recommended, suggested or part of a feature
	line     int
}

// manifestFile is what a cpanfile, Makefile.PL, Build.PL or dist.ini says.
type manifestFile struct {
	name       string // of the distribution
	requires   []requirement
	perl       string // least version of Perl, as written
	perlLine   int
	scripts    []string // programs that are installed
	tools      []string // Module::Install commands that tell something ("catalyst")
	mirrors    []mirror
	autoDetect bool // dist.ini takes the modules from the code
}

// mirror is a place that modules come from.
type mirror struct {
	url  string
	line int
}

// keyPhases are the keys of hashes in Makefile.PL and Build.PL whose entries are modules.
var keyPhases = map[string]string{
	"PREREQ_PM": "runtime", "BUILD_REQUIRES": "build", "TEST_REQUIRES": "test", "CONFIGURE_REQUIRES": "configure",
	"requires": "runtime", "build_requires": "build", "test_requires": "test", "configure_requires": "configure", "recommends": "optional",
	"suggests": "optional",
}

// callPhases are the functions of cpanfile and Module::Install that ask for a module.
var callPhases = map[string]string{
	"requires": "", "recommends": "optional", "suggests": "optional", "test_requires": "test", "build_requires": "build",
	"configure_requires": "configure", "author_requires": "develop", "requires_any_of": "optional",
}

// block is a brace or parenthesis that is open, with the phase that it gives to what stands in it.
type block struct {
	open  string
	phase string
	hash  bool // its entries are modules
}

// maxDepth bounds the nesting of blocks that is followed.
const maxDepth = 100

// parseManifest reads a cpanfile, Makefile.PL or Build.PL. All three are programs: what stands there literally is what is found.
func parseManifest(data []byte) *manifestFile {
	p := &manifestParser{out: &manifestFile{}, toks: tokens(code(data)), start: true}
	for p.i < len(p.toks) {
		p.step()
	}
	return p.out
}

type manifestParser struct {
	out    *manifestFile
	toks   []token
	i      int
	start  bool // a statement starts here
	blocks []block
}

func (p *manifestParser) at(i int) token {
	if i < 0 || i >= len(p.toks) {
		return token{kind: mark}
	}
	return p.toks[i]
}

// phase is the phase that the open blocks give.
func (p *manifestParser) phase() (phase string, hash bool) {
	for i := len(p.blocks) - 1; i >= 0; i-- {
		if p.blocks[i].phase != "" {
			return p.blocks[i].phase, p.blocks[i].hash && i == len(p.blocks)-1
		}
	}
	return "runtime", false
}

// step reads what stands at the parser's place.
func (p *manifestParser) step() {
	t := p.at(p.i)
	start := p.start
	p.start = false
	switch {
	case t.kind == mark && (t.value == "{" || t.value == "(" || t.value == "["):
		p.open(t.value)
	case t.kind == mark && (t.value == "}" || t.value == ")" || t.value == "]"):
		if len(p.blocks) > 0 {
			p.blocks = p.blocks[:len(p.blocks)-1]
		}
		p.start = t.value == "}"
	case t.kind == mark && t.value == ";":
		p.start = true
	case t.kind == mark && t.value == "=>":
		p.pair()
	case t.kind == word && start:
		p.call(t)
	}
	p.i++
}

// open enters a block: the body of "on test => sub", of a feature, or a hash under a key that names a phase.
func (p *manifestParser) open(brace string) {
	if len(p.blocks) >= maxDepth {
		return
	}
	b := block{open: brace}
	key := p.at(p.i - 2)
	switch {
	case brace == "{" && p.at(p.i-1).value == "=>" && (key.kind == word || key.kind == text):
		if phase, ok := keyPhases[key.value]; ok {
			b.phase, b.hash = phase, true
		}
	case brace == "{" && p.at(p.i-1).value == "sub" && p.at(p.i-1).kind == word:
		b.phase = p.subPhase()
		p.start = true
	case brace == "{":
		p.start = true
	}
	if phase, hash := p.phase(); b.phase == "" && hash && brace == "(" {
		b.phase, b.hash = phase, true
	}
	p.blocks = append(p.blocks, b)
}

// subPhase is the phase of the statement whose "sub {" is being opened: "on test => sub", "feature 'x' => sub".
func (p *manifestParser) subPhase() string {
	for i := p.i - 1; i >= 0 && i > p.i-12; i-- {
		t := p.at(i)
		if t.kind == mark && (t.value == ";" || t.value == "{" || t.value == "}") {
			break
		}
		if t.kind != word {
			continue
		}
		switch t.value {
		case "on", "phase":
			name := p.at(i + 1)
			if name.kind == mark {
				name = p.at(i + 2)
			}
			return name.value
		case "feature":
			return "optional"
		}
	}
	return ""
}

// pair reads "NAME => VALUE" around its arrow.
func (p *manifestParser) pair() {
	key, val := p.at(p.i-1), p.at(p.i+1)
	if key.kind != word && key.kind != text {
		return
	}
	phase, hash := p.phase()
	literal := val.kind == text || val.kind == value
	if hash && moduleName(key.value) == key.value {
		if literal {
			p.add(key.value, val.value, phase, key.line)
		}
		return
	}
	switch strings.ToUpper(key.value) {
	case "MIN_PERL_VERSION":
		if literal && p.out.perl == "" {
			p.out.perl, p.out.perlLine = val.value, key.line
		}
	case "NAME", "DIST_NAME", "MODULE_NAME":
		if literal && p.out.name == "" {
			p.out.name = val.value
		}
	case "EXE_FILES", "SCRIPT_FILES":
		for i := p.i + 2; i < len(p.toks) && p.at(i).kind == text; i++ {
			p.out.scripts = append(p.out.scripts, p.at(i).value)
			if p.at(i+1).value == "," {
				i++
			}
		}
	}
}

// call reads a statement that starts with a function: "requires 'Plack', '1.0';".
func (p *manifestParser) call(t token) {
	arg := p.i + 1
	if p.at(arg).value == "(" && p.at(arg).kind == mark {
		arg++
	}
	first := p.at(arg)
	switch t.value {
	case "perl_version":
		if p.out.perl == "" && first.kind != mark {
			p.out.perl, p.out.perlLine = first.value, t.line
		}
		return
	case "name":
		if first.kind == text {
			p.out.name = first.value
		}
		return
	case "install_script", "catalyst", "catalyst_par_core":
		p.out.tools = append(p.out.tools, t.value)
		if t.value == "install_script" && first.kind == text {
			p.out.scripts = append(p.out.scripts, first.value)
		}
		return
	case "mirror":
		if first.kind == text {
			p.out.mirrors = append(p.out.mirrors, mirror{first.value, t.line})
		}
		return
	}
	own, ok := callPhases[t.value]
	if !ok || first.kind != text && first.kind != word {
		return
	}
	phase, _ := p.phase()
	if own != "" && phase != "test" && phase != "develop" {
		phase = own
	}
	version := ""
	if sep := p.at(arg + 1); sep.value == "," || sep.value == "=>" {
		if v := p.at(arg + 2); v.kind == text || v.kind == value {
			version = v.value
		}
	}
	p.add(first.value, version, phase, t.line)
}

// add keeps a module, or the version of Perl itself.
func (p *manifestParser) add(module, version, phase string, at int) {
	if module == "perl" {
		if phase == "runtime" && p.out.perl == "" {
			p.out.perl, p.out.perlLine = version, at
		}
		return
	}
	r := requirement{module: module, version: version, phase: phase, line: at}
	if phase == "optional" {
		r.phase, r.optional = "runtime", true
	}
	p.out.requires = append(p.out.requires, r)
}

// parseDistINI reads Dist::Zilla's dist.ini.
func parseDistINI(data []byte) *manifestFile {
	out := &manifestFile{}
	phase := ""
	for i, raw := range strings.Split(string(data), "\n") {
		s := strings.TrimSpace(raw)
		if s == "" || s[0] == ';' || s[0] == '#' {
			continue
		}
		if s[0] == '[' {
			phase = distSection(out, strings.Trim(s, "[]"))
			continue
		}
		key, val, ok := strings.Cut(s, "=")
		if !ok {
			continue
		}
		key, val = strings.TrimSpace(key), strings.TrimSpace(val)
		switch {
		case phase == "" && key == "name" && out.name == "":
			out.name = val
		case phase == "" || key == "" || key[0] == '-':
		case key == "perl":
			if out.perl == "" && phase == "runtime" {
				out.perl, out.perlLine = val, i+1
			}
		case moduleName(key) == key:
			r := requirement{module: key, version: val, phase: phase, line: i + 1}
			if phase == "optional" {
				r.phase, r.optional = "runtime", true
			}
			out.requires = append(out.requires, r)
		}
	}
	return out
}

// distSection is the phase that a section of dist.ini gives to its entries.
func distSection(out *manifestFile, section string) string {
	plugin, name, _ := strings.Cut(section, "/")
	plugin, name = strings.TrimSpace(plugin), strings.TrimSpace(name)
	switch plugin {
	case "AutoPrereqs", "AutoPrereq":
		out.autoDetect = true
		return ""
	case "Prereqs", "Prereq":
	default:
		return ""
	}
	switch {
	case name == "", name == "RuntimeRequires":
		return "runtime"
	case strings.HasPrefix(name, "Test"):
		return "test"
	case strings.HasPrefix(name, "Build"):
		return "build"
	case strings.HasPrefix(name, "Configure"):
		return "configure"
	case strings.HasPrefix(name, "Develop"):
		return "develop"
	}
	return "optional"
}

// locked is a module with the version that a snapshot pins.
type locked struct {
	version string
	line    int
}

// parseSnapshot reads Carton's cpanfile.snapshot: the modules that each distribution provides, with their versions.
func parseSnapshot(data []byte) map[string]locked {
	out := map[string]locked{}
	provides := false
	for i, raw := range strings.Split(string(data), "\n") {
		indent := len(raw) - len(strings.TrimLeft(raw, " "))
		s := strings.TrimSpace(raw)
		switch {
		case indent <= 4:
			provides = s == "provides:"
		case provides && indent == 6:
			module, version, ok := strings.Cut(s, " ")
			if _, have := out[module]; ok && !have {
				out[module] = locked{version, i + 1}
			}
		}
	}
	return out
}
