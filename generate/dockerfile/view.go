package dockerfile

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// User is the numeric user that every image runs as, in group 0: platforms that
// pick a user of their own (OpenShift) put it in that group too.
const User = 10001

// view is what a template sees: the component that says how its image is built.
type view struct {
	p     *plan.Plan
	g     plan.ImageGroup
	c     *plan.Component
	table *imageTable
	files fs.FS // the templates
}

// funcs are the functions of the templates. All that put a value into the file quote it for its place.
var funcs = template.FuncMap{
	"json":      jsonArray,
	"value":     envValue,
	"sh":        shell,
	"glob":      glob,
	"script":    script,
	"bare":      bare,
	"slashed":   slashed,
	"plain":     plainDir,
	"inline":    func(s string) (string, error) { return s, oneLine(s) },
	"copy":      copyPaths,
	"list":      func(words ...string) []string { return words },
	"fields":    strings.Fields,
	"before":    func(sep, s string) string { head, _, _ := strings.Cut(s, sep); return head },
	"after":     func(sep, s string) string { _, tail, _ := strings.Cut(s, sep); return tail },
	"base":      path.Base,
	"user":      func() int { return User },
	"contains":  strings.Contains,
	"shcomment": quotedText,
	"prefix":    strings.HasPrefix,
	"join":      strings.Join,
	"fail": func(format string, args ...any) (string, error) {
		message := fmt.Sprintf(format, args...)
		return "", &generate.UnsupportedError{Message: message, Field: namedField(message)}
	},
}

// File is the Dockerfile's own path.
func (v *view) File() string { return v.g.Dockerfile }

// Title names the image.
func (v *view) Title() string { return v.g.Name }

// Image is the base image of a stage: the plan's, else the table's, with the registry in front.
func (v *view) Image(stage string) (string, error) {
	found, err := v.image(stage)
	if err != nil {
		return "", err
	}
	return v.p.Pull(found.V), oneLine(found.V)
}

func (v *view) image(stage string) (choice, error) {
	if chosen, ok := v.c.BaseImages[stage]; ok && chosen.V != "" {
		return choice{Value: chosen}, nil
	}
	return v.table.choose(v.c, stage)
}

// Fact is a fact of the stack, or "".
func (v *view) Fact(key string) string { return v.c.Fact(key) }

// Get is a field of the component by its name, or "".
func (v *view) Get(name string) string { return v.table.facts(v.c).get(name) }

// Is reports whether a field meets a condition as images.yaml writes them.
func (v *view) Is(name, condition string) bool { return holds(condition, v.Get(name)) }

// Chosen reports whether a person has set the process of the component.
func (v *view) Chosen() bool {
	return slices.ContainsFunc(v.c.Processes, func(x detect.Process) bool {
		return x.From == detect.Chosen && slices.Equal(x.Command, v.c.Command())
	})
}

// Command is what the container runs, in exec form.
func (v *view) Command() ([]string, error) {
	if command := v.c.Command(); command != nil {
		return command, nil
	}
	return nil, &generate.UnsupportedError{Message: fmt.Sprintf("no command starts it: set components.%s.processes.%s", v.c.Name, v.c.Role.V), Field: fmt.Sprintf("processes.%s", v.c.Role.V)}
}

// HasCommand reports whether the plan says what starts the image.
func (v *view) HasCommand() bool { return v.c.Command() != nil }

// Process is the name of the process that starts the image.
func (v *view) Process() string {
	for _, x := range v.c.Processes {
		if slices.Equal(x.Command, v.c.Command()) {
			return x.Name
		}
	}
	return string(v.c.Role.V)
}

// ContextName is the name under which Tomcat and WildFly serve the context path:
// ROOT for "/", "shop#admin" for "/shop/admin".
func (v *view) ContextName() (string, error) {
	name := strings.ReplaceAll(strings.Trim(v.Fact("contextPath"), "/"), "/", "#")
	if name == "" {
		return "ROOT", nil
	}
	if !plainPath().MatchString(strings.ReplaceAll(name, "#", "-")) || strings.Contains(name, "*") || strings.HasPrefix(name, ".") {
		return "", fmt.Errorf("the context path %q cannot be the name of a directory", v.Fact("contextPath"))
	}
	return name, nil
}

// Manifests are the arguments of the COPY lines that bring in what dependency
// resolution reads, one line a directory.
func (v *view) Manifests() ([]string, error) {
	files := []string{"Gemfile"}
	if v.Fact("lockfile") == "gems.locked" { // Bundler's other pair of names
		files[0] = "gems.rb"
	}
	if lock := v.Fact("lockfile"); lock != "" {
		files = append(files, lock)
	}
	return copyLines(append(files, strings.Fields(v.Fact("manifests"))...))
}

// FactFiles are the arguments of the COPY lines that bring in the files which a fact lists, one line a directory.
func (v *view) FactFiles(key string) ([]string, error) { return copyLines(strings.Fields(v.Fact(key))) }

// copyLines are the arguments of COPY for files of the context, each kept in its directory.
func copyLines(files []string) ([]string, error) {
	byDir := map[string][]string{}
	var dirs []string
	for _, f := range files {
		dir := path.Dir(path.Clean(f))
		if slices.Contains(byDir[dir], f) {
			continue
		}
		if byDir[dir] == nil {
			dirs = append(dirs, dir)
		}
		byDir[dir] = append(byDir[dir], f)
	}
	var out []string
	for _, dir := range dirs {
		line, err := copyPaths(append(byDir[dir], strings.TrimSuffix("./"+dir, "/.")+"/")...)
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

// Port is the port that the component listens on, or 0.
func (v *view) Port() int { return v.c.Port.V }

// Packages are the Debian packages of a stage that its base image (the image of
// another stage or of the same name) does not carry yet, with the given ones.
// None, when the image's Debian release no longer serves packages.
func (v *view) Packages(stage, image string, more ...string) []string {
	found, err := v.image(image)
	if err == nil && found.closed {
		return nil
	}
	if stage == "run" && (v.timeZone() != "" || slices.ContainsFunc(v.c.Settings, func(s plan.Setting) bool { return s.Name == "TZ" && s.Value != "UTC" })) {
		more = append(more, "tzdata") // without it every zone is UTC
	}
	return lacking(append(v.c.Packages(stage), more...), found.has)
}

// NeedsInit reports whether a process of the image is an interpreter or a shell that a script is given to: as the first process of a
// container it ignores SIGTERM. Servers listen to it.
func (v *view) NeedsInit() bool {
	return slices.ContainsFunc(v.g.Components, func(c *plan.Component) bool {
		command := c.Command()
		if len(command) == 0 {
			return false
		}
		switch name := path.Base(command[0]); {
		case strings.HasPrefix(name, "python"), name == "sh", name == "bash", name == "dash":
			return true
		}
		return false
	})
}

// LeftOut are the packages that cannot be installed on an image whose Debian release no longer serves any.
func (v *view) LeftOut(image string) []string {
	found, err := v.image(image)
	if err != nil || !found.closed {
		return nil
	}
	return lacking(append(v.c.Packages("build"), v.c.Packages("run")...), found.has)
}

func lacking(names, has []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" || slices.Contains(has, n) })
	slices.Sort(names)
	return slices.Compact(names)
}

// Writable are the directories below the component's that are written at run time.
func (v *view) Writable() []string {
	var out []string
	for _, c := range v.g.Components {
		out = append(out, c.Writable()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Volumes are the directories that must stay writable when the root file system is read-only.
func (v *view) Volumes() []string {
	if v.c.ReadOnly.V != "true" {
		return nil
	}
	_, scratch := generate.Storage(v.c)
	return scratch
}

// But are words without some of them.
func (v *view) But(words []string, without ...string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(without, w) })
}

// Env are the literal settings that belong to the image: those that the code's
// own environment asks for, whatever the place it runs in.
func (v *view) Env() []plan.Setting {
	var out []plan.Setting
	for _, s := range v.c.Settings {
		fromCode := slices.ContainsFunc(v.c.Env, func(e detect.EnvVar) bool { return e.Name == s.Name && e.Value != "" })
		if fromCode && len(v.p.References(s.Value)) == 0 && !s.Secret {
			s.Value = v.p.Expand(s.Value, nil, nil)
			out = append(out, s)
		}
	}
	return out
}

// standIn fills a secret while the image is built. Rails 3 wants at least 30 characters.
const standIn = "unused-while-the-image-is-built"

// BuildEnv are the settings that hold a secret, with a stand-in for it: code that
// is loaded while the image is built asks for them without using them.
func (v *view) BuildEnv() []plan.Setting {
	var out []plan.Setting
	for _, s := range v.c.Settings {
		// A key that decrypts a file is refused when it does not fit; without one the file is not read.
		if len(v.p.References(s.Value)) == 0 || strings.HasSuffix(s.Name, "MASTER_KEY") {
			continue
		}
		s.Value = v.p.Expand(s.Value, nil, func(string) string { return standIn })
		out = append(out, s)
	}
	return out
}

// Health is the command that the image's HEALTHCHECK runs; nil when a component
// of the image has no port to ask.
func (v *view) Health() []string {
	for _, c := range v.g.Components {
		if c.Port.V == 0 {
			return nil
		}
	}
	return generate.HealthCommand(v.c)
}

// resolve adds the reasons that are no field of the plan: "image.run", "package.libpq5", "writes".
func (v *view) resolve(name string) generate.Origin {
	if stage, ok := strings.CutPrefix(name, "image."); ok {
		found, err := v.image(stage)
		if err != nil {
			return generate.Origin{}
		}
		o := generate.Origin{Fields: []string{v.scope("images." + stage)}, Why: found.Why, Evidence: found.Evidence}
		if found.From == detect.Chosen && o.Why == "" {
			o.Why = "chosen"
		}
		if name, digest, pinned := strings.Cut(v.p.Pull(found.V), "@"); pinned && v.p.Digests[name] == digest {
			o.Fields = append(o.Fields, "digests."+name)
			o.Why = strings.TrimPrefix(o.Why+"; the digest is "+plan.Pinned, "; ")
		}
		return o
	}
	if name == "endOfLife" {
		return generate.Origin{Why: endedOrigin(v.c.EndOfLife)}
	}
	if name == "package.tini" {
		return generate.Origin{Why: "an init that hands signals on and reaps what the program leaves behind"}
	}
	if name == "package.tzdata" {
		if o := generate.FieldOrigin(v.p, v.scope("env.TZ")); o.Why != "" {
			return o
		}
	}
	if wanted, ok := strings.CutPrefix(name, "package."); ok {
		for _, s := range v.c.SystemPackages {
			if slices.Contains(s.Build, wanted) || slices.Contains(s.Run, wanted) {
				why := s.Why
				if why == "" {
					why = wanted + " is chosen"
				}
				return generate.Origin{Fields: []string{v.scope("systemPackages")}, Why: why, Evidence: s.Evidence}
			}
		}
	}
	return generate.Origin{}
}

func (v *view) scope(field string) string { return "components." + v.c.Name + "." + field }
