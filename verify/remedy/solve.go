package remedy

import (
	_ "embed"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/plan"
)

// solver makes the changes of a remedy that no table can say. match is what its expression captured.
type solver func(p *plan.Plan, c *plan.Component, s Symptom, match []string) []Change

var solvers = map[string]solver{
	"apt-package":  aptPackage,
	"base-image":   baseImage,
	"written-path": writtenPath,
	"class-file":   classFile,
	"bind-all":     bindAll,
	"range":        rangeLow,
	"migrate":      migrate,
	"setting":      setting,
	"stale-pid":    stalePID,
}

// library is a row of packages.yaml: what names a library in logs, and its Debian packages.
type library struct {
	Names []string `yaml:"names"` // headers, tools, -l names, pkg-config names, shared objects, commands
	Build []string `yaml:"build"`
	Run   []string `yaml:"run"`
}

//go:embed packages.yaml
var packagesYAML []byte

// libraries maps every name to its row.
var libraries = sync.OnceValue(func() map[string]library {
	var rows []library
	if err := yaml.Unmarshal(packagesYAML, &rows); err != nil {
		panic("read the packages: " + err.Error()) // embedded: a test reads it
	}
	out := map[string]library{}
	for _, r := range rows {
		for _, n := range r.Names {
			out[n] = r
		}
	}
	return out
})

// aptPackage finds the Debian packages of the library that a line names. A shared object is found by its name without
// its version too: libpq.so.5, libpq.so.
func aptPackage(p *plan.Plan, c *plan.Component, s Symptom, match []string) []Change {
	for _, name := range match[1:] {
		name = strings.ToLower(strings.Trim(name, `'"`))
		if name == "" {
			continue
		}
		lib, ok := libraries()[name]
		if !ok {
			lib, ok = libraries()[path.Base(name)]
		}
		if stem, _, cut := strings.Cut(name, ".so"); !ok && cut {
			lib, ok = libraries()[stem+".so"]
		}
		if !ok {
			continue
		}
		var out []Change
		if s.Phase == "build" {
			if ch, ok := appended(p, fieldPath(c, "systemPackages.build"), strings.Join(lib.Build, ",")); ok {
				out = append(out, ch)
			}
		}
		if ch, ok := appended(p, fieldPath(c, "systemPackages.run"), strings.Join(lib.Run, ",")); ok {
			out = append(out, ch)
		}
		return out
	}
	return nil
}

var tagVersion = lazy(`^(\d+)(\.\d+)?(\.\d+)?(.*)$`)

// baseImage names the nearest image for one that is gone: first without the name of its Debian release, then with fewer
// digits of its version, then the plain one.
func baseImage(p *plan.Plan, c *plan.Component, s Symptom, _ []string) []Change {
	next := nearest(s.Image)
	if next == "" {
		return nil
	}
	for i := range p.Services {
		if svc := &p.Services[i]; svc.Image.V == s.Image || p.Pull(svc.Image.V) == s.Image {
			return []Change{{"services." + svc.Name + ".image", next}}
		}
	}
	for stage, v := range p.DefaultImages(c) {
		chosen := v.V
		if o, ok := c.BaseImages[stage]; ok {
			chosen = o.V
		}
		if chosen == s.Image || p.Pull(chosen) == s.Image {
			return []Change{{fieldPath(c, "images."+stage), next}}
		}
	}
	return nil
}

var suites = lazy(`-(?:jessie|stretch|buster|bullseye|bookworm|trixie|jammy|noble|focal|alpine[\d.]*)$`)

// nearest is the image to try when one is gone; empty: there is nothing less particular.
func nearest(image string) string {
	name, tag, ok := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	if !ok || tag == "" {
		return ""
	}
	prefix := image[:strings.LastIndexByte(image, '/')+1] + name + ":"
	if without := suites().ReplaceAllString(tag, ""); without != tag {
		return prefix + without
	}
	m := tagVersion().FindStringSubmatch(tag)
	switch {
	case m == nil:
		return ""
	case m[3] != "":
		return prefix + m[1] + m[2] + m[4]
	case strings.HasSuffix(m[4], "-slim"):
		return prefix + m[1] + m[2] + strings.TrimSuffix(m[4], "-slim")
	case m[2] != "":
		return prefix + m[1] + m[4]
	}
	return ""
}

// writtenPath adds a path that may not be written to the directories that can be.
func writtenPath(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	for _, file := range match[1:] {
		file = strings.TrimRight(strings.Trim(file, `'"`), "/:.,)")
		rel, ok := strings.CutPrefix(file, "/app/")
		if !ok || rel == "" || strings.Contains(rel, "..") {
			continue
		}
		dir := rel
		if strings.Contains(path.Base(rel), ".") { // a file: its directory
			if dir = path.Dir(rel); dir == "." {
				continue // the application's own directory is not given away
			}
		}
		if ch, ok := appended(p, fieldPath(c, "writes"), dir); ok {
			return []Change{ch}
		}
	}
	return nil
}

// classFile chooses the Java release that wrote a class file: 44 is the offset of the format's major versions
// (The Java Virtual Machine Specification, table 4.1-A).
func classFile(_ *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	n, err := strconv.Atoi(captured(match))
	if err != nil || n < 49 || n > 80 {
		return nil
	}
	return []Change{{fieldPath(c, "languageVersion"), fmt.Sprint(lts(n - 44))}}
}

// captured is what the branch of an expression that matched has captured.
func captured(match []string) string {
	for _, m := range match[1:] {
		if m != "" {
			return m
		}
	}
	return ""
}

// lts is the Java release with long support that is not older: those that images exist of.
func lts(release int) int {
	for _, v := range []int{8, 11, 17, 21, 25} {
		if release <= v {
			return v
		}
	}
	return release
}

// listenVariables are the variables with which frameworks choose the address to listen on.
var listenVariables = []struct{ field, value, name string }{
	{"framework", "rails", "BINDING"}, {"framework", "spring-boot", "SERVER_ADDRESS"}, {"framework", "flask", "FLASK_RUN_HOST"},
	{"framework", "quarkus", "QUARKUS_HTTP_HOST"}, {"framework", "nuxt", "NUXT_HOST"}, {"framework", "next", "HOSTNAME"},
	{"language", "javascript", "HOST"}, {"language", "typescript", "HOST"}, {"language", "python", "HOST"}, {"language", "go", "HOST"}, {"language", "ruby", "HOST"},
}

// bindAll makes a server listen on every address: in its command when that names the loopback one, else by the variable
// of its framework.
func bindAll(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	for _, proc := range c.Processes {
		line := plan.ShellWords(proc.Command)
		if loopback().MatchString(line) {
			return []Change{{fieldPath(c, "processes."+proc.Name), loopback().ReplaceAllString(line, "0.0.0.0")}}
		}
	}
	for _, v := range listenVariables {
		if f, _ := p.Field(fieldPath(c, v.field)); f.Value == v.value {
			return []Change{{fieldPath(c, "env."+v.name), "0.0.0.0"}}
		}
	}
	return nil
}

var loopback = lazy(`\b127\.0\.0\.1\b|\blocalhost\b`)

// rangeLow takes the highest version that a range of a package manager allows: ">=3.7,<3.10", "^14.17.0 || >=16", "~7.4".
func rangeLow(_ *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	wanted := captured(match)
	if alternatives := strings.Split(wanted, "||"); len(alternatives) > 1 {
		wanted = alternatives[len(alternatives)-1]
	}
	var low, high string
	for _, m := range rangePart().FindAllStringSubmatch(wanted, 10) {
		switch m[1] {
		case "<":
			high = below(m[2])
		case "<=":
			high = m[2]
		case "!=":
		default:
			low = m[2]
		}
	}
	version := high
	if version == "" {
		version = low
	}
	if version == "" {
		return nil
	}
	parts := strings.Split(version, ".")
	keep := 2
	if c.Stack == "node" {
		keep = 1
	}
	return []Change{{fieldPath(c, "languageVersion"), strings.Join(parts[:min(len(parts), keep)], ".")}}
}

var rangePart = lazy(`(<=|>=|<|>|\^|~>|~=|~|==|=|!=)?\s*v?(\d+(?:\.\d+)*)`)

// below is the release line before a bound that is excluded: 3.10 gives 3.9, 4 (or 4.0) gives 3.
func below(v string) string {
	parts := strings.Split(v, ".")
	for len(parts) > 1 && strings.Trim(parts[len(parts)-1], "0") == "" {
		parts = parts[:len(parts)-1]
	}
	n, _ := strconv.Atoi(parts[len(parts)-1])
	if n == 0 {
		return ""
	}
	parts[len(parts)-1] = strconv.Itoa(n - 1)
	return strings.Join(parts, ".")
}

// migrations are the commands that bring a database's tables up to date, by framework.
var migrations = map[string]string{
	"rails": "bundle exec rails db:migrate", "django": "python manage.py migrate --noinput", "laravel": "php artisan migrate --force",
	"symfony": "php bin/console doctrine:migrations:migrate --no-interaction", "phoenix": "mix ecto.migrate",
}

// migrate runs the framework's migrations before the application starts.
func migrate(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	if c.Process("release") != nil {
		return nil
	}
	f, _ := p.Field(fieldPath(c, "framework"))
	if command := migrations[f.Value]; command != "" {
		return []Change{{fieldPath(c, "processes.release"), command}}
	}
	return nil
}

// setting gives a variable that the application does not start without a value: a made-up secret when its name says that
// it is one, so that nothing real is written down.
func setting(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	for _, name := range match[1:] {
		if !envName().MatchString(name) {
			continue
		}
		for _, s := range c.Settings {
			if s.Name == name {
				return nil // it is set, and that does not help
			}
		}
		if secretWord().MatchString(name) {
			return []Change{{"secrets." + name, "generate"}, {fieldPath(c, "env."+name), "${" + name + "}"}}
		}
		if value := guessed(name, c); value != "" {
			return []Change{{fieldPath(c, "env."+name), value}}
		}
	}
	return nil
}

var (
	envName    = lazy(`^[A-Z][A-Z0-9_]+$`)
	secretWord = lazy(`SECRET|PASSWORD|PASSWD|TOKEN|_KEY\b|SALT|PEPPER`)
)

// guessed is a harmless value for a variable whose name says what kind it is of; empty: a person must say.
func guessed(name string, c *plan.Component) string {
	switch {
	case strings.HasSuffix(name, "_URL"), strings.HasSuffix(name, "_URI"):
		return "" // an address can be of anything
	case strings.Contains(name, "HOST"), strings.Contains(name, "DOMAIN"):
		return "localhost"
	case name == "PORT":
		return strconv.Itoa(c.Port.V)
	case strings.Contains(name, "EMAIL"), strings.Contains(name, "MAIL_FROM"):
		return "nobody@example.com"
	case strings.HasPrefix(name, "ENABLE"), strings.HasSuffix(name, "_ENABLED"), strings.HasPrefix(name, "DEBUG"):
		return "false"
	}
	return ""
}

// stalePID removes a PID file that came with the image before the server starts.
func stalePID(_ *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	file := "tmp/pids/server.pid"
	if len(match) > 1 && match[1] != "" {
		file = strings.TrimPrefix(match[1], "/app/")
	}
	command := c.Command()
	if len(command) == 0 || strings.HasPrefix(file, "/") || !pidFile().MatchString(file) {
		return nil
	}
	for _, p := range c.Processes {
		if p.Name == c.Name || p.Name == string(c.Role.V) {
			script := "rm -f " + file + " && exec " + plan.ShellWords(command)
			return []Change{{fieldPath(c, "processes."+p.Name), plan.ShellWords([]string{"sh", "-c", script})}}
		}
	}
	return nil
}

var pidFile = lazy(`^[\w./-]+\.pid$`)

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
