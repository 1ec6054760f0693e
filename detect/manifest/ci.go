package manifest

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

// CI is what the configuration of a build server says about an application: it is tested there, so what is installed
// there is what it needs.
type CI struct {
	System   string // travis, github, gitlab, circleci, appveyor, jenkins
	Versions []CIVersion
	Services []CIService
	Packages []Item // Debian packages that it installs
}

// CIVersion is a language version that the tests run with. A matrix gives several, in the order of the file.
type CIVersion struct {
	Language string // ruby, java, node, python, php, go, perl, elixir, erlang
	Version  string // as written, without "ruby-", "oraclejdk" and the like before the number
	Line     int
}

// CIService is a service that the tests run beside.
type CIService struct {
	Kind    string // contract vocabulary
	Version string // empty: not stated
	Line    int
}

// CIFile reports whether a path, relative to a repository's root, is a CI configuration that ParseCI reads.
func CIFile(name string) bool { return ciSystem(name) != "" }

func ciSystem(name string) string {
	switch name {
	case ".travis.yml":
		return "travis"
	case ".gitlab-ci.yml":
		return "gitlab"
	case "circle.yml", ".circleci/config.yml":
		return "circleci"
	case "appveyor.yml", ".appveyor.yml":
		return "appveyor"
	case "Jenkinsfile":
		return "jenkins"
	}
	if file, ok := strings.CutPrefix(name, ".github/workflows/"); ok && !strings.Contains(file, "/") && (path.Ext(file) == ".yml" || path.Ext(file) == ".yaml") {
		return "github"
	}
	return ""
}

// ParseCI reads a CI configuration. name is its path relative to the repository's root; one that CIFile does not know
// gives nothing. The error is an *Error.
func ParseCI(name string, data []byte) (*CI, error) {
	ci := &CI{System: ciSystem(name)}
	if ci.System == "jenkins" {
		if err := checkInput(data); err != nil {
			return nil, err
		}
		ci.jenkins(data)
		return ci, nil
	}
	if ci.System == "" {
		return ci, nil
	}
	d, err := ParseYAML(data)
	if err != nil {
		return nil, err
	}
	switch {
	case ci.System == "travis":
		ci.travis(d)
	case ci.System == "gitlab":
		ci.gitlab(d)
	case ci.System == "appveyor":
		ci.appveyor(d)
	case ci.System == "github":
		ci.github(d)
	case name == "circle.yml":
		ci.circle1(d)
	default:
		ci.circle2(d)
	}
	return ci, nil
}

var versionPrefix = regexp.MustCompile(`^(?:ruby-?|(?:oracle|open|zulu|corretto|temurin)?-?jdk-?|java-?|node-?|v)(\d)`)

// maxCIVersions is more than any matrix of builds has. Each is compared with all before it.
const maxCIVersions = 200

// version keeps a version, once.
func (ci *CI) version(language, version string, line int) {
	version = versionPrefix.ReplaceAllString(strings.TrimSpace(version), "$1")
	if version == "" || len(ci.Versions) >= maxCIVersions {
		return
	}
	for _, v := range ci.Versions {
		if v.Language == language && v.Version == version {
			return
		}
	}
	ci.Versions = append(ci.Versions, CIVersion{language, version, line})
}

// service keeps a service, once; a version that comes later is added to it.
func (ci *CI) service(kind, version string, line int) {
	if kind == "" {
		return
	}
	for i, s := range ci.Services {
		if s.Kind == kind {
			if s.Version == "" && version != "" {
				ci.Services[i].Version, ci.Services[i].Line = version, line
			}
			return
		}
	}
	ci.Services = append(ci.Services, CIService{kind, version, line})
}

// image keeps what a container image says. mainImage says that the job itself runs in it.
func (ci *CI) image(ref string, line int, mainImage bool) {
	i := IdentifyImage(ref)
	switch {
	case i.Service != "" && !mainImage:
		ci.service(i.Service, i.Version, line)
	case i.Language != "" && mainImage:
		ci.version(i.Language, i.Version, line)
	}
}

func (ci *CI) travis(d *Doc) {
	keys := []struct{ key, language string }{{"rvm", "ruby"}, {"ruby", "ruby"}, {"jdk", "java"}, {"node_js", "node"},
		{"python", "python"}, {"php", "php"}, {"go", "go"}, {"perl", "perl"}, {"elixir", "elixir"}, {"otp_release", "erlang"}}
	read := func(prefix ...string) {
		for _, k := range keys {
			for _, v := range d.List(append(prefix[:len(prefix):len(prefix)], k.key)...) {
				ci.version(k.language, v.Value, v.Line)
			}
		}
	}
	read()
	for _, m := range []string{"matrix", "jobs"} {
		for n := range d.Len(m, "include") {
			read(m, "include", strconv.Itoa(n))
		}
	}
	for _, s := range d.List("services") {
		ci.service(ServiceKind(s.Value), "", s.Line)
	}
	for _, s := range d.Keys("addons") {
		if kind := ServiceKind(s); kind != "" {
			v, line, _ := d.Get("addons", s)
			if line == 0 {
				line = d.Line("addons", s)
			}
			ci.service(kind, v, line)
		}
	}
	ci.Packages = append(ci.Packages, d.List("addons", "apt", "packages")...)
	ci.Packages = append(ci.Packages, d.List("addons", "apt_packages")...)
}

// setupActions are the actions that install a language, with the inputs that choose its version.
var setupActions = []struct{ action, language, input string }{
	{"ruby/setup-ruby", "ruby", "ruby-version"}, {"actions/setup-ruby", "ruby", "ruby-version"}, {"eregon/use-ruby-action", "ruby", "ruby-version"},
	{"actions/setup-java", "java", "java-version"}, {"graalvm/setup-graalvm", "java", "java-version"},
	{"actions/setup-node", "node", "node-version"}, {"actions/setup-python", "python", "python-version"},
	{"shivammathur/setup-php", "php", "php-version"}, {"actions/setup-go", "go", "go-version"},
	{"shogo82148/actions-setup-perl", "perl", "perl-version"}, {"perl-actions/install-perl", "perl", "version"},
	{"erlef/setup-beam", "elixir", "elixir-version"}, {"erlef/setup-elixir", "elixir", "elixir-version"}, {"actions/setup-elixir", "elixir", "elixir-version"},
	{"erlef/setup-beam", "erlang", "otp-version"}, {"erlef/setup-elixir", "erlang", "otp-version"}, {"actions/setup-elixir", "erlang", "otp-version"},
	{"gleam-lang/setup-erlang", "erlang", "otp-version"},
}

func (ci *CI) github(d *Doc) {
	for _, job := range d.Keys("jobs") {
		if v, line, ok := d.Get("jobs", job, "container"); ok {
			ci.image(v, line, true)
		}
		if v, line, ok := d.Get("jobs", job, "container", "image"); ok {
			ci.image(v, line, true)
		}
		for _, s := range d.Keys("jobs", job, "services") {
			if v, line, ok := d.Get("jobs", job, "services", s, "image"); ok {
				ci.image(v, line, false)
			}
		}
		for n := range d.Len("jobs", job, "steps") {
			ci.step(d, job, strconv.Itoa(n))
		}
	}
}

// step reads a step that installs a language.
func (ci *CI) step(d *Doc, job, n string) {
	uses, _, _ := d.Get("jobs", job, "steps", n, "uses")
	action, _, _ := strings.Cut(uses, "@")
	for _, s := range setupActions {
		if action != s.action {
			continue
		}
		v, line, ok := d.Get("jobs", job, "steps", n, "with", s.input)
		if !ok {
			continue
		}
		for _, item := range matrix(d, job, v, line) {
			ci.version(s.language, item.Value, item.Line)
		}
	}
}

var matrixRef = regexp.MustCompile(`^\$\{\{\s*matrix\.([\w.-]+)\s*\}\}$`)

// matrix returns what "${{ matrix.NAME }}" stands for; other texts stand for themselves, and other expressions for nothing.
func matrix(d *Doc, job, value string, line int) []Item {
	m := matrixRef.FindStringSubmatch(value)
	if m == nil {
		if strings.Contains(value, "${{") {
			return nil
		}
		return []Item{{value, line}}
	}
	key := strings.Split(m[1], ".")
	base := []string{"jobs", job, "strategy", "matrix"}
	out := d.List(append(base[:4:4], key...)...)
	if len(key) == 2 { // a list of maps: matrix.entry.ruby
		for n := range d.Len(append(base[:4:4], key[0])...) {
			out = append(out, d.List(append(base[:4:4], key[0], strconv.Itoa(n), key[1])...)...)
		}
	}
	for n := range d.Len(append(base[:4:4], "include")...) {
		out = append(out, d.List(append(base[:4:4], append([]string{"include", strconv.Itoa(n)}, key...)...)...)...)
	}
	return out
}

func (ci *CI) gitlab(d *Doc) {
	read := func(prefix ...string) {
		at := func(rest ...string) []string { return append(prefix[:len(prefix):len(prefix)], rest...) }
		for _, p := range [][]string{at("image"), at("image", "name")} {
			if v, line, ok := d.Get(p...); ok {
				ci.image(v, line, true)
			}
		}
		for _, s := range d.List(at("services")...) {
			ci.image(s.Value, s.Line, false)
		}
		for n := range d.Len(at("services")...) {
			if v, line, ok := d.Get(at("services", strconv.Itoa(n), "name")...); ok {
				ci.image(v, line, false)
			}
		}
	}
	read()
	for _, job := range d.Keys() {
		read(job)
	}
}

// circle1 reads circle.yml, the format of CircleCI 1.0.
func (ci *CI) circle1(d *Doc) {
	for _, l := range []string{"ruby", "java", "node", "python", "php"} {
		if v, line, ok := d.Get("machine", l, "version"); ok {
			ci.version(l, v, line)
		}
	}
	for _, s := range d.List("machine", "services") {
		ci.service(ServiceKind(s.Value), "", s.Line)
	}
}

func (ci *CI) circle2(d *Doc) {
	for _, group := range []string{"jobs", "executors"} {
		for _, name := range d.Keys(group) {
			for n := range d.Len(group, name, "docker") {
				if v, line, ok := d.Get(group, name, "docker", strconv.Itoa(n), "image"); ok {
					ci.image(v, line, n == 0)
				}
			}
		}
	}
}

var (
	appveyorService = regexp.MustCompile(`^([a-z]+?)\d*$`)
	javaHome        = regexp.MustCompile(`(?i)jdk-?(\d+(?:\.\d+)?)`)
	appveyorRuby    = regexp.MustCompile(`^(\d)(\d)(?:-x64)?$`)
)

func (ci *CI) appveyor(d *Doc) {
	variable := func(name, value string, line int) {
		switch strings.ToLower(name) {
		case "ruby_version":
			ci.version("ruby", appveyorRuby.ReplaceAllString(value, "$1.$2"), line)
		case "java_home":
			if m := javaHome.FindStringSubmatch(value); m != nil {
				ci.version("java", m[1], line)
			}
		case "nodejs_version", "node_version":
			ci.version("node", value, line)
		}
	}
	d.Each(func(p []string, value string, line int) {
		if len(p) > 1 && p[0] == "environment" {
			variable(p[len(p)-1], value, line)
		}
	})
	for _, s := range d.List("services") {
		if m := appveyorService.FindStringSubmatch(s.Value); m != nil {
			ci.service(ServiceKind(m[1]), "", s.Line)
		}
	}
	if stack, line, ok := d.Get("stack"); ok {
		for _, part := range strings.Split(stack, ",") {
			f := strings.Fields(part)
			switch {
			case len(f) == 1:
				ci.service(ServiceKind(f[0]), "", line)
			case len(f) == 2 && f[0] == "jdk":
				ci.version("java", f[1], line)
			case len(f) == 2 && (f[0] == "ruby" || f[0] == "node"):
				ci.version(f[0], f[1], line)
			}
		}
	}
}

var (
	jenkinsImage = regexp.MustCompile(`(?:\bimage\s+|docker\.image\s*\(\s*|\bdocker\s+)['"]([^'"$\s]+)['"]`)
	jenkinsJDK   = regexp.MustCompile(`^\s*jdk\s+['"][^'"]*?(\d+(?:\.\d+)?)[^'"]*['"]`)
)

// jenkins reads the images and tools of a Jenkinsfile, which is a program: what a plain reading finds is all there is.
func (ci *CI) jenkins(data []byte) {
	for line, text := range lines(data) {
		text, _, _ = strings.Cut(text, "//")
		for _, m := range jenkinsImage.FindAllStringSubmatch(text, 10) {
			ci.image(m[1], line, false)
			ci.image(m[1], line, true)
		}
		if m := jenkinsJDK.FindStringSubmatch(text); m != nil {
			ci.version("java", m[1], line)
		}
	}
}
