package python

import (
	"bytes"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	plainVersion = manifest.Lazy(`(?:python|pypy|cpython)?-?\s*v?([23](?:\.\d+){0,2})`)
	classifier   = manifest.Lazy(`Programming Language :: Python :: ([23]\.\d+)`)
	aptPython    = manifest.Lazy(`(?:apt-get|apt|yum|dnf|apk)\b.*?[\s"]python([23](?:\.\d+)?)?(?:-dev|-devel|-pip|-setuptools|-minimal)?(?:[\s"=]|$)`)
	taggedPython = manifest.Lazy(`(?i)(?:python|py)[:-]?(?:([23]\.\d+)|([23])(\d{1,2})\b)`)
	runtimeKey   = manifest.Lazy(`^\s*(?:runtime|python_version|Runtime|PythonVersion)\s*:\s*["']?(?:python)?-?([23])\.?(\d{1,2})["']?\s*$`)
	shebang      = manifest.Lazy(`^#!.*\bpython([23](?:\.\d+)?)\b`)
	oldGuard     = manifest.Lazy(`^\s*if\s+(?:not\s+)?sys\.version_info\b.*(?:<|>=)\s*\(\s*2\s*,\s*[3-7]\b`)
	toxEnv       = manifest.Lazy(`\bpy([23])(\d{1,2})\b`)
	pyRequires   = manifest.Lazy(`python_requires\s*=\s*["']?([^"'\n]+)`)
	python2Code  = manifest.Lazy(`^(?:print\s+["'%]|print$|except\s+[\w.()]+(?:\s*,\s*[\w.]+)*\s*,\s*\w+\s*:|exec\s+["']|raise\s+\w+\s*,\s*["'\w]|(?:import|from)\s+(?:urllib2|ConfigParser|StringIO|cPickle|urlparse|Queue|httplib|cookielib|Cookie|commands|sets|HTMLParser|md5|sha|__builtin__|thread|xmlrpclib|SocketServer|BaseHTTPServer|SimpleHTTPServer)\b)|\bxrange\(|\bunicode\(|\braw_input\(|\.has_key\(|\.iteritems\(\)|<>`)
	python2Sure  = manifest.Lazy(`^(?:print\s+(?:u?["']|%|\w[\w.\[\]()]*\s*(?:[,%]|$)|\w[\w.]*\(.*\)[\w.\[\]()]*\s*(?:[,%]|$))|except\s+[\w.]+\s*,\s*\w+\s*:|exec\s+(?:["']|\w+\s+in\s)|raise\s+\w+\s*,\s*["'])`)
	python3Code  = manifest.Lazy(`\bf["'][^"']*\{|^async def |^\s*nonlocal |\byield from |\bfrom typing import|->\s*[\w\[\]., "]+:$|^(?:from|import) (?:urllib\.request|asyncio|pathlib|configparser|dataclasses)\b`)
)

// python3Hints stand in every line that python3Code matches.
var python3Hints = []string{"f\"", "f'", "async def", "nonlocal", "yield from", "typing", "->", "urllib.request", "asyncio", "pathlib", "configparser", "dataclasses"}

// version finds the Python that the project runs on, from the strongest source to the weakest.
func (p *project) version(framework, release string) detect.Value[string] {
	if v, ok := p.statedVersion(); ok {
		return p.precise(v, framework, release)
	}
	if h, ok := p.python2(); ok {
		return detect.Infer("2.7", "the code is Python 2: 2.7 is its last release", h.evidence())
	}
	said, at, ok := p.firstLines()
	if ok && strings.HasPrefix(said, "2") {
		return detect.Infer("2.7", "its programs ask for Python 2 in their first line", at.evidence())
	}
	s, known := supported(framework, release)
	if l, d, limited := p.limited(); limited && (!known || below(l.newest, s.newest)) && !p.tooOld(l.newest) {
		return detect.Infer(l.newest, "the newest Python that "+l.framework+" "+minor(d.version)+" was built for ("+l.source+")", d.evidence...)
	}
	if known && !p.tooOld(s.newest) {
		d, _ := p.has(framework)
		return detect.Infer(s.newest, "the newest Python that "+framework+" "+minor(release)+" runs on ("+s.source+")", d.evidence...)
	}
	if ok {
		return p.precise(detect.Is(said, at.evidence()), framework, release)
	}
	return detect.Guess(defaultPython, "nothing states a Python; "+defaultPython+" runs most code of today")
}

// limited is the package whose exact release allows the oldest Python only.
func (p *project) limited() (limit support, pin dep, ok bool) {
	for _, s := range limits {
		d, have := p.deps[s.framework]
		if !have || d.from != detect.Locked || d.version == "" || limit.framework == s.framework {
			continue
		}
		if l, known := among(limits, s.framework, d.version); known && (!ok || below(l.newest, limit.newest)) {
			limit, pin, ok = l, d, true
		}
	}
	return limit, pin, ok
}

// statedVersion is what the strongest source says. Sources that name the one Python to run on contradict each other when they differ; those that say
// what it is tested with, or can run on, do not.
func (p *project) statedVersion() (detect.Value[string], bool) {
	var found []detect.Value[string]
	add := func(v string, ev detect.Evidence) {
		if v != "" {
			found = append(found, detect.Is(v, ev))
		}
	}
	for _, from := range []func(func(string, detect.Evidence)){p.pinned, p.versionFiles, p.platformVersion, p.dockerVersion} {
		from(add)
	}
	strong := len(found)
	for _, from := range []func(func(string, detect.Evidence)){p.ciVersion, p.declaredRange, p.classifiers, p.tox, p.guarded} {
		from(add)
	}
	if len(found) == 0 {
		return detect.Value[string]{}, false
	}
	at := 0
	for i, o := range found { // one that says more than "3"
		if strings.Contains(o.V, ".") {
			at = i
			break
		}
	}
	v := found[at]
	seen := map[string]bool{minor(v.V): true}
	for i, o := range found {
		switch {
		case i == at:
		case minor(o.V) == minor(v.V):
			if len(v.Evidence) < 4 {
				v.Evidence = append(v.Evidence[:len(v.Evidence):len(v.Evidence)], o.Evidence...)
			}
			if strings.HasPrefix(o.V, v.V+".") {
				v.V = o.V
			}
		case i < strong && strings.Contains(o.V, ".") && !seen[minor(o.V)]:
			seen[minor(o.V)] = true
			v.Others = append(v.Others, o)
		}
	}
	return v, true
}

// precise solves a version that only says "2" or "3".
func (p *project) precise(v detect.Value[string], framework, release string) detect.Value[string] {
	if strings.Contains(v.V, ".") {
		return v
	}
	if v.V == "2" {
		return detect.Infer("2.7", "the last Python 2", v.Evidence...)
	}
	if s, ok := supported(framework, release); ok && strings.HasPrefix(s.newest, "3") {
		return detect.Infer(s.newest, "the newest Python 3 that "+framework+" "+minor(release)+" runs on ("+s.source+")", v.Evidence...)
	}
	return detect.Infer(defaultPython, "the repository asks for Python 3; "+defaultPython+" runs most code of today", v.Evidence...)
}

// defaultPython is what a person is asked to confirm when nothing states a version.
const defaultPython = "3.11"

// python2 looks for what Python 3 does not compile.
func (p *project) python2() (hit, bool) {
	newer := files(p.grep(p.files, python3Code, 200, python3Hints...))
	if older := p.grep(p.files, python2Sure, 200, "print ", "except ", "exec ", "raise "); len(older) > 0 {
		// Both: it is written for both, or converted by halves; unless there is far more that Python 3 refuses.
		return older[0], newer == 0 || files(older) > 4*newer
	}
	if newer > 0 {
		return hit{}, false
	}
	hits := p.grep(p.files, python2Code, 3, "print", "except", "urllib2", "ConfigParser", "StringIO", "cPickle", "urlparse", "Queue", "httplib", "xrange", "unicode(", "raw_input", "has_key", "iteritems", "<>")
	if len(hits) < 3 {
		return hit{}, false
	}
	return hits[0], true
}

// files counts the files that hits lie in.
func files(hits []hit) int {
	n := 0
	for i, h := range hits {
		if i == 0 || h.name != hits[i-1].name {
			n++
		}
	}
	return n
}

// tooOld reports whether the code uses what a Python 2 does not have.
func (p *project) tooOld(version string) bool {
	if !below(version, "3") {
		return false
	}
	_, ok := p.first(python3Code, python3Hints...)
	return ok
}

// pinned reads lock files and manifests that name one Python.
func (p *project) pinned(add func(string, detect.Evidence)) {
	if f, d, ok := p.doc("Pipfile.lock", manifest.ParseJSON); ok {
		for _, key := range []string{"python_full_version", "python_version"} {
			if v, line, ok := d.Get("_meta", "requires", key); ok {
				add(v, f.Evidence(line))
			}
		}
	}
	if f, d, ok := p.doc("Pipfile", manifest.ParseTOML); ok {
		for _, key := range []string{"python_full_version", "python_version"} {
			if v, line, ok := d.Get("requires", key); ok {
				add(v, f.Evidence(line))
			}
		}
	}
	for _, name := range []string{"environment.yml", "environment.yaml"} {
		if f, d, ok := p.doc(name, manifest.ParseYAML); ok {
			for _, i := range d.List("dependencies") {
				if v, ok := strings.CutPrefix(i.Value, "python"); ok {
					if m := specPart.FindStringSubmatch(strings.TrimLeft(v, "=")); m != nil {
						add(strings.TrimRight(strings.TrimSuffix(m[2], "*"), "."), f.Evidence(i.Line))
					}
				}
			}
		}
	}
}

// versionFiles reads runtime.txt, .python-version and .tool-versions, beside the project or at the repository's root.
func (p *project) versionFiles(add func(string, detect.Evidence)) {
	for _, dir := range p.dirs() {
		for _, name := range []string{"runtime.txt", ".python-version"} {
			f, err := dir.Read(name)
			if err != nil {
				continue
			}
			for i, text := range strings.Split(string(f.Data), "\n") {
				if m := plainVersion.FindStringSubmatch(strings.TrimSpace(text)); m != nil && strings.HasSuffix(strings.TrimSpace(text), m[1]) {
					add(m[1], f.Evidence(i+1))
					break
				}
			}
		}
		if f, err := dir.Read(".tool-versions"); err == nil {
			tools, err := manifest.ParseToolVersions(f.Data)
			if err != nil {
				p.warn(f, err)
			}
			for _, t := range tools {
				if t.Name == "python" {
					add(t.Version, f.Evidence(t.Line))
				}
			}
		}
	}
}

// platformVersion reads what the configurations of hosting platforms say: app.yaml, serverless.yml, template.yaml, .ebextensions.
func (p *project) platformVersion(add func(string, detect.Evidence)) {
	for _, name := range []string{"app.yaml", "serverless.yml", "template.yaml", "readthedocs.yml", ".elasticbeanstalk/config.yml"} {
		if !p.dir.Has(name) {
			continue
		}
		f, err := p.dir.Read(name)
		if err != nil || len(f.Data) > 256<<10 {
			continue
		}
		for n, text := range lines(f) {
			if m := runtimeKey.FindStringSubmatch(text); m != nil {
				add(m[1]+"."+m[2], f.Evidence(n))
				break
			}
		}
	}
}

// firstLines takes the Python that the first lines of programs ask for.
func (p *project) firstLines() (string, hit, bool) {
	for _, name := range p.files {
		f := p.source(name)
		line, _, _ := bytes.Cut(f.Data[:min(len(f.Data), 200)], []byte("\n"))
		if m := shebang.FindSubmatch(line); m != nil {
			return string(m[1]), hit{file: f, name: name, line: 1}, true
		}
	}
	return "", hit{}, false
}

// dirs are the project's directory and the repository's root.
func (p *project) dirs() []detect.Dir {
	out := []detect.Dir{p.dir}
	if p.dir.Path != "." {
		if root, ok := p.dir.Sub(strings.Repeat("../", depth(p.dir.Path))); ok {
			out = append(out, root)
		}
	}
	return out
}

func (p *project) dockerVersion(add func(string, detect.Evidence)) {
	for _, name := range p.dockerfiles() {
		f, err := p.dir.Read(name)
		if err != nil {
			continue
		}
		d, err := manifest.ParseDockerfile(f.Data)
		if err != nil {
			continue // readCommands warns of it
		}
		for i := len(d.Stages) - 1; i >= 0; i-- {
			if v := imagePython(d.Stages[i].Image); v != "" {
				add(v, f.Evidence(d.Stages[i].Line))
				break
			}
		}
		for _, r := range d.Run {
			if m := aptPython.FindStringSubmatch(strings.Join(r.Args, " ")); m != nil {
				v := m[1]
				if v == "" {
					v = "2"
				}
				add(v, f.Evidence(r.Line))
				break
			}
		}
	}
}

// imagePython is the Python of a base image: the official one's tag, or the version in the name or tag of one that is made for Python.
func imagePython(image string) string {
	if img := manifest.IdentifyImage(image); img.Language == "python" && img.Version != "" {
		return minor(img.Version)
	}
	if m := taggedPython.FindStringSubmatch(image); m != nil {
		if m[2] != "" { // "python36"
			return m[2] + "." + m[3]
		}
		return m[1]
	}
	return ""
}

// ciVersion takes the newest Python that the tests run with.
func (p *project) ciVersion(add func(string, detect.Evidence)) {
	dirs := p.dirs()
	root := dirs[len(dirs)-1]
	best, ev := "", detect.Evidence{}
	for _, name := range ciFiles(root) {
		f, err := root.Read(name)
		if err != nil {
			continue
		}
		ci, err := manifest.ParseCI(name, f.Data)
		if err != nil {
			continue // the survey of the repository warns of it
		}
		for _, v := range ci.Versions {
			if m := plainVersion.FindStringSubmatch(v.Version); v.Language == "python" && m != nil && strings.Contains(m[1], ".") && compare(m[1], best) > 0 {
				best, ev = m[1], f.Evidence(v.Line)
			}
		}
	}
	add(best, ev)
}

// ciFiles are the CI configurations at a repository's root.
func ciFiles(root detect.Dir) []string {
	var out []string
	for _, name := range []string{".travis.yml", ".gitlab-ci.yml", "circle.yml", ".circleci/config.yml", "appveyor.yml", "Jenkinsfile"} {
		if root.Has(name) {
			out = append(out, name)
		}
	}
	if dir, ok := root.Sub(".github/workflows"); ok {
		for f := range dir.Files() {
			if name := path.Join(".github/workflows", f); manifest.CIFile(name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// declaredRange reads python_requires and its like: the highest minor release that the bound names, else the lowest.
func (p *project) declaredRange(add func(string, detect.Evidence)) {
	if f, d, ok := p.doc("pyproject.toml", manifest.ParseTOML); ok {
		for _, at := range [][]string{{"tool", "poetry", "dependencies", "python"}, {"project", "requires-python"}} {
			if v, line, ok := d.Get(at...); ok {
				add(inRange(v), f.Evidence(line))
			}
		}
	}
}

// inRange is the Python that a range is solved to: the last before an upper bound of 3.x, else its beginning.
func inRange(spec string) string {
	for _, m := range specPart.FindAllStringSubmatch(spec, 8) {
		if v := strings.Split(m[2], "."); m[1] == "<" && len(v) == 2 && v[0] == "3" && v[1] != "0" {
			n := 0
			for _, c := range v[1] {
				if c >= '0' && c <= '9' {
					n = n*10 + int(c-'0')
				}
			}
			return "3." + itoa(n-1)
		}
	}
	return minor(lowest(spec))
}

// classifiers takes the newest Python that setup.py or setup.cfg claims, within python_requires.
func (p *project) classifiers(add func(string, detect.Evidence)) {
	for _, name := range []string{"setup.py", "setup.cfg", "pyproject.toml"} {
		f, err := p.dir.Read(name)
		if err != nil {
			continue
		}
		best, at, require, rline := "", 0, "", 0
		for i, text := range strings.Split(string(f.Data), "\n") {
			for _, m := range classifier.FindAllStringSubmatch(text, 20) {
				if compare(m[1], best) > 0 {
					best, at = m[1], i+1
				}
			}
			if m := pyRequires.FindStringSubmatch(text); m != nil {
				require, rline = m[1], i+1
			}
		}
		add(best, f.Evidence(at))
		if best == "" && require != "" {
			add(inRange(require), f.Evidence(rline))
		}
	}
}

// guarded takes the Python that setup.py itself insists on: one that only wants a late Python 2 was written before Python 3 counted.
func (p *project) guarded(add func(string, detect.Evidence)) {
	f, err := p.dir.Read("setup.py")
	if err != nil || bytes.Contains(f.Data, []byte("Python :: 3")) || bytes.Contains(f.Data, []byte("python_requires")) {
		return
	}
	for i, text := range strings.Split(string(f.Data), "\n") {
		if oldGuard.MatchString(text) && !p.tooOld("2.7") {
			add("2", f.Evidence(i+1))
			return
		}
	}
}

func (p *project) tox(add func(string, detect.Evidence)) {
	f, err := p.dir.Read("tox.ini")
	if err != nil {
		return
	}
	best, at := "", 0
	for i, text := range strings.Split(string(f.Data), "\n") {
		if !strings.Contains(text, "envlist") && !strings.HasPrefix(strings.TrimSpace(text), "py") {
			continue
		}
		for _, m := range toxEnv.FindAllStringSubmatch(text, 20) {
			if v := m[1] + "." + m[2]; compare(v, best) > 0 {
				best, at = v, i+1
			}
		}
	}
	add(best, f.Evidence(at))
}
